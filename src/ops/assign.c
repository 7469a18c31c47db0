/* SPDX-License-Identifier: Apache-2.0 */
/* Writing variables: whole values, and sums and differences in place. */
#include "kernels/elementwise.h"
#include "ops/variable.h"
#include "tensor/half.h"

#define NUMBERS                                                                                                        \
  "{float, double, int32, uint8, int16, int8, complex64, int64, bfloat16, uint16, complex128, half, uint32, uint64}"
#define WRITES (EK_OP_WRITES_REF | EK_OP_STATEFUL | EK_OP_NOT_DIFFERENTIABLE)

/* ---- whole values */

/* The reference that comes in goes out. */
static void pass_reference(ek_run_context *c) {
  if (c->n_out > 0) c->out[0]->slot = c->in[0]->slot;
}

/* The variable's own memory is kept when the shape stays, so that views of it see the new value; else the new memory is
 * filled before the old one goes, for the value may be a view of it. */
static ek_code store(ek_run_context *c) {
  ek_slot *slot = c->in[0]->slot;
  const ek_value *value = c->in[1];
  const ek_tensor *old = slot->tensor;
  if (old != NULL && old->dtype == value->dtype && ek_shape_equal(old->shape, value->shape)) {
    if (old->data != value->data) ek__copy_elements(value->dtype, old->data, value->data, value->n);
    return EK_OK;
  }
  ek_tensor *fresh = ek_tensor_new(value->dtype, value->shape, c->allocator, c->st);
  if (fresh == NULL) return c->st->code;
  ek__copy_elements(value->dtype, fresh->data, value->data, value->n);
  ek_tensor_free(slot->tensor);
  slot->tensor = fresh;
  return EK_OK;
}

/* TensorFlow's words, and which variable it is: a checkpoint of another model is met here. */
static ek_code match(ek_infer_context *c, ek_shape variable, ek_shape value, ek_shape *both) {
  char left[EK_SHAPE_TEXT], right[EK_SHAPE_TEXT];
  EK_INFER_REQUIRE(c, ek_shape_compatible(variable, value),
                   "Assign requires shapes of both tensors to match. lhs shape= %s rhs shape= %s, variable '%s'",
                   ek_shape_format(variable, left, sizeof left), ek_shape_format(value, right, sizeof right),
                   ek_op_name(c->g, ek_out_op(c->node->inputs[0])));
  return ek__infer_merge(c, variable, value, both);
}

static ek_code infer_assign(ek_infer_context *c) {
  c->out[0].shape = c->in[1].shape;
  if (!ek__attr_bool(c->node, "validate_shape")) return EK_OK;
  return match(c, c->in[0].shape, c->in[1].shape, &c->out[0].shape);
}

static ek_code run_assign(ek_run_context *c) {
  char left[EK_SHAPE_TEXT], right[EK_SHAPE_TEXT];
  EK_RUN_REQUIRE(c, c->in[0]->slot != NULL, "input 0 is no variable");
  const ek_tensor *old = c->in[0]->slot->tensor;
  const ek_shape lhs = old != NULL ? old->shape : c->in[0]->shape, rhs = c->in[1]->shape;
  EK_RUN_REQUIRE(c, !ek__attr_bool(c->node, "validate_shape") || ek_shape_compatible(lhs, rhs),
                 "Assign requires shapes of both tensors to match. lhs shape= %s rhs shape= %s",
                 ek_shape_format(lhs, left, sizeof left), ek_shape_format(rhs, right, sizeof right));
  pass_reference(c);
  return store(c);
}

const ek_op_def ek_op_assign = {.name = "Assign",
                                .doc = "ref = value; without validate_shape the variable takes the value's shape",
                                .in = "ref: Ref(T), value: T",
                                .out = "output_ref: Ref(T)",
                                .attrs = "T: type; validate_shape: bool = true; use_locking: bool = true",
                                .flags = WRITES | EK_OP_UNINITIALIZED,
                                .infer = infer_assign,
                                .run = run_assign};

