/* SPDX-License-Identifier: Apache-2.0 */
/* tf.nn: activations, moments, normalization, cross entropies, dropout, embeddings. Every function builds nodes, with
 * TensorFlow's types, names and order, and returns the result; ek_named gives it a name. Errors stick to the graph. */
#ifndef EVENKEEL_NN_H
#define EVENKEEL_NN_H

#include "graph.h"
#include "variables.h"

#ifdef __cplusplus
extern "C" {
#endif

/* ---- Activations: element by element, any shape, float16, bfloat16, float32, float64 */

EK_API ek_out ek_nn_relu(ek_graph *g, ek_out features);     /* max(x, 0) */
EK_API ek_out ek_nn_relu6(ek_graph *g, ek_out features);    /* min(max(x, 0), 6) */
EK_API ek_out ek_nn_elu(ek_graph *g, ek_out features);      /* x > 0 ? x : exp(x) - 1 */
EK_API ek_out ek_nn_selu(ek_graph *g, ek_out features);     /* 1.0507 * (x > 0 ? x : 1.67326 * (exp(x) - 1)) */
EK_API ek_out ek_nn_softplus(ek_graph *g, ek_out features); /* log(exp(x) + 1) */
EK_API ek_out ek_nn_sigmoid(ek_graph *g, ek_out x);         /* 1 / (1 + exp(-x)) */
EK_API ek_out ek_nn_tanh(ek_graph *g, ek_out x);
/* x > 0 ? x : alpha * x; TensorFlow's default for alpha is 0.2. Integers are cast to float32. */
EK_API ek_out ek_nn_leaky_relu(ek_graph *g, ek_out features, double alpha);
/* exp(x) / sum(exp(x)), and its logarithm, over one axis (-1: the last). */
EK_API ek_out ek_nn_softmax(ek_graph *g, ek_out logits, int axis);
EK_API ek_out ek_nn_log_softmax(ek_graph *g, ek_out logits, int axis);
/* An activation as a layer's option: any of the above that takes one input, ek_sigmoid, or a function of the caller. */
typedef ek_out (*ek_activation)(ek_graph *g, ek_out x);

/* ---- Sums and biases */

EK_API ek_out ek_nn_l2_loss(ek_graph *g, ek_out t); /* sum(t * t) / 2, a scalar */
/* value: [N, ..., C] (data_format "NHWC" or NULL) or [N, C, ...] ("NCHW"); bias: [C]. */
EK_API ek_out ek_nn_bias_add(ek_graph *g, ek_out value, ek_out bias, const char *data_format);

/* ---- Moments and normalization */

typedef struct ek_nn_moments_outs {
  ek_out mean, variance;
} ek_nn_moments_outs;
/* tf.nn.moments: mean and biased variance over the given axes, in two passes; float16 is computed in float32. keep_dims
 * leaves those axes with size 1. */
EK_API ek_nn_moments_outs ek_nn_moments(ek_graph *g, ek_out x, const int64_t *axes, int n_axes, bool keep_dims);

/* tf.nn.weighted_moments: W = sum(w), mean = sum(w * x) / W, variance = sum(w * (x - mean)^2) / W; frequency_weights
 * are cast to the dtype of x and broadcast with it. Gradients go through the mean. float16 as above. */
EK_API ek_nn_moments_outs ek_nn_weighted_moments(ek_graph *g, ek_out x, const int64_t *axes, int n_axes,
                                                 ek_out frequency_weights, bool keep_dims);

typedef struct ek_nn_sufficient_statistics_outs {
  ek_out count;           /* elements of x that one statistic is of: a Const if they are known */
  ek_out mean_ss, var_ss; /* sum(x - shift), sum((x - shift)^2) */
  ek_out shift;           /* as given, or none */
} ek_nn_sufficient_statistics_outs;
/* tf.nn.sufficient_statistics; shift may be none. An axis that is given twice counts once. */
EK_API ek_nn_sufficient_statistics_outs ek_nn_sufficient_statistics(ek_graph *g, ek_out x, const int64_t *axes,
                                                                    int n_axes, ek_out shift, bool keep_dims);
/* tf.nn.normalize_moments: m = mean_ss / counts; mean m + shift, variance variance_ss / counts - m^2. */
EK_API ek_nn_moments_outs ek_nn_normalize_moments(ek_graph *g, ek_out counts, ek_out mean_ss, ek_out variance_ss,
                                                  ek_out shift);

/* tf.nn.batch_normalization: inv = rsqrt(variance + variance_epsilon) [* scale]; x * inv + (offset - mean * inv), with
 * ordinary broadcasting. offset and scale may be none. Differentiable in all of its inputs. */
EK_API ek_out ek_nn_batch_normalization(ek_graph *g, ek_out x, ek_out mean, ek_out variance, ek_out offset,
                                        ek_out scale, double variance_epsilon);

/* tf.nn.batch_norm_with_global_normalization: the same; gamma only if scale_after_normalization. */
EK_API ek_out ek_nn_batch_norm_with_global_normalization(ek_graph *g, ek_out t, ek_out m, ek_out v, ek_out beta,
                                                         ek_out gamma, double variance_epsilon,
                                                         bool scale_after_normalization);

typedef struct ek_nn_fused_batch_norm_opts {
  uint32_t version;
  ek_out mean, variance;   /* [C]; needed if is_training is false */
  double epsilon;          /* 0.001; raised to 1.001e-5 at least */
  const char *data_format; /* "NHWC" (x: [N, H, W, C]), "NCHW", "NDHWC" or "NCDHW" */
  bool is_training;        /* true: statistics of the batch */
} ek_nn_fused_batch_norm_opts;
#define EK_NN_FUSED_BATCH_NORM_OPTS_FIELDS_ .version = 1u, .epsilon = 0.001, .data_format = "NHWC", .is_training = true
#define EK_NN_FUSED_BATCH_NORM_OPTS_INIT                                                                               \
  { EK_NN_FUSED_BATCH_NORM_OPTS_FIELDS_ }
#define EK_NN_FUSED_BATCH_NORM(...)                                                                                    \
  EK_OPTS_(ek_nn_fused_batch_norm_opts, EK_NN_FUSED_BATCH_NORM_OPTS_FIELDS_, __VA_ARGS__)

typedef struct ek_nn_fused_batch_norm_outs {
  ek_out y;
  ek_out mean, variance; /* training: of the batch, the variance times n / (n - 1); else what was given */
} ek_nn_fused_batch_norm_outs;
/* tf.nn.fused_batch_norm (FusedBatchNormV3): y = (x - mean) * (rsqrt(variance + epsilon) * scale) + offset; in training
 * with the biased variance of the batch. x: float16, bfloat16 or float32; scale, offset: [C], float32. Every data
 * format runs on the CPU. options may be NULL. */
EK_API ek_nn_fused_batch_norm_outs ek_nn_fused_batch_norm(ek_graph *g, ek_out x, ek_out scale, ek_out offset,
                                                          const ek_nn_fused_batch_norm_opts *options);

/* ---- Cross entropies: one number for each example */

/* sum over the axis (-1: the last) of -labels * log_softmax(logits); labels and logits have one shape, the result lacks
 * the axis. The first form lets no gradient into labels; _v2 does. float16 and bfloat16 are computed in float32. */
EK_API ek_out ek_nn_softmax_cross_entropy_with_logits(ek_graph *g, ek_out labels, ek_out logits, int axis);
EK_API ek_out ek_nn_softmax_cross_entropy_with_logits_v2(ek_graph *g, ek_out labels, ek_out logits, int axis);
/* labels: [...], int32 or int64, each in [0, C); logits: [..., C]. A label outside is INVALID_ARGUMENT at run time. */
EK_API ek_out ek_nn_sparse_softmax_cross_entropy_with_logits(ek_graph *g, ek_out labels, ek_out logits);
/* max(x, 0) - x * z + log(1 + exp(-|x|)), element by element: x logits, z labels of the same shape. */
EK_API ek_out ek_nn_sigmoid_cross_entropy_with_logits(ek_graph *g, ek_out labels, ek_out logits);

/* ---- Dropout */

typedef struct ek_nn_dropout_opts {
  uint32_t version;
  ek_out noise_shape; /* none: that of x; a 1-D integer output or ek_ints: kept or dropped together along its ones */
  bool has_seed;
  int64_t seed;
} ek_nn_dropout_opts;
#define EK_NN_DROPOUT_OPTS_FIELDS_ .version = 1u
#define EK_NN_DROPOUT_OPTS_INIT                                                                                        \
  { EK_NN_DROPOUT_OPTS_FIELDS_ }
#define EK_NN_DROPOUT(...) EK_OPTS_(ek_nn_dropout_opts, EK_NN_DROPOUT_OPTS_FIELDS_, __VA_ARGS__)

/* tf.nn.dropout(x, rate=rate): each element is 0 with probability rate, else x / (1 - rate). rate in [0, 1); 0 gives x.
 * options may be NULL. */
EK_API ek_out ek_nn_dropout(ek_graph *g, ek_out x, double rate, const ek_nn_dropout_opts *options);

/* ---- Embeddings */

typedef struct ek_nn_embedding_lookup_opts {
  uint32_t version;
  double max_norm; /* above 0: a row that is longer is made this long */
} ek_nn_embedding_lookup_opts;
#define EK_NN_EMBEDDING_LOOKUP_OPTS_FIELDS_ .version = 1u
#define EK_NN_EMBEDDING_LOOKUP_OPTS_INIT                                                                               \
  { EK_NN_EMBEDDING_LOOKUP_OPTS_FIELDS_ }
#define EK_NN_EMBEDDING_LOOKUP(...)                                                                                    \
  EK_OPTS_(ek_nn_embedding_lookup_opts, EK_NN_EMBEDDING_LOOKUP_OPTS_FIELDS_, __VA_ARGS__)

/* tf.nn.embedding_lookup(params, ids) of one variable: params: [N, ...]; ids: any shape, each in [0, N); the result is
 * ids.shape + params.shape[1:]. The gradient is an ek_indexed_slices: training changes only rows that were looked up.
 * options may be NULL. */
EK_API ek_out ek_nn_embedding_lookup(ek_graph *g, ek_variable params, ek_out ids,
                                     const ek_nn_embedding_lookup_opts *options);

#ifdef __cplusplus
}
#endif
#endif
