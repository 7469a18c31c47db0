/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EK_LAYERS_DENSE_H
#define EK_LAYERS_DENSE_H

#include "layers/layer.h"

/* tf.layers.Dense in a scope of its own (or none); made: its kernel and bias. */
ek_out ek__dense_layer(ek_graph *g, ek_variable_scope scope, ek_out inputs, int64_t units,
                       const ek_layers_dense_opts *options, ek_variable made[2]);

#endif
