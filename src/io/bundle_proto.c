/* SPDX-License-Identifier: Apache-2.0 */
#include "io/bundle_proto.h"

#include "base/memory.h"

#include "bundle.pb-c.h"

#include <stdlib.h>
#include <string.h>

/* Unpacking allocates from a fixed block: an entry of an honest checkpoint takes a few hundred bytes, and a message of
 * a few bytes that would unpack into megabytes is refused instead. The nesting is bounded by the schema (three levels).
 */
typedef struct budget {
  _Alignas(max_align_t) uint8_t block[65536];
  size_t used;
} budget;

static void *budget_alloc(void *ctx, size_t size) {
  budget *b = ctx;
  const size_t align = sizeof(max_align_t), rounded = (size + align - 1) / align * align;
  if (size > sizeof b->block || rounded > sizeof b->block - b->used) return NULL;
  void *p = b->block + b->used;
  b->used += rounded;
  return p;
}

static void budget_free(void *ctx, void *p) {
  (void)ctx;
  (void)p;
}

static ek_code pack(const ProtobufCMessage *m, ek__buffer *out, ek_status *st) {
  const size_t size = protobuf_c_message_get_packed_size(m);
  EK_TRY(ek__buffer_reserve(out, out->size + size, st));
  out->size += protobuf_c_message_pack(m, out->data + out->size);
  return EK_OK;
}

ek_code ek__bundle_header_encode(const ek__bundle_header *h, ek__buffer *out, ek_status *st) {
  Ek__Bundle__Version version = EK__BUNDLE__VERSION__INIT;
  version.producer = 1;
  version.min_consumer = h->min_consumer;
  Ek__Bundle__Header message = EK__BUNDLE__HEADER__INIT;
  message.num_shards = h->num_shards;
  message.endianness = h->endianness;
  message.version = &version;
  return pack(&message.base, out, st);
}

/* The slices of e as messages in memory of the arena. */
static ek_code slices_to_proto(const ek__bundle_entry *e, ek__arena *arena, Ek__Bundle__Entry *message, ek_status *st) {
  const size_t n = (size_t)e->num_slices;
  Ek__Bundle__Slice *slices = ek__arena_array(arena, n, sizeof *slices);
  message->slices = ek__arena_array(arena, n, sizeof *message->slices);
  if (slices == NULL || message->slices == NULL) return ek__no_memory(st, "slices", n * sizeof *slices);
  for (size_t i = 0; i < n; i++) {
    const ek__bundle_slice *s = &e->slices[i];
    const size_t rank = (size_t)s->rank;
    Ek__Bundle__Extent *extents = ek__arena_array(arena, rank, sizeof *extents);
    slices[i] = (Ek__Bundle__Slice)EK__BUNDLE__SLICE__INIT;
    slices[i].extent = ek__arena_array(arena, rank, sizeof *slices[i].extent);
    if (extents == NULL || slices[i].extent == NULL) return ek__no_memory(st, "slices", rank * sizeof *extents);
    for (size_t k = 0; k < rank; k++) {
      extents[k] = (Ek__Bundle__Extent)EK__BUNDLE__EXTENT__INIT;
      slices[i].extent[k] = &extents[k];
      if (s->length[k] < 0) continue;
      extents[k].start = s->start[k];
      extents[k].has_length_case = EK__BUNDLE__EXTENT__HAS_LENGTH_LENGTH;
      extents[k].length = s->length[k];
    }
    slices[i].n_extent = rank;
    message->slices[i] = &slices[i];
  }
  message->n_slices = n;
  return EK_OK;
}

ek_code ek__bundle_entry_encode(const ek__bundle_entry *e, ek__buffer *out, ek_status *st) {
  Ek__Bundle__Dim dims[EK_MAX_RANK], *dim[EK_MAX_RANK];
  for (int i = 0; i < e->shape.rank; i++) {
    dims[i] = (Ek__Bundle__Dim)EK__BUNDLE__DIM__INIT;
    dims[i].size = e->shape.dim[i];
    dim[i] = &dims[i];
  }
  Ek__Bundle__Shape shape = EK__BUNDLE__SHAPE__INIT;
  shape.n_dim = (size_t)e->shape.rank;
  shape.dim = dim;
  Ek__Bundle__Entry message = EK__BUNDLE__ENTRY__INIT;
  message.dtype = (int32_t)e->dtype;
  message.shape = &shape;
  message.shard_id = e->shard;
  message.offset = (int64_t)e->offset;
  message.size = (int64_t)e->size;
  message.crc32c = e->crc;
  ek__arena arena;
  ek__arena_init(&arena, out->allocator);
  ek_code code = e->slices != NULL ? slices_to_proto(e, &arena, &message, st) : EK_OK;
  if (code == EK_OK) code = pack(&message.base, out, st);
  ek__arena_fini(&arena);
  return code;
}

bool ek__bundle_header_decode(const uint8_t *bytes, size_t size, ek__bundle_header *h) {
  budget b;
  b.used = 0;
  ProtobufCAllocator a = {budget_alloc, budget_free, &b};
  const Ek__Bundle__Header *m = ek__bundle__header__unpack(&a, size, bytes);
  if (m == NULL) return false;
  *h = (ek__bundle_header){m->num_shards, m->endianness, m->version != NULL ? m->version->min_consumer : 0};
  return h->num_shards >= 0;
}

bool ek__bundle_entry_decode(const uint8_t *bytes, size_t size, ek__bundle_entry *e) {
  int64_t dims[EK_MAX_RANK];
  budget b;
  b.used = 0;
  ProtobufCAllocator a = {budget_alloc, budget_free, &b};
  const Ek__Bundle__Entry *m = ek__bundle__entry__unpack(&a, size, bytes);
  if (m == NULL || m->shard_id < 0 || m->offset < 0 || m->size < 0 || (m->shape != NULL && m->shape->unknown_rank))
    return false;
  *e = (ek__bundle_entry){.dtype = (ek_dtype)m->dtype,
                          .shape = ek_shape_scalar(),
                          .shard = m->shard_id,
                          .offset = (uint64_t)m->offset,
                          .size = (uint64_t)m->size,
                          .crc = m->crc32c,
                          .num_slices = (int)m->n_slices};
  if (m->shape == NULL) return true;
  for (size_t i = 0; i < m->shape->n_dim; i++) {
    if (m->shape->dim[i]->size < 0) return false;
    if (i < EK_MAX_RANK) dims[i] = m->shape->dim[i]->size;
  }
  e->shape = m->shape->n_dim <= EK_MAX_RANK ? ek_shape_of(dims, (int)m->shape->n_dim) : (ek_shape){.rank = -2};
  return true;
}
