/* SPDX-License-Identifier: Apache-2.0 */
/* Ops that compute each element by itself, with NumPy's broadcasting. float32 and float64 go to the vector kernels
 * where there is one; everything else to loops made by the macros below. */
#ifndef EK_OPS_ELEMENTWISE_H
#define EK_OPS_ELEMENTWISE_H

#include "kernels/elementwise.h"
#include "ops/number.h"
#include "ops/run.h"

enum { EK__MAX_OPERANDS = 3 };

/* out[i] = f(in[0][i * step[0]], in[1][i * step[1]], ...), i < n; a step is 0 or 1. param: the op's attribute, if its
 * formula has one. out may be one of the inputs. */
typedef void ek__loop(int64_t n, const void *const *in, const int64_t *step, void *out, double param);

/* Operands against one output: dimensions of size 1 are gone, neighbours that can be walked as one are joined. */
typedef struct ek__broadcast {
  int rank; /* at least 1 */
  int64_t n;
  int64_t dim[EK_MAX_RANK];
  int64_t step[EK__MAX_OPERANDS][EK_MAX_RANK]; /* in elements; 0 along what is repeated; in the last dimension 0 or 1 */
} ek__broadcast;

/* False if the shapes do not fit together. Shapes are fully known. */
bool ek__broadcast_plan(const ek_shape *shapes, int n, ek__broadcast *plan, ek_shape *out);

/* Elements as an op that has laid out its own shapes wants them: input k is seen as shapes[k], and output 0, which has
 * its memory already, takes what they broadcast to. */
ek_code ek__apply_loops(ek_run_context *c, const ek_shape *shapes, int n_in, ek__loop *const *loops, double param);
ek_code ek__apply_binary(ek_run_context *c, const ek_shape *shapes, int kernel, ek__loop *const *loops);

/* Runs the loop for the dtype of the last of n_in inputs into output 0. kernel: for float32 and float64, or -1. */
ek_code ek__run_loops(ek_run_context *c, int n_in, ek__loop *const *loops, double param);
ek_code ek__run_unary(ek_run_context *c, int kernel, ek__loop *const *loops);
ek_code ek__run_binary(ek_run_context *c, int kernel, ek__loop *const *loops);

/* The vector kernels of this process, or an error if the instruction set asked for is not there. */
ek_code ek__run_kernels(ek_run_context *c, const ek_kernels **k);

/* Inputs 0 and 1 have one shape, which is output 0's (gradients of activations). */
ek_code ek__infer_two_same(ek_infer_context *c);

/* ---- Loops. In the expression, x and y are the arguments as ek__v_TAG, p is param. */
#define EK__LOOP1(tag_, name_, ...)                                                                                    \
  static void name_##_##tag_(int64_t n, const void *const *in, const int64_t *step, void *out, double param) {         \
    const ek__s_##tag_ *a = in[0];                                                                                     \
    ek__s_##tag_ *z = out;                                                                                             \
    const ek__v_##tag_ p = (ek__v_##tag_)param;                                                                        \
    (void)step, (void)p;                                                                                               \
    for (int64_t i = 0; i < n; i++) {                                                                                  \
      const ek__v_##tag_ x = ek__get_##tag_(a[i]);                                                                     \
      z[i] = ek__put_##tag_((ek__v_##tag_)(__VA_ARGS__));                                                              \
    }                                                                                                                  \
  }
#define EK__LOOP2_(tag_, name_, result_, put_, ...)                                                                    \
  static void name_##_##tag_(int64_t n, const void *const *in, const int64_t *step, void *out, double param) {         \
    const ek__s_##tag_ *a = in[0], *b = in[1];                                                                         \
    result_ *z = out;                                                                                                  \
    const ek__v_##tag_ p = (ek__v_##tag_)param;                                                                        \
    const int64_t sa = step[0], sb = step[1];                                                                          \
    (void)p;                                                                                                           \
    for (int64_t i = 0; i < n; i++) {                                                                                  \
      const ek__v_##tag_ x = ek__get_##tag_(a[i * sa]), y = ek__get_##tag_(b[i * sb]);                                 \
      z[i] = put_(__VA_ARGS__);                                                                                        \
    }                                                                                                                  \
  }
#define EK__LOOP2(tag_, name_, ...) EK__LOOP2_(tag_, name_, ek__s_##tag_, ek__put_##tag_, (ek__v_##tag_)(__VA_ARGS__))
#define EK__LOOP1_BOOL(tag_, name_, ...)                                                                               \
  static void name_##_##tag_(int64_t n, const void *const *in, const int64_t *step, void *out, double param) {         \
    const ek__s_##tag_ *a = in[0];                                                                                     \
    bool *z = out;                                                                                                     \
    (void)step, (void)param;                                                                                           \
    for (int64_t i = 0; i < n; i++) {                                                                                  \
      const ek__v_##tag_ x = ek__get_##tag_(a[i]);                                                                     \
      z[i] = (__VA_ARGS__);                                                                                            \
    }                                                                                                                  \
  }
#define EK__LOOP2_BOOL(tag_, name_, ...) EK__LOOP2_(tag_, name_, bool, , __VA_ARGS__)
#define EK__ENTRY(tag_, name_)           [EK__DTYPE_##tag_] = name_##_##tag_,

/* Loops for a group of dtypes and the table name_loops; end with a semicolon. LOOP: EK__LOOP1, EK__LOOP2, ... */
#define EK_HALF_LOOPS(LOOP, name_, float_)                                                                             \
  EK_HALF_TAGS(LOOP, name_, float_)                                                                                    \
  static ek__loop *const name_##_loops[EK__DTYPES] = {EK_HALF_TAGS(EK__ENTRY, name_)}
#define EK_FLOAT_LOOPS(LOOP, name_, float_)                                                                            \
  EK_FLOAT_TAGS(LOOP, name_, float_)                                                                                   \
  static ek__loop *const name_##_loops[EK__DTYPES] = {EK_FLOAT_TAGS(EK__ENTRY, name_)}
#define EK_HALF_INT_LOOPS(LOOP, name_, float_, int_)                                                                   \
  EK_HALF_TAGS(LOOP, name_, float_)                                                                                    \
  EK_INT_TAGS(LOOP, name_, int_)                                                                                       \
  static ek__loop *const name_##_loops[EK__DTYPES] = {EK_HALF_TAGS(EK__ENTRY, name_) EK_INT_TAGS(EK__ENTRY, name_)}
#define EK_NUMBER_LOOPS(LOOP, name_, float_, int_)                                                                     \
  EK_FLOAT_TAGS(LOOP, name_, float_)                                                                                   \
  EK_INT_TAGS(LOOP, name_, int_)                                                                                       \
  static ek__loop *const name_##_loops[EK__DTYPES] = {EK_FLOAT_TAGS(EK__ENTRY, name_) EK_INT_TAGS(EK__ENTRY, name_)}

/* Arithmetic modulo 2^64, of which every integer dtype keeps its low bits. */
static inline int64_t ek__wrap_add(int64_t x, int64_t y) { return (int64_t)((uint64_t)x + (uint64_t)y); }
static inline int64_t ek__wrap_sub(int64_t x, int64_t y) { return (int64_t)((uint64_t)x - (uint64_t)y); }
static inline int64_t ek__wrap_mul(int64_t x, int64_t y) { return (int64_t)((uint64_t)x * (uint64_t)y); }

#endif
