/* SPDX-License-Identifier: Apache-2.0 */
/* Cells that normalize: against the formulas written down again, statistics step by step, sequences longer than any
 * that was trained, loops, derivatives. */
#include "layers/numbers.h"

#include <stdio.h>

enum { N = 4, DEPTH = 2, UNITS = 3, STEPS = 3, LONGER = 5, ROWS = 8 };

/* A few sums and products of numbers near 1 in float32, one step after the other; a cell divides by small deviations.
 */
static const double f32 = 2e-5;

static const char *const lstm = "bn_lstm_cell", *const gru = "bn_gru_cell";

typedef struct net {
  ek_graph *g;
  ek_session *s;
  ek_out x[LONGER], y[LONGER]; /* [N, DEPTH], [N, UNITS] */
  ek_op train;                 /* the updates */
  const char *cell;
} net;

static ek_rnn_cell *make_cell(ek_graph *g, const char *which, ek_bn_cell_opts o) {
  o.max_steps = ROWS;
  o.momentum = 0.5;
  o.epsilon = 0.01;
  o.gamma = 0.5;
  return which == lstm ? ek_bn_lstm_cell(g, UNITS, &o) : ek_bn_gru_cell(g, UNITS, &o);
}

static void input_values(int step, double x[N * DEPTH]) {
  for (int i = 0; i < N * DEPTH; i++) x[i] = sin(3.0 * i + step) * (1 + step % 3);
}

static net unrolled(const char *which, int steps, ek_bn_cell_opts o) {
  net n = {.g = ek_graph_new(NULL), .cell = which};
  ek_set_random_seed(n.g, 7);
  for (int t = 0; t < steps; t++) n.x[t] = ek_placeholder(n.g, EK_FLOAT32, ek_shape(N, DEPTH), NULL);
  (void)ek_nn_static_rnn(n.g, make_cell(n.g, which, o), (ek_outs){n.x, steps}, NULL, n.y);
  const ek_ops updates = ek_get_collection_ops(n.g, EK_UPDATE_OPS, NULL);
  n.train = ek_group(n.g, updates);
  n.s = initialized_session(n.g);
  return n;
}

static void done(net *n) {
  ek_session_free(n->s);
  ek_graph_free(n->g);
}

static void run_net(const net *n, int steps, bool update, double *y) {
  ek_feed feeds[LONGER] = {{.value = NULL}};
  ek_fetch fetches[LONGER] = {{.name = NULL}};
  ek_tensor *got[LONGER];
  ek_status st = EK_STATUS_INIT;
  for (int t = 0; t < steps; t++) {
    double x[N * DEPTH];
    input_values(t, x);
    feeds[t] = EK_FEED(n->x[t], floats(ek_shape(N, DEPTH), x));
    fetches[t] = EK_FETCH(n->y[t]);
  }
  if (ek_session_run(n->s, feeds, steps, fetches, steps, got, &n->train, update, NULL, &st) != EK_OK)
    fail_msg("%s", st.msg);
  for (int t = 0; t < steps; t++) {
    for (int i = 0; i < N * UNITS; i++) y[t * N * UNITS + i] = ek_tensor_number(got[t], i);
    ek_tensor_free(got[t]);
    ek_tensor_free(feeds[t].value);
  }
}

static void variable(const net *n, const char *name, double *values, int count) {
  char path[96];
  (void)snprintf(path, sizeof path, "rnn/%s/%s", n->cell, name);
  variable_numbers(n->s, variable_named(n->g, path), values, count);
}

/* ---- the cells once more, in double */

typedef struct statistics { /* of one normalization */
  double mean[ROWS][4 * UNITS], variance[ROWS][4 * UNITS];
} statistics;

static void read_statistics(const net *n, const char *norm, int channels, statistics *s) {
  char name[64];
  double all[ROWS * 4 * UNITS];
  for (int which = 0; which < 2; which++) {
    (void)snprintf(name, sizeof name, "%s/moving_%s", norm, which ? "variance" : "mean");
    variable(n, name, all, ROWS * channels);
    for (int r = 0; r < ROWS; r++)
      for (int c = 0; c < channels; c++) (which ? s->variance : s->mean)[r][c] = all[r * channels + c];
  }
}

