/* SPDX-License-Identifier: Apache-2.0 */
/* The losses and metrics of cases/training.py. */
#include "golden/golden.h"

static ek_out batch(ek_graph *g, const char *name) { return ek_placeholder(g, EK_FLOAT32, ek_shape(-1, 4), name); }

static void losses_plain(ek_graph *g) {
  const ek_out logits = batch(g, "logits"), labels = batch(g, "labels");
  const ek_losses_opts *smooth = EK_LOSS(.label_smoothing = 0.1, .reduction = EK_REDUCTION_SUM);
  (void)ek_losses_mean_squared_error(ek_named(g, "m"), labels, logits, NULL);
  (void)ek_losses_absolute_difference(ek_named(g, "a"), labels, logits, EK_LOSS(.reduction = EK_REDUCTION_SUM));
  (void)ek_losses_sigmoid_cross_entropy(ek_named(g, "b"), labels, logits, smooth);
  (void)ek_losses_softmax_cross_entropy(ek_named(g, "c"), labels, logits, smooth);
  const ek_out classes = ek_placeholder(g, EK_INT64, ek_shape(-1), "classes");
  (void)ek_losses_sparse_softmax_cross_entropy(g, classes, logits, NULL);
}
GOLDEN_TEST(losses_plain)

static void losses_other(ek_graph *g) {
  const ek_out logits = batch(g, "logits"), labels = batch(g, "labels");
  (void)ek_losses_hinge_loss(g, labels, logits, EK_LOSS(.reduction = EK_REDUCTION_NONE));
  (void)ek_losses_huber_loss(g, labels, logits, EK_LOSS(.reduction = EK_REDUCTION_NONE, .delta = 0.5));
  (void)ek_losses_log_loss(g, labels, logits, EK_LOSS(.reduction = EK_REDUCTION_NONE));
  (void)ek_losses_cosine_distance(g, labels, logits, 1, EK_LOSS(.reduction = EK_REDUCTION_NONE));
}
GOLDEN_TEST(losses_other)

static void losses_reductions(ek_graph *g) {
  static const struct {
    const char *scope;
    ek_reduction reduction;
  } all[] = {{"none", EK_REDUCTION_NONE},
             {"mean", EK_REDUCTION_MEAN},
             {"sum", EK_REDUCTION_SUM},
             {"sum_by_nonzero_weights", EK_REDUCTION_SUM_BY_NONZERO_WEIGHTS},
             {"sum_by_nonzero_weights", EK_REDUCTION_SUM_OVER_NONZERO_WEIGHTS},
             {"sum_over_batch_size", EK_REDUCTION_SUM_OVER_BATCH_SIZE}};
  const ek_out logits = ek_placeholder(g, EK_FLOAT32, ek_shape(2, 4), "logits");
  const ek_out labels = ek_placeholder(g, EK_FLOAT32, ek_shape(2, 4), "labels");
  for (size_t i = 0; i < sizeof all / sizeof all[0]; i++)
    (void)ek_losses_mean_squared_error(ek_named(g, all[i].scope), labels, logits,
                                       EK_LOSS(.reduction = all[i].reduction, .loss_collection = "all"));
}
GOLDEN_TEST(losses_reductions)

static void losses_weights(ek_graph *g) {
  static const float one[8] = {1, 1, 1, 1, 1, 1, 1, 1};
  ek_tensor *ones = ek_tensor_from(EK_FLOAT32, ek_shape(2, 4), one, NULL);
  ek_tensor *zeros = ek_tensor_new(EK_FLOAT32, ek_shape(2, 4), NULL, NULL);
  const ek_out logits = batch(g, "logits"), labels = batch(g, "labels");
  (void)ek_losses_mean_squared_error(ek_named(g, "a"), labels, logits, EK_LOSS(.weights = ek_number(g, 0.5)));
  const ek_out l = ek_constant(ek_named(g, "ones"), ones), p = ek_constant(ek_named(g, "zeros"), zeros);
  const ek_out rows = ek_number_array(g, ek_shape(2, 1), (const double[]){1, 0});
  (void)ek_losses_absolute_difference(ek_named(g, "b"), l, p, EK_LOSS(.weights = rows));
  const ek_out classes = ek_placeholder(g, EK_INT32, ek_shape(3), "classes");
  const ek_out known = ek_placeholder(g, EK_FLOAT32, ek_shape(3, 4), "known");
  const ek_out three = ek_number_array(g, ek_shape(3), (const double[]){1, 0, 2});
  (void)ek_losses_sparse_softmax_cross_entropy(ek_named(g, "c"), classes, known, EK_LOSS(.weights = three));
  ek_tensor_free(ones);
  ek_tensor_free(zeros);
}
GOLDEN_TEST(losses_weights)

