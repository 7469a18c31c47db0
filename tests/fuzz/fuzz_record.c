/* SPDX-License-Identifier: Apache-2.0 */
/* A record file, read to its end or first damage. */
#include "check.h"
#include "io/record.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  ek__record_reader *r = NULL;
  const uint8_t *record = NULL;
  size_t n = 0, total = 0;
  FUZZ_CHECK(ek__record_reader_new(fuzz_file(data, size, ".record"), ek_allocator_default(), &r, NULL) == EK_OK);
  while (ek__record_reader_next(r, &record, &n, NULL) == EK_OK && record != NULL) total += n + 16;
  FUZZ_CHECK(total <= size);
  ek__record_reader_free(r);
  (void)unlink(fuzz_file(NULL, 0, ".record"));
  return 0;
}
