/* SPDX-License-Identifier: Apache-2.0 */
/* The typed builders: what they pass on, and what they refuse. */
#include "evenkeel/evenkeel.h"
#include "test.h"

#include <string.h>

static ek_out input(ek_graph *g, ek_dtype dtype, ek_shape shape) { return ek_placeholder(g, dtype, shape, NULL); }

static void options_have_tensorflows_defaults(void **state) {
  (void)state;
  ek_graph *g = ek_graph_new(NULL);
  const ek_out x = input(g, EK_FLOAT32, ek_shape(2, 3));
  const ek_out mean = ek_reduce_mean(ek_named(g, "m"), x, ek_ints(g, 0), NULL);
  const ek_out kept = ek_reduce_mean(g, x, ek_ints(g, 0), EK_REDUCE_MEAN(.keep_dims = true));
  ek_reduce_mean_opts options = EK_REDUCE_MEAN_OPTS_INIT;
  options.keep_dims = true;
  const ek_out same = ek_reduce_mean(g, x, ek_ints(g, 0), &options);
  assert_int_equal(ek_graph_status(g, NULL), EK_OK);
  assert_true(ek_shape_equal(ek_out_shape(g, mean), ek_shape(3)));
  assert_true(ek_shape_equal(ek_out_shape(g, kept), ek_shape(1, 3)));
  assert_true(ek_shape_equal(ek_out_shape(g, same), ek_shape(1, 3)));
  assert_string_equal(ek_op_name(g, ek_out_op(mean)), "m");
  ek_graph_free(g);
}

static void lists_and_several_outputs(void **state) {
  (void)state;
  ek_graph *g = ek_graph_new(NULL);
  const ek_out x = input(g, EK_FLOAT32, ek_shape(2, 3));
  const ek_out both = ek_concat(g, EK_OUTS(x, x, x), ek_integer(g, 1));
  const ek_op parts = ek_split(g, ek_integer(g, 1), both, 9);
  const ek_unique_outs u = ek_unique(g, ek_reshape(g, x, ek_ints(g, -1)), EK_UNIQUE(.out_idx = EK_INT64));
  const ek_out stacked = ek_stack(g, EK_OUTS(x, x), EK_STACK(.axis = -1));
  assert_int_equal(ek_graph_status(g, NULL), EK_OK);
  assert_true(ek_shape_equal(ek_out_shape(g, both), ek_shape(2, 9)));
  assert_int_equal(ek_op_num_outputs(g, parts), 9);
  assert_true(ek_shape_equal(ek_out_shape(g, ek_op_output(parts, 8)), ek_shape(2, 1)));
  assert_int_equal(ek_out_dtype(g, u.idx), EK_INT64);
  assert_true(ek_shape_equal(ek_out_shape(g, stacked), ek_shape(2, 3, 2)));
  ek_graph_free(g);
}

static void a_forgotten_initializer_is_seen(void **state) {
  (void)state;
  ek_graph *g = ek_graph_new(NULL);
  ek_status st = EK_STATUS_INIT;
  const ek_stack_opts zero = {0};
  const ek_out x = input(g, EK_FLOAT32, ek_shape(2)), y = ek_stack(g, EK_OUTS(x, x), &zero);
  assert_int_equal(y.op, 0);
  assert_int_equal(ek_graph_status(g, &st), EK_INVALID_ARGUMENT);
  assert_non_null(strstr(st.msg, "EK_STACK_OPTS_INIT"));
  ek_graph_free(g);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(options_have_tensorflows_defaults),
      cmocka_unit_test(lists_and_several_outputs),
      cmocka_unit_test(a_forgotten_initializer_is_seen),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
