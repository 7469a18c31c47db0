/* SPDX-License-Identifier: Apache-2.0 */
/* Broadcasting, dtypes and errors of the ops that compute each element by itself. Special values: test_ops_special.c.
 */
#include "ops/build.h"

#define S(...) ek_shape(__VA_ARGS__)
#define SCALAR ek_shape_scalar()

#define CALL(type, tensors, shape, ...)                                                                                \
  do {                                                                                                                 \
    op_test t_ = op_call((type), tensors, EK_NO_ATTRS);                                                                \
    EXPECT(t_.out[0], (shape), __VA_ARGS__);                                                                           \
    op_end(&t_);                                                                                                       \
  } while (0)

static void broadcasts(void **state) {
  (void)state;
  CALL("Add", TENSORS(F32(S(2, 2), 1, 2, 3, 4), F32(S(2), 10, 20)), S(2, 2), 11, 22, 13, 24);
  CALL("Sub", TENSORS(F32(S(2, 1), 1, 2), F32(S(3), 10, 20, 30)), S(2, 3), -9, -19, -29, -8, -18, -28);
  CALL("Mul", TENSORS(F32(SCALAR, 2), F32(S(2, 1, 2), 1, 2, 3, 4)), S(2, 1, 2), 2, 4, 6, 8);
  CALL("AddV2", TENSORS(F32(S(2, 1, 2), 1, 2, 3, 4), F32(S(1, 2, 1), 10, 20)), S(2, 2, 2), 11, 12, 21, 22, 13, 14, 23,
       24);
  CALL("Maximum", TENSORS(I32(S(2, 1, 2), 1, 2, 3, 4), I32(S(1, 2, 1), 2, 3)), S(2, 2, 2), 2, 2, 3, 3, 3, 4, 3, 4);
  CALL("Less", TENSORS(F32(S(3), 1, 2, 3), F32(SCALAR, 2)), S(3), 1, 0, 0);
  CALL("LogicalAnd", TENSORS(BOOLS(S(2, 1), 0, 1), BOOLS(S(2), 0, 1)), S(2, 2), 0, 0, 0, 1);
  CALL("LogicalNot", TENSORS(BOOLS(S(2), 0, 1)), S(2), 1, 0);
  CALL("Add", TENSORS(F32(S(1, 1), 1), F32(SCALAR, 2)), S(1, 1), 3);
}

static void empty(void **state) {
  (void)state;
  static const char *const types[] = {"Add", "Pow", "Less", "Div", "FloorMod"};
  for (size_t i = 0; i < sizeof types / sizeof types[0]; i++) {
    op_test t = op_call(types[i], TENSORS(EMPTY(EK_FLOAT32, S(0, 3)), F32(S(3), 1, 2, 0)), EK_NO_ATTRS);
    assert_true(ek_shape_equal(ek_tensor_shape(t.out[0]), S(0, 3)));
    op_end(&t);
  }
  op_test t = op_call("Div", TENSORS(EMPTY(EK_INT32, S(0)), I32(SCALAR, 0)), EK_NO_ATTRS); /* no division happens */
  op_end(&t);
  t = op_call("Exp", TENSORS(EMPTY(EK_FLOAT32, S(0))), EK_NO_ATTRS);
  op_end(&t);
}

/* Large enough for several chunks, with rows that need an odometer: element by element against indices. */
static void large(void **state) {
  enum { A = 3, B = 70, C = 5, D = 41 };
  (void)state;
  for (int kernel = 0; kernel < 2; kernel++) { /* a vector kernel, a loop */
    ek_tensor *x = ek_tensor_new(EK_FLOAT64, S(A, 1, C, D), NULL, NULL);
    ek_tensor *y = ek_tensor_new(EK_FLOAT64, S(B, 1, D), NULL, NULL);
    double *px = x->data, *py = y->data;
    for (int i = 0; i < A * C * D; i++) px[i] = i;
    for (int i = 0; i < B * D; i++) py[i] = i + 1;
    op_test t = op_call(kernel == 0 ? "Sub" : "FloorMod", TENSORS(x, y), EK_NO_ATTRS);
    const double *z = t.out[0]->data;
    assert_true(ek_shape_equal(t.out[0]->shape, S(A, B, C, D)));
    for (int a = 0; a < A; a++)
      for (int b = 0; b < B; b++)
        for (int c = 0; c < C; c++)
          for (int d = 0; d < D; d++) {
            const double l = px[(a * C + c) * D + d], r = py[b * D + d], got = z[((a * B + b) * C + c) * D + d];
            if (got != (kernel == 0 ? l - r : fmod(l, r))) fail_msg("[%d,%d,%d,%d] is %g", a, b, c, d, got);
          }
    op_end(&t);
  }
}

