/* SPDX-License-Identifier: Apache-2.0 */
/* Parts of a tensor by index: Gather (along axis 0), GatherV2. */
#include "ops/array_grad.h"
#include "ops/index.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static bool is_v2(const ek__node *node) { return strcmp(node->type, "GatherV2") == 0; }

/* params[:axis] + indices[batch:] + params[axis + 1:] */
static bool joined(ek_shape params, ek_shape indices, int axis, int batch, ek_shape *out) {
  *out = (ek_shape){.rank = 0};
  if (params.rank - 1 + indices.rank - batch > EK_MAX_RANK) return false;
  for (int i = 0; i < axis; i++) out->dim[out->rank++] = params.dim[i];
  for (int i = batch; i < indices.rank; i++) out->dim[out->rank++] = indices.dim[i];
  for (int i = axis + 1; i < params.rank; i++) out->dim[out->rank++] = params.dim[i];
  return true;
}

static ek_code infer_gather(ek_infer_context *c) {
  const ek_shape params = c->in[0].shape, indices = c->in[1].shape;
  int64_t axis = 0, batch = 0;
  c->out[0].shape = ek_shape_unknown();
  if (is_v2(c->node)) {
    EK_TRY(ek__infer_rank(c, 2, 0));
    batch = ek__attr_int(c->node, "batch_dims");
    if (!ek__infer_int(c, 2, &axis)) {
      const int rank =
          params.rank < 0 || indices.rank < 0 || batch < 0 ? -1 : params.rank - 1 + indices.rank - (int)batch;
      if (rank >= 0 && rank <= EK_MAX_RANK)
        c->out[0].shape = (ek_shape){.rank = rank, .dim = {-1, -1, -1, -1, -1, -1, -1, -1}};
      return EK_OK;
    }
  }
  if (params.rank < 0 || indices.rank < 0) return EK_OK;
  const int front = ek__front_axis(axis, params.rank);
  EK_INFER_REQUIRE(c, front >= 0, "axis %" PRId64 " is outside of the %d dimensions of params", axis, params.rank);
  if (batch < 0) batch += indices.rank;
  EK_INFER_REQUIRE(c, batch >= 0 && batch <= indices.rank && batch <= front,
                   "batch_dims %" PRId64 " must be at most axis %d and the rank %d of indices", batch, front,
                   indices.rank);
  EK_INFER_REQUIRE(c, joined(params, indices, front, (int)batch, &c->out[0].shape),
                   "the result would have more than %d dimensions", EK_MAX_RANK);
  return EK_OK;
}

/* Some dimensions of a shape. */
static bool partial_gather(ek_infer_context *c, ek_shape *value) {
  int64_t index[EK_MAX_RANK];
  int n = 0;
  ek_shape from;
  if (c->in[0].shape.rank != 1 || c->in[1].shape.rank > 1 || !c->partial(c, 0, &from)) return false;
  if (!ek__infer_ints(c, 1, EK_MAX_RANK, index, &n)) return false;
  value->rank = n;
  for (int i = 0; i < n; i++) {
    if (index[i] < 0 || index[i] >= from.rank) return false;
    value->dim[i] = from.dim[index[i]];
  }
  return true;
}

/* "indices[0,1] = 7 is not in [0, 3)" */
static ek_code outside(ek_run_context *c, int64_t k, int64_t found, int64_t limit) {
  const ek_shape s = c->in[1]->shape;
  int64_t stride[EK_MAX_RANK];
  char at[128] = "";
  size_t used = 0;
  ek__row_major(s, stride);
  for (int i = 0; i < s.rank && used < sizeof at; i++)
    used += (size_t)snprintf(at + used, sizeof at - used, "%s%" PRId64, i > 0 ? "," : "", k / stride[i] % s.dim[i]);
  return ek__run_fail(c, EK_INVALID_ARGUMENT, "indices%s%s%s = %" PRId64 " is not in [0, %" PRId64 ")",
                      s.rank > 0 ? "[" : "", at, s.rank > 0 ? "]" : "", found, limit);
}

static ek_code run_gather(ek_run_context *c) {
  const ek_value *params = c->in[0], *indices = c->in[1];
  int64_t axis = 0, batch = 0;
  if (is_v2(c->node)) {
    EK_RUN_REQUIRE(c, c->in[2]->n == 1, "axis must be a scalar");
    axis = ek__value_int(c->in[2], 0);
    batch = ek__attr_int(c->node, "batch_dims");
  }
  EK_RUN_REQUIRE(c, params->shape.rank > 0, "params must be at least 1 dimensional");
  const int front = ek__front_axis(axis, params->shape.rank);
  EK_RUN_REQUIRE(c, front >= 0, "axis %" PRId64 " is outside of the %d dimensions of params", axis, params->shape.rank);
  if (batch < 0) batch += indices->shape.rank;
  EK_RUN_REQUIRE(c, batch >= 0 && batch <= indices->shape.rank && batch <= front,
                 "batch_dims %" PRId64 " must be at most axis %d and the rank %d of indices", batch, front,
                 indices->shape.rank);
  for (int i = 0; i < batch; i++)
    EK_RUN_REQUIRE(c, params->shape.dim[i] == indices->shape.dim[i],
                   "params.shape[%d]: %" PRId64 " should be equal to indices.shape[%d]: %" PRId64, i,
                   params->shape.dim[i], i, indices->shape.dim[i]);
  ek_shape r;
  EK_RUN_REQUIRE(c, joined(params->shape, indices->shape, front, (int)batch, &r),
                 "the result would have more than %d dimensions", EK_MAX_RANK);
  EK_TRY(ek__run_output(c, 0, r));
  const int64_t batches = ek__outer(params->shape, (int)batch), limit = params->shape.dim[front],
                inner = ek__inner(params->shape, front),
                outer = batches > 0 ? ek__outer(params->shape, front) / batches : 0,
                each = batches > 0 ? indices->n / batches : 0;
  const ek_dtype dtype = params->dtype;
  for (int64_t b = 0; b < batches; b++)
    for (int64_t k = 0; k < each; k++) {
      const int64_t index = ek__value_int(indices, b * each + k);
      if (index < 0 || index >= limit) return outside(c, b * each + k, index, limit);
      ek__copy box = {0};
      ek__copy_axis(&box, outer, each * inner, limit * inner);
      ek__copy_axis(&box, inner, 1, 1);
      ek__copy_box(dtype, ek__at(dtype, c->out[0]->data, (b * outer * each + k) * inner),
                   ek__at(dtype, params->data, (b * outer * limit + index) * inner), &box);
    }
  return EK_OK;
}

const ek_op_def ek_op_gather_v2 = {.name = "GatherV2",
                                   .doc = "the parts of params along axis that indices name",
                                   .in = "params: Tparams, indices: Tindices, axis: Taxis",
                                   .out = "output: Tparams",
                                   .attrs = "batch_dims: int = 0; Tparams: type; Tindices: {int32, int64}; Taxis: "
                                            "{int32, int64}",
                                   .function = "gather",
                                   .infer = infer_gather,
                                   .partial_value = partial_gather,
                                   .grad = ek__grad_gather,
                                   .run = run_gather};

const ek_op_def ek_op_gather = {.name = "Gather",
                                .doc = "GatherV2 along axis 0, as older files have it",
                                .in = "params: Tparams, indices: Tindices",
                                .out = "output: Tparams",
                                .attrs = "validate_indices: bool = true; Tparams: type; Tindices: {int32, int64}",
                                .function = "",
                                .infer = infer_gather,
                                .partial_value = partial_gather,
                                .grad = ek__grad_gather,
                                .run = run_gather};
