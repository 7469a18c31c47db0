/* SPDX-License-Identifier: Apache-2.0 */
/* The two bodies of tf.contrib.layers.batch_norm that are its own: through FusedBatchNormV3 (A) and from single ops
 * (C). */
#include "layers/build.h"
#include "layers/contrib_batch_norm.h"
#include "layers/layer.h"

#include <string.h>

static bool is_nchw(const ek_contrib_batch_norm_opts *o) { return strcmp(o->data_format, "NCHW") == 0; }

static ek_variable beta_of(ek_graph *g, ek_shape shape, ek_dtype dtype, ek_regularizer r,
                           const ek_contrib_batch_norm_opts *o) {
  const ek_initializer i = ek__initializer_or(o->beta_initializer, ek_zeros_initializer());
  return ek__contrib_variable(g, "beta", shape, dtype, i, r, o->trainable, o->beta_collections,
                              o->variables_collections);
}

static ek_variable gamma_of(ek_graph *g, ek_shape shape, ek_dtype dtype, ek_regularizer r,
                            const ek_contrib_batch_norm_opts *o) {
  const ek_initializer i = ek__initializer_or(o->gamma_initializer, ek_ones_initializer());
  return ek__contrib_variable(g, "gamma", shape, dtype, i, r, o->trainable, o->gamma_collections,
                              o->variables_collections);
}

/* In a pure variable scope of their own, as TensorFlow opens one to switch partitioning off. */
static void make_moving(ek_graph *g, ek_shape shape, ek_dtype dtype, const ek_contrib_batch_norm_opts *o,
                        ek__contrib_variables *v) {
  static const ek_regularizer none = {NULL, NULL};
  ek_variable_scope_opts same = EK_VARIABLE_SCOPE_OPTS_INIT;
  same.scope = ek_get_variable_scope(g);
  (void)ek_variable_scope_begin(g, NULL, &same);
  const ek_initializer mean = ek__initializer_or(o->moving_mean_initializer, ek_zeros_initializer());
  const ek_initializer variance = ek__initializer_or(o->moving_variance_initializer, ek_ones_initializer());
  v->moving_mean = ek__contrib_variable(g, "moving_mean", shape, dtype, mean, none, false, o->moving_mean_collections,
                                        o->variables_collections);
  v->moving_variance = ek__contrib_variable(g, "moving_variance", shape, dtype, variance, none, false,
                                            o->moving_variance_collections, o->variables_collections);
  ek_variable_scope_end(g);
}

/* value once both updates have run. */
static ek_out after(ek_graph *g, const ek__moving_average updates[2], ek_out value) {
  const ek_op ops[] = {updates[0].op, updates[1].op};
  ek_control_dependencies_begin(g, (ek_ops){ops, 2});
  const ek_out y = ek__op1(g, "Identity", value);
  ek_control_dependencies_end(g);
  return y;
}

/* ---- A */

/* What a branch of the fused body yields. */
static void normalize(ek_graph *g, ek_cond_block *c, ek_out x, const ek__contrib_variables *v, ek_out gamma,
                      ek_out beta, const ek_contrib_batch_norm_opts *o, bool training) {
  ek_nn_fused_batch_norm_opts f = EK_NN_FUSED_BATCH_NORM_OPTS_INIT;
  f.epsilon = o->epsilon;
  f.data_format = o->data_format;
  f.is_training = training;
  if (!training) {
    f.mean = ek_variable_operand(g, v->moving_mean);
    f.variance = ek_variable_operand(g, v->moving_variance);
  }
  const ek_nn_fused_batch_norm_outs r = ek_nn_fused_batch_norm(g, x, gamma, beta, &f);
  ek_cond_yield(c, r.y);
  ek_cond_yield(c, r.mean);
  ek_cond_yield(c, r.variance);
}

