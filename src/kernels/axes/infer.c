/* SPDX-License-Identifier: Apache-2.0 */
/* Batch norm over several axes with given statistics. */
#include "kernels/axes/pass.h"

typedef struct job {
  ek__axes_job job;
  const ek_kernels_axes_norm_infer_args *args;
} job;

static void write(const ek__axes_job *of, const ek__axis *block, int64_t part) {
  const job *const j = (const job *)of;
  ek__axes_apply(&of->plan, block, part, j->args->x, j->args->y);
}

static ek_kernels_code infer_single(const ek_kernels *kernels, const ek_kernels_batch_norm_shape *shape,
                                    const ek_kernels_axes_norm_infer_args *a) {
  return ek_kernels_batch_norm_infer(kernels, &(ek_kernels_batch_norm_infer_args){.shape = *shape,
                                                                                  .epsilon = a->epsilon,
                                                                                  .x = a->x,
                                                                                  .scale = a->scale,
                                                                                  .offset = a->offset,
                                                                                  .mean = a->mean,
                                                                                  .variance = a->variance,
                                                                                  .y = a->y,
                                                                                  .workspace = a->workspace,
                                                                                  .workspace_bytes = a->workspace_bytes,
                                                                                  .threads = a->threads});
}

ek_kernels_code ek_kernels_axes_norm_infer_workspace(const ek_kernels_axes *axes, size_t *bytes) {
  return ek__axes_workspace(axes, ek_kernels_batch_norm_infer_workspace, bytes);
}

ek_kernels_code ek_kernels_axes_norm_infer(const ek_kernels *kernels, const ek_kernels_axes_norm_infer_args *args) {
  if (args == NULL) return EK_KERNELS_INVALID_ARGUMENT;
  job j = {.args = args};
  const ek__axes_plan *const p = &j.job.plan;
  ek_kernels_code code =
      ek__axes_plan_init(&j.job.plan, kernels, &args->axes, args->threads, args->workspace, args->workspace_bytes);
  if (code != EK_KERNELS_OK) return code;
  if (p->single) return infer_single(kernels, &p->shape, args);
  if (p->bytes == 0) return EK_KERNELS_OK;
  if (args->x == NULL || args->y == NULL || args->mean == NULL || args->variance == NULL)
    return EK_KERNELS_INVALID_ARGUMENT;
  const int64_t params = p->parameters * (int64_t)p->loops->param_size;
  const ek__array arrays[] = {{args->x, p->bytes, false, true},
                              {args->y, p->bytes, true, true},
                              {args->scale, params, false, false},
                              {args->offset, params, false, false},
                              {args->mean, params, false, false},
                              {args->variance, params, false, false},
                              {args->workspace, (int64_t)args->workspace_bytes, true, false}};
  code = ek__check_overlap(arrays, sizeof arrays / sizeof arrays[0]);
  if (code != EK_KERNELS_OK) return code;
  p->loops->given_normalizers(p->statistics, args->epsilon, ek__axes_spread(p, 0, args->mean),
                              ek__axes_spread(p, 1, args->variance), ek__axes_spread(p, 2, args->scale),
                              ek__axes_spread(p, 3, args->offset), p->coefficients, p->statistics);
  j.job.write = write, j.job.out = args->y;
  ek__axes_run(&j.job);
  return EK_KERNELS_OK;
}
