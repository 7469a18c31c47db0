/* SPDX-License-Identifier: Apache-2.0 */
/* Optimizers in a session: two steps of each on w = 1 with a gradient of 0.5, which real TensorFlow's numbers are known
 * for; slots, counters, and what they refuse. */
#include "layers/layers.h"

static ek_variable variable(ek_graph *g, const char *name, ek_dtype dtype, ek_choice use_resource) {
  ek_get_variable_opts opts = EK_GET_VARIABLE_OPTS_INIT;
  opts.initializer = ek_ones_initializer();
  opts.dtype = dtype;
  opts.use_resource = use_resource;
  return ek_get_variable(g, name, ek_shape_scalar(), &opts);
}

typedef struct golden {
  double first, second; /* w after each step */
  const char *slot;     /* a slot, and what it holds then; NULL: none */
  double slot_first, slot_second;
} golden;

static void two_steps(ek_optimizer *(*make)(ek_graph *), golden want) {
  const ek_dtype dtypes[] = {EK_FLOAT32, EK_FLOAT32, EK_FLOAT64};
  const ek_choice resource[] = {EK_NO, EK_YES, EK_NO};
  for (int i = 0; i < 3; i++) {
    ek_graph *g = ek_graph_new(NULL);
    ek_optimizer *o = make(g);
    const ek_variable w = variable(g, "w", dtypes[i], resource[i]);
    const ek_out grad = dtypes[i] == EK_FLOAT32 ? ek_constant_float32(g, 0.5f) : ek_constant_float64(g, 0.5);
    ek_grad_and_var pair = {grad, w};
    const ek_variable step = ek_train_get_or_create_global_step(g);
    const ek_op train = ek_train_apply_gradients(o, (ek_grads_and_vars){&pair, 1}, step, NULL);
    ek_session *s = initialized_session(g);
    for (int k = 0; k < 2; k++) {
      run_op(s, train);
      assert_near(number_of(s, w), k == 0 ? want.first : want.second);
      if (want.slot != NULL)
        assert_near(number_of(s, ek_train_get_slot(o, w, want.slot)), k == 0 ? want.slot_first : want.slot_second);
      assert_near(number_of(s, step), k + 1);
    }
    ek_session_free(s);
    ek_graph_free(g);
  }
}

static ek_optimizer *sgd(ek_graph *g) { return ek_train_gradient_descent(g, 0.1); }
static ek_optimizer *momentum(ek_graph *g) { return ek_train_momentum(g, 0.1, 0.9, NULL); }
static ek_optimizer *nesterov(ek_graph *g) {
  return ek_train_momentum(g, 0.1, 0.9, EK_TRAIN_MOMENTUM(.use_nesterov = true));
}
static ek_optimizer *adam(ek_graph *g) { return ek_train_adam(g, NULL); }
static ek_optimizer *rmsprop(ek_graph *g) { return ek_train_rmsprop(g, 0.1, NULL); }
static ek_optimizer *adagrad(ek_graph *g) { return ek_train_adagrad(g, 0.1, NULL); }

static void updates_are_those_of_tensorflow(void **state) {
  (void)state;
  two_steps(sgd, (golden){.first = 0.95, .second = 0.9});
  two_steps(momentum, (golden){0.95, 0.855, "momentum", 0.5, 0.95});
  two_steps(nesterov, (golden){0.905, 0.7695, "momentum", 0.5, 0.95});
  two_steps(adam, (golden){0.999, 0.998, "m", 0.05, 0.095});
  two_steps(adam, (golden){0.999, 0.998, "v", 2.5e-4, 4.9975e-4});
  two_steps(rmsprop, (golden){0.9480125, 0.8940176, "rms", 0.925, 0.8575});
  two_steps(adagrad, (golden){0.9154846, 0.8509349, "accumulator", 0.35, 0.6});
}

