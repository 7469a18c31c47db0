/* SPDX-License-Identifier: Apache-2.0 */
/* Batch norm with weights: batch norm's plan, and how rows are cut while their weights matter.
 *
 *   columns   inner == 1: a row has all channels and a weight; parts have some rows
 *   else      an example has runs of one channel, or blocks of 16 whose rows are columns: `width` channels */
#ifndef EK_KERNELS_WEIGHTED_PLAN_H
#define EK_KERNELS_WEIGHTED_PLAN_H

#include "kernels/batch_norm/plan.h"

typedef struct ek__weighted_plan {
  ek__batch_norm_plan whole; /* without weights, of the same array */
  const ek__weighted_loops *loops;
  bool columns;
  int64_t outer, channels, inner;
  int64_t stored, width;   /* channels of an example and of a row, what fills the last block up included */
  int64_t repeat;          /* rows that share a weight */
  int64_t parts, per_part; /* of rows, in columns */
  const void *weights;
  double total;    /* sum of the weights of a channel's values */
  int64_t counts;  /* the first row whose weight is not 0; outer: there is none */
  double *sums;    /* [parts, 2, channels]: mean and m2 */
  double *weighed; /* [parts]: sums of weights */
} ek__weighted_plan;

ek_kernels_code ek__weighted_plan_init(ek__weighted_plan *plan, const ek_kernels *kernels,
                                       const ek_kernels_batch_norm_shape *shape, int64_t batch, int threads,
                                       const void *weights, void *workspace, size_t workspace_bytes);

/* The weight of row o. */
static inline double ek__weight(const ek__weighted_plan *p, int64_t o) {
  const int64_t i = o / p->repeat;
  return p->whole.loops->param_size == sizeof(double) ? ((const double *)p->weights)[i]
                                                      : (double)((const float *)p->weights)[i];
}
/* Where row o of channel c, the first of a row, begins, in bytes. */
static inline int64_t ek__weighted_at(const ek__weighted_plan *p, int64_t o, int64_t c) {
  return (o * p->stored + c) * p->inner * (int64_t)p->whole.loops->data_size;
}

#endif
