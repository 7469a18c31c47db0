/* SPDX-License-Identifier: Apache-2.0 */
/* tf.get_variable: the store of variables by full name, custom getters in front of it, regularization losses. */
#include "graph/scopes.h"

#include <string.h>

static const ek_variable none = {0};

/* ---- regularization losses */

static ek_out regularize(ek_graph *g, ek_variable v, ek_regularizer r) {
  const ek__variable *record = ek__variable_at(g, v);
  ek_colocate_with_begin(g, record->op, false);
  (void)ek_name_scope_begin(g, ek__graph_printf(g, "%s/Regularizer/", record->name));
  const ek_out loss = r.fn(g, ek_variable_operand(g, v), r.ctx);
  ek_name_scope_end(g);
  ek_colocate_with_end(g);
  return loss;
}

/* The first call only asks whether there is a loss; its nodes stay, as they do in TensorFlow. */
static void add_loss(ek_graph *g, ek__variable_scopes *s, ek_variable v, ek_regularizer r) {
  ek_status st = EK_STATUS_INIT;
  if (r.fn(g, ek_variable_operand(g, v), r.ctx).op == 0 || g->status.code != EK_OK) return;
  const ek_out loss = regularize(g, v, r);
  if (g->status.code == EK_OK &&
      ek__grow(g->allocator, &s->losses, &s->cap_losses, s->n_losses + 1, sizeof *s->losses, &st) == EK_OK)
    s->losses[s->n_losses++] = (ek__loss){loss, v, r};
  if (ek__graph_take(g, &st)) ek_add_out_to_collection(g, EK_REGULARIZATION_LOSSES, loss);
}

ek_out ek_regularization_loss(ek_graph *g, ek_out loss) {
  (void)ek__unname(&g);
  const ek__variable_scopes *s = g->scopes;
  for (int i = 0; s != NULL && loss.op > 0 && i < s->n_losses; i++)
    if (s->losses[i].out.op == loss.op && s->losses[i].out.index == loss.index)
      return regularize(g, s->losses[i].variable, s->losses[i].regularizer);
  return loss;
}

/* ---- the store */

/* One that exists: may it be had, and is it what was asked for? */
static ek_variable share(ek_graph *g, ek_variable v, const char *name, ek_reuse reuse, ek_shape shape, ek_dtype dtype) {
  char asked[EK_SHAPE_TEXT], found[EK_SHAPE_TEXT];
  const ek__variable *r = ek__variable_at(g, v);
  if (reuse == EK_REUSE_INHERIT)
    ek_graph_fail(g, EK_INVALID_ARGUMENT,
                  "Variable %s already exists, disallowed. Did you mean to set reuse=True or reuse=tf.AUTO_REUSE in "
                  "VarScope?",
                  name);
  else if (!ek_shape_compatible(shape, r->shape))
    ek_graph_fail(g, EK_INVALID_ARGUMENT, "Trying to share variable %s, but specified shape %s and found shape %s.",
                  name, ek_shape_format(shape, asked, sizeof asked), ek_shape_format(r->shape, found, sizeof found));
  else if (dtype != r->dtype)
    ek_graph_fail(g, EK_INVALID_ARGUMENT, "Trying to share variable %s, but specified dtype %s and found dtype %s.",
                  name, ek_dtype_name(dtype), ek_dtype_name(r->dtype));
  return g->status.code == EK_OK ? v : none;
}

static bool default_initializer(ek_graph *g, const char *name, ek_dtype dtype, ek_initializer *i) {
  if (i->kind != EK_INITIALIZER_DEFAULT) return true;
  if (ek_dtype_is_floating(dtype)) {
    *i = ek_glorot_uniform_initializer();
  } else if (ek_dtype_is_integer(dtype) || dtype == EK_BOOL || dtype == EK_STRING) {
    *i = ek_zeros_initializer();
  } else {
    ek_graph_fail(g, EK_INVALID_ARGUMENT, "An initializer for variable %s of %s is required", name,
                  ek_dtype_name(dtype));
    return false;
  }
  return true;
}

static ek_variable create(ek_graph *g, const char *name, ek_shape shape, const ek_get_variable_opts *o) {
  const ek_variable_opts v = {.version = 1u,
                              .trainable = o->trainable,
                              .validate_shape = o->validate_shape,
                              .use_resource = o->use_resource == EK_YES,
                              .collections = o->collections,
                              .n_collections = o->n_collections,
                              .constraint = o->constraint,
                              .constraint_ctx = o->constraint_ctx,
                              .cached = o->cached};
  if (o->initial_value.op != 0) return ek_variable_new(ek_named(g, name), o->initial_value, &v);
  ek_initializer initializer = o->initializer;
  ek_variable_opts typed = v;
  typed.dtype = o->dtype;
  if (!default_initializer(g, name, o->dtype, &initializer)) return none;
  if (!ek_shape_is_known(shape)) {
    if (initializer.kind != EK_INITIALIZER_CALLBACK)
      ek_graph_fail(
          g, EK_INVALID_ARGUMENT,
          "variable %s: The initializer passed is not valid. It should be a callable with no arguments and the "
          "shape should not be provided, or `shape` should be fully defined.",
          name);
    typed.dtype = EK_INVALID_DTYPE; /* the callback's */
  }
  return ek_variable_from(ek_named(g, name), initializer, shape, &typed);
}

