/* SPDX-License-Identifier: Apache-2.0 */
/* Batch norm against the formulas in double: every instruction set, type, layout, size around the vector length,
 * alignment, with and without each optional array, in place, and nothing written beside the outputs. */
#include "batch_norm_test.h"
#include "kernels/caches.h"

/* Relative errors in units of T's half ulp (2^-24, 2^-53). A lane adds up at most 64 terms of T before the rest is done
 * in double: 64 half ulps of the sum of magnitudes, and a few more for the terms themselves. */
#define SUM_EPS 70.0L
/* y and dx: their error from the sums, of the size of SUM_EPS spread over a few statistics, and five roundings. */
#define DATA_EPS 160.0L

static const ek_kernels *kernels;

static void close_to(const char *what, double got, real want, real room) {
  const real off = fabsl((real)got - want);
  if ((isnan(got) && isnan(want)) || off == 0 || off <= room) return;
  print_error("%s %s: got %a, want %La, off by %Lg, allowed %Lg\n", ek_kernels_name(kernels), what, got, want, off,
              room);
  fail();
}

/* The whole of a case: forward, inference, backward and frozen, in and out of place. */
static void check(ek_kernels_batch_norm_shape shape, double mean, double spread, int threads, unsigned without) {
  bn_case c = bn_case_new(shape, mean, spread, without);
  const int64_t n = bn_values(&c), count = shape.outer * shape.inner;
  const real eps = shape.type == EK_KERNELS_F64 ? 0x1p-53L : 0x1p-24L;
  bn_reference r = bn_reference_of(&c);

  assert_int_equal(bn_train(&c, kernels, threads), EK_KERNELS_OK);
  for (int64_t ch = 0; ch < shape.channels; ch++) {
    const real size = r.deviation[ch]; /* mean |x - mean| */
    close_to("mean", bn_param(&c, c.mean, ch), r.base[ch] + r.mean[ch],
             eps * (fabsl(r.base[ch] + r.mean[ch]) + SUM_EPS * size));
    close_to("variance", bn_param(&c, c.variance, ch), r.variance[ch], eps * (SUM_EPS + 4) * r.variance[ch]);
    const real unbiased = r.variance[ch] * (real)count / (real)(count > 1 ? count - 1 : 1);
    close_to("unbiased", bn_param(&c, c.unbiased, ch), unbiased, eps * (SUM_EPS + 4) * unbiased);
  }
  for (int64_t i = 0; i < n; i++) {
    const real room =
        !bn_real(&c, i) ? 0 : eps * DATA_EPS * (1 + fabsl(r.y[i])) + (real)bn_storage_eps(shape.type) * fabsl(r.y[i]);
    close_to("y", bn_value(shape.type, c.y.data, i), r.y[i], room);
  }
  bn_expect_in_place(&c, kernels, bn_train, &c.x, &c.y);

  bn_round_statistics(&c, &r); /* what follows starts from the statistics as the caller has them */
  assert_int_equal(bn_infer(&c, kernels, threads), EK_KERNELS_OK);
  for (int64_t i = 0; i < n; i++) {
    const real want = bn_reference_infer(&c, &r, i);
    const real room =
        8 * eps * (1 + fabsl(want) + (real)fabs(bn_offset(&c, i))) + (real)bn_storage_eps(shape.type) * fabsl(want);
    close_to("inference", bn_value(shape.type, c.y.data, i), want, room);
  }
  bn_expect_in_place(&c, kernels, bn_infer, &c.x, &c.y);

  for (c.frozen = 0; c.frozen < 2; c.frozen++) {
    bn_reference_grad(&c, &r);
    assert_int_equal(bn_grad(&c, kernels, threads), EK_KERNELS_OK);
    for (int64_t ch = 0; ch < shape.channels; ch++) {
      close_to("doffset", bn_param(&c, c.doffset, ch), r.doffset[ch], eps * SUM_EPS * r.dy_size[ch]);
      close_to("dscale", bn_param(&c, c.dscale, ch), r.dscale[ch], eps * SUM_EPS * r.dscale_size[ch]);
    }
    for (int64_t i = 0; i < n; i++) {
      const real room = eps * DATA_EPS * r.dx_size[i] + (real)bn_storage_eps(shape.type) * fabsl(r.dx[i]);
      close_to(c.frozen ? "frozen dx" : "dx", bn_value(shape.type, c.dx.data, i), r.dx[i], room);
    }
    bn_expect_in_place(&c, kernels, bn_grad, &c.dy, &c.dx);
    bn_expect_in_place(&c, kernels, bn_grad, &c.x, &c.dx);
  }
  bn_reference_free(&r);
  bn_case_free(&c);
}

