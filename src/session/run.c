/* SPDX-License-Identifier: Apache-2.0 */
/* Executing a plan: step after step, skipping what is dead. */
#include "session/session.h"

#include "plan/ir.h"

#include <math.h>
#include <string.h>
#include <time.h>

/* ---- before the steps */

static ek_code ensure_arena(ek_session *s, const ek__plan *plan, ek_status *st) {
  if (plan->arena_bytes <= s->arena_bytes) return EK_OK;
  void *fresh = ek__alloc(s->allocator, plan->arena_bytes);
  if (fresh == NULL) return ek__no_memory(st, "the memory of a run", plan->arena_bytes);
  ek__free(s->allocator, s->arena, s->arena_bytes);
  s->arena = fresh;
  s->arena_bytes = plan->arena_bytes;
  return EK_OK;
}

/* A fetch's tensor: the one of the last run if the caller has let go of it. */
static ek_code ensure_fetch(ek_session *s, ek__fetch_slot *f, ek_dtype dtype, ek_shape shape, ek_status *st) {
  ek_tensor *t = f->tensor;
  if (t != NULL && atomic_load_explicit(&t->refs, memory_order_acquire) == 1 && ek_shape_equal(t->shape, shape))
    return EK_OK;
  ek_tensor *fresh = ek_tensor_new(dtype, shape, s->allocator, st);
  if (fresh == NULL) return EK_RESOURCE_EXHAUSTED;
  ek_tensor_free(t);
  f->tensor = fresh;
  return EK_OK;
}

static void *at(void *arena, size_t offset) { return arena != NULL ? (char *)arena + offset : NULL; }

/* The places in the arena, and all that never changes, of a plan and its loops. */
static void bind_arena(ek__plan *plan, void *arena, void *scratch) {
  for (int i = 0; i < plan->n_bindings; i++) {
    const ek__binding *b = &plan->bindings[i];
    if (b->where == EK__IN_ARENA) plan->values[b->value].data = at(arena, b->offset);
    if (b->where == EK__IN_CONSTANT || b->where == EK__IN_STRINGS) plan->values[b->value].data = b->data;
  }
  for (int i = 0; i < plan->n_steps; i++) {
    ek__step *step = &plan->steps[i];
    step->c.scratch = scratch;
    if (step->kind == EK__STEP_LOOP) bind_arena(step->loop->body, at(arena, step->loop->offset), scratch);
  }
  plan->bound_arena = arena;
}

static ek_code bind(ek_session *s, ek__plan *plan, ek_tensor *const *feeds, ek_status *st) {
  EK_TRY(ensure_arena(s, plan, st));
  for (int i = 0; i < plan->key.n_fetches; i++) {
    ek__fetch_slot *f = &plan->fetches[i];
    const ek_value *v = &plan->values[f->value];
    if (f->direct) EK_TRY(ensure_fetch(s, f, v->dtype, v->shape, st));
  }
  const bool moved = plan->bound_arena != s->arena || plan->bound_arena == NULL;
  for (int i = 0; i < plan->n_bindings; i++) {
    const ek__binding *b = &plan->bindings[i];
    ek_value *v = &plan->values[b->value];
    switch (b->where) {
    case EK__IN_FEED: v->data = feeds[b->index]->data; break;
    case EK__IN_FETCH: v->data = plan->fetches[b->index].tensor->data; break;
    case EK__IN_ARENA: break;
    case EK__IN_CONSTANT:
    case EK__IN_STRINGS: v->data = b->data; break;
    }
  }
  if (moved) bind_arena(plan, s->arena, at(s->arena, plan->scratch_offset));
  plan->bound_arena = s->arena;
  return EK_OK;
}

/* ---- steps */

static ek_code view(ek__step *step) {
  ek_tensor *t = NULL;
  EK_TRY(ek__run_variable(&step->c, 0, &t));
  ek_value *out = step->c.out[0];
  out->data = t->data;
  out->shape = t->shape;
  out->n = ek_shape_num_elements(t->shape);
  return EK_OK;
}

static ek_code merge(const ek__plan *plan, ek__step *step) {
  const ek_run_context *c = &step->c;
  for (int i = 0; i < c->n_in; i++) {
    if (!ek__guard_alive(plan, step->in_guards[i])) continue;
    c->out[0]->data = c->in[i]->data;
    c->out[0]->shape = c->in[i]->shape;
    c->out[0]->n = c->in[i]->n;
    if (c->out[1]->data != NULL) *(int32_t *)c->out[1]->data = i;
    return EK_OK;
  }
  return ek_status_set(c->st, EK_INTERNAL, "Merge '%s': alive without a live input", c->node->name);
}

static ek_code fetch(ek_session *s, ek__plan *plan, ek__step *step, ek_tensor **results) {
  ek__fetch_slot *f = &plan->fetches[step->index];
  const ek_value *v = step->c.in[0];
  if (!f->direct) {
    EK_TRY(ensure_fetch(s, f, v->dtype, v->shape, step->c.st));
    ek__copy_elements(v->dtype, f->tensor->data, v->data, v->n);
  }
  results[step->index] = ek_tensor_ref(f->tensor);
  return EK_OK;
}

