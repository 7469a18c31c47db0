/* SPDX-License-Identifier: Apache-2.0 */
/* tf.contrib.layers.layer_norm, instance_norm and group_norm. */
#include "layers/build.h"
#include "layers/contrib_layer.h"
#include "layers/layer.h"

#include <inttypes.h>
#include <string.h>

/* What the three have in common. */
typedef struct affine_opts {
  bool center, scale, trainable;
  ek_initializer beta_initializer, gamma_initializer;
  const char *const *variables_collections, *const *beta_collections, *const *gamma_collections;
} affine_opts;
#define AFFINE(o_)                                                                                                     \
  .center = (o_)->center, .scale = (o_)->scale, .trainable = (o_)->trainable,                                          \
  .variables_collections = (o_)->variables_collections, .beta_collections = (o_)->beta_collections,                    \
  .gamma_collections = (o_)->gamma_collections
#define INITIALIZERS(o_) .beta_initializer = (o_)->beta_initializer, .gamma_initializer = (o_)->gamma_initializer

typedef struct affine {
  ek_out beta, gamma;
} affine;

/* The variables that there are, reshaped as wide says (rank 0: as they are), each right after it is made. */
static affine parameters(ek_graph *g, ek_shape shape, ek_shape wide, ek_dtype dtype, const affine_opts *o) {
  static const ek_regularizer none = {NULL, NULL};
  affine a = {ek__no_out, ek__no_out};
  if (o->center) {
    const ek_initializer init = ek__initializer_or(o->beta_initializer, ek_zeros_initializer());
    a.beta = ek_variable_operand(g, ek__contrib_variable(g, "beta", shape, dtype, init, none, o->trainable,
                                                         o->beta_collections, o->variables_collections));
    if (wide.rank > 0) a.beta = ek__op2(g, "Reshape", a.beta, ek_integers(g, wide.dim, wide.rank));
  }
  if (o->scale) {
    const ek_initializer init = ek__initializer_or(o->gamma_initializer, ek_ones_initializer());
    a.gamma = ek_variable_operand(g, ek__contrib_variable(g, "gamma", shape, dtype, init, none, o->trainable,
                                                          o->gamma_collections, o->variables_collections));
    if (wide.rank > 0) a.gamma = ek__op2(g, "Reshape", a.gamma, ek_integers(g, wide.dim, wide.rank));
  }
  return a;
}

static bool ready(ek_graph *g, const char *what, uint32_t version, ek_out inputs, const char *data_format,
                  ek_reuse reuse, const char *scope) {
  if (!ek__options_ok(g, what, version) || !ek__contrib_check(g, what, inputs, data_format, reuse, scope)) return false;
  const ek_dtype dtype = ek_out_dtype(g, inputs);
  if (ek_dtype_is_floating(dtype)) return true;
  ek_graph_fail(g, EK_INVALID_ARGUMENT, "%s: Inputs %s are %s; allowed: float16, bfloat16, float32, float64", what,
                ek_op_name(g, ek_out_op(inputs)), ek_dtype_name(dtype));
  return false;
}

/* ---- layer_norm */

/* The shape of beta and gamma; false after an error. */
static bool layer_norm_axes(ek_graph *g, ek_out inputs, const ek_contrib_layer_norm_opts *o, int *norm,
                            ek_shape *params) {
  char text[EK_SHAPE_TEXT];
  const ek_shape s = ek_out_shape(g, inputs);
  const int first = o->begin_params_axis < 0 ? o->begin_params_axis + s.rank : o->begin_params_axis;
  *norm = o->begin_norm_axis < 0 ? o->begin_norm_axis + s.rank : o->begin_norm_axis;
  if (*norm < 0 || *norm >= s.rank || first < 0 || first >= s.rank) {
    ek_graph_fail(g, EK_INVALID_ARGUMENT,
                  "layer_norm: begin_params_axis (%d) and begin_norm_axis (%d) must be < rank(inputs) (%d)",
                  o->begin_params_axis, o->begin_norm_axis, s.rank);
    return false;
  }
  *params = (ek_shape){.rank = s.rank - first};
  for (int i = 0; i < params->rank; i++) params->dim[i] = s.dim[first + i];
  if (ek_shape_is_known(*params)) return true;
  ek_graph_fail(g, EK_INVALID_ARGUMENT, "layer_norm: Inputs %s: the shape from axis %d is not fully defined: %s",
                ek_op_name(g, ek_out_op(inputs)), first, ek_shape_format(s, text, sizeof text));
  return false;
}

