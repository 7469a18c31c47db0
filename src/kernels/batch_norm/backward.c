/* SPDX-License-Identifier: Apache-2.0 */
/* Backward batch norm: the same cuts as forward, with sums of dy and dy * (x - mean) in the place of the statistics. */
#include "kernels/batch_norm/plan.h"
#include "kernels/schedule.h"

typedef struct job {
  ek__batch_norm_plan plan;
  const ek_kernels_batch_norm_grad_args *args;
} job;

/* The sums of one part: of all channels in columns, of one channel in runs. */
static void sums(const job *j, int64_t part, int64_t c) {
  const ek__batch_norm_plan *const p = &j->plan;
  const int64_t begin = part * p->per_part, rows = ek__part_rows(p, part);
  const void *const x = ek__data(p, j->args->x, begin, c), *const dy = ek__data(p, j->args->dy, begin, c);
  const void *const mean = ek__param(p, j->args->mean, c);
  double *const sum_dy = ek__part_sums(p, part, 0) + c, *const sum_dy_xc = ek__part_sums(p, part, 1) + c;
  if (p->columns)
    p->loops->gradient_columns(rows, p->channels, x, dy, p->channels, mean, sum_dy, sum_dy_xc);
  else
    p->loops->gradient_runs(rows, p->inner, x, dy, p->channels * p->inner, mean, sum_dy, sum_dy_xc);
}

/* Adds the parts of some channels, in order, to the first. */
static void fold(const ek__batch_norm_plan *p, int64_t c, int64_t channels) {
  for (int64_t part = 1; part < p->parts; part++)
    for (int row = 0; row < 2; row++)
      p->loops->add(channels, ek__part_sums(p, part, row) + c, ek__part_sums(p, 0, row) + c);
}

static void finish(const job *j, int64_t c, int64_t channels) {
  const ek__batch_norm_plan *const p = &j->plan;
  const ek_kernels_batch_norm_grad_args *const a = j->args;
  double *const sum_dy = ek__part_sums(p, 0, 0) + c, *const sum_dy_xc = ek__part_sums(p, 0, 1) + c;
  fold(p, c, channels);
  (a->frozen ? p->loops->frozen_gradients
             : p->loops->gradients)(channels, (double)p->count, a->epsilon, sum_dy, sum_dy_xc,
                                    ek__param(p, a->variance, c), ek__param(p, a->scale, c), ek__coefficients(p, c),
                                    p->channels, ek__param_mut(p, a->dscale, c), ek__param_mut(p, a->doffset, c));
}

/* dx of one part: of all channels in columns, of one channel in runs. Frozen, it is dy normalised. */
static void dx(const job *j, int64_t part, int64_t c) {
  const ek__batch_norm_plan *const p = &j->plan;
  const ek_kernels_batch_norm_grad_args *const a = j->args;
  const int64_t begin = part * p->per_part, rows = ek__part_rows(p, part), apart = p->channels;
  if (p->columns) {
    const void *const x = ek__data(p, a->x, begin, 0), *const dy = ek__data(p, a->dy, begin, 0);
    void *const out = ek__data_mut(p, a->dx, begin, 0);
    if (a->frozen)
      p->loops->apply_columns(rows, apart, dy, apart, p->coefficients, apart, out);
    else
      p->loops->dx_columns(rows, apart, x, dy, apart, a->mean, p->coefficients, apart, out);
    return;
  }
  for (int64_t o = begin; o < begin + rows; o++) {
    const void *const x = ek__data(p, a->x, o, c), *const dy = ek__data(p, a->dy, o, c);
    void *const out = ek__data_mut(p, a->dx, o, c);
    if (a->frozen)
      p->loops->apply_run(p->inner, dy, ek__coefficients(p, c), apart, out);
    else
      p->loops->dx_run(p->inner, x, dy, ek__param(p, a->mean, c), ek__coefficients(p, c), apart, out);
  }
}

