/* SPDX-License-Identifier: Apache-2.0 */
/* The vector vocabulary of the kernels. vf32, vf64 (and vi32, vi64, which are also the masks that comparisons give) are
 * compiler vectors: + - * / < > == & | ~ << work on them lane by lane, with a scalar on one side if need be. What
 * operators cannot say is a v_ function here. An isa.h defines EK_F32_LANES and EK_F64_LANES, includes this file, and
 * adds v_sqrt, v_fma, partial loads and stores, and the half conversions, which differ between instruction sets. */
#ifndef EK_KERNELS_VEC_H
#define EK_KERNELS_VEC_H

#include <stdint.h>
#include <string.h>

#define EK_VECTOR(type, lanes) type __attribute__((vector_size(sizeof(type) * (lanes))))
typedef EK_VECTOR(float, EK_F32_LANES) vf32;
typedef EK_VECTOR(int32_t, EK_F32_LANES) vi32;
typedef EK_VECTOR(uint32_t, EK_F32_LANES) vu32;
typedef EK_VECTOR(uint16_t, EK_F32_LANES) vu16; /* as many halves as vf32 has lanes */
typedef EK_VECTOR(double, EK_F64_LANES) vf64;
typedef EK_VECTOR(float, EK_F64_LANES) vf32_narrow; /* as many floats as vf64 has lanes */
typedef EK_VECTOR(int64_t, EK_F64_LANES) vi64;

/* In front of a loop over a few vectors in registers: it has to go, or they lie in memory. */
#ifdef __clang__
#define EK_UNROLL _Pragma("clang loop unroll(full)")
#else
#define EK_UNROLL _Pragma("GCC unroll 16")
#endif

/* Storage types: structures, so that the pointer type alone tells a load how to convert. */
typedef struct ek__bf16 {
  uint16_t bits;
} ek__bf16;
typedef struct ek__f16 {
  uint16_t bits;
} ek__f16;

/* All lanes x. (x - 0, not 0 + x: -0 must stay -0.) */
static inline vf32 v_set_f32(float x) { return x - (vf32){0}; }
static inline vf64 v_set_f64(double x) { return x - (vf64){0}; }

/* mask ? a : b in every lane. */
static inline vf32 v_select_f32(vi32 mask, vf32 a, vf32 b) { return (vf32)((mask & (vi32)a) | (~mask & (vi32)b)); }
static inline vf64 v_select_f64(vi64 mask, vf64 a, vf64 b) { return (vf64)((mask & (vi64)a) | (~mask & (vi64)b)); }

static inline vf32 v_and_f32(vf32 a, vf32 mask) { return (vf32)((vi32)a & (vi32)mask); }
static inline vf64 v_and_f64(vf64 a, vf64 mask) { return (vf64)((vi64)a & (vi64)mask); }

static inline vf32 v_abs_f32(vf32 a) { return (vf32)((vi32)a & INT32_MAX); }
static inline vf64 v_abs_f64(vf64 a) { return (vf64)((vi64)a & INT64_MAX); }

static inline vf32 v_load_f32(const float *p) {
  vf32 v;
  memcpy(&v, p, sizeof v);
  return v;
}
static inline vf64 v_load_f64(const double *p) {
  vf64 v;
  memcpy(&v, p, sizeof v);
  return v;
}
static inline void v_store_f32(float *p, vf32 v) { memcpy(p, &v, sizeof v); }
static inline void v_store_f64(double *p, vf64 v) { memcpy(p, &v, sizeof v); }

/* As many values as vf64 has lanes. */
static inline vf64 widen_f32(const float *p) {
  vf32_narrow v;
  memcpy(&v, p, sizeof v);
  return __builtin_convertvector(v, vf64);
}
static inline vf64 widen_f64(const double *p) { return v_load_f64(p); }

/* bfloat16 is the upper half of a float; rounded to nearest even on the way back, NaN stays NaN. */
#ifndef EK_HAS_BF16 /* an isa.h that has a shorter way */
static inline vf32 v_of_bf16(vu16 h) { return (vf32)(__builtin_convertvector(h, vu32) << 16); }
static inline vu16 v_to_bf16(vf32 v) {
  const vu32 bits = (vu32)v;
  const vu32 rounded = (bits + 0x7fffu + ((bits >> 16) & 1u)) >> 16;
  const vu32 quiet_nan = (bits >> 16) | 0x40u;
  const vu32 is_nan = (vu32)(v != v);
  return __builtin_convertvector((is_nan & quiet_nan) | (~is_nan & rounded), vu16);
}
#endif

