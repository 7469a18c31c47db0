/* SPDX-License-Identifier: Apache-2.0 */
/* Batch normalization under explicit control, which TensorFlow never gave. What is normalized by, whether the moving
 * averages are updated and which parameters are trained are arguments of their own, and each may be an output: then it
 * is fed, or a variable, and changes between runs without a new graph.
 *
 *   ek_out by = ek_placeholder(g, EK_INT32, ek_shape_scalar(), "by");    EK_BN_BATCH, EK_BN_MOVING or EK_BN_GIVEN
 *   y = ek_bn(g, x, EK_BN(.normalize_by = ek_bn_by_out(by), .update = EK_FALSE, .train_gamma = EK_FALSE));
 *
 * And what momentum, epsilon and variance mean elsewhere. */
#ifndef EVENKEEL_BN_H
#define EVENKEEL_BN_H

#include "layers.h"

#ifdef __cplusplus
extern "C" {
#endif

/* ---- Conventions */

typedef enum ek_bn_convention {
  EK_BN_TENSORFLOW, /* tf.layers: moving = momentum * moving + (1 - momentum) * batch */
  EK_BN_KERAS,      /* the same */
  EK_BN_PYTORCH,    /* running = (1 - momentum) * running + momentum * batch, of the unbiased variance */
  EK_BN_ONNX,       /* BatchNormalization of opset 14 on: as TensorFlow */
  EK_BN_CAFFE,      /* moving_average_fraction: sums that are divided by a factor, of the unbiased variance */
  EK_BN_DARKNET     /* the unbiased variance everywhere, and epsilon outside of the root */
} ek_bn_convention;

typedef struct ek_bn_meaning {
  const char *name;         /* "PyTorch" */
  double momentum, epsilon; /* the defaults, in that convention */
  bool momentum_is_new;     /* momentum is what the batch contributes; else what is kept */
  bool unbiased_average;    /* the variance that is averaged is n / (n - 1) times the biased one */
  bool unbiased_batch;      /* so is the one that a training batch is normalized by */
  bool epsilon_outside;     /* x / (sqrt(variance) + epsilon) instead of x / sqrt(variance + epsilon) */
} ek_bn_meaning;
EK_API ek_bn_meaning ek_bn_meaning_of(ek_bn_convention c);

/* The same average in another convention's number: PyTorch's 0.1 is TensorFlow's 0.9. */
EK_API double ek_bn_momentum(ek_bn_convention from, ek_bn_convention to, double momentum);
/* Variances such that inference with them and epsilon_to, there, is inference with variance and epsilon_from, here; in
 * double, channel by channel. out may be variance. A variance that would be negative becomes 0. */
EK_API void ek_bn_variance(ek_bn_convention from, double epsilon_from, ek_bn_convention to, double epsilon_to,
                           int64_t channels, const float *variance, float *out);
/* Caffe's first two blobs are sums, its third the factor they are divided by (0: then all becomes 0, as there). out may
 * be sums. */
EK_API void ek_bn_from_caffe(float factor, int64_t channels, const float *sums, float *out);

/* ---- NaN kept out */

/* value where the mean and the variance of the batch are both finite, element by element, else what kept holds: an
 * update of kept towards it changes nothing there. All of one shape. The option guard of ek_bn and of
 * ek_layers_batch_normalization puts this in front of every update; a NaN or an infinity in a batch, and a batch of no
 * examples, then leave the moving averages of the channels they hit as they were. */
EK_API ek_out ek_bn_guard(ek_graph *g, ek_nn_moments_outs batch, ek_out value, ek_variable kept);

/* ---- The layer */

typedef enum ek_bn_by { EK_BN_BATCH, EK_BN_MOVING, EK_BN_GIVEN } ek_bn_by;
typedef struct ek_bn_source {
  ek_bn_by by;
  ek_out out; /* instead: an int32 scalar, one of the numbers above */
} ek_bn_source;
static inline ek_bn_source ek_bn_by_out(ek_out out) {
  ek_bn_source source = {EK_BN_BATCH, {0, 0}};
  source.out = out;
  return source;
}

typedef struct ek_bn_opts {
  uint32_t version;
  int axis;                      /* -1; the axis that keeps statistics of its own */
  int axes[EK_MAX_RANK], n_axes; /* several such axes, instead */
  ek_bn_convention convention;   /* EK_BN_TENSORFLOW: what the next two mean */
  double momentum, epsilon;      /* below 0: the convention's default */
  ek_choice unbiased;            /* EK_INHERIT: the convention's; EK_YES, EK_NO: which variance is averaged */
  bool center, scale;            /* true: beta, gamma */
  ek_initializer beta_initializer, gamma_initializer;                  /* zeros, ones */
  ek_initializer moving_mean_initializer, moving_variance_initializer; /* zeros, ones */
  ek_regularizer beta_regularizer, gamma_regularizer;
  ek_bn_source normalize_by;         /* {EK_BN_BATCH} */
  ek_out given_mean, given_variance; /* of EK_BN_GIVEN: [C], or of the shape of the variables */
  ek_flag update;                    /* EK_TRUE: the update ops change the moving averages */
  ek_flag train_gamma, train_beta;   /* EK_TRUE: a gradient comes to it */
  bool guard;                        /* see ek_bn_guard */
  const char *name;                  /* NULL: "bn", made unique */
  ek_reuse reuse;
} ek_bn_opts;
#define EK_BN_OPTS_FIELDS_                                                                                             \
  .version = 1u, .axis = -1, .momentum = -1.0, .epsilon = -1.0, .center = true, .scale = true,                         \
  .update = {.value = true}, .train_gamma = {.value = true}, .train_beta = {.value = true}
#define EK_BN_OPTS_INIT                                                                                                \
  { EK_BN_OPTS_FIELDS_ }
#define EK_BN(...) EK_OPTS_(ek_bn_opts, EK_BN_OPTS_FIELDS_, __VA_ARGS__)

/* gamma * (x - mean) / sqrt(variance + epsilon) + beta over all axes but the given, with mean and variance of the
 * batch, of the moving averages, or as given.
 *
 * inputs and variables as ek_layers_batch_normalization has them. The updates of moving_mean and moving_variance go to
 * EK_UPDATE_OPS, always with the batch's statistics, whatever is normalized by; none if update is EK_FALSE. With update
 * as an output they run in any case, and change nothing when it is false. The statistics of the batch are computed only
 * in runs that use them. A parameter that is not trained has no gradient, or one of zero where its flag is an output:
 * an optimizer without slots then leaves it alone; momentum from earlier steps does not end with it.
 *
 * options may be NULL. INVALID_ARGUMENT as ek_layers_batch_normalization, and EK_BN_GIVEN without given_mean and
 * given_variance. A number out of range in normalize_by.out is EK_BN_GIVEN, or, where none is given, EK_BN_MOVING. */
EK_API ek_out ek_bn(ek_graph *g, ek_out inputs, const ek_bn_opts *options);

#ifdef __cplusplus
}
#endif
#endif
