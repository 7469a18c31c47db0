/* SPDX-License-Identifier: Apache-2.0 */
/* The layer's forward pass from single ops: any rank, any axes, any floating dtype. */
#include "layers/batch_normalization.h"
#include "layers/build.h"
#include "layers/moving_update.h"

static bool keeps(const ek_batch_normalization *bn, int axis) {
  for (int i = 0; i < bn->n_axes; i++)
    if (bn->axes[i] == axis) return true;
  return false;
}

int ek__bn_reduced_axes(const ek_batch_normalization *bn, int64_t axes[EK_MAX_RANK]) {
  int n = 0;
  for (int i = 0; i < bn->rank; i++)
    if (!keeps(bn, i)) axes[n++] = i;
  return n;
}

ek_out ek__bn_broadcast(const ek__bn_call *c, ek_out v) {
  if (c->bn->broadcast.rank == 0) return v;
  return ek__op2(c->g, "Reshape", v, ek_integers(c->g, c->bn->broadcast.dim, c->bn->broadcast.rank));
}

ek__bn_affine ek__bn_compose(ek_graph *g, ek__bn_affine first, ek__bn_affine then) {
  if (then.scale.op != 0) {
    first.scale = ek__op2(ek_named(g, "mul"), "Mul", first.scale, then.scale);
    first.offset = ek__op2(ek_named(g, "mul"), "Mul", first.offset, then.scale);
  }
  if (then.offset.op != 0) first.offset = ek__op2(ek_named(g, "add"), "AddV2", first.offset, then.offset);
  return first;
}

/* A variable as tf.cast leaves it: TensorFlow opens the scope "Cast" for one by reference, and then has nothing to do
 * there. */
static ek_out cast_variable(const ek__bn_call *c, ek_variable v, ek_out operand) {
  if (v.id != 0 && !ek_variable_is_resource(c->g, v)) (void)ek_unique_name(c->g, "Cast", true);
  return operand;
}

/* gamma or beta, as batch_normalization wants it; none if there is none. */
static ek_out parameter(const ek__bn_call *c, ek_variable v) {
  return v.id != 0 ? ek__bn_broadcast(c, ek_variable_operand(c->g, v)) : ek__no_out;
}
/* What became of it; a variable still, if that is operand as it was. */
static ek_out cast_parameter(const ek__bn_call *c, ek_variable v, ek_out operand, ek_out now) {
  return c->bn->broadcast.rank == 0 && now.op == operand.op ? cast_variable(c, v, now) : now;
}

/* The statistic of the batch in training, else the moving one. */
static ek_out choose(const ek__bn_call *c, ek_out of_batch, ek_variable moving) {
  ek_cond_block k;
  EK_SMART_COND(c->g, c->training.flag, k) {
    EK_THEN(k) ek_cond_yield(&k, of_batch);
    EK_ELSE(k) ek_cond_yield(&k, ek_variable_operand(c->g, moving));
  }
  return ek_cond_result(&k, 0);
}

/* The update of the moving mean or variance itself: what a training step does. */
static ek__moving_average step(const ek__bn_call *c, ek_variable moving, ek_out value) {
  if (c->bn->o.renorm && moving.id == c->bn->v.moving_variance.id) return ek__bn_update_stddev(c, value);
  if (c->bn->o.guard) value = ek_bn_guard(c->g, c->batch, value, moving);
  return ek__layer_moving_average_of(c->g, moving, value, c->bn->o.momentum);
}

static void update(const ek__bn_call *c, ek_variable moving, ek_out value) {
  ek_cond_block k;
  const ek_flag_value known = ek_flag_static_value(c->g, c->training.flag);
  if (known != EK_IS_OPEN) { /* no cond: the op that its branch gives */
    ek__layer_add_update(&c->bn->layer, known == EK_IS_TRUE ? step(c, moving, value).op : ek_variable_op(c->g, moving));
    return;
  }
  EK_SMART_COND(c->g, c->training.flag, k) {
    EK_THEN(k) ek_cond_yield(&k, ek__moving_average_result(c->g, moving, step(c, moving, value)));
    EK_ELSE(k) ek_cond_yield(&k, ek_variable_operand(c->g, moving));
  }
  ek__layer_add_update(&c->bn->layer, ek_cond_result_op(&k, 0));
}

ek_out ek__bn_in_training(const ek__bn_call *c, ek_out value, ek_out (*otherwise)(ek_graph *g, ek_out like)) {
  ek_cond_block k;
  EK_SMART_COND(c->g, c->training.flag, k) {
    EK_THEN(k) ek_cond_yield(&k, value);
    EK_ELSE(k) ek_cond_yield(&k, otherwise(c->g, value));
  }
  return ek_cond_result(&k, 0);
}

