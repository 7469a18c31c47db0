/* SPDX-License-Identifier: Apache-2.0 */
#include "ops/array_grad.h"

#include "graph/context.h"
#include "ops/grad_util.h"

#include <stdio.h>
#include <string.h>

/* ---- pieces */

/* array_ops.stack([x, number]): the number becomes a constant called after its place. */
static ek_out stack_with(ek_graph *g, ek_out x, int64_t number) {
  char name[512];
  (void)snprintf(name, sizeof name, "%s/", ek_name_scope_begin(g, "stack"));
  const ek_out one = ek_convert(g, ek_integer(g, number), EK_INT32, "1");
  ek_name_scope_end(g);
  return ek__op2(ek_named(g, name), "Pack", x, one);
}

static ek_out stack(ek_graph *g, const ek_out *values, int n, int64_t axis) {
  return ek_op_output(ek_build(ek_named(g, "stack"), "Pack", (ek_outs){values, n}, EK_ATTRS(EK_INT_ATTR("axis", axis))),
                      0);
}

/* array_ops.concat([a, b], axis) */
static ek_out concat(ek_graph *g, ek_out a, ek_out b, int64_t axis) {
  return ek__op3(ek_named(g, "concat"), "ConcatV2", a, b, ek_integer(g, axis));
}

/* What tensor_util.constant_value knows: the value of a constant, as a literal; else x itself. */
static ek_out literal_of(ek_graph *g, ek_out x) {
  int64_t values[4 * EK_MAX_RANK];
  const ek__node *n = ek__node_of(g, ek_out_op(x));
  if (n == NULL || strcmp(n->type, "Const") != 0) return x;
  const ek_tensor *t = ek__attr_find(n, "value")->v.tensor;
  const int64_t count = ek_tensor_num_elements(t);
  if (!ek_dtype_is_integer(ek_tensor_dtype(t)) || ek_tensor_shape(t).rank != 1 || count > 4 * EK_MAX_RANK) return x;
  for (int64_t i = 0; i < count; i++) values[i] = (int64_t)ek_tensor_number(t, i);
  return ek_integers(g, values, (int)count);
}

/* ---- other shapes */

ek_code ek__grad_reshaped(ek_grad_context *c) {
  const ek_out dy = ek__grad_dense(c->g, c->dy[0]);
  const ek_out shape = ek__grad_shape(c->g, ek__grad_in(c, 0));
  c->dx[0] = ek__op2(c->g, "Reshape", dy, shape);
  return EK_OK;
}

ek_code ek__grad_transpose(ek_grad_context *c) {
  const ek_out back = ek__op1(c->g, "InvertPermutation", ek__grad_in(c, 1));
  c->dx[0] = ek__op2(ek_named(c->g, "transpose"), "Transpose", c->dy[0], back);
  return EK_OK;
}

/* The gradient as [times, size, times, size, ...], summed over every other axis. */
ek_code ek__grad_tile(ek_grad_context *c) {
  ek_graph *g = c->g;
  const ek_out x = ek__grad_in(c, 0), times = ek__grad_in(c, 1);
  const ek_out pair[] = {times, ek__grad_shape_as(g, x, ek_out_dtype(g, times))};
  const ek_out both = stack(g, pair, 2, 0);
  const ek_out turned = ek__op2(ek_named(g, "transpose"), "Transpose", both, ek_ints(g, 1, 0));
  const ek_out split = ek__op2(g, "Reshape", turned, ek_ints(g, -1));
  const ek_out size = ek__grad_size(g, split);
  char name[512];
  (void)snprintf(name, sizeof name, "%s/", ek_name_scope_begin(g, "range"));
  const ek_out start = ek_convert(g, ek_integer(g, 0), EK_INT32, "start");
  const ek_out delta = ek_convert(g, ek_integer(g, 2), EK_INT32, "delta");
  ek_name_scope_end(g);
  const ek_out axes = ek__op3(ek_named(g, name), "Range", start, size, delta);
  const ek_out parts = ek__op2(g, "Reshape", c->dy[0], split);
  c->dx[0] = ek__grad_sum(g, parts, axes, false);
  ek_out_set_shape(g, c->dx[0], ek_out_shape(g, x));
  return EK_OK;
}

