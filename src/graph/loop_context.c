/* SPDX-License-Identifier: Apache-2.0 */
/* What a loop makes of the ops that are built in it: values from outside enter once and stay, control inputs do not
 * come in from outside, and what would run without waiting for an iteration waits for its pivot. */
#include "graph/grad_loop.h"

#include <string.h>

void ek__out_list_add(ek_graph *g, ek__out_list *l, ek_out out) {
  if (l->n == l->cap) {
    const int cap = l->cap == 0 ? 8 : 2 * l->cap;
    ek_out *grown = ek__graph_alloc(g, (size_t)cap, sizeof *grown);
    if (grown == NULL) return;
    if (l->n > 0) memcpy(grown, l->at, (size_t)l->n * sizeof *grown);
    l->at = grown;
    l->cap = cap;
  }
  l->at[l->n++] = out;
}

void ek__context_begin(ek_graph *g, ek__context *c) {
  if (ek__push_frame(g, EK__FRAME_OTHER, "a loop") != NULL) g->context = c;
}

void ek__context_end(ek_graph *g) { ek__pop_frame(g, EK__FRAME_OTHER); }

/* ---- the ops of a loop */

ek_out ek__enter(ek_graph *g, const ek__context *c, ek_out value, bool constant, bool keep_shape) {
  const char *name = ek__unname(&g);
  const char *type = ek_out_is_ref(g, value) ? "RefEnter" : "Enter";
  const ek_op op = ek_build(name != NULL ? ek_named(g, name) : g, type, EK_OUTS(value),
                            EK_ATTRS(EK_STRING_ATTR("frame_name", c->name), EK_BOOL_ATTR("is_constant", constant),
                                     EK_INT_ATTR("parallel_iterations", c->parallel_iterations)));
  const ek_out entered = ek_op_output(op, 0);
  if (op.id != 0 && keep_shape) ek_out_set_shape(g, entered, ek_out_shape(g, value));
  return entered;
}

ek_out ek__merge(ek_graph *g, ek_out a, ek_out b) {
  const char *name = ek__unname(&g);
  const char *type = ek_out_is_ref(g, a) ? "RefMerge" : "Merge";
  return ek_op_output(ek_build(name != NULL ? ek_named(g, name) : g, type, EK_OUTS(a, b), EK_NO_ATTRS), 0);
}

ek_out ek__exit(ek_graph *g, ek_out value) {
  const char *name = ek__unname(&g);
  const char *type = ek_out_is_ref(g, value) ? "RefExit" : "Exit";
  return ek_op_output(ek_build(name != NULL ? ek_named(g, name) : g, type, EK_OUTS(value), EK_NO_ATTRS), 0);
}

ek_out ek__next_iteration(ek_graph *g, ek_out value) {
  const char *type = ek_out_is_ref(g, value) ? "RefNextIteration" : "NextIteration";
  return ek_op_output(ek_build(g, type, EK_OUTS(value), EK_NO_ATTRS), 0);
}

void ek__exit_result(ek_graph *g, const ek__context *c, ek_out result) {
  if (c->parent != NULL) ek__context_add_name(g, c->parent, result);
}

/* ---- values */

/* An open block reaches an Enter only from contexts between the loop and the one around it. */
static bool reaches(const ek_graph *g, const ek__context *c, ek_op control) {
  const ek__context *of = ek__output_context(g, control), *outer = c->parent;
  const ek__context *stop = ek__context_loop(c->parent);
  for (; outer != of; outer = outer->parent)
    if (outer == NULL || outer == stop) return false;
  return true;
}

void ek__enter_settle(ek_graph *g, ek__context *c, ek_out entered) {
  const ek_op op = ek_out_op(entered);
  ek__node *n = ek__node_of(g, op);
  if (n == NULL) return;
  const int own = n->n_controls;
  ek__apply_control_block(g, op);
  n = ek__node_of(g, op);
  int kept = own;
  for (int i = own; i < n->n_controls; i++)
    if (reaches(g, c, (ek_op){n->controls[i]})) n->controls[kept++] = n->controls[i];
  n->n_controls = kept;
  n->context = c;
  n->block = g->block;
}

ek_out ek__loop_add_value(ek_graph *g, ek__context *c, ek_out value) {
  const ek__context *current = ek__context_loop(g->context);
  if (current != NULL && current->grad != NULL &&
      ek__context_loop(ek__output_context(g, ek_out_op(value))) == current->grad->forward) {
    const ek_out real = ek__grad_loop_real_value(g, current->grad, value);
    ek__context_set_external(g, c, value, real);
    return real;
  }
  const ek_out outside = c->parent != NULL ? ek__context_add_value(g, c->parent, value) : value;
  ek_control_dependencies_clear_begin(g);
  const ek_out entered = ek__enter(g, c, outside, true, true);
  ek_control_dependencies_end(g);
  ek__node *n = ek__node_of(g, ek_out_op(entered));
  if (n == NULL) return value;
  n->not_feedable = true;
  ek__enter_settle(g, c, entered);
  ek__context_set_external(g, c, value, entered);
  return entered;
}

/* ---- ops */

