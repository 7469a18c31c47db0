/* SPDX-License-Identifier: Apache-2.0 */
/* Scale and shift alone: every instruction set, type, layout, size around the vector length, alignment, in place. */
#include "batch_norm_test.h"

static const ek_kernels *kernels;

/* bn_scale and bn_offset of the case, without as it says. */
static ek_kernels_code apply(const bn_case *c, const ek_kernels *k, int threads) {
  return ek_kernels_batch_norm_apply(
      k, &(ek_kernels_batch_norm_apply_args){.shape = c->shape,
                                             .x = c->x.data,
                                             .a = c->without & WITHOUT_SCALE ? NULL : c->scale.data,
                                             .b = c->without & WITHOUT_OFFSET ? NULL : c->offset.data,
                                             .y = c->y.data,
                                             .workspace = c->workspace.data,
                                             .workspace_bytes = c->workspace.bytes,
                                             .threads = threads});
}

/* The product and the sum are rounded once each at most, and the result to its storage: a denormal float16 to a
 * multiple of 2^-24. */
static void check_values(const bn_case *c) {
  const real eps = c->shape.type == EK_KERNELS_F64 ? 0x1p-53L : 0x1p-24L;
  const real denormal = c->shape.type == EK_KERNELS_F16 ? 0x1p-25L : 0;
  for (int64_t i = 0; i < bn_values(c); i++) {
    const real scale = bn_real(c, i) ? (real)bn_scale(c, bn_channel(c, i)) : 0;
    const real product = (real)bn_value(c->shape.type, c->x.data, i) * scale;
    const real want = product + (real)bn_offset(c, i), got = (real)bn_value(c->shape.type, c->y.data, i);
    const real room =
        eps * (fabsl(product) + 2 * fabsl(want)) + (real)bn_storage_eps(c->shape.type) * fabsl(want) + denormal;
    if (fabsl(got - want) <= room) continue;
    print_error("%s type %d [%lld]: got %La, want %La, off by %Lg, allowed %Lg\n", ek_kernels_name(kernels),
                (int)c->shape.type, (long long)i, got, want, fabsl(got - want), room);
    fail();
  }
}

static void check(ek_kernels_batch_norm_shape shape) {
  for (unsigned without = 0; without <= (WITHOUT_SCALE | WITHOUT_OFFSET); without++) {
    bn_case c = bn_case_new(shape, 0.5, 1, without);
    assert_int_equal(apply(&c, kernels, 1), EK_KERNELS_OK);
    check_values(&c);
    if (without == (WITHOUT_SCALE | WITHOUT_OFFSET) && c.x.bytes > 0)
      assert_memory_equal(c.x.data, c.y.data, c.x.bytes);
    bn_expect_in_place(&c, kernels, apply, &c.x, &c.y);
    bn_case_free(&c);
  }
}

static void sizes_on(const ek_kernels *k) {
  kernels = k;
  for (int type = EK_KERNELS_F32; type <= EK_KERNELS_F16; type++) {
    const ek_kernels_type t = (ek_kernels_type)type;
    for (int64_t n = 0; n <= 2 * MAX_LANES + 1; n++) {
      check((ek_kernels_batch_norm_shape){t, 5, n, 1});
      check((ek_kernels_batch_norm_shape){t, n, 3, 1});
      check((ek_kernels_batch_norm_shape){t, 3, 2, n});
      check((ek_kernels_batch_norm_shape){t, n, 1, 2});
      check((ek_kernels_batch_norm_shape){t, 3, n, 2, 16});
      check((ek_kernels_batch_norm_shape){t, 2, 18, n, 16});
    }
    if (type > LAST_LARGE_TYPE) continue;
    check((ek_kernels_batch_norm_shape){t, 1000, 70, 1});
    check((ek_kernels_batch_norm_shape){t, 3, 2, 11000});
  }
}
static void every_size_around_the_vector_length(void **state) {
  (void)state;
  for_each_isa(sizes_on);
}

