/* SPDX-License-Identifier: Apache-2.0 */
/* Optimizer updates: TensorFlow's golden numbers, and every set, type and size against the formulas in double. */
#include "kernel_test.h"
#include "kernels/elementwise.h"

/* Up to twelve roundings, each within half an ulp of values no larger than 4; the difference of two of them may be
 * small. */
#define ROUNDINGS 12

static const ek_kernels *kernels;

/* One element; s[0] is the variable. The formulas of TensorFlow's kernels. */
static void reference(ek__update_op op, double *s, double g, const double *h) {
  switch (op) {
  case EK__GRADIENT_DESCENT: s[0] -= g * h[0]; return;
  case EK__MOMENTUM: s[1] = s[1] * h[1] + g, s[0] -= s[1] * h[0]; return;
  case EK__NESTEROV: s[1] = s[1] * h[1] + g, s[0] -= g * h[0] + s[1] * h[1] * h[0]; return;
  case EK__ADAM:
    s[1] += (g - s[1]) * (1 - h[3]), s[2] += (g * g - s[2]) * (1 - h[4]);
    s[0] -= s[1] * (h[2] * sqrt(1 - h[1]) / (1 - h[0])) / (sqrt(s[2]) + h[5]);
    return;
  case EK__RMS_PROP:
    s[1] += (g * g - s[1]) * (1 - h[1]), s[2] = s[2] * h[2] + g * h[0] / sqrt(s[1] + h[3]), s[0] -= s[2];
    return;
  case EK__CENTERED_RMS_PROP:
    s[2] += (g * g - s[2]) * (1 - h[1]), s[1] += (g - s[1]) * (1 - h[1]);
    s[3] = s[3] * h[2] + g * h[0] / sqrt(s[2] - s[1] * s[1] + h[3]), s[0] -= s[3];
    return;
  case EK__ADAGRAD: s[1] += g * g, s[0] -= g * h[0] / sqrt(s[1]); return;
  case EK__UPDATE_COUNT: fail();
  }
}

static const int slots_of[] = {0, 1, 1, 2, 2, 3, 1};
static const double hypers[][EK__UPDATE_HYPERS] = {{0.125},
                                                   {0.125, 0.875},
                                                   {0.125, 0.875},
                                                   {0.875, 0.96875, 0.125, 0.875, 0.96875, 0.0009765625},
                                                   {0.125, 0.875, 0.5, 0.0009765625},
                                                   {0.125, 0.875, 0.5, 0.0009765625},
                                                   {0.125}};

static void update_of(ek_kernels_type type, ek__update_op op, int64_t n, int threads, guarded *keep) {
  const size_t size = type == EK_KERNELS_F32 ? 4 : 8;
  guarded arrays[1 + EK__UPDATE_SLOTS], grad = guarded_new((size_t)n * size, size);
  void *data[1 + EK__UPDATE_SLOTS];
  double(*want)[4] = calloc((size_t)n + 1, sizeof *want);
  uint64_t seed = 11;
  for (int a = 0; a <= slots_of[op]; a++)
    arrays[a] = guarded_new((size_t)n * size, (size_t)a * size), data[a] = arrays[a].data;
  for (int64_t i = 0; i < n; i++) {
    /* slots: mg stays below sqrt(ms) */
    const double v[4] = {draw(&seed, -2, 2), draw(&seed, 0.125, 0.5), draw(&seed, 0.5, 1), draw(&seed, -1, 1)};
    const double g = draw(&seed, -1, 1);
    for (int a = 0; a <= slots_of[op]; a++) {
      if (type == EK_KERNELS_F32)
        ((float *)data[a])[i] = (float)v[a], want[i][a] = (double)(float)v[a];
      else
        ((double *)data[a])[i] = v[a], want[i][a] = v[a];
    }
    if (type == EK_KERNELS_F32)
      ((float *)(void *)grad.data)[i] = (float)g;
    else
      ((double *)(void *)grad.data)[i] = g;
    reference(op, want[i], type == EK_KERNELS_F32 ? (double)(float)g : g, hypers[op]);
  }
  ek__update(kernels, type, threads, op, n, data, grad.data, hypers[op]);
  const double room = ROUNDINGS * (type == EK_KERNELS_F32 ? 0x1p-24 : 0x1p-53) * 4;
  for (int64_t i = 0; i < n; i++)
    for (int a = 0; a <= slots_of[op]; a++) {
      const double got = type == EK_KERNELS_F32 ? (double)((float *)data[a])[i] : ((double *)data[a])[i];
      if (fabs(got - want[i][a]) <= room) continue;
      print_error("%s update %d array %d [%lld]: got %a, want %a\n", ek_kernels_name(kernels), (int)op, a, (long long)i,
                  got, want[i][a]);
      fail();
    }
  for (int a = 1; a <= slots_of[op]; a++) guarded_free(arrays[a]);
  guarded_free(grad), free(want);
  *keep = arrays[0];
}

static void updates_on(const ek_kernels *k) {
  kernels = k;
  guarded var;
  for (ek_kernels_type type = EK_KERNELS_F32; type <= EK_KERNELS_F64; type++)
    for (int op = 0; op < EK__UPDATE_COUNT; op++) {
      for (int64_t n = 0; n <= 2 * MAX_LANES + 1; n++)
        update_of(type, (ek__update_op)op, n, 1, &var), guarded_free(var);
      guarded more[4];
      static const int threads[] = {1, 2, 3, 8};
      for (int t = 0; t < 4; t++) update_of(type, (ek__update_op)op, 70001, threads[t], &more[t]);
      for (int t = 1; t < 4; t++) assert_memory_equal(more[0].data, more[t].data, more[0].bytes);
      for (int t = 0; t < 4; t++) guarded_free(more[t]);
    }
}

static void every_update_size_and_thread_count(void **state) {
  (void)state;
  for_each_isa(updates_on);
}

/* w = 1, gradient 0.5, two steps: numbers of real TensorFlow. */
static void two_steps(const ek_kernels *k, ek__update_op op, const double *h, double ms, const double *want) {
  float var = 1, slots[3] = {(float)ms, 0, 0};
  const float grad = 0.5f;
  void *const arrays[] = {&var, &slots[0], &slots[1], &slots[2]};
  double hyper[EK__UPDATE_HYPERS];
  memcpy(hyper, h, sizeof hyper);
  for (int step = 0; step < 2; step++) {
    ek__update(k, EK_KERNELS_F32, 1, op, 1, arrays, &grad, hyper);
    assert_true(fabs((double)var - want[step]) < 2e-7);
    if (op == EK__ADAM) hyper[0] *= hyper[3], hyper[1] *= hyper[4];
  }
}

static void golden_on(const ek_kernels *k) {
  two_steps(k, EK__ADAM, (const double[6]){0.9, 0.999, 0.001, 0.9, 0.999, 1e-8}, 0, (const double[]){0.999, 0.998});
  two_steps(k, EK__MOMENTUM, (const double[6]){0.1, 0.9}, 0, (const double[]){0.95, 0.855});
  two_steps(k, EK__NESTEROV, (const double[6]){0.1, 0.9}, 0, (const double[]){0.905, 0.7695});
  two_steps(k, EK__RMS_PROP, (const double[6]){0.1, 0.9, 0, 1e-10}, 1, (const double[]){0.9480125, 0.8940176});
  two_steps(k, EK__ADAGRAD, (const double[6]){0.1}, 0.1, (const double[]){0.9154846, 0.8509349});
}

static void golden_numbers(void **state) {
  (void)state;
  for_each_isa(golden_on);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(every_update_size_and_thread_count),
      cmocka_unit_test(golden_numbers),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
