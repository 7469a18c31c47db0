/* SPDX-License-Identifier: Apache-2.0 */
#include "ops/container.h"

#include <inttypes.h>
#include <string.h>

size_t ek__value_bytes(ek_dtype dtype, int64_t n) {
  return (size_t)n * (dtype == EK_RESOURCE ? sizeof(int64_t) : ek_dtype_size(dtype));
}

void ek__copy_values(ek_dtype dtype, void *to, const void *from, int64_t n) {
  ek__copy_elements(dtype == EK_RESOURCE ? EK_INT64 : dtype, to, from, n);
}

ek_code ek__container_make(ek_run_context *c, ek_container_kind kind, ek_container **out) {
  ek_container *made = c->services->new_container(c->run);
  if (made == NULL) return ek__no_memory(c->st, c->node->name, sizeof *made);
  const ek_container kept = *made;
  *made = (ek_container){.allocator = kept.allocator,
                         .kind = kind,
                         .handle = kept.handle,
                         .name = c->node->name,
                         .max_size = -1,
                         .element_shape = ek_shape_unknown(),
                         .items = kept.items,
                         .cap_items = kept.cap_items};
  int64_t *handle = c->out[0]->data;
  for (int64_t i = 0; i < c->out[0]->n; i++) handle[i] = made->handle;
  *out = made;
  return EK_OK;
}

ek_code ek__container_of(ek_run_context *c, ek_container_kind kind, ek_container **out) {
  static const char *const words[] = {"stack", "TensorArray"};
  const ek_value *handle = c->in[0];
  const bool is_handle = handle->slot == NULL && handle->dtype == EK_RESOURCE && handle->n > 0 && handle->data != NULL;
  ek_container *found = is_handle ? c->services->container(c->run, *(const int64_t *)handle->data) : NULL;
  EK_RUN_REQUIRE(c, found != NULL && found->kind == kind, "its handle is of no %s", words[kind]);
  EK_RUN_REQUIRE(c, !found->closed, "%s '%s' has already been closed", words[kind], found->name);
  *out = found;
  return EK_OK;
}

ek_code ek__container_item(ek_run_context *c, ek_container *on, int64_t i, ek_element **out) {
  if (i >= EK_MOST_ITEMS)
    return ek__run_fail(c, EK_RESOURCE_EXHAUSTED, "'%s' holds at most %d tensors", on->name, EK_MOST_ITEMS);
  EK_TRY(ek__grow(on->allocator, &on->items, &on->cap_items, (int)i + 1, sizeof *on->items, c->st));
  *out = &on->items[i];
  return EK_OK;
}

void ek__item_release(const ek_container *on, ek_element *item) {
  if (on->dtype == EK_STRING && item->data != NULL)
    for (size_t k = 0; k < item->room / sizeof(ek__bytes *); k++) {
      ek__bytes_free(((ek__bytes **)item->data)[k]);
      ((ek__bytes **)item->data)[k] = NULL;
    }
}

ek_code ek__item_write(ek_run_context *c, ek_container *on, ek_element *item, ek_shape shape, const void *data) {
  const int64_t n = ek_shape_num_elements(shape);
  const size_t bytes = ek__value_bytes(on->dtype, n);
  if (item->room < bytes || item->data == NULL) {
    void *fresh = ek__alloc(on->allocator, bytes > 0 ? bytes : 1);
    if (fresh == NULL) return ek__no_memory(c->st, c->node->name, bytes);
    ek__item_release(on, item);
    ek__free(on->allocator, item->data, item->room > 0 ? item->room : 1);
    item->data = fresh;
    item->room = bytes;
  }
  if (on->dtype == EK_STRING && item->state != EK_ITEM_WRITTEN) memset(item->data, 0, item->room);
  ek__copy_values(on->dtype, item->data, data, n);
  item->shape = shape;
  item->n = n;
  item->state = EK_ITEM_WRITTEN;
  return EK_OK;
}
