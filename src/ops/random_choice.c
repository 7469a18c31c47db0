/* SPDX-License-Identifier: Apache-2.0 */
/* RandomShuffle, and Multinomial, which draws classes by their logits: bit for bit TensorFlow's. */
#include "ops/index.h"
#include "ops/number.h"
#include "ops/random_stream.h"

#include <inttypes.h>
#include <math.h>

#define FLAGS (EK_OP_STATEFUL | EK_OP_NOT_DIFFERENTIABLE)

/* Each place in turn takes one of those that are left. */
static ek_code run_shuffle(ek_run_context *c) {
  const ek_value *x = c->in[0];
  const int64_t n = x->shape.rank > 0 ? x->shape.dim[0] : 1, size = n > 0 ? x->n / n : 0;
  ek__philox stream;
  uint64_t first = 0;
  EK_TRY(ek__run_output(c, 0, x->shape));
  if (n <= 1 || size == 0) {
    ek__copy_elements(x->dtype, c->out[0]->data, x->data, x->n);
    return EK_OK;
  }
  EK_RUN_REQUIRE(c, n <= UINT32_MAX, "Size of first dimension %" PRId64 " is too large", n);
  EK_TRY(ek__random_begin(c, ((uint64_t)n - 1 + 3) / 4, &stream, &first));
  int64_t *order = ek__alloc_array(c->allocator, (size_t)n, sizeof *order);
  if (order == NULL) return ek__no_memory(c->st, c->node->name, (size_t)n * sizeof *order);
  ek__words words = ek__words_from(stream, first);
  for (int64_t i = 0; i < n; i++) order[i] = i;
  for (int64_t i = 0; i + 1 < n; i++) {
    const int64_t k = i + (int64_t)(ek__next_word(&words) % (uint32_t)(n - i)), swap = order[i];
    order[i] = order[k];
    order[k] = swap;
  }
  for (int64_t i = 0; i < n; i++)
    ek__copy_elements(x->dtype, ek__at(x->dtype, c->out[0]->data, i * size), ek__at(x->dtype, x->data, order[i] * size),
                      size);
  ek__free(c->allocator, order, (size_t)n * sizeof *order);
  return EK_OK;
}

const ek_op_def ek_op_random_shuffle = {.name = "RandomShuffle",
                                        .doc = "value with its first dimension in a random order",
                                        .in = "value: T",
                                        .out = "output: T",
                                        .attrs = "seed: int = 0; seed2: int = 0; T: type",
                                        .flags = FLAGS,
                                        .infer = ek__infer_same,
                                        .run = run_shuffle};

static ek_code infer_multinomial(ek_infer_context *c) {
  int64_t n = -1;
  EK_TRY(ek__infer_rank(c, 0, 2));
  EK_TRY(ek__infer_rank(c, 1, 0));
  (void)ek__infer_int(c, 1, &n);
  c->out[0].shape = ek_shape(c->in[0].shape.rank == 2 ? c->in[0].shape.dim[0] : -1, n);
  return EK_OK;
}

#define READ(tag_, unused_)                                                                                            \
  case EK__DTYPE_##tag_: return (double)ek__get_##tag_(((const ek__s_##tag_ *)v->data)[i]);
static double number_at(const ek_value *v, int64_t i) {
  switch (v->dtype) {
    EK_FLOAT_TAGS(READ, )
  default: return (double)ek__value_int(v, i);
  }
}

static double uniform(ek__words *w) {
  union {
    uint64_t bits;
    double d;
  } u;
  const uint64_t high = ek__next_word(w), low = ek__next_word(w);
  u.bits = UINT64_C(0x3ff0000000000000) | (high & 0xfffffu) << 32 | low;
  return u.d - 1.0;
}

/* The sums of the weights up to each class; the last one is returned. */
static double accumulate(const ek_value *logits, int64_t row, int64_t classes, double *sums) {
  double most = -INFINITY, total = 0;
  for (int64_t j = 0; j < classes; j++) {
    const double x = number_at(logits, row * classes + j);
    if (isfinite(x) && x > most) most = x;
  }
  for (int64_t j = 0; j < classes; j++) {
    const double x = number_at(logits, row * classes + j);
    if (isfinite(x)) total += exp(x - most);
    sums[j] = total;
  }
  return total;
}

static ek_code run_multinomial(ek_run_context *c) {
  const ek_value *logits = c->in[0];
  EK_RUN_REQUIRE(c, logits->shape.rank == 2, "logits should be a matrix");
  EK_RUN_REQUIRE(c, c->in[1]->n == 1, "num_samples should be a scalar");
  const int64_t rows = logits->shape.dim[0], classes = logits->shape.dim[1], n = ek__value_int(c->in[1], 0);
  EK_RUN_REQUIRE(c, n >= 0, "num_samples should be nonnegative, got %" PRId64, n);
  EK_RUN_REQUIRE(c, rows == 0 || classes > 0, "num_classes should be positive, got %" PRId64, classes);
  EK_TRY(ek__run_output(c, 0, ek_shape(rows, n)));
  if (rows == 0 || n == 0) return EK_OK;
  enum { RESERVED = 256 };
  ek__philox stream;
  uint64_t first = 0;
  EK_TRY(ek__random_begin(c, (uint64_t)rows * (uint64_t)((n + 3) / 4 * 4 * 2) * RESERVED, &stream, &first));
  double *sums = ek__alloc_array(c->allocator, (size_t)classes, sizeof *sums);
  if (sums == NULL) return ek__no_memory(c->st, c->node->name, (size_t)classes * sizeof *sums);
  ek__words words = ek__words_from(stream, first);
  for (int64_t b = 0; b < rows; b++) {
    const double total = accumulate(logits, b, classes, sums);
    for (int64_t j = 0; j < n; j++) {
      const double found = uniform(&words) * total;
      int64_t at = 0;
      while (at < classes && sums[at] <= found) at++;
      ek__put_int(c->out[0], b * n + j, at);
    }
  }
  ek__free(c->allocator, sums, (size_t)classes * sizeof *sums);
  return EK_OK;
}

const ek_op_def ek_op_multinomial = {.name = "Multinomial",
                                     .doc = "num_samples classes a row, drawn by its logits",
                                     .in = "logits: T, num_samples: int32",
                                     .out = "output: output_dtype",
                                     .attrs = "seed: int = 0; seed2: int = 0; T: {" EK_FLOAT_TYPES
                                              ", int32, int64}; output_dtype: {int32, int64} = int64",
                                     .flags = FLAGS,
                                     .infer = infer_multinomial,
                                     .run = run_multinomial};
