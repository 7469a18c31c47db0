/* SPDX-License-Identifier: Apache-2.0 */
/* What the kernel tests share: every usable instruction set, random numbers, arrays between guards, distances in ulp.
 */
#ifndef EK_TESTS_KERNEL_TEST_H
#define EK_TESTS_KERNEL_TEST_H

#include "evenkeel/kernels.h"
#include "test.h"

#include <float.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

/* The most lanes of any set here. */
#if defined(__x86_64__)
#define MAX_LANES 16
#else
#define MAX_LANES 4
#endif

/* The types that larger shapes are tried with: one where long double, which the references use, is software. */
#if LDBL_MANT_DIG > 64
#define LAST_LARGE_TYPE EK_KERNELS_F32
#else
#define LAST_LARGE_TYPE EK_KERNELS_F16
#endif

/* Calls test(kernels) for each set that this machine has; scalar is always among them. */
static inline void for_each_isa(void (*test)(const ek_kernels *k)) {
  int usable = 0;
  for (int i = 0; ek_kernels_list(i) != NULL; i++) {
    const ek_kernels *k = NULL;
    if (ek_kernels_get(ek_kernels_list(i), &k) != EK_KERNELS_OK) continue;
    test(k), usable++;
  }
  assert_true(usable > 0);
}

/* splitmix64; uniform in [lo, hi). */
static inline double draw(uint64_t *seed, double lo, double hi) {
  uint64_t z = *seed += 0x9e3779b97f4a7c15u;
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
  z ^= z >> 31;
  return lo + (hi - lo) * ((double)(z >> 11) * 0x1p-53);
}

/* bytes of memory between guards. They take turns: bytes on both sides, which must stay, around an address that is
 * `offset` bytes past a multiple of 64; a page behind the last byte, or one in front of the first, that must not even
 * be read. */
typedef struct guarded {
  unsigned char *base, *data, *wall;
  unsigned char *first, *last; /* the guard bytes: to data, and from its end to last */
  size_t bytes, total;
} guarded;

enum { GUARD = 128, GUARD_BYTE = 0xa5 };

static inline guarded guarded_new(size_t bytes, size_t offset) {
  static unsigned turn;
  const size_t page = (size_t)sysconf(_SC_PAGESIZE), walled = turn++ % 3;
  const size_t unit = walled ? page : 64, room = (bytes + offset + 2 * GUARD + unit - 1) / unit * unit;
  guarded g = {.bytes = bytes, .total = room + (walled ? page : 0)};
  g.base = aligned_alloc(unit, g.total);
  assert_non_null(g.base);
  g.wall = walled == 0 ? NULL : walled == 1 ? g.base + room : g.base;
  g.data = walled == 0 ? g.base + GUARD + offset : walled == 1 ? g.wall - bytes : g.base + page;
  g.first = walled == 2 ? g.data : g.data - GUARD, g.last = walled == 1 ? g.wall : g.data + bytes + GUARD;
  memset(g.first, GUARD_BYTE, (size_t)(g.last - g.first));
  if (walled) assert_int_equal(mprotect(g.wall, page, PROT_NONE), 0);
  return g;
}

static inline void guarded_free(guarded g) {
  if (g.wall != NULL) assert_int_equal(mprotect(g.wall, (size_t)sysconf(_SC_PAGESIZE), PROT_READ | PROT_WRITE), 0);
  for (const unsigned char *p = g.first; p < g.data; p++) assert_int_equal(*p, GUARD_BYTE);
  for (const unsigned char *p = g.data + g.bytes; p < g.last; p++) assert_int_equal(*p, GUARD_BYTE);
  free(g.base);
}

/* Nothing was written to it. */
static inline void guarded_expect_untouched(guarded g) {
  for (size_t i = 0; i < g.bytes; i++) assert_int_equal(g.data[i], GUARD_BYTE);
}

/* The distance of got from want in units of the last place of want's format; 0 if both are NaN or equal, infinite if
 * only one is NaN or infinite. digits is 24 for float, 53 for double; min_exp as in float.h. */
static inline double ulp_distance(double got, double want, int digits, int min_exp) {
  if (got == want || (isnan(got) && isnan(want))) return 0;
  if (!isfinite(got) || !isfinite(want)) return (double)INFINITY;
  int e;
  (void)frexp(want, &e);
  if (e < min_exp) e = min_exp;
  return fabs(got - want) / ldexp(1.0, e - digits);
}
static inline double ulp_f32(float got, double want) {
  if (isinf(got) && fabs(want) > 0x1.ffffffp127 && (got > 0) == (want > 0)) return 0; /* rounds to infinity */
  return ulp_distance((double)got, want, 24, -125);
}
static inline double ulp_f64(double got, double want) { return ulp_distance(got, want, 53, -1021); }

#endif
