/* SPDX-License-Identifier: Apache-2.0 */
#include "graph/graph.h"
#include "graph/indexed_slices.h"

#include "graph/variables.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum { PRODUCER = 134 }; /* the graph version that TensorFlow 1.15 writes */

ek_graph *ek_graph_new(const ek_graph_opts *opts) {
  const ek_allocator *a = opts != NULL && opts->allocator != NULL ? opts->allocator : ek_allocator_default();
  ek_graph *g = ek__alloc(a, sizeof *g);
  if (g == NULL) return NULL;
  atomic_init(&g->refs, 1);
  g->handle.graph = g;
  g->allocator = a;
  g->scope = "";
  g->producer = PRODUCER;
  ek__arena_init(&g->arena, a);
  ek__map_init(&g->ops_by_name, a);
  ek__map_init(&g->names_in_use, a);
  ek__map_init(&g->signatures, a);
  ek__map_init(&g->grad_cache, a);
  if (opts != NULL && opts->version != 1u)
    ek_graph_fail(g, EK_INVALID_ARGUMENT, "ek_graph_new: options of version %u; start from EK_GRAPH_OPTS_INIT",
                  opts->version);
  return g;
}

void ek__graph_ref(ek_graph *g) { atomic_fetch_add_explicit(&g->refs, 1, memory_order_relaxed); }

void ek_graph_free(ek_graph *g) {
  if (g == NULL || atomic_fetch_sub_explicit(&g->refs, 1, memory_order_acq_rel) != 1) return;
  const ek_allocator *a = g->allocator;
  for (int i = 0; i < g->n_tensors; i++) ek_tensor_free(g->tensors[i]);
  for (int i = 0; i < g->n_literals; i++) ek_tensor_free(g->literals[i].value);
  for (int i = 0; i < g->n_collections; i++)
    ek__free(a, g->collections[i].items, (size_t)g->collections[i].cap * sizeof(ek_item));
  ek__variables_free(g);
  ek__free(a, g->nodes, (size_t)g->cap_nodes * sizeof *g->nodes);
  ek__free(a, g->colocation, (size_t)g->cap_colocation * sizeof *g->colocation);
  ek__free(a, g->frames, (size_t)g->cap_frames * sizeof *g->frames);
  ek__free(a, g->literals, (size_t)g->cap_literals * sizeof *g->literals);
  ek__free(a, g->collections, (size_t)g->cap_collections * sizeof *g->collections);
  ek__free(a, g->tensors, (size_t)g->cap_tensors * sizeof(ek_tensor *));
  ek__free(a, g->contexts, (size_t)g->cap_contexts * sizeof(ek__context *));
  ek__map_fini(&g->ops_by_name);
  ek__map_fini(&g->names_in_use);
  ek__map_fini(&g->signatures);
  ek__map_fini(&g->grad_cache);
  ek__arena_fini(&g->arena);
  ek__free(a, g, sizeof *g);
}

/* ---- errors */

ek_code ek_graph_status(const ek_graph *g, ek_status *st) {
  if (st != NULL) *st = g->status;
  return g->status.code;
}

void ek_graph_fail(ek_graph *g, ek_code code, const char *fmt, ...) {
  if (g->status.code != EK_OK) return;
  char text[sizeof g->status.msg];
  va_list ap;
  va_start(ap, fmt);
  (void)vsnprintf(text, sizeof text, fmt, ap);
  va_end(ap);
  (void)ek_status_set(&g->status, code, "%s", text);
}

void ek_graph_finalize(ek_graph *g) { g->finalized = true; }

bool ek__graph_ok(ek_graph *g) {
  if (g->finalized) ek_graph_fail(g, EK_FAILED_PRECONDITION, "the graph is finalized and cannot be changed");
  return g->status.code == EK_OK;
}

bool ek__graph_take(ek_graph *g, const ek_status *st) {
  if (st->code != EK_OK) ek_graph_fail(g, st->code, "%s", st->msg);
  return st->code == EK_OK;
}

ek_code ek__graph_no_memory(ek_graph *g) {
  ek_graph_fail(g, EK_RESOURCE_EXHAUSTED, "out of memory while building a graph of %d ops", g->n_nodes);
  return EK_RESOURCE_EXHAUSTED;
}

