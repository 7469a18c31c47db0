/* SPDX-License-Identifier: Apache-2.0 */
#include "io/crc32c.h"
#include "io/table.h"

#include <snappy-c.h>
#include <string.h>

enum { RESTART_INTERVAL = 16 };

static void block_init(ek__table_block *b, int interval, const ek_allocator *a) {
  ek__buffer_init(&b->bytes, a);
  ek__buffer_init(&b->restarts, a);
  ek__buffer_init(&b->last_key, a);
  b->interval = interval;
  b->since_restart = interval; /* the first entry is a restart */
}

static void block_fini(ek__table_block *b) {
  ek__buffer_fini(&b->bytes);
  ek__buffer_fini(&b->restarts);
  ek__buffer_fini(&b->last_key);
}

static void block_clear(ek__table_block *b) {
  b->bytes.size = b->restarts.size = b->last_key.size = 0;
  b->since_restart = b->interval;
}

static size_t block_size(const ek__table_block *b) {
  const size_t restarts = b->restarts.size > 0 ? b->restarts.size : 4;
  return b->bytes.size + restarts + 4;
}

static ek_code block_add(ek__table_block *b, const void *key, size_t key_size, const void *value, size_t value_size,
                         ek_status *st) {
  size_t shared = 0;
  if (b->since_restart >= b->interval) {
    EK_TRY(ek__buffer_append_u32(&b->restarts, (uint32_t)b->bytes.size, st));
    b->since_restart = 0;
  } else {
    const size_t most = key_size < b->last_key.size ? key_size : b->last_key.size;
    while (shared < most && b->last_key.data[shared] == ((const uint8_t *)key)[shared]) shared++;
  }
  EK_TRY(ek__buffer_append_varint(&b->bytes, shared, st));
  EK_TRY(ek__buffer_append_varint(&b->bytes, key_size - shared, st));
  EK_TRY(ek__buffer_append_varint(&b->bytes, value_size, st));
  EK_TRY(ek__buffer_append(&b->bytes, (const uint8_t *)key + shared, key_size - shared, st));
  EK_TRY(ek__buffer_append(&b->bytes, value, value_size, st));
  b->last_key.size = shared;
  EK_TRY(ek__buffer_append(&b->last_key, (const uint8_t *)key + shared, key_size - shared, st));
  b->since_restart++;
  return EK_OK;
}

static ek_code block_finish(ek__table_block *b, ek_status *st) {
  if (b->restarts.size == 0) EK_TRY(ek__buffer_append_u32(&b->restarts, 0, st));
  EK_TRY(ek__buffer_append(&b->bytes, b->restarts.data, b->restarts.size, st));
  return ek__buffer_append_u32(&b->bytes, (uint32_t)(b->restarts.size / 4), st);
}

/* Appends the finished block and its trailer to the file; tells where it went. Empties the block. */
static ek_code block_emit(ek__table_writer *w, ek__table_block *b, uint64_t *offset, uint64_t *size, ek_status *st) {
  EK_TRY(block_finish(b, st));
  *offset = w->out.size;
  if (w->compression == EK__TABLE_SNAPPY) {
    size_t packed = snappy_max_compressed_length(b->bytes.size);
    EK_TRY(ek__buffer_reserve(&w->out, w->out.size + packed, st));
    const snappy_status rc =
        snappy_compress((const char *)b->bytes.data, b->bytes.size, (char *)w->out.data + w->out.size, &packed);
    EK_ASSERT(rc == SNAPPY_OK, st);
    w->out.size += packed;
  } else {
    EK_TRY(ek__buffer_append(&w->out, b->bytes.data, b->bytes.size, st));
  }
  *size = w->out.size - *offset;
  const uint8_t kind = (uint8_t)w->compression;
  EK_TRY(ek__buffer_append(&w->out, &kind, 1, st));
  const uint32_t crc = ek__crc32c(w->out.data + *offset, (size_t)*size + 1);
  EK_TRY(ek__buffer_append_u32(&w->out, ek__crc32c_mask(crc), st));
  block_clear(b);
  return EK_OK;
}

