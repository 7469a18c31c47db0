/* SPDX-License-Identifier: Apache-2.0 */
/* Two sessions of one graph in two threads; cancelling from another thread. ThreadSanitizer watches. */
#include "evenkeel/evenkeel.h"
#include "test.h"

#include <pthread.h>
#include <string.h>
#include <time.h>

typedef struct counter {
  ek_graph *g;
  ek_op init, add;
  ek_out v;
} counter;

static counter counter_graph(void) {
  counter c = {.g = ek_graph_new(NULL)};
  const ek_attr attrs[] = {EK_TYPE_ATTR("dtype", EK_FLOAT32), EK_SHAPE_ATTR("shape", ek_shape_scalar())};
  c.v = ek_op_output(ek_build(ek_named(c.g, "v"), "VariableV2", (ek_outs){NULL, 0}, attrs, 2), 0);
  c.init = ek_build(c.g, "Assign", EK_OUTS(c.v, ek_constant_float32(c.g, 0.0f)), EK_NO_ATTRS);
  c.add = ek_build(c.g, "AssignAdd", EK_OUTS(c.v, ek_constant_float32(c.g, 1.0f)), EK_NO_ATTRS);
  return c;
}

typedef struct job {
  const counter *c;
  int steps;
  double result;
} job;

static void *count(void *arg) {
  job *j = arg;
  ek_status st = EK_STATUS_INIT;
  ek_session *s = ek_session_new(j->c->g, NULL, &st);
  if (s == NULL) return NULL;
  (void)ek_session_run_op(s, j->c->init, &st);
  for (int i = 0; i < j->steps; i++) (void)ek_session_run_op(s, j->c->add, &st);
  ek_tensor *t = NULL;
  if (ek_session_run(s, NULL, 0, &EK_FETCH(j->c->v), 1, &t, NULL, 0, NULL, &st) == EK_OK)
    j->result = ek_tensor_number(t, 0);
  ek_tensor_free(t);
  ek_session_free(s);
  return NULL;
}

static void two_sessions_are_independent(void **state) {
  (void)state;
  const counter c = counter_graph();
  job jobs[2] = {{&c, 300, 0}, {&c, 500, 0}};
  pthread_t threads[2];
  for (int i = 0; i < 2; i++) assert_int_equal(pthread_create(&threads[i], NULL, count, &jobs[i]), 0);
  for (int i = 0; i < 2; i++) assert_int_equal(pthread_join(threads[i], NULL), 0);
  assert_float_equal(jobs[0].result, 300.0, 0);
  assert_float_equal(jobs[1].result, 500.0, 0);
  ek_graph_free(c.g);
}

static void *cancel(void *s) {
  ek_session_cancel(s);
  return NULL;
}

static void a_run_can_be_cancelled(void **state) {
  (void)state;
  const counter c = counter_graph();
  ek_status st = EK_STATUS_INIT;
  ek_session *s = ek_session_new(c.g, NULL, &st);
  pthread_t thread;
  assert_int_equal(ek_session_run_op(s, c.init, &st), EK_OK);
  assert_int_equal(pthread_create(&thread, NULL, cancel, s), 0);
  ek_code rc = EK_OK; /* sooner or later the flag arrives, and stops exactly one run */
  while (rc == EK_OK) rc = ek_session_run_op(s, c.add, &st);
  assert_int_equal(rc, EK_CANCELLED);
  assert_int_equal(pthread_join(thread, NULL), 0);
  ek_status_clear(&st);
  assert_int_equal(ek_session_run_op(s, c.add, &st), EK_OK);
  ek_session_free(s);
  ek_graph_free(c.g);
}

static bool stop_at_once(void *ctx, const ek_node_stats *step) {
  *(const char **)ctx = step->type;
  return false;
}

static void a_step_callback_can_stop_a_run(void **state) {
  (void)state;
  const counter c = counter_graph();
  ek_status st = EK_STATUS_INIT;
  ek_session *s = ek_session_new(c.g, NULL, &st);
  const char *seen = "";
  ek_run_options o = EK_RUN_OPTIONS_INIT;
  o.on_step = stop_at_once;
  o.on_step_ctx = &seen;
  o.profile = true;
  assert_int_equal(ek_session_run(s, NULL, 0, NULL, 0, NULL, &c.init, 1, &o, &st), EK_CANCELLED);
  assert_string_equal(seen, "Assign");
  const ek_node_stats *steps = NULL;
  assert_int_equal(ek_session_profile(s, &steps), 1);
  assert_string_equal(steps[0].name, "Assign");
  ek_session_free(s);
  ek_graph_free(c.g);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(two_sessions_are_independent),
      cmocka_unit_test(a_run_can_be_cancelled),
      cmocka_unit_test(a_step_callback_can_stop_a_run),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
