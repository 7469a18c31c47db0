/* SPDX-License-Identifier: Apache-2.0 */
/* Sums of any number of tensors of one shape, added from the first to the last. */
#include "ops/elementwise.h"
#include "ops/grad_util.h"

static ek_code infer_add_n(ek_infer_context *c) {
  ek_shape s = ek_shape_unknown();
  for (int i = 0; i < c->n_in; i++) EK_TRY(ek__infer_merge(c, s, c->in[i].shape, &s));
  c->out[0].shape = s;
  return EK_OK;
}

EK_HALF_INT_LOOPS(EK__LOOP2, add, x + y, ek__wrap_add(x, y));

static ek_code run_add_n(ek_run_context *c) {
  char a[EK_SHAPE_TEXT], b[EK_SHAPE_TEXT];
  const ek_value *first = c->in[0];
  for (int i = 1; i < c->n_in; i++)
    EK_RUN_REQUIRE(c, ek_shape_equal(first->shape, c->in[i]->shape),
                   "Inputs must have the same size and shape.  Input 0: %s != input %d: %s",
                   ek_shape_format(first->shape, a, sizeof a), i, ek_shape_format(c->in[i]->shape, b, sizeof b));
  EK_TRY(ek__run_output(c, 0, first->shape));
  ek_value *out = c->out[0];
  const bool vector = out->dtype == EK_FLOAT32 || out->dtype == EK_FLOAT64;
  if (!vector && add_loops[out->dtype] == NULL)
    return ek__run_fail(c, EK_UNIMPLEMENTED, "cannot add %s", ek_dtype_name(out->dtype));
  if (c->n_in == 1 && out->data != first->data) ek__copy_elements(out->dtype, out->data, first->data, out->n);
  const ek_kernels *k = NULL;
  if (vector) EK_TRY(ek__run_kernels(c, &k));
  for (int i = 1; i < c->n_in && out->n > 0; i++) {
    const void *sum = i == 1 ? first->data : out->data;
    if (vector)
      ek__binary(k, out->dtype == EK_FLOAT64 ? EK_KERNELS_F64 : EK_KERNELS_F32, c->threads, EK__ADD, 1, out->n,
                 ek__full(sum, out->n), ek__full(c->in[i]->data, out->n), out->data);
    else
      add_loops[out->dtype](out->n, (const void *[]){sum, c->in[i]->data}, (const int64_t[]){1, 1}, out->data, 0.0);
  }
  return EK_OK;
}

static ek_code grad_add_n(ek_grad_context *c) {
  for (int i = 0; i < c->n_dx; i++) c->dx[i] = c->dy[0];
  return EK_OK;
}

const ek_op_def ek_op_add_n = {.name = "AddN",
                               .doc = "the sum of the inputs, which have one shape",
                               .in = "inputs: N * T",
                               .out = "sum: T",
                               .attrs = "N: int >= 1; T: {" EK_NUMBER_TYPES "}",
                               .flags = EK_OP_INPLACE_0 | EK_OP_COMMUTATIVE,
                               .infer = infer_add_n,
                               .run = run_add_n,
                               .grad = grad_add_n,
                               .check_lo = -2,
                               .check_hi = 2};

const ek_op_def ek_op_accumulate_n_v2 = {.name = "AccumulateNV2",
                                         .doc = "the sum of the inputs, which have one shape, given as an attribute",
                                         .in = "inputs: N * T",
                                         .out = "sum: T",
                                         .attrs = "N: int >= 1; T: {" EK_NUMBER_TYPES "}; shape: shape",
                                         .flags = EK_OP_INPLACE_0 | EK_OP_COMMUTATIVE,
                                         .infer = infer_add_n,
                                         .run = run_add_n,
                                         .grad = grad_add_n};
