/* SPDX-License-Identifier: Apache-2.0 */
/* TensorArrayV3: making one and its gradient, its size, its end. */
#include "ops/tensor_array.h"

#include <inttypes.h>
#include <string.h>

/* ---- elements */

/* The handle of an op that gives its input 0 on, or one that stands for it. */
static bool passes_handle(const ek__node *n) {
  static const char *const types[] = {"Enter", "Identity", "Switch", "TensorArrayGradV3"};
  for (size_t i = 0; i < sizeof types / sizeof types[0]; i++)
    if (strcmp(n->type, types[i]) == 0) return n->n_inputs > 0;
  return false;
}

bool ek__tensor_array_element_shape(const ek_infer_context *c, ek_shape *shape) {
  enum { FAR = 64 };
  const ek__node *n = ek__node_of(c->g, ek_out_op(c->node->inputs[0]));
  for (int i = 0; i < FAR && n != NULL && passes_handle(n); i++) n = ek__node_of(c->g, ek_out_op(n->inputs[0]));
  if (n == NULL || strcmp(n->type, "TensorArrayV3") != 0) return false;
  *shape = ek__attr_find(n, "element_shape")->v.shape;
  return ek_shape_is_known(*shape) || ek__attr_bool(n, "identical_element_shapes");
}

ek_code ek__tensor_array_element(ek_run_context *c, ek_container *array, int64_t index, bool to_write,
                                 ek_element **out) {
  if (to_write && array->dynamic_size && index >= array->size && index < EK_MOST_ITEMS) array->size = index + 1;
  EK_RUN_REQUIRE(c, index >= 0 && index < array->size,
                 "TensorArray '%s': Tried to %s index %" PRId64 " but array size is: %" PRId64, array->name,
                 to_write ? "write to" : "read from", index, array->size);
  return ek__container_item(c, array, index, out);
}

/* to += from */
static ek_code add(ek_run_context *c, ek_dtype dtype, void *to, const void *from, int64_t n) {
  switch (dtype) {
  case EK_FLOAT32:
    for (int64_t i = 0; i < n; i++) ((float *)to)[i] += ((const float *)from)[i];
    return EK_OK;
  case EK_FLOAT64:
    for (int64_t i = 0; i < n; i++) ((double *)to)[i] += ((const double *)from)[i];
    return EK_OK;
  case EK_INT32:
    for (int64_t i = 0; i < n; i++) ((uint32_t *)to)[i] += ((const uint32_t *)from)[i];
    return EK_OK;
  case EK_INT64:
    for (int64_t i = 0; i < n; i++) ((uint64_t *)to)[i] += ((const uint64_t *)from)[i];
    return EK_OK;
  default: return ek__run_fail(c, EK_UNIMPLEMENTED, "gradients of %s cannot be added up", ek_dtype_name(dtype));
  }
}

ek_code ek__tensor_array_write(ek_run_context *c, ek_container *array, int64_t index, ek_dtype dtype, ek_shape shape,
                               const void *data) {
  char have[EK_SHAPE_TEXT], want[EK_SHAPE_TEXT];
  ek_element *item = NULL;
  EK_RUN_REQUIRE(c, dtype == array->dtype, "TensorArray '%s' dtype is %s but Op is trying to write dtype %s.",
                 array->name, ek_dtype_name(array->dtype), ek_dtype_name(dtype));
  EK_TRY(ek__tensor_array_element(c, array, index, true, &item));
  EK_RUN_REQUIRE(c, ek_shape_compatible(array->element_shape, shape),
                 "TensorArray '%s': Could not write to index %" PRId64 " because the value shape is %s which is "
                 "incompatible with the TensorArray's element shape: %s.",
                 array->name, index, ek_shape_format(shape, have, sizeof have),
                 ek_shape_format(array->element_shape, want, sizeof want));
  EK_RUN_REQUIRE(c, item->state != EK_ITEM_CLEARED,
                 "TensorArray '%s': Could not write to index %" PRId64 " because it has already been read.",
                 array->name, index);
  if (item->state == EK_ITEM_WRITTEN) {
    EK_RUN_REQUIRE(c, array->adds,
                   "TensorArray '%s': Could not write to index %" PRId64 " because it has already been written to.",
                   array->name, index);
    EK_RUN_REQUIRE(c, ek_shape_equal(item->shape, shape),
                   "TensorArray '%s': Could not aggregate to index %" PRId64 " because the existing shape is %s but "
                   "the new input shape is %s.",
                   array->name, index, ek_shape_format(item->shape, have, sizeof have),
                   ek_shape_format(shape, want, sizeof want));
    return add(c, dtype, item->data, data, item->n);
  }
  if (array->identical && !ek_shape_is_known(array->element_shape)) array->element_shape = shape;
  return ek__item_write(c, array, item, shape, data);
}

