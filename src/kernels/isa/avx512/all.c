/* SPDX-License-Identifier: Apache-2.0 */
/* Nothing on other processors. */
#include "kernels/table.h"

#ifdef __x86_64__
#define EK_ISA_NAME avx512
#ifndef __AVX512F__ /* without the flags of cmake/kernels.cmake */
#ifdef __clang__
#pragma clang attribute push(__attribute__((target("avx512f,avx512bw,avx512dq,avx512vl,avx2,fma,f16c"))),              \
                             apply_to = function)
#define EK_TARGET_PUSHED
#else
#pragma GCC target("avx512f,avx512bw,avx512dq,avx512vl,avx2,fma,f16c")
#endif
#endif
#include "isa.h"

#include "kernels/common/all.inc"
#ifdef EK_TARGET_PUSHED
#pragma clang attribute pop
#endif
#endif
