/* SPDX-License-Identifier: Apache-2.0 */
/* The cases scopes_ of cases/core.py. */
#include "golden/golden.h"

static const ek_shape two = {.rank = 1, .dim = {2}};

static ek_variable get(ek_graph *g, const char *name) { return ek_get_variable(g, name, two, NULL); }

static void use(ek_graph *g, const char *name) { (void)identity_of(g, "use", ek_variable_value(g, get(g, name))); }

static void scopes_variable_scope(ek_graph *g) {
  const ek_initializer zeros = ek_zeros_initializer();
  ek_variable_scope s = {0};
  EK_VARIABLE_SCOPE (g, "s", EK_SCOPE(.initializer = zeros)) {
    (void)get(g, "v");
    (void)ek_constant_float32(ek_named(g, "c"), 1.0f);
    EK_VARIABLE_SCOPE (g, "t", NULL) {
      (void)ek_get_variable(g, "v", two, EK_GET_VARIABLE(.trainable = false));
    }
  }
  EK_VARIABLE_SCOPE (g, "s", EK_SCOPE(.reuse = EK_REUSE)) {
    use(g, "v");
    EK_VARIABLE_SCOPE (g, "t", NULL) {
      use(g, "v");
    }
  }
  EK_VARIABLE_SCOPE (g, "s", EK_SCOPE(.reuse = EK_AUTO_REUSE)) {
    s = ek_get_variable_scope(g);
    (void)get(g, "v");
    (void)ek_get_variable(g, "w", two, EK_GET_VARIABLE(.initializer = zeros));
  }
  EK_VARIABLE_SCOPE (g, "other", NULL) {
    EK_VARIABLE_SCOPE (g, NULL, EK_SCOPE(.scope = s, .reuse = EK_REUSE)) {
      use(g, "w");
    }
    EK_VARIABLE_SCOPE (g, NULL, EK_SCOPE(.scope = s, .auxiliary_name_scope = false)) {
      (void)ek_constant_float32(ek_named(g, "c"), 1.0f);
    }
  }
}
GOLDEN_TEST(scopes_variable_scope)

static void one_variable(ek_graph *g) {
  EK_VARIABLE_SCOPE (g, NULL, EK_SCOPE(.default_name = "d")) {
    (void)ek_get_variable(g, "v", ek_shape(1), EK_GET_VARIABLE(.initializer = ek_zeros_initializer()));
  }
}

static void scopes_default_name(ek_graph *g) {
  one_variable(g);
  one_variable(g);
  EK_VARIABLE_SCOPE (g, "outer", NULL) {
    one_variable(g);
    one_variable(g);
  }
  EK_VARIABLE_SCOPE (g, "outer", EK_SCOPE(.reuse = EK_REUSE)) {
    EK_VARIABLE_SCOPE (g, NULL, EK_SCOPE(.default_name = "d")) {
      (void)identity_of(g, "use", ek_variable_value(g, ek_get_variable(g, "v", ek_shape(1), NULL)));
    }
  }
}
GOLDEN_TEST(scopes_default_name)

static ek_out l2(ek_graph *g, ek_out value, void *ctx) {
  (void)ctx;
  return OP(g, "L2Loss", value);
}

static void scopes_get_variable(ek_graph *g) {
  const ek_initializer zeros = ek_zeros_initializer(), ones = ek_ones_initializer();
  const char *const local[] = {EK_LOCAL_VARIABLES};
  const ek_regularizer regularizer = {l2, NULL};
  EK_NAME_SCOPE (g, "n") {
    (void)ek_get_variable(g, "a", two, EK_GET_VARIABLE(.initializer = ones));
    EK_VARIABLE_SCOPE (g, "s", NULL) {
      const ek_out b = ek_convert(g, ek_numbers(g, 1.0, 2.0), EK_FLOAT32, NULL);
      (void)ek_get_variable(g, "b", ek_shape_unknown(), EK_GET_VARIABLE(.initial_value = b));
      (void)ek_get_variable(g, "c", ek_shape(2, 3), NULL);
      (void)ek_get_variable(g, "d", two, EK_GET_VARIABLE(.dtype = EK_INT32));
      (void)ek_get_variable(g, "e", ek_shape_scalar(),
                            EK_GET_VARIABLE(.dtype = EK_FLOAT64, .initializer = ek_constant_initializer(0.5)));
      (void)ek_get_variable(g, "f", two, EK_GET_VARIABLE(.initializer = zeros, .regularizer = regularizer));
      (void)ek_get_variable(g, "g", two,
                            EK_GET_VARIABLE(.initializer = zeros, .collections = local, .n_collections = 1));
    }
  }
  (void)ek_get_variable(g, "big", ek_shape(1000), EK_GET_VARIABLE(.initializer = zeros));
  (void)ek_get_variable(g, "big_ones", ek_shape(40, 25), EK_GET_VARIABLE(.initializer = ones));
  (void)ek_get_variable(g, "res", two, EK_GET_VARIABLE(.initializer = zeros, .use_resource = EK_YES));
}
GOLDEN_TEST(scopes_get_variable)

static ek_variable wrap(ek_graph *g, const ek_getter *next, const char *name, ek_shape shape,
                        const ek_get_variable_opts *o, void *ctx) {
  (void)ctx;
  const ek_variable v = ek_getter_call(g, next, name, shape, o);
  (void)identity_of(g, "got", ek_variable_value(g, v));
  return v;
}

static ek_out sum(ek_graph *g, ek_out value, void *ctx) {
  (void)ctx;
  return OP(g, "Sum", value, ek_constant_int32s(g, (const int64_t[]){0}, 1));
}

static void scopes_getter(ek_graph *g) {
  const ek_regularizer regularizer = {sum, NULL};
  EK_VARIABLE_SCOPE (g, "s",
                     EK_SCOPE(.custom_getter = wrap, .initializer = ek_ones_initializer(), .dtype = EK_FLOAT64)) {
    (void)get(g, "v");
    EK_VARIABLE_SCOPE (g, "t", EK_SCOPE(.regularizer = regularizer)) {
      (void)get(g, "v");
    }
  }
}
GOLDEN_TEST(scopes_getter)

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_scopes_variable_scope),
      cmocka_unit_test(test_scopes_default_name),
      cmocka_unit_test(test_scopes_get_variable),
      cmocka_unit_test(test_scopes_getter),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
