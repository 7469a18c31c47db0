/* SPDX-License-Identifier: Apache-2.0 */
/* Backward batch norm: sums of dy and of dy * (x - mean), then their gradients, then dx. */
#include "kernels/batch_norm/fusion.h"
#include "kernels/batch_norm/visits.h"

#include <string.h>

/* x comes again from y, whose offset takes the place of the mean. */
static bool inverted(const ek_kernels_batch_norm_grad_args *a) { return a->x == NULL; }

static void prepare(const ek__visits *v, int64_t c, int64_t n) {
  const ek__batch_norm_plan *const p = v->plan;
  const ek_kernels_batch_norm_grad_args *const a = v->args;
  const size_t bytes = (size_t)n * p->loops->param_size;
  const void *const around = ek__param(p, inverted(a) ? a->offset : a->mean, c);
  if (around != NULL)
    memcpy(ek__param_mut(p, p->k, c), around, bytes);
  else
    memset(ek__param_mut(p, p->k, c), 0, bytes);
}

/* dscale, doffset and coefficients of n channels from their sums, over count values each: mean, a, c1, c2, or frozen a
 * in the second place. */
static void gradients(const ek__batch_norm_plan *p, const ek_kernels_batch_norm_grad_args *a, int64_t count, int64_t c,
                      int64_t n, const double *sum_dy, const double *sum_dy_xc) {
  if (n == 0) return;
  const void *const variance = ek__param(p, a->variance, c), *const scale = ek__param(p, a->scale, c);
  void *const to = ek__param_mut(p, p->coefficients, c);
  void *const dscale = ek__param_mut(p, a->dscale, c), *const doffset = ek__param_mut(p, a->doffset, c);
  if (a->frozen) {
    p->loops->frozen_gradients(n, (double)count, a->epsilon, sum_dy, sum_dy_xc, variance, scale, to, p->apart, dscale,
                               doffset);
    return;
  }
  memcpy(to, ek__param(p, a->mean, c), (size_t)n * p->loops->param_size);
  p->loops->gradients(n, (double)count, a->epsilon, sum_dy, sum_dy_xc, variance, scale, ek__param_mut(p, to, p->apart),
                      p->apart, dscale, doffset);
}

/* Frozen coefficients need no sums. */
static void foretell(const ek__visits *v, int64_t c, int64_t n) {
  const ek__batch_norm_plan *const p = v->plan;
  const ek_kernels_batch_norm_grad_args *const a = v->args;
  p->loops->frozen_gradients(n, (double)p->count, a->epsilon, NULL, NULL, ek__param(p, a->variance, c),
                             ek__param(p, a->scale, c), ek__param_mut(p, p->coefficients, c), p->apart, NULL, NULL);
}

static bool finish(const ek__visits *v, int64_t c, int64_t n, bool last) {
  const ek__batch_norm_plan *const p = v->plan;
  const ek_kernels_batch_norm_grad_args *const a = v->args;
  double *const sum_dy = ek__part_sums(p, 0, 0) + c, *const sum_dy_xc = ek__part_sums(p, 0, 1) + c;
  (void)last;
  if (inverted(a))
    p->loops->invert_sums(n, a->epsilon, ek__param(p, a->variance, c), ek__param(p, a->scale, c), sum_dy_xc);
  gradients(p, a, p->count, c, n, sum_dy, sum_dy_xc);
  if (inverted(a) && !a->frozen)
    p->loops->invert_coefficients(n, ek__param(p, a->offset, c), ek__param_mut(p, p->coefficients, c), p->apart);
  return false;
}

/* Frozen, dx needs no x. */
static int dx_kind(const ek_kernels_batch_norm_grad_args *a) {
  const bool activated = a->activation != EK_KERNELS_NO_ACTIVATION;
  if (a->dx == NULL) return -1;
  if (a->frozen) return activated ? EK__APPLY_DY_MASKED : EK__APPLY_DY;
  return inverted(a) ? EK__APPLY_DX_INVERTED : activated ? EK__APPLY_DX_MASKED : EK__APPLY_DX;
}

static ek__visits visits_of(ek__batch_norm_plan *plan, const ek_kernels_batch_norm_grad_args *args, double slope) {
  const bool activated = args->activation != EK_KERNELS_NO_ACTIVATION;
  ek__visits v = {.plan = plan,
                  .data = {.x = args->x, .dy = args->dy, .out = args->dx, .other_out = args->dadd, .slope = slope},
                  .sums = inverted(args) ? EK__SUMS_INVERTED
                          : activated    ? EK__SUMS_MASKED
                                         : EK__SUMS_DY,
                  .apply = dx_kind(args),
                  .prepare = prepare,
                  .finish = finish,
                  .args = args};
  if (inverted(args) || (activated && args->mask == NULL)) v.data.other = args->y;
  v.data.bits = args->mask;
  if (args->frozen && args->dx != NULL) v.foretell = foretell;
  ek__batch_norm_choose_stores(plan, &v.data);
  return v;
}

