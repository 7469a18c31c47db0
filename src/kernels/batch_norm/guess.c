/* SPDX-License-Identifier: Apache-2.0 */
/* Means that are guessed, so that sums are taken of small numbers. */
#include "kernels/batch_norm/tiles.h"

#include <string.h>

#define GUESS_MIN 4 /* values whose mean is close enough to a channel's: a sixteenth of all, within these bounds */
#define GUESS_MAX 16

/* Columns: some rows, in an image or across images, of which there are more. Pictures: the beginning of each first run.
 */
void ek__guess_means(const ek__visits *v, int64_t c, int64_t n) {
  const ek__batch_norm_plan *const p = v->plan;
  const ek__batch_norm_loops *const loops = p->loops;
  const int64_t g = c / p->per_group, size = (int64_t)loops->param_size;
  const ek__norm_data d = ek__data_at(v, g * p->group_stride);
  char *const k = p->k + c * size;
  double *const s1 = ek__part_sums(p, 0, 0) + c, *const s2 = ek__part_sums(p, 0, 1) + c;
  memset(s1, 0, (size_t)n * sizeof *s1), memset(s2, 0, (size_t)n * sizeof *s2);
  const int64_t wanted = ek__min_i64(ek__max_i64(p->count / 16, GUESS_MIN), GUESS_MAX);
  int64_t terms = ek__min_i64(wanted, p->inner);
  if (p->form == EK__CYCLIC) {
    const int64_t rows = p->images > 1 ? p->inner : p->count, row = ek__in_blocks(p) ? p->period : p->stored;
    const bool across = p->images > rows;
    _Alignas(64) char sums[2][EK__ROW];
    memset(sums[0], 0, (size_t)(n * size)), memset(sums[1], 0, (size_t)(n * size));
    terms = ek__min_i64(wanted, across ? p->images : rows);
    loops->first_values(n, d.x, 1, k);
    loops->sums[EK__SUMS_MOMENTS][0](terms, n, across ? p->image_stride : row, &d, k, sums[0], sums[1]);
    loops->fold_cyclic(n, n, sums[0], s1);
  } else {
    loops->first_values(n, d.x, p->inner, k);
    loops->sums[EK__SUMS_MOMENTS][1](n, terms, p->inner, &d, k, s1, s2);
  }
  loops->shift_by(n, 1 / (double)terms, s1, k);
}
