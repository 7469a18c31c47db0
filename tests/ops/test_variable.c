/* SPDX-License-Identifier: Apache-2.0 */
#include "ops/harness.h"

static ek_out variable(ek_graph *g, ek_dtype dtype, ek_shape shape) {
  return ek_op_output(ek_build(ek_named(g, "w"), "VariableV2", (ek_outs){NULL, 0},
                               EK_ATTRS(EK_TYPE_ATTR("dtype", dtype), EK_SHAPE_ATTR("shape", shape))),
                      0);
}

static ek_out handle(ek_graph *g, ek_dtype dtype, ek_shape shape) {
  return ek_op_output(ek_build(ek_named(g, "h"), "VarHandleOp", (ek_outs){NULL, 0},
                               EK_ATTRS(EK_TYPE_ATTR("dtype", dtype), EK_SHAPE_ATTR("shape", shape))),
                      0);
}

static void assign_fills_the_variables_own_memory(void **state) {
  (void)state;
  ek_graph *g = ek_graph_new(NULL);
  ek_slot w = {.key = "w", .dtype = EK_FLOAT32};
  const ek_out ref = variable(g, EK_FLOAT32, ek_shape(2));
  op_test t = {.g = g,
               .op = ek_build(g, "Assign", EK_OUTS(ref, op_any(g, EK_FLOAT32)), EK_NO_ATTRS),
               .n_in = 2,
               .in = {NULL, F32(ek_shape(2), 1, 2)},
               .slot = {&w}};
  assert_int_equal(op_run(&t), EK_OK);
  EXPECT(w.tensor, ek_shape(2), 1, 2);
  assert_ptr_equal(t.out_slot[0], &w);
  const void *memory = w.tensor->data;
  assert_ptr_not_equal(memory, t.in[1]->data);
  ((float *)t.in[1]->data)[0] = 7;
  assert_int_equal(op_run(&t), EK_OK);
  EXPECT(w.tensor, ek_shape(2), 7, 2);
  assert_ptr_equal(memory, w.tensor->data);
  op_done(&t);

  op_test bad = {.g = g, .op = t.op, .n_in = 2, .in = {NULL, F32(ek_shape(3), 1, 2, 3)}, .slot = {&w}};
  assert_int_equal(op_run(&bad), EK_INVALID_ARGUMENT); /* already the shape rule */
  op_done(&bad);
  ek_tensor_free(w.tensor);
  ek_graph_free(g);
}

static void assign_without_validation_resizes(void **state) {
  (void)state;
  ek_graph *g = ek_graph_new(NULL);
  ek_slot w = {.key = "w", .dtype = EK_FLOAT32, .tensor = F32(ek_shape(2), 8, 9)};
  const ek_out ref = variable(g, EK_FLOAT32, ek_shape_unknown()), any = op_any(g, EK_FLOAT32);
  op_test t = {.g = g,
               .op = ek_build(g, "Assign", EK_OUTS(ref, any), EK_ATTRS(EK_BOOL_ATTR("validate_shape", false))),
               .n_in = 2,
               .in = {NULL, F32(ek_shape(1, 3), 1, 2, 3)},
               .slot = {&w}};
  assert_int_equal(op_run(&t), EK_OK);
  EXPECT(w.tensor, ek_shape(1, 3), 1, 2, 3);
  op_test bad = {.g = g,
                 .op = ek_build(g, "Assign", EK_OUTS(ref, any), EK_NO_ATTRS),
                 .n_in = 2,
                 .in = {NULL, F32(ek_shape(2), 4, 5)},
                 .slot = {&w}};
  assert_int_equal(op_run(&bad), EK_INVALID_ARGUMENT);
  assert_string_equal(
      bad.st.msg,
      "Assign 'Assign_1': Assign requires shapes of both tensors to match. lhs shape= [1,3] rhs shape= [2]");
  op_done(&bad);
  op_done(&t);
  ek_tensor_free(w.tensor);
  ek_graph_free(g);
}

