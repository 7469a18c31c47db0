/* SPDX-License-Identifier: Apache-2.0 */
#include "evenkeel/io.h"
#include "io/files.h"

static ek_tensor *load(const char *path) {
  ek_status st = EK_STATUS_INIT;
  ek_tensor *t = ek_idx_load(path, &st);
  if (t == NULL) fail_msg("%s", st.msg);
  return t;
}

static void every_dtype(void **state) {
  (void)state;
  static const struct {
    const char *name;
    ek_dtype dtype;
    int64_t n;
    double first, step;
  } rows[] = {{"u8.idx", EK_UINT8, 6, 0, 1},          {"u8.idx.gz", EK_UINT8, 6, 0, 1},
              {"i8.idx", EK_INT8, 4, -2, 1},          {"i16.idx", EK_INT16, 4, -2, 1},
              {"i32.idx", EK_INT32, 4, -2, 1},        {"f32.idx", EK_FLOAT32, 2, 0.5, -2},
              {"f32.idx.gz", EK_FLOAT32, 2, 0.5, -2}, {"f64.idx", EK_FLOAT64, 2, 0.5, -2}};
  for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
    ek_tensor *t = load(in_folder(GOLDEN("numpy"), rows[i].name));
    assert_int_equal(ek_tensor_dtype(t), rows[i].dtype);
    assert_int_equal(ek_tensor_num_elements(t), rows[i].n);
    for (int k = 0; k < rows[i].n; k++) assert_true(ek_tensor_number(t, k) == rows[i].first + k * rows[i].step);
    if (i < 2) assert_true(ek_shape_equal(ek_tensor_shape(t), ek_shape(1, 2, 3)));
    ek_tensor_free(t);
  }
}

static void the_bundled_digits(void **state) {
  (void)state;
  ek_tensor *images = load(EK_SOURCE_DIR "/data/digits/train-images-idx3-ubyte.gz");
  ek_tensor *labels = load(EK_SOURCE_DIR "/data/digits/train-labels-idx1-ubyte.gz");
  assert_int_equal(ek_tensor_dtype(images), EK_UINT8);
  assert_int_equal(ek_tensor_shape(images).rank, 3);
  assert_int_equal(ek_tensor_shape(images).dim[0], ek_tensor_shape(labels).dim[0]);
  ek_tensor_free(images);
  ek_tensor_free(labels);
}

static void assert_damaged(const char *path, const char *word) {
  ek_status st = EK_STATUS_INIT;
  assert_null(ek_idx_load(path, &st));
  if (st.code != EK_DATA_LOSS || strstr(st.msg, word) == NULL || strstr(st.msg, path) == NULL)
    fail_msg("%s: %s, not DATA_LOSS with '%s'", ek_code_name(st.code), st.msg, word);
}

static void damage_names_the_file(void **state) {
  (void)state;
  const char *path = in_folder(fresh_folder("idx"), "x");
  bytes plain = slurp(GOLDEN("numpy/u8.idx")), packed = slurp(GOLDEN("numpy/u8.idx.gz"));
  for (size_t n = 0; n < plain.size; n++) {
    spit(path, plain.data, n);
    assert_damaged(path, "end");
  }
  for (size_t n = 3; n < packed.size; n++) { /* the checksum at its end included */
    spit(path, packed.data, n);
    assert_damaged(path, "idx: ");
  }
  packed.data[packed.size - 6] ^= 1; /* in the checksum */
  spit(path, packed.data, packed.size);
  assert_damaged(path, "gzip: ");
  plain.data[plain.size] = 7;
  spit(path, plain.data, plain.size + 1);
  assert_damaged(path, "more data than the header's [1,2,3]");
  spit(path, "\0\0\010\002\177\377\377\377\177\377\377\377", 12); /* claims 2^62 bytes */
  assert_damaged(path, "more than a file of 12 bytes holds");
  spit(path, "\0\0\007\001\0\0\0\001x", 9);
  assert_damaged(path, "not an IDX file (it begins with 00 00 07 01)");
  free(plain.data);
  free(packed.data);
  ek_status st = EK_STATUS_INIT;
  assert_null(ek_idx_load("/nowhere", &st));
  assert_int_equal(st.code, EK_NOT_FOUND);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(every_dtype),
      cmocka_unit_test(the_bundled_digits),
      cmocka_unit_test(damage_names_the_file),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
