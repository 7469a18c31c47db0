/* SPDX-License-Identifier: Apache-2.0 */
/* Sums, means, products and extrema along some dimensions of a tensor. Their gradients: reduction_grad.c. */
#include "ops/number.h"
#include "ops/reduce.h"
#include "ops/reduction_grad.h"

#include <inttypes.h>

static ek_code infer_reduction(ek_infer_context *c) {
  const bool keep = ek__attr_bool(c->node, "keep_dims");
  const ek_shape in = c->in[0].shape;
  const ek_tensor *axes = c->constant(c, 1);
  EK_INFER_REQUIRE(c, c->in[1].shape.rank <= 1, "the axes must be a number or a vector, not of rank %d",
                   c->in[1].shape.rank);
  ek_shape out = ek_shape_unknown();
  if (in.rank >= 0 && axes != NULL) {
    bool folded[EK_MAX_RANK] = {false};
    for (int64_t i = 0; i < ek_tensor_num_elements(axes); i++) {
      const int64_t given = (int64_t)ek_tensor_number(axes, i), axis = given < 0 ? given + in.rank : given;
      EK_INFER_REQUIRE(c, axis >= 0 && axis < in.rank,
                       "Invalid reduction dimension %" PRId64 " for input with %d dimensions", given, in.rank);
      folded[axis] = true;
    }
    out.rank = 0;
    for (int d = 0; d < in.rank; d++)
      if (keep || !folded[d]) out.dim[out.rank++] = folded[d] ? 1 : in.dim[d];
  } else if (in.rank == 0 || ek_shape_num_elements(c->in[1].shape) == 0) {
    out = in; /* there is nothing to fold, or nothing is */
  } else if (in.rank >= 0 && keep) {
    out.rank = in.rank;
    for (int d = 0; d < in.rank; d++) out.dim[d] = -1;
  }
  c->out[0].shape = out;
  return EK_OK;
}

static ek_code run(ek_run_context *c, ek__fold fold) {
  const ek_value *x = c->in[0];
  const bool keep = ek__attr_bool(c->node, "keep_dims");
  ek_shape out = {.rank = 0};
  unsigned axes = 0;
  EK_TRY(ek__reduce_axes(c, 1, x->shape.rank, &axes));
  for (int d = 0; d < x->shape.rank; d++) {
    const bool folded = (axes >> d & 1u) != 0;
    if (keep || !folded) out.dim[out.rank++] = folded ? 1 : x->shape.dim[d];
  }
  EK_TRY(ek__run_output(c, 0, out));
  return ek__reduce(c, fold, x->dtype, x->shape, axes, x->data, c->out[0]->data);
}

/* The product of a known shape's elements is known: sizes computed in a graph go on being static. */
static bool partial_prod(ek_infer_context *c, ek_shape *value) {
  ek_shape in;
  int64_t n = 1;
  if (c->out[0].shape.rank != 0 || !c->partial(c, 0, &in)) return false;
  for (int d = 0; d < in.rank; d++)
    if (in.dim[d] < 0 || __builtin_mul_overflow(n, in.dim[d], &n)) return false;
  *value = ek_shape(n);
  return true;
}

#define REDUCTION(id_, name_, doc_, fold_, types_, ...)                                                                \
  static ek_code run_##id_(ek_run_context *c) { return run(c, fold_); }                                                \
  const ek_op_def ek_op_##id_ = {.name = (name_),                                                                      \
                                 .doc = (doc_),                                                                        \
                                 .in = "input: T, reduction_indices: Tidx",                                            \
                                 .out = "output: T",                                                                   \
                                 .attrs = "keep_dims: bool = false; T: {" types_ "}; Tidx: {int32, int64} = int32",    \
                                 .flags = EK_OP_ALIAS_WITHOUT_AXES,                                                    \
                                 .infer = infer_reduction,                                                             \
                                 .run = run_##id_,                                                                     \
                                 __VA_ARGS__}

REDUCTION(sum, "Sum", "the sum along reduction_indices", EK__FOLD_SUM, EK_NUMBER_TYPES, .grad = ek__grad_reduce_sum,
          .check_lo = -2, .check_hi = 2);
REDUCTION(mean, "Mean", "the mean along reduction_indices; NaN of nothing", EK__FOLD_MEAN, EK_NUMBER_TYPES,
          .grad = ek__grad_reduce_mean, .check_lo = -2, .check_hi = 2);
REDUCTION(prod, "Prod", "the product along reduction_indices", EK__FOLD_PROD, EK_NUMBER_TYPES,
          .partial_value = partial_prod, .grad = ek__grad_reduce_prod, .check_lo = 0.5, .check_hi = 2);
REDUCTION(max, "Max", "the largest number along reduction_indices; NaN if there is one", EK__FOLD_MAX, EK_NUMBER_TYPES,
          .grad = ek__grad_reduce_extremum, .check_lo = -2, .check_hi = 2);
REDUCTION(min, "Min", "the smallest number along reduction_indices; NaN if there is one", EK__FOLD_MIN, EK_NUMBER_TYPES,
          .grad = ek__grad_reduce_extremum, .check_lo = -2, .check_hi = 2);

#define LOGICAL_REDUCTION(id_, name_, doc_, fold_)                                                                     \
  static ek_code run_##id_(ek_run_context *c) { return run(c, fold_); }                                                \
  const ek_op_def ek_op_##id_ = {.name = (name_),                                                                      \
                                 .doc = (doc_),                                                                        \
                                 .in = "input: bool, reduction_indices: Tidx",                                         \
                                 .out = "output: bool",                                                                \
                                 .attrs = "keep_dims: bool = false; Tidx: {int32, int64} = int32",                     \
                                 .flags = EK_OP_NOT_DIFFERENTIABLE | EK_OP_ALIAS_WITHOUT_AXES,                         \
                                 .infer = infer_reduction,                                                             \
                                 .run = run_##id_}

LOGICAL_REDUCTION(all, "All", "whether all along reduction_indices are true", EK__FOLD_MIN);
LOGICAL_REDUCTION(any, "Any", "whether any along reduction_indices is true", EK__FOLD_MAX);
