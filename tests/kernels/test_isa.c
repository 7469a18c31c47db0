/* SPDX-License-Identifier: Apache-2.0 */
/* Which instruction set runs: by name, by environment, by default; an absent one is an error. */
#include "kernel_test.h"

static void unknown_sets_are_errors(void **state) {
  (void)state;
  const ek_kernels *k = NULL;
  assert_int_equal(ek_kernels_get("mmx", &k), EK_KERNELS_NO_ISA);
  assert_int_equal(ek_kernels_get("", &k), EK_KERNELS_NO_ISA);
  assert_null(k);
  assert_int_equal(ek_kernels_get("scalar", NULL), EK_KERNELS_INVALID_ARGUMENT);
  assert_int_equal(setenv("EK_ISA", "mmx", 1), 0);
  assert_int_equal(ek_kernels_get(NULL, &k), EK_KERNELS_NO_ISA); /* not remembered */
  assert_null(k);
}

static void the_environment_chooses_once(void **state) {
  (void)state;
  const ek_kernels *k = NULL, *again = NULL;
  assert_int_equal(setenv("EK_ISA", "scalar", 1), 0);
  assert_int_equal(ek_kernels_get(NULL, &k), EK_KERNELS_OK);
  assert_string_equal(ek_kernels_name(k), "scalar");
  assert_int_equal(unsetenv("EK_ISA"), 0);
  assert_int_equal(ek_kernels_get(NULL, &again), EK_KERNELS_OK);
  assert_ptr_equal(k, again);
}

static void names_find_themselves(void **state) {
  (void)state;
  bool scalar = false;
  for (int i = 0; ek_kernels_list(i) != NULL; i++) {
    const ek_kernels *k = NULL;
    scalar = strcmp(ek_kernels_list(i), "scalar") == 0;
    if (ek_kernels_get(ek_kernels_list(i), &k) == EK_KERNELS_OK)
      assert_string_equal(ek_kernels_name(k), ek_kernels_list(i));
  }
  assert_true(scalar); /* always there, and last */
  assert_null(ek_kernels_list(-1));
  assert_string_equal(ek_kernels_code_name(EK_KERNELS_NO_ISA), "instruction set not available");
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(unknown_sets_are_errors), /* first: before a choice is made */
      cmocka_unit_test(the_environment_chooses_once),
      cmocka_unit_test(names_find_themselves),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
