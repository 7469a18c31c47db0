/* SPDX-License-Identifier: Apache-2.0 */
/* Sixteen bytes: what every x86-64 processor has. Small rather than fast: those that matter have AVX2. */
#define ONE_FOR_ALL_KINDS
#define EK_F32_LANES 4
#define EK_F64_LANES 2
#define EK_HAS_BITS
#include "kernels/vec.h"

#include "kernels/isa/portable.h"

#include <emmintrin.h>
#include <stdbool.h>

static inline vf32 v_sqrt_f32(vf32 a) { return (vf32)_mm_sqrt_ps((__m128)a); }
static inline vf64 v_sqrt_f64(vf64 a) { return (vf64)_mm_sqrt_pd((__m128d)a); }

static inline unsigned v_bits_f32(vi32 mask) { return (unsigned)_mm_movemask_ps((__m128)mask); }
static inline unsigned v_bits_f64(vi64 mask) { return (unsigned)_mm_movemask_pd((__m128d)mask); }

#include "kernels/isa/halves.h"

static bool isa_usable(void) { return true; }
