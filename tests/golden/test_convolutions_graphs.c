/* SPDX-License-Identifier: Apache-2.0 */
/* The cases of cases/convolutions.py, line by line. */
#include "golden/golden.h"

#define S(...)           ek_shape(-1, __VA_ARGS__)
#define CONV(...)        EK_LAYERS_CONV(__VA_ARGS__)
#define ZERO_KERNEL(...) EK_LAYERS_CONV(.kernel_initializer = ek_zeros_initializer(), __VA_ARGS__)

static ek_out batch(ek_graph *g, const char *name, ek_shape shape) {
  return ek_placeholder(g, EK_FLOAT32, shape, name);
}

static void conv2d_plain(ek_graph *g) { (void)ek_layers_conv2d(g, batch(g, "x", S(8, 8, 3)), 4, EK_EXTENT(3), NULL); }
GOLDEN_TEST(conv2d_plain)

static void conv2d_options(ek_graph *g) {
  const ek_out y = ek_layers_conv2d(
      g, batch(g, "x", S(8, 8, 3)), 4, EK_EXTENT(3, 2),
      ZERO_KERNEL(.strides = {2}, .padding = "same", .activation = ek_nn_relu, .use_bias = false, .name = "c"));
  (void)ek_layers_conv2d(g, y, 2, EK_EXTENT(1),
                         CONV(.name = "d", .kernel_initializer = ek_ones_initializer(),
                              .bias_initializer = ek_ones_initializer(),
                              .kernel_regularizer = ek_keras_regularizers_l2(g, 0.5), .trainable = false));
  (void)ek_layers_conv2d(g, y, 2, EK_EXTENT(1), CONV(.name = "d", .reuse = EK_REUSE));
}
GOLDEN_TEST(conv2d_options)

static void conv2d_channels_first(ek_graph *g) {
  (void)ek_layers_conv2d(g, batch(g, "x", S(3, 8, 8)), 4, EK_EXTENT(3),
                         ZERO_KERNEL(.data_format = "channels_first", .name = "c"));
}
GOLDEN_TEST(conv2d_channels_first)

static void conv2d_dilated(ek_graph *g) {
  (void)ek_layers_conv2d(g, batch(g, "x", S(7, 8, 3)), 4, EK_EXTENT(3),
                         ZERO_KERNEL(.dilation_rate = {3, 2}, .padding = "same", .name = "same"));
  (void)ek_layers_conv2d(g, batch(g, "y", S(7, 8, 3)), 4, EK_EXTENT(3),
                         ZERO_KERNEL(.dilation_rate = {2}, .name = "valid"));
  (void)ek_layers_conv2d(
      g, batch(g, "z", S(3, 7, 8)), 4, EK_EXTENT(3),
      ZERO_KERNEL(.dilation_rate = {2}, .padding = "same", .data_format = "channels_first", .name = "first"));
}
GOLDEN_TEST(conv2d_dilated)

static void conv1d_conv3d(ek_graph *g) {
  (void)ek_layers_conv1d(g, batch(g, "x", S(8, 3)), 4, 3, ZERO_KERNEL(.strides = {2}));
  (void)ek_layers_conv1d(g, batch(g, "y", S(8, 3)), 4, 3, ZERO_KERNEL(.dilation_rate = {2}, .padding = "same"));
  (void)ek_layers_conv1d(g, batch(g, "z", S(3, 8)), 4, 3, ZERO_KERNEL(.data_format = "channels_first"));
  (void)ek_layers_conv3d(g, batch(g, "u", S(4, 4, 4, 2)), 3, EK_EXTENT(2), ZERO_KERNEL(.use_bias = true));
}
GOLDEN_TEST(conv1d_conv3d)

#define ZERO_SEPARABLE(...)                                                                                            \
  EK_LAYERS_SEPARABLE_CONV2D(.depthwise_initializer = ek_zeros_initializer(),                                          \
                             .pointwise_initializer = ek_zeros_initializer(), __VA_ARGS__)
