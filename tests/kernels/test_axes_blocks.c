/* SPDX-License-Identifier: Apache-2.0 */
/* Views for batch norm over axes: axes that lie in blocks of 16 (nChw16c), ghost batches and instances in every layout.
 */
#include "axes_checks.h"

/* Every kept axis in blocks, the last of them filled up by any number of values, in turn contiguous, with gaps and
 * turned round. */
static void blocks_on(const ek_kernels *k) {
  kernels = k;
  for (int type = EK_KERNELS_F32; type <= EK_KERNELS_F16; type++)
    for (unsigned i = 0; i < 3; i++)
      for (int64_t n = 1; n <= 35; n += n % 16 < 2 ? 1 : n % 16 == 15 ? 1 : 13)
        for (unsigned kept = 1; kept < 8; kept++)
          for (unsigned shared = 0; shared < 8; shared++) {
            if ((shared & ~kept) != 0 || (kept >> i & 1) == 0) continue;
            ek_kernels_axes a = {
                .type = (ek_kernels_type)type, .rank = 3, .sizes = {3, 4, 5}, .kept = kept, .shared = shared};
            a.sizes[i] = n, a.blocked = 1u << i;
            check(a, (kept + shared) % 4);
            if (type == EK_KERNELS_F32) check(with_gaps(a), 0), check(turned(a), 0);
          }
}
static void every_axis_in_blocks(void **state) {
  (void)state;
  for_each_isa(blocks_on);
}

/* A batch norm of nChw16c, whether blocks are said to be or come as two axes, has the bits of ek_kernels_batch_norm_*.
 */
static void same_bits_on(const ek_kernels *k) {
  const ek_kernels_axes views[] = {
      {.rank = 4, .sizes = {6, 48, 5, 7}, .kept = 2, .blocked = 2},
      {.rank = 4, .sizes = {6, 37, 5, 7}, .kept = 2, .blocked = 2},
      {.rank = 2, .sizes = {60, 37}, .kept = 2, .blocked = 2},
      {.rank = 4, .sizes = {6, 3, 35, 16}, .kept = 10},
  };
  for (int v = 0; v < 4; v++) {
    axes_case c = axes_case_new(views[v], 0.5, 1, 0);
    const int64_t inner = v == 2 ? 1 : 35;
    bn_case want =
        bn_case_new((ek_kernels_batch_norm_shape){EK_KERNELS_F32, v == 2 ? 60 : 6, c.statistics, inner, 16}, 0, 1, 0);
    assert_int_equal(want.x.bytes, c.x.bytes);
    memcpy(want.x.data, c.x.data, c.x.bytes), memcpy(want.dy.data, c.dy.data, c.dy.bytes);
    memcpy(want.scale.data, c.scale.data, c.scale.bytes), memcpy(want.offset.data, c.offset.data, c.offset.bytes);
    assert_int_equal(axes_train(&c, k, 1), EK_KERNELS_OK);
    assert_int_equal(bn_train(&want, k, 1), EK_KERNELS_OK);
    bn_expect_same(c.y, want.y), bn_expect_same(c.mean, want.mean), bn_expect_same(c.variance, want.variance);
    assert_int_equal(axes_grad(&c, k, 1), EK_KERNELS_OK);
    assert_int_equal(bn_grad(&want, k, 1), EK_KERNELS_OK);
    bn_expect_same(c.dx, want.dx), bn_expect_same(c.dscale, want.dscale);
    axes_case_free(&c), bn_case_free(&want);
  }
}
static void blocks_of_a_batch_norm_have_its_bits(void **state) {
  (void)state;
  for_each_isa(same_bits_on);
}

/* Whose row b of the batch is, and that the view has it so: x [batch * rows, channels, inner]. */
static void check_ghosts(ek_kernels_batch_norm_shape shape, int64_t batch, int64_t virtual_size, int blocks) {
  ek_kernels_axes a;
  assert_int_equal(ek_kernels_ghost_axes(&shape, batch, virtual_size, blocks, &a), EK_KERNELS_OK);
  axes_case c = axes_case_new(a, 0.5, 1, 0);
  const bn_case whole = {.shape = shape};
  const int64_t groups = batch / virtual_size, sample = shape.outer / batch * bn_stored(&shape) * shape.inner;
  assert_int_equal(c.span, batch * sample);
  assert_int_equal(c.elements, shape.outer * shape.channels * shape.inner);
  assert_int_equal(c.statistics, groups * shape.channels);
  assert_int_equal(c.parameters, shape.channels);
  for (int64_t e = 0; e < c.elements; e++) {
    const int64_t at = c.at[e], row = at / sample, channel = bn_channel(&whole, at);
    const int64_t group = blocks ? row / virtual_size : row % groups;
    assert_int_equal(c.statistic[e], group * shape.channels + channel);
    assert_int_equal(c.parameter[e], channel);
  }
  check_train(&c), check_grad(&c);
  axes_case_free(&c);
}