ek_out ek_contrib_layer_norm(ek_graph *g, ek_out inputs, const ek_contrib_layer_norm_opts *options) {
  static const ek_contrib_layer_norm_opts defaults = EK_CONTRIB_LAYER_NORM_OPTS_INIT;
  const ek_contrib_layer_norm_opts *o = options != NULL ? options : &defaults;
  int64_t axes[EK_MAX_RANK];
  int norm = 0, n = 0;
  ek_shape params;
  g = ek_named(g, NULL);
  inputs = ek_convert(g, inputs, EK_INVALID_DTYPE, NULL);
  if (!ready(g, "layer_norm", o->version, inputs, "NHWC", o->reuse, o->scope) ||
      !layer_norm_axes(g, inputs, o, &norm, &params))
    return ek__no_out;
  const ek_shape s = ek_out_shape(g, inputs);
  const ek_dtype dtype = ek_out_dtype(g, inputs);
  const affine_opts a = {AFFINE(o)};
  (void)ek__contrib_scope_begin(g, o->scope, "LayerNorm", o->reuse, false);
  const affine p = parameters(g, params, (ek_shape){.rank = 0}, dtype, &a);
  for (int i = norm; i < s.rank; i++) axes[n++] = i;
  const ek_nn_moments_outs m = ek_nn_moments(g, inputs, axes, n, true);
  const double epsilon = dtype == EK_FLOAT16 ? 1e-3 : 1e-12;
  ek_out y = ek_nn_batch_normalization(g, inputs, m.mean, m.variance, p.beta, p.gamma, epsilon);
  if (y.op > 0) ek_out_set_shape(g, y, s);
  y = ek__contrib_finish(g, y, o->activation_fn, o->outputs_collections);
  ek_variable_scope_end(g);
  return y;
}

/* ---- instance_norm */

ek_out ek_contrib_instance_norm(ek_graph *g, ek_out inputs, const ek_contrib_instance_norm_opts *options) {
  static const ek_contrib_instance_norm_opts defaults = EK_CONTRIB_INSTANCE_NORM_OPTS_INIT;
  const ek_contrib_instance_norm_opts *o = options != NULL ? options : &defaults;
  int64_t axes[EK_MAX_RANK];
  int n = 0;
  g = ek_named(g, NULL);
  inputs = ek_convert(g, inputs, EK_INVALID_DTYPE, NULL);
  if (!ready(g, "instance_norm", o->version, inputs, o->data_format, o->reuse, o->scope)) return ek__no_out;
  const ek_shape s = ek_out_shape(g, inputs);
  const bool nchw = strcmp(o->data_format, "NCHW") == 0;
  const int channels = nchw ? 1 : s.rank - 1;
  if (s.rank < 2) {
    ek_graph_fail(g, EK_INVALID_ARGUMENT, "instance_norm: Inputs %s have rank 1; a batch and channels are needed",
                  ek_op_name(g, ek_out_op(inputs)));
    return ek__no_out;
  }
  if (!ek__contrib_check_channels(g, "instance_norm", inputs, channels)) return ek__no_out;
  ek_shape wide = {.rank = nchw ? s.rank : 0, .dim = {1, s.dim[1], 1, 1, 1, 1, 1, 1}};
  const affine_opts a = {AFFINE(o), INITIALIZERS(o)};
  (void)ek__contrib_scope_begin(g, o->scope, "InstanceNorm", o->reuse, false);
  const affine p = parameters(g, ek_shape(s.dim[channels]), wide, ek_out_dtype(g, inputs), &a);
  for (int i = 1; i < s.rank; i++)
    if (i != channels) axes[n++] = i;
  const ek_nn_moments_outs m = ek_nn_moments(g, inputs, axes, n, true);
  ek_out y =
      ek_nn_batch_normalization(ek_named(g, "instancenorm"), inputs, m.mean, m.variance, p.beta, p.gamma, o->epsilon);
  y = ek__contrib_finish(g, y, o->activation_fn, o->outputs_collections);
  ek_variable_scope_end(g);
  return y;
}

