/* SPDX-License-Identifier: Apache-2.0 */
/* The key of a piece of a partitioned tensor. */
#include "check.h"
#include "io/bundle_slices.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  char *name = malloc(size + 1); /* as large as promised, not larger */
  ek__bundle_piece p;
  FUZZ_CHECK(name != NULL);
  if (ek__bundle_piece_decode(data, size, name, &p)) {
    FUZZ_CHECK(strlen(name) < size && p.rank >= 0 && p.rank <= EK_MAX_RANK);
    for (int i = 0; i < p.rank; i++) FUZZ_CHECK(p.start[i] >= -1 && p.length[i] >= -1);
  }
  free(name);
  return 0;
}
