/* SPDX-License-Identifier: Apache-2.0 */
#include "ops/reduce.h"

#include "kernels/schedule.h"
#include "ops/elementwise.h"

#include <inttypes.h>
#include <math.h>

enum { COLS = 64 }; /* columns folded side by side */

/* ---- Loops. An accumulator is a double for floating dtypes, else an int64_t: 8 bytes. */

typedef union accumulator {
  double f;
  int64_t i;
} accumulator;

typedef struct fold_loops {
  void (*row)(int64_t n, const void *x, accumulator *a);  /* folds x[0..n) into *a */
  void (*cols)(int64_t n, const void *x, accumulator *a); /* folds x[c] into a[c] */
} fold_loops;

typedef struct dtype_loops {
  fold_loops fold[EK__FOLD_MIN + 1];
  accumulator start[EK__FOLD_MIN + 1];
  void (*put)(int64_t n, const accumulator *a, void *out);
} dtype_loops;

#define UNROLL 8 /* independent accumulators in a row, combined in order */

/* a and x are what the expression combines, both of the accumulator's type. */
#define FOLD_LOOP(tag_, name_, field_, type_, start_, ...)                                                             \
  static void name_##_row_##tag_(int64_t n, const void *data, accumulator *acc) {                                      \
    const ek__s_##tag_ *v = data;                                                                                      \
    type_ part[UNROLL];                                                                                                \
    int64_t i = 0;                                                                                                     \
    for (int k = 0; k < UNROLL; k++) part[k] = (start_);                                                               \
    for (; i + UNROLL <= n; i += UNROLL)                                                                               \
      for (int k = 0; k < UNROLL; k++) {                                                                               \
        const type_ a = part[k], x = (type_)ek__get_##tag_(v[i + k]);                                                  \
        part[k] = (__VA_ARGS__);                                                                                       \
      }                                                                                                                \
    for (int k = 0; i < n; i++, k++) {                                                                                 \
      const type_ a = part[k], x = (type_)ek__get_##tag_(v[i]);                                                        \
      part[k] = (__VA_ARGS__);                                                                                         \
    }                                                                                                                  \
    for (int k = 0; k < UNROLL; k++) {                                                                                 \
      const type_ a = acc->field_, x = part[k];                                                                        \
      acc->field_ = (__VA_ARGS__);                                                                                     \
    }                                                                                                                  \
  }                                                                                                                    \
  static void name_##_cols_##tag_(int64_t n, const void *data, accumulator *acc) {                                     \
    const ek__s_##tag_ *v = data;                                                                                      \
    for (int64_t i = 0; i < n; i++) {                                                                                  \
      const type_ a = acc[i].field_, x = (type_)ek__get_##tag_(v[i]);                                                  \
      acc[i].field_ = (__VA_ARGS__);                                                                                   \
    }                                                                                                                  \
  }
#define PUT_LOOP(tag_, field_)                                                                                         \
  static void put_##tag_(int64_t n, const accumulator *acc, void *out) {                                               \
    ek__s_##tag_ *z = out;                                                                                             \
    for (int64_t i = 0; i < n; i++) z[i] = ek__put_##tag_((ek__v_##tag_)acc[i].field_);                                \
  }

/* NaN wins over every number. */
#define FLOAT_LOOPS(tag_, unused_)                                                                                     \
  FOLD_LOOP(tag_, sum, f, double, 0.0, a + x)                                                                          \
  FOLD_LOOP(tag_, prod, f, double, 1.0, a *x)                                                                          \
  FOLD_LOOP(tag_, max, f, double, -HUGE_VAL, x > a || x != x ? x : a)                                                  \
  FOLD_LOOP(tag_, min, f, double, HUGE_VAL, x < a || x != x ? x : a)                                                   \
  PUT_LOOP(tag_, f)
#define INT_LOOPS(tag_, unused_)                                                                                       \
  FOLD_LOOP(tag_, sum, i, int64_t, 0, ek__wrap_add(a, x))                                                              \
  FOLD_LOOP(tag_, prod, i, int64_t, 1, ek__wrap_mul(a, x))                                                             \
  FOLD_LOOP(tag_, max, i, int64_t, INT64_MIN, x > a ? x : a)                                                           \
  FOLD_LOOP(tag_, min, i, int64_t, INT64_MAX, x < a ? x : a)                                                           \
  PUT_LOOP(tag_, i)
EK_FLOAT_TAGS(FLOAT_LOOPS, )
EK_INT_TAGS(INT_LOOPS, )
FOLD_LOOP(b, max, i, int64_t, 0, a | x)
FOLD_LOOP(b, min, i, int64_t, 1, a &x)
PUT_LOOP(b, i)

