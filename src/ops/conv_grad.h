/* SPDX-License-Identifier: Apache-2.0 */
/* Gradients of convolutions and of their gradients, for each of them the same three ops with the same attributes. */
#ifndef EK_OPS_CONV_GRAD_H
#define EK_OPS_CONV_GRAD_H

#include "graph/grad.h"

ek_code ek__grad_conv_forward(ek_grad_context *c);
ek_code ek__grad_conv_input(ek_grad_context *c);
ek_code ek__grad_conv_filter(ek_grad_context *c);

#endif
