/* SPDX-License-Identifier: Apache-2.0 */
/* The cases of cases/layers.py, line by line. */
#include "golden/golden.h"

#define NORM(...) EK_LAYERS_BATCH_NORMALIZATION(.name = "bn", __VA_ARGS__)

static ek_out norm(ek_graph *g, ek_out x, const ek_layers_batch_normalization_opts *o) {
  return ek_layers_batch_normalization(g, x, o);
}
static ek_out placeholder(ek_graph *g, const char *name, ek_shape shape) {
  return ek_placeholder(g, EK_FLOAT32, shape, name);
}
static ek_out rank2(ek_graph *g, const char *name) { return placeholder(g, name, ek_shape(-1, 3)); }
static ek_out rank4(ek_graph *g, const char *name) { return placeholder(g, name, ek_shape(-1, 2, 2, 3)); }
static ek_flag fed_flag(ek_graph *g) {
  return ek_flag_of(ek_placeholder(g, EK_BOOL, ek_shape_scalar(), "is_training"));
}

/* tf.gradients(y, tf.trainable_variables()) */
static void gradients(ek_graph *g, ek_out y) {
  const ek_variables v = ek_get_collection_variables(g, EK_TRAINABLE_VARIABLES, NULL);
  ek_out xs[8], dx[8];
  for (int i = 0; i < v.n; i++) xs[i] = ek_variable_handle(g, v.at[i]);
  ek_gradients(g, EK_OUTS(y), (ek_outs){xs, v.n}, NULL, dx);
}

static void bn_rank2_infer(ek_graph *g) { (void)norm(g, rank2(g, "x"), NORM(.axis = -1)); }
GOLDEN_TEST(bn_rank2_infer)

static void bn_rank2_train(ek_graph *g) { (void)norm(g, rank2(g, "x"), NORM(.training = EK_TRUE)); }
GOLDEN_TEST(bn_rank2_train)

static void bn_rank2_flag(ek_graph *g) {
  const ek_out x = rank2(g, "x");
  (void)norm(g, x, NORM(.training = fed_flag(g), .momentum = 0.9, .epsilon = 0.01));
}
GOLDEN_TEST(bn_rank2_flag)

static ek_variable flag_variable(ek_graph *g) {
  return ek_get_variable(
      g, "training", ek_shape_scalar(),
      EK_GET_VARIABLE(.dtype = EK_BOOL, .initializer = ek_constant_initializer(1.0), .trainable = false));
}
static void bn_rank2_variable(ek_graph *g) {
  const ek_variable training = flag_variable(g);
  (void)norm(g, rank2(g, "x"), NORM(.training = ek_flag_of_variable(training)));
}
GOLDEN_TEST(bn_rank2_variable)

static void bn_rank2_default_flag(ek_graph *g) {
  const ek_out x = rank2(g, "x");
  const ek_attr shape = EK_SHAPE_ATTR("shape", ek_shape_scalar());
  ek_tensor *no = ek_tensor_bool(false, NULL);
  (void)ek_name_scope_begin(g, "PlaceholderWithDefault");
  const ek_out value = ek_constant(ek_named(g, "input"), no);
  const ek_op flag = ek_build(ek_named_scope(g), "PlaceholderWithDefault", EK_OUTS(value), &shape, 1);
  ek_name_scope_end(g);
  (void)norm(g, x, NORM(.training = ek_flag_of(ek_op_output(flag, 0)), .center = false, .scale = false));
  ek_tensor_free(no);
}
GOLDEN_TEST(bn_rank2_default_flag)

static void bn_rank2_constant(ek_graph *g) {
  const ek_out x = rank2(g, "x"), yes = ek_constant_bool(g, true);
  (void)norm(g, x, NORM(.training = ek_flag_of(yes), .scale = false));
  const ek_out y = rank2(g, "y"), no = OP(g, "LogicalNot", ek_constant_bool(g, true));
  (void)norm(g, y, NORM(.name = "bn2", .training = ek_flag_of(no), .center = false));
}
GOLDEN_TEST(bn_rank2_constant)

static void bn_rank2_gradients(ek_graph *g) { gradients(g, norm(g, rank2(g, "x"), NORM(.training = EK_TRUE))); }
GOLDEN_TEST(bn_rank2_gradients)

static void bn_rank2_flag_gradients(ek_graph *g) {
  const ek_out x = rank2(g, "x");
  gradients(g, norm(g, x, NORM(.training = fed_flag(g))));
}
GOLDEN_TEST(bn_rank2_flag_gradients)

