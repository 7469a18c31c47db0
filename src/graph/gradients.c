/* SPDX-License-Identifier: Apache-2.0 */
/* tf.gradients: a walk from ys back to xs that builds, for every op between them, its gradient once all the gradients
 * of its outputs are there. Names and order of the nodes are TensorFlow's. Everything known of an op or an output lies
 * in arrays indexed by its number, so that the work is linear. */
#include "evenkeel/gradients.h"

#include "graph/context.h"
#include "graph/fill.h"
#include "graph/grad.h"
#include "graph/indexed_slices.h"
#include "graph/tape.h"
#include "graph/variables.h"

#include <string.h>

/* ---- gradients of one output */

static ek_out add_n(ek__tape *t, ek_outs terms) { return ek_op_output(ek_build(t->g, "AddN", terms, EK_NO_ATTRS), 0); }

static ek_out sum(ek__tape *t, int32_t op, const ek__slot *s) {
  ek_graph *g = t->g;
  ek_status st = EK_STATUS_INIT;
  int n = 0, n_slices = 0;
  for (int32_t c = s->first; c != 0; c = t->pool[c].next) {
    if (ek__grow(g->allocator, &t->terms, &t->cap_terms, n + 1, sizeof *t->terms, &st) != EK_OK)
      return (void)ek__graph_take(g, &st), (ek_out){0, 0};
    n_slices += ek__is_slices(g, t->pool[c].grad);
    t->terms[n++] = t->pool[c].grad;
  }
  if (n == 1) return t->terms[0];
  if (n_slices == n) return ek__slices_join(g, (ek_outs){t->terms, n});
  if (n_slices > 0) return add_n(t, (ek_outs){t->terms, n}); /* of tensors: AddN makes them */
  ek_out total = t->terms[0];
  if (t->o->aggregation_method == EK_EXPERIMENTAL_TREE) {
    (void)ek_name_scope_begin(g, ek__graph_printf(g, "%s_gradient_sum", ek__tape_node(t, op)->name));
    for (int i = 1; i < n; i++) total = add_n(t, EK_OUTS(total, t->terms[i]));
    ek_name_scope_end(g);
  } else {
    ek_colocate_with_begin(g, ek_out_op(total), true);
    total = add_n(t, (ek_outs){t->terms, n});
    ek_colocate_with_end(g);
  }
  return total;
}

/* dy of op: every output's contributions made one. */
static bool aggregate(ek__tape *t, int32_t op) {
  bool any = false;
  const int n = ek__tape_node(t, op)->n_outputs;
  for (int k = 0; k < n; k++) {
    ek__slot *s = ek__tape_slot(t, ek_op_output((ek_op){op}, k));
    t->dy[k] = (ek_out){0, 0};
    if (s->first == 0) continue;
    t->dy[k] = sum(t, op, s);
    t->pool[s->first] = (ek__contribution){t->dy[k], 0};
    s->last = s->first;
    any = true;
  }
  return any && t->g->status.code == EK_OK;
}

/* Zeros for an output of a Switch from which no gradient came: made only if that branch is the one taken. */
static ek_out zeros_of_branch(ek_graph *g, int32_t op, const ek__context *c) {
  const ek_out data = ek_op_input(g, (ek_op){op}, 0);
  ek__type of = {.dtype = ek_out_dtype(g, data)};
  const bool resource = of.dtype == EK_RESOURCE;
  if (resource && !ek__resource_type(g, data, &of)) return (ek_out){0, 0};
  const ek_op sw = ek_build(g, "Switch", EK_OUTS(data, c->pred), EK_NO_ATTRS);
  const ek_out value = ek_op_output(sw, 1 - c->branch);
  const ek_op pivot = ek_build(g, "Identity", EK_OUTS(value), EK_NO_ATTRS);
  ek_out shape = {0, 0};
  if (!resource) shape = ek__shape_of(g, value, false);
  ek_control_dependencies_begin(g, EK_OPS(pivot));
  if (resource) shape = ek_op_output(ek_build(g, "VariableShape", EK_OUTS(value), EK_NO_ATTRS), 0);
  const ek_out zeros = ek__fill(g, shape, of.dtype, 0, "zeros");
  ek_control_dependencies_end(g);
  return zeros;
}

static ek_out zeros_for_output(ek__tape *t, ek_op op, int k) {
  ek_graph *g = t->g;
  const ek_out out = ek_op_output(op, k);
  ek_out in_loop;
  if (ek__tape_zeros_in_loop(t, op, k, &in_loop)) return in_loop;
  const bool is_switch = strcmp(ek_op_type(g, op), "Switch") == 0 || strcmp(ek_op_type(g, op), "RefSwitch") == 0;
  const ek__context *c = ek__node_of(g, op)->context;
  if (is_switch && c != NULL && c->kind == EK__COND) return zeros_of_branch(g, op.id, c);
  if (ek_out_dtype(g, out) == EK_RESOURCE) return (ek_out){0, 0};
  return ek__zeros_like(g, out, false);
}

