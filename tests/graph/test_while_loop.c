/* SPDX-License-Identifier: Apache-2.0 */
/* Loops that are built wrongly say so in one line. */
#include "evenkeel/evenkeel.h"
#include "test.h"

#include <string.h>

#define OP(g_, type_, ...) ek_op_output(ek_build((g_), (type_), EK_OUTS(__VA_ARGS__), EK_NO_ATTRS), 0)

static void expect(ek_graph *g, ek_code code, const char *word) {
  ek_status st;
  assert_int_equal(ek_graph_status(g, &st), code);
  if (strstr(st.msg, word) == NULL || strchr(st.msg, '\n') != NULL) fail_msg("'%s' lacks '%s'", st.msg, word);
  ek_graph_free(g);
}

static void test_it(ek_while_block *w) {
  ek_while_test(w, OP(w->graph, "Less", ek_while_var(w, 0), ek_number(w->graph, 5.0)));
}

static ek_out vector(ek_graph *g) { return ek_placeholder(g, EK_FLOAT32, ek_shape(2), "x"); }

static void nothing_to_go_round(void **state) {
  (void)state;
  ek_graph *g = ek_graph_new(NULL);
  ek_while_block w;
  EK_WHILE(g, ((ek_outs){NULL, 0}), NULL, w) {
    EK_WHILE_COND(w) {}
    EK_WHILE_BODY(w) {}
  }
  expect(g, EK_INVALID_ARGUMENT, "'loop_vars' must be provided");
  g = ek_graph_new(NULL);
  EK_WHILE(g, EK_OUTS(ek_number(g, 1.0)), EK_WHILE_LOOP(.parallel_iterations = 0), w) {}
  expect(g, EK_INVALID_ARGUMENT, "'parallel_iterations' must be a positive integer");
}

static void parts_in_order(void **state) {
  (void)state;
  ek_graph *g = ek_graph_new(NULL);
  ek_while_block w;
  EK_WHILE(g, EK_OUTS(ek_number(g, 1.0)), NULL, w) EK_WHILE_BODY(w) ek_while_next(&w, ek_while_var(&w, 0));
  expect(g, EK_FAILED_PRECONDITION, "a condition, then a body");
  g = ek_graph_new(NULL);
  EK_WHILE(g, EK_OUTS(ek_number(g, 1.0)), NULL, w) EK_WHILE_COND(w) test_it(&w);
  expect(g, EK_FAILED_PRECONDITION, "it needs a condition and a body");
  g = ek_graph_new(NULL);
  EK_WHILE(g, EK_OUTS(ek_number(g, 1.0)), NULL, w) EK_WHILE_COND(w) {}
  expect(g, EK_FAILED_PRECONDITION, "'cond' must have a return value");
}

static void as_many_as_came_in(void **state) {
  (void)state;
  for (int given = 0; given < 3; given += 2) {
    ek_graph *g = ek_graph_new(NULL);
    ek_while_block w;
    EK_WHILE(g, EK_OUTS(ek_number(g, 1.0)), NULL, w) {
      EK_WHILE_COND(w) test_it(&w);
      EK_WHILE_BODY(w) for (int i = 0; i < given; i++) ek_while_next(&w, ek_while_var(&w, 0));
    }
    expect(g, given > 1 ? EK_FAILED_PRECONDITION : EK_INVALID_ARGUMENT,
           "Number of inputs and outputs of 'body' must match 'loop_vars'");
  }
}

static void what_comes_round_is_the_same(void **state) {
  (void)state;
  ek_graph *g = ek_graph_new(NULL);
  ek_while_block w;
  EK_WHILE(g, EK_OUTS(ek_number(g, 1.0)), NULL, w) {
    EK_WHILE_COND(w) test_it(&w);
    EK_WHILE_BODY(w) ek_while_next(&w, ek_constant_int32(g, 1));
  }
  expect(g, EK_INVALID_ARGUMENT, "variable 0 begins as float32, and the body gives int32");
  g = ek_graph_new(NULL);
  const ek_out x = vector(g);
  EK_WHILE(g, EK_OUTS(ek_number(g, 1.0), x), NULL, w) {
    EK_WHILE_COND(w) test_it(&w);
    EK_WHILE_BODY(w) {
      ek_while_next(&w, ek_while_var(&w, 0));
      ek_while_next(&w, ek_concat(g, EK_OUTS(x, x), ek_integer(g, 0)));
    }
  }
  expect(g, EK_INVALID_ARGUMENT, "'x:0' enters the loop with shape [2], but has shape [4] after one iteration");
  g = ek_graph_new(NULL);
  const ek_shape narrow = ek_shape(3);
  EK_WHILE(g, EK_OUTS(vector(g)), EK_WHILE_LOOP(.shape_invariants = &narrow), w) {}
  expect(g, EK_INVALID_ARGUMENT, "enters the loop with shape [2], but the specified shape invariant is [3]");
}

static void one_condition(void **state) {
  (void)state;
  ek_graph *g = ek_graph_new(NULL);
  ek_while_block w;
  EK_WHILE(g, EK_OUTS(vector(g)), NULL, w) {
    EK_WHILE_COND(w) ek_while_test(&w, OP(g, "Less", ek_while_var(&w, 0), ek_number(g, 1.0)));
    EK_WHILE_BODY(w) ek_while_next(&w, ek_while_var(&w, 0));
  }
  expect(g, EK_INVALID_ARGUMENT, "LoopCond 'while/LoopCond': input 0 must have rank 0, not shape [2]");
  g = ek_graph_new(NULL);
  EK_WHILE(g, EK_OUTS(ek_number(g, 1.0)), NULL, w) {
    EK_WHILE_COND(w) {
      test_it(&w);
      test_it(&w);
    }
  }
  expect(g, EK_FAILED_PRECONDITION, "ek_while_test belongs into the condition, once");
}

static void building_after_an_error_is_harmless(void **state) {
  (void)state;
  ek_graph *g = ek_graph_new(NULL);
  ek_while_block w;
  ek_graph_fail(g, EK_ABORTED, "mine");
  EK_WHILE(g, EK_OUTS(ek_number(g, 1.0)), NULL, w) {
    EK_WHILE_COND(w) test_it(&w);
    EK_WHILE_BODY(w) ek_while_next(&w, ek_while_var(&w, 0));
  }
  assert_int_equal(ek_while_result(&w, 0).op, 0);
  expect(g, EK_ABORTED, "mine");
}

static void names_of_contexts(void **state) {
  (void)state;
  ek_graph *g = ek_graph_new(NULL);
  ek_while_block w;
  for (int i = 0; i < 2; i++) EK_WHILE(g, EK_OUTS(ek_number(g, 1.0)), NULL, w) {
      EK_WHILE_COND(w) test_it(&w);
      EK_WHILE_BODY(w) ek_while_next(&w, ek_while_var(&w, 0));
    }
  assert_int_equal(ek_graph_status(g, NULL), EK_OK);
  assert_int_equal(ek_collection_size(g, EK_WHILE_CONTEXT), 2);
  assert_string_equal(ek_context_name(g, ek_collection_item(g, EK_WHILE_CONTEXT, 1).v.i), "while_1/while_context");
  ek_graph_free(g);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(nothing_to_go_round), cmocka_unit_test(parts_in_order),
      cmocka_unit_test(as_many_as_came_in),  cmocka_unit_test(what_comes_round_is_the_same),
      cmocka_unit_test(one_condition),       cmocka_unit_test(building_after_an_error_is_harmless),
      cmocka_unit_test(names_of_contexts),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
