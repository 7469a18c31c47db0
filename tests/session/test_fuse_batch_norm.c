/* SPDX-License-Identifier: Apache-2.0 */
/* Batch normalization in single ops, its gradient and its moving averages become few steps; numbers stay what they were
 * within rounding; and what is fed, fetched or tied by control edges forbids it where it must. */
#include "layers/layers.h"

enum { ROWS = 30, UNITS = 20, MAX_VARIABLES = 32 };

typedef struct net {
  ek_graph *g;
  ek_out x, training, y, loss;
  ek_op step, init;
} net;

typedef struct kind {
  ek_dtype dtype;
  ek_shape shape; /* of x */
  int axis;
  bool no_center, no_scale, fed_flag, reversed;
} kind;

static ek_out op2(ek_graph *g, const char *type, ek_out a, ek_out b) {
  return ek_op_output(ek_build(g, type, EK_OUTS(a, b), EK_NO_ATTRS), 0);
}

/* Two normalizations with something bent between them, and gradient descent with the moving averages. */
static net net_new(kind k) {
  net n = {.g = ek_graph_new(NULL)};
  ek_graph *g = n.g;
  ek_set_random_seed(g, 5);
  n.x = ek_placeholder(g, k.dtype, k.shape, "x");
  n.training = ek_placeholder(g, EK_BOOL, ek_shape_scalar(), "training");
  ek_out y = op2(g, "Mul", n.x,
                 ek_variable_value(g, ek_get_variable(g, "w", ek_shape(k.shape.dim[k.shape.rank - 1]),
                                                      EK_GET_VARIABLE(.dtype = k.dtype))));
  for (int i = 0; i < 2; i++) {
    const ek_flag flag = k.fed_flag ? ek_flag_of(n.training) : EK_TRUE;
    y = ek_layers_batch_normalization(g, y,
                                      EK_LAYERS_BATCH_NORMALIZATION(.axis = k.axis, .training = flag, .fused = false,
                                                                    .center = !k.no_center, .scale = !k.no_scale,
                                                                    .momentum = 0.9));
    y = ek_nn_sigmoid(g, y);
  }
  n.y = y;
  n.loss = ek_reduce_sum_all(g, ek_square(g, op2(g, "Sub", y, n.x)));
  ek_train_minimize_opts options = EK_TRAIN_MINIMIZE_OPTS_INIT;
  ek_variable backwards[MAX_VARIABLES];
  options.var_list = ek_get_collection_variables(g, EK_TRAINABLE_VARIABLES, NULL);
  for (int i = 0; k.reversed && i < options.var_list.n; i++)
    backwards[i] = options.var_list.at[options.var_list.n - 1 - i];
  if (k.reversed) options.var_list.at = backwards;
  EK_CONTROL_DEPENDENCIES (g, ek_get_collection_ops(g, EK_UPDATE_OPS, NULL)) {
    n.step = ek_train_minimize(ek_train_gradient_descent(g, 0.02), n.loss, &options);
  }
  n.init = ek_global_variables_initializer(g);
  return n;
}

static ek_tensor *numbers(ek_dtype dtype, ek_shape shape, int step) {
  ek_tensor *t = ek_tensor_new(dtype, shape, NULL, NULL);
  uint32_t bits = 77u + (uint32_t)step;
  for (int64_t i = 0; i < ek_tensor_num_elements(t); i++) {
    bits = bits * 1664525u + 1013904223u;
    const double x = (double)(bits >> 8) * 0x1p-24 * 2 - 1;
    if (dtype == EK_FLOAT64)
      ((double *)ek_tensor_mutable_data(t))[i] = x;
    else
      ((float *)ek_tensor_mutable_data(t))[i] = (float)x;
  }
  return t;
}

static ek_session *session_with(const net *n, int threads, unsigned without) {
  ek_status st = EK_STATUS_INIT;
  ek_session *s = ek_session_new(n->g, EK_SESSION(.threads = threads, .without_passes = without), &st);
  if (s == NULL) fail_msg("%s", st.msg);
  run_op(s, n->init);
  return s;
}

/* Runs the target if there is one, with one more feed and fetch if they are given; the loss. */
typedef struct call {
  int step;
  bool inference;
  const ek_op *target;
  const char *fetch;
  const ek_feed *feed;
  ek_tensor *fetched; /* given back */
} call;

