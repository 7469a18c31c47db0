/* SPDX-License-Identifier: Apache-2.0 */
/* Batch norm at its edges: bad values stay in their channel, nothing to average, one value, constants, outliers,
 * refused arguments, the same bits for any number of threads. */
#include "batch_norm_test.h"

#include "kernels/caches.h"

static const ek_kernels_batch_norm_shape shapes[] = {{EK_KERNELS_F32, 40, 21, 1},
                                                     {EK_KERNELS_F32, 3, 5, 33},
                                                     {EK_KERNELS_F64, 40, 21, 1},
                                                     {EK_KERNELS_BF16, 3, 5, 33},
                                                     {EK_KERNELS_F16, 40, 21, 1}};
enum { SHAPES = sizeof shapes / sizeof shapes[0] };

/* Puts value into one place of channel 2; all else must come out as without it. */
static void bad_value(const ek_kernels *k, ek_kernels_batch_norm_shape shape, double value, int place) {
  bn_case clean = bn_case_new(shape, 0.5, 1, 0), dirty = bn_case_new(shape, 0.5, 1, 0);
  int64_t at[3] = {0, 0, 0}, seen = 0; /* first, second and last element of channel 2 */
  for (int64_t i = 0; i < bn_values(&clean); i++)
    if (bn_channel(&clean, i) == 2) at[seen < 2 ? seen : 2] = i, seen++;
  bn_set(shape.type, dirty.x.data, at[place], value);
  assert_int_equal(bn_train(&clean, k, 1), EK_KERNELS_OK);
  assert_int_equal(bn_train(&dirty, k, 1), EK_KERNELS_OK);
  assert_true(isnan(bn_param(&dirty, dirty.variance, 2)) && isnan(bn_param(&dirty, dirty.unbiased, 2)));
  if (isnan(value))
    assert_true(isnan(bn_param(&dirty, dirty.mean, 2)));
  else
    assert_true(bn_param(&dirty, dirty.mean, 2) == value); /* a sum with one infinity is that */
  assert_int_equal(bn_grad(&clean, k, 1), EK_KERNELS_OK);
  assert_int_equal(bn_grad(&dirty, k, 1), EK_KERNELS_OK);
  for (int64_t i = 0; i < bn_values(&clean); i++) {
    const double y = bn_value(shape.type, dirty.y.data, i), dx = bn_value(shape.type, dirty.dx.data, i);
    if (bn_channel(&clean, i) == 2)
      assert_true(isnan(y) && isnan(dx));
    else
      assert_true(y == bn_value(shape.type, clean.y.data, i) && dx == bn_value(shape.type, clean.dx.data, i));
  }
  bn_case_free(&clean), bn_case_free(&dirty);
}

/* The same of dy: dx of a batch's own statistics is spoilt in all of the channel, frozen in that place alone. */
static void bad_gradient(const ek_kernels *k, ek_kernels_batch_norm_shape shape, double value) {
  bn_case clean = bn_case_new(shape, 0.5, 1, 0), dirty = bn_case_new(shape, 0.5, 1, 0);
  int64_t at = 0;
  while (bn_channel(&clean, at) != 2) at++;
  bn_set(shape.type, dirty.dy.data, at, value);
  assert_int_equal(bn_train(&clean, k, 1), EK_KERNELS_OK);
  assert_int_equal(bn_train(&dirty, k, 1), EK_KERNELS_OK);
  for (clean.frozen = dirty.frozen = 0; clean.frozen < 2; clean.frozen++, dirty.frozen++) {
    assert_int_equal(bn_grad(&clean, k, 1), EK_KERNELS_OK);
    assert_int_equal(bn_grad(&dirty, k, 1), EK_KERNELS_OK);
    for (int64_t ch = 0; ch < shape.channels; ch++) {
      const double dscale = bn_param(&dirty, dirty.dscale, ch), doffset = bn_param(&dirty, dirty.doffset, ch);
      if (ch == 2)
        assert_true(!isfinite(dscale) && (isnan(value) ? isnan(doffset) : doffset == value));
      else
        assert_true(dscale == bn_param(&clean, clean.dscale, ch) && doffset == bn_param(&clean, clean.doffset, ch));
    }
    for (int64_t i = 0; i < bn_values(&clean); i++) {
      const double dx = bn_value(shape.type, dirty.dx.data, i);
      if (clean.frozen ? i == at : bn_channel(&clean, i) == 2)
        assert_true(!isfinite(dx));
      else
        assert_true(dx == bn_value(shape.type, clean.dx.data, i));
    }
  }
  bn_case_free(&clean), bn_case_free(&dirty);
}

