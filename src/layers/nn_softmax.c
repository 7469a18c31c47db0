/* SPDX-License-Identifier: Apache-2.0 */
/* tf.nn.softmax and log_softmax over any axis: another axis than the last is brought there and back. */
#include "evenkeel/nn.h"
#include "layers/build.h"

/* The axis: a number, or (TensorFlow does this to one below zero) the output that makes a number of it. */
typedef struct axis_at {
  int64_t number;
  ek_out out;
} axis_at;

static ek_out axis_out(ek_graph *g, axis_at axis) { return axis.out.op != 0 ? axis.out : ek_integer(g, axis.number); }

static ek_out after_axis(ek_graph *g, axis_at axis) {
  if (axis.out.op == 0) return ek_integer(g, axis.number + 1);
  return ek__op2(ek_named(g, "add"), "AddV2", axis.out, ek_integer(g, 1));
}

/* Exchanges the axis and the last one; named: g with the name of the result. */
static ek_out swap(ek_graph *g, ek_graph *named, ek_out x, axis_at axis, ek_out last) {
  const ek_out before = ek__py_range(g, ek_integer(g, 0), axis_out(g, axis));
  const ek_out between = ek__py_range(g, after_axis(g, axis), last);
  (void)ek_name_scope_begin(g, "concat");
  const ek_out last_one = ek__py_pack(ek_named(g, "values_1"), EK_OUTS(last));
  const ek_out axis_one = axis.out.op != 0 ? ek__py_pack(ek_named(g, "values_3"), EK_OUTS(axis.out))
                                           : ek__py_int32s(ek_named(g, "values_3"), &axis.number, 1);
  const ek_out zero = ek_constant_int32(ek_named(g, "axis"), 0);
  const ek_out perm = ek_op_output(
      ek_build(ek_named_scope(g), "ConcatV2", EK_OUTS(before, last_one, between, axis_one, zero), EK_NO_ATTRS), 0);
  ek_name_scope_end(g);
  return ek__op2(named, "Transpose", x, perm);
}

static ek_out over_axis(ek_graph *g, const char *type, ek_out logits, int axis) {
  ek_graph *named = g;
  g = ek_named(g, NULL);
  const ek_shape shape = ek_out_shape(g, logits);
  if (axis == -1 || axis == shape.rank - 1) return ek__op1(named, type, logits);
  if (ek_graph_status(g, NULL) != EK_OK) return ek__no_out;
  if (axis < -shape.rank || axis >= shape.rank) {
    ek_graph_fail(g, EK_INVALID_ARGUMENT, "%s of '%s': axis %d is outside [%d, %d)", type,
                  ek_op_name(g, ek_out_op(logits)), axis, -shape.rank, shape.rank);
    return ek__no_out;
  }
  axis_at at = {axis, ek__no_out};
  const ek_out dims = ek__py_rank(g, logits);
  if (axis < 0) at.out = ek__op2(ek_named(g, "add"), "AddV2", ek_integer(g, axis), dims);
  const ek_out rank = ek__py_rank(g, logits);
  if (axis < 0) at.out = ek__op2(ek_named(g, "mod"), "FloorMod", at.out, ek_integer(g, shape.rank));
  const ek_out last = ek__op2(g, "Sub", rank, ek_integer(g, 1));
  const ek_out swapped = swap(g, ek_named(g, "transpose"), logits, at, last);
  const ek_out y = ek__op1(g, type, swapped);
  const ek_out last_again = ek__op2(g, "Sub", rank, ek_integer(g, 1));
  const ek_out back = swap(g, named != g ? named : ek_named(g, "transpose"), y, at, last_again);
  if (back.op > 0) ek_out_set_shape(g, back, shape);
  return back;
}

ek_out ek_nn_softmax(ek_graph *g, ek_out logits, int axis) { return over_axis(g, "Softmax", logits, axis); }

ek_out ek_nn_log_softmax(ek_graph *g, ek_out logits, int axis) { return over_axis(g, "LogSoftmax", logits, axis); }
