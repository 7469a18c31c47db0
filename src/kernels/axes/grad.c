/* SPDX-License-Identifier: Apache-2.0 */
/* Backward batch norm over several axes. */
#include "kernels/axes/pass.h"

typedef struct job {
  ek__axes_job job;
  const ek_kernels_axes_norm_grad_args *args;
  const void *scale, *mean, *variance; /* as every statistic sees them */
  void *dscale, *doffset;              /* one for every statistic */
} job;

/* Rows of plan->spread. */
enum { SCALE, AVERAGE, VARIANCE, DSCALE, DOFFSET };

static void gather(const ek__axes_job *of, const ek__axis *block, int64_t part) {
  const job *const j = (const job *)of;
  const ek__axes_plan *const p = &of->plan;
  const int64_t begin = ek__axes_begin(p, part), n = ek__axes_width(p, block);
  const void *const mean = ek__axes_value(p, j->mean, block->statistic);
  double *to[4];
  for (int row = 0; row < 4; row++) to[row] = ek__axes_sums(p, part, row) + block->statistic;
  for (int64_t i = begin; i < ek__axes_end(p, part); i++) {
    const ek__axes_piece at = ek__axes_piece_of(p, block, i);
    const void *const x = ek__axes_data(p, j->args->x, at.data), *const dy = ek__axes_data(p, j->args->dy, at.data);
    const int row = i > begin ? 2 : 0; /* the first goes where the sums are */
    if (p->columns)
      p->loops->gradient_columns(at.rows, n, x, dy, p->apart, mean, to[row], to[row + 1]);
    else
      p->loops->gradient_runs(at.rows, p->width, x, dy, p->apart, mean, to[row], to[row + 1]);
    if (i == begin) continue;
    p->loops->add(n, to[2], to[0]);
    p->loops->add(n, to[3], to[1]);
  }
}

static void finish(const ek__axes_job *of, int64_t c, int64_t n) {
  const job *const j = (const job *)of;
  const ek__axes_plan *const p = &of->plan;
  for (int64_t part = 1; part < p->parts; part++)
    for (int row = 0; row < 2; row++) p->loops->add(n, ek__axes_sums(p, part, row) + c, ek__axes_sums(p, 0, row) + c);
  (j->args->frozen ? p->loops->frozen_gradients : p->loops->gradients)(
      n, (double)p->count, j->args->epsilon, ek__axes_sums(p, 0, 0) + c, ek__axes_sums(p, 0, 1) + c,
      ek__axes_value(p, j->variance, c), ek__axes_value(p, j->scale, c), ek__axes_value_mut(p, p->coefficients, c),
      p->statistics, ek__axes_value_mut(p, j->dscale, c), ek__axes_value_mut(p, j->doffset, c));
}

static void write_frozen(const ek__axes_job *of, const ek__axis *block, int64_t part) {
  const job *const j = (const job *)of;
  ek__axes_apply(&of->plan, block, part, j->args->dy, j->args->dx);
}

static void write(const ek__axes_job *of, const ek__axis *block, int64_t part) {
  const job *const j = (const job *)of;
  const ek__axes_plan *const p = &of->plan;
  const void *const mean = ek__axes_value(p, j->mean, block->statistic);
  const void *const coefficients = ek__axes_value(p, p->coefficients, block->statistic);
  for (int64_t i = ek__axes_begin(p, part); i < ek__axes_end(p, part); i++) {
    const ek__axes_piece at = ek__axes_piece_of(p, block, i);
    for (int64_t r = 0; r < at.rows; r += p->columns ? at.rows : 1) {
      const int64_t from = at.data + r * p->apart;
      const void *const x = ek__axes_data(p, j->args->x, from), *const dy = ek__axes_data(p, j->args->dy, from);
      void *const dx = ek__axes_data_mut(p, j->args->dx, from);
      if (p->columns)
        p->loops->dx_columns(at.rows, ek__axes_width(p, block), x, dy, p->apart, mean, coefficients, p->statistics, dx);
      else
        p->loops->dx_run(p->width, x, dy, mean, coefficients, p->statistics, dx);
    }
  }
}

