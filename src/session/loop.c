/* SPDX-License-Identifier: Apache-2.0 */
/* A loop: its body's steps again and again, and what is carried over between. */
#include "session/session.h"

#include "plan/ir.h"

#include <string.h>

static void show(ek_value *as, const ek_value *from) {
  as->data = from->data;
  as->shape = from->shape;
  as->n = from->n;
}

static void copy(ek_value *to, const ek_value *from) {
  if (to->data == from->data) return; /* a branch of a cond that leaves it as it is */
  if (from->dtype == EK_RESOURCE)
    memcpy(to->data, from->data, (size_t)from->n * sizeof(void *));
  else
    ek__copy_elements(from->dtype, to->data, from->data, from->n);
}

/* A copy of from in memory that outlives the iteration. */
static ek_code copy_late(ek_session *s, ek_value *to, const ek_value *from) {
  ek_value fresh = *from;
  s->level--;
  const int taken = s->late_taken;
  fresh.data = ek__session_services.output(s, &fresh, (size_t)from->n * ek__element_size(from->dtype));
  s->late_taken = taken;
  s->level++;
  if (fresh.data == NULL) return ek__no_memory(&s->run_status, "a loop", 0);
  copy(&fresh, from);
  show(to, &fresh);
  return EK_OK;
}

static bool is_variable(const ek_value *v) { return v->slot != NULL; }

static ek_code enter(ek_session *s, const ek__step *step) {
  const ek__loop *loop = step->loop;
  for (int i = 0; i < step->c.n_in; i++)
    if (loop->constants[i] != NULL && !is_variable(loop->constants[i])) show(loop->constants[i], step->c.in[i]);
  for (int i = 0; i < loop->n_carries; i++) {
    const ek__carry *c = &loop->carries[i];
    const ek_value *first = step->c.in[c->in];
    if (is_variable(c->now)) continue;
    if (c->late)
      EK_TRY(copy_late(s, c->now, first));
    else
      copy(c->now, first);
    if (c->index->data != NULL) *(int32_t *)c->index->data = 0;
  }
  return EK_OK;
}

/* Every carry's next value becomes its present one, as if all at once. */
static ek_code go_on(ek_session *s, const ek__loop *loop, char *memory) {
  for (int i = 0; i < loop->n_carries; i++) {
    const ek__carry *c = &loop->carries[i];
    if (c->staged >= 0)
      memcpy(memory + c->staged, c->next->data, (size_t)c->next->n * ek__element_size(c->next->dtype));
  }
  for (int i = 0; i < loop->n_carries; i++) { /* those of any size: first all copies, in memory of their own */
    ek__carry *c = &loop->carries[i];
    if (!c->late || c->in_place) continue;
    c->old = c->now->data;
    EK_TRY(copy_late(s, &c->fresh, c->next));
  }
  for (int i = 0; i < loop->n_carries; i++) {
    const ek__carry *c = &loop->carries[i];
    if (c->index->data != NULL) *(int32_t *)c->index->data = 1;
    if (c->in_place || c->late || is_variable(c->now)) continue;
    if (c->staged >= 0)
      memcpy(c->now->data, memory + c->staged, (size_t)c->now->n * ek__element_size(c->now->dtype));
    else
      copy(c->now, c->next);
  }
  for (int i = 0; i < loop->n_carries; i++) {
    ek__carry *c = &loop->carries[i];
    if (!c->late || c->in_place) continue;
    ek__late_release_one(s, c->old);
    show(c->now, &c->fresh);
  }
  return EK_OK;
}

static ek_code leave(ek_session *s, const ek__step *step) {
  const ek__loop *loop = step->loop;
  for (int i = 0; i < step->c.n_out; i++) {
    ek_value *out = step->c.out[i];
    if (loop->exits[i] == NULL || is_variable(out)) continue;
    if (loop->late_exits[i])
      EK_TRY(copy_late(s, out, loop->exits[i]));
    else
      copy(out, loop->exits[i]);
  }
  return EK_OK;
}

ek_code ek__session_loop(ek__run *r, ek__plan *around, ek__step *step) {
  ek_session *s = r->session;
  ek__loop *loop = step->loop;
  ek__plan *body = loop->body;
  (void)around;
  s->level++;
  ek_code rc = enter(s, step);
  s->late_taken = 0;
  while (rc == EK_OK) {
    if (atomic_load_explicit(&s->cancelled, memory_order_relaxed))
      rc = ek_status_set(&s->run_status, EK_CANCELLED, "the run was cancelled in the loop '%s'", loop->name);
    if (rc == EK_OK) rc = ek__session_steps(r, body);
    if (rc != EK_OK || (body->preds[loop->pred] != 0) != loop->go_on) break;
    rc = go_on(s, loop, (char *)(uintptr_t)body->bound_arena);
    ek__late_release_level(s);
  }
  if (rc == EK_OK) rc = leave(s, step);
  for (int i = 0; i < loop->n_carries; i++)
    if (loop->carries[i].late && rc == EK_OK) ek__late_release_one(s, loop->carries[i].now->data);
  ek__late_release_level(s);
  s->level--;
  s->late_taken = 1; /* the loop around, if any, has to look */
  return rc;
}
