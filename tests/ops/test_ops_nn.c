/* SPDX-License-Identifier: Apache-2.0 */
/* Bias, choice, casts, sums of many, losses, batch normalization in other formats and dtypes. */
#include "ops/build.h"

#define S(...) ek_shape(__VA_ARGS__)
#define SCALAR ek_shape_scalar()

static void bias(void **state) {
  (void)state;
  op_test t = op_call("BiasAdd", TENSORS(F32(S(2, 3), 1, 2, 3, 4, 5, 6), F32(S(3), 10, 20, 30)), EK_NO_ATTRS);
  EXPECT(t.out[0], S(2, 3), 11, 22, 33, 14, 25, 36);
  op_end(&t);
  const ek_attr nchw = EK_STRING_ATTR("data_format", "NCHW");
  t = op_call("BiasAdd", TENSORS(I32(S(2, 2, 1, 2), 1, 2, 3, 4, 5, 6, 7, 8), I32(S(2), 10, 20)), &nchw, 1);
  EXPECT(t.out[0], S(2, 2, 1, 2), 11, 12, 23, 24, 15, 16, 27, 28);
  op_end(&t);
  t = op_call("BiasAddGrad", TENSORS(F32(S(2, 2, 1, 2), 1, 2, 3, 4, 5, 6, 7, 8)), &nchw, 1);
  EXPECT(t.out[0], S(2), 14, 22);
  op_end(&t);
  t = op_call("BiasAddGrad", TENSORS(F32(S(2, 2), 1, 2, 3, 4)), EK_NO_ATTRS);
  EXPECT(t.out[0], S(2), 4, 6);
  op_end(&t);
  op_refused("[2] vs. [2,3]", "BiasAdd", TENSORS(F32(S(2, 3), 1, 2, 3, 4, 5, 6), F32(S(2), 1, 2)), EK_NO_ATTRS);
  op_refused("input 0 must have rank 2 at least, not 1", "BiasAdd", TENSORS(F32(S(2), 1, 2), F32(S(2), 1, 2)),
             EK_NO_ATTRS);
}

static void choice(void **state) {
  static const ek_dtype types[] = {EK_FLOAT64, EK_INT8, EK_FLOAT16, EK_INT64, EK_BOOL};
  (void)state;
  for (size_t i = 0; i < sizeof types / sizeof types[0]; i++) {
    op_test t =
        op_call("SelectV2", TENSORS(BOOLS(S(2, 1), 1, 0), NUMBERS(types[i], S(2), 0, 1), NUMBERS(types[i], SCALAR, 1)),
                EK_NO_ATTRS);
    EXPECT(t.out[0], S(2, 2), 0, 1, 1, 1);
    op_end(&t);
  }
  op_test t = op_call("Select", TENSORS(BOOLS(SCALAR, 0), F32(S(2), 1, 2), F32(S(2), 3, 4)), EK_NO_ATTRS);
  EXPECT(t.out[0], S(2), 3, 4);
  op_end(&t);
  const char *const words[] = {"yes", "no"};
  t = op_call("Select",
              TENSORS(BOOLS(S(2), 1, 0), ek_tensor_from_strings(S(2), words, NULL, NULL),
                      ek_tensor_from_strings(S(2), words, NULL, NULL)),
              EK_NO_ATTRS);
  assert_string_equal(ek_tensor_string(t.out[0], 1, NULL), "no");
  op_end(&t);
  op_refused("must be equal", "Select", TENSORS(BOOLS(S(2), 1, 0), F32(S(2), 1, 2), F32(S(3), 1, 2, 3)), EK_NO_ATTRS);
  op_refused("must be a scalar, a vector of the rows", "Select",
             TENSORS(BOOLS(S(3), 1, 0, 1), F32(S(2), 1, 2), F32(S(2), 1, 2)), EK_NO_ATTRS);
}

