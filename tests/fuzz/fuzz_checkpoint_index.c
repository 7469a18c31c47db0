/* SPDX-License-Identifier: Apache-2.0 */
/* A whole index file, with a data file of zeros behind it: every tensor that is listed is asked for. */
#include "check.h"
#include "evenkeel/io.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  static const uint8_t zeros[600];
  char prefix[512];
  const char *path = fuzz_file(data, size, ".index");
  (void)snprintf(prefix, sizeof prefix, "%.*s", (int)(strlen(path) - strlen(".index")), path);
  ek_checkpoint_reader *r = ek_checkpoint_reader_new(prefix, NULL);
  if (r != NULL) {
    (void)fuzz_file(zeros, sizeof zeros, ".data-00000-of-00001");
    for (int i = 0; i < ek_checkpoint_reader_num_keys(r); i++) {
      FUZZ_CHECK(ek_checkpoint_reader_has(r, ek_checkpoint_reader_key(r, i)));
      ek_tensor_free(ek_checkpoint_reader_get_tensor(r, ek_checkpoint_reader_key(r, i), NULL));
    }
    ek_checkpoint_reader_free(r);
  }
  (void)unlink(fuzz_file(NULL, 0, ".index"));
  (void)unlink(fuzz_file(NULL, 0, ".data-00000-of-00001"));
  return 0;
}
