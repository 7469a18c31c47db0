/* SPDX-License-Identifier: Apache-2.0 */
/* Backwards over the nodes: what has to be computed at all, and the pure ops that only one branch needs, which sink
 * into it. */
#include "plan/loop.h"

#include <string.h>

enum { UNUSED = -1 };

static ek_code go_over(ek__ir *ir, int32_t **use);

typedef struct pass {
  ek__ir *ir;
  int32_t *use; /* value -> the guard under which somebody needs it; UNUSED */
  uint8_t *pred_used;
  uint8_t *behind_write; /* node -> it waits for a write of some variable */
} pass;

/* The atoms that both guards have: whoever needs one or the other needs at most this. */
static int32_t common(ek__ir *ir, int32_t a, int32_t b) {
  const ek__guards *g = &ir->plan->guards;
  if (a == UNUSED || a == b) return b;
  if (b == UNUSED) return a;
  if (ek__guard_implies(g, a, b)) return b;
  if (ek__guard_implies(g, b, a)) return a;
  return 0; /* a finer answer would need a guard that no node has */
}

static void use_value(pass *p, int32_t value, int32_t guard) {
  if (p->ir->values[value].constant == NULL) p->use[value] = common(p->ir, p->use[value], guard);
}

static void use_pred(void *ctx, int32_t pred) { ((pass *)ctx)->pred_used[pred] = 1; }

static bool loop_has_effects(const ek__ploop *loop);

static bool has_effects(const ek__ir *ir, const ek__pnode *n) {
  if (n->kind == EK__P_LOOP) return loop_has_effects(n->loop);
  if (ek__is_known_stack(ir, n)) return false;
  return n->kind == EK__P_OP && (n->def->flags & (EK_OP_STATEFUL | EK_OP_WRITES_REF | EK_OP_HANDLES)) != 0 &&
         n->def->run != NULL;
}

/* May the node wait for every predicate of a guard? Not for one that is computed from it, which one of a later node
 * could be; and not for one that waits for a write: the node may read a variable, and reads come before writes that are
 * not ordered. */
typedef struct early {
  const pass *p;
  int32_t node;
  bool all;
} early;

static void check_early(void *ctx, int32_t pred) {
  early *e = ctx;
  const ek__ir *ir = e->p->ir;
  const int32_t producer = ir->values[ir->nodes[ir->latch_of[pred]].in[0]].node;
  e->all = e->all && producer < e->node && (producer < 0 || !e->p->behind_write[producer]);
}

static void find_behind_write(pass *p) {
  const ek__ir *ir = p->ir;
  for (int i = 0; i < ir->n_nodes; i++) {
    const ek__pnode *n = &ir->nodes[i];
    bool behind = n->writes;
    for (int k = 0; k < n->n_in && !behind; k++)
      behind = ir->values[n->in[k]].node >= 0 && p->behind_write[ir->values[n->in[k]].node] != 0;
    for (int k = 0; k < n->n_controls && !behind; k++) behind = p->behind_write[n->controls[k]] != 0;
    p->behind_write[i] = behind;
  }
}

static void sink(pass *p, int32_t i, int32_t use) {
  ek__ir *ir = p->ir;
  ek__pnode *n = &ir->nodes[i];
  early e = {p, i, true};
  if ((ir->env->without_passes & EK_PASS_SINK) != 0 || use == 0) return;
  const bool lazy = n->lacking != NULL && n->guard == 0;
  if (!ek__is_pure(n) && !ek__is_alias(n) && !lazy) return;
  ek__guard_preds(&ir->plan->guards, use, check_early, &e);
  if (e.all && ek__guard_implies(&ir->plan->guards, use, n->guard)) n->run_guard = use;
}

/* What a loop needs: its body from the back, once it is known which of its results somebody wants; then of what enters
 * it only what some node of the body reads. */
static ek_code need_loop(pass *p, const ek__pnode *n) {
  ek__ploop *loop = n->loop;
  int32_t *use = NULL;
  for (int k = 0; k < n->n_out; k++) loop->exit_used[k] = p->use[n->first_out + k] != UNUSED;
  EK_TRY(go_over(&loop->body, &use));
  for (int k = 0; k < n->n_in; k++)
    if (loop->enters[k].value < 0 || use[loop->enters[k].value] != UNUSED) use_value(p, n->in[k], n->run_guard);
  return EK_OK;
}

