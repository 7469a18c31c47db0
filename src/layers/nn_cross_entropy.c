/* SPDX-License-Identifier: Apache-2.0 */
/* tf.nn's softmax and sigmoid cross entropies, node by node. */
#include "evenkeel/nn.h"
#include "layers/build.h"

static bool is_half(ek_dtype dtype) { return dtype == EK_FLOAT16 || dtype == EK_BFLOAT16; }

static ek_out slice(ek_graph *g, ek_out x, ek_out begin, ek_out size) {
  return ek_op_output(ek_build(ek_named_scope(g), "Slice", EK_OUTS(x, begin, size), EK_NO_ATTRS), 0);
}

/* ---- softmax */

static ek_out axis_to_end(ek_graph *g, ek_out x, int64_t axis, ek_out rank) {
  const ek_out before = ek__py_range(g, ek_integer(g, 0), ek_integer(g, axis));
  const ek_out after = ek__py_range(g, ek_integer(g, axis + 1), rank);
  (void)ek_name_scope_begin(g, "concat");
  const ek_out last = ek__py_int32s(ek_named(g, "values_2"), &axis, 1);
  const ek_out zero = ek_constant_int32(ek_named(g, "axis"), 0);
  const ek_out perm =
      ek_op_output(ek_build(ek_named_scope(g), "ConcatV2", EK_OUTS(before, after, last, zero), EK_NO_ATTRS), 0);
  ek_name_scope_end(g);
  return ek__op2(ek_named(g, "transpose"), "Transpose", x, perm);
}

/* nn_ops._flatten_outer_dims: [..., C] to [N, C]. */
static ek_out flatten_outer(ek_graph *g, ek_out x) {
  static const int64_t one = 1, rest = -1;
  const ek_shape s = ek_out_shape(g, x);
  const ek_out rank = ek__py_rank(g, x), shape = ek__py_shape(g, x);
  const ek_out last = ek__op2(g, "Sub", rank, ek_integer(g, 1));
  (void)ek_name_scope_begin(g, "Slice");
  const ek_out begin = ek__py_pack(ek_named(g, "begin"), EK_OUTS(last));
  const ek_out size = ek__py_int32s(ek_named(g, "size"), &one, 1);
  const ek_out classes = slice(g, shape, begin, size);
  ek_name_scope_end(g);
  (void)ek_name_scope_begin(g, "concat");
  const ek_out minus_one = ek__py_int32s(ek_named(g, "values_0"), &rest, 1);
  const ek_out zero = ek_constant_int32(ek_named(g, "axis"), 0);
  const ek_out flat =
      ek_op_output(ek_build(ek_named_scope(g), "ConcatV2", EK_OUTS(minus_one, classes, zero), EK_NO_ATTRS), 0);
  ek_name_scope_end(g);
  const ek_out y = ek__op2(g, "Reshape", x, flat);
  int64_t n = 1;
  bool known = s.rank > 0;
  for (int i = 0; i + 1 < s.rank; i++) known = known && s.dim[i] >= 0 && !__builtin_mul_overflow(n, s.dim[i], &n);
  if (known && y.op > 0) ek_out_set_shape(g, y, ek_shape(n, s.dim[s.rank - 1]));
  return y;
}

static ek_shape without_axis(ek_shape s, int axis) {
  if (s.rank < 1) return ek_shape_unknown();
  const int at = axis < 0 ? axis + s.rank : axis;
  for (int i = at; i + 1 < s.rank; i++) s.dim[i] = s.dim[i + 1];
  s.rank--;
  return s;
}

static bool axis_fits(ek_graph *g, ek_shape s, int axis) {
  if (axis == -1 || s.rank < 0 || (axis >= -s.rank && axis < s.rank)) return true;
  ek_graph_fail(g, EK_INVALID_ARGUMENT, "SoftmaxCrossEntropyWithLogits '%s': axis %d is outside [%d, %d)",
                ek_current_name_scope(g), axis, -s.rank, s.rank);
  return false;
}

