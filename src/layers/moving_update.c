/* SPDX-License-Identifier: Apache-2.0 */
#include "layers/moving_update.h"

#include "layers/build.h"

/* The scope AssignMovingAvg is open. */
static ek__moving_average assign(ek_graph *g, ek_variable v, ek_out value, ek_out decay) {
  ek__moving_average update = {{0}, ek__no_out};
  const ek_out now = ek_variable_value(g, v);
  const ek_out away = ek__op2(ek_named(g, "sub"), "Sub", now, value);
  const ek_out delta = ek__op2(ek_named(g, "mul"), "Mul", away, decay);
  const bool resource = ek_variable_is_resource(g, v);
  update.value = ek_variable_assign_sub(resource ? g : ek_named_scope(g), v, delta);
  update.op = ek__assigned_by(g, update.value);
  return update;
}

static ek_out one_minus(ek_graph *g, ek_variable v, double momentum) {
  const ek_out decay = ek_convert(g, ek_number(g, 1.0 - momentum), EK_FLOAT32, "decay");
  return ek__py_cast(g, decay, ek_variable_dtype(g, v));
}

ek__moving_average ek__layer_moving_average(ek_graph *g, ek_variable v, ek_out value, ek_out momentum) {
  (void)ek_name_scope_begin(g, "AssignMovingAvg");
  ek_colocate_with_begin(g, ek_variable_op(g, v), false);
  const ek_out decay = ek__op2(ek_named(g, "sub"), "Sub", ek_number(g, 1.0), momentum);
  const ek__moving_average update = assign(g, v, value, ek__py_cast(g, decay, ek_variable_dtype(g, v)));
  ek_colocate_with_end(g);
  ek_name_scope_end(g);
  return update;
}

ek__moving_average ek__layer_moving_average_of(ek_graph *g, ek_variable v, ek_out value, double momentum) {
  (void)ek_name_scope_begin(g, "AssignMovingAvg");
  ek_colocate_with_begin(g, ek_variable_op(g, v), false);
  const ek__moving_average update = assign(g, v, value, one_minus(g, v, momentum));
  ek_colocate_with_end(g);
  ek_name_scope_end(g);
  return update;
}

ek__moving_average ek__assign_now(ek_graph *g, ek_variable v, ek_out value) {
  ek__moving_average update = {{0}, ek__no_out};
  ek_graph *plain = ek_named(g, NULL);
  if (ek_variable_is_resource(plain, v)) {
    update.value = ek_variable_assign(g, v, value);
    update.op = ek__assigned_by(plain, update.value);
  } else {
    update.op = ek_build(g, "Assign", EK_OUTS(ek_variable_handle(plain, v), value), EK_NO_ATTRS);
    update.value = ek_op_output(update.op, 0);
  }
  return update;
}

ek__moving_average ek__layer_assign_new(ek_graph *g, ek_variable v, ek_out value) {
  (void)ek_name_scope_begin(g, "AssignNewValue");
  ek_colocate_with_begin(g, ek_variable_op(g, v), false);
  const ek__moving_average update = ek__assign_now(ek_named_scope(g), v, value);
  ek_colocate_with_end(g);
  ek_name_scope_end(g);
  return update;
}

ek__moving_average ek__assign_moving_average(ek_graph *g, ek_variable v, ek_out value, double decay) {
  g = ek_composite_begin(g, "AssignMovingAvg");
  const ek__moving_average update = assign(g, v, value, one_minus(g, v, decay));
  ek_name_scope_end(g);
  return update;
}

ek__moving_average ek__assign_moving_average_by(ek_graph *g, ek_variable v, ek_out value, ek_out decay) {
  g = ek_composite_begin(g, "AssignMovingAvg");
  const ek_out rate = ek__op2(ek_named(g, "sub"), "Sub", ek_number(g, 1.0), decay);
  const ek__moving_average update = assign(g, v, value, ek__py_cast(g, rate, ek_variable_dtype(g, v)));
  ek_name_scope_end(g);
  return update;
}

ek_out ek__moving_average_result(ek_graph *g, ek_variable v, ek__moving_average update) {
  if (update.op.id == 0 || !ek_variable_is_resource(g, v)) return update.value;
  ek_control_dependencies_begin(g, EK_OPS(update.op));
  const ek_out value = ek_variable_value(g, v);
  ek_control_dependencies_end(g);
  return value;
}
