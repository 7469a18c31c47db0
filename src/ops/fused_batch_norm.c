/* SPDX-License-Identifier: Apache-2.0 */
/* FusedBatchNorm, V2, V3. Training: y from the batch's own mean and (biased) variance; batch_variance is the unbiased
 * one; the reserve spaces are mean and biased variance for the gradient. Inference: y from the given mean and variance,
 * which are the other outputs too. mean and variance may be empty in training, where they matter only together with
 * exponential_avg_factor, an attribute of later versions: batch_mean = (1 - factor) * mean + factor * batch mean, and
 * so the variance. All data formats work here, V3's of five dimensions
 * too; TensorFlow 1.15's CPU kernel refuses those with channels first. */
#include "ops/batch_norm.h"
#include "ops/grad_util.h"
#include "ops/number.h"

#include <string.h>

enum { X, SCALE, OFFSET, MEAN, VARIANCE };
enum { Y, BATCH_MEAN, BATCH_VARIANCE, RESERVE_1, RESERVE_2, RESERVE_3 };

static bool is_training(const ek__node *node) { return ek__attr_bool(node, "is_training"); }

static float average_factor(const ek__node *node) {
  const ek_attr *factor = ek__attr_find(node, "exponential_avg_factor");
  return factor != NULL ? factor->v.f : 1.0f;
}

static ek_code infer_forward(ek_infer_context *c) {
  static const int vectors[] = {SCALE, OFFSET, MEAN, VARIANCE};
  int64_t channels = -1;
  EK_TRY(ek__infer_rank(c, MEAN, 1));
  EK_TRY(ek__infer_rank(c, VARIANCE, 1));
  EK_TRY(ek__batch_norm_infer(c, X, vectors, is_training(c->node) ? 2 : 4, &c->out[Y].shape, &channels));
  for (int i = BATCH_MEAN; i <= RESERVE_2; i++) c->out[i].shape = ek_shape(channels);
  if (c->n_out > RESERVE_3) c->out[RESERVE_3].shape = ek_shape_scalar();
  return EK_OK;
}

static ek_code prepare_forward(ek_prepare_context *p) {
  ek_kernels_batch_norm_shape shape;
  size_t bytes = 0;
  if (!ek__batch_norm_planned(p, X, &shape)) return EK_OK;
  const ek_kernels_code code = is_training(p->node) ? ek_kernels_batch_norm_train_workspace(&shape, &bytes)
                                                    : ek_kernels_batch_norm_infer_workspace(&shape, &bytes);
  if (code == EK_KERNELS_OK) ek__batch_norm_ask(p, bytes); /* else run says what is wrong */
  return EK_OK;
}

/* batch = (1 - factor) * given + factor * batch */
static void blend(int64_t n, float factor, const float *given, float *batch) {
  for (int64_t i = 0; i < n; i++) batch[i] = (1.0f - factor) * given[i] + factor * batch[i];
}

static ek_code train(ek_run_context *c, const ek_kernels_batch_norm_shape *shape) {
  const float factor = average_factor(c->node);
  ek__batch_norm_workspace w;
  size_t bytes = 0;
  for (int i = MEAN; i <= VARIANCE; i++)
    if (c->in[i]->n != 0 || factor != 1.0f) EK_TRY(ek__batch_norm_vector(c, i, shape->channels));
  EK_TRY(ek__batch_norm_done(c, ek_kernels_batch_norm_train_workspace(shape, &bytes)));
  EK_TRY(ek__batch_norm_workspace_init(c, bytes, &w));
  const ek_kernels_batch_norm_train_args args = {.shape = *shape,
                                                 .epsilon = (double)ek__attr_float(c->node, "epsilon"),
                                                 .x = c->in[X]->data,
                                                 .scale = c->in[SCALE]->data,
                                                 .offset = c->in[OFFSET]->data,
                                                 .y = c->out[Y]->data,
                                                 .mean = c->out[RESERVE_1]->data,
                                                 .variance = c->out[RESERVE_2]->data,
                                                 .unbiased_variance = c->out[BATCH_VARIANCE]->data,
                                                 .workspace = w.data,
                                                 .workspace_bytes = w.bytes,
                                                 .threads = c->threads};
  const ek_kernels_code code = ek_kernels_batch_norm_train(NULL, &args);
  ek__batch_norm_workspace_fini(c, &w);
  EK_TRY(ek__batch_norm_done(c, code));
  memcpy(c->out[BATCH_MEAN]->data, c->out[RESERVE_1]->data, (size_t)shape->channels * sizeof(float));
  if (factor != 1.0f) {
    blend(shape->channels, factor, c->in[MEAN]->data, c->out[BATCH_MEAN]->data);
    blend(shape->channels, factor, c->in[VARIANCE]->data, c->out[BATCH_VARIANCE]->data);
  }
  return EK_OK;
}