/* ---- one op */

static void no_gradient(ek_graph *g, const ek__node *n) {
  ek_graph_fail(g, EK_NOT_FOUND, "No gradient defined for operation '%s' (op type: %s)", n->name, n->type);
}

/* The op's own gradient nodes, under "<op>_grad"; dx is filled. */
static void differentiate(ek__tape *t, int32_t op, const ek__node *n) {
  ek_graph *g = t->g;
  for (int k = 0; k < n->n_outputs; k++)
    if (t->dy[k].op == 0 && ek__trainable(n->outputs[k].dtype)) t->dy[k] = zeros_for_output(t, (ek_op){op}, k);
  (void)ek_name_scope_begin(g, ek__graph_printf(g, "%s_grad", n->name));
  ek_grad_context c = {
      .g = g, .op = {op}, .node = n, .dy = t->dy, .n_dy = n->n_outputs, .dx = t->dx, .n_dx = n->n_inputs};
  if (g->status.code == EK_OK && n->def->grad(&c) != EK_OK)
    ek_graph_fail(g, EK_INTERNAL, "gradient of %s '%s' failed", n->type, n->name);
  int given = 0;
  for (int i = 0; i < n->n_inputs; i++) given += t->dx[i].op != 0;
  if (t->o->gate_gradients && given > 1) {
    ek_colocate_with_begin(g, (ek_op){0}, true);
    ek_tuple(g, (ek_outs){t->dx, n->n_inputs}, (ek_ops){NULL, 0}, t->dx);
    ek_colocate_with_end(g);
  }
  ek_name_scope_end(g);
}

/* Hands dx to the inputs. */
static void pass_on(ek__tape *t, const ek__node *n) {
  ek_graph *g = t->g;
  for (int i = 0; i < n->n_inputs; i++) {
    const ek_out x = n->inputs[i], dx = t->dx[i];
    if (dx.op == 0) continue;
    if (ek_out_dtype(g, x) != EK_RESOURCE && !ek__is_slices(g, dx)) {
      char want[EK_SHAPE_TEXT], got[EK_SHAPE_TEXT];
      const ek_shape sx = ek_out_shape(g, x), sd = ek_out_shape(g, dx);
      if (!ek_shape_compatible(sx, sd))
        ek_graph_fail(g, EK_INVALID_ARGUMENT,
                      "Incompatible shapes between op input and calculated input gradient. Forward operation: %s '%s'. "
                      "Input index: %d. Original input shape: %s. Calculated input gradient shape: %s",
                      n->type, n->name, i, ek_shape_format(sx, want, sizeof want),
                      ek_shape_format(sd, got, sizeof got));
      ek_out_set_shape(g, dx, sx);
    }
    ek__tape_add(t, x, dx);
  }
}

static void no_way_in(ek_graph *g, const ek__node *n) {
  ek_graph_fail(
      g, EK_INVALID_ARGUMENT,
      "Cannot compute gradient inside while loop with respect to the initial value of a loop variable ('%s'). "
      "Call gradients outside the loop.",
      n->name);
}

static void visit(ek__tape *t, int32_t op) {
  ek_graph *g = t->g;
  const ek__node n = *ek__tape_node(t, op); /* nodes move while the graph grows */
  if (t->o->colocate_gradients_with_ops) ek_colocate_with_begin(g, (ek_op){op}, false);
  memset(t->dx, 0, (size_t)t->cap_dx * sizeof *t->dx);
  const ek__grad_loop *loop = ek__tape_loop_of(t, (ek_op){op}, true);
  if (loop != NULL) ek__context_begin(g, loop->grad);
  const bool any = aggregate(t, op);
  if (loop != NULL) ek__context_end(g);
  loop = ek__tape_loop_of(t, (ek_op){op}, false);
  if (loop != NULL) ek__context_begin(g, loop->grad);
  if (ek__is_loop_switch(g, (ek_op){op}) && n.context == g->context) no_way_in(g, &n);
  if (any && !(t->flags[op] & EK__STOP) && g->status.code == EK_OK) {
    if (n.def == NULL || (n.def->grad == NULL && !(n.def->flags & EK_OP_NOT_DIFFERENTIABLE)))
      no_gradient(g, &n);
    else if (n.def->grad != NULL)
      differentiate(t, op, &n);
    if (g->status.code == EK_OK) pass_on(t, &n);
  }
  if (loop != NULL) ek__context_end(g);
  if (t->o->colocate_gradients_with_ops) ek_colocate_with_end(g);
  for (int i = 0; i < n.n_inputs; i++) {
    const int32_t from = n.inputs[i].op;
    const int left = --t->pending[from];
    if (left != 0 && !(left > 0 && t->loops != NULL && ek__is_loop_switch(g, (ek_op){from}))) continue;
    if (t->loops != NULL && ek__is_exit_op(g, (ek_op){from}))
      ek__tape_defer_exit(t, n.inputs[i]);
    else
      ek__tape_push(t, from);
  }
}

