/* SPDX-License-Identifier: Apache-2.0 */
/* Writes a V2 checkpoint of one shard: PREFIX.data-00000-of-00001 and PREFIX.index.
 *
 * Tensors go to a temporary data file as they are added. Finishing makes both files durable, removes the index of an
 * older checkpoint of that name, and renames the data file, then the index: a checkpoint exists when its index does, so
 * a kill at any moment leaves the old one, the new one or none. */
#ifndef EK_IO_BUNDLE_WRITER_H
#define EK_IO_BUNDLE_WRITER_H

#include "io/bundle_proto.h"
#include "tensor/tensor.h"

typedef struct ek__bundle_writer ek__bundle_writer;

/* Makes the folder of prefix if only its last part is missing, and the temporary file. */
ek_code ek__bundle_writer_new(const char *prefix, const ek_allocator *a, ek__bundle_writer **out, ek_status *st);
/* Appends a tensor; data as in an ek_tensor (strings: an array of ek__bytes *). INVALID_ARGUMENT: empty or repeated
 * key, dtype without a form in files. After an error only freeing is left. */
ek_code ek__bundle_writer_add(ek__bundle_writer *w, const char *key, ek_dtype dtype, ek_shape shape, const void *data,
                              ek_status *st);
/* Appends a part of a tensor: whole is the shape of all of it, shape that of the slice. INVALID_ARGUMENT: the other
 * slices under that key are of another tensor, or the same one. */
ek_code ek__bundle_writer_add_slice(ek__bundle_writer *w, const char *key, ek_shape whole,
                                    const ek__bundle_slice *slice, ek_dtype dtype, ek_shape shape, const void *data,
                                    ek_status *st);
ek_code ek__bundle_writer_finish(ek__bundle_writer *w, ek_status *st);
/* Accepts NULL. Before a successful finish: nothing new remains on disk. */
void ek__bundle_writer_free(ek__bundle_writer *w);

/* Makes one checkpoint of several, their data files renamed to be its shards, in order (MergeV2Checkpoints); tensors of
 * which they have different slices become one. The old
 * ones cease to exist; with delete_old_folders their folders go too, if empty by then. A kill on the way may leave
 * neither. INVALID_ARGUMENT: two of them hold the same key, or one is the destination. */
ek_code ek__bundle_merge(const char *const *prefixes, int num_prefixes, const char *destination,
                         bool delete_old_folders, const ek_allocator *a, ek_status *st);

/* Deletes a checkpoint: its index first, then all its data files. One that is not there is no error. */
ek_code ek__bundle_remove(const char *prefix, ek_status *st);

#endif
