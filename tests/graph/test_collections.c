/* SPDX-License-Identifier: Apache-2.0 */
/* Collections with their filter, and graphs that are finished. */
#include "evenkeel/evenkeel.h"
#include "test.h"

#include <string.h>

static ek_op no_op(ek_graph *g, const char *name) { return ek_no_op(ek_named(g, name)); }

/* As re.match: a regular expression, anchored at the start only. */
static void a_scope_is_a_pattern_from_the_start(void **state) {
  (void)state;
  static const struct {
    const char *scope;
    int n;
  } cases[] = {{NULL, 6},    {"", 6},
               {"a/", 2},    {"a", 3},
               {"b/", 1},    {".*b", 4},
               {"a/b$", 1},  {"A", 0},
               {"x", 0},     {"a/|b/", 3},
               {"a.?/b", 2}, {"[ab]/(b|c)", 3},
               {"/b", 0},    {"[ab]/(?:b|c)", 3},
               {"\\w/b", 2}, {"[\\w\\d]+/", 4},
               {"l\\d", 1},  {"a[b]?/\\w$", 3}};
  ek_graph *g = ek_graph_new(NULL);
  const char *const names[] = {"a/b", "a/c", "b/b", "ab/b", "cb", "l7"};
  for (int i = 0; i < 6; i++) ek_add_op_to_collection(g, "things", no_op(g, names[i]));
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
    if (ek_get_collection_ops(g, "things", cases[i].scope).n != cases[i].n)
      fail_msg("scope '%s' finds %d ops, not %d", cases[i].scope, ek_get_collection_ops(g, "things", cases[i].scope).n,
               cases[i].n);
  assert_int_equal(ek_get_collection_ops(g, "no such things", NULL).n, 0);
  assert_int_equal(ek_graph_status(g, NULL), EK_OK);
  ek_graph_free(g);
}

/* Outputs and variables are called "name:0", what has no name is left out by any scope. */
static void items_are_matched_by_their_names(void **state) {
  (void)state;
  ek_graph *g = ek_graph_new(NULL);
  const ek_out x = ek_placeholder(g, EK_FLOAT32, ek_shape(2), "x");
  ek_add_out_to_collection(g, "mixed", x);
  ek_add_op_to_collection(g, "mixed", ek_out_op(x));
  ek_add_to_collection(g, "mixed", (ek_item){.kind = EK_ITEM_INT, .v.i = 7});
  assert_int_equal(ek_collection_size(g, "mixed"), 3);
  assert_int_equal(ek_get_collection_ops(g, "mixed", "x:0$").n, 1);
  assert_int_equal(ek_get_collection_ops(g, "mixed", "x$").n, 1);
  assert_int_equal(ek_get_collection_ops(g, "mixed", "").n, 2);
  const ek_variable v = ek_get_variable(g, "v", ek_shape(2), NULL);
  assert_int_equal(ek_get_collection_variables(g, EK_TRAINABLE_VARIABLES, "v:0$").n, 1);
  assert_int_equal(ek_get_collection_variables(g, EK_TRAINABLE_VARIABLES, "v$").n, 0);
  ek_add_variable_to_collection(g, EK_TRAINABLE_VARIABLES, v); /* duplicates are kept */
  assert_int_equal(ek_get_collection_variables(g, EK_TRAINABLE_VARIABLES, NULL).n, 2);
  ek_clear_collection(g, "mixed");
  assert_int_equal(ek_collection_size(g, "mixed"), 0);
  ek_graph_free(g);
}

static void a_wrong_pattern_is_an_error(void **state) {
  (void)state;
  ek_graph *g = ek_graph_new(NULL);
  ek_status st = EK_STATUS_INIT;
  ek_add_op_to_collection(g, "things", no_op(g, "a"));
  assert_int_equal(ek_get_collection_ops(g, "things", "a(").n, 0);
  assert_int_equal(ek_graph_status(g, &st), EK_INVALID_ARGUMENT);
  assert_non_null(strstr(st.msg, "collection 'things': scope 'a(' is not a regular expression"));
  ek_graph_free(g);
}

