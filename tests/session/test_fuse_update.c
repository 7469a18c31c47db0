/* SPDX-License-Identifier: Apache-2.0 */
/* A weight's gradient and its step of gradient descent become one step of the plan, unless somebody else wants the
 * gradient. */
#include "layers/layers.h"

enum { ROWS = 12, DEEP = 400, UNITS = 300 };

typedef struct model {
  ek_graph *g;
  ek_out x, rate, gradient;
  ek_variable w;
  ek_op step, init;
} model;

static model model_new(ek_choice use_resource) {
  model m = {.g = ek_graph_new(NULL)};
  ek_graph *g = m.g;
  ek_set_random_seed(g, 3);
  m.x = ek_placeholder(g, EK_FLOAT32, ek_shape(ROWS, DEEP), "x");
  m.rate = ek_placeholder(g, EK_FLOAT32, ek_shape_scalar(), "rate");
  m.w = ek_get_variable(g, "w", ek_shape(DEEP, UNITS), EK_GET_VARIABLE(.use_resource = use_resource));
  const ek_out y = ek_nn_sigmoid(g, ek_matmul(g, m.x, ek_variable_value(g, m.w), NULL));
  const ek_out loss = ek_reduce_mean_all(g, ek_square(g, y));
  ek_optimizer *sgd = ek_train_gradient_descent_with(g, 0, EK_TRAIN_GRADIENT_DESCENT(.learning_rate_tensor = m.rate));
  m.step = ek_train_minimize(sgd, loss, NULL);
  m.gradient = ek_graph_find_out(g, "gradients/MatMul_grad/MatMul_1");
  m.init = ek_global_variables_initializer(g);
  return m;
}

static ek_tensor *numbers(int64_t rows, int64_t cols) {
  ek_tensor *t = ek_tensor_new(EK_FLOAT32, ek_shape(rows, cols), NULL, NULL);
  float *x = ek_tensor_mutable_data(t);
  for (int64_t i = 0; i < rows * cols; i++) x[i] = (float)((i * 37 + 11) % 64) / 32.0f - 1.0f;
  return t;
}

/* A training step, perhaps with the gradient fetched or fed; how many nodes the step that updates stands for. */
typedef struct run {
  double rate;
  bool fetch, feed;
  ek_code code;
  ek_status st;
} run;

static int step(const model *m, ek_session *s, run *r) {
  ek_run_options options = EK_RUN_OPTIONS_INIT;
  options.profile = true;
  ek_tensor *x = numbers(ROWS, DEEP), *rate = ek_tensor_float32((float)r->rate, NULL), *fed = numbers(DEEP, UNITS),
            *fetched = NULL;
  const ek_feed feeds[] = {EK_FEED(m->x, x), EK_FEED(m->rate, rate), EK_FEED(m->gradient, fed)};
  const ek_fetch fetch = EK_FETCH(m->gradient);
  ek_status_clear(&r->st);
  r->code = ek_session_run(s, feeds, r->feed ? 3 : 2, &fetch, r->fetch, &fetched, &m->step, 1, &options, &r->st);
  const ek_node_stats *steps;
  int nodes = 0;
  for (int i = ek_session_profile(s, &steps) - 1; i >= 0; i--)
    if (strcmp(steps[i].name, "GradientDescent/update_w/ApplyGradientDescent") == 0 ||
        strcmp(steps[i].name, "GradientDescent/update_w/ResourceApplyGradientDescent") == 0)
      nodes = steps[i].nodes;
  ek_tensor_free(x);
  ek_tensor_free(rate);
  ek_tensor_free(fed);
  ek_tensor_free(fetched);
  return nodes;
}

static ek_session *session_with(const model *m, int threads, unsigned without) {
  ek_status st = EK_STATUS_INIT;
  ek_session *s = ek_session_new(m->g, EK_SESSION(.threads = threads, .without_passes = without), &st);
  if (s == NULL) fail_msg("%s", st.msg);
  run_op(s, m->init);
  return s;
}

