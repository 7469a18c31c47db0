/* SPDX-License-Identifier: Apache-2.0 */
/* The cases of cases/gradients.py that tf.nn's composites make. */
#include "golden/golden.h"

enum { MAX_XS = 5 };

static ek_out unknown(ek_graph *g, const char *name, ek_shape shape) {
  return ek_placeholder(g, EK_FLOAT32, shape, name);
}

/* The gradient of ys under d_NAME. */
static void grads(ek_graph *g, const char *name, ek_outs ys, ek_outs xs) {
  char scope[64];
  ek_out dx[MAX_XS];
  assert_in_range(xs.n, 0, MAX_XS);
  (void)snprintf(scope, sizeof scope, "d_%s", name);
  ek_gradients(ek_named(g, scope), ys, xs, NULL, dx);
}

static void grad_cross_entropies(ek_graph *g) {
  const ek_out logits = unknown(g, "logits", ek_shape(-1, 4)), labels = unknown(g, "labels", ek_shape(-1, 4));
  const ek_out sparse = ek_placeholder(g, EK_INT64, ek_shape(-1), "sparse");
  ek_out y = ek_nn_softmax_cross_entropy_with_logits(g, labels, logits, -1);
  grads(g, "softmax", EK_OUTS(y), EK_OUTS(logits));
  y = ek_nn_softmax_cross_entropy_with_logits_v2(g, labels, logits, -1);
  grads(g, "softmax_v2", EK_OUTS(y), EK_OUTS(logits, labels));
  y = ek_nn_sparse_softmax_cross_entropy_with_logits(g, sparse, logits);
  grads(g, "sparse", EK_OUTS(y), EK_OUTS(logits));
  y = ek_nn_sigmoid_cross_entropy_with_logits(g, labels, logits);
  grads(g, "sigmoid", EK_OUTS(y), EK_OUTS(logits, labels));
}
GOLDEN_TEST(grad_cross_entropies)

static void grad_moments_batch_normalization(ek_graph *g) {
  const ek_out x = unknown(g, "x", ek_shape(-1, 3));
  const ek_out m = unknown(g, "m", ek_shape(3)), v = unknown(g, "v", ek_shape(3));
  const ek_out o = unknown(g, "o", ek_shape(3)), s = unknown(g, "s", ek_shape(3));
  const ek_out none = {0, 0};
  const ek_nn_moments_outs moments = ek_nn_moments(g, x, (const int64_t[]){0}, 1, false);
  grads(g, "moments", EK_OUTS(moments.mean, moments.variance), EK_OUTS(x));
  ek_out y = ek_nn_batch_normalization(g, x, m, v, o, s, 1e-3);
  grads(g, "norm", EK_OUTS(y), EK_OUTS(x, m, v, o, s));
  y = ek_nn_batch_normalization(g, x, m, v, none, none, 1e-3);
  grads(g, "norm_plain", EK_OUTS(y), EK_OUTS(x, m, v));
}
GOLDEN_TEST(grad_moments_batch_normalization)

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_grad_cross_entropies),
                                     cmocka_unit_test(test_grad_moments_batch_normalization)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
