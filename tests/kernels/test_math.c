/* SPDX-License-Identifier: Apache-2.0 */
/* The float functions against libm in double, over a dense sample of all floats. */
#include "kernel_test.h"
#include "kernels/elementwise.h"

/* Bounds in ulp; a correctly rounded result has at most 0.5. The polynomials are within 0.1; what remains is the
 * rounding of the last operations: one for exp and log; exp's error, a sum, a division and a difference for tanh and
 * sigmoid. */
#define EXP_ULP     1.0
#define LOG_ULP     1.0
#define TANH_ULP    2.0
#define SIGMOID_ULP 2.5
#define RSQRT_ULP   1.5 /* a square root and a division, half an ulp of the larger binade each */

#define BLOCK  4096
#define STRIDE 2003u /* prime: 2.1 million floats, every exponent, all low bits */

static double sigmoid(double x) { return x < 0 ? exp(x) / (1 + exp(x)) : 1 / (1 + exp(-x)); }
static double rsqrt(double x) { return 1 / sqrt(x); }

static double worst_error(const ek_kernels *k, ek__unary_op op, const float *x, const double *want, float *worst_x) {
  float y[BLOCK];
  double worst = 0;
  ek__unary(k, EK_KERNELS_F32, 1, op, BLOCK, x, y);
  for (int i = 0; i < BLOCK; i++) {
    const double ulp = ulp_f32(y[i], want[i]);
    if (ulp > worst) worst = ulp, *worst_x = x[i];
  }
  return worst;
}

static void check(const char *name, ek__unary_op op, double (*reference)(double), double bound) {
  double worst[8] = {0}, want[BLOCK];
  float at[8] = {0}, x[BLOCK];
  for (uint64_t bits = 0; bits < UINT32_MAX;) {
    for (int i = 0; i < BLOCK; i++, bits += STRIDE) {
      const uint32_t pattern = (uint32_t)bits;
      memcpy(&x[i], &pattern, sizeof x[i]);
      want[i] = reference((double)x[i]);
    }
    for (int s = 0; ek_kernels_list(s) != NULL; s++) {
      const ek_kernels *k;
      float here = 0;
      if (ek_kernels_get(ek_kernels_list(s), &k) != EK_KERNELS_OK) continue;
      const double ulp = worst_error(k, op, x, want, &here);
      if (ulp > worst[s]) worst[s] = ulp, at[s] = here;
    }
  }
  for (int s = 0; ek_kernels_list(s) != NULL; s++) {
    print_message("%-8s %-7s %.3f ulp at %a\n", name, ek_kernels_list(s), worst[s], (double)at[s]);
    assert_true(worst[s] <= bound);
  }
}

static void functions_stay_within_their_bounds(void **state) {
  (void)state;
  check("exp", EK__EXP, exp, EXP_ULP);
  check("log", EK__LOG, log, LOG_ULP);
  check("tanh", EK__TANH, tanh, TANH_ULP);
  check("sigmoid", EK__SIGMOID, sigmoid, SIGMOID_ULP);
  check("rsqrt", EK__RSQRT, rsqrt, RSQRT_ULP);
}

static void special_values_on(const ek_kernels *k) {
  const float inf = INFINITY, tiny = 0x1p-149f;
  const float x[] = {0, -0.0f, inf, -inf, NAN, tiny, -tiny, 1, -1, 88.7228394f, -103.972084f, 1e30f, -1e30f};
  enum { N = sizeof x / sizeof x[0] };
  const struct {
    ek__unary_op op;
    double (*reference)(double);
  } cases[] = {{EK__EXP, exp}, {EK__LOG, log}, {EK__TANH, tanh}, {EK__SIGMOID, sigmoid}, {EK__RSQRT, rsqrt}};
  for (size_t c = 0; c < sizeof cases / sizeof cases[0]; c++) {
    float y[N];
    double x64[N], y64[N];
    for (int i = 0; i < N; i++) x64[i] = (double)x[i];
    ek__unary(k, EK_KERNELS_F32, 1, cases[c].op, N, x, y);
    ek__unary(k, EK_KERNELS_F64, 1, cases[c].op, N, x64, y64);
    for (int i = 0; i < N; i++) {
      const double want = cases[c].reference((double)x[i]);
      assert_true(ulp_f32(y[i], want) <= SIGMOID_ULP && ulp_f64(y64[i], want) <= SIGMOID_ULP);
      if (!isnan(want)) assert_int_equal(signbit(y[i]) != 0, signbit(want) != 0);
    }
  }
}

static void special_values(void **state) {
  (void)state;
  for_each_isa(special_values_on);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(functions_stay_within_their_bounds),
      cmocka_unit_test(special_values),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
