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

static void refusals_change_nothing(void **state) {
  (void)state;
  assert_int_equal(chdir(fresh_folder("merge")), 0);
  save("p", (const char *[]){"a"}, 1, 1.0f);
  save("q", (const char *[]){"a"}, 1, 2.0f);
  assert_int_equal(merge((const char *[]){"p", "q"}, 2, "m", NULL), EK_INVALID_ARGUMENT);
  assert_int_equal(merge((const char *[]){"p"}, 1, "p", NULL), EK_INVALID_ARGUMENT);
  assert_int_equal(merge((const char *[]){"p", "none"}, 2, "m", NULL), EK_NOT_FOUND);
  assert_int_equal(merge(NULL, 0, "m", NULL), EK_INVALID_ARGUMENT);
  assert_int_equal(merge((const char *[]){GOLDEN("bundle/sliced")}, 1, "m", NULL), EK_UNIMPLEMENTED);
  assert_int_equal(count_files("."), 4);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(two_parts_become_two_shards),
      cmocka_unit_test(refusals_change_nothing),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
