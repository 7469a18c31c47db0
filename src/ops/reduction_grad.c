/* SPDX-License-Identifier: Apache-2.0 */
/* Gradients of reductions: dy gets its folded dimensions back as ones, then is repeated. What is known while building
 * becomes literals. */
#include "ops/reduction_grad.h"

#include "ops/grad_util.h"

#include <stdio.h>
#include <string.h>

/* The value of a Const; NULL for anything else. */
static const ek_tensor *constant_value(const ek_graph *g, ek_out out) {
  const ek__node *n = ek__node_of(g, ek_out_op(out));
  if (n == NULL || strcmp(n->type, "Const") != 0) return NULL;
  return ek__attr_find(n, "value")->v.tensor;
}

static bool is_all_axes(const ek_tensor *axes, int rank) {
  if (ek_tensor_shape(axes).rank != 1 || ek_tensor_num_elements(axes) != rank) return false;
  for (int d = 0; d < rank; d++)
    if (ek_tensor_number(axes, d) != d) return false;
  return true;
}

static bool is_constant(const ek_graph *g, ek_out out, int value) {
  const ek_tensor *t = constant_value(g, out);
  return t != NULL && ek_tensor_num_elements(t) == 1 && ek_tensor_number(t, 0) == value;
}

/* The axes that reduce_sum makes where it is told none and the rank is 0: range(0, rank). */
static bool is_range_to(const ek_graph *g, ek_out axes, int rank) {
  const ek_op op = ek_out_op(axes);
  return strcmp(ek_op_type(g, op), "Range") == 0 && is_constant(g, ek_op_input(g, op, 0), 0) &&
         is_constant(g, ek_op_input(g, op, 1), rank) && is_constant(g, ek_op_input(g, op, 2), 1);
}

/* The shape of x with ones where it was folded. */
static ek_shape with_ones(ek_shape x, const ek_tensor *axes) {
  for (int64_t i = 0; i < ek_tensor_num_elements(axes); i++) {
    const int axis = (int)ek_tensor_number(axes, i);
    x.dim[axis < 0 ? axis + x.rank : axis] = 1;
  }
  return x;
}

static ek_out literal(ek_graph *g, ek_shape s) { return ek_integers(g, s.dim, s.rank); }

/* math_ops.range(0, limit) */
static ek_out range_to(ek_graph *g, ek_out limit) {
  return ek__op3(ek_named(g, "range"), "Range", ek_integer(g, 0), limit, ek_integer(g, 1));
}

/* (axes + rank) % rank */
static ek_out wrapped(ek_graph *g, ek_out axes, ek_out rank) {
  const ek_out sum = ek__op2(ek_named(g, "add"), "AddV2", axes, rank);
  return ek__op2(ek_named(g, "mod"), "FloorMod", sum, rank);
}

/* math_ops.reduced_shape: a literal where shape and axes are known, else nodes that compute it. x: what was reduced;
 * shape: the node that is its shape. */
static ek_out kept_dims(ek_graph *g, ek_out x, ek_out shape, ek_out axes) {
  const ek_shape known = ek_out_shape(g, x);
  const ek_tensor *value = constant_value(g, axes);
  if (ek_shape_is_known(known) && value != NULL) return literal(g, with_ones(known, value));
  const ek_shape of_shape = ek_out_shape(g, shape);
  axes = ek__grad_cast(g, axes, EK_INT32);
  const ek_out rank = of_shape.rank == 1 && of_shape.dim[0] >= 0
                          ? ek__grad_scoped(g, "Size", ek_integer(g, of_shape.dim[0]), EK_INT32)
                          : ek__op1(g, "Size", shape);
  const ek_out mod = wrapped(g, axes, rank);
  const ek_out axes_shape = ek__grad_shape(g, mod);
  const ek_out range = range_to(g, rank);
  char name[512];
  (void)snprintf(name, sizeof name, "%s/", ek_name_scope_begin(g, "ones"));
  const ek_out one = ek_constant_int32(g, 1);
  ek_name_scope_end(g);
  const ek_out ones = ek__op2(ek_named(g, name), "Fill", axes_shape, one);
  const ek_op stitch = ek_build(g, "DynamicStitch", EK_OUTS(range, mod, shape, ones), EK_ATTRS(EK_INT_ATTR("N", 2)));
  return ek_op_output(stitch, 0);
}

/* The nodes that find out, once in a graph for each shape and axes, how often to repeat what was folded. */
static ek_shape multiples(ek_graph *g, ek_shape x, ek_shape kept, const ek_tensor *axes) {
  char key[256], text[EK_SHAPE_TEXT];
  int used = snprintf(key, sizeof key, "reduced %s", ek_shape_format(x, text, sizeof text));
  for (int64_t i = 0; i < ek_tensor_num_elements(axes) && used < (int)sizeof key; i++)
    used += snprintf(key + used, sizeof key - (size_t)used, " %d", (int)ek_tensor_number(axes, i));
  if (ek__grad_first(g, key)) {
    const ek_out at_least_one = ek__op2(g, "Maximum", literal(g, kept), ek_integer(g, 1));
    (void)ek__op2(ek_named(g, "floordiv"), "FloorDiv", literal(g, x), at_least_one);
  }
  for (int d = 0; d < x.rank; d++) x.dim[d] = kept.dim[d] > 0 ? x.dim[d] / kept.dim[d] : x.dim[d];
  return x;
}

