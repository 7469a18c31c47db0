/* SPDX-License-Identifier: Apache-2.0 */
/* A hash map from strings (borrowed: whoever inserts keeps the key alive) to 64-bit values; open addressing. */
#ifndef EK_BASE_MAP_H
#define EK_BASE_MAP_H

#include "base/memory.h"

typedef struct ek__map {
  const ek_allocator *allocator;
  struct ek__map_slot *slots;
  size_t capacity, used; /* capacity: 0 or a power of two */
} ek__map;

void ek__map_init(ek__map *map, const ek_allocator *a);
void ek__map_fini(ek__map *map);
/* The value of key, borrowed until the next insertion; NULL if absent. */
int64_t *ek__map_get(const ek__map *map, const char *key);
int64_t *ek__map_get_n(const ek__map *map, const char *key, size_t size);
/* Inserts or overwrites. */
ek_code ek__map_put(ek__map *map, const char *key, int64_t value, ek_status *st);

#endif
