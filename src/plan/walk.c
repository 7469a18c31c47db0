/* SPDX-License-Identifier: Apache-2.0 */
/* The walk from fetches and targets: depth first, without recursion but into loops, inputs before controls, both in
 * their order. A loop is visited as one thing that waits for all that enters it; then its body is walked. */
#include "plan/loop.h"

typedef struct visit {
  int32_t at; /* op id; above the graph's: a frame */
  int enter;  /* of a frame: which Enter's predecessors are under way */
  int next;   /* which predecessor comes next */
} visit;

typedef struct walker {
  const ek__feed_table *feeds;
  uint8_t *state; /* by op id, frames behind */
  visit *stack;
  int cap, depth;
  ek_op *late; /* NextIterations of the loops under way, not yet walked */
  int n_late, cap_late;
} walker;

enum { NEW = 0, OPEN = 1, DONE = 2 };

static ek_code add_loop(walker *w, ek__ir *ir, int32_t frame);

static int32_t first_frame(const ek__ir *ir) { return ir->env->graph->n_nodes + 1; }

static ek_code push(walker *w, ek__ir *ir, int32_t at) {
  EK_TRY(ek__grow(ir->env->allocator, &w->stack, &w->cap, w->depth + 1, sizeof *w->stack, ir->st));
  w->stack[w->depth++] = (visit){.at = at};
  w->state[at] = OPEN;
  return EK_OK;
}

/* ---- what an iteration begins with */

static int32_t add_outer(ek__ir *ir, ek_op op, int32_t from) {
  const ek__type *t = &ek__node_of(ir->env->graph, op)->outputs[0];
  const int32_t v = ek__ir_add_value(ir, (ek__pvalue){.node = -1,
                                                      .feed = -1,
                                                      .op = op,
                                                      .dtype = t->dtype,
                                                      .is_ref = t->is_ref,
                                                      .shape = t->shape,
                                                      .slot = ir->loop->around->values[from].slot});
  if (v >= 0) ir->value_of_op[op.id] = v;
  return v;
}

/* The input of the loop that an Enter is. */
static ek_code enter(walker *w, ek__ir *ir, ek_op op, bool constant) {
  ek__ploop *loop = ir->loop;
  const ek__node *n = ek__node_of(ir->env->graph, op);
  ek__penter e = {.op = op, .value = -1};
  e.from = ek__ir_read(loop->around, w->feeds, n, 0, NULL, 0);
  if (e.from < 0) return ir->st->code;
  if (constant && (e.value = add_outer(ir, op, e.from)) < 0) return ir->st->code;
  EK_TRY(ek__grow(ir->env->allocator, &loop->enters, &loop->cap_enters, loop->n_enters + 1, sizeof e, ir->st));
  loop->enters[loop->n_enters++] = e;
  return EK_OK;
}

static ek_code carry(walker *w, ek__ir *ir, ek_op op) {
  ek__ploop *loop = ir->loop;
  const ek_allocator *a = ir->env->allocator;
  const ek_graph *g = ir->env->graph;
  const ek__node *n = ek__node_of(g, op);
  const bool two = n->n_inputs == 2 && ek__is_enter(ek__node_of(g, ek_out_op(n->inputs[0]))) &&
                   ek__is_next_iteration(ek__node_of(g, ek_out_op(n->inputs[1])));
  EK_REQUIRE(two, ir->st, EK_UNIMPLEMENTED,
             "%s '%s': at the head of the loop '%s', but not of an Enter and a NextIteration", n->type, n->name,
             loop->frame);
  ek__pcarry c = {.merge = op, .in = loop->n_enters};
  EK_TRY(enter(w, ir, ek_out_op(n->inputs[0]), false));
  c.now = add_outer(ir, op, loop->enters[c.in].from);
  if (c.now >= 0) ir->values[c.now].carried = true;
  c.index = ek__ir_add_value(
      ir,
      (ek__pvalue){.node = -1, .feed = -1, .op = op, .dtype = EK_INT32, .shape = ek_shape_scalar(), .carried = true});
  if (c.now < 0 || c.index < 0) return ir->st->code;
  EK_TRY(ek__grow(a, &loop->carries, &loop->cap_carries, loop->n_carries + 1, sizeof c, ir->st));
  loop->carries[loop->n_carries++] = c;
  EK_TRY(ek__grow(a, &w->late, &w->cap_late, w->n_late + 1, sizeof *w->late, ir->st));
  w->late[w->n_late++] = ek_out_op(n->inputs[1]);
  return EK_OK;
}

