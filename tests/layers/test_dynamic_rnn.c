/* SPDX-License-Identifier: Apache-2.0 */
/* A loop gives what the cell gives when it is applied step by step, and trains to the same variables; beyond the end of
 * a sequence outputs are zero and the state stays; from the end to the beginning is the same with time turned round. */
#include "layers/layers.h"

enum { ROWS = 4, TIME = 5, DEPTH = 3, UNITS = 2, STEPS = 3, MAX_VARIABLES = 32 };

typedef ek_rnn_cell *make_cell(ek_graph *g);
static ek_rnn_cell *basic(ek_graph *g) { return ek_nn_basic_rnn_cell(g, UNITS, NULL); }
static ek_rnn_cell *lstm(ek_graph *g) { return ek_nn_basic_lstm_cell(g, UNITS, NULL); }
static ek_rnn_cell *gru(ek_graph *g) { return ek_nn_gru_cell(g, UNITS, NULL); }
static ek_rnn_cell *peepholes(ek_graph *g) {
  return ek_nn_lstm_cell(g, 3, EK_NN_LSTM_CELL(.use_peepholes = true, .num_proj = UNITS, .cell_clip = 0.5));
}
static ek_rnn_cell *two(ek_graph *g) {
  ek_rnn_cell *const cells[] = {gru(g), lstm(g)};
  return ek_nn_multi_rnn_cell(g, cells, 2);
}
static ek_rnn_cell *bn_lstm(ek_graph *g) {
  return ek_bn_lstm_cell(g, UNITS, EK_BN_CELL(.max_steps = TIME, .training = EK_TRUE, .in_place = true, .gamma = 0.8));
}
static ek_rnn_cell *bn_gru(ek_graph *g) {
  return ek_bn_gru_cell(g, UNITS, EK_BN_CELL(.max_steps = TIME, .training = EK_TRUE, .in_place = true, .gamma = 0.8));
}

typedef struct net {
  ek_graph *g;
  ek_session *s;
  ek_out x, lengths, outputs, loss; /* x: [rows, TIME, DEPTH]; outputs: [rows, TIME, UNITS] */
  ek_rnn_state state;
  ek_op train;
} net;

static net begin(void) {
  net n = {.g = ek_graph_new(NULL)};
  ek_set_random_seed(n.g, 4);
  n.x = ek_placeholder(n.g, EK_FLOAT32, ek_shape(-1, TIME, DEPTH), "x");
  n.lengths = ek_placeholder(n.g, EK_INT32, ek_shape(-1), "lengths");
  return n;
}

static void finish(net *n, unsigned without_passes) {
  ek_status st = EK_STATUS_INIT;
  ek_graph *g = n->g;
  const ek_out of_outputs = ek_reduce_mean_all(g, ek_square(g, ek_subtract(g, n->outputs, ek_number(g, 0.3))));
  n->loss = ek_add(g, of_outputs, ek_reduce_mean_all(g, ek_square(g, n->state.at[0])));
  n->train = ek_train_minimize(ek_train_gradient_descent(g, 0.5), n->loss, NULL);
  const ek_op init = ek_global_variables_initializer(g);
  n->s = ek_session_new(g, EK_SESSION(.without_passes = without_passes), &st);
  if (n->s == NULL) fail_msg("%s", st.msg);
  run_op(n->s, init);
}

static net in_a_loop(make_cell *make, bool with_lengths, unsigned without_passes) {
  net n = begin();
  ek_nn_dynamic_rnn_opts o = EK_NN_DYNAMIC_RNN_OPTS_INIT;
  if (with_lengths) o.sequence_length = n.lengths;
  const ek_rnn_sequence s = ek_nn_dynamic_rnn(n.g, make(n.g), n.x, &o);
  n.outputs = s.outputs;
  n.state = s.state;
  finish(&n, without_passes);
  return n;
}

static net step_by_step(make_cell *make) {
  net n = begin();
  ek_out steps[TIME], outputs[TIME];
  const ek_op parts = ek_unstack(n.g, n.x, TIME, EK_UNSTACK(.axis = 1));
  for (int t = 0; t < TIME; t++) steps[t] = ek_op_output(parts, t);
  n.state = ek_nn_static_rnn(n.g, make(n.g), (ek_outs){steps, TIME}, NULL, outputs);
  n.outputs = ek_stack(n.g, (ek_outs){outputs, TIME}, EK_STACK(.axis = 1));
  finish(&n, 0);
  return n;
}

