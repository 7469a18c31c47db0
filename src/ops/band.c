/* SPDX-License-Identifier: Apache-2.0 */
/* MatrixBandPart: what lies near the diagonal of each matrix, zeros elsewhere. */
#include "ops/grad_util.h"
#include "ops/index.h"

static ek_code infer(ek_infer_context *c) {
  EK_INFER_REQUIRE(c, c->in[0].shape.rank < 0 || c->in[0].shape.rank >= 2, "input must have at least 2 dimensions");
  EK_TRY(ek__infer_rank(c, 1, 0));
  EK_TRY(ek__infer_rank(c, 2, 0));
  return ek__infer_same(c);
}

static ek_code run(ek_run_context *c) {
  const ek_value *x = c->in[0];
  EK_RUN_REQUIRE(c, x->shape.rank >= 2, "input must be at least 2-dim");
  EK_RUN_REQUIRE(c, c->in[1]->n == 1 && c->in[2]->n == 1, "num_lower and num_upper must be scalars");
  const int64_t rows = x->shape.dim[x->shape.rank - 2], columns = x->shape.dim[x->shape.rank - 1];
  int64_t lower = ek__value_int(c->in[1], 0), upper = ek__value_int(c->in[2], 0);
  EK_RUN_REQUIRE(c, lower <= rows && upper <= columns, "num_lower and num_upper must be negative or at most the size");
  if (lower < 0) lower = rows;
  if (upper < 0) upper = columns;
  EK_TRY(ek__run_output(c, 0, x->shape));
  const ek_dtype dtype = x->dtype;
  for (int64_t r = 0; columns > 0 && r < x->n / columns; r++) {
    const int64_t i = r % rows, first = i - lower > 0 ? i - lower : 0;
    const int64_t end = i + upper + 1 < columns ? i + upper + 1 : columns, from = first < columns ? first : columns;
    ek__zero(dtype, ek__at(dtype, c->out[0]->data, r * columns), from);
    if (end > from)
      ek__copy_elements(dtype, ek__at(dtype, c->out[0]->data, r * columns + from),
                        ek__at(dtype, x->data, r * columns + from), end - from);
    const int64_t rest = end > from ? end : from;
    ek__zero(dtype, ek__at(dtype, c->out[0]->data, r * columns + rest), columns - rest);
  }
  return EK_OK;
}

static ek_code grad(ek_grad_context *c) {
  c->dx[0] = ek__op3(c->g, "MatrixBandPart", c->dy[0], ek__grad_in(c, 1), ek__grad_in(c, 2));
  return EK_OK;
}

const ek_op_def ek_op_matrix_band_part = {
    .name = "MatrixBandPart",
    .doc = "matrices with zeros beyond num_lower and num_upper diagonals; negative: all of them stay",
    .in = "input: T, num_lower: Tindex, num_upper: Tindex",
    .out = "band: T",
    .attrs = "T: {bfloat16, half, float, double, int8, uint8, int16, uint16, int32, int64, bool}; "
             "Tindex: {int32, int64} = int64",
    .infer = infer,
    .grad = grad,
    .run = run};
