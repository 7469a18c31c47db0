/* SPDX-License-Identifier: Apache-2.0 */
/* The graph's table of variables: what VariableDef keeps, and what only lives in the program (the constraint). */
#ifndef EK_GRAPH_VARIABLES_H
#define EK_GRAPH_VARIABLES_H

#include "evenkeel/variables.h"
#include "graph/graph.h"

typedef struct ek__variable {
  const char *name; /* of op */
  ek_op op;         /* VariableV2 or VarHandleOp */
  ek_op initializer;
  ek_out initial_value;
  ek_out snapshot; /* "w/read", or the first ReadVariableOp */
  ek_dtype dtype;
  ek_shape shape;
  bool is_resource, trainable;
  int synchronization, aggregation; /* VariableDef's enums */
  ek_text save_slice;               /* a SaveSliceInfoDef as it was in the file */
  ek_out (*constraint)(ek_graph *g, ek_out value, void *ctx);
  void *constraint_ctx;
} ek__variable;

/* NULL for none. The pointer moves when a variable is added. */
ek__variable *ek__variable_at(const ek_graph *g, ek_variable v);
ek_variable ek__variable_add(ek_graph *g, const ek__variable *v); /* strings are copied */
/* Dtype and shape of the variable that a resource output stands for; false if that cannot be told. */
bool ek__resource_type(const ek_graph *g, ek_out handle, ek__type *type);
/* variable_guard.c: value, or the same over the initialized values of the variables it depends on. The open scope is
 * the new variable's. */
ek_out ek__guarded_initial_value(ek_graph *g, ek_out value);
void ek__variables_free(ek_graph *g);

#endif
