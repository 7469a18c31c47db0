/* SPDX-License-Identifier: Apache-2.0 */
/* The order of execution: topological, ties by the order of the graph's walk, and writes of variables as late as they
 * can be. So a variable's readers come before its unordered writers, whatever the rest of the graph looks like. */
#include "plan/loop.h"

#include <string.h>

typedef struct edges { /* successors of each node, as one array cut at first[] */
  int32_t *first, *to;
} edges;

typedef struct heap {
  int32_t *at;
  int n;
} heap;

typedef struct sorter {
  ek__ir *ir;
  edges after;
  int32_t *waiting;   /* predecessors not yet placed */
  heap ready, writes; /* by node index */
  ek_slot **slots;
  int n_slots;
  int32_t *readers_first, *readers; /* nodes that read a slot's memory, by slot */
  int32_t *pending;                 /* of them, not yet placed */
  uint8_t *placed;
  uint32_t *mark, epoch; /* of the walk that looks for readers behind a write */
  int32_t *queue;
} sorter;

static void push(heap *h, int32_t x) {
  int i = h->n++;
  for (; i > 0 && h->at[(i - 1) / 2] > x; i = (i - 1) / 2) h->at[i] = h->at[(i - 1) / 2];
  h->at[i] = x;
}

static int32_t pop(heap *h) {
  const int32_t top = h->at[0], x = h->at[--h->n];
  int i = 0;
  for (int child = 1; child < h->n; child = 2 * i + 1) {
    if (child + 1 < h->n && h->at[child + 1] < h->at[child]) child++;
    if (h->at[child] >= x) break;
    h->at[i] = h->at[child];
    i = child;
  }
  h->at[i] = x;
  return top;
}

/* ---- edges */

typedef struct edge_visitor {
  sorter *s;
  int32_t node;
  bool count; /* first round: count; second: fill */
} edge_visitor;

static void edge(edge_visitor *v, int32_t from) {
  if (from < 0 || from == v->node) return;
  if (v->count) {
    v->s->after.first[from + 1]++;
    v->s->waiting[v->node]++;
  } else {
    v->s->after.to[v->s->after.first[from]++] = v->node;
  }
}

static void edge_from_latch(void *ctx, int32_t pred) {
  edge_visitor *v = ctx;
  edge(v, v->s->ir->latch_of[pred]);
}

static void each_edge(sorter *s, bool count) {
  const ek__ir *ir = s->ir;
  for (int32_t i = 0; i < ir->n_nodes; i++) {
    const ek__pnode *n = &ir->nodes[i];
    edge_visitor v = {s, i, count};
    for (int k = 0; k < n->n_in; k++) edge(&v, ir->values[n->in[k]].node);
    for (int k = 0; k < n->n_controls; k++) edge(&v, n->controls[k]);
    if (!n->needed || n->kind == EK__P_LATCH) continue;
    ek__guard_preds(&ir->plan->guards, n->run_guard, edge_from_latch, &v);
    for (int k = 0; ek__is_merge(n) && k < n->n_in; k++)
      ek__guard_preds(&ir->plan->guards, ir->values[n->in[k]].guard, edge_from_latch, &v);
  }
}

static ek_code make_edges(sorter *s) {
  const int n = s->ir->n_nodes;
  s->after.first = ek__ir_alloc(s->ir, (size_t)n + 2, sizeof(int32_t));
  s->waiting = ek__ir_alloc(s->ir, (size_t)n, sizeof(int32_t));
  if (s->after.first == NULL || s->waiting == NULL) return s->ir->st->code;
  each_edge(s, true);
  for (int i = 0; i < n; i++) s->after.first[i + 1] += s->after.first[i];
  s->after.to = ek__ir_alloc(s->ir, (size_t)s->after.first[n], sizeof(int32_t));
  if (s->after.to == NULL) return s->ir->st->code;
  each_edge(s, false);
  for (int i = n; i > 0; i--) s->after.first[i] = s->after.first[i - 1]; /* filling moved every start to its end */
  s->after.first[0] = 0;
  return EK_OK;
}

/* ---- who reads which variable's memory */

static bool touches_memory(const ek__pnode *n) {
  return n->needed && n->kind != EK__P_VIEW && !ek__is_alias(n) && !ek__is_merge(n);
}

static ek_slot *read_slot(const ek__ir *ir, const ek__pnode *n, int k) {
  const ek__pvalue *v = &ir->values[n->in[k]];
  if (ek__reads_resource(n)) return v->slot;
  if (n->kind == EK__P_LOOP && v->view_of == NULL) return v->slot; /* its body may read a variable that it gets */
  return v->view_of;
}

static bool reads_twice(const ek__ir *ir, const ek__pnode *n, int k) { /* the same variable by an earlier input */
  for (int j = 0; j < k; j++)
    if (read_slot(ir, n, j) == read_slot(ir, n, k)) return true;
  return false;
}

