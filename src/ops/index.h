/* SPDX-License-Identifier: Apache-2.0 */
/* What array ops share: integers that come as tensors, axes, and copies between two layouts. */
#ifndef EK_OPS_INDEX_H
#define EK_OPS_INDEX_H

#include "ops/run.h"

/* axis of [-rank, rank) counted from the front; -1 if it is outside. */
static inline int ek__front_axis(int64_t axis, int rank) {
  return axis < -rank || axis >= rank ? -1 : (int)(axis < 0 ? axis + rank : axis);
}

/* While inferring: the values of integer input i when it is a constant of at most max elements. Else false. */
bool ek__infer_ints(const ek_infer_context *c, int i, int max, int64_t *values, int *n);
/* The one integer that input i holds, a constant of one element. Else false. */
bool ek__infer_int(const ek_infer_context *c, int i, int64_t *value);
/* The same when running; n: how many were found. INVALID_ARGUMENT if there are more than max. */
ek_code ek__run_ints(ek_run_context *c, int i, int max, int64_t *values, int *n);
/* ek_op_def.partial_value of f(x, y), where all integers of inputs 0 and 1 are known. */
bool ek__partial_of_two(const ek_infer_context *c, int64_t (*f)(int64_t x, int64_t y), ek_shape *value);

/* Writes element k of an int32 or int64 output. */
static inline void ek__put_int(ek_value *v, int64_t k, int64_t x) {
  if (v->dtype == EK_INT32)
    ((int32_t *)v->data)[k] = (int32_t)x;
  else
    ((int64_t *)v->data)[k] = x;
}

/* For ops whose output is their input under another shape. A plan makes such an output (EK_OP_ALIAS) without running
 * the op: the shape rule alone decides. Run all the same, or computed in place, only the shape is set where output 0 is
 * input 0's memory; else the elements are copied. */
ek_code ek__run_view(ek_run_context *c, ek_shape shape);

/* A box of elements, each at its own place in two arrays: distances in elements, negative and zero ones too. */
#define EK_COPY_RANK (2 * EK_MAX_RANK)
typedef struct ek__copy {
  int rank;
  int64_t dim[EK_COPY_RANK], to[EK_COPY_RANK], from[EK_COPY_RANK];
} ek__copy;
static inline void ek__copy_axis(ek__copy *c, int64_t dim, int64_t to, int64_t from) {
  c->dim[c->rank] = dim;
  c->to[c->rank] = to;
  c->from[c->rank++] = from;
}
/* Elements of strings are shared by reference, what was there is released. */
void ek__copy_box(ek_dtype dtype, void *to, const void *from, const ek__copy *c);

/* stride[i]: how far apart neighbours along axis i lie. */
void ek__row_major(ek_shape s, int64_t stride[EK_MAX_RANK]);
/* The elements before and after axis: [outer, dim, inner]. */
int64_t ek__outer(ek_shape s, int axis);
int64_t ek__inner(ek_shape s, int axis);
/* Element k of an array of dtype. */
static inline void *ek__at(ek_dtype dtype, const void *data, int64_t k) {
  return (char *)(uintptr_t)data + k * (int64_t)ek_dtype_size(dtype);
}
/* n elements of zero, false or "". */
void ek__zero(ek_dtype dtype, void *to, int64_t n);

#endif
