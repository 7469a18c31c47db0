/* SPDX-License-Identifier: Apache-2.0 */
/* The second visit: results of one group. */
#ifndef EK_KERNELS_BATCH_NORM_WRITE_H
#define EK_KERNELS_BATCH_NORM_WRITE_H

#include "kernels/batch_norm/tiles.h"

typedef struct ek__writing {
  const ek__visits *v;
  int64_t g, apart;
  const char *coefficients; /* in rows `apart` values from each other, the plan's or the scratch's */
} ek__writing;

/* The group's coefficients are known and stay as they are. */
ek__writing ek__write_group(const ek__visits *v, int64_t g, ek__scratch *s);

/* Tiles t to end of an image; and u to end of those of all images. */
void ek__write_tiles(const ek__writing *of, int64_t image, int64_t t, int64_t end);
void ek__write_range(const ek__writing *of, int64_t u, int64_t end);

#endif
