/* SPDX-License-Identifier: Apache-2.0 */
/* The cases of cases/training.py: optimizers, schedules, clipping, averages, savers. */
#include "golden/golden.h"
#include "optimizers.h"

static ek_variable variable(ek_graph *g, const char *name, int64_t n, bool trainable, ek_choice use_resource) {
  ek_get_variable_opts opts = EK_GET_VARIABLE_OPTS_INIT;
  opts.initializer = ek_ones_initializer();
  opts.trainable = trainable;
  opts.use_resource = use_resource;
  return ek_get_variable(g, name, ek_shape(n), &opts);
}

static ek_out l2_loss(ek_graph *g, ek_variable v) { return OP(g, "L2Loss", ek_variable_operand(g, v)); }

static ek_out reduce_sum(ek_graph *g, ek_out x) {
  const ek_out axes = ek_constant_int32s(g, (const int64_t[]){0}, 1);
  return OP(g, "Sum", x, axes);
}

static ek_out sum_of_squares(ek_graph *g, ek_variable v) {
  return reduce_sum(g, OP(g, "Square", ek_variable_operand(g, v)));
}

/* ---- optimizers */

static void minimize(ek_graph *g, ek_optimizer *(*make)(ek_graph *), ek_choice use_resource) {
  const ek_variable v = variable(g, "v", 2, true, use_resource), w = variable(g, "w", 3, true, use_resource);
  ek_optimizer *optimizer = make(g);
  const ek_out a = l2_loss(g, v), b = l2_loss(g, w);
  (void)ek_train_minimize(optimizer, OP(ek_named(g, "add"), "AddV2", a, b), NULL);
  const ek_out c = l2_loss(g, v);
  const ek_variable step = ek_train_get_or_create_global_step(g);
  ek_train_minimize_opts opts = EK_TRAIN_MINIMIZE_OPTS_INIT;
  opts.global_step = step;
  opts.var_list = EK_VARS(v);
  opts.name = "stepped";
  (void)ek_train_minimize(optimizer, c, &opts);
}

