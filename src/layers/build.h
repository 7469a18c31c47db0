/* SPDX-License-Identifier: Apache-2.0 */
/* What the composites of this folder are made of: single ops, and the few Python helpers whose nodes they all share.
 * g may come from ek_named everywhere. */
#ifndef EK_LAYERS_BUILD_H
#define EK_LAYERS_BUILD_H

#include "evenkeel/graph.h"

static const ek_out ek__no_out = {0, 0};

static inline ek_out ek__op1(ek_graph *g, const char *type, ek_out x) {
  return ek_op_output(ek_build(g, type, EK_OUTS(x), EK_NO_ATTRS), 0);
}
static inline ek_out ek__op2(ek_graph *g, const char *type, ek_out x, ek_out y) {
  return ek_op_output(ek_build(g, type, EK_OUTS(x, y), EK_NO_ATTRS), 0);
}

/* tf.cast: x as it is if it has that dtype. */
ek_out ek__py_cast(ek_graph *g, ek_out x, ek_dtype dtype);
/* A Const full of one value; the default name is "Const". */
ek_out ek__py_filled(ek_graph *g, ek_dtype dtype, ek_shape shape, double value);
/* A 1-D int32 Const. */
ek_out ek__py_int32s(ek_graph *g, const int64_t *values, int n);

/* tf.shape, tf.rank, tf.size: a Const where the answer is known. Default names "Shape", "Rank", "Size". */
ek_out ek__py_shape(ek_graph *g, ek_out x);
ek_out ek__py_rank(ek_graph *g, ek_out x);
ek_out ek__py_size(ek_graph *g, ek_out x);
/* tf.ones_like and tf.zeros_like. */
ek_out ek__py_ones_like(ek_graph *g, ek_out x);
ek_out ek__py_zeros_like(ek_graph *g, ek_out x);
/* x[first:] of a vector. */
ek_out ek__py_from(ek_graph *g, ek_out x, int64_t first);
/* x[at] of a vector, at below zero from its end: StridedSlice that drops the axis. */
ek_out ek__py_element(ek_graph *g, ek_out x, int64_t at);

/* math_ops.range(from, to) of int32 numbers or outs. */
ek_out ek__py_range(ek_graph *g, ek_out from, ek_out to);
/* A list of at most EK_MAX_RANK + 1 integers, literals and outs, as Python packs it under the name of g. */
ek_out ek__py_list(ek_graph *g, const ek_out *numbers, int n);
/* A vector of scalars. */
ek_out ek__py_pack(ek_graph *g, ek_outs scalars);

/* Mean, Sum or Prod over all axes, to a scalar. */
ek_out ek__py_reduce_all(ek_graph *g, const char *type, ek_out x);
/* The same over n axes. */
ek_out ek__py_reduce(ek_graph *g, const char *type, ek_out x, const int64_t *axes, int n, bool keep_dims);

/* The op that changed the variable, of what ek_variable_assign, _add or _sub gave. */
ek_op ek__assigned_by(const ek_graph *g, ek_out assigned);

/* False, with an error on the graph, if one of the outs that a composite must have is missing. */
bool ek__given(ek_graph *g, const char *what, ek_out out);
/* The open scope's name says where: "mean_squared_error: labels have shape [2], predictions [3]". */
bool ek__compatible(ek_graph *g, const char *what_a, ek_out a, const char *what_b, ek_out b);

#endif
