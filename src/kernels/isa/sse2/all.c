/* SPDX-License-Identifier: Apache-2.0 */
#define EK_ISA_NAME sse2
#include "isa.h"

#include "kernels/common/all.inc"
