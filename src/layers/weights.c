/* SPDX-License-Identifier: Apache-2.0 */
#include "layers/weights.h"

#include "evenkeel/cond.h"
#include "layers/build.h"

static const char *const must = "weights can not be broadcast to values.";

/* True if the static shapes settle it, rightly or (then with an error) wrongly. */
static bool settled(ek_graph *g, ek_shape weights, ek_shape values) {
  char w[EK_SHAPE_TEXT], v[EK_SHAPE_TEXT];
  bool fits = weights.rank == values.rank;
  for (int i = 0; fits && i < weights.rank; i++)
    fits = weights.dim[i] == 1 || weights.dim[i] < 0 || values.dim[i] < 0 || weights.dim[i] == values.dim[i];
  if (!fits) {
    ek_graph_fail(g, EK_INVALID_ARGUMENT, "%s: %s Weights have shape %s, values %s", ek_current_name_scope(g), must,
                  ek_shape_format(weights, w, sizeof w), ek_shape_format(values, v, sizeof v));
    return true;
  }
  return ek_shape_is_known(weights) && ek_shape_is_known(values);
}

/* What the check at run time looks at. */
typedef struct broadcast {
  ek_out weights, weights_shape, weights_rank;
  ek_out values, values_shape, values_rank;
  ek_out is_scalar;
} broadcast;

static ek_out column(ek_graph *g, ek_out vector) { return ek__op2(g, "ExpandDims", vector, ek_integer(g, -1)); }

/* Every dimension of the weights is 1 or that of the values: a difference of sets, as TensorFlow asks it. */
static ek_out has_valid_dims(ek_graph *g, const broadcast *b) {
  (void)ek_name_scope_begin(g, "has_invalid_dims");
  const ek_out values = column(g, b->values_shape), ones = ek__py_ones_like(g, values);
  const ek_out valid = ek_op_output(ek_build(ek_named(g, "concat"), "ConcatV2", EK_OUTS(values, ones, ek_integer(g, 1)),
                                             EK_ATTRS(EK_INT_ATTR("N", 2))),
                                    0);
  const ek_out weights = column(g, b->weights_shape);
  const ek_op invalid = ek_build(g, "DenseToDenseSetOperation", EK_OUTS(weights, valid),
                                 EK_ATTRS(EK_STRING_ATTR("set_operation", "a-b")));
  const ek_out count = ek__py_size(ek_named(g, "num_invalid_dims"), ek_op_output(invalid, 1));
  const ek_out none = ek__op2(ek_named_scope(g), "Equal", ek_integer(g, 0), count);
  ek_name_scope_end(g);
  return none;
}

static ek_out has_valid_shape(ek_graph *g, const broadcast *b) {
  ek_cond_block c;
  (void)ek_name_scope_begin(g, "has_valid_nonscalar_shape");
  const ek_out same_rank = ek__op2(ek_named(g, "is_same_rank"), "Equal", b->values_rank, b->weights_rank);
  EK_COND(ek_named_scope(g), same_rank, c) {
    EK_THEN(c) { ek_cond_yield(&c, has_valid_dims(g, b)); }
    EK_ELSE(c) { ek_cond_yield(&c, same_rank); }
  }
  ek_name_scope_end(g);
  return ek_cond_result(&c, 0);
}

static const char *name_of(ek_graph *g, ek_out out) {
  const char *name = ek_graph_text(g, "%s:%d", ek_op_name(g, ek_out_op(out)), (int)out.index);
  return name != NULL ? name : "";
}

static ek_op check_at_run_time(ek_graph *g, broadcast b) {
  enum { N = 6 };
  static const int at[N] = {0, 1, 2, 4, 5, 7}; /* where they stand among the data */
  const char *const texts[N] = {
      must, "weights.shape=", name_of(g, b.weights), "values.shape=", name_of(g, b.values), "is_scalar="};
  ek_cond_block c;
  b.is_scalar = ek__op2(ek_named(g, "is_scalar"), "Equal", ek_integer(g, 0), b.weights_rank);
  EK_COND(ek_named(g, "is_valid_shape"), b.is_scalar, c) {
    EK_THEN(c) { ek_cond_yield(&c, b.is_scalar); }
    EK_ELSE(c) { ek_cond_yield(&c, has_valid_shape(g, &b)); }
  }
  const ek_out valid = ek_cond_result(&c, 0);
  for (int i = 0; i < N; i++) (void)ek_constant_string(g, texts[i]); /* Assert makes them twice */
  EK_COND(ek_named(g, "AssertGuard"), valid, c) {
    EK_THEN(c) { ek_cond_yield_op(&c, ek_no_op(g)); }
    EK_ELSE(c) {
      ek_out data[10] = {valid};
      (void)ek_name_scope_begin(g, "Assert");
      for (int i = 0; i < N; i++)
        data[at[i] + 1] = ek_constant_string(ek_named(g, ek_graph_text(g, "data_%d", at[i])), texts[i]);
      data[4] = b.weights_shape;
      data[7] = b.values_shape;
      data[9] = b.is_scalar;
      ek_cond_yield_op(
          &c, ek_build(ek_named_scope(g), "Assert", (ek_outs){data, 10}, EK_ATTRS(EK_INT_ATTR("summarize", 3))));
      ek_name_scope_end(g);
    }
  }
  return ek_cond_result_op(&c, 0);
}

ek_op ek__assert_broadcastable(ek_graph *g, ek_out weights, ek_out values) {
  g = ek_composite_begin(g, "assert_broadcastable");
  broadcast b = {.values = values};
  (void)ek_name_scope_begin(g, "weights");
  b.weights = ek_convert(g, weights, EK_INVALID_DTYPE, ek_given_name(ek_named_scope(g)));
  b.weights_shape = ek__py_shape(ek_named(g, "shape"), b.weights);
  b.weights_rank = ek__py_rank(ek_named(g, "rank"), b.weights);
  ek_name_scope_end(g);
  (void)ek_name_scope_begin(g, "values");
  b.values_shape = ek__py_shape(ek_named(g, "shape"), values);
  b.values_rank = ek__py_rank(ek_named(g, "rank"), values);
  ek_name_scope_end(g);
  const ek_shape w = ek_out_shape(g, b.weights), v = ek_out_shape(g, values);
  const bool ranks_known = w.rank >= 0 && v.rank >= 0;
  ek_op check = {0};
  if (ek_graph_status(g, NULL) != EK_OK)
    check.id = 0;
  else if (ranks_known && w.rank == 0)
    check = ek_no_op(ek_named(g, "static_scalar_check_success"));
  else if (ranks_known && settled(g, w, v))
    check = ek_no_op(ek_named(g, "static_dims_check_success"));
  else
    check = check_at_run_time(g, b);
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
