/* SPDX-License-Identifier: Apache-2.0 */
#include "ops/onednn.h"

#ifdef EK_ONEDNN

#include "kernels/schedule.h"
#include "ops/choice.h"
#include "ops/onednn_api.h"

#include <omp.h>

/* ---- A product in pieces of rows */

enum { MAX_PIECES = 32, MIN_ROWS = 24, ROW_STEP = 8, PIECE_WORK = 1 << 20 }; /* multiplications: about 12 us */
enum { A, B, C, SCRATCH, OPERANDS };

typedef struct piece {
  dnnl_primitive_t primitive; /* of `whole` or of `rest` rows */
  dnnl_memory_t memory[OPERANDS];
} piece;

struct ek__onednn_matmul {
  const ek_allocator *allocator;
  ek__matmul p;
  int64_t rows; /* of a piece; the last may have fewer */
  int n_pieces;
  dnnl_engine_t engine;
  dnnl_stream_t stream[MAX_PIECES];
  dnnl_primitive_t primitive[2]; /* for all pieces but the last, for the last */
  piece piece[MAX_PIECES];
  size_t scratch_bytes; /* of one thread, a multiple of EK_ALIGN */
  ek__choice choice;
};

/* From the shape alone: pieces of nearly the same size, few enough that calling oneDNN for each costs little. */
static int64_t rows_of_a_piece(const ek__matmul *p) {
  const int64_t work = p->m * p->n * p->k, most = ek__min_i64(MAX_PIECES, p->m / MIN_ROWS);
  const int64_t wanted = ek__max_i64(work / PIECE_WORK, work >= PIECE_WORK ? 2 : 1);
  const int64_t pieces = ek__max_i64(1, ek__min_i64(wanted, most));
  return ek__chunk_count(ek__chunk_count(p->m, pieces), ROW_STEP) * ROW_STEP;
}

/* One primitive for `rows` rows, and the operands of the pieces first..last, which use it. */
static dnnl_status_t make(ek__onednn_matmul *m, int which, int64_t rows, int first, int last,
                          dnnl_primitive_attr_t attr) {
  const ek__matmul *p = &m->p;
  const dnnl_dims_t dims[3] = {{rows, p->k}, {p->k, p->n}, {rows, p->n}};
  const dnnl_dims_t steps[3] = {{p->a_row, p->a_col}, {p->b_row, p->b_col}, {p->n, 1}};
  ek__dnnl_layout l[3] = {0};
  dnnl_primitive_desc_t pd = NULL;
  dnnl_status_t rc = dnnl_success;
  for (int i = 0; i < 3 && rc == dnnl_success; i++) rc = ek__dnnl_layout_new(&l[i], 2, dims[i], steps[i]);
  if (rc == dnnl_success) rc = ek__dnnl_matmul_new(&pd, l, attr, m->engine);
  if (rc == dnnl_success) rc = dnnl_primitive_create(&m->primitive[which], pd);
  for (int i = first; i <= last && rc == dnnl_success; i++) {
    m->piece[i].primitive = m->primitive[which];
    rc = dnnl_stream_create(&m->stream[i], m->engine, dnnl_stream_default_flags);
    for (int k = 0; k < 3 && rc == dnnl_success; k++)
      rc = ek__dnnl_memory_new(&m->piece[i].memory[k], ek__dnnl_view_of(&l[k]), m->engine);
    if (rc == dnnl_success)
      rc = ek__dnnl_memory_new(&m->piece[i].memory[SCRATCH], ek__dnnl_wants(pd, dnnl_query_scratchpad_md), m->engine);
  }
  if (rc == dnnl_success) {
    const size_t bytes = ek__dnnl_bytes(ek__dnnl_wants(pd, dnnl_query_scratchpad_md));
    if (bytes > m->scratch_bytes) m->scratch_bytes = bytes;
  }
  for (int i = 0; i < 3; i++) ek__dnnl_layout_free(&l[i]);
  if (pd != NULL) (void)dnnl_primitive_desc_destroy(pd);
  return rc;
}

void ek__onednn_matmul_free(ek__onednn_matmul *m) {
  if (m == NULL) return;
  for (int i = 0; i < m->n_pieces; i++) {
    for (int k = 0; k < OPERANDS; k++)
      if (m->piece[i].memory[k] != NULL) (void)dnnl_memory_destroy(m->piece[i].memory[k]);
    if (m->stream[i] != NULL) (void)dnnl_stream_destroy(m->stream[i]);
  }
  for (int i = 0; i < 2; i++)
    if (m->primitive[i] != NULL) (void)dnnl_primitive_destroy(m->primitive[i]);
  if (m->engine != NULL) (void)dnnl_engine_destroy(m->engine);
  ek__free(m->allocator, m, sizeof *m);
}

