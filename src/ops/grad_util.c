/* SPDX-License-Identifier: Apache-2.0 */
#include "ops/grad_util.h"

#include "graph/fill.h"
#include "graph/indexed_slices.h"

#include <stdio.h>

enum { SMALL = 1000 }; /* elements below which TensorFlow makes a constant and no Fill */

ek_out ek__op1(ek_graph *g, const char *type, ek_out a) {
  return ek_op_output(ek_build(g, type, EK_OUTS(a), EK_NO_ATTRS), 0);
}

ek_out ek__op2(ek_graph *g, const char *type, ek_out a, ek_out b) {
  return ek_op_output(ek_build(g, type, EK_OUTS(a, b), EK_NO_ATTRS), 0);
}

ek_out ek__op3(ek_graph *g, const char *type, ek_out a, ek_out b, ek_out c) {
  return ek_op_output(ek_build(g, type, EK_OUTS(a, b, c), EK_NO_ATTRS), 0);
}

/* ---- Constants */

static ek_out constant(ek_graph *g, ek_tensor *t, const ek_status *st) {
  ek_out out = {0, 0};
  if (t == NULL)
    ek_graph_fail(g, st->code, "%s", st->msg);
  else
    out = ek_constant(g, t);
  ek_tensor_free(t);
  return out;
}

/* A constant with every element the same: value 0 or 1 in any numeric dtype. */
static ek_out filled(ek_graph *g, ek_dtype dtype, ek_shape shape, bool one) {
  ek_status st = EK_STATUS_INIT;
  ek_tensor *t = ek_tensor_new(dtype, shape, NULL, &st);
  char *p = t != NULL ? ek_tensor_mutable_data(t) : NULL;
  const size_t size = ek_dtype_size(dtype), n = t != NULL && size > 0 ? ek_tensor_size_bytes(t) / size : 0;
  for (size_t i = 0; one && i < n; i++, p += size) {
    switch (dtype) {
    case EK_FLOAT32: *(float *)(void *)p = 1.0f; break;
    case EK_FLOAT64: *(double *)(void *)p = 1.0; break;
    case EK_FLOAT16: *(uint16_t *)(void *)p = 0x3c00u; break;
    case EK_BFLOAT16: *(uint16_t *)(void *)p = 0x3f80u; break;
    case EK_INT32: *(int32_t *)(void *)p = 1; break;
    case EK_INT64: *(int64_t *)(void *)p = 1; break;
    default: *p = 1; break; /* one byte */
    }
  }
  return constant(g, t, &st);
}

ek_out ek__grad_number(ek_graph *g, double value, ek_dtype dtype) {
  return ek_convert(g, ek_number(g, value), dtype, NULL);
}

ek_out ek__grad_integers(ek_graph *g, const int64_t *values, int n) { return ek_constant_int32s(g, values, n); }

ek_out ek__grad_scoped(ek_graph *g, const char *name, ek_out literal, ek_dtype dtype) {
  g = ek_composite_begin(g, name);
  const ek_out out = ek_convert(ek_named_scope(g), literal, dtype, NULL);
  ek_name_scope_end(g);
  return out;
}

ek_out ek__grad_cast(ek_graph *g, ek_out x, ek_dtype dtype) {
  ek_indexed_slices s;
  if (ek_out_dtype(g, x) == dtype) return x;
  if (ek_indexed_slices_of(g, x, &s)) return ek__slices_with(g, x, ek__grad_cast(g, s.values, dtype));
  return ek_op_output(ek_build(g, "Cast", EK_OUTS(x), EK_ATTRS(EK_TYPE_ATTR("DstT", dtype))), 0);
}

ek_out ek__grad_neg(ek_graph *g, ek_out x) {
  ek_indexed_slices s;
  if (ek_indexed_slices_of(g, x, &s)) return ek__slices_with(g, x, ek__op1(g, "Neg", s.values));
  return ek__op1(g, "Neg", x);
}

ek_out ek__grad_shape(ek_graph *g, ek_out x) {
  const ek_shape s = ek_out_shape(g, x);
  return ek_shape_is_known(s) ? ek__grad_scoped(g, "Shape", ek_integers(g, s.dim, s.rank), EK_INT32)
                              : ek__op1(g, "Shape", x);
}

ek_out ek__grad_rank(ek_graph *g, ek_out x) {
  const int rank = ek_out_shape(g, x).rank;
  return rank >= 0 ? ek__grad_scoped(g, "Rank", ek_integer(g, rank), EK_INT32) : ek__op1(g, "Rank", x);
}