/* The gradient of a parameter is the sum of those that its statistics found. */
static void share(const job *j, int row, void *to) {
  const ek__axes_plan *const p = &j->job.plan;
  if (to == NULL) return;
  ek__axes_gather(p, row, p->sums);
  for (int64_t i = 0; i < p->parameters; i++) {
    if (p->loops->param_size == sizeof(double))
      ((double *)to)[i] = p->sums[i];
    else
      ((float *)to)[i] = (float)p->sums[i];
  }
}

static ek_kernels_code grad_single(const ek_kernels *kernels, const ek_kernels_batch_norm_shape *shape,
                                   const ek_kernels_axes_norm_grad_args *a) {
  return ek_kernels_batch_norm_grad(kernels, &(ek_kernels_batch_norm_grad_args){.shape = *shape,
                                                                                .epsilon = a->epsilon,
                                                                                .frozen = a->frozen,
                                                                                .x = a->x,
                                                                                .dy = a->dy,
                                                                                .scale = a->scale,
                                                                                .mean = a->mean,
                                                                                .variance = a->variance,
                                                                                .dx = a->dx,
                                                                                .dscale = a->dscale,
                                                                                .doffset = a->doffset,
                                                                                .workspace = a->workspace,
                                                                                .workspace_bytes = a->workspace_bytes,
                                                                                .threads = a->threads});
}

ek_kernels_code ek_kernels_axes_norm_grad_workspace(const ek_kernels_axes *axes, size_t *bytes) {
  return ek__axes_workspace(axes, ek_kernels_batch_norm_grad_workspace, bytes);
}

ek_kernels_code ek_kernels_axes_norm_grad(const ek_kernels *kernels, const ek_kernels_axes_norm_grad_args *args) {
  if (args == NULL) return EK_KERNELS_INVALID_ARGUMENT;
  job j = {.args = args};
  const ek__axes_plan *const p = &j.job.plan;
  ek_kernels_code code =
      ek__axes_plan_init(&j.job.plan, kernels, &args->axes, args->threads, args->workspace, args->workspace_bytes);
  if (code != EK_KERNELS_OK) return code;
  if (p->single) return grad_single(kernels, &p->shape, args);
  if (p->bytes > 0 && (args->x == NULL || args->dy == NULL)) return EK_KERNELS_INVALID_ARGUMENT;
  if (p->statistics > 0 && (args->mean == NULL || args->variance == NULL)) return EK_KERNELS_INVALID_ARGUMENT;
  const int64_t size = (int64_t)p->loops->param_size, params = p->parameters * size;
  const int64_t given = args->frozen ? params : p->statistics * size;
  const ek__array arrays[] = {{args->x, p->bytes, false, true},
                              {args->dy, p->bytes, false, true},
                              {args->dx, p->bytes, true, true},
                              {args->scale, params, false, false},
                              {args->mean, given, false, false},
                              {args->variance, given, false, false},
                              {args->dscale, params, true, false},
                              {args->doffset, params, true, false},
                              {args->workspace, (int64_t)args->workspace_bytes, true, false}};
  code = ek__check_overlap(arrays, sizeof arrays / sizeof arrays[0]);
  if (code != EK_KERNELS_OK) return code;
  j.scale = ek__axes_spread(p, SCALE, args->scale);
  j.mean = args->frozen ? ek__axes_spread(p, AVERAGE, args->mean) : args->mean;
  j.variance = args->frozen ? ek__axes_spread(p, VARIANCE, args->variance) : args->variance;
  j.dscale = p->shared ? ek__axes_row(p, DSCALE) : args->dscale;
  j.doffset = p->shared ? ek__axes_row(p, DOFFSET) : args->doffset;
  j.job.gather = gather, j.job.finish = finish;
  j.job.write = args->dx == NULL ? NULL : args->frozen ? write_frozen : write, j.job.out = args->dx;
  ek__axes_run(&j.job);
  if (p->shared) share(&j, DSCALE, args->dscale), share(&j, DOFFSET, args->doffset);
  return EK_KERNELS_OK;
}
