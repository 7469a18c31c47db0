/* SPDX-License-Identifier: Apache-2.0 */
/* tf.nn's composites, losses and metrics in a session, against numbers worked out by hand. */
#include "layers/numbers.h"

static const double f32 = 2e-6; /* float32, a few sums of numbers near 1 */

/* The value of an output that depends on nothing fed. */
static void values(ek_graph *g, ek_out out, double *got, int n) {
  ek_session *s = session_of(g);
  fetch_numbers(s, NULL, 0, out, (ek_ops){NULL, 0}, got, n);
  ek_session_free(s);
}
static double value(ek_graph *g, ek_out out) {
  double got;
  values(g, out, &got, 1);
  return got;
}

static ek_out constant(ek_graph *g, ek_shape shape, const double *numbers) {
  ek_tensor *t = floats(shape, numbers);
  const ek_out out = ek_constant(g, t);
  ek_tensor_free(t);
  return out;
}

static void softmax_goes_along_any_axis(void **state) {
  (void)state;
  ek_graph *g = ek_graph_new(NULL);
  const ek_out x = constant(g, ek_shape(2, 2), (const double[]){0, 1, 2, 5});
  double got[4];
  const double rows = 1 / (1 + exp(1.0)), rows2 = 1 / (1 + exp(3.0)), columns = 1 / (1 + exp(2.0)),
               columns2 = 1 / (1 + exp(4.0));
  values(g, ek_nn_softmax(g, x, -1), got, 4);
  assert_all_near(got, (const double[]){rows, 1 - rows, rows2, 1 - rows2}, 4, f32, "rows");
  for (int axis = -2; axis <= 0; axis += 2) {
    values(g, ek_nn_softmax(g, x, axis), got, 4);
    assert_all_near(got, (const double[]){columns, columns2, 1 - columns, 1 - columns2}, 4, f32, "columns");
    values(g, ek_nn_log_softmax(g, x, axis), got, 4);
    assert_all_near(got, (const double[]){log(columns), log(columns2), log(1 - columns), log(1 - columns2)}, 4, f32,
                    "logarithm");
  }
  (void)ek_nn_softmax(g, x, 2);
  assert_refused(g, "axis 2 is outside [-2, 2)");
}

static void reductions_over_everything(void **state) {
  (void)state;
  ek_graph *g = ek_graph_new(NULL);
  const ek_out x = constant(g, ek_shape(2, 2), (const double[]){1, 2, 3, 5});
  assert_near(value(g, ek_reduce_mean_all(g, x)), 2.75);
  assert_near(value(g, ek_reduce_sum_all(g, x)), 11.0);
  assert_near(value(g, ek_reduce_prod_all(g, x)), 30.0);
  assert_near(value(g, ek_reduce_max_all(g, x)), 5.0);
  assert_near(value(g, ek_reduce_min_all(g, ek_reduce_min_all(g, x))), 1.0); /* of a scalar, too */
  const ek_out unknown = ek_placeholder(g, EK_FLOAT32, ek_shape_unknown(), "x"), sum = ek_reduce_sum_all(g, unknown);
  ek_session *s = session_of(g);
  ek_tensor *t = floats(ek_shape(1, 3), (const double[]){1, 2, 3});
  assert_near(fetch_number(s, &EK_FEED(unknown, t), 1, sum), 6.0);
  ek_tensor_free(t);
  ek_session_free(s);
  ek_graph_free(g);
}

static void cross_entropies(void **state) {
  (void)state;
  ek_graph *g = ek_graph_new(NULL);
  const ek_out logits = constant(g, ek_shape(1, 2, 2), (const double[]){0, 1, 2, 5});
  const ek_out labels = constant(g, ek_shape(1, 2, 2), (const double[]){1, 0, 0.5, 0.5});
  static const int32_t classes[] = {0, 1};
  ek_tensor *t = ek_tensor_from(EK_INT32, ek_shape(1, 2), classes, NULL);
  const double first = log(1 + exp(1.0)), second = log(1 + exp(-3.0));
  double got[4];
  values(g, ek_nn_softmax_cross_entropy_with_logits(g, labels, logits, -1), got, 2);
  assert_all_near(got, (const double[]){first, second + 1.5}, 2, f32, "softmax");
  values(g, ek_nn_softmax_cross_entropy_with_logits_v2(g, labels, logits, 1), got, 2);
  assert_all_near(got, (const double[]){1.5 * log(1 + exp(2.0)) - 1.0, 0.5 * log(1 + exp(-4.0))}, 2, f32, "axis 1");
  values(g, ek_nn_sparse_softmax_cross_entropy_with_logits(g, ek_constant(g, t), logits), got, 2);
  assert_all_near(got, (const double[]){first, second}, 2, f32, "sparse");
  values(g, ek_nn_sigmoid_cross_entropy_with_logits(g, labels, logits), got, 4);
  assert_all_near(got, (const double[]){log(2.0), log(1 + exp(1.0)), log(1 + exp(2.0)) - 1, log(1 + exp(5.0)) - 2.5}, 4,
                  f32, "sigmoid");
  ek_tensor_free(t);
  ek_graph_free(g);
}

