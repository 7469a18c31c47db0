/* SPDX-License-Identifier: Apache-2.0 */
/* Every array op twice: with the values of its inputs known while planning, and without. */
#include "ops/harness.h"

#include <math.h>

typedef struct result {
  ek_graph *g;
  op_test known, unknown;
} result;

static void run(result *r, const char *type, int n, ek_tensor *const *in, const ek_attr *attrs, int n_attrs) {
  ek_out outs[OP_TEST_INS];
  memset(r, 0, sizeof *r);
  r->g = ek_graph_new(NULL);
  for (int i = 0; i < n; i++) outs[i] = op_any(r->g, in[i]->dtype);
  const ek_op op = ek_build(r->g, type, (ek_outs){outs, n}, attrs, n_attrs);
  ek_status st = EK_STATUS_INIT;
  if (ek_graph_status(r->g, &st) != EK_OK) fail_msg("%s", st.msg);
  r->known = (op_test){.g = r->g, .op = op, .n_in = n};
  for (int i = 0; i < n; i++) r->known.in[i] = in[i];
  r->unknown = r->known;
  r->unknown.values_unknown = true;
  const ek_code rc = op_run(&r->known);
  assert_int_equal(op_run(&r->unknown), rc);
  for (int i = 0; rc == EK_OK && i < r->known.n_out; i++) {
    assert_true(ek_tensor_equal(r->known.out[i], r->unknown.out[i]));
    assert_true(ek_shape_compatible(r->known.type[i].shape, r->known.out[i]->shape));
    assert_true(ek_shape_compatible(r->unknown.type[i].shape, r->known.out[i]->shape));
  }
}

static void done(result *r) {
  r->unknown.n_in = 0;
  op_done(&r->known);
  op_done(&r->unknown);
  ek_graph_free(r->g);
}

#define N_OF(...) ((int)(sizeof((ek_tensor *const[]){__VA_ARGS__}) / sizeof(ek_tensor *)))
#define INPUTS(...)                                                                                                    \
  N_OF(__VA_ARGS__), (ek_tensor *const[]) { __VA_ARGS__ }
#define ATTR_INT(n_, i_) EK_ATTRS(EK_INT_ATTR(n_, i_))

/* Output 0 is known completely while planning. */
static void expect_planned(const result *r) { assert_true(ek_shape_is_known(r->known.type[0].shape)); }

static ek_tensor *counted(ek_shape s) {
  ek_tensor *t = ek_tensor_new(EK_FLOAT32, s, NULL, NULL);
  for (int64_t i = 0; i < ek_tensor_num_elements(t); i++) ((float *)t->data)[i] = (float)i;
  return t;
}

static ek_tensor *bools(ek_shape s, const bool *v) { return ek_tensor_from(EK_BOOL, s, v, NULL); }

static void shapes_as_values(void **state) {
  (void)state;
  result r;
  run(&r, "Shape", INPUTS(counted(ek_shape(2, 0, 3))), EK_ATTRS(EK_TYPE_ATTR("out_type", EK_INT64)));
  EXPECT(r.known.out[0], ek_shape(3), 2, 0, 3);
  assert_int_equal(r.known.out[0]->dtype, EK_INT64);
  done(&r);
  run(&r, "ShapeN", INPUTS(counted(ek_shape(2)), counted(ek_shape(4, 1))), EK_NO_ATTRS);
  EXPECT(r.known.out[0], ek_shape(1), 2);
  EXPECT(r.known.out[1], ek_shape(2), 4, 1);
  done(&r);
  run(&r, "Size", INPUTS(counted(ek_shape(2, 3))), EK_NO_ATTRS);
  EXPECT(r.known.out[0], ek_shape_scalar(), 6);
  done(&r);
  run(&r, "Rank", INPUTS(counted(ek_shape(2, 3))), EK_NO_ATTRS);
  EXPECT(r.known.out[0], ek_shape_scalar(), 2);
  done(&r);
}

