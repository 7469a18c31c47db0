/* SPDX-License-Identifier: Apache-2.0 */
/* AVX-512 with loops of its own for bfloat16. Nothing on other processors. */
#include "kernels/table.h"

#ifdef __x86_64__
#define EK_ISA_NAME avx512bf16
#ifndef __AVX512BF16__ /* without the flags of cmake/kernels.cmake */
#ifdef __clang__
#pragma clang attribute push(__attribute__((target("avx512bf16,avx512f,avx512bw,avx512dq,avx512vl,avx2,fma,f16c"))),   \
                             apply_to = function)
#define EK_TARGET_PUSHED
#else
#pragma GCC target("avx512bf16,avx512f,avx512bw,avx512dq,avx512vl,avx2,fma,f16c")
#endif
#endif
#include "isa.h"

#include "loops.inc"
#ifdef EK_TARGET_PUSHED
#pragma clang attribute pop
#endif
#endif
