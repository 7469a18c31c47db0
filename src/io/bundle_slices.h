/* SPDX-License-Identifier: Apache-2.0 */
/* Tensors that a checkpoint stores in pieces, as it does for partitioned variables: the full name's entry only lists
 * them; each piece has an entry of its own under a key made of name and position. */
#ifndef EK_IO_BUNDLE_SLICES_H
#define EK_IO_BUNDLE_SLICES_H

#include "io/bundle_reader.h"

/* entry.key is the name of the whole tensor. */
typedef struct ek__bundle_piece {
  ek__bundle_entry entry;
  ek__bundle_slice slice;
} ek__bundle_piece;

/* Decodes such a key (it begins with a zero byte) but for entry; the name goes to name, of at least size bytes, and
 * ends with a NUL. false: malformed, or a rank over EK_MAX_RANK. */
bool ek__bundle_piece_decode(const uint8_t *key, size_t size, char *name, ek__bundle_piece *p);

/* The key of such a piece, appended to out. */
ek_code ek__bundle_piece_encode(const char *name, const ek__bundle_slice *slice, ek__buffer *out, ek_status *st);

/* shape_and_slices of a SaveV2 or RestoreV2: "200 3 0,70:-" are the first 70 of 200 rows. INVALID_ARGUMENT: not of this
 * form, or not inside the shape. shape: of the slice. */
ek_code ek__bundle_slice_parse(const char *text, ek_shape *whole, ek__bundle_slice *slice, ek_shape *shape,
                               ek_status *st);

/* The pieces of the tensor e, adjacent, *n of them. */
const ek__bundle_piece *ek__bundle_reader_pieces(const ek__bundle_reader *r, const ek__bundle_entry *e, int *n);

/* DATA_LOSS unless the pieces lie inside e, are of its dtype and have as many elements in all. */
ek_code ek__bundle_pieces_check(const ek__bundle_reader *r, const ek__bundle_entry *e, ek_status *st);
/* Reads all pieces into data, which has room for the whole tensor; after the check. */
ek_code ek__bundle_pieces_read(const ek__bundle_reader *r, const ek__bundle_entry *e, void *data, ek_status *st);
/* Reads a part of e, stored whole or in pieces, into data; slice lies inside. */
ek_code ek__bundle_read_slice(const ek__bundle_reader *r, const ek__bundle_entry *e, const ek__bundle_slice *slice,
                              void *data, ek_status *st);

#endif
