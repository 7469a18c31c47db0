/* SPDX-License-Identifier: Apache-2.0 */
/* The gradient of Gather and GatherV2: rows of dy, to be added up where they came from. Along axis 0 they stay apart,
 * as IndexedSlices. */
#include "ops/array_grad.h"

#include "graph/fill.h"
#include "graph/variables.h"
#include "ops/grad_util.h"

#include <string.h>

static const ek_out none = {0, 0};

static ek_out pack_of(ek_graph *g, const char *name, ek_out scalar) { /* [scalar] */
  return ek_op_output(ek_build(ek_named(g, name), "Pack", EK_OUTS(scalar), EK_NO_ATTRS), 0);
}

static ek_out bound(ek_graph *g, const char *name, ek_out at, int64_t number) {
  return at.op != 0 ? pack_of(g, name, at) : ek_convert(g, ek_ints(g, number), EK_INT32, name);
}

/* x[begin:end] as Python's index operator builds it, where one of them, or both, is an output (else none: 0). */
static ek_out slice(ek_graph *g, ek_out x, ek_out begin, ek_out end, const char *mask) {
  ek_out by = {0, 0};
  if (begin.op == 0 || end.op == 0) { /* beside an output, numbers become tensors on their own */
    if (begin.op == 0) begin = ek_convert(g, ek_integer(g, 0), EK_INT32, NULL);
    if (end.op == 0) end = ek_convert(g, ek_integer(g, 0), EK_INT32, NULL);
    by = ek_convert(g, ek_integer(g, 1), EK_INT32, NULL);
  }
  (void)ek_name_scope_begin(g, "strided_slice");
  const ek_out from = pack_of(g, "stack", begin), to = pack_of(g, "stack_1", end);
  by = bound(g, "stack_2", by, 1);
  const ek_out out = ek_op_output(
      ek_build(ek_named_scope(g), "StridedSlice", EK_OUTS(x, from, to, by), EK_ATTRS(EK_INT_ATTR(mask, 1))), 0);
  ek_name_scope_end(g);
  return out;
}

static ek_out concat(ek_graph *g, ek_outs parts) {
  ek_out in[5];
  for (int i = 0; i < parts.n; i++) in[i] = parts.at[i];
  in[parts.n] = ek_integer(g, 0);
  return ek_op_output(
      ek_build(ek_named(g, "concat"), "ConcatV2", (ek_outs){in, parts.n + 1}, EK_ATTRS(EK_INT_ATTR("N", parts.n))), 0);
}

/* The next name that concat will have, and in it the constant or Pack of a list. */
static ek_out in_concat(ek_graph *g, const char *part, ek_out scalar, int64_t number) {
  (void)ek_name_scope_begin(g, ek_graph_text(g, "%s/", ek_unique_name(g, "concat", false)));
  const ek_out list = bound(g, part, scalar, number);
  ek_name_scope_end(g);
  return list;
}

static ek_out range(ek_graph *g, ek_out from, ek_out to) {
  return ek__op3(ek_named(g, "range"), "Range", from, to, ek_integer(g, 1));
}

static ek_out plus_one(ek_graph *g, ek_out x) { return ek__op2(ek_named(g, "add"), "AddV2", x, ek_integer(g, 1)); }

static ek_out times(ek_graph *g, ek_out x, ek_out y) { return ek__op2(ek_named(g, "mul"), "Mul", x, y); }

static ek_out element(ek_graph *g, ek_out x, int64_t at) {
  return ek__vector_slice(g, x, at, at + 1, "shrink_axis_mask");
}

/* 1, n times, where n is an output or a number. */
static ek_out ones_list(ek_graph *g, ek_out n, int64_t number) {
  (void)ek_name_scope_begin(g, ek_graph_text(g, "%s/", ek_unique_name(g, "Tile", false)));
  const ek_out one = ek_convert(g, ek_ints(g, 1), EK_INT32, "input");
  const ek_out many = bound(g, "multiples", n, number);
  ek_name_scope_end(g);
  return ek__op2(g, "Tile", one, many);
}