/* x: [N, channels], normalized in place; training: statistics of x move into row. */
static void normalized(double *x, int channels, statistics *s, int row, bool training) {
  for (int c = 0; c < channels; c++) {
    double mean = s->mean[row][c], variance = s->variance[row][c];
    if (training) {
      mean = variance = 0;
      for (int i = 0; i < N; i++) mean += x[i * channels + c] / N;
      for (int i = 0; i < N; i++) variance += pow(x[i * channels + c] - mean, 2) / N;
      s->mean[row][c] += (mean - s->mean[row][c]) * 0.5;
      s->variance[row][c] += (variance - s->variance[row][c]) * 0.5;
    }
    for (int i = 0; i < N; i++) x[i * channels + c] = 0.5 * (x[i * channels + c] - mean) / sqrt(variance + 0.01);
  }
}

static void times(const double *x, int k, const double *w, int n, double *y) {
  for (int i = 0; i < N; i++)
    for (int j = 0; j < n; j++) {
      y[i * n + j] = 0;
      for (int l = 0; l < k; l++) y[i * n + j] += x[i * k + l] * w[l * n + j];
    }
}

static double sigmoid(double x) { return 1.0 / (1.0 + exp(-x)); }

typedef struct weights {
  double kernel[DEPTH * 4 * UNITS], recurrent[UNITS * 4 * UNITS], candidate[UNITS * UNITS];
  statistics s[3];
} weights;

static void read_weights(const net *n, weights *w) {
  const bool is_lstm = n->cell == lstm;
  variable(n, "kernel", w->kernel, DEPTH * (is_lstm ? 4 : 3) * UNITS);
  variable(n, "recurrent_kernel", w->recurrent, UNITS * (is_lstm ? 4 : 2) * UNITS);
  if (!is_lstm) variable(n, "candidate_kernel", w->candidate, UNITS * UNITS);
  read_statistics(n, "input_norm", (is_lstm ? 4 : 3) * UNITS, &w->s[0]);
  read_statistics(n, "state_norm", (is_lstm ? 4 : 2) * UNITS, &w->s[1]);
  read_statistics(n, is_lstm ? "cell_norm" : "candidate_norm", UNITS, &w->s[2]);
}

static void lstm_step(weights *w, const double *x, double *c, double *h, int row, bool training) {
  double a[N * 4 * UNITS], b[N * 4 * UNITS], memory[N * UNITS];
  times(x, DEPTH, w->kernel, 4 * UNITS, a);
  times(h, UNITS, w->recurrent, 4 * UNITS, b);
  normalized(a, 4 * UNITS, &w->s[0], row, training);
  normalized(b, 4 * UNITS, &w->s[1], row, training);
  for (int i = 0; i < N * 4 * UNITS; i++) a[i] += b[i];
  for (int i = 0; i < N * UNITS; i++) {
    const double *gate = &a[i / UNITS * 4 * UNITS + i % UNITS];
    c[i] = sigmoid(gate[2 * UNITS] + 1.0) * c[i] + sigmoid(gate[0]) * tanh(gate[UNITS]);
    memory[i] = c[i];
  }
  normalized(memory, UNITS, &w->s[2], row, training);
  for (int i = 0; i < N * UNITS; i++)
    h[i] = sigmoid(a[i / UNITS * 4 * UNITS + i % UNITS + 3 * UNITS]) * tanh(memory[i]);
}

