/* SPDX-License-Identifier: Apache-2.0 */
/* Batch norm over any axes, of contiguous and strided views: every instruction set and type against long double. */
#include "axes_checks.h"

static void subsets_on(const ek_kernels *k) {
  kernels = k;
  for (int type = EK_KERNELS_F32; type <= EK_KERNELS_F16; type++)
    for (unsigned kept = 0; kept < 16; kept++)
      for (unsigned shared = 0; shared < 16; shared++) {
        if (shared & ~kept) continue;
        const ek_kernels_axes a = {
            .type = (ek_kernels_type)type, .rank = 4, .sizes = {3, 4, 5, 7}, .kept = kept, .shared = shared};
        check(a, (kept + shared) % 4);
        if (type <= LAST_LARGE_TYPE) check(with_gaps(a), 0), check(turned(a), 0), check(thinned(a), 0);
      }
}
static void every_subset_of_axes(void **state) {
  (void)state;
  for_each_isa(subsets_on);
}

static void sizes_on(const ek_kernels *k) {
  kernels = k;
  for (int type = EK_KERNELS_F32; type <= EK_KERNELS_F16; type++)
    for (int64_t n = 1; n <= 2 * MAX_LANES + 1; n++) {
      const ek_kernels_type t = (ek_kernels_type)type;
      check((ek_kernels_axes){.type = t, .rank = 4, .sizes = {2, 3, 2, n}, .kept = 10}, 0);
      check((ek_kernels_axes){.type = t, .rank = 4, .sizes = {3, 2, n, 2}, .kept = 9, .shared = 1}, 0);
      check((ek_kernels_axes){.type = t, .rank = 4, .sizes = {2, 3, 2, n}, .kept = 5}, 0);
    }
}
static void every_size_around_the_vector_length(void **state) {
  (void)state;
  for_each_isa(sizes_on);
}

/* Blocks in several parts, rows in several pieces; all axes kept, or none; axes of size 1; eight of them. */
static void shapes_on(const ek_kernels *k) {
  kernels = k;
  const ek_kernels_axes shapes[] = {
      {.rank = 4, .sizes = {20, 2, 200, 9}, .kept = 10},
      {.rank = 3, .sizes = {2, 3600, 19}, .kept = 5},
      {.rank = 4, .sizes = {30, 2, 90, 16}, .kept = 10, .shared = 2},
      {.rank = 4, .sizes = {2, 30, 3, 90}, .kept = 5},
      {.rank = 4, .sizes = {3, 9, 2, 300}, .kept = 5, .shared = 1},
      {.rank = 2, .sizes = {300, 200}, .kept = 2},
      {.rank = 0},
      {.rank = 2, .sizes = {5, 6}, .kept = 3, .shared = 3},
      {.rank = 5, .sizes = {4, 1, 3, 1, 9}, .kept = 26, .shared = 2},
      {.rank = 8, .sizes = {2, 3, 2, 2, 3, 2, 3, 5}, .kept = 0xaa, .shared = 0x28},
  };
  for (size_t i = 0; i < sizeof shapes / sizeof shapes[0]; i++)
    for (int type = EK_KERNELS_F32; type <= LAST_LARGE_TYPE; type++) {
      ek_kernels_axes a = shapes[i];
      a.type = (ek_kernels_type)type;
      check(a, 0);
    }
}
static void larger_shapes(void **state) {
  (void)state;
  for_each_isa(shapes_on);
}

/* A mean a million times the spread costs no digits, in whatever order statistics and their values lie. */
static void large_means_on(const ek_kernels *k) {
  kernels = k;
  for (unsigned kept = 0; kept < 8; kept++)
    for (int wide = 0; wide < 2; wide++) {
      ek_kernels_axes a = {.rank = 3, .sizes = {12, 7, 19}, .kept = kept, .shared = kept & 1};
      a.type = wide ? EK_KERNELS_F64 : EK_KERNELS_F32;
      axes_case c = axes_case_new(a, wide ? 1e9 : 1e4, 1e-2, 0);
      check_train(&c);
      axes_case_free(&c);
    }
}
static void large_means(void **state) {
  (void)state;
  for_each_isa(large_means_on);
}

static void write_to_inputs(axes_case *c, ek_kernels_code (*call)(const axes_case *, const ek_kernels *, int),
                            guarded *in, guarded *out) {
  const guarded elsewhere = *out, copy = guarded_new(in->bytes, 0), was = *in;
  memcpy(copy.data, in->data, in->bytes);
  *in = *out = copy;
  assert_int_equal(call(c, kernels, 1), EK_KERNELS_OK);
  *in = was, *out = elsewhere;
  for (int64_t e = 0; e < c->elements; e++)
    assert_true(bn_value(c->axes.type, copy.data, c->at[e]) == bn_value(c->axes.type, elsewhere.data, c->at[e]));
  guarded_free(copy);
}

