/* SPDX-License-Identifier: Apache-2.0 */
#include "io/bundle_index.h"

#include "io/table.h"

#include <stdlib.h>
#include <string.h>

static int by_key(const void *a, const void *b) {
  const ek__bundle_entry *x = a, *y = b;
  const int order = memcmp(x->key, y->key, x->key_size < y->key_size ? x->key_size : y->key_size);
  return order != 0 ? order : (x->key_size > y->key_size) - (x->key_size < y->key_size);
}

static ek_code fill(ek__table_writer *table, const ek__bundle_entry *entries, int num_entries, int num_shards,
                    ek__buffer *value, ek_status *st) {
  const ek__bundle_header header = {.num_shards = num_shards};
  EK_TRY(ek__bundle_header_encode(&header, value, st));
  EK_TRY(ek__table_writer_add(table, "", 0, value->data, value->size, st));
  for (int i = 0; i < num_entries; i++) {
    value->size = 0;
    EK_TRY(ek__bundle_entry_encode(&entries[i], value, st));
    EK_TRY(ek__table_writer_add(table, entries[i].key, entries[i].key_size, value->data, value->size, st));
  }
  return ek__table_writer_finish(table, st);
}

ek_code ek__bundle_index_write(ek__out_file *f, const char *path, ek__bundle_entry *entries, int num_entries,
                               int num_shards, const ek_allocator *a, ek_status *st) {
  ek__table_writer table;
  ek__buffer value;
  *f = (ek__out_file){.allocator = a, .fd = -1};
  ek__table_writer_init(&table, EK__TABLE_RAW, a);
  ek__buffer_init(&value, a);
  if (num_entries > 1) qsort(entries, (size_t)num_entries, sizeof *entries, by_key);
  ek_code code = fill(&table, entries, num_entries, num_shards, &value, st);
  if (code == EK_OK) code = ek__out_file_open(f, "checkpoint", path, a, st);
  if (code == EK_OK) code = ek__out_file_write(f, table.out.data, table.out.size, st);
  if (code == EK_OK) code = ek__out_file_sync(f, st);
  ek__buffer_fini(&value);
  ek__table_writer_fini(&table);
  return code;
}
