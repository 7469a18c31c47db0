/* SPDX-License-Identifier: Apache-2.0 */
#include "ops/random_stream.h"

#include <stdio.h>

/* Spreads 64 bits (Steele and others' mixer). */
static uint64_t mix(uint64_t x) {
  x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9u;
  x = (x ^ (x >> 27)) * 0x94D049BB133111EBu;
  return x ^ (x >> 31);
}

/* Without seeds a node draws one of its own, once a session; it is kept in the second word of the state. */
static ek_code draw_seed(ek_run_context *c, uint64_t *seed) {
  FILE *f = fopen("/dev/urandom", "rb");
  const bool drawn = f != NULL && fread(seed, sizeof *seed, 1, f) == 1;
  if (f != NULL) (void)fclose(f);
  if (!drawn) return ek__run_fail(c, EK_UNAVAILABLE, "no seed was given, and /dev/urandom cannot be read");
  *seed |= 1; /* never 0, which means: not drawn yet */
  return EK_OK;
}

ek_code ek__random_begin(ek_run_context *c, uint64_t blocks, ek__philox *stream, uint64_t *first) {
  const int64_t seed = ek__attr_int(c->node, "seed"), seed2 = ek__attr_int(c->node, "seed2");
  *stream = (ek__philox){(uint64_t)seed, (uint64_t)seed2};
  if (seed == 0 && seed2 == 0) {
    if (c->random[1] == 0) EK_TRY(draw_seed(c, &c->random[1]));
    *stream = (ek__philox){c->random[1], mix(c->random[1])};
  }
  *first = c->random[0];
  c->random[0] += blocks;
  return EK_OK;
}
