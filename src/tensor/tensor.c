/* SPDX-License-Identifier: Apache-2.0 */
#include "tensor/tensor.h"

#include "tensor/half.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

ek__bytes *ek__bytes_new(const void *bytes, size_t size) {
  if (size > SIZE_MAX / 2) return NULL;
  ek__bytes *b = malloc(sizeof *b + size + 1);
  if (b == NULL) return NULL;
  atomic_init(&b->refs, 1);
  b->size = size;
  if (size > 0) memcpy(b->data, bytes, size);
  b->data[size] = '\0';
  return b;
}

ek__bytes *ek__bytes_ref(ek__bytes *b) {
  if (b != NULL) atomic_fetch_add_explicit(&b->refs, 1, memory_order_relaxed);
  return b;
}

void ek__bytes_free(ek__bytes *b) {
  if (b != NULL && atomic_fetch_sub_explicit(&b->refs, 1, memory_order_acq_rel) == 1) free(b);
}

ek_code ek__tensor_bytes(ek_dtype dtype, ek_shape shape, size_t *bytes, ek_status *st) {
  char text[EK_SHAPE_TEXT];
  const size_t element = ek_dtype_size(dtype);
  EK_REQUIRE(element > 0, st, EK_INVALID_ARGUMENT, "a tensor of dtype %s (%d) has no elements in memory",
             ek_dtype_name(dtype), (int)dtype);
  EK_REQUIRE(ek_shape_is_known(shape), st, EK_INVALID_ARGUMENT, "a tensor needs a fully known shape, not %s",
             ek_shape_format(shape, text, sizeof text));
  const int64_t n = ek_shape_num_elements(shape);
  EK_REQUIRE(n >= 0 && (uint64_t)n <= SIZE_MAX / 2 / element, st, EK_RESOURCE_EXHAUSTED,
             "a tensor of shape %s is larger than memory can be", ek_shape_format(shape, text, sizeof text));
  *bytes = (size_t)n * element;
  return EK_OK;
}

void ek__copy_elements(ek_dtype dtype, void *dst, const void *src, int64_t n) {
  if (dtype != EK_STRING) {
    if (n > 0) memcpy(dst, src, (size_t)n * ek_dtype_size(dtype));
    return;
  }
  ek__bytes **to = dst;
  ek__bytes *const *from = src;
  for (int64_t i = 0; i < n; i++) {
    ek__bytes *fresh = ek__bytes_ref(from[i]);
    ek__bytes_free(to[i]);
    to[i] = fresh;
  }
}

static ek_tensor *header_new(ek_dtype dtype, ek_shape shape, const ek_allocator *a, ek_status *st) {
  size_t bytes = 0;
  if (ek__tensor_bytes(dtype, shape, &bytes, st) != EK_OK) return NULL;
  ek_tensor *t = ek__alloc(a, sizeof *t);
  if (t == NULL) {
    (void)ek__no_memory(st, "a tensor", sizeof *t);
    return NULL;
  }
  atomic_init(&t->refs, 1);
  t->dtype = dtype;
  t->shape = shape;
  t->size_bytes = bytes;
  t->allocator = a;
  return t;
}

ek_tensor *ek_tensor_new(ek_dtype dtype, ek_shape shape, const ek_allocator *allocator, ek_status *st) {
  const ek_allocator *a = allocator != NULL ? allocator : ek_allocator_default();
  ek_tensor *t = header_new(dtype, shape, a, st);
  if (t == NULL) return NULL;
  t->data = ek__alloc(a, t->size_bytes);
  if (t->data == NULL) {
    (void)ek__no_memory(st, "a tensor's elements", t->size_bytes);
    ek__free(a, t, sizeof *t);
    return NULL;
  }
  return t;
}

ek_tensor *ek_tensor_from(ek_dtype dtype, ek_shape shape, const void *data, ek_status *st) {
  if (dtype == EK_STRING) {
    (void)ek_status_set(st, EK_INVALID_ARGUMENT, "ek_tensor_from: strings are made by ek_tensor_from_strings");
    return NULL;
  }
  ek_tensor *t = ek_tensor_new(dtype, shape, NULL, st);
  if (t != NULL && t->size_bytes > 0) memcpy(t->data, data, t->size_bytes);
  return t;
}

ek_tensor *ek_tensor_wrap(ek_dtype dtype, ek_shape shape, void *data, void (*release)(void *ctx, void *data), void *ctx,
                          ek_status *st) {
  if (dtype == EK_STRING || release == NULL || data == NULL) {
    (void)ek_status_set(st, EK_INVALID_ARGUMENT,
                        "ek_tensor_wrap: needs data, a release function and a dtype other than string");
    return NULL;
  }
  ek_tensor *t = header_new(dtype, shape, ek_allocator_default(), st);
  if (t == NULL) return NULL;
  t->data = data;
  t->release = release;
  t->release_ctx = ctx;
  return t;
}

ek_tensor *ek_tensor_from_strings(ek_shape shape, const char *const *strings, const size_t *sizes, ek_status *st) {
  ek_tensor *t = ek_tensor_new(EK_STRING, shape, NULL, st);
  const int64_t n = t != NULL ? ek_tensor_num_elements(t) : 0;
  for (int64_t i = 0; i < n; i++)
    if (ek_tensor_set_string(t, i, strings[i], sizes != NULL ? sizes[i] : strlen(strings[i]), st) != EK_OK) {
      ek_tensor_free(t);
      return NULL;
    }
  return t;
}

