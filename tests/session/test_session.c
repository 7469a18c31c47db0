/* SPDX-License-Identifier: Apache-2.0 */
/* Running: feeds and fetches, variables, the order of reads and writes, branches, plans. */
#include "evenkeel/evenkeel.h"
#include "test.h"

#include <stdlib.h>
#include <string.h>

static ek_out op1(ek_graph *g, const char *type, ek_out x) {
  return ek_op_output(ek_build(g, type, EK_OUTS(x), EK_NO_ATTRS), 0);
}
static ek_op op2(ek_graph *g, const char *type, ek_out x, ek_out y) {
  return ek_build(g, type, EK_OUTS(x, y), EK_NO_ATTRS);
}

static ek_out variable(ek_graph *g, const char *name, ek_shape shape) {
  const ek_attr attrs[] = {EK_TYPE_ATTR("dtype", EK_FLOAT32), EK_SHAPE_ATTR("shape", shape)};
  return ek_op_output(ek_build(ek_named(g, name), "VariableV2", (ek_outs){NULL, 0}, attrs, 2), 0);
}

static ek_session *session(ek_graph *g) {
  ek_status st = EK_STATUS_INIT;
  ek_session *s = ek_session_new(g, NULL, &st);
  if (s == NULL) print_error("%s\n", st.msg);
  assert_non_null(s);
  ek_graph_free(g); /* it lives on with its session */
  return s;
}

static float fetch(ek_session *s, const ek_feed *feeds, int n, ek_out out, const ek_op *targets, int n_targets) {
  ek_status st = EK_STATUS_INIT;
  ek_tensor *t = NULL;
  (void)ek_session_run(s, feeds, n, &EK_FETCH(out), 1, &t, targets, n_targets, NULL, &st);
  if (t == NULL) print_error("%s\n", st.msg);
  assert_non_null(t);
  const float value = (float)ek_tensor_number(t, 0);
  ek_tensor_free(t);
  return value;
}

static void feeds_and_fetches(void **state) {
  (void)state;
  ek_graph *g = ek_graph_new(NULL);
  const ek_out x = ek_placeholder(g, EK_FLOAT32, ek_shape(-1), "x"), y = op1(g, "Identity", x);
  ek_session *s = session(g);
  ek_status st = EK_STATUS_INIT;
  ek_tensor *out = NULL;
  const float data[] = {1, 2, 3};
  ek_tensor *in = ek_tensor_from(EK_FLOAT32, ek_shape(3), data, &st),
            *wrong = ek_tensor_from(EK_INT32, ek_shape(3), data, &st);
  assert_int_equal(ek_session_run(s, &EK_FEED(x, in), 1, &EK_FETCH_NAME("Identity:0"), 1, &out, NULL, 0, NULL, &st),
                   EK_OK);
  assert_true(ek_tensor_equal(in, out));
  ek_tensor_free(out);
  assert_int_equal(ek_session_run(s, NULL, 0, &EK_FETCH(y), 1, &out, NULL, 0, NULL, &st), EK_INVALID_ARGUMENT);
  assert_non_null(strstr(st.msg, "You must feed a value for placeholder tensor 'x' with dtype float32"));
  ek_status_clear(&st);
  assert_int_equal(ek_session_run(s, &EK_FEED(x, wrong), 1, &EK_FETCH(y), 1, &out, NULL, 0, NULL, &st),
                   EK_INVALID_ARGUMENT);
  assert_non_null(strstr(st.msg, "int32"));
  ek_status_clear(&st);
  assert_int_equal(ek_session_run(s, &EK_FEED_NAME("nope", in), 1, &EK_FETCH(y), 1, &out, NULL, 0, NULL, &st),
                   EK_NOT_FOUND);
  assert_null(out);
  ek_tensor_free(in);
  ek_tensor_free(wrong);
  ek_session_free(s);
}

