/* SPDX-License-Identifier: Apache-2.0 */
/* Frames: which loop each op of a run is in. An Enter leads into the loop that its frame_name says, an Exit out of it,
 * and everything else is where its inputs are. */
#include "plan/loop.h"

#include <stdio.h>
#include <string.h>

enum { DEEPEST = 32 };

extern const ek_op_def ek_op_enter, ek_op_ref_enter, ek_op_exit, ek_op_ref_exit, ek_op_next_iteration,
    ek_op_ref_next_iteration;

bool ek__is_enter(const ek__node *n) { return n->def == &ek_op_enter || n->def == &ek_op_ref_enter; }

bool ek__is_exit(const ek__node *n) { return n->def == &ek_op_exit || n->def == &ek_op_ref_exit; }

bool ek__is_next_iteration(const ek__node *n) {
  return n->def == &ek_op_next_iteration || n->def == &ek_op_ref_next_iteration;
}

bool ek__is_loop_merge(const ek_graph *g, const ek__node *n) {
  if (n->def != &ek_op_merge && n->def != &ek_op_ref_merge) return false;
  for (int i = 0; i < n->n_inputs; i++) {
    const ek__node *from = ek__node_of(g, ek_out_op(n->inputs[i]));
    if (from != NULL && ek__is_next_iteration(from)) return true;
  }
  return false;
}

static bool is_back_edge(const ek__node *to, const ek__node *from) {
  return (to->def == &ek_op_merge || to->def == &ek_op_ref_merge) && ek__is_next_iteration(from);
}

/* Of a node that waits no more, and of the Identity behind an Enter that is let go. */
static bool is_let_go(const ek__ir *ir, const ek__node *n, ek_op control) {
  const ek_graph *g = ir->env->graph;
  const uint8_t *gone = ir->frames != NULL ? ir->frames->let_go : NULL;
  if (gone == NULL) return false;
  if (gone[n - g->nodes + 1] != 0) return true;
  const ek__node *c = ek__node_of(g, control);
  return c->def == &ek_op_identity && gone[c->inputs[0].op] != 0 &&
         ek__is_enter(ek__node_of(g, ek_out_op(c->inputs[0])));
}

ek_op ek__predecessor(const ek__ir *ir, const ek__feed_table *feeds, const ek__node *n, int i) {
  const ek_op none = {0};
  if (i < 2 && (n->def == &ek_op_switch || n->def == &ek_op_ref_switch)) i = 1 - i;
  if (i < n->n_inputs) return ek__fed_value(feeds, n->inputs[i]) >= 0 ? none : ek_out_op(n->inputs[i]);
  const ek_op control = {n->controls[i - n->n_inputs]};
  const ek__node *c = ek__node_of(ir->env->graph, control);
  const bool fed_placeholder = feeds->first[control.id] >= 0 && strcmp(c->type, "Placeholder") == 0;
  return fed_placeholder || is_let_go(ir, n, control) ? none : control;
}

typedef struct finder {
  ek__ir *ir;
  const ek__feed_table *feeds;
  ek__frames *f;
  ek__map known; /* "parent|name" -> frame */
  uint8_t *state;
  ek_op *late; /* NextIterations, to be walked once the rest is */
  int n_late, cap_late;
  struct visit {
    ek_op op;
    int next;
  } * stack;
  int cap_stack;
} finder;

enum { NEW = 0, OPEN = 1, DONE = 2 };

static const char *frame_name(const finder *d, int32_t frame) { return d->f->at[frame].name; }

/* The frame that all inputs come from; what is fed is in no loop. */
static ek_code common_frame(const finder *d, const ek__node *n, int32_t *frame) {
  const ek_graph *g = d->ir->env->graph;
  const char *first = NULL;
  *frame = 0;
  for (int i = 0; i < n->n_inputs + n->n_controls; i++) {
    const ek_op from = i < n->n_inputs ? ek_out_op(n->inputs[i]) : (ek_op){n->controls[i - n->n_inputs]};
    const bool fed = i < n->n_inputs && ek__fed_value(d->feeds, n->inputs[i]) >= 0;
    if (!fed && is_back_edge(n, ek__node_of(g, from))) continue;
    if (!fed && ek__predecessor(d->ir, d->feeds, n, i).id == 0 && i >= n->n_inputs) continue;
    const int32_t found = fed ? 0 : d->f->of[from.id];
    EK_REQUIRE(first == NULL || found == *frame, d->ir->st, EK_INVALID_ARGUMENT,
               "%s '%s': its inputs come from different loops: '%s' is in %s, '%s' in %s", n->type, n->name, first,
               frame_name(d, *frame), ek_op_name(g, from), frame_name(d, found));
    *frame = found;
    first = ek_op_name(g, from);
  }
  return EK_OK;
}

