/* SPDX-License-Identifier: Apache-2.0 */
#include "graph/context.h"

#include <string.h>

ek__context *ek__context_new(ek_graph *g, ek__context_kind kind, const char *name) {
  ek_status st = EK_STATUS_INIT;
  ek__context *c = ek__graph_alloc(g, 1, sizeof *c);
  if (c == NULL || !ek__graph_ok(g)) return NULL;
  *c =
      (ek__context){.kind = kind, .parent = g->context, .number = g->n_contexts, .name = ek_unique_name(g, name, true)};
  if (ek__grow(g->allocator, &g->contexts, &g->cap_contexts, g->n_contexts + 1, sizeof(ek__context *), &st) == EK_OK)
    g->contexts[g->n_contexts++] = c;
  return ek__graph_take(g, &st) ? c : NULL;
}

bool ek__context_holds(const ek_graph *g, const ek__context *c, ek_op op) {
  const ek__node *n = ek__node_of(g, op);
  for (const ek__context *p = n != NULL ? n->context : NULL; p != NULL; p = p->parent)
    if (p == c) return true;
  return false;
}

ek__context *ek__context_loop(ek__context *c) {
  while (c != NULL && c->kind != EK__WHILE) c = c->parent;
  return c;
}

static bool is_type(const ek_graph *g, ek_op op, const char *type, const char *ref_type) {
  const ek__node *n = ek__node_of(g, op);
  return n != NULL && (strcmp(n->type, type) == 0 || strcmp(n->type, ref_type) == 0);
}

bool ek__is_exit_op(const ek_graph *g, ek_op op) { return is_type(g, op, "Exit", "RefExit"); }

bool ek__is_enter_op(const ek_graph *g, ek_op op) { return is_type(g, op, "Enter", "RefEnter"); }

bool ek__is_constant_enter(const ek_graph *g, ek_op op) {
  const ek_attr *constant = ek__is_enter_op(g, op) ? ek_op_attr(g, op, "is_constant") : NULL;
  return constant != NULL && constant->v.b;
}

ek__context *ek__output_context(const ek_graph *g, ek_op op) {
  const ek__node *n = ek__node_of(g, op);
  ek__context *c = n != NULL ? n->context : NULL;
  return c != NULL && ek__is_exit_op(g, op) ? c->parent : c;
}

/* ---- the map of externals */

static ek__external *slot(const ek__out_map *m, ek_out from) {
  uint32_t h = (uint32_t)from.op * 2654435769u ^ (uint32_t)from.index * 40503u;
  for (h ^= h >> 15;; h++) {
    ek__external *e = &m->at[h & (uint32_t)(m->cap - 1)];
    if (e->from.op == 0 || (e->from.op == from.op && e->from.index == from.index)) return e;
  }
}

ek_out ek__out_map_get(const ek__out_map *m, ek_out from) { return m->cap > 0 ? slot(m, from)->to : (ek_out){0, 0}; }

void ek__out_map_set(ek_graph *g, ek__out_map *m, ek_out from, ek_out to) {
  if (2 * (m->n + 1) > m->cap) {
    const ek__out_map old = *m;
    const int cap = old.cap == 0 ? 16 : old.cap * 2;
    ek__external *grown = ek__graph_alloc(g, (size_t)cap, sizeof *grown);
    if (grown == NULL) return;
    m->at = grown;
    m->cap = cap;
    for (int i = 0; i < old.cap; i++)
      if (old.at[i].from.op != 0) *slot(m, old.at[i].from) = old.at[i];
  }
  ek__external *e = slot(m, from);
  m->n += e->from.op == 0;
  *e = (ek__external){from, to};
}

ek_out ek__context_external(const ek__context *c, ek_out from) {
  const ek_out to = ek__out_map_get(&c->externals, from);
  return to.op == EK__ITSELF ? from : to;
}

void ek__context_add_name(ek_graph *g, ek__context *c, ek_out value) {
  if (ek__context_external(c, value).op == 0) ek__context_set_external(g, c, value, (ek_out){EK__ITSELF, 0});
}

void ek__context_set_external(ek_graph *g, ek__context *c, ek_out from, ek_out to) {
  ek__out_map_set(g, &c->externals, from, to);
}

/* ---- capturing */

ek_op ek__switch_ref_or_tensor(ek_graph *g, ek_out data, ek_out pred) {
  const char *name = ek__unname(&g);
  const char *type = ek_out_is_ref(g, data) ? "RefSwitch" : "Switch";
  ek_colocate_with_begin(g, ek_out_op(data), true);
  const ek_op op = ek_build(ek_named(g, name != NULL ? name : "Switch"), type, EK_OUTS(data, pred), EK_NO_ATTRS);
  ek_colocate_with_end(g);
  return op;
}

ek_out ek__switch_for(ek_graph *g, ek_out data, ek_out pred, int branch) {
  ek_control_dependencies_clear_begin(
      g); /* a Switch waits for its data only, and is no member of the inner context by itself */
  const ek_op op = ek__switch_ref_or_tensor(g, data, pred);
  ek_control_dependencies_end(g);
  ek__node *n = ek__node_of(g, op);
  if (n == NULL) return (ek_out){0, 0};
  n->not_fetchable = true;
  return ek_op_output(op, branch);
}

ek_out ek__context_add_value(ek_graph *g, ek__context *c, ek_out value) {
  const ek_out known = ek__context_external(c, value);
  if (known.op != 0) return known;
  if (ek__context_holds(g, c, ek_out_op(value))) return value;
  if (c->kind == EK__WHILE) return ek__loop_add_value(g, c, value);
  ek_out result = value;
  if (c->parent != NULL) {
    result = ek__context_add_value(g, c->parent, value);
    ek__context_set_external(g, c, result, result);
  }
  result = ek__switch_for(g, result, c->pred, c->branch);
  ek__node *n = ek__node_of(g, ek_out_op(result));
  if (n == NULL) return value;
  n->context = c;
  ek__context_set_external(g, c, value, result);
  return result;
}

void ek__cond_add_op(ek_graph *g, ek__context *c, ek_op op) {
  const int n_inputs = ek_op_num_inputs(g, op);
  if (n_inputs == 0) {
    (void)ek__remove_external_controls(g, c, op, NULL, 0);
    bool inside = false;
    for (int i = 0; i < ek_op_num_control_inputs(g, op); i++)
      inside = inside || ek__context_holds(g, c, ek_op_control_input(g, op, i));
    if (!inside && !ek__node_has_control(g, op, ek_out_op(c->pivot))) ek__node_add_control(g, op, ek_out_op(c->pivot));
  }
  for (int i = 0; i < n_inputs; i++) {
    const ek_out x = ek_op_input(g, op, i);
    if (strcmp(ek_op_type(g, op), "Merge") == 0 && strcmp(ek_op_type(g, ek_out_op(x)), "NextIteration") == 0) continue;
    const ek_out real = ek__context_add_value(g, c, x);
    if (real.op != x.op || real.index != x.index) ek__node_set_input(g, op, i, real);
  }
  if (n_inputs > 0) (void)ek__remove_external_controls(g, c, op, NULL, 0);
  if (c->parent != NULL || !ek__is_exit_op(g, op)) ek__node_of(g, op)->not_fetchable = true;
}

void ek__context_add_op(ek_graph *g, ek_op op) {
  ek__context *c = ek__node_of(g, op)->context;
  if (c != NULL && c->kind == EK__COND) ek__cond_add_op(g, c, op);
  if (c != NULL && c->kind == EK__WHILE) ek__loop_add_op(g, c, op);
}
