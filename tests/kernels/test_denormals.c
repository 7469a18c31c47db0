/* SPDX-License-Identifier: Apache-2.0 */
/* Denormal data is data: no kernel of any instruction set takes it for zero, reading or writing. */
#include "axes_test.h"

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

static bn_case denormal_case(ek_kernels_batch_norm_shape shape) {
  bn_case c = bn_case_new(shape, 0, 1, WITHOUT_SCALE | WITHOUT_OFFSET);
  uint64_t seed = 9;
  for (int64_t i = 0; i < bn_values(&c); i++) {
    bn_set(shape.type, c.x.data, i, (double)smallest(shape.type) * floor(draw(&seed, 1, 100)));
    bn_set(shape.type, c.dy.data, i, (double)smallest(shape.type) * floor(draw(&seed, -100, 100)));
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
  for (int64_t i = 0; i < bn_values(c); i++)
    close_to(k, "y", c, (real)bn_value(t, c->y.data, i), r.y[i],
             32 * STEPS * least + low + (160 * eps_of(t) + (real)bn_storage_eps(t)) * 3200 * low);
  bn_round_statistics(c, &r);
  assert_int_equal(bn_infer(c, k, 1), EK_KERNELS_OK);
  for (int64_t i = 0; i < bn_values(c); i++)
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
    for (int64_t i = 0; i < bn_values(c); i++)
      close_to(k, "dx", c, (real)bn_value(t, c->dx.data, i), r.dx[i],
               32 * STEPS * least + low + (160 * eps_of(t) + (real)bn_storage_eps(t)) * 3200 * low);
  }
  bn_reference_free(&r);
}

static void denormals_on(const ek_kernels *k) {
  for (int t = EK_KERNELS_F32; t <= EK_KERNELS_F16; t++)
    for (int64_t inner = 1; inner < 20; inner += 18) {
      bn_case c = denormal_case((ek_kernels_batch_norm_shape){(ek_kernels_type)t, 13, 21, inner});
      forward(k, &c), backward(k, &c);
      bn_case_free(&c);
    }
}
static void batch_norm_of_denormals(void **state) {
  (void)state;
  for_each_isa(denormals_on);
}

/* y and dx of another kernel that are, `times` times over, what batch norm of the case has. */
static void same_as(const ek_kernels *k, const char *what, const bn_case *c, int times, const void *y, const void *dx) {
  const ek_kernels_type t = c->shape.type;
  const real low = smallest(t), least = smallest(bn_param_type(t));
  const real room = 32 * STEPS * least + low + (160 * eps_of(t) + (real)bn_storage_eps(t)) * 3200 * low;
  bn_reference r = bn_reference_of(c);
  for (int64_t i = 0; i < times * bn_values(c); i++)
    close_to(k, what, c, (real)bn_value(t, y, i), r.y[i % bn_values(c)], room);
  bn_round_statistics(c, &r);
  bn_reference_grad(c, &r);
  for (int64_t i = 0; i < times * bn_values(c); i++)
    close_to(k, what, c, (real)bn_value(t, dx, i), r.dx[i % bn_values(c)], room);
  assert_true(bn_value(t, y, 1) != 0 && bn_value(t, dx, 1) != 0); /* not zeros all of them */
  bn_reference_free(&r);
}

/* With the statistics that batch norm gives. A sample in a row, and one with channels last. */
static void group_norm_of(const ek_kernels *k, bn_case *c) {
  for (int last = 0; last < 2; last++) {
    const ek_kernels_group_shape shape = {c->shape.type, 1, last ? 8 : 40, last ? 5 : 1, 1, last};
    size_t bytes;
    assert_int_equal(ek_kernels_group_norm_workspace(&shape, &bytes), EK_KERNELS_OK);
    const guarded workspace = guarded_new(bytes, 8);
    const ek_kernels_group_norm_args f = {.shape = shape,
                                          .epsilon = c->epsilon,
                                          .x = c->x.data,
                                          .y = c->y.data,
                                          .mean = c->mean.data,
                                          .variance = c->variance.data,
                                          .workspace = workspace.data,
                                          .workspace_bytes = bytes};
    const ek_kernels_group_norm_grad_args b = {.shape = shape,
                                               .epsilon = c->epsilon,
                                               .x = c->x.data,
                                               .dy = c->dy.data,
                                               .mean = c->mean.data,
                                               .variance = c->variance.data,
                                               .dx = c->dx.data,
                                               .workspace = workspace.data,
                                               .workspace_bytes = bytes};
    assert_int_equal(ek_kernels_group_norm(k, &f), EK_KERNELS_OK);
    assert_int_equal(ek_kernels_group_norm_grad(k, &b), EK_KERNELS_OK);
    same_as(k, last ? "group norm, channels last" : "group norm", c, 1, c->y.data, c->dx.data);
    guarded_free(workspace);
  }
}

