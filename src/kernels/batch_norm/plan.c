/* SPDX-License-Identifier: Apache-2.0 */
/* The arguments of a batch norm: sizes, workspace, overlap. */
#include "kernels/batch_norm/plan.h"
#include "kernels/schedule.h"

#include <string.h>

static bool product(int64_t a, int64_t b, int64_t *out) { return !__builtin_mul_overflow(a, b, out); }

/* Sizes and cuts; the bytes of data, and of the workspace that they need. */
static ek_kernels_code measure(ek__batch_norm_plan *plan, const ek_kernels_batch_norm_shape *shape, ek__purpose purpose,
                               int64_t *workspace) {
  if (shape == NULL || shape->outer < 0 || shape->channels < 0 || shape->inner < 0) return EK_KERNELS_INVALID_ARGUMENT;
  if ((int)shape->type < EK_KERNELS_F32 || (int)shape->type > EK_KERNELS_F16) return EK_KERNELS_INVALID_ARGUMENT;
  if (shape->block != 0 && shape->block != 16) return EK_KERNELS_INVALID_ARGUMENT;
  const int64_t size = shape->type == EK_KERNELS_F64 ? 8 : shape->type == EK_KERNELS_F32 ? 4 : 2;
  int64_t elements;
  *plan = (ek__batch_norm_plan){.purpose = purpose,
                                .outer = shape->outer,
                                .channels = shape->channels,
                                .inner = shape->inner,
                                .block = shape->block};
  plan->stored = shape->channels;
  if (shape->block != 0 && !product(ek__chunk_count(shape->channels, shape->block), shape->block, &plan->stored))
    return EK_KERNELS_INVALID_ARGUMENT;
  if (!product(shape->outer, shape->inner, &plan->count) || !product(plan->count, plan->stored, &elements) ||
      !product(elements, size, &plan->bytes))
    return EK_KERNELS_INVALID_ARGUMENT;
  ek__batch_norm_cut(plan, size, shape->type == EK_KERNELS_F64 ? 8 : 4);
  const int64_t rows = (purpose != EK__RESULTS ? 2 * plan->parts + 2 : 0) + 4;
  int64_t values;
  if (!product(rows, plan->apart, &values) || !product(values, (int64_t)sizeof(double), workspace))
    return EK_KERNELS_INVALID_ARGUMENT;
  return EK_KERNELS_OK;
}

ek_kernels_code ek__batch_norm_workspace(const ek_kernels_batch_norm_shape *shape, ek__purpose purpose, size_t *bytes) {
  ek__batch_norm_plan plan;
  int64_t needed;
  if (bytes == NULL) return EK_KERNELS_INVALID_ARGUMENT;
  const ek_kernels_code code = measure(&plan, shape, purpose, &needed);
  if (code == EK_KERNELS_OK) *bytes = (size_t)needed;
  return code;
}

static void choose(ek__batch_norm_plan *plan, const ek_kernels *kernels, ek_kernels_type type, int threads) {
  plan->loops = kernels->batch_norm[type];
  plan->threads = ek__threads_for(threads, plan->bytes);
  ek__batch_norm_order(plan);
}

ek_kernels_code ek__batch_norm_plan_choose(ek__batch_norm_plan *plan, const ek_kernels *kernels,
                                           const ek_kernels_batch_norm_shape *shape, ek__purpose purpose, int threads) {
  int64_t needed;
  const ek_kernels_code code = measure(plan, shape, purpose, &needed);
  if (code == EK_KERNELS_OK) choose(plan, kernels, shape->type, threads);
  return code;
}

ek_kernels_code ek__batch_norm_plan_init(ek__batch_norm_plan *plan, const ek_kernels *kernels,
                                         const ek_kernels_batch_norm_shape *shape, ek__purpose purpose, int threads,
                                         void *workspace, size_t workspace_bytes) {
  int64_t needed;
  ek_kernels_code code = measure(plan, shape, purpose, &needed);
  if (code == EK_KERNELS_OK && kernels == NULL) code = ek_kernels_get(NULL, &kernels);
  if (code != EK_KERNELS_OK) return code;
  if (threads < 0) return EK_KERNELS_INVALID_ARGUMENT;
  if (needed > 0 &&
      (workspace == NULL || workspace_bytes < (size_t)needed || (uintptr_t)workspace % sizeof(double) != 0))
    return EK_KERNELS_WORKSPACE;
  const int64_t row = plan->apart * (int64_t)sizeof(double);
  plan->sums = workspace;
  plan->k = (char *)workspace + (purpose != EK__RESULTS ? 2 * plan->parts * row : 0);
  plan->base = (double *)(void *)(plan->k + (purpose != EK__RESULTS ? row : 0));
  plan->coefficients = (char *)plan->base + (purpose != EK__RESULTS ? row : 0);
  choose(plan, kernels, shape->type, threads);
  return EK_KERNELS_OK;
}

int64_t ek__batch_norm_mask_bytes(const ek__batch_norm_plan *plan) {
  return ek__chunk_count(plan->count * plan->stored, 8);
}

ek_kernels_code ek_kernels_batch_norm_mask_bytes(const ek_kernels_batch_norm_shape *shape, size_t *bytes) {
  ek__batch_norm_plan plan;
  int64_t workspace;
  if (bytes == NULL) return EK_KERNELS_INVALID_ARGUMENT;
  const ek_kernels_code code = measure(&plan, shape, EK__RESULTS, &workspace);
  if (code == EK_KERNELS_OK) *bytes = (size_t)ek__batch_norm_mask_bytes(&plan);
  return code;
}

/* Runs lie one behind the other, and those of a group are one thread's. */
static bool has_own_bytes(const ek__batch_norm_plan *p) {
  const bool groups = p->group_stride % 8 == 0 && (p->form == EK__RUNS || p->row_stride % 8 == 0);
  return (p->groups == 1 || groups) && (p->images == 1 || p->image_stride % 8 == 0) &&
         (p->tiles == 1 || p->tile_rows * p->row_stride % 8 == 0);
}

void ek__batch_norm_clear_mask(ek__batch_norm_plan *plan, unsigned char *mask) {
  if (mask == NULL) return;
  memset(mask, 0, (size_t)ek__batch_norm_mask_bytes(plan));
  if (has_own_bytes(plan)) return;
  plan->threads = 1;
  ek__batch_norm_order(plan);
}

static bool overlap(const ek__array *a, const ek__array *b) {
  const uintptr_t pa = (uintptr_t)a->p, pb = (uintptr_t)b->p;
  if (a->p == NULL || b->p == NULL || a->bytes == 0 || b->bytes == 0) return false;
  return pa < pb + (uintptr_t)b->bytes && pb < pa + (uintptr_t)a->bytes;
}

ek_kernels_code ek__check_overlap(const ek__array *arrays, int n) {
  for (int i = 0; i < n; i++)
    for (int j = i + 1; j < n; j++) {
      const ek__array *const a = &arrays[i], *const b = &arrays[j];
      if (!(a->written || b->written) || !overlap(a, b)) continue;
      if (!(a->data && b->data && a->p == b->p)) return EK_KERNELS_OVERLAP;
    }
  return EK_KERNELS_OK;
}