static void integers(void **state) {
  (void)state;
  CALL("Add", TENSORS(I32(S(1), INT32_MAX), I32(S(1), 1)), S(1), INT32_MIN);
  CALL("Mul", TENSORS(NUMBERS(EK_INT8, S(2), 100, -128), NUMBERS(EK_INT8, S(2), 3, -1)), S(2), 44, -128);
  CALL("Neg", TENSORS(I32(S(2), INT32_MIN, 5)), S(2), INT32_MIN, -5);
  CALL("Abs", TENSORS(NUMBERS(EK_INT64, S(2), -9, 4)), S(2), 9, 4);
  CALL("Sign", TENSORS(I32(S(3), -7, 0, 3)), S(3), -1, 0, 1);
  CALL("Div", TENSORS(I32(S(3), -7, 7, INT32_MIN), I32(S(3), 2, -2, -1)), S(3), -3, -3, INT32_MIN);
  CALL("FloorDiv", TENSORS(I32(S(3), -7, 7, -7), I32(S(3), 2, -2, -2)), S(3), -4, -4, 3);
  CALL("FloorMod", TENSORS(I32(S(3), -7, 7, -7), I32(S(3), 2, -2, -2)), S(3), 1, -1, -1);
  CALL("Mod", TENSORS(I32(S(3), -7, 7, -7), I32(S(3), 2, -2, -2)), S(3), -1, 1, -1);
  CALL("Pow", TENSORS(I32(S(4), -3, 2, 0, 2), I32(S(4), 3, 31, 0, 40)), S(4), -27, INT32_MIN, 1, 0);
  CALL("SquaredDifference", TENSORS(NUMBERS(EK_INT64, S(1), 3), NUMBERS(EK_INT64, S(1), 10)), S(1), 49);
  const int64_t edges[] = {INT64_MIN, INT64_MAX}; /* a difference of -1 modulo 2^64 */
  CALL("SquaredDifference",
       TENSORS(ek_tensor_from(EK_INT64, S(1), &edges[1], NULL), ek_tensor_from(EK_INT64, S(1), &edges[0], NULL)), S(1),
       1);
  CALL("Relu", TENSORS(I32(S(3), -1, 0, 2)), S(3), 0, 0, 2);
  CALL("Relu6Grad", TENSORS(I32(S(3), 4, 5, 6), I32(S(3), 0, 3, 6)), S(3), 0, 5, 0);
}

static void halves(void **state) {
  static const ek_dtype types[] = {EK_FLOAT16, EK_BFLOAT16};
  (void)state;
  for (int i = 0; i < 2; i++) {
    CALL("Add", TENSORS(NUMBERS(types[i], S(2), 1, -0.5), NUMBERS(types[i], SCALAR, 0.25)), S(2), 1.25, -0.25);
    CALL("Rsqrt", TENSORS(NUMBERS(types[i], S(2), 4, 0)), S(2), 0.5, (double)INFINITY);
    CALL("Greater", TENSORS(NUMBERS(types[i], S(2), 1, -2), NUMBERS(types[i], S(2), 0, 0)), S(2), 1, 0);
    CALL("SigmoidGrad", TENSORS(NUMBERS(types[i], S(1), 0.5), NUMBERS(types[i], S(1), 2)), S(1), 0.5);
  }
}

static void doubles(void **state) {
  (void)state;
  CALL("Softsign", TENSORS(F64(S(3), -3, 0, 1)), S(3), -0.75, 0, 0.5);
  CALL("SoftsignGrad", TENSORS(F64(S(2), 8, 1), F64(S(2), -1, 0)), S(2), 2, 1);
  CALL("EluGrad", TENSORS(F64(S(2), 2, 3), F64(S(2), -0.5, 1)), S(2), 1, 3);
  CALL("TanhGrad", TENSORS(F64(S(2), 0.5, 1), F64(S(2), 4, 4)), S(2), 3, 0);
  CALL("SqrtGrad", TENSORS(F64(S(1), 2), F64(S(1), 8)), S(1), 2);
  CALL("RsqrtGrad", TENSORS(F64(S(1), 2), F64(S(1), 3)), S(1), -12);
  CALL("ReciprocalGrad", TENSORS(F64(S(1), 2), F64(S(1), 3)), S(1), -12);
  CALL("Round", TENSORS(F64(S(4), 0.5, 1.5, 2.5, -0.5)), S(4), 0, 2, 2, -0.0);
  CALL("Ceil", TENSORS(F64(S(2), 0.5, -1.5)), S(2), 1, -1);
  CALL("IsNan", TENSORS(F64(S(3), 0, (double)NAN, (double)INFINITY)), S(3), 0, 1, 0);
  CALL("IsInf", TENSORS(F64(S(3), 0, (double)NAN, (double)INFINITY)), S(3), 0, 0, 1);
}

