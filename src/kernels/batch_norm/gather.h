/* SPDX-License-Identifier: Apache-2.0 */
/* The first visit: sums of a group, part by part; alone, or with results on the way. */
#ifndef EK_KERNELS_BATCH_NORM_GATHER_H
#define EK_KERNELS_BATCH_NORM_GATHER_H

#include "kernels/batch_norm/write.h"

typedef struct ek__gathering {
  const ek__visits *v;
  int64_t g, terms;
  ek__scratch *s;
  const char *k;
  double *s1, *s2; /* of the part, for the group's channels */
  /* NULL, or what is written on the way: of the same group, each tile behind its sums; of another, each tile at once
   * with those of the tile in its place. */
  const ek__writing *out;
} ek__gathering;

/* What is subtracted before the group's sums are taken is known. */
ek__gathering ek__gather(const ek__visits *v, int64_t g, ek__scratch *s, const ek__writing *out);

void ek__gather_part(ek__gathering *of, int64_t part);

#endif