ek_out ek_nn_softmax_cross_entropy_with_logits_v2(ek_graph *g, ek_out labels, ek_out logits, int axis) {
  g = ek_composite_begin(g, "softmax_cross_entropy_with_logits");
  ek_out cost = ek__no_out;
  if (ek__given(g, "labels", labels) && ek__given(g, "logits", logits) && axis_fits(g, ek_out_shape(g, logits), axis)) {
    const ek_dtype dtype = ek_out_dtype(g, logits);
    const ek_shape shape = ek_out_shape(g, logits);
    ek_out precise = ek__py_cast(g, logits, is_half(dtype) ? EK_FLOAT32 : dtype);
    labels = ek__py_cast(g, labels, ek_out_dtype(g, precise));
    const ek_out rank = ek__py_rank(g, precise);
    if (axis != -1) {
      const int64_t at = axis < 0 ? axis + shape.rank : axis;
      precise = axis_to_end(g, precise, at, rank);
      labels = axis_to_end(g, labels, at, rank);
    }
    const ek_out input_shape = ek__py_shape(g, precise);
    precise = flatten_outer(g, precise);
    labels = flatten_outer(g, labels);
    cost = ek__op2(ek_named_scope(g), "SoftmaxCrossEntropyWithLogits", precise, labels);
    const ek_out outer = ek__op2(g, "Sub", rank, ek_integer(g, 1));
    (void)ek_name_scope_begin(g, "Slice");
    static const int64_t zero = 0;
    const ek_out begin = ek__py_int32s(ek_named(g, "begin"), &zero, 1);
    const ek_out size = ek__py_pack(ek_named(g, "size"), EK_OUTS(outer));
    const ek_out output_shape = slice(g, input_shape, begin, size);
    ek_name_scope_end(g);
    cost = ek__op2(g, "Reshape", cost, output_shape);
    if (cost.op > 0) ek_out_set_shape(g, cost, without_axis(shape, axis));
    cost = ek__py_cast(g, cost, dtype);
  }
  ek_name_scope_end(g);
  return cost;
}

ek_out ek_nn_softmax_cross_entropy_with_logits(ek_graph *g, ek_out labels, ek_out logits, int axis) {
  g = ek_composite_begin(g, "softmax_cross_entropy_with_logits_sg");
  if (ek__given(g, "labels", labels)) labels = ek__op1(ek_named(g, "labels_stop_gradient"), "StopGradient", labels);
  ek_graph *same_scope = ek_named_scope(g);
  ek_name_scope_end(g);
  return ek_nn_softmax_cross_entropy_with_logits_v2(same_scope, labels, logits, axis);
}

/* ---- sparse softmax */

/* check_ops.assert_equal of two shapes; the op that fails if they differ. */
static ek_op assert_equal(ek_graph *g, ek_out x, ek_out y) {
  const char *const texts[] = {
      "Condition x == y did not hold element-wise:", ek_graph_text(g, "x (%s:0) = ", ek_op_name(g, ek_out_op(x))),
      ek_graph_text(g, "y (%s:0) = ", ek_op_name(g, ek_out_op(y)))};
  if (texts[1] == NULL || texts[2] == NULL) return (ek_op){0};
  (void)ek_unique_name(g, "assert_equal", true); /* TensorFlow opens the scope twice */
  (void)ek_name_scope_begin(g, "assert_equal");
  const ek_out equal = ek__op2(g, "Equal", x, y), all = ek__py_reduce_all(g, "All", equal);
  (void)ek_name_scope_begin(g, "Assert");
  for (int i = 0; i < 3; i++) (void)ek_constant_string(g, texts[i]);
  (void)ek_name_scope_begin(g, "Assert");
  const ek_out what = ek_constant_string(ek_named(g, "data_0"), texts[0]);
  const ek_out name_x = ek_constant_string(ek_named(g, "data_1"), texts[1]);
  const ek_out name_y = ek_constant_string(ek_named(g, "data_3"), texts[2]);
  const ek_op check = ek_build(ek_named_scope(g), "Assert", EK_OUTS(all, what, name_x, x, name_y, y),
                               EK_ATTRS(EK_INT_ATTR("summarize", 3)));
  ek_name_scope_end(g);
  ek_name_scope_end(g);
  ek_name_scope_end(g);
  return check;
}

