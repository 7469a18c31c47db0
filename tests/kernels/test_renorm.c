/* SPDX-License-Identifier: Apache-2.0 */
/* Batch renormalization: the numbers of TensorFlow, the formulas with every clipping and type, and its gradients. */
#include "batch_norm_test.h"

/* One value a channel is made in double and rounded once; a few units of double for the order of things. */
#define F32_EPS 0x1p-24
#define F64_EPS 0x1p-50

enum { CHANNELS = 5 };

typedef struct renorm_case {
  double mean[CHANNELS], variance[CHANNELS], scale[CHANNELS], offset[CHANNELS]; /* given */
  double renorm_mean[CHANNELS], renorm_stddev[CHANNELS];
  double moving_mean[CHANNELS], moving_stddev[CHANNELS], moving_variance[CHANNELS];
  double r[CHANNELS], d[CHANNELS], renorm_scale[CHANNELS], renorm_offset[CHANNELS];
} renorm_case;
enum { ARRAYS = sizeof(renorm_case) / sizeof(double[CHANNELS]) };

/* The call on arrays of the type, which are copied there and back. */
static ek_kernels_code renorm(ek_kernels_type type, renorm_case *c, const double *rmin, const double *rmax,
                              const double *dmax) {
  guarded g[ARRAYS];
  double(*const rows)[CHANNELS] = (double(*)[CHANNELS])(void *)c;
  const ek_kernels_type ptype = bn_param_type(type);
  for (int i = 0; i < ARRAYS; i++) {
    g[i] = guarded_new(CHANNELS * bn_param_size(type), bn_param_size(type));
    for (int k = 0; k < CHANNELS; k++) bn_set(ptype, g[i].data, k, rows[i][k]);
  }
  const ek_kernels_renorm_args args = {.type = type,
                                       .channels = CHANNELS,
                                       .epsilon = 1e-3,
                                       .mean = g[0].data,
                                       .variance = g[1].data,
                                       .rmin = rmin,
                                       .rmax = rmax,
                                       .dmax = dmax,
                                       .scale = g[2].data,
                                       .offset = g[3].data,
                                       .r = g[9].data,
                                       .d = g[10].data,
                                       .renorm_scale = g[11].data,
                                       .renorm_offset = g[12].data,
                                       .renorm_mean = g[4].data,
                                       .renorm_stddev = g[5].data,
                                       .renorm_decay = 0.125,
                                       .moving_mean = g[6].data,
                                       .moving_stddev = g[7].data,
                                       .moving_variance = g[8].data,
                                       .decay = 0.25};
  const ek_kernels_code code = ek_kernels_renorm(&args);
  for (int i = 0; i < ARRAYS; i++) {
    for (int k = 0; k < CHANNELS; k++) rows[i][k] = bn_value(ptype, g[i].data, k);
    guarded_free(g[i]);
  }
  return code;
}

static renorm_case case_new(ek_kernels_type type) {
  renorm_case c;
  uint64_t seed = 3;
  for (int k = 0; k < CHANNELS; k++) {
    double *const all[] = {&c.mean[k],        &c.variance[k],      &c.scale[k],
                           &c.offset[k],      &c.renorm_mean[k],   &c.renorm_stddev[k],
                           &c.moving_mean[k], &c.moving_stddev[k], &c.moving_variance[k]};
    for (int i = 0; i < 9; i++) {
      *all[i] = draw(&seed, i == 0 || i == 3 || i == 4 ? -2 : 0.25, 2);
      if (type != EK_KERNELS_F64) *all[i] = (double)(float)*all[i];
    }
    c.r[k] = c.d[k] = c.renorm_scale[k] = c.renorm_offset[k] = 0;
  }
  c.renorm_stddev[1] = 0, c.variance[2] = 0, c.moving_stddev[2] = 0; /* held up by epsilon */
  return c;
}

