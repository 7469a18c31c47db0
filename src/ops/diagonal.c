/* SPDX-License-Identifier: Apache-2.0 */
/* Diagonals of matrices: DiagPart takes one, Diag and MatrixDiagV3 make a matrix of one, MatrixSetDiagV3 replaces one.
 * Bands of several diagonals are not supported. */
#include "graph/fill.h"
#include "ops/grad_util.h"
#include "ops/run.h"

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

/* ---- MatrixDiagV3, MatrixSetDiagV3 */

/* Which diagonal input i says: 0 the main one, above it positive. */
static ek_code read_k(ek_run_context *c, int i, int64_t *k) {
  const ek_value *v = c->in[i];
  *k = v->n > 0 ? ek__value_int(v, 0) : 0;
  if (v->n == 1 || (v->n == 2 && ek__value_int(v, 1) == *k)) return EK_OK;
  return ek__run_fail(c, EK_UNIMPLEMENTED, "k has %lld elements; one diagonal is supported, not a band",
                      (long long)v->n);
}

/* How many elements diagonal k of a rows x cols matrix has, and where it begins. */
static int64_t diagonal_length(int64_t rows, int64_t cols, int64_t k, int64_t *row, int64_t *col) {
  *row = k < 0 ? -k : 0;
  *col = k > 0 ? k : 0;
  const int64_t a = rows - *row, b = cols - *col, n = a < b ? a : b;
  return n > 0 ? n : 0;
}

/* Writes the diagonals, one after the other, into the matrices of out. */
static void set_diagonals(const ek_value *out, const ek_value *diagonals, int64_t rows, int64_t cols, int64_t k) {
  int64_t row, col;
  const int64_t n = diagonal_length(rows, cols, k, &row, &col), matrix = rows * cols;
  const size_t size = ek_dtype_size(out->dtype);
  for (int64_t b = 0; matrix > 0 && b < out->n / matrix; b++)
    for (int64_t i = 0; i < n; i++)
      memcpy((char *)out->data + (size_t)(b * matrix + (row + i) * cols + col + i) * size,
             (const char *)diagonals->data + (size_t)(b * n + i) * size, size);
}

static ek_code infer_matrix_set_diag(ek_infer_context *c) {
  char text[EK_SHAPE_TEXT];
  EK_INFER_REQUIRE(c, c->in[0].shape.rank < 0 || c->in[0].shape.rank >= 2,
                   "input must have at least rank 2, not shape %s", ek_shape_format(c->in[0].shape, text, sizeof text));
  c->out[0].shape = c->in[0].shape;
  return EK_OK;
}

static ek_code run_matrix_set_diag(ek_run_context *c) {
  int64_t k, row, col;
  const ek_value *in = c->in[0], *diagonal = c->in[1];
  const ek_shape s = in->shape;
  EK_TRY(read_k(c, 2, &k));
  EK_TRY(ek__run_output(c, 0, s));
  const int64_t rows = s.dim[s.rank - 2], cols = s.dim[s.rank - 1], matrix = rows * cols;
  const int64_t n = diagonal_length(rows, cols, k, &row, &col);
  EK_RUN_REQUIRE(c, matrix == 0 || diagonal->n == in->n / matrix * n,
                 "the diagonals hold %lld elements, diagonal %lld of the input has %lld", (long long)diagonal->n,
                 (long long)k, (long long)(matrix == 0 ? 0 : in->n / matrix * n));
  if (c->out[0]->data != in->data) memcpy(c->out[0]->data, in->data, (size_t)in->n * ek_dtype_size(in->dtype));
  set_diagonals(c->out[0], diagonal, rows, cols, k);
  return EK_OK;
}

/* The diagonals of dy. */
static ek_out part_of(ek_grad_context *c, ek_out k) {
  const ek_attr align = EK_STRING_ATTR("align", ek__attr_string(c->node, "align"));
  return ek_op_output(
      ek_build(ek_named(c->g, "diag_part"), "MatrixDiagPartV3", EK_OUTS(c->dy[0], k, ek_integer(c->g, 0)), &align, 1),
      0);
}

static ek_code grad_matrix_set_diag(ek_grad_context *c) {
  ek_graph *g = c->g;
  const ek_out diagonal = ek__grad_in(c, 1), k = ek__grad_in(c, 2);
  const ek_attr align = EK_STRING_ATTR("align", ek__attr_string(c->node, "align"));
  const ek_shape s = ek_out_shape(g, diagonal);
  const ek_out zeros = ek_shape_is_known(s) ? ek__filled(g, s, ek_out_dtype(g, c->dy[0]), 0.0, "zeros")
                                            : ek__grad_zeros_like(g, diagonal);
  c->dx[0] =
      ek_op_output(ek_build(ek_named(g, "set_diag"), "MatrixSetDiagV3", EK_OUTS(c->dy[0], zeros, k), &align, 1), 0);
  c->dx[1] = part_of(c, k);
  return EK_OK;
}

