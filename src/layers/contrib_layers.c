/* SPDX-License-Identifier: Apache-2.0 */
/* tf.contrib.layers: conv2d, conv2d_transpose, separable_conv2d, fully_connected. Each is a layer of tf.layers in a
 * scope of its own, with variables by other names, and a normalizer in the place of the bias. */
#include "evenkeel/contrib_layers.h"
#include "layers/build.h"
#include "layers/dense.h"
#include "layers/separable_conv.h"

#include <string.h>

/* What the functions share, in one form. */
typedef struct shared {
  ek_activation activation_fn;
  ek_normalizer_fn normalizer_fn;
  const void *normalizer_params;
  ek_initializer weights_initializer, biases_initializer;
  ek_regularizer weights_regularizer, biases_regularizer;
  bool use_biases, trainable;
  ek_reuse reuse;
  const char *const *variables, *const *outputs; /* collections */
  const char *scope;
} shared;
#define SHARED_OF(g_, o_)                                                                                              \
  {                                                                                                                    \
    .activation_fn = (o_)->activation_fn, .normalizer_fn = (o_)->normalizer_fn,                                        \
    .normalizer_params = (o_)->normalizer_params,                                                                      \
    .weights_initializer = ek__initializer_or((o_)->weights_initializer, ek_contrib_xavier_initializer((g_), true)),   \
    .biases_initializer = ek__initializer_or((o_)->biases_initializer, ek_zeros_initializer()),                        \
    .weights_regularizer = (o_)->weights_regularizer, .biases_regularizer = (o_)->biases_regularizer,                  \
    .use_biases = (o_)->use_biases && (o_)->normalizer_fn == NULL, .trainable = (o_)->trainable, .reuse = (o_)->reuse, \
    .variables = (o_)->variables_collections, .outputs = (o_)->outputs_collections,                                    \
    .scope = ek_given_name(g_) != NULL ? ek_given_name(g_) : (o_)->scope                                               \
  }

/* A getter: model variables, whose last name is another one. */
static ek_variable renamed(ek_graph *g, const ek_getter *next, const char *name, ek_shape shape,
                           const ek_get_variable_opts *options, void *ctx) {
  static const char *const names[][2] = {{"bias", "biases"},
                                         {"kernel", "weights"},
                                         {"depthwise_kernel", "depthwise_weights"},
                                         {"pointwise_kernel", "pointwise_weights"}};
  (void)ctx;
  const char *slash = strrchr(name, '/'), *last = slash != NULL ? slash + 1 : name;
  for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
    if (strcmp(last, names[i][0]) == 0) {
      name = ek_graph_text(g, "%.*s%s", (int)(last - name), name, names[i][1]);
      break;
    }
  const int n = options->collections != NULL ? options->n_collections : 0;
  const char **all = ek_graph_alloc(g, (size_t)(n + 2) * sizeof *all);
  if (all == NULL || name == NULL) return (ek_variable){0};
  for (int i = 0; i < n; i++) all[i] = options->collections[i];
  all[n] = EK_GLOBAL_VARIABLES;
  all[n + 1] = EK_MODEL_VARIABLES;
  ek_get_variable_opts o = *options;
  o.collections = all;
  o.n_collections = n + 2;
  return ek_getter_call(g, next, name, shape, &o);
}

static ek_variable_scope begin(ek_graph *g, const shared *s, const char *default_name) {
  ek_variable_scope_opts o = EK_VARIABLE_SCOPE_OPTS_INIT;
  o.reuse = s->reuse;
  o.custom_getter = renamed;
  if (s->scope == NULL) o.default_name = default_name;
  return ek_variable_scope_begin(g, s->scope, &o);
}

static void collect(ek_graph *g, ek_variable v, const char *const *keys) {
  for (int i = 0; v.id != 0 && i < EK_MAX_COLLECTIONS && keys[i] != NULL; i++) {
    bool there = false;
    for (int k = ek_collection_size(g, keys[i]) - 1; k >= 0 && !there; k--) {
      const ek_item item = ek_collection_item(g, keys[i], k);
      there = item.kind == EK_ITEM_VARIABLE && item.v.variable.id == v.id;
    }
    if (!there) ek_add_variable_to_collection(g, keys[i], v);
  }
}

