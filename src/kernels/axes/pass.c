/* SPDX-License-Identifier: Apache-2.0 */
#include "kernels/axes/pass.h"
#include "kernels/blocks.h"
#include "kernels/schedule.h"

/* Where a block was filled up, zeros. */
static void fill_up(const ek__axes_plan *p, const ek__axis *block, int64_t part, void *out) {
  if (p->channels == 0) return;
  for (int64_t i = ek__axes_begin(p, part); i < ek__axes_end(p, part); i++) {
    const ek__axes_piece at = ek__axes_piece_of(p, block, i);
    ek__fill_up(ek__axes_data_mut(p, out, at.data), at.rows, p->apart, ek__axes_width(p, block), p->width,
                p->loops->data_size);
  }
}

/* A block of one column may be all filling: it has no statistics. */
static void gather(const ek__axes_job *j, const ek__axis *block, int64_t part) {
  if (ek__axes_width(&j->plan, block) > 0) j->gather(j, block, part);
}
static void write(const ek__axes_job *j, const ek__axis *block, int64_t part) {
  if (ek__axes_width(&j->plan, block) > 0) j->write(j, block, part);
  fill_up(&j->plan, block, part, j->out);
}

static void whole_block(void *context, int64_t i) {
  const ek__axes_job *const j = *(const ek__axes_job *const *)context;
  const ek__axis block = ek__axes_locate(&j->plan.block, i);
  const int64_t n = ek__axes_width(&j->plan, &block);
  if (j->gather != NULL) gather(j, &block, 0);
  if (j->finish != NULL && n > 0) j->finish(j, block.statistic, n);
  if (j->write != NULL) write(j, &block, 0);
}
static void gather_part(void *context, int64_t i) {
  const ek__axes_job *const j = *(const ek__axes_job *const *)context;
  const ek__axis block = ek__axes_locate(&j->plan.block, i / j->plan.parts);
  gather(j, &block, i % j->plan.parts);
}
static void finish_some(void *context, int64_t i) {
  const ek__axes_job *const j = *(const ek__axes_job *const *)context;
  const int64_t c = i * EK__CHANNEL_BLOCK;
  j->finish(j, c, ek__min_i64(EK__CHANNEL_BLOCK, j->plan.statistics - c));
}
static void write_part(void *context, int64_t i) {
  const ek__axes_job *const j = *(const ek__axes_job *const *)context;
  const ek__axis block = ek__axes_locate(&j->plan.block, i / j->plan.parts);
  write(j, &block, i % j->plan.parts);
}

void ek__axes_run(const ek__axes_job *job) {
  const ek__axes_plan *const p = &job->plan;
  const int64_t some = ek__chunk_count(p->statistics, EK__CHANNEL_BLOCK);
  if (p->bytes == 0) { /* statistics of nothing */
    if (job->finish != NULL) ek__for_chunks(1, some, finish_some, &job);
  } else if (p->parts == 1) {
    ek__for_chunks(p->threads, p->blocks, whole_block, &job);
  } else {
    if (job->gather != NULL) ek__for_chunks(p->threads, p->blocks * p->parts, gather_part, &job);
    if (job->finish != NULL) ek__for_chunks(p->threads, some, finish_some, &job);
    if (job->write != NULL) ek__for_chunks(p->threads, p->blocks * p->parts, write_part, &job);
  }
}

void ek__axes_apply(const ek__axes_plan *p, const ek__axis *block, int64_t part, const void *x, void *y) {
  const void *const coefficients = ek__axes_value(p, p->coefficients, block->statistic);
  for (int64_t i = ek__axes_begin(p, part); i < ek__axes_end(p, part); i++) {
    const ek__axes_piece at = ek__axes_piece_of(p, block, i);
    if (p->columns) {
      p->loops->apply_columns(at.rows, ek__axes_width(p, block), ek__axes_data(p, x, at.data), p->apart, coefficients,
                              p->statistics, ek__axes_data_mut(p, y, at.data));
      continue;
    }
    for (int64_t r = 0; r < at.rows; r++) {
      const int64_t from = at.data + r * p->apart;
      p->loops->apply_run(p->width, ek__axes_data(p, x, from), coefficients, p->statistics,
                          ek__axes_data_mut(p, y, from));
    }
  }
}