#define FOLD(tag_, name_)                                                                                              \
  { name_##_row_##tag_, name_##_cols_##tag_ }
#define STARTS(field_, low_, top_)                                                                                     \
  {.field_ = 0}, {.field_ = 0}, {.field_ = 1}, {.field_ = (low_)}, { .field_ = (top_) }
#define LOOPS(tag_, field_, low_, top_)                                                                                \
  [EK__DTYPE_##tag_] = {{FOLD(tag_, sum), FOLD(tag_, sum), FOLD(tag_, prod), FOLD(tag_, max), FOLD(tag_, min)},        \
                        {STARTS(field_, low_, top_)},                                                                  \
                        put_##tag_},

static const dtype_loops loops_of[EK__DTYPES] = {
    EK_FLOAT_TAGS(LOOPS, f, -HUGE_VAL, HUGE_VAL)                            //
    LOOPS(i8, i, INT8_MIN, INT8_MAX) LOOPS(u8, i, 0, UINT8_MAX)             //
    LOOPS(i16, i, INT16_MIN, INT16_MAX) LOOPS(u16, i, 0, UINT16_MAX)        //
    LOOPS(i32, i, INT32_MIN, INT32_MAX) LOOPS(i64, i, INT64_MIN, INT64_MAX) //
        [EK_BOOL] = {{[EK__FOLD_MAX] = FOLD(b, max), [EK__FOLD_MIN] = FOLD(b, min)}, {STARTS(i, 0, 1)}, put_b}};

/* ---- Walking: outer dimensions that are kept, outer ones that are folded, and the last dimension, which is one or the
 * other. */

typedef struct walk {
  int n_kept, n_folded;
  int64_t kept_size[EK_MAX_RANK], kept_step[EK_MAX_RANK], folded_size[EK_MAX_RANK], folded_step[EK_MAX_RANK];
  int64_t inner, outputs, folds, count; /* folds: rows folded into one output; count: elements */
  bool inner_folded;
  int64_t blocks; /* of columns in an inner dimension that is kept */
  const dtype_loops *loops;
  ek__fold fold;
  bool floating;
  int64_t in_size, out_size;
  const char *x;
  char *out;
} walk;

static void lay_out(walk *w, ek_shape shape, unsigned axes) {
  ek_shape s = {.rank = 0};
  bool folded[EK_MAX_RANK] = {false};
  for (int d = 0; d < shape.rank; d++) { /* neighbours of one kind become one dimension */
    const bool f = (axes >> d & 1u) != 0;
    if (shape.dim[d] == 1) continue;
    if (s.rank > 0 && folded[s.rank - 1] == f) {
      s.dim[s.rank - 1] *= shape.dim[d];
    } else {
      folded[s.rank] = f;
      s.dim[s.rank++] = shape.dim[d];
    }
  }
  if (s.rank == 0) {
    s = ek_shape(1);
    folded[0] = true;
  }
  const int last = s.rank - 1;
  int64_t step = s.dim[last];
  w->inner = s.dim[last];
  w->inner_folded = folded[last];
  w->outputs = folded[last] ? 1 : s.dim[last];
  w->folds = 1;
  w->count = folded[last] ? s.dim[last] : 1;
  for (int d = last - 1; d >= 0; d--) {
    int *n = folded[d] ? &w->n_folded : &w->n_kept;
    (folded[d] ? w->folded_size : w->kept_size)[*n] = s.dim[d];
    (folded[d] ? w->folded_step : w->kept_step)[*n] = step;
    (*n)++;
    step *= s.dim[d];
    if (folded[d]) {
      w->folds *= s.dim[d];
      w->count *= s.dim[d];
    } else {
      w->outputs *= s.dim[d];
    }
  }
  w->blocks = w->inner_folded ? 1 : ek__chunk_count(w->inner, COLS);
}

static int64_t offset_of(int64_t index, int n, const int64_t *size, const int64_t *step) {
  int64_t offset = 0;
  for (int d = 0; d < n; d++) {
    offset += index % size[d] * step[d];
    index /= size[d];
  }
  return offset;
}

static void mean_of(const walk *w, accumulator *a) {
  if (w->floating)
    a->f /= (double)w->count;
  else
    a->i = w->count > 0 ? a->i / w->count : 0;
}

/* One output, or a block of neighbouring ones. */
static void fold_unit(void *context, int64_t unit) {
  const walk *w = context;
  const fold_loops *loops = &w->loops->fold[w->fold];
  const int64_t outer = unit / w->blocks, first = unit % w->blocks * COLS;
  const int64_t n = w->inner_folded ? 1 : ek__min_i64(COLS, w->inner - first);
  accumulator acc[COLS];
  for (int64_t i = 0; i < n; i++) acc[i] = w->loops->start[w->fold];
  const int64_t base = offset_of(outer, w->n_kept, w->kept_size, w->kept_step) + first;
  for (int64_t f = 0; f < w->folds; f++) {
    const void *at = w->x + (base + offset_of(f, w->n_folded, w->folded_size, w->folded_step)) * w->in_size;
    if (w->inner_folded)
      loops->row(w->inner, at, acc);
    else
      loops->cols(n, at, acc);
  }
  for (int64_t i = 0; i < n && w->fold == EK__FOLD_MEAN; i++) mean_of(w, &acc[i]);
  w->loops->put(n, acc, w->out + (w->inner_folded ? outer : outer * w->inner + first) * w->out_size);
}

/* All of one array, or its rows, or its columns, summed by the vector kernels. False: none of these. */
static bool sum_by_kernel(const ek_run_context *c, const ek_kernels *k, const walk *w, ek_dtype dtype) {
  const ek_kernels_type type = dtype == EK_FLOAT64 ? EK_KERNELS_F64 : EK_KERNELS_F32;
  const double scale = w->fold == EK__FOLD_MEAN ? (double)w->count : 1.0;
  if (w->n_folded == 0 && w->n_kept == 0 && w->inner_folded) {
    const accumulator sum = {.f = ek__sum(k, type, c->threads, w->inner, w->x) / scale};
    w->loops->put(1, &sum, w->out);
    return true;
  }
  if (w->n_folded == 0 && w->n_kept == 1 && w->inner_folded)
    ek__row_sums(k, type, c->threads, w->kept_size[0], w->inner, w->x, w->out);
  else if (w->n_folded == 1 && w->n_kept == 0 && !w->inner_folded)
    ek__column_sums(k, type, c->threads, w->folded_size[0], w->inner, w->x, w->out);
  else
    return false;
  if (scale != 1.0) {
    const float single = (float)scale;
    const void *count = type == EK_KERNELS_F64 ? (const void *)&scale : (const void *)&single;
    ek__binary(k, type, c->threads, EK__DIV, 1, w->outputs, ek__full(w->out, w->outputs), ek__scalar(count), w->out);
  }
  return true;
}

ek_code ek__reduce(ek_run_context *c, ek__fold fold, ek_dtype dtype, ek_shape shape, unsigned axes, const void *x,
                   void *out) {
  walk w = {.fold = fold, .x = x, .out = out, .in_size = (int64_t)ek_dtype_size(dtype)};
  if (dtype >= EK__DTYPES || loops_of[dtype].fold[fold].row == NULL)
    return ek__run_fail(c, EK_UNIMPLEMENTED, "cannot reduce %s", ek_dtype_name(dtype));
  w.loops = &loops_of[dtype];
  w.out_size = w.in_size;
  w.floating = ek_dtype_is_floating(dtype);
  lay_out(&w, shape, axes);
  if (w.outputs == 0) return EK_OK;
  if ((fold == EK__FOLD_SUM || fold == EK__FOLD_MEAN) && (dtype == EK_FLOAT32 || dtype == EK_FLOAT64) && w.count > 0) {
    const ek_kernels *k = NULL;
    EK_TRY(ek__run_kernels(c, &k));
    if (sum_by_kernel(c, k, &w, dtype)) return EK_OK;
  }
  const int64_t units = w.outputs / (w.inner_folded ? 1 : w.inner) * w.blocks;
  ek__for_chunks(ek__threads_for(c->threads, w.outputs * w.count * w.in_size), units, fold_unit, &w);
  return EK_OK;
}

ek_code ek__reduce_axes(ek_run_context *c, int input, int rank, unsigned *axes) {
  const ek_value *v = c->in[input];
  *axes = 0;
  for (int64_t i = 0; i < v->n; i++) {
    const int64_t given = ek__value_int(v, i), axis = given < 0 ? given + rank : given;
    EK_RUN_REQUIRE(c, axis >= 0 && axis < rank,
                   "Invalid reduction dimension (%" PRId64 " for input with %d dimension(s)", given, rank);
    EK_RUN_REQUIRE(c, (*axes >> axis & 1u) == 0,
                   "Invalid reduction arguments: Axes contains duplicate dimension: %" PRId64, axis);
    *axes |= 1u << axis;
  }
  return EK_OK;
}
