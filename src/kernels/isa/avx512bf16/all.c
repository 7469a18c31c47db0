/* SPDX-License-Identifier: Apache-2.0 */
/* AVX-512 with loops of its own for bfloat16. Nothing on other processors. */
#include "kernels/table.h"

#ifdef __x86_64__
#define EK_ISA_NAME avx512bf16
#define EK_TARGET   "avx512bf16,avx512f,avx512bw,avx512dq,avx512vl,avx2,fma,f16c"
#ifdef __AVX512BF16__
#define EK_HAS_TARGET 1
#else
#define EK_HAS_TARGET 0
#endif
#include "kernels/isa/target_begin.h"

#include "isa.h"

#include "loops.inc"

#include "kernels/isa/target_end.h"
#endif
