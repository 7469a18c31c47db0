/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EK_LAYERS_SEPARABLE_CONV_H
#define EK_LAYERS_SEPARABLE_CONV_H

#include "layers/convolution.h"

/* tf.nn.separable_conv2d, in a scope of that name. */
ek_out ek__py_separable_conv2d(ek_graph *g, const ek__sliding *w, ek_out x, ek_out depthwise, ek_out pointwise);

#endif
