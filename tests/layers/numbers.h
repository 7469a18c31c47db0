/* SPDX-License-Identifier: Apache-2.0 */
/* Feeding and fetching plain numbers. */
#ifndef EK_TESTS_NUMBERS_H
#define EK_TESTS_NUMBERS_H

#include "layers/layers.h"

enum { MAX_NUMBERS = 256 };

static inline ek_tensor *floats(ek_shape shape, const double *values) {
  float data[MAX_NUMBERS];
  const int64_t n = ek_shape_num_elements(shape);
  assert_in_range(n, 0, MAX_NUMBERS);
  for (int64_t i = 0; i < n; i++) data[i] = (float)values[i];
  return ek_tensor_from(EK_FLOAT32, shape, data, NULL);
}

/* Runs out with feeds, after targets or before, as they come; what it gives into got, which holds n. */
static inline void fetch_numbers(ek_session *s, const ek_feed *feeds, int n_feeds, ek_out out, ek_ops targets,
                                 double *got, int n) {
  ek_status st = EK_STATUS_INIT;
  ek_tensor *t = NULL;
  if (ek_session_run(s, feeds, n_feeds, &EK_FETCH(out), 1, &t, targets.at, targets.n, NULL, &st) != EK_OK)
    fail_msg("%s", st.msg);
  assert_int_equal(ek_tensor_num_elements(t), n);
  for (int i = 0; i < n; i++) got[i] = ek_tensor_number(t, i);
  ek_tensor_free(t);
}

static inline double fetch_number(ek_session *s, const ek_feed *feeds, int n_feeds, ek_out out) {
  double got;
  fetch_numbers(s, feeds, n_feeds, out, (ek_ops){NULL, 0}, &got, 1);
  return got;
}

static inline void variable_numbers(ek_session *s, ek_variable v, double *got, int n) {
  ek_status st = EK_STATUS_INIT;
  ek_tensor *t = ek_session_get_variable(s, v, &st);
  if (t == NULL) fail_msg("%s", st.msg);
  assert_int_equal(ek_tensor_num_elements(t), n);
  for (int i = 0; i < n; i++) got[i] = ek_tensor_number(t, i);
  ek_tensor_free(t);
}

static inline void assert_all_near(const double *got, const double *want, int n, double tolerance, const char *what) {
  for (int i = 0; i < n; i++)
    if (!(fabs(got[i] - want[i]) <= tolerance * (1.0 + fabs(want[i]))))
      fail_msg("%s, element %d: got %.9g, want %.9g", what, i, got[i], want[i]);
}

static inline ek_variable variable_named(ek_graph *g, const char *name) {
  const ek_variable v = ek_variable_of(g, ek_graph_find_op(g, name));
  if (v.id == 0) fail_msg("there is no variable '%s'", name);
  return v;
}

#endif
