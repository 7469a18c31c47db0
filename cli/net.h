/* SPDX-License-Identifier: Apache-2.0 */
/* The networks that evenkeel train builds by itself. */
#ifndef EK_CLI_NET_H
#define EK_CLI_NET_H

#include "cli.h"

#define NET_NETS        "mlp|cnn|resnet20"
#define NET_NORMS       "batch|none"
#define NET_ACTIVATIONS "sigmoid|tanh|relu|elu|selu|softplus"
#define NET_PLACEMENTS  "before|after"
#define NET_OPTIMIZERS  "sgd|momentum|adam|rmsprop|adagrad"

typedef struct net_options {
  const char *net, *norm, *activation, *placement, *optimizer; /* of the lists above */
  double learning_rate;                                        /* 0: the optimizer's usual one */
  int64_t seed, pixels, classes;
} net_options;

/* Adds to an empty graph: images [?,pixels], labels [?], is_training, logits [?,classes], loss, accuracy, and train, an
 * op that does one step and counts in global_step. Mistakes stay on the graph. */
void net_build(ek_graph *g, const net_options *o);

/* Pieces of networks: an activation of the list, batch normalization. */
ek_out net_activate(ek_graph *g, const char *name, ek_out x);
ek_out net_normalize(ek_graph *g, ek_out x, ek_out training);

#endif
