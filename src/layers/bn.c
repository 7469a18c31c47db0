/* SPDX-License-Identifier: Apache-2.0 */
/* Batch normalization under explicit control: the variables are those of tf.layers' layer, the rest is ours. */
#include "evenkeel/bn.h"

#include "layers/batch_normalization.h"
#include "layers/build.h"

ek_out ek_bn_guard(ek_graph *g, ek_nn_moments_outs batch, ek_out value, ek_variable kept) {
  g = ek_composite_begin(g, "guard");
  const ek_out mean = ek__op1(g, "IsFinite", batch.mean), variance = ek__op1(g, "IsFinite", batch.variance);
  const ek_out both = ek__op2(g, "LogicalAnd", mean, variance);
  const ek_out now = ek_variable_value(g, kept);
  const ek_out guarded = ek_op_output(ek_build(g, "SelectV2", EK_OUTS(both, value, now), EK_NO_ATTRS), 0);
  ek_name_scope_end(g);
  return guarded;
}

typedef struct call {
  ek_batch_normalization bn;
  ek_graph *g;
  const ek_bn_opts *o;
  ek_bn_meaning meaning;
  double momentum; /* what is kept */
  ek_out x;        /* inputs in the dtype of the variables */
} call;

static ek_layers_batch_normalization_opts layer_of(const ek_bn_opts *o, const ek_bn_meaning *m) {
  ek_layers_batch_normalization_opts l = EK_LAYERS_BATCH_NORMALIZATION_OPTS_INIT;
  l.axis = o->axis;
  for (int i = 0; i < EK_MAX_RANK; i++) l.axes[i] = o->axes[i];
  l.n_axes = o->n_axes;
  l.epsilon = o->epsilon < 0.0 ? m->epsilon : o->epsilon;
  l.center = o->center;
  l.scale = o->scale;
  l.beta_initializer = o->beta_initializer;
  l.gamma_initializer = o->gamma_initializer;
  l.moving_mean_initializer = o->moving_mean_initializer;
  l.moving_variance_initializer = o->moving_variance_initializer;
  l.beta_regularizer = o->beta_regularizer;
  l.gamma_regularizer = o->gamma_regularizer;
  l.fused = false;
  return l;
}

/* ---- statistics */

/* n / max(n - 1, 1) of the elements that one statistic is of. */
static ek_out bessel(const call *c) {
  ek_graph *g = c->g;
  int64_t axes[EK_MAX_RANK];
  const int n = ek__bn_reduced_axes(&c->bn, axes);
  const ek_dtype dtype = c->bn.param_dtype;
  const ek_out count = ek_nn_sufficient_statistics(ek_named(g, "count"), c->x, axes, n, ek__no_out, true).count;
  const ek_out less = ek__op2(ek_named(g, "sub"), "Sub", count, ek_convert(g, ek_number(g, 1.0), dtype, "one"));
  const ek_out divisor = ek__op2(g, "Maximum", less, ek_convert(g, ek_number(g, 1.0), dtype, "one"));
  return ek__op2(ek_named(g, "truediv"), "RealDiv", count, divisor);
}

/* Those of the batch, biased, and the factor that makes the variance unbiased, if anything asks for it. */
typedef struct batch {
  ek_nn_moments_outs biased;
  ek_out unbiased; /* none: nothing does */
} batch;

static bool averages_unbiased(const call *c) {
  return c->o->unbiased == EK_INHERIT ? c->meaning.unbiased_average : c->o->unbiased == EK_YES;
}

static batch statistics(const call *c) {
  batch b = {{ek__no_out, ek__no_out}, ek__no_out};
  int64_t axes[EK_MAX_RANK];
  const int n = ek__bn_reduced_axes(&c->bn, axes);
  b.biased = ek_nn_moments(c->g, c->x, axes, n, c->bn.param_shape.rank > 1);
  if (averages_unbiased(c) || c->meaning.unbiased_batch)
    b.unbiased = ek__op2(ek_named(c->g, "mul"), "Mul", b.biased.variance, bessel(c));
  return b;
}