/* x[:-1] of a shape. */
static ek_out all_but_last(ek_graph *g, ek_out shape) {
  static const int64_t zero = 0, minus_one = -1, one = 1;
  g = ek_composite_begin(g, "strided_slice");
  const ek_out from = ek__py_int32s(ek_named(g, "stack"), &zero, 1),
               to = ek__py_int32s(ek_named(g, "stack"), &minus_one, 1);
  const ek_out step = ek__py_int32s(ek_named(g, "stack"), &one, 1);
  const ek_op op = ek_build(ek_named_scope(g), "StridedSlice", EK_OUTS(shape, from, to, step),
                            EK_ATTRS(EK_INT_ATTR("begin_mask", 1)));
  ek_name_scope_end(g);
  return ek_op_output(op, 0);
}

/* shape(x)[rank(x) - 1] */
static ek_out last_dim(ek_graph *g, ek_out x) {
  static const int64_t one = 1;
  const ek_out shape = ek__py_shape(g, x), rank = ek__py_rank(g, x);
  const ek_out at = ek__op2(ek_named(g, "sub"), "Sub", rank, ek_integer(g, 1));
  const ek_out end = ek__op2(ek_named(g, "add"), "AddV2", at, ek_integer(g, 1));
  g = ek_composite_begin(g, "strided_slice");
  const ek_out from = ek__py_pack(ek_named(g, "stack"), EK_OUTS(at)),
               to = ek__py_pack(ek_named(g, "stack"), EK_OUTS(end));
  const ek_out step = ek__py_int32s(ek_named(g, "stack"), &one, 1);
  const ek_op op = ek_build(ek_named_scope(g), "StridedSlice", EK_OUTS(shape, from, to, step),
                            EK_ATTRS(EK_INT_ATTR("shrink_axis_mask", 1)));
  ek_name_scope_end(g);
  return ek_op_output(op, 0);
}

static ek_out sparse(ek_graph *g, const char *name, ek_out logits, ek_out labels) {
  return ek__op2(ek_named(g, name), "SparseSoftmaxCrossEntropyWithLogits", logits, labels);
}

/* More (or fewer, or nobody knows how many) than two dimensions of logits. */
static ek_out sparse_any_rank(ek_graph *g, const char *name, ek_out labels, ek_out labels_shape, ek_out logits,
                              ek_out precise, bool shapes_known) {
  const ek_shape shape = ek_out_shape(g, labels);
  ek_op check = {0};
  if (!shapes_known) {
    const ek_out have = ek__py_shape(g, labels), full = ek__py_shape(g, logits);
    check = assert_equal(g, have, all_but_last(g, full));
  }
  ek_control_dependencies_begin(g, (ek_ops){&check, shapes_known ? 0 : 1});
  const ek_out classes = last_dim(g, logits);
  (void)ek_name_scope_begin(g, "Reshape");
  (void)ek_name_scope_begin(g, "shape");
  const ek_out rest = ek_constant_int32(ek_named(g, "0"), -1);
  const ek_out flat_shape = ek__py_pack(ek_named_scope(g), EK_OUTS(rest, classes));
  ek_name_scope_end(g);
  const ek_out flat = ek__op2(ek_named_scope(g), "Reshape", precise, flat_shape);
  ek_name_scope_end(g);
  const ek_out flat_labels = ek__op2(g, "Reshape", labels, ek_ints(g, -1));
  ek_out cost = sparse(g, name, flat, flat_labels);
  cost = ek__op2(g, "Reshape", cost, labels_shape);
  if (cost.op > 0) ek_out_set_shape(g, cost, shape);
  ek_control_dependencies_end(g);
  return cost;
}

