/* SPDX-License-Identifier: Apache-2.0 */
/* Rows of a variable changed in place: ScatterUpdate, ScatterAdd and their kin by reference and by handle, and those
 * whose indices name parts (Nd). updates: indices.shape + ref.shape[1:], or for the plain ones a scalar. */
#include "ops/scatter.h"
#include "ops/grad_util.h"
#include "ops/index.h"
#include "ops/index_nd.h"
#include "ops/variable.h"

#include <inttypes.h>
#include <string.h>

#define WRITES (EK_OP_WRITES_REF | EK_OP_STATEFUL | EK_OP_NOT_DIFFERENTIABLE)

static ek__scatter kind_of(const ek__node *node) {
  static const char *const ends[] = {"Update", "Add", "Sub", "Mul", "Div", "Min", "Max"};
  const size_t n = strlen(node->type);
  for (int i = 0; i < 7; i++) {
    const size_t k = strlen(ends[i]);
    if (n > k && strcmp(node->type + n - k, ends[i]) == 0) return (ek__scatter)i;
  }
  return EK__SCATTER_UPDATE;
}

/* What a variable of that shape wants of its updates. */
static ek_code check_updates(ek_infer_context *c, ek_shape var, bool nd) {
  ek_shape want = ek_shape_unknown();
  const ek_shape indices = c->in[1].shape, updates = c->in[2].shape;
  if (nd) {
    EK_TRY(ek__infer_index_nd(c, indices, var, &want));
  } else if (var.rank >= 1 && indices.rank >= 0) {
    EK_INFER_REQUIRE(c, indices.rank + var.rank - 1 <= EK_MAX_RANK, "updates would have more than %d dimensions",
                     EK_MAX_RANK);
    want = indices;
    for (int i = 1; i < var.rank; i++) want.dim[want.rank++] = var.dim[i];
  }
  if (!nd && updates.rank == 0) return EK_OK;
  return ek__infer_merge(c, want, updates, &want);
}

static ek_code infer_ref(ek_infer_context *c) {
  c->out[0].shape = c->in[0].shape;
  return check_updates(c, c->in[0].shape, strstr(c->node->type, "Nd") != NULL);
}

static ek_code infer_handle(ek_infer_context *c) {
  ek_dtype dtype = EK_INVALID_DTYPE;
  ek_shape shape = ek_shape_unknown();
  (void)ek__handle_type(c, 0, &dtype, &shape);
  return check_updates(c, shape, strstr(c->node->type, "Nd") != NULL);
}

static ek_code scatter_nd(ek_run_context *c, ek_tensor *t) {
  const ek_value *indices = c->in[1], *updates = c->in[2];
  ek__index_nd nd;
  EK_TRY(ek__run_index_nd(c, indices, t->shape, &nd));
  EK_RUN_REQUIRE(c, updates->n == nd.n * nd.size, "the shape of updates is not that of indices and the variable");
  for (int64_t k = 0; k < nd.n && nd.size > 0; k++) {
    int64_t at = 0;
    EK_TRY(ek__index_nd_at(c, indices, t->shape, &nd, k, &at));
    EK_TRY(ek__scatter_row(c, kind_of(c->node), t->dtype, ek__at(t->dtype, t->data, at),
                           ek__at(t->dtype, updates->data, k * nd.size), nd.size));
  }
  return EK_OK;
}

static ek_code scatter(ek_run_context *c, ek_tensor *t) {
  const ek_value *indices = c->in[1], *updates = c->in[2];
  EK_RUN_REQUIRE(c, t->shape.rank >= 1, "params must be at least 1-D, got a scalar");
  const int64_t rows = t->shape.dim[0], row = rows > 0 ? ek_tensor_num_elements(t) / rows : ek__inner(t->shape, 0);
  const bool one = updates->shape.rank == 0;
  EK_RUN_REQUIRE(c, one || updates->n == indices->n * row,
                 "Must have updates.shape = indices.shape + params.shape[1:] or updates.shape = []");
  for (int64_t k = 0; k < indices->n; k++) {
    const int64_t at = ek__value_int(indices, k);
    EK_RUN_REQUIRE(c, at >= 0 && at < rows, "indices[%" PRId64 "] = %" PRId64 " is not in [0, %" PRId64 ")", k, at,
                   rows);
    EK_TRY(ek__scatter_rows(c, kind_of(c->node), t->dtype, ek__at(t->dtype, t->data, at * row),
                            one ? updates->data : ek__at(t->dtype, updates->data, k * row), !one, row));
  }
  return EK_OK;
}

