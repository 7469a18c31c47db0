/* SPDX-License-Identifier: Apache-2.0 */
/* Rows of data that indices name, put together by the number that each index carries: what embedding_lookup_sparse is
 * made of. Numbers ascend; one that is left out gives zeros. */
#include "ops/grad_util.h"
#include "ops/index.h"
#include "ops/number.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

static bool is_grad(const ek__node *node) { return strstr(node->type, "Grad") != NULL; }

/* Input 3: how many rows come out. */
static const char *rows_name(const ek__node *node) { return is_grad(node) ? "output_dim0" : "num_segments"; }

/* ---- shapes */

static ek_code infer_rows(ek_infer_context *c, int64_t rows) {
  EK_TRY(ek__infer_rank(c, 1, 1));
  EK_TRY(ek__infer_rank(c, 2, 1));
  EK_INFER_REQUIRE(c, c->in[0].shape.rank != 0, "%s must have at least one dimension",
                   is_grad(c->node) ? "grad" : "data");
  c->out[0].shape = c->in[0].shape;
  if (c->in[0].shape.rank > 0) c->out[0].shape.dim[0] = rows;
  return EK_OK;
}

static ek_code infer_segments(ek_infer_context *c) { return infer_rows(c, -1); }

static ek_code infer_numbered(ek_infer_context *c) {
  int64_t n = -1;
  EK_TRY(ek__infer_rank(c, 3, 0));
  if (ek__infer_int(c, 3, &n))
    EK_INFER_REQUIRE(c, n >= 0, "%s is %" PRId64 ", it must be at least 0", rows_name(c->node), n);
  return infer_rows(c, n);
}

/* ---- numbers */

typedef enum kind { SUM, MEAN, ROOT } kind;

static kind kind_of(const ek__node *node) {
  return strstr(node->type, "Mean") != NULL ? MEAN : strstr(node->type, "SqrtN") != NULL ? ROOT : SUM;
}

static double scale_of(kind k, int64_t count) {
  return k == SUM ? 1.0 : 1.0 / (k == MEAN ? (double)count : sqrt((double)count));
}

#define ADD(tag_, unused_)                                                                                             \
  case EK__DTYPE_##tag_:                                                                                               \
    for (int64_t i = 0; i < n; i++) to[i] += scale * (double)ek__get_##tag_(((const ek__s_##tag_ *)from)[i]);          \
    break;
static void add(ek_dtype dtype, double *to, const void *from, double scale, int64_t n) {
  switch (dtype) {
    EK_FLOAT_TAGS(ADD, )
  default: break; /* the signature allows no other */
  }
}

