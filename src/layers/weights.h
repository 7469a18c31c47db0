/* SPDX-License-Identifier: Apache-2.0 */
/* Weights that fit losses or values: weights_broadcast_ops, and what makes up for ranks that differ by one. */
#ifndef EK_LAYERS_WEIGHTS_H
#define EK_LAYERS_WEIGHTS_H

#include "evenkeel/graph.h"

/* The op that fails at run time if weights (an output or a literal) do not broadcast to values; what is known while
 * building is checked at once, and is an error on the graph. */
ek_op ek__assert_broadcastable(ek_graph *g, ek_out weights, ek_out values);
/* weights in the shape of values: as they are if both shapes are known and equal, else times ones. */
ek_out ek__broadcast_weights(ek_graph *g, ek_out weights, ek_out values);

/* confusion_matrix.remove_squeezable_dimensions: if the ranks differ by one more or less than rank_diff, and the last
 * dimension of the larger can be 1, it goes. */
void ek__remove_squeezable(ek_graph *g, ek_out *labels, ek_out *predictions, int rank_diff);
/* The same for the weights of a loss, which have one dimension more than the labels or not. */
ek_out ek__squeeze_weights(ek_graph *g, ek_out weights, ek_out labels);
/* The weights of a metric: a last dimension of 1 comes or goes. */
ek_out ek__fit_weights(ek_graph *g, ek_out weights, ek_out values);

#endif
