/* SPDX-License-Identifier: Apache-2.0 */
/* Sub graphs, and variables that become constants. */
#include "evenkeel/evenkeel.h"

#include "test.h"

#include <string.h>

typedef struct net {
  ek_graph *g;
  ek_session *s;
  ek_variable w, table;
  ek_op y, rows, update;
} net;

typedef struct parts {
  ek_out x;
  ek_variable w;
} parts;

static void times(ek_graph *g, ek_cond_block *c, void *ctx) {
  const parts *p = ctx;
  ek_cond_yield(c, ek_multiply(g, p->x, ek_variable_operand(g, p->w)));
}

static void plus(ek_graph *g, ek_cond_block *c, void *ctx) {
  const parts *p = ctx;
  ek_cond_yield(c, ek_add(g, p->x, ek_variable_operand(g, p->w)));
}

/* y = -(flag ? x * w : x + w); row 1 of a table; an op that changes w. */
static net new_net(bool by_handle) {
  ek_status st = EK_STATUS_INIT;
  const float values[] = {1, 2, 3, 4};
  net n = {.g = ek_graph_new(NULL)};
  ek_tensor *start = ek_tensor_from(EK_FLOAT32, ek_shape(2, 2), values, &st);
  const ek_out flag = ek_placeholder(n.g, EK_BOOL, ek_shape_scalar(), "flag");
  parts p = {.x = ek_placeholder(n.g, EK_FLOAT32, ek_shape(-1), "x")};
  p.w = n.w = ek_variable_new(ek_named(n.g, "w"), ek_number(n.g, 3.0), EK_VARIABLE(.use_resource = by_handle));
  n.table = ek_variable_new(ek_named(n.g, "table"), ek_constant(n.g, start), EK_VARIABLE(.use_resource = by_handle));
  const ek_cond_block c = ek_cond(n.g, flag, times, plus, &p);
  n.y = ek_out_op(ek_negative(ek_named(n.g, "y"), ek_cond_result(&c, 0)));
  n.rows = ek_out_op(
      ek_gather(ek_named(n.g, "rows"), ek_variable_operand(n.g, n.table), ek_ints(n.g, 1), ek_integer(n.g, 0), NULL));
  n.update = ek_variable_update(n.g, n.w, EK_ASSIGN_ADD, ek_number(n.g, 1.0));
  const ek_op init = ek_global_variables_initializer(n.g);
  n.s = ek_session_new(n.g, NULL, &st);
  ek_tensor_free(start);
  if (n.s == NULL || ek_session_run_op(n.s, init, &st) != EK_OK) fail_msg("%s", st.msg);
  return n;
}

static void free_net(net *n) {
  ek_session_free(n->s);
  ek_graph_free(n->g);
}

static float run_y(ek_graph *g, bool flag, bool feed_flag) {
  ek_status st = EK_STATUS_INIT;
  const float two = 2.0F;
  ek_session *s = ek_session_new(g, NULL, &st);
  ek_tensor *x = ek_tensor_from(EK_FLOAT32, ek_shape(1), &two, &st), *f = ek_tensor_bool(flag, &st), *y = NULL;
  const ek_feed feeds[] = {EK_FEED_NAME("x", x), EK_FEED_NAME("flag", f)};
  if (ek_session_run(s, feeds, feed_flag ? 2 : 1, &EK_FETCH_NAME("y"), 1, &y, NULL, 0, NULL, &st) != EK_OK)
    fail_msg("%s", st.msg);
  const float result = *(const float *)ek_tensor_data(y);
  ek_tensor_free(x), ek_tensor_free(f), ek_tensor_free(y);
  ek_session_free(s);
  return result;
}

static bool has_type(const ek_graph *g, const char *type) {
  for (int i = 0; i < ek_graph_num_ops(g); i++)
    if (strcmp(ek_op_type(g, ek_graph_op(g, i)), type) == 0) return true;
  return false;
}

static void a_sub_graph_is_what_is_needed(void **state) {
  (void)state;
  ek_status st = EK_STATUS_INIT;
  net n = new_net(false);
  ek_graph *part = NULL;
  assert_int_equal(ek_graph_util_extract_sub_graph(n.g, EK_OPS(n.rows), &part, &st), EK_OK);
  assert_int_equal(ek_graph_find_op(part, "x").id, 0);
  assert_string_equal(ek_op_type(part, ek_graph_find_op(part, "table")), "VariableV2");
  assert_true(ek_graph_num_ops(part) == 5); /* table, table/read, indices, axis, rows */
  ek_graph_free(part);
  assert_int_equal(ek_graph_util_extract_sub_graph(n.g, EK_OPS((ek_op){99999}), &part, &st), EK_INVALID_ARGUMENT);
  assert_null(part);
  free_net(&n);
}

