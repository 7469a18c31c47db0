/* SPDX-License-Identifier: Apache-2.0 */
/* The graph's variable scopes, and its store of variables by full name. */
#ifndef EK_GRAPH_SCOPES_H
#define EK_GRAPH_SCOPES_H

#include "evenkeel/variable_scope.h"
#include "graph/variables.h"

struct ek_getter {
  ek_getter_fn fn; /* NULL: the store itself */
  void *ctx;
  const ek_getter *next;
  ek_reuse reuse; /* of the request on its way, for the store */
};

typedef struct ek__scope {
  const char *name, *original_name_scope; /* without slash */
  ek_reuse reuse;
  ek_initializer initializer;
  ek_regularizer regularizer;
  ek_dtype dtype;
  bool use_resource, cached;
  const ek_getter *getter; /* innermost first; NULL: none */
  ek_constraint_fn constraint;
  void *constraint_ctx;
} ek__scope;

/* How often a scope name was opened: what default names count on. */
typedef struct ek__scope_count {
  const char *name;
  int count;
  int next_default, at_lowered; /* "name_k" below that k was taken when the counts had been lowered so often */
} ek__scope_count;

typedef struct ek__count_change { /* undone when a re-entered scope is left */
  int index, old;
} ek__count_change;

typedef struct ek__open_scope {
  int32_t outer; /* scope to go back to */
  const char *name;
  bool reentered;
  int n_changes; /* when it was opened */
} ek__open_scope;

/* A regularization loss can be made again. */
typedef struct ek__loss {
  ek_out out;
  ek_variable variable;
  ek_regularizer regularizer;
} ek__loss;

typedef struct ek__variable_scopes {
  ek__scope **scopes; /* scope with id i is scopes[i - 1]; the root is 1 */
  int n_scopes, cap_scopes;
  int32_t current;
  ek__open_scope *open;
  int n_open, cap_open;
  int n_reentered;
  ek__map count_of; /* name -> index */
  ek__scope_count *counts;
  int n_counts, cap_counts;
  int lowered; /* how often a count went down: what makes next_default stale */
  ek__count_change *changes;
  int n_changes, cap_changes;
  ek__map variables; /* full name -> variable */
  ek__loss *losses;
  int n_losses, cap_losses;
} ek__variable_scopes;

ek__variable_scopes *ek__scopes(ek_graph *g); /* made on first use; NULL: memory is out */
void ek__scopes_free(ek_graph *g);
ek__scope *ek__scope_at(const ek_graph *g, ek_variable_scope scope); /* NULL for none */

#endif