/* The indices of all batches into the batches behind each other. */
static ek_out batch_indices(ek_graph *g, ek_out shape, ek_out indices, int64_t batches) {
  const ek_dtype dtype = ek_out_dtype(g, indices);
  shape = ek__grad_cast(g, shape, dtype);
  ek_out step = ek__grad_scoped(g, "ones", ek_integer(g, 1), dtype), sum = indices;
  for (int64_t d = batches; d > 0; d--) {
    const ek_out n = element(g, shape, d - 1);
    step = times(g, step, element(g, shape, d));
    const ek_out from = ek__grad_scoped(g, "zeros", ek_integer(g, 0), dtype);
    const ek_out by = ek__grad_scoped(g, "ones", ek_integer(g, 1), dtype);
    const ek_out each = times(g, ek__op3(ek_named(g, "range"), "Range", from, n, by), step);
    const ek_out before = ones_list(g, none, d - 1);
    const ek_out rank = ek__grad_rank(g, indices);
    const ek_out after = ones_list(g, ek__op2(ek_named(g, "sub"), "Sub", rank, ek_integer(g, d)), 0);
    (void)ek_name_scope_begin(g, ek_graph_text(g, "%s/", ek_unique_name(g, "concat", false)));
    const ek_out own = pack_of(g, "values_1", ek__grad_cast(g, n, EK_INT32));
    ek_name_scope_end(g);
    const ek_out dims = concat(g, EK_OUTS(before, own, after));
    sum = ek__op2(ek_named(g, "add"), "AddV2", sum, ek__op2(g, "Reshape", each, dims));
  }
  return sum;
}

/* The rows of values, put together at their indices: [rows, ...]; with batches, of each for itself. */
static ek_out add_up(ek_graph *g, ek_out values, ek_out indices, ek_out rows, ek_out shape, int64_t batches) {
  const ek_out size = ek__op2(g, "ExpandDims", ek__grad_size(g, indices), ek_integer(g, 0));
  ek_out outer = {0, 0}, flat_shape = {0, 0};
  if (batches > 0) {
    const ek_out dims = ek__grad_shape(g, values);
    outer = ek__vector_slice(g, dims, 0, batches, "begin_mask");
    const ek_out rest = ek__vector_slice(g, dims, batches, 0, "end_mask");
    const ek_out inner = ek__vector_slice(g, rest, 1, 0, "end_mask");
    const ek_out n = ek__op2(g, "Prod", outer, ek_ints(g, 0));
    const ek_out all_of_it = in_concat(g, "values_0", none, -1);
    flat_shape = concat(g, EK_OUTS(all_of_it, inner));
    rows = times(g, rows, n);
    indices = batch_indices(g, shape, indices, batches);
    values = ek__op2(g, "Reshape", values, flat_shape);
  }
  const ek_out flat = ek__op2(g, "Reshape", indices, size);
  const ek_out sums = ek__op3(g, "UnsortedSegmentSum", values, flat, rows);
  return batches > 0 ? ek__op2(g, "Reshape", sums, concat(g, EK_OUTS(outer, flat_shape))) : sums;
}

/* The axis, if it is a constant. */
static bool known_axis(const ek_graph *g, ek_out axis, int *at) {
  const ek__node *n = ek__node_of(g, ek_out_op(axis));
  if (n == NULL || strcmp(n->type, "Const") != 0) return false;
  *at = (int)ek_tensor_number(ek__attr_find(n, "value")->v.tensor, 0);
  return true;
}

