/* SPDX-License-Identifier: Apache-2.0 */
/* Convolutional networks over square images of 1 or 3 channels. */
#include "net_images.h"

#include <string.h>

enum { STAGES = 3, BLOCKS = 3, WIDTH = 16 }; /* ResNet-20: 1 + 2 * 3 * 3 + 1 layers with weights */

typedef struct builder {
  ek_graph *g;
  const net_options *o;
  ek_out training;
} builder;

bool net_image_shape(int64_t pixels, int64_t *side, int64_t *channels) {
  for (*channels = 1; *channels <= 3; *channels += 2)
    for (*side = 1; *side * *side * *channels <= pixels; ++*side)
      if (*side * *side * *channels == pixels) return true;
  return false;
}

/* Without a bias where normalization follows: beta takes its place. */
static ek_out conv(const builder *b, ek_out x, int64_t filters, int64_t size, int64_t stride) {
  const bool norm = strcmp(b->o->norm, "batch") == 0;
  x = ek_layers_conv2d(b->g, x, filters, EK_EXTENT(size),
                       EK_LAYERS_CONV(.strides = {stride}, .padding = "same", .use_bias = !norm,
                                      .kernel_initializer = ek_he_normal_initializer()));
  return norm ? net_normalize(b->g, x, b->training) : x;
}

static ek_out active(const builder *b, ek_out x) { return net_activate(b->g, b->o->activation, x); }

/* [?, pixels] as [?, side, side, channels]. */
static ek_out as_images(const builder *b, ek_out x) {
  int64_t side = 0, channels = 0;
  if (net_image_shape(b->o->pixels, &side, &channels)) {
    const ek_out shape = ek_ints(b->g, -1, side, side, channels);
    return ek_op_output(ek_build(b->g, "Reshape", EK_OUTS(x, shape), EK_NO_ATTRS), 0);
  }
  ek_graph_fail(b->g, EK_INVALID_ARGUMENT, "--net %s wants square images of 1 or 3 channels, not %lld pixels",
                b->o->net, (long long)b->o->pixels);
  return x;
}

/* The mean of each channel. */
static ek_out over_space(const builder *b, ek_out x) {
  const ek_out axes = ek_ints(b->g, 1, 2);
  return ek_op_output(ek_build(b->g, "Mean", EK_OUTS(x, axes), EK_NO_ATTRS), 0);
}

ek_out net_cnn(ek_graph *g, const net_options *o, ek_out x, ek_out training) {
  const builder b = {g, o, training};
  const ek_extent two = EK_EXTENT(2);
  x = active(&b, conv(&b, as_images(&b, x), 32, 3, 1));
  x = ek_layers_max_pooling2d(g, x, two, two, NULL);
  x = active(&b, conv(&b, x, 64, 3, 1));
  return over_space(&b, active(&b, conv(&b, x, 64, 3, 1)));
}

ek_out net_resnet20(ek_graph *g, const net_options *o, ek_out x, ek_out training) {
  const builder b = {g, o, training};
  x = active(&b, conv(&b, as_images(&b, x), WIDTH, 3, 1));
  for (int stage = 0; stage < STAGES; stage++)
    for (int block = 0; block < BLOCKS; block++) {
      const int64_t filters = (int64_t)WIDTH << stage, stride = stage > 0 && block == 0 ? 2 : 1;
      const ek_out shortcut = stride == 1 ? x : conv(&b, x, filters, 1, stride);
      const ek_out inner = active(&b, conv(&b, x, filters, 3, stride)), residual = conv(&b, inner, filters, 3, 1);
      x = active(&b, ek_op_output(ek_build(g, "AddV2", EK_OUTS(shortcut, residual), EK_NO_ATTRS), 0));
    }
  return over_space(&b, x);
}
