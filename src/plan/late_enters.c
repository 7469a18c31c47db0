/* SPDX-License-Identifier: Apache-2.0 */
/* Gradients that are built under control dependencies add a counter to a loop whose results those dependencies are made
 * of: updates of batch normalization behind a recurrent layer, say. TensorFlow's executor lets such a counter start
 * when the rest of the loop is done. Here a loop is one step, so what only waits does not wait for what the loop itself
 * makes; it is seen to that what was waited for runs. Nothing but an order between ops without effects is lost. */
#include "plan/loop.h"

#include <string.h>

typedef struct looker {
  ek__ir *ir;
  const ek__feed_table *feeds;
  ek__frames *f;
  uint8_t *data_used;    /* op -> some op of this run reads its value */
  uint8_t *only_waits;   /* Enter -> nobody reads its value but to wait for it */
  int32_t *seen, *queue; /* op -> stamp of the search that met it */
  int32_t stamp;
  int64_t budget;
} looker;

static const ek__node *node_at(const looker *l, int32_t op) { return ek__node_of(l->ir->env->graph, (ek_op){op}); }

static bool is_needed(const looker *l, int32_t op) { return l->f->of[op] >= 0; }

static bool is_constant_enter(const ek__node *n) {
  const ek_attr *constant = ek__is_enter(n) ? ek__attr_find(n, "is_constant") : NULL;
  return constant != NULL && constant->kind == EK_ATTR_BOOL && constant->v.b;
}

static void find_readers(looker *l) {
  const int n_ops = l->ir->env->graph->n_nodes;
  for (int32_t op = 1; op <= n_ops; op++) {
    const ek__node *n = node_at(l, op);
    for (int i = 0; is_needed(l, op) && i < n->n_inputs; i++)
      if (ek__fed_value(l->feeds, n->inputs[i]) < 0) l->data_used[n->inputs[i].op] = 1;
    l->only_waits[op] = is_needed(l, op) && is_constant_enter(n);
  }
  for (bool again = true; again;) { /* as often as loops are nested */
    again = false;
    for (int32_t op = 1; op <= n_ops; op++) {
      const ek__node *n = node_at(l, op);
      const bool waits = (n->def == &ek_op_identity && l->data_used[op] == 0) || l->only_waits[op] != 0;
      for (int i = 0; is_needed(l, op) && !waits && i < n->n_inputs; i++) {
        again = again || l->only_waits[n->inputs[i].op] != 0;
        l->only_waits[n->inputs[i].op] = 0;
      }
    }
  }
}

/* Is the op computed from what the loop gives? */
static bool comes_from(looker *l, int32_t op, int32_t frame) {
  int head = 0, tail = 0;
  if (l->seen[op] == l->stamp) return false; /* looked at already, in vain */
  l->queue[tail++] = op;
  l->seen[op] = l->stamp;
  while (head < tail && --l->budget > 0) {
    const ek__node *n = node_at(l, l->queue[head++]);
    if (ek__is_exit(n) && l->f->of[n->inputs[0].op] == frame) {
      l->stamp++;
      return true;
    }
    for (int i = 0; i < n->n_inputs + n->n_controls; i++) {
      const ek_op from = ek__predecessor(l->ir, l->feeds, n, i);
      if (from.id == 0 || l->seen[from.id] == l->stamp) continue;
      l->seen[from.id] = l->stamp;
      l->queue[tail++] = from.id;
    }
  }
  return false;
}

/* What the op waited for has to run all the same. */
static ek_code let_go(looker *l, ek_op op, ek_op waited_for) {
  l->f->let_go[op.id] = 1;
  EK_TRY(ek__op_list_add(l->ir, &l->f->extra, waited_for));
  return EK_OK;
}

static ek_code look_at(looker *l, ek_op enter) {
  const ek__node *n = node_at(l, enter.id), *from = node_at(l, n->inputs[0].op);
  const int32_t frame = l->f->of[enter.id];
  if (l->only_waits[enter.id] != 0 && l->f->of[n->inputs[0].op] == 0)
    return comes_from(l, n->inputs[0].op, frame) ? let_go(l, enter, ek_out_op(n->inputs[0])) : EK_OK;
  for (int i = 0; from->def == &ek_op_const && i < from->n_controls; i++) /* the counter begins with a constant */
    if (l->f->of[from->controls[i]] == 0 && comes_from(l, from->controls[i], frame))
      EK_TRY(let_go(l, ek_out_op(n->inputs[0]), (ek_op){from->controls[i]}));
  return EK_OK;
}

ek_code ek__find_late_enters(ek__ir *ir, const ek__feed_table *feeds) {
  const size_t n = (size_t)ir->env->graph->n_nodes + 1;
  looker l = {.ir = ir, .feeds = feeds, .f = ir->frames, .budget = 64 * (int64_t)n, .stamp = 1};
  l.data_used = ek__ir_alloc(ir, n, 1);
  l.only_waits = ek__ir_alloc(ir, n, 1);
  l.seen = ek__ir_alloc(ir, n, sizeof *l.seen);
  l.queue = ek__ir_alloc(ir, n, sizeof *l.queue);
  ir->frames->let_go = ek__ir_alloc(ir, n, 1);
  if (l.data_used == NULL || l.only_waits == NULL || l.seen == NULL || l.queue == NULL || ir->frames->let_go == NULL)
    return ir->st->code;
  find_readers(&l);
  for (int32_t frame = 1; frame < ir->frames->n; frame++, l.stamp++) {
    const ek__frame_of *f = &ir->frames->at[frame];
    for (int i = 0; i < f->enters.n; i++) {
      const ek_out in = ek__node_of(ir->env->graph, f->enters.at[i])->inputs[0];
      if (ek__fed_value(feeds, in) >= 0) continue;
      if (f->parent == 0)
        EK_TRY(look_at(&l, f->enters.at[i]));
      else if (l.only_waits[in.op] != 0 && ir->frames->let_go[in.op] != 0) /* a loop in one that lets it go */
        ir->frames->let_go[f->enters.at[i].id] = 1;
    }
  }
  return EK_OK;
}
