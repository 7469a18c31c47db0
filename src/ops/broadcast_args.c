/* SPDX-License-Identifier: Apache-2.0 */
/* BroadcastGradientArgs: which axes the gradient of a broadcast is summed over; BroadcastArgs: its shape. */
#include "ops/index.h"

typedef struct axes {
  int64_t at[2][EK_MAX_RANK];
  int n[2];
} axes;

/* Equal shapes need no sum at all; else an axis is summed for each side that has 1 there, for both where both have. */
static bool find(ek_shape a, ek_shape b, axes *r) {
  ek_shape joint;
  r->n[0] = r->n[1] = 0;
  if (ek_shape_equal(a, b)) return true;
  if (!ek__broadcast_shapes(a, b, &joint)) return false;
  for (int i = 0; i < joint.rank; i++) {
    const int ia = i - (joint.rank - a.rank), ib = i - (joint.rank - b.rank);
    if (ia < 0 || a.dim[ia] == 1) r->at[0][r->n[0]++] = i;
    if (ib < 0 || b.dim[ib] == 1) r->at[1][r->n[1]++] = i;
  }
  return true;
}

static ek_code infer_args(ek_infer_context *c) {
  ek_shape s[2];
  axes r;
  for (int i = 0; i < 2; i++) {
    EK_TRY(ek__infer_rank(c, i, 1));
    c->out[i].shape = ek_shape(-1);
  }
  if (c->partial(c, 0, &s[0]) && c->partial(c, 1, &s[1]) && ek_shape_is_known(s[0]) && ek_shape_is_known(s[1]) &&
      find(s[0], s[1], &r))
    for (int i = 0; i < 2; i++) c->out[i].shape = ek_shape(r.n[i]);
  return EK_OK;
}

static ek_code run_args(ek_run_context *c) {
  char a[EK_SHAPE_TEXT], b[EK_SHAPE_TEXT];
  ek_shape s[2];
  axes r;
  for (int i = 0; i < 2; i++) EK_TRY(ek__run_ints(c, i, EK_MAX_RANK, s[i].dim, &s[i].rank));
  EK_RUN_REQUIRE(c, find(s[0], s[1], &r), "Incompatible shapes: %s vs. %s", ek_shape_format(s[0], a, sizeof a),
                 ek_shape_format(s[1], b, sizeof b));
  for (int i = 0; i < 2; i++) {
    EK_TRY(ek__run_output(c, i, ek_shape(r.n[i])));
    for (int k = 0; k < r.n[i]; k++) ek__put_int(c->out[i], k, r.at[i][k]);
  }
  return EK_OK;
}

const ek_op_def ek_op_broadcast_gradient_args = {.name = "BroadcastGradientArgs",
                                                 .doc = "the axes over which the gradients of a broadcast of two "
                                                        "shapes are summed",
                                                 .in = "s0: T, s1: T",
                                                 .out = "r0: T, r1: T",
                                                 .attrs = "T: {int32, int64} = int32",
                                                 .flags = EK_OP_NOT_DIFFERENTIABLE,
                                                 .infer = infer_args,
                                                 .run = run_args};

/* ---- BroadcastArgs */

static ek_code infer_shape(ek_infer_context *c) {
  ek_shape s[2], joint;
  int64_t longest = -1;
  for (int i = 0; i < 2; i++) {
    EK_TRY(ek__infer_rank(c, i, 1));
    const int64_t n = c->in[i].shape.rank == 1 ? c->in[i].shape.dim[0] : -1;
    longest = i == 0 || n < 0 || longest < 0 ? (i == 0 || n < 0 ? n : longest) : n > longest ? n : longest;
  }
  if (c->partial(c, 0, &s[0]) && c->partial(c, 1, &s[1]))
    EK_INFER_REQUIRE(c, ek__broadcast_shapes(s[0], s[1], &joint), "shapes do not broadcast");
  c->out[0].shape = ek_shape(longest);
  return EK_OK;
}

static bool partial_shape(ek_infer_context *c, ek_shape *value) {
  ek_shape a, b;
  return c->partial(c, 0, &a) && c->partial(c, 1, &b) && ek__broadcast_shapes(a, b, value);
}

static ek_code run_shape(ek_run_context *c) {
  ek_shape s[2], joint;
  for (int i = 0; i < 2; i++) EK_TRY(ek__run_ints(c, i, EK_MAX_RANK, s[i].dim, &s[i].rank));
  EK_RUN_REQUIRE(c, ek__broadcast_shapes(s[0], s[1], &joint), "shapes do not broadcast");
  EK_TRY(ek__run_output(c, 0, ek_shape(joint.rank)));
  for (int k = 0; k < joint.rank; k++) ek__put_int(c->out[0], k, joint.dim[k]);
  return EK_OK;
}

const ek_op_def ek_op_broadcast_args = {.name = "BroadcastArgs",
                                        .doc = "the shape that two shapes broadcast to",
                                        .in = "s0: T, s1: T",
                                        .out = "r0: T",
                                        .attrs = "T: {int32, int64} = int32",
                                        .flags = EK_OP_NOT_DIFFERENTIABLE,
                                        .infer = infer_shape,
                                        .partial_value = partial_shape,
                                        .run = run_shape};
