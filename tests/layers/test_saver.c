/* SPDX-License-Identifier: Apache-2.0 */
/* Savers: what is saved is restored, old checkpoints go, mistakes are told, and TensorFlow's files are read. */
#include "io/files.h"
#include "layers/layers.h"

static const char *folder;

typedef struct net {
  ek_graph *g;
  ek_variable v, a, step; /* a reference, a resource, a counter */
  ek_saver *saver;
  ek_session *s;
} net;

/* The variables begin at v, 2 v and 0. */
static net open_net(double v, const ek_train_saver_opts *opts) {
  net n = {.g = ek_graph_new(NULL)};
  n.v = scalar_variable(n.g, "layer/v", v, EK_NO);
  n.a = scalar_variable(n.g, "a", 2 * v, EK_YES);
  n.step = ek_train_get_or_create_global_step(n.g);
  n.saver = ek_train_saver_new(n.g, opts);
  n.s = initialized_session(n.g);
  return n;
}

static void close_net(net *n) {
  ek_graph_free(n->g);
  ek_session_free(n->s);
  ek_train_saver_free(n->saver); /* last: it outlives its graph */
}

static const char *save(net *n, const char *name, const ek_train_save_opts *opts) {
  ek_status st = EK_STATUS_INIT;
  const char *path = NULL;
  if (ek_train_saver_save(n->saver, n->s, in_folder(folder, name), opts, &path, &st) != EK_OK) fail_msg("%s", st.msg);
  return path;
}

static bool exists(const char *name) {
  struct stat info;
  return stat(in_folder(folder, name), &info) == 0;
}

static int setup(void **state) {
  (void)state;
  static char path[1024];
  folder = strcpy(path, fresh_folder("saver"));
  return 0;
}

/* ---- there and back */

static void what_is_saved_is_restored(void **state) {
  (void)state;
  for (int sharded = 0; sharded < 2; sharded++) {
    ek_status st = EK_STATUS_INIT;
    ek_train_saver_opts opts = EK_TRAIN_SAVER_OPTS_INIT;
    opts.sharded = sharded;
    net n = open_net(1.5, &opts);
    const char *path = save(&n, "model", NULL);
    assert_string_equal(path, in_folder(folder, "model"));
    assert_true(ek_train_checkpoint_exists(path));
    assert_true(exists("model.index"));
    assert_true(exists("model.data-00000-of-00001"));
    assert_true(exists("model.meta"));
    assert_false(exists("model_temp"));
    net other = open_net(7.0, &opts);
    ek_session_free(other.s);
    other.s = session_of(other.g); /* nothing initialized */
    if (ek_train_saver_restore(other.saver, other.s, path, &st) != EK_OK) fail_msg("%s", st.msg);
    assert_near(number_of(other.s, other.v), 1.5);
    assert_near(number_of(other.s, other.a), 3.0);
    assert_near(number_of(other.s, other.step), 0.0);
    close_net(&other);
    close_net(&n);
  }
}

static void names_in_the_file_may_differ(void **state) {
  (void)state;
  ek_status st = EK_STATUS_INIT;
  net n = open_net(1.0, NULL);
  const ek_named_variable map[] = {{"second", n.a}, {"first", n.v}};
  ek_train_saver_opts opts = EK_TRAIN_SAVER_OPTS_INIT;
  opts.var_map = (ek_named_variables){map, 2};
  ek_saver *renamed = ek_train_saver_new(n.g, &opts);
  ek_session *s = initialized_session(n.g); /* the graph has grown */
  assert_int_equal(ek_train_saver_save(renamed, s, in_folder(folder, "renamed"), NULL, NULL, &st), EK_OK);
  ek_checkpoint_reader *r = ek_checkpoint_reader_new(in_folder(folder, "renamed"), &st);
  assert_int_equal(ek_checkpoint_reader_num_keys(r), 2);
  assert_string_equal(ek_checkpoint_reader_key(r, 0), "first");
  assert_string_equal(ek_checkpoint_reader_key(r, 1), "second");
  ek_checkpoint_reader_free(r);
  ek_train_saver_free(renamed);
  ek_session_free(s);
  close_net(&n);
}