/* ---- the whole */

static ek_out default_grad_y(ek__tape *t, ek_outs ys, int i) {
  ek_graph *g = t->g;
  const ek_out y = ys.at[i];
  ek_out dy = i < t->o->grad_ys.n ? t->o->grad_ys.at[i] : (ek_out){0, 0};
  const char *name = ek__graph_printf(g, "grad_ys_%d", i);
  if (dy.op == 0) return ek__fill(ek_named(g, name), ek__shape_of(g, y, true), ek_out_dtype(g, y), 1.0, "ones");
  dy = ek_convert(g, dy, ek_out_dtype(g, y), ek__graph_printf(g, "grad_y_%d", i));
  const ek_dtype dtype = ek_out_dtype(g, dy);
  if (!ek_dtype_is_floating(dtype) && !ek_dtype_is_integer(dtype))
    ek_graph_fail(g, EK_INVALID_ARGUMENT,
                  "gradients: grad_ys[%d] is %s; a gradient of '%s' (%s) must be real or integer", i,
                  ek_dtype_name(dtype), ek_op_name(g, ek_out_op(y)), ek_dtype_name(ek_out_dtype(g, y)));
  return ek_op_output(ek_build(ek_named(g, name), "Identity", EK_OUTS(dy), EK_NO_ATTRS), 0);
}

static bool all_exist(ek_graph *g, ek_outs outs, const char *what) {
  for (int i = 0; i < outs.n; i++)
    if (ek__type_of(g, outs.at[i]) == NULL) {
      ek_graph_fail(g, EK_INVALID_ARGUMENT, "gradients: %s[%d] is no output of this graph", what, i);
      return false;
    }
  return true;
}

static bool check(ek_graph *g, ek_outs ys, ek_outs xs, const ek_gradients_opts *o) {
  if (o->version != 1u) {
    ek_graph_fail(g, EK_INVALID_ARGUMENT, "gradients: options of version %u; start from EK_GRADIENTS_OPTS_INIT",
                  o->version);
    return false;
  }
  if (o->grad_ys.n != 0 && o->grad_ys.n != ys.n) {
    ek_graph_fail(g, EK_INVALID_ARGUMENT, "gradients: %d grad_ys for %d ys", o->grad_ys.n, ys.n);
    return false;
  }
  return all_exist(g, ys, "ys") && all_exist(g, xs, "xs") && all_exist(g, o->stop_gradients, "stop_gradients");
}

void ek_gradients(ek_graph *g, ek_outs ys, ek_outs xs, const ek_gradients_opts *options, ek_out *dx) {
  static const ek_gradients_opts defaults = EK_GRADIENTS_OPTS_INIT;
  const char *name = ek__unname(&g);
  ek__tape t = {.g = g, .o = options != NULL ? options : &defaults};
  for (int i = 0; i < xs.n; i++) dx[i] = (ek_out){0, 0};
  if (!ek__graph_ok(g) || !check(g, ys, xs, t.o)) return;
  (void)ek_name_scope_begin(g, name != NULL ? name : "gradients");
  (void)ek_unique_name(g, "uid", true); /* TensorFlow hands out this name here: later ones must not get it */
  ek_out *grad_ys = ek__graph_alloc(g, (size_t)ys.n + 1, sizeof *grad_ys);
  if (ek__tape_init(&t) && grad_ys != NULL) {
    for (int i = 0; i < ys.n; i++) {
      if (t.o->colocate_gradients_with_ops) ek_colocate_with_begin(g, ek_out_op(ys.at[i]), false);
      grad_ys[i] = default_grad_y(&t, ys, i);
      if (t.o->colocate_gradients_with_ops) ek_colocate_with_end(g);
    }
    if (g->status.code == EK_OK) ek__tape_plan(&t, ys, xs);
    for (int i = 0; g->status.code == EK_OK && i < ys.n; i++) ek__tape_add(&t, ys.at[i], grad_ys[i]);
    if (g->status.code == EK_OK && t.loops != NULL) ek__tape_unused_exits(&t);
    if (g->status.code == EK_OK) ek__tape_mark_stops(&t, xs);
    while (t.head < t.tail && g->status.code == EK_OK) visit(&t, t.queue[t.head++]);
    if (g->status.code == EK_OK) ek__tape_close_loops(&t);
  }
  ek_name_scope_end(g);
  for (int i = 0; g->status.code == EK_OK && i < xs.n; i++) {
    const ek__slot *s = ek__tape_slot(&t, xs.at[i]);
    if (s->first != 0)
      dx[i] = t.pool[s->first].grad;
    else if (t.o->unconnected_zero)
      dx[i] = ek__zeros_like(g, xs.at[i], true);
  }
  ek__tape_fini(&t);
}