static void bn_rank1(ek_graph *g) { (void)norm(g, placeholder(g, "x", ek_shape(3)), NORM(.training = EK_TRUE)); }
GOLDEN_TEST(bn_rank1)

static void bn_rank3(ek_graph *g) {
  (void)norm(g, placeholder(g, "x", ek_shape(-1, 4, 3)), NORM(.training = EK_TRUE));
  (void)norm(g, placeholder(g, "y", ek_shape(-1, 3, 4)), NORM(.name = "bn2", .axis = 1, .training = EK_TRUE));
}
GOLDEN_TEST(bn_rank3)

static void bn_rank4_infer(ek_graph *g) { (void)norm(g, rank4(g, "x"), NORM(.axis = -1)); }
GOLDEN_TEST(bn_rank4_infer)

static void bn_rank4_train(ek_graph *g) { (void)norm(g, rank4(g, "x"), NORM(.training = EK_TRUE)); }
GOLDEN_TEST(bn_rank4_train)

static void bn_rank4_flag(ek_graph *g) {
  const ek_out x = rank4(g, "x");
  (void)norm(g, x, NORM(.training = fed_flag(g), .momentum = 0.9));
}
GOLDEN_TEST(bn_rank4_flag)

static void bn_rank4_flag_gradients(ek_graph *g) {
  const ek_out x = rank4(g, "x");
  gradients(g, norm(g, x, NORM(.training = fed_flag(g))));
}
GOLDEN_TEST(bn_rank4_flag_gradients)

static void bn_rank4_unfused(ek_graph *g) { (void)norm(g, rank4(g, "x"), NORM(.training = EK_TRUE, .fused = false)); }
GOLDEN_TEST(bn_rank4_unfused)

static void bn_rank4_axis(ek_graph *g) {
  (void)norm(g, placeholder(g, "x", ek_shape(-1, 3, 2, 2)), NORM(.axis = 1, .training = EK_TRUE));
  (void)norm(g, placeholder(g, "y", ek_shape(-1, 2, 3, 2)), NORM(.name = "bn2", .axis = 2, .training = EK_TRUE));
  (void)norm(g, placeholder(g, "z", ek_shape(-1, 3, 2, 2)),
             NORM(.name = "bn3", .axis = -3, .training = EK_TRUE, .fused = false));
}
GOLDEN_TEST(bn_rank4_axis)

static void bn_rank4_parts(ek_graph *g) {
  (void)norm(g, rank4(g, "x"), NORM(.training = EK_TRUE, .center = false, .scale = false));
  const ek_out y = rank4(g, "y");
  (void)norm(g, y, NORM(.name = "bn2", .training = fed_flag(g), .scale = false));
}
GOLDEN_TEST(bn_rank4_parts)

static void bn_rank5(ek_graph *g) {
  (void)norm(g, placeholder(g, "x", ek_shape(-1, 2, 2, 2, 3)), NORM(.training = EK_TRUE));
}
GOLDEN_TEST(bn_rank5)

static void bn_axes(ek_graph *g) {
  (void)norm(g, placeholder(g, "x", ek_shape(-1, 2, 4, 3)), NORM(.axes = {1, 3}, .n_axes = 2, .training = EK_TRUE));
  (void)norm(g, placeholder(g, "y", ek_shape(-1, 2, 4, 3)),
             NORM(.name = "bn2", .axes = {-1}, .n_axes = 1, .training = EK_TRUE));
}
GOLDEN_TEST(bn_axes)

static void of_dtype(ek_graph *g, ek_dtype dtype) {
  (void)norm(g, ek_placeholder(g, dtype, ek_shape(-1, 3), "x"), NORM(.training = EK_TRUE));
  (void)norm(g, ek_placeholder(g, dtype, ek_shape(-1, 2, 2, 3), "y"), NORM(.name = "bn2", .training = EK_TRUE));
}
static void bn_float64(ek_graph *g) { of_dtype(g, EK_FLOAT64); }
GOLDEN_TEST(bn_float64)
static void bn_float16(ek_graph *g) { of_dtype(g, EK_FLOAT16); }
GOLDEN_TEST(bn_float16)

static void bn_layer_twice(ek_graph *g) {
  ek_batch_normalization *layer = ek_layers_batch_normalization_new(g, NORM(.axis = -1));
  (void)ek_layers_batch_normalization_apply(layer, rank2(g, "x"), EK_TRUE);
  (void)ek_layers_batch_normalization_apply(layer, rank2(g, "y"), EK_TRUE);
  ek_batch_normalization *fused = ek_layers_batch_normalization_new(g, NORM(.name = "bn4d"));
  (void)ek_layers_batch_normalization_apply(fused, rank4(g, "z"), EK_TRUE);
  (void)ek_layers_batch_normalization_apply(fused, rank4(g, "u"), EK_FALSE);
  ek_layers_batch_normalization_free(layer);
  ek_layers_batch_normalization_free(fused);
}
GOLDEN_TEST(bn_layer_twice)

