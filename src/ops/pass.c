/* SPDX-License-Identifier: Apache-2.0 */
/* Ops whose output is their input, but for what they say to gradients or check on the way. */
#include "graph/grad.h"
#include "ops/index.h"
#include "tensor/half.h"

#include <math.h>
#include <stdio.h>

static bool partial_input(ek_infer_context *c, ek_shape *value) { return c->partial(c, 0, value); }

const ek_op_def ek_op_stop_gradient = {.name = "StopGradient",
                                       .doc = "its input; gradients do not pass",
                                       .in = "input: T",
                                       .out = "output: T",
                                       .attrs = "T: type",
                                       .flags = EK_OP_ALIAS | EK_OP_NOT_DIFFERENTIABLE,
                                       .infer = ek__infer_same,
                                       .partial_value = partial_input};

static ek_code grad_prevent(ek_grad_context *c) {
  ek_graph_fail(c->g, EK_INVALID_ARGUMENT, "PreventGradient '%s': Gradient explicitly disabled. Reason: %s",
                c->node->name, ek__attr_string(c->node, "message"));
  return EK_INVALID_ARGUMENT;
}

const ek_op_def ek_op_prevent_gradient = {.name = "PreventGradient",
                                          .doc = "its input; asking for its gradient is an error",
                                          .in = "input: T",
                                          .out = "output: T",
                                          .attrs = "T: type; message: string = ''",
                                          .flags = EK_OP_ALIAS,
                                          .infer = ek__infer_same,
                                          .partial_value = partial_input,
                                          .grad = grad_prevent};

static ek_code grad_identity(ek_grad_context *c) {
  c->dx[0] = c->dy[0];
  return EK_OK;
}

static ek_code run_snapshot(ek_run_context *c) {
  EK_TRY(ek__run_output(c, 0, c->in[0]->shape));
  ek__copy_elements(c->in[0]->dtype, c->out[0]->data, c->in[0]->data, c->in[0]->n);
  return EK_OK;
}

const ek_op_def ek_op_snapshot = {.name = "Snapshot",
                                  .doc = "a copy of its input",
                                  .in = "input: T",
                                  .out = "output: T",
                                  .attrs = "T: type",
                                  .infer = ek__infer_same,
                                  .grad = grad_identity,
                                  .run = run_snapshot};

/* ---- IdentityN */

static ek_code infer_each(ek_infer_context *c) {
  for (int i = 0; i < c->n_out; i++) c->out[i].shape = c->in[i].shape;
  return EK_OK;
}

static ek_code run_identity_n(ek_run_context *c) {
  for (int i = 0; i < c->n_out; i++) {
    EK_TRY(ek__run_output(c, i, c->in[i]->shape));
    ek__copy_elements(c->in[i]->dtype, c->out[i]->data, c->in[i]->data, c->in[i]->n);
  }
  return EK_OK;
}

static ek_code grad_each(ek_grad_context *c) {
  for (int i = 0; i < c->n_dx; i++) c->dx[i] = c->dy[i];
  return EK_OK;
}

const ek_op_def ek_op_identity_n = {.name = "IdentityN",
                                    .doc = "each of its inputs",
                                    .in = "input: T",
                                    .out = "output: T",
                                    .attrs = "T: list(type)",
                                    .function = "",
                                    .infer = infer_each,
                                    .grad = grad_each,
                                    .run = run_identity_n};

/* ---- EnsureShape */

static ek_code infer_ensure(ek_infer_context *c) {
  return ek__infer_merge(c, c->in[0].shape, ek__attr_find(c->node, "shape")->v.shape, &c->out[0].shape);
}

static ek_code run_ensure(ek_run_context *c) {
  char have[EK_SHAPE_TEXT], want[EK_SHAPE_TEXT];
  const ek_shape s = ek__attr_find(c->node, "shape")->v.shape;
  EK_RUN_REQUIRE(c, ek_shape_compatible(s, c->in[0]->shape),
                 "Shape of tensor %s is not compatible with expected shape %s.",
                 ek_shape_format(c->in[0]->shape, have, sizeof have), ek_shape_format(s, want, sizeof want));
  return ek__run_view(c, c->in[0]->shape);
}

const ek_op_def ek_op_ensure_shape = {.name = "EnsureShape",
                                      .doc = "its input, which must have the shape",
                                      .in = "input: T",
                                      .out = "output: T",
                                      .attrs = "shape: shape; T: type",
                                      .flags = EK_OP_ALIAS,
                                      .infer = infer_ensure,
                                      .partial_value = partial_input,
                                      .grad = grad_identity,
                                      .run = run_ensure};

/* ---- CheckNumerics */

static void classify(float x, bool *nan, bool *inf) {
  *nan = *nan || isnan(x);
  *inf = *inf || isinf(x);
}

static ek_code run_check(ek_run_context *c) {
  bool nan = false, inf = false;
  const ek_value *v = c->in[0];
  for (int64_t i = 0; i < v->n; i++) switch (v->dtype) {
    case EK_FLOAT32: classify(((const float *)v->data)[i], &nan, &inf); break;
    case EK_FLOAT64: {
      const double x = ((const double *)v->data)[i];
      classify(isfinite(x) ? 0.0f : (float)x, &nan, &inf);
      break;
    }
    case EK_FLOAT16: classify(ek__float_of_f16(((const uint16_t *)v->data)[i]), &nan, &inf); break;
    default: classify(ek__float_of_bf16(((const uint16_t *)v->data)[i]), &nan, &inf); break;
    }
  EK_RUN_REQUIRE(c, !nan && !inf, "%s : Tensor had %s values", ek__attr_string(c->node, "message"),
                 nan && inf ? "Inf and NaN"
                 : nan      ? "NaN"
                            : "Inf");
  return ek__run_view(c, v->shape);
}

static ek_code grad_check(ek_grad_context *c) {
  char message[400];
  (void)snprintf(message, sizeof message, "Not a number (NaN) or infinity (Inf) values detected in gradient. %s",
                 ek__attr_string(c->node, "message"));
  c->dx[0] =
      ek_op_output(ek_build(c->g, "CheckNumerics", EK_OUTS(c->dy[0]), EK_ATTRS(EK_STRING_ATTR("message", message))), 0);
  return EK_OK;
}

const ek_op_def ek_op_check_numerics = {.name = "CheckNumerics",
                                        .doc = "its input, which must hold neither NaN nor infinity",
                                        .in = "tensor: T",
                                        .out = "output: T",
                                        .attrs = "T: {bfloat16, half, float, double}; message: string",
                                        .flags = EK_OP_INPLACE_0 | EK_OP_STATEFUL, /* an alias would never run */
                                        .infer = ek__infer_same,
                                        .grad = grad_check,
                                        .run = run_check};
