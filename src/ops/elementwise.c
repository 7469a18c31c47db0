/* SPDX-License-Identifier: Apache-2.0 */
#include "ops/elementwise.h"

#include "kernels/schedule.h"

enum { CHUNK = 16384 }; /* elements that one thread takes at a time */

/* ---- Plans */

/* Drops dimensions of size 1 and joins d and d + 1 where every operand walks them as one. */
static void collapse(ek__broadcast *p, int operands) {
  int rank = 0;
  for (int d = 0; d < p->rank; d++) {
    if (p->dim[d] == 1) continue;
    bool joined = rank > 0;
    for (int k = 0; k < operands && joined; k++) joined = p->step[k][rank - 1] == p->step[k][d] * p->dim[d];
    const int to = joined ? rank - 1 : rank++;
    p->dim[to] = joined ? p->dim[to] * p->dim[d] : p->dim[d];
    for (int k = 0; k < operands; k++) p->step[k][to] = p->step[k][d];
  }
  p->rank = rank;
  if (rank > 0) return;
  p->rank = 1;
  p->dim[0] = 1;
  for (int k = 0; k < operands; k++) p->step[k][0] = 1;
}

bool ek__broadcast_plan(const ek_shape *shapes, int n, ek__broadcast *plan, ek_shape *out) {
  ek_shape r = shapes[0];
  for (int k = 1; k < n; k++)
    if (!ek__broadcast_shapes(r, shapes[k], &r)) return false;
  *out = r;
  plan->rank = r.rank;
  plan->n = ek_shape_num_elements(r);
  for (int d = 0; d < r.rank; d++) plan->dim[d] = r.dim[d];
  for (int k = 0; k < n; k++) {
    int64_t step = 1;
    for (int d = r.rank - 1; d >= 0; d--) {
      const int own = d - (r.rank - shapes[k].rank);
      const int64_t size = own >= 0 ? shapes[k].dim[own] : 1;
      plan->step[k][d] = size == 1 ? 0 : step;
      step *= size;
    }
  }
  if (plan->n > 0) collapse(plan, n);
  return true;
}

/* ---- Walking */

typedef struct job {
  const ek__broadcast *plan;
  ek__loop *loop;
  double param;
  int operands;
  const char *in[EK__MAX_OPERANDS];
  int64_t in_size[EK__MAX_OPERANDS], out_size; /* bytes of an element */
  char *out;
  int64_t rows, rows_per_chunk; /* a row is the last dimension */
} job;

static void element_chunk(void *context, int64_t chunk) {
  const job *j = context;
  const int64_t begin = chunk * CHUNK, n = ek__min_i64(CHUNK, j->plan->dim[0] - begin);
  const void *in[EK__MAX_OPERANDS] = {NULL};
  int64_t step[EK__MAX_OPERANDS] = {0};
  for (int k = 0; k < j->operands; k++) {
    step[k] = j->plan->step[k][0];
    in[k] = j->in[k] + begin * step[k] * j->in_size[k];
  }
  j->loop(n, in, step, j->out + begin * j->out_size, j->param);
}

static void row_chunk(void *context, int64_t chunk) {
  const job *j = context;
  const ek__broadcast *p = j->plan;
  const int last = p->rank - 1;
  const int64_t begin = chunk * j->rows_per_chunk, end = ek__min_i64(j->rows, begin + j->rows_per_chunk);
  int64_t step[EK__MAX_OPERANDS] = {0};
  for (int k = 0; k < j->operands; k++) step[k] = p->step[k][last];
  for (int64_t row = begin; row < end; row++) {
    const void *in[EK__MAX_OPERANDS] = {NULL};
    int64_t offset[EK__MAX_OPERANDS] = {0}, rest = row;
    for (int d = last - 1; d >= 0; d--) {
      const int64_t at = rest % p->dim[d];
      rest /= p->dim[d];
      for (int k = 0; k < j->operands; k++) offset[k] += at * p->step[k][d];
    }
    for (int k = 0; k < j->operands; k++) in[k] = j->in[k] + offset[k] * j->in_size[k];
    j->loop(p->dim[last], in, step, j->out + row * p->dim[last] * j->out_size, j->param);
  }
}

static void walk(job *j, int threads, int64_t bytes) {
  const ek__broadcast *p = j->plan;
  threads = ek__threads_for(threads, bytes);
  if (p->rank == 1) {
    ek__for_chunks(threads, ek__chunk_count(p->dim[0], CHUNK), element_chunk, j);
    return;
  }
  const int64_t cols = p->dim[p->rank - 1];
  j->rows = p->n / cols;
  j->rows_per_chunk = ek__max_i64(1, CHUNK / cols);
  ek__for_chunks(threads, ek__chunk_count(j->rows, j->rows_per_chunk), row_chunk, j);
}

/* ---- Running */

/* Shapes of the inputs, with room made for output 0. */
static ek_code take_shapes(ek_run_context *c, int n_in, ek_shape *shapes) {
  ek__broadcast plan;
  ek_shape out;
  char a[EK_SHAPE_TEXT], b[EK_SHAPE_TEXT];
  for (int k = 0; k < n_in; k++) shapes[k] = c->in[k]->shape;
  EK_RUN_REQUIRE(c, ek__broadcast_plan(shapes, n_in, &plan, &out), "Incompatible shapes: %s vs. %s",
                 ek_shape_format(shapes[n_in > 2 ? 1 : 0], a, sizeof a),
                 ek_shape_format(shapes[n_in - 1], b, sizeof b));
  return ek__run_output(c, 0, out);
}

