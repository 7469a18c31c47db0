/* SPDX-License-Identifier: Apache-2.0 */
/* tf.contrib.layers: max_pool2d, avg_pool2d, flatten; and the initializers of contrib. */
#include "evenkeel/contrib_layers.h"
#include "layers/build.h"
#include "layers/convolution.h"

#include <math.h>
#include <string.h>

/* ---- Pooling: an op in a name scope, without a layer's variable scope. */

static ek_out pool(ek_graph *g, const char *layer, const char *type, const char *default_name, ek_out inputs,
                   ek_extent size, const ek_contrib_pool_opts *o) {
  const char *name = ek_given_name(g) != NULL ? ek_given_name(g) : o->scope != NULL ? o->scope : default_name;
  ek__sliding w;
  int64_t channels = -1, ksize[EK__MAX_SPATIAL + 2], strides[EK__MAX_SPATIAL + 2];
  ek_out y = ek__no_out;
  g = ek_named(g, NULL);
  if (!ek__options_ok(g, layer, o->version)) return y;
  (void)ek_name_scope_begin(g, name);
  inputs = ek_convert(g, inputs, EK_INVALID_DTYPE, NULL);
  const bool first = o->data_format != NULL && strcmp(o->data_format, "NCHW") == 0;
  if (!first && o->data_format != NULL && strcmp(o->data_format, "NHWC") != 0)
    ek_graph_fail(g, EK_INVALID_ARGUMENT, "%s: data_format has to be either NCHW or NHWC, not '%s'", layer,
                  o->data_format);
  if (ek__sliding_init(g, layer, 2, size.size, o->stride, NULL, o->padding, first ? "channels_first" : "channels_last",
                       &w) &&
      ek__sliding_accepts(g, layer, &w, inputs, &channels)) {
    const int n = ek__sliding_list(&w, w.size, ksize);
    (void)ek__sliding_list(&w, w.strides, strides);
    const ek_op op = ek_build(g, type, EK_OUTS(inputs),
                              EK_ATTRS(EK_INTS_ATTR("ksize", ksize, n), EK_INTS_ATTR("strides", strides, n),
                                       EK_STRING_ATTR("padding", w.same ? "SAME" : "VALID"),
                                       EK_STRING_ATTR("data_format", ek__sliding_format(&w))));
    y = ek_op_output(op, 0);
  }
  for (int i = 0; y.op > 0 && i < EK_MAX_COLLECTIONS && o->outputs_collections[i] != NULL; i++)
    ek_add_out_to_collection(g, o->outputs_collections[i], y);
  ek_name_scope_end(g);
  return y;
}

ek_out ek_contrib_max_pool2d(ek_graph *g, ek_out inputs, ek_extent kernel_size, const ek_contrib_pool_opts *options) {
  const ek_contrib_pool_opts of_scope = ek_contrib_args_of(g).max_pool2d;
  return pool(g, "max_pool2d", "MaxPool", "MaxPool2D", inputs, kernel_size, options != NULL ? options : &of_scope);
}

ek_out ek_contrib_avg_pool2d(ek_graph *g, ek_out inputs, ek_extent kernel_size, const ek_contrib_pool_opts *options) {
  const ek_contrib_pool_opts of_scope = ek_contrib_args_of(g).avg_pool2d;
  return pool(g, "avg_pool2d", "AvgPool", "AvgPool2D", inputs, kernel_size, options != NULL ? options : &of_scope);
}

ek_out ek_contrib_flatten(ek_graph *g, ek_out inputs) {
  g = ek_composite_begin(g, "Flatten");
  const ek_out y = ek_layers_flatten(g, inputs);
  ek_name_scope_end(g);
  return y;
}

/* ---- Initializers */

typedef struct scaling {
  double factor;
  ek_fan_mode mode;
  bool uniform;
} scaling;

static ek_out scaled(ek_graph *g, ek_shape shape, ek_dtype dtype, void *ctx) {
  const scaling *s = ctx;
  double fan_in = 1, fan_out = 1;
  if (shape.rank > 0) {
    fan_in = (double)shape.dim[shape.rank > 1 ? shape.rank - 2 : 0];
    fan_out = (double)shape.dim[shape.rank - 1];
  }
  for (int i = 0; i < shape.rank - 2; i++) fan_in *= (double)shape.dim[i], fan_out *= (double)shape.dim[i];
  const double n = s->mode == EK_FAN_IN ? fan_in : s->mode == EK_FAN_OUT ? fan_out : (fan_in + fan_out) / 2.0;
  const double limit = sqrt(3.0 * s->factor / n), stddev = sqrt(1.3 * s->factor / n);
  return ek_initialize(
      g, s->uniform ? ek_random_uniform_initializer(-limit, limit) : ek_truncated_normal_initializer(0.0, stddev),
      shape, dtype);
}

ek_initializer ek_contrib_variance_scaling_initializer(ek_graph *g, double factor, ek_fan_mode mode, bool uniform) {
  scaling *s = ek_graph_alloc(g, sizeof *s);
  if (s == NULL) return ek_zeros_initializer(); /* the graph has its error */
  *s = (scaling){factor, mode, uniform};
  return ek_callback_initializer(scaled, s);
}

ek_initializer ek_contrib_xavier_initializer(ek_graph *g, bool uniform) {
  return ek_contrib_variance_scaling_initializer(g, 1.0, EK_FAN_AVG, uniform);
}