static void separable_conv2d(ek_graph *g) {
  const ek_extent k = EK_EXTENT(3);
  (void)ek_layers_separable_conv2d(g, batch(g, "x", S(8, 8, 3)), 4, k,
                                   EK_LAYERS_SEPARABLE_CONV2D(.depth_multiplier = 2));
  (void)ek_layers_separable_conv2d(
      g, batch(g, "y", S(8, 8, 3)), 4, k,
      ZERO_SEPARABLE(.strides = {2}, .padding = "same", .activation = ek_nn_relu, .name = "same"));
  (void)ek_layers_separable_conv2d(
      g, batch(g, "z", S(8, 8, 3)), 4, k,
      ZERO_SEPARABLE(.dilation_rate = {2}, .padding = "same", .use_bias = false, .name = "dilated"));
  (void)ek_layers_separable_conv2d(g, batch(g, "u", S(8, 8, 3)), 4, k,
                                   ZERO_SEPARABLE(.dilation_rate = {2}, .name = "valid"));
  (void)ek_layers_separable_conv2d(g, batch(g, "v", S(3, 8, 8)), 4, k,
                                   ZERO_SEPARABLE(.data_format = "channels_first", .name = "first"));
}
GOLDEN_TEST(separable_conv2d)

static void conv2d_transpose(ek_graph *g) {
  (void)ek_layers_conv2d_transpose(g, batch(g, "x", S(8, 8, 3)), 4, EK_EXTENT(3), CONV(.strides = {2}));
  (void)ek_layers_conv2d_transpose(g, batch(g, "y", S(-1, 8, 3)), 4, EK_EXTENT(3, 2),
                                   ZERO_KERNEL(.strides = {2}, .name = "valid", .activation = ek_nn_relu));
  (void)ek_layers_conv2d_transpose(
      g, batch(g, "z", S(-1, -1, 3)), 4, EK_EXTENT(3),
      ZERO_KERNEL(.strides = {2, 1}, .padding = "same", .use_bias = false, .name = "same"));
}
GOLDEN_TEST(conv2d_transpose)

static void pooling(ek_graph *g) {
  const ek_out x = batch(g, "x", S(8, 8, 3));
  (void)ek_layers_max_pooling2d(g, x, EK_EXTENT(2), EK_EXTENT(2), NULL);
  (void)ek_layers_average_pooling2d(g, x, EK_EXTENT(3, 2), EK_EXTENT(1),
                                    EK_LAYERS_POOLING(.padding = "same", .name = "mean"));
  (void)ek_layers_max_pooling2d(g, batch(g, "y", S(3, 8, 8)), EK_EXTENT(2), EK_EXTENT(2),
                                EK_LAYERS_POOLING(.data_format = "channels_first"));
  const ek_out z = batch(g, "z", S(8, 3));
  (void)ek_layers_max_pooling1d(g, z, 2, 2, NULL);
  (void)ek_layers_average_pooling1d(g, z, 2, 2, NULL);
  const ek_out u = batch(g, "u", S(4, 4, 4, 3));
  (void)ek_layers_max_pooling3d(g, u, EK_EXTENT(2), EK_EXTENT(2), NULL);
  (void)ek_layers_average_pooling3d(g, u, EK_EXTENT(2), EK_EXTENT(2), NULL);
}
GOLDEN_TEST(pooling)

/* ---- Gradients */

static void grads(ek_graph *g, const char *name, ek_out y, ek_outs xs) {
  char scope[64];
  ek_out dx[2];
  assert_in_range(xs.n, 1, 2);
  (void)snprintf(scope, sizeof scope, "d_%s", name);
  ek_gradients(ek_named(g, scope), EK_OUTS(y), xs, NULL, dx);
}
static ek_out with(ek_graph *g, const char *type, ek_outs inputs, const ek_attr *attrs, int n) {
  return ek_op_output(ek_build(g, type, inputs, attrs, n), 0);
}

static const int64_t ones[] = {1, 1, 1, 1}, twos[] = {1, 2, 2, 1};
#define STRIDES(values_, padding_) EK_ATTRS(EK_INTS_ATTR("strides", values_, 4), EK_STRING_ATTR("padding", padding_))
#define WINDOW                                                                                                         \
  EK_ATTRS(EK_INTS_ATTR("ksize", twos, 4), EK_INTS_ATTR("strides", twos, 4), EK_STRING_ATTR("padding", "VALID"))

