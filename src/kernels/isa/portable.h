/* SPDX-License-Identifier: Apache-2.0 */
/* What a set without instructions of its own uses: multiply-add with two roundings, float16 by integer arithmetic, and
 * partial vectors value by value. Included by isa.h, after vec.h. */
#include "kernels/isa/partial.h"

static inline vf32 v_fma_f32(vf32 a, vf32 b, vf32 c) { return a * b + c; }
static inline vf64 v_fma_f64(vf64 a, vf64 b, vf64 c) { return a * b + c; }

/* Seen as a float, the bits of a half with its exponent moved up to where float has it are 2^112 too small. The product
 * is exact, denormal halves included; Inf and NaN get the exponent that they lack. */
static inline vf32 v_of_f16(vu16 h) {
  const vu32 bits = __builtin_convertvector(h, vu32);
  const vu32 magnitude = (bits & 0x7fffu) << 13;
  const vu32 special = (vu32)(magnitude >= 0x7c00u << 13) & 0x7f800000u;
  const vf32 scaled = (vf32)magnitude * 0x1p112f;
  return (vf32)((vu32)scaled | special | ((bits & 0x8000u) << 16));
}

/* Nearest even. Below 2^-14 the last bit of |v| + 0.5 is worth 2^-24, the unit of denormal halves: the addition rounds.
 */
static inline vu16 v_to_f16(vf32 v) {
  const vu32 bits = (vu32)v, rest = bits & 0x7fffffffu;
  const vu32 normal = (rest - 0x38000000u + 0xfffu + ((rest >> 13) & 1u)) >> 13;
  const vu32 denormal = (vu32)((vf32)rest + 0.5f) - 0x3f000000u;
  const vu32 nan = 0x7e00u | ((rest >> 13) & 0x3ffu);
  const vu32 is_denormal = (vu32)(rest < 0x38800000u), is_inf = (vu32)(rest >= 0x477ff000u);
  const vu32 is_nan = (vu32)(rest > 0x7f800000u);
  vu32 half = (is_denormal & denormal) | (~is_denormal & normal);
  half = (is_inf & 0x7c00u) | (~is_inf & half);
  half = (is_nan & nan) | (~is_nan & half);
  return __builtin_convertvector(half | ((bits >> 16) & 0x8000u), vu16);
}
