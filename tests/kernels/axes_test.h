/* SPDX-License-Identifier: Apache-2.0 */
/* A case of batch norm over some axes: its arrays between guards, the calls on them, and the formulas in long double.
 */
#ifndef EK_TESTS_AXES_TEST_H
#define EK_TESTS_AXES_TEST_H

#include "batch_norm_test.h"

typedef struct axes_case {
  ek_kernels_axes axes;
  double epsilon, decay;
  int frozen, correct;
  unsigned without;
  int64_t elements, span, statistics, parameters, count; /* span: values from the first to the last */
  int64_t *at, *statistic, *parameter;                   /* of every element: its place, and whose it is */
  int64_t *filled;                                       /* and how many values behind it fill its block up */
  guarded x, y, dy, dx, scale, offset, mean, variance, unbiased, moving_mean, moving_variance, dscale, doffset;
  guarded workspace;
} axes_case;

/* Fills in the sizes and, with places, who every element belongs to. */
static inline void axes_walk(axes_case *c, bool places) {
  const ek_kernels_axes *const a = &c->axes;
  int64_t index[EK_KERNELS_AXES], dense[EK_KERNELS_AXES], any = 0, stored = a->blocked != 0 ? 16 : 1;
  c->elements = c->statistics = c->parameters = c->count = 1, c->span = stored;
  for (int i = a->rank - 1; i >= 0; i--) {
    index[i] = c->elements, c->elements *= a->sizes[i], any |= a->strides[i];
    dense[i] = stored, stored *= a->blocked >> i & 1 ? (a->sizes[i] + 15) / 16 : a->sizes[i];
  }
  for (int i = 0; i < a->rank; i++) {
    const bool kept = a->kept >> i & 1, own = kept && !(a->shared >> i & 1);
    const int64_t steps = a->blocked >> i & 1 ? (a->sizes[i] + 15) / 16 : a->sizes[i];
    c->span += (steps - 1) * (any ? a->strides[i] : dense[i]);
    c->statistics *= kept ? a->sizes[i] : 1, c->parameters *= own ? a->sizes[i] : 1;
    c->count *= kept ? 1 : a->sizes[i];
  }
  if (c->elements == 0) c->span = 0;
  for (int64_t e = 0; places && e < c->elements; e++) {
    int64_t at = 0, statistic = 0, parameter = 0;
    for (int i = 0; i < a->rank; i++) {
      const bool kept = a->kept >> i & 1, own = kept && !(a->shared >> i & 1);
      const bool blocked = a->blocked >> i & 1;
      const int64_t k = e / index[i] % a->sizes[i], stride = any ? a->strides[i] : dense[i];
      at += blocked ? k / 16 * stride + k % 16 : k * stride;
      if (blocked) c->filled[e] = k == a->sizes[i] - 1 ? 15 - k % 16 : 0;
      if (kept) statistic = statistic * a->sizes[i] + k;
      if (own) parameter = parameter * a->sizes[i] + k;
    }
    c->at[e] = at, c->statistic[e] = statistic, c->parameter[e] = parameter;
  }
}

static inline axes_case axes_case_new(ek_kernels_axes axes, double mean, double spread, unsigned without) {
  axes_case c = {.axes = axes, .epsilon = 1e-3, .decay = 0.1, .without = without};
  const size_t size = bn_data_size(axes.type), psize = bn_param_size(axes.type);
  const ek_kernels_type ptype = bn_param_type(axes.type);
  axes_walk(&c, false);
  c.at = calloc((size_t)c.elements + 1, sizeof *c.at), c.statistic = calloc((size_t)c.elements + 1, sizeof *c.at);
  c.parameter = calloc((size_t)c.elements + 1, sizeof *c.at), c.filled = calloc((size_t)c.elements + 1, sizeof *c.at);
  axes_walk(&c, true);
  const size_t bytes = (size_t)c.span * size, stats = (size_t)c.statistics * psize, own = (size_t)c.parameters * psize;
  guarded *const data[] = {&c.x, &c.y, &c.dy, &c.dx}, *const stat[] = {&c.mean, &c.variance, &c.unbiased};
  guarded *const param[] = {&c.scale, &c.offset, &c.dscale, &c.doffset, &c.moving_mean, &c.moving_variance};
  for (size_t i = 0; i < 4; i++) *data[i] = guarded_new(bytes, (i + (size_t)c.span) % 5 * size);
  for (size_t i = 0; i < 3; i++) *stat[i] = guarded_new(stats, (i + (size_t)c.span) % 3 * psize);
  for (size_t i = 0; i < 6; i++) *param[i] = guarded_new(own, (i + (size_t)c.span) % 3 * psize);
  uint64_t seed = (uint64_t)c.elements + 17;
  for (int64_t e = 0; e < c.elements; e++) {
    const double v = mean + (double)(c.statistic[e] % 16) * spread + draw(&seed, -spread, spread);
    bn_set(axes.type, c.x.data, c.at[e], v);
    bn_set(axes.type, c.dy.data, c.at[e], draw(&seed, -1, 1) + 0.25);
    for (int64_t i = 1; i <= c.filled[e]; i++)
      bn_set(axes.type, c.x.data, c.at[e] + i, 0), bn_set(axes.type, c.dy.data, c.at[e] + i, 0);
  }
  for (int64_t i = 0; i < c.parameters; i++) {
    bn_set(ptype, c.scale.data, i, draw(&seed, 0.5, 2)), bn_set(ptype, c.offset.data, i, draw(&seed, -1, 1));
    bn_set(ptype, c.moving_mean.data, i, draw(&seed, -1, 1));
    bn_set(ptype, c.moving_variance.data, i, draw(&seed, 0.5, 2));
  }
  size_t need[3] = {0};
  assert_int_equal(ek_kernels_axes_norm_train_workspace(&axes, &need[0]), EK_KERNELS_OK);
  assert_int_equal(ek_kernels_axes_norm_grad_workspace(&axes, &need[1]), EK_KERNELS_OK);
  assert_int_equal(ek_kernels_axes_norm_infer_workspace(&axes, &need[2]), EK_KERNELS_OK);
  for (int i = 1; i < 3; i++) need[0] = need[i] > need[0] ? need[i] : need[0];
  c.workspace = guarded_new(need[0], 8);
  return c;
}