static void bad_values_on(const ek_kernels *k) {
  static const double bad[] = {NAN, INFINITY, -INFINITY};
  for (int s = 0; s < SHAPES; s++)
    for (int b = 0; b < 3; b++) {
      for (int place = 0; place < 3; place++) bad_value(k, shapes[s], bad[b], place);
      bad_gradient(k, shapes[s], bad[b]);
    }
}
static void bad_values_stay_in_their_channel(void **state) {
  (void)state;
  for_each_isa(bad_values_on);
}

static void empty_on(const ek_kernels *k) {
  const ek_kernels_batch_norm_shape empty[] = {
      {EK_KERNELS_F32, 0, 20, 1}, {EK_KERNELS_F32, 2, 20, 0}, {EK_KERNELS_F64, 0, 20, 3}, {EK_KERNELS_BF16, 0, 1, 1}};
  for (int s = 0; s < 4; s++) {
    bn_case c = bn_case_new(empty[s], 0, 1, 0);
    assert_int_equal(bn_train(&c, k, 1), EK_KERNELS_OK);
    assert_int_equal(bn_infer(&c, k, 1), EK_KERNELS_OK);
    for (c.frozen = 0; c.frozen < 2; c.frozen++) {
      assert_int_equal(bn_grad(&c, k, 1), EK_KERNELS_OK);
      for (int64_t ch = 0; ch < c.shape.channels; ch++) {
        assert_true(isnan(bn_param(&c, c.mean, ch)) && isnan(bn_param(&c, c.variance, ch)));
        assert_true(isnan(bn_param(&c, c.unbiased, ch)));
        assert_true(bn_param(&c, c.dscale, ch) == 0 && bn_param(&c, c.doffset, ch) == 0);
      }
    }
    bn_case_free(&c);
  }
}
static void nothing_to_average(void **state) {
  (void)state;
  for_each_isa(empty_on);
}

/* One value, and constant channels: variance 0, y = offset, both exactly, however many values and however large. */
static void constants_on(const ek_kernels *k) {
  const ek_kernels_batch_norm_shape constant[] = {{EK_KERNELS_F32, 1, 19, 1},    {EK_KERNELS_F32, 333, 19, 1},
                                                  {EK_KERNELS_F32, 5, 3, 2001},  {EK_KERNELS_F64, 333, 19, 1},
                                                  {EK_KERNELS_F64, 70001, 2, 1}, {EK_KERNELS_F16, 100, 19, 1},
                                                  {EK_KERNELS_BF16, 4, 3, 50}};
  for (int s = 0; s < 7; s++) {
    bn_case c = bn_case_new(constant[s], 0, 1, 0);
    for (int64_t i = 0; i < bn_values(&c); i++)
      bn_set(c.shape.type, c.x.data, i, 1234.1 * (1 + (double)bn_channel(&c, i)));
    assert_int_equal(bn_train(&c, k, 1), EK_KERNELS_OK);
    for (int64_t i = 0; i < bn_values(&c); i++) {
      const int64_t ch = bn_channel(&c, i);
      assert_true(bn_param(&c, c.mean, ch) == bn_value(c.shape.type, c.x.data, i));
      assert_true(bn_param(&c, c.variance, ch) == 0 && bn_param(&c, c.unbiased, ch) == 0);
      const double eps = bn_storage_eps(c.shape.type), y = bn_value(c.shape.type, c.y.data, i);
      assert_true(fabs(y - bn_offset(&c, i)) <= eps * fabs(bn_offset(&c, i)));
    }
    bn_case_free(&c);
  }
}
static void one_value_and_constants(void **state) {
  (void)state;
  for_each_isa(constants_on);
}