/* Whether what is asked of the activation, of y and of x without x can be had. */
static bool can_be_fused(const ek_kernels_batch_norm_grad_args *a, double *slope) {
  const bool activated = a->activation != EK_KERNELS_NO_ACTIVATION;
  if (!ek__slope_of(a->activation, a->alpha, slope)) return false;
  if (a->y == NULL && (inverted(a) || (activated && a->mask == NULL))) return false;
  if (a->mask != NULL && (inverted(a) || !activated)) return false;
  if (a->dadd != NULL && (!activated || a->dx == NULL || a->dadd == a->dx || inverted(a))) return false;
  return !inverted(a) || *slope > 0;
}

ek_kernels_code ek_kernels_batch_norm_grad_workspace(const ek_kernels_batch_norm_shape *shape, size_t *bytes) {
  return ek__batch_norm_workspace(shape, EK__GRADIENTS, bytes);
}

ek_kernels_code ek_kernels_batch_norm_grad(const ek_kernels *kernels, const ek_kernels_batch_norm_grad_args *args) {
  if (args == NULL) return EK_KERNELS_INVALID_ARGUMENT;
  ek__batch_norm_plan plan;
  const ek__batch_norm_plan *const p = &plan;
  ek_kernels_code code = ek__batch_norm_plan_init(&plan, kernels, &args->shape, EK__GRADIENTS, args->threads,
                                                  args->workspace, args->workspace_bytes);
  if (code != EK_KERNELS_OK) return code;
  double slope = 1;
  if (p->bytes > 0 && (args->dy == NULL || !can_be_fused(args, &slope))) return EK_KERNELS_INVALID_ARGUMENT;
  if (p->channels > 0 && (args->mean == NULL || args->variance == NULL)) return EK_KERNELS_INVALID_ARGUMENT;
  const int64_t params = p->channels * (int64_t)p->loops->param_size;
  const ek__array arrays[] = {{args->x, p->bytes, false, true},
                              {args->dy, p->bytes, false, true},
                              {args->y, p->bytes, false, true},
                              {args->dx, p->bytes, true, true},
                              {args->mask, ek__batch_norm_mask_bytes(p), false, false},
                              {args->dadd, p->bytes, true, true},
                              {args->scale, params, false, false},
                              {args->offset, params, false, false},
                              {args->mean, params, false, false},
                              {args->variance, params, false, false},
                              {args->dscale, params, true, false},
                              {args->doffset, params, true, false},
                              {args->workspace, (int64_t)args->workspace_bytes, true, false}};
  code = ek__check_overlap(arrays, sizeof arrays / sizeof arrays[0]);
  if (code != EK_KERNELS_OK) return code;
  if (p->bytes > 0) {
    const ek__visits v = visits_of(&plan, args, slope);
    ek__visit(&v);
  } else {
    if (p->apart > 0) memset(p->sums, 0, (size_t)(2 * p->apart) * sizeof *p->sums);
    gradients(p, args, 0, 0, p->channels, ek__part_sums(p, 0, 0), ek__part_sums(p, 0, 1));
  }
  return EK_KERNELS_OK;
}

/* The two halves alone. The first is grad's with its sums handed out; the second starts from sums that are given. */

static bool keep_sums(const ek__visits *v, int64_t c, int64_t n, bool last) {
  (void)v, (void)c, (void)n, (void)last;
  return false;
}

ek_kernels_code ek_kernels_batch_norm_grad_sums_workspace(const ek_kernels_batch_norm_shape *shape, size_t *bytes) {
  return ek__batch_norm_workspace(shape, EK__GRADIENTS, bytes);
}

