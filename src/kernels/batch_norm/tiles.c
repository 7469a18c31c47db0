/* SPDX-License-Identifier: Apache-2.0 */
#include "kernels/batch_norm/tiles.h"

ek__tile ek__tiles_of(const ek__batch_norm_plan *p, int64_t g, int64_t image, int64_t t, int64_t end) {
  const int64_t n = ek__channels_of(p, g), begin = t * p->tile_rows;
  const int64_t all = p->form == EK__RUNS ? n : p->rows;
  ek__tile found = {.at = g * p->group_stride + image * p->image_stride + begin * p->row_stride,
                    .rows = ek__min_i64((end - t) * p->tile_rows, all - begin),
                    .cols = p->cols};
  if (n < p->per_group && p->form == EK__BLOCKED) found.cols = n * p->inner;
  if (n < p->per_group && p->form == EK__CYCLIC) found.cols = n;
  if (p->last_cols != p->cols && begin + found.rows == p->rows) found.rows--, found.last_cols = p->last_cols;
  return found;
}

ek__norm_data ek__data_at(const ek__visits *v, int64_t at) {
  const int64_t bytes = at * (int64_t)v->plan->loops->data_size;
  ek__norm_data d = v->data;
  d.far = v->plan->far, d.near = v->plan->near, d.stream = v->plan->stream;
  d.first = at;
  if (d.x != NULL) d.x = (const char *)d.x + bytes;
  if (d.dy != NULL) d.dy = (const char *)d.dy + bytes;
  if (d.other != NULL) d.other = (const char *)d.other + bytes;
  if (d.out != NULL) d.out = (char *)d.out + bytes;
  if (d.other_out != NULL) d.other_out = (char *)d.other_out + bytes;
  return d;
}

const char *ek__spread(const ek__batch_norm_plan *p, int64_t g, const char *from, char *to) {
  const int64_t n = ek__channels_of(p, g);
  from += g * p->per_group * (int64_t)p->loops->param_size;
  if (p->form == EK__RUNS || (p->form == EK__CYCLIC && p->period == p->cols)) return from;
  if (p->form == EK__CYCLIC)
    p->loops->spread_cyclic(p->cols, p->period, from, to);
  else
    p->loops->spread_blocked(n, p->inner, from, to);
  return to;
}
