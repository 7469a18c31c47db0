/* SPDX-License-Identifier: Apache-2.0 */
#include "graph/tape.h"

bool ek__trainable(ek_dtype dtype) {
  switch (dtype) {
  case EK_FLOAT16:
  case EK_BFLOAT16:
  case EK_FLOAT32:
  case EK_FLOAT64:
  case EK_COMPLEX64:
  case EK_COMPLEX128:
  case EK_RESOURCE:
  case EK_VARIANT: return true;
  default: return false;
  }
}

/* ---- memory */

static void *array(ek__tape *t, size_t count, size_t size) {
  void *p = ek__alloc_array(t->g->allocator, count, size);
  if (p == NULL) (void)ek__graph_no_memory(t->g);
  return p;
}

/* A Switch of a loop comes once for each who reads it. */
static size_t ops_queued(const ek__tape *t) { return (size_t)t->n_ops + (size_t)t->n_edges + 1; }

bool ek__tape_init(ek__tape *t) {
  const ek_graph *g = t->g;
  int64_t slots = 0, edges = 0;
  t->n_ops = g->n_nodes;
  t->cap_dy = t->cap_dx = 1;
  for (int i = 0; i < g->n_nodes; i++) {
    const ek__node *n = &g->nodes[i];
    slots += n->n_outputs;
    edges += n->n_inputs;
    if (n->n_outputs > t->cap_dy) t->cap_dy = n->n_outputs;
    if (n->n_inputs > t->cap_dx) t->cap_dx = n->n_inputs;
  }
  if (slots >= INT32_MAX || edges >= INT32_MAX) return (void)ek__graph_no_memory(t->g), false;
  t->n_slots = (int)slots;
  t->n_edges = (int)edges;
  t->flags = array(t, (size_t)t->n_ops + 1, sizeof *t->flags);
  t->base = array(t, (size_t)t->n_ops + 1, sizeof *t->base);
  t->pending = array(t, (size_t)t->n_ops + 1, sizeof *t->pending);
  t->queue = array(t, ops_queued(t), sizeof *t->queue);
  t->slots = array(t, (size_t)slots + 1, sizeof *t->slots);
  t->consumers = array(t, (size_t)slots + 1, sizeof *t->consumers);
  t->next = array(t, (size_t)edges + 1, sizeof *t->next);
  t->consumer = array(t, (size_t)edges + 1, sizeof *t->consumer);
  t->dy = array(t, (size_t)t->cap_dy, sizeof *t->dy);
  t->dx = array(t, (size_t)t->cap_dx, sizeof *t->dx);
  return t->g->status.code == EK_OK;
}

void ek__tape_fini(ek__tape *t) {
  const ek_allocator *a = t->g->allocator;
  const size_t ops = (size_t)t->n_ops + 1, slots = (size_t)t->n_slots + 1, edges = (size_t)t->n_edges + 1;
  ek__free(a, t->flags, ops * sizeof *t->flags);
  ek__free(a, t->base, ops * sizeof *t->base);
  ek__free(a, t->pending, ops * sizeof *t->pending);
  ek__free(a, t->queue, ops_queued(t) * sizeof *t->queue);
  ek__free(a, t->slots, slots * sizeof *t->slots);
  ek__free(a, t->consumers, slots * sizeof *t->consumers);
  ek__free(a, t->next, edges * sizeof *t->next);
  ek__free(a, t->consumer, edges * sizeof *t->consumer);
  ek__free(a, t->dy, (size_t)t->cap_dy * sizeof *t->dy);
  ek__free(a, t->dx, (size_t)t->cap_dx * sizeof *t->dx);
  ek__free(a, t->terms, (size_t)t->cap_terms * sizeof *t->terms);
  ek__free(a, t->pool, (size_t)t->cap_pool * sizeof *t->pool);
}

/* ---- which ops lie between xs and ys */

static void push(ek__tape *t, int32_t op, uint8_t flag) {
  t->flags[op] |= flag;
  t->queue[t->tail++] = op;
}

static void index_consumers(ek__tape *t) {
  int32_t edge = 0, first = 0;
  for (int32_t op = 1; op <= t->n_ops; op++) {
    t->base[op] = first;
    first += ek__tape_node(t, op)->n_outputs;
  }
  for (int32_t op = 1; op <= t->n_ops; op++) {
    const ek__node *n = ek__tape_node(t, op);
    for (int i = 0; i < n->n_inputs; i++) {
      int32_t *head = &t->consumers[t->base[n->inputs[i].op] + n->inputs[i].index];
      edge++;
      t->consumer[edge] = op;
      t->next[edge] = *head;
      *head = edge;
    }
  }
}

