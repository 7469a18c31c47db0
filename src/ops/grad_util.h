/* SPDX-License-Identifier: Apache-2.0 */
/* What gradient functions share: building calls as short as the formulas, and the sums that undo a broadcast. A name
 * other than the op's type is given by ek_named(g, "mul"), as TensorFlow's operators do. */
#ifndef EK_OPS_GRAD_UTIL_H
#define EK_OPS_GRAD_UTIL_H

#include "graph/grad.h"

/* Output 0 of an op with one, two or three inputs and default attributes. Where calls nest, C does not say which
 * argument is built first: give each node that matters its own statement. */
ek_out ek__op1(ek_graph *g, const char *type, ek_out a);
ek_out ek__op2(ek_graph *g, const char *type, ek_out a, ek_out b);
ek_out ek__op3(ek_graph *g, const char *type, ek_out a, ek_out b, ek_out c);

/* A Const of dtype called "Const", or as ek_named says. */
ek_out ek__grad_number(ek_graph *g, double value, ek_dtype dtype);
ek_out ek__grad_integers(ek_graph *g, const int64_t *values, int n); /* int32 */

/* The literal as a Const that fills a scope of its own name: in a loop, what it waits for stands in that scope. */
ek_out ek__grad_scoped(ek_graph *g, const char *name, ek_out literal, ek_dtype dtype);

/* math_ops.cast: x itself if it has the dtype already. */
ek_out ek__grad_cast(ek_graph *g, ek_out x, ek_dtype dtype);
/* -x, of slices those with -values. */
ek_out ek__grad_neg(ek_graph *g, ek_out x);
/* array_ops.shape: a Const where the shape is known, else Shape; int32. */
ek_out ek__grad_shape(ek_graph *g, ek_out x);
ek_out ek__grad_rows(ek_graph *g, ek_out x);                     /* array_ops.shape(x)[0] */
ek_out ek__grad_rank(ek_graph *g, ek_out x);                     /* array_ops.rank: a Const where it is known */
ek_out ek__grad_size(ek_graph *g, ek_out x);                     /* array_ops.size: the same */
ek_out ek__grad_shape_as(ek_graph *g, ek_out x, ek_dtype dtype); /* int32 or int64 */
/* array_ops.zeros_like and ones_like: constants where the shape is known and small, else ZerosLike, Fill. */
ek_out ek__grad_zeros_like(ek_graph *g, ek_out x);
ek_out ek__grad_ones_like(ek_graph *g, ek_out x);
ek_out ek__grad_ones_like_as(ek_graph *g, ek_out x, ek_dtype dtype);
/* math_ops.reduce_sum(x, axes, keepdims); axes may be a literal. */
ek_out ek__grad_sum(ek_graph *g, ek_out x, ek_out axes, bool keep_dims);

/* _IndexedSlicesToTensorNoWarning: slices as a tensor, in nodes of their own. (Ops take slices, too, and make them
 * tensors; by this, they become one before.) */
ek_out ek__grad_dense(ek_graph *g, ek_out gradient);

/* The gradient of GatherNd, of a tensor of that shape: rows where indices are [n, 1], else a ScatterNd. */
ek_out ek__grad_parts(ek_graph *g, ek_out indices, ek_out dy, ek_out shape);

/* with ops.control_dependencies([gradient]): ek__grad_after(g, dy) ... ek_control_dependencies_end(g). */
void ek__grad_after(ek_graph *g, ek_out gradient);

/* How the gradient of a broadcasting op comes back to the shapes of its inputs. */
typedef struct ek__unbroadcast {
  bool reduce[2]; /* the gradient's shape differs (or might) */
  bool is_static; /* shapes are known: literals; else the outputs of nodes */
  ek_shape dims[2], axes_value[2];
  ek_out shape[2], axes[2];
} ek__unbroadcast;
/* Shape, Shape, BroadcastGradientArgs, as all ops do that do not use the next one. */
ek__unbroadcast ek__unbroadcast_nodes(ek_graph *g, ek_out x, ek_out y);
/* The last of the three, from shapes that are nodes already. */
ek__unbroadcast ek__unbroadcast_from(ek_graph *g, ek_out shape_x, ek_out shape_y);
/* SmartBroadcastGradientArgs: no nodes where the shapes are known, except once in a graph for each pair of shapes. */
ek__unbroadcast ek__unbroadcast_smart(ek_graph *g, ek_out x, ek_out y, ek_out dy);
/* Reshape(Sum(gradient, axes), shape) for input i. */
ek_out ek__unbroadcast_apply(ek_graph *g, const ek__unbroadcast *u, int i, ek_out gradient);

/* Both shapes and the gradient's are known and equal. */
bool ek__grad_same_shapes(const ek_graph *g, ek_out x, ek_out y, ek_out dy);

/* True the first time that the graph sees this key: Python's caches on the graph. */
bool ek__grad_first(ek_graph *g, const char *key);

/* Gradients that many ops share: nothing for any input (but no error). */
ek_code ek__grad_none(ek_grad_context *c);

#endif