/* The axis goes to the front, behind the batches, and back when its rows are added up. */
static ek_out along_axis(ek_graph *g, const ek_grad_context *c, ek_out shape, ek_out axis, int64_t batches) {
  const ek_out outer = slice(g, shape, none, axis, "begin_mask");
  const ek_out from_axis = slice(g, shape, axis, none, "end_mask");
  const ek_out inner = ek__vector_slice(g, from_axis, 1, 0, "end_mask");
  const int rank = ek_out_shape(g, ek__grad_in(c, 0)).rank;
  int front_of = 0;
  if (rank >= 0 && known_axis(g, axis, &front_of)) { /* what follows needs to know how many there are */
    if (front_of < 0) front_of += rank;
    ek_out_set_shape(g, outer, ek_shape(front_of));
    ek_out_set_shape(g, from_axis, ek_shape(rank - front_of));
    ek_out_set_shape(g, inner, ek_shape(rank - front_of - 1));
  }
  const ek_out all_of_it = in_concat(g, "values_1", none, -1);
  const ek_out values_shape = concat(g, EK_OUTS(outer, all_of_it, inner));
  const ek_out dims = ek__grad_size(g, values_shape), before = ek__grad_size(g, outer);
  const ek_out batch_axes = range(g, ek_integer(g, 0), ek_integer(g, batches));
  const ek_out outer_axes = range(g, ek_integer(g, batches), before);
  const ek_out inner_axes = range(g, plus_one(g, before), dims);
  const ek_out values = ek__op2(g, "Reshape", ek__grad_dense(g, c->dy[0]), values_shape);
  const ek_out at = in_concat(g, "values_1", before, 0);
  const ek_out order = concat(g, EK_OUTS(batch_axes, at, outer_axes, inner_axes));
  const ek_out rows = ek__op2(ek_named(g, "transpose"), "Transpose", values, order);
  const ek_out rows_shape = ek__op3(g, "GatherV2", shape, order, ek_integer(g, 0));
  const ek_out next = plus_one(g, axis);
  const ek_out n = slice(g, shape, axis, next, "shrink_axis_mask");
  const ek_out sums = add_up(g, rows, ek__grad_in(c, 1), n, rows_shape, batches);
  const ek_out shifted = plus_one(g, outer_axes);
  const ek_out front = in_concat(g, "values_2", none, batches);
  const ek_out back = concat(g, EK_OUTS(batch_axes, shifted, front, inner_axes));
  return ek__op2(ek_named(g, "transpose"), "Transpose", sums, back);
}

/* Rows of a tensor of that shape: dy at the indices, of which there are size. */
static ek_out rows_of(ek_graph *g, ek_out dy, ek_out indices, ek_out size, ek_out shape) {
  const ek_out row = ek__vector_slice(g, shape, 1, 0, "end_mask");
  const ek_out values_shape = concat(g, EK_OUTS(size, row));
  const ek_out values = ek__op2(g, "Reshape", ek__grad_dense(g, dy), values_shape);
  const ek_out flat = ek__op2(g, "Reshape", indices, size);
  return ek_indexed_slices_out(g, (ek_indexed_slices){values, flat, shape});
}

ek_code ek__grad_resource_gather(ek_grad_context *c) {
  ek_graph *g = c->g;
  const ek_out handle = ek__grad_in(c, 0), indices = ek__grad_in(c, 1);
  ek__type of;
  const bool known = ek__resource_type(g, handle, &of) && ek_shape_is_known(of.shape);
  const ek_out shape = known ? ek_constant_int32s(g, of.shape.dim, of.shape.rank) : ek__op1(g, "VariableShape", handle);
  const ek_out size = ek__op2(g, "ExpandDims", ek__grad_size(g, indices), ek_integer(g, 0));
  c->dx[0] = rows_of(g, c->dy[0], indices, size, shape);
  return EK_OK;
}

ek_code ek__grad_gather(ek_grad_context *c) {
  ek_graph *g = c->g;
  const bool v2 = strcmp(c->node->type, "GatherV2") == 0;
  const ek_out params = ek__grad_in(c, 0), indices = ek__grad_in(c, 1), axis = v2 ? ek__grad_in(c, 2) : none;
  int64_t batches = v2 ? ek__attr_int(c->node, "batch_dims") : 0;
  if (batches < 0 && ek_out_shape(g, indices).rank < 0) {
    ek_graph_fail(g, EK_INVALID_ARGUMENT, "GatherV2 '%s': no gradient with batch_dims %d and indices of unknown rank",
                  c->node->name, (int)batches);
    return EK_INVALID_ARGUMENT;
  }
  if (batches < 0) batches += ek_out_shape(g, indices).rank;
  ek_colocate_with_begin(g, ek_out_op(params), false);
  ek_out shape = ek__grad_shape_as(g, params, v2 ? EK_INT64 : EK_INT32);
  if (v2) shape = ek__grad_cast(g, shape, EK_INT32);
  ek_colocate_with_end(g);
  const ek_out size = ek__op2(g, "ExpandDims", ek__grad_size(g, indices), ek_integer(g, 0));
  int at = 0;
  if (v2 && (!known_axis(g, axis, &at) || at != 0))
    c->dx[0] = along_axis(g, c, shape, axis, batches);
  else
    c->dx[0] = rows_of(g, c->dy[0], indices, size, shape);
  return EK_OK;
}
