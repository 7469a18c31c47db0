/* SPDX-License-Identifier: Apache-2.0 */
#include "graph/scopes.h"

#include <string.h>

ek__variable *ek__variable_at(const ek_graph *g, ek_variable v) {
  return v.id > 0 && v.id <= g->n_variables ? &g->variables[v.id - 1] : NULL;
}

ek_variable ek__variable_add(ek_graph *g, const ek__variable *v) {
  ek_status st = EK_STATUS_INIT;
  if (!ek__graph_ok(g)) return (ek_variable){0};
  if (ek__grow(g->allocator, &g->variables, &g->cap_variables, g->n_variables + 1, sizeof *v, &st) != EK_OK) {
    (void)ek__graph_take(g, &st);
    return (ek_variable){0};
  }
  ek__variable copy = *v;
  copy.name = ek__graph_strdup(g, v->name);
  if (copy.name == NULL) return (ek_variable){0};
  g->variables[g->n_variables++] = copy;
  return (ek_variable){g->n_variables};
}

void ek__variables_free(ek_graph *g) {
  ek__scopes_free(g);
  ek__free(g->allocator, g->variables, (size_t)g->cap_variables * sizeof *g->variables);
}

const char *ek_variable_name(const ek_graph *g, ek_variable v) {
  const ek__variable *r = ek__variable_at(g, v);
  return r != NULL ? r->name : "";
}

ek_op ek_variable_op(const ek_graph *g, ek_variable v) {
  const ek__variable *r = ek__variable_at(g, v);
  return r != NULL ? r->op : (ek_op){0};
}

ek_op ek_variable_initializer(const ek_graph *g, ek_variable v) {
  const ek__variable *r = ek__variable_at(g, v);
  return r != NULL ? r->initializer : (ek_op){0};
}

ek_out ek_variable_initial_value(const ek_graph *g, ek_variable v) {
  const ek__variable *r = ek__variable_at(g, v);
  return r != NULL ? r->initial_value : (ek_out){0, 0};
}

ek_dtype ek_variable_dtype(const ek_graph *g, ek_variable v) {
  const ek__variable *r = ek__variable_at(g, v);
  return r != NULL ? r->dtype : EK_INVALID_DTYPE;
}

ek_shape ek_variable_shape(const ek_graph *g, ek_variable v) {
  const ek__variable *r = ek__variable_at(g, v);
  return r != NULL ? r->shape : ek_shape_unknown();
}

bool ek_variable_is_resource(const ek_graph *g, ek_variable v) {
  const ek__variable *r = ek__variable_at(g, v);
  return r != NULL && r->is_resource;
}

bool ek_variable_trainable(const ek_graph *g, ek_variable v) {
  const ek__variable *r = ek__variable_at(g, v);
  return r != NULL && r->trainable;
}

ek_variable ek_variable_of(const ek_graph *g, ek_op op) {
  for (int i = 0; op.id > 0 && i < g->n_variables; i++)
    if (g->variables[i].op.id == op.id) return (ek_variable){i + 1};
  return (ek_variable){0};
}

ek_out ek_variable_snapshot(const ek_graph *g, ek_variable v) {
  const ek__variable *r = ek__variable_at(g, v);
  return r != NULL ? r->snapshot : (ek_out){0, 0};
}

/* A handle comes from a VarHandleOp, through ops that pass it on as it is. */
bool ek__resource_type(const ek_graph *g, ek_out handle, ek__type *type) {
  for (int steps = 0; steps < 1000; steps++) {
    const ek__node *n = ek__node_of(g, ek_out_op(handle));
    if (n == NULL) return false;
    if (strcmp(n->type, "VarHandleOp") == 0) {
      const ek_attr *dtype = ek_op_attr(g, ek_out_op(handle), "dtype");
      const ek_attr *shape = ek_op_attr(g, ek_out_op(handle), "shape");
      if (dtype == NULL || shape == NULL) return false;
      *type = (ek__type){.dtype = dtype->v.type, .shape = shape->v.shape};
      return true;
    }
    if (n->n_inputs == 0 || n->outputs == NULL || n->outputs[0].dtype != EK_RESOURCE) return false;
    handle = n->inputs[0];
  }
  return false;
}
