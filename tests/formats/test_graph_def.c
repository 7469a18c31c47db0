/* SPDX-License-Identifier: Apache-2.0 */
#include "evenkeel/formats.h"
#include "evenkeel/session.h"

#include "files.h"
#include "formats/graph_def.h"

#include <string.h>

static counting memory;
static const ek_allocator allocator = {counting_alloc, counting_free, &memory};

static ek_graph *new_graph(void) {
  ek_graph_opts o = EK_GRAPH_OPTS_INIT;
  o.allocator = &allocator;
  return ek_graph_new(&o);
}

static int reset_memory(void **state) {
  (void)state;
  memory = (counting){0};
  return 0;
}

static int no_leak(void **state) {
  (void)state;
  return memory.live == 0 ? 0 : -1;
}

static const char *golden_path(const char *name) {
  static char path[512];
  (void)snprintf(path, sizeof path, "%s/tests/golden/formats/%s", EK_SOURCE_DIR, name);
  return path;
}

static char *read_file(const char *path) {
  FILE *f = fopen(path, "rb");
  assert_non_null(f);
  char *bytes = calloc(1, 1 << 20);
  assert_non_null(bytes);
  assert_true(fread(bytes, 1, (1 << 20) - 1, f) > 0);
  (void)fclose(f);
  return bytes;
}

/* A file of our own in the build tree. */
static const char *text_file(const char *text) {
  static const char path[] = EK_TEST_TMP "/graph_def_in.pbtxt";
  FILE *f = fopen(path, "wb");
  assert_non_null(f);
  assert_int_equal(fwrite(text, 1, strlen(text), f), strlen(text));
  assert_int_equal(fclose(f), 0);
  return path;
}

static void import_text(ek_graph *g, const char *text) {
  ek_status st = EK_STATUS_INIT;
  if (ek_import_graph_def(g, text_file(text), NULL, &st) != EK_OK) fail_msg("%s", st.msg);
}

static void expect_export(const ek_graph *g, const char *want, bool add_shapes) {
  static const char path[] = EK_TEST_TMP "/graph_def_out.pbtxt";
  ek_export_graph_def_opts o = EK_EXPORT_GRAPH_DEF_OPTS_INIT;
  ek_status st = EK_STATUS_INIT;
  o.add_shapes = add_shapes;
  if (ek_export_graph_def(g, path, &o, &st) != EK_OK) fail_msg("%s", st.msg);
  char *got = read_file(path);
  assert_string_equal(got, want);
  free(got);
}

static void expect_error(ek_code code, const char *text, const char *part) {
  ek_graph *g = new_graph();
  ek_status st = EK_STATUS_INIT;
  const ek_code got = ek_import_graph_def(g, text_file(text), NULL, &st);
  if (got != code || strstr(st.msg, part) == NULL) fail_msg("%s: %s", ek_code_name(got), st.msg);
  ek_graph_free(g);
}

static void goldens_come_back_letter_by_letter(void **state) {
  (void)state;
  static const char *const names[] = {"batch_norm.pb", "batch_norm.pbtxt"};
  char *want = read_file(golden_path("batch_norm.pbtxt"));
  for (int i = 0; i < 2; i++) {
    ek_graph *g = new_graph();
    ek_status st = EK_STATUS_INIT;
    if (ek_import_graph_def(g, golden_path(names[i]), NULL, &st) != EK_OK) fail_msg("%s", st.msg);
    assert_string_equal(ek_op_type(g, ek_graph_find_op(g, "x")), "Placeholder");
    assert_true(ek_shape_equal(ek_out_shape(g, ek_graph_find_out(g, "x:0")), ek_shape(-1, 4)));
    expect_export(g, want, true);
    ek_graph_free(g);
  }
  free(want);
}

#define VERSIONS    "versions {\n  producer: 134\n}\n"
#define VALUE(text) "  attr {\n    key: \"k\"\n    value {\n" text "    }\n  }\n"
#define KNOWN(text) "node {\n  name: \"a\"\n  op: \"NotKnown\"\n" text "}\n" VERSIONS

