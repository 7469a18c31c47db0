/* SPDX-License-Identifier: Apache-2.0 */
/* Batch norm with weights: every instruction set, type, layout, size around the vector length against long double. */
#include "batch_norm_test.h"

/* As in test_batch_norm.c: 64 additions in T and a few terms more, of which a weight is one; dx has two roundings more.
 */
#define SUM_EPS  74.0L
#define DATA_EPS 160.0L

static const ek_kernels *kernels;

typedef struct weighted_case {
  bn_case c;
  int64_t batch;
  guarded weights, workspace;
} weighted_case;

static real eps_of(const bn_case *c) { return c->shape.type == EK_KERNELS_F64 ? 0x1p-53L : 0x1p-24L; }

static real weight_of(const weighted_case *w, int64_t i) {
  const ek_kernels_batch_norm_shape *const s = &w->c.shape;
  const int64_t row = i / (bn_stored(s) * s->inner);
  return (real)bn_value(bn_param_type(s->type), w->weights.data, row / (s->outer / w->batch));
}

/* Weights in eighths, about every third 0: what is in those rows is NaN. */
static weighted_case weighted_case_new(ek_kernels_batch_norm_shape shape, int64_t batch, double mean) {
  const unsigned without = (unsigned)shape.outer % 4; /* scale, offset */
  weighted_case w = {.c = bn_case_new(shape, mean, 1, without), .batch = batch};
  const size_t size = bn_param_size(shape.type);
  size_t train, grad;
  uint64_t seed = 5;
  w.weights = guarded_new((size_t)batch * size, size);
  for (int64_t i = 0; i < batch; i++) {
    const double v = draw(&seed, -1, 2);
    bn_set(bn_param_type(shape.type), w.weights.data, i, v < 0 && i != batch / 2 ? 0 : ceil(fabs(v) * 8) / 8);
  }
  assert_int_equal(ek_kernels_weighted_train_workspace(&shape, &train), EK_KERNELS_OK);
  assert_int_equal(ek_kernels_weighted_grad_workspace(&shape, &grad), EK_KERNELS_OK);
  w.workspace = guarded_new(train > grad ? train : grad, 8);
  for (int64_t i = 0; i < bn_values(&w.c); i++)
    if (weight_of(&w, i) == 0 && bn_real(&w.c, i)) bn_set(shape.type, w.c.x.data, i, i % 5 == 0 ? NAN : 300);
  return w;
}
static void weighted_case_free(weighted_case *w) {
  bn_case_free(&w->c);
  guarded_free(w->weights), guarded_free(w->workspace);
}

static guarded moving_mean, moving_variance; /* none while their data is NULL */

static ek_kernels_code train(const weighted_case *w, int threads) {
  return ek_kernels_weighted_train(
      kernels, &(ek_kernels_weighted_train_args){.shape = w->c.shape,
                                                 .batch = w->batch,
                                                 .epsilon = w->c.epsilon,
                                                 .x = w->c.x.data,
                                                 .weights = w->weights.data,
                                                 .scale = w->c.without & WITHOUT_SCALE ? NULL : w->c.scale.data,
                                                 .offset = w->c.without & WITHOUT_OFFSET ? NULL : w->c.offset.data,
                                                 .y = w->c.y.data,
                                                 .mean = w->c.mean.data,
                                                 .variance = w->c.variance.data,
                                                 .moving_mean = moving_mean.data,
                                                 .moving_variance = moving_variance.data,
                                                 .decay = 0.25,
                                                 .workspace = w->workspace.data,
                                                 .workspace_bytes = w->workspace.bytes,
                                                 .threads = threads});
}

static ek_kernels_code grad(const weighted_case *w, int threads) {
  return ek_kernels_weighted_grad(
      kernels, &(ek_kernels_weighted_grad_args){.shape = w->c.shape,
                                                .batch = w->batch,
                                                .epsilon = w->c.epsilon,
                                                .x = w->c.x.data,
                                                .dy = w->c.dy.data,
                                                .weights = w->weights.data,
                                                .scale = w->c.without & WITHOUT_SCALE ? NULL : w->c.scale.data,
                                                .mean = w->c.mean.data,
                                                .variance = w->c.variance.data,
                                                .dx = w->c.dx.data,
                                                .dscale = w->c.dscale.data,
                                                .doffset = w->c.doffset.data,
                                                .workspace = w->workspace.data,
                                                .workspace_bytes = w->workspace.bytes,
                                                .threads = threads});
}

