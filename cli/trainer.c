/* SPDX-License-Identifier: Apache-2.0 */
#include "trainer.h"

#include <math.h>
#include <stdlib.h>

enum { SNAPSHOT_STEPS = 64 }; /* a copy of all variables costs about a step, so it is made seldom and replayed from */

/* ---- snapshots */

static void snapshot_free(snapshot *s, int n) {
  for (int i = 0; s->values != NULL && i < n; i++) ek_tensor_free(s->values[i]);
  free(s->values);
  ek_tensor_free(s->random_names);
  ek_tensor_free(s->random_counters);
  *s = (snapshot){0};
}

static bool snapshot_take(trainer *t, ek_session *session, snapshot *s) {
  snapshot_free(s, t->variables.n);
  s->step = t->step;
  s->position = t->order.position;
  s->values = need_memory((size_t)t->variables.n, sizeof *s->values);
  for (int i = 0; i < t->variables.n; i++) {
    if (!ek_session_is_initialized(session, t->variables.at[i])) continue;
    s->values[i] = ek_session_get_variable(session, t->variables.at[i], &t->why);
    if (s->values[i] == NULL) return false;
  }
  return ek_session_get_random_state(session, &s->random_names, &s->random_counters, &t->why) == EK_OK;
}

static bool snapshot_restore(trainer *t, ek_session *session, const snapshot *s) {
  for (int i = 0; i < t->variables.n; i++)
    if (s->values[i] != NULL && ek_session_set_variable(session, t->variables.at[i], s->values[i], &t->why) != EK_OK)
      return false;
  if (ek_session_set_random_state(session, s->random_names, s->random_counters, &t->why) != EK_OK) return false;
  t->step = s->step;
  t->order.position = s->position;
  return true;
}

static bool all_finite(const trainer *t, ek_session *session) {
  bool finite = true;
  for (int i = 0; i < t->variables.n && finite; i++) {
    if (!ek_dtype_is_floating(ek_variable_dtype(t->graph, t->variables.at[i]))) continue;
    if (!ek_session_is_initialized(session, t->variables.at[i])) continue;
    ek_tensor *value = ek_session_get_variable(session, t->variables.at[i], NULL);
    const int64_t n = value != NULL ? ek_tensor_num_elements(value) : 0;
    for (int64_t k = 0; k < n && finite; k++) finite = isfinite(ek_tensor_number(value, k));
    ek_tensor_free(value);
  }
  return finite;
}

/* ---- steps */

static int list_fetches(const trainer *t, ek_fetch *fetches) {
  int n = 0;
  if (t->loss.op != 0) fetches[n++] = EK_FETCH(t->loss);
  if (t->accuracy.op != 0) fetches[n++] = EK_FETCH(t->accuracy);
  return n;
}

static void take_results(const trainer *t, ek_tensor **fetched, int n, step_result *r) {
  int k = 0;
  r->loss = t->loss.op != 0 ? ek_tensor_number(fetched[k++], 0) : (double)NAN;
  r->accuracy = t->accuracy.op != 0 ? ek_tensor_number(fetched[k++], 0) : (double)NAN;
  for (int i = 0; i < n; i++) ek_tensor_free(fetched[i]);
}

static void next_batch(trainer *t) {
  batches_next(&t->order, t->index, t->batch);
  feeds_fill(t->feeds, t->n_feeds, t->index, t->batch);
}

bool trainer_begin(trainer *t, int64_t n, int64_t seed, int64_t position) {
  ek_fetch fetches[2];
  ek_out *outs = need_memory((size_t)t->n_feeds, sizeof *outs);
  const int n_fetches = list_fetches(t, fetches);
  t->variables = ek_global_and_local_variables(t->graph);
  t->index = need_memory((size_t)t->batch, sizeof *t->index);
  t->fed = need_memory((size_t)t->n_feeds, sizeof *t->fed);
  for (int i = 0; i < t->n_feeds; i++) outs[i] = t->feeds[i].out, t->fed[i] = t->feeds[i].value;
  batches_init(&t->order, n, seed, position);
  t->call = ek_session_make_callable(t->session, outs, t->n_feeds, fetches, n_fetches, &t->train, 1, &t->why);
  free(outs);
  return t->call != NULL;
}

void trainer_end(trainer *t) {
  snapshot_free(&t->last, t->variables.n);
  ek_callable_free(t->call);
  batches_fini(&t->order);
  free(t->fed);
  free(t->index);
}

/* ---- when the loss goes bad */

/* One step in the session that replays; check: with every node looked at. */
static ek_code replay_step(trainer *t, ek_session *session, bool check, step_result *result, ek_status *st) {
  ek_run_options options = EK_RUN_OPTIONS_INIT;
  ek_fetch fetches[2];
  ek_tensor *fetched[2];
  ek_feed *feeds = need_memory((size_t)t->n_feeds, sizeof *feeds);
  const int n_fetches = list_fetches(t, fetches);
  options.check_finite = check;
  next_batch(t);
  for (int i = 0; i < t->n_feeds; i++) feeds[i] = EK_FEED(t->feeds[i].out, t->feeds[i].value);
  const ek_code rc =
      ek_session_run(session, feeds, t->n_feeds, fetches, n_fetches, fetched, &t->train, 1, &options, st);
  free(feeds);
  if (rc == EK_OK) take_results(t, fetched, n_fetches, result), t->step++;
  return rc;
}

/* Goes on from the snapshot, in a session where nothing is fused or reused, until a step leaves a bad loss or a bad
 * variable; then does that step again with every node checked. *good is what it was before. */
static bool find_bad_node(trainer *t, ek_session *session, int64_t bad_step, snapshot *good) {
  step_result r;
  if (!snapshot_restore(t, session, &t->last)) return false;
  while (t->step < bad_step) {
    if (!snapshot_take(t, session, good)) return false;
    if (replay_step(t, session, false, &r, &t->why) != EK_OK) return false;
    if (isfinite(r.loss) && all_finite(t, session)) continue;
    if (!snapshot_restore(t, session, good)) return false;
    t->failed_step = t->step + 1;
    (void)replay_step(t, session, true, &r, &t->why);
    break;
  }
  return snapshot_restore(t, t->session, good);
}

static void explain_bad_loss(trainer *t, double loss) {
  ek_session_opts opts = EK_SESSION_OPTS_INIT;
  opts.threads = t->threads;
  opts.without_passes = ~0u;
  snapshot good = {0};
  ek_session *session = ek_session_new(t->graph, &opts, &t->why);
  if (session != NULL) t->recovered = find_bad_node(t, session, t->step, &good);
  (void)ek_status_set(&t->why, EK_INVALID_ARGUMENT, "the loss is %g", loss);
  snapshot_free(&good, t->variables.n);
  ek_session_free(session);
}

bool trainer_step(trainer *t, step_result *result) {
  ek_tensor *fetched[2];
  const bool is_due = t->last.values == NULL || t->step - t->last.step >= SNAPSHOT_STEPS;
  t->failed_step = t->step + 1;
  if (is_due && t->loss.op != 0 && !snapshot_take(t, t->session, &t->last)) return false;
  next_batch(t);
  if (ek_callable_run(t->call, t->fed, fetched, &t->why) != EK_OK) return false;
  t->step++;
  take_results(t, fetched, (t->loss.op != 0) + (t->accuracy.op != 0), result);
  if (t->loss.op == 0 || isfinite(result->loss)) return true;
  explain_bad_loss(t, result->loss);
  return false;
}