void ek__table_writer_init(ek__table_writer *w, int compression, const ek_allocator *a) {
  *w = (ek__table_writer){.block_size = EK__TABLE_BLOCK_BYTES, .compression = compression};
  ek__buffer_init(&w->out, a);
  block_init(&w->data, RESTART_INTERVAL, a);
  block_init(&w->index, 1, a);
}

void ek__table_writer_fini(ek__table_writer *w) {
  block_fini(&w->data);
  block_fini(&w->index);
  ek__buffer_fini(&w->out);
}

/* The shortest key that is >= last and < next, as long as changing one byte of last gives one; else last. The result is
 * a cut of last with its final byte raised by one: its length, or 0. */
static size_t separator(const uint8_t *last, size_t last_size, const uint8_t *next, size_t next_size) {
  size_t i = 0;
  while (i < last_size && i < next_size && last[i] == next[i]) i++;
  if (i == last_size || i == next_size || last[i] == 0xff || last[i] + 1 >= next[i]) return 0;
  return i + 1;
}

/* The same for the last block: any key >= last will do. */
static size_t successor(const uint8_t *last, size_t last_size) {
  for (size_t i = 0; i < last_size; i++)
    if (last[i] != 0xff) return i + 1;
  return 0;
}

/* Enters the waiting block into the index; w->data.last_key still holds the last key of that block. */
static ek_code index_pending(ek__table_writer *w, ek__buffer *last, size_t cut, ek_status *st) {
  if (cut > 0) {
    last->data[cut - 1]++;
    last->size = cut;
  }
  uint8_t handle[2 * EK__VARINT_MAX];
  size_t n = ek__put_varint(handle, w->pending_offset);
  n += ek__put_varint(handle + n, w->pending_size);
  w->pending = false;
  return block_add(&w->index, last->data, last->size, handle, n, st);
}

static ek_code flush(ek__table_writer *w, ek_status *st) {
  if (w->data.bytes.size == 0) return EK_OK;
  const size_t key_size = w->data.last_key.size;
  EK_TRY(block_emit(w, &w->data, &w->pending_offset, &w->pending_size, st));
  w->data.last_key.size = key_size;
  w->pending = true;
  return EK_OK;
}

ek_code ek__table_writer_add(ek__table_writer *w, const void *key, size_t key_size, const void *value,
                             size_t value_size, ek_status *st) {
  ek__buffer *last = &w->data.last_key;
  if (key_size + value_size >= 2 * w->block_size) EK_TRY(flush(w, st)); /* a giant gets a block of its own */
  if (w->pending) {
    EK_TRY(index_pending(w, last, separator(last->data, last->size, key, key_size), st));
    last->size = 0;
  }
  EK_TRY(block_add(&w->data, key, key_size, value, value_size, st));
  return block_size(&w->data) >= w->block_size ? flush(w, st) : EK_OK;
}

ek_code ek__table_writer_finish(ek__table_writer *w, ek_status *st) {
  uint64_t offset = 0, size = 0;
  uint8_t footer[EK__TABLE_FOOTER_BYTES] = {0};
  ek__buffer *last = &w->data.last_key;
  EK_TRY(flush(w, st));
  const bool pending = w->pending;
  ek__table_block empty; /* the metaindex: no filters, no statistics */
  block_init(&empty, RESTART_INTERVAL, w->out.allocator);
  const ek_code code = block_emit(w, &empty, &offset, &size, st);
  block_fini(&empty);
  EK_TRY(code);
  size_t n = ek__put_varint(footer, offset);
  n += ek__put_varint(footer + n, size);
  if (pending) EK_TRY(index_pending(w, last, successor(last->data, last->size), st));
  EK_TRY(block_emit(w, &w->index, &offset, &size, st));
  n += ek__put_varint(footer + n, offset);
  (void)ek__put_varint(footer + n, size);
  ek__put_u64(footer + EK__TABLE_FOOTER_BYTES - 8, EK__TABLE_MAGIC);
  return ek__buffer_append(&w->out, footer, sizeof footer, st);
}
