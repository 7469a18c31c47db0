/* SPDX-License-Identifier: Apache-2.0 */
/* Exponential moving averages in a session, and the names by which a checkpoint knows them. */
#include "layers/layers.h"

static ek_op descend(ek_graph *g, ek_variable v, double step) {
  ek_grad_and_var pair = {ek_constant_float32(g, 1.0f), v};
  return ek_train_apply_gradients(ek_train_gradient_descent(g, step), (ek_grads_and_vars){&pair, 1}, (ek_variable){0},
                                  NULL);
}

static void shadows_follow_what_a_step_has_changed(void **state) {
  (void)state;
  for (int i = 0; i < 2; i++) {
    ek_graph *g = ek_graph_new(NULL);
    const ek_variable v = scalar_variable(g, "v", 2.0, i == 0 ? EK_NO : EK_YES);
    const ek_op step = descend(g, v, 1.0);
    ek_moving_average *a = ek_train_exponential_moving_average(g, 0.75, NULL);
    ek_op train = {0};
    EK_CONTROL_DEPENDENCIES (g, EK_OPS(step)) {
      train = ek_moving_average_apply(a, EK_VARS(v));
    }
    const ek_variable shadow = ek_moving_average_average(a, v);
    assert_false(ek_variable_trainable(g, shadow));
    assert_int_equal(ek_variable_is_resource(g, shadow), i);
    ek_session *s = initialized_session(g);
    assert_near(number_of(s, shadow), 2.0); /* the variable's initial value */
    run_op(s, train);
    assert_near(number_of(s, v), 1.0);
    assert_near(number_of(s, shadow), 1.75); /* of the new weight */
    run_op(s, train);
    assert_near(number_of(s, shadow), 1.3125);
    ek_session_free(s);
    ek_graph_free(g);
  }
}

/* Among the control inputs of a read there may be another assignment. */
static void the_assignment_itself_is_grouped(void **state) {
  (void)state;
  ek_graph *g = ek_graph_new(NULL);
  const ek_variable v = scalar_variable(g, "v", 2.0, EK_YES), a_counter = scalar_variable(g, "a", 0.0, EK_YES);
  const ek_variable z_counter = scalar_variable(g, "z", 0.0, EK_YES);
  ek_moving_average *a = ek_train_exponential_moving_average(g, 0.5, NULL);
  const ek_op one = ek_variable_update(g, a_counter, EK_ASSIGN_ADD, ek_number(g, 1.0));
  const ek_op two = ek_variable_update(ek_named(g, "z_add"), z_counter, EK_ASSIGN_ADD, ek_number(g, 1.0));
  ek_op move = {0};
  EK_CONTROL_DEPENDENCIES (g, EK_OPS(one, two)) {
    move = ek_moving_average_apply(a, EK_VARS(v));
  }
  ek_session *s = initialized_session(g);
  ek_status st = EK_STATUS_INIT;
  ek_tensor *four = ek_tensor_float32(4.0f, &st);
  assert_int_equal(ek_session_set_variable(s, v, four, &st), EK_OK);
  run_op(s, move);
  assert_near(number_of(s, ek_moving_average_average(a, v)), 3.0);
  assert_near(number_of(s, a_counter), 1.0);
  assert_near(number_of(s, z_counter), 1.0);
  ek_tensor_free(four);
  ek_session_free(s);
  ek_graph_free(g);
}

