/* SPDX-License-Identifier: Apache-2.0 */
/* tf.layers: functions that make variables and nodes in one call. Variables, names, collections and the order of nodes
 * are TensorFlow's. Errors stick to the graph.
 *
 * A layer's variable scope is its name, or the function's name made unique ("dense", "dense_1"). To share variables,
 * name the layer and ask with reuse, or make a layer object and apply it again. */
#ifndef EVENKEEL_LAYERS_H
#define EVENKEEL_LAYERS_H

#include "cond.h"
#include "initializers.h"
#include "nn.h"
#include "variable_scope.h"

#ifdef __cplusplus
extern "C" {
#endif

/* ---- Regularizers: the loss of a variable, for *_regularizer; {0} is none. As old as the graph */

EK_API ek_regularizer ek_keras_regularizers_l1(ek_graph *g, double l1); /* l1 * sum(|w|) */
EK_API ek_regularizer ek_keras_regularizers_l2(ek_graph *g, double l2); /* l2 * sum(w * w) */

/* ---- Dense */

typedef struct ek_layers_dense_opts {
  uint32_t version;
  ek_activation activation;          /* NULL: none */
  bool use_bias;                     /* true */
  ek_initializer kernel_initializer; /* default: the scope's, else glorot_uniform */
  ek_initializer bias_initializer;   /* default: zeros */
  ek_regularizer kernel_regularizer, bias_regularizer;
  ek_regularizer activity_regularizer; /* of the result, divided by the batch size */
  ek_constraint_fn kernel_constraint, bias_constraint;
  void *kernel_constraint_ctx, *bias_constraint_ctx;
  bool trainable; /* true */
  const char *name;
  ek_reuse reuse;
} ek_layers_dense_opts;
#define EK_LAYERS_DENSE_OPTS_FIELDS_ .version = 1u, .use_bias = true, .trainable = true
#define EK_LAYERS_DENSE_OPTS_INIT                                                                                      \
  { EK_LAYERS_DENSE_OPTS_FIELDS_ }
#define EK_LAYERS_DENSE(...) EK_OPTS_(ek_layers_dense_opts, EK_LAYERS_DENSE_OPTS_FIELDS_, __VA_ARGS__)

/* tf.layers.dense: activation(inputs * kernel + bias). inputs: [..., in], rank 2 at least, the last dimension known;
 * kernel: [in, units], bias: [units]; result [..., units]. options may be NULL. */
EK_API ek_out ek_layers_dense(ek_graph *g, ek_out inputs, int64_t units, const ek_layers_dense_opts *options);

/* ---- Dropout, flatten */

typedef struct ek_layers_dropout_opts {
  uint32_t version;
  double rate;                      /* 0.5, in [0, 1) */
  int64_t noise_shape[EK_MAX_RANK]; /* the first n_noise_shape dimensions; -1: that of inputs */
  int n_noise_shape;                /* 0: the shape of inputs */
  bool has_seed;
  int64_t seed;
  ek_flag training; /* EK_FALSE: inputs as they are */
  const char *name;
} ek_layers_dropout_opts;
#define EK_LAYERS_DROPOUT_OPTS_FIELDS_ .version = 1u, .rate = 0.5
#define EK_LAYERS_DROPOUT_OPTS_INIT                                                                                    \
  { EK_LAYERS_DROPOUT_OPTS_FIELDS_ }
#define EK_LAYERS_DROPOUT(...) EK_OPTS_(ek_layers_dropout_opts, EK_LAYERS_DROPOUT_OPTS_FIELDS_, __VA_ARGS__)

/* tf.layers.dropout: in training each element is 0 with probability rate, else divided by 1 - rate. */
EK_API ek_out ek_layers_dropout(ek_graph *g, ek_out inputs, const ek_layers_dropout_opts *options);

/* tf.layers.flatten: [N, ...] to [N, product of the rest]; the scope is "flatten", or ek_named's name. */
EK_API ek_out ek_layers_flatten(ek_graph *g, ek_out inputs);

/* ---- Batch normalization */

/* A bound: none ({0}), a number, or a tensor that broadcasts to [C]. */
typedef struct ek_bound {
  bool given;
  double value;
  ek_out out; /* instead of value */
} ek_bound;
static inline ek_bound ek_bound_of(double value) {
  ek_bound bound = {true, 0.0, {0, 0}};
  bound.value = value;
  return bound;
}
static inline ek_bound ek_bound_of_out(ek_out out) {
  ek_bound bound = {true, 0.0, {0, 0}};
  bound.out = out;
  return bound;
}
/* renorm_clipping: any of the three; what is not given does not bound. */
typedef struct ek_renorm_clipping {
  ek_bound rmin, rmax, dmax; /* r in [rmin, rmax], d in [-dmax, dmax] */
} ek_renorm_clipping;

/* Makes the scale and the bias that a training step puts on the normalized values, from the shape of inputs (an int32
 * vector, known at run time); both broadcast to inputs. Called once a call of the layer. */
typedef struct ek_adjustment {
  ek_out scale, bias;
} ek_adjustment;
typedef ek_adjustment (*ek_adjustment_fn)(ek_graph *g, ek_out shape, void *ctx);

typedef struct ek_layers_batch_normalization_opts {
  uint32_t version;
  int axis;                      /* -1; the axis that keeps statistics of its own, all others are reduced */
  int axes[EK_MAX_RANK], n_axes; /* several such axes, instead: .axes = {1, 3}, .n_axes = 2 */
  double momentum;               /* 0.99: of the moving averages */
  double epsilon;                /* 0.001: added to the variance */
  bool center, scale;            /* true: beta is added, gamma multiplies */
  ek_initializer beta_initializer, gamma_initializer;                  /* zeros, ones */
  ek_initializer moving_mean_initializer, moving_variance_initializer; /* zeros, ones */
  ek_regularizer beta_regularizer, gamma_regularizer;
  ek_constraint_fn beta_constraint, gamma_constraint; /* what optimizers put them through after each update */
  void *beta_constraint_ctx, *gamma_constraint_ctx;
  ek_flag
      training; /* EK_FALSE: moving statistics; EK_TRUE: those of the batch; ek_flag_of(tensor): decided at run time */
  bool trainable; /* true; false: gamma and beta are not trained, and nothing goes to EK_UPDATE_OPS */
  const char *name;
  ek_reuse reuse;
  bool fused;  /* true: FusedBatchNormV3 where it can be (see below) */
  bool renorm; /* batch renormalization, see below */
  ek_renorm_clipping renorm_clipping;
  double renorm_momentum;      /* 0.99 */
  int64_t virtual_batch_size;  /* 0: none; else statistics of that many examples at a time, see below */
  ek_adjustment_fn adjustment; /* NULL: none; not with virtual_batch_size */
  void *adjustment_ctx;
  bool guard; /* statistics that are not finite stay out of the moving averages: see ek_bn_guard in bn.h */
} ek_layers_batch_normalization_opts;
#define EK_LAYERS_BATCH_NORMALIZATION_OPTS_FIELDS_                                                                     \
  .version = 1u, .axis = -1, .momentum = 0.99, .epsilon = 1e-3, .center = true, .scale = true, .trainable = true,      \
  .fused = true, .renorm_momentum = 0.99
#define EK_LAYERS_BATCH_NORMALIZATION_OPTS_INIT                                                                        \
  { EK_LAYERS_BATCH_NORMALIZATION_OPTS_FIELDS_ }
#define EK_LAYERS_BATCH_NORMALIZATION(...)                                                                             \
  EK_OPTS_(ek_layers_batch_normalization_opts, EK_LAYERS_BATCH_NORMALIZATION_OPTS_FIELDS_, __VA_ARGS__)

/* tf.layers.batch_normalization: gamma * (x - mean) / sqrt(variance + epsilon) + beta, over all axes but the given.
 *
 * inputs: rank 1 to 8 (known), the kept axes' dimensions known; the result has its shape and dtype. Variables, float32
 * for float16 and bfloat16 inputs, else the dtype of inputs: gamma, beta, moving_mean, moving_variance, of shape [C],
 * or for several axes of the rank of inputs with 1 where it is reduced.
 *
 * Fused: rank 4 or 5, one axis, 1 or the last, float16, bfloat16 or float32, and neither renorm nor virtual_batch_size
 * nor adjustment; else the same from single ops. The fused form feeds the moving variance with the unbiased variance n
 * / (n - 1), the other with the biased one, as TensorFlow's do; and its epsilon is at least 1.001e-5.
 *
 * In training the moving statistics change only when the update ops run, which nothing does by itself: the ops are in
 * EK_UPDATE_OPS, first the mean's, then the variance's; make the training op depend on them (ek_get_collection_ops and
 * EK_CONTROL_DEPENDENCIES around minimize). With training as an output, the fused form's updates run in both modes and
 * change nothing when it is false.
 *
 * renorm: in training, with s = sqrt(variance + epsilon), r = s / renorm_stddev and d = (mean - renorm_mean) /
 * renorm_stddev, clipped, the result is gamma * ((x - mean) / s * r + d) + beta; no gradient goes through r and d.
 * renorm_mean and renorm_stddev are moving averages of mean and s with renorm_momentum, read before and updated with
 * the update ops; moving_stddev averages s with momentum, and moving_variance is max(moving_stddev^2 - epsilon, 0).
 * Variables besides the four: moving_stddev, renorm_mean, renorm_stddev.
 *
 * virtual_batch_size V (ghost batches): inputs [N, ...] are normalized as N / V batches of V examples, batch j of the
 * examples j, j + N/V, j + 2N/V, ...; the moving averages take the mean over the batches. V divides N in inference,
 * too (else INVALID_ARGUMENT at run time); all dimensions but N are known; axis 0 is not kept. Variables have the rank
 * of inputs plus one.
 *
 * adjustment: in training gamma * (scale * normalized + bias) + beta, with renorm the latter inside; in inference
 * nothing.
 *
 * Where TensorFlow 1.15 or 2.12 fails or gives what nobody wants, this does not: every data format of the fused form
 * runs on the CPU; in inference its other outputs are the moving statistics, not whatever was in memory (1.15); one
 * example has a variance of 0, also where the unbiased one is asked for; a batch of no examples gives no examples, and
 * with guard leaves the moving averages alone, as a NaN does; the updates of a layer inside a cond's branch are waited
 * for where the branch is taken, and stop nobody where it is not; renorm works in float64. bn.h has what TensorFlow has
 * not.
 *
 * options may be NULL. INVALID_ARGUMENT: unknown rank or kept dimension, an axis outside the rank or given twice, a
 * variable that exists (without reuse) or does not (with it), virtual_batch_size below 0, or with axis 0 or adjustment.
 */
EK_API ek_out ek_layers_batch_normalization(ek_graph *g, ek_out inputs,
                                            const ek_layers_batch_normalization_opts *options);

/* tf.layers.BatchNormalization: one set of variables, made by the first apply and shared by all. Freed by the caller,
 * before or after the graph, which must live while it is applied. NULL only when memory is out. training of the options
 * is not used; strings and lists in them must live until the first apply. */
typedef struct ek_batch_normalization ek_batch_normalization;
EK_API ek_batch_normalization *ek_layers_batch_normalization_new(ek_graph *g,
                                                                 const ek_layers_batch_normalization_opts *options);
/* inputs of the rank, kept dimensions and dtype of the first. Each call in training adds its own two updates to
 * EK_UPDATE_OPS. */
EK_API ek_out ek_layers_batch_normalization_apply(ek_batch_normalization *layer, ek_out inputs, ek_flag training);
EK_API void ek_layers_batch_normalization_free(ek_batch_normalization *layer); /* NULL is fine */
/* none before the first apply, or without center or scale. */
typedef struct ek_batch_normalization_variables {
  ek_variable gamma, beta, moving_mean, moving_variance;
  ek_variable moving_stddev, renorm_mean, renorm_stddev; /* with renorm */
} ek_batch_normalization_variables;
EK_API ek_batch_normalization_variables ek_layers_batch_normalization_variables(const ek_batch_normalization *layer);

#ifdef __cplusplus
}
#endif
#endif