int ek__remove_external_controls(ek_graph *g, ek__context *c, ek_op op, ek_op *external, int max) {
  const ek__context *loop = ek__context_loop(c);
  ek__node *n = ek__node_of(g, op);
  int kept = 0, n_external = 0;
  if (loop == NULL) return 0;
  for (int i = 0; i < n->n_controls; i++) {
    const ek_op control = {n->controls[i]};
    if (ek__context_loop(ek__output_context(g, control)) == loop)
      n->controls[kept++] = control.id;
    else if (n_external < max && ek_op_num_outputs(g, control) > 0)
      external[n_external++] = control;
  }
  n->n_controls = kept;
  return n_external;
}

static bool waits_for_nothing(const ek_graph *g, ek_op op) {
  const ek__node *n = ek__node_of(g, op);
  if (n->n_controls > 0) return false;
  for (int i = 0; i < n->n_inputs; i++)
    if (!ek__is_constant_enter(g, ek_out_op(n->inputs[i]))) return false;
  return true;
}

/* The order of an op's edges as TensorFlow keeps them: inputs, then control inputs; where an input is replaced, the
 * last edge takes its place, and the new one comes last. The order of the control inputs gives names. */
typedef struct edges {
  int at[8], n; /* more are in no order that could be told */
} edges;

static edges edges_of(const ek__node *n) {
  edges e = {.n = n->n_inputs + n->n_controls};
  for (int i = 0; i < e.n && i < (int)(sizeof e.at / sizeof e.at[0]); i++) e.at[i] = i;
  return e;
}

static void replaced(edges *e, int input) {
  int i = 0;
  if (e->n > (int)(sizeof e->at / sizeof e->at[0])) return;
  while (e->at[i] != input) i++;
  e->at[i] = e->at[e->n - 1];
  e->at[e->n - 1] = input;
}

static void order_controls(ek__node *n, const edges *e) {
  int32_t in_order[sizeof e->at / sizeof e->at[0]];
  int kept = 0;
  if (e->n > (int)(sizeof e->at / sizeof e->at[0]) || e->n != n->n_inputs + n->n_controls) return;
  for (int i = 0; i < e->n; i++)
    if (e->at[i] >= n->n_inputs) in_order[kept++] = n->controls[e->at[i] - n->n_inputs];
  if (kept > 0) memcpy(n->controls, in_order, (size_t)kept * sizeof *in_order);
}

static void add_op(ek_graph *g, ek__context *c, ek_op op) {
  enum { MOST = 64 };
  ek_op external[MOST];
  const int n_inputs = ek_op_num_inputs(g, op);
  edges e = edges_of(ek__node_of(g, op));
  for (int i = 0; i < n_inputs; i++) {
    const ek_out x = ek_op_input(g, op, i), real = ek__context_add_value(g, c, x);
    if (real.op == x.op && real.index == x.index) continue;
    ek__node_set_input(g, op, i, real);
    replaced(&e, i);
  }
  order_controls(ek__node_of(g, op), &e);
  const int n_external = ek__remove_external_controls(g, c, op, external, MOST);
  if (n_inputs == 0 ? ek__node_of(g, op)->n_controls == 0 : waits_for_nothing(g, op)) {
    const ek_out pivot = c->pivot_for_body.op != 0 ? c->pivot_for_body : c->pivot_for_pred;
    if (pivot.op != 0) ek__node_add_control(g, op, ek_out_op(pivot));
  }
  for (int i = 0; i < n_external; i++) { /* what was waited for comes in as data */
    ek_control_dependencies_clear_begin(g);
    ek__context_begin(g, c);
    const ek_op inside = ek_build(g, "Identity", EK_OUTS(ek_op_output(external[i], 0)), EK_NO_ATTRS);
    ek__context_end(g);
    ek_control_dependencies_end(g);
    if (inside.id != 0) ek__node_add_control(g, op, inside);
  }
  ek__node *n = ek__node_of(g, op);
  if (c->parent != NULL || !ek__is_exit_op(g, op)) n->not_fetchable = n->not_feedable = true;
}

/* A shape is taken in the forward loop, so that not the whole tensor has to be kept for the way back. */
static ek__context *forward_of_shape(const ek_graph *g, ek_op op) {
  const char *type = ek_op_type(g, op);
  const ek__context *current = ek__context_loop(g->context);
  if (current == NULL || current->grad == NULL) return NULL;
  if (strcmp(type, "Shape") != 0 && strcmp(type, "Size") != 0 && strcmp(type, "Rank") != 0) return NULL;
  ek__context *of = ek__node_of(g, ek_out_op(ek_op_input(g, op, 0)))->context;
  return of != NULL && ek__context_loop(of) == current->grad->forward ? of : NULL;
}

void ek__loop_add_op(ek_graph *g, ek__context *c, ek_op op) {
  ek__context *forward = forward_of_shape(g, op);
  if (forward == NULL) {
    add_op(g, c, op);
    return;
  }
  ek__node_of(g, op)->context = forward;
  if (forward->kind == EK__COND)
    ek__cond_add_op(g, forward, op);
  else
    add_op(g, forward, op);
}
