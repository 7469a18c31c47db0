/* SPDX-License-Identifier: Apache-2.0 */
/* The library's own allocator: alignment, small and large, and sizes that cannot be. */
#include "base/memory.h"
#include "test.h"

#include <stdint.h>
#include <string.h>

static void aligned_and_writable(void **state) {
  (void)state;
  static const size_t sizes[] = {1, 63, 4096, ((size_t)4 << 20) - 1, (size_t)4 << 20, ((size_t)9 << 20) + 1};
  const ek_allocator *const a = ek_allocator_default();
  for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++)
    for (size_t align = 16; align <= 4096; align *= 4) {
      unsigned char *const p = a->alloc(a->ctx, sizes[i], align);
      assert_non_null(p);
      assert_int_equal((uintptr_t)p % align, 0);
      memset(p, 0xa5, sizes[i]);
      assert_int_equal(p[sizes[i] - 1], 0xa5);
      a->free(a->ctx, p, sizes[i]);
    }
}

static void what_cannot_be_is_null(void **state) {
  (void)state;
  const ek_allocator *const a = ek_allocator_default();
  assert_null(a->alloc(a->ctx, SIZE_MAX, 64));
  assert_null(a->alloc(a->ctx, SIZE_MAX / 2, 64));
  assert_null(ek__alloc_array(a, SIZE_MAX / 8, 16));
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(aligned_and_writable),
      cmocka_unit_test(what_cannot_be_is_null),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
