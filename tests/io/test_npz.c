/* SPDX-License-Identifier: Apache-2.0 */
#include "evenkeel/io.h"
#include "io/files.h"

#include <signal.h>
#include <sys/resource.h>

static void assert_ok(const ek_status *st) {
  if (st->code != EK_OK) fail_msg("%s: %s", ek_code_name(st->code), st->msg);
}

static void archives_of_numpy(void **state) {
  (void)state;
  ek_status st = EK_STATUS_INIT;
  ek_npz *z = ek_npz_open(GOLDEN("numpy/stored.npz"), &st);
  assert_ok(&st);
  assert_int_equal(ek_npz_num_arrays(z), 3);
  assert_string_equal(ek_npz_name(z, 1), "y");
  assert_null(ek_npz_name(z, 3));
  ek_tensor *x = ek_npz_get(z, "x", &st), *y = ek_npz_get(z, "y", &st), *e = ek_npz_get(z, "z", &st);
  assert_ok(&st);
  assert_true(ek_shape_equal(ek_tensor_shape(x), ek_shape(2, 3)));
  assert_true(ek_tensor_number(x, 5) == 5.0 && ek_tensor_number(y, 0) == 2.5 && ek_tensor_num_elements(e) == 0);
  ek_tensor_free(x);
  ek_tensor_free(y);
  ek_tensor_free(e);
  assert_null(ek_npz_get(z, "w", &st));
  assert_int_equal(st.code, EK_NOT_FOUND);
  assert_non_null(strstr(st.msg, "no array 'w'; there are: x, y, z"));
  ek_npz_close(z);
  st = (ek_status)EK_STATUS_INIT;
  z = ek_npz_open(GOLDEN("numpy/deflated.npz"), &st);
  x = ek_npz_get(z, "x", &st);
  assert_ok(&st);
  for (int i = 0; i < 600; i++) assert_true(ek_tensor_number(x, i) == i / 100);
  ek_tensor_free(x);
  ek_npz_close(z);
}

static ek_tensor *ramp(int64_t n) {
  ek_tensor *t = ek_tensor_new(EK_INT32, ek_shape_of(&n, 1), NULL, NULL);
  assert_non_null(t);
  for (int64_t i = 0; i < n; i++) ((int32_t *)ek_tensor_mutable_data(t))[i] = (int32_t)(i / 7);
  return t;
}

static void write_archive(const char *path, bool compressed, ek_status *st) {
  ek_npz_writer *w = ek_npz_writer_new(path, compressed, st);
  ek_tensor *a = ramp(1000), *b = ek_tensor_from_strings(ek_shape(2), (const char *[]){"ab", "c"}, NULL, st),
            *c = ramp(0);
  (void)ek_npz_writer_add(w, "second/a", a, st);
  (void)ek_npz_writer_add(w, "b", b, st);
  (void)ek_npz_writer_add(w, "c", c, st);
  ek_tensor_free(a); /* the writer holds its own reference */
  ek_tensor_free(b);
  ek_tensor_free(c);
  (void)ek_npz_writer_finish(w, st);
  ek_npz_writer_free(w);
}

static void archives_of_ours(void **state) {
  (void)state;
  const char *dir = fresh_folder("npz");
  size_t sizes[2] = {0, 0};
  for (int compressed = 0; compressed < 2; compressed++) {
    ek_status st = EK_STATUS_INIT;
    const char *path = in_folder(dir, "ours.npz"), *again = in_folder(dir, "again.npz");
    write_archive(path, compressed != 0, &st);
    write_archive(again, compressed != 0, &st);
    assert_ok(&st);
    assert_same_file(path, again); /* nothing in it depends on the time */
    bytes file = slurp(path);
    sizes[compressed] = file.size;
    free(file.data);
    ek_npz *z = ek_npz_open(path, &st);
    assert_ok(&st);
    assert_string_equal(ek_npz_name(z, 0), "second/a");
    assert_string_equal(ek_npz_name(z, 1), "b");
    ek_tensor *a = ek_npz_get(z, "second/a", &st), *b = ek_npz_get(z, "b", &st), *c = ek_npz_get(z, "c", &st),
              *want = ramp(1000);
    assert_ok(&st);
    assert_true(ek_tensor_equal(a, want));
    assert_string_equal(ek_tensor_string(b, 0, NULL), "ab");
    assert_int_equal(ek_tensor_num_elements(c), 0);
    ek_tensor_free(a);
    ek_tensor_free(b);
    ek_tensor_free(c);
    ek_tensor_free(want);
    ek_npz_close(z);
  }
  assert_true(sizes[1] < sizes[0]);
  assert_int_equal(count_files(dir), 2);
}

