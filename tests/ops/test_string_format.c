/* SPDX-License-Identifier: Apache-2.0 */
/* Values as text, in TensorFlow's words. */
#include "ops/build.h"

#define S(...) ek_shape(__VA_ARGS__)

static void says(const char *type, ek_tensor *const *in, int n_in, const ek_attr *attrs, int n_attrs,
                 const char *want) {
  op_test t = op_call(type, in, n_in, attrs, n_attrs);
  assert_string_equal(ek_tensor_string(t.out[0], 0, NULL), want);
  op_end(&t);
}

static void numbers(void **state) {
  (void)state;
  says("AsString", TENSORS(I32(S(1), -7)), EK_NO_ATTRS, "-7");
  says("AsString", TENSORS(F32(S(1), 1.5F)), EK_NO_ATTRS, "1.500000");
  says("AsString", TENSORS(F32(S(1), 1.5F)), EK_ATTRS(EK_BOOL_ATTR("shortest", true)), "1.5");
  says("AsString", TENSORS(F32(S(1), 1.5F)),
       EK_ATTRS(EK_INT_ATTR("precision", 2), EK_INT_ATTR("width", 7), EK_STRING_ATTR("fill", "0")), "0001.50");
  says("AsString", TENSORS(BOOLS(S(1), 1)), EK_NO_ATTRS, "true");
  op_refused("Fill argument not supported", "AsString", TENSORS(F32(S(1), 1)), EK_ATTRS(EK_STRING_ATTR("fill", "x")));
}

static void tensors(void **state) {
  (void)state;
#define TEMPLATE(t_) EK_ATTRS(EK_STRING_ATTR("template", t_), EK_STRING_ATTR("placeholder", "{}"))
  says("StringFormat", TENSORS(I32(S(8), 0, 1, 2, 3, 4, 5, 6, 7)), TEMPLATE("x is {}!"), "x is [0 1 2 ... 5 6 7]!");
  says("StringFormat", TENSORS(F32(S(2, 2), 1, 0.1F, 1e10F, NAN)), TEMPLATE("{}"), "[[1 0.1]\n [1e+10 nan]]");
  says("StringFormat", TENSORS(F32(S(2, 1, 1), 1, 2), BOOLS(S(1), 1)), TEMPLATE("{},{}"), "[[[1]]\n\n [[2]]],[1]");
  op_refused("must match: 2 vs. 1", "StringFormat", TENSORS(I32(S(1), 1)), TEMPLATE("{} {}"));
}

static void lengths(void **state) {
  (void)state;
  const char *const words[] = {"", "o\xcc\x88x"};
  op_test t = op_call("StringLength", TENSORS(ek_tensor_from_strings(S(2), words, NULL, NULL)), EK_NO_ATTRS);
  EXPECT(t.out[0], S(2), 0, 4);
  op_end(&t);
  t = op_call("StringLength", TENSORS(ek_tensor_from_strings(S(2), words, NULL, NULL)),
              EK_ATTRS(EK_STRING_ATTR("unit", "UTF8_CHAR")));
  EXPECT(t.out[0], S(2), 0, 3);
  op_end(&t);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(numbers), cmocka_unit_test(tensors), cmocka_unit_test(lengths)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
