/* SPDX-License-Identifier: Apache-2.0 */
/* Variables of a graph. Their values live in sessions: two sessions of one graph train independently. */
#ifndef EVENKEEL_VARIABLES_H
#define EVENKEEL_VARIABLES_H

#include "graph.h"
#include "initializers.h"

#ifdef __cplusplus
extern "C" {
#endif

/* ---- Making one */

typedef struct ek_variable_opts {
  uint32_t version;
  ek_dtype dtype; /* EK_INVALID_DTYPE: the initial value's, float32 for an initializer */
  bool trainable; /* true: also in EK_TRAINABLE_VARIABLES */
  bool use_resource;
  bool validate_shape;            /* true; false: values of any shape may be assigned */
  const char *const *collections; /* NULL: { EK_GLOBAL_VARIABLES } */
  int n_collections;
  /* What optimizers put the variable through after each update; NULL: nothing. */
  ek_out (*constraint)(ek_graph *g, ek_out value, void *ctx);
  void *constraint_ctx; /* must outlive the graph */
  bool cached;          /* caching_device, of one by reference: w/read is not colocated with it */
} ek_variable_opts;
#define EK_VARIABLE_OPTS_FIELDS_ .version = 1u, .trainable = true, .validate_shape = true
#define EK_VARIABLE_OPTS_INIT                                                                                          \
  { EK_VARIABLE_OPTS_FIELDS_ }
#define EK_VARIABLE(...) EK_OPTS_(ek_variable_opts, EK_VARIABLE_OPTS_FIELDS_, __VA_ARGS__)

/* tf.Variable(initial_value): "Variable" or ek_named's name. By reference: w (VariableV2), w/Assign, w/read, and
 * w/initial_value if the value is a literal; by handle (use_resource): w (VarHandleOp), w/IsInitialized/..., w/Assign,
 * w/Read/ReadVariableOp. All of it outside control dependencies and control-flow contexts. An initial value made inside
 * a cond is an error, as is one of unknown shape (without validate_shape = false). One that depends on other variables
 * takes their initialized values. options may be NULL. */
EK_API ek_variable ek_variable_new(ek_graph *g, ek_out initial_value, const ek_variable_opts *options);
/* tf.Variable(lambda: initializer(shape)): the value is made under w/Initializer, placed with w, anywhere. */
EK_API ek_variable ek_variable_from(ek_graph *g, ek_initializer initializer, ek_shape shape,
                                    const ek_variable_opts *options);

/* ---- Using one */

/* The variable as a tensor: w/read, which all users share, or a new ReadVariableOp. */
EK_API ek_out ek_variable_value(ek_graph *g, ek_variable v);
/* The same for use as an input of the next op: Python's implicit conversion. A resource variable is read in the scope
 * of the op that uses it ("MatMul/ReadVariableOp"), once for each use. */
EK_API ek_out ek_variable_operand(ek_graph *g, ek_variable v);
/* Variable.read_value(): a read of its own, placed now: after control dependencies that are open. */
EK_API ek_out ek_variable_read_value(ek_graph *g, ek_variable v);
/* Variable.sparse_read, which is tf.gather of a variable along axis 0: the rows that indices name. By reference a
 * GatherV2 of the value; by handle a ResourceGather ("Gather", or ek_named's name) and an Identity, and the rest is not
 * read. Its gradient is an ek_indexed_slices. */
EK_API ek_out ek_variable_sparse_read(ek_graph *g, ek_variable v, ek_out indices);
/* tf.gather_nd of a variable: GatherNd of the value, or ResourceGatherNd and an Identity. */
EK_API ek_out ek_variable_gather_nd(ek_graph *g, ek_variable v, ek_out indices);
/* What gradients are taken of and ops that change it get: the reference, or the resource handle. */
EK_API ek_out ek_variable_handle(const ek_graph *g, ek_variable v);

/* Variable.assign, assign_add, assign_sub: what the variable holds afterwards (by reference: later changes may show in
 * it). */
EK_API ek_out ek_variable_assign(ek_graph *g, ek_variable v, ek_out value);
EK_API ek_out ek_variable_assign_add(ek_graph *g, ek_variable v, ek_out delta);
EK_API ek_out ek_variable_assign_sub(ek_graph *g, ek_variable v, ek_out delta);
typedef enum ek_update { EK_ASSIGN, EK_ASSIGN_ADD, EK_ASSIGN_SUB } ek_update;
/* The same with read_value=False: the op alone. */
EK_API ek_op ek_variable_update(ek_graph *g, ek_variable v, ek_update update, ek_out value);

/* ---- Initializing */

/* Variable.initialized_value(): a cond on whether it has a value; if not, its initial value. */
EK_API ek_out ek_variable_initialized_value(ek_graph *g, ek_variable v);
EK_API ek_out ek_is_variable_initialized(ek_graph *g, ek_variable v);
/* A group called "init" of the variables' initializers: no order among them. */
EK_API ek_op ek_variables_initializer(ek_graph *g, ek_variables variables);
EK_API ek_op ek_global_variables_initializer(ek_graph *g);
EK_API ek_op ek_local_variables_initializer(ek_graph *g);
/* A 1-D string tensor: the names of those without a value. */
EK_API ek_out ek_report_uninitialized_variables(ek_graph *g, ek_variables variables);
/* The usual choice: global variables, then local ones. Borrowed. */
EK_API ek_variables ek_global_and_local_variables(ek_graph *g);

/* ---- Looking at one */

/* What is known of a variable; strings borrowed. Functions accept none and return none. */
EK_API const char *ek_variable_name(const ek_graph *g, ek_variable v); /* the op's name, without ":0" */
EK_API ek_op ek_variable_op(const ek_graph *g, ek_variable v);         /* VariableV2 or VarHandleOp */
EK_API ek_op ek_variable_initializer(const ek_graph *g, ek_variable v);
EK_API ek_out ek_variable_initial_value(const ek_graph *g, ek_variable v);
EK_API ek_dtype ek_variable_dtype(const ek_graph *g, ek_variable v);
EK_API ek_shape ek_variable_shape(const ek_graph *g, ek_variable v);
EK_API bool ek_variable_is_resource(const ek_graph *g, ek_variable v);
EK_API bool ek_variable_trainable(const ek_graph *g, ek_variable v);
/* The constraint put on the value, as a new tensor; value as it is without one. */
EK_API ek_out ek_variable_constrain(ek_graph *g, ek_variable v, ek_out value);
EK_API bool ek_variable_has_constraint(const ek_graph *g, ek_variable v);
/* The variable whose op is op; none if op is no variable. */
EK_API ek_variable ek_variable_of(const ek_graph *g, ek_op op);
/* The read that was made with the variable: "w/read" or "w/Read/ReadVariableOp" (VariableDef's snapshot_name). */
EK_API ek_out ek_variable_snapshot(const ek_graph *g, ek_variable v);

#ifdef __cplusplus
}
#endif
#endif
