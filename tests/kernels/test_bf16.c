/* SPDX-License-Identifier: Apache-2.0 */
/* Rounding to bfloat16 has the same bits on every instruction set: nearest even, denormals and all, NaN quiet. */
#include "batch_norm_test.h"

/* As many channels as floats have upper halves: a float for each, with some lower half. */
enum { CHANNELS = 65536, RUN = 19 };

static uint16_t rounded(uint32_t bits) {
  if ((bits & 0x7fffffff) > 0x7f800000) return (uint16_t)(bits >> 16 | 0x40);
  return (uint16_t)((bits + 0x7fff + (bits >> 16 & 1)) >> 16);
}

static void same_bits(const ek_kernels *k, uint32_t from, uint16_t got) {
  if (got == rounded(from)) return;
  print_error("%s: %08x became %04x, not %04x\n", ek_kernels_name(k), (unsigned)from, (unsigned)got,
              (unsigned)rounded(from));
  fail();
}

/* -0 + b: in rows of all channels and in runs of one. */
static void offsets_of(const ek_kernels *k, uint32_t lower, int64_t inner) {
  const ek_kernels_batch_norm_shape shape = {EK_KERNELS_BF16, 1, CHANNELS, inner};
  const int64_t n = CHANNELS * inner;
  size_t bytes;
  assert_int_equal(ek_kernels_batch_norm_apply_workspace(&shape, &bytes), EK_KERNELS_OK);
  const guarded x = guarded_new((size_t)n * 2, 2), y = guarded_new((size_t)n * 2, 2);
  const guarded b = guarded_new(CHANNELS * 4, 4), workspace = guarded_new(bytes, 8);
  for (int64_t i = 0; i < n; i++) ((uint16_t *)(void *)x.data)[i] = 0x8000;
  for (uint32_t c = 0; c < CHANNELS; c++) ((uint32_t *)(void *)b.data)[c] = c << 16 | lower;
  assert_int_equal(ek_kernels_batch_norm_apply(k, &(ek_kernels_batch_norm_apply_args){.shape = shape,
                                                                                      .x = x.data,
                                                                                      .b = b.data,
                                                                                      .y = y.data,
                                                                                      .workspace = workspace.data,
                                                                                      .workspace_bytes = bytes}),
                   EK_KERNELS_OK);
  for (int64_t i = 0; i < n; i++)
    same_bits(k, (uint32_t)(i / inner) << 16 | lower, ((const uint16_t *)(const void *)y.data)[i]);
  guarded_free(x), guarded_free(y), guarded_free(b), guarded_free(workspace);
}

static void floats_on(const ek_kernels *k) {
  static const uint32_t lower[] = {0, 1, 0x7fff, 0x8000, 0x8001, 0xffff};
  for (size_t i = 0; i < sizeof lower / sizeof lower[0]; i++) offsets_of(k, lower[i], 1);
  offsets_of(k, 0x8000, RUN);
}
static void every_kind_of_float_is_rounded(void **state) {
  (void)state;
  for_each_isa(floats_on);
}

/* What no arithmetic has touched, signalling NaN among it: dy behind an activation whose mask is all ones. */
static void halves_on(const ek_kernels *k) {
  const ek_kernels_batch_norm_shape shape = {EK_KERNELS_BF16, 1, CHANNELS, 1};
  size_t bytes, mask_bytes;
  assert_int_equal(ek_kernels_batch_norm_grad_workspace(&shape, &bytes), EK_KERNELS_OK);
  assert_int_equal(ek_kernels_batch_norm_mask_bytes(&shape, &mask_bytes), EK_KERNELS_OK);
  const guarded x = guarded_new(CHANNELS * 2, 2), dy = guarded_new(CHANNELS * 2, 2);
  const guarded dx = guarded_new(CHANNELS * 2, 2), dadd = guarded_new(CHANNELS * 2, 2);
  const guarded mean = guarded_new(CHANNELS * 4, 4), variance = guarded_new(CHANNELS * 4, 4);
  const guarded mask = guarded_new(mask_bytes, 1), workspace = guarded_new(bytes, 8);
  memset(x.data, 0, x.bytes), memset(mean.data, 0, mean.bytes), memset(variance.data, 0, variance.bytes);
  memset(mask.data, 0xff, mask.bytes);
  for (uint32_t c = 0; c < CHANNELS; c++) ((uint16_t *)(void *)dy.data)[c] = (uint16_t)c;
  assert_int_equal(ek_kernels_batch_norm_grad(k, &(ek_kernels_batch_norm_grad_args){.shape = shape,
                                                                                    .epsilon = 1,
                                                                                    .x = x.data,
                                                                                    .dy = dy.data,
                                                                                    .mean = mean.data,
                                                                                    .variance = variance.data,
                                                                                    .activation = EK_KERNELS_RELU,
                                                                                    .mask = mask.data,
                                                                                    .dx = dx.data,
                                                                                    .dadd = dadd.data,
                                                                                    .workspace = workspace.data,
                                                                                    .workspace_bytes = bytes}),
                   EK_KERNELS_OK);
  for (uint32_t c = 0; c < CHANNELS; c++) same_bits(k, c << 16, ((const uint16_t *)(const void *)dadd.data)[c]);
  guarded_free(x), guarded_free(dy), guarded_free(dx), guarded_free(dadd);
  guarded_free(mean), guarded_free(variance), guarded_free(mask), guarded_free(workspace);
}
static void every_half_stays_what_it_is(void **state) {
  (void)state;
  for_each_isa(halves_on);
}

/* The set with the instruction has no bit of its own. */
static void both_sets_agree(void **state) {
  (void)state;
  const ek_kernels *plain = NULL, *with = NULL;
  if (ek_kernels_get("avx512", &plain) != EK_KERNELS_OK || ek_kernels_get("avx512bf16", &with) != EK_KERNELS_OK) return;
  const ek_kernels_batch_norm_shape shapes[] = {
      {EK_KERNELS_BF16, 301, 70, 1}, {EK_KERNELS_BF16, 3, 5, 1100}, {EK_KERNELS_BF16, 5, 18, 33, 16}};
  for (int s = 0; s < 3; s++) {
    bn_case a = bn_case_new(shapes[s], 0.5, 1, 0), b = bn_case_new(shapes[s], 0.5, 1, 0);
    assert_memory_equal(a.x.data, b.x.data, a.x.bytes);
    assert_int_equal(bn_train(&a, plain, 1), EK_KERNELS_OK);
    assert_int_equal(bn_train(&b, with, 1), EK_KERNELS_OK);
    assert_int_equal(bn_grad(&a, plain, 1), EK_KERNELS_OK);
    assert_int_equal(bn_grad(&b, with, 1), EK_KERNELS_OK);
    assert_memory_equal(a.y.data, b.y.data, a.y.bytes);
    assert_memory_equal(a.variance.data, b.variance.data, a.variance.bytes);
    assert_memory_equal(a.dx.data, b.dx.data, a.dx.bytes);
    assert_memory_equal(a.dscale.data, b.dscale.data, a.dscale.bytes);
    bn_case_free(&a), bn_case_free(&b);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(every_kind_of_float_is_rounded),
      cmocka_unit_test(every_half_stays_what_it_is),
      cmocka_unit_test(both_sets_agree),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
