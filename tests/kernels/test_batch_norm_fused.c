/* SPDX-License-Identifier: Apache-2.0 */
/* Batch norm with what follows it in the same pass, against the same in passes of its own: the same bits, as long as
 * rounding to storage in between changes nothing. For that the slope of leaky ReLU is a power of two here. */
#include "batch_norm_test.h"
#include "kernels/caches.h"

static const ek_kernels *kernels;

typedef struct fused {
  bn_case c; /* y: without anything behind it */
  ek_kernels_activation activation;
  double alpha;
  guarded add, z, dz, dadd; /* what is added, what comes out, and their gradients; dz is c.dy behind the activation */
} fused;

static double slope_of(const fused *f, double y) {
  if (f->activation == EK_KERNELS_NO_ACTIVATION || y > 0) return 1;
  return f->activation == EK_KERNELS_RELU ? 0 : f->alpha;
}

static double value(const fused *f, guarded g, int64_t i) { return bn_value(f->c.shape.type, g.data, i); }

static fused fused_new(ek_kernels_batch_norm_shape shape, ek_kernels_activation activation) {
  fused f = {.c = bn_case_new(shape, 0.5, 1, 0), .activation = activation, .alpha = 0.25};
  guarded *const all[] = {&f.add, &f.z, &f.dz, &f.dadd};
  uint64_t seed = 99;
  for (size_t i = 0; i < 4; i++) *all[i] = guarded_new(f.c.x.bytes, i % 2 * bn_data_size(shape.type));
  for (int64_t i = 0; i < bn_values(&f.c); i++) {
    bn_set(shape.type, f.add.data, i, bn_real(&f.c, i) ? draw(&seed, -2, 2) : 0);
    bn_set(shape.type, f.c.dy.data, i, floor(value(&f, f.c.dy, i) * 64) / 64); /* a quarter of it is no denormal half */
  }
  return f;
}
static void fused_free(fused *f) {
  guarded_free(f->add), guarded_free(f->z), guarded_free(f->dz), guarded_free(f->dadd);
  bn_case_free(&f->c);
}

static void train(const fused *f, const void *x, const void *add, void *y) {
  ek_kernels_batch_norm_train_args args = bn_train_args(&f->c, 2);
  args.x = x, args.add = add, args.y = y, args.activation = f->activation, args.alpha = f->alpha;
  assert_int_equal(ek_kernels_batch_norm_train(kernels, &args), EK_KERNELS_OK);
}

static void infer(const fused *f, const void *add, void *y) {
  ek_kernels_batch_norm_infer_args args = bn_infer_args(&f->c, 2);
  args.add = add, args.y = y, args.activation = f->activation, args.alpha = f->alpha;
  assert_int_equal(ek_kernels_batch_norm_infer(kernels, &args), EK_KERNELS_OK);
}

static ek_kernels_code grad(const fused *f, const void *x, const void *y, const void *dy, void *dx, void *dadd) {
  ek_kernels_batch_norm_grad_args args = bn_grad_args(&f->c, 2);
  args.x = x, args.y = y, args.dy = dy, args.dx = dx, args.dadd = dadd;
  args.activation = f->activation, args.alpha = f->alpha;
  if (x == NULL) args.offset = f->c.offset.data;
  return ek_kernels_batch_norm_grad(kernels, &args);
}

/* What is added meets y before it is rounded to a half. */
static void expect_forward(const fused *f, bool added) {
  const ek_kernels_type t = f->c.shape.type;
  for (int64_t i = 0; i < bn_values(&f->c); i++) {
    const double sum = value(f, f->c.y, i) + (added ? value(f, f->add, i) : 0), want = sum * slope_of(f, sum);
    unsigned char rounded[8];
    bn_set(t, rounded, 0, t == EK_KERNELS_F32 ? (double)((float)sum * (float)slope_of(f, sum)) : want);
    const double room = added ? 2 * bn_storage_eps(t) * (fabs(value(f, f->c.y, i)) + fabs(sum)) : 0;
    const double denormal = t == EK_KERNELS_F16 ? 0x1p-24 : 0; /* a quarter of a half may need another rounding */
    assert_true(fabs(value(f, f->z, i) - bn_value(t, rounded, 0)) <= room + denormal);
  }
}

