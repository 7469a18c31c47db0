/* SPDX-License-Identifier: Apache-2.0 */
/* A tensor cut along an axis: Split into equal parts, SplitV into given ones. */
#include "ops/array_grad.h"
#include "ops/index.h"

#include <inttypes.h>

/* The parts of value, sizes[i] long, along axis. */
static ek_code cut(ek_run_context *c, const ek_value *value, int axis, const int64_t *sizes) {
  const ek_shape s = value->shape;
  const int64_t outer = ek__outer(s, axis), inner = ek__inner(s, axis);
  int64_t at = 0;
  for (int i = 0; i < c->n_out; i++) {
    ek_shape part = s;
    part.dim[axis] = sizes[i];
    EK_TRY(ek__run_output(c, i, part));
    ek__copy box = {0};
    ek__copy_axis(&box, outer, sizes[i] * inner, s.dim[axis] * inner);
    ek__copy_axis(&box, sizes[i] * inner, 1, 1);
    ek__copy_box(value->dtype, c->out[i]->data, ek__at(value->dtype, value->data, at), &box);
    at += sizes[i] * inner;
  }
  return EK_OK;
}

/* Outputs of value's rank whose dimension along axis is not known; axis -1: nor is any other. */
static void unsized(ek_infer_context *c, ek_shape s, int axis) {
  for (int k = 0; k < s.rank; k++)
    if (axis < 0 || k == axis) s.dim[k] = -1;
  for (int i = 0; i < c->n_out; i++) c->out[i].shape = s;
}

static ek_code infer_split(ek_infer_context *c) {
  int64_t axis = 0;
  const ek_shape s = c->in[1].shape;
  EK_TRY(ek__infer_rank(c, 0, 0));
  if (s.rank < 0 || !ek__infer_int(c, 0, &axis)) {
    unsized(c, s, -1);
    return EK_OK;
  }
  const int front = ek__front_axis(axis, s.rank);
  EK_INFER_REQUIRE(c, front >= 0, "-input rank(-%d) <= split_dim < input rank (%d), but got %" PRId64, s.rank, s.rank,
                   axis);
  EK_INFER_REQUIRE(c, s.dim[front] < 0 || s.dim[front] % c->n_out == 0,
                   "Number of ways to split should evenly divide the split dimension, but got split_dim %d (size = "
                   "%" PRId64 ") and num_split %d",
                   front, s.dim[front], c->n_out);
  unsized(c, s, front);
  for (int i = 0; s.dim[front] >= 0 && i < c->n_out; i++) c->out[i].shape.dim[front] = s.dim[front] / c->n_out;
  return EK_OK;
}

enum { FEW = 64 };

static ek_code run_split(ek_run_context *c) {
  int64_t few[FEW], *sizes = few;
  const ek_shape s = c->in[1]->shape;
  EK_RUN_REQUIRE(c, c->in[0]->n == 1, "split_dim must be a scalar");
  const int64_t axis = ek__value_int(c->in[0], 0);
  const int front = ek__front_axis(axis, s.rank);
  EK_RUN_REQUIRE(c, front >= 0, "-input rank(-%d) <= split_dim < input rank (%d), but got %" PRId64, s.rank, s.rank,
                 axis);
  EK_RUN_REQUIRE(c, s.dim[front] % c->n_out == 0,
                 "Number of ways to split should evenly divide the split dimension, but got split_dim %d (size = "
                 "%" PRId64 ") and num_split %d",
                 front, s.dim[front], c->n_out);
  const size_t bytes = (size_t)c->n_out * sizeof *sizes;
  if (c->n_out > FEW && (sizes = ek__alloc(c->allocator, bytes)) == NULL)
    return ek__no_memory(c->st, c->node->name, bytes);
  for (int i = 0; i < c->n_out; i++) sizes[i] = s.dim[front] / c->n_out;
  const ek_code rc = cut(c, c->in[1], front, sizes);
  if (sizes != few) ek__free(c->allocator, sizes, bytes);
  return rc;
}

