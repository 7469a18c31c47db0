/* SPDX-License-Identifier: Apache-2.0 */
/* The layer of batch normalization: its variables, and which form it takes. */
#include "layers/batch_normalization.h"

#include "layers/build.h"

#include <inttypes.h>
#include <string.h>

static const char *const what = "batch_normalization";

bool ek__batch_normalization_init(ek_batch_normalization *bn, ek_graph *g, bool scoped, ek_variable_scope scope,
                                  const ek_layers_batch_normalization_opts *options) {
  static const ek_layers_batch_normalization_opts defaults = EK_LAYERS_BATCH_NORMALIZATION_OPTS_INIT;
  const ek_layers_batch_normalization_opts *o = options != NULL ? options : &defaults;
  *bn = (ek_batch_normalization){.o = *o};
  if (!ek__options_ok(g, what, o->version)) return false;
  if (o->n_axes < 0 || o->n_axes > EK_MAX_RANK) {
    ek_graph_fail(g, EK_INVALID_ARGUMENT, "%s: %d axes; allowed: 0 (then axis is used) to %d", what, o->n_axes,
                  EK_MAX_RANK);
    return false;
  }
  ek__layer_init(&bn->layer, g, what, o->name, scoped, scope, o->reuse, o->trainable);
  return true;
}

/* ---- build */

static bool resolve_axes(ek_batch_normalization *bn, ek_shape s) {
  ek_graph *g = bn->layer.g;
  char text[EK_SHAPE_TEXT];
  const char *scope = ek_current_name_scope(g);
  bn->n_axes = bn->o.n_axes > 0 ? bn->o.n_axes : 1;
  for (int i = 0; i < bn->n_axes; i++) {
    const int given = bn->o.n_axes > 0 ? bn->o.axes[i] : bn->o.axis, axis = given < 0 ? given + s.rank : given;
    if (axis < 0 || axis >= s.rank) {
      ek_graph_fail(g, EK_INVALID_ARGUMENT, "%s '%s': Invalid value for axis: %d is outside [%d, %d) of inputs %s",
                    what, scope, given, -s.rank, s.rank, ek_shape_format(s, text, sizeof text));
      return false;
    }
    for (int k = 0; k < i; k++)
      if (bn->axes[k] == axis) {
        ek_graph_fail(g, EK_INVALID_ARGUMENT, "%s '%s': Duplicate axis: %d is given twice", what, scope, axis);
        return false;
      }
    if (s.dim[axis] < 0) {
      ek_graph_fail(g, EK_INVALID_ARGUMENT, "%s '%s': inputs %s have an undefined dimension at axis %d", what, scope,
                    ek_shape_format(s, text, sizeof text), axis);
      return false;
    }
    bn->axes[i] = axis;
    bn->dims[i] = s.dim[axis];
  }
  return true;
}

static bool is_half(ek_dtype dtype) { return dtype == EK_FLOAT16 || dtype == EK_BFLOAT16; }

/* FusedBatchNormV3's data format, or NULL where it cannot be used. */
static const char *fused_format(const ek_batch_normalization *bn) {
  if (bn->o.renorm || bn->o.virtual_batch_size != 0 || bn->o.adjustment != NULL) return NULL;
  if (!bn->o.fused || bn->n_axes != 1 || !(is_half(bn->dtype) || bn->dtype == EK_FLOAT32)) return NULL;
  if (bn->rank == 4) return bn->axes[0] == 1 ? "NCHW" : bn->axes[0] == 3 ? "NHWC" : NULL;
  if (bn->rank == 5) return bn->axes[0] == 1 ? "NCDHW" : bn->axes[0] == 4 ? "NDHWC" : NULL;
  return NULL;
}

static ek_variable weight(ek_batch_normalization *bn, ek__weight w) {
  w.shape = bn->param_shape;
  w.dtype = bn->param_dtype;
  return ek__layer_add_weight(&bn->layer, &w);
}

/* The initial value of a standard deviation, from the initializer of the variance. */
static ek_out root(ek_graph *g, ek_shape shape, ek_dtype dtype, void *ctx) {
  const ek_initializer *variance = ctx;
  return ek__op1(g, "Sqrt", ek_initialize(g, *variance, shape, dtype));
}

static ek_variable weight_beside(ek_batch_normalization *bn, const char *name, ek_initializer initializer,
                                 ek_variable beside) {
  ek_colocate_with_begin(bn->layer.g, ek_variable_op(bn->layer.g, beside), false);
  const ek_variable v = weight(bn, (ek__weight){.name = name, .initializer = initializer, .not_trainable = true});
  ek_colocate_with_end(bn->layer.g);
  return v;
}

