/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EK_TENSOR_TENSOR_H
#define EK_TENSOR_TENSOR_H

#include "base/memory.h"
#include "evenkeel/tensor.h"

#include <stdatomic.h>

/* A string element: immutable bytes, shared by reference. */
typedef struct ek__bytes {
  _Atomic int refs;
  size_t size;
  char data[]; /* size bytes and a NUL that size does not count */
} ek__bytes;

struct ek_tensor {
  _Atomic int refs;
  ek_dtype dtype;
  ek_shape shape;
  size_t size_bytes;
  void *data;                             /* strings: an array of ek__bytes*, NULL for the empty string */
  void (*release)(void *ctx, void *data); /* NULL: data belongs to allocator */
  void *release_ctx;
  const ek_allocator *allocator; /* of this struct, and of data unless release is set */
  ek_tensor *next;               /* for whoever keeps a list of tensors that only it holds */
};

ek__bytes *ek__bytes_new(const void *bytes, size_t size);
ek__bytes *ek__bytes_ref(ek__bytes *b); /* NULL in, NULL out */
void ek__bytes_free(ek__bytes *b);

bool ek__dtype_is_known(ek_dtype dtype);   /* one of ek_dtype */
bool ek__dtype_is_foreign(ek_dtype dtype); /* one that only TensorFlow has */

/* Bytes that a tensor of dtype and shape takes. INVALID_ARGUMENT: unknown shape, dtype without elements. */
ek_code ek__tensor_bytes(ek_dtype dtype, ek_shape shape, size_t *bytes, ek_status *st);

/* Copies n elements; strings are shared by reference, what dst held is released. */
void ek__copy_elements(ek_dtype dtype, void *dst, const void *src, int64_t n);

#endif