static void losses_fed_weights(ek_graph *g) {
  const ek_out p = batch(g, "p"), l = batch(g, "l");
  const ek_out w = ek_placeholder(g, EK_FLOAT32, ek_shape(-1, 1), "w");
  (void)ek_losses_absolute_difference(ek_named(g, "a"), l, p, EK_LOSS(.weights = w, .reduction = EK_REDUCTION_SUM));
  const ek_out any = ek_placeholder(g, EK_FLOAT32, ek_shape_unknown(), "any");
  (void)ek_losses_absolute_difference(ek_named(g, "b"), l, p, EK_LOSS(.weights = any, .reduction = EK_REDUCTION_SUM));
}
GOLDEN_TEST(losses_fed_weights)

static void losses_any_weights(ek_graph *g) {
  const ek_out p = batch(g, "p"), l = batch(g, "l");
  const ek_out any = ek_placeholder(g, EK_FLOAT32, ek_shape_unknown(), "any");
  (void)ek_losses_mean_squared_error(ek_named(g, "a"), l, p, EK_LOSS(.weights = any));
  const ek_out values = ek_placeholder(g, EK_FLOAT32, ek_shape_unknown(), "values");
  (void)ek_metrics_mean(g, values, EK_METRICS(.weights = any));
  const ek_out classes = ek_placeholder(g, EK_INT64, ek_shape_unknown(), "classes");
  (void)ek_metrics_accuracy(g, classes, ek_placeholder(g, EK_INT64, ek_shape(-1), "guesses"), NULL);
}
GOLDEN_TEST(losses_any_weights)

static void losses_any_rank(ek_graph *g) {
  const ek_out classes = ek_placeholder(g, EK_INT64, ek_shape_unknown(), "classes");
  const ek_out any = ek_placeholder(g, EK_FLOAT32, ek_shape_unknown(), "any");
  (void)ek_losses_sparse_softmax_cross_entropy(g, classes, batch(g, "logits"),
                                               EK_LOSS(.weights = ek_number(g, 1.5), .reduction = EK_REDUCTION_SUM));
  const ek_out known = ek_placeholder(g, EK_INT64, ek_shape(3), "known");
  (void)ek_losses_sparse_softmax_cross_entropy(ek_named(g, "w"), known, batch(g, "p"),
                                               EK_LOSS(.weights = any, .reduction = EK_REDUCTION_SUM));
}
GOLDEN_TEST(losses_any_rank)

static ek_out l2_loss(ek_graph *g, ek_out value, void *ctx) {
  (void)ctx;
  return ek_nn_l2_loss(g, value);
}
static void losses_total(ek_graph *g) {
  const ek_out logits = batch(g, "logits"), labels = batch(g, "labels");
  (void)ek_losses_mean_squared_error(g, labels, logits, EK_LOSS(.reduction = EK_REDUCTION_SUM));
  (void)ek_losses_absolute_difference(g, labels, logits, EK_LOSS(.reduction = EK_REDUCTION_SUM));
  (void)ek_get_variable(g, "w", ek_shape(2),
                        EK_GET_VARIABLE(.initializer = ek_zeros_initializer(), .regularizer = {l2_loss, NULL}));
  (void)ek_losses_get_total_loss(g, true, NULL);
}
GOLDEN_TEST(losses_total)

static void metrics_mean(ek_graph *g) {
  (void)ek_metrics_mean(g, ek_placeholder(g, EK_FLOAT32, ek_shape(-1), "values"), NULL);
  const ek_out known = ek_placeholder(g, EK_FLOAT32, ek_shape(4), "known");
  const ek_out weights = ek_numbers(g, 1, 0, 1, 1);
  (void)ek_metrics_mean(ek_named(g, "weighted"), known, EK_METRICS(.weights = weights));
}
GOLDEN_TEST(metrics_mean)

static void metrics_accuracy(ek_graph *g) {
  const ek_out labels = ek_placeholder(g, EK_INT64, ek_shape(-1), "labels");
  const ek_out predictions = op_of(g, "ArgMax", EK_OUTS(batch(g, "logits"), ek_integer(g, 1)));
  (void)ek_metrics_accuracy(g, labels, predictions,
                            EK_METRICS(.updates_collections = {"updates"}, .metrics_collections = {"metrics"}));
}
GOLDEN_TEST(metrics_accuracy)

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_losses_plain),       cmocka_unit_test(test_losses_other),
      cmocka_unit_test(test_losses_reductions),  cmocka_unit_test(test_losses_weights),
      cmocka_unit_test(test_losses_fed_weights), cmocka_unit_test(test_losses_any_weights),
      cmocka_unit_test(test_losses_any_rank),    cmocka_unit_test(test_losses_total),
      cmocka_unit_test(test_metrics_mean),       cmocka_unit_test(test_metrics_accuracy),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
