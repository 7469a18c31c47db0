/* SPDX-License-Identifier: Apache-2.0 */
#ifndef EK_CLI_NET_IMAGES_H
#define EK_CLI_NET_IMAGES_H

#include "net.h"

/* side * side * channels = pixels with 1 or 3 channels; false if there is no such image. */
bool net_image_shape(int64_t pixels, int64_t *side, int64_t *channels);

/* From x: [?, pixels], rows of pixels with their channels side by side, to features [?, n]; mistakes stay on the graph.
 * cnn: three convolutions of 3 x 3 (32, 64, 64), max pooling behind the first. */
ek_out net_cnn(ek_graph *g, const net_options *o, ek_out x, ek_out training);
/* ResNet-20 for small images: three stages of three residual blocks of two convolutions, 16, 32 and 64 wide. */
ek_out net_resnet20(ek_graph *g, const net_options *o, ek_out x, ek_out training);

#endif
