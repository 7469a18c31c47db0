/* SPDX-License-Identifier: Apache-2.0 */
/* Moving averages, statistics in the form that merges, and merging: every instruction set, type, layout, size around
 * the vector length, alignment. */
#include "batch_norm_test.h"

/* As in test_batch_norm.c: 64 additions in T, relative to the sum of magnitudes, and a few more for the terms. */
#define SUM_EPS 74.0L

static const ek_kernels *kernels;

static int64_t count_of(const bn_case *c) { return c->shape.outer * c->shape.inner; }

static real eps_of(const bn_case *c) { return c->shape.type == EK_KERNELS_F64 ? 0x1p-53L : 0x1p-24L; }

static guarded doubles_new(int64_t channels) { return guarded_new((size_t)channels * sizeof(double), 8); }

/* moving - (moving - statistic) * decay in the parameters' type. */
static double moved(const bn_case *c, double moving, double statistic, double decay) {
  if (c->shape.type == EK_KERNELS_F64) return moving - (moving - statistic) * decay;
  const float from = (float)moving, step = (from - (float)statistic) * (float)decay;
  return (double)(from - step);
}

/* The same bits, where any NaN is as good as another. */
static void same(double got, double want) { assert_true(got == want || (isnan(got) && isnan(want))); }

typedef struct moving {
  guarded mean, variance;
} moving;

static moving moving_new(const bn_case *c) {
  const size_t size = bn_param_size(c->shape.type), bytes = (size_t)c->shape.channels * size;
  moving m = {guarded_new(bytes, size), guarded_new(bytes, 2 * size)};
  for (int64_t i = 0; i < c->shape.channels; i++) {
    bn_set(bn_param_type(c->shape.type), m.mean.data, i, 0.3 - 0.01 * (double)i);
    bn_set(bn_param_type(c->shape.type), m.variance.data, i, 1 + 0.1 * (double)i);
  }
  return m;
}

static void moving_free(moving m) { guarded_free(m.mean), guarded_free(m.variance); }

static ek_kernels_code train_moving(const bn_case *c, moving m, double decay, int correct, int threads) {
  return ek_kernels_batch_norm_train(kernels, &(ek_kernels_batch_norm_train_args){.shape = c->shape,
                                                                                  .epsilon = c->epsilon,
                                                                                  .x = c->x.data,
                                                                                  .scale = c->scale.data,
                                                                                  .offset = c->offset.data,
                                                                                  .y = c->y.data,
                                                                                  .moving_mean = m.mean.data,
                                                                                  .moving_variance = m.variance.data,
                                                                                  .decay = decay,
                                                                                  .correct = correct,
                                                                                  .workspace = c->workspace.data,
                                                                                  .workspace_bytes = c->workspace.bytes,
                                                                                  .threads = threads});
}

static void check_moving(const bn_case *c) {
  static const double decays[] = {0, 0.01, 0.1, 1};
  for (int i = 0; i < 8; i++) {
    const moving m = moving_new(c), before = moving_new(c);
    assert_int_equal(train_moving(c, m, decays[i / 2], i % 2, 1), EK_KERNELS_OK);
    for (int64_t ch = 0; ch < c->shape.channels; ch++) {
      const double variance = bn_param(c, i % 2 ? c->unbiased : c->variance, ch);
      same(bn_param(c, m.mean, ch), moved(c, bn_param(c, before.mean, ch), bn_param(c, c->mean, ch), decays[i / 2]));
      same(bn_param(c, m.variance, ch), moved(c, bn_param(c, before.variance, ch), variance, decays[i / 2]));
    }
    moving_free(m), moving_free(before);
  }
}

static ek_kernels_code moments(const bn_case *c, int64_t *count, guarded mean, guarded m2, int threads) {
  return ek_kernels_batch_norm_moments(kernels,
                                       &(ek_kernels_batch_norm_moments_args){.shape = c->shape,
                                                                             .x = c->x.data,
                                                                             .count = count,
                                                                             .mean = (double *)(void *)mean.data,
                                                                             .m2 = (double *)(void *)m2.data,
                                                                             .workspace = c->workspace.data,
                                                                             .workspace_bytes = c->workspace.bytes,
                                                                             .threads = threads});
}

/* Within the bounds of the reference. */
static void check_statistics(const bn_case *c, const bn_reference *r, const double *mean, const double *m2) {
  for (int64_t ch = 0; ch < c->shape.channels; ch++) {
    const real want = r->base[ch] + r->mean[ch], room = eps_of(c) * SUM_EPS * r->deviation[ch];
    assert_true(fabsl((real)mean[ch] - want) <= room + 0x1p-52L * fabsl(want));
    const real spread = r->variance[ch] * (real)count_of(c);
    assert_true(m2[ch] >= 0 && fabsl((real)m2[ch] - spread) <= eps_of(c) * SUM_EPS * spread);
  }
}

