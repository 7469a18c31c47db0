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

static ek_out batch(ek_graph *g, int64_t rows, int64_t time) {
  return ek_placeholder(g, EK_FLOAT32, ek_shape(rows, time, 3), "x");
}
static ek_out lengths_of(ek_graph *g) { return ek_placeholder(g, EK_INT32, ek_shape(-1), "lengths"); }

static void rnn_dynamic_lstm(ek_graph *g) {
  (void)ek_nn_dynamic_rnn(g, ek_nn_basic_lstm_cell(g, 4, NULL), batch(g, -1, -1), NULL);
}
GOLDEN_TEST(rnn_dynamic_lstm)

static void rnn_dynamic_gru_lengths(ek_graph *g) {
  const ek_out x = batch(g, -1, 5);
  (void)ek_nn_dynamic_rnn(g, ek_nn_gru_cell(g, 4, NULL), x, EK_NN_DYNAMIC_RNN(.sequence_length = lengths_of(g)));
}
GOLDEN_TEST(rnn_dynamic_gru_lengths)

static void rnn_dynamic_time_major(ek_graph *g) {
  ek_out dx[1];
  const ek_out x = batch(g, 5, 2), state = ek_placeholder(g, EK_FLOAT32, ek_shape(2, 4), "state");
  const ek_out n = ek_placeholder(g, EK_INT64, ek_shape(2), "lengths");
  const ek_rnn_sequence s =
      ek_nn_dynamic_rnn(ek_named(g, "net"), ek_nn_basic_rnn_cell(g, 4, NULL), x,
                        EK_NN_DYNAMIC_RNN(.sequence_length = n, .initial_state = {.n = 1, .at = {state}},
                                          .time_major = true, .swap_memory = true, .parallel_iterations = 3));
  const ek_out sum = ek_reduce_sum_all(g, s.outputs);
  ek_gradients(g, EK_OUTS(sum), EK_OUTS(state), NULL, dx);
}
GOLDEN_TEST(rnn_dynamic_time_major)

static ek_out mean_square(ek_graph *g, ek_out x) { return ek_reduce_mean_all(g, OP(g, "Square", x)); }

static void rnn_dynamic_train(ek_graph *g) {
  const ek_out x = batch(g, -1, -1);
  const ek_rnn_sequence s =
      ek_nn_dynamic_rnn(g, ek_nn_basic_lstm_cell(g, 4, NULL), x, EK_NN_DYNAMIC_RNN(.sequence_length = lengths_of(g)));
  const ek_out of_outputs = mean_square(g, s.outputs), of_memory = mean_square(g, s.state.at[0]);
  const ek_out loss = OP(ek_named(g, "add"), "AddV2", of_outputs, of_memory);
  (void)ek_train_minimize(ek_train_gradient_descent(g, 0.1), loss, NULL);
}
GOLDEN_TEST(rnn_dynamic_train)

static void rnn_multi(ek_graph *g) {
  ek_rnn_cell *const two[] = {ek_nn_basic_lstm_cell(g, 4, NULL), ek_nn_gru_cell(g, 2, NULL)};
  ek_rnn_cell *const basic[] = {ek_nn_basic_rnn_cell(g, 3, NULL), ek_nn_basic_rnn_cell(g, 3, NULL)};
  ek_out outputs[2];
  const ek_out x = ek_placeholder(g, EK_FLOAT32, ek_shape(2, 3), "x");
  (void)ek_nn_static_rnn(g, ek_nn_multi_rnn_cell(g, two, 2), EK_OUTS(x, x), NULL, outputs);
  const ek_out y = ek_placeholder(g, EK_FLOAT32, ek_shape(-1, 4, 3), "y");
  (void)ek_nn_dynamic_rnn(ek_named(g, "loop"), ek_nn_multi_rnn_cell(g, basic, 2), y, NULL);
}
GOLDEN_TEST(rnn_multi)

static void rnn_lstm_cell(ek_graph *g) {
  ek_out outputs[1];
  const ek_out x = ek_placeholder(g, EK_FLOAT32, ek_shape(2, 3), "x");
  ek_rnn_cell *plain = ek_nn_lstm_cell(g, 4, EK_NN_LSTM_CELL(.initializer = ek_ones_initializer()));
  (void)ek_nn_static_rnn(ek_named(g, "plain"), plain, EK_OUTS(x), NULL, outputs);
  ek_rnn_cell *full = ek_nn_lstm_cell(
      g, 4,
      EK_NN_LSTM_CELL(.use_peepholes = true, .cell_clip = 3.0, .num_proj = 2, .proj_clip = 0.5, .forget_bias = 0.5));
  (void)ek_nn_static_rnn(ek_named(g, "full"), full, EK_OUTS(x), NULL, outputs);
}
GOLDEN_TEST(rnn_lstm_cell)

