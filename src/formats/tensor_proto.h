/* SPDX-License-Identifier: Apache-2.0 */
/* Tensors and shapes as protocol buffers. */
#ifndef EK_FORMATS_TENSOR_PROTO_H
#define EK_FORMATS_TENSOR_PROTO_H

#include "base/memory.h"
#include "evenkeel/tensor.h"

#include "tensor.pb-c.h"

/* p NULL: a scalar. UNIMPLEMENTED: a rank over EK_MAX_RANK; INVALID_ARGUMENT: a dimension below -1. */
ek_code ek__shape_from_proto(const Ek__TensorShapeProto *p, ek_shape *shape, ek_status *st);
/* Everything of *out lies in arena. */
ek_code ek__shape_to_proto(ek_shape shape, ek__arena *arena, Ek__TensorShapeProto **out, ek_status *st);

/* The tensor p describes, of at most *room bytes, which are taken off *room: a few bytes of a file may ask for any
 * number of equal elements. The caller frees it. UNIMPLEMENTED: a dtype that ek_tensor cannot hold; INVALID_ARGUMENT:
 * shape and contents that do not fit together; RESOURCE_EXHAUSTED. */
ek_code ek__tensor_from_proto(const Ek__TensorProto *p, const ek_allocator *a, size_t *room, ek_tensor **out,
                              ek_status *st);
/* As TensorFlow's Python writes it: one element, strings, and what has no other form in a typed list; the rest as
 * bytes. *out lies in arena, but borrows the elements of t. */
ek_code ek__tensor_to_proto(const ek_tensor *t, ek__arena *arena, Ek__TensorProto **out, ek_status *st);

#endif
