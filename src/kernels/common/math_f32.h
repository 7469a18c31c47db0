/* SPDX-License-Identifier: Apache-2.0 */
/* Elementary functions of float vectors. Each reduces its argument to a small interval, where a minimax polynomial is
 * off by less than 0.1 ulp; the last operation then adds a small correction to an exact or leading term, so most of the
 * error is its rounding. Bounds measured against double libm over a dense sample of all floats
 * (tests/kernels/test_math.c): exp 1 ulp, log 1 ulp, tanh 2 ulp, sigmoid 2.5 ulp. Denormal arguments and results,
 * infinities and NaN are as IEEE has them. */
#ifndef EK_KERNELS_MATH_F32_H
#define EK_KERNELS_MATH_F32_H

/* ln 2 in two parts: HIGH has 16 bits, so that HIGH times an exponent is exact. */
#define EK_LN2_HIGH 0x1.62e4p-1f
#define EK_LN2_LOW  0x1.7f7d1cp-20f

/* c[0] + c[1] x + ... */
static inline vf32 v_polynomial(vf32 x, const float *c, int degree) {
  vf32 sum = v_set(c[degree]);
  for (int i = degree - 1; i >= 0; i--) sum = v_fma(sum, x, v_set(c[i]));
  return sum;
}

/* exp(x) = 2^n exp(r), |r| <= ln(2)/2, exp(r) = 1 + (r + r^2 q(r)). 2^n is applied in two steps: n may exceed the
 * exponents of floats, and a denormal result must be rounded once. */
static inline vf32 v_exp_f32(vf32 x) {
  static const float q[] = {0x1.fffffcp-2f, 0x1.55549p-3f, 0x1.5558f6p-5f, 0x1.123aaep-7f, 0x1.6a22e4p-10f};
  x = v_select(x > 89.0f, v_set(89.0f), x);     /* Inf from 88.73 on */
  x = v_select(x < -104.0f, v_set(-104.0f), x); /* 0 from -103.98 on */
  const vf32 to_integer = v_set(0x1.8p23f);     /* its unit in the last place is 1 */
  const vf32 shifted = v_fma(x, v_set(0x1.715476p+0f), to_integer);
  const vf32 n = shifted - to_integer;
  const vf32 r = v_fma(n, v_set(-EK_LN2_LOW), v_fma(n, v_set(-EK_LN2_HIGH), x));
  const vf32 p = (r + r * r * v_polynomial(r, q, 4)) + 1.0f;
  const vi32 exponent = (vi32)shifted - (vi32)to_integer;
  const vi32 half = exponent >> 1;
  const vf32 scale1 = (vf32)((vu32)(half + 127) << 23), scale2 = (vf32)((vu32)(exponent - half + 127) << 23);
  return p * scale1 * scale2;
}

/* x = 2^e (1 + f), sqrt(1/2) <= 1 + f < sqrt(2); log(1 + f) = f - f^2/2 + f^3 p(f). */
static inline vf32 v_log_f32(vf32 x) {
  static const float p[] = {0x1.555554p-2f, -0x1.000226p-2f, 0x1.99a008p-3f, -0x1.547244p-3f,
                            0x1.22da1ep-3f, -0x1.0d8542p-3f, 0x1.055b68p-3f, -0x1.38b57cp-4f};
  const vi32 tiny = x < 0x1p-126f;
  const vf32 normal = v_select(tiny, x * 0x1p23f, x);
  const vi32 exponent = (vi32)((vu32)normal - 0x3f3504f3u) >> 23;
  const vf32 f = (vf32)((vu32)normal - ((vu32)exponent << 23)) - 1.0f;
  const vf32 e = __builtin_convertvector(exponent - (tiny & 23), vf32);
  const vf32 f2 = f * f;
  const vf32 correction = v_fma(e, v_set(EK_LN2_LOW), f2 * f * v_polynomial(f, p, 7)) - 0.5f * f2;
  vf32 y = v_fma(e, v_set(EK_LN2_HIGH), f + correction);
  y = v_select(x < INFINITY, y, x); /* Inf, NaN */
  y = v_select(x == 0.0f, v_set(-INFINITY), y);
  return v_select(x < 0.0f, v_set(NAN), y);
}

/* By the exponential of -|x|, which cannot overflow: e/(1+e) left of 0, 1/(1+e) right of it. */
static inline vf32 v_sigmoid_f32(vf32 x) {
  const vf32 e = v_exp_f32(-v_abs(x));
  return v_select(x < 0.0f, e, v_set(1.0f)) / (e + 1.0f);
}

/* x + x^3 p(x^2) near 0, 1 - 2/(exp(2x) + 1) elsewhere, for |x|; then the sign. */
static inline vf32 v_tanh_f32(vf32 x) {
  static const float p[] = {-0x1.555532p-2f, 0x1.110726p-3f, -0x1.b83c5ap-5f, 0x1.52269cp-6f, -0x1.75e1cep-8f};
  const vf32 a = v_abs(x), z = a * a;
  const vf32 near = a + a * z * v_polynomial(z, p, 4);
  const vf32 far = 1.0f - 2.0f / (v_exp_f32(a + a) + 1.0f);
  const vf32 y = v_select(a < 0.625f, near, far);
  return (vf32)((vi32)y | ((vi32)x & INT32_MIN));
}

#endif
