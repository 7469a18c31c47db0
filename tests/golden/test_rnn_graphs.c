/* SPDX-License-Identifier: Apache-2.0 */
/* The cases of cases/rnn.py, line by line. */
#include "golden/golden.h"

static void rnn_static_lstm(ek_graph *g) {
  const ek_out x = ek_placeholder(g, EK_FLOAT32, ek_shape(-1, 3), "x");
  ek_out outputs[2];
  (void)ek_nn_static_rnn(g, ek_nn_basic_lstm_cell(g, 4, NULL), EK_OUTS(x, x), NULL, outputs);
}
GOLDEN_TEST(rnn_static_lstm)

static void rnn_static_gru(ek_graph *g) {
  const ek_out x = ek_placeholder(g, EK_FLOAT32, ek_shape(2, 3), "x");
  ek_out outputs[2];
  (void)ek_nn_static_rnn(g, ek_nn_gru_cell(g, 4, NULL), EK_OUTS(x, x), NULL, outputs);
}
GOLDEN_TEST(rnn_static_gru)

static void refused(ek_rnn_cell *(*cell)(ek_graph *, int64_t, const ek_nn_cell_opts *), ek_shape shape, int n_state,
                    const char *word) {
  ek_graph *g = ek_graph_new(NULL);
  ek_status st;
  ek_out outputs[1];
  const ek_out x = ek_placeholder(g, EK_FLOAT32, shape, "x");
  const ek_rnn_state initial = {.n = n_state, .at = {x}};
  (void)ek_nn_static_rnn(g, cell(g, 4, NULL), EK_OUTS(x), &initial, outputs);
  assert_int_equal(ek_graph_status(g, &st), EK_INVALID_ARGUMENT);
  if (strstr(st.msg, word) == NULL) fail_msg("'%s' lacks '%s'", st.msg, word);
  ek_graph_free(g);
}

static void wrong_inputs_are_named(void **state) {
  (void)state;
  refused(ek_nn_gru_cell, ek_shape(2, -1), 0, "all must have one shape, known but for the batch");
  refused(ek_nn_gru_cell, ek_shape(2, 3, 4), 0, "a matrix whose width is known");
  refused(ek_nn_basic_lstm_cell, ek_shape(2, 3), 1, "an initial state of 1 tensors; BasicLSTMCell has 2");
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_rnn_static_lstm),
      cmocka_unit_test(test_rnn_static_gru),
      cmocka_unit_test(wrong_inputs_are_named),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
