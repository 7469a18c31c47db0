/* SPDX-License-Identifier: Apache-2.0 */
/* The three calls over some axes against long double, with the set that `kernels` names; and views to try. */
#ifndef EK_TESTS_AXES_CHECKS_H
#define EK_TESTS_AXES_CHECKS_H

#include "axes_test.h"

/* As in test_batch_norm.c: 64 additions in T and a few terms more; over a few statistics, and five roundings. What
 * several statistics share is added in double and rounded once more. */
#define SUM_EPS  72.0L
#define DATA_EPS 160.0L

static const ek_kernels *kernels;

static inline void close_to(const char *what, const axes_case *c, double got, real want, real room) {
  const real off = fabsl((real)got - want);
  if ((isnan(got) && isnan(want)) || off == 0 || off <= room) return;
  print_error("%s type %d %s, kept %x shared %x blocked %x:", ek_kernels_name(kernels), (int)c->axes.type, what,
              c->axes.kept, c->axes.shared, c->axes.blocked);
  for (int i = 0; i < c->axes.rank; i++)
    print_error(" %lld/%lld", (long long)c->axes.sizes[i], (long long)c->axes.strides[i]);
  print_error(": got %a, want %La, off by %Lg, allowed %Lg\n", got, want, off, room);
  fail();
}

static inline real eps_of(const axes_case *c) { return c->axes.type == EK_KERNELS_F64 ? 0x1p-53L : 0x1p-24L; }
/* What rounding to storage may do: to a multiple of 2^-24 where a float16 is denormal. */
static inline real storage(const axes_case *c, real want) {
  const real denormal = c->axes.type == EK_KERNELS_F16 ? 0x1p-25L : 0;
  return (real)bn_storage_eps(c->axes.type) * fabsl(want) + denormal;
}

/* What is between the values of a view with gaps is not written; what fills a block up is zeros. */
static inline void check_gaps(const axes_case *c, guarded g) {
  const size_t size = bn_data_size(c->axes.type);
  unsigned char *const seen = calloc(g.bytes + 1, 1);
  for (int64_t e = 0; e < c->elements; e++) {
    memset(seen + (size_t)c->at[e] * size, 1, size * (size_t)(1 + c->filled[e]));
    for (int64_t i = 1; i <= c->filled[e]; i++) assert_true(bn_value(c->axes.type, g.data, c->at[e] + i) == 0);
  }
  for (size_t i = 0; i < g.bytes; i++) assert_true(seen[i] || g.data[i] == GUARD_BYTE);
  free(seen);
}

static inline void check_statistics(const axes_case *c, const axes_reference *r, const double *before) {
  const real eps = eps_of(c);
  real *const sum = calloc((size_t)(2 * c->parameters) + 1, sizeof *sum), *const spread = sum + c->parameters;
  const real groups = (real)c->statistics / (real)c->parameters;
  for (int64_t s = 0; s < c->statistics; s++) {
    const real mean = r->base[s] + r->mean[s], variance = r->variance[s];
    const real unbiased = variance * (real)c->count / (real)(c->count > 1 ? c->count - 1 : 1);
    close_to("mean", c, (double)axes_param(c, c->mean, s), mean, eps * (fabsl(mean) + SUM_EPS * r->deviation[s]));
    close_to("variance", c, (double)axes_param(c, c->variance, s), variance, eps * (SUM_EPS + 4) * variance);
    close_to("unbiased", c, (double)axes_param(c, c->unbiased, s), unbiased, eps * (SUM_EPS + 4) * unbiased);
  }
  for (int64_t e = 0; e < c->elements; e++) { /* every statistic comes count times */
    const int64_t s = c->statistic[e];
    sum[c->parameter[e]] += axes_param(c, c->mean, s) / (groups * (real)c->count);
    spread[c->parameter[e]] += axes_param(c, c->correct ? c->unbiased : c->variance, s) / (groups * (real)c->count);
  }
  for (int64_t i = 0; i < c->parameters; i++) {
    const real m = (real)before[2 * i], v = (real)before[2 * i + 1], d = (real)c->decay;
    close_to("moving mean", c, (double)axes_param(c, c->moving_mean, i), m - (m - sum[i]) * d,
             4 * eps * (fabsl(m) + fabsl(sum[i])));
    close_to("moving variance", c, (double)axes_param(c, c->moving_variance, i), v - (v - spread[i]) * d,
             4 * eps * (v + spread[i]));
  }
  free(sum);
}

static inline void check_train(axes_case *c) {
  const real eps = eps_of(c);
  axes_reference r = axes_reference_of(c);
  double *const before = calloc((size_t)(2 * c->parameters) + 1, sizeof *before);
  for (int64_t i = 0; i < c->parameters; i++)
    before[2 * i] = (double)axes_param(c, c->moving_mean, i),
               before[2 * i + 1] = (double)axes_param(c, c->moving_variance, i);
  assert_int_equal(axes_train(c, kernels, 1), EK_KERNELS_OK);
  check_statistics(c, &r, before);
  for (int64_t e = 0; e < c->elements; e++) {
    const int64_t s = c->statistic[e];
    const real slope = axes_scale_of(c, e) / sqrtl(r.variance[s] + (real)c->epsilon);
    const real want = ((axes_x(c, e) - r.base[s]) - r.mean[s]) * slope + axes_offset_of(c, e);
    close_to("y", c, bn_value(c->axes.type, c->y.data, c->at[e]), want,
             eps * DATA_EPS * (1 + fabsl(want)) + storage(c, want));
  }
  check_gaps(c, c->y);
  axes_reference_free(r), free(before);
}

