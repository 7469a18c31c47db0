/* SPDX-License-Identifier: Apache-2.0 */
/* The activation's mask as bits: forward writes what y tells, and gradients from it are those from y, bit by bit. Every
 * instruction set, type, layout, size around the vector length, values that begin anywhere within a byte. */
#include "batch_norm_test.h"
#include "kernels/caches.h"

static const ek_kernels *kernels;

typedef struct masked {
  bn_case c;
  guarded add, mask, dadd;
  ek_kernels_batch_norm_train_args train;
  ek_kernels_batch_norm_infer_args infer;
  ek_kernels_batch_norm_apply_args apply;
  ek_kernels_batch_norm_grad_args grad; /* from y */
} masked;

static masked masked_new(ek_kernels_batch_norm_shape shape, ek_kernels_activation activation, bool added, int threads) {
  masked m = {.c = bn_case_new(shape, 0.5, 1, 0)};
  const bn_case *const c = &m.c;
  size_t bytes = 0;
  uint64_t seed = 5;
  assert_int_equal(ek_kernels_batch_norm_mask_bytes(&shape, &bytes), EK_KERNELS_OK);
  assert_int_equal(bytes, (bn_values(c) + 7) / 8);
  m.mask = guarded_new(bytes, 1);
  m.add = guarded_new(c->x.bytes, 0), m.dadd = guarded_new(c->x.bytes, 0);
  for (int64_t i = 0; i < bn_values(c); i++) bn_set(shape.type, m.add.data, i, bn_real(c, i) ? draw(&seed, -2, 2) : 0);
  m.train = bn_train_args(c, threads), m.infer = bn_infer_args(c, threads), m.grad = bn_grad_args(c, threads);
  m.train.activation = m.infer.activation = m.grad.activation = activation;
  m.train.alpha = m.infer.alpha = m.grad.alpha = 0.25;
  m.train.add = m.infer.add = added ? m.add.data : NULL;
  m.apply = (ek_kernels_batch_norm_apply_args){.shape = shape,
                                               .x = c->x.data,
                                               .a = c->scale.data,
                                               .b = c->offset.data,
                                               .y = c->y.data,
                                               .add = m.train.add,
                                               .activation = activation,
                                               .alpha = 0.25,
                                               .workspace = c->workspace.data,
                                               .workspace_bytes = c->workspace.bytes,
                                               .threads = threads};
  m.grad.y = c->y.data, m.grad.dadd = added ? m.dadd.data : NULL;
  return m;
}
static void masked_free(masked *m) {
  guarded_free(m->add), guarded_free(m->mask), guarded_free(m->dadd);
  bn_case_free(&m->c);
}

static guarded copy_of(guarded g) {
  guarded copy = guarded_new(g.bytes, 0);
  if (g.bytes > 0) memcpy(copy.data, g.data, g.bytes);
  return copy;
}

/* The bits of all values, and zeros behind them. */
static void expect_mask(const masked *m) {
  const int64_t n = bn_values(&m->c);
  for (int64_t i = 0; i < 8 * (int64_t)m->mask.bytes; i++) {
    const bool above = i < n && bn_value(m->c.shape.type, m->c.y.data, i) > 0;
    assert_int_equal(m->mask.data[i / 8] >> i % 8 & 1, above);
  }
}

static ek_kernels_code forward(const masked *m, int which, unsigned char *mask) {
  ek_kernels_batch_norm_train_args train = m->train;
  ek_kernels_batch_norm_infer_args infer = m->infer;
  ek_kernels_batch_norm_apply_args apply = m->apply;
  train.mask = infer.mask = apply.mask = mask;
  return which == 0   ? ek_kernels_batch_norm_train(kernels, &train)
         : which == 1 ? ek_kernels_batch_norm_infer(kernels, &infer)
                      : ek_kernels_batch_norm_apply(kernels, &apply);
}

/* Training, inference with its statistics, and apply alone. */
static void check_forward(masked *m) {
  for (int which = 0; which < 3; which++) {
    assert_int_equal(forward(m, which, NULL), EK_KERNELS_OK);
    guarded y = copy_of(m->c.y);
    if (m->mask.bytes > 0) memset(m->mask.data, 0x5a, m->mask.bytes);
    assert_int_equal(forward(m, which, m->mask.data), EK_KERNELS_OK);
    bn_expect_same(m->c.y, y);
    expect_mask(m);
    guarded_free(y);
  }
}

