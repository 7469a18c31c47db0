/* SPDX-License-Identifier: Apache-2.0 */
/* Forward batch norm in training.
 *
 * In columns (NHWC): parts of rows find their statistics; blocks of channels fold them and become coefficients; parts
 * of rows are normalised. In runs (NCHW): one channel after the other, all of it at once, so that its values are still
 * in a near cache when they are normalised; only where channels are few and long are they cut into parts like the
 * above. */
#include "kernels/batch_norm/pass.h"
#include "kernels/schedule.h"

typedef struct job {
  ek__batch_norm_plan plan;
  const ek_kernels_batch_norm_train_args *args;
  void *y;
} job;

/* Folds the parts of some channels, tells the statistics and makes the coefficients. */
static void finish(const job *j, int64_t c, int64_t channels) {
  const ek__batch_norm_plan *const p = &j->plan;
  const ek_kernels_batch_norm_train_args *const a = j->args;
  const double *const base = p->base + c, *const mean = ek__part_sums(p, 0, 0) + c;
  const double *const m2 = ek__part_sums(p, 0, 1) + c;
  ek__fold_moments(p, c, channels);
  p->loops->statistics(channels, (double)p->count, base, mean, m2, ek__param_mut(p, a->mean, c),
                       ek__param_mut(p, a->variance, c), ek__param_mut(p, a->unbiased_variance, c));
  if (a->moving_mean != NULL || a->moving_variance != NULL)
    p->loops->moving_averages(channels, (double)p->count, a->decay, a->correct != 0, base, mean, m2,
                              ek__param_mut(p, a->moving_mean, c), ek__param_mut(p, a->moving_variance, c));
  if (j->y != NULL)
    p->loops->normalizers(channels, (double)p->count, a->epsilon, base, mean, m2, ek__param(p, a->scale, c),
                          ek__param(p, a->offset, c), ek__coefficients(p, c), p->channels);
}

static void finish_block(void *context, int64_t i) {
  const job *const j = context;
  const int64_t c = i * EK__CHANNEL_BLOCK;
  finish(j, c, ek__min_i64(EK__CHANNEL_BLOCK, j->plan.channels - c));
}
static void whole_channel(void *context, int64_t c) {
  const job *const j = context;
  ek__moments_of_part(&j->plan, j->args->x, 0, c);
  finish(j, c, 1);
  if (j->y != NULL) ek__apply_to_part(&j->plan, j->args->x, j->y, 0, c);
}

static void train(job *j) {
  const ek__batch_norm_plan *const p = &j->plan;
  const void *const x = j->args->x;
  const int64_t blocks = ek__chunk_count(p->channels, EK__CHANNEL_BLOCK);
  if (p->count == 0) { /* statistics of nothing */
    j->y = NULL;
    ek__for_chunks(1, blocks, finish_block, j);
  } else if (!p->columns && p->parts == 1) {
    p->loops->bases(p->channels, x, p->inner, p->base);
    ek__for_chunks(p->threads, p->channels, whole_channel, j);
  } else {
    ek__moments_of_parts(p, x);
    ek__for_chunks(p->parts > 1 ? p->threads : 1, blocks, finish_block, j);
    if (j->y != NULL) ek__apply_to_parts(p, x, j->y);
  }
}

ek_kernels_code ek_kernels_batch_norm_train_workspace(const ek_kernels_batch_norm_shape *shape, size_t *bytes) {
  return ek__batch_norm_workspace(shape, true, bytes);
}

ek_kernels_code ek_kernels_batch_norm_train(const ek_kernels *kernels, const ek_kernels_batch_norm_train_args *args) {
  if (args == NULL) return EK_KERNELS_INVALID_ARGUMENT;
  job j = {.args = args, .y = args->y};
  ek_kernels_code code = ek__batch_norm_plan_init(&j.plan, kernels, &args->shape, true, args->threads, args->workspace,
                                                  args->workspace_bytes);
  if (code != EK_KERNELS_OK) return code;
  if (args->x == NULL && j.plan.bytes > 0) return EK_KERNELS_INVALID_ARGUMENT;
  const int64_t params = j.plan.channels * (int64_t)j.plan.loops->param_size;
  const ek__array arrays[] = {{args->x, j.plan.bytes, false, true},
                              {args->y, j.plan.bytes, true, true},
                              {args->scale, params, false, false},
                              {args->offset, params, false, false},
                              {args->mean, params, true, false},
                              {args->variance, params, true, false},
                              {args->unbiased_variance, params, true, false},
                              {args->moving_mean, params, true, false},
                              {args->moving_variance, params, true, false},
                              {args->workspace, (int64_t)args->workspace_bytes, true, false}};
  code = ek__check_overlap(arrays, sizeof arrays / sizeof arrays[0]);
  if (code == EK_KERNELS_OK) train(&j);
  return code;
}