static inline void check_infer(axes_case *c) {
  assert_int_equal(axes_infer(c, kernels, 1), EK_KERNELS_OK);
  for (int64_t e = 0; e < c->elements; e++) {
    const int64_t p = c->parameter[e];
    const real slope = axes_scale_of(c, e) / sqrtl(axes_param(c, c->moving_variance, p) + (real)c->epsilon);
    const real want = (axes_x(c, e) - axes_param(c, c->moving_mean, p)) * slope + axes_offset_of(c, e);
    close_to("inference", c, bn_value(c->axes.type, c->y.data, c->at[e]), want,
             8 * eps_of(c) * (1 + fabsl(want) + fabsl(axes_offset_of(c, e))) + storage(c, want));
  }
  check_gaps(c, c->y);
}

/* x - mean and 1 / sqrt(variance + epsilon) of an element, with the statistics that the call was given. */
static inline void given(const axes_case *c, int64_t e, real *xc, real *k) {
  const int64_t i = c->frozen ? c->parameter[e] : c->statistic[e];
  *xc = axes_x(c, e) - axes_param(c, c->frozen ? c->moving_mean : c->mean, i);
  *k = 1 / sqrtl(axes_param(c, c->frozen ? c->moving_variance : c->variance, i) + (real)c->epsilon);
}

static inline void check_grad(axes_case *c) {
  const real eps = eps_of(c), count = (real)c->count;
  real *const s = calloc((size_t)(4 * c->statistics) + 1, sizeof *s), xc, k;
  real *const p = calloc((size_t)(4 * c->parameters) + 1, sizeof *p);
  assert_int_equal(axes_grad(c, kernels, 1), EK_KERNELS_OK);
  for (int64_t e = 0; e < c->elements; e++) {
    real *const of = s + 4 * c->statistic[e], *const own = p + 4 * c->parameter[e], dy = axes_dy(c, e);
    given(c, e, &xc, &k);
    of[0] += dy, of[1] += dy * xc, of[2] += fabsl(dy), of[3] += fabsl(dy * xc);
    own[0] += dy, own[1] += dy * xc * k, own[2] += fabsl(dy), own[3] += fabsl(dy * xc) * k;
  }
  for (int64_t i = 0; i < c->parameters; i++) {
    close_to("doffset", c, (double)axes_param(c, c->doffset, i), p[4 * i], eps * SUM_EPS * p[4 * i + 2]);
    close_to("dscale", c, (double)axes_param(c, c->dscale, i), p[4 * i + 1], eps * SUM_EPS * p[4 * i + 3]);
  }
  for (int64_t e = 0; e < c->elements; e++) {
    const real *const of = s + 4 * c->statistic[e], dy = axes_dy(c, e);
    given(c, e, &xc, &k);
    const real a = axes_scale_of(c, e) * k;
    const real want = c->frozen ? a * dy : a * (dy - of[0] / count - xc * k * k * of[1] / count);
    const real size = a * (fabsl(dy) + of[2] / count + fabsl(xc) * k * k * of[3] / count);
    close_to(c->frozen ? "frozen dx" : "dx", c, bn_value(c->axes.type, c->dx.data, c->at[e]), want,
             eps * DATA_EPS * size + storage(c, want));
  }
  check_gaps(c, c->dx);
  free(s), free(p);
}

static inline void check(ek_kernels_axes axes, unsigned without) {
  axes_case c = axes_case_new(axes, 0.5, 1, without);
  c.correct = (int)(axes.kept & 1);
  check_train(&c);
  check_infer(&c);
  for (c.frozen = 0; c.frozen < 2; c.frozen++) check_grad(&c);
  axes_case_free(&c);
}

/* Within the blocks of an axis, if one has any, values are neighbours. */
static inline int64_t first_stride(const ek_kernels_axes *a) { return a->blocked != 0 ? 16 : 1; }
static inline int64_t steps(const ek_kernels_axes *a, int i) {
  return a->blocked >> i & 1 ? (a->sizes[i] + 15) / 16 : a->sizes[i];
}

/* The view with a gap behind every row, and the axes in memory turned round. */
static inline ek_kernels_axes with_gaps(ek_kernels_axes a) {
  int64_t stride = first_stride(&a);
  for (int i = a.rank - 1; i >= 0; i--) a.strides[i] = stride, stride = stride * steps(&a, i) + 1;
  return a;
}
static inline ek_kernels_axes turned(ek_kernels_axes a) {
  int64_t stride = first_stride(&a);
  for (int i = 0; i < a.rank; i++) a.strides[i] = stride, stride *= steps(&a, i);
  return a;
}
/* Every other value of the fastest axis. */
static inline ek_kernels_axes thinned(ek_kernels_axes a) {
  int64_t stride = 2;
  for (int i = a.rank - 1; i >= 0; i--) a.strides[i] = stride, stride *= a.sizes[i];
  return a;
}

#endif
