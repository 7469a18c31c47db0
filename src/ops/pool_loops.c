/* SPDX-License-Identifier: Apache-2.0 */
#include "kernels/schedule.h"
#include "ops/number.h"
#include "ops/pool.h"

#include <float.h>

enum { COLS = 64 }; /* channels side by side */

static const float lowest_f32 = -FLT_MAX, lowest_f16 = -65504.0f, lowest_bf16 = -0x1.fep127f;
static const double lowest_f64 = -DBL_MAX;
static const int64_t lowest_i8 = INT8_MIN, lowest_u8 = 0, lowest_i16 = INT16_MIN, lowest_u16 = 0,
                     lowest_i32 = INT32_MIN, lowest_i64 = INT64_MIN;

/* One image's channels [first, first + cols). */
typedef struct block {
  const ek__window_axis *axes;
  ek__window_steps x, y;
  int64_t cols;
  const void *a, *b;
  void *out;
} block;

/* The body for every place of the window: y_at is where it lies in the output, place[] which it is. */
#define FOR_PLACES(b_, ...)                                                                                            \
  for (int64_t p0 = 0; p0 < (b_)->axes[0].out; p0++)                                                                   \
    for (int64_t p1 = 0; p1 < (b_)->axes[1].out; p1++)                                                                 \
      for (int64_t p2 = 0; p2 < (b_)->axes[2].out; p2++) {                                                             \
        const int64_t place[EK_WINDOW_AXES] = {p0, p1, p2};                                                            \
        const int64_t y_at = p0 * (b_)->y.axis[0] + p1 * (b_)->y.axis[1] + p2 * (b_)->y.axis[2];                       \
        __VA_ARGS__                                                                                                    \
      }

/* The elements [first, end) of the input under a place of the window. */
typedef struct span {
  int64_t first[EK_WINDOW_AXES], end[EK_WINDOW_AXES], count;
} span;
static span span_of(const ek__window_axis *axes, const int64_t place[EK_WINDOW_AXES]) {
  span s = {.count = 1};
  for (int i = 0; i < EK_WINDOW_AXES; i++) {
    const int64_t at = place[i] * axes[i].stride - axes[i].before;
    s.first[i] = ek__max_i64(at, 0);
    s.end[i] = ek__min_i64(at + axes[i].size, axes[i].in);
    s.count *= ek__max_i64(s.end[i] - s.first[i], 0);
  }
  return s;
}

/* The body for every element under the place: x_at is where it lies in the input. */
#define FOR_ELEMENTS(b_, s_, ...)                                                                                      \
  for (int64_t i0 = (s_).first[0]; i0 < (s_).end[0]; i0++)                                                             \
    for (int64_t i1 = (s_).first[1]; i1 < (s_).end[1]; i1++)                                                           \
      for (int64_t i2 = (s_).first[2]; i2 < (s_).end[2]; i2++) {                                                       \
        const int64_t x_at = i0 * (b_)->x.axis[0] + i1 * (b_)->x.axis[1] + i2 * (b_)->x.axis[2];                       \
        __VA_ARGS__                                                                                                    \
      }

/* The first largest element of each channel and where it lies, or, if none is above the lowest number, that and the
 * first element: NaN is passed over, as TensorFlow does. */
#define LARGEST(tag_)                                                                                                  \
  static void largest_##tag_(const block *b, const int64_t *place, ek__v_##tag_ *best, int64_t *at) {                  \
    const span s = span_of(b->axes, place);                                                                            \
    const int64_t start = s.first[0] * b->x.axis[0] + s.first[1] * b->x.axis[1] + s.first[2] * b->x.axis[2];           \
    for (int64_t k = 0; k < b->cols; k++) best[k] = lowest_##tag_, at[k] = start + k * b->x.channel;                   \
    FOR_ELEMENTS(b, s, {                                                                                               \
      const ek__s_##tag_ *x = (const ek__s_##tag_ *)b->a + x_at;                                                       \
      for (int64_t k = 0; k < b->cols; k++) {                                                                          \
        const ek__v_##tag_ v = ek__get_##tag_(x[k * b->x.channel]);                                                    \
        if (v > best[k]) best[k] = v, at[k] = x_at + k * b->x.channel;                                                 \
      }                                                                                                                \
    })                                                                                                                 \
  }

