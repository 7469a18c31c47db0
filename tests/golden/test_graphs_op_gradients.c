/* SPDX-License-Identifier: Apache-2.0 */
/* The cases grad_ of cases/gradients.py: the gradient of each op, one call an op. */
#include "golden/golden.h"

enum { MAX_XS = 5 };

static ek_out unknown(ek_graph *g, const char *name, ek_shape shape) {
  return ek_placeholder(g, EK_FLOAT32, shape, name);
}

/* The gradient of y under d_NAME. */
static void grads(ek_graph *g, const char *name, ek_out y, ek_outs xs) {
  char scope[64];
  ek_out dx[MAX_XS];
  assert_in_range(xs.n, 0, MAX_XS);
  (void)snprintf(scope, sizeof scope, "d_%s", name);
  ek_gradients(ek_named(g, scope), EK_OUTS(y), xs, NULL, dx);
}

static ek_out with(ek_graph *g, const char *type, ek_outs inputs, const ek_attr *attrs, int n) {
  return ek_op_output(ek_build(g, type, inputs, attrs, n), 0);
}

static void grad_matmul(ek_graph *g) {
  const ek_out square = unknown(g, "square", ek_shape(3, 3)), other = unknown(g, "other", ek_shape(3, 3));
  for (int a = 0; a < 2; a++)
    for (int b = 0; b < 2; b++) {
      char name[16];
      (void)snprintf(name, sizeof name, "matmul_%d%d", a, b);
      const ek_out y = with(g, "MatMul", EK_OUTS(square, other),
                            EK_ATTRS(EK_BOOL_ATTR("transpose_a", a == 1), EK_BOOL_ATTR("transpose_b", b == 1)));
      grads(g, name, y, EK_OUTS(square, other));
    }
}
GOLDEN_TEST(grad_matmul)

typedef struct unary {
  const char *name, *type;
} unary;

static void all_unary(ek_graph *g, ek_out x, const unary *ops, size_t n) {
  for (size_t i = 0; i < n; i++) grads(g, ops[i].name, OP(g, ops[i].type, x), EK_OUTS(x));
}

static void grad_activations(ek_graph *g) {
  static const unary ops[] = {
      {"relu", "Relu"},       {"relu6", "Relu6"},           {"leaky_relu", "LeakyRelu"}, {"elu", "Elu"},
      {"selu", "Selu"},       {"softplus", "Softplus"},     {"sigmoid", "Sigmoid"},      {"tanh", "Tanh"},
      {"softmax", "Softmax"}, {"log_softmax", "LogSoftmax"}};
  all_unary(g, unknown(g, "x", ek_shape(-1, 2)), ops, sizeof ops / sizeof ops[0]);
}
GOLDEN_TEST(grad_activations)

static void grad_unary(ek_graph *g) {
  static const unary ops[] = {{"neg", "Neg"},
                              {"exp", "Exp"},
                              {"log", "Log"},
                              {"square", "Square"},
                              {"sqrt", "Sqrt"},
                              {"rsqrt", "Rsqrt"},
                              {"reciprocal", "Reciprocal"},
                              {"abs", "Abs"},
                              {"log1p", "Log1p"},
                              {"sign", "Sign"},
                              {"floor", "Floor"},
                              {"identity", "Identity"},
                              {"l2_loss", "L2Loss"}};
  all_unary(g, unknown(g, "x", ek_shape(2)), ops, sizeof ops / sizeof ops[0]);
}
GOLDEN_TEST(grad_unary)

static void all_binary(ek_graph *g, ek_out x, ek_out y, int n) {
  static const struct {
    const char *name, *node, *type;
  } ops[] = {{"add", "Add", "AddV2"},
             {"sub", "Sub", "Sub"},
             {"mul", "Mul", "Mul"},
             {"realdiv", "truediv", "RealDiv"},
             {"div_no_nan", "div_no_nan", "DivNoNan"},
             {"maximum", "Maximum", "Maximum"},
             {"minimum", "Minimum", "Minimum"},
             {"pow", "Pow", "Pow"},
             {"squared_difference", "SquaredDifference", "SquaredDifference"},
             {"floormod", "FloorMod", "FloorMod"}};
  for (int i = 0; i < n; i++) grads(g, ops[i].name, OP(ek_named(g, ops[i].node), ops[i].type, x, y), EK_OUTS(x, y));
}

