/* SPDX-License-Identifier: Apache-2.0 */
#include "kernels/batch_norm/write.h"

ek__writing ek__write_group(const ek__visits *v, int64_t g, ek__scratch *s) {
  const ek__batch_norm_plan *const p = v->plan;
  const int64_t size = (int64_t)p->loops->param_size;
  ek__writing of = {.v = v, .g = g, .apart = p->apart};
  of.coefficients =
      ek__in_blocks(p) ? p->coefficients + g * p->per_group * size : ek__spread(p, g, p->coefficients, s->coefficients);
  if (of.coefficients != s->coefficients) return of; /* nothing was spread */
  of.apart = EK__ROW / size;
  for (int64_t row = 1; row < 4; row++)
    (void)ek__spread(p, g, p->coefficients + row * p->apart * size, s->coefficients + row * EK__ROW);
  return of;
}

void ek__write_tiles(const ek__writing *of, int64_t image, int64_t t, int64_t end) {
  const ek__batch_norm_plan *const p = of->v->plan;
  const ek__tile at = ek__tiles_of(p, of->g, image, t, end);
  const ek__norm_data d = ek__data_at(of->v, at.at);
  ek__apply_loop *const apply = p->loops->apply[of->v->apply][p->form == EK__RUNS];
  if (ek__in_blocks(p)) {
    apply((at.rows * at.cols + at.last_cols) / p->period, p->period, p->period, &d, of->coefficients, of->apart);
    return;
  }
  if (at.rows > 0) apply(at.rows, at.cols, p->row_stride, &d, of->coefficients, of->apart);
  if (at.last_cols > 0) {
    const ek__norm_data last = ek__data_at(of->v, at.at + at.rows * p->row_stride);
    apply(1, at.last_cols, p->row_stride, &last, of->coefficients, of->apart);
  }
}

void ek__write_range(const ek__writing *of, int64_t u, int64_t end) {
  const int64_t tiles = of->v->plan->tiles;
  while (u < end) {
    const int64_t t = u % tiles, n = ek__min_i64(tiles - t, end - u);
    ek__write_tiles(of, u / tiles, t, t + n);
    u += n;
  }
}
