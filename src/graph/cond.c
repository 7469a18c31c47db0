/* SPDX-License-Identifier: Apache-2.0 */
/* control_flow_ops.cond: pivots, two contexts, a Merge for each pair of results. */
#include "evenkeel/cond.h"

#include "graph/context.h"
#include "graph/variables.h"

#include <string.h>

typedef struct result {
  ek_out out;
  ek_op op; /* if the result is an op */
} result;

typedef struct results {
  result *at;
  int n, cap; /* in the graph's arena */
} results;

struct ek__cond {
  bool settled; /* one branch only */
  bool value;   /* which */
  ek_out pred, pivot[2];
  ek__context *context[2]; /* by branch; NULL: not built yet */
  int open;                /* branch, or -1 */
  results branch[2];
  results final;
};

static void keep(ek_graph *g, results *r, result item) {
  if (r->n == r->cap) {
    const int cap = r->cap == 0 ? 4 : 2 * r->cap;
    result *grown = ek__graph_alloc(g, (size_t)cap, sizeof *grown);
    if (grown == NULL) return;
    if (r->n > 0) memcpy(grown, r->at, (size_t)r->n * sizeof *grown);
    r->at = grown;
    r->cap = cap;
  }
  r->at[r->n++] = item;
}

static void misuse(ek_graph *g, const char *what) {
  ek_graph_fail(g, EK_FAILED_PRECONDITION, "cond '%s': %s", g->scope, what);
}

static ek_out identity(ek_graph *g, const char *name, ek_out x) {
  return ek_op_output(ek_build(ek_named(g, name), "Identity", EK_OUTS(x), EK_NO_ATTRS), 0);
}

static void hide(ek_graph *g, ek_out out) {
  ek__node *n = ek__node_of(g, ek_out_op(out));
  if (n != NULL) n->not_fetchable = true;
}

/* ---- begin */

/* Switch(pred, pred). A reference variable is switched itself; a resource variable is read at each use, under the name
 * scopes that TensorFlow's switch opens on the way. */
static ek_op switch_of(ek_graph *g, ek_flag pred) {
  const bool variable = pred.kind == EK_FLAG_VARIABLE;
  if (!variable) return ek_build(ek_named(g, "Switch"), "Switch", EK_OUTS(pred.out, pred.out), EK_NO_ATTRS);
  if (!ek_variable_is_resource(g, pred.variable)) {
    const ek_out ref = ek_variable_handle(g, pred.variable), value = ek_variable_value(g, pred.variable);
    return ek_build(ek_named(g, "Switch"), "Switch", EK_OUTS(ref, value), EK_NO_ATTRS);
  }
  (void)ek_name_scope_begin(g, "Switch");
  const ek_out data = ek_variable_value(g, pred.variable);
  (void)ek_name_scope_begin(g, "Switch");
  const ek_out value = ek_variable_value(g, pred.variable);
  const char *scope = ek__graph_printf(g, "%s/", g->scope);
  ek_name_scope_end(g);
  ek_name_scope_end(g);
  return ek_build(ek_named(g, scope), "Switch", EK_OUTS(data, value), EK_NO_ATTRS);
}

static ek_out pred_id(ek_graph *g, ek_flag pred) {
  if (pred.kind != EK_FLAG_VARIABLE) return identity(g, "pred_id", pred.out);
  (void)ek_name_scope_begin(g, "pred_id");
  const ek_out value = ek_variable_value(g, pred.variable);
  const char *scope = ek__graph_printf(g, "%s/", g->scope);
  ek_name_scope_end(g);
  return identity(g, scope, value);
}

static ek_cond_block *begin(ek_cond_block *c, ek_graph *g, ek_flag pred) {
  g = ek_composite_begin(g, "cond");
  *c = (ek_cond_block){.graph = g};
  struct ek__cond *s = ek__graph_alloc(g, 1, sizeof *s);
  if (s == NULL || !ek__graph_ok(g)) return c;
  s->open = -1;
  const ek_op sw = switch_of(g, pred);
  s->pivot[1] = identity(g, "switch_t", ek_op_output(sw, 1));
  s->pivot[0] = identity(g, "switch_f", ek_op_output(sw, 0));
  s->pred = pred_id(g, pred);
  hide(g, ek_op_output(sw, 0));
  hide(g, s->pivot[0]);
  hide(g, s->pivot[1]);
  hide(g, s->pred);
  if (g->status.code == EK_OK) c->state = s;
  return c;
}

