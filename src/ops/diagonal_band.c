/* SPDX-License-Identifier: Apache-2.0 */
/* Bands of diagonals: MatrixDiagPartV2 and V3 take them, MatrixDiagV2 and V3 make matrices of them, MatrixSetDiagV2 and
 * V3 replace them. In those of version 2 all diagonals lie to the left. */
#include "graph/fill.h"
#include "ops/diagonals.h"
#include "ops/grad_util.h"

#include <inttypes.h>
#include <string.h>

#define ELEMENTS "T: {float, double, half, bfloat16, int32, int64, bool}"
#define ALIGN    "align: {'LEFT_RIGHT', 'RIGHT_LEFT', 'LEFT_LEFT', 'RIGHT_RIGHT'} = 'RIGHT_LEFT'"

static const char *align_of(const ek__node *n) {
  return ek__attr_find(n, "align") != NULL ? ek__attr_string(n, "align") : "LEFT_LEFT";
}

static ek__band band_of(const ek__node *n, const int64_t *k, int n_k) {
  const char *align = align_of(n);
  return (ek__band){k[0], k[n_k - 1], strncmp(align, "RIGHT", 5) == 0, strstr(align, "_RIGHT") != NULL};
}

/* Whether input i tells while building which diagonals they are. */
static ek_code infer_band(ek_infer_context *c, int i, ek__band *band, bool *known) {
  int64_t k[2] = {0, 0};
  int n = 0;
  char text[EK_SHAPE_TEXT];
  const ek_shape s = c->in[i].shape;
  EK_INFER_REQUIRE(c, s.rank <= 1 && (s.rank < 1 || s.dim[0] < 0 || s.dim[0] == 1 || s.dim[0] == 2),
                   "k must be one number or two, not of shape %s", ek_shape_format(s, text, sizeof text));
  *known = ek__infer_ints(c, i, 2, k, &n) && n > 0;
  if (!*known) return EK_OK;
  *band = band_of(c->node, k, n);
  EK_INFER_REQUIRE(c, band->lower <= band->upper, "k is [%" PRId64 ", %" PRId64 "], the lower one must come first",
                   band->lower, band->upper);
  return EK_OK;
}

static ek_code run_band(ek_run_context *c, int i, ek__band *band) {
  int64_t k[2] = {0, 0};
  const ek_value *v = c->in[i];
  EK_RUN_REQUIRE(c, v->shape.rank <= 1 && (v->n == 1 || v->n == 2), "k must be one number or two, it has %" PRId64,
                 v->n);
  for (int64_t e = 0; e < v->n; e++) k[e] = ek__value_int(v, e);
  *band = band_of(c->node, k, (int)v->n);
  EK_RUN_REQUIRE(c, band->lower <= band->upper, "k is [%" PRId64 ", %" PRId64 "], the lower one must come first",
                 band->lower, band->upper);
  return EK_OK;
}

/* Has such a matrix the diagonal? One without elements has at least its main one. */
static bool has(int64_t k, int64_t rows, int64_t cols) {
  return k == 0 || ((rows < 0 || k > -rows) && (cols < 0 || k < cols));
}

static bool is_one(const ek__band *b) { return b->lower == b->upper; }

/* The shape of the band's tensor for matrices of that shape; sizes may be unknown. */
static ek_shape shape_of(const ek__band *b, ek_shape s) {
  const int64_t rows = s.dim[s.rank - 2], cols = s.dim[s.rank - 1];
  const int64_t longest = rows < 0 || cols < 0 ? -1 : ek__band_longest(b, rows, cols);
  if (is_one(b)) s.rank--;
  if (!is_one(b)) s.dim[s.rank - 2] = b->upper - b->lower + 1;
  s.dim[s.rank - 1] = longest;
  return s;
}

/* ---- taking */

static ek_code infer_part(ek_infer_context *c) {
  ek__band b;
  bool known;
  const ek_shape s = c->in[0].shape;
  c->out[0].shape = ek_shape_unknown();
  EK_TRY(infer_band(c, 1, &b, &known));
  EK_TRY(ek__infer_rank(c, 2, 0));
  if (s.rank < 0) return EK_OK;
  EK_INFER_REQUIRE(c, s.rank >= 2, "input must be at least 2-dim, not rank %d", s.rank);
  if (!known) return EK_OK;
  EK_INFER_REQUIRE(
      c, has(b.lower, s.dim[s.rank - 2], s.dim[s.rank - 1]) && has(b.upper, s.dim[s.rank - 2], s.dim[s.rank - 1]),
      "diagonals %" PRId64 " to %" PRId64 " are not all inside of the matrix", b.lower, b.upper);
  c->out[0].shape = shape_of(&b, s);
  return EK_OK;
}