static void slots_are_shared_by_two_minimizes(void **state) {
  (void)state;
  ek_graph *g = ek_graph_new(NULL);
  ek_optimizer *o = adam(g);
  const ek_variable w = variable(g, "w", EK_FLOAT32, EK_NO);
  assert_int_equal(ek_train_get_slot(o, w, "m").id, 0);
  ek_grad_and_var pair = {ek_constant_float32(g, 0.5f), w};
  (void)ek_train_apply_gradients(o, (ek_grads_and_vars){&pair, 1}, (ek_variable){0}, NULL);
  const ek_variable m = ek_train_get_slot(o, w, "m");
  (void)ek_train_apply_gradients(o, (ek_grads_and_vars){&pair, 1}, (ek_variable){0}, NULL);
  assert_string_equal(ek_variable_name(g, m), "w/Adam");
  assert_int_equal(ek_train_get_slot(o, w, "m").id, m.id);
  assert_string_equal(ek_variable_name(g, ek_train_get_slot(o, w, "v")), "w/Adam_1");
  assert_int_equal(ek_train_get_slot(o, w, "momentum").id, 0);
  assert_string_equal(ek_train_slot_name(o, 1), "v");
  assert_null(ek_train_slot_name(o, 2));
  assert_null(ek_train_slot_name(o, 3));
  assert_null(ek_train_slot_name(o, -1));
  const ek_ops ops = ek_get_collection_ops(g, EK_TRAIN_OP, NULL);
  assert_int_equal(ops.n, 2);
  assert_string_equal(ek_op_name(g, ops.at[0]), "Adam");
  assert_string_equal(ek_op_name(g, ops.at[1]), "Adam_1");
  assert_int_equal(ek_graph_status(g, NULL), EK_OK);
  ek_graph_free(g);
}

static ek_out at_least_one(ek_graph *g, ek_out x, void *ctx) {
  (void)ctx;
  return ek_op_output(ek_build(g, "Maximum", EK_OUTS(x, ek_number(g, 1.0)), EK_NO_ATTRS), 0);
}

static void constraints_hold_after_the_update(void **state) {
  (void)state;
  for (int i = 0; i < 2; i++) {
    ek_graph *g = ek_graph_new(NULL);
    ek_get_variable_opts opts = EK_GET_VARIABLE_OPTS_INIT;
    opts.initializer = ek_constant_initializer(1.25);
    opts.constraint = at_least_one;
    opts.use_resource = i == 0 ? EK_NO : EK_YES;
    const ek_variable w = ek_get_variable(g, "w", ek_shape_scalar(), &opts);
    ek_grad_and_var pair = {ek_constant_float32(g, 0.5f), w};
    const ek_op train = ek_train_apply_gradients(ek_train_gradient_descent(g, 0.25), (ek_grads_and_vars){&pair, 1},
                                                 (ek_variable){0}, NULL);
    ek_session *s = initialized_session(g);
    run_op(s, train);
    assert_near(number_of(s, w), 1.125);
    run_op(s, train);
    run_op(s, train);
    assert_near(number_of(s, w), 1.0);
    ek_session_free(s);
    ek_graph_free(g);
  }
}

static void the_rate_may_be_fed(void **state) {
  (void)state;
  ek_graph *g = ek_graph_new(NULL);
  ek_status st = EK_STATUS_INIT;
  const ek_out rate = ek_placeholder(g, EK_FLOAT32, ek_shape_scalar(), "rate");
  const ek_variable w = variable(g, "w", EK_FLOAT32, EK_NO);
  ek_grad_and_var pair = {ek_constant_float32(g, 0.5f), w};
  ek_optimizer *o = ek_train_gradient_descent_with(g, 0.0, EK_TRAIN_GRADIENT_DESCENT(.learning_rate_tensor = rate));
  const ek_op train = ek_train_apply_gradients(o, (ek_grads_and_vars){&pair, 1}, (ek_variable){0}, "step");
  assert_string_equal(ek_op_name(g, train), "step");
  ek_session *s = initialized_session(g);
  ek_tensor *half = ek_tensor_float32(0.5f, &st);
  assert_int_equal(ek_session_run(s, &EK_FEED(rate, half), 1, NULL, 0, NULL, &train, 1, NULL, &st), EK_OK);
  assert_near(number_of(s, w), 0.75);
  ek_tensor_free(half);
  ek_session_free(s);
  ek_graph_free(g);
}

/* ---- what is refused */