static void grad_binary_same(ek_graph *g) {
  const ek_out x = unknown(g, "x", ek_shape(2, 3)), y = unknown(g, "y", ek_shape(2, 3));
  all_binary(g, x, y, 10);
}
GOLDEN_TEST(grad_binary_same)

static void grad_binary_broadcast(ek_graph *g) {
  const ek_out x = unknown(g, "x", ek_shape(2, 3)), y = unknown(g, "y", ek_shape(3));
  all_binary(g, x, y, 3);
}
GOLDEN_TEST(grad_binary_broadcast)

static void grad_binary_unknown_batch(ek_graph *g) {
  const ek_out x = unknown(g, "x", ek_shape(-1, 3)), y = unknown(g, "y", ek_shape(3));
  all_binary(g, x, y, 10);
}
GOLDEN_TEST(grad_binary_unknown_batch)

static void grad_binary_scalar_const(ek_graph *g) {
  const ek_out x = unknown(g, "x", ek_shape(-1, 3));
  grads(g, "rsub", OP(ek_named(g, "sub"), "Sub", ek_number(g, 1.0), x), EK_OUTS(x));
  grads(g, "div", OP(ek_named(g, "truediv"), "RealDiv", x, ek_number(g, 3.0)), EK_OUTS(x));
  grads(g, "rdiv", OP(ek_named(g, "truediv"), "RealDiv", ek_number(g, 3.0), x), EK_OUTS(x));
  grads(g, "pow", OP(ek_named(g, "pow"), "Pow", x, ek_number(g, 2.0)), EK_OUTS(x));
  grads(g, "maximum", OP(g, "Maximum", x, ek_number(g, 0.0)), EK_OUTS(x));
}
GOLDEN_TEST(grad_binary_scalar_const)

static void grad_bias_add(ek_graph *g) {
  const ek_out x = unknown(g, "x", ek_shape(-1, 3)), image = unknown(g, "image", ek_shape(-1, 3, 2, 2));
  const ek_out b = unknown(g, "b", ek_shape(3));
  grads(g, "bias", OP(g, "BiasAdd", x, b), EK_OUTS(x, b));
  const ek_out nchw = with(g, "BiasAdd", EK_OUTS(image, b), EK_ATTRS(EK_STRING_ATTR("data_format", "NCHW")));
  grads(g, "bias_nchw", nchw, EK_OUTS(image, b));
}
GOLDEN_TEST(grad_bias_add)

/* ---- reductions */

static const char *const reductions[][2] = {{"sum", "Sum"}, {"mean", "Mean"}, {"prod", "Prod"}, {"max", "Max"}};

static void reduce(ek_graph *g, int i, const char *suffix, ek_out x, ek_out axes) {
  char name[16];
  (void)snprintf(name, sizeof name, "%s%s", reductions[i][0], suffix);
  const ek_out y = with(g, reductions[i][1], EK_OUTS(x, axes), EK_ATTRS(EK_BOOL_ATTR("keep_dims", false)));
  grads(g, name, y, EK_OUTS(x));
}

static ek_out all_axes(ek_graph *g) { return ek_constant_int32s(g, (const int64_t[]){0, 1}, 2); }

static void grad_reduce_known(ek_graph *g) {
  const ek_out x = unknown(g, "x", ek_shape(2, 3));
  for (int i = 0; i < 4; i++) {
    reduce(g, i, "_all", x, all_axes(g));
    reduce(g, i, "_0", x, ek_integer(g, 0));
  }
  grads(g, "keep", with(g, "Sum", EK_OUTS(x, ek_ints(g, 1)), EK_ATTRS(EK_BOOL_ATTR("keep_dims", true))), EK_OUTS(x));
}
GOLDEN_TEST(grad_reduce_known)

static void grad_reduce_unknown(ek_graph *g) {
  const ek_out x = unknown(g, "x", ek_shape(-1, 3));
  for (int i = 0; i < 4; i++) {
    reduce(g, i, "_all", x, all_axes(g));
    reduce(g, i, "_0", x, ek_integer(g, 0));
  }
}
GOLDEN_TEST(grad_reduce_unknown)

static void grad_reduce_fed_axis(ek_graph *g) {
  const ek_out x = unknown(g, "x", ek_shape(2, 3)), axis = ek_placeholder(g, EK_INT32, ek_shape(1), "axis");
  for (int i = 0; i < 2; i++) reduce(g, i, "", x, axis);
}
GOLDEN_TEST(grad_reduce_fed_axis)

