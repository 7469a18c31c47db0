/* SPDX-License-Identifier: Apache-2.0 */
/* What a set without instructions of its own uses: partial vectors byte by byte, multiply-add with two roundings,
 * float16 by integer arithmetic. Included by isa.h, after vec.h. */
static inline vf32 v_fma_f32(vf32 a, vf32 b, vf32 c) { return a * b + c; }
static inline vf64 v_fma_f64(vf64 a, vf64 b, vf64 c) { return a * b + c; }

static inline vf32 v_load_n_f32(const float *p, int64_t n) {
  vf32 v = {0};
  memcpy(&v, p, (size_t)n * sizeof *p);
  return v;
}
static inline vf64 v_load_n_f64(const double *p, int64_t n) {
  vf64 v = {0};
  memcpy(&v, p, (size_t)n * sizeof *p);
  return v;
}
static inline void v_store_n_f32(float *p, vf32 v, int64_t n) { memcpy(p, &v, (size_t)n * sizeof *p); }
static inline void v_store_n_f64(double *p, vf64 v, int64_t n) { memcpy(p, &v, (size_t)n * sizeof *p); }

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
