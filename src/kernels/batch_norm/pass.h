/* SPDX-License-Identifier: Apache-2.0 */
/* The passes over one part that several functions share: of all channels in columns, of channel c in runs. */
#ifndef EK_KERNELS_BATCH_NORM_PASS_H
#define EK_KERNELS_BATCH_NORM_PASS_H

#include "kernels/batch_norm/plan.h"

/* The statistics of every part of x, into the plan's sums and bases; there must be values. Shared out among threads. */
void ek__moments_of_parts(const ek__batch_norm_plan *plan, const void *x);

/* The statistics of one part, once the bases are known. */
void ek__moments_of_part(const ek__batch_norm_plan *plan, const void *x, int64_t part, int64_t c);

/* Folds the parts of some channels, in order, into the first. */
void ek__fold_moments(const ek__batch_norm_plan *plan, int64_t c, int64_t channels);

/* y = (x - shift) * a + b in one part; in all of them, shared out among threads. */
void ek__apply_to_part(const ek__batch_norm_plan *plan, const void *x, void *y, int64_t part, int64_t c);
void ek__apply_to_parts(const ek__batch_norm_plan *plan, const void *x, void *y);

#endif