void ek_set_random_seed(ek_graph *g, int64_t seed) {
  g->seed = seed;
  g->has_seed = true;
}

/* ---- memory */

void *ek__graph_alloc(ek_graph *g, size_t count, size_t size) {
  void *p = ek__arena_array(&g->arena, count, size);
  if (p == NULL) (void)ek__graph_no_memory(g);
  return p;
}

char *ek__graph_strdup(ek_graph *g, const char *s) {
  char *p = ek__arena_strdup(&g->arena, s);
  if (p == NULL) (void)ek__graph_no_memory(g);
  return p;
}

static char *format(ek_graph *g, const char *fmt, va_list ap) {
  va_list again;
  va_copy(again, ap);
  const int n = vsnprintf(NULL, 0, fmt, ap);
  char *p = n >= 0 ? ek__graph_alloc(g, (size_t)n + 1, 1) : NULL;
  if (p != NULL) (void)vsnprintf(p, (size_t)n + 1, fmt, again);
  va_end(again);
  return p;
}

char *ek__graph_printf(ek_graph *g, const char *fmt, ...) {
  va_list ap;
  va_start(ap, fmt);
  char *p = format(g, fmt, ap);
  va_end(ap);
  return p;
}

void *ek_graph_alloc(ek_graph *g, size_t size) {
  (void)ek__unname(&g);
  return ek__graph_alloc(g, size, 1);
}

void **ek_graph_slot(ek_graph *g, const char *key) {
  (void)ek__unname(&g);
  ek__graph_slot **at = &g->slots;
  while (*at != NULL && strcmp((*at)->key, key) != 0) at = &(*at)->next;
  if (*at == NULL) {
    ek__graph_slot *fresh = ek__graph_alloc(g, sizeof *fresh, 1);
    if (fresh == NULL || (fresh->key = ek__graph_strdup(g, key)) == NULL) return NULL;
    *at = fresh;
  }
  return &(*at)->value;
}

const char *ek_graph_text(ek_graph *g, const char *fmt, ...) {
  (void)ek__unname(&g);
  va_list ap;
  va_start(ap, fmt);
  const char *p = format(g, fmt, ap);
  va_end(ap);
  return p;
}

const ek__signature *ek__graph_signature(ek_graph *g, const char *type) {
  const int64_t *known = ek__map_get(&g->signatures, type);
  if (known != NULL) return (const ek__signature *)(intptr_t)*known;
  const ek_op_def *def = ek__op_find(type);
  if (def == NULL) return NULL;
  ek__signature *s = ek__graph_alloc(g, 1, sizeof *s);
  ek_status st = EK_STATUS_INIT;
  if (s == NULL) return NULL;
  if (ek__signature_parse(def, &g->arena, s, &st) == EK_OK)
    (void)ek__map_put(&g->signatures, def->name, (intptr_t)s, &st);
  return ek__graph_take(g, &st) ? s : NULL;
}

/* ---- looking */

ek__node *ek__node_of(const ek_graph *g, ek_op op) {
  return op.id > 0 && op.id <= g->n_nodes ? &g->nodes[op.id - 1] : NULL;
}

const ek__type *ek__type_of(const ek_graph *g, ek_out out) {
  const ek__node *n = ek__node_of(g, ek_out_op(out));
  return n != NULL && out.index >= 0 && out.index < n->n_outputs ? &n->outputs[out.index] : NULL;
}

int ek_graph_num_ops(const ek_graph *g) { return g->n_nodes; }

ek_op ek_graph_op(const ek_graph *g, int i) { return (ek_op){i >= 0 && i < g->n_nodes ? i + 1 : 0}; }

static ek_op find_op(const ek_graph *g, const char *name, size_t size) {
  const int64_t *id = ek__map_get_n(&g->ops_by_name, name, size);
  return (ek_op){id != NULL ? (int32_t)*id : 0};
}

ek_op ek_graph_find_op(const ek_graph *g, const char *name) { return find_op(g, name, strlen(name)); }

