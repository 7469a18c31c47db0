/* SPDX-License-Identifier: Apache-2.0 */
/* The gradient of Einsum: another one, with the subscripts of the output and of the other input; what the input alone
 * sums over comes back by a broadcast, and what an ellipsis broadcast is summed. */
#include "ops/einsum.h"

#include "graph/fill.h"
#include "ops/grad_util.h"

#include <stdio.h>
#include <string.h>

enum { MAX_SUBS = EK_MAX_RANK + 4 }; /* letters, three points, NUL */
typedef struct subs {
  char text[2 * MAX_SUBS];
} subs;

static const char dots[] = "...";

static bool has_dots(const subs *s) { return strstr(s->text, dots) != NULL; }

/* The subscripts of the inputs and of the output. */
static void split(const char *equation, subs parts[3]) {
  int part = 0, n = 0;
  memset(parts, 0, 3 * sizeof *parts);
  for (const char *c = equation; *c != '\0'; c++) {
    if (*c == ' ' || *c == '>') continue;
    if (*c == ',' || *c == '-') {
      part = *c == '-' ? 2 : part + 1;
      n = 0;
    } else if (n < MAX_SUBS && part < 3) {
      parts[part].text[n++] = *c;
    }
  }
}

static ek_out einsum(ek_graph *g, ek_outs in, const char *from, const char *with, const char *to) {
  char equation[8 * MAX_SUBS];
  (void)snprintf(equation, sizeof equation, "%s%s%s->%s", from, in.n == 2 ? "," : "", in.n == 2 ? with : "", to);
  return ek_op_output(ek_build(g, "Einsum", in, EK_ATTRS(EK_STRING_ATTR("equation", equation))), 0);
}

static ek_out concat(ek_graph *g, ek_out a, ek_out b) {
  return ek__op3(ek_named(g, "concat"), "ConcatV2", a, b, ek_integer(g, 0));
}

/* ---- subscripts that only one input has */

/* Splits own into the letters that others do not have, once each, and the rest. */
static void without(const subs *own, const char *others, subs *reduced, subs *kept) {
  *reduced = *kept = (subs){""};
  for (const char *c = own->text; *c != '\0'; c++) {
    char *to = *c == '.' || strchr(others, *c) != NULL ? kept->text : reduced->text;
    if (to == kept->text || strchr(to, *c) == NULL) to[strlen(to)] = *c;
  }
}

/* Which axis the first of that letter is; behind an ellipsis counted from the end. */
static int64_t axis_of(const subs *s, char letter) {
  const char *at = strchr(s->text, letter), *points = strstr(s->text, dots);
  return points == NULL || at < points ? at - s->text : at - (s->text + strlen(s->text));
}

static bool repeats(const subs *s) {
  for (const char *c = s->text; *c != '\0'; c++)
    if (strchr(c + 1, *c) != NULL) return true;
  return false;
}

/* math_ops.reduced_shape: the shape with 1 for these axes. */
static ek_out reduced_shape(ek_graph *g, ek_shape known, ek_out shape, const int64_t *axes, int n) {
  ek_out at = ek_constant_int32s(g, axes, n);
  if (ek_shape_is_known(known)) {
    for (int i = 0; i < n; i++) known.dim[axes[i] < 0 ? axes[i] + known.rank : axes[i]] = 1;
    return ek_integers(g, known.dim, known.rank);
  }
  const int64_t length = known.rank;
  const ek_out rank =
      length >= 0 ? ek__grad_scoped(g, "Size", ek_integer(g, length), EK_INT32) : ek__op1(g, "Size", shape);
  at = ek__op2(ek_named(g, "add"), "AddV2", at, rank);
  at = ek__op2(ek_named(g, "mod"), "FloorMod", at, rank);
  const ek_out size = ek__grad_shape(g, at);
  const ek_out all = ek__op3(ek_named(g, "range"), "Range", ek_integer(g, 0), rank, ek_integer(g, 1));
  const ek_out ones = ek__fill(g, size, EK_INT32, 1.0, "ones");
  return ek_op_output(ek_build(g, "DynamicStitch", EK_OUTS(all, at, shape, ones), EK_ATTRS(EK_INT_ATTR("N", 2))), 0);
}

static ek_out ones_list(ek_graph *g, int64_t n) { /* array_ops.ones(n) */
  (void)ek_name_scope_begin(g, ek_graph_text(g, "%s/", ek_unique_name(g, "ones", false)));
  const ek_out shape = ek_constant_int32s(ek_named(g, "shape_as_tensor"), &n, 1);
  ek_name_scope_end(g);
  return ek__fill(g, shape, EK_INT32, 1.0, "ones");
}

/* From dy with the subscripts `out` to the shape of x, whose subscripts own has, and with them those that were summed
 * over. */
