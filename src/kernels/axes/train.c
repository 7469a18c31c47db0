/* SPDX-License-Identifier: Apache-2.0 */
/* Forward batch norm over several axes, in training. */
#include "kernels/axes/pass.h"

typedef struct job {
  ek__axes_job job;
  const ek_kernels_axes_norm_train_args *args;
  const void *scale, *offset; /* as every statistic sees them */
} job;

/* Rows of plan->spread. */
enum { SCALE, OFFSET, MEAN, VARIANCE };

static void bases(const job *j, const ek__axis *block) {
  const ek__axes_plan *const p = &j->job.plan;
  const int64_t n = ek__axes_width(p, block);
  if (n > 0) p->loops->bases(n, ek__axes_data(p, j->args->x, block->data), 1, p->base + block->statistic);
}

static void gather(const ek__axes_job *of, const ek__axis *block, int64_t part) {
  const job *const j = (const job *)of;
  const ek__axes_plan *const p = &of->plan;
  const int64_t begin = ek__axes_begin(p, part), before = ek__axes_values_before(p, begin);
  const int64_t n = ek__axes_width(p, block);
  const double *const base = p->base + block->statistic;
  double *to[4];
  for (int row = 0; row < 4; row++) to[row] = ek__axes_sums(p, part, row) + block->statistic;
  if (p->parts == 1) bases(j, block);
  for (int64_t i = begin; i < ek__axes_end(p, part); i++) {
    const ek__axes_piece at = ek__axes_piece_of(p, block, i);
    const void *const x = ek__axes_data(p, j->args->x, at.data);
    const int row = i > begin ? 2 : 0; /* the first goes where the sums are */
    if (p->columns)
      p->loops->moments_columns(at.rows, n, x, p->apart, base, to[row], to[row + 1]);
    else
      p->loops->moments_runs(at.rows, p->width, x, p->apart, base, to[row], to[row + 1]);
    const int64_t here = ek__axes_values_before(p, i), next = ek__axes_values_before(p, i + 1);
    if (i > begin) p->loops->add_moments(n, (double)(here - before), (double)(next - here), to[2], to[3], to[0], to[1]);
  }
}

/* Folds the parts of some statistics, in order, into the first. */
static void fold(const ek__axes_plan *p, int64_t c, int64_t n) {
  for (int64_t part = 1; part < p->parts; part++) {
    const int64_t before = ek__axes_values_before(p, ek__axes_begin(p, part));
    const int64_t more = ek__axes_values_before(p, ek__axes_end(p, part)) - before;
    p->loops->add_moments(n, (double)before, (double)more, ek__axes_sums(p, part, 0) + c, ek__axes_sums(p, part, 1) + c,
                          ek__axes_sums(p, 0, 0) + c, ek__axes_sums(p, 0, 1) + c);
  }
}

static void finish(const ek__axes_job *of, int64_t c, int64_t n) {
  const job *const j = (const job *)of;
  const ek__axes_plan *const p = &of->plan;
  const ek_kernels_axes_norm_train_args *const a = j->args;
  const double *const base = p->base + c, *const mean = ek__axes_sums(p, 0, 0) + c;
  const double *const m2 = ek__axes_sums(p, 0, 1) + c, count = (double)p->count;
  fold(p, c, n);
  p->loops->statistics(n, count, base, mean, m2, ek__axes_value_mut(p, a->mean, c),
                       ek__axes_value_mut(p, a->variance, c), ek__axes_value_mut(p, a->unbiased_variance, c));
  if (p->shared) { /* the moving averages wait for all that share them */
    void *const variance = ek__axes_value_mut(p, ek__axes_row(p, VARIANCE), c);
    p->loops->statistics(n, count, base, mean, m2, ek__axes_value_mut(p, ek__axes_row(p, MEAN), c),
                         a->correct ? NULL : variance, a->correct ? variance : NULL);
  } else if (a->moving_mean != NULL || a->moving_variance != NULL) {
    p->loops->moving_averages(n, count, a->decay, a->correct != 0, base, mean, m2,
                              ek__axes_value_mut(p, a->moving_mean, c), ek__axes_value_mut(p, a->moving_variance, c));
  }
  if (a->y != NULL && p->count > 0)
    p->loops->normalizers(n, count, a->epsilon, base, mean, m2, ek__axes_value(p, j->scale, c),
                          ek__axes_value(p, j->offset, c), ek__axes_value_mut(p, p->coefficients, c), p->statistics);
}