static void close_to(const char *what, const weighted_case *w, real got, real want, real room) {
  const real off = fabsl(got - want);
  if (off == 0 || off <= room || (isnan(got) && isnan(want))) return;
  print_error("%s type %d [%lld, %lld, %lld] of %lld: %s: got %La, want %La, off by %Lg, allowed %Lg\n",
              ek_kernels_name(kernels), (int)w->c.shape.type, (long long)w->c.shape.outer,
              (long long)w->c.shape.channels, (long long)w->c.shape.inner, (long long)w->batch, what, got, want, off,
              room);
  fail();
}

/* What rounding to storage may do: to a multiple of 2^-24 where a float16 is denormal. */
static real storage(const bn_case *c, real want) {
  const real denormal = c->shape.type == EK_KERNELS_F16 ? 0x1p-25L : 0;
  return (real)bn_storage_eps(c->shape.type) * fabsl(want) + denormal;
}

static real x_of(const weighted_case *w, int64_t i) { return (real)bn_value(w->c.shape.type, w->c.x.data, i); }

typedef struct reference {
  real *base, *mean, *variance, *deviation, *total; /* [channels]; means relative to base */
} reference;

static reference reference_of(const weighted_case *w) {
  const bn_case *const c = &w->c;
  const int64_t n = c->shape.channels;
  real *const m = calloc((size_t)(5 * n) + 1, sizeof *m);
  const reference r = {m, m + n, m + 2 * n, m + 3 * n, m + 4 * n};
  for (int64_t i = 0; i < bn_values(c); i++) {
    if (!bn_real(c, i)) continue;
    r.total[bn_channel(c, i)] += weight_of(w, i);
    if (weight_of(w, i) > 0) r.base[bn_channel(c, i)] = x_of(w, i);
  }
  for (int pass = 0; pass < 2; pass++)
    for (int64_t i = 0; i < bn_values(c); i++) {
      const int64_t k = bn_channel(c, i);
      if (weight_of(w, i) == 0 || !bn_real(c, i)) continue;
      const real share = weight_of(w, i) / r.total[k], d = x_of(w, i) - r.base[k];
      if (pass == 0)
        r.mean[k] += share * d;
      else
        r.variance[k] += share * (d - r.mean[k]) * (d - r.mean[k]), r.deviation[k] += share * fabsl(d - r.mean[k]);
    }
  return r;
}

static void check_train(const weighted_case *w) {
  const bn_case *const c = &w->c;
  const real eps = eps_of(c);
  const reference r = reference_of(w);
  assert_int_equal(train(w, 1), EK_KERNELS_OK);
  for (int64_t k = 0; k < c->shape.channels; k++) {
    const real want = r.base[k] + r.mean[k];
    close_to("mean", w, (real)bn_param(c, c->mean, k), want, eps * (fabsl(want) + SUM_EPS * r.deviation[k]));
    close_to("variance", w, (real)bn_param(c, c->variance, k), r.variance[k], eps * (SUM_EPS + 4) * r.variance[k]);
  }
  for (int64_t i = 0; i < bn_values(c); i++) {
    const int64_t k = bn_channel(c, i);
    if (!bn_real(c, i)) {
      assert_true(bn_value(c->shape.type, c->y.data, i) == 0);
      continue;
    }
    const real slope = (real)bn_scale(c, k) / sqrtl(r.variance[k] + (real)c->epsilon);
    const real want = ((x_of(w, i) - r.base[k]) - r.mean[k]) * slope + (real)bn_offset(c, i);
    close_to("y", w, (real)bn_value(c->shape.type, c->y.data, i), want,
             eps * DATA_EPS * (1 + fabsl(want)) + storage(c, want));
  }
  free(r.base);
}

static real total_of(const weighted_case *w) {
  const reference r = reference_of(w);
  const real total = r.total[0];
  free(r.base);
  return total;
}

