/* SPDX-License-Identifier: Apache-2.0 */
#include "io/crc32c.h"
#include "io/table.h"

#include <snappy-c.h>
#include <string.h>

typedef struct reader {
  const char *what, *where;
  const uint8_t *bytes; /* the file, without its footer */
  size_t size;
  const ek_allocator *allocator;
  ek__table_visit *visit;
  void *ctx;
  ek__buffer last_key; /* of the whole table */
  bool any;
} reader;

static ek_code broken(const reader *r, const char *why, ek_status *st) {
  return ek_status_set(st, EK_DATA_LOSS, "%s: %s: %s", r->what, r->where, why);
}

static bool get_handle(const uint8_t **p, const uint8_t *end, uint64_t *offset, uint64_t *size) {
  return ek__get_varint(p, end, offset) && ek__get_varint(p, end, size);
}

/* The contents of the block at a handle: a view of the file, or what *unpacked holds. */
static ek_code load_block(const reader *r, uint64_t offset, uint64_t size, ek__buffer *unpacked, const uint8_t **block,
                          size_t *block_size, ek_status *st) {
  if (offset > r->size || size > r->size - offset || r->size - offset - size < EK__TABLE_TRAILER_BYTES)
    return broken(r, "a block lies outside the file", st);
  const uint8_t *p = r->bytes + offset;
  const size_t n = (size_t)size;
  if (ek__crc32c_unmask(ek__get_u32(p + n + 1)) != ek__crc32c(p, n + 1))
    return broken(r, "the checksum of a block does not match", st);
  if (p[n] == EK__TABLE_RAW) {
    *block = p;
    *block_size = n;
    return EK_OK;
  }
  if (p[n] != EK__TABLE_SNAPPY) return broken(r, "a block is compressed in an unknown way", st);
  size_t length = 0;
  if (snappy_uncompressed_length((const char *)p, n, &length) != SNAPPY_OK || length / 64 > n)
    return broken(r, "a snappy block is malformed", st); /* snappy packs 64 bytes into 3 at best */
  EK_TRY(ek__buffer_reserve(unpacked, length, st));
  if (snappy_uncompress((const char *)p, n, (char *)unpacked->data, &length) != SNAPPY_OK)
    return broken(r, "a snappy block is malformed", st);
  unpacked->size = length;
  *block = unpacked->data;
  *block_size = length;
  return EK_OK;
}

/* Walks the entries of a block, whose keys share prefixes with the one before. */
static ek_code walk_block(reader *r, const uint8_t *block, size_t size, ek__table_visit *visit, void *ctx,
                          ek_status *st) {
  if (size < 8) return broken(r, "a block is too short", st);
  const uint32_t restarts = ek__get_u32(block + size - 4);
  if (restarts == 0 || restarts > (size - 4) / 4) return broken(r, "a block's restart points lie outside it", st);
  const uint8_t *p = block, *end = block + size - 4 - (size_t)restarts * 4;
  ek__buffer key;
  ek__buffer_init(&key, r->allocator);
  ek_code code = EK_OK;
  while (p < end && code == EK_OK) {
    uint32_t shared = 0, unshared = 0, value_size = 0;
    if (!ek__get_varint32(&p, end, &shared) || !ek__get_varint32(&p, end, &unshared) ||
        !ek__get_varint32(&p, end, &value_size) || shared > key.size || unshared > (size_t)(end - p) ||
        value_size > (size_t)(end - p) - unshared) {
      code = broken(r, "an entry of a block is malformed", st);
      break;
    }
    key.size = shared;
    code = ek__buffer_append(&key, p, unshared, st);
    if (code == EK_OK) code = visit(ctx, key.data, key.size, p + unshared, value_size, st);
    p += (size_t)unshared + value_size;
  }
  ek__buffer_fini(&key);
  return code;
}

static ek_code visit_data(void *ctx, const uint8_t *key, size_t key_size, const uint8_t *value, size_t value_size,
                          ek_status *st) {
  reader *r = ctx;
  if (r->any) {
    const size_t common = key_size < r->last_key.size ? key_size : r->last_key.size;
    const int order = common > 0 ? memcmp(r->last_key.data, key, common) : 0;
    if (order > 0 || (order == 0 && r->last_key.size >= key_size))
      return broken(r, "keys are not in ascending order", st);
  }
  r->any = true;
  r->last_key.size = 0;
  EK_TRY(ek__buffer_append(&r->last_key, key, key_size, st));
  return r->visit(r->ctx, key, key_size, value, value_size, st);
}

static ek_code visit_index(void *ctx, const uint8_t *key, size_t key_size, const uint8_t *value, size_t value_size,
                           ek_status *st) {
  reader *r = ctx;
  const uint8_t *block = NULL;
  size_t size = 0;
  uint64_t offset = 0, length = 0;
  (void)key;
  (void)key_size;
  if (!get_handle(&value, value + value_size, &offset, &length)) return broken(r, "a block handle is malformed", st);
  ek__buffer unpacked;
  ek__buffer_init(&unpacked, r->allocator);
  ek_code code = load_block(r, offset, length, &unpacked, &block, &size, st);
  if (code == EK_OK) code = walk_block(r, block, size, visit_data, r, st);
  ek__buffer_fini(&unpacked);
  return code;
}

ek_code ek__table_read(const char *what, const char *where, const uint8_t *bytes, size_t size, const ek_allocator *a,
                       ek__table_visit *visit, void *ctx, ek_status *st) {
  reader r = {.what = what, .where = where, .bytes = bytes, .allocator = a, .visit = visit, .ctx = ctx};
  ek__buffer_init(&r.last_key, a);
  if (size < EK__TABLE_FOOTER_BYTES) return broken(&r, "too short for a checkpoint index", st);
  r.size = size - EK__TABLE_FOOTER_BYTES;
  const uint8_t *p = bytes + r.size, *end = bytes + size - 8, *block = NULL;
  if (ek__get_u64(end) != EK__TABLE_MAGIC) return broken(&r, "not a checkpoint index (wrong magic number)", st);
  uint64_t offset = 0, length = 0;
  if (!get_handle(&p, end, &offset, &length) || !get_handle(&p, end, &offset, &length))
    return broken(&r, "the footer is malformed", st);
  ek__buffer unpacked;
  ek__buffer_init(&unpacked, a);
  size_t n = 0;
  ek_code code = load_block(&r, offset, length, &unpacked, &block, &n, st);
  if (code == EK_OK) code = walk_block(&r, block, n, visit_index, &r, st);
  ek__buffer_fini(&unpacked);
  ek__buffer_fini(&r.last_key);
  return code;
}