ek_out ek_graph_find_out(const ek_graph *g, const char *name) {
  const char *colon = strrchr(name, ':');
  size_t size = strlen(name);
  int index = 0;
  if (colon != NULL) {
    size = (size_t)(colon - name);
    if (colon[1] == '\0' || strspn(colon + 1, "0123456789") != strlen(colon + 1) || strlen(colon + 1) > 6)
      return (ek_out){0, 0};
    for (const char *p = colon + 1; *p != '\0'; p++) index = index * 10 + (*p - '0');
  }
  const ek_out out = ek_op_output(find_op(g, name, size), index);
  return ek__type_of(g, out) != NULL ? out : (ek_out){0, 0};
}

const char *ek_op_name(const ek_graph *g, ek_op op) {
  const ek__node *n = ek__node_of(g, op);
  return n != NULL ? n->name : "";
}

const char *ek_op_type(const ek_graph *g, ek_op op) {
  const ek__node *n = ek__node_of(g, op);
  return n != NULL ? n->type : "";
}

const char *ek_op_device(const ek_graph *g, ek_op op) {
  const ek__node *n = ek__node_of(g, op);
  return n != NULL ? n->device : "";
}

int ek_op_num_inputs(const ek_graph *g, ek_op op) {
  const ek__node *n = ek__node_of(g, op);
  return n != NULL ? n->n_inputs : 0;
}

ek_out ek_op_input(const ek_graph *g, ek_op op, int i) {
  const ek__node *n = ek__node_of(g, op);
  return n != NULL && i >= 0 && i < n->n_inputs ? n->inputs[i] : (ek_out){0, 0};
}

int ek_op_num_control_inputs(const ek_graph *g, ek_op op) {
  const ek__node *n = ek__node_of(g, op);
  return n != NULL ? n->n_controls : 0;
}

ek_op ek_op_control_input(const ek_graph *g, ek_op op, int i) {
  const ek__node *n = ek__node_of(g, op);
  return (ek_op){n != NULL && i >= 0 && i < n->n_controls ? n->controls[i] : 0};
}

int ek_op_num_outputs(const ek_graph *g, ek_op op) {
  const ek__node *n = ek__node_of(g, op);
  return n != NULL ? n->n_outputs : 0;
}

ek_dtype ek_out_dtype(const ek_graph *g, ek_out out) {
  const ek__type *t = ek__type_of(g, out);
  if (out.op < 0) return ek__literal_dtype(g, out);
  return t != NULL ? t->dtype : EK_INVALID_DTYPE;
}

bool ek_out_is_ref(const ek_graph *g, ek_out out) {
  const ek__type *t = ek__type_of(g, out);
  return t != NULL && t->is_ref;
}

ek_shape ek_out_shape(const ek_graph *g, ek_out out) {
  const ek__type *t = ek__type_of(g, out);
  ek_indexed_slices slices;
  if (ek_indexed_slices_of(g, out, &slices)) return ek__slices_shape(g, slices);
  if (ek__is_number(g, out)) return g->literals[-out.op - 1].value->shape;
  if (out.op < 0 && -out.op <= g->n_literals) return ek_variable_shape(g, g->literals[-out.op - 1].variable);
  return t != NULL ? t->shape : ek_shape_unknown();
}

static int attr_place(const ek__node *n, const char *name, bool *found) {
  int low = 0, high = n->n_attrs;
  *found = false;
  while (low < high) {
    const int mid = (low + high) / 2, order = strcmp(n->attrs[mid].name, name);
    if (order == 0) *found = true;
    if (order < 0)
      low = mid + 1;
    else
      high = mid;
  }
  return low;
}

const ek_attr *ek_op_attr(const ek_graph *g, ek_op op, const char *name) {
  const ek__node *n = ek__node_of(g, op);
  bool found = false;
  const int i = n != NULL ? attr_place(n, name, &found) : 0;
  return found ? &n->attrs[i] : NULL;
}

int ek_op_num_attrs(const ek_graph *g, ek_op op) {
  const ek__node *n = ek__node_of(g, op);
  return n != NULL ? n->n_attrs : 0;
}

const ek_attr *ek_op_attr_at(const ek_graph *g, ek_op op, int i) {
  const ek__node *n = ek__node_of(g, op);
  return n != NULL && i >= 0 && i < n->n_attrs ? &n->attrs[i] : NULL;
}
