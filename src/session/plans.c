/* SPDX-License-Identifier: Apache-2.0 */
/* The plans a session keeps: found by key, made when missing, the least recently used dropped when there are too many.
 */
#include "session/session.h"

static ek_slot *slot_for_plan(void *run, const ek__node *node, ek_status *st) {
  return ek__session_slot(run, node, st);
}

static uint64_t *random_for_plan(void *run, ek_op op, ek_status *st) { return ek__session_random(run, op, st); }

static void drop_oldest(ek_session *s) {
  int oldest = 0;
  for (int i = 1; i < s->n_plans; i++)
    if (s->plans[i]->last_used < s->plans[oldest]->last_used) oldest = i;
  ek__plan_free(s->plans[oldest]);
  s->plans[oldest] = s->plans[--s->n_plans];
}

ek__plan *ek__session_plan(ek_session *s, const ek__plan_key *key, ek_status *st) {
  for (int i = 0; i < s->n_plans; i++)
    if (ek__plan_matches(s->plans[i], key)) {
      s->plans[i]->last_used = ++s->clock;
      return s->plans[i];
    }
  if (ek_graph_status(s->graph, NULL) != EK_OK) { /* an error made after the session began */
    (void)ek_status_set(st, s->graph->status.code, "%s", s->graph->status.msg);
    return NULL;
  }
  const ek__plan_env env = {.graph = s->graph,
                            .allocator = s->allocator,
                            .threads = s->threads,
                            .without_passes = s->opts.without_passes,
                            .services = &ek__session_services,
                            .run = s,
                            .status = &s->run_status,
                            .slot = slot_for_plan,
                            .random = random_for_plan};
  if (ek__grow(s->allocator, &s->plans, &s->cap_plans, s->n_plans + 1, sizeof *s->plans, st) != EK_OK) return NULL;
  if (s->n_plans >= s->opts.max_plans) drop_oldest(s);
  ek__plan *plan = ek__plan_new(&env, key, st);
  if (plan == NULL) return NULL;
  plan->last_used = ++s->clock;
  s->plans[s->n_plans++] = plan;
  return plan;
}