/* The worst case of a shift: the value it starts from is far from all others. */
static void outliers_on(const ek_kernels *k) {
  for (int s = 0; s < 2; s++)
    for (int place = 0; place < 2; place++) {
      bn_case c = bn_case_new(shapes[s], 0.5, 1, 0);
      const int64_t n = bn_values(&c);
      for (int64_t i = 0; i < c.shape.channels; i++) {
        const int64_t first = c.shape.inner == 1 ? i : i * c.shape.inner, last = n - 1 - first;
        bn_set(EK_KERNELS_F32, c.x.data, place == 0 ? first : last, 1e6);
      }
      bn_reference r = bn_reference_of(&c);
      assert_int_equal(bn_train(&c, k, 1), EK_KERNELS_OK);
      for (int64_t ch = 0; ch < c.shape.channels; ch++) {
        const real variance = (real)bn_param(&c, c.variance, ch);
        assert_true(fabsl(variance - r.variance[ch]) <= 70 * 0x1p-24L * r.variance[ch]);
      }
      bn_reference_free(&r);
      bn_case_free(&c);
    }
}
static void an_outlier_anywhere(void **state) {
  (void)state;
  for_each_isa(outliers_on);
}

static void threads_on(const ek_kernels *k) {
  const ek_kernels_batch_norm_shape large[] = {{EK_KERNELS_F32, 3001, 70, 1},     {EK_KERNELS_F32, 70001, 3, 1},
                                               {EK_KERNELS_F32, 8, 37, 301},      {EK_KERNELS_F32, 9, 2, 30000},
                                               {EK_KERNELS_BF16, 3001, 70, 1},    {EK_KERNELS_F32, 33, 90, 49},
                                               {EK_KERNELS_F32, 5, 21, 3001, 16}, {EK_KERNELS_F16, 9, 140, 201, 16}};
  static const int threads[] = {2, 3, 8, 0};
  for (int s = 0; s < (int)(sizeof large / sizeof large[0]); s++) {
    bn_case one = bn_case_new(large[s], 0.5, 1, 0), more = bn_case_new(large[s], 0.5, 1, 0);
    assert_int_equal(bn_train(&one, k, 1), EK_KERNELS_OK);
    assert_int_equal(bn_grad(&one, k, 1), EK_KERNELS_OK);
    for (int t = 0; t < 4; t++) {
      assert_int_equal(bn_train(&more, k, threads[t]), EK_KERNELS_OK);
      assert_int_equal(bn_grad(&more, k, threads[t]), EK_KERNELS_OK);
      assert_memory_equal(one.y.data, more.y.data, one.y.bytes);
      assert_memory_equal(one.dx.data, more.dx.data, one.dx.bytes);
      assert_memory_equal(one.mean.data, more.mean.data, one.mean.bytes);
      assert_memory_equal(one.unbiased.data, more.unbiased.data, one.unbiased.bytes);
      assert_memory_equal(one.dscale.data, more.dscale.data, one.dscale.bytes);
      assert_memory_equal(one.doffset.data, more.doffset.data, one.doffset.bytes);
    }
    bn_case_free(&one), bn_case_free(&more);
  }
}
static void threads_change_no_bit(void **state) {
  (void)state;
  for_each_isa(threads_on);
}

