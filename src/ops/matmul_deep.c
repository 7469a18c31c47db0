/* SPDX-License-Identifier: Apache-2.0 */
/* Few rows and columns over a long inner dimension, such as a small batch before a wide layer: cut there. A thread then
 * reads the rows of the weight that it changes itself when the gradient is cut by rows (ops/fused_update.c): between
 * cores without a common cache, moving a weight costs more than multiplying by it. */
#include "ops/matmul_deep.h"
#include "kernels/elementwise.h"
#include "kernels/schedule.h"
#include "ops/onednn.h"

enum { PIECE_WORK = 1 << 21, MAX_PIECES = 8, DEPTH_STEP = 8, TIMES_DEEPER = 4 }; /* multiplications: about 40 us */

typedef struct job {
  const ek__matmul *p;
  int64_t depth; /* of a piece */
  const float *a, *b;
  float *c, *more; /* of piece 0, of the others */
  _Atomic bool failed;
} job;

static int64_t depth_of_a_piece(const ek__matmul *p) {
  const int64_t pieces = ek__min_i64(MAX_PIECES, p->m * p->n * p->k / PIECE_WORK);
  return pieces < 2 ? p->k : ek__chunk_count(ek__chunk_count(p->k, pieces), DEPTH_STEP) * DEPTH_STEP;
}

bool ek__matmul_is_deep(const ek__matmul *p) {
  return p->dtype == EK_FLOAT32 && p->k / TIMES_DEEPER >= ek__max_i64(p->m, p->n) && depth_of_a_piece(p) < p->k;
}

size_t ek__matmul_deep_bytes(const ek__matmul *p) {
  return (size_t)(ek__chunk_count(p->k, depth_of_a_piece(p)) - 1) * (size_t)(p->m * p->n) * sizeof(float);
}

static void piece(void *context, int64_t index) {
  job *j = context;
  const int64_t at = index * j->depth;
  ek__matmul p = *j->p;
  p.k = ek__min_i64(j->depth, p.k - at);
  float *c = index == 0 ? j->c : j->more + (index - 1) * p.m * p.n;
  if (!ek__onednn_gemm(&p, 1.0f, j->a + at * p.a_col, j->b + at * p.b_row, 0.0f, c, p.n)) j->failed = true;
}

bool ek__matmul_deep(const ek__matmul *p, int threads, ek__choice *choice, const void *a, const void *b, void *c,
                     float *parts) {
  job j = {.p = p, .depth = depth_of_a_piece(p), .a = a, .b = b, .c = c, .more = parts};
  const ek_kernels *kernels = NULL;
  const int64_t pieces = ek__chunk_count(p->k, j.depth), n = p->m * p->n;
  int64_t start_ns = 0;
  if (ek_kernels_get(NULL, &kernels) != EK_KERNELS_OK) return false;
  const bool several = threads > 1 && ek__choice_begin(choice, &start_ns);
  ek__for_chunks(several ? threads : 1, pieces, piece, &j);
  for (int64_t i = 1; i < pieces; i++)
    ek__binary(kernels, EK_KERNELS_F32, 1, EK__ADD, 1, n, ek__full(c, n), ek__full(j.more + (i - 1) * n, n), c);
  if (threads > 1) ek__choice_end(choice, several, start_ns);
  return !j.failed;
}
