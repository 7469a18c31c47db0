/* SPDX-License-Identifier: Apache-2.0 */
#include "graph/variables.h"

#include <regex.h>
#include <string.h>

static ek__collection *find(const ek_graph *g, const char *key) {
  for (int i = 0; i < g->n_collections; i++)
    if (strcmp(g->collections[i].key, key) == 0) return &g->collections[i];
  return NULL;
}

static ek__collection *find_or_make(ek_graph *g, const char *key, ek_status *st) {
  ek__collection *c = find(g, key);
  if (c != NULL) return c;
  if (ek__grow(g->allocator, &g->collections, &g->cap_collections, g->n_collections + 1, sizeof *c, st) != EK_OK)
    return NULL;
  const char *copy = ek__arena_strdup(&g->arena, key);
  if (copy == NULL) {
    (void)ek__no_memory(st, "a collection", strlen(key));
    return NULL;
  }
  c = &g->collections[g->n_collections++];
  *c = (ek__collection){.key = copy};
  return c;
}

void ek_add_to_collection(ek_graph *g, const char *key, ek_item item) {
  ek_status st = EK_STATUS_INIT;
  if (!ek__graph_ok(g)) return;
  if ((item.kind == EK_ITEM_OP && ek__node_of(g, item.v.op) == NULL) ||
      (item.kind == EK_ITEM_OUT && ek__type_of(g, item.v.out) == NULL)) {
    ek_graph_fail(g, EK_INVALID_ARGUMENT, "collection '%s': the item is not of this graph", key);
    return;
  }
  if (item.kind == EK_ITEM_BYTES || item.kind == EK_ITEM_ANY || item.kind == EK_ITEM_NAME) {
    if (item.v.bytes.size == SIZE_MAX) item.v.bytes.size = strlen(item.v.bytes.data);
    item.v.bytes.data = ek__arena_strndup(&g->arena, item.v.bytes.data, item.v.bytes.size);
    if (item.v.bytes.data == NULL) (void)ek__no_memory(&st, "a collection", item.v.bytes.size);
  }
  ek__collection *c = st.code == EK_OK ? find_or_make(g, key, &st) : NULL;
  if (c != NULL && ek__grow(g->allocator, &c->items, &c->cap, c->n + 1, sizeof *c->items, &st) == EK_OK)
    c->items[c->n++] = item;
  (void)ek__graph_take(g, &st);
}

void ek_add_to_collections(ek_graph *g, const char *const *keys, int n, ek_item item) {
  for (int i = 0; i < n; i++) {
    bool twice = false;
    for (int k = 0; k < i && !twice; k++) twice = strcmp(keys[k], keys[i]) == 0;
    if (!twice) ek_add_to_collection(g, keys[i], item);
  }
}

void ek_add_op_to_collection(ek_graph *g, const char *key, ek_op op) {
  ek_add_to_collection(g, key, (ek_item){.kind = EK_ITEM_OP, .v.op = op});
}

void ek_add_out_to_collection(ek_graph *g, const char *key, ek_out out) {
  ek_add_to_collection(g, key, (ek_item){.kind = EK_ITEM_OUT, .v.out = out});
}

void ek_add_variable_to_collection(ek_graph *g, const char *key, ek_variable v) {
  ek_add_to_collection(g, key, (ek_item){.kind = EK_ITEM_VARIABLE, .v.variable = v});
}

void ek_clear_collection(ek_graph *g, const char *key) {
  ek__collection *c = find(g, key);
  if (!ek__graph_ok(g) || c == NULL) return;
  ek__free(g->allocator, c->items, (size_t)c->cap * sizeof *c->items);
  memmove(c, c + 1, (size_t)(g->collections + g->n_collections - (c + 1)) * sizeof *c);
  g->n_collections--;
}

int ek_collection_size(const ek_graph *g, const char *key) {
  const ek__collection *c = find(g, key);
  return c != NULL ? c->n : 0;
}

ek_item ek_collection_item(const ek_graph *g, const char *key, int i) {
  const ek__collection *c = find(g, key);
  return c != NULL && i >= 0 && i < c->n ? c->items[i] : (ek_item){.kind = EK_ITEM_OP};
}

int ek_num_collections(const ek_graph *g) { return g->n_collections; }

const char *ek_collection_key(const ek_graph *g, int i) {
  return i >= 0 && i < g->n_collections ? g->collections[i].key : "";
}

/* ---- get_collection with its filter */

static const char *item_name(ek_graph *g, const ek_item *item) {
  switch (item->kind) {
  case EK_ITEM_OP: return ek_op_name(g, item->v.op);
  case EK_ITEM_OUT: return ek__graph_printf(g, "%s:%d", ek_op_name(g, ek_out_op(item->v.out)), item->v.out.index);
  case EK_ITEM_VARIABLE: return ek__graph_printf(g, "%s:0", ek_variable_name(g, item->v.variable));
  default: return NULL; /* has no name attribute */
  }
}

