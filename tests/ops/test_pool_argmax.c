/* SPDX-License-Identifier: Apache-2.0 */
/* MaxPoolWithArgmax and its gradient on two images of 3 x 3 with 2 channels and equal numbers, against TensorFlow. */
#include "ops/build.h"

static const int64_t ksize[] = {1, 2, 2, 1}, strides[] = {1, 2, 1, 1};
static const double x[] = {0, 7, 3, 10, 6, 2, 9, 5,  1, 8, 4, 0, 7, 3, 10, 6, 2, 9,
                           5, 1, 8, 4,  0, 7, 3, 10, 6, 2, 9, 5, 1, 8, 4,  0, 7, 3};
static const double y[] = {9, 10, 6, 10, 6, 2, 10, 6, 10, 9, 2, 9, 8, 10, 9, 7, 9, 7, 4, 8, 7, 3, 7, 3};
static const double place[] = {6, 3, 4, 3, 4, 5, 14, 15, 14, 17, 16, 17, 2, 7, 10, 5, 10, 5, 14, 13, 16, 17, 16, 17};
static const double dx[] = {0, 0, 0,  6, 8, 6,  1, 0,  0, 0, 0,  0, 0, 0,  16, 8, 11, 22,
                            0, 0, 13, 0, 0, 34, 0, 14, 0, 0, 32, 0, 0, 20, 19, 0, 44, 46};
enum { X = sizeof x / sizeof x[0], Y = sizeof y / sizeof y[0] };

static void check(ek_dtype dtype, ek_dtype index, bool batch) {
  double all[Y], dy[Y];
  for (int i = 0; i < Y; i++) all[i] = place[i] + (batch && i >= Y / 2 ? X / 2 : 0), dy[i] = i + 1;
  const ek_attr attrs[] = {EK_INTS_ATTR("ksize", ksize, 4), EK_INTS_ATTR("strides", strides, 4),
                           EK_STRING_ATTR("padding", "SAME"), EK_BOOL_ATTR("include_batch_in_index", batch),
                           EK_TYPE_ATTR("Targmax", index)};
  const ek_shape of_x = ek_shape(2, 3, 3, 2), of_y = ek_shape(2, 2, 3, 2);
  op_test t = op_call("MaxPoolWithArgmax", TENSORS(op_numbers(dtype, of_x, x)), attrs, 5);
  assert_true(ek_shape_equal(t.out[1]->shape, of_y));
  for (int i = 0; i < Y; i++) {
    assert_true(ek_tensor_number(t.out[0], i) == y[i]);
    assert_true(ek_tensor_number(t.out[1], i) == all[i]);
  }
  op_end(&t);
  t = op_call("MaxPoolGradWithArgmax",
              TENSORS(op_numbers(dtype, of_x, x), op_numbers(dtype, of_y, dy), op_numbers(index, of_y, all)), attrs, 4);
  for (int i = 0; i < X; i++) assert_true(ek_tensor_number(t.out[0], i) == dx[i]);
  op_end(&t);
}

static void numbers_are_tensorflows(void **state) {
  (void)state;
  check(EK_FLOAT32, EK_INT64, false);
  check(EK_FLOAT32, EK_INT32, true);
  check(EK_FLOAT16, EK_INT64, true);
  check(EK_INT32, EK_INT64, false);
}

static void places_outside_are_refused(void **state) {
  (void)state;
  const ek_attr attrs[] = {EK_INTS_ATTR("ksize", ksize, 4), EK_INTS_ATTR("strides", ksize, 4),
                           EK_STRING_ATTR("padding", "VALID")};
  op_refused("argmax 4 is outside", "MaxPoolGradWithArgmax",
             TENSORS(F32(ek_shape(1, 2, 2, 1), 1, 2, 3, 4), F32(ek_shape(1, 1, 1, 1), 1),
                     op_numbers(EK_INT64, ek_shape(1, 1, 1, 1), (const double[]){4})),
             attrs, 3);
  const ek_shape two = ek_shape(2, 1, 1, 1);
  op_refused("argmax -1 is outside", "MaxPoolGradWithArgmax", /* which is in the other image */
             TENSORS(F32(ek_shape(2, 2, 2, 1), 1, 2, 3, 4, 5, 6, 7, 8), F32(two, 1, 2),
                     op_numbers(EK_INT64, two, (const double[]){0, -1})),
             attrs, 3);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(numbers_are_tensorflows),
      cmocka_unit_test(places_outside_are_refused),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
