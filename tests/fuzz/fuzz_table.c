/* SPDX-License-Identifier: Apache-2.0 */
/* The index of a checkpoint: its blocks, and the two messages in them. */
#include "base/memory.h"
#include "fuzz.h"
#include "io/bundle_proto.h"
#include "io/table.h"

static ek_code decode(void *ctx, const uint8_t *key, size_t key_size, const uint8_t *value, size_t value_size,
                      ek_status *st) {
  (void)ctx, (void)key, (void)st;
  ek__bundle_header header;
  ek__bundle_entry entry;
  (void)(key_size == 0 ? ek__bundle_header_decode(value, value_size, &header)
                       : ek__bundle_entry_decode(value, value_size, &entry));
  return EK_OK;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size) {
  ek_status st = EK_STATUS_INIT;
  (void)ek__table_read("fuzz", "table", bytes, size, ek_allocator_default(), decode, NULL, &st);
  return 0;
}
