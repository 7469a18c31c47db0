/* SPDX-License-Identifier: Apache-2.0 */
/* A net with one layer of four units is built, trained, saved and restored while the N-th allocation fails, for every
 * N: each time RESOURCE_EXHAUSTED, nothing leaked, and what was saved before is not lost. */
#include "layers/layers.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

/* Sanitizers make a round twenty times slower: they take every 11th. */
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
enum { STRIDE = 11 };
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
enum { STRIDE = 11 };
#else
enum { STRIDE = 1 };
#endif
#else
enum { STRIDE = 1 };
#endif

typedef struct failing {
  long countdown; /* the allocation that fails; 0: none */
  long made, live;
} failing;

static void *failing_alloc(void *ctx, size_t size, size_t align) {
  failing *f = ctx;
  f->made++;
  if (f->countdown > 0 && --f->countdown == 0) return NULL;
  f->live++;
  return aligned_alloc(align, (size + align - 1) / align * align);
}

static void failing_free(void *ctx, void *p, size_t size) {
  (void)size;
  ((failing *)ctx)->live--;
  free(p);
}

typedef struct net {
  ek_graph *g;
  ek_out x, labels, training, loss;
  ek_op train, init;
  ek_saver *saver;
} net;

static net build(const ek_allocator *a) {
  ek_graph_opts graph_opts = EK_GRAPH_OPTS_INIT;
  graph_opts.allocator = a;
  net n = {.g = ek_graph_new(&graph_opts)};
  ek_graph *g = n.g;
  if (g == NULL) return n;
  n.x = ek_placeholder(g, EK_FLOAT32, ek_shape(-1, 3), "x");
  n.labels = ek_placeholder(g, EK_INT64, ek_shape(-1), "labels");
  n.training = ek_placeholder(g, EK_BOOL, ek_shape_scalar(), "training");
  ek_out h = ek_layers_dense(g, n.x, 4, NULL);
  h = ek_layers_batch_normalization(g, h, EK_LAYERS_BATCH_NORMALIZATION(.training = ek_flag_of(n.training)));
  n.loss = ek_losses_sparse_softmax_cross_entropy(g, n.labels, h, NULL);
  const ek_variable step = ek_train_get_or_create_global_step(g);
  EK_CONTROL_DEPENDENCIES (g, ek_get_collection_ops(g, EK_UPDATE_OPS, NULL)) {
    n.train = ek_train_minimize(ek_train_momentum(g, 0.1, 0.9, NULL), n.loss, EK_TRAIN_MINIMIZE(.global_step = step));
  }
  n.init = ek_global_variables_initializer(g);
  ek_train_saver_opts saver_opts = EK_TRAIN_SAVER_OPTS_INIT;
  saver_opts.allocator = a;
  n.saver = ek_train_saver_new(g, &saver_opts);
  return n;
}

static ek_code train(const net *n, ek_session *s, ek_status *st) {
  static const float pixels[6] = {1, 2, 3, 4, 5, 7};
  static const int64_t classes[2] = {1, 3};
  ek_tensor *x = ek_tensor_from(EK_FLOAT32, ek_shape(2, 3), pixels, NULL),
            *labels = ek_tensor_from(EK_INT64, ek_shape(2), classes, NULL), *yes = ek_tensor_bool(true, NULL);
  const ek_feed feeds[] = {EK_FEED(n->x, x), EK_FEED(n->labels, labels), EK_FEED(n->training, yes)};
  ek_code rc = ek_session_run_op(s, n->init, st);
  for (int i = 0; i < 2 && rc == EK_OK; i++) {
    ek_tensor *loss = NULL;
    rc = ek_session_run(s, feeds, 3, &EK_FETCH(n->loss), 1, &loss, &n->train, 1, NULL, st);
    assert_true((loss != NULL) == (rc == EK_OK));
    ek_tensor_free(loss);
  }
  ek_tensor_free(x);
  ek_tensor_free(labels);
  ek_tensor_free(yes);
  return rc;
}

/* Build, train, save, restore; the first error. */
static ek_code all(const ek_allocator *a, const char *prefix) {
  ek_status st = EK_STATUS_INIT;
  const net n = build(a);
  if (n.g == NULL) return EK_RESOURCE_EXHAUSTED;
  ek_session *s = ek_session_new(n.g, NULL, &st);
  if (s != NULL && train(&n, s, &st) == EK_OK &&
      ek_train_saver_save(n.saver, s, prefix, EK_TRAIN_SAVE(.step = 2), NULL, &st) == EK_OK)
    (void)ek_train_saver_restore(n.saver, s, ek_train_saver_checkpoint(n.saver, 0), &st);
  ek_train_saver_free(n.saver);
  ek_session_free(s);
  ek_graph_free(n.g);
  if (st.code != EK_OK && st.code != EK_RESOURCE_EXHAUSTED) print_error("%s\n", st.msg);
  return st.code;
}

/* What an earlier run saved is whole: a save that fails leaves it or replaces it. */
static void restores(const char *prefix) {
  ek_status st = EK_STATUS_INIT;
  char path[512];
  (void)snprintf(path, sizeof path, "%s-2", prefix);
  const net n = build(NULL);
  ek_session *s = session_of(n.g);
  if (ek_train_saver_restore(n.saver, s, path, &st) != EK_OK) fail_msg("%s", st.msg);
  ek_train_saver_free(n.saver);
  ek_session_free(s);
  ek_graph_free(n.g);
}

static void every_allocation_may_fail(void **state) {
  (void)state;
  const char *folder = EK_TEST_TMP "/layers_out_of_memory", *prefix = EK_TEST_TMP "/layers_out_of_memory/model";
  (void)mkdir(EK_TEST_TMP, 0777);
  (void)mkdir(folder, 0777);
  failing f = {0};
  const ek_allocator a = {failing_alloc, failing_free, &f};
  assert_int_equal(all(&a, prefix), EK_OK);
  assert_int_equal(f.live, 0);
  const long needed = f.made;
  for (long n = 1; n <= needed; n += STRIDE) {
    f = (failing){.countdown = n};
    const ek_code rc = all(&a, prefix);
    if (f.live != 0) fail_msg("allocation %ld of %ld: %ld blocks leaked", n, needed, f.live);
    if (rc != EK_RESOURCE_EXHAUSTED) fail_msg("allocation %ld of %ld: code %d", n, needed, (int)rc);
  }
  restores(prefix);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(every_allocation_may_fail)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
