/* SPDX-License-Identifier: Apache-2.0 */
/* Rows that are taken, put, sorted and turned round by index: TensorFlow's answers and its refusals. */
#include "ops/build.h"

#include <stdio.h>

#define S(...) ek_shape(__VA_ARGS__)
#define SCALAR ek_shape_scalar()

static void batches_of_products(void **state) {
  (void)state;
  op_test t = op_call("BatchMatMulV2", TENSORS(F32(S(2, 1, 2), 1, 2, 3, 4), F32(S(2, 2), 1, 0, 2, 1)), EK_NO_ATTRS);
  EXPECT(t.out[0], S(2, 1, 2), 5, 2, 11, 4);
  op_end(&t);
  t = op_call("BatchMatMul", TENSORS(I32(S(1, 2, 1), 2, 3), I32(S(1, 1, 2), 5, 7)),
              EK_ATTRS(EK_BOOL_ATTR("adj_x", true), EK_BOOL_ATTR("adj_y", true)));
  EXPECT(t.out[0], S(1, 1, 1), 31);
  op_end(&t);
  op_refused("the inner dimensions differ", "BatchMatMulV2", TENSORS(F32(S(1, 2), 1, 2), F32(S(1, 2), 1, 2)),
             EK_NO_ATTRS);
  op_refused("the batch dimensions do not fit together", "BatchMatMul",
             TENSORS(F32(S(2, 1, 1), 1, 2), F32(S(1, 1, 1), 1)), EK_NO_ATTRS);
}

static void the_largest_of_each_row(void **state) {
  (void)state;
  op_test t = op_call("TopKV2", TENSORS(F32(S(2, 4), 1, 3, 3, 2, NAN, 5, -1, 5), I32(SCALAR, 3)), EK_NO_ATTRS);
  EXPECT(t.out[0], S(2, 3), 3, 3, 2, 5, 5, -1);
  EXPECT(t.out[1], S(2, 3), 1, 2, 3, 1, 3, 2);
  op_end(&t);
  op_refused("input must have last dimension >= k = 3 but is 2", "TopKV2", TENSORS(F32(S(2), 1, 2), I32(SCALAR, 3)),
             EK_NO_ATTRS);
}

static void parts_by_several_numbers(void **state) {
  (void)state;
  op_test t = op_call("GatherNd", TENSORS(F32(S(2, 2), 1, 2, 3, 4), I32(S(2, 2), 1, 0, 0, 1)), EK_NO_ATTRS);
  EXPECT(t.out[0], S(2), 3, 2);
  op_end(&t);
  t = op_call("ScatterNd", TENSORS(I32(S(3, 1), 2, 0, 2), F32(S(3, 2), 1, 2, 3, 4, 5, 6), I32(S(2), 4, 2)),
              EK_NO_ATTRS);
  EXPECT(t.out[0], S(4, 2), 3, 4, 0, 0, 6, 8, 0, 0);
  op_end(&t);
  op_refused("indices[0] = [2, 0] does not index into shape [2,2]", "GatherNd",
             TENSORS(F32(S(2, 2), 1, 2, 3, 4), I32(S(1, 2), 2, 0)), EK_NO_ATTRS);
  op_refused("indices go through 3 dimensions, there are 2", "GatherNd",
             TENSORS(F32(S(1, 1), 1), I32(S(1, 3), 0, 0, 0)), EK_NO_ATTRS);
}

static void scatter(const char *type, const ek_tensor *want) {
  ek_slot w = {.key = "w", .dtype = EK_FLOAT32, .tensor = F32(S(3, 2), 1, 2, 3, 4, 5, 6)};
  ek_graph *g = ek_graph_new(NULL);
  const ek_op variable = ek_build(g, "VariableV2", (ek_outs){NULL, 0},
                                  EK_ATTRS(EK_SHAPE_ATTR("shape", S(3, 2)), EK_TYPE_ATTR("dtype", EK_FLOAT32)));
  op_test t = {.g = g,
               .op = ek_build(g, type, EK_OUTS(ek_op_output(variable, 0), op_any(g, EK_INT32), op_any(g, EK_FLOAT32)),
                              EK_NO_ATTRS),
               .n_in = 3,
               .in = {NULL, I32(S(2), 2, 2), F32(S(2, 2), 2, 4, 8, 16)},
               .slot = {&w}};
  if (op_run(&t) != EK_OK) fail_msg("%s", t.st.msg);
  assert_ptr_equal(t.out_slot[0], &w);
  op_compare(type, w.tensor, want, 0, 0);
  ek_tensor_free(t.in[1]);
  t.in[1] = I32(S(2), 0, 3);
  assert_int_equal(op_run(&t), EK_INVALID_ARGUMENT);
  assert_non_null(strstr(t.st.msg, "indices[1] = 3 is not in [0, 3)"));
  op_done(&t);
  ek_tensor_free(w.tensor);
  ek_graph_free(g);
}

