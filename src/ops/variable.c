/* SPDX-License-Identifier: Apache-2.0 */
/* Variables as nodes, by reference and by handle: where they come from and what can be asked of them. */
#include "ops/variable.h"

#include "graph/grad.h"

#include <string.h>

bool ek__handle_type(const ek_infer_context *c, int i, ek_dtype *dtype, ek_shape *shape) {
  enum { MAX_STEPS = 64 };
  const ek__node *n = c->node;
  for (int step = 0; step < MAX_STEPS && n != NULL && i < n->n_inputs; step++, i = 0) {
    n = ek__node_of(c->g, ek_out_op(n->inputs[i]));
    if (n == NULL || strcmp(n->type, "VarHandleOp") != 0) continue;
    *dtype = ek__attr_type(n, "dtype");
    *shape = ek__attr_find(n, "shape")->v.shape;
    return true;
  }
  return false;
}

ek_code ek__infer_handle(ek_infer_context *c, int i, ek_dtype dtype, ek_shape *shape) {
  ek_dtype holds = dtype;
  *shape = ek_shape_unknown();
  (void)ek__handle_type(c, i, &holds, shape);
  EK_INFER_REQUIRE(c, holds == dtype, "Trying to read variable with wrong dtype. Expected %s got %s",
                   ek_dtype_name(holds), ek_dtype_name(dtype));
  return EK_OK;
}

/* ---- by reference */

static ek_code infer_variable(ek_infer_context *c) {
  c->out[0].shape = ek__attr_find(c->node, "shape")->v.shape;
  return EK_OK;
}

/* A shape of rank 0 in the older form says nothing. */
static ek_code infer_old_variable(ek_infer_context *c) {
  const ek_shape shape = ek__attr_find(c->node, "shape")->v.shape;
  c->out[0].shape = shape.rank == 0 ? ek_shape_unknown() : shape;
  return EK_OK;
}

#define VARIABLE_ATTRS "shape: shape; dtype: type; container: string = ''; shared_name: string = ''"

const ek_op_def ek_op_variable_v2 = {.name = "VariableV2",
                                     .doc = "a reference to a variable that the session keeps",
                                     .out = "ref: Ref(dtype)",
                                     .attrs = VARIABLE_ATTRS,
                                     .function = "",
                                     .flags = EK_OP_STATEFUL | EK_OP_NOT_DIFFERENTIABLE,
                                     .infer = infer_variable};

const ek_op_def ek_op_variable = {.name = "Variable",
                                  .doc = "VariableV2 as older files have it",
                                  .out = "ref: Ref(dtype)",
                                  .attrs = VARIABLE_ATTRS,
                                  .function = "",
                                  .flags = EK_OP_STATEFUL | EK_OP_NOT_DIFFERENTIABLE,
                                  .infer = infer_old_variable};

static ek_code run_is_initialized(ek_run_context *c) {
  EK_TRY(ek__run_output(c, 0, ek_shape_scalar()));
  EK_RUN_REQUIRE(c, c->in[0]->slot != NULL, "input 0 is no variable");
  *(bool *)c->out[0]->data = c->in[0]->slot->tensor != NULL;
  return EK_OK;
}

const ek_op_def ek_op_is_variable_initialized = {.name = "IsVariableInitialized",
                                                 .doc = "whether the variable has a value",
                                                 .in = "ref: Ref(dtype)",
                                                 .out = "is_initialized: bool",
                                                 .attrs = "dtype: type",
                                                 .function = "",
                                                 .flags =
                                                     EK_OP_STATEFUL | EK_OP_UNINITIALIZED | EK_OP_NOT_DIFFERENTIABLE,
                                                 .infer = ek__infer_scalar,
                                                 .run = run_is_initialized};

/* ---- by handle */

const ek_op_def ek_op_var_handle_op = {
    .name = "VarHandleOp",
    .doc = "a handle of a variable that the session keeps",
    .out = "resource: resource",
    .attrs = "container: string = ''; shared_name: string = ''; dtype: type; shape: shape",
    .flags = EK_OP_STATEFUL | EK_OP_NOT_DIFFERENTIABLE,
    .infer = ek__infer_scalar};

const ek_op_def ek_op_var_is_initialized_op = {.name = "VarIsInitializedOp",
                                               .doc = "whether the variable behind the handle has a value",
                                               .in = "resource: resource",
                                               .out = "is_initialized: bool",
                                               .flags = EK_OP_STATEFUL | EK_OP_UNINITIALIZED | EK_OP_NOT_DIFFERENTIABLE,
                                               .infer = ek__infer_scalar,
                                               .run = run_is_initialized};

static ek_code infer_read(ek_infer_context *c) {
  return ek__infer_handle(c, 0, ek__attr_type(c->node, "dtype"), &c->out[0].shape);
}

static ek_code grad_read(ek_grad_context *c) {
  c->dx[0] = c->dy[0];
  return EK_OK;
}

static ek_code run_read(ek_run_context *c) {
  ek_tensor *t = NULL;
  EK_TRY(ek__run_variable(c, 0, &t));
  EK_RUN_REQUIRE(c, t->dtype == c->out[0]->dtype, "Trying to read variable with wrong dtype. Expected %s got %s",
                 ek_dtype_name(c->out[0]->dtype), ek_dtype_name(t->dtype));
  EK_TRY(ek__run_output(c, 0, t->shape));
  ek__copy_elements(t->dtype, c->out[0]->data, t->data, c->out[0]->n);
  return EK_OK;
}

const ek_op_def ek_op_read_variable_op = {.name = "ReadVariableOp",
                                          .doc = "the variable's value as it is now",
                                          .in = "resource: resource",
                                          .out = "value: dtype",
                                          .attrs = "dtype: type",
                                          .flags = EK_OP_STATEFUL,
                                          .infer = infer_read,
                                          .grad = grad_read,
                                          .run = run_read};

static ek_code infer_variable_shape(ek_infer_context *c) {
  ek_dtype dtype = EK_INVALID_DTYPE;
  ek_shape shape = ek_shape_unknown();
  const bool known = ek__handle_type(c, 0, &dtype, &shape) && shape.rank >= 0;
  c->out[0].shape = ek_shape(known ? shape.rank : -1);
  return EK_OK;
}

static bool partial_variable_shape(ek_infer_context *c, ek_shape *value) {
  ek_dtype dtype = EK_INVALID_DTYPE;
  return ek__handle_type(c, 0, &dtype, value) && value->rank >= 0;
}

static ek_code run_variable_shape(ek_run_context *c) {
  ek_tensor *t = NULL;
  EK_TRY(ek__run_variable(c, 0, &t));
  EK_TRY(ek__run_output(c, 0, ek_shape(t->shape.rank)));
  for (int i = 0; i < t->shape.rank; i++)
    if (c->out[0]->dtype == EK_INT32)
      ((int32_t *)c->out[0]->data)[i] = (int32_t)t->shape.dim[i];
    else
      ((int64_t *)c->out[0]->data)[i] = t->shape.dim[i];
  return EK_OK;
}

const ek_op_def ek_op_variable_shape = {.name = "VariableShape",
                                        .doc = "the shape of the variable behind the handle",
                                        .in = "input: resource",
                                        .out = "output: out_type",
                                        .attrs = "out_type: {int32, int64} = int32",
                                        .function = "",
                                        .flags = EK_OP_STATEFUL | EK_OP_NOT_DIFFERENTIABLE,
                                        .infer = infer_variable_shape,
                                        .partial_value = partial_variable_shape,
                                        .run = run_variable_shape};
