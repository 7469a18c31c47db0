/* SPDX-License-Identifier: Apache-2.0 */
/* MirrorPadGrad: every element of the padded tensor is added to the element that it is a copy of. */
#include "ops/array_grad.h"
#include "ops/index.h"
#include "ops/number.h"

#include <inttypes.h>
#include <string.h>

enum { MAX_PADS = 2 * EK_MAX_RANK };

/* The axes without their padding; -1 where that is not known. */
static ek_code infer_mirror_grad(ek_infer_context *c) {
  int64_t pads[MAX_PADS];
  int n = 0;
  const ek_shape s = c->in[0].shape, p = c->in[1].shape;
  EK_TRY(ek__infer_rank(c, 1, 2));
  EK_INFER_REQUIRE(c, p.rank < 0 || p.dim[1] < 0 || p.dim[1] == 2, "paddings must be a matrix with 2 columns");
  EK_INFER_REQUIRE(c, s.rank < 0 || p.rank < 0 || p.dim[0] < 0 || p.dim[0] == s.rank,
                   "The first dimension of paddings must be the rank of inputs: %" PRId64 " for rank %d", p.dim[0],
                   s.rank);
  ek_shape r = {.rank = s.rank};
  const bool known = s.rank >= 0 && ek__infer_ints(c, 1, MAX_PADS, pads, &n) && n == 2 * s.rank;
  for (int i = 0; i < r.rank; i++) {
    r.dim[i] = known && s.dim[i] >= 0 ? s.dim[i] - pads[2 * i] - pads[2 * i + 1] : -1;
    EK_INFER_REQUIRE(c, !known || (pads[2 * i] >= 0 && pads[2 * i + 1] >= 0 && (s.dim[i] < 0 || r.dim[i] >= 0)),
                     "paddings %" PRId64 " %" PRId64 " do not fit dimension %d of %" PRId64, pads[2 * i],
                     pads[2 * i + 1], i, s.dim[i]);
  }
  c->out[0].shape = r;
  return EK_OK;
}

typedef struct mirror {
  ek_shape padded, inner;
  int64_t before[EK_MAX_RANK], edge; /* 1: the edge is not repeated */
  int64_t stride[EK_MAX_RANK];       /* of the inner tensor */
} mirror;

/* Where, along axis i, the padded position comes from. */
static int64_t source(const mirror *m, int i, int64_t at) {
  const int64_t from = at - m->before[i], dim = m->inner.dim[i];
  if (from < 0) return -from - 1 + m->edge;
  return from < dim ? from : 2 * dim - 1 - m->edge - from;
}

/* The place in the inner tensor of padded element k. */
static int64_t place(const mirror *m, int64_t k) {
  int64_t at = 0;
  for (int i = m->padded.rank - 1; i >= 0; i--) {
    at += source(m, i, k % m->padded.dim[i]) * m->stride[i];
    k /= m->padded.dim[i];
  }
  return at;
}

#define ADD(tag_, unused_)                                                                                             \
  static void add_##tag_(const mirror *m, int64_t n, const void *in, void *out) {                                      \
    const ek__s_##tag_ *x = in;                                                                                        \
    ek__s_##tag_ *y = out;                                                                                             \
    for (int64_t k = 0; k < n; k++) {                                                                                  \
      const int64_t at = place(m, k);                                                                                  \
      y[at] = ek__put_##tag_((ek__v_##tag_)(ek__get_##tag_(y[at]) + ek__get_##tag_(x[k])));                            \
    }                                                                                                                  \
  }
EK_FLOAT_TAGS(ADD, )
EK_INT_TAGS(ADD, )

typedef void add_loop(const mirror *m, int64_t n, const void *in, void *out);
#define ROW(tag_, unused_) [EK__DTYPE_##tag_] = add_##tag_,
static add_loop *const add_loops[EK__DTYPES] = {EK_FLOAT_TAGS(ROW, ) EK_INT_TAGS(ROW, )};

static ek_code run_mirror_grad(ek_run_context *c) {
  int64_t pads[MAX_PADS];
  int n = 0;
  const ek_shape s = c->in[0]->shape, p = c->in[1]->shape;
  const ek_dtype dtype = c->in[0]->dtype;
  mirror m = {.padded = s,
              .inner = {.rank = s.rank},
              .edge = strcmp(ek__attr_string(c->node, "mode"), "SYMMETRIC") == 0 ? 0 : 1};
  EK_RUN_REQUIRE(c, p.rank == 2 && p.dim[0] == s.rank && p.dim[1] == 2, "paddings must be [%d,2]", s.rank);
  EK_TRY(ek__run_ints(c, 1, MAX_PADS, pads, &n));
  for (int i = 0; i < s.rank; i++) {
    const int64_t before = pads[2 * i], after = pads[2 * i + 1];
    m.before[i] = before;
    EK_RUN_REQUIRE(c, before >= 0 && after >= 0 && before <= s.dim[i] && after <= s.dim[i] - before,
                   "paddings %" PRId64 " %" PRId64 " do not fit dimension %d of %" PRId64, before, after, i, s.dim[i]);
    m.inner.dim[i] = s.dim[i] - before - after;
    EK_RUN_REQUIRE(c, before <= m.inner.dim[i] - m.edge && after <= m.inner.dim[i] - m.edge,
                   "paddings %" PRId64 " %" PRId64 " are wider than what they mirror, %" PRId64, before, after,
                   m.inner.dim[i]);
  }
  EK_RUN_REQUIRE(c, dtype < EK__DTYPES && add_loops[dtype] != NULL, "cannot add %s", ek_dtype_name(dtype));
  EK_TRY(ek__run_output(c, 0, m.inner));
  ek__row_major(m.inner, m.stride);
  ek__zero(dtype, c->out[0]->data, c->out[0]->n);
  add_loops[dtype](&m, c->in[0]->n, c->in[0]->data, c->out[0]->data);
  return EK_OK;
}

static ek_code other(ek_grad_context *c, const char *type) {
  const ek_op op = ek_build(c->g, type, EK_OUTS(c->dy[0], ek__grad_in(c, 1)),
                            EK_ATTRS(EK_STRING_ATTR("mode", ek__attr_string(c->node, "mode"))));
  c->dx[0] = ek_op_output(op, 0);
  return EK_OK;
}
ek_code ek__grad_mirror_pad(ek_grad_context *c) { return other(c, "MirrorPadGrad"); }
static ek_code grad_mirror_pad_grad(ek_grad_context *c) { return other(c, "MirrorPad"); }

const ek_op_def ek_op_mirror_pad_grad = {
    .name = "MirrorPadGrad",
    .doc = "the gradient of MirrorPad: each element of the border is added to the one that it mirrors",
    .in = "input: T, paddings: Tpaddings",
    .out = "output: T",
    .attrs = "T: {" EK_NUMBER_TYPES "}; Tpaddings: {int32, int64} = int32; mode: {'REFLECT', 'SYMMETRIC'}",
    .infer = infer_mirror_grad,
    .run = run_mirror_grad,
    .grad = grad_mirror_pad_grad};
