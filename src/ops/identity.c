/* SPDX-License-Identifier: Apache-2.0 */
/* Ops that pass their input on, and the one that does nothing. */
#include "graph/grad.h"
#include "ops/run.h"

static ek_code grad_identity(ek_grad_context *c) {
  c->dx[0] = c->dy[0];
  return EK_OK;
}

static bool partial_identity(ek_infer_context *c, ek_shape *value) { return c->partial(c, 0, value); }

const ek_op_def ek_op_identity = {.name = "Identity",
                                  .doc = "its input; of a reference variable: a view of the variable's memory",
                                  .in = "input: T",
                                  .out = "output: T",
                                  .attrs = "T: type",
                                  .flags = EK_OP_ALIAS,
                                  .infer = ek__infer_same,
                                  .partial_value = partial_identity,
                                  .grad = grad_identity};

const ek_op_def ek_op_ref_identity = {.name = "RefIdentity",
                                      .doc = "the same reference, once what the op waits for is done",
                                      .in = "input: Ref(T)",
                                      .out = "output: Ref(T)",
                                      .attrs = "T: type",
                                      .flags = EK_OP_CONTROL_FLOW | EK_OP_UNINITIALIZED,
                                      .infer = ek__infer_same,
                                      .grad = grad_identity};

const ek_op_def ek_op_noop = {.name = "NoOp",
                              .doc = "nothing; a place for control edges to meet",
                              .function = "",
                              .flags = EK_OP_NOT_DIFFERENTIABLE};
