/* SPDX-License-Identifier: Apache-2.0 */
#include "graph/grad_loop.h"

#include "graph/fill.h"

#include <string.h>

static ek_out op2(ek_graph *g, const char *name, const char *type, ek_out a, ek_out b) {
  return ek_op_output(ek_build(ek_named(g, name), type, EK_OUTS(a, b), EK_NO_ATTRS), 0);
}

static ek_op plain_switch(ek_graph *g, ek_out data, ek_out pred) {
  return ek_build(g, "Switch", EK_OUTS(data, pred), EK_NO_ATTRS);
}

static ek_op producer_of(const ek_graph *g, ek_out next_iteration) {
  return ek_out_op(ek_op_input(g, ek_out_op(next_iteration), 0));
}

static void add_control(ek_graph *g, ek_op op, ek_op control) {
  if (op.id != 0 && control.id != 0 && !ek__node_has_control(g, op, control)) ek__node_add_control(g, op, control);
}

void ek__grad_loop_leave(ek_graph *g, const ek__grad_loop *l) { ek__context_begin(g, l->called_in); }

void ek__grad_loop_return(ek_graph *g) { ek__context_end(g); }

void ek__grad_loop_go_round(ek_graph *g, ek_out merge, ek_out value) {
  const ek_out next = ek__next_iteration(g, value);
  if (g->status.code == EK_OK) ek__node_set_input(g, ek_out_op(merge), 1, next);
}

/* ---- the two counters */

/* n = 0; while (pivot) n++; returns how often, and sets the index. */
static ek_out count_forward(ek_graph *g, ek__grad_loop *l) {
  ek__context *c = l->forward;
  const ek_out n = ek_convert(g, ek_integer(g, 0), EK_INT32, "f_count");
  if (l->outer != NULL) add_control(g, ek_out_op(n), producer_of(g, l->outer->forward_index));
  ek__context_begin(g, c);
  ek__context_add_name(g, c, n);
  const ek_out entered = ek__enter(ek_named(g, "f_count"), c, n, false, true);
  ek__out_list_add(g, &c->enters, entered);
  const ek_out merged = ek__merge(g, entered, entered);
  const ek_op chosen = plain_switch(g, merged, c->pivot);
  const ek_out index = op2(g, "Add", "AddV2", ek_op_output(chosen, 1), ek_integer(g, 1));
  l->forward_index = ek__next_iteration(g, index);
  if (g->status.code == EK_OK) ek__node_set_input(g, ek_out_op(merged), 1, l->forward_index);
  const ek_out total = ek__exit(ek_named(g, "f_count"), ek_op_output(chosen, 0));
  ek__out_list_add(g, &c->exits, total);
  ek__exit_result(g, c, total);
  ek__context_end(g);
  return total;
}

static ek_op grad_sync(ek_graph *g, ek__grad_loop *l);

/* n = count; while (n >= 1) n--; */
static void count_back(ek_graph *g, ek__grad_loop *l, ek_out count) {
  ek__context *c = l->grad;
  const ek_out one = ek_convert(g, ek_integer(g, 1), EK_INT32, "b_count");
  ek__context_begin(g, c);
  ek__context_add_name(g, c, count);
  const ek_out entered = ek__enter(ek_named(g, "b_count"), c, count, false, true);
  ek__out_list_add(g, &c->enters, entered);
  const ek_out merged = ek__merge(g, entered, entered);
  c->pivot_for_pred = merged;
  const ek_out more = op2(g, "GreaterEqual", "GreaterEqual", merged, one);
  c->pivot = ek_op_output(ek_build(ek_named(g, "b_count"), "LoopCond", EK_OUTS(more), EK_NO_ATTRS), 0);
  const ek_op chosen = plain_switch(g, merged, c->pivot);
  const ek_out index = op2(g, "Sub", "Sub", ek_op_output(chosen, 1), one);
  c->pivot_for_body = index;
  l->grad_index = ek__next_iteration(g, index);
  if (g->status.code == EK_OK) ek__node_set_input(g, ek_out_op(merged), 1, l->grad_index);
  const ek_out zero = ek__exit(ek_named(g, "b_count"), ek_op_output(chosen, 0));
  ek__out_list_add(g, &c->exits, zero);
  if (l->outer != NULL) add_control(g, grad_sync(g, l->outer), ek_out_op(zero));
  ek__exit_result(g, c, zero);
  ek__context_end(g);
}