static void wrong_labels_are_refused(void **state) {
  (void)state;
  ek_graph *g = ek_graph_new(NULL);
  const ek_out logits = ek_placeholder(g, EK_FLOAT32, ek_shape(2, 3), "logits");
  (void)ek_nn_sparse_softmax_cross_entropy_with_logits(g, ek_placeholder(g, EK_INT64, ek_shape(2, 3), "l"), logits);
  assert_refused(g, "the rank of labels");
  g = ek_graph_new(NULL);
  (void)ek_nn_sigmoid_cross_entropy_with_logits(g, ek_placeholder(g, EK_FLOAT32, ek_shape(2), "a"),
                                                ek_placeholder(g, EK_FLOAT32, ek_shape(3), "b"));
  assert_refused(g, "must be the same");
}

static void fused_batch_norm_checks_what_it_is_given(void **state) {
  (void)state;
  static const struct {
    int x_rank, scale_rank;
    ek_dtype dtype;
    const char *format, *words;
  } wrong[] = {{3, 1, EK_FLOAT32, "NHWC", "rank"},
               {4, 2, EK_FLOAT32, "NHWC", "rank"},
               {4, 1, EK_FLOAT64, "NHWC", "float64"},
               {4, 1, EK_FLOAT32, "HWCN", "HWCN"}};
  const ek_shape unknown = {4, {-1, -1, -1, -1}};
  for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
    ek_graph *g = ek_graph_new(NULL);
    const ek_out x = ek_placeholder(g, wrong[i].dtype, ek_shape_of(unknown.dim, wrong[i].x_rank), "x");
    const ek_out p = ek_placeholder(g, EK_FLOAT32, ek_shape_of(unknown.dim, wrong[i].scale_rank), "p");
    (void)ek_nn_fused_batch_norm(g, x, p, p, EK_NN_FUSED_BATCH_NORM(.data_format = wrong[i].format));
    assert_refused(g, wrong[i].words);
  }
  ek_graph *g = ek_graph_new(NULL);
  const ek_out x = ek_placeholder(g, EK_FLOAT32, ek_shape(1, 1, 1, 1), "x");
  const ek_out p = ek_placeholder(g, EK_FLOAT32, ek_shape(1), "p");
  const ek_out y = ek_nn_fused_batch_norm(g, x, p, p, EK_NN_FUSED_BATCH_NORM(.epsilon = 0.0)).y;
  assert_true(ek_op_attr(g, ek_out_op(y), "epsilon")->v.f == 1.001e-5f);
  (void)ek_nn_fused_batch_norm(g, x, p, p, EK_NN_FUSED_BATCH_NORM(.is_training = false));
  assert_refused(g, "mean and variance must be given");
}

static void dropout_scales_what_it_keeps(void **state) {
  (void)state;
  ek_graph *g = ek_graph_new(NULL);
  double ones[200], got[200];
  for (int i = 0; i < 200; i++) ones[i] = 1.0;
  const ek_out x = constant(g, ek_shape(10, 20), ones);
  const ek_out column = ek_ints(g, 10, 1);
  int kept = 0;
  values(g, ek_nn_dropout(g, x, 0.25, EK_NN_DROPOUT(.has_seed = true, .seed = 3)), got, 200);
  for (int i = 0; i < 200; i++) {
    assert_true(got[i] == 0.0 || fabs(got[i] - 4.0 / 3.0) < 1e-6);
    kept += got[i] != 0.0;
  }
  assert_in_range(kept, 120, 175); /* 150 are expected, with a deviation of 6 */
  values(g, ek_nn_dropout(g, x, 0.5, EK_NN_DROPOUT(.has_seed = true, .seed = 3, .noise_shape = column)), got, 200);
  for (int i = 0; i < 200; i++) assert_true(got[i] == got[i / 20 * 20]);
  assert_int_equal(ek_nn_dropout(g, x, 0.0, NULL).op, x.op);
  (void)ek_nn_dropout(g, x, 1.0, NULL);
  assert_refused(g, "[0, 1)");
}

