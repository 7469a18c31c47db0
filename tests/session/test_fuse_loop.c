/* SPDX-License-Identifier: Apache-2.0 */
/* Batch normalization in single ops inside a loop becomes few steps, as it does outside; what a gradient keeps of it
 * for the way back is still there. */
#include "layers/layers.h"

enum { ROWS = 12, UNITS = 10, ROUNDS = 3, STEPS = 4 };

typedef struct net {
  ek_graph *g;
  ek_out x, y;
  ek_op step, init;
} net;

typedef struct kind {
  ek_dtype dtype;
  bool inference, trained, no_scale, no_center, any_batch;
} kind;

/* Three times: a product, normalized, its averages moved, bent. */
static net net_new(kind k) {
  net n = {.g = ek_graph_new(NULL)};
  ek_graph *g = n.g;
  ek_set_random_seed(g, 3);
  n.x = ek_placeholder(g, k.dtype, ek_shape(k.any_batch ? -1 : ROWS, UNITS), "x");
  const ek_variable w = ek_get_variable(g, "w", ek_shape(UNITS, UNITS), EK_GET_VARIABLE(.dtype = k.dtype));
  ek_while_block loop;
  EK_WHILE(g, EK_OUTS(ek_integer(g, 0), n.x), NULL, loop) {
    EK_WHILE_COND(loop) ek_while_test(&loop, ek_less(g, ek_while_var(&loop, 0), ek_integer(g, ROUNDS)));
    EK_WHILE_BODY(loop) {
      const ek_out h = ek_matmul(g, ek_while_var(&loop, 1), ek_variable_value(g, w), NULL);
      const ek_out y = ek_layers_batch_normalization(
          g, h,
          EK_LAYERS_BATCH_NORMALIZATION(.name = "bn", .training = k.inference ? EK_FALSE : EK_TRUE, .momentum = 0.9,
                                        .scale = !k.no_scale, .center = !k.no_center));
      EK_CONTROL_DEPENDENCIES (g, ek_get_collection_ops(g, EK_UPDATE_OPS, NULL)) {
        ek_while_next(&loop, ek_add(g, ek_while_var(&loop, 0), ek_integer(g, 1)));
        ek_while_next(&loop, ek_sigmoid(g, y));
      }
    }
  }
  n.y = ek_while_result(&loop, 1);
  const ek_out loss = ek_reduce_sum_all(g, ek_square(g, ek_subtract(g, n.y, n.x)));
  if (k.trained) n.step = ek_train_minimize(ek_train_gradient_descent(g, 0.02), loss, NULL);
  n.init = ek_global_variables_initializer(g);
  return n;
}

static ek_tensor *input(ek_dtype dtype, int step) {
  ek_tensor *t = ek_tensor_new(dtype, ek_shape(ROWS, UNITS), NULL, NULL);
  for (int i = 0; i < ROWS * UNITS; i++) {
    const double x = sin(1.7 * i + step);
    if (dtype == EK_FLOAT64)
      ((double *)ek_tensor_mutable_data(t))[i] = x;
    else
      ((float *)ek_tensor_mutable_data(t))[i] = (float)x;
  }
  return t;
}

static ek_session *session_with(const net *n, unsigned without) {
  ek_status st = EK_STATUS_INIT;
  ek_session *s = ek_session_new(n->g, EK_SESSION(.without_passes = without), &st);
  if (s == NULL) fail_msg("%s", st.msg);
  run_op(s, n->init);
  return s;
}

static ek_tensor *run(const net *n, ek_session *s, kind k, int step) {
  ek_status st = EK_STATUS_INIT;
  ek_run_options options = EK_RUN_OPTIONS_INIT;
  options.profile = true;
  ek_tensor *x = input(k.dtype, step), *y = NULL;
  if (ek_session_run(s, &EK_FEED(n->x, x), 1, &EK_FETCH(n->y), 1, &y, &n->step, k.trained, &options, &st) != EK_OK)
    fail_msg("%s", st.msg);
  ek_tensor_free(x);
  return y;
}

/* How often a step ran whose name ends so, and for how many nodes each stands. */
static void assert_steps(ek_session *s, const char *end, int times, int nodes) {
  const ek_node_stats *steps;
  int found = 0;
  for (int i = ek_session_profile(s, &steps) - 1; i >= 0; i--) {
    const size_t length = strlen(steps[i].name);
    if (length < strlen(end) || strcmp(steps[i].name + length - strlen(end), end) != 0) continue;
    if (steps[i].nodes != nodes) fail_msg("%s stands for %d nodes, not %d", steps[i].name, steps[i].nodes, nodes);
    found++;
  }
  if (found != times) fail_msg("%d steps ...%s, not %d", found, end, times);
}