static void a_meta_graph_brings_its_saver(void **state) {
  (void)state;
  ek_status st = EK_STATUS_INIT;
  net n = open_net(1.25, NULL);
  const char *path = save(&n, "model", EK_TRAIN_SAVE(.global_step = n.step));
  assert_string_equal(path, in_folder(folder, "model-0"));
  ek_graph *g = ek_graph_new(NULL);
  ek_saver_def def;
  if (ek_import_meta_graph(g, in_folder(folder, "model-0.meta"), NULL, &def, &st) != EK_OK) fail_msg("%s", st.msg);
  assert_string_equal(def.filename_tensor_name, "save/Const:0");
  assert_string_equal(def.save_tensor_name, "save/control_dependency:0");
  assert_string_equal(def.restore_op_name, "save/restore_all");
  assert_int_equal(def.max_to_keep, 5);
  ek_train_saver_opts opts = EK_TRAIN_SAVER_OPTS_INIT;
  opts.saver_def = &def;
  ek_saver *saver = ek_train_saver_new(g, &opts);
  assert_non_null(saver);
  ek_session *s = session_of(g);
  if (ek_train_saver_restore(saver, s, path, &st) != EK_OK) fail_msg("%s", st.msg);
  assert_near(number_of(s, ek_variable_of(g, ek_graph_find_op(g, "layer/v"))), 1.25);
  assert_near(number_of(s, ek_variable_of(g, ek_graph_find_op(g, "a"))), 2.5);
  assert_int_equal(ek_train_saver_save(saver, s, in_folder(folder, "again"), NULL, NULL, &st), EK_OK);
  ek_train_saver_free(saver);
  ek_session_free(s);
  ek_graph_free(g);
  close_net(&n);
}

static void tensorflows_own_files_are_restored(void **state) {
  (void)state;
  ek_status st = EK_STATUS_INIT;
  ek_graph *g = ek_graph_new(NULL);
  ek_saver_def def;
  if (ek_import_meta_graph(g, GOLDEN("serve/model.meta"), NULL, &def, &st) != EK_OK) fail_msg("%s", st.msg);
  ek_train_saver_opts opts = EK_TRAIN_SAVER_OPTS_INIT;
  opts.saver_def = &def;
  ek_saver *saver = ek_train_saver_new(g, &opts);
  ek_session *s = session_of(g);
  if (ek_train_saver_restore(saver, s, GOLDEN("serve/model"), &st) != EK_OK) fail_msg("%s", st.msg);
  const ek_variables all = ek_get_collection_variables(g, EK_GLOBAL_VARIABLES, NULL);
  ek_checkpoint_reader *r = ek_checkpoint_reader_new(GOLDEN("serve/model"), &st);
  assert_true(all.n > 5);
  for (int i = 0; i < all.n; i++) {
    ek_tensor *want = ek_checkpoint_reader_get_tensor(r, ek_variable_name(g, all.at[i]), &st);
    ek_tensor *got = ek_session_get_variable(s, all.at[i], &st);
    assert_non_null(want);
    assert_true(ek_tensor_equal(got, want));
    ek_tensor_free(want);
    ek_tensor_free(got);
  }
  /* and written again: the same bytes */
  assert_int_equal(ek_train_saver_save(saver, s, in_folder(folder, "model"), NULL, NULL, &st), EK_OK);
  static const char *const suffixes[] = {"index", "data-00000-of-00001"};
  for (int i = 0; i < 2; i++) {
    char ours[1024], theirs[1024];
    (void)snprintf(ours, sizeof ours, "%s/model.%s", folder, suffixes[i]);
    (void)snprintf(theirs, sizeof theirs, "%s.%s", GOLDEN("serve/model"), suffixes[i]);
    const bytes a = slurp(ours), b = slurp(theirs);
    assert_int_equal(a.size, b.size);
    assert_memory_equal(a.data, b.data, b.size);
    free(a.data);
    free(b.data);
  }
  ek_checkpoint_reader_free(r);
  ek_train_saver_free(saver);
  ek_session_free(s);
  ek_graph_free(g);
}

/* ---- what is kept */