static void grad_convolutions(ek_graph *g) {
  const ek_out x = batch(g, "x", ek_shape(2, 4, 4, 3)), w = batch(g, "w", ek_shape(2, 2, 3, 4));
  grads(g, "conv", with(g, "Conv2D", EK_OUTS(x, w), STRIDES(ones, "SAME")), EK_OUTS(x, w));
  const ek_out y = batch(g, "y", ek_shape(-1, 4, 4, 3));
  grads(g, "conv_unknown", with(g, "Conv2D", EK_OUTS(y, w), STRIDES(twos, "VALID")), EK_OUTS(y, w));
  grads(g, "depthwise", with(g, "DepthwiseConv2dNative", EK_OUTS(x, w), STRIDES(ones, "SAME")), EK_OUTS(x, w));
  const ek_out dy = batch(g, "dy", ek_shape(2, 4, 4, 4));
  const ek_out dx = with(g, "Conv2DBackpropInput", EK_OUTS(ek_ints(g, 2, 4, 4, 3), w, dy), STRIDES(ones, "SAME"));
  grads(g, "to_input", dx, EK_OUTS(w, dy));
  const ek_out dw = with(g, "Conv2DBackpropFilter", EK_OUTS(x, ek_ints(g, 2, 2, 3, 4), dy), STRIDES(ones, "SAME"));
  grads(g, "to_filter", dw, EK_OUTS(x, dy));
}
GOLDEN_TEST(grad_convolutions)

static void grad_pooling(ek_graph *g) {
  const ek_out x = batch(g, "x", ek_shape(2, 4, 4, 3));
  grads(g, "max", with(g, "MaxPool", EK_OUTS(x), WINDOW), EK_OUTS(x));
  grads(g, "avg", with(g, "AvgPool", EK_OUTS(x), WINDOW), EK_OUTS(x));
  const ek_out y = batch(g, "y", ek_shape(2, 2, 2, 3)), dy = batch(g, "dy", ek_shape(-1, 2, 2, 3));
  grads(g, "max_grad", with(g, "MaxPoolGrad", EK_OUTS(x, y, dy), WINDOW), EK_OUTS(dy));
  grads(g, "avg_grad", with(g, "AvgPoolGrad", EK_OUTS(ek_ints(g, 2, 4, 4, 3), dy), WINDOW), EK_OUTS(dy));
}
GOLDEN_TEST(grad_pooling)

static void grad_images(ek_graph *g) {
  const int64_t pads[] = {0, 0, 1, 2, 1, 1, 0, 0}, none[] = {0, 0, 0, 0};
  const ek_out x = batch(g, "x", ek_shape(2, 4, 4, 3)), y = batch(g, "y", ek_shape(-1, -1, 4, 3));
  grads(g, "nearest", OP(g, "ResizeNearestNeighbor", x, ek_ints(g, 8, 2)), EK_OUTS(x));
  grads(g, "nearest_unknown", OP(g, "ResizeNearestNeighbor", y, ek_ints(g, 8, 2)), EK_OUTS(y));
  grads(g, "bilinear",
        with(g, "ResizeBilinear", EK_OUTS(x, ek_ints(g, 8, 2)), EK_ATTRS(EK_BOOL_ATTR("align_corners", true))),
        EK_OUTS(x));
  grads(g, "mirror",
        with(g, "MirrorPad", EK_OUTS(x, ek_integer_array(g, ek_shape(4, 2), pads)),
             EK_ATTRS(EK_STRING_ATTR("mode", "REFLECT"))),
        EK_OUTS(x));
  grads(g, "lrn", with(g, "LRN", EK_OUTS(x), EK_ATTRS(EK_INT_ATTR("depth_radius", 2))), EK_OUTS(x));
  grads(g, "space_to_batch", OP(g, "SpaceToBatchND", x, ek_ints(g, 2, 2), ek_integer_array(g, ek_shape(2, 2), none)),
        EK_OUTS(x));
  grads(g, "space_to_depth", with(g, "SpaceToDepth", EK_OUTS(x), EK_ATTRS(EK_INT_ATTR("block_size", 2))), EK_OUTS(x));
}
GOLDEN_TEST(grad_images)

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_conv2d_plain),
                                     cmocka_unit_test(test_conv2d_options),
                                     cmocka_unit_test(test_conv2d_channels_first),
                                     cmocka_unit_test(test_conv2d_dilated),
                                     cmocka_unit_test(test_conv1d_conv3d),
                                     cmocka_unit_test(test_separable_conv2d),
                                     cmocka_unit_test(test_conv2d_transpose),
                                     cmocka_unit_test(test_pooling),
                                     cmocka_unit_test(test_grad_convolutions),
                                     cmocka_unit_test(test_grad_pooling),
                                     cmocka_unit_test(test_grad_images)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
