/* SPDX-License-Identifier: Apache-2.0 */
/* The schedules of the elementwise kernels: chunks of at least 16,384 elements, shared out between threads. */
#include "kernels/elementwise.h"
#include "kernels/schedule.h"
#include "kernels/table.h"

#include <assert.h>

#define CHUNK      16384
#define MAX_CHUNKS 64 /* of a sum: its partial sums live on the stack */

typedef struct job {
  const ek__elementwise_loops *loops;
  int op;
  int64_t size; /* bytes of an element */
  int64_t rows, cols, per_chunk;
  ek__operand a, b;
  void *out;
  void *const *arrays;
  const double *hyper;
  double (*reduce)(const struct job *job, int64_t begin, int64_t n);
  double *partial;
} job;

static const char *at(const void *base, int64_t bytes) { return (const char *)base + bytes; }
static char *at_mut(void *base, int64_t bytes) { return (char *)base + bytes; }

static job job_of(const ek_kernels *k, ek_kernels_type type, int op) {
  assert(k != NULL && (type == EK_KERNELS_F32 || type == EK_KERNELS_F64));
  return (job){.loops = k->elementwise[type], .op = op, .size = type == EK_KERNELS_F32 ? 4 : 8, .per_chunk = CHUNK};
}

static void run(job *j, int threads, int64_t n, int64_t elements, void (*body)(void *job, int64_t chunk)) {
  ek__for_chunks(ek__threads_for(threads, elements * j->size), ek__chunk_count(n, j->per_chunk), body, j);
}

static void unary_chunk(void *context, int64_t chunk) {
  const job *const j = context;
  const int64_t begin = chunk * j->per_chunk, n = ek__min_i64(j->per_chunk, j->cols - begin);
  j->loops->unary[j->op](n, at(j->a.data, begin * j->size), at_mut(j->out, begin * j->size));
}

void ek__unary(const ek_kernels *k, ek_kernels_type type, int threads, ek__unary_op op, int64_t n, const void *a,
               void *out) {
  job j = job_of(k, type, (int)op);
  j.cols = n, j.a.data = a, j.out = out;
  run(&j, threads, n, n, unary_chunk);
}

/* A chunk of whole rows, or of the only row. */
static void binary_chunk(void *context, int64_t chunk) {
  const job *const j = context;
  const int64_t begin = chunk * j->per_chunk;
  ek__operand a = j->a, b = j->b;
  int64_t rows = 1, cols = j->cols;
  if (j->rows == 1) {
    cols = ek__min_i64(j->per_chunk, j->cols - begin);
    a.data = at(a.data, begin * a.col * j->size), b.data = at(b.data, begin * b.col * j->size);
  } else {
    rows = ek__min_i64(j->per_chunk, j->rows - begin);
    a.data = at(a.data, begin * a.row * j->size), b.data = at(b.data, begin * b.row * j->size);
  }
  j->loops->binary[j->op](rows, cols, a, b, at_mut(j->out, begin * (j->rows == 1 ? 1 : j->cols) * j->size));
}

/* Whether the operand runs on from row to row as one long row does. */
static int is_one_row(ek__operand a, int64_t cols) { return a.row == (a.col ? cols : 0); }

void ek__binary(const ek_kernels *k, ek_kernels_type type, int threads, ek__binary_op op, int64_t rows, int64_t cols,
                ek__operand a, ek__operand b, void *out) {
  if (rows == 0 || cols == 0) return;
  const int64_t elements = rows * cols;
  if (is_one_row(a, cols) && is_one_row(b, cols)) rows = 1, cols = elements;
  job j = job_of(k, type, (int)op);
  j.rows = rows, j.cols = cols, j.a = a, j.b = b, j.out = out;
  if (rows > 1) j.per_chunk = ek__max_i64(1, CHUNK / cols);
  run(&j, threads, rows == 1 ? cols : rows, elements, binary_chunk);
}

static double reduce_sum(const job *j, int64_t begin, int64_t n) {
  return j->loops->sum(n, at(j->a.data, begin * j->size));
}
static double reduce_sum_squares(const job *j, int64_t begin, int64_t n) {
  return j->loops->sum_squares(n, at(j->a.data, begin * j->size));
}
static double reduce_dot(const job *j, int64_t begin, int64_t n) {
  return j->loops->dot(n, at(j->a.data, begin * j->size), at(j->b.data, begin * j->size));
}

