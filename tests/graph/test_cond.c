/* SPDX-License-Identifier: Apache-2.0 */
#include "evenkeel/evenkeel.h"
#include "test.h"

#include <string.h>

static ek_out identity(ek_graph *g, ek_out x) {
  return ek_op_output(ek_build(g, "Identity", EK_OUTS(x), EK_NO_ATTRS), 0);
}

static ek_out bool_placeholder(ek_graph *g) { return ek_placeholder(g, EK_BOOL, ek_shape_scalar(), "p"); }

static const char *name(const ek_graph *g, ek_out o) { return ek_op_name(g, ek_out_op(o)); }

static void results_are_merged_false_first(void **state) {
  (void)state;
  ek_graph *g = ek_graph_new(NULL);
  const ek_out p = bool_placeholder(g), x = ek_placeholder(g, EK_FLOAT32, ek_shape(2), "x");
  ek_cond_block c;
  EK_COND(g, p, c) {
    EK_THEN(c) {
      ek_cond_yield(&c, identity(ek_named(g, "t"), x));
      ek_cond_yield(&c, x);
    }
    EK_ELSE(c) {
      ek_cond_yield(&c, identity(ek_named(g, "f"), x));
      ek_cond_yield(&c, ek_number(g, 2.0));
    }
  }
  assert_int_equal(ek_graph_status(g, NULL), EK_OK);
  assert_int_equal(ek_cond_num_results(&c), 2);
  const ek_op merge = ek_cond_result_op(&c, 0);
  assert_string_equal(ek_op_name(g, merge), "cond/Merge");
  assert_string_equal(name(g, ek_op_input(g, merge, 0)), "cond/f");
  assert_string_equal(name(g, ek_op_input(g, merge, 1)), "cond/t");
  assert_string_equal(name(g, ek_cond_result(&c, 1)), "cond/Merge_1");
  assert_string_equal(name(g, ek_op_input(g, ek_cond_result_op(&c, 1), 1)), "cond/t/Switch"); /* x came in for t */
  assert_int_equal(ek_collection_size(g, EK_COND_CONTEXT), 2);
  assert_string_equal(ek_context_name(g, ek_collection_item(g, EK_COND_CONTEXT, 1).v.i), "cond/cond_text_1");
  ek_graph_free(g);
}

static void yields(ek_graph *g, ek_cond_block *c, void *ctx) { ek_cond_yield(c, identity(g, *(const ek_out *)ctx)); }
static void yields_flag(ek_graph *g, ek_cond_block *c, void *ctx) {
  (void)ctx;
  ek_cond_yield(c, ek_constant_bool(g, true));
}
static void yields_nothing(ek_graph *g, ek_cond_block *c, void *ctx) {
  (void)g;
  (void)c;
  (void)ctx;
}

static void callbacks_build_the_same(void **state) {
  (void)state;
  ek_graph *g = ek_graph_new(NULL);
  ek_out p = bool_placeholder(g);
  const ek_cond_block c = ek_cond(ek_named(g, "choice"), p, yields, yields, &p);
  assert_int_equal(ek_graph_status(g, NULL), EK_OK);
  assert_string_equal(name(g, ek_cond_result(&c, 0)), "choice/Merge");
  ek_graph_free(g);
}

static void structures_that_differ_are_refused(void **state) {
  (void)state;
  static const struct {
    ek_cond_fn t, f;
    const char *word;
  } cases[] = {{yields, yields_nothing, "'false_fn' must have a return value"},
               {yields_nothing, yields, "'true_fn' must have a return value"},
               {yields, yields_flag, "must have the same type(s). Received float32 from 'true_fn' and bool"}};
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    ek_graph *g = ek_graph_new(NULL);
    ek_status st;
    ek_out p = bool_placeholder(g), x = ek_placeholder(g, EK_FLOAT32, ek_shape(2), "x");
    (void)ek_cond(g, p, cases[i].t, cases[i].f, &x);
    assert_int_not_equal(ek_graph_status(g, &st), EK_OK);
    assert_non_null(strstr(st.msg, cases[i].word));
    ek_graph_free(g);
  }
}

static void branches_come_once_and_in_order(void **state) {
  (void)state;
  ek_graph *g = ek_graph_new(NULL);
  ek_status st;
  const ek_out p = bool_placeholder(g);
  ek_cond_block c;
  EK_COND(g, p, c) {
    EK_ELSE(c) { ek_cond_yield(&c, p); }
    EK_THEN(c) { ek_cond_yield(&c, p); }
  }
  assert_int_equal(ek_graph_status(g, &st), EK_FAILED_PRECONDITION);
  assert_non_null(strstr(st.msg, "EK_THEN, then EK_ELSE"));
  ek_graph_free(g);
}

static void a_settled_flag_builds_one_branch(void **state) {
  (void)state;
  ek_graph *g = ek_graph_new(NULL);
  const ek_out x = ek_placeholder(g, EK_FLOAT32, ek_shape(2), "x");
  const ek_out constant = ek_constant_bool(g, true);
  const ek_op negated = ek_build(g, "LogicalNot", EK_OUTS(constant), EK_NO_ATTRS);
  const ek_flag flags[] = {EK_TRUE, EK_FALSE, ek_flag_of(constant), ek_flag_of(ek_op_output(negated, 0))};
  const char *const taken[] = {"yes", "no", "yes_1", "no_1"};
  for (int i = 0; i < 4; i++) {
    const int before = ek_graph_num_ops(g);
    ek_cond_block c;
    EK_SMART_COND(g, flags[i], c) {
      EK_THEN(c) { ek_cond_yield(&c, identity(ek_named(g, "yes"), x)); }
      EK_ELSE(c) { ek_cond_yield(&c, identity(ek_named(g, "no"), x)); }
    }
    assert_string_equal(name(g, ek_cond_result(&c, 0)), taken[i]);
    assert_int_equal(ek_graph_num_ops(g), before + 1);
  }
  ek_cond_block c;
  EK_SMART_COND(g, ek_flag_of(bool_placeholder(g)), c) {
    EK_THEN(c) { ek_cond_yield(&c, x); }
    EK_ELSE(c) { ek_cond_yield(&c, x); }
  }
  assert_string_equal(name(g, ek_cond_result(&c, 0)), "cond/Merge");
  assert_int_equal(ek_graph_status(g, NULL), EK_OK);
  ek_graph_free(g);
}

static void building_after_an_error_is_harmless(void **state) {
  (void)state;
  ek_graph *g = ek_graph_new(NULL);
  ek_status st;
  ek_graph_fail(g, EK_ABORTED, "mine");
  ek_cond_block c;
  EK_COND(g, bool_placeholder(g), c) {
    EK_THEN(c) { ek_cond_yield_op(&c, ek_no_op(g)); }
    EK_ELSE(c) { ek_cond_yield_op(&c, ek_no_op(g)); }
  }
  assert_int_equal(ek_cond_result(&c, 0).op, 0);
  assert_int_equal(ek_graph_status(g, &st), EK_ABORTED);
  assert_string_equal(st.msg, "mine");
  ek_graph_free(g);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(results_are_merged_false_first),     cmocka_unit_test(callbacks_build_the_same),
      cmocka_unit_test(structures_that_differ_are_refused), cmocka_unit_test(branches_come_once_and_in_order),
      cmocka_unit_test(a_settled_flag_builds_one_branch),   cmocka_unit_test(building_after_an_error_is_harmless),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
