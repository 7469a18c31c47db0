/* SPDX-License-Identifier: Apache-2.0 */
/* Roll: elements that leave at one end come in at the other. */
#include "ops/grad_util.h"
#include "ops/index.h"

#include <inttypes.h>

static ek_code infer_roll(ek_infer_context *c) {
  EK_INFER_REQUIRE(c, c->in[0].shape.rank != 0, "input must be 1-D or higher");
  EK_INFER_REQUIRE(c, c->in[1].shape.rank <= 1 && c->in[2].shape.rank <= 1,
                   "shift and axis must be scalars or vectors");
  return ek__infer_same(c);
}

static ek_code run_roll(ek_run_context *c) {
  const ek_value *x = c->in[0];
  int64_t shift[EK_MAX_RANK], axis[EK_MAX_RANK], offset[EK_MAX_RANK] = {0}, stride[EK_MAX_RANK];
  int n = 0, n_axes = 0;
  EK_TRY(ek__run_ints(c, 1, EK_MAX_RANK, shift, &n));
  EK_TRY(ek__run_ints(c, 2, EK_MAX_RANK, axis, &n_axes));
  EK_RUN_REQUIRE(c, n == n_axes, "shift and axis must have the same size");
  EK_RUN_REQUIRE(c, x->shape.rank >= 1, "input must be 1-D or higher");
  for (int i = 0; i < n; i++) {
    const int d = ek__front_axis(axis[i], x->shape.rank);
    EK_RUN_REQUIRE(c, d >= 0, "axis %" PRId64 " is out of range", axis[i]);
    const int64_t dim = x->shape.dim[d];
    if (dim > 0) offset[d] = ((offset[d] + shift[i] % dim) % dim + dim) % dim;
  }
  EK_TRY(ek__run_output(c, 0, x->shape));
  ek__row_major(x->shape, stride);
  /* Each axis falls into two pieces: every combination of them is one box. */
  for (unsigned piece = 0; piece < 1u << x->shape.rank && x->n > 0; piece++) {
    ek__copy box = {0};
    int64_t to = 0, from = 0;
    bool empty = false;
    for (int d = 0; d < x->shape.rank; d++) {
      const int64_t dim = x->shape.dim[d], wrapped = offset[d];
      const bool second = (piece >> d & 1) != 0; /* what comes in at the front */
      ek__copy_axis(&box, second ? wrapped : dim - wrapped, stride[d], stride[d]);
      empty = empty || box.dim[d] == 0;
      to += (second ? 0 : wrapped) * stride[d];
      from += (second ? dim - wrapped : 0) * stride[d];
    }
    if (!empty) ek__copy_box(x->dtype, ek__at(x->dtype, c->out[0]->data, to), ek__at(x->dtype, x->data, from), &box);
  }
  return EK_OK;
}

static ek_code grad_roll(ek_grad_context *c) {
  const ek_out back = ek__op1(c->g, "Neg", ek__grad_in(c, 1));
  c->dx[0] = ek__op3(c->g, "Roll", c->dy[0], back, ek__grad_in(c, 2));
  return EK_OK;
}

const ek_op_def ek_op_roll = {.name = "Roll",
                              .doc = "input with its elements moved on by shift along each axis, round the end",
                              .in = "input: T, shift: Tshift, axis: Taxis",
                              .out = "output: T",
                              .attrs = "T: type; Tshift: {int32, int64}; Taxis: {int32, int64}",
                              .infer = infer_roll,
                              .grad = grad_roll,
                              .run = run_roll};
