/* SPDX-License-Identifier: Apache-2.0 */
/* tf.metrics: running means over many batches, in local variables (ek_local_variables_initializer resets them). */
#ifndef EVENKEEL_METRICS_H
#define EVENKEEL_METRICS_H

#include "graph.h"

#ifdef __cplusplus
extern "C" {
#endif

#define EK_METRICS_COLLECTIONS 8

typedef struct ek_metrics_opts {
  uint32_t version;
  ek_out weights; /* none: 1; of the rank of the values, each dimension 1 or equal, or a scalar */
  const char *metrics_collections[EK_METRICS_COLLECTIONS]; /* they get value; they end before the first NULL */
  const char *updates_collections[EK_METRICS_COLLECTIONS]; /* they get update_op */
} ek_metrics_opts;
#define EK_METRICS_OPTS_FIELDS_ .version = 1u
#define EK_METRICS_OPTS_INIT                                                                                           \
  { EK_METRICS_OPTS_FIELDS_ }
#define EK_METRICS(...) EK_OPTS_(ek_metrics_opts, EK_METRICS_OPTS_FIELDS_, __VA_ARGS__)

/* value: total / count so far, 0 while count is 0. update_op: adds a batch and gives the value afterwards. */
typedef struct ek_metric {
  ek_out value, update_op;
} ek_metric;

/* tf.metrics.mean: total += sum(values * weights), count += sum(weights). The scope is "mean", or ek_named's name; the
 * variables total and count are in EK_LOCAL_VARIABLES and EK_METRIC_VARIABLES. options may be NULL. */
EK_API ek_metric ek_metrics_mean(ek_graph *g, ek_out values, const ek_metrics_opts *options);
/* tf.metrics.accuracy: the mean of "prediction equals label". labels and predictions of one shape. The scope is
 * "accuracy", or ek_named's name. */
EK_API ek_metric ek_metrics_accuracy(ek_graph *g, ek_out labels, ek_out predictions, const ek_metrics_opts *options);

#ifdef __cplusplus
}
#endif
#endif