/* Statistics alone and gradients alone are those of the whole call. */
static void optional_outputs(void **state) {
  (void)state;
  for (int s = 0; s < SHAPES; s++) {
    bn_case c = bn_case_new(shapes[s], 0.5, 1, 0);
    float mean[64] = {0};
    double mean64[64] = {0};
    void *const to = shapes[s].type == EK_KERNELS_F64 ? (void *)mean64 : (void *)mean;
    assert_int_equal(bn_train(&c, NULL, 1), EK_KERNELS_OK);
    const ek_kernels_batch_norm_train_args train = {.shape = shapes[s],
                                                    .x = c.x.data,
                                                    .mean = to,
                                                    .workspace = c.workspace.data,
                                                    .workspace_bytes = c.workspace.bytes};
    assert_int_equal(ek_kernels_batch_norm_train(NULL, &train), EK_KERNELS_OK);
    assert_memory_equal(to, c.mean.data, c.mean.bytes);
    assert_int_equal(bn_grad(&c, NULL, 1), EK_KERNELS_OK);
    const ek_kernels_batch_norm_grad_args grad = {.shape = shapes[s],
                                                  .epsilon = c.epsilon,
                                                  .x = c.x.data,
                                                  .dy = c.dy.data,
                                                  .scale = c.scale.data,
                                                  .mean = c.mean.data,
                                                  .variance = c.variance.data,
                                                  .dscale = to,
                                                  .workspace = c.workspace.data,
                                                  .workspace_bytes = c.workspace.bytes};
    assert_int_equal(ek_kernels_batch_norm_grad(NULL, &grad), EK_KERNELS_OK);
    assert_memory_equal(to, c.dscale.data, c.dscale.bytes);
    bn_case_free(&c);
  }
}

/* Training, inference and gradients with these arguments; c's outputs are what they were. */
static void refused(bn_case *c, ek_kernels_code want) {
  assert_int_equal(bn_train(c, NULL, 1), want);
  assert_int_equal(bn_infer(c, NULL, 1), want);
  assert_int_equal(bn_grad(c, NULL, 1), want);
}

static void wrong_arguments_are_refused(void **state) {
  (void)state;
  bn_case good = bn_case_new(shapes[0], 0.5, 1, 0), bad;
  size_t bytes = 0;
  assert_int_equal(ek_kernels_batch_norm_train(NULL, NULL), EK_KERNELS_INVALID_ARGUMENT);
  assert_int_equal(ek_kernels_batch_norm_infer(NULL, NULL), EK_KERNELS_INVALID_ARGUMENT);
  assert_int_equal(ek_kernels_batch_norm_grad(NULL, NULL), EK_KERNELS_INVALID_ARGUMENT);
  assert_int_equal(ek_kernels_batch_norm_train_workspace(&good.shape, NULL), EK_KERNELS_INVALID_ARGUMENT);
  bad = good, bad.shape.outer = -1, refused(&bad, EK_KERNELS_INVALID_ARGUMENT);
  bad = good, bad.shape.channels = INT64_MAX / 2, refused(&bad, EK_KERNELS_INVALID_ARGUMENT);
  assert_int_equal(ek_kernels_batch_norm_train_workspace(&bad.shape, &bytes), EK_KERNELS_INVALID_ARGUMENT);
  bad = good, bad.shape.type = (ek_kernels_type)4, refused(&bad, EK_KERNELS_INVALID_ARGUMENT);
  bad = good, bad.shape.block = 8, refused(&bad, EK_KERNELS_INVALID_ARGUMENT);
  bad = good, bad.x.data = NULL, refused(&bad, EK_KERNELS_INVALID_ARGUMENT);
  bad = good, bad.workspace.data = NULL, refused(&bad, EK_KERNELS_WORKSPACE);
  bad = good, bad.workspace.data++, refused(&bad, EK_KERNELS_WORKSPACE);
  assert_int_equal(ek_kernels_batch_norm_train_workspace(&good.shape, &bytes), EK_KERNELS_OK);
  bad = good, bad.workspace.bytes = bytes - 1;
  assert_int_equal(bn_train(&bad, NULL, 1), EK_KERNELS_WORKSPACE);
  assert_int_equal(ek_kernels_batch_norm_infer_workspace(&good.shape, &bytes), EK_KERNELS_OK);
  bad = good, bad.workspace.bytes = bytes - 1;
  assert_int_equal(bn_infer(&bad, NULL, 1), EK_KERNELS_WORKSPACE);
  assert_int_equal(ek_kernels_batch_norm_grad_workspace(&good.shape, &bytes), EK_KERNELS_OK);
  bad = good, bad.workspace.bytes = bytes - 1;
  assert_int_equal(bn_grad(&bad, NULL, 1), EK_KERNELS_WORKSPACE);
  bad = good, bad.y.data = good.x.data + 4, bad.dx.data = good.dy.data + 4, refused(&bad, EK_KERNELS_OVERLAP);
  bad = good, bad.y.data = bad.dx.data = good.scale.data, refused(&bad, EK_KERNELS_OVERLAP);
  bad = good, bad.y.data = bad.dx.data = good.workspace.data, refused(&bad, EK_KERNELS_OVERLAP);
  bad = good, bad.mean.data = good.x.data;
  assert_int_equal(bn_train(&bad, NULL, 1), EK_KERNELS_OVERLAP);
  bad = good, bad.mean.data = good.variance.data;
  assert_int_equal(bn_train(&bad, NULL, 1), EK_KERNELS_OVERLAP);
  bad = good, bad.mean.data = good.scale.data;
  assert_int_equal(bn_train(&bad, NULL, 1), EK_KERNELS_OVERLAP);
  bad = good, bad.dscale.data = good.doffset.data;
  assert_int_equal(bn_grad(&bad, NULL, 1), EK_KERNELS_OVERLAP);
  assert_int_equal(bn_train(&good, NULL, -1), EK_KERNELS_INVALID_ARGUMENT);
  assert_int_equal(bn_infer(&good, NULL, -1), EK_KERNELS_INVALID_ARGUMENT);
  assert_int_equal(bn_grad(&good, NULL, -1), EK_KERNELS_INVALID_ARGUMENT);
  bad = good, bad.y.data = NULL;
  assert_int_equal(bn_infer(&bad, NULL, 1), EK_KERNELS_INVALID_ARGUMENT);
  bad = good, bad.mean.data = NULL;
  assert_int_equal(bn_infer(&bad, NULL, 1), EK_KERNELS_INVALID_ARGUMENT);
  assert_int_equal(bn_grad(&bad, NULL, 1), EK_KERNELS_INVALID_ARGUMENT);
  const guarded written[] = {good.y, good.dx, good.mean, good.variance, good.unbiased, good.dscale, good.doffset};
  for (size_t i = 0; i < sizeof written / sizeof written[0]; i++) guarded_expect_untouched(written[i]);
  bn_case fresh = bn_case_new(shapes[0], 0.5, 1, 0);
  bn_expect_same(good.x, fresh.x), bn_expect_same(good.dy, fresh.dy), bn_expect_same(good.scale, fresh.scale);
  bn_case_free(&good), bn_case_free(&fresh);
}

