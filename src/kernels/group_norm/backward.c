/* SPDX-License-Identifier: Apache-2.0 */
/* Backward group norm. A part adds up what its samples give to dscale and doffset; parts are added in order. */
#include "kernels/blocks.h"
#include "kernels/group_norm/plan.h"
#include "kernels/schedule.h"

#include <math.h>

#define TILE_ROWS 64 /* what is added up in the type itself before double goes on */

typedef struct job {
  ek__group_plan plan;
  const ek_kernels_group_norm_grad_args *args;
} job;

/* Rows of a part's sums; the last, where rows are added up, in the parameters' type. */
enum { DSCALE, DOFFSET, SUM, SUM_XC, COEFFICIENTS, ROW = SUM };

static const void *at_x(const job *j, int64_t n, int64_t c) {
  return (const char *)j->args->x + ek__group_at(&j->plan, n, c);
}
static const void *at_dy(const job *j, int64_t n, int64_t c) {
  return (const char *)j->args->dy + ek__group_at(&j->plan, n, c);
}
static void *at_dx(const job *j, int64_t n, int64_t c) { return (char *)j->args->dx + ek__group_at(&j->plan, n, c); }

static double mean_of(const job *j, int64_t statistic) { return ek__group_value(&j->plan, j->args->mean, statistic); }
static double inverse_deviation(const job *j, int64_t statistic) {
  return 1 / sqrt(ek__group_value(&j->plan, j->args->variance, statistic) + j->args->epsilon);
}
static double scale_of(const job *j, int64_t c) {
  return j->args->scale == NULL ? 1 : ek__group_value(&j->plan, j->args->scale, c);
}

static void group_in_a_row(const job *j, int64_t part, int64_t n, int64_t g) {
  const ek__group_plan *const p = &j->plan;
  const int64_t c = g * p->width;
  const double mean = mean_of(j, n * p->groups + g), k = inverse_deviation(j, n * p->groups + g);
  const void *const scale = ek__group_param(p, j->args->scale, c);
  double sum, sum_xc;
  p->group->gradient_row(p->width, at_x(j, n, c), at_dy(j, n, c), mean, k, scale, &sum, &sum_xc,
                         ek__group_param_mut(p, ek__group_sums(p, part, ROW), c),
                         ek__group_param_mut(p, ek__group_sums(p, part, ROW + 1), c));
  if (j->args->dx == NULL) return;
  p->group->dx_row(p->width, at_x(j, n, c), at_dy(j, n, c), mean, scale, k, sum / (double)p->count,
                   sum_xc / (double)p->count * (k * k), at_dx(j, n, c));
}

static void part_of_rows(const job *j, int64_t part) {
  const ek__group_plan *const p = &j->plan;
  const int64_t begin = part * p->per_part, end = ek__group_end(p, part);
  for (int row = 0; row < 2; row++) {
    double *const to = ek__group_sums(p, part, row);
    for (int64_t c = 0; c < p->channels; c++) ek__group_put(p, ek__group_sums(p, part, ROW + row), c, 0), to[c] = 0;
  }
  for (int64_t n = begin; n < end; n++) {
    for (int64_t g = 0; g < p->groups; g++) group_in_a_row(j, part, n, g);
    if (j->args->dx != NULL) ek__fill_up(at_dx(j, n, 0), 1, 0, p->channels, p->stored, p->loops->data_size);
    if ((n + 1 - begin) % TILE_ROWS != 0 && n + 1 < end) continue;
    p->group->fold_row(p->channels, ek__group_sums(p, part, ROW), ek__group_sums(p, part, DSCALE));
    p->group->fold_row(p->channels, ek__group_sums(p, part, ROW + 1), ek__group_sums(p, part, DOFFSET));
  }
}

/* From the sums of dy and dy * (x - mean) of the channels of a sample: what they give to dscale and doffset, and the
 * coefficients of dx. */
static void finish_group(const job *j, int64_t part, int64_t n, int64_t g) {
  const ek__group_plan *const p = &j->plan;
  const double *const sum = ek__group_sums(p, part, SUM), *const sum_xc = ek__group_sums(p, part, SUM_XC);
  double *const dscale = ek__group_sums(p, part, DSCALE), *const doffset = ek__group_sums(p, part, DOFFSET);
  void *const to = ek__group_sums(p, part, COEFFICIENTS);
  const double mean = mean_of(j, n * p->groups + g), k = inverse_deviation(j, n * p->groups + g);
  double all = 0, all_xc = 0;
  for (int64_t c = g * p->width; c < (g + 1) * p->width; c++) {
    all += sum[c] * scale_of(j, c), all_xc += sum_xc[c] * scale_of(j, c);
    dscale[c] += sum_xc[c] * k, doffset[c] += sum[c];
  }
  const double c1 = k * all / (double)p->count, c2 = k * k * k * all_xc / (double)p->count;
  for (int64_t c = g * p->width; c < (g + 1) * p->width; c++) {
    const double row[] = {mean, k * scale_of(j, c), c1, c2};
    for (int i = 0; i < 4; i++) ek__group_put(p, to, i * p->channels + c, row[i]);
  }
}