static void reads_come_before_unordered_writes(void **state) {
  (void)state;
  ek_graph *g = ek_graph_new(NULL);
  const ek_out v = variable(g, "v", ek_shape_scalar());
  const ek_op init = op2(g, "Assign", v, ek_constant_float32(g, 1.0f));
  const ek_op add = op2(g, "AssignAdd", v, ek_constant_float32(g, 10.0f));
  const ek_out read = op1(ek_named(g, "v/read"), "Identity", v);
  ek_out after = {0};
  EK_CONTROL_DEPENDENCIES (g, EK_OPS(add)) {
    after = op1(ek_named(g, "after"), "Identity", v);
  }
  ek_session *s = session(g);
  ek_status st = EK_STATUS_INIT;
  ek_tensor *t = NULL;
  assert_int_equal(ek_session_run(s, NULL, 0, &EK_FETCH(read), 1, &t, NULL, 0, NULL, &st), EK_FAILED_PRECONDITION);
  assert_non_null(strstr(st.msg, "Attempting to use uninitialized value v"));
  ek_status_clear(&st);
  assert_int_equal(ek_session_run_op(s, init, &st), EK_OK);
  assert_float_equal(fetch(s, NULL, 0, read, &add, 1), 1.0f, 0);
  assert_float_equal(fetch(s, NULL, 0, read, NULL, 0), 11.0f, 0);
  assert_float_equal(fetch(s, NULL, 0, after, NULL, 0), 21.0f, 0);
  assert_float_equal(fetch(s, NULL, 0, v, &add, 1), 21.0f, 0); /* the reference itself */
  ek_session_free(s);
}

static void a_view_made_before_the_write_sees_it(void **state) {
  (void)state;
  ek_graph *g = ek_graph_new(NULL);
  const ek_out v = variable(g, "v", ek_shape_scalar()), w = variable(g, "w", ek_shape_scalar());
  const ek_op init = op2(g, "Assign", v, ek_constant_float32(g, 1.0f));
  const ek_out read = op1(ek_named(g, "v/read"), "Identity", v); /* made long before */
  const ek_op add = op2(g, "AssignAdd", v, ek_constant_float32(g, 10.0f));
  ek_op keep = {0};
  EK_CONTROL_DEPENDENCIES (g, EK_OPS(add)) {
    keep = op2(g, "Assign", w, read);
  }
  ek_session *s = session(g);
  ek_status st = EK_STATUS_INIT;
  assert_int_equal(ek_session_run_op(s, init, &st), EK_OK);
  assert_int_equal(ek_session_run_op(s, keep, &st), EK_OK);
  assert_float_equal(fetch(s, NULL, 0, w, NULL, 0), 11.0f, 0); /* as ExponentialMovingAverage needs it */
  ek_session_free(s);
}

static void resource_reads_are_snapshots(void **state) {
  (void)state;
  ek_graph *g = ek_graph_new(NULL);
  const ek_attr attrs[] = {EK_TYPE_ATTR("dtype", EK_FLOAT32), EK_SHAPE_ATTR("shape", ek_shape_scalar())};
  const ek_out v = ek_op_output(ek_build(ek_named(g, "v"), "VarHandleOp", (ek_outs){NULL, 0}, attrs, 2), 0);
  const ek_attr dtype[] = {EK_TYPE_ATTR("dtype", EK_FLOAT32)};
  const ek_op init = op2(g, "AssignVariableOp", v, ek_constant_float32(g, 1.0f));
  const ek_out before = ek_op_output(ek_build(g, "ReadVariableOp", EK_OUTS(v), dtype, 1), 0);
  ek_op add = {0};
  EK_CONTROL_DEPENDENCIES (g, EK_OPS(ek_out_op(before))) {
    add = op2(g, "AssignAddVariableOp", v, ek_constant_float32(g, 10.0f));
  }
  ek_out old = {0}, fresh = {0};
  EK_CONTROL_DEPENDENCIES (g, EK_OPS(add)) {
    old = op1(g, "Identity", before);
    fresh = ek_op_output(ek_build(g, "ReadVariableOp", EK_OUTS(v), dtype, 1), 0);
  }
  ek_session *s = session(g);
  ek_status st = EK_STATUS_INIT;
  assert_int_equal(ek_session_run_op(s, init, &st), EK_OK);
  const ek_fetch fetches[] = {EK_FETCH(old), EK_FETCH(fresh)};
  ek_tensor *t[2];
  assert_int_equal(ek_session_run(s, NULL, 0, fetches, 2, t, NULL, 0, NULL, &st), EK_OK);
  assert_float_equal(ek_tensor_number(t[0], 0), 1.0, 0);
  assert_float_equal(ek_tensor_number(t[1], 0), 11.0, 0);
  ek_tensor_free(t[0]);
  ek_tensor_free(t[1]);
  ek_session_free(s);
}

