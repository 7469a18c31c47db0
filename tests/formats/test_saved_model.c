/* SPDX-License-Identifier: Apache-2.0 */
/* SavedModels written and read here; tests/golden and tests/parity hold them against TensorFlow's. */
#include "evenkeel/evenkeel.h"

#include "test.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define DIR_OF(name) EK_TEST_TMP "/saved_model_" name

/* Folders of earlier runs are in the way. */
static void remove_folder(const char *dir) {
  static const char *const files[] = {"saved_model.pb",
                                      "saved_model.pbtxt",
                                      "variables/variables.index",
                                      "variables/variables.data-00000-of-00001",
                                      "assets/words.txt",
                                      "variables",
                                      "assets",
                                      ""};
  char path[512];
  for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) {
    (void)snprintf(path, sizeof path, "%s/%s", dir, files[i]);
    if (unlink(path) != 0) (void)rmdir(path);
  }
}

static bool exists(const char *dir, const char *name) {
  char path[512];
  struct stat s;
  (void)snprintf(path, sizeof path, "%s/%s", dir, name);
  return stat(path, &s) == 0;
}

/* y = x * w, w = 3; steps counts in a local variable that the main op sets to 7. */
typedef struct net {
  ek_graph *g;
  ek_session *s;
  ek_out x, y;
  ek_variable w, local;
  ek_op main_op;
} net;

static net new_net(bool by_handle) {
  static const char *const local[] = {EK_LOCAL_VARIABLES};
  ek_status st = EK_STATUS_INIT;
  net n = {.g = ek_graph_new(NULL)};
  n.x = ek_placeholder(n.g, EK_FLOAT32, ek_shape(-1), "x");
  n.w = ek_variable_new(ek_named(n.g, "w"), ek_number(n.g, 3.0), EK_VARIABLE(.use_resource = by_handle));
  n.local = ek_variable_new(ek_named(n.g, "seen"), ek_number(n.g, 7.0),
                            EK_VARIABLE(.collections = local, .n_collections = 1, .trainable = false));
  n.y = ek_multiply(ek_named(n.g, "y"), n.x, ek_variable_operand(n.g, n.w));
  n.main_op = ek_local_variables_initializer(n.g);
  const ek_op init = ek_global_variables_initializer(n.g);
  n.s = ek_session_new(n.g, NULL, &st);
  if (n.s == NULL || ek_session_run_op(n.s, init, &st) != EK_OK) fail_msg("%s", st.msg);
  return n;
}

static void free_net(net *n) {
  ek_session_free(n->s);
  ek_graph_free(n->g);
}

static float answer(ek_session *s, const char *x, const char *y) {
  ek_status st = EK_STATUS_INIT;
  const float two = 2.0F;
  ek_tensor *value = ek_tensor_from(EK_FLOAT32, ek_shape(1), &two, &st), *result = NULL;
  const ek_feed feed = EK_FEED_NAME(x, value);
  if (ek_session_run(s, &feed, 1, &EK_FETCH_NAME(y), 1, &result, NULL, 0, NULL, &st) != EK_OK) fail_msg("%s", st.msg);
  const float found = *(const float *)ek_tensor_data(result);
  ek_tensor_free(value);
  ek_tensor_free(result);
  return found;
}

static void check_simple(bool by_handle, const char *dir) {
  ek_status st = EK_STATUS_INIT;
  static const char *const tags[] = {EK_TAG_SERVING};
  remove_folder(dir);
  net n = new_net(by_handle);
  const ek_tensor_info in = ek_build_tensor_info(n.g, "numbers", n.x), out = ek_build_tensor_info(n.g, "tripled", n.y);
  if (ek_saved_model_simple_save(n.s, dir, &in, 1, &out, 1, &st) != EK_OK) fail_msg("%s", st.msg);
  free_net(&n);
  assert_true(ek_saved_model_exists(dir) && exists(dir, "variables/variables.index"));

  ek_graph *g = ek_graph_new(NULL);
  ek_session *s = ek_session_new(g, NULL, &st);
  ek_saved_model *m = NULL;
  if (ek_saved_model_load(s, tags, 1, dir, &m, &st) != EK_OK) fail_msg("%s", st.msg);
  const ek_signature_def *sig = ek_saved_model_find_signature(m, 0, EK_DEFAULT_SERVING_SIGNATURE_KEY);
  assert_non_null(sig);
  assert_string_equal(sig->method_name, EK_PREDICT_METHOD_NAME);
  assert_int_equal(sig->n_inputs, 1);
  assert_string_equal(sig->inputs[0].key, "numbers");
  assert_string_equal(sig->inputs[0].name, "x:0");
  assert_int_equal(sig->inputs[0].dtype, EK_FLOAT32);
  assert_true(ek_shape_equal(sig->inputs[0].shape, ek_shape(-1)));
  assert_true(answer(s, sig->inputs[0].name, sig->outputs[0].name) == 6.0F);
  ek_saved_model_free(m);
  ek_session_free(s);
  ek_graph_free(g);
}