static ek_cond_block *settled(ek_cond_block *c, ek_graph *g, bool value) {
  (void)ek__unname(&g);
  *c = (ek_cond_block){.graph = g, .state = ek__graph_alloc(g, 1, sizeof(struct ek__cond))};
  if (c->state != NULL) *c->state = (struct ek__cond){.settled = true, .value = value, .open = -1};
  return c;
}

ek_cond_block *ek_cond_begin(ek_cond_block *c, ek_graph *g, ek_out pred) { return begin(c, g, ek_flag_of(pred)); }

ek_cond_block *ek_flag_cond_begin(ek_cond_block *c, ek_graph *g, ek_flag flag) {
  if (flag.kind == EK_FLAG_KNOWN) return settled(c, g, flag.value);
  return begin(c, g, flag);
}

/* ---- branches */

ek_cond_block *ek_cond_branch_begin(ek_cond_block *c, bool branch) {
  ek_graph *g = c->graph;
  struct ek__cond *s = c->state;
  if (s != NULL && s->settled && s->value != branch) return NULL;
  if (s != NULL && s->open >= 0) misuse(g, "a branch begins inside a branch");
  if (s != NULL && !s->settled && (s->context[branch] != NULL || (!branch && s->context[1] == NULL)))
    misuse(g, "its branches are EK_THEN, then EK_ELSE, each once");
  if (ek__push_frame(g, EK__FRAME_OTHER, "a branch of a cond") == NULL || s == NULL) return c;
  s->open = branch;
  if (s->settled || g->status.code != EK_OK) return c;
  ek__context *context = ek__context_new(g, EK__COND, "cond_text");
  if (context == NULL) return c;
  context->pred = s->pred;
  context->pivot = s->pivot[branch];
  context->branch = branch;
  s->context[branch] = context;
  ek__context_set_external(g, context, s->pred, s->pred);
  ek__node_of(g, ek_out_op(context->pivot))->context = context;
  g->context = context;
  return c;
}

/* A result made outside comes in through a Switch, which is an op of the branch. */
static ek_out result_inside(ek_graph *g, ek__context *c, ek_out value) {
  const ek_out known = ek__context_external(c, value);
  if (known.op != 0) return known;
  if (ek__context_holds(g, c, ek_out_op(value))) return value;
  ek_out real = value;
  if (c->parent != NULL) real = ek__context_add_value(g, c->parent, value);
  ek__context_set_external(g, c, real, real); /* the Switch takes it as it is */
  real = ek_op_output(ek__switch_ref_or_tensor(g, real, c->pred), c->branch);
  ek__context_set_external(g, c, value, real);
  return real;
}

static void finish_result(ek_graph *g, ek__context *c, result *r) {
  if (r->op.id != 0)
    r->out = ek_with_dependencies(g, EK_OPS(r->op), c->pivot);
  else
    r->out = result_inside(g, c, ek_convert(g, r->out, EK_INVALID_DTYPE, NULL));
}

ek_cond_block *ek_cond_branch_end(ek_cond_block *c) {
  ek_graph *g = c->graph;
  struct ek__cond *s = c->state;
  if (s != NULL && s->open >= 0) {
    ek__context *context = s->context[s->open];
    results *r = &s->branch[s->open];
    for (int i = 0; context != NULL && g->status.code == EK_OK && i < r->n; i++) finish_result(g, context, &r->at[i]);
    s->open = -1;
  }
  ek__pop_frame(g, EK__FRAME_OTHER);
  return NULL;
}

static void yield(ek_cond_block *c, result r) {
  struct ek__cond *s = c->state;
  if (s == NULL || !ek__graph_ok(c->graph)) return;
  if (s->open < 0)
    misuse(c->graph, "a result is yielded outside its branches");
  else if (r.op.id == 0 && r.out.op == 0)
    misuse(c->graph, s->open == 1 ? "'true_fn' yields nothing as a result" : "'false_fn' yields nothing as a result");
  else
    keep(c->graph, &s->branch[s->open], r);
}

