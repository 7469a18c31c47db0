/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EK_SESSION_SESSION_H
#define EK_SESSION_SESSION_H

#include "graph/variables.h"
#include "plan/plan.h"

#include <stdatomic.h>

typedef struct ek__late_buffer { /* memory of a value whose size is known only while running; used again in later runs
                                  */
  void *data;
  size_t bytes;
  ek_dtype dtype; /* strings are released when the run is over */
  bool in_use;
  int level; /* how many loops it was taken in */
} ek__late_buffer;

struct ek_session {
  ek_graph *graph;
  const ek_allocator *allocator;
  ek_session_opts opts;
  int threads;
  _Atomic bool busy, cancelled;

  ek__arena names; /* keys of slots */
  char *key;       /* one to be looked for */
  int cap_key;
  ek__map slots; /* key -> index into slot_list */
  ek_slot **slot_list;
  int n_slots, cap_slots;
  uint64_t **random; /* op id -> counter; NULL: not met */
  int cap_random;
  ek__arena state; /* slots and counters */

  ek__plan **plans;
  int n_plans, cap_plans;
  uint64_t clock;

  void *arena; /* one for all plans, as large as the largest */
  size_t arena_bytes;
  ek__late_buffer *late;
  int n_late, cap_late;
  ek_container **containers; /* the first n_containers_used are of the run under way */
  int n_containers, n_containers_used, cap_containers;
  int level, late_taken; /* loops under way; buffers taken in this iteration */
  ek_tensor *retired;    /* a list by next: old contents of variables, which views may still show */

  ek_node_stats *profile;
  int n_profile, cap_profile;
  ek_status run_status; /* of the run under way */
};

typedef struct ek__run { /* under way */
  ek_session *session;
  ek_tensor **results;
  const ek_run_options *watching; /* NULL: nobody watches */
  int64_t begin;
} ek__run;

/* plans.c */
ek__plan *ek__session_plan(ek_session *s, const ek__plan_key *key, ek_status *st);
/* slots.c */
ek_slot *ek__session_slot(ek_session *s, const ek__node *node, ek_status *st);
uint64_t *ek__session_random(ek_session *s, ek_op op, ek_status *st);
void ek__session_state_free(ek_session *s);
/* run.c: the steps of a plan or of a loop's body, once */
ek_code ek__session_steps(ek__run *r, ek__plan *plan);
/* loop.c */
ek_code ek__session_loop(ek__run *r, ek__plan *around, ek__step *step);
/* run.c: one execution; feeds in the order of the plan's key */
ek_code ek__session_execute(ek_session *s, ek__plan *plan, ek_tensor *const *feeds, ek_tensor **results,
                            const ek_run_options *options, ek_status *st);
/* containers.c: of the run under way (a session as void *); all given back when it is over */
ek_container *ek__containers_new(void *run);
ek_container *ek__containers_get(void *run, int64_t handle);
void ek__containers_release(ek_session *s);
void ek__containers_free(ek_session *s);
/* late.c: buffers given back when the run is over; those taken in loops from s->level on; the one that data is of */
void ek__late_release_level(ek_session *s);
void ek__late_release_one(ek_session *s, const void *data);
extern const ek_run_services ek__session_services;
ek_code ek__run_late(ek_session *s, ek__step *step); /* a RUN step */
ek_code ek__run_alias(ek__step *step);
void ek__late_release(ek_session *s); /* when a run is over: its buffers are free, old contents of variables go */
/* feeds.c: the dtype and shape of a feed against its output */
ek_code ek__check_feed(const ek_session *s, ek_out out, const ek_tensor *value, ek_status *st);
/* that feeds[i] is none of those before it */
ek_code ek__check_feed_is_new(const ek_session *s, const ek_out *feeds, int i, ek_status *st);
ek_code ek__resolve_fetches(const ek_session *s, const ek_fetch *fetches, int n, ek_out *out, ek_status *st);
ek_code ek__check_targets(const ek_session *s, const ek_op *targets, int n, ek_status *st);
ek_out ek__resolve(const ek_session *s, ek_out out, const char *name, const char *what, ek_status *st);
/* session.c */
ek_code ek__session_enter(ek_session *s, ek_status *st); /* ABORTED if another thread is inside */
void ek__session_leave(ek_session *s);

#endif