ek_out ek__grad_size(ek_graph *g, ek_out x) {
  const int64_t n = ek_shape_num_elements(ek_out_shape(g, x));
  return n >= 0 ? ek__grad_scoped(g, "Size", ek_integer(g, n), EK_INT32) : ek__op1(g, "Size", x);
}

ek_out ek__grad_rows(ek_graph *g, ek_out x) {
  return ek__vector_slice(g, ek__grad_shape(g, x), 0, 1, "shrink_axis_mask");
}

ek_out ek__grad_shape_as(ek_graph *g, ek_out x, ek_dtype dtype) {
  const ek_shape s = ek_out_shape(g, x);
  if (ek_shape_is_known(s)) return ek__grad_scoped(g, "Shape", ek_integers(g, s.dim, s.rank), dtype);
  return ek_op_output(ek_build(g, "Shape", EK_OUTS(x), EK_ATTRS(EK_TYPE_ATTR("out_type", dtype))), 0);
}

ek_out ek__grad_zeros_like(ek_graph *g, ek_out x) {
  const ek_shape s = ek_out_shape(g, x);
  const int64_t n = ek_shape_num_elements(s);
  if (!ek_shape_is_known(s)) return ek__op1(ek_named(g, "zeros_like"), "ZerosLike", x);
  ek_out out;
  (void)ek_name_scope_begin(g, "zeros_like");
  if (n >= 0 && n < SMALL) {
    out = filled(ek_named_scope(g), ek_out_dtype(g, x), s, false);
  } else {
    const ek_out shape = ek_constant_int32s(ek_named(g, "shape_as_tensor"), s.dim, s.rank);
    const ek_out zero = ek_convert(g, ek_number(g, 0.0), ek_out_dtype(g, x), NULL);
    out = ek__op2(ek_named_scope(g), "Fill", shape, zero);
  }
  ek_name_scope_end(g);
  return out;
}

/* shape_internal's Const, in the scope "Shape". */
static ek_out shape_as_tensor(ek_graph *g, ek_shape s) {
  (void)ek_name_scope_begin(g, "Shape");
  const ek_out shape = ek_constant_int32s(ek_named(g, "shape_as_tensor"), s.dim, s.rank);
  ek_name_scope_end(g);
  return shape;
}

/* Unlike zeros_like, ones_like hands the shape on as a tensor, so that there always is a Fill. */
ek_out ek__grad_ones_like(ek_graph *g, ek_out x) { return ek__grad_ones_like_as(g, x, ek_out_dtype(g, x)); }

ek_out ek__grad_ones_like_as(ek_graph *g, ek_out x, ek_dtype dtype) {
  const ek_shape s = ek_out_shape(g, x);
  char name[512];
  (void)snprintf(name, sizeof name, "%s/", ek_name_scope_begin(g, "ones_like"));
  const ek_out shape = ek_shape_is_known(s) ? shape_as_tensor(g, s) : ek__op1(g, "Shape", x);
  const ek_out one = ek_convert(g, ek_number(g, 1.0), dtype, NULL);
  ek_name_scope_end(g);
  const ek_out out = ek__op2(ek_named(g, name), "Fill", shape, one);
  ek_out_set_shape(g, out, s);
  return out;
}

ek_out ek__grad_sum(ek_graph *g, ek_out x, ek_out axes, bool keep_dims) {
  return ek_op_output(ek_build(g, "Sum", EK_OUTS(x, axes), EK_ATTRS(EK_BOOL_ATTR("keep_dims", keep_dims))), 0);
}

ek_out ek__grad_dense(ek_graph *g, ek_out gradient) {
  ek_indexed_slices s;
  return ek_indexed_slices_of(g, gradient, &s) ? ek__slices_dense(g, s, NULL) : gradient;
}

ek_out ek__grad_parts(ek_graph *g, ek_out indices, ek_out dy, ek_out shape) {
  const ek_shape s = ek_out_shape(g, indices);
  if (s.rank != 2 || s.dim[1] != 1) return ek__op3(g, "ScatterNd", indices, dy, shape);
  const ek_attr last = EK_INTS_ATTR("squeeze_dims", ((const int64_t[]){-1}), 1);
  const ek_out rows = ek_op_output(ek_build(g, "Squeeze", EK_OUTS(indices), &last, 1), 0);
  return ek_indexed_slices_out(g, (ek_indexed_slices){dy, rows, shape});
}

