/* SPDX-License-Identifier: Apache-2.0 */
/* The networks of nets.py, line by line. Each builds images, labels, is_training unless static, loss and train. */
#ifndef EK_TESTS_PARITY_NETS_H
#define EK_TESTS_PARITY_NETS_H

#include "evenkeel/evenkeel.h"

#include <string.h>

typedef ek_optimizer *(*make_optimizer)(ek_graph *g);

typedef struct net {
  const char *name;
  void (*build)(ek_graph *g, const struct net *net);
  make_optimizer optimizer;
  bool fused, is_static, resource, in_place;
  ek_dtype dtype; /* of what half normalizes */
  int steps;      /* 0: 20 */
} net;

static inline ek_optimizer *sgd(ek_graph *g) { return ek_train_gradient_descent(g, 0.5); }
static inline ek_optimizer *momentum(ek_graph *g) { return ek_train_momentum(g, 0.1, 0.9, NULL); }
static inline ek_optimizer *nesterov(ek_graph *g) {
  return ek_train_momentum(g, 0.1, 0.9, EK_TRAIN_MOMENTUM(.use_nesterov = true));
}
static inline ek_optimizer *adam(ek_graph *g) { return ek_train_adam(g, NULL); }
static inline ek_optimizer *rmsprop(ek_graph *g) {
  return ek_train_rmsprop(g, 0.01, EK_TRAIN_RMSPROP(.momentum = 0.5));
}
static inline ek_optimizer *rmsprop_centered(ek_graph *g) {
  return ek_train_rmsprop(g, 0.01, EK_TRAIN_RMSPROP(.centered = true));
}
static inline ek_optimizer *adagrad(ek_graph *g) { return ek_train_adagrad(g, 0.1, NULL); }

typedef struct inputs {
  ek_out images, labels;
  ek_flag training;
} inputs;

static inline inputs make_inputs(ek_graph *g, bool is_static, ek_dtype dtype) {
  inputs in = {.training = EK_TRUE};
  ek_set_random_seed(g, 42);
  in.images = ek_placeholder(g, dtype, ek_shape(-1, 64), "images");
  in.labels = ek_placeholder(g, EK_INT64, ek_shape(-1), "labels");
  if (!is_static) in.training = ek_flag_of(ek_placeholder(g, EK_BOOL, ek_shape_scalar(), "is_training"));
  return in;
}

static inline void minimize(ek_graph *g, ek_optimizer *optimizer, ek_out loss) {
  EK_CONTROL_DEPENDENCIES (g, ek_get_collection_ops(g, EK_UPDATE_OPS, NULL))
    (void)ek_train_minimize(optimizer, loss, EK_TRAIN_MINIMIZE(.name = "train"));
}

static inline void finish(ek_graph *g, ek_out h, ek_out labels, make_optimizer optimizer) {
  const ek_out scores = ek_layers_dense(g, h, 10, NULL);
  const ek_out logits = ek_identity(ek_named(g, "logits"), scores);
  const ek_out mean = ek_losses_sparse_softmax_cross_entropy(g, labels, logits, NULL);
  const ek_out loss = ek_identity(ek_named(g, "loss"), mean);
  minimize(g, optimizer(g), loss);
}

static inline ek_out norm(ek_graph *g, ek_out x, ek_flag training) {
  return ek_layers_batch_normalization(g, x, EK_LAYERS_BATCH_NORMALIZATION(.training = training, .momentum = 0.9));
}

static inline ek_out layer(ek_graph *g, ek_out h, bool fused, ek_flag training) {
  h = ek_layers_dense(g, h, 20, NULL);
  if (fused) h = ek_reshape(g, h, ek_ints(g, -1, 1, 1, 20));
  h = norm(g, h, training);
  if (fused) h = ek_reshape(g, h, ek_ints(g, -1, 20));
  return ek_sigmoid(g, h);
}

