/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EK_GRAPH_RANDOM_H
#define EK_GRAPH_RANDOM_H

#include "evenkeel/random.h"
#include "graph/graph.h"

/* random_uniform whose bounds came as Python floats: always scaled and shifted, even from [0, 1) to [0, 1). */
ek_out ek__random_uniform_scaled(ek_graph *g, ek_out shape, const ek_random_opts *o);

#endif