static void threads_on(const ek_kernels *k) {
  const ek_kernels_batch_norm_shape large[] = {{EK_KERNELS_F32, 3001, 70, 1}, {EK_KERNELS_BF16, 9, 2, 30000}};
  for (int s = 0; s < 2; s++) {
    bn_case one = bn_case_new(large[s], 0.5, 1, 0), more = bn_case_new(large[s], 0.5, 1, 0);
    assert_int_equal(apply(&one, k, 1), EK_KERNELS_OK);
    assert_int_equal(apply(&more, k, 3), EK_KERNELS_OK);
    assert_memory_equal(one.y.data, more.y.data, one.y.bytes);
    bn_case_free(&one), bn_case_free(&more);
  }
}
static void threads_change_no_bit(void **state) {
  (void)state;
  for_each_isa(threads_on);
}

/* NaN and infinities are multiplied like anything else, value by value; without b a zero keeps its sign, a denormal
 * its value. */
static void special_on(const ek_kernels *k) {
  static const double values[] = {NAN, INFINITY, -INFINITY, 0.0, -0.0, 0x1p-149, 1};
  for (int inner = 1; inner <= 19; inner += 18) {
    bn_case c = bn_case_new((ek_kernels_batch_norm_shape){EK_KERNELS_F32, 5, 7, inner}, 0, 1, WITHOUT_OFFSET);
    for (int64_t ch = 0; ch < 7; ch++) bn_set(EK_KERNELS_F32, c.scale.data, ch, 2);
    for (int64_t i = 0; i < bn_values(&c); i++) bn_set(EK_KERNELS_F32, c.x.data, i, values[i * 3 % 7]);
    assert_int_equal(apply(&c, k, 1), EK_KERNELS_OK);
    for (int64_t i = 0; i < bn_values(&c); i++) {
      const double want = values[i * 3 % 7] * 2, got = bn_value(EK_KERNELS_F32, c.y.data, i);
      assert_true(isnan(want) ? isnan(got) : got == want && signbit(got) == signbit(want));
    }
    bn_case_free(&c);
  }
}
static void special_values(void **state) {
  (void)state;
  for_each_isa(special_on);
}

static void refused(bn_case *c, ek_kernels_code want) {
  const unsigned char before = c->x.data != NULL ? c->x.data[0] : 0;
  assert_int_equal(apply(c, NULL, 1), want);
  if (c->x.data != NULL) assert_int_equal(c->x.data[0], before);
}

static void wrong_arguments_are_refused(void **state) {
  (void)state;
  bn_case good = bn_case_new((ek_kernels_batch_norm_shape){EK_KERNELS_F32, 40, 21, 1}, 0.5, 1, 0), bad;
  size_t bytes = 0;
  assert_int_equal(ek_kernels_batch_norm_apply(NULL, NULL), EK_KERNELS_INVALID_ARGUMENT);
  assert_int_equal(ek_kernels_batch_norm_apply_workspace(&good.shape, NULL), EK_KERNELS_INVALID_ARGUMENT);
  assert_int_equal(ek_kernels_batch_norm_apply_workspace(&good.shape, &bytes), EK_KERNELS_OK);
  bad = good, bad.shape.inner = -1, refused(&bad, EK_KERNELS_INVALID_ARGUMENT);
  bad = good, bad.x.data = NULL, refused(&bad, EK_KERNELS_INVALID_ARGUMENT);
  bad = good, bad.y.data = NULL, refused(&bad, EK_KERNELS_INVALID_ARGUMENT);
  bad = good, bad.workspace.bytes = bytes - 1, refused(&bad, EK_KERNELS_WORKSPACE);
  bad = good, bad.workspace.data = NULL, refused(&bad, EK_KERNELS_WORKSPACE);
  bad = good, bad.y.data = good.x.data + 4, refused(&bad, EK_KERNELS_OVERLAP);
  bad = good, bad.scale.data = good.y.data, refused(&bad, EK_KERNELS_OVERLAP);
  assert_int_equal(apply(&good, NULL, -1), EK_KERNELS_INVALID_ARGUMENT);
  bn_case_free(&good);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(every_size_around_the_vector_length),
      cmocka_unit_test(threads_change_no_bit),
      cmocka_unit_test(special_values),
      cmocka_unit_test(wrong_arguments_are_refused),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
