/* SPDX-License-Identifier: Apache-2.0 */
/* Tensors made from little: Fill, ZerosLike, OnesLike, Range. */
#include "kernels/schedule.h"
#include "ops/array_grad.h"
#include "ops/index.h"
#include "tensor/half.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

enum { PIECE = 1 << 15 }; /* bytes: what has been written is still in the first cache when it is copied on */

typedef struct repeated {
  char *to;
  const void *one;
  size_t size, bytes; /* of one element, of all */
} repeated;

static void repeat_piece(void *context, int64_t index) {
  const repeated *r = context;
  char *to = r->to + index * PIECE;
  const size_t left = r->bytes - (size_t)index * PIECE, bytes = left < PIECE ? left : PIECE;
  memcpy(to, r->one, r->size);
  for (size_t done = r->size; done < bytes; done *= 2) memcpy(to + done, to, done < bytes - done ? done : bytes - done);
}

static void repeat(ek_run_context *c, ek_value *out, const void *one) {
  if (out->dtype == EK_STRING) {
    ek__copy box = {0};
    ek__copy_axis(&box, out->n, 1, 0);
    ek__copy_box(out->dtype, out->data, one, &box);
    return;
  }
  const size_t size = ek_dtype_size(out->dtype);
  repeated r = {.to = out->data, .one = one, .size = size, .bytes = (size_t)out->n * size};
  ek__for_chunks(ek__run_threads(c, (int64_t)r.bytes), ek__chunk_count((int64_t)r.bytes, PIECE), repeat_piece, &r);
}

static ek_code infer_fill(ek_infer_context *c) {
  EK_TRY(ek__infer_rank(c, 1, 0));
  return ek__infer_shape_from_input(c, 0, &c->out[0].shape);
}

static bool partial_fill(ek_infer_context *c, ek_shape *value) {
  const ek_shape s = c->out[0].shape;
  int64_t x = -1;
  if (s.rank < 0 || s.rank > 1 || !ek_shape_is_known(s) || ek_shape_num_elements(s) > EK_MAX_RANK) return false;
  if (!ek__infer_int(c, 1, &x)) return false;
  value->rank = (int)ek_shape_num_elements(s);
  for (int i = 0; i < value->rank; i++) value->dim[i] = x < 0 ? -1 : x;
  return true;
}

static ek_code run_fill(ek_run_context *c) {
  ek_shape s = {.rank = 0};
  EK_TRY(ek__run_ints(c, 0, EK_MAX_RANK, s.dim, &s.rank));
  for (int i = 0; i < s.rank; i++) EK_RUN_REQUIRE(c, s.dim[i] >= 0, "Dimension %" PRId64 " must be >= 0", s.dim[i]);
  EK_RUN_REQUIRE(c, c->in[1]->n == 1, "value must be a scalar");
  EK_TRY(ek__run_output(c, 0, s));
  repeat(c, c->out[0], c->in[1]->data);
  return EK_OK;
}

const ek_op_def ek_op_fill = {.name = "Fill",
                              .doc = "a tensor of shape dims, every element of it value",
                              .in = "dims: index_type, value: T",
                              .out = "output: T",
                              .attrs = "T: type; index_type: {int32, int64} = int32",
                              .infer = infer_fill,
                              .partial_value = partial_fill,
                              .grad = ek__grad_fill,
                              .run = run_fill};

static ek_code run_zeros(ek_run_context *c) {
  EK_TRY(ek__run_output(c, 0, c->in[0]->shape));
  ek__zero(c->out[0]->dtype, c->out[0]->data, c->out[0]->n);
  return EK_OK;
}

const ek_op_def ek_op_zeros_like = {.name = "ZerosLike",
                                    .doc = "zeros in the shape of x",
                                    .in = "x: T",
                                    .out = "y: T",
                                    .attrs = "T: type",
                                    .flags = EK_OP_NOT_DIFFERENTIABLE,
                                    .infer = ek__infer_same,
                                    .run = run_zeros};

typedef union number {
  uint8_t u8;
  uint16_t u16;
  uint32_t u32;
  uint64_t u64;
  int32_t i32;
  int64_t i64;
  float f32[2];
  double f64[2];
} number;