static void sums_and_differences_of_every_number(void **state) {
  (void)state;
  static const ek_dtype dtypes[] = {EK_FLOAT32, EK_FLOAT64, EK_FLOAT16,      EK_BFLOAT16, EK_INT8,
                                    EK_INT16,   EK_INT32,   EK_INT64,        EK_UINT8,    EK_UINT16,
                                    EK_UINT32,  EK_UINT64,  EK_INVALID_DTYPE};
  for (int i = 0; dtypes[i] != EK_INVALID_DTYPE; i++) {
    ek_graph *g = ek_graph_new(NULL);
    const ek_out ref = variable(g, dtypes[i], ek_shape(2)), five = ek_convert(g, ek_ints(g, 5, 7), dtypes[i], NULL),
                 two = ek_convert(g, ek_ints(g, 2, 3), dtypes[i], NULL);
    ek_slot w = {.key = "w", .dtype = dtypes[i]};
    w.tensor = ek_tensor_new(dtypes[i], ek_shape(2), NULL, NULL);
    ek_tensor *const a = ek_op_attr(g, ek_out_op(five), "value")->v.tensor, *const b =
                                                                                ek_op_attr(g, ek_out_op(two), "value")
                                                                                    ->v.tensor;
    op_test add = {.g = g,
                   .op = ek_build(g, "AssignAdd", EK_OUTS(ref, five), EK_NO_ATTRS),
                   .n_in = 2,
                   .in = {NULL, ek_tensor_ref(a)},
                   .slot = {&w}};
    op_test sub = {.g = g,
                   .op = ek_build(g, "AssignSub", EK_OUTS(ref, two), EK_NO_ATTRS),
                   .n_in = 2,
                   .in = {NULL, ek_tensor_ref(b)},
                   .slot = {&w}};
    assert_int_equal(op_run(&add), EK_OK);
    assert_int_equal(op_run(&sub), EK_OK);
    EXPECT(w.tensor, ek_shape(2), 3, 4);
    op_done(&add);
    op_done(&sub);
    ek_tensor_free(w.tensor);
    ek_graph_free(g);
  }
}

static void integers_wrap(void **state) {
  (void)state;
  ek_graph *g = ek_graph_new(NULL);
  ek_slot w = {.key = "w", .dtype = EK_INT32, .tensor = I32(ek_shape(1), INT32_MAX)};
  const ek_out ref = variable(g, EK_INT32, ek_shape(1));
  op_test t = {.g = g,
               .op = ek_build(g, "AssignAdd", EK_OUTS(ref, op_any(g, EK_INT32)), EK_NO_ATTRS),
               .n_in = 2,
               .in = {NULL, I32(ek_shape(1), 1)},
               .slot = {&w}};
  assert_int_equal(op_run(&t), EK_OK);
  EXPECT(w.tensor, ek_shape(1), INT32_MIN);
  op_done(&t);
  ek_tensor_free(w.tensor);
  ek_graph_free(g);
}

static void an_uninitialized_variable_is_named(void **state) {
  (void)state;
  ek_graph *g = ek_graph_new(NULL);
  ek_slot w = {.key = "w", .dtype = EK_FLOAT32}, h = {.key = "h", .dtype = EK_FLOAT32};
  const ek_out ref = variable(g, EK_FLOAT32, ek_shape(1)), res = handle(g, EK_FLOAT32, ek_shape(1)),
               any = op_any(g, EK_FLOAT32);
  op_test t = {.g = g,
               .op = ek_build(g, "AssignAdd", EK_OUTS(ref, any), EK_NO_ATTRS),
               .n_in = 2,
               .in = {NULL, F32(ek_shape(1), 1)},
               .slot = {&w}};
  assert_int_equal(op_run(&t), EK_FAILED_PRECONDITION);
  assert_string_equal(t.st.msg, "AssignAdd 'AssignAdd': Attempting to use uninitialized value w");
  op_done(&t);
  op_test r = {.g = g,
               .op = ek_build(g, "ReadVariableOp", EK_OUTS(res), EK_ATTRS(EK_TYPE_ATTR("dtype", EK_FLOAT32))),
               .n_in = 1,
               .slot = {&h}};
  assert_int_equal(op_run(&r), EK_FAILED_PRECONDITION);
  assert_non_null(strstr(r.st.msg, "Error while reading resource variable h."));
  op_test is = {.g = g, .op = ek_build(g, "IsVariableInitialized", EK_OUTS(ref), EK_NO_ATTRS), .n_in = 1, .slot = {&w}};
  assert_int_equal(op_run(&is), EK_OK);
  EXPECT(is.out[0], ek_shape_scalar(), 0);
  op_done(&is);
  ek_graph_free(g);
}