static inline void mlp(ek_graph *g, const net *n) {
  const inputs in = make_inputs(g, n->is_static, EK_FLOAT32);
  const ek_choice resource = n->resource ? EK_YES : EK_NO;
  EK_VARIABLE_SCOPE (g, NULL, EK_SCOPE(.scope = ek_get_variable_scope(g), .use_resource = resource)) {
    ek_out h = layer(g, in.images, n->fused, in.training);
    h = layer(g, h, n->fused, in.training);
    finish(g, h, in.labels, n->optimizer);
  }
}

static inline void slim_mlp(ek_graph *g, const net *n) {
  const inputs in = make_inputs(g, false, EK_FLOAT32);
  ek_contrib_batch_norm_opts opts = EK_CONTRIB_BATCH_NORM_OPTS_INIT;
  opts.decay = 0.9;
  opts.scale = true;
  opts.is_training = in.training;
  opts.activation_fn = ek_nn_relu;
  opts.fused = n->fused;
  if (n->in_place) opts.updates_collections[0] = NULL;
  ek_out h = in.images;
  for (int i = 0; i < 2; i++) {
    h = ek_layers_dense(g, h, 20, EK_LAYERS_DENSE(.use_bias = false));
    h = ek_contrib_batch_norm(g, h, &opts);
  }
  finish(g, h, in.labels, n->optimizer);
}

static inline void slim_branches(ek_graph *g, const net *n) {
  const inputs in = make_inputs(g, false, EK_FLOAT32);
  const ek_out h = ek_layers_dense(g, in.images, 20, EK_LAYERS_DENSE(.use_bias = false));
  ek_contrib_batch_norm_opts opts = EK_CONTRIB_BATCH_NORM_OPTS_INIT;
  opts.decay = 0.9;
  opts.scope = "bn";
  opts.updates_collections[0] = NULL;
  opts.fused = n->fused;
  ek_cond_block c;
  EK_COND(g, in.training.out, c) {
    EK_THEN(c) ek_cond_yield(&c, ek_contrib_batch_norm(g, h, &opts));
    opts.is_training = EK_FALSE;
    opts.reuse = EK_REUSE;
    EK_ELSE(c) ek_cond_yield(&c, ek_contrib_batch_norm(g, h, &opts));
  }
  finish(g, ek_nn_tanh(g, ek_cond_result(&c, 0)), in.labels, n->optimizer);
}

static inline ek_out dense_without_bias(ek_graph *g, ek_out x) {
  return ek_layers_dense(g, x, 20, EK_LAYERS_DENSE(.use_bias = false));
}

static inline void schedule(ek_graph *g, const net *n) {
  (void)n;
  const inputs in = make_inputs(g, false, EK_FLOAT32);
  const ek_out h = ek_nn_relu(g, norm(g, dense_without_bias(g, in.images), in.training));
  const ek_out mean = ek_losses_sparse_softmax_cross_entropy(g, in.labels, ek_layers_dense(g, h, 10, NULL), NULL);
  const ek_out loss = ek_identity(ek_named(g, "loss"), mean);
  const ek_variable step = ek_train_get_or_create_global_step(g);
  const ek_out at = ek_variable_operand(g, step);
  const ek_out decayed =
      ek_train_exponential_decay(g, ek_number(g, 0.1), at, ek_integer(g, 5), ek_number(g, 0.9), true);
  const ek_out pieces = ek_train_piecewise_constant(g, at, (const double[]){8}, 1, (const double[]){1.0, 0.01});
  ek_train_rmsprop_opts opts = EK_TRAIN_RMSPROP_OPTS_INIT;
  opts.learning_rate_tensor = ek_minimum(g, decayed, pieces);
  ek_optimizer *optimizer = ek_train_rmsprop(g, 0.0, &opts);
  const ek_grads_and_vars pairs = ek_train_compute_gradients(optimizer, loss, NULL);
  ek_out gradients[8];
  for (int i = 0; i < pairs.n && i < 8; i++) gradients[i] = pairs.at[i].grad;
  const ek_out none = {0, 0};
  (void)ek_clip_by_global_norm(g, (ek_outs){gradients, pairs.n}, ek_number(g, 0.5), none, gradients);
  for (int i = 0; i < pairs.n && i < 8; i++) pairs.at[i].grad = gradients[i];
  ek_moving_average *averages =
      ek_train_exponential_moving_average(g, 0.9, EK_TRAIN_EXPONENTIAL_MOVING_AVERAGE(.num_updates = step));
  ek_op apply = {0};
  EK_CONTROL_DEPENDENCIES (g, ek_get_collection_ops(g, EK_UPDATE_OPS, NULL))
    apply = ek_train_apply_gradients(optimizer, pairs, step, NULL);
  EK_CONTROL_DEPENDENCIES (g, EK_OPS(apply)) {
    const ek_op moved = ek_moving_average_apply(averages, ek_get_collection_variables(g, EK_TRAINABLE_VARIABLES, NULL));
    (void)ek_group(ek_named(g, "train"), EK_OPS(moved));
  }
}

