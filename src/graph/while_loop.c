/* SPDX-License-Identifier: Apache-2.0 */
/* control_flow_ops.while_loop: Enter, Merge, Switch, NextIteration and Exit for each variable. */
#include "evenkeel/while_loop.h"
#include "graph/context.h"

#include <string.h>

enum part { BEFORE, COND, BETWEEN, BODY, AFTER };

struct ek__while {
  ek__context *context;
  enum part part;
  int n, counted; /* variables; 1 if the first is the counter of maximum_iterations */
  ek_shape *invariants;
  ek_out *first, *merges, *inside, *next, *results;
  int n_next;
  ek_out test, below; /* below: the counter's part of the condition */
  ek_op *switches;
};

static void misuse(ek_graph *g, const char *what) {
  ek_graph_fail(g, EK_FAILED_PRECONDITION, "while_loop '%s': %s", g->scope, what);
}

static bool failed(const ek_graph *g) { return g->status.code != EK_OK; }

/* Is a no less specific than b? */
static bool within(ek_shape a, ek_shape b) {
  if (b.rank < 0) return true;
  if (a.rank != b.rank) return false;
  for (int i = 0; i < b.rank; i++)
    if (b.dim[i] >= 0 && a.dim[i] != b.dim[i]) return false;
  return true;
}

static bool arrays(ek_graph *g, struct ek__while *s, int n) {
  const size_t count = (size_t)n + 1;
  s->invariants = ek__graph_alloc(g, count, sizeof *s->invariants);
  s->first = ek__graph_alloc(g, count, sizeof *s->first);
  s->merges = ek__graph_alloc(g, count, sizeof *s->merges);
  s->inside = ek__graph_alloc(g, count, sizeof *s->inside);
  s->next = ek__graph_alloc(g, count, sizeof *s->next);
  s->results = ek__graph_alloc(g, count, sizeof *s->results);
  s->switches = ek__graph_alloc(g, count, sizeof *s->switches);
  return !failed(g);
}

/* ---- begin */

static bool check(ek_graph *g, ek_outs vars, const ek_while_loop_opts *o) {
  if (o->version != 1u)
    ek_graph_fail(g, EK_INVALID_ARGUMENT, "while_loop '%s': options of version %u; start from EK_WHILE_LOOP_OPTS_INIT",
                  g->scope, o->version);
  else if (vars.n < 1)
    ek_graph_fail(g, EK_INVALID_ARGUMENT, "while_loop '%s': 'loop_vars' must be provided", g->scope);
  else if (o->parallel_iterations < 1)
    ek_graph_fail(g, EK_INVALID_ARGUMENT, "while_loop '%s': 'parallel_iterations' must be a positive integer",
                  g->scope);
  return !failed(g);
}

/* The counter of maximum_iterations, the first variable. */
static void add_counter(ek_graph *g, struct ek__while *s, ek_out *maximum) {
  char text[EK_SHAPE_TEXT];
  *maximum = ek_convert(g, *maximum, EK_INVALID_DTYPE, "maximum_iterations");
  const ek_shape shape = ek_out_shape(g, *maximum);
  if (shape.rank > 0)
    ek_graph_fail(g, EK_INVALID_ARGUMENT, "while_loop '%s': 'maximum_iterations' must be a scalar. Received shape: %s",
                  g->scope, ek_shape_format(shape, text, sizeof text));
  s->first[0] = ek_convert(g, ek_integer(g, 0), ek_out_dtype(g, *maximum), "iteration_counter");
  s->counted = 1;
}

