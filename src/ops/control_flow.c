/* SPDX-License-Identifier: Apache-2.0 */
/* Switch, Merge and their reference forms. The planner turns them into guards; none of them runs. */
#include "ops/run.h"

const ek_op_def ek_op_switch = {.name = "Switch",
                                .doc =
                                    "data goes to output_true if pred, else to output_false; the other output is dead",
                                .in = "data: T, pred: bool",
                                .out = "output_false: T, output_true: T",
                                .attrs = "T: type",
                                .function = "switch",
                                .flags = EK_OP_CONTROL_FLOW,
                                .infer = ek__infer_same};

const ek_op_def ek_op_ref_switch = {.name = "RefSwitch",
                                    .doc = "Switch of a reference",
                                    .in = "data: Ref(T), pred: bool",
                                    .out = "output_false: Ref(T), output_true: Ref(T)",
                                    .attrs = "T: type",
                                    .flags = EK_OP_CONTROL_FLOW | EK_OP_UNINITIALIZED,
                                    .infer = ek__infer_same};

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
                               .infer = infer_merge};
