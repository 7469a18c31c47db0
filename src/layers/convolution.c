/* SPDX-License-Identifier: Apache-2.0 */
#include "layers/convolution.h"

#include "layers/build.h"

#include <inttypes.h>
#include <string.h>
#include <strings.h>

/* ---- Arguments */

/* One positive number a dimension; 0 stands for the first. */
static bool fill(ek_graph *g, const char *layer, const char *what, int n, const int64_t *from, int64_t *to) {
  for (int i = 0; i < EK__MAX_SPATIAL; i++) to[i] = 1;
  for (int i = 0; i < n; i++) {
    to[i] = i > 0 && from[i] == 0 ? from[0] : from[i];
    if (to[i] > 0 && to[i] <= INT32_MAX) continue;
    ek_graph_fail(g, EK_INVALID_ARGUMENT, "%s '%s': %s is %" PRId64 "; it must be positive", layer,
                  ek_current_name_scope(g), what, to[i]);
    return false;
  }
  return true;
}

static bool one_of(ek_graph *g, const char *layer, const char *what, const char *given, const char *no, const char *yes,
                   bool *is_yes) {
  *is_yes = given != NULL && strcasecmp(given, yes) == 0;
  if (*is_yes || (given != NULL && strcasecmp(given, no) == 0)) return true;
  ek_graph_fail(g, EK_INVALID_ARGUMENT, "%s '%s': %s is '%s'; allowed: \"%s\", \"%s\"", layer, ek_current_name_scope(g),
                what, given != NULL ? given : "", no, yes);
  return false;
}

bool ek__sliding_init(ek_graph *g, const char *layer, int spatial, const int64_t *size, const int64_t *strides,
                      const int64_t *dilation, const char *padding, const char *data_format, ek__sliding *w) {
  static const int64_t none[EK__MAX_SPATIAL] = {1, 1, 1};
  *w = (ek__sliding){.spatial = spatial};
  if (ek_graph_status(g, NULL) != EK_OK || !fill(g, layer, "the size of the window", spatial, size, w->size) ||
      !fill(g, layer, "strides", spatial, strides, w->strides) ||
      !fill(g, layer, "dilation_rate", spatial, dilation != NULL ? dilation : none, w->dilation) ||
      !one_of(g, layer, "padding", padding, "valid", "same", &w->same) ||
      !one_of(g, layer, "data_format", data_format, "channels_last", "channels_first", &w->channels_first))
    return false;
  bool strided = false, dilated = false;
  for (int i = 0; i < spatial; i++) strided = strided || w->strides[i] > 1, dilated = dilated || w->dilation[i] > 1;
  if (strided && dilated)
    ek_graph_fail(g, EK_INVALID_ARGUMENT, "%s '%s': strides > 1 not supported in conjunction with dilation_rate > 1",
                  layer, ek_current_name_scope(g));
  return !(strided && dilated);
}

bool ek__sliding_accepts(ek_graph *g, const char *layer, const ek__sliding *w, ek_out inputs, int64_t *channels) {
  char text[EK_SHAPE_TEXT];
  if (!ek__given(g, "inputs", inputs)) return false;
  const ek_shape s = ek_out_shape(g, inputs);
  const ek_dtype dtype = ek_out_dtype(g, inputs);
  if (s.rank != w->spatial + 2)
    ek_graph_fail(g, EK_INVALID_ARGUMENT, "%s '%s': inputs have shape %s; the rank must be %d", layer,
                  ek_current_name_scope(g), ek_shape_format(s, text, sizeof text), w->spatial + 2);
  else if (s.dim[ek__sliding_channel(w)] < 0)
    ek_graph_fail(g, EK_INVALID_ARGUMENT,
                  "%s '%s': inputs have shape %s; The channel dimension of the inputs should be defined", layer,
                  ek_current_name_scope(g), ek_shape_format(s, text, sizeof text));
  else if (!ek_dtype_is_floating(dtype))
    ek_graph_fail(g, EK_INVALID_ARGUMENT, "%s '%s': inputs are %s; they must be floating", layer,
                  ek_current_name_scope(g), ek_dtype_name(dtype));
  else {
    *channels = s.dim[ek__sliding_channel(w)];
    return true;
  }
  return false;
}

int ek__sliding_list(const ek__sliding *w, const int64_t *values, int64_t list[EK__MAX_SPATIAL + 2]) {
  for (int i = 0; i < w->spatial + 2; i++) list[i] = 1;
  for (int i = 0; i < w->spatial; i++) list[ek__sliding_dim(w, i)] = values[i];
  return w->spatial + 2;
}

/* ---- Dilation */

static ek_out pairs(ek_graph *g, const char *name, const int64_t *values, int n) {
  return ek_convert(g, ek_integer_array(g, ek_shape(n, 2), values), EK_INT32, name);
}

