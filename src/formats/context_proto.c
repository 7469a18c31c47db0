/* SPDX-License-Identifier: Apache-2.0 */
#include "formats/meta_graph.h"

#include "formats/wire.h"

#include <stdlib.h>
#include <string.h>

/* ---- reading */

static ek_code find_out(const ek_graph *g, const char *context, const char *name, ek_out *out, ek_status *st) {
  *out = ek_graph_find_out(g, name);
  EK_REQUIRE(out->op != 0, st, EK_INVALID_ARGUMENT, "context '%.80s': the graph has no '%.80s'", context, name);
  return EK_OK;
}

/* As ek__context_new, but the name is taken. */
static ek_code add_context(ek_graph *g, ek__context_kind kind, const char *name, ek__context *parent, ek__context **out,
                           ek_status *st) {
  ek__context *c = ek__graph_alloc(g, 1, sizeof *c);
  const char *copy = ek__graph_strdup(g, name);
  *out = c;
  if (c == NULL || copy == NULL) return ek_graph_status(g, st);
  EK_TRY(ek__grow(g->allocator, &g->contexts, &g->cap_contexts, g->n_contexts + 1, sizeof(ek__context *), st));
  *c = (ek__context){.kind = kind, .parent = parent, .number = g->n_contexts, .name = copy};
  g->contexts[g->n_contexts++] = c;
  return EK_OK;
}

/* What a ValuesDef says: outside values with what stands for them inside, and, by all other names, the context's nodes.
 */
static ek_code take_values(ek_graph *g, const Ek__ValuesDef *values, ek__context *c, ek_status *st) {
  if (values == NULL) return EK_OK;
  ek__map outside;
  ek__map_init(&outside, g->allocator);
  ek_code code = EK_OK;
  for (size_t i = 0; code == EK_OK && i < values->n_external_values; i++) {
    const Ek__StringEntry *e = values->external_values[i];
    ek_out from, to;
    code = find_out(g, c->name, e->key, &from, st);
    if (code == EK_OK) code = find_out(g, c->name, e->value, &to, st);
    if (code == EK_OK) code = ek__map_put(&outside, e->key, 1, st);
    if (code == EK_OK) ek__context_set_external(g, c, from, to);
  }
  for (size_t i = 0; code == EK_OK && i < values->n_values; i++) {
    ek_out value;
    if (ek__map_get(&outside, values->values[i]) != NULL) continue;
    code = find_out(g, c->name, values->values[i], &value, st);
    if (code == EK_OK) ek__node_of(g, ek_out_op(value))->context = c;
  }
  ek__map_fini(&outside);
  return code == EK_OK ? ek_graph_status(g, st) : code;
}

static ek_code take_nested(ek_graph *g, Ek__ControlFlowContextDef *const *nested, size_t n, ek__context *c,
                           ek_status *st) {
  for (size_t i = 0; i < n; i++) {
    ek__context *inner = NULL;
    EK_TRY(ek__context_from_proto(g, nested[i], c, &inner, st));
  }
  return EK_OK;
}

static ek_code cond_from_proto(ek_graph *g, const Ek__CondContextDef *def, ek__context *parent, ek__context **out,
                               ek_status *st) {
  EK_TRY(add_context(g, EK__COND, def->context_name, parent, out, st));
  ek__context *c = *out;
  c->branch = def->branch != 0;
  EK_TRY(find_out(g, c->name, def->pred_name, &c->pred, st));
  EK_TRY(find_out(g, c->name, def->pivot_name, &c->pivot, st));
  EK_TRY(take_values(g, def->values_def, c, st));
  return take_nested(g, def->nested_contexts, def->n_nested_contexts, c, st);
}

static ek_code take_outs(ek_graph *g, const char *context, char *const *names, size_t n, ek__out_list *l,
                         ek_status *st) {
  for (size_t i = 0; i < n; i++) {
    ek_out out;
    EK_TRY(find_out(g, context, names[i], &out, st));
    ek__out_list_add(g, l, out);
  }
  return ek_graph_status(g, st);
}