static void check_backward(masked *m) {
  for (int frozen = 0; frozen < 2; frozen++) {
    ek_kernels_batch_norm_grad_args grad = m->grad;
    grad.frozen = frozen;
    assert_int_equal(ek_kernels_batch_norm_grad(kernels, &grad), EK_KERNELS_OK);
    guarded dx = copy_of(m->c.dx), dscale = copy_of(m->c.dscale), doffset = copy_of(m->c.doffset),
            dadd = copy_of(m->dadd);
    grad.y = NULL, grad.mask = m->mask.data;
    if (dx.bytes > 0) memset(m->c.dx.data, 0x5a, dx.bytes);
    assert_int_equal(ek_kernels_batch_norm_grad(kernels, &grad), EK_KERNELS_OK);
    bn_expect_same(m->c.dx, dx), bn_expect_same(m->dadd, dadd);
    bn_expect_same(m->c.dscale, dscale), bn_expect_same(m->c.doffset, doffset);
    guarded_free(dx), guarded_free(dscale), guarded_free(doffset), guarded_free(dadd);
  }
}

/* The two halves, from the mask: what the last frozen = 0 gives. */
static void check_halves(masked *m) {
  const bn_case *const c = &m->c;
  const size_t doubles = (size_t)c->shape.channels * sizeof(double);
  guarded sum_dy = guarded_new(doubles, 0), sum_dy_xc = guarded_new(doubles, 0);
  assert_int_equal(ek_kernels_batch_norm_grad(kernels, &m->grad), EK_KERNELS_OK);
  guarded dx = copy_of(c->dx), dadd = copy_of(m->dadd);
  double *const sum[] = {(double *)(void *)sum_dy.data, (double *)(void *)sum_dy_xc.data};
  ek_kernels_batch_norm_grad_sums_args sums = bn_grad_sums_args(c, sum[0], sum[1], 2);
  sums.activation = m->grad.activation, sums.alpha = m->grad.alpha, sums.mask = m->mask.data;
  assert_int_equal(ek_kernels_batch_norm_grad_sums(kernels, &sums), EK_KERNELS_OK);
  ek_kernels_batch_norm_grad_dx_args apply = bn_grad_dx_args(c, sum[0], sum[1], 2);
  apply.activation = m->grad.activation, apply.alpha = m->grad.alpha;
  apply.mask = m->mask.data, apply.dadd = m->grad.dadd;
  assert_int_equal(ek_kernels_batch_norm_grad_dx(kernels, &apply), EK_KERNELS_OK);
  bn_expect_same(c->dx, dx), bn_expect_same(m->dadd, dadd);
  guarded_free(dx), guarded_free(dadd), guarded_free(sum_dy), guarded_free(sum_dy_xc);
}

static void check(ek_kernels_batch_norm_shape shape, int threads) {
  for (int kind = 0; kind < 4; kind++) {
    masked m = masked_new(shape, kind % 2 ? EK_KERNELS_LEAKY_RELU : EK_KERNELS_RELU, kind / 2 != 0, threads);
    check_forward(&m);
    assert_int_equal(ek_kernels_batch_norm_train(kernels, &m.train), EK_KERNELS_OK);
    m.train.mask = m.mask.data;
    assert_int_equal(ek_kernels_batch_norm_train(kernels, &m.train), EK_KERNELS_OK);
    check_backward(&m);
    check_halves(&m);
    masked_free(&m);
  }
}

static void sizes_on(const ek_kernels *k) {
  kernels = k;
  for (int type = EK_KERNELS_F32; type <= EK_KERNELS_F16; type++) {
    const ek_kernels_type t = (ek_kernels_type)type;
    for (int64_t n = 0; n <= 2 * MAX_LANES + 1; n += n < 9 || type == EK_KERNELS_F32 ? 1 : 7) {
      check((ek_kernels_batch_norm_shape){t, 5, n, 1}, 1);
      check((ek_kernels_batch_norm_shape){t, 3, 2, n}, 1);
      check((ek_kernels_batch_norm_shape){t, 3, n, 2, 16}, 1);
    }
  }
}
static void every_size_around_the_vector_length(void **state) {
  (void)state;
  for_each_isa(sizes_on);
}

