/* SPDX-License-Identifier: Apache-2.0 */
#include "kernels/schedule.h"
#include "ops/conv.h"
#include "ops/number.h"

enum { COLS = 64 }; /* results computed side by side */

/* A call: the description and what follows from it. */
typedef struct job {
  const ek__conv *p;
  const void *a, *b;
  void *out;
  ek__window_steps x, y; /* of the input, of the output */
  int64_t in_of_group, out_of_group;
  void (*loop)(const struct job *j, int64_t row);
  int64_t rows, per_chunk;
} job;

/* One row of the input or output: batch, depth, height. */
typedef struct place {
  int64_t batch, axis[EK_WINDOW_AXES];
} place;
static place place_of(int64_t row, int64_t depth, int64_t height) {
  return (place){row / height / depth, {row / height % depth, row % height, 0}};
}

/* The body for every element k[0..2] of the window that pair_ (an ek__window_... function) finds a partner for;
 * partner[i] holds it. */
#define FOR_WINDOW(axes_, pair_, at_, ...)                                                                             \
  for (int64_t k0 = 0; k0 < (axes_)[0].size; k0++) {                                                                   \
    if (!pair_(&(axes_)[0], (at_)[0], k0, &partner[0])) continue;                                                      \
    for (int64_t k1 = 0; k1 < (axes_)[1].size; k1++) {                                                                 \
      if (!pair_(&(axes_)[1], (at_)[1], k1, &partner[1])) continue;                                                    \
      for (int64_t k2 = 0; k2 < (axes_)[2].size; k2++) {                                                               \
        if (!pair_(&(axes_)[2], (at_)[2], k2, &partner[2])) continue;                                                  \
        const int64_t element = (k0 * (axes_)[1].size + k1) * (axes_)[2].size + k2;                                    \
        __VA_ARGS__                                                                                                    \
      }                                                                                                                \
    }                                                                                                                  \
  }

static int64_t offset(const ek__window_steps *s, int64_t batch, const int64_t axis[EK_WINDOW_AXES]) {
  return batch * s->batch + axis[0] * s->axis[0] + axis[1] * s->axis[1] + axis[2] * s->axis[2];
}

/* Output channels [first, first + cols) lie in one group, or each input channel is a group. */
static int64_t cols_from(const job *j, int64_t first) {
  const int64_t end = j->in_of_group == 1 ? j->p->out_channels : (first / j->out_of_group + 1) * j->out_of_group;
  return ek__min_i64(COLS, end - first);
}

/* A row of y. */
#define FORWARD(tag_, type_)                                                                                           \
  static void forward_##tag_(const job *j, int64_t row) {                                                              \
    const ek__window_axis *axes = j->p->window.axis;                                                                   \
    place at = place_of(row, axes[0].out, axes[1].out);                                                                \
    const int64_t n_out = j->p->out_channels, cin = j->in_of_group, cout = j->out_of_group, cs = j->x.channel;         \
    for (; at.axis[2] < axes[2].out; at.axis[2]++)                                                                     \
      for (int64_t first = 0, cols = 0; first < n_out; first += cols) {                                                \
        type_ acc[COLS] = {0};                                                                                         \
        int64_t partner[EK_WINDOW_AXES];                                                                               \
        cols = cols_from(j, first);                                                                                    \
        FOR_WINDOW(axes, ek__window_element, at.axis, {                                                                \
          const ek__s_##tag_ *w = (const ek__s_##tag_ *)j->b + element * cin * n_out + first;                          \
          const ek__s_##tag_ *x =                                                                                      \
              (const ek__s_##tag_ *)j->a + offset(&j->x, at.batch, partner) + first / cout * cin * cs;                 \
          if (cin == 1) /* every output channel has an input channel of its own */                                     \
            for (int64_t o = 0; o < cols; o++)                                                                         \
              acc[o] +=                                                                                                \
                  (type_)ek__get_##tag_(x[((first + o) / cout - first / cout) * cs]) * (type_)ek__get_##tag_(w[o]);    \
          else                                                                                                         \
            for (int64_t i = 0; i < cin; i++, w += n_out) {                                                            \
              const type_ v = (type_)ek__get_##tag_(x[i * cs]);                                                        \
              for (int64_t o = 0; o < cols; o++) acc[o] += v * (type_)ek__get_##tag_(w[o]);                            \
            }                                                                                                          \
        })                                                                                                             \
        ek__s_##tag_ *y = (ek__s_##tag_ *)j->out + offset(&j->y, at.batch, at.axis) + first * j->y.channel;            \
        for (int64_t o = 0; o < cols; o++) y[o * j->y.channel] = ek__put_##tag_((ek__v_##tag_)acc[o]);                 \
      }                                                                                                                \
  }

