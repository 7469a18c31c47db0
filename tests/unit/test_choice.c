/* SPDX-License-Identifier: Apache-2.0 */
#include "ops/choice.h"
#include "test.h"

#include <time.h>

static void work_for(long ns) {
  struct timespec begin, now;
  (void)clock_gettime(CLOCK_MONOTONIC, &begin);
  do (void)clock_gettime(CLOCK_MONOTONIC, &now);
  while ((now.tv_sec - begin.tv_sec) * 1000000000L + now.tv_nsec - begin.tv_nsec < ns);
}

/* Of n calls, how many took several threads, if these cost several_ns and one costs one_ns. */
static int calls(ek__choice *c, int n, long one_ns, long several_ns) {
  int several = 0;
  for (int i = 0; i < n; i++) {
    int64_t start_ns = 0;
    const bool s = ek__choice_begin(c, &start_ns);
    work_for(s ? several_ns : one_ns);
    ek__choice_end(c, s, start_ns);
    several += s;
  }
  return several;
}

static void the_faster_way_is_taken(void **state) {
  (void)state;
  ek__choice c = {0};
  assert_true(calls(&c, 200, 2000, 200000) < 20); /* threads are not scheduled: a few looks, no more */
  ek__choice d = {0};
  assert_true(calls(&d, 200, 200000, 2000) > 180);
}

static void a_change_is_noticed(void **state) {
  (void)state;
  ek__choice c = {0};
  (void)calls(&c, 100, 2000, 400000);  /* the cores were busy */
  (void)calls(&c, 1000, 200000, 2000); /* now they are free: the next look sees it */
  assert_true(calls(&c, 20, 200000, 2000) >= 19);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(the_faster_way_is_taken),
      cmocka_unit_test(a_change_is_noticed),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
