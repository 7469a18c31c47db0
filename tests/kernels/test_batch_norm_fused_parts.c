/* SPDX-License-Identifier: Apache-2.0 */
/* An addition and an activation behind the parts: scale and shift alone do what inference does, and the two halves of
 * the gradients what they do in one call, bit by bit. Every instruction set, type, layout, size around the vector
 * length. */
#include "batch_norm_test.h"

static const ek_kernels *kernels;

/* Inference with mean 0, variance 0 and epsilon 1 has scale and offset as its coefficients. */
static void check_apply(const bn_case *c, ek_kernels_activation activation, const void *add) {
  guarded zeros = guarded_new(c->mean.bytes, 0), y = guarded_new(c->y.bytes, 0);
  if (zeros.bytes > 0) memset(zeros.data, 0, zeros.bytes);
  ek_kernels_batch_norm_infer_args infer = bn_infer_args(c, 1);
  infer.mean = infer.variance = zeros.data, infer.epsilon = 1;
  infer.add = add, infer.activation = activation, infer.alpha = 0.25;
  assert_int_equal(ek_kernels_batch_norm_infer(kernels, &infer), EK_KERNELS_OK);
  const ek_kernels_batch_norm_apply_args args = {.shape = c->shape,
                                                 .x = c->x.data,
                                                 .a = c->scale.data,
                                                 .b = c->offset.data,
                                                 .y = y.data,
                                                 .add = add,
                                                 .activation = activation,
                                                 .alpha = 0.25,
                                                 .workspace = c->workspace.data,
                                                 .workspace_bytes = c->workspace.bytes,
                                                 .threads = 2};
  assert_int_equal(ek_kernels_batch_norm_apply(kernels, &args), EK_KERNELS_OK);
  bn_expect_same(y, c->y);
  if (add != NULL && y.bytes > 0) { /* over what is added */
    memcpy(y.data, add, y.bytes);
    ek_kernels_batch_norm_apply_args over = args;
    over.add = y.data;
    assert_int_equal(ek_kernels_batch_norm_apply(kernels, &over), EK_KERNELS_OK);
    bn_expect_same(y, c->y);
  }
  guarded_free(zeros), guarded_free(y);
}

typedef struct halves {
  ek_kernels_batch_norm_grad_sums_args sums;
  ek_kernels_batch_norm_grad_dx_args dx;
} halves;

static ek_kernels_code run_halves(const halves *h) {
  const ek_kernels_code code = ek_kernels_batch_norm_grad_sums(kernels, &h->sums);
  return code != EK_KERNELS_OK ? code : ek_kernels_batch_norm_grad_dx(kernels, &h->dx);
}

/* Of c, whose y training wrote with this activation. */
static halves halves_of(const bn_case *c, ek_kernels_activation activation, guarded dx, guarded dadd, guarded sums) {
  double *const sum_dy = (double *)(void *)sums.data, *const sum_dy_xc = sum_dy + c->shape.channels;
  halves h = {bn_grad_sums_args(c, sum_dy, sum_dy_xc, 2), bn_grad_dx_args(c, sum_dy, sum_dy_xc, 2)};
  h.sums.activation = h.dx.activation = activation;
  h.sums.alpha = h.dx.alpha = 0.25;
  h.sums.y = h.dx.y = c->y.data;
  h.dx.dx = dx.data, h.dx.dadd = dadd.data;
  return h;
}

static void train(const bn_case *c, ek_kernels_activation activation) {
  ek_kernels_batch_norm_train_args args = bn_train_args(c, 1);
  args.activation = activation, args.alpha = 0.25;
  assert_int_equal(ek_kernels_batch_norm_train(kernels, &args), EK_KERNELS_OK);
}

static void check_halves(const bn_case *c, ek_kernels_activation activation) {
  guarded dx = guarded_new(c->dx.bytes, 0), dadd = guarded_new(c->dx.bytes, 0),
          whole_dadd = guarded_new(c->dx.bytes, 0);
  guarded dscale = guarded_new(c->dscale.bytes, 0), doffset = guarded_new(c->doffset.bytes, 0);
  guarded sums = guarded_new(2 * (size_t)c->shape.channels * sizeof(double), 0);
  train(c, activation);
  ek_kernels_batch_norm_grad_args whole = bn_grad_args(c, 1);
  whole.activation = activation, whole.alpha = 0.25, whole.y = c->y.data, whole.dadd = whole_dadd.data;
  whole.dscale = dscale.data, whole.doffset = doffset.data;
  assert_int_equal(ek_kernels_batch_norm_grad(kernels, &whole), EK_KERNELS_OK);
  const halves h = halves_of(c, activation, dx, dadd, sums);
  assert_int_equal(run_halves(&h), EK_KERNELS_OK);
  bn_expect_same(dx, c->dx), bn_expect_same(dadd, whole_dadd);
  bn_expect_same(dscale, c->dscale), bn_expect_same(doffset, c->doffset);
  guarded_free(dx), guarded_free(dadd), guarded_free(whole_dadd);
  guarded_free(dscale), guarded_free(doffset), guarded_free(sums);
}

