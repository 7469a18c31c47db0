/* SPDX-License-Identifier: Apache-2.0 */
/* What a run makes and holds for its ops until it is over: stacks and TensorArrays. Tensors in it are copies in memory
 * of its own, which later runs use again. A handle is a number that the session knows it by. */
#ifndef EK_OPS_CONTAINER_H
#define EK_OPS_CONTAINER_H

#include "ops/run.h"

typedef enum ek_element_state { EK_ITEM_EMPTY, EK_ITEM_SHAPED, EK_ITEM_WRITTEN, EK_ITEM_CLEARED } ek_element_state;

typedef struct ek_element {
  ek_element_state state; /* SHAPED: zeros of that shape, not yet made */
  ek_shape shape;
  int64_t n;
  size_t room;
  void *data;
} ek_element;

typedef enum ek_container_kind { EK_A_STACK, EK_A_TENSOR_ARRAY } ek_container_kind;

struct ek_container {
  const ek_allocator *allocator;
  ek_container_kind kind;
  int64_t handle;
  const char *name; /* of the node that made it */
  ek_dtype dtype;
  ek_shape element_shape; /* of a TensorArray: as far as it is known */
  int64_t size;           /* elements on a stack, or of the array */
  int64_t max_size;       /* of a stack; -1: any */
  bool dynamic_size, clear_after_read, identical, closed;
  bool adds;             /* of a gradient: what is written twice is added up */
  const char *source;    /* of a gradient */
  int64_t next_gradient; /* of an array: handle of its first gradient; of one: of the next; 0: none */
  ek_element *items;
  int cap_items;
};

enum { EK_MOST_ITEMS = 1 << 24 };

/* A new one, and its handle in output 0. */
ek_code ek__container_make(ek_run_context *c, ek_container_kind kind, ek_container **out);
/* The one that input 0 is a handle of. */
ek_code ek__container_of(ek_run_context *c, ek_container_kind kind, ek_container **out);
/* Item i, made if the container has not yet come so far. i is below EK_MOST_ITEMS. */
ek_code ek__container_item(ek_run_context *c, ek_container *on, int64_t i, ek_element **out);
/* Its own copy of elements from data. */
ek_code ek__item_write(ek_run_context *c, ek_container *on, ek_element *item, ek_shape shape, const void *data);
void ek__item_release(const ek_container *on, ek_element *item); /* its strings */

/* n elements of that dtype, handles included. */
size_t ek__value_bytes(ek_dtype dtype, int64_t n);
void ek__copy_values(ek_dtype dtype, void *to, const void *from, int64_t n);

#endif