#define OPTIMIZER_TEST(name_)                                                                                          \
  static void optimizer_##name_(ek_graph *g) { minimize(g, name_, EK_INHERIT); }                                       \
  static void optimizer_##name_##_resource(ek_graph *g) { minimize(g, name_, EK_YES); }                                \
  GOLDEN_TEST(optimizer_##name_)                                                                                       \
  GOLDEN_TEST(optimizer_##name_##_resource)
OPTIMIZER_TEST(sgd)
OPTIMIZER_TEST(momentum)
OPTIMIZER_TEST(nesterov)
OPTIMIZER_TEST(adam)
OPTIMIZER_TEST(rmsprop)
OPTIMIZER_TEST(rmsprop_centered)
OPTIMIZER_TEST(adagrad)

static void optimizer_twice_in_scope(ek_graph *g) {
  EK_VARIABLE_SCOPE (g, "s", NULL) {
    const ek_variable v = variable(g, "v", 2, true, EK_INHERIT);
    const ek_out loss = sum_of_squares(g, v);
    (void)ek_train_minimize(ek_train_adam(g, EK_TRAIN_ADAM(.learning_rate = 0.1)), loss, NULL);
    (void)ek_train_minimize(ek_train_adam(g, EK_TRAIN_ADAM(.learning_rate = 0.1, .name = "Second")), loss, NULL);
  }
}
GOLDEN_TEST(optimizer_twice_in_scope)

static ek_out positive(ek_graph *g, ek_out value, void *ctx) {
  (void)ctx;
  return OP(g, "Maximum", value, ek_number(g, 0.0));
}

static void optimizer_constraint(ek_graph *g) {
  const ek_variable v = ek_get_variable(g, "v", ek_shape(2),
                                        EK_GET_VARIABLE(.initializer = ek_ones_initializer(), .constraint = positive));
  const ek_variable w = ek_get_variable(
      g, "w", ek_shape(2),
      EK_GET_VARIABLE(.initializer = ek_ones_initializer(), .constraint = positive, .use_resource = EK_YES));
  const ek_out product = OP(ek_named(g, "mul"), "Mul", ek_variable_operand(g, v), ek_variable_operand(g, w));
  (void)ek_train_minimize(ek_train_gradient_descent(g, 0.1), reduce_sum(g, product), NULL);
}
GOLDEN_TEST(optimizer_constraint)

static void optimizer_tensor_rate(ek_graph *g) {
  const ek_out rate = ek_placeholder(g, EK_FLOAT32, ek_shape_scalar(), "rate");
  const ek_variable v = variable(g, "v", 2, true, EK_INHERIT), unused = variable(g, "unused", 2, true, EK_INHERIT);
  ek_optimizer *optimizer = ek_train_momentum(g, 0.0, 0.9, EK_TRAIN_MOMENTUM(.learning_rate_tensor = rate));
  ek_train_minimize_opts opts = EK_TRAIN_MINIMIZE_OPTS_INIT;
  opts.var_list = EK_VARS(v, unused);
  const ek_grads_and_vars pairs = ek_train_compute_gradients(optimizer, sum_of_squares(g, v), &opts);
  (void)ek_train_apply_gradients(optimizer, pairs, (ek_variable){0}, "apply");
}
GOLDEN_TEST(optimizer_tensor_rate)

static ek_variable counter(ek_graph *g) {
  return ek_get_variable(g, "step", ek_shape_scalar(),
                         EK_GET_VARIABLE(.dtype = EK_INT64, .initializer = ek_zeros_initializer(), .trainable = false,
                                         .use_resource = EK_YES));
}

static void optimizer_options(ek_graph *g) {
  const ek_variable v = variable(g, "v", 2, true, EK_INHERIT), w = variable(g, "w", 2, true, EK_INHERIT);
  const ek_variable step = counter(g);
  const ek_out product = OP(ek_named(g, "mul"), "Mul", ek_variable_operand(g, v), ek_variable_operand(g, w));
  const ek_out loss = reduce_sum(g, product);
  ek_optimizer *optimizer =
      ek_train_gradient_descent_with(g, 0.1, EK_TRAIN_GRADIENT_DESCENT(.use_locking = true, .name = "Descent"));
  const ek_out weight = ek_constant_float32(g, 2.0f);
  (void)ek_train_minimize(optimizer, loss,
                          EK_TRAIN_MINIMIZE(.global_step = step, .gate_gradients = EK_GATE_NONE, .grad_loss = weight));
  (void)ek_train_minimize(
      optimizer, loss,
      EK_TRAIN_MINIMIZE(.gate_gradients = EK_GATE_GRAPH, .name = "gated", .colocate_gradients_with_ops = true));
}
GOLDEN_TEST(optimizer_options)

static void optimizer_float64(ek_graph *g) {
  for (int i = 0; i < 2; i++) {
    const ek_variable x = ek_get_variable(g, i == 0 ? "v" : "w", ek_shape(2),
                                          EK_GET_VARIABLE(.dtype = EK_FLOAT64, .initializer = ek_ones_initializer(),
                                                          .use_resource = i == 0 ? EK_NO : EK_YES));
    ek_train_minimize_opts opts = EK_TRAIN_MINIMIZE_OPTS_INIT;
    opts.var_list = EK_VARS(x);
    ek_optimizer *adam_x = ek_train_adam(g, EK_TRAIN_ADAM(.name = i == 0 ? "adam_v" : "adam_w"));
    (void)ek_train_minimize(adam_x, sum_of_squares(g, x), &opts);
    ek_optimizer *adagrad_x = ek_train_adagrad(g, 0.1, EK_TRAIN_ADAGRAD(.name = i == 0 ? "adagrad_v" : "adagrad_w"));
    ek_tensor *ones = ek_tensor_from(EK_FLOAT64, ek_shape(2), (const double[]){1.0, 1.0}, NULL);
    ek_grad_and_var pair = {ek_constant(ek_named(g, "ones"), ones), x};
    ek_tensor_free(ones);
    (void)ek_train_apply_gradients(adagrad_x, (ek_grads_and_vars){&pair, 1}, (ek_variable){0}, NULL);
  }
}
GOLDEN_TEST(optimizer_float64)

/* ---- schedules, clipping, averages */

static void schedules(ek_graph *g) {
  const ek_variable step = ek_train_get_or_create_global_step(g);
  const ek_out now = ek_variable_value(g, step);
  (void)ek_train_exponential_decay(g, ek_number(g, 0.1), now, ek_integer(g, 100), ek_number(g, 0.9), false);
  (void)ek_train_exponential_decay(ek_named(g, "stairs"), ek_number(g, 0.1), now, ek_integer(g, 100), ek_number(g, 0.9),
                                   true);
  (void)ek_train_piecewise_constant(g, now, (const double[]){10, 20}, 2, (const double[]){1.0, 0.5, 0.1});
}
GOLDEN_TEST(schedules)

static void clipping(ek_graph *g) {
  const ek_out x = ek_placeholder(g, EK_FLOAT32, ek_shape(-1, 2), "x");
  const ek_out y = ek_placeholder(g, EK_FLOAT32, ek_shape(3), "y");
  ek_out clipped[3];
  (void)ek_clip_by_global_norm(g, EK_OUTS(x, {0, 0}, y), ek_number(g, 5.0), (ek_out){0, 0}, clipped);
  assert_int_equal(clipped[1].op, 0);
  (void)ek_global_norm(g, EK_OUTS(x, y));
  (void)ek_clip_by_value(g, y, ek_number(g, -1.0), ek_number(g, 1.0));
  const ek_out bound = ek_constant_float32(ek_named(g, "bound"), 2.0f);
  const ek_out norm = ek_constant_float32(ek_named(g, "norm"), 3.0f);
  (void)ek_clip_by_global_norm(ek_named(g, "named"), EK_OUTS(y), bound, norm, clipped);
}
GOLDEN_TEST(clipping)

static void moving_average(ek_graph *g) {
  const ek_variable v = variable(g, "v", 2, true, EK_INHERIT), w = variable(g, "w", 2, false, EK_INHERIT);
  ek_moving_average *average = ek_train_exponential_moving_average(g, 0.9, NULL);
  (void)ek_moving_average_apply(average, EK_VARS(v, w));
  assert_string_equal(ek_variable_name(g, ek_moving_average_average(average, v)), "v/ExponentialMovingAverage");
}
GOLDEN_TEST(moving_average)

static void moving_average_steps(ek_graph *g) {
  const ek_variable v = variable(g, "v", 2, true, EK_INHERIT);
  const ek_variable step = ek_train_get_or_create_global_step(g);
  const ek_op train = ek_train_minimize(ek_train_gradient_descent(g, 0.1), sum_of_squares(g, v),
                                        EK_TRAIN_MINIMIZE(.global_step = step));
  EK_CONTROL_DEPENDENCIES (g, EK_OPS(train)) {
    ek_moving_average *average =
        ek_train_exponential_moving_average(g, 0.9, EK_TRAIN_EXPONENTIAL_MOVING_AVERAGE(.num_updates = step));
    (void)ek_moving_average_apply(average, (ek_variables){NULL, 0});
  }
}
GOLDEN_TEST(moving_average_steps)

static void moving_average_resource(ek_graph *g) {
  const ek_variable v = variable(g, "v", 2, true, EK_YES);
  const ek_variable x =
      ek_get_variable(g, "x", ek_shape(2), EK_GET_VARIABLE(.dtype = EK_FLOAT64, .initializer = ek_ones_initializer()));
  const ek_variable step = counter(g);
  ek_moving_average *average = ek_train_exponential_moving_average(
      g, 0.9, EK_TRAIN_EXPONENTIAL_MOVING_AVERAGE(.num_updates = step, .name = "ema"));
  (void)ek_moving_average_apply(average, EK_VARS(v, x));
}
GOLDEN_TEST(moving_average_resource)

/* ---- savers */

static void save(ek_graph *g, ek_train_saver_opts opts, bool renamed) {
  const ek_variable v = variable(g, "v", 2, true, EK_INHERIT), a = variable(g, "a", 2, true, EK_YES);
  const ek_named_variable map[] = {{"first", v}, {"second", a}};
  if (renamed) opts.var_map = (ek_named_variables){map, 2};
  ek_saver *saver = ek_train_saver_new(g, &opts);
  ek_train_saver_free(saver);
}

static void saver_plain(ek_graph *g) { save(g, (ek_train_saver_opts)EK_TRAIN_SAVER_OPTS_INIT, false); }
GOLDEN_TEST(saver_plain)

static void saver_names(ek_graph *g) {
  ek_train_saver_opts opts = EK_TRAIN_SAVER_OPTS_INIT;
  opts.name = "renamed";
  save(g, opts, true);
}
GOLDEN_TEST(saver_names)

static void saver_sharded(ek_graph *g) {
  ek_train_saver_opts opts = EK_TRAIN_SAVER_OPTS_INIT;
  opts.sharded = true;
  save(g, opts, false);
}
GOLDEN_TEST(saver_sharded)

/* ---- whole networks */

static void update_ops_twice(ek_graph *g) {
  static const char *const names[] = {"x", "y"}, *const scopes[] = {"bn/", "bn_1/"};
  for (int i = 0; i < 2; i++) {
    const ek_out x = ek_placeholder(g, EK_FLOAT32, ek_shape(-1, 2), names[i]);
    const ek_out h = ek_layers_batch_normalization(
        g, x,
        EK_LAYERS_BATCH_NORMALIZATION(.training = EK_TRUE, .name = "bn", .reuse = i > 0 ? EK_REUSE : EK_REUSE_INHERIT));
    const ek_ops updates = ek_get_collection_ops(g, EK_UPDATE_OPS, scopes[i]);
    ek_train_minimize_opts opts = EK_TRAIN_MINIMIZE_OPTS_INIT;
    opts.var_list = ek_get_collection_variables(g, EK_TRAINABLE_VARIABLES, "bn/beta");
    EK_CONTROL_DEPENDENCIES (g, updates) {
      ek_optimizer *optimizer = ek_train_gradient_descent(g, 0.1);
      (void)ek_train_minimize(optimizer, OP(g, "L2Loss", h), &opts);
    }
  }
}
GOLDEN_TEST(update_ops_twice)

static void mlp(ek_graph *g, ek_flag training, ek_optimizer *optimizer) {
  const ek_out images = ek_placeholder(g, EK_FLOAT32, ek_shape(-1, 64), "images");
  const ek_out labels = ek_placeholder(g, EK_INT64, ek_shape(-1), "labels");
  ek_out h = ek_layers_dense(g, images, 20, EK_LAYERS_DENSE(.name = "fc"));
  h = ek_layers_batch_normalization(g, h, EK_LAYERS_BATCH_NORMALIZATION(.training = training, .name = "bn"));
  h = ek_sigmoid(g, h);
  const ek_out logits = ek_layers_dense(g, h, 10, EK_LAYERS_DENSE(.name = "out"));
  const ek_out losses = ek_nn_sparse_softmax_cross_entropy_with_logits(g, labels, logits);
  const ek_out axes = ek_constant_int32s(g, (const int64_t[]){0}, 1);
  const ek_out loss = OP(g, "Mean", losses, axes);
  EK_CONTROL_DEPENDENCIES (g, ek_get_collection_ops(g, EK_UPDATE_OPS, NULL)) {
    const ek_variable step = ek_train_get_or_create_global_step(g);
    (void)ek_train_minimize(optimizer, loss, EK_TRAIN_MINIMIZE(.global_step = step, .name = "train"));
  }
}

static void mlp_static_sgd(ek_graph *g) { mlp(g, EK_TRUE, ek_train_gradient_descent(g, 0.5)); }
GOLDEN_TEST(mlp_static_sgd)

static void mlp_flag_adam(ek_graph *g) {
  const ek_out training = ek_placeholder(g, EK_BOOL, ek_shape_scalar(), "is_training");
  mlp(g, ek_flag_of(training), ek_train_adam(g, NULL));
}
GOLDEN_TEST(mlp_flag_adam)

#define BOTH(name_) cmocka_unit_test(test_optimizer_##name_), cmocka_unit_test(test_optimizer_##name_##_resource)

int main(void) {
  const struct CMUnitTest tests[] = {
      BOTH(sgd),
      BOTH(momentum),
      BOTH(nesterov),
      BOTH(adam),
      BOTH(rmsprop),
      BOTH(rmsprop_centered),
      BOTH(adagrad),
      cmocka_unit_test(test_optimizer_twice_in_scope),
      cmocka_unit_test(test_optimizer_constraint),
      cmocka_unit_test(test_optimizer_tensor_rate),
      cmocka_unit_test(test_optimizer_options),
      cmocka_unit_test(test_optimizer_float64),
      cmocka_unit_test(test_moving_average_resource),
      cmocka_unit_test(test_schedules),
      cmocka_unit_test(test_clipping),
      cmocka_unit_test(test_moving_average),
      cmocka_unit_test(test_moving_average_steps),
      cmocka_unit_test(test_update_ops_twice),
      cmocka_unit_test(test_mlp_static_sgd),
      cmocka_unit_test(test_mlp_flag_adam),
      cmocka_unit_test(test_saver_plain),
      cmocka_unit_test(test_saver_names),
      cmocka_unit_test(test_saver_sharded),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
