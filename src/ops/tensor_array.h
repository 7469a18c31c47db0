/* SPDX-License-Identifier: Apache-2.0 */
/* What the ops of TensorArrays share. */
#ifndef EK_OPS_TENSOR_ARRAY_H
#define EK_OPS_TENSOR_ARRAY_H

#include "graph/grad.h"
#include "ops/container.h"

/* What is known while building of the shape of the elements of the array that input 0 is: TensorFlow's shape that goes
 * with the handle. False: nothing goes with it. */
bool ek__tensor_array_element_shape(const ek_infer_context *c, ek_shape *shape);

/* Element index of the array, which must be in it; it grows if it may. */
ek_code ek__tensor_array_element(ek_run_context *c, ek_container *array, int64_t index, bool to_write,
                                 ek_element **out);
/* Writes, or adds where a gradient has been written before. */
ek_code ek__tensor_array_write(ek_run_context *c, ek_container *array, int64_t index, ek_dtype dtype, ek_shape shape,
                               const void *data);
/* The element to read: written, and not yet cleared; zeros where nothing but a shape is known. */
ek_code ek__tensor_array_read(ek_run_context *c, ek_container *array, int64_t index, const ek_element **out);
void ek__tensor_array_done(ek_container *array, int64_t index); /* it has been read */
/* Output i is a flow, which carries nothing but the order of things. */
void ek__tensor_array_flow(ek_run_context *c, int i);

/* Gradients: the array of gradients that belongs to the one that the op reads or writes. */
typedef struct ek__ta_gradient {
  ek_out handle, flow;
} ek__ta_gradient;
/* flow of the op itself, or, behind a barrier that waits for the op, what came from above. False: no gradient. */
bool ek__tensor_array_gradient(ek_grad_context *c, ek_out dy, ek_out flow, bool barrier, ek__ta_gradient *out,
                               ek_out *barred);

#endif
