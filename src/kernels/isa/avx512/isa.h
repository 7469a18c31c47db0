/* SPDX-License-Identifier: Apache-2.0 */
/* AVX-512 without instructions for bfloat16. */
#include "kernels/isa/avx512/vectors.h"

/* As in vec.h, NaN by a mask. */
static inline vu16 v_to_bf16(vf32 v) {
  const __m512i bits = (__m512i)v, upper = _mm512_srli_epi32(bits, 16);
  const __m512i odd = _mm512_and_si512(upper, _mm512_set1_epi32(1));
  const __m512i up = _mm512_add_epi32(_mm512_add_epi32(bits, odd), _mm512_set1_epi32(0x7fff));
  const __mmask16 is_nan = _mm512_cmp_ps_mask((__m512)v, (__m512)v, _CMP_UNORD_Q);
  const __m512i half = _mm512_mask_or_epi32(_mm512_srli_epi32(up, 16), is_nan, upper, _mm512_set1_epi32(0x40));
  return (vu16)_mm512_cvtepi32_epi16(half);
}

#include "kernels/isa/halves.h"

static bool isa_usable(void) { return isa_has_avx512(); }
