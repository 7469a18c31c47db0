/* SPDX-License-Identifier: Apache-2.0 */
/* scale and scale * alpha of the self-normalizing unit, in the precision of x. */
#ifndef EK_OPS_SELU_H
#define EK_OPS_SELU_H

#define EK__SELU_SCALE(x_)                                                                                             \
  _Generic((x_), float : 1.0507009873554804934193349852946f, double : 1.0507009873554804934193349852946)
#define EK__SELU_SCALE_ALPHA(x_)                                                                                       \
  _Generic((x_), float : 1.7580993408473768599402175208123f, double : 1.7580993408473768599402175208123)

#endif