static void the_same_elements_under_another_shape(void **state) {
  (void)state;
  result r;
  run(&r, "Reshape", INPUTS(counted(ek_shape(2, 3)), I32(ek_shape(2), -1, 2)), EK_NO_ATTRS);
  EXPECT(r.known.out[0], ek_shape(3, 2), 0, 1, 2, 3, 4, 5);
  expect_planned(&r);
  done(&r);
  run(&r, "ExpandDims", INPUTS(counted(ek_shape(2, 1)), I32(ek_shape_scalar(), -1)), EK_NO_ATTRS);
  EXPECT(r.known.out[0], ek_shape(2, 1, 1), 0, 1);
  done(&r);
  run(&r, "Squeeze", INPUTS(counted(ek_shape(1, 2, 1))), EK_NO_ATTRS);
  EXPECT(r.known.out[0], ek_shape(2), 0, 1);
  done(&r);
  const int64_t last[] = {-1};
  run(&r, "Squeeze", INPUTS(counted(ek_shape(1, 2, 1))), EK_ATTRS(EK_INTS_ATTR("squeeze_dims", last, 1)));
  EXPECT(r.known.out[0], ek_shape(1, 2), 0, 1);
  done(&r);
  run(&r, "Reshape", INPUTS(counted(ek_shape(2, 3)), I32(ek_shape(2), 4, 2)), EK_NO_ATTRS);
  assert_string_equal(r.unknown.st.msg,
                      "Reshape 'Reshape': Input to reshape is a tensor with 6 values, but the requested shape has 8");
  assert_int_equal(r.known.st.code, EK_INVALID_ARGUMENT);
  done(&r);
}

static void transpositions(void **state) {
  (void)state;
  result r;
  run(&r, "Transpose", INPUTS(counted(ek_shape(2, 3)), I32(ek_shape(2), 1, 0)), EK_NO_ATTRS);
  EXPECT(r.known.out[0], ek_shape(3, 2), 0, 3, 1, 4, 2, 5);
  done(&r);
  run(&r, "Transpose", INPUTS(counted(ek_shape(1, 2, 3)), I32(ek_shape(3), 2, 0, 1)), EK_NO_ATTRS);
  EXPECT(r.known.out[0], ek_shape(3, 1, 2), 0, 3, 1, 4, 2, 5);
  expect_planned(&r);
  done(&r);
  run(&r, "InvertPermutation", INPUTS(I32(ek_shape(3), 2, 0, 1)), EK_NO_ATTRS);
  EXPECT(r.known.out[0], ek_shape(3), 1, 2, 0);
  done(&r);
  run(&r, "InvertPermutation", INPUTS(I32(ek_shape(2), 1, 1)), EK_NO_ATTRS);
  assert_non_null(strstr(r.unknown.st.msg, "1 is duplicated in the input."));
  done(&r);
}

static void repetitions(void **state) {
  (void)state;
  result r;
  run(&r, "Tile", INPUTS(counted(ek_shape(2, 2)), I32(ek_shape(2), 2, 3)), EK_NO_ATTRS);
  EXPECT(r.known.out[0], ek_shape(4, 6), 0, 1, 0, 1, 0, 1, 2, 3, 2, 3, 2, 3, 0, 1, 0, 1, 0, 1, 2, 3, 2, 3, 2, 3);
  expect_planned(&r);
  done(&r);
  run(&r, "Tile", INPUTS(counted(ek_shape(2)), I32(ek_shape(1), 0)), EK_NO_ATTRS);
  assert_int_equal(ek_tensor_num_elements(r.known.out[0]), 0);
  done(&r);
  run(&r, "BroadcastTo", INPUTS(counted(ek_shape(2, 1)), I32(ek_shape(3), 2, 2, 3)), EK_NO_ATTRS);
  EXPECT(r.known.out[0], ek_shape(2, 2, 3), 0, 0, 0, 1, 1, 1, 0, 0, 0, 1, 1, 1);
  expect_planned(&r);
  done(&r);
  run(&r, "BroadcastTo", INPUTS(counted(ek_shape(3)), I32(ek_shape(2), 2, 2)), EK_NO_ATTRS);
  assert_non_null(strstr(r.unknown.st.msg, "Incompatible shapes: [3] vs. [2,2]"));
  done(&r);
}

