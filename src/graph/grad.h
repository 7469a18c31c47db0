/* SPDX-License-Identifier: Apache-2.0 */
/* What an op's gradient function sees: it reads dy, adds nodes with the public building calls, and fills dx. */
#ifndef EK_GRAPH_GRAD_H
#define EK_GRAPH_GRAD_H

#include "graph/infer.h"

struct ek_grad_context {
  ek_graph *g;
  ek_op op;
  const ek__node
      *node;        /* of op, as it was when the gradient began: nodes move when the graph grows, this copy does not */
  const ek_out *dy; /* one for each output; none where no gradient came */
  int n_dy;
  ek_out *dx; /* one for each input; left none: None */
  int n_dx;
};

static inline ek_out ek__grad_in(const ek_grad_context *c, int i) { return ek_op_input(c->g, c->op, i); }
static inline ek_out ek__grad_out(const ek_grad_context *c, int i) { return ek_op_output(c->op, i); }

#endif
