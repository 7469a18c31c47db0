/* SPDX-License-Identifier: Apache-2.0 */
/* The cases of cases/slim_layers.py, line by line. */
#include "golden/golden.h"

#define S(...)              ek_shape(-1, __VA_ARGS__)
#define ZERO_CONV(...)      EK_CONTRIB_CONV(.weights_initializer = ek_zeros_initializer(), __VA_ARGS__)
#define ZERO_SEPARABLE(...) EK_CONTRIB_SEPARABLE_CONV2D(.weights_initializer = ek_zeros_initializer(), __VA_ARGS__)
#define ZERO_DENSE(...)     EK_CONTRIB_FULLY_CONNECTED(.weights_initializer = ek_zeros_initializer(), __VA_ARGS__)

static ek_out batch(ek_graph *g, const char *name, ek_shape shape) {
  return ek_placeholder(g, EK_FLOAT32, shape, name);
}

static void slim_conv2d(ek_graph *g) {
  (void)ek_contrib_conv2d(g, batch(g, "x", S(8, 8, 3)), 4, EK_EXTENT(3), NULL);
  (void)ek_contrib_conv2d(
      g, batch(g, "y", S(8, 8, 3)), 4, EK_EXTENT(3, 2),
      EK_CONTRIB_CONV(.stride = {2}, .padding = "VALID", .scope = "c", .activation_fn = NULL,
                      .variables_collections = {"mine"}, .outputs_collections = {"out"},
                      .biases_regularizer = ek_contrib_l2_regularizer(g, 0.5),
                      .weights_initializer = ek_contrib_variance_scaling_initializer(g, 2.0, EK_FAN_IN, false)));
  (void)ek_contrib_conv2d(g, batch(g, "z", S(8, 8, 3)), 4, EK_EXTENT(3),
                          ZERO_CONV(.rate = {2}, .use_biases = false, .trainable = false));
  (void)ek_contrib_conv2d(g, batch(g, "u", S(3, 8, 8)), 4, EK_EXTENT(3), ZERO_CONV(.data_format = "NCHW"));
}
GOLDEN_TEST(slim_conv2d)

static void slim_conv2d_batch_norm(ek_graph *g) {
  const ek_out x = batch(g, "x", S(8, 8, 3));
  const ek_flag training = ek_flag_of(ek_placeholder(g, EK_BOOL, ek_shape_scalar(), "is_training"));
  (void)ek_contrib_conv2d(
      g, x, 2, EK_EXTENT(1),
      ZERO_CONV(.normalizer_fn = ek_contrib_normalize_batch, .scope = "c",
                .normalizer_params = EK_CONTRIB_BATCH_NORM(.is_training = training, .scale = true, .decay = 0.9),
                .weights_regularizer = ek_contrib_l2_regularizer(g, 0.1)));
}
GOLDEN_TEST(slim_conv2d_batch_norm)

static void slim_conv2d_transpose(ek_graph *g) {
  (void)ek_contrib_conv2d_transpose(g, batch(g, "x", S(8, 8, 3)), 4, EK_EXTENT(3), ZERO_CONV(.stride = {2}));
}
GOLDEN_TEST(slim_conv2d_transpose)

static void slim_fully_connected(ek_graph *g) {
  const ek_out x = batch(g, "x", S(8));
  (void)ek_contrib_fully_connected(g, x, 4, NULL);
  (void)ek_contrib_fully_connected(ek_named(g, "f"), x, 2,
                                   ZERO_DENSE(.normalizer_fn = ek_contrib_normalize_batch, .activation_fn = NULL));
}
GOLDEN_TEST(slim_fully_connected)

static void slim_separable_conv2d(ek_graph *g) {
  const ek_extent k = EK_EXTENT(3);
  (void)ek_contrib_separable_conv2d(
      g, batch(g, "x", S(8, 8, 3)), 4, k, 2,
      ZERO_SEPARABLE(.normalizer_fn = ek_contrib_normalize_batch,
                     .normalizer_params = EK_CONTRIB_BATCH_NORM(.is_training = EK_FALSE)));
  (void)ek_contrib_separable_conv2d(g, batch(g, "y", S(8, 8, 3)), 0, k, 1,
                                    ZERO_SEPARABLE(.stride = {2}, .scope = "d", .variables_collections = {"mine"}));
  (void)ek_contrib_separable_conv2d(g, batch(g, "z", S(8, 8, 3)), 0, k, 2,
                                    ZERO_SEPARABLE(.rate = {2}, .use_biases = false));
}
GOLDEN_TEST(slim_separable_conv2d)

static void slim_pooling(ek_graph *g) {
  const ek_out x = batch(g, "x", S(8, 8, 3));
  EK_VARIABLE_SCOPE (g, "net", NULL) {
    ek_out y = ek_contrib_max_pool2d(g, x, EK_EXTENT(2), NULL);
    y = ek_contrib_avg_pool2d(g, y, EK_EXTENT(3, 2),
                              EK_CONTRIB_POOL(.stride = {1}, .padding = "SAME", .outputs_collections = {"out"}));
    (void)ek_contrib_flatten(g, ek_contrib_max_pool2d(ek_named(g, "p"), y, EK_EXTENT(2), NULL));
    (void)ek_contrib_flatten(ek_named(g, "f"), y);
  }
}
GOLDEN_TEST(slim_pooling)

static void slim_arg_scope(ek_graph *g) {
  const ek_extent one = EK_EXTENT(1);
  ek_out y = batch(g, "x", S(4, 4, 2));
  ek_contrib_args args = ek_contrib_args_of(g);
  args.conv2d.normalizer_fn = args.fully_connected.normalizer_fn = ek_contrib_normalize_batch;
  args.conv2d.weights_initializer = args.fully_connected.weights_initializer = ek_zeros_initializer();
  EK_ARG_SCOPE(g, &args) {
    args = ek_contrib_args_of(g);
    args.batch_norm.is_training = EK_FALSE;
    args.batch_norm.center = false;
    EK_ARG_SCOPE(g, &args) {
      ek_contrib_args inner = ek_contrib_args_of(g);
      inner.conv2d.stride[0] = 2;
      inner.conv2d.padding = "VALID";
      EK_ARG_SCOPE(g, &inner) {
        y = ek_contrib_conv2d(ek_named(g, "a"), y, 2, one, NULL);
        ek_contrib_conv_opts o = ek_contrib_args_of(g).conv2d;
        o.stride[0] = 1;
        y = ek_contrib_conv2d(ek_named(g, "b"), y, 2, one, &o);
      }
      y = ek_contrib_conv2d(ek_named(g, "c"), y, 2, one, NULL);
    }
    y = ek_contrib_fully_connected(ek_named(g, "d"), ek_contrib_flatten(g, y), 2, NULL);
  }
  (void)ek_contrib_fully_connected(ek_named(g, "e"), y, 2, ZERO_DENSE(.reuse = EK_REUSE_INHERIT));
}
GOLDEN_TEST(slim_arg_scope)

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_slim_conv2d),           cmocka_unit_test(test_slim_conv2d_batch_norm),
      cmocka_unit_test(test_slim_conv2d_transpose), cmocka_unit_test(test_slim_fully_connected),
      cmocka_unit_test(test_slim_separable_conv2d), cmocka_unit_test(test_slim_pooling),
      cmocka_unit_test(test_slim_arg_scope)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