/* Normalizer and activation; then the scope ends. */
static ek_out finish(ek_graph *g, const shared *s, ek_out y, const ek_variable *made, int n) {
  for (int i = 0; i < n; i++) collect(g, made[i], s->variables);
  if (s->normalizer_fn != NULL && y.op > 0) y = s->normalizer_fn(g, y, s->normalizer_params);
  if (s->activation_fn != NULL && y.op > 0) y = s->activation_fn(g, y);
  for (int i = 0; y.op > 0 && i < EK_MAX_COLLECTIONS && s->outputs[i] != NULL; i++)
    ek_add_out_to_collection(g, s->outputs[i], y);
  ek_variable_scope_end(g);
  return y;
}

ek_out ek_contrib_normalize_batch(ek_graph *g, ek_out x, const void *params) {
  return ek_contrib_batch_norm(g, x, params);
}

/* "NHWC" and "NCHW" in the words of tf.layers. */
static bool format_of(ek_graph *g, const char *layer, const char *given, const char **format) {
  const bool first = given != NULL && strcmp(given, "NCHW") == 0;
  *format = first ? "channels_first" : "channels_last";
  if (first || given == NULL || strcmp(given, "NHWC") == 0) return true;
  ek_graph_fail(g, EK_INVALID_ARGUMENT, "%s: data_format has to be either NCHW or NHWC, not '%s'", layer, given);
  return false;
}

/* ---- Convolutions */

static ek_out conv(ek_graph *g, const ek__conv_class *k, const char *default_name, ek_out inputs, int64_t num_outputs,
                   ek_extent kernel_size, const ek_contrib_conv_opts *o) {
  const shared s = SHARED_OF(g, o);
  ek_layers_conv_opts l = EK_LAYERS_CONV_OPTS_INIT;
  ek_variable made[2];
  g = ek_named(g, NULL);
  if (!ek__options_ok(g, k->layer, o->version) || !format_of(g, k->layer, o->data_format, &l.data_format))
    return ek__no_out;
  memcpy(l.strides, o->stride, sizeof l.strides);
  memcpy(l.dilation_rate, o->rate, sizeof l.dilation_rate);
  l.padding = o->padding;
  l.use_bias = s.use_biases;
  l.kernel_initializer = s.weights_initializer;
  l.bias_initializer = s.biases_initializer;
  l.kernel_regularizer = s.weights_regularizer;
  l.bias_regularizer = s.biases_regularizer;
  l.trainable = s.trainable;
  l.reuse = s.reuse;
  const ek_variable_scope scope = begin(g, &s, default_name);
  const ek_out y = ek__conv_layer(g, k, scope, inputs, num_outputs, kernel_size.size, &l, made);
  return finish(g, &s, y, made, 2);
}

ek_out ek_contrib_conv2d(ek_graph *g, ek_out inputs, int64_t num_outputs, ek_extent kernel_size,
                         const ek_contrib_conv_opts *options) {
  const ek_contrib_conv_opts of_scope = ek_contrib_args_of(g).conv2d;
  return conv(g, &ek__conv2d_class, "Conv", inputs, num_outputs, kernel_size, options != NULL ? options : &of_scope);
}

ek_out ek_contrib_conv2d_transpose(ek_graph *g, ek_out inputs, int64_t num_outputs, ek_extent kernel_size,
                                   const ek_contrib_conv_opts *options) {
  const ek_contrib_conv_opts of_scope = ek_contrib_args_of(g).conv2d_transpose;
  return conv(g, &ek__conv2d_transpose_class, "Conv2d_transpose", inputs, num_outputs, kernel_size,
              options != NULL ? options : &of_scope);
}

/* ---- Separable */

static ek_variable model_variable(ek_graph *g, const shared *s, const char *name, ek_shape shape, ek_dtype dtype,
                                  bool weights) {
  ek_get_variable_opts o = EK_GET_VARIABLE_OPTS_INIT;
  o.dtype = dtype;
  o.initializer = weights ? s->weights_initializer : s->biases_initializer;
  o.regularizer = weights ? s->weights_regularizer : s->biases_regularizer;
  o.trainable = s->trainable;
  int n = 0;
  while (n < EK_MAX_COLLECTIONS && s->variables[n] != NULL) n++;
  o.collections = s->variables; /* the scope's getter adds its own */
  o.n_collections = n;
  return ek_get_variable(g, name, shape, &o);
}

