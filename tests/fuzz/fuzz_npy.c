/* SPDX-License-Identifier: Apache-2.0 */
/* A .npy file; what is accepted must have an image of its own again. */
#include "check.h"
#include "evenkeel/io.h"
#include "io/npy.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  const char *path = fuzz_file(data, size, ".npy");
  ek_tensor *t = ek_npy_load(path, NULL);
  if (t != NULL) {
    ek__npy_image image;
    FUZZ_CHECK(t->dtype == EK_STRING || t->size_bytes <= size);
    FUZZ_CHECK(ek__npy_image_init(&image, path, t, ek_allocator_default(), NULL) == EK_OK);
    const size_t written = t->dtype == EK_BFLOAT16 ? 2 * t->size_bytes : t->size_bytes; /* as float32 */
    FUZZ_CHECK(t->dtype == EK_STRING || image.size == written);
    ek__npy_image_fini(&image);
  }
  ek_tensor_free(t);
  (void)unlink(path);
  return 0;
}
