/* SPDX-License-Identifier: Apache-2.0 */
/* One pass over the data with coefficients that are known before: inference, and scale and shift alone. */
#include "kernels/batch_norm/fusion.h"
#include "kernels/batch_norm/visits.h"

ek_kernels_code ek_kernels_batch_norm_infer_workspace(const ek_kernels_batch_norm_shape *shape, size_t *bytes) {
  return ek__batch_norm_workspace(shape, EK__RESULTS, bytes);
}

ek_kernels_code ek_kernels_batch_norm_infer(const ek_kernels *kernels, const ek_kernels_batch_norm_infer_args *args) {
  if (args == NULL) return EK_KERNELS_INVALID_ARGUMENT;
  ek__batch_norm_plan plan;
  ek_kernels_code code = ek__batch_norm_plan_init(&plan, kernels, &args->shape, EK__RESULTS, args->threads,
                                                  args->workspace, args->workspace_bytes);
  if (code != EK_KERNELS_OK) return code;
  if (plan.bytes == 0) return EK_KERNELS_OK;
  if (args->x == NULL || args->y == NULL || args->mean == NULL || args->variance == NULL)
    return EK_KERNELS_INVALID_ARGUMENT;
  ek__norm_data data = {.x = args->x, .other = args->add, .out = args->y, .put_bits = args->mask};
  if (!ek__slope_of(args->activation, args->alpha, &data.slope)) return EK_KERNELS_INVALID_ARGUMENT;
  if (args->mask != NULL && args->activation == EK_KERNELS_NO_ACTIVATION) return EK_KERNELS_INVALID_ARGUMENT;
  const int64_t params = plan.channels * (int64_t)plan.loops->param_size;
  const ek__array arrays[] = {{args->x, plan.bytes, false, true},
                              {args->add, plan.bytes, false, true},
                              {args->y, plan.bytes, true, true},
                              {args->mask, ek__batch_norm_mask_bytes(&plan), true, false},
                              {args->scale, params, false, false},
                              {args->offset, params, false, false},
                              {args->mean, params, false, false},
                              {args->variance, params, false, false},
                              {args->workspace, (int64_t)args->workspace_bytes, true, false}};
  code = ek__check_overlap(arrays, sizeof arrays / sizeof arrays[0]);
  if (code != EK_KERNELS_OK) return code;
  plan.loops->given_normalizers(plan.channels, args->epsilon, args->mean, args->variance, args->scale, args->offset,
                                plan.coefficients, plan.apart);
  ek__batch_norm_clear_mask(&plan, args->mask);
  ek__write_once(&plan, &data, ek__forward_kind(args->add, args->activation));
  return EK_KERNELS_OK;
}

ek_kernels_code ek_kernels_batch_norm_apply_workspace(const ek_kernels_batch_norm_shape *shape, size_t *bytes) {
  return ek__batch_norm_workspace(shape, EK__RESULTS, bytes);
}

ek_kernels_code ek_kernels_batch_norm_apply(const ek_kernels *kernels, const ek_kernels_batch_norm_apply_args *args) {
  if (args == NULL) return EK_KERNELS_INVALID_ARGUMENT;
  ek__batch_norm_plan plan;
  ek_kernels_code code = ek__batch_norm_plan_init(&plan, kernels, &args->shape, EK__RESULTS, args->threads,
                                                  args->workspace, args->workspace_bytes);
  if (code != EK_KERNELS_OK) return code;
  if (plan.bytes == 0) return EK_KERNELS_OK;
  if (args->x == NULL || args->y == NULL) return EK_KERNELS_INVALID_ARGUMENT;
  ek__norm_data data = {.x = args->x, .other = args->add, .out = args->y, .put_bits = args->mask};
  if (!ek__slope_of(args->activation, args->alpha, &data.slope)) return EK_KERNELS_INVALID_ARGUMENT;
  if (args->mask != NULL && args->activation == EK_KERNELS_NO_ACTIVATION) return EK_KERNELS_INVALID_ARGUMENT;
  const int64_t params = plan.channels * (int64_t)plan.loops->param_size;
  const ek__array arrays[] = {{args->x, plan.bytes, false, true},
                              {args->add, plan.bytes, false, true},
                              {args->y, plan.bytes, true, true},
                              {args->mask, ek__batch_norm_mask_bytes(&plan), true, false},
                              {args->a, params, false, false},
                              {args->b, params, false, false},
                              {args->workspace, (int64_t)args->workspace_bytes, true, false}};
  code = ek__check_overlap(arrays, sizeof arrays / sizeof arrays[0]);
  if (code != EK_KERNELS_OK) return code;
  plan.loops->given_coefficients(plan.channels, args->a, args->b, plan.coefficients, plan.apart);
  ek__batch_norm_clear_mask(&plan, args->mask);
  ek__write_once(&plan, &data, ek__forward_kind(args->add, args->activation));
  return EK_KERNELS_OK;
}
