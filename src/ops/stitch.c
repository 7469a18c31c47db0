/* SPDX-License-Identifier: Apache-2.0 */
/* DynamicStitch: rows from several tensors, each to the place that its index says. */
#include "ops/array_grad.h"
#include "ops/index.h"

#include <inttypes.h>

/* data[i] is indices[i] followed by the shape of a row. */
static bool row_of(ek_shape indices, ek_shape data, ek_shape *row) {
  if (data.rank < indices.rank) return false;
  *row = (ek_shape){.rank = 0};
  for (int i = 0; i < data.rank; i++) {
    if (i >= indices.rank)
      row->dim[row->rank++] = data.dim[i];
    else if (indices.dim[i] >= 0 && data.dim[i] >= 0 && indices.dim[i] != data.dim[i])
      return false;
  }
  return true;
}

static ek_code infer_stitch(ek_infer_context *c) {
  const int n = c->n_in / 2;
  ek_shape row = ek_shape_unknown();
  int64_t rows = 0;
  for (int i = 0; i < n; i++) {
    const ek_shape indices = c->in[i].shape, data = c->in[n + i].shape;
    const ek_tensor *t = c->constant(c, i);
    ek_shape at = {.rank = -1};
    if (t == NULL && c->partial(c, i, &at) && ek_shape_is_known(at)) /* a Range, as the gradient of a mean makes it */
      for (int k = 0; rows >= 0 && k < at.rank; k++) rows = at.dim[k] >= rows ? at.dim[k] + 1 : rows;
    for (int64_t k = 0; t != NULL && rows >= 0 && k < ek_tensor_num_elements(t); k++)
      if ((int64_t)ek_tensor_number(t, k) >= rows) rows = (int64_t)ek_tensor_number(t, k) + 1;
    if (t == NULL && !ek_shape_is_known(at)) rows = -1;
    if (indices.rank < 0 || data.rank < 0) continue;
    ek_shape own;
    EK_INFER_REQUIRE(c, row_of(indices, data, &own), "data[%d] must begin with the shape of indices[%d]", i, i);
    EK_TRY(ek__infer_merge(c, row, own, &row));
  }
  c->out[0].shape = ek_shape_unknown();
  if (row.rank < 0 || row.rank == EK_MAX_RANK) return EK_OK;
  ek_shape r = {.rank = row.rank + 1, .dim = {rows}};
  for (int k = 0; k < row.rank; k++) r.dim[k + 1] = row.dim[k];
  c->out[0].shape = r;
  return EK_OK;
}

/* A shape stitched from parts, as the gradient of a sum makes it. */
static bool partial_stitch(ek_infer_context *c, ek_shape *value) {
  const int n = c->n_in / 2;
  *value = (ek_shape){.rank = 0, .dim = {-1, -1, -1, -1, -1, -1, -1, -1}};
  for (int i = 0; i < n; i++) {
    ek_shape at, from;
    if (!c->partial(c, i, &at)) return false;
    const bool known = c->partial(c, n + i, &from) && from.rank == at.rank;
    for (int k = 0; k < at.rank; k++) {
      if (at.dim[k] < 0 || at.dim[k] >= EK_MAX_RANK) return false;
      value->dim[at.dim[k]] = known ? from.dim[k] : -1;
      if (at.dim[k] >= value->rank) value->rank = (int)at.dim[k] + 1;
    }
  }
  return true;
}

static ek_code run_stitch(ek_run_context *c) {
  const int n = c->n_in / 2;
  ek_shape row = ek_shape_unknown(), own;
  int64_t rows = 0;
  for (int i = 0; i < n; i++) {
    EK_RUN_REQUIRE(c, row_of(c->in[i]->shape, c->in[n + i]->shape, &own),
                   "data[%d].shape does not start with indices[%d].shape", i, i);
    EK_RUN_REQUIRE(c, row.rank < 0 || ek_shape_equal(row, own), "Need data[0].shape and data[%d].shape to agree", i);
    row = own;
    for (int64_t k = 0; k < c->in[i]->n; k++) {
      const int64_t at = ek__value_int(c->in[i], k);
      EK_RUN_REQUIRE(c, at >= 0, "indices[%d] holds %" PRId64 ", which is negative", i, at);
      if (at >= rows) rows = at + 1;
    }
  }
  EK_RUN_REQUIRE(c, row.rank < EK_MAX_RANK, "the result would have more than %d dimensions", EK_MAX_RANK);
  ek_shape r = {.rank = row.rank + 1, .dim = {rows}};
  for (int k = 0; k < row.rank; k++) r.dim[k + 1] = row.dim[k];
  EK_TRY(ek__run_output(c, 0, r));
  const ek_dtype dtype = c->out[0]->dtype;
  const int64_t size = ek_shape_num_elements(row);
  ek__zero(dtype, c->out[0]->data, c->out[0]->n); /* rows that nobody names */
  for (int i = 0; i < n; i++)
    for (int64_t k = 0; k < c->in[i]->n; k++)
      ek__copy_elements(dtype, ek__at(dtype, c->out[0]->data, ek__value_int(c->in[i], k) * size),
                        ek__at(dtype, c->in[n + i]->data, k * size), size);
  return EK_OK;
}

#define STITCH(id_, name_, doc_)                                                                                       \
  const ek_op_def ek_op_##id_ = {.name = name_,                                                                        \
                                 .doc = doc_,                                                                          \
                                 .in = "indices: N * int32, data: N * T",                                              \
                                 .out = "merged: T",                                                                   \
                                 .attrs = "N: int >= 1; T: type",                                                      \
                                 .infer = infer_stitch,                                                                \
                                 .partial_value = partial_stitch,                                                      \
                                 .grad = ek__grad_stitch,                                                              \
                                 .run = run_stitch}
STITCH(dynamic_stitch, "DynamicStitch", "merged[indices[i][k]] = data[i][k]; the last one wins");
STITCH(parallel_dynamic_stitch, "ParallelDynamicStitch", "DynamicStitch where no place is named twice");
