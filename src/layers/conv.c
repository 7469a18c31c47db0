/* SPDX-License-Identifier: Apache-2.0 */
/* tf.layers.conv1d, conv2d, conv3d, conv2d_transpose. */
#include "layers/build.h"
#include "layers/convolution.h"

#include <inttypes.h>

const ek__conv_class ek__conv2d_class = {"conv2d", "Conv2D", 2, false},
                     ek__conv2d_transpose_class = {"conv2d_transpose", "conv2d_transpose", 2, true};

static ek_variable kernel_of(ek__layer *l, const ek__conv_class *k, const ek__sliding *w, int64_t channels,
                             int64_t filters, ek_dtype dtype, const ek_layers_conv_opts *o) {
  ek_shape s = {.rank = w->spatial + 2};
  for (int i = 0; i < w->spatial; i++) s.dim[i] = w->size[i];
  s.dim[w->spatial] = k->transpose ? filters : channels;
  s.dim[w->spatial + 1] = k->transpose ? channels : filters;
  return ek__layer_add_weight(l, &(ek__weight){.name = "kernel",
                                               .shape = s,
                                               .dtype = dtype,
                                               .initializer = o->kernel_initializer,
                                               .regularizer = o->kernel_regularizer,
                                               .constraint = o->kernel_constraint,
                                               .constraint_ctx = o->kernel_constraint_ctx});
}

static ek_variable bias_of(ek__layer *l, int64_t filters, ek_dtype dtype, const ek_layers_conv_opts *o) {
  return ek__layer_add_weight(
      l, &(ek__weight){.name = "bias",
                       .shape = ek_shape(filters),
                       .dtype = dtype,
                       .initializer = ek__initializer_or(o->bias_initializer, ek_zeros_initializer()),
                       .regularizer = o->bias_regularizer,
                       .constraint = o->bias_constraint,
                       .constraint_ctx = o->bias_constraint_ctx});
}

/* BiasAdd knows two formats; steps with channels first are no images: the bias as [1, filters, 1], added. */
static ek_out add_bias(ek_graph *g, const ek__sliding *w, ek_out y, ek_out bias, int64_t filters) {
  if (w->spatial != 1 || !w->channels_first) return ek_nn_bias_add(g, y, bias, ek__sliding_format(w));
  const ek_out column = ek__op2(g, "Reshape", bias, ek_ints(g, 1, filters, 1));
  return ek__op2(ek_named(g, "add"), "AddV2", y, column);
}

/* ---- The transposed one */

/* conv_utils.deconv_output_length of dimension i: a number if it is known, else nodes. */
static ek_out enlarged(ek_graph *g, const ek__sliding *w, int i, int64_t known, ek_out length) {
  const int64_t more = w->size[i] > w->strides[i] && !w->same ? w->size[i] - w->strides[i] : 0;
  if (known >= 0) return ek_integer(g, known * w->strides[i] + more);
  const ek_out product = ek__op2(ek_named(g, "mul"), "Mul", length, ek_integer(g, w->strides[i]));
  return w->same ? product : ek__op2(ek_named(g, "add"), "AddV2", product, ek_integer(g, more));
}

/* tf.stack of four: numbers become constants called after their place. */
static ek_out stack(ek_graph *g, ek_out sizes[4]) {
  static const char *const places[] = {"0", "1", "2", "3"};
  (void)ek_name_scope_begin(g, "stack");
  for (int i = 0; i < 4; i++) sizes[i] = ek_convert(g, sizes[i], EK_INT32, places[i]);
  const ek_out packed = ek__py_pack(ek_named_scope(g), (ek_outs){sizes, 4});
  ek_name_scope_end(g);
  return packed;
}

static ek_out transposed(ek_graph *g, const ek__sliding *w, ek_out x, ek_out filter, int64_t filters) {
  const ek_shape s = ek_out_shape(g, x);
  ek_shape result = s;
  ek_out length[2] = {{0, 0}, {0, 0}}, sizes[4];
  int64_t strides[EK__MAX_SPATIAL + 2];
  const ek_out shape = ek__py_shape(g, x);
  sizes[0] = ek__py_element(g, shape, 0);
  for (int i = 0; i < 2; i++)
    if (s.dim[ek__sliding_dim(w, i)] < 0) length[i] = ek__py_element(g, shape, ek__sliding_dim(w, i));
  for (int i = 0; i < 2; i++) {
    const int d = ek__sliding_dim(w, i);
    sizes[d] = enlarged(g, w, i, s.dim[d], length[i]);
    if (s.dim[d] >= 0)
      result.dim[d] =
          s.dim[d] * w->strides[i] + (!w->same && w->size[i] > w->strides[i] ? w->size[i] - w->strides[i] : 0);
  }
  sizes[ek__sliding_channel(w)] = ek_integer(g, filters);
  result.dim[ek__sliding_channel(w)] = filters;
  const ek_out packed = stack(g, sizes);
  if (!w->channels_first) (void)ek__py_element(g, packed, 0); /* Keras looks whether it is None */
  const int n = ek__sliding_list(w, w->strides, strides);
  const ek_op op =
      ek_build(ek_named(g, "conv2d_transpose"), "Conv2DBackpropInput", EK_OUTS(packed, filter, x),
               EK_ATTRS(EK_INTS_ATTR("strides", strides, n), EK_STRING_ATTR("padding", w->same ? "SAME" : "VALID"),
                        EK_STRING_ATTR("data_format", ek__sliding_format(w))));
  const ek_out y = ek_op_output(op, 0);
  if (y.op > 0) ek_out_set_shape(g, y, result);
  return y;
}

