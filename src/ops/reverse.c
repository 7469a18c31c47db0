/* SPDX-License-Identifier: Apache-2.0 */
/* Elements in the opposite order: ReverseV2 along axes, ReverseSequence the first few of each sequence. */
#include "ops/grad_util.h"
#include "ops/index.h"

#include <inttypes.h>

static ek_code infer_reverse(ek_infer_context *c) {
  int64_t axes[EK_MAX_RANK];
  int n = 0;
  const int rank = c->in[0].shape.rank;
  EK_TRY(ek__infer_rank(c, 1, 1));
  if (rank >= 0 && ek__infer_ints(c, 1, EK_MAX_RANK, axes, &n))
    for (int i = 0; i < n; i++)
      EK_INFER_REQUIRE(c, ek__front_axis(axes[i], rank) >= 0, "axis %" PRId64 " is out of valid range [%d, %d)",
                       axes[i], -rank, rank);
  return ek__infer_same(c);
}

static ek_code run_reverse(ek_run_context *c) {
  const ek_value *x = c->in[0];
  int64_t axes[EK_MAX_RANK], stride[EK_MAX_RANK], first = 0;
  bool turned[EK_MAX_RANK] = {false};
  int n = 0;
  EK_TRY(ek__run_ints(c, 1, EK_MAX_RANK, axes, &n));
  for (int i = 0; i < n; i++) {
    const int axis = ek__front_axis(axes[i], x->shape.rank);
    EK_RUN_REQUIRE(c, axis >= 0, "'axis'[%d] = %" PRId64 " is out of valid range [%d, %d)", i, axes[i], -x->shape.rank,
                   x->shape.rank);
    EK_RUN_REQUIRE(c, !turned[axis], "axis %d specified more than once", axis);
    turned[axis] = true;
  }
  EK_TRY(ek__run_output(c, 0, x->shape));
  ek__row_major(x->shape, stride);
  ek__copy box = {0};
  for (int i = 0; i < x->shape.rank; i++) {
    ek__copy_axis(&box, x->shape.dim[i], stride[i], turned[i] ? -stride[i] : stride[i]);
    if (turned[i] && x->shape.dim[i] > 0) first += (x->shape.dim[i] - 1) * stride[i];
  }
  if (x->n > 0) ek__copy_box(x->dtype, c->out[0]->data, ek__at(x->dtype, x->data, first), &box);
  return EK_OK;
}

static ek_code grad_reverse(ek_grad_context *c) {
  c->dx[0] = ek__op2(c->g, "ReverseV2", c->dy[0], ek__grad_in(c, 1));
  return EK_OK;
}

const ek_op_def ek_op_reverse_v2 = {.name = "ReverseV2",
                                    .doc = "tensor with the order along each of the axes turned round",
                                    .in = "tensor: T, axis: Tidx",
                                    .out = "output: T",
                                    .attrs = "Tidx: {int32, int64} = int32; T: type",
                                    .function = "reverse",
                                    .infer = infer_reverse,
                                    .grad = grad_reverse,
                                    .run = run_reverse};

static ek_code infer_sequence(ek_infer_context *c) {
  const int64_t seq = ek__attr_int(c->node, "seq_dim"), batch = ek__attr_int(c->node, "batch_dim");
  const int rank = c->in[0].shape.rank;
  EK_TRY(ek__infer_rank(c, 1, 1));
  EK_TRY(ek__infer_same(c));
  if (rank < 0) return EK_OK;
  EK_INFER_REQUIRE(c, seq >= 0 && seq < rank && batch >= 0 && batch < rank && seq != batch,
                   "seq_dim %" PRId64 " and batch_dim %" PRId64 " must be two of the %d dimensions", seq, batch, rank);
  const int64_t n = c->in[1].shape.rank == 1 ? c->in[1].shape.dim[0] : -1, b = c->in[0].shape.dim[batch];
  EK_INFER_REQUIRE(c, n < 0 || b < 0 || n == b, "%" PRId64 " lengths for %" PRId64 " sequences", n, b);
  return EK_OK;
}

static ek_code run_sequence(ek_run_context *c) {
  const ek_value *x = c->in[0], *lengths = c->in[1];
  const int64_t seq = ek__attr_int(c->node, "seq_dim"), batch = ek__attr_int(c->node, "batch_dim");
  int64_t stride[EK_MAX_RANK];
  EK_RUN_REQUIRE(c, seq >= 0 && seq < x->shape.rank && batch >= 0 && batch < x->shape.rank && seq != batch,
                 "seq_dim %" PRId64 " and batch_dim %" PRId64 " must be two of the %d dimensions", seq, batch,
                 x->shape.rank);
  const int64_t n = x->shape.dim[batch], steps = x->shape.dim[seq];
  EK_RUN_REQUIRE(c, lengths->n == n, "Length of seq_lengths != input.dims(%" PRId64 "), (%" PRId64 " vs. %" PRId64 ")",
                 batch, lengths->n, n);
  EK_TRY(ek__run_output(c, 0, x->shape));
  ek__row_major(x->shape, stride);
  for (int64_t i = 0; i < n && x->n > 0; i++) {
    const int64_t length = ek__value_int(lengths, i), start = i * stride[batch];
    EK_RUN_REQUIRE(c, length >= 0 && length <= steps,
                   "seq_lengths(%" PRId64 ") = %" PRId64 " is not in [0, %" PRId64 "]", i, length, steps);
    for (int part = 0; part < 2; part++) { /* what is turned, and the rest */
      ek__copy box = {0};
      const int64_t from = part == 0 ? 0 : length, count = part == 0 ? length : steps - length;
      for (int d = 0; d < x->shape.rank; d++)
        if (d == seq)
          ek__copy_axis(&box, count, stride[d], part == 0 ? -stride[d] : stride[d]);
        else if (d != batch)
          ek__copy_axis(&box, x->shape.dim[d], stride[d], stride[d]);
      const int64_t first = part == 0 ? length - 1 : from;
      if (count > 0)
        ek__copy_box(x->dtype, ek__at(x->dtype, c->out[0]->data, start + from * stride[seq]),
                     ek__at(x->dtype, x->data, start + first * stride[seq]), &box);
    }
  }
  return EK_OK;
}

static ek_code grad_sequence(ek_grad_context *c) {
  c->dx[0] = ek_op_output(ek_build(c->g, "ReverseSequence", EK_OUTS(c->dy[0], ek__grad_in(c, 1)),
                                   EK_ATTRS(EK_INT_ATTR("seq_dim", ek__attr_int(c->node, "seq_dim")),
                                            EK_INT_ATTR("batch_dim", ek__attr_int(c->node, "batch_dim")))),
                          0);
  return EK_OK;
}

const ek_op_def ek_op_reverse_sequence = {.name = "ReverseSequence",
                                          .doc = "the first seq_lengths[i] steps of sequence i turned round",
                                          .in = "input: T, seq_lengths: Tlen",
                                          .out = "output: T",
                                          .attrs =
                                              "seq_dim: int; batch_dim: int = 0; T: type; Tlen: {int32, int64} = int64",
                                          .infer = infer_sequence,
                                          .grad = grad_sequence,
                                          .run = run_sequence};