static double run(const net *n, ek_session *s, kind k, call *c) {
  ek_status st = EK_STATUS_INIT;
  ek_run_options options = EK_RUN_OPTIONS_INIT;
  options.profile = true;
  ek_tensor *x = numbers(k.dtype, k.shape, c->step), *training = ek_tensor_bool(!c->inference, NULL), *out[2] = {NULL};
  ek_feed feeds[] = {EK_FEED(n->x, x), EK_FEED(n->training, training), EK_FEED_NAME(NULL, NULL)};
  if (c->feed != NULL) feeds[2] = *c->feed;
  const ek_fetch fetches[] = {EK_FETCH(n->loss), EK_FETCH_NAME(c->fetch)};
  if (ek_session_run(s, feeds, c->feed != NULL ? 3 : 2, fetches, c->fetch != NULL ? 2 : 1, out, c->target,
                     c->target != NULL, &options, &st) != EK_OK)
    fail_msg("%s", st.msg);
  const double loss = ek_tensor_number(out[0], 0);
  ek_tensor_free(out[0]);
  ek_tensor_free(x);
  ek_tensor_free(training);
  c->fetched = out[1];
  return loss;
}

/* How many steps of the last run have this in their name, and how many nodes they stand for. */
static int steps_named(ek_session *s, const char *part, int *nodes) {
  const ek_node_stats *steps;
  int found = 0;
  *nodes = 0;
  for (int i = ek_session_profile(s, &steps) - 1; i >= 0; i--)
    if (strstr(steps[i].name, part) != NULL) found++, *nodes += steps[i].nodes;
  return found;
}

static void assert_close(const ek_tensor *got, const ek_tensor *want, const char *what, double tolerance) {
  assert_int_equal(ek_tensor_num_elements(got), ek_tensor_num_elements(want));
  for (int64_t i = 0; i < ek_tensor_num_elements(got); i++) {
    const double a = ek_tensor_number(got, i), b = ek_tensor_number(want, i);
    if (!(fabs(a - b) <= tolerance * (1 + fabs(b)))) fail_msg("%s[%d] is %.9g, not %.9g", what, (int)i, a, b);
  }
}

static void assert_same_variables(const net *n, ek_session *got, ek_session *want, double tolerance) {
  const ek_variables all = ek_get_collection_variables(n->g, EK_GLOBAL_VARIABLES, NULL);
  assert_in_range(all.n, 3, MAX_VARIABLES);
  for (int i = 0; i < all.n; i++) {
    ek_tensor *a = ek_session_get_variable(got, all.at[i], NULL), *b = ek_session_get_variable(want, all.at[i], NULL);
    if (tolerance == 0)
      assert_true(ek_tensor_equal(a, b));
    else
      assert_close(a, b, ek_variable_name(n->g, all.at[i]), tolerance);
    ek_tensor_free(a);
    ek_tensor_free(b);
  }
}

static void assert_near_loss(double got, double want, double tolerance) {
  if (!(fabs(got - want) <= tolerance * (1 + fabs(want)))) fail_msg("the loss is %.9g, not %.9g", got, want);
}

/* Some steps of training and of inference, fused and not: the same within rounding; on two threads, the same bits. */
static void same_numbers(kind k) {
  const net n = net_new(k);
  const double tolerance = k.dtype == EK_FLOAT64 ? 1e-12 : 1e-4;
  ek_session *fused = session_with(&n, 1, 0), *two = session_with(&n, 2, 0), *plain = session_with(&n, 1, EK_PASS_FUSE);
  for (int i = 0; i < 4; i++) {
    call c = {.step = i, .target = &n.step};
    const double loss = run(&n, fused, k, &c);
    assert_true(loss == run(&n, two, k, &c));
    assert_near_loss(loss, run(&n, plain, k, &c), tolerance);
  }
  assert_same_variables(&n, two, fused, 0);
  assert_same_variables(&n, fused, plain, tolerance);
  for (int inference = 0; inference < 2; inference++) {
    call c = {.step = 9, .inference = inference != 0};
    assert_near_loss(run(&n, fused, k, &c), run(&n, plain, k, &c), tolerance);
  }
  ek_session_free(fused);
  ek_session_free(two);
  ek_session_free(plain);
  ek_graph_free(n.g);
}

static kind matrix(void) { return (kind){.dtype = EK_FLOAT32, .shape = ek_shape(ROWS, UNITS), .axis = -1}; }

static void matrices(void **state) {
  (void)state;
  kind k = matrix();
  same_numbers(k);
  k.dtype = EK_FLOAT64;
  same_numbers(k);
  k.no_scale = true;
  same_numbers(k);
  k.no_center = true;
  same_numbers(k);
  k.no_scale = false;
  k.reversed = true;
  same_numbers(k);
}

