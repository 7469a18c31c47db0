/* SPDX-License-Identifier: Apache-2.0 */
/* BatchNormWithGlobalNormalization and its gradient: normalization with given moments, in graphs of GraphDef
 * versions below 9. TensorFlow itself no longer builds them, but runs what is in such files. */
#include "evenkeel/gradients.h"
#include "ops/grad_util.h"
#include "ops/number.h"
#include "ops/run.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

enum { T, M, V };

static bool scaled(const ek__node *node) { return ek__attr_bool(node, "scale_after_normalization"); }

/* t: [N, H, W, C], or for the gradient backprop, too; all others: [C]. */
static ek_code infer_vectors(ek_infer_context *c, ek_shape *full, ek_shape *vector) {
  *full = ek_shape(-1, -1, -1, -1);
  *vector = ek_shape(-1);
  for (int i = 0; i < c->n_in; i++) {
    const bool is_full = i == T || (c->n_out > 1 && i == 4);
    EK_TRY(ek__infer_rank(c, i, is_full ? 4 : 1));
    if (is_full)
      EK_TRY(ek__infer_merge(c, *full, c->in[i].shape, full));
    else
      EK_TRY(ek__infer_merge(c, *vector, c->in[i].shape, vector));
  }
  EK_TRY(ek__infer_merge(c, *vector, ek_shape(full->dim[3]), vector));
  full->dim[3] = vector->dim[0];
  return EK_OK;
}

static ek_code infer_forward(ek_infer_context *c) {
  ek_shape vector;
  return infer_vectors(c, &c->out[0].shape, &vector);
}

static ek_code infer_backward(ek_infer_context *c) {
  ek_shape vector;
  EK_TRY(infer_vectors(c, &c->out[0].shape, &vector));
  for (int i = 1; i < c->n_out; i++) c->out[i].shape = vector;
  return EK_OK;
}

static ek_code check(ek_run_context *c) {
  char text[EK_SHAPE_TEXT];
  EK_RUN_REQUIRE(c, c->in[T]->shape.rank == 4, "input must be 4-dimensional, not of shape %s",
                 ek_shape_format(c->in[T]->shape, text, sizeof text));
  const int64_t channels = c->in[T]->shape.dim[3];
  for (int i = M; i < c->n_in; i++) {
    const ek_value *v = c->in[i];
    const bool full = c->n_out > 1 && i == 4;
    EK_RUN_REQUIRE(c,
                   full ? ek_shape_equal(v->shape, c->in[T]->shape) : v->shape.rank == 1 && v->shape.dim[0] == channels,
                   "input %d has shape %s, there are %" PRId64 " channels", i,
                   ek_shape_format(v->shape, text, sizeof text), channels);
  }
  return EK_OK;
}

/* One dtype's loops. Sums are double. k: 1 / sqrt(v + epsilon) [* gamma]. */
typedef struct loops {
  void (*forward)(ek_run_context *c, int64_t rows, int64_t channels, double epsilon);
  void (*backward)(ek_run_context *c, int64_t rows, int64_t channels, double epsilon);
} loops;

