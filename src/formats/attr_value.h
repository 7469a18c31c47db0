/* SPDX-License-Identifier: Apache-2.0 */
/* Attributes as protocol buffers. */
#ifndef EK_FORMATS_ATTR_VALUE_H
#define EK_FORMATS_ATTR_VALUE_H

#include "formats/tensor_proto.h"
#include "graph/graph.h"

#include "attr_value.pb-c.h"

/* An allocator over an arena, for messages that go with it: what is freed comes back only with the arena. */
ek_allocator ek__arena_allocator(ek__arena *arena);

/* p as an attribute called name. Arrays lie in arena or are borrowed from p, tensors come from a and are the caller's
 * until ek__attr_release; *room as for ek__tensor_from_proto. An empty list does not say what it is a list of:
 * empty_list does. */
ek_code ek__attr_from_proto(const char *name, const Ek__AttrValue *p, ek_attr_kind empty_list, ek__arena *arena,
                            const ek_allocator *a, size_t *room, ek_attr *out, ek_status *st);
void ek__attr_release(ek_attr *attr);

/* *out lies in arena and borrows from attr. */
ek_code ek__attr_to_proto(const ek_attr *attr, ek__arena *arena, Ek__AttrValue **out, ek_status *st);

#endif