static void made_from_little(void **state) {
  (void)state;
  result r;
  run(&r, "Fill", INPUTS(I32(ek_shape(2), 1, 3), F32(ek_shape_scalar(), 7)), EK_NO_ATTRS);
  EXPECT(r.known.out[0], ek_shape(1, 3), 7, 7, 7);
  expect_planned(&r);
  done(&r);
  run(&r, "ZerosLike", INPUTS(counted(ek_shape(2))), EK_NO_ATTRS);
  EXPECT(r.known.out[0], ek_shape(2), 0, 0);
  done(&r);
  run(&r, "OnesLike", INPUTS(counted(ek_shape(3))), EK_NO_ATTRS);
  EXPECT(r.known.out[0], ek_shape(3), 1, 1, 1);
  done(&r);
  run(&r, "OnesLike", INPUTS(I32(ek_shape(1), 9)), EK_NO_ATTRS);
  EXPECT(r.known.out[0], ek_shape(1), 1);
  done(&r);
  run(&r, "Range", INPUTS(I32(ek_shape_scalar(), 7), I32(ek_shape_scalar(), 0), I32(ek_shape_scalar(), -3)),
      EK_NO_ATTRS);
  EXPECT(r.known.out[0], ek_shape(3), 7, 4, 1);
  expect_planned(&r);
  done(&r);
  run(&r, "LinSpace", INPUTS(F32(ek_shape_scalar(), -3), F32(ek_shape_scalar(), 2.5f), I32(ek_shape_scalar(), 4)),
      EK_NO_ATTRS);
  EXPECT(r.known.out[0], ek_shape(4), -3, -1.1666666269302368, 0.6666667461395264, 2.5);
  done(&r);
  run(&r, "Range", INPUTS(F32(ek_shape_scalar(), 0), F32(ek_shape_scalar(), 1), F32(ek_shape_scalar(), .3f)),
      EK_NO_ATTRS);
  EXPECT(r.known.out[0], ek_shape(4), 0, (double).3f, (double)(2 * .3f), (double)(3 * .3f));
  done(&r);
  run(&r, "Range", INPUTS(I32(ek_shape_scalar(), 1), I32(ek_shape_scalar(), 3), I32(ek_shape_scalar(), -1)),
      EK_NO_ATTRS);
  assert_non_null(strstr(r.unknown.st.msg, "Requires start >= limit when delta < 0: 1/3"));
  done(&r);
}

static void side_by_side(void **state) {
  (void)state;
  result r;
  run(&r, "Pack", INPUTS(counted(ek_shape(3)), F32(ek_shape(3), 7, 8, 9)), ATTR_INT("axis", -1));
  EXPECT(r.known.out[0], ek_shape(3, 2), 0, 7, 1, 8, 2, 9);
  done(&r);
  run(&r, "Unpack", INPUTS(counted(ek_shape(2, 3))), EK_ATTRS(EK_INT_ATTR("num", 3), EK_INT_ATTR("axis", 1)));
  EXPECT(r.known.out[0], ek_shape(2), 0, 3);
  EXPECT(r.known.out[2], ek_shape(2), 2, 5);
  done(&r);
  run(&r, "ConcatV2",
      INPUTS(counted(ek_shape(2, 1)), counted(ek_shape(2, 0)), F32(ek_shape(2, 2), 6, 7, 8, 9),
             I32(ek_shape_scalar(), -1)),
      EK_NO_ATTRS);
  EXPECT(r.known.out[0], ek_shape(2, 3), 0, 6, 7, 1, 8, 9);
  expect_planned(&r);
  done(&r);
  run(&r, "Concat", INPUTS(I32(ek_shape_scalar(), 0), counted(ek_shape(2)), counted(ek_shape(1))), EK_NO_ATTRS);
  EXPECT(r.known.out[0], ek_shape(3), 0, 1, 0);
  done(&r);
  run(&r, "ConcatV2", INPUTS(counted(ek_shape(1, 2)), counted(ek_shape(1, 3)), I32(ek_shape_scalar(), 0)), EK_NO_ATTRS);
  assert_non_null(strstr(r.unknown.st.msg, "ConcatOp : Dimension 1 in both shapes must be equal: shape[0] = [1,2] vs. "
                                           "shape[1] = [1,3]"));
  done(&r);
  run(&r, "ConcatOffset", INPUTS(I32(ek_shape_scalar(), 1), I32(ek_shape(2), 2, 3), I32(ek_shape(2), 2, 4)),
      EK_NO_ATTRS);
  EXPECT(r.known.out[0], ek_shape(2), 0, 0);
  EXPECT(r.known.out[1], ek_shape(2), 0, 3);
  done(&r);
}