static ek_code while_from_proto(ek_graph *g, const Ek__WhileContextDef *def, ek__context *parent, ek__context **out,
                                ek_status *st) {
  EK_TRY(add_context(g, EK__WHILE, def->context_name, parent, out, st));
  ek__context *c = *out;
  EK_REQUIRE(def->parallel_iterations > 0, st, EK_INVALID_ARGUMENT,
             "context '%.80s': parallel_iterations is %d, it must be at least 1", c->name, def->parallel_iterations);
  c->parallel_iterations = def->parallel_iterations;
  c->back_prop = def->back_prop != 0;
  c->swap_memory = def->swap_memory != 0;
  EK_TRY(find_out(g, c->name, def->pivot_name, &c->pivot, st));
  EK_TRY(find_out(g, c->name, def->pivot_for_pred_name, &c->pivot_for_pred, st));
  EK_TRY(find_out(g, c->name, def->pivot_for_body_name, &c->pivot_for_body, st));
  if (*def->maximum_iterations_name != '\0')
    EK_TRY(find_out(g, c->name, def->maximum_iterations_name, &c->maximum_iterations, st));
  EK_TRY(take_outs(g, c->name, def->loop_enter_names, def->n_loop_enter_names, &c->enters, st));
  EK_TRY(take_outs(g, c->name, def->loop_exit_names, def->n_loop_exit_names, &c->exits, st));
  EK_TRY(take_values(g, def->values_def, c, st));
  return take_nested(g, def->nested_contexts, def->n_nested_contexts, c, st);
}

ek_code ek__context_from_proto(ek_graph *g, const Ek__ControlFlowContextDef *def, ek__context *parent,
                               ek__context **out, ek_status *st) {
  switch (def->ctxt_case) {
  case EK__CONTROL_FLOW_CONTEXT_DEF__CTXT_COND_CTXT: return cond_from_proto(g, def->cond_ctxt, parent, out, st);
  case EK__CONTROL_FLOW_CONTEXT_DEF__CTXT_WHILE_CTXT: return while_from_proto(g, def->while_ctxt, parent, out, st);
  default: return ek_status_set(st, EK_INVALID_ARGUMENT, "a control flow context that is neither a cond nor a loop");
  }
}

/* ---- writing */

/* Members by group: first[i] counts up to the begin of group i's; place is filled in the order of the members. */
static bool group(ek__arena *arena, const int32_t *group_of, size_t n, size_t n_groups, int32_t **place,
                  int32_t **first) {
  int32_t *begin = ek__arena_array(arena, n_groups + 2, sizeof *begin),
          *members = ek__arena_array(arena, n, sizeof *members);
  *place = members;
  *first = begin;
  if (begin == NULL || members == NULL) return false;
  for (size_t i = 0; i < n; i++)
    if (group_of[i] >= 0) begin[group_of[i] + 2]++;
  for (size_t i = 2; i < n_groups + 2; i++) begin[i] += begin[i - 1];
  for (size_t i = 0; i < n; i++)
    if (group_of[i] >= 0) members[begin[group_of[i] + 1]++] = (int32_t)i;
  return true;
}

ek_code ek__context_index_make(const ek_graph *g, ek__arena *arena, ek__context_index *out, ek_status *st) {
  const size_t n_nodes = (size_t)g->n_nodes, n = (size_t)g->n_contexts;
  int32_t *of_node = ek__arena_array(arena, n_nodes + 1, sizeof *of_node),
          *of_inner = ek__arena_array(arena, n, sizeof *of_inner);
  if (of_node == NULL || of_inner == NULL) return ek__no_memory(st, "contexts", n);
  of_node[0] = -1; /* so that a member is an id */
  for (size_t i = 0; i < n_nodes; i++) of_node[i + 1] = g->nodes[i].context != NULL ? g->nodes[i].context->number : -1;
  for (size_t i = 0; i < n; i++) of_inner[i] = g->contexts[i]->parent != NULL ? g->contexts[i]->parent->number : -1;
  if (!group(arena, of_node, n_nodes + 1, n, &out->nodes, &out->first_node) ||
      !group(arena, of_inner, n, n, &out->inner, &out->first_inner)) {
    return ek__no_memory(st, "contexts", n);
  }
  return EK_OK;
}

static int by_text(const void *a, const void *b) { return strcmp(*(char *const *)a, *(char *const *)b); }

static int by_key(const void *a, const void *b) {
  return strcmp((*(Ek__StringEntry *const *)a)->key, (*(Ek__StringEntry *const *)b)->key);
}

