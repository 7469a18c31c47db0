/* SPDX-License-Identifier: Apache-2.0 */
/* control_flow_ops: group, no_op, with_dependencies, tuple. */
#include "graph/indexed_slices.h"

static ek_op no_op_after(ek_graph *g, ek_ops ops) {
  ek_graph *plain = g;
  (void)ek__unname(&plain);
  ek_control_dependencies_begin(plain, ops);
  const ek_op op = ek_build(g, "NoOp", (ek_outs){NULL, 0}, EK_NO_ATTRS);
  ek_control_dependencies_end(plain);
  return op;
}

ek_op ek_no_op(ek_graph *g) { return ek_build(g, "NoOp", (ek_outs){NULL, 0}, EK_NO_ATTRS); }

ek_op ek_group(ek_graph *g, ek_ops ops) {
  const char *name = ek__unname(&g);
  return no_op_after(ek_named(g, name != NULL ? name : "group_deps"), ops);
}

ek_out ek_with_dependencies(ek_graph *g, ek_ops ops, ek_out value) {
  const char *name = ek__unname(&g);
  ek_indexed_slices slices;
  const ek_out in = ek_indexed_slices_of(g, value, &slices) ? slices.values : value;
  ek_colocate_with_begin(g, ek__op_of(g, value), false);
  ek_control_dependencies_begin(g, ops);
  const char *type = ek_out_is_ref(g, in) ? "RefIdentity" : "Identity";
  const ek_out out = ek_op_output(
      ek_build(ek_named(g, name != NULL ? name : "control_dependency"), type, EK_OUTS(in), EK_NO_ATTRS), 0);
  ek_control_dependencies_end(g);
  ek_colocate_with_end(g);
  return ek__slices_with(g, value, out);
}

void ek_tuple(ek_graph *g, ek_outs values, ek_ops control_inputs, ek_out *out) {
  g = ek_composite_begin(g, "tuple");
  ek_op *ops = ek__graph_alloc(g, (size_t)(values.n + control_inputs.n + 1), sizeof *ops);
  int n = 0;
  for (int i = 0; i < values.n; i++) {
    if (ops != NULL && ek__op_of(g, values.at[i]).id != 0) ops[n++] = ek__op_of(g, values.at[i]);
  }
  if (n == 0) ek_graph_fail(g, EK_INVALID_ARGUMENT, "tuple '%s': must have at least one tensor", g->scope);
  for (int i = 0; ops != NULL && i < control_inputs.n; i++) ops[n++] = control_inputs.at[i];
  const ek_op gate = ops != NULL ? ek_group(g, (ek_ops){ops, n}) : (ek_op){0};
  for (int i = 0; i < values.n; i++) /* out may be values.at */
    out[i] = gate.id != 0 && ek__op_of(g, values.at[i]).id != 0 ? ek_with_dependencies(g, EK_OPS(gate), values.at[i])
                                                                : (ek_out){0, 0};
  ek_name_scope_end(g);
}
