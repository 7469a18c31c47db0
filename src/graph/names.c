/* SPDX-License-Identifier: Apache-2.0 */
/* Names: uniquification and name scopes, rule by rule as in TensorFlow's Graph. */
#include "graph/graph.h"

#include <stdio.h>
#include <string.h>

#define LETTERS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"

/* A scope inside another may begin with what an op's name may not. */
static bool valid(const char *name, bool inside) {
  const size_t first = strspn(name, inside ? LETTERS "._-/\\" : LETTERS ".");
  return first > 0 && name[strspn(name, LETTERS "_.\\-/")] == '\0';
}

static char *lower(ek_graph *g, const char *s) {
  char *p = ek__graph_strdup(g, s);
  for (char *c = p; c != NULL && *c != '\0'; c++)
    if (*c >= 'A' && *c <= 'Z') *c = (char)(*c - 'A' + 'a');
  return p;
}

static bool mark_used(ek_graph *g, const char *key, int64_t next) {
  ek_status st = EK_STATUS_INIT;
  (void)ek__map_put(&g->names_in_use, key, next, &st);
  return ek__graph_take(g, &st);
}

const char *ek_unique_name(ek_graph *g, const char *name, bool mark) {
  if (g->status.code != EK_OK) return "";
  const char *full = *g->scope == '\0' ? ek__graph_strdup(g, name) : ek__graph_printf(g, "%s/%s", g->scope, name);
  const char *key = full != NULL ? lower(g, full) : NULL;
  if (key == NULL) return "";
  const int64_t *known = ek__map_get(&g->names_in_use, key);
  int64_t k = known != NULL ? *known : 0;
  if (mark && !mark_used(g, key, k + 1)) return "";
  if (k == 0) return full;
  char *tried = ek__graph_alloc(g, strlen(key) + 24, 1);
  if (tried == NULL) return "";
  do {
    (void)snprintf(tried, strlen(key) + 24, "%s_%lld", key, (long long)k);
    k++;
  } while (ek__map_get(&g->names_in_use, tried) != NULL);
  if (mark && !mark_used(g, tried, 1)) return "";
  const char *made = ek__graph_printf(g, "%s_%lld", full, (long long)(k - 1));
  return made != NULL ? made : "";
}

ek_graph *ek_named(ek_graph *g, const char *name) {
  (void)ek__unname(&g);
  if (name == NULL || g->status.code != EK_OK) return g;
  ek__handle *h = ek__graph_alloc(g, 1, sizeof *h);
  const char *copy = h != NULL ? ek__graph_strdup(g, name) : NULL;
  if (copy == NULL) return g;
  *h = (ek__handle){g, copy};
  return (ek_graph *)(void *)h;
}

const char *ek_given_name(ek_graph *g) { return ek__unname(&g); }

ek_graph *ek_named_scope(ek_graph *g) {
  (void)ek__unname(&g);
  return ek_named(g, ek__graph_printf(g, "%s/", g->scope));
}

const char *ek__unname(ek_graph **g) {
  const ek__handle *h = (const ek__handle *)(const void *)*g;
  *g = h->graph;
  return h->name;
}

const char *ek_current_name_scope(const ek_graph *g) { return g->scope; }

const char *ek__scope_for(ek_graph *g, const char *name) {
  if (name == NULL || *name == '\0') return "";
  const size_t n = strlen(name);
  if (!valid(name, *g->scope != '\0')) {
    ek_graph_fail(g, EK_INVALID_ARGUMENT, "name scope '%s' is not a valid scope name", name);
    return "";
  }
  if (name[n - 1] != '/') return ek_unique_name(g, name, true);
  const char *absolute = ek__arena_strndup(&g->arena, name, n - 1);
  if (absolute == NULL) (void)ek__graph_no_memory(g);
  return absolute != NULL ? absolute : "";
}

void ek__push_scope(ek_graph *g, const char *full_scope) {
  if (ek__push_frame(g, EK__FRAME_NAME, "name scope") != NULL) g->scope = full_scope;
}

const char *ek_name_scope_begin(ek_graph *g, const char *name) {
  const char *scope = ek__graph_ok(g) ? ek__scope_for(g, name) : "";
  ek__push_scope(g, scope);
  return scope;
}

ek_graph *ek_composite_begin(ek_graph *g, const char *default_name) {
  const char *name = ek__unname(&g);
  (void)ek_name_scope_begin(g, name != NULL ? name : default_name);
  return g;
}

void ek_name_scope_end(ek_graph *g) { ek__pop_frame(g, EK__FRAME_NAME); }
