/* SPDX-License-Identifier: Apache-2.0 */
/* weights_broadcast_ops: weights that fit losses or values. */
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

#endif
