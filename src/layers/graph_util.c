/* SPDX-License-Identifier: Apache-2.0 */
/* The values of a session's variables, for freezing. */
#include "evenkeel/graph_util.h"

#include <string.h>

/* A variable that no collection knows is read by its node. */
static ek_out read_of(ek_graph *g, ek_op variable) {
  const ek_out out = ek_op_output(variable, 0);
  if (ek_out_dtype(g, out) != EK_RESOURCE) return out;
  for (int i = 0; i < ek_graph_num_ops(g); i++) {
    const ek_op op = ek_graph_op(g, i);
    if (strcmp(ek_op_type(g, op), "ReadVariableOp") == 0 && ek_op_input(g, op, 0).op == variable.id &&
        ek_op_num_control_inputs(g, op) == 0)
      return ek_op_output(op, 0);
  }
  const ek_attr *dtype = ek_op_attr(g, variable, "dtype");
  if (dtype == NULL || dtype->kind != EK_ATTR_TYPE) return out;
  return ek_op_output(ek_build(ek_named(g, "freeze/ReadVariableOp"), "ReadVariableOp", EK_OUTS(out),
                               EK_ATTRS(EK_TYPE_ATTR("dtype", dtype->v.type))),
                      0);
}

static ek_tensor *value_in_session(void *ctx, ek_op variable, ek_status *st) {
  ek_session *s = ctx;
  ek_graph *g = ek_session_graph(s);
  const ek_variable v = ek_variable_of(g, variable);
  if (v.id != 0) return ek_session_get_variable(s, v, st);
  const ek_fetch fetch = EK_FETCH(read_of(g, variable));
  ek_tensor *value = NULL;
  (void)ek_session_run(s, NULL, 0, &fetch, 1, &value, NULL, 0, NULL, st);
  return value;
}

ek_code ek_graph_util_convert_variables_to_constants(ek_session *s, ek_ops outputs, const ek_freeze_opts *opts,
                                                     ek_graph **out, ek_status *st) {
  return ek_graph_util_freeze(ek_session_graph(s), outputs, opts, value_in_session, s, out, st);
}
