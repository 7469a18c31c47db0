/* SPDX-License-Identifier: Apache-2.0 */
/* The NPY format, wherever its bytes come from and go to: a file of its own or a member of an NPZ archive. */
#ifndef EK_IO_NPY_H
#define EK_IO_NPY_H

#include "io/bytes.h"
#include "tensor/tensor.h"

/* What the header says. shape is that of the array, whatever the order of its elements in the file. */
typedef struct ek__npy_header {
  ek_dtype dtype;
  char kind;         /* NumPy's letter: f i u b c S U V */
  size_t item_bytes; /* of an element in the file */
  bool swap, fortran;
  ek_shape shape;
} ek__npy_header;

enum { EK__NPY_PREFIX_BYTES = 12 }; /* magic, version and length, of the longest version */

/* Reads the text of a header (a Python dictionary). where is the file for messages. */
ek_code ek__npy_header_parse(const char *where, const char *text, size_t size, ek__npy_header *h, ek_status *st);
/* Appends magic, version, length and text, padded as NumPy does it; descr as in "<f4". */
ek_code ek__npy_header_format(const char *descr, ek_shape shape, ek__buffer *out, ek_status *st);

/* Bytes in order: read fills all of bytes or fails. size: how many there are; never trusted to be honest for more than
 * a bound on what is allocated. */
typedef struct ek__npy_source {
  ek_code (*read)(void *ctx, void *bytes, size_t size, ek_status *st);
  void *ctx;
  uint64_t size;
  const char *where;
} ek__npy_source;

ek_code ek__npy_read(const ek__npy_source *source, const ek_allocator *a, ek_tensor **out, ek_status *st);

/* A tensor as header and elements. elements points into t, or into converted where the form in the file differs. */
typedef struct ek__npy_image {
  ek__buffer header, converted;
  const void *elements;
  size_t size;
} ek__npy_image;

/* Due after it, failed or not: ek__npy_image_fini. */
ek_code ek__npy_image_init(ek__npy_image *image, const char *where, const ek_tensor *t, const ek_allocator *a,
                           ek_status *st);
void ek__npy_image_fini(ek__npy_image *image);

#endif
