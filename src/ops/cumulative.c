/* SPDX-License-Identifier: Apache-2.0 */
/* Running sums and products along one dimension: exclusive leaves an element's own number out, reverse runs from the
 * end. */
#include "ops/grad_util.h"
#include "ops/number.h"
#include "ops/run.h"

#include <inttypes.h>

static ek_code infer_cumulative(ek_infer_context *c) {
  const int rank = c->in[0].shape.rank;
  const ek_tensor *axis = c->constant(c, 1);
  EK_TRY(ek__infer_rank(c, 1, 0));
  if (axis != NULL && rank >= 0) {
    const int64_t given = (int64_t)ek_tensor_number(axis, 0);
    EK_INFER_REQUIRE(c, given >= -rank && given < rank, "axis must be in the range [%d, %d), got %" PRId64, -rank, rank,
                     given);
  }
  return ek__infer_same(c);
}

/* n numbers, `step` elements apart. */
typedef struct line {
  int64_t n, step;
  bool exclusive, reverse;
} line;
typedef void line_loop(const line *l, const void *x, void *z);

#define LINE_LOOP(tag_, name_, type_, start_, combine_)                                                                \
  static void name_##_##tag_(const line *l, const void *data, void *out) {                                             \
    const ek__s_##tag_ *x = data;                                                                                      \
    ek__s_##tag_ *z = out;                                                                                             \
    type_ acc = (start_);                                                                                              \
    for (int64_t i = 0; i < l->n; i++) {                                                                               \
      const int64_t at = (l->reverse ? l->n - 1 - i : i) * l->step;                                                    \
      const type_ before = acc;                                                                                        \
      acc = acc combine_(type_) ek__get_##tag_(x[at]);                                                                 \
      z[at] = ek__put_##tag_((ek__v_##tag_)(l->exclusive ? before : acc));                                             \
    }                                                                                                                  \
  }
#define FLOAT_LINES(tag_, unused_) LINE_LOOP(tag_, cumsum, double, 0, +) LINE_LOOP(tag_, cumprod, double, 1, *)
#define INT_LINES(tag_, unused_)   LINE_LOOP(tag_, cumsum, uint64_t, 0, +) LINE_LOOP(tag_, cumprod, uint64_t, 1, *)
EK_FLOAT_TAGS(FLOAT_LINES, )
EK_INT_TAGS(INT_LINES, )

#define ENTRY(tag_, name_) [EK__DTYPE_##tag_] = name_##_##tag_,
static line_loop *const cumsum_loops[EK__DTYPES] = {EK_FLOAT_TAGS(ENTRY, cumsum) EK_INT_TAGS(ENTRY, cumsum)};
static line_loop *const cumprod_loops[EK__DTYPES] = {EK_FLOAT_TAGS(ENTRY, cumprod) EK_INT_TAGS(ENTRY, cumprod)};

static ek_code run(ek_run_context *c, line_loop *const *loops) {
  const ek_value *x = c->in[0];
  const int rank = x->shape.rank;
  const int64_t given = ek__value_int(c->in[1], 0), axis = given < 0 ? given + rank : given;
  EK_RUN_REQUIRE(c, axis >= 0 && axis < rank, "axis must be in the range [%d, %d), got %" PRId64, -rank, rank, given);
  EK_TRY(ek__run_output(c, 0, x->shape));
  if (x->n == 0) return EK_OK;
  line l = {.n = x->shape.dim[axis],
            .step = 1,
            .exclusive = ek__attr_bool(c->node, "exclusive"),
            .reverse = ek__attr_bool(c->node, "reverse")};
  for (int d = (int)axis + 1; d < rank; d++) l.step *= x->shape.dim[d];
  const int64_t size = (int64_t)ek_dtype_size(x->dtype), lines = x->n / l.n;
  for (int64_t i = 0; i < lines; i++) {
    const int64_t at = (i / l.step * l.n * l.step + i % l.step) * size;
    loops[x->dtype](&l, (const char *)x->data + at, (char *)c->out[0]->data + at);
  }
  return EK_OK;
}

static ek_out cumulative(ek_grad_context *c, const char *type, ek_out x, bool turn) {
  const bool reverse = ek__attr_bool(c->node, "reverse");
  const ek_op op = ek_build(c->g, type, EK_OUTS(x, ek__grad_in(c, 1)),
                            EK_ATTRS(EK_BOOL_ATTR("exclusive", ek__attr_bool(c->node, "exclusive")),
                                     EK_BOOL_ATTR("reverse", turn ? !reverse : reverse)));
  return ek_op_output(op, 0);
}

static ek_code run_cumsum(ek_run_context *c) { return run(c, cumsum_loops); }
static ek_code grad_cumsum(ek_grad_context *c) {
  c->dx[0] = cumulative(c, "Cumsum", c->dy[0], true);
  return EK_OK;
}

static ek_code run_cumprod(ek_run_context *c) { return run(c, cumprod_loops); }
static ek_code grad_cumprod(ek_grad_context *c) {
  ek_graph *g = c->g;
  const ek_out x = ek__grad_in(c, 0);
  const ek_out product = cumulative(c, "Cumprod", x, false);
  const ek_out scaled = ek__op2(ek_named(g, "mul"), "Mul", product, c->dy[0]);
  const ek_out sum = cumulative(c, "Cumsum", scaled, true);
  c->dx[0] = ek__op2(ek_named(g, "div_no_nan"), "DivNoNan", sum, x);
  return EK_OK;
}

#define CUMULATIVE_OP(id_, name_, doc_)                                                                                \
  const ek_op_def ek_op_##id_ = {.name = (name_),                                                                      \
                                 .doc = (doc_),                                                                        \
                                 .in = "x: T, axis: Tidx",                                                             \
                                 .out = "out: T",                                                                      \
                                 .attrs = "exclusive: bool = false; reverse: bool = false; T: {" EK_NUMBER_TYPES       \
                                          "}; Tidx: {int32, int64} = int32",                                           \
                                 .infer = infer_cumulative,                                                            \
                                 .run = run_##id_,                                                                     \
                                 .grad = grad_##id_,                                                                   \
                                 .check_lo = 0.5,                                                                      \
                                 .check_hi = 2}

CUMULATIVE_OP(cumsum, "Cumsum", "the sum of all numbers along axis up to this one");
CUMULATIVE_OP(cumprod, "Cumprod", "the product of all numbers along axis up to this one");
