/* SPDX-License-Identifier: Apache-2.0 */
/* y[i] = f(x[i]) for roots, exponentials and what belongs to them, and the ops of their gradients. */
#include "ops/elementwise.h"
#include "ops/grad_util.h"

#include <tgmath.h>

#define FLOAT_UNARY(id_, name_, doc_, lo_, hi_)                                                                        \
  const ek_op_def ek_op_##id_ = {.name = (name_),                                                                      \
                                 .doc = (doc_),                                                                        \
                                 .in = "x: T",                                                                         \
                                 .out = "y: T",                                                                        \
                                 .attrs = "T: {" EK_FLOAT_TYPES "}",                                                   \
                                 .flags = EK_OP_INPLACE_0,                                                             \
                                 .infer = ek__infer_same,                                                              \
                                 .run = run_##id_,                                                                     \
                                 .grad = grad_##id_,                                                                   \
                                 .check_lo = (lo_),                                                                    \
                                 .check_hi = (hi_)}

/* z = f(y, dy), with y the output of the op that is differentiated. */
#define OUTPUT_GRAD(id_, name_, doc_, lo_, hi_)                                                                        \
  const ek_op_def ek_op_##id_ = {.name = (name_),                                                                      \
                                 .doc = (doc_),                                                                        \
                                 .in = "y: T, dy: T",                                                                  \
                                 .out = "z: T",                                                                        \
                                 .attrs = "T: {" EK_FLOAT_TYPES "}",                                                   \
                                 .flags = EK_OP_INPLACE_0 | EK_OP_INPLACE_1,                                           \
                                 .infer = ek__infer_two_same,                                                          \
                                 .run = run_##id_,                                                                     \
                                 .grad = grad_##id_,                                                                   \
                                 .check_lo = (lo_),                                                                    \
                                 .check_hi = (hi_)}

/* dx = type(y, dy) */
static ek_code by_output(ek_grad_context *c, const char *type) {
  c->dx[0] = ek__op2(c->g, type, ek__grad_out(c, 0), c->dy[0]);
  return EK_OK;
}

/* dx = dy * factor, named as the operator is */
static ek_out times(ek_graph *g, ek_out a, ek_out b) { return ek__op2(ek_named(g, "mul"), "Mul", a, b); }

/* ---- Roots and the reciprocal */

EK_HALF_LOOPS(EK__LOOP1, sqrt, sqrt(x));
static ek_code run_sqrt(ek_run_context *c) { return ek__run_unary(c, EK__SQRT, sqrt_loops); }
static ek_code grad_sqrt(ek_grad_context *c) { return by_output(c, "SqrtGrad"); }
FLOAT_UNARY(sqrt, "Sqrt", "the square root of x", 0.5, 2);

EK_HALF_LOOPS(EK__LOOP1, rsqrt, 1 / sqrt(x));
static ek_code run_rsqrt(ek_run_context *c) { return ek__run_unary(c, EK__RSQRT, rsqrt_loops); }
static ek_code grad_rsqrt(ek_grad_context *c) { return by_output(c, "RsqrtGrad"); }
FLOAT_UNARY(rsqrt, "Rsqrt", "1 / sqrt(x)", 0.5, 2);

EK_HALF_LOOPS(EK__LOOP1, reciprocal, 1 / x);
static ek_code run_reciprocal(ek_run_context *c) { return ek__run_unary(c, EK__RECIPROCAL, reciprocal_loops); }
static ek_code grad_reciprocal(ek_grad_context *c) { return by_output(c, "ReciprocalGrad"); }
FLOAT_UNARY(reciprocal, "Reciprocal", "1 / x", 0.5, 2);

