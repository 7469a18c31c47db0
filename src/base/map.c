/* SPDX-License-Identifier: Apache-2.0 */
#include "base/map.h"

#include <string.h>

struct ek__map_slot {
  const char *key; /* NULL: free */
  uint64_t hash;
  int64_t value;
};

/* FNV-1a over the bytes, then a finisher: names share long prefixes and differ at the end. */
static uint64_t hash_of(const char *key, size_t size) {
  uint64_t h = 1469598103934665603u;
  for (size_t i = 0; i < size; i++) h = (h ^ (unsigned char)key[i]) * 1099511628211u;
  h ^= h >> 32;
  h *= 0x9e3779b97f4a7c15u;
  return h ^ (h >> 29);
}

void ek__map_init(ek__map *map, const ek_allocator *a) { *map = (ek__map){.allocator = a}; }

void ek__map_fini(ek__map *map) {
  ek__free(map->allocator, map->slots, map->capacity * sizeof *map->slots);
  ek__map_init(map, map->allocator);
}

static struct ek__map_slot *find(const ek__map *map, const char *key, size_t size, uint64_t hash) {
  for (size_t i = hash & (map->capacity - 1);; i = (i + 1) & (map->capacity - 1)) {
    struct ek__map_slot *s = &map->slots[i];
    if (s->key == NULL) return s;
    if (s->hash == hash && strncmp(s->key, key, size) == 0 && s->key[size] == '\0') return s;
  }
}

int64_t *ek__map_get_n(const ek__map *map, const char *key, size_t size) {
  if (map->used == 0) return NULL;
  struct ek__map_slot *s = find(map, key, size, hash_of(key, size));
  return s->key != NULL ? &s->value : NULL;
}

int64_t *ek__map_get(const ek__map *map, const char *key) { return ek__map_get_n(map, key, strlen(key)); }

ek_code ek__map_put(ek__map *map, const char *key, int64_t value, ek_status *st) {
  if ((map->used + 1) * 4 > map->capacity * 3) {
    ek__map bigger = {.allocator = map->allocator, .capacity = map->capacity == 0 ? 16 : map->capacity * 2};
    bigger.slots = ek__alloc_array(map->allocator, bigger.capacity, sizeof *bigger.slots);
    if (bigger.slots == NULL) return ek__no_memory(st, "a hash map", bigger.capacity * sizeof *bigger.slots);
    for (size_t i = 0; i < map->capacity; i++)
      if (map->slots[i].key != NULL)
        *find(&bigger, map->slots[i].key, strlen(map->slots[i].key), map->slots[i].hash) = map->slots[i];
    bigger.used = map->used;
    ek__map_fini(map);
    *map = bigger;
  }
  const size_t size = strlen(key);
  const uint64_t hash = hash_of(key, size);
  struct ek__map_slot *s = find(map, key, size, hash);
  if (s->key == NULL) map->used++, *s = (struct ek__map_slot){.key = key, .hash = hash};
  s->value = value;
  return EK_OK;
}
