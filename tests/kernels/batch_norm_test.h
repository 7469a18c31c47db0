/* SPDX-License-Identifier: Apache-2.0 */
/* A batch norm case: its arrays between guards, the calls on them, and the formulas in double. */
#ifndef EK_TESTS_BATCH_NORM_TEST_H
#define EK_TESTS_BATCH_NORM_TEST_H

#include "kernel_test.h"
#include "tensor/half.h"

/* More digits than the double kernels have, where the machine offers them. */
typedef long double real;

enum { WITHOUT_SCALE = 1, WITHOUT_OFFSET = 2, WITHOUT_UNBIASED = 4 };

typedef struct bn_case {
  ek_kernels_batch_norm_shape shape;
  double epsilon;
  int frozen;
  unsigned without;
  guarded x, y, dy, dx, scale, offset, mean, variance, unbiased, dscale, doffset, workspace;
} bn_case;

static inline size_t bn_data_size(ek_kernels_type t) { return t == EK_KERNELS_F64 ? 8 : t == EK_KERNELS_F32 ? 4 : 2; }
static inline size_t bn_param_size(ek_kernels_type t) { return t == EK_KERNELS_F64 ? 8 : 4; }

static inline double bn_value(ek_kernels_type t, const void *p, int64_t i) {
  switch (t) {
  case EK_KERNELS_F32: return (double)((const float *)p)[i];
  case EK_KERNELS_F64: return ((const double *)p)[i];
  case EK_KERNELS_BF16: return (double)ek__float_of_bf16(((const uint16_t *)p)[i]);
  case EK_KERNELS_F16: return (double)ek__float_of_f16(((const uint16_t *)p)[i]);
  }
  return NAN;
}
static inline void bn_set(ek_kernels_type t, void *p, int64_t i, double v) {
  switch (t) {
  case EK_KERNELS_F32: ((float *)p)[i] = (float)v; break;
  case EK_KERNELS_F64: ((double *)p)[i] = v; break;
  case EK_KERNELS_BF16: ((uint16_t *)p)[i] = ek__bf16_of_float((float)v); break;
  case EK_KERNELS_F16: ((uint16_t *)p)[i] = ek__f16_of_float((float)v); break;
  }
}
static inline ek_kernels_type bn_param_type(ek_kernels_type t) {
  return t == EK_KERNELS_F64 ? EK_KERNELS_F64 : EK_KERNELS_F32;
}
static inline double bn_param(const bn_case *c, guarded g, int64_t ch) {
  return bn_value(bn_param_type(c->shape.type), g.data, ch);
}
/* What rounding to the storage type alone may do, relative; 0 where storage is what is computed in. */
static inline double bn_storage_eps(ek_kernels_type t) {
  return t == EK_KERNELS_BF16 ? 0x1p-8 : t == EK_KERNELS_F16 ? 0x1p-10 : 0;
}

/* Channels as they lie in memory: nChw16c fills its last block up. */
static inline int64_t bn_stored(const ek_kernels_batch_norm_shape *s) {
  return s->block == 0 ? s->channels : (s->channels + s->block - 1) / s->block * s->block;
}
/* The values in memory; those of them that are some channel's are bn_real. */
static inline int64_t bn_values(const bn_case *c) { return c->shape.outer * bn_stored(&c->shape) * c->shape.inner; }
static inline int64_t bn_channel(const bn_case *c, int64_t i) {
  const int64_t block = c->shape.block, stored = bn_stored(&c->shape);
  return block == 0 ? i / c->shape.inner % c->shape.channels
                    : i / (block * c->shape.inner) % (stored / block) * block + i % block;
}
static inline bool bn_real(const bn_case *c, int64_t i) { return bn_channel(c, i) < c->shape.channels; }
static inline double bn_scale(const bn_case *c, int64_t ch) {
  return c->without & WITHOUT_SCALE ? 1 : bn_param(c, c->scale, ch);
}
static inline double bn_offset_of(const bn_case *c, int64_t ch) {
  return c->without & WITHOUT_OFFSET ? 0 : bn_param(c, c->offset, ch);
}
static inline double bn_offset(const bn_case *c, int64_t i) {
  return bn_real(c, i) ? bn_offset_of(c, bn_channel(c, i)) : 0;
}

