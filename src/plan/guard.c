/* SPDX-License-Identifier: Apache-2.0 */
/* Deadness, decided when planning: a node is alive when all its inputs are, a Switch output when its predicate has that
 * value, a Merge when one of its inputs is. So every node has a guard, a conjunction of atoms, and no live bits are
 * kept while running. */
#include "graph/context.h"
#include "plan/loop.h"

#include <string.h>

static int32_t intern(ek__ir *ir, const int32_t *atoms, int n) {
  ek__guards *g = &ir->plan->guards;
  for (int i = 0; i < g->n; i++)
    if (g->at[i].n == n && memcmp(g->at[i].atoms, atoms, (size_t)n * sizeof *atoms) == 0) return i;
  if (ek__grow(ir->env->allocator, &g->at, &g->cap, g->n + 1, sizeof *g->at, ir->st) != EK_OK) return -1;
  int32_t *copy = ek__arena_array(&ir->plan->memory, (size_t)(n > 0 ? n : 1), sizeof *copy);
  if (copy == NULL) return (void)ek__no_memory(ir->st, "guards", (size_t)n * sizeof *copy), -1;
  memcpy(copy, atoms, (size_t)n * sizeof *copy);
  bool never = false;
  for (int i = 0; i < n; i++)
    for (int k = i + 1; k < n; k++) {
      const ek__atom *a = &g->atoms[atoms[i]], *b = &g->atoms[atoms[k]];
      never = never || (a->pred >= 0 && a->pred == b->pred && a->branch != b->branch);
    }
  g->at[g->n] = (ek__guard){copy, n, never};
  return g->n++;
}

static int32_t add_atom(ek__ir *ir, ek__atom atom) {
  ek__guards *g = &ir->plan->guards;
  for (int i = 0; i < g->n_atoms; i++)
    if (atom.pred >= 0 && g->atoms[i].pred == atom.pred && g->atoms[i].branch == atom.branch) return i;
  if (ek__grow(ir->env->allocator, &g->atoms, &g->cap_atoms, g->n_atoms + 1, sizeof atom, ir->st) != EK_OK) return -1;
  g->atoms[g->n_atoms] = atom;
  return g->n_atoms++;
}

int32_t ek__guard_and(ek__ir *ir, int32_t a, int32_t b) {
  const ek__guard *at = ir->plan->guards.at;
  if (a == b || b == 0 || a < 0) return a;
  if (a == 0 || b < 0) return b;
  const int na = at[a].n, nb = at[b].n;
  int32_t *atoms = ek__ir_alloc(ir, (size_t)(na + nb), sizeof *atoms);
  if (atoms == NULL) return -1;
  int n = 0;
  for (int i = 0, k = 0; i < na || k < nb;) {
    const int32_t x = i < na ? at[a].atoms[i] : INT32_MAX, y = k < nb ? at[b].atoms[k] : INT32_MAX;
    atoms[n++] = x < y ? x : y;
    i += x <= y;
    k += y <= x;
  }
  return intern(ir, atoms, n);
}

bool ek__guard_implies(const ek__guards *g, int32_t a, int32_t b) {
  int i = 0;
  for (int k = 0; k < g->at[b].n; k++, i++) {
    while (i < g->at[a].n && g->at[a].atoms[i] < g->at[b].atoms[k]) i++;
    if (i == g->at[a].n || g->at[a].atoms[i] != g->at[b].atoms[k]) return false;
  }
  return true;
}

static int32_t without_atom(ek__ir *ir, const ek__guard *g, int skip) {
  int32_t *atoms = ek__ir_alloc(ir, (size_t)g->n, sizeof *atoms);
  int n = 0;
  for (int i = 0; atoms != NULL && i < g->n; i++)
    if (i != skip) atoms[n++] = g->atoms[i];
  return atoms != NULL ? intern(ir, atoms, n) : -1;
}