static void mistakes_are_told(void **state) {
  (void)state;
  ek_graph *g = ek_graph_new(NULL);
  ek_out x = ek_placeholder(g, EK_FLOAT32, ek_shape_scalar(), "x");
  assert_int_equal(ek_train_minimize(sgd(g), x, NULL).id, 0);
  assert_refused(g, "No variables to optimize.");

  g = ek_graph_new(NULL);
  x = ek_placeholder(g, EK_FLOAT32, ek_shape_scalar(), "x");
  (void)variable(g, "w", EK_FLOAT32, EK_NO);
  assert_int_equal(ek_train_minimize(sgd(g), x, NULL).id, 0);
  assert_refused(g, "No gradients provided for any variable: w");

  g = ek_graph_new(NULL);
  x = ek_placeholder(g, EK_INT32, ek_shape_scalar(), "x");
  (void)variable(g, "w", EK_FLOAT32, EK_NO);
  assert_int_equal(ek_train_minimize(sgd(g), x, NULL).id, 0);
  assert_refused(g, "invalid type int32 for 'x'");

  g = ek_graph_new(NULL);
  assert_int_equal(ek_train_apply_gradients(sgd(g), (ek_grads_and_vars){NULL, 0}, (ek_variable){0}, NULL).id, 0);
  assert_refused(g, "No variables provided.");

  g = ek_graph_new(NULL);
  assert_null(ek_train_adagrad(g, 0.1, EK_TRAIN_ADAGRAD(.initial_accumulator_value = 0.0)));
  assert_refused(g, "initial_accumulator_value must be positive");

  g = ek_graph_new(NULL);
  const ek_train_adam_opts zero = {0};
  ek_optimizer *none = ek_train_adam(g, &zero);
  assert_null(none);
  assert_int_equal(ek_train_minimize(none, (ek_out){0, 0}, NULL).id, 0);
  assert_int_equal(ek_train_get_slot(none, (ek_variable){0}, "m").id, 0);
  assert_refused(g, "options of version 0");

  g = ek_graph_new(NULL);
  EK_VARIABLE_SCOPE (g, "s", EK_SCOPE(.reuse = EK_AUTO_REUSE)) {
    ek_grad_and_var pair = {ek_constant_float32(g, 0.5f), variable(g, "w", EK_FLOAT32, EK_NO)};
    ek_variable_scope_reuse_variables(g, ek_get_variable_scope(g));
    (void)ek_train_apply_gradients(adam(g), (ek_grads_and_vars){&pair, 1}, (ek_variable){0}, NULL);
  }
  assert_refused(g, "does not exist");

  g = ek_graph_new(NULL);
  x = ek_placeholder(g, EK_FLOAT32, ek_shape_scalar(), "x");
  assert_int_equal(ek_train_minimize(sgd(g), x, EK_TRAIN_MINIMIZE(.gate_gradients = (ek_gate_gradients)7)).id, 0);
  assert_refused(g, "gate_gradients must be one of");
}

static void the_global_step_is_one(void **state) {
  (void)state;
  ek_graph *g = ek_graph_new(NULL);
  assert_int_equal(ek_train_get_global_step(g).id, 0);
  ek_variable step = {0};
  EK_NAME_SCOPE (g, "somewhere") {
    step = ek_train_get_or_create_global_step(g);
  }
  assert_string_equal(ek_variable_name(g, step), "global_step");
  assert_int_equal(ek_variable_dtype(g, step), EK_INT64);
  assert_false(ek_variable_trainable(g, step));
  assert_int_equal(ek_train_get_or_create_global_step(g).id, step.id);
  assert_int_equal(ek_train_get_global_step(g).id, step.id);
  ek_graph_free(g);

  g = ek_graph_new(NULL);
  (void)variable(g, "global_step", EK_FLOAT32, EK_NO);
  assert_int_equal(ek_train_get_or_create_global_step(g).id, 0);
  assert_refused(g, "an integer scalar is needed");
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(updates_are_those_of_tensorflow),
      cmocka_unit_test(slots_are_shared_by_two_minimizes),
      cmocka_unit_test(constraints_hold_after_the_update),
      cmocka_unit_test(the_rate_may_be_fed),
      cmocka_unit_test(mistakes_are_told),
      cmocka_unit_test(the_global_step_is_one),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