/* ---- shapes */

static ek_out pad(ek_graph *g, ek_out x) {
  const int32_t paddings[] = {0, 1, 2, 0};
  ek_tensor *t = ek_tensor_from(EK_INT32, ek_shape(2, 2), paddings, NULL);
  (void)ek_name_scope_begin(g, "Pad");
  const ek_out c = ek_constant(ek_named(g, "paddings"), t);
  ek_name_scope_end(g);
  ek_tensor_free(t);
  return OP(ek_named(g, "Pad/"), "Pad", x, c);
}

static ek_out strided_slice(ek_graph *g, ek_out x) { /* x[1:, 0, ::2] */
  (void)ek_name_scope_begin(g, "strided_slice");
  const ek_out begin = ek_constant_int32s(ek_named(g, "stack"), (const int64_t[]){1, 0, 0}, 3);
  const ek_out end = ek_constant_int32s(ek_named(g, "stack_1"), (const int64_t[]){0, 1, 0}, 3);
  const ek_out step = ek_constant_int32s(ek_named(g, "stack_2"), (const int64_t[]){1, 1, 2}, 3);
  ek_name_scope_end(g);
  return with(ek_named(g, "strided_slice/"), "StridedSlice", EK_OUTS(x, begin, end, step),
              EK_ATTRS(EK_INT_ATTR("begin_mask", 4), EK_INT_ATTR("end_mask", 5), EK_INT_ATTR("shrink_axis_mask", 2)));
}

static void grad_shapes(ek_graph *g) {
  static const int64_t one[] = {1};
  const ek_out x = unknown(g, "x", ek_shape(2, 1, 3)), b = unknown(g, "b", ek_shape(-1, 3));
  grads(g, "reduce_min", OP(g, "Min", b, ek_integer(g, 0)), EK_OUTS(b));
  grads(g, "reshape", OP(g, "Reshape", x, ek_ints(g, 3, 2)), EK_OUTS(x));
  grads(g, "reshape_unknown", OP(g, "Reshape", b, ek_ints(g, -1, 1, 3)), EK_OUTS(b));
  grads(g, "squeeze", OP(g, "Squeeze", x), EK_OUTS(x));
  grads(g, "squeeze_axis", with(g, "Squeeze", EK_OUTS(x), EK_ATTRS(EK_INTS_ATTR("squeeze_dims", one, 1))), EK_OUTS(x));
  grads(g, "expand_dims", OP(g, "ExpandDims", b, ek_integer(g, 1)), EK_OUTS(b));
  grads(g, "transpose", OP(ek_named(g, "transpose"), "Transpose", x, ek_ints(g, 2, 0, 1)), EK_OUTS(x));
  grads(g, "transpose_default", OP(ek_named(g, "transpose"), "Transpose", b, ek_ints(g, 1, 0)), EK_OUTS(b));
  grads(g, "tile", OP(g, "Tile", x, ek_ints(g, 1, 2, 1)), EK_OUTS(x));
  grads(g, "broadcast_to", OP(g, "BroadcastTo", x, ek_ints(g, 2, 4, 3)), EK_OUTS(x));
  grads(g, "cast", with(g, "Cast", EK_OUTS(x), EK_ATTRS(EK_TYPE_ATTR("DstT", EK_FLOAT64))), EK_OUTS(x));
  grads(g, "slice", OP(g, "Slice", x, ek_ints(g, 0, 0, 1), ek_ints(g, 2, 1, 2)), EK_OUTS(x));
  grads(g, "strided_slice", strided_slice(g, x), EK_OUTS(x));
  grads(g, "pad", pad(g, b), EK_OUTS(b));
  const ek_out scalar = unknown(g, "scalar", ek_shape_scalar());
  grads(g, "fill", OP(g, "Fill", ek_ints(g, 2, 2), scalar), EK_OUTS(scalar));
}
GOLDEN_TEST(grad_shapes)

/* ---- joins */

static ek_out concat(ek_graph *g, ek_out x, ek_out y, int axis) {
  return OP(ek_named(g, "concat"), "ConcatV2", x, y, ek_integer(g, axis));
}

static ek_out split(ek_graph *g, ek_out x) {
  const ek_op op =
      ek_build(ek_named(g, "split"), "Split", EK_OUTS(ek_integer(g, 1), x), EK_ATTRS(EK_INT_ATTR("num_split", 3)));
  return ek_op_output(op, 1);
}

