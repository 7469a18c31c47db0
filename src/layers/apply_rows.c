/* SPDX-License-Identifier: Apache-2.0 */
/* The nodes of one update by IndexedSlices: only the rows that they name change, but with Adam, whose moments decay
 * everywhere. */
#include "layers/optimizer.h"

#include "layers/build.h"

/* optimizer._deduplicate_indexed_slices: every row once, with the sum of its values. */
static ek_indexed_slices unique(ek_graph *g, ek_indexed_slices s) {
  const ek_op op = ek_build(g, "Unique", EK_OUTS(s.indices), EK_NO_ATTRS);
  const ek_out rows = ek_op_output(op, 0), places = ek_op_output(op, 1);
  const ek_out n = ek__py_element(g, ek__op1(g, "Shape", rows), 0);
  s.values = ek_op_output(ek_build(g, "UnsortedSegmentSum", EK_OUTS(s.values, places, n), EK_NO_ATTRS), 0);
  s.indices = rows;
  return s;
}

/* Operators, as Python names them. */
static ek_out times(ek_graph *g, ek_out x, ek_out y) { return ek__op2(ek_named(g, "mul"), "Mul", x, y); }
static ek_out minus(ek_graph *g, ek_out x, ek_out y) { return ek__op2(ek_named(g, "sub"), "Sub", x, y); }
static ek_out plus(ek_graph *g, ek_out x, ek_out y) { return ek__op2(ek_named(g, "add"), "AddV2", x, y); }
static ek_out over(ek_graph *g, ek_out x, ek_out y) { return ek__op2(ek_named(g, "truediv"), "RealDiv", x, y); }
static ek_out one_minus(ek_graph *g, ek_out x) { return minus(g, ek_number(g, 1.0), x); }

static ek_op by_ref(const ek_optimizer *o, const char *type, ek_outs inputs) {
  return ek_build(o->graph, type, inputs, EK_ATTRS(EK_BOOL_ATTR("use_locking", o->use_locking)));
}

ek_op ek__sparse_gradient_descent(ek_optimizer *o, const ek_out *hypers, ek_variable v, ek_indexed_slices s) {
  ek_graph *g = o->graph;
  const ek_dtype dtype = ek_variable_dtype(g, v);
  const ek_out handle = ek_variable_handle(g, v);
  if (ek_variable_is_resource(g, v)) {
    const ek_out negative = ek__op1(g, "Neg", s.values);
    const ek_out delta = times(g, negative, ek__py_cast(g, hypers[0], dtype));
    return ek_build(g, "ResourceScatterAdd", EK_OUTS(handle, s.indices, delta), EK_NO_ATTRS);
  }
  const ek_out delta = times(g, s.values, ek__py_cast(g, hypers[0], dtype));
  return by_ref(o, "ScatterSub", EK_OUTS(handle, s.indices, delta));
}

/* v *= decay, then += part in the rows; what it holds then. */
static ek_out moment(const ek_optimizer *o, ek_variable v, ek_out decay, ek_out rows, ek_out part) {
  ek_graph *g = o->graph;
  const bool resource = ek_variable_is_resource(g, v);
  const ek_out handle = ek_variable_handle(g, v), decayed = times(g, ek_variable_value(g, v), decay);
  const ek_op assign = ek__optimizer_assign(o, v, decayed);
  ek_control_dependencies_begin(g, EK_OPS(assign));
  const ek_op add = resource ? ek_build(g, "ResourceScatterAdd", EK_OUTS(handle, rows, part), EK_NO_ATTRS)
                             : by_ref(o, "ScatterAdd", EK_OUTS(handle, rows, part));
  ek_out now = ek_op_output(add, 0);
  if (resource) {
    ek_control_dependencies_begin(g, EK_OPS(add));
    now = ek_variable_value(g, v);
    ek_control_dependencies_end(g);
  }
  ek_control_dependencies_end(g);
  return now;
}

/* 1 - a power of Adam's: as it was cast before, or read here. */
static ek_out without_power(ek_graph *g, ek_variable v, ek_out cast) {
  return one_minus(g, cast.op > 0 ? cast : ek_variable_value(g, v));
}

ek_op ek__sparse_adam(ek_optimizer *o, const ek_out *hypers, ek_variable v, ek_indexed_slices s) {
  ek_graph *g = o->graph;
  const ek__slots *slots = ek__slots_of(o, v);
  const ek_dtype dtype = ek_variable_dtype(g, v);
  ek_out power[EK__MAX_POWERS], hyper[EK__MAX_HYPERPARAMETERS];
  s = unique(g, s);
  for (int i = 0; i < EK__MAX_POWERS; i++) power[i] = ek__optimizer_power(g, o->powers[i], dtype);
  for (int i = 0; i < EK__MAX_HYPERPARAMETERS; i++) hyper[i] = ek__py_cast(g, hypers[i], dtype);
  const ek_out rate = hyper[0], beta1 = hyper[1], beta2 = hyper[2], epsilon = hyper[3];
  const ek_out root = ek__op1(g, "Sqrt", without_power(g, o->powers[1], power[1]));
  const ek_out scaled = times(g, rate, root);
  const ek_out step = over(g, scaled, without_power(g, o->powers[0], power[0]));
  const ek_out part = times(g, s.values, one_minus(g, beta1));
  const ek_out m = moment(o, slots->at[0], beta1, s.indices, part);
  const ek_out square = times(g, s.values, s.values);
  const ek_out square_part = times(g, square, one_minus(g, beta2));
  const ek_out second = moment(o, slots->at[1], beta2, s.indices, square_part);
  const ek_out deviation = ek__op1(g, "Sqrt", second);
  const ek_out direction = times(g, step, m);
  const ek_out delta = over(g, direction, plus(g, deviation, epsilon));
  const ek_op update = ek_variable_is_resource(g, v) ? ek__assigned_by(g, ek_variable_assign_sub(g, v, delta))
                                                     : by_ref(o, "AssignSub", EK_OUTS(ek_variable_handle(g, v), delta));
  return ek_group(g, EK_OPS(update, ek_out_op(m), ek_out_op(second)));
}

/* Optimizers that have an op for it: SparseApply..., with indices behind the gradient. */
static ek_op sparse_apply(ek_optimizer *o, const ek_out *hypers, ek_variable v, ek_indexed_slices s) {
  s = unique(o->graph, s);
  return ek__optimizer_apply(o, hypers, v, s.values, s.indices);
}

ek_op ek__optimizer_update_rows(ek_optimizer *o, const ek_out *hypers, ek_variable v, ek_indexed_slices s) {
  ek_graph *g = o->graph;
  if (ek_variable_has_constraint(g, v)) {
    ek_graph_fail(g, EK_INVALID_ARGUMENT, "%s: variable '%s' has a constraint, and a gradient of IndexedSlices",
                  o->name, ek_variable_name(g, v));
    return (ek_op){0};
  }
  return o->kind->sparse != NULL ? o->kind->sparse(o, hypers, v, s) : sparse_apply(o, hypers, v, s);
}