static void gru_step(weights *w, const double *x, double *h, int row, bool training) {
  double a[N * 3 * UNITS], b[N * 2 * UNITS], seen[N * UNITS], m[N * UNITS];
  times(x, DEPTH, w->kernel, 3 * UNITS, a);
  times(h, UNITS, w->recurrent, 2 * UNITS, b);
  normalized(a, 3 * UNITS, &w->s[0], row, training);
  normalized(b, 2 * UNITS, &w->s[1], row, training);
  for (int i = 0; i < N * UNITS; i++) {
    const int r = i / UNITS, k = i % UNITS;
    seen[i] = sigmoid(a[r * 3 * UNITS + k] + b[r * 2 * UNITS + k]) * h[i];
  }
  times(seen, UNITS, w->candidate, UNITS, m);
  normalized(m, UNITS, &w->s[2], row, training);
  for (int i = 0; i < N * UNITS; i++) {
    const int r = i / UNITS, k = i % UNITS;
    const double u = sigmoid(a[r * 3 * UNITS + UNITS + k] + b[r * 2 * UNITS + UNITS + k]);
    h[i] = u * h[i] + (1.0 - u) * tanh(a[r * 3 * UNITS + 2 * UNITS + k] + m[i]);
  }
}

/* Outputs of all steps; row of step t: min(t, longest - 1). */
static void expected(weights *w, const char *which, int steps, int longest, bool training, double *y) {
  double c[N * UNITS] = {0}, h[N * UNITS] = {0}, x[N * DEPTH];
  for (int t = 0; t < steps; t++) {
    const int row = t < longest ? t : longest - 1;
    input_values(t, x);
    if (which == lstm)
      lstm_step(w, x, c, h, row, training);
    else
      gru_step(w, x, h, row, training);
    memcpy(&y[t * N * UNITS], h, sizeof h);
  }
}

static void same_statistics(const net *n, const weights *w) {
  static weights now;
  memset(&now, 0, sizeof now);
  read_weights(n, &now);
  for (int k = 0; k < 3; k++)
    for (int r = 0; r < ROWS; r++) {
      assert_all_near(now.s[k].mean[r], w->s[k].mean[r], UNITS, f32, "moving_mean");
      assert_all_near(now.s[k].variance[r], w->s[k].variance[r], UNITS, f32, "moving_variance");
    }
}

/* ---- tests */

static const char *const cells[] = {"bn_lstm_cell", "bn_gru_cell"};

/* Training on three steps; each has statistics of its own, later rows are as they began. */
static void each_step_has_its_statistics(void **state) {
  (void)state;
  static weights w;
  for (int k = 0; k < 2; k++) {
    const char *which = k == 0 ? lstm : gru;
    double y[STEPS * N * UNITS], want[STEPS * N * UNITS], seen;
    net n = unrolled(which, STEPS, (ek_bn_cell_opts){EK_BN_CELL_OPTS_FIELDS_, .training = EK_TRUE});
    memset(&w, 0, sizeof w);
    read_weights(&n, &w);
    for (int i = 0; i < 2; i++) {
      run_net(&n, STEPS, true, y);
      expected(&w, which, STEPS, STEPS, true, want);
      assert_all_near(y, want, STEPS * N * UNITS, f32, cells[k]);
      same_statistics(&n, &w);
    }
    variable(&n, "steps_seen", &seen, 1);
    assert_true(seen == STEPS);
    done(&n);
  }
}

