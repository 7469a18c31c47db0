/* SPDX-License-Identifier: Apache-2.0 */
/* Gradients of activation functions. x and y in the loops are the first and the second input. */
#include "ops/elementwise.h"
#include "ops/grad_util.h"
#include "ops/selu.h"

#include <tgmath.h>

#define ACTIVATION_GRAD(id_, name_, doc_, in_, out_, attrs_)                                                           \
  const ek_op_def ek_op_##id_ = {.name = (name_),                                                                      \
                                 .doc = (doc_),                                                                        \
                                 .in = in_,                                                                            \
                                 .out = out_ ": T",                                                                    \
                                 .attrs = attrs_,                                                                      \
                                 .flags = EK_OP_INPLACE_0 | EK_OP_INPLACE_1,                                           \
                                 .infer = ek__infer_two_same,                                                          \
                                 .run = run_##id_,                                                                     \
                                 .grad = grad_##id_,                                                                   \
                                 .check_lo = 0.25,                                                                     \
                                 .check_hi = 2}
#define FLOAT_ONLY   "T: {" EK_FLOAT_TYPES "}"
#define NUMBERS_ONLY "T: {" EK_NUMBER_TYPES "}"
#define OF_OUTPUT    "gradients: T, outputs: T"
#define OF_INPUT     "gradients: T, features: T"

static ek_out times(ek_graph *g, ek_out a, ek_out b) { return ek__op2(ek_named(g, "mul"), "Mul", a, b); }

/* ---- Sigmoid and tanh: f(y, dy) */

EK_HALF_LOOPS(EK__LOOP2, sigmoid_grad, y *x *(1 - x));
static ek_code run_sigmoid_grad(ek_run_context *c) { return ek__run_binary(c, EK__SIGMOID_GRAD, sigmoid_grad_loops); }
static ek_code grad_sigmoid_grad(ek_grad_context *c) {
  ek_graph *g = c->g;
  const ek_out a = ek__grad_in(c, 0);
  ek__grad_after(g, c->dy[0]);
  const ek_out gb = times(g, c->dy[0], ek__grad_in(c, 1));
  const ek_out twice = times(g, ek_number(g, 2.0), gb);
  const ek_out product = times(g, twice, a);
  c->dx[0] = ek__op2(ek_named(g, "sub"), "Sub", gb, product);
  c->dx[1] = ek__op2(g, "SigmoidGrad", a, c->dy[0]);
  ek_control_dependencies_end(g);
  return EK_OK;
}
ACTIVATION_GRAD(sigmoid_grad, "SigmoidGrad", "dy * y * (1 - y)", "y: T, dy: T", "z", FLOAT_ONLY);

EK_HALF_LOOPS(EK__LOOP2, tanh_grad, y *(1 - x * x));
static ek_code run_tanh_grad(ek_run_context *c) { return ek__run_binary(c, EK__TANH_GRAD, tanh_grad_loops); }
static ek_code grad_tanh_grad(ek_grad_context *c) {
  ek_graph *g = c->g;
  const ek_out a = ek__grad_in(c, 0);
  ek__grad_after(g, c->dy[0]);
  const ek_out scaled = times(g, c->dy[0], ek_number(g, -2.0));
  const ek_out product = times(g, scaled, ek__grad_in(c, 1));
  c->dx[0] = times(g, product, a);
  c->dx[1] = ek__op2(g, "TanhGrad", a, c->dy[0]);
  ek_control_dependencies_end(g);
  return EK_OK;
}
ACTIVATION_GRAD(tanh_grad, "TanhGrad", "dy * (1 - y^2)", "y: T, dy: T", "z", FLOAT_ONLY);

/* ---- Bent lines: linear in the gradient, flat in the other input */

static ek_code grad_bent(ek_grad_context *c, const char *type, const ek_attr *attrs, int n_attrs) {
  const ek_out x = ek__grad_in(c, 1);
  c->dx[0] = ek_op_output(ek_build(c->g, type, EK_OUTS(c->dy[0], x), attrs, n_attrs), 0);
  c->dx[1] = ek__grad_zeros_like(c->g, x);
  return EK_OK;
}

EK_HALF_INT_LOOPS(EK__LOOP2, relu_grad, y > 0 ? x : 0, y > 0 ? x : 0);
static ek_code run_relu_grad(ek_run_context *c) { return ek__run_binary(c, EK__RELU_GRAD, relu_grad_loops); }
static ek_code grad_relu_grad(ek_grad_context *c) { return grad_bent(c, "ReluGrad", EK_NO_ATTRS); }
ACTIVATION_GRAD(relu_grad, "ReluGrad", "gradients where features > 0, else 0", OF_INPUT, "backprops", NUMBERS_ONLY);

EK_NUMBER_LOOPS(EK__LOOP2, relu6_grad, y > 0 && y < 6 ? x : 0, y > 0 && y < 6 ? x : 0);
static ek_code run_relu6_grad(ek_run_context *c) { return ek__run_loops(c, 2, relu6_grad_loops, 0.0); }
static ek_code grad_relu6_grad(ek_grad_context *c) { return grad_bent(c, "Relu6Grad", EK_NO_ATTRS); }
ACTIVATION_GRAD(relu6_grad, "Relu6Grad", "gradients where 0 < features < 6, else 0", OF_INPUT, "backprops",
                NUMBERS_ONLY);

