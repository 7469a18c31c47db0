/* SPDX-License-Identifier: Apache-2.0 */
/* One number a channel, added to all elements of the channel. NHWC: channels are the last dimension; NCHW: the second.
 */
#include "ops/elementwise.h"
#include "ops/grad_util.h"
#include "ops/reduce.h"

#include <stdio.h>
#include <string.h>

static bool channels_first(const ek__node *node) { return strcmp(ek__attr_string(node, "data_format"), "NCHW") == 0; }

/* The dimension of the channels, or an error that says what rank is missing. */
static ek_code infer_channel(ek_infer_context *c, ek_shape s, int *channel) {
  const bool first = channels_first(c->node);
  EK_INFER_REQUIRE(c, s.rank < 0 || s.rank >= (first ? 3 : 2), "input 0 must have rank %d at least, not %d",
                   first ? 3 : 2, s.rank);
  *channel = first ? 1 : s.rank - 1;
  return EK_OK;
}

/* The tensor as [outer, channels, inner]. */
static ek_shape as_channels(ek_shape s, int channel) {
  ek_shape out = {.rank = 3, .dim = {1, s.dim[channel], 1}};
  for (int d = 0; d < s.rank; d++)
    if (d != channel) out.dim[d < channel ? 0 : 2] *= s.dim[d];
  return out;
}

/* ---- BiasAdd */

static ek_code infer_bias_add(ek_infer_context *c) {
  int channel = 0;
  char a[EK_SHAPE_TEXT], b[EK_SHAPE_TEXT];
  const ek_shape value = c->in[0].shape, bias = c->in[1].shape;
  EK_TRY(infer_channel(c, value, &channel));
  EK_TRY(ek__infer_rank(c, 1, 1));
  c->out[0].shape = value;
  if (value.rank < 0 || bias.rank < 0) return EK_OK;
  EK_INFER_REQUIRE(c, value.dim[channel] < 0 || bias.dim[0] < 0 || value.dim[channel] == bias.dim[0],
                   "Must provide as many biases as the channel dimension of the input tensor: %s vs. %s",
                   ek_shape_format(bias, a, sizeof a), ek_shape_format(value, b, sizeof b));
  if (value.dim[channel] < 0) c->out[0].shape.dim[channel] = bias.dim[0];
  return EK_OK;
}

EK_HALF_INT_LOOPS(EK__LOOP2, bias, x + y, ek__wrap_add(x, y));

static ek_code run_bias_add(ek_run_context *c) {
  const ek_shape value = c->in[0]->shape, bias = c->in[1]->shape;
  char a[EK_SHAPE_TEXT], b[EK_SHAPE_TEXT];
  const int channel = channels_first(c->node) ? 1 : value.rank - 1;
  EK_RUN_REQUIRE(c, bias.rank == 1 && channel >= 1 && channel < value.rank && value.dim[channel] == bias.dim[0],
                 "Must provide as many biases as the channel dimension of the input tensor: %s vs. %s",
                 ek_shape_format(bias, a, sizeof a), ek_shape_format(value, b, sizeof b));
  EK_TRY(ek__run_output(c, 0, value));
  const ek_shape shapes[2] = {as_channels(value, channel), ek_shape(bias.dim[0], 1)};
  return ek__apply_binary(c, shapes, EK__ADD, bias_loops);
}

static ek_code grad_bias_add(ek_grad_context *c) {
  const ek_op op = ek_build(c->g, "BiasAddGrad", EK_OUTS(c->dy[0]),
                            EK_ATTRS(EK_STRING_ATTR("data_format", ek__attr_string(c->node, "data_format"))));
  c->dx[0] = c->dy[0];
  c->dx[1] = ek_op_output(op, 0);
  return EK_OK;
}

#define DATA_FORMAT "data_format: {'NHWC', 'NCHW'} = 'NHWC'"

const ek_op_def ek_op_bias_add = {.name = "BiasAdd",
                                  .doc = "value + bias, one number of it for each channel",
                                  .in = "value: T, bias: T",
                                  .out = "output: T",
                                  .attrs = "T: {" EK_NUMBER_TYPES "}; " DATA_FORMAT,
                                  .flags = EK_OP_INPLACE_0,
                                  .infer = infer_bias_add,
                                  .run = run_bias_add,
                                  .grad = grad_bias_add,
                                  .check_lo = -2,
                                  .check_hi = 2};

