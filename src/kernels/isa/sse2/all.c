/* SPDX-License-Identifier: Apache-2.0 */
/* Nothing on other processors. */
#include "kernels/table.h"

#ifdef __x86_64__
#define EK_ISA_NAME sse2
#include "isa.h"

#include "kernels/common/all.inc"
#endif
