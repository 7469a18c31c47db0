/* SPDX-License-Identifier: Apache-2.0 */
/* Backward batch norm with weights: the sums are those without, since every row was normalised; dx has the weights. */
#include "kernels/blocks.h"
#include "kernels/schedule.h"
#include "kernels/weighted/plan.h"

typedef struct job {
  ek__weighted_plan plan;
  const ek_kernels_weighted_grad_args *args;
} job;

static void part_of_rows(void *context, int64_t part) {
  const job *const j = context;
  const ek__weighted_plan *const p = &j->plan;
  const int64_t begin = part * p->per_part, rows = ek__min_i64(p->per_part, p->outer - begin);
  const int64_t at = ek__weighted_at(p, begin, 0);
  p->loops->dx(rows, p->channels, (const char *)j->args->x + at, (const char *)j->args->dy + at, p->stored, p->weights,
               begin, p->repeat, j->args->mean, p->whole.coefficients, p->channels, (char *)j->args->dx + at);
  ek__fill_up((char *)j->args->dx + at, rows, p->stored, p->channels, p->width, p->whole.loops->data_size);
}

/* A run's channel, or those of a block, whose rows all have their example's weight. */
static void channels_of_examples(void *context, int64_t i) {
  const job *const j = context;
  const ek__weighted_plan *const p = &j->plan;
  const int64_t c = i * p->width, n = ek__min_i64(p->width, p->channels - c);
  const void *const mean = ek__param(&p->whole, j->args->mean, c);
  const void *const coefficients = ek__param(&p->whole, p->whole.coefficients, c);
  for (int64_t o = 0; o < p->outer; o++) {
    const int64_t at = ek__weighted_at(p, o, c);
    const void *const x = (const char *)j->args->x + at, *const dy = (const char *)j->args->dy + at;
    void *const dx = (char *)j->args->dx + at;
    if (p->width == 1) {
      p->loops->dx_run(p->inner, x, dy, ek__weight(p, o), mean, coefficients, p->channels, dx);
      continue;
    }
    p->loops->dx(p->inner, n, x, dy, p->width, p->weights, o * p->inner, p->repeat * p->inner, mean, coefficients,
                 p->channels, dx);
    ek__fill_up(dx, p->inner, p->width, n, p->width, p->whole.loops->data_size);
  }
}

/* Those of batch norm, in its part of the workspace. */
static ek_kernels_code sums(const job *j, const ek_kernels *kernels, double *sum_dy, double *sum_dy_xc) {
  const ek_kernels_weighted_grad_args *const a = j->args;
  size_t bytes;
  const ek_kernels_code code = ek__batch_norm_workspace(&a->shape, EK__GRADIENTS, &bytes);
  if (code != EK_KERNELS_OK) return code;
  return ek_kernels_batch_norm_grad_sums(kernels, &(ek_kernels_batch_norm_grad_sums_args){.shape = a->shape,
                                                                                          .x = a->x,
                                                                                          .dy = a->dy,
                                                                                          .mean = a->mean,
                                                                                          .sum_dy = sum_dy,
                                                                                          .sum_dy_xc = sum_dy_xc,
                                                                                          .workspace = a->workspace,
                                                                                          .workspace_bytes = bytes,
                                                                                          .threads = a->threads});
}

ek_kernels_code ek_kernels_weighted_grad(const ek_kernels *kernels, const ek_kernels_weighted_grad_args *args) {
  if (args == NULL) return EK_KERNELS_INVALID_ARGUMENT;
  job j = {.args = args};
  const ek__batch_norm_plan *const p = &j.plan.whole;
  ek_kernels_code code = ek__weighted_plan_init(&j.plan, kernels, &args->shape, args->batch, args->threads,
                                                args->weights, args->workspace, args->workspace_bytes);
  if (code != EK_KERNELS_OK) return code;
  if (p->bytes > 0 && (args->x == NULL || args->dy == NULL)) return EK_KERNELS_INVALID_ARGUMENT;
  if (p->channels > 0 && (args->mean == NULL || args->variance == NULL)) return EK_KERNELS_INVALID_ARGUMENT;
  const int64_t size = (int64_t)p->loops->param_size, params = p->channels * size;
  const ek__array arrays[] = {
      {args->x, p->bytes, false, true},       {args->dy, p->bytes, false, true},
      {args->dx, p->bytes, true, true},       {args->weights, args->batch * size, false, false},
      {args->scale, params, false, false},    {args->mean, params, false, false},
      {args->variance, params, false, false}, {args->dscale, params, true, false},
      {args->doffset, params, true, false},   {args->workspace, (int64_t)args->workspace_bytes, true, false}};
  code = ek__check_overlap(arrays, sizeof arrays / sizeof arrays[0]);
  if (code != EK_KERNELS_OK) return code;
  double *const sum_dy = j.plan.sums, *const sum_dy_xc = sum_dy + p->channels;
  code = sums(&j, kernels, sum_dy, sum_dy_xc);
  if (code != EK_KERNELS_OK) return code;
  p->loops->gradients(p->channels, j.plan.total, args->epsilon, sum_dy, sum_dy_xc, args->variance, args->scale,
                      p->coefficients, p->channels, args->dscale, args->doffset);
  if (args->dx == NULL || p->bytes == 0) return EK_KERNELS_OK;
  if (j.plan.columns)
    ek__for_chunks(p->threads, j.plan.parts, part_of_rows, &j);
  else
    ek__for_chunks(p->threads, ek__chunk_count(p->channels, j.plan.width), channels_of_examples, &j);
  return EK_KERNELS_OK;
}
