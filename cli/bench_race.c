/* SPDX-License-Identifier: Apache-2.0 */
/* Contenders in turn, and what their samples say. */
#include "bench.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static double now_us(void) {
  struct timespec t;
  (void)clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec * 1e6 + (double)t.tv_nsec * 1e-3;
}

/* Microseconds of one of so many calls; below zero: it failed. */
static double sample(const contender *c, int64_t calls) {
  if (!c->run(c->context)) return -1.0;
  const double began = now_us();
  for (int64_t i = 0; i < calls; i++)
    if (!c->run(c->context)) return -1.0;
  return (now_us() - began) / (double)calls;
}

/* How many calls fill a sample, by doubling until they do. */
static bool warm_up(contender *c, double sample_us) {
  for (c->calls = 1; c->calls < 1000000; c->calls *= 2) {
    const double us = sample(c, c->calls);
    if (us < 0.0) return false;
    if (us * (double)c->calls >= sample_us / 2.0) {
      c->calls = (int64_t)fmax(1.0, ceil(sample_us / us));
      return true;
    }
  }
  return true;
}

bool race_run(contender *contenders, int n, int rounds, double sample_us) {
  for (int i = 0; i < n; i++) {
    contenders[i].us = need_memory((size_t)rounds, sizeof(double));
    if (!warm_up(&contenders[i], sample_us)) return false;
  }
  for (int round = 0; round < rounds; round++)
    for (int k = 0; k < n; k++) {
      contender *c = &contenders[(k + round) % n]; /* nobody always follows the same one */
      c->us[round] = sample(c, c->calls);
      if (c->us[round] < 0.0) return false;
    }
  return true;
}

void race_free(contender *contenders, int n) {
  for (int i = 0; i < n; i++) free(contenders[i].us), contenders[i].us = NULL;
}

static int by_size(const void *a, const void *b) {
  const double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

/* The value below which the given share of the sorted values lies, between neighbours by a straight line. */
static double quantile(const double *sorted, int n, double share) {
  const double at = share * (double)(n - 1);
  const int below = (int)at;
  const int above = below + 1 < n ? below + 1 : below;
  return sorted[below] + (at - (double)below) * (sorted[above] - sorted[below]);
}

static double *sorted_copy(const double *values, int n) {
  double *sorted = need_memory((size_t)n, sizeof *sorted);
  memcpy(sorted, values, (size_t)n * sizeof *sorted);
  qsort(sorted, (size_t)n, sizeof *sorted, by_size);
  return sorted;
}

double bench_median(const double *values, int n) {
  double *sorted = sorted_copy(values, n);
  const double median = quantile(sorted, n, 0.5);
  free(sorted);
  return median;
}

double bench_spread(const double *values, int n) {
  double *sorted = sorted_copy(values, n);
  const double spread = (quantile(sorted, n, 0.75) - quantile(sorted, n, 0.25)) / quantile(sorted, n, 0.5);
  free(sorted);
  return spread;
}
