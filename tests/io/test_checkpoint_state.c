/* SPDX-License-Identifier: Apache-2.0 */
/* The `checkpoint` file: texts and rules as TensorFlow 2.12.1 showed them. */
#include "evenkeel/io.h"
#include "io/files.h"

#include <locale.h>

static void assert_text(const char *path, const char *want) {
  bytes b = slurp(path);
  b.data[b.size] = '\0';
  assert_string_equal((char *)b.data, want);
  free(b.data);
}

static void update(const char *dir, const char *newest, const char *const *paths, int n, bool relative) {
  ek_status st = EK_STATUS_INIT;
  const ek_checkpoint_state s = {.model_checkpoint_path = newest, .all_model_checkpoint_paths = paths, .num_paths = n};
  if (ek_train_update_checkpoint_state(dir, &s, relative, NULL, &st) != EK_OK) fail_msg("%s", st.msg);
}

static void escapes_and_numbers(void **state) {
  (void)state;
  ek_status st = EK_STATUS_INIT;
  assert_int_equal(chdir(fresh_folder("state")), 0);
  const char *paths[] = {"./a", "e/b", "/abs/c"};
  const double stamps[] = {1.0, 1700000000.1234567, 1e22, 0.1};
  const ek_checkpoint_state s = {.model_checkpoint_path = "we\"ird'\\\n\t\001\303\251\177?.ckpt",
                                 .all_model_checkpoint_paths = paths,
                                 .num_paths = 3,
                                 .all_model_checkpoint_timestamps = stamps,
                                 .num_timestamps = 4,
                                 .last_preserved_timestamp = 1e-7};
  (void)setlocale(LC_NUMERIC, "de_DE.UTF-8"); /* where it exists, a decimal comma must not get in */
  assert_int_equal(ek_train_update_checkpoint_state(".", &s, false, NULL, &st), EK_OK);
  assert_text("checkpoint", "model_checkpoint_path: \"we\\\"ird\\'\\\\\\n\\t\\001\\303\\251\\177?.ckpt\"\n"
                            "all_model_checkpoint_paths: \"a\"\n"
                            "all_model_checkpoint_paths: \"e/b\"\n"
                            "all_model_checkpoint_paths: \"/abs/c\"\n"
                            "all_model_checkpoint_paths: \"we\\\"ird\\'\\\\\\n\\t\\001\\303\\251\\177?.ckpt\"\n"
                            "all_model_checkpoint_timestamps: 1.0\n"
                            "all_model_checkpoint_timestamps: 1700000000.1234567\n"
                            "all_model_checkpoint_timestamps: 1e+22\n"
                            "all_model_checkpoint_timestamps: 0.1\n"
                            "last_preserved_timestamp: 1e-07\n");
  const ek_checkpoint_state *r = ek_train_get_checkpoint_state(".", NULL, &st);
  if (r == NULL) fail_msg("%s", st.msg);
  assert_string_equal(r->model_checkpoint_path, "./we\"ird'\\\n\t\001\303\251\177?.ckpt");
  assert_int_equal(r->num_paths, 4);
  assert_string_equal(r->all_model_checkpoint_paths[1], "./e/b");
  assert_string_equal(r->all_model_checkpoint_paths[2], "/abs/c");
  assert_int_equal(r->num_timestamps, 4);
  for (int i = 0; i < 4; i++) assert_true(r->all_model_checkpoint_timestamps[i] == stamps[i]);
  assert_true(r->last_preserved_timestamp == 1e-7);
  ek_checkpoint_state_free(r);
  (void)setlocale(LC_NUMERIC, "C");
}

static void relative_and_absolute_paths(void **state) {
  (void)state;
  const char *root = fresh_folder("state");
  assert_int_equal(chdir(root), 0);
  assert_int_equal(mkdir("d", 0777), 0);
  assert_int_equal(mkdir("d/e", 0777), 0);
  update("d/e", "x/../d/e/f", (const char *[]){"../up", "."}, 2, false);
  assert_text("d/e/checkpoint", "model_checkpoint_path: \"f\"\nall_model_checkpoint_paths: \"../../../up\"\n"
                                "all_model_checkpoint_paths: \"../..\"\nall_model_checkpoint_paths: \"f\"\n");
  update("./d/", "d", NULL, 0, false);
  assert_text("d/checkpoint", "model_checkpoint_path: \".\"\nall_model_checkpoint_paths: \".\"\n");
  update("d", "d/x-1", (const char *[]){"d/x-0"}, 1, true);
  assert_text("d/checkpoint", "model_checkpoint_path: \"x-1\"\nall_model_checkpoint_paths: \"x-0\"\n"
                              "all_model_checkpoint_paths: \"x-1\"\n");
  char dir[2048], one[2100], want[8192];
  (void)snprintf(dir, sizeof dir, "%s/d", root);
  (void)snprintf(one, sizeof one, "%s/x-3", dir);
  update("d", one, (const char *[]){"d/x-2", one}, 2, true);
  assert_text("d/checkpoint", "model_checkpoint_path: \"x-3\"\nall_model_checkpoint_paths: \"x-2\"\n"
                              "all_model_checkpoint_paths: \"x-3\"\n");
  update(dir, one, (const char *[]){"rel/x-2", one}, 2, true);
  assert_text("d/checkpoint", "model_checkpoint_path: \"x-3\"\nall_model_checkpoint_paths: \"rel/x-2\"\n"
                              "all_model_checkpoint_paths: \"x-3\"\n");
  update(dir, one, (const char *[]){"rel/x-2"}, 1, false);
  (void)snprintf(want, sizeof want,
                 "model_checkpoint_path: \"%s\"\nall_model_checkpoint_paths: \"rel/x-2\"\n"
                 "all_model_checkpoint_paths: \"%s\"\n",
                 one, one);
  assert_text("d/checkpoint", want);
  assert_int_equal(count_files("d"), 2); /* e and checkpoint: no temporary file stays */
  (void)remove("d/e/checkpoint");
  (void)remove("d/e");
  (void)remove("d/checkpoint");
}