/* Python's classes of characters and groups that do not capture, in the words of POSIX; anchored at the start only. */
static const char *posix_pattern(ek_graph *g, const char *scope) {
  enum { LONGEST = 10 }; /* of what stands for two characters */
  char *pattern = ek__graph_alloc(g, LONGEST * strlen(scope) + sizeof "^(.*)", 1), *to = pattern;
  if (pattern == NULL) return NULL;
  bool in_class = false;
  to = stpcpy(to, "^(");
  for (const char *p = scope; *p != '\0'; p++) {
    if (p[0] == '\\' && p[1] == 'd')
      to = stpcpy(to, in_class ? "0-9" : "[0-9]"), p++;
    else if (p[0] == '\\' && p[1] == 'w')
      to = stpcpy(to, in_class ? "[:alnum:]_" : "\\w"), p++;
    else if (p[0] == '\\' && p[1] != '\0' && !in_class)
      *to++ = *p++, *to++ = *p;
    else if (strncmp(p, "(?:", 3) == 0 && !in_class)
      *to++ = '(', p += 2;
    else
      in_class = in_class ? *p != ']' : *p == '[', *to++ = *p;
  }
  (void)strcpy(to, *scope != '\0' ? ")" : ".*)");
  return pattern;
}

/* Calls keep(ctx, item) for every item that scope lets through: re.match, anchored at the start only. */
static void each(ek_graph *g, const char *key, const char *scope,
                 void (*keep)(void *ctx, ek_graph *g, const ek_item *item), void *ctx) {
  const ek__collection *c = find(g, key);
  regex_t re;
  if (c == NULL || g->status.code != EK_OK) return;
  if (scope != NULL) {
    const char *anchored = posix_pattern(g, scope);
    if (anchored == NULL) return;
    if (regcomp(&re, anchored, REG_EXTENDED | REG_NOSUB) != 0) {
      ek_graph_fail(g, EK_INVALID_ARGUMENT, "collection '%s': scope '%s' is not a regular expression", key, scope);
      return;
    }
  }
  for (int i = 0; i < c->n; i++) {
    const char *name = scope != NULL ? item_name(g, &c->items[i]) : "";
    if (scope == NULL || (name != NULL && regexec(&re, name, 0, NULL, 0) == 0)) keep(ctx, g, &c->items[i]);
  }
  if (scope != NULL) regfree(&re);
}

typedef struct list {
  void *items; /* room for the whole collection, in the graph's arena */
  int n;
} list;

static bool list_init(ek_graph *g, list *l, const char *key, size_t size) {
  const int n = ek_collection_size(g, key);
  l->n = 0;
  l->items = n > 0 && g->status.code == EK_OK ? ek__graph_alloc(g, (size_t)n, size) : NULL;
  return l->items != NULL;
}

static void keep_op(void *ctx, ek_graph *g, const ek_item *item) {
  list *l = ctx;
  ek_op op = {0};
  if (item->kind == EK_ITEM_OP) op = item->v.op;
  if (item->kind == EK_ITEM_OUT) op = ek_out_op(item->v.out);
  if (item->kind == EK_ITEM_VARIABLE) op = ek_variable_op(g, item->v.variable);
  if (op.id != 0) ((ek_op *)l->items)[l->n++] = op;
}

static void keep_out(void *ctx, ek_graph *g, const ek_item *item) {
  list *l = ctx;
  (void)g;
  if (item->kind == EK_ITEM_OUT) ((ek_out *)l->items)[l->n++] = item->v.out;
}

static void keep_variable(void *ctx, ek_graph *g, const ek_item *item) {
  list *l = ctx;
  (void)g;
  if (item->kind == EK_ITEM_VARIABLE) ((ek_variable *)l->items)[l->n++] = item->v.variable;
}

ek_ops ek_get_collection_ops(ek_graph *g, const char *key, const char *scope) {
  list l;
  if (list_init(g, &l, key, sizeof(ek_op))) each(g, key, scope, keep_op, &l);
  return (ek_ops){l.items, l.n};
}

ek_outs ek_get_collection_outs(ek_graph *g, const char *key, const char *scope) {
  list l;
  if (list_init(g, &l, key, sizeof(ek_out))) each(g, key, scope, keep_out, &l);
  return (ek_outs){l.items, l.n};
}

ek_variables ek_get_collection_variables(ek_graph *g, const char *key, const char *scope) {
  list l;
  if (list_init(g, &l, key, sizeof(ek_variable))) each(g, key, scope, keep_variable, &l);
  return (ek_variables){l.items, l.n};
}