/* No outputs: what is to be checked is that the value fits the variable that the handle speaks of. */
static ek_code infer_assign_handle(ek_infer_context *c) {
  ek_shape shape;
  EK_TRY(ek__infer_handle(c, 0, ek__attr_type(c->node, "dtype"), &shape));
  return match(c, shape, c->in[1].shape, &shape);
}

static ek_code run_assign_handle(ek_run_context *c) {
  const ek_slot *slot = c->in[0]->slot;
  EK_RUN_REQUIRE(c, slot != NULL, "input 0 is no variable");
  EK_RUN_REQUIRE(c, slot->dtype == c->in[1]->dtype, "Trying to assign variable with wrong dtype. Expected %s got %s",
                 ek_dtype_name(slot->dtype), ek_dtype_name(c->in[1]->dtype));
  return store(c);
}

const ek_op_def ek_op_assign_variable_op = {.name = "AssignVariableOp",
                                            .doc = "the variable behind the handle takes the value and its shape",
                                            .in = "resource: resource, value: dtype",
                                            .attrs = "dtype: type",
                                            .flags = WRITES | EK_OP_UNINITIALIZED,
                                            .infer = infer_assign_handle,
                                            .run = run_assign_handle};

/* ---- sums and differences */

/* Integers wrap, as everywhere in TensorFlow. */
#define INTEGERS(T, U)                                                                                                 \
  for (int64_t i = 0; i < n; i++) {                                                                                    \
    const U a = (U)((T *)to)[i], b = (U)((const T *)from)[i];                                                          \
    ((T *)to)[i] = (T)(subtract ? (U)(a - b) : (U)(a + b));                                                            \
  }                                                                                                                    \
  return EK_OK
#define HALVES(of, to_half)                                                                                            \
  for (int64_t i = 0; i < n; i++) {                                                                                    \
    const float a = of(((uint16_t *)to)[i]), b = of(((const uint16_t *)from)[i]);                                      \
    ((uint16_t *)to)[i] = to_half(subtract ? a - b : a + b);                                                           \
  }                                                                                                                    \
  return EK_OK

static ek_code floats(ek_run_context *c, ek_kernels_type type, int64_t n, void *to, const void *from, bool subtract) {
  const ek_kernels *k = NULL;
  if (ek_kernels_get(NULL, &k) != EK_KERNELS_OK)
    return ek__run_fail(c, EK_FAILED_PRECONDITION, "the instruction set of EK_ISA is not available here");
  ek__binary(k, type, c->threads, subtract ? EK__SUB : EK__ADD, 1, n, ek__full(to, n), ek__full(from, n), to);
  return EK_OK;
}

static ek_code accumulate(ek_run_context *c, ek_dtype dtype, int64_t n, void *to, const void *from, bool subtract) {
  switch (dtype) {
  case EK_FLOAT32: return floats(c, EK_KERNELS_F32, n, to, from, subtract);
  case EK_FLOAT64: return floats(c, EK_KERNELS_F64, n, to, from, subtract);
  case EK_COMPLEX64: return floats(c, EK_KERNELS_F32, 2 * n, to, from, subtract);
  case EK_COMPLEX128: return floats(c, EK_KERNELS_F64, 2 * n, to, from, subtract);
  case EK_FLOAT16: HALVES(ek__float_of_f16, ek__f16_of_float);
  case EK_BFLOAT16: HALVES(ek__float_of_bf16, ek__bf16_of_float);
  case EK_INT32: INTEGERS(int32_t, uint32_t);
  case EK_INT64: INTEGERS(int64_t, uint64_t);
  case EK_INT16: INTEGERS(int16_t, uint16_t);
  case EK_INT8: INTEGERS(int8_t, uint8_t);
  case EK_UINT8: INTEGERS(uint8_t, uint8_t);
  case EK_UINT16: INTEGERS(uint16_t, uint16_t);
  case EK_UINT32: INTEGERS(uint32_t, uint32_t);
  case EK_UINT64: INTEGERS(uint64_t, uint64_t);
  default: return ek__run_fail(c, EK_UNIMPLEMENTED, "not for %s", ek_dtype_name(dtype));
  }
}

