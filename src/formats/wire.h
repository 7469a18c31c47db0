/* SPDX-License-Identifier: Apache-2.0 */
/* Protocol buffers from files that may be anything: unpacking with limits, packing in one block. protobuf-c itself
 * recurses without bound and lets a few bytes of input claim a hundred times their size in memory; both are checked
 * here first. */
#ifndef EK_FORMATS_WIRE_H
#define EK_FORMATS_WIRE_H

#include "base/memory.h"

#include <protobuf-c/protobuf-c.h>

enum { EK__PROTO_MAX_DEPTH = 100 }; /* messages inside messages, the outermost counted */

/* The message of type d in bytes. The memory comes from a, at most 64 MB + 8 * size at a time. what names the file in
 * messages. Unknown fields are kept and are written again by ek__proto_pack. Free with ek__proto_free.
 * DATA_LOSS: truncated or malformed, nested over EK__PROTO_MAX_DEPTH, a string field with a NUL, a single message field
 * given twice. RESOURCE_EXHAUSTED: over the budget, or a has no memory. On failure *out is NULL. */
ek_code ek__proto_unpack(const ProtobufCMessageDescriptor *d, const void *bytes, size_t size, const char *what,
                         const ek_allocator *a, ProtobufCMessage **out, ek_status *st);

/* Frees a message that ek__proto_unpack or ek__text_read made with a; m may be NULL. */
void ek__proto_free(const ek_allocator *a, ProtobufCMessage *m);

/* The bytes of m, in the order of the field numbers: the same message gives the same bytes. *bytes is freed with
 * ek__free(a, *bytes, *size). INVALID_ARGUMENT: 2 GB or more, which no reader takes. */
ek_code ek__proto_pack(const ProtobufCMessage *m, const char *what, const ek_allocator *a, uint8_t **bytes,
                       size_t *size, ek_status *st);

/* Bytes of one value of a field: in its struct, or as an element of its array. */
size_t ek__proto_element_size(ProtobufCType type);

/* Where the parts of one message under construction come from: an allocator, watched. */
typedef struct ek__proto_heap {
  const ek_allocator *allocator;
  size_t used, budget;
  size_t refused;   /* the size that was not given, 0 if none yet */
  bool over_budget; /* why not */
} ek__proto_heap;

void ek__proto_heap_init(ek__proto_heap *heap, const ek_allocator *a, size_t input_size);
void *ek__proto_heap_alloc(ek__proto_heap *heap, size_t size); /* not zeroed; NULL: over the budget or out of memory */
void ek__proto_heap_free(ek__proto_heap *heap, void *ptr);     /* ptr may be NULL */
/* RESOURCE_EXHAUSTED, saying which of the two it was. */
ek_code ek__proto_heap_error(const ek__proto_heap *heap, const char *what, ek_status *st);

#endif
