/* SPDX-License-Identifier: Apache-2.0 */
#include "net.h"

#include "net_images.h"

#include <string.h>

enum { LAYERS = 3, UNITS = 100 }; /* the network of the paper that introduced batch normalization */

ek_out net_activate(ek_graph *g, const char *name, ek_out x) {
  if (strcmp(name, "sigmoid") == 0) return ek_nn_sigmoid(g, x);
  if (strcmp(name, "tanh") == 0) return ek_nn_tanh(g, x);
  if (strcmp(name, "relu") == 0) return ek_nn_relu(g, x);
  if (strcmp(name, "elu") == 0) return ek_nn_elu(g, x);
  if (strcmp(name, "selu") == 0) return ek_nn_selu(g, x);
  return ek_nn_softplus(g, x);
}

ek_out net_normalize(ek_graph *g, ek_out x, ek_out training) {
  return ek_layers_batch_normalization(
      g, x, EK_LAYERS_BATCH_NORMALIZATION(.training = ek_flag_of(training), .momentum = 0.9));
}

/* A layer whose sums are normalized needs no bias: beta takes its place. */
static ek_out hidden_layers(ek_graph *g, const net_options *o, ek_out x, ek_out training) {
  const bool norm = strcmp(o->norm, "batch") == 0, before = strcmp(o->placement, "before") == 0;
  for (int layer = 0; layer < LAYERS; layer++) {
    x = ek_layers_dense(g, x, UNITS, EK_LAYERS_DENSE(.use_bias = !(norm && before)));
    if (norm && before) x = net_normalize(g, x, training);
    x = net_activate(g, o->activation, x);
    if (norm && !before) x = net_normalize(g, x, training);
  }
  return x;
}

static ek_optimizer *optimizer(ek_graph *g, const net_options *o) {
  const double rate = o->learning_rate;
  if (strcmp(o->optimizer, "momentum") == 0) return ek_train_momentum(g, rate > 0 ? rate : 0.1, 0.9, NULL);
  if (strcmp(o->optimizer, "adam") == 0)
    return ek_train_adam(g, EK_TRAIN_ADAM(.learning_rate = rate > 0 ? rate : 0.001));
  if (strcmp(o->optimizer, "rmsprop") == 0) return ek_train_rmsprop(g, rate > 0 ? rate : 0.001, NULL);
  if (strcmp(o->optimizer, "adagrad") == 0) return ek_train_adagrad(g, rate > 0 ? rate : 0.05, NULL);
  return ek_train_gradient_descent(g, rate > 0 ? rate : 0.5);
}

static ek_out op1(ek_graph *g, const char *type, ek_out x) {
  return ek_op_output(ek_build(g, type, EK_OUTS(x), EK_NO_ATTRS), 0);
}

static ek_out op2(ek_graph *g, const char *type, ek_out x, ek_out y) {
  return ek_op_output(ek_build(g, type, EK_OUTS(x, y), EK_NO_ATTRS), 0);
}

static void measure_accuracy(ek_graph *g, ek_out logits, ek_out labels) {
  const ek_out right = op2(g, "Equal", op2(g, "ArgMax", logits, ek_integer(g, 1)), labels);
  const ek_out as_numbers =
      ek_op_output(ek_build(g, "Cast", EK_OUTS(right), EK_ATTRS(EK_TYPE_ATTR("DstT", EK_FLOAT32))), 0);
  (void)op2(ek_named(g, "accuracy"), "Mean", as_numbers, ek_ints(g, 0));
}

void net_build(ek_graph *g, const net_options *o) {
  ek_set_random_seed(g, o->seed);
  const ek_out images = ek_placeholder(g, EK_FLOAT32, ek_shape(-1, o->pixels), "images");
  const ek_out labels = ek_placeholder(g, EK_INT64, ek_shape(-1), "labels");
  const ek_out training = ek_placeholder(g, EK_BOOL, ek_shape_scalar(), "is_training");

  const ek_out h = strcmp(o->net, "cnn") == 0        ? net_cnn(g, o, images, training)
                   : strcmp(o->net, "resnet20") == 0 ? net_resnet20(g, o, images, training)
                                                     : hidden_layers(g, o, images, training);
  const ek_out logits = op1(ek_named(g, "logits"), "Identity", ek_layers_dense(g, h, o->classes, NULL));
  const ek_out loss =
      op1(ek_named(g, "loss"), "Identity", ek_losses_sparse_softmax_cross_entropy(g, labels, logits, NULL));
  measure_accuracy(g, logits, labels);

  const ek_variable step = ek_train_get_or_create_global_step(g);
  ek_optimizer *by = optimizer(g, o);
  EK_CONTROL_DEPENDENCIES (g, ek_get_collection_ops(g, EK_UPDATE_OPS, NULL)) {
    (void)ek_train_minimize(by, loss, EK_TRAIN_MINIMIZE(.global_step = step, .name = "train"));
  }
}
