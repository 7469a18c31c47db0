/* SPDX-License-Identifier: Apache-2.0 */
#include "formats/tensor_proto.h"

#include <string.h>

ek_code ek__shape_from_proto(const Ek__TensorShapeProto *p, ek_shape *shape, ek_status *st) {
  *shape = ek_shape_scalar();
  if (p == NULL) return EK_OK;
  if (p->unknown_rank) {
    *shape = ek_shape_unknown();
    return EK_OK;
  }
  EK_REQUIRE(p->n_dim <= EK_MAX_RANK, st, EK_UNIMPLEMENTED, "a shape of rank %zu; at most %d", p->n_dim, EK_MAX_RANK);
  shape->rank = (int)p->n_dim;
  for (size_t i = 0; i < p->n_dim; i++) {
    shape->dim[i] = p->dim[i]->size;
    EK_REQUIRE(shape->dim[i] >= -1, st, EK_INVALID_ARGUMENT, "a shape with dimension %lld", (long long)shape->dim[i]);
  }
  return EK_OK;
}

ek_code ek__shape_to_proto(ek_shape shape, ek__arena *arena, Ek__TensorShapeProto **out, ek_status *st) {
  Ek__TensorShapeProto *p = ek__arena_alloc(arena, sizeof *p);
  *out = p;
  if (p == NULL) return ek__no_memory(st, "a shape", sizeof *p);
  ek__tensor_shape_proto__init(p);
  p->unknown_rank = shape.rank < 0;
  if (shape.rank <= 0) return EK_OK;
  const size_t rank = (size_t)shape.rank;
  p->dim = ek__arena_array(arena, rank, sizeof *p->dim);
  Ek__TensorShapeProto__Dim *dims = ek__arena_array(arena, rank, sizeof *dims);
  if (p->dim == NULL || dims == NULL) return ek__no_memory(st, "a shape", rank * sizeof *dims);
  for (size_t i = 0; i < rank; i++) {
    ek__tensor_shape_proto__dim__init(&dims[i]);
    dims[i].size = shape.dim[i];
    p->dim[i] = &dims[i];
  }
  p->n_dim = rank;
  return EK_OK;
}

/* A typed list of p: its elements as they lie in memory, width bytes each; a complex number is two of them. */
typedef struct ek__values {
  const char *at;
  size_t n, width;
} ek__values;

static ek__values values_of(const Ek__TensorProto *p) {
  switch ((int)p->dtype) {
  case EK_FLOAT32: return (ek__values){(const char *)p->float_val, p->n_float_val, sizeof(float)};
  case EK_FLOAT64: return (ek__values){(const char *)p->double_val, p->n_double_val, sizeof(double)};
  case EK_COMPLEX64: return (ek__values){(const char *)p->scomplex_val, p->n_scomplex_val / 2, 2 * sizeof(float)};
  case EK_COMPLEX128: return (ek__values){(const char *)p->dcomplex_val, p->n_dcomplex_val / 2, 2 * sizeof(double)};
  case EK_INT64: return (ek__values){(const char *)p->int64_val, p->n_int64_val, sizeof(int64_t)};
  case EK_UINT32: return (ek__values){(const char *)p->uint32_val, p->n_uint32_val, sizeof(uint32_t)};
  case EK_UINT64: return (ek__values){(const char *)p->uint64_val, p->n_uint64_val, sizeof(uint64_t)};
  case EK_BOOL: return (ek__values){(const char *)p->bool_val, p->n_bool_val, sizeof(protobuf_c_boolean)};
  case EK_FLOAT16:
  case EK_BFLOAT16: return (ek__values){(const char *)p->half_val, p->n_half_val, sizeof(int32_t)};
  default: return (ek__values){(const char *)p->int_val, p->n_int_val, sizeof(int32_t)};
  }
}

/* Element i of v as an element of dtype: the same bytes, or an integer cut to its width. */
static void store_value(ek_dtype dtype, const ek__values *v, size_t i, char *out) {
  const size_t size = ek_dtype_size(dtype);
  const char *at = v->at + i * v->width;
  if (v->width == size) {
    memcpy(out, at, size);
    return;
  }
  int32_t value = 0;
  memcpy(&value, at, sizeof value);
  if (dtype == EK_BOOL) {
    const bool truth = value != 0;
    memcpy(out, &truth, sizeof truth);
  } else if (size == 2) {
    const uint16_t half = (uint16_t)value;
    memcpy(out, &half, sizeof half);
  } else {
    *(uint8_t *)out = (uint8_t)value;
  }
}

