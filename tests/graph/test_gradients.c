/* SPDX-License-Identifier: Apache-2.0 */
#include "evenkeel/evenkeel.h"
#include "test.h"

#include <string.h>

static ek_out identity(ek_graph *g, ek_out x) {
  return ek_op_output(ek_build(g, "Identity", EK_OUTS(x), EK_NO_ATTRS), 0);
}

static ek_out vector(ek_graph *g, const char *name) { return ek_placeholder(g, EK_FLOAT32, ek_shape(2), name); }

static const char *name(const ek_graph *g, ek_out o) { return ek_op_name(g, ek_out_op(o)); }

static void a_chain_passes_dy_back(void **state) {
  (void)state;
  ek_graph *g = ek_graph_new(NULL);
  const ek_out x = vector(g, "x"), dy = vector(g, "dy"), other = vector(g, "other");
  const ek_out y = identity(g, identity(g, x));
  ek_out dx[2];
  ek_gradients(g, EK_OUTS(y), EK_OUTS(x, other), EK_GRADIENTS(.grad_ys = EK_OUTS(dy)), dx);
  assert_int_equal(ek_graph_status(g, NULL), EK_OK);
  assert_string_equal(name(g, dx[0]), "gradients/grad_ys_0");
  assert_int_equal(dx[1].op, 0); /* no path */
  assert_string_equal(name(g, identity(ek_named(g, "gradients/uid"), x)), "gradients/uid_1");
  ek_gradients(ek_named(g, "again"), EK_OUTS(y), EK_OUTS(x), EK_GRADIENTS(.grad_ys = EK_OUTS(dy)), dx);
  assert_string_equal(name(g, dx[0]), "again/grad_ys_0");
  ek_gradients(g, EK_OUTS(y), EK_OUTS(x), EK_GRADIENTS(.grad_ys = EK_OUTS(dy), .stop_gradients = EK_OUTS(y)), dx);
  assert_int_equal(dx[0].op, 0);
  assert_int_equal(ek_graph_status(g, NULL), EK_OK);
  ek_graph_free(g);
}

static void wrong_arguments_are_refused(void **state) {
  (void)state;
  ek_graph *g = ek_graph_new(NULL);
  ek_status st;
  const ek_out x = vector(g, "x");
  ek_out dx = x;
  ek_gradients(g, EK_OUTS(x), EK_OUTS(x), EK_GRADIENTS(.grad_ys = EK_OUTS(x, x)), &dx);
  assert_int_equal(dx.op, 0);
  assert_int_equal(ek_graph_status(g, &st), EK_INVALID_ARGUMENT);
  assert_string_equal(st.msg, "gradients: 2 grad_ys for 1 ys");
  ek_graph_free(g);
}

/* A chain long enough that recursion would end the stack and quadratic work the patience. */
static void long_chains_take_linear_time(void **state) {
  (void)state;
  ek_graph *g = ek_graph_new(NULL);
  const ek_out x = vector(g, "x"), dy = vector(g, "dy");
  ek_out y = x, dx;
  for (int i = 0; i < 100000; i++) y = identity(g, y);
  ek_gradients(g, EK_OUTS(y), EK_OUTS(x), EK_GRADIENTS(.grad_ys = EK_OUTS(dy)), &dx);
  assert_string_equal(name(g, dx), "gradients/grad_ys_0");
  ek_graph_free(g);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_chain_passes_dy_back),
      cmocka_unit_test(wrong_arguments_are_refused),
      cmocka_unit_test(long_chains_take_linear_time),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