static bool sparse_shapes_fit(ek_graph *g, ek_shape labels, ek_shape logits, bool known) {
  char a[EK_SHAPE_TEXT], b[EK_SHAPE_TEXT];
  const char *why = NULL;
  if (logits.rank == 0)
    why = "logits cannot be a scalar";
  else if (logits.rank > 0 && labels.rank >= 0 && labels.rank != logits.rank - 1)
    why = "the rank of labels must be that of logits less one";
  else if (known && !ek_shape_equal(labels, without_axis(logits, -1)))
    why = "labels must have the shape of logits without its last dimension";
  if (why == NULL) return true;
  ek_graph_fail(g, EK_INVALID_ARGUMENT, "SparseSoftmaxCrossEntropyWithLogits '%s': labels %s, logits %s: %s",
                ek_current_name_scope(g), ek_shape_format(labels, a, sizeof a), ek_shape_format(logits, b, sizeof b),
                why);
  return false;
}

ek_out ek_nn_sparse_softmax_cross_entropy_with_logits(ek_graph *g, ek_out labels, ek_out logits) {
  const char *name = ek_given_name(g);
  g = ek_composite_begin(g, "SparseSoftmaxCrossEntropyWithLogits");
  ek_out cost = ek__no_out;
  if (ek__given(g, "labels", labels) && ek__given(g, "logits", logits)) {
    const ek_dtype dtype = ek_out_dtype(g, logits);
    const ek_shape shape = ek_out_shape(g, labels), full = ek_out_shape(g, logits);
    const bool known = ek_shape_is_known(shape) && full.rank > 0 && ek_shape_is_known(without_axis(full, -1));
    const ek_out precise = ek__py_cast(g, logits, dtype == EK_FLOAT16 ? EK_FLOAT32 : dtype);
    const ek_out labels_shape = ek__py_shape(g, labels);
    if (sparse_shapes_fit(g, shape, full, known)) {
      cost = full.rank == 2 ? sparse(g, name, precise, labels)
                            : sparse_any_rank(g, name, labels, labels_shape, logits, precise, known);
      cost = ek__py_cast(g, cost, dtype);
    }
  }
  ek_name_scope_end(g);
  return cost;
}

/* ---- sigmoid */

ek_out ek_nn_sigmoid_cross_entropy_with_logits(ek_graph *g, ek_out labels, ek_out logits) {
  g = ek_composite_begin(g, "logistic_loss");
  ek_out loss = ek__no_out;
  if (ek__given(g, "labels", labels) && ek__given(g, "logits", logits) &&
      ek__compatible(g, "labels", labels, "logits", logits)) {
    const ek_out zeros = ek__py_zeros_like(g, logits);
    const ek_out positive = ek__op2(g, "GreaterEqual", logits, zeros);
    const ek_out relu = ek_op_output(ek_build(g, "Select", EK_OUTS(positive, logits, zeros), EK_NO_ATTRS), 0);
    const ek_out negated = ek__op1(g, "Neg", logits);
    const ek_out minus_abs = ek_op_output(ek_build(g, "Select", EK_OUTS(positive, negated, logits), EK_NO_ATTRS), 0);
    const ek_out product = ek__op2(ek_named(g, "mul"), "Mul", logits, labels);
    const ek_out difference = ek__op2(ek_named(g, "sub"), "Sub", relu, product);
    const ek_out log1p = ek__op1(g, "Log1p", ek__op1(g, "Exp", minus_abs));
    loss = ek__op2(ek_named_scope(g), "AddV2", difference, log1p);
  }
  ek_name_scope_end(g);
  return loss;
}
