/* SPDX-License-Identifier: Apache-2.0 */
/* GatherNd, and ScatterNd, which undoes it. */
#include "ops/grad_util.h"
#include "ops/index.h"
#include "ops/index_nd.h"
#include "ops/scatter.h"

#include <inttypes.h>

static ek_code infer_gather_nd(ek_infer_context *c) {
  return ek__infer_index_nd(c, c->in[1].shape, c->in[0].shape, &c->out[0].shape);
}

/* outer + slice */
static ek_shape joined(const ek__index_nd *nd) {
  ek_shape s = nd->outer;
  for (int i = 0; i < nd->slice.rank; i++) s.dim[s.rank++] = nd->slice.dim[i];
  return s;
}

static ek_code run_gather_nd(ek_run_context *c) {
  const ek_value *params = c->in[0], *indices = c->in[1];
  ek__index_nd nd;
  EK_TRY(ek__run_index_nd(c, indices, params->shape, &nd));
  EK_TRY(ek__run_output(c, 0, joined(&nd)));
  const ek_dtype dtype = params->dtype;
  for (int64_t k = 0; k < nd.n && nd.size > 0; k++) {
    int64_t at = 0;
    EK_TRY(ek__index_nd_at(c, indices, params->shape, &nd, k, &at));
    ek__copy_elements(dtype, ek__at(dtype, c->out[0]->data, k * nd.size), ek__at(dtype, params->data, at), nd.size);
  }
  return EK_OK;
}

static ek_code grad_gather_nd(ek_grad_context *c) {
  ek_graph *g = c->g;
  const ek_out indices = ek__grad_in(c, 1), params = ek__grad_in(c, 0);
  const ek_out shape = ek__grad_shape_as(g, params, ek_out_dtype(g, indices));
  c->dx[0] = ek__grad_parts(g, indices, c->dy[0], shape);
  return EK_OK;
}

const ek_op_def ek_op_gather_nd = {.name = "GatherNd",
                                   .doc = "the parts of params that the last dimension of indices names",
                                   .in = "params: Tparams, indices: Tindices",
                                   .out = "output: Tparams",
                                   .attrs = "Tparams: type; Tindices: {int16, int32, int64}",
                                   .infer = infer_gather_nd,
                                   .grad = grad_gather_nd,
                                   .run = run_gather_nd};

static ek_code infer_scatter_nd(ek_infer_context *c) {
  ek_shape updates;
  EK_TRY(ek__infer_shape_from_input(c, 2, &c->out[0].shape));
  EK_TRY(ek__infer_index_nd(c, c->in[0].shape, c->out[0].shape, &updates));
  return ek__infer_merge(c, updates, c->in[1].shape, &updates);
}

static ek_code run_scatter_nd(ek_run_context *c) {
  const ek_value *indices = c->in[0], *updates = c->in[1];
  int64_t dims[EK_MAX_RANK];
  int rank = 0;
  ek__index_nd nd;
  EK_TRY(ek__run_ints(c, 2, EK_MAX_RANK, dims, &rank));
  const ek_shape shape = ek_shape_of(dims, rank);
  EK_RUN_REQUIRE(c, ek_shape_is_known(shape), "shape has a negative dimension");
  EK_TRY(ek__run_index_nd(c, indices, shape, &nd));
  EK_RUN_REQUIRE(c, ek_shape_equal(updates->shape, joined(&nd)),
                 "the shape of updates is not that of indices and shape");
  EK_TRY(ek__run_output(c, 0, shape));
  ek__zero(updates->dtype, c->out[0]->data, c->out[0]->n);
  for (int64_t k = 0; k < nd.n && nd.size > 0; k++) {
    int64_t at = 0;
    EK_TRY(ek__index_nd_at(c, indices, shape, &nd, k, &at));
    EK_TRY(ek__scatter_row(c, EK__SCATTER_ADD, updates->dtype, ek__at(updates->dtype, c->out[0]->data, at),
                           ek__at(updates->dtype, updates->data, k * nd.size), nd.size));
  }
  return EK_OK;
}

static ek_code grad_scatter_nd(ek_grad_context *c) {
  c->dx[1] = ek__op2(c->g, "GatherNd", c->dy[0], ek__grad_in(c, 0));
  return EK_OK;
}

const ek_op_def ek_op_scatter_nd = {.name = "ScatterNd",
                                    .doc = "zeros of a shape, with updates added at the places that indices name",
                                    .in = "indices: Tindices, updates: T, shape: Tindices",
                                    .out = "output: T",
                                    .attrs = "T: {" EK_SCATTER_TYPES ", bool}; Tindices: {int16, int32, int64}",
                                    .infer = infer_scatter_nd,
                                    .grad = grad_scatter_nd,
                                    .run = run_scatter_nd};