static void reduce_chunk(void *context, int64_t chunk) {
  const job *const j = context;
  const int64_t begin = chunk * j->per_chunk;
  j->partial[chunk] = j->reduce(j, begin, ek__min_i64(j->per_chunk, j->cols - begin));
}

static double reduce(job j, int threads, int64_t n, double (*loop)(const job *, int64_t, int64_t)) {
  double partial[MAX_CHUNKS], total = 0;
  j.cols = n, j.reduce = loop, j.partial = partial;
  j.per_chunk = ek__max_i64(CHUNK, ek__chunk_count(n, MAX_CHUNKS));
  run(&j, threads, n, n, reduce_chunk);
  for (int64_t i = 0; i < ek__chunk_count(n, j.per_chunk); i++) total += partial[i];
  return total;
}

double ek__sum(const ek_kernels *k, ek_kernels_type type, int threads, int64_t n, const void *a) {
  job j = job_of(k, type, 0);
  j.a.data = a;
  return reduce(j, threads, n, reduce_sum);
}

double ek__sum_squares(const ek_kernels *k, ek_kernels_type type, int threads, int64_t n, const void *a) {
  job j = job_of(k, type, 0);
  j.a.data = a;
  return reduce(j, threads, n, reduce_sum_squares);
}

double ek__dot(const ek_kernels *k, ek_kernels_type type, int threads, int64_t n, const void *a, const void *b) {
  job j = job_of(k, type, 0);
  j.a.data = a, j.b.data = b;
  return reduce(j, threads, n, reduce_dot);
}

static void column_sums_chunk(void *context, int64_t chunk) {
  const job *const j = context;
  const int64_t begin = chunk * j->per_chunk, cols = ek__min_i64(j->per_chunk, j->cols - begin);
  j->loops->column_sums(j->rows, cols, at(j->a.data, begin * j->size), j->cols, at_mut(j->out, begin * j->size));
}

/* Threads share out blocks of columns: the order of a column's additions is that of the loop. */
void ek__column_sums(const ek_kernels *k, ek_kernels_type type, int threads, int64_t rows, int64_t cols, const void *a,
                     void *out) {
  job j = job_of(k, type, 0);
  j.rows = rows, j.cols = cols, j.a.data = a, j.out = out, j.per_chunk = 64;
  run(&j, threads, cols, rows * cols, column_sums_chunk);
}

static void row_sums_chunk(void *context, int64_t chunk) {
  const job *const j = context;
  const int64_t begin = chunk * j->per_chunk, end = ek__min_i64(begin + j->per_chunk, j->rows);
  for (int64_t r = begin; r < end; r++) {
    const double sum = j->loops->sum(j->cols, at(j->a.data, r * j->cols * j->size));
    if (j->size == 4)
      ((float *)j->out)[r] = (float)sum;
    else
      ((double *)j->out)[r] = sum;
  }
}

void ek__row_sums(const ek_kernels *k, ek_kernels_type type, int threads, int64_t rows, int64_t cols, const void *a,
                  void *out) {
  job j = job_of(k, type, 0);
  j.rows = rows, j.cols = cols, j.a.data = a, j.out = out, j.per_chunk = ek__max_i64(1, CHUNK / ek__max_i64(1, cols));
  run(&j, threads, rows, rows * cols, row_sums_chunk);
}

static void update_chunk(void *context, int64_t chunk) {
  const job *const j = context;
  const int64_t begin = chunk * j->per_chunk, n = ek__min_i64(j->per_chunk, j->cols - begin);
  void *arrays[1 + EK__UPDATE_SLOTS];
  for (int64_t i = 0; i < j->rows; i++) arrays[i] = at_mut(j->arrays[i], begin * j->size);
  j->loops->update[j->op](n, arrays, at(j->a.data, begin * j->size), j->hyper);
}

void ek__update(const ek_kernels *k, ek_kernels_type type, int threads, ek__update_op op, int64_t n,
                void *const *arrays, const void *grad, const double *hyper) {
#define EK_UPDATE(ID, name, slots, hypers) [EK__##ID] = 1 + (slots),
  static const int array_count[] = {
#include "kernels/update.def"
  };
  job j = job_of(k, type, (int)op);
  j.rows = array_count[op], j.cols = n, j.arrays = arrays, j.a.data = grad, j.hyper = hyper;
  run(&j, threads, n, n * (1 + j.rows), update_chunk);
}