/* The decisions can be asked for, and follow from layout and size. */
static void decisions_are_told(void **state) {
  (void)state;
  const struct {
    ek_kernels_batch_norm_shape shape;
    const char *form, *schedule;
    int sums, threads;
  } known[] = {{{EK_KERNELS_F32, 100352, 64, 1}, "columns", "shared", 1, 2},
               {{EK_KERNELS_F32, 100352, 3, 1}, "joined columns", "slabs", 1, 1},
               {{EK_KERNELS_F32, 32, 2048, 49}, "blocked columns", "slabs", 1, 2},
               {{EK_KERNELS_F32, 32, 256, 3136}, "runs", "slabs", 1, 2},
               {{EK_KERNELS_F32, 32, 256, 3136}, "runs", "once", 0, 2},
               {{EK_KERNELS_F32, 32, 64, 3136, 16}, "joined columns", "slabs", 1, 2},
               {{EK_KERNELS_F32, 32, 48, 3136, 16}, "joined columns", "shared", 1, 2}};
  ek_kernels_batch_norm_choice told;
  for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
    assert_int_equal(ek_kernels_batch_norm_explain(NULL, &known[i].shape, 1, known[i].sums, known[i].threads, &told),
                     EK_KERNELS_OK);
    assert_string_equal(told.form, known[i].form);
    if (told.threads == known[i].threads) assert_string_equal(told.schedule, known[i].schedule); /* 1 without OpenMP */
    assert_true(told.groups >= 1 && told.groups * told.channels >= known[i].shape.channels && told.l3_bytes > 0);
    assert_true(strlen(told.form_why) > 0 && strlen(told.schedule_why) > 0 && strlen(told.stores_why) > 0);
  }
  assert_int_equal(ek_kernels_batch_norm_explain(NULL, &known[0].shape, 0, 1, 1, &told), EK_KERNELS_INVALID_ARGUMENT);
  assert_int_equal(ek_kernels_batch_norm_explain(NULL, &known[0].shape, 1, 3, 1, &told), EK_KERNELS_INVALID_ARGUMENT);
  assert_int_equal(ek_kernels_batch_norm_explain(NULL, NULL, 1, 1, 1, &told), EK_KERNELS_INVALID_ARGUMENT);
  assert_int_equal(ek_kernels_batch_norm_explain(NULL, &known[0].shape, 1, 1, 1, NULL), EK_KERNELS_INVALID_ARGUMENT);
}

