/* SPDX-License-Identifier: Apache-2.0 */
#include "io/bundle_slices.h"

#include <string.h>

/* ---- keys: an order-preserving code ---- */

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
  p->rank = (int)rank;
  for (int i = 0; i < p->rank; i++)
    if (!take_signed(&at, end, &p->start[i]) || !take_signed(&at, end, &p->length[i])) return false;
  return at == end;
}

/* ---- reading ---- */

static ek_code wrong(const ek__bundle_entry *e, const char *why, ek_status *st) {
  return ek_status_set(st, EK_DATA_LOSS, "checkpoint: '%s': its slices %s", e->key, why);
}

/* Where the piece lies in e; its own shape must say the same. */
static bool region_of(const ek__bundle_piece *p, const ek__bundle_entry *e, int64_t *start) {
  if (p->rank != e->shape.rank || p->entry.shape.rank != p->rank || p->entry.dtype != e->dtype) return false;
  for (int i = 0; i < p->rank; i++) {
    const int64_t whole = e->shape.dim[i], length = p->length[i] >= 0 ? p->length[i] : whole;
    start[i] = p->length[i] >= 0 ? p->start[i] : 0;
    if (start[i] < 0 || start[i] > whole || length > whole - start[i] || length != p->entry.shape.dim[i]) return false;
  }
  return true;
}

ek_code ek__bundle_pieces_check(const ek__bundle_reader *r, const ek__bundle_entry *e, ek_status *st) {
  int n = 0;
  int64_t start[EK_MAX_RANK], found = 0;
  const ek__bundle_piece *pieces = ek__bundle_reader_pieces(r, e, &n);
  const int64_t want = ek_shape_num_elements(e->shape);
  if (n != e->num_slices) return wrong(e, "are not all there", st);
  for (int i = 0; i < n; i++) {
    if (!region_of(&pieces[i], e, start)) return wrong(e, "do not fit it", st);
    if (__builtin_add_overflow(found, ek_shape_num_elements(pieces[i].entry.shape), &found))
      return wrong(e, "do not fit it", st);
    EK_TRY(ek__bundle_reader_check(r, &pieces[i].entry, st));
  }
  return want >= 0 && found == want ? EK_OK : wrong(e, "do not make up the whole", st);
}

/* Copies the piece into its place, one run of the last dimension at a time. */
static void place(const ek__bundle_entry *e, const ek_tensor *piece, const int64_t *start, void *data) {
  const size_t item = ek_dtype_size(e->dtype);
  const ek_shape shape = ek_tensor_shape(piece);
  const int last = shape.rank - 1;
  const int64_t run = last >= 0 ? shape.dim[last] : 1, n = ek_tensor_num_elements(piece);
  const char *from = ek_tensor_data(piece);
  int64_t index[EK_MAX_RANK] = {0};
  for (int64_t done = 0; done < n; done += run) {
    int64_t at = 0;
    for (int i = 0; i < shape.rank; i++) at = at * e->shape.dim[i] + start[i] + index[i];
    ek__copy_elements(e->dtype, (char *)data + (size_t)at * item, from + (size_t)done * item, run);
    for (int i = last - 1; i >= 0 && ++index[i] == shape.dim[i]; i--) index[i] = 0;
  }
}

ek_code ek__bundle_pieces_read(const ek__bundle_reader *r, const ek__bundle_entry *e, void *data, ek_status *st) {
  int n = 0;
  int64_t start[EK_MAX_RANK];
  const ek__bundle_piece *pieces = ek__bundle_reader_pieces(r, e, &n);
  for (int i = 0; i < n; i++) {
    const ek__bundle_entry *p = &pieces[i].entry;
    EK_ASSERT(region_of(&pieces[i], e, start), st);
    ek_tensor *t = ek_tensor_new(p->dtype, p->shape, ek__bundle_reader_allocator(r), st);
    if (t == NULL) return EK_RESOURCE_EXHAUSTED;
    const ek_code code = ek__bundle_reader_read(r, p, t->data, st);
    if (code == EK_OK) place(e, t, start, data);
    ek_tensor_free(t);
    EK_TRY(code);
  }
  return EK_OK;
}