static void old_checkpoints_go(void **state) {
  (void)state;
  ek_train_saver_opts opts = EK_TRAIN_SAVER_OPTS_INIT;
  opts.max_to_keep = 2;
  opts.pad_step_number = true;
  net n = open_net(1.0, &opts);
  for (int i = 1; i <= 3; i++) (void)save(&n, "m", EK_TRAIN_SAVE(.step = 10 * i));
  (void)save(&n, "m", EK_TRAIN_SAVE(.step = 20)); /* again: now the newest */
  assert_false(exists("m-00000010.index"));
  assert_false(exists("m-00000010.data-00000-of-00001"));
  assert_false(exists("m-00000010.meta"));
  assert_true(exists("m-00000020.meta"));
  assert_int_equal(ek_train_saver_num_checkpoints(n.saver), 2);
  assert_string_equal(ek_train_saver_checkpoint(n.saver, 0), in_folder(folder, "m-00000030"));
  assert_string_equal(ek_train_saver_checkpoint(n.saver, 1), in_folder(folder, "m-00000020"));
  assert_null(ek_train_saver_checkpoint(n.saver, 2));
  char latest[1024];
  assert_true(ek_train_latest_checkpoint(folder, NULL, latest, sizeof latest));
  assert_string_equal(latest, in_folder(folder, "m-00000020"));
  close_net(&n);
}

static void the_state_file_is_written_in_relative_paths(void **state) {
  (void)state;
  ek_train_saver_opts opts = EK_TRAIN_SAVER_OPTS_INIT;
  opts.save_relative_paths = true;
  net n = open_net(1.0, &opts);
  ek_train_save_opts with = EK_TRAIN_SAVE_OPTS_INIT;
  with.latest_filename = "newest";
  with.write_meta_graph = false;
  with.step = 1;
  (void)save(&n, "m", &with);
  with.step = 2;
  (void)save(&n, "m", &with);
  bytes b = slurp(in_folder(folder, "newest"));
  static const char want[] = "model_checkpoint_path: \"m-2\"\nall_model_checkpoint_paths: \"m-1\"\n"
                             "all_model_checkpoint_paths: \"m-2\"\n";
  assert_int_equal(b.size, sizeof want - 1);
  assert_memory_equal(b.data, want, b.size);
  free(b.data);
  assert_false(exists("m-1.meta"));
  assert_false(exists("checkpoint"));
  with.write_state = false;
  with.step = 3;
  (void)save(&n, "m", &with);
  assert_int_equal(ek_train_saver_num_checkpoints(n.saver), 2);
  close_net(&n);
}

static void one_in_so_many_hours_is_kept(void **state) {
  (void)state;
  ek_train_saver_opts opts = EK_TRAIN_SAVER_OPTS_INIT;
  opts.max_to_keep = 1;
  opts.keep_checkpoint_every_n_hours = 0.0; /* always */
  net n = open_net(1.0, &opts);
  (void)save(&n, "m", EK_TRAIN_SAVE(.step = 1));
  (void)save(&n, "m", EK_TRAIN_SAVE(.step = 2));
  assert_true(exists("m-1.index"));
  close_net(&n);
  opts.max_to_keep = 0; /* all are kept, only the newest is noted */
  n = open_net(1.0, &opts);
  for (int i = 3; i < 6; i++) (void)save(&n, "m", EK_TRAIN_SAVE(.step = i));
  assert_true(exists("m-3.index"));
  assert_int_equal(ek_train_saver_num_checkpoints(n.saver), 0);
  close_net(&n);
}

static void a_run_goes_on_with_its_checkpoints(void **state) {
  (void)state;
  ek_status st = EK_STATUS_INIT;
  ek_train_saver_opts opts = EK_TRAIN_SAVER_OPTS_INIT;
  opts.max_to_keep = 2;
  net n = open_net(1.0, &opts);
  for (int i = 1; i <= 2; i++) (void)save(&n, "m", EK_TRAIN_SAVE(.step = i));
  close_net(&n);
  n = open_net(1.0, &opts);
  const ek_checkpoint_state *found = ek_train_get_checkpoint_state(folder, NULL, &st);
  assert_int_equal(
      ek_train_saver_recover_last_checkpoints(n.saver, found->all_model_checkpoint_paths, found->num_paths, &st),
      EK_OK);
  ek_checkpoint_state_free(found);
  (void)save(&n, "m", EK_TRAIN_SAVE(.step = 3));
  assert_false(exists("m-1.index"));
  assert_true(exists("m-2.index"));
  static const char *const gone[] = {"/nowhere/m-1"};
  assert_int_equal(ek_train_saver_recover_last_checkpoints(n.saver, gone, 1, &st), EK_OK);
  assert_int_equal(ek_train_saver_num_checkpoints(n.saver), 0);
  close_net(&n);
}