static void enter_all(ek_graph *g, struct ek__while *s) {
  ek__context *c = s->context;
  ek_out *real = ek__graph_alloc(g, (size_t)s->n, sizeof *real);
  if (real == NULL) return;
  for (int i = 0; i < s->n; i++)
    real[i] = c->parent != NULL ? ek__context_add_value(g, c->parent, s->first[i]) : s->first[i];
  ek_control_dependencies_clear_begin(g);
  for (int i = 0; i < s->n && !failed(g); i++) {
    char have[EK_SHAPE_TEXT], want[EK_SHAPE_TEXT];
    const ek_out entered = ek__enter(g, c, real[i], false, false);
    if (!within(ek_out_shape(g, real[i]), s->invariants[i]))
      ek_graph_fail(g, EK_INVALID_ARGUMENT,
                    "The shape invariant specified for %s is not compatible with the initial shape of the loop "
                    "variable. It enters the loop with shape %s, but the specified shape invariant is %s.",
                    ek_op_name(g, ek_out_op(real[i])), ek_shape_format(ek_out_shape(g, real[i]), have, sizeof have),
                    ek_shape_format(s->invariants[i], want, sizeof want));
    ek_out_set_shape(g, entered, s->invariants[i]);
    ek__out_list_add(g, &c->enters, entered);
  }
  ek_control_dependencies_end(g);
  ek_out pivot = {0, 0};
  for (const ek__context *p = c->parent; p != NULL && pivot.op == 0; p = p->parent)
    if (p->kind == EK__WHILE) pivot = p->pivot_for_body.op != 0 ? p->pivot_for_body : p->pivot_for_pred;
  for (int i = 0; i < s->n && !failed(g); i++) {
    const ek_op op = ek_out_op(c->enters.at[i]);
    ek__node_of(g, op)->not_feedable = true;
    if (pivot.op != 0 && ek__is_constant_enter(g, ek_out_op(ek_op_input(g, op, 0))))
      ek__node_add_control(g, op, ek_out_op(pivot));
    ek__enter_settle(g, c, c->enters.at[i]);
  }
  for (int i = 0; i < s->n && !failed(g); i++) s->merges[i] = ek__merge(g, c->enters.at[i], c->enters.at[i]);
}

ek_while_block *ek_while_begin(ek_while_block *w, ek_graph *g, ek_outs vars, const ek_while_loop_opts *opts) {
  static const ek_while_loop_opts defaults = EK_WHILE_LOOP_OPTS_INIT;
  const ek_while_loop_opts *o = opts != NULL ? opts : &defaults;
  g = ek_composite_begin(g, "while");
  *w = (ek_while_block){.graph = g};
  struct ek__while *s = ek__graph_alloc(g, 1, sizeof *s);
  if (s == NULL || !ek__graph_ok(g) || !check(g, vars, o) || !arrays(g, s, vars.n)) return w;
  ek_out maximum = o->maximum_iterations;
  if (maximum.op != 0) add_counter(g, s, &maximum);
  s->n = vars.n + s->counted;
  s->context = ek__context_new(g, EK__WHILE, "while_context");
  if (s->context == NULL) return w;
  s->context->parallel_iterations = o->parallel_iterations;
  s->context->back_prop = o->back_prop;
  s->context->swap_memory = o->swap_memory;
  s->context->maximum_iterations = maximum;
  if (s->context->parent == NULL)
    ek_add_to_collection(g, EK_WHILE_CONTEXT, (ek_item){.kind = EK_ITEM_CONTEXT, .v.i = s->context->number});
  for (int i = s->counted; i < s->n && !failed(g); i++)
    s->first[i] = ek_convert(g, vars.at[i - s->counted], EK_INVALID_DTYPE, NULL);
  for (int i = 0; i < s->n && !failed(g); i++) {
    const bool given = o->shape_invariants != NULL && i >= s->counted;
    s->invariants[i] = given ? o->shape_invariants[i - s->counted] : ek_out_shape(g, s->first[i]);
  }
  ek__context_begin(g, s->context);
  if (!failed(g)) enter_all(g, s);
  if (failed(g)) return ek__context_end(g), w;
  s->context->pivot_for_pred = s->merges[0];
  w->state = s;
  return w;
}

/* ---- condition */

