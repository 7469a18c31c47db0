/* SPDX-License-Identifier: Apache-2.0 */
/* Main diagonals: DiagPart and Diag take and make that of one tensor, the first MatrixDiagPart, MatrixDiag and
 * MatrixSetDiag take, make and replace those of matrices. */
#include "ops/diagonals.h"
#include "ops/grad_util.h"

#include <string.h>

#define ELEMENTS "float, double, half, bfloat16, int32, int64, bool"

/* ---- DiagPart */

static ek_code infer_diag_part(ek_infer_context *c) {
  char text[EK_SHAPE_TEXT];
  const ek_shape in = c->in[0].shape;
  c->out[0].shape = ek_shape_unknown();
  if (in.rank < 0) return EK_OK;
  EK_INFER_REQUIRE(c, in.rank > 0 && in.rank % 2 == 0, "input must have an even rank, not shape %s",
                   ek_shape_format(in, text, sizeof text));
  ek_shape half = {.rank = in.rank / 2}, other = half;
  memcpy(half.dim, in.dim, (size_t)half.rank * sizeof half.dim[0]);
  memcpy(other.dim, in.dim + half.rank, (size_t)half.rank * sizeof half.dim[0]);
  return ek__infer_merge(c, half, other, &c->out[0].shape);
}

static ek_code run_diag_part(ek_run_context *c) {
  const ek_value *in = c->in[0];
  ek_shape half = {.rank = in->shape.rank / 2};
  memcpy(half.dim, in->shape.dim, (size_t)half.rank * sizeof half.dim[0]);
  EK_TRY(ek__run_output(c, 0, half));
  const size_t size = ek_dtype_size(in->dtype);
  const int64_t n = c->out[0]->n;
  for (int64_t i = 0; i < n; i++)
    memcpy((char *)c->out[0]->data + (size_t)i * size, (const char *)in->data + (size_t)(i * (n + 1)) * size, size);
  return EK_OK;
}

static ek_code grad_diag_part(ek_grad_context *c) {
  c->dx[0] = ek__op1(c->g, "Diag", c->dy[0]);
  return EK_OK;
}

const ek_op_def ek_op_diag_part = {.name = "DiagPart",
                                   .doc =
                                       "input[i, ..., i, ...]: the diagonal of a matrix, or of a tensor of even rank",
                                   .in = "input: T",
                                   .out = "diagonal: T",
                                   .attrs = "T: {" ELEMENTS "}",
                                   .infer = infer_diag_part,
                                   .grad = grad_diag_part,
                                   .run = run_diag_part};

/* ---- Diag */

static ek_code infer_diag(ek_infer_context *c) {
  const ek_shape in = c->in[0].shape;
  c->out[0].shape = ek_shape_unknown();
  if (in.rank < 0) return EK_OK;
  EK_INFER_REQUIRE(c, in.rank >= 1 && 2 * in.rank <= EK_MAX_RANK, "diagonal must have rank 1 to %d, not %d",
                   EK_MAX_RANK / 2, in.rank);
  c->out[0].shape = in;
  for (int i = 0; i < in.rank; i++) c->out[0].shape.dim[c->out[0].shape.rank++] = in.dim[i];
  return EK_OK;
}

static ek_code run_diag(ek_run_context *c) {
  const ek_value *in = c->in[0];
  ek_shape twice = in->shape;
  EK_RUN_REQUIRE(c, twice.rank >= 1 && 2 * twice.rank <= EK_MAX_RANK, "diagonal must have rank 1 to %d, not %d",
                 EK_MAX_RANK / 2, twice.rank);
  for (int i = 0; i < in->shape.rank; i++) twice.dim[twice.rank++] = in->shape.dim[i];
  EK_TRY(ek__run_output(c, 0, twice));
  const size_t size = ek_dtype_size(in->dtype);
  memset(c->out[0]->data, 0, (size_t)c->out[0]->n * size);
  for (int64_t i = 0; i < in->n; i++)
    memcpy((char *)c->out[0]->data + (size_t)(i * (in->n + 1)) * size, (const char *)in->data + (size_t)i * size, size);
  return EK_OK;
}

static ek_code grad_diag(ek_grad_context *c) {
  c->dx[0] = ek__op1(c->g, "DiagPart", c->dy[0]);
  return EK_OK;
}

const ek_op_def ek_op_diag = {.name = "Diag",
                              .doc = "zeros but for output[i, ..., i, ...] = diagonal[i, ...]",
                              .in = "diagonal: T",
                              .out = "output: T",
                              .attrs = "T: {" ELEMENTS "}",
                              .infer = infer_diag,
                              .grad = grad_diag,
                              .run = run_diag};

/* ---- MatrixDiagPart */

static const ek__band main_diagonal = {0};

static ek_code infer_part(ek_infer_context *c) {
  ek_shape s = c->in[0].shape;
  c->out[0].shape = ek_shape_unknown();
  if (s.rank < 0) return EK_OK;
  EK_INFER_REQUIRE(c, s.rank >= 2, "input must be at least 2-dim, not rank %d", s.rank);
  const int64_t rows = s.dim[s.rank - 2], cols = s.dim[s.rank - 1];
  s.rank--;
  s.dim[s.rank - 1] = rows >= 0 && cols >= 0 ? ek__band_longest(&main_diagonal, rows, cols) : -1;
  c->out[0].shape = s;
  return EK_OK;
}

