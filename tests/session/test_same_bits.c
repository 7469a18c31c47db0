/* SPDX-License-Identifier: Apache-2.0 */
/* A whole training run gives the same bits for any number of threads: initial values, dropout, matrix products,
 * batch normalization, gradients and Adam. */
#include "session/mlp.h"

#include <stdio.h>

enum { ROWS = 301 }; /* no multiple of anything, and enough that kernels divide their work */

static void same_bits(ek_dtype dtype, bool fused, const int *threads, int n) {
  const mlp m = mlp_new(dtype, fused);
  ek_session_opts opts = EK_SESSION_OPTS_INIT;
  opts.threads = 1;
  mlp_values alone = mlp_train(&m, &opts, ROWS);
  for (int i = 0; i < n; i++) {
    char what[32];
    (void)snprintf(what, sizeof what, "%d threads", threads[i]);
    opts.threads = threads[i];
    mlp_values together = mlp_train(&m, &opts, ROWS);
    assert_same_bits(m.g, what, &together, &alone);
    values_free(&together);
  }
  values_free(&alone);
  ek_graph_free(m.g);
}

static void float32_of_single_ops(void **state) {
  (void)state;
  same_bits(EK_FLOAT32, false, (const int[]){2, 3, 8}, 3);
}

static void float32_fused(void **state) {
  (void)state;
  same_bits(EK_FLOAT32, true, (const int[]){2, 3, 8}, 3);
}

static void float64(void **state) {
  (void)state;
  same_bits(EK_FLOAT64, false, (const int[]){3}, 1);
}

/* The comparison would notice: one row more in each batch gives other bits. */
static void bits_depend_on_the_data(void **state) {
  (void)state;
  const mlp m = mlp_new(EK_FLOAT32, false);
  mlp_values first = mlp_train(&m, NULL, 32), again = mlp_train(&m, NULL, 32), other = mlp_train(&m, NULL, 33);
  assert_same_bits(m.g, "again", &again, &first);
  bool same = true;
  for (int i = 0; i < first.n; i++) same = same && ek_tensor_equal(first.at[i], other.at[i]);
  assert_false(same);
  values_free(&first);
  values_free(&again);
  values_free(&other);
  ek_graph_free(m.g);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(float32_of_single_ops), cmocka_unit_test(float32_fused),
                                     cmocka_unit_test(float64), cmocka_unit_test(bits_depend_on_the_data)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