/* Two guards that differ in one predicate only, taken both ways, are together what they share. -1: they do not. */
static int32_t join(ek__ir *ir, int32_t a, int32_t b) {
  const ek__guards *g = &ir->plan->guards;
  const ek__guard *x = &g->at[a], *y = &g->at[b];
  if (x->n != y->n) return -1;
  int ia = -1, ib = -1;
  for (int i = 0, k = 0; i < x->n || k < y->n;) {
    const int32_t p = i < x->n ? x->atoms[i] : INT32_MAX, q = k < y->n ? y->atoms[k] : INT32_MAX;
    if (p == q) {
      i++, k++;
    } else if (p < q) {
      if (ia >= 0) return -1;
      ia = i++;
    } else {
      if (ib >= 0) return -1;
      ib = k++;
    }
  }
  if (ia < 0 || ib < 0) return -1;
  const ek__atom *p = &g->atoms[x->atoms[ia]], *q = &g->atoms[y->atoms[ib]];
  return p->pred >= 0 && p->pred == q->pred && p->branch != q->branch ? without_atom(ir, x, ia) : -1;
}

static int32_t merge_guard(ek__ir *ir, const ek__pnode *n) {
  const ek__guards *g = &ir->plan->guards;
  int32_t *alive = ek__ir_alloc(ir, (size_t)n->n_in, sizeof *alive);
  int count = 0;
  if (alive == NULL) return -1;
  for (int i = 0; i < n->n_in; i++) {
    const int32_t guard = ir->values[n->in[i]].guard;
    if (g->at[guard].never) continue;
    if (guard == 0) return 0;
    alive[count++] = guard;
  }
  if (count == 1) return alive[0];
  if (count == 0) return n->n_in > 0 ? ir->values[n->in[0]].guard : 0;
  const int32_t joined = count == 2 ? join(ir, alive[0], alive[1]) : -1;
  if (joined >= 0 || ir->st->code != EK_OK) return joined;
  int32_t *copy = ek__arena_array(&ir->plan->memory, (size_t)count, sizeof *copy);
  if (copy == NULL) return (void)ek__no_memory(ir->st, "guards", 0), -1;
  memcpy(copy, alive, (size_t)count * sizeof *copy);
  const int32_t atom = add_atom(ir, (ek__atom){.pred = -1, .guards = copy, .n_guards = count});
  return atom >= 0 ? intern(ir, &atom, 1) : -1;
}

/* The loop must end as a while_loop does: by one predicate all NextIterations are alive, else all Exits. */
static ek_code check_form(ek__ploop *loop) {
  const ek__ir *body = &loop->body;
  const ek__guards *g = &body->plan->guards;
  int32_t on = -1;
  for (int i = 0; i < loop->n_carries; i++) {
    const ek__pnode *n = ek__producer(body, loop->carries[i].next);
    const ek__guard *guard = &g->at[n->guard];
    const bool one = guard->n == 1 && g->atoms[guard->atoms[0]].pred >= 0 && (on < 0 || n->guard == on);
    EK_REQUIRE(one, body->st, EK_UNIMPLEMENTED,
               "%s '%s': the loop '%s' is not of while_loop's form: one predicate lets all of it go on", n->node->type,
               n->node->name, loop->frame);
    on = n->guard;
  }
  EK_REQUIRE(on >= 0, body->st, EK_UNIMPLEMENTED, "the loop '%s' has nothing that goes from one iteration to the next",
             loop->frame);
  const ek__atom *atom = &g->atoms[g->at[on].atoms[0]];
  loop->pred = atom->pred;
  loop->go_on = atom->branch;
  for (int i = 0; i < loop->n_exits; i++) {
    const ek__pnode *n = ek__producer(body, loop->exits[i]);
    const ek__guard *guard = &g->at[n->guard];
    const ek__atom *end = guard->n == 1 ? &g->atoms[guard->atoms[0]] : NULL;
    EK_REQUIRE(end != NULL && end->pred == loop->pred && end->branch != loop->go_on, body->st, EK_UNIMPLEMENTED,
               "%s '%s': the loop '%s' is not of while_loop's form: what it returns is there when it ends",
               n->node->type, n->node->name, loop->frame);
  }
  return EK_OK;
}

