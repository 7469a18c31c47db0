/* SPDX-License-Identifier: Apache-2.0 */
#define _DEFAULT_SOURCE /* madvise, where there is one */
#include "base/memory.h"

#include <stdlib.h>
#include <string.h>
#if defined(__unix__)
#include <sys/mman.h>
#endif

#if defined(__SANITIZE_ADDRESS__)
#define EK_SINGLE_BLOCKS 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define EK_SINGLE_BLOCKS 1
#endif
#endif
#ifndef EK_SINGLE_BLOCKS
#define EK_SINGLE_BLOCKS 0
#endif

/* What is this large is asked to lie in large pages: fewer misses of the address cache make loops over it up to half as
 * fast again. It is only advice, and its end may remain in small ones. */
#ifdef MADV_HUGEPAGE
#define LARGE_PAGE ((size_t)2 << 20)
static void *large_alloc(size_t size) {
  void *p = NULL;
  if (posix_memalign(&p, LARGE_PAGE, size) != 0) return NULL;
  (void)madvise(p, size, MADV_HUGEPAGE);
  return p;
}
#endif

static void *default_alloc(void *ctx, size_t size, size_t align) {
  (void)ctx;
  if (size > SIZE_MAX - align) return NULL;
#ifdef MADV_HUGEPAGE
  if (size >= 2 * LARGE_PAGE && align <= LARGE_PAGE) return large_alloc(size);
#endif
  return aligned_alloc(align, (size + align - 1) / align * align);
}

static void default_free(void *ctx, void *ptr, size_t size) {
  (void)ctx;
  (void)size;
  free(ptr);
}

const ek_allocator *ek_allocator_default(void) {
  static const ek_allocator allocator = {default_alloc, default_free, NULL};
  return &allocator;
}

void *ek__alloc(const ek_allocator *a, size_t size) {
  if (size == 0) size = 1;
  void *p = a->alloc(a->ctx, size, EK_ALIGN);
  if (p != NULL) memset(p, 0, size);
  return p;
}

void *ek__alloc_array(const ek_allocator *a, size_t count, size_t size) {
  size_t bytes = 0;
  return ek__mul_size(count, size, &bytes) ? ek__alloc(a, bytes) : NULL;
}

void ek__free(const ek_allocator *a, void *ptr, size_t size) {
  if (ptr != NULL) a->free(a->ctx, ptr, size == 0 ? 1 : size);
}

ek_code ek__grow(const ek_allocator *a, void *items, int *cap, int need, size_t size, ek_status *st) {
  if (need <= *cap) return EK_OK;
  const int grown = *cap > INT32_MAX / 2 ? INT32_MAX : *cap * 2;
  const int n = need > grown ? (need < 8 ? 8 : need) : grown;
  void *old = NULL;
  memcpy(&old, items, sizeof old);
  void *fresh = ek__alloc_array(a, (size_t)n, size);
  if (fresh == NULL) return ek__no_memory(st, "growing an array", (size_t)n * size);
  if (old != NULL) memcpy(fresh, old, (size_t)*cap * size);
  ek__free(a, old, (size_t)*cap * size);
  memcpy(items, &fresh, sizeof fresh);
  *cap = n;
  return EK_OK;
}

struct ek__arena_block {
  struct ek__arena_block *next;
  size_t size, used; /* size: all of the block, this header included */
};

enum { BLOCK_BYTES = 16384, HEADER = (sizeof(struct ek__arena_block) + 15) / 16 * 16 };

void ek__arena_init(ek__arena *arena, const ek_allocator *a) {
  arena->allocator = a;
  arena->blocks = NULL;
}

void ek__arena_fini(ek__arena *arena) {
  for (struct ek__arena_block *b = arena->blocks, *next; b != NULL; b = next) {
    next = b->next;
    arena->allocator->free(arena->allocator->ctx, b, b->size);
  }
  arena->blocks = NULL;
}

void *ek__arena_alloc(ek__arena *arena, size_t size) {
  if (size > SIZE_MAX - 2 * BLOCK_BYTES) return NULL;
  size = size == 0 ? 16 : (size + 15) / 16 * 16;
  struct ek__arena_block *b = arena->blocks;
  if (EK_SINGLE_BLOCKS || b == NULL || b->size - b->used < size) {
    const bool own =
        EK_SINGLE_BLOCKS || size > BLOCK_BYTES / 4; /* a large one must not waste the rest of the current block */
    const size_t bytes = own ? HEADER + size : BLOCK_BYTES;
    struct ek__arena_block *fresh = arena->allocator->alloc(arena->allocator->ctx, bytes, 16);
    if (fresh == NULL) return NULL;
    fresh->size = bytes;
    fresh->used = HEADER;
    if (own && b != NULL) {
      fresh->next = b->next;
      b->next = fresh;
    } else {
      fresh->next = b;
      arena->blocks = fresh;
    }
    b = fresh;
  }
  void *p = (char *)b + b->used;
  b->used += size;
  memset(p, 0, size);
  return p;
}

void *ek__arena_array(ek__arena *arena, size_t count, size_t size) {
  size_t bytes = 0;
  return ek__mul_size(count, size, &bytes) ? ek__arena_alloc(arena, bytes) : NULL;
}

char *ek__arena_strndup(ek__arena *arena, const char *s, size_t n) {
  if (n == SIZE_MAX) return NULL;
  char *copy = ek__arena_alloc(arena, n + 1);
  if (copy != NULL && n > 0) memcpy(copy, s, n);
  return copy;
}

char *ek__arena_strdup(ek__arena *arena, const char *s) { return ek__arena_strndup(arena, s, strlen(s)); }
