/* SPDX-License-Identifier: Apache-2.0 */
/* Many elements of a TensorArray at once, as one tensor. */
#include "ops/tensor_array.h"

#include <inttypes.h>

static ek_code infer_flow(ek_infer_context *c) {
  c->out[0].shape = ek_shape_scalar();
  return EK_OK;
}

/* The shape behind the first dimension. */
static ek_shape inner(ek_shape s) {
  for (int i = 1; i < s.rank; i++) s.dim[i - 1] = s.dim[i];
  s.rank--;
  return s;
}

static ek_shape outer(int64_t n, ek_shape s) {
  for (int i = s.rank; i > 0; i--) s.dim[i] = s.dim[i - 1];
  s.dim[0] = n;
  s.rank++;
  return s;
}

static ek_code check_dtype(ek_run_context *c, const ek_container *array, ek_dtype dtype) {
  EK_RUN_REQUIRE(c, dtype == array->dtype && ek_dtype_size(dtype) > 0,
                 "TensorArray '%s' dtype is %s but Op requested dtype %s.", array->name, ek_dtype_name(array->dtype),
                 ek_dtype_name(dtype));
  return EK_OK;
}

/* ---- gather */

static ek_code infer_gather(ek_infer_context *c) {
  EK_TRY(ek__infer_rank(c, 1, 1));
  ek_shape element;
  if (!ek__tensor_array_element_shape(c, &element)) element = ek__attr_find(c->node, "element_shape")->v.shape;
  c->out[0].shape = ek_shape_unknown();
  if (element.rank >= 0 && element.rank < EK_MAX_RANK)
    c->out[0].shape = outer(c->in[1].shape.rank == 1 ? c->in[1].shape.dim[0] : -1, element);
  return EK_OK;
}

static ek_code run_gather(ek_run_context *c) {
  char first[EK_SHAPE_TEXT], other[EK_SHAPE_TEXT];
  ek_container *array = NULL;
  const int64_t n = c->in[1]->n;
  ek_value *out = c->out[0];
  EK_TRY(ek__container_of(c, EK_A_TENSOR_ARRAY, &array));
  EK_TRY(check_dtype(c, array, out->dtype));
  const ek_shape said = ek__attr_find(c->node, "element_shape")->v.shape;
  ek_shape element = ek_shape_is_known(said) ? said : array->element_shape;
  for (int64_t i = 0; i < n; i++) {
    const ek_element *item = NULL;
    const int64_t index = ek__value_int(c->in[1], i);
    EK_TRY(ek__tensor_array_read(c, array, index, &item));
    if (i == 0) element = item->shape;
    EK_RUN_REQUIRE(c, ek_shape_equal(element, item->shape),
                   "TensorArray '%s' has inconsistent shapes. Index 0 has shape: %s but index %" PRId64
                   " has shape: %s",
                   array->name, ek_shape_format(element, first, sizeof first), i,
                   ek_shape_format(item->shape, other, sizeof other));
    EK_RUN_REQUIRE(c, element.rank < EK_MAX_RANK, "elements of rank %d cannot be stacked", element.rank);
    if (i == 0) EK_TRY(ek__run_output(c, 0, outer(n, element)));
    ek__copy_values(out->dtype, (char *)out->data + i * (int64_t)ek__value_bytes(out->dtype, item->n), item->data,
                    item->n);
    ek__tensor_array_done(array, index);
  }
  if (n > 0) return EK_OK;
  EK_RUN_REQUIRE(c, ek_shape_is_known(element) && element.rank < EK_MAX_RANK,
                 "TensorArray '%s' has size zero, but element shape %s is not fully defined. Currently only static "
                 "shapes are supported when packing zero-size TensorArrays.",
                 array->name, ek_shape_format(element, first, sizeof first));
  return ek__run_output(c, 0, outer(0, element));
}

static ek_code grad_gather(ek_grad_context *c) {
  ek_graph *g = c->g;
  ek__ta_gradient to;
  if (!ek__tensor_array_gradient(c, c->dy[0], ek__grad_in(c, 2), false, &to, NULL)) return EK_OK;
  (void)ek_name_scope_begin(g, "TensorArrayScatter");
  c->dx[2] = ek_op_output(
      ek_build(g, "TensorArrayScatterV3", EK_OUTS(to.handle, ek__grad_in(c, 1), c->dy[0], to.flow), EK_NO_ATTRS), 0);
  ek_name_scope_end(g);
  return EK_OK;
}