ek_code ek__tensor_array_read(ek_run_context *c, ek_container *array, int64_t index, const ek_element **out) {
  ek_element *item = NULL;
  EK_TRY(ek__tensor_array_element(c, array, index, false, &item));
  EK_RUN_REQUIRE(c, item->state != EK_ITEM_CLEARED,
                 "TensorArray '%s': Could not read index %" PRId64 " twice because it was cleared after a previous "
                 "read (perhaps try setting clear_after_read = false?).",
                 array->name, index);
  if (item->state != EK_ITEM_WRITTEN) {
    const ek_shape shape = item->state == EK_ITEM_SHAPED ? item->shape : array->element_shape;
    size_t bytes = 0;
    EK_RUN_REQUIRE(c, ek_shape_is_known(shape) && array->dtype != EK_STRING && array->dtype != EK_RESOURCE,
                   "TensorArray '%s': Could not read from index %" PRId64 ": it has not been written, and the element "
                   "shape is not fully defined.",
                   array->name, index);
    EK_TRY(ek__tensor_bytes(array->dtype, shape, &bytes, c->st));
    void *zeros = ek__alloc(array->allocator, bytes > 0 ? bytes : 1);
    if (zeros == NULL) return ek__no_memory(c->st, c->node->name, bytes);
    const ek_code rc = ek__item_write(c, array, item, shape, zeros);
    ek__free(array->allocator, zeros, bytes > 0 ? bytes : 1);
    EK_TRY(rc);
  }
  *out = item;
  return EK_OK;
}

void ek__tensor_array_done(ek_container *array, int64_t index) {
  if (array->clear_after_read) array->items[index].state = EK_ITEM_CLEARED;
}

void ek__tensor_array_flow(ek_run_context *c, int i) { *(float *)c->out[i]->data = 0.0f; }

/* ---- making one */

static ek_code infer_tensor_array(ek_infer_context *c) {
  c->out[0].shape = ek_shape(2);
  c->out[1].shape = ek_shape_scalar();
  return EK_OK;
}

static ek_code run_tensor_array(ek_run_context *c) {
  ek_container *array = NULL;
  EK_RUN_REQUIRE(c, c->in[0]->n == 1, "size must be a scalar");
  const int64_t size = ek__value_int(c->in[0], 0);
  EK_RUN_REQUIRE(c, size >= 0 && size <= EK_MOST_ITEMS, "size is %" PRId64 "; allowed: 0 to %d", size, EK_MOST_ITEMS);
  EK_TRY(ek__container_make(c, EK_A_TENSOR_ARRAY, &array));
  array->dtype = ek__attr_type(c->node, "dtype");
  array->element_shape = ek__attr_find(c->node, "element_shape")->v.shape;
  array->dynamic_size = ek__attr_bool(c->node, "dynamic_size");
  array->clear_after_read = ek__attr_bool(c->node, "clear_after_read");
  array->identical = ek__attr_bool(c->node, "identical_element_shapes");
  array->size = size;
  ek__tensor_array_flow(c, 1);
  return EK_OK;
}

const ek_op_def ek_op_tensor_array_v3 = {
    .name = "TensorArrayV3",
    .doc = "a new array of size tensors, each written once; flow carries the order of what is done with it",
    .in = "size: int32",
    .out = "handle: resource, flow: float",
    .attrs = "dtype: type; element_shape: shape = unknown; dynamic_size: bool = false; "
             "clear_after_read: bool = true; identical_element_shapes: bool = false; tensor_array_name: string = ''",
    .flags = EK_OP_HANDLES | EK_OP_NOT_DIFFERENTIABLE,
    .infer = infer_tensor_array,
    .run = run_tensor_array};

/* ---- its gradient */

static ek_container *find_gradient(ek_run_context *c, const ek_container *array, const char *source) {
  ek_container *g = c->services->container(c->run, array->next_gradient);
  while (g != NULL && strcmp(g->source, source) != 0) g = c->services->container(c->run, g->next_gradient);
  return g;
}

static ek_code run_gradient(ek_run_context *c) {
  ek_container *array = NULL;
  EK_TRY(ek__container_of(c, EK_A_TENSOR_ARRAY, &array));
  const char *source = ek__attr_string(c->node, "source");
  const ek_container *known = find_gradient(c, array, source);
  ek__tensor_array_flow(c, 1);
  if (known != NULL) {
    int64_t *handle = c->out[0]->data;
    for (int64_t i = 0; i < c->out[0]->n; i++) handle[i] = known->handle;
    return EK_OK;
  }
  const int64_t of = array->handle;
  ek_container *made = NULL;
  EK_TRY(ek__container_make(c, EK_A_TENSOR_ARRAY, &made));
  array = c->services->container(c->run, of);
  made->dtype = array->dtype;
  made->element_shape = array->element_shape;
  made->identical = array->identical;
  made->size = array->size;
  made->adds = true;
  made->source = source;
  made->next_gradient = array->next_gradient;
  array->next_gradient = made->handle;
  for (int64_t i = 0; i < array->size && i < array->cap_items; i++) { /* what is never written is zero */
    ek_element *item = NULL;
    if (array->items[i].state == EK_ITEM_EMPTY) continue;
    EK_TRY(ek__container_item(c, made, i, &item));
    item->state = EK_ITEM_SHAPED;
    item->shape = array->items[i].shape;
  }
  return EK_OK;
}

