/* SPDX-License-Identifier: Apache-2.0 */
/* tf.layers: convolutions and pooling. Variables, names, collections and the order of nodes are TensorFlow's; errors
 * stick to the graph.
 *
 * inputs: [batch, SPATIAL..., channels], with data_format "channels_first" [batch, channels, SPATIAL...]; of rank 3
 * (1d: steps), 4 (2d: height, width) or 5 (3d: depth, height, width). The number of channels must be known, other
 * dimensions need not be. padding is "valid" (the default) or "same". */
#ifndef EVENKEEL_LAYERS_CONV_H
#define EVENKEEL_LAYERS_CONV_H

#include "layers.h"

#ifdef __cplusplus
extern "C" {
#endif

/* One number for each spatial dimension; those left out are as the first: EK_EXTENT(3) is 3 x 3 for images. */
typedef struct ek_extent {
  int64_t size[3];
} ek_extent;
#define EK_EXTENT(...) ((ek_extent){{__VA_ARGS__}})

/* ---- Convolution */

typedef struct ek_layers_conv_opts {
  uint32_t version;
  int64_t strides[3];                /* {1}; as in EK_EXTENT, what is 0 is as the first */
  const char *padding;               /* "valid" */
  const char *data_format;           /* "channels_last" */
  int64_t dilation_rate[3];          /* {1}; over 1 not together with strides over 1 */
  ek_activation activation;          /* NULL: none */
  bool use_bias;                     /* true */
  ek_initializer kernel_initializer; /* default: the scope's, else glorot_uniform */
  ek_initializer bias_initializer;   /* default: zeros */
  ek_regularizer kernel_regularizer, bias_regularizer;
  ek_regularizer activity_regularizer; /* of the result, divided by the batch size */
  ek_constraint_fn kernel_constraint, bias_constraint;
  void *kernel_constraint_ctx, *bias_constraint_ctx;
  bool trainable; /* true */
  const char *name;
  ek_reuse reuse;
} ek_layers_conv_opts;
#define EK_LAYERS_CONV_OPTS_FIELDS_                                                                                    \
  .version = 1u, .strides = {1}, .padding = "valid", .data_format = "channels_last", .dilation_rate = {1},             \
  .use_bias = true, .trainable = true
#define EK_LAYERS_CONV_OPTS_INIT                                                                                       \
  { EK_LAYERS_CONV_OPTS_FIELDS_ }
#define EK_LAYERS_CONV(...) EK_OPTS_(ek_layers_conv_opts, EK_LAYERS_CONV_OPTS_FIELDS_, __VA_ARGS__)

/* tf.layers.conv1d, conv2d, conv3d: activation(convolution of inputs with kernel + bias). kernel: [SIZE..., in,
 * filters], bias: [filters]; the result has filters channels. Dilation moves space into the batch and back, as
 * TensorFlow writes it, where the spatial dimensions are known; where not, the op does it. options may be NULL. */
EK_API ek_out ek_layers_conv1d(ek_graph *g, ek_out inputs, int64_t filters, int64_t kernel_size,
                               const ek_layers_conv_opts *options);
EK_API ek_out ek_layers_conv2d(ek_graph *g, ek_out inputs, int64_t filters, ek_extent kernel_size,
                               const ek_layers_conv_opts *options);
EK_API ek_out ek_layers_conv3d(ek_graph *g, ek_out inputs, int64_t filters, ek_extent kernel_size,
                               const ek_layers_conv_opts *options);

/* tf.layers.conv2d_transpose: the gradient of a convolution as a layer, which enlarges height and width by strides.
 * kernel: [SIZE..., filters, in]. No dilation. channels_first stays so on every device, where TensorFlow's CPU form
 * transposes. */
EK_API ek_out ek_layers_conv2d_transpose(ek_graph *g, ek_out inputs, int64_t filters, ek_extent kernel_size,
                                         const ek_layers_conv_opts *options);

typedef struct ek_layers_separable_conv2d_opts {
  uint32_t version;
  int64_t strides[2];       /* {1} */
  const char *padding;      /* "valid" */
  const char *data_format;  /* "channels_last" */
  int64_t dilation_rate[2]; /* {1} */
  int64_t depth_multiplier; /* 1: results of the depthwise convolution for each channel */
  ek_activation activation;
  bool use_bias; /* true */
  ek_initializer depthwise_initializer, pointwise_initializer, bias_initializer;
  ek_regularizer depthwise_regularizer, pointwise_regularizer, bias_regularizer, activity_regularizer;
  ek_constraint_fn depthwise_constraint, pointwise_constraint, bias_constraint;
  void *depthwise_constraint_ctx, *pointwise_constraint_ctx, *bias_constraint_ctx;
  bool trainable; /* true */
  const char *name;
  ek_reuse reuse;
} ek_layers_separable_conv2d_opts;
#define EK_LAYERS_SEPARABLE_CONV2D_OPTS_FIELDS_                                                                        \
  .version = 1u, .strides = {1}, .padding = "valid", .data_format = "channels_last", .dilation_rate = {1},             \
  .depth_multiplier = 1, .use_bias = true, .trainable = true
#define EK_LAYERS_SEPARABLE_CONV2D_OPTS_INIT                                                                           \
  { EK_LAYERS_SEPARABLE_CONV2D_OPTS_FIELDS_ }
#define EK_LAYERS_SEPARABLE_CONV2D(...)                                                                                \
  EK_OPTS_(ek_layers_separable_conv2d_opts, EK_LAYERS_SEPARABLE_CONV2D_OPTS_FIELDS_, __VA_ARGS__)

/* tf.layers.separable_conv2d: each channel by itself with depthwise_kernel [SIZE..., in, depth_multiplier], then all
 * together with pointwise_kernel [1, 1, in * depth_multiplier, filters]. options may be NULL. */
EK_API ek_out ek_layers_separable_conv2d(ek_graph *g, ek_out inputs, int64_t filters, ek_extent kernel_size,
                                         const ek_layers_separable_conv2d_opts *options);

/* ---- Pooling */

typedef struct ek_layers_pooling_opts {
  uint32_t version;
  const char *padding;     /* "valid" */
  const char *data_format; /* "channels_last" */
  const char *name;
} ek_layers_pooling_opts;
#define EK_LAYERS_POOLING_OPTS_FIELDS_ .version = 1u, .padding = "valid", .data_format = "channels_last"
#define EK_LAYERS_POOLING_OPTS_INIT                                                                                    \
  { EK_LAYERS_POOLING_OPTS_FIELDS_ }
#define EK_LAYERS_POOLING(...) EK_OPTS_(ek_layers_pooling_opts, EK_LAYERS_POOLING_OPTS_FIELDS_, __VA_ARGS__)

/* tf.layers.max_pooling1d, ...: the largest, or the mean, of each window of pool_size, every strides elements;
 * channels_first without a transposition. options may be NULL. */
EK_API ek_out ek_layers_max_pooling1d(ek_graph *g, ek_out inputs, int64_t pool_size, int64_t strides,
                                      const ek_layers_pooling_opts *options);
EK_API ek_out ek_layers_max_pooling2d(ek_graph *g, ek_out inputs, ek_extent pool_size, ek_extent strides,
                                      const ek_layers_pooling_opts *options);
EK_API ek_out ek_layers_max_pooling3d(ek_graph *g, ek_out inputs, ek_extent pool_size, ek_extent strides,
                                      const ek_layers_pooling_opts *options);
EK_API ek_out ek_layers_average_pooling1d(ek_graph *g, ek_out inputs, int64_t pool_size, int64_t strides,
                                          const ek_layers_pooling_opts *options);
EK_API ek_out ek_layers_average_pooling2d(ek_graph *g, ek_out inputs, ek_extent pool_size, ek_extent strides,
                                          const ek_layers_pooling_opts *options);
EK_API ek_out ek_layers_average_pooling3d(ek_graph *g, ek_out inputs, ek_extent pool_size, ek_extent strides,
                                          const ek_layers_pooling_opts *options);

#ifdef __cplusplus
}
#endif
#endif
