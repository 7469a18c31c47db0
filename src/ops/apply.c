/* SPDX-License-Identifier: Apache-2.0 */
/* Optimizers' updates in place, on reference and on resource variables, whole (ApplyX, ResourceApplyX) and by rows
 * (SparseApplyX, ResourceSparseApplyX). The formulas stand with the kernels (kernels/elementwise.h); half types are
 * computed in float and rounded once. */
#include "ops/apply.h"
#include "kernels/elementwise.h"
#include "tensor/half.h"

#include <math.h>

/* What the kernels have no fast form for. */
typedef enum kind { COMMON, ADAM_NESTEROV, ADAGRAD_FIXED, ADAGRAD_V2, ADAGRAD_V2_FIXED } kind;

static const ek__apply_form gradient_descent = {0, 2, {1}};
static const ek__apply_form momentum = {1, 3, {2, 4}};
static const ek__apply_form adam = {2, 9, {3, 4, 5, 6, 7, 8}};
static const ek__apply_form rms_prop = {2, 7, {3, 4, 5, 6}};
static const ek__apply_form centered_rms_prop = {3, 8, {4, 5, 6, 7}};
static const ek__apply_form adagrad = {1, 3, {2}};
static const ek__apply_form adagrad_v2 = {1, 4, {2, 3}};

/* ---- numbers */

typedef struct rule {
  const ek_kernels *kernels;
  ek__update_op op; /* if kind is COMMON */
  kind kind;
} rule;

#define RARE(T, name, root)                                                                                            \
  static void name(const ek__apply_job *j, kind form, int64_t n, void *const *arrays, const void *grad) {              \
    T *const var = arrays[0], *const a = arrays[1];                                                                    \
    const T *const g = grad;                                                                                           \
    T h[EK__APPLY_HYPERS];                                                                                             \
    for (int k = 0; k < EK__APPLY_HYPERS; k++) h[k] = (T)j->hyper[k];                                                  \
    if (form == ADAGRAD_FIXED)                                                                                         \
      for (int64_t i = 0; i < n; i++) var[i] -= g[i] * h[0] * (1 / root(a[i]));                                        \
    if (form == ADAGRAD_V2 || form == ADAGRAD_V2_FIXED)                                                                \
      for (int64_t i = 0; i < n; i++) {                                                                                \
        if (form == ADAGRAD_V2) a[i] += g[i] * g[i];                                                                   \
        var[i] -= g[i] * h[0] / (root(a[i]) + h[1]);                                                                   \
      }                                                                                                                \
    if (form == ADAM_NESTEROV) {                                                                                       \
      T *const v = arrays[2];                                                                                          \
      const T alpha = root(1 - h[1]) * h[2] / (1 - h[0]);                                                              \
      for (int64_t i = 0; i < n; i++) {                                                                                \
        a[i] += (g[i] - a[i]) * (1 - h[3]);                                                                            \
        v[i] += (g[i] * g[i] - v[i]) * (1 - h[4]);                                                                     \
        var[i] -= ((g[i] * (1 - h[3]) + h[3] * a[i]) * alpha) / (root(v[i]) + h[5]);                                   \
      }                                                                                                                \
    }                                                                                                                  \
  }
RARE(float, rare_f32, sqrtf)
RARE(double, rare_f64, sqrt)

static void step_full(const ek__apply_job *j, ek_kernels_type type, int64_t n, void *const *arrays, const void *grad) {
  const rule *r = j->rule;
  if (r->kind == COMMON)
    ek__update(r->kernels, type, j->threads, r->op, n, arrays, grad, j->hyper);
  else if (type == EK_KERNELS_F32)
    rare_f32(j, r->kind, n, arrays, grad);
  else
    rare_f64(j, r->kind, n, arrays, grad);
}

/* Half types, a piece at a time through floats. */
static void step_half(const ek__apply_job *j, int64_t n, void *const *arrays, const uint16_t *grad) {
  enum { PIECE = 256 };
  const bool f16 = j->dtype == EK_FLOAT16;
  float wide[EK__APPLY_SLOTS + 2][PIECE];
  void *rows[EK__APPLY_SLOTS + 1];
  for (int k = 0; k <= EK__APPLY_SLOTS; k++) rows[k] = wide[k];
  for (int64_t at = 0; at < n; at += PIECE) {
    const int64_t m = n - at < PIECE ? n - at : PIECE;
    for (int k = 0; k <= j->form->slots + 1; k++) {
      const uint16_t *from = (k > j->form->slots ? grad : (const uint16_t *)arrays[k]) + at;
      float *to = k > j->form->slots ? wide[EK__APPLY_SLOTS + 1] : wide[k];
      for (int64_t i = 0; i < m; i++) to[i] = f16 ? ek__float_of_f16(from[i]) : ek__float_of_bf16(from[i]);
    }
    step_full(j, EK_KERNELS_F32, m, rows, wide[EK__APPLY_SLOTS + 1]);
    for (int k = 0; k <= j->form->slots; k++) {
      uint16_t *to = (uint16_t *)arrays[k] + at;
      for (int64_t i = 0; i < m; i++) to[i] = f16 ? ek__f16_of_float(wide[k][i]) : ek__bf16_of_float(wide[k][i]);
    }
  }
}

static void step(const ek__apply_job *j, int64_t n, void *const *arrays, const void *grad) {
  if (j->dtype == EK_FLOAT32)
    step_full(j, EK_KERNELS_F32, n, arrays, grad);
  else if (j->dtype == EK_FLOAT64)
    step_full(j, EK_KERNELS_F64, n, arrays, grad);
  else
    step_half(j, n, arrays, grad);
}

