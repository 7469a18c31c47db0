/* SPDX-License-Identifier: Apache-2.0 */
#include "evenkeel/cond.h"
#include "graph/variables.h"

#include <string.h>

/* tensor_util.constant_value of a boolean: NULL if it is not settled. */
static const ek_tensor *constant_of(ek_graph *g, ek_out out) {
  ek__node *n = ek__node_of(g, ek_out_op(out));
  if (n == NULL || strcmp(n->type, "Const") != 0) return NULL;
  n->not_feedable = true; /* the graph was built for this value */
  return ek_op_attr(g, ek_out_op(out), "value")->v.tensor;
}

ek_flag_value ek_flag_static_value(ek_graph *g, ek_flag flag) {
  (void)ek__unname(&g);
  if (flag.kind == EK_FLAG_KNOWN) return flag.value ? EK_IS_TRUE : EK_IS_FALSE;
  if (flag.kind == EK_FLAG_VARIABLE) return EK_IS_OPEN;
  const ek_tensor *t = constant_of(g, flag.out);
  if (t == NULL || ek_tensor_num_elements(t) != 1) return EK_IS_OPEN;
  return ek_tensor_number(t, 0) != 0.0 ? EK_IS_TRUE : EK_IS_FALSE;
}

ek_out ek_flag_as_out(ek_graph *g, ek_flag flag) {
  if (flag.kind == EK_FLAG_KNOWN) return ek_constant_bool(g, flag.value);
  return flag.kind == EK_FLAG_VARIABLE ? ek_variable_value(g, flag.variable) : flag.out;
}
