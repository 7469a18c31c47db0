/* SPDX-License-Identifier: Apache-2.0 */
#include "ops/array_grad.h"
#include "ops/index.h"

#include <inttypes.h>

static bool is_permutation(const int64_t *p, int n) {
  bool seen[EK_MAX_RANK] = {false};
  for (int i = 0; i < n; i++) {
    if (p[i] < 0 || p[i] >= n || seen[p[i]]) return false;
    seen[p[i]] = true;
  }
  return true;
}

/* Negative axes count from the end, as in TensorFlow's shape rule. */
static void from_front(int64_t *p, int n) {
  for (int i = 0; i < n; i++)
    if (p[i] < 0) p[i] += n;
}

static ek_code infer_transpose(ek_infer_context *c) {
  int64_t p[EK_MAX_RANK];
  int n = 0;
  const ek_shape s = c->in[0].shape;
  EK_TRY(ek__infer_rank(c, 1, 1));
  c->out[0].shape = ek_shape_unknown();
  if (!ek__infer_ints(c, 1, EK_MAX_RANK, p, &n)) {
    const int rank = s.rank >= 0 ? s.rank : c->in[1].shape.rank == 1 ? (int)c->in[1].shape.dim[0] : -1;
    if (rank >= 0 && rank <= EK_MAX_RANK)
      c->out[0].shape = (ek_shape){.rank = rank, .dim = {-1, -1, -1, -1, -1, -1, -1, -1}};
    return EK_OK;
  }
  from_front(p, n);
  EK_INFER_REQUIRE(c, is_permutation(p, n), "perm is no permutation of [0, %d)", n);
  EK_INFER_REQUIRE(c, s.rank < 0 || s.rank == n, "perm has %d elements, but the input has rank %d", n, s.rank);
  ek_shape r = {.rank = n};
  for (int i = 0; i < n; i++) r.dim[i] = s.rank < 0 ? -1 : s.dim[p[i]];
  c->out[0].shape = r;
  return EK_OK;
}

static ek_code run_transpose(ek_run_context *c) {
  int64_t p[EK_MAX_RANK], in_stride[EK_MAX_RANK], out_stride[EK_MAX_RANK];
  int n = 0;
  const ek_shape s = c->in[0]->shape;
  EK_TRY(ek__run_ints(c, 1, EK_MAX_RANK, p, &n));
  EK_RUN_REQUIRE(c, n == s.rank, "transpose expects a vector of size %d. But input(1) is a vector of size %d", s.rank,
                 n);
  from_front(p, n);
  EK_RUN_REQUIRE(c, is_permutation(p, n), "perm is no permutation of [0, %d)", n);
  ek_shape r = {.rank = n};
  for (int i = 0; i < n; i++) r.dim[i] = s.dim[p[i]];
  EK_TRY(ek__run_output(c, 0, r));
  ek__row_major(s, in_stride);
  ek__row_major(r, out_stride);
  ek__copy box = {0};
  for (int i = 0; i < n; i++) ek__copy_axis(&box, r.dim[i], out_stride[i], in_stride[p[i]]);
  ek__copy_box(c->in[0]->dtype, c->out[0]->data, c->in[0]->data, &box);
  return EK_OK;
}

const ek_op_def ek_op_transpose = {.name = "Transpose",
                                   .doc = "dimension i of the output is dimension perm[i] of the input",
                                   .in = "x: T, perm: Tperm",
                                   .out = "y: T",
                                   .attrs = "T: type; Tperm: {int32, int64} = int32",
                                   .infer = infer_transpose,
                                   .grad = ek__grad_transpose,
                                   .run = run_transpose};

/* ---- InvertPermutation */

static ek_code infer_invert(ek_infer_context *c) {
  EK_TRY(ek__infer_rank(c, 0, 1));
  return ek__infer_same(c);
}

static bool partial_invert(ek_infer_context *c, ek_shape *value) {
  int64_t p[EK_MAX_RANK];
  int n = 0;
  if (!ek__infer_ints(c, 0, EK_MAX_RANK, p, &n) || !is_permutation(p, n)) return false;
  value->rank = n;
  for (int i = 0; i < n; i++) value->dim[p[i]] = i;
  return true;
}

static ek_code run_invert(ek_run_context *c) {
  const int64_t n = c->in[0]->n;
  EK_TRY(ek__run_output(c, 0, c->in[0]->shape));
  for (int64_t i = 0; i < n; i++) ek__put_int(c->out[0], i, -1);
  for (int64_t i = 0; i < n; i++) {
    const int64_t d = ek__value_int(c->in[0], i);
    EK_RUN_REQUIRE(c, d >= 0 && d < n, "%" PRId64 " is not between 0 and %" PRId64, d, n);
    EK_RUN_REQUIRE(c, ek__value_int(c->out[0], d) == -1, "%" PRId64 " is duplicated in the input.", d);
    ek__put_int(c->out[0], d, i);
  }
  return EK_OK;
}

const ek_op_def ek_op_invert_permutation = {.name = "InvertPermutation",
                                            .doc = "y[x[i]] = i",
                                            .in = "x: T",
                                            .out = "y: T",
                                            .attrs = "T: {int32, int64} = int32",
                                            .flags = EK_OP_NOT_DIFFERENTIABLE,
                                            .infer = infer_invert,
                                            .partial_value = partial_invert,
                                            .run = run_invert};