static ek_code infer_mode(ek_run_context *c, const ek_kernels_batch_norm_shape *shape) {
  ek__batch_norm_workspace w;
  size_t bytes = 0;
  for (int i = MEAN; i <= VARIANCE; i++) EK_TRY(ek__batch_norm_vector(c, i, shape->channels));
  EK_TRY(ek__batch_norm_done(c, ek_kernels_batch_norm_infer_workspace(shape, &bytes)));
  EK_TRY(ek__batch_norm_workspace_init(c, bytes, &w));
  const ek_kernels_batch_norm_infer_args args = {.shape = *shape,
                                                 .epsilon = (double)ek__attr_float(c->node, "epsilon"),
                                                 .x = c->in[X]->data,
                                                 .scale = c->in[SCALE]->data,
                                                 .offset = c->in[OFFSET]->data,
                                                 .mean = c->in[MEAN]->data,
                                                 .variance = c->in[VARIANCE]->data,
                                                 .y = c->out[Y]->data,
                                                 .workspace = w.data,
                                                 .workspace_bytes = w.bytes,
                                                 .threads = c->threads};
  const ek_kernels_code code = ek_kernels_batch_norm_infer(NULL, &args);
  ek__batch_norm_workspace_fini(c, &w);
  EK_TRY(ek__batch_norm_done(c, code));
  const size_t size = (size_t)shape->channels * sizeof(float);
  memcpy(c->out[BATCH_MEAN]->data, c->in[MEAN]->data, size);
  memcpy(c->out[BATCH_VARIANCE]->data, c->in[VARIANCE]->data, size);
  memcpy(c->out[RESERVE_1]->data, c->in[MEAN]->data, size);
  memcpy(c->out[RESERVE_2]->data, c->in[VARIANCE]->data, size);
  return EK_OK;
}

static ek_code run_forward(ek_run_context *c) {
  ek_kernels_batch_norm_shape shape;
  EK_TRY(ek__batch_norm_shape(c, X, &shape));
  EK_TRY(ek__batch_norm_vector(c, SCALE, shape.channels));
  EK_TRY(ek__batch_norm_vector(c, OFFSET, shape.channels));
  EK_TRY(ek__run_output(c, Y, c->in[X]->shape));
  for (int i = BATCH_MEAN; i <= RESERVE_2; i++) EK_TRY(ek__run_output(c, i, ek_shape(shape.channels)));
  if (c->n_out > RESERVE_3) {
    EK_TRY(ek__run_output(c, RESERVE_3, ek_shape_scalar()));
    *(float *)c->out[RESERVE_3]->data = 0.0f;
  }
  return is_training(c->node) ? train(c, &shape) : infer_mode(c, &shape);
}

/* ---- _FusedBatchNormEx: y = activation(normalized [+ side input]), as TensorFlow's optimizer writes it into a graph
 */

enum { SIDE_INPUT = 5 };

