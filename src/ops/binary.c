/* SPDX-License-Identifier: Apache-2.0 */
/* Sums, products, extrema and powers of two tensors, with NumPy's broadcasting. Integers wrap around. */
#include "ops/binary.h"
#include "ops/index.h"

#include <tgmath.h>

static ek_out times(ek_graph *g, ek_out a, ek_out b) { return ek__op2(ek_named(g, "mul"), "Mul", a, b); }

/* ---- Sums */

static ek_code grad_add(ek_grad_context *c) {
  const ek_out x = ek__grad_in(c, 0), y = ek__grad_in(c, 1), dy = c->dy[0];
  c->dx[0] = c->dx[1] = dy;
  if (ek__grad_same_shapes(c->g, x, y, dy)) return EK_OK;
  const ek__unbroadcast u = ek__unbroadcast_smart(c->g, x, y, dy);
  for (int i = 0; i < 2; i++)
    if (u.reduce[i]) c->dx[i] = ek__unbroadcast_apply(c->g, &u, i, dy);
  return EK_OK;
}
#define grad_add_v2 grad_add

EK_HALF_INT_LOOPS(EK__LOOP2, add, x + y, ek__wrap_add(x, y));
static ek_code run_add(ek_run_context *c) { return ek__run_binary(c, EK__ADD, add_loops); }
#define run_add_v2 run_add
EK_BINARY_OP(add, "Add", "x + y", EK_NUMBER_TYPES, 0, -2, 2);
static int64_t sum_of_sizes(int64_t x, int64_t y) { return (int64_t)((uint64_t)x + (uint64_t)y); }
static bool partial_add(ek_infer_context *c, ek_shape *value) { return ek__partial_of_two(c, sum_of_sizes, value); }
EK_BINARY_OP_OF_SHAPES(add_v2, "AddV2", "x + y", EK_NUMBER_TYPES, EK_OP_COMMUTATIVE, -2, 2, partial_add);

EK_HALF_INT_LOOPS(EK__LOOP2, sub, x - y, ek__wrap_sub(x, y));
static ek_code run_sub(ek_run_context *c) { return ek__run_binary(c, EK__SUB, sub_loops); }
static ek_code grad_sub(ek_grad_context *c) {
  const ek_out x = ek__grad_in(c, 0), y = ek__grad_in(c, 1), dy = c->dy[0];
  c->dx[0] = dy;
  if (ek__grad_same_shapes(c->g, x, y, dy)) {
    c->dx[1] = ek__op1(c->g, "Neg", dy);
    return EK_OK;
  }
  const ek__unbroadcast u = ek__unbroadcast_smart(c->g, x, y, dy);
  if (u.reduce[0]) c->dx[0] = ek__unbroadcast_apply(c->g, &u, 0, dy);
  c->dx[1] = ek__op1(c->g, "Neg", dy);
  if (u.reduce[1]) c->dx[1] = ek__unbroadcast_apply(c->g, &u, 1, c->dx[1]);
  return EK_OK;
}
EK_BINARY_OP(sub, "Sub", "x - y", EK_NUMBER_TYPES, 0, -2, 2);

/* ---- Products */

EK_HALF_INT_LOOPS(EK__LOOP2, mul, x *y, ek__wrap_mul(x, y));
static ek_code run_mul(ek_run_context *c) { return ek__run_binary(c, EK__MUL, mul_loops); }
static ek_code grad_mul(ek_grad_context *c) {
  ek_graph *g = c->g;
  const ek_out x = ek__grad_in(c, 0), y = ek__grad_in(c, 1), dy = c->dy[0];
  const ek_dtype dtype = ek_out_dtype(g, dy);
  if (ek__grad_same_shapes(g, x, y, dy) && (dtype == EK_INT32 || dtype == EK_FLOAT32)) {
    c->dx[0] = ek__op2(g, "Mul", dy, y);
    c->dx[1] = ek__op2(g, "Mul", dy, x);
    return EK_OK;
  }
  const ek__unbroadcast u = ek__unbroadcast_smart(g, x, y, dy);
  c->dx[0] = ek__op2(g, "Mul", dy, y);
  if (u.reduce[0]) c->dx[0] = ek__unbroadcast_apply(g, &u, 0, c->dx[0]);
  c->dx[1] = ek__op2(g, "Mul", x, dy);
  if (u.reduce[1]) c->dx[1] = ek__unbroadcast_apply(g, &u, 1, c->dx[1]);
  return EK_OK;
}
EK_BINARY_OP(mul, "Mul", "x * y", EK_NUMBER_TYPES, EK_OP_COMMUTATIVE, -2, 2);

