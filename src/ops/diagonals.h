/* SPDX-License-Identifier: Apache-2.0 */
/* Diagonals of matrices, one or a band of neighbours: 0 is the main one, those above it are positive. As a tensor of
 * their own they are [..., longest], and if they are several [..., how many, longest], the uppermost first. A shorter
 * one lies to the left in its row, or, where that is said of those above or below the main one, to the right. */
#ifndef EK_OPS_DIAGONALS_H
#define EK_OPS_DIAGONALS_H

#include "ops/index.h"

typedef struct ek__band {
  int64_t lower, upper;
  bool right_above, right_below;
} ek__band;

/* The elements of the longest of them in matrices of that size. */
int64_t ek__band_longest(const ek__band *b, int64_t rows, int64_t cols);

/* Copies them out of the matrices, or into them; what else is in the destination stays. */
void ek__band_copy(ek_dtype dtype, const ek__band *b, ek_shape matrices, void *to, const void *from, bool into);

#endif