static void what_is_saved_is_served(void **state) {
  (void)state;
  check_simple(false, DIR_OF("ref"));
  check_simple(true, DIR_OF("resource"));
}

static void write_file(const char *path, const char *text) {
  FILE *f = fopen(path, "wb");
  assert_non_null(f);
  (void)fputs(text, f);
  (void)fclose(f);
}

static void tags_assets_and_the_main_op_arrive(void **state) {
  (void)state;
  const char *dir = DIR_OF("built/"), *words = EK_TEST_TMP "/words.txt";
  static const char *const serve[] = {EK_TAG_SERVING, "cpu"}, *const train[] = {EK_TAG_TRAINING};
  static const char *const swapped[] = {"cpu", EK_TAG_SERVING};
  ek_status st = EK_STATUS_INIT;
  remove_folder(dir);
  write_file(words, "one\ntwo\n");
  net n = new_net(false);
  const ek_out path = ek_constant_string(ek_named(n.g, "path"), words);
  (void)path;
  const ek_tensor_info in = ek_build_tensor_info(n.g, "x", n.x), out = ek_build_tensor_info(n.g, "y", n.y);
  const ek_signature_def signatures[] = {
      {.key = "b", .inputs = &in, .n_inputs = 1, .outputs = &out, .n_outputs = 1},
      {.key = "a", .inputs = &in, .n_inputs = 1, .outputs = &out, .n_outputs = 1},
  };
  const ek_asset_file asset = {"path:0", "words.txt"};
  ek_saved_model_opts o = EK_SAVED_MODEL_OPTS_INIT;
  o.tags = serve;
  o.n_tags = 2;
  o.signatures = signatures;
  o.n_signatures = 2;
  o.assets = &asset;
  o.n_assets = 1;
  o.main_op = n.main_op;
  ek_saved_model_builder *b = ek_saved_model_builder_new(dir, &st);
  assert_non_null(b);
  assert_false(exists(dir, "")); /* not before it is complete */
  if (ek_saved_model_builder_add_meta_graph_and_variables(b, n.s, &o, &st) != EK_OK) fail_msg("%s", st.msg);
  assert_int_equal(ek_saved_model_builder_add_meta_graph_and_variables(b, n.s, &o, NULL), EK_FAILED_PRECONDITION);
  ek_saved_model_opts second = EK_SAVED_MODEL_OPTS_INIT;
  second.tags = train;
  second.n_tags = 1;
  assert_int_equal(ek_saved_model_builder_add_meta_graph(b, n.g, &second, &st), EK_OK);
  assert_int_equal(ek_saved_model_builder_add_file(b, words, "assets/words.txt", &st), EK_OK);
  assert_int_equal(ek_saved_model_builder_add_file(b, words, "../words.txt", NULL), EK_INVALID_ARGUMENT);
  assert_int_equal(ek_saved_model_builder_save(b, true, &st), EK_OK);
  assert_int_equal(ek_saved_model_builder_save(b, true, NULL), EK_FAILED_PRECONDITION);
  ek_saved_model_builder_free(b);
  free_net(&n);

  ek_saved_model *m = ek_saved_model_open(dir, &st);
  if (m == NULL) fail_msg("%s", st.msg);
  assert_true(exists(dir, "assets/words.txt"));
  assert_int_equal(ek_saved_model_num_meta_graphs(m), 2);
  assert_int_equal(ek_saved_model_find(m, swapped, 2, NULL), 0);
  assert_int_equal(ek_saved_model_find(m, train, 1, NULL), 1);
  assert_int_equal(ek_saved_model_find(m, serve, 1, &st), -1);
  assert_non_null(strstr(st.msg, "tagged {serve}; there is {serve, cpu} {train}"));
  assert_string_equal(ek_saved_model_signature(m, 0, 0)->key, "a");
  assert_null(ek_saved_model_signature(m, 1, 0));
  assert_string_equal(ek_saved_model_asset(m, 0, 0)->filename, "words.txt");
  assert_null(ek_saved_model_asset(m, 0, 1));
  assert_string_equal(ek_saved_model_init_op(m, 0), "init");
  ek_saved_model_free(m);

  st = (ek_status)EK_STATUS_INIT;
  ek_graph *g = ek_graph_new(NULL);
  ek_session *s = ek_session_new(g, NULL, &st);
  assert_int_equal(ek_saved_model_load(s, serve, 2, dir, NULL, &st), EK_OK);
  ek_tensor *seen = NULL;
  assert_int_equal(ek_session_run(s, NULL, 0, &EK_FETCH_NAME("seen"), 1, &seen, NULL, 0, NULL, &st), EK_OK);
  assert_true(*(const float *)ek_tensor_data(seen) == 7.0F); /* the main op has run */
  ek_tensor_free(seen);
  ek_session_free(s);
  ek_graph_free(g);
}