static inline bn_case bn_case_new(ek_kernels_batch_norm_shape shape, double mean, double spread, unsigned without) {
  bn_case c = {.shape = shape, .epsilon = 1e-3, .without = without};
  const int64_t n = bn_values(&c);
  const size_t size = bn_data_size(shape.type), psize = bn_param_size(shape.type);
  const size_t bytes = (size_t)n * size, params = (size_t)shape.channels * psize;
  guarded *const data[] = {&c.x, &c.y, &c.dy, &c.dx};
  guarded *const param[] = {&c.scale, &c.offset, &c.mean, &c.variance, &c.unbiased, &c.dscale, &c.doffset};
  for (size_t i = 0; i < 4; i++) *data[i] = guarded_new(bytes, (i + (size_t)n) % 5 * size);
  for (size_t i = 0; i < 7; i++) *param[i] = guarded_new(params, (i + (size_t)n) % 3 * psize);
  uint64_t seed = (uint64_t)n + 17;
  for (int64_t i = 0; i < n; i++) {
    if (!bn_real(&c, i)) {
      bn_set(shape.type, c.x.data, i, 0), bn_set(shape.type, c.dy.data, i, 0);
      continue;
    }
    bn_set(shape.type, c.x.data, i, mean + (double)bn_channel(&c, i) * spread + draw(&seed, -spread, spread));
    bn_set(shape.type, c.dy.data, i, draw(&seed, -1, 1) + 0.25);
  }
  for (int64_t i = 0; i < shape.channels; i++) {
    bn_set(bn_param_type(shape.type), c.scale.data, i, draw(&seed, 0.5, 2));
    bn_set(bn_param_type(shape.type), c.offset.data, i, draw(&seed, -1, 1));
  }
  size_t train = 0, grad = 0;
  assert_int_equal(ek_kernels_batch_norm_train_workspace(&shape, &train), EK_KERNELS_OK);
  assert_int_equal(ek_kernels_batch_norm_grad_workspace(&shape, &grad), EK_KERNELS_OK);
  c.workspace = guarded_new(train > grad ? train : grad, 8);
  return c;
}

static inline void bn_case_free(bn_case *c) {
  const guarded all[] = {c->x,    c->y,        c->dy,       c->dx,     c->scale,   c->offset,
                         c->mean, c->variance, c->unbiased, c->dscale, c->doffset, c->workspace};
  for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) guarded_free(all[i]);
}

/* The arguments of the calls on a case's arrays; a test changes what it is about. */
static inline ek_kernels_batch_norm_train_args bn_train_args(const bn_case *c, int threads) {
  return (ek_kernels_batch_norm_train_args){.shape = c->shape,
                                            .epsilon = c->epsilon,
                                            .x = c->x.data,
                                            .scale = c->without & WITHOUT_SCALE ? NULL : c->scale.data,
                                            .offset = c->without & WITHOUT_OFFSET ? NULL : c->offset.data,
                                            .y = c->y.data,
                                            .mean = c->mean.data,
                                            .variance = c->variance.data,
                                            .unbiased_variance = c->unbiased.data,
                                            .workspace = c->workspace.data,
                                            .workspace_bytes = c->workspace.bytes,
                                            .threads = threads};
}
static inline ek_kernels_batch_norm_infer_args bn_infer_args(const bn_case *c, int threads) {
  return (ek_kernels_batch_norm_infer_args){.shape = c->shape,
                                            .epsilon = c->epsilon,
                                            .x = c->x.data,
                                            .scale = c->without & WITHOUT_SCALE ? NULL : c->scale.data,
                                            .offset = c->without & WITHOUT_OFFSET ? NULL : c->offset.data,
                                            .mean = c->mean.data,
                                            .variance = c->variance.data,
                                            .y = c->y.data,
                                            .workspace = c->workspace.data,
                                            .workspace_bytes = c->workspace.bytes,
                                            .threads = threads};
}
static inline ek_kernels_batch_norm_grad_args bn_grad_args(const bn_case *c, int threads) {
  return (ek_kernels_batch_norm_grad_args){.shape = c->shape,
                                           .epsilon = c->epsilon,
                                           .frozen = c->frozen,
                                           .x = c->x.data,
                                           .dy = c->dy.data,
                                           .scale = c->without & WITHOUT_SCALE ? NULL : c->scale.data,
                                           .mean = c->mean.data,
                                           .variance = c->variance.data,
                                           .dx = c->dx.data,
                                           .dscale = c->dscale.data,
                                           .doffset = c->doffset.data,
                                           .workspace = c->workspace.data,
                                           .workspace_bytes = c->workspace.bytes,
                                           .threads = threads};
}
/* The two halves of the gradients: what the second one reads is what the first one writes. */
static inline ek_kernels_batch_norm_grad_sums_args bn_grad_sums_args(const bn_case *c, double *sum_dy,
                                                                     double *sum_dy_xc, int threads) {
  return (ek_kernels_batch_norm_grad_sums_args){.shape = c->shape,
                                                .x = c->x.data,
                                                .dy = c->dy.data,
                                                .mean = c->mean.data,
                                                .sum_dy = sum_dy,
                                                .sum_dy_xc = sum_dy_xc,
                                                .workspace = c->workspace.data,
                                                .workspace_bytes = c->workspace.bytes,
                                                .threads = threads};
}
static inline ek_kernels_batch_norm_grad_dx_args bn_grad_dx_args(const bn_case *c, const double *sum_dy,
                                                                 const double *sum_dy_xc, int threads) {
  return (ek_kernels_batch_norm_grad_dx_args){.shape = c->shape,
                                              .epsilon = c->epsilon,
                                              .count = c->shape.outer * c->shape.inner,
                                              .x = c->x.data,
                                              .dy = c->dy.data,
                                              .scale = c->without & WITHOUT_SCALE ? NULL : c->scale.data,
                                              .mean = c->mean.data,
                                              .variance = c->variance.data,
                                              .sum_dy = sum_dy,
                                              .sum_dy_xc = sum_dy_xc,
                                              .dx = c->dx.data,
                                              .dscale = c->dscale.data,
                                              .doffset = c->doffset.data,
                                              .workspace = c->workspace.data,
                                              .workspace_bytes = c->workspace.bytes,
                                              .threads = threads};
}