static void sample_of_runs(const job *j, int64_t part, int64_t n) {
  const ek__group_plan *const p = &j->plan;
  double *const sum = ek__group_sums(p, part, SUM), *const sum_xc = ek__group_sums(p, part, SUM_XC);
  const void *const coefficients = ek__group_sums(p, part, COEFFICIENTS);
  for (int64_t g = 0; g < p->groups; g++) {
    const void *const mean = ek__group_param(p, j->args->mean, n * p->groups + g);
    for (int64_t c = g * p->width; c < (g + 1) * p->width; c++)
      p->loops->gradient_runs(1, p->inner, at_x(j, n, c), at_dy(j, n, c), p->inner, mean, &sum[c], &sum_xc[c]);
    finish_group(j, part, n, g);
    if (j->args->dx == NULL) continue;
    for (int64_t c = g * p->width; c < (g + 1) * p->width; c++)
      p->group->dx_run(p->inner, at_x(j, n, c), at_dy(j, n, c), ek__group_param(p, coefficients, c), p->channels,
                       at_dx(j, n, c));
  }
}

static void section_of_columns(const job *j, int64_t part, int64_t n, int64_t begin) {
  const ek__group_plan *const p = &j->plan;
  const int64_t end = ek__min_i64(begin + p->section, p->channels);
  double *const sum = ek__group_sums(p, part, SUM), *const sum_xc = ek__group_sums(p, part, SUM_XC);
  void *const coefficients = ek__group_sums(p, part, COEFFICIENTS);
  for (int64_t c = begin; c < end; c++) /* the means come first there */
    ek__group_put(p, coefficients, c, mean_of(j, n * p->groups + c / p->width));
  for (int64_t c = begin; c < end; c += p->block)
    p->loops->gradient_columns(p->inner, ek__min_i64(p->block, end - c), at_x(j, n, c), at_dy(j, n, c), p->block,
                               ek__group_param(p, coefficients, c), sum + c, sum_xc + c);
  for (int64_t g = begin / p->width; g < end / p->width; g++) finish_group(j, part, n, g);
  for (int64_t c = begin; c < end && j->args->dx != NULL; c += p->block) {
    const int64_t cols = ek__min_i64(p->block, end - c);
    p->group->dx_columns(p->inner, cols, at_x(j, n, c), at_dy(j, n, c), p->block, ek__group_param(p, coefficients, c),
                         p->channels, at_dx(j, n, c));
    ek__fill_up(at_dx(j, n, c), p->inner, p->block, cols, p->block, p->loops->data_size);
  }
}

static void sample_of_columns(const job *j, int64_t part, int64_t n) {
  for (int64_t c = 0; c < j->plan.channels; c += j->plan.section) section_of_columns(j, part, n, c);
}

static void part_of_samples(void *context, int64_t part) {
  const job *const j = context;
  const ek__group_plan *const p = &j->plan;
  if (p->layout == EK__GROUP_ROWS) {
    part_of_rows(j, part);
    return;
  }
  for (int64_t c = 0; c < p->channels; c++)
    ek__group_sums(p, part, DSCALE)[c] = ek__group_sums(p, part, DOFFSET)[c] = 0;
  for (int64_t n = part * p->per_part; n < ek__group_end(p, part); n++)
    (p->layout == EK__GROUP_COLUMNS ? sample_of_columns : sample_of_runs)(j, part, n);
}

/* Parts are added in order. */
static void tell(const job *j, int row, void *to) {
  const ek__group_plan *const p = &j->plan;
  if (to == NULL) return;
  for (int64_t c = 0; c < p->channels; c++) {
    double sum = 0;
    for (int64_t part = 0; p->bytes > 0 && part < p->parts; part++) sum += ek__group_sums(p, part, row)[c];
    ek__group_put(p, to, c, sum);
  }
}

ek_kernels_code ek_kernels_group_norm_grad(const ek_kernels *kernels, const ek_kernels_group_norm_grad_args *args) {
  if (args == NULL) return EK_KERNELS_INVALID_ARGUMENT;
  job j = {.args = args};
  const ek__group_plan *const p = &j.plan;
  ek_kernels_code code =
      ek__group_plan_init(&j.plan, kernels, &args->shape, args->threads, args->workspace, args->workspace_bytes);
  if (code != EK_KERNELS_OK) return code;
  if (p->bytes > 0 && (args->x == NULL || args->dy == NULL || args->mean == NULL || args->variance == NULL))
    return EK_KERNELS_INVALID_ARGUMENT;
  const int64_t size = (int64_t)p->loops->param_size, params = p->channels * size;
  const int64_t statistics = p->batch * p->groups * size;
  const ek__array arrays[] = {{args->x, p->bytes, false, true},
                              {args->dy, p->bytes, false, true},
                              {args->dx, p->bytes, true, true},
                              {args->scale, params, false, false},
                              {args->mean, statistics, false, false},
                              {args->variance, statistics, false, false},
                              {args->dscale, params, true, false},
                              {args->doffset, params, true, false},
                              {args->workspace, (int64_t)args->workspace_bytes, true, false}};
  code = ek__check_overlap(arrays, sizeof arrays / sizeof arrays[0]);
  if (code != EK_KERNELS_OK) return code;
  if (p->bytes > 0) ek__for_chunks(p->threads, p->parts, part_of_samples, &j);
  tell(&j, DSCALE, args->dscale);
  tell(&j, DOFFSET, args->doffset);
  return EK_KERNELS_OK;
}
