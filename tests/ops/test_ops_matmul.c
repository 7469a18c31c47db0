/* SPDX-License-Identifier: Apache-2.0 */
/* MatMul in all transpositions, against sums in double; the same bits for any number of threads. */
#include "ops/build.h"

#define S(...) ek_shape(__VA_ARGS__)

static float number(uint32_t *state) {
  *state = *state * 1664525u + 1013904223u;
  return (float)(*state >> 8) * 0x1p-24f - 0.5f;
}

static ek_tensor *matrix(int64_t rows, int64_t cols, uint32_t seed) {
  ek_tensor *t = ek_tensor_new(EK_FLOAT32, S(rows, cols), NULL, NULL);
  for (int64_t i = 0; i < rows * cols; i++) ((float *)t->data)[i] = number(&seed);
  return t;
}

/* Largest error over what |a| |b| allows: float32 accumulation of k products is within about k epsilon of it. */
static void check(int64_t m, int64_t n, int64_t k, bool ta, bool tb) {
  op_test t = op_make("MatMul", TENSORS(matrix(ta ? k : m, ta ? m : k, 1), matrix(tb ? n : k, tb ? k : n, 2)),
                      EK_ATTRS(EK_BOOL_ATTR("transpose_a", ta), EK_BOOL_ATTR("transpose_b", tb)));
  const float *a = t.in[0]->data, *b = t.in[1]->data;
  t.threads = 1;
  if (op_run(&t) != EK_OK) fail_msg("%s", t.st.msg);
  assert_true(ek_shape_equal(t.out[0]->shape, S(m, n)));
  for (int64_t i = 0; i < m; i++)
    for (int64_t j = 0; j < n; j++) {
      double sum = 0, size = 0;
      for (int64_t p = 0; p < k; p++) {
        const double x = (double)a[ta ? p * m + i : i * k + p] * (double)b[tb ? j * k + p : p * n + j];
        sum += x;
        size += fabs(x);
      }
      const double got = ek_tensor_number(t.out[0], i * n + j);
      if (fabs(got - sum) > size * 1e-6)
        fail_msg("%dx%dx%d, %d%d: [%d,%d] is %g, not %g", (int)m, (int)n, (int)k, ta, tb, (int)i, (int)j, got, sum);
    }
  ek_tensor *one = ek_tensor_ref(t.out[0]);
  for (t.threads = 2; t.threads < 5; t.threads++) {
    assert_int_equal(op_run(&t), EK_OK);
    assert_true(ek_tensor_equal(one, t.out[0]));
  }
  ek_tensor_free(one);
  op_end(&t);
}

static void products(void **state) {
  static const int64_t sizes[][3] = {{1, 1, 1}, {3, 5, 7}, {17, 16, 33}, {200, 30, 100}, {1, 64, 300}, {513, 40, 65}};
  (void)state;
  for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++)
    for (int t = 0; t < 4; t++) check(sizes[i][0], sizes[i][1], sizes[i][2], (t & 1) != 0, (t & 2) != 0);
}

/* Enough work for several pieces, with a last one that is smaller. */
static void pieces(void **state) {
  (void)state;
  check(300, 160, 128, false, false);
  check(300, 160, 128, true, false);
}

/* So deep that the inner dimension is cut: in two, in five with a smaller last one. */
static void deep(void **state) {
  (void)state;
  for (int t = 0; t < 4; t++) check(60, 100, 784, (t & 1) != 0, (t & 2) != 0);
  check(20, 30, 18001, false, false);
}

static void no_products(void **state) {
  (void)state;
  op_test t = op_call("MatMul", TENSORS(EMPTY(EK_FLOAT32, S(2, 0)), EMPTY(EK_FLOAT32, S(0, 2))), EK_NO_ATTRS);
  EXPECT(t.out[0], S(2, 2), 0, 0, 0, 0);
  op_end(&t);
  t = op_call("MatMul", TENSORS(EMPTY(EK_FLOAT32, S(0, 2)), F32(S(2, 2), 1, 2, 3, 4)), EK_NO_ATTRS);
  assert_true(ek_shape_equal(t.out[0]->shape, S(0, 2)));
  op_end(&t);
}

static void dtypes(void **state) {
  static const ek_dtype types[] = {EK_FLOAT64, EK_FLOAT16, EK_BFLOAT16, EK_INT32, EK_INT64};
  (void)state;
  for (size_t i = 0; i < sizeof types / sizeof types[0]; i++) {
    op_test t = op_call("MatMul", TENSORS(NUMBERS(types[i], S(2, 2), 1, 2, 3, 4), NUMBERS(types[i], S(2, 1), 5, -6)),
                        EK_NO_ATTRS);
    EXPECT(t.out[0], S(2, 1), -7, -9);
    op_end(&t);
  }
}

static void refused(void **state) {
  (void)state;
  op_refused("Matrix size-incompatible: In[0]: [1,2], In[1]: [1,2]", "MatMul",
             TENSORS(F32(S(1, 2), 1, 2), F32(S(1, 2), 1, 2)), EK_NO_ATTRS);
  op_refused("must have rank 2", "MatMul", TENSORS(F32(S(2), 1, 2), F32(S(1, 2), 1, 2)), EK_NO_ATTRS);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(products), cmocka_unit_test(pieces),
                                     cmocka_unit_test(deep),     cmocka_unit_test(no_products),
                                     cmocka_unit_test(dtypes),   cmocka_unit_test(refused)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
