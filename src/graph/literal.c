/* SPDX-License-Identifier: Apache-2.0 */
/* Constants, and the literals that become constants where they are used. */
#include "graph/graph.h"
#include "graph/indexed_slices.h"
#include "graph/variables.h"

#include "tensor/half.h"

#include <math.h>
#include <string.h>

ek_out ek__literal_add(ek_graph *g, ek__literal l) {
  ek_status st = EK_STATUS_INIT;
  if (ek__grow(g->allocator, &g->literals, &g->cap_literals, g->n_literals + 1, sizeof *g->literals, &st) == EK_OK) {
    g->literals[g->n_literals++] = l;
    return (ek_out){-g->n_literals, 0};
  }
  (void)ek__graph_take(g, &st);
  return (ek_out){0, 0};
}

static ek_out literal(ek_graph *g, ek_tensor *value, const ek_status *st) {
  ek_out out = {0, 0};
  if (!ek__graph_take(g, st)) return out;
  out = ek__literal_add(g, (ek__literal){.value = value});
  if (out.op == 0) ek_tensor_free(value);
  return out;
}

ek_out ek_number(ek_graph *g, double value) {
  ek_status st = EK_STATUS_INIT;
  (void)ek__unname(&g);
  if (!ek__graph_ok(g)) return (ek_out){0, 0};
  return literal(g, ek_tensor_from(EK_FLOAT64, ek_shape_scalar(), &value, &st), &st);
}

ek_out ek_integer(ek_graph *g, int64_t value) {
  ek_status st = EK_STATUS_INIT;
  (void)ek__unname(&g);
  if (!ek__graph_ok(g)) return (ek_out){0, 0};
  return literal(g, ek_tensor_int64(value, &st), &st);
}

ek_out ek_integers(ek_graph *g, const int64_t *values, int n) {
  ek_status st = EK_STATUS_INIT;
  (void)ek__unname(&g);
  if (!ek__graph_ok(g)) return (ek_out){0, 0};
  return literal(g, ek_tensor_from(EK_INT64, ek_shape(n), values, &st), &st);
}

ek_out ek_number_list(ek_graph *g, const double *values, int n) {
  ek_status st = EK_STATUS_INIT;
  (void)ek__unname(&g);
  if (!ek__graph_ok(g)) return (ek_out){0, 0};
  return literal(g, ek_tensor_from(EK_FLOAT64, ek_shape(n), values, &st), &st);
}

ek_out ek__operand_literal(ek_graph *g, ek_variable v) { return ek__literal_add(g, (ek__literal){.variable = v}); }

bool ek__is_number(const ek_graph *g, ek_out out) {
  return out.op < 0 && -out.op <= g->n_literals && g->literals[-out.op - 1].value != NULL;
}

ek_out ek_number_array(ek_graph *g, ek_shape shape, const double *values) {
  ek_status st = EK_STATUS_INIT;
  (void)ek__unname(&g);
  if (!ek__graph_ok(g)) return (ek_out){0, 0};
  return literal(g, ek_tensor_from(EK_FLOAT64, shape, values, &st), &st);
}

ek_out ek_integer_array(ek_graph *g, ek_shape shape, const int64_t *values) {
  ek_status st = EK_STATUS_INIT;
  (void)ek__unname(&g);
  if (!ek__graph_ok(g)) return (ek_out){0, 0};
  return literal(g, ek_tensor_from(EK_INT64, shape, values, &st), &st);
}

ek_dtype ek__literal_dtype(const ek_graph *g, ek_out out) {
  if (out.op >= 0 || -out.op > g->n_literals) return EK_INVALID_DTYPE;
  ek_indexed_slices slices;
  if (ek_indexed_slices_of(g, out, &slices)) return ek_out_dtype(g, slices.values);
  if (!ek__is_number(g, out)) return ek_variable_dtype(g, g->literals[-out.op - 1].variable);
  const ek_tensor *value = g->literals[-out.op - 1].value;
  const bool empty = ek_tensor_num_elements(value) == 0; /* an empty list tells nothing: float32 */
  return value->dtype == EK_INT64 && !empty ? EK_INT32 : EK_FLOAT32;
}

