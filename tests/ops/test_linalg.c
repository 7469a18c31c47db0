/* SPDX-License-Identifier: Apache-2.0 */
/* Qr and the diagonals. */
#include "ops/build.h"

#include "evenkeel/evenkeel.h"

#include <math.h>

static ek_op node(ek_graph *g, const char *type, const ek_shape *shapes, const ek_dtype *dtypes, int n,
                  const ek_attr *attrs, int n_attrs) {
  ek_out in[5];
  for (int i = 0; i < n; i++) in[i] = ek_placeholder(g, dtypes[i], shapes[i], NULL);
  return ek_build(g, type, (ek_outs){in, n}, attrs, n_attrs);
}

/* q r = a, q^T q = 1, r upper triangular, for tall, wide and square matrices, in a batch. */
static void check_qr(int64_t m, int64_t n, bool full) {
  ek_graph *g = ek_graph_new(NULL);
  ek_status st = EK_STATUS_INIT;
  const ek_shape s = ek_shape(2, m, n);
  const ek_dtype dtype = EK_FLOAT64;
  op_test t = {.g = g, .n_in = 1};
  t.op = node(g, "Qr", &s, &dtype, 1, EK_ATTRS(EK_BOOL_ATTR("full_matrices", full)));
  t.in[0] = ek_tensor_new(EK_FLOAT64, s, NULL, &st);
  double *a = ek_tensor_mutable_data(t.in[0]);
  for (int64_t i = 0; i < 2 * m * n; i++) a[i] = sin(3.0 * (double)i + 1.0);
  assert_int_equal(op_run(&t), EK_OK);
  const int64_t p = m < n ? m : n, k = full ? m : p;
  assert_true(ek_shape_equal(ek_tensor_shape(t.out[0]), ek_shape(2, m, k)));
  assert_true(ek_shape_equal(ek_tensor_shape(t.out[1]), ek_shape(2, k, n)));
  const double *q = ek_tensor_data(t.out[0]), *r = ek_tensor_data(t.out[1]);
  for (int b = 0; b < 2; b++, a += m * n, q += m * k, r += k * n) {
    for (int64_t i = 0; i < m; i++)
      for (int64_t j = 0; j < n; j++) {
        double sum = 0.0;
        for (int64_t l = 0; l < k; l++) sum += q[i * k + l] * r[l * n + j];
        assert_true(fabs(sum - a[i * n + j]) < 1e-13);
        if (i > j && i < k) assert_true(r[i * n + j] == 0.0);
      }
    for (int64_t i = 0; i < k; i++)
      for (int64_t j = 0; j < k; j++) {
        double sum = 0.0;
        for (int64_t l = 0; l < m; l++) sum += q[l * k + i] * q[l * k + j];
        assert_true(fabs(sum - (i == j ? 1.0 : 0.0)) < 1e-13);
      }
  }
  op_done(&t);
  ek_graph_free(g);
}

static void qr_gives_back_its_input(void **state) {
  (void)state;
  check_qr(4, 3, false);
  check_qr(4, 3, true);
  check_qr(3, 4, false);
  check_qr(3, 3, false);
  check_qr(1, 1, true);
}