static void check_freezing(bool by_handle) {
  ek_status st = EK_STATUS_INIT;
  net n = new_net(by_handle);
  ek_graph *frozen = NULL;
  assert_int_equal(ek_session_run_op(n.s, n.update, &st), EK_OK); /* w = 4 */
  if (ek_graph_util_convert_variables_to_constants(n.s, EK_OPS(n.y, n.rows), NULL, &frozen, &st) != EK_OK)
    fail_msg("%s", st.msg);
  assert_string_equal(ek_op_type(frozen, ek_graph_find_op(frozen, "w")), "Const");
  assert_false(has_type(frozen, "VariableV2") || has_type(frozen, "VarHandleOp") || has_type(frozen, "ReadVariableOp"));
  assert_true(run_y(frozen, true, true) == -8.0F && run_y(frozen, false, true) == -6.0F);
  ek_graph_free(frozen);

  assert_int_equal(ek_graph_util_convert_variables_to_constants(n.s, EK_OPS(n.update), NULL, &frozen, &st),
                   EK_INVALID_ARGUMENT);
  assert_non_null(strstr(st.msg, "needs the variable 'w' itself"));
  assert_null(frozen);

  static const char *const only[] = {"table"};
  ek_freeze_opts o = EK_FREEZE_OPTS_INIT;
  o.variable_names_allowlist = only;
  o.n_allowlist = 1;
  st = (ek_status)EK_STATUS_INIT;
  assert_int_equal(ek_graph_util_convert_variables_to_constants(n.s, EK_OPS(n.y, n.rows), &o, &frozen, &st), EK_OK);
  assert_true(has_type(frozen, by_handle ? "VarHandleOp" : "VariableV2"));
  assert_string_equal(ek_op_type(frozen, ek_graph_find_op(frozen, "table")), "Const");
  ek_graph_free(frozen);
  free_net(&n);
}

static int count_types(ek_graph *g, const char *a, const char *b) {
  int n = 0;
  for (int i = 0; i < ek_graph_num_ops(g); i++) {
    const char *type = ek_op_type(g, ek_graph_op(g, i));
    n += strcmp(type, a) == 0 || strcmp(type, b) == 0;
  }
  return n;
}

static void variables_become_constants(void **state) {
  (void)state;
  check_freezing(false);
  check_freezing(true);
}

static void a_flag_becomes_constant(void **state) {
  (void)state;
  ek_status st = EK_STATUS_INIT;
  net n = new_net(true);
  ek_graph *frozen = NULL;
  ek_tensor *yes = ek_tensor_bool(true, &st);
  const ek_feed flag = EK_FEED_NAME("flag", yes);
  ek_freeze_opts o = EK_FREEZE_OPTS_INIT;
  o.constants = &flag;
  o.n_constants = 1;
  assert_int_equal(ek_graph_util_convert_variables_to_constants(n.s, EK_OPS(n.y), &o, &frozen, &st), EK_OK);
  assert_true(run_y(frozen, true, false) == -6.0F);
  assert_int_equal(count_types(frozen, "Switch", "Merge"), 0);
  ek_graph_free(frozen);
  const ek_feed wrong = EK_FEED_NAME("x", yes);
  o.constants = &wrong;
  assert_int_equal(ek_graph_util_convert_variables_to_constants(n.s, EK_OPS(n.y), &o, &frozen, &st),
                   EK_INVALID_ARGUMENT);
  ek_tensor_free(yes);
  free_net(&n);
}

static void count_up(ek_graph *g, ek_cond_block *c, void *ctx) {
  const parts *p = ctx;
  ek_cond_yield(c, ek_multiply(g, p->x, ek_variable_assign_add(g, p->w, ek_number(g, 1.0))));
}

