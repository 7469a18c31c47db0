/* SPDX-License-Identifier: Apache-2.0 */
/* tf.contrib.layers (also tf.contrib.slim, tf_slim): batch_norm and the regularizers that go with it, layer_norm,
 * instance_norm, group_norm. */
#ifndef EVENKEEL_CONTRIB_H
#define EVENKEEL_CONTRIB_H

#include "layers.h"

#ifdef __cplusplus
extern "C" {
#endif

/* tf.contrib.layers.l1_regularizer and l2_regularizer: scale * sum(|w|), scale * sum(w * w) / 2. A scale of 0 is none,
 * one below is an error. */
EK_API ek_regularizer ek_contrib_l1_regularizer(ek_graph *g, double scale);
EK_API ek_regularizer ek_contrib_l2_regularizer(ek_graph *g, double scale);

/* Names of collections: .variables_collections = {"a", "b"}; they end before the first NULL. */
#define EK_MAX_COLLECTIONS 8

typedef struct ek_contrib_batch_norm_opts {
  uint32_t version;
  double decay;                                                        /* 0.999: of the moving averages */
  bool center;                                                         /* true: beta is added */
  bool scale;                                                          /* false: no gamma */
  double epsilon;                                                      /* 0.001 */
  ek_activation activation_fn;                                         /* NULL: none */
  ek_initializer beta_initializer, gamma_initializer;                  /* zeros, ones */
  ek_initializer moving_mean_initializer, moving_variance_initializer; /* zeros, ones */
  ek_regularizer beta_regularizer, gamma_regularizer;                  /* not read by the third form below */
  /* Where the updates of the moving averages go; {EK_UPDATE_OPS}. {NULL}: they run whenever the result is computed. */
  const char *updates_collections[EK_MAX_COLLECTIONS];
  ek_flag is_training;                                   /* EK_TRUE */
  ek_reuse reuse;                                        /* EK_REUSE needs a scope */
  const char *variables_collections[EK_MAX_COLLECTIONS]; /* of every variable, besides the usual ones */
  /* Of single variables, instead. */
  const char *beta_collections[EK_MAX_COLLECTIONS], *gamma_collections[EK_MAX_COLLECTIONS];
  const char *moving_mean_collections[EK_MAX_COLLECTIONS], *moving_variance_collections[EK_MAX_COLLECTIONS];
  const char *outputs_collections[EK_MAX_COLLECTIONS]; /* they get the result */
  bool trainable;                                      /* true */
  bool fused;                                          /* true */
  const char *data_format;      /* "NHWC": the last axis keeps its statistics, "NCHW": axis 1; for any rank */
  const char *scope;            /* NULL: "BatchNorm", made unique */
  ek_out batch_weights;         /* [N]: how much each example counts in the statistics; none: all the same */
  bool zero_debias_moving_mean; /* the moving mean is divided by 1 - decay^steps, as it begins at 0 */
  bool renorm;                  /* as ek_layers_batch_normalization has it; only where that layer is the form */
  ek_renorm_clipping renorm_clipping;
  double renorm_decay;         /* 0.99 */
  ek_adjustment_fn adjustment; /* the third form does not read it, as in TensorFlow */
  void *adjustment_ctx;
  bool guard; /* statistics that are not finite stay out of the moving averages: see ek_bn_guard in bn.h */
} ek_contrib_batch_norm_opts;
#define EK_CONTRIB_BATCH_NORM_OPTS_FIELDS_                                                                             \
  .version = 1u, .decay = 0.999, .center = true, .epsilon = 0.001, .updates_collections = {EK_UPDATE_OPS},             \
  .is_training = {.value = true}, .trainable = true, .fused = true, .data_format = "NHWC", .renorm_decay = 0.99
#define EK_CONTRIB_BATCH_NORM_OPTS_INIT                                                                                \
  { EK_CONTRIB_BATCH_NORM_OPTS_FIELDS_ }
#define EK_CONTRIB_BATCH_NORM(...) EK_OPTS_(ek_contrib_batch_norm_opts, EK_CONTRIB_BATCH_NORM_OPTS_FIELDS_, __VA_ARGS__)

/* tf.contrib.layers.batch_norm: [gamma *] (x - mean) / sqrt(variance + epsilon) [+ beta], over all axes but one.
 *
 * inputs: rank and the kept dimension known. Which form it takes, as in TensorFlow:
 *   A: fused, without batch_weights, renorm and adjustment, and rank 2, or rank 4 with zero_debias_moving_mean or
 * updates that do not go to EK_UPDATE_OPS alone: FusedBatchNormV3, float32 variables; B: else, updates to EK_UPDATE_OPS
 * alone, neither batch_weights nor zero_debias_moving_mean: the layer of ek_layers_batch_normalization, whose scope
 * this is; C: else single ops, with variables of the dtype of inputs. Variables: beta, gamma, moving_mean,
 * moving_variance in the scope; also in EK_MODEL_VARIABLES. A and C put outputs into the collections (of a cond, if
 * is_training is open), B ops. trainable = false: B registers no updates, the others do. A and B feed the moving
 * variance with n / (n - 1) times the batch's where they are fused, else with the batch's. zero_debias_moving_mean
 * makes <scope>/<moving_mean>/biased and local_step inside the scope.
 *
 * options may be NULL. INVALID_ARGUMENT: unknown rank or kept dimension, another data_format, reuse without scope,
 * renorm where B is not the form, batch_weights of another shape than [N]. */
EK_API ek_out ek_contrib_batch_norm(ek_graph *g, ek_out inputs, const ek_contrib_batch_norm_opts *options);

/* ---- Normalization of each example by itself: the same in training and in inference, no moving averages */

typedef struct ek_contrib_layer_norm_opts {
  uint32_t version;
  bool center, scale;          /* true: beta, gamma */
  ek_activation activation_fn; /* NULL: none */
  ek_reuse reuse;
  const char *variables_collections[EK_MAX_COLLECTIONS]; /* of both variables, or of one: */
  const char *beta_collections[EK_MAX_COLLECTIONS], *gamma_collections[EK_MAX_COLLECTIONS];
  const char *outputs_collections[EK_MAX_COLLECTIONS];
  bool trainable;        /* true */
  int begin_norm_axis;   /* 1: the first axis that is normalized over, to the last */
  int begin_params_axis; /* -1: the first axis of beta and gamma */
  const char *scope;     /* NULL: "LayerNorm", made unique */
} ek_contrib_layer_norm_opts;
#define EK_CONTRIB_LAYER_NORM_OPTS_FIELDS_                                                                             \
  .version = 1u, .center = true, .scale = true, .trainable = true, .begin_norm_axis = 1, .begin_params_axis = -1
#define EK_CONTRIB_LAYER_NORM_OPTS_INIT                                                                                \
  { EK_CONTRIB_LAYER_NORM_OPTS_FIELDS_ }
#define EK_CONTRIB_LAYER_NORM(...) EK_OPTS_(ek_contrib_layer_norm_opts, EK_CONTRIB_LAYER_NORM_OPTS_FIELDS_, __VA_ARGS__)

/* tf.contrib.layers.layer_norm: gamma * (x - mean) / sqrt(variance + epsilon) + beta with the statistics of each
 * example over the axes from begin_norm_axis. beta and gamma: the shape of inputs from begin_params_axis, which must be
 * known. epsilon is 1e-12, 1e-3 for float16. options may be NULL. INVALID_ARGUMENT: unknown rank or shape of
 * parameters, an axis outside the rank. */
EK_API ek_out ek_contrib_layer_norm(ek_graph *g, ek_out inputs, const ek_contrib_layer_norm_opts *options);

typedef struct ek_contrib_instance_norm_opts {
  uint32_t version;
  bool center, scale; /* true */
  double epsilon;     /* 1e-6 */
  ek_activation activation_fn;
  ek_initializer beta_initializer, gamma_initializer; /* zeros, ones */
  ek_reuse reuse;
  const char *variables_collections[EK_MAX_COLLECTIONS];
  const char *beta_collections[EK_MAX_COLLECTIONS], *gamma_collections[EK_MAX_COLLECTIONS];
  const char *outputs_collections[EK_MAX_COLLECTIONS];
  bool trainable;          /* true */
  const char *data_format; /* "NHWC" (any rank: channels last) or "NCHW" (axis 1) */
  const char *scope;       /* NULL: "InstanceNorm", made unique */
} ek_contrib_instance_norm_opts;
#define EK_CONTRIB_INSTANCE_NORM_OPTS_FIELDS_                                                                          \
  .version = 1u, .center = true, .scale = true, .epsilon = 1e-6, .trainable = true, .data_format = "NHWC"
#define EK_CONTRIB_INSTANCE_NORM_OPTS_INIT                                                                             \
  { EK_CONTRIB_INSTANCE_NORM_OPTS_FIELDS_ }
#define EK_CONTRIB_INSTANCE_NORM(...)                                                                                  \
  EK_OPTS_(ek_contrib_instance_norm_opts, EK_CONTRIB_INSTANCE_NORM_OPTS_FIELDS_, __VA_ARGS__)

/* tf.contrib.layers.instance_norm: each channel of each example by itself, over all axes but the batch and the
 * channels. inputs: rank 2 at least. beta, gamma: [C]. options may be NULL. INVALID_ARGUMENT: unknown rank or number of
 * channels, another data_format. */
EK_API ek_out ek_contrib_instance_norm(ek_graph *g, ek_out inputs, const ek_contrib_instance_norm_opts *options);

typedef struct ek_contrib_group_norm_opts {
  uint32_t version;
  int groups;                                        /* 32 */
  int channels_axis;                                 /* -1 */
  int reduction_axes[EK_MAX_RANK], n_reduction_axes; /* {-3, -2}, 2: normalized over, besides a group's channels */
  bool center, scale;                                /* true */
  double epsilon;                                    /* 1e-6 */
  ek_activation activation_fn;
  ek_initializer beta_initializer, gamma_initializer; /* zeros, ones */
  ek_reuse reuse;
  const char *variables_collections[EK_MAX_COLLECTIONS];
  const char *beta_collections[EK_MAX_COLLECTIONS], *gamma_collections[EK_MAX_COLLECTIONS];
  const char *outputs_collections[EK_MAX_COLLECTIONS];
  bool trainable;          /* true */
  const char *scope;       /* NULL: "GroupNorm", made unique */
  bool mean_close_to_zero; /* the variance in one pass, E[x^2] - E[x]^2 */
} ek_contrib_group_norm_opts;
#define EK_CONTRIB_GROUP_NORM_OPTS_FIELDS_                                                                             \
  .version = 1u, .groups = 32, .channels_axis = -1, .reduction_axes = {-3, -2}, .n_reduction_axes = 2, .center = true, \
  .scale = true, .epsilon = 1e-6, .trainable = true
#define EK_CONTRIB_GROUP_NORM_OPTS_INIT                                                                                \
  { EK_CONTRIB_GROUP_NORM_OPTS_FIELDS_ }
#define EK_CONTRIB_GROUP_NORM(...) EK_OPTS_(ek_contrib_group_norm_opts, EK_CONTRIB_GROUP_NORM_OPTS_FIELDS_, __VA_ARGS__)

/* tf.contrib.layers.group_norm: the channels in groups, each normalized over its channels and reduction_axes. beta,
 * gamma: [C]. options may be NULL. INVALID_ARGUMENT: unknown rank, number of channels or reduced dimension, an axis
 * outside the rank or in both, groups that do not divide the channels. */
EK_API ek_out ek_contrib_group_norm(ek_graph *g, ek_out inputs, const ek_contrib_group_norm_opts *options);

#ifdef __cplusplus
}
#endif
#endif