static void diagonals_come_out_and_go_in(void **state) {
  (void)state;
  ek_graph *g = ek_graph_new(NULL);
  ek_status st = EK_STATUS_INIT;
  const float matrix[] = {1, 2, 3, 4, 5, 6, 7, 8, 9}, ones[] = {-1, -2}, zero = 0;
  const int32_t above = 1, any = -1;
  const ek_shape square = ek_shape(3, 3), two = ek_shape(2), scalar = ek_shape_scalar();

  op_test part = {.g = g, .n_in = 1};
  const ek_dtype f = EK_FLOAT32;
  part.op = node(g, "DiagPart", &square, &f, 1, NULL, 0);
  part.in[0] = ek_tensor_from(EK_FLOAT32, square, matrix, &st);
  assert_int_equal(op_run(&part), EK_OK);
  const float *d = ek_tensor_data(part.out[0]);
  assert_true(d[0] == 1 && d[1] == 5 && d[2] == 9);
  op_done(&part);

  op_test set = {.g = g, .n_in = 3};
  set.op = node(g, "MatrixSetDiagV3", (const ek_shape[]){square, two, scalar},
                (const ek_dtype[]){EK_FLOAT32, EK_FLOAT32, EK_INT32}, 3, NULL, 0);
  set.in[0] = ek_tensor_from(EK_FLOAT32, square, matrix, &st);
  set.in[1] = ek_tensor_from(EK_FLOAT32, two, ones, &st);
  set.in[2] = ek_tensor_from(EK_INT32, scalar, &above, &st);
  assert_int_equal(op_run(&set), EK_OK);
  const float *s = ek_tensor_data(set.out[0]);
  assert_true(s[0] == 1 && s[1] == -1 && s[5] == -2 && s[8] == 9);
  op_done(&set);

  op_test make = {.g = g, .n_in = 5};
  make.op = node(g, "MatrixDiagV3", (const ek_shape[]){two, scalar, scalar, scalar, scalar},
                 (const ek_dtype[]){EK_FLOAT32, EK_INT32, EK_INT32, EK_INT32, EK_FLOAT32}, 5, NULL, 0);
  make.in[0] = ek_tensor_from(EK_FLOAT32, two, ones, &st);
  make.in[1] = ek_tensor_from(EK_INT32, scalar, &above, &st);
  make.in[2] = ek_tensor_from(EK_INT32, scalar, &any, &st);
  make.in[3] = ek_tensor_from(EK_INT32, scalar, &any, &st);
  make.in[4] = ek_tensor_from(EK_FLOAT32, scalar, &zero, &st);
  make.values_unknown = true;
  assert_int_equal(op_run(&make), EK_OK);
  EXPECT(make.out[0], ek_shape(3, 3), 0, -1, 0, 0, 0, -2, 0, 0, 0);
  op_done(&make);
  assert_int_equal(st.code, EK_OK);
  ek_graph_free(g);
}

#define S(...)       ek_shape(__VA_ARGS__)
#define SCALAR       ek_shape_scalar()
#define ALIGN(side)  EK_ATTRS(EK_STRING_ATTR("align", side))
#define TWELVE(rows) F32(rows, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12)
#define NINE         F32(S(3, 3), 8, 9, 1, 1, 2, 3, 6, 4, 5)
#define ANY          I32(SCALAR, -1)

/* Numbers of TensorFlow. */
static void bands_are_taken(void **state) {
  (void)state;
  op_test t = op_call("MatrixDiagPartV3", TENSORS(TWELVE(S(3, 4)), I32(S(2), -1, 2), F32(SCALAR, 9)), EK_NO_ATTRS);
  EXPECT(t.out[0], S(4, 3), 9, 3, 8, 2, 7, 12, 1, 6, 11, 5, 10, 9);
  op_end(&t);
  t = op_call("MatrixDiagPartV3", TENSORS(TWELVE(S(3, 4)), I32(S(2), -1, 2), F32(SCALAR, 0)), ALIGN("LEFT_RIGHT"));
  EXPECT(t.out[0], S(4, 3), 3, 8, 0, 2, 7, 12, 1, 6, 11, 0, 5, 10);
  op_end(&t);
  t = op_call("MatrixDiagPartV3", TENSORS(TWELVE(S(3, 4)), I32(S(2), -1, 2), F32(SCALAR, 0)), ALIGN("RIGHT_RIGHT"));
  EXPECT(t.out[0], S(4, 3), 0, 3, 8, 2, 7, 12, 1, 6, 11, 0, 5, 10);
  op_end(&t);
  t = op_call("MatrixDiagPartV2", TENSORS(TWELVE(S(2, 2, 3)), I32(S(2), -1, 1), F32(SCALAR, 0)), EK_NO_ATTRS);
  EXPECT(t.out[0], S(2, 3, 2), 2, 6, 1, 5, 4, 0, 8, 12, 7, 11, 10, 0);
  op_end(&t);
  t = op_call("MatrixDiagPartV3", TENSORS(TWELVE(S(3, 4)), I32(S(2), 1, 1), F32(SCALAR, 0)), EK_NO_ATTRS);
  EXPECT(t.out[0], S(3), 2, 7, 12); /* one is no band */
  op_end(&t);
}