static void sizes_on(const ek_kernels *k) {
  kernels = k;
  for (int type = EK_KERNELS_F32; type <= EK_KERNELS_F16; type++)
    for (int64_t n = 0; n <= 2 * MAX_LANES + 1; n++) {
      const ek_kernels_type t = (ek_kernels_type)type;
      check((ek_kernels_batch_norm_shape){t, 5, n, 1}, 0.5, 1, 1, (unsigned)n % 8);
      check((ek_kernels_batch_norm_shape){t, n, 3, 1}, -2, 3, 1, 0);
      check((ek_kernels_batch_norm_shape){t, 3, 2, n}, 0.5, 1, 1, (unsigned)n % 8);
      check((ek_kernels_batch_norm_shape){t, n, 1, 2}, 1, 1, 1, 0);
    }
}

static void every_size_around_the_vector_length(void **state) {
  (void)state;
  for_each_isa(sizes_on);
}

static void shapes_on(const ek_kernels *k) {
  kernels = k;
  for (int type = EK_KERNELS_F32; type <= LAST_LARGE_TYPE; type++) {
    const ek_kernels_type t = (ek_kernels_type)type;
    check((ek_kernels_batch_norm_shape){t, 60, 100, 1}, 0.1, 1, 1, 0);
    check((ek_kernels_batch_norm_shape){t, 1000, 70, 1}, 3, 0.5, 2, 0); /* several tiles and parts */
    check((ek_kernels_batch_norm_shape){t, 12000, 3, 1}, 3, 0.5, 2, 0);
    check((ek_kernels_batch_norm_shape){t, 8, 5, 49}, 0.1, 1, 1, 0);    /* tiles of several runs */
    check((ek_kernels_batch_norm_shape){t, 2, 3, 9001}, 0.1, 1, 1, 0);  /* several tiles a run */
    check((ek_kernels_batch_norm_shape){t, 3, 2, 11000}, 0.1, 1, 2, 0); /* channels in parts */
    check((ek_kernels_batch_norm_shape){t, 300, 1, 7}, 0.1, 1, 1, 0);
    check((ek_kernels_batch_norm_shape){t, 7, 3, 2200}, 3, 0.5, 2, 0); /* examples side by side, and a rest of them */
    check((ek_kernels_batch_norm_shape){t, 70, 9, 36}, 3, 0.5, 1, 0);  /* more rows of columns than one tile takes */
  }
}

static void larger_shapes(void **state) {
  (void)state;
  for_each_isa(shapes_on);
}

/* Blocks of channels, whole and filled up, with few and many pictures of few and many values. */
static void blocks_on(const ek_kernels *k) {
  kernels = k;
  check((ek_kernels_batch_norm_shape){EK_KERNELS_F32, 4, 16, 2500, 16}, 3, 0.5, 2, 0); /* parts */
  check((ek_kernels_batch_norm_shape){EK_KERNELS_F32, 3, 140, 170, 16}, 3, 0.5, 2, 0); /* slabs for each thread */
  check((ek_kernels_batch_norm_shape){EK_KERNELS_F32, 1, 600, 70, 16}, 3, 0.5, 1, 0);  /* one picture, many blocks */
  for (int type = EK_KERNELS_F32; type <= EK_KERNELS_F16; type++) {
    const ek_kernels_type t = (ek_kernels_type)type;
    for (int64_t n = 0; n <= 2 * MAX_LANES + 1; n++) {
      check((ek_kernels_batch_norm_shape){t, 3, n, 2, 16}, 0.5, 1, 1, (unsigned)n % 8);
      check((ek_kernels_batch_norm_shape){t, 2, 18, n, 16}, -2, 3, 1, 0);
      check((ek_kernels_batch_norm_shape){t, n, 16, 1, 16}, 0.5, 1, 1, 0);
      check((ek_kernels_batch_norm_shape){t, 9, n, 1, 16}, 0.5, 1, 1, (unsigned)n % 8);
    }
    check((ek_kernels_batch_norm_shape){t, 5, 35, 70, 16}, 3, 0.5, 1, 0);
    check((ek_kernels_batch_norm_shape){t, 5, 2403, 1, 16}, 3, 0.5, 2, 0); /* rows longer than the first cache takes */
  }
}

