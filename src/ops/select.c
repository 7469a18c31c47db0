/* SPDX-License-Identifier: Apache-2.0 */
/* Choosing between two tensors, element by element (with broadcasting) or row by row. Nothing is computed: elements
 * move as they are. */
#include "ops/elementwise.h"
#include "ops/grad_util.h"

#define SELECT_LOOP(bits_)                                                                                             \
  static void select_##bits_(int64_t n, const void *const *in, const int64_t *step, void *out, double param) {         \
    const bool *condition = in[0];                                                                                     \
    const uint##bits_##_t *x = in[1], *y = in[2];                                                                      \
    uint##bits_##_t *z = out;                                                                                          \
    const int64_t sc = step[0], sx = step[1], sy = step[2];                                                            \
    (void)param;                                                                                                       \
    for (int64_t i = 0; i < n; i++) z[i] = condition[i * sc] ? x[i * sx] : y[i * sy];                                  \
  }
SELECT_LOOP(8)
SELECT_LOOP(16)
SELECT_LOOP(32)
SELECT_LOOP(64)

static void select_strings(int64_t n, const void *const *in, const int64_t *step, void *out, double param) {
  const bool *condition = in[0];
  ek__bytes *const *x = in[1], *const *y = in[2];
  ek__bytes **z = out;
  (void)param;
  for (int64_t i = 0; i < n; i++)
    ek__copy_elements(EK_STRING, z + i, condition[i * step[0]] ? x + i * step[1] : y + i * step[2], 1);
}

static ek__loop *const loops[EK__DTYPES] = {
    [EK_BOOL] = select_8,     [EK_INT8] = select_8,       [EK_UINT8] = select_8,       [EK_INT16] = select_16,
    [EK_UINT16] = select_16,  [EK_FLOAT16] = select_16,   [EK_BFLOAT16] = select_16,   [EK_INT32] = select_32,
    [EK_UINT32] = select_32,  [EK_FLOAT32] = select_32,   [EK_INT64] = select_64,      [EK_UINT64] = select_64,
    [EK_FLOAT64] = select_64, [EK_COMPLEX64] = select_64, [EK_STRING] = select_strings};

/* ---- Select: the condition is a scalar, has the shape of the two, or says for each row of them which one it is. */

static ek_code infer_select(ek_infer_context *c) {
  char a[EK_SHAPE_TEXT], b[EK_SHAPE_TEXT];
  EK_TRY(ek__infer_merge(c, c->in[1].shape, c->in[2].shape, &c->out[0].shape));
  const ek_shape condition = c->in[0].shape, out = c->out[0].shape;
  if (condition.rank <= 0 || out.rank < 0) return EK_OK;
  const bool rows = condition.rank == 1 && out.rank >= 1 &&
                    (condition.dim[0] < 0 || out.dim[0] < 0 || condition.dim[0] == out.dim[0]);
  EK_INFER_REQUIRE(c, rows || ek_shape_compatible(condition, out),
                   "the condition, of shape %s, must be a scalar, a vector of the rows, or have shape %s",
                   ek_shape_format(condition, a, sizeof a), ek_shape_format(out, b, sizeof b));
  return EK_OK;
}

static ek_code run_select(ek_run_context *c) {
  ek_shape shapes[3] = {c->in[0]->shape, c->in[1]->shape, c->in[2]->shape};
  char a[EK_SHAPE_TEXT], b[EK_SHAPE_TEXT];
  EK_RUN_REQUIRE(c, ek_shape_equal(shapes[1], shapes[2]),
                 "Inputs must have the same size and shape.  Input 0: %s != input 1: %s",
                 ek_shape_format(shapes[1], a, sizeof a), ek_shape_format(shapes[2], b, sizeof b));
  const bool rows = shapes[0].rank == 1 && shapes[1].rank >= 1 && shapes[0].dim[0] == shapes[1].dim[0];
  EK_RUN_REQUIRE(c, shapes[0].rank == 0 || rows || ek_shape_equal(shapes[0], shapes[1]),
                 "the condition has shape %s, the values %s", ek_shape_format(shapes[0], a, sizeof a),
                 ek_shape_format(shapes[1], b, sizeof b));
  for (int d = 1; rows && d < shapes[1].rank; d++) shapes[0].dim[shapes[0].rank++] = 1;
  EK_TRY(ek__run_output(c, 0, shapes[1]));
  return ek__apply_loops(c, shapes, 3, loops, 0.0);
}