static ek_nn_moments_outs of_batch(const call *c, const batch *b) {
  return (ek_nn_moments_outs){b->biased.mean, c->meaning.unbiased_batch ? b->unbiased : b->biased.variance};
}
/* The value before the update: a reference would show the one after to gradients that are built to wait for it. */
static ek_out before(const call *c, ek_variable v) {
  const ek_out now = ek_variable_value(c->g, v);
  return ek_variable_is_resource(c->g, v) ? now : ek__op1(c->g, "Snapshot", now);
}
static ek_nn_moments_outs moving(const call *c) {
  const ek_out mean = before(c, c->bn.v.moving_mean), variance = before(c, c->bn.v.moving_variance);
  return (ek_nn_moments_outs){mean, variance};
}
static ek_nn_moments_outs given(const call *c) {
  if (c->o->given_mean.op == 0) return moving(c);
  return (ek_nn_moments_outs){ek_convert(c->g, c->o->given_mean, c->bn.param_dtype, "given_mean"),
                              ek_convert(c->g, c->o->given_variance, c->bn.param_dtype, "given_variance")};
}

static void yield(ek_cond_block *k, ek_nn_moments_outs m) {
  ek_cond_yield(k, m.mean);
  ek_cond_yield(k, m.variance);
}
static ek_nn_moments_outs yielded(const ek_cond_block *k) {
  return (ek_nn_moments_outs){ek_cond_result(k, 0), ek_cond_result(k, 1)};
}

static ek_out is(ek_graph *g, ek_out by, ek_bn_by which) { return ek__op2(g, "Equal", by, ek_integer(g, which)); }

static ek_nn_moments_outs choose(const call *c, const batch *b) {
  const ek_bn_source s = c->o->normalize_by;
  ek_graph *g = c->g;
  ek_cond_block k, inner;
  if (s.out.op == 0) return s.by == EK_BN_BATCH ? of_batch(c, b) : s.by == EK_BN_MOVING ? moving(c) : given(c);
  const ek_out batch_asked = is(g, s.out, EK_BN_BATCH), moving_asked = is(g, s.out, EK_BN_MOVING);
  EK_COND(ek_named(g, "by_batch"), batch_asked, k) {
    EK_THEN(k) yield(&k, of_batch(c, b));
    EK_ELSE(k) {
      EK_COND(ek_named(g, "by_moving"), moving_asked, inner) {
        EK_THEN(inner) yield(&inner, moving(c));
        EK_ELSE(inner) yield(&inner, given(c));
      }
      yield(&k, yielded(&inner));
    }
  }
  return yielded(&k);
}

/* ---- updates */

static void update(call *c, const batch *b, ek_variable v, ek_out value) {
  ek_graph *g = c->g;
  ek_cond_block k;
  if (c->o->guard) value = ek_bn_guard(g, b->biased, value, v);
  if (ek_flag_static_value(g, c->o->update) == EK_IS_TRUE) {
    const ek_op op = ek__layer_moving_average_of(g, v, value, c->momentum).op;
    ek__layer_add_update(&c->bn.layer, op);
    return;
  }
  EK_SMART_COND(ek_named(g, "update"), c->o->update, k) {
    EK_THEN(k)
    ek_cond_yield(&k, ek__moving_average_result(g, v, ek__layer_moving_average_of(g, v, value, c->momentum)));
    EK_ELSE(k) ek_cond_yield(&k, ek_variable_operand(g, v));
  }
  ek__layer_add_update(&c->bn.layer, ek_cond_result_op(&k, 0));
}

static void updates(call *c, const batch *b) {
  if (ek_flag_static_value(c->g, c->o->update) == EK_IS_FALSE) return;
  update(c, b, c->bn.v.moving_mean, b->biased.mean);
  update(c, b, c->bn.v.moving_variance, averages_unbiased(c) ? b->unbiased : b->biased.variance);
}

/* ---- parameters and the result */

/* v, through which a gradient passes or not. */
static ek_out parameter(const call *c, ek_variable v, ek_flag train) {
  ek_graph *g = c->g;
  if (v.id == 0) return ek__no_out;
  const ek_out value = ek_variable_value(g, v);
  const ek_flag_value known = ek_flag_static_value(g, train);
  if (known == EK_IS_TRUE) return value;
  const ek_out fixed = ek__op1(g, "StopGradient", value);
  if (known == EK_IS_FALSE) return fixed;
  const ek_out flag = ek_flag_as_out(g, train);
  return ek_op_output(ek_build(g, "SelectV2", EK_OUTS(flag, value, fixed), EK_NO_ATTRS), 0);
}

static ek_out broadcast(const call *c, ek_out v) {
  const ek_shape s = c->bn.broadcast;
  return s.rank == 0 || v.op == 0 ? v : ek__op2(c->g, "Reshape", v, ek_integers(c->g, s.dim, s.rank));
}

