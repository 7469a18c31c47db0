/* SPDX-License-Identifier: Apache-2.0 */
/* Forward batch norm with weights, in training. */
#include "kernels/batch_norm/visits.h"
#include "kernels/blocks.h"
#include "kernels/schedule.h"
#include "kernels/weighted/plan.h"

#include <math.h>
#include <string.h>

typedef struct job {
  ek__weighted_plan plan;
  const void *x;
} job;

static double *mean_of(const ek__weighted_plan *p, int64_t part) { return p->sums + 2 * part * p->channels; }
static double *m2_of(const ek__weighted_plan *p, int64_t part) { return p->sums + (2 * part + 1) * p->channels; }

static void part_of_rows(void *context, int64_t part) {
  const job *const j = context;
  const ek__weighted_plan *const p = &j->plan;
  const int64_t begin = part * p->per_part, rows = ek__min_i64(p->per_part, p->outer - begin);
  p->weighed[part] = p->loops->moments(rows, p->channels, (const char *)j->x + ek__weighted_at(p, begin, 0), p->stored,
                                       p->weights, begin, p->repeat, p->whole.base, mean_of(p, part), m2_of(p, part));
}

/* A run's channel, or those of a block: what an example has of them is weighed as a whole, and merged. */
static void channels_of_examples(void *context, int64_t i) {
  const job *const j = context;
  const ek__weighted_plan *const p = &j->plan;
  const ek__batch_norm_loops *const loops = p->whole.loops;
  const int64_t c = i * p->width, n = ek__min_i64(p->width, p->channels - c);
  double *const base = p->whole.base + c, *const mean = mean_of(p, 0) + c, *const m2 = m2_of(p, 0) + c, total = 0;
  double own_mean[EK__BLOCK], own_m2[EK__BLOCK];
  loops->bases(n, (const char *)j->x + ek__weighted_at(p, p->counts, c), 1, base);
  for (int64_t o = p->counts; o < p->outer; o++) {
    const double w = ek__weight(p, o), more = w * (double)p->inner;
    const void *const x = (const char *)j->x + ek__weighted_at(p, o, c);
    if (w == 0) continue;
    if (p->width == 1)
      loops->moments_runs(1, p->inner, x, p->inner, base, own_mean, own_m2);
    else
      loops->moments_columns(p->inner, n, x, p->width, base, own_mean, own_m2);
    for (int64_t k = 0; k < n; k++) own_m2[k] *= w;
    if (total > 0)
      loops->add_moments(n, total, more, own_mean, own_m2, mean, m2);
    else
      memcpy(mean, own_mean, (size_t)n * sizeof *mean), memcpy(m2, own_m2, (size_t)n * sizeof *m2);
    total += more;
  }
}

/* Into the first part's sums. */
static void moments(job *j) {
  const ek__weighted_plan *const p = &j->plan;
  if (!p->columns) {
    ek__for_chunks(p->whole.threads, ek__chunk_count(p->channels, p->width), channels_of_examples, j);
    return;
  }
  p->whole.loops->bases(p->channels, (const char *)j->x + ek__weighted_at(p, p->counts, 0), 1, p->whole.base);
  ek__for_chunks(p->whole.threads, p->parts, part_of_rows, j);
  double before = p->weighed[0];
  for (int64_t part = 1; part < p->parts; part++) {
    const double more = p->weighed[part];
    if (more == 0) continue;
    if (before == 0)
      for (int64_t c = 0; c < 2 * p->channels; c++) mean_of(p, 0)[c] = mean_of(p, part)[c];
    else
      p->whole.loops->add_moments(p->channels, before, more, mean_of(p, part), m2_of(p, part), mean_of(p, 0),
                                  m2_of(p, 0));
    before += more;
  }
}

ek_kernels_code ek_kernels_weighted_train(const ek_kernels *kernels, const ek_kernels_weighted_train_args *a) {
  if (a == NULL) return EK_KERNELS_INVALID_ARGUMENT;
  job j = {.x = a->x};
  const ek__batch_norm_plan *const p = &j.plan.whole;
  ek_kernels_code code = ek__weighted_plan_init(&j.plan, kernels, &a->shape, a->batch, a->threads, a->weights,
                                                a->workspace, a->workspace_bytes);
  if (code != EK_KERNELS_OK) return code;
  if (p->bytes > 0 && a->x == NULL) return EK_KERNELS_INVALID_ARGUMENT;
  const int64_t size = (int64_t)p->loops->param_size, params = p->channels * size;
  const ek__array arrays[] = {{a->x, p->bytes, false, true},
                              {a->y, p->bytes, true, true},
                              {a->weights, a->batch * size, false, false},
                              {a->scale, params, false, false},
                              {a->offset, params, false, false},
                              {a->mean, params, true, false},
                              {a->variance, params, true, false},
                              {a->moving_mean, params, true, false},
                              {a->moving_variance, params, true, false},
                              {a->workspace, (int64_t)a->workspace_bytes, true, false}};
  code = ek__check_overlap(arrays, sizeof arrays / sizeof arrays[0]);
  if (code != EK_KERNELS_OK) return code;
  const double total = j.plan.total;
  double *const mean = mean_of(&j.plan, 0), *const m2 = m2_of(&j.plan, 0);
  if (total > 0 && p->bytes > 0) moments(&j);
  p->loops->statistics(p->channels, total, p->base, mean, m2, a->mean, a->variance, NULL);
  if (a->moving_mean != NULL || a->moving_variance != NULL)
    p->loops->moving_averages(p->channels, total, a->decay, false, p->base, mean, m2, a->moving_mean,
                              a->moving_variance);
  if (a->y == NULL || p->bytes == 0) return EK_KERNELS_OK;
  if (!(total > 0)) /* no statistics: y is no number */
    for (int64_t c = 0; c < p->channels; c++) p->base[c] = mean[c] = m2[c] = (double)NAN;
  p->loops->normalizers(p->channels, total, a->epsilon, p->base, mean, m2, a->scale, a->offset, p->coefficients,
                        p->apart);
  ek__normalize(p, a->x, a->y);
  return EK_KERNELS_OK;
}