#define PUT(tag_, unused_)                                                                                             \
  case EK__DTYPE_##tag_:                                                                                               \
    for (int64_t i = 0; i < n; i++) ((ek__s_##tag_ *)to)[i] = ek__put_##tag_((ek__v_##tag_)from[i]);                   \
    break;
static void put(ek_dtype dtype, void *to, const double *from, int64_t n) {
  switch (dtype) {
    EK_FLOAT_TAGS(PUT, )
  default: break;
  }
}

static ek_code asked_rows(ek_run_context *c, int64_t *n) {
  EK_RUN_REQUIRE(c, c->in[3]->n == 1, "%s must be a scalar", rows_name(c->node));
  *n = ek__value_int(c->in[3], 0);
  EK_RUN_REQUIRE(c, *n >= 0, "%s is %" PRId64 ", it must be at least 0", rows_name(c->node), *n);
  return EK_OK;
}

/* Each index in [0, rows), each number in [0, segments) and not below the one before. */
static ek_code check(ek_run_context *c, int64_t rows, int64_t segments) {
  const ek_value *indices = c->in[1], *ids = c->in[2];
  EK_RUN_REQUIRE(c, indices->shape.rank == 1 && ids->shape.rank == 1 && indices->n == ids->n,
                 "segment_ids and indices should have same size.");
  for (int64_t k = 0; k < ids->n; k++) {
    const int64_t at = ek__value_int(indices, k), id = ek__value_int(ids, k);
    EK_RUN_REQUIRE(c, at >= 0 && at < rows, "indices[%" PRId64 "] == %" PRId64 " out of range [0, %" PRId64 ")", k, at,
                   rows);
    EK_RUN_REQUIRE(c, id >= 0 && id < segments,
                   "segment_ids[%" PRId64 "] = %" PRId64 " is out of range [0, %" PRId64 ")", k, id, segments);
    EK_RUN_REQUIRE(c, k == 0 || id >= ek__value_int(ids, k - 1), "segment ids are not increasing");
  }
  return EK_OK;
}

/* How many indices from k on carry the number of k. */
static int64_t run_of(const ek_value *ids, int64_t k) {
  int64_t n = 1;
  while (k + n < ids->n && ek__value_int(ids, k + n) == ek__value_int(ids, k)) n++;
  return n;
}

static ek_code run(ek_run_context *c) {
  const ek_value *data = c->in[0], *indices = c->in[1], *ids = c->in[2];
  ek_shape r = data->shape;
  EK_RUN_REQUIRE(c, r.rank >= 1, "data must have at least one dimension");
  const int64_t rows = r.dim[0], row = ek__inner(r, 0);
  const int64_t last = ids->n > 0 ? ek__value_int(ids, ids->n - 1) : -1;
  int64_t segments = last < INT64_MAX ? last + 1 : last;
  if (c->n_in > 3) EK_TRY(asked_rows(c, &segments));
  EK_RUN_REQUIRE(c, segments >= 0, "segment ids must be >= 0");
  EK_TRY(check(c, rows, segments));
  r.dim[0] = segments;
  EK_TRY(ek__run_output(c, 0, r));
  ek__zero(data->dtype, c->out[0]->data, c->out[0]->n);
  if (row == 0) return EK_OK;
  double *sum = ek__alloc_array(c->allocator, (size_t)row, sizeof *sum);
  if (sum == NULL) return ek__no_memory(c->st, c->node->name, (size_t)row * sizeof *sum);
  for (int64_t k = 0, n; k < ids->n; k += n) {
    n = run_of(ids, k);
    memset(sum, 0, (size_t)row * sizeof *sum);
    for (int64_t i = k; i < k + n; i++)
      add(data->dtype, sum, ek__at(data->dtype, data->data, ek__value_int(indices, i) * row), 1.0, row);
    const double scale = scale_of(kind_of(c->node), n);
    for (int64_t i = 0; i < row; i++) sum[i] *= scale;
    put(data->dtype, ek__at(data->dtype, c->out[0]->data, ek__value_int(ids, k) * row), sum, row);
  }
  ek__free(c->allocator, sum, (size_t)row * sizeof *sum);
  return EK_OK;
}

/* Row indices[k] gets what segment_ids[k] got, in the segment's share. */
static ek_code run_grad(ek_run_context *c) {
  const ek_value *dy = c->in[0], *indices = c->in[1], *ids = c->in[2];
  ek_shape r = dy->shape;
  EK_RUN_REQUIRE(c, r.rank >= 1, "grad must have at least one dimension");
  const int64_t segments = r.dim[0], row = ek__inner(r, 0);
  EK_TRY(asked_rows(c, &r.dim[0]));
  EK_TRY(check(c, r.dim[0], segments));
  EK_TRY(ek__run_output(c, 0, r));
  const size_t room = (size_t)c->out[0]->n;
  if (room == 0) return EK_OK;
  double *sum = ek__alloc_array(c->allocator, room, sizeof *sum);
  if (sum == NULL) return ek__no_memory(c->st, c->node->name, room * sizeof *sum);
  memset(sum, 0, room * sizeof *sum);
  for (int64_t k = 0, n; k < ids->n; k += n) {
    n = run_of(ids, k);
    const void *from = ek__at(dy->dtype, dy->data, ek__value_int(ids, k) * row);
    for (int64_t i = k; i < k + n; i++)
      add(dy->dtype, sum + ek__value_int(indices, i) * row, from, scale_of(kind_of(c->node), n), row);
  }
  put(dy->dtype, c->out[0]->data, sum, c->out[0]->n);
  ek__free(c->allocator, sum, room * sizeof *sum);
  return EK_OK;
}

/* ---- the ops */

static ek_code grad(ek_grad_context *c) {
  ek_graph *g = c->g;
  const kind k = kind_of(c->node);
  const ek_out n = ek__grad_rows(g, ek__grad_in(c, 0));
  const ek_out in[] = {c->dy[0], ek__grad_in(c, 1), ek__grad_in(c, 2), n};
  const char *const type = k == SUM    ? "SparseSegmentSumGrad"
                           : k == MEAN ? "SparseSegmentMeanGrad"
                                       : "SparseSegmentSqrtNGrad";
  c->dx[0] = ek_op_output(ek_build(g, type, (ek_outs){in, 4}, EK_NO_ATTRS), 0);
  return EK_OK;
}

#define TYPES "; Tidx: {int32, int64} = int32; Tsegmentids: {int32, int64} = int32"
#define FORWARD(id_, name_, what_)                                                                                     \
  const ek_op_def ek_op_sparse_segment_##id_ = {.name = "SparseSegment" name_,                                         \
                                                .doc = "output[i] is the " what_                                       \
                                                       " of data[indices[k]] where segment_ids[k] is i; ids ascend",   \
                                                .in = "data: T, indices: Tidx, segment_ids: Tsegmentids",              \
                                                .out = "output: T",                                                    \
                                                .attrs = "T: {" EK_FLOAT_TYPES "}" TYPES,                              \
                                                .function = "",                                                        \
                                                .infer = infer_segments,                                               \
                                                .grad = grad,                                                          \
                                                .run = run};                                                           \
  const ek_op_def ek_op_sparse_segment_##id_##_with_num_segments = {                                                   \
      .name = "SparseSegment" name_ "WithNumSegments",                                                                 \
      .doc = "SparseSegment" name_ " with as many rows as asked for",                                                  \
      .in = "data: T, indices: Tidx, segment_ids: Tsegmentids, num_segments: Tnumsegments",                            \
      .out = "output: T",                                                                                              \
      .attrs = "T: {" EK_FLOAT_TYPES "}" TYPES "; Tnumsegments: {int32, int64} = int32",                               \
      .function = "",                                                                                                  \
      .infer = infer_numbered,                                                                                         \
      .grad = grad,                                                                                                    \
      .run = run};                                                                                                     \
  const ek_op_def ek_op_sparse_segment_##id_##_grad = {                                                                \
      .name = "SparseSegment" name_ "Grad",                                                                            \
      .doc = "the gradient of SparseSegment" name_ ", output_dim0 rows of it",                                         \
      .in = "grad: T, indices: Tidx, segment_ids: Tsegmentids, output_dim0: int32",                                    \
      .out = "output: T",                                                                                              \
      .attrs = "T: {" EK_FLOAT_TYPES "}" TYPES,                                                                        \
      .function = "",                                                                                                  \
      .infer = infer_numbered,                                                                                         \
      .run = run_grad}
FORWARD(sum, "Sum", "sum");
FORWARD(mean, "Mean", "mean");
FORWARD(sqrt_n, "SqrtN", "sum, divided by the root of their number,");