static inline ek_out drop(ek_graph *g, ek_out x, double rate, ek_flag training) {
  return ek_layers_dropout(g, x, EK_LAYERS_DROPOUT(.rate = rate, .training = training));
}

static inline void dropout(ek_graph *g, const net *n) {
  const inputs in = make_inputs(g, false, EK_FLOAT32);
  const ek_out h = drop(g, in.images, 0.2, in.training);
  const ek_out r = ek_nn_relu6(g, norm(g, dense_without_bias(g, h), in.training));
  finish(g, drop(g, r, 0.5, in.training), in.labels, n->optimizer);
}

static inline ek_optimizer *slow_sgd(ek_graph *g) { return ek_train_gradient_descent(g, 0.1); }

#define NORM(...) EK_LAYERS_BATCH_NORMALIZATION(.momentum = 0.9, .training = in.training, __VA_ARGS__)

static inline void axes(ek_graph *g, const net *n) {
  const inputs in = make_inputs(g, false, EK_FLOAT32);
  ek_out h = ek_reshape(g, in.images, ek_ints(g, -1, 4, 4, 4));
  h = ek_layers_batch_normalization(g, h, NORM(.axis = 1, .fused = n->fused));
  h = ek_reshape(g, ek_nn_elu(g, h), ek_ints(g, -1, 8, 8));
  h = ek_layers_batch_normalization(g, h, NORM(.axis = 1));
  h = ek_reshape(g, ek_nn_softplus(g, h), ek_ints(g, -1, 4, 4, 4));
  h = ek_layers_batch_normalization(g, h, NORM(.axes = {1, 3}, .n_axes = 2, .center = false));
  h = ek_nn_selu(g, h);
  h = ek_layers_batch_normalization(
      g, h, EK_LAYERS_BATCH_NORMALIZATION(.momentum = 0.9, .training = EK_TRUE, .trainable = false));
  finish(g, ek_layers_flatten(g, h), in.labels, n->optimizer);
}

static inline void float64(ek_graph *g, const net *n) {
  const inputs in = make_inputs(g, false, EK_FLOAT64);
  const ek_out h = norm(g, dense_without_bias(g, in.images), in.training);
  finish(g, ek_sigmoid(g, h), in.labels, n->optimizer);
}

static inline void half(ek_graph *g, const net *n) {
  const inputs in = make_inputs(g, false, EK_FLOAT32);
  ek_out h = ek_cast(g, dense_without_bias(g, in.images), n->dtype, NULL);
  h = ek_reshape(g, h, ek_ints(g, -1, 1, 1, 20));
  h = ek_layers_batch_normalization(g, h, NORM(.fused = n->fused));
  h = ek_cast(g, ek_reshape(g, h, ek_ints(g, -1, 20)), EK_FLOAT32, NULL);
  finish(g, ek_sigmoid(g, h), in.labels, n->optimizer);
}

