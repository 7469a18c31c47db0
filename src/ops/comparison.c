/* SPDX-License-Identifier: Apache-2.0 */
/* Comparisons and logic, with NumPy's broadcasting. A comparison with NaN is false, but NotEqual's is true. */
#include "ops/elementwise.h"

#include <string.h>

/* ---- Order */

#define COMPARISON(id_, name_, operator_)                                                                              \
  EK_NUMBER_LOOPS(EK__LOOP2_BOOL, id_, x operator_ y, x operator_ y);                                                  \
  static ek_code run_##id_(ek_run_context *c) { return ek__run_loops(c, 2, id_##_loops, 0.0); }                        \
  const ek_op_def ek_op_##id_ = {.name = (name_),                                                                      \
                                 .doc = "x " #operator_ " y",                                                          \
                                 .in = "x: T, y: T",                                                                   \
                                 .out = "z: bool",                                                                     \
                                 .attrs = "T: {" EK_NUMBER_TYPES "}",                                                  \
                                 .flags = EK_OP_NOT_DIFFERENTIABLE,                                                    \
                                 .infer = ek__infer_broadcast,                                                         \
                                 .run = run_##id_}

COMPARISON(less, "Less", <);
COMPARISON(less_equal, "LessEqual", <=);
COMPARISON(greater, "Greater", >);
COMPARISON(greater_equal, "GreaterEqual", >=);

/* ---- Equality: of numbers, truth values and strings */

static bool same_bytes(const ek__bytes *x, const ek__bytes *y) {
  const size_t nx = x != NULL ? x->size : 0, ny = y != NULL ? y->size : 0;
  return nx == ny && (nx == 0 || memcmp(x->data, y->data, nx) == 0);
}

#define EQUALITY(id_, name_, doc_, operator_, strings_, otherwise_)                                                    \
  EK_FLOAT_TAGS(EK__LOOP2_BOOL, id_, x operator_ y)                                                                    \
  EK_INT_TAGS(EK__LOOP2_BOOL, id_, x operator_ y)                                                                      \
  EK__LOOP2_BOOL(b, id_, x operator_ y)                                                                                \
  static void id_##_str(int64_t n, const void *const *in, const int64_t *step, void *out, double param) {              \
    const ek__bytes *const *x = in[0], *const *y = in[1];                                                              \
    bool *z = out;                                                                                                     \
    (void)param;                                                                                                       \
    for (int64_t i = 0; i < n; i++) z[i] = strings_ same_bytes(x[i * step[0]], y[i * step[1]]);                        \
  }                                                                                                                    \
  static ek__loop *const id_##_loops[EK__DTYPES] = {EK_FLOAT_TAGS(EK__ENTRY, id_) EK_INT_TAGS(EK__ENTRY, id_)          \
                                                        EK__ENTRY(b, id_)[EK_STRING] = id_##_str};                     \
  static ek_code run_##id_(ek_run_context *c) { return run_equality(c, id_##_loops, otherwise_); }                     \
  const ek_op_def ek_op_##id_ = {.name = (name_),                                                                      \
                                 .doc = (doc_),                                                                        \
                                 .in = "x: T, y: T",                                                                   \
                                 .out = "z: bool",                                                                     \
                                 .attrs = "T: {" EK_NUMBER_TYPES ", bool, string}; incompatible_shape_error: bool = "  \
                                          "true",                                                                      \
                                 .flags = EK_OP_COMMUTATIVE | EK_OP_NOT_DIFFERENTIABLE,                                \
                                 .infer = infer_equality,                                                              \
                                 .run = run_##id_}

/* Without incompatible_shape_error, shapes that do not fit together are one answer, not an error. */
static ek_code infer_equality(ek_infer_context *c) {
  if (ek__attr_bool(c->node, "incompatible_shape_error")) return ek__infer_broadcast(c);
  ek_shape s;
  const bool known = ek_shape_is_known(c->in[0].shape) && ek_shape_is_known(c->in[1].shape);
  if (!known) s = ek_shape_unknown();
  if (known && !ek__broadcast_shapes(c->in[0].shape, c->in[1].shape, &s)) s = ek_shape_scalar();
  c->out[0].shape = s;
  return EK_OK;
}

static ek_code run_equality(ek_run_context *c, ek__loop *const *loops, bool otherwise) {
  ek_shape s;
  if (ek__attr_bool(c->node, "incompatible_shape_error") || ek__broadcast_shapes(c->in[0]->shape, c->in[1]->shape, &s))
    return ek__run_loops(c, 2, loops, 0.0);
  EK_TRY(ek__run_output(c, 0, ek_shape_scalar()));
  *(bool *)c->out[0]->data = otherwise;
  return EK_OK;
}

EQUALITY(equal, "Equal", "x == y", ==, , false);
EQUALITY(not_equal, "NotEqual", "x != y", !=, !, true);

/* ---- Logic */

#define LOGICAL(id_, name_, doc_, operator_)                                                                           \
  EK__LOOP2_BOOL(b, id_, x operator_ y)                                                                                \
  static ek__loop *const id_##_loops[EK__DTYPES] = {EK__ENTRY(b, id_)};                                                \
  static ek_code run_##id_(ek_run_context *c) { return ek__run_loops(c, 2, id_##_loops, 0.0); }                        \
  const ek_op_def ek_op_##id_ = {.name = (name_),                                                                      \
                                 .doc = (doc_),                                                                        \
                                 .in = "x: bool, y: bool",                                                             \
                                 .out = "z: bool",                                                                     \
                                 .flags =                                                                              \
                                     EK_OP_INPLACE_0 | EK_OP_INPLACE_1 | EK_OP_COMMUTATIVE | EK_OP_NOT_DIFFERENTIABLE, \
                                 .infer = ek__infer_broadcast,                                                         \
                                 .run = run_##id_}

LOGICAL(logical_and, "LogicalAnd", "x and y", &&);
LOGICAL(logical_or, "LogicalOr", "x or y", ||);

EK__LOOP1_BOOL(b, logical_not, !x)
static ek__loop *const logical_not_loops[EK__DTYPES] = {EK__ENTRY(b, logical_not)};
static ek_code run_logical_not(ek_run_context *c) { return ek__run_loops(c, 1, logical_not_loops, 0.0); }
const ek_op_def ek_op_logical_not = {.name = "LogicalNot",
                                     .doc = "not x",
                                     .in = "x: bool",
                                     .out = "y: bool",
                                     .flags = EK_OP_INPLACE_0 | EK_OP_NOT_DIFFERENTIABLE,
                                     .infer = ek__infer_same,
                                     .run = run_logical_not};
