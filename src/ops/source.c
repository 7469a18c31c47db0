/* SPDX-License-Identifier: Apache-2.0 */
/* Sources: ops whose value comes from an attribute or from a feed. The planner binds them; none of them runs. */
#include "graph/grad.h"
#include "ops/run.h"

#define ANY_TYPE "dtype: type"

static ek_code infer_const(ek_infer_context *c) {
  const ek_tensor *value = ek__attr_find(c->node, "value")->v.tensor;
  EK_INFER_REQUIRE(c, ek_tensor_dtype(value) == ek__attr_type(c->node, "dtype"), "value is %s, but dtype says %s",
                   ek_dtype_name(ek_tensor_dtype(value)), ek_dtype_name(ek__attr_type(c->node, "dtype")));
  c->out[0].shape = ek_tensor_shape(value);
  return EK_OK;
}

const ek_op_def ek_op_const = {.name = "Const",
                               .doc = "the tensor in its attribute",
                               .out = "output: dtype",
                               .attrs = "value: tensor; " ANY_TYPE,
                               .function = "",
                               .flags = EK_OP_NOT_DIFFERENTIABLE,
                               .infer = infer_const};

static ek_code infer_shape_attr(ek_infer_context *c) {
  c->out[0].shape = ek__attr_find(c->node, "shape")->v.shape;
  return EK_OK;
}

/* Not planned unless fed: reaching one is the error that everybody knows. */
static ek_code run_placeholder(ek_run_context *c) {
  char text[EK_SHAPE_TEXT];
  const ek_shape shape = ek__attr_find(c->node, "shape")->v.shape;
  return ek__run_fail(c, EK_INVALID_ARGUMENT,
                      "You must feed a value for placeholder tensor '%s' with dtype %s and shape %s", c->node->name,
                      ek_dtype_name(ek__attr_type(c->node, "dtype")), ek_shape_format(shape, text, sizeof text));
}

const ek_op_def ek_op_placeholder = {.name = "Placeholder",
                                     .doc = "a value that must be fed",
                                     .out = "output: dtype",
                                     .attrs = ANY_TYPE "; shape: shape = unknown",
                                     .function = "",
                                     .flags = EK_OP_STATEFUL | EK_OP_NOT_DIFFERENTIABLE,
                                     .infer = infer_shape_attr,
                                     .run = run_placeholder};

static ek_code grad_identity(ek_grad_context *c);

/* The output may be known less precisely than the input, since another value may be fed. */
static ek_code infer_default(ek_infer_context *c) {
  ek_shape both;
  EK_TRY(infer_shape_attr(c));
  return ek__infer_merge(c, c->in[0].shape, c->out[0].shape, &both);
}

const ek_op_def ek_op_placeholder_with_default = {.name = "PlaceholderWithDefault",
                                                  .doc = "its input, unless it is fed",
                                                  .in = "input: dtype",
                                                  .out = "output: dtype",
                                                  .attrs = ANY_TYPE "; shape: shape",
                                                  .flags = EK_OP_ALIAS,
                                                  .infer = infer_default,
                                                  .grad = grad_identity};

static ek_code grad_identity(ek_grad_context *c) {
  c->dx[0] = c->dy[0];
  return EK_OK;
}
