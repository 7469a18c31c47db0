/* SPDX-License-Identifier: Apache-2.0 */
/* Steps that stand for several nodes of a graph. The planner makes them (plan/fuse.c); no graph holds such an op, so
 * they are not in ops.def. What a run cannot know from its inputs is in the context's `fused`. */
#ifndef EK_OPS_FUSED_H
#define EK_OPS_FUSED_H

#include "ops/run.h"

struct ek__fused {
  const ek__node *const *nodes; /* that it stands for, in their order */
  int n_nodes;
};

/* var -= alpha * (a * b), float32. In: var (a reference or a resource), alpha, a, b; out: what ApplyGradientDescent
 * has, if it is by reference. Nodes: MatMul, then the update. A weight's rows are changed by the thread that computes
 * their gradient, so that they need not travel between caches. */
extern const ek_op_def ek__fused_product_update;

#endif
