/* SPDX-License-Identifier: Apache-2.0 */
/* Loops that TensorFlow exported with their gradients, trained here beside its numbers: what dynamic_rnn writes for an
 * LSTM and a GRU (stacks, TensorArrays, accumulators), and a loop with batch normalization and a cond; and the same
 * recurrent networks built here. loops/ */
#include "evenkeel/evenkeel.h"
#include "test.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { STEPS = 8 };
#define TOLERANCE 2e-6 /* sums are rounded in another order; relative above 1 */

static ek_tensor *array(ek_npz *z, const char *prefix, const char *name) {
  char full[256];
  ek_status st = EK_STATUS_INIT;
  (void)snprintf(full, sizeof full, "%s%s", prefix, name);
  ek_tensor *t = ek_npz_get(z, full, &st);
  if (t == NULL) fail_msg("%s", st.msg);
  return t;
}

static void compare(const char *what, const ek_tensor *got, const ek_tensor *want) {
  assert_int_equal(ek_tensor_num_elements(got), ek_tensor_num_elements(want));
  for (int64_t i = 0; i < ek_tensor_num_elements(got); i++) {
    const double a = ek_tensor_number(got, i), b = ek_tensor_number(want, i);
    if (!(fabs(a - b) <= TOLERANCE * fmax(1.0, fabs(b)))) fail_msg("%s[%d]: %.9g, not %.9g", what, (int)i, a, b);
  }
}

static void import(ek_graph *g, const char *name) {
  char path[512];
  ek_status st = EK_STATUS_INIT;
  (void)snprintf(path, sizeof path, "%s/tests/golden/loops/%s.meta", EK_SOURCE_DIR, name);
  if (ek_import_meta_graph(g, path, NULL, NULL, &st) != EK_OK) fail_msg("%s", st.msg);
}

/* The network of make_loops.py: the mean square of the outputs, and that of how far a state is from one. */
static void build(ek_graph *g, const char *name) {
  const bool gru = strcmp(name, "gru") == 0;
  const ek_out x = ek_placeholder(g, EK_FLOAT32, ek_shape(-1, -1, 4), "x");
  const ek_out lengths = ek_placeholder(g, EK_INT32, ek_shape(-1), "lengths");
  ek_rnn_cell *cell = gru ? ek_nn_gru_cell(g, 3, NULL) : ek_nn_basic_lstm_cell(g, 3, NULL);
  ek_nn_dynamic_rnn_opts opts = EK_NN_DYNAMIC_RNN_OPTS_INIT;
  if (gru) opts.sequence_length = lengths;
  const ek_rnn_sequence s = ek_nn_dynamic_rnn(g, cell, x, &opts);
  const ek_out off = ek_subtract(g, s.state.at[0], ek_number(g, 1.0));
  const ek_out of_outputs = ek_reduce_mean_all(g, ek_square(g, s.outputs));
  const ek_out loss = ek_add(g, of_outputs, ek_reduce_mean_all(g, ek_square(g, off)));
  (void)ek_identity(ek_named(g, "loss"), loss);
  (void)ek_train_minimize(ek_train_gradient_descent(g, 0.5), loss, EK_TRAIN_MINIMIZE(.name = "train"));
}

static void train(const char *name, void (*make)(ek_graph *, const char *), unsigned without_passes) {
  char path[512];
  ek_status st = EK_STATUS_INIT;
  ek_graph *g = ek_graph_new(NULL);
  (void)snprintf(path, sizeof path, "%s/tests/golden/loops/%s.npz", EK_SOURCE_DIR, name);
  ek_npz *z = ek_npz_open(path, &st);
  if (z == NULL) fail_msg("%s", st.msg);
  make(g, name);
  ek_session_opts opts = EK_SESSION_OPTS_INIT;
  opts.without_passes = without_passes;
  ek_session *s = ek_session_new(g, &opts, &st);
  const ek_variables all = ek_get_collection_variables(g, EK_GLOBAL_VARIABLES, NULL);
  assert_in_range(all.n, 1, 8);
  for (int i = 0; i < all.n; i++) {
    ek_tensor *t = array(z, "initial/", ek_variable_name(g, all.at[i]));
    if (ek_session_set_variable(s, all.at[i], t, &st) != EK_OK) fail_msg("%s", st.msg);
    ek_tensor_free(t);
  }
  ek_tensor *x = array(z, "feed/", "x"), *lengths = array(z, "feed/", "lengths"), *losses = array(z, "", "losses");
  const ek_feed feeds[] = {EK_FEED_NAME("x", x), EK_FEED_NAME("lengths", lengths)};
  const ek_op step = ek_graph_find_op(g, "train");
  for (int i = 0; i < STEPS; i++) {
    ek_tensor *loss = NULL;
    if (ek_session_run(s, feeds, 2, &EK_FETCH_NAME("loss"), 1, &loss, &step, 1, NULL, &st) != EK_OK)
      fail_msg("%s, without %#x: %s", name, without_passes, st.msg);
    const double got = ek_tensor_number(loss, 0), want = ek_tensor_number(losses, i);
    if (!(fabs(got - want) <= TOLERANCE)) fail_msg("%s, step %d: loss %.9g, not %.9g", name, i, got, want);
    ek_tensor_free(loss);
  }
  for (int i = 0; i < all.n; i++) {
    ek_tensor *want = array(z, "final/", ek_variable_name(g, all.at[i])),
              *got = ek_session_get_variable(s, all.at[i], &st);
    assert_non_null(got);
    compare(ek_variable_name(g, all.at[i]), got, want);
    ek_tensor_free(want);
    ek_tensor_free(got);
  }
  ek_tensor_free(x);
  ek_tensor_free(lengths);
  ek_tensor_free(losses);
  ek_npz_close(z);
  ek_session_free(s);
  ek_graph_free(g);
}

static void with_and_without_passes(const char *name, void (*make)(ek_graph *, const char *)) {
  static const unsigned without[] = {0,
                                     EK_PASS_FOLD,
                                     EK_PASS_INPLACE,
                                     EK_PASS_REUSE,
                                     EK_PASS_SINK,
                                     EK_PASS_FUSE,
                                     EK_PASS_FOLD | EK_PASS_INPLACE | EK_PASS_REUSE | EK_PASS_SINK | EK_PASS_FUSE};
  for (size_t i = 0; i < sizeof without / sizeof without[0]; i++) train(name, make, without[i]);
}

static void lstm(void **state) {
  (void)state;
  with_and_without_passes("lstm", import);
}
static void gru_with_lengths(void **state) {
  (void)state;
  with_and_without_passes("gru", import);
}
static void batch_normalization_in_a_loop(void **state) {
  (void)state;
  with_and_without_passes("bn", import);
}
static void lstm_built_here(void **state) {
  (void)state;
  with_and_without_passes("lstm", build);
}
static void gru_with_lengths_built_here(void **state) {
  (void)state;
  with_and_without_passes("gru", build);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(lstm), cmocka_unit_test(gru_with_lengths),
                                     cmocka_unit_test(batch_normalization_in_a_loop), cmocka_unit_test(lstm_built_here),
                                     cmocka_unit_test(gru_with_lengths_built_here)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