static void rnn_bidirectional(ek_graph *g) {
  const ek_out x = batch(g, -1, 5);
  (void)ek_nn_bidirectional_dynamic_rnn(g, ek_nn_basic_rnn_cell(g, 2, NULL), ek_nn_basic_rnn_cell(g, 4, NULL), x,
                                        EK_NN_DYNAMIC_RNN(.sequence_length = lengths_of(g)));
  (void)ek_nn_bidirectional_dynamic_rnn(ek_named(g, "both"), ek_nn_basic_rnn_cell(g, 2, NULL),
                                        ek_nn_basic_rnn_cell(g, 2, NULL), x, EK_NN_DYNAMIC_RNN(.time_major = true));
}
GOLDEN_TEST(rnn_bidirectional)

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

static void refused_by_dynamic_rnn(ek_shape shape, const ek_nn_dynamic_rnn_opts *o, ek_graph *g, const char *word) {
  ek_status st;
  const ek_out x = ek_placeholder(g, EK_FLOAT32, shape, "x");
  (void)ek_nn_dynamic_rnn(g, ek_nn_gru_cell(g, 4, NULL), x, o);
  assert_int_equal(ek_graph_status(g, &st), EK_INVALID_ARGUMENT);
  if (strstr(st.msg, word) == NULL) fail_msg("'%s' lacks '%s'", st.msg, word);
  ek_graph_free(g);
}

static void wrong_sequences_are_named(void **state) {
  (void)state;
  ek_graph *g = ek_graph_new(NULL);
  refused_by_dynamic_rnn(ek_shape(2, 3), NULL, g, "inputs have shape [2,3]; allowed: batch, time, and a depth");
  g = ek_graph_new(NULL);
  refused_by_dynamic_rnn(ek_shape(2, 3, -1), NULL, g, "inputs have shape [2,3,?]");
  g = ek_graph_new(NULL);
  const ek_out lengths = ek_placeholder(g, EK_INT32, ek_shape(2, 1), "lengths");
  refused_by_dynamic_rnn(ek_shape(2, 3, 4), EK_NN_DYNAMIC_RNN(.sequence_length = lengths), g,
                         "sequence_length has shape [2,1]; it must be a vector");
  g = ek_graph_new(NULL);
  refused_by_dynamic_rnn(ek_shape(2, 3, 4), EK_NN_DYNAMIC_RNN(.initial_state = {.n = 2}), g,
                         "an initial state of 2 tensors; GRUCell has 1");
}

static void wrong_cells_are_named(void **state) {
  (void)state;
  ek_status st;
  ek_graph *g = ek_graph_new(NULL);
  ek_rnn_cell *many[9];
  for (int i = 0; i < 9; i++) many[i] = ek_nn_basic_lstm_cell(g, 4, NULL);
  (void)ek_nn_multi_rnn_cell(g, many, 9);
  assert_int_equal(ek_graph_status(g, &st), EK_INVALID_ARGUMENT);
  assert_non_null(strstr(st.msg, "MultiRNNCell: cell 8 makes it more than 16 state tensors"));
  ek_graph_free(g);
  g = ek_graph_new(NULL);
  (void)ek_nn_multi_rnn_cell(g, NULL, 0);
  assert_int_equal(ek_graph_status(g, &st), EK_INVALID_ARGUMENT);
  assert_non_null(strstr(st.msg, "at least one cell"));
  ek_graph_free(g);
  g = ek_graph_new(NULL);
  (void)ek_nn_lstm_cell(g, 4, EK_NN_LSTM_CELL(.num_proj = -1));
  assert_int_equal(ek_graph_status(g, &st), EK_INVALID_ARGUMENT);
  assert_non_null(strstr(st.msg, "LSTMCell: 4 units, num_proj -1"));
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
      cmocka_unit_test(test_rnn_dynamic_lstm),
      cmocka_unit_test(test_rnn_dynamic_gru_lengths),
      cmocka_unit_test(test_rnn_dynamic_time_major),
      cmocka_unit_test(test_rnn_dynamic_train),
      cmocka_unit_test(test_rnn_multi),
      cmocka_unit_test(test_rnn_lstm_cell),
      cmocka_unit_test(test_rnn_bidirectional),
      cmocka_unit_test(wrong_sequences_are_named),
      cmocka_unit_test(wrong_cells_are_named),
      cmocka_unit_test(wrong_inputs_are_named),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
