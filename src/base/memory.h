/* SPDX-License-Identifier: Apache-2.0 */
/* Memory through an ek_allocator: single blocks, growable arrays, arenas. */
#ifndef EK_BASE_MEMORY_H
#define EK_BASE_MEMORY_H

#include "base/status.h"

#define EK_ALIGN 64 /* a cache line, and the widest vector */

/* size bytes, zeroed, aligned to EK_ALIGN; NULL when memory is out. size 0 gives a block that may be freed. */
void *ek__alloc(const ek_allocator *a, size_t size);
void *ek__alloc_array(const ek_allocator *a, size_t count, size_t size); /* overflow-checked */
void ek__free(const ek_allocator *a, void *ptr, size_t size);            /* ptr may be NULL */

/* Room for need elements of size bytes in *items (capacity *cap), at least doubling: amortised O(1). Old contents are
 * kept. */
ek_code ek__grow(const ek_allocator *a, void *items, int *cap, int need, size_t size, ek_status *st);

/* An arena: many small blocks, freed together. Under AddressSanitizer each block is a single allocation of its own, so
 * that overruns are seen. */
typedef struct ek__arena {
  const ek_allocator *allocator;
  struct ek__arena_block *blocks;
} ek__arena;

void ek__arena_init(ek__arena *arena, const ek_allocator *a);
void ek__arena_fini(ek__arena *arena);
void *ek__arena_alloc(ek__arena *arena, size_t size); /* zeroed, aligned to 16; NULL when memory is out */
void *ek__arena_array(ek__arena *arena, size_t count, size_t size);
char *ek__arena_strndup(ek__arena *arena, const char *s, size_t n);
char *ek__arena_strdup(ek__arena *arena, const char *s);

#endif
