/* SPDX-License-Identifier: Apache-2.0 */
/* Failing disks and folders: nothing half-written stays, the old contents stand. */
#include "evenkeel/io.h"
#include "io/file.h"
#include "io/files.h"

#include <signal.h>
#include <sys/resource.h>

static void limit_file_size(rlim_t size) {
  struct rlimit limit;
  assert_int_equal(getrlimit(RLIMIT_FSIZE, &limit), 0);
  limit.rlim_cur = size;
  assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
}

static ek_tensor *ramp(int64_t n) {
  ek_tensor *t = ek_tensor_new(EK_FLOAT32, ek_shape_of(&n, 1), NULL, NULL);
  assert_non_null(t);
  for (int64_t i = 0; i < n; i++) ((float *)ek_tensor_mutable_data(t))[i] = (float)i;
  return t;
}

static void replacing_is_all_or_nothing(void **state) {
  (void)state;
  ek_status st = EK_STATUS_INIT;
  const char *dir = fresh_folder("file"), *path = in_folder(dir, "f");
  assert_int_equal(ek__file_replace("test", path, "old", 3, &st), EK_OK);
  char *big = calloc(1, 200000);
  assert_non_null(big);
  limit_file_size(100000);
  assert_int_equal(ek__file_replace("test", path, big, 200000, &st), EK_RESOURCE_EXHAUSTED);
  limit_file_size(RLIM_INFINITY);
  free(big);
  char want[1200];
  (void)snprintf(want, sizeof want, "test: %s: File too large", path);
  assert_string_equal(st.msg, want);
  bytes b = slurp(path);
  assert_int_equal(b.size, 3);
  free(b.data);
  assert_int_equal(count_files(dir), 1);
}

static void errors_say_what_where_why(void **state) {
  (void)state;
  ek_status st = EK_STATUS_INIT;
  char *data = NULL;
  size_t n = 0;
  const char *dir = fresh_folder("file"), *path = in_folder(dir, "f");
  assert_int_equal(ek__file_read("test", "/nowhere/f", 10, ek_allocator_default(), &data, &n, &st), EK_NOT_FOUND);
  assert_string_equal(st.msg, "test: /nowhere/f: No such file or directory");
  assert_int_equal(ek__file_read("test", dir, 10, ek_allocator_default(), &data, &n, NULL), EK_FAILED_PRECONDITION);
  assert_int_equal(ek__file_read("test", "/dev/zero", 10, ek_allocator_default(), &data, &n, NULL),
                   EK_FAILED_PRECONDITION);
  assert_int_equal(ek__file_replace("test", path, "12345678901", 11, NULL), EK_OK);
  assert_int_equal(ek__file_read("test", path, 10, ek_allocator_default(), &data, &n, NULL), EK_RESOURCE_EXHAUSTED);
  assert_int_equal(ek__file_read("test", path, 11, ek_allocator_default(), &data, &n, NULL), EK_OK);
  assert_string_equal(data, "12345678901");
  ek__free(ek_allocator_default(), data, n + 1);
  assert_int_equal(ek__file_replace("test", dir, "x", 1, NULL), EK_FAILED_PRECONDITION); /* a folder is in the way */
  assert_int_equal(count_files(dir), 1);
}

static ek_code save(const char *prefix, ek_tensor *t, ek_status *st) {
  return ek_checkpoint_write(prefix, (const char *[]){"v"}, (const ek_tensor *const[]){t}, 1, st);
}

static void a_checkpoint_that_does_not_fit_leaves_the_old_one(void **state) {
  (void)state;
  const char *dir = fresh_folder("file"), *prefix = in_folder(dir, "m");
  ek_tensor *little = ramp(4), *large = ramp(100000);
  ek_status st = EK_STATUS_INIT;
  assert_int_equal(save(prefix, little, &st), EK_OK);
  limit_file_size(100000);
  assert_int_equal(save(prefix, large, &st), EK_RESOURCE_EXHAUSTED);
  limit_file_size(20); /* now the data would fit, the index does not */
  assert_int_equal(save(prefix, little, NULL), EK_RESOURCE_EXHAUSTED);
  limit_file_size(RLIM_INFINITY);
  assert_int_equal(count_files(dir), 2);
  st = (ek_status)EK_STATUS_INIT;
  ek_checkpoint_reader *r = ek_checkpoint_reader_new(prefix, &st);
  ek_tensor *t = ek_checkpoint_reader_get_tensor(r, "v", &st);
  assert_true(t != NULL && ek_tensor_equal(t, little));
  ek_checkpoint_reader_free(r);
  ek_tensor_free(t);
  assert_int_equal(save(in_folder(dir, "no/such/folder/m"), little, &st), EK_NOT_FOUND);
  assert_int_equal(save("/proc/m", little, NULL), EK_NOT_FOUND); /* a folder where nobody may write */
  ek_tensor_free(little);
  ek_tensor_free(large);
}

static void a_folder_without_write_permission(void **state) {
  (void)state;
  const char *dir = fresh_folder("file");
  ek_tensor *t = ramp(4);
  ek_status st = EK_STATUS_INIT;
  const bool root = geteuid() == 0; /* whom permissions do not bind: become nobody for a while */
  assert_int_equal(chmod(dir, 0555), 0);
  if (root) assert_int_equal(seteuid(65534), 0);
  assert_int_equal(save(in_folder(dir, "m"), t, &st), EK_PERMISSION_DENIED);
  assert_int_equal(ek__file_replace("test", in_folder(dir, "f"), "x", 1, NULL), EK_PERMISSION_DENIED);
  if (root) assert_int_equal(seteuid(0), 0);
  assert_int_equal(chmod(dir, 0777), 0);
  assert_int_equal(count_files(dir), 0);
  ek_tensor_free(t);
}

/* Overwriting in a process that dies at each of its system calls in turn cannot be shown without a debugger; what can
 * is that the states a kill may leave are all old, new or none: an index never stands beside data that it does not
 * describe. */
static void the_index_goes_first_and_comes_last(void **state) {
  (void)state;
  const char *dir = fresh_folder("file"), *prefix = in_folder(dir, "m");
  ek_tensor *a = ramp(4), *b = ramp(5);
  assert_int_equal(save(prefix, a, NULL), EK_OK);
  assert_int_equal(remove(in_folder(dir, "m.data-00000-of-00001")), 0);
  assert_int_equal(mkdir(in_folder(dir, "m.data-00000-of-00001"), 0777), 0); /* the second rename will fail */
  assert_int_not_equal(save(prefix, b, NULL), EK_OK);
  assert_false(ek_train_checkpoint_exists(prefix)); /* none: the old index does not describe what may come */
  assert_int_equal(count_files(dir), 1);
  assert_int_equal(rmdir(in_folder(dir, "m.data-00000-of-00001")), 0);
  ek_tensor_free(a);
  ek_tensor_free(b);
}

int main(void) {
  (void)signal(SIGXFSZ, SIG_IGN);
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(replacing_is_all_or_nothing),
      cmocka_unit_test(errors_say_what_where_why),
      cmocka_unit_test(a_checkpoint_that_does_not_fit_leaves_the_old_one),
      cmocka_unit_test(a_folder_without_write_permission),
      cmocka_unit_test(the_index_goes_first_and_comes_last),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
