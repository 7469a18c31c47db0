/* SPDX-License-Identifier: Apache-2.0 */
/* What convolution and pooling layers share: their arguments put in order, and tf.nn.convolution. */
#ifndef EK_LAYERS_CONVOLUTION_H
#define EK_LAYERS_CONVOLUTION_H

#include "evenkeel/layers_conv.h"
#include "layers/layer.h"

enum { EK__MAX_SPATIAL = 3 };

typedef struct ek__sliding {
  int spatial; /* 1, 2 or 3 dimensions */
  bool channels_first, same;
  int64_t size[EK__MAX_SPATIAL], strides[EK__MAX_SPATIAL], dilation[EK__MAX_SPATIAL];
} ek__sliding;

/* Checks the arguments of a layer ("conv2d") whose scope is open: false, with an error on the graph, if they cannot be.
 * dilation NULL: none. */
bool ek__sliding_init(ek_graph *g, const char *layer, int spatial, const int64_t *size, const int64_t *strides,
                      const int64_t *dilation, const char *padding, const char *data_format, ek__sliding *w);
/* inputs have the rank, are floating, and the channels, *channels, are known. */
bool ek__sliding_accepts(ek_graph *g, const char *layer, const ek__sliding *w, ek_out inputs, int64_t *channels);

/* Where the channels and spatial dimension i lie. */
static inline int ek__sliding_channel(const ek__sliding *w) { return w->channels_first ? 1 : w->spatial + 1; }
static inline int ek__sliding_dim(const ek__sliding *w, int i) { return i + (w->channels_first ? 2 : 1); }
/* data_format of ops over images: "NHWC" or "NCHW". */
static inline const char *ek__sliding_format(const ek__sliding *w) { return w->channels_first ? "NCHW" : "NHWC"; }
/* values, one for each spatial dimension, as a list with 1 for batch and channels; returns its length. */
int ek__sliding_list(const ek__sliding *w, const int64_t *values, int64_t list[EK__MAX_SPATIAL + 2]);

/* A layer of the family of Conv. */
typedef struct ek__conv_class {
  const char *layer, *op; /* "conv2d", and how its op is called */
  int spatial;
  bool transpose;
} ek__conv_class;
extern const ek__conv_class ek__conv2d_class, ek__conv2d_transpose_class;
/* scope: where it lives, or none; made: its kernel and bias. */
ek_out ek__conv_layer(ek_graph *g, const ek__conv_class *k, ek_variable_scope scope, ek_out inputs, int64_t filters,
                      const int64_t *size, const ek_layers_conv_opts *options, ek_variable made[2]);

/* nn_ops.convolution in the scope `name`, whose op is called as the scope. */
ek_out ek__py_convolution(ek_graph *g, const char *name, const ek__sliding *w, ek_out inputs, ek_out filter);

/* with_space_to_batch: what a dilated window sees becomes a batch of dense images. False: nothing to do, or spatial
 * dimensions that are not known. filter: the window's shape as a literal, called filter_shape, or none. */
typedef struct ek__dilation {
  int n;
  int64_t block_size[EK__MAX_SPATIAL + 1];
  int64_t crops[2 * EK__MAX_SPATIAL + 2];
} ek__dilation;
bool ek__dilation_begin(ek_graph *g, const ek__sliding *w, ek_out filter_shape, ek_out *inputs, ek__dilation *d);
ek_out ek__dilation_end(ek_graph *g, const ek__dilation *d, ek_out outputs);

#endif