static void near_to(ek_kernels_type type, double got, double want) {
  const double room = (type == EK_KERNELS_F64 ? F64_EPS : F32_EPS) * (fabs(want) + (type == EK_KERNELS_F64 ? 1 : 0));
  if (fabs(got - want) <= room) return;
  print_error("got %a, want %a\n", got, want);
  fail();
}

static void check(ek_kernels_type type, const double *rmin, const double *rmax, const double *dmax) {
  const renorm_case was = case_new(type);
  renorm_case c = was;
  assert_int_equal(renorm(type, &c, rmin, rmax, dmax), EK_KERNELS_OK);
  for (int k = 0; k < CHANNELS; k++) {
    const double s = sqrt(was.variance[k] + 1e-3), t = fmax(was.renorm_stddev[k], sqrt(1e-3));
    double r = s / t, d = (was.mean[k] - was.renorm_mean[k]) / t;
    if (rmin != NULL) r = fmax(r, *rmin);
    if (rmax != NULL) r = fmin(r, *rmax);
    if (dmax != NULL) d = fmin(fmax(d, -*dmax), *dmax);
    near_to(type, c.r[k], r), near_to(type, c.d[k], d);
    near_to(type, c.renorm_scale[k], r * was.scale[k]);
    near_to(type, c.renorm_offset[k], d * was.scale[k] + was.offset[k]);
    near_to(type, c.renorm_mean[k], was.renorm_mean[k] - (was.renorm_mean[k] - was.mean[k]) * 0.125);
    near_to(type, c.renorm_stddev[k], was.renorm_stddev[k] - (was.renorm_stddev[k] - s) * 0.125);
    near_to(type, c.moving_mean[k], was.moving_mean[k] - (was.moving_mean[k] - was.mean[k]) * 0.25);
    near_to(type, c.moving_stddev[k], was.moving_stddev[k] - (was.moving_stddev[k] - s) * 0.25);
    near_to(type, c.moving_variance[k], fmax(c.moving_stddev[k] * c.moving_stddev[k] - 1e-3, 0));
  }
}

static void every_clipping(void **state) {
  (void)state;
  const double low = 0.75, high = 1.25, step = 0.5;
  for (int t = EK_KERNELS_F32; t <= EK_KERNELS_F16; t++)
    for (int i = 0; i < 8; i++)
      check((ek_kernels_type)t, i & 1 ? &low : NULL, i & 2 ? &high : NULL, i & 4 ? &step : NULL);
}

/* x = [1, 2, 3, 4], all else as it starts: r = 1.11848111, d = 2.5, and the first step reproduces x. */
static void first_step_of_tensorflow(void **state) {
  (void)state;
  const float x[] = {1, 2, 3, 4}, want[] = {1, 2, 3, 4};
  float y[4], mean, variance, r, d, scale, offset, renorm_mean = 0, renorm_stddev = 1;
  const ek_kernels_batch_norm_shape shape = {EK_KERNELS_F32, 4, 1, 1};
  double workspace[256];
  ek_kernels_batch_norm_train_args train = {.shape = shape, .x = x, .mean = &mean, .variance = &variance};
  train.workspace = workspace, train.workspace_bytes = sizeof workspace;
  assert_int_equal(ek_kernels_batch_norm_train(NULL, &train), EK_KERNELS_OK);
  const ek_kernels_renorm_args renorm_args = {.type = EK_KERNELS_F32,
                                              .channels = 1,
                                              .epsilon = 1e-3,
                                              .mean = &mean,
                                              .variance = &variance,
                                              .r = &r,
                                              .d = &d,
                                              .renorm_scale = &scale,
                                              .renorm_offset = &offset,
                                              .renorm_mean = &renorm_mean,
                                              .renorm_stddev = &renorm_stddev};
  assert_int_equal(ek_kernels_renorm(&renorm_args), EK_KERNELS_OK);
  assert_true(fabs((double)r - 1.11848111) < 1e-6 && d == 2.5f && scale == r && offset == d);
  assert_true(renorm_mean == 0 && renorm_stddev == 1); /* renorm_decay is 0 */
  const ek_kernels_batch_norm_infer_args infer = {.shape = shape,
                                                  .epsilon = 1e-3,
                                                  .x = x,
                                                  .scale = &scale,
                                                  .offset = &offset,
                                                  .mean = &mean,
                                                  .variance = &variance,
                                                  .y = y,
                                                  .workspace = workspace,
                                                  .workspace_bytes = sizeof workspace};
  assert_int_equal(ek_kernels_batch_norm_infer(NULL, &infer), EK_KERNELS_OK);
  for (int i = 0; i < 4; i++) assert_true(fabsf(y[i] - want[i]) < 1e-5f);
}

