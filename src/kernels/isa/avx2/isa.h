/* SPDX-License-Identifier: Apache-2.0 */
/* Thirty-two bytes, fused multiply-add, F16C. */
#define EK_F32_LANES 8
#define EK_F64_LANES 4
#define EK_HAS_BITS
#define EK_HAS_STREAM
#include "kernels/vec.h"

#include <cpuid.h>
#include <immintrin.h>
#include <stdbool.h>

static inline vf32 v_sqrt_f32(vf32 a) { return (vf32)_mm256_sqrt_ps((__m256)a); }
static inline vf64 v_sqrt_f64(vf64 a) { return (vf64)_mm256_sqrt_pd((__m256d)a); }
static inline vf32 v_fma_f32(vf32 a, vf32 b, vf32 c) { return (vf32)_mm256_fmadd_ps((__m256)a, (__m256)b, (__m256)c); }
static inline vf64 v_fma_f64(vf64 a, vf64 b, vf64 c) {
  return (vf64)_mm256_fmadd_pd((__m256d)a, (__m256d)b, (__m256d)c);
}

static inline __m256i isa_lanes_f32(int64_t n) { return (__m256i)((vi32){0, 1, 2, 3, 4, 5, 6, 7} < (int32_t)n); }
static inline __m256i isa_lanes_f64(int64_t n) { return (__m256i)((vi64){0, 1, 2, 3} < n); }
static inline vf32 v_load_n_f32(const float *p, int64_t n) { return (vf32)_mm256_maskload_ps(p, isa_lanes_f32(n)); }
static inline vf64 v_load_n_f64(const double *p, int64_t n) { return (vf64)_mm256_maskload_pd(p, isa_lanes_f64(n)); }
static inline void v_store_n_f32(float *p, vf32 v, int64_t n) { _mm256_maskstore_ps(p, isa_lanes_f32(n), (__m256)v); }
static inline void v_store_n_f64(double *p, vf64 v, int64_t n) { _mm256_maskstore_pd(p, isa_lanes_f64(n), (__m256d)v); }

static inline unsigned v_bits_f32(vi32 mask) { return (unsigned)_mm256_movemask_ps((__m256)mask); }
static inline unsigned v_bits_f64(vi64 mask) { return (unsigned)_mm256_movemask_pd((__m256d)mask); }

static inline vf32 v_of_f16(vu16 h) { return (vf32)_mm256_cvtph_ps((__m128i)h); }
static inline vu16 v_to_f16(vf32 v) { return (vu16)_mm256_cvtps_ph((__m256)v, _MM_FROUND_TO_NEAREST_INT); }

static inline void v_stream_f32(float *p, vf32 v) { _mm256_stream_ps(p, (__m256)v); }
static inline void v_stream_f64(double *p, vf64 v) { _mm256_stream_pd(p, (__m256d)v); }
static inline void v_stream_u16(uint16_t *p, vu16 v) { _mm_stream_si128((void *)p, (__m128i)v); }
static inline void v_stream_end(void) { _mm_sfence(); }

#include "kernels/isa/halves.h"

static bool isa_usable(void) {
  unsigned a, b, c, d; /* clang 14 has no name for F16C */
  return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") && __get_cpuid(1, &a, &b, &c, &d) &&
         (c & bit_F16C) != 0;
}
