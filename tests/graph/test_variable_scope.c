/* SPDX-License-Identifier: Apache-2.0 */
#include "evenkeel/evenkeel.h"
#include "test.h"

#include <string.h>

static ek_variable get(ek_graph *g, const char *name) {
  return ek_get_variable(g, name, ek_shape(2), EK_GET_VARIABLE(.initializer = ek_zeros_initializer()));
}

static void exists(ek_graph *g) {
  (void)get(g, "v");
  (void)get(g, "v");
}
static void does_not_exist(ek_graph *g) {
  EK_VARIABLE_SCOPE (g, "s", EK_SCOPE(.reuse = EK_REUSE)) {
    (void)get(g, "v");
  }
}
static void made_by_ek_variable_new(ek_graph *g) {
  (void)ek_variable_from(ek_named(g, "v"), ek_zeros_initializer(), ek_shape(2), NULL);
  ek_variable_scope_reuse_variables(g, ek_get_variable_scope(g));
  (void)get(g, "v");
}
static void another_shape(ek_graph *g) {
  (void)get(g, "v");
  ek_variable_scope_reuse_variables(g, ek_get_variable_scope(g));
  (void)ek_get_variable(g, "v", ek_shape(3), NULL);
}
static void another_dtype(ek_graph *g) {
  (void)get(g, "v");
  ek_variable_scope_reuse_variables(g, ek_get_variable_scope(g));
  (void)ek_get_variable(g, "v", ek_shape(2), EK_GET_VARIABLE(.dtype = EK_FLOAT64));
}
static void shape_with_a_constant(ek_graph *g) {
  (void)ek_get_variable(g, "v", ek_shape(2), EK_GET_VARIABLE(.initial_value = ek_number(g, 1.0)));
}
static void shape_not_known(ek_graph *g) { (void)ek_get_variable(g, "v", ek_shape(-1, 2), NULL); }
static void dtypes_differ(ek_graph *g) {
  (void)ek_get_variable(g, "v", ek_shape_unknown(),
                        EK_GET_VARIABLE(.initial_value = ek_number(g, 1.0), .dtype = EK_INT32));
}
static void no_default_for_dtype(ek_graph *g) {
  (void)ek_get_variable(g, "v", ek_shape(2), EK_GET_VARIABLE(.dtype = EK_COMPLEX64));
}
static void no_name(ek_graph *g) {
  EK_VARIABLE_SCOPE (g, NULL, NULL) {
    (void)get(g, "v");
  }
}
static void default_name_with_reuse(ek_graph *g) {
  EK_VARIABLE_SCOPE (g, NULL, EK_SCOPE(.default_name = "d", .reuse = EK_REUSE)) {
    (void)get(g, "v");
  }
}
static void value_from_a_cond(ek_graph *g) {
  ek_cond_block c;
  EK_COND(g, ek_placeholder(g, EK_BOOL, ek_shape_scalar(), "p"), c) {
    EK_THEN(c) {
      const ek_out inside = ek_constant_float32(g, 1.0f);
      ek_cond_yield(&c, ek_variable_value(g, ek_variable_new(ek_named(g, "v"), inside, NULL)));
    }
    EK_ELSE(c) { ek_cond_yield(&c, ek_number(g, 1.0)); }
  }
}
static void value_of_unknown_shape(ek_graph *g) {
  (void)ek_variable_new(ek_named(g, "v"), ek_placeholder(g, EK_FLOAT32, ek_shape(-1), "x"), NULL);
}
static void float_initializer_for_integers(ek_graph *g) {
  (void)ek_variable_from(ek_named(g, "v"), ek_he_normal_initializer(), ek_shape(2), EK_VARIABLE(.dtype = EK_INT32));
}

