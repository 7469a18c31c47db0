/* SPDX-License-Identifier: Apache-2.0 */
#include "formats/text.h"

#include "checkpoint_state.pb-c.h"
#include "files.h"
#include "meta_graph.pb-c.h"

#include <float.h>
#include <math.h>
#include <string.h>

static counting memory;
static const ek_allocator allocator = {counting_alloc, counting_free, &memory};

static int reset_memory(void **state) {
  (void)state;
  memory = (counting){0};
  return 0;
}

static int no_leak(void **state) {
  (void)state;
  return memory.live == 0 ? 0 : -1;
}

static ProtobufCMessage *read_text(const ProtobufCMessageDescriptor *d, const char *text) {
  ek_status st = EK_STATUS_INIT;
  ProtobufCMessage *m = NULL;
  if (ek__text_read(d, text, strlen(text), "x", &allocator, &m, &st) != EK_OK) fail_msg("%s", st.msg);
  return m;
}

/* text, read and written again, is want. */
static void expect_text(const ProtobufCMessageDescriptor *d, const char *text, const char *want) {
  ProtobufCMessage *m = read_text(d, text);
  char *again = NULL;
  size_t size = 0;
  assert_int_equal(ek__text_write(m, &allocator, &again, &size, NULL), EK_OK);
  assert_int_equal(strlen(again), size);
  assert_string_equal(again, want);
  ek__free(&allocator, again, size + 1);
  ek__proto_free(&allocator, m);
}

static ek_code try_read(const ProtobufCMessageDescriptor *d, const char *text, size_t size, ek_status *st) {
  ProtobufCMessage *m = NULL;
  *st = (ek_status)EK_STATUS_INIT;
  const ek_code code = ek__text_read(d, text, size, "some.pbtxt", &allocator, &m, st);
  assert_int_equal(code, st->code);
  assert_true((code == EK_OK) == (m != NULL));
  ek__proto_free(&allocator, m);
  assert_int_equal(memory.live, 0);
  return code;
}

static void expect_error(const ProtobufCMessageDescriptor *d, const char *text, const char *message) {
  ek_status st;
  assert_int_equal(try_read(d, text, strlen(text), &st), EK_INVALID_ARGUMENT);
  assert_string_equal(st.msg, message);
}

static int by_key(const void *a, const void *b) {
  return strcmp((*(Ek__AttrEntry *const *)a)->key, (*(Ek__AttrEntry *const *)b)->key);
}

/* TensorFlow's binary and text file of the same graph become each other. Maps have no order in the binary form. */
static void check_pair(const char *binary, const char *text) {
  size_t binary_size = 0, text_size = 0, size = 0, sizes[2] = {0};
  char *want_binary = read_golden(binary, &binary_size), *want_text = read_golden(text, &text_size), *written = NULL;
  ProtobufCMessage *m[2] = {0};
  uint8_t *packed[2] = {0};
  ek_status st = EK_STATUS_INIT;
  const ProtobufCMessageDescriptor *d = &ek__graph_def__descriptor;
  assert_int_equal(ek__proto_unpack(d, want_binary, binary_size, binary, &allocator, &m[0], &st), EK_OK);
  const Ek__GraphDef *graph = (const Ek__GraphDef *)m[0];
  for (size_t i = 0; i < graph->n_node; i++) {
    if (graph->node[i]->n_attr > 0)
      qsort(graph->node[i]->attr, graph->node[i]->n_attr, sizeof *graph->node[i]->attr, by_key);
  }
  assert_int_equal(ek__text_write(m[0], &allocator, &written, &size, &st), EK_OK);
  assert_string_equal(written, want_text);
  assert_int_equal(size, text_size);
  m[1] = read_text(d, want_text);
  for (int i = 0; i < 2; i++) {
    assert_int_equal(ek__proto_pack(m[i], text, &allocator, &packed[i], &sizes[i], &st), EK_OK);
  }
  assert_int_equal(sizes[0], binary_size);
  assert_int_equal(sizes[1], binary_size);
  assert_memory_equal(packed[0], packed[1], binary_size);
  for (int i = 0; i < 2; i++) {
    ek__free(&allocator, packed[i], sizes[i]);
    ek__proto_free(&allocator, m[i]);
  }
  ek__free(&allocator, written, size + 1);
  free(want_binary);
  free(want_text);
}