static void values_of_every_kind_are_kept(void **state) {
  (void)state;
  static const char *const texts[] = {
      KNOWN(VALUE("      i: -5\n")),
      KNOWN(VALUE("      b: false\n")),
      KNOWN(VALUE("      f: 0.25\n")),
      KNOWN(VALUE("      s: \"a\\000\\377\"\n")),
      KNOWN(VALUE("      type: DT_FLOAT_REF\n")),
      KNOWN(VALUE("      shape {\n        unknown_rank: true\n      }\n")),
      KNOWN(VALUE("      placeholder: \"T\"\n")),
      KNOWN(VALUE("")),
      KNOWN(VALUE("      list {\n      }\n")),
      KNOWN(VALUE("      list {\n        i: 1\n        i: -2\n      }\n")),
      KNOWN(VALUE("      list {\n        f: 1.5\n      }\n")),
      KNOWN(VALUE("      list {\n        b: true\n        b: false\n      }\n")),
      KNOWN(VALUE("      list {\n        s: \"\"\n        s: \"x\"\n      }\n")),
      KNOWN(VALUE("      list {\n        type: DT_INT32\n      }\n")),
      KNOWN(VALUE("      list {\n        shape {\n        }\n        shape {\n          dim {\n            size: 3\n"
                  "          }\n        }\n      }\n")),
      KNOWN(VALUE("      func {\n        name: \"f\"\n        attr {\n          key: \"T\"\n          value {\n"
                  "            type: DT_HALF\n          }\n        }\n      }\n")),
      KNOWN(VALUE("      list {\n        func {\n          name: \"f\"\n        }\n      }\n")),
      KNOWN(VALUE(
          "      tensor {\n        dtype: DT_STRING\n        tensor_shape {\n          dim {\n            size: 2\n"
          "          }\n        }\n        string_val: \"a\"\n        string_val: \"\"\n      }\n")),
      KNOWN(VALUE("      list {\n        tensor {\n          dtype: DT_INT8\n          tensor_shape {\n          }\n"
                  "          int_val: -3\n        }\n      }\n")),
      KNOWN("  input: \"b:2\"\n  input: \"b\"\n  input: \"^b\"\n  input: \"^c\"\n  device: \"/CPU:0\"\n")};
  for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
    ek_graph *g = new_graph();
    char text[2000];
    (void)snprintf(text, sizeof text, "%s%s",
                   strstr(texts[i], "\"b\"") != NULL
                       ? "node {\n  name: \"b\"\n  op: \"Two\"\n}\nnode {\n  name: \"c\"\n  op: \"Two\"\n}\n"
                       : "",
                   texts[i]);
    import_text(g, text);
    expect_export(g, text, false);
    ek_graph_free(g);
  }
}

static void nodes_in_any_order(void **state) {
  (void)state;
  ek_graph *g = new_graph();
  import_text(g, "node { name: 'a' op: 'P' input: 'b:1' input: '^c' } node { name: 'b' op: 'P' input: 'c' }"
                 "node { name: 'c' op: 'P' } versions { producer: 27 }");
  assert_int_equal(ek_graph_num_ops(g), 3);
  assert_string_equal(ek_op_name(g, ek_graph_op(g, 0)), "c");
  const ek_op a = ek_graph_find_op(g, "a");
  assert_string_equal(ek_op_name(g, ek_out_op(ek_op_input(g, a, 0))), "b");
  assert_int_equal(ek_op_input(g, a, 0).index, 1);
  assert_string_equal(ek_op_name(g, ek_op_control_input(g, a, 0)), "c");
  ek_graph_free(g);
}

static void loops_are_no_cycles(void **state) {
  (void)state;
#define TYPE "  attr {\n    key: \"T\"\n    value {\n      type: DT_FLOAT\n    }\n  }\n"
  static const char loop[] = "node {\n  name: \"x\"\n  op: \"P\"\n}\n"
                             "node {\n  name: \"e\"\n  op: \"Enter\"\n  input: \"x\"\n" TYPE
                             "  attr {\n    key: \"frame_name\"\n    value {\n      s: \"f\"\n    }\n  }\n"
                             "  attr {\n    key: \"is_constant\"\n    value {\n      b: false\n    }\n  }\n"
                             "  attr {\n    key: \"parallel_iterations\"\n    value {\n      i: 10\n    }\n  }\n}\n"
                             "node {\n  name: \"m\"\n  op: \"Merge\"\n  input: \"e\"\n  input: \"n\"\n"
                             "  attr {\n    key: \"N\"\n    value {\n      i: 2\n    }\n  }\n" TYPE "}\n"
                             "node {\n  name: \"n\"\n  op: \"NextIteration\"\n  input: \"m\"\n" TYPE "}\n" VERSIONS;
#undef TYPE
  ek_graph *g = new_graph();
  import_text(g, loop);
  expect_export(g, loop, false);
  ek_graph_free(g);
}

