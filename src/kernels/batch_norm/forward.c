/* SPDX-License-Identifier: Apache-2.0 */
/* Forward batch norm in training: sums around a guess, then the statistics, then y. */
#include "kernels/batch_norm/fusion.h"
#include "kernels/batch_norm/visits.h"

/* Tells the statistics of n channels and makes their coefficients. */
static bool finish(const ek__visits *v, int64_t c, int64_t n, bool last) {
  const ek__batch_norm_plan *const p = v->plan;
  const ek_kernels_batch_norm_train_args *const a = v->args;
  double *const mean = ek__part_sums(p, 0, 0) + c, *const m2 = ek__part_sums(p, 0, 1) + c;
  const double count = (double)p->count;
  void *const k = ek__param_mut(p, p->k, c);
  if (p->loops->moments(n, count, k, mean, m2) && !last) return true;
  double *const base = p->base + c;
  p->loops->widen(n, k, base);
  p->loops->statistics(n, count, base, mean, m2, ek__param_mut(p, a->mean, c), ek__param_mut(p, a->variance, c),
                       ek__param_mut(p, a->unbiased_variance, c));
  if (a->moving_mean != NULL || a->moving_variance != NULL)
    p->loops->moving_averages(n, count, a->decay, a->correct != 0, base, mean, m2, ek__param_mut(p, a->moving_mean, c),
                              ek__param_mut(p, a->moving_variance, c));
  if (a->y != NULL)
    p->loops->normalizers(n, count, a->epsilon, base, mean, m2, ek__param(p, a->scale, c), ek__param(p, a->offset, c),
                          ek__param_mut(p, p->coefficients, c), p->apart);
  return false;
}

static void train(ek__batch_norm_plan *plan, const ek_kernels_batch_norm_train_args *args, double slope) {
  ek__visits v = {.plan = plan,
                  .data = {.x = args->x, .other = args->add, .out = args->y, .put_bits = args->mask, .slope = slope},
                  .sums = EK__SUMS_MOMENTS,
                  .apply = args->y != NULL ? ek__forward_kind(args->add, args->activation) : -1,
                  .prepare = ek__guess_means,
                  .finish = finish,
                  .args = args};
  ek__batch_norm_clear_mask(plan, args->mask);
  ek__batch_norm_choose_stores(plan, &v.data);
  ek__visit(&v);
}

/* Statistics of nothing: NaN. */
static void train_on_nothing(const ek__batch_norm_plan *p, const ek_kernels_batch_norm_train_args *a) {
  p->loops->statistics(p->channels, 0, NULL, NULL, NULL, a->mean, a->variance, a->unbiased_variance);
  p->loops->moving_averages(p->channels, 0, a->decay, a->correct != 0, NULL, NULL, NULL, a->moving_mean,
                            a->moving_variance);
}

ek_kernels_code ek_kernels_batch_norm_train_workspace(const ek_kernels_batch_norm_shape *shape, size_t *bytes) {
  return ek__batch_norm_workspace(shape, EK__MOMENTS, bytes);
}

ek_kernels_code ek_kernels_batch_norm_train(const ek_kernels *kernels, const ek_kernels_batch_norm_train_args *args) {
  if (args == NULL) return EK_KERNELS_INVALID_ARGUMENT;
  ek__batch_norm_plan plan;
  ek_kernels_code code = ek__batch_norm_plan_init(&plan, kernels, &args->shape, EK__MOMENTS, args->threads,
                                                  args->workspace, args->workspace_bytes);
  if (code != EK_KERNELS_OK) return code;
  double slope;
  if (args->x == NULL && plan.bytes > 0) return EK_KERNELS_INVALID_ARGUMENT;
  if (!ek__slope_of(args->activation, args->alpha, &slope)) return EK_KERNELS_INVALID_ARGUMENT;
  if (args->mask != NULL && (args->activation == EK_KERNELS_NO_ACTIVATION || args->y == NULL))
    return EK_KERNELS_INVALID_ARGUMENT;
  const int64_t params = plan.channels * (int64_t)plan.loops->param_size;
  const ek__array arrays[] = {{args->x, plan.bytes, false, true},
                              {args->add, plan.bytes, false, true},
                              {args->y, plan.bytes, true, true},
                              {args->mask, ek__batch_norm_mask_bytes(&plan), true, false},
                              {args->scale, params, false, false},
                              {args->offset, params, false, false},
                              {args->mean, params, true, false},
                              {args->variance, params, true, false},
                              {args->unbiased_variance, params, true, false},
                              {args->moving_mean, params, true, false},
                              {args->moving_variance, params, true, false},
                              {args->workspace, (int64_t)args->workspace_bytes, true, false}};
  code = ek__check_overlap(arrays, sizeof arrays / sizeof arrays[0]);
  if (code != EK_KERNELS_OK) return code;
  if (plan.bytes > 0)
    train(&plan, args, slope);
  else
    train_on_nothing(&plan, args);
  return EK_KERNELS_OK;
}