static void grad_joins(ek_graph *g) {
  const ek_out x = unknown(g, "x", ek_shape(2, 3)), y = unknown(g, "y", ek_shape(2, 3));
  const ek_out b = unknown(g, "b", ek_shape(-1, 3)), p = ek_placeholder(g, EK_BOOL, ek_shape(2, 3), "p");
  grads(g, "concat", concat(g, x, y, 1), EK_OUTS(x, y));
  grads(g, "concat_unknown", concat(g, x, b, 0), EK_OUTS(x, b));
  grads(g, "stack", with(ek_named(g, "stack"), "Pack", EK_OUTS(x, y), EK_ATTRS(EK_INT_ATTR("axis", 1))), EK_OUTS(x, y));
  grads(g, "unstack", with(ek_named(g, "unstack"), "Unpack", EK_OUTS(x), EK_ATTRS(EK_INT_ATTR("num", 2))), EK_OUTS(x));
  grads(g, "split", split(g, x), EK_OUTS(x));
  grads(g, "select", OP(g, "Select", p, x, y), EK_OUTS(x, y));
  grads(g, "select_v2", OP(g, "SelectV2", p, x, y), EK_OUTS(x, y));
  grads(g, "select_v2_broadcast", OP(g, "SelectV2", p, x, ek_number(g, 0.0)), EK_OUTS(x));
  grads(g, "add_n", OP(g, "AddN", x, y, x), EK_OUTS(x, y));
  grads(g, "gather", OP(g, "GatherV2", x, ek_ints(g, 0, 1, 0), ek_integer(g, 0)), EK_OUTS(x));
}
GOLDEN_TEST(grad_joins)

static ek_out pick(ek_graph *g, ek_out x, ek_out indices, ek_out axis) { return OP(g, "GatherV2", x, indices, axis); }

static void grad_gather_axis(ek_graph *g) {
  const ek_out wide = ek_placeholder(g, EK_FLOAT32, ek_shape(2, 5, 3), "wide");
  const ek_out tall = ek_placeholder(g, EK_FLOAT32, ek_shape(-1, -1, 4), "tall");
  ek_tensor *four = ek_tensor_from(EK_INT32, ek_shape(2, 2), (const int32_t[]){4, 0, 1, 1}, NULL);
  const ek_out known = ek_constant(ek_named(g, "GatherV2/indices"), four);
  ek_tensor_free(four);
  grads(g, "gather_known", pick(g, wide, known, ek_integer(g, 1)), EK_OUTS(wide));
  const ek_out indices = ek_placeholder(g, EK_INT32, ek_shape(-1), "indices");
  const ek_out axis = ek_placeholder(g, EK_INT32, ek_shape_scalar(), "axis");
  grads(g, "gather_fed", pick(g, tall, indices, ek_integer(g, -1)), EK_OUTS(tall));
  grads(g, "gather_any", pick(g, tall, indices, axis), EK_OUTS(tall));
}
GOLDEN_TEST(grad_gather_axis)

static ek_out diagonals(ek_graph *g, ek_out x, int64_t k) {
  return OP(ek_named(g, "diag_part"), "MatrixDiagPartV3", x, ek_integer(g, k), ek_integer(g, 0));
}

static void grad_diagonals(ek_graph *g) {
  const ek_out line = unknown(g, "line", ek_shape(3)), square = unknown(g, "square", ek_shape(3, 3));
  const ek_out lines = unknown(g, "lines", ek_shape(-1, 3)), some = unknown(g, "some", ek_shape(2, -1, -1));
  const ek_out fixed = unknown(g, "fixed", ek_shape(2, 3, 3)), known = unknown(g, "known", ek_shape(2, 3));
  grads(g, "diag", OP(g, "Diag", line), EK_OUTS(line));
  grads(g, "diag_part", OP(g, "DiagPart", square), EK_OUTS(square));
  grads(g, "matrix_diag",
        OP(ek_named(g, "diag"), "MatrixDiagV3", lines, ek_integer(g, 0), ek_integer(g, -1), ek_integer(g, -1),
           ek_integer(g, 0)),
        EK_OUTS(lines));
  grads(g, "part", diagonals(g, some, 0), EK_OUTS(some));
  grads(g, "part_known", diagonals(g, fixed, 1), EK_OUTS(fixed));
  grads(g, "set", OP(ek_named(g, "set_diag"), "MatrixSetDiagV3", fixed, known, ek_integer(g, 0)),
        EK_OUTS(fixed, known));
  const ek_out band = unknown(g, "band", ek_shape(2, 2, 3));
  grads(g, "band",
        OP(ek_named(g, "diag"), "MatrixDiagV3", band, ek_ints(g, 0, 1), ek_integer(g, -1), ek_integer(g, -1),
           ek_integer(g, 0)),
        EK_OUTS(band));
  grads(g, "band_part",
        with(ek_named(g, "diag_part"), "MatrixDiagPartV3", EK_OUTS(fixed, ek_ints(g, -1, 0), ek_integer(g, 0)),
             EK_ATTRS(EK_STRING_ATTR("align", "LEFT_RIGHT"))),
        EK_OUTS(fixed));
  grads(g, "band_set", OP(ek_named(g, "set_diag"), "MatrixSetDiagV3", fixed, band, ek_ints(g, 0, 1)),
        EK_OUTS(fixed, band));
}
GOLDEN_TEST(grad_diagonals)

