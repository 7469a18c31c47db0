/* SPDX-License-Identifier: Apache-2.0 */
/* Folding a tensor along some of its dimensions. The order of additions follows from the shape alone, never from the
 * number of threads; floating sums and products are accumulated in double, integers wrap around. */
#ifndef EK_OPS_REDUCE_H
#define EK_OPS_REDUCE_H

#include "ops/run.h"

typedef enum ek__fold { EK__FOLD_SUM, EK__FOLD_MEAN, EK__FOLD_PROD, EK__FOLD_MAX, EK__FOLD_MIN } ek__fold;

/* Folds x, of a known shape, along the dimensions of `axes` (bit d: dimension d) into out, which holds as many elements
 * as the other dimensions say. bool: EK__FOLD_MIN is "all", EK__FOLD_MAX is "any". UNIMPLEMENTED for other dtypes. */
ek_code ek__reduce(ek_run_context *c, ek__fold fold, ek_dtype dtype, ek_shape shape, unsigned axes, const void *x,
                   void *out);

/* The bits of a reduction's axes input. An axis outside [-rank, rank), or twice the same, is an error. */
ek_code ek__reduce_axes(ek_run_context *c, int input, int rank, unsigned *axes);

#endif