static void rows_of_variables(void **state) {
  (void)state;
  static const struct {
    const char *type;
    float last[2];
  } cases[] = {{"ScatterUpdate", {8, 16}},
               {"ScatterAdd", {15, 26}},
               {"ScatterSub", {-5, -14}},
               {"ScatterMul", {80, 384}},
               {"ScatterDiv", {5.0F / 16, 6.0F / 64}},
               {"ScatterMin", {2, 4}},
               {"ScatterMax", {8, 16}}};
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    ek_tensor *want = F32(S(3, 2), 1, 2, 3, 4, cases[i].last[0], cases[i].last[1]);
    scatter(cases[i].type, want);
    ek_tensor_free(want);
  }
}

static void segments(void **state) {
  (void)state;
  static const struct {
    const char *type;
    double want[4];
  } cases[] = {{"SegmentSum", {3, 0, 0, 7}},
               {"SegmentMean", {1.5, 0, 0, 3.5}},
               {"SegmentMax", {2, 0, 0, 4}},
               {"SegmentMin", {1, 0, 0, 3}},
               {"SegmentProd", {2, 1, 1, 12}}};
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    op_test t = op_call(cases[i].type, TENSORS(F32(S(4), 1, 2, 3, 4), I32(S(4), 0, 0, 3, 3)), EK_NO_ATTRS);
    op_expect(t.out[0], S(4), cases[i].want, 4);
    op_end(&t);
  }
  op_refused("segment ids are not increasing", "SegmentSum", TENSORS(F32(S(2), 1, 2), I32(S(2), 1, 0)), EK_NO_ATTRS);
  op_test t =
      op_call("UnsortedSegmentMax", TENSORS(I32(S(3), 4, 9, 5), I32(S(3), 1, -1, 1), I32(SCALAR, 2)), EK_NO_ATTRS);
  EXPECT(t.out[0], S(2), INT32_MIN, 5);
  op_end(&t);
  t = op_call("UnsortedSegmentProd", TENSORS(F32(S(3), 4, 9, 5), I32(S(3), 1, -1, 1), I32(SCALAR, 2)), EK_NO_ATTRS);
  EXPECT(t.out[0], S(2), 1, 20);
  op_end(&t);
}

/* Through memory: gcc 12 at -O2 leaves the conversion to float and back out of a vector of them. */
static double rounded(double x) {
  const volatile float f = (float)x;
  return (double)f;
}

/* Rows 2, 0 and 2, 1 of a table. */
static void segments_of_rows(void **state) {
  (void)state;
  const double root = 1 / sqrt(2.0);
  const struct {
    const char *type, *grad;
    double scale;
  } cases[] = {{"SparseSegmentSum", "SparseSegmentSumGrad", 1},
               {"SparseSegmentMean", "SparseSegmentMeanGrad", .5},
               {"SparseSegmentSqrtN", "SparseSegmentSqrtNGrad", root}};
  for (size_t i = 0; i < 3; i++) {
    const double s = cases[i].scale;
    char type[64];
    op_test t =
        op_call(cases[i].type, TENSORS(F32(S(3, 2), 1, 2, 3, 4, 5, 6), I32(S(4), 2, 0, 2, 1), I32(S(4), 0, 0, 2, 2)),
                EK_NO_ATTRS);
    EXPECT(t.out[0], S(3, 2), rounded(6 * s), rounded(8 * s), 0, 0, rounded(8 * s), rounded(10 * s));
    op_end(&t);
    (void)snprintf(type, sizeof type, "%sWithNumSegments", cases[i].type);
    t = op_call(type, TENSORS(F64(S(3, 1), 1, 3, 5), I32(S(4), 2, 0, 2, 1), I32(S(4), 0, 0, 2, 2), I32(SCALAR, 4)),
                EK_NO_ATTRS);
    EXPECT(t.out[0], S(4, 1), 6 * s, 0, 8 * s, 0);
    op_end(&t);
    t = op_call(cases[i].grad,
                TENSORS(F32(S(3, 2), 1, 2, 9, 9, 3, 4), I32(S(4), 2, 0, 2, 1), I32(S(4), 0, 0, 2, 2), I32(SCALAR, 3)),
                EK_NO_ATTRS);
    EXPECT(t.out[0], S(3, 2), rounded(s), rounded(2 * s), rounded(3 * s), rounded(4 * s), rounded(4 * s),
           rounded(6 * s));
    op_end(&t);
  }
  op_refused("indices[2] == 3 out of range [0, 3)", "SparseSegmentSum",
             TENSORS(F32(S(3, 1), 1, 2, 3), I32(S(3), 0, 1, 3), I32(S(3), 0, 0, 1)), EK_NO_ATTRS);
  op_refused("segment ids are not increasing", "SparseSegmentMean",
             TENSORS(F32(S(3, 1), 1, 2, 3), I32(S(3), 0, 1, 2), I32(S(3), 1, 0, 1)), EK_NO_ATTRS);
  op_refused("segment_ids[1] = 1 is out of range [0, 1)", "SparseSegmentSumWithNumSegments",
             TENSORS(F32(S(3, 1), 1, 2, 3), I32(S(2), 0, 1), I32(S(2), 0, 1), I32(SCALAR, 1)), EK_NO_ATTRS);
  op_refused("num_segments is -1", "SparseSegmentSumWithNumSegments",
             TENSORS(F32(S(3, 1), 1, 2, 3), I32(S(2), 0, 1), I32(S(2), 0, 1), I32(SCALAR, -1)), EK_NO_ATTRS);
}

