/* SPDX-License-Identifier: Apache-2.0 */
/* InTopK, InTopKV2: whether fewer than k classes have more than the target's prediction. predictions: [N,C], targets:
 * [N], precision: [N]. False too where the target is no class, its prediction is not finite, or one that is met before
 * more than k are found above it is not. */
#include "ops/run.h"

#include <inttypes.h>
#include <math.h>

static ek_code infer_in_top_k(ek_infer_context *c) {
  EK_TRY(ek__infer_rank(c, 0, 2));
  EK_TRY(ek__infer_rank(c, 1, 1));
  if (c->n_in == 3) EK_TRY(ek__infer_rank(c, 2, 0));
  ek_shape rows = ek_shape(-1);
  if (c->in[0].shape.rank == 2) rows.dim[0] = c->in[0].shape.dim[0];
  return ek__infer_merge(c, rows, c->in[1].shape, &c->out[0].shape);
}

static bool in_top(const float *row, int64_t classes, int64_t target, int64_t k) {
  if (target < 0 || target >= classes || !isfinite(row[target])) return false;
  int64_t above = 0;
  for (int64_t i = 0; i < classes && above <= k; i++) {
    if (!isfinite(row[i])) return false;
    above += row[i] > row[target];
  }
  return above < k;
}

static ek_code run(ek_run_context *c, int64_t k) {
  const ek_value *x = c->in[0], *targets = c->in[1];
  EK_RUN_REQUIRE(c, x->shape.rank == 2 && targets->shape.rank == 1,
                 "predictions must be 2-dimensional and targets 1-dimensional, not %d and %d", x->shape.rank,
                 targets->shape.rank);
  const int64_t n = x->shape.dim[0], classes = x->shape.dim[1];
  EK_RUN_REQUIRE(c, targets->n == n, "First dimension of predictions %" PRId64 " must match length of targets %" PRId64,
                 n, targets->n);
  EK_TRY(ek__run_output(c, 0, ek_shape(n)));
  for (int64_t i = 0; i < n; i++)
    ((bool *)c->out[0]->data)[i] = in_top((const float *)x->data + i * classes, classes, ek__value_int(targets, i), k);
  return EK_OK;
}

static ek_code run_in_top_k(ek_run_context *c) { return run(c, ek__attr_int(c->node, "k")); }

static ek_code run_in_top_k_v2(ek_run_context *c) {
  EK_RUN_REQUIRE(c, c->in[2]->n == 1, "k must be 0-D, got rank %d", c->in[2]->shape.rank);
  return run(c, ek__value_int(c->in[2], 0));
}

#define DOC "whether a prediction is among the k largest of its row"
const ek_op_def ek_op_in_top_k = {.name = "InTopK",
                                  .doc = DOC,
                                  .in = "predictions: float, targets: T",
                                  .out = "precision: bool",
                                  .attrs = "k: int; T: {int32, int64} = int32",
                                  .function = "",
                                  .flags = EK_OP_NOT_DIFFERENTIABLE,
                                  .infer = infer_in_top_k,
                                  .run = run_in_top_k};
const ek_op_def ek_op_in_top_k_v2 = {.name = "InTopKV2",
                                     .doc = DOC,
                                     .in = "predictions: float, targets: T, k: T",
                                     .out = "precision: bool",
                                     .attrs = "T: {int32, int64} = int32",
                                     .function = "in_top_k",
                                     .flags = EK_OP_NOT_DIFFERENTIABLE,
                                     .infer = infer_in_top_k,
                                     .run = run_in_top_k_v2};
