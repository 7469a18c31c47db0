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

/* ---- parts of tensors, as partitioned variables save them */

static ek_tensor *counting(ek_dtype dtype, int64_t rows, int64_t columns, int64_t first, int64_t step) {
  ek_tensor *t = ek_tensor_new(dtype, columns > 0 ? ek_shape(rows, columns) : ek_shape(rows), NULL, NULL);
  for (int64_t i = 0; i < rows; i++)
    for (int64_t k = 0; k < (columns > 0 ? columns : 1); k++) {
      const int64_t at = columns > 0 ? i * columns + k : i, value = first + i * step + k;
      if (dtype == EK_INT32)
        ((int32_t *)ek_tensor_mutable_data(t))[at] = (int32_t)value;
      else
        ((float *)ek_tensor_mutable_data(t))[at] = (float)value;
    }
  return t;
}

/* tests/golden/bundle/sliced, as make_bundle.py has TensorFlow write it. */
static void save_sliced(const char *prefix) {
  ek_graph *g = ek_graph_new(NULL);
  op_test t = {.g = g,
               .n_in = 9,
               .in = {WORD(prefix), WORDS("matrix", "matrix", "matrix", "part", "part", "whole"),
                      WORDS("200 3 0,70:-", "200 3 70,130:0,1", "200 3 70,130:1,2", "5 0,3", "5 3,2", ""),
                      counting(EK_INT32, 70, 3, 0, 3), counting(EK_INT32, 130, 1, 210, 3),
                      counting(EK_INT32, 130, 2, 211, 3), counting(EK_FLOAT32, 3, 0, 0, 1),
                      counting(EK_FLOAT32, 2, 0, 3, 1), F32(ek_shape_scalar(), 1)}};
  const ek_dtype dtypes[] = {EK_STRING, EK_STRING,  EK_STRING,  EK_INT32,  EK_INT32,
                             EK_INT32,  EK_FLOAT32, EK_FLOAT32, EK_FLOAT32};
  ek_out in[9];
  for (int k = 0; k < 9; k++) in[k] = op_any(g, dtypes[k]);
  t.op = ek_build(g, "SaveV2", (ek_outs){in, 9}, EK_NO_ATTRS);
  if (op_run(&t) != EK_OK) fail_msg("%s", t.st.msg);
  op_done(&t);
  ek_graph_free(g);
}

static void same_file(const char *a, const char *b) {
  FILE *x = fopen(a, "rb"), *y = fopen(b, "rb");
  assert_non_null(x);
  assert_non_null(y);
  int c = 0;
  for (long at = 0; c != EOF; at++) {
    c = getc(x);
    if (getc(y) != c) fail_msg("%s and %s differ at byte %ld", a, b, at);
  }
  (void)fclose(x);
  (void)fclose(y);
}

static void slices_are_saved_as_tensorflow_saves_them(void **state) {
  (void)state;
  save_sliced(PREFIX "_sliced");
  same_file(PREFIX "_sliced.index", EK_SOURCE_DIR "/tests/golden/bundle/sliced.index");
  same_file(PREFIX "_sliced.data-00000-of-00001", EK_SOURCE_DIR "/tests/golden/bundle/sliced.data-00000-of-00001");
}

static void restore_slices(op_test *t, const char *a, const char *b) {
  static const ek_dtype dtypes[] = {EK_INT32, EK_FLOAT32};
  ek_graph *g = ek_graph_new(NULL);
  *t = (op_test){
      .g = g,
      .op = ek_build(g, "RestoreV2", EK_OUTS(text(g), text(g), text(g)), EK_ATTRS(EK_TYPES_ATTR("dtypes", dtypes, 2))),
      .n_in = 3,
      .in = {WORD(EK_SOURCE_DIR "/tests/golden/bundle/sliced"), WORDS("matrix", "part"), WORDS(a, b)}};
}

static void slices_are_restored(void **state) {
  (void)state;
  op_test t;
  restore_slices(&t, "200 3 70,130:1,2", "5 2,2"); /* one that was saved, one across two */
  if (op_run(&t) != EK_OK) fail_msg("%s", t.st.msg);
  assert_true(ek_shape_equal(ek_tensor_shape(t.out[0]), ek_shape(130, 2)));
  for (int i = 0; i < 260; i++) assert_true(ek_tensor_number(t.out[0], i) == 211 + i / 2 * 3 + i % 2);
  EXPECT(t.out[1], ek_shape(2), 2, 3);
  done(&t);
  restore_slices(&t, "200 3 69,3:-", "");
  if (op_run(&t) != EK_OK) fail_msg("%s", t.st.msg);
  EXPECT(t.out[0], ek_shape(3, 3), 207, 208, 209, 210, 211, 212, 213, 214, 215);
  EXPECT(t.out[1], ek_shape(5), 0, 1, 2, 3, 4);
  done(&t);
}

static void slices_that_are_none(void **state) {
  (void)state;
  static const char *const wrong[][2] = {
      {"200 4 -:-", "tensor_name = matrix; shape in shape_and_slice spec [200,4] does not match the shape stored in "
                    "checkpoint: [200,3]"},
      {"200 3 70,131:-", "tensor_name = matrix; '200 3 70,131:-': the slice is not inside dimension 0"},
      {"200 3 70,130", "'200 3 70,130' is no shape and slice"},
      {"-", "'-' is no shape and slice"},
      {"200 3 0,70:- ", "is no shape and slice"},
      {"99999999999999999999 0,1", "is no shape and slice"}};
  for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
    op_test t;
    restore_slices(&t, wrong[i][0], "");
    assert_int_equal(op_run(&t), EK_INVALID_ARGUMENT);
    if (strstr(t.st.msg, wrong[i][1]) == NULL) fail_msg("'%s' does not say '%s'", t.st.msg, wrong[i][1]);
    done(&t);
  }
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
      cmocka_unit_test(what_is_saved_is_restored),  cmocka_unit_test(slices_are_saved_as_tensorflow_saves_them),
      cmocka_unit_test(slices_are_restored),        cmocka_unit_test(slices_that_are_none),
      cmocka_unit_test(several_become_one),         cmocka_unit_test(names_of_shards),
      cmocka_unit_test(assertions_show_their_data),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
