/* SPDX-License-Identifier: Apache-2.0 */
/* Rows put together by the number that each of them carries. Unsorted: any numbers, negative ones are left out, and how
 * many there are is an input. Sorted: ascending along the first dimension. A number that no row carries gives what the
 * operation starts from: 0, 1, the least or the greatest number (sorted: 0, for a product 1). */
#include "ops/array_grad.h"
#include "ops/index.h"
#include "ops/scatter.h"

#include <float.h>
#include <inttypes.h>
#include <string.h>

/* What the op does to two rows, and where it starts. */
static ek__scatter kind_of(const ek__node *node) {
  if (strstr(node->type, "Max") != NULL) return EK__SCATTER_MAX;
  if (strstr(node->type, "Min") != NULL) return EK__SCATTER_MIN;
  return strstr(node->type, "Prod") != NULL ? EK__SCATTER_MUL : EK__SCATTER_ADD;
}

static void *put_f16(void *to, float x) { return *(uint16_t *)to = ek__f16_of_float(x), to; }
static void *put_bf16(void *to, float x) { return *(uint16_t *)to = ek__bf16_of_float(x), to; }

/* One element: 0 of the kind `number`, else the greatest (1) or the least (-1) number, or 1 for a product. */
#define INTEGER(T, least, greatest)                                                                                    \
  *(T *)to = (T)(kind == EK__SCATTER_MUL   ? 1                                                                         \
                 : kind == EK__SCATTER_MIN ? (greatest)                                                                \
                 : kind == EK__SCATTER_MAX ? (least)                                                                   \
                                           : 0);                                                                       \
  return
static void start_of(ek__scatter kind, ek_dtype dtype, void *to) {
  const bool one = kind == EK__SCATTER_MUL, least = kind == EK__SCATTER_MAX, greatest = kind == EK__SCATTER_MIN;
  switch (dtype) {
  case EK_FLOAT32: *(float *)to = one ? 1 : greatest ? FLT_MAX : least ? -FLT_MAX : 0; return;
  case EK_FLOAT64: *(double *)to = one ? 1 : greatest ? DBL_MAX : least ? -DBL_MAX : 0; return;
  case EK_FLOAT16: (void)put_f16(to, one ? 1 : greatest ? 65504.0F : least ? -65504.0F : 0); return;
  case EK_BFLOAT16: (void)put_bf16(to, one ? 1 : greatest ? 0x1.FEp127F : least ? -0x1.FEp127F : 0); return;
  case EK_INT8: INTEGER(int8_t, INT8_MIN, INT8_MAX);
  case EK_UINT8: INTEGER(uint8_t, 0, UINT8_MAX);
  case EK_INT16: INTEGER(int16_t, INT16_MIN, INT16_MAX);
  case EK_UINT16: INTEGER(uint16_t, 0, UINT16_MAX);
  case EK_INT32: INTEGER(int32_t, INT32_MIN, INT32_MAX);
  case EK_INT64: INTEGER(int64_t, INT64_MIN, INT64_MAX);
  default: return;
  }
}

static void fill(ek_dtype dtype, void *to, int64_t n, const void *one) {
  ek__copy box = {0};
  ek__copy_axis(&box, n, 1, 0);
  ek__copy_box(dtype, to, one, &box);
}

/* ---- unsorted */

