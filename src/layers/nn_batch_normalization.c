/* SPDX-License-Identifier: Apache-2.0 */
/* tf.nn.batch_normalization, batch_norm_with_global_normalization and fused_batch_norm. */
#include "evenkeel/nn.h"
#include "layers/build.h"

ek_out ek_nn_batch_normalization(ek_graph *g, ek_out x, ek_out mean, ek_out variance, ek_out offset, ek_out scale,
                                 double variance_epsilon) {
  g = ek_composite_begin(g, "batchnorm");
  ek_out y = ek__no_out;
  if (ek__given(g, "x", x) && ek__given(g, "mean", mean) && ek__given(g, "variance", variance)) {
    variance = ek_convert(g, variance, EK_INVALID_DTYPE, NULL);
    const ek_out sum = ek__op2(ek_named(g, "add"), "AddV2", variance, ek_number(g, variance_epsilon));
    ek_out inv = ek__op1(g, "Rsqrt", sum);
    if (scale.op != 0) inv = ek__op2(ek_named(g, "mul"), "Mul", inv, scale);
    const ek_dtype dtype = ek_out_dtype(g, x);
    const ek_out scaled = ek__op2(ek_named(g, "mul"), "Mul", x, ek__py_cast(g, inv, dtype));
    ek_out shift;
    if (offset.op != 0) {
      mean = ek_convert(g, mean, EK_INVALID_DTYPE, NULL);
      const ek_out moved = ek__op2(ek_named(g, "mul"), "Mul", mean, inv);
      offset = ek_convert(g, offset, EK_INVALID_DTYPE, NULL);
      shift = ek__op2(ek_named(g, "sub"), "Sub", offset, moved);
    } else {
      mean = ek_convert(g, mean, EK_INVALID_DTYPE, NULL);
      shift = ek__op2(ek_named(g, "mul"), "Mul", ek__op1(g, "Neg", mean), inv);
    }
    y = ek__op2(ek_named(g, "add"), "AddV2", scaled, ek__py_cast(g, shift, dtype));
  }
  ek_name_scope_end(g);
  return y;
}

ek_out ek_nn_batch_norm_with_global_normalization(ek_graph *g, ek_out t, ek_out m, ek_out v, ek_out beta, ek_out gamma,
                                                  double variance_epsilon, bool scale_after_normalization) {
  return ek_nn_batch_normalization(g, t, m, v, beta, scale_after_normalization ? gamma : ek__no_out, variance_epsilon);
}

/* cuDNN's floor, which TensorFlow 1's wrapper puts under the epsilon on every device. */
static const double min_epsilon = 1.001e-5;

ek_nn_fused_batch_norm_outs ek_nn_fused_batch_norm(ek_graph *g, ek_out x, ek_out scale, ek_out offset,
                                                   const ek_nn_fused_batch_norm_opts *options) {
  static const ek_nn_fused_batch_norm_opts defaults = EK_NN_FUSED_BATCH_NORM_OPTS_INIT;
  const ek_nn_fused_batch_norm_opts *o = options != NULL ? options : &defaults;
  ek_nn_fused_batch_norm_outs result = {ek__no_out, ek__no_out, ek__no_out};
  ek_graph *named = g;
  g = ek_named(g, NULL);
  if (ek_graph_status(g, NULL) != EK_OK) return result;
  if (o->version != 1u) {
    ek_graph_fail(g, EK_INVALID_ARGUMENT,
                  "FusedBatchNormV3: options of version %u; start from EK_NN_FUSED_BATCH_NORM_OPTS_INIT", o->version);
    return result;
  }
  if (!o->is_training && (o->mean.op == 0 || o->variance.op == 0)) {
    ek_graph_fail(g, EK_INVALID_ARGUMENT, "FusedBatchNormV3 '%s': mean and variance must be given if not training",
                  ek_current_name_scope(g));
    return result;
  }
  x = ek_convert(g, x, EK_INVALID_DTYPE, "input");
  scale = ek_convert(g, scale, EK_INVALID_DTYPE, "scale");
  offset = ek_convert(g, offset, EK_INVALID_DTYPE, "offset");
  const ek_out mean = o->mean.op != 0 ? o->mean : ek__py_filled(g, EK_FLOAT32, ek_shape(0), 0.0);
  const ek_out variance = o->variance.op != 0 ? o->variance : ek__py_filled(g, EK_FLOAT32, ek_shape(0), 0.0);
  const double epsilon = o->epsilon > min_epsilon ? o->epsilon : min_epsilon;
  const ek_op op = ek_build(named, "FusedBatchNormV3", EK_OUTS(x, scale, offset, mean, variance),
                            EK_ATTRS(EK_FLOAT_ATTR("epsilon", epsilon), EK_BOOL_ATTR("is_training", o->is_training),
                                     EK_STRING_ATTR("data_format", o->data_format)));
  result = (ek_nn_fused_batch_norm_outs){ek_op_output(op, 0), ek_op_output(op, 1), ek_op_output(op, 2)};
  return op.id != 0 ? result : (ek_nn_fused_batch_norm_outs){ek__no_out, ek__no_out, ek__no_out};
}
