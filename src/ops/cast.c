/* SPDX-License-Identifier: Apache-2.0 */
/* Cast between all numeric dtypes and bool, as x86 processors and so TensorFlow do it: a float that no int32 (for int64
 * and wider: no int64) holds becomes the smallest number of that type, small integers take the low bits, integers wrap.
 */
#include "kernels/schedule.h"
#include "ops/grad_util.h"
#include "ops/number.h"
#include "ops/run.h"

#include <string.h>

enum { BLOCK = 512, CHUNK = 16384 }; /* elements: through a buffer on the stack; for one thread */

/* What a source dtype is read as; destinations are written from any of the three. */
typedef enum wide { WIDE_NONE, WIDE_FLOAT, WIDE_INT, WIDE_UINT } wide;
typedef union number {
  double f;
  int64_t i;
  uint64_t u;
} number;

typedef struct dtype_casts {
  wide as;
  void (*get)(int64_t n, const void *x, number *w);
  void (*put[WIDE_UINT + 1])(int64_t n, const number *w, void *z);
} dtype_casts;

static int64_t int64_of(double d) { return d >= -0x1p63 && d < 0x1p63 ? (int64_t)d : INT64_MIN; }
static int64_t int32_of(double d) { return d > -0x1p31 - 1 && d < 0x1p31 ? (int64_t)d : INT32_MIN; }
static uint64_t uint64_of(double d) {
  return d >= 0x1p63 && d < 0x1p64 ? (uint64_t)(d - 0x1p63) + (UINT64_C(1) << 63) : (uint64_t)int64_of(d);
}

#define GET(tag_, field_, type_)                                                                                       \
  static void get_##tag_(int64_t n, const void *data, number *w) {                                                     \
    const ek__s_##tag_ *x = data;                                                                                      \
    for (int64_t i = 0; i < n; i++) w[i].field_ = (type_)ek__get_##tag_(x[i]);                                         \
  }
#define PUT(tag_, name_, value_)                                                                                       \
  static void put_##tag_##_##name_(int64_t n, const number *w, void *data) {                                           \
    ek__s_##tag_ *z = data;                                                                                            \
    for (int64_t i = 0; i < n; i++) {                                                                                  \
      const number v = w[i];                                                                                           \
      z[i] = ek__put_##tag_((ek__v_##tag_)(value_));                                                                   \
    }                                                                                                                  \
  }
#define LOOPS(tag_, field_, type_, from_float_, from_int_, from_uint_)                                                 \
  GET(tag_, field_, type_)                                                                                             \
  PUT(tag_, f, from_float_)                                                                                            \
  PUT(tag_, i, from_int_)                                                                                              \
  PUT(tag_, u, from_uint_)
#define FLOAT_LOOPS(tag_, unused_)   LOOPS(tag_, f, double, v.f, v.i, v.u)
#define INT_LOOPS(tag_, from_float_) LOOPS(tag_, i, int64_t, from_float_(v.f), v.i, v.u)
EK_FLOAT_TAGS(FLOAT_LOOPS, )
INT_LOOPS(i8, int32_of)
INT_LOOPS(u8, int32_of)
INT_LOOPS(i16, int32_of)
INT_LOOPS(u16, int32_of)
INT_LOOPS(i32, int32_of)
INT_LOOPS(u32, int64_of)
INT_LOOPS(i64, int64_of)
LOOPS(u64, u, uint64_t, uint64_of(v.f), v.i, v.u)
LOOPS(b, i, int64_t, v.f != 0, v.i != 0, v.u != 0)

#define CASTS(tag_, wide_)                                                                                             \
  [EK__DTYPE_##tag_] = {                                                                                               \
      wide_, get_##tag_, {[WIDE_FLOAT] = put_##tag_##_f, [WIDE_INT] = put_##tag_##_i, [WIDE_UINT] = put_##tag_##_u}},
static const dtype_casts casts[EK__DTYPES] = {EK_FLOAT_TAGS(CASTS, WIDE_FLOAT) EK_INT_TAGS(CASTS, WIDE_INT)
                                                  CASTS(u32, WIDE_INT) CASTS(u64, WIDE_UINT) CASTS(b, WIDE_INT)};

typedef struct job {
  const dtype_casts *from, *to;
  const char *x;
  char *z;
  int64_t n, from_size, to_size;
} job;

static void cast_chunk(void *context, int64_t chunk) {
  const job *j = context;
  const int64_t end = ek__min_i64(j->n, (chunk + 1) * CHUNK);
  number buffer[BLOCK];
  for (int64_t at = chunk * CHUNK; at < end; at += BLOCK) {
    const int64_t n = ek__min_i64(BLOCK, end - at);
    j->from->get(n, j->x + at * j->from_size, buffer);
    j->to->put[j->from->as](n, buffer, j->z + at * j->to_size);
  }
}

static ek_code run_cast(ek_run_context *c) {
  const ek_value *x = c->in[0];
  ek_value *z = c->out[0];
  EK_TRY(ek__run_output(c, 0, x->shape));
  if (x->dtype == z->dtype) {
    ek__copy_elements(x->dtype, z->data, x->data, x->n);
    return EK_OK;
  }
  if (x->dtype >= EK__DTYPES || casts[x->dtype].get == NULL || casts[z->dtype].get == NULL)
    return ek__run_fail(c, EK_UNIMPLEMENTED, "Cast %s to %s is not supported", ek_dtype_name(x->dtype),
                        ek_dtype_name(z->dtype));
  const bool half = z->dtype == EK_FLOAT16 || z->dtype == EK_BFLOAT16;
  if (ek__attr_bool(c->node, "Truncate") && half && casts[x->dtype].as == WIDE_FLOAT)
    return ek__run_fail(c, EK_UNIMPLEMENTED, "Truncate to %s is not supported", ek_dtype_name(z->dtype));
  job j = {.from = &casts[x->dtype],
           .to = &casts[z->dtype],
           .x = x->data,
           .z = z->data,
           .n = x->n,
           .from_size = (int64_t)ek_dtype_size(x->dtype),
           .to_size = (int64_t)ek_dtype_size(z->dtype)};
  const int threads = ek__threads_for(c->threads, x->n * (j.from_size + j.to_size));
  ek__for_chunks(threads, ek__chunk_count(x->n, CHUNK), cast_chunk, &j);
  return EK_OK;
}

/* Integers and truth values have no gradient. */
static ek_code grad_cast(ek_grad_context *c) {
  const ek_dtype from = ek_out_dtype(c->g, ek__grad_in(c, 0));
  if (ek_dtype_is_floating(from) && ek_dtype_is_floating(ek_out_dtype(c->g, c->dy[0])))
    c->dx[0] = ek__grad_cast(c->g, c->dy[0], from);
  return EK_OK;
}

static bool partial_cast(ek_infer_context *c, ek_shape *value) { return c->partial(c, 0, value); }

const ek_op_def ek_op_cast = {.name = "Cast",
                              .doc = "x as numbers of another dtype; truth values are 0 and 1",
                              .in = "x: SrcT",
                              .out = "y: DstT",
                              .attrs = "SrcT: type; DstT: type; Truncate: bool = false",
                              .infer = ek__infer_same,
                              .partial_value = partial_cast,
                              .run = run_cast,
                              .grad = grad_cast};
