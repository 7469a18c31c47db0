/* SPDX-License-Identifier: Apache-2.0 */
#include "ops/apply.h"

#include "ops/index.h"
#include "ops/number.h"

#include <inttypes.h>
#include <string.h>

static bool is_sparse(const ek__node *node) { return strstr(node->type, "SparseApply") != NULL; }

/* Where input i of the dense op is found. */
static int place(const ek__node *node, const ek__apply_form *f, int i) { return i + (is_sparse(node) && i > f->grad); }

/* ---- shapes */

ek_code ek__infer_apply(ek_infer_context *c, const ek__apply_form *f) {
  ek_shape shape = ek_shape_unknown(), grad = c->in[f->grad].shape;
  for (int i = 0; i <= f->slots; i++) {
    ek_shape own = c->in[i].shape;
    if (c->in[i].dtype == EK_RESOURCE) EK_TRY(ek__infer_handle(c, i, ek__attr_type(c->node, "T"), &own));
    EK_TRY(ek__infer_merge(c, shape, own, &shape));
  }
  for (int k = 0; k < EK__APPLY_HYPERS && f->hyper[k] != 0; k++)
    EK_TRY(ek__infer_rank(c, place(c->node, f, f->hyper[k]), 0));
  if (is_sparse(c->node)) {
    const ek_shape indices = c->in[f->grad + 1].shape;
    EK_TRY(ek__infer_rank(c, f->grad + 1, 1));
    EK_INFER_REQUIRE(c, shape.rank != 0, "var must be at least 1 dimensional");
    if (grad.rank > 0 && shape.rank > 0) {
      EK_INFER_REQUIRE(c, indices.rank < 0 || indices.dim[0] < 0 || grad.dim[0] < 0 || indices.dim[0] == grad.dim[0],
                       "grad has %" PRId64 " rows, there are %" PRId64 " indices", grad.dim[0], indices.dim[0]);
      grad.dim[0] = shape.dim[0]; /* its rows are some of the variable's */
    }
  }
  EK_TRY(ek__infer_merge(c, shape, grad, &shape));
  if (c->n_out > 0) c->out[0].shape = shape;
  return EK_OK;
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

#define READ(tag_, unused_)                                                                                            \
  case EK__DTYPE_##tag_: return (double)ek__get_##tag_(*(const ek__s_##tag_ *)v->data);
static double number_of(const ek_value *v) {
  switch (v->dtype) {
    EK_FLOAT_TAGS(READ, )
  default: return (double)ek__value_int(v, 0);
  }
}

static ek_code same_shape(ek_run_context *c, ek_shape var, int i, ek_shape other) {
  char name[32], a[EK_SHAPE_TEXT], b[EK_SHAPE_TEXT];
  EK_RUN_REQUIRE(c, ek_shape_equal(var, other), "var and %s do not have the same shape%s %s",
                 arg_name(c, i, name, sizeof name), ek_shape_format(var, a, sizeof a),
                 ek_shape_format(other, b, sizeof b));
  return EK_OK;
}

/* The gradient has the variable's rows, one for each index. */
static ek_code check_rows(ek_run_context *c, ek_shape var, const ek_value *grad, const ek_value *indices) {
  char a[EK_SHAPE_TEXT], b[EK_SHAPE_TEXT];
  EK_RUN_REQUIRE(c, var.rank >= 1, "var must be at least 1 dimensional");
  EK_RUN_REQUIRE(c, indices->shape.rank == 1, "indices must be one-dimensional");
  ek_shape want = var;
  want.dim[0] = indices->n;
  EK_RUN_REQUIRE(c, ek_shape_equal(grad->shape, want), "grad is %s; var and indices ask for %s",
                 ek_shape_format(grad->shape, a, sizeof a), ek_shape_format(want, b, sizeof b));
  for (int64_t k = 0; k < indices->n; k++) {
    const int64_t at = ek__value_int(indices, k);
    EK_RUN_REQUIRE(c, at >= 0 && at < var.dim[0],
                   "Index %" PRId64 " at offset %" PRId64 " in indices is out of range [0, %" PRId64 ")", at, k,
                   var.dim[0]);
  }
  return EK_OK;
}

/* ---- steps */

static void step_rows(const ek__apply_job *j, ek__apply_step *step, const ek_value *indices, int64_t row,
                      void *const *arrays, const void *grad) {
  for (int64_t k = 0; k < indices->n; k++) {
    void *rows[EK__APPLY_SLOTS + 1] = {NULL};
    const int64_t at = ek__value_int(indices, k);
    for (int i = 0; i <= j->form->slots; i++) rows[i] = ek__at(j->dtype, arrays[i], at * row);
    step(j, row, rows, ek__at(j->dtype, grad, k * row));
  }
}

ek_code ek__run_apply(ek_run_context *c, const ek__apply_form *f, ek__apply_step *step, const void *rule) {
  char name[32], text[EK_SHAPE_TEXT];
  const ek_value *grad = c->in[f->grad];
  ek__apply_job j = {.form = f, .rule = rule, .dtype = grad->dtype, .threads = c->threads};
  void *arrays[EK__APPLY_SLOTS + 1] = {NULL};
  ek_tensor *var = NULL;
  EK_TRY(ek__run_variable(c, 0, &var));
  for (int i = 0; i <= f->slots; i++) {
    ek_tensor *t = NULL;
    EK_TRY(ek__run_variable(c, i, &t));
    EK_TRY(same_shape(c, var->shape, i, t->shape));
    EK_RUN_REQUIRE(c, t->dtype == grad->dtype, "%s is %s, but the gradient is %s", arg_name(c, i, name, sizeof name),
                   ek_dtype_name(t->dtype), ek_dtype_name(grad->dtype));
    arrays[i] = t->data;
  }
  for (int k = 0; k < EK__APPLY_HYPERS && f->hyper[k] != 0; k++) {
    const int at = place(c->node, f, f->hyper[k]);
    const ek_value *v = c->in[at];
    EK_RUN_REQUIRE(c, v->shape.rank == 0, "%s is not a scalar: %s", arg_name(c, at, name, sizeof name),
                   ek_shape_format(v->shape, text, sizeof text));
    j.hyper[k] = number_of(v);
  }
  if (!is_sparse(c->node)) {
    EK_TRY(same_shape(c, var->shape, f->grad, grad->shape));
    step(&j, grad->n, arrays, grad->data);
  } else {
    EK_TRY(check_rows(c, var->shape, grad, c->in[f->grad + 1]));
    step_rows(&j, step, c->in[f->grad + 1], ek__inner(var->shape, 0), arrays, grad->data);
  }
  if (c->n_out > 0) c->out[0]->slot = c->in[0]->slot;
  return EK_OK;
}