ek_while_block *ek_while_cond_begin(ek_while_block *w) {
  struct ek__while *s = w->state;
  ek_graph *g = w->graph;
  if (s == NULL) return w;
  if (s->part != BEFORE) misuse(g, "its parts are a condition, then a body, each once");
  s->part = COND;
  memcpy(s->inside, s->merges, (size_t)s->n * sizeof *s->inside);
  if (s->counted)
    s->below = ek_op_output(ek_build(g, "Less", EK_OUTS(s->inside[0], s->context->maximum_iterations), EK_NO_ATTRS), 0);
  return w;
}

void ek_while_test(ek_while_block *w, ek_out pred) {
  struct ek__while *s = w->state;
  if (s == NULL || failed(w->graph)) return;
  if (s->part != COND || s->test.op != 0) misuse(w->graph, "ek_while_test belongs into the condition, once");
  s->test = pred;
}

ek_while_block *ek_while_cond_end(ek_while_block *w) {
  struct ek__while *s = w->state;
  ek_graph *g = w->graph;
  if (s == NULL || failed(g)) return NULL;
  if (s->test.op == 0) misuse(g, "'cond' must have a return value");
  const ek_out test = s->counted ? ek_op_output(ek_build(g, "LogicalAnd", EK_OUTS(s->below, s->test), EK_NO_ATTRS), 0)
                                 : ek_convert(g, s->test, EK_INVALID_DTYPE, NULL);
  s->context->pivot = ek_op_output(ek_build(ek_named(g, "LoopCond"), "LoopCond", EK_OUTS(test), EK_NO_ATTRS), 0);
  for (int i = 0; i < s->n && !failed(g); i++)
    s->switches[i] = ek__switch_ref_or_tensor(g, s->merges[i], s->context->pivot);
  for (int i = 0; i < s->n && !failed(g); i++)
    s->inside[i] = ek_op_output(ek_build(g, "Identity", EK_OUTS(ek_op_output(s->switches[i], 1)), EK_NO_ATTRS), 0);
  s->context->pivot_for_body = s->inside[0];
  s->part = BETWEEN;
  return NULL;
}

/* ---- body */

ek_while_block *ek_while_body_begin(ek_while_block *w) {
  struct ek__while *s = w->state;
  ek_graph *g = w->graph;
  if (s == NULL) return w;
  if (s->part != BETWEEN) misuse(g, "its parts are a condition, then a body, each once");
  s->part = BODY;
  if (s->counted)
    s->next[s->n_next++] =
        ek_op_output(ek_build(ek_named(g, "add"), "AddV2", EK_OUTS(s->inside[0], ek_integer(g, 1)), EK_NO_ATTRS), 0);
  return w;
}

void ek_while_next(ek_while_block *w, ek_out value) {
  struct ek__while *s = w->state;
  if (s == NULL || failed(w->graph)) return;
  if (s->part != BODY)
    misuse(w->graph, "ek_while_next belongs into the body");
  else if (value.op == 0)
    misuse(w->graph, "the body gives nothing as a variable's next value");
  else if (s->n_next == s->n)
    misuse(w->graph, "Number of inputs and outputs of 'body' must match 'loop_vars': the body gives more");
  else
    s->next[s->n_next++] = value;
}

static void go_round(ek_graph *g, struct ek__while *s, int i) {
  char first[EK_SHAPE_TEXT], later[EK_SHAPE_TEXT];
  const ek_out next = ek__next_iteration(g, s->next[i]);
  const ek_op merge = ek_out_op(s->merges[i]);
  if (failed(g)) return;
  const ek_out entered = ek_op_input(g, ek_out_op(s->context->enters.at[i]), 0);
  if (ek_out_dtype(g, next) != ek_out_dtype(g, s->merges[i]))
    ek_graph_fail(g, EK_INVALID_ARGUMENT, "while_loop '%s': variable %d begins as %s, and the body gives %s", g->scope,
                  i - s->counted, ek_dtype_name(ek_out_dtype(g, s->merges[i])), ek_dtype_name(ek_out_dtype(g, next)));
  else if (!within(ek_out_shape(g, next), ek_out_shape(g, s->merges[i])))
    ek_graph_fail(g, EK_INVALID_ARGUMENT,
                  "Input tensor '%s:%d' enters the loop with shape %s, but has shape %s after one iteration. To allow "
                  "the shape to vary across iterations, use shape_invariants to specify a less-specific shape.",
                  ek_op_name(g, ek_out_op(entered)), entered.index,
                  ek_shape_format(ek_out_shape(g, entered), first, sizeof first),
                  ek_shape_format(ek_out_shape(g, next), later, sizeof later));
  else
    ek__node_set_input(g, merge, 1, next);
}

