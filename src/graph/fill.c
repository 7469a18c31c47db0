/* SPDX-License-Identifier: Apache-2.0 */
#include "graph/fill.h"

enum { SMALL = 1000 }; /* elements; above, a Fill keeps files short */

ek_graph *ek__as_scope(ek_graph *g) { return ek_named(g, ek__graph_printf(g, "%s/", g->scope)); }

ek_out ek__shape_of(ek_graph *g, ek_out x, bool optimize) {
  const char *name = ek__unname(&g);
  const ek_shape s = ek_out_shape(g, x);
  if (name == NULL) name = "Shape";
  if (optimize && ek_shape_is_known(s)) return ek_constant_int32s(ek_named(g, name), s.dim, s.rank);
  return ek_op_output(ek_build(ek_named(g, name), "Shape", EK_OUTS(x), EK_NO_ATTRS), 0);
}

static ek_out fill(ek_graph *g, ek_out shape, ek_dtype dtype, double value) {
  if (ek_out_shape(g, shape).rank <= 0 && shape.op > 0) { /* it must be a vector */
    shape = ek_op_output(ek_build(g, "Reshape", EK_OUTS(shape, ek_ints(g, -1)), EK_NO_ATTRS), 0);
  }
  const ek_out scalar = ek__constant_filled(g, dtype, ek_shape_scalar(), value, "Const");
  return ek_op_output(ek_build(ek__as_scope(g), "Fill", EK_OUTS(shape, scalar), EK_NO_ATTRS), 0);
}

ek_out ek__fill(ek_graph *g, ek_out shape, ek_dtype dtype, double value, const char *default_name) {
  g = ek_composite_begin(g, default_name);
  const ek_out out = fill(g, shape, dtype, value);
  ek_name_scope_end(g);
  return out;
}

ek_out ek__filled(ek_graph *g, ek_shape shape, ek_dtype dtype, double value, const char *default_name) {
  ek_out out;
  g = ek_composite_begin(g, default_name);
  const int64_t n = ek_shape_num_elements(shape);
  if (n >= 0 && n < SMALL)
    out = ek__constant_filled(g, dtype, shape, value, ek__graph_printf(g, "%s/", g->scope));
  else
    out = fill(g, ek_constant_int32s(ek_named(g, "shape_as_tensor"), shape.dim, shape.rank), dtype, value);
  ek_name_scope_end(g);
  return out;
}

ek_out ek__zeros_like(ek_graph *g, ek_out x, bool optimize) {
  const ek_shape s = ek_out_shape(g, x);
  const char *name = ek__unname(&g);
  if (name == NULL) name = "zeros_like";
  if (optimize && ek_shape_is_known(s)) return ek__filled(ek_named(g, name), s, ek_out_dtype(g, x), 0, name);
  return ek_op_output(ek_build(ek_named(g, name), "ZerosLike", EK_OUTS(x), EK_NO_ATTRS), 0);
}

ek_out ek__vector_slice(ek_graph *g, ek_out x, int64_t begin, int64_t end, const char *mask) {
  const ek_attr set = {.name = mask, .kind = EK_ATTR_INT, .n = 1, .v.i = 1};
  (void)ek_name_scope_begin(g, "strided_slice");
  const ek_out from = ek_constant_int32s(ek_named(g, "stack"), &begin, 1);
  const ek_out to = ek_constant_int32s(ek_named(g, "stack_1"), &end, 1);
  const ek_out step = ek_constant_int32s(ek_named(g, "stack_2"), (const int64_t[]){1}, 1);
  const char *scope = ek__graph_printf(g, "%s/", g->scope);
  ek_name_scope_end(g);
  return ek_op_output(
      ek_build(ek_named(g, scope), "StridedSlice", EK_OUTS(x, from, to, step), &set, mask != NULL ? 1 : 0), 0);
}
