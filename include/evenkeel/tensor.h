/* SPDX-License-Identifier: Apache-2.0 */
/* Dtypes, shapes and tensors: dense, row-major, reference-counted; contents do not change once handed over. */
#ifndef EVENKEEL_TENSOR_H
#define EVENKEEL_TENSOR_H

#include "common.h"
#include "status.h"

#ifdef __cplusplus
extern "C" {
#endif

/* TensorFlow's DataType numbers. A reference type is no dtype here: whether an output is a reference is a property of
 * the output (the file formats add 100). */
typedef enum ek_dtype {
  EK_INVALID_DTYPE = 0,
  EK_FLOAT32 = 1,
  EK_FLOAT64 = 2,
  EK_INT32 = 3,
  EK_UINT8 = 4,
  EK_INT16 = 5,
  EK_INT8 = 6,
  EK_STRING = 7,
  EK_COMPLEX64 = 8,
  EK_INT64 = 9,
  EK_BOOL = 10,
  EK_BFLOAT16 = 14,
  EK_UINT16 = 17,
  EK_COMPLEX128 = 18,
  EK_FLOAT16 = 19,
  EK_RESOURCE = 20,
  EK_VARIANT = 21,
  EK_UINT32 = 22,
  EK_UINT64 = 23
} ek_dtype;

/* "float32", "int64", "bool", ... as NumPy says it, TensorFlow's other types ("qint8") too; "invalid" for what is no
 * dtype. */
EK_API const char *ek_dtype_name(ek_dtype dtype);
/* The inverse, NumPy's or TensorFlow's word ("float32", "float", "DT_FLOAT"); EK_INVALID_DTYPE if unknown. */
EK_API ek_dtype ek_dtype_from_name(const char *name);
/* Bytes of one element in memory; 0 for resource, variant and what is no dtype. A string element is a pointer. */
EK_API size_t ek_dtype_size(ek_dtype dtype);
EK_API bool ek_dtype_is_floating(ek_dtype dtype); /* float16, bfloat16, float32, float64 */
EK_API bool ek_dtype_is_integer(ek_dtype dtype);  /* signed and unsigned, without bool */

/* A shape with its rank. rank -1: nothing is known. dim -1: this dimension is not known (never in a tensor's own
 * shape). */
#define EK_MAX_RANK 8
typedef struct ek_shape {
  int rank;
  int64_t dim[EK_MAX_RANK];
} ek_shape;

EK_API ek_shape ek_shape_scalar(void);
EK_API ek_shape ek_shape_unknown(void);
/* n dimensions copied; a rank over EK_MAX_RANK or a dimension below -1 gives a shape that every call refuses (rank -2).
 */
EK_API ek_shape ek_shape_of(const int64_t *dims, int n);
EK_API bool ek_shape_equal(ek_shape a, ek_shape b);      /* same rank and dims, -1 only equals -1 */
EK_API bool ek_shape_compatible(ek_shape a, ek_shape b); /* could be the same once everything is known */
EK_API bool ek_shape_is_known(ek_shape s);               /* rank and every dimension known */
EK_API int64_t ek_shape_num_elements(ek_shape s);        /* -1: unknown or over INT64_MAX */
/* "[3,?,5]", "[]", "<unknown>"; written into buf, which is returned. */
EK_API const char *ek_shape_format(ek_shape s, char *buf, size_t size);
#define EK_SHAPE_TEXT 192
#define ek_shape(...)                                                                                                  \
  ek_shape_of((const int64_t[]){__VA_ARGS__}, (int)(sizeof((const int64_t[]){__VA_ARGS__}) / sizeof(int64_t)))

typedef struct ek_tensor ek_tensor;

/* A tensor with memory of its own (allocator NULL: the default one), all bytes zero (strings: empty). Free with
 * ek_tensor_free. NULL and a status on failure: INVALID_ARGUMENT for an unknown shape or a dtype without elements,
 * RESOURCE_EXHAUSTED when memory or size arithmetic runs out. */
EK_API ek_tensor *ek_tensor_new(ek_dtype dtype, ek_shape shape, const ek_allocator *allocator, ek_status *st);
/* The same with contents copied from data, which must hold all elements (not for strings). */
EK_API ek_tensor *ek_tensor_from(ek_dtype dtype, ek_shape shape, const void *data, ek_status *st);
/* A tensor over foreign memory; release(ctx, data) is called when the last reference goes. Nothing is copied, not for
 * strings. On failure release is not called. */
EK_API ek_tensor *ek_tensor_wrap(ek_dtype dtype, ek_shape shape, void *data, void (*release)(void *ctx, void *data),
                                 void *ctx, ek_status *st);
/* A string tensor of n = elements of shape strings, copied; sizes NULL: they end with NUL. */
EK_API ek_tensor *ek_tensor_from_strings(ek_shape shape, const char *const *strings, const size_t *sizes,
                                         ek_status *st);
/* Scalars, for feeds. */
EK_API ek_tensor *ek_tensor_float32(float value, ek_status *st);
EK_API ek_tensor *ek_tensor_int64(int64_t value, ek_status *st);
EK_API ek_tensor *ek_tensor_bool(bool value, ek_status *st);

/* One more reference; returns t. Thread-safe, as is ek_tensor_free, which drops one and accepts NULL. */
EK_API ek_tensor *ek_tensor_ref(ek_tensor *t);
EK_API void ek_tensor_free(ek_tensor *t);

EK_API ek_dtype ek_tensor_dtype(const ek_tensor *t);
EK_API ek_shape ek_tensor_shape(const ek_tensor *t);
EK_API int64_t ek_tensor_num_elements(const ek_tensor *t);
EK_API size_t ek_tensor_size_bytes(const ek_tensor *t);
EK_API const void *ek_tensor_data(const ek_tensor *t);
/* For filling a tensor just made, before it is handed to anyone. */
EK_API void *ek_tensor_mutable_data(ek_tensor *t);
/* Element i of a string tensor, borrowed; its length into size if not NULL. NULL if t holds no strings or i is outside.
 */
EK_API const char *ek_tensor_string(const ek_tensor *t, int64_t i, size_t *size);
/* Puts a copy of size bytes into element i of a string tensor just made. */
EK_API ek_code ek_tensor_set_string(ek_tensor *t, int64_t i, const void *bytes, size_t size, ek_status *st);
/* Element i as a double, whatever the numeric dtype (bool: 0 or 1); NaN if there is no such number. */
EK_API double ek_tensor_number(const ek_tensor *t, int64_t i);
/* Same dtype, shape and bytes (NaN equals the same NaN). */
EK_API bool ek_tensor_equal(const ek_tensor *a, const ek_tensor *b);

#ifdef __cplusplus
}
#endif
#endif