static void in_place_of(ek_kernels_axes a, const ek_kernels *k) {
  axes_case c = axes_case_new(a, 0.5, 1, 0);
  c.decay = 0; /* the moving averages stay */
  assert_int_equal(axes_train(&c, k, 1), EK_KERNELS_OK);
  write_to_inputs(&c, axes_train, &c.x, &c.y);
  assert_int_equal(axes_infer(&c, k, 1), EK_KERNELS_OK);
  write_to_inputs(&c, axes_infer, &c.x, &c.y);
  for (c.frozen = 0; c.frozen < 2; c.frozen++) {
    assert_int_equal(axes_grad(&c, k, 1), EK_KERNELS_OK);
    write_to_inputs(&c, axes_grad, &c.x, &c.dx);
    write_to_inputs(&c, axes_grad, &c.dy, &c.dx);
  }
  axes_case_free(&c);
}
static void in_place_on(const ek_kernels *k) {
  kernels = k;
  in_place_of(with_gaps((ek_kernels_axes){.rank = 4, .sizes = {3, 4, 5, 19}, .kept = 10, .shared = 2}), k);
  in_place_of((ek_kernels_axes){.rank = 4, .sizes = {3, 4, 19, 5}, .kept = 5, .shared = 1, .blocked = 4}, k);
}
static void in_place(void **state) {
  (void)state;
  for_each_isa(in_place_on);
}

static void threads_on(const ek_kernels *k) {
  const ek_kernels_axes shapes[] = {{.rank = 4, .sizes = {20, 2, 200, 9}, .kept = 10},
                                    {.rank = 4, .sizes = {40, 50, 30, 17}, .kept = 10, .shared = 2},
                                    {.rank = 3, .sizes = {60, 9, 2000}, .kept = 3},
                                    {.rank = 3, .sizes = {20, 23, 4000}, .kept = 2, .blocked = 2},
                                    {.rank = 4, .sizes = {3, 20, 23, 1500}, .kept = 5, .shared = 1, .blocked = 4}};
  for (int s = 0; s < 5; s++) {
    axes_case one = axes_case_new(shapes[s], 0.5, 1, 0), more = axes_case_new(shapes[s], 0.5, 1, 0);
    assert_int_equal(axes_train(&one, k, 1), EK_KERNELS_OK);
    assert_int_equal(axes_grad(&one, k, 1), EK_KERNELS_OK);
    assert_int_equal(axes_train(&more, k, 3), EK_KERNELS_OK);
    assert_int_equal(axes_grad(&more, k, 3), EK_KERNELS_OK);
    assert_memory_equal(one.y.data, more.y.data, one.y.bytes);
    assert_memory_equal(one.dx.data, more.dx.data, one.dx.bytes);
    assert_memory_equal(one.variance.data, more.variance.data, one.variance.bytes);
    assert_memory_equal(one.moving_variance.data, more.moving_variance.data, one.moving_variance.bytes);
    assert_memory_equal(one.dscale.data, more.dscale.data, one.dscale.bytes);
    axes_case_free(&one), axes_case_free(&more);
  }
}
static void threads_change_no_bit(void **state) {
  (void)state;
  for_each_isa(threads_on);
}

/* What is bad stays with the statistic whose value it is; nothing to average gives NaN, and gradients of zero. */
static void bad_value(ek_kernels_axes axes, double value) {
  for (int of_dy = 0; of_dy < 2; of_dy++) {
    axes_case c = axes_case_new(axes, 0.5, 1, 0);
    bn_set(axes.type, of_dy ? c.dy.data : c.x.data, c.at[100], value);
    assert_int_equal(axes_train(&c, kernels, 1), EK_KERNELS_OK);
    assert_int_equal(axes_grad(&c, kernels, 1), EK_KERNELS_OK);
    for (int64_t e = 0; e < c.elements; e++) {
      const bool bad = c.statistic[e] == c.statistic[100];
      assert_true(isfinite(bn_value(axes.type, c.y.data, c.at[e])) == (of_dy || !bad));
      assert_true(isfinite(bn_value(axes.type, c.dx.data, c.at[e])) == !bad);
    }
    axes_case_free(&c);
  }
}

