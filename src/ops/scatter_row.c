/* SPDX-License-Identifier: Apache-2.0 */
#include "ops/scatter.h"

#define EACH(tag_, ...)                                                                                                \
  for (int64_t i = 0; i < n; i++) {                                                                                    \
    const ek__v_##tag_ x = ek__get_##tag_(to[i]), y = ek__get_##tag_(from[i * step]);                                  \
    to[i] = ek__put_##tag_((ek__v_##tag_)(__VA_ARGS__));                                                               \
  }                                                                                                                    \
  return true

#define LOOP(tag_, add_, sub_, mul_, div_, zero_)                                                                      \
  static bool rows_##tag_(ek__scatter what, ek__s_##tag_ *to, const ek__s_##tag_ *from, int64_t step, int64_t n) {     \
    switch (what) {                                                                                                    \
    case EK__SCATTER_UPDATE: break;                                                                                    \
    case EK__SCATTER_ADD: EACH(tag_, add_);                                                                            \
    case EK__SCATTER_SUB: EACH(tag_, sub_);                                                                            \
    case EK__SCATTER_MUL: EACH(tag_, mul_);                                                                            \
    case EK__SCATTER_MIN: EACH(tag_, y < x ? y : x);                                                                   \
    case EK__SCATTER_MAX: EACH(tag_, y > x ? y : x);                                                                   \
    case EK__SCATTER_DIV:                                                                                              \
      for (int64_t i = 0; (zero_) && i < n; i++)                                                                       \
        if (ek__get_##tag_(from[i * step]) == 0) return false;                                                         \
      EACH(tag_, div_);                                                                                                \
    }                                                                                                                  \
    return true;                                                                                                       \
  }
#define FLOATS(tag_, unused_) LOOP(tag_, x + y, x - y, x * y, x / y, false)
#define INTS(tag_, unused_)                                                                                            \
  LOOP(tag_, (uint64_t)x + (uint64_t)y, (uint64_t)x - (uint64_t)y, (uint64_t)x * (uint64_t)y,                          \
       y == -1 ? (int64_t)(0 - (uint64_t)x) : x / y, true)
EK_FLOAT_TAGS(FLOATS, )
EK_INT_TAGS(INTS, )

#define CASE(tag_, unused_)                                                                                            \
  case EK__DTYPE_##tag_: good = rows_##tag_(what, to, from, step, n); break;

ek_code ek__scatter_rows(ek_run_context *c, ek__scatter what, ek_dtype dtype, void *to, const void *from, int64_t step,
                         int64_t n) {
  bool good = true;
  if (what == EK__SCATTER_UPDATE) {
    const size_t size = ek_dtype_size(dtype);
    if (step == 1) ek__copy_elements(dtype, to, from, n);
    for (int64_t i = 0; step == 0 && i < n; i++) ek__copy_elements(dtype, (char *)to + (size_t)i * size, from, 1);
    return EK_OK;
  }
  switch (dtype) {
    EK_FLOAT_TAGS(CASE, )
    EK_INT_TAGS(CASE, )
  case EK_BOOL:
    for (int64_t i = 0; what == EK__SCATTER_ADD && i < n; i++) ((bool *)to)[i] |= ((const bool *)from)[i * step];
    if (what == EK__SCATTER_ADD) break;
    return ek__run_fail(c, EK_UNIMPLEMENTED, "not for bool");
  default: return ek__run_fail(c, EK_UNIMPLEMENTED, "not for %s", ek_dtype_name(dtype));
  }
  EK_RUN_REQUIRE(c, good, "Integer division by zero");
  return EK_OK;
}
