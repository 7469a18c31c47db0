/* SPDX-License-Identifier: Apache-2.0 */
/* WhileContext.AddBackpropIndexedSlicesAccumulator: the sum over iterations of a gradient that is IndexedSlices. */
#include "graph/fill.h"
#include "graph/grad_loop.h"
#include "graph/indexed_slices.h"
#include "graph/variables.h"

enum { INDICES, VALUES, SHAPE, PARTS };

static ek_out concat(ek_graph *g, ek_out a, ek_out b) {
  return ek_op_output(ek_build(ek_named(g, "concat"), "ConcatV2", EK_OUTS(a, b, ek_integer(g, 0)), EK_NO_ATTRS), 0);
}

/* The shape of a row of a tensor, or of the variable behind a handle. */
static ek_out row_of(ek_graph *g, ek_out x) {
  ek__type of = {.dtype = ek_out_dtype(g, x)};
  if (of.dtype != EK_RESOURCE) return ek__vector_slice(g, ek__shape_of(g, x, false), 1, 0, "end_mask");
  if (ek__resource_type(g, x, &of) && ek_shape_is_known(of.shape) && of.shape.rank > 0)
    return ek_integers(g, of.shape.dim + 1, of.shape.rank - 1);
  const ek_out shape = ek_op_output(ek_build(g, "VariableShape", EK_OUTS(x), EK_NO_ATTRS), 0);
  return ek__vector_slice(g, shape, 1, 0, "end_mask");
}

/* One row of zeros to begin with. */
static ek_out first_row(ek_graph *g, ek_op enter, ek_out values) {
  ek_shape s = ek_out_shape(g, values);
  const ek_dtype dtype = ek_out_dtype(g, values);
  if (ek_shape_is_known(s)) {
    s.dim[0] = 1;
    return ek__constant_filled(g, dtype, s, 0.0, "b_acc");
  }
  const ek_out row = row_of(g, ek_op_input(g, enter, 0));
  return ek__fill(g, concat(g, ek_ints(g, 1), row), dtype, 0.0, "zeros");
}

ek_out ek__grad_loop_accumulate_slices(ek_graph *g, ek__grad_loop *l, ek_op enter, ek_indexed_slices s) {
  ek__context *c = l->grad, *around = c->parent;
  const int n = s.dense_shape.op != 0 ? PARTS : SHAPE;
  ek_out first[PARTS], merged[PARTS], next[PARTS], total[PARTS];
  ek_op chosen[PARTS];
  ek__grad_loop_leave(g, l);
  if (around != NULL) ek__context_begin(g, around);
  first[VALUES] = first_row(g, enter, s.values);
  first[INDICES] = ek__constant_filled(g, ek_out_dtype(g, s.indices), ek_shape(1), 0.0, NULL);
  if (n == PARTS)
    first[SHAPE] = ek__constant_filled(g, ek_out_dtype(g, s.dense_shape), ek_out_shape(g, s.dense_shape), 0.0, NULL);
  if (around != NULL) ek__context_end(g);
  ek__grad_loop_return(g);
  const ek_shape row_shape = ek_out_shape(g, first[VALUES]);
  ek__context_add_name(g, c, first[VALUES]);
  ek__context_add_name(g, c, first[INDICES]);
  if (n == PARTS) ek__context_add_name(g, c, first[SHAPE]);
  for (int i = 0; i < n; i++) {
    first[i] = ek__enter(ek_named(g, "b_acc"), c, first[i], false, false);
    ek__out_list_add(g, &c->enters, first[i]);
  }
  if (g->status.code == EK_OK) { /* how many rows there are changes on the way */
    ek_shape rows = row_shape;
    if (rows.rank > 0) rows.dim[0] = -1;
    ek_out_set_shape(g, first[INDICES], ek_shape(-1));
    ek_out_set_shape(g, first[VALUES], rows);
  }
  for (int i = 0; i < n; i++) merged[i] = ek__merge(ek_named(g, "b_acc"), first[i], first[i]);
  for (int i = 0; i < n; i++) chosen[i] = ek_build(g, "Switch", EK_OUTS(merged[i], c->pivot), EK_NO_ATTRS);
  next[INDICES] = concat(g, ek_op_output(chosen[INDICES], 1), s.indices);
  next[VALUES] = concat(g, ek_op_output(chosen[VALUES], 1), s.values);
  if (n == PARTS) /* the same each time; at first 0 */
    next[SHAPE] =
        ek_op_output(ek_build(g, "Maximum", EK_OUTS(s.dense_shape, ek_op_output(chosen[SHAPE], 1)), EK_NO_ATTRS), 0);
  for (int i = 0; i < n; i++) ek__grad_loop_go_round(g, merged[i], next[i]);
  for (int i = 0; i < n; i++) {
    total[i] = ek__exit(ek_named(g, "b_acc"), ek_op_output(chosen[i], 0));
    ek__out_list_add(g, &c->exits, total[i]);
  }
  for (int i = 0; i < n; i++) ek__exit_result(g, c, total[i]);
  if (g->status.code != EK_OK) return (ek_out){0, 0};
  return ek_indexed_slices_out(
      g, (ek_indexed_slices){total[VALUES], total[INDICES], n == PARTS ? total[SHAPE] : (ek_out){0, 0}});
}
