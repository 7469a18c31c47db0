/* SPDX-License-Identifier: Apache-2.0 */
/* Batch renormalization: the correction towards the moving statistics, and their updates. */
#include "layers/batch_normalization.h"
#include "layers/build.h"

static ek_out plus_epsilon(const ek__bn_call *c, ek_out variance) {
  return ek__op2(ek_named(c->g, "add"), "AddV2", variance, ek_number(c->g, c->bn->o.epsilon));
}

static ek_out bound_of(ek_graph *g, ek_bound b) { return b.out.op != 0 ? b.out : ek_number(g, b.value); }

static ek_out negative(ek_graph *g, ek_bound b) {
  return b.out.op != 0 ? ek__op1(g, "Neg", b.out) : ek_number(g, -b.value);
}

static ek__bn_affine clip(ek_graph *g, ek__bn_affine c, const ek_renorm_clipping *to) {
  if (to->rmin.given) c.scale = ek__op2(g, "Maximum", c.scale, bound_of(g, to->rmin));
  if (to->rmax.given) c.scale = ek__op2(g, "Minimum", c.scale, bound_of(g, to->rmax));
  if (!to->dmax.given) return c;
  c.offset = ek__op2(g, "Maximum", c.offset, negative(g, to->dmax));
  c.offset = ek__op2(g, "Minimum", c.offset, bound_of(g, to->dmax));
  return c;
}

static ek__moving_average step(const ek__bn_call *c, ek_variable v, ek_out value, double momentum) {
  if (c->bn->o.guard) value = ek_bn_guard(c->g, c->batch, value, v);
  return ek__layer_moving_average_of(c->g, v, value, momentum);
}

/* Training is not known to be off: the update of v, or in a cond, whose other branch leaves v as it is. */
static ek_op update(const ek__bn_call *c, ek_variable v, ek_out value) {
  ek_graph *g = c->g;
  ek_cond_block k;
  const double momentum = c->bn->o.renorm_momentum;
  value = ek__op1(g, "Identity", value);
  if (ek_flag_static_value(g, c->training.flag) == EK_IS_TRUE) return step(c, v, value, momentum).op;
  EK_SMART_COND(g, c->training.flag, k) {
    EK_THEN(k) ek_cond_yield(&k, ek__moving_average_result(g, v, step(c, v, value, momentum)));
    EK_ELSE(k) ek_cond_yield(&k, ek__op1(g, "Identity", ek_variable_operand(g, v)));
  }
  return ek_cond_result_op(&k, 0);
}

/* In float64 TensorFlow makes a float32 number of it, and fails. */
static ek_out root_of_epsilon(const ek__bn_call *c) {
  ek_out epsilon = ek_number(c->g, c->bn->o.epsilon);
  if (c->bn->param_dtype != EK_FLOAT32) epsilon = ek_convert(c->g, epsilon, c->bn->param_dtype, NULL);
  return ek__op1(c->g, "Sqrt", epsilon);
}

ek__bn_renorm ek__bn_renormalize(const ek__bn_call *c, ek_nn_moments_outs batch) {
  ek_graph *g = c->g;
  const ek_batch_normalization *bn = c->bn;
  ek__bn_renorm result = {{ek__no_out, ek__no_out}, batch};
  ek_out stddev = ek__op1(g, "Sqrt", plus_epsilon(c, batch.variance));
  const ek_out least = root_of_epsilon(c); /* a moving one of zero divides nothing */
  const ek_out moving = ek__op2(g, "Maximum", ek_variable_operand(g, bn->v.renorm_stddev), least);
  ek__bn_affine r = {ek__op2(ek_named(g, "truediv"), "RealDiv", stddev, moving), ek__no_out};
  const ek_out away = ek__op2(ek_named(g, "sub"), "Sub", batch.mean, ek_variable_operand(g, bn->v.renorm_mean));
  r.offset = ek__op2(ek_named(g, "truediv"), "RealDiv", away, moving);
  if (r.offset.op <= 0) return result;
  ek_control_dependencies_begin(g, EK_OPS(ek_out_op(r.scale), ek_out_op(r.offset)));
  const ek_out mean = ek__op1(g, "Identity", batch.mean);
  stddev = ek__op1(g, "Identity", stddev);
  ek_control_dependencies_end(g);
  r = clip(g, r, &bn->o.renorm_clipping);
  r.scale = ek__bn_in_training(c, r.scale, ek__py_ones_like);
  r.offset = ek__bn_in_training(c, r.offset, ek__py_zeros_like);
  const ek_op mean_done = update(c, bn->v.renorm_mean, mean), stddev_done = update(c, bn->v.renorm_stddev, stddev);
  if (stddev_done.id == 0) return result;
  ek_control_dependencies_begin(g, EK_OPS(mean_done, stddev_done));
  result.moments.mean = ek__op1(g, "Identity", mean);
  result.moments.variance = ek__op1(g, "Identity", batch.variance);
  ek_control_dependencies_end(g);
  result.correction.scale = ek__bn_broadcast(c, ek__op1(ek_named(g, "renorm_r"), "StopGradient", r.scale));
  result.correction.offset = ek__bn_broadcast(c, ek__op1(ek_named(g, "renorm_d"), "StopGradient", r.offset));
  return result;
}

/* v * v, once update has run. */
static ek_out square(ek_graph *g, ek_variable v, ek__moving_average update) {
  const ek_out now = ek__moving_average_result(g, v, update);
  if (!ek_variable_is_resource(g, v)) return ek__op2(ek_named(g, "mul"), "Mul", now, now);
  ek_control_dependencies_begin(g, EK_OPS(update.op));
  const ek_out y = ek__op2(ek_named(g, "mul"), "Mul", now, ek_variable_operand(g, v));
  ek_control_dependencies_end(g);
  return y;
}

ek__moving_average ek__bn_update_stddev(const ek__bn_call *c, ek_out variance) {
  ek_graph *g = c->g;
  const ek_variable moving = c->bn->v.moving_stddev;
  const ek_out stddev = ek__op1(g, "Sqrt", plus_epsilon(c, variance));
  const ek__moving_average u = step(c, moving, stddev, c->bn->o.momentum);
  if (u.op.id == 0) return u;
  const ek_out less = ek__op2(ek_named(g, "sub"), "Sub", square(g, moving, u), ek_number(g, c->bn->o.epsilon));
  return ek__layer_assign_new(g, c->bn->v.moving_variance, ek__op1(g, "Relu", less)); /* rounding may leave -0.0...1 */
}