static ek_code infer_accumulate(ek_infer_context *c) {
  return ek__infer_merge(c, c->in[0].shape, c->in[1].shape, &c->out[0].shape);
}

static ek_code run_accumulate(ek_run_context *c, bool subtract) {
  ek_tensor *t = NULL;
  EK_TRY(ek__run_variable(c, 0, &t));
  EK_RUN_REQUIRE(c, t->dtype == c->in[1]->dtype && ek_shape_equal(t->shape, c->in[1]->shape),
                 "Parameters and update must be the same size");
  pass_reference(c);
  return accumulate(c, t->dtype, c->in[1]->n, t->data, c->in[1]->data, subtract);
}
static ek_code run_add(ek_run_context *c) { return run_accumulate(c, false); }
static ek_code run_sub(ek_run_context *c) { return run_accumulate(c, true); }

const ek_op_def ek_op_assign_add = {.name = "AssignAdd",
                                    .doc = "ref += value",
                                    .in = "ref: Ref(T), value: T",
                                    .out = "output_ref: Ref(T)",
                                    .attrs = "T: " NUMBERS "; use_locking: bool = false",
                                    .flags = WRITES,
                                    .infer = infer_accumulate,
                                    .run = run_add};

const ek_op_def ek_op_assign_sub = {.name = "AssignSub",
                                    .doc = "ref -= value",
                                    .in = "ref: Ref(T), value: T",
                                    .out = "output_ref: Ref(T)",
                                    .attrs = "T: " NUMBERS "; use_locking: bool = false",
                                    .flags = WRITES,
                                    .infer = infer_accumulate,
                                    .run = run_sub};

static ek_code run_accumulate_handle(ek_run_context *c, bool subtract) {
  char have[EK_SHAPE_TEXT], given[EK_SHAPE_TEXT];
  ek_tensor *t = NULL;
  EK_TRY(ek__run_variable(c, 0, &t));
  EK_RUN_REQUIRE(c, t->dtype == c->in[1]->dtype, "Trying to update a variable of %s with %s", ek_dtype_name(t->dtype),
                 ek_dtype_name(c->in[1]->dtype));
  EK_RUN_REQUIRE(c, ek_shape_equal(t->shape, c->in[1]->shape),
                 "Cannot update variable with shape %s using a Tensor with shape %s, shapes must be equal.",
                 ek_shape_format(t->shape, have, sizeof have), ek_shape_format(c->in[1]->shape, given, sizeof given));
  return accumulate(c, t->dtype, c->in[1]->n, t->data, c->in[1]->data, subtract);
}
static ek_code run_add_handle(ek_run_context *c) { return run_accumulate_handle(c, false); }
static ek_code run_sub_handle(ek_run_context *c) { return run_accumulate_handle(c, true); }

const ek_op_def ek_op_assign_add_variable_op = {.name = "AssignAddVariableOp",
                                                .doc = "adds the value to the variable behind the handle",
                                                .in = "resource: resource, value: dtype",
                                                .attrs = "dtype: type",
                                                .flags = WRITES,
                                                .infer = infer_assign_handle,
                                                .run = run_add_handle};

const ek_op_def ek_op_assign_sub_variable_op = {.name = "AssignSubVariableOp",
                                                .doc = "subtracts the value from the variable behind the handle",
                                                .in = "resource: resource, value: dtype",
                                                .attrs = "dtype: type",
                                                .flags = WRITES,
                                                .infer = infer_assign_handle,
                                                .run = run_sub_handle};
