/* SPDX-License-Identifier: Apache-2.0 */
/* Groups of nodes that become one step. It runs when it is known what has a step, and before the order is made: a group
 * may stand anywhere between what it waits for and who reads it; in a loop, between the ends of an iteration. Members
 * stay where they are, as points in the order; only one that writes a variable moves behind the new node, with all who
 * wait for the write. */
#include "plan/fuse.h"
#include "plan/loop.h"

#include <string.h>

static ek__pattern *const patterns[] = {ek__fuse_update,           ek__fuse_moving_average,   ek__fuse_batch_norm_grad,
                                        ek__fuse_batch_norm_train, ek__fuse_batch_norm_infer, ek__fuse_moments};

/* ---- looking */

bool ek__fuse_live(const ek__fuser *f, int32_t node) { return f->ir->nodes[node].needed; }

const ek__pnode *ek__fuse_producer(const ek__fuser *f, int32_t value, const char *type) {
  const ek__pnode *n = ek__producer(f->ir, value);
  return n != NULL && n->needed && n->kind == EK__P_OP && strcmp(n->def->name, type) == 0 ? n : NULL;
}

static bool is_plain_alias(const ek__pnode *n) {
  return ek__is_alias(n) && n->def != &ek_op_switch && n->def != &ek_op_ref_switch;
}

int32_t ek__fuse_origin(const ek__fuser *f, int32_t value) {
  for (const ek__pnode *n = ek__producer(f->ir, value); n != NULL && is_plain_alias(n); n = ek__producer(f->ir, value))
    value = n->in[0];
  return value;
}

static ek_code find_readers(ek__fuser *f) {
  const ek__ir *ir = f->ir;
  f->first_reader = ek__ir_alloc(f->ir, (size_t)ir->n_values + 2, sizeof(int32_t));
  if (f->first_reader == NULL) return ir->st->code;
  for (int i = 0; i < ir->n_nodes; i++)
    for (int k = 0; ir->nodes[i].needed && k < ir->nodes[i].n_in; k++) f->first_reader[ir->nodes[i].in[k] + 2]++;
  for (int v = 0; v < ir->n_values; v++) f->first_reader[v + 2] += f->first_reader[v + 1];
  f->readers = ek__ir_alloc(f->ir, (size_t)f->first_reader[ir->n_values + 1], sizeof(int32_t));
  if (f->readers == NULL) return ir->st->code;
  for (int i = 0; i < ir->n_nodes; i++) /* filling moves every start to its end, which is the next one's start */
    for (int k = 0; ir->nodes[i].needed && k < ir->nodes[i].n_in; k++)
      f->readers[f->first_reader[ir->nodes[i].in[k] + 1]++] = i;
  return EK_OK;
}

/* For every variable met, who writes it. */
static ek_code find_writes(ek__fuser *f) {
  ek__ir *ir = f->ir;
  int n = 0;
  for (int round = 0; round < 2; round++)
    for (int i = 0; i < ir->n_values; i++) {
      ek_slot *const slots[] = {ir->values[i].slot, ir->values[i].view_of};
      for (int k = 0; k < 2; k++)
        if (slots[k] != NULL && (round == 0 || slots[k]->index < 0)) slots[k]->index = round == 0 ? -1 : n++;
    }
  f->first_write = ek__ir_alloc(ir, (size_t)n, sizeof *f->first_write);
  f->writes = ek__ir_alloc(ir, (size_t)n, sizeof *f->writes);
  if (f->first_write == NULL || f->writes == NULL) return ir->st->code;
  for (int i = 0; i < n; i++) f->first_write[i] = INT32_MAX;
  for (int32_t i = ir->n_nodes - 1; i >= 0; i--)
    for (int k = 0; ir->nodes[i].writes && k < ir->nodes[i].n_in; k++)
      if (ir->values[ir->nodes[i].in[k]].slot != NULL) {
        const int32_t variable = ir->values[ir->nodes[i].in[k]].slot->index;
        f->first_write[variable] = i;
        f->writes[variable]++;
      }
  return EK_OK;
}

/* What an iteration leaves to the next, and what the loop returns, is read by no node. */
static void keep_ends(ek__fuser *f) {
  const ek__ploop *loop = f->ir->loop;
  if (loop == NULL) return;
  for (int i = 0; i < loop->n_carries; i++) f->kept[loop->carries[i].next] = true;
  for (int i = 0; i < loop->n_exits; i++) f->kept[loop->exits[i]] = f->kept[loop->exits[i]] || loop->exit_used[i];
}

