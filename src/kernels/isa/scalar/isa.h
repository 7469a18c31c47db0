/* SPDX-License-Identifier: Apache-2.0 */
/* One lane: plain C for any machine, and the oracle of the other sets. */
#define EK_F32_LANES 1
#define EK_F64_LANES 1
#include "kernels/vec.h"

#include "kernels/isa/portable.h"

#include <stdbool.h>

static inline vf32 v_sqrt_f32(vf32 a) { return (vf32){__builtin_sqrtf(a[0])}; }
static inline vf64 v_sqrt_f64(vf64 a) { return (vf64){__builtin_sqrt(a[0])}; }

#include "kernels/isa/halves.h"

static bool isa_usable(void) { return true; }
