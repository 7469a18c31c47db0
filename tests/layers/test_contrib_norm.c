/* SPDX-License-Identifier: Apache-2.0 */
/* contrib's further arguments and normalizations, and the moments of tf.nn, in a session. */
#include "layers/numbers.h"

#define BN(...) EK_CONTRIB_BATCH_NORM(.scope = "bn", .decay = 0.9, __VA_ARGS__)

static const double f32 = 4e-6; /* float32, a few sums of numbers near 1 */
static const ek_out no_out = {0, 0};

static ek_out constant(ek_graph *g, ek_shape shape, const double *numbers) {
  ek_tensor *t = floats(shape, numbers);
  const ek_out out = ek_constant(g, t);
  ek_tensor_free(t);
  return out;
}

static void check(ek_session *s, ek_out out, ek_ops targets, const double *want, int n, const char *what) {
  double got[MAX_NUMBERS];
  fetch_numbers(s, NULL, 0, out, targets, got, n);
  assert_all_near(got, want, n, f32, what);
}

/* After one step the moving mean is the batch's; then a bias-corrected average. */
static void zero_debias_corrects_the_mean(void **state) {
  (void)state;
  for (int fused = 0; fused < 2; fused++)
    for (int in_place = 0; in_place < 2; in_place++) {
      ek_graph *g = ek_graph_new(NULL);
      const ek_out x = ek_placeholder(g, EK_FLOAT32, ek_shape(2, 1), "x");
      const ek_out y = ek_contrib_batch_norm(g, x,
                                             BN(.fused = fused, .zero_debias_moving_mean = true,
                                                .updates_collections = {in_place ? NULL : EK_UPDATE_OPS}));
      const ek_ops updates = ek_get_collection_ops(g, EK_UPDATE_OPS, NULL);
      assert_int_equal(updates.n, in_place ? 0 : 2);
      ek_session *s = initialized_session(g);
      double biased = 0.0;
      for (int step = 1; step <= 4; step++) {
        const double data[] = {step, step + 2.0};
        double got[2];
        ek_tensor *t = floats(ek_shape(2, 1), data);
        fetch_numbers(s, &EK_FEED(x, t), 1, y, updates, got, 2);
        biased += ((step + 1.0) - biased) * 0.1;
        assert_true(fabs(number_of(s, variable_named(g, "bn/moving_mean")) - biased / (1.0 - pow(0.9, step))) < 1e-5);
        assert_true(number_of(s, variable_named(g, "bn/bn/moving_mean/local_step")) == step);
        ek_tensor_free(t);
      }
      ek_session_free(s);
      ek_graph_free(g);
    }
}

/* Weights 1, 0, 2 are the examples 1 once, 2 never, 3 twice. */
static void batch_weights_count_examples(void **state) {
  (void)state;
  static const double x[] = {1, 100, 4}, mean = 3.0, variance = 2.0;
  for (int nchw = 0; nchw < 2; nchw++) {
    ek_graph *g = ek_graph_new(NULL);
    const ek_out in = constant(g, nchw ? ek_shape(3, 1, 1) : ek_shape(3, 1), x);
    const ek_out y = ek_contrib_batch_norm(
        g, in, BN(.batch_weights = ek_numbers(g, 1.0, 0.0, 2.0), .data_format = nchw ? "NCHW" : "NHWC"));
    double want[3];
    for (int i = 0; i < 3; i++) want[i] = (x[i] - mean) / sqrt(variance + 1e-3);
    ek_session *s = initialized_session(g);
    check(s, y, ek_get_collection_ops(g, EK_UPDATE_OPS, NULL), want, 3, "y");
    assert_all_near((const double[]){number_of(s, variable_named(g, "bn/moving_mean")),
                                     number_of(s, variable_named(g, "bn/moving_variance"))},
                    (const double[]){0.1 * mean, 0.9 + 0.1 * variance}, 2, f32, "moving");
    ek_session_free(s);
    ek_graph_free(g);
  }
}

