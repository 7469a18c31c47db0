/* SPDX-License-Identifier: Apache-2.0 */
/* Forward group norm: sample by sample, group by group, while the values are near. */
#include "kernels/blocks.h"
#include "kernels/group_norm/plan.h"
#include "kernels/schedule.h"

#include <math.h>

typedef struct job {
  ek__group_plan plan;
  const ek_kernels_group_norm_args *args;
} job;

/* Statistics of one group, the mean relative to base. */
typedef struct moments {
  double base, mean, m2;
} moments;

static void tell(const job *j, int64_t statistic, const moments *m) {
  const ek__group_plan *const p = &j->plan;
  p->loops->statistics(1, (double)p->count, &m->base, &m->mean, &m->m2,
                       ek__group_param_mut(p, j->args->mean, statistic),
                       ek__group_param_mut(p, j->args->variance, statistic), NULL);
}

/* A group whose values are neighbours. */
static moments moments_of(const ek__group_plan *p, const void *x) {
  moments m;
  p->loops->bases(1, x, 1, &m.base);
  p->loops->moments_runs(1, p->count, x, p->count, &m.base, &m.mean, &m.m2);
  return m;
}

static void group_in_a_row(const job *j, int64_t n, int64_t g) {
  const ek__group_plan *const p = &j->plan;
  const ek_kernels_group_norm_args *const a = j->args;
  const int64_t c = g * p->width, at = ek__group_at(p, n, c);
  const void *const x = (const char *)a->x + at;
  const moments m = moments_of(p, x);
  tell(j, n * p->groups + g, &m);
  if (a->y == NULL) return;
  const double k = 1 / sqrt(m.m2 / (double)p->count + a->epsilon), mean = m.base + m.mean;
  const double shift = p->loops->param_size == sizeof(double) ? mean : (double)(float)mean;
  p->group->normalize_row(p->width, x, shift, k, ((shift - m.base) - m.mean) * k, ek__group_param(p, a->scale, c),
                          ek__group_param(p, a->offset, c), (char *)a->y + at);
}

static void group_of_runs(const job *j, int64_t n, int64_t g) {
  const ek__group_plan *const p = &j->plan;
  const ek_kernels_group_norm_args *const a = j->args;
  const moments m = moments_of(p, (const char *)a->x + ek__group_at(p, n, g * p->width));
  double coefficients[3];
  tell(j, n * p->groups + g, &m);
  if (a->y == NULL) return;
  for (int64_t c = g * p->width; c < (g + 1) * p->width; c++) {
    const int64_t at = ek__group_at(p, n, c);
    p->loops->normalizers(1, (double)p->count, a->epsilon, &m.base, &m.mean, &m.m2, ek__group_param(p, a->scale, c),
                          ek__group_param(p, a->offset, c), coefficients, 1);
    p->loops->apply_run(p->inner, (const char *)a->x + at, coefficients, 1, (char *)a->y + at);
  }
}

/* The channels have statistics of their own first, which are merged within a group. */
static void section_of_columns(const job *j, int64_t part, int64_t n, int64_t begin) {
  const ek__group_plan *const p = &j->plan;
  const ek_kernels_group_norm_args *const a = j->args;
  const int64_t end = ek__min_i64(begin + p->section, p->channels);
  double *const base = ek__group_sums(p, part, 0), *const mean = ek__group_sums(p, part, 1);
  double *const m2 = ek__group_sums(p, part, 2);
  void *const coefficients = ek__group_sums(p, part, 3);
  for (int64_t c = begin; c < end; c += p->block) {
    const int64_t cols = ek__min_i64(p->block, end - c);
    const void *const x = (const char *)a->x + ek__group_at(p, n, c);
    p->loops->bases(cols, x, 1, base + c);
    p->loops->moments_columns(p->inner, cols, x, p->block, base + c, mean + c, m2 + c);
  }
  for (int64_t g = begin / p->width; g < end / p->width; g++) {
    const int64_t first = g * p->width;
    moments m = {base[first], mean[first], m2[first]};
    for (int64_t c = first + 1; c < first + p->width; c++) {
      const double relative = (base[c] - m.base) + mean[c];
      p->loops->add_moments(1, (double)((c - first) * p->inner), (double)p->inner, &relative, &m2[c], &m.mean, &m.m2);
    }
    for (int64_t c = first; c < first + p->width; c++) base[c] = m.base, mean[c] = m.mean, m2[c] = m.m2;
    tell(j, n * p->groups + g, &m);
  }
  if (a->y == NULL) return;
  p->loops->normalizers(end - begin, (double)p->count, a->epsilon, base + begin, mean + begin, m2 + begin,
                        ek__group_param(p, a->scale, begin), ek__group_param(p, a->offset, begin),
                        ek__group_param_mut(p, coefficients, begin), p->channels);
  for (int64_t c = begin; c < end; c += p->block) {
    const int64_t cols = ek__min_i64(p->block, end - c), at = ek__group_at(p, n, c);
    p->loops->apply_columns(p->inner, cols, (const char *)a->x + at, p->block, ek__group_param(p, coefficients, c),
                            p->channels, (char *)a->y + at);
    ek__fill_up((char *)a->y + at, p->inner, p->block, cols, p->block, p->loops->data_size);
  }
}

static void part_of_samples(void *context, int64_t part) {
  const job *const j = context;
  const ek__group_plan *const p = &j->plan;
  for (int64_t n = part * p->per_part; n < ek__group_end(p, part); n++) {
    if (p->layout == EK__GROUP_COLUMNS) {
      for (int64_t c = 0; c < p->channels; c += p->section) section_of_columns(j, part, n, c);
      continue;
    }
    for (int64_t g = 0; g < p->groups; g++) (p->layout == EK__GROUP_ROWS ? group_in_a_row : group_of_runs)(j, n, g);
    if (p->layout == EK__GROUP_ROWS && j->args->y != NULL)
      ek__fill_up((char *)j->args->y + ek__group_at(p, n, 0), 1, 0, p->channels, p->stored, p->loops->data_size);
  }
}

ek_kernels_code ek_kernels_group_norm(const ek_kernels *kernels, const ek_kernels_group_norm_args *args) {
  if (args == NULL) return EK_KERNELS_INVALID_ARGUMENT;
  job j = {.args = args};
  const ek__group_plan *const p = &j.plan;
  ek_kernels_code code =
      ek__group_plan_init(&j.plan, kernels, &args->shape, args->threads, args->workspace, args->workspace_bytes);
  if (code != EK_KERNELS_OK) return code;
  if (p->bytes > 0 && args->x == NULL) return EK_KERNELS_INVALID_ARGUMENT;
  const int64_t size = (int64_t)p->loops->param_size, params = p->channels * size;
  const int64_t statistics = p->batch * p->groups * size;
  const ek__array arrays[] = {{args->x, p->bytes, false, true},
                              {args->y, p->bytes, true, true},
                              {args->scale, params, false, false},
                              {args->offset, params, false, false},
                              {args->mean, statistics, true, false},
                              {args->variance, statistics, true, false},
                              {args->workspace, (int64_t)args->workspace_bytes, true, false}};
  code = ek__check_overlap(arrays, sizeof arrays / sizeof arrays[0]);
  if (code != EK_KERNELS_OK) return code;
  if (p->bytes > 0) {
    ek__for_chunks(p->threads, p->parts, part_of_samples, &j);
  } else { /* statistics of nothing */
    const moments none = {0, 0, 0};
    for (int64_t i = 0; i < p->batch * p->groups; i++) tell(&j, i, &none);
  }
  return EK_KERNELS_OK;
}