static number one_of(ek_dtype dtype) {
  switch (dtype) {
  case EK_FLOAT32:
  case EK_COMPLEX64: return (number){.f32 = {1.0f, 0.0f}};
  case EK_FLOAT64:
  case EK_COMPLEX128: return (number){.f64 = {1.0, 0.0}};
  case EK_FLOAT16: return (number){.u16 = ek__f16_of_float(1.0f)};
  case EK_BFLOAT16: return (number){.u16 = ek__bf16_of_float(1.0f)};
  case EK_INT64:
  case EK_UINT64: return (number){.u64 = 1};
  case EK_INT32:
  case EK_UINT32: return (number){.u32 = 1};
  case EK_INT16:
  case EK_UINT16: return (number){.u16 = 1};
  default: return (number){.u8 = 1};
  }
}

static ek_code run_ones(ek_run_context *c) {
  const number one = one_of(c->in[0]->dtype);
  EK_TRY(ek__run_output(c, 0, c->in[0]->shape));
  repeat(c, c->out[0], &one);
  return EK_OK;
}

const ek_op_def ek_op_ones_like = {.name = "OnesLike",
                                   .doc = "ones in the shape of x",
                                   .in = "x: T",
                                   .out = "y: T",
                                   .attrs = "T: {bfloat16, half, float, double, int8, uint8, int16, uint16, int32, "
                                            "uint32, int64, uint64, complex64, complex128, bool}",
                                   .flags = EK_OP_NOT_DIFFERENTIABLE,
                                   .infer = ek__infer_same,
                                   .run = run_ones};

/* ---- Range */

/* How many numbers there are from start to limit by delta; -1 and a message if it cannot be told. */
static int64_t count_ints(int64_t start, int64_t limit, int64_t delta, const char **wrong) {
  *wrong = delta == 0                   ? "Requires delta != 0"
           : delta > 0 && start > limit ? "Requires start <= limit when delta > 0"
           : delta < 0 && start < limit ? "Requires start >= limit when delta < 0"
                                        : NULL;
  if (*wrong != NULL) return -1;
  const uint64_t span = delta > 0 ? (uint64_t)limit - (uint64_t)start : (uint64_t)start - (uint64_t)limit;
  const uint64_t by = delta > 0 ? (uint64_t)delta : -(uint64_t)delta;
  const uint64_t n = span / by + (span % by != 0);
  if (n <= INT64_MAX) return (int64_t)n;
  *wrong = "the range is too long";
  return -1;
}

/* start + i * delta, which lies between start and limit though the product need not fit. */
static int64_t nth(int64_t start, int64_t i, int64_t delta) {
  return (int64_t)((uint64_t)start + (uint64_t)i * (uint64_t)delta);
}

static int64_t count_floats(double start, double limit, double delta, const char **wrong) {
  *wrong = delta == 0                   ? "Requires delta != 0"
           : delta > 0 && start > limit ? "Requires start <= limit when delta > 0"
           : delta < 0 && start < limit ? "Requires start >= limit when delta < 0"
                                        : NULL;
  const double n = ceil(fabs((limit - start) / delta));
  if (*wrong == NULL && !(n < 0x1p62)) *wrong = "the range is too long";
  return *wrong == NULL ? (int64_t)n : -1;
}

/* start, limit and delta; one may be computed, as the rank or a dimension of something. */
static bool range_ints(const ek_infer_context *c, int64_t v[3]) {
  for (int i = 0; i < 3; i++)
    if (!ek__infer_int(c, i, &v[i])) return false;
  return true;
}

static ek_code infer_range(ek_infer_context *c) {
  const ek_tensor *t[3];
  const char *wrong = NULL;
  int64_t v[3], n = -1;
  for (int i = 0; i < 3; i++) {
    EK_TRY(ek__infer_rank(c, i, 0));
    t[i] = c->constant(c, i);
  }
  if (range_ints(c, v))
    n = count_ints(v[0], v[1], v[2], &wrong);
  else if (t[0] != NULL && t[1] != NULL && t[2] != NULL)
    n = count_floats(ek_tensor_number(t[0], 0), ek_tensor_number(t[1], 0), ek_tensor_number(t[2], 0), &wrong);
  EK_INFER_REQUIRE(c, wrong == NULL, "%s", wrong);
  c->out[0].shape = ek_shape(n);
  return EK_OK;
}

static bool partial_range(ek_infer_context *c, ek_shape *value) {
  int64_t v[3];
  const char *wrong = NULL;
  if (!range_ints(c, v)) return false;
  const int64_t n = count_ints(v[0], v[1], v[2], &wrong);
  if (n < 0 || n > EK_MAX_RANK) return false;
  value->rank = (int)n;
  for (int i = 0; i < value->rank; i++) {
    const int64_t x = nth(v[0], i, v[2]);
    value->dim[i] = x < 0 ? -1 : x;
  }
  return true;
}