static void write(const ek__axes_job *of, const ek__axis *block, int64_t part) {
  const job *const j = (const job *)of;
  ek__axes_apply(&of->plan, block, part, j->args->x, j->args->y);
}

/* Moving averages of what is shared: after the mean of the statistics. */
static void follow(const job *j) {
  const ek__axes_plan *const p = &j->job.plan;
  const ek_kernels_axes_norm_train_args *const a = j->args;
  double *const mean = p->sums, *const variance = mean + p->parameters, *const zeros = variance + p->parameters;
  const double share = (double)p->parameters / (double)p->statistics; /* 0 / 0: averages of nothing are NaN */
  ek__axes_gather(p, MEAN, mean);
  ek__axes_gather(p, VARIANCE, variance);
  for (int64_t i = 0; i < p->parameters; i++) mean[i] *= share, variance[i] *= share, zeros[i] = 0;
  p->loops->moving_averages(p->parameters, 1, a->decay, false, mean, zeros, variance, a->moving_mean,
                            a->moving_variance);
}

static ek_kernels_code train_single(const ek_kernels *kernels, const ek_kernels_batch_norm_shape *shape,
                                    const ek_kernels_axes_norm_train_args *a) {
  return ek_kernels_batch_norm_train(kernels,
                                     &(ek_kernels_batch_norm_train_args){.shape = *shape,
                                                                         .epsilon = a->epsilon,
                                                                         .x = a->x,
                                                                         .scale = a->scale,
                                                                         .offset = a->offset,
                                                                         .y = a->y,
                                                                         .mean = a->mean,
                                                                         .variance = a->variance,
                                                                         .unbiased_variance = a->unbiased_variance,
                                                                         .moving_mean = a->moving_mean,
                                                                         .moving_variance = a->moving_variance,
                                                                         .decay = a->decay,
                                                                         .correct = a->correct,
                                                                         .workspace = a->workspace,
                                                                         .workspace_bytes = a->workspace_bytes,
                                                                         .threads = a->threads});
}

ek_kernels_code ek_kernels_axes_norm_train_workspace(const ek_kernels_axes *axes, size_t *bytes) {
  return ek__axes_workspace(axes, ek_kernels_batch_norm_train_workspace, bytes);
}

ek_kernels_code ek_kernels_axes_norm_train(const ek_kernels *kernels, const ek_kernels_axes_norm_train_args *args) {
  if (args == NULL) return EK_KERNELS_INVALID_ARGUMENT;
  job j = {.args = args};
  const ek__axes_plan *const p = &j.job.plan;
  ek_kernels_code code =
      ek__axes_plan_init(&j.job.plan, kernels, &args->axes, args->threads, args->workspace, args->workspace_bytes);
  if (code != EK_KERNELS_OK) return code;
  if (p->single) return train_single(kernels, &p->shape, args);
  if (p->bytes > 0 && args->x == NULL) return EK_KERNELS_INVALID_ARGUMENT;
  const int64_t size = (int64_t)p->loops->param_size, params = p->parameters * size, stats = p->statistics * size;
  const ek__array arrays[] = {{args->x, p->bytes, false, true},
                              {args->y, p->bytes, true, true},
                              {args->scale, params, false, false},
                              {args->offset, params, false, false},
                              {args->mean, stats, true, false},
                              {args->variance, stats, true, false},
                              {args->unbiased_variance, stats, true, false},
                              {args->moving_mean, params, true, false},
                              {args->moving_variance, params, true, false},
                              {args->workspace, (int64_t)args->workspace_bytes, true, false}};
  code = ek__check_overlap(arrays, sizeof arrays / sizeof arrays[0]);
  if (code != EK_KERNELS_OK) return code;
  j.scale = ek__axes_spread(p, SCALE, args->scale);
  j.offset = ek__axes_spread(p, OFFSET, args->offset);
  if (p->parts > 1)
    for (int64_t i = 0; i < p->blocks; i++) {
      const ek__axis block = ek__axes_locate(&p->block, i);
      bases(&j, &block);
    }
  j.job.gather = gather, j.job.finish = finish, j.job.write = args->y != NULL ? write : NULL, j.job.out = args->y;
  ek__axes_run(&j.job);
  if (p->shared && (args->moving_mean != NULL || args->moving_variance != NULL)) follow(&j);
  return EK_KERNELS_OK;
}