void ek__tape_push(ek__tape *t, int32_t op) { push(t, op, 0); }

/* Forward from xs along outputs that can carry a gradient. */
static void mark_reached(ek__tape *t, ek_outs xs) {
  t->head = t->tail = 0;
  for (int i = 0; i < xs.n; i++)
    if (!(t->flags[xs.at[i].op] & EK__REACHED)) push(t, xs.at[i].op, EK__REACHED);
  while (t->head < t->tail) {
    const int32_t op = t->queue[t->head++];
    const ek__node *n = ek__tape_node(t, op);
    for (int k = 0; k < n->n_outputs; k++) {
      if (!ek__trainable(n->outputs[k].dtype)) continue;
      for (int32_t e = t->consumers[t->base[op] + k]; e != 0; e = t->next[e])
        if (!(t->flags[t->consumer[e]] & EK__REACHED)) push(t, t->consumer[e], EK__REACHED);
    }
  }
}

/* Backward from ys over what was reached; then how many gradients each op waits for. */
static void count_pending(ek__tape *t, ek_outs ys) {
  t->head = t->tail = 0;
  for (int i = 0; i < ys.n; i++)
    if ((t->flags[ys.at[i].op] & (EK__REACHED | EK__BETWEEN)) == EK__REACHED) push(t, ys.at[i].op, EK__BETWEEN);
  while (t->head < t->tail) {
    const ek__node *n = ek__tape_node(t, t->queue[t->head++]);
    for (int i = 0; i < n->n_inputs; i++)
      if ((t->flags[n->inputs[i].op] & (EK__REACHED | EK__BETWEEN)) == EK__REACHED)
        push(t, n->inputs[i].op, EK__BETWEEN);
  }
  for (int32_t q = 0; q < t->tail && t->g->status.code == EK_OK; q++)
    if (ek__is_exit_op(t->g, (ek_op){t->queue[q]})) ek__tape_add_loop(t, t->queue[q]); /* the queue grows */
  for (int32_t q = 0; q < t->tail; q++) {
    const ek__node *n = ek__tape_node(t, t->queue[q]);
    for (int i = 0; i < n->n_inputs; i++)
      if (t->flags[n->inputs[i].op] & EK__BETWEEN) t->pending[n->inputs[i].op]++;
  }
}

/* Where the walk ends: xs that depend on no other x, and what is to be taken as constant. */
void ek__tape_mark_stops(ek__tape *t, ek_outs xs) {
  for (int i = 0; i < xs.n; i++) {
    const ek__node *n = ek__tape_node(t, xs.at[i].op);
    bool stop = true;
    for (int k = 0; k < n->n_inputs; k++) stop = stop && t->pending[n->inputs[k].op] <= 0;
    if (stop) t->flags[xs.at[i].op] |= EK__STOP;
  }
  for (int i = 0; i < t->o->stop_gradients.n; i++) t->flags[t->o->stop_gradients.at[i].op] |= EK__STOP;
}

void ek__tape_plan(ek__tape *t, ek_outs ys, ek_outs xs) {
  index_consumers(t);
  mark_reached(t, xs);
  count_pending(t, ys);
  t->head = t->tail = 0;
  for (int i = 0; i < ys.n; i++) {
    const int32_t op = ys.at[i].op;
    if (t->pending[op] == 0 && (t->flags[op] & (EK__REACHED | EK__IS_Y)) == EK__REACHED) push(t, op, EK__IS_Y);
  }
}

void ek__tape_add(ek__tape *t, ek_out of, ek_out grad) {
  ek_status st = EK_STATUS_INIT;
  if (t->n_pool == 0) t->n_pool = 1; /* 0 means none */
  if (ek__grow(t->g->allocator, &t->pool, &t->cap_pool, t->n_pool + 1, sizeof *t->pool, &st) != EK_OK) {
    (void)ek__graph_take(t->g, &st);
    return;
  }
  ek__slot *s = ek__tape_slot(t, of);
  t->pool[t->n_pool] = (ek__contribution){grad, 0};
  if (s->first == 0)
    s->first = t->n_pool;
  else
    t->pool[s->last].next = t->n_pool;
  s->last = t->n_pool++;
}
