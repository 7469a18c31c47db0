/* SPDX-License-Identifier: Apache-2.0 */
/* Training by rows, in a session: three steps of each optimizer on a table of three rows, of which row 1 is never
 * looked up, against what TensorFlow computes in float64; and how a gradient by rows is read. */
#include "layers/layers.h"
#include "optimizers.h"

typedef struct golden {
  const char *name;
  ek_optimizer *(*make)(ek_graph *g);
  double want[6];
} golden;

static const golden goldens[] = {
    {"sgd", sgd, {-0.25, 1.09375, 3.0, 4.0, 0.0, 3.9375}},
    {"momentum", momentum, {0.5399999959766866, 1.7587499976530672, 3.0, 4.0, 2.6999999910593036, 5.287499996647239}},
    {"nesterov", nesterov, {0.26730000180602087, 1.593037500711903, 3.0, 4.0, 1.701000025838614, 4.929075007369369}},
    {"adam", adam, {0.9973725667557376, 1.99737267379206, 3.0, 4.0, 4.9975808977175165, 5.997580890324447}},
    {"rmsprop", rmsprop, {0.9627519683459764, 1.9776452460776353, 3.0, 4.0, 4.940384384670719, 5.955451992116582}},
    {"rmsprop_centered",
     rmsprop_centered,
     {0.9667039596567888, 1.9799694391032217, 3.0, 4.0, 4.952757930030082, 5.965486325894647}},
    {"adagrad", adagrad, {0.8113766163391027, 1.8230181505705663, 3.0, 4.0, 4.8560658043016005, 5.856621650641678}},
};

static ek_variable table(ek_graph *g, bool resource) {
  static const double first[] = {1, 2, 3, 4, 5, 6};
  ek_status st = EK_STATUS_INIT;
  ek_tensor *t = ek_tensor_from(EK_FLOAT64, ek_shape(3, 2), first, &st);
  assert_non_null(t);
  const ek_variable v = ek_variable_new(ek_named(g, "w"), ek_constant(g, t), EK_VARIABLE(.use_resource = resource));
  ek_tensor_free(t);
  return v;
}

static void step(ek_session *s, ek_out ids, ek_op train, const int32_t *rows, int n) {
  ek_status st = EK_STATUS_INIT;
  ek_tensor *t = ek_tensor_from(EK_INT32, ek_shape(n), rows, &st);
  const ek_feed feed = EK_FEED(ids, t);
  if (ek_session_run(s, &feed, 1, NULL, 0, NULL, &train, 1, NULL, &st) != EK_OK) fail_msg("%s", st.msg);
  ek_tensor_free(t);
}

static void three_steps(const golden *w, bool resource) {
  ek_status st = EK_STATUS_INIT;
  ek_graph *g = ek_graph_new(NULL);
  const ek_variable v = table(g, resource);
  const ek_out ids = ek_placeholder(g, EK_INT32, ek_shape(-1), "ids");
  const ek_out rows = ek_nn_embedding_lookup(g, v, ids, NULL);
  const ek_out loss = ek_nn_l2_loss(g, ek_multiply(g, rows, ek_numbers(g, 1, -0.5)));
  const ek_op train = ek_train_minimize(w->make(g), loss, NULL);
  ek_session *s = initialized_session(g);
  step(s, ids, train, (const int32_t[]){2, 0, 2}, 3);
  step(s, ids, train, (const int32_t[]){0, 0, 0}, 3);
  step(s, ids, train, (const int32_t[]){2}, 1);
  const ek_fetch fetch = EK_FETCH(ek_variable_value(g, v));
  ek_tensor *got = NULL;
  if (ek_session_run(s, NULL, 0, &fetch, 1, &got, NULL, 0, NULL, &st) != EK_OK) fail_msg("%s", st.msg);
  for (int i = 0; i < 6; i++) {
    const double x = ek_tensor_number(got, i);
    if (!(fabs(x - w->want[i]) <= 1e-14 * fabs(w->want[i])))
      fail_msg("%s%s: w[%d, %d] is %.17g, not %.17g", w->name, resource ? " (resource)" : "", i / 2, i % 2, x,
               w->want[i]);
  }
  ek_tensor_free(got);
  ek_session_free(s);
  ek_graph_free(g);
}

static void only_named_rows_change(void **state) {
  (void)state;
  for (size_t i = 0; i < sizeof goldens / sizeof goldens[0]; i++) {
    three_steps(&goldens[i], false);
    three_steps(&goldens[i], true);
  }
}

static void a_gradient_is_read_as_a_tensor(void **state) {
  (void)state;
  ek_status st = EK_STATUS_INIT;
  ek_graph *g = ek_graph_new(NULL);
  const ek_variable v = table(g, true);
  const ek_out rows = ek_variable_sparse_read(g, v, ek_ints(g, 2, 0, 2));
  ek_out dx;
  ek_gradients(g, EK_OUTS(ek_nn_l2_loss(g, rows)), EK_OUTS(ek_variable_handle(g, v)), NULL, &dx);
  ek_session *s = initialized_session(g);
  ek_fetch fetch = EK_FETCH(dx);
  ek_tensor *got = NULL;
  assert_int_equal(ek_session_run(s, NULL, 0, &fetch, 1, &got, NULL, 0, NULL, &st), EK_NOT_FOUND);
  assert_non_null(strstr(st.msg, "IndexedSlices; ek_convert makes a tensor of it"));
  st = (ek_status)EK_STATUS_INIT;
  fetch = EK_FETCH(ek_convert(g, dx, EK_INVALID_DTYPE, "dense"));
  if (ek_session_run(s, NULL, 0, &fetch, 1, &got, NULL, 0, NULL, &st) != EK_OK) fail_msg("%s", st.msg);
  static const double want[] = {1, 2, 0, 0, 10, 12};
  assert_true(ek_shape_equal(ek_tensor_shape(got), ek_shape(3, 2)));
  for (int i = 0; i < 6; i++) assert_true(ek_tensor_number(got, i) == want[i]);
  ek_tensor_free(got);
  ek_session_free(s);
  ek_graph_free(g);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(only_named_rows_change),
                                     cmocka_unit_test(a_gradient_is_read_as_a_tensor)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
