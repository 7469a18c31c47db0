/* SPDX-License-Identifier: Apache-2.0 */
#include "kernels/caches.h"

#include <stdatomic.h>

#if defined(__x86_64__) || defined(__i386__)
#include <cpuid.h>

/* Both makers describe each cache in the same form, under different numbers. */
static ek__cache_sizes ask(void) {
  ek__cache_sizes found = {0, 0};
  unsigned a, b, c, d;
  const unsigned leaf = __get_cpuid(0x80000001u, &a, &b, &c, &d) && (c >> 22 & 1u) ? 0x8000001du : 4u;
  for (unsigned i = 0; i < 16; i++) {
    if (!__get_cpuid_count(leaf, i, &a, &b, &c, &d) || (a & 31u) == 0) break;
    const unsigned level = a >> 5 & 7u, type = a & 31u; /* 1: data, 2: instructions, 3: both */
    const int64_t bytes = ((int64_t)(b >> 22) + 1) * ((b >> 12 & 1023u) + 1) * ((b & 4095u) + 1) * ((int64_t)c + 1);
    if (type != 2 && level == 2) found.l2 = bytes;
    if (type != 2 && level == 3) found.l3 = bytes;
  }
  return found;
}
#else
static ek__cache_sizes ask(void) { return (ek__cache_sizes){0, 0}; }
#endif

static _Atomic int64_t l2, l3; /* 0: not asked yet. Threads that race to ask hear the same. */

ek__cache_sizes ek__caches(void) {
  ek__cache_sizes known = {atomic_load_explicit(&l2, memory_order_relaxed),
                           atomic_load_explicit(&l3, memory_order_relaxed)};
  if (known.l2 == 0 || known.l3 == 0) {
    known = ask();
    if (known.l2 <= 0) known.l2 = 1 << 20;
    if (known.l3 <= 0) known.l3 = 8 << 20;
    ek__caches_assume(known);
  }
  return known;
}

void ek__caches_assume(ek__cache_sizes sizes) {
  atomic_store_explicit(&l2, sizes.l2, memory_order_relaxed);
  atomic_store_explicit(&l3, sizes.l3, memory_order_relaxed);
}