static ek_code infer_ex(ek_infer_context *c) {
  EK_INFER_REQUIRE(c, c->n_in <= SIDE_INPUT + 1, "%d side inputs; allowed: 0 or 1", c->n_in - SIDE_INPUT);
  EK_TRY(infer_forward(c));
  return c->n_in > SIDE_INPUT ? ek__infer_merge(c, c->out[Y].shape, c->in[SIDE_INPUT].shape, &c->out[Y].shape) : EK_OK;
}

#define ADD_AND_CLIP(tag_, ...)                                                                                        \
  static void add_and_clip_##tag_(int64_t n, const void *side, bool relu, void *y) {                                   \
    const ek__s_##tag_ *add = side;                                                                                    \
    ek__s_##tag_ *to = y;                                                                                              \
    for (int64_t i = 0; i < n; i++) {                                                                                  \
      ek__v_##tag_ v = ek__get_##tag_(to[i]);                                                                          \
      if (add != NULL) v += ek__get_##tag_(add[i]);                                                                    \
      to[i] = ek__put_##tag_(relu && v < 0 ? 0 : v); /* a NaN stays */                                                 \
    }                                                                                                                  \
  }
ADD_AND_CLIP(f32, )
EK_HALF_TAGS(ADD_AND_CLIP, )

static ek_code run_ex(ek_run_context *c) {
  char a[EK_SHAPE_TEXT], b[EK_SHAPE_TEXT];
  const ek_value *x = c->in[X], *side = c->n_in > SIDE_INPUT ? c->in[SIDE_INPUT] : NULL;
  const bool relu = strcmp(ek__attr_string(c->node, "activation_mode"), "Relu") == 0;
  EK_RUN_REQUIRE(c, side == NULL || ek_shape_equal(side->shape, x->shape), "the side input has shape %s, x has %s",
                 ek_shape_format(side->shape, a, sizeof a), ek_shape_format(x->shape, b, sizeof b));
  EK_TRY(run_forward(c));
  ek_value *y = c->out[Y];
  const void *add = side != NULL ? side->data : NULL;
  switch (y->dtype) {
  case EK_FLOAT32: add_and_clip_f32(y->n, add, relu, y->data); break;
  case EK_FLOAT16: add_and_clip_f16(y->n, add, relu, y->data); break;
  default: add_and_clip_bf16(y->n, add, relu, y->data); break;
  }
  return EK_OK;
}

/* ---- The gradient: that of y; what comes to the other outputs is ignored, as TensorFlow does. */

static ek_out transpose(ek_graph *g, ek_out x, const int64_t *order, int rank) {
  return ek__op2(ek_named(g, "transpose"), "Transpose", x, ek_integers(g, order, rank));
}

/* dy: the gradient of the normalized numbers. */
static ek_code grad_normalized(ek_grad_context *c, ek_out dy, const char *type, bool third_reserve) {
  static const int64_t to_last[2][5] = {{0, 2, 3, 1}, {0, 2, 3, 4, 1}},
                       to_first[2][5] = {{0, 3, 1, 2}, {0, 4, 1, 2, 3}};
  const int rank = ek__batch_norm_rank(c->node);
  ek_graph *g = c->g;
  const bool training = is_training(c->node);
  const bool turn = !training && ek__batch_norm_channel(c->node) == 1;
  ek_out in[6] = {dy, ek__grad_in(c, X), ek__grad_in(c, SCALE)};
  if (turn) {
    in[1] = transpose(g, in[1], to_last[rank - 4], rank);
    in[0] = transpose(g, in[0], to_last[rank - 4], rank);
  }
  in[3] = training ? ek__grad_out(c, RESERVE_1) : ek__grad_in(c, MEAN);
  in[4] = training ? ek__grad_out(c, RESERVE_2) : ek__grad_in(c, VARIANCE);
  if (third_reserve) in[5] = ek__grad_out(c, RESERVE_3);
  const char *format = turn ? rank == 4 ? "NHWC" : "NDHWC" : ek__attr_string(c->node, "data_format");
  const ek_op op = ek_build(g, type, (ek_outs){in, third_reserve ? 6 : 5},
                            EK_ATTRS(EK_FLOAT_ATTR("epsilon", ek__attr_float(c->node, "epsilon")),
                                     EK_STRING_ATTR("data_format", format), EK_BOOL_ATTR("is_training", training)));
  for (int i = 0; i < 3; i++) c->dx[i] = ek_op_output(op, i);
  if (turn) c->dx[0] = transpose(g, c->dx[0], to_first[rank - 4], rank);
  return EK_OK;
}

