/* SPDX-License-Identifier: Apache-2.0 */
#include "formats/attr_value.h"

#include "formats/wire.h"

#include <string.h>

static void *arena_alloc(void *arena, size_t size, size_t align) {
  return align <= 16 ? ek__arena_alloc(arena, size) : NULL;
}

static void arena_free(void *arena, void *ptr, size_t size) {
  (void)arena;
  (void)ptr;
  (void)size;
}

ek_allocator ek__arena_allocator(ek__arena *arena) { return (ek_allocator){arena_alloc, arena_free, arena}; }

/* ---- reading */

static ek_text text_of(ProtobufCBinaryData b) { return (ek_text){b.len > 0 ? (const char *)b.data : "", b.len}; }

/* A NameAttrList is kept as its bytes. */
static ek_code func_bytes(const Ek__NameAttrList *f, ek__arena *arena, ek_text *out, ek_status *st) {
  const size_t size = ek__name_attr_list__get_packed_size(f);
  uint8_t *bytes = ek__arena_alloc(arena, size);
  if (bytes == NULL) return ek__no_memory(st, "a function attribute", size);
  *out = (ek_text){(const char *)bytes, ek__name_attr_list__pack(f, bytes)};
  return EK_OK;
}

/* What a list is a list of: its first member that is not empty. */
static ek_attr_kind list_kind(const Ek__AttrValue__ListValue *l, ek_attr_kind empty_list, size_t *n) {
  const struct {
    size_t n;
    ek_attr_kind kind;
  } members[] = {{l->n_s, EK_ATTR_LIST_STRING},      {l->n_i, EK_ATTR_LIST_INT},     {l->n_f, EK_ATTR_LIST_FLOAT},
                 {l->n_b, EK_ATTR_LIST_BOOL},        {l->n_type, EK_ATTR_LIST_TYPE}, {l->n_shape, EK_ATTR_LIST_SHAPE},
                 {l->n_tensor, EK_ATTR_LIST_TENSOR}, {l->n_func, EK_ATTR_LIST_FUNC}};
  for (size_t i = 0; i < sizeof members / sizeof members[0]; i++) {
    *n = members[i].n;
    if (*n > 0) return members[i].kind;
  }
  return empty_list >= EK_ATTR_LIST_STRING ? empty_list : EK_ATTR_LIST_STRING;
}

static size_t list_element_size(ek_attr_kind kind) {
  switch (kind) {
  case EK_ATTR_LIST_BOOL: return sizeof(bool);
  case EK_ATTR_LIST_TYPE: return sizeof(ek_dtype);
  case EK_ATTR_LIST_SHAPE: return sizeof(ek_shape);
  case EK_ATTR_LIST_TENSOR: return sizeof(ek_tensor *);
  default: return sizeof(ek_text);
  }
}

static ek_code list_from_proto(const Ek__AttrValue__ListValue *l, ek_attr_kind empty_list, ek__arena *arena,
                               const ek_allocator *a, size_t *room, ek_attr *out, ek_status *st) {
  size_t n = 0;
  const ek_attr_kind kind = list_kind(l, empty_list, &n);
  EK_REQUIRE(n <= INT32_MAX, st, EK_INVALID_ARGUMENT, "attribute %s: a list of %zu", out->name, n);
  void *items = ek__arena_array(arena, n, list_element_size(kind));
  if (items == NULL) return ek__no_memory(st, "a list", n);
  out->kind = kind;
  out->n = (int)n;
  out->v.strings = items;
  switch (kind) {
  case EK_ATTR_LIST_INT: out->v.ints = n > 0 ? l->i : items; return EK_OK;
  case EK_ATTR_LIST_FLOAT: out->v.floats = n > 0 ? l->f : items; return EK_OK;
  case EK_ATTR_LIST_BOOL:
    out->v.bools = items;
    for (size_t i = 0; i < n; i++) ((bool *)items)[i] = l->b[i] != 0;
    return EK_OK;
  case EK_ATTR_LIST_TYPE:
    out->v.types = items;
    for (size_t i = 0; i < n; i++) ((ek_dtype *)items)[i] = (ek_dtype)l->type[i];
    return EK_OK;
  case EK_ATTR_LIST_SHAPE:
    out->v.shapes = items;
    for (size_t i = 0; i < n; i++) EK_TRY(ek__shape_from_proto(l->shape[i], &((ek_shape *)items)[i], st));
    return EK_OK;
  case EK_ATTR_LIST_TENSOR:
    out->v.tensors = items;
    for (size_t i = 0; i < n; i++) {
      EK_TRY(ek__tensor_from_proto(l->tensor[i], a, room, &((ek_tensor **)items)[i], st));
    }
    return EK_OK;
  case EK_ATTR_LIST_FUNC:
    for (size_t i = 0; i < n; i++) EK_TRY(func_bytes(l->func[i], arena, &((ek_text *)items)[i], st));
    return EK_OK;
  default:
    for (size_t i = 0; i < n; i++) ((ek_text *)items)[i] = text_of(l->s[i]);
    return EK_OK;
  }
}