static ek_code add_value(const ek_graph *g, ek_out out, ek__arena *arena, Ek__ValuesDef *def, ek_status *st) {
  def->values[def->n_values] = ek__out_text(g, out, arena, st);
  if (def->values[def->n_values] == NULL) return EK_RESOURCE_EXHAUSTED;
  def->n_values++;
  return EK_OK;
}

static ek_code add_external(const ek_graph *g, ek_out from, ek_out to, ek__arena *arena, Ek__ValuesDef *def,
                            ek_status *st) {
  Ek__StringEntry *e = ek__arena_alloc(arena, sizeof *e);
  if (e == NULL) return ek__no_memory(st, "a context", sizeof *e);
  ek__string_entry__init(e);
  e->key = ek__out_text(g, from, arena, st);
  e->value = ek__out_text(g, to, arena, st);
  if (e->key == NULL || e->value == NULL) return EK_RESOURCE_EXHAUSTED;
  def->external_values[def->n_external_values++] = e;
  EK_TRY(add_value(g, from, arena, def, st));
  return add_value(g, to, arena, def, st);
}

/* The values that a context has seen: predicate and pivot, what comes from outside, what its nodes put out. */
static ek_code values_to_proto(const ek_graph *g, const ek__context *c, const ek__context_index *index,
                               ek__arena *arena, Ek__ValuesDef *def, ek_status *st) {
  const int32_t *begin = &index->nodes[index->first_node[c->number]],
                *end = &index->nodes[index->first_node[c->number + 1]];
  size_t n = 4 + 2 * (size_t)c->externals.n;
  for (const int32_t *id = begin; id < end; id++) n += (size_t)ek_op_num_outputs(g, (ek_op){*id});
  def->values = ek__arena_array(arena, n, sizeof *def->values);
  def->external_values = ek__arena_array(arena, (size_t)c->externals.n + 1, sizeof *def->external_values);
  if (def->values == NULL || def->external_values == NULL) return ek__no_memory(st, "a context", n);
  if (c->kind == EK__COND && ek__context_external(c, c->pred).op == 0)
    EK_TRY(add_external(g, c->pred, c->pred, arena, def, st));
  EK_TRY(add_value(g, c->pivot, arena, def, st));
  for (int i = 0; i < c->externals.cap; i++) {
    const ek__external *e = &c->externals.at[i];
    if (e->from.op == 0) continue;
    EK_TRY(e->to.op == EK__ITSELF ? add_value(g, e->from, arena, def, st)
                                  : add_external(g, e->from, e->to, arena, def, st));
  }
  for (const int32_t *id = begin; id < end; id++) {
    for (int k = 0; k < ek_op_num_outputs(g, (ek_op){*id}); k++) {
      EK_TRY(add_value(g, (ek_out){*id, k}, arena, def, st));
    }
  }
  qsort(def->values, def->n_values, sizeof *def->values, by_text);
  qsort(def->external_values, def->n_external_values, sizeof *def->external_values, by_key);
  size_t unique = 0;
  for (size_t i = 0; i < def->n_values; i++) {
    if (unique == 0 || strcmp(def->values[unique - 1], def->values[i]) != 0) def->values[unique++] = def->values[i];
  }
  def->n_values = unique;
  return EK_OK;
}

static ek_code nested_to_proto(const ek_graph *g, const ek__context *c, const ek__context_index *index,
                               ek__arena *arena, Ek__ControlFlowContextDef ***out, size_t *n_out, ek_status *st) {
  const int32_t *inner = &index->inner[index->first_inner[c->number]];
  const size_t n = (size_t)(index->first_inner[c->number + 1] - index->first_inner[c->number]);
  *out = ek__arena_array(arena, n, sizeof **out);
  if (*out == NULL) return ek__no_memory(st, "a context", n);
  for (; *n_out < n; ++*n_out)
    EK_TRY(ek__context_to_proto(g, g->contexts[inner[*n_out]], index, arena, &(*out)[*n_out], st));
  return EK_OK;
}

