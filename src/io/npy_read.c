/* SPDX-License-Identifier: Apache-2.0 */
#include "io/npy.h"

#include <string.h>

enum { HEADER_LIMIT = 65536 };

/* Element by element from column-major src to row-major dst. */
static void transpose(const ek__npy_header *h, const uint8_t *src, uint8_t *dst) {
  const int rank = h->shape.rank;
  const size_t item = h->item_bytes;
  size_t stride[EK_MAX_RANK] = {0}, at = 0;
  int64_t index[EK_MAX_RANK] = {0};
  size_t step = item;
  for (int i = 0; i < rank; i++) {
    stride[i] = step;
    step *= (size_t)h->shape.dim[i];
  }
  const int64_t n = ek_shape_num_elements(h->shape);
  for (int64_t k = 0; k < n; k++) {
    memcpy(dst + (size_t)k * item, src + at, item);
    for (int i = rank - 1; i >= 0; i--) { /* the next index, the last dimension fastest */
      at += stride[i];
      if (++index[i] < h->shape.dim[i]) break;
      at -= stride[i] * (size_t)h->shape.dim[i];
      index[i] = 0;
    }
  }
}

static size_t put_utf8(char *out, uint32_t c) {
  if (c < 0x80) {
    out[0] = (char)c;
    return 1;
  }
  const int more = c < 0x800 ? 1 : c < 0x10000 ? 2 : 3;
  static const unsigned lead[] = {0, 0xc0, 0xe0, 0xf0};
  out[0] = (char)(lead[more] | c >> (6 * more));
  for (int i = 1; i <= more; i++) out[i] = (char)(0x80 | (c >> (6 * (more - i)) & 0x3f));
  return (size_t)more + 1;
}

/* Elements of fixed width, zeros at the end dropped but in voids; text becomes UTF-8 in place, which is never longer
 * than UTF-32. */
static ek_code make_strings(const ek__npy_source *src, const ek__npy_header *h, uint8_t *bytes, ek_tensor *t,
                            ek_status *st) {
  const int64_t n = ek_shape_num_elements(h->shape);
  for (int64_t i = 0; i < n; i++, bytes += h->item_bytes) {
    size_t size = h->item_bytes;
    if (h->kind == 'S') {
      while (size > 0 && bytes[size - 1] == 0) size--;
    } else if (h->kind == 'U') {
      size_t used = 0, kept = 0;
      for (size_t k = 0; k < h->item_bytes; k += 4) {
        const uint32_t c = ek__get_u32(bytes + k);
        EK_REQUIRE(c <= 0x10ffff && (c < 0xd800 || c > 0xdfff), st, EK_DATA_LOSS,
                   "npy: %s: a character is outside Unicode", src->where);
        used += put_utf8((char *)bytes + used, c);
        if (c != 0) kept = used;
      }
      size = kept;
    }
    if (size > 0) EK_TRY(ek_tensor_set_string(t, i, bytes, size, st));
  }
  return EK_OK;
}

static void to_native(const ek__npy_header *h, void *data, size_t size) {
  const size_t unit = h->kind == 'U' ? 4 : h->kind == 'c' ? h->item_bytes / 2 : h->item_bytes;
  if (h->swap && unit > 1 && h->kind != 'S' && h->kind != 'V') ek__swap_bytes(data, size / unit, unit);
  if (h->dtype == EK_BOOL)
    for (size_t i = 0; i < size; i++) ((uint8_t *)data)[i] = ((uint8_t *)data)[i] != 0;
}