static void check_forward(fused *f, bool added) {
  const void *const add = added ? f->add.data : NULL;
  guarded copy = guarded_new(f->c.x.bytes, 0);
  assert_int_equal(bn_infer(&f->c, kernels, 1), EK_KERNELS_OK);
  infer(f, add, f->z.data);
  expect_forward(f, added);
  assert_int_equal(bn_train(&f->c, kernels, 1), EK_KERNELS_OK);
  train(f, f->c.x.data, add, f->z.data);
  expect_forward(f, added);
  if (copy.bytes > 0) memcpy(copy.data, f->c.x.data, copy.bytes);
  train(f, copy.data, add, copy.data); /* over x */
  bn_expect_same(copy, f->z);
  if (added) {
    if (copy.bytes > 0) memcpy(copy.data, f->add.data, copy.bytes);
    train(f, f->c.x.data, copy.data, copy.data); /* over what is added */
    bn_expect_same(copy, f->z);
  }
  guarded_free(copy);
}

static void check_backward(fused *f) {
  const ek_kernels_type t = f->c.shape.type;
  const int64_t n = bn_values(&f->c);
  guarded dx = guarded_new(f->c.x.bytes, 0), dscale = guarded_new(f->c.dscale.bytes, 0);
  for (int64_t i = 0; i < n; i++) {
    const double slope = slope_of(f, value(f, f->z, i));
    bn_set(t, f->dz.data, i, slope > 0 ? value(f, f->c.dy, i) * slope : 0); /* never -0 */
  }
  guarded plain = f->c.dy;
  f->c.dy = f->dz;
  assert_int_equal(bn_grad(&f->c, kernels, 1), EK_KERNELS_OK); /* the mask in a pass of its own */
  f->c.dy = plain;
  if (dscale.bytes > 0) memcpy(dscale.data, f->c.dscale.data, dscale.bytes);
  assert_int_equal(grad(f, f->c.x.data, f->z.data, f->c.dy.data, dx.data, f->dadd.data), EK_KERNELS_OK);
  bn_expect_same(dx, f->c.dx), bn_expect_same(dscale, f->c.dscale);
  for (int64_t i = 0; i < n; i++) assert_true(value(f, f->dadd, i) == value(f, f->dz, i));
  if (dx.bytes > 0) memcpy(dx.data, f->c.dy.data, dx.bytes), memcpy(f->dadd.data, f->z.data, dx.bytes);
  assert_int_equal(grad(f, f->c.x.data, f->dadd.data, dx.data, f->dadd.data, dx.data), EK_KERNELS_OK);
  bn_expect_same(f->dadd, f->c.dx); /* dx over y, dadd over dy */
  for (int64_t i = 0; i < n; i++) assert_true(value(f, dx, i) == value(f, f->dz, i));
  guarded_free(dx), guarded_free(dscale);
}

/* Without x. What was stored as y gives x - mean = (y / alpha - offset) / (scale * k) to within a few roundings of y
 * and offset, together below 8 here, scale being above 1/2: 64 of them, times the slope of dx and dy of at most 1.25.
 * Sums of dy * (x - mean) * k have 128 of them in every term, and the 70 of test_batch_norm.c: values are within 4
 * standard deviations. Without an activation alpha is 1. dx over y, as over any input, changes no bit. */