/* The flag is fed. Trained on three of five steps, then all five: steps 3 and 4 take the statistics of step 2. */
static void longer_sequences_take_the_last_statistics(void **state) {
  (void)state;
  static weights w;
  for (int k = 0; k < 2; k++) {
    const char *which = k == 0 ? lstm : gru;
    ek_graph *g = ek_graph_new(NULL);
    ek_set_random_seed(g, 7);
    net n = {.g = g, .cell = which};
    const ek_out flag = ek_placeholder(g, EK_BOOL, ek_shape_scalar(), "training");
    ek_rnn_cell *cell = make_cell(g, which, (ek_bn_cell_opts){EK_BN_CELL_OPTS_FIELDS_, .training = ek_flag_of(flag)});
    for (int t = 0; t < LONGER; t++) n.x[t] = ek_placeholder(g, EK_FLOAT32, ek_shape(N, DEPTH), NULL);
    ek_out brief[STEPS];
    (void)ek_nn_static_rnn(g, cell, (ek_outs){n.x, STEPS}, NULL, brief);
    n.train = ek_group(g, ek_get_collection_ops(g, EK_UPDATE_OPS, NULL));
    EK_VARIABLE_SCOPE (g, NULL, EK_SCOPE(.scope = ek_get_variable_scope(g), .reuse = EK_REUSE))
      (void)ek_nn_static_rnn(g, cell, (ek_outs){n.x, LONGER}, NULL, n.y);
    n.s = initialized_session(g);
    memset(&w, 0, sizeof w);
    read_weights(&n, &w);
    double want[LONGER * N * UNITS], x[N * DEPTH];
    for (int i = 0; i < 3; i++) {
      const bool training = i < 2;
      ek_tensor *t[LONGER], *f = ek_tensor_bool(training, NULL), *got[LONGER] = {NULL};
      ek_feed feeds[LONGER + 1];
      ek_fetch fetches[LONGER];
      ek_status st = EK_STATUS_INIT;
      for (int s = 0; s < LONGER; s++) {
        input_values(s, x);
        t[s] = floats(ek_shape(N, DEPTH), x);
        feeds[s] = EK_FEED(n.x[s], t[s]);
        fetches[s] = EK_FETCH(n.y[s]);
      }
      feeds[LONGER] = EK_FEED(flag, f);
      if (ek_session_run(n.s, feeds, LONGER + 1, fetches, training ? 0 : LONGER, got, &n.train, 1, NULL, &st) != EK_OK)
        fail_msg("%s", st.msg);
      if (training) {
        expected(&w, which, STEPS, STEPS, true, want);
      } else {
        expected(&w, which, LONGER, STEPS, false, want);
        for (int s = 0; s < LONGER; s++) {
          double y[N * UNITS];
          for (int e = 0; e < N * UNITS; e++) y[e] = ek_tensor_number(got[s], e);
          assert_all_near(y, &want[s * N * UNITS], N * UNITS, f32, cells[k]);
          ek_tensor_free(got[s]);
        }
      }
      same_statistics(&n, &w); /* and the run in inference changed nothing */
      for (int s = 0; s < LONGER; s++) ek_tensor_free(t[s]);
      ek_tensor_free(f);
    }
    done(&n);
  }
}