static void images(void **state) {
  (void)state;
  same_numbers((kind){.dtype = EK_FLOAT32, .shape = ek_shape(4, 5, 3, 6), .axis = 3});
  same_numbers((kind){.dtype = EK_FLOAT32, .shape = ek_shape(4, 6, 5, 3), .axis = 1});
  same_numbers((kind){.dtype = EK_FLOAT64, .shape = ek_shape(7, 1, 2, 3), .axis = 2});
}

static void with_a_fed_flag(void **state) {
  (void)state;
  kind k = matrix();
  k.fed_flag = true;
  same_numbers(k);
}

/* Of a matrix: one step forward, one back, one for each moving average; in whatever order the graph comes to the
 * updates of the variables. */
static void steps_of_training(void **state) {
  (void)state;
  for (int form = 0; form < 8; form++) {
    kind k = matrix();
    k.reversed = form % 2 != 0;
    k.no_scale = form / 2 % 2 != 0;
    k.no_center = form / 4 != 0;
    const net n = net_new(k);
    ek_session *s = session_with(&n, 1, 0);
    call c = {.target = &n.step};
    int nodes;
    (void)run(&n, s, k, &c);
    assert_int_equal(steps_named(s, "batch_normalization/batchnorm/add_1", &nodes), 1);
    assert_int_equal(nodes, 10 - k.no_scale);
    assert_int_equal(steps_named(s, "batch_normalization/moments", &nodes), 0);
    assert_int_equal(steps_named(s, "gradients/batch_normalization", &nodes), 0);
    assert_int_equal(steps_named(s, "gradients/AddN_1", &nodes), 1);
    assert_true(nodes >= 20 - k.no_scale);
    assert_int_equal(steps_named(s, "batch_normalization/AssignMovingAvg", &nodes), 2);
    assert_int_equal(nodes, 6);
    ek_session_free(s);
    ek_graph_free(n.g);
  }
}

/* With a flag that is fed, inference normalizes in one step and computes no moments. */
static void steps_of_inference(void **state) {
  (void)state;
  kind k = matrix();
  k.fed_flag = true;
  const net n = net_new(k);
  ek_session *s = session_with(&n, 1, 0);
  call c = {.inference = true};
  int nodes;
  (void)run(&n, s, k, &c);
  assert_int_equal(steps_named(s, "batch_normalization/batchnorm/add_1", &nodes), 1);
  assert_int_equal(nodes, 7);
  assert_int_equal(steps_named(s, "batch_normalization/moments/", &nodes), 0);
  c.inference = false;
  (void)run(&n, s, k, &c);
  assert_int_equal(steps_named(s, "batch_normalization/moments/variance", &nodes), 1);
  assert_int_equal(nodes, 3);
  ek_session_free(s);
  ek_graph_free(n.g);
}

/* What stays an output may be fetched; what would be gone forbids it. */
static void fetches(void **state) {
  static const struct {
    const char *name;
    int nodes;
  } cases[] = {{"batch_normalization/moments/mean:0", 10},
               {"batch_normalization/moments/Squeeze_1:0", 10},
               {"batch_normalization/batchnorm/add_1:0", 10 + 1 /* its fetch */},
               {"batch_normalization/batchnorm/Rsqrt:0", 10},
               {"batch_normalization/batchnorm/mul:0", 10},
               {"batch_normalization/batchnorm/mul_2:0", 1},
               {"batch_normalization/moments/SquaredDifference:0", 7}};
  (void)state;
  const kind k = matrix();
  const net n = net_new(k);
  ek_session *fused = session_with(&n, 1, 0), *plain = session_with(&n, 1, EK_PASS_FUSE);
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    call c = {.fetch = cases[i].name};
    int nodes;
    (void)run(&n, fused, k, &c);
    ek_tensor *got = c.fetched;
    (void)steps_named(fused, "batch_normalization/batchnorm/add_1", &nodes);
    if (nodes != cases[i].nodes) fail_msg("with %s, the step stands for %d nodes", cases[i].name, nodes);
    (void)run(&n, plain, k, &c);
    assert_close(got, c.fetched, cases[i].name, 1e-5);
    ek_tensor_free(got);
    ek_tensor_free(c.fetched);
  }
  ek_session_free(fused);
  ek_session_free(plain);
  ek_graph_free(n.g);
}

