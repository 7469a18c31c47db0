/* SPDX-License-Identifier: Apache-2.0 */
#include "ops/grad_util.h"
#include "ops/pool.h"

#include <string.h>

enum { MAX_ATTRS = 5 };

/* An op with the node's window. */
static ek_out build(ek_grad_context *c, const char *type, ek_outs in) {
  static const char *const names[] = {"ksize", "strides", "padding", "explicit_paddings", "data_format"};
  ek_attr attrs[MAX_ATTRS];
  int n = 0;
  for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
    const ek_attr *a = ek__attr_find(c->node, names[i]);
    if (a != NULL && !(a->kind == EK_ATTR_LIST_INT && a->n == 0)) attrs[n++] = *a;
  }
  return ek_op_output(ek_build(c->g, type, in, attrs, n), 0);
}

static bool is_v2(const ek__node *node) { return strstr(node->type, "V2") != NULL; }
static bool is_3d(const ek__node *node) { return strstr(node->type, "3D") != NULL; }

/* Of orig_input, orig_output, d and, of V2, ksize and strides, which are the node's inputs from `at`. */
static ek_out of_three(ek_grad_context *c, const char *type, ek_out x, ek_out y, ek_out d, int at) {
  const bool v2 = is_v2(c->node);
  const ek_out in[5] = {x, y, d, v2 ? ek__grad_in(c, at) : x, v2 ? ek__grad_in(c, at + 1) : x};
  return build(c, type, (ek_outs){in, v2 ? 5 : 3});
}

ek_code ek__grad_max_pool(ek_grad_context *c) {
  const char *type = is_3d(c->node) ? "MaxPool3DGrad" : is_v2(c->node) ? "MaxPoolGradV2" : "MaxPoolGrad";
  c->dx[0] = of_three(c, type, ek__grad_in(c, 0), ek__grad_out(c, 0), c->dy[0], 1);
  return EK_OK;
}

static ek_code of_max(ek_grad_context *c, const char *type) {
  const ek_out x = ek__grad_in(c, 0), y = ek__grad_in(c, 1), d = c->dy[0];
  c->dx[0] = ek__grad_zeros_like(c->g, x);
  c->dx[1] = ek__grad_zeros_like(c->g, y);
  c->dx[2] = of_three(c, type, x, y, d, 3);
  return EK_OK;
}

ek_code ek__grad_max_pool_grad(ek_grad_context *c) {
  return of_max(c, is_3d(c->node) ? "MaxPool3DGradGrad" : is_v2(c->node) ? "MaxPoolGradGradV2" : "MaxPoolGradGrad");
}

ek_code ek__grad_max_pool_again(ek_grad_context *c) {
  return of_max(c, is_3d(c->node) ? "MaxPool3DGrad" : "MaxPoolGrad");
}

ek_code ek__grad_avg_pool(ek_grad_context *c) {
  const ek_out sizes = ek__grad_shape(c->g, ek__grad_in(c, 0));
  c->dx[0] = build(c, is_3d(c->node) ? "AvgPool3DGrad" : "AvgPoolGrad", EK_OUTS(sizes, c->dy[0]));
  return EK_OK;
}

ek_code ek__grad_avg_pool_grad(ek_grad_context *c) {
  const ek_out sizes = ek__grad_in(c, 0);
  c->dx[0] = ek__op1(c->g, "StopGradient", sizes);
  c->dx[1] = build(c, is_3d(c->node) ? "AvgPool3D" : "AvgPool", EK_OUTS(c->dy[0]));
  return EK_OK;
}
