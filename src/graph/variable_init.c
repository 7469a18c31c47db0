/* SPDX-License-Identifier: Apache-2.0 */
/* Initialized or not: initializer groups, initialized values, reports. */
#include "evenkeel/cond.h"
#include "graph/fill.h"
#include "graph/variables.h"

#include <string.h>

ek_out ek_is_variable_initialized(ek_graph *g, ek_variable v) {
  const char *name = ek__unname(&g);
  const ek__variable *r = ek__variable_at(g, v);
  if (r == NULL) ek_graph_fail(g, EK_INVALID_ARGUMENT, "is_variable_initialized: no variable of this graph");
  if (r == NULL) return (ek_out){0, 0};
  return ek_op_output(ek_build(ek_named(g, name), r->is_resource ? "VarIsInitializedOp" : "IsVariableInitialized",
                               EK_OUTS(ek_op_output(r->op, 0)), EK_NO_ATTRS),
                      0);
}

ek_out ek_variable_initialized_value(ek_graph *g, ek_variable v) {
  ek_cond_block c;
  (void)ek__unname(&g);
  ek_init_scope_begin(g);
  EK_COND(g, ek_is_variable_initialized(g, v), c) {
    EK_THEN(c) { ek_cond_yield(&c, ek_variable_read_value(g, v)); }
    EK_ELSE(c) { ek_cond_yield(&c, ek_variable_initial_value(g, v)); }
  }
  ek_init_scope_end(g);
  return ek_cond_result(&c, 0);
}

ek_op ek_variables_initializer(ek_graph *g, ek_variables variables) {
  const char *name = ek__unname(&g);
  if (!ek__graph_ok(g)) return (ek_op){0};
  ek_op *ops = ek__graph_alloc(g, (size_t)variables.n + 1, sizeof *ops);
  int n = 0;
  for (int i = 0; ops != NULL && i < variables.n; i++) {
    ops[i] = ek_variable_initializer(g, variables.at[i]);
    if (ops[i].id != 0) n++;
  }
  if (n != variables.n)
    ek_graph_fail(g, EK_INVALID_ARGUMENT, "variables_initializer: item %d is no variable with an initializer", n);
  return ek_group(ek_named(g, name != NULL ? name : "init"), (ek_ops){ops, n});
}

ek_op ek_global_variables_initializer(ek_graph *g) {
  ek_graph *plain = g;
  (void)ek__unname(&plain);
  return ek_variables_initializer(g, ek_get_collection_variables(plain, EK_GLOBAL_VARIABLES, NULL));
}

ek_op ek_local_variables_initializer(ek_graph *g) {
  ek_graph *plain = g;
  (void)ek__unname(&plain);
  return ek_variables_initializer(g, ek_get_collection_variables(plain, EK_LOCAL_VARIABLES, NULL));
}

ek_variables ek_global_and_local_variables(ek_graph *g) {
  const ek_variables a = ek_get_collection_variables(g, EK_GLOBAL_VARIABLES, NULL);
  const ek_variables b = ek_get_collection_variables(g, EK_LOCAL_VARIABLES, NULL);
  ek_variable *all = ek__graph_alloc(g, (size_t)(a.n + b.n) + 1, sizeof *all);
  for (int i = 0; all != NULL && i < a.n; i++) all[i] = a.at[i];
  for (int i = 0; all != NULL && i < b.n; i++) all[a.n + i] = b.at[i];
  return (ek_variables){all, all != NULL ? a.n + b.n : 0};
}

/* ---- report_uninitialized_variables */

static ek_out op(ek_graph *g, const char *name, const char *type, ek_outs inputs, const ek_attr *attrs, int n) {
  return ek_op_output(ek_build(ek_named(g, name), type, inputs, attrs, n), 0);
}

static ek_out shape_const(ek_graph *g, ek_out x) {
  const ek_shape s = ek_out_shape(g, x);
  return ek_constant_int32s(ek_named(g, "Shape"), s.dim, s.rank);
}

/* boolean_mask of a vector by a mask of the same length. */
static ek_out boolean_mask(ek_graph *g, ek_out x, ek_out mask) {
  (void)ek_name_scope_begin(g, "boolean_mask");
  const ek_out leading = ek__vector_slice(g, shape_const(g, x), 0, 1, NULL);
  const ek_out size = op(g, "Prod", "Prod", EK_OUTS(leading, ek_ints(g, 0)), EK_NO_ATTRS);
  const ek_out before = ek__vector_slice(g, shape_const(g, x), 0, 0, "begin_mask");
  const ek_out after = ek__vector_slice(g, shape_const(g, x), 1, 0, "end_mask");
  (void)ek_name_scope_begin(g, "concat");
  const ek_out packed = op(g, "values_1", "Pack", EK_OUTS(size), EK_NO_ATTRS);
  const ek_out axis = ek_constant_int32(ek_named(g, "axis"), 0);
  const char *scope = ek__graph_printf(g, "%s/", g->scope);
  ek_name_scope_end(g);
  const ek_out shape = op(g, scope, "ConcatV2", EK_OUTS(before, packed, after, axis), EK_NO_ATTRS);
  const ek_out flat = op(g, "Reshape", "Reshape", EK_OUTS(x, shape), EK_NO_ATTRS);
  const ek_out flat_mask = op(g, "Reshape", "Reshape", EK_OUTS(mask, ek_ints(g, -1)), EK_NO_ATTRS);
  const ek_out where = op(g, "Where", "Where", EK_OUTS(flat_mask), EK_NO_ATTRS);
  const ek_out indices =
      op(g, "Squeeze", "Squeeze", EK_OUTS(where), EK_ATTRS(EK_INTS_ATTR("squeeze_dims", ((const int64_t[]){1}), 1)));
  const ek_out kept = op(g, "GatherV2", "GatherV2", EK_OUTS(flat, indices, ek_integer(g, 0)), EK_NO_ATTRS);
  ek_name_scope_end(g);
  return kept;
}

ek_out ek_report_uninitialized_variables(ek_graph *g, ek_variables variables) {
  ek_status st = EK_STATUS_INIT;
  g = ek_composite_begin(g, "report_uninitialized_variables");
  const int n = variables.n;
  ek_out *known = ek__graph_alloc(g, (size_t)n + 1, sizeof *known), report = {0, 0};
  ek_tensor *names = ek_tensor_new(EK_STRING, ek_shape(n), g->allocator, &st);
  for (int i = 0; names != NULL && known != NULL && i < n; i++) {
    const char *name = ek_variable_name(g, variables.at[i]);
    known[i] = ek_is_variable_initialized(g, variables.at[i]);
    if (ek_tensor_set_string(names, i, name, strlen(name), &st) != EK_OK) break;
  }
  if (ek__graph_take(g, &st) && ek__graph_ok(g)) {
    ek_out missing = {0, 0};
    if (n > 0) missing = op(g, "stack", "Pack", (ek_outs){known, n}, EK_NO_ATTRS);
    if (n > 0) missing = op(g, "LogicalNot", "LogicalNot", EK_OUTS(missing), EK_NO_ATTRS);
    report = ek_constant(g, names);
    if (n > 0) report = boolean_mask(g, report, missing);
  }
  ek_tensor_free(names);
  ek_name_scope_end(g);
  return report;
}
