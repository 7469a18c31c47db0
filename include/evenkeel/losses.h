/* SPDX-License-Identifier: Apache-2.0 */
/* tf.losses: a number to minimize, kept in a collection. The name scope is the function's name, or ek_named's. */
#ifndef EVENKEEL_LOSSES_H
#define EVENKEEL_LOSSES_H

#include "graph.h"

#ifdef __cplusplus
extern "C" {
#endif

/* What becomes of the losses of the single examples once they are weighted. A division by zero gives zero. */
typedef enum ek_reduction {
  EK_REDUCTION_NONE,                   /* they are returned as they are */
  EK_REDUCTION_SUM,                    /* their sum */
  EK_REDUCTION_SUM_OVER_BATCH_SIZE,    /* sum / number of them */
  EK_REDUCTION_MEAN,                   /* sum / sum of the weights, broadcast */
  EK_REDUCTION_SUM_BY_NONZERO_WEIGHTS, /* sum / number of weights that are not zero, broadcast: the usual mean */
  EK_REDUCTION_SUM_OVER_NONZERO_WEIGHTS = EK_REDUCTION_SUM_BY_NONZERO_WEIGHTS
} ek_reduction;

/* The options of every loss; those that name a loss are read by that one only. */
typedef struct ek_losses_opts {
  uint32_t version;
  /* None: 1. A scalar, or the rank of the losses with each dimension 1 or equal; a literal (ek_number,
   * ek_number_array) or an output. What is not known of its shape is checked once it is there. */
  ek_out weights;
  ek_reduction reduction;
  const char *loss_collection; /* EK_LOSSES; NULL: none */
  double label_smoothing;      /* sigmoid_cross_entropy, softmax_cross_entropy: 0 */
  double delta;                /* huber_loss: 1 */
  double epsilon;              /* log_loss: 1e-7 */
} ek_losses_opts;
#define EK_LOSSES_OPTS_FIELDS_                                                                                         \
  .version = 1u, .reduction = EK_REDUCTION_SUM_BY_NONZERO_WEIGHTS, .loss_collection = EK_LOSSES, .delta = 1.0,         \
  .epsilon = 1e-7
#define EK_LOSSES_OPTS_INIT                                                                                            \
  { EK_LOSSES_OPTS_FIELDS_ }
#define EK_LOSS(...) EK_OPTS_(ek_losses_opts, EK_LOSSES_OPTS_FIELDS_, __VA_ARGS__)

/* All take options = NULL; all but the sparse one want labels and predictions (or logits) of one shape, cast to float32
 * where TensorFlow does. What is written is the loss of one element. */

/* |p - l| */
EK_API ek_out ek_losses_absolute_difference(ek_graph *g, ek_out labels, ek_out predictions,
                                            const ek_losses_opts *options);
/* 1 - sum over axis of p * l; both must have unit length there. The axis stays, with size 1. */
EK_API ek_out ek_losses_cosine_distance(ek_graph *g, ek_out labels, ek_out predictions, int axis,
                                        const ek_losses_opts *options);
/* max(0, 1 - (2 l - 1) * x), labels 0 or 1 */
EK_API ek_out ek_losses_hinge_loss(ek_graph *g, ek_out labels, ek_out logits, const ek_losses_opts *options);
/* e = |p - l|: e * e / 2 up to delta, then delta * (e - delta / 2) */
EK_API ek_out ek_losses_huber_loss(ek_graph *g, ek_out labels, ek_out predictions, const ek_losses_opts *options);
/* -l * log(p + epsilon) - (1 - l) * log(1 - p + epsilon) */
EK_API ek_out ek_losses_log_loss(ek_graph *g, ek_out labels, ek_out predictions, const ek_losses_opts *options);
/* (p - l)^2 */
EK_API ek_out ek_losses_mean_squared_error(ek_graph *g, ek_out labels, ek_out predictions,
                                           const ek_losses_opts *options);
/* ek_nn_sigmoid_cross_entropy_with_logits, labels moved towards 1/2 by label_smoothing */
EK_API ek_out ek_losses_sigmoid_cross_entropy(ek_graph *g, ek_out multi_class_labels, ek_out logits,
                                              const ek_losses_opts *options);
/* ek_nn_softmax_cross_entropy_with_logits over the last axis, labels moved towards 1/classes by label_smoothing; no
 * gradient flows into labels */
EK_API ek_out ek_losses_softmax_cross_entropy(ek_graph *g, ek_out onehot_labels, ek_out logits,
                                              const ek_losses_opts *options);
/* ek_nn_sparse_softmax_cross_entropy_with_logits; labels may have a last dimension of 1 more */
EK_API ek_out ek_losses_sparse_softmax_cross_entropy(ek_graph *g, ek_out labels, ek_out logits,
                                                     const ek_losses_opts *options);
/* What they all end with: losses * weights, reduced in float32, cast back, added to the collection. */
EK_API ek_out ek_losses_compute_weighted_loss(ek_graph *g, ek_out losses, const ek_losses_opts *options);

/* tf.losses.add_loss: appends to EK_LOSSES. */
EK_API void ek_losses_add_loss(ek_graph *g, ek_out loss);
/* The members of EK_LOSSES and EK_REGULARIZATION_LOSSES, a copy kept by the graph. scope (NULL: all): a regular
 * expression matched at the start of the name. */
EK_API ek_outs ek_losses_get_losses(ek_graph *g, const char *scope);
EK_API ek_outs ek_losses_get_regularization_losses(ek_graph *g, const char *scope);
/* Their sum (AddN "total_regularization_loss", or ek_named's name); 0 if there are none. */
EK_API ek_out ek_losses_get_regularization_loss(ek_graph *g, const char *scope);
/* The sum of EK_LOSSES, and of EK_REGULARIZATION_LOSSES if they are wanted (AddN "total_loss"); none at all is an
 * error. */
EK_API ek_out ek_losses_get_total_loss(ek_graph *g, bool add_regularization_losses, const char *scope);

#ifdef __cplusplus
}
#endif
#endif