static ek_out sum_gradient(ek_grad_context *c) {
  ek_graph *g = c->g;
  const ek_out x = ek__grad_in(c, 0), axes_in = ek__grad_in(c, 1);
  const ek_shape shape = ek_out_shape(g, x);
  const ek_tensor *axes = constant_value(g, axes_in);
  if (shape.rank >= 0 && (axes != NULL ? is_all_axes(axes, shape.rank) : is_range_to(g, axes_in, shape.rank))) {
    ek_shape ones = {.rank = shape.rank};
    for (int d = 0; d < shape.rank; d++) ones.dim[d] = 1;
    const ek_out dy = ek__op2(g, "Reshape", c->dy[0], literal(g, ones));
    const ek_out size =
        ek_shape_is_known(shape) ? ek_constant_int32s(g, shape.dim, shape.rank) : ek__op1(g, "Shape", x);
    return ek__op2(g, "Tile", dy, size);
  }
  if (ek_shape_is_known(shape) && axes != NULL) {
    const ek_shape kept = with_ones(shape, axes), times = multiples(g, shape, kept, axes);
    const ek_out dy = ek__op2(g, "Reshape", c->dy[0], literal(g, kept));
    return ek__op2(g, "Tile", dy, literal(g, times));
  }
  const ek_out size = ek__grad_shape(g, x);
  ek_out dy = c->dy[0];
  if (!ek__attr_bool(c->node, "keep_dims")) {
    ek_colocate_with_begin(g, ek_out_op(size), false);
    const ek_out kept = kept_dims(g, x, size, axes_in);
    ek_colocate_with_end(g);
    dy = ek__op2(g, "Reshape", dy, kept);
  }
  return ek__op2(g, "BroadcastTo", dy, size);
}

ek_code ek__grad_reduce_sum(ek_grad_context *c) {
  c->dx[0] = sum_gradient(c);
  return EK_OK;
}

/* reduce_prod over all dimensions of a vector */
static ek_out product(ek_graph *g, ek_out x) {
  const ek_out axes = ek__grad_integers(g, (const int64_t[]){0}, 1);
  return ek_op_output(ek_build(g, "Prod", EK_OUTS(x, axes), EK_ATTRS(EK_BOOL_ATTR("keep_dims", false))), 0);
}

ek_code ek__grad_reduce_mean(ek_grad_context *c) {
  ek_graph *g = c->g;
  const ek_out x = ek__grad_in(c, 0), y = ek__grad_out(c, 0);
  const ek_out sum = sum_gradient(c);
  const ek_shape in = ek_out_shape(g, x), out = ek_out_shape(g, y);
  const ek_dtype dtype = ek_out_dtype(g, sum);
  ek_out factor;
  if (ek_shape_is_known(in) && ek_shape_is_known(out)) {
    const int64_t n = ek_shape_num_elements(in), m = ek_shape_num_elements(out);
    factor = ek__grad_number(g, (double)(n / (m > 0 ? m : 1)), dtype);
  } else {
    const ek_out in_shape = ek__grad_shape(g, x);
    const ek_out out_shape = ek__grad_shape(g, y);
    const ek_out n = product(g, in_shape);
    const ek_out m = product(g, out_shape);
    const ek_out at_least_one = ek__op2(g, "Maximum", m, ek_integer(g, 1));
    factor = ek__grad_cast(g, ek__op2(ek_named(g, "floordiv"), "FloorDiv", n, at_least_one), dtype);
  }
  c->dx[0] = ek__op2(ek_named(g, "truediv"), "RealDiv", sum, factor);
  return EK_OK;
}

/* Shared evenly between all elements that are the extremum. */
ek_code ek__grad_reduce_extremum(ek_grad_context *c) {
  ek_graph *g = c->g;
  const ek_out x = ek__grad_in(c, 0), axes = ek__grad_in(c, 1);
  ek_out y = ek__grad_out(c, 0), dy = c->dy[0], kept;
  const ek_out shape = ek__grad_shape(g, x);
  if (ek__attr_bool(c->node, "keep_dims")) {
    kept = ek__grad_shape(g, y);
  } else {
    kept = kept_dims(g, x, shape, axes);
    y = ek__op2(g, "Reshape", y, kept);
    dy = ek__op2(g, "Reshape", dy, kept);
  }
  const ek_out same = ek__op2(g, "Equal", y, x);
  const ek_out indicators = ek__grad_cast(g, same, ek_out_dtype(g, dy));
  const ek_out sum = ek__grad_sum(g, indicators, axes, false);
  const ek_out count = ek__op2(g, "Reshape", sum, kept);
  const ek_out share = ek__op2(ek_named(g, "truediv"), "RealDiv", indicators, count);
  c->dx[0] = ek__op2(ek_named(g, "mul"), "Mul", share, dy);
  return EK_OK;
}

