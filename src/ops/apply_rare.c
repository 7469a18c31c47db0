/* SPDX-License-Identifier: Apache-2.0 */
/* Updates of the optimizers that few use: Adadelta, Ftrl, Adagrad with dual averaging, the proximal steps, those of
 * Keras, AddSign and PowerSign, on reference and on resource variables, whole and by rows. */
#include "ops/apply.h"
#include "ops/number.h"

#include <math.h>

/* Element by element, in double: v: the variable and its slots, g: the gradient, h: the numbers. */
typedef void update(double *v, double g, const double *h);

typedef struct rule {
  ek__apply_form form;
  update *update;
} rule;

static double sign(double x) { return (x > 0) - (x < 0); }

/* lr, l1, l2: the step's result drawn towards 0 by l1, divided by l2. */
static double proximal(double x, double lr, double l1, double l2) {
  const double shrunk = fabs(x) - lr * l1;
  return l1 > 0 ? sign(x) * (shrunk > 0 ? shrunk : 0) / (1 + l2 * lr) : x / (1 + l2 * lr);
}

static void adadelta(double *v, double g, const double *h) { /* lr, rho, epsilon */
  v[1] = v[1] * h[1] + g * g * (1 - h[1]);
  const double delta = sqrt(v[2] + h[2]) / sqrt(v[1] + h[2]) * g;
  v[2] = v[2] * h[1] + delta * delta * (1 - h[1]);
  v[0] -= delta * h[0];
}

static void proximal_descent(double *v, double g, const double *h) { /* alpha, l1, l2 */
  v[0] = proximal(v[0] - h[0] * g, h[0], h[1], h[2]);
}

static void proximal_adagrad(double *v, double g, const double *h) { /* lr, l1, l2 */
  v[1] += g * g;
  const double lr = h[0] / sqrt(v[1]);
  v[0] = proximal(v[0] - lr * g, lr, h[1], h[2]);
}

static void adagrad_da(double *v, double g, const double *h) { /* lr, l1, l2, global_step */
  v[1] += g;
  v[2] += g * g;
  const double over = fabs(v[1]) - h[1] * h[3], sum = h[1] > 0 ? sign(v[1]) * (over > 0 ? over : 0) : v[1];
  v[0] = -sum * h[0] / (h[2] * h[3] * h[0] + sqrt(v[2]));
}

/* lr, l1, l2, lr_power, shrinkage (0 without it) */
static void ftrl(double *v, double g, const double *h) {
  const double shrunk = g + 2 * h[4] * v[0], next = v[1] + g * g;
  const double old_root = pow(v[1], -h[3]), root = pow(next, -h[3]);
  v[2] += shrunk - (root - old_root) / h[0] * v[0];
  v[0] = fabs(v[2]) > h[1] ? (h[1] * sign(v[2]) - v[2]) / (root / h[0] + 2 * h[2]) : 0;
  v[1] = next;
}

static void keras_momentum(double *v, double g, const double *h) { /* lr, momentum */
  v[1] = v[1] * h[1] - g * h[0];
  v[0] += v[1];
}

static void keras_nesterov(double *v, double g, const double *h) {
  v[1] = v[1] * h[1] - g * h[0];
  v[0] += v[1] * h[1] - g * h[0];
}

static void ada_max(double *v, double g, const double *h) { /* beta1_power, lr, beta1, beta2, epsilon */
  v[1] += (g - v[1]) * (1 - h[2]);
  v[2] = fmax(h[3] * v[2], fabs(g));
  v[0] -= h[1] / (1 - h[0]) * (v[1] / (v[2] + h[4]));
}

static void amsgrad(double *v, double g, const double *h) { /* beta1_power, beta2_power, lr, beta1, beta2, epsilon */
  v[1] += (g - v[1]) * (1 - h[3]);
  v[2] += (g * g - v[2]) * (1 - h[4]);
  v[3] = fmax(v[3], v[2]);
  v[0] -= h[2] * sqrt(1 - h[1]) / (1 - h[0]) * v[1] / (sqrt(v[3]) + h[5]);
}

static void add_sign(double *v, double g, const double *h) { /* lr, alpha, sign_decay, beta */
  v[1] = v[1] * h[3] + g * (1 - h[3]);
  v[0] -= h[0] * (h[1] + h[2] * sign(g) * sign(v[1])) * g;
}

static void power_sign(double *v, double g, const double *h) { /* lr, logbase, sign_decay, beta */
  v[1] = v[1] * h[3] + g * (1 - h[3]);
  v[0] -= h[0] * exp(h[1] * h[2] * sign(g) * sign(v[1])) * g;
}

/* ---- numbers */