static ek_variable from_store(ek_graph *g, const char *name, ek_shape shape, ek_reuse reuse,
                              const ek_get_variable_opts *o) {
  ek_status st = EK_STATUS_INIT;
  ek__variable_scopes *s = ek__scopes(g);
  if (s == NULL || !ek__graph_ok(g)) return none;
  if (o->initial_value.op != 0 && shape.rank != -1) {
    ek_graph_fail(g, EK_INVALID_ARGUMENT, "variable %s: If initializer is a constant, do not specify shape.", name);
    return none;
  }
  const int64_t *known = ek__map_get(&s->variables, name);
  if (known != NULL) return share(g, (ek_variable){(int32_t)*known}, name, reuse, shape, o->dtype);
  if (reuse == EK_REUSE) {
    ek_graph_fail(g, EK_INVALID_ARGUMENT,
                  "Variable %s does not exist, or was not created with tf.get_variable(). Did you mean to set "
                  "reuse=tf.AUTO_REUSE in VarScope?",
                  name);
    return none;
  }
  const ek_variable v = create(g, name, shape, o);
  const char *key = v.id != 0 ? ek__graph_strdup(g, name) : NULL;
  if (key == NULL) return none;
  (void)ek__map_put(&s->variables, key, v.id, &st);
  if (ek__graph_take(g, &st) && o->regularizer.fn != NULL) add_loss(g, s, v, o->regularizer);
  return v;
}

/* ---- getters */

/* A getter's chain, with what the store needs at its end; lives as long as the request. */
ek_variable ek_getter_call(ek_graph *g, const ek_getter *next, const char *name, ek_shape shape,
                           const ek_get_variable_opts *options) {
  static const ek_get_variable_opts defaults = EK_GET_VARIABLE_OPTS_INIT;
  const ek_get_variable_opts *o = options != NULL ? options : &defaults;
  if (next->fn == NULL) return from_store(g, name, shape, next->reuse, o);
  const ek_getter store = {.reuse = next->reuse};
  ek_getter inner = next->next != NULL ? *next->next : store;
  inner.reuse = next->reuse;
  return next->fn(g, &inner, name, shape, o, next->ctx);
}

/* ---- get_variable */

static ek_get_variable_opts fill_in(const ek__scope *scope, const ek_get_variable_opts *o) {
  ek_get_variable_opts full = *o;
  if (full.dtype == EK_INVALID_DTYPE) full.dtype = scope->dtype;
  if (full.initializer.kind == EK_INITIALIZER_DEFAULT) full.initializer = scope->initializer;
  if (full.regularizer.fn == NULL) full.regularizer = scope->regularizer;
  if (full.use_resource == EK_INHERIT) full.use_resource = scope->use_resource ? EK_YES : EK_NO;
  full.cached = full.cached || scope->cached;
  if (full.constraint == NULL) {
    full.constraint = scope->constraint;
    full.constraint_ctx = scope->constraint_ctx;
  }
  return full;
}

ek_variable ek_get_variable(ek_graph *g, const char *name, ek_shape shape, const ek_get_variable_opts *options) {
  static const ek_get_variable_opts defaults = EK_GET_VARIABLE_OPTS_INIT;
  (void)ek__unname(&g);
  ek__variable_scopes *s = ek__graph_ok(g) ? ek__scopes(g) : NULL;
  if (s == NULL) return none;
  const ek_get_variable_opts *o = options != NULL ? options : &defaults;
  if (o->version != 1u || name == NULL || shape.rank < -1) {
    ek_graph_fail(g, EK_INVALID_ARGUMENT, "get_variable '%s': %s", name != NULL ? name : "",
                  name == NULL       ? "a name is needed"
                  : o->version != 1u ? "options of another version; start from EK_GET_VARIABLE_OPTS_INIT"
                                     : "not a shape");
    return none;
  }
  const ek__scope *scope = s->scopes[s->current - 1];
  const char *full_name =
      *scope->name != '\0' ? ek__graph_printf(g, "%s/%s", scope->name, name) : ek__graph_strdup(g, name);
  ek_get_variable_opts full = fill_in(scope, o);
  ek_getter getter = {.fn = NULL};
  if (scope->getter != NULL) getter = *scope->getter;
  getter.reuse = scope->reuse;
  (void)ek_name_scope_begin(g, NULL); /* names of variables depend on variable scopes alone */
  if (o->dtype != EK_INVALID_DTYPE && o->initial_value.op != 0) {
    const ek_dtype given = ek_out_dtype(g, ek_convert(g, o->initial_value, EK_INVALID_DTYPE, NULL));
    if (given != o->dtype)
      ek_graph_fail(g, EK_INVALID_ARGUMENT, "variable %s: Initializer type '%s' and explicit dtype '%s' don't match.",
                    full_name, ek_dtype_name(given), ek_dtype_name(o->dtype));
  }
  const ek_variable v = full_name != NULL ? ek_getter_call(g, &getter, full_name, shape, &full) : none;
  ek_name_scope_end(g);
  return v;
}
