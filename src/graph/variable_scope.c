/* SPDX-License-Identifier: Apache-2.0 */
/* Opening and closing variable scopes: names, inheritance, the counts behind default names. */
#include "graph/scopes.h"

#include <string.h>

/* ---- the state */

ek__variable_scopes *ek__scopes(ek_graph *g) {
  if (g->scopes != NULL) return g->scopes;
  ek__variable_scopes *s = ek__graph_alloc(g, 1, sizeof *s);
  ek__scope *root = ek__graph_alloc(g, 1, sizeof *root);
  ek_status st = EK_STATUS_INIT;
  if (s == NULL || root == NULL) return NULL;
  ek__map_init(&s->count_of, g->allocator);
  ek__map_init(&s->variables, g->allocator);
  if (ek__grow(g->allocator, &s->scopes, &s->cap_scopes, 1, sizeof(ek__scope *), &st) != EK_OK) {
    (void)ek__graph_take(g, &st);
    return NULL;
  }
  *root = (ek__scope){.name = "", .original_name_scope = "", .dtype = EK_FLOAT32};
  s->scopes[s->n_scopes++] = root;
  s->current = 1;
  return g->scopes = s;
}

void ek__scopes_free(ek_graph *g) {
  ek__variable_scopes *s = g->scopes;
  const ek_allocator *a = g->allocator;
  if (s == NULL) return;
  ek__free(a, s->scopes, (size_t)s->cap_scopes * sizeof(ek__scope *));
  ek__free(a, s->open, (size_t)s->cap_open * sizeof *s->open);
  ek__free(a, s->counts, (size_t)s->cap_counts * sizeof *s->counts);
  ek__free(a, s->changes, (size_t)s->cap_changes * sizeof *s->changes);
  ek__free(a, s->losses, (size_t)s->cap_losses * sizeof *s->losses);
  ek__map_fini(&s->count_of);
  ek__map_fini(&s->variables);
}

ek__scope *ek__scope_at(const ek_graph *g, ek_variable_scope scope) {
  const ek__variable_scopes *s = g->scopes;
  return s != NULL && scope.id > 0 && scope.id <= s->n_scopes ? s->scopes[scope.id - 1] : NULL;
}

/* ---- counts */

static int count_of(const ek__variable_scopes *s, const char *name) {
  const int64_t *index = ek__map_get(&s->count_of, name);
  return index != NULL ? s->counts[*index].count : 0;
}

static void set_count(ek_graph *g, ek__variable_scopes *s, int index, int count, ek_status *st) {
  ek__scope_count *c = &s->counts[index];
  if (c->count == count) return;
  if (s->n_reentered > 0) {
    if (ek__grow(g->allocator, &s->changes, &s->cap_changes, s->n_changes + 1, sizeof *s->changes, st) != EK_OK) return;
    s->changes[s->n_changes++] = (ek__count_change){index, c->count};
  }
  s->lowered += count < c->count;
  c->count = count;
}

static void count_up(ek_graph *g, ek__variable_scopes *s, const char *name, ek_status *st) {
  const int64_t *known = ek__map_get(&s->count_of, name);
  int index = known != NULL ? (int)*known : s->n_counts;
  if (known == NULL) {
    if (ek__grow(g->allocator, &s->counts, &s->cap_counts, index + 1, sizeof *s->counts, st) != EK_OK ||
        ek__map_put(&s->count_of, name, index, st) != EK_OK)
      return;
    s->counts[s->n_counts++] = (ek__scope_count){.name = name};
  }
  set_count(g, s, index, s->counts[index].count + 1, st);
}

/* Scopes inside name begin to count anew when it is opened again. */
static void forget_inside(ek_graph *g, ek__variable_scopes *s, const char *name, ek_status *st) {
  const size_t n = strlen(name);
  for (int i = 0; i < s->n_counts; i++)
    if (strncmp(s->counts[i].name, name, n) == 0 && s->counts[i].name[n] == '/') set_count(g, s, i, 0, st);
}

/* ---- names */

static const char *join(ek_graph *g, const char *outer, const char *name) {
  return *outer != '\0' ? ek__graph_printf(g, "%s/%s", outer, name) : ek__graph_strdup(g, name);
}