static void mistakes_leave_nothing(void **state) {
  (void)state;
  const char *dir = DIR_OF("bad");
  ek_status st = EK_STATUS_INIT;
  remove_folder(dir);
  net n = new_net(false);
  const ek_tensor_info in = ek_build_tensor_info(n.g, "x", n.x);
  ek_tensor_info out = ek_build_tensor_info(n.g, "y", n.y);
  out.name = "nothing:0";
  assert_int_equal(ek_saved_model_simple_save(n.s, dir, &in, 1, &out, 1, &st), EK_INVALID_ARGUMENT);
  assert_non_null(strstr(st.msg, "'nothing:0', which is no tensor"));
  assert_false(exists(dir, ""));
  assert_null(ek_saved_model_open(dir, NULL));

  out.name = "y:0";
  assert_int_equal(ek_saved_model_simple_save(n.s, dir, &in, 1, &out, 1, NULL), EK_OK);
  st = (ek_status)EK_STATUS_INIT;
  assert_int_equal(ek_saved_model_simple_save(n.s, dir, &in, 1, &out, 1, &st), EK_ALREADY_EXISTS);
  free_net(&n);
  assert_int_equal(truncate(DIR_OF("bad/saved_model.pb"), 100), 0);
  st = (ek_status)EK_STATUS_INIT;
  assert_null(ek_saved_model_open(dir, &st));
  assert_int_equal(st.code, EK_DATA_LOSS);
}

static void a_graph_without_variables_is_a_model(void **state) {
  (void)state;
  const char *dir = DIR_OF("plain");
  static const char *const tags[] = {EK_TAG_SERVING};
  ek_status st = EK_STATUS_INIT;
  remove_folder(dir);
  ek_graph *g = ek_graph_new(NULL);
  const ek_out x = ek_placeholder(g, EK_FLOAT32, ek_shape(-1), "x");
  const ek_out y = ek_add(ek_named(g, "y"), x, x);
  ek_session *s = ek_session_new(g, NULL, &st);
  const ek_tensor_info in = ek_build_tensor_info(g, "x", x), out = ek_build_tensor_info(g, "y", y);
  assert_int_equal(ek_saved_model_simple_save(s, dir, &in, 1, &out, 1, &st), EK_OK);
  ek_session_free(s);
  ek_graph_free(g);
  g = ek_graph_new(NULL);
  s = ek_session_new(g, NULL, &st);
  if (ek_saved_model_load(s, tags, 1, dir, NULL, &st) != EK_OK) fail_msg("%s", st.msg);
  assert_true(answer(s, "x", "y") == 4.0F);
  ek_session_free(s);
  ek_graph_free(g);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(what_is_saved_is_served),
      cmocka_unit_test(tags_assets_and_the_main_op_arrive),
      cmocka_unit_test(mistakes_leave_nothing),
      cmocka_unit_test(a_graph_without_variables_is_a_model),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