/* Large enough for threads, which must not meet in a byte; as if next to nothing fitted the caches, and with them. */
static void shapes_on(const ek_kernels *k) {
  const ek_kernels_batch_norm_shape shapes[] = {
      {EK_KERNELS_F32, 1100, 65, 1},  {EK_KERNELS_F32, 24000, 3, 1}, {EK_KERNELS_F32, 27, 2603, 1},
      {EK_KERNELS_F32, 9, 151, 49},   {EK_KERNELS_F32, 9, 64, 196},  {EK_KERNELS_F32, 6, 11, 1111},
      {EK_KERNELS_BF16, 5, 35, 1000}, {EK_KERNELS_F16, 9, 300, 49},  {EK_KERNELS_F32, 5, 40, 350, 16}};
  kernels = k;
  for (size_t i = 0; i < sizeof shapes / sizeof shapes[0]; i++) check(shapes[i], 3);
}
static void larger_shapes(void **state) {
  (void)state;
  for_each_isa(shapes_on);
  ek__caches_assume((ek__cache_sizes){4096, 8192});
  for_each_isa(shapes_on);
  ek__caches_assume((ek__cache_sizes){0, 0});
}

static void wrong_arguments_are_refused(void **state) {
  (void)state;
  kernels = NULL;
  masked m = masked_new((ek_kernels_batch_norm_shape){EK_KERNELS_F32, 21, 5, 1}, EK_KERNELS_RELU, false, 1);
  ek_kernels_batch_norm_train_args train = m.train;
  train.mask = m.c.y.data; /* which is written */
  assert_int_equal(ek_kernels_batch_norm_train(NULL, &train), EK_KERNELS_OVERLAP);
  train.mask = m.mask.data, train.y = NULL;
  assert_int_equal(ek_kernels_batch_norm_train(NULL, &train), EK_KERNELS_INVALID_ARGUMENT);
  train = m.train;
  train.mask = m.mask.data, train.activation = EK_KERNELS_NO_ACTIVATION;
  assert_int_equal(ek_kernels_batch_norm_train(NULL, &train), EK_KERNELS_INVALID_ARGUMENT);
  m.infer.mask = m.mask.data, m.infer.activation = EK_KERNELS_NO_ACTIVATION;
  assert_int_equal(ek_kernels_batch_norm_infer(NULL, &m.infer), EK_KERNELS_INVALID_ARGUMENT);
  m.apply.mask = m.c.y.data; /* which is written */
  assert_int_equal(ek_kernels_batch_norm_apply(NULL, &m.apply), EK_KERNELS_OVERLAP);
  m.apply.mask = m.mask.data, m.apply.activation = EK_KERNELS_NO_ACTIVATION;
  assert_int_equal(ek_kernels_batch_norm_apply(NULL, &m.apply), EK_KERNELS_INVALID_ARGUMENT);
  for (size_t i = 0; i < m.mask.bytes; i++) assert_int_equal(m.mask.data[i], GUARD_BYTE); /* nothing was written */
  ek_kernels_batch_norm_grad_args grad = m.grad;
  grad.mask = m.mask.data, grad.x = NULL, grad.activation = EK_KERNELS_LEAKY_RELU; /* x comes from y alone */
  assert_int_equal(ek_kernels_batch_norm_grad(NULL, &grad), EK_KERNELS_INVALID_ARGUMENT);
  grad = m.grad;
  grad.mask = m.mask.data, grad.activation = EK_KERNELS_NO_ACTIVATION;
  assert_int_equal(ek_kernels_batch_norm_grad(NULL, &grad), EK_KERNELS_INVALID_ARGUMENT);
  grad = m.grad;
  grad.mask = m.c.dx.data; /* which is written */
  assert_int_equal(ek_kernels_batch_norm_grad(NULL, &grad), EK_KERNELS_OVERLAP);
  assert_int_equal(ek_kernels_batch_norm_mask_bytes(NULL, NULL), EK_KERNELS_INVALID_ARGUMENT);
  masked_free(&m);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(every_size_around_the_vector_length),
      cmocka_unit_test(larger_shapes),
      cmocka_unit_test(wrong_arguments_are_refused),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
