/* SPDX-License-Identifier: Apache-2.0 */
/* Clipping (clip_ops). */
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

ek_out ek_global_norm(ek_graph *g, ek_outs t_list) {
  g = ek_composite_begin(g, "global_norm");
  ek_out *halves = ek_graph_alloc(g, (size_t)t_list.n * sizeof *halves + 1);
  ek_out out = {0, 0};
  int n = 0;
  for (int i = 0; halves != NULL && i < t_list.n; i++) {
    if (t_list.at[i].op == 0) continue;
    ek_colocate_with_begin(g, ek_out_op(t_list.at[i]), false);
    halves[n++] = ek__op1(g, "L2Loss", t_list.at[i]);
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
    ek_colocate_with_begin(g, ek_out_op(t), false);
    const ek_out scaled = ek__op2(ek_named(g, "mul"), "Mul", t, scale);
    clipped[i] = ek__op1(ek_named(g, ek_graph_text(g, "%s/_%d", scope, i)), "Identity", scaled);
    ek_colocate_with_end(g);
  }
  ek_name_scope_end(g);
  return norm;
}
