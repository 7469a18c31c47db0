/* SPDX-License-Identifier: Apache-2.0 */
/* What memory.c and carry.c share while they give values their places. */
#ifndef EK_PLAN_MEMORY_H
#define EK_PLAN_MEMORY_H

#include "plan/loop.h"

enum { EK__CLASSES = 320, EK__PLACES_TRIED = 9 };

typedef struct ek__place {
  size_t offset;
  int32_t next; /* in its class's free list; -1 */
} ek__place;

typedef struct ek__memory {
  ek__ir *ir;
  int32_t *last;   /* root -> position of the last reader; INT32_MAX: to the end of the run */
  int32_t *dying;  /* position -> head of the list of roots whose last reader is there */
  int32_t *next;   /* root -> next in that list */
  size_t *offset;  /* root -> arena */
  uint8_t *placed; /* root has a place in the arena */
  int32_t free_list[EK__CLASSES];
  ek__place *places;
  int n_places;
} ek__memory;

static inline int32_t ek__root_of(ek__ir *ir, int32_t v) {
  while (ir->values[v].root != v) {
    ir->values[v].root = ir->values[ir->values[v].root].root;
    v = ir->values[v].root;
  }
  return v;
}
bool ek__in_arena(const ek__ir *ir, int32_t root);
size_t ek__bytes_of(const ek__ir *ir, int32_t value);
size_t ek__take_place(ek__memory *m, size_t bytes); /* offset of a place that nobody has */
/* Of output k of what is named: RESOURCE_EXHAUSTED if no memory can be so large. */
ek_code ek__check_size(const ek__ir *ir, const char *type, const char *name, int k, int32_t value);

/* carry.c: which next values are computed in place, and what lives to the end of an iteration; then places. */
ek_code ek__keep_carries(ek__memory *m);
ek_code ek__place_carries(ek__memory *m);

#endif
