/* SPDX-License-Identifier: Apache-2.0 */
/* Gradients of the array ops: the nodes that TensorFlow's Python functions add, in their order and by their names. */
#ifndef EK_OPS_ARRAY_GRAD_H
#define EK_OPS_ARRAY_GRAD_H

#include "graph/grad.h"

ek_code ek__grad_reshaped(ek_grad_context *c); /* of whatever only changes the shape */
ek_code ek__grad_transpose(ek_grad_context *c);
ek_code ek__grad_tile(ek_grad_context *c);
ek_code ek__grad_broadcast_to(ek_grad_context *c);
ek_code ek__grad_fill(ek_grad_context *c);
ek_code ek__grad_pack(ek_grad_context *c);
ek_code ek__grad_unpack(ek_grad_context *c);
ek_code ek__grad_concat(ek_grad_context *c);
ek_code ek__grad_split(ek_grad_context *c);
ek_code ek__grad_split_v(ek_grad_context *c);
ek_code ek__grad_slice(ek_grad_context *c);
ek_code ek__grad_strided_slice(ek_grad_context *c);
ek_code ek__grad_strided_slice_grad(ek_grad_context *c);
ek_code ek__grad_pad(ek_grad_context *c);
ek_code ek__grad_mirror_pad(ek_grad_context *c);
ek_code ek__grad_gather(ek_grad_context *c);
ek_code ek__grad_resource_gather(ek_grad_context *c);
ek_code ek__grad_stitch(ek_grad_context *c);
ek_code ek__grad_segment_sum(ek_grad_context *c);
ek_code ek__grad_segment_mean(ek_grad_context *c);
ek_code ek__grad_segment_extremum(ek_grad_context *c);
ek_code ek__grad_segment_product(ek_grad_context *c);
ek_code ek__grad_unsorted_sum(ek_grad_context *c);
ek_code ek__grad_unsorted_extremum(ek_grad_context *c);
ek_code ek__grad_unsorted_product(ek_grad_context *c);

#endif
