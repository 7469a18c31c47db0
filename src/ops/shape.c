/* SPDX-License-Identifier: Apache-2.0 */
/* What can be asked of a tensor's shape: Shape, ShapeN, Size, Rank. */
#include "ops/index.h"

#define OUT_TYPE "out_type: {int32, int64} = int32"

static ek_code infer_shape(ek_infer_context *c) {
  for (int i = 0; i < c->n_out; i++)
    c->out[i].shape = ek_shape(c->in[i].shape.rank >= 0 ? (int64_t)c->in[i].shape.rank : -1);
  return EK_OK;
}

static bool partial_shape(ek_infer_context *c, ek_shape *value) {
  *value = c->in[c->output].shape;
  return value->rank >= 0;
}

static ek_code run_shape(ek_run_context *c) {
  for (int i = 0; i < c->n_out; i++) {
    const ek_shape s = c->in[i]->shape;
    EK_TRY(ek__run_output(c, i, ek_shape(s.rank)));
    for (int k = 0; k < s.rank; k++) {
      EK_RUN_REQUIRE(c, c->out[i]->dtype != EK_INT32 || s.dim[k] <= INT32_MAX, "dimension %d does not fit int32", k);
      ek__put_int(c->out[i], k, s.dim[k]);
    }
  }
  return EK_OK;
}

const ek_op_def ek_op_shape = {.name = "Shape",
                               .doc = "the shape of a tensor, as a vector",
                               .in = "input: T",
                               .out = "output: out_type",
                               .attrs = "T: type; " OUT_TYPE,
                               .function = "dynamic_shape",
                               .flags = EK_OP_NOT_DIFFERENTIABLE,
                               .infer = infer_shape,
                               .partial_value = partial_shape,
                               .run = run_shape};

const ek_op_def ek_op_shape_n = {.name = "ShapeN",
                                 .doc = "the shapes of several tensors",
                                 .in = "input: N * T",
                                 .out = "output: N * out_type",
                                 .attrs = "N: int >= 1; T: type; " OUT_TYPE,
                                 .flags = EK_OP_NOT_DIFFERENTIABLE,
                                 .infer = infer_shape,
                                 .partial_value = partial_shape,
                                 .run = run_shape};

static bool partial_size(ek_infer_context *c, ek_shape *value) {
  *value = ek_shape(ek_shape_num_elements(c->in[0].shape));
  return true;
}

static ek_code run_size(ek_run_context *c) {
  EK_TRY(ek__run_output(c, 0, ek_shape_scalar()));
  const int64_t n = ek_shape_num_elements(c->in[0]->shape);
  EK_RUN_REQUIRE(c, c->out[0]->dtype != EK_INT32 || n <= INT32_MAX, "the size does not fit int32");
  ek__put_int(c->out[0], 0, n);
  return EK_OK;
}

const ek_op_def ek_op_size = {.name = "Size",
                              .doc = "the number of elements",
                              .in = "input: T",
                              .out = "output: out_type",
                              .attrs = "T: type; " OUT_TYPE,
                              .flags = EK_OP_NOT_DIFFERENTIABLE,
                              .infer = ek__infer_scalar,
                              .partial_value = partial_size,
                              .run = run_size};

static bool partial_rank(ek_infer_context *c, ek_shape *value) {
  *value = ek_shape(c->in[0].shape.rank);
  return c->in[0].shape.rank >= 0;
}

static ek_code run_rank(ek_run_context *c) {
  EK_TRY(ek__run_output(c, 0, ek_shape_scalar()));
  ek__put_int(c->out[0], 0, c->in[0]->shape.rank);
  return EK_OK;
}

const ek_op_def ek_op_rank = {.name = "Rank",
                              .doc = "the number of dimensions",
                              .in = "input: T",
                              .out = "output: int32",
                              .attrs = "T: type",
                              .flags = EK_OP_NOT_DIFFERENTIABLE,
                              .infer = ek__infer_scalar,
                              .partial_value = partial_rank,
                              .run = run_rank};
