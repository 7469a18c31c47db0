/* SPDX-License-Identifier: Apache-2.0 */
/* As much of cmocka as the tests of the kernels use, for machines that have no cmocka: cross-compiled, or bare. */
#ifndef EK_TESTS_BARE_CMOCKA_H
#define EK_TESTS_BARE_CMOCKA_H

#include <stdio.h>
#include <string.h>

struct CMUnitTest {
  const char *name;
  void (*run)(void **state);
};

static jmp_buf bare_failed; /* where a failed test goes on: to the next one */

static inline void bare_check(int good, const char *what, const char *file, int line) {
  if (good) return;
  (void)fprintf(stderr, "%s:%d: %s\n", file, line, what);
  longjmp(bare_failed, 1);
}

#define assert_true(c)               bare_check((c) ? 1 : 0, #c, __FILE__, __LINE__)
#define assert_null(p)               assert_true((p) == NULL)
#define assert_non_null(p)           assert_true((p) != NULL)
#define assert_ptr_equal(a, b)       assert_true((const void *)(a) == (const void *)(b))
#define assert_int_equal(a, b)       assert_true((long long)(a) == (long long)(b))
#define assert_string_equal(a, b)    assert_true(strcmp(a, b) == 0)
#define assert_memory_equal(a, b, n) assert_true(memcmp(a, b, n) == 0)
#define fail()                       bare_check(0, "fail()", __FILE__, __LINE__)
#define print_error(...)             (void)fprintf(stderr, __VA_ARGS__)
#define print_message(...)           (void)printf(__VA_ARGS__)

#define cmocka_unit_test(f)                                                                                            \
  { #f, f }
#define cmocka_run_group_tests(tests, up, down) bare_run(tests, sizeof(tests) / sizeof(tests)[0])

static inline int bare_run(const struct CMUnitTest *tests, size_t n) {
  volatile int failed = 0;
  for (volatile size_t i = 0; i < n; i++) {
    void *state = NULL;
    const int bad = setjmp(bare_failed);
    if (bad == 0) tests[i].run(&state);
    (void)printf("%s %s\n", bad == 0 ? "ok    " : "FAILED", tests[i].name);
    if (bad != 0) failed++;
  }
  return failed;
}

#endif