/* As TensorFlow on x86: out of range is the smallest number, small integers take the low bits. */
static void casts(void **state) {
  static const struct {
    ek_dtype to;
    double want[6];
  } cases[] = {{EK_INT32, {INT32_MIN, INT32_MIN, INT32_MIN, INT32_MIN, 300, -1}},
               {EK_UINT8, {0, 0, 0, 0, 44, 255}},
               {EK_INT8, {0, 0, 0, 0, 44, -1}},
               {EK_INT64, {-0x1p63, -0x1p63, -0x1p63, 3e9, 300, -1}},
               {EK_BOOL, {1, 1, 1, 1, 1, 1}},
               {EK_BFLOAT16, {0x1.5ap66, (double)NAN, -0x1.5ap66, 0x1.66p31, 300, -1}}};
  (void)state;
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    op_test t = op_call("Cast", TENSORS(F32(S(6), 1e20f, NAN, -1e20f, 3e9f, 300.0f, -1.0f)),
                        EK_ATTRS(EK_TYPE_ATTR("DstT", cases[i].to)));
    assert_int_equal(ek_tensor_dtype(t.out[0]), cases[i].to);
    for (int k = 0; k < 6; k++)
      if (!op_near(ek_tensor_number(t.out[0], k), cases[i].want[k], 0, 0))
        fail_msg("to %s: %g, not %g", ek_dtype_name(cases[i].to), ek_tensor_number(t.out[0], k), cases[i].want[k]);
    op_end(&t);
  }
}

/* Every dtype to every other, through small numbers that all of them hold. */
static void all_casts(void **state) {
  static const ek_dtype types[] = {EK_FLOAT32, EK_FLOAT64, EK_FLOAT16, EK_BFLOAT16, EK_INT8, EK_UINT8,
                                   EK_INT16,   EK_UINT16,  EK_INT32,   EK_INT64,    EK_BOOL};
  enum { N = sizeof types / sizeof types[0] };
  (void)state;
  for (int from = 0; from < N; from++)
    for (int to = 0; to < N; to++) {
      op_test t =
          op_call("Cast", TENSORS(NUMBERS(types[from], S(3), 0, 1, 5)), EK_ATTRS(EK_TYPE_ATTR("DstT", types[to])));
      EXPECT(t.out[0], S(3), 0, 1, types[from] == EK_BOOL || types[to] == EK_BOOL ? 1 : 5);
      op_end(&t);
    }
}

static void sums(void **state) {
  (void)state;
  op_test t = op_call("AddN", TENSORS(F32(S(2), 1, 2), F32(S(2), 10, 20), F32(S(2), 100, 200)), EK_NO_ATTRS);
  EXPECT(t.out[0], S(2), 111, 222);
  op_end(&t);
  t = op_call("AddN", TENSORS(NUMBERS(EK_FLOAT16, S(1), 1), NUMBERS(EK_FLOAT16, S(1), 0.5)), EK_NO_ATTRS);
  EXPECT(t.out[0], S(1), 1.5);
  op_end(&t);
  t = op_call("AddN", TENSORS(I32(S(2), 1, 2)), EK_NO_ATTRS);
  EXPECT(t.out[0], S(2), 1, 2);
  op_end(&t);
  t = op_call("L2Loss", TENSORS(F64(S(2), 3, 4)), EK_NO_ATTRS);
  EXPECT(t.out[0], SCALAR, 12.5);
  op_end(&t);
  t = op_call("L2Loss", TENSORS(NUMBERS(EK_BFLOAT16, S(2), 3, 4)), EK_NO_ATTRS);
  EXPECT(t.out[0], SCALAR, 12.5);
  op_end(&t);
  op_refused("shapes [2] and [3] must be equal", "AddN", TENSORS(F32(S(2), 1, 2), F32(S(3), 1, 2, 3)), EK_NO_ATTRS);
}

static void losses(void **state) {
  (void)state;
  /* One row of logits against two of labels, in double: -log(0.25), -log(0.75). */
  op_test t = op_call("SoftmaxCrossEntropyWithLogits", TENSORS(F64(S(1, 2), 0, log(3.0)), F64(S(2, 2), 1, 0, 0, 1)),
                      EK_NO_ATTRS);
  assert_true(op_near(ek_tensor_number(t.out[0], 0), log(4.0), 1e-15, 0));
  assert_true(op_near(ek_tensor_number(t.out[0], 1), log(4.0 / 3.0), 1e-15, 0));
  assert_true(op_near(ek_tensor_number(t.out[1], 0), -0.75, 1e-15, 0));
  assert_true(op_near(ek_tensor_number(t.out[1], 3), -0.25, 1e-15, 0));
  op_end(&t);
  op_refused("Received a label value of 3 which is outside the valid range of [0, 3).  Label values: 0 3",
             "SparseSoftmaxCrossEntropyWithLogits", TENSORS(F32(S(2, 3), 0, 0, 0, 0, 0, 0), I32(S(2), 0, 3)),
             EK_NO_ATTRS);
  op_refused("logits and labels must be broadcastable: logits_size=[2,3] labels_size=[2,2]",
             "SoftmaxCrossEntropyWithLogits", TENSORS(F32(S(2, 3), 0, 0, 0, 0, 0, 0), F32(S(2, 2), 0, 0, 0, 0)),
             EK_NO_ATTRS);
  op_refused("must have rank 1 at least", "Softmax", TENSORS(F32(SCALAR, 1)), EK_NO_ATTRS);
}

