/* SPDX-License-Identifier: Apache-2.0 */
/* The loops of one instruction set: what isa/<name>/all.c fills in and the schedules call. Loops know pointers and
 * counts; they check nothing, allocate nothing and start no threads. */
#ifndef EK_KERNELS_TABLE_H
#define EK_KERNELS_TABLE_H

#include "evenkeel/kernels.h"
#include "kernels/elementwise.h"

#include <stdbool.h>

/* out[i] = f(a[i]); out may be a. */
typedef void ek__unary_loop(int64_t n, const void *a, void *out);

/* out[r*cols + c] = f(a[r*a.row + c*a.col], b[r*b.row + c*b.col]) */
typedef void ek__binary_loop(int64_t rows, int64_t cols, ek__operand a, ek__operand b, void *out);

typedef struct ek__elementwise_loops {
  ek__unary_loop *unary[EK__UNARY_COUNT];
  ek__binary_loop *binary[EK__BINARY_COUNT];
  double (*sum)(int64_t n, const void *a);
  double (*sum_squares)(int64_t n, const void *a);
  double (*dot)(int64_t n, const void *a, const void *b);
  /* out[c] = sum over r of a[r*stride + c] */
  void (*column_sums)(int64_t rows, int64_t cols, const void *a, int64_t stride, void *out);
  void (*update[EK__UPDATE_COUNT])(int64_t n, void *const *arrays, const void *grad, const double *hyper);
} ek__elementwise_loops;

struct ek_kernels {
  const char *name;
  bool (*usable)(void);
  const ek__elementwise_loops *elementwise[2]; /* by ek_kernels_type: F32, F64 */
};

#endif
