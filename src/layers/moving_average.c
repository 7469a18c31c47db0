/* SPDX-License-Identifier: Apache-2.0 */
/* Moving averages of variables (moving_averages). */
#include "evenkeel/train.h"
#include "evenkeel/variable_scope.h"
#include "layers/build.h"
#include "layers/moving_update.h"

ek_out ek_train_assign_moving_average(ek_graph *g, ek_variable v, ek_out value, double decay, ek_out decay_tensor) {
  return decay_tensor.op != 0 ? ek__assign_moving_average_by(g, v, value, decay_tensor).value
                              : ek__assign_moving_average(g, v, value, decay).value;
}

ek_out ek_train_assign_moving_average_zero_debias(ek_graph *g, ek_variable v, ek_out value, double decay) {
  return ek__assign_zero_debiased(g, v, value, decay).value;
}

/* ---- ExponentialMovingAverage */

typedef struct ek__shadow {
  ek_variable variable, average;
  struct ek__shadow *next;
} ek__shadow;

struct ek_moving_average {
  ek_graph *graph;
  const char *name;
  double decay;
  ek_out decay_tensor;
  ek_variable num_updates;
  ek__shadow *shadows;
};

ek_moving_average *ek_train_exponential_moving_average(ek_graph *g, double decay,
                                                       const ek_train_exponential_moving_average_opts *options) {
  static const ek_train_exponential_moving_average_opts defaults = EK_TRAIN_EXPONENTIAL_MOVING_AVERAGE_OPTS_INIT;
  const ek_train_exponential_moving_average_opts *p = options != NULL ? options : &defaults;
  g = ek_named(g, NULL);
  if (p->version != 1u || p->name == NULL || *p->name == '\0') {
    ek_graph_fail(g, EK_INVALID_ARGUMENT,
                  "ExponentialMovingAverage: options of version %u without a name; start from ..._OPTS_INIT",
                  p->version);
    return NULL;
  }
  ek_moving_average *a = ek_graph_alloc(g, sizeof *a);
  const char *name = ek_graph_text(g, "%s", p->name);
  if (a == NULL || name == NULL) return NULL;
  *a = (ek_moving_average){.graph = g, .name = name, .decay = decay, .decay_tensor = p->decay_tensor};
  a->num_updates = p->num_updates;
  return a;
}

ek_variable ek_moving_average_average(const ek_moving_average *a, ek_variable v) {
  for (const ek__shadow *s = a != NULL ? a->shadows : NULL; s != NULL; s = s->next)
    if (s->variable.id == v.id) return s->average;
  return (ek_variable){0};
}

/* slot_creator.create_slot with the variable's initialized value. */
static void create(ek_moving_average *a, ek_variable v) {
  ek_graph *g = a->graph;
  ek__shadow *s = ek_graph_alloc(g, sizeof *s);
  ek_variable_scope_opts scope = EK_VARIABLE_SCOPE_OPTS_INIT;
  ek_get_variable_opts opts = EK_GET_VARIABLE_OPTS_INIT;
  if (s == NULL) return;
  ek_init_scope_begin(g);
  opts.initial_value = ek_variable_initialized_value(g, v);
  opts.trainable = false;
  opts.validate_shape = ek_shape_is_known(ek_out_shape(g, opts.initial_value));
  opts.use_resource = ek_variable_is_resource(g, v) ? EK_YES : EK_NO;
  scope.default_name = ek_graph_text(g, "%s/%s", ek_variable_name(g, v), a->name);
  (void)ek_variable_scope_begin(g, NULL, &scope);
  ek_colocate_with_begin(g, ek_variable_op(g, v), false);
  s->average = ek_get_variable(g, "", ek_shape_unknown(), &opts);
  ek_colocate_with_end(g);
  ek_variable_scope_end(g);
  ek_add_variable_to_collection(g, EK_MOVING_AVERAGE_VARIABLES, v);
  ek_init_scope_end(g);
  s->variable = v;
  s->next = a->shadows;
  a->shadows = s;
}