/* y_i = (xhat_i * r + d) * g: its gradient by g is sum(dy * (xhat * r + d)). */
static void gradients(void **state) {
  (void)state;
  const float r[] = {1.5f, 0.5f}, d[] = {-1, 2}, doffset[] = {3, 4};
  float dscale[] = {2, -6};
  ek_kernels_renorm_grad_args a = {EK_KERNELS_F32, 2, r, d, doffset, dscale};
  assert_int_equal(ek_kernels_renorm_grad(&a), EK_KERNELS_OK);
  assert_true(dscale[0] == 0 && dscale[1] == 5);
  const double r64 = 1.5, d64 = -1, doffset64 = 3;
  double dscale64 = 2;
  a = (ek_kernels_renorm_grad_args){EK_KERNELS_F64, 1, &r64, &d64, &doffset64, &dscale64};
  assert_int_equal(ek_kernels_renorm_grad(&a), EK_KERNELS_OK);
  assert_true(dscale64 == 0);
}

enum { BLOCKED_CHANNELS = 21 };

/* A step in training: statistics, renormalization, y and the gradients. */
static void step(const bn_case *c, float *r, float *d) {
  ek_kernels_batch_norm_train_args train = bn_train_args(c, 1);
  float stddev[BLOCKED_CHANNELS], mean[BLOCKED_CHANNELS] = {0};
  for (int k = 0; k < BLOCKED_CHANNELS; k++) stddev[k] = 1;
  train.y = NULL;
  assert_int_equal(ek_kernels_batch_norm_train(NULL, &train), EK_KERNELS_OK);
  const ek_kernels_renorm_args args = {.type = EK_KERNELS_F32,
                                       .channels = BLOCKED_CHANNELS,
                                       .epsilon = c->epsilon,
                                       .mean = c->mean.data,
                                       .variance = c->variance.data,
                                       .r = r,
                                       .d = d,
                                       .renorm_scale = c->scale.data,
                                       .renorm_offset = c->offset.data,
                                       .renorm_mean = mean,
                                       .renorm_stddev = stddev};
  assert_int_equal(ek_kernels_renorm(&args), EK_KERNELS_OK);
  assert_int_equal(bn_infer(c, NULL, 1), EK_KERNELS_OK);
  assert_int_equal(bn_grad(c, NULL, 1), EK_KERNELS_OK);
  const ek_kernels_renorm_grad_args grad = {EK_KERNELS_F32, BLOCKED_CHANNELS, r, d, c->doffset.data, c->dscale.data};
  assert_int_equal(ek_kernels_renorm_grad(&grad), EK_KERNELS_OK);
}

/* Value i of blocks in an array of pictures; what fills blocks up is 0. */
static double in_pictures(const bn_case *blocks, guarded pictures, int64_t i) {
  const int64_t inner = blocks->shape.inner, image = i / (bn_stored(&blocks->shape) * inner);
  const int64_t at = (image * BLOCKED_CHANNELS + bn_channel(blocks, i)) * inner + i / 16 % inner;
  return bn_real(blocks, i) ? bn_value(EK_KERNELS_F32, pictures.data, at) : 0;
}

static void close_to(double got, double want) { assert_true(fabs(got - want) <= 1e-5 * (1 + fabs(want))); }

