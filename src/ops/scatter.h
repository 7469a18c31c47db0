/* SPDX-License-Identifier: Apache-2.0 */
/* Rows that change rows: what all scatters do to each. */
#ifndef EK_OPS_SCATTER_H
#define EK_OPS_SCATTER_H

#include "ops/number.h"
#include "ops/run.h"

#define EK_SCATTER_TYPES EK_NUMBER_TYPES

typedef enum ek__scatter {
  EK__SCATTER_UPDATE,
  EK__SCATTER_ADD,
  EK__SCATTER_SUB,
  EK__SCATTER_MUL,
  EK__SCATTER_DIV,
  EK__SCATTER_MIN,
  EK__SCATTER_MAX
} ek__scatter;

/* to[i] = to[i] op from[i * step] for n elements; step 1, or 0 for one number. Update takes any dtype, Add and Update
 * bool, too (as or). Integers wrap around. UNIMPLEMENTED: other dtypes; INVALID_ARGUMENT: an integer divided by zero.
 */
ek_code ek__scatter_rows(ek_run_context *c, ek__scatter what, ek_dtype dtype, void *to, const void *from, int64_t step,
                         int64_t n);
static inline ek_code ek__scatter_row(ek_run_context *c, ek__scatter what, ek_dtype dtype, void *to, const void *from,
                                      int64_t n) {
  return ek__scatter_rows(c, what, dtype, to, from, 1, n);
}

#endif