static void check_grad(const weighted_case *w) {
  const bn_case *const c = &w->c;
  const real eps = eps_of(c), total = total_of(w);
  const int64_t n = c->shape.channels;
  real *const s = calloc((size_t)(4 * n) + 1, sizeof *s);
  assert_int_equal(grad(w, 1), EK_KERNELS_OK);
  for (int pass = 0; pass < 2; pass++)
    for (int64_t i = 0; i < bn_values(c); i++) {
      const int64_t ch = bn_channel(c, i);
      if (!bn_real(c, i)) {
        assert_true(bn_value(c->shape.type, c->dx.data, i) == 0);
        continue;
      }
      real *const of = s + 4 * ch;
      const real k = 1 / sqrtl((real)bn_param(c, c->variance, ch) + (real)c->epsilon);
      const real xc = x_of(w, i) - (real)bn_param(c, c->mean, ch), dy = (real)bn_value(c->shape.type, c->dy.data, i);
      if (pass == 0) {
        of[0] += dy, of[1] += dy * xc, of[2] += fabsl(dy), of[3] += fabsl(dy * xc);
        continue;
      }
      const real a = k * (real)bn_scale(c, ch), share = weight_of(w, i) / total;
      const real want = a * (dy - share * (of[0] + xc * k * k * of[1]));
      const real size = a * (fabsl(dy) + share * (of[2] + fabsl(xc) * k * k * of[3]));
      close_to("dx", w, (real)bn_value(c->shape.type, c->dx.data, i), want, eps * DATA_EPS * size + storage(c, want));
    }
  for (int64_t ch = 0; ch < n; ch++) {
    const real k = 1 / sqrtl((real)bn_param(c, c->variance, ch) + (real)c->epsilon);
    close_to("doffset", w, (real)bn_param(c, c->doffset, ch), s[4 * ch], eps * SUM_EPS * s[4 * ch + 2]);
    close_to("dscale", w, (real)bn_param(c, c->dscale, ch), s[4 * ch + 1] * k, eps * SUM_EPS * s[4 * ch + 3] * k);
  }
  free(s);
}

/* The same call with its output over an input writes the same bits. */
static void check_in_place(const weighted_case *w, ek_kernels_code (*call)(const weighted_case *, int), guarded in,
                           guarded out) {
  weighted_case same = *w;
  const guarded copy = guarded_new(in.bytes, 0);
  if (in.bytes > 0) memcpy(copy.data, in.data, in.bytes);
  for (guarded *g = &same.c.x; g <= &same.c.dx; g++)
    if (g->data == in.data || g->data == out.data) *g = copy;
  assert_int_equal(call(&same, 1), EK_KERNELS_OK);
  if (in.bytes > 0) assert_memory_equal(copy.data, out.data, out.bytes);
  guarded_free(copy);
}

static void check_shape(ek_kernels_batch_norm_shape shape, int64_t batch) {
  weighted_case w = weighted_case_new(shape, batch, 0.5);
  check_train(&w);
  for (int64_t i = 0; i < bn_values(&w.c); i++) /* sums of gradients have every row */
    if (weight_of(&w, i) == 0 && bn_real(&w.c, i)) bn_set(shape.type, w.c.x.data, i, 2);
  check_train(&w);
  check_in_place(&w, train, w.c.x, w.c.y);
  check_grad(&w);
  check_in_place(&w, grad, w.c.x, w.c.dx);
  check_in_place(&w, grad, w.c.dy, w.c.dx);
  weighted_case_free(&w);
}

static void check(ek_kernels_type type, int64_t outer, int64_t channels, int64_t inner, int64_t batch) {
  check_shape((ek_kernels_batch_norm_shape){type, outer, channels, inner}, batch);
}

static void sizes_on(const ek_kernels *k) {
  kernels = k;
  for (int t = EK_KERNELS_F32; t <= EK_KERNELS_F16; t++) {
    const ek_kernels_type type = (ek_kernels_type)t;
    for (int64_t n = 1; n <= 2 * MAX_LANES + 1; n++) {
      check(type, 5, n, 1, 5);
      check(type, 2 * n, 3, 1, n);
      check(type, 6, 2, n, 6);
      check(type, 6, 3, n, 2);
      check(type, n, 1, 1, n);
    }
    if (t > LAST_LARGE_TYPE) continue;
    check(type, 1002, 70, 1, 501); /* several tiles and parts */
    check(type, 1002, 70, 1, 6);   /* tiles that do not count */
    check(type, 5, 2, 9001, 5);
  }
}
static void every_size_around_the_vector_length(void **state) {
  (void)state;
  for_each_isa(sizes_on);
}

