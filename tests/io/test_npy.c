/* SPDX-License-Identifier: Apache-2.0 */
/* Arrays that NumPy wrote (tests/golden/make_numpy.py), and ours: the same bytes. */
#include "evenkeel/io.h"
#include "io/files.h"
#include "io/npy.h"
#include "tensor/half.h"

static ek_tensor *golden(const char *name) {
  ek_status st = EK_STATUS_INIT;
  ek_tensor *t = ek_npy_load(in_folder(GOLDEN("numpy"), name), &st);
  if (t == NULL) fail_msg("%s: %s", name, st.msg);
  return t;
}

static void same_bytes_as_numpy(void **state) {
  (void)state;
  static const char *const names[] = {"float16", "float32", "float64", "int8",   "int16", "int32",       "int64",
                                      "uint8",   "uint16",  "uint32",  "uint64", "bool",  "complex64",   "complex128",
                                      "scalar",  "vector",  "empty",   "rank8",  "bytes", "zeros_at_end"};
  const char *dir = fresh_folder("npy");
  for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
    char file[64];
    ek_status st = EK_STATUS_INIT;
    (void)snprintf(file, sizeof file, "%s.npy", names[i]);
    ek_tensor *t = golden(file);
    if (i < 14) {
      assert_string_equal(ek_dtype_name(ek_tensor_dtype(t)), names[i]);
      assert_true(ek_shape_equal(ek_tensor_shape(t), ek_shape(2, 3)));
    }
    for (int k = 0; i < 11 && k < 6; k++) assert_true(ek_tensor_number(t, k) == k);
    if (ek_npy_save(in_folder(dir, file), t, &st) != EK_OK) fail_msg("%s", st.msg);
    assert_same_file(in_folder(dir, file), in_folder(GOLDEN("numpy"), file));
    ek_tensor_free(t);
  }
}

static void other_orders_and_versions(void **state) {
  (void)state;
  ek_tensor *t = golden("big.npy");
  for (int i = 0; i < 6; i++) assert_true(ek_tensor_number(t, i) == i);
  ek_tensor_free(t);
  t = golden("big_complex.npy");
  assert_memory_equal(ek_tensor_data(t), ((const float[]){1, 2}), 8);
  ek_tensor_free(t);
  t = golden("fortran.npy");
  assert_true(ek_shape_equal(ek_tensor_shape(t), ek_shape(2, 3, 4)));
  for (int i = 0; i < 24; i++) assert_true(ek_tensor_number(t, i) == i);
  ek_tensor_free(t);
  for (int v = 2; v <= 3; v++) {
    t = golden(v == 2 ? "version2.npy" : "version3.npy");
    for (int i = 0; i < 3; i++) assert_true(ek_tensor_number(t, i) == i);
    ek_tensor_free(t);
  }
}

static void strings(void **state) {
  (void)state;
  static const char *const text[] = {"a\303\251", "\342\202\254", "\360\237\230\200", ""}, *const letters[] = {
                                                                                               "a", "b", "c", "d"};
  ek_tensor *t = golden("text.npy"), *u = golden("fortran_text.npy");
  assert_true(ek_shape_equal(ek_tensor_shape(t), ek_shape(2, 2)));
  for (int i = 0; i < 4; i++) assert_string_equal(ek_tensor_string(t, i, NULL), text[i]);
  for (int i = 0; i < 4; i++) assert_string_equal(ek_tensor_string(u, i, NULL), letters[i]);
  ek_tensor_free(t);
  ek_tensor_free(u);
  t = golden("bytes.npy");
  size_t n = 0;
  assert_memory_equal(ek_tensor_string(t, 2, &n), "with\0nul", 8);
  assert_int_equal(n, 8);
  ek_tensor_free(t);
  t = golden("zeros_at_end.npy");
  assert_memory_equal(ek_tensor_string(t, 0, &n), "a", 2);
  assert_int_equal(n, 2);
  ek_tensor_free(t);
  ek_status st = EK_STATUS_INIT;
  t = ek_tensor_from_strings(ek_shape(2), (const char *[]){"a\0", "bcd"}, (size_t[]){2, 3}, &st);
  assert_int_equal(ek_npy_save(in_folder(fresh_folder("npy"), "s.npy"), t, &st), EK_INVALID_ARGUMENT);
  assert_int_equal(count_files(fresh_folder("npy")), 0);
  ek_tensor_free(t);
}

