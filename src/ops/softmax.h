/* SPDX-License-Identifier: Apache-2.0 */
/* Rows of logits: what softmax and the cross entropies share. */
#ifndef EK_OPS_SOFTMAX_H
#define EK_OPS_SOFTMAX_H

#include "ops/elementwise.h"

/* Works on rows of n numbers of one dtype, as their computed type. x has a step of 0 or 1. */
typedef struct ek__row_loops {
  void (*shift)(int64_t n, const void *x, int64_t step, void *z); /* z = x - max(x), where NaN is not looked at */
  double (*sum_of_exp)(int64_t n, const void *z);                 /* sum e^z */
  void (*exp_all)(const ek_kernels *k, int64_t n, void *z); /* z = e^z; of many rows at once, if they lie together */
  double (*sum)(int64_t n, const void *z);
  void (*divide)(int64_t n, void *z, double divisor);                                  /* z /= divisor */
  void (*subtract)(int64_t n, void *z, double amount);                                 /* z -= amount */
  void (*dots)(int64_t n, const void *z, const void *x, int64_t step, double dots[2]); /* sum x, sum x z */
  void (*minus)(int64_t n, void *z, const void *x, int64_t step);                      /* z -= x */
  void (*minus_one)(void *z, int64_t i);                                               /* z[i] -= 1 */
  double (*at)(const void *z, int64_t i);
  void (*store)(void *z, int64_t i, double value);
} ek__row_loops;

/* NULL for a dtype that is not floating. */
const ek__row_loops *ek__row_loops_of(ek_dtype dtype);

#endif