static ek_code run_scatter(ek_run_context *c) {
  ek_tensor *t = NULL;
  EK_TRY(ek__run_variable(c, 0, &t));
  EK_RUN_REQUIRE(c, t->dtype == c->in[2]->dtype, "the variable is %s, updates are %s", ek_dtype_name(t->dtype),
                 ek_dtype_name(c->in[2]->dtype));
  if (c->n_out > 0) c->out[0]->slot = c->in[0]->slot;
  return strstr(c->node->type, "Nd") != NULL ? scatter_nd(c, t) : scatter(c, t);
}

#define BY_REF(id_, name_, doc_, types_)                                                                               \
  const ek_op_def ek_op_##id_ = {.name = name_,                                                                        \
                                 .doc = doc_,                                                                          \
                                 .in = "ref: Ref(T), indices: Tindices, updates: T",                                   \
                                 .out = "output_ref: Ref(T)",                                                          \
                                 .attrs = "T: " types_ "; Tindices: {int32, int64}; use_locking: bool = false",        \
                                 .flags = WRITES,                                                                      \
                                 .infer = infer_ref,                                                                   \
                                 .run = run_scatter}
#define BY_HANDLE(id_, name_, doc_, types_)                                                                            \
  const ek_op_def ek_op_##id_ = {.name = name_,                                                                        \
                                 .doc = doc_,                                                                          \
                                 .in = "resource: resource, indices: Tindices, updates: dtype",                        \
                                 .attrs = "dtype: " types_ "; Tindices: {int32, int64}",                               \
                                 .flags = WRITES,                                                                      \
                                 .infer = infer_handle,                                                                \
                                 .run = run_scatter}
#define BY_HANDLE_ND(id_, name_, doc_, types_)                                                                         \
  const ek_op_def ek_op_##id_ = {.name = name_,                                                                        \
                                 .doc = doc_,                                                                          \
                                 .in = "ref: resource, indices: Tindices, updates: T",                                 \
                                 .attrs = "T: " types_ "; Tindices: {int32, int64}; use_locking: bool = true",         \
                                 .flags = WRITES,                                                                      \
                                 .infer = infer_handle,                                                                \
                                 .run = run_scatter}
#define ANY     "type"
#define NUMBERS "{" EK_SCATTER_TYPES "}"

BY_REF(scatter_update, "ScatterUpdate", "ref[indices] = updates", ANY);
BY_REF(scatter_add, "ScatterAdd", "ref[indices] += updates", NUMBERS);
BY_REF(scatter_sub, "ScatterSub", "ref[indices] -= updates", NUMBERS);
BY_REF(scatter_mul, "ScatterMul", "ref[indices] *= updates", NUMBERS);
BY_REF(scatter_div, "ScatterDiv", "ref[indices] /= updates", NUMBERS);
BY_REF(scatter_min, "ScatterMin", "ref[indices] = min(ref[indices], updates)", NUMBERS);
BY_REF(scatter_max, "ScatterMax", "ref[indices] = max(ref[indices], updates)", NUMBERS);
BY_REF(scatter_nd_update, "ScatterNdUpdate", "the parts of ref that indices name = updates", ANY);
BY_REF(scatter_nd_add, "ScatterNdAdd", "the parts of ref that indices name += updates", NUMBERS);
BY_REF(scatter_nd_sub, "ScatterNdSub", "the parts of ref that indices name -= updates", NUMBERS);
BY_HANDLE(resource_scatter_update, "ResourceScatterUpdate", "rows of the variable behind the handle = updates", ANY);
BY_HANDLE(resource_scatter_add, "ResourceScatterAdd", "rows of the variable behind the handle += updates", NUMBERS);
BY_HANDLE(resource_scatter_sub, "ResourceScatterSub", "rows of the variable behind the handle -= updates", NUMBERS);
BY_HANDLE(resource_scatter_mul, "ResourceScatterMul", "rows of the variable behind the handle *= updates", NUMBERS);
BY_HANDLE(resource_scatter_div, "ResourceScatterDiv", "rows of the variable behind the handle /= updates", NUMBERS);
BY_HANDLE(resource_scatter_min, "ResourceScatterMin", "the lesser of rows of the variable and updates", NUMBERS);
BY_HANDLE(resource_scatter_max, "ResourceScatterMax", "the greater of rows of the variable and updates", NUMBERS);
BY_HANDLE_ND(resource_scatter_nd_update, "ResourceScatterNdUpdate", "parts of the variable = updates", ANY);
BY_HANDLE_ND(resource_scatter_nd_add, "ResourceScatterNdAdd", "parts of the variable += updates", NUMBERS);
BY_HANDLE_ND(resource_scatter_nd_sub, "ResourceScatterNdSub", "parts of the variable -= updates", NUMBERS);

