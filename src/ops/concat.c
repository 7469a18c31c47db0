/* SPDX-License-Identifier: Apache-2.0 */
/* Tensors one after another along an axis they have: Concat, ConcatV2, ConcatOffset. */
#include "ops/array_grad.h"
#include "ops/index.h"

#include <inttypes.h>
#include <string.h>

/* Where the axis and the values stand among the inputs. */
typedef struct places {
  int axis, first, n;
} places;
static places places_of(const ek__node *node, int n_in) {
  return strcmp(node->type, "ConcatV2") == 0 ? (places){n_in - 1, 0, n_in - 1} : (places){0, 1, n_in - 1};
}

static ek_code infer_concat(ek_infer_context *c) {
  const places p = places_of(c->node, c->n_in);
  int64_t axis = 0;
  int rank = -1;
  EK_TRY(ek__infer_rank(c, p.axis, 0));
  for (int i = 0; i < p.n; i++) {
    const int own = c->in[p.first + i].shape.rank;
    EK_INFER_REQUIRE(c, rank < 0 || own < 0 || own == rank, "value %d has rank %d, the others have rank %d", i, own,
                     rank);
    if (own >= 0) rank = own;
  }
  c->out[0].shape = ek_shape_unknown();
  if (rank < 0) return EK_OK;
  EK_INFER_REQUIRE(c, rank > 0, "Can't concatenate scalars (use tf.stack instead)");
  ek_shape r = {.rank = rank, .dim = {-1, -1, -1, -1, -1, -1, -1, -1}};
  c->out[0].shape = r;
  if (!ek__infer_int(c, p.axis, &axis)) return EK_OK;
  const int front = ek__front_axis(axis, rank);
  EK_INFER_REQUIRE(c, front >= 0,
                   "ConcatOp : Expected concatenating dimensions in the range [%d, %d), but got %" PRId64, -rank, rank,
                   axis);
  r.dim[front] = 0;
  for (int i = 0; i < p.n; i++) {
    ek_shape s = c->in[p.first + i].shape;
    const int64_t own = s.rank < 0 ? -1 : s.dim[front];
    if (r.dim[front] >= 0 && (own < 0 || __builtin_add_overflow(r.dim[front], own, &r.dim[front]))) r.dim[front] = -1;
    if (s.rank < 0) continue;
    s.dim[front] = r.dim[front];
    EK_TRY(ek__infer_merge(c, r, s, &r));
  }
  c->out[0].shape = r;
  return EK_OK;
}

static bool partial_concat(ek_infer_context *c, ek_shape *value) {
  const places p = places_of(c->node, c->n_in);
  *value = ek_shape_scalar();
  for (int i = 0; i < p.n; i++) {
    ek_shape part;
    const ek_shape s = c->in[p.first + i].shape;
    if (s.rank != 1) return false;
    if (!c->partial(c, p.first + i, &part)) {
      if (s.dim[0] < 0 || s.dim[0] > EK_MAX_RANK) return false;
      part = (ek_shape){.rank = (int)s.dim[0], .dim = {-1, -1, -1, -1, -1, -1, -1, -1}};
    }
    if (value->rank + part.rank > EK_MAX_RANK) return false;
    for (int k = 0; k < part.rank; k++) value->dim[value->rank++] = part.dim[k];
  }
  return true;
}

