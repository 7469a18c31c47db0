/* SPDX-License-Identifier: Apache-2.0 */
/* From the graph to the planner's copy: nodes and their values. */
#include "plan/loop.h"

#include <string.h>

void *ek__ir_alloc(ek__ir *ir, size_t count, size_t size) {
  void *p = ek__arena_array(ir->scratch, count > 0 ? count : 1, size);
  if (p == NULL) (void)ek__no_memory(ir->st, "planning", count * size);
  return p;
}

bool ek__is_alias(const ek__pnode *n) {
  return n->kind == EK__P_OP && n->def != NULL &&
         (n->alias || (n->def->flags & EK_OP_ALIAS) != 0 || n->def == &ek_op_switch || n->def == &ek_op_ref_switch);
}

bool ek__is_pure(const ek__pnode *n) {
  return n->kind == EK__P_OP && n->def != NULL &&
         (n->def->flags & (EK_OP_STATEFUL | EK_OP_WRITES_REF | EK_OP_CONTROL_FLOW | EK_OP_HANDLES)) == 0;
}

bool ek__reads_resource(const ek__pnode *n) {
  return n->kind == EK__P_OP && n->def != NULL && strcmp(n->def->name, "ReadVariableOp") == 0;
}

int32_t ek__ir_add_value(ek__ir *ir, ek__pvalue v) {
  if (ek__grow(ir->env->allocator, &ir->values, &ir->cap_values, ir->n_values + 1, sizeof v, ir->st) != EK_OK)
    return -1;
  v.root = ir->n_values;
  v.pred = v.fetch = -1;
  ir->values[ir->n_values] = v;
  return ir->n_values++;
}

int32_t ek__ir_add_node(ek__ir *ir, ek__pnode n) {
  if (ek__grow(ir->env->allocator, &ir->nodes, &ir->cap_nodes, ir->n_nodes + 1, sizeof n, ir->st) != EK_OK) return -1;
  n.nodes = 1;
  ir->nodes[ir->n_nodes] = n;
  return ir->n_nodes++;
}

/* The plain value of a reference as one consumer sees it: a VIEW node, which waits for what the consumer waits for. */
static int32_t view_of(ek__ir *ir, int32_t reference, const int32_t *controls, int n_controls) {
  const ek__pvalue ref = ir->values[reference];
  const ek_op from = ref.node >= 0 ? ir->nodes[ref.node].op : ref.op;
  ek__pnode n = {.kind = EK__P_VIEW,
                 .op = from,
                 .node = ek__node_of(ir->env->graph, from),
                 .n_in = 1,
                 .n_controls = n_controls,
                 .n_out = 1};
  n.in = ek__ir_alloc(ir, 1, sizeof *n.in);
  n.controls = ek__ir_alloc(ir, (size_t)n_controls, sizeof *n.controls);
  if (n.in == NULL || n.controls == NULL) return -1;
  n.in[0] = reference;
  if (n_controls > 0) memcpy(n.controls, controls, (size_t)n_controls * sizeof *controls);
  n.first_out = ek__ir_add_value(
      ir, (ek__pvalue){.node = ir->n_nodes, .feed = -1, .dtype = ref.dtype, .shape = ref.shape, .view_of = ref.slot});
  return n.first_out >= 0 && ek__ir_add_node(ir, n) >= 0 ? n.first_out : -1;
}

/* A node that ends a value: keeps a predicate, or copies a fetch. */
static ek_code add_end(ek__ir *ir, ek__pkind kind, int32_t value, int32_t index) {
  const int32_t producer = ir->values[value].node;
  ek__pnode n = {.kind = kind, .n_in = 1, .index = index, .first_out = ir->n_values, .needed = true};
  n.op = producer >= 0 ? ir->nodes[producer].op : ir->values[value].op;
  n.node = ek__node_of(ir->env->graph, n.op); /* NULL: of a feed */
  n.in = ek__ir_alloc(ir, 1, sizeof *n.in);
  if (n.in == NULL) return ir->st->code;
  n.in[0] = value;
  return ek__ir_add_node(ir, n) < 0 ? ir->st->code : EK_OK;
}

/* ---- the values a node reads */

int32_t ek__fed_value(const ek__feed_table *t, ek_out out) {
  if (t->first[out.op] < 0) return -1;
  for (int i = 0; i < t->n; i++)
    if (t->feeds[i].op == out.op && t->feeds[i].index == out.index) return t->values[i];
  return -1;
}

