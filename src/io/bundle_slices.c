/* SPDX-License-Identifier: Apache-2.0 */
#include "io/bundle_slices.h"

#include <string.h>

/* ---- reading ---- */

static ek_code wrong(const ek__bundle_entry *e, const char *why, ek_status *st) {
  return ek_status_set(st, EK_DATA_LOSS, "checkpoint: '%s': its slices %s", e->key, why);
}

/* Where the piece lies in e; its own shape must say the same. */
static bool region_of(const ek__bundle_piece *p, const ek__bundle_entry *e, int64_t *start) {
  if (p->slice.rank != e->shape.rank || p->entry.shape.rank != p->slice.rank || p->entry.dtype != e->dtype)
    return false;
  for (int i = 0; i < p->slice.rank; i++) {
    const int64_t whole = e->shape.dim[i], length = p->slice.length[i] >= 0 ? p->slice.length[i] : whole;
    start[i] = p->slice.length[i] >= 0 ? p->slice.start[i] : 0;
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

typedef enum direction { INTO_WHOLE, OUT_OF_WHOLE } direction;

/* Copies a piece of that shape into its place in the whole, or from there, one run of the last dimension at a time. */
static void copy_piece(const ek__bundle_entry *e, ek_shape shape, const int64_t *start, void *whole, void *piece,
                       direction to) {
  const size_t item = ek_dtype_size(e->dtype);
  const int last = shape.rank - 1;
  const int64_t run = last >= 0 ? shape.dim[last] : 1, n = ek_shape_num_elements(shape);
  int64_t index[EK_MAX_RANK] = {0};
  for (int64_t done = 0; done < n; done += run) {
    int64_t at = 0;
    for (int i = 0; i < shape.rank; i++) at = at * e->shape.dim[i] + start[i] + index[i];
    char *there = (char *)whole + (size_t)at * item, *here = (char *)piece + (size_t)done * item;
    ek__copy_elements(e->dtype, to == INTO_WHOLE ? there : here, to == INTO_WHOLE ? here : there, run);
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
    if (code == EK_OK) copy_piece(e, t->shape, start, data, t->data, INTO_WHOLE);
    ek_tensor_free(t);
    EK_TRY(code);
  }
  return EK_OK;
}

static bool same_slice(const ek__bundle_slice *a, const ek__bundle_slice *b, ek_shape whole) {
  for (int i = 0; i < whole.rank; i++) {
    const int64_t length_a = a->length[i] < 0 ? whole.dim[i] : a->length[i];
    const int64_t length_b = b->length[i] < 0 ? whole.dim[i] : b->length[i];
    if (length_a != length_b || (a->length[i] < 0 ? 0 : a->start[i]) != (b->length[i] < 0 ? 0 : b->start[i]))
      return false;
  }
  return a->rank == b->rank;
}

ek_code ek__bundle_read_slice(const ek__bundle_reader *r, const ek__bundle_entry *e, const ek__bundle_slice *slice,
                              void *data, ek_status *st) {
  int n = 0;
  int64_t start[EK_MAX_RANK] = {0};
  const ek__bundle_piece *pieces = ek__bundle_reader_pieces(r, e, &n);
  for (int i = 0; i < n; i++) /* as a partitioned variable asks for what it saved */
    if (region_of(&pieces[i], e, start) && same_slice(&pieces[i].slice, slice, e->shape))
      return ek__bundle_reader_read(r, &pieces[i].entry, data, st);
  ek_tensor *whole = NULL;
  EK_TRY(ek__bundle_reader_tensor(r, e->key, &whole, st));
  ek_shape shape = e->shape;
  for (int i = 0; i < shape.rank; i++) {
    start[i] = slice->length[i] < 0 ? 0 : slice->start[i];
    if (slice->length[i] >= 0) shape.dim[i] = slice->length[i];
  }
  copy_piece(e, shape, start, whole->data, data, OUT_OF_WHOLE);
  ek_tensor_free(whole);
  return EK_OK;
}