/* A loop over the same steps, with the averages updated in place, gives what the unrolled network gives. */
static void a_loop_gives_the_same(void **state) {
  (void)state;
  static weights w;
  for (int k = 0; k < 4; k++) {
    const char *which = k % 2 == 0 ? lstm : gru;
    const bool resource = k >= 2;
    ek_graph *g = ek_graph_new(NULL);
    ek_set_random_seed(g, 7);
    net n = {.g = g, .cell = which};
    const ek_out x = ek_placeholder(g, EK_FLOAT32, ek_shape(STEPS, N, DEPTH), "x");
    ek_rnn_cell *cell =
        make_cell(g, which, (ek_bn_cell_opts){EK_BN_CELL_OPTS_FIELDS_, .training = EK_TRUE, .in_place = true});
    const ek_out first =
        ek_reshape(g, ek_slice(g, x, ek_ints(g, 0, 0, 0), ek_ints(g, 1, N, DEPTH)), ek_ints(g, N, DEPTH));
    const ek_rnn_state zero = ek_rnn_zero_state(g, cell, first, EK_FLOAT32);
    ek_out vars[5] = {ek_constant_int32(g, 0), ek_zeros_like(g, zero.at[0])};
    for (int i = 0; i < zero.n; i++) vars[2 + i] = zero.at[i];
    ek_while_block loop;
    EK_VARIABLE_SCOPE (g, "rnn", EK_SCOPE(.use_resource = resource ? EK_YES : EK_NO)) {
      EK_WHILE(g, ((ek_outs){vars, 2 + zero.n}), NULL, loop) {
        EK_WHILE_COND(loop) { ek_while_test(&loop, ek_less(g, ek_while_var(&loop, 0), ek_integer(g, STEPS))); }
        EK_WHILE_BODY(loop) {
          const ek_out t = ek_while_var(&loop, 0);
          const ek_out now = ek_gather(g, x, t, ek_integer(g, 0), NULL);
          ek_rnn_state s = {.n = zero.n};
          for (int i = 0; i < zero.n; i++) s.at[i] = ek_while_var(&loop, 2 + i);
          const ek_rnn_step step = cell->call(g, cell, now, &s);
          ek_while_next(&loop, ek_add(g, t, ek_integer(g, 1)));
          ek_while_next(&loop, step.output);
          for (int i = 0; i < zero.n; i++) ek_while_next(&loop, step.state.at[i]);
        }
      }
    }
    const ek_out last = ek_while_result(&loop, 1);
    n.s = initialized_session(g);
    memset(&w, 0, sizeof w);
    read_weights(&n, &w);
    double all[STEPS * N * DEPTH], want[STEPS * N * UNITS], got[N * UNITS];
    for (int t = 0; t < STEPS; t++) input_values(t, &all[t * N * DEPTH]);
    ek_tensor *in = floats(ek_shape(STEPS, N, DEPTH), all);
    fetch_numbers(n.s, &EK_FEED(x, in), 1, last, (ek_ops){NULL, 0}, got, N * UNITS);
    expected(&w, which, STEPS, STEPS, true, want);
    assert_all_near(got, &want[(STEPS - 1) * N * UNITS], N * UNITS, f32, cells[k % 2]);
    same_statistics(&n, &w);
    ek_tensor_free(in);
    done(&n);
  }
}

/* Difference quotients of the kernel, in training, through all steps. */
static void derivatives(void **state) {
  (void)state;
  for (int k = 0; k < 2; k++) {
    const char *which = k == 0 ? lstm : gru;
    ek_graph *g = ek_graph_new(NULL);
    ek_set_random_seed(g, 7);
    ek_out x[STEPS], y[STEPS], loss = {0, 0}, d;
    for (int t = 0; t < STEPS; t++) {
      double v[N * DEPTH];
      input_values(t, v);
      ek_tensor *c = ek_tensor_new(EK_FLOAT64, ek_shape(N, DEPTH), NULL, NULL);
      for (int i = 0; i < N * DEPTH; i++) ((double *)ek_tensor_mutable_data(c))[i] = v[i];
      x[t] = ek_constant(g, c);
      ek_tensor_free(c);
    }
    (void)ek_nn_static_rnn(g, make_cell(g, which, (ek_bn_cell_opts){EK_BN_CELL_OPTS_FIELDS_, .training = EK_TRUE}),
                           (ek_outs){x, STEPS}, NULL, y);
    for (int t = 0; t < STEPS; t++) {
      const ek_out sum = ek_reduce_sum_all(g, ek_square(g, y[t]));
      loss = t == 0 ? sum : ek_add(g, loss, sum);
    }
    const ek_variable kernel = variable_named(g, k == 0 ? "rnn/bn_lstm_cell/kernel" : "rnn/bn_gru_cell/kernel");
    ek_gradients(g, EK_OUTS(loss), EK_OUTS(ek_variable_handle(g, kernel)), NULL, &d);
    ek_session *s = initialized_session(g);
    enum { MAX = DEPTH * 4 * UNITS };
    const int n = DEPTH * (k == 0 ? 4 : 3) * UNITS;
    double gradient[MAX], at[MAX];
    fetch_numbers(s, NULL, 0, d, (ek_ops){NULL, 0}, gradient, n);
    variable_numbers(s, kernel, at, n);
    for (int i = 0; i < n; i++) {
      double around[2];
      for (int side = 0; side < 2; side++) {
        ek_tensor *v = ek_tensor_new(EK_FLOAT64, ek_variable_shape(g, kernel), NULL, NULL);
        for (int e = 0; e < n; e++)
          ((double *)ek_tensor_mutable_data(v))[e] = at[e] + (e == i ? (side ? 1e-5 : -1e-5) : 0);
        around[side] = fetch_number(s, &EK_FEED(ek_variable_value(g, kernel), v), 1, loss);
        ek_tensor_free(v);
      }
      const double want = (around[1] - around[0]) / 2e-5;
      if (!(fabs(gradient[i] - want) < 1e-6 * (1 + fabs(want))))
        fail_msg("%s, element %d: the gradient is %.9g, the difference quotient %.9g", which, i, gradient[i], want);
    }
    ek_session_free(s);
    ek_graph_free(g);
  }
}