const ek_op_def ek_op_tensor_array_gather_v3 = {.name = "TensorArrayGatherV3",
                                                .doc = "the elements at indices, stacked along a new first dimension",
                                                .in = "handle: resource, indices: int32, flow_in: float",
                                                .out = "value: dtype",
                                                .attrs = "dtype: type; element_shape: shape = unknown",
                                                .flags = EK_OP_HANDLES,
                                                .infer = infer_gather,
                                                .grad = grad_gather,
                                                .run = run_gather};

/* ---- scatter */

static ek_code run_scatter(ek_run_context *c) {
  ek_container *array = NULL;
  const ek_value *value = c->in[2];
  EK_TRY(ek__container_of(c, EK_A_TENSOR_ARRAY, &array));
  EK_TRY(check_dtype(c, array, value->dtype));
  EK_RUN_REQUIRE(c, value->shape.rank >= 1 && value->shape.dim[0] == c->in[1]->n,
                 "%" PRId64 " indices for a value of %" PRId64 " elements", c->in[1]->n,
                 value->shape.rank >= 1 ? value->shape.dim[0] : 1);
  const ek_shape element = inner(value->shape);
  const int64_t bytes = (int64_t)ek__value_bytes(value->dtype, ek_shape_num_elements(element));
  for (int64_t i = 0; i < c->in[1]->n; i++)
    EK_TRY(ek__tensor_array_write(c, array, ek__value_int(c->in[1], i), value->dtype, element,
                                  (const char *)value->data + i * bytes));
  ek__tensor_array_flow(c, 0);
  return EK_OK;
}

static ek_code grad_scatter(ek_grad_context *c) {
  ek__ta_gradient to;
  if (!ek__tensor_array_gradient(c, c->dy[0], c->dy[0], true, &to, &c->dx[3])) return EK_OK;
  c->dx[2] = ek_op_output(ek_build(c->g, "TensorArrayGatherV3", EK_OUTS(to.handle, ek__grad_in(c, 1), to.flow),
                                   EK_ATTRS(EK_TYPE_ATTR("dtype", ek_out_dtype(c->g, ek__grad_in(c, 2))))),
                          0);
  return EK_OK;
}

const ek_op_def ek_op_tensor_array_scatter_v3 = {.name = "TensorArrayScatterV3",
                                                 .doc = "writes the slices of value as the elements at indices",
                                                 .in = "handle: resource, indices: int32, value: T, flow_in: float",
                                                 .out = "flow_out: float",
                                                 .attrs = "T: type",
                                                 .flags = EK_OP_HANDLES,
                                                 .infer = infer_flow,
                                                 .grad = grad_scatter,
                                                 .run = run_scatter};

/* ---- concat */

static ek_code infer_concat(ek_infer_context *c) {
  const ek_shape rest = ek__attr_find(c->node, "element_shape_except0")->v.shape;
  c->out[0].shape = rest.rank >= 0 && rest.rank < EK_MAX_RANK ? outer(-1, rest) : ek_shape_unknown();
  c->out[1].shape = ek_shape(-1);
  return EK_OK;
}

static ek_code run_concat(ek_run_context *c) {
  ek_container *array = NULL;
  ek_value *out = c->out[0];
  EK_TRY(ek__container_of(c, EK_A_TENSOR_ARRAY, &array));
  EK_TRY(check_dtype(c, array, out->dtype));
  EK_TRY(ek__run_output(c, 1, ek_shape(array->size)));
  int64_t *lengths = c->out[1]->data, total = 0;
  ek_shape rest = ek__attr_find(c->node, "element_shape_except0")->v.shape;
  for (int64_t i = 0; i < array->size; i++) {
    const ek_element *item = NULL;
    EK_TRY(ek__tensor_array_read(c, array, i, &item));
    EK_RUN_REQUIRE(c, item->shape.rank >= 1, "TensorArray '%s': a scalar at index %" PRId64 " cannot be concatenated",
                   array->name, i);
    const ek_shape here = inner(item->shape);
    if (i == 0 && ek_shape_compatible(rest, here)) rest = here;
    EK_RUN_REQUIRE(c, ek_shape_equal(rest, here), "TensorArray '%s' has inconsistent shapes at index %" PRId64,
                   array->name, i);
    lengths[i] = item->shape.dim[0];
    total += lengths[i];
  }
  EK_RUN_REQUIRE(c, ek_shape_is_known(rest) && rest.rank < EK_MAX_RANK,
                 "TensorArray '%s' has size zero, and element_shape_except0 is not fully defined", array->name);
  EK_TRY(ek__run_output(c, 0, outer(total, rest)));
  char *to = out->data;
  for (int64_t i = 0; i < array->size; i++) {
    const ek_element *item = &array->items[i];
    ek__copy_values(out->dtype, to, item->data, item->n);
    to += ek__value_bytes(out->dtype, item->n);
    ek__tensor_array_done(array, i);
  }
  return EK_OK;
}

