/* SPDX-License-Identifier: Apache-2.0 */
/* Learning-rate schedules and clipping, by their values. */
#include "layers/layers.h"

static double fetch(ek_session *s, ek_out out, int64_t i) {
  ek_status st = EK_STATUS_INIT;
  ek_tensor *t = NULL;
  if (ek_session_run(s, NULL, 0, &EK_FETCH(out), 1, &t, NULL, 0, NULL, &st) != EK_OK) fail_msg("%s", st.msg);
  const double x = ek_tensor_number(t, i);
  ek_tensor_free(t);
  return x;
}

static void set_step(ek_session *s, ek_variable step, int64_t value) {
  ek_status st = EK_STATUS_INIT;
  ek_tensor *t = ek_tensor_int64(value, &st);
  assert_int_equal(ek_session_set_variable(s, step, t, &st), EK_OK);
  ek_tensor_free(t);
}

#define TOLERANCE 1e-6 /* of a float32 power */
static void assert_rate(double got, double want) {
  if (!(fabs(got - want) <= TOLERANCE * want)) fail_msg("got %.9g, want %.9g", got, want);
}

static void rates_decay_with_the_step(void **state) {
  (void)state;
  ek_graph *g = ek_graph_new(NULL);
  const ek_variable step = ek_train_get_or_create_global_step(g);
  const ek_out now = ek_variable_value(g, step);
  const ek_out smooth =
      ek_train_exponential_decay(g, ek_number(g, 0.1), now, ek_integer(g, 100), ek_number(g, 0.5), false);
  const ek_out stairs =
      ek_train_exponential_decay(g, ek_number(g, 0.1), now, ek_integer(g, 100), ek_number(g, 0.5), true);
  ek_session *s = initialized_session(g);
  static const int64_t steps[] = {0, 50, 99, 100, 250};
  for (size_t i = 0; i < sizeof steps / sizeof steps[0]; i++) {
    set_step(s, step, steps[i]);
    assert_rate(fetch(s, smooth, 0), 0.1 * pow(0.5, (double)steps[i] / 100.0));
    assert_rate(fetch(s, stairs, 0), 0.1 * pow(0.5, floor((double)steps[i] / 100.0)));
  }
  ek_session_free(s);
  ek_graph_free(g);
}

static void pieces_end_at_their_boundaries(void **state) {
  (void)state;
  ek_graph *g = ek_graph_new(NULL);
  const ek_variable step = ek_train_get_or_create_global_step(g);
  const ek_out now = ek_variable_value(g, step);
  const ek_out three = ek_train_piecewise_constant(g, now, (const double[]){10, 20}, 2, (const double[]){1, 0.5, 0.25});
  const ek_out two =
      ek_train_piecewise_constant(ek_named(g, "two"), now, (const double[]){15}, 1, (const double[]){3, 4});
  ek_session *s = initialized_session(g);
  static const double want[][3] = {{0, 1, 3},    {10, 1, 3},   {11, 0.5, 3}, {15, 0.5, 3},
                                   {16, 0.5, 4}, {20, 0.5, 4}, {21, 0.25, 4}};
  for (size_t i = 0; i < sizeof want / sizeof want[0]; i++) {
    set_step(s, step, (int64_t)want[i][0]);
    assert_rate(fetch(s, three, 0), want[i][1]);
    assert_rate(fetch(s, two, 0), want[i][2]);
  }
  ek_session_free(s);
  ek_graph_free(g);
}

static void schedules_refuse_what_they_cannot_use(void **state) {
  (void)state;
  ek_graph *g = ek_graph_new(NULL);
  (void)ek_train_exponential_decay(g, ek_number(g, 0.1), (ek_out){0, 0}, ek_integer(g, 1), ek_number(g, 0.5), false);
  assert_refused(g, "global_step is required");
  g = ek_graph_new(NULL);
  ek_out x = ek_placeholder(g, EK_INT64, ek_shape_scalar(), "x");
  assert_int_equal(ek_train_piecewise_constant(g, x, NULL, 0, NULL).op, 0);
  assert_refused(g, "no boundaries");
  g = ek_graph_new(NULL);
  x = ek_placeholder(g, EK_INT64, ek_shape_scalar(), "x");
  (void)ek_train_piecewise_constant(g, x, (const double[]){1.5}, 1, (const double[]){1, 2});
  assert_refused(g, "boundary 1.5 for an integer x");
}

static ek_out vector(ek_graph *g, const float *values, int n) {
  ek_tensor *t = ek_tensor_from(EK_FLOAT32, ek_shape(n), values, NULL);
  const ek_out out = ek_constant(g, t);
  ek_tensor_free(t);
  return out;
}