/* ---- finalize */

static void builds(ek_graph *g) { (void)no_op(g, "late"); }
static void adds(ek_graph *g) { ek_add_op_to_collection(g, "things", ek_graph_op(g, 0)); }
static void clears(ek_graph *g) { ek_clear_collection(g, "no such things"); }
static void makes_a_variable(ek_graph *g) { (void)ek_get_variable(g, "w", ek_shape(2), NULL); }
static void differentiates(ek_graph *g) {
  ek_out dx;
  const ek_out x = ek_graph_find_out(g, "x"), y = ek_graph_find_out(g, "y");
  ek_gradients(g, EK_OUTS(y), EK_OUTS(x), NULL, &dx);
  assert_int_equal(dx.op, 0);
}
static void sets_a_shape(ek_graph *g) { ek_out_set_shape(g, ek_graph_find_out(g, "x"), ek_shape(2)); }

static void a_finalized_graph_runs_and_does_not_change(void **state) {
  (void)state;
  void (*const changes[])(ek_graph *) = {builds, adds, clears, makes_a_variable, differentiates, sets_a_shape};
  for (size_t i = 0; i < sizeof changes / sizeof changes[0]; i++) {
    ek_graph *g = ek_graph_new(NULL);
    ek_status st = EK_STATUS_INIT;
    const ek_out x = ek_placeholder(g, EK_FLOAT32, ek_shape(-1), "x"), y = ek_square(ek_named(g, "y"), x);
    const ek_variable v = ek_get_variable(g, "v", ek_shape(2), NULL);
    const ek_op init = ek_global_variables_initializer(g);
    ek_graph_finalize(g);
    const int ops = ek_graph_num_ops(g);
    assert_int_equal(ek_get_collection_variables(g, EK_GLOBAL_VARIABLES, "v").n, 1);
    ek_session *s = ek_session_new(g, NULL, &st);
    ek_tensor *in = ek_tensor_from(EK_FLOAT32, ek_shape(1), (const float[]){3}, NULL), *out = NULL;
    assert_int_equal(ek_session_run_op(s, init, &st), EK_OK);
    assert_true(ek_session_is_initialized(s, v));
    assert_int_equal(ek_session_run(s, &EK_FEED(x, in), 1, &EK_FETCH(y), 1, &out, NULL, 0, NULL, &st), EK_OK);
    assert_float_equal(ek_tensor_number(out, 0), 9, 0);
    assert_int_equal(ek_graph_status(g, NULL), EK_OK);
    changes[i](g);
    assert_int_equal(ek_graph_num_ops(g), ops);
    assert_int_equal(ek_graph_status(g, &st), EK_FAILED_PRECONDITION);
    assert_non_null(strstr(st.msg, "finalized"));
    ek_tensor_free(in);
    ek_tensor_free(out);
    ek_session_free(s);
    ek_graph_free(g);
  }
}

static void several_keys_at_once(void **state) {
  (void)state;
  ek_graph *g = ek_graph_new(NULL);
  const char *const keys[] = {EK_LOSSES, EK_UPDATE_OPS, EK_LOSSES};
  ek_add_to_collections(g, keys, 3, (ek_item){.kind = EK_ITEM_INT, .v.i = 7});
  assert_int_equal(ek_collection_size(g, EK_LOSSES), 1);
  assert_int_equal(ek_collection_item(g, EK_UPDATE_OPS, 0).v.i, 7);
  ek_graph_free(g);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(several_keys_at_once), cmocka_unit_test(a_scope_is_a_pattern_from_the_start),
      cmocka_unit_test(items_are_matched_by_their_names), cmocka_unit_test(a_wrong_pattern_is_an_error),
      cmocka_unit_test(a_finalized_graph_runs_and_does_not_change)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
