/* SPDX-License-Identifier: Apache-2.0 */
/* TensorArrays and stacks say what is wrong in TensorFlow's words, and keep nothing from one run to the next. */
#include "evenkeel/evenkeel.h"
#include "test.h"

#include <string.h>

#define OP(g_, type_, ...) ek_op_output(ek_build((g_), (type_), EK_OUTS(__VA_ARGS__), EK_NO_ATTRS), 0)

static ek_op array_of(ek_graph *g, int64_t size, bool dynamic_size) {
  return ek_build(g, "TensorArrayV3", EK_OUTS(ek_integer(g, size)),
                  EK_ATTRS(EK_TYPE_ATTR("dtype", EK_FLOAT32), EK_BOOL_ATTR("dynamic_size", dynamic_size)));
}

static ek_out write(ek_graph *g, ek_op array, int64_t index, ek_out value, ek_out flow) {
  return OP(g, "TensorArrayWriteV3", ek_op_output(array, 0), ek_integer(g, index), value, flow);
}

static ek_out read(ek_graph *g, ek_op array, int64_t index, ek_out flow) {
  return ek_op_output(ek_build(g, "TensorArrayReadV3", EK_OUTS(ek_op_output(array, 0), ek_integer(g, index), flow),
                               EK_ATTRS(EK_TYPE_ATTR("dtype", EK_FLOAT32))),
                      0);
}

static ek_out two(ek_graph *g) { return ek_convert(g, ek_numbers(g, 1, 2), EK_FLOAT32, NULL); }

static void expect(ek_graph *g, ek_out fetch, const char *word) {
  ek_status st = EK_STATUS_INIT;
  ek_session *s = ek_session_new(g, NULL, &st);
  if (s == NULL) fail_msg("%s", st.msg);
  for (int i = 0; i < 2; i++) { /* an error leaves nothing behind either */
    ek_tensor *t = NULL;
    ek_status_clear(&st);
    const ek_code code = ek_session_run(s, NULL, 0, &EK_FETCH(fetch), 1, &t, NULL, 0, NULL, &st);
    if (word == NULL && code != EK_OK) fail_msg("%s", st.msg);
    if (word != NULL && (code == EK_OK || strstr(st.msg, word) == NULL)) fail_msg("'%s' lacks '%s'", st.msg, word);
    ek_tensor_free(t);
  }
  ek_session_free(s);
  ek_graph_free(g);
}

static void what_is_not_there(void **state) {
  (void)state;
  ek_graph *g = ek_graph_new(NULL);
  ek_op a = array_of(g, 2, false);
  expect(g, read(g, a, 2, ek_op_output(a, 1)), "Tried to read from index 2 but array size is: 2");
  g = ek_graph_new(NULL);
  a = array_of(g, 2, false);
  expect(g, read(g, a, 1, ek_op_output(a, 1)), "it has not been written, and the element shape is not fully defined");
  g = ek_graph_new(NULL);
  a = array_of(g, 2, false);
  expect(g, write(g, a, 5, two(g), ek_op_output(a, 1)), "Tried to write to index 5 but array size is: 2");
  g = ek_graph_new(NULL);
  a = array_of(g, 0, true);
  expect(g, write(g, a, 5, two(g), ek_op_output(a, 1)), NULL);
  g = ek_graph_new(NULL);
  a = array_of(g, -1, true);
  expect(g, ek_op_output(a, 1), "size is -1");
}

static void twice(void **state) {
  (void)state;
  ek_graph *g = ek_graph_new(NULL);
  ek_op a = array_of(g, 2, false);
  ek_out flow = write(g, a, 0, two(g), ek_op_output(a, 1));
  expect(g, write(g, a, 0, two(g), flow), "Could not write to index 0 because it has already been written to");
  g = ek_graph_new(NULL);
  a = array_of(g, 2, false);
  flow = write(g, a, 0, two(g), ek_op_output(a, 1));
  const ek_out first = read(g, a, 0, flow);
  ek_control_dependencies_begin(g, EK_OPS(ek_out_op(first)));
  const ek_out second = read(g, a, 0, flow);
  ek_control_dependencies_end(g);
  expect(g, OP(g, "AddV2", first, second), "Could not read index 0 twice because it was cleared after a previous read");
}

static void shapes_differ(void **state) {
  (void)state;
  ek_graph *g = ek_graph_new(NULL);
  const ek_op a = array_of(g, 2, false);
  ek_out flow = write(g, a, 0, two(g), ek_op_output(a, 1));
  flow = write(g, a, 1, ek_convert(g, ek_number(g, 1.0), EK_FLOAT32, NULL), flow);
  expect(g,
         ek_op_output(ek_build(g, "TensorArrayGatherV3",
                               EK_OUTS(ek_op_output(a, 0), ek_convert(g, ek_ints(g, 0, 1), EK_INT32, NULL), flow),
                               EK_ATTRS(EK_TYPE_ATTR("dtype", EK_FLOAT32))),
                      0),
         "has inconsistent shapes. Index 0 has shape: [2] but index 1 has shape: []");
}

static ek_out stack(ek_graph *g, int64_t max) {
  return ek_op_output(
      ek_build(g, "StackV2", EK_OUTS(ek_integer(g, max)), EK_ATTRS(EK_TYPE_ATTR("elem_type", EK_FLOAT32))), 0);
}

static ek_out pop(ek_graph *g, ek_out handle) {
  return ek_op_output(ek_build(g, "StackPopV2", EK_OUTS(handle), EK_ATTRS(EK_TYPE_ATTR("elem_type", EK_FLOAT32))), 0);
}

static void stacks(void **state) {
  (void)state;
  ek_graph *g = ek_graph_new(NULL);
  expect(g, pop(g, stack(g, -1)), "is empty when calling Pop()");
  g = ek_graph_new(NULL);
  ek_out s = stack(g, 1);
  const ek_out once = OP(g, "StackPushV2", s, two(g));
  ek_control_dependencies_begin(g, EK_OPS(ek_out_op(once)));
  const ek_out again = OP(g, "StackPushV2", s, once);
  ek_control_dependencies_end(g);
  expect(g, again, "overflowed its max_size (1)");
  g = ek_graph_new(NULL);
  s = stack(g, -1);
  const ek_out pushed = OP(g, "StackPushV2", s, two(g));
  ek_control_dependencies_begin(g, EK_OPS(ek_out_op(pushed)));
  const ek_out popped = pop(g, s);
  ek_control_dependencies_end(g);
  expect(g, OP(g, "AddV2", pushed, popped), NULL);
}

static void handles_of_other_things(void **state) {
  (void)state;
  ek_graph *g = ek_graph_new(NULL);
  expect(g, pop(g, ek_op_output(array_of(g, 1, false), 0)), "its handle is of no stack");
  g = ek_graph_new(NULL);
  const ek_variable v = ek_get_variable(g, "v", ek_shape(2), EK_GET_VARIABLE(.use_resource = EK_YES));
  expect(g, pop(g, ek_variable_handle(g, v)), "its handle is of no stack");
  g = ek_graph_new(NULL);
  expect(g, stack(g, -1), "a resource cannot be fetched");
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(what_is_not_there),       cmocka_unit_test(twice),
      cmocka_unit_test(shapes_differ),           cmocka_unit_test(stacks),
      cmocka_unit_test(handles_of_other_things),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