static ek__context *context_back(ek_graph *g, ek__grad_loop *l) {
  ek__context *c = ek__context_new(g, EK__WHILE, l->forward->name);
  if (c == NULL) return NULL;
  c->parallel_iterations = l->forward->parallel_iterations;
  c->back_prop = l->forward->back_prop;
  c->swap_memory = l->forward->swap_memory;
  c->maximum_iterations = l->forward->maximum_iterations;
  c->grad = l;
  return c;
}

ek__grad_loop *ek__grad_loop_new(ek_graph *g, ek__context *forward, ek__grad_loop *outer) {
  ek__grad_loop *l = ek__graph_alloc(g, 1, sizeof *l);
  if (l == NULL) return NULL;
  *l = (ek__grad_loop){.forward = forward, .outer = outer, .called_in = g->context, .pending_exits = forward->exits.n};
  for (int i = 0; i < forward->exits.n; i++) ek__out_list_add(g, &l->exits, forward->exits.at[i]);
  ek__context *around = outer != NULL ? outer->forward : forward->parent;
  if (around != NULL) ek__context_begin(g, around);
  ek_out count = count_forward(g, l);
  if (around != NULL) ek__context_end(g);
  if (g->status.code != EK_OK) return NULL;
  if (outer != NULL) { /* how often each time */
    ek__context_add_name(g, outer->forward, count);
    const ek_out history = ek__grad_loop_push(g, outer, count, false);
    ek__context_begin(g, outer->grad);
    l->grad = context_back(g, l);
    count = ek__grad_loop_pop(g, outer, history, count, false);
    if (l->grad != NULL) count_back(g, l, count);
    ek__context_end(g);
  } else {
    if (around != NULL) ek__context_begin(g, around);
    l->grad = context_back(g, l);
    if (l->grad != NULL) count_back(g, l, count);
    if (around != NULL) ek__context_end(g);
  }
  return g->status.code == EK_OK ? l : NULL;
}

/* ---- what the way back knows of the way there */

static ek_op sync_of(ek_graph *g, const char *name, ek__context *c, ek_out index) {
  ek_control_dependencies_clear_begin(g);
  const ek_op sync = ek_build(ek_named(g, name), "ControlTrigger", ((ek_outs){NULL, 0}), EK_NO_ATTRS);
  ek_control_dependencies_end(g);
  if (sync.id == 0) return sync;
  ek__node_of(g, sync)->context = c;
  ek__node_of(g, sync)->not_fetchable = true;
  add_control(g, ek_out_op(index), sync);
  return sync;
}

static ek_op forward_sync(ek_graph *g, ek__grad_loop *l) {
  if (l->forward_sync.id == 0) l->forward_sync = sync_of(g, "f_sync", l->forward, l->forward_index);
  return l->forward_sync;
}

static ek_op grad_sync(ek_graph *g, ek__grad_loop *l) {
  if (l->grad_sync.id == 0) l->grad_sync = sync_of(g, "b_sync", l->grad, l->grad_index);
  return l->grad_sync;
}