/* What a pass over a loop's body begins with: the predicate, what the next iteration takes, and results. */
static void need_ends(pass *p) {
  const ek__ploop *loop = p->ir->loop;
  p->pred_used[loop->pred] = 1;
  for (int i = 0; i < loop->n_carries; i++) p->ir->nodes[p->ir->values[loop->carries[i].next].node].needed = true;
  for (int i = 0; i < loop->n_exits; i++) p->ir->nodes[p->ir->values[loop->exits[i]].node].needed = loop->exit_used[i];
}

static bool loop_has_effects(const ek__ploop *loop) {
  for (int i = 0; i < loop->body.n_nodes; i++)
    if (has_effects(&loop->body, &loop->body.nodes[i])) return true;
  return false;
}

static ek_code visit(pass *p, int32_t i) {
  ek__ir *ir = p->ir;
  ek__pnode *n = &ir->nodes[i];
  int32_t use = UNUSED;
  if (n->kind == EK__P_LATCH) {
    n->needed = p->pred_used[n->index] != 0;
  } else {
    for (int k = 0; k < n->n_out; k++)
      if (p->use[n->first_out + k] != UNUSED) use = common(ir, use, p->use[n->first_out + k]);
    const bool must = n->needed || has_effects(ir, n);
    if (must) use = 0;
    n->needed = must || use != UNUSED;
  }
  if (n->needed && ir->plan->guards.at[n->guard].never) n->needed = n->kind == EK__P_FETCH;
  if (!n->needed) return EK_OK;
  if (use != UNUSED && n->kind == EK__P_OP) sink(p, i, use);
  if (n->kind == EK__P_LOOP) EK_TRY(need_loop(p, n));
  ek__guard_preds(&ir->plan->guards, n->run_guard, use_pred, p);
  for (int k = 0; k < n->n_in && n->kind != EK__P_LOOP; k++) {
    const ek__pvalue *v = &ir->values[n->in[k]];
    if (ek__is_merge(n)) { /* an input is needed where it is alive */
      ek__guard_preds(&ir->plan->guards, v->guard, use_pred, p);
      if (!ir->plan->guards.at[v->guard].never) use_value(p, n->in[k], v->guard);
    } else if (k == 1 && (n->def == &ek_op_switch || n->def == &ek_op_ref_switch)) {
      continue; /* the predicate is its latch's business */
    } else {
      use_value(p, n->in[k], n->run_guard);
    }
  }
  return ir->st->code;
}

static ek_code go_over(ek__ir *ir, int32_t **use) {
  pass p = {.ir = ir};
  p.use = ek__ir_alloc(ir, (size_t)ir->n_values, sizeof *p.use);
  p.pred_used = ek__ir_alloc(ir, (size_t)ir->plan->n_preds, 1);
  ir->latch_of = ek__ir_alloc(ir, (size_t)ir->plan->n_preds, sizeof *ir->latch_of);
  p.behind_write = ek__ir_alloc(ir, (size_t)ir->n_nodes, 1);
  if (p.use == NULL || p.pred_used == NULL || p.behind_write == NULL || ir->latch_of == NULL) return ir->st->code;
  *use = p.use;
  for (int i = 0; i < ir->n_values; i++) p.use[i] = UNUSED;
  for (int i = 0; i < ir->n_nodes; i++)
    if (ir->nodes[i].kind == EK__P_LATCH) ir->latch_of[ir->nodes[i].index] = i;
  find_behind_write(&p);
  if (ir->loop != NULL) need_ends(&p);
  /* A predicate reaches a guard only through a Switch behind its latch: going backwards, all who ask for a latch come
   * before it. */
  for (int i = ir->n_nodes - 1; i >= 0; i--) EK_TRY(visit(&p, i));
  return EK_OK;
}

ek_code ek__ir_needed(ek__ir *ir) {
  int32_t *use = NULL;
  EK_TRY(go_over(ir, &use));
  return ek__ir_lacking_needed(ir);
}
