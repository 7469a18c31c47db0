/* SPDX-License-Identifier: Apache-2.0 */
#include "session/session.h"

ek_session *ek_session_new(ek_graph *g, const ek_session_opts *opts, ek_status *st) {
  static const ek_session_opts defaults = EK_SESSION_OPTS_INIT;
  const ek_session_opts *o = opts != NULL ? opts : &defaults;
  if (ek_graph_status(g, NULL) != EK_OK) return (void)ek_status_set(st, g->status.code, "%s", g->status.msg), NULL;
  if (o->version != 1u || o->threads < 0 || o->max_plans < 1) {
    (void)ek_status_set(st, EK_INVALID_ARGUMENT,
                        "ek_session_new: options of version %u, %d threads, %d plans; start from EK_SESSION_OPTS_INIT",
                        o->version, o->threads, o->max_plans);
    return NULL;
  }
  if (ek__open_frame(g) != NULL) {
    (void)ek_status_set(st, EK_FAILED_PRECONDITION, "a building block was never ended (%s): left by return or goto?",
                        ek__open_frame(g));
    return NULL;
  }
  const ek_allocator *a = o->allocator != NULL ? o->allocator : g->allocator;
  ek_session *s = ek__alloc(a, sizeof *s);
  if (s == NULL) return (void)ek__no_memory(st, "a session", sizeof *s), NULL;
  s->graph = g;
  ek__graph_ref(g);
  s->allocator = a;
  s->opts = *o;
  s->threads = o->threads > 0 ? o->threads : ek__default_threads();
  atomic_init(&s->busy, false);
  atomic_init(&s->cancelled, false);
  ek__arena_init(&s->names, a);
  ek__arena_init(&s->state, a);
  ek__map_init(&s->slots, a);
  return s;
}

void ek_session_free(ek_session *s) {
  if (s == NULL) return;
  const ek_allocator *a = s->allocator;
  for (int i = 0; i < s->n_plans; i++) ek__plan_free(s->plans[i]);
  ek__session_state_free(s);
  ek__containers_free(s);
  for (int i = 0; i < s->n_late; i++) ek__free(a, s->late[i].data, s->late[i].bytes);
  ek__free(a, s->plans, (size_t)s->cap_plans * sizeof *s->plans);
  ek__free(a, s->arena, s->arena_bytes);
  ek__free(a, s->late, (size_t)s->cap_late * sizeof *s->late);
  ek__free(a, s->profile, (size_t)s->cap_profile * sizeof *s->profile);
  ek__map_fini(&s->slots);
  ek__arena_fini(&s->names);
  ek__arena_fini(&s->state);
  ek_graph *g = s->graph;
  ek__free(a, s, sizeof *s);
  ek_graph_free(g);
}

ek_graph *ek_session_graph(const ek_session *s) { return s->graph; }

void ek_session_cancel(ek_session *s) { atomic_store(&s->cancelled, true); }

ek_code ek__session_enter(ek_session *s, ek_status *st) {
  EK_REQUIRE(!atomic_exchange(&s->busy, true), st, EK_ABORTED,
             "this session is in use by another thread; a session is for one at a time");
  return EK_OK;
}

void ek__session_leave(ek_session *s) { atomic_store(&s->busy, false); }