static void prefix_and_input_map(void **state) {
  (void)state;
  static const char text[] = "node { name: 'x' op: 'P' } node { name: 'y' op: 'Q' input: 'x:0' input: 'x:1' input: '^x'"
                             "  attr { key: '_class' value { list { s: 'loc:@x' } } } }";
  static const char *const from[] = {"x:1"};
  ek_graph *g = new_graph();
  import_text(g, "node { name: 'mine' op: 'P' } node { name: 'use' op: 'P' input: 'mine:3' }");
  const ek_out to = ek_graph_find_out(g, "mine:3");
  ek_import_graph_def_opts o = EK_IMPORT_GRAPH_DEF_OPTS_INIT;
  o.prefix = "part";
  o.map_from = from;
  o.map_to = &to;
  o.n_map = 1;
  ek_status st = EK_STATUS_INIT;
  for (int i = 0; i < 2; i++) { /* the second time the scope is part_1 */
    if (ek_import_graph_def(g, text_file(text), &o, &st) != EK_OK) fail_msg("%s", st.msg);
    const ek_op y = ek_graph_find_op(g, i == 0 ? "part/y" : "part_1/y");
    assert_true(y.id != 0);
    assert_string_equal(ek_op_name(g, ek_out_op(ek_op_input(g, y, 0))), i == 0 ? "part/x" : "part_1/x");
    assert_int_equal(ek_op_input(g, y, 1).op, to.op);
    assert_int_equal(ek_op_input(g, y, 1).index, 3);
    assert_string_equal(ek_op_attr(g, y, "_class")->v.strings[0].data, i == 0 ? "loc:@part/x" : "loc:@part_1/x");
  }
  assert_string_equal(ek_unique_name(g, "PART/x", false), "PART/x_1"); /* the names are in use */
  static const char *const nowhere[] = {"x:5"};
  o.map_from = nowhere;
  assert_int_equal(ek_import_graph_def(g, text_file(text), &o, &st), EK_INVALID_ARGUMENT);
  assert_non_null(strstr(st.msg, "no node reads 'x:5'"));
  assert_int_equal(ek_graph_status(g, NULL), EK_OK); /* nothing was added */
  ek_graph_free(g);
}

static void more_nodes_than_a_graph_holds(void **state) {
  (void)state;
  static const ek_import_graph_def_opts opts = EK_IMPORT_GRAPH_DEF_OPTS_INIT;
  Ek__GraphDef def = EK__GRAPH_DEF__INIT; /* said to have them: none is looked at */
  def.n_node = (size_t)1 << 24;
  ek_graph *g = new_graph();
  ek_status st = EK_STATUS_INIT;
  assert_int_equal(ek__graph_def_import(g, &def, 0, "many.pb", &opts, NULL, &st), EK_RESOURCE_EXHAUSTED);
  assert_string_equal(st.msg, "many.pb: 16777216 nodes; a graph holds less than 2^24");
  ek_graph_free(g);
}