/* ---- mistakes */

static void expect(ek_code got, ek_code want, ek_status *st, const char *words) {
  assert_int_equal(got, want);
  if (strstr(st->msg, words) == NULL) fail_msg("'%s' is not in '%s'", words, st->msg);
  ek_status_clear(st);
}

static void mistakes_in_saving_are_told(void **state) {
  (void)state;
  ek_status st = EK_STATUS_INIT;
  net n = open_net(1.0, NULL), other = open_net(1.0, NULL);
  const char *path = in_folder(folder, "model");
  expect(ek_train_saver_save(n.saver, n.s, path, EK_TRAIN_SAVE(.latest_filename = "a/b"), NULL, &st),
         EK_INVALID_ARGUMENT, &st, "must not contain path components");
  expect(ek_train_saver_save(n.saver, n.s, path, EK_TRAIN_SAVE(.latest_filename = "model"), NULL, &st),
         EK_INVALID_ARGUMENT, &st, "collides with 'save_path'");
  expect(ek_train_saver_save(n.saver, other.s, path, NULL, NULL, &st), EK_INVALID_ARGUMENT, &st, "another graph");
  expect(ek_train_saver_save(NULL, n.s, path, NULL, NULL, &st), EK_INVALID_ARGUMENT, &st, "no saver");
  expect(ek_train_saver_save(n.saver, n.s, in_folder(folder, "x/y/model"), NULL, NULL, &st), EK_INVALID_ARGUMENT, &st,
         "Parent directory of");
  ek_session *empty = session_of(n.g);
  expect(ek_train_saver_save(n.saver, empty, path, NULL, NULL, &st), EK_FAILED_PRECONDITION, &st, "ninitialized");
  assert_int_equal(count_files(folder), 0);
  ek_session_free(empty);
  close_net(&other);
  close_net(&n);
}

static void mistakes_in_restoring_are_told(void **state) {
  (void)state;
  ek_status st = EK_STATUS_INIT;
  net n = open_net(1.0, NULL);
  const char *path = save(&n, "model", NULL);
  expect(ek_train_saver_restore(n.saver, n.s, in_folder(folder, "none"), &st), EK_INVALID_ARGUMENT, &st,
         "The passed save_path is not a valid checkpoint");
  expect(ek_train_saver_restore(n.saver, n.s, NULL, &st), EK_INVALID_ARGUMENT, &st, "Can't load save_path");

  ek_graph *g = ek_graph_new(NULL);
  (void)scalar_variable(g, "unknown", 1.0, EK_NO);
  ek_saver *saver = ek_train_saver_new(g, NULL);
  ek_session *s = session_of(g);
  expect(ek_train_saver_restore(saver, s, path, &st), EK_NOT_FOUND, &st, "unknown");
  ek_train_saver_free(saver);
  ek_session_free(s);
  ek_graph_free(g);

  g = ek_graph_new(NULL);
  (void)ek_get_variable(g, "layer/v", ek_shape(3), NULL);
  saver = ek_train_saver_new(g, NULL);
  s = session_of(g);
  expect(ek_train_saver_restore(saver, s, path, &st), EK_INVALID_ARGUMENT, &st, "mismatch");
  ek_train_saver_free(saver);
  ek_session_free(s);
  ek_graph_free(g);
  close_net(&n);
}

