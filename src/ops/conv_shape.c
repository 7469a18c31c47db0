/* SPDX-License-Identifier: Apache-2.0 */
#include "ops/conv.h"

#include <inttypes.h>

static ek_code channels_of(const ek__node *node, bool depthwise, ek_shape x, ek_shape filter, ek_status *st,
                           ek__conv *p) {
  const int64_t last = filter.rank > 0 ? filter.dim[filter.rank - 1] : -1;
  const int64_t taken = filter.rank > 0 ? filter.dim[filter.rank - 2] : -1;
  p->in_channels = x.rank > 0 ? x.dim[ek__window_channel(&p->window)] : -1;
  p->groups = p->out_channels = -1;
  if (depthwise) {
    EK_WINDOW_REQUIRE(node, st, p->in_channels < 0 || taken < 0 || p->in_channels == taken,
                      "input and filter must have the same depth: %" PRId64 " vs %" PRId64, p->in_channels, taken);
    if (p->in_channels < 0) p->in_channels = taken;
    if (p->in_channels >= 0 && last >= 0)
      EK_WINDOW_REQUIRE(node, st, !__builtin_mul_overflow(p->in_channels, last, &p->out_channels),
                        "the output has too many channels");
    p->groups = p->in_channels;
    return EK_OK;
  }
  p->out_channels = last;
  if (p->in_channels < 0 || taken < 0) return EK_OK;
  if (p->in_channels == taken) {
    p->groups = 1;
    return EK_OK;
  }
  EK_WINDOW_REQUIRE(node, st, taken > 0 && p->in_channels > 0 && p->in_channels % taken == 0,
                    "Depth of input (%" PRId64 ") is not a multiple of input depth of filter (%" PRId64 ")",
                    p->in_channels, taken);
  p->groups = p->in_channels / taken;
  EK_WINDOW_REQUIRE(node, st, last < 0 || last % p->groups == 0,
                    "Depth of output (%" PRId64 ") is not a multiple of the number of groups (%" PRId64 ")", last,
                    p->groups);
  return EK_OK;
}

ek_code ek__conv_init(const ek__node *node, int spatial, bool depthwise, ek_shape x, ek_shape filter, ek_status *st,
                      ek__conv *p) {
  *p = (ek__conv){.dtype = ek__attr_type(node, "T")};
  char text[EK_SHAPE_TEXT];
  EK_TRY(ek__window_init(node, spatial, NULL, st, &p->window));
  EK_WINDOW_REQUIRE(node, st, x.rank < 0 || x.rank == spatial + 2, "input must be %d-dimensional: %s", spatial + 2,
                    ek_shape_format(x, text, sizeof text));
  EK_WINDOW_REQUIRE(node, st, filter.rank < 0 || filter.rank == spatial + 2, "filter must be %d-dimensional: %s",
                    spatial + 2, ek_shape_format(filter, text, sizeof text));
  for (int i = 0; i < spatial && filter.rank > 0; i++) ek__window_at(&p->window, i)->size = filter.dim[i];
  EK_TRY(channels_of(node, depthwise, x, filter, st, p));
  return ek__window_over(node, x, st, &p->window);
}

double ek__conv_work(const ek__conv *p) {
  const ek__window_axis *a = p->window.axis;
  double work = (double)p->window.batch * (double)ek__conv_window_elements(p);
  for (int i = 0; i < EK_WINDOW_AXES; i++) work *= (double)a[i].out;
  return p->groups > 0 ? work * (double)ek__conv_in_of_group(p) * (double)p->out_channels : 0.0;
}
