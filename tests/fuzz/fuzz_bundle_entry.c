/* SPDX-License-Identifier: Apache-2.0 */
/* The two messages of a checkpoint's index; what is accepted must survive being written and read again. */
#include "check.h"
#include "io/bundle_proto.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  ek__bundle_header h, h2;
  ek__bundle_entry e, e2;
  ek__buffer out;
  ek__buffer_init(&out, ek_allocator_default());
  if (ek__bundle_header_decode(data, size, &h)) {
    FUZZ_CHECK(ek__bundle_header_encode(&h, &out, NULL) == EK_OK && ek__bundle_header_decode(out.data, out.size, &h2));
    FUZZ_CHECK(h.num_shards == h2.num_shards && h.endianness == h2.endianness && h.min_consumer == h2.min_consumer);
  }
  out.size = 0;
  if (ek__bundle_entry_decode(data, size, &e) && e.shape.rank >= 0) {
    FUZZ_CHECK(ek__bundle_entry_encode(&e, &out, NULL) == EK_OK && ek__bundle_entry_decode(out.data, out.size, &e2));
    FUZZ_CHECK(e.dtype == e2.dtype && ek_shape_equal(e.shape, e2.shape) && e.shard == e2.shard &&
               e.offset == e2.offset && e.size == e2.size && e.crc == e2.crc);
  }
  ek__buffer_fini(&out);
  return 0;
}
