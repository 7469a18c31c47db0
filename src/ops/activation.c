/* SPDX-License-Identifier: Apache-2.0 */
/* Activation functions. Each has its own gradient op, in activation_grad.c. */
#include "ops/elementwise.h"
#include "ops/grad_util.h"
#include "ops/selu.h"

#include <tgmath.h>

#define ACTIVATION(id_, name_, doc_, in_, out_, types_)                                                                \
  const ek_op_def ek_op_##id_ = {.name = (name_),                                                                      \
                                 .doc = (doc_),                                                                        \
                                 .in = in_ ": T",                                                                      \
                                 .out = out_ ": T",                                                                    \
                                 .attrs = types_,                                                                      \
                                 .flags = EK_OP_INPLACE_0,                                                             \
                                 .infer = ek__infer_same,                                                              \
                                 .run = run_##id_,                                                                     \
                                 .grad = grad_##id_,                                                                   \
                                 .check_lo = -2,                                                                       \
                                 .check_hi = 2}
#define FLOAT_ONLY   "T: {" EK_FLOAT_TYPES "}"
#define NUMBERS_ONLY "T: {" EK_NUMBER_TYPES "}"

/* dx = type(dy, y): the activation's output tells all that is needed. */
static ek_code by_output(ek_grad_context *c, const char *type) {
  c->dx[0] = ek__op2(c->g, type, c->dy[0], ek__grad_out(c, 0));
  return EK_OK;
}

/* ---- Sigmoid and tanh: y comes first in their gradients */

EK_HALF_LOOPS(EK__LOOP1, sigmoid, 1 / (1 + exp(-x)));
static ek_code run_sigmoid(ek_run_context *c) { return ek__run_unary(c, EK__SIGMOID, sigmoid_loops); }
static ek_code grad_smooth(ek_grad_context *c, const char *type) {
  ek__grad_after(c->g, c->dy[0]);
  c->dx[0] = ek__op2(c->g, type, ek__grad_out(c, 0), c->dy[0]);
  ek_control_dependencies_end(c->g);
  return EK_OK;
}
static ek_code grad_sigmoid(ek_grad_context *c) { return grad_smooth(c, "SigmoidGrad"); }
ACTIVATION(sigmoid, "Sigmoid", "1 / (1 + e^-x)", "x", "y", FLOAT_ONLY);

EK_HALF_LOOPS(EK__LOOP1, tanh, tanh(x));
static ek_code run_tanh(ek_run_context *c) { return ek__run_unary(c, EK__TANH, tanh_loops); }
static ek_code grad_tanh(ek_grad_context *c) { return grad_smooth(c, "TanhGrad"); }
ACTIVATION(tanh, "Tanh", "the hyperbolic tangent of x", "x", "y", FLOAT_ONLY);

/* ---- Bent lines */

EK_HALF_INT_LOOPS(EK__LOOP1, relu, x <= 0 ? 0 : x, x <= 0 ? 0 : x);
static ek_code run_relu(ek_run_context *c) { return ek__run_unary(c, EK__RELU, relu_loops); }
static ek_code grad_relu(ek_grad_context *c) { return by_output(c, "ReluGrad"); }
ACTIVATION(relu, "Relu", "max(x, 0)", "features", "activations", NUMBERS_ONLY);

EK_NUMBER_LOOPS(EK__LOOP1, relu6, x <= 0 ? 0 : x > 6 ? 6 : x, x <= 0 ? 0 : x > 6 ? 6 : x);
static ek_code run_relu6(ek_run_context *c) { return ek__run_loops(c, 1, relu6_loops, 0.0); }
static ek_code grad_relu6(ek_grad_context *c) { return by_output(c, "Relu6Grad"); }
ACTIVATION(relu6, "Relu6", "min(max(x, 0), 6)", "features", "activations", NUMBERS_ONLY);

EK_FLOAT_LOOPS(EK__LOOP1, leaky_relu, x > 0 ? x : x * p);
static ek_code run_leaky_relu(ek_run_context *c) {
  return ek__run_loops(c, 1, leaky_relu_loops, (double)ek__attr_float(c->node, "alpha"));
}
static ek_code grad_leaky_relu(ek_grad_context *c) {
  const ek_op op = ek_build(c->g, "LeakyReluGrad", EK_OUTS(c->dy[0], ek__grad_in(c, 0)),
                            EK_ATTRS(EK_FLOAT_ATTR("alpha", ek__attr_float(c->node, "alpha"))));
  c->dx[0] = ek_op_output(op, 0);
  return EK_OK;
}
ACTIVATION(leaky_relu, "LeakyRelu", "x > 0 ? x : alpha * x", "features", "activations",
           "alpha: float = 0.2; T: {" EK_FLOAT_TYPES "} = float");

/* ---- Exponential ones */

EK_FLOAT_LOOPS(EK__LOOP1, elu, x < 0 ? expm1(x) : x);
static ek_code run_elu(ek_run_context *c) { return ek__run_loops(c, 1, elu_loops, 0.0); }
static ek_code grad_elu(ek_grad_context *c) { return by_output(c, "EluGrad"); }
ACTIVATION(elu, "Elu", "x < 0 ? e^x - 1 : x", "features", "activations", FLOAT_ONLY);

EK_FLOAT_LOOPS(EK__LOOP1, selu, x < 0 ? EK__SELU_SCALE_ALPHA(x) * expm1(x) : EK__SELU_SCALE(x) * x);
static ek_code run_selu(ek_run_context *c) { return ek__run_loops(c, 1, selu_loops, 0.0); }
static ek_code grad_selu(ek_grad_context *c) { return by_output(c, "SeluGrad"); }
ACTIVATION(selu, "Selu", "scale * (x < 0 ? alpha * (e^x - 1) : x)", "features", "activations", FLOAT_ONLY);

/* Beyond +-(log(epsilon) + 2) of the type, softplus is its argument or its exponential. */
#define SOFTPLUS_LIMIT(x_) _Generic((x_), float : 13.9423852f, double : 34.04365338911715)
EK_FLOAT_LOOPS(EK__LOOP1, softplus, x > SOFTPLUS_LIMIT(x) ? x : x < -SOFTPLUS_LIMIT(x) ? exp(x) : log1p(exp(x)));
static ek_code run_softplus(ek_run_context *c) { return ek__run_loops(c, 1, softplus_loops, 0.0); }
static ek_code grad_softplus(ek_grad_context *c) {
  const ek_out sigmoid = ek__op1(c->g, "Sigmoid", ek__grad_in(c, 0));
  c->dx[0] = ek__op2(ek_named(c->g, "mul"), "Mul", c->dy[0], sigmoid);
  return EK_OK;
}
ACTIVATION(softplus, "Softplus", "log(1 + e^x)", "features", "activations", FLOAT_ONLY);

EK_FLOAT_LOOPS(EK__LOOP1, softsign, x / (fabs(x) + 1));
static ek_code run_softsign(ek_run_context *c) { return ek__run_loops(c, 1, softsign_loops, 0.0); }
static ek_code grad_softsign(ek_grad_context *c) {
  c->dx[0] = ek__op2(c->g, "SoftsignGrad", c->dy[0], ek__grad_in(c, 0));
  return EK_OK;
}
ACTIVATION(softsign, "Softsign", "x / (1 + |x|)", "features", "activations", FLOAT_ONLY);