/* Sets that have no stores past the caches do not claim them; those that do need whole blocks. */
static void stores_of(const ek_kernels *k) {
  const bool has = strncmp(ek_kernels_name(k), "avx", 3) == 0;
  const ek_kernels_batch_norm_shape whole = {EK_KERNELS_F32, 4096, 1024, 1024, 16};
  ek_kernels_batch_norm_shape filled = whole;
  ek_kernels_batch_norm_choice told;
  assert_int_equal(ek_kernels_batch_norm_explain(k, &whole, 1, 1, 1, &told), EK_KERNELS_OK);
  assert_int_equal(told.streams, has);
  assert_true(has == (strstr(told.schedule_why, "while the sums of the next") != NULL));
  if (!has) assert_non_null(strstr(told.stores_why, "instruction set"));
  filled.channels--;
  assert_int_equal(ek_kernels_batch_norm_explain(k, &filled, 1, 1, 1, &told), EK_KERNELS_OK);
  assert_int_equal(told.streams, 0);
  if (has) assert_non_null(strstr(told.stores_why, "filled up"));
}
static void stores_are_told(void **state) {
  (void)state;
  for_each_isa(stores_of);
}

/* Each channel begins far from its mean, so that its sums are taken again: beside the results of a slab or not, the
 * same bits come out. */
static void wrong_guesses_on(const ek_kernels *k) {
  static const ek_kernels_batch_norm_shape known[] = {{EK_KERNELS_F32, 2, 37, 1000}, {EK_KERNELS_F32, 3, 48, 131, 16}};
  for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
    bn_case near = bn_case_new(known[i], 0, 1e-2, 0), far = bn_case_new(known[i], 0, 1e-2, 0);
    const int64_t begin = known[i].block == 0 ? 16 : 16 * 16, each = known[i].block == 0 ? known[i].inner : 16 * 131;
    for (int64_t v = 0; v < bn_values(&near); v++)
      if (v % each < begin) bn_set(EK_KERNELS_F32, near.x.data, v, 1e4), bn_set(EK_KERNELS_F32, far.x.data, v, 1e4);
    assert_int_equal(bn_train(&near, k, 1), EK_KERNELS_OK);
    ek__caches_assume((ek__cache_sizes){4096, 8192});
    assert_int_equal(bn_train(&far, k, 1), EK_KERNELS_OK);
    ek__caches_assume((ek__cache_sizes){0, 0});
    bn_expect_same(near.y, far.y), bn_expect_same(near.mean, far.mean), bn_expect_same(near.variance, far.variance);
    bn_case_free(&near), bn_case_free(&far);
  }
}
static void wrong_guesses_beside_results(void **state) {
  (void)state;
  for_each_isa(wrong_guesses_on);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(bad_values_stay_in_their_channel),
      cmocka_unit_test(nothing_to_average),
      cmocka_unit_test(one_value_and_constants),
      cmocka_unit_test(an_outlier_anywhere),
      cmocka_unit_test(threads_change_no_bit),
      cmocka_unit_test(optional_outputs),
      cmocka_unit_test(wrong_arguments_are_refused),
      cmocka_unit_test(decisions_are_told),
      cmocka_unit_test(stores_are_told),
      cmocka_unit_test(wrong_guesses_beside_results),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
