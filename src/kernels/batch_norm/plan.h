/* SPDX-License-Identifier: Apache-2.0 */
/* How a batch norm is cut into work: by the shape alone, so that no result depends on the number of threads. */
#ifndef EK_KERNELS_BATCH_NORM_PLAN_H
#define EK_KERNELS_BATCH_NORM_PLAN_H

#include "kernels/table.h"

#include <stdbool.h>

typedef struct ek__batch_norm_plan {
  const ek__batch_norm_loops *loops;
  bool columns; /* inner == 1: a row holds every channel; else each channel has runs of `inner` neighbours */
  int64_t outer, channels, inner;
  int64_t count;           /* values of a channel */
  int64_t parts, per_part; /* `outer` in parts of per_part: a part's sums are its own, and folded in order */
  int64_t bytes;           /* of the data */
  int threads;
  double *sums;       /* [parts, 2, channels]: mean and m2, or sum_dy and sum_dy_xc */
  double *base;       /* [channels]: what the means are relative to */
  char *coefficients; /* [3, channels] of the parameters' type */
} ek__batch_norm_plan;

/* Fills the plan in, checks kernels (NULL: the default), shape, threads and workspace. passes: whether sums are needed.
 */
ek_kernels_code ek__batch_norm_plan_init(ek__batch_norm_plan *plan, const ek_kernels *kernels,
                                         const ek_kernels_batch_norm_shape *shape, bool passes, int threads,
                                         void *workspace, size_t workspace_bytes);

ek_kernels_code ek__batch_norm_workspace(const ek_kernels_batch_norm_shape *shape, bool passes, size_t *bytes);

/* An argument array: where, how long, whether it is written. Data arrays may coincide exactly. */
typedef struct ek__array {
  const void *p;
  int64_t bytes;
  bool written, data;
} ek__array;

/* EK_KERNELS_OVERLAP if two arrays share bytes, one of them is written, and they are not the same data array. */
ek_kernels_code ek__check_overlap(const ek__array *arrays, int n);

/* The k-th of the coefficient rows starts here for channel c; distance between rows in values: plan->channels. */
static inline void *ek__coefficients(const ek__batch_norm_plan *plan, int64_t c) {
  return plan->coefficients + c * (int64_t)plan->loops->param_size;
}
/* Channel c of a [channels] array of parameters, NULL staying NULL. */
static inline const void *ek__param(const ek__batch_norm_plan *plan, const void *p, int64_t c) {
  return p == NULL ? NULL : (const char *)p + c * (int64_t)plan->loops->param_size;
}
static inline void *ek__param_mut(const ek__batch_norm_plan *plan, void *p, int64_t c) {
  return p == NULL ? NULL : (char *)p + c * (int64_t)plan->loops->param_size;
}
/* Row o of the data, and the run of channel c in it. */
static inline const void *ek__data(const ek__batch_norm_plan *plan, const void *p, int64_t o, int64_t c) {
  return (const char *)p + (o * plan->channels + c) * plan->inner * (int64_t)plan->loops->data_size;
}
static inline void *ek__data_mut(const ek__batch_norm_plan *plan, void *p, int64_t o, int64_t c) {
  return (char *)p + (o * plan->channels + c) * plan->inner * (int64_t)plan->loops->data_size;
}
/* The two rows of sums of a part. */
static inline double *ek__part_sums(const ek__batch_norm_plan *plan, int64_t part, int row) {
  return plan->sums + (part * 2 + row) * plan->channels;
}
/* How many of `outer` the part has. */
static inline int64_t ek__part_rows(const ek__batch_norm_plan *plan, int64_t part) {
  const int64_t left = plan->outer - part * plan->per_part;
  return left < plan->per_part ? left : plan->per_part;
}

/* The pieces that are worked on at once: parts in columns, each channel of each part in runs. */
static inline int64_t ek__pieces(const ek__batch_norm_plan *p) {
  return p->columns ? p->parts : p->parts * p->channels;
}
static inline int64_t ek__piece_part(const ek__batch_norm_plan *p, int64_t i) {
  return p->columns ? i : i / p->channels;
}
static inline int64_t ek__piece_channel(const ek__batch_norm_plan *p, int64_t i) {
  return p->columns ? 0 : i % p->channels;
}

/* Channels whose parts are folded, and coefficients made, by one thread at a time. */
#define EK__CHANNEL_BLOCK 128

#endif
