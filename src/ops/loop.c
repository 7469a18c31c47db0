/* SPDX-License-Identifier: Apache-2.0 */
/* The ops that make a loop of a graph. The planner gathers them into a step of its own; none of them runs. */
#include "graph/grad.h"
#include "graph/grad_loop.h"
#include "ops/run.h"

/* What is not constant may change its shape on the way round: TensorFlow says nothing of it here. */
static ek_code infer_enter(ek_infer_context *c) {
  c->out[0].shape = ek__attr_bool(c->node, "is_constant") ? c->in[0].shape : ek_shape_unknown();
  return EK_OK;
}

/* ---- gradients: the other way round, in the loop that goes back */

static ek_code grad_enter(ek_grad_context *c) {
  ek_graph *g = c->g;
  ek__context *back = ek__context_loop(g->context);
  c->dx[0] = c->dy[0];
  if (back == NULL || !back->back_prop || back->grad == NULL) return EK_OK;
  if (ek__is_constant_enter(g, c->op)) {
    c->dx[0] = ek__grad_loop_accumulate(g, back->grad, c->op, c->dy[0]);
  } else {
    c->dx[0] = ek__exit(g, c->dy[0]);
    ek__out_list_add(g, &back->exits, c->dx[0]);
    ek__exit_result(g, back, c->dx[0]);
  }
  return EK_OK;
}

static ek_code grad_exit(ek_grad_context *c) {
  ek_graph *g = c->g;
  ek__context *back = ek__context_loop(g->context);
  if (back == NULL || !back->back_prop) return EK_OK;
  if (c->node->context != NULL && c->node->context->grad != NULL) {
    ek_graph_fail(g, EK_UNIMPLEMENTED, "%s '%s': Second-order gradient for while loops not supported.", c->node->type,
                  c->node->name);
    return EK_OK;
  }
  ek__context_add_name(g, back, c->dy[0]);
  c->dx[0] = ek__enter(ek_named(g, "b_exit"), back, c->dy[0], false, true);
  ek__out_list_add(g, &back->enters, c->dx[0]);
  return EK_OK;
}

static ek_code grad_next_iteration(ek_grad_context *c) {
  c->dx[0] = c->dy[0];
  return EK_OK;
}

#define FRAME_ATTRS "T: type; frame_name: string; is_constant: bool = false; parallel_iterations: int = 10"

const ek_op_def ek_op_enter = {.name = "Enter",
                               .doc = "brings data into the loop called frame_name: as it is in every iteration if "
                                      "is_constant, else for the first one",
                               .in = "data: T",
                               .out = "output: T",
                               .attrs = FRAME_ATTRS,
                               .flags = EK_OP_CONTROL_FLOW,
                               .grad = grad_enter,
                               .infer = infer_enter};

const ek_op_def ek_op_ref_enter = {.name = "RefEnter",
                                   .doc = "Enter of a reference",
                                   .in = "data: Ref(T)",
                                   .out = "output: Ref(T)",
                                   .attrs = FRAME_ATTRS,
                                   .flags = EK_OP_CONTROL_FLOW | EK_OP_UNINITIALIZED,
                                   .grad = grad_enter,
                                   .infer = infer_enter};

const ek_op_def ek_op_exit = {.name = "Exit",
                              .doc = "what data is when the loop ends, for what is around it",
                              .in = "data: T",
                              .out = "output: T",
                              .attrs = "T: type",
                              .function = "exit_loop",
                              .flags = EK_OP_CONTROL_FLOW | EK_OP_ALIAS,
                              .grad = grad_exit,
                              .infer = ek__infer_same};

const ek_op_def ek_op_ref_exit = {.name = "RefExit",
                                  .doc = "Exit of a reference",
                                  .in = "data: Ref(T)",
                                  .out = "output: Ref(T)",
                                  .attrs = "T: type",
                                  .flags = EK_OP_CONTROL_FLOW | EK_OP_ALIAS | EK_OP_UNINITIALIZED,
                                  .grad = grad_exit,
                                  .infer = ek__infer_same};

const ek_op_def ek_op_next_iteration = {.name = "NextIteration",
                                        .doc = "data, for the iteration that follows",
                                        .in = "data: T",
                                        .out = "output: T",
                                        .attrs = "T: type",
                                        .flags = EK_OP_CONTROL_FLOW | EK_OP_ALIAS,
                                        .grad = grad_next_iteration,
                                        .infer = ek__infer_same};

const ek_op_def ek_op_ref_next_iteration = {.name = "RefNextIteration",
                                            .doc = "NextIteration of a reference",
                                            .in = "data: Ref(T)",
                                            .out = "output: Ref(T)",
                                            .attrs = "T: type",
                                            .flags = EK_OP_CONTROL_FLOW | EK_OP_ALIAS | EK_OP_UNINITIALIZED,
                                            .grad = grad_next_iteration,
                                            .infer = ek__infer_same};

static ek_code infer_loop_cond(ek_infer_context *c) {
  EK_TRY(ek__infer_rank(c, 0, 0));
  return ek__infer_scalar(c);
}

const ek_op_def ek_op_loop_cond = {.name = "LoopCond",
                                   .doc = "input, which says whether the loop goes on",
                                   .in = "input: bool",
                                   .out = "output: bool",
                                   .flags = EK_OP_CONTROL_FLOW | EK_OP_ALIAS | EK_OP_NOT_DIFFERENTIABLE,
                                   .infer = infer_loop_cond};

const ek_op_def ek_op_control_trigger = {.name = "ControlTrigger",
                                         .doc = "nothing; a place for control edges to meet, alive even where they are "
                                                "dead",
                                         .flags = EK_OP_CONTROL_FLOW | EK_OP_NOT_DIFFERENTIABLE};