static inline ek_kernels_code bn_train(const bn_case *c, const ek_kernels *k, int threads) {
  const ek_kernels_batch_norm_train_args args = bn_train_args(c, threads);
  return ek_kernels_batch_norm_train(k, &args);
}
static inline ek_kernels_code bn_infer(const bn_case *c, const ek_kernels *k, int threads) {
  const ek_kernels_batch_norm_infer_args args = bn_infer_args(c, threads);
  return ek_kernels_batch_norm_infer(k, &args);
}
static inline ek_kernels_code bn_grad(const bn_case *c, const ek_kernels *k, int threads) {
  const ek_kernels_batch_norm_grad_args args = bn_grad_args(c, threads);
  return ek_kernels_batch_norm_grad(k, &args);
}

static inline void bn_expect_same(guarded a, guarded b) {
  if (a.bytes > 0) assert_memory_equal(a.data, b.data, a.bytes);
}

/* The call with its output in the place of `in` writes the same bits as it wrote to `out`. */
static inline void bn_expect_in_place(const bn_case *c, const ek_kernels *k,
                                      ek_kernels_code (*call)(const bn_case *, const ek_kernels *, int),
                                      const guarded *in, const guarded *out) {
  bn_case same = *c;
  guarded copy = guarded_new(in->bytes, 0);
  if (in->bytes > 0) memcpy(copy.data, in->data, in->bytes);
  for (guarded *g = &same.x; g <= &same.dx; g++)
    if (g->data == in->data || g->data == out->data) *g = copy;
  assert_int_equal(call(&same, k, 1), EK_KERNELS_OK);
  if (in->bytes > 0) assert_memory_equal(copy.data, out->data, out->bytes);
  guarded_free(copy);
}

/* All in long double: [channels] and [n]. Means are relative to base, a channel's first value: a large mean then costs
 * no digits. _size: the sum of the magnitudes of what was added up, where an error is relative to. */
typedef struct bn_reference {
  real *base, *mean, *variance, *deviation, *dscale, *doffset, *dscale_size, *dy_size;
  real *y, *dx, *dx_size;
} bn_reference;

static inline void bn_reference_free(bn_reference *r) { free(r->base), free(r->y); }

/* x - mean */
static inline real bn_centred(const bn_case *c, const bn_reference *r, int64_t i) {
  const int64_t k = bn_channel(c, i);
  return ((real)bn_value(c->shape.type, c->x.data, i) - r->base[k]) - r->mean[k];
}

