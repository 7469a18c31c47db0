/* SPDX-License-Identifier: Apache-2.0 */
/* Reading and changing variables. */
#include "graph/variables.h"

static ek_out none(void) { return (ek_out){0, 0}; }

/* The record, or NULL with the error on the graph; *g becomes the graph itself. */
static const ek__variable *use(ek_graph *g, ek_variable v, const char *what) {
  const ek__variable *r = ek__variable_at(g, v);
  if (!ek__graph_ok(g)) return NULL;
  if (r == NULL) ek_graph_fail(g, EK_INVALID_ARGUMENT, "%s: no variable of this graph", what);
  return r;
}

ek_out ek_variable_handle(const ek_graph *g, ek_variable v) {
  const ek__variable *r = ek__variable_at(g, v);
  return r != NULL ? ek_op_output(r->op, 0) : none();
}

static ek_out read(ek_graph *g, const ek__variable *r) { /* g: with its name */
  const ek_attr dtype = EK_TYPE_ATTR("dtype", r->dtype);
  return ek_op_output(ek_build(g, "ReadVariableOp", EK_OUTS(ek_op_output(r->op, 0)), &dtype, 1), 0);
}

ek_out ek_variable_value(ek_graph *g, ek_variable v) {
  const char *name = ek__unname(&g);
  const ek__variable *r = use(g, v, "ek_variable_value");
  if (r == NULL) return none();
  if (!r->is_resource) return r->snapshot;
  ek_colocate_with_begin(g, (ek_op){0}, true); /* wherever its user is */
  const ek_out value = read(ek_named(g, name), r);
  ek_colocate_with_end(g);
  return value;
}

ek_out ek_variable_operand(ek_graph *g, ek_variable v) {
  (void)ek__unname(&g);
  const ek__variable *r = use(g, v, "ek_variable_operand");
  if (r == NULL) return none();
  return r->is_resource ? ek__operand_literal(g, v) : r->snapshot;
}

ek_out ek_variable_read_value(ek_graph *g, ek_variable v) {
  (void)ek__unname(&g);
  const ek__variable *r = use(g, v, "ek_variable_read_value");
  if (r == NULL) return none();
  ek_out value = ek_op_output(r->op, 0);
  if (r->is_resource) {
    (void)ek_name_scope_begin(g, "Read");
    value = read(g, r);
    ek_name_scope_end(g);
  }
  return ek_op_output(
      ek_build(ek_named(g, r->is_resource ? "Identity" : "read"), "Identity", EK_OUTS(value), EK_NO_ATTRS), 0);
}

static ek_out gathered(ek_graph *g, ek_variable v, const char *type, ek_outs by_ref, const char *name) {
  const ek__variable *r = use(g, v, type);
  if (r == NULL) return none();
  if (!r->is_resource) return ek_op_output(ek_build(ek_named(g, name), type, by_ref, EK_NO_ATTRS), 0);
  const bool rows = by_ref.n == 3;
  const ek_attr dtype = EK_TYPE_ATTR("dtype", r->dtype);
  const ek_out some = ek_op_output(ek_build(ek_named(g, name != NULL ? name
                                                        : rows       ? "Gather"
                                                                     : "GatherNd"),
                                            rows ? "ResourceGather" : "ResourceGatherNd",
                                            EK_OUTS(ek_op_output(r->op, 0), by_ref.at[1]), &dtype, 1),
                                   0);
  return ek_op_output(ek_build(g, "Identity", EK_OUTS(some), EK_NO_ATTRS), 0);
}

ek_out ek_variable_sparse_read(ek_graph *g, ek_variable v, ek_out indices) {
  const char *name = ek__unname(&g);
  return gathered(g, v, "GatherV2", EK_OUTS(ek_variable_operand(g, v), indices, ek_integer(g, 0)), name);
}

ek_out ek_variable_gather_nd(ek_graph *g, ek_variable v, ek_out indices) {
  const char *name = ek__unname(&g);
  return gathered(g, v, "GatherNd", EK_OUTS(ek_variable_operand(g, v), indices), name);
}

/* ---- changing */

ek_op ek_variable_update(ek_graph *g, ek_variable v, ek_update update, ek_out value) {
  static const char *const by_ref[] = {"Assign", "AssignAdd", "AssignSub"};
  static const char *const by_handle[] = {"AssignVariableOp", "AssignAddVariableOp", "AssignSubVariableOp"};
  const char *name = ek__unname(&g);
  const ek__variable *r = use(g, v, by_ref[update]);
  if (r == NULL) return (ek_op){0};
  const ek_out handle = ek_op_output(r->op, 0);
  if (!r->is_resource)
    return ek_build(ek_named(g, name), by_ref[update], EK_OUTS(handle, value),
                    EK_ATTRS(EK_BOOL_ATTR("use_locking", false)));
  value = ek_convert(g, value, r->dtype, NULL);
  char have[EK_SHAPE_TEXT], given[EK_SHAPE_TEXT];
  if (!ek_shape_compatible(r->shape, ek_out_shape(g, value)))
    ek_graph_fail(g, EK_INVALID_ARGUMENT,
                  "Cannot assign value to variable '%s': Shape mismatch. The variable shape %s, and the assigned value "
                  "shape %s are incompatible.",
                  r->name, ek_shape_format(r->shape, have, sizeof have),
                  ek_shape_format(ek_out_shape(g, value), given, sizeof given));
  return ek_build(ek_named(g, name), by_handle[update], EK_OUTS(handle, value), EK_NO_ATTRS);
}

/* What the variable holds once op has run. */
static ek_out updated(ek_graph *g, ek_variable v, ek_update update, ek_out value) {
  const ek_op op = ek_variable_update(g, v, update, value);
  (void)ek__unname(&g);
  const ek__variable *r = ek__variable_at(g, v);
  if (op.id == 0 || r == NULL) return none();
  if (!r->is_resource) return ek_op_output(op, 0);
  ek_control_dependencies_begin(g, EK_OPS(op));
  const ek_out after = read(g, r);
  ek_control_dependencies_end(g);
  return after;
}

ek_out ek_variable_assign(ek_graph *g, ek_variable v, ek_out value) { return updated(g, v, EK_ASSIGN, value); }

ek_out ek_variable_assign_add(ek_graph *g, ek_variable v, ek_out delta) { return updated(g, v, EK_ASSIGN_ADD, delta); }

ek_out ek_variable_assign_sub(ek_graph *g, ek_variable v, ek_out delta) { return updated(g, v, EK_ASSIGN_SUB, delta); }

/* ---- constraint */

bool ek_variable_has_constraint(const ek_graph *g, ek_variable v) {
  const ek__variable *r = ek__variable_at(g, v);
  return r != NULL && r->constraint != NULL;
}

ek_out ek_variable_constrain(ek_graph *g, ek_variable v, ek_out value) {
  const ek__variable *r = ek__variable_at(g, v);
  return r != NULL && r->constraint != NULL ? r->constraint(g, value, r->constraint_ctx) : value;
}
