/* SPDX-License-Identifier: Apache-2.0 */
/* assign_moving_average(zero_debias=True): an average that begins at 0 is divided by 1 - decay^steps. */
#include "evenkeel/variable_scope.h"
#include "layers/build.h"
#include "layers/moving_update.h"

#include <string.h>

/* A variable of the open scope that does not exist; the scope's own name if variables are to be reused. */
static const char *unused(ek_graph *g, const char *name) {
  const ek_variable_scope scope = ek_get_variable_scope(g);
  const char *tried = name;
  for (int i = 1; ek_variable_scope_reuse(g, scope) == EK_REUSE_INHERIT && tried != NULL; i++) {
    const char *full = ek_graph_text(g, "%s/%s", ek_variable_scope_name(g, scope), tried);
    if (full == NULL || ek_variable_of(g, ek_graph_find_op(g, full)).id == 0) break;
    tried = ek_graph_text(g, "%s_%d", name, i);
  }
  return tried != NULL ? tried : name;
}

/* tf.assign_sub of delta, or assign_add of 1; op and value as the ones after. */
static ek__moving_average changed(ek_graph *g, ek_variable v, ek_update update, ek_out by) {
  ek__moving_average after = {{0}, ek__no_out};
  after.value = update == EK_ASSIGN_SUB ? ek_variable_assign_sub(g, v, by) : ek_variable_assign_add(g, v, by);
  after.op = ek__assigned_by(g, after.value);
  return after;
}

/* What v holds after its update, for use in the op that is built next; block: control dependencies it needs open. */
static ek_out operand_after(ek_graph *g, ek_variable v, ek__moving_average update) {
  return ek_variable_is_resource(g, v) ? ek_variable_operand(g, v) : update.value;
}

ek__moving_average ek__assign_zero_debiased(ek_graph *g, ek_variable v, ek_out value, double decay_of_average) {
  ek__moving_average result = {{0}, ek__no_out};
  ek_get_variable_opts o = EK_GET_VARIABLE_OPTS_INIT;
  g = ek_composite_begin(g, "AssignMovingAvg");
  ek_out decay = ek_convert(g, ek_number(g, 1.0 - decay_of_average), EK_FLOAT32, "decay");
  decay = ek__py_cast(g, decay, ek_variable_dtype(g, v));
  o.dtype = ek_variable_dtype(g, v);
  o.initializer = ek_zeros_initializer();
  o.trainable = false;
  (void)ek_variable_scope_begin(g, ek_variable_name(g, v), NULL);
  ek_colocate_with_begin(g, ek_variable_op(g, v), false);
  const ek_variable biased = ek_get_variable(g, unused(g, "biased"), ek_variable_shape(g, v), &o);
  const ek_variable step = ek_get_variable(g, unused(g, "local_step"), ek_shape_scalar(), &o);
  ek_colocate_with_end(g);
  ek_variable_scope_end(g);
  const ek_out away = ek__op2(ek_named(g, "sub"), "Sub", ek_variable_value(g, biased), value);
  const ek_out delta = ek__op2(ek_named(g, "mul"), "Mul", away, decay);
  const ek__moving_average moved = changed(g, biased, EK_ASSIGN_SUB, delta);
  const ek__moving_average stepped = changed(g, step, EK_ASSIGN_ADD, ek_number(g, 1.0));
  const ek_out kept = ek__op2(ek_named(g, "sub"), "Sub", ek_number(g, 1.0), decay);
  if (stepped.op.id != 0 && kept.op > 0) {
    ek_control_dependencies_begin(g, EK_OPS(stepped.op));
    const ek_out power = ek__op2(ek_named(g, "Pow"), "Pow", kept, operand_after(g, step, stepped));
    ek_control_dependencies_end(g);
    const ek_out factor = ek__op2(ek_named(g, "sub"), "Sub", ek_number(g, 1.0), power);
    const ek_out sum = ek__moving_average_result(g, biased, moved);
    const ek_out unbiased = ek__op2(ek_named(g, "truediv"), "RealDiv", sum, factor);
    result = ek__assign_now(ek_named_scope(g), v, unbiased);
  }
  ek_name_scope_end(g);
  return result;
}