static inline ek_out pictures(ek_graph *g, ek_out images) { return ek_reshape(g, images, ek_ints(g, -1, 8, 8, 1)); }

static inline void cnn(ek_graph *g, const net *n) {
  const inputs in = make_inputs(g, false, EK_FLOAT32);
  const ek_extent one = EK_EXTENT(1), two = EK_EXTENT(2), three = EK_EXTENT(3);
  ek_out h = ek_layers_max_pooling2d(g, pictures(g, in.images), two, one, NULL);
  h = ek_layers_conv2d(g, h, 8, three, EK_LAYERS_CONV(.padding = "same", .activation = ek_nn_softplus));
  h = ek_layers_batch_normalization(g, h, NORM(.fused = n->fused));
  h = ek_layers_conv2d(g, h, 16, three,
                       EK_LAYERS_CONV(.strides = {2}, .activation = ek_nn_softplus,
                                      .kernel_regularizer = ek_keras_regularizers_l2(g, 0.01)));
  h = ek_layers_average_pooling2d(g, h, two, one, EK_LAYERS_POOLING(.padding = "same"));
  h = ek_layers_batch_normalization(g, h, NORM(.fused = n->fused));
  finish(g, ek_layers_flatten(g, h), in.labels, n->optimizer);
}

static inline void mobile(ek_graph *g, const net *n) {
  const inputs in = make_inputs(g, false, EK_FLOAT32);
  const ek_extent three = EK_EXTENT(3), four = EK_EXTENT(4);
  ek_out h = ek_layers_separable_conv2d(
      g, pictures(g, in.images), 8, three,
      EK_LAYERS_SEPARABLE_CONV2D(.padding = "same", .use_bias = false, .depth_multiplier = 4));
  h = ek_nn_softplus(g, norm(g, h, in.training));
  h = ek_layers_separable_conv2d(g, h, 8, three,
                                 EK_LAYERS_SEPARABLE_CONV2D(.strides = {2}, .padding = "same", .use_bias = false));
  h = ek_nn_softplus(g, norm(g, h, in.training));
  h = ek_layers_conv2d(g, h, 8, three,
                       EK_LAYERS_CONV(.dilation_rate = {2}, .padding = "same", .activation = ek_nn_tanh));
  h = ek_layers_conv2d_transpose(g, h, 4, three, EK_LAYERS_CONV(.strides = {2}, .padding = "same"));
  h = ek_layers_average_pooling2d(g, h, four, four, NULL);
  finish(g, ek_layers_flatten(g, h), in.labels, n->optimizer);
}

/* A convolution with the arguments of the arg scope, but for these. */
static inline ek_out residual_conv(ek_graph *g, const char *scope, ek_out x, int64_t depth, ek_extent size,
                                   int64_t stride, bool relu) {
  ek_contrib_conv_opts o = ek_contrib_args_of(g).conv2d;
  o.stride[0] = stride;
  if (!relu) o.activation_fn = NULL;
  return ek_contrib_conv2d(ek_named(g, scope), x, depth, size, &o);
}

