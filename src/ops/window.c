/* SPDX-License-Identifier: Apache-2.0 */
#include "ops/window.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

ek_code ek__window_fail(const ek__node *node, ek_status *st, const char *fmt, ...) {
  char text[sizeof st->msg];
  va_list ap;
  va_start(ap, fmt);
  (void)vsnprintf(text, sizeof text, fmt, ap);
  va_end(ap);
  return ek_status_set(st, EK_INVALID_ARGUMENT, "%s '%s': %s", node->type, node->name, text);
}

/* A list attribute with a number for each dimension, none below 1, and 1 for batch and channels. */
static ek_code list(const ek__node *node, const ek__window *w, const char *name, const int64_t **values,
                    ek_status *st) {
  const int rank = w->spatial + 2;
  if (*values == NULL) {
    const ek_attr *a = ek__attr_find(node, name);
    if (a == NULL) return EK_OK;
    EK_WINDOW_REQUIRE(node, st, a->kind == EK_ATTR_LIST_INT && a->n == rank,
                      "%s requires the attribute %s to contain %d values, but got: %d", node->type, name, rank, a->n);
    *values = a->v.ints;
  }
  for (int i = 0; i < w->spatial; i++)
    EK_WINDOW_REQUIRE(node, st, (*values)[ek__window_dim(w, i)] > 0, "%s must be positive, not %" PRId64, name,
                      (*values)[ek__window_dim(w, i)]);
  EK_WINDOW_REQUIRE(node, st, (*values)[0] == 1 && (*values)[ek__window_channel(w)] == 1,
                    "%s other than 1 in the batch and depth dimensions are not possible: %" PRId64 " and %" PRId64,
                    name, (*values)[0], (*values)[ek__window_channel(w)]);
  return EK_OK;
}

ek_code ek__window_init(const ek__node *node, int spatial, const int64_t *strides, ek_status *st, ek__window *w) {
  const bool given = ek__attr_find(node, "data_format") != NULL;
  const char *format = given ? ek__attr_string(node, "data_format") : spatial == 2 ? "NHWC" : "NDHWC";
  const int64_t *dilations = NULL;
  *w = (ek__window){.spatial = spatial, .channels_first = format[1] == 'C', .batch = -1};
  EK_WINDOW_REQUIRE(node, st, strlen(format) == (size_t)spatial + 2, "data_format %s is not supported", format);
  EK_TRY(list(node, w, "strides", &strides, st));
  EK_TRY(list(node, w, "dilations", &dilations, st));
  for (int i = 0; i < EK_WINDOW_AXES; i++)
    w->axis[i] = (ek__window_axis){.in = 1, .out = 1, .size = 1, .stride = 1, .dilation = 1};
  for (int i = 0; i < spatial; i++) {
    ek__window_axis *a = ek__window_at(w, i);
    const int d = ek__window_dim(w, i);
    *a = (ek__window_axis){
        .in = -1, .out = -1, .size = -1, .stride = strides[d], .dilation = dilations != NULL ? dilations[d] : 1};
  }
  return EK_OK;
}

ek_code ek__window_size(const ek__node *node, const int64_t *ksize, ek_status *st, ek__window *w) {
  EK_TRY(list(node, w, "ksize", &ksize, st));
  for (int i = 0; i < w->spatial; i++) ek__window_at(w, i)->size = ksize[ek__window_dim(w, i)];
  return EK_OK;
}

typedef enum padding_kind { SAME, VALID, EXPLICIT } padding_kind;

static ek_code explicit_pads(const ek__node *node, const ek__window *w, const int64_t **pads, ek_status *st) {
  const ek_attr *a = ek__attr_find(node, "explicit_paddings");
  const int n = 2 * (w->spatial + 2), c = ek__window_channel(w);
  const int found = a != NULL && a->kind == EK_ATTR_LIST_INT ? a->n : 0;
  EK_WINDOW_REQUIRE(node, st, found == n, "explicit_paddings attribute must contain %d values, but got: %d", n, found);
  for (int i = 0; i < n; i++)
    EK_WINDOW_REQUIRE(node, st, a->v.ints[i] >= 0,
                      "All elements of explicit_paddings must be nonnegative, not %" PRId64, a->v.ints[i]);
  EK_WINDOW_REQUIRE(node, st,
                    a->v.ints[0] == 0 && a->v.ints[1] == 0 && a->v.ints[2 * c] == 0 && a->v.ints[2 * c + 1] == 0,
                    "nonzero explicit padding in the batch or depth dimensions is not supported");
  *pads = a->v.ints;
  return EK_OK;
}

