/* SPDX-License-Identifier: Apache-2.0 */
/* One tensor many times over: Tile, BroadcastTo. */
#include "ops/array_grad.h"
#include "ops/index.h"

#include <inttypes.h>

static ek_code infer_tile(ek_infer_context *c) {
  ek_shape times;
  EK_TRY(ek__infer_shape_from_input(c, 1, &times));
  const ek_shape s = c->in[0].shape;
  const int rank = s.rank >= 0 ? s.rank : times.rank;
  EK_INFER_REQUIRE(c, s.rank < 0 || times.rank < 0 || s.rank == times.rank,
                   "multiples has %d elements, but the input has rank %d", times.rank, s.rank);
  ek_shape r = {.rank = rank};
  for (int i = 0; i < rank; i++) {
    const int64_t dim = s.rank < 0 ? -1 : s.dim[i], by = times.rank < 0 ? -1 : times.dim[i];
    if (dim < 0 || by < 0 || !ek__mul_i64(dim, by, &r.dim[i])) r.dim[i] = -1;
  }
  c->out[0].shape = r;
  return EK_OK;
}

static ek_code run_tile(ek_run_context *c) {
  int64_t times[EK_MAX_RANK], in_stride[EK_MAX_RANK], out_stride[EK_MAX_RANK];
  int n = 0;
  const ek_shape s = c->in[0]->shape;
  EK_TRY(ek__run_ints(c, 1, EK_MAX_RANK, times, &n));
  EK_RUN_REQUIRE(c, n == s.rank, "Expected multiples argument to be a vector of length %d but got length %d", s.rank,
                 n);
  ek_shape r = {.rank = n};
  for (int i = 0; i < n; i++) {
    EK_RUN_REQUIRE(c, times[i] >= 0, "Expected multiples[%d] >= 0, but got %" PRId64, i, times[i]);
    EK_RUN_REQUIRE(c, ek__mul_i64(s.dim[i], times[i], &r.dim[i]), "the output is too large");
  }
  EK_TRY(ek__run_output(c, 0, r));
  ek__row_major(s, in_stride);
  ek__row_major(r, out_stride);
  ek__copy box = {0};
  for (int i = 0; i < n; i++) {
    ek__copy_axis(&box, times[i], s.dim[i] * out_stride[i], 0);
    ek__copy_axis(&box, s.dim[i], out_stride[i], in_stride[i]);
  }
  ek__copy_box(c->in[0]->dtype, c->out[0]->data, c->in[0]->data, &box);
  return EK_OK;
}

const ek_op_def ek_op_tile = {.name = "Tile",
                              .doc = "the input multiples[i] times along each axis i",
                              .in = "input: T, multiples: Tmultiples",
                              .out = "output: T",
                              .attrs = "T: type; Tmultiples: {int32, int64} = int32",
                              .infer = infer_tile,
                              .grad = ek__grad_tile,
                              .run = run_tile};

/* ---- BroadcastTo */

static ek_code infer_broadcast_to(ek_infer_context *c) {
  char a[EK_SHAPE_TEXT], b[EK_SHAPE_TEXT];
  ek_shape want, joint;
  const ek_shape s = c->in[0].shape;
  EK_TRY(ek__infer_shape_from_input(c, 1, &want));
  EK_INFER_REQUIRE(c, s.rank < 0 || want.rank < 0 || (s.rank <= want.rank && ek__broadcast_shapes(s, want, &joint)),
                   "Incompatible shapes: %s vs. %s", ek_shape_format(s, a, sizeof a),
                   ek_shape_format(want, b, sizeof b));
  c->out[0].shape = want;
  return EK_OK;
}

static ek_code run_broadcast_to(ek_run_context *c) {
  char a[EK_SHAPE_TEXT], b[EK_SHAPE_TEXT];
  int64_t in_stride[EK_MAX_RANK], out_stride[EK_MAX_RANK];
  ek_shape want = {.rank = 0}, joint;
  const ek_shape s = c->in[0]->shape;
  EK_TRY(ek__run_ints(c, 1, EK_MAX_RANK, want.dim, &want.rank));
  for (int i = 0; i < want.rank; i++)
    EK_RUN_REQUIRE(c, want.dim[i] >= 0, "Dimension %" PRId64 " must be >= 0", want.dim[i]);
  EK_RUN_REQUIRE(c, ek__broadcast_shapes(s, want, &joint) && ek_shape_equal(joint, want),
                 "Incompatible shapes: %s vs. %s", ek_shape_format(s, a, sizeof a), ek_shape_format(want, b, sizeof b));
  EK_TRY(ek__run_output(c, 0, want));
  ek__row_major(s, in_stride);
  ek__row_major(want, out_stride);
  ek__copy box = {0};
  for (int i = 0; i < want.rank; i++) {
    const int own = i - (want.rank - s.rank);
    ek__copy_axis(&box, want.dim[i], out_stride[i], own < 0 || s.dim[own] == 1 ? 0 : in_stride[own]);
  }
  ek__copy_box(c->in[0]->dtype, c->out[0]->data, c->in[0]->data, &box);
  return EK_OK;
}

const ek_op_def ek_op_broadcast_to = {.name = "BroadcastTo",
                                      .doc = "the input repeated to the shape, as arithmetic would broadcast it",
                                      .in = "input: T, shape: Tidx",
                                      .out = "output: T",
                                      .attrs = "T: type; Tidx: {int32, int64} = int32",
                                      .infer = infer_broadcast_to,
                                      .grad = ek__grad_broadcast_to,
                                      .run = run_broadcast_to};
