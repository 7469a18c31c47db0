/* SPDX-License-Identifier: Apache-2.0 */
/* Switch, Merge and their reference forms. The planner turns them into guards; none of them runs. */
#include "graph/grad.h"
#include "graph/grad_loop.h"
#include "graph/indexed_slices.h"
#include "ops/run.h"

/* ---- gradients: a Switch turns into a Merge and back */

static ek_out merge(ek_graph *g, const char *name, ek_out a, ek_out b) {
  if (ek__is_slices(g, a) || ek__is_slices(g, b)) return ek__slices_merge(ek_named(g, name), a, b);
  return ek_op_output(ek_build(ek_named(g, name), "Merge", EK_OUTS(a, b), EK_NO_ATTRS), 0);
}

static ek_out plain_switch(ek_graph *g, ek_out data, ek_out pred, int branch) {
  return ek_op_output(ek_build(g, "Switch", EK_OUTS(data, pred), EK_NO_ATTRS), branch);
}

/* In a loop a Switch is visited twice: first the gradient that comes from the Exit begins the way back, then the one of
 * the iteration closes the round. */
static ek_code grad_loop_switch(ek_grad_context *c) {
  ek_graph *g = c->g;
  ek__context *back = ek__context_loop(g->context);
  const ek_out from = ek__grad_out(c, 0);
  if (back == NULL || back->grad == NULL) return EK_OK;
  const ek_out met = ek__out_map_get(&back->grad->switches, from);
  if (met.op != 0) {
    if (c->dy[1].op != 0) ek__grad_loop_go_round(g, met, c->dy[1]);
  } else if (c->dy[0].op != 0) {
    c->dx[0] = ek__merge(ek_named(g, "b_switch"), c->dy[0], c->dy[0]);
    ek__out_map_set(g, &back->grad->switches, from, c->dx[0]);
    ek__out_list_add(g, &back->grad->merges, c->dx[0]);
  }
  return EK_OK;
}

/* In a cond, the branch that did not use the value has got zeros under the same predicate, or nothing if its type has
 * no zeros. */
static ek_code grad_switch(ek_grad_context *c) {
  ek_graph *g = c->g;
  const ek_out dy0 = c->dy[0], dy1 = c->dy[1], pred = ek__grad_in(c, 1);
  const ek__context *context = c->node->context;
  if (context != NULL && context->kind == EK__WHILE) return grad_loop_switch(c);
  if (context != NULL && context->kind == EK__COND) {
    const ek_out taken = c->dy[context->branch];
    if (dy0.op != 0 && dy1.op != 0)
      c->dx[0] = merge(g, "cond_grad", dy0, dy1);
    else if (taken.op != 0 && ek_out_dtype(g, ek__grad_in(c, 0)) == EK_RESOURCE)
      c->dx[0] = merge(g, "cond_resource_grad", taken, taken);
  } else if (dy0.op != 0 && dy1.op != 0) {
    const ek_out when_false = plain_switch(g, dy0, pred, 0);
    c->dx[0] = merge(g, NULL, when_false, plain_switch(g, dy1, pred, 1));
  }
  return EK_OK;
}

static ek_code grad_merge(ek_grad_context *c) {
  ek_graph *g = c->g;
  const ek__context *from = ek__output_context(g, ek_out_op(ek__grad_in(c, 0)));
  ek__context *back = ek__context_loop(g->context);
  if (from != NULL && from->kind == EK__WHILE) {
    const ek_op op = ek__switch_ref_or_tensor(g, c->dy[0], back != NULL ? back->pivot : from->pivot);
    for (int i = 0; i < c->n_dx && i < 2; i++) c->dx[i] = ek_op_output(op, i);
    return EK_OK;
  }
  if (from != NULL && from->kind == EK__COND) {
    const ek_out pred =
        back != NULL && back->grad != NULL ? ek__grad_loop_real_pred(g, back->grad, from->pred) : from->pred;
    const ek_op op = ek__switch_ref_or_tensor(ek_named(g, "cond_grad"), c->dy[0], pred);
    for (int i = 0; i < c->n_dx && i < 2; i++) c->dx[i] = ek_op_output(op, i);
    return EK_OK;
  }
  ek_out *chosen = ek__graph_alloc(g, (size_t)c->n_dx, sizeof *chosen);
  for (int i = 0; chosen != NULL && i < c->n_dx; i++)
    chosen[i] = ek_op_output(ek_build(g, "Equal", EK_OUTS(ek__grad_out(c, 1), ek_integer(g, i)), EK_NO_ATTRS), 0);
  for (int i = 0; chosen != NULL && i < c->n_dx; i++)
    c->dx[i] = ek_op_output(ek__switch_ref_or_tensor(g, c->dy[0], chosen[i]), 1);
  return EK_OK;
}

/* ---- the ops */

static ek_code infer_switch(ek_infer_context *c) {
  EK_TRY(ek__infer_rank(c, 1, 0));
  return ek__infer_same(c);
}

const ek_op_def ek_op_switch = {.name = "Switch",
                                .doc =
                                    "data goes to output_true if pred, else to output_false; the other output is dead",
                                .in = "data: T, pred: bool",
                                .out = "output_false: T, output_true: T",
                                .attrs = "T: type",
                                .function = "switch",
                                .flags = EK_OP_CONTROL_FLOW,
                                .infer = infer_switch,
                                .grad = grad_switch};

const ek_op_def ek_op_ref_switch = {.name = "RefSwitch",
                                    .doc = "Switch of a reference",
                                    .in = "data: Ref(T), pred: bool",
                                    .out = "output_false: Ref(T), output_true: Ref(T)",
                                    .attrs = "T: type",
                                    .flags = EK_OP_CONTROL_FLOW | EK_OP_UNINITIALIZED,
                                    .infer = infer_switch,
                                    .grad = grad_switch};

/* What all inputs agree on; a dimension on which they differ is unknown. */
static ek_code infer_merge(ek_infer_context *c) {
  ek_shape s = c->n_in > 0 ? c->in[0].shape : ek_shape_unknown();
  for (int i = 1; i < c->n_in; i++) {
    const ek_shape t = c->in[i].shape;
    if (s.rank != t.rank) s = ek_shape_unknown();
    for (int k = 0; k < s.rank; k++)
      if (s.dim[k] != t.dim[k]) s.dim[k] = -1;
  }
  c->out[0].shape = s;
  c->out[1].shape = ek_shape_scalar();
  return EK_OK;
}

const ek_op_def ek_op_merge = {.name = "Merge",
                               .doc = "the first input that is alive, and which one it was",
                               .in = "inputs: N * T",
                               .out = "output: T, value_index: int32",
                               .attrs = "T: type; N: int >= 1",
                               .flags = EK_OP_CONTROL_FLOW,
                               .infer = infer_merge,
                               .grad = grad_merge};

const ek_op_def ek_op_ref_merge = {.name = "RefMerge",
                                   .doc = "Merge of references",
                                   .in = "inputs: Ref(N * T)",
                                   .out = "output: Ref(T), value_index: int32",
                                   .attrs = "T: type; N: int >= 1",
                                   .flags = EK_OP_CONTROL_FLOW | EK_OP_UNINITIALIZED,
                                   .infer = infer_merge,
                                   .grad = grad_merge};