static void norms_are_clipped_together(void **state) {
  (void)state;
  ek_graph *g = ek_graph_new(NULL);
  const ek_out x = vector(g, (const float[]){3, 0}, 2), y = vector(g, (const float[]){0, 4, 0}, 3);
  const ek_out bad = vector(g, (const float[]){INFINITY}, 1);
  ek_out small[3], large[2], broken[2], in_place[2] = {x, y};
  const ek_out norm = ek_clip_by_global_norm(g, EK_OUTS(x, {0, 0}, y), ek_number(g, 2.5), (ek_out){0, 0}, small);
  (void)ek_clip_by_global_norm(g, EK_OUTS(x, y), ek_number(g, 7.0), norm, large);
  (void)ek_clip_by_global_norm(g, EK_OUTS(x, bad), ek_number(g, 7.0), (ek_out){0, 0}, broken);
  (void)ek_clip_by_global_norm(g, (ek_outs){in_place, 2}, ek_number(g, 2.5), norm, in_place);
  const ek_out bounded =
      ek_clip_by_value(g, vector(g, (const float[]){-2, 0.5f, 3}, 3), ek_number(g, -1), ek_number(g, 1));
  ek_session *s = initialized_session(g);
  assert_near(fetch(s, norm, 0), 5.0);
  assert_near(fetch(s, small[0], 0), 1.5);
  assert_int_equal(small[1].op, 0);
  assert_near(fetch(s, small[2], 1), 2.0);
  assert_near(fetch(s, large[1], 1), 4.0);
  assert_near(fetch(s, in_place[0], 0), 1.5);
  assert_true(isnan(fetch(s, broken[0], 0)));
  assert_near(fetch(s, bounded, 0), -1.0);
  assert_near(fetch(s, bounded, 1), 0.5);
  assert_near(fetch(s, bounded, 2), 1.0);
  ek_session_free(s);
  (void)ek_clip_by_value(g, x, vector(g, (const float[]){0, 0, 0, 0}, 4), ek_number(g, 1));
  assert_int_equal(ek_graph_status(g, NULL), EK_INVALID_ARGUMENT);
  ek_graph_free(g);
  g = ek_graph_new(NULL);
  assert_int_equal(ek_global_norm(g, (ek_outs){NULL, 0}).op, 0);
  assert_refused(g, "no tensors");
}

/* w goes down the slope of w^2 under each gate, the update that is counted waiting for an op of its own. */
static void every_gate_goes_down_the_same_slope(void **state) {
  (void)state;
  for (int gate = EK_GATE_NONE; gate <= EK_GATE_GRAPH; gate++) {
    ek_graph *g = ek_graph_new(NULL);
    const ek_variable w = scalar_variable(g, "w", 1.0, gate == EK_GATE_OP ? EK_YES : EK_NO);
    const ek_variable updates = scalar_variable(g, "updates", 0.0, EK_NO);
    const ek_out read = ek_variable_value(g, w);
    const ek_out loss = ek_op_output(ek_build(g, "Mul", EK_OUTS(read, read), EK_NO_ATTRS), 0);
    ek_add_op_to_collection(g, EK_UPDATE_OPS, ek_variable_update(g, updates, EK_ASSIGN_ADD, ek_number(g, 1.0)));
    ek_train_minimize_opts opts = EK_TRAIN_MINIMIZE_OPTS_INIT;
    opts.var_list = EK_VARS(w);
    opts.gate_gradients = (ek_gate_gradients)gate;
    ek_op train = {0};
    EK_CONTROL_DEPENDENCIES (g, ek_get_collection_ops(g, EK_UPDATE_OPS, NULL)) {
      train = ek_train_minimize(ek_train_gradient_descent(g, 0.25), loss, &opts);
    }
    ek_session *s = initialized_session(g);
    for (int i = 1; i <= 3; i++) {
      run_op(s, train);
      assert_near(number_of(s, w), pow(0.5, i));
      assert_near(number_of(s, updates), i);
    }
    assert_near(fetch(s, loss, 0), pow(0.25, 3)); /* the loss alone updates nothing */
    assert_near(number_of(s, updates), 3);
    ek_session_free(s);
    ek_graph_free(g);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(rates_decay_with_the_step),
      cmocka_unit_test(pieces_end_at_their_boundaries),
      cmocka_unit_test(schedules_refuse_what_they_cannot_use),
      cmocka_unit_test(norms_are_clipped_together),
      cmocka_unit_test(every_gate_goes_down_the_same_slope),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