static ek_code run_apply(ek_run_context *c, const ek__apply_form *form, ek__update_op op, kind how) {
  rule r = {.op = op, .kind = how};
  if (ek_kernels_get(NULL, &r.kernels) != EK_KERNELS_OK)
    return ek__run_fail(c, EK_FAILED_PRECONDITION, "the instruction set of EK_ISA is not available here");
  return ek__run_apply(c, form, step, &r);
}

/* ---- the ops */

static bool flag(const ek_run_context *c, const char *name) { return ek__attr_bool(c->node, name); }

#define RULE(id, op_, kind_)                                                                                           \
  static ek_code infer_##id(ek_infer_context *c) { return ek__infer_apply(c, &(id)); }                                 \
  static ek_code run_##id(ek_run_context *c) { return run_apply(c, &(id), op_, kind_); }
RULE(gradient_descent, EK__GRADIENT_DESCENT, COMMON)
RULE(momentum, flag(c, "use_nesterov") ? EK__NESTEROV : EK__MOMENTUM, COMMON)
RULE(adam, EK__ADAM, flag(c, "use_nesterov") ? ADAM_NESTEROV : COMMON)
RULE(rms_prop, EK__RMS_PROP, COMMON)
RULE(centered_rms_prop, EK__CENTERED_RMS_PROP, COMMON)
RULE(adagrad, EK__ADAGRAD, flag(c, "update_slots") ? COMMON : ADAGRAD_FIXED)
RULE(adagrad_v2, EK__ADAGRAD, flag(c, "update_slots") ? ADAGRAD_V2 : ADAGRAD_V2_FIXED)

/* IN(V): inputs up to the gradient, with variables of type V; AFTER: those behind it. */
#define OP(id, rule_, name_, doc_, in_, ...)                                                                           \
  const ek_op_def ek_op_##id = {.name = name_,                                                                         \
                                .doc = doc_,                                                                           \
                                .in = in_,                                                                             \
                                .flags = EK__APPLY_FLAGS,                                                              \
                                .infer = infer_##rule_,                                                                \
                                .run = run_##rule_,                                                                    \
                                __VA_ARGS__};
#define DENSE(rule_, name_, doc_, IN, AFTER, more)                                                                     \
  OP(apply_##rule_, rule_, "Apply" name_, doc_, IN("Ref(T)") AFTER, .out = "out: Ref(T)",                              \
     .attrs = EK__APPLY_TYPES more)                                                                                    \
  OP(resource_apply_##rule_, rule_, "ResourceApply" name_, doc_, IN("resource") AFTER, .attrs = EK__APPLY_TYPES more)
#define SPARSE(rule_, name_, IN, AFTER, more)                                                                          \
  OP(sparse_apply_##rule_, rule_, "SparseApply" name_, "Apply" name_ " on the rows that indices name",                 \
     IN("Ref(T)") ", indices: Tindices" AFTER, .out = "out: Ref(T)",                                                   \
     .attrs = EK__APPLY_TYPES "; Tindices: {int32, int64}" more, .function = "")                                       \
  OP(resource_sparse_apply_##rule_, rule_, "ResourceSparseApply" name_,                                                \
     "ResourceApply" name_ " on the rows that indices name", IN("resource") ", indices: Tindices" AFTER,               \
     .attrs = EK__APPLY_TYPES "; Tindices: {int32, int64}" more, .function = "")
#define BOTH(rule_, name_, doc_, IN, AFTER, more)                                                                      \
  DENSE(rule_, name_, doc_, IN, AFTER, more) SPARSE(rule_, name_, IN, AFTER, more)

#define IN(V) "var: " V ", alpha: T, delta: T"
DENSE(gradient_descent, "GradientDescent", "var -= alpha * delta", IN, "", "")
#undef IN
#define IN(V) "var: " V ", accum: " V ", lr: T, grad: T"
BOTH(momentum, "Momentum",
     "accum = accum * momentum + grad; var -= lr * accum (with Nesterov: grad * lr + accum * momentum * lr)", IN,
     ", momentum: T", "; use_nesterov: bool = false")
BOTH(adagrad, "Adagrad", "accum += grad^2; var -= lr * grad / sqrt(accum)", IN, "", "; update_slots: bool = true")
#undef IN
#define IN(V) "var: " V ", accum: " V ", lr: T, epsilon: T, grad: T"
BOTH(adagrad_v2, "AdagradV2", "accum += grad^2; var -= lr * grad / (sqrt(accum) + epsilon)", IN, "",
     "; update_slots: bool = true")
#undef IN
#define IN(V)                                                                                                          \
  "var: " V ", m: " V ", v: " V ", beta1_power: T, beta2_power: T, lr: T, beta1: T, beta2: T, epsilon: T, grad: T"
DENSE(adam, "Adam", "one step of Adam: m and v follow grad and its square, var -= m * lr' / (sqrt(v) + epsilon)", IN,
      "", "; use_nesterov: bool = false")
#undef IN
#define IN(V) "var: " V ", ms: " V ", mom: " V ", lr: T, rho: T, momentum: T, epsilon: T, grad: T"
BOTH(rms_prop, "RMSProp", "ms follows grad^2; mom = momentum * mom + lr * grad / sqrt(ms + epsilon); var -= mom", IN,
     "", "")
#undef IN
#define IN(V) "var: " V ", mg: " V ", ms: " V ", mom: " V ", lr: T, rho: T, momentum: T, epsilon: T, grad: T"
BOTH(centered_rms_prop, "CenteredRMSProp", "RMSProp with the variance of grad, ms - mg^2, in place of ms", IN, "", "")