static void strings_are_moved_by_reference(void **state) {
  (void)state;
  result r;
  const char *const words[] = {"a", "", "long enough to be seen"};
  run(&r, "ConcatV2",
      INPUTS(ek_tensor_from_strings(ek_shape(3), words, NULL, NULL),
             ek_tensor_from_strings(ek_shape(2), words, NULL, NULL), I32(ek_shape_scalar(), 0)),
      EK_NO_ATTRS);
  assert_string_equal(ek_tensor_string(r.known.out[0], 2, NULL), words[2]);
  assert_string_equal(ek_tensor_string(r.known.out[0], 3, NULL), "a");
  done(&r);
  run(&r, "Transpose", INPUTS(ek_tensor_from_strings(ek_shape(1, 3), words, NULL, NULL), I32(ek_shape(2), 1, 0)),
      EK_NO_ATTRS);
  assert_string_equal(ek_tensor_string(r.known.out[0], 2, NULL), words[2]);
  done(&r);
}

static void cut_in_parts(void **state) {
  (void)state;
  result r;
  run(&r, "Split", INPUTS(I32(ek_shape_scalar(), 1), counted(ek_shape(2, 4))), ATTR_INT("num_split", 2));
  EXPECT(r.known.out[1], ek_shape(2, 2), 2, 3, 6, 7);
  expect_planned(&r);
  done(&r);
  run(&r, "SplitV", INPUTS(counted(ek_shape(2, 4)), I32(ek_shape(3), 1, -1, 0), I32(ek_shape_scalar(), -1)),
      ATTR_INT("num_split", 3));
  EXPECT(r.known.out[1], ek_shape(2, 3), 1, 2, 3, 5, 6, 7);
  expect_planned(&r);
  done(&r);
  run(&r, "SplitV", INPUTS(counted(ek_shape(2)), I32(ek_shape(2), 1, 3), I32(ek_shape_scalar(), 0)),
      ATTR_INT("num_split", 2));
  assert_int_equal(r.known.st.code, EK_INVALID_ARGUMENT);
  done(&r);
  run(&r, "Slice", INPUTS(counted(ek_shape(3, 4)), I32(ek_shape(2), 1, 1), I32(ek_shape(2), -1, 2)), EK_NO_ATTRS);
  EXPECT(r.known.out[0], ek_shape(2, 2), 5, 6, 9, 10);
  expect_planned(&r);
  done(&r);
  run(&r, "Slice", INPUTS(counted(ek_shape(3)), I32(ek_shape(1), 1), I32(ek_shape(1), 3)), EK_NO_ATTRS);
  assert_non_null(strstr(r.unknown.st.msg, "Expected size[0] in [0, 2], but got 3"));
  done(&r);
}

/* Of [2, 3, 4] counted from 0; made with TensorFlow 2.12.1. The part of the input that is taken, its gradient, is the
 * input where it was taken and zero elsewhere. */
