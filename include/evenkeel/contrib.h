/* SPDX-License-Identifier: Apache-2.0 */
/* tf.contrib.layers (also tf.contrib.slim, tf_slim): batch_norm, and the regularizers that go with it. */
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
  const char *data_format; /* "NHWC": the last axis keeps its statistics, "NCHW": axis 1; for any rank */
  const char *scope;       /* NULL: "BatchNorm", made unique */
} ek_contrib_batch_norm_opts;
#define EK_CONTRIB_BATCH_NORM_OPTS_FIELDS_                                                                             \
  .version = 1u, .decay = 0.999, .center = true, .epsilon = 0.001, .updates_collections = {EK_UPDATE_OPS},             \
  .is_training = {.value = true}, .trainable = true, .fused = true, .data_format = "NHWC"
#define EK_CONTRIB_BATCH_NORM_OPTS_INIT                                                                                \
  { EK_CONTRIB_BATCH_NORM_OPTS_FIELDS_ }
#define EK_CONTRIB_BATCH_NORM(...) EK_OPTS_(ek_contrib_batch_norm_opts, EK_CONTRIB_BATCH_NORM_OPTS_FIELDS_, __VA_ARGS__)

/* tf.contrib.layers.batch_norm: [gamma *] (x - mean) / sqrt(variance + epsilon) [+ beta], over all axes but one.
 *
 * inputs: rank and the kept dimension known. Which form it takes, as in TensorFlow:
 *   fused, and rank 2, or rank 4 with updates that do not go to EK_UPDATE_OPS alone: FusedBatchNormV3, float32
 * variables; else, updates to EK_UPDATE_OPS alone: the layer of ek_layers_batch_normalization, whose scope this is;
 *   else single ops, with variables of the dtype of inputs.
 * Variables: beta, gamma, moving_mean, moving_variance in the scope; also in EK_MODEL_VARIABLES. The first and third
 * form put outputs into the collections (of a cond, if is_training is open), the second ops. trainable = false: the
 * second form registers no updates, the others do.
 *
 * options may be NULL. INVALID_ARGUMENT: unknown rank or kept dimension, another data_format, reuse without scope. */
EK_API ek_out ek_contrib_batch_norm(ek_graph *g, ek_out inputs, const ek_contrib_batch_norm_opts *options);

#ifdef __cplusplus
}
#endif
#endif
