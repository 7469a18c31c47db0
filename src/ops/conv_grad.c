/* SPDX-License-Identifier: Apache-2.0 */
#include "ops/conv_grad.h"
#include "ops/grad_util.h"

#include <string.h>

enum { MAX_ATTRS = 8 };

typedef struct family {
  const char *forward, *input, *filter;
} family;

static const family *family_of(const ek__node *node) {
  static const family conv2d = {"Conv2D", "Conv2DBackpropInput", "Conv2DBackpropFilter"},
                      conv3d = {"Conv3D", "Conv3DBackpropInputV2", "Conv3DBackpropFilterV2"},
                      depthwise = {"DepthwiseConv2dNative", "DepthwiseConv2dNativeBackpropInput",
                                   "DepthwiseConv2dNativeBackpropFilter"};
  if (node->type[0] == 'D') return &depthwise;
  return strncmp(node->type, "Conv3D", 6) == 0 ? &conv3d : &conv2d;
}

/* Another op of the family with the node's attributes. */
static ek_out build(ek_grad_context *c, const char *type, ek_out x, ek_out y, ek_out z, int n_in) {
  static const char *const names[] = {"strides",           "use_cudnn_on_gpu", "padding",
                                      "explicit_paddings", "data_format",      "dilations"};
  const ek_out in[3] = {x, y, z};
  ek_attr attrs[MAX_ATTRS];
  int n = 0;
  for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
    const ek_attr *a = ek__attr_find(c->node, names[i]);
    if (a != NULL) attrs[n++] = *a;
  }
  return ek_op_output(ek_build(c->g, type, (ek_outs){in, n_in}, attrs, n), 0);
}
static ek_out forward(ek_grad_context *c, ek_out x, ek_out filter) {
  return build(c, family_of(c->node)->forward, x, filter, filter, 2);
}
static ek_out to_input(ek_grad_context *c, ek_out sizes, ek_out filter, ek_out dy) {
  return build(c, family_of(c->node)->input, sizes, filter, dy, 3);
}
static ek_out to_filter(ek_grad_context *c, ek_out x, ek_out sizes, ek_out dy) {
  return build(c, family_of(c->node)->filter, x, sizes, dy, 3);
}

ek_code ek__grad_conv_forward(ek_grad_context *c) {
  const ek_out x = ek__grad_in(c, 0), filter = ek__grad_in(c, 1), dy = c->dy[0];
  if (c->node->type[0] == 'D') {
    const ek_out sizes = ek__grad_shape(c->g, x);
    c->dx[0] = to_input(c, sizes, filter, dy);
    const ek_out filter_sizes = ek__grad_shape(c->g, filter);
    c->dx[1] = to_filter(c, x, filter_sizes, dy);
    return EK_OK;
  }
  const ek_op shapes = ek_build(c->g, "ShapeN", EK_OUTS(x, filter), EK_ATTRS(EK_INT_ATTR("N", 2)));
  c->dx[0] = to_input(c, ek_op_output(shapes, 0), filter, dy);
  c->dx[1] = to_filter(c, x, ek_op_output(shapes, 1), dy);
  return EK_OK;
}

ek_code ek__grad_conv_input(ek_grad_context *c) {
  const ek_out filter = ek__grad_in(c, 1), dy = ek__grad_in(c, 2), d = c->dy[0];
  const ek_out sizes = ek__grad_shape(c->g, filter);
  c->dx[1] = to_filter(c, d, sizes, dy);
  c->dx[2] = forward(c, d, filter);
  return EK_OK;
}

ek_code ek__grad_conv_filter(ek_grad_context *c) {
  const ek_out x = ek__grad_in(c, 0), dy = ek__grad_in(c, 2), d = c->dy[0];
  const ek_out sizes = ek__grad_shape(c->g, x);
  c->dx[0] = to_input(c, sizes, d, dy);
  c->dx[2] = forward(c, x, d);
  return EK_OK;
}
