/* SPDX-License-Identifier: Apache-2.0 */
/* FusedBatchNormGrad, V2, V3: with the statistics that training computed, or with frozen ones. */
#include "ops/batch_norm.h"

enum { DY, X, SCALE, MEAN, VARIANCE };
enum { DX, DSCALE, DOFFSET, RESERVE_3, RESERVE_4 };

static ek_code infer_backward(ek_infer_context *c) {
  static const int vectors[] = {SCALE, MEAN, VARIANCE};
  int64_t channels = -1;
  ek_shape s;
  EK_TRY(ek__infer_merge(c, c->in[DY].shape, c->in[X].shape, &s));
  EK_TRY(ek__batch_norm_infer(c, c->in[X].shape.rank < 0 ? DY : X, vectors, 3, &s, &channels));
  EK_TRY(ek__infer_merge(c, s, c->in[DY].shape, &c->out[DX].shape));
  c->out[DSCALE].shape = c->out[DOFFSET].shape = ek_shape(channels);
  c->out[RESERVE_3].shape = c->out[RESERVE_4].shape = ek_shape(0); /* nobody reads them */
  return EK_OK;
}

static ek_code prepare_backward(ek_prepare_context *p) {
  ek_kernels_batch_norm_shape shape;
  size_t bytes = 0;
  if (ek__batch_norm_planned(p, X, &shape) && ek_kernels_batch_norm_grad_workspace(&shape, &bytes) == EK_KERNELS_OK)
    ek__batch_norm_ask(p, bytes);
  return EK_OK;
}

static ek_code run_backward(ek_run_context *c) {
  const bool training = ek__attr_bool(c->node, "is_training");
  ek_kernels_batch_norm_shape shape;
  ek__batch_norm_workspace w;
  size_t bytes = 0;
  char a[EK_SHAPE_TEXT], b[EK_SHAPE_TEXT];
  EK_TRY(ek__batch_norm_shape(c, X, &shape));
  EK_RUN_REQUIRE(c, ek_shape_equal(c->in[DY]->shape, c->in[X]->shape),
                 "y_backprop has shape %s, x has %s; they must be equal",
                 ek_shape_format(c->in[DY]->shape, a, sizeof a), ek_shape_format(c->in[X]->shape, b, sizeof b));
  for (int i = SCALE; i <= VARIANCE; i++) EK_TRY(ek__batch_norm_vector(c, i, shape.channels));
  EK_TRY(ek__run_output(c, DX, c->in[X]->shape));
  for (int i = DSCALE; i <= DOFFSET; i++) EK_TRY(ek__run_output(c, i, ek_shape(shape.channels)));
  for (int i = RESERVE_3; i <= RESERVE_4; i++) EK_TRY(ek__run_output(c, i, ek_shape(0)));
  EK_TRY(ek__batch_norm_done(c, ek_kernels_batch_norm_grad_workspace(&shape, &bytes)));
  EK_TRY(ek__batch_norm_workspace_init(c, bytes, &w));
  const ek_kernels_batch_norm_grad_args args = {.shape = shape,
                                                .epsilon = (double)ek__attr_float(c->node, "epsilon"),
                                                .frozen = !training,
                                                .x = c->in[X]->data,
                                                .dy = c->in[DY]->data,
                                                .scale = c->in[SCALE]->data,
                                                .mean = c->in[MEAN]->data,
                                                .variance = c->in[VARIANCE]->data,
                                                .dx = c->out[DX]->data,
                                                .dscale = c->out[DSCALE]->data,
                                                .doffset = c->out[DOFFSET]->data,
                                                .workspace = w.data,
                                                .workspace_bytes = w.bytes,
                                                .threads = c->threads};
  const ek_kernels_code code = ek_kernels_batch_norm_grad(NULL, &args);
  ek__batch_norm_workspace_fini(c, &w);
  return ek__batch_norm_done(c, code);
}

#define BACKWARD(id_, name_, doc_, in_, u_, reserves_, types_, attrs_)                                                 \
  const ek_op_def ek_op_##id_ = {.name = (name_),                                                                      \
                                 .doc = (doc_),                                                                        \
                                 .in = in_,                                                                            \
                                 .out = "x_backprop: T, scale_backprop: " u_ ", offset_backprop: " u_ reserves_,       \
                                 .attrs = types_ "; " attrs_,                                                          \
                                 .flags = EK_OP_INPLACE_0 | EK_OP_INPLACE_1,                                           \
                                 .infer = infer_backward,                                                              \
                                 .prepare = prepare_backward,                                                          \
                                 .run = run_backward,                                                                  \
                                 .grad = ek__batch_norm_grad_grad}
#define WIDE    "T: {half, bfloat16, float}; U: {float}"
#define WIDE_IN "y_backprop: T, x: T, scale: float, reserve_space_1: U, reserve_space_2: U"

BACKWARD(fused_batch_norm_grad, "FusedBatchNormGrad", "the gradient of FusedBatchNorm",
         "y_backprop: T, x: T, scale: T, reserve_space_1: T, reserve_space_2: T", "T",
         ", reserve_space_3: T, reserve_space_4: T", "T: {float}", EK_BATCH_NORM_ATTRS);
BACKWARD(fused_batch_norm_grad_v2, "FusedBatchNormGradV2", "the gradient of FusedBatchNormV2", WIDE_IN, "U",
         ", reserve_space_3: U, reserve_space_4: U", WIDE, EK_BATCH_NORM_ATTRS);
BACKWARD(fused_batch_norm_grad_v3, "FusedBatchNormGradV3", "the gradient of FusedBatchNormV3",
         WIDE_IN ", reserve_space_3: U", "U", ", reserve_space_4: U, reserve_space_5: U", WIDE, EK_BATCH_NORM_ATTRS_V3);
