/* SPDX-License-Identifier: Apache-2.0 */
/* tf.layers' pooling: max_pooling1d to 3d, average_pooling1d to 3d. */
#include "layers/build.h"
#include "layers/convolution.h"

typedef struct pool_class {
  const char *layer, *op;
  int spatial;
} pool_class;

/* The op over images or volumes; steps become images that are one wide. */
static ek_out call(ek_graph *g, const pool_class *k, const ek__sliding *w, ek_out x) {
  int64_t ksize[EK__MAX_SPATIAL + 2], strides[EK__MAX_SPATIAL + 2];
  const int64_t at = w->channels_first ? 3 : 2; /* the width that steps are given */
  int n = ek__sliding_list(w, w->size, ksize);
  (void)ek__sliding_list(w, w->strides, strides);
  if (w->spatial == 1) {
    for (int i = n++; i > at; i--) ksize[i] = ksize[i - 1], strides[i] = strides[i - 1];
    ksize[at] = strides[at] = 1;
    x = ek__op2(g, "ExpandDims", x, ek_integer(g, at));
  }
  const char *format = w->spatial == 3 ? w->channels_first ? "NCDHW" : "NDHWC" : ek__sliding_format(w);
  const ek_op op =
      ek_build(g, k->op, EK_OUTS(x),
               EK_ATTRS(EK_INTS_ATTR("ksize", ksize, n), EK_INTS_ATTR("strides", strides, n),
                        EK_STRING_ATTR("padding", w->same ? "SAME" : "VALID"), EK_STRING_ATTR("data_format", format)));
  if (w->spatial != 1) return ek_op_output(op, 0);
  const ek_op steps =
      ek_build(g, "Squeeze", EK_OUTS(ek_op_output(op, 0)), EK_ATTRS(EK_INTS_ATTR("squeeze_dims", &at, 1)));
  return ek_op_output(steps, 0);
}

static ek_out pool(ek_graph *g, const pool_class *k, ek_out inputs, const int64_t *size, const int64_t *strides,
                   const ek_layers_pooling_opts *options) {
  static const ek_layers_pooling_opts defaults = EK_LAYERS_POOLING_OPTS_INIT;
  const ek_layers_pooling_opts *o = options != NULL ? options : &defaults;
  ek__layer l;
  ek__sliding w;
  ek_out y = ek__no_out;
  int64_t channels = -1;
  const char *name = o->name != NULL ? o->name : ek_given_name(g);
  g = ek_named(g, NULL);
  if (!ek__options_ok(g, k->layer, o->version)) return y;
  ek__layer_init(&l, g, k->layer, name, false, (ek_variable_scope){0}, EK_REUSE_INHERIT, true);
  inputs = ek_convert(g, inputs, EK_INVALID_DTYPE, NULL);
  ek__layer_begin(&l);
  if (ek__sliding_init(g, k->layer, k->spatial, size, strides, NULL, o->padding, o->data_format, &w) &&
      ek__sliding_accepts(g, k->layer, &w, inputs, &channels))
    y = call(g, k, &w, inputs);
  ek__layer_end(&l);
  return y;
}

#define POOLING1D(function_, op_)                                                                                      \
  ek_out ek_layers_##function_(ek_graph *g, ek_out inputs, int64_t pool_size, int64_t strides,                         \
                               const ek_layers_pooling_opts *options) {                                                \
    static const pool_class k = {#function_, op_, 1};                                                                  \
    return pool(g, &k, inputs, &pool_size, &strides, options);                                                         \
  }
#define POOLING(function_, op_, spatial_)                                                                              \
  ek_out ek_layers_##function_(ek_graph *g, ek_out inputs, ek_extent pool_size, ek_extent strides,                     \
                               const ek_layers_pooling_opts *options) {                                                \
    static const pool_class k = {#function_, op_, spatial_};                                                           \
    return pool(g, &k, inputs, pool_size.size, strides.size, options);                                                 \
  }

POOLING1D(max_pooling1d, "MaxPool")
POOLING(max_pooling2d, "MaxPool", 2)
POOLING(max_pooling3d, "MaxPool3D", 3)
POOLING1D(average_pooling1d, "AvgPool")
POOLING(average_pooling2d, "AvgPool", 2)
POOLING(average_pooling3d, "AvgPool3D", 3)
