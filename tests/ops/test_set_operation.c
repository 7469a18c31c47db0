/* SPDX-License-Identifier: Apache-2.0 */
#include "ops/build.h"

#define S(...) ek_shape(__VA_ARGS__)
#define SCALAR ek_shape_scalar()

#define CALL(operation_, ...)                                                                                          \
  op_call("DenseToDenseSetOperation", TENSORS(__VA_ARGS__), EK_ATTRS(EK_STRING_ATTR("set_operation", operation_)))

/* TensorFlow's numbers. */
static void every_operation(void **state) {
  (void)state;
  static const struct {
    const char *name;
    int n, index[12], values[6], largest;
  } cases[] = {
      {"a-b", 2, {0, 0, 1, 0}, {1, 2}, 1},
      {"b-a", 2, {0, 0, 1, 0}, {7, 8}, 1},
      {"intersection", 2, {0, 0, 1, 0}, {3, 9}, 1},
      {"union", 6, {0, 0, 0, 1, 0, 2, 1, 0, 1, 1, 1, 2}, {1, 3, 7, 2, 8, 9}, 3},
  };
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    op_test t = CALL(cases[i].name, I32(S(2, 3), 3, 1, 3, 2, 2, 9), I32(S(2, 2), 3, 7, 9, 8));
    assert_true(ek_shape_equal(ek_tensor_shape(t.out[0]), S(cases[i].n, 2)));
    assert_true(ek_shape_equal(ek_tensor_shape(t.out[1]), S(cases[i].n)));
    for (int k = 0; k < 2 * cases[i].n; k++)
      assert_int_equal(((const int64_t *)ek_tensor_data(t.out[0]))[k], cases[i].index[k]);
    for (int k = 0; k < cases[i].n; k++)
      assert_int_equal(((const int32_t *)ek_tensor_data(t.out[1]))[k], cases[i].values[k]);
    EXPECT(t.out[2], S(2), 2, cases[i].largest);
    op_end(&t);
  }
}

static void nothing(void **state) {
  (void)state;
  op_test t = CALL("a-b", I32(S(1, 2), 4, 4), I32(S(1, 1), 4));
  assert_true(ek_shape_equal(ek_tensor_shape(t.out[1]), S(0)));
  EXPECT(t.out[2], S(2), 1, 0);
  op_end(&t);
  t = CALL("union", EMPTY(EK_INT32, S(3, 0)), EMPTY(EK_INT32, S(3, 0)));
  assert_true(ek_shape_equal(ek_tensor_shape(t.out[0]), S(0, 2)));
  EXPECT(t.out[2], S(2), 3, 0);
  op_end(&t);
}

static void refused(void **state) {
  (void)state;
  const ek_attr minus = EK_STRING_ATTR("set_operation", "a-b"), plus = EK_STRING_ATTR("set_operation", "a+b");
  const char *type = "DenseToDenseSetOperation";
  op_refused("a set is a list", type, TENSORS(I32(SCALAR, 1), I32(SCALAR, 1)), &minus, 1);
  op_refused("set1 has rank 1, set2 2", type, TENSORS(I32(S(1), 1), I32(S(1, 1), 1)), &minus, 1);
  op_refused("dimension 0 of set1 is 1, of set2 2", type, TENSORS(I32(S(1, 1), 1), I32(S(2, 1), 1, 2)), &minus, 1);
  op_refused("set_operation is 'a+b'", type, TENSORS(I32(S(1), 1), I32(S(1), 1)), &plus, 1);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(every_operation), cmocka_unit_test(nothing),
                                     cmocka_unit_test(refused)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
