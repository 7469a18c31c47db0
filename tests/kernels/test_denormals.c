/* SPDX-License-Identifier: Apache-2.0 */
/* Denormal data is data: no kernel of any instruction set takes it for zero, reading or writing. */
#include "batch_norm_test.h"

/* Of the smallest denormal: one rounding to it at each of the at most four steps that reach so low. */
#define STEPS 4

/* The smallest denormal of a type; half an ulp of what is computed in. */
static real smallest(ek_kernels_type t) {
  return t == EK_KERNELS_F64    ? 0x1p-1074L
         : t == EK_KERNELS_F32  ? 0x1p-149L
         : t == EK_KERNELS_BF16 ? 0x1p-133L
                                : 0x1p-24L;
}
static real eps_of(ek_kernels_type t) { return t == EK_KERNELS_F64 ? 0x1p-53L : 0x1p-24L; }

static void close_to(const ek_kernels *k, const char *what, const bn_case *c, real got, real want, real room) {
  if (fabsl(got - want) <= room) return;
  print_error("%s type %d inner %lld %s: got %La, want %La, allowed %Lg\n", ek_kernels_name(k), (int)c->shape.type,
              (long long)c->shape.inner, what, got, want, room);
  fail();
}

static bn_case denormal_case(ek_kernels_type type, int64_t inner) {
  bn_case c = bn_case_new((ek_kernels_batch_norm_shape){type, .outer = 13, .channels = 21, .inner = inner}, 0, 1,
                          WITHOUT_SCALE | WITHOUT_OFFSET);
  uint64_t seed = 9;
  for (int64_t i = 0; i < 13 * 21 * inner; i++) {
    bn_set(type, c.x.data, i, (double)smallest(type) * floor(draw(&seed, 1, 100)));
    bn_set(type, c.dy.data, i, (double)smallest(type) * floor(draw(&seed, -100, 100)));
  }
  return c;
}

static void forward(const ek_kernels *k, const bn_case *c) {
  const ek_kernels_type t = c->shape.type;
  const real low = smallest(t), least = smallest(bn_param_type(t));
  bn_reference r = bn_reference_of(c);
  assert_int_equal(bn_train(c, k, 1), EK_KERNELS_OK);
  for (int64_t ch = 0; ch < c->shape.channels; ch++)
    close_to(k, "mean", c, (real)bn_param(c, c->mean, ch), r.base[ch] + r.mean[ch],
             STEPS * least + 80 * eps_of(t) * 100 * low);
  for (int64_t i = 0; i < c->shape.outer * c->shape.channels * c->shape.inner; i++)
    close_to(k, "y", c, (real)bn_value(t, c->y.data, i), r.y[i],
             32 * STEPS * least + low + (160 * eps_of(t) + (real)bn_storage_eps(t)) * 3200 * low);
  bn_round_statistics(c, &r);
  assert_int_equal(bn_infer(c, k, 1), EK_KERNELS_OK);
  for (int64_t i = 0; i < c->shape.outer * c->shape.channels * c->shape.inner; i++)
    close_to(k, "inference", c, (real)bn_value(t, c->y.data, i), bn_reference_infer(c, &r, i),
             32 * STEPS * least + low + (8 * eps_of(t) + (real)bn_storage_eps(t)) * 3200 * low);
  bn_reference_free(&r);
}

static void backward(const ek_kernels *k, bn_case *c) {
  const ek_kernels_type t = c->shape.type;
  const real low = smallest(t), least = smallest(bn_param_type(t));
  bn_reference r = bn_reference_of(c);
  bn_round_statistics(c, &r);
  for (c->frozen = 0; c->frozen < 2; c->frozen++) {
    bn_reference_grad(c, &r);
    assert_int_equal(bn_grad(c, k, 1), EK_KERNELS_OK);
    for (int64_t ch = 0; ch < c->shape.channels; ch++)
      close_to(k, "doffset", c, (real)bn_param(c, c->doffset, ch), r.doffset[ch],
               least + 80 * eps_of(t) * r.dy_size[ch]);
    for (int64_t i = 0; i < c->shape.outer * c->shape.channels * c->shape.inner; i++)
      close_to(k, "dx", c, (real)bn_value(t, c->dx.data, i), r.dx[i],
               32 * STEPS * least + low + (160 * eps_of(t) + (real)bn_storage_eps(t)) * 3200 * low);
  }
  bn_reference_free(&r);
}

static void denormals_on(const ek_kernels *k) {
  for (int t = EK_KERNELS_F32; t <= EK_KERNELS_F16; t++)
    for (int64_t inner = 1; inner < 20; inner += 18) {
      bn_case c = denormal_case((ek_kernels_type)t, inner);
      forward(k, &c), backward(k, &c);
      bn_case_free(&c);
    }
}
static void batch_norm_of_denormals(void **state) {
  (void)state;
  for_each_isa(denormals_on);
}

/* A sample a row, and one with channels last: y and dx are those of batch norm over one channel, within roundings. */
static void groups_on(const ek_kernels *k) {
  const float tiny = 0x1p-149f;
  float x[40], dy[40], y[40], dx[40], mean, variance;
  double workspace[1000];
  for (int i = 0; i < 40; i++) x[i] = tiny * (float)(i % 7 * 50), dy[i] = tiny * (float)(i % 5 * 60 - 120);
  for (int last = 0; last < 2; last++) {
    const ek_kernels_group_shape shape = {EK_KERNELS_F32, 1, last ? 8 : 40, last ? 5 : 1, 1, last};
    size_t bytes;
    assert_int_equal(ek_kernels_group_norm_workspace(&shape, &bytes), EK_KERNELS_OK);
    assert_true(bytes <= sizeof workspace);
    const ek_kernels_group_norm_args f = {.shape = shape,
                                          .epsilon = 1e-3,
                                          .x = x,
                                          .y = y,
                                          .mean = &mean,
                                          .variance = &variance,
                                          .workspace = workspace,
                                          .workspace_bytes = bytes};
    assert_int_equal(ek_kernels_group_norm(k, &f), EK_KERNELS_OK);
    const ek_kernels_group_norm_grad_args b = {.shape = shape,
                                               .epsilon = 1e-3,
                                               .x = x,
                                               .dy = dy,
                                               .mean = &mean,
                                               .variance = &variance,
                                               .dx = dx,
                                               .workspace = workspace,
                                               .workspace_bytes = bytes};
    assert_int_equal(ek_kernels_group_norm_grad(k, &b), EK_KERNELS_OK);
    double sum = 0, sum_dy = 0;
    for (int i = 0; i < 40; i++) sum += (double)x[i] / 40, sum_dy += (double)dy[i] / 40;
    const double slope = 1 / sqrt(1e-3), room = 32 * STEPS * 0x1p-149;
    assert_true(fabs((double)mean - sum) <= STEPS * 0x1p-149);
    for (int i = 0; i < 40; i++) {
      assert_true(fabs((double)y[i] - ((double)x[i] - sum) * slope) <= room);
      assert_true(fabs((double)dx[i] - ((double)dy[i] - sum_dy) * slope) <= room);
    }
    assert_true(y[6] > 0 && dx[4] > 0); /* not zeros all of them */
  }
}
static void group_norm_of_denormals(void **state) {
  (void)state;
  for_each_isa(groups_on);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(batch_norm_of_denormals),
      cmocka_unit_test(group_norm_of_denormals),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