static void an_empty_archive(void **state) {
  (void)state;
  ek_status st = EK_STATUS_INIT;
  const char *path = in_folder(fresh_folder("npz"), "empty.npz");
  ek_npz_writer *w = ek_npz_writer_new(path, false, &st);
  assert_int_equal(ek_npz_writer_finish(w, &st), EK_OK);
  assert_int_equal(ek_npz_writer_finish(w, NULL), EK_FAILED_PRECONDITION);
  ek_npz_writer_free(w);
  ek_npz *z = ek_npz_open(path, &st);
  assert_ok(&st);
  assert_int_equal(ek_npz_num_arrays(z), 0);
  ek_npz_close(z);
}

static void failures_leave_the_old_archive(void **state) {
  (void)state;
  const char *dir = fresh_folder("npz"), *path = in_folder(dir, "a.npz");
  ek_status st = EK_STATUS_INIT;
  ek_tensor *t = ramp(100000);
  struct rlimit limit;
  spit(path, "old", 3);
  ek_npz_writer *w = ek_npz_writer_new(path, false, &st);
  assert_int_equal(ek_npz_writer_add(w, "t", t, &st), EK_OK);
  assert_int_equal(ek_npz_writer_add(w, "t", t, NULL), EK_INVALID_ARGUMENT);
  assert_int_equal(ek_npz_writer_add(w, "", t, NULL), EK_INVALID_ARGUMENT);
  assert_int_equal(getrlimit(RLIMIT_FSIZE, &limit), 0);
  limit.rlim_cur = 100000;
  assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
  assert_int_equal(ek_npz_writer_finish(w, &st), EK_RESOURCE_EXHAUSTED);
  limit.rlim_cur = limit.rlim_max;
  assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
  ek_npz_writer_free(w);
  assert_int_equal(count_files(dir), 1);
  bytes b = slurp(path);
  assert_int_equal(b.size, 3);
  free(b.data);
  st = (ek_status)EK_STATUS_INIT;
  w = ek_npz_writer_new("/nowhere/a.npz", false, &st);
  assert_int_equal(ek_npz_writer_add(w, "t", t, &st), EK_OK);
  assert_int_equal(ek_npz_writer_finish(w, &st), EK_NOT_FOUND);
  assert_string_equal(st.msg, "npz: /nowhere/a.npz: No such file or directory");
  ek_npz_writer_free(w);
  ek_tensor_free(t);
}

static void what_is_no_archive(void **state) {
  (void)state;
  ek_status st = EK_STATUS_INIT;
  assert_null(ek_npz_open("/nowhere", &st));
  assert_int_equal(st.code, EK_NOT_FOUND);
  st = (ek_status)EK_STATUS_INIT;
  assert_null(ek_npz_open(GOLDEN("numpy/vector.npy"), &st));
  assert_int_equal(st.code, EK_DATA_LOSS);
}

int main(void) {
  (void)signal(SIGXFSZ, SIG_IGN);
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(archives_of_numpy),  cmocka_unit_test(archives_of_ours),
      cmocka_unit_test(an_empty_archive),   cmocka_unit_test(failures_leave_the_old_archive),
      cmocka_unit_test(what_is_no_archive),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
