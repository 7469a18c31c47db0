/* SPDX-License-Identifier: Apache-2.0 */
/* Gradients of the segment ops: what a segment's row gets goes to the rows that made it. */
#include "ops/array_grad.h"

#include "graph/fill.h"
#include "ops/grad_util.h"

static ek_out gather(ek_graph *g, ek_out params, ek_out indices) {
  return ek__op3(g, "GatherV2", params, indices, ek_integer(g, 0));
}

ek_code ek__grad_segment_sum(ek_grad_context *c) {
  c->dx[0] = gather(c->g, c->dy[0], ek__grad_in(c, 1));
  return EK_OK;
}

ek_code ek__grad_segment_mean(ek_grad_context *c) {
  ek_graph *g = c->g;
  const ek_out ids = ek__grad_in(c, 1);
  const ek_out rank = ek__grad_rank(g, ek__grad_in(c, 0));
  const ek_out n = ek__grad_shape(g, ids);
  const ek_out others = ek__op2(ek_named(g, "sub"), "Sub", rank, ek_integer(g, 1));
  const ek_out length = ek__op2(g, "ExpandDims", others, ek_integer(g, 0));
  const ek_out ones_dims = ek__fill(g, length, EK_INT32, 1.0, "ones");
  const ek_out shape = ek__op3(ek_named(g, "concat"), "ConcatV2", n, ones_dims, ek_integer(g, 0));
  const ek_out ones = ek__fill(g, shape, ek_out_dtype(g, c->dy[0]), 1.0, "ones");
  const ek_out count = ek__op2(g, "SegmentSum", ones, ids);
  const ek_out scaled = ek__op2(ek_named(g, "truediv"), "RealDiv", c->dy[0], count);
  c->dx[0] = gather(g, scaled, ids);
  return EK_OK;
}

/* Those that are the extremum share its gradient. */
ek_code ek__grad_segment_extremum(ek_grad_context *c) {
  ek_graph *g = c->g;
  const ek_out x = ek__grad_in(c, 0), ids = ek__grad_in(c, 1);
  const ek_out zeros = ek__grad_zeros_like(g, x);
  const ek_out extremum = gather(g, ek__grad_out(c, 0), ids);
  const ek_out selected = ek__op2(g, "Equal", x, extremum);
  const ek_out number = ek__grad_cast(g, selected, ek_out_dtype(g, c->dy[0]));
  const ek_out count = ek__op2(g, "SegmentSum", number, ids);
  const ek_out shares = ek__op2(ek_named(g, "truediv"), "RealDiv", c->dy[0], count);
  const ek_out gathered = gather(g, shares, ids);
  c->dx[0] = ek__op3(g, "SelectV2", selected, gathered, zeros);
  return EK_OK;
}

/* params[max(ids, 0)], and whether ids >= 0, in the shape of that. */
typedef struct kept {
  ek_out places, positive;
} kept;

static ek_out gather_kept(ek_graph *g, ek_out params, ek_out ids, kept *k) {
  if (k->places.op == 0) {
    const ek_out zeros = ek__grad_zeros_like(g, ids);
    k->places = ek__op2(g, "Maximum", ids, zeros);
  }
  const ek_out gathered = gather(g, params, k->places);
  if (k->positive.op == 0) {
    const ek_out positive = ek__op2(g, "GreaterEqual", ids, ek_integer(g, 0));
    const ek_out shape = ek__grad_shape(g, positive);
    const ek_out rank = ek__grad_rank(g, gathered), own = ek__grad_rank(g, positive);
    const ek_out more = ek__op2(ek_named(g, "sub"), "Sub", rank, own);
    (void)ek_name_scope_begin(g, ek_graph_text(g, "%s/", ek_unique_name(g, "ones", false)));
    const ek_out dims = ek__op1(ek_named(g, "packed"), "Pack", more);
    ek_name_scope_end(g);
    const ek_out ones = ek__fill(g, dims, EK_INT32, 1.0, "ones");
    const ek_out full = ek__op3(ek_named(g, "concat"), "ConcatV2", shape, ones, ek_integer(g, 0));
    const ek_out column = ek__op2(g, "Reshape", positive, full);
    const ek_out all = ek__grad_ones_like_as(g, gathered, EK_BOOL);
    k->positive = ek__op2(ek_named(g, "and"), "LogicalAnd", column, all);
  }
  const ek_out none = ek__grad_zeros_like(g, gathered);
  return ek__op3(g, "SelectV2", k->positive, gathered, none);
}

