/* SPDX-License-Identifier: Apache-2.0 */
/* Qr: A = Q R by Householder reflections, computed in double. */
#include "ops/run.h"

#include <math.h>

static void sizes(ek_shape s, int64_t *m, int64_t *n) {
  *m = s.dim[s.rank - 2];
  *n = s.dim[s.rank - 1];
}

static ek_shape with_last(ek_shape s, int64_t rows, int64_t cols) {
  s.dim[s.rank - 2] = rows;
  s.dim[s.rank - 1] = cols;
  return s;
}

/* Of the two shapes, what is known. */
static void output_shapes(ek_shape in, bool full, ek_shape *q, ek_shape *r) {
  int64_t m, n;
  sizes(in, &m, &n);
  const int64_t p = m >= 0 && n >= 0 ? (m < n ? m : n) : -1;
  *q = with_last(in, m, full ? m : p);
  *r = with_last(in, full ? m : p, n);
}

static ek_code infer_qr(ek_infer_context *c) {
  char text[EK_SHAPE_TEXT];
  const ek_shape in = c->in[0].shape;
  if (in.rank < 0) {
    c->out[0].shape = c->out[1].shape = ek_shape_unknown();
    return EK_OK;
  }
  EK_INFER_REQUIRE(c, in.rank >= 2, "input must have at least rank 2, not shape %s",
                   ek_shape_format(in, text, sizeof text));
  output_shapes(in, ek__attr_bool(c->node, "full_matrices"), &c->out[0].shape, &c->out[1].shape);
  return EK_OK;
}

/* Turns column k of a (m x n, row-major) into the reflector that zeroes it below the diagonal: v below the diagonal
 * (v[k] = 1), R's element on it. The sign makes the diagonal the opposite of what was there. */
static double reflector(double *a, int64_t m, int64_t n, int64_t k) {
  double tail = 0.0;
  const double head = a[k * n + k];
  for (int64_t i = k + 1; i < m; i++) tail += a[i * n + k] * a[i * n + k];
  if (tail <= 0.0) return 0.0;
  const double beta = head >= 0.0 ? -sqrt(head * head + tail) : sqrt(head * head + tail);
  for (int64_t i = k + 1; i < m; i++) a[i * n + k] /= head - beta;
  a[k * n + k] = beta;
  return (beta - head) / beta;
}

/* (I - tau v v^T) to the columns first.. of b (m x cols). */
static void reflect(const double *a, int64_t m, int64_t n, int64_t k, double tau, double *b, int64_t cols,
                    int64_t first) {
  for (int64_t j = first; j < cols; j++) {
    double dot = b[k * cols + j];
    for (int64_t i = k + 1; i < m; i++) dot += a[i * n + k] * b[i * cols + j];
    b[k * cols + j] -= tau * dot;
    for (int64_t i = k + 1; i < m; i++) b[i * cols + j] -= tau * dot * a[i * n + k];
  }
}

/* a: m x n, becomes R above the diagonal. q: m x cols. tau: as many as min(m, n). */
static void factor(double *a, double *q, double *tau, int64_t m, int64_t n, int64_t cols) {
  const int64_t p = m < n ? m : n;
  for (int64_t k = 0; k < p; k++) {
    tau[k] = reflector(a, m, n, k);
    reflect(a, m, n, k, tau[k], a, n, k + 1);
  }
  for (int64_t i = 0; i < m; i++)
    for (int64_t j = 0; j < cols; j++) q[i * cols + j] = i == j ? 1.0 : 0.0;
  for (int64_t k = p - 1; k >= 0; k--) reflect(a, m, n, k, tau[k], q, cols, 0);
}

static double get(const ek_value *v, int64_t i) {
  return v->dtype == EK_FLOAT32 ? (double)((const float *)v->data)[i] : ((const double *)v->data)[i];
}

static void put(const ek_value *v, int64_t i, double x) {
  if (v->dtype == EK_FLOAT32)
    ((float *)v->data)[i] = (float)x;
  else
    ((double *)v->data)[i] = x;
}

static ek_code run_qr(ek_run_context *c) {
  ek_shape qs, rs;
  int64_t m, n, cols, rows;
  const ek_shape in = c->in[0]->shape;
  output_shapes(in, ek__attr_bool(c->node, "full_matrices"), &qs, &rs);
  EK_TRY(ek__run_output(c, 0, qs));
  EK_TRY(ek__run_output(c, 1, rs));
  sizes(in, &m, &n);
  cols = qs.dim[qs.rank - 1];
  rows = rs.dim[rs.rank - 2];
  if (m == 0 || n == 0) {
    for (int64_t i = 0; i < c->out[0]->n; i++) put(c->out[0], i, i % (m + 1) == 0 ? 1.0 : 0.0);
    return EK_OK;
  }
  const size_t room = (size_t)(m * n) + (size_t)(m * cols) + (size_t)(m < n ? m : n);
  double *a = ek__alloc_array(c->allocator, room, sizeof *a);
  if (a == NULL) return ek__no_memory(c->st, "Qr", room * sizeof *a);
  double *q = a + m * n, *tau = q + m * cols;
  for (int64_t b = 0; b < c->in[0]->n / (m * n); b++) {
    for (int64_t i = 0; i < m * n; i++) a[i] = get(c->in[0], b * m * n + i);
    factor(a, q, tau, m, n, cols);
    for (int64_t i = 0; i < m * cols; i++) put(c->out[0], b * m * cols + i, q[i]);
    for (int64_t i = 0; i < rows; i++)
      for (int64_t j = 0; j < n; j++) put(c->out[1], (b * rows + i) * n + j, j >= i ? a[i * n + j] : 0.0);
  }
  ek__free(c->allocator, a, room * sizeof *a);
  return EK_OK;
}

const ek_op_def ek_op_qr = {.name = "Qr",
                            .doc = "q r = input, the columns of q orthonormal, r upper triangular",
                            .in = "input: T",
                            .out = "q: T, r: T",
                            .attrs = "full_matrices: bool = false; T: {float, double}",
                            .infer = infer_qr,
                            .run = run_qr};