static void weights_of_one_are_no_weights(void **state) {
  (void)state;
  double x[24], y[2][24];
  for (int i = 0; i < 24; i++) x[i] = cos(i) * 2.0;
  for (int weighted = 0; weighted < 2; weighted++) {
    ek_graph *g = ek_graph_new(NULL);
    const ek_out in = constant(g, ek_shape(4, 2, 3), x);
    const ek_out w = weighted ? ek_numbers(g, 1.0, 1.0, 1.0, 1.0) : no_out;
    const ek_out out = ek_contrib_batch_norm(g, in, BN(.batch_weights = w, .scale = true));
    ek_session *s = initialized_session(g);
    fetch_numbers(s, NULL, 0, out, (ek_ops){NULL, 0}, y[weighted], 24);
    ek_session_free(s);
    ek_graph_free(g);
  }
  assert_all_near(y[1], y[0], 24, f32, "y");
}

static void renorm_and_adjustment_take_the_layer(void **state) {
  (void)state;
  static const double x[] = {1, 2, 3, 4};
  ek_graph *g = ek_graph_new(NULL);
  const ek_out y = ek_contrib_batch_norm(g, constant(g, ek_shape(4, 1), x), BN(.renorm = true));
  ek_session *s = initialized_session(g);
  check(s, y, ek_get_collection_ops(g, EK_UPDATE_OPS, NULL), x, 4, "y");
  const double renorm = number_of(s, variable_named(g, "bn/renorm_mean"));
  assert_all_near(&renorm, (const double[]){0.025}, 1, f32, "renorm_decay is 0.99");
  assert_int_equal(ek_collection_size(g, EK_MODEL_VARIABLES), 6);
  ek_session_free(s);
  ek_graph_free(g);
}

/* ---- moments */

#define AXES(...) (const int64_t[]){__VA_ARGS__}, (int)(sizeof((const int64_t[]){__VA_ARGS__}) / sizeof(int64_t))

static void weighted_moments_weigh(void **state) {
  (void)state;
  ek_graph *g = ek_graph_new(NULL);
  const ek_out x = constant(g, ek_shape(2, 3), (const double[]){1, 2, 4, 10, 20, 30});
  const ek_nn_moments_outs m = ek_nn_weighted_moments(g, x, AXES(1), ek_numbers(g, 3.0, 1.0, 0.0), false);
  const ek_nn_moments_outs kept = ek_nn_weighted_moments(g, x, AXES(0), ek_number(g, 7.0), true);
  ek_session *s = session_of(g);
  check(s, m.mean, (ek_ops){NULL, 0}, (const double[]){1.25, 12.5}, 2, "mean");
  check(s, m.variance, (ek_ops){NULL, 0}, (const double[]){0.1875, 18.75}, 2, "variance");
  check(s, kept.mean, (ek_ops){NULL, 0}, (const double[]){5.5, 11, 17}, 3, "mean of equal weights");
  check(s, kept.variance, (ek_ops){NULL, 0}, (const double[]){20.25, 81, 169}, 3, "variance of equal weights");
  assert_int_equal(ek_out_shape(g, kept.mean).rank, 2);
  ek_session_free(s);
  ek_graph_free(g);
}