static void a_nan_stays_out_of_its_step(void **state) {
  (void)state;
  double y[STEPS * N * UNITS], mean[ROWS * 4 * UNITS];
  net n = unrolled(lstm, STEPS, (ek_bn_cell_opts){EK_BN_CELL_OPTS_FIELDS_, .training = EK_TRUE, .guard = true});
  ek_feed feeds[STEPS];
  ek_status st = EK_STATUS_INIT;
  for (int t = 0; t < STEPS; t++) {
    double x[N * DEPTH];
    input_values(t, x);
    if (t == 1) x[0] = NAN;
    feeds[t] = EK_FEED(n.x[t], floats(ek_shape(N, DEPTH), x));
  }
  if (ek_session_run(n.s, feeds, STEPS, NULL, 0, NULL, &n.train, 1, NULL, &st) != EK_OK) fail_msg("%s", st.msg);
  variable(&n, "input_norm/moving_mean", mean, ROWS * 4 * UNITS);
  for (int i = 0; i < 4 * UNITS; i++) {
    assert_true(mean[i] != 0.0 && isfinite(mean[i]));
    assert_true(mean[4 * UNITS + i] == 0.0);
    assert_true(mean[2 * 4 * UNITS + i] != 0.0 && isfinite(mean[2 * 4 * UNITS + i]));
  }
  for (int t = 0; t < STEPS; t++) ek_tensor_free(feeds[t].value);
  run_net(&n, STEPS, true, y);
  for (int i = 0; i < STEPS * N * UNITS; i++) assert_true(isfinite(y[i]));
  done(&n);
}

static void wrong_cells_are_refused(void **state) {
  (void)state;
  static const ek_bn_cell_opts zero = {0};
  ek_graph *g = ek_graph_new(NULL);
  (void)ek_bn_lstm_cell(g, 3, &zero);
  assert_refused(g, "options of version 0");
  g = ek_graph_new(NULL);
  (void)ek_bn_gru_cell(g, 0, NULL);
  assert_refused(g, "0 units");
  g = ek_graph_new(NULL);
  (void)ek_bn_gru_cell(g, 3, EK_BN_CELL(.max_steps = 0));
  assert_refused(g, "max_steps 0");
  g = ek_graph_new(NULL);
  ek_out x = ek_placeholder(g, EK_FLOAT32, ek_shape(4, -1), "x"), y;
  (void)ek_nn_static_rnn(g, ek_bn_lstm_cell(g, 3, NULL), EK_OUTS(x), NULL, &y);
  assert_int_equal(ek_graph_status(g, NULL), EK_INVALID_ARGUMENT);
  ek_graph_free(g);
  g = ek_graph_new(NULL);
  x = ek_placeholder(g, EK_FLOAT16, ek_shape(4, 2), "x");
  (void)ek_nn_static_rnn(g, ek_bn_lstm_cell(g, 3, NULL), EK_OUTS(x), NULL, &y);
  assert_refused(g, "input is float16");
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(each_step_has_its_statistics), cmocka_unit_test(longer_sequences_take_the_last_statistics),
      cmocka_unit_test(a_loop_gives_the_same),        cmocka_unit_test(derivatives),
      cmocka_unit_test(a_nan_stays_out_of_its_step),  cmocka_unit_test(wrong_cells_are_refused),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