const ek_op_def ek_op_tensor_array_grad_v3 = {.name = "TensorArrayGradV3",
                                              .doc = "the array of gradients of the array; one for every source",
                                              .in = "handle: resource, flow_in: float",
                                              .out = "grad_handle: resource, flow_out: float",
                                              .attrs = "source: string",
                                              .flags = EK_OP_HANDLES | EK_OP_NOT_DIFFERENTIABLE,
                                              .infer = infer_tensor_array,
                                              .run = run_gradient};

/* "gradients_1" of "a/gradients_1/b": which call of gradients this belongs to. */
static const char *source_of(ek_graph *g, ek_out dy) {
  const char *name = ek_op_name(g, ek_out_op(dy)), *end = NULL;
  for (const char *p = name; p != NULL; p = strchr(p, '/')) {
    if (*p == '/') p++;
    if (strncmp(p, "gradients", 9) == 0) end = p + strcspn(p, "/:");
  }
  if (end != NULL) return ek__graph_printf(g, "%.*s", (int)(end - name), name);
  ek_graph_fail(g, EK_INVALID_ARGUMENT,
                "Expected op/tensor name to start with gradients (excluding scope), got: %s. All calls to gradients "
                "with a name of their own must use names that start with 'gradients'.",
                name);
  return NULL;
}

/* As Python does: a name that is handed out, and no op. */
static void open_and_close(ek_graph *g, const char *scope) {
  (void)ek_name_scope_begin(g, scope);
  ek_name_scope_end(g);
}

bool ek__tensor_array_gradient(ek_grad_context *c, ek_out dy, ek_out flow, bool barrier, ek__ta_gradient *out,
                               ek_out *barred) {
  ek_graph *g = c->g;
  const ek_out handle = ek__grad_in(c, 0);
  const char *source = source_of(g, dy);
  if (source == NULL) return false;
  if (barrier) {
    const ek_out done =
        ek_op_output(ek_build(ek_named(g, "flow_out"), "Identity", EK_OUTS(ek__grad_out(c, 0)), EK_NO_ATTRS), 0);
    ek_control_dependencies_begin(g, EK_OPS(ek_out_op(done)));
    flow = ek_op_output(ek_build(ek_named(g, "write_barrier"), "Identity", EK_OUTS(dy), EK_NO_ATTRS), 0);
    ek_control_dependencies_end(g);
    *barred = flow;
  }
  open_and_close(g, "TensorArray");
  (void)ek_name_scope_begin(g, "TensorArrayGrad");
  ek_colocate_with_begin(g, ek_out_op(handle), false);
  const ek_op made =
      ek_build(g, "TensorArrayGradV3", EK_OUTS(handle, flow), EK_ATTRS(EK_STRING_ATTR("source", source)));
  ek_control_dependencies_begin(g, EK_OPS(made));
  out->flow = ek_op_output(ek_build(ek_named(g, "gradient_flow"), "Identity", EK_OUTS(flow), EK_NO_ATTRS), 0);
  ek_control_dependencies_end(g);
  open_and_close(g, "TensorArray");
  ek_colocate_with_end(g);
  ek_name_scope_end(g);
  out->handle = ek_op_output(made, 0);
  return made.id != 0;
}

/* ---- size, close */

static ek_code run_size(ek_run_context *c) {
  ek_container *array = NULL;
  EK_TRY(ek__container_of(c, EK_A_TENSOR_ARRAY, &array));
  *(int32_t *)c->out[0]->data = (int32_t)array->size;
  return EK_OK;
}

const ek_op_def ek_op_tensor_array_size_v3 = {.name = "TensorArraySizeV3",
                                              .doc = "how many elements the array has",
                                              .in = "handle: resource, flow_in: float",
                                              .out = "size: int32",
                                              .flags = EK_OP_HANDLES | EK_OP_NOT_DIFFERENTIABLE,
                                              .infer = ek__infer_scalar,
                                              .run = run_size};

static ek_code run_close(ek_run_context *c) {
  ek_container *array = NULL;
  EK_TRY(ek__container_of(c, EK_A_TENSOR_ARRAY, &array));
  array->closed = true;
  return EK_OK;
}

const ek_op_def ek_op_tensor_array_close_v3 = {.name = "TensorArrayCloseV3",
                                               .doc = "ends the life of the array",
                                               .in = "handle: resource",
                                               .flags = EK_OP_HANDLES | EK_OP_NOT_DIFFERENTIABLE,
                                               .run = run_close};