static const char *unique_default(ek_graph *g, ek__variable_scopes *s, const char *outer, const char *name) {
  const char *tried = name, *full = join(g, outer, name);
  const int64_t *index = full != NULL ? ek__map_get(&s->count_of, full) : NULL;
  ek__scope_count *plain = index != NULL ? &s->counts[*index] : NULL;
  int k = plain != NULL && plain->at_lowered == s->lowered && plain->next_default > 1 ? plain->next_default : 1;
  if (plain == NULL || plain->count == 0) return full != NULL ? name : NULL;
  do {
    tried = ek__graph_printf(g, "%s_%d", name, k++);
    full = tried != NULL ? join(g, outer, tried) : NULL;
  } while (full != NULL && count_of(s, full) > 0);
  plain->next_default = k - 1;
  plain->at_lowered = s->lowered;
  return full != NULL ? tried : NULL;
}

/* ---- begin */

static bool check(ek_graph *g, const char *name, const ek_variable_scope_opts *o) {
  if (o->version != 1u)
    ek_graph_fail(g, EK_INVALID_ARGUMENT,
                  "variable_scope: options of version %u; start from EK_VARIABLE_SCOPE_OPTS_INIT", o->version);
  else if (name == NULL && o->scope.id == 0 && o->default_name == NULL)
    ek_graph_fail(g, EK_INVALID_ARGUMENT, "variable_scope: If default_name is None then name_or_scope is required");
  else if (name == NULL && o->scope.id == 0 && o->reuse != EK_REUSE_INHERIT)
    ek_graph_fail(g, EK_INVALID_ARGUMENT, "variable_scope '%s': reuse=True cannot be used without a name_or_scope",
                  o->default_name);
  else if (name == NULL && o->scope.id != 0 && ek__scope_at(g, o->scope) == NULL)
    ek_graph_fail(g, EK_INVALID_ARGUMENT, "variable_scope: not a scope of this graph");
  else if ((int)o->reuse < 0 || o->reuse > EK_AUTO_REUSE)
    ek_graph_fail(g, EK_INVALID_ARGUMENT, "variable_scope '%s': The reuse parameter must be True or False or None",
                  name != NULL ? name : "");
  return g->status.code == EK_OK;
}

static void override(ek_graph *g, ek__scope *scope, const ek_variable_scope_opts *o) {
  if (o->reuse != EK_REUSE_INHERIT) scope->reuse = o->reuse;
  if (o->initializer.kind != EK_INITIALIZER_DEFAULT) scope->initializer = o->initializer;
  if (o->regularizer.fn != NULL) scope->regularizer = o->regularizer;
  if (o->dtype != EK_INVALID_DTYPE) scope->dtype = o->dtype;
  if (o->use_resource != EK_INHERIT) scope->use_resource = o->use_resource == EK_YES;
  scope->cached = scope->cached || o->cached;
  scope->constraint = o->constraint;
  scope->constraint_ctx = o->constraint_ctx;
  if (o->custom_getter == NULL) return;
  ek_getter *getter = ek__graph_alloc(g, 1, sizeof *getter);
  if (getter == NULL) return;
  *getter = (ek_getter){.fn = o->custom_getter, .ctx = o->custom_getter_ctx, .next = scope->getter};
  scope->getter = getter;
}

static const char *last_part(const char *name) {
  const char *slash = strrchr(name, '/');
  return slash != NULL ? slash + 1 : name;
}

/* The name scope that goes with the variable scope; g->scope is set, the frame that was pushed restores it. */
static void enter_name_scope(ek_graph *g, const char *name, bool auxiliary) {
  if (auxiliary && *name != '\0') g->scope = ek__scope_for(g, name);
}

static void enter(ek_graph *g, ek__variable_scopes *s, ek__scope *scope, bool reentered, ek_status *st) {
  if (ek__grow(g->allocator, &s->scopes, &s->cap_scopes, s->n_scopes + 1, sizeof(ek__scope *), st) != EK_OK ||
      ek__grow(g->allocator, &s->open, &s->cap_open, s->n_open + 1, sizeof *s->open, st) != EK_OK)
    return;
  s->open[s->n_open++] = (ek__open_scope){s->current, scope->name, reentered, s->n_changes};
  /* TensorFlow counts a re-entered scope before it remembers the counts, so that this one stays */
  count_up(g, s, scope->name, st);
  if (reentered) {
    s->n_reentered++;
    s->open[s->n_open - 1].n_changes = s->n_changes;
  }
  s->scopes[s->n_scopes++] = scope;
  s->current = s->n_scopes;
}

