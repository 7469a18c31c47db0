/* SPDX-License-Identifier: Apache-2.0 */
/* Steps that stand for several nodes of a graph. The planner makes them (plan/fuse.c); no graph holds such an op, so
 * they are not in ops.def. What a run cannot know from its inputs is in the context's `fused`. */
#ifndef EK_OPS_FUSED_H
#define EK_OPS_FUSED_H

#include "ops/run.h"

struct ek__fused {
  const ek__node *const *nodes; /* that it stands for, in their order */
  int n_nodes;
  int axis;          /* batch norm: of the channels */
  int scale, offset; /* batch norm: which inputs they are; 0: none */
  int dscale;        /* gradient: which output it is; 0: none */
  /* training: which outputs are 1 / sqrt(variance + epsilon), scale times that, and -mean; 0: none */
  int rsqrt, inverse, minus_mean;
};

/* var -= alpha * (a * b), float32. In: var (a reference or a resource), alpha, a, b; out: what ApplyGradientDescent
 * has, if it is by reference. Nodes: MatMul, then the update. A weight's rows are changed by the thread that computes
 * their gradient, so that they need not travel between caches. */
extern const ek_op_def ek__fused_product_update;

/* Batch normalization, float32 or float64, of a tensor with one axis of channels, by the kernels of evenkeel/kernels.h.
 * Statistics and parameters have one element a channel, whatever their shape.
 *   moments  in: x                                            out: mean, variance
 *   train    in: x, epsilon, scale?, offset?                  out: y, mean, variance, rsqrt?, inverse?, minus_mean?
 *   infer    in: x, mean, variance, epsilon, scale?, offset?  out: y
 *   grad     in: dy, x, mean, variance, epsilon, scale?       out: dx, doffset, dscale?  (mean and variance are x's)
 *   kept     in: dy, x, mean, rsqrt, scale?                   out: the same, where rsqrt was kept and no variance */
extern const ek_op_def ek__fused_batch_norm_moments, ek__fused_batch_norm_train, ek__fused_batch_norm_infer,
    ek__fused_batch_norm_grad, ek__fused_batch_norm_grad_kept;

/* A moving average: var -= (value - statistic) * decay, where value is var's. In: var (by reference or resource),
 * value, statistic, decay; out: var, if it is by reference. The same bits as from Sub, Mul and AssignSub. */
extern const ek_op_def ek__fused_moving_average;

#endif
