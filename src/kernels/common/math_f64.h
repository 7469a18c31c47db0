/* SPDX-License-Identifier: Apache-2.0 */
/* Elementary functions of double vectors: libm's, lane by lane. And the names that choose by type. */
#ifndef EK_KERNELS_MATH_F64_H
#define EK_KERNELS_MATH_F64_H

#define EK_LANE_BY_LANE(name)                                                                                          \
  static inline vf64 v_##name##_f64(vf64 x) {                                                                          \
    for (int i = 0; i < EK_F64_LANES; i++) x[i] = name(x[i]);                                                          \
    return x;                                                                                                          \
  }
EK_LANE_BY_LANE(exp)
EK_LANE_BY_LANE(log)
EK_LANE_BY_LANE(tanh)
#undef EK_LANE_BY_LANE

static inline vf64 v_sigmoid_f64(vf64 x) {
  const vf64 e = v_exp_f64(-v_abs(x));
  return v_select(x < 0.0, e, v_set(1.0)) / (e + 1.0);
}

#define v_exp(a)     _Generic((a), vf32 : v_exp_f32, vf64 : v_exp_f64)(a)
#define v_log(a)     _Generic((a), vf32 : v_log_f32, vf64 : v_log_f64)(a)
#define v_tanh(a)    _Generic((a), vf32 : v_tanh_f32, vf64 : v_tanh_f64)(a)
#define v_sigmoid(a) _Generic((a), vf32 : v_sigmoid_f32, vf64 : v_sigmoid_f64)(a)

#endif
