/* SPDX-License-Identifier: Apache-2.0 */
/* Tensors of one shape to one of a rank more, and back: Pack, Unpack. */
#include "ops/array_grad.h"
#include "ops/index.h"

#include <inttypes.h>

static ek_shape insert(ek_shape s, int axis, int64_t dim) {
  ek_shape r = {.rank = s.rank + 1};
  for (int i = 0; i < r.rank; i++) r.dim[i] = i == axis ? dim : s.dim[i < axis ? i : i - 1];
  return r;
}

static ek_shape without(ek_shape s, int axis) {
  ek_shape r = {.rank = s.rank - 1};
  for (int i = 0; i < r.rank; i++) r.dim[i] = s.dim[i < axis ? i : i + 1];
  return r;
}

static ek_code infer_pack(ek_infer_context *c) {
  ek_shape s = ek_shape_unknown();
  for (int i = 0; i < c->n_in; i++) EK_TRY(ek__infer_merge(c, s, c->in[i].shape, &s));
  c->out[0].shape = ek_shape_unknown();
  if (s.rank < 0) return EK_OK;
  const int64_t axis = ek__attr_int(c->node, "axis");
  const int front = ek__front_axis(axis, s.rank + 1);
  EK_INFER_REQUIRE(c, front >= 0 && s.rank < EK_MAX_RANK, "Invalid axis: %" PRId64 "; must be in [%d,%d)", axis,
                   -s.rank - 1, s.rank + 1);
  c->out[0].shape = insert(s, front, c->n_in);
  return EK_OK;
}

static bool partial_pack(ek_infer_context *c, ek_shape *value) {
  if (c->n_in > EK_MAX_RANK) return false;
  value->rank = c->n_in;
  for (int i = 0; i < c->n_in; i++) {
    ek_shape one;
    if (c->in[i].shape.rank != 0) return false;
    value->dim[i] = c->partial(c, i, &one) && one.rank == 1 ? one.dim[0] : -1;
  }
  return true;
}

static ek_code run_pack(ek_run_context *c) {
  char a[EK_SHAPE_TEXT], b[EK_SHAPE_TEXT];
  const ek_shape s = c->in[0]->shape;
  for (int i = 1; i < c->n_in; i++)
    EK_RUN_REQUIRE(c, ek_shape_equal(s, c->in[i]->shape),
                   "Shapes of all inputs must match: values[0].shape = %s != values[%d].shape = %s",
                   ek_shape_format(s, a, sizeof a), i, ek_shape_format(c->in[i]->shape, b, sizeof b));
  const int axis = ek__front_axis(ek__attr_int(c->node, "axis"), s.rank + 1);
  EK_RUN_REQUIRE(c, axis >= 0 && s.rank < EK_MAX_RANK, "axis is outside [%d, %d)", -s.rank - 1, s.rank + 1);
  EK_TRY(ek__run_output(c, 0, insert(s, axis, c->n_in)));
  const int64_t outer = ek__outer(s, axis), inner = ek__inner(c->out[0]->shape, axis);
  for (int i = 0; i < c->n_in; i++) {
    ek__copy box = {0};
    ek__copy_axis(&box, outer, inner * c->n_in, inner);
    ek__copy_axis(&box, inner, 1, 1);
    ek__copy_box(c->in[i]->dtype, ek__at(c->in[i]->dtype, c->out[0]->data, i * inner), c->in[i]->data, &box);
  }
  return EK_OK;
}

const ek_op_def ek_op_pack = {.name = "Pack",
                              .doc = "tensors of one shape side by side along a new axis",
                              .in = "values: N * T",
                              .out = "output: T",
                              .attrs = "N: int >= 1; T: type; axis: int = 0",
                              .function = "stack",
                              .infer = infer_pack,
                              .partial_value = partial_pack,
                              .grad = ek__grad_pack,
                              .run = run_pack};

static ek_code infer_unpack(ek_infer_context *c) {
  const ek_shape s = c->in[0].shape;
  ek_shape r = ek_shape_unknown();
  if (s.rank >= 0) {
    const int64_t axis = ek__attr_int(c->node, "axis");
    const int front = ek__front_axis(axis, s.rank);
    EK_INFER_REQUIRE(c, front >= 0, "Invalid axis: %" PRId64 "; must be in [%d,%d)", axis, -s.rank, s.rank);
    EK_INFER_REQUIRE(c, s.dim[front] < 0 || s.dim[front] == c->n_out, "Dimension must be %d but is %" PRId64, c->n_out,
                     s.dim[front]);
    r = without(s, front);
  }
  for (int i = 0; i < c->n_out; i++) c->out[i].shape = r;
  return EK_OK;
}

static ek_code run_unpack(ek_run_context *c) {
  char text[EK_SHAPE_TEXT];
  const ek_shape s = c->in[0]->shape;
  const int axis = ek__front_axis(ek__attr_int(c->node, "axis"), s.rank);
  EK_RUN_REQUIRE(c, axis >= 0, "axis is outside [%d, %d)", -s.rank, s.rank);
  EK_RUN_REQUIRE(c, s.dim[axis] == c->n_out, "Input shape axis %d must equal %d, got shape %s", axis, c->n_out,
                 ek_shape_format(s, text, sizeof text));
  const int64_t outer = ek__outer(s, axis), inner = ek__inner(s, axis);
  for (int i = 0; i < c->n_out; i++) {
    EK_TRY(ek__run_output(c, i, without(s, axis)));
    ek__copy box = {0};
    ek__copy_axis(&box, outer, inner, inner * c->n_out);
    ek__copy_axis(&box, inner, 1, 1);
    ek__copy_box(c->in[0]->dtype, c->out[i]->data, ek__at(c->in[0]->dtype, c->in[0]->data, i * inner), &box);
  }
  return EK_OK;
}

const ek_op_def ek_op_unpack = {.name = "Unpack",
                                .doc = "the parts of a tensor along an axis, each without that axis",
                                .in = "value: T",
                                .out = "output: num * T",
                                .attrs = "num: int >= 0; T: type; axis: int = 0",
                                .function = "unstack",
                                .infer = infer_unpack,
                                .grad = ek__grad_unpack,
                                .run = run_unpack};