static ek_out einsum(ek_graph *g, const char *equation, ek_outs in) {
  ek_out y;
  EK_NAME_SCOPE (g, "einsum") {
    y = ek_op_output(ek_build(g, "Einsum", in, EK_ATTRS(EK_STRING_ATTR("equation", equation))), 0);
  }
  return y;
}

static void grad_einsum(ek_graph *g) {
  const ek_out a = unknown(g, "a", ek_shape(-1, 2, 3)), b = unknown(g, "b", ek_shape(-1, 3, 4));
  const ek_out w = unknown(g, "w", ek_shape(5, 3)), square = unknown(g, "square", ek_shape(4, 4));
  grads(g, "dots", einsum(g, "...ij,...jk->...ik", EK_OUTS(a, b)), EK_OUTS(a, b));
  grads(g, "one_side", einsum(g, "...ij,kj->...ik", EK_OUTS(a, w)), EK_OUTS(a, w));
  grads(g, "same", einsum(g, "...j,...j->...", EK_OUTS(w, w)), EK_OUTS(w));
  grads(g, "trace", einsum(g, "ii->", EK_OUTS(square)), EK_OUTS(square));
  grads(g, "diagonal", einsum(g, "ii->i", EK_OUTS(square)), EK_OUTS(square));
  grads(g, "columns", einsum(g, "ij->j", EK_OUTS(w)), EK_OUTS(w));
  grads(g, "rows", einsum(g, "aij->ai", EK_OUTS(a)), EK_OUTS(a));
  grads(g, "turned", einsum(g, "aij->ja", EK_OUTS(a)), EK_OUTS(a));
  grads(g, "summed", einsum(g, "aij,kj->ak", EK_OUTS(a, w)), EK_OUTS(a, w));
}
GOLDEN_TEST(grad_einsum)

static void grad_segments(ek_graph *g) {
  static const struct {
    const char *name, *type;
  } cases[] = {{"sum", "SegmentSum"},
               {"mean", "SegmentMean"},
               {"max", "SegmentMax"},
               {"prod", "SegmentProd"},
               {"unsorted_sum", "UnsortedSegmentSum"},
               {"unsorted_max", "UnsortedSegmentMax"},
               {"unsorted_prod", "UnsortedSegmentProd"}};
  const ek_out x = unknown(g, "x", ek_shape(-1, 3)), ids = ek_placeholder(g, EK_INT32, ek_shape(-1), "ids");
  for (int i = 0; i < 7; i++)
    grads(g, cases[i].name, i < 4 ? OP(g, cases[i].type, x, ids) : OP(g, cases[i].type, x, ids, ek_integer(g, 4)),
          EK_OUTS(x));
}
GOLDEN_TEST(grad_segments)

static void grad_sparse_segments(ek_graph *g) {
  const ek_out x = unknown(g, "x", ek_shape(-1, 3)), ids = ek_placeholder(g, EK_INT32, ek_shape(-1), "ids");
  const ek_out places = ek_placeholder(g, EK_INT64, ek_shape(-1), "places"), many = unknown(g, "many", ek_shape(7, 2));
  grads(g, "sum", OP(g, "SparseSegmentSum", x, places, ids), EK_OUTS(x));
  grads(g, "mean", OP(g, "SparseSegmentMean", x, places, ids), EK_OUTS(x));
  grads(g, "sqrt_n", OP(g, "SparseSegmentSqrtN", x, places, ids), EK_OUTS(x));
  grads(g, "numbered",
        OP(ek_named(g, "SparseSegmentMeanWithNumSegments"), "SparseSegmentMeanWithNumSegments", many, places, ids,
           ek_integer(g, 5)),
        EK_OUTS(many));
}
GOLDEN_TEST(grad_sparse_segments)

