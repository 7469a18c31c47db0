/* SPDX-License-Identifier: Apache-2.0 */
/* What the sparse form of a strided slice (begin, end, strides and five masks) means for an input. */
#ifndef EK_OPS_STRIDED_SLICE_H
#define EK_OPS_STRIDED_SLICE_H

#include "ops/index.h"

/* As written in the graph. */
typedef struct ek__slice_spec {
  int n;
  const int64_t *begin, *end, *strides; /* begin, end NULL: values not known */
  int64_t begin_mask, end_mask, ellipsis_mask, new_axis_mask, shrink_axis_mask;
} ek__slice_spec;

/* As computed, one entry for each dimension of the input. */
typedef struct ek__slice {
  int64_t begin[EK_MAX_RANK], stride[EK_MAX_RANK];
  ek_shape size;   /* of the part that is taken; -1: not known */
  ek_shape result; /* the same with new and without dropped dimensions */
} ek__slice;

/* False with a message when it makes no sense. */
bool ek__slice_resolve(const ek__slice_spec *spec, ek_shape in, ek__slice *out, char *message, size_t size);

#endif