const ek_op_def ek_op_split = {.name = "Split",
                               .doc = "num_split equal parts of value along split_dim",
                               .in = "split_dim: int32, value: T",
                               .out = "output: num_split * T",
                               .attrs = "num_split: int >= 1; T: type",
                               .infer = infer_split,
                               .grad = ek__grad_split,
                               .run = run_split};

/* ---- SplitV */

/* The sizes with a -1 among them replaced by what is left of total. NULL or what is wrong. */
static const char *resolve(int64_t *sizes, int n, int64_t total) {
  int64_t sum = 0;
  int open = -1;
  for (int i = 0; i < n; i++) {
    if (sizes[i] == -1) {
      if (open >= 0) return "Only one dimensions can have a value of-1";
      open = i;
    } else if (sizes[i] < 0 || sizes[i] > total - sum) {
      return "the sizes do not fit the dimension that is split";
    } else {
      sum += sizes[i];
    }
  }
  if (open >= 0)
    sizes[open] = total - sum;
  else if (sum != total)
    return "the sizes do not add up to the dimension that is split";
  return NULL;
}

static ek_code infer_split_v(ek_infer_context *c) {
  int64_t axis = 0, sizes[FEW];
  int n = 0;
  const ek_shape s = c->in[0].shape;
  EK_TRY(ek__infer_rank(c, 2, 0));
  if (s.rank < 0 || !ek__infer_int(c, 2, &axis)) {
    unsized(c, s, -1);
    return EK_OK;
  }
  const int front = ek__front_axis(axis, s.rank);
  EK_INFER_REQUIRE(c, front >= 0, "axis %" PRId64 " is outside [-%d, %d)", axis, s.rank, s.rank);
  unsized(c, s, front);
  if (!ek__infer_ints(c, 1, FEW, sizes, &n)) return EK_OK;
  EK_INFER_REQUIRE(c, n == c->n_out, "size_splits has %d elements for %d outputs", n, c->n_out);
  if (s.dim[front] >= 0) {
    const char *wrong = resolve(sizes, n, s.dim[front]);
    EK_INFER_REQUIRE(c, wrong == NULL, "%s", wrong);
  }
  for (int i = 0; i < n; i++) c->out[i].shape.dim[front] = sizes[i] < 0 ? -1 : sizes[i];
  return EK_OK;
}

static ek_code run_split_v(ek_run_context *c) {
  int64_t few[FEW], *sizes = few;
  int n = 0;
  const ek_shape s = c->in[0]->shape;
  EK_RUN_REQUIRE(c, c->in[2]->n == 1, "split_dim must be a scalar");
  const int front = ek__front_axis(ek__value_int(c->in[2], 0), s.rank);
  EK_RUN_REQUIRE(c, front >= 0, "split_dim %" PRId64 " is outside [-%d, %d)", ek__value_int(c->in[2], 0), s.rank,
                 s.rank);
  EK_RUN_REQUIRE(c, c->in[1]->n == c->n_out, "size_splits has %" PRId64 " elements for %d outputs", c->in[1]->n,
                 c->n_out);
  const size_t bytes = (size_t)c->n_out * sizeof *sizes;
  if (c->n_out > FEW && (sizes = ek__alloc(c->allocator, bytes)) == NULL)
    return ek__no_memory(c->st, c->node->name, bytes);
  ek_code rc = ek__run_ints(c, 1, c->n_out, sizes, &n);
  const char *wrong = rc == EK_OK ? resolve(sizes, n, s.dim[front]) : NULL;
  if (wrong != NULL) rc = ek__run_fail(c, EK_INVALID_ARGUMENT, "%s", wrong);
  if (rc == EK_OK) rc = cut(c, c->in[0], front, sizes);
  if (sizes != few) ek__free(c->allocator, sizes, bytes);
  return rc;
}

const ek_op_def ek_op_split_v = {.name = "SplitV",
                                 .doc =
                                     "parts of value of the given sizes along split_dim; one size may be -1: the rest",
                                 .in = "value: T, size_splits: Tlen, split_dim: int32",
                                 .out = "output: num_split * T",
                                 .attrs = "num_split: int >= 1; T: type; Tlen: {int32, int64} = int64",
                                 .infer = infer_split_v,
                                 .grad = ek__grad_split_v,
                                 .run = run_split_v};