static ek_code latch(ek__plan *plan, const ek__step *step) {
  const ek_value *pred = step->c.in[0];
  EK_REQUIRE(pred->n == 1, step->c.st, EK_INVALID_ARGUMENT, "%s '%s': a predicate has %lld elements, not one",
             step->c.node != NULL ? step->c.node->type : "feed", step->c.node != NULL ? step->c.node->name : "",
             (long long)pred->n);
  plan->preds[step->index] = *(const bool *)pred->data;
  return EK_OK;
}

static ek_code run_step(ek__run *r, ek__plan *plan, ek__step *step) {
  ek_session *s = r->session;
  switch (step->kind) {
  case EK__STEP_RUN: return step->late != NULL ? ek__run_late(s, step) : step->run(&step->c);
  case EK__STEP_VIEW: return view(step);
  case EK__STEP_ALIAS: return ek__run_alias(step);
  case EK__STEP_MERGE: return merge(plan, step);
  case EK__STEP_LATCH: return latch(plan, step);
  case EK__STEP_FETCH: return fetch(s, plan, step, r->results);
  case EK__STEP_LOOP: return ek__session_loop(r, plan, step);
  }
  return EK_INTERNAL;
}

/* ---- watching */

static int64_t now_ns(void) {
  struct timespec t;
  (void)clock_gettime(CLOCK_MONOTONIC, &t);
  return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

static bool finite(const ek_value *v) {
  for (int64_t k = 0; v->data != NULL && k < v->n; k++) {
    if (v->dtype == EK_FLOAT32 && !isfinite(((const float *)v->data)[k])) return false;
    if (v->dtype == EK_FLOAT64 && !isfinite(((const double *)v->data)[k])) return false;
  }
  return true;
}

static ek_code watch(const ek__run *r, const ek__step *step, int64_t before) {
  ek_session *s = r->session;
  const ek_run_options *o = r->watching;
  ek_status *st = &s->run_status;
  const ek__node *n = step->c.node;
  if (n == NULL) return EK_OK; /* a latch or fetch of a feed */
  const int64_t after = now_ns();
  const ek_node_stats stats = {.name = n->name,
                               .type = n->type,
                               .start_ns = before - r->begin,
                               .time_ns = after - before,
                               .bytes = step->bytes,
                               .nodes = step->nodes};
  if (o->profile) {
    EK_TRY(ek__grow(s->allocator, &s->profile, &s->cap_profile, s->n_profile + 1, sizeof stats, st));
    s->profile[s->n_profile++] = stats;
  }
  for (int i = 0; o->check_finite && step->kind == EK__STEP_RUN && i < step->c.n_out; i++)
    EK_REQUIRE(finite(step->c.out[i]), st, EK_INVALID_ARGUMENT, "%s '%s': output %d has NaN or infinite values",
               n->type, n->name, i);
  EK_REQUIRE(o->on_step == NULL || o->on_step(o->on_step_ctx, &stats), st, EK_CANCELLED,
             "stopped by the step callback after '%s'", n->name);
  return EK_OK;
}

ek_code ek__session_steps(ek__run *r, ek__plan *plan) {
  ek_session *s = r->session;
  for (int i = 0; i < plan->n_steps;) {
    ek__step *step = &plan->steps[i];
    if (step->guard != 0 && (i == 0 || plan->steps[i - 1].guard != step->guard) &&
        !ek__guard_alive(plan, step->guard)) {
      i = step->skip_to;
      continue;
    }
    if (atomic_load_explicit(&s->cancelled, memory_order_relaxed))
      return ek_status_set(&s->run_status, EK_CANCELLED, "the run was cancelled");
    const int64_t before = r->watching != NULL ? now_ns() : 0;
    EK_TRY(run_step(r, plan, step));
    if (r->watching != NULL) EK_TRY(watch(r, step, before));
    i++;
  }
  return EK_OK;
}

ek_code ek__session_execute(ek_session *s, ek__plan *plan, ek_tensor *const *feeds, ek_tensor **results,
                            const ek_run_options *options, ek_status *st) {
  const bool watched = options != NULL && (options->on_step != NULL || options->profile || options->check_finite);
  ek__run r = {.session = s, .results = results, .watching = watched ? options : NULL, .begin = watched ? now_ns() : 0};
  ek_status *status = &s->run_status;
  ek_status_clear(status);
  for (int i = 0; i < plan->key.n_fetches; i++) results[i] = NULL;
  if (watched) s->n_profile = 0;
  ek_code rc = bind(s, plan, feeds, status);
  if (rc == EK_OK) rc = ek__session_steps(&r, plan);
  for (int i = 0; rc == EK_OK && i < plan->key.n_fetches; i++)
    if (results[i] == NULL)
      rc = ek_status_set(status, EK_INVALID_ARGUMENT,
                         "fetch '%s:%d': Retval[%d] does not have value: the branch that makes it was not taken",
                         ek_op_name(s->graph, ek_out_op(plan->key.fetches[i])), plan->key.fetches[i].index, i);
  for (int i = 0; rc != EK_OK && i < plan->key.n_fetches; i++) {
    ek_tensor_free(results[i]);
    results[i] = NULL;
  }
  if (rc == EK_CANCELLED) atomic_store(&s->cancelled, false); /* heard; one that came too late stops the next run */
  ek__late_release(s);
  if (rc != EK_OK) (void)ek_status_set(st, rc, "%s", status->msg);
  return rc;
}