#define ELEMENTS(tag_, unused_)                                                                                        \
  case EK__DTYPE_##tag_:                                                                                               \
    for (int64_t i = 0; i < n; i++) {                                                                                  \
      double v[EK__APPLY_SLOTS + 1];                                                                                   \
      for (int k = 0; k <= slots; k++) v[k] = (double)ek__get_##tag_(((ek__s_##tag_ *)arrays[k])[i]);                  \
      r->update(v, (double)ek__get_##tag_(((const ek__s_##tag_ *)grad)[i]), j->hyper);                                 \
      for (int k = 0; k <= slots; k++) ((ek__s_##tag_ *)arrays[k])[i] = ek__put_##tag_((ek__v_##tag_)v[k]);            \
    }                                                                                                                  \
    break;
static void step(const ek__apply_job *j, int64_t n, void *const *arrays, const void *grad) {
  const rule *r = j->rule;
  const int slots = j->form->slots;
  switch (j->dtype) {
    EK_FLOAT_TAGS(ELEMENTS, )
  default: break; /* the signature allows no other */
  }
}

static ek_code run_rule(ek_run_context *c, const rule *r) {
  const ek_attr *other = ek__attr_find(c->node, "multiply_linear_by_lr");
  if (other != NULL && other->v.b) return ek__run_fail(c, EK_UNIMPLEMENTED, "multiply_linear_by_lr must be false");
  return ek__run_apply(c, &r->form, step, r);
}

/* ---- the ops: by reference and by handle, whole and by rows; after_: the inputs behind the gradient */

#define OP(id_, rule_, name_, doc_, in_, ...)                                                                          \
  const ek_op_def ek_op_##id_ = {.name = name_,                                                                        \
                                 .doc = doc_,                                                                          \
                                 .in = in_,                                                                            \
                                 .function = "",                                                                       \
                                 .flags = EK__APPLY_FLAGS,                                                             \
                                 .infer = infer_##rule_,                                                               \
                                 .run = run_##rule_,                                                                   \
                                 __VA_ARGS__}
#define APPLY(id_, name_, doc_, ref_, handle_, grad_, after_, attrs_)                                                  \
  static ek_code infer_##id_(ek_infer_context *c) { return ek__infer_apply(c, &(id_##_rule).form); }                   \
  static ek_code run_##id_(ek_run_context *c) { return run_rule(c, &(id_##_rule)); }                                   \
  OP(apply_##id_, id_, "Apply" name_, doc_, ref_ grad_ after_, .out = "out: Ref(T)", .attrs = EK__APPLY_TYPES attrs_); \
  OP(resource_apply_##id_, id_, "ResourceApply" name_, doc_ ", behind handles", handle_ grad_ after_,                  \
     .attrs = EK__APPLY_TYPES attrs_);                                                                                 \
  OP(sparse_apply_##id_, id_, "SparseApply" name_, "Apply" name_ " on the rows that indices name",                     \
     ref_ grad_ ", indices: Tindices" after_, .out = "out: Ref(T)",                                                    \
     .attrs = EK__APPLY_TYPES "; Tindices: {int32, int64}" attrs_);                                                    \
  OP(resource_sparse_apply_##id_, id_, "ResourceSparseApply" name_,                                                    \
     "ResourceApply" name_ " on the rows that indices name", handle_ grad_ ", indices: Tindices" after_,               \
     .attrs = EK__APPLY_TYPES "; Tindices: {int32, int64}" attrs_)

static const rule adadelta_rule = {{2, 6, {3, 4, 5}}, adadelta};
APPLY(adadelta, "Adadelta", "steps as long as the last ones: accum, accum_update and var change",
      "var: Ref(T), accum: Ref(T), accum_update: Ref(T), ", "var: resource, accum: resource, accum_update: resource, ",
      "lr: T, rho: T, epsilon: T, grad: T", "", "");
static const rule proximal_gradient_descent_rule = {{0, 4, {1, 2, 3}}, proximal_descent};
APPLY(proximal_gradient_descent, "ProximalGradientDescent", "a step down, then towards 0 by l1 and l2", "var: Ref(T), ",
      "var: resource, ", "alpha: T, l1: T, l2: T, delta: T", "", "");
static const rule proximal_adagrad_rule = {{1, 5, {2, 3, 4}}, proximal_adagrad};
APPLY(proximal_adagrad, "ProximalAdagrad", "Adagrad's step, then towards 0 by l1 and l2",
      "var: Ref(T), accum: Ref(T), ", "var: resource, accum: resource, ", "lr: T, l1: T, l2: T, grad: T", "", "");
static const rule adagrad_da_rule = {{2, 3, {4, 5, 6, 7}}, adagrad_da};
APPLY(adagrad_da, "AdagradDA", "var from the sums of all gradients and of their squares",
      "var: Ref(T), gradient_accumulator: Ref(T), gradient_squared_accumulator: Ref(T), ",
      "var: resource, gradient_accumulator: resource, gradient_squared_accumulator: resource, ", "grad: T",
      ", lr: T, l1: T, l2: T, global_step: int64", "");
#define LINEAR "; multiply_linear_by_lr: bool = false"
static const rule ftrl_rule = {{2, 3, {4, 5, 6, 7}}, ftrl};
APPLY(ftrl, "Ftrl", "follow the regularized leader: accum, linear and var change",
      "var: Ref(T), accum: Ref(T), linear: Ref(T), ", "var: resource, accum: resource, linear: resource, ", "grad: T",
      ", lr: T, l1: T, l2: T, lr_power: T", LINEAR);
static const rule ftrl_v2_rule = {{2, 3, {4, 5, 6, 8, 7}}, ftrl};
APPLY(ftrl_v2, "FtrlV2", "Ftrl whose gradient is drawn towards 0 by l2_shrinkage",
      "var: Ref(T), accum: Ref(T), linear: Ref(T), ", "var: resource, accum: resource, linear: resource, ", "grad: T",
      ", lr: T, l1: T, l2: T, l2_shrinkage: T, lr_power: T", LINEAR);

/* ---- those that do not come in all four forms */

static const rule keras_momentum_rule = {{1, 3, {2, 4}}, keras_momentum},
                  keras_nesterov_rule = {{1, 3, {2, 4}}, keras_nesterov};
static ek_code infer_keras_momentum(ek_infer_context *c) { return ek__infer_apply(c, &keras_momentum_rule.form); }
static ek_code run_keras_momentum(ek_run_context *c) {
  return run_rule(c, ek__attr_find(c->node, "use_nesterov")->v.b ? &keras_nesterov_rule : &keras_momentum_rule);
}
OP(resource_apply_keras_momentum, keras_momentum, "ResourceApplyKerasMomentum",
   "accum = accum * momentum - lr * grad; var += accum (with Nesterov: accum * momentum - lr * grad)",
   "var: resource, accum: resource, lr: T, grad: T, momentum: T",
   .attrs = EK__APPLY_TYPES "; use_nesterov: bool = false");
OP(resource_sparse_apply_keras_momentum, keras_momentum, "ResourceSparseApplyKerasMomentum",
   "ResourceApplyKerasMomentum on the rows that indices name",
   "var: resource, accum: resource, lr: T, grad: T, indices: Tindices, momentum: T",
   .attrs = EK__APPLY_TYPES "; Tindices: {int32, int64}; use_nesterov: bool = false");

#define WHOLE(id_, name_, doc_, ref_, handle_, others_)                                                                \
  static ek_code infer_##id_(ek_infer_context *c) { return ek__infer_apply(c, &(id_##_rule).form); }                   \
  static ek_code run_##id_(ek_run_context *c) { return run_rule(c, &(id_##_rule)); }                                   \
  OP(apply_##id_, id_, "Apply" name_, doc_, ref_ others_, .out = "out: Ref(T)", .attrs = EK__APPLY_TYPES);             \
  OP(resource_apply_##id_, id_, "ResourceApply" name_, doc_ ", behind handles", handle_ others_,                       \
     .attrs = EK__APPLY_TYPES)

static const rule ada_max_rule = {{2, 8, {3, 4, 5, 6, 7}}, ada_max};
WHOLE(ada_max, "AdaMax", "Adam with the largest recent gradient as v: var -= lr' * m / (v + epsilon)",
      "var: Ref(T), m: Ref(T), v: Ref(T), ", "var: resource, m: resource, v: resource, ",
      "beta1_power: T, lr: T, beta1: T, beta2: T, epsilon: T, grad: T");
static const rule add_sign_rule = {{1, 6, {2, 3, 4, 5}}, add_sign};
WHOLE(add_sign, "AddSign",
      "m follows grad; var -= lr * grad * (alpha + sign_decay where m and grad agree in sign, else -)",
      "var: Ref(T), m: Ref(T), ", "var: resource, m: resource, ", "lr: T, alpha: T, sign_decay: T, beta: T, grad: T");
static const rule power_sign_rule = {{1, 6, {2, 3, 4, 5}}, power_sign};
WHOLE(power_sign, "PowerSign",
      "m follows grad; var -= lr * grad * e^(logbase * sign_decay where they agree in sign, else -)",
      "var: Ref(T), m: Ref(T), ", "var: resource, m: resource, ", "lr: T, logbase: T, sign_decay: T, beta: T, grad: T");
static const rule amsgrad_rule = {{3, 10, {4, 5, 6, 7, 8, 9}}, amsgrad};
static ek_code infer_amsgrad(ek_infer_context *c) { return ek__infer_apply(c, &amsgrad_rule.form); }
static ek_code run_amsgrad(ek_run_context *c) { return run_rule(c, &amsgrad_rule); }
OP(resource_apply_adam_with_amsgrad, amsgrad, "ResourceApplyAdamWithAmsgrad",
   "Adam that divides by the largest v so far, vhat",
   "var: resource, m: resource, v: resource, vhat: resource, beta1_power: T, beta2_power: T, lr: T, beta1: T, beta2: "
   "T, "
   "epsilon: T, grad: T",
   .attrs = EK__APPLY_TYPES);
