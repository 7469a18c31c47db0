/* SPDX-License-Identifier: Apache-2.0 */
#include "kernels/weighted/plan.h"
#include "kernels/blocks.h"
#include "kernels/schedule.h"

#define PART_VALUES 32768
#define PARTS       64
#define TILE_ROWS   64

static bool product(int64_t a, int64_t b, int64_t *out) { return !__builtin_mul_overflow(a, b, out); }

/* Parts, and the bytes that are needed behind those of batch norm's plan, which has checked the shape. */
static ek_kernels_code measure(ek__weighted_plan *p, const ek_kernels_batch_norm_shape *shape, int64_t *bytes) {
  p->outer = shape->outer, p->channels = shape->channels, p->inner = shape->inner;
  p->columns = shape->inner == 1;
  p->stored = shape->block == 0 ? p->channels : ek__chunk_count(p->channels, EK__BLOCK) * EK__BLOCK;
  p->width = p->columns ? p->stored : shape->block == 0 ? 1 : EK__BLOCK;
  const int64_t least =
      ek__max_i64(PART_VALUES / ek__max_i64(p->channels, 1), ek__chunk_count(ek__max_i64(p->outer, 1), PARTS));
  p->per_part = ek__chunk_count(ek__max_i64(least, 1), TILE_ROWS) * TILE_ROWS;
  p->parts = p->columns ? ek__chunk_count(ek__max_i64(p->outer, 1), p->per_part) : 1;
  int64_t values;
  if (!product(2 * p->parts, p->channels, &values) || __builtin_add_overflow(values, p->parts, &values) ||
      !product(values, (int64_t)sizeof(double), bytes))
    return EK_KERNELS_INVALID_ARGUMENT;
  return EK_KERNELS_OK;
}

static ek_kernels_code workspace_of(const ek_kernels_batch_norm_shape *shape, size_t *bytes) {
  ek__weighted_plan plan;
  int64_t more;
  ek_kernels_code code = ek__batch_norm_workspace(shape, EK__GRADIENTS, bytes);
  if (code == EK_KERNELS_OK) code = measure(&plan, shape, &more);
  if (code == EK_KERNELS_OK) *bytes += (size_t)more; /* two numbers below 2^63 */
  return code;
}

ek_kernels_code ek_kernels_weighted_train_workspace(const ek_kernels_batch_norm_shape *shape, size_t *bytes) {
  return workspace_of(shape, bytes);
}
ek_kernels_code ek_kernels_weighted_grad_workspace(const ek_kernels_batch_norm_shape *shape, size_t *bytes) {
  return workspace_of(shape, bytes);
}

/* Their sum, and that they are what weights may be. */
static ek_kernels_code weigh(ek__weighted_plan *p, int64_t batch) {
  double sum = 0;
  p->counts = p->outer;
  for (int64_t i = batch - 1; i >= 0; i--) {
    const double w = ek__weight(p, i * p->repeat);
    if (!(w >= 0 && w - w == 0)) return EK_KERNELS_INVALID_ARGUMENT;
    if (w > 0) p->counts = i * p->repeat;
    sum += w;
  }
  p->total = sum * (double)p->repeat * (double)p->inner;
  return EK_KERNELS_OK;
}

ek_kernels_code ek__weighted_plan_init(ek__weighted_plan *p, const ek_kernels *kernels,
                                       const ek_kernels_batch_norm_shape *shape, int64_t batch, int threads,
                                       const void *weights, void *workspace, size_t workspace_bytes) {
  size_t whole;
  int64_t more;
  ek_kernels_code code = kernels == NULL ? ek_kernels_get(NULL, &kernels) : EK_KERNELS_OK;
  if (code == EK_KERNELS_OK) code = ek__batch_norm_workspace(shape, EK__GRADIENTS, &whole);
  if (code == EK_KERNELS_OK)
    code = ek__batch_norm_plan_init(&p->whole, kernels, shape, EK__GRADIENTS, threads, workspace, workspace_bytes);
  if (code == EK_KERNELS_OK) code = measure(p, shape, &more);
  if (code != EK_KERNELS_OK) return code;
  if (workspace_bytes < whole + (size_t)more) return EK_KERNELS_WORKSPACE;
  if (batch < 0 || (batch > 0 && weights == NULL)) return EK_KERNELS_INVALID_ARGUMENT;
  p->repeat = batch > 0 ? ek__max_i64(p->outer / batch, 1) : 1;
  if (p->outer % p->repeat != 0 || p->outer / p->repeat != batch) return EK_KERNELS_INVALID_ARGUMENT;
  p->loops = kernels->weighted[shape->type];
  p->weights = weights;
  p->sums = (double *)(void *)((char *)workspace + whole);
  p->weighed = p->sums + 2 * p->parts * p->channels;
  return weigh(p, batch);
}
