/* SPDX-License-Identifier: Apache-2.0 */
/* Products and quotients that are 0 wherever x is 0, whatever y is. */
#include "ops/binary.h"

#include <tgmath.h>

static ek_out times(ek_graph *g, ek_out a, ek_out b) { return ek__op2(ek_named(g, "mul"), "Mul", a, b); }

/* 1 where x is not 0, in x's dtype */
static ek_out not_zero(ek_graph *g, ek_out x) {
  const ek_out zero = ek__grad_number(g, 0.0, ek_out_dtype(g, x));
  const ek_out differs = ek__op2(g, "NotEqual", x, zero);
  return ek__grad_cast(g, differs, ek_out_dtype(g, x));
}

EK_FLOAT_LOOPS(EK__LOOP2, xlogy, x == 0 ? 0 : x * log(y));
static ek_code run_xlogy(ek_run_context *c) { return ek__run_binary(c, -1, xlogy_loops); }
static ek_code grad_xlogy(ek_grad_context *c) {
  ek_graph *g = c->g;
  const ek_out x = ek__grad_in(c, 0), y = ek__grad_in(c, 1);
  const ek__unbroadcast u = ek__unbroadcast_nodes(g, x, y);
  ek__grad_after(g, c->dy[0]);
  const ek_out one = not_zero(g, x);
  const ek_out by_x = ek__op2(g, "Xlogy", one, y), by_y = ek__op2(g, "Xdivy", x, y);
  const ek_out dx = times(g, by_x, c->dy[0]);
  c->dx[0] = ek__unbroadcast_apply(g, &u, 0, dx);
  const ek_out dy = times(g, by_y, c->dy[0]);
  c->dx[1] = ek__unbroadcast_apply(g, &u, 1, dy);
  ek_control_dependencies_end(g);
  return EK_OK;
}
EK_BINARY_OP(xlogy, "Xlogy", "x * log(y), 0 where x is 0", EK_FLOAT_TYPES, 0, 0.5, 2);

EK_FLOAT_LOOPS(EK__LOOP2, xdivy, x == 0 ? 0 : x / y);
static ek_code run_xdivy(ek_run_context *c) { return ek__run_binary(c, -1, xdivy_loops); }
static ek_code grad_xdivy(ek_grad_context *c) {
  ek_graph *g = c->g;
  const ek_out x = ek__grad_in(c, 0), y = ek__grad_in(c, 1);
  const ek__unbroadcast u = ek__unbroadcast_nodes(g, x, y);
  ek__grad_after(g, c->dy[0]);
  const ek_out one = not_zero(g, x);
  const ek_out by_x = ek__op2(g, "Xdivy", one, y);
  const ek_out minus = ek__op1(g, "Neg", x), square = ek__op2(ek_named(g, "pow"), "Pow", y, ek_number(g, 2.0));
  const ek_out by_y = ek__op2(g, "Xdivy", minus, square);
  const ek_out dx = times(g, by_x, c->dy[0]);
  c->dx[0] = ek__unbroadcast_apply(g, &u, 0, dx);
  const ek_out dy = times(g, by_y, c->dy[0]);
  c->dx[1] = ek__unbroadcast_apply(g, &u, 1, dy);
  ek_control_dependencies_end(g);
  return EK_OK;
}
EK_BINARY_OP(xdivy, "Xdivy", "x / y, 0 where x is 0", EK_FLOAT_TYPES, 0, 0.5, 2);
