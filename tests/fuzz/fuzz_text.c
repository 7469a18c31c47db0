/* SPDX-License-Identifier: Apache-2.0 */
/* Text GraphDefs and CheckpointStates: no input may crash; what reads must be written as something that reads as the
 * same. */
#include "formats/text.h"

#include "checkpoint_state.pb-c.h"
#include "graph.pb-c.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void try_as(const ProtobufCMessageDescriptor *d, const uint8_t *data, size_t size) {
  const ek_allocator *a = ek_allocator_default();
  ProtobufCMessage *first = NULL, *second = NULL;
  char *once = NULL, *twice = NULL;
  size_t once_size = 0, twice_size = 0;
  if (ek__text_read(d, (const char *)data, size, "fuzz", a, &first, NULL) != EK_OK) return;
  if (ek__text_write(first, a, &once, &once_size, NULL) != EK_OK) __builtin_trap();
  if (ek__text_read(d, once, once_size, "fuzz", a, &second, NULL) != EK_OK) __builtin_trap();
  if (ek__text_write(second, a, &twice, &twice_size, NULL) != EK_OK) __builtin_trap();
  if (once_size != twice_size || memcmp(once, twice, once_size) != 0) __builtin_trap();
  ek__free(a, once, once_size + 1);
  ek__free(a, twice, twice_size + 1);
  ek__proto_free(a, first);
  ek__proto_free(a, second);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  try_as(&ek__graph_def__descriptor, data, size);
  try_as(&ek__checkpoint_state__descriptor, data, size);
  return 0;
}