static const struct strided {
  int n;
  int32_t begin[4], end[4], strides[4];
  int64_t mask[5];
  int rank;
  int64_t dim[6];
  int count;
  double want[24];
} strided_cases[] = {
    {1, {1}, {2}, {1}, {0, 0, 0, 0, 1}, 2, {3, 4}, 12, {12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23}},
    {3,
     {0, 1, 1},
     {0, 3, 0},
     {1, 1, 1},
     {1, 5, 0, 0, 0},
     3,
     {2, 2, 3},
     12,
     {5, 6, 7, 9, 10, 11, 17, 18, 19, 21, 22, 23}},
    {2,
     {-1, -1},
     {-3, -4},
     {-1, -2},
     {0, 0, 0, 0, 0},
     3,
     {2, 2, 4},
     16,
     {20, 21, 22, 23, 12, 13, 14, 15, 8, 9, 10, 11, 0, 1, 2, 3}},
    {2, {0, 0}, {0, 2}, {1, 1}, {0, 0, 1, 0, 0}, 3, {2, 3, 2}, 12, {0, 1, 4, 5, 8, 9, 12, 13, 16, 17, 20, 21}},
    {2, {0, -1}, {0, 0}, {1, 1}, {0, 0, 1, 0, 2}, 2, {2, 3}, 6, {3, 7, 11, 15, 19, 23}},
    {3, {0, 0, 1}, {0, 0, 2}, {1, 1, 1}, {3, 3, 0, 2, 0}, 4, {2, 1, 1, 4}, 8, {4, 5, 6, 7, 16, 17, 18, 19}},
    {4, {0, 1, 0, 2}, {0, 0, 0, 0}, {1, 1, 1, 1}, {0, 0, 4, 1, 2}, 3, {1, 3, 0}, 0, {0}},
    {2, {5, 0}, {9, 3}, {1, 2}, {0, 0, 0, 0, 0}, 3, {0, 2, 4}, 0, {0}},
    {3, {0, 0, 0}, {0, 0, 0}, {1, -1, -1}, {7, 7, 0, 0, 0}, 3, {2, 3, 4}, 24, {11, 10, 9,  8,  7,  6,  5,  4,
                                                                               3,  2,  1,  0,  23, 22, 21, 20,
                                                                               19, 18, 17, 16, 15, 14, 13, 12}},
    {2, {1, 0}, {0, 0}, {-1, 1}, {2, 2, 0, 0, 0}, 3, {1, 3, 4}, 12, {12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23}},
    {3,
     {0, 2, 3},
     {0, 0, 0},
     {1, -1, -2},
     {1, 7, 0, 0, 0},
     3,
     {2, 3, 2},
     12,
     {11, 9, 7, 5, 3, 1, 23, 21, 19, 17, 15, 13}},
    {3, {0, 0, 0}, {0, 0, 0}, {1, 1, 1}, {0, 0, 0, 7, 0}, 6, {1, 1, 1, 2, 3, 4}, 24, {0,  1,  2,  3,  4,  5,  6,  7,
                                                                                      8,  9,  10, 11, 12, 13, 14, 15,
                                                                                      16, 17, 18, 19, 20, 21, 22, 23}},
    {3, {0, 0, 0}, {1, 1, 1}, {1, 1, 1}, {0, 0, 0, 0, 7}, 0, {0}, 1, {0}},
};

static void strided_slices_and_their_gradients(void **state) {
  (void)state;
  for (size_t i = 0; i < sizeof strided_cases / sizeof strided_cases[0]; i++) {
    const struct strided *s = &strided_cases[i];
    result r, back;
    ek_tensor *spec[2][3];
    for (int k = 0; k < 2; k++) {
      spec[k][0] = op_int32s(ek_shape(s->n), s->begin);
      spec[k][1] = op_int32s(ek_shape(s->n), s->end);
      spec[k][2] = op_int32s(ek_shape(s->n), s->strides);
    }
    const ek_attr attrs[] = {EK_INT_ATTR("begin_mask", s->mask[0]), EK_INT_ATTR("end_mask", s->mask[1]),
                             EK_INT_ATTR("ellipsis_mask", s->mask[2]), EK_INT_ATTR("new_axis_mask", s->mask[3]),
                             EK_INT_ATTR("shrink_axis_mask", s->mask[4])};
    run(&r, "StridedSlice", INPUTS(counted(ek_shape(2, 3, 4)), spec[0][0], spec[0][1], spec[0][2]), attrs, 5);
    op_expect(r.known.out[0], ek_shape_of(s->dim, s->rank), s->want, s->count);
    expect_planned(&r);
    run(&back, "StridedSliceGrad",
        INPUTS(I32(ek_shape(3), 2, 3, 4), spec[1][0], spec[1][1], spec[1][2], ek_tensor_ref(r.known.out[0])), attrs, 5);
    double want[24] = {0};
    for (int k = 0; k < s->count; k++) want[(int)s->want[k]] = s->want[k];
    op_expect(back.known.out[0], ek_shape(2, 3, 4), want, 24);
    done(&back);
    done(&r);
  }
}