static ek_code fill_strings(const Ek__TensorProto *p, ek_tensor *t, ek_status *st) {
  const int64_t n = ek_tensor_num_elements(t);
  EK_REQUIRE(p->tensor_content.len == 0, st, EK_UNIMPLEMENTED, "a tensor of strings in tensor_content");
  for (int64_t i = 0; i < n && p->n_string_val > 0; i++) {
    const size_t from = (uint64_t)i < p->n_string_val ? (size_t)i : p->n_string_val - 1;
    EK_TRY(ek_tensor_set_string(t, i, p->string_val[from].data, p->string_val[from].len, st));
  }
  return EK_OK;
}

static ek_code fill(const Ek__TensorProto *p, ek_tensor *t, ek_status *st) {
  const ek_dtype dtype = ek_tensor_dtype(t);
  const size_t bytes = ek_tensor_size_bytes(t), size = ek_dtype_size(dtype), n = bytes / size;
  char *data = ek_tensor_mutable_data(t);
  if (dtype == EK_STRING) return fill_strings(p, t, st);
  if (p->tensor_content.len > 0) {
    EK_REQUIRE(p->tensor_content.len == bytes, st, EK_INVALID_ARGUMENT,
               "a %s tensor with %zu bytes of contents; its shape takes %zu", ek_dtype_name(dtype),
               p->tensor_content.len, bytes);
    memcpy(data, p->tensor_content.data, bytes);
    if (dtype == EK_BOOL)
      for (size_t i = 0; i < bytes; i++) data[i] = data[i] != 0;
    return EK_OK;
  }
  const ek__values v = values_of(p);
  for (size_t i = 0; i < n && i < v.n; i++) store_value(dtype, &v, i, data + i * size);
  if (v.n > 0)
    for (size_t i = v.n; i < n; i++) memcpy(data + i * size, data + (v.n - 1) * size, size);
  return EK_OK;
}

ek_code ek__tensor_from_proto(const Ek__TensorProto *p, const ek_allocator *a, size_t *room, ek_tensor **out,
                              ek_status *st) {
  *out = NULL;
  const ek_dtype dtype = (ek_dtype)p->dtype;
  ek_shape shape;
  EK_TRY(ek__shape_from_proto(p->tensor_shape, &shape, st));
  const size_t size = ek_dtype_size(dtype);
  EK_REQUIRE(size > 0, st, EK_UNIMPLEMENTED, "a tensor of data type %d, which has no elements here", (int)p->dtype);
  EK_REQUIRE(ek_shape_is_known(shape), st, EK_INVALID_ARGUMENT, "a tensor without a fully known shape");
  const int64_t n = ek_shape_num_elements(shape);
  EK_REQUIRE(n >= 0 && (uint64_t)n <= *room / size, st, EK_RESOURCE_EXHAUSTED,
             "a tensor of %lld elements of %s in a file too small for so many", (long long)n, ek_dtype_name(dtype));
  ek_tensor *t = ek_tensor_new(dtype, shape, a, st);
  if (t == NULL) return EK_RESOURCE_EXHAUSTED;
  const ek_code code = fill(p, t, st);
  if (code != EK_OK) {
    ek_tensor_free(t);
    return code;
  }
  *room -= (size_t)n * size;
  *out = t;
  return EK_OK;
}

/* Whether Python puts more than one element of dtype into tensor_content. */
static bool goes_into_content(ek_dtype dtype) {
  return dtype == EK_FLOAT16 || dtype == EK_FLOAT32 || dtype == EK_FLOAT64 ||
         (ek_dtype_is_integer(dtype) && dtype != EK_UINT16);
}

static bool all_equal(const ek_tensor *t) {
  const size_t size = ek_dtype_size(ek_tensor_dtype(t));
  const char *data = ek_tensor_data(t);
  return memcmp(data, data + size, ek_tensor_size_bytes(t) - size) == 0;
}