static inline bn_reference bn_reference_of(const bn_case *c) {
  const int64_t ch = c->shape.channels, count = c->shape.outer * c->shape.inner, n = bn_values(c);
  real *const a = calloc((size_t)(8 * ch + 1), sizeof *a), *const b = calloc((size_t)(3 * n + 1), sizeof *b);
  assert_non_null(a);
  assert_non_null(b);
  bn_reference r = {a,          a + ch,     a + 2 * ch, a + 3 * ch, a + 4 * ch, a + 5 * ch,
                    a + 6 * ch, a + 7 * ch, b,          b + n,      b + 2 * n};
  for (int64_t i = n - 1; i >= 0; i--)
    if (bn_real(c, i)) r.base[bn_channel(c, i)] = (real)bn_value(c->shape.type, c->x.data, i);
  for (int64_t i = 0; i < n; i++)
    if (bn_real(c, i))
      r.dscale[bn_channel(c, i)] += (real)bn_value(c->shape.type, c->x.data, i) - r.base[bn_channel(c, i)];
  for (int64_t i = 0; i < ch; i++) r.mean[i] = r.dscale[i] / (real)count;
  for (int64_t i = 0; i < n; i++) {
    if (!bn_real(c, i)) continue;
    const real d = bn_centred(c, &r, i);
    r.variance[bn_channel(c, i)] += d * d, r.deviation[bn_channel(c, i)] += fabsl(d);
  }
  for (int64_t i = 0; i < ch; i++) r.variance[i] /= (real)count, r.deviation[i] /= (real)count;
  for (int64_t i = 0; i < n; i++) {
    if (!bn_real(c, i)) continue;
    const int64_t k = bn_channel(c, i);
    const real slope = (real)bn_scale(c, k) / sqrtl(r.variance[k] + (real)c->epsilon);
    r.y[i] = bn_centred(c, &r, i) * slope + (real)bn_offset_of(c, k);
  }
  return r;
}

/* From here on mean and variance are those that the kernels returned. */
static inline void bn_round_statistics(const bn_case *c, bn_reference *r) {
  for (int64_t i = 0; i < c->shape.channels; i++)
    r->base[i] = 0, r->mean[i] = (real)bn_param(c, c->mean, i), r->variance[i] = (real)bn_param(c, c->variance, i);
}

static inline real bn_reference_infer(const bn_case *c, const bn_reference *r, int64_t i) {
  if (!bn_real(c, i)) return 0;
  const int64_t k = bn_channel(c, i);
  const real d = bn_centred(c, r, i);
  return d * ((real)bn_scale(c, k) / sqrtl(r->variance[k] + (real)c->epsilon)) + (real)bn_offset_of(c, k);
}

static inline void bn_reference_grad(const bn_case *c, bn_reference *r) {
  const int64_t ch = c->shape.channels, count = c->shape.outer * c->shape.inner, n = bn_values(c);
  for (int64_t k = 0; k < ch; k++) r->dscale[k] = r->doffset[k] = r->dscale_size[k] = r->dy_size[k] = 0;
  for (int64_t i = 0; i < n; i++) {
    if (!bn_real(c, i)) continue;
    const int64_t k = bn_channel(c, i);
    const real d = bn_centred(c, r, i), g = (real)bn_value(c->shape.type, c->dy.data, i);
    r->dscale[k] += g * d, r->doffset[k] += g, r->dscale_size[k] += fabsl(g * d), r->dy_size[k] += fabsl(g);
  }
  for (int64_t i = 0; i < n; i++) {
    if (!bn_real(c, i)) continue;
    const int64_t k = bn_channel(c, i);
    const real inv = 1 / sqrtl(r->variance[k] + (real)c->epsilon), N = (real)count;
    const real d = bn_centred(c, r, i), g = (real)bn_value(c->shape.type, c->dy.data, i);
    const real slope = (real)bn_scale(c, k) * inv;
    r->dx[i] = c->frozen ? slope * g : slope * (g - r->doffset[k] / N - d * inv * inv * r->dscale[k] / N);
    r->dx_size[i] = slope * (fabsl(g) + r->dy_size[k] / N + fabsl(d) * inv * inv * r->dscale_size[k] / N);
  }
  for (int64_t k = 0; k < ch; k++) {
    const real inv = 1 / sqrtl(r->variance[k] + (real)c->epsilon);
    r->dscale[k] = count > 0 ? r->dscale[k] * inv : 0, r->dscale_size[k] *= inv;
  }
}

#endif
