/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EK_LAYERS_WEIGHTED_LOSS_H
#define EK_LAYERS_WEIGHTED_LOSS_H

#include "evenkeel/losses.h"

/* The options, or their defaults; NULL, with an error on the graph, if their version or reduction is none. */
const ek_losses_opts *ek__losses_opts(ek_graph *g, const ek_losses_opts *options);
/* compute_weighted_loss; weights: an output or a literal, never none. The scope is ek_named's. */
ek_out ek__weighted_loss(ek_graph *g, ek_out losses, ek_out weights, const ek_losses_opts *o);

#endif
