/* SPDX-License-Identifier: Apache-2.0 */
#include "kernels/axes/plan.h"
#include "kernels/blocks.h"
#include "kernels/schedule.h"

#include <string.h>

#define PART_VALUES 32768 /* what a part of a block has at least, if it is cut */
#define PARTS       64
#define ENOUGH      16 /* blocks that are work enough: they stay whole */
#define TILE_ROWS   64

static bool product(int64_t a, int64_t b, int64_t *out) { return !__builtin_mul_overflow(a, b, out); }

static bool is(unsigned mask, int i) { return (mask >> i & 1u) != 0; }

static bool sound(const ek_kernels_axes *a) {
  if (a == NULL || (int)a->type < EK_KERNELS_F32 || (int)a->type > EK_KERNELS_F16) return false;
  if (a->rank < 0 || a->rank > EK_KERNELS_AXES) return false;
  for (int i = 0; i < a->rank; i++)
    if (a->sizes[i] < 0 || a->strides[i] < 0) return false;
  return a->kept >> a->rank == 0 && ((a->shared | a->blocked) & ~a->kept) == 0 && (a->blocked & (a->blocked - 1)) == 0;
}

static bool contiguous(const ek_kernels_axes *a) {
  for (int i = 0; i < a->rank; i++)
    if (a->strides[i] != 0) return false;
  return true;
}

static void insert(ek__axis_list *all, ek__axis axis) {
  if (axis.size == 1) return;
  int at = all->n++;
  for (; at > 0 && all->axis[at - 1].data < axis.data; at--) all->axis[at] = all->axis[at - 1];
  all->axis[at] = axis;
}

static void insert_blocks(ek__axis_list *all, ek__axis axis) {
  ek__axis within = axis;
  within.size = EK__BLOCK, within.data = 1, within.channel = axis.size % EK__BLOCK != 0;
  axis.size = ek__chunk_count(axis.size, EK__BLOCK);
  axis.statistic *= EK__BLOCK, axis.parameter *= EK__BLOCK, axis.channel = EK__BLOCK * within.channel;
  insert(all, axis), insert(all, within);
}

/* All axes with more than one value, slowest first; sizes multiplied. */
static bool list_axes(const ek_kernels_axes *a, ek__axis_list *all, ek__axes_plan *p) {
  ek__axis axes[EK_KERNELS_AXES];
  int64_t elements = a->blocked != 0 ? EK__BLOCK : 1;
  p->count = p->statistics = p->parameters = 1;
  for (int i = a->rank - 1; i >= 0; i--) {
    const bool kept = is(a->kept, i), own = kept && !is(a->shared, i);
    axes[i] = (ek__axis){.size = a->sizes[i], .kept = kept};
    axes[i].data = contiguous(a) ? elements : a->strides[i];
    axes[i].statistic = kept ? p->statistics : 0;
    axes[i].parameter = own ? p->parameters : 0;
    const int64_t steps = is(a->blocked, i) ? ek__chunk_count(a->sizes[i], EK__BLOCK) : a->sizes[i];
    if (!product(elements, ek__max_i64(steps, 1), &elements)) return false; /* zeros apart: no overflow hides */
    int64_t *const of = kept ? &p->statistics : &p->count;
    *of *= a->sizes[i];
    if (own) p->parameters *= a->sizes[i];
  }
  all->n = p->kept.n = 0;
  for (int i = 0; i < a->rank; i++) {
    if (axes[i].kept) p->kept.axis[p->kept.n++] = axes[i];
    if (!is(a->blocked, i)) {
      insert(all, axes[i]);
      continue;
    }
    insert_blocks(all, axes[i]);
    p->channels = axes[i].size % EK__BLOCK != 0 ? axes[i].size : 0;
  }
  p->shared = p->parameters != p->statistics;
  return true;
}

/* Every value has a place of its own: an axis steps over all that the faster ones reach. */
static bool measure_span(const ek__axis_list *all, int64_t size, int64_t *bytes) {
  int64_t last = 0;
  for (int i = all->n - 1; i >= 0; i--) {
    int64_t reach;
    if (all->axis[i].data <= last || !product(all->axis[i].size - 1, all->axis[i].data, &reach)) return false;
    if (__builtin_add_overflow(last, reach, &last)) return false;
  }
  return !__builtin_add_overflow(last, 1, &last) && product(last, size, bytes);
}

