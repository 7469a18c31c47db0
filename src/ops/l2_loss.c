/* SPDX-License-Identifier: Apache-2.0 */
#include "ops/elementwise.h"
#include "ops/grad_util.h"

static double sum_of_squares(const ek_value *t) {
  double sum = 0;
  for (int64_t i = 0; i < t->n; i++) {
    const uint16_t bits = ((const uint16_t *)t->data)[i];
    const double x = (double)(t->dtype == EK_FLOAT16 ? ek__float_of_f16(bits) : ek__float_of_bf16(bits));
    sum += x * x;
  }
  return sum;
}

static ek_code run_l2_loss(ek_run_context *c) {
  const ek_value *t = c->in[0];
  const ek_kernels *k = NULL;
  EK_TRY(ek__run_kernels(c, &k));
  EK_TRY(ek__run_output(c, 0, ek_shape_scalar()));
  void *out = c->out[0]->data;
  switch (t->dtype) {
  case EK_FLOAT32: *(float *)out = (float)(ek__sum_squares(k, EK_KERNELS_F32, c->threads, t->n, t->data) / 2); break;
  case EK_FLOAT64: *(double *)out = ek__sum_squares(k, EK_KERNELS_F64, c->threads, t->n, t->data) / 2; break;
  case EK_FLOAT16: *(uint16_t *)out = ek__f16_of_float((float)(sum_of_squares(t) / 2)); break;
  default: *(uint16_t *)out = ek__bf16_of_float((float)(sum_of_squares(t) / 2)); break;
  }
  return EK_OK;
}

static ek_code grad_l2_loss(ek_grad_context *c) {
  c->dx[0] = ek__op2(ek_named(c->g, "mul"), "Mul", ek__grad_in(c, 0), c->dy[0]);
  return EK_OK;
}

const ek_op_def ek_op_l2_loss = {.name = "L2Loss",
                                 .doc = "sum(t^2) / 2",
                                 .in = "t: T",
                                 .out = "output: T",
                                 .attrs = "T: {" EK_FLOAT_TYPES "}",
                                 .infer = ek__infer_scalar,
                                 .run = run_l2_loss,
                                 .grad = grad_l2_loss,
                                 .check_lo = -2,
                                 .check_hi = 2};
