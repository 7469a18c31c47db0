/* SPDX-License-Identifier: Apache-2.0 */
#include "ops/run.h"

#include <omp.h>
#include <stdarg.h>
#include <stdio.h>

ek_code ek__run_fail(ek_run_context *c, ek_code code, const char *fmt, ...) {
  char text[sizeof c->st->msg];
  va_list ap;
  va_start(ap, fmt);
  (void)vsnprintf(text, sizeof text, fmt, ap);
  va_end(ap);
  return ek_status_set(c->st, code, "%s '%s': %s", c->node->type, c->node->name, text);
}

ek_code ek__run_output(ek_run_context *c, int i, ek_shape shape) {
  ek_value *out = c->out[i];
  char found[EK_SHAPE_TEXT], planned[EK_SHAPE_TEXT];
  if (out->data != NULL && ek_shape_equal(out->shape, shape)) return EK_OK;
  EK_RUN_REQUIRE(c, ek_shape_compatible(out->shape, shape), "output %d has shape %s, inference said %s", i,
                 ek_shape_format(shape, found, sizeof found), ek_shape_format(out->shape, planned, sizeof planned));
  size_t bytes = 0;
  ek_status why = EK_STATUS_INIT;
  const ek_dtype stored = out->dtype != EK_RESOURCE ? out->dtype : EK_INT64; /* a handle is a number */
  const ek_code code = ek__tensor_bytes(stored, shape, &bytes, &why);
  if (code != EK_OK) return ek__run_fail(c, code, "output %d: %s", i, why.msg);
  out->data = c->services->output(c->run, out, bytes);
  if (out->data == NULL) return ek__no_memory(c->st, c->node->name, bytes);
  out->shape = shape;
  out->n = ek_shape_num_elements(shape);
  return EK_OK;
}

ek_code ek__run_set_string(ek_run_context *c, int i, int64_t k, const void *bytes, size_t size) {
  ek__bytes *fresh = ek__bytes_new(bytes, size);
  if (fresh == NULL) return ek__no_memory(c->st, c->node->name, size);
  ek__bytes **slot = (ek__bytes **)c->out[i]->data + k;
  ek__bytes_free(*slot);
  *slot = fresh;
  return EK_OK;
}

ek_code ek__run_variable(ek_run_context *c, int i, ek_tensor **tensor) {
  const ek_slot *slot = c->in[i]->slot;
  const bool resource = c->in[i]->dtype == EK_RESOURCE;
  if (slot == NULL) return ek__run_fail(c, EK_INVALID_ARGUMENT, "input %d is no variable", i);
  *tensor = slot->tensor;
  if (slot->tensor != NULL) return EK_OK;
  if (resource)
    return ek__run_fail(
        c, EK_FAILED_PRECONDITION,
        "Error while reading resource variable %s. This could mean that the variable was uninitialized.", slot->key);
  return ek__run_fail(c, EK_FAILED_PRECONDITION, "Attempting to use uninitialized value %s", slot->key);
}

ek_code ek__run_variable_resize(ek_run_context *c, int i, ek_dtype dtype, ek_shape shape, ek_tensor **tensor) {
  ek_slot *slot = c->in[i]->slot;
  if (slot == NULL) return ek__run_fail(c, EK_INVALID_ARGUMENT, "input %d is no variable", i);
  if (slot->tensor == NULL || slot->tensor->dtype != dtype || !ek_shape_equal(slot->tensor->shape, shape)) {
    ek_tensor *fresh = ek_tensor_new(dtype, shape, c->allocator, c->st);
    if (fresh == NULL) return c->st->code;
    if (slot->tensor != NULL) c->services->retire(c->run, slot->tensor);
    slot->tensor = fresh;
  }
  *tensor = slot->tensor;
  return EK_OK;
}

int64_t ek__value_int(const ek_value *v, int64_t k) {
  switch (v->dtype) {
  case EK_INT32: return ((const int32_t *)v->data)[k];
  case EK_INT64: return ((const int64_t *)v->data)[k];
  case EK_UINT8: return ((const uint8_t *)v->data)[k];
  case EK_INT16: return ((const int16_t *)v->data)[k];
  case EK_INT8: return ((const int8_t *)v->data)[k];
  case EK_UINT16: return ((const uint16_t *)v->data)[k];
  case EK_FLOAT32: return (int64_t)((const float *)v->data)[k];
  case EK_FLOAT64: return (int64_t)((const double *)v->data)[k];
  default: return 0;
  }
}

int ek__run_threads(const ek_run_context *c, int64_t bytes) {
  enum {
    WORTH_A_THREAD = 1 << 18
  }; /* a parallel region costs about 1.4 us, as much as a core moves of 64 KB to 128 KB */
  return bytes >= WORTH_A_THREAD ? c->threads : 1;
}

int ek__default_threads(void) { return omp_get_max_threads(); }
