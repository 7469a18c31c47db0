/* SPDX-License-Identifier: Apache-2.0 */
#include "formats/wire.h"

#include <string.h>

enum { BASE_BUDGET = 64 << 20, BUDGET_FACTOR = 8, BLOCK_ALIGN = 16 };

/* In front of every block: protobuf-c frees without telling the size. */
struct block_header {
  size_t size; /* all of the block */
  size_t padding;
};
_Static_assert(sizeof(struct block_header) % BLOCK_ALIGN == 0, "what follows the header is aligned");

void ek__proto_heap_init(ek__proto_heap *heap, const ek_allocator *a, size_t input_size) {
  *heap = (ek__proto_heap){.allocator = a, .budget = SIZE_MAX};
  size_t extra = 0;
  if (ek__mul_size(input_size, BUDGET_FACTOR, &extra) && extra <= SIZE_MAX - BASE_BUDGET) {
    heap->budget = BASE_BUDGET + extra;
  }
}

void *ek__proto_heap_alloc(ek__proto_heap *heap, size_t size) {
  size_t bytes = 0;
  if (!ek__add_size(size, sizeof(struct block_header), &bytes) || bytes > heap->budget - heap->used) {
    heap->refused = size;
    heap->over_budget = true;
    return NULL;
  }
  struct block_header *b = heap->allocator->alloc(heap->allocator->ctx, bytes, BLOCK_ALIGN);
  if (b == NULL) {
    heap->refused = size;
    return NULL;
  }
  b->size = bytes;
  heap->used += bytes;
  return b + 1;
}

static size_t free_block(const ek_allocator *a, void *ptr) {
  struct block_header *b = (struct block_header *)ptr - 1;
  const size_t bytes = b->size;
  a->free(a->ctx, b, bytes);
  return bytes;
}

void ek__proto_heap_free(ek__proto_heap *heap, void *ptr) {
  if (ptr != NULL) heap->used -= free_block(heap->allocator, ptr);
}

ek_code ek__proto_heap_error(const ek__proto_heap *heap, const char *what, ek_status *st) {
  if (!heap->over_budget) return ek__no_memory(st, what, heap->refused);
  return ek_status_set(st, EK_RESOURCE_EXHAUSTED, "%s: its messages take more than the %zu bytes allowed for its size",
                       what, heap->budget);
}

size_t ek__proto_element_size(ProtobufCType type) {
  switch (type) {
  case PROTOBUF_C_TYPE_STRING: return sizeof(char *);
  case PROTOBUF_C_TYPE_BYTES: return sizeof(ProtobufCBinaryData);
  case PROTOBUF_C_TYPE_MESSAGE: return sizeof(ProtobufCMessage *);
  case PROTOBUF_C_TYPE_INT64:
  case PROTOBUF_C_TYPE_SINT64:
  case PROTOBUF_C_TYPE_SFIXED64:
  case PROTOBUF_C_TYPE_UINT64:
  case PROTOBUF_C_TYPE_FIXED64:
  case PROTOBUF_C_TYPE_DOUBLE: return 8;
  default: return 4; /* bool and enum too */
  }
}

/* The walker: looks at every key and length before protobuf-c does. */
typedef struct ek__walk {
  const uint8_t *begin;
  const char *what;
  size_t memory, budget; /* of the message structs alone, known before any is allocated */
  ek_status *st;
} ek__walk;

/* NULL: no varint that ends within max bytes before end. */
static const uint8_t *read_varint(const uint8_t *p, const uint8_t *end, int max, uint64_t *value) {
  *value = 0;
  for (int i = 0; i < max && p < end; i++, p++) {
    *value |= (uint64_t)(*p & 0x7f) << (7 * i);
    if (*p < 0x80) return p + 1;
  }
  return NULL;
}