/* num_outputs None: the depthwise convolution alone, of contrib's own. */
static ek_out depthwise(ek_graph *g, const shared *s, const char *layer, ek_out x, ek_extent size, int64_t multiplier,
                        const ek_layers_separable_conv2d_opts *l) {
  ek__sliding w;
  int64_t channels = -1;
  if (!ek__sliding_init(g, layer, 2, size.size, l->strides, l->dilation_rate, l->padding, l->data_format, &w) ||
      !ek__sliding_accepts(g, layer, &w, x, &channels))
    return ek__no_out;
  const ek_dtype dtype = ek_out_dtype(g, x);
  const ek_variable weights =
      model_variable(g, s, "depthwise_weights", ek_shape(w.size[0], w.size[1], channels, multiplier), dtype, true);
  ek_out y = ek__py_depthwise_conv2d(g, &w, x, ek_variable_operand(g, weights));
  if (!s->use_biases) return y;
  const ek_variable biases = model_variable(g, s, "biases", ek_shape(multiplier * channels), dtype, false);
  return ek_nn_bias_add(g, y, ek_variable_operand(g, biases), ek__sliding_format(&w));
}

ek_out ek_contrib_separable_conv2d(ek_graph *g, ek_out inputs, int64_t num_outputs, ek_extent kernel_size,
                                   int64_t depth_multiplier, const ek_contrib_separable_conv2d_opts *options) {
  static const char *const layer = "separable_conv2d";
  const ek_contrib_separable_conv2d_opts of_scope = ek_contrib_args_of(g).separable_conv2d;
  const ek_contrib_separable_conv2d_opts *o = options != NULL ? options : &of_scope;
  const shared s = SHARED_OF(g, o);
  ek_layers_separable_conv2d_opts l = EK_LAYERS_SEPARABLE_CONV2D_OPTS_INIT;
  ek_variable made[3] = {{0}};
  g = ek_named(g, NULL);
  if (!ek__options_ok(g, layer, o->version) || !format_of(g, layer, o->data_format, &l.data_format)) return ek__no_out;
  if (depth_multiplier <= 0 || depth_multiplier > INT32_MAX) {
    ek_graph_fail(g, EK_INVALID_ARGUMENT, "%s: depth_multiplier must be positive", layer);
    return ek__no_out;
  }
  memcpy(l.strides, o->stride, sizeof l.strides);
  memcpy(l.dilation_rate, o->rate, sizeof l.dilation_rate);
  l.padding = o->padding;
  l.depth_multiplier = depth_multiplier;
  l.use_bias = s.use_biases;
  l.depthwise_initializer = s.weights_initializer;
  l.pointwise_initializer = ek__initializer_or(o->pointwise_initializer, s.weights_initializer);
  l.bias_initializer = s.biases_initializer;
  l.depthwise_regularizer = l.pointwise_regularizer = s.weights_regularizer;
  l.bias_regularizer = s.biases_regularizer;
  l.trainable = s.trainable;
  l.reuse = s.reuse;
  const ek_variable_scope scope = begin(g, &s, "SeparableConv2d");
  const ek_out y = num_outputs != 0 ? ek__separable_conv2d_layer(g, scope, inputs, num_outputs, kernel_size, &l, made)
                                    : depthwise(g, &s, layer, inputs, kernel_size, depth_multiplier, &l);
  return finish(g, &s, y, made, 3);
}

/* ---- Dense */

ek_out ek_contrib_fully_connected(ek_graph *g, ek_out inputs, int64_t num_outputs,
                                  const ek_contrib_fully_connected_opts *options) {
  const ek_contrib_fully_connected_opts of_scope = ek_contrib_args_of(g).fully_connected;
  const ek_contrib_fully_connected_opts *o = options != NULL ? options : &of_scope;
  const shared s = SHARED_OF(g, o);
  ek_layers_dense_opts l = EK_LAYERS_DENSE_OPTS_INIT;
  ek_variable made[2];
  g = ek_named(g, NULL);
  if (!ek__options_ok(g, "fully_connected", o->version)) return ek__no_out;
  l.use_bias = s.use_biases;
  l.kernel_initializer = s.weights_initializer;
  l.bias_initializer = s.biases_initializer;
  l.kernel_regularizer = s.weights_regularizer;
  l.bias_regularizer = s.biases_regularizer;
  l.trainable = s.trainable;
  l.reuse = s.reuse;
  const ek_variable_scope scope = begin(g, &s, "fully_connected");
  const ek_out y = ek__dense_layer(g, scope, inputs, num_outputs, &l, made);
  return finish(g, &s, y, made, 2);
}