ek_out ek__grad_loop_push(ek_graph *g, ek__grad_loop *l, ek_out value, bool dead_branch) {
  ek__context *current = g->context;
  ek_control_dependencies_clear_begin(g);
  if (current != NULL) ek__context_begin(g, current);
  ek_colocate_with_begin(g, ek_out_op(value), false);
  const ek_out any = ek_convert(g, ek_integer(g, -1), EK_INT32, NULL);
  const ek_out stack = ek_op_output(ek_build(ek_named(g, "f_acc"), "StackV2", EK_OUTS(any),
                                             EK_ATTRS(EK_TYPE_ATTR("elem_type", ek_out_dtype(g, value)))),
                                    0);
  ek_colocate_with_end(g);
  if (current != NULL) ek__context_end(g);
  const ek_out inside = ek__context_add_value(g, l->forward, stack);
  ek__context *of = ek__output_context(g, ek_out_op(value));
  const bool in_cond = of != l->forward;
  if (in_cond && (of == NULL || of->kind != EK__COND))
    ek_graph_fail(g, EK_INTERNAL, "gradients: '%s' is in no cond of its loop", ek_op_name(g, ek_out_op(value)));
  if (g->status.code != EK_OK) return ek_control_dependencies_end(g), stack;
  ek__context_begin(g, dead_branch && in_cond ? of->parent : of);
  const ek_op push = ek_build(g, "StackPushV2", EK_OUTS(inside, value),
                              EK_ATTRS(EK_BOOL_ATTR("swap_memory", l->forward->swap_memory)));
  ek__context_end(g);
  if (push.id != 0 && dead_branch && in_cond) ek__node_of(g, push)->context = of;
  add_control(g, in_cond ? forward_sync(g, l) : ek_out_op(l->forward_index), push);
  add_control(g, push, producer_of(g, l->forward_index));
  ek_control_dependencies_end(g);
  return stack;
}

/* The cond between the value and where its stack was made, if any: a pop is made only where a push was. */
static ek__context *cond_of(const ek_graph *g, ek_out stack, ek_out value) {
  const ek__context *stop = ek__node_of(g, ek_out_op(stack))->context;
  for (ek__context *c = ek__node_of(g, ek_out_op(value))->context; c != NULL && c != stop; c = c->parent)
    if (c->kind == EK__COND) return c;
  return NULL;
}

ek_out ek__grad_loop_pop(ek_graph *g, ek__grad_loop *l, ek_out stack, ek_out value, bool dead_branch) {
  if (g->status.code != EK_OK) return stack;
  ek__context *cond = cond_of(g, stack, value);
  ek_control_dependencies_clear_begin(g);
  ek__context_begin(g, l->grad);
  if (cond != NULL) {
    ek_out pred = {0, 0};
    for (const ek__grad_loop *s = l; s != NULL && pred.op == 0; s = s->outer)
      pred = ek__out_map_get(&s->history, cond->pred);
    if (pred.op == 0) pred = cond->pred;
    stack = ek_op_output(ek__switch_ref_or_tensor(g, stack, pred), dead_branch ? 1 - cond->branch : cond->branch);
  }
  const ek_out popped = ek_op_output(
      ek_build(g, "StackPopV2", EK_OUTS(stack), EK_ATTRS(EK_TYPE_ATTR("elem_type", ek_out_dtype(g, value)))), 0);
  if (g->status.code == EK_OK) ek_out_set_shape(g, popped, ek_out_shape(g, value));
  ek__context_end(g);
  ek_control_dependencies_end(g);
  if (l->grad->parallel_iterations > 1) add_control(g, grad_sync(g, l), ek_out_op(popped));
  return popped;
}

/* The constant Enter that value comes from unchanged; none: from nowhere else. */
static ek_op constant_enter_of(const ek_graph *g, ek_out value) {
  ek_op op = ek_out_op(value);
  for (const char *type = ek_op_type(g, op); strcmp(type, "Switch") == 0 || strcmp(type, "RefSwitch") == 0 ||
                                             strcmp(type, "Identity") == 0 || strcmp(type, "RefIdentity") == 0;
       type = ek_op_type(g, op))
    op = ek_out_op(ek_op_input(g, op, 0));
  return ek__is_constant_enter(g, op) ? op : (ek_op){0};
}