static inline void axes_case_free(axes_case *c) {
  const guarded all[] = {
      c->x,        c->y,        c->dy,     c->dx,      c->scale,       c->offset,          c->mean,
      c->variance, c->unbiased, c->dscale, c->doffset, c->moving_mean, c->moving_variance, c->workspace};
  for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) guarded_free(all[i]);
  free(c->at), free(c->statistic), free(c->parameter), free(c->filled);
}

static inline const void *axes_scale(const axes_case *c) { return c->without & WITHOUT_SCALE ? NULL : c->scale.data; }
static inline const void *axes_offset(const axes_case *c) {
  return c->without & WITHOUT_OFFSET ? NULL : c->offset.data;
}

static inline ek_kernels_code axes_train(const axes_case *c, const ek_kernels *k, int threads) {
  return ek_kernels_axes_norm_train(k, &(ek_kernels_axes_norm_train_args){.axes = c->axes,
                                                                          .epsilon = c->epsilon,
                                                                          .x = c->x.data,
                                                                          .scale = axes_scale(c),
                                                                          .offset = axes_offset(c),
                                                                          .y = c->y.data,
                                                                          .mean = c->mean.data,
                                                                          .variance = c->variance.data,
                                                                          .unbiased_variance = c->unbiased.data,
                                                                          .moving_mean = c->moving_mean.data,
                                                                          .moving_variance = c->moving_variance.data,
                                                                          .decay = c->decay,
                                                                          .correct = c->correct,
                                                                          .workspace = c->workspace.data,
                                                                          .workspace_bytes = c->workspace.bytes,
                                                                          .threads = threads});
}

/* With the moving averages. */
static inline ek_kernels_code axes_infer(const axes_case *c, const ek_kernels *k, int threads) {
  return ek_kernels_axes_norm_infer(k, &(ek_kernels_axes_norm_infer_args){.axes = c->axes,
                                                                          .epsilon = c->epsilon,
                                                                          .x = c->x.data,
                                                                          .scale = axes_scale(c),
                                                                          .offset = axes_offset(c),
                                                                          .mean = c->moving_mean.data,
                                                                          .variance = c->moving_variance.data,
                                                                          .y = c->y.data,
                                                                          .workspace = c->workspace.data,
                                                                          .workspace_bytes = c->workspace.bytes,
                                                                          .threads = threads});
}

/* Frozen: with the moving averages. */
static inline ek_kernels_code axes_grad(const axes_case *c, const ek_kernels *k, int threads) {
  return ek_kernels_axes_norm_grad(
      k, &(ek_kernels_axes_norm_grad_args){.axes = c->axes,
                                           .epsilon = c->epsilon,
                                           .frozen = c->frozen,
                                           .x = c->x.data,
                                           .dy = c->dy.data,
                                           .scale = axes_scale(c),
                                           .mean = c->frozen ? c->moving_mean.data : c->mean.data,
                                           .variance = c->frozen ? c->moving_variance.data : c->variance.data,
                                           .dx = c->dx.data,
                                           .dscale = c->dscale.data,
                                           .doffset = c->doffset.data,
                                           .workspace = c->workspace.data,
                                           .workspace_bytes = c->workspace.bytes,
                                           .threads = threads});
}

static inline real axes_param(const axes_case *c, guarded g, int64_t i) {
  return (real)bn_value(bn_param_type(c->axes.type), g.data, i);
}
static inline real axes_x(const axes_case *c, int64_t e) { return (real)bn_value(c->axes.type, c->x.data, c->at[e]); }
static inline real axes_dy(const axes_case *c, int64_t e) { return (real)bn_value(c->axes.type, c->dy.data, c->at[e]); }
static inline real axes_scale_of(const axes_case *c, int64_t e) {
  return c->without & WITHOUT_SCALE ? 1 : axes_param(c, c->scale, c->parameter[e]);
}
static inline real axes_offset_of(const axes_case *c, int64_t e) {
  return c->without & WITHOUT_OFFSET ? 0 : axes_param(c, c->offset, c->parameter[e]);
}

/* [statistics]: base (a value, which means are relative to), mean, variance, deviation (the mean of |x - mean|). */
typedef struct axes_reference {
  real *base, *mean, *variance, *deviation;
} axes_reference;

static inline axes_reference axes_reference_of(const axes_case *c) {
  real *const m = calloc((size_t)(4 * c->statistics) + 1, sizeof *m);
  const axes_reference r = {m, m + c->statistics, m + 2 * c->statistics, m + 3 * c->statistics};
  for (int64_t e = c->elements - 1; e >= 0; e--) r.base[c->statistic[e]] = axes_x(c, e);
  for (int64_t e = 0; e < c->elements; e++)
    r.mean[c->statistic[e]] += (axes_x(c, e) - r.base[c->statistic[e]]) / (real)c->count;
  for (int64_t e = 0; e < c->elements; e++) {
    const int64_t s = c->statistic[e];
    const real d = (axes_x(c, e) - r.base[s]) - r.mean[s];
    r.variance[s] += d * d / (real)c->count, r.deviation[s] += fabsl(d) / (real)c->count;
  }
  return r;
}
static inline void axes_reference_free(axes_reference r) { free(r.base); }

#endif