EK_HALF_LOOPS(EK__LOOP2, sqrt_grad, y * 0.5f / x);
static ek_code run_sqrt_grad(ek_run_context *c) { return ek__run_binary(c, EK__SQRT_GRAD, sqrt_grad_loops); }
static ek_code grad_sqrt_grad(ek_grad_context *c) {
  ek_graph *g = c->g;
  ek__grad_after(g, c->dy[0]);
  const ek_out ga = ek__op2(ek_named(g, "truediv"), "RealDiv", c->dy[0], ek__grad_in(c, 0));
  const ek_out minus = ek__op1(g, "Neg", ga);
  c->dx[0] = times(g, minus, ek__grad_out(c, 0));
  c->dx[1] = times(g, ek_number(g, 0.5), ga);
  ek_control_dependencies_end(g);
  return EK_OK;
}
OUTPUT_GRAD(sqrt_grad, "SqrtGrad", "dy * 0.5 / y", 0.5, 2);

EK_HALF_LOOPS(EK__LOOP2, rsqrt_grad, y *(-0.5f * x) * (x * x));
static ek_code run_rsqrt_grad(ek_run_context *c) { return ek__run_binary(c, EK__RSQRT_GRAD, rsqrt_grad_loops); }
static ek_code grad_rsqrt_grad(ek_grad_context *c) {
  ek_graph *g = c->g;
  const ek_out a = ek__grad_in(c, 0);
  ek__grad_after(g, c->dy[0]);
  const ek_out scaled = times(g, ek_number(g, -1.5), c->dy[0]);
  const ek_out product = times(g, scaled, ek__grad_in(c, 1));
  const ek_out square = ek__op1(g, "Square", a);
  c->dx[0] = times(g, product, square);
  c->dx[1] = ek__op2(g, "RsqrtGrad", a, c->dy[0]);
  ek_control_dependencies_end(g);
  return EK_OK;
}
OUTPUT_GRAD(rsqrt_grad, "RsqrtGrad", "dy * -0.5 * y^3", 0.5, 2);

EK_HALF_LOOPS(EK__LOOP2, reciprocal_grad, -y *x *x);
static ek_code run_reciprocal_grad(ek_run_context *c) {
  return ek__run_binary(c, EK__RECIPROCAL_GRAD, reciprocal_grad_loops);
}
static ek_code grad_reciprocal_grad(ek_grad_context *c) {
  ek_graph *g = c->g;
  const ek_out a = ek__grad_in(c, 0);
  ek__grad_after(g, c->dy[0]);
  const ek_out scaled = times(g, c->dy[0], ek_number(g, -2.0));
  const ek_out product = times(g, scaled, ek__grad_in(c, 1));
  c->dx[0] = times(g, product, a);
  c->dx[1] = ek__op2(g, "ReciprocalGrad", a, c->dy[0]);
  ek_control_dependencies_end(g);
  return EK_OK;
}
OUTPUT_GRAD(reciprocal_grad, "ReciprocalGrad", "-dy * y^2", 0.5, 2);

/* ---- Exponentials and logarithms. dx = dy * factor, where the factor waits for dy. */

EK_HALF_LOOPS(EK__LOOP1, exp, exp(x));
static ek_code run_exp(ek_run_context *c) { return ek__run_unary(c, EK__EXP, exp_loops); }
static ek_code grad_exp(ek_grad_context *c) {
  ek__grad_after(c->g, c->dy[0]);
  c->dx[0] = times(c->g, c->dy[0], ek__grad_out(c, 0));
  ek_control_dependencies_end(c->g);
  return EK_OK;
}
FLOAT_UNARY(exp, "Exp", "e^x", -2, 2);

EK_FLOAT_LOOPS(EK__LOOP1, expm1, expm1(x));
static ek_code run_expm1(ek_run_context *c) { return ek__run_loops(c, 1, expm1_loops, 0.0); }
static ek_code grad_expm1(ek_grad_context *c) {
  ek__grad_after(c->g, c->dy[0]);
  const ek_out y = ek__op1(c->g, "Exp", ek__grad_in(c, 0));
  c->dx[0] = times(c->g, c->dy[0], y);
  ek_control_dependencies_end(c->g);
  return EK_OK;
}
FLOAT_UNARY(expm1, "Expm1", "e^x - 1, exact near 0", -2, 2);