/* ---- group_norm */

typedef struct groups {
  ek_out inputs[EK_MAX_RANK]; /* dimensions of inputs: literals, or outs where they are known only when it runs */
  ek_out apart[EK_MAX_RANK];  /* the same with the channels in two: groups, channels of a group */
  ek_shape apart_shape;       /* what is known of that */
  ek_shape params;            /* of beta and gamma, in that shape */
  int channel, rank;
  int64_t axes[EK_MAX_RANK];
  int n_axes;
} groups;

static int from_end(int axis, int rank) { return axis < 0 ? axis + rank : axis; }

static bool check_groups(ek_graph *g, ek_out inputs, const ek_contrib_group_norm_opts *o) {
  const ek_shape s = ek_out_shape(g, inputs);
  const int channel = from_end(o->channels_axis, s.rank);
  const char *name = ek_op_name(g, ek_out_op(inputs));
  if (channel < 0 || channel >= s.rank || s.rank >= EK_MAX_RANK || o->n_reduction_axes < 0 ||
      o->n_reduction_axes > s.rank) {
    ek_graph_fail(g, EK_INVALID_ARGUMENT,
                  "group_norm: Axis is out of bounds: channels_axis %d, %d reduction_axes, rank %d (at most %d)",
                  o->channels_axis, o->n_reduction_axes, s.rank, EK_MAX_RANK - 1);
    return false;
  }
  if (!ek__contrib_check_channels(g, "group_norm", inputs, channel)) return false;
  for (int i = 0; i < o->n_reduction_axes; i++) {
    const int axis = from_end(o->reduction_axes[i], s.rank);
    if (axis < 0 || axis >= s.rank)
      ek_graph_fail(g, EK_INVALID_ARGUMENT, "group_norm: Axis is out of bounds: reduction axis %d of rank %d",
                    o->reduction_axes[i], s.rank);
    else if (s.dim[axis] < 0)
      ek_graph_fail(g, EK_INVALID_ARGUMENT, "group_norm: Inputs %s has undefined dimension %d", name, axis);
    else if (axis == channel)
      ek_graph_fail(g, EK_INVALID_ARGUMENT, "group_norm: reduction axis %d must not be channels_axis", axis);
    else
      continue;
    return false;
  }
  if (o->groups < 1 || o->groups > s.dim[channel])
    ek_graph_fail(g, EK_INVALID_ARGUMENT, "group_norm: Invalid groups %d for %" PRId64 " channels", o->groups,
                  s.dim[channel]);
  else if (s.dim[channel] % o->groups != 0)
    ek_graph_fail(g, EK_INVALID_ARGUMENT, "group_norm: %" PRId64 " channels is not commensurate with %d groups",
                  s.dim[channel], o->groups);
  else
    return true;
  return false;
}

static groups resolve(ek_graph *g, ek_out inputs, const ek_contrib_group_norm_opts *o) {
  const ek_shape s = ek_out_shape(g, inputs);
  const int c = from_end(o->channels_axis, s.rank);
  const int64_t split[] = {o->groups, s.dim[c] / o->groups};
  groups r = {.channel = c, .rank = s.rank, .axes = {c + 1}, .n_axes = 1};
  r.apart_shape.rank = r.params.rank = s.rank + 1;
  const ek_out shape = ek__py_shape(g, inputs);
  for (int i = 0; i < s.rank; i++) r.inputs[i] = s.dim[i] >= 0 ? ek_integer(g, s.dim[i]) : ek__py_element(g, shape, i);
  for (int i = 0; i < s.rank + 1; i++) {
    const bool channels = i == c || i == c + 1;
    r.apart[i] = channels ? ek_integer(g, split[i - c]) : r.inputs[i < c ? i : i - 1];
    r.apart_shape.dim[i] = channels ? split[i - c] : s.dim[i < c ? i : i - 1];
    r.params.dim[i] = channels ? split[i - c] : 1;
  }
  for (int i = 0; i < o->n_reduction_axes; i++) {
    const int axis = from_end(o->reduction_axes[i], s.rank);
    r.axes[r.n_axes++] = axis > c ? axis + 1 : axis;
  }
  return r;
}

