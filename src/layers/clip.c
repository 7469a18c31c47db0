/* SPDX-License-Identifier: Apache-2.0 */
/* Clipping (clip_ops). */
#include "layers/clip.h"

#include "evenkeel/train.h"
#include "layers/build.h"

/* A bound must not make t larger. */
static void same_shape(ek_graph *g, ek_out t, ek_out bounded) {
  char want[EK_SHAPE_TEXT], got[EK_SHAPE_TEXT];
  if (bounded.op == 0 || ek_shape_compatible(ek_out_shape(g, t), ek_out_shape(g, bounded))) return;
  ek_graph_fail(g, EK_INVALID_ARGUMENT, "clip_by_value '%s': a bound makes shape %s of %s", ek_current_name_scope(g),
                ek_shape_format(ek_out_shape(g, bounded), got, sizeof got),
                ek_shape_format(ek_out_shape(g, t), want, sizeof want));
}

ek_out ek_clip_by_value(ek_graph *g, ek_out t, ek_out min, ek_out max) {
  g = ek_composite_begin(g, "clip_by_value");
  t = ek_convert(g, t, EK_INVALID_DTYPE, "t");
  const ek_out low = ek__op2(g, "Minimum", t, max);
  same_shape(g, t, low);
  const ek_out out = ek__op2(ek_named_scope(g), "Maximum", low, min);
  same_shape(g, t, out);
  ek_name_scope_end(g);
  return out;
}

/* What is clipped of t: slices have their values. */
static ek_out values_of(const ek_graph *g, ek_out t) {
  ek_indexed_slices s;
  return ek_indexed_slices_of(g, t, &s) ? s.values : t;
}

/* t with other values. */
static ek_out with_values(ek_graph *g, ek_out t, ek_out values) {
  ek_indexed_slices s;
  if (!ek_indexed_slices_of(g, t, &s)) return values;
  s.values = values;
  return ek_indexed_slices_out(g, s);
}

static ek_out all_axes(ek_graph *g, ek_out x) {
  static const int64_t axes[EK_MAX_RANK] = {0, 1, 2, 3, 4, 5, 6, 7};
  const int rank = ek_out_shape(g, x).rank;
  if (rank >= 0) return ek_constant_int32s(g, axes, rank);
  return ek__py_range(g, ek_integer(g, 0), ek__op1(g, "Rank", x));
}

ek_out ek__clip_by_norm(ek_graph *g, ek_out t, ek_out clip_norm, ek_out axes) {
  g = ek_composite_begin(g, "clip_by_norm");
  const ek_out x = ek_convert(g, values_of(g, t), EK_INVALID_DTYPE, "t");
  const ek_out square = ek__op2(ek_named(g, "mul"), "Mul", x, x);
  if (axes.op == 0) axes = all_axes(g, square);
  const ek_out sum =
      ek_op_output(ek_build(g, "Sum", EK_OUTS(square, axes), EK_ATTRS(EK_BOOL_ATTR("keep_dims", true))), 0);
  const ek_out any = ek__op2(g, "Greater", sum, ek_number(g, 0.0));
  const ek_out safe = ek_op_output(ek_build(g, "Select", EK_OUTS(any, sum, ek__py_ones_like(g, sum)), EK_NO_ATTRS), 0);
  const ek_out norm = ek_op_output(ek_build(g, "Select", EK_OUTS(any, ek__op1(g, "Sqrt", safe), sum), EK_NO_ATTRS), 0);
  const ek_out scaled = ek__op2(ek_named(g, "mul"), "Mul", x, clip_norm);
  const ek_out by = ek__op2(g, "Maximum", norm, clip_norm);
  const ek_out out = ek__op1(ek_named_scope(g), "Identity", ek__op2(ek_named(g, "truediv"), "RealDiv", scaled, by));
  ek_name_scope_end(g);
  return with_values(g, t, out);
}

ek_out ek_clip_by_norm(ek_graph *g, ek_out t, ek_out clip_norm, const int64_t *axes, int n_axes) {
  return ek__clip_by_norm(g, t, clip_norm, n_axes > 0 ? ek_integers(ek_named(g, NULL), axes, n_axes) : ek__no_out);
}

ek_out ek_global_norm(ek_graph *g, ek_outs t_list) {
  g = ek_composite_begin(g, "global_norm");
  ek_out *halves = ek_graph_alloc(g, (size_t)t_list.n * sizeof *halves + 1);
  ek_out out = {0, 0};
  int n = 0;
  for (int i = 0; halves != NULL && i < t_list.n; i++) {
    const ek_out t = values_of(g, t_list.at[i]);
    if (t.op == 0) continue;
    ek_colocate_with_begin(g, ek_out_op(t), false);
    halves[n++] = ek__op1(g, "L2Loss", t);
    ek_colocate_with_end(g);
  }
  if (n == 0) ek_graph_fail(g, EK_INVALID_ARGUMENT, "global_norm '%s': no tensors", ek_current_name_scope(g));
  if (n > 0) {
    const ek_out all = ek_op_output(ek_build(ek_named(g, "stack"), "Pack", (ek_outs){halves, n}, EK_NO_ATTRS), 0);
    const ek_out axes = ek_constant_int32s(g, (const int64_t[]){0}, 1);
    const ek_out half = ek__op2(g, "Sum", all, axes);
    const ek_out two = ek_convert(g, ek_number(g, 2.0), ek_out_dtype(g, half), NULL);
    out = ek__op1(ek_named(g, "global_norm"), "Sqrt", ek__op2(ek_named(g, "mul"), "Mul", half, two));
  }
  ek_name_scope_end(g);
  return out;
}

ek_out ek_clip_by_global_norm(ek_graph *g, ek_outs t_list, ek_out clip_norm, ek_out use_norm, ek_out *clipped) {
  const ek_out none = {0, 0};
  ek_graph *plain = ek_named(g, NULL);
  const ek_out norm = use_norm.op != 0 ? use_norm : ek_global_norm(plain, t_list);
  if (norm.op == 0) {
    for (int i = 0; i < t_list.n; i++) clipped[i] = none;
    return norm;
  }
  g = ek_composite_begin(g, "clip_by_global_norm");
  const char *scope = ek_current_name_scope(g);
  const ek_out inverse = ek__op2(ek_named(g, "truediv"), "RealDiv", ek_number(g, 1.0), norm);
  const ek_out one = ek_convert(g, ek_number(g, 1.0), ek_out_dtype(g, norm), NULL);
  const ek_out smallest = ek__op2(g, "Minimum", inverse, ek__op2(ek_named(g, "truediv"), "RealDiv", one, clip_norm));
  const ek_out finite = ek__op2(ek_named(g, "mul"), "Mul", clip_norm, smallest);
  const ek_out scale = ek__op2(ek_named(g, "add"), "AddV2", finite, ek__op2(ek_named(g, "sub"), "Sub", norm, norm));
  for (int i = 0; i < t_list.n; i++) {
    const ek_out t = t_list.at[i]; /* clipped may be t_list.at */
    clipped[i] = none;
    if (t.op == 0) continue;
    const ek_out values = values_of(g, t);
    ek_colocate_with_begin(g, ek_out_op(values), false);
    const ek_out scaled = ek__op2(ek_named(g, "mul"), "Mul", values, scale);
    clipped[i] = with_values(g, t, ek__op1(ek_named(g, ek_graph_text(g, "%s/_%d", scope, i)), "Identity", scaled));
    ek_colocate_with_end(g);
  }
  ek_name_scope_end(g);
  return norm;
}
