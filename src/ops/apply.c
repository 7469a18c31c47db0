/* SPDX-License-Identifier: Apache-2.0 */
/* Optimizers' updates in place, on reference and on resource variables: ApplyX and ResourceApplyX. The formulas stand
 * with the kernels (kernels/elementwise.h); half types are computed in float and rounded once. */
#include "kernels/elementwise.h"
#include "ops/variable.h"
#include "tensor/half.h"

#include <math.h>
#include <string.h>

/* What the kernels have no fast form for. */
typedef enum rare { COMMON, ADAM_NESTEROV, ADAGRAD_FIXED, ADAGRAD_V2, ADAGRAD_V2_FIXED } rare;

/* How an op's inputs map to a kernel's arguments. Input 0 is the variable, then come its slots. */
typedef struct rule {
  ek__update_op op;
  int slots, grad;              /* how many; which input */
  int hyper[EK__UPDATE_HYPERS]; /* which input each number is; 0: none */
} rule;

static const rule gradient_descent = {EK__GRADIENT_DESCENT, 0, 2, {1}};
static const rule momentum = {EK__MOMENTUM, 1, 3, {2, 4}};
static const rule adam = {EK__ADAM, 2, 9, {3, 4, 5, 6, 7, 8}};
static const rule rms_prop = {EK__RMS_PROP, 2, 7, {3, 4, 5, 6}};
static const rule centered_rms_prop = {EK__CENTERED_RMS_PROP, 3, 8, {4, 5, 6, 7}};
static const rule adagrad = {EK__ADAGRAD, 1, 3, {2}};
static const rule adagrad_v2 = {EK__ADAGRAD, 1, 4, {2, 3}};

/* ---- shapes */

static ek_code infer_apply(ek_infer_context *c, const rule *r) {
  ek_shape shape = ek_shape_unknown();
  for (int i = 0; i <= r->slots; i++) {
    ek_shape own = c->in[i].shape;
    if (c->in[i].dtype == EK_RESOURCE) EK_TRY(ek__infer_handle(c, i, ek__attr_type(c->node, "T"), &own));
    EK_TRY(ek__infer_merge(c, shape, own, &shape));
  }
  for (int k = 0; k < EK__UPDATE_HYPERS && r->hyper[k] != 0; k++) EK_TRY(ek__infer_rank(c, r->hyper[k], 0));
  EK_TRY(ek__infer_merge(c, shape, c->in[r->grad].shape, &shape));
  if (c->n_out > 0) c->out[0].shape = shape;
  return EK_OK;
}

/* ---- numbers */

typedef struct job {
  const ek_kernels *kernels;
  const rule *rule;
  rare rare;
  int threads;
  double hyper[EK__UPDATE_HYPERS];
} job;

