/* SPDX-License-Identifier: Apache-2.0 */
#include "layers/weights.h"
#include "layers/build.h"

static const char *const must = "weights can not be broadcast to values";

/* True if the static shapes settle it, rightly or (then with an error) wrongly. */
static bool settled(ek_graph *g, ek_shape weights, ek_shape values) {
  char w[EK_SHAPE_TEXT], v[EK_SHAPE_TEXT];
  bool fits = weights.rank == values.rank;
  for (int i = 0; fits && i < weights.rank; i++)
    fits = weights.dim[i] == 1 || weights.dim[i] < 0 || values.dim[i] < 0 || weights.dim[i] == values.dim[i];
  if (!fits) {
    ek_graph_fail(g, EK_INVALID_ARGUMENT, "%s: %s: weights have shape %s, values %s", ek_current_name_scope(g), must,
                  ek_shape_format(weights, w, sizeof w), ek_shape_format(values, v, sizeof v));
    return true;
  }
  return ek_shape_is_known(weights) && ek_shape_is_known(values);
}

/* Every dimension is 1 or that of the values. TensorFlow asks the same with a set difference, which it alone has. */
static ek_op check_at_run_time(ek_graph *g, ek_out weights_shape, ek_out values_shape) {
  const ek_out same = ek__op2(ek_named(g, "is_same"), "Equal", weights_shape, values_shape);
  const ek_out one = ek__op2(ek_named(g, "is_one"), "Equal", weights_shape, ek_integer(g, 1));
  const ek_out valid = ek__op2(ek_named(g, "is_valid_dim"), "LogicalOr", same, one);
  const ek_out all = ek__py_reduce_all(ek_named(g, "is_valid_shape"), "All", valid);
  const ek_out what = ek_constant_string(g, must);
  const ek_out weights_are = ek_constant_string(g, "weights.shape=");
  const ek_out values_are = ek_constant_string(g, "values.shape=");
  return ek_build(ek_named_scope(g), "Assert", EK_OUTS(all, what, weights_are, weights_shape, values_are, values_shape),
                  EK_ATTRS(EK_INT_ATTR("summarize", 3)));
}

ek_op ek__assert_broadcastable(ek_graph *g, ek_out weights, ek_out values) {
  g = ek_composite_begin(g, "assert_broadcastable");
  (void)ek_name_scope_begin(g, "weights");
  weights = ek_convert(g, weights, EK_INVALID_DTYPE, ek_given_name(ek_named_scope(g)));
  const ek_out weights_shape = ek__py_shape(ek_named(g, "shape"), weights);
  (void)ek__py_rank(ek_named(g, "rank"), weights);
  ek_name_scope_end(g);
  (void)ek_name_scope_begin(g, "values");
  const ek_out values_shape = ek__py_shape(ek_named(g, "shape"), values);
  (void)ek__py_rank(ek_named(g, "rank"), values);
  ek_name_scope_end(g);
  const ek_shape w = ek_out_shape(g, weights), v = ek_out_shape(g, values);
  ek_op check = {0};
  if (ek_graph_status(g, NULL) != EK_OK) {
  } else if (w.rank < 0 || (w.rank > 0 && v.rank < 0)) {
    ek_graph_fail(g, EK_UNIMPLEMENTED, "%s: the ranks of weights that are no scalar and of values must be known",
                  ek_current_name_scope(g));
  } else if (w.rank == 0) {
    check = ek_no_op(ek_named(g, "static_scalar_check_success"));
  } else if (settled(g, w, v)) {
    check = ek_no_op(ek_named(g, "static_dims_check_success"));
  } else {
    check = check_at_run_time(g, weights_shape, values_shape);
  }
  ek_name_scope_end(g);
  return check;
}

ek_out ek__broadcast_weights(ek_graph *g, ek_out weights, ek_out values) {
  g = ek_composite_begin(g, "broadcast_weights");
  const ek_shape w = ek_out_shape(g, weights), v = ek_out_shape(g, values);
  ek_out y = weights;
  if (!(ek_shape_is_known(w) && ek_shape_is_known(v) && ek_shape_equal(w, v))) {
    const ek_op check = ek__assert_broadcastable(g, weights, values);
    ek_control_dependencies_begin(g, EK_OPS(check));
    const ek_out ones = ek__py_ones_like(g, values);
    y = ek__op2(ek_named_scope(g), "Mul", weights, ones);
    ek_control_dependencies_end(g);
  }
  ek_name_scope_end(g);
  return y;
}

static bool last_can_be_one(ek_shape s) { return s.rank > 0 && (s.dim[s.rank - 1] == 1 || s.dim[s.rank - 1] < 0); }

void ek__remove_squeezable(ek_graph *g, ek_out *labels, ek_out *predictions, int rank_diff) {
  static const int64_t last = -1;
  (void)ek_name_scope_begin(g, "remove_squeezable_dimensions");
  const ek_shape l = ek_out_shape(g, *labels), p = ek_out_shape(g, *predictions);
  const ek_attr axis = EK_INTS_ATTR("squeeze_dims", &last, 1);
  if (l.rank >= 0 && p.rank >= 0 && p.rank - l.rank == rank_diff + 1 && last_can_be_one(p))
    *predictions = ek_op_output(ek_build(g, "Squeeze", EK_OUTS(*predictions), &axis, 1), 0);
  else if (l.rank >= 0 && p.rank >= 0 && p.rank - l.rank == rank_diff - 1 && last_can_be_one(l))
    *labels = ek_op_output(ek_build(g, "Squeeze", EK_OUTS(*labels), &axis, 1), 0);
  ek_name_scope_end(g);
}
