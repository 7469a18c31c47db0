/* SPDX-License-Identifier: Apache-2.0 */
/* Forward batch norm, training and inference.
 *
 * Training in columns (NHWC): parts of rows find their statistics; blocks of channels fold them and become
 * coefficients; parts of rows are normalised. In runs (NCHW): one channel after the other, all of it at once, so that
 * its values are still in a near cache when they are normalised; only where channels are few and long are they cut into
 * parts like the above. */
#include "kernels/batch_norm/plan.h"
#include "kernels/schedule.h"

typedef struct job {
  ek__batch_norm_plan plan;
  const ek_kernels_batch_norm_train_args *train;
  const void *x;
  void *y;
} job;

/* The statistics of one part: of all channels in columns, of one channel in runs. */
static void moments(const job *j, int64_t part, int64_t c) {
  const ek__batch_norm_plan *const p = &j->plan;
  double *const mean = ek__part_sums(p, part, 0) + c, *const m2 = ek__part_sums(p, part, 1) + c;
  const void *const x = ek__data(p, j->x, part * p->per_part, c);
  if (p->columns)
    p->loops->moments_columns(ek__part_rows(p, part), p->channels, x, p->channels, p->base, mean, m2);
  else
    p->loops->moments_runs(ek__part_rows(p, part), p->inner, x, p->channels * p->inner, p->base + c, mean, m2);
}

/* Folds the parts of some channels, in order, tells the statistics and makes the coefficients. */
static void finish(const job *j, int64_t c, int64_t channels) {
  const ek__batch_norm_plan *const p = &j->plan;
  const ek_kernels_batch_norm_train_args *const a = j->train;
  double *const mean = ek__part_sums(p, 0, 0) + c, *const m2 = ek__part_sums(p, 0, 1) + c;
  for (int64_t part = 1; part < p->parts; part++)
    p->loops->add_moments(channels, (double)(part * p->per_part * p->inner),
                          (double)(ek__part_rows(p, part) * p->inner), ek__part_sums(p, part, 0) + c,
                          ek__part_sums(p, part, 1) + c, mean, m2);
  p->loops->statistics(channels, (double)p->count, p->base + c, mean, m2, ek__param_mut(p, a->mean, c),
                       ek__param_mut(p, a->variance, c), ek__param_mut(p, a->unbiased_variance, c));
  if (j->y != NULL)
    p->loops->normalizers(channels, (double)p->count, a->epsilon, p->base + c, mean, m2, ek__param(p, a->scale, c),
                          ek__param(p, a->offset, c), ek__coefficients(p, c), p->channels);
}

/* Normalises one part: all channels in columns, one channel in runs. */
static void apply(const job *j, int64_t part, int64_t c) {
  const ek__batch_norm_plan *const p = &j->plan;
  const int64_t begin = part * p->per_part, rows = ek__part_rows(p, part);
  if (p->columns) {
    p->loops->apply_columns(rows, p->channels, ek__data(p, j->x, begin, 0), p->channels, p->coefficients, p->channels,
                            ek__data_mut(p, j->y, begin, 0));
    return;
  }
  for (int64_t o = begin; o < begin + rows; o++)
    p->loops->apply_run(p->inner, ek__data(p, j->x, o, c), ek__coefficients(p, c), p->channels,
                        ek__data_mut(p, j->y, o, c));
}

static void moments_piece(void *context, int64_t i) {
  const job *const j = context;
  moments(j, ek__piece_part(&j->plan, i), ek__piece_channel(&j->plan, i));
}
static void finish_block(void *context, int64_t i) {
  const job *const j = context;
  const int64_t c = i * EK__CHANNEL_BLOCK;
  finish(j, c, ek__min_i64(EK__CHANNEL_BLOCK, j->plan.channels - c));
}
static void apply_piece(void *context, int64_t i) {
  const job *const j = context;
  apply(j, ek__piece_part(&j->plan, i), ek__piece_channel(&j->plan, i));
}
static void whole_channel(void *context, int64_t c) {
  const job *const j = context;
  moments(j, 0, c);
  finish(j, c, 1);
  if (j->y != NULL) apply(j, 0, c);
}

static void train(job *j) {
  const ek__batch_norm_plan *const p = &j->plan;
  const int64_t blocks = ek__chunk_count(p->channels, EK__CHANNEL_BLOCK);
  if (p->count == 0) { /* statistics of nothing */
    j->y = NULL;
    ek__for_chunks(1, blocks, finish_block, j);
    return;
  }
  p->loops->bases(p->channels, j->x, p->inner, p->base);
  if (!p->columns && p->parts == 1) {
    ek__for_chunks(p->threads, p->channels, whole_channel, j);
  } else {
    ek__for_chunks(p->threads, ek__pieces(p), moments_piece, j);
    ek__for_chunks(p->parts > 1 ? p->threads : 1, blocks, finish_block, j);
    if (j->y != NULL) ek__for_chunks(p->threads, ek__pieces(p), apply_piece, j);
  }
}

ek_kernels_code ek_kernels_batch_norm_train_workspace(const ek_kernels_batch_norm_shape *shape, size_t *bytes) {
  return ek__batch_norm_workspace(shape, true, bytes);
}

ek_kernels_code ek_kernels_batch_norm_train(const ek_kernels *kernels, const ek_kernels_batch_norm_train_args *args) {
  if (args == NULL) return EK_KERNELS_INVALID_ARGUMENT;
  job j = {.train = args, .x = args->x, .y = args->y};
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
                              {args->workspace, (int64_t)args->workspace_bytes, true, false}};
  code = ek__check_overlap(arrays, sizeof arrays / sizeof arrays[0]);
  if (code == EK_KERNELS_OK) train(&j);
  return code;
}

ek_kernels_code ek_kernels_batch_norm_infer_workspace(const ek_kernels_batch_norm_shape *shape, size_t *bytes) {
  return ek__batch_norm_workspace(shape, false, bytes);
}

ek_kernels_code ek_kernels_batch_norm_infer(const ek_kernels *kernels, const ek_kernels_batch_norm_infer_args *args) {
  if (args == NULL) return EK_KERNELS_INVALID_ARGUMENT;
  job j = {.x = args->x, .y = args->y};
  ek__batch_norm_plan *const p = &j.plan;
  ek_kernels_code code =
      ek__batch_norm_plan_init(p, kernels, &args->shape, false, args->threads, args->workspace, args->workspace_bytes);
  if (code != EK_KERNELS_OK) return code;
  if (p->bytes == 0) return EK_KERNELS_OK;
  if (args->x == NULL || args->y == NULL || args->mean == NULL || args->variance == NULL)
    return EK_KERNELS_INVALID_ARGUMENT;
  const int64_t params = p->channels * (int64_t)p->loops->param_size;
  const ek__array arrays[] = {{args->x, p->bytes, false, true},
                              {args->y, p->bytes, true, true},
                              {args->scale, params, false, false},
                              {args->offset, params, false, false},
                              {args->mean, params, false, false},
                              {args->variance, params, false, false},
                              {args->workspace, (int64_t)args->workspace_bytes, true, false}};
  code = ek__check_overlap(arrays, sizeof arrays / sizeof arrays[0]);
  if (code != EK_KERNELS_OK) return code;
  p->loops->given_normalizers(p->channels, args->epsilon, args->mean, args->variance, args->scale, args->offset,
                              p->coefficients, p->channels);
  ek__for_chunks(p->threads, ek__pieces(p), apply_piece, &j);
  return EK_KERNELS_OK;
}
