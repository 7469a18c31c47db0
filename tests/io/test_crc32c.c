/* SPDX-License-Identifier: Apache-2.0 */
#include "io/crc32c.h"
#include "test.h"

#include <stdlib.h>
#include <string.h>

static void known_values(void **state) {
  (void)state;
  assert_int_equal(ek__crc32c("123456789", 9), 0xE3069283u);
  assert_int_equal(ek__crc32c_mask(0xE3069283u), 0xC78AB0E5u);
  assert_int_equal(ek__crc32c("", 0), 0);
  assert_int_equal(ek__crc32c_mask(0), 0xA282EAD8u);
}

static void unmasking_undoes_masking(void **state) {
  (void)state;
  for (uint32_t i = 0, v = 1; i < 1000; i++, v = v * 1664525u + 1013904223u)
    assert_int_equal(ek__crc32c_unmask(ek__crc32c_mask(v)), v);
}

static uint32_t bit_by_bit(const uint8_t *p, size_t n) {
  uint32_t crc = 0xffffffffu;
  for (size_t i = 0; i < n; i++) {
    crc ^= p[i];
    for (int k = 0; k < 8; k++) crc = (crc & 1u) != 0 ? (crc >> 1) ^ 0x82F63B78u : crc >> 1;
  }
  return ~crc;
}

static void every_length_and_every_cut(void **state) {
  (void)state;
  uint8_t data[300];
  for (size_t i = 0; i < sizeof data; i++) data[i] = (uint8_t)(i * 131 + 7);
  for (size_t n = 0; n < sizeof data; n++) {
    const uint32_t want = bit_by_bit(data, n);
    assert_int_equal(ek__crc32c(data, n), want);
    assert_int_equal(ek__crc32c_extend(ek__crc32c(data, n / 3), data + n / 3, n - n / 3), want);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(known_values),
      cmocka_unit_test(unmasking_undoes_masking),
      cmocka_unit_test(every_length_and_every_cut),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
