/* SPDX-License-Identifier: Apache-2.0 */
/* A border around a tensor: Pad (zeros), PadV2 (a value), MirrorPad. */
#include "ops/array_grad.h"
#include "ops/index.h"

#include <inttypes.h>
#include <string.h>

enum { MAX_PADS = 2 * EK_MAX_RANK };

static ek_code infer_pad(ek_infer_context *c) {
  int64_t pads[MAX_PADS];
  int n = 0;
  const ek_shape s = c->in[0].shape, p = c->in[1].shape;
  EK_TRY(ek__infer_rank(c, 1, 2));
  EK_INFER_REQUIRE(c, p.rank < 0 || p.dim[1] < 0 || p.dim[1] == 2, "paddings must be a matrix with 2 columns");
  ek_shape r = {.rank = s.rank};
  if (p.rank == 2 && p.dim[0] >= 0) {
    EK_INFER_REQUIRE(c, p.dim[0] <= EK_MAX_RANK && (s.rank < 0 || p.dim[0] == s.rank),
                     "The first dimension of paddings must be the rank of inputs: %" PRId64 " for rank %d", p.dim[0],
                     s.rank);
    r.rank = (int)p.dim[0];
  }
  const bool known = ek__infer_ints(c, 1, MAX_PADS, pads, &n);
  for (int i = 0; i < r.rank; i++) {
    const int64_t dim = s.rank < 0 ? -1 : s.dim[i];
    EK_INFER_REQUIRE(c, !known || (pads[2 * i] >= 0 && pads[2 * i + 1] >= 0),
                     "Paddings must be non-negative: %" PRId64 " %" PRId64, pads[2 * i], pads[2 * i + 1]);
    r.dim[i] = -1;
    if (known && dim >= 0)
      EK_INFER_REQUIRE(c,
                       !__builtin_add_overflow(dim, pads[2 * i], &r.dim[i]) &&
                           !__builtin_add_overflow(r.dim[i], pads[2 * i + 1], &r.dim[i]),
                       "the output is too large");
  }
  c->out[0].shape = r;
  return EK_OK;
}

/* Paddings as numbers, the shape they give, and output 0 of that shape. */
static ek_code padded(ek_run_context *c, int64_t *pads, ek_shape *r) {
  int n = 0;
  char a[EK_SHAPE_TEXT], b[EK_SHAPE_TEXT];
  const ek_shape s = c->in[0]->shape, p = c->in[1]->shape;
  EK_RUN_REQUIRE(c, p.rank == 2 && p.dim[0] == s.rank && p.dim[1] == 2,
                 "The first dimension of paddings must be the rank of inputs%s %s", ek_shape_format(p, a, sizeof a),
                 ek_shape_format(s, b, sizeof b));
  EK_TRY(ek__run_ints(c, 1, MAX_PADS, pads, &n));
  *r = (ek_shape){.rank = s.rank};
  for (int i = 0; i < s.rank; i++) {
    EK_RUN_REQUIRE(c, pads[2 * i] >= 0 && pads[2 * i + 1] >= 0, "Paddings must be non-negative: %" PRId64 " %" PRId64,
                   pads[2 * i], pads[2 * i + 1]);
    EK_RUN_REQUIRE(c,
                   !__builtin_add_overflow(s.dim[i], pads[2 * i], &r->dim[i]) &&
                       !__builtin_add_overflow(r->dim[i], pads[2 * i + 1], &r->dim[i]),
                   "the output is too large");
  }
  return ek__run_output(c, 0, *r);
}

static ek_code run_pad(ek_run_context *c) {
  int64_t pads[MAX_PADS], in_stride[EK_MAX_RANK], out_stride[EK_MAX_RANK];
  ek_shape r;
  EK_TRY(padded(c, pads, &r));
  const ek_dtype dtype = c->in[0]->dtype;
  ek_value *out = c->out[0];
  if (c->n_in > 2) {
    EK_RUN_REQUIRE(c, c->in[2]->n == 1, "constant_values must be a scalar");
    ek__copy all = {0};
    ek__copy_axis(&all, out->n, 1, 0);
    ek__copy_box(dtype, out->data, c->in[2]->data, &all);
  } else {
    ek__zero(dtype, out->data, out->n);
  }
  ek__copy box = {0};
  int64_t at = 0;
  ek__row_major(c->in[0]->shape, in_stride);
  ek__row_major(r, out_stride);
  for (int i = 0; i < r.rank; i++) {
    at += pads[2 * i] * out_stride[i];
    ek__copy_axis(&box, c->in[0]->shape.dim[i], out_stride[i], in_stride[i]);
  }
  if (c->in[0]->n > 0) ek__copy_box(dtype, ek__at(dtype, out->data, at), c->in[0]->data, &box);
  return EK_OK;
}