/* The statistics are those of training before these are rounded. */
static void check_moments(const bn_case *c) {
  const guarded mean = doubles_new(c->shape.channels), m2 = doubles_new(c->shape.channels);
  const double *const got_mean = (const void *)mean.data, *const got_m2 = (const void *)m2.data;
  int64_t count = -1;
  assert_int_equal(moments(c, &count, mean, m2, 1), EK_KERNELS_OK);
  assert_int_equal(count, count_of(c));
  for (int64_t ch = 0; ch < c->shape.channels; ch++) {
    const double variance = got_m2[ch] * (1 / (double)count);
    if (count == 0)
      assert_true(got_mean[ch] == 0 && got_m2[ch] == 0);
    else if (c->shape.type == EK_KERNELS_F64)
      assert_true(bn_param(c, c->mean, ch) == got_mean[ch] && bn_param(c, c->variance, ch) == variance);
    else
      assert_true(((float *)c->mean.data)[ch] == (float)got_mean[ch] &&
                  ((float *)c->variance.data)[ch] == (float)variance);
  }
  if (count > 0) {
    bn_reference r = bn_reference_of(c);
    check_statistics(c, &r, got_mean, got_m2);
    bn_reference_free(&r);
  }
  guarded_free(mean), guarded_free(m2);
}

/* The first rows, then none, then the others. */
static void check_merge(const bn_case *c) {
  const int64_t channels = c->shape.channels, row = bn_stored(&c->shape) * c->shape.inner;
  const guarded mean = doubles_new(channels), m2 = doubles_new(channels);
  const guarded more_mean = doubles_new(channels), more_m2 = doubles_new(channels);
  const int64_t begins[] = {0, c->shape.outer / 3, c->shape.outer / 3, c->shape.outer};
  int64_t count = 0, more = -1;
  memset(mean.data, 0xff, mean.bytes), memset(m2.data, 0xff, m2.bytes); /* NaN: no values, nothing said */
  for (int i = 0; i < 3; i++) {
    bn_case part = *c;
    part.shape.outer = begins[i + 1] - begins[i];
    part.x.data += (size_t)(begins[i] * row) * bn_data_size(c->shape.type);
    assert_int_equal(moments(&part, &more, more_mean, more_m2, 1), EK_KERNELS_OK);
    if (more == 0) memset(more_mean.data, 0xff, more_mean.bytes);
    const ek_kernels_batch_norm_merge_args args = {.channels = channels,
                                                   .more_count = more,
                                                   .more_mean = (const void *)more_mean.data,
                                                   .more_m2 = (const void *)more_m2.data,
                                                   .count = &count,
                                                   .mean = (void *)mean.data,
                                                   .m2 = (void *)m2.data};
    assert_int_equal(ek_kernels_batch_norm_merge(kernels, &args), EK_KERNELS_OK);
  }
  assert_int_equal(count, count_of(c));
  if (count > 0) {
    bn_reference r = bn_reference_of(c);
    check_statistics(c, &r, (const void *)mean.data, (const void *)m2.data);
    bn_reference_free(&r);
  }
  guarded_free(mean), guarded_free(m2), guarded_free(more_mean), guarded_free(more_m2);
}

static void check(ek_kernels_type type, int64_t outer, int64_t channels, int64_t inner, int64_t block) {
  bn_case c = bn_case_new((ek_kernels_batch_norm_shape){type, outer, channels, inner, block}, 0.5, 1, 0);
  assert_int_equal(bn_train(&c, kernels, 1), EK_KERNELS_OK);
  check_moving(&c);
  check_moments(&c);
  check_merge(&c);
  bn_case_free(&c);
}

static void sizes_on(const ek_kernels *k) {
  kernels = k;
  for (int type = EK_KERNELS_F32; type <= EK_KERNELS_F16; type++) {
    for (int64_t n = 0; n <= 2 * MAX_LANES + 1; n++) {
      check((ek_kernels_type)type, 5, n, 1, 0);
      check((ek_kernels_type)type, n, 3, 1, 0);
      check((ek_kernels_type)type, 3, 2, n, 0);
      check((ek_kernels_type)type, n, 1, 2, 0);
      check((ek_kernels_type)type, 5, n, 2, 16);
      check((ek_kernels_type)type, 3, 18, n, 16);
    }
    if (type > LAST_LARGE_TYPE) continue;
    check((ek_kernels_type)type, 1000, 70, 1, 0);
    check((ek_kernels_type)type, 3, 2, 11000, 0);
    check((ek_kernels_type)type, 5, 40, 900, 16);
  }
}
static void every_size_around_the_vector_length(void **state) {
  (void)state;
  for_each_isa(sizes_on);
}

