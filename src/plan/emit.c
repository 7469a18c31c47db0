/* SPDX-License-Identifier: Apache-2.0 */
/* From the ordered copy to steps with everything bound that can be bound before a run. */
#include "plan/loop.h"

#include <string.h>

static void describe(ek__ir *ir) {
  for (int i = 0; i < ir->n_values; i++) {
    const ek__pvalue *v = &ir->values[i];
    ir->plan->values[i] =
        (ek_value){.dtype = v->dtype, .shape = v->shape, .n = ek_shape_num_elements(v->shape), .slot = v->slot};
    if (v->constant != NULL) ir->plan->values[i].data = v->constant->data;
  }
}

bool ek__has_late_shape(const ek__ir *ir, const ek__pnode *n) {
  for (int k = 0; k < n->n_out; k++) {
    const ek__pvalue *v = &ir->values[n->first_out + k];
    if (n->late) return true;
    if (!ek__is_variable(v) && v->constant == NULL && !ek_shape_is_known(v->shape)) return true;
  }
  return false;
}

static bool inputs_late(const ek__ir *ir, const ek__pnode *n) {
  for (int k = 0; k < n->n_in; k++)
    if (!ek_shape_is_known(ir->values[n->in[k]].shape) && !ek__is_variable(&ir->values[n->in[k]])) return true;
  return false;
}

/* What the node becomes; false: it needs no step. */
static bool choose_kind(const ek__ir *ir, const ek__pnode *n, ek__step *s) {
  if (n->kind == EK__P_LATCH) return s->kind = EK__STEP_LATCH, true;
  if (n->kind == EK__P_FETCH) return s->kind = EK__STEP_FETCH, true;
  if (n->kind == EK__P_LOOP) return s->kind = EK__STEP_LOOP, true;
  if (n->kind == EK__P_VIEW || n->view_read) return s->kind = EK__STEP_VIEW, true;
  if (ek__is_merge(n)) return s->kind = EK__STEP_MERGE, true;
  if (ek__is_alias(n)) return s->kind = EK__STEP_ALIAS, ir->values[n->first_out].dynamic;
  s->kind = EK__STEP_RUN;
  s->run = n->def->run;
  return s->run != NULL;
}

static ek_code bind_values(ek__ir *ir, const ek__pnode *n, ek__step *s) {
  ek__arena *a = &ir->plan->memory;
  ek_value **in = ek__arena_array(a, (size_t)n->n_in + 1, sizeof *in),
           **out = ek__arena_array(a, (size_t)n->n_out + 1, sizeof *out);
  if (in == NULL || out == NULL) return ek__no_memory(ir->st, "a plan's step", 0);
  for (int k = 0; k < n->n_in; k++) in[k] = &ir->plan->values[n->in[k]];
  for (int k = 0; k < n->n_out; k++) {
    out[k] = &ir->plan->values[n->first_out + k];
    if (out[k]->n > 0) s->bytes += out[k]->n * (int64_t)ek__element_size(out[k]->dtype);
  }
  s->c.in = in;
  s->c.out = out;
  s->c.n_in = n->n_in;
  s->c.n_out = n->n_out;
  return EK_OK;
}

/* s->dynamic and s->late. */
static ek_code find_late(ek__ir *ir, const ek__pnode *n, ek__step *s) {
  ek__arena *a = &ir->plan->memory;
  const size_t n_in = (size_t)n->n_in, n_out = (size_t)n->n_out;
  s->dynamic = ek__has_late_shape(ir, n);
  if (!s->dynamic && !n->late && !inputs_late(ir, n)) return EK_OK;
  ek__late *l = s->late = ek__arena_alloc(a, sizeof *l);
  if (l == NULL) return ek__no_memory(ir->st, "a plan's step", sizeof *l);
  l->in = ek__arena_array(a, n_in + 1, sizeof *l->in);
  l->out = ek__arena_array(a, n_out + 1, sizeof *l->out);
  l->views = ek__arena_array(a, n_in + 1, sizeof *l->views);
  l->prepared = ek__arena_array(a, n_in + n_out + 1, sizeof *l->prepared);
  if (l->in == NULL || l->out == NULL || l->views == NULL || l->prepared == NULL)
    return ek__no_memory(ir->st, "a plan's step", (n_in + n_out) * sizeof *l->prepared);
  return EK_OK;
}

static ek_code prepare(ek__ir *ir, const ek__pnode *n, ek__step *s, size_t *scratch) {
  const ek__plan_env *env = ir->env;
  s->c.threads = env->threads;
  s->c.allocator = env->allocator;
  s->c.services = env->services;
  s->c.run = env->run;
  if (n->lacking != NULL) return s->c.state = (void *)(uintptr_t)n->lacking, EK_OK;
  s->release = n->def->release;
  if ((n->def->flags & EK_OP_STATEFUL) != 0) {
    s->c.random = env->random(env->run, n->op, ir->st);
    if (s->c.random == NULL) return ir->st->code;
  }
  EK_TRY(find_late(ir, n, s));
  if (n->def->prepare == NULL || s->late != NULL) return EK_OK;
  ek_prepare_context p = {.node = n->node,
                          .fused = n->fused,
                          .in = (const ek_value *const *)s->c.in,
                          .out = (const ek_value *const *)s->c.out,
                          .n_in = n->n_in,
                          .n_out = n->n_out,
                          .threads = env->threads,
                          .allocator = env->allocator,
                          .st = ir->st};
  const ek_code rc = n->def->prepare(&p);
  s->c.state = p.state;
  if (p.scratch_bytes > *scratch) *scratch = p.scratch_bytes;
  return rc;
}