/* Neighbours that are treated alike and lie behind one another become one. */
static void merge(ek__axis_list *all) {
  int n = 0;
  for (int i = 0; i < all->n; i++) {
    const ek__axis in = all->axis[i];
    ek__axis *const out = &all->axis[n - 1];
    if (n > 0 && out->kept == in.kept && out->data == in.size * in.data && out->statistic == in.size * in.statistic &&
        out->parameter == in.size * in.parameter && out->channel == in.size * in.channel)
      *out = (ek__axis){out->size * in.size, in.data, in.statistic, in.parameter, in.channel, in.kept};
    else
      all->axis[n++] = in;
  }
  all->n = n;
}

/* Whether the merged axes end with [blocks, inner, 16]. */
static bool has_blocks(const ek__axis_list *all) {
  const ek__axis *const end = all->axis + all->n;
  return all->n >= 3 && end[-3].kept && !end[-2].kept && end[-1].kept && end[-1].size == EK__BLOCK &&
         end[-1].data == 1 && end[-1].statistic == 1;
}

/* Whether the merged axes are [outer, channels, inner] or [outer, blocks, inner, 16] without gaps. */
static bool is_single(const ek__axis_list *all, ek__axes_plan *p, ek_kernels_type type) {
  const bool blocks = has_blocks(all);
  const int64_t neighbours = blocks ? EK__BLOCK : 1;
  int64_t size[3] = {1, 1, 1}, behind = neighbours;
  int at = 2;
  if (p->shared) return false;
  for (int i = all->n - (blocks ? 2 : 1); i >= 0; i--) {
    const ek__axis *const a = &all->axis[i];
    if (a->data != behind || (a->kept && a->statistic != neighbours)) return false;
    while (at >= 0 && a->kept != (at == 1)) at--;
    if (at < 0) return false;
    size[at--] = a->size, behind *= a->size;
  }
  p->shape = (ek_kernels_batch_norm_shape){type, size[0], size[1] * neighbours, size[2]};
  if (p->channels != 0) p->shape.channels = p->channels;
  if (p->channels != 0 || blocks) p->shape.block = EK__BLOCK;
  return true;
}

static ek__axis take(ek__axis_list *list, int i) {
  const ek__axis taken = list->axis[i];
  list->n--;
  for (; i < list->n; i++) list->axis[i] = list->axis[i + 1];
  return taken;
}

static int64_t members(const ek__axis_list *list) {
  int64_t n = 1;
  for (int i = 0; i < list->n; i++) n *= list->axis[i].size;
  return n;
}

static void cut(ek__axes_plan *p, ek__axis_list *all) {
  const ek__axis *const fastest = all->n > 0 ? &all->axis[all->n - 1] : NULL;
  p->columns = true, p->width = 1, p->rows = 1, p->apart = 1;
  if (fastest != NULL && fastest->data == 1 && (!fastest->kept || fastest->statistic == 1)) {
    p->columns = fastest->kept;
    p->width = take(all, all->n - 1).size;
  }
  for (int i = all->n - 1; i >= 0; i--)
    if (!all->axis[i].kept) {
      const ek__axis rows = take(all, i);
      p->rows = rows.size, p->apart = rows.data;
      break;
    }
  p->block.n = p->piece.n = 0;
  for (int i = 0; i < all->n; i++) {
    ek__axis_list *const to = all->axis[i].kept ? &p->block : &p->piece;
    to->axis[to->n++] = all->axis[i];
  }
  p->blocks = members(&p->block);
  p->rows_at_once = ek__max_i64(PART_VALUES / p->width, 1);
  if (p->columns) p->rows_at_once = ek__chunk_count(p->rows_at_once, TILE_ROWS) * TILE_ROWS;
  p->rows_at_once = ek__min_i64(p->rows_at_once, p->rows);
  p->row_pieces = ek__chunk_count(p->rows, p->rows_at_once);
  p->pieces = members(&p->piece) * p->row_pieces;
  const int64_t least = ek__chunk_count(PART_VALUES, p->rows_at_once * p->width);
  p->per_part = p->blocks >= ENOUGH ? p->pieces : ek__max_i64(least, ek__chunk_count(p->pieces, PARTS));
  p->parts = ek__chunk_count(p->pieces, p->per_part);
}