static void wrong_graphs_are_refused(void **state) {
  (void)state;
  expect_error(EK_INVALID_ARGUMENT, "node { name: 'a' op: 'P' } node { name: 'a' op: 'P' }", "'a' comes twice");
  expect_error(EK_INVALID_ARGUMENT, "node { name: '_a' op: 'P' }", "'_a' is not a valid node name");
  expect_error(EK_INVALID_ARGUMENT, "node { name: 'a\\nb' op: 'P' }", "is not a valid node name");
  expect_error(EK_INVALID_ARGUMENT, "node { name: 'a' }", "'a' has no op type");
  expect_error(EK_INVALID_ARGUMENT, "node { name: 'a' op: 'P' input: 'b' }", "there is no node for its input 'b'");
  expect_error(EK_INVALID_ARGUMENT, "node { name: 'a' op: 'P' input: 'a:x' }", "there is no node for its input 'a:x'");
  expect_error(EK_INVALID_ARGUMENT, "node { name: 'a' op: 'P' input: '^b' }", "there is no node for its input '^b'");
  expect_error(EK_INVALID_ARGUMENT, "node { name: 'a' op: 'P' input: 'a' }", "is in a cycle");
  expect_error(EK_INVALID_ARGUMENT,
               "node { name: 'a' op: 'P' input: '^c' } node { name: 'b' op: 'P' input: 'a' }"
               "node { name: 'c' op: 'P' input: 'b:1' }",
               "is in a cycle");
  expect_error(EK_INVALID_ARGUMENT, "node { name: 'b' op: 'P' } node { name: 'a' op: 'P' input: '^b' input: 'b' }",
               "comes after a control input");
  expect_error(EK_INVALID_ARGUMENT, "versions { producer: 5000 min_consumer: 5000 }",
               "asks for a reader of version 5000");
  expect_error(EK_INVALID_ARGUMENT, "node { name: 'a' op: 'P' attr { key: 'k' } attr { key: 'k' } }",
               "'k' comes twice");
  expect_error(
      EK_INVALID_ARGUMENT,
      "node { name: 'a' op: 'P' attr { key: 'k' value { tensor { dtype: DT_FLOAT tensor_shape { dim { size: 2 } }"
      "tensor_content: 'abc' } } } }",
      "attribute k: a float32 tensor with 3 bytes");
  expect_error(EK_RESOURCE_EXHAUSTED,
               "node { name: 'a' op: 'P' attr { key: 'k' value { tensor { dtype: DT_FLOAT tensor_shape { dim { size:"
               "1000000000 } } } } } }",
               "in a file too small");
  /* ops that are known have rules */
  expect_error(EK_INVALID_ARGUMENT, "node { name: 'a' op: 'Identity' attr { key: 'T' value { type: DT_FLOAT } } }",
               "too few for 'input'");
  expect_error(EK_INVALID_ARGUMENT, "node { name: 'a' op: 'NoOp' } node { name: 'b' op: 'NoOp' input: 'a' }",
               "reads output 0 of NoOp 'a', which has 0");
  expect_error(EK_INVALID_ARGUMENT, "node { name: 'a' op: 'Const' attr { key: 'dtype' value { type: DT_FLOAT } } }",
               "needs the attribute value");
  expect_error(EK_INVALID_ARGUMENT,
               "node { name: 'a' op: 'Const' attr { key: 'dtype' value { type: DT_FLOAT } }"
               " attr { key: 'value' value { tensor { dtype: DT_INT32 tensor_shape { } int_val: 1 } } } }",
               "value is int32, but dtype says float32");
  expect_error(EK_INVALID_ARGUMENT,
               "node { name: 'p' op: 'Placeholder' attr { key: 'dtype' value { type: DT_FLOAT } } }"
               "node { name: 'a' op: 'Identity' input: 'p' attr { key: 'T' value { type: DT_INT32 } } }",
               "is float32, it must be int32");
  expect_error(EK_INVALID_ARGUMENT, "node { name: 'p' op: 'Placeholder' attr { key: 'dtype' value { i: 1 } } }",
               "dtype");
  expect_error(EK_INVALID_ARGUMENT,
               "node { name: 'p' op: 'Placeholder' attr { key: 'dtype' value { type: DT_FLOAT } } attr { key: 'shape'"
               " value { shape { dim { size: 3 } } } } attr { key: '_output_shapes' value { list { shape { } } } } }",
               "shape");
}

/* TensorFlow's shape of what FusedBatchNormGradV3 puts out beside the gradients, training or not. */
static void reserved_outputs_of_a_frozen_gradient_are_empty(void **state) {
  (void)state;
  ek_graph *g = new_graph();
  import_text(g, "node { name: 'p' op: 'Placeholder' attr { key: 'dtype' value { type: DT_FLOAT } } }"
                 "node { name: 'v' op: 'Placeholder' attr { key: 'dtype' value { type: DT_FLOAT } } attr { key: 'shape'"
                 " value { shape { dim { size: 5 } } } } }"
                 "node { name: 'g' op: 'FusedBatchNormGradV3' input: ['p', 'p', 'v', 'v', 'v', 'v']"
                 " attr { key: 'T' value { type: DT_FLOAT } } attr { key: 'U' value { type: DT_FLOAT } }"
                 " attr { key: 'is_training' value { b: false } } attr { key: '_output_shapes' value { list {"
                 " shape { unknown_rank: true } shape { dim { size: 5 } } shape { dim { size: 5 } } shape { dim { } }"
                 " shape { dim { } } } } } }");
  assert_true(ek_shape_equal(ek_out_shape(g, ek_graph_find_out(g, "g:1")), ek_shape(5)));
  assert_true(ek_shape_equal(ek_out_shape(g, ek_graph_find_out(g, "g:4")), ek_shape(0)));
  ek_graph_free(g);
}

static void a_missing_file_names_itself(void **state) {
  (void)state;
  ek_graph *g = new_graph();
  ek_status st = EK_STATUS_INIT;
  assert_int_equal(ek_import_graph_def(g, EK_TEST_TMP "/no/such.pb", NULL, &st), EK_NOT_FOUND);
  assert_non_null(strstr(st.msg, "no/such.pb"));
  assert_int_equal(ek_export_graph_def(g, EK_TEST_TMP "/no/such.pb", NULL, &st), EK_NOT_FOUND);
  ek_graph_free(g);
}