ek_code ek__op_list_add(ek__ir *ir, ek__op_list *l, ek_op op) {
  if (l->n == l->cap) {
    const int cap = l->cap == 0 ? 8 : 2 * l->cap;
    ek_op *grown = ek__ir_alloc(ir, (size_t)cap, sizeof *grown);
    if (grown == NULL) return ir->st->code;
    if (l->n > 0) memcpy(grown, l->at, (size_t)l->n * sizeof *grown);
    l->at = grown;
    l->cap = cap;
  }
  l->at[l->n++] = op;
  return EK_OK;
}

static ek_code enter_frame(finder *d, ek_op op, const ek__node *n, int32_t parent, int32_t *frame) {
  ek__frames *f = d->f;
  const ek_allocator *a = d->ir->env->allocator;
  const ek_attr *name = ek__attr_find(n, "frame_name");
  EK_REQUIRE(name != NULL && name->kind == EK_ATTR_STRING && *name->v.s.data != '\0', d->ir->st, EK_INVALID_ARGUMENT,
             "%s '%s': frame_name is missing or empty", n->type, n->name);
  const size_t size = strlen(name->v.s.data) + 16;
  char *key = ek__ir_alloc(d->ir, size, 1);
  if (key == NULL) return d->ir->st->code;
  (void)snprintf(key, size, "%d|%s", (int)parent, name->v.s.data);
  const int64_t *known = ek__map_get(&d->known, key);
  *frame = known != NULL ? (int32_t)*known : f->n;
  if (known == NULL) {
    EK_TRY(ek__map_put(&d->known, key, f->n, d->ir->st));
    EK_REQUIRE(f->at[parent].depth < DEEPEST, d->ir->st, EK_INVALID_ARGUMENT,
               "%s '%s': loops inside each other, more than %d deep", n->type, n->name, DEEPEST);
    EK_TRY(ek__grow(a, &f->at, &f->cap, f->n + 1, sizeof *f->at, d->ir->st));
    f->at[f->n++] = (ek__frame_of){.parent = parent, .depth = f->at[parent].depth + 1, .name = name->v.s.data};
  }
  return ek__op_list_add(d->ir, &f->at[*frame].enters, op);
}

static ek_code settle(finder *d, ek_op op) {
  const ek__node *n = ek__node_of(d->ir->env->graph, op);
  int32_t frame = 0;
  EK_TRY(common_frame(d, n, &frame));
  if (ek__is_enter(n)) EK_TRY(enter_frame(d, op, n, frame, &frame));
  EK_REQUIRE(frame > 0 || !(ek__is_exit(n) || ek__is_next_iteration(n)), d->ir->st, EK_INVALID_ARGUMENT,
             "%s '%s': is in no loop", n->type, n->name);
  if (ek__is_exit(n)) {
    EK_TRY(ek__op_list_add(d->ir, &d->f->at[frame].exits, op));
    frame = d->f->at[frame].parent;
  }
  d->f->of[op.id] = frame;
  return EK_OK;
}

static ek_code walk(finder *d, ek_op root) {
  const ek_graph *g = d->ir->env->graph;
  const ek_allocator *a = d->ir->env->allocator;
  int depth = 0;
  if (d->state[root.id] == DONE) return EK_OK;
  EK_TRY(ek__grow(a, &d->stack, &d->cap_stack, 1, sizeof *d->stack, d->ir->st));
  d->stack[depth++] = (struct visit){root, 0};
  d->state[root.id] = OPEN;
  while (depth > 0) {
    struct visit *top = &d->stack[depth - 1];
    const ek__node *n = ek__node_of(g, top->op);
    if (top->next == n->n_inputs + n->n_controls) {
      EK_TRY(settle(d, top->op));
      d->state[top->op.id] = DONE;
      depth--;
      continue;
    }
    const ek_op before = ek__predecessor(d->ir, d->feeds, n, top->next++);
    if (before.id == 0 || d->state[before.id] == DONE) continue;
    if (is_back_edge(n, ek__node_of(g, before))) {
      EK_TRY(ek__grow(a, &d->late, &d->cap_late, d->n_late + 1, sizeof *d->late, d->ir->st));
      d->late[d->n_late++] = before;
      continue;
    }
    EK_REQUIRE(d->state[before.id] == NEW, d->ir->st, EK_INVALID_ARGUMENT,
               "%s '%s': the graph has a cycle through this node", n->type, n->name);
    EK_TRY(ek__grow(a, &d->stack, &d->cap_stack, depth + 1, sizeof *d->stack, d->ir->st));
    d->stack[depth++] = (struct visit){before, 0};
    d->state[before.id] = OPEN;
  }
  return EK_OK;
}

