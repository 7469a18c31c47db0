/* SPDX-License-Identifier: Apache-2.0 */
#include "kernels/batch_norm/gather.h"

#include <string.h>

#define TERMS 64 /* rows whose sums in T are added up in double together */

ek__gathering ek__gather(const ek__visits *v, int64_t g, ek__scratch *s, const ek__writing *out) {
  return (ek__gathering){.v = v, .g = g, .s = s, .k = ek__spread(v->plan, g, v->plan->k, s->k), .out = out};
}

static void clear_columns(const ek__gathering *of) {
  const size_t bytes = (size_t)of->v->plan->cols * of->v->plan->loops->param_size;
  if (of->v->plan->form == EK__RUNS) return;
  memset(of->s->s1, 0, bytes), memset(of->s->s2, 0, bytes);
}

static void begin_part(ek__gathering *of, int64_t part) {
  const ek__batch_norm_plan *const p = of->v->plan;
  const int64_t c = of->g * p->per_group;
  const size_t bytes = (size_t)ek__channels_of(p, of->g) * sizeof(double);
  of->s1 = ek__part_sums(p, part, 0) + c, of->s2 = ek__part_sums(p, part, 1) + c;
  memset(of->s1, 0, bytes), memset(of->s2, 0, bytes);
  of->terms = 0;
  clear_columns(of);
}

static void fold_columns(ek__gathering *of) {
  const ek__batch_norm_plan *const p = of->v->plan;
  const int64_t n = ek__channels_of(p, of->g);
  if (of->terms == 0) return;
  if (p->form == EK__CYCLIC) {
    const int64_t cols = p->period == p->cols ? n : p->cols;
    p->loops->fold_cyclic(cols, ek__min_i64(n, p->period), of->s->s1, of->s1);
    p->loops->fold_cyclic(cols, ek__min_i64(n, p->period), of->s->s2, of->s2);
  } else if (p->form == EK__BLOCKED) {
    p->loops->fold_blocked(n, p->inner, of->s->s1, of->s1);
    p->loops->fold_blocked(n, p->inner, of->s->s2, of->s2);
  }
  of->terms = 0;
}

/* Room for the terms of so many rows. */
static void count_terms(ek__gathering *of, int64_t rows) {
  if (of->terms + rows > TERMS) fold_columns(of), clear_columns(of);
  of->terms += rows;
}

/* The data of a visit, from the at-th value on, for sums of n images side by side. */
static ek__norm_data data_abreast(const ek__visits *v, int64_t at, int64_t n) {
  ek__norm_data d = ek__data_at(v, at);
  d.abreast = n, d.example_stride = v->plan->image_stride;
  d.pieces = v->plan->pieces;
  return d;
}

/* The t-th tile of n images, side by side. */
static void gather_tile(ek__gathering *of, int64_t image, int64_t n, int64_t t) {
  const ek__batch_norm_plan *const p = of->v->plan;
  const ek__tile at = ek__tiles_of(p, of->g, image, t, t + 1);
  const ek__norm_data d = data_abreast(of->v, at.at, n);
  if (p->form == EK__RUNS) {
    p->loops->sums[of->v->sums][1](at.rows, at.cols, p->row_stride, &d, of->k, of->s1, of->s2);
    return;
  }
  ek__sums_loop *const sums = p->loops->sums[of->v->sums][0];
  count_terms(of, (at.rows + (at.last_cols > 0)) * n);
  if (at.rows > 0) sums(at.rows, at.cols, p->row_stride, &d, of->k, of->s->s1, of->s->s2);
  if (at.last_cols > 0) {
    const ek__norm_data last = data_abreast(of->v, at.at + at.rows * p->row_stride, n);
    sums(1, at.last_cols, p->row_stride, &last, of->k, of->s->s1, of->s->s2);
  }
}

/* Rows, at a place of the group before, that are written while the sums of those `ahead` are taken. */
static void gather_and_write(ek__gathering *of, const ek__tile *to, int64_t rows, int64_t ahead) {
  const ek__batch_norm_plan *const p = of->v->plan;
  const bool runs = p->form == EK__RUNS;
  const ek__norm_data d = data_abreast(of->v, to->at, 1);
  p->loops->both[of->v->apply][runs](rows, to->cols, &d, of->out->coefficients, of->out->apart, ahead, of->k,
                                     runs ? (void *)of->s1 : of->s->s1, runs ? (void *)of->s2 : of->s->s2);
}

/* The t-th tile of an image, and that of the group before in the same place. What one of them has more is done by
 * itself: the last row of a block, and the runs that the last group lacks. */
static void gather_beside(ek__gathering *of, int64_t image, int64_t t) {
  const ek__batch_norm_plan *const p = of->v->plan;
  const ek__tile from = ek__tiles_of(p, of->g, image, t, t + 1), to = ek__tiles_of(p, of->out->g, image, t, t + 1);
  const int64_t skipped = from.rows * p->row_stride;
  if (p->form == EK__CYCLIC) count_terms(of, from.rows + (from.last_cols > 0));
  if (from.rows > 0) gather_and_write(of, &to, from.rows, from.at - to.at);
  if (from.last_cols > 0) {
    const ek__norm_data last = data_abreast(of->v, from.at + skipped, 1);
    p->loops->sums[of->v->sums][0](1, from.last_cols, p->row_stride, &last, of->k, of->s->s1, of->s->s2);
  }
  const ek__norm_data rest = ek__data_at(of->v, to.at + skipped);
  if (to.last_cols > 0)
    p->loops->apply[of->v->apply][0](to.last_cols / p->period, p->period, p->period, &rest, of->out->coefficients,
                                     of->out->apart);
  if (to.rows > from.rows)
    p->loops->apply[of->v->apply][1](to.rows - from.rows, to.cols, p->row_stride, &rest,
                                     of->out->coefficients + from.rows * (int64_t)p->loops->param_size, of->out->apart);
}

/* Where the tiles of a part begin. */
static int64_t part_begin(const ek__batch_norm_plan *p, int64_t part) { return part * p->bands * p->tiles / p->parts; }

void ek__gather_part(ek__gathering *of, int64_t part) {
  const ek__batch_norm_plan *const p = of->v->plan;
  begin_part(of, part);
  for (int64_t u = part_begin(p, part); u < part_begin(p, part + 1); u++) {
    const int64_t image = u / p->tiles * p->abreast, end = ek__min_i64(image + p->abreast, p->images), t = u % p->tiles;
    if (of->out != NULL && of->out->g != of->g) {
      gather_beside(of, image, t);
      continue;
    }
    gather_tile(of, image, end - image, t);
    for (int64_t i = image; of->out != NULL && i < end; i++) ek__write_tiles(of->out, i, t, t + 1);
  }
  fold_columns(of);
}