/* n elements of t, whose dtype is narrower than its list's int32. */
static int32_t *widened(const ek_tensor *t, size_t n, ek__arena *arena) {
  int32_t *values = ek__arena_array(arena, n, sizeof *values);
  const char *data = ek_tensor_data(t);
  for (size_t i = 0; values != NULL && i < n; i++) {
    switch (ek_tensor_dtype(t)) {
    case EK_INT8: values[i] = ((const int8_t *)data)[i]; break;
    case EK_BOOL:
    case EK_UINT8: values[i] = ((const uint8_t *)data)[i]; break;
    case EK_INT16: values[i] = ((const int16_t *)(const void *)data)[i]; break;
    default: values[i] = ((const uint16_t *)(const void *)data)[i]; break; /* uint16, and the bits of halves */
    }
  }
  return values;
}

static ek_code list_strings(const ek_tensor *t, size_t n, ek__arena *arena, Ek__TensorProto *p, ek_status *st) {
  p->string_val = ek__arena_array(arena, n, sizeof *p->string_val);
  if (p->string_val == NULL) return ek__no_memory(st, "strings of a tensor", n * sizeof *p->string_val);
  p->n_string_val = n;
  for (size_t i = 0; i < n; i++) {
    p->string_val[i].data = (uint8_t *)(uintptr_t)ek_tensor_string(t, (int64_t)i, &p->string_val[i].len);
  }
  return EK_OK;
}

/* Points the list of t's dtype at its n elements. */
static ek_code list_values(const ek_tensor *t, size_t n, ek__arena *arena, Ek__TensorProto *p, ek_status *st) {
  void *data = (void *)(uintptr_t)ek_tensor_data(t); /* packing only reads */
  switch (ek_tensor_dtype(t)) {
  case EK_FLOAT32: p->float_val = data, p->n_float_val = n; return EK_OK;
  case EK_FLOAT64: p->double_val = data, p->n_double_val = n; return EK_OK;
  case EK_COMPLEX64: p->scomplex_val = data, p->n_scomplex_val = 2 * n; return EK_OK;
  case EK_COMPLEX128: p->dcomplex_val = data, p->n_dcomplex_val = 2 * n; return EK_OK;
  case EK_INT32: p->int_val = data, p->n_int_val = n; return EK_OK;
  case EK_INT64: p->int64_val = data, p->n_int64_val = n; return EK_OK;
  case EK_UINT32: p->uint32_val = data, p->n_uint32_val = n; return EK_OK;
  case EK_UINT64: p->uint64_val = data, p->n_uint64_val = n; return EK_OK;
  case EK_STRING: return list_strings(t, n, arena, p, st);
  default: break;
  }
  int32_t *values = widened(t, n, arena);
  if (values == NULL) return ek__no_memory(st, "values of a tensor", n * sizeof *values);
  switch (ek_tensor_dtype(t)) {
  case EK_BOOL: p->bool_val = values, p->n_bool_val = n; break;
  case EK_FLOAT16:
  case EK_BFLOAT16: p->half_val = values, p->n_half_val = n; break;
  default: p->int_val = values, p->n_int_val = n;
  }
  return EK_OK;
}

ek_code ek__tensor_to_proto(const ek_tensor *t, ek__arena *arena, Ek__TensorProto **out, ek_status *st) {
  Ek__TensorProto *p = ek__arena_alloc(arena, sizeof *p);
  *out = p;
  if (p == NULL) return ek__no_memory(st, "a tensor", sizeof *p);
  ek__tensor_proto__init(p);
  const ek_dtype dtype = ek_tensor_dtype(t);
  p->dtype = (Ek__DataType)dtype;
  EK_TRY(ek__shape_to_proto(ek_tensor_shape(t), arena, &p->tensor_shape, st));
  const size_t n = (size_t)ek_tensor_num_elements(t);
  if (n > 1 && goes_into_content(dtype)) {
    if (all_equal(t)) return list_values(t, 1, arena, p, st);
    p->tensor_content.len = ek_tensor_size_bytes(t);
    p->tensor_content.data = (uint8_t *)(uintptr_t)ek_tensor_data(t);
    return EK_OK;
  }
  return n == 0 ? EK_OK : list_values(t, n, arena, p, st);
}