static ek_code find_readers(sorter *s) {
  ek__ir *ir = s->ir;
  for (int i = 0; i < ir->n_values; i++) { /* an index for every variable met */
    if (ir->values[i].slot != NULL) ir->values[i].slot->index = -1;
    if (ir->values[i].view_of != NULL) ir->values[i].view_of->index = -1;
  }
  for (int i = 0; i < ir->n_values; i++) {
    if (ir->values[i].slot != NULL && ir->values[i].slot->index < 0) ir->values[i].slot->index = s->n_slots++;
    if (ir->values[i].view_of != NULL && ir->values[i].view_of->index < 0) ir->values[i].view_of->index = s->n_slots++;
  }
  s->readers_first = ek__ir_alloc(ir, (size_t)s->n_slots + 2, sizeof(int32_t));
  s->pending = ek__ir_alloc(ir, (size_t)s->n_slots, sizeof(int32_t));
  if (s->readers_first == NULL || s->pending == NULL) return ir->st->code;
  for (int round = 0; round < 2; round++) {
    for (int i = 0; i < ir->n_nodes; i++) {
      const ek__pnode *n = &ir->nodes[i];
      if (!touches_memory(n)) continue;
      for (int k = 0; k < n->n_in; k++) {
        const ek_slot *slot = read_slot(ir, n, k);
        if (slot == NULL || reads_twice(ir, n, k)) continue;
        if (round == 0)
          s->readers_first[slot->index + 1]++, s->pending[slot->index]++;
        else
          s->readers[s->readers_first[slot->index]++] = i;
      }
    }
    if (round == 0) {
      for (int i = 0; i < s->n_slots; i++) s->readers_first[i + 1] += s->readers_first[i];
      s->readers = ek__ir_alloc(ir, (size_t)s->readers_first[s->n_slots], sizeof(int32_t));
      if (s->readers == NULL) return ir->st->code;
    }
  }
  for (int i = s->n_slots; i > 0; i--) s->readers_first[i] = s->readers_first[i - 1];
  if (s->n_slots > 0) s->readers_first[0] = 0;
  return EK_OK;
}

/* ---- may this write go now? */

static void mark_descendants(sorter *s, int32_t root) {
  int n = 0;
  s->epoch++;
  s->queue[n++] = root;
  s->mark[root] = s->epoch;
  for (int i = 0; i < n; i++)
    for (int32_t e = s->after.first[s->queue[i]]; e < s->after.first[s->queue[i] + 1]; e++) {
      const int32_t to = s->after.to[e];
      if (s->mark[to] == s->epoch) continue;
      s->mark[to] = s->epoch;
      s->queue[n++] = to;
    }
}

/* A write must wait while a reader of its variable waits that does not wait for the write itself. */
static bool must_wait(sorter *s, int32_t write) {
  const ek__pnode *n = &s->ir->nodes[write];
  bool marked = false;
  for (int k = 0; k < n->n_in; k++) {
    const ek_slot *slot = s->ir->values[n->in[k]].slot;
    if (slot == NULL || s->pending[slot->index] == 0) continue;
    for (int32_t r = s->readers_first[slot->index]; r < s->readers_first[slot->index + 1]; r++) {
      const int32_t reader = s->readers[r];
      if (reader == write || s->placed[reader]) continue;
      if (!marked) mark_descendants(s, write);
      marked = true;
      if (s->mark[reader] != s->epoch) return true;
    }
  }
  return false;
}

static int32_t next_write(sorter *s) {
  int32_t *held = s->queue + s->ir->n_nodes; /* the upper half */
  int n = 0;
  int32_t found = -1;
  while (s->writes.n > 0 && found < 0) {
    const int32_t w = pop(&s->writes);
    if (must_wait(s, w))
      held[n++] = w;
    else
      found = w;
  }
  if (found < 0 && n > 0) { /* each waits for a reader behind another write: the graph's order decides */
    found = held[0];
    held[0] = held[--n];
  }
  for (int i = 0; i < n; i++) push(&s->writes, held[i]);
  return found;
}

static void place(sorter *s, int32_t i, int *at) {
  ek__ir *ir = s->ir;
  const ek__pnode *n = &ir->nodes[i];
  ir->position[i] = *at;
  ir->order[(*at)++] = i;
  s->placed[i] = 1;
  for (int k = 0; touches_memory(n) && k < n->n_in; k++) {
    const ek_slot *slot = read_slot(ir, n, k);
    if (slot != NULL && !reads_twice(ir, n, k)) s->pending[slot->index]--;
  }
  for (int32_t e = s->after.first[i]; e < s->after.first[i + 1]; e++) {
    const int32_t to = s->after.to[e];
    if (--s->waiting[to] == 0) push(ir->nodes[to].writes && ir->nodes[to].needed ? &s->writes : &s->ready, to);
  }
}

ek_code ek__ir_order(ek__ir *ir) {
  const size_t n = (size_t)ir->n_nodes;
  sorter s = {.ir = ir};
  EK_TRY(make_edges(&s));
  EK_TRY(find_readers(&s));
  ir->order = ek__ir_alloc(ir, n, sizeof(int32_t));
  ir->position = ek__ir_alloc(ir, n, sizeof(int32_t));
  s.ready.at = ek__ir_alloc(ir, n, sizeof(int32_t));
  s.writes.at = ek__ir_alloc(ir, n, sizeof(int32_t));
  s.placed = ek__ir_alloc(ir, n, 1);
  s.mark = ek__ir_alloc(ir, n, sizeof(uint32_t));
  s.queue = ek__ir_alloc(ir, 2 * n, sizeof(int32_t));
  if (ir->order == NULL || ir->position == NULL || s.ready.at == NULL || s.writes.at == NULL || s.placed == NULL ||
      s.mark == NULL || s.queue == NULL)
    return ir->st->code;
  int at = 0;
  for (int32_t i = 0; i < ir->n_nodes; i++)
    if (s.waiting[i] == 0) push(ir->nodes[i].writes && ir->nodes[i].needed ? &s.writes : &s.ready, i);
  for (;;) {
    const int32_t next = s.ready.n > 0 ? pop(&s.ready) : s.writes.n > 0 ? next_write(&s) : -1;
    if (next < 0) break;
    place(&s, next, &at);
  }
  for (int i = 0; i < ir->n_nodes; i++)
    if (ir->nodes[i].kind == EK__P_LOOP && ir->nodes[i].needed) EK_TRY(ek__ir_order(&ir->nodes[i].loop->body));
  EK_ASSERT(at == ir->n_nodes, ir->st); /* nodes stand in a topological order, and latches only wait for earlier ones */
  return EK_OK;
}
