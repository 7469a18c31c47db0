/* SPDX-License-Identifier: Apache-2.0 */
/* tf.contrib.layers' (tf.contrib.slim's, tf_slim's) layers, and arg_scope. Variables, names, collections and the order
 * of nodes are TensorFlow's; errors stick to the graph.
 *
 * Options NULL stand for what the innermost arg scope says, and without one for the defaults below. A call's scope
 * comes with ek_named, or with .scope: ek_contrib_conv2d(ek_named(g, "conv1"), x, 64, EK_EXTENT(7), NULL). */
#ifndef EVENKEEL_CONTRIB_LAYERS_H
#define EVENKEEL_CONTRIB_LAYERS_H

#include "contrib.h"
#include "layers_conv.h"

#ifdef __cplusplus
extern "C" {
#endif

/* ---- Initializers */

/* variance_scaling_initializer: n = fan in, out, or their average; uniform: within sqrt(3 factor / n), else a truncated
 * normal of stddev sqrt(1.3 factor / n). As old as the graph. contrib's defaults: 2.0, EK_FAN_IN, false. */
EK_API ek_initializer ek_contrib_variance_scaling_initializer(ek_graph *g, double factor, ek_fan_mode mode,
                                                              bool uniform);
/* xavier_initializer: factor 1 and EK_FAN_AVG. */
EK_API ek_initializer ek_contrib_xavier_initializer(ek_graph *g, bool uniform);

/* ---- Normalizers: what stands in the place of a bias */

typedef ek_out (*ek_normalizer_fn)(ek_graph *g, ek_out x, const void *params);
/* normalizer_fn = batch_norm; params: const ek_contrib_batch_norm_opts *, NULL: the arg scope's. */
EK_API ek_out ek_contrib_normalize_batch(ek_graph *g, ek_out x, const void *params);

/* ---- Layers with weights */

#define EK_CONTRIB_LAYER_FIELDS_                                                                                       \
  ek_activation activation_fn;    /* ek_nn_relu; NULL: none */                                                         \
  ek_normalizer_fn normalizer_fn; /* NULL: biases; else no biases */                                                   \
  const void *normalizer_params;                                                                                       \
  ek_initializer weights_initializer; /* default: xavier, uniform */                                                   \
  ek_regularizer weights_regularizer;                                                                                  \
  bool use_biases;                   /* true; false is biases_initializer=None */                                      \
  ek_initializer biases_initializer; /* zeros */                                                                       \
  ek_regularizer biases_regularizer;                                                                                   \
  ek_reuse reuse;                                                                                                      \
  const char *variables_collections[EK_MAX_COLLECTIONS]; /* of both variables, besides the usual ones */               \
  const char *outputs_collections[EK_MAX_COLLECTIONS];                                                                 \
  bool trainable; /* true */                                                                                           \
  const char *scope

typedef struct ek_contrib_conv_opts {
  uint32_t version;
  int64_t stride[3];       /* {1}; what is 0 is as the first */
  const char *padding;     /* "SAME" */
  const char *data_format; /* "NHWC"; "NCHW" */
  int64_t rate[3];         /* {1}: dilation */
  EK_CONTRIB_LAYER_FIELDS_;
} ek_contrib_conv_opts;
#define EK_CONTRIB_CONV_OPTS_FIELDS_                                                                                   \
  .version = 1u, .stride = {1}, .padding = "SAME", .data_format = "NHWC", .rate = {1}, .activation_fn = ek_nn_relu,    \
  .use_biases = true, .trainable = true
#define EK_CONTRIB_CONV_OPTS_INIT                                                                                      \
  { EK_CONTRIB_CONV_OPTS_FIELDS_ }
#define EK_CONTRIB_CONV(...) EK_OPTS_(ek_contrib_conv_opts, EK_CONTRIB_CONV_OPTS_FIELDS_, __VA_ARGS__)

/* tf.contrib.layers.conv2d and conv2d_transpose (which has no rate): activation(normalizer(convolution [+ biases])).
 * inputs: [batch, height, width, channels] or, NCHW, [batch, channels, height, width]. Variables: weights, biases,
 * which are model variables. Default scopes: "Conv", "Conv2d_transpose". */
EK_API ek_out ek_contrib_conv2d(ek_graph *g, ek_out inputs, int64_t num_outputs, ek_extent kernel_size,
                                const ek_contrib_conv_opts *options);
EK_API ek_out ek_contrib_conv2d_transpose(ek_graph *g, ek_out inputs, int64_t num_outputs, ek_extent kernel_size,
                                          const ek_contrib_conv_opts *options);

typedef struct ek_contrib_separable_conv2d_opts {
  uint32_t version;
  int64_t stride[2];                    /* {1} */
  const char *padding;                  /* "SAME" */
  const char *data_format;              /* "NHWC" */
  int64_t rate[2];                      /* {1} */
  ek_initializer pointwise_initializer; /* default: weights_initializer */
  EK_CONTRIB_LAYER_FIELDS_;
} ek_contrib_separable_conv2d_opts;
#define EK_CONTRIB_SEPARABLE_CONV2D_OPTS_FIELDS_                                                                       \
  .version = 1u, .stride = {1}, .padding = "SAME", .data_format = "NHWC", .rate = {1}, .activation_fn = ek_nn_relu,    \
  .use_biases = true, .trainable = true
#define EK_CONTRIB_SEPARABLE_CONV2D_OPTS_INIT                                                                          \
  { EK_CONTRIB_SEPARABLE_CONV2D_OPTS_FIELDS_ }
#define EK_CONTRIB_SEPARABLE_CONV2D(...)                                                                               \
  EK_OPTS_(ek_contrib_separable_conv2d_opts, EK_CONTRIB_SEPARABLE_CONV2D_OPTS_FIELDS_, __VA_ARGS__)

/* tf.contrib.layers.separable_conv2d. Variables: depthwise_weights, pointwise_weights, biases; default scope
 * "SeparableConv2d". num_outputs 0 (Python's None): the depthwise convolution alone. */
EK_API ek_out ek_contrib_separable_conv2d(ek_graph *g, ek_out inputs, int64_t num_outputs, ek_extent kernel_size,
                                          int64_t depth_multiplier, const ek_contrib_separable_conv2d_opts *options);

typedef struct ek_contrib_fully_connected_opts {
  uint32_t version;
  EK_CONTRIB_LAYER_FIELDS_;
} ek_contrib_fully_connected_opts;
#define EK_CONTRIB_FULLY_CONNECTED_OPTS_FIELDS_                                                                        \
  .version = 1u, .activation_fn = ek_nn_relu, .use_biases = true, .trainable = true
#define EK_CONTRIB_FULLY_CONNECTED_OPTS_INIT                                                                           \
  { EK_CONTRIB_FULLY_CONNECTED_OPTS_FIELDS_ }
#define EK_CONTRIB_FULLY_CONNECTED(...)                                                                                \
  EK_OPTS_(ek_contrib_fully_connected_opts, EK_CONTRIB_FULLY_CONNECTED_OPTS_FIELDS_, __VA_ARGS__)

/* tf.contrib.layers.fully_connected. Variables: weights [in, num_outputs], biases; default scope "fully_connected". */
EK_API ek_out ek_contrib_fully_connected(ek_graph *g, ek_out inputs, int64_t num_outputs,
                                         const ek_contrib_fully_connected_opts *options);

/* ---- Pooling, flatten */

typedef struct ek_contrib_pool_opts {
  uint32_t version;
  int64_t stride[2];       /* {2} */
  const char *padding;     /* "VALID" */
  const char *data_format; /* "NHWC" */
  const char *outputs_collections[EK_MAX_COLLECTIONS];
  const char *scope;
} ek_contrib_pool_opts;
#define EK_CONTRIB_POOL_OPTS_FIELDS_ .version = 1u, .stride = {2}, .padding = "VALID", .data_format = "NHWC"
#define EK_CONTRIB_POOL_OPTS_INIT                                                                                      \
  { EK_CONTRIB_POOL_OPTS_FIELDS_ }
#define EK_CONTRIB_POOL(...) EK_OPTS_(ek_contrib_pool_opts, EK_CONTRIB_POOL_OPTS_FIELDS_, __VA_ARGS__)

/* tf.contrib.layers.max_pool2d, avg_pool2d. Default scopes: "MaxPool2D", "AvgPool2D". */
EK_API ek_out ek_contrib_max_pool2d(ek_graph *g, ek_out inputs, ek_extent kernel_size,
                                    const ek_contrib_pool_opts *options);
EK_API ek_out ek_contrib_avg_pool2d(ek_graph *g, ek_out inputs, ek_extent kernel_size,
                                    const ek_contrib_pool_opts *options);
/* tf.contrib.layers.flatten: [N, ...] to [N, product of the rest]; default scope "Flatten". */
EK_API ek_out ek_contrib_flatten(ek_graph *g, ek_out inputs);

/* ---- arg_scope: the options of calls that give none.
 *
 *   ek_contrib_args args = ek_contrib_args_of(g);          what holds here
 *   args.conv2d.normalizer_fn = ek_contrib_normalize_batch;
 *   args.batch_norm.is_training = training;
 *   EK_ARG_SCOPE(g, &args) {
 *     y = ek_contrib_conv2d(g, x, 64, EK_EXTENT(3), NULL);
 *     ek_contrib_conv_opts o = ek_contrib_args_of(g).conv2d;   one call that differs
 *     o.stride[0] = 2;
 *     y = ek_contrib_conv2d(g, y, 64, EK_EXTENT(3), &o);
 *   }
 *
 * As in Python, an inner scope changes what the outer one says, and a call's own arguments win. */

typedef struct ek_contrib_args {
  uint32_t version;
  ek_contrib_conv_opts conv2d, conv2d_transpose;
  ek_contrib_separable_conv2d_opts separable_conv2d;
  ek_contrib_fully_connected_opts fully_connected;
  ek_contrib_pool_opts max_pool2d, avg_pool2d;
  ek_contrib_batch_norm_opts batch_norm;
} ek_contrib_args;

/* What holds now: the innermost scope's, else every function's defaults. */
EK_API ek_contrib_args ek_contrib_args_of(ek_graph *g);
/* args are copied; what they point to must live until the end. */
EK_API void ek_arg_scope_begin(ek_graph *g, const ek_contrib_args *args);
EK_API void ek_arg_scope_end(ek_graph *g);
#define EK_ARG_SCOPE(g_, args_) EK_BLOCK_((ek_arg_scope_begin((g_), (args_)), (g_)), ek_arg_scope_end)

#ifdef __cplusplus
}
#endif
#endif
