/* SPDX-License-Identifier: Apache-2.0 */
/* The loops of one call of gradients: which are gone through, when their Exits are visited, zeros for what no gradient
 * comes to. */
#include "graph/fill.h"
#include "graph/tape.h"
#include "graph/variables.h"

#include <string.h>

static ek__grad_loop *state_of(const ek__tape *t, const ek__context *forward) {
  ek__grad_loop *l = t->loops;
  while (l != NULL && (forward == NULL || l->forward != forward)) l = l->next;
  return l;
}

void ek__tape_add_loop(ek__tape *t, int32_t exit_op) {
  ek_graph *g = t->g;
  ek__context *forward = ek__context_loop(ek__tape_node(t, exit_op)->context);
  if (forward == NULL) {
    ek_graph_fail(g, EK_INVALID_ARGUMENT,
                  "gradients: the loop that '%s' leaves is known by its nodes only; import it with its MetaGraphDef",
                  ek_op_name(g, (ek_op){exit_op}));
    return;
  }
  if (state_of(t, forward) != NULL) return;
  ek__grad_loop *l = ek__grad_loop_new(g, forward, state_of(t, ek__context_loop(forward->parent)));
  if (l == NULL) return;
  if (t->last_loop == NULL)
    t->loops = l;
  else
    t->last_loop->next = l;
  t->last_loop = l;
  for (int i = 0; i < l->exits.n; i++) {
    const int32_t op = l->exits.at[i].op;
    if (op > t->n_ops || (t->flags[op] & EK__BETWEEN)) continue;
    t->flags[op] |= EK__BETWEEN;
    ek__tape_push(t, op);
  }
}

ek__grad_loop *ek__tape_loop_of(const ek__tape *t, ek_op op, bool before) {
  if (t->loops == NULL) return NULL;
  ek__context *c = before ? ek__output_context(t->g, op) : ek__node_of(t->g, op)->context;
  return state_of(t, ek__context_loop(c));
}

bool ek__is_loop_switch(const ek_graph *g, ek_op op) {
  const ek__node *n = ek__node_of(g, op);
  if (strcmp(n->type, "Switch") != 0 && strcmp(n->type, "RefSwitch") != 0) return false;
  return strcmp(ek_op_type(g, ek_out_op(n->inputs[1])), "LoopCond") == 0;
}

/* ---- Exits */

/* Zeros for an Exit that is not used, in the context in which gradients was called. */
static ek_out zeros_for_exit(ek__tape *t, ek_out value) {
  ek_graph *g = t->g;
  const ek_shape shape = ek_out_shape(g, value);
  const ek_dtype dtype = ek_out_dtype(g, value);
  const ek__context *forward = ek__node_of(g, ek_out_op(value))->context;
  ek__grad_loop *outer = state_of(t, ek__context_loop(forward->parent));
  ek_out zeros;
  if (outer == NULL)
    return ek_shape_is_known(shape) ? ek__filled(g, shape, dtype, 0.0, "zeros") : ek__zeros_like(g, value, false);
  if (ek_shape_is_known(shape)) {
    ek__context_begin(g, outer->grad);
    zeros = ek__filled(g, shape, dtype, 0.0, "zeros");
    ek__context_end(g);
    return zeros;
  }
  ek__context_begin(g, forward->parent);
  const ek_out size = ek__shape_of(g, value, false);
  ek__context_end(g);
  const ek_out stack = ek__grad_loop_push(g, outer, size, false);
  ek__context_begin(g, outer->grad);
  zeros = ek__fill(g, ek__grad_loop_pop(g, outer, stack, size, false), dtype, 0.0, "zeros");
  ek__context_end(g);
  return zeros;
}

static void give_zeros(ek__tape *t, ek_out exit) {
  if (ek__trainable(ek_out_dtype(t->g, exit))) ek__tape_add(t, exit, zeros_for_exit(t, exit));
}

void ek__tape_unused_exits(ek__tape *t) {
  ek__out_list all = {0};
  for (ek__grad_loop *l = t->loops; l != NULL; l = l->next) {
    for (int i = 0; i < l->exits.n; i++) {
      const ek_out exit = l->exits.at[i];
      if (exit.op > t->n_ops || t->pending[exit.op] != 0) continue;
      l->pending_exits--;
      if (!(t->flags[exit.op] & EK__IS_Y)) ek__out_list_add(t->g, &l->unused, exit);
      for (int k = 0; l->pending_exits == 0 && k < l->unused.n; k++) ek__out_list_add(t->g, &all, l->unused.at[k]);
    }
    for (int i = 0; i < l->forward->enters.n; i++) {
      const int32_t op = l->forward->enters.at[i].op;
      if (op <= t->n_ops && t->pending[op] == 0) t->pending[op] = 1;
    }
  }
  for (int i = 0; i < all.n && t->g->status.code == EK_OK; i++) {
    if (!ek__trainable(ek_out_dtype(t->g, all.at[i]))) continue;
    give_zeros(t, all.at[i]);
    ek__tape_push(t, all.at[i].op);
  }
}