/* nChw16c: every number of channels around one block and two, pictures of one value among them. */
static void blocks_on(const ek_kernels *k) {
  kernels = k;
  for (int t = EK_KERNELS_F32; t <= EK_KERNELS_F16; t++) {
    const ek_kernels_type type = (ek_kernels_type)t;
    for (int64_t n = 1; n <= 35; n++) {
      check_shape((ek_kernels_batch_norm_shape){type, 5, n, 7, 16}, 5);
      check_shape((ek_kernels_batch_norm_shape){type, 6, n, 1, 16}, 3);
    }
    if (t > LAST_LARGE_TYPE) continue;
    check_shape((ek_kernels_batch_norm_shape){type, 6, 50, 300, 16}, 2);
    check_shape((ek_kernels_batch_norm_shape){type, 1002, 70, 1, 16}, 501);
  }
}
static void blocks_of_channels(void **state) {
  (void)state;
  for_each_isa(blocks_on);
}

/* A mean that is 10^5 times the spread, in double 10^9 times, costs no digits, and what is masked does not draw the
 * shift away. */
static void large_means_on(const ek_kernels *k) {
  kernels = k;
  for (int layout = 0; layout < 4; layout++) {
    const int64_t inner = layout % 2 == 0 ? 1 : 39;
    ek_kernels_batch_norm_shape shape = {EK_KERNELS_F32, 200, 9, inner, layout < 2 ? 0 : 16};
    weighted_case w = weighted_case_new(shape, 100, 1e5);
    shape.type = EK_KERNELS_F64;
    weighted_case wide = weighted_case_new(shape, 100, 1e9);
    check_train(&w), check_train(&wide);
    weighted_case_free(&w), weighted_case_free(&wide);
  }
}
static void large_means(void **state) {
  (void)state;
  for_each_isa(large_means_on);
}

static void threads_on(const ek_kernels *k) {
  const ek_kernels_batch_norm_shape shapes[] = {
      {EK_KERNELS_F32, 3000, 70, 1}, {EK_KERNELS_F32, 60, 9, 301}, {EK_KERNELS_F32, 60, 39, 301, 16}};
  kernels = k;
  for (int s = 0; s < 3; s++) {
    weighted_case one = weighted_case_new(shapes[s], 60, 0.5), more = weighted_case_new(shapes[s], 60, 0.5);
    assert_true(train(&one, 1) == EK_KERNELS_OK && grad(&one, 1) == EK_KERNELS_OK);
    assert_true(train(&more, 3) == EK_KERNELS_OK && grad(&more, 3) == EK_KERNELS_OK);
    assert_memory_equal(one.c.y.data, more.c.y.data, one.c.y.bytes);
    assert_memory_equal(one.c.dx.data, more.c.dx.data, one.c.dx.bytes);
    assert_memory_equal(one.c.variance.data, more.c.variance.data, one.c.variance.bytes);
    weighted_case_free(&one), weighted_case_free(&more);
  }
}
static void threads_change_no_bit(void **state) {
  (void)state;
  for_each_isa(threads_on);
}

/* Moving averages follow; NaN that counts stays in its channel; no weight at all, or nothing, gives NaN. */
static void special_shape(ek_kernels_batch_norm_shape shape) {
  weighted_case w = weighted_case_new(shape, 40, 0.5);
  const ek_kernels_type type = shape.type, ptype = bn_param_type(type);
  const size_t size = bn_param_size(type);
  moving_mean = guarded_new(7 * size, size), moving_variance = guarded_new(7 * size, size);
  for (int c = 0; c < 7; c++) bn_set(ptype, moving_mean.data, c, 2), bn_set(ptype, moving_variance.data, c, 4);
  for (int64_t i = 0; i < bn_values(&w.c); i++)
    if (bn_channel(&w.c, i) == 3 && weight_of(&w, i) > 0) bn_set(type, w.c.x.data, i, NAN);
  assert_int_equal(train(&w, 1), EK_KERNELS_OK);
  for (int64_t c = 0; c < 7; c++) {
    const double mean = bn_param(&w.c, w.c.mean, c), variance = bn_param(&w.c, w.c.variance, c);
    assert_true(isnan(mean) == (c == 3) && isnan(variance) == (c == 3));
    if (c == 3) continue;
    assert_true(fabs(bn_param(&w.c, moving_mean, c) - (2 - (2 - mean) * 0.25)) < 1e-6);
    assert_true(fabs(bn_param(&w.c, moving_variance, c) - (4 - (4 - variance) * 0.25)) < 1e-6);
  }
  guarded_free(moving_mean), guarded_free(moving_variance);
  moving_mean.data = moving_variance.data = NULL;
  for (int64_t i = 0; i < bn_values(&w.c); i++) /* what is bad in dy stays in its channel, too */
    if (bn_real(&w.c, i)) bn_set(type, w.c.x.data, i, (double)(i % 11)), bn_set(type, w.c.dy.data, i, 1);
  for (int64_t i = 0, seen = 0; i < bn_values(&w.c) && seen < 3; i++)
    if (bn_channel(&w.c, i) == 3) bn_set(type, w.c.dy.data, i, seen == 0 ? NAN : INFINITY), seen++;
  assert_true(train(&w, 1) == EK_KERNELS_OK && grad(&w, 1) == EK_KERNELS_OK);
  for (int64_t i = 0; i < bn_values(&w.c); i++) /* a row that does not count knows no sums */
    if (bn_channel(&w.c, i) != 3 || weight_of(&w, i) > 0)
      assert_true(isfinite(bn_value(type, w.c.dx.data, i)) == (bn_channel(&w.c, i) != 3));
  for (int64_t c = 0; c < 7; c++)
    assert_true(isfinite(bn_param(&w.c, w.c.dscale, c)) == (c != 3) &&
                isfinite(bn_param(&w.c, w.c.doffset, c)) == (c != 3));
  for (int64_t i = 0; i < 40; i++) bn_set(ptype, w.weights.data, i, 0);
  assert_true(train(&w, 1) == EK_KERNELS_OK && grad(&w, 1) == EK_KERNELS_OK);
  for (int64_t c = 0; c < 7; c++) {
    assert_true(isnan(bn_param(&w.c, w.c.mean, c)) && isnan(bn_param(&w.c, w.c.variance, c)));
    assert_true(bn_param(&w.c, w.c.dscale, c) == 0 && bn_param(&w.c, w.c.doffset, c) == 0);
  }
  for (int64_t i = 0; i < bn_values(&w.c); i++) assert_true(isnan(bn_value(type, w.c.y.data, i)) == bn_real(&w.c, i));
  weighted_case_free(&w);
}

