/* SPDX-License-Identifier: Apache-2.0 */
#include "evenkeel/evenkeel.h"
#include "test.h"

#include <string.h>

static const char *name(const ek_graph *g, ek_out o) { return ek_op_name(g, ek_out_op(o)); }

static ek_out identity(ek_graph *g, ek_out x) {
  return ek_op_output(ek_build(g, "Identity", EK_OUTS(x), EK_NO_ATTRS), 0);
}

static void names_are_made_unique_without_case(void **state) {
  (void)state;
  ek_graph *g = ek_graph_new(NULL);
  const ek_out x = ek_placeholder(g, EK_FLOAT32, ek_shape(-1, 4), "foo");
  assert_string_equal(name(g, x), "foo");
  assert_string_equal(name(g, identity(ek_named(g, "Foo"), x)), "Foo_1");
  assert_string_equal(name(g, identity(g, x)), "Identity");
  assert_string_equal(name(g, identity(g, identity(g, x))), "Identity_2");
  assert_string_equal(name(g, identity(ek_named(g, "a_1"), x)), "a_1");
  assert_string_equal(name(g, identity(ek_named(g, "a"), x)), "a");
  assert_string_equal(name(g, identity(ek_named(g, "a"), x)), "a_2"); /* a_1 is taken */
  EK_NAME_SCOPE (g, "a") {
    assert_string_equal(name(g, identity(ek_named(g, "y"), x)), "a_3/y");
    EK_NAME_SCOPE (g, "b/") {
      assert_string_equal(name(g, identity(ek_named(g, "y"), x)), "b/y");
    }
    EK_NAME_SCOPE (g, NULL) {
      assert_string_equal(name(g, identity(ek_named(g, "root"), x)), "root");
    }
  }
  assert_string_equal(name(g, identity(ek_named(g, "q/r/"), x)), "q/r");
  assert_int_equal(ek_graph_status(g, NULL), EK_OK);
  ek_graph_free(g);
}

static void memory_and_text_live_with_the_graph(void **state) {
  (void)state;
  ek_graph *g = ek_graph_new(NULL);
  const unsigned char *p = ek_graph_alloc(g, 100);
  assert_non_null(p);
  for (int i = 0; i < 100; i++) assert_int_equal(p[i], 0);
  assert_string_equal(ek_graph_text(ek_named(g, "unused"), "%s_%d", "update", 7), "update_7");
  assert_int_equal(ek_graph_num_ops(g), 0);
  ek_graph_free(g);
}

static void a_wrong_name_sticks(void **state) {
  (void)state;
  ek_graph *g = ek_graph_new(NULL);
  ek_status st;
  const ek_out x = ek_placeholder(g, EK_FLOAT32, ek_shape_scalar(), "no spaces please");
  assert_int_equal(x.op, 0);
  assert_int_equal(identity(g, identity(g, x)).op, 0);
  assert_int_equal(ek_graph_status(g, &st), EK_INVALID_ARGUMENT);
  assert_non_null(strstr(st.msg, "no spaces please"));
  ek_graph_free(g);
}

static void control_dependencies_prune_what_inputs_imply(void **state) {
  (void)state;
  ek_graph *g = ek_graph_new(NULL);
  const ek_out x = ek_placeholder(g, EK_FLOAT32, ek_shape_scalar(), "x");
  const ek_op a = ek_no_op(ek_named(g, "a")), b = ek_no_op(ek_named(g, "b"));
  EK_CONTROL_DEPENDENCIES (g, EK_OPS(a)) {
    const ek_out y = identity(g, x), z = identity(g, y);
    assert_int_equal(ek_op_num_control_inputs(g, ek_out_op(y)), 1);
    assert_int_equal(ek_op_num_control_inputs(g, ek_out_op(z)), 0);
    EK_CONTROL_DEPENDENCIES (g, EK_OPS(a, b)) {
      const ek_out w = identity(g, z); /* z was made in the outer block: only the inner one's b is added */
      assert_int_equal(ek_op_num_control_inputs(g, ek_out_op(w)), 1);
      assert_string_equal(ek_op_name(g, ek_op_control_input(g, ek_out_op(w), 0)), "b");
      EK_NO_CONTROL_DEPENDENCIES(g) { assert_int_equal(ek_op_num_control_inputs(g, ek_out_op(identity(g, x))), 0); }
    }
  }
  assert_int_equal(ek_graph_status(g, NULL), EK_OK);
  ek_graph_free(g);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(names_are_made_unique_without_case),
      cmocka_unit_test(memory_and_text_live_with_the_graph),
      cmocka_unit_test(a_wrong_name_sticks),
      cmocka_unit_test(control_dependencies_prune_what_inputs_imply),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
