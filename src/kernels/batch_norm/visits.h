/* SPDX-License-Identifier: Apache-2.0 */
/* The visits of a batch norm to its data: one that takes sums, one that writes results, either alone or both. What the
 * loops compute is a kind, what happens between the visits a function. */
#ifndef EK_KERNELS_BATCH_NORM_VISITS_H
#define EK_KERNELS_BATCH_NORM_VISITS_H

#include "kernels/batch_norm/plan.h"

typedef struct ek__visits {
  const ek__batch_norm_plan *plan;
  ek__norm_data data;
  int sums, apply; /* kinds of table.h; apply < 0: no second visit */
  /* Fills plan->k of n channels before their sums are taken; NULL: it is filled. */
  void (*prepare)(const struct ek__visits *v, int64_t c, int64_t n);
  /* Makes the coefficients of n channels, which need no sums: a tile is written as soon as it has been summed up. NULL:
   * finish makes them. */
  void (*foretell)(const struct ek__visits *v, int64_t c, int64_t n);
  /* Turns the sums of n channels, in part 0, into coefficients and results. True: plan->k has changed, and the sums are
   * wanted again, once. */
  bool (*finish)(const struct ek__visits *v, int64_t c, int64_t n, bool last);
  const void *args; /* for these two */
} ek__visits;

/* The order is that of the plan. There must be data. */
void ek__visit(const ek__visits *v);

/* y = (x - shift) * a + b with the coefficients that the plan has; and the second visit of any kind. */
void ek__normalize(const ek__batch_norm_plan *plan, const void *x, void *y);
void ek__write_once(const ek__batch_norm_plan *plan, const ek__norm_data *data, int apply);

/* For prepare: k = the mean of a few of each channel's values of x, zero where that is no number. */
void ek__guess_means(const ek__visits *v, int64_t c, int64_t n);

#endif
