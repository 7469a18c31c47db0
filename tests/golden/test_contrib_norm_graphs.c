/* SPDX-License-Identifier: Apache-2.0 */
/* The cases of cases/contrib_norm.py, line by line. */
#include "golden/adjust.h"

#define NORM(...) EK_CONTRIB_BATCH_NORM(.scope = "bn", __VA_ARGS__)
#define IN_PLACE  .updates_collections = {NULL}

static ek_out norm(ek_graph *g, ek_out x, const ek_contrib_batch_norm_opts *o) {
  return ek_contrib_batch_norm(g, x, o);
}
static ek_out floats(ek_graph *g, const char *name, ek_shape shape) {
  return ek_placeholder(g, EK_FLOAT32, shape, name);
}
static ek_out halves(ek_graph *g, const char *name, ek_shape shape) {
  return ek_placeholder(g, EK_FLOAT16, shape, name);
}
static ek_out batch(ek_graph *g, const char *name) { return floats(g, name, ek_shape(-1, 3)); }
static ek_flag fed_flag(ek_graph *g) {
  return ek_flag_of(ek_placeholder(g, EK_BOOL, ek_shape_scalar(), "is_training"));
}

static void zero_debias_a(ek_graph *g) {
  (void)norm(g, batch(g, "x"), NORM(.zero_debias_moving_mean = true));
  (void)norm(g, batch(g, "y"), NORM(.reuse = EK_REUSE, .zero_debias_moving_mean = true));
}
GOLDEN_TEST(zero_debias_a)

static void zero_debias_a_flag(ek_graph *g) {
  const ek_out x = batch(g, "x");
  (void)norm(g, x, NORM(.is_training = fed_flag(g), .zero_debias_moving_mean = true, IN_PLACE));
}
GOLDEN_TEST(zero_debias_a_flag)

static void zero_debias_c(ek_graph *g) {
  const ek_out x = halves(g, "x", ek_shape(-1, 4, 3));
  (void)norm(g, x, NORM(.zero_debias_moving_mean = true));
  (void)norm(g, x, NORM(.scope = "bn2", .zero_debias_moving_mean = true, IN_PLACE, .trainable = false));
}
GOLDEN_TEST(zero_debias_c)

static void zero_debias_resource(ek_graph *g) {
  EK_VARIABLE_SCOPE (g, "s", EK_SCOPE(.use_resource = EK_YES)) {
    (void)norm(g, batch(g, "x"), NORM(.zero_debias_moving_mean = true));
  }
}
GOLDEN_TEST(zero_debias_resource)

static void zero_debias_again(ek_graph *g) {
  const ek_variable v =
      ek_get_variable(g, "v", ek_shape(2), EK_GET_VARIABLE(.initializer = ek_zeros_initializer(), .trainable = false));
  for (int i = 0; i < 2; i++) (void)ek_train_assign_moving_average_zero_debias(g, v, ek_numbers(g, 1.0, 2.0), 0.9);
}
GOLDEN_TEST(zero_debias_again)

static void batch_weights_train(ek_graph *g) {
  const ek_out x = batch(g, "x");
  (void)norm(g, x, NORM(.batch_weights = floats(g, "w", ek_shape(-1)), .scale = true));
}
GOLDEN_TEST(batch_weights_train)

static void batch_weights_nchw_flag(ek_graph *g) {
  const ek_out x = halves(g, "x", ek_shape(4, 3, 2)), w = ek_numbers(g, 1.0, 0.0, 2.0, 1.0);
  (void)norm(g, x, NORM(.batch_weights = w, .data_format = "NCHW", .is_training = fed_flag(g)));
}
GOLDEN_TEST(batch_weights_nchw_flag)

static void slim_renorm(ek_graph *g) {
  (void)norm(g, batch(g, "x"),
             NORM(.renorm = true, .renorm_clipping = clipping, .renorm_decay = 0.9, .variables_collections = {"mine"}));
}
GOLDEN_TEST(slim_renorm)

static void slim_adjustment(ek_graph *g) { (void)norm(g, batch(g, "x"), NORM(.adjustment = adjust, .scale = true)); }
GOLDEN_TEST(slim_adjustment)

static void layer_norm(ek_graph *g) {
  (void)ek_contrib_layer_norm(g, batch(g, "x"), NULL);
  (void)ek_contrib_layer_norm(g, floats(g, "x", ek_shape(-1, 2, 4)),
                              EK_CONTRIB_LAYER_NORM(.center = false, .begin_norm_axis = -2, .begin_params_axis = 2,
                                                    .activation_fn = ek_nn_relu, .scope = "ln",
                                                    .outputs_collections = {"outs"}, .gamma_collections = {"g"},
                                                    .trainable = false));
  (void)ek_contrib_layer_norm(g, halves(g, "half", ek_shape(-1, 3)), EK_CONTRIB_LAYER_NORM(.scale = false));
}
GOLDEN_TEST(layer_norm)

