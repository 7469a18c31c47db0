/* SPDX-License-Identifier: Apache-2.0 */
/* A graph from a file, and its variables as files name them. */
#ifndef EK_CLI_MODEL_H
#define EK_CLI_MODEL_H

#include "cli.h"

typedef struct model_variable {
  ek_op op;          /* VariableV2 or VarHandleOp */
  const char *key;   /* in a checkpoint; the graph's memory */
  bool is_local;     /* initialised, never saved */
  ek_op initializer; /* none: not known */
} model_variable;

typedef struct model {
  const char *path;
  ek_graph *graph;
  bool is_meta;       /* a MetaGraphDef: it has collections */
  ek_saver_def saver; /* all zero: none */
  model_variable *variables;
  int n_variables;
  ek_saved_model *saved; /* NULL: no SavedModel */
  int meta_graph;        /* of it */
} model;

/* path: .meta, .pb, .pbtxt, or the folder of a SavedModel: its meta graph tagged "serve", else the only one. Variables
 * are those of the collections `variables` and `local_variables`; a GraphDef has none, there every VariableV2 and
 * VarHandleOp counts. False: the one line is printed. model_free accepts what is left then. */
bool model_load(model *m, const char *path);
/* The same, but of a SavedModel the meta graph with exactly these tags; with none, as above. */
bool model_load_tagged(model *m, const char *path, const texts *tags);
void model_free(model *m);

/* The value of a variable as an output that can be fetched; builds a node for a resource variable. */
ek_out model_read(model *m, ek_op variable);
/* What to run for --init, appended to ops (room for m->n_variables). */
bool model_initializers(const model *m, ek_op *ops, int *n);

/* Prepared before the session is made (it may build nodes), run in the session. */
typedef struct model_restore {
  const char *prefix;
  ek_op *ops;
  int n;
  bool by_saver;
} model_restore;
bool model_restore_prepare(model *m, const char *prefix, model_restore *r);
/* What a SavedModel brings: its variables, its init op. */
bool model_restore_saved(const model *m, ek_session *s);
bool model_restore_run(const model *m, const model_restore *r, ek_session *s);

/* Is it in a scope of this name, numbered or not, inside of others or not? TensorFlow has names for what gradients and
 * savers are made of. */
bool is_in_scope(const ek_graph *g, ek_op op, const char *scope);

/* Puts the node of a name, "op:1" or "op", into *out; else the one line says what is wrong. what: "fetch", "feed". */
bool model_find(const model *m, const char *what, const char *name, ek_out *out);

#endif