/* min(decay, (1 + n) / (10 + n)) */
static ek_out decay_of(ek_moving_average *a) {
  ek_graph *g = a->graph;
  const ek_out number = a->decay_tensor.op != 0 ? a->decay_tensor : ek_number(g, a->decay);
  const ek_out decay = ek_convert(g, number, EK_FLOAT32, "decay");
  if (a->num_updates.id == 0) return decay;
  const ek_out n =
      ek_op_output(ek_build(ek_named(g, "num_updates"), "Cast", EK_OUTS(ek_variable_operand(g, a->num_updates)),
                            EK_ATTRS(EK_TYPE_ATTR("DstT", EK_FLOAT32))),
                   0);
  const ek_out above = ek__op2(ek_named(g, "add"), "AddV2", ek_number(g, 1.0), n);
  const ek_out below = ek__op2(ek_named(g, "add"), "AddV2", ek_number(g, 10.0), n);
  return ek__op2(g, "Minimum", decay, ek__op2(ek_named(g, "truediv"), "RealDiv", above, below));
}

ek_op ek_moving_average_apply(ek_moving_average *a, ek_variables variables) {
  ek_op none = {0};
  if (a == NULL || ek_graph_status(a->graph, NULL) != EK_OK) return none;
  ek_graph *g = a->graph;
  if (variables.at == NULL) variables = ek_get_collection_variables(g, EK_TRAINABLE_VARIABLES, NULL);
  ek_op *ops = ek_graph_alloc(g, ((size_t)variables.n + 1) * sizeof *ops);
  if (ops == NULL) return none;
  for (int i = 0; i < variables.n; i++) {
    const ek_variable v = variables.at[i];
    if (!ek_dtype_is_floating(ek_variable_dtype(g, v))) {
      ek_graph_fail(g, EK_INVALID_ARGUMENT, "%s: the variables must be half, float, or double: '%s'", a->name,
                    ek_variable_name(g, v));
      return none;
    }
    if (ek_moving_average_average(a, v).id == 0) create(a, v);
  }
  const char *scope = ek_name_scope_begin(g, a->name);
  const char *itself = ek_graph_text(g, "%s/", scope);
  const ek_out decay = decay_of(a);
  for (int i = 0; i < variables.n; i++) {
    const ek_variable average = ek_moving_average_average(a, variables.at[i]);
    ops[i] = ek__assign_moving_average_by(g, average, ek_variable_operand(g, variables.at[i]), decay).op;
  }
  const ek_op group = itself != NULL ? ek_group(ek_named(g, itself), (ek_ops){ops, variables.n}) : none;
  ek_name_scope_end(g);
  return group;
}

const char *ek_moving_average_average_name(ek_moving_average *a, ek_variable v) {
  if (a == NULL) return "";
  const ek_variable average = ek_moving_average_average(a, v);
  if (average.id != 0) return ek_variable_name(a->graph, average);
  const char *name = ek_graph_text(a->graph, "%s/%s", ek_variable_name(a->graph, v), a->name);
  return name != NULL ? ek_unique_name(a->graph, name, false) : "";
}

/* Is v among the first n? */
static bool among(const ek_named_variable *at, int n, ek_variable v) {
  for (int i = 0; i < n; i++)
    if (at[i].variable.id == v.id) return true;
  return false;
}

ek_named_variables ek_moving_average_variables_to_restore(ek_moving_average *a) {
  static const char *const keys[] = {EK_TRAINABLE_VARIABLES, EK_MOVING_AVERAGE_VARIABLES, EK_GLOBAL_VARIABLES};
  ek_named_variables out = {NULL, 0};
  if (a == NULL) return out;
  size_t room = 0;
  for (int k = 0; k < 3; k++) room += (size_t)ek_collection_size(a->graph, keys[k]);
  ek_named_variable *at = ek_graph_alloc(a->graph, (room + 1) * sizeof *at);
  int n = 0;
  for (int k = 0; at != NULL && k < 3; k++) {
    const ek_variables v = ek_get_collection_variables(a->graph, keys[k], NULL);
    for (int i = 0; i < v.n; i++) {
      if (among(at, n, v.at[i])) continue;
      at[n].name = k < 2 ? ek_moving_average_average_name(a, v.at[i]) : ek_variable_name(a->graph, v.at[i]);
      at[n++].variable = v.at[i];
    }
  }
  out.at = at;
  out.n = n;
  return out;
}