EK_HALF_INT_LOOPS(EK__LOOP2, squared_difference, (x - y) * (x - y),
                  ek__wrap_mul(ek__wrap_sub(x, y), ek__wrap_sub(x, y)));
static ek_code run_squared_difference(ek_run_context *c) {
  return ek__run_binary(c, EK__SQUARED_DIFFERENCE, squared_difference_loops);
}
static ek_code grad_squared_difference(ek_grad_context *c) {
  ek_graph *g = c->g;
  const ek_out x = ek__grad_in(c, 0), y = ek__grad_in(c, 1), dy = c->dy[0];
  ek__grad_after(g, dy);
  const ek_out two = ek__grad_number(ek_named(g, "scalar"), 2.0, ek_out_dtype(g, dy));
  const ek_out twice = ek__op2(g, "Mul", two, dy);
  const ek_out difference = ek__op2(ek_named(g, "sub"), "Sub", x, y);
  const ek_out dx = times(g, twice, difference);
  ek_control_dependencies_end(g);
  c->dx[0] = c->dx[1] = dx;
  if (!ek__grad_same_shapes(g, x, y, dy)) {
    const ek__unbroadcast u = ek__unbroadcast_smart(g, x, y, dy);
    for (int i = 0; i < 2; i++)
      if (u.reduce[i]) c->dx[i] = ek__unbroadcast_apply(g, &u, i, dx);
  }
  c->dx[1] = ek__op1(g, "Neg", c->dx[1]);
  return EK_OK;
}
EK_BINARY_OP(squared_difference, "SquaredDifference", "(x - y)^2", EK_FLOAT_TYPES ", int32, int64", EK_OP_COMMUTATIVE,
             -2, 2);

/* ---- Extrema */

/* The gradient goes to x where `test` holds between x and y, else to y. */
static ek_code grad_extremum(ek_grad_context *c, const char *test) {
  ek_graph *g = c->g;
  const ek_out x = ek__grad_in(c, 0), y = ek__grad_in(c, 1), dy = c->dy[0];
  const ek_out sx = ek__grad_shape(g, x), sy = ek__grad_shape(g, y);
  const ek_out zeros = ek__grad_zeros_like(g, dy);
  const ek_out mask = ek__op2(g, test, x, y);
  const ek__unbroadcast u = ek__unbroadcast_from(g, sx, sy);
  const ek_out dx = ek__op3(g, "SelectV2", mask, dy, zeros);
  c->dx[0] = ek__unbroadcast_apply(g, &u, 0, dx);
  const ek_out rest = ek__op3(g, "SelectV2", mask, zeros, dy);
  c->dx[1] = ek__unbroadcast_apply(g, &u, 1, rest);
  return EK_OK;
}

EK_HALF_INT_LOOPS(EK__LOOP2, maximum, x > y || x != x ? x : y, x > y ? x : y);
static ek_code run_maximum(ek_run_context *c) { return ek__run_binary(c, EK__MAXIMUM, maximum_loops); }
static ek_code grad_maximum(ek_grad_context *c) { return grad_extremum(c, "GreaterEqual"); }
EK_BINARY_OP(maximum, "Maximum", "the larger of x and y; NaN if one is", EK_NUMBER_TYPES, EK_OP_COMMUTATIVE, -2, 2);

EK_HALF_INT_LOOPS(EK__LOOP2, minimum, x < y || x != x ? x : y, x < y ? x : y);
static ek_code run_minimum(ek_run_context *c) { return ek__run_binary(c, EK__MINIMUM, minimum_loops); }
static ek_code grad_minimum(ek_grad_context *c) { return grad_extremum(c, "LessEqual"); }
EK_BINARY_OP(minimum, "Minimum", "the smaller of x and y; NaN if one is", EK_NUMBER_TYPES, EK_OP_COMMUTATIVE, -2, 2);