#define MAX(tag_)                                                                                                      \
  static void max_##tag_(const block *b) {                                                                             \
    ek__v_##tag_ best[COLS];                                                                                           \
    int64_t at[COLS];                                                                                                  \
    FOR_PLACES(b, {                                                                                                    \
      ek__s_##tag_ *y = (ek__s_##tag_ *)b->out + y_at;                                                                 \
      largest_##tag_(b, place, best, at);                                                                              \
      for (int64_t k = 0; k < b->cols; k++) y[k * b->y.channel] = ek__put_##tag_(best[k]);                             \
    })                                                                                                                 \
  }

#define MAX_GRAD(tag_)                                                                                                 \
  static void max_grad_##tag_(const block *b) {                                                                        \
    ek__v_##tag_ best[COLS];                                                                                           \
    int64_t at[COLS];                                                                                                  \
    ek__s_##tag_ *dx = b->out;                                                                                         \
    FOR_PLACES(b, {                                                                                                    \
      const ek__s_##tag_ *dy = (const ek__s_##tag_ *)b->b + y_at;                                                      \
      largest_##tag_(b, place, best, at);                                                                              \
      for (int64_t k = 0; k < b->cols; k++)                                                                            \
        dx[at[k]] = ek__put_##tag_((ek__v_##tag_)(ek__get_##tag_(dx[at[k]]) + ek__get_##tag_(dy[k * b->y.channel])));  \
    })                                                                                                                 \
  }

#define MAX_AGAIN(tag_)                                                                                                \
  static void max_again_##tag_(const block *b) {                                                                       \
    ek__v_##tag_ best[COLS];                                                                                           \
    int64_t at[COLS];                                                                                                  \
    const ek__s_##tag_ *d = b->b;                                                                                      \
    FOR_PLACES(b, {                                                                                                    \
      ek__s_##tag_ *y = (ek__s_##tag_ *)b->out + y_at;                                                                 \
      largest_##tag_(b, place, best, at);                                                                              \
      for (int64_t k = 0; k < b->cols; k++) y[k * b->y.channel] = d[at[k]];                                            \
    })                                                                                                                 \
  }

#define AVG(tag_)                                                                                                      \
  static void avg_##tag_(const block *b) {                                                                             \
    FOR_PLACES(b, {                                                                                                    \
      double sum[COLS] = {0};                                                                                          \
      const span s = span_of(b->axes, place);                                                                          \
      ek__s_##tag_ *y = (ek__s_##tag_ *)b->out + y_at;                                                                 \
      FOR_ELEMENTS(b, s, {                                                                                             \
        const ek__s_##tag_ *x = (const ek__s_##tag_ *)b->a + x_at;                                                     \
        for (int64_t k = 0; k < b->cols; k++) sum[k] += (double)ek__get_##tag_(x[k * b->x.channel]);                   \
      })                                                                                                               \
      for (int64_t k = 0; k < b->cols; k++)                                                                            \
        y[k * b->y.channel] = ek__put_##tag_((ek__v_##tag_)(sum[k] / (double)s.count));                                \
    })                                                                                                                 \
  }

#define AVG_GRAD(tag_)                                                                                                 \
  static void avg_grad_##tag_(const block *b) {                                                                        \
    FOR_PLACES(b, {                                                                                                    \
      const span s = span_of(b->axes, place);                                                                          \
      const ek__s_##tag_ *dy = (const ek__s_##tag_ *)b->a + y_at;                                                      \
      const ek__v_##tag_ share = (ek__v_##tag_)1 / (ek__v_##tag_)s.count;                                              \
      FOR_ELEMENTS(b, s, {                                                                                             \
        ek__s_##tag_ *dx = (ek__s_##tag_ *)b->out + x_at;                                                              \
        for (int64_t k = 0; k < b->cols; k++)                                                                          \
          dx[k * b->x.channel] =                                                                                       \
              ek__put_##tag_(ek__get_##tag_(dx[k * b->x.channel]) + ek__get_##tag_(dy[k * b->y.channel]) * share);     \
      })                                                                                                               \
    })                                                                                                                 \
  }

