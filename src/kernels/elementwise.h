/* SPDX-License-Identifier: Apache-2.0 */
/* Elementwise operations, sums and optimizer updates on float and double arrays: what the graph's ops call. Sizes and
 * pointers are the caller's promise: nothing is checked in a release. type is EK_KERNELS_F32 or EK_KERNELS_F64. Results
 * are the same bits for any number of threads (0: as many as OpenMP would take); arrays below 256 KB stay on the
 * caller's thread. */
#ifndef EK_KERNELS_ELEMENTWISE_H
#define EK_KERNELS_ELEMENTWISE_H

#include "evenkeel/kernels.h"

/* EK__NEG, EK__SQUARE, ...; EK__ADD, EK__SUB, ...: elementwise.def says what each computes. */
#define EK_UNARY(ID, name, expression) EK__##ID,
typedef enum ek__unary_op {
#include "kernels/elementwise.def"
  EK__UNARY_COUNT
} ek__unary_op;
#define EK_BINARY(ID, name, expression) EK__##ID,
typedef enum ek__binary_op {
#include "kernels/elementwise.def"
  EK__BINARY_COUNT
} ek__binary_op;
#define EK_UPDATE(ID, name, slots, hypers) EK__##ID,
typedef enum ek__update_op {
#include "kernels/update.def"
  EK__UPDATE_COUNT
} ek__update_op;

/* out[i] = f(a[i]), i < n. out may be a. */
void ek__unary(const ek_kernels *k, ek_kernels_type type, int threads, ek__unary_op op, int64_t n, const void *a,
               void *out);

/* An argument seen as [rows, cols]: element (r, c) is data[r * row + c * col]; col is 0 or 1. */
typedef struct ek__operand {
  const void *data;
  int64_t row;
  int col;
} ek__operand;
static inline ek__operand ek__full(const void *data, int64_t cols) { return (ek__operand){data, cols, 1}; }
static inline ek__operand ek__scalar(const void *data) { return (ek__operand){data, 0, 0}; }
static inline ek__operand ek__row(const void *data) { return (ek__operand){data, 0, 1}; }    /* [cols] for every row */
static inline ek__operand ek__column(const void *data) { return (ek__operand){data, 1, 0}; } /* [rows] */

/* out[r, c] = f(a[r, c], b[r, c]); out is contiguous and may be the data of a full operand. */
void ek__binary(const ek_kernels *k, ek_kernels_type type, int threads, ek__binary_op op, int64_t rows, int64_t cols,
                ek__operand a, ek__operand b, void *out);

/* Sums of n values, accumulated in double. */
double ek__sum(const ek_kernels *k, ek_kernels_type type, int threads, int64_t n, const void *a);
double ek__sum_squares(const ek_kernels *k, ek_kernels_type type, int threads, int64_t n, const void *a);
double ek__dot(const ek_kernels *k, ek_kernels_type type, int threads, int64_t n, const void *a, const void *b);

/* a: [rows, cols] -> out: [cols], summed over the rows; [rows], summed over the columns. Zeros when there is nothing to
 * add. */
void ek__column_sums(const ek_kernels *k, ek_kernels_type type, int threads, int64_t rows, int64_t cols, const void *a,
                     void *out);
void ek__row_sums(const ek_kernels *k, ek_kernels_type type, int threads, int64_t rows, int64_t cols, const void *a,
                  void *out);

/* One optimizer step on n elements, in place: arrays[0] is the variable, then its slots. All arrays are distinct.
 *   op                     slots        hyper
 *   EK__GRADIENT_DESCENT                lr                  var -= grad*lr
 *   EK__MOMENTUM           acc          lr, momentum        acc = acc*momentum + grad; var -= acc*lr
 *   EK__NESTEROV           acc          lr, momentum        ...; var -= grad*lr + acc*momentum*lr
 *   EK__ADAM               m, v         beta1_power, beta2_power, lr, beta1, beta2, epsilon
 *   EK__RMS_PROP           ms, mom      lr, decay, momentum, epsilon
 *   EK__CENTERED_RMS_PROP  mg, ms, mom  lr, decay, momentum, epsilon
 *   EK__ADAGRAD            acc          lr                  acc += grad^2; var -= grad*lr*rsqrt(acc)
 * hyper holds doubles whose values are those of the type. */
#define EK__UPDATE_HYPERS 6
#define EK__UPDATE_SLOTS  3
void ek__update(const ek_kernels *k, ek_kernels_type type, int threads, ek__update_op op, int64_t n,
                void *const *arrays, const void *grad, const double *hyper);

#endif