static void threads_on(const ek_kernels *k) {
  const ek_kernels_batch_norm_shape large[] = {{EK_KERNELS_F32, 3001, 70, 1},
                                               {EK_KERNELS_F32, 9, 2, 30000},
                                               {EK_KERNELS_BF16, 8, 37, 601},
                                               {EK_KERNELS_F32, 5, 21, 3001, 16}};
  kernels = k;
  for (int s = 0; s < 4; s++) {
    bn_case c = bn_case_new(large[s], 0.5, 1, 0);
    guarded means[2], m2s[2];
    moving moved_by[2];
    for (int t = 0; t < 2; t++) {
      int64_t count = 0;
      means[t] = doubles_new(c.shape.channels), m2s[t] = doubles_new(c.shape.channels);
      moved_by[t] = moving_new(&c);
      assert_int_equal(moments(&c, &count, means[t], m2s[t], 1 + 2 * t), EK_KERNELS_OK);
      assert_int_equal(train_moving(&c, moved_by[t], 0.1, 1, 1 + 2 * t), EK_KERNELS_OK);
    }
    assert_memory_equal(means[0].data, means[1].data, means[0].bytes);
    assert_memory_equal(m2s[0].data, m2s[1].data, m2s[0].bytes);
    assert_memory_equal(moved_by[0].mean.data, moved_by[1].mean.data, moved_by[0].mean.bytes);
    assert_memory_equal(moved_by[0].variance.data, moved_by[1].variance.data, moved_by[0].variance.bytes);
    for (int t = 0; t < 2; t++) guarded_free(means[t]), guarded_free(m2s[t]), moving_free(moved_by[t]);
    bn_case_free(&c);
  }
}
static void threads_change_no_bit(void **state) {
  (void)state;
  for_each_isa(threads_on);
}

enum { MERGED = 2 * MAX_LANES + 1 };

/* Chan's formula on given numbers, against long double; the same bits on every set; bad values in their channel. */
static void merge_on(const ek_kernels *k) {
  static double first_mean[MERGED], first_m2[MERGED];
  static bool have_first;
  double mean[MERGED], m2[MERGED], more_mean[MERGED], more_m2[MERGED];
  uint64_t seed = 7;
  for (int c = 0; c < MERGED; c++) {
    mean[c] = draw(&seed, -3, 3), m2[c] = draw(&seed, 0, 50);
    more_mean[c] = c % 5 == 0 ? mean[c] : draw(&seed, -3, 3), more_m2[c] = draw(&seed, 0, 50);
  }
  more_mean[3] = NAN, mean[4] = INFINITY, mean[6] = INFINITY, more_mean[6] = -INFINITY;
  int64_t count = 7;
  const int64_t more = 1001;
  real want_mean[MERGED], want_m2[MERGED];
  for (int c = 0; c < MERGED; c++) {
    const real d = (real)more_mean[c] - (real)mean[c];
    want_mean[c] = ((real)mean[c] * 7 + (real)more_mean[c] * (real)more) / (real)(7 + more);
    want_m2[c] = (real)m2[c] + (real)more_m2[c] + d * d * 7 * (real)more / (real)(7 + more);
  }
  const ek_kernels_batch_norm_merge_args args = {MERGED, more, more_mean, more_m2, &count, mean, m2};
  assert_int_equal(ek_kernels_batch_norm_merge(k, &args), EK_KERNELS_OK);
  assert_int_equal(count, 1008);
  for (int c = 0; c < MERGED; c++) {
    if (c == 3 || c == 6)
      assert_true(isnan(mean[c]));
    else if (c == 4)
      assert_true(isinf(mean[c]));
    else
      assert_true(fabsl((real)mean[c] - want_mean[c]) <= 4 * 0x1p-53L * 6 &&
                  fabsl((real)m2[c] - want_m2[c]) <= 8 * 0x1p-53L * want_m2[c]);
    if (c % 5 == 0) assert_true(mean[c] == more_mean[c]); /* nothing to move */
  }
  if (have_first) assert_memory_equal(mean, first_mean, sizeof mean);
  if (have_first) assert_memory_equal(m2, first_m2, sizeof m2);
  memcpy(first_mean, mean, sizeof mean), memcpy(first_m2, m2, sizeof m2), have_first = true;
}
static void merging_is_the_same_on_every_set(void **state) {
  (void)state;
  for_each_isa(merge_on);
}