static void partitions(void **state) {
  (void)state;
  op_test t = op_call("DynamicPartition", TENSORS(F32(S(3, 1), 1, 2, 3), I32(S(3), 1, 0, 1)),
                      EK_ATTRS(EK_INT_ATTR("num_partitions", 3)));
  EXPECT(t.out[0], S(1, 1), 2);
  EXPECT(t.out[1], S(2, 1), 1, 3);
  op_expect(t.out[2], S(0, 1), NULL, 0);
  op_end(&t);
  op_refused("partitions[1] = 2 is not in [0, 2)", "DynamicPartition", TENSORS(F32(S(2), 1, 2), I32(S(2), 0, 2)),
             EK_ATTRS(EK_INT_ATTR("num_partitions", 2)));
}

static void turned_round(void **state) {
  (void)state;
  op_test t = op_call("ReverseV2", TENSORS(F32(S(2, 3), 1, 2, 3, 4, 5, 6), I32(S(1), -1)), EK_NO_ATTRS);
  EXPECT(t.out[0], S(2, 3), 3, 2, 1, 6, 5, 4);
  op_end(&t);
  op_refused("axis 1 specified more than once", "ReverseV2", TENSORS(F32(S(1, 2), 1, 2), I32(S(2), 1, -1)),
             EK_NO_ATTRS);
  t = op_call("ReverseSequence", TENSORS(F32(S(2, 3), 1, 2, 3, 4, 5, 6), I32(S(2), 2, 0)),
              EK_ATTRS(EK_INT_ATTR("seq_dim", 1)));
  EXPECT(t.out[0], S(2, 3), 2, 1, 3, 4, 5, 6);
  op_end(&t);
  op_refused("seq_lengths(1) = 4 is not in [0, 3]", "ReverseSequence",
             TENSORS(F32(S(2, 3), 1, 2, 3, 4, 5, 6), I32(S(2), 2, 4)), EK_ATTRS(EK_INT_ATTR("seq_dim", 1)));
  t = op_call("Roll", TENSORS(F32(S(2, 3), 1, 2, 3, 4, 5, 6), I32(S(2), 1, -1), I32(S(2), 0, 1)), EK_NO_ATTRS);
  EXPECT(t.out[0], S(2, 3), 5, 6, 4, 2, 3, 1);
  op_end(&t);
  t = op_call("MatrixBandPart",
              TENSORS(F32(S(2, 3), 1, 2, 3, 4, 5, 6), NUMBERS(EK_INT64, SCALAR, 0), NUMBERS(EK_INT64, SCALAR, 1)),
              EK_NO_ATTRS);
  EXPECT(t.out[0], S(2, 3), 1, 2, 0, 0, 5, 6);
  op_end(&t);
}

static void bits(void **state) {
  (void)state;
  op_test t = op_call("LeftShift", TENSORS(NUMBERS(EK_INT8, S(3), 1, -1, 3), NUMBERS(EK_INT8, S(3), 9, 2, -1)),
                      EK_NO_ATTRS); /* a count that is too large is 7, a negative one 0 */
  EXPECT(t.out[0], S(3), -128, -4, 3);
  op_end(&t);
  t = op_call("Invert", TENSORS(NUMBERS(EK_UINT8, S(2), 0, 250)), EK_NO_ATTRS);
  EXPECT(t.out[0], S(2), 255, 5);
  op_end(&t);
}

static void one_number_where_one_is_read(void **state) {
  (void)state;
  op_refused("input 2 must have rank 0, not shape [0]", "MatrixDiagV3",
             TENSORS(F32(S(2), 1, 2), I32(SCALAR, 0), op_int32s(S(0), NULL), I32(SCALAR, -1), F32(SCALAR, 0)),
             EK_NO_ATTRS);
  op_refused("input 4 must have rank 0, not shape [0]", "MatrixDiagV3",
             TENSORS(F32(S(2), 1, 2), I32(SCALAR, 0), I32(SCALAR, -1), I32(SCALAR, -1), F32(S(0), 0)), EK_NO_ATTRS);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(batches_of_products),
                                     cmocka_unit_test(the_largest_of_each_row),
                                     cmocka_unit_test(parts_by_several_numbers),
                                     cmocka_unit_test(rows_of_variables),
                                     cmocka_unit_test(segments),
                                     cmocka_unit_test(segments_of_rows),
                                     cmocka_unit_test(partitions),
                                     cmocka_unit_test(turned_round),
                                     cmocka_unit_test(bits),
                                     cmocka_unit_test(one_number_where_one_is_read)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
