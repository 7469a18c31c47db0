/* SPDX-License-Identifier: Apache-2.0 */
/* tensor_util.constant_value and TensorFlow's constant folder, for whoever builds a graph. */
#include "session/session.h"

#include <string.h>

/* Only what is computed from constants: no placeholder, no state, and of a size worth computing while building. */
static bool is_constant(const ek_graph *g, ek_op op, int *budget, int depth) {
  enum { DEPTH = 64 };
  const ek__node *n = ek__node_of(g, op);
  if (n == NULL || n->def == NULL || depth > DEPTH || --*budget < 0) return false;
  if ((n->def->flags & (EK_OP_STATEFUL | EK_OP_WRITES_REF | EK_OP_CONTROL_FLOW | EK_OP_HANDLES)) != 0 ||
      strcmp(n->type, "PlaceholderWithDefault") == 0)
    return false;
  if (n->n_inputs == 0) return strcmp(n->type, "Const") == 0;
  for (int i = 0; i < n->n_inputs; i++)
    if (ek_out_is_ref(g, n->inputs[i]) || !is_constant(g, ek_out_op(n->inputs[i]), budget, depth + 1)) return false;
  return true;
}

ek_tensor *ek_constant_value(ek_graph *g, ek_out out) {
  int budget = 1000;
  ek_tensor *value = NULL;
  if (ek__type_of(g, out) == NULL || !is_constant(g, ek_out_op(out), &budget, 0)) return NULL;
  const ek_attr *direct = ek_op_attr(g, ek_out_op(out), "value");
  if (direct != NULL && direct->kind == EK_ATTR_TENSOR) return ek_tensor_ref(direct->v.tensor);
  const int open = g->n_frames; /* blocks that are open are no mistake here */
  g->n_frames = 0;
  ek_session *s = ek_session_new(g, NULL, NULL);
  g->n_frames = open;
  ek_op op = ek_out_op(out);
  ek__node *n = ek__node_of(g, op);
  const bool fetchable = !n->not_fetchable;
  n->not_fetchable = false;
  if (s != NULL) (void)ek_session_run(s, NULL, 0, &EK_FETCH(out), 1, &value, NULL, 0, NULL, NULL);
  n->not_fetchable = !fetchable;
  ek_session_free(s);
  return value;
}
