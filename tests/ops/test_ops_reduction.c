/* SPDX-License-Identifier: Apache-2.0 */
/* Reductions: axes, dtypes, order of additions, errors. Special values: test_ops_special.c. */
#include "ops/build.h"

#define S(...) ek_shape(__VA_ARGS__)
#define SCALAR ek_shape_scalar()

static ek_tensor *axes_of(int n, const int32_t *v) { return ek_tensor_from(EK_INT32, ek_shape(n), v, NULL); }
#define AXES(...)                                                                                                      \
  axes_of((int)(sizeof((const int32_t[]){__VA_ARGS__}) / sizeof(int32_t)), (const int32_t[]){__VA_ARGS__})

#define REDUCE(type, x, axes, keep, shape, ...)                                                                        \
  do {                                                                                                                 \
    op_test t_ = op_call((type), TENSORS((x), (axes)), EK_ATTRS(EK_BOOL_ATTR("keep_dims", (keep))));                   \
    EXPECT(t_.out[0], (shape), __VA_ARGS__);                                                                           \
    t_.values_unknown = true; /* an axis that is known only when it runs */                                            \
    assert_int_equal(op_run(&t_), EK_OK);                                                                              \
    EXPECT(t_.out[0], (shape), __VA_ARGS__);                                                                           \
    op_end(&t_);                                                                                                       \
  } while (0)

#define SIX F32(S(2, 3), 1, 2, 3, 4, 5, 6)

static void axes(void **state) {
  (void)state;
  REDUCE("Sum", SIX, AXES(0), false, S(3), 5, 7, 9);
  REDUCE("Sum", SIX, AXES(1), false, S(2), 6, 15);
  REDUCE("Sum", SIX, AXES(-1), true, S(2, 1), 6, 15);
  REDUCE("Sum", SIX, AXES(0, 1), false, SCALAR, 21);
  REDUCE("Sum", SIX, I32(SCALAR, 1), false, S(2), 6, 15);
  REDUCE("Sum", SIX, EMPTY(EK_INT32, S(0)), false, S(2, 3), 1, 2, 3, 4, 5, 6);
  REDUCE("Sum", F32(SCALAR, 7), EMPTY(EK_INT32, S(0)), false, SCALAR, 7);
  REDUCE("Sum", SIX, NUMBERS(EK_INT64, S(1), 0), true, S(1, 3), 5, 7, 9);
  REDUCE("Mean", SIX, AXES(0), false, S(3), 2.5, 3.5, 4.5);
  REDUCE("Prod", SIX, AXES(1), false, S(2), 6, 120);
  REDUCE("Max", SIX, AXES(0), false, S(3), 4, 5, 6);
  REDUCE("Min", SIX, AXES(0, 1), true, S(1, 1), 1);
  REDUCE("All", BOOLS(S(2, 2), 1, 1, 0, 1), AXES(1), false, S(2), 1, 0);
  REDUCE("Any", BOOLS(S(2, 2), 0, 1, 0, 0), AXES(1), false, S(2), 1, 0);
}

static void dtypes(void **state) {
  static const ek_dtype types[] = {EK_FLOAT16, EK_BFLOAT16, EK_FLOAT64, EK_INT8,
                                   EK_UINT8,   EK_INT16,    EK_INT32,   EK_INT64};
  (void)state;
  for (size_t i = 0; i < sizeof types / sizeof types[0]; i++) {
    REDUCE("Sum", NUMBERS(types[i], S(2, 2), 1, 2, 3, 4), AXES(0), false, S(2), 4, 6);
    REDUCE("Mean", NUMBERS(types[i], S(2, 2), 1, 2, 3, 4), AXES(0), false, S(2), 2, 3);
    REDUCE("Max", NUMBERS(types[i], S(2, 2), 1, 4, 3, 2), AXES(1), false, S(2), 4, 3);
  }
  REDUCE("Mean", I32(S(3), -3, 2, -4), AXES(0), false, SCALAR, -1);
  REDUCE("Sum", I32(S(2), INT32_MAX, 1), AXES(0), false, SCALAR, INT32_MIN);
}

