/* SPDX-License-Identifier: Apache-2.0 */
/* Random tensors, bit for bit those of TensorFlow: RandomUniform, RandomStandardNormal, TruncatedNormal,
 * RandomUniformInt. Elements come in groups of as many as one block of bits makes; group g is a function of the seeds,
 * of what earlier runs used up and of g alone, so that threads do not matter. */
#include "ops/index.h"
#include "ops/random_stream.h"
#include "tensor/half.h"

#include <inttypes.h>
#include <math.h>

#ifndef M_PI
#define M_PI 3.14159265358979323846
#endif

enum { GROUP = 4, RESERVED = 256 }; /* elements of a group at most; blocks that a run sets aside for each element */

/* ---- numbers from bits */

static float uniform_f32(uint32_t x) { return ek__float_of_bits(0x3f800000u | (x & 0x7fffffu)) - 1.0f; }

static double uniform_f64(uint32_t high, uint32_t low) {
  union {
    uint64_t bits;
    double d;
  } u = {.bits = 0x3ff0000000000000u | (uint64_t)(high & 0xfffffu) << 32 | low};
  return u.d - 1.0;
}

/* The angle is computed in double and rounded: so does TensorFlow. */
static void normal_f32(uint32_t x0, uint32_t x1, float z[2]) {
  const float u = uniform_f32(x0), r = sqrtf(-2.0f * logf(u < 1.0e-7f ? 1.0e-7f : u));
  const float angle = (float)(2.0 * M_PI * (double)uniform_f32(x1));
  z[0] = sinf(angle) * r;
  z[1] = cosf(angle) * r;
}

static void normal_f64(const uint32_t x[4], double z[2]) {
  const double u = uniform_f64(x[0], x[1]), r = sqrt(-2.0 * log(u < 1.0e-7 ? 1.0e-7 : u));
  const double angle = 2.0 * M_PI * uniform_f64(x[2], x[3]);
  z[0] = sin(angle) * r;
  z[1] = cos(angle) * r;
}

/* ---- groups: element types with n elements each */

typedef struct job {
  ek__philox stream;
  uint64_t first; /* block */
  ek_dtype dtype;
  int64_t low;    /* of integers */
  uint64_t range; /* of integers */
} job;
typedef union group {
  float f32[GROUP];
  double f64[GROUP / 2];
  uint16_t u16[GROUP];
  int32_t i32[GROUP];
  int64_t i64[GROUP / 2];
} group;

static int per_group(ek_dtype dtype) { return dtype == EK_FLOAT64 || dtype == EK_INT64 ? GROUP / 2 : GROUP; }

/* Floats as the dtype has them. */
static void put(ek_dtype dtype, const float z[GROUP], group *out) {
  for (int i = 0; i < GROUP; i++)
    if (dtype == EK_FLOAT32)
      out->f32[i] = z[i];
    else
      out->u16[i] = dtype == EK_FLOAT16 ? ek__f16_of_float(z[i]) : ek__bf16_of_float(z[i]);
}

static void uniform(const job *j, int64_t g, group *out) {
  const ek__philox_block b = ek__philox_at(j->stream, j->first + (uint64_t)g);
  for (int i = 0; i < GROUP; i++) switch (j->dtype) {
    case EK_FLOAT32: out->f32[i] = uniform_f32(b.x[i]); break;
    case EK_FLOAT64: out->f64[i / 2] = uniform_f64(b.x[i & ~1], b.x[i | 1]); break;
    case EK_FLOAT16: /* as many bits as the type has */
      out->u16[i] = ek__f16_of_float(ek__float_of_f16((uint16_t)(0x3c00u | (b.x[i] & 0x3ffu))) - 1.0f);
      break;
    default: out->u16[i] = ek__bf16_of_float(ek__float_of_bf16((uint16_t)(0x3f80u | (b.x[i] & 0x7fu))) - 1.0f); break;
    }
}

static void uniform_int(const job *j, int64_t g, group *out) {
  const ek__philox_block b = ek__philox_at(j->stream, j->first + (uint64_t)g);
  for (int i = 0; j->dtype == EK_INT32 && i < GROUP; i++)
    out->i32[i] = (int32_t)((uint32_t)j->low + b.x[i] % (uint32_t)j->range);
  for (int i = 0; j->dtype == EK_INT64 && i < GROUP / 2; i++) {
    const uint64_t bits = (uint64_t)b.x[2 * i + 1] << 32 | b.x[2 * i];
    out->i64[i] = (int64_t)((uint64_t)j->low + bits % j->range);
  }
}

static void normal(const job *j, int64_t g, group *out) {
  const ek__philox_block b = ek__philox_at(j->stream, j->first + (uint64_t)g);
  float z[GROUP];
  if (j->dtype == EK_FLOAT64) {
    normal_f64(b.x, out->f64);
    return;
  }
  for (int i = 0; i < GROUP; i += 2) normal_f32(b.x[i], b.x[i + 1], &z[i]);
  put(j->dtype, z, out);
}