#define MAX_LOOPS(tag_, unused_) LARGEST(tag_) MAX(tag_) MAX_GRAD(tag_) MAX_AGAIN(tag_)
#define AVG_LOOPS(tag_, unused_) AVG(tag_) AVG_GRAD(tag_)
EK_FLOAT_TAGS(MAX_LOOPS, )
EK_INT_TAGS(MAX_LOOPS, )
EK_FLOAT_TAGS(AVG_LOOPS, )

typedef void block_loop(const block *b);
#define MAX_ROW(tag_, unused_)                                                                                         \
  [EK__DTYPE_##tag_] = {                                                                                               \
      [EK__POOL_MAX] = max_##tag_, [EK__POOL_MAX_GRAD] = max_grad_##tag_, [EK__POOL_MAX_AGAIN] = max_again_##tag_},
#define AVG_ROW(tag_, unused_)                                                                                         \
  [EK__DTYPE_##tag_] = {[EK__POOL_AVG] = avg_##tag_, [EK__POOL_AVG_GRAD] = avg_grad_##tag_},
static block_loop *const max_loops[EK__DTYPES][EK__POOL_KINDS] = {EK_FLOAT_TAGS(MAX_ROW, ) EK_INT_TAGS(MAX_ROW, )};
static block_loop *const avg_loops[EK__DTYPES][EK__POOL_KINDS] = {EK_FLOAT_TAGS(AVG_ROW, )};

typedef struct job {
  const ek__pool *p;
  const char *a, *b;
  char *out;
  bool a_is_y, b_is_y, out_is_y; /* shaped like the output of pooling */
  int64_t blocks;                /* of channels in an image */
  block_loop *loop;
} job;

static void chunk(void *context, int64_t index) {
  const job *j = context;
  const ek__pool *p = j->p;
  const int64_t image = index / j->blocks, first = index % j->blocks * COLS;
  const size_t size = ek_dtype_size(p->dtype);
  block b = {.axes = p->window.axis,
             .x = ek__window_steps_of(&p->window, false, p->channels),
             .y = ek__window_steps_of(&p->window, true, p->channels),
             .cols = ek__min_i64(COLS, p->channels - first)};
  const size_t x_at = (size_t)(image * b.x.batch + first * b.x.channel) * size;
  const size_t y_at = (size_t)(image * b.y.batch + first * b.y.channel) * size;
  b.a = j->a + (j->a_is_y ? y_at : x_at);
  b.b = j->b != NULL ? j->b + (j->b_is_y ? y_at : x_at) : NULL;
  b.out = j->out + (j->out_is_y ? y_at : x_at);
  j->loop(&b);
}

bool ek__pool_run(ek__pool_kind kind, const ek__pool *p, int threads, const void *a, const void *b, void *out) {
  const bool to_input = kind == EK__POOL_MAX_GRAD || kind == EK__POOL_AVG_GRAD;
  if (p->dtype >= EK__DTYPES) return false;
  block_loop *const loop = kind >= EK__POOL_AVG ? avg_loops[p->dtype][kind] : max_loops[p->dtype][kind];
  if (loop == NULL) return false;
  job j = {.p = p,
           .a = a,
           .b = b,
           .out = out,
           .a_is_y = kind == EK__POOL_AVG_GRAD,
           .b_is_y = kind == EK__POOL_MAX_GRAD,
           .out_is_y = !to_input,
           .blocks = ek__chunk_count(p->channels, COLS),
           .loop = loop};
  ek__for_chunks(threads, p->window.batch * j.blocks, chunk, &j);
  return true;
}
