/* SPDX-License-Identifier: Apache-2.0 */
/* What outlives a run: variables, keyed by container and shared_name (or the node's name), and the counters of random
 * ops. */
#include "session/session.h"

#include <stdio.h>
#include <string.h>

static const char *text_attr(const ek__node *node, const char *name) {
  const ek_attr *a = ek__attr_find(node, name);
  return a != NULL && a->kind == EK_ATTR_STRING ? a->v.s.data : "";
}

ek_slot *ek__session_slot(ek_session *s, const ek__node *node, ek_status *st) {
  const char *container = text_attr(node, "container"), *shared = text_attr(node, "shared_name");
  const char *name = *shared != '\0' ? shared : node->name;
  const ek_attr *dtype = ek__attr_find(node, "dtype");
  if (dtype == NULL || dtype->kind != EK_ATTR_TYPE) return NULL; /* a resource or reference that is no variable */
  const size_t size = strlen(container) + strlen(name) + 2;
  if (ek__grow(s->allocator, &s->key, &s->cap_key, (int)size, 1, st) != EK_OK) return NULL;
  (void)snprintf(s->key, size, "%s|%s", container, name);
  const int64_t *known = ek__map_get(&s->slots, s->key);
  if (known != NULL) {
    ek_slot *slot = s->slot_list[*known];
    if (slot->dtype == dtype->v.type) return slot;
    (void)ek_status_set(st, EK_INVALID_ARGUMENT, "%s '%s': shares a variable that is %s, not %s", node->type,
                        node->name, ek_dtype_name(slot->dtype), ek_dtype_name(dtype->v.type));
    return NULL;
  }
  char *key = ek__arena_strdup(&s->names, s->key);
  ek_slot *slot = key != NULL ? ek__arena_alloc(&s->state, sizeof *slot) : NULL;
  if (slot == NULL) return (void)ek__no_memory(st, "a variable", sizeof *slot), NULL;
  *slot = (ek_slot){.key = key + strlen(container) + 1, .dtype = dtype->v.type};
  if (ek__grow(s->allocator, &s->slot_list, &s->cap_slots, s->n_slots + 1, sizeof slot, st) != EK_OK) return NULL;
  if (ek__map_put(&s->slots, key, s->n_slots, st) != EK_OK) return NULL;
  s->slot_list[s->n_slots++] = slot;
  return slot;
}

uint64_t *ek__session_random(ek_session *s, ek_op op, ek_status *st) {
  if (ek__grow(s->allocator, &s->random, &s->cap_random, op.id + 1, sizeof *s->random, st) != EK_OK) return NULL;
  if (s->random[op.id] == NULL) {
    s->random[op.id] =
        ek__arena_alloc(&s->state, 2 * sizeof(uint64_t)); /* position, and the key that an unseeded op drew */
    if (s->random[op.id] == NULL) (void)ek__no_memory(st, "a random op's state", sizeof(uint64_t));
  }
  return s->random[op.id];
}

void ek__session_state_free(ek_session *s) {
  for (int i = 0; i < s->n_slots; i++) ek_tensor_free(s->slot_list[i]->tensor);
  ek__free(s->allocator, s->slot_list, (size_t)s->cap_slots * sizeof(ek_slot *));
  ek__free(s->allocator, s->key, (size_t)s->cap_key);
  ek__free(s->allocator, s->random, (size_t)s->cap_random * sizeof *s->random);
}

/* ---- from outside */

static ek_slot *slot_of(ek_session *s, ek_variable v, ek_status *st) {
  const ek__node *n = ek__node_of(s->graph, ek_variable_op(s->graph, v));
  if (n == NULL) return (void)ek_status_set(st, EK_INVALID_ARGUMENT, "not a variable of this graph"), NULL;
  return ek__session_slot(s, n, st);
}

ek_tensor *ek_session_get_variable(ek_session *s, ek_variable v, ek_status *st) {
  if (ek__session_enter(s, st) != EK_OK) return NULL;
  const ek_slot *slot = slot_of(s, v, st);
  ek_tensor *copy = NULL;
  if (slot != NULL && slot->tensor == NULL)
    (void)ek_status_set(st, EK_FAILED_PRECONDITION, "Attempting to use uninitialized value %s",
                        ek_variable_name(s->graph, v));
  if (slot != NULL && slot->tensor != NULL) {
    copy = ek_tensor_new(slot->tensor->dtype, slot->tensor->shape, s->allocator, st);
    if (copy != NULL) ek__copy_elements(copy->dtype, copy->data, slot->tensor->data, ek_tensor_num_elements(copy));
  }
  ek__session_leave(s);
  return copy;
}