static void handles_are_assigned_read_and_added_to(void **state) {
  (void)state;
  ek_graph *g = ek_graph_new(NULL);
  ek_slot h = {.key = "h", .dtype = EK_FLOAT32};
  const ek_out res = handle(g, EK_FLOAT32, ek_shape(-1, 2)), any = op_any(g, EK_FLOAT32);
  const ek_op read = ek_build(g, "ReadVariableOp", EK_OUTS(res), EK_ATTRS(EK_TYPE_ATTR("dtype", EK_FLOAT32)));
  assert_true(ek_shape_equal(ek_out_shape(g, ek_op_output(read, 0)), ek_shape(-1, 2)));
  op_test assign = {.g = g,
                    .op = ek_build(g, "AssignVariableOp", EK_OUTS(res, any), EK_NO_ATTRS),
                    .n_in = 2,
                    .in = {NULL, F32(ek_shape(1, 2), 1, 2)},
                    .slot = {&h}};
  assert_int_equal(op_run(&assign), EK_OK);
  op_test sub = {.g = g,
                 .op = ek_build(g, "AssignSubVariableOp", EK_OUTS(res, any), EK_NO_ATTRS),
                 .n_in = 2,
                 .in = {NULL, F32(ek_shape(1, 2), 10, 10)},
                 .slot = {&h}};
  assert_int_equal(op_run(&sub), EK_OK);
  op_test get = {.g = g, .op = read, .n_in = 1, .slot = {&h}};
  assert_int_equal(op_run(&get), EK_OK);
  EXPECT(get.out[0], ek_shape(1, 2), -9, -8);
  op_test shape = {.g = g, .op = ek_build(g, "VariableShape", EK_OUTS(res), EK_NO_ATTRS), .n_in = 1, .slot = {&h}};
  assert_int_equal(op_run(&shape), EK_OK);
  EXPECT(shape.out[0], ek_shape(2), 1, 2);
  op_test bad = {.g = g, .op = sub.op, .n_in = 2, .in = {NULL, F32(ek_shape(2, 2), 1, 2, 3, 4)}, .slot = {&h}};
  assert_int_equal(op_run(&bad), EK_INVALID_ARGUMENT);
  assert_non_null(strstr(bad.st.msg, "Cannot update variable with shape [1,2] using a Tensor with shape [2,2]"));
  op_done(&bad);
  op_done(&shape);
  op_done(&get);
  op_done(&sub);
  op_done(&assign);
  ek_tensor_free(h.tensor);
  ek_graph_free(g);
}

static void a_handle_of_another_dtype_is_refused(void **state) {
  (void)state;
  ek_graph *g = ek_graph_new(NULL);
  ek_status st = EK_STATUS_INIT;
  const ek_out res = handle(g, EK_FLOAT32, ek_shape(2));
  (void)ek_build(g, "ReadVariableOp", EK_OUTS(res), EK_ATTRS(EK_TYPE_ATTR("dtype", EK_INT32)));
  assert_int_equal(ek_graph_status(g, &st), EK_INVALID_ARGUMENT);
  assert_non_null(strstr(st.msg, "Trying to read variable with wrong dtype. Expected float32 got int32"));
  ek_graph_free(g);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(assign_fills_the_variables_own_memory), cmocka_unit_test(assign_without_validation_resizes),
      cmocka_unit_test(sums_and_differences_of_every_number),  cmocka_unit_test(integers_wrap),
      cmocka_unit_test(an_uninitialized_variable_is_named),    cmocka_unit_test(handles_are_assigned_read_and_added_to),
      cmocka_unit_test(a_handle_of_another_dtype_is_refused),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
