/* SPDX-License-Identifier: Apache-2.0 */
/* The gradient of FusedBatchNormGrad: that op once more from single ops, which are then differentiated. So third
 * derivatives are there, too. The graph's own path from x to y_backprop is not part of it: the ops begin at copies. */
#include "evenkeel/gradients.h"
#include "ops/batch_norm.h"
#include "ops/grad_util.h"

enum { DY, X, SCALE, MEAN, VARIANCE };
enum { DX, DSCALE, DOFFSET };

/* The op's inputs, in float32 and, if channels come first, parameters as [1, C, 1, ...]. */
typedef struct single_ops {
  ek_graph *g;
  int rank, channel;
  double epsilon;
  ek_out dy, x, scale, mean, variance;
} single_ops;

static ek_out over_batch(const single_ops *s, const char *type, ek_out x, bool keep_dims) {
  int64_t axes[5];
  int n = 0;
  for (int i = 0; i < s->rank; i++)
    if (i != s->channel) axes[n++] = i;
  return ek_op_output(
      ek_build(s->g, type, EK_OUTS(x, ek_integers(s->g, axes, n)), EK_ATTRS(EK_BOOL_ATTR("keep_dims", keep_dims))), 0);
}

static ek_out wide(const single_ops *s, ek_out v) {
  static const int64_t shape[] = {1, -1, 1, 1, 1};
  return s->channel == 1 ? ek__op2(s->g, "Reshape", v, ek_integers(s->g, shape, s->rank)) : v;
}

static ek_out mul(const single_ops *s, ek_out a, ek_out b) { return ek__op2(ek_named(s->g, "mul"), "Mul", a, b); }
static ek_out sub(const single_ops *s, ek_out a, ek_out b) { return ek__op2(ek_named(s->g, "sub"), "Sub", a, b); }
static ek_out inverse_root(const single_ops *s, ek_out variance) {
  const ek_out sum = ek__op2(ek_named(s->g, "add"), "AddV2", variance, ek_number(s->g, s->epsilon));
  return ek__op1(s->g, "Rsqrt", sum);
}

/* dx, dscale, doffset, with the batch's own moments (which keep their axes: the same for every data format). */
static void trained(const single_ops *s, ek_out d[3]) {
  const ek_out mean_dy = over_batch(s, "Mean", s->dy, true), mean_x = over_batch(s, "Mean", s->x, true);
  const ek_out fixed = ek__op1(s->g, "StopGradient", mean_x);
  const ek_out variance = over_batch(s, "Mean", ek__op2(s->g, "SquaredDifference", s->x, fixed), true);
  const ek_out dy = sub(s, s->dy, mean_dy), x = sub(s, s->x, mean_x), k = inverse_root(s, variance);
  const ek_out dy_x = mul(s, s->dy, x), mean_dy_x = over_batch(s, "Mean", dy_x, true);
  const ek_out pull = mul(s, mul(s, mul(s, k, k), mean_dy_x), x);
  d[DX] = mul(s, mul(s, s->scale, k), sub(s, dy, pull));
  d[DSCALE] = over_batch(s, "Sum", mul(s, dy_x, k), false);
  d[DOFFSET] = over_batch(s, "Sum", s->dy, false);
}

static void frozen(const single_ops *s, ek_out d[3]) {
  const ek_out k = inverse_root(s, s->variance);
  d[DX] = mul(s, s->dy, mul(s, s->scale, k));
  d[DSCALE] = over_batch(s, "Sum", mul(s, mul(s, s->dy, sub(s, s->x, s->mean)), k), false);
  d[DOFFSET] = over_batch(s, "Sum", s->dy, false);
}

ek_code ek__batch_norm_grad_grad(ek_grad_context *c) {
  ek_graph *g = c->g;
  const ek_dtype dtype = ek_out_dtype(g, ek__grad_in(c, X));
  single_ops s = {.g = g,
                  .rank = ek__batch_norm_rank(c->node),
                  .channel = ek__batch_norm_channel(c->node),
                  .epsilon = (double)ek__attr_float(c->node, "epsilon")};
  ek_out copy[3], d[3], dd[3];
  for (int i = DY; i <= SCALE; i++) copy[i] = ek__op1(g, "Identity", ek__grad_in(c, i));
  s.dy = ek__grad_cast(g, copy[DY], EK_FLOAT32);
  s.x = ek__grad_cast(g, copy[X], EK_FLOAT32);
  s.scale = wide(&s, copy[SCALE]);
  if (ek__attr_bool(c->node, "is_training")) {
    trained(&s, d);
  } else {
    s.mean = wide(&s, ek__grad_in(c, MEAN));
    s.variance = wide(&s, ek__grad_in(c, VARIANCE));
    frozen(&s, d);
  }
  d[DX] = ek__grad_cast(g, d[DX], dtype);
  if (d[DX].op <= 0 || d[DOFFSET].op <= 0) return EK_OK; /* the error is on the graph */
  ek_gradients_opts o = EK_GRADIENTS_OPTS_INIT;
  o.grad_ys = (ek_outs){c->dy, 3};
  ek_gradients(g, (ek_outs){d, 3}, (ek_outs){copy, 3}, &o, dd);
  for (int i = DY; i <= SCALE; i++) c->dx[i] = dd[i];
  return EK_OK;
}