static void every_mistake_has_its_message(void **state) {
  (void)state;
  static const struct {
    void (*build)(ek_graph *g);
    const char *words;
  } cases[] = {
      {exists,
       "Variable v already exists, disallowed. Did you mean to set reuse=True or reuse=tf.AUTO_REUSE in VarScope?"},
      {does_not_exist, "Variable s/v does not exist, or was not created with tf.get_variable()."},
      {made_by_ek_variable_new, "Variable v does not exist, or was not created with tf.get_variable()."},
      {another_shape, "Trying to share variable v, but specified shape [3] and found shape [2]."},
      {another_dtype, "Trying to share variable v, but specified dtype float64 and found dtype float32."},
      {shape_with_a_constant, "If initializer is a constant, do not specify shape."},
      {shape_not_known, "`shape` should be fully defined"},
      {dtypes_differ, "Initializer type 'float32' and explicit dtype 'int32' don't match."},
      {no_default_for_dtype, "An initializer for variable v of complex64 is required"},
      {no_name, "If default_name is None then name_or_scope is required"},
      {default_name_with_reuse, "reuse=True cannot be used without a name_or_scope"},
      {value_from_a_cond, "Initializer for variable cond/v is from inside a control-flow construct"},
      {value_of_unknown_shape, "initial_value must have a shape specified: 'x' has [?]"},
      {float_initializer_for_integers, "expected a floating dtype, not int32"},
  };
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    ek_graph *g = ek_graph_new(NULL);
    ek_status st;
    cases[i].build(g);
    assert_int_equal(ek_graph_status(g, &st), EK_INVALID_ARGUMENT);
    if (strstr(st.msg, cases[i].words) == NULL) fail_msg("'%s' is not in '%s'", cases[i].words, st.msg);
    ek_graph_free(g);
  }
}

static void reuse_is_inherited_and_not_switched_off(void **state) {
  (void)state;
  ek_graph *g = ek_graph_new(NULL);
  ek_variable v = {0}, again = {0};
  EK_VARIABLE_SCOPE (g, "a", NULL) {
    EK_VARIABLE_SCOPE (g, "b", NULL) {
      v = get(g, "v");
    }
  }
  EK_VARIABLE_SCOPE (g, "a", EK_SCOPE(.reuse = EK_REUSE)) {
    EK_VARIABLE_SCOPE (g, "b", EK_SCOPE(.reuse = EK_REUSE_INHERIT)) {
      again = get(g, "v");
      assert_int_equal(ek_variable_scope_reuse(g, ek_get_variable_scope(g)), EK_REUSE);
    }
  }
  assert_int_equal(ek_graph_status(g, NULL), EK_OK);
  assert_int_equal(v.id, again.id);
  assert_string_equal(ek_variable_name(g, v), "a/b/v");
  ek_graph_free(g);
}

static void a_scope_can_be_entered_again(void **state) {
  (void)state;
  ek_graph *g = ek_graph_new(NULL);
  ek_variable_scope s = {0};
  EK_VARIABLE_SCOPE (g, "s", EK_SCOPE(.dtype = EK_FLOAT64)) {
    s = ek_get_variable_scope(g);
    (void)get(g, "v");
  }
  EK_VARIABLE_SCOPE (g, "elsewhere", NULL) {
    EK_VARIABLE_SCOPE (g, NULL, EK_SCOPE(.scope = s, .reuse = EK_REUSE)) {
      const ek_variable_scope now = ek_get_variable_scope(g);
      assert_string_equal(ek_variable_scope_name(g, now), "s");
      assert_string_equal(ek_variable_scope_original_name_scope(g, now), "s");
      assert_string_equal(ek_current_name_scope(g), "elsewhere/s");
      assert_int_equal(ek_variable_dtype(g, get(g, "v")), EK_FLOAT64);
    }
    EK_VARIABLE_SCOPE (g, NULL, EK_SCOPE(.scope = s, .auxiliary_name_scope = false)) {
      assert_string_equal(ek_current_name_scope(g), "elsewhere");
      assert_int_equal(ek_variable_scope_reuse(g, ek_get_variable_scope(g)), EK_REUSE_INHERIT);
    }
  }
  assert_int_equal(ek_get_collection_variables(g, EK_GLOBAL_VARIABLES, ek_variable_scope_filter(g, s)).n, 1);
  assert_int_equal(ek_get_collection_variables(g, EK_GLOBAL_VARIABLES, "elsewhere/").n, 0);
  assert_int_equal(ek_graph_status(g, NULL), EK_OK);
  ek_graph_free(g);
}