static void goldens_become_each_other(void **state) {
  (void)state;
  check_pair("batch_norm.pb", "batch_norm.pbtxt");
  check_pair("every_value.pb", "every_value.pbtxt");
  size_t size = 0;
  char *checkpoint = read_golden("checkpoint", &size);
  expect_text(&ek__checkpoint_state__descriptor, checkpoint, checkpoint);
  free(checkpoint);
}

static void every_form_of_a_field(void **state) {
  (void)state;
  const ProtobufCMessageDescriptor *attr = &ek__attr_value__descriptor, *node = &ek__node_def__descriptor;
  expect_text(node, "", "");
  expect_text(node, "# only a comment", "");
  expect_text(node, "name:'a'op:\"B\"", "name: \"a\"\nop: \"B\"\n");
  expect_text(node, " name : \"a\" , op : 'b' ; # c\n device: 'd'", "name: \"a\"\nop: \"b\"\ndevice: \"d\"\n");
  expect_text(node, "input: ['a', \"b\" 'c'] input: 'd' input: []", "input: \"a\"\ninput: \"bc\"\ninput: \"d\"\n");
  expect_text(node, "attr < key: 'k' value: { i: 1 } >", "attr {\n  key: \"k\"\n  value {\n    i: 1\n  }\n}\n");
  expect_text(node, "attr [{key:'a'}, <key:'b'>]", "attr {\n  key: \"a\"\n}\nattr {\n  key: \"b\"\n}\n");
  expect_text(attr, "list { i: [1, - 2, 0x1F, 017, -0] }", "list {\n  i: 1\n  i: -2\n  i: 31\n  i: 15\n  i: 0\n}\n");
  expect_text(attr, "i: -9223372036854775808", "i: -9223372036854775808\n");
  expect_text(attr, "type: DT_HALF", "type: DT_HALF\n");
  expect_text(attr, "type: 19", "type: DT_HALF\n");
  expect_text(attr, "type: -7", "type: -7\n");
  expect_text(
      attr, "list { b: [true, false, True, False, t, f, 1, 0] }",
      "list {\n  b: true\n  b: false\n  b: true\n  b: false\n  b: true\n  b: false\n  b: true\n  b: false\n}\n");
  expect_text(attr, "list { f: [1, 1.5f, .5, 2., 1e3, -inf, INFINITY, nan, -nan, 3F, 0x10, 1e999, 1e-999, -0] }",
              "list {\n  f: 1.0\n  f: 1.5\n  f: 0.5\n  f: 2.0\n  f: 1000.0\n  f: -inf\n  f: inf\n  f: nan\n  f: nan\n"
              "  f: 3.0\n  f: 16.0\n  f: inf\n  f: 0.0\n  f: -0.0\n}\n");
  expect_text(
      attr, "s: '\\n\\r\\t\\v\\f\\a\\b\\\\\\'\\\"\\?\\0\\101\\x41\\x4g\\u00e9\\U0001F600\\ud83d\\ude00\"'",
      "s: \"\\n\\r\\t\\013\\014\\007\\010\\\\\\'\\\"?\\000AA\\004g\\303\\251\\360\\237\\230\\200\\360\\237\\230\\200"
      "\\\"\"\n");
}

static void extensions_are_skipped(void **state) {
  (void)state;
  expect_text(&ek__node_def__descriptor,
              "[a.b]: 5 [c]: -inf; [d]: 'x' \"y\" [e.f/g.h] { i: '}' j < [k]: [1, 2] > } [l]: [{}, {}] name: 'n'",
              "name: \"n\"\n");
  expect_error(&ek__node_def__descriptor, "[a.b", "some.pbtxt:1:5: a bracket is not closed, found the end");
  expect_error(&ek__node_def__descriptor, "[a] { >", "some.pbtxt:1:7: brackets do not match, found '>'");
  expect_error(&ek__node_def__descriptor, "[a] name", "some.pbtxt:1:5: expected a value, found 'name'");
}

