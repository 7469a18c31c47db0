/* SPDX-License-Identifier: Apache-2.0 */
/* As TensorFlow runs it: a node is alive when all that it reads and waits for is, a Merge when something that it reads
 * is, an output of a Switch when its predicate has that value or is not known. What nothing makes alive is dead. */
#include "formats/branches.h"

#include "graph/infer.h"

#include <string.h>

enum { DEPTH = 100 };

static bool is_type(const ek__node *n, const char *a, const char *b) {
  return strcmp(n->type, a) == 0 || strcmp(n->type, b) == 0;
}

static int truth(const ek_tensor *t) {
  if (t == NULL || t->dtype != EK_BOOL || ek_tensor_num_elements(t) != 1) return -1;
  return *(const bool *)t->data;
}

typedef struct search {
  const ek_graph *g;
  ek_tensor *const *values;
  int8_t *known; /* by op id: 0: not looked at yet, else the predicate + 2 */
} search;

static int predicate(const search *s, ek_out out, int depth);

static int find_predicate(const search *s, const ek__node *n, int depth) {
  if (strcmp(n->type, "Const") == 0) {
    const ek_attr *value = ek__attr_find(n, "value");
    return value != NULL && value->kind == EK_ATTR_TENSOR ? truth(value->v.tensor) : -1;
  }
  if (n->n_inputs == 0) return -1;
  const int first = predicate(s, n->inputs[0], depth);
  if (strcmp(n->type, "Identity") == 0 || strcmp(n->type, "Switch") == 0) return first;
  if (strcmp(n->type, "LogicalNot") == 0) return first < 0 ? -1 : !first;
  if (n->n_inputs < 2 || !is_type(n, "LogicalAnd", "LogicalOr")) return -1;
  const int second = predicate(s, n->inputs[1], depth), decides = strcmp(n->type, "LogicalOr") == 0;
  if (first == decides || second == decides) return decides;
  return first >= 0 && second >= 0 ? !decides : -1;
}

/* 0, 1, or -1: not known. */
static int predicate(const search *s, ek_out out, int depth) {
  const ek__node *n = ek__node_of(s->g, ek_out_op(out));
  if (n == NULL || depth == 0) return -1;
  if (s->values[out.op] != NULL) return truth(s->values[out.op]);
  if (s->known[out.op] == 0) s->known[out.op] = (int8_t)(find_predicate(s, n, depth - 1) + 2);
  return s->known[out.op] - 2;
}

static bool is_alive(const ek__branches *b, ek_out out) {
  return out.op > 0 && b->alive[out.op] && (b->taken[out.op] < 0 || b->taken[out.op] == out.index);
}

static bool comes_alive(const ek__node *n, const ek__branches *b) {
  int alive = 0;
  for (int i = 0; i < n->n_inputs; i++) alive += is_alive(b, n->inputs[i]);
  for (int i = 0; i < n->n_controls; i++)
    if (!b->alive[n->controls[i]]) return false;
  return is_type(n, "Merge", "RefMerge") ? alive > 0 : alive == n->n_inputs;
}

/* Of a cond's Merge; a loop's has a NextIteration. */
static int32_t choose(const ek_graph *g, const ek__node *n, const ek__branches *b) {
  int32_t chosen = -1;
  for (int i = 0; i < n->n_inputs; i++) {
    const ek__node *from = ek__node_of(g, ek_out_op(n->inputs[i]));
    if (from == NULL || is_type(from, "NextIteration", "RefNextIteration")) return -1;
    if (!is_alive(b, n->inputs[i])) continue;
    if (chosen >= 0) return -1;
    chosen = i;
  }
  return chosen;
}

ek_code ek__branches_find(const ek_graph *g, ek_tensor *const *values, ek__arena *arena, ek__branches *b,
                          ek_status *st) {
  const size_t n = (size_t)g->n_nodes + 1;
  b->taken = ek__arena_array(arena, n, sizeof *b->taken);
  b->chosen = ek__arena_array(arena, n, sizeof *b->chosen);
  b->alive = ek__arena_array(arena, n, sizeof *b->alive);
  const search s = {g, values, ek__arena_array(arena, n, sizeof *s.known)};
  if (s.known == NULL || b->taken == NULL || b->chosen == NULL || b->alive == NULL)
    return ek__no_memory(st, "a sub graph", n);
  for (int32_t id = 1; id <= g->n_nodes; id++) {
    const ek__node *node = ek__node_of(g, (ek_op){id});
    const bool is_switch = is_type(node, "Switch", "RefSwitch") && node->n_inputs == 2;
    b->taken[id] = is_switch ? (int8_t)predicate(&s, node->inputs[1], DEPTH) : -1;
    b->chosen[id] = -1;
  }
  for (bool changed = true; changed;) { /* loops lead back */
    changed = false;
    for (int32_t id = 1; id <= g->n_nodes; id++) {
      if (b->alive[id] || !(values[id] != NULL || comes_alive(ek__node_of(g, (ek_op){id}), b))) continue;
      b->alive[id] = changed = true;
    }
  }
  for (int32_t id = 1; id <= g->n_nodes; id++) {
    const ek__node *node = ek__node_of(g, (ek_op){id});
    if (b->alive[id] && is_type(node, "Merge", "RefMerge")) b->chosen[id] = choose(g, node, b);
  }
  return EK_OK;
}