static inline void slim_resnet(ek_graph *g, const net *n) {
  const inputs in = make_inputs(g, false, EK_FLOAT32);
  const ek_extent one = EK_EXTENT(1), three = EK_EXTENT(3);
  ek_contrib_args args = ek_contrib_args_of(g);
  args.conv2d.normalizer_fn = ek_contrib_normalize_batch;
  args.conv2d.activation_fn = ek_nn_softplus;
  args.conv2d.weights_regularizer = ek_contrib_l2_regularizer(g, 0.001);
  args.conv2d.weights_initializer = ek_contrib_variance_scaling_initializer(g, 2.0, EK_FAN_IN, false);
  args.batch_norm.is_training = in.training;
  args.batch_norm.decay = 0.9;
  args.batch_norm.scale = true;
  args.batch_norm.epsilon = 1e-4;
  ek_out h = pictures(g, in.images);
  EK_ARG_SCOPE(g, &args) {
    h = residual_conv(g, "root", h, 8, three, 1, true);
    for (int i = 0; i < 2; i++) {
      const int64_t depth = i == 0 ? 8 : 16, stride = 1 + i;
      EK_VARIABLE_SCOPE (g, i == 0 ? "block0" : "block1", NULL) {
        const ek_out shortcut = i == 0 ? h : residual_conv(g, "shortcut", h, depth, one, 2, false);
        const ek_out r = residual_conv(g, "conv1", h, depth, three, stride, true);
        const ek_out sum = ek_add(ek_named(g, "add"), shortcut, residual_conv(g, "conv2", r, depth, three, 1, false));
        h = ek_nn_softplus(g, sum);
      }
    }
    h = ek_contrib_avg_pool2d(ek_named(g, "pool"), h, EK_EXTENT(2), NULL);
  }
  const ek_out scores =
      ek_contrib_fully_connected(g, ek_contrib_flatten(g, h), 10, EK_CONTRIB_FULLY_CONNECTED(.activation_fn = NULL));
  const ek_out logits = ek_identity(ek_named(g, "logits"), scores);
  (void)ek_losses_sparse_softmax_cross_entropy(g, in.labels, logits, NULL);
  const ek_out loss = ek_losses_get_total_loss(ek_named(g, "loss"), true, NULL);
  minimize(g, n->optimizer(g), loss);
}
static inline ek_optimizer *slow_momentum(ek_graph *g) { return ek_train_momentum(g, 0.05, 0.9, NULL); }

/* ---- loops */

/* The last layer and the train op of a net whose update ops run in a loop, if there are any. */
static inline void no_updates_outside(ek_graph *g, ek_out h, ek_out labels, make_optimizer optimizer) {
  const ek_out logits = ek_identity(ek_named(g, "logits"), ek_layers_dense(g, h, 10, NULL));
  const ek_out mean = ek_losses_sparse_softmax_cross_entropy(g, labels, logits, NULL);
  (void)ek_train_minimize(optimizer(g), ek_identity(ek_named(g, "loss"), mean), EK_TRAIN_MINIMIZE(.name = "train"));
}

typedef struct loop_norm_case {
  ek_flag training;
} loop_norm_case;

static inline ek_out below_three(ek_graph *g, ek_outs vars, void *ctx) {
  (void)ctx;
  return ek_less(g, vars.at[0], ek_integer(g, 3));
}

static inline void norm_body(ek_graph *g, ek_outs vars, ek_out *next, void *ctx) {
  const loop_norm_case *in = ctx;
  const ek_out h = ek_layers_dense(g, vars.at[1], 20, EK_LAYERS_DENSE(.use_bias = false, .name = "fc"));
  const ek_out y = ek_layers_batch_normalization(
      g, h, EK_LAYERS_BATCH_NORMALIZATION(.momentum = 0.9, .training = in->training, .name = "bn"));
  EK_CONTROL_DEPENDENCIES (g, ek_get_collection_ops(g, EK_UPDATE_OPS, NULL)) {
    next[0] = ek_add(ek_named(g, "add"), vars.at[0], ek_integer(g, 1));
    next[1] = ek_sigmoid(g, y);
  }
}

static inline void loop_norm(ek_graph *g, const net *n) {
  const inputs in = make_inputs(g, false, EK_FLOAT32);
  loop_norm_case body = {in.training};
  ek_out results[2];
  const ek_out h = ek_layers_dense(g, in.images, 20, NULL);
  ek_while_loop(g, below_three, norm_body, EK_OUTS(ek_integer(g, 0), h), &body, NULL, results);
  no_updates_outside(g, results[1], in.labels, n->optimizer);
}

/* ---- recurrent networks */

