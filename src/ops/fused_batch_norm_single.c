/* SPDX-License-Identifier: Apache-2.0 */
/* Batch normalization that a graph spells out in single ops, and its gradient, by the kernels. */
#include "ops/batch_norm.h"
#include "ops/fused.h"

#include <math.h>

static ek_kernels_batch_norm_shape shape_of(const ek__fused *fused, const ek_value *x) {
  ek_kernels_batch_norm_shape s = {.type = x->dtype == EK_FLOAT64 ? EK_KERNELS_F64 : EK_KERNELS_F32,
                                   .outer = 1,
                                   .channels = x->shape.dim[fused->axis],
                                   .inner = 1};
  for (int d = 0; d < fused->axis; d++) s.outer *= x->shape.dim[d];
  for (int d = fused->axis + 1; d < x->shape.rank; d++) s.inner *= x->shape.dim[d];
  return s;
}

static double number(const ek_value *v) {
  return v->dtype == EK_FLOAT64 ? *(const double *)v->data : (double)*(const float *)v->data;
}

static const void *optional(const ek_run_context *c, int i) { return i > 0 ? c->in[i]->data : NULL; }

typedef ek_kernels_code workspace(const ek_kernels_batch_norm_shape *shape, size_t *bytes);

static ek_code prepare(ek_prepare_context *p, int x, workspace *ask) {
  const ek_kernels_batch_norm_shape s = shape_of(p->fused, p->in[x]);
  EK_ASSERT(ask(&s, &p->scratch_bytes) == EK_KERNELS_OK, p->st);
  return EK_OK;
}

static size_t scratch_of(const ek_kernels_batch_norm_shape *s, workspace *ask) {
  size_t bytes = 0;
  (void)ask(s, &bytes);
  return bytes;
}

static ek_code train(ek_run_context *c, ek_kernels_batch_norm_train_args args) {
  args.shape = shape_of(c->fused, c->in[0]);
  args.x = c->in[0]->data;
  args.workspace = c->scratch;
  args.workspace_bytes = scratch_of(&args.shape, ek_kernels_batch_norm_train_workspace);
  args.threads = c->threads;
  return ek__batch_norm_done(c, ek_kernels_batch_norm_train(NULL, &args));
}

static ek_code prepare_train(ek_prepare_context *p) { return prepare(p, 0, ek_kernels_batch_norm_train_workspace); }

static ek_code run_moments(ek_run_context *c) {
  return train(c, (ek_kernels_batch_norm_train_args){.mean = c->out[0]->data, .variance = c->out[1]->data});
}

#define PUT_KEPT(type_, sqrt_)                                                                                         \
  do {                                                                                                                 \
    const type_ *mean = c->out[MEAN]->data, *variance = c->out[VARIANCE]->data, *scale = optional(c, f->scale);        \
    const type_ epsilon = *(const type_ *)c->in[EPSILON]->data;                                                        \
    type_ *rsqrt = result(c, f->rsqrt), *inverse = result(c, f->inverse), *minus = result(c, f->minus_mean);           \
    for (int64_t i = 0; i < c->out[VARIANCE]->n; i++) {                                                                \
      const type_ r = 1 / sqrt_(variance[i] + epsilon);                                                                \
      if (rsqrt != NULL) rsqrt[i] = r;                                                                                 \
      if (inverse != NULL) inverse[i] = r * scale[i];                                                                  \
      if (minus != NULL) minus[i] = -mean[i];                                                                          \
    }                                                                                                                  \
  } while (0)

static void *result(const ek_run_context *c, int i) { return i > 0 ? c->out[i]->data : NULL; }

/* What a gradient elsewhere reads of it: a loop that goes back has it from a stack. */
static void put_kept(const ek_run_context *c) {
  enum { EPSILON = 1, MEAN = 1, VARIANCE = 2 };
  const ek__fused *f = c->fused;
  if (f->rsqrt == 0 && f->inverse == 0 && f->minus_mean == 0) return;
  if (c->out[VARIANCE]->dtype == EK_FLOAT64)
    PUT_KEPT(double, sqrt);
  else
    PUT_KEPT(float, sqrtf);
}

static ek_code run_train(ek_run_context *c) {
  enum { EPSILON = 1 };
  EK_TRY(train(c, (ek_kernels_batch_norm_train_args){.epsilon = number(c->in[EPSILON]),
                                                     .scale = optional(c, c->fused->scale),
                                                     .offset = optional(c, c->fused->offset),
                                                     .y = c->out[0]->data,
                                                     .mean = c->out[1]->data,
                                                     .variance = c->out[2]->data}));
  put_kept(c);
  return EK_OK;
}

static ek_code prepare_infer(ek_prepare_context *p) { return prepare(p, 0, ek_kernels_batch_norm_infer_workspace); }