static void make_renorm_variables(ek_batch_normalization *bn, ek_initializer mean, ek_initializer variance) {
  ek_initializer *kept = ek_graph_alloc(bn->layer.g, sizeof *kept);
  if (kept == NULL) return;
  *kept = variance;
  const ek_initializer stddev = ek_callback_initializer(root, kept);
  bn->v.moving_stddev = weight_beside(bn, "moving_stddev", stddev, bn->v.moving_variance);
  bn->v.renorm_mean = weight_beside(bn, "renorm_mean", mean, bn->v.moving_mean);
  bn->v.renorm_stddev = weight_beside(bn, "renorm_stddev", stddev, bn->v.moving_stddev);
}

static void make_variables(ek_batch_normalization *bn) {
  const ek_layers_batch_normalization_opts *o = &bn->o;
  const ek_initializer zeros = ek_zeros_initializer(), ones = ek_ones_initializer();
  if (o->scale)
    bn->v.gamma = weight(bn, (ek__weight){.name = "gamma",
                                          .initializer = ek__initializer_or(o->gamma_initializer, ones),
                                          .regularizer = o->gamma_regularizer,
                                          .constraint = o->gamma_constraint,
                                          .constraint_ctx = o->gamma_constraint_ctx});
  if (o->center)
    bn->v.beta = weight(bn, (ek__weight){.name = "beta",
                                         .initializer = ek__initializer_or(o->beta_initializer, zeros),
                                         .regularizer = o->beta_regularizer,
                                         .constraint = o->beta_constraint,
                                         .constraint_ctx = o->beta_constraint_ctx});
  const ek_initializer mean = ek__initializer_or(o->moving_mean_initializer, zeros);
  const ek_initializer variance = ek__initializer_or(o->moving_variance_initializer, ones);
  bn->v.moving_mean = weight(bn, (ek__weight){.name = "moving_mean", .initializer = mean, .not_trainable = true});
  bn->v.moving_variance =
      weight(bn, (ek__weight){.name = "moving_variance", .initializer = variance, .not_trainable = true});
  if (o->renorm) make_renorm_variables(bn, mean, variance);
}

/* Shape of the variables, and how they meet inputs. */
static void set_shapes(ek_batch_normalization *bn, ek_shape s) {
  const bool ghosts = bn->o.virtual_batch_size != 0;
  ek_shape wide = s;
  for (int i = 0; i < s.rank; i++) wide.dim[i] = 1;
  for (int i = 0; i < bn->n_axes; i++) wide.dim[bn->axes[i]] = bn->dims[i];
  bn->param_shape = bn->n_axes > 1 || ghosts ? wide : ek_shape(bn->dims[0]);
  bn->broadcast = (ek_shape){.rank = 0};
  if (bn->param_shape.rank == 1 && bn->axes[0] != bn->rank - 1) bn->broadcast = wide;
  if (!ghosts) return;
  for (int i = s.rank; i > 1; i--) bn->param_shape.dim[i] = bn->param_shape.dim[i - 1];
  bn->param_shape.dim[1] = 1;
  bn->param_shape.rank = s.rank + 1;
}

static bool check_virtual_batches(ek_batch_normalization *bn) {
  ek_graph *g = bn->layer.g;
  const int64_t size = bn->o.virtual_batch_size;
  const char *scope = ek_current_name_scope(g);
  bool keeps_batch = false;
  for (int i = 0; i < bn->n_axes; i++) keeps_batch |= bn->axes[i] == 0;
  if (size == 0) return true;
  if (size < 0)
    ek_graph_fail(g, EK_INVALID_ARGUMENT,
                  "%s '%s': virtual_batch_size must be a positive integer that divides the batch size, not %" PRId64,
                  what, scope, size);
  else if (keeps_batch)
    ek_graph_fail(g, EK_INVALID_ARGUMENT, "%s '%s': with virtual_batch_size axis cannot include 0, the batch dimension",
                  what, scope);
  else if (bn->o.adjustment != NULL)
    ek_graph_fail(g, EK_INVALID_ARGUMENT, "%s '%s': with virtual_batch_size adjustment cannot be specified", what,
                  scope);
  else if (bn->rank == EK_MAX_RANK)
    ek_graph_fail(g, EK_INVALID_ARGUMENT, "%s '%s': with virtual_batch_size inputs have rank %d at most, not %d", what,
                  scope, EK_MAX_RANK - 1, bn->rank);
  else
    return true;
  return false;
}