#define LOOPS(tag_, ...)                                                                                               \
  static void forward_##tag_(ek_run_context *c, int64_t rows, int64_t channels, double epsilon) {                      \
    const ek__s_##tag_ *t = c->in[0]->data, *m = c->in[1]->data, *v = c->in[2]->data, *beta = c->in[3]->data;          \
    const ek__s_##tag_ *gamma = c->in[4]->data;                                                                        \
    ek__s_##tag_ *y = c->out[0]->data;                                                                                 \
    const bool with_gamma = scaled(c->node);                                                                           \
    for (int64_t k = 0; k < channels; k++) {                                                                           \
      double inv = 1.0 / sqrt((double)ek__get_##tag_(v[k]) + epsilon);                                                 \
      if (with_gamma) inv *= (double)ek__get_##tag_(gamma[k]);                                                         \
      const double mean = (double)ek__get_##tag_(m[k]), shift = (double)ek__get_##tag_(beta[k]);                       \
      for (int64_t i = 0; i < rows; i++) {                                                                             \
        const double x = (double)ek__get_##tag_(t[i * channels + k]);                                                  \
        y[i * channels + k] = ek__put_##tag_((ek__v_##tag_)((x - mean) * inv + shift));                                \
      }                                                                                                                \
    }                                                                                                                  \
  }                                                                                                                    \
  static void backward_##tag_(ek_run_context *c, int64_t rows, int64_t channels, double epsilon) {                     \
    const ek__s_##tag_ *t = c->in[0]->data, *m = c->in[1]->data, *v = c->in[2]->data, *gamma = c->in[3]->data;         \
    const ek__s_##tag_ *dy = c->in[4]->data;                                                                           \
    ek__s_##tag_ *d[5];                                                                                                \
    for (int i = 0; i < 5; i++) d[i] = c->out[i]->data;                                                                \
    for (int64_t k = 0; k < channels; k++) {                                                                           \
      const double inv = 1.0 / sqrt((double)ek__get_##tag_(v[k]) + epsilon);                                           \
      const double scale = scaled(c->node) ? (double)ek__get_##tag_(gamma[k]) : 1.0;                                   \
      const double mean = (double)ek__get_##tag_(m[k]);                                                                \
      double sum = 0.0, sum_x = 0.0;                                                                                   \
      for (int64_t i = 0; i < rows; i++) {                                                                             \
        const double g = (double)ek__get_##tag_(dy[i * channels + k]);                                                 \
        sum += g;                                                                                                      \
        sum_x += g * ((double)ek__get_##tag_(t[i * channels + k]) - mean);                                             \
        d[0][i * channels + k] = ek__put_##tag_((ek__v_##tag_)(g * inv * scale));                                      \
      }                                                                                                                \
      d[1][k] = ek__put_##tag_((ek__v_##tag_)(-sum * inv * scale));                                                    \
      d[2][k] = ek__put_##tag_((ek__v_##tag_)(-0.5 * sum_x * inv * inv * inv * scale));                                \
      d[3][k] = ek__put_##tag_((ek__v_##tag_)sum);                                                                     \
      d[4][k] = ek__put_##tag_((ek__v_##tag_)(scaled(c->node) ? sum_x * inv : 0.0));                                   \
    }                                                                                                                  \
  }
EK_FLOAT_TAGS(LOOPS, )

static const loops loops_of[EK__DTYPES] = {
#define ENTRY(tag_, ...) [EK__DTYPE_##tag_] = {forward_##tag_, backward_##tag_},
    EK_FLOAT_TAGS(ENTRY, )
#undef ENTRY
};

static ek_code run(ek_run_context *c) {
  EK_TRY(check(c));
  const ek_shape s = c->in[T]->shape;
  EK_TRY(ek__run_output(c, 0, s));
  for (int i = 1; i < c->n_out; i++) EK_TRY(ek__run_output(c, i, ek_shape(s.dim[3])));
  const loops *l = &loops_of[c->in[T]->dtype];
  const double epsilon = (double)ek__attr_float(c->node, "variance_epsilon");
  (c->n_out > 1 ? l->backward : l->forward)(c, s.dim[0] * s.dim[1] * s.dim[2], s.dim[3], epsilon);
  return EK_OK;
}

static ek_code grad(ek_grad_context *c) {
  const ek_op op =
      ek_build(c->g, "BatchNormWithGlobalNormalizationGrad",
               EK_OUTS(ek__grad_in(c, T), ek__grad_in(c, M), ek__grad_in(c, V), ek__grad_in(c, 4), c->dy[0]),
               EK_ATTRS(EK_FLOAT_ATTR("variance_epsilon", ek__attr_float(c->node, "variance_epsilon")),
                        EK_BOOL_ATTR("scale_after_normalization", scaled(c->node))));
  for (int i = 0; i < 5; i++) c->dx[i] = ek_op_output(op, i);
  return EK_OK;
}

/* The gradient's own: it once more from single ops, which are then differentiated. TensorFlow has none. */
static ek_code grad_grad(ek_grad_context *c) {
  enum { GAMMA = 3, DY };
  static const int64_t batch[] = {0, 1, 2};
  ek_graph *g = c->g;
  const ek_dtype dtype = ek_out_dtype(g, ek__grad_in(c, T));
  ek_out in[5], d[5], axes = ek_integers(g, batch, 3);
  for (int i = 0; i < 5; i++) in[i] = ek__op1(g, "Identity", ek__grad_in(c, i));
  const ek_out centered = ek__op2(g, "Sub", in[T], in[M]), dy_x = ek__op2(g, "Mul", in[DY], centered);
  const ek_out sum = ek__grad_sum(g, in[DY], axes, false), sum_x = ek__grad_sum(g, dy_x, axes, false);
  const ek_out epsilon = ek__grad_number(g, (double)ek__attr_float(c->node, "variance_epsilon"), dtype);
  const ek_out inv = ek__op1(g, "Rsqrt", ek__op2(g, "AddV2", in[V], epsilon));
  const ek_out k = scaled(c->node) ? ek__op2(g, "Mul", inv, in[GAMMA]) : inv;
  const ek_out cube = ek__op2(g, "Mul", ek__op1(g, "Square", inv), k), half = ek__grad_number(g, -0.5, dtype);
  d[0] = ek__op2(g, "Mul", in[DY], k);
  d[1] = ek__op1(g, "Neg", ek__op2(g, "Mul", sum, k));
  d[2] = ek__op2(g, "Mul", ek__op2(g, "Mul", sum_x, cube), half);
  d[3] = sum;
  d[4] = scaled(c->node) ? ek__op2(g, "Mul", sum_x, inv) : ek__grad_zeros_like(g, inv);
  for (int i = 0; i < 5; i++)
    if (d[i].op <= 0) return EK_OK; /* the error is on the graph */
  ek_gradients_opts o = EK_GRADIENTS_OPTS_INIT;
  o.grad_ys = (ek_outs){c->dy, 5};
  ek_gradients(g, (ek_outs){d, 5}, (ek_outs){in, 5}, &o, c->dx);
  return EK_OK;
}

#define ATTRS "T: {" EK_FLOAT_TYPES "}; variance_epsilon: float; scale_after_normalization: bool"

const ek_op_def ek_op_batch_norm_with_global_normalization = {
    .name = "BatchNormWithGlobalNormalization",
    .doc = "(t - m) / sqrt(v + variance_epsilon) [* gamma] + beta; only in graphs of GraphDef versions below 9",
    .in = "t: T, m: T, v: T, beta: T, gamma: T",
    .out = "result: T",
    .attrs = ATTRS,
    .flags = EK_OP_INPLACE_0,
    .infer = infer_forward,
    .run = run,
    .grad = grad};

const ek_op_def ek_op_batch_norm_with_global_normalization_grad = {
    .name = "BatchNormWithGlobalNormalizationGrad",
    .doc = "the gradient of BatchNormWithGlobalNormalization",
    .in = "t: T, m: T, v: T, gamma: T, backprop: T",
    .out = "dx: T, dm: T, dv: T, db: T, dg: T",
    .attrs = ATTRS,
    .infer = infer_backward,
    .run = run,
    .grad = grad_grad};