static ek_code run_concat(ek_run_context *c) {
  char a[EK_SHAPE_TEXT], b[EK_SHAPE_TEXT];
  const places p = places_of(c->node, c->n_in);
  ek_shape r = c->in[p.first]->shape;
  EK_RUN_REQUIRE(c, c->in[p.axis]->n == 1, "the axis must be a scalar");
  const int64_t axis = ek__value_int(c->in[p.axis], 0);
  const int front = ek__front_axis(axis, r.rank);
  EK_RUN_REQUIRE(c, front >= 0, "ConcatOp : Expected concatenating dimensions in the range [%d, %d), but got %" PRId64,
                 -r.rank, r.rank, axis);
  for (int i = 1; i < p.n; i++) {
    const ek_shape s = c->in[p.first + i]->shape;
    EK_RUN_REQUIRE(c, s.rank == r.rank,
                   "ConcatOp : Ranks of all input tensors should match: shape[0] = %s vs. shape[%d] = %s",
                   ek_shape_format(c->in[p.first]->shape, a, sizeof a), i, ek_shape_format(s, b, sizeof b));
    for (int k = 0; k < r.rank; k++)
      EK_RUN_REQUIRE(c, k == front || s.dim[k] == r.dim[k],
                     "ConcatOp : Dimension %d in both shapes must be equal: shape[0] = %s vs. shape[%d] = %s", k,
                     ek_shape_format(c->in[p.first]->shape, a, sizeof a), i, ek_shape_format(s, b, sizeof b));
    r.dim[front] += s.dim[front];
  }
  EK_TRY(ek__run_output(c, 0, r));
  const int64_t outer = ek__outer(r, front), inner = ek__inner(r, front);
  int64_t at = 0;
  for (int i = 0; i < p.n; i++) {
    const ek_value *v = c->in[p.first + i];
    const int64_t row = v->shape.dim[front] * inner;
    ek__copy box = {0};
    ek__copy_axis(&box, outer, r.dim[front] * inner, row);
    ek__copy_axis(&box, row, 1, 1);
    ek__copy_box(v->dtype, ek__at(v->dtype, c->out[0]->data, at), v->data, &box);
    at += row;
  }
  return EK_OK;
}

const ek_op_def ek_op_concat_v2 = {.name = "ConcatV2",
                                   .doc = "tensors one after another along axis",
                                   .in = "values: N * T, axis: Tidx",
                                   .out = "output: T",
                                   .attrs = "N: int >= 2; T: type; Tidx: {int32, int64} = int32",
                                   .function = "concat",
                                   .infer = infer_concat,
                                   .partial_value = partial_concat,
                                   .grad = ek__grad_concat,
                                   .run = run_concat};

const ek_op_def ek_op_concat = {.name = "Concat",
                                .doc = "ConcatV2 as older files have it, the axis first",
                                .in = "concat_dim: int32, values: N * T",
                                .out = "output: T",
                                .attrs = "N: int >= 2; T: type",
                                .function = "",
                                .infer = infer_concat,
                                .partial_value = partial_concat,
                                .grad = ek__grad_concat,
                                .run = run_concat};

/* ---- ConcatOffset */

static ek_code infer_offset(ek_infer_context *c) {
  for (int i = 0; i < c->n_out; i++) c->out[i].shape = c->in[i + 1].shape;
  return EK_OK;
}

static ek_code run_offset(ek_run_context *c) {
  int64_t first[EK_MAX_RANK], own[EK_MAX_RANK], at = 0;
  int rank = 0, n = 0;
  EK_TRY(ek__run_ints(c, 1, EK_MAX_RANK, first, &rank));
  EK_RUN_REQUIRE(c, c->in[0]->n == 1, "concat_dim must be a scalar");
  const int axis = ek__front_axis(ek__value_int(c->in[0], 0), rank);
  EK_RUN_REQUIRE(c, axis >= 0, "Concat dim is out of range: %" PRId64 " vs. %d", ek__value_int(c->in[0], 0), rank);
  for (int i = 0; i < c->n_out; i++) {
    EK_TRY(ek__run_ints(c, i + 1, EK_MAX_RANK, own, &n));
    EK_RUN_REQUIRE(c, n == rank, "input %d should contain %d elements, but got %d", i, rank, n);
    EK_TRY(ek__run_output(c, i, c->in[i + 1]->shape));
    for (int k = 0; k < rank; k++) {
      EK_RUN_REQUIRE(c, k == axis || own[k] == first[k],
                     "All dimensions except %d must match. Input %d differs from input 0", axis, i);
      ek__put_int(c->out[i], k, k == axis ? at : 0);
    }
    at += own[axis];
  }
  return EK_OK;
}

const ek_op_def ek_op_concat_offset = {.name = "ConcatOffset",
                                       .doc = "where each of the inputs of a concatenation begins in its output",
                                       .in = "concat_dim: int32, shape: N * int32",
                                       .out = "offset: N * int32",
                                       .attrs = "N: int >= 2",
                                       .flags = EK_OP_NOT_DIFFERENTIABLE,
                                       .infer = infer_offset,
                                       .run = run_offset};
