/* SPDX-License-Identifier: Apache-2.0 */
/* Threads. Work is cut into chunks by its shape alone; threads only share the chunks out, so that no result depends on
 * them. */
#ifndef EK_KERNELS_SCHEDULE_H
#define EK_KERNELS_SCHEDULE_H

#include <stdint.h>

/* How many threads shall work on so many bytes: 1 below the size where waking one costs more than it saves; asked = 0
 * means what OpenMP would take. */
int ek__threads_for(int asked, int64_t bytes);

/* body(context, i) for every i in [0, chunks), each by one thread; returns when all are done. */
void ek__for_chunks(int threads, int64_t chunks, void (*body)(void *context, int64_t chunk), void *context);

/* How many chunks of size per_chunk cover n. */
static inline int64_t ek__chunk_count(int64_t n, int64_t per_chunk) { return n / per_chunk + (n % per_chunk != 0); }

static inline int64_t ek__min_i64(int64_t a, int64_t b) { return a < b ? a : b; }
static inline int64_t ek__max_i64(int64_t a, int64_t b) { return a > b ? a : b; }

#endif
