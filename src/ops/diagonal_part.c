/* SPDX-License-Identifier: Apache-2.0 */
/* The diagonals of matrices taken, and the older ops that make and replace the main one. Bands of several diagonals are
 * not supported. */
#include "ops/grad_util.h"
#include "ops/index.h"

#include <inttypes.h>
#include <string.h>

#define ELEMENTS "float, double, half, bfloat16, int32, int64, bool"

/* How many elements diagonal k of a rows x cols matrix has, and which is its first. */
static int64_t length_of(int64_t rows, int64_t cols, int64_t k, int64_t *first) {
  const int64_t row = k < 0 ? -k : 0, col = k > 0 ? k : 0;
  const int64_t a = rows - row, b = cols - col, n = a < b ? a : b;
  *first = row * cols + col;
  return n > 0 ? n : 0;
}

/* One diagonal of every matrix: out of them, or into them. */
static void copy_diagonals(ek_dtype dtype, ek_shape matrices, int64_t k, void *to, const void *from, bool into) {
  int64_t first = 0;
  const int64_t rows = matrices.dim[matrices.rank - 2], cols = matrices.dim[matrices.rank - 1];
  const int64_t n = length_of(rows, cols, k, &first), size = rows * cols;
  const int64_t batch = size > 0 ? ek_shape_num_elements(matrices) / size : 0;
  ek__copy box = {0};
  ek__copy_axis(&box, batch, into ? size : n, into ? n : size);
  ek__copy_axis(&box, n, into ? cols + 1 : 1, into ? 1 : cols + 1);
  if (batch > 0 && n > 0)
    ek__copy_box(dtype, into ? ek__at(dtype, to, first) : to, into ? from : ek__at(dtype, from, first), &box);
}

/* ---- taking */

static ek_code infer_part(ek_infer_context *c) {
  int64_t k = 0, first = 0;
  const ek_shape s = c->in[0].shape;
  const bool known = c->n_in == 1 || ek__infer_int(c, 1, &k);
  c->out[0].shape = ek_shape_unknown();
  if (s.rank < 0) return EK_OK;
  EK_INFER_REQUIRE(c, s.rank >= 2, "input must be at least 2-dim, not rank %d", s.rank);
  c->out[0].shape = s;
  c->out[0].shape.rank--;
  const int64_t rows = s.dim[s.rank - 2], cols = s.dim[s.rank - 1];
  c->out[0].shape.dim[s.rank - 2] = known && rows >= 0 && cols >= 0 ? length_of(rows, cols, k, &first) : -1;
  return EK_OK;
}

static ek_code run_part(ek_run_context *c) {
  const ek_value *x = c->in[0];
  int64_t k = 0, first = 0;
  EK_RUN_REQUIRE(c, x->shape.rank >= 2, "input must be at least 2-dim, not rank %d", x->shape.rank);
  if (c->n_in > 1) {
    k = c->in[1]->n > 0 ? ek__value_int(c->in[1], 0) : 0;
    if (c->in[1]->n != 1 && !(c->in[1]->n == 2 && ek__value_int(c->in[1], 1) == k))
      return ek__run_fail(c, EK_UNIMPLEMENTED, "k has %" PRId64 " elements; one diagonal is supported, not a band",
                          c->in[1]->n);
  }
  ek_shape r = x->shape;
  const int64_t rows = r.dim[r.rank - 2], cols = r.dim[r.rank - 1];
  EK_RUN_REQUIRE(c, (k > -rows && k < cols) || k == 0, "diagonal %" PRId64 " is outside of the matrix", k);
  r.rank--;
  r.dim[r.rank - 1] = length_of(rows, cols, k, &first);
  EK_TRY(ek__run_output(c, 0, r));
  copy_diagonals(x->dtype, x->shape, k, c->out[0]->data, x->data, false);
  return EK_OK;
}

static ek_code grad_part(ek_grad_context *c) {
  const ek_out zeros = ek__grad_zeros_like(c->g, ek__grad_in(c, 0));
  c->dx[0] = ek__op2(c->g, "MatrixSetDiag", zeros, c->dy[0]);
  return EK_OK;
}

