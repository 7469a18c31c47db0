/* SPDX-License-Identifier: Apache-2.0 */
#include "io/bytes.h"

#include <string.h>

size_t ek__put_varint(uint8_t *p, uint64_t v) {
  size_t n = 0;
  for (; v >= 0x80; v >>= 7) p[n++] = (uint8_t)(v | 0x80);
  p[n++] = (uint8_t)v;
  return n;
}

bool ek__get_varint(const uint8_t **p, const uint8_t *end, uint64_t *v) {
  uint64_t value = 0;
  const uint8_t *q = *p;
  for (int shift = 0; shift < 64 && q < end; shift += 7) {
    const uint8_t byte = *q++;
    if (shift == 63 && byte > 1) return false;
    value |= (uint64_t)(byte & 0x7f) << shift;
    if (byte < 0x80) {
      *p = q;
      *v = value;
      return true;
    }
  }
  return false;
}

bool ek__get_varint32(const uint8_t **p, const uint8_t *end, uint32_t *v) {
  const uint8_t *q = *p;
  uint64_t value = 0;
  if (!ek__get_varint(&q, end, &value) || value > UINT32_MAX) return false;
  *p = q;
  *v = (uint32_t)value;
  return true;
}

void ek__buffer_init(ek__buffer *b, const ek_allocator *a) { *b = (ek__buffer){.allocator = a}; }

void ek__buffer_fini(ek__buffer *b) {
  ek__free(b->allocator, b->data, b->capacity);
  ek__buffer_init(b, b->allocator);
}

ek_code ek__buffer_reserve(ek__buffer *b, size_t capacity, ek_status *st) {
  if (capacity <= b->capacity) return EK_OK;
  size_t grown = b->capacity < SIZE_MAX / 4 ? b->capacity * 2 : SIZE_MAX / 2;
  if (grown < capacity) grown = capacity < 256 ? 256 : capacity;
  uint8_t *fresh = ek__alloc(b->allocator, grown);
  if (fresh == NULL) return ek__no_memory(st, "a byte buffer", grown);
  if (b->size > 0) memcpy(fresh, b->data, b->size);
  ek__free(b->allocator, b->data, b->capacity);
  b->data = fresh;
  b->capacity = grown;
  return EK_OK;
}

ek_code ek__buffer_append(ek__buffer *b, const void *bytes, size_t size, ek_status *st) {
  size_t need = 0;
  if (size == 0) return EK_OK;
  if (!ek__add_size(b->size, size, &need)) return ek__no_memory(st, "a byte buffer", size);
  EK_TRY(ek__buffer_reserve(b, need, st));
  memcpy(b->data + b->size, bytes, size);
  b->size = need;
  return EK_OK;
}

ek_code ek__buffer_append_u32(ek__buffer *b, uint32_t v, ek_status *st) {
  uint8_t bytes[4];
  ek__put_u32(bytes, v);
  return ek__buffer_append(b, bytes, sizeof bytes, st);
}

ek_code ek__buffer_append_varint(ek__buffer *b, uint64_t v, ek_status *st) {
  uint8_t bytes[EK__VARINT_MAX];
  return ek__buffer_append(b, bytes, ek__put_varint(bytes, v), st);
}

void ek__swap_bytes(void *data, size_t count, size_t unit) {
  uint8_t *p = data;
  for (size_t i = 0; i < count; i++, p += unit)
    for (size_t lo = 0, hi = unit - 1; lo < hi; lo++, hi--) {
      const uint8_t byte = p[lo];
      p[lo] = p[hi];
      p[hi] = byte;
    }
}