static void a_snapshot_outlives_a_merge(void **state) {
  (void)state;
  ek_graph *g = ek_graph_new(NULL);
  const ek_out p = ek_placeholder(g, EK_BOOL, ek_shape_scalar(), "p");
  const ek_variable v = ek_variable_new(g, ek_constant_float32(g, 1.0f), EK_VARIABLE(.use_resource = true));
  const ek_out read = ek_variable_value(g, v);
  ek_cond_block c;
  EK_COND(g, p, c) {
    EK_THEN(c) { ek_cond_yield(&c, read); }
    EK_ELSE(c) { ek_cond_yield(&c, op1(g, "Neg", read)); }
  }
  const ek_out merged = ek_cond_result(&c, 0);
  ek_op write = {0};
  EK_CONTROL_DEPENDENCIES (g, EK_OPS(ek_out_op(merged))) {
    write = ek_variable_update(g, v, EK_ASSIGN_ADD, ek_constant_float32(g, 10.0f));
  }
  ek_out old = {0};
  EK_CONTROL_DEPENDENCIES (g, EK_OPS(write)) {
    old = op1(g, "Neg", merged);
  }
  const ek_op init = ek_global_variables_initializer(g);
  ek_session *s = session(g);
  ek_status st = EK_STATUS_INIT;
  ek_tensor *yes = ek_tensor_bool(true, &st);
  assert_int_equal(ek_session_run_op(s, init, &st), EK_OK);
  assert_float_equal(fetch(s, &EK_FEED(p, yes), 1, old, NULL, 0), -1.0f, 0);
  ek_tensor_free(yes);
  ek_session_free(s);
}

static void only_the_taken_branch_runs(void **state) {
  (void)state;
  ek_graph *g = ek_graph_new(NULL);
  const ek_out p = ek_placeholder(g, EK_BOOL, ek_shape_scalar(), "p");
  const ek_out v = variable(g, "v", ek_shape_scalar());
  const ek_op init = op2(g, "Assign", v, ek_constant_float32(g, 1.0f));
  const ek_op sw = op2(g, "Switch", ek_constant_float32(g, 5.0f), p), rsw = op2(g, "RefSwitch", v, p);
  const ek_op write = op2(g, "AssignAdd", ek_op_output(rsw, 1), ek_op_output(sw, 1));
  const ek_out merged = ek_op_output(op2(g, "Merge", ek_op_output(sw, 0), ek_op_output(write, 0)), 0);
  const ek_out branch = op1(ek_named(g, "branch"), "Identity", ek_op_output(sw, 0));
  ek_session *s = session(g);
  ek_status st = EK_STATUS_INIT;
  ek_tensor *yes = ek_tensor_bool(true, &st), *no = ek_tensor_bool(false, &st), *t = NULL;
  assert_int_equal(ek_session_run_op(s, init, &st), EK_OK);
  assert_float_equal(fetch(s, &EK_FEED(p, no), 1, merged, NULL, 0), 5.0f, 0);
  assert_float_equal(fetch(s, NULL, 0, v, NULL, 0), 1.0f, 0);
  assert_float_equal(fetch(s, &EK_FEED(p, yes), 1, merged, NULL, 0), 6.0f, 0);
  assert_float_equal(fetch(s, NULL, 0, v, NULL, 0), 6.0f, 0);
  assert_float_equal(fetch(s, &EK_FEED(p, no), 1, branch, NULL, 0), 5.0f, 0);
  assert_int_equal(ek_session_run(s, &EK_FEED(p, yes), 1, &EK_FETCH(branch), 1, &t, NULL, 0, NULL, &st),
                   EK_INVALID_ARGUMENT);
  assert_non_null(strstr(st.msg, "branch"));
  ek_tensor_free(yes);
  ek_tensor_free(no);
  ek_session_free(s);
}

/* with_dependencies gives a reference on, which can be assigned to: here only after another variable was. */
static void a_reference_may_wait(void **state) {
  (void)state;
  ek_graph *g = ek_graph_new(NULL);
  const ek_out v = variable(g, "v", ek_shape_scalar()), w = variable(g, "w", ek_shape_scalar());
  const ek_op init[] = {op2(g, "Assign", v, ek_constant_float32(g, 1.0f)),
                        op2(g, "Assign", w, ek_constant_float32(g, 1.0f))};
  const ek_out six = ek_op_output(op2(g, "AssignAdd", w, ek_constant_float32(g, 5.0f)), 0);
  const ek_out later = ek_with_dependencies(g, EK_OPS(ek_out_op(six)), v);
  assert_string_equal(ek_op_type(g, ek_out_op(later)), "RefIdentity");
  const ek_op add = op2(g, "AssignAdd", later, w);
  ek_session *s = session(g);
  ek_status st = EK_STATUS_INIT;
  for (int i = 0; i < 2; i++) assert_int_equal(ek_session_run_op(s, init[i], &st), EK_OK);
  assert_float_equal(fetch(s, NULL, 0, later, NULL, 0), 1.0f, 0);
  assert_float_equal(fetch(s, NULL, 0, w, NULL, 0), 6.0f, 0);
  assert_int_equal(ek_session_run_op(s, add, &st), EK_OK);
  assert_float_equal(fetch(s, NULL, 0, w, NULL, 0), 11.0f, 0);
  assert_true(fetch(s, NULL, 0, v, NULL, 0) > 1.0f);
  ek_session_free(s);
}