/* The same numbers in NHWC and NCHW, in half types and float32, planned and not: one answer. */
static void batch_norm_formats(void **state) {
  static const ek_dtype types[] = {EK_FLOAT32, EK_BFLOAT16, EK_FLOAT16};
  static const double nhwc[] = {1, 5, 2, 6, 3, 7, 4, 8}, nchw[] = {1, 2, 5, 6, 3, 4, 7, 8};
  (void)state;
  for (int i = 0; i < 6; i++) {
    const bool first = i >= 3;
    op_test t =
        op_call("FusedBatchNormV3",
                TENSORS(op_numbers(types[i % 3], first ? S(2, 2, 1, 2) : S(2, 1, 2, 2), first ? nchw : nhwc),
                        F32(S(2), 1, 2), F32(S(2), 0, 1), EMPTY(EK_FLOAT32, S(0)), EMPTY(EK_FLOAT32, S(0))),
                EK_ATTRS(EK_FLOAT_ATTR("epsilon", 1e-3), EK_STRING_ATTR("data_format", first ? "NCHW" : "NHWC")));
    assert_true(op_near(ek_tensor_number(t.out[0], 0), -1.34110445, 0.01, 0));
    assert_true(op_near(ek_tensor_number(t.out[0], 7), 1 + 2 * 1.34110445, 0.01, 0));
    EXPECT(t.out[1], S(2), 2.5, 6.5);
    EXPECT(t.out[3], S(2), 2.5, 6.5);
    EXPECT(t.out[4], S(2), 1.25, 1.25);
    assert_true(op_near(ek_tensor_number(t.out[2], 0), 1.6666667, 1e-6, 0));
    op_end(&t);
  }
}

static void batch_norm_frozen(void **state) {
  (void)state;
  op_test t = op_call("FusedBatchNorm",
                      TENSORS(F32(S(4, 1, 1, 1), 1, 2, 3, 4), F32(S(1), 2), F32(S(1), 3), F32(S(1), 1), F32(S(1), 4)),
                      EK_ATTRS(EK_FLOAT_ATTR("epsilon", 1e-3), EK_BOOL_ATTR("is_training", false)));
  assert_true(op_near(ek_tensor_number(t.out[0], 3), 5.99962507, 1e-6, 0));
  for (int i = 1; i < 5; i++) EXPECT(t.out[i], S(1), i % 2 == 1 ? 1 : 4); /* what was given */
  op_end(&t);
  t = op_call(
      "FusedBatchNormGrad",
      TENSORS(F32(S(4, 1, 1, 1), 1, 0, 0, 0), F32(S(4, 1, 1, 1), 1, 2, 3, 4), F32(S(1), 2), F32(S(1), 1), F32(S(1), 4)),
      EK_ATTRS(EK_FLOAT_ATTR("epsilon", 1e-3), EK_BOOL_ATTR("is_training", false)));
  assert_true(op_near(ek_tensor_number(t.out[0], 0), 0.99987502, 1e-6, 0));
  EXPECT(t.out[1], S(1), 0);
  EXPECT(t.out[2], S(1), 1);
  op_end(&t);
}

