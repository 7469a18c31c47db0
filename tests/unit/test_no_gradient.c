/* SPDX-License-Identifier: Apache-2.0 */
/* An op that came from a file and that we do not have: on the way of a gradient, it is named. */
#include "evenkeel/evenkeel.h"
#include "graph/graph.h"
#include "test.h"

static void an_op_without_gradient_is_named(void **state) {
  (void)state;
  ek_graph *g = ek_graph_new(NULL);
  ek_status st = EK_STATUS_INIT;
  const ek_out x = ek_placeholder(g, EK_FLOAT32, ek_shape(2), "x");
  const ek__node_spec spec = {.name = "foreign", .type = "Unheard", .inputs = &x, .n_inputs = 1};
  const ek_op op = ek__node_add(g, &spec);
  assert_int_equal(ek__node_grow_outputs(g, op, 1), EK_OK);
  ek__node_of(g, op)->outputs[0].dtype = EK_FLOAT32;
  const ek_outs grad_ys = EK_OUTS(x);
  ek_out dx = x;
  ek_gradients(g, EK_OUTS(ek_op_output(op, 0)), EK_OUTS(x), EK_GRADIENTS(.grad_ys = grad_ys), &dx);
  assert_int_equal(dx.op, 0);
  assert_int_equal(ek_graph_status(g, &st), EK_NOT_FOUND);
  assert_string_equal(st.msg, "No gradient defined for operation 'foreign' (op type: Unheard)");
  ek_graph_free(g);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(an_op_without_gradient_is_named)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