static ek_out force_updates(ek_graph *g, ek_out y, const ek__contrib_variables *v, ek__contrib_pair m,
                            const ek_contrib_batch_norm_opts *o) {
  ek_cond_block c;
  EK_SMART_COND(g, o->is_training, c) {
    EK_THEN(c) {
      ek__moving_average updates[2];
      ek__contrib_assign(g, v, m, o, updates);
      ek_cond_yield(&c, after(g, updates, y));
    }
    EK_ELSE(c) ek_cond_yield(&c, y);
  }
  return ek_cond_result(&c, 0);
}

ek_out ek__contrib_batch_norm_fused(ek_graph *g, ek_out inputs, const ek_contrib_batch_norm_opts *o) {
  const ek_shape s = ek_out_shape(g, inputs);
  const int64_t channels = s.rank == 2 || !is_nchw(o) ? s.dim[s.rank - 1] : s.dim[1];
  const ek_shape params = ek_shape(channels);
  ek__contrib_variables v = {{0}, {0}, {0}, {0}};
  (void)ek__contrib_scope_begin(g, o->scope, "BatchNorm", o->reuse, false);
  ek_out x = inputs;
  if (s.rank == 2) {
    const int64_t nhwc[] = {-1, 1, 1, channels}, nchw[] = {-1, channels, 1, 1};
    x = ek__op2(g, "Reshape", x, ek_integers(g, is_nchw(o) ? nchw : nhwc, 4));
  }
  const ek_shape full = ek_out_shape(g, x);
  ek_out beta, gamma;
  if (o->center)
    beta = ek_variable_operand(g, v.beta = beta_of(g, params, EK_FLOAT32, o->beta_regularizer, o));
  else
    beta = ek__py_filled(g, EK_FLOAT32, params, 0.0);
  if (o->scale)
    gamma = ek_variable_operand(g, v.gamma = gamma_of(g, params, EK_FLOAT32, o->gamma_regularizer, o));
  else
    gamma = ek__py_filled(g, EK_FLOAT32, params, 1.0);
  make_moving(g, params, EK_FLOAT32, o, &v);
  ek_cond_block c;
  EK_SMART_COND(g, o->is_training, c) {
    EK_THEN(c) normalize(g, &c, x, &v, gamma, beta, o, true);
    EK_ELSE(c) normalize(g, &c, x, &v, gamma, beta, o, false);
  }
  ek_out y = ek_cond_result(&c, 0);
  if (ek_flag_static_value(g, o->is_training) != EK_IS_FALSE) {
    const ek__contrib_pair m = {ek_cond_result(&c, 1), ek_cond_result(&c, 2)};
    if (ek__contrib_in_place(o))
      y = force_updates(g, y, &v, m, o);
    else
      ek__contrib_delay_updates(g, &v, m, o);
  }
  if (y.op > 0) ek_out_set_shape(g, y, full);
  if (s.rank == 2) y = ek__op2(g, "Reshape", y, ek_integers(g, s.dim, 2)); /* a batch that is not known is -1 */
  y = ek__contrib_finish(g, y, o->activation_fn, o->outputs_collections);
  ek_variable_scope_end(g);
  return y;
}

/* ---- C */

/* batch_weights as they broadcast to inputs of that rank: [N, 1, ...]; none if there are none. */
static ek_out example_weights(ek_graph *g, int rank, const ek_contrib_batch_norm_opts *o) {
  static const int64_t shape[EK_MAX_RANK] = {-1, 1, 1, 1, 1, 1, 1, 1};
  if (o->batch_weights.op == 0) return ek__no_out;
  const ek_out w = ek_convert(g, o->batch_weights, EK_INVALID_DTYPE, NULL);
  return ek__op2(g, "Reshape", w, ek_integers(g, shape, rank));
}

static ek__contrib_pair moments(ek_graph *g, ek_out x, ek_out weights, int rank, bool nchw) {
  int64_t axes[EK_MAX_RANK];
  int n = 0;
  for (int i = 0; i < rank; i++)
    if (i != (nchw ? 1 : rank - 1)) axes[n++] = i;
  const ek_nn_moments_outs m =
      weights.op != 0 ? ek_nn_weighted_moments(g, x, axes, n, weights, nchw) : ek_nn_moments(g, x, axes, n, nchw);
  ek__contrib_pair p = {m.mean, m.variance};
  if (nchw) {
    p.mean = ek__op2(g, "Reshape", p.mean, ek_ints(g, -1));
    p.variance = ek__op2(g, "Reshape", p.variance, ek_ints(g, -1));
  }
  return p;
}