static ek_code set_variable(ek_session *s, ek_variable v, const ek_tensor *value, ek_status *st) {
  char given[EK_SHAPE_TEXT], wanted[EK_SHAPE_TEXT];
  const ek_shape shape = ek_variable_shape(s->graph, v);
  ek_slot *slot = slot_of(s, v, st);
  if (slot == NULL) return st != NULL ? st->code : EK_INVALID_ARGUMENT;
  EK_REQUIRE(value->dtype == slot->dtype && ek_shape_compatible(shape, value->shape), st, EK_INVALID_ARGUMENT,
             "variable '%s': cannot hold %s %s, it is %s %s", slot->key, ek_dtype_name(value->dtype),
             ek_shape_format(value->shape, given, sizeof given), ek_dtype_name(slot->dtype),
             ek_shape_format(shape, wanted, sizeof wanted));
  if (slot->tensor == NULL || !ek_shape_equal(slot->tensor->shape, value->shape)) {
    ek_tensor *fresh = ek_tensor_new(value->dtype, value->shape, s->allocator, st);
    if (fresh == NULL) return EK_RESOURCE_EXHAUSTED;
    ek_tensor_free(slot->tensor);
    slot->tensor = fresh;
  }
  ek__copy_elements(value->dtype, slot->tensor->data, value->data, ek_tensor_num_elements(value));
  return EK_OK;
}

ek_code ek_session_set_variable(ek_session *s, ek_variable v, ek_tensor *value, ek_status *st) {
  EK_TRY(ek__session_enter(s, st));
  const ek_code rc = set_variable(s, v, value, st);
  ek__session_leave(s);
  return rc;
}

bool ek_session_is_initialized(ek_session *s, ek_variable v) {
  const ek_slot *slot = slot_of(s, v, NULL);
  return slot != NULL && slot->tensor != NULL;
}

ek_code ek_session_get_random_state(ek_session *s, ek_tensor **names, ek_tensor **counters, ek_status *st) {
  *names = *counters = NULL;
  int64_t n = 0;
  for (int i = 1; i < s->cap_random; i++) n += s->random[i] != NULL;
  ek_tensor *who = ek_tensor_new(EK_STRING, ek_shape_of(&n, 1), s->allocator, st);
  ek_tensor *where = who != NULL ? ek_tensor_new(EK_INT64, ek_shape(n, 2), s->allocator, st) : NULL;
  ek_code rc = where != NULL ? EK_OK : EK_RESOURCE_EXHAUSTED;
  int64_t k = 0;
  for (int i = 1; i < s->cap_random && rc == EK_OK; i++) {
    if (s->random[i] == NULL) continue;
    const char *name = ek_op_name(s->graph, (ek_op){i});
    memcpy((int64_t *)where->data + 2 * k, s->random[i], 2 * sizeof(uint64_t));
    rc = ek_tensor_set_string(who, k++, name, strlen(name), st);
  }
  if (rc == EK_OK) return *names = who, *counters = where, EK_OK;
  ek_tensor_free(who);
  ek_tensor_free(where);
  return rc;
}

ek_code ek_session_set_random_state(ek_session *s, const ek_tensor *names, const ek_tensor *counters, ek_status *st) {
  const int64_t n = ek_tensor_num_elements(names);
  EK_REQUIRE(names->dtype == EK_STRING && counters->dtype == EK_INT64 && ek_tensor_num_elements(counters) == 2 * n, st,
             EK_INVALID_ARGUMENT, "random state: needs n names and [n,2] int64 counters");
  for (int64_t i = 0; i < n; i++) {
    const ek_op op = ek_graph_find_op(s->graph, ek_tensor_string(names, i, NULL));
    EK_REQUIRE(op.id != 0, st, EK_NOT_FOUND, "random state: the graph has no op '%s'",
               ek_tensor_string(names, i, NULL));
    uint64_t *state = ek__session_random(s, op, st);
    if (state == NULL) return EK_RESOURCE_EXHAUSTED;
    memcpy(state, (const int64_t *)counters->data + 2 * i, 2 * sizeof(uint64_t));
  }
  return EK_OK;
}
