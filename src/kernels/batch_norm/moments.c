/* SPDX-License-Identifier: Apache-2.0 */
/* Statistics alone, in the form that merges, and their merging. */
#include "kernels/batch_norm/pass.h"
#include "kernels/schedule.h"

typedef struct job {
  ek__batch_norm_plan plan;
  const ek_kernels_batch_norm_moments_args *args;
} job;

/* Folds the parts of some channels and hands their statistics over; those of nothing are zeros. */
static void finish(const job *j, int64_t c, int64_t channels) {
  const ek__batch_norm_plan *const p = &j->plan;
  const ek_kernels_batch_norm_moments_args *const a = j->args;
  if (p->count > 0) ek__fold_moments(p, c, channels);
  const double *const mean = ek__part_sums(p, 0, 0), *const m2 = ek__part_sums(p, 0, 1);
  for (int64_t i = c; i < c + channels; i++) {
    a->mean[i] = p->count > 0 ? p->base[i] + mean[i] : 0;
    a->m2[i] = p->count > 0 ? m2[i] : 0;
  }
}

static void finish_block(void *context, int64_t i) {
  const job *const j = context;
  const int64_t c = i * EK__CHANNEL_BLOCK;
  finish(j, c, ek__min_i64(EK__CHANNEL_BLOCK, j->plan.channels - c));
}

ek_kernels_code ek_kernels_batch_norm_moments_workspace(const ek_kernels_batch_norm_shape *shape, size_t *bytes) {
  return ek__batch_norm_workspace(shape, true, bytes);
}

ek_kernels_code ek_kernels_batch_norm_moments(const ek_kernels *kernels,
                                              const ek_kernels_batch_norm_moments_args *args) {
  if (args == NULL) return EK_KERNELS_INVALID_ARGUMENT;
  job j = {.args = args};
  const ek__batch_norm_plan *const p = &j.plan;
  ek_kernels_code code = ek__batch_norm_plan_init(&j.plan, kernels, &args->shape, true, args->threads, args->workspace,
                                                  args->workspace_bytes);
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
  if (p->bytes > 0) ek__moments_of_parts(p, args->x);
  ek__for_chunks(p->parts > 1 ? p->threads : 1, ek__chunk_count(p->channels, EK__CHANNEL_BLOCK), finish_block, &j);
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
