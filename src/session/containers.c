/* SPDX-License-Identifier: Apache-2.0 */
/* Stacks and TensorArrays of a run. They are made in the same order in every run of a plan, so the one that is made
 * next gets the memory of the one that was made then. */
#include "ops/container.h"
#include "session/session.h"

ek_container *ek__containers_new(void *run) {
  ek_session *s = run;
  ek_status ignored = EK_STATUS_INIT;
  if (s->n_containers_used == s->n_containers) {
    if (ek__grow(s->allocator, &s->containers, &s->cap_containers, s->n_containers + 1, sizeof *s->containers,
                 &ignored) != EK_OK)
      return NULL;
    ek_container *made = ek__alloc(s->allocator, sizeof *made);
    if (made == NULL) return NULL;
    made->allocator = s->allocator;
    s->containers[s->n_containers++] = made;
    made->handle = s->n_containers;
  }
  return s->containers[s->n_containers_used++];
}

ek_container *ek__containers_get(void *run, int64_t handle) {
  const ek_session *s = run;
  return handle > 0 && handle <= s->n_containers_used ? s->containers[handle - 1] : NULL;
}

void ek__containers_release(ek_session *s) {
  for (int i = 0; i < s->n_containers_used; i++) {
    ek_container *c = s->containers[i];
    for (int k = 0; k < c->cap_items; k++) {
      ek__item_release(c, &c->items[k]);
      c->items[k].state = EK_ITEM_EMPTY;
    }
    c->dtype = EK_INVALID_DTYPE;
  }
  s->n_containers_used = 0;
}

void ek__containers_free(ek_session *s) {
  for (int i = 0; i < s->n_containers; i++) {
    ek_container *c = s->containers[i];
    for (int k = 0; k < c->cap_items; k++)
      ek__free(c->allocator, c->items[k].data, c->items[k].room > 0 ? c->items[k].room : 1);
    ek__free(c->allocator, c->items, (size_t)c->cap_items * sizeof *c->items);
    ek__free(s->allocator, c, sizeof *c);
  }
  ek__free(s->allocator, s->containers, (size_t)s->cap_containers * sizeof *s->containers);
}
