/* SPDX-License-Identifier: Apache-2.0 */
/* Angles and areas: tan, the inverse functions, the hyperbolic ones; gradients through other ops, as TensorFlow's. */
#include "ops/elementwise.h"
#include "ops/grad_util.h"

#include <tgmath.h>

#define UNARY(id_, name_, doc_, lo_, hi_, ...)                                                                         \
  EK_FLOAT_LOOPS(EK__LOOP1, id_, __VA_ARGS__);                                                                         \
  static ek_code run_##id_(ek_run_context *c) { return ek__run_loops(c, 1, id_##_loops, 0.0); }                        \
  const ek_op_def ek_op_##id_ = {.name = name_,                                                                        \
                                 .doc = doc_,                                                                          \
                                 .in = "x: T",                                                                         \
                                 .out = "y: T",                                                                        \
                                 .attrs = "T: {" EK_FLOAT_TYPES "}",                                                   \
                                 .flags = EK_OP_INPLACE_0,                                                             \
                                 .infer = ek__infer_same,                                                              \
                                 .run = run_##id_,                                                                     \
                                 .grad = grad_##id_,                                                                   \
                                 .check_lo = lo_,                                                                      \
                                 .check_hi = hi_}

static ek_out times(ek_graph *g, ek_out a, ek_out b) { return ek__op2(ek_named(g, "mul"), "Mul", a, b); }

/* dx = dy * f(x) or dy / f(y) */
static ek_code by_function(ek_grad_context *c, const char *type) {
  ek__grad_after(c->g, c->dy[0]);
  c->dx[0] = times(c->g, c->dy[0], ek__op1(c->g, type, ek__grad_in(c, 0)));
  ek_control_dependencies_end(c->g);
  return EK_OK;
}
static ek_code over_function(ek_grad_context *c, const char *type) {
  ek__grad_after(c->g, c->dy[0]);
  const ek_out by = ek__op1(c->g, type, ek__grad_out(c, 0));
  c->dx[0] = ek__op2(ek_named(c->g, "truediv"), "RealDiv", c->dy[0], by);
  ek_control_dependencies_end(c->g);
  return EK_OK;
}

/* dx = dy / (1 +- x^2), or its root; for acos negative */
static ek_code by_square(ek_grad_context *c, bool plus, bool root, bool minus) {
  ek_graph *g = c->g;
  ek__grad_after(g, c->dy[0]);
  const ek_out square = ek__op1(g, "Square", ek__grad_in(c, 0));
  const ek_out one = ek__grad_number(g, 1.0, ek_out_dtype(g, c->dy[0]));
  ek_out by = ek__op2(g, plus ? "AddV2" : "Sub", one, square);
  if (root) by = ek__op1(g, "Sqrt", by);
  const ek_out inverse = ek__op1(g, "Reciprocal", by);
  c->dx[0] = times(g, minus ? ek__grad_neg(g, c->dy[0]) : c->dy[0], inverse);
  ek_control_dependencies_end(g);
  return EK_OK;
}

static ek_code grad_atan(ek_grad_context *c) { return by_square(c, true, false, false); }
static ek_code grad_asin(ek_grad_context *c) { return by_square(c, false, true, false); }
static ek_code grad_acos(ek_grad_context *c) { return by_square(c, false, true, true); }
static ek_code grad_atanh(ek_grad_context *c) { return by_square(c, false, false, false); }
static ek_code grad_sinh(ek_grad_context *c) { return by_function(c, "Cosh"); }
static ek_code grad_cosh(ek_grad_context *c) { return by_function(c, "Sinh"); }
static ek_code grad_asinh(ek_grad_context *c) { return over_function(c, "Cosh"); }
static ek_code grad_acosh(ek_grad_context *c) { return over_function(c, "Sinh"); }
static ek_code grad_tan(ek_grad_context *c) {
  ek__grad_after(c->g, c->dy[0]);
  const ek_out cosine = ek__op1(c->g, "Cos", ek__grad_in(c, 0));
  const ek_out secant = ek__op1(c->g, "Reciprocal", cosine);
  const ek_out square = ek__op1(c->g, "Square", secant);
  c->dx[0] = times(c->g, square, c->dy[0]);
  ek_control_dependencies_end(c->g);
  return EK_OK;
}

UNARY(tan, "Tan", "the tangent of x", -1, 1, tan(x));
UNARY(atan, "Atan", "the angle in (-pi/2, pi/2) whose tangent is x", -2, 2, atan(x));
UNARY(asin, "Asin", "the angle in [-pi/2, pi/2] whose sine is x", -0.8, 0.8, asin(x));
UNARY(acos, "Acos", "the angle in [0, pi] whose cosine is x", -0.8, 0.8, acos(x));
UNARY(sinh, "Sinh", "the hyperbolic sine of x", -2, 2, sinh(x));
UNARY(cosh, "Cosh", "the hyperbolic cosine of x", -2, 2, cosh(x));
UNARY(asinh, "Asinh", "the inverse hyperbolic sine of x", -2, 2, asinh(x));
UNARY(acosh, "Acosh", "the inverse hyperbolic cosine of x", 1.5, 3, acosh(x));
UNARY(atanh, "Atanh", "the inverse hyperbolic tangent of x", -0.8, 0.8, atanh(x));

/* ---- what belongs to the error function and to factorials */

/* By the recurrence up to 6, then the asymptotic series; below 0 by reflection. */
static double digamma_of(double x) {
  double sum = 0;
  if (isnan(x) || x == INFINITY) return x;
  if (x <= 0 && x == floor(x)) return NAN;
  if (x < 0) return digamma_of(1 - x) - 3.14159265358979323846 / tan(3.14159265358979323846 * x);
  for (; x < 10; x += 1) sum -= 1 / x;
  const double r = 1 / (x * x);
  return sum + log(x) - 0.5 / x -
         r * (1.0 / 12 - r * (1.0 / 120 - r * (1.0 / 252 - r * (1.0 / 240 - r * (1.0 / 132 - r * 691.0 / 32760)))));
}

static ek_code grad_erfc(ek_grad_context *c) {
  ek_graph *g = c->g;
  const ek_out factor = ek__grad_number(g, -1.1283791670955126, ek_out_dtype(g, c->dy[0]));
  ek__grad_after(g, c->dy[0]);
  const ek_out scaled = times(g, c->dy[0], factor);
  const ek_out square = ek__op1(g, "Square", ek__grad_in(c, 0));
  const ek_out minus = ek__op1(g, "Neg", square);
  const ek_out bell = ek__op1(g, "Exp", minus);
  c->dx[0] = times(g, scaled, bell);
  ek_control_dependencies_end(g);
  return EK_OK;
}
static ek_code grad_lgamma(ek_grad_context *c) { return by_function(c, "Digamma"); }
#define grad_digamma NULL

UNARY(erfc, "Erfc", "1 - erf(x)", -2, 2, erfc(x));
UNARY(lgamma, "Lgamma", "log |gamma(x)|", 0.5, 4, lgamma(x));
UNARY(digamma, "Digamma", "the derivative of Lgamma", 0, 0, (float)0 * x + digamma_of((double)x));