/* ---- A call */

static ek_out call(ek__layer *l, const ek__conv_class *k, const ek__sliding *w, ek_out x, int64_t channels,
                   int64_t filters, const ek_layers_conv_opts *o, ek_variable made[2]) {
  ek_graph *g = l->g;
  const ek_dtype dtype = ek_out_dtype(g, x);
  ek_variable bias = {0};
  const ek_variable kernel = kernel_of(l, k, w, channels, filters, dtype, o);
  if (o->use_bias) bias = bias_of(l, filters, dtype, o);
  made[0] = kernel;
  made[1] = bias;
  const ek_out filter = ek_variable_operand(g, kernel);
  ek_out y = k->transpose ? transposed(g, w, x, filter, filters) : ek__py_convolution(g, k->op, w, x, filter);
  if (o->use_bias) y = add_bias(g, w, y, ek_variable_operand(g, bias), filters);
  if (o->activation != NULL) y = o->activation(g, y);
  return y;
}

static bool refuse(ek_graph *g, const ek__conv_class *k, const char *what, int64_t value, const char *why) {
  ek_graph_fail(g, EK_INVALID_ARGUMENT, "%s '%s': %s is %" PRId64 "; %s", k->layer, ek_current_name_scope(g), what,
                value, why);
  return false;
}

ek_out ek__conv_layer(ek_graph *g, const ek__conv_class *k, ek_variable_scope scope, ek_out inputs, int64_t filters,
                      const int64_t *size, const ek_layers_conv_opts *options, ek_variable made[2]) {
  static const ek_layers_conv_opts defaults = EK_LAYERS_CONV_OPTS_INIT;
  const ek_layers_conv_opts *o = options != NULL ? options : &defaults;
  ek__layer l;
  ek__sliding w;
  ek_out y = ek__no_out;
  int64_t channels = -1;
  made[0] = made[1] = (ek_variable){0};
  g = ek_named(g, NULL);
  if (!ek__options_ok(g, k->layer, o->version)) return y;
  ek__layer_init(&l, g, k->layer, o->name, true, scope, o->reuse, o->trainable);
  inputs = ek_convert(g, inputs, EK_INVALID_DTYPE, NULL);
  ek__layer_begin(&l);
  bool ok =
      ek__sliding_init(g, k->layer, k->spatial, size, o->strides, o->dilation_rate, o->padding, o->data_format, &w) &&
      ek__sliding_accepts(g, k->layer, &w, inputs, &channels);
  for (int i = 0; ok && k->transpose && i < k->spatial; i++)
    if (w.dilation[i] != 1) ok = refuse(g, k, "dilation_rate", w.dilation[i], "a transposed convolution has none");
  if (ok && filters <= 0) ok = refuse(g, k, "filters", filters, "it must be positive");
  if (ok) {
    y = call(&l, k, &w, inputs, channels, filters, o, made);
    ek__layer_add_activity(&l, o->activity_regularizer, y);
  }
  ek__layer_end(&l);
  return y;
}

static ek_out conv(ek_graph *g, const ek__conv_class *k, ek_out inputs, int64_t filters, const int64_t *size,
                   const ek_layers_conv_opts *options) {
  ek_variable made[2];
  return ek__conv_layer(g, k, (ek_variable_scope){0}, inputs, filters, size, options, made);
}

ek_out ek_layers_conv1d(ek_graph *g, ek_out inputs, int64_t filters, int64_t kernel_size,
                        const ek_layers_conv_opts *options) {
  static const ek__conv_class k = {"conv1d", "Conv1D", 1, false};
  return conv(g, &k, inputs, filters, &kernel_size, options);
}

ek_out ek_layers_conv2d(ek_graph *g, ek_out inputs, int64_t filters, ek_extent kernel_size,
                        const ek_layers_conv_opts *options) {
  return conv(g, &ek__conv2d_class, inputs, filters, kernel_size.size, options);
}

ek_out ek_layers_conv3d(ek_graph *g, ek_out inputs, int64_t filters, ek_extent kernel_size,
                        const ek_layers_conv_opts *options) {
  static const ek__conv_class k = {"conv3d", "Conv3D", 3, false};
  return conv(g, &k, inputs, filters, kernel_size.size, options);
}

ek_out ek_layers_conv2d_transpose(ek_graph *g, ek_out inputs, int64_t filters, ek_extent kernel_size,
                                  const ek_layers_conv_opts *options) {
  return conv(g, &ek__conv2d_transpose_class, inputs, filters, kernel_size.size, options);
}