static void nothing(void **state) {
  (void)state;
  REDUCE("Sum", EMPTY(EK_FLOAT32, S(0, 2)), AXES(0), false, S(2), 0, 0);
  REDUCE("Prod", EMPTY(EK_INT32, S(0)), AXES(0), false, SCALAR, 1);
  REDUCE("Mean", EMPTY(EK_INT32, S(0)), AXES(0), false, SCALAR, 0);
  REDUCE("Max", EMPTY(EK_INT32, S(0)), AXES(0), false, SCALAR, INT32_MIN);
  REDUCE("All", EMPTY(EK_BOOL, S(0)), AXES(0), false, SCALAR, 1);
  REDUCE("Any", EMPTY(EK_BOOL, S(0)), AXES(0), false, SCALAR, 0);
  op_test t = op_call("Sum", TENSORS(EMPTY(EK_FLOAT32, S(2, 0)), AXES(0)), EK_NO_ATTRS);
  assert_true(ek_shape_equal(ek_tensor_shape(t.out[0]), S(0)));
  op_end(&t);
}

/* Every choice of axes of a 4-D tensor, against the definition. */
static void every_choice(void **state) {
  enum { A = 3, B = 4, C = 5, D = 70, N = A * B * C * D };
  const int64_t dims[4] = {A, B, C, D};
  (void)state;
  for (int mask = 0; mask < 16; mask++)
    for (int type = 0; type < 2; type++) {
      ek_tensor *x = ek_tensor_new(type == 0 ? EK_FLOAT32 : EK_FLOAT64, S(A, B, C, D), NULL, NULL);
      double want[N] = {0};
      int32_t list[4];
      int n = 0;
      for (int d = 0; d < 4; d++)
        if ((mask >> d & 1) != 0) list[n++] = d;
      for (int i = 0; i < N; i++) {
        const double v = i % 251 - 100;
        if (type == 0)
          ((float *)x->data)[i] = (float)v;
        else
          ((double *)x->data)[i] = v;
        int64_t rest = i, at = 0, step = 1;
        for (int d = 3; d >= 0; d--) {
          if ((mask >> d & 1) == 0) {
            at += rest % dims[d] * step;
            step *= dims[d];
          }
          rest /= dims[d];
        }
        want[at] += v;
      }
      op_test t = op_call("Sum", TENSORS(x, axes_of(n, list)), EK_NO_ATTRS);
      for (int64_t i = 0; i < ek_tensor_num_elements(t.out[0]); i++)
        if (ek_tensor_number(t.out[0], i) != want[i])
          fail_msg("axes %x, element %d: %g, not %g", (unsigned)mask, (int)i, ek_tensor_number(t.out[0], i), want[i]);
      op_end(&t);
    }
}

/* Same bits for any number of threads; no digits lost in a long sum. */
static void threads_and_accuracy(void **state) {
  enum { N = 1 << 18 };
  static const int32_t choices[][2] = {{0, -1}, {1, -1}, {0, 1}, {0, 2}, {1, 2}};
  (void)state;
  for (size_t k = 0; k < sizeof choices / sizeof choices[0]; k++) {
    ek_tensor *x = ek_tensor_new(EK_FLOAT32, S(64, 64, N / 4096), NULL, NULL);
    for (int i = 0; i < N; i++) ((float *)x->data)[i] = 0.1f + (float)(i % 7);
    op_test t = op_make("Mean", TENSORS(x, axes_of(choices[k][1] < 0 ? 1 : 2, choices[k])), EK_NO_ATTRS);
    t.threads = 1;
    assert_int_equal(op_run(&t), EK_OK);
    ek_tensor *one = ek_tensor_ref(t.out[0]);
    for (t.threads = 2; t.threads < 5; t.threads++) {
      assert_int_equal(op_run(&t), EK_OK);
      assert_true(ek_tensor_equal(one, t.out[0]));
    }
    ek_tensor_free(one);
    op_end(&t);
  }
  ek_tensor *x = ek_tensor_new(EK_FLOAT32, S(N, 3), NULL, NULL);
  for (int i = 0; i < 3 * N; i++) ((float *)x->data)[i] = 0.1f;
  op_test t = op_call("Sum", TENSORS(x, AXES(0)), EK_NO_ATTRS);
  for (int i = 0; i < 3; i++)
    assert_true(fabs(ek_tensor_number(t.out[0], i) - N * (double)0.1f) <= 1e-6 * N * (double)0.1f);
  op_end(&t);
}