ek_tensor *ek_tensor_float32(float value, ek_status *st) {
  return ek_tensor_from(EK_FLOAT32, ek_shape_scalar(), &value, st);
}

ek_tensor *ek_tensor_int64(int64_t value, ek_status *st) {
  return ek_tensor_from(EK_INT64, ek_shape_scalar(), &value, st);
}

ek_tensor *ek_tensor_bool(bool value, ek_status *st) { return ek_tensor_from(EK_BOOL, ek_shape_scalar(), &value, st); }

ek_tensor *ek_tensor_ref(ek_tensor *t) {
  if (t != NULL) atomic_fetch_add_explicit(&t->refs, 1, memory_order_relaxed);
  return t;
}

void ek_tensor_free(ek_tensor *t) {
  if (t == NULL || atomic_fetch_sub_explicit(&t->refs, 1, memory_order_acq_rel) != 1) return;
  if (t->release != NULL) {
    t->release(t->release_ctx, t->data);
  } else {
    if (t->dtype == EK_STRING)
      for (size_t i = 0; i < t->size_bytes / sizeof(ek__bytes *); i++) ek__bytes_free(((ek__bytes **)t->data)[i]);
    ek__free(t->allocator, t->data, t->size_bytes);
  }
  ek__free(t->allocator, t, sizeof *t);
}

ek_dtype ek_tensor_dtype(const ek_tensor *t) { return t->dtype; }

ek_shape ek_tensor_shape(const ek_tensor *t) { return t->shape; }

int64_t ek_tensor_num_elements(const ek_tensor *t) { return ek_shape_num_elements(t->shape); }

size_t ek_tensor_size_bytes(const ek_tensor *t) { return t->size_bytes; }

const void *ek_tensor_data(const ek_tensor *t) { return t->data; }

void *ek_tensor_mutable_data(ek_tensor *t) { return t->data; }

const char *ek_tensor_string(const ek_tensor *t, int64_t i, size_t *size) {
  if (t->dtype != EK_STRING || i < 0 || i >= ek_tensor_num_elements(t)) return NULL;
  const ek__bytes *b = ((ek__bytes *const *)t->data)[i];
  if (size != NULL) *size = b != NULL ? b->size : 0;
  return b != NULL ? b->data : "";
}

ek_code ek_tensor_set_string(ek_tensor *t, int64_t i, const void *bytes, size_t size, ek_status *st) {
  EK_REQUIRE(t->dtype == EK_STRING && i >= 0 && i < ek_tensor_num_elements(t), st, EK_INVALID_ARGUMENT,
             "ek_tensor_set_string: no string element %" PRId64 " in this %s tensor", i, ek_dtype_name(t->dtype));
  ek__bytes *b = ek__bytes_new(bytes, size);
  if (b == NULL) return ek__no_memory(st, "a string", size);
  ek__bytes **slot = (ek__bytes **)t->data + i;
  ek__bytes_free(*slot);
  *slot = b;
  return EK_OK;
}

double ek_tensor_number(const ek_tensor *t, int64_t i) {
  if (i < 0 || i >= ek_tensor_num_elements(t)) return (double)NAN;
  switch (t->dtype) {
  case EK_FLOAT32: return (double)((const float *)t->data)[i];
  case EK_FLOAT64: return ((const double *)t->data)[i];
  case EK_INT32: return (double)((const int32_t *)t->data)[i];
  case EK_UINT8: return (double)((const uint8_t *)t->data)[i];
  case EK_INT16: return (double)((const int16_t *)t->data)[i];
  case EK_INT8: return (double)((const int8_t *)t->data)[i];
  case EK_INT64: return (double)((const int64_t *)t->data)[i];
  case EK_BOOL: return ((const bool *)t->data)[i] ? 1.0 : 0.0;
  case EK_BFLOAT16: return (double)ek__float_of_bf16(((const uint16_t *)t->data)[i]);
  case EK_UINT16: return (double)((const uint16_t *)t->data)[i];
  case EK_FLOAT16: return (double)ek__float_of_f16(((const uint16_t *)t->data)[i]);
  case EK_UINT32: return (double)((const uint32_t *)t->data)[i];
  case EK_UINT64: return (double)((const uint64_t *)t->data)[i];
  default: return (double)NAN;
  }
}

bool ek_tensor_equal(const ek_tensor *a, const ek_tensor *b) {
  if (a->dtype != b->dtype || !ek_shape_equal(a->shape, b->shape)) return false;
  if (a->dtype != EK_STRING) return a->size_bytes == 0 || memcmp(a->data, b->data, a->size_bytes) == 0;
  const int64_t n = ek_tensor_num_elements(a);
  for (int64_t i = 0; i < n; i++) {
    size_t na = 0, nb = 0;
    const char *sa = ek_tensor_string(a, i, &na), *sb = ek_tensor_string(b, i, &nb);
    if (na != nb || memcmp(sa, sb, na) != 0) return false;
  }
  return true;
}
