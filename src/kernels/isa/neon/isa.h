/* SPDX-License-Identifier: Apache-2.0 */
/* Sixteen bytes, fused multiply-add, float16 conversion: what every AArch64 processor has. Its stores past
 * the caches, STNP, are no more than a hint, and C has no way to them. */
#define EK_F32_LANES 4
#define EK_F64_LANES 2
#include "kernels/vec.h"

#include "kernels/isa/partial.h"

#include <arm_neon.h>
#include <stdbool.h>

static inline vf32 v_sqrt_f32(vf32 a) { return (vf32)vsqrtq_f32((float32x4_t)a); }
static inline vf64 v_sqrt_f64(vf64 a) { return (vf64)vsqrtq_f64((float64x2_t)a); }
static inline vf32 v_fma_f32(vf32 a, vf32 b, vf32 c) {
  return (vf32)vfmaq_f32((float32x4_t)c, (float32x4_t)a, (float32x4_t)b);
}
static inline vf64 v_fma_f64(vf64 a, vf64 b, vf64 c) {
  return (vf64)vfmaq_f64((float64x2_t)c, (float64x2_t)a, (float64x2_t)b);
}

static inline vf32 v_of_f16(vu16 h) { return (vf32)vcvt_f32_f16((float16x4_t)h); }
static inline vu16 v_to_f16(vf32 v) { return (vu16)vcvt_f16_f32((float32x4_t)v); }

#include "kernels/isa/halves.h"

static bool isa_usable(void) { return true; }