static ek_code read_elements(const ek__npy_source *src, const ek__npy_header *h, size_t size, const ek_allocator *a,
                             ek_tensor *t, ek_status *st) {
  const bool reorder = h->fortran && h->shape.rank > 1;
  if (h->dtype != EK_STRING && !reorder) {
    EK_TRY(src->read(src->ctx, t->data, size, st));
    to_native(h, t->data, size);
    return EK_OK;
  }
  uint8_t *bytes = ek__alloc(a, size), *ordered = reorder && h->dtype == EK_STRING ? ek__alloc(a, size) : NULL;
  ek_code code = EK_OK;
  if (bytes == NULL || (reorder && h->dtype == EK_STRING && ordered == NULL))
    code = ek__no_memory(st, src->where, size);
  if (code == EK_OK) code = src->read(src->ctx, bytes, size, st);
  if (code == EK_OK) {
    to_native(h, bytes, size);
    if (reorder) transpose(h, bytes, ordered != NULL ? ordered : t->data);
    if (h->dtype == EK_STRING) code = make_strings(src, h, ordered != NULL ? ordered : bytes, t, st);
  }
  ek__free(a, bytes, size);
  ek__free(a, ordered, size);
  return code;
}

static ek_code read_header(const ek__npy_source *src, ek__npy_header *h, uint64_t *left, const ek_allocator *a,
                           ek_status *st) {
  uint8_t prefix[EK__NPY_PREFIX_BYTES];
  EK_REQUIRE(src->size >= 10, st, EK_DATA_LOSS, "npy: %s: too short for an array", src->where);
  EK_TRY(src->read(src->ctx, prefix, 10, st));
  EK_REQUIRE(memcmp(prefix, "\x93NUMPY", 6) == 0, st, EK_DATA_LOSS, "npy: %s: not an array of NumPy", src->where);
  EK_REQUIRE(prefix[6] >= 1 && prefix[6] <= 3 && prefix[7] == 0, st, EK_UNIMPLEMENTED,
             "npy: %s: version %d.%d of the format, 1.0 to 3.0 are read", src->where, prefix[6], prefix[7]);
  uint64_t start = 10, length = (uint64_t)prefix[8] | (uint64_t)prefix[9] << 8;
  if (prefix[6] >= 2) {
    start = 12;
    EK_REQUIRE(src->size >= start, st, EK_DATA_LOSS, "npy: %s: too short for an array", src->where);
    EK_TRY(src->read(src->ctx, prefix + 10, 2, st));
    length = ek__get_u32(prefix + 8);
  }
  EK_REQUIRE(length <= HEADER_LIMIT && length <= src->size - start, st, EK_DATA_LOSS, "npy: %s: a header of %llu bytes",
             src->where, (unsigned long long)length);
  char *text = ek__alloc(a, (size_t)length);
  if (text == NULL) return ek__no_memory(st, src->where, (size_t)length);
  ek_code code = src->read(src->ctx, text, (size_t)length, st);
  if (code == EK_OK) code = ek__npy_header_parse(src->where, text, (size_t)length, h, st);
  ek__free(a, text, (size_t)length);
  *left = src->size - start - length;
  return code;
}

ek_code ek__npy_read(const ek__npy_source *src, const ek_allocator *a, ek_tensor **out, ek_status *st) {
  ek__npy_header h;
  uint64_t left = 0;
  char shape[EK_SHAPE_TEXT];
  *out = NULL;
  EK_TRY(read_header(src, &h, &left, a, st));
  const int64_t n = ek_shape_num_elements(h.shape);
  size_t size = 0;
  EK_REQUIRE(n >= 0 && ek__mul_size((size_t)n, h.item_bytes, &size) && size == left, st, EK_DATA_LOSS,
             "npy: %s: shape %s of elements of %zu bytes does not take the %llu bytes there are", src->where,
             ek_shape_format(h.shape, shape, sizeof shape), h.item_bytes, (unsigned long long)left);
  EK_REQUIRE(h.dtype != EK_STRING || h.item_bytes > 0 || n <= 1 << 20, st, EK_DATA_LOSS, "npy: %s: %s empty strings",
             src->where, ek_shape_format(h.shape, shape, sizeof shape));
  ek_tensor *t = ek_tensor_new(h.dtype, h.shape, a, st);
  if (t == NULL) return EK_RESOURCE_EXHAUSTED;
  const ek_code code = read_elements(src, &h, size, a, t, st);
  if (code == EK_OK)
    *out = t;
  else
    ek_tensor_free(t);
  return code;
}