static void same_numbers(ek_choice use_resource) {
  const model m = model_new(use_resource);
  ek_session *fused = session_with(&m, 1, 0), *two = session_with(&m, 2, 0),
             *single = session_with(&m, 1, EK_PASS_FUSE);
  for (int i = 0; i < 4; i++) {
    run r = {.rate = 25.0 / (i + 1)};
    assert_true(step(&m, fused, &r) > 1);
    assert_int_equal(r.code, EK_OK);
    assert_true(step(&m, two, &r) > 1);
    assert_int_equal(step(&m, single, &r), 1);
  }
  ek_tensor *a = ek_session_get_variable(fused, m.w, NULL), *b = ek_session_get_variable(two, m.w, NULL),
            *c = ek_session_get_variable(single, m.w, NULL);
  assert_true(ek_tensor_equal(a, b));
  for (int64_t i = 0; i < DEEP * UNITS; i++) {
    const double got = ek_tensor_number(a, i), want = ek_tensor_number(c, i);
    if (!(fabs(got - want) <= 1e-6)) fail_msg("[%d] is %.9g, not %.9g", (int)i, got, want);
  }
  ek_tensor_free(a);
  ek_tensor_free(b);
  ek_tensor_free(c);
  ek_session_free(fused);
  ek_session_free(two);
  ek_session_free(single);
  ek_graph_free(m.g);
}

static void by_reference(void **state) {
  (void)state;
  same_numbers(EK_NO);
}

static void by_resource(void **state) {
  (void)state;
  same_numbers(EK_YES);
}

static void a_wanted_gradient_forbids_it(void **state) {
  (void)state;
  const model m = model_new(EK_NO);
  ek_session *s = session_with(&m, 1, 0);
  run fetch = {.rate = 0.5, .fetch = true}, feed = {.rate = 0.5, .feed = true}, neither = {.rate = 0.5};
  assert_int_equal(step(&m, s, &fetch), 1);
  assert_int_equal(fetch.code, EK_OK);
  assert_int_equal(step(&m, s, &feed), 1);
  assert_int_equal(feed.code, EK_OK);
  assert_true(step(&m, s, &neither) > 1);
  ek_session_free(s);
  ek_graph_free(m.g);
}

/* What the update's own op says, in its words and under its name; and with a rate of 0, NaN times 0. */
static void errors_and_a_rate_of_zero(void **state) {
  (void)state;
  const model m = model_new(EK_NO);
  ek_status st = EK_STATUS_INIT;
  ek_session *s = session_of(m.g);
  run r = {.rate = 0.5};
  (void)step(&m, s, &r);
  assert_int_equal(r.code, EK_FAILED_PRECONDITION);
  assert_non_null(strstr(r.st.msg, "uninitialized value w"));
  run_op(s, m.init);
  ek_tensor *w = ek_session_get_variable(s, m.w, &st);
  r.rate = 0;
  assert_true(step(&m, s, &r) > 1);
  ek_tensor *same = ek_session_get_variable(s, m.w, &st);
  assert_true(ek_tensor_equal(w, same));
  ek_tensor_free(same);
  ek_tensor *nan = numbers(DEEP, UNITS);
  ((float *)ek_tensor_mutable_data(nan))[0] = NAN;
  assert_int_equal(ek_session_set_variable(s, m.w, nan, &st), EK_OK);
  (void)step(&m, s, &r);
  assert_int_equal(r.code, EK_OK);
  ek_tensor *spread = ek_session_get_variable(s, m.w, &st);
  assert_true(isnan(ek_tensor_number(spread, UNITS))); /* another row of column 0 */
  assert_true(isfinite(ek_tensor_number(spread, UNITS + 1)));
  ek_tensor_free(spread);
  ek_tensor_free(nan);
  ek_tensor_free(w);
  ek_session_free(s);
  ek_graph_free(m.g);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(by_reference), cmocka_unit_test(by_resource),
                                     cmocka_unit_test(a_wanted_gradient_forbids_it),
                                     cmocka_unit_test(errors_and_a_rate_of_zero)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