/* ---- TensorScatter...: the same on a copy */

static ek_code infer_tensor(ek_infer_context *c) {
  c->out[0].shape = c->in[0].shape;
  return check_updates(c, c->in[0].shape, true);
}

static ek_code run_tensor(ek_run_context *c) {
  const ek_value *x = c->in[0];
  EK_TRY(ek__run_output(c, 0, x->shape));
  if (c->out[0]->data != x->data) ek__copy_elements(x->dtype, c->out[0]->data, x->data, x->n);
  ek_tensor t = {.dtype = x->dtype, .shape = x->shape, .data = c->out[0]->data};
  return scatter_nd(c, &t);
}

#define ON_TENSOR(id_, name_, doc_, types_, ...)                                                                       \
  const ek_op_def ek_op_##id_ = {.name = name_,                                                                        \
                                 .doc = doc_,                                                                          \
                                 .in = "tensor: T, indices: Tindices, updates: T",                                     \
                                 .out = "output: T",                                                                   \
                                 .attrs = "T: " types_ "; Tindices: {int32, int64}",                                   \
                                 .infer = infer_tensor,                                                                \
                                 .run = run_tensor,                                                                    \
                                 __VA_ARGS__}

static ek_code grad_tensor_update(ek_grad_context *c) {
  ek_graph *g = c->g;
  const ek_out indices = ek__grad_in(c, 1);
  c->dx[2] = ek__op2(g, "GatherNd", c->dy[0], indices);
  const ek_out copy = ek__op1(g, "Identity", c->dy[0]), zeros = ek__grad_zeros_like(g, ek__grad_in(c, 2));
  c->dx[0] = ek__op3(g, "TensorScatterUpdate", copy, indices, zeros);
  return EK_OK;
}
static ek_code grad_tensor_add(ek_grad_context *c) {
  c->dx[2] = ek__op2(c->g, "GatherNd", c->dy[0], ek__grad_in(c, 1));
  c->dx[0] = ek__op1(c->g, "Identity", c->dy[0]);
  return EK_OK;
}
static ek_code grad_tensor_sub(ek_grad_context *c) {
  const ek_out part = ek__op2(c->g, "GatherNd", c->dy[0], ek__grad_in(c, 1));
  c->dx[2] = ek__op1(c->g, "Neg", part);
  c->dx[0] = ek__op1(c->g, "Identity", c->dy[0]);
  return EK_OK;
}

ON_TENSOR(tensor_scatter_update, "TensorScatterUpdate", "a copy in which the parts that indices name are updates", ANY,
          .grad = grad_tensor_update);
ON_TENSOR(tensor_scatter_add, "TensorScatterAdd", "a copy with updates added to the parts that indices name", NUMBERS,
          .grad = grad_tensor_add);
ON_TENSOR(tensor_scatter_sub, "TensorScatterSub", "a copy with updates subtracted from the parts that indices name",
          NUMBERS, .grad = grad_tensor_sub);