static void special_on(const ek_kernels *k) {
  kernels = k;
  const ek_kernels_axes shape = {.rank = 4, .sizes = {3, 4, 5, 19}, .kept = 10};
  for (int type = EK_KERNELS_F32; type <= EK_KERNELS_F16; type++) {
    ek_kernels_axes a = shape;
    a.type = (ek_kernels_type)type;
    bad_value(a, NAN), bad_value(a, INFINITY), bad_value(with_gaps(a), -INFINITY);
    a.blocked = 8;
    bad_value(a, NAN), bad_value(with_gaps(a), INFINITY);
  }
  axes_case c;
  const ek_kernels_axes empty[] = {{.rank = 4, .sizes = {0, 4, 5, 19}, .kept = 10, .shared = 2},
                                   {.rank = 4, .sizes = {3, 0, 5, 19}, .kept = 10, .shared = 2},
                                   {.rank = 4, .sizes = {3, 4, 5, 0}, .kept = 10}};
  for (int i = 0; i < 3; i++) {
    c = axes_case_new(empty[i], 0.5, 1, 0);
    assert_int_equal(axes_train(&c, k, 1), EK_KERNELS_OK);
    assert_int_equal(axes_infer(&c, k, 1), EK_KERNELS_OK);
    assert_int_equal(axes_grad(&c, k, 1), EK_KERNELS_OK);
    for (int64_t s = 0; s < c.statistics; s++) assert_true(isnan((double)axes_param(&c, c.variance, s)));
    for (int64_t p = 0; p < c.parameters; p++) {
      assert_true(isnan((double)axes_param(&c, c.moving_mean, p)));
      assert_true(axes_param(&c, c.dscale, p) == 0 && axes_param(&c, c.doffset, p) == 0);
    }
    axes_case_free(&c);
  }
}
static void special_values(void **state) {
  (void)state;
  for_each_isa(special_on);
}

/* Statistics alone and gradients alone are those of the whole call. */
static void optional_on(const ek_kernels *k) {
  kernels = k;
  const ek_kernels_axes shapes[] = {{.rank = 4, .sizes = {3, 4, 5, 19}, .kept = 10, .shared = 2},
                                    {.rank = 3, .sizes = {6, 5, 19}, .kept = 5},
                                    {.rank = 3, .sizes = {3, 6, 19}, .kept = 5, .blocked = 4}};
  for (int s = 0; s < 3; s++) {
    axes_case whole = axes_case_new(shapes[s], 0.5, 1, 0), part = axes_case_new(shapes[s], 0.5, 1, 0);
    const guarded y = part.y, dx = part.dx, dscale = part.dscale, mean = part.mean, unbiased = part.unbiased;
    assert_int_equal(axes_train(&whole, k, 1), EK_KERNELS_OK);
    assert_int_equal(axes_grad(&whole, k, 1), EK_KERNELS_OK);
    part.y.data = part.unbiased.data = NULL;
    assert_int_equal(axes_train(&part, k, 1), EK_KERNELS_OK);
    bn_expect_same(whole.mean, mean), bn_expect_same(whole.variance, part.variance);
    bn_expect_same(whole.moving_variance, part.moving_variance);
    part.dx.data = NULL;
    assert_int_equal(axes_grad(&part, k, 1), EK_KERNELS_OK);
    bn_expect_same(whole.dscale, dscale), bn_expect_same(whole.doffset, part.doffset);
    part.dx = dx, part.dscale.data = NULL;
    assert_int_equal(axes_grad(&part, k, 1), EK_KERNELS_OK);
    bn_expect_same(whole.dx, dx);
    part.y = y, part.mean.data = NULL;
    assert_int_equal(axes_train(&part, k, 1), EK_KERNELS_OK);
    bn_expect_same(whole.y, y);
    part.mean = mean, part.dscale = dscale, part.unbiased = unbiased;
    axes_case_free(&part), axes_case_free(&whole);
  }
}
static void optional_outputs(void **state) {
  (void)state;
  for_each_isa(optional_on);
}

static void refused(axes_case *c, ek_kernels_code want) {
  assert_int_equal(axes_train(c, NULL, 1), want);
  assert_int_equal(axes_grad(c, NULL, 1), want);
}