ek_code ek__onednn_matmul_new(const ek__matmul *p, int threads, const ek_allocator *a, ek__onednn_matmul **out,
                              size_t *scratch_bytes, ek_status *st) {
  *out = NULL;
  ek__onednn_matmul *m = ek__alloc(a, sizeof *m);
  if (m == NULL) return ek__no_memory(st, "a matrix product", sizeof *m);
  m->allocator = a;
  m->p = *p;
  m->rows = rows_of_a_piece(p);
  m->n_pieces = (int)ek__chunk_count(p->m, m->rows);
  const int last = m->n_pieces - 1, before = omp_get_max_threads();
  dnnl_primitive_attr_t attr = NULL;
  omp_set_num_threads(1); /* a primitive made for one thread */
  dnnl_status_t rc = dnnl_engine_create(&m->engine, dnnl_cpu, 0);
  if (rc == dnnl_success) rc = dnnl_primitive_attr_create(&attr);
  if (rc == dnnl_success) rc = dnnl_primitive_attr_set_scratchpad_mode(attr, dnnl_scratchpad_mode_user);
  if (rc == dnnl_success && last > 0) rc = make(m, 0, m->rows, 0, last - 1, attr);
  if (rc == dnnl_success) rc = make(m, 1, p->m - last * m->rows, last, last, attr);
  omp_set_num_threads(before);
  if (attr != NULL) (void)dnnl_primitive_attr_destroy(attr);
  if (rc != dnnl_success) {
    ek__onednn_matmul_free(m);
    return ek_status_set(st, rc == dnnl_out_of_memory ? EK_RESOURCE_EXHAUSTED : EK_UNIMPLEMENTED,
                         "oneDNN: matrix product: status %d", (int)rc);
  }
  *out = m;
  *scratch_bytes = m->scratch_bytes * (size_t)(threads > 0 ? threads : 1);
  return EK_OK;
}

typedef struct run {
  ek__onednn_matmul *m;
  const float *a, *b;
  float *c;
  char *scratch;
  bool parallel;
  dnnl_status_t status[MAX_PIECES];
} run;

static void run_piece(void *context, int64_t index) {
  run *r = context;
  ek__onednn_matmul *m = r->m;
  const piece *own = &m->piece[index];
  const int slot = r->parallel ? omp_get_thread_num() : 0;
  union {
    const float *in;
    void *out;
  } a = {.in = r->a + index * m->rows * m->p.a_row}, b = {.in = r->b};
  void *const handles[OPERANDS] = {a.out, b.out, r->c + index * m->rows * m->p.n,
                                   r->scratch != NULL ? r->scratch + (size_t)slot * m->scratch_bytes : NULL};
  dnnl_status_t rc = dnnl_success;
  for (int k = 0; k < OPERANDS && rc == dnnl_success; k++) rc = dnnl_memory_set_data_handle(own->memory[k], handles[k]);
  const dnnl_exec_arg_t args[OPERANDS] = {{DNNL_ARG_SRC, own->memory[A]},
                                          {DNNL_ARG_WEIGHTS, own->memory[B]},
                                          {DNNL_ARG_DST, own->memory[C]},
                                          {DNNL_ARG_SCRATCHPAD, own->memory[SCRATCH]}};
  if (rc == dnnl_success) rc = dnnl_primitive_execute(own->primitive, m->stream[index], OPERANDS, args);
  if (rc == dnnl_success) rc = dnnl_stream_wait(m->stream[index]);
  r->status[index] = rc;
}

ek_code ek__onednn_matmul_run(ek__onednn_matmul *m, int threads, const void *a, const void *b, void *c, void *scratch,
                              ek_status *st) {
  const int before = omp_get_max_threads();
  const bool possible = threads > 1 && m->n_pieces > 1;
  int64_t start_ns = 0;
  run r = {.m = m, .a = a, .b = b, .c = c, .scratch = scratch};
  r.parallel = possible && ek__choice_begin(&m->choice, &start_ns);
  omp_set_num_threads(1); /* oneDNN takes what OpenMP offers, where it is not inside a parallel region already */
  ek__for_chunks(r.parallel ? threads : 1, m->n_pieces, run_piece, &r);
  omp_set_num_threads(before);
  if (possible) ek__choice_end(&m->choice, r.parallel, start_ns);
  for (int i = 0; i < m->n_pieces; i++)
    EK_REQUIRE(r.status[i] == dnnl_success, st, EK_INTERNAL, "oneDNN: matrix product: status %d", (int)r.status[i]);
  return EK_OK;
}

/* ---- Pieces of anything */

bool ek__onednn_is_here(void) { return true; }

bool ek__onednn_gemm(const ek__matmul *p, float alpha, const float *a, const float *b, float beta, float *c,
                     int64_t c_row) {
  const bool ta = p->a_col != 1, tb = p->b_col != 1;
  const int64_t a_row = ta ? p->a_col : ek__max_i64(p->a_row, p->k); /* of a single row, it may be anything */
  const int64_t b_row = tb ? p->b_col : ek__max_i64(p->b_row, p->n);
  const int before = omp_get_max_threads();
  omp_set_num_threads(1);
  const dnnl_status_t rc =
      dnnl_sgemm(ta ? 'T' : 'N', tb ? 'T' : 'N', p->m, p->n, p->k, alpha, a, a_row, b, b_row, beta, c, c_row);
  omp_set_num_threads(before);
  return rc == dnnl_success;
}

#else

bool ek__onednn_is_here(void) { return false; }

ek_code ek__onednn_matmul_new(const ek__matmul *p, int threads, const ek_allocator *a, ek__onednn_matmul **out,
                              size_t *scratch_bytes, ek_status *st) {
  (void)p, (void)threads, (void)a, (void)scratch_bytes;
  *out = NULL;
  return ek_status_set(st, EK_UNIMPLEMENTED, "built without oneDNN");
}

void ek__onednn_matmul_free(ek__onednn_matmul *m) { (void)m; }

ek_code ek__onednn_matmul_run(ek__onednn_matmul *m, int threads, const void *a, const void *b, void *c, void *scratch,
                              ek_status *st) {
  (void)m, (void)threads, (void)a, (void)b, (void)c, (void)scratch;
  return ek_status_set(st, EK_UNIMPLEMENTED, "built without oneDNN");
}

bool ek__onednn_gemm(const ek__matmul *p, float alpha, const float *a, const float *b, float beta, float *c,
                     int64_t c_row) {
  (void)p, (void)alpha, (void)a, (void)b, (void)beta, (void)c, (void)c_row;
  return false;
}

#endif
