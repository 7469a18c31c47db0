/* SPDX-License-Identifier: Apache-2.0 */
/* The cases gradients_ of cases/gradients.py: what ek_gradients itself decides. */
#include "golden/golden.h"

static ek_out placeholder(ek_graph *g, const char *name) { return ek_placeholder(g, EK_FLOAT32, ek_shape(2), name); }

static ek_out mul(ek_graph *g, ek_out x, ek_out y) { return OP(ek_named(g, "mul"), "Mul", x, y); }
static ek_out add(ek_graph *g, ek_out x, ek_out y) { return OP(ek_named(g, "add"), "AddV2", x, y); }

static ek_out total(ek_graph *g, ek_out x, const int64_t *axes, int n) {
  return OP(g, "Sum", x, ek_constant_int32s(g, axes, n));
}

static void gradients_sums_and_none(ek_graph *g) {
  const ek_out x = placeholder(g, "x"), y = placeholder(g, "y"), a = OP(g, "Square", x);
  ek_out dx[2];
  const ek_out sum = add(g, a, mul(g, a, x));
  const int64_t all[] = {0};
  ek_gradients(g, EK_OUTS(sum, total(g, a, all, 1)), EK_OUTS(x, y), NULL, dx);
  assert_int_equal(dx[1].op, 0);
  const ek_out stopped = mul(g, OP(g, "StopGradient", a), x);
  ek_gradients(ek_named(g, "stopped"), EK_OUTS(stopped), EK_OUTS(x), NULL, dx);
  ek_gradients(ek_named(g, "zero"), EK_OUTS(a), EK_OUTS(x, y), EK_GRADIENTS(.unconnected_zero = true), dx);
  ek_gradients(ek_named(g, "self"), EK_OUTS(x), EK_OUTS(x), NULL, dx);
  const ek_op unstack = ek_build(ek_named(g, "unstack"), "Unpack", EK_OUTS(a), EK_ATTRS(EK_INT_ATTR("num", 2)));
  (void)ek_name_scope_begin(g, "split");
  const ek_out dim = ek_constant_int32(ek_named(g, "split_dim"), 0);
  ek_name_scope_end(g);
  const ek_op split = ek_build(ek_named(g, "split/"), "Split", EK_OUTS(dim, a), EK_ATTRS(EK_INT_ATTR("num_split", 2)));
  const ek_out some = add(g, ek_op_output(unstack, 0), ek_op_output(split, 1));
  ek_gradients(ek_named(g, "some_outputs"), EK_OUTS(some), EK_OUTS(x), NULL, dx);
}
GOLDEN_TEST(gradients_sums_and_none)

static void gradients_arguments(ek_graph *g) {
  const ek_out x = placeholder(g, "x"), gy = placeholder(g, "g"), y = OP(g, "Square", x), z = OP(g, "Exp", y);
  const ek_outs one = EK_OUTS(gy), one_of_two = EK_OUTS(gy, {0, 0}), stop = EK_OUTS(y);
  ek_out dx[2];
  ek_gradients(g, EK_OUTS(z), EK_OUTS(x), EK_GRADIENTS(.grad_ys = one), dx);
  ek_gradients(ek_named(g, "two"), EK_OUTS(z, y), EK_OUTS(x), EK_GRADIENTS(.grad_ys = one_of_two), dx);
  ek_gradients(ek_named(g, "stop"), EK_OUTS(mul(g, z, y)), EK_OUTS(x, y), EK_GRADIENTS(.stop_gradients = stop), dx);
  assert_int_equal(dx[0].op, 0);
  EK_NAME_SCOPE (g, "scope") {
    ek_gradients(g, EK_OUTS(z), EK_OUTS(x), NULL, dx);
  }
}
GOLDEN_TEST(gradients_arguments)

static void gradients_gates(ek_graph *g) {
  enum { GATE_NONE, GATE_OP, GATE_GRAPH };
  const int64_t all[] = {0, 1};
  const ek_out x = ek_placeholder(g, EK_FLOAT32, ek_shape(-1, 2), "x");
  const ek_variable w = ek_get_variable(g, "w", ek_shape(2, 2), EK_GET_VARIABLE(.initializer = ek_zeros_initializer()));
  const ek_out read = ek_variable_value(g, w), handle = ek_variable_handle(g, w);
  const ek_out loss = total(g, OP(g, "MatMul", OP(g, "MatMul", x, read), read), all, 2);
  for (int gate = GATE_NONE; gate <= GATE_GRAPH; gate++) {
    char scope[16];
    ek_out dw;
    (void)snprintf(scope, sizeof scope, "g%d", gate);
    EK_NAME_SCOPE (g, scope) {
      ek_gradients(g, EK_OUTS(loss), EK_OUTS(handle), EK_GRADIENTS(.gate_gradients = gate == GATE_OP), &dw);
      if (gate == GATE_GRAPH) ek_tuple(g, EK_OUTS(dw), (ek_ops){NULL, 0}, &dw);
    }
  }
}
GOLDEN_TEST(gradients_gates)

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_gradients_sums_and_none),
      cmocka_unit_test(test_gradients_arguments),
      cmocka_unit_test(test_gradients_gates),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
