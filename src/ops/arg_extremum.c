/* SPDX-License-Identifier: Apache-2.0 */
/* ArgMax and ArgMin: where along one dimension the extremum is; of several the first. NaN is never one. */
#include "kernels/schedule.h"
#include "ops/grad_util.h"
#include "ops/number.h"
#include "ops/run.h"

#include <inttypes.h>
#include <math.h>

/* x: n elements, `step` apart; the index of the best. */
typedef int64_t arg_loop(int64_t n, int64_t step, const void *x);

#define ARG_LOOP(tag_, name_, type_, worst_, better_)                                                                  \
  static int64_t name_##_##tag_(int64_t n, int64_t step, const void *data) {                                           \
    const ek__s_##tag_ *x = data;                                                                                      \
    type_ best = (worst_);                                                                                             \
    int64_t at = 0;                                                                                                    \
    for (int64_t i = 0; i < n; i++) {                                                                                  \
      const type_ v = (type_)ek__get_##tag_(x[i * step]);                                                              \
      if (v better_ best) {                                                                                            \
        best = v;                                                                                                      \
        at = i;                                                                                                        \
      }                                                                                                                \
    }                                                                                                                  \
    return at;                                                                                                         \
  }
#define FLOAT_ARGS(tag_, unused_)                                                                                      \
  ARG_LOOP(tag_, arg_max, double, -HUGE_VAL, >) ARG_LOOP(tag_, arg_min, double, HUGE_VAL, <)
#define INT_ARGS(tag_, unused_)                                                                                        \
  ARG_LOOP(tag_, arg_max, int64_t, INT64_MIN, >) ARG_LOOP(tag_, arg_min, int64_t, INT64_MAX, <)
EK_FLOAT_TAGS(FLOAT_ARGS, )
EK_INT_TAGS(INT_ARGS, )
INT_ARGS(b, )

#define ENTRY(tag_, name_) [EK__DTYPE_##tag_] = name_##_##tag_,
#define TABLE(name_)                                                                                                   \
  { EK_FLOAT_TAGS(ENTRY, name_) EK_INT_TAGS(ENTRY, name_) ENTRY(b, name_) }
static arg_loop *const arg_max_loops[EK__DTYPES] = TABLE(arg_max), *const arg_min_loops[EK__DTYPES] = TABLE(arg_min);

static ek_code infer_arg(ek_infer_context *c) {
  const ek_shape in = c->in[0].shape;
  const ek_tensor *dimension = c->constant(c, 1);
  EK_TRY(ek__infer_rank(c, 1, 0));
  c->out[0].shape = ek_shape_unknown();
  if (in.rank < 0) return EK_OK;
  EK_INFER_REQUIRE(c, in.rank > 0, "a scalar has no dimension to search");
  ek_shape out = {.rank = in.rank - 1};
  for (int d = 0; d < out.rank; d++) out.dim[d] = -1;
  if (dimension != NULL) {
    const int64_t given = (int64_t)ek_tensor_number(dimension, 0), axis = given < 0 ? given + in.rank : given;
    EK_INFER_REQUIRE(c, axis >= 0 && axis < in.rank, "Dimension (%" PRId64 ") must be in the range [%d, %d)", given,
                     -in.rank, in.rank);
    for (int d = 0, to = 0; d < in.rank; d++)
      if (d != axis) out.dim[to++] = in.dim[d];
  }
  c->out[0].shape = out;
  return EK_OK;
}

typedef struct job {
  arg_loop *loop;
  int64_t n, inner, per_chunk, outputs, size;
  const char *x;
  void *out;
  bool wide; /* int64 output */
} job;

static void arg_chunk(void *context, int64_t chunk) {
  const job *j = context;
  const int64_t end = ek__min_i64(j->outputs, (chunk + 1) * j->per_chunk);
  for (int64_t o = chunk * j->per_chunk; o < end; o++) {
    const int64_t at = j->loop(j->n, j->inner, j->x + (o / j->inner * j->n * j->inner + o % j->inner) * j->size);
    if (j->wide)
      ((int64_t *)j->out)[o] = at;
    else
      ((int32_t *)j->out)[o] = (int32_t)at;
  }
}

static ek_code run_arg(ek_run_context *c, arg_loop *const *loops) {
  const ek_value *x = c->in[0];
  char text[EK_SHAPE_TEXT];
  const int64_t given = ek__value_int(c->in[1], 0), axis = given < 0 ? given + x->shape.rank : given;
  EK_RUN_REQUIRE(c, axis >= 0 && axis < x->shape.rank, "Expected dimension in the range [%d, %d), but got %" PRId64,
                 -x->shape.rank, x->shape.rank, given);
  EK_RUN_REQUIRE(c, x->shape.dim[axis] > 0, "Reduction axis %" PRId64 " is empty in shape %s", axis,
                 ek_shape_format(x->shape, text, sizeof text));
  job j = {.loop = loops[x->dtype],
           .n = x->shape.dim[axis],
           .inner = 1,
           .outputs = 1,
           .size = (int64_t)ek_dtype_size(x->dtype),
           .x = x->data,
           .wide = c->out[0]->dtype == EK_INT64};
  ek_shape out = {.rank = 0};
  for (int d = 0; d < x->shape.rank; d++) {
    if (d == axis) continue;
    out.dim[out.rank++] = x->shape.dim[d];
    j.outputs *= x->shape.dim[d];
    if (d > axis) j.inner *= x->shape.dim[d];
  }
  EK_TRY(ek__run_output(c, 0, out));
  j.out = c->out[0]->data;
  j.per_chunk = ek__max_i64(1, 16384 / j.n);
  const int threads = ek__threads_for(c->threads, x->n * j.size);
  ek__for_chunks(threads, ek__chunk_count(j.outputs, j.per_chunk), arg_chunk, &j);
  return EK_OK;
}

#define ARG_OP(id_, name_, doc_)                                                                                       \
  static ek_code run_##id_(ek_run_context *c) { return run_arg(c, id_##_loops); }                                      \
  const ek_op_def ek_op_##id_ = {.name = (name_),                                                                      \
                                 .doc = (doc_),                                                                        \
                                 .in = "input: T, dimension: Tidx",                                                    \
                                 .out = "output: output_type",                                                         \
                                 .attrs = "T: {" EK_NUMBER_TYPES ", bool}; Tidx: {int32, int64} = int32; "             \
                                          "output_type: {int32, int64} = int64",                                       \
                                 .infer = infer_arg,                                                                   \
                                 .run = run_##id_,                                                                     \
                                 .grad = ek__grad_none}

ARG_OP(arg_max, "ArgMax", "the index of the largest number along dimension, the first of equals");
ARG_OP(arg_min, "ArgMin", "the index of the smallest number along dimension, the first of equals");