void ek__grad_after(ek_graph *g, ek_out gradient) { ek_control_dependencies_begin(g, EK_OPS(ek__op_of(g, gradient))); }

/* ---- Undoing a broadcast */

bool ek__grad_first(ek_graph *g, const char *key) {
  ek_status st = EK_STATUS_INIT;
  if (ek__map_get(&g->grad_cache, key) != NULL) return false;
  const char *kept = ek__graph_strdup(g, key);
  if (kept != NULL) (void)ek__map_put(&g->grad_cache, kept, 1, &st);
  (void)ek__graph_take(g, &st);
  return true;
}

/* The dimensions along which input i of two was repeated; where both are 1, both are summed, unless the shapes are the
 * same. */
static ek_shape repeated(ek_shape own, ek_shape other) {
  const int rank = own.rank > other.rank ? own.rank : other.rank;
  ek_shape axes = {.rank = 0};
  if (ek_shape_equal(own, other)) return axes;
  for (int d = 0; d < rank; d++) {
    const int at = d - (rank - own.rank);
    if (at < 0 || own.dim[at] == 1) axes.dim[axes.rank++] = d;
  }
  return axes;
}

ek__unbroadcast ek__unbroadcast_from(ek_graph *g, ek_out sx, ek_out sy) {
  const ek_op args = ek_build(g, "BroadcastGradientArgs", EK_OUTS(sx, sy), EK_NO_ATTRS);
  return (ek__unbroadcast){
      .reduce = {true, true}, .shape = {sx, sy}, .axes = {ek_op_output(args, 0), ek_op_output(args, 1)}};
}

ek__unbroadcast ek__unbroadcast_nodes(ek_graph *g, ek_out x, ek_out y) {
  const ek_out sx = ek__grad_shape(g, x), sy = ek__grad_shape(g, y);
  return ek__unbroadcast_from(g, sx, sy);
}

ek__unbroadcast ek__unbroadcast_smart(ek_graph *g, ek_out x, ek_out y, ek_out dy) {
  const ek_shape sx = ek_out_shape(g, x), sy = ek_out_shape(g, y), out = ek_out_shape(g, dy);
  if (ek__is_slices(g, dy)) return ek__unbroadcast_nodes(g, x, y);
  if (!ek_shape_is_known(sx) || !ek_shape_is_known(sy)) {
    const ek_out nx = ek__op1(g, "Shape", x), ny = ek__op1(g, "Shape", y);
    return ek__unbroadcast_from(g, nx, ny);
  }
  char a[EK_SHAPE_TEXT], b[EK_SHAPE_TEXT], key[2 * EK_SHAPE_TEXT + 16];
  (void)snprintf(key, sizeof key, "broadcast %s %s", ek_shape_format(sx, a, sizeof a),
                 ek_shape_format(sy, b, sizeof b));
  if (ek__grad_first(g, key)) {
    const ek_out lx = ek_integers(g, sx.dim, sx.rank), ly = ek_integers(g, sy.dim, sy.rank);
    (void)ek__op2(g, "BroadcastGradientArgs", lx, ly);
  }
  return (ek__unbroadcast){.reduce = {!ek_shape_equal(sx, out), !ek_shape_equal(sy, out)},
                           .is_static = true,
                           .dims = {sx, sy},
                           .axes_value = {repeated(sx, sy), repeated(sy, sx)}};
}

ek_out ek__unbroadcast_apply(ek_graph *g, const ek__unbroadcast *u, int i, ek_out gradient) {
  const ek_out axes = u->is_static ? ek_integers(g, u->axes_value[i].dim, u->axes_value[i].rank) : u->axes[i];
  const ek_out sum = ek__grad_sum(g, gradient, axes, false);
  return ek__op2(g, "Reshape", sum, u->is_static ? ek_integers(g, u->dims[i].dim, u->dims[i].rank) : u->shape[i]);
}

bool ek__grad_same_shapes(const ek_graph *g, ek_out x, ek_out y, ek_out dy) {
  const ek_shape s = ek_out_shape(g, x);
  return ek_shape_is_known(s) && !ek__is_slices(g, dy) && ek_shape_equal(s, ek_out_shape(g, y)) &&
         ek_shape_equal(s, ek_out_shape(g, dy));
}

ek_code ek__grad_none(ek_grad_context *c) {
  (void)c;
  return EK_OK;
}
