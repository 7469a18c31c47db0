/* SPDX-License-Identifier: Apache-2.0 */
#include "batches.h"

#include <stdlib.h>

/* SplitMix64: every seed is as good as any other. */
static uint64_t draw(uint64_t *state) {
  uint64_t z = *state += UINT64_C(0x9e3779b97f4a7c15);
  z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
  z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
  return z ^ (z >> 31);
}

static uint64_t draw_below(uint64_t *state, uint64_t n) { /* without a bias: what does not divide evenly is redrawn */
  const uint64_t limit = UINT64_MAX - UINT64_MAX % n;
  uint64_t x = draw(state);
  while (x >= limit) x = draw(state);
  return x % n;
}

static void shuffle(batches *b, int64_t epoch) {
  uint64_t seeded = (uint64_t)b->seed;
  uint64_t state = draw(&seeded) ^ (uint64_t)epoch;
  for (int64_t i = 0; i < b->n; i++) b->order[i] = i;
  for (int64_t i = b->n - 1; i > 0; i--) {
    const int64_t k = (int64_t)draw_below(&state, (uint64_t)i + 1), swap = b->order[i];
    b->order[i] = b->order[k];
    b->order[k] = swap;
  }
  b->epoch = epoch;
}

void batches_init(batches *b, int64_t n, int64_t seed, int64_t position) {
  *b = (batches){.n = n, .seed = seed, .position = position, .epoch = -1};
  b->order = need_memory((size_t)n, sizeof *b->order);
}

void batches_fini(batches *b) {
  free(b->order);
  *b = (batches){0};
}

void batches_next(batches *b, int64_t *index, int64_t size) {
  for (int64_t i = 0; i < size; i++, b->position++) {
    const int64_t epoch = b->position / b->n;
    if (epoch != b->epoch) shuffle(b, epoch);
    index[i] = b->order[b->position % b->n];
  }
}
