/* SPDX-License-Identifier: Apache-2.0 */
/* tf.TensorArray: tensors by number, each written once and read once, as loops write and read them.
 *
 *   ek_tensor_array rows = ek_tensor_array_new(g, EK_FLOAT32, n, NULL);
 *   rows = ek_tensor_array_unstack(g, rows, x);                   an element for each x[i]
 *   ek_out first = ek_tensor_array_read(g, rows, ek_integer(g, 0));
 *
 * What writes gives the array as it is afterwards, and only what uses that is sure to run later: the flow, a number
 * without meaning, carries this order. Inside a loop the flow is the loop variable:
 *
 *   EK_WHILE (g, EK_OUTS(ek_integer(g, 0), sums.flow), NULL, w) {
 *     EK_WHILE_COND (w) { ek_while_test(&w, ek_less(g, ek_while_var(&w, 0), n)); }
 *     EK_WHILE_BODY (w) {
 *       const ek_out i = ek_while_var(&w, 0);
 *       ek_tensor_array now = ek_tensor_array_at(g, sums, ek_while_var(&w, 1));
 *       now = ek_tensor_array_write(g, now, i, ek_tanh(g, ek_tensor_array_read(g, rows, i)));
 *       ek_while_next(&w, ek_add(g, i, ek_integer(g, 1)));
 *       ek_while_next(&w, now.flow);
 *     }
 *   }
 *   sums = ek_tensor_array_at(g, sums, ek_while_result(&w, 1));
 *   ek_out y = ek_tensor_array_stack(g, sums);
 *
 * Gradients go through all of it (ek_gradients): they are collected in an array of their own, where what is written
 * twice adds up. Everywhere g may come from ek_named, index, indices, lengths and value may be literals; mistakes are
 * errors on the graph.
 */
#ifndef EVENKEEL_TENSOR_ARRAY_H
#define EVENKEEL_TENSOR_ARRAY_H

#include "graph.h"

#ifdef __cplusplus
extern "C" {
#endif

/* By value; the graph owns what it points to. */
typedef struct ek_tensor_array {
  ek_out handle;                  /* resource [2] */
  ek_out flow;                    /* float32 [] */
  struct ek__tensor_array *state; /* what all flows of one array share; NULL after an error */
} ek_tensor_array;

typedef struct ek_tensor_array_opts {
  uint32_t version;
  bool dynamic_size;                   /* false; true: writing makes it longer */
  bool clear_after_read;               /* true: an element can be read once; its memory is free then */
  bool infer_shape;                    /* true: all elements have one shape, which is learned from the first */
  bool colocate_with_first_write_call; /* true: what writes is colocated with the first value that was written */
  ek_shape element_shape;              /* unknown */
  const char *tensor_array_name;       /* ""; for messages */
} ek_tensor_array_opts;
#define EK_TENSOR_ARRAY_OPTS_FIELDS_                                                                                   \
  .version = 1u, .clear_after_read = true, .infer_shape = true, .colocate_with_first_write_call = true,                \
  .element_shape = {.rank = -1}
#define EK_TENSOR_ARRAY_OPTS_INIT                                                                                      \
  { EK_TENSOR_ARRAY_OPTS_FIELDS_ }
#define EK_TENSOR_ARRAY(...) EK_OPTS_(ek_tensor_array_opts, EK_TENSOR_ARRAY_OPTS_FIELDS_, __VA_ARGS__)

/* tf.TensorArray(dtype, size, ...): size is an int32 scalar. options may be NULL. */
EK_API ek_tensor_array ek_tensor_array_new(ek_graph *g, ek_dtype dtype, ek_out size,
                                           const ek_tensor_array_opts *options);
/* The array once everything that flow depends on is done: in a loop, and behind it. TensorFlow makes one in the
 * condition, one in the body and one after the loop, which matters for names only. */
EK_API ek_tensor_array ek_tensor_array_at(ek_graph *g, ek_tensor_array array, ek_out flow);
/* TensorArray.identity: an Identity of the flow, for control dependencies. */
EK_API ek_tensor_array ek_tensor_array_identity(ek_graph *g, ek_tensor_array array);

/* ---- One element */

EK_API ek_tensor_array ek_tensor_array_write(ek_graph *g, ek_tensor_array array, ek_out index, ek_out value);
/* What was written as element index. An element that never was is zero, if its shape is known. */
EK_API ek_out ek_tensor_array_read(ek_graph *g, ek_tensor_array array, ek_out index);

/* ---- Many */

/* value [n, ...]: element i becomes value[i]. */
EK_API ek_tensor_array ek_tensor_array_unstack(ek_graph *g, ek_tensor_array array, ek_out value);
/* value [n, ...], indices [n]: element indices[i] becomes value[i]. */
EK_API ek_tensor_array ek_tensor_array_scatter(ek_graph *g, ek_tensor_array array, ek_out indices, ek_out value);
/* value [rows, ...], lengths [n], which sum to rows: element i becomes the next lengths[i] rows. */
EK_API ek_tensor_array ek_tensor_array_split(ek_graph *g, ek_tensor_array array, ek_out value, ek_out lengths);
/* All elements, or those at indices, as one tensor [n, ...]. */
EK_API ek_out ek_tensor_array_stack(ek_graph *g, ek_tensor_array array);
EK_API ek_out ek_tensor_array_gather(ek_graph *g, ek_tensor_array array, ek_out indices);
/* All elements, one behind the other along their first dimension: [rows, ...]. */
EK_API ek_out ek_tensor_array_concat(ek_graph *g, ek_tensor_array array);

/* ---- The array */

/* How many elements it has: int32. */
EK_API ek_out ek_tensor_array_size(ek_graph *g, ek_tensor_array array);
/* What is known of the shape of its elements; its dtype (EK_INVALID_DTYPE after an error). */
EK_API ek_shape ek_tensor_array_element_shape(ek_tensor_array array);
EK_API ek_dtype ek_tensor_array_dtype(ek_tensor_array array);
/* TensorArray.grad: the array of gradients that belongs to this one and to source ("gradients", as the call of
 * gradients is named); flow: the array's own if it is none. */
EK_API ek_tensor_array ek_tensor_array_grad(ek_graph *g, ek_tensor_array array, const char *source, ek_out flow);
/* TensorArray.close: the op that ends its life. */
EK_API ek_op ek_tensor_array_close(ek_graph *g, ek_tensor_array array);

#ifdef __cplusplus
}
#endif
#endif