static void instance_norm_both(ek_graph *g) {
  (void)ek_contrib_instance_norm(g, floats(g, "x", ek_shape(-1, 4, 4, 3)), NULL);
  (void)ek_contrib_instance_norm(g, floats(g, "x", ek_shape(-1, 3, 4)),
                                 EK_CONTRIB_INSTANCE_NORM(.data_format = "NCHW", .activation_fn = ek_nn_relu,
                                                          .epsilon = 0.01, .outputs_collections = {"outs"},
                                                          .beta_initializer = ek_constant_initializer(0.5),
                                                          .variables_collections = {"mine"}));
  (void)ek_contrib_instance_norm(
      g, floats(g, "x", ek_shape(-1, 4, 3)),
      EK_CONTRIB_INSTANCE_NORM(.center = false, .scale = false, .scope = "in", .trainable = false));
}
GOLDEN_TEST(instance_norm_both)

static void group_norm_both(ek_graph *g) {
  (void)ek_contrib_group_norm(g, floats(g, "x", ek_shape(-1, 4, 4, 6)), EK_CONTRIB_GROUP_NORM(.groups = 2));
  (void)ek_contrib_group_norm(g, floats(g, "x", ek_shape(-1, 4, 5, 4)),
                              EK_CONTRIB_GROUP_NORM(.groups = 2, .channels_axis = -3, .reduction_axes = {-2, -1},
                                                    .scale = false, .scope = "gn", .outputs_collections = {"outs"},
                                                    .activation_fn = ek_nn_relu));
  (void)ek_contrib_group_norm(g, floats(g, "flat", ek_shape(2, 6)),
                              EK_CONTRIB_GROUP_NORM(.groups = 3, .n_reduction_axes = 0, .center = false,
                                                    .mean_close_to_zero = true,
                                                    .gamma_initializer = ek_constant_initializer(2.0)));
}
GOLDEN_TEST(group_norm_both)

#define AXES(...) (const int64_t[]){__VA_ARGS__}, (int)(sizeof((const int64_t[]){__VA_ARGS__}) / sizeof(int64_t))

static void weighted_moments(ek_graph *g) {
  const ek_out x = floats(g, "x", ek_shape(-1, 4, 3)), w = floats(g, "w", ek_shape(-1, 1, 1));
  (void)ek_nn_weighted_moments(g, x, AXES(0, 1), w, false);
  const ek_out counts = ek_placeholder(g, EK_INT32, ek_shape(4, 1), "counts");
  (void)ek_nn_weighted_moments(ek_named(g, "kept"), x, AXES(1), counts, true);
  const ek_out half = halves(g, "half", ek_shape(2, 3)), two = ek_number(g, 2.0);
  (void)ek_nn_weighted_moments(g, half, AXES(0), two, false);
}
GOLDEN_TEST(weighted_moments)

static void sufficient_statistics(ek_graph *g) {
  static const ek_out none = {0, 0};
  const ek_out x = floats(g, "x", ek_shape(-1, 4, 3));
  ek_nn_sufficient_statistics_outs s = ek_nn_sufficient_statistics(g, x, AXES(1), none, false);
  (void)ek_nn_normalize_moments(g, s.count, s.mean_ss, s.var_ss, s.shift);
  const ek_out shift = floats(g, "shift", ek_shape(3)), half = ek_number(g, 0.5);
  s = ek_nn_sufficient_statistics(g, x, AXES(0, 1), shift, false);
  (void)ek_nn_normalize_moments(ek_named(g, "moved"), s.count, s.mean_ss, s.var_ss, s.shift);
  (void)ek_nn_sufficient_statistics(ek_named(g, "kept"), x, AXES(-3, 1, 1), half, true);
  (void)ek_nn_sufficient_statistics(g, floats(g, "any", ek_shape_unknown()), AXES(0), none, false);
}
GOLDEN_TEST(sufficient_statistics)

static void global_normalization(ek_graph *g) {
  const ek_out x = floats(g, "x", ek_shape(-1, 2, 2, 3)), mean = floats(g, "mean", ek_shape(3));
  const ek_out variance = floats(g, "variance", ek_shape(3)), beta = floats(g, "beta", ek_shape(3));
  const ek_out gamma = floats(g, "gamma", ek_shape(3));
  (void)ek_nn_batch_norm_with_global_normalization(g, x, mean, variance, beta, gamma, 0.01, true);
  (void)ek_nn_batch_norm_with_global_normalization(ek_named(g, "plain"), x, mean, variance, beta, gamma, 0.01, false);
}
GOLDEN_TEST(global_normalization)

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_zero_debias_a),           cmocka_unit_test(test_zero_debias_a_flag),
      cmocka_unit_test(test_zero_debias_c),           cmocka_unit_test(test_zero_debias_resource),
      cmocka_unit_test(test_zero_debias_again),       cmocka_unit_test(test_batch_weights_train),
      cmocka_unit_test(test_batch_weights_nchw_flag), cmocka_unit_test(test_slim_renorm),
      cmocka_unit_test(test_slim_adjustment),         cmocka_unit_test(test_layer_norm),
      cmocka_unit_test(test_instance_norm_both),      cmocka_unit_test(test_group_norm_both),
      cmocka_unit_test(test_weighted_moments),        cmocka_unit_test(test_sufficient_statistics),
      cmocka_unit_test(test_global_normalization),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
