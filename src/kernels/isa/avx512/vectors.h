/* SPDX-License-Identifier: Apache-2.0 */
/* Sixty-four bytes, masks, fused multiply-add, float16 conversion: what the sets with AVX-512 share. */
#define EK_F32_LANES 16
#define EK_F64_LANES 8
#define EK_HAS_BF16
#define EK_HAS_BITS
#define EK_HAS_STREAM
#define EK_HAS_OF_BITS
#include "kernels/vec.h"

#include <immintrin.h>
#include <stdbool.h>

static inline vf32 v_sqrt_f32(vf32 a) { return (vf32)_mm512_sqrt_ps((__m512)a); }
static inline vf64 v_sqrt_f64(vf64 a) { return (vf64)_mm512_sqrt_pd((__m512d)a); }
static inline vf32 v_fma_f32(vf32 a, vf32 b, vf32 c) { return (vf32)_mm512_fmadd_ps((__m512)a, (__m512)b, (__m512)c); }
static inline vf64 v_fma_f64(vf64 a, vf64 b, vf64 c) {
  return (vf64)_mm512_fmadd_pd((__m512d)a, (__m512d)b, (__m512d)c);
}

static inline __mmask16 isa_lanes(int64_t n) { return (__mmask16)((1u << n) - 1u); }
static inline vf32 v_load_n_f32(const float *p, int64_t n) { return (vf32)_mm512_maskz_loadu_ps(isa_lanes(n), p); }
static inline vf64 v_load_n_f64(const double *p, int64_t n) {
  return (vf64)_mm512_maskz_loadu_pd((__mmask8)isa_lanes(n), p);
}
static inline void v_store_n_f32(float *p, vf32 v, int64_t n) { _mm512_mask_storeu_ps(p, isa_lanes(n), (__m512)v); }
static inline void v_store_n_f64(double *p, vf64 v, int64_t n) {
  _mm512_mask_storeu_pd(p, (__mmask8)isa_lanes(n), (__m512d)v);
}

static inline unsigned v_bits_f32(vi32 mask) { return _mm512_movepi32_mask((__m512i)mask); }
static inline unsigned v_bits_f64(vi64 mask) { return _mm512_movepi64_mask((__m512i)mask); }
static inline vi32 v_of_bits_f32(unsigned bits) { return (vi32)_mm512_movm_epi32((__mmask16)bits); }
static inline vi64 v_of_bits_f64(unsigned bits) { return (vi64)_mm512_movm_epi64((__mmask8)bits); }

static inline vf32 v_of_f16(vu16 h) { return (vf32)_mm512_cvtph_ps((__m256i)h); }
static inline vu16 v_to_f16(vf32 v) { return (vu16)_mm512_cvtps_ph((__m512)v, _MM_FROUND_TO_NEAREST_INT); }

static inline void v_stream_f32(float *p, vf32 v) { _mm512_stream_ps(p, (__m512)v); }
static inline void v_stream_f64(double *p, vf64 v) { _mm512_stream_pd(p, (__m512d)v); }
static inline void v_stream_u16(uint16_t *p, vu16 v) { _mm256_stream_si256((void *)p, (__m256i)v); }
static inline void v_stream_end(void) { _mm_sfence(); }

static inline vf32 v_of_bf16(vu16 h) { return (vf32)_mm512_slli_epi32(_mm512_cvtepu16_epi32((__m256i)h), 16); }

static inline bool isa_has_avx512(void) {
  return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
         __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl");
}