static void wrong_arguments_are_refused(void **state) {
  (void)state;
  axes_case good = axes_case_new((ek_kernels_axes){.rank = 4, .sizes = {3, 4, 5, 19}, .kept = 10}, 0.5, 1, 0), bad;
  size_t bytes;
  assert_int_equal(ek_kernels_axes_norm_train(NULL, NULL), EK_KERNELS_INVALID_ARGUMENT);
  assert_int_equal(ek_kernels_axes_norm_infer(NULL, NULL), EK_KERNELS_INVALID_ARGUMENT);
  assert_int_equal(ek_kernels_axes_norm_grad(NULL, NULL), EK_KERNELS_INVALID_ARGUMENT);
  assert_int_equal(ek_kernels_axes_norm_train_workspace(NULL, &bytes), EK_KERNELS_INVALID_ARGUMENT);
  assert_int_equal(ek_kernels_axes_norm_train_workspace(&good.axes, NULL), EK_KERNELS_INVALID_ARGUMENT);
  bad = good, bad.axes.rank = -1, refused(&bad, EK_KERNELS_INVALID_ARGUMENT);
  bad = good, bad.axes.rank = 9, refused(&bad, EK_KERNELS_INVALID_ARGUMENT);
  bad = good, bad.axes.type = (ek_kernels_type)7, refused(&bad, EK_KERNELS_INVALID_ARGUMENT);
  bad = good, bad.axes.sizes[2] = -1, refused(&bad, EK_KERNELS_INVALID_ARGUMENT);
  bad = good, bad.axes.sizes[2] = INT64_MAX / 2, refused(&bad, EK_KERNELS_INVALID_ARGUMENT);
  bad = good, bad.axes.kept = 16, refused(&bad, EK_KERNELS_INVALID_ARGUMENT);
  bad = good, bad.axes.shared = 1, refused(&bad, EK_KERNELS_INVALID_ARGUMENT);
  bad = good, bad.axes.blocked = 1, refused(&bad, EK_KERNELS_INVALID_ARGUMENT);  /* which is not kept */
  bad = good, bad.axes.blocked = 10, refused(&bad, EK_KERNELS_INVALID_ARGUMENT); /* two */
  bad = good, bad.axes = with_gaps(good.axes), bad.axes.blocked = 2;             /* values coincide with blocks */
  refused(&bad, EK_KERNELS_INVALID_ARGUMENT);
  bad = good, bad.axes.strides[0] = 1, refused(&bad, EK_KERNELS_INVALID_ARGUMENT); /* the others would be 0 */
  bad = good, bad.axes = with_gaps(good.axes), bad.axes.strides[0] = 19;           /* values coincide */
  refused(&bad, EK_KERNELS_INVALID_ARGUMENT);
  bad.axes.strides[0] = INT64_MAX / 2, refused(&bad, EK_KERNELS_INVALID_ARGUMENT);
  bad.axes.strides[0] = -1000, refused(&bad, EK_KERNELS_INVALID_ARGUMENT);
  bad = good, bad.x.data = NULL, refused(&bad, EK_KERNELS_INVALID_ARGUMENT);
  assert_int_equal(axes_infer(&bad, NULL, 1), EK_KERNELS_INVALID_ARGUMENT);
  bad = good, bad.workspace.data = NULL, refused(&bad, EK_KERNELS_WORKSPACE);
  assert_int_equal(ek_kernels_axes_norm_train_workspace(&good.axes, &bytes), EK_KERNELS_OK);
  bad = good, bad.workspace.bytes = bytes - 1, refused(&bad, EK_KERNELS_WORKSPACE);
  bad = good, bad.workspace.data++, refused(&bad, EK_KERNELS_WORKSPACE);
  bad = good, bad.y.data = good.x.data + 4, bad.dx.data = good.dy.data + 4, refused(&bad, EK_KERNELS_OVERLAP);
  bad = good, bad.mean.data = good.variance.data;
  assert_int_equal(axes_train(&bad, NULL, 1), EK_KERNELS_OVERLAP);
  bad = good, bad.dscale.data = good.mean.data;
  assert_int_equal(axes_grad(&bad, NULL, 1), EK_KERNELS_OVERLAP);
  bad = good, bad.mean.data = NULL;
  assert_int_equal(axes_grad(&bad, NULL, 1), EK_KERNELS_INVALID_ARGUMENT);
  assert_int_equal(axes_train(&good, NULL, -1), EK_KERNELS_INVALID_ARGUMENT);
  const guarded written[] = {good.y, good.dx, good.mean, good.variance, good.unbiased, good.dscale, good.doffset};
  for (size_t i = 0; i < sizeof written / sizeof written[0]; i++) guarded_expect_untouched(written[i]);
  axes_case_free(&good);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(every_subset_of_axes),
      cmocka_unit_test(every_size_around_the_vector_length),
      cmocka_unit_test(larger_shapes),
      cmocka_unit_test(large_means),
      cmocka_unit_test(in_place),
      cmocka_unit_test(threads_change_no_bit),
      cmocka_unit_test(special_values),
      cmocka_unit_test(optional_outputs),
      cmocka_unit_test(wrong_arguments_are_refused),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