static ek_code cond_to_proto(const ek_graph *g, const ek__context *c, const ek__context_index *index, ek__arena *arena,
                             Ek__CondContextDef *def, ek_status *st) {
  def->context_name = (char *)(uintptr_t)c->name; /* packing only reads */
  def->pred_name = ek__out_text(g, c->pred, arena, st);
  def->pivot_name = ek__out_text(g, c->pivot, arena, st);
  def->branch = c->branch;
  def->values_def = ek__arena_alloc(arena, sizeof *def->values_def);
  if (def->pred_name == NULL || def->pivot_name == NULL || def->values_def == NULL)
    return ek__no_memory(st, "a context", sizeof *def->values_def);
  ek__values_def__init(def->values_def);
  EK_TRY(values_to_proto(g, c, index, arena, def->values_def, st));
  return nested_to_proto(g, c, index, arena, &def->nested_contexts, &def->n_nested_contexts, st);
}

static ek_code outs_to_proto(const ek_graph *g, const ek__out_list *l, ek__arena *arena, char ***names, size_t *n,
                             ek_status *st) {
  *names = ek__arena_array(arena, (size_t)l->n + 1, sizeof **names);
  if (*names == NULL) return ek__no_memory(st, "a context", (size_t)l->n);
  for (int i = 0; i < l->n; i++) {
    (*names)[i] = ek__out_text(g, l->at[i], arena, st);
    if ((*names)[i] == NULL) return EK_RESOURCE_EXHAUSTED;
    ++*n;
  }
  return EK_OK;
}

static ek_code while_to_proto(const ek_graph *g, const ek__context *c, const ek__context_index *index, ek__arena *arena,
                              Ek__WhileContextDef *def, ek_status *st) {
  const bool limited = c->maximum_iterations.op != 0;
  def->context_name = (char *)(uintptr_t)c->name;
  def->parallel_iterations = (int32_t)c->parallel_iterations;
  def->back_prop = c->back_prop;
  def->swap_memory = c->swap_memory;
  def->pivot_name = ek__out_text(g, c->pivot, arena, st);
  def->pivot_for_pred_name = ek__out_text(g, c->pivot_for_pred, arena, st);
  def->pivot_for_body_name = ek__out_text(g, c->pivot_for_body, arena, st);
  if (limited) def->maximum_iterations_name = ek__out_text(g, c->maximum_iterations, arena, st);
  def->values_def = ek__arena_alloc(arena, sizeof *def->values_def);
  if (def->pivot_name == NULL || def->pivot_for_pred_name == NULL || def->pivot_for_body_name == NULL ||
      def->maximum_iterations_name == NULL || def->values_def == NULL)
    return ek__no_memory(st, "a context", sizeof *def->values_def);
  ek__values_def__init(def->values_def);
  EK_TRY(outs_to_proto(g, &c->enters, arena, &def->loop_enter_names, &def->n_loop_enter_names, st));
  EK_TRY(outs_to_proto(g, &c->exits, arena, &def->loop_exit_names, &def->n_loop_exit_names, st));
  EK_TRY(values_to_proto(g, c, index, arena, def->values_def, st));
  return nested_to_proto(g, c, index, arena, &def->nested_contexts, &def->n_nested_contexts, st);
}

ek_code ek__context_to_proto(const ek_graph *g, const ek__context *c, const ek__context_index *index, ek__arena *arena,
                             Ek__ControlFlowContextDef **out, ek_status *st) {
  Ek__ControlFlowContextDef *def = ek__arena_alloc(arena, sizeof *def);
  *out = def;
  if (def == NULL) return ek__no_memory(st, "a context", sizeof *def);
  ek__control_flow_context_def__init(def);
  if (c->kind == EK__WHILE) {
    def->ctxt_case = EK__CONTROL_FLOW_CONTEXT_DEF__CTXT_WHILE_CTXT;
    def->while_ctxt = ek__arena_alloc(arena, sizeof *def->while_ctxt);
    if (def->while_ctxt == NULL) return ek__no_memory(st, "a context", sizeof *def->while_ctxt);
    ek__while_context_def__init(def->while_ctxt);
    return while_to_proto(g, c, index, arena, def->while_ctxt, st);
  }
  def->ctxt_case = EK__CONTROL_FLOW_CONTEXT_DEF__CTXT_COND_CTXT;
  def->cond_ctxt = ek__arena_alloc(arena, sizeof *def->cond_ctxt);
  if (def->cond_ctxt == NULL) return ek__no_memory(st, "a context", sizeof *def->cond_ctxt);
  ek__cond_context_def__init(def->cond_ctxt);
  return cond_to_proto(g, c, index, arena, def->cond_ctxt, st);
}