static void bn_reuse(ek_graph *g) {
  (void)norm(g, rank2(g, "x"), NORM(.training = EK_TRUE));
  (void)norm(g, rank2(g, "y"), NORM(.training = EK_TRUE, .reuse = EK_REUSE));
}
GOLDEN_TEST(bn_reuse)

static void bn_scope_reuse(ek_graph *g) {
  static const char *const names[][2] = {{"x", "x2"}, {"y", "y2"}};
  for (int i = 0; i < 2; i++)
    EK_VARIABLE_SCOPE (g, "model", EK_SCOPE(.reuse = i == 0 ? EK_REUSE_INHERIT : EK_REUSE)) {
      (void)norm(g, rank2(g, names[i][0]), NULL);
      (void)norm(g, rank2(g, names[i][1]), NULL);
    }
}
GOLDEN_TEST(bn_scope_reuse)

static void bn_names(ek_graph *g) {
  (void)norm(g, rank2(g, "x"), NULL);
  (void)norm(g, rank4(g, "y"), EK_LAYERS_BATCH_NORMALIZATION(.training = EK_TRUE));
  EK_VARIABLE_SCOPE (g, "s", NULL) {
    (void)norm(g, rank2(g, "z"), NULL);
  }
  EK_NAME_SCOPE (g, "n") {
    (void)norm(g, rank2(g, "u"), NULL);
  }
}
GOLDEN_TEST(bn_names)

static void bn_frozen(ek_graph *g) {
  (void)norm(g, rank2(g, "x"), NORM(.training = EK_TRUE, .trainable = false));
  (void)norm(g, rank4(g, "y"), NORM(.name = "bn2", .training = EK_TRUE, .trainable = false));
}
GOLDEN_TEST(bn_frozen)

static void bn_resource(ek_graph *g) {
  EK_VARIABLE_SCOPE (g, "s", EK_SCOPE(.use_resource = EK_YES)) {
    (void)norm(g, rank2(g, "x"), NORM(.training = EK_TRUE));
    const ek_out y = rank2(g, "y");
    (void)norm(g, y, NORM(.name = "bn2", .training = fed_flag(g)));
  }
}
GOLDEN_TEST(bn_resource)

static void bn_resource_fused(ek_graph *g) {
  EK_VARIABLE_SCOPE (g, "s", EK_SCOPE(.use_resource = EK_YES)) {
    const ek_out x = rank4(g, "x");
    (void)norm(g, x, NORM(.training = fed_flag(g)));
  }
}
GOLDEN_TEST(bn_resource_fused)

static ek_out l2_loss(ek_graph *g, ek_out value, void *ctx) {
  (void)ctx;
  return ek_nn_l2_loss(g, value);
}
static const ek_regularizer l2 = {l2_loss, NULL};
static ek_out tenth_of_l2_loss(ek_graph *g, ek_out value, void *ctx) {
  (void)ctx;
  const ek_out loss = ek_nn_l2_loss(g, value);
  return OP(ek_named(g, "mul"), "Mul", ek_number(g, 0.1), loss);
}
static ek_out not_negative(ek_graph *g, ek_out value, void *ctx) {
  (void)ctx;
  return ek_maximum(g, value, ek_number(g, 0.0));
}

static void bn_regularizer_constraint(ek_graph *g) {
  (void)norm(g, rank2(g, "x"),
             NORM(.training = EK_TRUE, .gamma_regularizer = l2, .beta_regularizer = {tenth_of_l2_loss, NULL},
                  .gamma_constraint = not_negative, .beta_initializer = ek_constant_initializer(0.5)));
  const ek_outs losses = ek_losses_get_regularization_losses(g, NULL);
  (void)ek_train_minimize(ek_train_gradient_descent(g, 0.1), ek_add_n(g, losses), NULL);
}
GOLDEN_TEST(bn_regularizer_constraint)

/* ---- dense, dropout, flatten */

static void dense_rank2(ek_graph *g) {
  const ek_out x = placeholder(g, "x", ek_shape(-1, 4));
  (void)ek_layers_dense(g, x, 3, NULL);
  (void)ek_layers_dense(g, x, 3, EK_LAYERS_DENSE(.activation = ek_nn_sigmoid, .use_bias = false));
  (void)ek_layers_dense(g, x, 3,
                        EK_LAYERS_DENSE(.activation = ek_nn_relu, .name = "named",
                                        .kernel_initializer = ek_ones_initializer(), .kernel_regularizer = l2,
                                        .bias_initializer = ek_constant_initializer(0.5)));
  (void)ek_layers_dense(g, x, 3, EK_LAYERS_DENSE(.name = "named", .reuse = EK_REUSE));
}
GOLDEN_TEST(dense_rank2)