/* A row of dx. */
#define INPUT(tag_, type_)                                                                                             \
  static void input_##tag_(const job *j, int64_t row) {                                                                \
    const ek__window_axis *axes = j->p->window.axis;                                                                   \
    place at = place_of(row, axes[0].in, axes[1].in);                                                                  \
    const int64_t n_in = j->p->in_channels, n_out = j->p->out_channels, cin = j->in_of_group, cout = j->out_of_group;  \
    for (; at.axis[2] < axes[2].in; at.axis[2]++)                                                                      \
      for (int64_t first = 0, cols = 0; first < n_in; first += cols) {                                                 \
        type_ acc[COLS] = {0};                                                                                         \
        int64_t partner[EK_WINDOW_AXES];                                                                               \
        cols = ek__min_i64(COLS, n_in - first);                                                                        \
        FOR_WINDOW(axes, ek__window_place, at.axis, {                                                                  \
          const ek__s_##tag_ *w = (const ek__s_##tag_ *)j->a + element * cin * n_out;                                  \
          const ek__s_##tag_ *dy = (const ek__s_##tag_ *)j->b + offset(&j->y, at.batch, partner);                      \
          for (int64_t i = 0; i < cols; i++) {                                                                         \
            const int64_t o = (first + i) / cin * cout;                                                                \
            const ek__s_##tag_ *wi = w + (first + i) % cin * n_out + o;                                                \
            type_ sum = 0;                                                                                             \
            for (int64_t k = 0; k < cout; k++)                                                                         \
              sum += (type_)ek__get_##tag_(dy[(o + k) * j->y.channel]) * (type_)ek__get_##tag_(wi[k]);                 \
            acc[i] += sum;                                                                                             \
          }                                                                                                            \
        })                                                                                                             \
        ek__s_##tag_ *dx = (ek__s_##tag_ *)j->out + offset(&j->x, at.batch, at.axis) + first * j->x.channel;           \
        for (int64_t i = 0; i < cols; i++) dx[i * j->x.channel] = ek__put_##tag_((ek__v_##tag_)acc[i]);                \
      }                                                                                                                \
  }

