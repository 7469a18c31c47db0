/* SPDX-License-Identifier: Apache-2.0 */
#include "kernels/group_norm/plan.h"
#include "kernels/blocks.h"
#include "kernels/schedule.h"

/* Parts of whole samples with at least so many values, at most 64 of them. */
#define PART_VALUES 32768
#define PARTS       64

static bool product(int64_t a, int64_t b, int64_t *out) { return !__builtin_mul_overflow(a, b, out); }

/* Whole groups in whole blocks, or all channels. */
static int64_t section_of(const ek__group_plan *p) {
  int64_t common = EK__BLOCK, section;
  if (p->block != EK__BLOCK) return p->channels;
  while (p->width % common != 0) common /= 2;
  return product(p->width / common, EK__BLOCK, &section) ? ek__min_i64(section, p->channels) : p->channels;
}

static ek_kernels_code measure(ek__group_plan *p, const ek_kernels_group_shape *s, int64_t *workspace) {
  if (s == NULL || s->batch < 0 || s->channels < 0 || s->inner < 0 || s->groups <= 0)
    return EK_KERNELS_INVALID_ARGUMENT;
  if ((int)s->type < EK_KERNELS_F32 || (int)s->type > EK_KERNELS_F16) return EK_KERNELS_INVALID_ARGUMENT;
  if (s->channels % s->groups != 0) return EK_KERNELS_INVALID_ARGUMENT;
  if (!ek__is_block(s->block) || (s->block != 0 && s->channels_last != 0)) return EK_KERNELS_INVALID_ARGUMENT;
  const int64_t size = s->type == EK_KERNELS_F64 ? 8 : s->type == EK_KERNELS_F32 ? 4 : 2;
  int64_t sample, elements, statistics, values;
  *p = (ek__group_plan){.batch = s->batch, .channels = s->channels, .inner = s->inner, .groups = s->groups};
  p->stored = s->channels;
  if (s->block != 0 && !product(ek__chunk_count(s->channels, EK__BLOCK), EK__BLOCK, &p->stored))
    return EK_KERNELS_INVALID_ARGUMENT;
  if (!product(p->stored, s->inner, &sample) || !product(sample, s->batch, &elements) ||
      !product(elements, size, &p->bytes) || !product(s->batch, s->groups, &statistics) ||
      !product(statistics, (int64_t)sizeof(double), &statistics))
    return EK_KERNELS_INVALID_ARGUMENT;
  p->block = s->inner == 1 || s->channels_last ? ek__max_i64(p->stored, 1) : s->block != 0 ? EK__BLOCK : 1;
  p->layout = s->inner == 1 ? EK__GROUP_ROWS : p->block > 1 ? EK__GROUP_COLUMNS : EK__GROUP_RUNS;
  p->width = s->channels / s->groups;
  p->section = section_of(p);
  p->count = p->width * s->inner;
  p->per_part = ek__max_i64(ek__chunk_count(PART_VALUES, ek__max_i64(sample, 1)), ek__chunk_count(s->batch, PARTS));
  p->parts = ek__chunk_count(s->batch, p->per_part);
  if (!product(p->parts * EK__GROUP_SUMS, s->channels, &values) || !product(values, (int64_t)sizeof(double), workspace))
    return EK_KERNELS_INVALID_ARGUMENT;
  return EK_KERNELS_OK;
}

ek_kernels_code ek_kernels_group_norm_workspace(const ek_kernels_group_shape *shape, size_t *bytes) {
  ek__group_plan plan;
  int64_t needed;
  if (bytes == NULL) return EK_KERNELS_INVALID_ARGUMENT;
  const ek_kernels_code code = measure(&plan, shape, &needed);
  if (code == EK_KERNELS_OK) *bytes = (size_t)needed;
  return code;
}

ek_kernels_code ek__group_plan_init(ek__group_plan *p, const ek_kernels *kernels, const ek_kernels_group_shape *shape,
                                    int threads, void *workspace, size_t workspace_bytes) {
  int64_t needed;
  ek_kernels_code code = measure(p, shape, &needed);
  if (code == EK_KERNELS_OK && kernels == NULL) code = ek_kernels_get(NULL, &kernels);
  if (code != EK_KERNELS_OK) return code;
  if (threads < 0) return EK_KERNELS_INVALID_ARGUMENT;
  if (needed > 0 &&
      (workspace == NULL || workspace_bytes < (size_t)needed || (uintptr_t)workspace % sizeof(double) != 0))
    return EK_KERNELS_WORKSPACE;
  p->loops = kernels->batch_norm[shape->type];
  p->group = kernels->group_norm[shape->type];
  p->threads = ek__threads_for(threads, p->bytes);
  p->sums = workspace;
  return EK_KERNELS_OK;
}