static ek_code run_range(ek_run_context *c) {
  const char *wrong = NULL;
  const ek_dtype dtype = c->in[0]->dtype;
  for (int i = 0; i < 3; i++) EK_RUN_REQUIRE(c, c->in[i]->n == 1, "start, limit and delta must be scalars");
  if (dtype == EK_FLOAT32 || dtype == EK_FLOAT64) {
    double v[3];
    for (int i = 0; i < 3; i++)
      v[i] = dtype == EK_FLOAT32 ? (double)*(const float *)c->in[i]->data : *(const double *)c->in[i]->data;
    const int64_t n = count_floats(v[0], v[1], v[2], &wrong);
    EK_RUN_REQUIRE(c, wrong == NULL, "%s: %.9g/%.9g by %.9g", wrong, v[0], v[1], v[2]);
    EK_TRY(ek__run_output(c, 0, ek_shape(n)));
    for (int64_t i = 0; i < n; i++)
      if (dtype == EK_FLOAT32)
        ((float *)c->out[0]->data)[i] = (float)v[0] + (float)i * (float)v[2];
      else
        ((double *)c->out[0]->data)[i] = v[0] + (double)i * v[2];
    return EK_OK;
  }
  const int64_t start = ek__value_int(c->in[0], 0), limit = ek__value_int(c->in[1], 0),
                delta = ek__value_int(c->in[2], 0), n = count_ints(start, limit, delta, &wrong);
  EK_RUN_REQUIRE(c, wrong == NULL, "%s: %" PRId64 "/%" PRId64 " by %" PRId64, wrong, start, limit, delta);
  EK_TRY(ek__run_output(c, 0, ek_shape(n)));
  for (int64_t i = 0; i < n; i++) ek__put_int(c->out[0], i, nth(start, i, delta));
  return EK_OK;
}

const ek_op_def ek_op_range = {.name = "Range",
                               .doc = "start, start + delta, ... as far as limit, which is left out",
                               .in = "start: Tidx, limit: Tidx, delta: Tidx",
                               .out = "output: Tidx",
                               .attrs = "Tidx: {float, double, int32, int64} = int32",
                               .flags = EK_OP_NOT_DIFFERENTIABLE,
                               .infer = infer_range,
                               .partial_value = partial_range,
                               .run = run_range};

/* ---- LinSpace, which TensorFlow 1's linspace writes */

static ek_code infer_lin_space(ek_infer_context *c) {
  for (int i = 0; i < 3; i++) EK_TRY(ek__infer_rank(c, i, 0));
  const ek_tensor *num = c->constant(c, 2);
  const int64_t n = num != NULL ? (int64_t)ek_tensor_number(num, 0) : -1;
  EK_INFER_REQUIRE(c, num == NULL || n > 0, "num must be over 0, not %" PRId64, n);
  c->out[0].shape = ek_shape(n);
  return EK_OK;
}

static ek_code run_lin_space(ek_run_context *c) {
  for (int i = 0; i < 3; i++) EK_RUN_REQUIRE(c, c->in[i]->n == 1, "start, stop and num must be scalars");
  const int64_t n = ek__value_int(c->in[2], 0);
  EK_RUN_REQUIRE(c, n > 0, "num must be over 0, not %" PRId64, n);
  EK_TRY(ek__run_output(c, 0, ek_shape(n)));
  if (c->in[0]->dtype == EK_FLOAT32) {
    const float start = *(const float *)c->in[0]->data, stop = *(const float *)c->in[1]->data;
    const float step = n > 1 ? (stop - start) / (float)(n - 1) : 0.0F;
    float *to = c->out[0]->data;
    for (int64_t i = 0; i < n; i++) to[i] = i == n - 1 && i > 0 ? stop : start + step * (float)i;
  } else {
    const double start = *(const double *)c->in[0]->data, stop = *(const double *)c->in[1]->data;
    const double step = n > 1 ? (stop - start) / (double)(n - 1) : 0.0;
    double *to = c->out[0]->data;
    for (int64_t i = 0; i < n; i++) to[i] = i == n - 1 && i > 0 ? stop : start + step * (double)i;
  }
  return EK_OK;
}

const ek_op_def ek_op_lin_space = {.name = "LinSpace",
                                   .doc = "num numbers from start to stop, which is the last one, at equal distances",
                                   .in = "start: T, stop: T, num: Tidx",
                                   .out = "output: T",
                                   .attrs = "T: {float, double}; Tidx: {int32, int64} = int32",
                                   .function = "linspace",
                                   .flags = EK_OP_NOT_DIFFERENTIABLE,
                                   .infer = infer_lin_space,
                                   .run = run_lin_space};
