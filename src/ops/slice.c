/* SPDX-License-Identifier: Apache-2.0 */
/* Slice: size elements from begin on, along each axis. */
#include "ops/array_grad.h"
#include "ops/index.h"

#include <inttypes.h>

static ek_code infer_slice(ek_infer_context *c) {
  int64_t begin[EK_MAX_RANK], size[EK_MAX_RANK];
  int nb = 0, ns = 0;
  const ek_shape s = c->in[0].shape;
  EK_TRY(ek__infer_rank(c, 1, 1));
  EK_TRY(ek__infer_rank(c, 2, 1));
  ek_shape r = {.rank = s.rank};
  for (int i = 1; i <= 2; i++) {
    const ek_shape v = c->in[i].shape;
    if (v.rank < 0 || v.dim[0] < 0) continue;
    EK_INFER_REQUIRE(c, v.dim[0] <= EK_MAX_RANK && (r.rank < 0 || v.dim[0] == r.rank),
                     "begin and size must have as many elements as the input has dimensions");
    r.rank = (int)v.dim[0];
  }
  c->out[0].shape = ek_shape_unknown();
  if (r.rank < 0) return EK_OK;
  const bool know_begin = ek__infer_ints(c, 1, EK_MAX_RANK, begin, &nb);
  ek_shape partial;
  bool know_size = ek__infer_ints(c, 2, EK_MAX_RANK, size, &ns);
  const bool exact = know_size;
  if (!know_size && c->partial(c, 2, &partial) && partial.rank == r.rank) {
    for (int i = 0; i < r.rank; i++) size[i] = partial.dim[i];
    know_size = true;
  }
  for (int i = 0; i < r.rank; i++) {
    const int64_t dim = s.rank < 0 ? -1 : s.dim[i];
    const bool at = know_begin && dim >= 0;
    EK_INFER_REQUIRE(c, !at || (begin[i] >= 0 && begin[i] <= dim),
                     "Expected begin[%d] in [0, %" PRId64 "], but got %" PRId64, i, dim, begin[i]);
    EK_INFER_REQUIRE(c, !exact || size[i] >= -1, "Expected size[%d] >= -1, but got %" PRId64, i, size[i]);
    r.dim[i] = know_size ? size[i] : -1;
    if (exact && size[i] == -1) r.dim[i] = at ? dim - begin[i] : -1;
    EK_INFER_REQUIRE(c, !at || r.dim[i] <= dim - begin[i], "Expected size[%d] in [0, %" PRId64 "], but got %" PRId64, i,
                     dim - begin[i], r.dim[i]);
  }
  c->out[0].shape = r;
  return EK_OK;
}

static bool partial_slice(ek_infer_context *c, ek_shape *value) {
  ek_shape v;
  int64_t begin = 0, size = 0;
  if (!c->partial(c, 0, &v) || !ek__infer_int(c, 1, &begin) || !ek__infer_int(c, 2, &size)) return false;
  if (begin < 0 || begin > v.rank) return false;
  const int64_t n = size == -1 ? v.rank - begin : size;
  if (n < 0 || n > v.rank - begin) return false;
  value->rank = (int)n;
  for (int i = 0; i < value->rank; i++) value->dim[i] = v.dim[begin + i];
  return true;
}

static ek_code run_slice(ek_run_context *c) {
  int64_t begin[EK_MAX_RANK], size[EK_MAX_RANK], in_stride[EK_MAX_RANK], out_stride[EK_MAX_RANK];
  const ek_shape s = c->in[0]->shape;
  int nb = 0, ns = 0;
  EK_RUN_REQUIRE(c, c->in[1]->n == s.rank && c->in[2]->n == s.rank,
                 "Expected begin and size arguments to be 1-D tensors of size %d, but got %" PRId64 " and %" PRId64
                 " elements instead.",
                 s.rank, c->in[1]->n, c->in[2]->n);
  EK_TRY(ek__run_ints(c, 1, EK_MAX_RANK, begin, &nb));
  EK_TRY(ek__run_ints(c, 2, EK_MAX_RANK, size, &ns));
  ek_shape r = {.rank = s.rank};
  int64_t from = 0;
  ek__row_major(s, in_stride);
  for (int i = 0; i < s.rank; i++) {
    EK_RUN_REQUIRE(c, begin[i] >= 0 && begin[i] <= s.dim[i], "Expected begin[%d] in [0, %" PRId64 "], but got %" PRId64,
                   i, s.dim[i], begin[i]);
    r.dim[i] = size[i] == -1 ? s.dim[i] - begin[i] : size[i];
    EK_RUN_REQUIRE(c, r.dim[i] >= 0 && r.dim[i] <= s.dim[i] - begin[i],
                   "Expected size[%d] in [0, %" PRId64 "], but got %" PRId64, i, s.dim[i] - begin[i], size[i]);
    from += begin[i] * in_stride[i];
  }
  EK_TRY(ek__run_output(c, 0, r));
  ek__row_major(r, out_stride);
  ek__copy box = {0};
  for (int i = 0; i < s.rank; i++) ek__copy_axis(&box, r.dim[i], out_stride[i], in_stride[i]);
  ek__copy_box(c->in[0]->dtype, c->out[0]->data, ek__at(c->in[0]->dtype, c->in[0]->data, from), &box);
  return EK_OK;
}

const ek_op_def ek_op_slice = {.name = "Slice",
                               .doc =
                                   "size[i] elements from begin[i] on along every axis i; a size of -1: all the rest",
                               .in = "input: T, begin: Index, size: Index",
                               .out = "output: T",
                               .attrs = "T: type; Index: {int32, int64}",
                               .infer = infer_slice,
                               .partial_value = partial_slice,
                               .grad = ek__grad_slice,
                               .run = run_slice};
