/* SPDX-License-Identifier: Apache-2.0 */
/* The layer's forward pass from single ops: any rank, any axes, any floating dtype. */
#include "layers/batch_normalization.h"
#include "layers/build.h"
#include "layers/moving_update.h"

/* One call of the layer. */
typedef struct call {
  ek_batch_normalization *bn;
  ek_graph *g;
  ek__training training;
  ek_shape broadcast; /* rank 0: parameters broadcast by themselves */
} call;

static bool keeps(const ek_batch_normalization *bn, int axis) {
  for (int i = 0; i < bn->n_axes; i++)
    if (bn->axes[i] == axis) return true;
  return false;
}

/* A single axis that is not the last: [1, ..., C, ..., 1]. */
static ek_shape broadcast_shape(const ek_batch_normalization *bn) {
  ek_shape s = {.rank = 0};
  if (bn->n_axes > 1 || bn->axes[0] == bn->rank - 1) return s;
  s.rank = bn->rank;
  for (int i = 0; i < s.rank; i++) s.dim[i] = 1;
  s.dim[bn->axes[0]] = bn->dims[0];
  return s;
}

static ek_out broadcast(const call *c, ek_out v) {
  if (c->broadcast.rank == 0) return v;
  return ek__op2(c->g, "Reshape", v, ek_integers(c->g, c->broadcast.dim, c->broadcast.rank));
}

/* A variable as tf.cast leaves it: TensorFlow opens the scope "Cast" for one by reference, and then has nothing to do
 * there. */
static ek_out cast_variable(const call *c, ek_variable v, ek_out operand) {
  if (v.id != 0 && !ek_variable_is_resource(c->g, v)) (void)ek_unique_name(c->g, "Cast", true);
  return operand;
}

/* gamma or beta, as batch_normalization wants it; none if there is none. */
static ek_out parameter(const call *c, ek_variable v) {
  return v.id != 0 ? broadcast(c, ek_variable_operand(c->g, v)) : ek__no_out;
}
static ek_out cast_parameter(const call *c, ek_variable v, ek_out operand) {
  return c->broadcast.rank == 0 ? cast_variable(c, v, operand) : operand;
}

/* The statistic of the batch in training, else the moving one. */
static ek_out choose(const call *c, ek_out of_batch, ek_variable moving) {
  ek_cond_block k;
  EK_SMART_COND(c->g, c->training.flag, k) {
    EK_THEN(k) ek_cond_yield(&k, of_batch);
    EK_ELSE(k) ek_cond_yield(&k, ek_variable_operand(c->g, moving));
  }
  return ek_cond_result(&k, 0);
}

static void update(const call *c, ek_variable moving, ek_out value) {
  ek_cond_block k;
  const double momentum = c->bn->o.momentum;
  if (ek_flag_static_value(c->g, c->training.flag) != EK_IS_OPEN) { /* no cond: the op that its branch gives */
    const bool train = ek_flag_static_value(c->g, c->training.flag) == EK_IS_TRUE;
    const ek_op op =
        train ? ek__layer_moving_average_of(c->g, moving, value, momentum).op : ek_variable_op(c->g, moving);
    ek__layer_add_update(&c->bn->layer, op);
    return;
  }
  EK_SMART_COND(c->g, c->training.flag, k) {
    EK_THEN(k) {
      const ek__moving_average u = ek__layer_moving_average_of(c->g, moving, value, momentum);
      ek_cond_yield(&k, ek__moving_average_result(c->g, moving, u));
    }
    EK_ELSE(k) ek_cond_yield(&k, ek_variable_operand(c->g, moving));
  }
  ek__layer_add_update(&c->bn->layer, ek_cond_result_op(&k, 0));
}

static ek_nn_moments_outs statistics(const call *c, ek_out inputs) {
  const ek_batch_normalization *bn = c->bn;
  int64_t reduced[EK_MAX_RANK];
  int n = 0;
  for (int i = 0; i < bn->rank; i++)
    if (!keeps(bn, i)) reduced[n++] = i;
  ek_nn_moments_outs m = ek_nn_moments(c->g, inputs, reduced, n, bn->n_axes > 1);
  m.mean = choose(c, m.mean, bn->v.moving_mean);
  m.variance = choose(c, m.variance, bn->v.moving_variance);
  update(c, bn->v.moving_mean, m.mean);
  update(c, bn->v.moving_variance, m.variance);
  return m;
}

ek_out ek__batch_normalization_plain(ek_batch_normalization *bn, ek_out inputs, ek__training training) {
  ek_graph *g = bn->layer.g;
  const call c = {.bn = bn, .g = g, .training = training, .broadcast = broadcast_shape(bn)};
  const ek_shape shape = ek_out_shape(g, inputs);
  const ek_out x = ek__py_cast(g, inputs, bn->param_dtype); /* 16 bits are too few for a variance */
  ek_out gamma = parameter(&c, bn->v.gamma), beta = parameter(&c, bn->v.beta);
  ek_nn_moments_outs m;
  if (c.training.known == EK_IS_FALSE) {
    m.mean = cast_variable(&c, bn->v.moving_mean, ek_variable_operand(g, bn->v.moving_mean));
    m.variance = cast_variable(&c, bn->v.moving_variance, ek_variable_operand(g, bn->v.moving_variance));
  } else {
    m = statistics(&c, x);
  }
  beta = cast_parameter(&c, bn->v.beta, beta);
  gamma = cast_parameter(&c, bn->v.gamma, gamma);
  const ek_out mean = broadcast(&c, m.mean), variance = broadcast(&c, m.variance);
  ek_out y = ek_nn_batch_normalization(g, x, mean, variance, beta, gamma, bn->o.epsilon);
  y = ek__py_cast(g, y, bn->dtype);
  if (y.op > 0) ek_out_set_shape(g, y, shape);
  return y;
}
