/* SPDX-License-Identifier: Apache-2.0 */
/* The macros that carry an error upwards, and overflow-checked size arithmetic. */
#ifndef EK_BASE_STATUS_H
#define EK_BASE_STATUS_H

#include "evenkeel/status.h"

#include <assert.h>

#define EK_REQUIRE(cond, st, ...)                                                                                      \
  do {                                                                                                                 \
    if (!(cond)) return ek_status_set((st), __VA_ARGS__);                                                              \
  } while (0)
#define EK_TRY(expr)                                                                                                   \
  do {                                                                                                                 \
    const ek_code rc_ = (expr);                                                                                        \
    if (rc_ != EK_OK) return rc_;                                                                                      \
  } while (0)
/* A broken invariant of ours: stops a debug build, is an INTERNAL error with the expression in a release. */
#define EK_ASSERT(cond, st)                                                                                            \
  do {                                                                                                                 \
    assert(cond);                                                                                                      \
    if (!(cond)) return ek_status_set((st), EK_INTERNAL, "internal: %s:%d: %s", __FILE__, __LINE__, #cond);            \
  } while (0)

/* *out = a * b or a + b; false on overflow. */
static inline bool ek__mul_size(size_t a, size_t b, size_t *out) { return !__builtin_mul_overflow(a, b, out); }
static inline bool ek__add_size(size_t a, size_t b, size_t *out) { return !__builtin_add_overflow(a, b, out); }
static inline bool ek__mul_i64(int64_t a, int64_t b, int64_t *out) { return !__builtin_mul_overflow(a, b, out); }

/* RESOURCE_EXHAUSTED with one wording for every place that runs out of memory. */
ek_code ek__no_memory(ek_status *st, const char *what, size_t size);

#endif