/* ---- no allocation in later runs */

static int allocations;

static void *counting_alloc(void *ctx, size_t size, size_t align) {
  (void)ctx;
  allocations++;
  return aligned_alloc(align, (size + align - 1) / align * align);
}

static void counting_free(void *ctx, void *p, size_t size) {
  (void)ctx;
  (void)size;
  free(p);
}

static void later_runs_allocate_nothing(void **state) {
  (void)state;
  const ek_allocator counting = {counting_alloc, counting_free, NULL};
  ek_graph_opts opts = EK_GRAPH_OPTS_INIT;
  opts.allocator = &counting;
  ek_graph *g = ek_graph_new(&opts);
  const ek_out x = ek_placeholder(g, EK_FLOAT32, ek_shape(-1), "x");
  const ek_out v = variable(g, "v", ek_shape(3));
  const ek_op keep = op2(g, "Assign", v, x);
  const ek_out y = op1(g, "Identity", ek_op_output(keep, 0));
  ek_session *s = session(g);
  ek_status st = EK_STATUS_INIT;
  const float data[] = {1, 2, 3};
  ek_tensor *in = ek_tensor_from(EK_FLOAT32, ek_shape(3), data, &st);
  ek_callable *c = ek_session_make_callable(s, &x, 1, &EK_FETCH(y), 1, &keep, 1, &st);
  assert_non_null(c);
  for (int run = 0; run < 5; run++) {
    ek_tensor *out = NULL;
    if (run == 2) allocations = 0;
    assert_int_equal(ek_callable_run(c, &in, &out, &st), EK_OK);
    assert_true(ek_tensor_equal(in, out));
    ek_tensor_free(out);
  }
  assert_int_equal(allocations, 0);
  ek_callable_free(c);
  ek_tensor_free(in);
  ek_session_free(s);
}

/* Plans made before the graph grew are dropped while its nodes lie elsewhere. */
static void a_graph_may_grow_between_runs(void **state) {
  (void)state;
  enum { SIDE = 32, MORE = 3000 };
  ek_graph *g = ek_graph_new(NULL);
  ek_status st = EK_STATUS_INIT;
  ek_session *s = ek_session_new(g, NULL, &st);
  ek_out x = ek_placeholder(g, EK_FLOAT32, ek_shape(SIDE, SIDE), "x");
  ek_out y = ek_op_output(op2(g, "MatMul", x, x), 0); /* a step that keeps something of oneDNN's */
  ek_tensor *in = ek_tensor_new(EK_FLOAT32, ek_shape(SIDE, SIDE), NULL, &st);
  ((float *)ek_tensor_mutable_data(in))[0] = 3;
  for (int round = 0; round < 3; round++) {
    assert_float_equal(fetch(s, &EK_FEED(x, in), 1, y, NULL, 0), 9.0f, 0);
    ek_out z = y;
    for (int i = 0; i < MORE; i++) z = op1(g, "Identity", z);
    assert_float_equal(fetch(s, &EK_FEED(x, in), 1, z, NULL, 0), 9.0f, 0);
  }
  ek_tensor_free(in);
  ek_session_free(s);
  ek_graph_free(g);
}

static void a_block_left_open_is_reported(void **state) {
  (void)state;
  ek_graph *g = ek_graph_new(NULL);
  ek_status st = EK_STATUS_INIT;
  (void)ek_name_scope_begin(g, "open");
  assert_null(ek_session_new(g, NULL, &st));
  assert_int_equal(st.code, EK_FAILED_PRECONDITION);
  ek_graph_free(g);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(feeds_and_fetches),
      cmocka_unit_test(reads_come_before_unordered_writes),
      cmocka_unit_test(a_view_made_before_the_write_sees_it),
      cmocka_unit_test(resource_reads_are_snapshots),
      cmocka_unit_test(a_snapshot_outlives_a_merge),
      cmocka_unit_test(only_the_taken_branch_runs),
      cmocka_unit_test(a_reference_may_wait),
      cmocka_unit_test(a_reference_may_wait),
      cmocka_unit_test(later_runs_allocate_nothing),
      cmocka_unit_test(a_graph_may_grow_between_runs),
      cmocka_unit_test(a_block_left_open_is_reported),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