static ek_code grad_select(ek_grad_context *c) {
  ek_graph *g = c->g;
  const ek_out condition = ek__grad_in(c, 0);
  const ek_out zeros = ek__grad_zeros_like(g, ek__grad_in(c, 1));
  c->dx[1] = ek__op3(g, "Select", condition, c->dy[0], zeros);
  c->dx[2] = ek__op3(g, "Select", condition, zeros, c->dy[0]);
  return EK_OK;
}

const ek_op_def ek_op_select = {.name = "Select",
                                .doc = "t where condition holds, else e; a condition that is a vector chooses rows",
                                .in = "condition: bool, t: T, e: T",
                                .out = "output: T",
                                .attrs = "T: type",
                                .infer = infer_select,
                                .run = run_select,
                                .grad = grad_select,
                                .check_lo = -2,
                                .check_hi = 2};

/* ---- SelectV2: NumPy's broadcasting of all three */

static ek_code infer_select_v2(ek_infer_context *c) {
  char a[EK_SHAPE_TEXT], b[EK_SHAPE_TEXT], d[EK_SHAPE_TEXT];
  ek_shape values;
  EK_INFER_REQUIRE(c,
                   ek__broadcast_shapes(c->in[1].shape, c->in[2].shape, &values) &&
                       ek__broadcast_shapes(c->in[0].shape, values, &c->out[0].shape),
                   "shapes %s, %s and %s cannot be broadcast together", ek_shape_format(c->in[0].shape, a, sizeof a),
                   ek_shape_format(c->in[1].shape, b, sizeof b), ek_shape_format(c->in[2].shape, d, sizeof d));
  return EK_OK;
}

static ek_code run_select_v2(ek_run_context *c) { return ek__run_loops(c, 3, loops, 0.0); }

/* The part of dy that went to one side, summed over what was repeated. */
static ek_out side(ek_graph *g, ek_out part, ek_out value, ek_out *out_shape, ek_out out) {
  const ek_out shape = ek__grad_shape(g, value);
  if (out_shape->op == 0) *out_shape = ek__grad_shape(g, out);
  const ek_out axes = ek__op2(g, "BroadcastGradientArgs", shape, *out_shape);
  const ek_out sum = ek__grad_sum(g, part, axes, true);
  return ek__op2(g, "Reshape", sum, shape);
}

static ek_code grad_select_v2(ek_grad_context *c) {
  ek_graph *g = c->g;
  const ek_out condition = ek__grad_in(c, 0), out = ek__grad_out(c, 0);
  ek_out out_shape = {0, 0};
  const ek_out zeros = ek__grad_number(ek_named(g, "zeros"), 0.0, ek_out_dtype(g, c->dy[0]));
  const ek_out x = ek__op3(g, "SelectV2", condition, c->dy[0], zeros);
  c->dx[1] = side(g, x, ek__grad_in(c, 1), &out_shape, out);
  const ek_out y = ek__op3(g, "SelectV2", condition, zeros, c->dy[0]);
  c->dx[2] = side(g, y, ek__grad_in(c, 2), &out_shape, out);
  return EK_OK;
}

const ek_op_def ek_op_select_v2 = {.name = "SelectV2",
                                   .doc = "t where condition holds, else e; all three are broadcast",
                                   .in = "condition: bool, t: T, e: T",
                                   .out = "output: T",
                                   .attrs = "T: type",
                                   .infer = infer_select_v2,
                                   .run = run_select_v2,
                                   .grad = grad_select_v2,
                                   .check_lo = -2,
                                   .check_hi = 2};
