/* SPDX-License-Identifier: Apache-2.0 */
/* Batch normalization spelled out in single ops, as TensorFlow's nn.moments and nn.batch_normalization do it: what its
 * patterns share. Members of a match are nodes, all others values; -1: not there. */
#ifndef EK_PLAN_FUSE_BATCH_NORM_H
#define EK_PLAN_FUSE_BATCH_NORM_H

#include "plan/fuse.h"

/* mean = Mean(x), variance = Mean(SquaredDifference(x, StopGradient(mean))), over all axes but that of the channels. */
typedef struct ek__moments {
  int32_t x, mean, variance; /* as they come from their ops */
  int axis;
  int32_t squares; /* the SquaredDifference */
} ek__moments;
bool ek__match_moments(const ek__fuser *f, int32_t variance, ek__moments *m);

/* inverse = Rsqrt(variance + epsilon) [* scale] */
typedef struct ek__inverse {
  int32_t inverse, variance, epsilon, scale, rsqrt; /* variance as it is read; rsqrt: the value */
  int32_t add;
} ek__inverse;
bool ek__match_inverse(const ek__fuser *f, int32_t inverse, ek__inverse *m);

/* float32 or float64, of a shape that is known and not empty. */
bool ek__has_kernels(const ek__fuser *f, int32_t x);
/* The one axis that a reduction keeps; -1: there is no such axis, or it is not known. */
int ek__kept_axis(const ek__fuser *f, const ek__pnode *reduction);
/* The other operand of an op of two; -1: neither is `one`. */
int32_t ek__other_operand(const ek__pnode *n, int32_t one);
/* One element for each channel of x, however many dimensions of size 1 stand around it. */
bool ek__is_of_channels(const ek__fuser *f, int32_t value, ek_shape x, int axis);

static inline void ek__group_node(const ek__fuser *f, ek__group *g, int32_t value) {
  g->nodes[g->n_nodes++] = f->ir->values[value].node;
}
static inline int ek__group_in(ek__group *g, int32_t value) {
  g->in[g->n_in] = value;
  return g->n_in++;
}

#endif