static void strided_slices_that_make_no_sense(void **state) {
  (void)state;
  static const struct {
    int32_t n, begin, stride;
    int64_t shrink;
    const char *message;
  } cases[] = {{1, 5, 1, 1, "slice index 5 of dimension 0 out of bounds."},
               {2, 0, 1, 0, "Index out of range using input dim 1; input has only 1 dims"},
               {1, 0, 0, 0, "strides[0] must be non-zero"},
               {1, 0, -1, 1, "only stride 1 allowed on non-range indexing."}};
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    result r;
    const ek_shape n = ek_shape(cases[i].n);
    run(&r, "StridedSlice",
        INPUTS(counted(ek_shape(3)), I32(n, cases[i].begin, 1), I32(n, 6, 1), I32(n, cases[i].stride, 1)),
        ATTR_INT("shrink_axis_mask", cases[i].shrink));
    assert_int_equal(r.known.st.code, EK_INVALID_ARGUMENT);
    assert_non_null(strstr(r.unknown.st.msg, cases[i].message));
    assert_non_null(strstr(r.known.st.msg, cases[i].message));
    done(&r);
  }
}

static void borders(void **state) {
  (void)state;
  result r;
  run(&r, "Pad", INPUTS(counted(ek_shape(1, 2)), I32(ek_shape(2, 2), 1, 0, 0, 1)), EK_NO_ATTRS);
  EXPECT(r.known.out[0], ek_shape(2, 3), 0, 0, 0, 0, 1, 0);
  expect_planned(&r);
  done(&r);
  run(&r, "PadV2", INPUTS(counted(ek_shape(2)), I32(ek_shape(1, 2), 1, 1), F32(ek_shape_scalar(), 9)), EK_NO_ATTRS);
  EXPECT(r.known.out[0], ek_shape(4), 9, 0, 1, 9);
  done(&r);
  run(&r, "MirrorPad", INPUTS(counted(ek_shape(2, 3)), I32(ek_shape(2, 2), 1, 1, 2, 1)),
      EK_ATTRS(EK_STRING_ATTR("mode", "REFLECT")));
  EXPECT(r.known.out[0], ek_shape(4, 6), 5, 4, 3, 4, 5, 4, 2, 1, 0, 1, 2, 1, 5, 4, 3, 4, 5, 4, 2, 1, 0, 1, 2, 1);
  done(&r);
  run(&r, "MirrorPad", INPUTS(counted(ek_shape(2, 3)), I32(ek_shape(2, 2), 1, 1, 2, 1)),
      EK_ATTRS(EK_STRING_ATTR("mode", "SYMMETRIC")));
  EXPECT(r.known.out[0], ek_shape(4, 6), 1, 0, 0, 1, 2, 2, 1, 0, 0, 1, 2, 2, 4, 3, 3, 4, 5, 5, 4, 3, 3, 4, 5, 5);
  done(&r);
}

static void axes_of_a_broadcast(void **state) {
  (void)state;
  static const struct {
    int n[2];
    int32_t s[2][3];
    int count[2];
    int32_t want[2][3];
  } cases[] = {
      {{3, 1}, {{2, 1, 3}, {1}}, {1, 3}, {{1}, {0, 1, 2}}},
      {{0, 2}, {{0}, {1, 2}}, {2, 1}, {{0, 1}, {0}}},
      {{1, 1}, {{1}, {1}}, {0, 0}, {{0}, {0}}},
      {{3, 2}, {{1, 1, 2}, {1, 2}}, {2, 2}, {{0, 1}, {0, 1}}},
      {{3, 2}, {{5, 1, 2}, {1, 2}}, {1, 2}, {{1}, {0, 1}}},
      {{2, 2}, {{1, 2}, {1, 2}}, {0, 0}, {{0}, {0}}},
  };
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    result r;
    run(&r, "BroadcastGradientArgs",
        INPUTS(op_int32s(ek_shape(cases[i].n[0]), cases[i].s[0]), op_int32s(ek_shape(cases[i].n[1]), cases[i].s[1])),
        EK_NO_ATTRS);
    for (int k = 0; k < 2; k++) {
      const double want[3] = {cases[i].want[k][0], cases[i].want[k][1], cases[i].want[k][2]};
      op_expect(r.known.out[k], ek_shape(cases[i].count[k]), want, cases[i].count[k]);
    }
    expect_planned(&r);
    done(&r);
  }
}

