/* SPDX-License-Identifier: Apache-2.0 */
#include "ops/build.h"

#define S(...)       ek_shape(__VA_ARGS__)
#define EQUATION(e_) EK_ATTRS(EK_STRING_ATTR("equation", e_))

static void one_tensor(void **state) {
  (void)state;
  op_test t = op_call("Einsum", TENSORS(F32(S(2, 3), 1, 2, 3, 4, 5, 6)), EQUATION("ij->ji"));
  EXPECT(t.out[0], S(3, 2), 1, 4, 2, 5, 3, 6);
  op_end(&t);
  t = op_call("Einsum", TENSORS(F32(S(2, 2), 1, 2, 3, 4)), EQUATION("ii->")); /* the trace */
  EXPECT(t.out[0], ek_shape_scalar(), 5);
  op_end(&t);
  t = op_call("Einsum", TENSORS(F32(S(2, 3), 1, 2, 3, 4, 5, 6)), EQUATION("a... -> ..."));
  EXPECT(t.out[0], S(3), 5, 7, 9);
  op_end(&t);
}

static void two_tensors(void **state) {
  (void)state;
  op_test t = op_call("Einsum", TENSORS(F32(S(2, 2), 1, 2, 3, 4), F32(S(2, 2), 5, 6, 7, 8)), EQUATION("ij,kj->ik"));
  EXPECT(t.out[0], S(2, 2), 17, 23, 39, 53);
  op_end(&t);
  t = op_call("Einsum", TENSORS(F32(S(2, 2), 1, 2, 3, 4), F32(S(2, 1, 2), 1, 1, 0, 2)), EQUATION("...j,...kj->k..."));
  EXPECT(t.out[0], S(1, 2), 3, 8);
  op_end(&t);
  t = op_call("Einsum", TENSORS(F32(S(2), 1, 2), F32(S(2), 3, 4)), EQUATION("i,j->")); /* both summed alone */
  EXPECT(t.out[0], ek_shape_scalar(), 21);
  op_end(&t);
  t = op_call("Einsum", TENSORS(EMPTY(EK_FLOAT32, S(2, 0)), EMPTY(EK_FLOAT32, S(0, 1))), EQUATION("ij,jk->ik"));
  EXPECT(t.out[0], S(2, 1), 0, 0);
  op_end(&t);
}

static void refused(void **state) {
  (void)state;
  op_refused("there is no ->", "Einsum", TENSORS(F32(S(1), 1)), EQUATION("i"));
  op_refused("a second ellipsis", "Einsum", TENSORS(F32(S(1), 1)), EQUATION("......->"));
  op_refused("subscripts must be letters", "Einsum", TENSORS(F32(S(1), 1)), EQUATION("1->"));
  op_refused("not the rank of the input", "Einsum", TENSORS(F32(S(1), 1)), EQUATION("ij->i"));
  op_refused("dimensions with the same subscript differ", "Einsum", TENSORS(F32(S(1, 2), 1, 2)), EQUATION("ii->i"));
  op_refused("a subscript that no input has", "Einsum", TENSORS(F32(S(1), 1)), EQUATION("i->j"));
  op_refused("not those of as many inputs", "Einsum", TENSORS(F32(S(1), 1)), EQUATION("i,j->"));
  op_refused("too many subscripts", "Einsum", TENSORS(F32(S(1), 1)), EQUATION("abcdefghi->"));
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(one_tensor), cmocka_unit_test(two_tensors),
                                     cmocka_unit_test(refused)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