static ek_code grad_v1(ek_grad_context *c) { return grad_normalized(c, c->dy[0], "FusedBatchNormGrad", false); }
static ek_code grad_v2(ek_grad_context *c) { return grad_normalized(c, c->dy[0], "FusedBatchNormGradV2", false); }
static ek_code grad_v3(ek_grad_context *c) { return grad_normalized(c, c->dy[0], "FusedBatchNormGradV3", true); }

/* TensorFlow has none: its optimizer writes the op after all gradients. */
static ek_code grad_ex(ek_grad_context *c) {
  const bool relu = strcmp(ek__attr_string(c->node, "activation_mode"), "Relu") == 0;
  const ek_out dy = relu ? ek__op2(c->g, "ReluGrad", c->dy[0], ek__grad_out(c, Y)) : c->dy[0];
  if (c->node->n_inputs > SIDE_INPUT) c->dx[SIDE_INPUT] = dy;
  return grad_normalized(c, dy, "FusedBatchNormGradV3", true);
}

#define FORWARD(id_, name_, doc_, u_, third_, types_, grad_, attrs_)                                                   \
  const ek_op_def ek_op_##id_ = {.name = (name_),                                                                      \
                                 .doc = (doc_),                                                                        \
                                 .in = "x: T, scale: " u_ ", offset: " u_ ", mean: " u_ ", variance: " u_,             \
                                 .out = "y: T, batch_mean: " u_ ", batch_variance: " u_ ", reserve_space_1: " u_       \
                                        ", reserve_space_2: " u_ third_,                                               \
                                 .attrs = types_ "; " attrs_,                                                          \
                                 .flags = EK_OP_INPLACE_0,                                                             \
                                 .infer = infer_forward,                                                               \
                                 .prepare = prepare_forward,                                                           \
                                 .run = run_forward,                                                                   \
                                 .grad = (grad_)}
#define WIDE "T: {half, bfloat16, float}; U: {float}"

FORWARD(fused_batch_norm, "FusedBatchNorm", "batch normalization of float32", "T", "", "T: {float}", grad_v1,
        EK_BATCH_NORM_ATTRS);
FORWARD(fused_batch_norm_v2, "FusedBatchNormV2", "batch normalization; parameters and statistics are float32", "U", "",
        WIDE, grad_v2, EK_BATCH_NORM_ATTRS);
FORWARD(fused_batch_norm_v3, "FusedBatchNormV3", "V2 with one more reserve space, which is 0 here", "U",
        ", reserve_space_3: U", WIDE, grad_v3, EK_BATCH_NORM_ATTRS_V3);

const ek_op_def ek_op__fused_batch_norm_ex = {
    .name = "_FusedBatchNormEx",
    .doc = "FusedBatchNormV3, plus a side input of the shape of x, through an activation",
    .in = "x: T, scale: U, offset: U, mean: U, variance: U, side_input: num_side_inputs * T",
    .out = "y: T, batch_mean: U, batch_variance: U, reserve_space_1: U, reserve_space_2: U, reserve_space_3: U",
    .attrs = WIDE
    "; num_side_inputs: int >= 0 = 0; activation_mode: {'Identity', 'Relu'} = 'Identity'; " EK_BATCH_NORM_ATTRS,
    .function = "fused_batch_norm_ex",
    .infer = infer_ex,
    .prepare = prepare_forward,
    .run = run_ex,
    .grad = grad_ex};
