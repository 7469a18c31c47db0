/* SPDX-License-Identifier: Apache-2.0 */
#include "ops/choice.h"

#include <time.h>

enum { FIRST_INTERVAL = 64, LAST_INTERVAL = 1 << 14 };

static int64_t now_ns(void) {
  struct timespec t;
  (void)clock_gettime(CLOCK_MONOTONIC, &t);
  return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

static bool winner(const ek__choice *c) { return c->ns[1] <= c->ns[0]; }

bool ek__choice_begin(ek__choice *c, int64_t *start_ns) {
  bool several = winner(c);
  if (c->interval == 0) c->interval = FIRST_INTERVAL;
  c->trying = ++c->calls >= c->interval;
  if (c->trying) c->calls = 0, several = !several;
  if (c->ns[1] == 0.0)
    several = true;
  else if (c->ns[0] == 0.0)
    several = false;
  *start_ns = now_ns();
  return several;
}

void ek__choice_end(ek__choice *c, bool several, int64_t start_ns) {
  double ns = (double)(now_ns() - start_ns) + 1.0; /* never 0, which means: not tried */
  double *mean = &c->ns[several];
  if (*mean != 0.0 && ns > 2.0 * *mean) ns = 2.0 * *mean; /* one call that was interrupted must not decide */
  const bool was = winner(c);
  *mean = *mean == 0.0 || (c->trying && ns < *mean) ? ns : 0.75 * *mean + 0.25 * ns; /* one good look is enough */
  if (!c->trying) return;
  c->interval = winner(c) != was ? FIRST_INTERVAL : c->interval < LAST_INTERVAL ? 2 * c->interval : LAST_INTERVAL;
}
