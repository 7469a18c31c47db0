/* SPDX-License-Identifier: Apache-2.0 */
/* Nothing on other processors. */
#include "kernels/table.h"

#ifdef __aarch64__
#define EK_ISA_NAME neon
#include "isa.h"

#include "kernels/common/all.inc"
#endif