static void a_moving_average_is_assigned(void **state) {
  (void)state;
  for (int i = 0; i < 2; i++) {
    ek_graph *g = ek_graph_new(NULL);
    const ek_variable v = scalar_variable(g, "v", 1.0, i == 0 ? EK_NO : EK_YES);
    const ek_out three = ek_constant_float32(g, 3.0f);
    const ek_out after = ek_train_assign_moving_average(g, v, three, 0.5, (ek_out){0, 0});
    const ek_out by_tensor =
        ek_train_assign_moving_average(ek_named(g, "again"), v, three, 0.0, ek_constant_float32(g, 0.25f));
    assert_non_null(strstr(ek_op_name(g, ek_out_op(after)), "AssignMovingAvg"));
    assert_non_null(strstr(ek_op_name(g, ek_out_op(by_tensor)), "again"));
    assert_true(ek_graph_find_op(g, "AssignMovingAvg/decay").id != 0); /* 1 - 0.5, computed as Python does */
    ek_session *s = initialized_session(g);
    run_op(s, ek_out_op(after));
    assert_near(number_of(s, v), 2.0);
    run_op(s, ek_out_op(by_tensor));
    assert_near(number_of(s, v), 2.75);
    ek_session_free(s);
    ek_graph_free(g);
  }
}

static const char *name_of(ek_named_variables list, ek_variable v) {
  for (int i = 0; i < list.n; i++)
    if (list.at[i].variable.id == v.id) return list.at[i].name;
  return "";
}

static void averages_are_restored_by_their_names(void **state) {
  (void)state;
  ek_graph *g = ek_graph_new(NULL);
  ek_variable v = {0};
  EK_VARIABLE_SCOPE (g, "layer", NULL) {
    v = scalar_variable(g, "v", 1.0, EK_NO);
  }
  const ek_variable w = scalar_variable(g, "w", 1.0, EK_NO), step = ek_train_get_or_create_global_step(g);
  ek_moving_average *a =
      ek_train_exponential_moving_average(g, 0.9, EK_TRAIN_EXPONENTIAL_MOVING_AVERAGE(.name = "ema"));
  assert_string_equal(ek_moving_average_average_name(a, v), "layer/v/ema"); /* before apply, too */
  assert_int_equal(ek_moving_average_average(a, v).id, 0);
  (void)ek_moving_average_apply(a, EK_VARS(v));
  assert_string_equal(ek_moving_average_average_name(a, v), "layer/v/ema");
  const ek_variable shadow = ek_moving_average_average(a, v);
  (void)ek_moving_average_apply(a, EK_VARS(v));
  assert_int_equal(ek_moving_average_average(a, v).id, shadow.id);
  const ek_named_variables names = ek_moving_average_variables_to_restore(a);
  assert_int_equal(names.n, 4);
  assert_string_equal(name_of(names, v), "layer/v/ema");
  assert_string_equal(name_of(names, w), "w/ema"); /* trainable: one more that an average could be had of */
  assert_string_equal(name_of(names, step), "global_step");
  assert_int_equal(ek_get_collection_variables(g, EK_MOVING_AVERAGE_VARIABLES, NULL).n, 1);
  assert_int_equal(ek_graph_status(g, NULL), EK_OK);
  ek_graph_free(g);
}

static void only_floating_variables_have_averages(void **state) {
  (void)state;
  ek_graph *g = ek_graph_new(NULL);
  const ek_variable step = ek_train_get_or_create_global_step(g);
  ek_moving_average *a = ek_train_exponential_moving_average(g, 0.9, NULL);
  assert_int_equal(ek_moving_average_apply(a, EK_VARS(step)).id, 0);
  assert_refused(g, "must be half, float, or double: 'global_step'");
  g = ek_graph_new(NULL);
  const ek_train_exponential_moving_average_opts zero = {0};
  a = ek_train_exponential_moving_average(g, 0.9, &zero);
  assert_null(a);
  assert_int_equal(ek_moving_average_apply(a, (ek_variables){NULL, 0}).id, 0);
  assert_int_equal(ek_moving_average_variables_to_restore(a).n, 0);
  assert_string_equal(ek_moving_average_average_name(a, (ek_variable){0}), "");
  assert_refused(g, "options of version 0");
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(shadows_follow_what_a_step_has_changed), cmocka_unit_test(the_assignment_itself_is_grouped),
      cmocka_unit_test(a_moving_average_is_assigned),           cmocka_unit_test(averages_are_restored_by_their_names),
      cmocka_unit_test(only_floating_variables_have_averages),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
