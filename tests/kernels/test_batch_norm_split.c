/* SPDX-License-Identifier: Apache-2.0 */
/* The two halves of the gradients: whole, the same bits as the gradients in one call; a batch in pieces, as the
 * reference has the whole. Every instruction set, type, layout, size around the vector length. */
#include "batch_norm_test.h"

/* As in test_batch_norm.c: 64 additions in T and a few terms more; over a few statistics, and five roundings. */
#define SUM_EPS  70.0L
#define DATA_EPS 160.0L

static const ek_kernels *kernels;

typedef struct sums {
  guarded dy, dy_xc;
} sums;

static sums sums_new(int64_t channels) {
  const size_t bytes = (size_t)channels * sizeof(double);
  return (sums){guarded_new(bytes, 8), guarded_new(bytes, 16)};
}
static void sums_free(sums s) { guarded_free(s.dy), guarded_free(s.dy_xc); }

static ek_kernels_code sums_of(const bn_case *c, sums s, int threads) {
  const ek_kernels_batch_norm_grad_sums_args args =
      bn_grad_sums_args(c, (double *)(void *)s.dy.data, (double *)(void *)s.dy_xc.data, threads);
  return ek_kernels_batch_norm_grad_sums(kernels, &args);
}

static ek_kernels_code dx_of(const bn_case *c, sums s, int64_t count, int threads) {
  ek_kernels_batch_norm_grad_dx_args args =
      bn_grad_dx_args(c, (const double *)(const void *)s.dy.data, (const double *)(const void *)s.dy_xc.data, threads);
  args.count = count;
  return ek_kernels_batch_norm_grad_dx(kernels, &args);
}

static int64_t count_of(const bn_case *c) { return c->shape.outer * c->shape.inner; }

/* One after the other they are ek_kernels_batch_norm_grad. */
static void check_whole(const bn_case *c, int threads) {
  bn_case split = *c;
  split.dx = guarded_new(c->dx.bytes, 0), split.dscale = guarded_new(c->dscale.bytes, 0);
  split.doffset = guarded_new(c->doffset.bytes, 0);
  const sums s = sums_new(c->shape.channels);
  assert_int_equal(bn_grad(c, kernels, 1), EK_KERNELS_OK);
  assert_int_equal(sums_of(&split, s, threads), EK_KERNELS_OK);
  assert_int_equal(dx_of(&split, s, count_of(c), threads), EK_KERNELS_OK);
  if (c->dx.bytes > 0) assert_memory_equal(c->dx.data, split.dx.data, c->dx.bytes);
  if (c->dscale.bytes > 0) assert_memory_equal(c->dscale.data, split.dscale.data, c->dscale.bytes);
  if (c->dscale.bytes > 0) assert_memory_equal(c->doffset.data, split.doffset.data, c->doffset.bytes);
  sums_free(s), guarded_free(split.dx), guarded_free(split.dscale), guarded_free(split.doffset);
}

/* The i-th piece of the rows: the first third, none, the others. */
static bn_case piece_of(const bn_case *c, int i) {
  const int64_t begins[] = {0, c->shape.outer / 3, c->shape.outer / 3, c->shape.outer};
  const size_t row = (size_t)(bn_stored(&c->shape) * c->shape.inner) * bn_data_size(c->shape.type);
  bn_case piece = *c;
  piece.shape.outer = begins[i + 1] - begins[i];
  piece.x.data += (size_t)begins[i] * row, piece.dy.data += (size_t)begins[i] * row;
  piece.dx.data += (size_t)begins[i] * row;
  return piece;
}

static void check_pieces(const bn_case *c) {
  const int64_t channels = c->shape.channels, n = bn_values(c);
  const real eps = c->shape.type == EK_KERNELS_F64 ? 0x1p-53L : 0x1p-24L;
  const sums total = sums_new(channels), more = sums_new(channels);
  memset(total.dy.data, 0, total.dy.bytes), memset(total.dy_xc.data, 0, total.dy_xc.bytes);
  for (int i = 0; i < 3; i++) {
    const bn_case piece = piece_of(c, i);
    assert_int_equal(sums_of(&piece, more, 1), EK_KERNELS_OK);
    for (int64_t ch = 0; ch < channels; ch++) {
      ((double *)(void *)total.dy.data)[ch] += ((const double *)(const void *)more.dy.data)[ch];
      ((double *)(void *)total.dy_xc.data)[ch] += ((const double *)(const void *)more.dy_xc.data)[ch];
    }
  }
  for (int i = 0; i < 3; i++) {
    const bn_case piece = piece_of(c, i);
    assert_int_equal(dx_of(&piece, total, count_of(c), 1), EK_KERNELS_OK);
  }
  bn_reference r = bn_reference_of(c);
  bn_round_statistics(c, &r);
  bn_reference_grad(c, &r);
  for (int64_t ch = 0; ch < channels; ch++) {
    assert_true(fabsl((real)bn_param(c, c->doffset, ch) - r.doffset[ch]) <= eps * SUM_EPS * r.dy_size[ch]);
    assert_true(fabsl((real)bn_param(c, c->dscale, ch) - r.dscale[ch]) <= eps * SUM_EPS * r.dscale_size[ch]);
  }
  for (int64_t i = 0; i < n; i++) {
    const real off = fabsl((real)bn_value(c->shape.type, c->dx.data, i) - r.dx[i]);
    assert_true(off <= eps * DATA_EPS * r.dx_size[i] + (real)bn_storage_eps(c->shape.type) * fabsl(r.dx[i]));
  }
  bn_reference_free(&r);
  sums_free(total), sums_free(more);
}

