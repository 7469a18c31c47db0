/* SPDX-License-Identifier: Apache-2.0 */
/* An IDX file, plain or gzip. */
#include "check.h"
#include "evenkeel/io.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  const char *path = fuzz_file(data, size, ".idx");
  ek_tensor *t = ek_idx_load(path, NULL);
  FUZZ_CHECK(t == NULL || ek_tensor_size_bytes(t) <= size * 1032);
  ek_tensor_free(t);
  (void)unlink(path);
  return 0;
}