/* ---- may it be? */

static bool is_member(const ek__fuser *f, int32_t node) { return f->mark[node] == f->epoch; }

static bool is_output(const ek__group *g, int32_t value) {
  for (int i = 0; i < g->n_out; i++)
    if (g->out[i] == value) return true;
  return false;
}

/* Whoever reads a value that will be gone must be a member; a value under another name makes the one who names it a
 * member too. A fetch is no member. */
static bool closed(ek__fuser *f, ek__group *g) {
  const ek__ir *ir = f->ir;
  for (int i = 0; i < g->n_nodes; i++) { /* the list grows */
    const ek__pnode *n = &ir->nodes[g->nodes[i]];
    for (int32_t v = n->first_out; v < n->first_out + n->n_out; v++) {
      if (is_output(g, v)) continue;
      if (f->kept[v]) return false;
      for (int32_t r = f->first_reader[v]; r < f->first_reader[v + 1]; r++) {
        const int32_t reader = f->readers[r];
        if (is_member(f, reader) || !ir->nodes[reader].needed) continue;
        if (!is_plain_alias(&ir->nodes[reader]) || g->n_nodes == EK__GROUP_NODES) return false;
        f->mark[reader] = f->epoch;
        g->nodes[g->n_nodes++] = reader;
      }
    }
  }
  return true;
}

/* The node does not wait for the new node, that is for one of its outputs or for its write. Ancestors that could stand
 * behind the first member are looked at one by one, and must not write: the new node will pull them before all who read
 * its outputs. Gives up where that would take long. */
static bool independent(ek__fuser *f, const ek__group *g, int32_t node, int32_t first) {
  const ek__ir *ir = f->ir;
  const ek__pnode *n = &ir->nodes[node];
  if (f->rank[node] < first) return true;
  if (f->seen[node] == f->epoch) return f->is_independent[node];
  if (--f->budget < 0) return false;
  bool good = !n->writes;
  for (int k = 0; k < n->n_in && good; k++) {
    const int32_t from = ir->values[n->in[k]].node;
    const bool reads = n->needed && !is_member(f, node) && is_output(g, n->in[k]);
    good = !reads && (from < 0 || independent(f, g, from, first));
  }
  for (int k = 0; k < n->n_controls && good; k++) good = independent(f, g, n->controls[k], first);
  f->seen[node] = f->epoch;
  f->is_independent[node] = good;
  if (good) f->pulled[f->n_pulled++] = node;
  return good;
}

/* The new node waits for this one; if that waits for the new node itself and is a mere point in the order or another
 * name, for what it waits for besides. */
static bool wait_for(ek__fuser *f, const ek__group *g, int32_t node, int32_t first) {
  const ek__ir *ir = f->ir;
  const ek__pnode *n = &ir->nodes[node];
  if (is_member(f, node) || f->asked[node] == f->epoch) return true;
  f->asked[node] = f->epoch;
  if (independent(f, g, node, first)) {
    f->waits[f->n_waits++] = node;
    return true;
  }
  if ((n->needed && !is_plain_alias(n)) || n->writes || --f->budget < 0) return false;
  for (int k = 0; k < n->n_in; k++)
    if (ir->values[n->in[k]].node >= 0 && !wait_for(f, g, ir->values[n->in[k]].node, first)) return false;
  for (int k = 0; k < n->n_controls; k++)
    if (!wait_for(f, g, n->controls[k], first)) return false;
  return true;
}

static int32_t first_rank(const ek__fuser *f, const ek__group *g) {
  int32_t first = f->rank[g->nodes[0]];
  for (int i = 1; i < g->n_nodes; i++)
    if (f->rank[g->nodes[i]] < first) first = f->rank[g->nodes[i]];
  return first;
}

/* Finds what the new node waits for: all that its members have waited for. False: a way leads from it back to it. */
static bool find_waits(ek__fuser *f, const ek__group *g) {
  enum { BUDGET = 1000 };
  const ek__ir *ir = f->ir;
  const int32_t first = first_rank(f, g);
  f->budget = BUDGET;
  f->n_pulled = f->n_waits = 0;
  for (int k = 0; k < g->n_in; k++)
    if (ir->values[g->in[k]].node >= 0 && !independent(f, g, ir->values[g->in[k]].node, first)) return false;
  for (int i = 0; i < g->n_nodes; i++) {
    const ek__pnode *n = &ir->nodes[g->nodes[i]];
    for (int k = 0; k < n->n_in; k++)
      if (ir->values[n->in[k]].node >= 0 && !wait_for(f, g, ir->values[n->in[k]].node, first)) return false;
    for (int k = 0; k < n->n_controls; k++)
      if (!wait_for(f, g, n->controls[k], first)) return false;
  }
  return true;
}