bool ek__batch_normalization_build(ek_batch_normalization *bn, ek_out inputs) {
  ek_graph *g = bn->layer.g;
  const ek_shape s = ek_out_shape(g, inputs);
  if (s.rank < 1) {
    ek_graph_fail(g, EK_INVALID_ARGUMENT, "%s '%s': Input has undefined rank (%s)", what, ek_current_name_scope(g),
                  s.rank == 0 ? "a scalar" : "unknown");
    return false;
  }
  bn->rank = s.rank;
  bn->dtype = ek_out_dtype(g, inputs);
  if (!ek_dtype_is_floating(bn->dtype)) {
    ek_graph_fail(g, EK_INVALID_ARGUMENT, "%s '%s': inputs are %s; allowed: float16, bfloat16, float32, float64", what,
                  ek_current_name_scope(g), ek_dtype_name(bn->dtype));
    return false;
  }
  if (!resolve_axes(bn, s) || !check_virtual_batches(bn)) return false;
  bn->data_format = fused_format(bn);
  bn->param_dtype = is_half(bn->dtype) ? EK_FLOAT32 : bn->dtype;
  set_shapes(bn, s);
  make_variables(bn);
  bn->layer.built = ek_graph_status(g, NULL) == EK_OK;
  return bn->layer.built;
}

/* What the layer was built for; a later call may not bring anything else. */
static bool fits(ek_batch_normalization *bn, ek_out inputs) {
  ek_graph *g = bn->layer.g;
  char text[EK_SHAPE_TEXT];
  const ek_shape s = ek_out_shape(g, inputs);
  if (s.rank != bn->rank) {
    ek_graph_fail(g, EK_INVALID_ARGUMENT, "%s '%s': inputs %s: the layer was built for rank %d", what,
                  ek_current_name_scope(g), ek_shape_format(s, text, sizeof text), bn->rank);
    return false;
  }
  for (int i = 0; i < bn->n_axes; i++)
    if (s.dim[bn->axes[i]] >= 0 && s.dim[bn->axes[i]] != bn->dims[i]) {
      ek_graph_fail(g, EK_INVALID_ARGUMENT,
                    "%s '%s': inputs %s: axis %d must have size %" PRId64 ", as when it was built", what,
                    ek_current_name_scope(g), ek_shape_format(s, text, sizeof text), bn->axes[i], bn->dims[i]);
      return false;
    }
  return true;
}

/* ---- calls */

ek_out ek_layers_batch_normalization_apply(ek_batch_normalization *layer, ek_out inputs, ek_flag training) {
  ek_graph *g = layer->layer.g;
  ek_out y = ek__no_out;
  if (ek_graph_status(g, NULL) != EK_OK) return y;
  if (inputs.op == 0) {
    ek_graph_fail(g, EK_INVALID_ARGUMENT, "%s '%s': no inputs", what, layer->layer.base_name);
    return y;
  }
  inputs = ek_convert(g, inputs, EK_INVALID_DTYPE, NULL);
  ek__layer_begin(&layer->layer);
  if (layer->layer.built ? fits(layer, inputs) : ek__batch_normalization_build(layer, inputs)) {
    inputs = ek__py_cast(g, inputs, layer->dtype);
    const ek__training t = {ek__layer_flag(g, training), ek_flag_static_value(g, training)};
    y = layer->data_format != NULL ? ek__batch_normalization_fused(layer, inputs, t)
                                   : ek__batch_normalization_plain(layer, inputs, t);
  }
  ek__layer_end(&layer->layer);
  return y;
}

ek_out ek_layers_batch_normalization(ek_graph *g, ek_out inputs, const ek_layers_batch_normalization_opts *options) {
  ek_batch_normalization bn;
  g = ek_named(g, NULL);
  if (!ek__batch_normalization_init(&bn, g, true, (ek_variable_scope){0}, options)) return ek__no_out;
  return ek_layers_batch_normalization_apply(&bn, inputs, bn.o.training);
}

ek_batch_normalization *ek_layers_batch_normalization_new(ek_graph *g,
                                                          const ek_layers_batch_normalization_opts *options) {
  const ek_allocator *a = ek_allocator_default();
  ek_batch_normalization *bn = a->alloc(a->ctx, sizeof *bn, sizeof(void *));
  g = ek_named(g, NULL);
  if (bn == NULL)
    ek_graph_fail(g, EK_RESOURCE_EXHAUSTED, "%s: out of memory", what);
  else if (!ek__batch_normalization_init(bn, g, false, (ek_variable_scope){0}, options))
    bn->layer.g = g; /* the graph has an error: every apply gives none */
  return bn;
}

void ek_layers_batch_normalization_free(ek_batch_normalization *layer) {
  const ek_allocator *a = ek_allocator_default();
  if (layer != NULL) a->free(a->ctx, layer, sizeof *layer);
}

ek_batch_normalization_variables ek_layers_batch_normalization_variables(const ek_batch_normalization *layer) {
  return layer->v;
}