static void arguments_of_extrema(void **state) {
  (void)state;
  op_test t = op_call("ArgMax", TENSORS(SIX, I32(SCALAR, 0)), EK_NO_ATTRS);
  EXPECT(t.out[0], S(3), 1, 1, 1);
  assert_int_equal(ek_tensor_dtype(t.out[0]), EK_INT64);
  op_end(&t);
  t = op_call("ArgMin", TENSORS(SIX, I32(SCALAR, -1)), EK_ATTRS(EK_TYPE_ATTR("output_type", EK_INT32)));
  EXPECT(t.out[0], S(2), 0, 0);
  assert_int_equal(ek_tensor_dtype(t.out[0]), EK_INT32);
  op_end(&t);
  t = op_call("ArgMax", TENSORS(F32(S(3), 1, NAN, 2), I32(SCALAR, 0)), EK_NO_ATTRS);
  EXPECT(t.out[0], SCALAR, 2);
  op_end(&t);
}

static void cumulative(void **state) {
  (void)state;
  op_test t = op_call("Cumsum", TENSORS(SIX, I32(SCALAR, 1)), EK_NO_ATTRS);
  EXPECT(t.out[0], S(2, 3), 1, 3, 6, 4, 9, 15);
  op_end(&t);
  t = op_call("Cumsum", TENSORS(I32(S(3), 1, 2, 3), I32(SCALAR, -1)),
              EK_ATTRS(EK_BOOL_ATTR("exclusive", true), EK_BOOL_ATTR("reverse", true)));
  EXPECT(t.out[0], S(3), 5, 3, 0);
  op_end(&t);
  t = op_call("Cumprod", TENSORS(SIX, I32(SCALAR, 0)), EK_ATTRS(EK_BOOL_ATTR("exclusive", true)));
  EXPECT(t.out[0], S(2, 3), 1, 1, 1, 1, 2, 3);
  op_end(&t);
  t = op_call("ListDiff", TENSORS(I32(S(4), 5, 1, 5, 2), I32(S(2), 1, 7)), EK_NO_ATTRS);
  EXPECT(t.out[0], S(3), 5, 5, 2);
  EXPECT(t.out[1], S(3), 0, 2, 3);
  op_end(&t);
  op_refused("axis must be in the range [-2, 2), got 2", "Cumsum", TENSORS(SIX, I32(SCALAR, 2)), EK_NO_ATTRS);
}

static void refused(void **state) {
  (void)state;
  op_refused("Invalid reduction dimension 2 for input with 2 dimensions", "Sum", TENSORS(SIX, AXES(2)), EK_NO_ATTRS);
  op_refused("Axes contains duplicate dimension: 1", "Sum", TENSORS(SIX, AXES(1, -1)), EK_NO_ATTRS);
  op_refused("must be in the range [-2, 2)", "ArgMax", TENSORS(SIX, I32(SCALAR, 2)), EK_NO_ATTRS);
  op_refused("Reduction axis 1 is empty in shape [2,0]", "ArgMax", TENSORS(EMPTY(EK_FLOAT32, S(2, 0)), I32(SCALAR, 1)),
             EK_NO_ATTRS);
  op_refused("T is bool; allowed", "Sum", TENSORS(BOOLS(S(1), 1), AXES(0)), EK_NO_ATTRS);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(axes),
                                     cmocka_unit_test(dtypes),
                                     cmocka_unit_test(nothing),
                                     cmocka_unit_test(every_choice),
                                     cmocka_unit_test(threads_and_accuracy),
                                     cmocka_unit_test(arguments_of_extrema),
                                     cmocka_unit_test(cumulative),
                                     cmocka_unit_test(refused)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
