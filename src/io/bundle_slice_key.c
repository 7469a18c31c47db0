/* SPDX-License-Identifier: Apache-2.0 */
/* Slices as keys of the index, an order-preserving code, and as the words of a SaveV2. */
#include "io/bundle_slices.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* ---- reading keys */

/* A length byte, then so many bytes, big-endian. */
static bool take_number(const uint8_t **p, const uint8_t *end, uint64_t *v) {
  if (*p == end || **p > 8 || **p >= end - *p) return false;
  const int n = *(*p)++;
  *v = 0;
  for (int i = 0; i < n; i++) *v = *v << 8 | *(*p)++;
  return true;
}

/* Ends with 00 01; inside, 00 ff stands for 00 and ff 00 for ff. A name holds no zero byte. */
static bool take_name(const uint8_t **p, const uint8_t *end, char *name) {
  while (end - *p >= 2) {
    const uint8_t c = *(*p)++;
    if (c == 0x00) {
      *name = '\0';
      return *(*p)++ == 0x01;
    }
    if (c == 0xff && *(*p)++ != 0x00) return false;
    *name++ = (char)c;
  }
  return false;
}

/* Numbers >= 0: as many one bits as there are bytes, a zero bit, the value big-endian. -1 is the byte 7f. No value of a
 * shape needs more than 8 bytes in a file that exists. */
static bool take_signed(const uint8_t **p, const uint8_t *end, int64_t *v) {
  if (*p == end) return false;
  if (**p == 0x7f) {
    (*p)++;
    *v = -1;
    return true;
  }
  int n = 0;
  while (n < 8 && (**p >> (7 - n) & 1) != 0) n++;
  if (n == 0 || n > end - *p) return false;
  uint64_t value = n < 8 ? (uint64_t) * *p & (0x7fu >> n) : 0;
  for (int i = 1; i < n; i++) value = value << 8 | (*p)[i];
  if (n == 8 && ((*p)[1] & 0x80) != 0) return false;
  *p += n;
  *v = (int64_t)value;
  return true;
}

bool ek__bundle_piece_decode(const uint8_t *key, size_t size, char *name, ek__bundle_piece *p) {
  const uint8_t *at = key, *end = key + size;
  uint64_t zero = 1, rank = 0;
  if (!take_number(&at, end, &zero) || zero != 0 || !take_name(&at, end, name) || !take_number(&at, end, &rank) ||
      rank > EK_MAX_RANK)
    return false;
  p->slice.rank = (int)rank;
  for (int i = 0; i < p->slice.rank; i++)
    if (!take_signed(&at, end, &p->slice.start[i]) || !take_signed(&at, end, &p->slice.length[i])) return false;
  return at == end;
}

/* ---- writing keys */

static ek_code put(ek__buffer *out, uint8_t byte, ek_status *st) {
  EK_TRY(ek__buffer_reserve(out, out->size + 1, st));
  out->data[out->size++] = byte;
  return EK_OK;
}

static ek_code put_big_endian(ek__buffer *out, uint64_t v, int n, ek_status *st) {
  for (int i = n - 1; i >= 0; i--) EK_TRY(put(out, (uint8_t)(v >> (8 * i)), st));
  return EK_OK;
}

static ek_code put_number(ek__buffer *out, uint64_t v, ek_status *st) {
  int n = 0;
  while (n < 8 && v >> (8 * n) != 0) n++;
  EK_TRY(put(out, (uint8_t)n, st));
  return put_big_endian(out, v, n, st);
}

static ek_code put_name(ek__buffer *out, const char *name, ek_status *st) {
  for (; *name != '\0'; name++) {
    EK_TRY(put(out, (uint8_t)*name, st));
    if ((uint8_t)*name == 0xff) EK_TRY(put(out, 0x00, st));
  }
  EK_TRY(put(out, 0x00, st));
  return put(out, 0x01, st);
}

static ek_code put_signed(ek__buffer *out, int64_t v, ek_status *st) {
  if (v == -1) return put(out, 0x7f, st);
  int n = 1;
  while (n < 8 && v >> (7 * n - 1) != 0) n++;
  EK_REQUIRE(v >= 0 && v >> 55 == 0, st, EK_INVALID_ARGUMENT, "checkpoint: a slice at %" PRId64, v);
  const uint64_t ones = ((UINT64_C(1) << n) - 1) << (8 * n - n);
  return put_big_endian(out, ones | (uint64_t)v, n, st);
}

ek_code ek__bundle_piece_encode(const char *name, const ek__bundle_slice *slice, ek__buffer *out, ek_status *st) {
  EK_TRY(put_number(out, 0, st));
  EK_TRY(put_name(out, name, st));
  EK_TRY(put_number(out, (uint64_t)slice->rank, st));
  for (int i = 0; i < slice->rank; i++) {
    const bool all = slice->length[i] < 0;
    EK_TRY(put_signed(out, all ? 0 : slice->start[i], st));
    EK_TRY(put_signed(out, all ? -1 : slice->length[i], st));
  }
  return EK_OK;
}

/* ---- words */

/* A number of digits at *p, past which *p then points. */
static bool take_digits(const char **p, int64_t *v) {
  char *end = NULL;
  if (**p < '0' || **p > '9') return false;
  const unsigned long long n = strtoull(*p, &end, 10);
  if (n > INT64_MAX || end - *p > 18) return false;
  *p = end;
  *v = (int64_t)n;
  return true;
}

static bool parse(const char *p, ek_shape *whole, ek__bundle_slice *s) {
  *whole = ek_shape_scalar();
  for (int64_t dim = 0;; whole->dim[whole->rank++] = dim) {
    const char *begin = p;
    if (!take_digits(&p, &dim) || *p != ' ') { /* the last word: slices */
      p = begin;
      break;
    }
    if (whole->rank == EK_MAX_RANK) return false;
    p++;
  }
  s->rank = 0;
  for (; s->rank < whole->rank; s->rank++) {
    int64_t *start = &s->start[s->rank], *length = &s->length[s->rank];
    if (s->rank > 0 && *p++ != ':') return false;
    *start = 0;
    *length = -1;
    if (*p == '-')
      p++;
    else if (!take_digits(&p, start) || *p++ != ',' || !take_digits(&p, length))
      return false;
  }
  return *p == '\0' && s->rank > 0;
}

ek_code ek__bundle_slice_parse(const char *text, ek_shape *whole, ek__bundle_slice *slice, ek_shape *shape,
                               ek_status *st) {
  EK_REQUIRE(parse(text, whole, slice), st, EK_INVALID_ARGUMENT,
             "'%.80s' is no shape and slice, such as '200 3 0,70:-', of at most %d dimensions", text, EK_MAX_RANK);
  *shape = *whole;
  for (int i = 0; i < whole->rank; i++) {
    if (slice->length[i] < 0) continue;
    EK_REQUIRE(slice->start[i] <= whole->dim[i] && slice->length[i] <= whole->dim[i] - slice->start[i], st,
               EK_INVALID_ARGUMENT, "'%.80s': the slice is not inside dimension %d of the shape", text, i);
    shape->dim[i] = slice->length[i];
  }
  return EK_OK;
}