static void check_without_x(fused *f) {
  const ek_kernels_type t = f->c.shape.type;
  const bool activated = f->activation != EK_KERNELS_NO_ACTIVATION;
  const double eps = t == EK_KERNELS_F64 ? 0x1p-53 : t == EK_KERNELS_F32 ? 0x1p-24 : bn_storage_eps(t);
  const double count = (double)(f->c.shape.outer * f->c.shape.inner);
  guarded dx = guarded_new(f->c.x.bytes, 0), dscale = guarded_new(f->c.dscale.bytes, 0);
  guarded doffset = guarded_new(f->c.doffset.bytes, 0);
  assert_int_equal(grad(f, f->c.x.data, activated ? f->z.data : NULL, f->c.dy.data, f->c.dx.data, NULL), EK_KERNELS_OK);
  fused without = *f;
  without.c.dscale = dscale, without.c.doffset = doffset;
  assert_int_equal(grad(&without, NULL, f->z.data, f->c.dy.data, dx.data, NULL), EK_KERNELS_OK);
  bn_expect_same(doffset, f->c.doffset);
  for (int64_t c = 0; c < f->c.shape.channels; c++) {
    const double k = 1 / sqrt(bn_param(&f->c, f->c.variance, c) + f->c.epsilon);
    const double room = 1.25 * count * eps * (128 + fabs(bn_param(&f->c, f->c.mean, c)) * k + 70 * 4);
    const double off = fabs(bn_param(&f->c, dscale, c) - bn_param(&f->c, f->c.dscale, c));
    assert_true(count > 0 ? off <= room : off == 0);
  }
  for (int64_t i = 0; i < bn_values(&f->c); i++) {
    const int64_t c = bn_channel(&f->c, i);
    if (!bn_real(&f->c, i)) continue;
    const double k = 1 / sqrt(bn_param(&f->c, f->c.variance, c) + f->c.epsilon), slope = bn_scale(&f->c, c) * k;
    const double room = eps * slope * 1.25 * (64 + fabs(bn_param(&f->c, f->c.mean, c)) * k);
    assert_true(fabs(value(f, dx, i) - value(f, f->c.dx, i)) <= room);
  }
  if (dx.bytes > 0) memcpy(f->c.dx.data, f->z.data, dx.bytes);
  assert_int_equal(grad(f, NULL, f->c.dx.data, f->c.dy.data, f->c.dx.data, NULL), EK_KERNELS_OK);
  bn_expect_same(f->c.dx, dx);
  guarded_free(dx), guarded_free(dscale), guarded_free(doffset);
}

static void check(ek_kernels_batch_norm_shape shape) {
  for (int activation = EK_KERNELS_NO_ACTIVATION; activation <= EK_KERNELS_LEAKY_RELU; activation++) {
    fused f = fused_new(shape, (ek_kernels_activation)activation);
    check_forward(&f, true);
    if (activation != EK_KERNELS_NO_ACTIVATION) check_backward(&f);
    check_forward(&f, false);
    for (f.c.frozen = 0; f.c.frozen < 2 && activation != EK_KERNELS_NO_ACTIVATION; f.c.frozen++) check_backward(&f);
    for (f.c.frozen = 0; f.c.frozen < 2 && activation != EK_KERNELS_RELU; f.c.frozen++) check_without_x(&f);
    fused_free(&f);
  }
}

static void sizes_on(const ek_kernels *k) {
  kernels = k;
  for (int type = EK_KERNELS_F32; type <= EK_KERNELS_F16; type++) {
    const ek_kernels_type t = (ek_kernels_type)type;
    for (int64_t n = 0; n <= 2 * MAX_LANES + 1; n++) {
      check((ek_kernels_batch_norm_shape){t, 7, n, 1});
      check((ek_kernels_batch_norm_shape){t, 5, 2, n});
      check((ek_kernels_batch_norm_shape){t, 3, n, 5, 16});
    }
    check((ek_kernels_batch_norm_shape){t, 150, 270, 1});
    check((ek_kernels_batch_norm_shape){t, 9, 20, 49});
    check((ek_kernels_batch_norm_shape){t, 3, 17, 301});
  }
}
static void the_same_as_in_passes(void **state) {
  (void)state;
  for_each_isa(sizes_on);
}

static void far_on(const ek_kernels *k) {
  kernels = k;
  check((ek_kernels_batch_norm_shape){EK_KERNELS_F32, 70, 320, 1});
  check((ek_kernels_batch_norm_shape){EK_KERNELS_F32, 9, 32, 49});
  check((ek_kernels_batch_norm_shape){EK_KERNELS_BF16, 3, 20, 301});
  check((ek_kernels_batch_norm_shape){EK_KERNELS_F64, 2, 48, 50, 16});
  check((ek_kernels_batch_norm_shape){EK_KERNELS_F32, 2, 37, 1001});
  check((ek_kernels_batch_norm_shape){EK_KERNELS_BF16, 2, 48, 259, 16});
}
static void far_from_the_caches(void **state) {
  (void)state;
  ek__caches_assume((ek__cache_sizes){4096, 8192});
  for_each_isa(far_on);
  ek__caches_assume((ek__cache_sizes){0, 0});
}