static void dense_rank3(ek_graph *g) {
  (void)ek_layers_dense(g, placeholder(g, "x", ek_shape(-1, 5, 4)), 3, NULL);
  const ek_out known = placeholder(g, "known", ek_shape(2, 5, 4));
  (void)ek_layers_dense(g, known, 3, EK_LAYERS_DENSE(.activation = ek_nn_tanh));
}
GOLDEN_TEST(dense_rank3)

static void dense_constraint_activity(ek_graph *g) {
  (void)ek_layers_dense(
      g, placeholder(g, "x", ek_shape(-1, 4)), 3,
      EK_LAYERS_DENSE(.kernel_constraint = not_negative, .activity_regularizer = l2, .trainable = false));
}
GOLDEN_TEST(dense_constraint_activity)

static void dropout(ek_graph *g) {
  const ek_out x = placeholder(g, "x", ek_shape(-1, 4));
  (void)ek_layers_dropout(g, x, EK_LAYERS_DROPOUT(.rate = 0.25));
  (void)ek_layers_dropout(g, x, EK_LAYERS_DROPOUT(.rate = 0.25, .training = EK_TRUE, .has_seed = true, .seed = 5));
  const ek_flag training = fed_flag(g);
  (void)ek_layers_dropout(g, x, EK_LAYERS_DROPOUT(.training = training, .has_seed = true, .seed = 6));
  (void)ek_nn_dropout(g, x, 0.3, EK_NN_DROPOUT(.has_seed = true, .seed = 7));
  const ek_out row = ek_ints(g, 1, 4);
  (void)ek_nn_dropout(g, x, 1.0 - 0.6, EK_NN_DROPOUT(.has_seed = true, .seed = 8, .noise_shape = row));
}
GOLDEN_TEST(dropout)

static void flatten(ek_graph *g) {
  (void)ek_layers_flatten(g, placeholder(g, "x", ek_shape(-1, 2, 3)));
  (void)ek_layers_flatten(g, placeholder(g, "known", ek_shape(5, 2, 3)));
  (void)ek_layers_flatten(g, placeholder(g, "unknown", ek_shape(-1, -1, 3)));
  (void)ek_layers_flatten(g, placeholder(g, "vector", ek_shape(-1)));
}
GOLDEN_TEST(flatten)

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_bn_rank2_infer),
      cmocka_unit_test(test_bn_rank2_train),
      cmocka_unit_test(test_bn_rank2_flag),
      cmocka_unit_test(test_bn_rank2_variable),
      cmocka_unit_test(test_bn_rank2_default_flag),
      cmocka_unit_test(test_bn_rank2_constant),
      cmocka_unit_test(test_bn_rank2_gradients),
      cmocka_unit_test(test_bn_rank2_flag_gradients),
      cmocka_unit_test(test_bn_rank1),
      cmocka_unit_test(test_bn_rank3),
      cmocka_unit_test(test_bn_rank4_infer),
      cmocka_unit_test(test_bn_rank4_train),
      cmocka_unit_test(test_bn_rank4_flag),
      cmocka_unit_test(test_bn_rank4_flag_gradients),
      cmocka_unit_test(test_bn_rank4_unfused),
      cmocka_unit_test(test_bn_rank4_axis),
      cmocka_unit_test(test_bn_rank4_parts),
      cmocka_unit_test(test_bn_rank5),
      cmocka_unit_test(test_bn_axes),
      cmocka_unit_test(test_bn_float64),
      cmocka_unit_test(test_bn_float16),
      cmocka_unit_test(test_bn_layer_twice),
      cmocka_unit_test(test_bn_reuse),
      cmocka_unit_test(test_bn_scope_reuse),
      cmocka_unit_test(test_bn_names),
      cmocka_unit_test(test_bn_frozen),
      cmocka_unit_test(test_bn_regularizer_constraint),
      cmocka_unit_test(test_bn_resource),
      cmocka_unit_test(test_bn_resource_fused),
      cmocka_unit_test(test_dense_rank2),
      cmocka_unit_test(test_dense_rank3),
      cmocka_unit_test(test_dense_constraint_activity),
      cmocka_unit_test(test_dropout),
      cmocka_unit_test(test_flatten),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
