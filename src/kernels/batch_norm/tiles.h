/* SPDX-License-Identifier: Apache-2.0 */
/* Where the data of a group's tiles lie, and what a thread works with while it visits them. */
#ifndef EK_KERNELS_BATCH_NORM_TILES_H
#define EK_KERNELS_BATCH_NORM_TILES_H

#include "kernels/batch_norm/visits.h"
#include "kernels/schedule.h"

/* Loops load and store whole vectors of columns: up to 64 bytes behind the last. */
#define EK__ROW (EK__ROW_BYTES + 64)

/* What one thread works with, per column. */
typedef struct ek__scratch {
  _Alignas(64) char k[EK__ROW];
  _Alignas(64) char s1[EK__ROW];
  _Alignas(64) char s2[EK__ROW];
  _Alignas(64) char coefficients[4 * EK__ROW];
} ek__scratch;

/* Rows of one group that are worked on in one call: full ones, and perhaps a last, shorter one. */
typedef struct ek__tile {
  int64_t at, rows, cols; /* at: where it begins, in values */
  int64_t last_cols;      /* 0: all rows are full */
} ek__tile;

/* Tiles t to end of a group's image, as one. */
ek__tile ek__tiles_of(const ek__batch_norm_plan *p, int64_t g, int64_t image, int64_t t, int64_t end);

/* The data of a visit, from the at-th value on. */
ek__norm_data ek__data_at(const ek__visits *v, int64_t at);

/* Gives the values of a group's channels to its columns, where these differ; whichever of the two to use. */
const char *ek__spread(const ek__batch_norm_plan *p, int64_t g, const char *from, char *to);

/* Of a group, as they lie in memory. */
static inline int64_t ek__channels_of(const ek__batch_norm_plan *p, int64_t g) {
  return ek__min_i64(p->per_group, p->stored - g * p->per_group);
}

#endif
