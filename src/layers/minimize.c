/* SPDX-License-Identifier: Apache-2.0 */
/* Optimizer.minimize, compute_gradients and apply_gradients; the global step. */
#include "layers/optimizer.h"

#include "evenkeel/variable_scope.h"

#include <stdio.h>
#include <string.h>

/* The options, or NULL with the error on the graph. */
static const ek_train_minimize_opts *opts_of(ek_optimizer *o, const ek_train_minimize_opts *options) {
  static const ek_train_minimize_opts defaults = EK_TRAIN_MINIMIZE_OPTS_INIT;
  if (o == NULL) return NULL;
  const ek_train_minimize_opts *p = options != NULL ? options : &defaults;
  if (p->version != 1u) {
    ek_graph_fail(o->graph, EK_INVALID_ARGUMENT, "%s: options of version %u; start from ..._OPTS_INIT", o->name,
                  p->version);
    return NULL;
  }
  if (p->gate_gradients != EK_GATE_NONE && p->gate_gradients != EK_GATE_OP && p->gate_gradients != EK_GATE_GRAPH) {
    ek_graph_fail(o->graph, EK_INVALID_ARGUMENT,
                  "%s: gate_gradients must be one of EK_GATE_NONE, EK_GATE_OP, EK_GATE_GRAPH, not %d", o->name,
                  (int)p->gate_gradients);
    return NULL;
  }
  return p;
}

static bool valid_dtype(ek_optimizer *o, ek_dtype dtype, const char *name) {
  if (ek_dtype_is_floating(dtype)) return true;
  ek_graph_fail(o->graph, EK_INVALID_ARGUMENT,
                "%s: invalid type %s for '%s', expected float16, bfloat16, float32 or float64", o->name,
                ek_dtype_name(dtype), name);
  return false;
}

/* var_list, or the trainable variables with those of the resources that train themselves. */
static ek_variables variables_of(ek_graph *g, ek_variables given) {
  if (given.at != NULL) return given;
  const ek_variables a = ek_get_collection_variables(g, EK_TRAINABLE_VARIABLES, NULL);
  const ek_variables b = ek_get_collection_variables(g, EK_TRAINABLE_RESOURCE_VARIABLES, NULL);
  ek_variable *all = ek_graph_alloc(g, (size_t)(a.n + b.n + 1) * sizeof *all);
  if (all == NULL) return (ek_variables){NULL, 0};
  for (int i = 0; i < a.n; i++) all[i] = a.at[i];
  for (int i = 0; i < b.n; i++) all[a.n + i] = b.at[i];
  return (ek_variables){all, a.n + b.n};
}

/* Writes the gradients of loss to grads. */
static void differentiate(ek_graph *g, ek_out loss, ek_outs xs, const ek_train_minimize_opts *p, ek_out *grads) {
  ek_gradients_opts opts = EK_GRADIENTS_OPTS_INIT;
  if (p->grad_loss.op != 0) opts.grad_ys = (ek_outs){&p->grad_loss, 1};
  opts.gate_gradients = p->gate_gradients == EK_GATE_OP;
  opts.colocate_gradients_with_ops = p->colocate_gradients_with_ops;
  opts.aggregation_method = p->aggregation_method;
  ek_gradients(g, EK_OUTS(loss), xs, &opts, grads);
  if (p->gate_gradients == EK_GATE_GRAPH) ek_tuple(g, (ek_outs){grads, xs.n}, (ek_ops){NULL, 0}, grads);
}

