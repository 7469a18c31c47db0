/* SPDX-License-Identifier: Apache-2.0 */
/* Matrix products: c = a * b, where an element's place is given by steps, so that a transposed matrix is one whose
 * steps are exchanged. */
#ifndef EK_OPS_MATMUL_H
#define EK_OPS_MATMUL_H

#include "ops/run.h"

typedef struct ek__matmul {
  ek_dtype dtype;
  int64_t m, n, k;      /* a: [m, k], b: [k, n], c: [m, n], contiguous */
  int64_t a_row, a_col; /* a[i, p] is a[i * a_row + p * a_col], in elements */
  int64_t b_row, b_col; /* b[p, j] is b[p * b_row + j * b_col] */
} ek__matmul;

/* The product of two inputs of known shapes as a MatMul node asks for it. False if they do not fit together. */
bool ek__matmul_of(const ek__node *node, ek_dtype dtype, ek_shape a, ek_shape b, ek__matmul *p);

/* Plain loops for every dtype, accumulating in double or int64_t: what there is without oneDNN, for small products, and
 * for all dtypes but float32. False for a dtype that it cannot multiply. k = 0 gives zeros. */
bool ek__matmul_plain(const ek__matmul *p, int threads, const void *a, const void *b, void *c);

#endif
