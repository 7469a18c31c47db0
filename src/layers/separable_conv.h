/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EK_LAYERS_SEPARABLE_CONV_H
#define EK_LAYERS_SEPARABLE_CONV_H

#include "layers/convolution.h"

/* tf.nn.separable_conv2d, in a scope of that name. */
ek_out ek__py_separable_conv2d(ek_graph *g, const ek__sliding *w, ek_out x, ek_out depthwise, ek_out pointwise);
/* tf.nn.depthwise_conv2d. */
ek_out ek__py_depthwise_conv2d(ek_graph *g, const ek__sliding *w, ek_out x, ek_out filter);

/* scope: where the layer lives, or none; made: its depthwise and pointwise kernels and its bias. */
ek_out ek__separable_conv2d_layer(ek_graph *g, ek_variable_scope scope, ek_out inputs, int64_t filters,
                                  ek_extent kernel_size, const ek_layers_separable_conv2d_opts *options,
                                  ek_variable made[3]);

#endif