/* A group begins at blocks of its own, as many as were reserved for its elements; what is 2 or more is left out. */
static void truncated(const job *j, int64_t g, group *out) {
  const int n = per_group(j->dtype);
  uint64_t block = j->first + (uint64_t)g * (uint64_t)(n * RESERVED / GROUP);
  float z[GROUP];
  for (int have = 0; have < n; block++) {
    const ek__philox_block b = ek__philox_at(j->stream, block);
    for (int i = 0; j->dtype != EK_FLOAT64 && i < GROUP; i += 2) {
      float pair[2];
      normal_f32(b.x[i], b.x[i + 1], pair);
      for (int k = 0; k < 2; k++)
        if (fabsf(pair[k]) < 2.0f && have < n) z[have++] = pair[k];
    }
    if (j->dtype == EK_FLOAT64) {
      double pair[2];
      normal_f64(b.x, pair);
      for (int k = 0; k < 2; k++)
        if (fabs(pair[k]) < 2.0 && have < n) out->f64[have++] = pair[k];
    }
  }
  if (j->dtype != EK_FLOAT64) put(j->dtype, z, out);
}

static ek_code run_random(ek_run_context *c, job *j, void (*make)(const job *, int64_t, group *)) {
  ek_shape s = {.rank = 0};
  EK_TRY(ek__run_ints(c, 0, EK_MAX_RANK, s.dim, &s.rank));
  for (int i = 0; i < s.rank; i++) EK_RUN_REQUIRE(c, s.dim[i] >= 0, "Dimension %" PRId64 " must be >= 0", s.dim[i]);
  EK_TRY(ek__run_output(c, 0, s));
  const int64_t n = c->out[0]->n;
  EK_TRY(ek__random_begin(c, (uint64_t)n * RESERVED, &j->stream, &j->first));
  j->dtype = c->out[0]->dtype;
  const int each = per_group(j->dtype), threads = ek__run_threads(c, n * 32); /* a number costs as much as 32 bytes */
  const int64_t groups = n / each + (n % each != 0);
  void *out = c->out[0]->data;
#pragma omp parallel for num_threads(threads) schedule(static) if (threads > 1)
  for (int64_t g = 0; g < groups; g++) {
    group values;
    make(j, g, &values);
    ek__copy_elements(j->dtype, ek__at(j->dtype, out, g * each), &values, n - g * each < each ? n - g * each : each);
  }
  return EK_OK;
}

/* ---- the ops */

static ek_code infer_random(ek_infer_context *c) { return ek__infer_shape_from_input(c, 0, &c->out[0].shape); }

static ek_code run_uniform(ek_run_context *c) {
  job j = {0};
  return run_random(c, &j, uniform);
}
static ek_code run_normal(ek_run_context *c) {
  job j = {0};
  return run_random(c, &j, normal);
}
static ek_code run_truncated(ek_run_context *c) {
  job j = {0};
  return run_random(c, &j, truncated);
}

static ek_code run_uniform_int(ek_run_context *c) {
  EK_RUN_REQUIRE(c, c->in[1]->n == 1 && c->in[2]->n == 1, "minval and maxval must be scalars");
  const int64_t low = ek__value_int(c->in[1], 0), high = ek__value_int(c->in[2], 0);
  EK_RUN_REQUIRE(c, low < high, "Need minval < maxval, got %" PRId64 " >= %" PRId64, low, high);
  job j = {.low = low, .range = (uint64_t)high - (uint64_t)low};
  return run_random(c, &j, uniform_int);
}

#define SEEDS  "seed: int = 0; seed2: int = 0; "
#define FLOATS "dtype: {half, bfloat16, float, double}; T: {int32, int64}"
#define FLAGS  (EK_OP_STATEFUL | EK_OP_NOT_DIFFERENTIABLE)

const ek_op_def ek_op_random_uniform = {.name = "RandomUniform",
                                        .doc = "independent numbers, uniform in [0, 1)",
                                        .in = "shape: T",
                                        .out = "output: dtype",
                                        .attrs = SEEDS FLOATS,
                                        .function = "",
                                        .flags = FLAGS,
                                        .infer = infer_random,
                                        .run = run_uniform};

const ek_op_def ek_op_random_standard_normal = {.name = "RandomStandardNormal",
                                                .doc = "independent numbers, normal with mean 0 and deviation 1",
                                                .in = "shape: T",
                                                .out = "output: dtype",
                                                .attrs = SEEDS FLOATS,
                                                .flags = FLAGS,
                                                .infer = infer_random,
                                                .run = run_normal};

const ek_op_def ek_op_truncated_normal = {.name = "TruncatedNormal",
                                          .doc = "RandomStandardNormal, drawn again while the magnitude is 2 or more",
                                          .in = "shape: T",
                                          .out = "output: dtype",
                                          .attrs = SEEDS FLOATS,
                                          .function = "",
                                          .flags = FLAGS,
                                          .infer = infer_random,
                                          .run = run_truncated};

const ek_op_def ek_op_random_uniform_int = {.name = "RandomUniformInt",
                                            .doc = "independent integers, uniform in [minval, maxval)",
                                            .in = "shape: T, minval: Tout, maxval: Tout",
                                            .out = "output: Tout",
                                            .attrs = SEEDS "Tout: {int32, int64}; T: {int32, int64}",
                                            .flags = FLAGS,
                                            .infer = infer_random,
                                            .run = run_uniform_int};
