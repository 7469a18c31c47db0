/* SPDX-License-Identifier: Apache-2.0 */
/* What can be done with a graph: what it wants to be fed, what is worth fetching, what to run. */
#ifndef EK_CLI_OFFERS_H
#define EK_CLI_OFFERS_H

#include "cli.h"

/* "inputs": placeholders, and what ops that cannot run here give to ops that can. Nothing where there is none. */
void print_inputs(ek_graph *g);
/* "outputs": tensors that nothing but gradients reads; "targets": ops without outputs that nothing waits for. */
void print_outputs(ek_graph *g);
void print_targets(ek_graph *g);

#endif