static void yield_pair(ek_cond_block *c, ek_out mean, ek_out variance) {
  ek_cond_yield(c, mean);
  ek_cond_yield(c, variance);
}

/* The statistics to use: those of the batch, and their updates, in training; else the moving ones. */
static ek__contrib_pair statistics(ek_graph *g, const ek__contrib_variables *v, ek__contrib_pair m,
                                   const ek_contrib_batch_norm_opts *o) {
  ek_cond_block c;
  if (!ek__contrib_in_place(o)) ek__contrib_delay_updates(g, v, m, o);
  EK_SMART_COND(g, o->is_training, c) {
    EK_THEN(c) {
      if (ek__contrib_in_place(o)) {
        ek__moving_average updates[2];
        ek__contrib_assign(g, v, m, o, updates);
        const ek_out mean = after(g, updates, m.mean), variance = after(g, updates, m.variance);
        yield_pair(&c, mean, variance);
      } else {
        yield_pair(&c, m.mean, m.variance);
      }
    }
    EK_ELSE(c) yield_pair(&c, ek_variable_operand(g, v->moving_mean), ek_variable_operand(g, v->moving_variance));
  }
  return (ek__contrib_pair){ek_cond_result(&c, 0), ek_cond_result(&c, 1)};
}

ek_out ek__contrib_batch_norm_legacy(ek_graph *g, ek_out inputs, const ek_contrib_batch_norm_opts *o) {
  static const ek_regularizer none = {NULL, NULL}; /* param_regularizers are not read here, as in TensorFlow */
  const ek_shape s = ek_out_shape(g, inputs);
  const ek_dtype dtype = ek_out_dtype(g, inputs);
  const bool nchw = is_nchw(o);
  const ek_shape params = ek_shape(s.dim[nchw ? 1 : s.rank - 1]);
  ek__contrib_variables v = {{0}, {0}, {0}, {0}};
  (void)ek__contrib_scope_begin(g, o->scope, "BatchNorm", o->reuse, true);
  const ek_out weights = example_weights(g, s.rank, o);
  if (o->center) v.beta = beta_of(g, params, dtype, none, o);
  if (o->scale) v.gamma = gamma_of(g, params, dtype, none, o);
  make_moving(g, params, dtype, o, &v);
  ek__contrib_pair m = {ek_variable_operand(g, v.moving_mean), ek_variable_operand(g, v.moving_variance)};
  if (ek_flag_static_value(g, o->is_training) != EK_IS_FALSE)
    m = statistics(g, &v, moments(g, inputs, weights, s.rank, nchw), o);
  ek_out beta = o->center ? ek_variable_operand(g, v.beta) : ek__no_out;
  ek_out gamma = o->scale ? ek_variable_operand(g, v.gamma) : ek__no_out;
  if (nchw) {
    int64_t wide[EK_MAX_RANK] = {1, params.dim[0], 1, 1, 1, 1, 1, 1};
    m.mean = ek__op2(g, "Reshape", m.mean, ek_integers(g, wide, s.rank));
    m.variance = ek__op2(g, "Reshape", m.variance, ek_integers(g, wide, s.rank));
    if (o->center) beta = ek__op2(g, "Reshape", beta, ek_integers(g, wide, s.rank));
    if (o->scale) gamma = ek__op2(g, "Reshape", gamma, ek_integers(g, wide, s.rank));
  }
  ek_out y = ek_nn_batch_normalization(g, inputs, m.mean, m.variance, beta, gamma, o->epsilon);
  if (y.op > 0) ek_out_set_shape(g, y, s);
  y = ek__contrib_finish(g, y, o->activation_fn, o->outputs_collections);
  ek_variable_scope_end(g);
  return y;
}