ek_grads_and_vars ek_train_compute_gradients(ek_optimizer *o, ek_out loss, const ek_train_minimize_opts *options) {
  const ek_grads_and_vars none = {NULL, 0};
  const ek_train_minimize_opts *p = opts_of(o, options);
  if (p == NULL || ek_graph_status(o->graph, NULL) != EK_OK) return none;
  ek_graph *g = o->graph;
  if (loss.op <= 0) {
    ek_graph_fail(g, EK_INVALID_ARGUMENT, "%s: no loss", o->name);
    return none;
  }
  if (!valid_dtype(o, ek_out_dtype(g, loss), ek_op_name(g, ek_out_op(loss)))) return none;
  if (p->grad_loss.op > 0 && !valid_dtype(o, ek_out_dtype(g, p->grad_loss), ek_op_name(g, ek_out_op(p->grad_loss))))
    return none;
  const ek_variables vars = variables_of(g, p->var_list);
  if (vars.n == 0) {
    ek_graph_fail(g, EK_INVALID_ARGUMENT, "%s: No variables to optimize.", o->name);
    return none;
  }
  const size_t n = (size_t)vars.n;
  ek_grad_and_var *pairs = ek_graph_alloc(g, n * sizeof *pairs);
  ek_out *xs = ek_graph_alloc(g, n * sizeof *xs), *grads = ek_graph_alloc(g, n * sizeof *grads);
  if (pairs == NULL || xs == NULL || grads == NULL) return none;
  for (int i = 0; i < vars.n; i++) {
    xs[i] = ek_variable_handle(g, vars.at[i]);
    if (xs[i].op != 0) continue;
    ek_graph_fail(g, EK_INVALID_ARGUMENT, "%s: item %d of var_list is no variable", o->name, i);
    return none;
  }
  differentiate(g, loss, (ek_outs){xs, vars.n}, p, grads);
  for (int i = 0; i < vars.n; i++) {
    pairs[i] = (ek_grad_and_var){grads[i], vars.at[i]};
    if (grads[i].op != 0 && !valid_dtype(o, ek_variable_dtype(g, vars.at[i]), ek_variable_name(g, vars.at[i])))
      return none;
  }
  return (ek_grads_and_vars){pairs, vars.n};
}

/* ---- applying */

/* The variables that have gradients; an error if there are none. */
static ek_variables updated(ek_optimizer *o, ek_grads_and_vars pairs) {
  ek_graph *g = o->graph;
  char names[256] = "";
  size_t length = 0;
  int n = 0;
  if (pairs.n == 0) {
    ek_graph_fail(g, EK_INVALID_ARGUMENT, "%s: No variables provided.", o->name);
    return (ek_variables){NULL, 0};
  }
  ek_variable *vars = ek_graph_alloc(g, (size_t)pairs.n * sizeof *vars);
  for (int i = 0; vars != NULL && i < pairs.n; i++) {
    if (pairs.at[i].grad.op != 0)
      vars[n++] = pairs.at[i].variable;
    else if (length < sizeof names)
      length += (size_t)snprintf(names + length, sizeof names - length, "%s%s", length > 0 ? ", " : "",
                                 ek_variable_name(g, pairs.at[i].variable));
  }
  if (n == 0) ek_graph_fail(g, EK_INVALID_ARGUMENT, "%s: No gradients provided for any variable: %s", o->name, names);
  return (ek_variables){vars, n};
}

/* Optimizer._finish: the group of all updates. */
static ek_op finish(ek_optimizer *o, const ek_out *hypers, ek_op *ops, int n, const char *name) {
  ek__optimizer_finish(o, hypers, ops, &n);
  return ek_group(ek_named(o->graph, name), (ek_ops){ops, n});
}

static ek_op step(ek_graph *g, ek_variable global_step, ek_op after, const char *name) {
  ek_control_dependencies_begin(g, EK_OPS(after));
  ek_colocate_with_begin(g, ek_variable_op(g, global_step), false);
  const ek_op op = ek_variable_update(ek_named(g, name), global_step, EK_ASSIGN_ADD, ek_integer(g, 1));
  ek_colocate_with_end(g);
  ek_control_dependencies_end(g);
  return op;
}

static void add_train_op(ek_graph *g, ek_op op) {
  const ek_ops ops = ek_get_collection_ops(g, EK_TRAIN_OP, NULL);
  for (int i = 0; i < ops.n; i++)
    if (ops.at[i].id == op.id) return;
  if (op.id != 0) ek_add_op_to_collection(g, EK_TRAIN_OP, op);
}