static void errors_say_where(void **state) {
  (void)state;
  const ProtobufCMessageDescriptor *attr = &ek__attr_value__descriptor, *node = &ek__node_def__descriptor,
                                   *versions = &ek__version_def__descriptor;
  expect_error(node, "name: 'a'\n  nome: 'b'", "some.pbtxt:2:3: NodeDef has no such field, found 'nome'");
  expect_error(node, "name 'a'", "some.pbtxt:1:6: field 'name' takes a colon and a value, found ''a''");
  expect_error(node, "name: a", "some.pbtxt:1:7: field 'name' takes a string in quotes, found 'a'");
  expect_error(node, "name: 'a", "some.pbtxt:1:7: expected a string that ends on its line, found ''a'");
  expect_error(node, "name: 'a\n'", "some.pbtxt:1:7: expected a string that ends on its line, found ''a'");
  expect_error(node, "name: 'a\\0b'", "some.pbtxt:1:7: field 'name' takes a string without NUL, found ''a\\0b''");
  expect_error(node, "name: 'a\\q'", "some.pbtxt:1:7: expected a string whose escapes are known, found ''a\\q''");
  expect_error(node, "name: '\\400'", "some.pbtxt:1:7: expected a string whose escapes are known, found ''\\400''");
  expect_error(node, "name: '\\ud800'", "some.pbtxt:1:7: expected a string whose escapes are known, found ''\\ud800''");
  expect_error(node, "name: 'a' name: 'b'", "some.pbtxt:1:11: NodeDef: a second value, found 'name'");
  expect_error(node, "input: ['a' 'b'",
               "some.pbtxt:1:16: field 'input' takes a list: ',' or ']' must follow, found the end");
  expect_error(node, "attr { key: 'k'", "some.pbtxt:1:16: expected the name of a field, found the end");
  expect_error(node, "attr { key: 'k' >", "some.pbtxt:1:17: expected the name of a field, found '>'");
  expect_error(node, "attr: 5", "some.pbtxt:1:7: field 'attr' takes a message in braces, found '5'");
  expect_error(node, "}", "some.pbtxt:1:1: expected the name of a field, found '}'");
  expect_error(node, "name: ['a']", "some.pbtxt:1:7: field 'name' takes a string in quotes, found '['");
  expect_error(attr, "i: 1 b: true", "some.pbtxt:1:6: AttrValue: a second value, found 'b'");
  expect_error(attr, "i: 9223372036854775808",
               "some.pbtxt:1:4: field 'i' takes an integer, found '9223372036854775808'");
  expect_error(attr, "i: 1.5", "some.pbtxt:1:4: field 'i' takes an integer, found '1.5'");
  expect_error(attr, "i: 09", "some.pbtxt:1:4: field 'i' takes an integer, found '09'");
  expect_error(attr, "f: 1.5.2", "some.pbtxt:1:4: field 'f' takes a number, found '1.5.2'");
  expect_error(attr, "f: x", "some.pbtxt:1:4: field 'f' takes a number, found 'x'");
  expect_error(attr, "b: 2", "some.pbtxt:1:4: field 'b' takes true or false, found '2'");
  expect_error(attr, "type: DT_NONE", "some.pbtxt:1:7: field 'type' takes a value of DataType, found 'DT_NONE'");
  expect_error(versions, "producer: 2147483648",
               "some.pbtxt:1:11: field 'producer' takes an integer, found '2147483648'");
  expect_error(&ek__resource_handle_proto__descriptor, "hash_code: -1",
               "some.pbtxt:1:13: field 'hash_code' takes an unsigned integer, found '1'");
}

static void nesting_is_limited(void **state) {
  (void)state;
  enum { DEPTH = 10000 };
  static char text[DEPTH * 6 + 1];
  ek_status st;
  size_t n = 0;
  for (int i = 1; i < EK__PROTO_MAX_DEPTH; i++, n += 5) memcpy(text + n, "args{", 5);
  memset(text + n, '}', EK__PROTO_MAX_DEPTH - 1);
  assert_int_equal(try_read(&ek__full_type_def__descriptor, text, n + EK__PROTO_MAX_DEPTH - 1, &st), EK_OK);
  n = 0;
  for (int i = 0; i < DEPTH; i++, n += 5) memcpy(text + n, "args{", 5);
  assert_int_equal(try_read(&ek__full_type_def__descriptor, text, n, &st), EK_INVALID_ARGUMENT);
  assert_non_null(strstr(st.msg, "nested more than 100 deep"));
  memset(text, '{', DEPTH);
  memcpy(text, "[x]", 3);
  assert_int_equal(try_read(&ek__full_type_def__descriptor, text, DEPTH, &st), EK_INVALID_ARGUMENT);
  assert_non_null(strstr(st.msg, "nested more than 100 deep"));
}

static void the_budget_refuses_bombs(void **state) {
  (void)state;
  enum { SIZE = 6 << 20 };
  char *text = malloc(SIZE);
  assert_non_null(text);
  for (size_t i = 0; i < SIZE; i += 6) memcpy(text + i, "node{}", 6); /* a million empty nodes */
  ek_status st;
  assert_int_equal(try_read(&ek__graph_def__descriptor, text, SIZE, &st), EK_RESOURCE_EXHAUSTED);
  assert_non_null(strstr(st.msg, "messages take more than"));
  assert_true(memory.peak <= (64u << 20) + 8u * SIZE);
  free(text);
}

