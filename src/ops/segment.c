/* SPDX-License-Identifier: Apache-2.0 */
/* UnsortedSegmentSum: rows added up by the number that each of them carries. */
#include "graph/grad.h"
#include "ops/index.h"
#include "tensor/half.h"

#include <inttypes.h>

static ek_code infer_segment(ek_infer_context *c) {
  int64_t n = -1;
  const ek_shape data = c->in[0].shape, ids = c->in[1].shape;
  EK_TRY(ek__infer_rank(c, 2, 0));
  c->out[0].shape = ek_shape_unknown();
  if (ek__infer_int(c, 2, &n)) EK_INFER_REQUIRE(c, n >= 0, "num_segments is %" PRId64 ", it must be at least 0", n);
  if (data.rank < 0 || ids.rank < 0) return EK_OK;
  EK_INFER_REQUIRE(c, ids.rank <= data.rank && data.rank - ids.rank < EK_MAX_RANK,
                   "data must begin with the shape of segment_ids");
  ek_shape r = {.rank = 1, .dim = {n}};
  for (int i = 0; i < data.rank; i++) {
    EK_INFER_REQUIRE(c, i >= ids.rank || data.dim[i] < 0 || ids.dim[i] < 0 || data.dim[i] == ids.dim[i],
                     "data must begin with the shape of segment_ids");
    if (i >= ids.rank) r.dim[r.rank++] = data.dim[i];
  }
  c->out[0].shape = r;
  return EK_OK;
}

#define ADD(T, U)                                                                                                      \
  for (int64_t i = 0; i < n; i++) ((T *)to)[i] = (T)((U)((T *)to)[i] + (U)((const T *)from)[i]);                       \
  return true

static bool add_row(ek_dtype dtype, void *to, const void *from, int64_t n) {
  switch (dtype) {
  case EK_FLOAT32: ADD(float, float);
  case EK_FLOAT64: ADD(double, double);
  case EK_INT32: ADD(int32_t, uint32_t);
  case EK_INT64: ADD(int64_t, uint64_t);
  case EK_FLOAT16:
    for (int64_t i = 0; i < n; i++)
      ((uint16_t *)to)[i] =
          ek__f16_of_float(ek__float_of_f16(((uint16_t *)to)[i]) + ek__float_of_f16(((const uint16_t *)from)[i]));
    return true;
  case EK_BFLOAT16:
    for (int64_t i = 0; i < n; i++)
      ((uint16_t *)to)[i] =
          ek__bf16_of_float(ek__float_of_bf16(((uint16_t *)to)[i]) + ek__float_of_bf16(((const uint16_t *)from)[i]));
    return true;
  default: return false;
  }
}

static ek_code run_segment(ek_run_context *c) {
  const ek_value *data = c->in[0], *ids = c->in[1];
  const ek_shape s = data->shape;
  EK_RUN_REQUIRE(c, c->in[2]->n == 1, "num_segments should be a scalar");
  const int64_t n = ek__value_int(c->in[2], 0);
  EK_RUN_REQUIRE(c, n >= 0, "num_segments is %" PRId64 ", it must be at least 0", n);
  EK_RUN_REQUIRE(c, ids->shape.rank <= s.rank && s.rank - ids->shape.rank < EK_MAX_RANK,
                 "data.shape does not start with segment_ids.shape");
  ek_shape r = {.rank = 1, .dim = {n}};
  for (int i = 0; i < s.rank; i++) {
    EK_RUN_REQUIRE(c, i >= ids->shape.rank || s.dim[i] == ids->shape.dim[i],
                   "data.shape does not start with segment_ids.shape");
    if (i >= ids->shape.rank) r.dim[r.rank++] = s.dim[i];
  }
  EK_TRY(ek__run_output(c, 0, r));
  const int64_t row = ek__inner(r, 0);
  ek__zero(data->dtype, c->out[0]->data, c->out[0]->n);
  for (int64_t k = 0; k < ids->n; k++) {
    const int64_t id = ek__value_int(ids, k);
    if (id < 0) continue; /* dropped */
    EK_RUN_REQUIRE(c, id < n, "segment_ids[%" PRId64 "] = %" PRId64 " is out of range [0, %" PRId64 ")", k, id, n);
    if (!add_row(data->dtype, ek__at(data->dtype, c->out[0]->data, id * row), ek__at(data->dtype, data->data, k * row),
                 row))
      return ek__run_fail(c, EK_UNIMPLEMENTED, "not for %s", ek_dtype_name(data->dtype));
  }
  return EK_OK;
}

const ek_op_def ek_op_unsorted_segment_sum = {
    .name = "UnsortedSegmentSum",
    .doc = "output[i] is the sum of data[k] where segment_ids[k] is i; negative ids are left out",
    .in = "data: T, segment_ids: Tindices, num_segments: Tnumsegments",
    .out = "output: T",
    .attrs = "T: {float, double, int32, int64, bfloat16, half}; Tindices: {int32, int64}; Tnumsegments: {int32, int64} "
             "= int32",
    .infer = infer_segment,
    .run = run_segment};