static ek_code infer_unsorted(ek_infer_context *c) {
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

static ek_code run_unsorted(ek_run_context *c) {
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
  const ek__scatter kind = kind_of(c->node);
  uint64_t start = 0;
  start_of(kind, data->dtype, &start);
  fill(data->dtype, c->out[0]->data, c->out[0]->n, &start);
  for (int64_t k = 0; k < ids->n; k++) {
    const int64_t id = ek__value_int(ids, k);
    if (id < 0) continue; /* dropped */
    EK_RUN_REQUIRE(c, id < n, "segment_ids[%" PRId64 "] = %" PRId64 " is out of range [0, %" PRId64 ")", k, id, n);
    EK_TRY(ek__scatter_row(c, kind, data->dtype, ek__at(data->dtype, c->out[0]->data, id * row),
                           ek__at(data->dtype, data->data, k * row), row));
  }
  return EK_OK;
}

/* ---- sorted */

static ek_code infer_sorted(ek_infer_context *c) {
  const ek_tensor *ids = c->constant(c, 1);
  EK_TRY(ek__infer_rank(c, 1, 1));
  c->out[0].shape = c->in[0].shape;
  if (c->in[0].shape.rank < 0) return EK_OK;
  EK_INFER_REQUIRE(c, c->in[0].shape.rank >= 1, "data must have at least one dimension");
  const int64_t n = ids != NULL ? ek_tensor_num_elements(ids) : 0;
  c->out[0].shape.dim[0] = ids == NULL ? -1 : n == 0 ? 0 : (int64_t)ek_tensor_number(ids, n - 1) + 1;
  return EK_OK;
}

static ek_code check_ids(ek_run_context *c, int64_t *segments) {
  const ek_value *ids = c->in[1];
  EK_RUN_REQUIRE(c, c->in[0]->shape.rank >= 1 && ids->n == c->in[0]->shape.dim[0],
                 "segment_ids should be the same size as dimension 0 of input.");
  for (int64_t k = 0; k < ids->n; k++) {
    const int64_t id = ek__value_int(ids, k);
    EK_RUN_REQUIRE(c, id >= 0, "segment ids must be >= 0");
    EK_RUN_REQUIRE(c, k == 0 || id >= ek__value_int(ids, k - 1), "segment ids are not increasing");
  }
  *segments = ids->n == 0 ? 0 : ek__value_int(ids, ids->n - 1) + 1;
  return EK_OK;
}

/* The mean: a sum in the dtype, then each row by the number of its rows. */
static ek_code divide(ek_run_context *c, int64_t first, int64_t count, int64_t row) {
  const ek_dtype dtype = c->in[0]->dtype;
  union {
    float f32;
    double f64;
    int64_t i64;
    int32_t i32;
    uint16_t half;
  } by = {.i64 = 0};
  switch (dtype) {
  case EK_FLOAT32: by.f32 = (float)count; break;
  case EK_FLOAT64: by.f64 = (double)count; break;
  case EK_FLOAT16: (void)put_f16(&by.half, (float)count); break;
  case EK_BFLOAT16: (void)put_bf16(&by.half, (float)count); break;
  case EK_INT64: by.i64 = count; break;
  case EK_INT32: by.i32 = (int32_t)count; break;
  default: return ek__run_fail(c, EK_UNIMPLEMENTED, "no mean of %s", ek_dtype_name(dtype));
  }
  return ek__scatter_rows(c, EK__SCATTER_DIV, dtype, ek__at(dtype, c->out[0]->data, first * row), &by, 0, row);
}

static ek_code run_sorted(ek_run_context *c) {
  const ek_value *data = c->in[0], *ids = c->in[1];
  const ek_dtype dtype = data->dtype;
  const ek__scatter kind = kind_of(c->node);
  ek_shape r = data->shape;
  EK_TRY(check_ids(c, &r.dim[0]));
  EK_TRY(ek__run_output(c, 0, r));
  const int64_t row = ek__inner(r, 0);
  uint64_t gap = 0;
  start_of(kind == EK__SCATTER_MUL ? kind : EK__SCATTER_ADD, dtype, &gap);
  fill(dtype, c->out[0]->data, c->out[0]->n, &gap);
  for (int64_t k = 0, count = 1; k < ids->n; k++) {
    const int64_t id = ek__value_int(ids, k);
    const bool first = k == 0 || ek__value_int(ids, k - 1) != id,
               last = k + 1 == ids->n || ek__value_int(ids, k + 1) != id;
    count = first ? 1 : count + 1;
    EK_TRY(ek__scatter_row(c, first ? EK__SCATTER_UPDATE : kind, dtype, ek__at(dtype, c->out[0]->data, id * row),
                           ek__at(dtype, data->data, k * row), row));
    if (last && strcmp(c->node->type, "SegmentMean") == 0) EK_TRY(divide(c, id, count, row));
  }
  return EK_OK;
}

#define UNSORTED(id_, name_, what_, ...)                                                                               \
  const ek_op_def ek_op_unsorted_segment_##id_ = {                                                                     \
      .name = name_,                                                                                                   \
      .doc = "output[i] is the " what_ " of data[k] where segment_ids[k] is i; negative ids are left out",             \
      .in = "data: T, segment_ids: Tindices, num_segments: Tnumsegments",                                              \
      .out = "output: T",                                                                                              \
      .attrs = "T: {" EK_SCATTER_TYPES "}; Tindices: {int32, int64}; Tnumsegments: {int32, int64} = int32",            \
      .infer = infer_unsorted,                                                                                         \
      .run = run_unsorted,                                                                                             \
      __VA_ARGS__}
#define SORTED(id_, name_, what_, ...)                                                                                 \
  const ek_op_def ek_op_segment_##id_ = {.name = name_,                                                                \
                                         .doc = "output[i] is the " what_                                              \
                                                " of data[k] where segment_ids[k] is i; ids ascend",                   \
                                         .in = "data: T, segment_ids: Tindices",                                       \
                                         .out = "output: T",                                                           \
                                         .attrs = "T: {" EK_SCATTER_TYPES "}; Tindices: {int32, int64}",               \
                                         .infer = infer_sorted,                                                        \
                                         .run = run_sorted,                                                            \
                                         __VA_ARGS__}
UNSORTED(sum, "UnsortedSegmentSum", "sum", .grad = ek__grad_unsorted_sum);
UNSORTED(max, "UnsortedSegmentMax", "maximum", .grad = ek__grad_unsorted_extremum);
UNSORTED(min, "UnsortedSegmentMin", "minimum", .grad = ek__grad_unsorted_extremum);
UNSORTED(prod, "UnsortedSegmentProd", "product", .grad = ek__grad_unsorted_product);
SORTED(sum, "SegmentSum", "sum", .grad = ek__grad_segment_sum);
SORTED(mean, "SegmentMean", "mean", .grad = ek__grad_segment_mean);
SORTED(max, "SegmentMax", "maximum", .grad = ek__grad_segment_extremum);
SORTED(min, "SegmentMin", "minimum", .grad = ek__grad_segment_extremum);
SORTED(prod, "SegmentProd", "product", .grad = ek__grad_segment_product);