static ek__bn_affine adjust(const ek__bn_call *c, ek_out inputs, ek__bn_affine then) {
  const ek_layers_batch_normalization_opts *o = &c->bn->o;
  if (o->adjustment == NULL) return then;
  const ek_adjustment a = o->adjustment(c->g, ek__py_shape(c->g, inputs), o->adjustment_ctx);
  if (!ek__given(c->g, "scale of the adjustment", a.scale) || !ek__given(c->g, "bias of the adjustment", a.bias))
    return then;
  const ek_out scale = ek__bn_in_training(c, ek_convert(c->g, a.scale, EK_INVALID_DTYPE, NULL), ek__py_ones_like);
  const ek_out bias = ek__bn_in_training(c, ek_convert(c->g, a.bias, EK_INVALID_DTYPE, NULL), ek__py_zeros_like);
  return ek__bn_compose(c->g, (ek__bn_affine){scale, bias}, then);
}

/* x has the dimension of the virtual batches, if there are any. */
static ek_nn_moments_outs moments(const ek__bn_call *c, ek_out x) {
  const ek_batch_normalization *bn = c->bn;
  const int ghosts = bn->o.virtual_batch_size != 0;
  int64_t reduced[EK_MAX_RANK];
  const int n = ek__bn_reduced_axes(bn, reduced);
  for (int i = 0; i < n; i++) reduced[i] += reduced[i] > 0 ? ghosts : 0;
  ek_nn_moments_outs m = ek_nn_moments(c->g, x, reduced, n, ghosts || bn->n_axes > 1);
  m.mean = choose(c, m.mean, bn->v.moving_mean);
  m.variance = choose(c, m.variance, bn->v.moving_variance);
  return m;
}

static ek_out over_virtual_batches(ek_graph *g, ek_out of_each) {
  return ek_op_output(
      ek_build(g, "Mean", EK_OUTS(of_each, ek_integer(g, 1)), EK_ATTRS(EK_BOOL_ATTR("keep_dims", true))), 0);
}

/* The statistics to normalize with; *then becomes what comes after. */
static ek_nn_moments_outs statistics(ek__bn_call *c, ek_out x, ek__bn_affine *then) {
  const ek_batch_normalization *bn = c->bn;
  *then = adjust(c, x, *then);
  const ek_nn_moments_outs m = moments(c, x);
  ek_nn_moments_outs fresh = m;
  if (bn->o.virtual_batch_size != 0) {
    fresh.mean = over_virtual_batches(c->g, m.mean);
    fresh.variance = over_virtual_batches(c->g, m.variance);
  }
  c->batch = fresh;
  if (bn->o.renorm) {
    const ek__bn_renorm r = ek__bn_renormalize(c, fresh);
    fresh = r.moments;
    *then = ek__bn_compose(c->g, r.correction, *then);
  }
  update(c, bn->v.moving_mean, fresh.mean);
  update(c, bn->v.moving_variance, fresh.variance);
  return m;
}

ek_out ek__batch_normalization_plain(ek_batch_normalization *bn, ek_out inputs, ek__training training) {
  ek_graph *g = bn->layer.g;
  ek__bn_call c = {.bn = bn, .g = g, .training = training};
  const ek_shape given = ek_out_shape(g, inputs);
  ek_out whole = ek__no_out;
  if (bn->o.virtual_batch_size != 0) inputs = ek__bn_virtual_batches(&c, inputs, &whole);
  const ek_shape shape = ek_out_shape(g, inputs);
  const ek_out x = ek__py_cast(g, inputs, bn->param_dtype); /* 16 bits are too few for a variance */
  ek__bn_affine own;
  own.scale = parameter(&c, bn->v.gamma);
  own.offset = parameter(&c, bn->v.beta);
  ek__bn_affine then = own;
  ek_nn_moments_outs m;
  if (c.training.known == EK_IS_FALSE) {
    m.mean = cast_variable(&c, bn->v.moving_mean, ek_variable_operand(g, bn->v.moving_mean));
    m.variance = cast_variable(&c, bn->v.moving_variance, ek_variable_operand(g, bn->v.moving_variance));
  } else {
    m = statistics(&c, x, &then);
  }
  then.offset = cast_parameter(&c, bn->v.beta, own.offset, then.offset);
  then.scale = cast_parameter(&c, bn->v.gamma, own.scale, then.scale);
  const ek_out mean = ek__bn_broadcast(&c, m.mean), variance = ek__bn_broadcast(&c, m.variance);
  ek_out y = ek_nn_batch_normalization(g, x, mean, variance, then.offset, then.scale, bn->o.epsilon);
  y = ek__py_cast(g, y, bn->dtype);
  if (y.op > 0) ek_out_set_shape(g, y, shape);
  return bn->o.virtual_batch_size != 0 ? ek__bn_whole_batch(&c, y, given, whole) : y;
}