/* ---- the walk itself */

/* A predecessor: made at once if an iteration begins with it, else put on the stack if it is new. */
static ek_code meet(walker *w, ek__ir *ir, ek_op op) {
  const ek_graph *g = ir->env->graph;
  const ek__node *n = ek__node_of(g, op);
  int32_t at = op.id;
  if (ir->frames != NULL && ek__is_exit(n)) at = first_frame(ir) + ir->frames->of[n->inputs[0].op];
  if (ir->loop != NULL && ek__is_loop_merge(g, n)) return ir->value_of_op[at] < 0 ? carry(w, ir, op) : EK_OK;
  if (ir->loop != NULL && ek__is_enter(n)) {
    const ek_attr *constant = ek__attr_find(n, "is_constant");
    EK_REQUIRE(constant != NULL && constant->kind == EK_ATTR_BOOL && constant->v.b, ir->st, EK_UNIMPLEMENTED,
               "%s '%s': is not constant in the loop '%s', but read by other than the Merge at its head", n->type,
               n->name, ir->loop->frame);
    return ir->value_of_op[at] < 0 ? enter(w, ir, op, true) : EK_OK;
  }
  if (w->state[at] == DONE) return EK_OK;
  EK_REQUIRE(w->state[at] == NEW, ir->st, EK_INVALID_ARGUMENT, "%s '%s': the graph has a cycle through this node",
             n->type, n->name);
  return push(w, ir, at);
}

/* The next predecessor of what is on top of the stack; id 0: it is cut off. False: there is none left. */
static bool next(walker *w, ek__ir *ir, ek_op *before) {
  visit *top = &w->stack[w->depth - 1];
  const ek_graph *g = ir->env->graph;
  const bool frame = top->at >= first_frame(ir);
  const ek__op_list *enters = frame ? &ir->frames->at[top->at - first_frame(ir)].enters : NULL;
  while (!frame || top->enter < enters->n) {
    const ek__node *n = ek__node_of(g, frame ? enters->at[top->enter] : (ek_op){top->at});
    if (frame && ir->frames->let_go[enters->at[top->enter].id] != 0) {
      top->enter++;
      continue;
    }
    if (top->next < n->n_inputs + n->n_controls) return *before = ek__predecessor(ir, w->feeds, n, top->next++), true;
    if (!frame) return false;
    top->enter++;
    top->next = 0;
  }
  return false;
}

/* Down to what was on the stack before. */
static ek_code walk(walker *w, ek__ir *ir, int base) {
  while (w->depth > base) {
    ek_op before = {0};
    if (next(w, ir, &before)) {
      if (before.id != 0) EK_TRY(meet(w, ir, before));
      continue;
    }
    const int32_t at = w->stack[w->depth - 1].at;
    EK_TRY(at < first_frame(ir) ? ek__ir_add_op(ir, w->feeds, (ek_op){at}) : add_loop(w, ir, at - first_frame(ir)));
    w->state[at] = DONE;
    w->depth--;
  }
  return EK_OK;
}

/* ---- a loop, when all that enters it is there */

static ek_code walk_end(walker *w, ek__ploop *loop, ek_op end) { /* an Exit or a NextIteration */
  const int base = w->depth;
  if (w->state[end.id] != DONE) EK_TRY(push(w, &loop->body, end.id));
  return walk(w, &loop->body, base);
}

static ek_code walk_body(walker *w, ek__ploop *loop, const ek__op_list *exits) {
  const int base = w->n_late;
  for (int i = 0; i < exits->n; i++) {
    EK_TRY(walk_end(w, loop, exits->at[i]));
    loop->exits[i] = loop->body.value_of_op[exits->at[i].id];
  }
  for (int i = base; i < w->n_late; i++) EK_TRY(walk_end(w, loop, w->late[i])); /* which may find more */
  w->n_late = base;
  for (int i = 0; i < loop->n_carries; i++) {
    const ek__node *merge = ek__node_of(loop->body.env->graph, loop->carries[i].merge);
    loop->carries[i].next = loop->body.value_of_op[merge->inputs[1].op];
  }
  return EK_OK;
}

