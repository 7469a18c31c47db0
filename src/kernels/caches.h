/* SPDX-License-Identifier: Apache-2.0 */
/* The caches of this machine. They choose between schedules that give the same bits. */
#ifndef EK_KERNELS_CACHES_H
#define EK_KERNELS_CACHES_H

#include <stdint.h>

typedef struct ek__cache_sizes {
  int64_t l2, l3; /* bytes: of one core's second cache, of the last one */
} ek__cache_sizes;

/* What the processor says, asked once per process; 1 MB and 8 MB where it says nothing. */
ek__cache_sizes ek__caches(void);

/* For tests: other sizes from now on; zeros: the machine's own again. */
void ek__caches_assume(ek__cache_sizes sizes);

#endif