#define ATTRS "T: type; Tpaddings: {int32, int64} = int32"

const ek_op_def ek_op_pad = {.name = "Pad",
                             .doc = "zeros around the input: paddings[i] = {before, after} axis i",
                             .in = "input: T, paddings: Tpaddings",
                             .out = "output: T",
                             .attrs = ATTRS,
                             .infer = infer_pad,
                             .grad = ek__grad_pad,
                             .run = run_pad};

const ek_op_def ek_op_pad_v2 = {.name = "PadV2",
                                .doc = "constant_values around the input: paddings[i] = {before, after} axis i",
                                .in = "input: T, paddings: Tpaddings, constant_values: T",
                                .out = "output: T",
                                .attrs = ATTRS,
                                .infer = infer_pad,
                                .grad = ek__grad_pad,
                                .run = run_pad};

/* One axis after another: the part that is there already is reflected outwards, an index at a time. */
static ek_code run_mirror(ek_run_context *c) {
  int64_t pads[MAX_PADS], in_stride[EK_MAX_RANK], out_stride[EK_MAX_RANK];
  ek_shape r;
  const ek_shape s = c->in[0]->shape;
  const ek_dtype dtype = c->in[0]->dtype;
  const int64_t edge = strcmp(ek__attr_string(c->node, "mode"), "SYMMETRIC") == 0 ? 0 : 1;
  EK_TRY(padded(c, pads, &r));
  for (int i = 0; i < s.rank; i++)
    EK_RUN_REQUIRE(c, pads[2 * i] <= s.dim[i] - edge && pads[2 * i + 1] <= s.dim[i] - edge,
                   "paddings must be %s the dimension size: %" PRId64 ", %" PRId64 " %s %" PRId64,
                   edge == 0 ? "no greater than" : "less than", pads[2 * i], pads[2 * i + 1],
                   edge == 0 ? "greater than" : "not less than", s.dim[i]);
  if (c->out[0]->n == 0) return EK_OK;
  ek__copy box = {0};
  int64_t at = 0;
  ek__row_major(s, in_stride);
  ek__row_major(r, out_stride);
  for (int i = 0; i < r.rank; i++) {
    at += pads[2 * i] * out_stride[i];
    ek__copy_axis(&box, s.dim[i], out_stride[i], in_stride[i]);
  }
  char *out = c->out[0]->data;
  ek__copy_box(dtype, ek__at(dtype, out, at), c->in[0]->data, &box);
  ek_shape done = s; /* what is filled so far lies at `at` with the strides of the output */
  for (int i = 0; i < r.rank; i++) {
    box.rank = 0;
    for (int k = 0; k < r.rank; k++) ek__copy_axis(&box, k == i ? 1 : done.dim[k], out_stride[k], out_stride[k]);
    for (int64_t k = 0; k < pads[2 * i]; k++)
      ek__copy_box(dtype, ek__at(dtype, out, at - (k + 1) * out_stride[i]),
                   ek__at(dtype, out, at + (k + edge) * out_stride[i]), &box);
    for (int64_t k = 0; k < pads[2 * i + 1]; k++)
      ek__copy_box(dtype, ek__at(dtype, out, at + (s.dim[i] + k) * out_stride[i]),
                   ek__at(dtype, out, at + (s.dim[i] - 1 - k - edge) * out_stride[i]), &box);
    at -= pads[2 * i] * out_stride[i];
    done.dim[i] = r.dim[i];
  }
  return EK_OK;
}

const ek_op_def ek_op_mirror_pad = {.name = "MirrorPad",
                                    .doc = "the input with its own border mirrored around it, the edge left out "
                                           "(REFLECT) or repeated (SYMMETRIC)",
                                    .in = "input: T, paddings: Tpaddings",
                                    .out = "output: T",
                                    .attrs = ATTRS "; mode: {'REFLECT', 'SYMMETRIC'}",
                                    .infer = infer_pad,
                                    .grad = ek__grad_mirror_pad,
                                    .run = run_mirror};
