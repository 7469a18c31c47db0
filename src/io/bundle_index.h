/* SPDX-License-Identifier: Apache-2.0 */
/* The index of a checkpoint, from its entries to a complete temporary file. */
#ifndef EK_IO_BUNDLE_INDEX_H
#define EK_IO_BUNDLE_INDEX_H

#include "io/bundle_proto.h"
#include "io/file.h"

/* Sorts the entries by key and writes the index of num_shards shards to the temporary file of path, on disk and closed:
 * only renaming is left. f is opened here; ek__out_file_fini is due in any case. */
ek_code ek__bundle_index_write(ek__out_file *f, const char *path, ek__bundle_entry *entries, int num_entries,
                               int num_shards, const ek_allocator *a, ek_status *st);

#endif