static ek_out undo_sum(ek_graph *g, ek_out x, ek_out dy, const subs *out, const subs *own, ek_out shape,
                       const subs *reduced, const subs *kept) {
  int64_t axes[EK_MAX_RANK];
  ek_out dims[EK_MAX_RANK];
  const int n = (int)strlen(reduced->text);
  char from[4 * MAX_SUBS];
  for (int i = 0; i < n; i++) axes[i] = axis_of(own, reduced->text[i]);
  for (int i = 0; i < n; i++) dims[i] = ek__vector_slice(g, shape, axes[i], axes[i] + 1, "shrink_axis_mask");
  const ek_out summed = ek_op_output(ek_build(ek_named(g, "stack"), "Pack", (ek_outs){dims, n}, EK_NO_ATTRS), 0);
  if (!repeats(own) && !repeats(out) && strcmp(kept->text, out->text) == 0) {
    const ek_out column = reduced_shape(g, ek_out_shape(g, x), shape, axes, n);
    return ek__op2(g, "BroadcastTo", ek__op2(g, "Reshape", dy, column), shape);
  }
  const ek_out full = concat(g, summed, ek__grad_shape(g, dy));
  const ek_out ones = ones_list(g, n);
  const ek_out column = concat(g, ones, ek__grad_shape(g, dy));
  const ek_out wide = ek__op2(g, "BroadcastTo", ek__op2(g, "Reshape", dy, column), full);
  (void)snprintf(from, sizeof from, "%s%s", reduced->text, out->text);
  return einsum(g, EK_OUTS(wide), from, NULL, own->text);
}

/* ---- one input, two inputs */

static void of_one(ek_grad_context *c, const subs parts[3]) {
  ek_graph *g = c->g;
  subs reduced, kept;
  const ek_out x = ek__grad_in(c, 0), shape = ek__grad_shape(g, x);
  without(&parts[0], parts[2].text, &reduced, &kept);
  c->dx[0] = reduced.text[0] == '\0' ? einsum(g, EK_OUTS(c->dy[0]), parts[2].text, NULL, parts[0].text)
                                     : undo_sum(g, x, c->dy[0], &parts[2], &parts[0], shape, &reduced, &kept);
}

static ek_out of_input(ek_grad_context *c, int i, ek_out shape, const subs parts[3]) {
  ek_graph *g = c->g;
  subs reduced, kept;
  char others[4 * MAX_SUBS];
  const ek_out x = ek__grad_in(c, i);
  (void)snprintf(others, sizeof others, "%s%s", parts[2].text, parts[1 - i].text);
  without(&parts[i], others, &reduced, &kept);
  const ek_out dx = einsum(g, EK_OUTS(c->dy[0], ek__grad_in(c, 1 - i)), parts[2].text, parts[1 - i].text, kept.text);
  if (reduced.text[0] == '\0') return dx;
  return undo_sum(g, x, dx, &kept, &parts[i], shape, &reduced, &kept);
}

/* Where an ellipsis begins, and where it ends, counted from the end (0: there). */
static void place_of_dots(const subs *s, int64_t *begin, int64_t *end) {
  *begin = strstr(s->text, dots) - s->text;
  *end = *begin + 3 - (int64_t)strlen(s->text);
}

static ek_out dots_of(ek_graph *g, ek_out shape, const subs *s, int64_t *begin) {
  int64_t end = 0;
  place_of_dots(s, begin, &end);
  return ek__vector_slice(g, shape, *begin, end, end == 0 ? "end_mask" : NULL);
}

static bool same_dots(ek_shape x, const subs *sx, ek_shape y, const subs *sy) {
  int64_t bx, ex, by, ey;
  if (!ek_shape_is_known(x) || !ek_shape_is_known(y)) return false;
  place_of_dots(sx, &bx, &ex);
  place_of_dots(sy, &by, &ey);
  const int64_t n = x.rank + ex - bx;
  if (n != y.rank + ey - by) return false;
  for (int64_t i = 0; i < n; i++)
    if (x.dim[bx + i] != y.dim[by + i]) return false;
  return true;
}

static ek_out undo_broadcast(ek_graph *g, ek_out dx, int64_t begin, ek_out axes, ek_out shape) {
  const ek_out shifted = ek__op2(ek_named(g, "add"), "AddV2", ek_integer(g, begin), axes);
  return ek__op2(g, "Reshape", ek__grad_sum(g, dx, shifted, false), shape);
}

static void of_two(ek_grad_context *c, subs parts[3]) {
  ek_graph *g = c->g;
  const ek_out x = ek__grad_in(c, 0), y = ek__grad_in(c, 1);
  for (int i = 0; i < 2 && has_dots(&parts[2]); i++)
    if (!has_dots(&parts[i])) strcat(parts[i].text, dots);
  const ek_out sx = ek__grad_shape(g, x), sy = ek__grad_shape(g, y);
  c->dx[0] = of_input(c, 0, sx, parts);
  c->dx[1] = of_input(c, 1, sy, parts);
  if (!has_dots(&parts[2]) || same_dots(ek_out_shape(g, x), &parts[0], ek_out_shape(g, y), &parts[1])) return;
  int64_t bx = 0, by = 0;
  const ek_out ellipsis_x = dots_of(g, sx, &parts[0], &bx), ellipsis_y = dots_of(g, sy, &parts[1], &by);
  const ek_op args = ek_build(g, "BroadcastGradientArgs", EK_OUTS(ellipsis_x, ellipsis_y), EK_NO_ATTRS);
  c->dx[0] = undo_broadcast(g, c->dx[0], bx, ek_op_output(args, 0), sx);
  c->dx[1] = undo_broadcast(g, c->dx[1], by, ek_op_output(args, 1), sy);
}

ek_code ek__grad_einsum(ek_grad_context *c) {
  subs parts[3];
  split(ek__attr_string(c->node, "equation"), parts);
  if (c->node->n_inputs == 1)
    of_one(c, parts);
  else
    of_two(c, parts);
  return EK_OK;
}