int32_t ek__ir_value_of(const ek__ir *ir, const ek__feed_table *t, ek_out out) {
  const int32_t fed = ek__fed_value(t, out);
  return fed >= 0 ? fed : ir->value_of_op[out.op] + out.index;
}

/* Predicates are compared by where they come from: through Identity, as cond writes pred_id, and LoopCond. One on the
 * way may wait for something, as a pred_id in a loop does: *waits, if there is one. */
static int32_t predicate_root(const ek__ir *ir, int32_t value, bool *waits) {
  *waits = false;
  for (const ek__pnode *n = ek__producer(ir, value); n != NULL; n = ek__producer(ir, value)) {
    if (!ek__is_type(n, &ek_op_identity) && !ek__is_type(n, &ek_op_loop_cond)) break;
    *waits = *waits || n->n_controls > 0;
    value = n->in[0];
  }
  return value;
}

static bool arg_is_ref(ek_graph *g, const ek__node *node, int input) {
  const ek__signature *s = ek__graph_signature(g, node->type);
  if (s == NULL) return false;
  for (int i = 0, at = 0; i < s->n_in; i++) {
    const ek__arg *arg = &s->in[i];
    const ek_attr *count = arg->number_attr != NULL ? ek__attr_find(node, arg->number_attr)
                           : arg->list_attr != NULL ? ek__attr_find(node, arg->list_attr)
                                                    : NULL;
    at += count == NULL ? 1 : arg->number_attr != NULL ? (int)count->v.i : count->n;
    if (input < at) return arg->is_ref;
  }
  return false;
}

/* Which variable each output of the node stands for, if it is a reference or a resource. */
static ek_slot *slot_of_output(ek__ir *ir, const ek__pnode *n) {
  if (n->def == NULL || (n->def->flags & EK_OP_HANDLES) != 0) return NULL;
  if (n->n_in == 0) return ir->env->slot(ir->env->run, n->node, ir->st);
  ek_slot *slot = NULL;
  for (int i = 0; i < n->n_in && slot == NULL; i++) slot = ir->values[n->in[i]].slot;
  for (int i = 0; ek__is_merge(n) && i < n->n_in; i++) {
    if (ir->values[n->in[i]].slot == slot) continue;
    (void)ek_status_set(ir->st, EK_UNIMPLEMENTED, "%s '%s': it is one variable or another; only their values can merge",
                        n->node->type, n->node->name);
    return NULL;
  }
  return slot;
}

int32_t ek__ir_read(ek__ir *ir, const ek__feed_table *feeds, const ek__node *node, int i, const int32_t *controls,
                    int n_controls) {
  ek_graph *g = ir->env->graph;
  const ek_out in = node->inputs[i];
  const int available = ek_op_num_outputs(g, ek_out_op(in));
  if (in.index >= available) {
    (void)ek_status_set(ir->st, EK_INVALID_ARGUMENT, "%s '%s': input %d is output %d of '%s', which has %d", node->type,
                        node->name, i, in.index, ek_op_name(g, ek_out_op(in)), available);
    return -1;
  }
  const int32_t value = ek__ir_value_of(ir, feeds, in);
  const bool plain = ir->values[value].is_ref && !arg_is_ref(g, node, i);
  return plain ? view_of(ir, value, controls, n_controls) : value;
}