/* With weights of 1. */
static void weighted_of(const ek_kernels *k, bn_case *c) {
  const float ones[13] = {1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1};
  const double wide_ones[13] = {1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1};
  const void *const weights = c->shape.type == EK_KERNELS_F64 ? (const void *)wide_ones : ones;
  size_t train, grad;
  assert_int_equal(ek_kernels_weighted_train_workspace(&c->shape, &train), EK_KERNELS_OK);
  assert_int_equal(ek_kernels_weighted_grad_workspace(&c->shape, &grad), EK_KERNELS_OK);
  const guarded workspace = guarded_new(train > grad ? train : grad, 8);
  const ek_kernels_weighted_train_args f = {.shape = c->shape,
                                            .batch = 13,
                                            .epsilon = c->epsilon,
                                            .x = c->x.data,
                                            .weights = weights,
                                            .y = c->y.data,
                                            .mean = c->mean.data,
                                            .variance = c->variance.data,
                                            .workspace = workspace.data,
                                            .workspace_bytes = workspace.bytes};
  const ek_kernels_weighted_grad_args b = {.shape = c->shape,
                                           .batch = 13,
                                           .epsilon = c->epsilon,
                                           .x = c->x.data,
                                           .dy = c->dy.data,
                                           .weights = weights,
                                           .mean = c->mean.data,
                                           .variance = c->variance.data,
                                           .dx = c->dx.data,
                                           .workspace = workspace.data,
                                           .workspace_bytes = workspace.bytes};
  assert_int_equal(ek_kernels_weighted_train(k, &f), EK_KERNELS_OK);
  assert_int_equal(ek_kernels_weighted_grad(k, &b), EK_KERNELS_OK);
  same_as(k, "weighted", c, 1, c->y.data, c->dx.data);
  guarded_free(workspace);
}

/* The case twice, one behind the other, each with statistics of its own. */
static void axes_of(const ek_kernels *k, bn_case *c) {
  const ek_kernels_axes axes = {
      .type = c->shape.type, .rank = 4, .sizes = {2, 13, 21, c->shape.inner}, .kept = 5, .shared = 1};
  axes_case twice = axes_case_new(axes, 0, 1, WITHOUT_SCALE | WITHOUT_OFFSET);
  for (size_t i = 0; i < 2; i++) {
    memcpy(twice.x.data + i * c->x.bytes, c->x.data, c->x.bytes);
    memcpy(twice.dy.data + i * c->dy.bytes, c->dy.data, c->dy.bytes);
  }
  assert_true(axes_train(&twice, k, 1) == EK_KERNELS_OK && axes_grad(&twice, k, 1) == EK_KERNELS_OK);
  same_as(k, "axes", c, 2, twice.y.data, twice.dx.data);
  axes_case_free(&twice);
}

static void other_norms_on(const ek_kernels *k) {
  for (int t = EK_KERNELS_F32; t <= EK_KERNELS_F16; t++) {
    for (int64_t inner = 1; inner < 20; inner += 18) {
      bn_case c = denormal_case((ek_kernels_batch_norm_shape){(ek_kernels_type)t, 13, 21, inner});
      assert_int_equal(bn_train(&c, k, 1), EK_KERNELS_OK);
      axes_of(k, &c), weighted_of(k, &c);
      bn_case_free(&c);
    }
    bn_case one = denormal_case((ek_kernels_batch_norm_shape){(ek_kernels_type)t, 40, 1, 1});
    group_norm_of(k, &one);
    bn_case_free(&one);
  }
}
static void other_norms_of_denormals(void **state) {
  (void)state;
  for_each_isa(other_norms_on);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(batch_norm_of_denormals),
      cmocka_unit_test(other_norms_of_denormals),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
