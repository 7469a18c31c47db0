/* SPDX-License-Identifier: Apache-2.0 */
/* Reads a V2 checkpoint of any number of shards. Opening reads and checks the whole index; a tensor's bytes are read,
 * and their checksum verified, when asked for. A reader does not change after opening: any number of threads may use
 * it. */
#ifndef EK_IO_BUNDLE_READER_H
#define EK_IO_BUNDLE_READER_H

#include "io/bundle_proto.h"
#include "tensor/tensor.h"

typedef struct ek__bundle_reader ek__bundle_reader;

/* NOT_FOUND: no such checkpoint; DATA_LOSS: a damaged index. */
ek_code ek__bundle_reader_new(const char *prefix, const ek_allocator *a, ek__bundle_reader **out, ek_status *st);
void ek__bundle_reader_free(ek__bundle_reader *r); /* accepts NULL */

const ek_allocator *ek__bundle_reader_allocator(const ek__bundle_reader *r);
int ek__bundle_reader_num_shards(const ek__bundle_reader *r);
/* Written on a machine of the other byte order. */
bool ek__bundle_reader_is_swapped(const ek__bundle_reader *r);
/* Entries by ascending key; the pieces of tensors stored in slices are not listed. */
int ek__bundle_reader_num_entries(const ek__bundle_reader *r);
const ek__bundle_entry *ek__bundle_reader_entry(const ek__bundle_reader *r, int i);
/* NULL if absent. */
const ek__bundle_entry *ek__bundle_reader_find(const ek__bundle_reader *r, const char *key);
/* The same, with NOT_FOUND "Key <key> not found in checkpoint". */
ek_code ek__bundle_reader_lookup(const ek__bundle_reader *r, const char *key, const ek__bundle_entry **e,
                                 ek_status *st);

/* Whether the entry's claims fit each other and the data file: what must be known before memory is taken for it. */
ek_code ek__bundle_reader_check(const ek__bundle_reader *r, const ek__bundle_entry *e, ek_status *st);
/* Reads an entry into memory for all its elements (ek__tensor_bytes of dtype and shape); strings: an array of ek__bytes
 * *, what it held is released. On failure numbers may be partly overwritten; strings are unchanged. */
ek_code ek__bundle_reader_read(const ek__bundle_reader *r, const ek__bundle_entry *e, void *data, ek_status *st);
/* A new tensor (caller frees). Nothing is allocated that the data file could not fill. */
ek_code ek__bundle_reader_tensor(const ek__bundle_reader *r, const char *key, ek_tensor **out, ek_status *st);

#endif