static void parts_by_index(void **state) {
  (void)state;
  result r;
  run(&r, "Gather", INPUTS(counted(ek_shape(3, 2)), I32(ek_shape(2), 2, 0)), EK_NO_ATTRS);
  EXPECT(r.known.out[0], ek_shape(2, 2), 4, 5, 0, 1);
  done(&r);
  run(&r, "GatherV2", INPUTS(counted(ek_shape(2, 3)), I32(ek_shape(1, 2), 2, 0), I32(ek_shape_scalar(), -1)),
      EK_NO_ATTRS);
  EXPECT(r.known.out[0], ek_shape(2, 1, 2), 2, 0, 5, 3);
  expect_planned(&r);
  done(&r);
  run(&r, "GatherV2", INPUTS(counted(ek_shape(2, 3, 2)), I32(ek_shape(2, 1), 2, 0), I32(ek_shape_scalar(), 1)),
      ATTR_INT("batch_dims", 1));
  EXPECT(r.known.out[0], ek_shape(2, 1, 2), 4, 5, 6, 7);
  done(&r);
  run(&r, "Gather", INPUTS(counted(ek_shape(3)), I32(ek_shape(1, 2), 0, 7)), EK_NO_ATTRS);
  assert_non_null(strstr(r.unknown.st.msg, "indices[0,1] = 7 is not in [0, 3)"));
  done(&r);
  run(&r, "OneHot",
      INPUTS(I32(ek_shape(4), 0, 2, 5, -1), I32(ek_shape_scalar(), 3), F32(ek_shape_scalar(), 5),
             F32(ek_shape_scalar(), 1)),
      EK_NO_ATTRS);
  EXPECT(r.known.out[0], ek_shape(4, 3), 5, 1, 1, 1, 1, 5, 1, 1, 1, 1, 1, 1);
  expect_planned(&r);
  done(&r);
  run(&r, "OneHot",
      INPUTS(I32(ek_shape(2), 0, 2), I32(ek_shape_scalar(), 3), F32(ek_shape_scalar(), 1), F32(ek_shape_scalar(), 0)),
      ATTR_INT("axis", 0));
  EXPECT(r.known.out[0], ek_shape(3, 2), 1, 0, 0, 0, 0, 1);
  done(&r);
  run(&r, "DynamicStitch",
      INPUTS(I32(ek_shape(2), 0, 2), I32(ek_shape_scalar(), 1), counted(ek_shape(2, 2)), F32(ek_shape(2), 8, 9)),
      EK_NO_ATTRS);
  EXPECT(r.known.out[0], ek_shape(3, 2), 0, 1, 8, 9, 2, 3);
  expect_planned(&r);
  done(&r);
  run(&r, "UnsortedSegmentSum",
      INPUTS(counted(ek_shape(4, 2)), I32(ek_shape(4), 1, -1, 1, 0), I32(ek_shape_scalar(), 3)), EK_NO_ATTRS);
  EXPECT(r.known.out[0], ek_shape(3, 2), 6, 7, 4, 6, 0, 0);
  expect_planned(&r);
  done(&r);
}

static void as_large_as_the_values_say(void **state) {
  (void)state;
  result r;
  const bool b[] = {true, false, false, true, true, false};
  run(&r, "Where", INPUTS(bools(ek_shape(2, 3), b)), EK_NO_ATTRS);
  EXPECT(r.known.out[0], ek_shape(3, 2), 0, 0, 1, 0, 1, 1);
  done(&r);
  run(&r, "Unique", INPUTS(I32(ek_shape(6), 4, 1, 4, 4, 2, 1)), EK_NO_ATTRS);
  EXPECT(r.known.out[0], ek_shape(3), 4, 1, 2);
  EXPECT(r.known.out[1], ek_shape(6), 0, 1, 0, 0, 2, 1);
  done(&r);
}

