/* SPDX-License-Identifier: Apache-2.0 */
/* The cases of cases/nn.py, line by line. */
#include "golden/golden.h"

static ek_out batch3(ek_graph *g, const char *name) { return ek_placeholder(g, EK_FLOAT32, ek_shape(-1, 3), name); }

static void nn_softmax(ek_graph *g) {
  const ek_out x = ek_placeholder(g, EK_FLOAT32, ek_shape(-1, 4, 3), "x");
  (void)ek_nn_softmax(g, x, 2);
  (void)ek_nn_softmax(g, x, 1);
  (void)ek_nn_log_softmax(ek_named(g, "named"), x, -2);
}
GOLDEN_TEST(nn_softmax)

static void nn_softmax_cross_entropy(ek_graph *g) {
  const ek_out x = ek_placeholder(g, EK_FLOAT16, ek_shape(-1, 4, 3), "x");
  const ek_out y = ek_placeholder(g, EK_FLOAT16, ek_shape(-1, 4, 3), "y");
  (void)ek_nn_softmax_cross_entropy_with_logits(g, y, x, 1);
  (void)ek_nn_softmax_cross_entropy_with_logits_v2(ek_named(g, "named"), y, x, -1);
}
GOLDEN_TEST(nn_softmax_cross_entropy)

static void nn_sparse_cross_entropy(ek_graph *g) {
  const ek_out y = ek_placeholder(g, EK_INT32, ek_shape(-1), "y"), x = batch3(g, "x");
  (void)ek_nn_sparse_softmax_cross_entropy_with_logits(g, y, x);
  const ek_out z = ek_placeholder(g, EK_INT32, ek_shape(-1, 4), "z");
  const ek_out u = ek_placeholder(g, EK_FLOAT32, ek_shape(-1, 4, 3), "u");
  (void)ek_nn_sparse_softmax_cross_entropy_with_logits(ek_named(g, "s"), z, u);
  const ek_out v = ek_placeholder(g, EK_INT64, ek_shape(5, 4), "v");
  const ek_out w = ek_placeholder(g, EK_FLOAT16, ek_shape(5, 4, 3), "w");
  (void)ek_nn_sparse_softmax_cross_entropy_with_logits(ek_named(g, "k"), v, w);
}
GOLDEN_TEST(nn_sparse_cross_entropy)

static void nn_moments(ek_graph *g) {
  static const int64_t axes[] = {0, 1};
  (void)ek_nn_moments(g, ek_placeholder(g, EK_FLOAT16, ek_shape(-1, 4, 3), "x"), axes, 2, false);
  const ek_out y = batch3(g, "y");
  (void)ek_nn_moments(ek_named(g, "named"), y, axes, 1, true);
}
GOLDEN_TEST(nn_moments)

static void nn_batch_normalization(ek_graph *g) {
  const ek_out none = {0, 0}, x = batch3(g, "x"), m = batch3(g, "m"), v = batch3(g, "v");
  (void)ek_nn_batch_normalization(g, x, m, v, none, v, 1e-3);
  (void)ek_nn_batch_normalization(ek_named(g, "named"), x, m, v, m, none, 1e-3);
  (void)ek_nn_batch_normalization(g, x, m, v, none, none, 1e-3);
}
GOLDEN_TEST(nn_batch_normalization)

static void nn_activations(ek_graph *g) {
  static const ek_activation all[] = {ek_nn_relu,     ek_nn_relu6,   ek_nn_elu, ek_nn_selu,
                                      ek_nn_softplus, ek_nn_sigmoid, ek_nn_tanh};
  const ek_out x = batch3(g, "x");
  for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) (void)all[i](g, x);
  (void)ek_nn_leaky_relu(g, x, 0.1);
  (void)ek_nn_leaky_relu(g, ek_placeholder(g, EK_INT32, ek_shape(2), "i"), 0.2);
  (void)ek_nn_bias_add(g, x, ek_numbers(g, 1, 2, 3), NULL);
  const ek_out c = ek_placeholder(g, EK_FLOAT32, ek_shape(-1, 3, 2), "c");
  const ek_out zeros = ek_convert(g, ek_numbers(g, 0, 0, 0), EK_FLOAT32, "zeros");
  (void)ek_nn_bias_add(g, c, zeros, "NCHW");
  (void)ek_nn_l2_loss(g, x);
}
GOLDEN_TEST(nn_activations)

static void nn_dropout(ek_graph *g) {
  const ek_out x = batch3(g, "x");
  (void)ek_nn_dropout(g, x, 0.0, NULL);
  (void)ek_layers_dropout(g, x,
                          EK_LAYERS_DROPOUT(.rate = 0.25, .noise_shape = {-1, 1}, .n_noise_shape = 2,
                                            .training = EK_TRUE, .has_seed = true, .seed = 1));
  (void)ek_layers_dropout(g, x, EK_LAYERS_DROPOUT(.rate = 0.0, .training = EK_TRUE));
}
GOLDEN_TEST(nn_dropout)

static void nn_regularizers(ek_graph *g) {
  const ek_initializer zeros = ek_zeros_initializer();
  (void)ek_get_variable(g, "a", ek_shape(3),
                        EK_GET_VARIABLE(.initializer = zeros, .regularizer = ek_contrib_l1_regularizer(g, 0.1)));
  (void)ek_get_variable(g, "b", ek_shape(3),
                        EK_GET_VARIABLE(.initializer = zeros, .regularizer = ek_contrib_l2_regularizer(g, 0.1)));
  (void)ek_layers_dense(g, batch3(g, "x"), 2,
                        EK_LAYERS_DENSE(.kernel_initializer = zeros,
                                        .kernel_regularizer = ek_keras_regularizers_l1(g, 0.1),
                                        .bias_regularizer = ek_keras_regularizers_l2(g, 0.1)));
  (void)ek_losses_get_regularization_loss(g, NULL);
}
GOLDEN_TEST(nn_regularizers)

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_nn_softmax),
      cmocka_unit_test(test_nn_softmax_cross_entropy),
      cmocka_unit_test(test_nn_sparse_cross_entropy),
      cmocka_unit_test(test_nn_moments),
      cmocka_unit_test(test_nn_batch_normalization),
      cmocka_unit_test(test_nn_activations),
      cmocka_unit_test(test_nn_dropout),
      cmocka_unit_test(test_nn_regularizers),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
