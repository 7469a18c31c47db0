/* SPDX-License-Identifier: Apache-2.0 */
/* An initial value that depends on other variables: every op between it and a variable is made once more, with the
 * variable's initialized value in place of the variable, so that initializers may run in any order. */
#include "graph/variables.h"

#include <string.h>

typedef struct visit {
  int32_t op;
  int next; /* input to go to */
} visit;

typedef struct guard {
  ek_graph *g;
  visit *stack;
  int n_stack, cap_stack;
  int32_t *order; /* inputs before users */
  int n_order, cap_order;
  ek__map made; /* op name -> what replaces it */
  bool cycle, variable;
} guard;

static bool is_any(const char *type, const char *const *types) {
  for (; *types != NULL; types++)
    if (strcmp(type, *types) == 0) return true;
  return false;
}

static bool is_variable(const char *type) {
  static const char *const types[] = {"Variable", "VariableV2", "VarHandleOp", NULL};
  return is_any(type, types);
}

static bool is_safe(const char *type) { /* ops that may see a variable without a value, or that have none in mind */
  static const char *const types[] = {"IsVariableInitialized", "VarIsInitializedOp", "ReadVariableOp", "If", NULL};
  return is_any(type, types);
}

static bool enter(guard *d, int32_t op, ek_status *st) {
  ek_graph *g = d->g;
  if (ek__grow(g->allocator, &d->stack, &d->cap_stack, d->n_stack + 1, sizeof *d->stack, st) != EK_OK) return false;
  d->stack[d->n_stack++] = (visit){op, 0};
  g->nodes[op - 1].mark = g->mark - 1; /* begun; the mark itself: done */
  return true;
}

/* Depth first along data inputs, on a stack of our own. */
static bool sort(guard *d, int32_t from, ek_status *st) {
  ek_graph *g = d->g;
  g->mark += 2;
  if (!enter(d, from, st)) return false;
  while (d->n_stack > 0) {
    visit *top = &d->stack[d->n_stack - 1];
    ek__node *n = &g->nodes[top->op - 1];
    const bool leaf = is_variable(n->type) || is_safe(n->type);
    d->variable = d->variable || is_variable(n->type);
    if (!leaf && top->next < n->n_inputs) {
      const int32_t input = n->inputs[top->next++].op;
      const uint32_t mark = g->nodes[input - 1].mark;
      d->cycle = d->cycle || mark == g->mark - 1;
      if (mark != g->mark && mark != g->mark - 1 && !enter(d, input, st)) return false;
      continue;
    }
    if (ek__grow(g->allocator, &d->order, &d->cap_order, d->n_order + 1, sizeof *d->order, st) != EK_OK) return false;
    d->order[d->n_order++] = top->op;
    n->mark = g->mark;
    d->n_stack--;
  }
  return true;
}

/* Only variables that are in the usual collections can be looked up. */
static ek_out initialized_value_of(ek_graph *g, int32_t op) {
  static const char *const keys[] = {EK_GLOBAL_VARIABLES, EK_LOCAL_VARIABLES};
  for (size_t k = 0; k < sizeof keys / sizeof keys[0]; k++)
    for (int i = 0; i < ek_collection_size(g, keys[k]); i++) {
      const ek_item item = ek_collection_item(g, keys[k], i);
      if (item.kind == EK_ITEM_VARIABLE && ek_variable_op(g, item.v.variable).id == op)
        return ek_variable_initialized_value(g, item.v.variable);
    }
  return (ek_out){0, 0};
}

static int32_t replacement(const guard *d, int32_t op) {
  const int64_t *made = ek__map_get(&d->made, d->g->nodes[op - 1].name);
  return made != NULL ? (int32_t)*made : op;
}

/* The op again over the replaced inputs, called "<op>_<variable>"; a reference that is no longer one is switched as a
 * value. */
static ek_op again(guard *d, int32_t op) {
  ek_graph *g = d->g;
  const ek__node n = g->nodes[op - 1];
  bool modified = false;
  ek_out *inputs = ek__graph_alloc(g, (size_t)n.n_inputs + 1, sizeof *inputs);
  for (int i = 0; inputs != NULL && i < n.n_inputs; i++) {
    inputs[i] = (ek_out){replacement(d, n.inputs[i].op), n.inputs[i].index};
    modified = modified || inputs[i].op != n.inputs[i].op;
  }
  if (!modified) return (ek_op){0};
  const char *type = strcmp(n.type, "RefSwitch") == 0 ? "Switch" : n.type;
  const ek__node_spec spec = {.name = ek__graph_printf(g, "%s_%s", n.name, g->scope),
                              .type = type,
                              .inputs = inputs,
                              .n_inputs = n.n_inputs,
                              .attrs = n.attrs,
                              .n_attrs = n.n_attrs};
  const ek_op made = spec.name != NULL ? ek__node_add(g, &spec) : (ek_op){0};
  ek_status st = EK_STATUS_INIT;
  if (made.id != 0) (void)ek__node_infer(g, made, &st);
  if (ek__graph_take(g, &st) && made.id != 0) ek__colocate(g, made);
  return made;
}

static void rebuild(guard *d, ek_status *st) {
  ek_graph *g = d->g;
  for (int i = 0; i < d->n_order && g->status.code == EK_OK && st->code == EK_OK; i++) {
    const int32_t op = d->order[i];
    const char *name = g->nodes[op - 1].name, *type = g->nodes[op - 1].type;
    ek_op made = {0};
    if (is_variable(type))
      made = ek_out_op(initialized_value_of(g, op));
    else if (!is_safe(type))
      made = again(d, op);
    if (made.id != 0) (void)ek__map_put(&d->made, name, made.id, st);
  }
}

ek_out ek__guarded_initial_value(ek_graph *g, ek_out value) {
  ek_status st = EK_STATUS_INIT;
  guard d = {.g = g};
  ek_out out = value;
  if (!ek__graph_ok(g) || value.op <= 0) return value;
  ek__map_init(&d.made, g->allocator);
  if (sort(&d, value.op, &st) && d.variable && !d.cycle) {
    rebuild(&d, &st);
    out.op = replacement(&d, value.op);
  }
  (void)ek__graph_take(g, &st);
  ek__map_fini(&d.made);
  ek__free(g->allocator, d.stack, (size_t)d.cap_stack * sizeof *d.stack);
  ek__free(g->allocator, d.order, (size_t)d.cap_order * sizeof *d.order);
  return out;
}