static ek_code guards_of_inputs(ek__ir *ir, const ek__pnode *n, ek__step *s) {
  int32_t *guards = ek__arena_array(&ir->plan->memory, (size_t)n->n_in + 1, sizeof *guards);
  if (guards == NULL) return ek__no_memory(ir->st, "a plan's step", 0);
  for (int k = 0; k < n->n_in; k++) guards[k] = ir->values[n->in[k]].guard;
  s->in_guards = guards;
  return EK_OK;
}

static ek_code emit(ek__ir *ir, size_t *scratch);

/* The loop of a step: its body's steps, and what goes in, around and out. */
static ek_code emit_loop(ek__ir *ir, const ek__pnode *n, ek__step *s, size_t *scratch) {
  const ek__ploop *from = n->loop;
  ek__arena *a = &ir->plan->memory;
  ek__plan *body = from->body.plan;
  ek__loop *loop = ek__arena_alloc(a, sizeof *loop);
  if (loop == NULL) return ek__no_memory(ir->st, "a plan's loop", sizeof *loop);
  *loop = (ek__loop){.body = body,
                     .offset = from->offset,
                     .name = from->frame,
                     .constants = ek__arena_array(a, (size_t)from->n_enters + 1, sizeof *loop->constants),
                     .carries = ek__arena_array(a, (size_t)from->n_carries + 1, sizeof *loop->carries),
                     .exits = ek__arena_array(a, (size_t)from->n_exits + 1, sizeof *loop->exits),
                     .late_exits = ek__arena_array(a, (size_t)from->n_exits + 1, sizeof *loop->late_exits),
                     .n_carries = from->n_carries,
                     .pred = from->pred,
                     .go_on = from->go_on};
  if (loop->constants == NULL || loop->carries == NULL || loop->exits == NULL || loop->late_exits == NULL)
    return ek__no_memory(ir->st, "a plan's loop", 0);
  EK_TRY(emit(&n->loop->body, scratch));
  for (int i = 0; i < from->n_enters; i++) {
    const int32_t v = from->enters[i].value;
    if (v >= 0 && from->body.values[v].constant == NULL) loop->constants[i] = &body->values[v];
  }
  for (int i = 0; i < from->n_carries; i++) {
    const ek__pcarry *c = &from->carries[i];
    loop->carries[i] = (ek__carry){.in = c->in,
                                   .now = &body->values[c->now],
                                   .index = &body->values[c->index],
                                   .next = &body->values[c->next],
                                   .in_place = c->in_place,
                                   .late = from->body.values[c->now].dynamic,
                                   .staged = c->staged};
  }
  for (int i = 0; i < from->n_exits; i++) {
    if (from->exit_used[i]) loop->exits[i] = &body->values[from->exits[i]];
    loop->late_exits[i] = ir->values[n->first_out + i].dynamic;
  }
  s->loop = loop;
  return EK_OK;
}

static ek_code emit(ek__ir *ir, size_t *scratch) {
  ek__plan *plan = ir->plan;
  plan->n_values = ir->n_values;
  plan->values = ek__arena_array(&plan->memory, (size_t)ir->n_values + 1, sizeof *plan->values);
  plan->steps = ek__arena_array(&plan->memory, (size_t)ir->n_nodes + 1, sizeof *plan->steps);
  plan->preds = ek__arena_array(&plan->memory, (size_t)plan->n_preds + 1, 1);
  if (plan->values == NULL || plan->steps == NULL || plan->preds == NULL) return ek__no_memory(ir->st, "a plan", 0);
  describe(ir);
  for (int p = 0; p < ir->n_nodes; p++) {
    const ek__pnode *n = &ir->nodes[ir->order[p]];
    ek__step s = {.guard = n->run_guard,
                  .index = n->index,
                  .nodes = n->nodes,
                  .c.node = n->node,
                  .c.fused = n->fused,
                  .c.st = ir->env->status};
    if (!n->needed || !choose_kind(ir, n, &s)) continue;
    ek__step *at = &plan->steps[plan->n_steps++]; /* from here on freed with the plan, its state too */
    EK_TRY(bind_values(ir, n, &s));
    *at = s;
    if (s.kind == EK__STEP_RUN) EK_TRY(prepare(ir, n, at, scratch));
    if (s.kind == EK__STEP_LOOP) EK_TRY(emit_loop(ir, n, at, scratch));
    if (s.kind == EK__STEP_ALIAS) EK_TRY(find_late(ir, n, at));
    if (s.kind == EK__STEP_MERGE) EK_TRY(guards_of_inputs(ir, n, at));
  }
  for (int i = plan->n_steps - 1; i >= 0; i--)
    plan->steps[i].skip_to =
        i + 1 < plan->n_steps && plan->steps[i + 1].guard == plan->steps[i].guard ? plan->steps[i + 1].skip_to : i + 1;
  return EK_OK;
}

ek_code ek__ir_emit(ek__ir *ir) {
  size_t scratch = 0;
  EK_TRY(emit(ir, &scratch));
  ir->plan->scratch_offset = ir->plan->arena_bytes;
  ir->plan->arena_bytes += (scratch + 63) / 64 * 64;
  return EK_OK;
}
