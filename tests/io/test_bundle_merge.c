/* SPDX-License-Identifier: Apache-2.0 */
#include "evenkeel/io.h"
#include "io/bundle_writer.h"
#include "io/files.h"

static void save(const char *prefix, const char *const *names, int n, float value) {
  ek_status st = EK_STATUS_INIT;
  ek_tensor *t = ek_tensor_float32(value, &st);
  const ek_tensor *const both[] = {t, t};
  if (ek_checkpoint_write(prefix, names, both, n, &st) != EK_OK) fail_msg("%s", st.msg);
  ek_tensor_free(t);
}

static ek_code merge(const char *const *prefixes, int n, const char *to, ek_status *st) {
  return ek__bundle_merge(prefixes, n, to, true, ek_allocator_default(), st);
}

static void two_parts_become_two_shards(void **state) {
  (void)state;
  ek_status st = EK_STATUS_INIT;
  assert_int_equal(chdir(fresh_folder("merge")), 0);
  save("temp/part0", (const char *[]){"c", "a"}, 2, 1.0f);
  save("temp/part1", (const char *[]){"b"}, 1, 2.0f);
  save("m", (const char *[]){"old"}, 1, 3.0f);
  if (merge((const char *[]){"temp/part0", "temp/part1"}, 2, "m", &st) != EK_OK) fail_msg("%s", st.msg);
  assert_same_file("m.index", GOLDEN("bundle/merged.index"));
  assert_int_not_equal(access("temp", F_OK), 0); /* the folder went with its parts */
  ek_checkpoint_reader *r = ek_checkpoint_reader_new("m", &st);
  for (int i = 0; i < 3; i++) {
    ek_tensor *t = ek_checkpoint_reader_get_tensor(r, ek_checkpoint_reader_key(r, i), &st);
    if (t == NULL) fail_msg("%s", st.msg);
    assert_true(ek_tensor_number(t, 0) == (i == 1 ? 2.0 : 1.0));
    ek_tensor_free(t);
  }
  ek_checkpoint_reader_free(r);
}

/* rows of m, which is 5 by 3 and counts; with a whole tensor of that name, too */
static void save_rows(const char *prefix, int64_t first, int64_t rows, int64_t then, const char *name, float value) {
  ek__bundle_writer *w = NULL;
  ek_status st = EK_STATUS_INIT;
  float counted[15];
  for (int i = 0; i < 15; i++) counted[i] = (float)i;
  assert_int_equal(ek__bundle_writer_new(prefix, ek_allocator_default(), &w, &st), EK_OK);
  for (int64_t at = first, n = rows; n > 0; at += n, n = then, then = 0) {
    const ek__bundle_slice slice = {.rank = 2, .start = {at}, .length = {n, -1}};
    (void)ek__bundle_writer_add_slice(w, "m", ek_shape(5, 3), &slice, EK_FLOAT32, ek_shape(n, 3), counted + at * 3,
                                      &st);
    if (at == first) (void)ek__bundle_writer_add(w, name, EK_FLOAT32, ek_shape_scalar(), &value, &st);
  }
  if (ek__bundle_writer_finish(w, &st) != EK_OK) fail_msg("%s", st.msg);
  ek__bundle_writer_free(w);
}

static void slices_in_several_parts_become_one_tensor(void **state) {
  (void)state;
  ek_status st = EK_STATUS_INIT;
  assert_int_equal(chdir(fresh_folder("merge")), 0);
  save_rows("p", 0, 2, 0, "x", 1);
  save_rows("q", 2, 2, 1, "y", 2);
  save_rows("r", 2, 2, 0, "z", 3);
  assert_int_equal(merge((const char *[]){"p", "q", "r"}, 3, "m", &st), EK_INVALID_ARGUMENT);
  assert_non_null(strstr(st.msg, "a slice of 'm' is in two parts"));
  st = (ek_status)EK_STATUS_INIT;
  if (merge((const char *[]){"p", "q"}, 2, "m", &st) != EK_OK) fail_msg("%s", st.msg);
  assert_same_file("m.index", GOLDEN("bundle/merged_slices.index"));
  ek_checkpoint_reader *r = ek_checkpoint_reader_new("m", &st);
  ek_tensor *m = ek_checkpoint_reader_get_tensor(r, "m", &st);
  if (m == NULL) fail_msg("%s", st.msg);
  for (int i = 0; i < 15; i++) assert_true(ek_tensor_number(m, i) == i);
  ek_tensor_free(m);
  ek_checkpoint_reader_free(r);
}

static void refusals_change_nothing(void **state) {
  (void)state;
  assert_int_equal(chdir(fresh_folder("merge")), 0);
  save("p", (const char *[]){"a"}, 1, 1.0f);
  save("q", (const char *[]){"a"}, 1, 2.0f);
  assert_int_equal(merge((const char *[]){"p", "q"}, 2, "m", NULL), EK_INVALID_ARGUMENT);
  assert_int_equal(merge((const char *[]){"p"}, 1, "p", NULL), EK_INVALID_ARGUMENT);
  assert_int_equal(merge((const char *[]){"p", "none"}, 2, "m", NULL), EK_NOT_FOUND);
  assert_int_equal(merge(NULL, 0, "m", NULL), EK_INVALID_ARGUMENT);
  assert_int_equal(count_files("."), 4);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(two_parts_become_two_shards),
      cmocka_unit_test(slices_in_several_parts_become_one_tensor),
      cmocka_unit_test(refusals_change_nothing),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