static void default_names_count_anew_inside_a_scope_opened_again(void **state) {
  (void)state;
  ek_graph *g = ek_graph_new(NULL);
  const char *const expected[] = {"s/d", "s/d_1"};
  for (int round = 0; round < 2; round++)
    EK_VARIABLE_SCOPE (g, "s", NULL) {
      for (int i = 0; i < 2; i++)
        EK_VARIABLE_SCOPE (g, NULL, EK_SCOPE(.default_name = "d")) {
          assert_string_equal(ek_variable_scope_name(g, ek_get_variable_scope(g)), expected[i]);
        }
    }
  ek_graph_free(g);
}

static void a_scope_left_open_is_seen(void **state) {
  (void)state;
  ek_graph *g = ek_graph_new(NULL);
  (void)ek_variable_scope_begin(g, "s", NULL);
  ek_name_scope_end(g);
  assert_int_equal(ek_graph_status(g, NULL), EK_FAILED_PRECONDITION);
  ek_graph_free(g);
}

static ek_variable in_float64(ek_graph *g, const ek_getter *next, const char *name, ek_shape shape,
                              const ek_get_variable_opts *o, void *ctx) {
  ek_get_variable_opts changed = *o;
  changed.dtype = EK_FLOAT64;
  ++*(int *)ctx;
  return ek_getter_call(g, next, name, shape, &changed);
}

static void getters_of_inner_scopes_come_first(void **state) {
  (void)state;
  ek_graph *g = ek_graph_new(NULL);
  int outer = 0, inner = 0;
  EK_VARIABLE_SCOPE (g, "a", EK_SCOPE(.custom_getter = in_float64, .custom_getter_ctx = &outer)) {
    EK_VARIABLE_SCOPE (g, "b", EK_SCOPE(.custom_getter = in_float64, .custom_getter_ctx = &inner)) {
      assert_int_equal(ek_variable_dtype(g, get(g, "v")), EK_FLOAT64);
    }
    (void)get(g, "v");
  }
  assert_int_equal(outer, 2);
  assert_int_equal(inner, 1);
  (void)get(g, "v");
  assert_int_equal(outer, 2);
  ek_graph_free(g);
}

static ek_out twice(ek_graph *g, ek_out value, void *ctx) {
  (void)ctx;
  return ek_op_output(ek_build(g, "Neg", EK_OUTS(value), EK_NO_ATTRS), 0);
}

static void regularization_losses_are_made_once_and_again_at_each_use(void **state) {
  (void)state;
  ek_graph *g = ek_graph_new(NULL);
  const ek_regularizer regularizer = {twice, NULL};
  for (int i = 0; i < 2; i++)
    EK_VARIABLE_SCOPE (g, "s", EK_SCOPE(.regularizer = regularizer, .reuse = EK_AUTO_REUSE)) {
      (void)get(g, "v");
    }
  const ek_outs losses = ek_get_collection_outs(g, EK_REGULARIZATION_LOSSES, NULL);
  assert_int_equal(losses.n, 1);
  assert_string_equal(ek_op_name(g, ek_out_op(losses.at[0])), "s/v/Regularizer/Neg");
  const ek_out again = ek_regularization_loss(g, losses.at[0]);
  assert_string_equal(ek_op_name(g, ek_out_op(again)), "s/v/Regularizer/Neg_1");
  assert_int_equal(ek_regularization_loss(g, again).op, again.op);
  ek_graph_free(g);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(every_mistake_has_its_message),
      cmocka_unit_test(reuse_is_inherited_and_not_switched_off),
      cmocka_unit_test(a_scope_can_be_entered_again),
      cmocka_unit_test(default_names_count_anew_inside_a_scope_opened_again),
      cmocka_unit_test(a_scope_left_open_is_seen),
      cmocka_unit_test(getters_of_inner_scopes_come_first),
      cmocka_unit_test(regularization_losses_are_made_once_and_again_at_each_use),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