static void feeds(void **state) {
  static const char *const names[] = {"batch_normalization/moments/Squeeze:0", "batch_normalization/moments/variance:0",
                                      "batch_normalization/batchnorm/mul:0", "batch_normalization/batchnorm/add_1:0"};
  (void)state;
  const kind k = matrix();
  const net n = net_new(k);
  ek_session *fused = session_with(&n, 1, 0), *plain = session_with(&n, 1, EK_PASS_FUSE);
  for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
    const ek_out out = ek_graph_find_out(n.g, names[i]);
    ek_tensor *value = numbers(EK_FLOAT32, ek_out_shape(n.g, out), 3);
    for (int64_t j = 0; j < ek_tensor_num_elements(value); j++) ((float *)ek_tensor_mutable_data(value))[j] += 1.5f;
    const ek_feed feed = EK_FEED(out, value);
    call c = {.feed = &feed, .target = &n.step};
    assert_near_loss(run(&n, fused, k, &c), run(&n, plain, k, &c), 1e-4);
    assert_same_variables(&n, fused, plain, 1e-4);
    ek_tensor_free(value);
  }
  ek_session_free(fused);
  ek_session_free(plain);
  ek_graph_free(n.g);
}

/* ---- what ties the parts together from outside */

/* The offset waits for the mean of the same batch, or for an assignment to gamma, which waits for gamma's reader: in
 * one step each would have to come before itself, or read gamma too late. */
static void tied(bool by_a_write) {
  ek_status st = EK_STATUS_INIT;
  ek_graph *g = ek_graph_new(NULL);
  const ek_out x = ek_placeholder(g, EK_FLOAT32, ek_shape(ROWS, UNITS), "x");
  const ek_variable gamma = ek_get_variable(g, "gamma", ek_shape(UNITS), NULL),
                    beta = ek_get_variable(g, "beta", ek_shape(UNITS), NULL);
  const int64_t rows = 0;
  const ek_nn_moments_outs m = ek_nn_moments(g, x, &rows, 1, false);
  const ek_out rsqrt = ek_rsqrt(g, op2(g, "AddV2", m.variance, ek_number(g, 1e-3)));
  const ek_out inverse = op2(g, "Mul", rsqrt, ek_variable_value(g, gamma));
  ek_out offset = ek_variable_value(g, beta);
  if (by_a_write) {
    EK_CONTROL_DEPENDENCIES (g, EK_OPS(ek_out_op(inverse))) {
      const ek_out zeros = op2(g, "Sub", offset, offset);
      const ek_op write = ek_variable_update(g, gamma, EK_ASSIGN, zeros);
      EK_CONTROL_DEPENDENCIES (g, EK_OPS(write)) {
        offset = ek_identity(g, offset);
      }
    }
  } else {
    offset = op2(g, "AddV2", offset, op2(g, "Mul", m.mean, ek_number(g, 0.5)));
  }
  const ek_out shift = op2(g, "Sub", offset, op2(g, "Mul", m.mean, inverse));
  const ek_out y = op2(g, "AddV2", op2(g, "Mul", x, inverse), shift);
  const ek_op init = ek_global_variables_initializer(g);
  ek_set_random_seed(g, 2);
  ek_tensor *data = numbers(EK_FLOAT32, ek_shape(ROWS, UNITS), 1), *out[2] = {NULL};
  ek_tensor *start = numbers(EK_FLOAT32, ek_shape(UNITS), 4);
  for (int i = 0; i < 2; i++) {
    ek_session *s = ek_session_new(g, EK_SESSION(.without_passes = i == 0 ? EK_PASS_FUSE : 0), &st);
    if (s == NULL) fail_msg("%s", st.msg);
    run_op(s, init);
    assert_int_equal(ek_session_set_variable(s, gamma, start, &st), EK_OK);
    assert_int_equal(ek_session_set_variable(s, beta, start, &st), EK_OK);
    if (ek_session_run(s, &EK_FEED(x, data), 1, &EK_FETCH(y), 1, &out[i], NULL, 0, NULL, &st) != EK_OK)
      fail_msg("%s", st.msg);
    ek_session_free(s);
  }
  assert_close(out[1], out[0], "y", 1e-5);
  ek_tensor_free(out[0]);
  ek_tensor_free(out[1]);
  ek_tensor_free(start);
  ek_tensor_free(data);
  ek_graph_free(g);
}

static void tied_by_data(void **state) {
  (void)state;
  tied(false);
}

static void tied_by_a_write(void **state) {
  (void)state;
  tied(true);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(matrices),
                                     cmocka_unit_test(images),
                                     cmocka_unit_test(with_a_fed_flag),
                                     cmocka_unit_test(steps_of_training),
                                     cmocka_unit_test(steps_of_inference),
                                     cmocka_unit_test(fetches),
                                     cmocka_unit_test(feeds),
                                     cmocka_unit_test(tied_by_data),
                                     cmocka_unit_test(tied_by_a_write)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