ek_op ek_train_apply_gradients(ek_optimizer *o, ek_grads_and_vars pairs, ek_variable global_step, const char *name) {
  if (o == NULL || ek_graph_status(o->graph, NULL) != EK_OK) return (ek_op){0};
  ek_graph *g = o->graph;
  const ek_variables vars = updated(o, pairs);
  if (vars.n == 0) return (ek_op){0};
  ek__slots_create(o, vars);
  ek_op *ops = ek_graph_alloc(g, (size_t)(vars.n + EK__MAX_POWERS) * sizeof *ops);
  ek_out hypers[EK__MAX_HYPERPARAMETERS];
  const char *scope = ek_name_scope_begin(g, name != NULL && *name != '\0' ? name : o->name);
  const char *itself = ek_graph_text(g, "%s/", scope);
  ek_op op = {0};
  int n = 0;
  ek__optimizer_prepare(o, hypers);
  for (int i = 0; ops != NULL && i < pairs.n; i++)
    if (pairs.at[i].grad.op != 0) ops[n++] = ek__optimizer_update(o, hypers, pairs.at[i].variable, pairs.at[i].grad);
  if (ops != NULL && itself != NULL)
    op = global_step.id == 0 ? finish(o, hypers, ops, n, itself)
                             : step(g, global_step, finish(o, hypers, ops, n, "update"), itself);
  ek_name_scope_end(g);
  add_train_op(g, op);
  return op;
}

ek_op ek_train_minimize(ek_optimizer *o, ek_out loss, const ek_train_minimize_opts *options) {
  const ek_grads_and_vars pairs = ek_train_compute_gradients(o, loss, options);
  if (pairs.n == 0) return (ek_op){0};
  return options != NULL ? ek_train_apply_gradients(o, pairs, options->global_step, options->name)
                         : ek_train_apply_gradients(o, pairs, (ek_variable){0}, NULL);
}

/* ---- the global step */

ek_variable ek_train_get_global_step(ek_graph *g) {
  g = ek_named(g, NULL);
  ek_variables found = ek_get_collection_variables(g, EK_GLOBAL_STEP, NULL);
  ek_variable v = {0};
  if (found.n > 1) {
    ek_graph_fail(g, EK_INVALID_ARGUMENT, "global step: multiple variables in collection '" EK_GLOBAL_STEP "'");
    return v;
  }
  v = found.n == 1 ? found.at[0] : ek_variable_of(g, ek_graph_find_op(g, "global_step"));
  const ek_dtype dtype = ek_variable_dtype(g, v);
  const ek_shape shape = ek_variable_shape(g, v);
  if (v.id == 0 || ((dtype == EK_INT64 || dtype == EK_INT32) && (shape.rank == 0 || shape.rank < 0))) return v;
  char text[EK_SHAPE_TEXT];
  ek_graph_fail(g, EK_INVALID_ARGUMENT, "global step '%s': %s%s, an integer scalar is needed", ek_variable_name(g, v),
                ek_dtype_name(dtype), ek_shape_format(shape, text, sizeof text));
  return (ek_variable){0};
}

ek_variable ek_train_get_or_create_global_step(ek_graph *g) {
  g = ek_named(g, NULL);
  const ek_variable v = ek_train_get_global_step(g);
  if (v.id != 0 || ek_graph_status(g, NULL) != EK_OK) return v;
  static const char *const collections[] = {EK_GLOBAL_VARIABLES, EK_GLOBAL_STEP};
  ek_get_variable_opts opts = EK_GET_VARIABLE_OPTS_INIT;
  opts.dtype = EK_INT64;
  opts.initializer = ek_zeros_initializer();
  opts.trainable = false;
  opts.collections = collections;
  opts.n_collections = 2;
  ek_name_scope_begin(g, NULL);
  const ek_variable made = ek_get_variable(g, "global_step", ek_shape_scalar(), &opts);
  ek_name_scope_end(g);
  return made;
}
