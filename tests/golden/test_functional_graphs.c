/* SPDX-License-Identifier: Apache-2.0 */
/* The cases of cases/functional.py, line by line. */
#include "golden/golden.h"

static ek_out times(ek_graph *g, ek_out a, ek_out b) { return OP(ek_named(g, "mul"), "Mul", a, b); }
static ek_out plus(ek_graph *g, ek_out a, ek_out b) { return OP(ek_named(g, "add"), "AddV2", a, b); }

static void tanh_and_above(ek_graph *g, ek_outs elems, ek_out *results, void *ctx) {
  (void)ctx;
  results[0] = ek_tanh(g, elems.at[0]);
  results[1] = ek_greater(g, elems.at[1], ek_number(g, 0.5));
}

static void functional_map(ek_graph *g) {
  static const ek_dtype dtypes[] = {EK_FLOAT32, EK_BOOL};
  ek_out results[2];
  const ek_out x = ek_placeholder(g, EK_FLOAT32, ek_shape(5, 2), "x");
  const ek_out y = ek_placeholder(g, EK_FLOAT32, ek_shape(5), "y");
  ek_map_fn(g, tanh_and_above, EK_OUTS(x, y), NULL,
            EK_MAP_FN(.dtypes = dtypes, .n_dtypes = 2, .parallel_iterations = 3), results);
}
GOLDEN_TEST(functional_map)

static void times_w(ek_graph *g, ek_outs elems, ek_out *results, void *ctx) {
  results[0] = times(g, elems.at[0], ek_variable_operand(g, *(ek_variable *)ctx));
}

static ek_out x2(ek_graph *g, int64_t n) { return ek_placeholder(g, EK_FLOAT32, ek_shape(n, 2), "x"); }

static void functional_map_gradient(ek_graph *g) {
  ek_out y, dw[1];
  const ek_out x = x2(g, -1);
  ek_variable w = ek_get_variable(g, "w", ek_shape(2), EK_GET_VARIABLE(.initializer = ek_ones_initializer()));
  ek_map_fn(ek_named(g, "each"), times_w, EK_OUTS(x), &w, NULL, &y);
  ek_gradients(g, EK_OUTS(y), EK_OUTS(ek_variable_handle(g, w)), NULL, dw);
}
GOLDEN_TEST(functional_map_gradient)

static void decayed(ek_graph *g, ek_outs a, ek_outs elems, ek_out *next, void *ctx) {
  (void)ctx;
  next[0] = plus(g, times(g, a.at[0], ek_number(g, 0.5)), elems.at[0]);
}
static void bent(ek_graph *g, ek_outs a, ek_outs elems, ek_out *next, void *ctx) {
  (void)ctx;
  next[0] = ek_tanh(g, plus(g, a.at[0], elems.at[0]));
}
static void product(ek_graph *g, ek_outs a, ek_outs elems, ek_out *next, void *ctx) {
  (void)ctx;
  next[0] = times(g, a.at[0], elems.at[0]);
}
static void sum(ek_graph *g, ek_outs a, ek_outs elems, ek_out *next, void *ctx) {
  (void)ctx;
  next[0] = plus(g, a.at[0], elems.at[0]);
}
static void difference(ek_graph *g, ek_outs a, ek_outs elems, ek_out *next, void *ctx) {
  (void)ctx;
  next[0] = OP(ek_named(g, "sub"), "Sub", a.at[0], elems.at[0]);
}

static void functional_scan(ek_graph *g) {
  ek_out y;
  const ek_out x = x2(g, -1);
  ek_scan(g, decayed, EK_OUTS(x), NULL, NULL, &y);
  const ek_out begin = ek_convert(g, ek_numbers(g, 0, 1), EK_FLOAT32, NULL);
  ek_scan(ek_named(g, "back"), bent, EK_OUTS(x), NULL,
          EK_SCAN(.initializer = EK_OUTS(begin), .reverse = true, .infer_shape = false), &y);
}
GOLDEN_TEST(functional_scan)

static void functional_scan_static(ek_graph *g) {
  ek_out y, dx[1];
  const ek_out x = x2(g, 4);
  ek_scan(g, product, EK_OUTS(x), NULL, EK_SCAN(.reverse = true, .swap_memory = true), &y);
  ek_gradients(g, EK_OUTS(y), EK_OUTS(x), NULL, dx);
}
GOLDEN_TEST(functional_scan_static)

static void functional_fold(ek_graph *g) {
  ek_out y;
  const ek_out x = x2(g, -1);
  ek_foldl(g, product, EK_OUTS(x), NULL, NULL, &y);
  const ek_out begin = ek_convert(g, ek_numbers(g, 0, 0), EK_FLOAT32, NULL);
  ek_foldl(ek_named(g, "sum"), sum, EK_OUTS(x), NULL, EK_SCAN(.initializer = EK_OUTS(begin), .back_prop = false), &y);
  ek_foldr(g, product, EK_OUTS(x), NULL, NULL, &y);
  const ek_out z = ek_placeholder(g, EK_FLOAT32, ek_shape(3, 2), "z");
  const ek_out zeros = ek_convert(g, ek_numbers(g, 0, 0), EK_FLOAT32, "zeros");
  ek_foldr(g, difference, EK_OUTS(z), NULL, EK_SCAN(.initializer = EK_OUTS(zeros)), &y);
  ek_foldr(g, difference, EK_OUTS(z), NULL, NULL, &y);
}
GOLDEN_TEST(functional_fold)

static void refused(ek_outs elems, ek_graph *g, const char *word) {
  ek_status st;
  ek_out y[2] = {{0}}; /* one for each of elems */
  ek_scan(g, sum, elems, NULL, NULL, y);
  assert_int_equal(ek_graph_status(g, &st), EK_INVALID_ARGUMENT);
  if (strstr(st.msg, word) == NULL) fail_msg("'%s' lacks '%s'", st.msg, word);
  assert_int_equal(y[0].op, 0);
  ek_graph_free(g);
}

static void wrong_elems_are_named(void **state) {
  (void)state;
  ek_graph *g = ek_graph_new(NULL);
  refused(EK_OUTS(ek_constant_float32(g, 1.0f)), g,
          "scan 'scan': elem 0 has shape []; allowed: one dimension at least");
  g = ek_graph_new(NULL);
  refused(EK_OUTS(x2(g, 3), x2(g, 4)), g, "elem 1 has shape [4,2]");
  g = ek_graph_new(NULL);
  refused((ek_outs){NULL, 0}, g, "no elems");
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_functional_map),  cmocka_unit_test(test_functional_map_gradient),
      cmocka_unit_test(test_functional_scan), cmocka_unit_test(test_functional_scan_static),
      cmocka_unit_test(test_functional_fold), cmocka_unit_test(wrong_elems_are_named),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
