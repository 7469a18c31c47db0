/* SPDX-License-Identifier: Apache-2.0 */
/* One element of a TensorArray at a time. */
#include "ops/tensor_array.h"

static ek_code infer_flow(ek_infer_context *c) {
  c->out[0].shape = ek_shape_scalar();
  return EK_OK;
}

static ek_code infer_read(ek_infer_context *c) {
  EK_TRY(ek__infer_rank(c, 1, 0));
  if (!ek__tensor_array_element_shape(c, &c->out[0].shape)) c->out[0].shape = ek_shape_unknown();
  return EK_OK;
}

/* ---- write */

static ek_code run_write(ek_run_context *c) {
  ek_container *array = NULL;
  const ek_value *value = c->in[2];
  EK_TRY(ek__container_of(c, EK_A_TENSOR_ARRAY, &array));
  EK_RUN_REQUIRE(c, c->in[1]->n == 1, "index must be a scalar");
  EK_RUN_REQUIRE(c, value->slot == NULL, "a variable cannot be written");
  EK_TRY(ek__tensor_array_write(c, array, ek__value_int(c->in[1], 0), value->dtype, value->shape, value->data));
  ek__tensor_array_flow(c, 0);
  return EK_OK;
}

static ek_code grad_write(ek_grad_context *c) {
  ek__ta_gradient to;
  if (!ek__tensor_array_gradient(c, c->dy[0], c->dy[0], true, &to, &c->dx[3])) return EK_OK;
  c->dx[2] = ek_op_output(ek_build(c->g, "TensorArrayReadV3", EK_OUTS(to.handle, ek__grad_in(c, 1), to.flow),
                                   EK_ATTRS(EK_TYPE_ATTR("dtype", ek_out_dtype(c->g, ek__grad_in(c, 2))))),
                          0);
  return EK_OK;
}

const ek_op_def ek_op_tensor_array_write_v3 = {.name = "TensorArrayWriteV3",
                                               .doc = "writes value as element index of the array",
                                               .in = "handle: resource, index: int32, value: T, flow_in: float",
                                               .out = "flow_out: float",
                                               .attrs = "T: type",
                                               .flags = EK_OP_HANDLES,
                                               .infer = infer_flow,
                                               .grad = grad_write,
                                               .run = run_write};

/* ---- read */

static ek_code run_read(ek_run_context *c) {
  ek_container *array = NULL;
  const ek_element *item = NULL;
  EK_TRY(ek__container_of(c, EK_A_TENSOR_ARRAY, &array));
  EK_RUN_REQUIRE(c, c->in[1]->n == 1, "index must be a scalar");
  EK_RUN_REQUIRE(c, c->out[0]->dtype == array->dtype, "TensorArray '%s' dtype is %s but Op requested dtype %s.",
                 array->name, ek_dtype_name(array->dtype), ek_dtype_name(c->out[0]->dtype));
  const int64_t index = ek__value_int(c->in[1], 0);
  EK_TRY(ek__tensor_array_read(c, array, index, &item));
  EK_TRY(ek__run_output(c, 0, item->shape));
  ek__copy_values(array->dtype, c->out[0]->data, item->data, item->n);
  ek__tensor_array_done(array, index);
  return EK_OK;
}

static ek_code grad_read(ek_grad_context *c) {
  ek_graph *g = c->g;
  ek__ta_gradient to;
  if (!ek__tensor_array_gradient(c, c->dy[0], ek__grad_in(c, 2), false, &to, NULL)) return EK_OK;
  (void)ek_name_scope_begin(g, "TensorArrayWrite");
  c->dx[2] = ek_op_output(
      ek_build(g, "TensorArrayWriteV3", EK_OUTS(to.handle, ek__grad_in(c, 1), c->dy[0], to.flow), EK_NO_ATTRS), 0);
  ek_name_scope_end(g);
  return EK_OK;
}

const ek_op_def ek_op_tensor_array_read_v3 = {.name = "TensorArrayReadV3",
                                              .doc = "element index of the array",
                                              .in = "handle: resource, index: int32, flow_in: float",
                                              .out = "value: dtype",
                                              .attrs = "dtype: type",
                                              .flags = EK_OP_HANDLES,
                                              .infer = infer_read,
                                              .grad = grad_read,
                                              .run = run_read};
