/* SPDX-License-Identifier: Apache-2.0 */
/* AVX-512 with the instruction that rounds floats to bfloat16. */
#include "kernels/isa/avx512/vectors.h"

/* Nearest even, and NaN quiet, as in vec.h; but the instruction takes denormals for zeros, and so does not get them. A
 * value whose exponent is zero goes in with exponent one, where its last bit is worth the same, and comes out with one
 * less, whatever the bits: what rounds up to the smallest normal number becomes it. */
static inline vu16 v_to_bf16(vf32 v) {
  const __m512i bits = (__m512i)v, one = _mm512_set1_epi32(1 << 23);
  const __mmask16 low = _mm512_testn_epi32_mask(bits, _mm512_set1_epi32(0x7f800000));
  const __m256i half = (__m256i)_mm512_cvtneps_pbh((__m512)_mm512_mask_or_epi32(bits, low, bits, one));
  return (vu16)_mm256_mask_sub_epi16(half, low, half, _mm256_set1_epi16(1 << 7));
}

#include "kernels/isa/halves.h"

static bool isa_usable(void) { return isa_has_avx512() && __builtin_cpu_supports("avx512bf16"); }