static void blocks_of_channels(void **state) {
  (void)state;
  for_each_isa(blocks_on);
}

/* As if the caches held next to nothing: everything lies far, and is stored past them where that is possible. */
static void far_on(const ek_kernels *k) {
  const ek_kernels_batch_norm_shape far[] = {
      {EK_KERNELS_F32, 300, 64, 1},
      {EK_KERNELS_F32, 300, 3, 1},
      {EK_KERNELS_F32, 70, 320, 1},
      {EK_KERNELS_F32, 9, 2600, 1},
      {EK_KERNELS_F32, 9, 37, 49},
      {EK_KERNELS_F32, 9, 37, 64},
      {EK_KERNELS_F32, 3, 20, 301},
      {EK_KERNELS_F32, 2, 48, 50, 16},
      {EK_KERNELS_F32, 2, 35, 50, 16},
      {EK_KERNELS_F64, 30, 1300, 1},
      {EK_KERNELS_BF16, 70, 320, 1},
      {EK_KERNELS_F16, 3, 20, 301},
      {EK_KERNELS_F64, 9, 37, 49},
      {EK_KERNELS_BF16, 9, 36, 64},
      {EK_KERNELS_F64, 3, 20, 301},
      {EK_KERNELS_F32, 6, 3, 1111},
      {EK_KERNELS_F32, 7, 35, 50, 16},
      {EK_KERNELS_BF16, 4, 5, 304},
      /* a slab's results beside the next one's sums: runs, the last slab smaller, and blocks whose last row is short */
      {EK_KERNELS_F32, 2, 37, 1000},
      {EK_KERNELS_F64, 2, 27, 1003},
      {EK_KERNELS_BF16, 2, 37, 1003},
      {EK_KERNELS_F16, 2, 45, 803},
      {EK_KERNELS_F32, 3, 48, 131, 16},
      {EK_KERNELS_F16, 2, 48, 259, 16},
      {EK_KERNELS_F64, 2, 48, 70, 16}};
  kernels = k;
  for (size_t i = 0; i < sizeof far / sizeof far[0]; i++)
    for (int threads = 1; threads < 3; threads++) check(far[i], 0.5, 1, threads, 0);
}

static void far_from_the_caches(void **state) {
  (void)state;
  ek__caches_assume((ek__cache_sizes){4096, 8192});
  for_each_isa(far_on);
  ek__caches_assume((ek__cache_sizes){0, 0});
}

/* A mean a million times the spread. The statistics are as good as those of small numbers; so is y. */
static void large_means_on(const ek_kernels *k) {
  kernels = k;
  check((ek_kernels_batch_norm_shape){EK_KERNELS_F32, 640, 9, 1}, 1e4, 1e-2, 1, 0);
  check((ek_kernels_batch_norm_shape){EK_KERNELS_F32, 10, 3, 77}, 1e4, 1e-2, 1, 0);
  check((ek_kernels_batch_norm_shape){EK_KERNELS_F64, 640, 9, 1}, 1e9, 1e-2, 1, 0);
  check((ek_kernels_batch_norm_shape){EK_KERNELS_F64, 10, 3, 77}, 1e9, 1e-2, 1, 0);
}

static void large_means(void **state) {
  (void)state;
  for_each_isa(large_means_on);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(every_size_around_the_vector_length),
      cmocka_unit_test(larger_shapes),
      cmocka_unit_test(blocks_of_channels),
      cmocka_unit_test(far_from_the_caches),
      cmocka_unit_test(large_means),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
