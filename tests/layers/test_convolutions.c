/* SPDX-License-Identifier: Apache-2.0 */
/* What convolution and pooling layers refuse, and that training with them gives the same bits on any number of threads.
 * Their graphs are compared with TensorFlow's in tests/golden. */
#include "evenkeel/evenkeel.h"
#include "test.h"

#include <string.h>

static ek_out images(ek_graph *g, ek_shape s) { return ek_placeholder(g, EK_FLOAT32, s, NULL); }

static void says(ek_graph *g, const char *words) {
  ek_status st = EK_STATUS_INIT;
  assert_int_equal(ek_graph_status(g, &st), EK_INVALID_ARGUMENT);
  if (strstr(st.msg, words) == NULL) fail_msg("'%s' does not say '%s'", st.msg, words);
  ek_graph_free(g);
}
#define REFUSED(words_, call_)                                                                                         \
  do {                                                                                                                 \
    ek_graph *g = ek_graph_new(NULL);                                                                                  \
    const ek_out x = images(g, ek_shape(-1, 8, 8, 3));                                                                 \
    (void)(call_);                                                                                                     \
    (void)x;                                                                                                           \
    says(g, (words_));                                                                                                 \
  } while (0)

static void refused(void **state) {
  (void)state;
  const ek_extent three = EK_EXTENT(3), none = EK_EXTENT(0);
  REFUSED("The channel dimension of the inputs should be defined",
          ek_layers_conv2d(g, images(g, ek_shape(-1, 8, 8, -1)), 4, three, NULL));
  REFUSED("the rank must be 4", ek_layers_conv2d(g, images(g, ek_shape(-1, 8, 3)), 4, three, NULL));
  REFUSED("the size of the window is 0", ek_layers_conv2d(g, x, 4, none, NULL));
  REFUSED("filters is 0", ek_layers_conv2d(g, x, 0, three, NULL));
  REFUSED("padding is 'full'", ek_layers_conv2d(g, x, 4, three, EK_LAYERS_CONV(.padding = "full")));
  REFUSED("data_format is 'NHWC'", ek_layers_conv2d(g, x, 4, three, EK_LAYERS_CONV(.data_format = "NHWC")));
  REFUSED("strides > 1 not supported in conjunction with dilation_rate > 1",
          ek_layers_conv2d(g, x, 4, three, EK_LAYERS_CONV(.strides = {2}, .dilation_rate = {1, 2})));
  REFUSED("a transposed convolution has none",
          ek_layers_conv2d_transpose(g, x, 4, three, EK_LAYERS_CONV(.dilation_rate = {2})));
  REFUSED("depth_multiplier 0",
          ek_layers_separable_conv2d(g, x, 4, three, EK_LAYERS_SEPARABLE_CONV2D(.depth_multiplier = 0)));
  REFUSED("start from their initializer", ek_layers_conv2d(g, x, 4, three, &(ek_layers_conv_opts){.use_bias = true}));
  REFUSED("strides is -1", ek_layers_max_pooling2d(g, x, three, EK_EXTENT(-1), NULL));
  REFUSED("either NCHW or NHWC, not 'CHW'", ek_contrib_conv2d(g, x, 4, three, EK_CONTRIB_CONV(.data_format = "CHW")));
  REFUSED("either NCHW or NHWC, not 'CHW'", ek_contrib_max_pool2d(g, x, three, EK_CONTRIB_POOL(.data_format = "CHW")));
  REFUSED("arg_scope: the end of a scope that was not begun", (ek_arg_scope_end(g), x));
}

/* The loss of some steps of a small network with everything in it. */
static ek_tensor *losses(int threads) {
  enum { STEPS = 3, BATCH = 24 };
  ek_graph *g = ek_graph_new(NULL);
  ek_status st = EK_STATUS_INIT;
  ek_set_random_seed(g, 3);
  const ek_out x = ek_placeholder(g, EK_FLOAT32, ek_shape(BATCH, 12, 12, 3), "x");
  ek_out h = ek_layers_conv2d(g, x, 16, EK_EXTENT(3), EK_LAYERS_CONV(.padding = "same", .activation = ek_nn_relu));
  h = ek_layers_max_pooling2d(g, h, EK_EXTENT(2), EK_EXTENT(2), NULL);
  h = ek_layers_separable_conv2d(g, h, 24, EK_EXTENT(3), EK_LAYERS_SEPARABLE_CONV2D(.activation = ek_nn_relu));
  h = ek_layers_conv2d(g, h, 16, EK_EXTENT(2), EK_LAYERS_CONV(.dilation_rate = {2}));
  h = ek_layers_average_pooling2d(g, ek_nn_relu(g, h), EK_EXTENT(2), EK_EXTENT(1), NULL);
  const ek_out loss = ek_reduce_mean_all(g, ek_square(g, ek_layers_dense(g, ek_layers_flatten(g, h), 5, NULL)));
  const ek_op step = ek_train_minimize(ek_train_gradient_descent(g, 0.1), loss, NULL);
  const ek_op init = ek_global_variables_initializer(g);
  if (ek_graph_status(g, &st) != EK_OK) fail_msg("%s", st.msg);
  ek_session_opts opts = EK_SESSION_OPTS_INIT;
  opts.threads = threads;
  ek_session *s = ek_session_new(g, &opts, &st);
  assert_non_null(s);
  assert_int_equal(ek_session_run_op(s, init, &st), EK_OK);
  ek_tensor *pixels = ek_tensor_new(EK_FLOAT32, ek_shape(BATCH, 12, 12, 3), NULL, &st), *all = NULL;
  float *p = ek_tensor_mutable_data(pixels);
  for (int i = 0; i < BATCH * 12 * 12 * 3; i++) p[i] = (float)(i * 7919 % 1000) / 1000.0f;
  all = ek_tensor_new(EK_FLOAT32, ek_shape(STEPS), NULL, &st);
  for (int i = 0; i < STEPS; i++) {
    ek_tensor *now = NULL;
    if (ek_session_run(s, &EK_FEED(x, pixels), 1, &EK_FETCH(loss), 1, &now, &step, 1, NULL, &st) != EK_OK)
      fail_msg("%s", st.msg);
    ((float *)ek_tensor_mutable_data(all))[i] = (float)ek_tensor_number(now, 0);
    ek_tensor_free(now);
  }
  ek_tensor_free(pixels);
  ek_session_free(s);
  ek_graph_free(g);
  return all;
}

static void same_bits(void **state) {
  (void)state;
  ek_tensor *one = losses(1);
  assert_true(ek_tensor_number(one, 2) < ek_tensor_number(one, 0));
  for (int threads = 2; threads <= 3; threads++) {
    ek_tensor *more = losses(threads);
    assert_true(ek_tensor_equal(one, more));
    ek_tensor_free(more);
  }
  ek_tensor_free(one);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(refused), cmocka_unit_test(same_bits)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