/* ---- BiasAddGrad */

static ek_code infer_bias_add_grad(ek_infer_context *c) {
  int channel = 0;
  const ek_shape in = c->in[0].shape;
  EK_TRY(infer_channel(c, in, &channel));
  c->out[0].shape = ek_shape(in.rank >= 0 ? in.dim[channel] : -1);
  return EK_OK;
}

static ek_code run_bias_add_grad(ek_run_context *c) {
  const ek_value *dy = c->in[0];
  const int channel = channels_first(c->node) ? 1 : dy->shape.rank - 1;
  EK_RUN_REQUIRE(c, dy->shape.rank >= (channels_first(c->node) ? 3 : 2), "input 0 has rank %d", dy->shape.rank);
  EK_TRY(ek__run_output(c, 0, ek_shape(dy->shape.dim[channel])));
  enum { OUTER_AND_INNER = 1 << 0 | 1 << 2 };
  return ek__reduce(c, EK__FOLD_SUM, dy->dtype, as_channels(dy->shape, channel), OUTER_AND_INNER, dy->data,
                    c->out[0]->data);
}

/* s[begin:end] of a vector, as Python's slice: end 0 stands for "to the end". */
static ek_out slice(ek_graph *g, ek_out s, int64_t begin, int64_t end) {
  char name[512];
  (void)snprintf(name, sizeof name, "%s/", ek_name_scope_begin(g, "strided_slice"));
  const ek_out from = ek_constant_int32s(ek_named(g, "stack"), &begin, 1);
  const ek_out to = ek_constant_int32s(ek_named(g, "stack_1"), &end, 1);
  const ek_out by = ek_constant_int32s(ek_named(g, "stack_2"), (const int64_t[]){1}, 1);
  ek_name_scope_end(g);
  const ek_op op = ek_build(ek_named(g, name), "StridedSlice", EK_OUTS(s, from, to, by),
                            EK_ATTRS(EK_INT_ATTR("begin_mask", begin == 0), EK_INT_ATTR("end_mask", end == 0)));
  return ek_op_output(op, 0);
}

static ek_out concat(ek_graph *g, const ek_out *parts, int n) {
  ek_out in[4];
  for (int i = 0; i < n; i++) in[i] = parts[i];
  in[n] = ek_integer(g, 0);
  const ek_op op = ek_build(ek_named(g, "concat"), "ConcatV2", (ek_outs){in, n + 1}, EK_ATTRS(EK_INT_ATTR("N", n)));
  return ek_op_output(op, 0);
}

static ek_code grad_bias_add_grad(ek_grad_context *c) {
  ek_graph *g = c->g;
  const ek_out shape = ek__grad_shape(g, ek__grad_in(c, 0)), bias_shape = ek__grad_shape(g, c->dy[0]);
  ek_out ones[3], tile[3];
  int n = 0, m = 0;
  if (channels_first(c->node)) {
    ones[n++] = ek__grad_ones_like(g, slice(g, shape, 0, 1));
    ones[n++] = bias_shape;
    ones[n++] = ek__grad_ones_like(g, slice(g, shape, 2, 0));
  } else {
    ones[n++] = ek__grad_ones_like(g, slice(g, shape, 0, -1));
    ones[n++] = bias_shape;
  }
  const ek_out expanded = concat(g, ones, n);
  tile[m++] = slice(g, shape, 0, channels_first(c->node) ? 1 : -1);
  tile[m++] = ek_integers(g, (const int64_t[]){1}, 1);
  if (channels_first(c->node)) tile[m++] = slice(g, shape, 2, 0);
  const ek_out times = concat(g, tile, m);
  const ek_out column = ek__op2(g, "Reshape", c->dy[0], expanded);
  c->dx[0] = ek__op2(g, "Tile", column, times);
  return EK_OK;
}

const ek_op_def ek_op_bias_add_grad = {.name = "BiasAddGrad",
                                       .doc = "the sum of out_backprop over all dimensions but the channels'",
                                       .in = "out_backprop: T",
                                       .out = "output: T",
                                       .attrs = "T: {" EK_NUMBER_TYPES "}; " DATA_FORMAT,
                                       .infer = infer_bias_add_grad,
                                       .run = run_bias_add_grad,
                                       .grad = grad_bias_add_grad,
                                       .check_lo = -2,
                                       .check_hi = 2};
