/* SPDX-License-Identifier: Apache-2.0 */
/* A kill, or an error, at each step that changes a folder. The library's fsync, rename and unlink are those below: the
 * N-th call of them ends the process or fails, for every N. What is then on disk must be the old state, the new one or
 * none. */
#include "evenkeel/io.h"
#include "io/files.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/wait.h>

static enum { WORK, DIE, FAIL } mode;
static int steps_left;

int fsync(int fd);
int rename(const char *from, const char *to);
int unlink(const char *path);

/* true: this step fails. */
static bool step_fails(void) {
  if (mode == WORK || --steps_left != 0) return false;
  if (mode == DIE) _exit(9);
  errno = EIO;
  return true;
}

int fsync(int fd) { return step_fails() ? -1 : fdatasync(fd); }

int rename(const char *from, const char *to) { return step_fails() ? -1 : renameat(AT_FDCWD, from, AT_FDCWD, to); }

int unlink(const char *path) { return step_fails() ? -1 : unlinkat(AT_FDCWD, path, 0); }

/* A checkpoint of two tensors, both of n elements, all of them n. */
static ek_code save(int64_t n) {
  ek_tensor *t = ek_tensor_new(EK_FLOAT32, ek_shape_of(&n, 1), NULL, NULL);
  for (int64_t i = 0; t != NULL && i < n; i++) ((float *)ek_tensor_mutable_data(t))[i] = (float)n;
  const ek_code code = ek_checkpoint_write("m", (const char *[]){"a", "b"}, (const ek_tensor *const[]){t, t}, 2, NULL);
  ek_tensor_free(t);
  return code;
}

/* The n of the checkpoint on disk, every tensor read; 0 if there is none. */
static int64_t saved(void) {
  int64_t n[2] = {0, 0};
  ek_status st = EK_STATUS_INIT;
  ek_checkpoint_reader *r = ek_checkpoint_reader_new("m", &st);
  if (r == NULL && st.code == EK_NOT_FOUND) return 0;
  for (int i = 0; i < 2 && r != NULL; i++) {
    ek_tensor *t = ek_checkpoint_reader_get_tensor(r, i == 0 ? "a" : "b", &st);
    if (t != NULL) n[i] = (int64_t)ek_tensor_number(t, 0);
    ek_tensor_free(t);
  }
  ek_checkpoint_reader_free(r);
  if (st.code != EK_OK) fail_msg("a mixture: %s", st.msg);
  assert_int_equal(n[0], n[1]);
  return n[0];
}

/* Runs change in a child that dies at step n; true once it came through. */
static bool survives(void (*change)(void), int n) {
  int status = 0;
  const pid_t child = fork();
  assert_true(child >= 0);
  if (child == 0) {
    mode = DIE;
    steps_left = n;
    change();
    _exit(0);
  }
  assert_int_equal(waitpid(child, &status, 0), child);
  assert_true(WIFEXITED(status) && (WEXITSTATUS(status) == 9 || WEXITSTATUS(status) == 0));
  return WEXITSTATUS(status) == 0;
}

static void save_new(void) { (void)save(7); }

static void a_killed_save(void **state) {
  (void)state;
  bool old = false, none = false, fresh = false, through = false;
  assert_int_equal(chdir(fresh_folder("kill")), 0);
  for (int n = 1; !through; n++) {
    assert_int_equal(save(5), EK_OK);
    through = survives(save_new, n);
    const int64_t on_disk = saved();
    assert_true(on_disk == 5 || on_disk == 7 || on_disk == 0);
    if (through) assert_int_equal(on_disk, 7);
    old |= on_disk == 5;
    none |= on_disk == 0;
    fresh |= on_disk == 7;
  }
  assert_true(old && none && fresh); /* the steps between were met */
}

static void a_failing_save(void **state) {
  (void)state;
  assert_int_equal(chdir(fresh_folder("kill")), 0);
  ek_code code = EK_UNKNOWN;
  for (int n = 1; code != EK_OK; n++) {
    assert_int_equal(save(5), EK_OK);
    mode = FAIL;
    steps_left = n;
    code = save(7);
    const bool met = steps_left <= 0;
    mode = WORK;
    const int64_t on_disk = saved();
    assert_true(on_disk == 5 || on_disk == 7 || on_disk == 0);
    if (!met) assert_int_equal(code, EK_OK);
    assert_true(count_files(".") <= 2); /* no temporary file stays */
  }
  assert_int_equal(saved(), 7);
}

static void write_state(void) {
  const ek_checkpoint_state s = {.model_checkpoint_path = "new"};
  (void)ek_train_update_checkpoint_state("", &s, false, NULL, NULL);
}

static void a_killed_state_file(void **state) {
  (void)state;
  const ek_checkpoint_state s = {.model_checkpoint_path = "old"};
  assert_int_equal(chdir(fresh_folder("kill")), 0);
  bool through = false;
  for (int n = 1; !through; n++) {
    assert_int_equal(ek_train_update_checkpoint_state("", &s, false, NULL, NULL), EK_OK);
    through = survives(write_state, n);
    const ek_checkpoint_state *r = ek_train_get_checkpoint_state("", NULL, NULL);
    assert_non_null(r);
    assert_true(strcmp(r->model_checkpoint_path, "new") == 0 ||
                (!through && strcmp(r->model_checkpoint_path, "old") == 0));
    ek_checkpoint_state_free(r);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_killed_save),
      cmocka_unit_test(a_failing_save),
      cmocka_unit_test(a_killed_state_file),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
