/* SPDX-License-Identifier: Apache-2.0 */
/* StackV2 and its ops: what a loop pushes while it goes forward, its gradient pops while it goes back. */
#include "ops/container.h"

#include <inttypes.h>

/* ---- making one */

static ek_code infer_stack(ek_infer_context *c) {
  c->out[0].shape = ek_shape(2);
  return EK_OK;
}

static ek_code run_stack(ek_run_context *c) {
  ek_container *stack = NULL;
  EK_RUN_REQUIRE(c, c->in[0]->n == 1, "max_size must be a scalar");
  EK_TRY(ek__container_make(c, EK_A_STACK, &stack));
  stack->dtype = ek__attr_type(c->node, "elem_type");
  stack->max_size = ek__value_int(c->in[0], 0);
  return EK_OK;
}

const ek_op_def ek_op_stack_v2 = {.name = "StackV2",
                                  .doc = "a new stack, of at most max_size tensors if that is not negative",
                                  .in = "max_size: int32",
                                  .out = "handle: resource",
                                  .attrs = "elem_type: type; stack_name: string = ''",
                                  .flags = EK_OP_HANDLES | EK_OP_NOT_DIFFERENTIABLE,
                                  .infer = infer_stack,
                                  .run = run_stack};

/* ---- push */

static ek_code infer_push(ek_infer_context *c) {
  c->out[0].shape = c->in[1].shape;
  return EK_OK;
}

static ek_code run_push(ek_run_context *c) {
  ek_container *stack = NULL;
  ek_element *item = NULL;
  const ek_value *value = c->in[1];
  EK_TRY(ek__container_of(c, EK_A_STACK, &stack));
  EK_RUN_REQUIRE(c, value->dtype == stack->dtype, "pushes %s onto a stack of %s", ek_dtype_name(value->dtype),
                 ek_dtype_name(stack->dtype));
  EK_RUN_REQUIRE(c, value->slot == NULL, "a variable cannot be pushed");
  EK_RUN_REQUIRE(c, stack->max_size < 0 || stack->size < stack->max_size,
                 "Stack['%s'] overflowed its max_size (%" PRId64 ")", stack->name, stack->max_size);
  EK_TRY(ek__container_item(c, stack, stack->size, &item));
  EK_TRY(ek__item_write(c, stack, item, value->shape, value->data));
  stack->size++;
  c->out[0]->data = value->data; /* passed on as it is */
  c->out[0]->shape = value->shape;
  c->out[0]->n = value->n;
  return EK_OK;
}

const ek_op_def ek_op_stack_push_v2 = {.name = "StackPushV2",
                                       .doc = "elem, which is on top of the stack then",
                                       .in = "handle: resource, elem: T",
                                       .out = "output: T",
                                       .attrs = "T: type; swap_memory: bool = false",
                                       .flags = EK_OP_HANDLES | EK_OP_PASSES_1,
                                       .infer = infer_push,
                                       .run = run_push};

/* ---- pop */

static ek_code infer_pop(ek_infer_context *c) {
  c->out[0].shape = ek_shape_unknown();
  return EK_OK;
}

static ek_code run_pop(ek_run_context *c) {
  ek_container *stack = NULL;
  EK_TRY(ek__container_of(c, EK_A_STACK, &stack));
  EK_RUN_REQUIRE(c, stack->size > 0, "Stack['%s'] is empty when calling Pop()", stack->name);
  EK_RUN_REQUIRE(c, c->out[0]->dtype == stack->dtype, "pops %s from a stack of %s", ek_dtype_name(c->out[0]->dtype),
                 ek_dtype_name(stack->dtype));
  const ek_element *item = &stack->items[--stack->size];
  EK_TRY(ek__run_output(c, 0, item->shape));
  ek__copy_values(stack->dtype, c->out[0]->data, item->data, item->n);
  return EK_OK;
}

const ek_op_def ek_op_stack_pop_v2 = {.name = "StackPopV2",
                                      .doc = "what is on top of the stack, which is one less then",
                                      .in = "handle: resource",
                                      .out = "elem: elem_type",
                                      .attrs = "elem_type: type",
                                      .flags = EK_OP_HANDLES,
                                      .infer = infer_pop,
                                      .run = run_pop};

static ek_code run_close(ek_run_context *c) {
  ek_container *stack = NULL;
  EK_TRY(ek__container_of(c, EK_A_STACK, &stack));
  stack->closed = true;
  return EK_OK;
}

const ek_op_def ek_op_stack_close_v2 = {.name = "StackCloseV2",
                                        .doc = "ends the life of the stack",
                                        .in = "handle: resource",
                                        .flags = EK_OP_HANDLES | EK_OP_NOT_DIFFERENTIABLE,
                                        .run = run_close};
