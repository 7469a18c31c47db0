/* SPDX-License-Identifier: Apache-2.0 */
/* Where a random op's bits come from: its seeds, and what earlier runs have used up. */
#ifndef EK_OPS_RANDOM_STREAM_H
#define EK_OPS_RANDOM_STREAM_H

#include "ops/philox.h"
#include "ops/run.h"

/* The stream of this run, from block *first on; so many blocks are set aside. Seeds are the attributes seed and seed2;
 * without them a node draws one of its own, once a session. */
ek_code ek__random_begin(ek_run_context *c, uint64_t blocks, ek__philox *stream, uint64_t *first);

/* The words of a stream, one after another. */
typedef struct ek__words {
  ek__philox stream;
  uint64_t block;
  ek__philox_block words;
  int used; /* of words; 4: the next block is due */
} ek__words;
static inline ek__words ek__words_from(ek__philox stream, uint64_t block) {
  return (ek__words){.stream = stream, .block = block, .used = 4};
}
static inline uint32_t ek__next_word(ek__words *w) {
  if (w->used == 4) {
    w->words = ek__philox_at(w->stream, w->block++);
    w->used = 0;
  }
  return w->words.x[w->used++];
}

#endif
