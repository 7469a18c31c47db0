/* SPDX-License-Identifier: Apache-2.0 */
/* y[i] = f(x[i]) by arithmetic: signs, squares, rounding. NaN in, NaN out; integers wrap around. */
#include "ops/elementwise.h"
#include "ops/grad_util.h"

#include <tgmath.h>

#define UNARY(id_, name_, doc_, types_, check_, ...)                                                                   \
  const ek_op_def ek_op_##id_ = {.name = (name_),                                                                      \
                                 .doc = (doc_),                                                                        \
                                 .in = "x: T",                                                                         \
                                 .out = "y: T",                                                                        \
                                 .attrs = "T: {" types_ "}",                                                           \
                                 .flags = EK_OP_INPLACE_0,                                                             \
                                 .infer = ek__infer_same,                                                              \
                                 .run = run_##id_,                                                                     \
                                 .grad = grad_##id_,                                                                   \
                                 .check_lo = -(check_),                                                                \
                                 .check_hi = (check_),                                                                 \
                                 __VA_ARGS__}

EK_HALF_INT_LOOPS(EK__LOOP1, neg, -x, ek__wrap_sub(0, x));
static ek_code run_neg(ek_run_context *c) { return ek__run_unary(c, EK__NEG, neg_loops); }
static ek_code grad_neg(ek_grad_context *c) {
  c->dx[0] = ek__grad_neg(c->g, c->dy[0]);
  return EK_OK;
}
UNARY(neg, "Neg", "-x", EK_FLOAT_TYPES ", int8, int16, int32, int64", 2, );

EK_HALF_INT_LOOPS(EK__LOOP1, abs, fabs(x), x < 0 ? ek__wrap_sub(0, x) : x);
static ek_code run_abs(ek_run_context *c) { return ek__run_unary(c, EK__ABS, abs_loops); }
static ek_code grad_abs(ek_grad_context *c) {
  const ek_out sign = ek__op1(c->g, "Sign", ek__grad_in(c, 0));
  c->dx[0] = ek__op2(ek_named(c->g, "mul"), "Mul", c->dy[0], sign);
  return EK_OK;
}
UNARY(abs, "Abs", "|x|", EK_FLOAT_TYPES ", int8, int16, int32, int64", 2, );

EK_NUMBER_LOOPS(EK__LOOP1, sign, x > 0 ? 1 : x < 0 ? -1 : x == 0 ? 0 : x, (x > 0) - (x < 0));
static ek_code run_sign(ek_run_context *c) { return ek__run_loops(c, 1, sign_loops, 0.0); }
static ek_code grad_sign(ek_grad_context *c) {
  c->dx[0] = ek__grad_zeros_like(c->g, ek__grad_in(c, 0));
  return EK_OK;
}
UNARY(sign, "Sign", "-1, 0 or 1: the sign of x", EK_FLOAT_TYPES ", int32, int64", 2, );

EK_HALF_INT_LOOPS(EK__LOOP1, square, x *x, ek__wrap_mul(x, x));
static ek_code run_square(ek_run_context *c) { return ek__run_unary(c, EK__SQUARE, square_loops); }
static ek_code grad_square(ek_grad_context *c) {
  const ek_out x = ek__grad_in(c, 0);
  ek__grad_after(c->g, c->dy[0]);
  const ek_out two = ek__grad_number(c->g, 2.0, ek_out_dtype(c->g, x));
  const ek_out twice = ek__op2(c->g, "Mul", x, two);
  c->dx[0] = ek__op2(c->g, "Mul", c->dy[0], twice);
  ek_control_dependencies_end(c->g);
  return EK_OK;
}
UNARY(square, "Square", "x * x", EK_FLOAT_TYPES ", int32, int64", 2, );

#define grad_floor ek__grad_none
#define grad_ceil  ek__grad_none
#define grad_round ek__grad_none
#define grad_rint  ek__grad_none

EK_FLOAT_LOOPS(EK__LOOP1, floor, floor(x));
static ek_code run_floor(ek_run_context *c) { return ek__run_loops(c, 1, floor_loops, 0.0); }
UNARY(floor, "Floor", "the largest integer not above x", EK_FLOAT_TYPES, 0, );

EK_FLOAT_LOOPS(EK__LOOP1, ceil, ceil(x));
static ek_code run_ceil(ek_run_context *c) { return ek__run_loops(c, 1, ceil_loops, 0.0); }
UNARY(ceil, "Ceil", "the smallest integer not below x", EK_FLOAT_TYPES, 0, );

EK_NUMBER_LOOPS(EK__LOOP1, round, rint(x), x);
static ek_code run_round(ek_run_context *c) { return ek__run_loops(c, 1, round_loops, 0.0); }
UNARY(round, "Round", "the integer nearest to x, ties to even", EK_FLOAT_TYPES ", int32, int64", 0, );

EK_FLOAT_LOOPS(EK__LOOP1, rint, rint(x));
static ek_code run_rint(ek_run_context *c) { return ek__run_loops(c, 1, rint_loops, 0.0); }
UNARY(rint, "Rint", "the integer nearest to x, ties to even", EK_FLOAT_TYPES, 0, );

/* ---- Questions */

#define PREDICATE(id_, name_, doc_, test_)                                                                             \
  EK_FLOAT_LOOPS(EK__LOOP1_BOOL, id_, test_);                                                                          \
  static ek_code run_##id_(ek_run_context *c) { return ek__run_loops(c, 1, id_##_loops, 0.0); }                        \
  const ek_op_def ek_op_##id_ = {.name = (name_),                                                                      \
                                 .doc = (doc_),                                                                        \
                                 .in = "x: T",                                                                         \
                                 .out = "y: bool",                                                                     \
                                 .attrs = "T: {" EK_FLOAT_TYPES "}",                                                   \
                                 .flags = EK_OP_NOT_DIFFERENTIABLE,                                                    \
                                 .infer = ek__infer_same,                                                              \
                                 .run = run_##id_}

PREDICATE(is_finite, "IsFinite", "whether x is neither infinite nor NaN", isfinite(x));
PREDICATE(is_inf, "IsInf", "whether x is infinite", isinf(x));
PREDICATE(is_nan, "IsNan", "whether x is NaN", isnan(x));
