/* SPDX-License-Identifier: Apache-2.0 */
/* A window that slides over an image or a volume: what convolutions and pooling have in common. Three axes always,
 * depth, height and width; of an image the depth is one window of size 1. */
#ifndef EK_OPS_WINDOW_H
#define EK_OPS_WINDOW_H

#include "ops/run.h"

enum { EK_WINDOW_AXES = 3 };

typedef struct ek__window_axis {
  int64_t in, out; /* elements of the input, places of the window */
  int64_t size, stride, dilation;
  int64_t before; /* padding; what comes behind the input follows from the rest */
} ek__window_axis;

typedef struct ek__window {
  int spatial; /* 2 or 3 */
  bool channels_first;
  int64_t batch;
  ek__window_axis axis[EK_WINDOW_AXES];
} ek__window;

/* "Conv2D 'a/b': ..." as INVALID_ARGUMENT. */
ek_code ek__window_fail(const ek__node *node, ek_status *st, const char *fmt, ...) EK_PRINTF(3, 4);
#define EK_WINDOW_REQUIRE(node_, st_, cond_, ...)                                                                      \
  do {                                                                                                                 \
    if (!(cond_)) return ek__window_fail((node_), (st_), __VA_ARGS__);                                                 \
  } while (0)

/* Which dimension of a tensor of that many spatial ones holds the channels, and spatial axis i. */
static inline int ek__window_channel(const ek__window *w) { return w->channels_first ? 1 : w->spatial + 1; }
static inline int ek__window_dim(const ek__window *w, int i) { return i + (w->channels_first ? 2 : 1); }
/* The same axis in ek__window.axis. */
static inline ek__window_axis *ek__window_at(ek__window *w, int i) { return &w->axis[EK_WINDOW_AXES - w->spatial + i]; }

/* From the node's attributes; strides, one number for each dimension of the tensor, may take the attribute's place. */
ek_code ek__window_init(const ek__node *node, int spatial, const int64_t *strides, ek_status *st, ek__window *w);
/* ksize of pooling, likewise. */
ek_code ek__window_size(const ek__node *node, const int64_t *ksize, ek_status *st, ek__window *w);
/* Sets in, before and out of each axis: the input has shape x; sizes are there. A dimension or size that is not known
 * (-1) leaves out = -1. */
ek_code ek__window_over(const ek__node *node, ek_shape x, ek_status *st, ek__window *w);

/* Elements of a tensor lie this far apart. */
typedef struct ek__window_steps {
  int64_t batch, axis[EK_WINDOW_AXES], channel;
} ek__window_steps;
/* A tensor with so many channels over the input (out: over the places of the window). */
ek__window_steps ek__window_steps_of(const ek__window *w, bool out, int64_t channels);

/* The shape of the input (out: of the output) with so many channels. */
ek_shape ek__window_shape(const ek__window *w, bool out, int64_t channels);

/* The place of the window at which its element k lies over input element i; false if there is none. */
static inline bool ek__window_place(const ek__window_axis *a, int64_t i, int64_t k, int64_t *place) {
  const int64_t at = i + a->before - k * a->dilation;
  *place = at / a->stride;
  return at >= 0 && at % a->stride == 0 && *place < a->out;
}
/* The input element under element k of the window at `place`; false outside the input. */
static inline bool ek__window_element(const ek__window_axis *a, int64_t place, int64_t k, int64_t *i) {
  *i = place * a->stride - a->before + k * a->dilation;
  return *i >= 0 && *i < a->in;
}

#endif