EK_FLOAT_LOOPS(EK__LOOP2, leaky_relu_grad, y > 0 ? x : x * p);
static ek_code run_leaky_relu_grad(ek_run_context *c) {
  return ek__run_loops(c, 2, leaky_relu_grad_loops, (double)ek__attr_float(c->node, "alpha"));
}
static ek_code grad_leaky_relu_grad(ek_grad_context *c) {
  return grad_bent(c, "LeakyReluGrad", EK_ATTRS(EK_FLOAT_ATTR("alpha", ek__attr_float(c->node, "alpha"))));
}
ACTIVATION_GRAD(leaky_relu_grad, "LeakyReluGrad", "features > 0 ? gradients : alpha * gradients", OF_INPUT, "backprops",
                "alpha: float = 0.2; T: {" EK_FLOAT_TYPES "} = float");

/* ---- Exponential ones */

/* (type(dy, y), where(y < 0, dy * gradients, 0)) */
static ek_code grad_exponential(ek_grad_context *c, const char *type) {
  ek_graph *g = c->g;
  const ek_out y = ek__grad_in(c, 1);
  c->dx[0] = ek__op2(g, type, c->dy[0], y);
  const ek_out below = ek__op2(g, "Less", y, ek_number(g, 0.0));
  const ek_out product = times(g, c->dy[0], ek__grad_in(c, 0));
  const ek_out zeros = ek__grad_zeros_like(g, y);
  c->dx[1] = ek__op3(g, "Select", below, product, zeros);
  return EK_OK;
}

EK_FLOAT_LOOPS(EK__LOOP2, elu_grad, y < 0 ? (y + 1) * x : x);
static ek_code run_elu_grad(ek_run_context *c) { return ek__run_loops(c, 2, elu_grad_loops, 0.0); }
static ek_code grad_elu_grad(ek_grad_context *c) { return grad_exponential(c, "EluGrad"); }
ACTIVATION_GRAD(elu_grad, "EluGrad", "outputs < 0 ? (outputs + 1) * gradients : gradients", OF_OUTPUT, "backprops",
                FLOAT_ONLY);

EK_FLOAT_LOOPS(EK__LOOP2, selu_grad, y < 0 ? x * (y + EK__SELU_SCALE_ALPHA(x)) : x * EK__SELU_SCALE(x));
static ek_code run_selu_grad(ek_run_context *c) { return ek__run_loops(c, 2, selu_grad_loops, 0.0); }
static ek_code grad_selu_grad(ek_grad_context *c) { return grad_exponential(c, "SeluGrad"); }
ACTIVATION_GRAD(selu_grad, "SeluGrad", "outputs < 0 ? gradients * (outputs + scale * alpha) : gradients * scale",
                OF_OUTPUT, "backprops", FLOAT_ONLY);

EK_FLOAT_LOOPS(EK__LOOP2, softplus_grad, x / (exp(-y) + 1));
static ek_code run_softplus_grad(ek_run_context *c) { return ek__run_loops(c, 2, softplus_grad_loops, 0.0); }
static ek_code grad_softplus_grad(ek_grad_context *c) {
  ek_graph *g = c->g;
  const ek_out dy = ek__grad_in(c, 0), x = ek__grad_in(c, 1);
  ek__grad_after(g, c->dy[0]);
  c->dx[0] = ek__op2(g, "SoftplusGrad", c->dy[0], x);
  const ek_out product = times(g, c->dy[0], dy);
  const ek_out minus = ek__op1(g, "Neg", x);
  const ek_out down = ek__op1(g, "Exp", minus);
  const ek_out plus_two = ek__op2(ek_named(g, "add"), "AddV2", down, ek_number(g, 2.0));
  const ek_out up = ek__op1(g, "Exp", x);
  const ek_out sum = ek__op2(ek_named(g, "add"), "AddV2", plus_two, up);
  c->dx[1] = ek__op2(ek_named(g, "truediv"), "RealDiv", product, sum);
  ek_control_dependencies_end(g);
  return EK_OK;
}
ACTIVATION_GRAD(softplus_grad, "SoftplusGrad", "gradients / (1 + e^-features)", OF_INPUT, "backprops", FLOAT_ONLY);

/* TensorFlow registers no gradient for this one. */
#define grad_softsign_grad NULL
EK_FLOAT_LOOPS(EK__LOOP2, softsign_grad, x / ((1 + fabs(y)) * (1 + fabs(y))));
static ek_code run_softsign_grad(ek_run_context *c) { return ek__run_loops(c, 2, softsign_grad_loops, 0.0); }
ACTIVATION_GRAD(softsign_grad, "SoftsignGrad", "gradients / (1 + |features|)^2", OF_INPUT, "backprops", FLOAT_ONLY);
