/* SPDX-License-Identifier: Apache-2.0 */
/* tf.layers.dense. */
#include "layers/dense.h"
#include "layers/build.h"

#include <inttypes.h>

/* The last axis of a of any rank over 2 with the first of b, both dimensions known. */
static ek_out tensordot(ek_graph *g, ek_out a, ek_out kernel, int64_t units) {
  static const int64_t zero = 0, up_to[EK_MAX_RANK] = {0, 1, 2, 3, 4, 5, 6, 7};
  (void)ek_name_scope_begin(g, "Tensordot");
  const ek_out b = ek_convert(g, kernel, EK_INVALID_DTYPE, NULL);
  ek_shape s = ek_out_shape(g, a);
  const int n = s.rank - 1;
  const int64_t last = n;
  ek_out y;
  if (ek_shape_is_known(s)) {
    const int64_t flat[] = {s.dim[n] > 0 ? ek_shape_num_elements(s) / s.dim[n] : 0, s.dim[n]};
    const ek_out rows = ek__op2(g, "Reshape", a, ek_integers(g, flat, 2));
    const ek_out product = ek__op2(g, "MatMul", rows, b);
    s.dim[n] = units;
    y = ek__op2(ek_named_scope(g), "Reshape", product, ek_integers(g, s.dim, s.rank));
  } else {
    const ek_out axes = ek__py_int32s(ek_named(g, "axes"), &last, 1);
    const ek_out free_axes = ek__py_int32s(ek_named(g, "free"), up_to, n);
    const ek_out shape = ek__py_shape(g, a);
    const ek_out free_dims =
        ek_op_output(ek_build(g, "GatherV2", EK_OUTS(shape, free_axes, ek_integer(g, 0)), EK_NO_ATTRS), 0);
    const ek_out axes_dims =
        ek_op_output(ek_build(g, "GatherV2", EK_OUTS(shape, axes, ek_integer(g, 0)), EK_NO_ATTRS), 0);
    const ek_out rows = ek__op2(g, "Prod", free_dims, ek__py_int32s(g, &zero, 1));
    const ek_out columns = ek__op2(g, "Prod", axes_dims, ek__py_int32s(g, &zero, 1));
    const ek_out perm =
        ek_op_output(ek_build(ek_named(g, "concat"), "ConcatV2", EK_OUTS(free_axes, axes, ek_integer(g, 0)),
                              EK_ATTRS(EK_INT_ATTR("N", 2))),
                     0);
    const ek_out flat = ek__py_pack(ek_named(g, "stack"), EK_OUTS(rows, columns));
    const ek_out moved = ek__op2(ek_named(g, "transpose"), "Transpose", a, perm);
    const ek_out matrix = ek__op2(g, "Reshape", moved, flat);
    const ek_out product = ek__op2(g, "MatMul", matrix, b);
    const ek_out b_dims = ek__py_int32s(g, &units, 1);
    const ek_out dims =
        ek_op_output(ek_build(ek_named(g, "concat"), "ConcatV2", EK_OUTS(free_dims, b_dims, ek_integer(g, 0)),
                              EK_ATTRS(EK_INT_ATTR("N", 2))),
                     0);
    y = ek__op2(ek_named_scope(g), "Reshape", product, dims);
    s.dim[n] = units;
    if (y.op > 0) ek_out_set_shape(g, y, s);
  }
  ek_name_scope_end(g);
  return y;
}

static bool check(ek_graph *g, ek_out inputs, int64_t units) {
  char text[EK_SHAPE_TEXT];
  const char *scope = ek_current_name_scope(g);
  const ek_shape s = ek_out_shape(g, inputs);
  const ek_dtype dtype = ek_out_dtype(g, inputs);
  if (!ek__given(g, "inputs", inputs)) return false;
  if (units < 0)
    ek_graph_fail(g, EK_INVALID_ARGUMENT, "dense '%s': units is %" PRId64 "; it must not be negative", scope, units);
  else if (!ek_dtype_is_floating(dtype))
    ek_graph_fail(g, EK_INVALID_ARGUMENT, "dense '%s': inputs are %s; they must be floating", scope,
                  ek_dtype_name(dtype));
  else if (s.rank < 2)
    ek_graph_fail(g, EK_INVALID_ARGUMENT, "dense '%s': inputs have shape %s; the rank must be known and 2 at least",
                  scope, ek_shape_format(s, text, sizeof text));
  else if (s.dim[s.rank - 1] < 0)
    ek_graph_fail(g, EK_INVALID_ARGUMENT, "dense '%s': inputs have shape %s; the last dimension must be known", scope,
                  ek_shape_format(s, text, sizeof text));
  else
    return true;
  return false;
}

static ek_out call(ek__layer *l, ek_out inputs, int64_t units, const ek_layers_dense_opts *o, ek_variable made[2]) {
  ek_graph *g = l->g;
  const ek_shape s = ek_out_shape(g, inputs);
  const ek_dtype dtype = ek_out_dtype(g, inputs);
  ek_variable bias = {0};
  const ek_variable kernel = ek__layer_add_weight(l, &(ek__weight){.name = "kernel",
                                                                   .shape = ek_shape(s.dim[s.rank - 1], units),
                                                                   .dtype = dtype,
                                                                   .initializer = o->kernel_initializer,
                                                                   .regularizer = o->kernel_regularizer,
                                                                   .constraint = o->kernel_constraint,
                                                                   .constraint_ctx = o->kernel_constraint_ctx});
  if (o->use_bias)
    bias = ek__layer_add_weight(
        l, &(ek__weight){.name = "bias",
                         .shape = ek_shape(units),
                         .dtype = dtype,
                         .initializer = ek__initializer_or(o->bias_initializer, ek_zeros_initializer()),
                         .regularizer = o->bias_regularizer,
                         .constraint = o->bias_constraint,
                         .constraint_ctx = o->bias_constraint_ctx});
  made[0] = kernel;
  made[1] = bias;
  const ek_out w = ek_variable_operand(g, kernel);
  ek_out y = s.rank == 2 ? ek__op2(g, "MatMul", inputs, w) : tensordot(g, inputs, w, units);
  if (o->use_bias) y = ek_nn_bias_add(g, y, ek_variable_operand(g, bias), NULL);
  if (o->activation != NULL) y = o->activation(g, y);
  return y;
}

ek_out ek__dense_layer(ek_graph *g, ek_variable_scope scope, ek_out inputs, int64_t units,
                       const ek_layers_dense_opts *options, ek_variable made[2]) {
  static const ek_layers_dense_opts defaults = EK_LAYERS_DENSE_OPTS_INIT;
  const ek_layers_dense_opts *o = options != NULL ? options : &defaults;
  ek__layer l;
  ek_out y = ek__no_out;
  made[0] = made[1] = (ek_variable){0};
  g = ek_named(g, NULL);
  if (!ek__options_ok(g, "dense", o->version)) return y;
  ek__layer_init(&l, g, "dense", o->name, true, scope, o->reuse, o->trainable);
  inputs = ek_convert(g, inputs, EK_INVALID_DTYPE, NULL);
  ek__layer_begin(&l);
  if (check(g, inputs, units)) {
    y = call(&l, inputs, units, o, made);
    ek__layer_add_activity(&l, o->activity_regularizer, y);
  }
  ek__layer_end(&l);
  return y;
}

ek_out ek_layers_dense(ek_graph *g, ek_out inputs, int64_t units, const ek_layers_dense_opts *options) {
  ek_variable made[2];
  return ek__dense_layer(g, (ek_variable_scope){0}, inputs, units, options, made);
}