static void statistics_normalize_to_moments(void **state) {
  (void)state;
  double x[24];
  for (int i = 0; i < 24; i++) x[i] = sin(i) + 3.0;
  for (int known = 0; known < 2; known++)
    for (int shifted = 0; shifted < 2; shifted++) {
      ek_graph *g = ek_graph_new(NULL);
      const ek_out in = ek_placeholder(g, EK_FLOAT32, known ? ek_shape(2, 3, 4) : ek_shape_unknown(), "x");
      const ek_out shift = shifted ? ek_number(g, 3.0) : no_out;
      const ek_nn_sufficient_statistics_outs t = ek_nn_sufficient_statistics(g, in, AXES(0, 1, 1), shift, false);
      assert_int_equal(t.shift.op != 0, shifted);
      const ek_nn_moments_outs m = ek_nn_normalize_moments(g, t.count, t.mean_ss, t.var_ss, t.shift);
      ek_session *s = session_of(g);
      ek_tensor *data = floats(ek_shape(2, 3, 4), x);
      double mean[4], variance[4], want_mean[4], want_variance[4];
      assert_near(fetch_number(s, &EK_FEED(in, data), 1, t.count), 6.0);
      fetch_numbers(s, &EK_FEED(in, data), 1, m.mean, (ek_ops){NULL, 0}, mean, 4);
      fetch_numbers(s, &EK_FEED(in, data), 1, m.variance, (ek_ops){NULL, 0}, variance, 4);
      for (int c = 0; c < 4; c++) {
        double sum = 0, squares = 0;
        for (int i = 0; i < 6; i++) sum += x[i * 4 + c];
        want_mean[c] = sum / 6;
        for (int i = 0; i < 6; i++) squares += pow(x[i * 4 + c] - want_mean[c], 2);
        want_variance[c] = squares / 6;
      }
      assert_all_near(mean, want_mean, 4, f32, "mean");
      assert_all_near(variance, want_variance, 4, f32, "variance");
      ek_tensor_free(data);
      ek_session_free(s);
      ek_graph_free(g);
    }
}

/* ---- each example by itself */

/* want: x normalized over n runs of len numbers. */
static void normalized(const double *x, int n, int len, double epsilon, double *want) {
  for (int i = 0; i < n; i++) {
    double mean = 0, variance = 0;
    for (int k = 0; k < len; k++) mean += x[i * len + k] / len;
    for (int k = 0; k < len; k++) variance += pow(x[i * len + k] - mean, 2) / len;
    for (int k = 0; k < len; k++) want[i * len + k] = (x[i * len + k] - mean) / sqrt(variance + epsilon);
  }
}

static void each_example_is_normalized(void **state) {
  (void)state;
  double x[48], want[48];
  for (int i = 0; i < 48; i++) x[i] = sin(i) * (1 + i % 7);
  ek_graph *g = ek_graph_new(NULL);
  const ek_out rows = constant(g, ek_shape(4, 12), x), nchw = constant(g, ek_shape(2, 4, 3, 2), x);
  const ek_out layer = ek_contrib_layer_norm(g, rows, NULL);
  const ek_out last = ek_contrib_layer_norm(g, nchw, EK_CONTRIB_LAYER_NORM(.begin_norm_axis = -1));
  const ek_out instance = ek_contrib_instance_norm(g, nchw, EK_CONTRIB_INSTANCE_NORM(.data_format = "NCHW"));
  const ek_out pairs =
      ek_contrib_group_norm(g, nchw, EK_CONTRIB_GROUP_NORM(.groups = 2, .channels_axis = 1, .reduction_axes = {2, 3}));
  const ek_out one_pass = ek_contrib_group_norm(
      g, nchw,
      EK_CONTRIB_GROUP_NORM(.groups = 4, .channels_axis = 1, .reduction_axes = {2, 3}, .mean_close_to_zero = true,
                            .beta_initializer = ek_constant_initializer(1.0)));
  ek_session *s = initialized_session(g);
  normalized(x, 4, 12, 1e-12, want);
  check(s, layer, (ek_ops){NULL, 0}, want, 48, "layer_norm");
  normalized(x, 24, 2, 1e-12, want);
  check(s, last, (ek_ops){NULL, 0}, want, 48, "layer_norm of the last axis");
  normalized(x, 8, 6, 1e-6, want);
  check(s, instance, (ek_ops){NULL, 0}, want, 48, "instance_norm");
  normalized(x, 4, 12, 1e-6, want);
  check(s, pairs, (ek_ops){NULL, 0}, want, 48, "group_norm");
  double got[48];
  normalized(x, 8, 6, 1e-6, want);
  fetch_numbers(s, NULL, 0, one_pass, (ek_ops){NULL, 0}, got, 48);
  for (int i = 0; i < 48; i++) assert_true(fabs(got[i] - 1.0 - want[i]) < 2e-3); /* E[x^2] - E[x]^2 loses digits */
  ek_session_free(s);
  ek_graph_free(g);
}

/* ---- what is refused */