static void check(ek_kernels_batch_norm_shape shape) {
  bn_case c = bn_case_new(shape, 0.5, 1, 0);
  for (int activation = EK_KERNELS_NO_ACTIVATION; activation <= EK_KERNELS_LEAKY_RELU; activation++) {
    check_apply(&c, (ek_kernels_activation)activation, NULL);
    check_apply(&c, (ek_kernels_activation)activation, c.dy.data);
    if (activation != EK_KERNELS_NO_ACTIVATION) check_halves(&c, (ek_kernels_activation)activation);
  }
  bn_case_free(&c);
}

static void sizes_on(const ek_kernels *k) {
  kernels = k;
  for (int type = EK_KERNELS_F32; type <= EK_KERNELS_F16; type++) {
    const ek_kernels_type t = (ek_kernels_type)type;
    for (int64_t n = 1; n <= 2 * MAX_LANES + 1; n++) {
      check((ek_kernels_batch_norm_shape){t, 7, n, 1});
      check((ek_kernels_batch_norm_shape){t, 5, 2, n});
      check((ek_kernels_batch_norm_shape){t, 3, n, 5, 16});
    }
    check((ek_kernels_batch_norm_shape){t, 150, 270, 1});
    check((ek_kernels_batch_norm_shape){t, 3, 17, 301});
  }
}
static void the_same_as_whole(void **state) {
  (void)state;
  for_each_isa(sizes_on);
}

static void wrong_arguments_are_refused(void **state) {
  (void)state;
  kernels = NULL;
  bn_case c = bn_case_new((ek_kernels_batch_norm_shape){EK_KERNELS_F32, 40, 21, 1}, 0.5, 1, 0);
  guarded dadd = guarded_new(c.dx.bytes, 0), sums = guarded_new(2 * 21 * sizeof(double), 0);
  train(&c, EK_KERNELS_RELU);
  const halves good = halves_of(&c, EK_KERNELS_RELU, c.dx, dadd, sums);
  halves bad = good;
  assert_int_equal(run_halves(&good), EK_KERNELS_OK);
  bad = good, bad.sums.y = NULL;
  assert_int_equal(run_halves(&bad), EK_KERNELS_INVALID_ARGUMENT);
  bad = good, bad.dx.y = NULL;
  assert_int_equal(run_halves(&bad), EK_KERNELS_INVALID_ARGUMENT);
  bad = good, bad.dx.dx = NULL; /* dadd comes with dx */
  assert_int_equal(run_halves(&bad), EK_KERNELS_INVALID_ARGUMENT);
  bad = good, bad.dx.dadd = c.dx.data + 4;
  assert_int_equal(run_halves(&bad), EK_KERNELS_OVERLAP);
  bad = good, bad.sums.activation = (ek_kernels_activation)3;
  assert_int_equal(run_halves(&bad), EK_KERNELS_INVALID_ARGUMENT);
  ek_kernels_batch_norm_apply_args args = {.shape = c.shape,
                                           .x = c.x.data,
                                           .y = c.y.data,
                                           .activation = EK_KERNELS_LEAKY_RELU,
                                           .alpha = -1,
                                           .workspace = c.workspace.data,
                                           .workspace_bytes = c.workspace.bytes};
  assert_int_equal(ek_kernels_batch_norm_apply(NULL, &args), EK_KERNELS_INVALID_ARGUMENT);
  args.alpha = 0.5, args.add = c.y.data + 4;
  assert_int_equal(ek_kernels_batch_norm_apply(NULL, &args), EK_KERNELS_OVERLAP);
  guarded_free(dadd), guarded_free(sums);
  bn_case_free(&c);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(the_same_as_whole),
      cmocka_unit_test(wrong_arguments_are_refused),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