/* An update in place, as slim's batch norm has it without an updates collection: not in the branch that is left. */
static void check_branch_that_assigns(bool by_handle) {
  ek_status st = EK_STATUS_INIT;
  net n = new_net(by_handle);
  ek_graph *frozen = NULL;
  ek_tensor *flags[2] = {ek_tensor_bool(false, &st), ek_tensor_bool(true, &st)};
  parts p = {.x = ek_graph_find_out(n.g, "x"), .w = n.w};
  const ek_out flag = ek_logical_not(n.g, ek_graph_find_out(n.g, "flag"));
  const ek_cond_block c = ek_cond(n.g, flag, count_up, plus, &p);
  const ek_op y = ek_out_op(ek_negative(n.g, ek_cond_result(&c, 0)));
  ek_freeze_opts o = EK_FREEZE_OPTS_INIT;
  assert_int_equal(ek_graph_util_convert_variables_to_constants(n.s, EK_OPS(y), &o, &frozen, &st), EK_INVALID_ARGUMENT);
  ek_feed constant = EK_FEED_NAME("flag", flags[1]);
  o.constants = &constant;
  o.n_constants = 1;
  assert_int_equal(ek_graph_util_convert_variables_to_constants(n.s, EK_OPS(y), &o, &frozen, &st), EK_OK);
  assert_int_equal(count_types(frozen, "Switch", "Merge"), 0);
  assert_int_equal(count_types(frozen, "AssignAdd", "AssignAddVariableOp"), 0);
  ek_graph_free(frozen);
  constant = EK_FEED_NAME("flag", flags[0]);
  assert_int_equal(ek_graph_util_convert_variables_to_constants(n.s, EK_OPS(y), &o, &frozen, &st), EK_INVALID_ARGUMENT);
  /* What is in the branch that is gone is no output. */
  ek_op counted = {0};
  for (int i = 0; i < ek_graph_num_ops(n.g); i++)
    if (strncmp(ek_op_name(n.g, ek_graph_op(n.g, i)), "cond_1/", 7) == 0 &&
        strstr(ek_op_type(n.g, ek_graph_op(n.g, i)), "AssignAdd") != NULL)
      counted = ek_graph_op(n.g, i);
  constant = EK_FEED_NAME("flag", flags[1]);
  ek_status why = EK_STATUS_INIT;
  assert_int_equal(ek_graph_util_convert_variables_to_constants(n.s, EK_OPS(counted), &o, &frozen, &why),
                   EK_INVALID_ARGUMENT);
  assert_non_null(strstr(why.msg, "is in a branch that the constants never take"));
  ek_tensor_free(flags[0]), ek_tensor_free(flags[1]);
  free_net(&n);
}

static void a_branch_that_assigns_is_left_out(void **state) {
  (void)state;
  check_branch_that_assigns(false);
  check_branch_that_assigns(true);
}

/* What many read is looked at once, not once for every way there is to it. */
static void a_tangled_flag_is_soon_found(void **state) {
  (void)state;
  ek_status st = EK_STATUS_INIT;
  net n = new_net(true);
  ek_graph *frozen = NULL;
  ek_tensor *yes = ek_tensor_bool(true, &st);
  parts p = {.x = ek_graph_find_out(n.g, "x"), .w = n.w};
  ek_out flag = ek_placeholder(n.g, EK_BOOL, ek_shape_scalar(), "unknown");
  for (int i = 0; i < 60; i++) flag = ek_logical_and(n.g, flag, flag);
  const ek_cond_block c = ek_cond(n.g, flag, times, plus, &p);
  const ek_op y = ek_out_op(ek_negative(n.g, ek_cond_result(&c, 0)));
  const ek_feed constant = EK_FEED_NAME("flag", yes);
  ek_freeze_opts o = EK_FREEZE_OPTS_INIT;
  o.constants = &constant;
  o.n_constants = 1;
  assert_int_equal(ek_graph_util_convert_variables_to_constants(n.s, EK_OPS(y), &o, &frozen, &st), EK_OK);
  assert_int_equal(count_types(frozen, "Merge", "RefMerge"), 1);
  ek_graph_free(frozen);
  ek_tensor_free(yes);
  free_net(&n);
}

static void a_variable_without_a_value_is_named(void **state) {
  (void)state;
  ek_status st = EK_STATUS_INIT;
  net n = new_net(false);
  ek_graph *frozen = NULL;
  ek_session *empty = ek_session_new(n.g, NULL, &st);
  assert_int_equal(ek_graph_util_convert_variables_to_constants(empty, EK_OPS(n.y), NULL, &frozen, &st),
                   EK_FAILED_PRECONDITION);
  assert_non_null(strstr(st.msg, "uninitialized value w"));
  ek_session_free(empty);
  free_net(&n);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_sub_graph_is_what_is_needed), cmocka_unit_test(variables_become_constants),
      cmocka_unit_test(a_flag_becomes_constant),       cmocka_unit_test(a_branch_that_assigns_is_left_out),
      cmocka_unit_test(a_tangled_flag_is_soon_found),  cmocka_unit_test(a_variable_without_a_value_is_named),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