static void every_truncation_and_bit_flip(void **state) {
  (void)state;
  size_t size = 0, survived = 0;
  char *text = read_golden("every_value.pbtxt", &size);
  ek_status st;
  for (size_t n = 0; n < size; n += 3) {
    char *cut = malloc(n == 0 ? 1 : n);
    assert_non_null(cut);
    memcpy(cut, text, n);
    (void)try_read(&ek__graph_def__descriptor, cut, n, &st);
    free(cut);
  }
  for (size_t bit = 0; bit < 2500 * 8; bit++) { /* the part with the strings and numbers */
    text[bit / 8] = (char)(text[bit / 8] ^ (1 << bit % 8));
    survived += try_read(&ek__graph_def__descriptor, text, 2600, &st) == EK_OK;
    text[bit / 8] = (char)(text[bit / 8] ^ (1 << bit % 8));
  }
  assert_int_equal(survived, 0); /* cut in the middle */
  free(text);
}

static void every_failing_allocation(void **state) {
  (void)state;
  size_t size = 0;
  char *text = read_golden("every_value.pbtxt", &size);
  ek_status st;
  int n = 0;
  ek_code code = EK_UNKNOWN;
  while (code != EK_OK) {
    memory = (counting){.fail_at = ++n};
    code = try_read(&ek__graph_def__descriptor, text, size, &st);
    assert_true(code == EK_OK || code == EK_RESOURCE_EXHAUSTED);
  }
  memory = (counting){0};
  ProtobufCMessage *m = read_text(&ek__graph_def__descriptor, text);
  const size_t before = memory.live;
  char *again = NULL;
  for (n = 1, code = EK_UNKNOWN; code != EK_OK; n++) {
    memory.calls = 0;
    memory.fail_at = n;
    code = ek__text_write(m, &allocator, &again, &size, NULL);
    assert_true(code == EK_OK || (code == EK_RESOURCE_EXHAUSTED && again == NULL && memory.live == before));
  }
  ek__free(&allocator, again, size + 1);
  ek__proto_free(&allocator, m);
  free(text);
}

static void numbers_are_shortest_and_read_back(void **state) {
  (void)state;
  char buf[EK__NUMBER_TEXT];
  static const struct {
    double value;
    const char *text;
  } doubles[] = {{0.1, "0.1"},
                 {1.0 / 3, "0.3333333333333333"},
                 {1e16, "1e+16"},
                 {1e15, "1000000000000000.0"},
                 {123456789012345678.0, "1.2345678901234568e+17"},
                 {5e-324, "5e-324"},
                 {DBL_MAX, "1.7976931348623157e+308"},
                 {-0.0, "-0.0"},
                 {0.0001, "0.0001"},
                 {-0.00012345, "-0.00012345"},
                 {1e-5, "1e-05"},
                 {100, "100.0"},
                 {-1e-7, "-1e-07"}};
  for (size_t i = 0; i < sizeof doubles / sizeof doubles[0]; i++) {
    assert_string_equal(ek__text_double(doubles[i].value, buf), doubles[i].text);
  }
  uint32_t bits = 1;
  for (int i = 0; i < 20000; i++) {
    bits = bits * 1664525u + 1013904223u;
    float f = 0;
    memcpy(&f, &bits, 4);
    if (!isfinite(f)) continue;
    double back = 0;
    const char *text = ek__text_float(fabsf(f), buf);
    assert_true(ek__text_to_double(text, strlen(text), &back));
    assert_true(ek__text_to_float(back) == fabsf(f));
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup_teardown(goldens_become_each_other, reset_memory, no_leak),
      cmocka_unit_test_setup_teardown(every_form_of_a_field, reset_memory, no_leak),
      cmocka_unit_test_setup_teardown(extensions_are_skipped, reset_memory, no_leak),
      cmocka_unit_test_setup_teardown(errors_say_where, reset_memory, no_leak),
      cmocka_unit_test_setup_teardown(nesting_is_limited, reset_memory, no_leak),
      cmocka_unit_test_setup_teardown(the_budget_refuses_bombs, reset_memory, no_leak),
      cmocka_unit_test_setup_teardown(every_truncation_and_bit_flip, reset_memory, no_leak),
      cmocka_unit_test_setup_teardown(every_failing_allocation, reset_memory, no_leak),
      cmocka_unit_test(numbers_are_shortest_and_read_back),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