static void every_failing_allocation(void **state) {
  (void)state;
  char path[512];
  (void)snprintf(path, sizeof path, "%s", golden_path("batch_norm.pb"));
  ek_code code = EK_UNKNOWN;
  for (int n = 1; code != EK_OK; n += n < 40 ? 1 : 7) {
    ek_status st = EK_STATUS_INIT;
    memory = (counting){0};
    memory.fail_at = n;
    ek_graph *g = new_graph();
    if (g == NULL) continue;
    code = ek_import_graph_def(g, path, NULL, &st);
    if (code == EK_OK) code = ek_export_graph_def(g, EK_TEST_TMP "/graph_def_oom.pb", NULL, &st);
    if (code != EK_OK && code != EK_RESOURCE_EXHAUSTED) fail_msg("%d: %s", n, st.msg);
    ek_graph_free(g);
    assert_int_equal(memory.live, 0);
  }
}

/* What TensorFlow's convert_variables_to_constants makes of a variable that a branch changes; TensorFlow refuses it. */
static void a_frozen_reference(void **state) {
  (void)state;
  static const char text[] =
      "node { name: 'w' op: 'Const' attr { key: 'dtype' value { type: DT_FLOAT } } attr { key: 'value' value {"
      "  tensor { dtype: DT_FLOAT tensor_shape { } float_val: 2 } } } }"
      "node { name: 'p' op: 'Placeholder' attr { key: 'dtype' value { type: DT_BOOL } } }"
      "node { name: 's' op: 'RefSwitch' input: 'w' input: 'p' attr { key: 'T' value { type: DT_FLOAT } } }"
      "node { name: 'a' op: 'AssignAdd' input: 's:1' input: 'w' attr { key: 'T' value { type: DT_FLOAT } } }"
      "node { name: 'm' op: 'RefMerge' input: 's' input: 'a' attr { key: 'T' value { type: DT_FLOAT } }"
      "  attr { key: 'N' value { i: 2 } } }";
  ek_status st = EK_STATUS_INIT;
  ek_graph *g = new_graph();
  import_text(g, text);
  assert_string_equal(ek_op_type(g, ek_graph_find_op(g, "s")), "Switch");
  assert_string_equal(ek_op_type(g, ek_graph_find_op(g, "m")), "Merge");
  ek_session *s = ek_session_new(g, NULL, &st);
  ek_tensor *no = ek_tensor_bool(false, NULL), *yes = ek_tensor_bool(true, NULL), *out = NULL;
  if (ek_session_run(s, &EK_FEED_NAME("p", no), 1, &EK_FETCH_NAME("m"), 1, &out, NULL, 0, NULL, &st) != EK_OK)
    fail_msg("%s", st.msg);
  assert_true(ek_tensor_number(out, 0) == 2.0);
  ek_tensor_free(out), out = NULL;
  assert_int_equal(ek_session_run(s, &EK_FEED_NAME("p", yes), 1, &EK_FETCH_NAME("m"), 1, &out, NULL, 0, NULL, &st),
                   EK_UNIMPLEMENTED);
  assert_non_null(strstr(st.msg, "AssignAdd 'a': input 0 'ref' must be a reference variable"));
  ek_tensor_free(no), ek_tensor_free(yes);
  ek_session_free(s);
  ek_graph_free(g);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(goldens_come_back_letter_by_letter, reset_memory, no_leak),
      cmocka_unit_test_setup_teardown(values_of_every_kind_are_kept, reset_memory, no_leak),
      cmocka_unit_test_setup_teardown(nodes_in_any_order, reset_memory, no_leak),
      cmocka_unit_test_setup_teardown(loops_are_no_cycles, reset_memory, no_leak),
      cmocka_unit_test_setup_teardown(prefix_and_input_map, reset_memory, no_leak),
      cmocka_unit_test_setup_teardown(more_nodes_than_a_graph_holds, reset_memory, no_leak),
      cmocka_unit_test_setup_teardown(wrong_graphs_are_refused, reset_memory, no_leak),
      cmocka_unit_test_setup_teardown(reserved_outputs_of_a_frozen_gradient_are_empty, reset_memory, no_leak),
      cmocka_unit_test_setup_teardown(a_frozen_reference, reset_memory, no_leak),
      cmocka_unit_test_setup_teardown(a_missing_file_names_itself, reset_memory, no_leak),
      cmocka_unit_test_setup_teardown(every_failing_allocation, reset_memory, no_leak),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