static ek_kernels_code measure(ek__axes_plan *p, const ek_kernels_axes *axes, int64_t *workspace) {
  ek__axis_list all;
  *p = (ek__axes_plan){.parts = 1};
  if (!sound(axes) || !list_axes(axes, &all, p)) return EK_KERNELS_INVALID_ARGUMENT;
  const int64_t size = axes->type == EK_KERNELS_F64 ? 8 : axes->type == EK_KERNELS_F32 ? 4 : 2;
  if (p->count > 0 && p->statistics > 0) {
    if (!measure_span(&all, size, &p->bytes)) return EK_KERNELS_INVALID_ARGUMENT;
    merge(&all);
    p->single = is_single(&all, p, axes->type);
    cut(p, &all);
  }
  const int64_t rows = 4 * p->parts + 1 + 3 + (p->shared ? EK__SPREAD : 0);
  int64_t values;
  if (!product(rows, ek__max_i64(p->statistics, p->parameters), &values) ||
      !product(values, (int64_t)sizeof(double), workspace))
    return EK_KERNELS_INVALID_ARGUMENT;
  return EK_KERNELS_OK;
}

ek_kernels_code ek__axes_workspace(const ek_kernels_axes *axes,
                                   ek_kernels_code (*single)(const ek_kernels_batch_norm_shape *, size_t *),
                                   size_t *bytes) {
  ek__axes_plan plan;
  int64_t needed;
  if (bytes == NULL) return EK_KERNELS_INVALID_ARGUMENT;
  const ek_kernels_code code = measure(&plan, axes, &needed);
  if (code != EK_KERNELS_OK) return code;
  if (plan.single) return single(&plan.shape, bytes);
  *bytes = (size_t)needed;
  return EK_KERNELS_OK;
}

ek_kernels_code ek__axes_plan_init(ek__axes_plan *p, const ek_kernels *kernels, const ek_kernels_axes *axes,
                                   int threads, void *workspace, size_t workspace_bytes) {
  int64_t needed;
  ek_kernels_code code = measure(p, axes, &needed);
  if (code == EK_KERNELS_OK && kernels == NULL) code = ek_kernels_get(NULL, &kernels);
  if (code != EK_KERNELS_OK || p->single) return code;
  if (threads < 0) return EK_KERNELS_INVALID_ARGUMENT;
  if (needed > 0 &&
      (workspace == NULL || workspace_bytes < (size_t)needed || (uintptr_t)workspace % sizeof(double) != 0))
    return EK_KERNELS_WORKSPACE;
  p->loops = kernels->batch_norm[axes->type];
  p->threads = ek__threads_for(threads, p->bytes);
  p->sums = workspace;
  p->base = p->sums + 4 * p->parts * p->statistics;
  p->coefficients = (char *)(p->base + p->statistics);
  p->spread = p->coefficients + 3 * p->statistics * (int64_t)sizeof(double);
  return EK_KERNELS_OK;
}

ek__axis ek__axes_locate(const ek__axis_list *list, int64_t i) {
  ek__axis at = {.size = 0};
  for (int k = list->n - 1; k >= 0; k--) {
    const ek__axis *const a = &list->axis[k];
    const int64_t index = i % a->size;
    i /= a->size;
    at.data += index * a->data, at.statistic += index * a->statistic, at.parameter += index * a->parameter;
    at.channel += index * a->channel;
  }
  return at;
}

int64_t ek__axes_values_before(const ek__axes_plan *p, int64_t piece) {
  const int64_t rows = piece / p->row_pieces * p->rows + piece % p->row_pieces * p->rows_at_once;
  return rows * (p->columns ? 1 : p->width);
}

ek__axes_piece ek__axes_piece_of(const ek__axes_plan *p, const ek__axis *block, int64_t piece) {
  const ek__axis outer = ek__axes_locate(&p->piece, piece / p->row_pieces);
  const int64_t first = piece % p->row_pieces * p->rows_at_once;
  return (ek__axes_piece){block->data + outer.data + first * p->apart, ek__min_i64(p->rows_at_once, p->rows - first)};
}

const void *ek__axes_spread(const ek__axes_plan *p, int k, const void *from) {
  if (from == NULL || !p->shared) return from;
  const size_t size = p->loops->param_size;
  char *const to = ek__axes_row(p, k);
  for (int64_t i = 0; i < p->statistics; i++)
    memcpy(to + i * (int64_t)size, (const char *)from + ek__axes_locate(&p->kept, i).parameter * (int64_t)size, size);
  return to;
}

void ek__axes_gather(const ek__axes_plan *p, int k, double *sum) {
  const void *const from = ek__axes_row(p, k);
  const bool wide = p->loops->param_size == sizeof(double);
  for (int64_t i = 0; i < p->parameters; i++) sum[i] = 0;
  for (int64_t i = 0; i < p->statistics; i++)
    sum[ek__axes_locate(&p->kept, i).parameter] += wide ? ((const double *)from)[i] : (double)((const float *)from)[i];
}
