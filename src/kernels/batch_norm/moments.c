/* SPDX-License-Identifier: Apache-2.0 */
/* Statistics alone, in the form that merges, and their merging. */
#include "kernels/batch_norm/visits.h"

static bool finish(const ek__visits *v, int64_t c, int64_t n, bool last) {
  const ek__batch_norm_plan *const p = v->plan;
  const ek_kernels_batch_norm_moments_args *const a = v->args;
  double *const mean = ek__part_sums(p, 0, 0) + c, *const m2 = ek__part_sums(p, 0, 1) + c;
  if (p->loops->moments(n, (double)p->count, ek__param_mut(p, p->k, c), mean, m2) && !last) return true;
  double *const base = p->base + c;
  p->loops->widen(n, ek__param(p, p->k, c), base);
  for (int64_t i = 0; i < n; i++) a->mean[c + i] = base[i] + mean[i], a->m2[c + i] = m2[i];
  return false;
}

ek_kernels_code ek_kernels_batch_norm_moments_workspace(const ek_kernels_batch_norm_shape *shape, size_t *bytes) {
  return ek__batch_norm_workspace(shape, EK__MOMENTS, bytes);
}

ek_kernels_code ek_kernels_batch_norm_moments(const ek_kernels *kernels,
                                              const ek_kernels_batch_norm_moments_args *args) {
  if (args == NULL) return EK_KERNELS_INVALID_ARGUMENT;
  ek__batch_norm_plan plan;
  const ek__batch_norm_plan *const p = &plan;
  ek_kernels_code code = ek__batch_norm_plan_init(&plan, kernels, &args->shape, EK__MOMENTS, args->threads,
                                                  args->workspace, args->workspace_bytes);
  if (code != EK_KERNELS_OK) return code;
  if (p->bytes > 0 && args->x == NULL) return EK_KERNELS_INVALID_ARGUMENT;
  if (args->count == NULL || (p->channels > 0 && (args->mean == NULL || args->m2 == NULL)))
    return EK_KERNELS_INVALID_ARGUMENT;
  const int64_t doubles = p->channels * (int64_t)sizeof(double);
  const ek__array arrays[] = {{args->x, p->bytes, false, false},
                              {args->count, (int64_t)sizeof *args->count, true, false},
                              {args->mean, doubles, true, false},
                              {args->m2, doubles, true, false},
                              {args->workspace, (int64_t)args->workspace_bytes, true, false}};
  code = ek__check_overlap(arrays, sizeof arrays / sizeof arrays[0]);
  if (code != EK_KERNELS_OK) return code;
  const ek__visits v = {.plan = p,
                        .data = {.x = args->x},
                        .sums = EK__SUMS_MOMENTS,
                        .apply = -1,
                        .prepare = ek__guess_means,
                        .finish = finish,
                        .args = args};
  if (p->bytes > 0)
    ek__visit(&v);
  else
    for (int64_t c = 0; c < p->channels; c++) args->mean[c] = args->m2[c] = 0;
  *args->count = p->count;
  return EK_KERNELS_OK;
}

ek_kernels_code ek_kernels_batch_norm_merge(const ek_kernels *kernels, const ek_kernels_batch_norm_merge_args *args) {
  int64_t doubles, total;
  if (args == NULL || args->count == NULL || args->channels < 0) return EK_KERNELS_INVALID_ARGUMENT;
  if (args->more_count < 0 || *args->count < 0) return EK_KERNELS_INVALID_ARGUMENT;
  if (__builtin_mul_overflow(args->channels, (int64_t)sizeof(double), &doubles) ||
      __builtin_add_overflow(*args->count, args->more_count, &total))
    return EK_KERNELS_INVALID_ARGUMENT;
  if (args->channels > 0 &&
      (args->more_mean == NULL || args->more_m2 == NULL || args->mean == NULL || args->m2 == NULL))
    return EK_KERNELS_INVALID_ARGUMENT;
  ek_kernels_code code = kernels == NULL ? ek_kernels_get(NULL, &kernels) : EK_KERNELS_OK;
  if (code != EK_KERNELS_OK) return code;
  const ek__array arrays[] = {{args->more_mean, doubles, false, false},
                              {args->more_m2, doubles, false, false},
                              {args->count, (int64_t)sizeof *args->count, true, false},
                              {args->mean, doubles, true, false},
                              {args->m2, doubles, true, false}};
  code = ek__check_overlap(arrays, sizeof arrays / sizeof arrays[0]);
  if (code != EK_KERNELS_OK) return code;
  if (args->more_count > 0 && *args->count > 0)
    kernels->batch_norm[EK_KERNELS_F64]->add_moments(args->channels, (double)*args->count, (double)args->more_count,
                                                     args->more_mean, args->more_m2, args->mean, args->m2);
  else if (args->more_count > 0)
    for (int64_t c = 0; c < args->channels; c++) args->mean[c] = args->more_mean[c], args->m2[c] = args->more_m2[c];
  *args->count = total;
  return EK_KERNELS_OK;
}
