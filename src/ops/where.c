/* SPDX-License-Identifier: Apache-2.0 */
/* Ops whose output is as large as their input's values say: Where, Unique. */
#include "ops/index.h"

#include <string.h>

/* ---- Where */

static ek_code infer_where(ek_infer_context *c) {
  const ek_shape s = c->in[0].shape;
  c->out[0].shape = ek_shape(-1, s.rank);
  return EK_OK;
}

static bool holds(const ek_value *v, int64_t k) {
  static const char zero[16];
  const size_t size = ek_dtype_size(v->dtype);
  const void *x = ek__at(v->dtype, v->data, k);
  if (v->dtype == EK_FLOAT32) return *(const float *)x != 0.0f; /* -0 is false */
  if (v->dtype == EK_FLOAT64) return *(const double *)x != 0.0;
  if (v->dtype == EK_FLOAT16 || v->dtype == EK_BFLOAT16) return (*(const uint16_t *)x & 0x7fffu) != 0;
  return memcmp(x, zero, size) != 0;
}

static ek_code run_where(ek_run_context *c) {
  const ek_value *v = c->in[0];
  const int rank = v->shape.rank;
  int64_t stride[EK_MAX_RANK], n = 0;
  for (int64_t k = 0; k < v->n; k++) n += holds(v, k);
  EK_TRY(ek__run_output(c, 0, ek_shape(n, rank)));
  int64_t *out = c->out[0]->data;
  ek__row_major(v->shape, stride);
  for (int64_t k = 0; k < v->n; k++)
    for (int i = 0; holds(v, k) && i < rank; i++) *out++ = k / stride[i] % v->shape.dim[i];
  return EK_OK;
}

const ek_op_def ek_op_where = {.name = "Where",
                               .doc = "where the input is not zero: one row of indices for each such element",
                               .in = "input: T",
                               .out = "index: int64",
                               .attrs = "T: {float, double, int32, uint8, int16, int8, int64, bfloat16, uint16, half, "
                                        "uint32, uint64, bool} = bool",
                               .function = "where_true",
                               .flags = EK_OP_NOT_DIFFERENTIABLE,
                               .infer = infer_where,
                               .run = run_where};

/* ---- Unique */

static ek_code infer_unique(ek_infer_context *c) {
  EK_TRY(ek__infer_rank(c, 0, 1));
  c->out[0].shape = ek_shape(-1);
  c->out[1].shape = c->in[0].shape;
  return EK_OK;
}

static bool same(ek_dtype dtype, const void *a, const void *b) {
  if (dtype == EK_FLOAT32) return *(const float *)a == *(const float *)b;
  if (dtype == EK_FLOAT64) return *(const double *)a == *(const double *)b;
  if (dtype != EK_STRING) return memcmp(a, b, ek_dtype_size(dtype)) == 0;
  const ek__bytes *x = *(ek__bytes *const *)a, *y = *(ek__bytes *const *)b;
  const size_t nx = x != NULL ? x->size : 0, ny = y != NULL ? y->size : 0;
  return nx == ny && (nx == 0 || memcmp(x->data, y->data, nx) == 0);
}

static uint64_t hash(ek_dtype dtype, const void *x) {
  const unsigned char *bytes = x;
  size_t n = ek_dtype_size(dtype);
  if (dtype == EK_STRING) {
    const ek__bytes *s = *(ek__bytes *const *)x;
    bytes = s != NULL ? (const unsigned char *)s->data : NULL;
    n = s != NULL ? s->size : 0;
  }
  if ((dtype == EK_FLOAT32 && *(const float *)x == 0.0f) || (dtype == EK_FLOAT64 && *(const double *)x == 0.0)) n = 0;
  uint64_t h = 1469598103934665603u;
  for (size_t i = 0; i < n; i++) h = (h ^ bytes[i]) * 1099511628211u;
  return h ^ (h >> 29);
}

/* first[j]: where the j-th different element stands. An open table of 2^k >= 2n places holds j + 1. */
static ek_code run_unique(ek_run_context *c) {
  const ek_value *v = c->in[0];
  EK_RUN_REQUIRE(c, v->shape.rank == 1, "unique expects a 1D vector.");
  size_t cap = 16;
  while (cap < 2 * (size_t)v->n) cap *= 2;
  const size_t bytes = (cap + (size_t)v->n) * sizeof(int64_t);
  int64_t *table = ek__alloc(c->allocator, bytes);
  if (table == NULL) return ek__no_memory(c->st, c->node->name, bytes);
  int64_t *first = table + cap, n = 0;
  ek_code rc = ek__run_output(c, 1, v->shape);
  for (int64_t k = 0; rc == EK_OK && k < v->n; k++) {
    const void *x = ek__at(v->dtype, v->data, k);
    size_t at = (size_t)hash(v->dtype, x) & (cap - 1);
    while (table[at] != 0 && !same(v->dtype, ek__at(v->dtype, v->data, first[table[at] - 1]), x))
      at = (at + 1) & (cap - 1);
    if (table[at] == 0) {
      first[n++] = k;
      table[at] = n;
    }
    ek__put_int(c->out[1], k, table[at] - 1);
  }
  if (rc == EK_OK) rc = ek__run_output(c, 0, ek_shape(n));
  for (int64_t j = 0; rc == EK_OK && j < n; j++)
    ek__copy_elements(v->dtype, ek__at(v->dtype, c->out[0]->data, j), ek__at(v->dtype, v->data, first[j]), 1);
  ek__free(c->allocator, table, bytes);
  return rc;
}

const ek_op_def ek_op_unique = {.name = "Unique",
                                .doc = "the different elements of a vector in the order they come, and which each is",
                                .in = "x: T",
                                .out = "y: T, idx: out_idx",
                                .attrs = "T: type; out_idx: {int32, int64} = int32",
                                .flags = EK_OP_NOT_DIFFERENTIABLE,
                                .infer = infer_unique,
                                .run = run_unique};
