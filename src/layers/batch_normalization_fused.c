/* SPDX-License-Identifier: Apache-2.0 */
/* The layer's forward pass through FusedBatchNormV3. */
#include "layers/batch_normalization.h"
#include "layers/build.h"
#include "layers/moving_update.h"

static void yield_all(ek_cond_block *c, ek_nn_fused_batch_norm_outs r) {
  ek_cond_yield(c, r.y);
  ek_cond_yield(c, r.mean);
  ek_cond_yield(c, r.variance);
}

/* The moving averages' momentum: the layer's in training, else 1, which changes nothing. A Const, the result of a cond,
 * or none: then a number is all that is needed. */
static ek_out momentum_of(ek_batch_normalization *bn, ek__training training) {
  ek_graph *g = bn->layer.g;
  if (training.known == EK_IS_TRUE) return ek_convert(g, ek_number(g, bn->o.momentum), EK_FLOAT32, NULL);
  if (training.flag.kind == EK_FLAG_KNOWN) return ek__no_out;
  ek_cond_block c;
  EK_SMART_COND(g, training.flag, c) {
    EK_THEN(c) { ek_cond_yield(&c, ek_number(g, bn->o.momentum)); }
    EK_ELSE(c) { ek_cond_yield(&c, ek_number(g, 1.0)); }
  }
  return ek_cond_result(&c, 0);
}

static void update(ek_batch_normalization *bn, ek_variable v, ek_nn_moments_outs batch, ek_out value, ek_out momentum,
                   bool training) {
  ek_graph *g = bn->layer.g;
  if (bn->o.guard) value = ek_bn_guard(g, batch, value, v);
  const ek__moving_average u = momentum.op != 0
                                   ? ek__layer_moving_average(g, v, value, momentum)
                                   : ek__layer_moving_average_of(g, v, value, training ? bn->o.momentum : 1.0);
  ek__layer_add_update(&bn->layer, u.op);
}

ek_out ek__batch_normalization_fused(ek_batch_normalization *bn, ek_out inputs, ek__training training) {
  ek_graph *g = bn->layer.g;
  const ek_out beta =
      bn->o.center ? ek_variable_operand(g, bn->v.beta) : ek__py_filled(g, bn->param_dtype, bn->param_shape, 0.0);
  const ek_out gamma =
      bn->o.scale ? ek_variable_operand(g, bn->v.gamma) : ek__py_filled(g, bn->param_dtype, bn->param_shape, 1.0);
  ek_nn_fused_batch_norm_opts o = EK_NN_FUSED_BATCH_NORM_OPTS_INIT;
  o.epsilon = bn->o.epsilon;
  o.data_format = bn->data_format;
  ek_cond_block c;
  EK_SMART_COND(g, training.flag, c) {
    EK_THEN(c) { yield_all(&c, ek_nn_fused_batch_norm(g, inputs, gamma, beta, &o)); }
    EK_ELSE(c) {
      o.is_training = false;
      o.mean = ek_variable_operand(g, bn->v.moving_mean);
      o.variance = ek_variable_operand(g, bn->v.moving_variance);
      yield_all(&c, ek_nn_fused_batch_norm(g, inputs, gamma, beta, &o));
    }
  }
  if (training.known != EK_IS_FALSE) {
    const ek_out momentum = momentum_of(bn, training);
    const ek_nn_moments_outs batch = {ek_cond_result(&c, 1), ek_cond_result(&c, 2)};
    update(bn, bn->v.moving_mean, batch, batch.mean, momentum, training.flag.value);
    update(bn, bn->v.moving_variance, batch, batch.variance, momentum, training.flag.value);
  }
  return ek_cond_result(&c, 0);
}