ek_code ek__grad_broadcast_to(ek_grad_context *c) {
  ek_graph *g = c->g;
  ek_out to = ek__grad_in(c, 1);
  const ek_dtype dtype = ek_out_dtype(g, to);
  const ek_out shape = ek__grad_shape_as(g, ek__grad_in(c, 0), dtype);
  const ek_out known = literal_of(g, to);
  if (known.op < 0) to = ek_convert(g, known, dtype, NULL);
  const ek_op args = ek_build(g, "BroadcastGradientArgs", EK_OUTS(to, shape), EK_NO_ATTRS);
  const ek_out sum = ek__grad_sum(g, c->dy[0], ek_op_output(args, 1), true);
  c->dx[0] = ek__op2(g, "Reshape", sum, shape);
  return EK_OK;
}

/* math_ops.reduce_sum(dy) over all axes. */
ek_code ek__grad_fill(ek_grad_context *c) {
  ek_graph *g = c->g;
  static const int64_t axes[EK_MAX_RANK] = {0, 1, 2, 3, 4, 5, 6, 7};
  const ek_shape s = ek_out_shape(g, c->dy[0]);
  ek_out all;
  if (s.rank >= 0) {
    all = ek__grad_integers(g, axes, s.rank);
  } else {
    const ek_out rank = ek__op1(g, "Rank", c->dy[0]);
    char name[512];
    (void)snprintf(name, sizeof name, "%s/", ek_name_scope_begin(g, "range"));
    const ek_out start = ek_convert(g, ek_integer(g, 0), EK_INT32, "start");
    const ek_out delta = ek_convert(g, ek_integer(g, 1), EK_INT32, "delta");
    ek_name_scope_end(g);
    all = ek__op3(ek_named(g, name), "Range", start, rank, delta);
  }
  c->dx[1] = ek__grad_sum(g, c->dy[0], all, false);
  return EK_OK;
}

/* ---- joining and cutting */

ek_code ek__grad_pack(ek_grad_context *c) {
  const ek_attr attrs[] = {EK_INT_ATTR("num", c->n_dx), EK_INT_ATTR("axis", ek__attr_int(c->node, "axis"))};
  const ek_op parts = ek_build(ek_named(c->g, "unstack"), "Unpack", EK_OUTS(c->dy[0]), attrs, 2);
  for (int i = 0; i < c->n_dx; i++) c->dx[i] = ek_op_output(parts, i);
  return EK_OK;
}

ek_code ek__grad_unpack(ek_grad_context *c) {
  c->dx[0] = stack(c->g, c->dy, c->n_dy, ek__attr_int(c->node, "axis"));
  return EK_OK;
}

/* Above 16 inputs TensorFlow cuts with one SplitV and no Slice for each. */
static void concat_by_split(ek_grad_context *c, ek_out axis, const ek_out *sizes, int n, ek_out *dx) {
  ek_graph *g = c->g;
  const ek_out matrix = stack(g, sizes, n, 1);
  char name[512];
  (void)snprintf(name, sizeof name, "%s/", ek_name_scope_begin(g, "Slice"));
  char inner[520];
  (void)snprintf(inner, sizeof inner, "%s/", ek_name_scope_begin(g, "begin"));
  const ek_out zero = ek_convert(g, ek_integer(g, 0), EK_INT32, "1");
  ek_name_scope_end(g);
  const ek_out begin = ek__op2(ek_named(g, inner), "Pack", axis, zero);
  const ek_out size = ek_convert(g, ek_ints(g, 1, -1), EK_INT32, "size");
  ek_name_scope_end(g);
  const ek_out row = ek__op3(ek_named(g, name), "Slice", matrix, begin, size);
  const ek_out lengths = ek__op1(g, "Squeeze", row);
  const ek_op parts =
      ek_build(ek_named(g, "split"), "SplitV", EK_OUTS(c->dy[0], lengths, axis), EK_ATTRS(EK_INT_ATTR("num_split", n)));
  for (int i = 0; i < n; i++) dx[i] = ek_op_output(parts, i);
}

