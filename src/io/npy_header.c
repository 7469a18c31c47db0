/* SPDX-License-Identifier: Apache-2.0 */
/* The header of an NPY file: {'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), } */
#include "io/npy.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

typedef struct text {
  const char *where, *p, *end;
} text;

static ek_code wrong(const text *s, const char *why, ek_status *st) {
  return ek_status_set(st, EK_DATA_LOSS, "npy: %s: the header %s", s->where, why);
}

static void skip_blanks(text *s) {
  while (s->p < s->end && (*s->p == ' ' || *s->p == '\t' || *s->p == '\n' || *s->p == '\r')) s->p++;
}

static bool take(text *s, char c) {
  skip_blanks(s);
  if (s->p >= s->end || *s->p != c) return false;
  s->p++;
  return true;
}

static bool take_word(text *s, const char *word) {
  const size_t n = strlen(word);
  skip_blanks(s);
  if ((size_t)(s->end - s->p) < n || memcmp(s->p, word, n) != 0) return false;
  s->p += n;
  return true;
}

/* A quoted string without escapes, cut to fit. */
static bool take_quoted(text *s, char *out, size_t size) {
  skip_blanks(s);
  if (s->p >= s->end || (*s->p != '\'' && *s->p != '"')) return false;
  const char quote = *s->p++;
  const char *close = memchr(s->p, quote, (size_t)(s->end - s->p));
  if (close == NULL) return false;
  const size_t length = (size_t)(close - s->p), n = length < size ? length : size - 1;
  memcpy(out, s->p, n);
  out[n] = '\0';
  s->p = close + 1;
  return true;
}

static bool take_size(text *s, int64_t *v) {
  skip_blanks(s);
  const char *start = s->p;
  *v = 0;
  for (; s->p < s->end && *s->p >= '0' && *s->p <= '9'; s->p++)
    if (!ek__mul_i64(*v, 10, v) || __builtin_add_overflow(*v, *s->p - '0', v)) return false;
  if (s->p == start) return false;
  if (s->p < s->end && *s->p == 'L') s->p++; /* Python 2 */
  return true;
}

static ek_code take_shape(text *s, ek_shape *shape, ek_status *st) {
  int64_t v = 0;
  *shape = ek_shape_scalar();
  if (!take(s, '(')) return wrong(s, "has no tuple for its shape", st);
  while (!take(s, ')')) {
    if (!take_size(s, &v)) return wrong(s, "has a malformed shape", st);
    EK_REQUIRE(shape->rank < EK_MAX_RANK, st, EK_UNIMPLEMENTED, "npy: %s: the array has more than %d dimensions",
               s->where, EK_MAX_RANK);
    shape->dim[shape->rank++] = v;
    if (take(s, ',')) continue;
    if (!take(s, ')')) return wrong(s, "has a malformed shape", st);
    break;
  }
  return EK_OK;
}

/* "<f4" and the like: byte order, kind, bytes (for 'U': characters). */
static ek_code decode_descr(const text *s, const char *descr, ek__npy_header *h, ek_status *st) {
  static const struct {
    char kind;
    int64_t bytes;
    ek_dtype dtype;
  } table[] = {{'f', 2, EK_FLOAT16},   {'f', 4, EK_FLOAT32},    {'f', 8, EK_FLOAT64}, {'i', 1, EK_INT8},
               {'i', 2, EK_INT16},     {'i', 4, EK_INT32},      {'i', 8, EK_INT64},   {'u', 1, EK_UINT8},
               {'u', 2, EK_UINT16},    {'u', 4, EK_UINT32},     {'u', 8, EK_UINT64},  {'b', 1, EK_BOOL},
               {'c', 8, EK_COMPLEX64}, {'c', 16, EK_COMPLEX128}};
  static const char *const bfloat16 = "<V2"; /* what ml_dtypes calls it; '|V2' is two bytes */
  const char *p = descr;
  h->swap = *p == '>';
  if (*p != '\0' && strchr("<>=|", *p) != NULL) p++;
  h->kind = *p;
  h->dtype = EK_INVALID_DTYPE;
  text digits = {s->where, *p != '\0' ? p + 1 : p, descr + strlen(descr)};
  int64_t n = 0;
  if (take_size(&digits, &n) && digits.p == digits.end) {
    h->item_bytes = (size_t)n;
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++)
      if (table[i].kind == h->kind && table[i].bytes == n) h->dtype = table[i].dtype;
    if ((h->kind == 'S' || h->kind == 'V') && n <= INT32_MAX) h->dtype = EK_STRING;
    if (strcmp(descr, bfloat16) == 0) h->dtype = EK_BFLOAT16;
    if (h->kind == 'U' && n <= INT32_MAX / 4) h->dtype = EK_STRING, h->item_bytes = (size_t)n * 4;
  }
  EK_REQUIRE(h->dtype != EK_INVALID_DTYPE, st, EK_UNIMPLEMENTED, "npy: %s: NumPy's dtype '%s' is not supported",
             s->where, descr);
  return EK_OK;
}