void ek_cond_yield(ek_cond_block *c, ek_out value) { yield(c, (result){.out = value}); }

void ek_cond_yield_op(ek_cond_block *c, ek_op op) { yield(c, (result){.op = op}); }

/* ---- end */

static bool check_results(ek_graph *g, const struct ek__cond *s) {
  const results *t = &s->branch[1], *f = &s->branch[0];
  if (s->context[0] == NULL || s->context[1] == NULL) {
    misuse(g, "it needs both branches");
    return false;
  }
  if (t->n == 0 || f->n == 0) {
    misuse(g, t->n == 0 ? "'true_fn' must have a return value" : "'false_fn' must have a return value");
    return false;
  }
  if (t->n != f->n) {
    ek_graph_fail(g, EK_INVALID_ARGUMENT,
                  "cond '%s': Incompatible return values of 'true_fn' and 'false_fn': %d results and %d", g->scope,
                  t->n, f->n);
    return false;
  }
  for (int i = 0; i < t->n; i++) {
    const ek_dtype a = ek_out_dtype(g, t->at[i].out), b = ek_out_dtype(g, f->at[i].out);
    if (a == b) continue;
    ek_graph_fail(
        g, EK_INVALID_ARGUMENT,
        "cond '%s': Outputs of 'true_fn' and 'false_fn' must have the same type(s). Received %s from 'true_fn' "
        "and %s from 'false_fn' as result %d",
        g->scope, ek_dtype_name(a), ek_dtype_name(b), i);
    return false;
  }
  return true;
}

static void merge_results(ek_graph *g, struct ek__cond *s) {
  for (int i = 0; i < s->branch[0].n; i++) {
    const ek_out f = s->branch[0].at[i].out, t = s->branch[1].at[i].out;
    const char *type = ek_out_is_ref(g, f) && ek_out_is_ref(g, t) ? "RefMerge" : "Merge";
    const ek_op op = ek_build(ek_named(g, "Merge"), type, EK_OUTS(f, t), EK_NO_ATTRS);
    keep(g, &s->final, (result){ek_op_output(op, 0), op});
  }
  for (int branch = 1; branch >= 0 && s->context[0]->parent == NULL; branch--)
    ek_add_to_collection(g, EK_COND_CONTEXT, (ek_item){.kind = EK_ITEM_CONTEXT, .v.i = s->context[branch]->number});
}

ek_cond_block *ek_cond_end(ek_cond_block *c) {
  ek_graph *g = c->graph;
  struct ek__cond *s = c->state;
  if (s != NULL && s->settled) {
    s->final = s->branch[s->value];
    return NULL;
  }
  if (s != NULL && g->status.code == EK_OK && check_results(g, s)) merge_results(g, s);
  ek_name_scope_end(g);
  return NULL;
}

int ek_cond_num_results(const ek_cond_block *c) { return c->state != NULL ? c->state->final.n : 0; }

ek_out ek_cond_result(const ek_cond_block *c, int i) {
  return i >= 0 && i < ek_cond_num_results(c) ? c->state->final.at[i].out : (ek_out){0, 0};
}

ek_op ek_cond_result_op(const ek_cond_block *c, int i) {
  if (i < 0 || i >= ek_cond_num_results(c)) return (ek_op){0};
  const result *r = &c->state->final.at[i];
  return r->op.id != 0 ? r->op : ek_out_op(r->out);
}

/* ---- callbacks */

ek_cond_block ek_cond(ek_graph *g, ek_out pred, ek_cond_fn true_fn, ek_cond_fn false_fn, void *ctx) {
  ek_cond_block c;
  (void)ek_cond_begin(&c, g, pred);
  EK_THEN(c) { true_fn(c.graph, &c, ctx); }
  EK_ELSE(c) { false_fn(c.graph, &c, ctx); }
  (void)ek_cond_end(&c);
  return c;
}

const char *ek_context_name(const ek_graph *g, int64_t number) {
  return number >= 0 && number < g->n_contexts ? g->contexts[number]->name : "";
}
