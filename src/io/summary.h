/* SPDX-License-Identifier: Apache-2.0 */
/* Summary messages, as TensorBoard reads them: their bytes, in the order of the fields. */
#ifndef EK_IO_SUMMARY_H
#define EK_IO_SUMMARY_H

#include "base/memory.h"

#include "summary.pb-c.h"

/* A message under construction: everything lies in the arena. */
typedef struct ek__summary {
  ek__arena arena;
  Ek__Summary message;
  size_t cap;
} ek__summary;

void ek__summary_init(ek__summary *s, const ek_allocator *a);
void ek__summary_fini(ek__summary *s);
ek_code ek__summary_add_scalar(ek__summary *s, const char *tag, float value, ek_status *st);
/* TensorFlow's buckets: powers of 1.1 from 1e-12 to 1e20, both signs; runs of empty ones are joined. The values are
 * finite. */
ek_code ek__summary_add_histogram(ek__summary *s, const char *tag, const double *values, int64_t n, ek_status *st);
/* pixels: [height, width, channels] with 1, 3 or 4 channels; becomes a PNG. */
ek_code ek__summary_add_image(ek__summary *s, const char *tag, const uint8_t *pixels, int64_t height, int64_t width,
                              int64_t channels, ek_status *st);
/* All values of a message. INVALID_ARGUMENT: no such message, or a tag that is there already. */
ek_code ek__summary_merge(ek__summary *s, const void *bytes, size_t size, ek_status *st);
/* In the arena. */
ek_code ek__summary_pack(ek__summary *s, uint8_t **bytes, size_t *size, ek_status *st);

/* src/io/png.c: an 8-bit image as a PNG file, in arena. */
ek_code ek__png_encode(const uint8_t *pixels, int64_t height, int64_t width, int64_t channels, ek__arena *arena,
                       uint8_t **bytes, size_t *size, ek_status *st);

#endif
