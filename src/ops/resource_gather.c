/* SPDX-License-Identifier: Apache-2.0 */
/* Parts of a variable behind a handle: ResourceGather by row, ResourceGatherNd by several numbers. */
#include "ops/array_grad.h"
#include "ops/grad_util.h"
#include "ops/index.h"
#include "ops/index_nd.h"
#include "ops/variable.h"

#include <inttypes.h>

static ek_code infer_rows(ek_infer_context *c) {
  ek_shape shape;
  EK_TRY(ek__infer_handle(c, 0, ek__attr_type(c->node, "dtype"), &shape));
  const ek_shape indices = c->in[1].shape;
  const int64_t batch = ek__attr_int(c->node, "batch_dims");
  EK_INFER_REQUIRE(c, batch == 0, "batch_dims must be 0, not %" PRId64, batch);
  c->out[0].shape = ek_shape_unknown();
  if (shape.rank < 0 || indices.rank < 0) return EK_OK;
  EK_INFER_REQUIRE(c, shape.rank >= 1, "the variable must have at least one dimension");
  EK_INFER_REQUIRE(c, indices.rank + shape.rank - 1 <= EK_MAX_RANK, "the result would have more than %d dimensions",
                   EK_MAX_RANK);
  c->out[0].shape = indices;
  for (int i = 1; i < shape.rank; i++) c->out[0].shape.dim[c->out[0].shape.rank++] = shape.dim[i];
  return EK_OK;
}

static ek_code run_rows(ek_run_context *c) {
  const ek_value *indices = c->in[1];
  ek_tensor *t = NULL;
  EK_TRY(ek__run_variable(c, 0, &t));
  EK_RUN_REQUIRE(c, t->dtype == c->out[0]->dtype, "Trying to read variable with wrong dtype. Expected %s got %s",
                 ek_dtype_name(c->out[0]->dtype), ek_dtype_name(t->dtype));
  EK_RUN_REQUIRE(c, t->shape.rank >= 1 && indices->shape.rank + t->shape.rank - 1 <= EK_MAX_RANK,
                 "params must be at least 1 dimensional, and the result have at most %d dimensions", EK_MAX_RANK);
  ek_shape r = indices->shape;
  for (int i = 1; i < t->shape.rank; i++) r.dim[r.rank++] = t->shape.dim[i];
  EK_TRY(ek__run_output(c, 0, r));
  const int64_t row = ek__inner(t->shape, 0);
  for (int64_t k = 0; k < indices->n; k++) {
    const int64_t at = ek__value_int(indices, k);
    EK_RUN_REQUIRE(c, at >= 0 && at < t->shape.dim[0], "indices[%" PRId64 "] = %" PRId64 " is not in [0, %" PRId64 ")",
                   k, at, t->shape.dim[0]);
    ek__copy_elements(t->dtype, ek__at(t->dtype, c->out[0]->data, k * row), ek__at(t->dtype, t->data, at * row), row);
  }
  return EK_OK;
}

static ek_code infer_parts(ek_infer_context *c) {
  ek_shape shape;
  EK_TRY(ek__infer_handle(c, 0, ek__attr_type(c->node, "dtype"), &shape));
  return ek__infer_index_nd(c, c->in[1].shape, shape, &c->out[0].shape);
}

static ek_code run_parts(ek_run_context *c) {
  const ek_value *indices = c->in[1];
  ek_tensor *t = NULL;
  ek__index_nd nd;
  EK_TRY(ek__run_variable(c, 0, &t));
  EK_TRY(ek__run_index_nd(c, indices, t->shape, &nd));
  ek_shape r = nd.outer;
  for (int i = 0; i < nd.slice.rank; i++) r.dim[r.rank++] = nd.slice.dim[i];
  EK_TRY(ek__run_output(c, 0, r));
  for (int64_t k = 0; k < nd.n && nd.size > 0; k++) {
    int64_t at = 0;
    EK_TRY(ek__index_nd_at(c, indices, t->shape, &nd, k, &at));
    ek__copy_elements(t->dtype, ek__at(t->dtype, c->out[0]->data, k * nd.size), ek__at(t->dtype, t->data, at), nd.size);
  }
  return EK_OK;
}

static ek_code grad_parts(ek_grad_context *c) {
  ek_graph *g = c->g;
  const ek_out indices = ek__grad_in(c, 1);
  const ek_attr dtype = EK_TYPE_ATTR("out_type", ek_out_dtype(g, indices));
  const ek_out shape = ek_op_output(ek_build(g, "VariableShape", EK_OUTS(ek__grad_in(c, 0)), &dtype, 1), 0);
  c->dx[0] = ek__grad_parts(g, indices, c->dy[0], shape);
  return EK_OK;
}

const ek_op_def ek_op_resource_gather = {.name = "ResourceGather",
                                         .doc = "the rows of the variable behind the handle that indices name",
                                         .in = "resource: resource, indices: Tindices",
                                         .out = "output: dtype",
                                         .attrs = "batch_dims: int = 0; validate_indices: bool = true; dtype: type; "
                                                  "Tindices: {int32, int64}",
                                         .flags = EK_OP_STATEFUL,
                                         .infer = infer_rows,
                                         .grad = ek__grad_resource_gather,
                                         .run = run_rows};
const ek_op_def ek_op_resource_gather_nd = {.name = "ResourceGatherNd",
                                            .doc = "the parts of the variable behind the handle that indices name",
                                            .in = "resource: resource, indices: Tindices",
                                            .out = "output: dtype",
                                            .attrs = "dtype: type; Tindices: {int32, int64}",
                                            .flags = EK_OP_STATEFUL,
                                            .infer = infer_parts,
                                            .grad = grad_parts,
                                            .run = run_parts};