static void numbers_are_checked(void **state) {
  (void)state;
  result r;
  run(&r, "CheckNumerics", INPUTS(counted(ek_shape(2))), EK_ATTRS(EK_STRING_ATTR("message", "m")));
  EXPECT(r.known.out[0], ek_shape(2), 0, 1);
  done(&r);
  run(&r, "CheckNumerics", INPUTS(F32(ek_shape(2), (float)NAN, (float)INFINITY)),
      EK_ATTRS(EK_STRING_ATTR("message", "m")));
  assert_string_equal(r.known.st.msg, "CheckNumerics 'CheckNumerics': m : Tensor had Inf and NaN values");
  done(&r);
}

/* ---- shapes that are computed in the graph are known while building */

static ek_out one(ek_graph *g, const char *type, ek_out a) {
  return ek_op_output(ek_build(g, type, EK_OUTS(a), EK_NO_ATTRS), 0);
}

static void computed_shapes_are_known_while_building(void **state) {
  (void)state;
  ek_graph *g = ek_graph_new(NULL);
  const ek_out x = ek_placeholder(g, EK_FLOAT32, ek_shape(-1, 28, 28, 3), "x"), shape = one(g, "Shape", x);
  const ek_attr shrink = EK_INT_ATTR("shrink_axis_mask", 1);
  const ek_out first = ek_op_output(
      ek_build(g, "StridedSlice", EK_OUTS(shape, ek_ints(g, 0), ek_ints(g, 1), ek_ints(g, 1)), &shrink, 1), 0);
  const ek_out packed =
      ek_op_output(ek_build(g, "Pack", EK_OUTS(first, ek_integer(g, 2352)), EK_ATTRS(EK_TYPE_ATTR("T", EK_INT32))), 0);
  const ek_out flat = ek_op_output(ek_build(g, "Reshape", EK_OUTS(x, packed), EK_NO_ATTRS), 0);
  assert_true(ek_shape_equal(ek_out_shape(g, flat), ek_shape(-1, 2352)));
  const ek_out tail = ek_op_output(ek_build(g, "Slice", EK_OUTS(shape, ek_ints(g, 1), ek_ints(g, -1)), EK_NO_ATTRS), 0);
  const ek_out both =
      ek_op_output(ek_build(g, "ConcatV2", EK_OUTS(tail, ek_ints(g, 5), ek_integer(g, 0)), EK_NO_ATTRS), 0);
  const ek_out zeros = ek_op_output(ek_build(g, "Fill", EK_OUTS(both, ek_number(g, 0)), EK_NO_ATTRS), 0);
  assert_true(ek_shape_equal(ek_out_shape(g, zeros), ek_shape(28, 28, 3, 5)));
  const ek_out picked =
      ek_op_output(ek_build(g, "GatherV2", EK_OUTS(shape, ek_ints(g, 3, 1), ek_integer(g, 0)), EK_NO_ATTRS), 0);
  const ek_out wide = ek_op_output(ek_build(g, "BroadcastTo", EK_OUTS(ek_number(g, 1), picked), EK_NO_ATTRS), 0);
  assert_true(ek_shape_equal(ek_out_shape(g, wide), ek_shape(3, 28)));
  ek_status st = EK_STATUS_INIT;
  assert_int_equal(ek_graph_status(g, &st), EK_OK);
  ek_graph_free(g);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(shapes_as_values),
      cmocka_unit_test(the_same_elements_under_another_shape),
      cmocka_unit_test(transpositions),
      cmocka_unit_test(repetitions),
      cmocka_unit_test(made_from_little),
      cmocka_unit_test(side_by_side),
      cmocka_unit_test(strings_are_moved_by_reference),
      cmocka_unit_test(cut_in_parts),
      cmocka_unit_test(strided_slices_and_their_gradients),
      cmocka_unit_test(strided_slices_that_make_no_sense),
      cmocka_unit_test(borders),
      cmocka_unit_test(axes_of_a_broadcast),
      cmocka_unit_test(parts_by_index),
      cmocka_unit_test(as_large_as_the_values_say),
      cmocka_unit_test(numbers_are_checked),
      cmocka_unit_test(computed_shapes_are_known_while_building),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
