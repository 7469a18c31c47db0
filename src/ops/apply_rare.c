/* SPDX-License-Identifier: Apache-2.0 */
/* Updates of the optimizers that few use: Adadelta, Ftrl, Adagrad with dual averaging, and the proximal steps, on
 * reference and on resource variables. */
#include "ops/number.h"
#include "ops/variable.h"

#include <math.h>
#include <string.h>

#define FLAGS (EK_OP_WRITES_REF | EK_OP_STATEFUL | EK_OP_NOT_DIFFERENTIABLE)

enum { MAX_SLOTS = 3, MAX_HYPERS = 6 };

/* Element by element, in double: v: the variable and its slots, g: the gradient, h: the numbers. */
typedef void update(double *v, double g, const double *h);

/* How an op's inputs map to them: input 0 is the variable. */
typedef struct rule {
  update *step;
  int slots, grad;
  int hyper[MAX_HYPERS]; /* which input each number is; 0: none */
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

/* ---- shapes and numbers */

static ek_code infer_rule(ek_infer_context *c, const rule *r) {
  ek_shape shape = ek_shape_unknown();
  for (int i = 0; i <= r->slots; i++) {
    ek_shape own = c->in[i].shape;
    if (c->in[i].dtype == EK_RESOURCE) EK_TRY(ek__infer_handle(c, i, ek__attr_type(c->node, "T"), &own));
    EK_TRY(ek__infer_merge(c, shape, own, &shape));
  }
  for (int k = 0; k < MAX_HYPERS && r->hyper[k] != 0; k++) EK_TRY(ek__infer_rank(c, r->hyper[k], 0));
  EK_TRY(ek__infer_merge(c, shape, c->in[r->grad].shape, &shape));
  if (c->n_out > 0) c->out[0].shape = shape;
  return EK_OK;
}

#define ELEMENTS(tag_, unused_)                                                                                        \
  case EK__DTYPE_##tag_:                                                                                               \
    for (int64_t i = 0; i < n; i++) {                                                                                  \
      double v[MAX_SLOTS];                                                                                             \
      for (int k = 0; k <= r->slots; k++) v[k] = (double)ek__get_##tag_(((ek__s_##tag_ *)arrays[k])[i]);               \
      r->step(v, (double)ek__get_##tag_(((const ek__s_##tag_ *)grad)[i]), h);                                          \
      for (int k = 0; k <= r->slots; k++) ((ek__s_##tag_ *)arrays[k])[i] = ek__put_##tag_((ek__v_##tag_)v[k]);         \
    }                                                                                                                  \
    return true;
static bool step_all(const rule *r, ek_dtype dtype, void *const *arrays, const void *grad, int64_t n, const double *h) {
  switch (dtype) {
    EK_FLOAT_TAGS(ELEMENTS, )
  default: return false;
  }
}

#define READ(tag_, unused_)                                                                                            \
  case EK__DTYPE_##tag_: return (double)ek__get_##tag_(*(const ek__s_##tag_ *)v->data);
static double number_of(const ek_value *v) {
  switch (v->dtype) {
    EK_FLOAT_TAGS(READ, )
  default: return (double)ek__value_int(v, 0);
  }
}

static ek_code run_rule(ek_run_context *c, const rule *r) {
  void *arrays[MAX_SLOTS] = {NULL};
  double h[MAX_HYPERS] = {0};
  const ek_value *grad = c->in[r->grad];
  const ek_attr *other = ek__attr_find(c->node, "multiply_linear_by_lr");
  if (other != NULL && other->v.b) return ek__run_fail(c, EK_UNIMPLEMENTED, "multiply_linear_by_lr must be false");
  for (int i = 0; i <= r->slots; i++) {
    ek_tensor *t = NULL;
    EK_TRY(ek__run_variable(c, i, &t));
    EK_RUN_REQUIRE(c, t->dtype == grad->dtype && ek_shape_equal(t->shape, grad->shape),
                   "input %d and the gradient do not have the same shape and dtype", i);
    arrays[i] = t->data;
  }
  for (int k = 0; k < MAX_HYPERS && r->hyper[k] != 0; k++) {
    EK_RUN_REQUIRE(c, c->in[r->hyper[k]]->n == 1, "input %d must be a scalar", r->hyper[k]);
    h[k] = number_of(c->in[r->hyper[k]]);
  }
  if (c->n_out > 0) c->out[0]->slot = c->in[0]->slot;
  if (step_all(r, grad->dtype, arrays, grad->data, grad->n, h)) return EK_OK;
  return ek__run_fail(c, EK_UNIMPLEMENTED, "not for %s", ek_dtype_name(grad->dtype));
}

/* ---- the ops: one by reference, one by handle */

#define APPLY(id_, name_, doc_, rule_, ref_, handle_, rest_, attrs_)                                                   \
  static ek_code infer_##id_(ek_infer_context *c) { return infer_rule(c, &(rule_)); }                                  \
  static ek_code run_##id_(ek_run_context *c) { return run_rule(c, &(rule_)); }                                        \
  const ek_op_def ek_op_apply_##id_ = {.name = "Apply" name_,                                                          \
                                       .doc = doc_,                                                                    \
                                       .in = ref_ rest_,                                                               \
                                       .out = "out: Ref(T)",                                                           \
                                       .attrs = "T: {" EK_FLOAT_TYPES "}; use_locking: bool = false" attrs_,           \
                                       .function = "",                                                                 \
                                       .flags = FLAGS,                                                                 \
                                       .infer = infer_##id_,                                                           \
                                       .run = run_##id_};                                                              \
  const ek_op_def ek_op_resource_apply_##id_ = {.name = "ResourceApply" name_,                                         \
                                                .doc = doc_ ", behind handles",                                        \
                                                .in = handle_ rest_,                                                   \
                                                .attrs = "T: {" EK_FLOAT_TYPES "}; use_locking: bool = false" attrs_,  \
                                                .function = "",                                                        \
                                                .flags = FLAGS,                                                        \
                                                .infer = infer_##id_,                                                  \
                                                .run = run_##id_}

static const rule adadelta_rule = {adadelta, 2, 6, {3, 4, 5}};
APPLY(adadelta, "Adadelta", "steps as long as the last ones: accum, accum_update and var change", adadelta_rule,
      "var: Ref(T), accum: Ref(T), accum_update: Ref(T), ", "var: resource, accum: resource, accum_update: resource, ",
      "lr: T, rho: T, epsilon: T, grad: T", "");
static const rule descent_rule = {proximal_descent, 0, 4, {1, 2, 3}};
APPLY(proximal_gradient_descent, "ProximalGradientDescent", "a step down, then towards 0 by l1 and l2", descent_rule,
      "var: Ref(T), ", "var: resource, ", "alpha: T, l1: T, l2: T, delta: T", "");
static const rule proximal_adagrad_rule = {proximal_adagrad, 1, 5, {2, 3, 4}};
APPLY(proximal_adagrad, "ProximalAdagrad", "Adagrad's step, then towards 0 by l1 and l2", proximal_adagrad_rule,
      "var: Ref(T), accum: Ref(T), ", "var: resource, accum: resource, ", "lr: T, l1: T, l2: T, grad: T", "");
static const rule adagrad_da_rule = {adagrad_da, 2, 3, {4, 5, 6, 7}};
APPLY(adagrad_da, "AdagradDA", "var from the sums of all gradients and of their squares", adagrad_da_rule,
      "var: Ref(T), gradient_accumulator: Ref(T), gradient_squared_accumulator: Ref(T), ",
      "var: resource, gradient_accumulator: resource, gradient_squared_accumulator: resource, ",
      "grad: T, lr: T, l1: T, l2: T, global_step: int64", "");
static const rule ftrl_rule = {ftrl, 2, 3, {4, 5, 6, 7}};
APPLY(ftrl, "Ftrl", "follow the regularized leader: accum, linear and var change", ftrl_rule,
      "var: Ref(T), accum: Ref(T), linear: Ref(T), ", "var: resource, accum: resource, linear: resource, ",
      "grad: T, lr: T, l1: T, l2: T, lr_power: T", "; multiply_linear_by_lr: bool = false");