ek_code ek__attr_from_proto(const char *name, const Ek__AttrValue *p, ek_attr_kind empty_list, ek__arena *arena,
                            const ek_allocator *a, size_t *room, ek_attr *out, ek_status *st) {
  *out = (ek_attr){.name = name, .kind = EK_ATTR_NONE, .n = 1};
  if (p == NULL) return EK_OK;
  switch (p->value_case) {
  case EK__ATTR_VALUE__VALUE_S:
    out->kind = EK_ATTR_STRING;
    out->v.s = text_of(p->s);
    return EK_OK;
  case EK__ATTR_VALUE__VALUE_I:
    out->kind = EK_ATTR_INT;
    out->v.i = p->i;
    return EK_OK;
  case EK__ATTR_VALUE__VALUE_F:
    out->kind = EK_ATTR_FLOAT;
    out->v.f = p->f;
    return EK_OK;
  case EK__ATTR_VALUE__VALUE_B:
    out->kind = EK_ATTR_BOOL;
    out->v.b = p->b != 0;
    return EK_OK;
  case EK__ATTR_VALUE__VALUE_TYPE:
    out->kind = EK_ATTR_TYPE;
    out->v.type = (ek_dtype)p->type;
    return EK_OK;
  case EK__ATTR_VALUE__VALUE_SHAPE: out->kind = EK_ATTR_SHAPE; return ek__shape_from_proto(p->shape, &out->v.shape, st);
  case EK__ATTR_VALUE__VALUE_TENSOR:
    EK_TRY(ek__tensor_from_proto(p->tensor, a, room, &out->v.tensor, st));
    out->kind = EK_ATTR_TENSOR;
    return EK_OK;
  case EK__ATTR_VALUE__VALUE_PLACEHOLDER:
    out->kind = EK_ATTR_PLACEHOLDER;
    out->v.s = (ek_text){p->placeholder, strlen(p->placeholder)};
    return EK_OK;
  case EK__ATTR_VALUE__VALUE_FUNC: out->kind = EK_ATTR_FUNC; return func_bytes(p->func, arena, &out->v.s, st);
  case EK__ATTR_VALUE__VALUE_LIST: return list_from_proto(p->list, empty_list, arena, a, room, out, st);
  default: return EK_OK;
  }
}

void ek__attr_release(ek_attr *attr) {
  if (attr->kind == EK_ATTR_TENSOR) ek_tensor_free(attr->v.tensor);
  for (int i = 0; attr->kind == EK_ATTR_LIST_TENSOR && i < attr->n; i++) ek_tensor_free(attr->v.tensors[i]);
  attr->kind = EK_ATTR_NONE;
}

/* ---- writing */

static ProtobufCBinaryData bytes_of(ek_text t) {
  return (ProtobufCBinaryData){t.size, (uint8_t *)(uintptr_t)t.data}; /* packing only reads */
}

static ek_code func_to_proto(ek_text bytes, ek__arena *arena, Ek__NameAttrList **out, ek_status *st) {
  const ek_allocator a = ek__arena_allocator(arena);
  ProtobufCMessage *m = NULL;
  EK_TRY(ek__proto_unpack(&ek__name_attr_list__descriptor, bytes.data, bytes.size, "a function attribute", &a, &m, st));
  *out = (Ek__NameAttrList *)m;
  return EK_OK;
}

