/* SPDX-License-Identifier: Apache-2.0 */
/* What the functions over several axes share: work on the parts of all blocks, and on blocks of statistics. */
#ifndef EK_KERNELS_AXES_PASS_H
#define EK_KERNELS_AXES_PASS_H

#include "kernels/axes/plan.h"

/* A call: its plan, and how it makes sums of the pieces of a part of a block, into the plan's; something of statistics
 * [c, c + n), whose parts are there then; and the output of a part. NULL: nothing to do. A block that is filled up is
 * written zeros there. The first member of what knows the arguments. */
typedef struct ek__axes_job ek__axes_job;
struct ek__axes_job {
  ek__axes_plan plan;
  void (*gather)(const ek__axes_job *job, const ek__axis *block, int64_t part);
  void (*finish)(const ek__axes_job *job, int64_t c, int64_t n);
  void (*write)(const ek__axes_job *job, const ek__axis *block, int64_t part);
  void *out; /* what write writes */
};

/* Shared out among threads: a block that is one part goes through all three at once, while it is in a near cache. */
void ek__axes_run(const ek__axes_job *job);

/* y = (x - shift) * a + b in a part. */
void ek__axes_apply(const ek__axes_plan *plan, const ek__axis *block, int64_t part, const void *x, void *y);

/* Value i of an array of data; statistic or parameter c. NULL stays NULL. */
static inline const void *ek__axes_data(const ek__axes_plan *p, const void *x, int64_t i) {
  return (const char *)x + i * (int64_t)p->loops->data_size;
}
static inline void *ek__axes_data_mut(const ek__axes_plan *p, void *x, int64_t i) {
  return (char *)x + i * (int64_t)p->loops->data_size;
}
static inline const void *ek__axes_value(const ek__axes_plan *p, const void *v, int64_t c) {
  return v == NULL ? NULL : (const char *)v + c * (int64_t)p->loops->param_size;
}
static inline void *ek__axes_value_mut(const ek__axes_plan *p, void *v, int64_t c) {
  return v == NULL ? NULL : (char *)v + c * (int64_t)p->loops->param_size;
}

/* The pieces of a part are [begin, end). */
static inline int64_t ek__axes_begin(const ek__axes_plan *p, int64_t part) { return part * p->per_part; }
static inline int64_t ek__axes_end(const ek__axes_plan *p, int64_t part) {
  const int64_t end = (part + 1) * p->per_part;
  return end < p->pieces ? end : p->pieces;
}

#endif