static void special_values_on(const ek_kernels *k) {
  kernels = k;
  fused f = fused_new((ek_kernels_batch_norm_shape){EK_KERNELS_F32, 21, 5, 1}, EK_KERNELS_RELU);
  float *const x = (float *)(void *)f.c.x.data, *const mean = (float *)(void *)f.c.mean.data,
               *const z = (void *)f.z.data;
  for (int i = 0; i < 5; i++) mean[i] = 0, ((float *)(void *)f.c.variance.data)[i] = 1;
  x[0] = NAN, x[1] = -INFINITY, x[2] = INFINITY, x[3] = -1e30f, x[4] = 0;
  memset(f.c.offset.data, 0, f.c.offset.bytes);
  infer(&f, NULL, f.z.data);
  assert_true(isnan(z[0]) && z[1] == 0 && !signbit(z[1]) && isinf(z[2]) && z[3] == 0 && !signbit(z[3]) && z[4] == 0);
  f.activation = EK_KERNELS_LEAKY_RELU;
  infer(&f, NULL, f.z.data);
  assert_true(isnan(z[0]) && z[1] == -INFINITY && isinf(z[2]) && z[3] < -1e29f && z[4] == 0);
  fused_free(&f);
}
static void special_values(void **state) {
  (void)state;
  for_each_isa(special_values_on);
}

static void wrong_arguments_are_refused(void **state) {
  (void)state;
  kernels = NULL;
  fused f = fused_new((ek_kernels_batch_norm_shape){EK_KERNELS_F32, 21, 5, 1}, EK_KERNELS_RELU);
  const void *const x = f.c.x.data, *const dy = f.c.dy.data, *const z = f.z.data;
  void *const dx = f.c.dx.data, *const dadd = f.dadd.data;
  train(&f, x, NULL, f.z.data);
  assert_int_equal(grad(&f, x, NULL, dy, dx, NULL), EK_KERNELS_INVALID_ARGUMENT); /* y tells the side */
  assert_int_equal(grad(&f, NULL, z, dy, dx, NULL), EK_KERNELS_INVALID_ARGUMENT); /* ReLU forgets x */
  assert_int_equal(grad(&f, x, z, dy, NULL, dadd), EK_KERNELS_INVALID_ARGUMENT);  /* dadd comes with dx */
  assert_int_equal(grad(&f, x, z, dy, dx, dx), EK_KERNELS_INVALID_ARGUMENT);      /* two outputs */
  assert_int_equal(grad(&f, x, z, dy, dx, f.c.dx.data + 4), EK_KERNELS_OVERLAP);
  f.activation = EK_KERNELS_NO_ACTIVATION;
  assert_int_equal(grad(&f, x, z, dy, dx, dadd), EK_KERNELS_INVALID_ARGUMENT); /* it would be dy */
  f.activation = EK_KERNELS_LEAKY_RELU;
  assert_int_equal(grad(&f, NULL, z, dy, dx, dadd), EK_KERNELS_INVALID_ARGUMENT); /* x + what was added is gone */
  f.alpha = -0.5;
  assert_int_equal(grad(&f, x, z, dy, dx, NULL), EK_KERNELS_INVALID_ARGUMENT);
  f.alpha = (double)NAN;
  assert_int_equal(grad(&f, x, z, dy, dx, NULL), EK_KERNELS_INVALID_ARGUMENT);
  f.activation = (ek_kernels_activation)3;
  assert_int_equal(grad(&f, x, z, dy, dx, NULL), EK_KERNELS_INVALID_ARGUMENT);
  fused_free(&f);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(the_same_as_in_passes),
      cmocka_unit_test(far_from_the_caches),
      cmocka_unit_test(special_values),
      cmocka_unit_test(wrong_arguments_are_refused),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