ek_code ek__apply_loops(ek_run_context *c, const ek_shape *shapes, int n_in, ek__loop *const *loops, double param) {
  ek__broadcast plan;
  ek_shape out;
  const ek_dtype dtype = c->in[n_in - 1]->dtype;
  if (dtype >= EK__DTYPES || loops[dtype] == NULL)
    return ek__run_fail(c, EK_UNIMPLEMENTED, "cannot compute with %s", ek_dtype_name(dtype));
  EK_ASSERT(ek__broadcast_plan(shapes, n_in, &plan, &out), c->st);
  if (plan.n == 0) return EK_OK;
  job j = {.plan = &plan,
           .loop = loops[dtype],
           .param = param,
           .operands = n_in,
           .out = c->out[0]->data,
           .out_size = (int64_t)ek_dtype_size(c->out[0]->dtype)};
  for (int k = 0; k < n_in; k++) {
    j.in[k] = c->in[k]->data;
    j.in_size[k] = (int64_t)ek_dtype_size(c->in[k]->dtype);
  }
  walk(&j, c->threads, plan.n * (j.out_size + j.in_size[n_in - 1] * n_in));
  return EK_OK;
}

ek_code ek__run_loops(ek_run_context *c, int n_in, ek__loop *const *loops, double param) {
  ek_shape shapes[EK__MAX_OPERANDS];
  EK_TRY(take_shapes(c, n_in, shapes));
  return ek__apply_loops(c, shapes, n_in, loops, param);
}

ek_code ek__run_kernels(ek_run_context *c, const ek_kernels **k) {
  const ek_kernels_code code = ek_kernels_get(NULL, k);
  return code == EK_KERNELS_OK
             ? EK_OK
             : ek__run_fail(c, EK_FAILED_PRECONDITION, "EK_ISA names no instruction set of this processor");
}

static bool has_kernel(const ek_run_context *c, int kernel, ek_kernels_type *type) {
  *type = c->in[0]->dtype == EK_FLOAT64 ? EK_KERNELS_F64 : EK_KERNELS_F32;
  return kernel >= 0 && (c->in[0]->dtype == EK_FLOAT32 || c->in[0]->dtype == EK_FLOAT64);
}

ek_code ek__run_unary(ek_run_context *c, int kernel, ek__loop *const *loops) {
  ek_kernels_type type;
  const ek_kernels *k = NULL;
  if (!has_kernel(c, kernel, &type)) return ek__run_loops(c, 1, loops, 0.0);
  EK_TRY(ek__run_kernels(c, &k));
  EK_TRY(ek__run_output(c, 0, c->in[0]->shape));
  ek__unary(k, type, c->threads, (ek__unary_op)kernel, c->out[0]->n, c->in[0]->data, c->out[0]->data);
  return EK_OK;
}

ek_code ek__apply_binary(ek_run_context *c, const ek_shape *shapes, int kernel, ek__loop *const *loops) {
  ek__broadcast p;
  ek_shape out;
  ek_kernels_type type;
  const ek_kernels *k = NULL;
  if (!has_kernel(c, kernel, &type)) return ek__apply_loops(c, shapes, 2, loops, 0.0);
  EK_TRY(ek__run_kernels(c, &k));
  EK_ASSERT(ek__broadcast_plan(shapes, 2, &p, &out), c->st);
  if (p.n == 0) return EK_OK;
  const int last = p.rank - 1;
  const int64_t cols = p.dim[last], rows = p.rank > 1 ? p.dim[last - 1] : 1;
  const int64_t size = (int64_t)ek_dtype_size(c->in[0]->dtype), slabs = p.n / (rows * cols);
  for (int64_t slab = 0; slab < slabs; slab++) {
    ek__operand operand[2];
    for (int i = 0; i < 2; i++) {
      int64_t offset = 0, rest = slab;
      for (int d = last - 2; d >= 0; d--) {
        offset += rest % p.dim[d] * p.step[i][d];
        rest /= p.dim[d];
      }
      operand[i].data = (const char *)c->in[i]->data + offset * size;
      operand[i].row = p.rank > 1 ? p.step[i][last - 1] : 0;
      operand[i].col = (int)p.step[i][last];
    }
    ek__binary(k, type, c->threads, (ek__binary_op)kernel, rows, cols, operand[0], operand[1],
               (char *)c->out[0]->data + slab * rows * cols * size);
  }
  return EK_OK;
}

ek_code ek__run_binary(ek_run_context *c, int kernel, ek__loop *const *loops) {
  ek_shape shapes[2];
  EK_TRY(take_shapes(c, 2, shapes));
  return ek__apply_binary(c, shapes, kernel, loops);
}

ek_code ek__infer_two_same(ek_infer_context *c) {
  return ek__infer_merge(c, c->in[0].shape, c->in[1].shape, &c->out[0].shape);
}