static ek_code grad_concat(ek_grad_context *c) {
  ek_graph *g = c->g;
  ek__ta_gradient to;
  if (!ek__tensor_array_gradient(c, c->dy[0], ek__grad_in(c, 1), false, &to, NULL)) return EK_OK;
  (void)ek_name_scope_begin(g, "TensorArraySplit");
  c->dx[1] = ek_op_output(
      ek_build(g, "TensorArraySplitV3", EK_OUTS(to.handle, c->dy[0], ek__grad_out(c, 1), to.flow), EK_NO_ATTRS), 0);
  ek_name_scope_end(g);
  return EK_OK;
}

const ek_op_def ek_op_tensor_array_concat_v3 = {
    .name = "TensorArrayConcatV3",
    .doc = "all elements, one behind the other along their first dimension, and how long each was",
    .in = "handle: resource, flow_in: float",
    .out = "value: dtype, lengths: int64",
    .attrs = "dtype: type; element_shape_except0: shape = unknown",
    .flags = EK_OP_HANDLES,
    .infer = infer_concat,
    .grad = grad_concat,
    .run = run_concat};

/* ---- split */

static ek_code run_split(ek_run_context *c) {
  ek_container *array = NULL;
  const ek_value *value = c->in[1], *lengths = c->in[2];
  EK_TRY(ek__container_of(c, EK_A_TENSOR_ARRAY, &array));
  EK_TRY(check_dtype(c, array, value->dtype));
  EK_RUN_REQUIRE(c, value->shape.rank >= 1, "value must not be a scalar");
  EK_RUN_REQUIRE(c, lengths->n == array->size || array->dynamic_size,
                 "TensorArray's size is not equal to the size of lengths (%" PRId64 " vs. %" PRId64
                 "), and the TensorArray is not marked as dynamically resizeable",
                 array->size, lengths->n);
  ek_shape element = value->shape;
  int64_t at = 0;
  for (int64_t i = 0; i < lengths->n; i++) {
    const int64_t length = ((const int64_t *)lengths->data)[i];
    EK_RUN_REQUIRE(c, length >= 0 && length <= value->shape.dim[0] - at,
                   "lengths do not sum to the %" PRId64 " rows of value", value->shape.dim[0]);
    element.dim[0] = length;
    const int64_t row = value->shape.dim[0] > 0 ? value->n / value->shape.dim[0] : 0;
    EK_TRY(ek__tensor_array_write(c, array, i, value->dtype, element,
                                  (const char *)value->data + ek__value_bytes(value->dtype, at * row)));
    at += length;
  }
  EK_RUN_REQUIRE(c, at == value->shape.dim[0], "lengths sum to %" PRId64 ", but value has %" PRId64 " rows", at,
                 value->shape.dim[0]);
  ek__tensor_array_flow(c, 0);
  return EK_OK;
}

static ek_code grad_split(ek_grad_context *c) {
  ek__ta_gradient to;
  if (!ek__tensor_array_gradient(c, c->dy[0], c->dy[0], true, &to, &c->dx[3])) return EK_OK;
  c->dx[1] = ek_op_output(ek_build(c->g, "TensorArrayConcatV3", EK_OUTS(to.handle, to.flow),
                                   EK_ATTRS(EK_TYPE_ATTR("dtype", ek_out_dtype(c->g, ek__grad_in(c, 1))))),
                          0);
  return EK_OK;
}

const ek_op_def ek_op_tensor_array_split_v3 = {.name = "TensorArraySplitV3",
                                               .doc = "writes pieces of value, lengths[i] rows as element i",
                                               .in = "handle: resource, value: T, lengths: int64, flow_in: float",
                                               .out = "flow_out: float",
                                               .attrs = "T: type",
                                               .flags = EK_OP_HANDLES,
                                               .infer = infer_flow,
                                               .grad = grad_split,
                                               .run = run_split};