/* A member that reads a variable may read it later now, when the last member can begin. A write that is no ancestor of
 * the group still comes after all its reads; one that stands behind the first member is none, or find_waits refuses. */
static bool reads_stay(const ek__fuser *f, const ek__group *g) {
  const ek__ir *ir = f->ir;
  const int32_t first = first_rank(f, g);
  for (int k = 0; k < g->n_in; k++) {
    const ek_slot *slot = ir->values[g->in[k]].view_of;
    if (slot != NULL && f->first_write[slot->index] < first) return false;
  }
  return true;
}

/* Members run under one guard, and nothing about shapes waits for the run. */
static bool uniform(const ek__fuser *f, const ek__group *g) {
  const ek__ir *ir = f->ir;
  const ek__pnode *first = &ir->nodes[g->nodes[0]];
  for (int i = 0; i < g->n_nodes; i++) {
    const ek__pnode *n = &ir->nodes[g->nodes[i]];
    if (!n->needed || n->kind != EK__P_OP || n->guard != first->guard || n->run_guard != first->run_guard) return false;
    if (n->late || ek__has_late_shape(ir, n) || (n->run_guard != 0 && ek__is_huge(ir, n))) return false;
  }
  for (int k = 0; k < g->n_in; k++) {
    const ek__pvalue *v = &ir->values[g->in[k]];
    if (!v->is_ref && v->dtype != EK_RESOURCE && !ek_shape_is_known(v->shape)) return false;
  }
  return true;
}

/* ---- doing it */

static ek_code describe(ek__fuser *f, const ek__group *g, ek__pnode *n) {
  const ek__ir *ir = f->ir;
  ek__arena *memory = &ir->plan->memory;
  ek__fused *fused = ek__arena_array(memory, 1, sizeof *fused);
  const ek__node **nodes = ek__arena_array(memory, (size_t)g->n_nodes, sizeof *nodes);
  if (fused == NULL || nodes == NULL) return ek__no_memory(ir->st, "a plan's step", 0);
  for (int i = 0; i < g->n_nodes; i++) nodes[i] = ir->nodes[g->nodes[i]].node;
  *fused = g->fused;
  fused->nodes = nodes;
  fused->n_nodes = g->n_nodes;
  n->fused = fused;
  return EK_OK;
}

static ek_code inputs(ek__fuser *f, const ek__group *g, ek__pnode *n) {
  n->in = ek__ir_alloc(f->ir, (size_t)g->n_in, sizeof *n->in);
  n->controls = ek__ir_alloc(f->ir, (size_t)f->n_waits, sizeof *n->controls);
  if (n->in == NULL || n->controls == NULL) return f->ir->st->code;
  for (int k = 0; k < g->n_in; k++) n->in[n->n_in++] = g->in[k], f->kept[g->in[k]] = true;
  for (int k = 0; k < f->n_waits; k++) n->controls[n->n_controls++] = f->waits[k];
  return EK_OK;
}

static ek_code outputs(ek__fuser *f, const ek__group *g, ek__pnode *n) {
  ek__ir *ir = f->ir;
  n->first_out = ir->n_values;
  n->n_out = g->n_out;
  for (int k = 0; k < g->n_out; k++) {
    EK_TRY(ek__grow(ir->env->allocator, &ir->values, &ir->cap_values, ir->n_values + 1, sizeof *ir->values, ir->st));
    ek__pvalue v = ir->values[g->out[k]];
    v.node = ir->n_nodes;
    v.root = ir->n_values;
    f->replaced[g->out[k]] = ir->n_values;
    ir->values[ir->n_values++] = v;
  }
  return EK_OK;
}