/* One number as dtype has it; false if it does not fit (an integer that is cut, a fraction as an integer). */
static bool put_number(ek_dtype dtype, void *data, int64_t i, double d, int64_t whole, bool is_whole) {
  const bool integral = is_whole || (d == floor(d) && d >= -0x1p63 && d < 0x1p63);
  const int64_t v = is_whole ? whole : integral ? (int64_t)d : 0;
  switch (dtype) {
  case EK_FLOAT32: return ((float *)data)[i] = (float)d, true;
  case EK_FLOAT64: return ((double *)data)[i] = d, true;
  case EK_FLOAT16: return ((uint16_t *)data)[i] = ek__f16_of_float((float)d), true;
  case EK_BFLOAT16: return ((uint16_t *)data)[i] = ek__bf16_of_float((float)d), true;
  case EK_INT32: return ((int32_t *)data)[i] = (int32_t)v, integral && v >= INT32_MIN && v <= INT32_MAX;
  case EK_INT64: return ((int64_t *)data)[i] = v, integral;
  case EK_INT16: return ((int16_t *)data)[i] = (int16_t)v, integral && v >= INT16_MIN && v <= INT16_MAX;
  case EK_INT8: return ((int8_t *)data)[i] = (int8_t)v, integral && v >= INT8_MIN && v <= INT8_MAX;
  case EK_UINT8: return ((uint8_t *)data)[i] = (uint8_t)v, integral && v >= 0 && v <= UINT8_MAX;
  case EK_UINT16: return ((uint16_t *)data)[i] = (uint16_t)v, integral && v >= 0 && v <= UINT16_MAX;
  case EK_UINT32: return ((uint32_t *)data)[i] = (uint32_t)v, integral && v >= 0 && v <= UINT32_MAX;
  case EK_UINT64: return ((uint64_t *)data)[i] = (uint64_t)v, integral && v >= 0;
  case EK_BOOL: return ((bool *)data)[i] = d != 0.0, integral && (d == 0.0 || d == 1.0);
  default: return false;
  }
}

static ek_out constant(ek_graph *g, ek_tensor *value, const char *name) {
  const ek_attr attrs[] = {EK_TYPE_ATTR("dtype", ek_tensor_dtype(value)), EK_TENSOR_ATTR("value", value)};
  return ek_op_output(ek_build(name != NULL ? ek_named(g, name) : g, "Const", (ek_outs){NULL, 0}, attrs, 2), 0);
}

ek_out ek__place_literal(ek_graph *g, ek_out out, ek_dtype dtype, const char *name) {
  ek_status st = EK_STATUS_INIT;
  if (!ek__graph_ok(g)) return (ek_out){0, 0};
  if (-out.op > g->n_literals) {
    ek_graph_fail(g, EK_INVALID_ARGUMENT, "'%s': a literal of another graph", name != NULL ? name : "Const");
    return (ek_out){0, 0};
  }
  ek_indexed_slices slices;
  if (ek_indexed_slices_of(g, out, &slices)) return ek__slices_dense(g, slices, name);
  if (!ek__is_number(g, out)) return ek_variable_value(g, g->literals[-out.op - 1].variable);
  const ek_tensor *from = g->literals[-out.op - 1].value;
  const int64_t n = ek_tensor_num_elements(from);
  ek_tensor *t = ek_tensor_new(dtype, from->shape, g->allocator, &st);
  for (int64_t i = 0; t != NULL && i < n; i++) {
    const bool whole = from->dtype == EK_INT64;
    if (!put_number(dtype, t->data, i, ek_tensor_number(from, i), whole ? ((const int64_t *)from->data)[i] : 0,
                    whole)) {
      (void)ek_status_set(&st, EK_INVALID_ARGUMENT, "'%s': %.9g is no %s", name != NULL ? name : "Const",
                          ek_tensor_number(from, i), ek_dtype_name(dtype));
      break;
    }
  }
  ek_out placed = {0, 0};
  if (ek__graph_take(g, &st)) placed = constant(g, t, name);
  ek_tensor_free(t);
  return placed;
}