static void ghosts_on(const ek_kernels *k) {
  kernels = k;
  const ek_kernels_batch_norm_shape shapes[] = {{EK_KERNELS_F32, 12, 19, 1},     /* dense */
                                                {EK_KERNELS_F32, 12 * 35, 9, 1}, /* NHWC */
                                                {EK_KERNELS_F32, 12, 9, 35},     /* NCHW */
                                                {EK_KERNELS_F64, 12 * 35, 9, 1},  {EK_KERNELS_BF16, 12, 9, 35},
                                                {EK_KERNELS_F32, 12, 32, 7, 16}, /* nChw16c */
                                                {EK_KERNELS_F32, 12, 39, 7, 16},  {EK_KERNELS_F16, 12, 9, 35, 16},
                                                {EK_KERNELS_F64, 12, 21, 1, 16},  {EK_KERNELS_F32, 12, 19, 1200, 16},
                                                {EK_KERNELS_F32, 12 * 1500, 5, 1}};
  for (int s = 0; s < (LAST_LARGE_TYPE == EK_KERNELS_F32 ? 9 : 11); s++)
    for (int64_t size = 1; size <= 12; size++) {
      if (12 % size != 0) continue;
      check_ghosts(shapes[s], 12, size, 0);
      check_ghosts(shapes[s], 12, size, 1);
    }
}

static void ghosts_and_instances(void **state) {
  (void)state;
  for_each_isa(ghosts_on);
  const ek_kernels_batch_norm_shape shape = {EK_KERNELS_F32, 12, 9, 5};
  ek_kernels_axes a, b = {.rank = 3};
  assert_int_equal(ek_kernels_instance_axes(&shape, 4, &a), EK_KERNELS_OK); /* 4 samples of 3 rows */
  const int64_t sizes[] = {4, 3, 9, 5};
  assert_memory_equal(a.sizes, sizes, sizeof sizes);
  assert_true(a.rank == 4 && a.kept == 5 && a.shared == 1);
  const ek_kernels_batch_norm_shape blocks = {EK_KERNELS_F32, 12, 9, 5, 16}, wrong = {EK_KERNELS_F32, 12, 9, 5, 8};
  assert_true(a.blocked == 0 && ek_kernels_instance_axes(&blocks, 12, &a) == EK_KERNELS_OK && a.blocked == 4);
  assert_int_equal(ek_kernels_instance_axes(&wrong, 12, &b), EK_KERNELS_INVALID_ARGUMENT);
  assert_int_equal(ek_kernels_ghost_axes(&wrong, 12, 3, 0, &b), EK_KERNELS_INVALID_ARGUMENT);
  assert_int_equal(ek_kernels_instance_axes(&shape, 5, &b), EK_KERNELS_INVALID_ARGUMENT);
  assert_int_equal(ek_kernels_instance_axes(&shape, -1, &b), EK_KERNELS_INVALID_ARGUMENT);
  assert_int_equal(ek_kernels_instance_axes(&shape, 12, NULL), EK_KERNELS_INVALID_ARGUMENT);
  assert_int_equal(ek_kernels_instance_axes(NULL, 12, &b), EK_KERNELS_INVALID_ARGUMENT);
  assert_int_equal(ek_kernels_ghost_axes(&shape, 12, 5, 0, &b), EK_KERNELS_INVALID_ARGUMENT);
  assert_int_equal(ek_kernels_ghost_axes(&shape, 12, 0, 0, &b), EK_KERNELS_INVALID_ARGUMENT);
  assert_int_equal(ek_kernels_ghost_axes(&shape, 7, 7, 0, &b), EK_KERNELS_INVALID_ARGUMENT);
  assert_int_equal(b.rank, 3);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(every_axis_in_blocks),
      cmocka_unit_test(blocks_of_a_batch_norm_have_its_bits),
      cmocka_unit_test(ghosts_and_instances),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