/* A row of dfilter: one element of the window, one input channel of each group. */
#define FILTER(tag_, type_)                                                                                            \
  static void filter_##tag_(const job *j, int64_t row) {                                                               \
    const ek__window_axis *axes = j->p->window.axis;                                                                   \
    const int64_t n_out = j->p->out_channels, cin = j->in_of_group, cout = j->out_of_group, cs = j->x.channel;         \
    const int64_t element = row / cin, i = row % cin;                                                                  \
    const int64_t k[EK_WINDOW_AXES] = {element / axes[2].size / axes[1].size, element / axes[2].size % axes[1].size,   \
                                       element % axes[2].size};                                                        \
    for (int64_t first = 0, cols = 0; first < n_out; first += cols) {                                                  \
      type_ acc[COLS] = {0};                                                                                           \
      cols = cols_from(j, first);                                                                                      \
      for (int64_t p = 0; p < j->p->window.batch * axes[0].out * axes[1].out; p++) {                                   \
        place at = place_of(p, axes[0].out, axes[1].out), in = {.batch = at.batch};                                    \
        if (!ek__window_element(&axes[0], at.axis[0], k[0], &in.axis[0]) ||                                            \
            !ek__window_element(&axes[1], at.axis[1], k[1], &in.axis[1]))                                              \
          continue;                                                                                                    \
        for (; at.axis[2] < axes[2].out; at.axis[2]++) {                                                               \
          if (!ek__window_element(&axes[2], at.axis[2], k[2], &in.axis[2])) continue;                                  \
          const ek__s_##tag_ *x =                                                                                      \
              (const ek__s_##tag_ *)j->a + offset(&j->x, in.batch, in.axis) + (first / cout * cin + i) * cs;           \
          const ek__s_##tag_ *dy =                                                                                     \
              (const ek__s_##tag_ *)j->b + offset(&j->y, at.batch, at.axis) + first * j->y.channel;                    \
          if (cin == 1) {                                                                                              \
            for (int64_t o = 0; o < cols; o++)                                                                         \
              acc[o] += (type_)ek__get_##tag_(x[((first + o) / cout - first / cout) * cs]) *                           \
                        (type_)ek__get_##tag_(dy[o * j->y.channel]);                                                   \
          } else {                                                                                                     \
            const type_ v = (type_)ek__get_##tag_(*x);                                                                 \
            for (int64_t o = 0; o < cols; o++) acc[o] += v * (type_)ek__get_##tag_(dy[o * j->y.channel]);              \
          }                                                                                                            \
        }                                                                                                              \
      }                                                                                                                \
      ek__s_##tag_ *dw = (ek__s_##tag_ *)j->out + row * n_out + first;                                                 \
      for (int64_t o = 0; o < cols; o++) dw[o] = ek__put_##tag_((ek__v_##tag_)acc[o]);                                 \
    }                                                                                                                  \
  }

#define LOOPS(tag_, type_) FORWARD(tag_, type_) INPUT(tag_, type_) FILTER(tag_, type_)
LOOPS(f32, double)
LOOPS(f64, double)
LOOPS(f16, double)
LOOPS(bf16, double)
LOOPS(i32, uint64_t) /* modulo 2^64, as integers wrap around */

#define TABLE(tag_)                                                                                                    \
  [EK__DTYPE_##tag_] = {                                                                                               \
      [EK__CONV_FORWARD] = forward_##tag_, [EK__CONV_INPUT] = input_##tag_, [EK__CONV_FILTER] = filter_##tag_}
static void (*const loops[EK__DTYPES][3])(const job *j, int64_t row) = {TABLE(f32), TABLE(f64), TABLE(f16), TABLE(bf16),
                                                                        TABLE(i32)};

static void chunk(void *context, int64_t index) {
  const job *j = context;
  const int64_t end = ek__min_i64(j->rows, (index + 1) * j->per_chunk);
  for (int64_t row = index * j->per_chunk; row < end; row++) j->loop(j, row);
}

bool ek__conv_plain(ek__conv_kind kind, const ek__conv *p, int threads, const void *a, const void *b, void *out) {
  const ek__window *w = &p->window;
  if (p->dtype >= EK__DTYPES || loops[p->dtype][kind] == NULL) return false;
  if (p->groups == 0) return true; /* no channels: nothing to compute */
  job j = {.p = p,
           .a = a,
           .b = b,
           .out = out,
           .x = ek__window_steps_of(w, false, p->in_channels),
           .y = ek__window_steps_of(w, true, p->out_channels),
           .in_of_group = ek__conv_in_of_group(p),
           .out_of_group = ek__conv_out_of_group(p),
           .loop = loops[p->dtype][kind]};
  switch (kind) {
  case EK__CONV_FORWARD: j.rows = w->batch * w->axis[0].out * w->axis[1].out; break;
  case EK__CONV_INPUT: j.rows = w->batch * w->axis[0].in * w->axis[1].in; break;
  case EK__CONV_FILTER: j.rows = ek__conv_window_elements(p) * j.in_of_group; break;
  }
  if (j.rows == 0) return true;
  const double work = ek__conv_work(p) / (double)j.rows;
  j.per_chunk = work < 32768.0 ? (int64_t)(65536.0 / (work + 1.0)) + 1 : 1;
  ek__for_chunks(threads, ek__chunk_count(j.rows, j.per_chunk), chunk, &j);
  return true;
}