static void losses_reduce(void **state) {
  (void)state;
  ek_graph *g = ek_graph_new(NULL);
  const ek_out p = constant(g, ek_shape(2, 2), (const double[]){1, 2, 3, 4}),
               zero = constant(g, ek_shape(2, 2), (const double[]){0, 0, 0, 0});
  const ek_out rows = ek_number_array(g, ek_shape(2, 1), (const double[]){3, 0});
  ek_losses_opts o = EK_LOSSES_OPTS_INIT;
  o.weights = rows;
  static const double want[] = {0, 9, 9.0 / 4, 9.0 / 6, 9.0 / 2};
  for (ek_reduction r = EK_REDUCTION_SUM; r <= EK_REDUCTION_SUM_BY_NONZERO_WEIGHTS; r++) {
    o.reduction = r;
    assert_near(value(g, ek_losses_absolute_difference(g, zero, p, &o)), want[r]);
  }
  o.weights = ek_number(g, 0.0); /* nothing counts: 0, not NaN */
  assert_near(value(g, ek_losses_absolute_difference(g, zero, p, &o)), 0.0);
  assert_near(value(g, ek_losses_mean_squared_error(g, zero, p, NULL)), 7.5);
  assert_near(value(g, ek_losses_huber_loss(g, zero, p, NULL)), (0.5 + 1.5 + 2.5 + 3.5) / 4);
  assert_near(value(g, ek_losses_get_total_loss(g, true, "huber_loss")), 2.0);
  assert_int_equal(ek_losses_get_losses(g, NULL).n, 7);
  assert_int_equal(ek_losses_get_losses(g, "mean_squared").n, 1);
  ek_graph_free(g);
}

/* Weights whose shape is only known when they are fed. */
static void fed_weights_are_checked(void **state) {
  (void)state;
  ek_graph *g = ek_graph_new(NULL);
  const ek_out p = ek_placeholder(g, EK_FLOAT32, ek_shape(-1, 2), "p"),
               w = ek_placeholder(g, EK_FLOAT32, ek_shape(-1, 2), "w");
  const ek_out loss = ek_losses_absolute_difference(g, p, p, EK_LOSS(.weights = w));
  ek_session *s = session_of(g);
  ek_status st = EK_STATUS_INIT;
  ek_tensor *two = floats(ek_shape(2, 2), (const double[]){1, 2, 3, 4}),
            *three = floats(ek_shape(3, 2), (const double[]){1, 2, 3, 4, 5, 6});
  const ek_feed good[] = {EK_FEED(p, two), EK_FEED(w, two)}, bad[] = {EK_FEED(p, two), EK_FEED(w, three)};
  ek_tensor *out = NULL;
  assert_near(fetch_number(s, good, 2, loss), 0.0);
  assert_int_not_equal(ek_session_run(s, bad, 2, &EK_FETCH(loss), 1, &out, NULL, 0, NULL, &st), EK_OK);
  assert_null(out);
  ek_tensor_free(two);
  ek_tensor_free(three);
  ek_session_free(s);
  ek_graph_free(g);
}

static void wrong_losses_are_refused(void **state) {
  (void)state;
  ek_graph *g = ek_graph_new(NULL);
  const ek_out p = constant(g, ek_shape(2, 2), (const double[]){1, 2, 3, 4});
  const ek_out three = ek_numbers(g, 1, 2, 3);
  (void)ek_losses_mean_squared_error(g, p, p, EK_LOSS(.weights = three));
  assert_refused(g, "weights can not be broadcast to values");
  g = ek_graph_new(NULL);
  (void)ek_losses_log_loss(g, (ek_out){0, 0}, ek_constant_float32(g, 1.0f), NULL);
  assert_refused(g, "labels must be given");
  g = ek_graph_new(NULL);
  (void)ek_losses_get_total_loss(g, true, NULL);
  assert_refused(g, "no losses");
}