static ek_code run_part(ek_run_context *c) {
  const ek_value *x = c->in[0];
  EK_RUN_REQUIRE(c, x->shape.rank >= 2, "input must be at least 2-dim, not rank %d", x->shape.rank);
  ek_shape r = x->shape;
  r.rank--;
  r.dim[r.rank - 1] = ek__band_longest(&main_diagonal, x->shape.dim[r.rank - 1], x->shape.dim[r.rank]);
  EK_TRY(ek__run_output(c, 0, r));
  ek__band_copy(x->dtype, &main_diagonal, x->shape, c->out[0]->data, x->data, false);
  return EK_OK;
}

static ek_code grad_part(ek_grad_context *c) {
  const ek_out zeros = ek__grad_zeros_like(c->g, ek__grad_in(c, 0));
  c->dx[0] = ek__op2(c->g, "MatrixSetDiag", zeros, c->dy[0]);
  return EK_OK;
}

const ek_op_def ek_op_matrix_diag_part = {.name = "MatrixDiagPart",
                                          .doc = "the main diagonal of each matrix",
                                          .in = "input: T",
                                          .out = "diagonal: T",
                                          .attrs = "T: {" ELEMENTS "}",
                                          .function = "",
                                          .infer = infer_part,
                                          .grad = grad_part,
                                          .run = run_part};

/* ---- MatrixDiag */

static ek_code infer_make(ek_infer_context *c) {
  const ek_shape s = c->in[0].shape;
  c->out[0].shape = ek_shape_unknown();
  if (s.rank < 0) return EK_OK;
  EK_INFER_REQUIRE(c, s.rank >= 1 && s.rank < EK_MAX_RANK, "diagonal must have rank 1 to %d, not %d", EK_MAX_RANK - 1,
                   s.rank);
  c->out[0].shape = s;
  c->out[0].shape.dim[c->out[0].shape.rank++] = s.dim[s.rank - 1];
  return EK_OK;
}

static ek_code run_make(ek_run_context *c) {
  const ek_value *x = c->in[0];
  EK_RUN_REQUIRE(c, x->shape.rank >= 1 && x->shape.rank < EK_MAX_RANK, "diagonal must have rank 1 to %d, not %d",
                 EK_MAX_RANK - 1, x->shape.rank);
  ek_shape r = x->shape;
  r.dim[r.rank] = r.dim[r.rank - 1];
  r.rank++;
  EK_TRY(ek__run_output(c, 0, r));
  ek__zero(x->dtype, c->out[0]->data, c->out[0]->n);
  ek__band_copy(x->dtype, &main_diagonal, r, c->out[0]->data, x->data, true);
  return EK_OK;
}

static ek_code grad_make(ek_grad_context *c) {
  c->dx[0] = ek__op1(c->g, "MatrixDiagPart", c->dy[0]);
  return EK_OK;
}

const ek_op_def ek_op_matrix_diag = {.name = "MatrixDiag",
                                     .doc = "square matrices with the given main diagonal, zeros elsewhere",
                                     .in = "diagonal: T",
                                     .out = "output: T",
                                     .attrs = "T: {" ELEMENTS "}",
                                     .function = "",
                                     .infer = infer_make,
                                     .grad = grad_make,
                                     .run = run_make};

/* ---- MatrixSetDiag */

static ek_code infer_set(ek_infer_context *c) {
  EK_INFER_REQUIRE(c, c->in[0].shape.rank < 0 || c->in[0].shape.rank >= 2, "input must be at least 2-dim, not rank %d",
                   c->in[0].shape.rank);
  return ek__infer_same(c);
}

static ek_code run_set(ek_run_context *c) {
  const ek_value *x = c->in[0];
  EK_RUN_REQUIRE(c, x->shape.rank >= 2, "input must be at least 2-dim, not rank %d", x->shape.rank);
  const int64_t rows = x->shape.dim[x->shape.rank - 2], cols = x->shape.dim[x->shape.rank - 1];
  const int64_t matrices = rows * cols > 0 ? x->n / (rows * cols) : 0;
  EK_RUN_REQUIRE(c, c->in[1]->n == matrices * ek__band_longest(&main_diagonal, rows, cols),
                 "the diagonal does not have the elements of the matrices' own");
  EK_TRY(ek__run_output(c, 0, x->shape));
  if (c->out[0]->data != x->data) ek__copy_elements(x->dtype, c->out[0]->data, x->data, x->n);
  ek__band_copy(x->dtype, &main_diagonal, x->shape, c->out[0]->data, c->in[1]->data, true);
  return EK_OK;
}

static ek_code grad_set(ek_grad_context *c) {
  const ek_out zeros = ek__grad_zeros_like(c->g, ek__grad_in(c, 1));
  c->dx[0] = ek__op2(c->g, "MatrixSetDiag", c->dy[0], zeros);
  c->dx[1] = ek__op1(c->g, "MatrixDiagPart", c->dy[0]);
  return EK_OK;
}

const ek_op_def ek_op_matrix_set_diag = {.name = "MatrixSetDiag",
                                         .doc = "input with the main diagonal of its matrices replaced",
                                         .in = "input: T, diagonal: T",
                                         .out = "output: T",
                                         .attrs = "T: {" ELEMENTS "}",
                                         .function = "",
                                         .infer = infer_set,
                                         .grad = grad_set,
                                         .run = run_set};
