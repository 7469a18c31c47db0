/* SPDX-License-Identifier: Apache-2.0 */
/* Symbolic gradients: they are nodes of the graph, named and ordered as TensorFlow's. */
#ifndef EVENKEEL_GRADIENTS_H
#define EVENKEEL_GRADIENTS_H

#include "graph.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef enum ek_aggregation_method {
  EK_ADD_N,            /* one AddN for all contributions */
  EK_EXPERIMENTAL_TREE /* AddN of two, again and again: each contribution can go early */
} ek_aggregation_method;

typedef struct ek_gradients_opts {
  uint32_t version;
  ek_outs grad_ys;        /* one for each y, or empty; a none: ones in the shape of that y */
  ek_outs stop_gradients; /* taken as constants */
  bool gate_gradients;    /* no input gradient of an op is used before all of them are there (tuple) */
  bool colocate_gradients_with_ops;
  bool unconnected_zero; /* zeros instead of none for an x that no path reaches: UnconnectedGradients.ZERO */
  ek_aggregation_method aggregation_method;
} ek_gradients_opts;
#define EK_GRADIENTS_OPTS_FIELDS_ .version = 1u
#define EK_GRADIENTS_OPTS_INIT                                                                                         \
  { EK_GRADIENTS_OPTS_FIELDS_ }
#define EK_GRADIENTS(...) EK_OPTS_(ek_gradients_opts, EK_GRADIENTS_OPTS_FIELDS_, __VA_ARGS__)

/* tf.gradients: writes to dx, for each of xs, the derivative of the sum of all ys (weighted by grad_ys) in the shape of
 * x; none where no path through differentiable dtypes leads from x to a y. All nodes go under the scope "gradients" (or
 * ek_named's name). A variable as x is its handle (ek_variable_handle). options may be NULL. An op without gradient on
 * the way is an error that names it. Time is linear in the ops of the graph.
 * What was read by rows (ek_gather along axis 0, ek_variable_sparse_read, ek_nn_embedding_lookup) has an
 * ek_indexed_slices as its gradient: optimizers and clipping know them, and any op takes them as the tensor that they
 * stand for; to fetch that one, ek_convert makes it. */
EK_API void ek_gradients(ek_graph *g, ek_outs ys, ek_outs xs, const ek_gradients_opts *options, ek_out *dx);

#ifdef __cplusplus
}
#endif
#endif