static void sums_piece(void *context, int64_t i) {
  const job *const j = context;
  sums(j, ek__piece_part(&j->plan, i), ek__piece_channel(&j->plan, i));
}
static void finish_block(void *context, int64_t i) {
  const job *const j = context;
  const int64_t c = i * EK__CHANNEL_BLOCK;
  finish(j, c, ek__min_i64(EK__CHANNEL_BLOCK, j->plan.channels - c));
}
static void dx_piece(void *context, int64_t i) {
  const job *const j = context;
  dx(j, ek__piece_part(&j->plan, i), ek__piece_channel(&j->plan, i));
}
static void whole_channel(void *context, int64_t c) {
  const job *const j = context;
  sums(j, 0, c);
  finish(j, c, 1);
  if (j->args->dx != NULL) dx(j, 0, c);
}

static void grad(job *j) {
  const ek__batch_norm_plan *const p = &j->plan;
  const int64_t blocks = ek__chunk_count(p->channels, EK__CHANNEL_BLOCK);
  if (p->count == 0) {
    ek__for_chunks(1, blocks, finish_block, j);
  } else if (!p->columns && p->parts == 1) {
    ek__for_chunks(p->threads, p->channels, whole_channel, j);
  } else {
    ek__for_chunks(p->threads, ek__pieces(p), sums_piece, j);
    ek__for_chunks(p->parts > 1 ? p->threads : 1, blocks, finish_block, j);
    if (j->args->dx != NULL) ek__for_chunks(p->threads, ek__pieces(p), dx_piece, j);
  }
}

ek_kernels_code ek_kernels_batch_norm_grad_workspace(const ek_kernels_batch_norm_shape *shape, size_t *bytes) {
  return ek__batch_norm_workspace(shape, true, bytes);
}

ek_kernels_code ek_kernels_batch_norm_grad(const ek_kernels *kernels, const ek_kernels_batch_norm_grad_args *args) {
  if (args == NULL) return EK_KERNELS_INVALID_ARGUMENT;
  job j = {.args = args};
  const ek__batch_norm_plan *const p = &j.plan;
  ek_kernels_code code = ek__batch_norm_plan_init(&j.plan, kernels, &args->shape, true, args->threads, args->workspace,
                                                  args->workspace_bytes);
  if (code != EK_KERNELS_OK) return code;
  if (p->bytes > 0 && (args->x == NULL || args->dy == NULL)) return EK_KERNELS_INVALID_ARGUMENT;
  if (p->channels > 0 && (args->mean == NULL || args->variance == NULL)) return EK_KERNELS_INVALID_ARGUMENT;
  const int64_t params = p->channels * (int64_t)p->loops->param_size;
  const ek__array arrays[] = {{args->x, p->bytes, false, true},
                              {args->dy, p->bytes, false, true},
                              {args->dx, p->bytes, true, true},
                              {args->scale, params, false, false},
                              {args->mean, params, false, false},
                              {args->variance, params, false, false},
                              {args->dscale, params, true, false},
                              {args->doffset, params, true, false},
                              {args->workspace, (int64_t)args->workspace_bytes, true, false}};
  code = ek__check_overlap(arrays, sizeof arrays / sizeof arrays[0]);
  if (code == EK_KERNELS_OK) grad(&j);
  return code;
}

/* The two halves alone. The first is grad's with its sums handed out; the second starts from sums that are given. */

ek_kernels_code ek_kernels_batch_norm_grad_sums_workspace(const ek_kernels_batch_norm_shape *shape, size_t *bytes) {
  return ek__batch_norm_workspace(shape, true, bytes);
}

