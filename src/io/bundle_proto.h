/* SPDX-License-Identifier: Apache-2.0 */
/* The two messages of a checkpoint's index, as plain structs. */
#ifndef EK_IO_BUNDLE_PROTO_H
#define EK_IO_BUNDLE_PROTO_H

#include "evenkeel/tensor.h"
#include "io/bytes.h"

typedef struct ek__bundle_header {
  int32_t num_shards, endianness, min_consumer;
} ek__bundle_header;

/* A part of a tensor: [start, start + length) of each dimension, and all of one whose length is -1. */
typedef struct ek__bundle_slice {
  int rank;
  int64_t start[EK_MAX_RANK], length[EK_MAX_RANK];
} ek__bundle_slice;

/* Where a tensor lies. dtype is the file's number, known to us or not; shape has rank -2 if it has more dimensions than
 * a tensor of ours. */
typedef struct ek__bundle_entry {
  const char *key; /* the reader's */
  size_t key_size; /* of a writer: the key of a piece has zero bytes inside */
  ek_dtype dtype;
  ek_shape shape;
  int32_t shard;
  uint64_t offset, size;
  uint32_t crc;                   /* masked */
  int num_slices;                 /* > 0: stored in pieces under other keys */
  const ek__bundle_slice *slices; /* which those are; of a writer */
} ek__bundle_entry;

ek_code ek__bundle_header_encode(const ek__bundle_header *h, ek__buffer *out, ek_status *st);
ek_code ek__bundle_entry_encode(const ek__bundle_entry *e, ek__buffer *out, ek_status *st);
/* false: not such a message, or one with impossible numbers (negative sizes). Memory is bounded by the message's size.
 */
bool ek__bundle_header_decode(const uint8_t *bytes, size_t size, ek__bundle_header *h);
bool ek__bundle_entry_decode(const uint8_t *bytes, size_t size, ek__bundle_entry *e);

#endif