static inline void static_lstm(ek_graph *g, const net *n) {
  const inputs in = make_inputs(g, false, EK_FLOAT32);
  ek_out steps[4], outputs[4];
  const ek_op parts = ek_split(ek_named(g, "split"), ek_integer(g, 1), in.images, 4);
  for (int i = 0; i < 4; i++) steps[i] = ek_op_output(parts, i);
  const ek_rnn_state state =
      ek_nn_static_rnn(g, ek_nn_basic_lstm_cell(g, 20, NULL), (ek_outs){steps, 4}, NULL, outputs);
  finish(g, norm(g, state.at[1], in.training), in.labels, n->optimizer);
}

static inline ek_rnn_cell *rnn_cell(ek_graph *g, const char *name, ek_flag training) {
  const ek_bn_cell_opts *normalized =
      EK_BN_CELL(.max_steps = 8, .momentum = 0.9, .training = training, .in_place = true,
                 .recurrent_initializer = ek_glorot_uniform_initializer());
  if (strstr(name, "_bn_lstm") != NULL) return ek_bn_lstm_cell(g, 20, normalized);
  if (strstr(name, "_bn_gru") != NULL) return ek_bn_gru_cell(g, 20, normalized);
  return strstr(name, "_gru") != NULL ? ek_nn_gru_cell(g, 20, NULL) : ek_nn_basic_lstm_cell(g, 20, NULL);
}

/* The name says which cell, and whether there are lengths. */
static inline void dynamic_rnn(ek_graph *g, const net *n) {
  const inputs in = make_inputs(g, false, EK_FLOAT32);
  ek_nn_dynamic_rnn_opts opts = EK_NN_DYNAMIC_RNN_OPTS_INIT;
  if (strstr(n->name, "_lengths") != NULL) {
    const ek_out rest = ek_floormod(ek_named(g, "mod"), in.labels, ek_integer(g, 8));
    opts.sequence_length = ek_cast(g, rest, EK_INT32, NULL);
  }
  ek_rnn_cell *cell = rnn_cell(g, n->name, in.training);
  const ek_rnn_sequence s = ek_nn_dynamic_rnn(g, cell, ek_reshape(g, in.images, ek_ints(g, -1, 8, 8)), &opts);
  const ek_out mean = ek_reduce_mean(g, s.outputs, ek_integer(g, 1), NULL);
  const ek_out h = ek_concat(ek_named(g, "concat"), EK_OUTS(mean, s.state.at[0]), ek_integer(g, 1));
  finish(g, norm(g, h, in.training), in.labels, n->optimizer);
}

/* ---- rows of a table */

static inline ek_variable table(ek_graph *g) {
  return ek_get_variable(g, "table", ek_shape(10, 6),
                         EK_GET_VARIABLE(.initializer = ek_random_normal_initializer(0.0, 0.5)));
}

static inline ek_out brightest(ek_graph *g, ek_out images, ek_dtype dtype) {
  const ek_out rows = ek_reshape(g, images, ek_ints(g, -1, 8, 8));
  return ek_argmax(g, rows, ek_integer(g, 2), EK_ARGMAX(.output_type = dtype));
}

static inline void embedded(ek_graph *g, const net *n) {
  const inputs in = make_inputs(g, false, EK_FLOAT32);
  const ek_choice resource = n->resource ? EK_YES : EK_NO;
  EK_VARIABLE_SCOPE (g, NULL, EK_SCOPE(.scope = ek_get_variable_scope(g), .use_resource = resource)) {
    const ek_variable rows = table(g);
    const ek_out looked_up = ek_nn_embedding_lookup(g, rows, brightest(g, in.images, EK_INT64), NULL);
    const ek_out h = dense_without_bias(g, ek_reshape(g, looked_up, ek_ints(g, -1, 48)));
    finish(g, ek_sigmoid(g, norm(g, h, in.training)), in.labels, n->optimizer);
  }
}