static ek_code grad_matrix_diag(ek_grad_context *c) {
  c->dx[0] = part_of(c, ek__grad_in(c, 1));
  return EK_OK;
}

const ek_op_def ek_op_matrix_set_diag_v3 = {
    .name = "MatrixSetDiagV3",
    .doc = "input with diagonal k of its matrices replaced",
    .in = "input: T, diagonal: T, k: int32",
    .out = "output: T",
    .attrs = "T: {" ELEMENTS "}; align: {'LEFT_RIGHT', 'RIGHT_LEFT', 'LEFT_LEFT', 'RIGHT_RIGHT'} = 'RIGHT_LEFT'",
    .infer = infer_matrix_set_diag,
    .grad = grad_matrix_set_diag,
    .run = run_matrix_set_diag};

/* The size of the matrices around diagonals of length n: as asked for (-1: the smallest that holds them). */
static ek_shape matrix_shape(ek_shape diagonal, int64_t k, int64_t rows, int64_t cols) {
  ek_shape s = diagonal;
  const int64_t n = diagonal.dim[diagonal.rank - 1];
  s.rank++;
  const int64_t fit_rows = n + (k < 0 ? -k : 0), fit_cols = n + (k > 0 ? k : 0);
  s.dim[s.rank - 2] = n < 0 ? -1 : rows >= 0 ? rows : fit_rows;
  s.dim[s.rank - 1] = n < 0 ? -1 : cols >= 0 ? cols : fit_cols;
  return s;
}

static ek_code infer_matrix_diag(ek_infer_context *c) {
  ek_shape value[3] = {{0}};
  char text[EK_SHAPE_TEXT];
  const ek_shape d = c->in[0].shape;
  c->out[0].shape = ek_shape_unknown();
  for (int i = 2; i < 5; i++) EK_TRY(ek__infer_rank(c, i, 0));
  if (d.rank < 0) return EK_OK;
  EK_INFER_REQUIRE(c, d.rank >= 1 && d.rank < EK_MAX_RANK, "diagonal must have rank 1 to %d, not shape %s",
                   EK_MAX_RANK - 1, ek_shape_format(d, text, sizeof text));
  bool known = true;
  for (int i = 0; i < 3; i++) known = c->partial(c, i + 1, &value[i]) && value[i].rank == 1 && known;
  if (known) c->out[0].shape = matrix_shape(d, value[0].dim[0], value[1].dim[0], value[2].dim[0]);
  return EK_OK;
}

static ek_code run_matrix_diag(ek_run_context *c) {
  int64_t k, row, col;
  EK_TRY(read_k(c, 1, &k));
  const ek_shape s = matrix_shape(c->in[0]->shape, k, ek__value_int(c->in[2], 0), ek__value_int(c->in[3], 0));
  EK_TRY(ek__run_output(c, 0, s));
  const int64_t rows = s.dim[s.rank - 2], cols = s.dim[s.rank - 1], n = c->in[0]->shape.dim[s.rank - 2];
  EK_RUN_REQUIRE(c, diagonal_length(rows, cols, k, &row, &col) == n,
                 "a matrix of %lld rows and %lld columns has no diagonal %lld of %lld elements", (long long)rows,
                 (long long)cols, (long long)k, (long long)n);
  const size_t size = ek_dtype_size(c->out[0]->dtype);
  for (int64_t i = 0; i < c->out[0]->n; i++) memcpy((char *)c->out[0]->data + (size_t)i * size, c->in[4]->data, size);
  set_diagonals(c->out[0], c->in[0], rows, cols, k);
  return EK_OK;
}

const ek_op_def ek_op_matrix_diag_v3 = {
    .name = "MatrixDiagV3",
    .doc = "matrices with the given diagonal k, padding_value elsewhere",
    .in = "diagonal: T, k: int32, num_rows: int32, num_cols: int32, padding_value: T",
    .out = "output: T",
    .attrs = "T: {" ELEMENTS "}; align: {'LEFT_RIGHT', 'RIGHT_LEFT', 'LEFT_LEFT', 'RIGHT_RIGHT'} = 'RIGHT_LEFT'",
    .infer = infer_matrix_diag,
    .grad = grad_matrix_diag,
    .run = run_matrix_diag};