static ek_out pick_each(ek_graph *g, ek_out x, ek_out indices, int64_t axis, int64_t batches) {
  return with(g, "GatherV2", EK_OUTS(x, indices, ek_integer(g, axis)), EK_ATTRS(EK_INT_ATTR("batch_dims", batches)));
}

static void grad_gather_batches(ek_graph *g) {
  const ek_out wide = unknown(g, "wide", ek_shape(2, 5, 3)), tall = unknown(g, "tall", ek_shape(-1, -1, 4));
  const ek_out indices = ek_placeholder(g, EK_INT64, ek_shape(2, 2), "indices");
  const ek_out any = ek_placeholder(g, EK_INT32, ek_shape_unknown(), "any");
  const ek_out ids = ek_placeholder(g, EK_INT32, ek_shape(-1, -1, -1), "ids");
  grads(g, "two", pick_each(g, tall, ids, 2, 2), EK_OUTS(tall));
  grads(g, "any", pick_each(g, tall, any, -1, 1), EK_OUTS(tall));
  grads(g, "negative", pick_each(g, wide, indices, 2, -1), EK_OUTS(wide));
}
GOLDEN_TEST(grad_gather_batches)

/* ---- fused batch norm */

static void grad_fused_batch_norm(ek_graph *g) {
  const ek_out x = unknown(g, "x", ek_shape(-1, 2, 2, 3)), s = unknown(g, "s", ek_shape(3));
  const ek_out o = unknown(g, "o", ek_shape(3)), m = unknown(g, "m", ek_shape(3)), v = unknown(g, "v", ek_shape(3));
  ek_out input = x;
  for (int nchw = 0; nchw < 2; nchw++) {
    const char *format = nchw ? "NCHW" : "NHWC";
    if (nchw) input = unknown(g, "nchw", ek_shape(-1, 3, 2, 2));
    ek_tensor *none = ek_tensor_new(EK_FLOAT32, ek_shape(0), NULL, NULL);
    const ek_out e0 = ek_constant(g, none), e1 = ek_constant(g, none);
    ek_tensor_free(none);
    const ek_out train = with(g, "FusedBatchNormV3", EK_OUTS(input, s, o, e0, e1),
                              EK_ATTRS(EK_STRING_ATTR("data_format", format), EK_FLOAT_ATTR("epsilon", 0.001)));
    grads(g, nchw ? "train_nchw" : "train", train, EK_OUTS(input, s, o));
    const ek_out infer = with(g, "FusedBatchNormV3", EK_OUTS(input, s, o, m, v),
                              EK_ATTRS(EK_STRING_ATTR("data_format", format), EK_FLOAT_ATTR("epsilon", 0.001),
                                       EK_BOOL_ATTR("is_training", false)));
    grads(g, nchw ? "infer_nchw" : "infer", infer, EK_OUTS(input, s, o));
  }
}
GOLDEN_TEST(grad_fused_batch_norm)

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_grad_matmul),
      cmocka_unit_test(test_grad_activations),
      cmocka_unit_test(test_grad_unary),
      cmocka_unit_test(test_grad_binary_same),
      cmocka_unit_test(test_grad_binary_broadcast),
      cmocka_unit_test(test_grad_binary_unknown_batch),
      cmocka_unit_test(test_grad_binary_scalar_const),
      cmocka_unit_test(test_grad_bias_add),
      cmocka_unit_test(test_grad_reduce_known),
      cmocka_unit_test(test_grad_reduce_unknown),
      cmocka_unit_test(test_grad_reduce_fed_axis),
      cmocka_unit_test(test_grad_shapes),
      cmocka_unit_test(test_grad_joins),
      cmocka_unit_test(test_grad_gather_axis),
      cmocka_unit_test(test_grad_gather_batches),
      cmocka_unit_test(test_grad_diagonals),
      cmocka_unit_test(test_grad_einsum),
      cmocka_unit_test(test_grad_segments),
      cmocka_unit_test(test_grad_sparse_segments),
      cmocka_unit_test(test_grad_fused_batch_norm),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
