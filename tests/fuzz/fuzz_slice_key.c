/* SPDX-License-Identifier: Apache-2.0 */
/* A piece of a partitioned tensor, as the key of an index and as the words of a SaveV2. */
#include "check.h"
#include "io/bundle_slices.h"

#include <string.h>

static void try_key(const uint8_t *data, size_t size) {
  char *name = malloc(size + 1), *again = malloc(size + 1); /* as large as promised, not larger */
  ek__bundle_piece p = {0}, q = {0};
  FUZZ_CHECK(name != NULL && again != NULL);
  if (ek__bundle_piece_decode(data, size, name, &p)) {
    FUZZ_CHECK(strlen(name) < size && p.slice.rank >= 0 && p.slice.rank <= EK_MAX_RANK);
    for (int i = 0; i < p.slice.rank; i++) FUZZ_CHECK(p.slice.start[i] >= -1 && p.slice.length[i] >= -1);
    ek__buffer key;
    ek__buffer_init(&key, ek_allocator_default());
    if (ek__bundle_piece_encode(name, &p.slice, &key, NULL) == EK_OK && key.size <= size) {
      FUZZ_CHECK(ek__bundle_piece_decode(key.data, key.size, again, &q) && strcmp(name, again) == 0);
      for (int i = 0; i < p.slice.rank; i++) FUZZ_CHECK(p.slice.length[i] == q.slice.length[i]);
    }
    ek__buffer_fini(&key);
  }
  free(name);
  free(again);
}

static void try_words(const uint8_t *data, size_t size) {
  char *text = malloc(size + 1);
  ek_shape whole, shape;
  ek__bundle_slice slice;
  FUZZ_CHECK(text != NULL);
  memcpy(text, data, size);
  text[size] = '\0';
  if (ek__bundle_slice_parse(text, &whole, &slice, &shape, NULL) == EK_OK)
    for (int i = 0; i < whole.rank; i++)
      FUZZ_CHECK(slice.start[i] >= 0 && shape.dim[i] >= 0 && shape.dim[i] <= whole.dim[i] - slice.start[i]);
  free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  try_key(data, size);
  try_words(data, size);
  return 0;
}
