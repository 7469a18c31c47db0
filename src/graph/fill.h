/* SPDX-License-Identifier: Apache-2.0 */
/* tf.shape, tf.zeros, tf.ones, tf.zeros_like as TensorFlow's Python makes them: a constant where the shape is known and
 * small, nodes that compute it elsewhere. All take ek_named's name. */
#ifndef EK_GRAPH_FILL_H
#define EK_GRAPH_FILL_H

#include "graph/graph.h"

/* g under the name of the scope that is open: TensorFlow's name=scope. */
ek_graph *ek__as_scope(ek_graph *g);

/* "Shape" (int32); optimize: a Const if the shape of x is known. */
ek_out ek__shape_of(ek_graph *g, ek_out x, bool optimize);
/* "zeros" or "ones" in a shape known only as a tensor: default_name/Const, default_name (Fill). */
ek_out ek__fill(ek_graph *g, ek_out shape, ek_dtype dtype, double value, const char *default_name);
/* In a known shape: one Const below 1000 elements, else shape_as_tensor, Const, Fill. */
ek_out ek__filled(ek_graph *g, ek_shape shape, ek_dtype dtype, double value, const char *default_name);
/* "zeros_like"; optimize: ek__filled if the shape of x is known. */
ek_out ek__zeros_like(ek_graph *g, ek_out x, bool optimize);

/* x[begin:end] of a vector by Python's operator, with one mask set ("end_mask", "shrink_axis_mask", ...; NULL: none).
 */
ek_out ek__vector_slice(ek_graph *g, ek_out x, int64_t begin, int64_t end, const char *mask);

#endif