static void special_on(const ek_kernels *k) {
  kernels = k;
  for (int type = EK_KERNELS_F32; type <= EK_KERNELS_F16; type++)
    for (int64_t inner = 1; inner < 20; inner += 18) {
      special_shape((ek_kernels_batch_norm_shape){(ek_kernels_type)type, 40, 7, inner});
      special_shape((ek_kernels_batch_norm_shape){(ek_kernels_type)type, 40, 7, inner, 16});
    }
  weighted_case w = {.c = bn_case_new((ek_kernels_batch_norm_shape){EK_KERNELS_F32, 0, 7, 1}, 0, 1, 0)};
  size_t bytes;
  assert_int_equal(ek_kernels_weighted_train_workspace(&w.c.shape, &bytes), EK_KERNELS_OK);
  w.weights = guarded_new(0, 0), w.workspace = guarded_new(bytes, 8);
  assert_true(train(&w, 1) == EK_KERNELS_OK && grad(&w, 1) == EK_KERNELS_OK);
  assert_true(isnan(bn_param(&w.c, w.c.mean, 6)) && bn_param(&w.c, w.c.dscale, 6) == 0);
  weighted_case_free(&w);
}
static void special_values(void **state) {
  (void)state;
  for_each_isa(special_on);
}

/* Statistics alone and gradients alone are those of the whole call. */
static void optional_on(const ek_kernels *k) {
  const ek_kernels_batch_norm_shape shapes[] = {{EK_KERNELS_F32, 40, 7, 1},
                                                {EK_KERNELS_F64, 40, 7, 19},
                                                {EK_KERNELS_BF16, 40, 7, 19},
                                                {EK_KERNELS_F32, 40, 7, 19, 16}};
  kernels = k;
  for (int s = 0; s < 4; s++) {
    weighted_case whole = weighted_case_new(shapes[s], 40, 0.5), part = weighted_case_new(shapes[s], 40, 0.5);
    const bn_case all = part.c;
    for (int64_t i = 0; i < bn_values(&all); i++) { /* no NaN: bits are compared */
      const double x = bn_real(&all, i) ? (double)(i % 13) : 0;
      bn_set(shapes[s].type, whole.c.x.data, i, x), bn_set(shapes[s].type, all.x.data, i, x);
    }
    assert_true(train(&whole, 1) == EK_KERNELS_OK && grad(&whole, 1) == EK_KERNELS_OK);
    part.c.y.data = NULL;
    assert_int_equal(train(&part, 1), EK_KERNELS_OK);
    bn_expect_same(whole.c.mean, all.mean), bn_expect_same(whole.c.variance, all.variance);
    part.c.dx.data = NULL;
    assert_int_equal(grad(&part, 1), EK_KERNELS_OK);
    bn_expect_same(whole.c.dscale, all.dscale), bn_expect_same(whole.c.doffset, all.doffset);
    part.c.dx = all.dx, part.c.dscale.data = part.c.doffset.data = NULL;
    assert_int_equal(grad(&part, 1), EK_KERNELS_OK);
    bn_expect_same(whole.c.dx, all.dx);
    part.c.y = all.y, part.c.mean.data = part.c.variance.data = NULL;
    assert_int_equal(train(&part, 1), EK_KERNELS_OK);
    bn_expect_same(whole.c.y, all.y);
    part.c = all;
    weighted_case_free(&whole), weighted_case_free(&part);
  }
}
static void optional_outputs(void **state) {
  (void)state;
  for_each_isa(optional_on);
}