static int wire_type_of(ProtobufCType type) {
  switch (type) {
  case PROTOBUF_C_TYPE_FIXED32:
  case PROTOBUF_C_TYPE_SFIXED32:
  case PROTOBUF_C_TYPE_FLOAT: return PROTOBUF_C_WIRE_TYPE_32BIT;
  case PROTOBUF_C_TYPE_FIXED64:
  case PROTOBUF_C_TYPE_SFIXED64:
  case PROTOBUF_C_TYPE_DOUBLE: return PROTOBUF_C_WIRE_TYPE_64BIT;
  case PROTOBUF_C_TYPE_STRING:
  case PROTOBUF_C_TYPE_BYTES:
  case PROTOBUF_C_TYPE_MESSAGE: return PROTOBUF_C_WIRE_TYPE_LENGTH_PREFIXED;
  default: return PROTOBUF_C_WIRE_TYPE_VARINT;
  }
}

static ek_code malformed(const ek__walk *w, const uint8_t *p, const ProtobufCMessageDescriptor *d,
                         const char *problem) {
  return ek_status_set(w->st, EK_DATA_LOSS, "%s: byte %td: %s: %s", w->what, p - w->begin, d->short_name, problem);
}

static ek_code walk_message(ek__walk *w, const ProtobufCMessageDescriptor *d, const uint8_t *p, const uint8_t *end,
                            int depth);

/* The contents p..end of field f of a message d. */
static ek_code walk_field(ek__walk *w, const ProtobufCMessageDescriptor *d, const ProtobufCFieldDescriptor *f,
                          int wire_type, const uint8_t *p, const uint8_t *end, int depth) {
  const bool packed = f->label == PROTOBUF_C_LABEL_REPEATED && wire_type == PROTOBUF_C_WIRE_TYPE_LENGTH_PREFIXED;
  EK_REQUIRE(packed || wire_type == wire_type_of(f->type), w->st, EK_DATA_LOSS,
             "%s: byte %td: field '%s' of %s has wire type %d, not %d", w->what, p - w->begin, f->name, d->short_name,
             wire_type, wire_type_of(f->type));
  EK_REQUIRE(f->type != PROTOBUF_C_TYPE_STRING || memchr(p, 0, (size_t)(end - p)) == NULL, w->st, EK_DATA_LOSS,
             "%s: byte %td: string field '%s' of %s holds a NUL", w->what, p - w->begin, f->name, d->short_name);
  return f->type == PROTOBUF_C_TYPE_MESSAGE ? walk_message(w, f->descriptor, p, end, depth + 1) : EK_OK;
}

static ek_code walk_message(ek__walk *w, const ProtobufCMessageDescriptor *d, const uint8_t *p, const uint8_t *end,
                            int depth) {
  if (depth > EK__PROTO_MAX_DEPTH) return malformed(w, p, d, "messages are nested more than 100 deep");
  w->memory += d->sizeof_message + sizeof(struct block_header);
  EK_REQUIRE(w->memory <= w->budget, w->st, EK_RESOURCE_EXHAUSTED,
             "%s: its messages take more than the %zu bytes allowed for its size", w->what, w->budget);
  uint64_t seen = 0; /* single message fields; protobuf-c would merge, in quadratic time */
  while (p < end) {
    const uint8_t *at = p;
    uint64_t key = 0, length = 0;
    p = read_varint(p, end, 5, &key);
    if (p == NULL || key >> 32 != 0 || key >> 3 == 0) return malformed(w, at, d, "no field key");
    const int wire_type = (int)(key & 7);
    const uint8_t *content = p;
    switch (wire_type) {
    case PROTOBUF_C_WIRE_TYPE_VARINT:
      p = read_varint(p, end, 10, &length);
      if (p == NULL) return malformed(w, at, d, "an integer is cut off or over 10 bytes");
      break;
    case PROTOBUF_C_WIRE_TYPE_64BIT:
    case PROTOBUF_C_WIRE_TYPE_32BIT:
      length = wire_type == PROTOBUF_C_WIRE_TYPE_64BIT ? 8 : 4;
      if ((uint64_t)(end - p) < length) return malformed(w, at, d, "a number is cut off");
      p += length;
      break;
    case PROTOBUF_C_WIRE_TYPE_LENGTH_PREFIXED:
      p = read_varint(p, end, 5, &length);
      if (p == NULL) return malformed(w, at, d, "a length is cut off or over 5 bytes");
      EK_REQUIRE(length <= (uint64_t)(end - p), w->st, EK_DATA_LOSS,
                 "%s: byte %td: field %u of %s claims %llu bytes, %td are left", w->what, at - w->begin,
                 (unsigned)(key >> 3), d->short_name, (unsigned long long)length, end - p);
      content = p;
      p += length;
      break;
    default: return malformed(w, at, d, "unsupported wire type");
    }
    const ProtobufCFieldDescriptor *f = protobuf_c_message_descriptor_get_field(d, (unsigned)(key >> 3));
    if (f == NULL) continue;
    EK_TRY(walk_field(w, d, f, wire_type, content, p, depth));
    if (f->type == PROTOBUF_C_TYPE_MESSAGE && f->label != PROTOBUF_C_LABEL_REPEATED) {
      const uint64_t bit = UINT64_C(1) << ((size_t)(f - d->fields) % 64);
      EK_REQUIRE((seen & bit) == 0, w->st, EK_DATA_LOSS, "%s: byte %td: field '%s' of %s is there twice", w->what,
                 at - w->begin, f->name, d->short_name);
      seen |= bit;
    }
  }
  return EK_OK;
}

