/* SPDX-License-Identifier: Apache-2.0 */
/* Bytes in memory: little-endian numbers, varints, and a buffer that grows. */
#ifndef EK_IO_BYTES_H
#define EK_IO_BYTES_H

#include "base/memory.h"

static inline uint32_t ek__get_u32(const uint8_t *p) {
  return (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}

static inline uint64_t ek__get_u64(const uint8_t *p) { return ek__get_u32(p) | (uint64_t)ek__get_u32(p + 4) << 32; }

static inline void ek__put_u32(uint8_t *p, uint32_t v) {
  for (int i = 0; i < 4; i++) p[i] = (uint8_t)(v >> (8 * i));
}

static inline void ek__put_u64(uint8_t *p, uint64_t v) {
  for (int i = 0; i < 8; i++) p[i] = (uint8_t)(v >> (8 * i));
}

enum { EK__VARINT_MAX = 10 };

/* Writes at most EK__VARINT_MAX bytes; returns how many. */
size_t ek__put_varint(uint8_t *p, uint64_t v);
/* Reads one from [*p, end) and moves *p behind it; false, with *p unmoved, if it is cut off or exceeds 64 bits. */
bool ek__get_varint(const uint8_t **p, const uint8_t *end, uint64_t *v);
/* The same for a value that must fit 32 bits. */
bool ek__get_varint32(const uint8_t **p, const uint8_t *end, uint32_t *v);

typedef struct ek__buffer {
  const ek_allocator *allocator;
  uint8_t *data;
  size_t size, capacity;
} ek__buffer;

void ek__buffer_init(ek__buffer *b, const ek_allocator *a);
void ek__buffer_fini(ek__buffer *b);
ek_code ek__buffer_reserve(ek__buffer *b, size_t capacity, ek_status *st);
ek_code ek__buffer_append(ek__buffer *b, const void *bytes, size_t size, ek_status *st);
ek_code ek__buffer_append_u32(ek__buffer *b, uint32_t v, ek_status *st);
ek_code ek__buffer_append_varint(ek__buffer *b, uint64_t v, ek_status *st);

/* Reverses the bytes of each of count numbers of unit bytes. */
void ek__swap_bytes(void *data, size_t count, size_t unit);

#endif