static void bn_refused(ek_shape shape, const ek_contrib_batch_norm_opts *o, const char *words) {
  ek_graph *g = ek_graph_new(NULL);
  assert_int_equal(ek_contrib_batch_norm(g, ek_placeholder(g, EK_FLOAT32, shape, "x"), o).op, 0);
  assert_refused(g, words);
}

static void batch_norm_refuses_what_a_form_cannot(void **state) {
  (void)state;
  bn_refused(ek_shape(-1, 3), BN(.renorm = true, .updates_collections = {NULL}), "renorm is not supported with");
  bn_refused(ek_shape(-1, 3), BN(.renorm = true, .updates_collections = {"mine"}), "renorm is not supported with");
  bn_refused(ek_shape(-1, 3), BN(.renorm = true, .zero_debias_moving_mean = true), "renorm is not supported with");
  ek_graph *g = ek_graph_new(NULL);
  const ek_out x = ek_placeholder(g, EK_FLOAT32, ek_shape(4, 3), "x");
  (void)ek_contrib_batch_norm(g, x, BN(.batch_weights = ek_placeholder(g, EK_FLOAT32, ek_shape(5), "w")));
  assert_refused(g, "batch_weights have shape [5]");
}

static void refused(ek_shape shape, int which, const void *options, const char *words) {
  ek_graph *g = ek_graph_new(NULL);
  const ek_out x = ek_placeholder(g, EK_FLOAT32, shape, "x");
  const ek_out y = which == 0   ? ek_contrib_layer_norm(g, x, options)
                   : which == 1 ? ek_contrib_instance_norm(g, x, options)
                                : ek_contrib_group_norm(g, x, options);
  assert_int_equal(y.op, 0);
  assert_refused(g, words);
}

static void the_others_refuse(void **state) {
  (void)state;
  refused(ek_shape_unknown(), 0, NULL, "undefined rank");
  refused(ek_shape(-1, -1), 0, NULL, "is not fully defined");
  refused(ek_shape(4, 3), 0, EK_CONTRIB_LAYER_NORM(.begin_norm_axis = 2), "must be < rank(inputs) (2)");
  refused(ek_shape(4, 3), 0, EK_CONTRIB_LAYER_NORM(.begin_params_axis = 2), "must be < rank(inputs) (2)");
  refused(ek_shape_unknown(), 1, NULL, "undefined rank");
  refused(ek_shape(-1, -1), 1, NULL, "undefined channels");
  refused(ek_shape(3), 1, NULL, "rank 1");
  refused(ek_shape(4, 3), 1, EK_CONTRIB_INSTANCE_NORM(.data_format = "CN"), "data_format has to be");
  refused(ek_shape_unknown(), 2, NULL, "undefined rank");
  refused(ek_shape(4, 2, 2, -1), 2, NULL, "undefined channels");
  refused(ek_shape(4, 2, 2, 64), 2, EK_CONTRIB_GROUP_NORM(.channels_axis = 4), "out of bounds");
  refused(ek_shape(4, 2, 2, 64), 2, EK_CONTRIB_GROUP_NORM(.reduction_axes = {1, 7}), "out of bounds");
  refused(ek_shape(4, -1, 2, 64), 2, NULL, "undefined dimension 1");
  refused(ek_shape(4, 2, 2, 64), 2, EK_CONTRIB_GROUP_NORM(.reduction_axes = {3, 1}), "must not be channels_axis");
  refused(ek_shape(4, 2, 2, 16), 2, NULL, "Invalid groups 32 for 16 channels");
  refused(ek_shape(4, 2, 2, 40), 2, NULL, "40 channels is not commensurate with 32 groups");
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(zero_debias_corrects_the_mean),
      cmocka_unit_test(batch_weights_count_examples),
      cmocka_unit_test(weights_of_one_are_no_weights),
      cmocka_unit_test(renorm_and_adjustment_take_the_layer),
      cmocka_unit_test(weighted_moments_weigh),
      cmocka_unit_test(statistics_normalize_to_moments),
      cmocka_unit_test(each_example_is_normalized),
      cmocka_unit_test(batch_norm_refuses_what_a_form_cannot),
      cmocka_unit_test(the_others_refuse),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