/* Writes value to all elements. */
static void pad(const ek_value *out, const ek_value *value) {
  ek__copy box = {0};
  ek__copy_axis(&box, out->n, 1, 0);
  ek__copy_box(out->dtype, out->data, value->data, &box);
}

/* The band of input k_input in matrices of that shape. */
static ek_code band_in(ek_run_context *c, int k_input, ek_shape s, ek__band *b) {
  EK_RUN_REQUIRE(c, s.rank >= 2, "input must be at least 2-dim, not rank %d", s.rank);
  EK_TRY(run_band(c, k_input, b));
  const int64_t rows = s.dim[s.rank - 2], cols = s.dim[s.rank - 1];
  EK_RUN_REQUIRE(c, has(b->lower, rows, cols) && has(b->upper, rows, cols),
                 "diagonals %" PRId64 " to %" PRId64 " are not all inside of the matrix", b->lower, b->upper);
  return EK_OK;
}

static ek_code run_part(ek_run_context *c) {
  ek__band b;
  const ek_value *x = c->in[0];
  EK_TRY(band_in(c, 1, x->shape, &b));
  EK_TRY(ek__run_output(c, 0, shape_of(&b, x->shape)));
  if (!is_one(&b)) pad(c->out[0], c->in[2]);
  ek__band_copy(x->dtype, &b, x->shape, c->out[0]->data, x->data, false);
  return EK_OK;
}

/* ---- making */

/* The matrices around a band: of the sizes asked for (-1: the least that holds it; both: the least square). */
static void size_around(const ek__band *b, int64_t longest, int64_t *rows, int64_t *cols) {
  const int64_t least_rows = longest - (b->upper < 0 ? b->upper : 0),
                least_cols = longest + (b->lower > 0 ? b->lower : 0);
  const int64_t square = least_rows > least_cols ? least_rows : least_cols;
  const bool both = *rows == -1 && *cols == -1;
  if (*rows == -1) *rows = both ? square : least_rows;
  if (*cols == -1) *cols = both ? square : least_cols;
}

/* The batch's dimensions of the band's tensor, which has two dimensions more, or one, and room for a matrix behind. */
static ek_shape around(const ek__band *b, ek_shape s, int64_t rows, int64_t cols) {
  s.rank += is_one(b) ? 1 : 0;
  s.dim[s.rank - 2] = rows, s.dim[s.rank - 1] = cols;
  return s;
}

static ek_code infer_make(ek_infer_context *c) {
  ek__band b;
  bool known;
  int64_t rows = 0, cols = 0;
  char text[EK_SHAPE_TEXT];
  const ek_shape s = c->in[0].shape;
  c->out[0].shape = ek_shape_unknown();
  for (int i = 2; i < 5; i++) EK_TRY(ek__infer_rank(c, i, 0));
  EK_TRY(infer_band(c, 1, &b, &known));
  if (s.rank < 0) return EK_OK;
  EK_INFER_REQUIRE(c, s.rank >= 1 && s.rank < EK_MAX_RANK, "diagonal must have rank 1 to %d, not shape %s",
                   EK_MAX_RANK - 1, ek_shape_format(s, text, sizeof text));
  if (!known) return EK_OK;
  EK_INFER_REQUIRE(c,
                   is_one(&b) || (s.rank >= 2 && (s.dim[s.rank - 2] < 0 || s.dim[s.rank - 2] == b.upper - b.lower + 1)),
                   "diagonals %" PRId64 " to %" PRId64 " are not as many as those of shape %s", b.lower, b.upper,
                   ek_shape_format(s, text, sizeof text));
  const bool has_rows = ek__infer_int(c, 2, &rows), has_cols = ek__infer_int(c, 3, &cols);
  const int64_t longest = s.dim[s.rank - 1];
  if (longest >= 0 && has_rows && has_cols) size_around(&b, longest, &rows, &cols);
  c->out[0].shape = around(&b, s, has_rows && rows >= 0 ? rows : -1, has_cols && cols >= 0 ? cols : -1);
  return EK_OK;
}