static void mistakes_in_building_are_told(void **state) {
  (void)state;
  ek_status st = EK_STATUS_INIT;
  ek_graph *g = ek_graph_new(NULL);
  ek_saver *saver = ek_train_saver_new(g, EK_TRAIN_SAVER(.allow_empty = true));
  ek_session *s = session_of(g);
  const char *path = "";
  ek_train_save_opts opts = EK_TRAIN_SAVE_OPTS_INIT;
  opts.write_meta_graph = false;
  assert_int_equal(ek_train_saver_save(saver, s, in_folder(folder, "empty"), &opts, &path, &st), EK_OK);
  assert_null(path);
  assert_null(ek_train_saver_as_def(saver));
  assert_int_equal(ek_train_saver_restore(saver, s, "anything", &st), EK_OK);
  ek_train_saver_free(saver);
  ek_session_free(s);
  assert_null(ek_train_saver_new(g, NULL));
  assert_refused(g, "No variables to save");

  g = ek_graph_new(NULL);
  const ek_variable v = scalar_variable(g, "v", 1.0, EK_NO);
  ek_train_saver_opts twice = EK_TRAIN_SAVER_OPTS_INIT;
  twice.var_list = EK_VARS(v, v);
  assert_null(ek_train_saver_new(g, &twice));
  assert_refused(g, "same name: v");

  g = ek_graph_new(NULL);
  const ek_variable w = scalar_variable(g, "w", 1.0, EK_NO);
  const ek_named_variable map[] = {{"x", w}, {"y", w}};
  ek_train_saver_opts mapped = EK_TRAIN_SAVER_OPTS_INIT;
  mapped.var_map = (ek_named_variables){map, 2};
  assert_null(ek_train_saver_new(g, &mapped));
  assert_refused(g, "restored with two names: y");

  g = ek_graph_new(NULL);
  const ek_train_saver_opts zero = {0};
  assert_null(ek_train_saver_new(g, &zero));
  assert_refused(g, "options of version 0");
}

/* ---- memory */

typedef struct budget {
  int left, alive; /* allocations before one fails; blocks that are out */
} budget;

static void *budget_alloc(void *ctx, size_t size, size_t align) {
  budget *b = ctx;
  const ek_allocator *a = ek_allocator_default();
  if (b->left-- <= 0) return NULL;
  b->alive++;
  return a->alloc(a->ctx, size, align);
}

static void budget_free(void *ctx, void *p, size_t size) {
  ((budget *)ctx)->alive--;
  ek_allocator_default()->free(ek_allocator_default()->ctx, p, size);
}

/* Saves twice, keeping one; false if memory ran out on the way. */
static bool save_within(budget *b) {
  ek_status st = EK_STATUS_INIT;
  const ek_allocator allocator = {budget_alloc, budget_free, b};
  ek_train_saver_opts opts = EK_TRAIN_SAVER_OPTS_INIT;
  opts.allocator = &allocator;
  opts.max_to_keep = 1;
  ek_graph *g = ek_graph_new(NULL);
  (void)scalar_variable(g, "v", 1.0, EK_NO);
  ek_saver *saver = ek_train_saver_new(g, &opts);
  ek_code code = ek_graph_status(g, NULL);
  if (saver != NULL) {
    ek_session *s = initialized_session(g);
    for (int i = 0; i < 2 && code == EK_OK; i++)
      code = ek_train_saver_save(saver, s, in_folder(folder, "m"), EK_TRAIN_SAVE(.step = i), NULL, &st);
    if (code == EK_OK) code = ek_train_saver_restore(saver, s, in_folder(folder, "m-1"), &st);
    ek_session_free(s);
  }
  ek_train_saver_free(saver);
  ek_graph_free(g);
  assert_int_equal(b->alive, 0);
  if (code != EK_OK) assert_int_equal(code, EK_RESOURCE_EXHAUSTED);
  return code == EK_OK;
}

static void memory_that_runs_out_is_told(void **state) {
  (void)state;
  int n = 0;
  for (budget b = {0, 0}; !save_within(&b); b.left = ++n) assert_true(n < 100);
  assert_true(n > 10);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test_setup(what_is_saved_is_restored, setup),
      cmocka_unit_test_setup(names_in_the_file_may_differ, setup),
      cmocka_unit_test_setup(a_meta_graph_brings_its_saver, setup),
      cmocka_unit_test_setup(tensorflows_own_files_are_restored, setup),
      cmocka_unit_test_setup(old_checkpoints_go, setup),
      cmocka_unit_test_setup(the_state_file_is_written_in_relative_paths, setup),
      cmocka_unit_test_setup(one_in_so_many_hours_is_kept, setup),
      cmocka_unit_test_setup(a_run_goes_on_with_its_checkpoints, setup),
      cmocka_unit_test_setup(mistakes_in_saving_are_told, setup),
      cmocka_unit_test_setup(mistakes_in_restoring_are_told, setup),
      cmocka_unit_test_setup(mistakes_in_building_are_told, setup),
      cmocka_unit_test_setup(memory_that_runs_out_is_told, setup),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