ek_code ek__set_number(ek_tensor *t, int64_t i, double value, ek_status *st) {
  EK_REQUIRE(put_number(t->dtype, t->data, i, value, 0, false), st, EK_INVALID_ARGUMENT, "%.9g is no %s", value,
             ek_dtype_name(t->dtype));
  return EK_OK;
}

ek_out ek__constant_filled(ek_graph *g, ek_dtype dtype, ek_shape shape, double value, const char *name) {
  ek_status st = EK_STATUS_INIT;
  if (!ek__graph_ok(g)) return (ek_out){0, 0};
  ek_tensor *t = ek_tensor_new(dtype, shape, g->allocator, &st);
  const int64_t n = t != NULL && dtype != EK_STRING ? ek_tensor_num_elements(t) : 0;
  for (int64_t i = 0; i < n && st.code == EK_OK; i++) (void)ek__set_number(t, i, value, &st);
  ek_out out = {0, 0};
  if (ek__graph_take(g, &st)) out = constant(g, t, name);
  ek_tensor_free(t);
  return out;
}

ek_out ek_convert(ek_graph *g, ek_out value, ek_dtype dtype, const char *name) {
  const char *given = ek__unname(&g);
  if (value.op >= 0) return value;
  return ek__place_literal(g, value, dtype != EK_INVALID_DTYPE ? dtype : ek__literal_dtype(g, value),
                           name != NULL ? name : given);
}

ek_out ek_constant(ek_graph *g, ek_tensor *value) {
  const char *name = ek__unname(&g);
  if (!ek__graph_ok(g)) return (ek_out){0, 0};
  if (value == NULL) {
    ek_graph_fail(g, EK_INVALID_ARGUMENT, "Const '%s': no value", name != NULL ? name : "");
    return (ek_out){0, 0};
  }
  return constant(g, value, name);
}

static ek_out constant_of(ek_graph *g, ek_dtype dtype, ek_shape shape, const void *data) {
  ek_status st = EK_STATUS_INIT;
  ek_out out = {0, 0};
  const char *name = ek__unname(&g);
  if (!ek__graph_ok(g)) return out;
  ek_tensor *t = ek_tensor_new(dtype, shape, g->allocator, &st);
  if (ek__graph_take(g, &st)) {
    if (t->size_bytes > 0) memcpy(t->data, data, t->size_bytes);
    out = constant(g, t, name);
  }
  ek_tensor_free(t);
  return out;
}

ek_out ek_constant_float32(ek_graph *g, float value) { return constant_of(g, EK_FLOAT32, ek_shape_scalar(), &value); }

ek_out ek_constant_float64(ek_graph *g, double value) { return constant_of(g, EK_FLOAT64, ek_shape_scalar(), &value); }

ek_out ek_constant_int32(ek_graph *g, int32_t value) { return constant_of(g, EK_INT32, ek_shape_scalar(), &value); }

ek_out ek_constant_int64(ek_graph *g, int64_t value) { return constant_of(g, EK_INT64, ek_shape_scalar(), &value); }

ek_out ek_constant_bool(ek_graph *g, bool value) { return constant_of(g, EK_BOOL, ek_shape_scalar(), &value); }

ek_out ek_constant_int32s(ek_graph *g, const int64_t *values, int n) {
  const char *name = ek__unname(&g);
  return ek__place_literal(g, ek_integers(g, values, n), EK_INT32, name);
}

ek_out ek_constant_string(ek_graph *g, const char *value) {
  ek_status st = EK_STATUS_INIT;
  ek_out out = {0, 0};
  const char *name = ek__unname(&g);
  if (!ek__graph_ok(g)) return out;
  ek_tensor *t = ek_tensor_from_strings(ek_shape_scalar(), &value, NULL, &st);
  if (ek__graph_take(g, &st)) out = constant(g, t, name);
  ek_tensor_free(t);
  return out;
}
