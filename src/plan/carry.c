/* SPDX-License-Identifier: Apache-2.0 */
/* Where what a loop carries from one iteration to the next lies: the next value over the present one if it can be. */
#include "plan/memory.h"

/* Where the memory of each value is last read in an iteration that is followed by another: to its end, if another carry
 * takes it over. Aliases read nothing; what only the last iteration reads does not count, since what follows it is not
 * computed. */
static int32_t *find_last_reads(ek__memory *m, int32_t off) {
  ek__ir *ir = m->ir;
  const ek__ploop *loop = ir->loop;
  const ek__guards *g = &ir->plan->guards;
  int32_t *reads = ek__ir_alloc(ir, (size_t)ir->n_values, sizeof *reads);
  if (reads == NULL) return NULL;
  for (int i = 0; i < ir->n_values; i++) reads[i] = -1;
  for (int i = 0; i < loop->n_carries; i++) {
    const int32_t next = ek__root_of(ir, loop->carries[i].next);
    if (next != loop->carries[i].now) reads[next] = INT32_MAX;
  }
  for (int p = ir->n_nodes - 1; p >= 0; p--) {
    const ek__pnode *n = &ir->nodes[ir->order[p]];
    if (!n->needed || ek__is_alias(n) || (off >= 0 && ek__guard_implies(g, n->run_guard, off))) continue;
    const int32_t out =
        ek__is_merge(n) ? ek__root_of(ir, n->first_out) : -1; /* what a Merge chooses is read behind it */
    const int32_t to = out >= 0 && reads[out] > p ? reads[out] : p;
    for (int k = 0; k < n->n_in; k++) {
      const int32_t root = ek__root_of(ir, n->in[k]);
      if (reads[root] < to) reads[root] = to;
    }
  }
  return reads;
}

/* May the next value be computed where the present one lies? */
static bool can_coalesce(ek__memory *m, const ek__pcarry *c, const int32_t *reads) {
  ek__ir *ir = m->ir;
  const int32_t next = ek__root_of(ir, c->next);
  const ek__pnode *n = ek__producer(ir, next), *end = ek__producer(ir, c->next);
  if (n == NULL || n->kind != EK__P_OP || n->def->run == NULL || !ek__in_arena(ir, next) || !ek__in_arena(ir, c->now))
    return false;
  if (ek__bytes_of(ir, next) != ek__bytes_of(ir, c->now)) return false;
  if (!ek__guard_implies(&ir->plan->guards, n->run_guard, end->guard)) return false;
  const int32_t at = ir->position[ir->values[next].node];
  if (reads[c->now] < at) return true;
  if (reads[c->now] > at || next != n->first_out) return false;
  for (int k = 0; k < 2 && k < n->n_in; k++)
    if ((n->def->flags & (k == 0 ? EK_OP_INPLACE_0 : EK_OP_INPLACE_1)) != 0 && ek__root_of(ir, n->in[k]) == c->now &&
        ek__bytes_of(ir, n->in[k]) == ek__bytes_of(ir, next))
      return true;
  return false;
}

/* What the next iteration and the loop's end read lives to the end of the iteration. */
ek_code ek__keep_carries(ek__memory *m) {
  ek__ir *ir = m->ir;
  ek__ploop *loop = ir->loop;
  if (loop == NULL) return EK_OK;
  const int32_t off = loop->n_exits > 0 ? ek__producer(ir, loop->exits[0])->guard : -1;
  int32_t *reads = find_last_reads(m, off);
  if (reads == NULL) return ir->st->code;
  for (int i = 0; i < loop->n_carries; i++) {
    ek__pcarry *c = &loop->carries[i];
    if ((ir->env->without_passes & EK_PASS_INPLACE) == 0 && can_coalesce(m, c, reads)) {
      ir->values[ek__root_of(ir, c->next)].root = c->now;
      c->coalesced = true;
    }
    m->last[c->now] = INT32_MAX;
  }
  return EK_OK;
}

/* May the value lie where a carry other than c is copied over? carry_of: by value; -1: none. Where looking would take
 * long: yes. */
static bool is_overwritten(ek__ir *ir, int32_t value, const ek__pcarry *c, const int32_t *carry_of, int *budget) {
  const int32_t root = ek__root_of(ir, value);
  const ek__pnode *n = ek__producer(ir, root);
  if (carry_of[root] >= 0) return root != c->now && !ir->loop->carries[carry_of[root]].coalesced;
  if (n == NULL || !ek__is_merge(n)) return false;
  for (int k = 0; k < n->n_in; k++)
    if (--*budget < 0 || is_overwritten(ir, n->in[k], c, carry_of, budget)) return true;
  return false;
}

ek_code ek__place_carries(ek__memory *m) {
  ek__ir *ir = m->ir;
  ek__ploop *loop = ir->loop;
  if (loop == NULL) return EK_OK;
  int32_t *carry_of = ek__ir_alloc(ir, (size_t)ir->n_values, sizeof *carry_of);
  if (carry_of == NULL) return ir->st->code;
  for (int i = 0; i < ir->n_values; i++) carry_of[i] = -1;
  for (int i = 0; i < loop->n_carries; i++) carry_of[loop->carries[i].now] = i;
  for (int i = 0; i < loop->n_carries; i++) {
    int budget = 64; /* Merges */
    ek__pcarry *c = &loop->carries[i];
    EK_TRY(ek__check_size(ir, "loop", loop->frame, i, c->now));
    if (ek__in_arena(ir, c->now)) {
      m->offset[c->now] = ek__take_place(m, ek__bytes_of(ir, c->now));
      m->placed[c->now] = 1;
    }
    if (m->last[c->index] >= 0) { /* somebody reads it */
      m->offset[c->index] = ek__take_place(m, sizeof(int32_t));
      m->placed[c->index] = 1;
      m->last[c->index] = INT32_MAX;
    }
    const int32_t next = ek__root_of(ir, c->next);
    c->in_place = next == c->now;
    c->staged = -1;
    if (!c->in_place && ek__in_arena(ir, c->now) && is_overwritten(ir, c->next, c, carry_of, &budget))
      c->staged = (int64_t)ek__take_place(m, ek__bytes_of(ir, c->now));
  }
  return EK_OK;
}