static ek_code fuse(ek__fuser *f, const ek__group *g) {
  ek__ir *ir = f->ir;
  const ek__pnode *named = &ir->nodes[g->name];
  ek__pnode n = {.kind = EK__P_OP,
                 .op = named->op,
                 .node = named->node,
                 .def = g->def,
                 .guard = named->guard,
                 .run_guard = named->run_guard,
                 .needed = true,
                 .writes = (g->def->flags & EK_OP_WRITES_REF) != 0,
                 .nodes = g->n_nodes};
  EK_TRY(describe(f, g, &n));
  EK_TRY(inputs(f, g, &n));
  EK_TRY(outputs(f, g, &n));
  EK_TRY(ek__grow(ir->env->allocator, &ir->nodes, &ir->cap_nodes, ir->n_nodes + 1, sizeof n, ir->st));
  int32_t *behind = ek__ir_alloc(ir, 1, sizeof *behind);
  if (behind == NULL) return ir->st->code;
  *behind = ir->n_nodes;
  /* It can stand before whoever stands behind the first member, and with it all that it pulled there. */
  const int32_t rank = first_rank(f, g);
  f->rank[ir->n_nodes] = rank;
  for (int i = 0; i < f->n_pulled; i++) f->rank[f->pulled[i]] = rank;
  for (int i = 0; i < g->n_nodes; i++) {
    ek__pnode *member = &ir->nodes[g->nodes[i]];
    member->needed = false;
    if (!member->writes) continue;
    for (int k = 0; k < member->n_in; k++) {
      const ek_slot *slot = ir->values[member->in[k]].slot;
      if (slot != NULL && f->first_write[slot->index] > rank) f->first_write[slot->index] = rank;
    }
    member->writes = false;
    member->n_in = 0;
    member->controls = behind;
    member->n_controls = 1;
  }
  ir->nodes[ir->n_nodes++] = n;
  return EK_OK;
}

static ek_code try_pattern(ek__fuser *f, ek__pattern *pattern, int32_t node, bool *done) {
  ek__group g = {.name = node};
  *done = false;
  if (!pattern(f, node, &g)) return EK_OK;
  f->epoch++;
  for (int i = 0; i < g.n_nodes; i++) f->mark[g.nodes[i]] = f->epoch;
  if (!closed(f, &g) || !uniform(f, &g) || !reads_stay(f, &g) || !find_waits(f, &g)) return EK_OK;
  *done = true;
  return fuse(f, &g);
}

ek_code ek__ir_fuse(ek__ir *ir) {
  const int nodes = ir->n_nodes;
  ek__fuser f = {.ir = ir, .n_values = ir->n_values};
  if ((ir->env->without_passes & EK_PASS_FUSE) != 0) return EK_OK;
  for (int i = 0; i < nodes; i++)
    if (ir->nodes[i].kind == EK__P_LOOP && ir->nodes[i].needed) EK_TRY(ek__ir_fuse(&ir->nodes[i].loop->body));
  f.replaced = ek__ir_alloc(ir, (size_t)ir->n_values, sizeof *f.replaced);
  f.kept = ek__ir_alloc(ir, (size_t)ir->n_values, sizeof *f.kept);
  const size_t most = 2 * (size_t)ir->n_nodes; /* every group has at least two members */
  f.rank = ek__ir_alloc(ir, most, sizeof *f.rank);
  f.mark = ek__ir_alloc(ir, most, sizeof *f.mark);
  f.seen = ek__ir_alloc(ir, most, sizeof *f.seen);
  f.asked = ek__ir_alloc(ir, most, sizeof *f.asked);
  f.is_independent = ek__ir_alloc(ir, most, sizeof *f.is_independent);
  f.pulled = ek__ir_alloc(ir, most, sizeof *f.pulled);
  f.waits = ek__ir_alloc(ir, most, sizeof *f.waits);
  if (f.replaced == NULL || f.kept == NULL || f.rank == NULL || f.mark == NULL || f.seen == NULL || f.asked == NULL ||
      f.is_independent == NULL || f.pulled == NULL || f.waits == NULL)
    return ir->st->code;
  for (int32_t v = 0; v < ir->n_values; v++) f.replaced[v] = v;
  for (int32_t i = 0; i < ir->n_nodes; i++) f.rank[i] = i;
  keep_ends(&f);
  EK_TRY(find_readers(&f));
  EK_TRY(find_writes(&f));
  for (int32_t i = nodes - 1; i >= 0; i--) /* gradients come before what they are gradients of */
    for (size_t p = 0; p < sizeof patterns / sizeof patterns[0] && ek__fuse_live(&f, i); p++) {
      bool done = false;
      EK_TRY(try_pattern(&f, patterns[p], i, &done));
    }
  for (int i = 0; i < ir->n_nodes; i++)
    for (int k = 0; ir->nodes[i].needed && k < ir->nodes[i].n_in; k++)
      if (ir->nodes[i].in[k] < f.n_values) ir->nodes[i].in[k] = f.replaced[ir->nodes[i].in[k]];
  for (int i = 0; i < ir->plan->key.n_fetches; i++) ir->plan->fetches[i].value = f.replaced[ir->plan->fetches[i].value];
  return EK_OK;
}
