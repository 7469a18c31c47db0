/* SPDX-License-Identifier: Apache-2.0 */
/* Rows of logits: what softmax and the cross entropies share. */
#ifndef EK_OPS_SOFTMAX_H
#define EK_OPS_SOFTMAX_H

#include "ops/elementwise.h"

/* Works on rows of n numbers of one dtype, as their computed type. */
typedef struct ek__row_loops {
  /* z = x - max(x); the sum of e^z. NaN goes through. x has a step of 0 or 1. */
  double (*shift)(int64_t n, const void *x, int64_t step, void *z);
  void (*scale_exp)(int64_t n, void *z, double sum);                                    /* z = e^z / sum */
  void (*subtract)(int64_t n, void *z, double amount);                                  /* z -= amount */
  double (*dot)(int64_t n, const void *z, const void *x, int64_t step, double log_sum); /* sum x * (log_sum - z) */
  void (*minus)(int64_t n, void *z, const void *x, int64_t step);                       /* z -= x */
  void (*minus_one)(void *z, int64_t i);                                                /* z[i] -= 1 */
  double (*at)(const void *z, int64_t i);
  void (*store)(void *z, int64_t i, double value);
} ek__row_loops;

/* NULL for a dtype that is not floating. */
const ek__row_loops *ek__row_loops_of(ek_dtype dtype);

#endif