/* tf.reshape to a list of numbers, some of them outs, those of a static shape. */
static ek_out reshape(ek_graph *g, ek_out x, const ek_out *dims, int n, ek_shape s) {
  if (ek_shape_is_known(s)) return ek__op2(g, "Reshape", x, ek_integers(g, s.dim, s.rank));
  (void)ek_name_scope_begin(g, "Reshape");
  const ek_out shape = ek__py_list(ek_named(g, "shape"), dims, n);
  const ek_out y = ek__op2(ek_named_scope(g), "Reshape", x, shape);
  ek_name_scope_end(g);
  if (y.op > 0) ek_out_set_shape(g, y, s);
  return y;
}

/* x * gain + offset, with the statistics of each group. */
static ek_out normalize(ek_graph *g, ek_out x, const groups *r, affine p, const ek_contrib_group_norm_opts *o) {
  ek_nn_moments_outs m;
  if (o->mean_close_to_zero) {
    const ek_nn_sufficient_statistics_outs s = ek_nn_sufficient_statistics(g, x, r->axes, r->n_axes, ek__no_out, true);
    m = ek_nn_normalize_moments(g, s.count, s.mean_ss, s.var_ss, ek__no_out);
  } else {
    m = ek_nn_moments(g, x, r->axes, r->n_axes, true);
  }
  const ek_out sum = ek__op2(ek_named(g, "add"), "AddV2", m.variance, ek_number(g, o->epsilon));
  ek_out gain = ek__op1(g, "Rsqrt", sum);
  ek_out offset = ek__op2(ek_named(g, "mul"), "Mul", ek__op1(g, "Neg", m.mean), gain);
  if (p.gamma.op != 0) {
    gain = ek__op2(ek_named(g, "mul"), "Mul", gain, p.gamma);
    offset = ek__op2(ek_named(g, "mul"), "Mul", offset, p.gamma);
  }
  if (p.beta.op != 0) offset = ek__op2(ek_named(g, "add"), "AddV2", offset, p.beta);
  const ek_out scaled = ek__op2(ek_named(g, "mul"), "Mul", x, gain);
  return ek__op2(ek_named(g, "add"), "AddV2", scaled, offset);
}

ek_out ek_contrib_group_norm(ek_graph *g, ek_out inputs, const ek_contrib_group_norm_opts *options) {
  static const ek_contrib_group_norm_opts defaults = EK_CONTRIB_GROUP_NORM_OPTS_INIT;
  const ek_contrib_group_norm_opts *o = options != NULL ? options : &defaults;
  g = ek_named(g, NULL);
  inputs = ek_convert(g, inputs, EK_INVALID_DTYPE, NULL);
  if (!ready(g, "group_norm", o->version, inputs, "NHWC", o->reuse, o->scope) || !check_groups(g, inputs, o))
    return ek__no_out;
  const ek_shape s = ek_out_shape(g, inputs);
  const groups r = resolve(g, inputs, o);
  const ek_out x = reshape(g, inputs, r.apart, r.rank + 1, r.apart_shape);
  const affine_opts a = {AFFINE(o), INITIALIZERS(o)};
  (void)ek__contrib_scope_begin(g, o->scope, "GroupNorm", o->reuse, false);
  const affine p = parameters(g, ek_shape(s.dim[r.channel]), r.params, ek_out_dtype(g, inputs), &a);
  ek_out y = reshape(g, normalize(g, x, &r, p, o), r.inputs, r.rank, s);
  y = ek__contrib_finish(g, y, o->activation_fn, o->outputs_collections);
  ek_variable_scope_end(g);
  return y;
}
