/* SPDX-License-Identifier: Apache-2.0 */
/* A block of a table, its checksum made right: the entries, the snappy form (by the first byte) and the block's
 * handles. */
#include "check.h"
#include "io/crc32c.h"
#include "io/table.h"

static ek_code visit(void *ctx, const uint8_t *key, size_t key_size, const uint8_t *value, size_t value_size,
                     ek_status *st) {
  size_t *sum = ctx;
  (void)st;
  for (size_t i = 0; i < key_size; i++) *sum += key[i];
  for (size_t i = 0; i < value_size; i++) *sum += value[i];
  return EK_OK;
}

static void append_block(ek__buffer *file, const void *bytes, size_t size, uint8_t kind) {
  const size_t start = file->size;
  FUZZ_CHECK(ek__buffer_append(file, bytes, size, NULL) == EK_OK && ek__buffer_append(file, &kind, 1, NULL) == EK_OK);
  const uint32_t crc = ek__crc32c(file->data + start, size + 1);
  FUZZ_CHECK(ek__buffer_append_u32(file, ek__crc32c_mask(crc), NULL) == EK_OK);
}

/* The file whose index block (by way of its footer) or only data block (by way of a good index) is the input. */
static void read_as(const uint8_t *data, size_t size, uint8_t kind, bool as_index) {
  uint8_t index[64] = {0, 1, 0, 'k', 0}, footer[EK__TABLE_FOOTER_BYTES] = {0};
  ek__buffer file;
  size_t sum = 0;
  ek__buffer_init(&file, ek_allocator_default());
  append_block(&file, data, size, kind);
  uint64_t offset = 0, length = size;
  if (!as_index) {
    index[2] = (uint8_t)(1 + ek__put_varint(index + 5, size));
    const size_t n = 4 + (size_t)index[2]; /* one entry, key "k"; then one restart at 0 */
    ek__put_u32(index + n, 0);
    ek__put_u32(index + n + 4, 1);
    offset = file.size;
    length = n + 8;
    append_block(&file, index, n + 8, EK__TABLE_RAW);
  }
  size_t n = 2; /* the metaindex handle (0, 0) is not looked at */
  n += ek__put_varint(footer + n, offset);
  (void)ek__put_varint(footer + n, length);
  ek__put_u64(footer + EK__TABLE_FOOTER_BYTES - 8, EK__TABLE_MAGIC);
  FUZZ_CHECK(ek__buffer_append(&file, footer, sizeof footer, NULL) == EK_OK);
  (void)ek__table_read("fuzz", "block", file.data, file.size, ek_allocator_default(), visit, &sum, NULL);
  ek__buffer_fini(&file);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  if (size == 0) return 0;
  const uint8_t kind = data[0] & 3;
  read_as(data + 1, size - 1, kind, false);
  read_as(data + 1, size - 1, kind, true);
  return 0;
}