void ek__tape_defer_exit(ek__tape *t, ek_out exit) {
  ek__grad_loop *l = ek__tape_loop_of(t, ek_out_op(exit), false);
  if (l == NULL) {
    ek__tape_push(t, exit.op);
    return;
  }
  ek__out_list_add(t->g, &l->deferred, exit);
  if (--l->pending_exits != 0) return;
  bool any = false;
  for (int i = 0; i < l->deferred.n; i++) {
    if (ek__tape_has_gradient(t, l->deferred.at[i])) {
      any = true;
      ek__tape_push(t, l->deferred.at[i].op);
    } else {
      ek__out_list_add(t->g, &l->unused, l->deferred.at[i]);
    }
  }
  for (int i = 0; i < l->unused.n; i++) {
    if (any) give_zeros(t, l->unused.at[i]);
    ek__tape_push(t, l->unused.at[i].op);
  }
}

/* ---- zeros */

bool ek__tape_zeros_in_loop(ek__tape *t, ek_op op, int k, ek_out *zeros) {
  ek_graph *g = t->g;
  *zeros = (ek_out){0, 0};
  if (t->loops == NULL) return false;
  if (ek__is_loop_switch(g, op)) return true;
  ek__context *c = ek__node_of(g, op)->context;
  ek__grad_loop *l = state_of(t, ek__context_loop(c));
  if (l == NULL) return false;
  const char *type = ek_op_type(g, op);
  const bool dead = strcmp(type, "Switch") == 0 || strcmp(type, "RefSwitch") == 0;
  const ek_out value = ek_op_output(op, k);
  const ek_shape shape = ek_out_shape(g, value);
  ek__type of = {.dtype = ek_out_dtype(g, value), .shape = shape};
  const bool resource = of.dtype == EK_RESOURCE;
  if (resource && !ek__resource_type(g, value, &of)) return true;
  if (ek_shape_is_known(shape)) {
    if (resource) {
      const ek_out size = ek_op_output(ek_build(g, "VariableShape", EK_OUTS(value), EK_NO_ATTRS), 0);
      *zeros = ek__fill(g, size, of.dtype, 0.0, "zeros");
    } else {
      *zeros = ek__constant_filled(g, of.dtype, shape, 0.0, NULL);
    }
    if (!dead) return true;
    const ek_out pred = ek__out_map_get(&l->history, c->pred);
    *zeros = ek_op_output(ek__switch_ref_or_tensor(g, *zeros, pred), 1 - c->branch);
    return true;
  }
  ek_out size;
  if (dead) { /* of what goes the other way; both count as in the cond */
    ek__context_begin(g, c->parent);
    const ek_out other = ek_op_output(ek__switch_ref_or_tensor(g, ek_op_input(g, op, 0), c->pred), 1 - c->branch);
    size = ek__shape_of(g, other, false);
    ek__context_end(g);
    if (g->status.code != EK_OK) return true;
    ek__node_of(g, ek_out_op(other))->context = c;
    ek__node_of(g, ek_out_op(size))->context = c;
  } else {
    ek__context_begin(g, c);
    size = ek__shape_of(g, value, false);
    ek__context_end(g);
  }
  ek__grad_loop_leave(g, l);
  const ek_out stack = ek__grad_loop_push(g, l, size, dead);
  ek__grad_loop_return(g);
  *zeros = ek__fill(g, ek__grad_loop_pop(g, l, stack, size, dead), of.dtype, 0.0, "zeros");
  return true;
}

/* ---- the end */

void ek__tape_close_loops(ek__tape *t) {
  ek_graph *g = t->g;
  for (const ek__grad_loop *l = t->loops; l != NULL; l = l->next)
    for (int i = 0; i < l->merges.n && g->status.code == EK_OK; i++) {
      const ek_out merge = l->merges.at[i];
      const ek_out first = ek_op_input(g, ek_out_op(merge), 0), second = ek_op_input(g, ek_out_op(merge), 1);
      if (first.op != second.op || first.index != second.index) continue;
      const ek_shape shape = ek_out_shape(g, first);
      ek_out zeros;
      if (ek_shape_is_known(shape)) {
        ek__context_begin(g, l->grad);
        zeros = ek__constant_filled(g, ek_out_dtype(g, first), shape, 0.0, NULL);
        ek__grad_loop_go_round(g, merge, zeros);
        ek__context_end(g);
        continue;
      }
      if (l->grad->parent != NULL) ek__context_begin(g, l->grad->parent);
      zeros = ek__fill(g, ek__shape_of(g, ek_op_input(g, ek_out_op(first), 0), false), EK_FLOAT32, 0.0, "zeros");
      if (l->grad->parent != NULL) ek__context_end(g);
      ek__context_begin(g, l->grad);
      ek__grad_loop_go_round(g, merge, zeros);
      ek__context_end(g);
    }
}