EK_HALF_LOOPS(EK__LOOP1, log, log(x));
static ek_code run_log(ek_run_context *c) { return ek__run_unary(c, EK__LOG, log_loops); }
static ek_code grad_log(ek_grad_context *c) {
  ek__grad_after(c->g, c->dy[0]);
  const ek_out inverse = ek__op1(c->g, "Reciprocal", ek__grad_in(c, 0));
  c->dx[0] = times(c->g, c->dy[0], inverse);
  ek_control_dependencies_end(c->g);
  return EK_OK;
}
FLOAT_UNARY(log, "Log", "the natural logarithm of x", 0.5, 2);

EK_FLOAT_LOOPS(EK__LOOP1, log1p, log1p(x));
static ek_code run_log1p(ek_run_context *c) { return ek__run_loops(c, 1, log1p_loops, 0.0); }
static ek_code grad_log1p(ek_grad_context *c) {
  ek__grad_after(c->g, c->dy[0]);
  const ek_out sum = ek__op2(ek_named(c->g, "add"), "AddV2", ek_number(c->g, 1.0), ek__grad_in(c, 0));
  const ek_out inverse = ek__op1(c->g, "Reciprocal", sum);
  c->dx[0] = times(c->g, c->dy[0], inverse);
  ek_control_dependencies_end(c->g);
  return EK_OK;
}
FLOAT_UNARY(log1p, "Log1p", "log(1 + x), exact near 0", -0.5, 2);

/* ---- Waves */

EK_FLOAT_LOOPS(EK__LOOP1, sin, sin(x));
static ek_code run_sin(ek_run_context *c) { return ek__run_loops(c, 1, sin_loops, 0.0); }
static ek_code grad_sin(ek_grad_context *c) {
  ek__grad_after(c->g, c->dy[0]);
  const ek_out cosine = ek__op1(c->g, "Cos", ek__grad_in(c, 0));
  c->dx[0] = times(c->g, c->dy[0], cosine);
  ek_control_dependencies_end(c->g);
  return EK_OK;
}
FLOAT_UNARY(sin, "Sin", "the sine of x", -2, 2);

EK_FLOAT_LOOPS(EK__LOOP1, cos, cos(x));
static ek_code run_cos(ek_run_context *c) { return ek__run_loops(c, 1, cos_loops, 0.0); }
static ek_code grad_cos(ek_grad_context *c) {
  ek__grad_after(c->g, c->dy[0]);
  const ek_out minus = ek__grad_neg(c->g, c->dy[0]);
  const ek_out sine = ek__op1(c->g, "Sin", ek__grad_in(c, 0));
  c->dx[0] = times(c->g, minus, sine);
  ek_control_dependencies_end(c->g);
  return EK_OK;
}
FLOAT_UNARY(cos, "Cos", "the cosine of x", -2, 2);

EK_FLOAT_LOOPS(EK__LOOP1, erf, erf(x));
static ek_code run_erf(ek_run_context *c) { return ek__run_loops(c, 1, erf_loops, 0.0); }
static ek_code grad_erf(ek_grad_context *c) {
  static const double two_over_root_pi = 1.1283791670955126;
  ek_graph *g = c->g;
  const ek_out factor = ek__grad_number(g, two_over_root_pi, ek_out_dtype(g, c->dy[0]));
  ek__grad_after(g, c->dy[0]);
  const ek_out scaled = times(g, c->dy[0], factor);
  const ek_out square = ek__op1(g, "Square", ek__grad_in(c, 0));
  const ek_out minus = ek__op1(g, "Neg", square);
  const ek_out bell = ek__op1(g, "Exp", minus);
  c->dx[0] = times(g, scaled, bell);
  ek_control_dependencies_end(g);
  return EK_OK;
}
FLOAT_UNARY(erf, "Erf", "the error function of x", -2, 2);