/* A mask as bits, that of the first lane lowest, and a mask from them. */
#ifndef EK_HAS_BITS
static inline unsigned v_bits_f32(vi32 mask) {
  unsigned bits = 0;
  for (int i = 0; i < EK_F32_LANES; i++) bits |= ((unsigned)mask[i] & 1u) << i;
  return bits;
}
static inline unsigned v_bits_f64(vi64 mask) {
  unsigned bits = 0;
  for (int i = 0; i < EK_F64_LANES; i++) bits |= ((unsigned)mask[i] & 1u) << i;
  return bits;
}
#endif
#ifndef EK_HAS_OF_BITS
static inline vi32 v_of_bits_f32(unsigned bits) {
  vi32 lane = {0};
  for (int i = 0; i < EK_F32_LANES; i++) lane[i] = 1 << i;
  return (lane & (int32_t)bits) != 0;
}
static inline vi64 v_of_bits_f64(unsigned bits) {
  vi64 lane = {0};
  for (int i = 0; i < EK_F64_LANES; i++) lane[i] = 1 << i;
  return (lane & (int64_t)bits) != 0;
}
#endif

/* Where the set has no stores past the caches: ordinary ones, so that loops need not know. */
#ifndef EK_HAS_STREAM
static inline void v_stream_f32(float *p, vf32 v) { v_store_f32(p, v); }
static inline void v_stream_f64(double *p, vf64 v) { v_store_f64(p, v); }
static inline void v_stream_u16(uint16_t *p, vu16 v) { memcpy(p, &v, sizeof v); }
#endif

/* The sum of all lanes, in lane order. */
static inline double v_sum_f32(vf32 v) {
  double sum = 0;
  for (int i = 0; i < EK_F32_LANES; i++) sum += (double)v[i];
  return sum;
}
static inline double v_sum_f64(vf64 v) {
  double sum = 0;
  for (int i = 0; i < EK_F64_LANES; i++) sum += v[i];
  return sum;
}

#define v_select(mask, a, b) _Generic((a), vf32 : v_select_f32, vf64 : v_select_f64)(mask, a, b)
#define v_and(a, mask)       _Generic((a), vf32 : v_and_f32, vf64 : v_and_f64)(a, mask)
#define v_abs(a)             _Generic((a), vf32 : v_abs_f32, vf64 : v_abs_f64)(a)
#define v_sum(a)             _Generic((a), vf32 : v_sum_f32, vf64 : v_sum_f64)(a)
#define v_set(x)             _Generic((x), float : v_set_f32, double : v_set_f64)(x)
#define v_sqrt(a)            _Generic((a), vf32 : v_sqrt_f32, vf64 : v_sqrt_f64)(a)
/* a * b + c: rounded once where the set has the instruction, twice elsewhere. */
#define v_fma(a, b, c) _Generic((a), vf32 : v_fma_f32, vf64 : v_fma_f64)(a, b, c)

#define EK_BY_POINTER(p, name)                                                                                         \
  _Generic((p),                                                                                                        \
      const float *: name##_f32,                                                                                       \
      float *: name##_f32,                                                                                             \
      const double *: name##_f64,                                                                                      \
      double *: name##_f64,                                                                                            \
      const ek__bf16 *: name##_bf16,                                                                                   \
      ek__bf16 *: name##_bf16,                                                                                         \
      const ek__f16 *: name##_f16,                                                                                     \
      ek__f16 *: name##_f16)
/* A full vector from or to memory of any alignment, converted if the memory holds halves. */
#define v_load(p)     EK_BY_POINTER(p, v_load)(p)
#define v_store(p, v) EK_BY_POINTER(p, v_store)(p, v)
/* A store past the caches where the set has one, to memory aligned to the vector; v_stream_end, which only such sets
 * have, orders these stores before all that follow. */
#define v_stream(p, v) EK_BY_POINTER(p, v_stream)(p, v)
/* The first n lanes only, 0 <= n <= lanes: no other byte is touched, the other lanes of a loaded vector are zero. */
#define v_load_n(p, n)     EK_BY_POINTER(p, v_load_n)(p, n)
#define v_store_n(p, v, n) EK_BY_POINTER(p, v_store_n)(p, v, n)

#endif