/* How far the window reaches; -1: over INT64_MAX. */
static int64_t reach(const ek__window_axis *a) {
  int64_t r = 0;
  return __builtin_mul_overflow(a->size - 1, a->dilation, &r) || __builtin_add_overflow(r, 1, &r) ? -1 : r;
}

/* out and before of one axis whose in and size are known. */
static ek_code lay(const ek__node *node, ek__window_axis *a, padding_kind kind, int64_t before, int64_t after,
                   ek_status *st) {
  const int64_t covered = reach(a);
  int64_t padded = 0;
  EK_WINDOW_REQUIRE(node, st, covered > 0, "a window of %" PRId64 " with dilation %" PRId64 " is too large", a->size,
                    a->dilation);
  if (kind == SAME) {
    a->out = a->in / a->stride + (a->in % a->stride != 0);
    const int64_t room = a->out > 0 ? (a->out - 1) * a->stride : 0; /* at most in - 1 */
    const int64_t missing = covered - (a->in - room);
    a->before = a->out > 0 && missing > 0 ? missing / 2 : 0;
    return EK_OK;
  }
  a->before = before;
  EK_WINDOW_REQUIRE(node, st,
                    !__builtin_add_overflow(a->in, before, &padded) && !__builtin_add_overflow(padded, after, &padded),
                    "the padded input is too large");
  a->out = padded >= covered ? (padded - covered) / a->stride + 1 : padded == covered - 1 ? 0 : -1;
  EK_WINDOW_REQUIRE(node, st, a->out >= 0,
                    "Computed output size would be negative: input %" PRId64 ", padding %" PRId64
                    ", effective window %" PRId64 ", stride %" PRId64,
                    a->in, before + after, covered, a->stride);
  return EK_OK;
}

ek_code ek__window_over(const ek__node *node, ek_shape x, ek_status *st, ek__window *w) {
  const char *padding = ek__attr_string(node, "padding");
  const padding_kind kind = padding[0] == 'S' ? SAME : padding[0] == 'V' ? VALID : EXPLICIT;
  const int64_t *pads = NULL;
  if (kind == EXPLICIT) EK_TRY(explicit_pads(node, w, &pads, st));
  w->batch = x.rank > 0 ? x.dim[0] : -1;
  for (int i = 0; i < w->spatial; i++) {
    ek__window_axis *a = ek__window_at(w, i);
    const int d = ek__window_dim(w, i);
    a->in = x.rank > d ? x.dim[d] : -1;
    a->out = -1;
    if (a->in < 0 || (a->size < 0 && !(kind == SAME && a->in >= 0))) continue;
    EK_WINDOW_REQUIRE(node, st, a->size != 0, "the window has size 0 along dimension %d", d);
    if (a->size < 0) { /* SAME: the output does not depend on it */
      a->out = a->in / a->stride + (a->in % a->stride != 0);
      continue;
    }
    EK_TRY(lay(node, a, kind, pads != NULL ? pads[2 * d] : 0, pads != NULL ? pads[2 * d + 1] : 0, st));
  }
  return EK_OK;
}

ek_shape ek__window_shape(const ek__window *w, bool out, int64_t channels) {
  ek_shape s = {.rank = w->spatial + 2, .dim = {w->batch}};
  s.dim[ek__window_channel(w)] = channels;
  for (int i = 0; i < w->spatial; i++) {
    const ek__window_axis *a = &w->axis[EK_WINDOW_AXES - w->spatial + i];
    s.dim[ek__window_dim(w, i)] = out ? a->out : a->in;
  }
  return s;
}

ek__window_steps ek__window_steps_of(const ek__window *w, bool out, int64_t channels) {
  ek__window_steps s = {0};
  int64_t step = 1;
  if (!w->channels_first) {
    s.channel = 1;
    step = channels;
  }
  for (int i = EK_WINDOW_AXES - 1; i >= 0; i--) {
    s.axis[i] = step;
    step *= out ? w->axis[i].out : w->axis[i].in;
  }
  if (w->channels_first) {
    s.channel = step;
    step *= channels;
  }
  s.batch = step;
  return s;
}
