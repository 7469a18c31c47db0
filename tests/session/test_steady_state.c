/* SPDX-License-Identifier: Apache-2.0 */
/* Once it has met its batch sizes, training allocates nothing through the session's allocator: forward, backward, Adam,
 * dropout, moving averages, a fetched loss; with a flag that goes up and down, and a smaller last batch. */
#include "session/mlp.h"

#include <stdlib.h>

static void *counting_alloc(void *ctx, size_t size, size_t align) {
  ++*(long *)ctx;
  return aligned_alloc(align, (size + align - 1) / align * align);
}

static void counting_free(void *ctx, void *p, size_t size) {
  (void)ctx;
  (void)size;
  free(p);
}

enum { ROWS = 60, LAST = 47, ROUNDS = 3 };

/* One training step and one evaluation of each batch size. */
static void round_of(ek_callable *train, ek_callable *evaluate, ek_tensor *const *images, ek_tensor *const *labels,
                     ek_tensor *yes, ek_tensor *no) {
  for (int k = 0; k < 2; k++)
    for (int training = 0; training < 2; training++) {
      ek_status st = EK_STATUS_INIT;
      ek_tensor *const feeds[] = {images[k], labels[k], training ? yes : no};
      ek_tensor *loss = NULL;
      if (ek_callable_run(training ? train : evaluate, feeds, &loss, &st) != EK_OK) fail_msg("%s", st.msg);
      ek_tensor_free(loss);
    }
}

static void training_allocates_nothing(bool fused) {
  const mlp m = mlp_new(EK_FLOAT32, fused);
  long made = 0;
  const ek_allocator a = {counting_alloc, counting_free, &made};
  ek_session_opts opts = EK_SESSION_OPTS_INIT;
  ek_status st = EK_STATUS_INIT;
  opts.allocator = &a;
  ek_session *s = ek_session_new(m.g, &opts, &st);
  run_op(s, m.init);
  const ek_out feeds[] = {m.x, m.labels, m.training};
  ek_callable *train = ek_session_make_callable(s, feeds, 3, &EK_FETCH(m.loss), 1, &m.train, 1, &st),
              *evaluate = ek_session_make_callable(s, feeds, 3, &EK_FETCH(m.loss), 1, NULL, 0, &st);
  assert_non_null(train);
  assert_non_null(evaluate);
  ek_tensor *images[] = {mlp_images(EK_FLOAT32, ROWS, 0), mlp_images(EK_FLOAT32, LAST, 1)},
            *labels[] = {mlp_labels(ROWS, 0), mlp_labels(LAST, 1)}, *yes = ek_tensor_bool(true, NULL),
            *no = ek_tensor_bool(false, NULL);
  round_of(train, evaluate, images, labels, yes, no);
  const long before = made;
  for (int i = 0; i < ROUNDS; i++) round_of(train, evaluate, images, labels, yes, no);
  assert_int_equal(made - before, 0);
  for (int k = 0; k < 2; k++) {
    ek_tensor_free(images[k]);
    ek_tensor_free(labels[k]);
  }
  ek_tensor_free(yes);
  ek_tensor_free(no);
  ek_callable_free(train);
  ek_callable_free(evaluate);
  ek_session_free(s);
  ek_graph_free(m.g);
}

static void by_single_ops(void **state) {
  (void)state;
  training_allocates_nothing(false);
}

static void fused(void **state) {
  (void)state;
  training_allocates_nothing(true);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(by_single_ops), cmocka_unit_test(fused)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
