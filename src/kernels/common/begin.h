/* SPDX-License-Identifier: Apache-2.0 */
/* What the loops of a set are written with, whatever their type. */
#ifndef EK_KERNELS_BEGIN_H
#define EK_KERNELS_BEGIN_H

#include "kernels/blocks.h"
#include "kernels/table.h"

#include <math.h>

#ifdef __clang__
#pragma STDC FP_CONTRACT OFF /* as gcc does by itself for C17 */
#endif

#define EK_PASTE_(a, b)  a##b
#define EK_PASTE(a, b)   EK_PASTE_(a, b)
#define EK_QUOTE_(a)     #a
#define EK_QUOTE(a)      EK_QUOTE_(a)
#define EK_SQRT(x)       _Generic((x), float : sqrtf, double : sqrt)(x)
#define EK_ALWAYS_INLINE static inline __attribute__((always_inline))
/* Of functions that call loops and do little of their own: small rather than fast. */
#define EK_GLUE __attribute__((cold))
/* A table of loops, which another set may name too: ek__batch_norm_loops_f32_avx512. */
#define EK_TABLE_OF(isa, table) EK_PASTE(EK_PASTE(ek__, table), EK_PASTE(_, isa))
#define EK_TABLE(table)         EK_TABLE_OF(EK_ISA_NAME, table)

#include "kernels/common/bits.h"
#include "kernels/common/moments.h"

#endif