static void the_latest_checkpoint_must_exist(void **state) {
  (void)state;
  char path[256];
  assert_int_equal(chdir(fresh_folder("state")), 0);
  assert_false(ek_train_latest_checkpoint(".", NULL, path, sizeof path));
  update("", "m-20", (const char *[]){"m-10", "m-20"}, 2, false);
  assert_text("checkpoint", "model_checkpoint_path: \"m-20\"\nall_model_checkpoint_paths: \"m-10\"\n"
                            "all_model_checkpoint_paths: \"m-20\"\n");
  assert_false(ek_train_latest_checkpoint("", NULL, path, sizeof path));
  ek_tensor *t = ek_tensor_float32(1.0f, NULL);
  assert_int_equal(ek_checkpoint_write("m-20", (const char *[]){"v"}, (const ek_tensor *const[]){t}, 1, NULL), EK_OK);
  ek_tensor_free(t);
  assert_true(ek_train_latest_checkpoint("", NULL, path, sizeof path));
  assert_string_equal(path, "m-20");
  assert_true(ek_train_latest_checkpoint(".", NULL, path, sizeof path));
  assert_string_equal(path, "./m-20");
  assert_false(ek_train_latest_checkpoint(".", NULL, path, 3));
  assert_false(ek_train_latest_checkpoint(".", "other", path, sizeof path));
}

static ek_code read_text(const char *text, ek_status *st) {
  spit("checkpoint", text, strlen(text));
  *st = (ek_status)EK_STATUS_INIT;
  ek_checkpoint_state_free(ek_train_get_checkpoint_state("", NULL, st));
  return st->code;
}

static void foreign_texts(void **state) {
  (void)state;
  ek_status st;
  assert_int_equal(chdir(fresh_folder("state")), 0);
  assert_int_equal(read_text("# by hand\nmodel_checkpoint_path : 'a' \"b\\x41\\u00e9\"; "
                             "all_model_checkpoint_paths: [\"x\", \"y\"], last_preserved_timestamp: 5f "
                             "all_model_checkpoint_timestamps: []",
                             &st),
                   EK_OK);
  const ek_checkpoint_state *r = ek_train_get_checkpoint_state("", NULL, &st);
  assert_string_equal(r->model_checkpoint_path, "abA\303\251");
  assert_int_equal(r->num_paths, 2);
  assert_true(r->last_preserved_timestamp == 5.0);
  ek_checkpoint_state_free(r);
  assert_int_equal(read_text("", &st), EK_INVALID_ARGUMENT);
  assert_int_equal(read_text("model_checkpoint_path: \"a\"\nfoo: 1", &st), EK_DATA_LOSS);
  assert_string_equal(st.msg, "checkpoint: checkpoint: line 2: a field of CheckpointState was expected");
  static const char *const bad[] = {"model_checkpoint_path",
                                    "model_checkpoint_path: a",
                                    "model_checkpoint_path: \"a",
                                    "model_checkpoint_path: \"a\nb\"",
                                    "model_checkpoint_path: \"\\q\"",
                                    "model_checkpoint_path: \"\\000\"",
                                    "model_checkpoint_path: \"\\400\"",
                                    "model_checkpoint_path: \"\\uD\\",
                                    "all_model_checkpoint_paths: [\"a\"",
                                    "last_preserved_timestamp: x",
                                    "all_model_checkpoint_timestamps: [1 2]"};
  for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
    if (read_text(bad[i], &st) != EK_DATA_LOSS) fail_msg("accepted: %s", bad[i]);
}

static void refused_updates(void **state) {
  (void)state;
  const double stamp = 1.0;
  ek_checkpoint_state s = {.model_checkpoint_path = "a",
                           .all_model_checkpoint_timestamps = &stamp,
                           .num_timestamps = 1,
                           .all_model_checkpoint_paths = (const char *[]){"b"},
                           .num_paths = 1};
  assert_int_equal(chdir(fresh_folder("state")), 0);
  assert_int_equal(ek_train_update_checkpoint_state("", &s, false, NULL, NULL), EK_INVALID_ARGUMENT);
  s = (ek_checkpoint_state){.model_checkpoint_path = "checkpoint"};
  assert_int_equal(ek_train_update_checkpoint_state("", &s, false, NULL, NULL), EK_INVALID_ARGUMENT);
  assert_int_equal(ek_train_update_checkpoint_state("nowhere", &s, false, "f", NULL), EK_NOT_FOUND);
  s.model_checkpoint_path = "";
  assert_int_equal(ek_train_update_checkpoint_state("", &s, false, NULL, NULL), EK_INVALID_ARGUMENT);
  assert_int_equal(count_files("."), 0);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(escapes_and_numbers),
      cmocka_unit_test(relative_and_absolute_paths),
      cmocka_unit_test(the_latest_checkpoint_must_exist),
      cmocka_unit_test(foreign_texts),
      cmocka_unit_test(refused_updates),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
