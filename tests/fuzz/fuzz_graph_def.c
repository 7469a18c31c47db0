/* SPDX-License-Identifier: Apache-2.0 */
/* Binary GraphDefs and MetaGraphDefs: no input may crash; what unpacks must pack to something that unpacks to the same
 * bytes. */
#include "formats/wire.h"

#include "meta_graph.pb-c.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void try_as(const ProtobufCMessageDescriptor *d, const uint8_t *data, size_t size) {
  const ek_allocator *a = ek_allocator_default();
  ProtobufCMessage *first = NULL, *second = NULL;
  uint8_t *once = NULL, *twice = NULL;
  size_t once_size = 0, twice_size = 0;
  if (ek__proto_unpack(d, data, size, "fuzz", a, &first, NULL) != EK_OK) return;
  if (ek__proto_pack(first, "fuzz", a, &once, &once_size, NULL) == EK_OK) {
    if (ek__proto_unpack(d, once, once_size, "fuzz", a, &second, NULL) != EK_OK) __builtin_trap();
    if (ek__proto_pack(second, "fuzz", a, &twice, &twice_size, NULL) != EK_OK) __builtin_trap();
    if (once_size != twice_size || memcmp(once, twice, once_size) != 0) __builtin_trap();
  }
  ek__free(a, once, once_size);
  ek__free(a, twice, twice_size);
  ek__proto_free(a, first);
  ek__proto_free(a, second);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  try_as(&ek__graph_def__descriptor, data, size);
  try_as(&ek__meta_graph_def__descriptor, data, size);
  return 0;
}
