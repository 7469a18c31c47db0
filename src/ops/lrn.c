/* SPDX-License-Identifier: Apache-2.0 */
/* LRN, local response normalization over neighbouring channels (the last dimension), and its gradient. */
#include "graph/grad.h"
#include "kernels/schedule.h"
#include "ops/number.h"
#include "ops/run.h"

#include <math.h>

typedef struct lrn {
  int64_t depth, radius;
  double bias, alpha, beta;
} lrn;

static lrn lrn_of(const ek__node *node, ek_shape s) {
  return (lrn){.depth = s.dim[3],
               .radius = ek__attr_int(node, "depth_radius"),
               .bias = (double)ek__attr_float(node, "bias"),
               .alpha = (double)ek__attr_float(node, "alpha"),
               .beta = (double)ek__attr_float(node, "beta")};
}

/* bias + alpha * the sum of squares of the channels around d. */
#define FORWARD(tag_)                                                                                                  \
  static double norm_##tag_(const lrn *l, const ek__s_##tag_ *x, int64_t d) {                                          \
    double sum = 0;                                                                                                    \
    for (int64_t k = ek__max_i64(0, d - l->radius); k < ek__min_i64(l->depth, d + l->radius + 1); k++) {               \
      const double v = (double)ek__get_##tag_(x[k]);                                                                   \
      sum += v * v;                                                                                                    \
    }                                                                                                                  \
    return l->bias + l->alpha * sum;                                                                                   \
  }                                                                                                                    \
  static void forward_##tag_(const lrn *l, const void *const *in, void *out) {                                         \
    const ek__s_##tag_ *x = in[0];                                                                                     \
    ek__s_##tag_ *y = out;                                                                                             \
    for (int64_t d = 0; d < l->depth; d++)                                                                             \
      y[d] = ek__put_##tag_((float)((double)ek__get_##tag_(x[d]) * pow(norm_##tag_(l, x, d), -l->beta)));              \
  }

/* y[j] = x[j] norm[j]^-beta, so that dx[k] = dy[k] norm[k]^-beta - 2 alpha beta x[k] * sum of dy[j] y[j] / norm[j] over
 * the neighbours j of k. */
#define BACKWARD(tag_)                                                                                                 \
  static void backward_##tag_(const lrn *l, const void *const *in, void *out) {                                        \
    const ek__s_##tag_ *dy = in[0], *x = in[1], *y = in[2];                                                            \
    ek__s_##tag_ *dx = out;                                                                                            \
    for (int64_t k = 0; k < l->depth; k++) {                                                                           \
      double sum = 0;                                                                                                  \
      for (int64_t j = ek__max_i64(0, k - l->radius); j < ek__min_i64(l->depth, k + l->radius + 1); j++)               \
        sum += (double)ek__get_##tag_(dy[j]) * (double)ek__get_##tag_(y[j]) / norm_##tag_(l, x, j);                    \
      dx[k] = ek__put_##tag_((float)((double)ek__get_##tag_(dy[k]) * pow(norm_##tag_(l, x, k), -l->beta) -             \
                                     2 * l->alpha * l->beta * (double)ek__get_##tag_(x[k]) * sum));                    \
    }                                                                                                                  \
  }

#define LOOPS(tag_) FORWARD(tag_) BACKWARD(tag_)
LOOPS(f32)
LOOPS(f16)
LOOPS(bf16)

typedef void row_loop(const lrn *l, const void *const *in, void *out);
static row_loop *const forward_loops[EK__DTYPES] = {
    [EK_FLOAT32] = forward_f32, [EK_FLOAT16] = forward_f16, [EK_BFLOAT16] = forward_bf16};
static row_loop *const backward_loops[EK__DTYPES] = {
    [EK_FLOAT32] = backward_f32, [EK_FLOAT16] = backward_f16, [EK_BFLOAT16] = backward_bf16};

enum { ROWS = 256 }; /* pixels of a chunk */

typedef struct job {
  lrn l;
  row_loop *loop;
  const char *in[3];
  int n_in;
  char *out;
  int64_t rows;
  size_t row_bytes;
} job;