static ek_code grad_part_of(ek_grad_context *c) {
  ek_graph *g = c->g;
  const ek_out x = ek__grad_in(c, 0), k = ek__grad_in(c, 1);
  const ek_shape s = ek_out_shape(g, x);
  const ek_attr *own = ek__attr_find(c->node, "align"); /* V2 has none */
  const ek_attr align = EK_STRING_ATTR("align", own != NULL ? own->v.s.data : "RIGHT_LEFT");
  if (s.rank >= 2 && s.dim[s.rank - 2] >= 0 && s.dim[s.rank - 1] >= 0) {
    const ek_out in[] = {c->dy[0], k, ek_integer(g, s.dim[s.rank - 2]), ek_integer(g, s.dim[s.rank - 1]),
                         ek_integer(g, 0)};
    c->dx[0] = ek_op_output(ek_build(ek_named(g, "diag"), "MatrixDiagV3", (ek_outs){in, 5}, &align, 1), 0);
    return EK_OK;
  }
  const ek_out zeros = ek__grad_zeros_like(g, x);
  c->dx[0] =
      ek_op_output(ek_build(ek_named(g, "set_diag"), "MatrixSetDiagV3", EK_OUTS(zeros, c->dy[0], k), &align, 1), 0);
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
const ek_op_def ek_op_matrix_diag_part_v2 = {.name = "MatrixDiagPartV2",
                                             .doc = "diagonal k of each matrix",
                                             .in = "input: T, k: int32, padding_value: T",
                                             .out = "diagonal: T",
                                             .attrs = "T: {" ELEMENTS "}",
                                             .function = "",
                                             .infer = infer_part,
                                             .grad = grad_part_of,
                                             .run = run_part};
const ek_op_def ek_op_matrix_diag_part_v3 = {
    .name = "MatrixDiagPartV3",
    .doc = "diagonal k of each matrix",
    .in = "input: T, k: int32, padding_value: T",
    .out = "diagonal: T",
    .attrs = "T: {" ELEMENTS "}; align: {'LEFT_RIGHT', 'RIGHT_LEFT', 'LEFT_LEFT', 'RIGHT_RIGHT'} = 'RIGHT_LEFT'",
    .function = "matrix_diag_part",
    .infer = infer_part,
    .grad = grad_part_of,
    .run = run_part};

/* ---- making */

static ek_code infer_diag(ek_infer_context *c) {
  const ek_shape s = c->in[0].shape;
  c->out[0].shape = ek_shape_unknown();
  if (s.rank < 0) return EK_OK;
  EK_INFER_REQUIRE(c, s.rank >= 1 && s.rank < EK_MAX_RANK, "diagonal must have rank 1 to %d, not %d", EK_MAX_RANK - 1,
                   s.rank);
  c->out[0].shape = s;
  c->out[0].shape.dim[c->out[0].shape.rank++] = s.dim[s.rank - 1];
  return EK_OK;
}

static ek_code run_diag(ek_run_context *c) {
  const ek_value *x = c->in[0];
  EK_RUN_REQUIRE(c, x->shape.rank >= 1 && x->shape.rank < EK_MAX_RANK, "diagonal must have rank 1 to %d, not %d",
                 EK_MAX_RANK - 1, x->shape.rank);
  ek_shape r = x->shape;
  r.dim[r.rank] = r.dim[r.rank - 1];
  r.rank++;
  EK_TRY(ek__run_output(c, 0, r));
  ek__zero(x->dtype, c->out[0]->data, c->out[0]->n);
  copy_diagonals(x->dtype, r, 0, c->out[0]->data, x->data, true);
  return EK_OK;
}

static ek_code grad_diag(ek_grad_context *c) {
  c->dx[0] = ek__op1(c->g, "MatrixDiagPart", c->dy[0]);
  return EK_OK;
}

const ek_op_def ek_op_matrix_diag = {.name = "MatrixDiag",
                                     .doc = "square matrices with the given main diagonal, zeros elsewhere",
                                     .in = "diagonal: T",
                                     .out = "output: T",
                                     .attrs = "T: {" ELEMENTS "}",
                                     .function = "",
                                     .infer = infer_diag,
                                     .grad = grad_diag,
                                     .run = run_diag};

/* ---- replacing */

static ek_code infer_set(ek_infer_context *c) {
  EK_INFER_REQUIRE(c, c->in[0].shape.rank < 0 || c->in[0].shape.rank >= 2, "input must be at least 2-dim, not rank %d",
                   c->in[0].shape.rank);
  return ek__infer_same(c);
}

static ek_code run_set(ek_run_context *c) {
  const ek_value *x = c->in[0];
  int64_t first = 0;
  EK_RUN_REQUIRE(c, x->shape.rank >= 2, "input must be at least 2-dim, not rank %d", x->shape.rank);
  const int64_t rows = x->shape.dim[x->shape.rank - 2], cols = x->shape.dim[x->shape.rank - 1];
  const int64_t matrices = rows * cols > 0 ? x->n / (rows * cols) : 0;
  EK_RUN_REQUIRE(c, c->in[1]->n == matrices * length_of(rows, cols, 0, &first),
                 "the diagonal does not have the elements of the matrices' own");
  EK_TRY(ek__run_output(c, 0, x->shape));
  if (c->out[0]->data != x->data) ek__copy_elements(x->dtype, c->out[0]->data, x->data, x->n);
  copy_diagonals(x->dtype, x->shape, 0, c->out[0]->data, c->in[1]->data, true);
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