ek_code ek__npy_header_parse(const char *where, const char *header, size_t size, ek__npy_header *h, ek_status *st) {
  text s = {where, header, header + size};
  char key[32], descr[64];
  bool seen_descr = false, seen_order = false, seen_shape = false;
  *h = (ek__npy_header){.shape = ek_shape_scalar()};
  if (!take(&s, '{')) return wrong(&s, "is no dictionary", st);
  while (!take(&s, '}')) {
    if (!take_quoted(&s, key, sizeof key) || !take(&s, ':')) return wrong(&s, "is no dictionary", st);
    if (strcmp(key, "descr") == 0) {
      EK_REQUIRE(!take(&s, '['), st, EK_UNIMPLEMENTED, "npy: %s: an array of records is not supported", where);
      if (!take_quoted(&s, descr, sizeof descr)) return wrong(&s, "has a malformed descr", st);
      EK_TRY(decode_descr(&s, descr, h, st));
      seen_descr = true;
    } else if (strcmp(key, "fortran_order") == 0) {
      h->fortran = take_word(&s, "True");
      if (!h->fortran && !take_word(&s, "False")) return wrong(&s, "has a malformed fortran_order", st);
      seen_order = true;
    } else if (strcmp(key, "shape") == 0) {
      EK_TRY(take_shape(&s, &h->shape, st));
      seen_shape = true;
    } else {
      return wrong(&s, "has an unknown key", st);
    }
    if (take(&s, ',')) continue;
    if (!take(&s, '}')) return wrong(&s, "is no dictionary", st);
    break;
  }
  skip_blanks(&s);
  if (s.p != s.end) return wrong(&s, "has text after its dictionary", st);
  return seen_descr && seen_order && seen_shape ? EK_OK : wrong(&s, "lacks descr, fortran_order or shape", st);
}

ek_code ek__npy_header_format(const char *descr, ek_shape shape, ek__buffer *out, ek_status *st) {
  enum { ALIGN = 64, PREFIX = 10, GROWTH_DIGITS = 21 }; /* NumPy leaves room for the first dimension to grow in place */
  char body[512], first[24];
  int n = snprintf(body, sizeof body, "{'descr': '%s', 'fortran_order': False, 'shape': (", descr);
  for (int i = 0; i < shape.rank; i++)
    n += snprintf(body + n, sizeof body - (size_t)n, i > 0 ? ", %" PRId64 : "%" PRId64, shape.dim[i]);
  n += snprintf(body + n, sizeof body - (size_t)n, shape.rank == 1 ? ",), }" : "), }");
  if (shape.rank > 0)
    n += snprintf(body + n, sizeof body - (size_t)n, "%*s",
                  GROWTH_DIGITS - snprintf(first, sizeof first, "%" PRId64, shape.dim[0]), "");
  n += snprintf(body + n, sizeof body - (size_t)n, "%*s\n", ALIGN - (PREFIX + n + 1) % ALIGN, "");
  const uint8_t prefix[PREFIX] = {0x93, 'N', 'U', 'M', 'P', 'Y', 1, 0, (uint8_t)(n & 0xff), (uint8_t)(n >> 8)};
  EK_TRY(ek__buffer_append(out, prefix, sizeof prefix, st));
  return ek__buffer_append(out, body, (size_t)n, st);
}
