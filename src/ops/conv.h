/* SPDX-License-Identifier: Apache-2.0 */
/* Convolutions of images and volumes, dense, grouped and depthwise, and their two gradients: one description for all of
 * them. Filters are [depth, height, width, in_channels / groups, out_channels]; output channel o belongs to group
 * o / (out_channels / groups). A depthwise filter [height, width, channels, multiplier] lies in memory as one of
 * `channels` groups. */
#ifndef EK_OPS_CONV_H
#define EK_OPS_CONV_H

#include "ops/window.h"

typedef enum ek__conv_kind {
  EK__CONV_FORWARD, /* y from x and filter */
  EK__CONV_INPUT,   /* dx from filter and dy */
  EK__CONV_FILTER   /* dfilter from x and dy */
} ek__conv_kind;

typedef struct ek__conv {
  ek_dtype dtype;
  int64_t in_channels, out_channels, groups;
  ek__window window;
} ek__conv;

static inline int64_t ek__conv_in_of_group(const ek__conv *p) { return p->in_channels / p->groups; }
static inline int64_t ek__conv_out_of_group(const ek__conv *p) { return p->out_channels / p->groups; }
static inline int64_t ek__conv_window_elements(const ek__conv *p) {
  return p->window.axis[0].size * p->window.axis[1].size * p->window.axis[2].size;
}
/* Multiplications of any of the three, as a double: they may be many. */
double ek__conv_work(const ek__conv *p);

/* What the node computes with inputs and filters of these shapes, as far as they are known: sizes and channels that
 * are not are -1. depthwise: the filter's last two dimensions are channels and multiplier. */
ek_code ek__conv_init(const ek__node *node, int spatial, bool depthwise, ek_shape x, ek_shape filter, ek_status *st,
                      ek__conv *p);

/* Plain loops for every dtype, accumulating in double or int64_t: what there is without oneDNN, what it is tested
 * against, and what computes all dtypes but float32. a and b: the two inputs in the order of ek__conv_kind. False for a
 * dtype that it cannot do. The same bits for any number of threads. */
bool ek__conv_plain(ek__conv_kind kind, const ek__conv *p, int threads, const void *a, const void *b, void *out);

#endif
