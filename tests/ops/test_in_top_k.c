/* SPDX-License-Identifier: Apache-2.0 */
#include "ops/build.h"

#include <math.h>

#define S(...) ek_shape(__VA_ARGS__)
#define SCALAR ek_shape_scalar()
#define ROWS   F32(S(7, 4), 1, 1, 1, 0, 1, 2, 3, 4, 0, 0, 0, 0, 1, 1, 1, 1, NAN, 1, 2, 3, INFINITY, 1, 1, 1, 1, NAN, 3, 2)

/* TensorFlow's answers. */
static void among_the_first(void **state) {
  (void)state;
  op_test t = op_call("InTopKV2", TENSORS(ROWS, I32(S(7), 0, 1, 3, 4, 0, 0, 2), I32(SCALAR, 2)), EK_NO_ATTRS);
  EXPECT(t.out[0], S(7), 1, 0, 1, 0, 0, 0, 0);
  op_end(&t);
  t = op_call("InTopK",
              TENSORS(F32(S(4, 4), 1, 1, 1, 0, 2, 1, 0, 0, 1, INFINITY, 0, 0, 1, 1, 1, 1), I32(S(4), 0, 0, 0, -1)),
              EK_ATTRS(EK_INT_ATTR("k", 1)));
  EXPECT(t.out[0], S(4), 1, 1, 0, 0);
  op_end(&t);
  t = op_call("InTopKV2", TENSORS(F32(S(1, 4), 1, 1, 1, 0), I32(S(1), 3), I32(SCALAR, 9)), EK_NO_ATTRS);
  EXPECT(t.out[0], S(1), 1);
  op_end(&t);
}

static void refused(void **state) {
  (void)state;
  op_refused("input 0 must have rank 2", "InTopKV2", TENSORS(F32(S(2), 1, 2), I32(S(2), 0, 1), I32(SCALAR, 1)),
             EK_NO_ATTRS);
  op_refused("shapes [2] and [1] must be equal", "InTopKV2", TENSORS(F32(S(2, 1), 1, 2), I32(S(1), 0), I32(SCALAR, 1)),
             EK_NO_ATTRS);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(among_the_first), cmocka_unit_test(refused)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