/* A constant that was built in another context is built again here: so it need not be carried in, or kept for the way
 * back through a loop. */
static ek_out constant_here(ek_graph *g, ek_out x, ek_out dy) {
  const ek_op op = ek_out_op(x);
  if (strcmp(ek_op_type(g, op), "Const") != 0) return x;
  if (ek__output_context(g, op) == ek__output_context(g, ek_out_op(dy))) return x;
  const ek_attr *value = ek_op_attr(g, op, "value");
  return value != NULL ? ek_constant(g, value->v.tensor) : x;
}

/* Concat has its axis first, ConcatV2 last. */
ek_code ek__grad_concat(ek_grad_context *c) {
  enum { BY_SLICE = 16 };
  ek_graph *g = c->g;
  const bool last = strcmp(c->node->type, "ConcatV2") == 0;
  const int n = c->n_dx - 1, first = last ? 0 : 1;
  if (n == 1) {
    c->dx[first] = c->dy[0];
    return EK_OK;
  }
  ek_out *values = ek__graph_alloc(g, 2 * (size_t)n + 1, sizeof *values);
  if (values == NULL) return EK_RESOURCE_EXHAUSTED;
  ek_out *sizes = values + n + 1; /* values[0] leaves room for the axis */
  for (int i = 0; i < n; i++) values[1 + i] = ek__grad_in(c, first + i);
  const ek_out given = constant_here(g, ek__grad_in(c, last ? n : 0), c->dy[0]), rank = ek__grad_rank(g, values[1]);
  const ek_out axis = ek__op2(ek_named(g, "mod"), "FloorMod", given, rank);
  bool known = true;
  for (int i = 0; i < n && known; i++) {
    sizes[i] = ek__grad_shape(g, values[1 + i]);
    known = ek_shape_is_known(ek_out_shape(g, values[1 + i]));
  }
  if (!known) {
    const ek_op shapes = ek_build(g, "ShapeN", (ek_outs){values + 1, n}, EK_NO_ATTRS);
    for (int i = 0; i < n; i++) sizes[i] = ek_op_output(shapes, i);
  }
  if (n > BY_SLICE) {
    concat_by_split(c, axis, sizes, n, c->dx + first);
    return EK_OK;
  }
  ek_out *in = values; /* the axis, then the shapes */
  in[0] = axis;
  for (int i = 0; i < n; i++) in[1 + i] = sizes[i];
  const ek_op offset = ek_build(g, "ConcatOffset", (ek_outs){in, n + 1}, EK_NO_ATTRS);
  for (int i = 0; i < n; i++) c->dx[first + i] = ek__op3(g, "Slice", c->dy[0], ek_op_output(offset, i), sizes[i]);
  return EK_OK;
}

static ek_out joined(ek_grad_context *c, ek_out axis) {
  ek_out *in = ek__graph_alloc(c->g, (size_t)c->n_dy + 1, sizeof *in);
  if (in == NULL) return (ek_out){0, 0};
  if (c->n_dy == 1) return c->dy[0];
  memcpy(in, c->dy, (size_t)c->n_dy * sizeof *in);
  in[c->n_dy] = axis;
  return ek_op_output(ek_build(ek_named(c->g, "concat"), "ConcatV2", (ek_outs){in, c->n_dy + 1}, EK_NO_ATTRS), 0);
}

ek_code ek__grad_split(ek_grad_context *c) {
  c->dx[1] = joined(c, ek__grad_in(c, 0));
  return EK_OK;
}

ek_code ek__grad_split_v(ek_grad_context *c) {
  c->dx[0] = joined(c, ek__grad_in(c, 2));
  return EK_OK;
}

/* ---- parts */