#define RARE(T, name, root)                                                                                            \
  static void name(const job *j, int64_t n, void *const *arrays, const void *grad) {                                   \
    T *const var = arrays[0], *const a = arrays[1];                                                                    \
    const T *const g = grad;                                                                                           \
    T h[EK__UPDATE_HYPERS];                                                                                            \
    for (int k = 0; k < EK__UPDATE_HYPERS; k++) h[k] = (T)j->hyper[k];                                                 \
    if (j->rare == ADAGRAD_FIXED)                                                                                      \
      for (int64_t i = 0; i < n; i++) var[i] -= g[i] * h[0] * (1 / root(a[i]));                                        \
    if (j->rare == ADAGRAD_V2 || j->rare == ADAGRAD_V2_FIXED)                                                          \
      for (int64_t i = 0; i < n; i++) {                                                                                \
        if (j->rare == ADAGRAD_V2) a[i] += g[i] * g[i];                                                                \
        var[i] -= g[i] * h[0] / (root(a[i]) + h[1]);                                                                   \
      }                                                                                                                \
    if (j->rare == ADAM_NESTEROV) {                                                                                    \
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

static void step(const job *j, ek_kernels_type type, int64_t n, void *const *arrays, const void *grad) {
  if (j->rare == COMMON)
    ek__update(j->kernels, type, j->threads, j->rule->op, n, arrays, grad, j->hyper);
  else if (type == EK_KERNELS_F32)
    rare_f32(j, n, arrays, grad);
  else
    rare_f64(j, n, arrays, grad);
}

/* Half types, a piece at a time through floats. */
static void step_half(const job *j, ek_dtype dtype, int64_t n, void *const *arrays, const uint16_t *grad) {
  enum { PIECE = 256 };
  const bool f16 = dtype == EK_FLOAT16;
  float wide[EK__UPDATE_SLOTS + 2][PIECE];
  void *rows[EK__UPDATE_SLOTS + 1];
  for (int k = 0; k <= EK__UPDATE_SLOTS; k++) rows[k] = wide[k];
  for (int64_t at = 0; at < n; at += PIECE) {
    const int64_t m = n - at < PIECE ? n - at : PIECE;
    for (int k = 0; k <= j->rule->slots + 1; k++) {
      const uint16_t *from = (k > j->rule->slots ? grad : (const uint16_t *)arrays[k]) + at;
      float *to = k > j->rule->slots ? wide[EK__UPDATE_SLOTS + 1] : wide[k];
      for (int64_t i = 0; i < m; i++) to[i] = f16 ? ek__float_of_f16(from[i]) : ek__float_of_bf16(from[i]);
    }
    step(j, EK_KERNELS_F32, m, rows, wide[EK__UPDATE_SLOTS + 1]);
    for (int k = 0; k <= j->rule->slots; k++) {
      uint16_t *to = (uint16_t *)arrays[k] + at;
      for (int64_t i = 0; i < m; i++) to[i] = f16 ? ek__f16_of_float(wide[k][i]) : ek__bf16_of_float(wide[k][i]);
    }
  }
}

/* ---- checks */

/* The name of input i, from the signature. */
static const char *arg_name(const ek_run_context *c, int i, char *text, size_t size) {
  const char *at = c->node->def->in;
  for (; i > 0; i--) at = strchr(at, ',') + 1;
  at += strspn(at, " ");
  const size_t n = strcspn(at, ":");
  const size_t fits = n < size ? n : size - 1;
  memcpy(text, at, fits);
  text[fits] = '\0';
  return text;
}

static double scalar(const ek_value *v) {
  switch (v->dtype) {
  case EK_FLOAT32: return (double)*(const float *)v->data;
  case EK_FLOAT64: return *(const double *)v->data;
  case EK_FLOAT16: return (double)ek__float_of_f16(*(const uint16_t *)v->data);
  default: return (double)ek__float_of_bf16(*(const uint16_t *)v->data);
  }
}

static ek_code same_shape(ek_run_context *c, ek_shape var, int i, ek_shape other) {
  char name[32], a[EK_SHAPE_TEXT], b[EK_SHAPE_TEXT];
  EK_RUN_REQUIRE(c, ek_shape_equal(var, other), "var and %s do not have the same shape%s %s",
                 arg_name(c, i, name, sizeof name), ek_shape_format(var, a, sizeof a),
                 ek_shape_format(other, b, sizeof b));
  return EK_OK;
}

static ek_code run_apply(ek_run_context *c, const rule *r, rare form) {
  char name[32], text[EK_SHAPE_TEXT];
  const ek_value *grad = c->in[r->grad];
  job j = {.rule = r, .rare = form, .threads = c->threads};
  void *arrays[EK__UPDATE_SLOTS + 1] = {0};
  if (ek_kernels_get(NULL, &j.kernels) != EK_KERNELS_OK)
    return ek__run_fail(c, EK_FAILED_PRECONDITION, "the instruction set of EK_ISA is not available here");
  ek_tensor *var = NULL;
  EK_TRY(ek__run_variable(c, 0, &var));
  for (int i = 0; i <= r->slots; i++) {
    ek_tensor *t = NULL;
    EK_TRY(ek__run_variable(c, i, &t));
    EK_TRY(same_shape(c, var->shape, i, t->shape));
    EK_RUN_REQUIRE(c, t->dtype == grad->dtype, "%s is %s, but the gradient is %s", arg_name(c, i, name, sizeof name),
                   ek_dtype_name(t->dtype), ek_dtype_name(grad->dtype));
    arrays[i] = t->data;
  }
  for (int k = 0; k < EK__UPDATE_HYPERS && r->hyper[k] != 0; k++) {
    const ek_value *v = c->in[r->hyper[k]];
    EK_RUN_REQUIRE(c, v->shape.rank == 0, "%s is not a scalar: %s", arg_name(c, r->hyper[k], name, sizeof name),
                   ek_shape_format(v->shape, text, sizeof text));
    j.hyper[k] = scalar(v);
  }
  EK_TRY(same_shape(c, var->shape, r->grad, grad->shape));
  if (c->n_out > 0) c->out[0]->slot = c->in[0]->slot;
  if (grad->dtype == EK_FLOAT32)
    step(&j, EK_KERNELS_F32, grad->n, arrays, grad->data);
  else if (grad->dtype == EK_FLOAT64)
    step(&j, EK_KERNELS_F64, grad->n, arrays, grad->data);
  else
    step_half(&j, grad->dtype, grad->n, arrays, grad->data);
  return EK_OK;
}

/* ---- the ops */

#define RULE(id)                                                                                                       \
  static ek_code infer_##id(ek_infer_context *c) { return infer_apply(c, &id); }                                       \
  static ek_code run_##id(ek_run_context *c)
RULE(gradient_descent) { return run_apply(c, &gradient_descent, COMMON); }
RULE(momentum) {
  rule r = momentum;
  if (ek__attr_bool(c->node, "use_nesterov")) r.op = EK__NESTEROV;
  return run_apply(c, &r, COMMON);
}
RULE(adam) { return run_apply(c, &adam, ek__attr_bool(c->node, "use_nesterov") ? ADAM_NESTEROV : COMMON); }
RULE(rms_prop) { return run_apply(c, &rms_prop, COMMON); }
RULE(centered_rms_prop) { return run_apply(c, &centered_rms_prop, COMMON); }
RULE(adagrad) { return run_apply(c, &adagrad, ek__attr_bool(c->node, "update_slots") ? COMMON : ADAGRAD_FIXED); }
RULE(adagrad_v2) {
  return run_apply(c, &adagrad_v2, ek__attr_bool(c->node, "update_slots") ? ADAGRAD_V2 : ADAGRAD_V2_FIXED);
}

#define WRITES (EK_OP_WRITES_REF | EK_OP_STATEFUL | EK_OP_NOT_DIFFERENTIABLE)
#define ATTRS  "T: {float, double, half, bfloat16}; use_locking: bool = false"
#define APPLY(id, rule_, type, doc_, IN, more)                                                                         \
  const ek_op_def ek_op_##id = {.name = type,                                                                          \
                                .doc = doc_,                                                                           \
                                .in = IN("Ref(T)"),                                                                    \
                                .out = "out: Ref(T)",                                                                  \
                                .attrs = ATTRS more,                                                                   \
                                .flags = WRITES,                                                                       \
                                .infer = infer_##rule_,                                                                \
                                .run = run_##rule_};
#define APPLY_HANDLE(id, rule_, type, doc_, IN, more)                                                                  \
  const ek_op_def ek_op_##id = {.name = type,                                                                          \
                                .doc = doc_,                                                                           \
                                .in = IN("resource"),                                                                  \
                                .attrs = ATTRS more,                                                                   \
                                .flags = WRITES,                                                                       \
                                .infer = infer_##rule_,                                                                \
                                .run = run_##rule_};

#define DOC   "var -= alpha * delta"
#define IN(V) "var: " V ", alpha: T, delta: T"
APPLY(apply_gradient_descent, gradient_descent, "ApplyGradientDescent", DOC, IN, "")
APPLY_HANDLE(resource_apply_gradient_descent, gradient_descent, "ResourceApplyGradientDescent", DOC, IN, "")
#undef DOC
#undef IN

#define DOC   "accum = accum * momentum + grad; var -= lr * accum (with Nesterov: grad * lr + accum * momentum * lr)"
#define IN(V) "var: " V ", accum: " V ", lr: T, grad: T, momentum: T"
#define MORE  "; use_nesterov: bool = false"
APPLY(apply_momentum, momentum, "ApplyMomentum", DOC, IN, MORE)
APPLY_HANDLE(resource_apply_momentum, momentum, "ResourceApplyMomentum", DOC, IN, MORE)
#undef DOC
#undef IN

#define DOC "one step of Adam: m and v follow grad and its square, var -= m * lr' / (sqrt(v) + epsilon)"
#define IN(V)                                                                                                          \
  "var: " V ", m: " V ", v: " V ", beta1_power: T, beta2_power: T, lr: T, beta1: T, beta2: T, epsilon: T, grad: T"
APPLY(apply_adam, adam, "ApplyAdam", DOC, IN, MORE)
APPLY_HANDLE(resource_apply_adam, adam, "ResourceApplyAdam", DOC, IN, MORE)
#undef DOC
#undef IN
#undef MORE

#define DOC   "ms follows grad^2; mom = momentum * mom + lr * grad / sqrt(ms + epsilon); var -= mom"
#define IN(V) "var: " V ", ms: " V ", mom: " V ", lr: T, rho: T, momentum: T, epsilon: T, grad: T"
APPLY(apply_rms_prop, rms_prop, "ApplyRMSProp", DOC, IN, "")
APPLY_HANDLE(resource_apply_rms_prop, rms_prop, "ResourceApplyRMSProp", DOC, IN, "")
#undef DOC
#undef IN

#define DOC   "RMSProp with the variance of grad, ms - mg^2, in place of ms"
#define IN(V) "var: " V ", mg: " V ", ms: " V ", mom: " V ", lr: T, rho: T, momentum: T, epsilon: T, grad: T"
APPLY(apply_centered_rms_prop, centered_rms_prop, "ApplyCenteredRMSProp", DOC, IN, "")
APPLY_HANDLE(resource_apply_centered_rms_prop, centered_rms_prop, "ResourceApplyCenteredRMSProp", DOC, IN, "")
#undef DOC
#undef IN

#define DOC   "accum += grad^2; var -= lr * grad / sqrt(accum)"
#define IN(V) "var: " V ", accum: " V ", lr: T, grad: T"
#define MORE  "; update_slots: bool = true"
APPLY(apply_adagrad, adagrad, "ApplyAdagrad", DOC, IN, MORE)
APPLY_HANDLE(resource_apply_adagrad, adagrad, "ResourceApplyAdagrad", DOC, IN, MORE)
#undef DOC
#undef IN

#define DOC   "accum += grad^2; var -= lr * grad / (sqrt(accum) + epsilon)"
#define IN(V) "var: " V ", accum: " V ", lr: T, epsilon: T, grad: T"
APPLY(apply_adagrad_v2, adagrad_v2, "ApplyAdagradV2", DOC, IN, MORE)
APPLY_HANDLE(resource_apply_adagrad_v2, adagrad_v2, "ResourceApplyAdagradV2", DOC, IN, MORE)