static ek_code check_outside(const finder *d, ek_op op, const char *what) {
  const ek__node *n = ek__node_of(d->ir->env->graph, op);
  EK_REQUIRE(d->f->of[op.id] == 0, d->ir->st, EK_INVALID_ARGUMENT,
             "%s '%s': %s is made inside the loop '%s'; only what a loop returns may be asked for", what, n->name,
             n->type, frame_name(d, d->f->of[op.id]));
  return EK_OK;
}

static ek_code find(finder *d, const ek__plan_key *key) {
  const ek_graph *g = d->ir->env->graph;
  for (int i = 0; i < key->n_fetches; i++)
    if (ek__fed_value(d->feeds, key->fetches[i]) < 0) EK_TRY(walk(d, ek_out_op(key->fetches[i])));
  for (int i = 0; i < key->n_targets; i++) EK_TRY(walk(d, key->targets[i]));
  for (int i = 0; i < d->n_late; i++) EK_TRY(walk(d, d->late[i])); /* which may find more */
  for (int i = 0; i < key->n_fetches; i++)
    if (ek__fed_value(d->feeds, key->fetches[i]) < 0) EK_TRY(check_outside(d, ek_out_op(key->fetches[i]), "fetch"));
  for (int i = 0; i < key->n_targets; i++) EK_TRY(check_outside(d, key->targets[i], "target"));
  for (int32_t id = 1; id <= g->n_nodes; id++) {
    const ek__node *n = ek__node_of(g, (ek_op){id});
    if (d->f->of[id] < 0 || !ek__is_loop_merge(g, n)) continue;
    for (int k = 0; k < n->n_inputs; k++) {
      const ek_op from = ek_out_op(n->inputs[k]);
      EK_REQUIRE(ek__fed_value(d->feeds, n->inputs[k]) < 0 && d->f->of[from.id] == d->f->of[id], d->ir->st,
                 EK_INVALID_ARGUMENT, "%s '%s': joins what is not of one loop ('%s')", n->type, n->name,
                 ek_op_name(g, from));
    }
  }
  return EK_OK;
}

ek_code ek__frames_find(ek__ir *ir, const ek__plan_key *key, const ek__feed_table *feeds) {
  const ek_graph *g = ir->env->graph;
  bool loops = false;
  for (int i = 0; i < g->n_nodes && !loops; i++)
    loops = ek__is_enter(&g->nodes[i]) || ek__is_exit(&g->nodes[i]) || ek__is_next_iteration(&g->nodes[i]);
  if (!loops) return EK_OK;
  const size_t n = (size_t)g->n_nodes + 1;
  ek__frames *f = ek__ir_alloc(ir, 1, sizeof *f);
  finder d = {.ir = ir, .feeds = feeds, .f = f, .state = ek__ir_alloc(ir, n, 1)};
  if (f == NULL || d.state == NULL || (f->of = ek__ir_alloc(ir, n, sizeof *f->of)) == NULL) return ir->st->code;
  for (size_t i = 0; i < n; i++) f->of[i] = -1;
  ir->frames = f;
  ek__map_init(&d.known, ir->env->allocator);
  ek_code rc = ek__grow(ir->env->allocator, &f->at, &f->cap, 1, sizeof *f->at, ir->st);
  if (rc == EK_OK) {
    f->at[f->n++] = (ek__frame_of){.parent = -1, .name = "no loop"};
    rc = find(&d, key);
    if (rc == EK_OK) rc = ek__find_late_enters(ir, feeds);
  }
  ek__map_fini(&d.known);
  ek__free(ir->env->allocator, d.late, (size_t)d.cap_late * sizeof *d.late);
  ek__free(ir->env->allocator, d.stack, (size_t)d.cap_stack * sizeof *d.stack);
  return rc;
}

void ek__frames_fini(ek__ir *ir) {
  const ek_allocator *a = ir->env->allocator;
  if (ir->frames == NULL) return;
  for (ek__ploop *l = ir->frames->loops; l != NULL; l = l->next) {
    ek__free(a, l->body.nodes, (size_t)l->body.cap_nodes * sizeof *l->body.nodes);
    ek__free(a, l->body.values, (size_t)l->body.cap_values * sizeof *l->body.values);
    ek__free(a, l->enters, (size_t)l->cap_enters * sizeof *l->enters);
    ek__free(a, l->carries, (size_t)l->cap_carries * sizeof *l->carries);
  }
  ek__free(a, ir->frames->at, (size_t)ir->frames->cap * sizeof *ir->frames->at);
}