static void done(net *n) {
  ek_session_free(n->s);
  ek_graph_free(n->g);
}

static const int32_t lengths[ROWS] = {5, 2, 4, 1};

static void run(const net *n, ek_out fetch, bool train, ek_tensor **out) {
  ek_status st = EK_STATUS_INIT;
  ek_tensor *x = ek_tensor_new(EK_FLOAT32, ek_shape(ROWS, TIME, DEPTH), NULL, &st);
  ek_tensor *l = ek_tensor_from(EK_INT32, ek_shape(ROWS), lengths, &st);
  for (int i = 0; i < ROWS * TIME * DEPTH; i++) ((float *)ek_tensor_mutable_data(x))[i] = (float)sin(1.3 * i);
  const ek_feed feeds[] = {EK_FEED(n->x, x), EK_FEED(n->lengths, l)};
  if (ek_session_run(n->s, feeds, 2, &EK_FETCH(fetch), 1, out, &n->train, train, NULL, &st) != EK_OK)
    fail_msg("%s", st.msg);
  ek_tensor_free(x);
  ek_tensor_free(l);
}

static void assert_close(const ek_tensor *a, const ek_tensor *b, const char *what) {
  assert_int_equal(ek_tensor_num_elements(a), ek_tensor_num_elements(b));
  for (int64_t i = 0; i < ek_tensor_num_elements(a); i++) {
    const double x = ek_tensor_number(a, i), y = ek_tensor_number(b, i);
    if (!(fabs(x - y) <= 2e-5 * (1 + fabs(y)))) fail_msg("%s[%d] is %.9g, not %.9g", what, (int)i, x, y);
  }
}

/* b begins with what a has under the same names. */
static void same_start(const net *a, const net *b) {
  ek_status st = EK_STATUS_INIT;
  const ek_variables from = ek_get_collection_variables(a->g, EK_GLOBAL_VARIABLES, NULL),
                     to = ek_get_collection_variables(b->g, EK_GLOBAL_VARIABLES, NULL);
  assert_int_equal(from.n, to.n);
  for (int i = 0; i < from.n; i++) {
    assert_string_equal(ek_variable_name(a->g, from.at[i]), ek_variable_name(b->g, to.at[i]));
    ek_tensor *t = ek_session_get_variable(a->s, from.at[i], &st);
    assert_int_equal(ek_session_set_variable(b->s, to.at[i], t, &st), EK_OK);
    ek_tensor_free(t);
  }
}

static void same_end(const net *a, const net *b) {
  const ek_variables of_a = ek_get_collection_variables(a->g, EK_GLOBAL_VARIABLES, NULL),
                     of_b = ek_get_collection_variables(b->g, EK_GLOBAL_VARIABLES, NULL);
  for (int i = 0; i < of_a.n; i++) {
    ek_tensor *t = ek_session_get_variable(a->s, of_a.at[i], NULL),
              *u = ek_session_get_variable(b->s, of_b.at[i], NULL);
    assert_close(t, u, ek_variable_name(a->g, of_a.at[i]));
    ek_tensor_free(t);
    ek_tensor_free(u);
  }
}

static void trains_as_step_by_step(void **state) {
  static make_cell *const cells[] = {basic, lstm, gru, peepholes, two, bn_lstm, bn_gru};
  static const unsigned without[] = {0, EK_PASS_FUSE, EK_PASS_FOLD | EK_PASS_SINK | EK_PASS_FUSE};
  (void)state;
  for (size_t c = 0; c < sizeof cells / sizeof cells[0]; c++)
    for (size_t p = 0; p < sizeof without / sizeof without[0]; p++) {
      net a = step_by_step(cells[c]), b = in_a_loop(cells[c], false, without[p]);
      same_start(&a, &b);
      for (int i = 0; i < STEPS; i++) {
        ek_tensor *t, *u;
        run(&a, i == 0 ? a.outputs : a.loss, true, &t);
        run(&b, i == 0 ? b.outputs : b.loss, true, &u);
        assert_close(t, u, i == 0 ? "outputs" : "loss");
        ek_tensor_free(t);
        ek_tensor_free(u);
      }
      same_end(&a, &b);
      done(&a);
      done(&b);
    }
}

