/* SPDX-License-Identifier: Apache-2.0 */
#include "kernels/schedule.h"

#ifdef _OPENMP
#include <omp.h>
#endif

#define SMALL_BYTES (256 * 1024) /* a parallel region costs 1 to 2 us: what one core streams 64 KB in */

int ek__threads_for(int asked, int64_t bytes) {
  if (bytes < SMALL_BYTES) return 1;
#ifdef _OPENMP
  return asked == 0 ? omp_get_max_threads() : asked;
#else
  (void)asked;
  return 1;
#endif
}

void ek__for_chunks(int threads, int64_t chunks, void (*body)(void *context, int64_t chunk), void *context) {
  if (threads > chunks) threads = (int)chunks;
#ifdef _OPENMP
  if (threads > 1) {
#pragma omp parallel for schedule(static) num_threads(threads)
    for (int64_t i = 0; i < chunks; i++) body(context, i);
    return;
  }
#endif
  for (int64_t i = 0; i < chunks; i++) body(context, i);
}
