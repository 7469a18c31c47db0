/* SPDX-License-Identifier: Apache-2.0 */
/* Saving and restoring, and what savers do with names. */
#include "evenkeel/io.h"
#include "ops/harness.h"

#include <stdio.h>

#define PREFIX EK_TEST_TMP "/ops_checkpoint"

static ek_tensor *words(int n, const char *const *v) {
  return ek_tensor_from_strings(n == 0 ? ek_shape_scalar() : ek_shape(n), v, NULL, NULL);
}
#define WORD(s) words(0, (const char *const[]){s})
#define WORDS(...)                                                                                                     \
  words((int)(sizeof((const char *const[]){__VA_ARGS__}) / sizeof(char *)), (const char *const[]){__VA_ARGS__})

static ek_out text(ek_graph *g) { return op_any(g, EK_STRING); }

static void save(const char *prefix, const char *name, float value) {
  ek_graph *g = ek_graph_new(NULL);
  op_test t = {
      .g = g,
      .op = ek_build(g, "SaveV2", EK_OUTS(text(g), text(g), text(g), op_any(g, EK_FLOAT32), text(g)), EK_NO_ATTRS),
      .n_in = 5,
      .in = {WORD(prefix), WORDS(name, "words"), WORDS("", ""), F32(ek_shape(2), value, 2), WORDS("a", "bc")}};
  if (strcmp(name, "other") == 0) { /* names must differ between checkpoints that are merged */
    ek_tensor_free(t.in[1]);
    t.in[1] = WORDS(name, "other_words");
  }
  assert_int_equal(op_run(&t), EK_OK);
  op_done(&t);
  ek_graph_free(g);
}

static void restore(op_test *t, const char *prefix, const char *name, ek_dtype dtype) {
  static const ek_dtype both[] = {EK_FLOAT32, EK_STRING}, wrong[] = {EK_INT32, EK_STRING};
  ek_graph *g = ek_graph_new(NULL);
  *t = (op_test){.g = g,
                 .op = ek_build(g, "RestoreV2", EK_OUTS(text(g), text(g), text(g)),
                                EK_ATTRS(EK_TYPES_ATTR("dtypes", dtype == EK_FLOAT32 ? both : wrong, 2))),
                 .n_in = 3,
                 .in = {WORD(prefix), WORDS(name, "words"), WORDS("", "")}};
}

static void done(op_test *t) {
  op_done(t);
  ek_graph_free(t->g);
}

static void what_is_saved_is_restored(void **state) {
  (void)state;
  op_test t;
  save(PREFIX, "w", 1);
  restore(&t, PREFIX, "w", EK_FLOAT32);
  assert_int_equal(op_run(&t), EK_OK);
  EXPECT(t.out[0], ek_shape(2), 1, 2);
  assert_string_equal(ek_tensor_string(t.out[1], 1, NULL), "bc");
  done(&t);
  restore(&t, PREFIX, "v", EK_FLOAT32);
  assert_int_equal(op_run(&t), EK_NOT_FOUND);
  assert_non_null(strstr(t.st.msg, "Key v not found in checkpoint"));
  done(&t);
  restore(&t, PREFIX, "w", EK_INT32);
  assert_int_equal(op_run(&t), EK_INVALID_ARGUMENT);
  assert_non_null(strstr(t.st.msg, "tensor_name = w; expected dtype int32 does not equal original dtype float32"));
  done(&t);
}

static void several_become_one(void **state) {
  (void)state;
  ek_graph *g = ek_graph_new(NULL);
  save(PREFIX "_1", "w", 3);
  save(PREFIX "_2", "other", 4);
  op_test t = {.g = g,
               .op = ek_build(g, "MergeV2Checkpoints", EK_OUTS(text(g), text(g)), EK_NO_ATTRS),
               .n_in = 2,
               .in = {WORDS(PREFIX "_1", PREFIX "_2"), WORD(PREFIX "_merged")}};
  assert_int_equal(op_run(&t), EK_OK);
  assert_true(ek_train_checkpoint_exists(PREFIX "_merged"));
  assert_false(ek_train_checkpoint_exists(PREFIX "_1"));
  done(&t);
  restore(&t, PREFIX "_merged", "other", EK_FLOAT32);
  assert_int_equal(op_run(&t), EK_OK);
  EXPECT(t.out[0], ek_shape(2), 4, 2);
  done(&t);
}

static void names_of_shards(void **state) {
  (void)state;
  ek_graph *g = ek_graph_new(NULL);
  op_test t = {
      .g = g,
      .op = ek_build(g, "ShardedFilename", EK_OUTS(text(g), op_any(g, EK_INT32), op_any(g, EK_INT32)), EK_NO_ATTRS),
      .n_in = 3,
      .in = {WORD("a/b"), I32(ek_shape_scalar(), 3), I32(ek_shape_scalar(), 12)}};
  assert_int_equal(op_run(&t), EK_OK);
  assert_string_equal(ek_tensor_string(t.out[0], 0, NULL), "a/b-00003-of-00012");
  op_done(&t);
  op_test j = {.g = g,
               .op = ek_build(g, "StringJoin", EK_OUTS(text(g), text(g)), EK_ATTRS(EK_STRING_ATTR("separator", "/"))),
               .n_in = 2,
               .in = {WORD("dir"), WORDS("x", "")}};
  assert_int_equal(op_run(&j), EK_OK);
  assert_string_equal(ek_tensor_string(j.out[0], 0, NULL), "dir/x");
  assert_string_equal(ek_tensor_string(j.out[0], 1, NULL), "dir/");
  op_done(&j);
  op_test m = {
      .g = g,
      .op = ek_build(g, "StaticRegexFullMatch", EK_OUTS(text(g)), EK_ATTRS(EK_STRING_ATTR("pattern", "^s3://.*"))),
      .n_in = 1,
      .in = {WORDS("s3://bucket", "model", "as3://")}};
  assert_int_equal(op_run(&m), EK_OK);
  EXPECT(m.out[0], ek_shape(3), 1, 0, 0);
  done(&m);
}

static void assertions_show_their_data(void **state) {
  (void)state;
  ek_graph *g = ek_graph_new(NULL);
  op_test t = {.g = g,
               .op = ek_build(g, "Assert", EK_OUTS(op_any(g, EK_BOOL), op_any(g, EK_FLOAT32), text(g)), EK_NO_ATTRS),
               .n_in = 3,
               .in = {ek_tensor_bool(false, NULL), F32(ek_shape(4), 1, 2.5f, 3, 4), WORD("x")}};
  assert_int_equal(op_run(&t), EK_INVALID_ARGUMENT);
  assert_string_equal(t.st.msg, "Assert 'Assert': assertion failed: [1 2.5 3...] [x]");
  *(bool *)t.in[0]->data = true;
  assert_int_equal(op_run(&t), EK_OK);
  done(&t);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(what_is_saved_is_restored),
      cmocka_unit_test(several_become_one),
      cmocka_unit_test(names_of_shards),
      cmocka_unit_test(assertions_show_their_data),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