static ek_code run_make(ek_run_context *c) {
  ek__band b;
  char text[EK_SHAPE_TEXT];
  const ek_shape s = c->in[0]->shape;
  EK_TRY(run_band(c, 1, &b));
  EK_RUN_REQUIRE(c,
                 s.rank >= 1 && s.rank < EK_MAX_RANK &&
                     (is_one(&b) || (s.rank >= 2 && s.dim[s.rank - 2] == b.upper - b.lower + 1)),
                 "diagonals %" PRId64 " to %" PRId64 " are not as many as those of shape %s", b.lower, b.upper,
                 ek_shape_format(s, text, sizeof text));
  int64_t rows = ek__value_int(c->in[2], 0), cols = ek__value_int(c->in[3], 0);
  size_around(&b, s.dim[s.rank - 1], &rows, &cols);
  EK_RUN_REQUIRE(c, rows >= 0 && cols >= 0 && ek__band_longest(&b, rows, cols) == s.dim[s.rank - 1],
                 "a matrix of %" PRId64 " rows and %" PRId64 " columns has no diagonals %" PRId64 " to %" PRId64
                 " of which the longest has %" PRId64 " elements",
                 rows, cols, b.lower, b.upper, s.dim[s.rank - 1]);
  EK_TRY(ek__run_output(c, 0, around(&b, s, rows, cols)));
  pad(c->out[0], c->in[4]);
  ek__band_copy(c->out[0]->dtype, &b, c->out[0]->shape, c->out[0]->data, c->in[0]->data, true);
  return EK_OK;
}

/* ---- replacing */

static ek_code infer_set(ek_infer_context *c) {
  ek__band b;
  bool known;
  char text[EK_SHAPE_TEXT];
  const ek_shape s = c->in[0].shape;
  EK_INFER_REQUIRE(c, s.rank < 0 || s.rank >= 2, "input must have at least rank 2, not shape %s",
                   ek_shape_format(s, text, sizeof text));
  EK_TRY(infer_band(c, 2, &b, &known));
  if (known && s.rank >= 2) {
    EK_INFER_REQUIRE(
        c, has(b.lower, s.dim[s.rank - 2], s.dim[s.rank - 1]) && has(b.upper, s.dim[s.rank - 2], s.dim[s.rank - 1]),
        "diagonals %" PRId64 " to %" PRId64 " are not all inside of the matrix", b.lower, b.upper);
    ek_shape merged;
    EK_TRY(ek__infer_merge(c, c->in[1].shape, shape_of(&b, s), &merged));
  }
  return ek__infer_same(c);
}

static ek_code run_set(ek_run_context *c) {
  ek__band b;
  char text[EK_SHAPE_TEXT], wanted[EK_SHAPE_TEXT];
  const ek_value *x = c->in[0];
  EK_TRY(band_in(c, 2, x->shape, &b));
  EK_RUN_REQUIRE(c, ek_shape_equal(c->in[1]->shape, shape_of(&b, x->shape)), "diagonal has shape %s, it must be %s",
                 ek_shape_format(c->in[1]->shape, text, sizeof text),
                 ek_shape_format(shape_of(&b, x->shape), wanted, sizeof wanted));
  EK_TRY(ek__run_output(c, 0, x->shape));
  if (c->out[0]->data != x->data) ek__copy_elements(x->dtype, c->out[0]->data, x->data, x->n);
  ek__band_copy(x->dtype, &b, x->shape, c->out[0]->data, c->in[1]->data, true);
  return EK_OK;
}

/* ---- gradients */

static ek_out build(ek_grad_context *c, const char *type, const char *name, const ek_out *in, int n) {
  const ek_attr align = EK_STRING_ATTR("align", align_of(c->node));
  return ek_op_output(ek_build(ek_named(c->g, name), type, (ek_outs){in, n}, &align, 1), 0);
}

static ek_out part_of(ek_grad_context *c, ek_out k) {
  const ek_out in[] = {c->dy[0], k, ek_integer(c->g, 0)};
  return build(c, "MatrixDiagPartV3", "diag_part", in, 3);
}