static void bfloat16_is_written_as_float32(void **state) {
  (void)state;
  const uint16_t values[] = {ek__bf16_of_float(1.0f), ek__bf16_of_float(-2.5f)};
  const char *path = in_folder(fresh_folder("npy"), "b.npy");
  ek_tensor *t = ek_tensor_from(EK_BFLOAT16, ek_shape(2), values, NULL);
  assert_int_equal(ek_npy_save(path, t, NULL), EK_OK);
  ek_tensor_free(t);
  t = ek_npy_load(path, NULL);
  assert_int_equal(ek_tensor_dtype(t), EK_FLOAT32);
  assert_true(ek_tensor_number(t, 0) == 1.0 && ek_tensor_number(t, 1) == -2.5);
  ek_tensor_free(t);
}

static void bfloat16_as_others_write_it(void **state) {
  (void)state;
  ek_tensor *t = golden("bfloat16.npy");
  assert_int_equal(ek_tensor_dtype(t), EK_BFLOAT16);
  assert_true(ek_tensor_number(t, 0) == 1.0 && ek_tensor_number(t, 1) == -2.5);
  ek_tensor_free(t);
}

static void assert_refused(const char *path, ek_code code, const char *word) {
  ek_status st = EK_STATUS_INIT;
  assert_null(ek_npy_load(path, &st));
  if (st.code != code || strstr(st.msg, word) == NULL || strstr(st.msg, path) == NULL)
    fail_msg("%s: %s, not %s with '%s'", ek_code_name(st.code), st.msg, ek_code_name(code), word);
}

static void what_is_not_supported_is_said(void **state) {
  (void)state;
  assert_refused(GOLDEN("numpy/record.npy"), EK_UNIMPLEMENTED, "records");
  assert_refused(GOLDEN("numpy/date.npy"), EK_UNIMPLEMENTED, "'<M8[s]'");
  assert_refused(GOLDEN("numpy/object.npy"), EK_UNIMPLEMENTED, "'|O'");
  assert_refused("/nowhere.npy", EK_NOT_FOUND, "No such file");
}

/* An array file of that header text and n bytes of data. */
static const char *with_header(const char *text, size_t n) {
  const char *path = in_folder(fresh_folder("npy"), "h.npy");
  unsigned char file[512] = "\x93NUMPY\1";
  const size_t size = strlen(text);
  file[8] = (unsigned char)size;
  memcpy(file + 10, text, size);
  spit(path, file, 10 + size + n);
  return path;
}

static void hostile_headers(void **state) {
  (void)state;
  static const char *const damaged[] = {
      "{'descr': '<f4', 'fortran_order': False, 'shape': (2,), } x",
      "{'descr': '<f4', 'shape': (2,), }",
      "{'descr': '<f4', 'fortran_order': 0, 'shape': (2,), }",
      "{'descr': '<f4', 'fortran_order': False, 'shape': (2,",
      "{'descr': '<f4', 'fortran_order': False, 'shape': 2, }",
      "{'descr': '<f4', 'fortran_order': False, 'shape': (-1,), }",
      "{'descr': '<f4', 'fortran_order': False, 'shape': (99999999999999999999,), }",
      "{'descr': '<f4', 'fortran_order': False, 'shape': (4611686018427387906,), }",
      "{'descr': '<f4', 'fortran_order': False, 'shape': (4294967296, 4294967296, 4294967296), }",
      "{'descr': '<f4', 'fortran_order': False, 'shape': (3,), }",
      "{'descr': '<f4', 'fortran_order': False, 'shape': (1,), }",
      "{'descr': '|S0', 'fortran_order': False, 'shape': (999999999999,), }",
      "{'other': 1}",
      "{'descr: '<f4'",
      "{",
      "",
      "[]"};
  for (size_t i = 0; i < sizeof damaged / sizeof damaged[0]; i++)
    assert_refused(with_header(damaged[i], strstr(damaged[i], "S0") != NULL ? 0 : 8), EK_DATA_LOSS, "npy: ");
  assert_refused(with_header("{'descr': '<f4', 'fortran_order': False, 'shape': (1,1,1,1,1,1,1,1,2), }", 8),
                 EK_UNIMPLEMENTED, "8 dimensions");
  assert_refused(with_header("{'descr': '<f3', 'fortran_order': False, 'shape': (1,), }", 8), EK_UNIMPLEMENTED,
                 "'<f3'");
  ek_tensor *t =
      ek_npy_load(with_header("{ \"shape\":(2L),'fortran_order':True,'descr':'=f4'}", 8), NULL); /* odd, yet Python */
  assert_non_null(t);
  ek_tensor_free(t);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(same_bytes_as_numpy),
      cmocka_unit_test(other_orders_and_versions),
      cmocka_unit_test(strings),
      cmocka_unit_test(bfloat16_is_written_as_float32),
      cmocka_unit_test(bfloat16_as_others_write_it),
      cmocka_unit_test(what_is_not_supported_is_said),
      cmocka_unit_test(hostile_headers),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