/* ---- Powers */

/* x^y modulo 2^64 for y >= 0. */
static int64_t integer_power(int64_t x, int64_t y) {
  int64_t result = 1;
  for (; y > 0; y >>= 1, x = ek__wrap_mul(x, x))
    if ((y & 1) != 0) result = ek__wrap_mul(result, x);
  return result;
}

EK_NUMBER_LOOPS(EK__LOOP2, pow, pow(x, y), integer_power(x, y));
static ek_code run_pow(ek_run_context *c) {
  const ek_value *y = c->in[1];
  const bool integer = ek_dtype_is_integer(y->dtype);
  for (int64_t i = 0; integer && c->in[0]->n > 0 && i < y->n; i++)
    EK_RUN_REQUIRE(c, ek__value_int(y, i) >= 0, "Integers to negative integer powers are not allowed");
  return ek__run_loops(c, 2, pow_loops, 0.0);
}
static ek_code grad_pow(ek_grad_context *c) {
  ek_graph *g = c->g;
  const ek_out x = ek__grad_in(c, 0), y = ek__grad_in(c, 1), dy = c->dy[0];
  const ek__unbroadcast u = ek__unbroadcast_smart(g, x, y, dy);
  const ek_out scaled = times(g, dy, y);
  const ek_out less = ek__op2(ek_named(g, "sub"), "Sub", y, ek_number(g, 1.0));
  const ek_out power = ek__op2(g, "Pow", x, less);
  c->dx[0] = times(g, scaled, power);
  if (u.reduce[0]) c->dx[0] = ek__unbroadcast_apply(g, &u, 0, c->dx[0]);
  const ek_out positive = ek__op2(g, "Greater", x, ek_number(g, 0.0)); /* log(x) elsewhere: take 0 */
  const ek_out ones = ek__grad_ones_like(g, x);
  const ek_out safe = ek__op3(g, "Select", positive, x, ones);
  const ek_out log = ek__op1(g, "Log", safe);
  const ek_out zeros = ek__grad_zeros_like(g, x);
  const ek_out log_x = ek__op3(g, "Select", positive, log, zeros);
  const ek_out value = times(g, dy, ek__grad_out(c, 0));
  c->dx[1] = times(g, value, log_x);
  if (u.reduce[1]) c->dx[1] = ek__unbroadcast_apply(g, &u, 1, c->dx[1]);
  return EK_OK;
}
EK_BINARY_OP(pow, "Pow", "x^y; integers only to powers from 0", EK_FLOAT_TYPES ", int32, int64", 0, 0.5, 2);

EK_FLOAT_LOOPS(EK__LOOP2, atan2, atan2(x, y));
static ek_code run_atan2(ek_run_context *c) { return ek__run_loops(c, 2, atan2_loops, 0.0); }
static ek_code grad_atan2(ek_grad_context *c) {
  ek_graph *g = c->g;
  const ek_out y = ek__grad_in(c, 0), x = ek__grad_in(c, 1), dy = c->dy[0];
  ek__grad_after(g, dy);
  const ek_out xx = ek__op1(g, "Square", x), yy = ek__op1(g, "Square", y);
  const ek_out sum = ek__op2(ek_named(g, "add"), "AddV2", xx, yy);
  const ek_out inverse = ek__op2(ek_named(g, "truediv"), "RealDiv", dy, sum);
  c->dx[0] = times(g, x, inverse);
  const ek_out minus = ek__op1(g, "Neg", y);
  c->dx[1] = times(g, minus, inverse);
  ek_control_dependencies_end(g);
  return EK_OK;
}
const ek_op_def ek_op_atan2 = {.name = "Atan2",
                               .doc = "the angle of the point (x, y)",
                               .in = "y: T, x: T",
                               .out = "z: T",
                               .attrs = "T: {" EK_FLOAT_TYPES "}",
                               .flags = EK_OP_INPLACE_0 | EK_OP_INPLACE_1,
                               .infer = ek__infer_broadcast,
                               .run = run_atan2,
                               .grad = grad_atan2,
                               .check_lo = 0.5,
                               .check_hi = 2};
