/* SPDX-License-Identifier: Apache-2.0 */
/* An .npz archive: every array that is listed is asked for. */
#include "check.h"
#include "evenkeel/io.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  const char *path = fuzz_file(data, size, ".npz");
  ek_npz *z = ek_npz_open(path, NULL);
  if (z != NULL) {
    for (int i = 0; i < ek_npz_num_arrays(z); i++) ek_tensor_free(ek_npz_get(z, ek_npz_name(z, i), NULL));
    ek_npz_close(z);
  }
  (void)unlink(path);
  return 0;
}