/* Renormalization knows channels only, and what is before and behind it any layout: nChw16c has what NCHW has. */
static void blocks_of_channels(void **state) {
  (void)state;
  bn_case pictures = bn_case_new((ek_kernels_batch_norm_shape){EK_KERNELS_F32, 4, BLOCKED_CHANNELS, 9}, 0.5, 1, 0);
  bn_case blocks = bn_case_new((ek_kernels_batch_norm_shape){EK_KERNELS_F32, 4, BLOCKED_CHANNELS, 9, 16}, 0.5, 1, 0);
  float r[2][BLOCKED_CHANNELS], d[2][BLOCKED_CHANNELS];
  for (int64_t i = 0; i < bn_values(&blocks); i++) {
    bn_set(EK_KERNELS_F32, blocks.x.data, i, in_pictures(&blocks, pictures.x, i));
    bn_set(EK_KERNELS_F32, blocks.dy.data, i, in_pictures(&blocks, pictures.dy, i));
  }
  step(&pictures, r[0], d[0]), step(&blocks, r[1], d[1]);
  for (int64_t i = 0; i < bn_values(&blocks); i++) {
    close_to(bn_value(EK_KERNELS_F32, blocks.y.data, i), in_pictures(&blocks, pictures.y, i));
    close_to(bn_value(EK_KERNELS_F32, blocks.dx.data, i), in_pictures(&blocks, pictures.dx, i));
  }
  for (int64_t c = 0; c < BLOCKED_CHANNELS; c++) {
    close_to(bn_param(&blocks, blocks.dscale, c), bn_param(&pictures, pictures.dscale, c));
    close_to((double)r[1][c], (double)r[0][c]), close_to((double)d[1][c], (double)d[0][c]);
  }
  bn_case_free(&pictures), bn_case_free(&blocks);
}

static void wrong_arguments_are_refused(void **state) {
  (void)state;
  float a[2] = {1, 2}, b[2] = {1, 2}, m[2] = {0, 0}, s[2] = {7, 7};
  const ek_kernels_renorm_args good = {.type = EK_KERNELS_F32,
                                       .channels = 2,
                                       .mean = a,
                                       .variance = b,
                                       .renorm_mean = m,
                                       .renorm_stddev = s,
                                       .renorm_decay = 1};
  ek_kernels_renorm_args bad = good;
  assert_int_equal(ek_kernels_renorm(NULL), EK_KERNELS_INVALID_ARGUMENT);
  bad.channels = -1;
  assert_int_equal(ek_kernels_renorm(&bad), EK_KERNELS_INVALID_ARGUMENT);
  bad = good, bad.type = (ek_kernels_type)4;
  assert_int_equal(ek_kernels_renorm(&bad), EK_KERNELS_INVALID_ARGUMENT);
  bad = good, bad.mean = NULL;
  assert_int_equal(ek_kernels_renorm(&bad), EK_KERNELS_INVALID_ARGUMENT);
  bad = good, bad.renorm_stddev = NULL;
  assert_int_equal(ek_kernels_renorm(&bad), EK_KERNELS_INVALID_ARGUMENT);
  bad = good, bad.moving_variance = s;
  assert_int_equal(ek_kernels_renorm(&bad), EK_KERNELS_INVALID_ARGUMENT);
  bad = good, bad.r = b;
  assert_int_equal(ek_kernels_renorm(&bad), EK_KERNELS_OVERLAP);
  assert_true(s[0] == 7 && m[0] == 0);
  ek_kernels_renorm_grad_args grad = {EK_KERNELS_F32, 2, a, b, m, NULL};
  assert_int_equal(ek_kernels_renorm_grad(NULL), EK_KERNELS_INVALID_ARGUMENT);
  assert_int_equal(ek_kernels_renorm_grad(&grad), EK_KERNELS_INVALID_ARGUMENT);
  grad.dscale = m;
  assert_int_equal(ek_kernels_renorm_grad(&grad), EK_KERNELS_OVERLAP);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(every_clipping),     cmocka_unit_test(first_step_of_tensorflow),    cmocka_unit_test(gradients),
      cmocka_unit_test(blocks_of_channels), cmocka_unit_test(wrong_arguments_are_refused),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