static void leaky(void **state) {
  (void)state;
  op_test t = op_call("LeakyRelu", TENSORS(F32(S(2), -4, 4)), EK_ATTRS(EK_FLOAT_ATTR("alpha", 0.5)));
  EXPECT(t.out[0], S(2), -2, 4);
  op_end(&t);
  t = op_call("LeakyReluGrad", TENSORS(F32(S(2), 1, 1), F32(S(2), -4, 4)), EK_ATTRS(EK_FLOAT_ATTR("alpha", 0.5)));
  EXPECT(t.out[0], S(2), 0.5, 1);
  op_end(&t);
}

static ek_tensor *strings(const char *a, const char *b) {
  const char *const both[] = {a, b};
  return ek_tensor_from_strings(S(2), both, NULL, NULL);
}

static void equality(void **state) {
  (void)state;
  CALL("Equal", TENSORS(strings("one", ""), strings("one", "two")), S(2), 1, 0);
  CALL("NotEqual", TENSORS(strings("one", ""), strings("one", "two")), S(2), 0, 1);
  CALL("NotEqual", TENSORS(F64(S(2), (double)NAN, 1), F64(S(2), (double)NAN, 1)), S(2), 1, 0);
  CALL("Equal", TENSORS(BOOLS(S(2), 1, 0), BOOLS(SCALAR, 0)), S(2), 0, 1);
  op_test t = op_call("Equal", TENSORS(F32(S(2), 1, 2), F32(S(3), 1, 2, 3)),
                      EK_ATTRS(EK_BOOL_ATTR("incompatible_shape_error", false)));
  EXPECT(t.out[0], SCALAR, 0);
  op_end(&t);
  t = op_call("NotEqual", TENSORS(F32(S(2), 1, 2), F32(S(3), 1, 2, 3)),
              EK_ATTRS(EK_BOOL_ATTR("incompatible_shape_error", false)));
  EXPECT(t.out[0], SCALAR, 1);
  op_end(&t);
}

static void refused(void **state) {
  (void)state;
  op_refused("shapes [2] and [3] cannot be broadcast together", "Add", TENSORS(F32(S(2), 1, 2), F32(S(3), 1, 2, 3)),
             EK_NO_ATTRS);
  op_refused("Integer division by zero", "Div", TENSORS(I32(S(1), 1), I32(S(2), 1, 0)), EK_NO_ATTRS);
  op_refused("Integer division by zero", "FloorDiv", TENSORS(I32(S(1), 1), I32(S(1), 0)), EK_NO_ATTRS);
  op_refused("Integer division by zero", "FloorMod", TENSORS(I32(S(1), 1), I32(S(1), 0)), EK_NO_ATTRS);
  op_refused("Integers to negative integer powers are not allowed", "Pow", TENSORS(I32(S(1), 2), I32(S(1), -1)),
             EK_NO_ATTRS);
  op_refused("shapes [2] and [1] must be equal", "ReluGrad", TENSORS(F32(S(2), 1, 2), F32(S(1), 1)), EK_NO_ATTRS);
  op_refused("T is int32; allowed: bfloat16, float16, float32, float64", "Exp", TENSORS(I32(S(1), 1)), EK_NO_ATTRS);
  op_refused("must be float32", "Add", TENSORS(F32(S(1), 1), I32(S(1), 1)), EK_NO_ATTRS);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(broadcasts), cmocka_unit_test(empty),    cmocka_unit_test(large),
      cmocka_unit_test(integers),   cmocka_unit_test(halves),   cmocka_unit_test(doubles),
      cmocka_unit_test(leaky),      cmocka_unit_test(equality), cmocka_unit_test(refused),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