ek_kernels_code ek_kernels_batch_norm_grad_sums(const ek_kernels *kernels,
                                                const ek_kernels_batch_norm_grad_sums_args *args) {
  if (args == NULL) return EK_KERNELS_INVALID_ARGUMENT;
  const ek_kernels_batch_norm_grad_args inputs = {.x = args->x,
                                                  .dy = args->dy,
                                                  .mean = args->mean,
                                                  .activation = args->activation,
                                                  .alpha = args->alpha,
                                                  .y = args->y,
                                                  .mask = args->mask};
  double slope = 1;
  ek__batch_norm_plan plan;
  const ek__batch_norm_plan *const p = &plan;
  ek_kernels_code code = ek__batch_norm_plan_init(&plan, kernels, &args->shape, EK__GRADIENTS, args->threads,
                                                  args->workspace, args->workspace_bytes);
  if (code != EK_KERNELS_OK) return code;
  if (p->bytes > 0 && (args->x == NULL || args->dy == NULL || !can_be_fused(&inputs, &slope)))
    return EK_KERNELS_INVALID_ARGUMENT;
  if (p->channels > 0 && (args->mean == NULL || args->sum_dy == NULL || args->sum_dy_xc == NULL))
    return EK_KERNELS_INVALID_ARGUMENT;
  const int64_t params = p->channels * (int64_t)p->loops->param_size;
  const int64_t doubles = p->channels * (int64_t)sizeof(double);
  const ek__array arrays[] = {
      {args->x, p->bytes, false, false},       {args->dy, p->bytes, false, false},
      {args->y, p->bytes, false, false},       {args->mask, ek__batch_norm_mask_bytes(p), false, false},
      {args->mean, params, false, false},      {args->sum_dy, doubles, true, false},
      {args->sum_dy_xc, doubles, true, false}, {args->workspace, (int64_t)args->workspace_bytes, true, false}};
  code = ek__check_overlap(arrays, sizeof arrays / sizeof arrays[0]);
  if (code != EK_KERNELS_OK) return code;
  if (p->bytes == 0) {
    for (int64_t c = 0; c < p->channels; c++) args->sum_dy[c] = args->sum_dy_xc[c] = 0;
    return EK_KERNELS_OK;
  }
  ek__visits v = visits_of(&plan, &inputs, slope);
  v.finish = keep_sums;
  ek__visit(&v);
  memcpy(args->sum_dy, ek__part_sums(p, 0, 0), (size_t)doubles);
  memcpy(args->sum_dy_xc, ek__part_sums(p, 0, 1), (size_t)doubles);
  return EK_KERNELS_OK;
}

ek_kernels_code ek_kernels_batch_norm_grad_dx_workspace(const ek_kernels_batch_norm_shape *shape, size_t *bytes) {
  return ek__batch_norm_workspace(shape, EK__RESULTS, bytes);
}

ek_kernels_code ek_kernels_batch_norm_grad_dx(const ek_kernels *kernels,
                                              const ek_kernels_batch_norm_grad_dx_args *args) {
  if (args == NULL) return EK_KERNELS_INVALID_ARGUMENT;
  const ek_kernels_batch_norm_grad_args inputs = {.epsilon = args->epsilon,
                                                  .x = args->x,
                                                  .dy = args->dy,
                                                  .scale = args->scale,
                                                  .mean = args->mean,
                                                  .variance = args->variance,
                                                  .dx = args->dx,
                                                  .dscale = args->dscale,
                                                  .doffset = args->doffset,
                                                  .activation = args->activation,
                                                  .alpha = args->alpha,
                                                  .y = args->y,
                                                  .mask = args->mask,
                                                  .dadd = args->dadd};
  double slope = 1;
  ek__batch_norm_plan plan;
  const ek__batch_norm_plan *const p = &plan;
  ek_kernels_code code = ek__batch_norm_plan_init(&plan, kernels, &args->shape, EK__RESULTS, args->threads,
                                                  args->workspace, args->workspace_bytes);
  if (code != EK_KERNELS_OK) return code;
  if (args->count < p->count) return EK_KERNELS_INVALID_ARGUMENT;
  if (p->bytes > 0 && (args->dx != NULL || args->dadd != NULL) &&
      (args->x == NULL || args->dy == NULL || !can_be_fused(&inputs, &slope)))
    return EK_KERNELS_INVALID_ARGUMENT;
  if (p->channels > 0 &&
      (args->mean == NULL || args->variance == NULL || args->sum_dy == NULL || args->sum_dy_xc == NULL))
    return EK_KERNELS_INVALID_ARGUMENT;
  const int64_t params = p->channels * (int64_t)p->loops->param_size;
  const int64_t doubles = p->channels * (int64_t)sizeof(double);
  const ek__array arrays[] = {
      {args->x, p->bytes, false, true},         {args->dy, p->bytes, false, true},
      {args->y, p->bytes, false, true},         {args->mask, ek__batch_norm_mask_bytes(p), false, false},
      {args->dx, p->bytes, true, true},         {args->dadd, p->bytes, true, true},
      {args->scale, params, false, false},      {args->mean, params, false, false},
      {args->variance, params, false, false},   {args->sum_dy, doubles, false, false},
      {args->sum_dy_xc, doubles, false, false}, {args->dscale, params, true, false},
      {args->doffset, params, true, false},     {args->workspace, (int64_t)args->workspace_bytes, true, false}};
  code = ek__check_overlap(arrays, sizeof arrays / sizeof arrays[0]);
  if (code != EK_KERNELS_OK) return code;
  gradients(p, &inputs, args->count, 0, p->channels, args->sum_dy, args->sum_dy_xc);
  if (args->dx != NULL && p->bytes > 0) {
    const ek__visits v = visits_of(&plan, &inputs, slope);
    ek__visit(&v);
  }
  return EK_KERNELS_OK;
}
