/* SPDX-License-Identifier: Apache-2.0 */
/* What follows batch norm in the same pass: which loops do it, and with which slope below zero. */
#ifndef EK_KERNELS_BATCH_NORM_FUSION_H
#define EK_KERNELS_BATCH_NORM_FUSION_H

#include "kernels/table.h"

/* False: no such activation, or one whose y does not tell on which side of zero it was. */
static inline bool ek__slope_of(ek_kernels_activation activation, double alpha, double *slope) {
  *slope = activation == EK_KERNELS_NO_ACTIVATION ? 1 : activation == EK_KERNELS_RELU ? 0 : alpha;
  return (int)activation >= EK_KERNELS_NO_ACTIVATION && (int)activation <= EK_KERNELS_LEAKY_RELU && *slope >= 0 &&
         *slope - *slope == 0;
}

/* The loops that write y. */
static inline int ek__forward_kind(const void *add, ek_kernels_activation activation) {
  if (add != NULL) return EK__APPLY_ADDED;
  return activation != EK_KERNELS_NO_ACTIVATION ? EK__APPLY_ACTIVATED : EK__APPLY_PLAIN;
}

#endif