/* The worked numbers, a side input, and what is below zero cut off. */
static void batch_norm_ex(void **state) {
  static const ek_dtype types[] = {EK_FLOAT32, EK_BFLOAT16, EK_FLOAT16};
  (void)state;
  for (int i = 0; i < 12; i++) {
    const ek_dtype t0 = types[i % 3];
    const bool side = i >= 6, relu = i / 3 % 2 == 1;
    static const double x[] = {1, 2, 3, 4}, add[] = {1, -1, 1, -2},
                        y[] = {-1.34110445, -0.44703482, 0.44703482, 1.34110445};
    ek_tensor *in[] = {
        op_numbers(t0, S(4, 1, 1, 1), x),  F32(S(1), 1), F32(S(1), 0), EMPTY(EK_FLOAT32, S(0)), EMPTY(EK_FLOAT32, S(0)),
        op_numbers(t0, S(4, 1, 1, 1), add)};
    op_test t = op_call("_FusedBatchNormEx", in, side ? 6 : 5,
                        EK_ATTRS(EK_FLOAT_ATTR("epsilon", 1e-3), EK_INT_ATTR("num_side_inputs", side),
                                 EK_STRING_ATTR("activation_mode", relu ? "Relu" : "Identity")));
    for (int k = 0; k < 4; k++) {
      const double sum = y[k] + (side ? add[k] : 0.0);
      assert_true(op_near(ek_tensor_number(t.out[0], k), relu && sum < 0 ? 0 : sum, t0 == EK_FLOAT32 ? 1e-6 : 0.02, 0));
    }
    EXPECT(t.out[1], S(1), 2.5);
    op_end(&t);
    if (!side) ek_tensor_free(in[5]);
  }
}

static void batch_norm_global(void **state) {
  (void)state;
  for (int i = 0; i < 2; i++) {
    op_test t =
        op_call("BatchNormWithGlobalNormalization",
                TENSORS(F32(S(4, 1, 1, 1), 1, 2, 3, 4), F32(S(1), 1), F32(S(1), 4), F32(S(1), 3), F32(S(1), 2)),
                EK_ATTRS(EK_FLOAT_ATTR("variance_epsilon", 1e-3), EK_BOOL_ATTR("scale_after_normalization", i == 0)));
    assert_true(op_near(ek_tensor_number(t.out[0], 3), i == 0 ? 5.99962507 : 4.499812535, 1e-6, 0));
    op_end(&t);
  }
  op_refused("shapes [2] and [1] must be equal", "BatchNormWithGlobalNormalization",
             TENSORS(F32(S(1, 1, 1, 1), 1), F32(S(2), 1, 1), F32(S(1), 1), F32(S(1), 1), F32(S(1), 1)),
             EK_ATTRS(EK_FLOAT_ATTR("variance_epsilon", 1e-3), EK_BOOL_ATTR("scale_after_normalization", true)));
}

static void batch_norm_refused(void **state) {
  (void)state;
  op_refused("must have rank 4", "FusedBatchNormV3",
             TENSORS(F32(S(2, 2), 1, 2, 3, 4), F32(S(2), 1, 1), F32(S(2), 0, 0), EMPTY(EK_FLOAT32, S(0)),
                     EMPTY(EK_FLOAT32, S(0))),
             EK_NO_ATTRS);
  op_refused("input 1 has 3 elements, there are 1 channels", "FusedBatchNormV3",
             TENSORS(F32(S(2, 1, 1, 1), 1, 2), F32(S(3), 1, 1, 1), F32(S(1), 0), EMPTY(EK_FLOAT32, S(0)),
                     EMPTY(EK_FLOAT32, S(0))),
             EK_NO_ATTRS);
  op_refused("input 3 has shape [2], it must be [1]", "FusedBatchNormV3",
             TENSORS(F32(S(2, 1, 1, 1), 1, 2), F32(S(1), 1), F32(S(1), 0), F32(S(2), 1, 1), EMPTY(EK_FLOAT32, S(0))),
             EK_NO_ATTRS);
  op_refused("T is float64; allowed: float32", "FusedBatchNorm",
             TENSORS(EMPTY(EK_FLOAT64, S(1, 1, 1, 0)), EMPTY(EK_FLOAT64, S(0)), EMPTY(EK_FLOAT64, S(0)),
                     EMPTY(EK_FLOAT64, S(0)), EMPTY(EK_FLOAT64, S(0))),
             EK_NO_ATTRS);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(bias),
      cmocka_unit_test(choice),
      cmocka_unit_test(casts),
      cmocka_unit_test(all_casts),
      cmocka_unit_test(sums),
      cmocka_unit_test(losses),
      cmocka_unit_test(batch_norm_formats),
      cmocka_unit_test(batch_norm_frozen),
      cmocka_unit_test(batch_norm_ex),
      cmocka_unit_test(batch_norm_global),
      cmocka_unit_test(batch_norm_refused),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