bool ek__dilation_begin(ek_graph *g, const ek__sliding *w, ek_out filter_shape, ek_out *inputs, ek__dilation *d) {
  const ek_shape s = ek_out_shape(g, *inputs);
  const int n = w->spatial, skipped = w->channels_first; /* dimensions before the spatial ones, without the batch */
  int64_t base[2 * EK__MAX_SPATIAL] = {0}, pads[2 * EK__MAX_SPATIAL + 2] = {0}, crops[2 * EK__MAX_SPATIAL + 2] = {0};
  int64_t block[EK__MAX_SPATIAL + 1] = {1, 1, 1, 1};
  bool dilated = false;
  for (int i = 0; i < n; i++) {
    if (s.dim[ek__sliding_dim(w, i)] < 0) return false;
    dilated = dilated || w->dilation[i] > 1;
  }
  if (!dilated) return false;
  (void)ek_convert(g, ek_integers(g, w->dilation, n), EK_INT32, "dilation_rate");
  if (w->same && filter_shape.op != 0) (void)ek_convert(g, filter_shape, EK_INT32, "filter_shape");
  for (int i = 0; i < n; i++) {
    const int64_t extra = w->same ? (w->size[i] - 1) * w->dilation[i] : 0, start = extra / 2;
    const int64_t end = extra - start, dim = s.dim[ek__sliding_dim(w, i)], by = w->dilation[i];
    const int64_t more = (by - (dim + extra) % by) % by;
    base[2 * i] = pads[2 * (i + skipped)] = start;
    base[2 * i + 1] = end;
    pads[2 * (i + skipped) + 1] = (end + more);
    crops[2 * (i + skipped) + 1] = more;
    block[i + skipped] = by;
  }
  if (w->same) (void)pairs(g, "stack", base, n);
  (void)ek_name_scope_begin(g, "required_space_to_batch_paddings");
  (void)ek_convert(g, ek_integers(g, &s.dim[ek__sliding_dim(w, 0)], n), EK_INT32, "input_shape");
  if (!w->same) (void)pairs(g, "base_paddings", base, n);
  (void)pairs(g, "paddings", &pads[2 * skipped], n);
  (void)pairs(g, "crops", &crops[2 * skipped], n);
  ek_name_scope_end(g);
  for (int i = 0; i < n + skipped; i++) d->block_size[i] = block[i];
  d->n = n + skipped;
  memcpy(d->crops, crops, sizeof d->crops);
  *inputs =
      ek_op_output(ek_build(g, "SpaceToBatchND",
                            EK_OUTS(*inputs, ek_integers(g, block, d->n), ek_integer_array(g, ek_shape(d->n, 2), pads)),
                            EK_NO_ATTRS),
                   0);
  return true;
}

ek_out ek__dilation_end(ek_graph *g, const ek__dilation *d, ek_out outputs) {
  return ek_op_output(
      ek_build(g, "BatchToSpaceND",
               EK_OUTS(outputs, ek_integers(g, d->block_size, d->n), ek_integer_array(g, ek_shape(d->n, 2), d->crops)),
               EK_NO_ATTRS),
      0);
}

/* ---- Convolution */

/* The op in the open scope, and called as it. dense: without dilation, and without padding. */
static ek_out op(ek_graph *g, const ek__sliding *w, bool dense, ek_out inputs, ek_out filter) {
  int64_t strides[EK__MAX_SPATIAL + 2], dilations[EK__MAX_SPATIAL + 2];
  static const int64_t ones[EK__MAX_SPATIAL] = {1, 1, 1};
  const bool volume = w->spatial == 3;
  int n = ek__sliding_list(w, w->strides, strides);
  (void)ek__sliding_list(w, dense ? ones : w->dilation, dilations);
  const int64_t at = w->channels_first ? -2 : -3; /* of steps: the height that is added */
  if (w->spatial == 1) {
    const int d = w->channels_first ? 2 : 1;
    for (int i = n++; i > d; i--) strides[i] = strides[i - 1], dilations[i] = dilations[i - 1];
    strides[d] = dilations[d] = 1;
    inputs = ek__op2(g, "ExpandDims", inputs, ek_integer(g, at));
    filter = ek__op2(g, "ExpandDims", filter, ek_integer(g, 0));
  }
  const char *format = volume ? w->channels_first ? "NCDHW" : "NDHWC" : ek__sliding_format(w);
  ek_out y =
      ek_op_output(ek_build(ek_named_scope(g), volume ? "Conv3D" : "Conv2D", EK_OUTS(inputs, filter),
                            EK_ATTRS(EK_INTS_ATTR("strides", strides, n), EK_INTS_ATTR("dilations", dilations, n),
                                     EK_STRING_ATTR("padding", w->same && !dense ? "SAME" : "VALID"),
                                     EK_STRING_ATTR("data_format", format))),
                   0);
  if (w->spatial == 1)
    y = ek_op_output(ek_build(g, "Squeeze", EK_OUTS(y), EK_ATTRS(EK_INTS_ATTR("squeeze_dims", &at, 1))), 0);
  return y;
}

ek_out ek__py_convolution(ek_graph *g, const char *name, const ek__sliding *w, ek_out inputs, ek_out filter) {
  const ek_shape f = ek_out_shape(g, filter);
  ek__dilation d;
  (void)ek_name_scope_begin(g, name);
  const bool dense = ek__dilation_begin(g, w, ek_integers(g, f.dim, f.rank > 0 ? f.rank : 0), &inputs, &d);
  ek_out y = op(g, w, dense, inputs, filter);
  if (dense) y = ek__dilation_end(g, &d, y);
  ek_name_scope_end(g);
  return y;
}