static int steps_of(ek_session *s, const char *type) {
  const ek_node_stats *steps;
  int found = 0;
  for (int i = ek_session_profile(s, &steps) - 1; i >= 0; i--) found += strcmp(steps[i].type, type) == 0;
  return found;
}

static void assert_close(const ek_tensor *a, const ek_tensor *b, const char *what, double tolerance) {
  for (int64_t i = 0; i < ek_tensor_num_elements(a); i++) {
    const double x = ek_tensor_number(a, i), y = ek_tensor_number(b, i);
    if (!(fabs(x - y) <= tolerance * (1 + fabs(y)))) fail_msg("%s[%d] is %.9g, not %.9g", what, (int)i, x, y);
  }
}

static void same_numbers(kind k) {
  const net n = net_new(k);
  const double tolerance = k.dtype == EK_FLOAT64 ? 1e-12 : 2e-5;
  const ek_variables all = ek_get_collection_variables(n.g, EK_GLOBAL_VARIABLES, NULL);
  ek_session *fused = session_with(&n, 0), *plain = session_with(&n, EK_PASS_FUSE);
  for (int i = 0; i < STEPS; i++) {
    ek_tensor *a = run(&n, fused, k, i), *b = run(&n, plain, k, i);
    assert_close(a, b, "y", tolerance);
    ek_tensor_free(a);
    ek_tensor_free(b);
  }
  const char *end = "while/bn/batchnorm/add_1";
  assert_steps(plain, end, ROUNDS, 1);
  assert_steps(fused, end, ROUNDS, (k.inference ? 7 : 10) - k.no_scale);
  if (!k.inference) assert_steps(fused, "while/bn/AssignMovingAvg", ROUNDS, 3);
  assert_steps(fused, "while/bn/batchnorm/Rsqrt", 0, 1);
  if (k.trained) assert_steps(fused, "gradients/while/bn/batchnorm/Rsqrt_grad/RsqrtGrad", 0, 1);
  if (k.trained) assert_steps(fused, "gradients/while/bn/moments/SquaredDifference_grad/sub", 0, 1);
  for (int i = 0; i < all.n; i++) {
    ek_tensor *a = ek_session_get_variable(fused, all.at[i], NULL),
              *b = ek_session_get_variable(plain, all.at[i], NULL);
    assert_close(a, b, ek_variable_name(n.g, all.at[i]), tolerance);
    ek_tensor_free(a);
    ek_tensor_free(b);
  }
  ek_session_free(fused);
  ek_session_free(plain);
  ek_graph_free(n.g);
}

static void forward(void **state) {
  (void)state;
  same_numbers((kind){.dtype = EK_FLOAT32});
  same_numbers((kind){.dtype = EK_FLOAT64, .no_scale = true});
  same_numbers((kind){.dtype = EK_FLOAT32, .inference = true});
}

static void trained(void **state) {
  (void)state;
  same_numbers((kind){.dtype = EK_FLOAT32, .trained = true});
  same_numbers((kind){.dtype = EK_FLOAT64, .trained = true});
  same_numbers((kind){.dtype = EK_FLOAT64, .trained = true, .no_scale = true});
}

/* The shapes that TensorFlow's gradient pushes and pops are known while planning, and all that follows from them. */
static void trained_with_any_batch(void **state) {
  (void)state;
  const kind k = {.dtype = EK_FLOAT32, .trained = true, .any_batch = true};
  same_numbers(k);
  same_numbers((kind){.dtype = EK_FLOAT64, .trained = true, .any_batch = true, .no_scale = true});
  same_numbers((kind){.dtype = EK_FLOAT64, .trained = true, .any_batch = true, .no_center = true});
  same_numbers((kind){.dtype = EK_FLOAT32, .trained = true, .no_scale = true, .no_center = true});
  const net n = net_new(k);
  ek_session *folded = session_with(&n, 0), *plain = session_with(&n, EK_PASS_FOLD);
  ek_tensor *a = run(&n, folded, k, 0), *b = run(&n, plain, k, 0);
  assert_close(a, b, "y", 2e-5);
  /* what bends, x, two names of the mean, 1 / sqrt, that times gamma, y of the product before */
  assert_in_range(steps_of(folded, "StackPopV2"), 1, 7 * ROUNDS);
  assert_int_equal(steps_of(folded, "StackPushV2"), steps_of(folded, "StackPopV2"));
  assert_true(steps_of(plain, "StackPopV2") > steps_of(folded, "StackPopV2"));
  assert_int_equal(steps_of(folded, "BroadcastGradientArgs"), 0);
  assert_int_equal(steps_of(folded, "DynamicStitch"), 0);
  ek_tensor_free(a);
  ek_tensor_free(b);
  ek_session_free(folded);
  ek_session_free(plain);
  ek_graph_free(n.g);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(forward), cmocka_unit_test(trained),
                                     cmocka_unit_test(trained_with_any_batch)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
