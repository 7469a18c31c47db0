/* SPDX-License-Identifier: Apache-2.0 */
/* The numeric dtypes as C types. Each has a tag; for a tag t there are
 *   EK__DTYPE_t   the dtype
 *   ek__s_t       what is stored in a tensor
 *   ek__v_t       what is computed with: float for the two halves, int64_t for integers
 *   ek__get_t     stored to computed; exact
 *   ek__put_t     computed to stored: rounds to nearest even, integers wrap around. */
#ifndef EK_OPS_NUMBER_H
#define EK_OPS_NUMBER_H

#include "evenkeel/tensor.h"
#include "tensor/half.h"

#define EK__DTYPES (EK_UINT64 + 1) /* size of a table by dtype */

#define EK__NUMBER_(tag_, stored_, computed_, get_, put_)                                                              \
  typedef stored_ ek__s_##tag_;                                                                                        \
  typedef computed_ ek__v_##tag_;                                                                                      \
  static inline computed_ ek__get_##tag_(stored_ x) { return get_; }                                                   \
  static inline stored_ ek__put_##tag_(computed_ x) { return put_; }

EK__NUMBER_(f32, float, float, x, x)
EK__NUMBER_(f64, double, double, x, x)
EK__NUMBER_(f16, uint16_t, float, ek__float_of_f16(x), ek__f16_of_float(x))
EK__NUMBER_(bf16, uint16_t, float, ek__float_of_bf16(x), ek__bf16_of_float(x))
EK__NUMBER_(i8, int8_t, int64_t, x, (int8_t)x)
EK__NUMBER_(i16, int16_t, int64_t, x, (int16_t)x)
EK__NUMBER_(i32, int32_t, int64_t, x, (int32_t)x)
EK__NUMBER_(i64, int64_t, int64_t, x, x)
EK__NUMBER_(u8, uint8_t, int64_t, x, (uint8_t)x)
EK__NUMBER_(u16, uint16_t, int64_t, x, (uint16_t)x)
EK__NUMBER_(u32, uint32_t, int64_t, x, (uint32_t)x)
EK__NUMBER_(u64, uint64_t, uint64_t, x, x)
EK__NUMBER_(b, bool, bool, x, x)

#define EK__DTYPE_f32  EK_FLOAT32
#define EK__DTYPE_f64  EK_FLOAT64
#define EK__DTYPE_f16  EK_FLOAT16
#define EK__DTYPE_bf16 EK_BFLOAT16
#define EK__DTYPE_i8   EK_INT8
#define EK__DTYPE_i16  EK_INT16
#define EK__DTYPE_i32  EK_INT32
#define EK__DTYPE_i64  EK_INT64
#define EK__DTYPE_u8   EK_UINT8
#define EK__DTYPE_u16  EK_UINT16
#define EK__DTYPE_u32  EK_UINT32
#define EK__DTYPE_u64  EK_UINT64
#define EK__DTYPE_b    EK_BOOL

/* X(tag, the rest) for every tag of a group. */
#define EK_HALF_TAGS(X, ...)  X(f16, __VA_ARGS__) X(bf16, __VA_ARGS__)
#define EK_FLOAT_TAGS(X, ...) X(f32, __VA_ARGS__) X(f64, __VA_ARGS__) EK_HALF_TAGS(X, __VA_ARGS__)
#define EK_INT_TAGS(X, ...)                                                                                            \
  X(i8, __VA_ARGS__) X(u8, __VA_ARGS__) X(i16, __VA_ARGS__) X(u16, __VA_ARGS__) X(i32, __VA_ARGS__) X(i64, __VA_ARGS__)

/* The same groups in signatures. */
#define EK_FLOAT_TYPES  "bfloat16, half, float, double"
#define EK_INT_TYPES    "int8, uint8, int16, uint16, int32, int64"
#define EK_NUMBER_TYPES EK_FLOAT_TYPES ", " EK_INT_TYPES

#endif