/* epsilon outside of the root: as a variance that has it inside. */
static ek_out variance_of(const call *c, ek_out variance) {
  if (!c->meaning.epsilon_outside) return variance;
  ek_graph *g = c->g;
  const ek_out divisor =
      ek__op2(ek_named(g, "add"), "AddV2", ek__op1(g, "Sqrt", variance), ek_number(g, c->bn.o.epsilon));
  return ek__op1(g, "Square", divisor);
}

static ek_out forward(call *c, ek_out inputs) {
  ek_graph *g = c->g;
  const ek_bn_source s = c->o->normalize_by;
  batch b = {{ek__no_out, ek__no_out}, ek__no_out};
  c->x = ek__py_cast(g, inputs, c->bn.param_dtype);
  if (s.out.op != 0 || s.by == EK_BN_BATCH || ek_flag_static_value(g, c->o->update) != EK_IS_FALSE) b = statistics(c);
  const ek_nn_moments_outs m = choose(c, &b);
  updates(c, &b);
  const ek_out gamma = broadcast(c, parameter(c, c->bn.v.gamma, c->o->train_gamma));
  const ek_out beta = broadcast(c, parameter(c, c->bn.v.beta, c->o->train_beta));
  const ek_out mean = broadcast(c, m.mean), variance = broadcast(c, variance_of(c, m.variance));
  const double epsilon = c->meaning.epsilon_outside ? 0.0 : c->bn.o.epsilon;
  ek_out y = ek_nn_batch_normalization(g, c->x, mean, variance, beta, gamma, epsilon);
  y = ek__py_cast(g, y, c->bn.dtype);
  if (y.op > 0) ek_out_set_shape(g, y, ek_out_shape(g, inputs));
  return y;
}

static bool check(ek_graph *g, ek_out inputs, const ek_bn_opts *o) {
  const ek_bn_source s = o->normalize_by;
  if (!ek__options_ok(g, "bn", o->version)) return false;
  const bool none_given = o->given_mean.op == 0 && o->given_variance.op == 0;
  if (inputs.op == 0)
    ek_graph_fail(g, EK_INVALID_ARGUMENT, "bn: no inputs");
  else if ((o->given_mean.op == 0) != (o->given_variance.op == 0) ||
           (s.out.op == 0 && s.by == EK_BN_GIVEN && none_given))
    ek_graph_fail(g, EK_INVALID_ARGUMENT, "bn: given_mean and given_variance must both be given");
  else if (s.out.op != 0 && ek_out_dtype(g, s.out) != EK_INT32)
    ek_graph_fail(g, EK_INVALID_ARGUMENT, "bn: normalize_by is %s; allowed: int32",
                  ek_dtype_name(ek_out_dtype(g, s.out)));
  else if (s.out.op == 0 && ((int)s.by < EK_BN_BATCH || s.by > EK_BN_GIVEN))
    ek_graph_fail(g, EK_INVALID_ARGUMENT, "bn: normalize_by is %d; allowed: EK_BN_BATCH, EK_BN_MOVING, EK_BN_GIVEN",
                  (int)s.by);
  else
    return true;
  return false;
}

ek_out ek_bn(ek_graph *g, ek_out inputs, const ek_bn_opts *options) {
  static const ek_bn_opts defaults = EK_BN_OPTS_INIT;
  const ek_bn_opts *o = options != NULL ? options : &defaults;
  call c = {.o = o, .meaning = ek_bn_meaning_of(o->convention)};
  ek_out y = ek__no_out;
  c.g = g = ek_named(g, NULL);
  inputs = ek_convert(g, inputs, EK_INVALID_DTYPE, NULL);
  if (!check(g, inputs, o)) return y;
  const double momentum = o->momentum < 0.0 ? c.meaning.momentum : o->momentum;
  c.momentum = c.meaning.momentum_is_new ? 1.0 - momentum : momentum;
  const ek_layers_batch_normalization_opts l = layer_of(o, &c.meaning);
  if (!ek__batch_normalization_init(&c.bn, g, true, (ek_variable_scope){0}, &l)) return y;
  ek__layer_init(&c.bn.layer, g, "bn", o->name, true, (ek_variable_scope){0}, o->reuse, true);
  ek__layer_begin(&c.bn.layer);
  if (ek__batch_normalization_build(&c.bn, inputs)) y = forward(&c, inputs);
  ek__layer_end(&c.bn.layer);
  return y;
}
