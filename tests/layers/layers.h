/* SPDX-License-Identifier: Apache-2.0 */
/* Short words for tests that train: variables, a session with everything initialized, and what variables hold. */
#ifndef EK_TESTS_LAYERS_H
#define EK_TESTS_LAYERS_H

#include "evenkeel/evenkeel.h"
#include "test.h"

#include <math.h>
#include <string.h>

/* A variable of shape [] that begins at value. */
static inline ek_variable scalar_variable(ek_graph *g, const char *name, double value, ek_choice use_resource) {
  ek_get_variable_opts opts = EK_GET_VARIABLE_OPTS_INIT;
  opts.initializer = ek_constant_initializer(value);
  opts.use_resource = use_resource;
  return ek_get_variable(g, name, ek_shape_scalar(), &opts);
}

static inline ek_session *session_of(ek_graph *g) {
  ek_status st = EK_STATUS_INIT;
  ek_session *s = ek_session_new(g, NULL, &st);
  if (s == NULL) fail_msg("%s", st.msg);
  return s;
}

static inline void run_op(ek_session *s, ek_op op) {
  ek_status st = EK_STATUS_INIT;
  if (ek_session_run_op(s, op, &st) != EK_OK) fail_msg("%s", st.msg);
}

/* A session in which init, made last, has run. */
static inline ek_session *initialized_session(ek_graph *g) {
  const ek_op init = ek_global_variables_initializer(g);
  ek_session *s = session_of(g);
  run_op(s, init);
  return s;
}

static inline double number_of(ek_session *s, ek_variable v) {
  ek_status st = EK_STATUS_INIT;
  ek_tensor *t = ek_session_get_variable(s, v, &st);
  if (t == NULL) fail_msg("%s", st.msg);
  const double x = ek_tensor_number(t, 0);
  ek_tensor_free(t);
  return x;
}

/* Numbers of a table, which has seven digits. */
#define TABLE_TOLERANCE 1e-7
static inline void assert_near(double got, double want) {
  if (!(fabs(got - want) <= TABLE_TOLERANCE)) fail_msg("got %.9g, want %.9g", got, want);
}

/* The graph has an error that says these words; the graph goes. */
static inline void assert_refused(ek_graph *g, const char *words) {
  ek_status st = EK_STATUS_INIT;
  assert_int_equal(ek_graph_status(g, &st), EK_INVALID_ARGUMENT);
  if (strstr(st.msg, words) == NULL) fail_msg("'%s' is not in '%s'", words, st.msg);
  ek_graph_free(g);
}

#endif
