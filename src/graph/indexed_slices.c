/* SPDX-License-Identifier: Apache-2.0 */
/* IndexedSlices: a gradient that is zero but for some rows. As an output it is a literal, which becomes a tensor where
 * an op takes it. */
#include "graph/indexed_slices.h"

#include "graph/fill.h"
#include "graph/infer.h"

ek_out ek_indexed_slices_out(ek_graph *g, ek_indexed_slices s) {
  (void)ek__unname(&g);
  if (!ek__graph_ok(g)) return (ek_out){0, 0};
  if (s.values.op == 0 || s.indices.op == 0) {
    ek_graph_fail(g, EK_INVALID_ARGUMENT, "IndexedSlices: no %s", s.values.op == 0 ? "values" : "indices");
    return (ek_out){0, 0};
  }
  return ek__literal_add(g, (ek__literal){.slices = s});
}

bool ek_indexed_slices_of(const ek_graph *g, ek_out out, ek_indexed_slices *slices) {
  if (out.op >= 0 || -out.op > g->n_literals || g->literals[-out.op - 1].slices.values.op == 0) return false;
  *slices = g->literals[-out.op - 1].slices;
  return true;
}

ek_op ek__op_of(const ek_graph *g, ek_out out) {
  ek_indexed_slices s;
  while (ek_indexed_slices_of(g, out, &s)) out = s.values;
  return ek_out_op(out);
}

ek_shape ek__slices_shape(const ek_graph *g, ek_indexed_slices s) {
  return s.dense_shape.op > 0 ? ek__shape_value(g, s.dense_shape) : ek_shape_unknown();
}

ek_out ek__slices_with(ek_graph *g, ek_out slices, ek_out values) {
  ek_indexed_slices s;
  if (!ek_indexed_slices_of(g, slices, &s)) return values;
  s.values = values;
  return ek_indexed_slices_out(g, s);
}

ek_out ek__slices_dense(ek_graph *g, ek_indexed_slices s, const char *name) {
  if (s.dense_shape.op == 0) {
    ek_graph_fail(g, EK_INVALID_ARGUMENT, "'%s': IndexedSlices without dense_shape cannot become a tensor",
                  name != NULL ? name : ek_current_name_scope(g));
    return (ek_out){0, 0};
  }
  const ek_out rows = ek__vector_slice(g, s.dense_shape, 0, 1, "shrink_axis_mask");
  return ek_op_output(
      ek_build(ek_named(g, name), "UnsortedSegmentSum", EK_OUTS(s.values, s.indices, rows), EK_NO_ATTRS), 0);
}

/* ---- several made one */

/* Slices whose values are slices, too, as slices of tensors. */
static ek_indexed_slices flat(ek_graph *g, ek_indexed_slices s) {
  ek_indexed_slices inner;
  if (!ek_indexed_slices_of(g, s.values, &inner)) return s;
  inner = flat(g, inner);
  inner.indices =
      ek_op_output(ek_build(g, "GatherV2", EK_OUTS(s.indices, inner.indices, ek_integer(g, 0)), EK_NO_ATTRS), 0);
  return inner;
}

static ek_out joined(ek_graph *g, ek_out *parts, int n) {
  parts[n] = ek_integer(g, 0);
  return ek_op_output(
      ek_build(ek_named(g, "concat"), "ConcatV2", (ek_outs){parts, n + 1}, EK_ATTRS(EK_INT_ATTR("N", n))), 0);
}

/* Indices of different widths become int64. */
static void widen(ek_graph *g, ek_indexed_slices *all, int n) {
  int narrow = 0;
  for (int i = 0; i < n; i++) narrow += ek_out_dtype(g, all[i].indices) == EK_INT32;
  for (int i = 0; narrow != n && i < n; i++)
    if (ek_out_dtype(g, all[i].indices) == EK_INT32)
      all[i].indices =
          ek_op_output(ek_build(g, "Cast", EK_OUTS(all[i].indices), EK_ATTRS(EK_TYPE_ATTR("DstT", EK_INT64))), 0);
}

ek_out ek__slices_join(ek_graph *g, ek_outs terms) {
  const size_t n = (size_t)terms.n;
  ek_indexed_slices *all = ek__graph_alloc(g, n, sizeof *all);
  ek_out *parts = ek__graph_alloc(g, n + 1, sizeof *parts);
  if (all == NULL || parts == NULL) return (ek_out){0, 0};
  for (int i = 0; i < terms.n; i++)
    if (!ek_indexed_slices_of(g, terms.at[i], &all[i])) return (ek_out){0, 0};
  widen(g, all, terms.n);
  for (int i = 0; i < terms.n; i++) all[i] = flat(g, all[i]);
  ek_indexed_slices total = {.dense_shape = all[0].dense_shape};
  for (int i = 0; i < terms.n; i++) parts[i] = all[i].values;
  total.values = joined(g, parts, terms.n);
  for (int i = 0; i < terms.n; i++) parts[i] = all[i].indices;
  total.indices = joined(g, parts, terms.n);
  return ek_indexed_slices_out(g, total);
}

/* Slices with all rows of a tensor. */
static ek_indexed_slices slices_of(ek_graph *g, ek_out x) {
  ek_indexed_slices s;
  if (ek_indexed_slices_of(g, x, &s)) return s;
  s.values = x;
  s.dense_shape = ek__shape_of(g, x, false);
  const ek_out rows = ek__vector_slice(g, s.dense_shape, 0, 1, "shrink_axis_mask");
  s.indices = ek_op_output(
      ek_build(ek_named(g, "range"), "Range", EK_OUTS(ek_integer(g, 0), rows, ek_integer(g, 1)), EK_NO_ATTRS), 0);
  return s;
}

static ek_out either(ek_graph *g, ek_out a, ek_out b) {
  return ek_op_output(ek_build(g, "Merge", EK_OUTS(a, b), EK_NO_ATTRS), 0);
}

ek_out ek__slices_merge(ek_graph *g, ek_out a, ek_out b) {
  g = ek_composite_begin(g, "Merge");
  ek_indexed_slices both[2], s = {.values = {0, 0}};
  both[0] = slices_of(g, a);
  both[1] = slices_of(g, b);
  widen(g, both, 2);
  s.values = either(g, both[0].values, both[1].values);
  s.indices = either(g, both[0].indices, both[1].indices);
  if (both[0].dense_shape.op != 0 && both[1].dense_shape.op != 0)
    s.dense_shape = either(g, both[0].dense_shape, both[1].dense_shape);
  ek_name_scope_end(g);
  return s.values.op != 0 ? ek_indexed_slices_out(g, s) : s.values;
}