static ek_code make_loop(ek__ir *ir, int32_t frame, ek__ploop **out) {
  const size_t n_exits = (size_t)ir->frames->at[frame].exits.n;
  ek__ploop *loop = ek__ir_alloc(ir, 1, sizeof *loop);
  *out = loop;
  if (loop == NULL) return ir->st->code;
  loop->frame = ir->frames->at[frame].name;
  loop->around = ir;
  loop->n_exits = (int)n_exits;
  loop->exits = ek__ir_alloc(ir, n_exits, sizeof *loop->exits);
  loop->exit_used = ek__ir_alloc(ir, n_exits, sizeof *loop->exit_used);
  loop->body = (ek__ir){.env = ir->env,
                        .plan = ek__plan_new_body(ir->plan, ir->env, ir->st),
                        .scratch = ir->scratch,
                        .st = ir->st,
                        .node_of_op = ir->node_of_op,
                        .value_of_op = ir->value_of_op,
                        .frames = ir->frames,
                        .loop = loop};
  loop->next = ir->frames->loops;
  ir->frames->loops = loop;
  return loop->exits != NULL && loop->exit_used != NULL && loop->body.plan != NULL ? EK_OK : ir->st->code;
}

static ek_code add_loop(walker *w, ek__ir *ir, int32_t frame) {
  const ek_graph *g = ir->env->graph;
  const ek__op_list *exits = &ir->frames->at[frame].exits, *enters = &ir->frames->at[frame].enters;
  ek__ploop *loop = NULL;
  EK_TRY(make_loop(ir, frame, &loop));
  EK_TRY(walk_body(w, loop, exits));
  ek__pnode n = {.kind = EK__P_LOOP,
                 .op = exits->at[0],
                 .node = ek__node_of(g, exits->at[0]),
                 .n_in = loop->n_enters,
                 .n_out = loop->n_exits,
                 .loop = loop};
  int n_controls = 0;
  for (int i = 0; i < enters->n; i++) n_controls += ek__node_of(g, enters->at[i])->n_controls;
  n.in = ek__ir_alloc(ir, (size_t)n.n_in, sizeof *n.in);
  n.controls = ek__ir_alloc(ir, (size_t)n_controls, sizeof *n.controls);
  if (n.in == NULL || n.controls == NULL) return ir->st->code;
  for (int i = 0; i < n.n_in; i++) n.in[i] = loop->enters[i].from;
  for (int i = 0; i < enters->n; i++) {
    const ek__node *e = ek__node_of(g, enters->at[i]);
    for (int k = 0; k < e->n_controls; k++)
      if (ir->node_of_op[e->controls[k]] >= 0) n.controls[n.n_controls++] = ir->node_of_op[e->controls[k]];
  }
  for (int i = 0; i < loop->body.n_nodes; i++) n.writes = n.writes || loop->body.nodes[i].writes;
  n.first_out = ir->n_values;
  for (int i = 0; i < n.n_out; i++) {
    const ek__pvalue *inside = &loop->body.values[loop->exits[i]];
    const ek__pvalue v = {.node = ir->n_nodes,
                          .feed = -1,
                          .dtype = inside->dtype,
                          .is_ref = inside->is_ref,
                          .shape = ek_shape_unknown(),
                          .slot = inside->slot};
    if (ek__ir_add_value(ir, v) < 0) return ir->st->code;
    ir->node_of_op[exits->at[i].id] = ir->n_nodes;
    ir->value_of_op[exits->at[i].id] = n.first_out + i;
  }
  return ek__ir_add_node(ir, n) < 0 ? ir->st->code : EK_OK;
}

static ek_code walk_root(walker *w, ek__ir *ir, ek_op root) {
  EK_TRY(meet(w, ir, root));
  return walk(w, ir, 0);
}

ek_code ek__walk(ek__ir *ir, const ek__plan_key *key, const ek__feed_table *feeds) {
  const size_t n = (size_t)ir->env->graph->n_nodes + 1 + (size_t)(ir->frames != NULL ? ir->frames->n : 0);
  walker w = {.feeds = feeds, .state = ek__ir_alloc(ir, n, 1)};
  ek_code rc = w.state != NULL ? EK_OK : ir->st->code;
  for (int i = 0; rc == EK_OK && i < key->n_fetches; i++)
    if (ek__fed_value(feeds, key->fetches[i]) < 0) rc = walk_root(&w, ir, ek_out_op(key->fetches[i]));
  for (int i = 0; rc == EK_OK && i < key->n_targets; i++) rc = walk_root(&w, ir, key->targets[i]);
  for (int i = 0; rc == EK_OK && ir->frames != NULL && i < ir->frames->extra.n; i++)
    rc = walk_root(&w, ir, ir->frames->extra.at[i]);
  ek__free(ir->env->allocator, w.stack, (size_t)w.cap * sizeof *w.stack);
  ek__free(ir->env->allocator, w.late, (size_t)w.cap_late * sizeof *w.late);
  return rc;
}