static void check(ek_kernels_batch_norm_shape shape, unsigned without) {
  bn_case c = bn_case_new(shape, 0.5, 1, without);
  assert_int_equal(bn_train(&c, kernels, 1), EK_KERNELS_OK);
  check_whole(&c, 3);
  if (count_of(&c) > 0) check_pieces(&c);
  bn_case_free(&c);
}

static void sizes_on(const ek_kernels *k) {
  kernels = k;
  for (int type = EK_KERNELS_F32; type <= EK_KERNELS_F16; type++) {
    const ek_kernels_type t = (ek_kernels_type)type;
    for (int64_t n = 0; n <= 2 * MAX_LANES + 1; n++) {
      check((ek_kernels_batch_norm_shape){t, 5, n, 1}, (unsigned)n % 2);
      check((ek_kernels_batch_norm_shape){t, n, 3, 1}, 0);
      check((ek_kernels_batch_norm_shape){t, 3, 2, n}, (unsigned)n % 2);
      check((ek_kernels_batch_norm_shape){t, n, 1, 2}, 0);
      check((ek_kernels_batch_norm_shape){t, 5, n, 2, 16}, (unsigned)n % 2);
      check((ek_kernels_batch_norm_shape){t, 3, 18, n, 16}, 0);
    }
    if (type > LAST_LARGE_TYPE) continue;
    check((ek_kernels_batch_norm_shape){t, 2000, 70, 1}, 0);
    check((ek_kernels_batch_norm_shape){t, 3, 2, 11000}, 0);
    check((ek_kernels_batch_norm_shape){t, 5, 40, 900, 16}, 0);
  }
}
static void every_size_around_the_vector_length(void **state) {
  (void)state;
  for_each_isa(sizes_on);
}

static void wrong_arguments_are_refused(void **state) {
  (void)state;
  kernels = NULL;
  bn_case good = bn_case_new((ek_kernels_batch_norm_shape){EK_KERNELS_F32, 40, 21, 1}, 0.5, 1, 0), bad;
  const sums s = sums_new(21);
  sums wrong;
  size_t bytes = 0;
  assert_int_equal(bn_train(&good, NULL, 1), EK_KERNELS_OK);
  assert_int_equal(sums_of(&good, s, 1), EK_KERNELS_OK);
  assert_int_equal(ek_kernels_batch_norm_grad_sums(NULL, NULL), EK_KERNELS_INVALID_ARGUMENT);
  assert_int_equal(ek_kernels_batch_norm_grad_dx(NULL, NULL), EK_KERNELS_INVALID_ARGUMENT);
  assert_int_equal(ek_kernels_batch_norm_grad_sums_workspace(&good.shape, NULL), EK_KERNELS_INVALID_ARGUMENT);
  bad = good, bad.shape.inner = -1;
  assert_int_equal(sums_of(&bad, s, 1), EK_KERNELS_INVALID_ARGUMENT);
  assert_int_equal(dx_of(&bad, s, 40, 1), EK_KERNELS_INVALID_ARGUMENT);
  bad = good, bad.dy.data = NULL;
  assert_int_equal(sums_of(&bad, s, 1), EK_KERNELS_INVALID_ARGUMENT);
  assert_int_equal(dx_of(&bad, s, 40, 1), EK_KERNELS_INVALID_ARGUMENT);
  wrong = s, wrong.dy_xc.data = NULL;
  assert_int_equal(sums_of(&good, wrong, 1), EK_KERNELS_INVALID_ARGUMENT);
  assert_int_equal(dx_of(&good, wrong, 40, 1), EK_KERNELS_INVALID_ARGUMENT);
  assert_int_equal(dx_of(&good, s, 39, 1), EK_KERNELS_INVALID_ARGUMENT); /* fewer than the piece has */
  wrong = s, wrong.dy = s.dy_xc;
  assert_int_equal(sums_of(&good, wrong, 1), EK_KERNELS_OVERLAP);
  bad = good, bad.dx.data = good.x.data + 4;
  assert_int_equal(dx_of(&bad, s, 40, 1), EK_KERNELS_OVERLAP);
  bad = good, bad.dscale.data = s.dy.data;
  assert_int_equal(dx_of(&bad, s, 40, 1), EK_KERNELS_OVERLAP);
  assert_int_equal(ek_kernels_batch_norm_grad_dx_workspace(&good.shape, &bytes), EK_KERNELS_OK);
  bad = good, bad.workspace.bytes = bytes - 1;
  assert_int_equal(dx_of(&bad, s, 40, 1), EK_KERNELS_WORKSPACE);
  assert_int_equal(sums_of(&bad, s, 1), EK_KERNELS_WORKSPACE);
  bn_case_free(&good), sums_free(s);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(every_size_around_the_vector_length),
      cmocka_unit_test(wrong_arguments_are_refused),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