static ek_code list_to_proto(const ek_attr *attr, ek__arena *arena, Ek__AttrValue__ListValue *l, ek_status *st) {
  const size_t n = (size_t)attr->n;
  void *items = ek__arena_array(arena, n, sizeof(ProtobufCBinaryData)); /* no element is larger */
  if (items == NULL) return ek__no_memory(st, "a list", n);
  switch (attr->kind) {
  case EK_ATTR_LIST_INT:
    l->n_i = n;
    l->i = (int64_t *)(uintptr_t)attr->v.ints;
    return EK_OK;
  case EK_ATTR_LIST_FLOAT:
    l->n_f = n;
    l->f = (float *)(uintptr_t)attr->v.floats;
    return EK_OK;
  case EK_ATTR_LIST_BOOL:
    l->n_b = n;
    l->b = items;
    for (size_t i = 0; i < n; i++) l->b[i] = attr->v.bools[i];
    return EK_OK;
  case EK_ATTR_LIST_TYPE:
    l->n_type = n;
    l->type = items;
    for (size_t i = 0; i < n; i++) l->type[i] = (Ek__DataType)attr->v.types[i];
    return EK_OK;
  case EK_ATTR_LIST_SHAPE:
    l->n_shape = n;
    l->shape = items;
    for (size_t i = 0; i < n; i++) EK_TRY(ek__shape_to_proto(attr->v.shapes[i], arena, &l->shape[i], st));
    return EK_OK;
  case EK_ATTR_LIST_TENSOR:
    l->n_tensor = n;
    l->tensor = items;
    for (size_t i = 0; i < n; i++) EK_TRY(ek__tensor_to_proto(attr->v.tensors[i], arena, &l->tensor[i], st));
    return EK_OK;
  case EK_ATTR_LIST_FUNC:
    l->n_func = n;
    l->func = items;
    for (size_t i = 0; i < n; i++) EK_TRY(func_to_proto(attr->v.strings[i], arena, &l->func[i], st));
    return EK_OK;
  default:
    l->n_s = n;
    l->s = items;
    for (size_t i = 0; i < n; i++) l->s[i] = bytes_of(attr->v.strings[i]);
    return EK_OK;
  }
}

ek_code ek__attr_to_proto(const ek_attr *attr, ek__arena *arena, Ek__AttrValue **out, ek_status *st) {
  Ek__AttrValue *p = ek__arena_alloc(arena, sizeof *p);
  *out = p;
  if (p == NULL) return ek__no_memory(st, "an attribute", sizeof *p);
  ek__attr_value__init(p);
  switch (attr->kind) {
  case EK_ATTR_NONE: return EK_OK;
  case EK_ATTR_STRING:
    p->value_case = EK__ATTR_VALUE__VALUE_S;
    p->s = bytes_of(attr->v.s);
    return EK_OK;
  case EK_ATTR_INT:
    p->value_case = EK__ATTR_VALUE__VALUE_I;
    p->i = attr->v.i;
    return EK_OK;
  case EK_ATTR_FLOAT:
    p->value_case = EK__ATTR_VALUE__VALUE_F;
    p->f = attr->v.f;
    return EK_OK;
  case EK_ATTR_BOOL:
    p->value_case = EK__ATTR_VALUE__VALUE_B;
    p->b = attr->v.b;
    return EK_OK;
  case EK_ATTR_TYPE:
    p->value_case = EK__ATTR_VALUE__VALUE_TYPE;
    p->type = (Ek__DataType)attr->v.type;
    return EK_OK;
  case EK_ATTR_SHAPE:
    p->value_case = EK__ATTR_VALUE__VALUE_SHAPE;
    return ek__shape_to_proto(attr->v.shape, arena, &p->shape, st);
  case EK_ATTR_TENSOR:
    p->value_case = EK__ATTR_VALUE__VALUE_TENSOR;
    return ek__tensor_to_proto(attr->v.tensor, arena, &p->tensor, st);
  case EK_ATTR_PLACEHOLDER:
    p->value_case = EK__ATTR_VALUE__VALUE_PLACEHOLDER;
    p->placeholder = (char *)(uintptr_t)attr->v.s.data;
    return EK_OK;
  case EK_ATTR_FUNC: p->value_case = EK__ATTR_VALUE__VALUE_FUNC; return func_to_proto(attr->v.s, arena, &p->func, st);
  default:
    p->value_case = EK__ATTR_VALUE__VALUE_LIST;
    p->list = ek__arena_alloc(arena, sizeof *p->list);
    if (p->list == NULL) return ek__no_memory(st, "a list", sizeof *p->list);
    ek__attr_value__list_value__init(p->list);
    return list_to_proto(attr, arena, p->list, st);
  }
}
