/* SPDX-License-Identifier: Apache-2.0 */
/* Quotients and remainders, with NumPy's broadcasting. An integer divided by 0 is an error, in TensorFlow's words. */
#include "ops/binary.h"
#include "ops/index.h"

#include <tgmath.h>

/* ---- Integers. y is never 0; the smallest number by -1 wraps around. */

static int64_t quotient(int64_t x, int64_t y) { return y == -1 ? ek__wrap_sub(0, x) : x / y; }
static int64_t remainder_of(int64_t x, int64_t y) { return y == -1 ? 0 : x % y; }
static int64_t floor_quotient(int64_t x, int64_t y) {
  const int64_t q = quotient(x, y);
  return remainder_of(x, y) != 0 && (x < 0) != (y < 0) ? q - 1 : q;
}
static int64_t floor_remainder(int64_t x, int64_t y) {
  const int64_t r = remainder_of(x, y);
  return r != 0 && (r < 0) != (y < 0) ? r + y : r;
}

static bool has_zero(const ek_value *v) {
  for (int64_t i = 0; i < v->n; i++)
    if (ek__value_int(v, i) == 0) return true;
  return false;
}

/* kernel: for floating types, or -1 */
static ek_code run_division(ek_run_context *c, int kernel, ek__loop *const *loops) {
  const bool integer = ek_dtype_is_integer(c->in[1]->dtype);
  EK_RUN_REQUIRE(c, !integer || c->in[0]->n == 0 || !has_zero(c->in[1]), "Integer division by zero");
  return ek__run_binary(c, kernel, loops);
}

/* ---- Quotients */

/* dx = dy / y, dy = dy * ((-x / y) / y), with `type` for the divisions; name: of its nodes, or NULL. */
static ek_code grad_quotient(ek_grad_context *c, const char *type, const char *name) {
  ek_graph *g = c->g;
  const ek_out x = ek__grad_in(c, 0), y = ek__grad_in(c, 1), dy = c->dy[0];
  const ek__unbroadcast u = ek__unbroadcast_nodes(g, x, y);
  const ek_out dx = ek__op2(ek_named(g, name), type, dy, y);
  c->dx[0] = ek__unbroadcast_apply(g, &u, 0, dx);
  const ek_out minus = ek__op1(g, "Neg", x);
  const ek_out once = ek__op2(ek_named(g, name), type, minus, y);
  const ek_out twice = ek__op2(ek_named(g, name), type, once, y);
  const ek_out product = ek__op2(ek_named(g, "mul"), "Mul", dy, twice);
  c->dx[1] = ek__unbroadcast_apply(g, &u, 1, product);
  return EK_OK;
}

EK_HALF_LOOPS(EK__LOOP2, real_div, x / y);
static ek_code run_real_div(ek_run_context *c) { return ek__run_binary(c, EK__DIV, real_div_loops); }
static ek_code grad_real_div(ek_grad_context *c) { return grad_quotient(c, "RealDiv", NULL); }
EK_BINARY_OP(real_div, "RealDiv", "x / y of floating numbers", EK_FLOAT_TYPES, 0, 0.5, 2);

EK_HALF_INT_LOOPS(EK__LOOP2, div, x / y, quotient(x, y));
static ek_code run_div(ek_run_context *c) { return run_division(c, EK__DIV, div_loops); }
static ek_code grad_div(ek_grad_context *c) { return grad_quotient(c, "RealDiv", "truediv"); }
EK_BINARY_OP(div, "Div", "x / y; of integers towards zero", EK_NUMBER_TYPES, 0, 0.5, 2);

#define grad_truncate_div ek__grad_none
static ek_code run_truncate_div(ek_run_context *c) { return run_division(c, EK__DIV, div_loops); }
EK_BINARY_OP(truncate_div, "TruncateDiv", "x / y of integers, towards zero", EK_INT_TYPES, 0, 0, 0);

EK_FLOAT_LOOPS(EK__LOOP2, div_no_nan, y == 0 ? 0 : x / y);
static ek_code run_div_no_nan(ek_run_context *c) { return ek__run_loops(c, 2, div_no_nan_loops, 0.0); }
static ek_code grad_div_no_nan(ek_grad_context *c) { return grad_quotient(c, "DivNoNan", "div_no_nan"); }
EK_BINARY_OP(div_no_nan, "DivNoNan", "x / y, but 0 where y is 0", EK_FLOAT_TYPES, 0, 0.5, 2);

#define grad_floor_div ek__grad_none
EK_NUMBER_LOOPS(EK__LOOP2, floor_div, floor(x / y), floor_quotient(x, y));
static ek_code run_floor_div(ek_run_context *c) { return run_division(c, -1, floor_div_loops); }
EK_BINARY_OP(floor_div, "FloorDiv", "x / y rounded down", EK_NUMBER_TYPES, 0, 0, 0);

/* ---- Remainders */

/* fmod moved to the sign of the divisor. */
#define FLOOR_MOD(x_, y_, r_) ((r_) != 0 && ((r_) < 0) != ((y_) < 0) ? (r_) + (y_) : (r_))
EK_NUMBER_LOOPS(EK__LOOP2, floor_mod, FLOOR_MOD(x, y, fmod(x, y)), floor_remainder(x, y));
static ek_code run_floor_mod(ek_run_context *c) { return run_division(c, -1, floor_mod_loops); }
static ek_code grad_floor_mod(ek_grad_context *c) {
  ek_graph *g = c->g;
  const ek_out x = ek__grad_in(c, 0), y = ek__grad_in(c, 1), dy = c->dy[0];
  const ek__unbroadcast u = ek__unbroadcast_nodes(g, x, y);
  const ek_out whole = ek__op2(g, "FloorDiv", x, y);
  c->dx[0] = ek__unbroadcast_apply(g, &u, 0, dy);
  const ek_out minus = ek__op1(g, "Neg", whole);
  const ek_out product = ek__op2(ek_named(g, "mul"), "Mul", dy, minus);
  c->dx[1] = ek__unbroadcast_apply(g, &u, 1, product);
  return EK_OK;
}
static int64_t size_modulo(int64_t x, int64_t y) { return y != 0 ? floor_remainder(x, y) : -1; }
static bool partial_mod(ek_infer_context *c, ek_shape *value) { return ek__partial_of_two(c, size_modulo, value); }
EK_BINARY_OP_OF_SHAPES(floor_mod, "FloorMod", "the remainder of x / y rounded down: it has the sign of y",
                       EK_FLOAT_TYPES ", int32, int64", 0, 0, 0, partial_mod);

/* TensorFlow registers no gradient for these two. */
#define grad_mod          NULL
#define grad_truncate_mod NULL
EK_NUMBER_LOOPS(EK__LOOP2, mod, fmod(x, y), remainder_of(x, y));
static ek_code run_mod(ek_run_context *c) { return run_division(c, -1, mod_loops); }
#define run_truncate_mod run_mod
EK_BINARY_OP(mod, "Mod", "the remainder of x / y towards zero: it has the sign of x", EK_FLOAT_TYPES ", int32, int64",
             0, 0, 0);
EK_BINARY_OP(truncate_mod, "TruncateMod", "the remainder of x / y towards zero: it has the sign of x",
             EK_FLOAT_TYPES ", int32, int64", 0, 0, 0);