ek_code ek__grad_unsorted_sum(ek_grad_context *c) {
  kept k = {{0, 0}, {0, 0}};
  c->dx[0] = gather_kept(c->g, c->dy[0], ek__grad_in(c, 1), &k);
  return EK_OK;
}

ek_code ek__grad_unsorted_extremum(ek_grad_context *c) {
  ek_graph *g = c->g;
  const ek_out x = ek__grad_in(c, 0), ids = ek__grad_in(c, 1);
  kept k = {{0, 0}, {0, 0}};
  const ek_out extremum = gather_kept(g, ek__grad_out(c, 0), ids, &k);
  const ek_out equal = ek__op2(g, "Equal", x, extremum);
  const ek_out selected = ek__op2(g, "LogicalAnd", equal, k.positive);
  const ek_out number = ek__grad_cast(g, selected, ek_out_dtype(g, c->dy[0]));
  const ek_out count = ek__op3(g, "UnsortedSegmentSum", number, ids, ek__grad_in(c, 2));
  const ek_out shares = ek__op2(ek_named(g, "truediv"), "RealDiv", c->dy[0], count);
  const ek_out gathered = gather_kept(g, shares, ids, &k);
  const ek_out zeros = ek__grad_zeros_like(g, gathered);
  c->dx[0] = ek__op3(g, "SelectV2", selected, gathered, zeros);
  return EK_OK;
}

/* A product by its factor, where that is not zero; where exactly one of a segment is, the product of the others to that
 * one. dy: becomes 0 for the segments that have several zeros; k: of an unsorted op. */
static ek_out product_by_factor(ek_grad_context *c, ek_out *dy, kept *k) {
  ek_graph *g = c->g;
  const bool sorted = c->node->n_inputs == 2;
  const ek_out x = ek__grad_in(c, 0), ids = ek__grad_in(c, 1);
  ek_out in[3] = {x, ids, sorted ? ids : ek__grad_in(c, 2)};
  const ek_outs all = {in, c->node->n_inputs};
  const ek_out is_zero = ek__op2(g, "Equal", x, ek_integer(g, 0));
  in[0] = ek__grad_cast(g, is_zero, EK_INT32);
  const ek_out zeros = ek_op_output(ek_build(g, sorted ? "SegmentSum" : "UnsortedSegmentSum", all, EK_NO_ATTRS), 0);
  const ek_out several = ek__op2(g, "Greater", zeros, ek_integer(g, 1));
  *dy = ek__op3(g, "SelectV2", several, ek__grad_zeros_like(g, *dy), *dy);
  in[0] = ek__op3(g, "SelectV2", is_zero, ek__grad_ones_like(g, x), x);
  const ek_out non_zero = in[0];
  const ek_out others = ek_op_output(ek_build(g, c->node->type, all, EK_NO_ATTRS), 0);
  if (!sorted) {
    const ek_out none = ek__grad_zeros_like(g, ids);
    k->places = ek__op2(g, "Maximum", ids, none);
  }
  const ek_out places = sorted ? ids : k->places;
  const ek_out product = gather(g, ek__grad_out(c, 0), places), of_others = gather(g, others, places);
  const ek_out part = ek__op2(ek_named(g, "truediv"), "RealDiv", product, sorted ? non_zero : x);
  return ek__op3(g, "SelectV2", is_zero, of_others, part);
}

ek_code ek__grad_segment_product(ek_grad_context *c) {
  ek_out dy = c->dy[0];
  const ek_out factor = product_by_factor(c, &dy, NULL);
  c->dx[0] = ek__op2(ek_named(c->g, "mul"), "Mul", gather(c->g, dy, ek__grad_in(c, 1)), factor);
  return EK_OK;
}

ek_code ek__grad_unsorted_product(ek_grad_context *c) {
  kept k = {{0, 0}, {0, 0}};
  ek_out dy = c->dy[0];
  const ek_out factor = product_by_factor(c, &dy, &k);
  c->dx[0] = ek__op2(ek_named(c->g, "mul"), "Mul", gather_kept(c->g, dy, ek__grad_in(c, 1), &k), factor);
  return EK_OK;
}