ek_code ek__grad_slice(ek_grad_context *c) {
  ek_graph *g = c->g;
  const ek_out x = ek__grad_in(c, 0), begin = ek__grad_in(c, 1);
  const ek_dtype dtype = ek_out_dtype(g, begin);
  const ek_out rank = ek__grad_rank(g, x);
  const ek_out size = ek__grad_shape_as(g, ek__grad_out(c, 0), dtype);
  const ek_out column = stack_with(g, rank, 1);
  const ek_out before = ek__op2(g, "Reshape", begin, column);
  const ek_out whole = ek__grad_shape_as(g, x, dtype);
  const ek_out rest = ek__op2(ek_named(g, "sub"), "Sub", whole, size);
  const ek_out left = ek__op2(ek_named(g, "sub"), "Sub", rest, begin);
  const ek_out after = ek__op2(g, "Reshape", left, column);
  const ek_out pads = concat(g, before, after, 1);
  c->dx[0] = ek__op2(g, "Pad", c->dy[0], pads);
  return EK_OK;
}

enum { MASKS = 5 };
static void copy_masks(const ek__node *node, ek_attr attrs[MASKS]) {
  static const char *const names[MASKS] = {"begin_mask", "end_mask", "ellipsis_mask", "new_axis_mask",
                                           "shrink_axis_mask"};
  for (int i = 0; i < MASKS; i++) attrs[i] = EK_INT_ATTR(names[i], ek__attr_int(node, names[i]));
}

ek_code ek__grad_strided_slice(ek_grad_context *c) {
  ek_graph *g = c->g;
  ek_attr attrs[MASKS];
  copy_masks(c->node, attrs);
  const ek_out shape = ek__grad_shape_as(g, ek__grad_in(c, 0), ek_out_dtype(g, ek__grad_in(c, 1)));
  const ek_out s = literal_of(g, shape), b = literal_of(g, ek__grad_in(c, 1)), e = literal_of(g, ek__grad_in(c, 2)),
               by = literal_of(g, ek__grad_in(c, 3));
  const ek_attr index = EK_TYPE_ATTR("Index", ek_out_dtype(g, ek__grad_in(c, 1)));
  const ek_attr all[] = {attrs[0], attrs[1], attrs[2], attrs[3], attrs[4], index};
  c->dx[0] = ek_op_output(ek_build(g, "StridedSliceGrad", EK_OUTS(s, b, e, by, c->dy[0]), all, MASKS + 1), 0);
  return EK_OK;
}

ek_code ek__grad_strided_slice_grad(ek_grad_context *c) {
  ek_attr attrs[MASKS];
  copy_masks(c->node, attrs);
  c->dx[4] =
      ek_op_output(ek_build(c->g, "StridedSlice",
                            EK_OUTS(c->dy[0], ek__grad_in(c, 1), ek__grad_in(c, 2), ek__grad_in(c, 3)), attrs, MASKS),
                   0);
  return EK_OK;
}

ek_code ek__grad_pad(ek_grad_context *c) {
  ek_graph *g = c->g;
  const ek_out x = ek__grad_in(c, 0), pads = ek__grad_in(c, 1);
  const ek_out rank = ek__grad_rank(g, x);
  const ek_out column = stack_with(g, rank, 1);
  const ek_out before = ek__op3(g, "Slice", pads, ek_ints(g, 0, 0), column);
  const ek_out begin = ek__op2(g, "Reshape", before, ek_ints(g, -1));
  const ek_out size = ek__grad_shape_as(g, x, ek_out_dtype(g, begin));
  c->dx[0] = ek__op3(g, "Slice", c->dy[0], begin, size);
  return EK_OK;
}

/* Every piece of data gets the rows it gave. */
ek_code ek__grad_stitch(ek_grad_context *c) {
  const int n = c->n_dx / 2;
  for (int i = 0; i < n; i++)
    c->dx[n + i] = ek__op3(c->g, "GatherV2", c->dy[0], ek__grad_in(c, i), ek_integer(c->g, 0));
  return EK_OK;
}