static ek_code run_infer(ek_run_context *c) {
  enum { X, MEAN, VARIANCE, EPSILON };
  const ek_kernels_batch_norm_shape s = shape_of(c->fused, c->in[X]);
  const ek_kernels_batch_norm_infer_args args = {.shape = s,
                                                 .epsilon = number(c->in[EPSILON]),
                                                 .x = c->in[X]->data,
                                                 .scale = optional(c, c->fused->scale),
                                                 .offset = optional(c, c->fused->offset),
                                                 .mean = c->in[MEAN]->data,
                                                 .variance = c->in[VARIANCE]->data,
                                                 .y = c->out[0]->data,
                                                 .workspace = c->scratch,
                                                 .workspace_bytes =
                                                     scratch_of(&s, ek_kernels_batch_norm_infer_workspace),
                                                 .threads = c->threads};
  return ek__batch_norm_done(c, ek_kernels_batch_norm_infer(NULL, &args));
}

static ek_code prepare_grad(ek_prepare_context *p) { return prepare(p, 1, ek_kernels_batch_norm_grad_workspace); }

static ek_code grad(ek_run_context *c, const void *variance, double epsilon) {
  enum { DY, X, MEAN };
  enum { DX, DOFFSET };
  const ek_kernels_batch_norm_shape s = shape_of(c->fused, c->in[X]);
  const ek_kernels_batch_norm_grad_args args = {.shape = s,
                                                .epsilon = epsilon,
                                                .x = c->in[X]->data,
                                                .dy = c->in[DY]->data,
                                                .scale = optional(c, c->fused->scale),
                                                .mean = c->in[MEAN]->data,
                                                .variance = variance,
                                                .dx = c->out[DX]->data,
                                                .dscale = c->fused->dscale > 0 ? c->out[c->fused->dscale]->data : NULL,
                                                .doffset = c->out[DOFFSET]->data,
                                                .workspace = c->scratch,
                                                .workspace_bytes = scratch_of(&s, ek_kernels_batch_norm_grad_workspace),
                                                .threads = c->threads};
  return ek__batch_norm_done(c, ek_kernels_batch_norm_grad(NULL, &args));
}

static ek_code run_grad(ek_run_context *c) {
  enum { VARIANCE = 3, EPSILON };
  return grad(c, c->in[VARIANCE]->data, number(c->in[EPSILON]));
}

/* The variance, with epsilon in it, lies behind the kernel's own scratch memory. */
enum { LINE = 64 };
static size_t rounded(size_t bytes) { return (bytes + LINE - 1) / LINE * LINE; }

static ek_code prepare_kept(ek_prepare_context *p) {
  enum { X = 1 };
  EK_TRY(prepare_grad(p));
  p->scratch_bytes = rounded(p->scratch_bytes) + (size_t)p->in[X]->shape.dim[p->fused->axis] * sizeof(double);
  return EK_OK;
}

static ek_code run_kept(ek_run_context *c) {
  enum { X = 1, RSQRT = 3 };
  const ek_kernels_batch_norm_shape s = shape_of(c->fused, c->in[X]);
  const ek_value *rsqrt = c->in[RSQRT];
  void *variance = (char *)c->scratch + rounded(scratch_of(&s, ek_kernels_batch_norm_grad_workspace));
  for (int64_t i = 0; i < rsqrt->n; i++) {
    if (rsqrt->dtype == EK_FLOAT64) {
      const double r = ((const double *)rsqrt->data)[i];
      ((double *)variance)[i] = 1 / r / r;
    } else {
      const float r = ((const float *)rsqrt->data)[i];
      ((float *)variance)[i] = 1 / r / r;
    }
  }
  return grad(c, variance, 0.0);
}

const ek_op_def ek__fused_batch_norm_moments = {
    .name = "moments of a batch", .prepare = prepare_train, .run = run_moments};
const ek_op_def ek__fused_batch_norm_train = {
    .name = "batch normalization in training", .flags = EK_OP_INPLACE_0, .prepare = prepare_train, .run = run_train};
const ek_op_def ek__fused_batch_norm_infer = {
    .name = "batch normalization", .flags = EK_OP_INPLACE_0, .prepare = prepare_infer, .run = run_infer};
const ek_op_def ek__fused_batch_norm_grad = {.name = "gradient of batch normalization",
                                             .flags = EK_OP_INPLACE_0 | EK_OP_INPLACE_1,
                                             .prepare = prepare_grad,
                                             .run = run_grad};
const ek_op_def ek__fused_batch_norm_grad_kept = {.name = "gradient of batch normalization",
                                                  .flags = EK_OP_INPLACE_0 | EK_OP_INPLACE_1,
                                                  .prepare = prepare_kept,
                                                  .run = run_kept};