static void wrong_arguments_are_refused(void **state) {
  (void)state;
  kernels = NULL;
  bn_case c = bn_case_new((ek_kernels_batch_norm_shape){EK_KERNELS_F32, 40, 3, 1}, 0.5, 1, 0);
  const moving m = moving_new(&c);
  moving bad = m;
  bad.mean.data = m.variance.data;
  assert_int_equal(train_moving(&c, bad, 0.1, 0, 1), EK_KERNELS_OVERLAP);
  bad = m, bad.variance.data = c.x.data;
  assert_int_equal(train_moving(&c, bad, 0.1, 0, 1), EK_KERNELS_OVERLAP);
  moving_free(m);

  double a[3] = {1, 2, 3}, b[3] = {4, 5, 6}, more[3] = {0};
  int64_t count = 9;
  const ek_kernels_batch_norm_moments_args good = {.shape = c.shape,
                                                   .x = c.x.data,
                                                   .count = &count,
                                                   .mean = a,
                                                   .m2 = b,
                                                   .workspace = c.workspace.data,
                                                   .workspace_bytes = c.workspace.bytes};
  size_t bytes = 0;
  assert_int_equal(ek_kernels_batch_norm_moments_workspace(&c.shape, &bytes), EK_KERNELS_OK);
  assert_true(bytes <= c.workspace.bytes);
  ek_kernels_batch_norm_moments_args args = good;
  assert_int_equal(ek_kernels_batch_norm_moments(NULL, NULL), EK_KERNELS_INVALID_ARGUMENT);
  args.x = NULL;
  assert_int_equal(ek_kernels_batch_norm_moments(NULL, &args), EK_KERNELS_INVALID_ARGUMENT);
  args = good, args.count = NULL;
  assert_int_equal(ek_kernels_batch_norm_moments(NULL, &args), EK_KERNELS_INVALID_ARGUMENT);
  args = good, args.mean = NULL;
  assert_int_equal(ek_kernels_batch_norm_moments(NULL, &args), EK_KERNELS_INVALID_ARGUMENT);
  args = good, args.m2 = NULL;
  assert_int_equal(ek_kernels_batch_norm_moments(NULL, &args), EK_KERNELS_INVALID_ARGUMENT);
  args = good, args.m2 = a;
  assert_int_equal(ek_kernels_batch_norm_moments(NULL, &args), EK_KERNELS_OVERLAP);
  args = good, args.workspace_bytes = bytes - 1;
  assert_int_equal(ek_kernels_batch_norm_moments(NULL, &args), EK_KERNELS_WORKSPACE);

  const ek_kernels_batch_norm_merge_args sound = {3, 5, more, more, &count, a, b};
  ek_kernels_batch_norm_merge_args merge = sound;
  assert_int_equal(ek_kernels_batch_norm_merge(NULL, NULL), EK_KERNELS_INVALID_ARGUMENT);
  merge.channels = -1;
  assert_int_equal(ek_kernels_batch_norm_merge(NULL, &merge), EK_KERNELS_INVALID_ARGUMENT);
  merge = sound, merge.more_count = -1;
  assert_int_equal(ek_kernels_batch_norm_merge(NULL, &merge), EK_KERNELS_INVALID_ARGUMENT);
  merge = sound, merge.more_count = INT64_MAX - 3;
  assert_int_equal(ek_kernels_batch_norm_merge(NULL, &merge), EK_KERNELS_INVALID_ARGUMENT);
  merge = sound, merge.more_mean = NULL;
  assert_int_equal(ek_kernels_batch_norm_merge(NULL, &merge), EK_KERNELS_INVALID_ARGUMENT);
  merge = sound, merge.m2 = NULL;
  assert_int_equal(ek_kernels_batch_norm_merge(NULL, &merge), EK_KERNELS_INVALID_ARGUMENT);
  merge = sound, merge.more_mean = a;
  assert_int_equal(ek_kernels_batch_norm_merge(NULL, &merge), EK_KERNELS_OVERLAP);
  assert_true(count == 9 && a[0] == 1 && a[2] == 3 && b[0] == 4 && b[2] == 6); /* nothing was written */
  bn_case_free(&c);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(every_size_around_the_vector_length),
      cmocka_unit_test(threads_change_no_bit),
      cmocka_unit_test(merging_is_the_same_on_every_set),
      cmocka_unit_test(wrong_arguments_are_refused),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
