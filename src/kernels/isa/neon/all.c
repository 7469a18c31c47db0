/* SPDX-License-Identifier: Apache-2.0 */
#define EK_ISA_NAME neon
#include "isa.h"

#include "kernels/common/all.inc"
