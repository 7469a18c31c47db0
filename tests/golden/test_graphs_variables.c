/* SPDX-License-Identifier: Apache-2.0 */
/* The cases initializers, seeds and variables_ of cases/core.py. */
#include "golden/golden.h"

static void make(ek_graph *g, const char *name, ek_shape shape, ek_initializer initializer) {
  (void)ek_get_variable(g, name, shape, EK_GET_VARIABLE(.initializer = initializer));
}

static void initializers(ek_graph *g) {
  const ek_shape s = ek_shape(4, 3);
  const double list[] = {1.0, 2.0, 3.0};
  make(g, "uniform", s, ek_seeded(ek_random_uniform_initializer(-1.0, 1.0), 1));
  make(g, "normal", s, ek_seeded(ek_random_normal_initializer(0.5, 2.0), 2));
  make(g, "truncated", s, ek_truncated_normal_initializer(0.0, 0.1));
  make(g, "glorot_uniform", s, ek_glorot_uniform_initializer());
  make(g, "glorot_normal", s, ek_glorot_normal_initializer());
  make(g, "he_normal", s, ek_he_normal_initializer());
  make(g, "lecun_uniform", s, ek_lecun_uniform_initializer());
  make(g, "scaling", s, ek_variance_scaling_initializer(2.0, EK_FAN_AVG, EK_UNTRUNCATED_NORMAL));
  make(g, "unit_scaling", s, ek_uniform_unit_scaling_initializer(1.5));
  make(g, "orthogonal", s, ek_orthogonal_initializer(1.0));
  make(g, "orthogonal_wide", ek_shape(3, 4), ek_orthogonal_initializer(2.0));
  make(g, "eye", s, ek_identity_initializer(1.0));
  make(g, "constant", s, ek_constant_initializer(0.1));
  make(g, "listed", s, ek_constant_list_initializer(list, 3));
}
GOLDEN_TEST(initializers)

static void seeds(ek_graph *g) {
  ek_set_random_seed(g, 42);
  (void)ek_random_uniform(g, ek_ints(g, 2), NULL);
  (void)ek_random_uniform(g, ek_ints(g, 2), EK_RANDOM(.has_seed = true, .seed = 7));
  (void)ek_random_normal(g, ek_ints(g, 2), EK_RANDOM(.mean = 1.0, .stddev = 2.0));
  (void)ek_truncated_normal(g, ek_ints(g, 2), NULL);
  (void)ek_random_uniform(g, ek_ints(g, 2), EK_RANDOM(.maxval = 10, .dtype = EK_INT32));
  (void)ek_random_uniform(g, ek_ints(g, 2),
                          EK_RANDOM(.minval = -5, .maxval = 5, .dtype = EK_INT64, .has_seed = true, .seed = 3));
  (void)ek_get_variable(g, "v", ek_shape(2, 2), NULL);
}
GOLDEN_TEST(seeds)

static ek_out times(ek_graph *g, ek_out x, double k) { return OP(ek_named(g, "mul"), "Mul", x, ek_number(g, k)); }

static void variables_ref(ek_graph *g) {
  const char *const local[] = {EK_LOCAL_VARIABLES}, *const steps[] = {EK_GLOBAL_VARIABLES, EK_GLOBAL_STEP};
  const ek_variable v = ek_variable_new(ek_named(g, "v"), ek_numbers(g, 1.0, 2.0), NULL);
  const ek_variable w = ek_variable_new(ek_named(g, "w"), times(g, ek_variable_initialized_value(g, v), 2.0),
                                        EK_VARIABLE(.trainable = false));
  (void)ek_variable_from(ek_named(g, "z"), ek_zeros_initializer(), ek_shape(2),
                         EK_VARIABLE(.collections = local, .n_collections = 1));
  const ek_out handle = ek_variable_handle(g, v);
  (void)OP(g, "Assign", handle, ek_numbers(g, 3.0, 4.0));
  (void)ek_variable_assign_add(g, v, ek_variable_operand(g, w));
  (void)ek_variable_assign_sub(ek_named(g, "less"), v, ek_variable_operand(g, w));
  (void)ek_variable_read_value(g, v);
  (void)OP(ek_named(g, "add"), "AddV2", ek_variable_value(g, v), ek_variable_operand(g, w));
  (void)ek_is_variable_initialized(g, v);
  (void)ek_get_variable(g, "global_step", ek_shape_scalar(),
                        EK_GET_VARIABLE(.dtype = EK_INT64, .initializer = ek_zeros_initializer(), .trainable = false,
                                        .collections = steps, .n_collections = 2));
  (void)ek_global_variables_initializer(g);
  (void)ek_local_variables_initializer(g);
  (void)ek_report_uninitialized_variables(g, ek_global_and_local_variables(g));
}
GOLDEN_TEST(variables_ref)

static void variables_resource(ek_graph *g) {
  const ek_variable v = ek_variable_new(ek_named(g, "v"), ek_numbers(g, 1.0, 2.0), EK_VARIABLE(.use_resource = true));
  const ek_out twice = times(g, ek_variable_initialized_value(g, v), 2.0);
  const ek_variable w = ek_get_variable(
      g, "w", ek_shape_unknown(), EK_GET_VARIABLE(.initial_value = twice, .use_resource = EK_YES, .trainable = false));
  (void)ek_variable_assign(g, v, ek_numbers(g, 3.0, 4.0));
  (void)ek_variable_assign_add(g, v, ek_variable_value(g, w));
  (void)ek_variable_update(ek_named(g, "less"), v, EK_ASSIGN_SUB, ek_numbers(g, 1.0, 1.0));
  (void)ek_variable_read_value(g, v);
  (void)OP(ek_named(g, "add"), "AddV2", ek_variable_value(g, v), ek_variable_operand(g, w));
  (void)ek_global_variables_initializer(g);
}
GOLDEN_TEST(variables_resource)

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_initializers),
      cmocka_unit_test(test_seeds),
      cmocka_unit_test(test_variables_ref),
      cmocka_unit_test(test_variables_resource),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
