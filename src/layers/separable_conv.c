/* SPDX-License-Identifier: Apache-2.0 */
/* tf.layers.separable_conv2d. */
#include "layers/separable_conv.h"
#include "layers/build.h"

#include <inttypes.h>

/* nn.with_space_to_batch around DepthwiseConv2dNative; g may carry its name. */
static ek_out depthwise_op(ek_graph *g, const char *name, const ek__sliding *w, ek_out x, ek_out filter) {
  static const int64_t ones[4] = {1, 1, 1, 1};
  int64_t strides[EK__MAX_SPATIAL + 2], dilations[EK__MAX_SPATIAL + 2];
  ek__dilation d;
  (void)ek__py_shape(g, filter);
  const bool dense = ek__dilation_begin(g, w, ek__no_out, &x, &d);
  if (w->dilation[0] == 1 && w->dilation[1] == 1)
    (void)ek_convert(g, ek_integers(g, w->dilation, w->spatial), EK_INT32, "dilation_rate");
  const int n = ek__sliding_list(w, w->strides, strides);
  (void)ek__sliding_list(w, w->dilation, dilations);
  const ek_op op =
      ek_build(name != NULL ? ek_named(g, name) : ek_named_scope(g), "DepthwiseConv2dNative", EK_OUTS(x, filter),
               EK_ATTRS(EK_INTS_ATTR("strides", strides, n), EK_INTS_ATTR("dilations", dense ? ones : dilations, n),
                        EK_STRING_ATTR("padding", w->same && !dense ? "SAME" : "VALID"),
                        EK_STRING_ATTR("data_format", ek__sliding_format(w))));
  return dense ? ek__dilation_end(g, &d, ek_op_output(op, 0)) : ek_op_output(op, 0);
}

ek_out ek__py_depthwise_conv2d(ek_graph *g, const ek__sliding *w, ek_out x, ek_out filter) {
  (void)ek_name_scope_begin(g, "depthwise");
  const ek_out y = depthwise_op(g, NULL, w, x, filter);
  ek_name_scope_end(g);
  return y;
}

ek_out ek__py_separable_conv2d(ek_graph *g, const ek__sliding *w, ek_out x, ek_out depthwise, ek_out pointwise) {
  static const int64_t ones[4] = {1, 1, 1, 1};
  (void)ek_name_scope_begin(g, "separable_conv2d");
  const ek_out y = depthwise_op(g, "depthwise", w, x, depthwise);
  const ek_op op = ek_build(ek_named_scope(g), "Conv2D", EK_OUTS(y, pointwise),
                            EK_ATTRS(EK_INTS_ATTR("strides", ones, 4), EK_STRING_ATTR("padding", "VALID"),
                                     EK_STRING_ATTR("data_format", ek__sliding_format(w))));
  ek_name_scope_end(g);
  return ek_op_output(op, 0);
}

static ek_out call(ek__layer *l, const ek__sliding *w, ek_out x, int64_t channels, int64_t filters,
                   const ek_layers_separable_conv2d_opts *o, ek_variable made[3]) {
  ek_graph *g = l->g;
  const ek_dtype dtype = ek_out_dtype(g, x);
  ek_variable bias = {0};
  const ek_variable depthwise =
      ek__layer_add_weight(l, &(ek__weight){.name = "depthwise_kernel",
                                            .shape = ek_shape(w->size[0], w->size[1], channels, o->depth_multiplier),
                                            .dtype = dtype,
                                            .initializer = o->depthwise_initializer,
                                            .regularizer = o->depthwise_regularizer,
                                            .constraint = o->depthwise_constraint,
                                            .constraint_ctx = o->depthwise_constraint_ctx});
  const ek_variable pointwise =
      ek__layer_add_weight(l, &(ek__weight){.name = "pointwise_kernel",
                                            .shape = ek_shape(1, 1, channels * o->depth_multiplier, filters),
                                            .dtype = dtype,
                                            .initializer = o->pointwise_initializer,
                                            .regularizer = o->pointwise_regularizer,
                                            .constraint = o->pointwise_constraint,
                                            .constraint_ctx = o->pointwise_constraint_ctx});
  if (o->use_bias)
    bias = ek__layer_add_weight(
        l, &(ek__weight){.name = "bias",
                         .shape = ek_shape(filters),
                         .dtype = dtype,
                         .initializer = ek__initializer_or(o->bias_initializer, ek_zeros_initializer()),
                         .regularizer = o->bias_regularizer,
                         .constraint = o->bias_constraint,
                         .constraint_ctx = o->bias_constraint_ctx});
  made[0] = depthwise;
  made[1] = pointwise;
  made[2] = bias;
  ek_out y = ek__py_separable_conv2d(g, w, x, ek_variable_operand(g, depthwise), ek_variable_operand(g, pointwise));
  if (o->use_bias) y = ek_nn_bias_add(g, y, ek_variable_operand(g, bias), ek__sliding_format(w));
  if (o->activation != NULL) y = o->activation(g, y);
  return y;
}

ek_out ek__separable_conv2d_layer(ek_graph *g, ek_variable_scope scope, ek_out inputs, int64_t filters,
                                  ek_extent kernel_size, const ek_layers_separable_conv2d_opts *options,
                                  ek_variable made[3]) {
  static const ek_layers_separable_conv2d_opts defaults = EK_LAYERS_SEPARABLE_CONV2D_OPTS_INIT;
  static const char *const layer = "separable_conv2d";
  const ek_layers_separable_conv2d_opts *o = options != NULL ? options : &defaults;
  ek__layer l;
  ek__sliding w;
  ek_out y = ek__no_out;
  int64_t channels = -1;
  for (int i = 0; i < 3; i++) made[i] = (ek_variable){0};
  g = ek_named(g, NULL);
  if (!ek__options_ok(g, layer, o->version)) return y;
  ek__layer_init(&l, g, layer, o->name, true, scope, o->reuse, o->trainable);
  inputs = ek_convert(g, inputs, EK_INVALID_DTYPE, NULL);
  ek__layer_begin(&l);
  if (ek__sliding_init(g, layer, 2, kernel_size.size, o->strides, o->dilation_rate, o->padding, o->data_format, &w) &&
      ek__sliding_accepts(g, layer, &w, inputs, &channels)) {
    if (filters > 0 && o->depth_multiplier > 0 && o->depth_multiplier <= INT32_MAX) {
      y = call(&l, &w, inputs, channels, filters, o, made);
      ek__layer_add_activity(&l, o->activity_regularizer, y);
    } else {
      ek_graph_fail(g, EK_INVALID_ARGUMENT,
                    "%s '%s': filters is %" PRId64 ", depth_multiplier %" PRId64 "; both must be positive", layer,
                    ek_current_name_scope(g), filters, o->depth_multiplier);
    }
  }
  ek__layer_end(&l);
  return y;
}

ek_out ek_layers_separable_conv2d(ek_graph *g, ek_out inputs, int64_t filters, ek_extent kernel_size,
                                  const ek_layers_separable_conv2d_opts *options) {
  ek_variable made[3];
  return ek__separable_conv2d_layer(g, (ek_variable_scope){0}, inputs, filters, kernel_size, options, made);
}