static void refused(const weighted_case *w, ek_kernels_code want) {
  assert_int_equal(train(w, 1), want);
  assert_int_equal(grad(w, 1), want);
}

static void wrong_arguments_are_refused(void **state) {
  (void)state;
  kernels = NULL;
  weighted_case good = weighted_case_new((ek_kernels_batch_norm_shape){EK_KERNELS_F32, 40, 7, 1}, 20, 0.5), bad;
  static const double no_weights[] = {-1, NAN, INFINITY};
  size_t bytes;
  assert_int_equal(ek_kernels_weighted_train(NULL, NULL), EK_KERNELS_INVALID_ARGUMENT);
  assert_int_equal(ek_kernels_weighted_grad(NULL, NULL), EK_KERNELS_INVALID_ARGUMENT);
  assert_int_equal(ek_kernels_weighted_train_workspace(NULL, &bytes), EK_KERNELS_INVALID_ARGUMENT);
  assert_int_equal(ek_kernels_weighted_grad_workspace(&good.c.shape, NULL), EK_KERNELS_INVALID_ARGUMENT);
  for (int i = 0; i < 3; i++) {
    const double was = (double)((float *)(void *)good.weights.data)[3];
    bn_set(EK_KERNELS_F32, good.weights.data, 3, no_weights[i]);
    refused(&good, EK_KERNELS_INVALID_ARGUMENT);
    bn_set(EK_KERNELS_F32, good.weights.data, 3, was);
  }
  bad = good, bad.batch = 19, refused(&bad, EK_KERNELS_INVALID_ARGUMENT);
  bad = good, bad.batch = -1, refused(&bad, EK_KERNELS_INVALID_ARGUMENT);
  bad = good, bad.batch = 80, refused(&bad, EK_KERNELS_INVALID_ARGUMENT);
  bad = good, bad.weights.data = NULL, refused(&bad, EK_KERNELS_INVALID_ARGUMENT);
  bad = good, bad.c.x.data = NULL, refused(&bad, EK_KERNELS_INVALID_ARGUMENT);
  bad = good, bad.c.shape.block = 8, refused(&bad, EK_KERNELS_INVALID_ARGUMENT);
  bad = good, bad.c.shape.outer = -40, refused(&bad, EK_KERNELS_INVALID_ARGUMENT);
  bad = good, bad.workspace.bytes--, refused(&bad, EK_KERNELS_WORKSPACE);
  bad = good, bad.workspace.data = NULL, refused(&bad, EK_KERNELS_WORKSPACE);
  bad = good, bad.c.y.data = good.c.x.data + 4, bad.c.dx.data = good.c.dy.data + 4, refused(&bad, EK_KERNELS_OVERLAP);
  bad = good, bad.c.y.data = bad.c.dx.data = good.weights.data, refused(&bad, EK_KERNELS_OVERLAP);
  bad = good, bad.c.mean.data = NULL;
  assert_int_equal(grad(&bad, 1), EK_KERNELS_INVALID_ARGUMENT);
  assert_int_equal(train(&good, -1), EK_KERNELS_INVALID_ARGUMENT);
  const bn_case *const c = &good.c;
  const guarded written[] = {c->y, c->dx, c->mean, c->variance, c->dscale, c->doffset};
  for (size_t i = 0; i < sizeof written / sizeof written[0]; i++) guarded_expect_untouched(written[i]);
  weighted_case_free(&good);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(every_size_around_the_vector_length),
      cmocka_unit_test(blocks_of_channels),
      cmocka_unit_test(large_means),
      cmocka_unit_test(threads_change_no_bit),
      cmocka_unit_test(special_values),
      cmocka_unit_test(optional_outputs),
      cmocka_unit_test(wrong_arguments_are_refused),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
