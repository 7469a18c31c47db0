/* SPDX-License-Identifier: Apache-2.0 */
/* Softmax and LogSoftmax along the last dimension. The largest logit is subtracted first, so that none overflows; sums
 * are in double. */
#include "ops/softmax.h"

#include "kernels/schedule.h"
#include "ops/grad_util.h"

#include <tgmath.h>

/* ---- Loops */

/* e^z of every element: vector kernels for float32 and float64, one by one for others. */
static void exp_f32(const ek_kernels *k, int64_t n, float *z) { ek__unary(k, EK_KERNELS_F32, 1, EK__EXP, n, z, z); }
static void exp_f64(const ek_kernels *k, int64_t n, double *z) { ek__unary(k, EK_KERNELS_F64, 1, EK__EXP, n, z, z); }
#define HALF_EXP(tag_)                                                                                                 \
  static void exp_##tag_(const ek_kernels *k, int64_t n, ek__s_##tag_ *z) {                                            \
    (void)k;                                                                                                           \
    for (int64_t i = 0; i < n; i++) z[i] = ek__put_##tag_(exp(ek__get_##tag_(z[i])));                                  \
  }
HALF_EXP(f16)
HALF_EXP(bf16)

#define ROW_LOOPS(tag_, unused_)                                                                                       \
  static void shift_##tag_(int64_t n, const void *data, int64_t step, void *out) {                                     \
    const ek__s_##tag_ *x = data;                                                                                      \
    ek__s_##tag_ *z = out;                                                                                             \
    ek__v_##tag_ top = (ek__v_##tag_)(-HUGE_VAL);                                                                      \
    for (int64_t i = 0; i < n; i++) {                                                                                  \
      const ek__v_##tag_ v = ek__get_##tag_(x[i * step]);                                                              \
      top = v > top ? v : top;                                                                                         \
    }                                                                                                                  \
    for (int64_t i = 0; i < n; i++) z[i] = ek__put_##tag_(ek__get_##tag_(x[i * step]) - top);                          \
  }                                                                                                                    \
  static double sum_exp_##tag_(int64_t n, const void *data) {                                                          \
    const ek__s_##tag_ *z = data;                                                                                      \
    double sum = 0;                                                                                                    \
    for (int64_t i = 0; i < n; i++) sum += (double)exp(ek__get_##tag_(z[i]));                                          \
    return sum;                                                                                                        \
  }                                                                                                                    \
  static void exp_all_##tag_(const ek_kernels *k, int64_t n, void *z) { exp_##tag_(k, n, z); }                         \
  static double sum_##tag_(int64_t n, const void *data) {                                                              \
    const ek__s_##tag_ *z = data;                                                                                      \
    double sum = 0;                                                                                                    \
    for (int64_t i = 0; i < n; i++) sum += (double)ek__get_##tag_(z[i]);                                               \
    return sum;                                                                                                        \
  }                                                                                                                    \
  static void divide_##tag_(int64_t n, void *out, double by) {                                                         \
    ek__s_##tag_ *z = out;                                                                                             \
    const ek__v_##tag_ divisor = (ek__v_##tag_)by;                                                                     \
    for (int64_t i = 0; i < n; i++) z[i] = ek__put_##tag_(ek__get_##tag_(z[i]) / divisor);                             \
  }                                                                                                                    \
  static void subtract_##tag_(int64_t n, void *out, double amount) {                                                   \
    ek__s_##tag_ *z = out;                                                                                             \
    const ek__v_##tag_ a = (ek__v_##tag_)amount;                                                                       \
    for (int64_t i = 0; i < n; i++) z[i] = ek__put_##tag_(ek__get_##tag_(z[i]) - a);                                   \
  }                                                                                                                    \
  static void dots_##tag_(int64_t n, const void *shifted, const void *data, int64_t step, double dots[2]) {            \
    const ek__s_##tag_ *z = shifted, *x = data;                                                                        \
    dots[0] = dots[1] = 0;                                                                                             \
    for (int64_t i = 0; i < n; i++) {                                                                                  \
      const double v = (double)ek__get_##tag_(x[i * step]);                                                            \
      dots[0] += v;                                                                                                    \
      dots[1] += v * (double)ek__get_##tag_(z[i]);                                                                     \
    }                                                                                                                  \
  }                                                                                                                    \
  static void minus_##tag_(int64_t n, void *out, const void *data, int64_t step) {                                     \
    const ek__s_##tag_ *x = data;                                                                                      \
    ek__s_##tag_ *z = out;                                                                                             \
    for (int64_t i = 0; i < n; i++) z[i] = ek__put_##tag_(ek__get_##tag_(z[i]) - ek__get_##tag_(x[i * step]));         \
  }                                                                                                                    \
  static void minus_one_##tag_(void *out, int64_t i) {                                                                 \
    ek__s_##tag_ *z = out;                                                                                             \
    z[i] = ek__put_##tag_(ek__get_##tag_(z[i]) - 1);                                                                   \
  }                                                                                                                    \
  static double at_##tag_(const void *data, int64_t i) {                                                               \
    return (double)ek__get_##tag_(((const ek__s_##tag_ *)data)[i]);                                                    \
  }                                                                                                                    \
  static void store_##tag_(void *out, int64_t i, double value) {                                                       \
    ((ek__s_##tag_ *)out)[i] = ek__put_##tag_((ek__v_##tag_)value);                                                    \
  }
EK_FLOAT_TAGS(ROW_LOOPS, )

#define ENTRY(tag_, unused_)                                                                                           \
  [EK__DTYPE_##tag_] = {shift_##tag_, sum_exp_##tag_, exp_all_##tag_,   sum_##tag_, divide_##tag_, subtract_##tag_,    \
                        dots_##tag_,  minus_##tag_,   minus_one_##tag_, at_##tag_,  store_##tag_},
static const ek__row_loops row_loops[EK__DTYPES] = {EK_FLOAT_TAGS(ENTRY, )};

const ek__row_loops *ek__row_loops_of(ek_dtype dtype) {
  return dtype < EK__DTYPES && row_loops[dtype].shift != NULL ? &row_loops[dtype] : NULL;
}

/* ---- The ops */

static ek_code infer_softmax(ek_infer_context *c) {
  EK_INFER_REQUIRE(c, c->in[0].shape.rank != 0, "the logits must have rank 1 at least, not 0");
  return ek__infer_same(c);
}

typedef struct job {
  const ek__row_loops *loops;
  const ek_kernels *kernels;
  int64_t rows, cols, size, per_chunk;
  const char *x;
  char *z;
  bool logarithm;
} job;

static void softmax_chunk(void *context, int64_t chunk) {
  const job *j = context;
  const int64_t begin = chunk * j->per_chunk, end = ek__min_i64(j->rows, begin + j->per_chunk);
  const int64_t row_bytes = j->cols * j->size;
  for (int64_t row = begin; row < end; row++)
    j->loops->shift(j->cols, j->x + row * row_bytes, 1, j->z + row * row_bytes);
  if (!j->logarithm) j->loops->exp_all(j->kernels, (end - begin) * j->cols, j->z + begin * row_bytes);
  for (int64_t row = begin; row < end; row++) {
    char *z = j->z + row * row_bytes;
    if (j->logarithm)
      j->loops->subtract(j->cols, z, log(j->loops->sum_of_exp(j->cols, z)));
    else
      j->loops->divide(j->cols, z, j->loops->sum(j->cols, z));
  }
}

static ek_code run(ek_run_context *c, bool logarithm) {
  const ek_value *x = c->in[0];
  EK_RUN_REQUIRE(c, x->shape.rank >= 1, "logits must have >= 1 dimension, got %d", x->shape.rank);
  EK_TRY(ek__run_output(c, 0, x->shape));
  if (x->n == 0) return EK_OK;
  job j = {.loops = ek__row_loops_of(x->dtype),
           .cols = x->shape.dim[x->shape.rank - 1],
           .size = (int64_t)ek_dtype_size(x->dtype),
           .x = x->data,
           .z = c->out[0]->data,
           .logarithm = logarithm};
  EK_TRY(ek__run_kernels(c, &j.kernels));
  j.rows = x->n / j.cols;
  j.per_chunk = ek__max_i64(1, 4096 / j.cols);
  ek__for_chunks(ek__threads_for(c->threads, 8 * x->n * j.size), ek__chunk_count(j.rows, j.per_chunk), softmax_chunk,
                 &j);
  return EK_OK;
}

static ek_code run_softmax(ek_run_context *c) { return run(c, false); }
static ek_code grad_softmax(ek_grad_context *c) {
  ek_graph *g = c->g;
  const ek_out y = ek__grad_out(c, 0), dy = c->dy[0];
  const ek_out product = ek__op2(ek_named(g, "mul"), "Mul", dy, y);
  const ek_out sum = ek__grad_sum(g, product, ek_integer(g, -1), true);
  const ek_out centred = ek__op2(ek_named(g, "sub"), "Sub", dy, sum);
  c->dx[0] = ek__op2(ek_named(g, "mul"), "Mul", centred, y);
  return EK_OK;
}

static ek_code run_log_softmax(ek_run_context *c) { return run(c, true); }
static ek_code grad_log_softmax(ek_grad_context *c) {
  ek_graph *g = c->g;
  const ek_out dy = c->dy[0];
  const ek_out softmax = ek__op1(g, "Exp", ek__grad_out(c, 0));
  const ek_out sum = ek__grad_sum(g, dy, ek_integer(g, -1), true);
  const ek_out product = ek__op2(ek_named(g, "mul"), "Mul", sum, softmax);
  c->dx[0] = ek__op2(ek_named(g, "sub"), "Sub", dy, product);
  return EK_OK;
}

#define SOFTMAX_OP(id_, name_, doc_, out_)                                                                             \
  const ek_op_def ek_op_##id_ = {.name = (name_),                                                                      \
                                 .doc = (doc_),                                                                        \
                                 .in = "logits: T",                                                                    \
                                 .out = out_ ": T",                                                                    \
                                 .attrs = "T: {" EK_FLOAT_TYPES "}",                                                   \
                                 .flags = EK_OP_INPLACE_0,                                                             \
                                 .infer = infer_softmax,                                                               \
                                 .run = run_##id_,                                                                     \
                                 .grad = grad_##id_,                                                                   \
                                 .check_lo = -2,                                                                       \
                                 .check_hi = 2}

SOFTMAX_OP(softmax, "Softmax", "e^x / sum(e^x) along the last dimension", "softmax");
SOFTMAX_OP(log_softmax, "LogSoftmax", "x - log(sum(e^x)) along the last dimension", "logsoftmax");