/* The shape of x with the folded dimensions, in the order of the axes, before the others. */
static ek_shape folded_first(ek_shape x, const ek_tensor *axes) {
  ek_shape s = {.rank = 0};
  bool folded[EK_MAX_RANK] = {false};
  for (int64_t i = 0; i < ek_tensor_num_elements(axes) && s.rank < x.rank; i++) {
    const int given = (int)ek_tensor_number(axes, i), axis = given < 0 ? given + x.rank : given;
    folded[axis] = true;
    s.dim[s.rank++] = x.dim[axis];
  }
  for (int d = 0; d < x.rank && s.rank < EK_MAX_RANK; d++)
    if (!folded[d]) s.dim[s.rank++] = x.dim[d];
  return s;
}

static ek_out gather(ek_graph *g, ek_out params, ek_out indices) {
  return ek__op3(g, "GatherV2", params, indices, ek_integer(g, 0));
}

static ek_out cumulative_product(ek_graph *g, ek_out x, bool reverse) {
  const ek_op op = ek_build(g, "Cumprod", EK_OUTS(x, ek_integer(g, 0)),
                            EK_ATTRS(EK_BOOL_ATTR("exclusive", true), EK_BOOL_ATTR("reverse", reverse)));
  return ek_op_output(op, 0);
}

/* For each element the product of all others, from what stands before it and what after it: right for zeros too. */
ek_code ek__grad_reduce_prod(ek_grad_context *c) {
  ek_graph *g = c->g;
  const ek_out x = ek__grad_in(c, 0), axes_in = ek__grad_in(c, 1);
  const int known_rank = ek_out_shape(g, x).rank;
  const ek_out shape = ek__grad_shape(g, x);
  const ek_out axes = ek__op2(g, "Reshape", axes_in, ek_integers(g, (const int64_t[]){-1}, 1));
  ek_out dy = c->dy[0];
  if (!ek__attr_bool(c->node, "keep_dims")) {
    const ek_out kept = kept_dims(g, x, shape, axes_in);
    dy = ek__op2(g, "Reshape", dy, kept);
  }
  dy = ek__op2(g, "BroadcastTo", dy, shape);
  const ek_out rank = ek__grad_rank(g, x);
  const ek_out folded = ek__grad_cast(g, wrapped(g, axes, rank), EK_INT32);
  const ek_out all = range_to(g, rank);
  const ek_out other = ek__op2(g, "ListDiff", all, folded);
  const ek_op concat = ek_build(ek_named(g, "concat"), "ConcatV2", EK_OUTS(folded, other, ek_integer(g, 0)),
                                EK_ATTRS(EK_INT_ATTR("N", 2)));
  const ek_out order = ek_op_output(concat, 0);
  const ek_out folded_sizes = gather(g, shape, folded);
  const ek_out rows = product(g, folded_sizes);
  const ek_out other_sizes = gather(g, shape, other);
  const ek_out cols = product(g, other_sizes);
  const ek_out permuted = ek__op2(ek_named(g, "transpose"), "Transpose", x, order);
  if (known_rank >= 0 && constant_value(g, axes_in) != NULL) /* TensorFlow evaluates `order` here */
    ek_out_set_shape(g, permuted, folded_first(ek_out_shape(g, x), constant_value(g, axes_in)));
  const ek_out permuted_shape = ek__grad_shape(g, permuted);
  char name[512];
  (void)snprintf(name, sizeof name, "%s/", ek_name_scope_begin(g, "Reshape"));
  const ek_out size = ek_op_output(ek_build(ek_named(g, "shape"), "Pack", EK_OUTS(rows, cols), EK_NO_ATTRS), 0);
  ek_name_scope_end(g);
  const ek_out matrix = ek__op2(ek_named(g, name), "Reshape", permuted, size);
  const ek_out before = cumulative_product(g, matrix, false);
  const ek_out after = cumulative_product(g, matrix, true);
  const ek_out others = ek__op2(ek_named(g, "mul"), "Mul", before, after);
  const ek_out unpacked = ek__op2(g, "Reshape", others, permuted_shape);
  const ek_out inverse = ek__op1(g, "InvertPermutation", order);
  const ek_out back = ek__op2(ek_named(g, "transpose"), "Transpose", unpacked, inverse);
  const ek_out dx = ek__op2(ek_named(g, "mul"), "Mul", dy, back);
  c->dx[0] = ek__op2(g, "Reshape", dx, shape);
  return EK_OK;
}