ek_kernels_code ek_kernels_batch_norm_grad_sums(const ek_kernels *kernels,
                                                const ek_kernels_batch_norm_grad_sums_args *args) {
  if (args == NULL) return EK_KERNELS_INVALID_ARGUMENT;
  const ek_kernels_batch_norm_grad_args inputs = {.x = args->x, .dy = args->dy, .mean = args->mean};
  job j = {.args = &inputs};
  const ek__batch_norm_plan *const p = &j.plan;
  ek_kernels_code code = ek__batch_norm_plan_init(&j.plan, kernels, &args->shape, true, args->threads, args->workspace,
                                                  args->workspace_bytes);
  if (code != EK_KERNELS_OK) return code;
  if (p->bytes > 0 && (args->x == NULL || args->dy == NULL)) return EK_KERNELS_INVALID_ARGUMENT;
  if (p->channels > 0 && (args->mean == NULL || args->sum_dy == NULL || args->sum_dy_xc == NULL))
    return EK_KERNELS_INVALID_ARGUMENT;
  const int64_t params = p->channels * (int64_t)p->loops->param_size;
  const int64_t doubles = p->channels * (int64_t)sizeof(double);
  const ek__array arrays[] = {
      {args->x, p->bytes, false, false},       {args->dy, p->bytes, false, false},
      {args->mean, params, false, false},      {args->sum_dy, doubles, true, false},
      {args->sum_dy_xc, doubles, true, false}, {args->workspace, (int64_t)args->workspace_bytes, true, false}};
  code = ek__check_overlap(arrays, sizeof arrays / sizeof arrays[0]);
  if (code != EK_KERNELS_OK) return code;
  if (p->count > 0) {
    ek__for_chunks(p->threads, ek__pieces(p), sums_piece, &j);
    fold(p, 0, p->channels);
  }
  for (int64_t c = 0; c < p->channels; c++) {
    args->sum_dy[c] = p->count > 0 ? ek__part_sums(p, 0, 0)[c] : 0;
    args->sum_dy_xc[c] = p->count > 0 ? ek__part_sums(p, 0, 1)[c] : 0;
  }
  return EK_KERNELS_OK;
}

ek_kernels_code ek_kernels_batch_norm_grad_dx_workspace(const ek_kernels_batch_norm_shape *shape, size_t *bytes) {
  return ek__batch_norm_workspace(shape, false, bytes);
}

ek_kernels_code ek_kernels_batch_norm_grad_dx(const ek_kernels *kernels,
                                              const ek_kernels_batch_norm_grad_dx_args *args) {
  if (args == NULL) return EK_KERNELS_INVALID_ARGUMENT;
  const ek_kernels_batch_norm_grad_args inputs = {.x = args->x, .dy = args->dy, .mean = args->mean, .dx = args->dx};
  job j = {.args = &inputs};
  const ek__batch_norm_plan *const p = &j.plan;
  ek_kernels_code code = ek__batch_norm_plan_init(&j.plan, kernels, &args->shape, false, args->threads, args->workspace,
                                                  args->workspace_bytes);
  if (code != EK_KERNELS_OK) return code;
  if (args->count < p->count) return EK_KERNELS_INVALID_ARGUMENT;
  if (p->bytes > 0 && args->dx != NULL && (args->x == NULL || args->dy == NULL)) return EK_KERNELS_INVALID_ARGUMENT;
  if (p->channels > 0 &&
      (args->mean == NULL || args->variance == NULL || args->sum_dy == NULL || args->sum_dy_xc == NULL))
    return EK_KERNELS_INVALID_ARGUMENT;
  const int64_t params = p->channels * (int64_t)p->loops->param_size;
  const int64_t doubles = p->channels * (int64_t)sizeof(double);
  const ek__array arrays[] = {{args->x, p->bytes, false, true},
                              {args->dy, p->bytes, false, true},
                              {args->dx, p->bytes, true, true},
                              {args->scale, params, false, false},
                              {args->mean, params, false, false},
                              {args->variance, params, false, false},
                              {args->sum_dy, doubles, false, false},
                              {args->sum_dy_xc, doubles, false, false},
                              {args->dscale, params, true, false},
                              {args->doffset, params, true, false},
                              {args->workspace, (int64_t)args->workspace_bytes, true, false}};
  code = ek__check_overlap(arrays, sizeof arrays / sizeof arrays[0]);
  if (code != EK_KERNELS_OK) return code;
  p->loops->gradients(p->channels, (double)args->count, args->epsilon, args->sum_dy, args->sum_dy_xc, args->variance,
                      args->scale, p->coefficients, p->channels, args->dscale, args->doffset);
  if (args->dx != NULL && p->bytes > 0) ek__for_chunks(p->threads, ek__pieces(p), dx_piece, &j);
  return EK_KERNELS_OK;
}