static void *heap_alloc(void *heap, size_t size) { return ek__proto_heap_alloc(heap, size); }
static void heap_free(void *heap, void *ptr) { ek__proto_heap_free(heap, ptr); }

ek_code ek__proto_unpack(const ProtobufCMessageDescriptor *d, const void *bytes, size_t size, const char *what,
                         const ek_allocator *a, ProtobufCMessage **out, ek_status *st) {
  *out = NULL;
  EK_REQUIRE(size <= INT32_MAX, st, EK_DATA_LOSS, "%s: %zu bytes, a %s has less than 2 GB", what, size, d->short_name);
  ek__proto_heap heap;
  ek__proto_heap_init(&heap, a, size);
  const uint8_t *p = size == 0 ? (const uint8_t *)"" : bytes;
  ek__walk walk = {.begin = p, .what = what, .budget = heap.budget, .st = st};
  EK_TRY(walk_message(&walk, d, p, p + size, 1));
  ProtobufCAllocator allocator = {heap_alloc, heap_free, &heap};
  *out = protobuf_c_message_unpack(d, &allocator, size, p);
  if (*out != NULL) return EK_OK;
  if (heap.refused != 0) return ek__proto_heap_error(&heap, what, st);
  return ek_status_set(st, EK_DATA_LOSS, "%s: is no %s: a packed list is malformed", what, d->short_name);
}

static void plain_free(void *allocator, void *ptr) {
  if (ptr != NULL) (void)free_block(allocator, ptr);
}

void ek__proto_free(const ek_allocator *a, ProtobufCMessage *m) {
  ek_allocator copy = *a;
  ProtobufCAllocator allocator = {NULL, plain_free, &copy};
  protobuf_c_message_free_unpacked(m, &allocator);
}

ek_code ek__proto_pack(const ProtobufCMessage *m, const char *what, const ek_allocator *a, uint8_t **bytes,
                       size_t *size, ek_status *st) {
  *bytes = NULL;
  *size = 0;
  const size_t n = protobuf_c_message_get_packed_size(m);
  EK_REQUIRE(n <= INT32_MAX, st, EK_INVALID_ARGUMENT, "%s: a %s of %zu bytes; 2 GB is too much", what,
             m->descriptor->short_name, n);
  *bytes = ek__alloc(a, n);
  if (*bytes == NULL) return ek__no_memory(st, what, n);
  *size = protobuf_c_message_pack(m, *bytes);
  EK_ASSERT(*size == n, st);
  return EK_OK;
}