/* Is n outside of the cond that before was built in? Then it waits for before if that runs, and else for nothing: so a
 * train op may depend on the update ops of a layer inside a branch. In TensorFlow it would be dead. */
static bool only_waits(const ek__ir *ir, const ek__pnode *before, const ek__pnode *n) {
  if (before->kind != EK__P_OP || n->kind != EK__P_OP || before->node == NULL) return false;
  const ek__context *c = before->node->context;
  if (c == NULL || ek__context_holds(ir->env->graph, c, n->op)) return false;
  for (; c != NULL && !ek__context_holds(ir->env->graph, c, n->op); c = c->parent)
    if (c->kind != EK__COND) return false;
  return true;
}

ek_code ek__ir_guards(ek__ir *ir) {
  if (intern(ir, (const int32_t[]){0}, 0) < 0) return ir->st->code; /* guard 0: always */
  for (int i = 0; i < ir->n_nodes; i++) {
    ek__pnode *n = &ir->nodes[i];
    const bool merge = ek__is_merge(n), trigger = ek__is_type(n, &ek_op_control_trigger);
    int32_t guard = merge ? merge_guard(ir, n) : 0;
    for (int k = 0; !merge && k < n->n_in; k++) guard = ek__guard_and(ir, guard, ir->values[n->in[k]].guard);
    for (int k = 0; !trigger && k < n->n_controls; k++) {
      const ek__pnode *before = &ir->nodes[n->controls[k]];
      if (!only_waits(ir, before, n)) guard = ek__guard_and(ir, guard, before->guard);
    }
    if (guard < 0) return ir->st->code;
    n->guard = n->run_guard = guard;
    if (n->kind == EK__P_LOOP) {
      EK_TRY(ek__ir_guards(&n->loop->body));
      EK_TRY(check_form(n->loop));
    }
    for (int k = 0; k < n->n_out; k++) {
      ek__pvalue *v = &ir->values[n->first_out + k];
      v->guard = guard;
      if (n->def != &ek_op_switch && n->def != &ek_op_ref_switch) continue;
      const int32_t atom = add_atom(ir, (ek__atom){.pred = ir->values[n->in[1]].pred, .branch = k == 1});
      if (atom < 0) return ir->st->code;
      const int32_t branch = intern(ir, &atom, 1);
      v->guard = branch >= 0 ? ek__guard_and(ir, guard, branch) : -1;
      if (v->guard < 0) return ir->st->code;
    }
  }
  return EK_OK;
}

bool ek__guard_alive(const ek__plan *plan, int32_t guard) {
  const ek__guard *g = &plan->guards.at[guard];
  if (g->never) return false;
  for (int i = 0; i < g->n; i++) {
    const ek__atom *a = &plan->guards.atoms[g->atoms[i]];
    bool alive = false;
    for (int k = 0; a->pred < 0 && !alive && k < a->n_guards; k++) alive = ek__guard_alive(plan, a->guards[k]);
    if (a->pred >= 0) alive = (plan->preds[a->pred] != 0) == a->branch;
    if (!alive) return false;
  }
  return true;
}

void ek__guard_preds(const ek__guards *g, int32_t guard, void (*visit)(void *ctx, int32_t pred), void *ctx) {
  for (int i = 0; i < g->at[guard].n; i++) {
    const ek__atom *a = &g->atoms[g->at[guard].atoms[i]];
    if (a->pred >= 0) visit(ctx, a->pred);
    for (int k = 0; a->pred < 0 && k < a->n_guards; k++) ek__guard_preds(g, a->guards[k], visit, ctx);
  }
}
