/* SPDX-License-Identifier: Apache-2.0 */
/* IndexedSlices as gradients see them; ek_indexed_slices_of tells whether an output is one. */
#ifndef EK_GRAPH_INDEXED_SLICES_H
#define EK_GRAPH_INDEXED_SLICES_H

#include "graph/graph.h"

/* Tensor.op and IndexedSlices.op: that of its values. */
ek_op ek__op_of(const ek_graph *g, ek_out out);
/* The tensor's shape, as far as dense_shape tells. */
ek_shape ek__slices_shape(const ek_graph *g, ek_indexed_slices s);
/* The slices with other values; if they are none (a tensor), the values. */
ek_out ek__slices_with(ek_graph *g, ek_out slices, ek_out values);
/* The tensor: an UnsortedSegmentSum of that name (NULL: its type). */
ek_out ek__slices_dense(ek_graph *g, ek_indexed_slices s, const char *name);
/* The sum of several slices: all their rows behind each other. */
ek_out ek__slices_join(ek_graph *g, ek_outs terms);

/* Merge of the gradients of two branches, one of them slices; the scope's name comes with g. */
ek_out ek__slices_merge(ek_graph *g, ek_out a, ek_out b);

static inline bool ek__is_slices(const ek_graph *g, ek_out out) {
  ek_indexed_slices s;
  return ek_indexed_slices_of(g, out, &s);
}

#endif