ek_variable_scope ek_variable_scope_begin(ek_graph *g, const char *name, const ek_variable_scope_opts *options) {
  static const ek_variable_scope_opts defaults = EK_VARIABLE_SCOPE_OPTS_INIT;
  const ek_variable_scope_opts *o = options != NULL ? options : &defaults;
  ek_status st = EK_STATUS_INIT;
  (void)ek__unname(&g);
  ek__variable_scopes *s = ek__graph_ok(g) ? ek__scopes(g) : NULL;
  if (ek__push_frame(g, EK__FRAME_VARIABLES, "variable scope") == NULL || s == NULL || !check(g, name, o))
    return (ek_variable_scope){0};
  const bool reentered = name == NULL && o->scope.id != 0;
  const ek__scope *from = reentered ? ek__scope_at(g, o->scope) : s->scopes[s->current - 1];
  ek__scope *scope = ek__graph_alloc(g, 1, sizeof *scope);
  if (scope == NULL) return (ek_variable_scope){0};
  *scope = *from;
  override(g, scope, o);
  if (reentered) {
    enter_name_scope(g, last_part(from->name), o->auxiliary_name_scope);
  } else {
    enter_name_scope(g, name != NULL ? name : o->default_name, o->auxiliary_name_scope);
    if (name == NULL) name = unique_default(g, s, from->name, o->default_name);
    scope->name = name != NULL ? join(g, from->name, name) : NULL;
    scope->original_name_scope = g->scope;
  }
  if (g->status.code == EK_OK) enter(g, s, scope, reentered, &st);
  return (ek_variable_scope){ek__graph_take(g, &st) && g->status.code == EK_OK ? s->current : 0};
}

/* ---- end */

void ek_variable_scope_end(ek_graph *g) {
  ek__variable_scopes *s = g->scopes;
  ek_status st = EK_STATUS_INIT;
  ek__pop_frame(g, EK__FRAME_VARIABLES);
  if (s == NULL || s->n_open == 0 || g->status.code != EK_OK) return; /* after an error its begin may have failed */
  const ek__open_scope open = s->open[--s->n_open];
  if (open.reentered) {
    for (; s->n_changes > open.n_changes; s->n_changes--) {
      const ek__count_change *c = &s->changes[s->n_changes - 1];
      s->counts[c->index].count = c->old;
      s->lowered++;
    }
    s->n_reentered--;
  } else {
    forget_inside(g, s, open.name, &st);
  }
  s->current = open.outer;
  (void)ek__graph_take(g, &st);
}

/* ---- looking */

ek_variable_scope ek_get_variable_scope(ek_graph *g) {
  const ek__variable_scopes *s = ek__graph_ok(g) ? ek__scopes(g) : NULL;
  return (ek_variable_scope){s != NULL ? s->current : 0};
}

const char *ek_variable_scope_name(const ek_graph *g, ek_variable_scope scope) {
  const ek__scope *r = ek__scope_at(g, scope);
  return r != NULL ? r->name : "";
}

const char *ek_variable_scope_original_name_scope(const ek_graph *g, ek_variable_scope scope) {
  const ek__scope *r = ek__scope_at(g, scope);
  return r != NULL ? r->original_name_scope : "";
}

ek_reuse ek_variable_scope_reuse(const ek_graph *g, ek_variable_scope scope) {
  const ek__scope *r = ek__scope_at(g, scope);
  return r != NULL ? r->reuse : EK_REUSE_INHERIT;
}

void ek_variable_scope_reuse_variables(ek_graph *g, ek_variable_scope scope) {
  ek__scope *r = ek__scope_at(g, scope);
  if (r != NULL) r->reuse = EK_REUSE;
}

const char *ek_variable_scope_filter(ek_graph *g, ek_variable_scope scope) {
  const char *name = ek_variable_scope_name(g, scope);
  const char *filter = *name != '\0' ? ek__graph_printf(g, "%s/", name) : "";
  return filter != NULL ? filter : "";
}
