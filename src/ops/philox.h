/* SPDX-License-Identifier: Apache-2.0 */
/* Philox 4x32-10 (Salmon and others, SC 2011), counter-based: block b of a stream is a function of b and the key alone,
 * so that any block can be had without those before it. */
#ifndef EK_OPS_PHILOX_H
#define EK_OPS_PHILOX_H

#include <stdint.h>

/* A stream: TensorFlow's seed is the key, its seed2 the upper half of the counter. */
typedef struct ek__philox {
  uint64_t key, stream;
} ek__philox;

typedef struct ek__philox_block {
  uint32_t x[4];
} ek__philox_block;

static inline ek__philox_block ek__philox_at(ek__philox p, uint64_t block) {
  enum { ROUNDS = 10 };
  uint32_t k0 = (uint32_t)p.key, k1 = (uint32_t)(p.key >> 32);
  ek__philox_block c = {{(uint32_t)block, (uint32_t)(block >> 32), (uint32_t)p.stream, (uint32_t)(p.stream >> 32)}};
  for (int i = 0; i < ROUNDS; i++) {
    const uint64_t a = 0xD2511F53u * (uint64_t)c.x[0], b = 0xCD9E8D57u * (uint64_t)c.x[2];
    c = (ek__philox_block){
        {(uint32_t)(b >> 32) ^ c.x[1] ^ k0, (uint32_t)b, (uint32_t)(a >> 32) ^ c.x[3] ^ k1, (uint32_t)a}};
    k0 += 0x9E3779B9u;
    k1 += 0xBB67AE85u;
  }
  return c;
}

#endif