ek_code ek__ir_add_op(ek__ir *ir, const ek__feed_table *feeds, ek_op op) {
  ek_graph *g = ir->env->graph;
  const ek__node *node = ek__node_of(g, op);
  ek__pnode n = {.kind = EK__P_OP,
                 .op = op,
                 .node = node,
                 .def = node->def,
                 .n_in = node->n_inputs,
                 .n_controls = node->n_controls,
                 .n_out = node->n_outputs};
  n.in = ek__ir_alloc(ir, (size_t)n.n_in, sizeof *n.in);
  n.controls = ek__ir_alloc(ir, (size_t)n.n_controls + 1, sizeof *n.controls);
  if (n.in == NULL || n.controls == NULL) return ir->st->code;
  int controls = 0;
  for (int i = 0; i < n.n_controls; i++) { /* a fed placeholder has no node */
    const int32_t c = ir->node_of_op[node->controls[i]];
    if (c >= 0) n.controls[controls++] = c;
  }
  n.n_controls = controls;
  for (int i = 0; i < n.n_in; i++)
    if ((n.in[i] = ek__ir_read(ir, feeds, node, i, n.controls, n.n_controls)) < 0) return ir->st->code;
  n.writes = n.def != NULL && (n.def->flags & EK_OP_WRITES_REF) != 0;
  if (n.def == &ek_op_switch || n.def == &ek_op_ref_switch) {
    bool waits = false;
    const int32_t given = ir->values[n.in[1]].node, pred = predicate_root(ir, n.in[1], &waits);
    if (waits) n.controls[n.n_controls++] = given; /* for which there is room */
    n.in[1] = pred;
    if (ir->values[pred].pred < 0) {
      ir->values[pred].pred = ir->plan->n_preds;
      EK_TRY(add_end(ir, EK__P_LATCH, pred, ir->plan->n_preds++));
    }
  }
  n.first_out = ir->n_values;
  for (int i = 0; i < n.n_out; i++) {
    const ek__type *t = &node->outputs[i];
    ek__pvalue v = {.node = ir->n_nodes, .feed = -1, .dtype = t->dtype, .is_ref = t->is_ref, .shape = t->shape};
    if (t->is_ref || t->dtype == EK_RESOURCE) {
      v.slot = slot_of_output(ir, &n);
      if (v.slot == NULL && ir->st->code != EK_OK) return ir->st->code;
    }
    if (ek__ir_add_value(ir, v) < 0) return ir->st->code;
  }
  ir->node_of_op[op.id] = ir->n_nodes;
  ir->value_of_op[op.id] = n.first_out;
  return ek__ir_add_node(ir, n) < 0 ? ir->st->code : EK_OK;
}

static ek_code add_feeds(ek__ir *ir, const ek__plan_key *key, ek__feed_table *t) {
  const ek_graph *g = ir->env->graph;
  int32_t *values = ek__ir_alloc(ir, (size_t)key->n_feeds, sizeof *values);
  t->first = ek__ir_alloc(ir, (size_t)g->n_nodes + 1, sizeof *t->first);
  if (values == NULL || t->first == NULL) return ir->st->code;
  for (int i = 0; i <= g->n_nodes; i++) t->first[i] = -1;
  for (int i = 0; i < key->n_feeds; i++) {
    const ek_out out = key->feeds[i];
    values[i] = ek__ir_add_value(
        ir, (ek__pvalue){.node = -1, .feed = i, .dtype = ek_out_dtype(g, out), .shape = key->feed_shapes[i]});
    if (values[i] < 0) return ir->st->code;
    if (t->first[out.op] < 0) t->first[out.op] = i;
  }
  t->feeds = key->feeds;
  t->values = values;
  t->n = key->n_feeds;
  return EK_OK;
}

ek_code ek__ir_build(ek__ir *ir, const ek__plan_key *key) {
  ek_graph *g = ir->env->graph;
  const size_t n = (size_t)g->n_nodes + 1;
  ek__feed_table feeds = {0};
  ir->node_of_op = ek__ir_alloc(ir, n, sizeof *ir->node_of_op);
  ir->value_of_op = ek__ir_alloc(ir, n, sizeof *ir->value_of_op);
  if (ir->node_of_op == NULL || ir->value_of_op == NULL) return ir->st->code;
  for (size_t i = 0; i < n; i++) ir->node_of_op[i] = ir->value_of_op[i] = -1;
  EK_TRY(add_feeds(ir, key, &feeds));
  EK_TRY(ek__frames_find(ir, key, &feeds));
  EK_TRY(ek__walk(ir, key, &feeds));
  for (int i = 0; i < key->n_targets; i++) ir->nodes[ir->node_of_op[key->targets[i].id]].needed = true;
  for (int i = 0; i < key->n_fetches; i++) {
    int32_t v = ek__ir_value_of(ir, &feeds, key->fetches[i]);
    if (ir->values[v].is_ref) v = view_of(ir, v, NULL, 0);
    if (v < 0) return ir->st->code;
    EK_REQUIRE(ir->values[v].dtype != EK_RESOURCE, ir->st, EK_INVALID_ARGUMENT,
               "fetch '%s:%d': a resource cannot be fetched", ek_op_name(g, ek_out_op(key->fetches[i])),
               key->fetches[i].index);
    EK_TRY(add_end(ir, EK__P_FETCH, v, i));
    ir->plan->fetches[i].value = v;
  }
  return EK_OK;
}
