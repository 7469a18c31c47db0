/* SPDX-License-Identifier: Apache-2.0 */
/* map_fn, scan and the folds compute what their names say, and so do their gradients. */
#include "layers/layers.h"

enum { N = 5, DEPTH = 2 };

static void decayed(ek_graph *g, ek_outs a, ek_outs elems, ek_out *next, void *ctx) {
  (void)ctx;
  next[0] = ek_add(g, ek_multiply(g, a.at[0], ek_number(g, 0.5)), elems.at[0]);
}

static void squares(ek_graph *g, ek_outs elems, ek_out *results, void *ctx) {
  (void)ctx;
  results[0] = ek_square(g, elems.at[0]);
}

static ek_tensor *run(ek_graph *g, ek_out x, const float *data, ek_out fetch) {
  ek_status st = EK_STATUS_INIT;
  if (ek_graph_status(g, &st) != EK_OK) fail_msg("%s", st.msg);
  ek_session *s = ek_session_new(g, NULL, &st);
  ek_tensor *in = ek_tensor_from(EK_FLOAT32, ek_shape(N, DEPTH), data, &st), *out = NULL;
  if (ek_session_run(s, &EK_FEED(x, in), 1, &EK_FETCH(fetch), 1, &out, NULL, 0, NULL, &st) != EK_OK)
    fail_msg("%s", st.msg);
  ek_tensor_free(in);
  ek_session_free(s);
  return out;
}

static const float data[N][DEPTH] = {{1, -2}, {3, 4}, {-5, 6}, {7, 8}, {9, -10}};

static void assert_numbers(ek_tensor *t, int64_t n, const double *want) {
  assert_int_equal(ek_tensor_num_elements(t), n);
  for (int64_t i = 0; i < n; i++)
    if (fabs(ek_tensor_number(t, i) - want[i]) > 1e-6 * (1 + fabs(want[i])))
      fail_msg("[%d] is %.9g, not %.9g", (int)i, ek_tensor_number(t, i), want[i]);
  ek_tensor_free(t);
}

static void map_and_its_gradient(void **state) {
  (void)state;
  ek_graph *g = ek_graph_new(NULL);
  ek_out y, dx;
  double want[N * DEPTH], slope[N * DEPTH];
  const ek_out x = ek_placeholder(g, EK_FLOAT32, ek_shape(-1, DEPTH), "x");
  ek_map_fn(g, squares, EK_OUTS(x), NULL, NULL, &y);
  ek_gradients(g, EK_OUTS(y), EK_OUTS(x), NULL, &dx);
  for (int i = 0; i < N * DEPTH; i++) {
    const double e = (double)data[i / DEPTH][i % DEPTH];
    want[i] = e * e;
    slope[i] = 2 * e;
  }
  assert_numbers(run(g, x, data[0], y), N * DEPTH, want);
  assert_numbers(run(g, x, data[0], dx), N * DEPTH, slope);
  ek_graph_free(g);
}

/* From the first to the last or back, beginning with zeros or with an element. */
static void scans_and_folds(void **state) {
  (void)state;
  for (int form = 0; form < 4; form++) {
    const bool reverse = form % 2 != 0, given = form / 2 != 0;
    ek_graph *g = ek_graph_new(NULL);
    ek_out all, last;
    double want[N][DEPTH], sum[DEPTH] = {0};
    const ek_out x = ek_placeholder(g, EK_FLOAT32, ek_shape(-1, DEPTH), "x");
    ek_scan_opts o = EK_SCAN_OPTS_INIT;
    const ek_out zeros = ek_convert(g, ek_numbers(g, 0, 0), EK_FLOAT32, NULL);
    o.reverse = reverse;
    if (given) o.initializer = (ek_outs){&zeros, 1};
    ek_scan(g, decayed, EK_OUTS(x), NULL, &o, &all);
    (reverse ? ek_foldr : ek_foldl)(g, decayed, EK_OUTS(x), NULL, &o, &last);
    for (int k = 0; k < N; k++) { /* half of zero is zero: both beginnings agree */
      const int i = reverse ? N - 1 - k : k;
      for (int d = 0; d < DEPTH; d++) want[i][d] = sum[d] = sum[d] * 0.5 + (double)data[i][d];
    }
    assert_numbers(run(g, x, data[0], all), N * DEPTH, want[0]);
    assert_numbers(run(g, x, data[0], last), DEPTH, sum);
    ek_graph_free(g);
  }
}

static void gradient_of_a_scan(void **state) {
  (void)state;
  ek_graph *g = ek_graph_new(NULL);
  ek_out all, dx;
  double want[N * DEPTH];
  const ek_out x = ek_placeholder(g, EK_FLOAT32, ek_shape(-1, DEPTH), "x");
  ek_scan(g, decayed, EK_OUTS(x), NULL, NULL, &all);
  ek_gradients(g, EK_OUTS(all), EK_OUTS(x), NULL, &dx);
  for (int i = 0; i < N; i++) /* 1 + 1/2 + 1/4 ... for each that comes after it */
    for (int d = 0; d < DEPTH; d++) want[i * DEPTH + d] = 2 - pow(0.5, N - 1 - i);
  assert_numbers(run(g, x, data[0], dx), N * DEPTH, want);
  ek_graph_free(g);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(map_and_its_gradient), cmocka_unit_test(scans_and_folds),
                                     cmocka_unit_test(gradient_of_a_scan)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