static void metrics_gather_batches(void **state) {
  (void)state;
  ek_graph *g = ek_graph_new(NULL);
  const ek_out labels = ek_placeholder(g, EK_INT64, ek_shape(-1), "labels"),
               said = ek_placeholder(g, EK_INT64, ek_shape(-1), "said");
  const ek_metric accuracy = ek_metrics_accuracy(g, labels, said, NULL);
  const ek_op init = ek_local_variables_initializer(g);
  ek_session *s = session_of(g);
  run_op(s, init);
  static const int64_t truth[] = {1, 2, 3, 4}, first[] = {1, 2, 0, 0}, second[] = {1, 2, 3, 4};
  const int sizes[] = {4, 2};
  const int64_t *const guesses[] = {first, second};
  static const double want[] = {0.5, 4.0 / 6.0};
  assert_near(fetch_number(s, NULL, 0, accuracy.value), 0.0);
  for (int i = 0; i < 2; i++) {
    ek_tensor *l = ek_tensor_from(EK_INT64, ek_shape(sizes[i]), truth, NULL),
              *p = ek_tensor_from(EK_INT64, ek_shape(sizes[i]), guesses[i], NULL);
    const ek_feed feeds[] = {EK_FEED(labels, l), EK_FEED(said, p)};
    assert_near(fetch_number(s, feeds, 2, accuracy.update_op), want[i]);
    assert_near(fetch_number(s, NULL, 0, accuracy.value), want[i]);
    ek_tensor_free(l);
    ek_tensor_free(p);
  }
  ek_session_free(s);
  ek_graph_free(g);
}

/* A dense layer on rank 3 is the same product row by row; and what it refuses. */
static void dense_takes_any_rank(void **state) {
  (void)state;
  ek_graph *g = ek_graph_new(NULL);
  const ek_shape shapes[] = {ek_shape(2, 1, 2), ek_shape(-1, 1, 2), ek_shape(-1, 2)};
  ek_out x[3], y[3];
  for (int i = 0; i < 3; i++) {
    x[i] = ek_placeholder(g, EK_FLOAT32, shapes[i], "x");
    y[i] = ek_layers_dense(g, x[i], 1,
                           EK_LAYERS_DENSE(.kernel_initializer = ek_constant_initializer(0.5),
                                           .bias_initializer = ek_constant_initializer(1.0)));
  }
  ek_session *s = initialized_session(g);
  for (int i = 0; i < 3; i++) {
    double got[2];
    ek_tensor *t = floats(i < 2 ? ek_shape(2, 1, 2) : ek_shape(2, 2), (const double[]){1, 2, 3, 4});
    fetch_numbers(s, &EK_FEED(x[i], t), 1, y[i], (ek_ops){NULL, 0}, got, 2);
    assert_all_near(got, (const double[]){2.5, 4.5}, 2, f32, "dense");
    ek_tensor_free(t);
  }
  ek_session_free(s);
  (void)ek_layers_dense(g, ek_placeholder(g, EK_FLOAT32, ek_shape(3), "v"), 1, NULL);
  assert_refused(g, "2 at least");
  g = ek_graph_new(NULL);
  (void)ek_layers_dense(g, ek_placeholder(g, EK_FLOAT32, ek_shape(3, -1), "v"), 1, NULL);
  assert_refused(g, "last dimension must be known");
  g = ek_graph_new(NULL);
  (void)ek_layers_dense(g, ek_placeholder(g, EK_INT32, ek_shape(3, 2), "v"), 1, NULL);
  assert_refused(g, "inputs are int32");
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(softmax_goes_along_any_axis),
      cmocka_unit_test(cross_entropies),
      cmocka_unit_test(reductions_over_everything),
      cmocka_unit_test(wrong_labels_are_refused),
      cmocka_unit_test(fused_batch_norm_checks_what_it_is_given),
      cmocka_unit_test(dropout_scales_what_it_keeps),
      cmocka_unit_test(losses_reduce),
      cmocka_unit_test(fed_weights_are_checked),
      cmocka_unit_test(wrong_losses_are_refused),
      cmocka_unit_test(metrics_gather_batches),
      cmocka_unit_test(dense_takes_any_rank),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