static void chunk(void *context, int64_t index) {
  const job *j = context;
  const int64_t end = ek__min_i64(j->rows, (index + 1) * ROWS);
  for (int64_t row = index * ROWS; row < end; row++) {
    const void *in[3] = {NULL};
    for (int i = 0; i < j->n_in; i++) in[i] = j->in[i] + (size_t)row * j->row_bytes;
    j->loop(&j->l, in, j->out + (size_t)row * j->row_bytes);
  }
}

static ek_code run(ek_run_context *c, row_loop *const *loops) {
  const ek_shape s = c->in[0]->shape;
  const ek_dtype dtype = c->in[0]->dtype;
  EK_RUN_REQUIRE(c, s.rank == 4, "in must be 4-dimensional, not of rank %d", s.rank);
  for (int i = 1; i < c->n_in; i++)
    EK_RUN_REQUIRE(c, ek_shape_equal(s, c->in[i]->shape),
                   "input_grads, input_image, and output_image should have the "
                   "same shape");
  EK_TRY(ek__run_output(c, 0, s));
  job j = {.l = lrn_of(c->node, s),
           .loop = loops[dtype],
           .n_in = c->n_in,
           .out = c->out[0]->data,
           .rows = s.dim[0] * s.dim[1] * s.dim[2],
           .row_bytes = (size_t)s.dim[3] * ek_dtype_size(dtype)};
  for (int i = 0; i < c->n_in; i++) j.in[i] = c->in[i]->data;
  ek__for_chunks(ek__run_threads(c, j.rows * (int64_t)j.row_bytes), ek__chunk_count(j.rows, ROWS), chunk, &j);
  return EK_OK;
}
static ek_code run_lrn(ek_run_context *c) { return run(c, forward_loops); }
static ek_code run_lrn_grad(ek_run_context *c) { return run(c, backward_loops); }

static ek_code infer_lrn(ek_infer_context *c) {
  ek_shape s = c->in[0].shape;
  for (int i = 1; i < c->n_in; i++) EK_TRY(ek__infer_merge(c, s, c->in[i].shape, &s));
  for (int i = 0; i < c->n_in; i++) EK_TRY(ek__infer_rank(c, i, 4));
  c->out[0].shape = s;
  return EK_OK;
}

static ek_code grad_lrn(ek_grad_context *c) {
  const ek_op op = ek_build(c->g, "LRNGrad", EK_OUTS(c->dy[0], ek__grad_in(c, 0), ek__grad_out(c, 0)),
                            EK_ATTRS(EK_INT_ATTR("depth_radius", ek__attr_int(c->node, "depth_radius")),
                                     EK_FLOAT_ATTR("bias", ek__attr_float(c->node, "bias")),
                                     EK_FLOAT_ATTR("alpha", ek__attr_float(c->node, "alpha")),
                                     EK_FLOAT_ATTR("beta", ek__attr_float(c->node, "beta"))));
  c->dx[0] = ek_op_output(op, 0);
  return EK_OK;
}

#define ATTRS                                                                                                          \
  "depth_radius: int = 5; bias: float = 1; alpha: float = 1; beta: float = 0.5; T: {half, bfloat16, float} = float"

const ek_op_def ek_op_l_r_n = {.name = "LRN",
                               .doc = "each channel over (bias + alpha * the squares of its neighbours) ^ beta",
                               .in = "input: T",
                               .out = "output: T",
                               .attrs = ATTRS,
                               .function = "lrn",
                               .infer = infer_lrn,
                               .run = run_lrn,
                               .grad = grad_lrn};

const ek_op_def ek_op_l_r_n_grad = {.name = "LRNGrad",
                                    .doc = "the gradient of LRN",
                                    .in = "input_grads: T, input_image: T, output_image: T",
                                    .out = "output: T",
                                    .attrs = ATTRS,
                                    .function = "lrn_grad",
                                    .infer = infer_lrn,
                                    .run = run_lrn_grad};
