/* SPDX-License-Identifier: Apache-2.0 */
#include "tensor/half.h"
#include "tensor/tensor.h"
#include "test.h"

#include <math.h>

static void shapes(void **state) {
  (void)state;
  char text[EK_SHAPE_TEXT];
  assert_string_equal(ek_shape_format(ek_shape(3, -1, 5), text, sizeof text), "[3,?,5]");
  assert_string_equal(ek_shape_format(ek_shape_scalar(), text, sizeof text), "[]");
  assert_int_equal(ek_shape_num_elements(ek_shape(3, 0, 1)), 0);
  assert_int_equal(ek_shape_num_elements(ek_shape(INT64_MAX, 4)), -1);
  assert_int_equal(ek_shape(-2, 4).rank, -2);
  assert_true(ek_shape_compatible(ek_shape(-1, 4), ek_shape(2, -1)));
  assert_false(ek_shape_compatible(ek_shape(3, 4), ek_shape(2, -1)));
}

static void halves_round_to_nearest_even_and_back(void **state) {
  (void)state;
  for (uint32_t h = 0; h < 65536; h++) { /* every float16 survives the round trip */
    const float f = ek__float_of_f16((uint16_t)h);
    if (isnan(f))
      assert_true(isnan(ek__float_of_f16(ek__f16_of_float(f))));
    else
      assert_int_equal(ek__f16_of_float(f), h);
    const float b = ek__float_of_bf16((uint16_t)h);
    if (isnan(b))
      assert_true(isnan(ek__float_of_bf16(ek__bf16_of_float(b))));
    else
      assert_int_equal(ek__bf16_of_float(b), h);
  }
  assert_int_equal(ek__f16_of_float(65519.0f), 0x7bff);
  assert_int_equal(ek__f16_of_float(65520.0f), 0x7c00);
  assert_int_equal(ek__f16_of_float(0x1p-25f), 0); /* a tie: to even */
  assert_int_equal(ek__f16_of_float(0x1.8p-24f), 2);
  assert_int_equal(ek__bf16_of_float(1.00390625f), 0x3f80); /* a tie: to even */
}

static void strings_are_shared_and_released(void **state) {
  (void)state;
  ek_status st = EK_STATUS_INIT;
  const char *words[] = {"a", "", "c\0d"};
  const size_t sizes[] = {1, 0, 3};
  ek_tensor *t = ek_tensor_from_strings(ek_shape(3), words, sizes, &st);
  ek_tensor *u = ek_tensor_new(EK_STRING, ek_shape(3), NULL, &st);
  assert_non_null(t);
  ek__copy_elements(EK_STRING, u->data, t->data, 3);
  ek_tensor_free(t);
  size_t n = 0;
  assert_memory_equal(ek_tensor_string(u, 2, &n), "c\0d", 3);
  assert_int_equal(n, 3);
  assert_null(ek_tensor_string(u, 3, &n));
  ek_tensor_free(u);
}

static void a_size_that_cannot_be_is_an_error(void **state) {
  (void)state;
  ek_status st = EK_STATUS_INIT;
  assert_null(ek_tensor_new(EK_FLOAT32, ek_shape(INT64_MAX / 2, 8), NULL, &st));
  assert_int_equal(st.code, EK_RESOURCE_EXHAUSTED);
  ek_status_clear(&st);
  assert_null(ek_tensor_new(EK_FLOAT32, ek_shape(-1), NULL, &st));
  assert_int_equal(st.code, EK_INVALID_ARGUMENT);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(shapes),
      cmocka_unit_test(halves_round_to_nearest_even_and_back),
      cmocka_unit_test(strings_are_shared_and_released),
      cmocka_unit_test(a_size_that_cannot_be_is_an_error),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