static void stops_at_the_end_of_a_sequence(void **state) {
  (void)state;
  net a = step_by_step(gru), b = in_a_loop(gru, true, 0);
  ek_tensor *all, *cut, *last;
  same_start(&a, &b);
  run(&a, a.outputs, false, &all);
  run(&b, b.outputs, false, &cut);
  run(&b, b.state.at[0], false, &last);
  for (int r = 0; r < ROWS; r++)
    for (int t = 0; t < TIME; t++)
      for (int u = 0; u < UNITS; u++) {
        const double want = ek_tensor_number(all, (r * TIME + t) * UNITS + u);
        const double got = ek_tensor_number(cut, (r * TIME + t) * UNITS + u);
        if (!(fabs(got - (t < lengths[r] ? want : 0.0)) <= 1e-6)) fail_msg("row %d, time %d: %.9g", r, t, got);
        if (t == lengths[r] - 1 && !(fabs(ek_tensor_number(last, r * UNITS + u) - want) <= 1e-6))
          fail_msg("row %d ends with %.9g, not %.9g", r, ek_tensor_number(last, r * UNITS + u), want);
      }
  ek_tensor_free(all);
  ek_tensor_free(cut);
  ek_tensor_free(last);
  done(&a);
  done(&b);
}

/* The same variables both ways: what goes back gives what goes forward gives for the inputs turned round. */
static void both_ways(void **state) {
  (void)state;
  for (int with_lengths = 0; with_lengths < 2; with_lengths++) {
    net n = begin();
    ek_graph *g = n.g;
    ek_nn_dynamic_rnn_opts o = EK_NN_DYNAMIC_RNN_OPTS_INIT;
    if (with_lengths) o.sequence_length = n.lengths;
    const ek_rnn_both both = ek_nn_bidirectional_dynamic_rnn(g, basic(g), basic(g), n.x, &o);
    const ek_out turned = with_lengths ? ek_reverse_sequence(g, n.x, n.lengths, 1, EK_REVERSE_SEQUENCE(.batch_dim = 0))
                                       : ek_reverse(g, n.x, ek_ints(g, 1));
    ek_nn_dynamic_rnn_opts again = o;
    EK_VARIABLE_SCOPE (g, "bidirectional_rnn/bw", EK_SCOPE(.reuse = EK_REUSE)) {
      again.scope = ek_get_variable_scope(g);
    }
    const ek_rnn_sequence s =
        ek_nn_dynamic_rnn(g, ek_nn_basic_rnn_cell(g, UNITS, EK_NN_CELL(.name = "basic_rnn_cell")), turned, &again);
    n.outputs =
        with_lengths ? ek_reverse_sequence(g, s.outputs, n.lengths, 1, NULL) : ek_reverse(g, s.outputs, ek_ints(g, 1));
    n.state = s.state;
    finish(&n, 0);
    ek_tensor *want, *got, *fw;
    run(&n, n.outputs, false, &want);
    run(&n, both.bw.outputs, false, &got);
    run(&n, both.fw.outputs, false, &fw);
    assert_close(got, want, "outputs of bw");
    assert_int_equal(ek_tensor_num_elements(fw), ROWS * TIME * UNITS);
    ek_tensor_free(want);
    ek_tensor_free(got);
    ek_tensor_free(fw);
    done(&n);
  }
}

/* A sequence_length for each row: fewer or more are refused by the run. */
static void as_many_lengths_as_rows(void **state) {
  (void)state;
  ek_status st = EK_STATUS_INIT;
  net n = in_a_loop(basic, true, 0);
  ek_tensor *x = ek_tensor_new(EK_FLOAT32, ek_shape(ROWS, TIME, DEPTH), NULL, &st), *out = NULL;
  ek_tensor *l = ek_tensor_from(EK_INT32, ek_shape(ROWS - 1), lengths, &st);
  const ek_feed feeds[] = {EK_FEED(n.x, x), EK_FEED(n.lengths, l)};
  assert_int_equal(ek_session_run(n.s, feeds, 2, &EK_FETCH(n.loss), 1, &out, NULL, 0, NULL, &st), EK_INVALID_ARGUMENT);
  assert_non_null(strstr(st.msg, "Expected shape for Tensor rnn/sequence_length:0 is "));
  ek_tensor_free(x);
  ek_tensor_free(l);
  done(&n);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(trains_as_step_by_step),
                                     cmocka_unit_test(stops_at_the_end_of_a_sequence), cmocka_unit_test(both_ways),
                                     cmocka_unit_test(as_many_lengths_as_rows)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
