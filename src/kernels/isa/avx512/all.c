/* SPDX-License-Identifier: Apache-2.0 */
/* Nothing on other processors. */
#include "kernels/table.h"

#ifdef __x86_64__
#define EK_ISA_NAME avx512
#define EK_TARGET   "avx512f,avx512bw,avx512dq,avx512vl,avx2,fma,f16c"
#ifdef __AVX512F__
#define EK_HAS_TARGET 1
#else
#define EK_HAS_TARGET 0
#endif
#include "kernels/isa/target_begin.h"

#include "isa.h"

#include "kernels/common/all.inc"

#include "kernels/isa/target_end.h"
#endif