/* in_place: with a penalty on the whole table */
static inline void embedded_twice(ek_graph *g, const net *n) {
  const inputs in = make_inputs(g, false, EK_FLOAT32);
  const ek_variable rows = table(g);
  const ek_out first = brightest(g, in.images, EK_INT64);
  const ek_out found = ek_nn_embedding_lookup(g, rows, first, EK_NN_EMBEDDING_LOOKUP(.max_norm = 1.0));
  const ek_out darkest = brightest(g, ek_negative(g, in.images), EK_INT32);
  const ek_out other = ek_variable_gather_nd(g, rows, ek_reshape(g, darkest, ek_ints(g, -1, 1)));
  const ek_out a = ek_reshape(g, found, ek_ints(g, -1, 48)), b = ek_reshape(g, other, ek_ints(g, -1, 48));
  const ek_out h = ek_concat(ek_named(g, "concat"), EK_OUTS(a, b), ek_integer(g, 1));
  const ek_out scores = ek_layers_dense(g, norm(g, dense_without_bias(g, h), in.training), 10, NULL);
  ek_out loss = ek_losses_sparse_softmax_cross_entropy(g, in.labels, scores, NULL);
  if (n->in_place) {
    const ek_out whole = ek_nn_l2_loss(g, ek_variable_operand(g, rows));
    const ek_out penalty = ek_multiply(ek_named(g, "mul"), ek_number(g, 0.01), whole);
    loss = ek_add(ek_named(g, "add"), loss, penalty);
  }
  loss = ek_identity(ek_named(g, "loss"), loss);
  ek_optimizer *optimizer = n->optimizer(g);
  const ek_grads_and_vars pairs = ek_train_compute_gradients(optimizer, loss, NULL);
  ek_out gradients[8];
  for (int i = 0; i < pairs.n && i < 8; i++) gradients[i] = pairs.at[i].grad;
  const ek_out none = {0, 0};
  (void)ek_clip_by_global_norm(g, (ek_outs){gradients, pairs.n}, ek_number(g, 0.5), none, gradients);
  for (int i = 0; i < pairs.n && i < 8; i++) pairs.at[i].grad = gradients[i];
  EK_CONTROL_DEPENDENCIES (g, ek_get_collection_ops(g, EK_UPDATE_OPS, NULL))
    (void)ek_train_apply_gradients(optimizer, pairs, (ek_variable){0}, "train");
}

typedef struct in_loop {
  ek_variable table;
  ek_out ids;
} in_loop;

static inline ek_out below_eight(ek_graph *g, ek_outs vars, void *ctx) {
  (void)ctx;
  return ek_less(g, vars.at[0], ek_integer(g, 8));
}

static inline void look_up(ek_graph *g, ek_outs vars, ek_out *next, void *ctx) {
  const in_loop *in = ctx;
  next[0] = ek_add(ek_named(g, "add"), vars.at[0], ek_integer(g, 1));
  const ek_out half = ek_multiply(ek_named(g, "mul"), ek_number(g, 0.5), vars.at[1]);
  const ek_out ids = ek_gather(g, in->ids, vars.at[0], ek_integer(g, 0), NULL);
  const ek_out rows = ek_nn_embedding_lookup(g, in->table, ids, NULL);
  next[1] = ek_nn_tanh(g, ek_add(ek_named(g, "add"), half, rows));
}

static inline void embedded_in_loop(ek_graph *g, const net *n) {
  const inputs in = make_inputs(g, false, EK_FLOAT32);
  const ek_out columns = brightest(g, in.images, EK_INT64);
  in_loop body = {.ids = ek_transpose(ek_named(g, "transpose"), columns, ek_ints(g, 1, 0))};
  const ek_choice resource = n->resource ? EK_YES : EK_NO;
  EK_VARIABLE_SCOPE (g, NULL, EK_SCOPE(.scope = ek_get_variable_scope(g), .use_resource = resource)) {
    ek_out results[2];
    body.table = table(g);
    const ek_out h = ek_layers_dense(g, in.images, 6, NULL);
    ek_while_loop(g, below_eight, look_up, EK_OUTS(ek_integer(g, 0), h), &body, NULL, results);
    no_updates_outside(g, results[1], in.labels, n->optimizer);
  }
}

#endif