static ek_code grad_part(ek_grad_context *c) {
  ek_graph *g = c->g;
  const ek_out x = ek__grad_in(c, 0), k = ek__grad_in(c, 1);
  const ek_shape s = ek_out_shape(g, x);
  if (s.rank >= 2 && s.dim[s.rank - 2] >= 0 && s.dim[s.rank - 1] >= 0) {
    const ek_out in[] = {c->dy[0], k, ek_integer(g, s.dim[s.rank - 2]), ek_integer(g, s.dim[s.rank - 1]),
                         ek_integer(g, 0)};
    c->dx[0] = build(c, "MatrixDiagV3", "diag", in, 5);
    return EK_OK;
  }
  const ek_out in[] = {ek__grad_zeros_like(g, x), c->dy[0], k};
  c->dx[0] = build(c, "MatrixSetDiagV3", "set_diag", in, 3);
  return EK_OK;
}

static ek_code grad_make(ek_grad_context *c) {
  c->dx[0] = part_of(c, ek__grad_in(c, 1));
  return EK_OK;
}

static ek_code grad_set(ek_grad_context *c) {
  ek_graph *g = c->g;
  const ek_out diagonal = ek__grad_in(c, 1), k = ek__grad_in(c, 2);
  const ek_shape s = ek_out_shape(g, diagonal);
  const ek_out zeros = ek_shape_is_known(s) ? ek__filled(g, s, ek_out_dtype(g, c->dy[0]), 0.0, "zeros")
                                            : ek__grad_zeros_like(g, diagonal);
  const ek_out in[] = {c->dy[0], zeros, k};
  c->dx[0] = build(c, "MatrixSetDiagV3", "set_diag", in, 3);
  c->dx[1] = part_of(c, k);
  return EK_OK;
}

/* ---- the ops */

const ek_op_def ek_op_matrix_diag_part_v2 = {
    .name = "MatrixDiagPartV2",
    .doc = "diagonal k of each matrix, or k[0] to k[1], the uppermost first, filled up with padding_value",
    .in = "input: T, k: int32, padding_value: T",
    .out = "diagonal: T",
    .attrs = ELEMENTS,
    .function = "",
    .infer = infer_part,
    .grad = grad_part,
    .run = run_part};

const ek_op_def ek_op_matrix_diag_part_v3 = {
    .name = "MatrixDiagPartV3",
    .doc = "diagonal k of each matrix, or k[0] to k[1], the uppermost first, filled up with padding_value",
    .in = "input: T, k: int32, padding_value: T",
    .out = "diagonal: T",
    .attrs = ELEMENTS "; " ALIGN,
    .function = "matrix_diag_part",
    .infer = infer_part,
    .grad = grad_part,
    .run = run_part};

const ek_op_def ek_op_matrix_diag_v2 = {
    .name = "MatrixDiagV2",
    .doc = "matrices with the given diagonal k, or k[0] to k[1], the uppermost first; padding_value elsewhere",
    .in = "diagonal: T, k: int32, num_rows: int32, num_cols: int32, padding_value: T",
    .out = "output: T",
    .attrs = ELEMENTS,
    .function = "",
    .infer = infer_make,
    .grad = grad_make,
    .run = run_make};

const ek_op_def ek_op_matrix_diag_v3 = {
    .name = "MatrixDiagV3",
    .doc = "matrices with the given diagonal k, or k[0] to k[1], the uppermost first; padding_value elsewhere",
    .in = "diagonal: T, k: int32, num_rows: int32, num_cols: int32, padding_value: T",
    .out = "output: T",
    .attrs = ELEMENTS "; " ALIGN,
    .infer = infer_make,
    .grad = grad_make,
    .run = run_make};

const ek_op_def ek_op_matrix_set_diag_v2 = {.name = "MatrixSetDiagV2",
                                            .doc = "input with diagonal k of its matrices, or k[0] to k[1], replaced",
                                            .in = "input: T, diagonal: T, k: int32",
                                            .out = "output: T",
                                            .attrs = ELEMENTS,
                                            .function = "",
                                            .infer = infer_set,
                                            .grad = grad_set,
                                            .run = run_set};

const ek_op_def ek_op_matrix_set_diag_v3 = {.name = "MatrixSetDiagV3",
                                            .doc = "input with diagonal k of its matrices, or k[0] to k[1], replaced",
                                            .in = "input: T, diagonal: T, k: int32",
                                            .out = "output: T",
                                            .attrs = ELEMENTS "; " ALIGN,
                                            .infer = infer_set,
                                            .grad = grad_set,
                                            .run = run_set};
