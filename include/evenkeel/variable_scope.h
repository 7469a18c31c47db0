/* SPDX-License-Identifier: Apache-2.0 */
/* Variable scopes: variables by name, made once and shared by whoever asks for them again.
 *
 *   EK_VARIABLE_SCOPE (g, "tower", EK_SCOPE(.reuse = EK_AUTO_REUSE)) {
 *     ek_variable w = ek_get_variable(g, "w", ek_shape(3, 4), NULL);    -> "tower/w"
 *   }
 */
#ifndef EVENKEEL_VARIABLE_SCOPE_H
#define EVENKEEL_VARIABLE_SCOPE_H

#include "graph.h"
#include "initializers.h"
#include "variables.h"

#ifdef __cplusplus
extern "C" {
#endif

/* A scope that was opened once; id 0: none. */
typedef struct ek_variable_scope {
  int32_t id;
} ek_variable_scope;

typedef enum ek_reuse {
  EK_REUSE_INHERIT, /* None, and False: what the surrounding scope says */
  EK_REUSE,         /* True: only variables that exist */
  EK_AUTO_REUSE     /* those that exist, else new ones */
} ek_reuse;

typedef enum ek_choice { EK_INHERIT, EK_YES, EK_NO } ek_choice;

/* Makes the loss of a variable; none: no loss. Called twice when the variable is made, as TensorFlow does. value may be
 * a literal that is read where it is used. */
typedef ek_out (*ek_regularizer_fn)(ek_graph *g, ek_out value, void *ctx);
typedef struct ek_regularizer {
  ek_regularizer_fn fn; /* NULL: none */
  void *ctx;
} ek_regularizer;

typedef ek_out (*ek_constraint_fn)(ek_graph *g, ek_out value, void *ctx);

typedef struct ek_get_variable_opts {
  uint32_t version;
  ek_dtype dtype;             /* EK_INVALID_DTYPE: the scope's */
  ek_initializer initializer; /* default: the scope's; without one glorot_uniform for floating dtypes, else zeros */
  ek_out initial_value;       /* instead of an initializer and a shape: an output or a literal */
  ek_regularizer regularizer; /* none: the scope's */
  bool trainable;             /* true */
  bool validate_shape;        /* true */
  ek_choice use_resource;
  const char *const *collections; /* NULL: { EK_GLOBAL_VARIABLES } */
  int n_collections;
  ek_constraint_fn constraint; /* NULL: the scope's */
  void *constraint_ctx;
  bool cached; /* or the scope's: see ek_variable_opts */
} ek_get_variable_opts;
#define EK_GET_VARIABLE_OPTS_FIELDS_ .version = 1u, .trainable = true, .validate_shape = true
#define EK_GET_VARIABLE_OPTS_INIT                                                                                      \
  { EK_GET_VARIABLE_OPTS_FIELDS_ }
#define EK_GET_VARIABLE(...) EK_OPTS_(ek_get_variable_opts, EK_GET_VARIABLE_OPTS_FIELDS_, __VA_ARGS__)

/* tf.get_variable: scope/name, whatever the name scope is. shape unknown: for an initial_value, a callback initializer,
 * or a variable that exists. options may be NULL. Errors as TensorFlow has them: a variable that exists without reuse,
 * one that does not with it, another shape or dtype than asked for. */
EK_API ek_variable ek_get_variable(ek_graph *g, const char *name, ek_shape shape, const ek_get_variable_opts *options);

/* A custom getter stands between get_variable and the store: it sees the full name, may change what is asked for, and
 * calls next (once, more often or never). Getters of inner scopes are called first. */
typedef struct ek_getter ek_getter;
typedef ek_variable (*ek_getter_fn)(ek_graph *g, const ek_getter *next, const char *name, ek_shape shape,
                                    const ek_get_variable_opts *options, void *ctx);
EK_API ek_variable ek_getter_call(ek_graph *g, const ek_getter *next, const char *name, ek_shape shape,
                                  const ek_get_variable_opts *options);

typedef struct ek_variable_scope_opts {
  uint32_t version;
  const char
      *default_name;       /* for a scope without name: this one, made unique among those opened in the current scope */
  ek_variable_scope scope; /* for a scope without name: back into this one */
  ek_reuse reuse;
  ek_initializer initializer; /* what is not given is inherited */
  ek_regularizer regularizer;
  ek_dtype dtype;
  ek_choice use_resource;
  ek_getter_fn custom_getter;
  void *custom_getter_ctx;
  ek_constraint_fn constraint; /* not inherited by scopes inside */
  void *constraint_ctx;
  bool auxiliary_name_scope; /* true; false: the name scope stays as it is */
  bool cached;
} ek_variable_scope_opts;
#define EK_VARIABLE_SCOPE_OPTS_FIELDS_ .version = 1u, .auxiliary_name_scope = true
#define EK_VARIABLE_SCOPE_OPTS_INIT                                                                                    \
  { EK_VARIABLE_SCOPE_OPTS_FIELDS_ }
#define EK_SCOPE(...) EK_OPTS_(ek_variable_scope_opts, EK_VARIABLE_SCOPE_OPTS_FIELDS_, __VA_ARGS__)

/* tf.variable_scope(name): opens current/name, and a name scope of that name, which is made unique. Opening a name
 * again gives the same variables. name NULL: options say default_name or scope. Each begin needs its end. */
EK_API ek_variable_scope ek_variable_scope_begin(ek_graph *g, const char *name, const ek_variable_scope_opts *options);
EK_API void ek_variable_scope_end(ek_graph *g);
#define EK_VARIABLE_SCOPE(g_, name_, options_)                                                                         \
  EK_BLOCK_(((void)ek_variable_scope_begin((g_), (name_), (options_)), (g_)), ek_variable_scope_end)

EK_API ek_variable_scope ek_get_variable_scope(ek_graph *g); /* the one that is open; the root has name "" */
/* Strings are borrowed. */
EK_API const char *ek_variable_scope_name(const ek_graph *g, ek_variable_scope scope);
EK_API const char *ek_variable_scope_original_name_scope(const ek_graph *g, ek_variable_scope scope); /* no slash */
EK_API ek_reuse ek_variable_scope_reuse(const ek_graph *g, ek_variable_scope scope);
EK_API void ek_variable_scope_reuse_variables(ek_graph *g, ek_variable_scope scope); /* from now on: EK_REUSE */
/* The scope argument that makes ek_get_collection_... what scope.get_collection is: "name/", "" at the root. */
EK_API const char *ek_variable_scope_filter(ek_graph *g, ek_variable_scope scope);

/* A member of EK_REGULARIZATION_LOSSES as an input of an op: TensorFlow makes such a loss anew at each use. Any other
 * output is returned as it is. */
EK_API ek_out ek_regularization_loss(ek_graph *g, ek_out loss);

#ifdef __cplusplus
}
#endif
#endif
