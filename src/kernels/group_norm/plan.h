/* SPDX-License-Identifier: Apache-2.0 */
/* Group norm: where its values lie and how samples are cut into parts, by the shape alone.
 *
 *   rows      inner == 1: a group is `width` neighbours, each a channel of its own (layer norm)
 *   runs      [batch, channels, inner]: a group is `width` runs of one channel each
 *   columns   [batch, inner, channels]: a row has `width` neighbours of each group
 *             [batch, blocks, inner, 16]: a block's rows have those channels of its groups that it has */
#ifndef EK_KERNELS_GROUP_NORM_PLAN_H
#define EK_KERNELS_GROUP_NORM_PLAN_H

#include "kernels/batch_norm/plan.h"

enum { EK__GROUP_ROWS, EK__GROUP_RUNS, EK__GROUP_COLUMNS };

typedef struct ek__group_plan {
  const ek__batch_norm_loops *loops;
  const ek__group_norm_loops *group;
  int layout;
  int64_t batch, channels, inner, groups;
  int64_t stored, block;   /* channels of a sample, and how many of them are neighbours; with what fills blocks up */
  int64_t section;         /* channels of so many blocks that groups end with them */
  int64_t width;           /* channels of a group */
  int64_t count;           /* values of a group */
  int64_t parts, per_part; /* samples, of which a thread takes so many at a time */
  int64_t bytes;
  int threads;
  double *sums; /* [parts, EK__GROUP_SUMS, channels] */
} ek__group_plan;

/* Rows of doubles, [channels] each, that a part has for itself. */
enum { EK__GROUP_SUMS = 10 };

ek_kernels_code ek__group_plan_init(ek__group_plan *plan, const ek_kernels *kernels,
                                    const ek_kernels_group_shape *shape, int threads, void *workspace,
                                    size_t workspace_bytes);

static inline double *ek__group_sums(const ek__group_plan *p, int64_t part, int row) {
  return p->sums + (part * EK__GROUP_SUMS + row) * p->channels;
}
/* Sample n's channel c, or group g: where its values begin. */
static inline int64_t ek__group_at(const ek__group_plan *p, int64_t n, int64_t c) {
  const int64_t within = c % p->block;
  return ((n * p->stored + c - within) * p->inner + within) * (int64_t)p->loops->data_size;
}
static inline const void *ek__group_param(const ek__group_plan *p, const void *v, int64_t c) {
  return v == NULL ? NULL : (const char *)v + c * (int64_t)p->loops->param_size;
}
static inline void *ek__group_param_mut(const ek__group_plan *p, void *v, int64_t c) {
  return v == NULL ? NULL : (char *)v + c * (int64_t)p->loops->param_size;
}
static inline double ek__group_value(const ek__group_plan *p, const void *v, int64_t i) {
  return p->loops->param_size == sizeof(double) ? ((const double *)v)[i] : (double)((const float *)v)[i];
}
static inline void ek__group_put(const ek__group_plan *p, void *v, int64_t i, double value) {
  if (p->loops->param_size == sizeof(double))
    ((double *)v)[i] = value;
  else
    ((float *)v)[i] = (float)value;
}
/* The samples of a part are [begin, end). */
static inline int64_t ek__group_end(const ek__group_plan *p, int64_t part) {
  const int64_t end = (part + 1) * p->per_part;
  return end < p->batch ? end : p->batch;
}

#endif