ek_while_block *ek_while_body_end(ek_while_block *w) {
  struct ek__while *s = w->state;
  ek_graph *g = w->graph;
  if (s == NULL || failed(g)) return NULL;
  if (s->n_next != s->n)
    ek_graph_fail(g, EK_INVALID_ARGUMENT,
                  "while_loop '%s': Number of inputs and outputs of 'body' must match 'loop_vars'. Got %d for the "
                  "number of inputs, and %d for outputs",
                  g->scope, s->n - s->counted, s->n_next - s->counted);
  for (int i = 0; i < s->n && !failed(g); i++)
    s->next[i] = ek_convert(g, s->next[i], s->next[i].op < 0 ? ek_out_dtype(g, s->merges[i]) : EK_INVALID_DTYPE, NULL);
  for (int i = 0; i < s->n && !failed(g); i++) go_round(g, s, i);
  for (int i = 0; i < s->n && !failed(g); i++) {
    s->results[i] = ek__exit(g, ek_op_output(s->switches[i], 0));
    ek__out_list_add(g, &s->context->exits, s->results[i]);
    ek__exit_result(g, s->context, s->results[i]);
  }
  s->part = AFTER;
  return NULL;
}

/* ---- end */

ek_while_block *ek_while_end(ek_while_block *w) {
  ek_graph *g = w->graph;
  struct ek__while *s = w->state;
  if (s != NULL) {
    ek__context_end(g);
    if (s->part != AFTER && !failed(g)) misuse(g, "it needs a condition and a body");
  }
  ek_name_scope_end(g);
  return NULL;
}

int ek_while_num_vars(const ek_while_block *w) { return w->state != NULL ? w->state->n - w->state->counted : 0; }

ek_out ek_while_var(const ek_while_block *w, int i) {
  return i >= 0 && i < ek_while_num_vars(w) ? w->state->inside[i + w->state->counted] : (ek_out){0, 0};
}

ek_out ek_while_result(const ek_while_block *w, int i) {
  return i >= 0 && i < ek_while_num_vars(w) ? w->state->results[i + w->state->counted] : (ek_out){0, 0};
}

void ek_while_loop(ek_graph *g, ek_while_cond_fn cond, ek_while_body_fn body, ek_outs vars, void *ctx,
                   const ek_while_loop_opts *opts, ek_out *results) {
  ek_while_block w;
  EK_WHILE(g, vars, opts, w) {
    ek_graph *inside = w.graph;
    const int n = ek_while_num_vars(&w);
    ek_out *seen = ek__graph_alloc(inside, (size_t)n + 1, sizeof *seen),
           *next = ek__graph_alloc(inside, (size_t)n + 1, sizeof *next);
    if (n == 0 || seen == NULL || next == NULL) continue;
    EK_WHILE_COND(w) {
      for (int i = 0; i < n; i++) seen[i] = ek_while_var(&w, i);
      ek_while_test(&w, cond(inside, (ek_outs){seen, n}, ctx));
    }
    EK_WHILE_BODY(w) {
      for (int i = 0; i < n; i++) seen[i] = ek_while_var(&w, i);
      body(inside, (ek_outs){seen, n}, next, ctx);
      for (int i = 0; i < n; i++) ek_while_next(&w, next[i]);
    }
  }
  for (int i = 0; i < vars.n; i++) results[i] = ek_while_result(&w, i);
}
