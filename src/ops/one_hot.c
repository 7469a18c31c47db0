/* SPDX-License-Identifier: Apache-2.0 */
#include "ops/index.h"

#include <inttypes.h>

static ek_shape insert(ek_shape s, int axis, int64_t dim) {
  ek_shape r = {.rank = s.rank + 1};
  for (int i = 0; i < r.rank; i++) r.dim[i] = i == axis ? dim : s.dim[i < axis ? i : i - 1];
  return r;
}

/* Where the new axis goes: -1 means last. */
static int place(const ek__node *node, int rank) {
  const int64_t axis = ek__attr_int(node, "axis");
  return axis == -1 ? rank : axis < 0 || axis > rank ? -1 : (int)axis;
}

static ek_code infer_one_hot(ek_infer_context *c) {
  int64_t depth = -1;
  const ek_shape s = c->in[0].shape;
  for (int i = 1; i < 4; i++) EK_TRY(ek__infer_rank(c, i, 0));
  c->out[0].shape = ek_shape_unknown();
  if (s.rank < 0) return EK_OK;
  const int axis = place(c->node, s.rank);
  EK_INFER_REQUIRE(c, axis >= 0 && s.rank < EK_MAX_RANK,
                   "Expected axis to be -1 or between [0, %d). But received: %" PRId64, s.rank + 1,
                   ek__attr_int(c->node, "axis"));
  if (ek__infer_int(c, 1, &depth)) EK_INFER_REQUIRE(c, depth >= 0, "depth must be non-negative, got: %" PRId64, depth);
  c->out[0].shape = insert(s, axis, depth);
  return EK_OK;
}

static ek_code run_one_hot(ek_run_context *c) {
  const ek_value *indices = c->in[0];
  const ek_dtype dtype = c->in[2]->dtype;
  for (int i = 1; i < 4; i++) EK_RUN_REQUIRE(c, c->in[i]->n == 1, "depth, on_value and off_value must be scalars");
  const int64_t depth = ek__value_int(c->in[1], 0);
  const int axis = place(c->node, indices->shape.rank);
  EK_RUN_REQUIRE(c, axis >= 0 && indices->shape.rank < EK_MAX_RANK,
                 "Expected axis to be -1 or between [0, %d). But received: %" PRId64, indices->shape.rank + 1,
                 ek__attr_int(c->node, "axis"));
  EK_RUN_REQUIRE(c, depth >= 0, "depth must be non-negative, got: %" PRId64, depth);
  EK_TRY(ek__run_output(c, 0, insert(indices->shape, axis, depth)));
  ek__copy all = {0};
  ek__copy_axis(&all, c->out[0]->n, 1, 0);
  ek__copy_box(dtype, c->out[0]->data, c->in[3]->data, &all);
  const int64_t inner = ek__inner(c->out[0]->shape, axis);
  for (int64_t k = 0; k < indices->n; k++) {
    const int64_t index = ek__value_int(indices, k);
    if (index < 0 || index >= depth) continue; /* all off */
    ek__copy one = {0};
    ek__copy_axis(&one, 1, 1, 1);
    ek__copy_box(dtype, ek__at(dtype, c->out[0]->data, (k / inner * depth + index) * inner + k % inner), c->in[2]->data,
                 &one);
  }
  return EK_OK;
}

const ek_op_def ek_op_one_hot = {.name = "OneHot",
                                 .doc = "on_value where the new axis' index is indices', off_value elsewhere",
                                 .in = "indices: TI, depth: int32, on_value: T, off_value: T",
                                 .out = "output: T",
                                 .attrs = "axis: int = -1; T: type; TI: {uint8, int32, int64} = int64",
                                 .flags = EK_OP_NOT_DIFFERENTIABLE,
                                 .infer = infer_one_hot,
                                 .run = run_one_hot};
