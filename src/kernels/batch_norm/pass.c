/* SPDX-License-Identifier: Apache-2.0 */
#include "kernels/batch_norm/pass.h"
#include "kernels/schedule.h"

typedef struct job {
  const ek__batch_norm_plan *plan;
  const void *x;
  void *y;
} job;

void ek__moments_of_part(const ek__batch_norm_plan *p, const void *x, int64_t part, int64_t c) {
  double *const mean = ek__part_sums(p, part, 0) + c, *const m2 = ek__part_sums(p, part, 1) + c;
  const void *const from = ek__data(p, x, part * p->per_part, c);
  if (p->columns)
    p->loops->moments_columns(ek__part_rows(p, part), p->channels, from, p->channels, p->base, mean, m2);
  else
    p->loops->moments_runs(ek__part_rows(p, part), p->inner, from, p->channels * p->inner, p->base + c, mean, m2);
}

static void moments_piece(void *context, int64_t i) {
  const job *const j = context;
  ek__moments_of_part(j->plan, j->x, ek__piece_part(j->plan, i), ek__piece_channel(j->plan, i));
}

void ek__moments_of_parts(const ek__batch_norm_plan *p, const void *x) {
  job j = {.plan = p, .x = x};
  p->loops->bases(p->channels, x, p->inner, p->base);
  ek__for_chunks(p->threads, ek__pieces(p), moments_piece, &j);
}

void ek__fold_moments(const ek__batch_norm_plan *p, int64_t c, int64_t channels) {
  double *const mean = ek__part_sums(p, 0, 0) + c, *const m2 = ek__part_sums(p, 0, 1) + c;
  for (int64_t part = 1; part < p->parts; part++)
    p->loops->add_moments(channels, (double)(part * p->per_part * p->inner),
                          (double)(ek__part_rows(p, part) * p->inner), ek__part_sums(p, part, 0) + c,
                          ek__part_sums(p, part, 1) + c, mean, m2);
}

void ek__apply_to_part(const ek__batch_norm_plan *p, const void *x, void *y, int64_t part, int64_t c) {
  const int64_t begin = part * p->per_part, rows = ek__part_rows(p, part);
  if (p->columns) {
    p->loops->apply_columns(rows, p->channels, ek__data(p, x, begin, 0), p->channels, p->coefficients, p->channels,
                            ek__data_mut(p, y, begin, 0));
    return;
  }
  for (int64_t o = begin; o < begin + rows; o++)
    p->loops->apply_run(p->inner, ek__data(p, x, o, c), ek__coefficients(p, c), p->channels, ek__data_mut(p, y, o, c));
}

static void apply_piece(void *context, int64_t i) {
  const job *const j = context;
  ek__apply_to_part(j->plan, j->x, j->y, ek__piece_part(j->plan, i), ek__piece_channel(j->plan, i));
}

void ek__apply_to_parts(const ek__batch_norm_plan *p, const void *x, void *y) {
  job j = {.plan = p, .x = x, .y = y};
  ek__for_chunks(p->threads, ek__pieces(p), apply_piece, &j);
}