ek_out ek__grad_loop_real_value(ek_graph *g, ek__grad_loop *l, ek_out value) {
  ek_out real = ek__out_map_get(&l->history, value);
  if (real.op != 0) return real;
  ek_out from = value;
  ek__grad_loop *of = l;
  for (ek_op entered = constant_enter_of(g, from); entered.id != 0 && of != NULL;
       entered = of != NULL ? constant_enter_of(g, from) : (ek_op){0}) {
    from = ek_op_input(g, entered, 0);
    of = of->outer;
  }
  if (of == NULL) { /* outside of all loops that are gone over: the same in all iterations */
    real = ek__context_add_value(g, l->grad, from);
  } else if (strcmp(ek_op_type(g, ek_out_op(from)), "Const") == 0) {
    real = ek_constant(g, ek_op_attr(g, ek_out_op(from), "value")->v.tensor);
  } else {
    ek__grad_loop_leave(g, l);
    const ek_out stack = ek__grad_loop_push(g, of, from, false);
    ek__grad_loop_return(g);
    real = ek__grad_loop_pop(g, of, stack, from, false);
    if (of != l) real = ek__context_add_value(g, l->grad, real);
  }
  ek__out_map_set(g, &l->history, value, real);
  return real;
}

ek_out ek__grad_loop_real_pred(ek_graph *g, ek__grad_loop *l, ek_out pred) {
  ek_out real = ek__out_map_get(&l->history, pred);
  if (real.op != 0) return real;
  ek__grad_loop_leave(g, l);
  const ek_out stack = ek__grad_loop_push(g, l, pred, false);
  ek__grad_loop_return(g);
  real = ek__grad_loop_pop(g, l, stack, pred, false);
  ek__out_map_set(g, &l->history, pred, real);
  return real;
}

/* ---- loop invariants */

static ek_out first_of_sum(ek_graph *g, ek__grad_loop *l, ek_op enter, ek_out dy) {
  const ek_shape shape = ek_out_shape(g, dy);
  const ek_dtype dtype = ek_out_dtype(g, dy);
  ek__context *around = l->grad->parent;
  ek_out zeros;
  if (ek_shape_is_known(shape)) {
    if (around != NULL) ek__context_begin(g, around);
    zeros = ek__constant_filled(g, dtype, shape, 0.0, "b_acc");
    if (around != NULL) ek__context_end(g);
    return zeros;
  }
  const ek_out value = ek_op_input(g, enter, 0);
  if (around != NULL && around->kind == EK__WHILE && around->grad != NULL) { /* a loop in a loop */
    ek__context_begin(g, l->forward->parent);
    const ek_out size = ek__shape_of(g, value, false);
    ek__context_end(g);
    const ek_out stack = ek__grad_loop_push(g, l->outer, size, false);
    ek__context_begin(g, around);
    const ek_out real = ek__grad_loop_pop(g, l->outer, stack, size, false);
    zeros = ek__fill(g, real, dtype, 0.0, "zeros");
    ek__context_end(g);
    return zeros;
  }
  if (around != NULL) ek__context_begin(g, around);
  zeros = ek__fill(g, ek__shape_of(g, value, false), dtype, 0.0, "zeros");
  if (around != NULL) ek__context_end(g);
  return zeros;
}

ek_out ek__grad_loop_accumulate(ek_graph *g, ek__grad_loop *l, ek_op enter, ek_out dy) {
  ek__context *c = l->grad;
  ek_indexed_slices slices;
  if (ek_indexed_slices_of(g, dy, &slices)) return ek__grad_loop_accumulate_slices(g, l, enter, slices);
  ek__grad_loop_leave(g, l);
  const ek_out zeros = first_of_sum(g, l, enter, dy);
  ek__grad_loop_return(g);
  ek__context_add_name(g, c, zeros);
  const ek_out entered = ek__enter(ek_named(g, "b_acc"), c, zeros, false, true);
  ek__out_list_add(g, &c->enters, entered);
  const ek_out merged = ek__merge(ek_named(g, "b_acc"), entered, entered);
  const ek_op chosen = plain_switch(g, merged, c->pivot);
  ek__grad_loop_go_round(g, merged, op2(g, "Add", "AddV2", ek_op_output(chosen, 1), dy));
  const ek_out total = ek__exit(ek_named(g, "b_acc"), ek_op_output(chosen, 0));
  ek__out_list_add(g, &c->exits, total);
  ek__exit_result(g, c, total);
  return total;
}
