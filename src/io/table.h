/* SPDX-License-Identifier: Apache-2.0 */
/* The sorted string table that the index of a checkpoint is: blocks of prefix-compressed (key, value) pairs, a block
 * that finds the blocks, a footer. What is written is byte for byte what TensorFlow writes for the same pairs. */
#ifndef EK_IO_TABLE_H
#define EK_IO_TABLE_H

#include "io/bytes.h"

enum { EK__TABLE_BLOCK_BYTES = 262144, EK__TABLE_FOOTER_BYTES = 48, EK__TABLE_TRAILER_BYTES = 5 };
#define EK__TABLE_MAGIC UINT64_C(0xdb4775248b80fb57)
enum { EK__TABLE_RAW = 0, EK__TABLE_SNAPPY = 1 }; /* how a block is stored */

/* A block under construction. */
typedef struct ek__table_block {
  ek__buffer bytes, restarts, last_key;
  int interval, since_restart; /* a key is stored whole every interval entries */
} ek__table_block;

typedef struct ek__table_writer {
  ek__buffer out; /* the file */
  ek__table_block data, index;
  size_t block_size;
  int compression;
  bool pending; /* a finished block waits for the next key, which bounds its key in the index */
  uint64_t pending_offset, pending_size;
} ek__table_writer;

/* compression EK__TABLE_RAW is what checkpoints use. */
void ek__table_writer_init(ek__table_writer *w, int compression, const ek_allocator *a);
void ek__table_writer_fini(ek__table_writer *w);
/* Keys must come in ascending order, bytes compared as unsigned. */
ek_code ek__table_writer_add(ek__table_writer *w, const void *key, size_t key_size, const void *value,
                             size_t value_size, ek_status *st);
/* Writes the rest; w->out is the file. */
ek_code ek__table_writer_finish(ek__table_writer *w, ek_status *st);

/* Calls visit for each pair of the table in order; key and value live for that call only. Any malformed table is
 * DATA_LOSS with `what: where: why`; keys out of order too. The first error, visit's included, ends the walk. */
typedef ek_code ek__table_visit(void *ctx, const uint8_t *key, size_t key_size, const uint8_t *value, size_t value_size,
                                ek_status *st);
ek_code ek__table_read(const char *what, const char *where, const uint8_t *bytes, size_t size, const ek_allocator *a,
                       ek__table_visit *visit, void *ctx, ek_status *st);

#endif
