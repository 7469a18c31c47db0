/* SPDX-License-Identifier: Apache-2.0 */
/* The cases names_ and control_ of cases/core.py. */
#include "golden/golden.h"

static ek_out placeholder(ek_graph *g, const char *name) { return ek_placeholder(g, EK_FLOAT32, ek_shape(2), name); }

static void names_ops(ek_graph *g) {
  const ek_out a = placeholder(g, "a");
  (void)identity_of(g, "foo", a);
  (void)identity_of(g, "Foo", a);
  (void)identity_of(g, "foo", a);
  (void)identity_of(g, "foo_1", a);
  (void)identity_of(g, "foo", a);
  (void)OP(g, "Identity", a);
  (void)OP(g, "Identity", a);
  (void)ek_constant_float32(g, 1.0f);
  (void)ek_constant_int32s(ek_named(g, "c"), (const int64_t[]){1, 2}, 2);
  (void)OP(ek_named(g, "add"), "AddV2", a, a);
  (void)OP(ek_named(g, "sub"), "Sub", a, ek_number(g, 1.0));
  (void)OP(ek_named(g, "mul"), "Mul", ek_number(g, 2.0), a);
  (void)OP(ek_named(g, "truediv"), "RealDiv", a, a);
  (void)OP(ek_named(g, "Add"), "AddV2", a, a);
  (void)OP(g, "Neg", a);
}
GOLDEN_TEST(names_ops)

static void names_name_scope(ek_graph *g) {
  const ek_out a = placeholder(g, "a");
  EK_NAME_SCOPE (g, "x") {
    (void)OP(g, "Identity", a);
    EK_NAME_SCOPE (g, "y") {
      (void)identity_of(g, "i", a);
    }
  }
  const char *scope = ek_name_scope_begin(g, "x");
  (void)OP(g, "Identity", a);
  char again[64];
  (void)snprintf(again, sizeof again, "%s/", scope);
  (void)identity_of(g, again, a);
  ek_name_scope_end(g);
  EK_NAME_SCOPE (g, again) {
    (void)identity_of(g, "again", a);
    EK_NAME_SCOPE (g, NULL) {
      (void)identity_of(g, "root", a);
    }
  }
  EK_NAME_SCOPE (g, "X") {
    (void)identity_of(g, "case", a);
  }
  (void)identity_of(g, "z", a);
  EK_NAME_SCOPE (g, "z") {
    (void)identity_of(g, "i", a);
  }
  EK_NAME_SCOPE (g, "default") {
    (void)identity_of(g, "i", a);
  }
  EK_NAME_SCOPE (g, "deep/er") {
    (void)identity_of(g, "i/j", a);
  }
}
GOLDEN_TEST(names_name_scope)

static void control_nested(ek_graph *g) {
  const ek_out a = placeholder(g, "a");
  const ek_out b = identity_of(g, "b", a);
  const ek_op c = ek_no_op(ek_named(g, "c"));
  EK_CONTROL_DEPENDENCIES (g, EK_OPS(ek_out_op(b))) {
    const ek_out d = identity_of(g, "d", a);
    EK_CONTROL_DEPENDENCIES (g, EK_OPS(c, ek_out_op(b), ek_out_op(d))) {
      (void)identity_of(g, "e", a);
      (void)ek_no_op(ek_named(g, "f"));
    }
    EK_NO_CONTROL_DEPENDENCIES(g) {
      (void)identity_of(g, "g", a);
      EK_CONTROL_DEPENDENCIES (g, EK_OPS(c)) {
        (void)identity_of(g, "h", a);
      }
    }
    (void)identity_of(g, "i", a);
  }
}
GOLDEN_TEST(control_nested)

static void control_pruning(ek_graph *g) {
  const ek_out a = placeholder(g, "a");
  const ek_out b = identity_of(g, "b", a);
  const ek_op c = ek_no_op(ek_named(g, "c"));
  EK_CONTROL_DEPENDENCIES (g, EK_OPS(ek_out_op(b), c)) {
    (void)identity_of(g, "data_input_is_control_input", b);
    const ek_out d = identity_of(g, "d", a);
    const ek_out e = identity_of(g, "input_made_here", d);
    (void)OP(ek_named(g, "indirect"), "AddV2", e, a);
    EK_CONTROL_DEPENDENCIES (g, EK_OPS(ek_out_op(d))) {
      (void)identity_of(g, "inner", d);
      (void)identity_of(g, "inner_two", e);
    }
  }
}
GOLDEN_TEST(control_pruning)

static void control_variables(ek_graph *g) {
  const ek_op a = ek_no_op(ek_named(g, "a"));
  ek_variable v = {0}, w = {0};
  EK_NAME_SCOPE (g, "n") {
    EK_CONTROL_DEPENDENCIES (g, EK_OPS(a)) {
      v = ek_get_variable(g, "v", ek_shape(2), EK_GET_VARIABLE(.initializer = ek_zeros_initializer()));
      w = ek_variable_new(ek_named(g, "w"), ek_numbers(g, 1.0), NULL);
      (void)identity_of(g, "use", ek_variable_value(g, v));
      (void)OP(g, "Assign", ek_variable_handle(g, w), ek_numbers(g, 2.0));
    }
  }
  const ek_variable r = ek_get_variable(g, "r", ek_shape(2),
                                        EK_GET_VARIABLE(.initializer = ek_zeros_initializer(), .use_resource = EK_YES));
  const ek_out assigned = ek_variable_assign(g, v, ek_numbers(g, 1.0, 1.0));
  EK_CONTROL_DEPENDENCIES (g, EK_OPS(ek_variable_op(g, v), ek_variable_op(g, r), ek_out_op(assigned))) {
    (void)ek_no_op(ek_named(g, "after"));
  }
}
GOLDEN_TEST(control_variables)

static void control_helpers(ek_graph *g) {
  const ek_out a = placeholder(g, "a");
  const ek_out b = ek_placeholder(g, EK_FLOAT32, ek_shape_scalar(), "b");
  const ek_op n = ek_no_op(ek_named(g, "n"));
  ek_out out[3];
  (void)ek_group(g, (ek_ops){NULL, 0});
  (void)ek_group(g, EK_OPS(ek_out_op(a), n));
  (void)ek_group(ek_named(g, "g"), EK_OPS(ek_out_op(a), ek_out_op(b), n));
  ek_tuple(g, EK_OUTS(a, {0, 0}, b), (ek_ops){NULL, 0}, out);
  ek_tuple(ek_named(g, "t"), EK_OUTS(a, b), EK_OPS(n), out);
  (void)ek_no_op(g);
}
GOLDEN_TEST(control_helpers)

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_names_ops),         cmocka_unit_test(test_names_name_scope),
      cmocka_unit_test(test_control_nested),    cmocka_unit_test(test_control_pruning),
      cmocka_unit_test(test_control_variables), cmocka_unit_test(test_control_helpers),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