static void bands_make_matrices(void **state) {
  (void)state;
  op_test t = op_call("MatrixDiagV3", TENSORS(NINE, I32(S(2), -1, 1), ANY, ANY, F32(SCALAR, 0)), EK_NO_ATTRS);
  EXPECT(t.out[0], S(3, 3), 1, 9, 0, 6, 2, 1, 0, 4, 3);
  op_end(&t);
  t = op_call("MatrixDiagV3", TENSORS(NINE, I32(S(2), -1, 1), ANY, ANY, F32(SCALAR, 7)), ALIGN("LEFT_RIGHT"));
  EXPECT(t.out[0], S(3, 3), 1, 8, 7, 4, 2, 9, 7, 5, 3);
  op_end(&t);
  t = op_call("MatrixDiagV2", TENSORS(NINE, I32(S(2), -1, 1), ANY, ANY, F32(SCALAR, 7)), EK_NO_ATTRS);
  EXPECT(t.out[0], S(3, 3), 1, 8, 7, 6, 2, 9, 7, 4, 3);
  op_end(&t);
  t = op_call("MatrixDiagV3",
              TENSORS(F32(S(2, 3), 8, 9, 0, 1, 2, 3), I32(S(2), -2, -1), ANY, I32(SCALAR, 3), F32(SCALAR, 0)),
              ALIGN("RIGHT_LEFT"));
  EXPECT(t.out[0], S(4, 3), 0, 0, 0, 8, 0, 0, 1, 9, 0, 0, 2, 0);
  op_end(&t);
  t = op_call("MatrixDiagV3", TENSORS(F32(S(2), 1, 2), I32(SCALAR, 1), I32(SCALAR, 2), I32(SCALAR, 4), F32(SCALAR, 0)),
              EK_NO_ATTRS);
  EXPECT(t.out[0], S(2, 4), 0, 1, 0, 0, 0, 0, 2, 0);
  op_end(&t);
}

static void bands_are_replaced(void **state) {
  (void)state;
  op_test t = op_call("MatrixSetDiagV3", TENSORS(TWELVE(S(3, 4)), NINE, I32(S(2), -1, 1)), EK_NO_ATTRS);
  EXPECT(t.out[0], S(3, 4), 1, 8, 3, 4, 6, 2, 9, 8, 9, 4, 3, 1);
  op_end(&t);
  t = op_call("MatrixSetDiagV2", TENSORS(TWELVE(S(4, 3)), NINE, I32(S(2), -1, 1)), EK_NO_ATTRS);
  EXPECT(t.out[0], S(4, 3), 1, 8, 3, 6, 2, 9, 7, 4, 3, 10, 11, 5);
  op_end(&t);
}

static void bands_that_are_not_there(void **state) {
  (void)state;
  op_refused("the lower one must come first", "MatrixDiagV3", TENSORS(NINE, I32(S(2), 1, -1), ANY, ANY, F32(SCALAR, 0)),
             EK_NO_ATTRS);
  op_refused("one number or two", "MatrixDiagV3", TENSORS(NINE, I32(S(3), -1, 0, 1), ANY, ANY, F32(SCALAR, 0)),
             EK_NO_ATTRS);
  op_refused("one number or two", "MatrixDiagPartV3", TENSORS(NINE, I32(S(1, 2), -1, 0), F32(SCALAR, 0)), EK_NO_ATTRS);
  op_refused("one number or two", "MatrixDiagPartV3", TENSORS(NINE, op_int32s(S(0), NULL), F32(SCALAR, 0)),
             EK_NO_ATTRS);
  op_refused("not as many", "MatrixDiagV3", TENSORS(NINE, I32(S(2), 0, 1), ANY, ANY, F32(SCALAR, 0)), EK_NO_ATTRS);
  op_refused("has no diagonals 1 to 1", "MatrixDiagV3",
             TENSORS(F32(S(2), 1, 2), I32(SCALAR, 1), I32(SCALAR, 4), I32(SCALAR, 4), F32(SCALAR, 0)), EK_NO_ATTRS);
  op_refused("has no diagonals", "MatrixDiagV3",
             TENSORS(EMPTY(EK_FLOAT32, S(0)), I32(SCALAR, 2), I32(SCALAR, -3), ANY, F32(SCALAR, 0)), EK_NO_ATTRS);
  op_refused("not all inside", "MatrixDiagPartV3", TENSORS(TWELVE(S(3, 4)), I32(S(2), -3, 2), F32(SCALAR, 0)),
             EK_NO_ATTRS);
  op_refused("not all inside", "MatrixSetDiagV3", TENSORS(TWELVE(S(3, 4)), NINE, I32(S(2), 1, 4)), EK_NO_ATTRS);
  op_refused("", "MatrixSetDiagV3", TENSORS(TWELVE(S(3, 4)), F32(S(2, 3), 1, 2, 3, 4, 5, 6), I32(S(2), -1, 1)),
             EK_NO_ATTRS);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(qr_gives_back_its_input), cmocka_unit_test(diagonals_come_out_and_go_in),
      cmocka_unit_test(bands_are_taken),         cmocka_unit_test(bands_make_matrices),
      cmocka_unit_test(bands_are_replaced),      cmocka_unit_test(bands_that_are_not_there),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
