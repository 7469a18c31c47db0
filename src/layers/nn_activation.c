/* SPDX-License-Identifier: Apache-2.0 */
/* tf.nn's activations, and the two ops that every layer ends with. */
#include "evenkeel/nn.h"
#include "layers/build.h"

ek_out ek_nn_relu(ek_graph *g, ek_out features) { return ek__op1(g, "Relu", features); }

ek_out ek_nn_relu6(ek_graph *g, ek_out features) { return ek__op1(g, "Relu6", features); }

ek_out ek_nn_elu(ek_graph *g, ek_out features) { return ek__op1(g, "Elu", features); }

ek_out ek_nn_selu(ek_graph *g, ek_out features) { return ek__op1(g, "Selu", features); }

ek_out ek_nn_softplus(ek_graph *g, ek_out features) { return ek__op1(g, "Softplus", features); }

ek_out ek_nn_sigmoid(ek_graph *g, ek_out x) { return ek__op1(g, "Sigmoid", x); }

ek_out ek_nn_tanh(ek_graph *g, ek_out x) { return ek__op1(g, "Tanh", x); }

ek_out ek_nn_leaky_relu(ek_graph *g, ek_out features, double alpha) {
  g = ek_composite_begin(g, "LeakyRelu");
  if (ek_dtype_is_integer(ek_out_dtype(g, features))) features = ek__py_cast(g, features, EK_FLOAT32);
  const ek_op op = ek_build(ek_named_scope(g), "LeakyRelu", EK_OUTS(features), EK_ATTRS(EK_FLOAT_ATTR("alpha", alpha)));
  ek_name_scope_end(g);
  return ek_op_output(op, 0);
}

ek_out ek_nn_l2_loss(ek_graph *g, ek_out t) { return ek__op1(g, "L2Loss", t); }

ek_out ek_nn_bias_add(ek_graph *g, ek_out value, ek_out bias, const char *data_format) {
  g = ek_composite_begin(g, "BiasAdd");
  const ek_attr format = EK_STRING_ATTR("data_format", data_format != NULL ? data_format : "NHWC");
  const ek_out input = ek_convert(g, value, EK_INVALID_DTYPE, "input");
  const ek_out added = ek_convert(g, bias, ek_out_dtype(g, input), "bias");
  const ek_op op = ek_build(ek_named_scope(g), "BiasAdd", EK_OUTS(input, added), &format, 1);
  ek_name_scope_end(g);
  return ek_op_output(op, 0);
}
