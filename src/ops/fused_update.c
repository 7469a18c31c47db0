/* SPDX-License-Identifier: Apache-2.0 */
/* A weight's gradient and its step of gradient descent in one: the product is added to the variable as it is made. */
#include "kernels/schedule.h"
#include "ops/choice.h"
#include "ops/fused.h"
#include "ops/matmul.h"
#include "ops/onednn.h"

enum { VAR, ALPHA, LEFT, RIGHT };
enum { PIECE_WORK = 1 << 20, ROW_STEP = 8 }; /* multiplications: about 20 us */

typedef struct state {
  const ek_allocator *allocator;
  ek__choice choice;
} state;

typedef struct job {
  ek__matmul p;
  int64_t rows; /* of a piece */
  float alpha;
  const float *a, *b;
  float *var;
  _Atomic bool failed;
} job;

static bool product_of(const ek__fused *fused, const ek_value *a, const ek_value *b, ek__matmul *p) {
  return ek__matmul_of(fused->nodes[0], a->dtype, a->shape, b->shape, p);
}

static ek_code prepare_update(ek_prepare_context *c) {
  ek__matmul p;
  EK_ASSERT(product_of(c->fused, c->in[LEFT], c->in[RIGHT], &p), c->st); /* MatMul's shape rule has said so */
  state *s = ek__alloc(c->allocator, sizeof *s);
  if (s == NULL) return ek__no_memory(c->st, c->node->name, sizeof *s);
  s->allocator = c->allocator;
  c->state = s;
  c->scratch_bytes = (size_t)(p.m * p.n) * sizeof(float);
  return EK_OK;
}

static void release_update(void *made) {
  state *s = made;
  ek__free(s->allocator, s, sizeof *s);
}

static void piece(void *context, int64_t index) {
  job *j = context;
  const int64_t row = index * j->rows;
  ek__matmul p = j->p;
  p.m = ek__min_i64(j->rows, p.m - row);
  if (!ek__onednn_gemm(&p, -j->alpha, j->a + row * p.a_row, j->b, 1.0f, j->var + row * p.n, p.n)) j->failed = true;
}

/* Pieces of rows, by the shape alone. */
static ek_code update(ek_run_context *c, const ek__matmul *p, ek_tensor *var, float alpha) {
  state *s = c->state;
  int64_t start_ns = 0;
  job j = {.p = *p, .alpha = alpha, .a = c->in[LEFT]->data, .b = c->in[RIGHT]->data, .var = var->data};
  const int64_t wanted = ek__max_i64(1, p->m * p->n * p->k / PIECE_WORK);
  j.rows = ek__chunk_count(ek__chunk_count(p->m, wanted), ROW_STEP) * ROW_STEP;
  const int64_t pieces = ek__chunk_count(p->m, j.rows);
  const bool possible = c->threads > 1 && pieces > 1, several = possible && ek__choice_begin(&s->choice, &start_ns);
  ek__for_chunks(several ? c->threads : 1, pieces, piece, &j);
  if (possible) ek__choice_end(&s->choice, several, start_ns);
  if (j.failed) return ek__run_fail(c, EK_RESOURCE_EXHAUSTED, "oneDNN has no memory for a matrix product");
  if (c->n_out > 0) c->out[0]->slot = c->in[VAR]->slot;
  return EK_OK;
}

/* What is rare, and all errors: the product first, then the update as its own op does it. */
static ek_code one_by_one(ek_run_context *c, const ek__matmul *p) {
  ek_value delta = {.dtype = EK_FLOAT32, .shape = ek_shape(p->m, p->n), .n = p->m * p->n, .data = c->scratch};
  ek_value *in[] = {c->in[VAR], c->in[ALPHA], &delta};
  ek_run_context apply = *c;
  (void)ek__matmul_plain(p, c->threads, c->in[LEFT]->data, c->in[RIGHT]->data, c->scratch);
  apply.in = in;
  apply.n_in = 3;
  return c->node->def->run(&apply);
}

static ek_code run_update(ek_run_context *c) {
  ek__matmul p;
  EK_ASSERT(product_of(c->fused, c->in[LEFT], c->in[RIGHT], &p), c->st);
  const ek_value *alpha = c->in[ALPHA];
  ek_tensor *var = c->in[VAR]->slot != NULL ? c->in[VAR]->slot->tensor : NULL;
  const bool fits = var != NULL && var->dtype == EK_FLOAT32 && ek_shape_equal(var->shape, ek_shape(p.m, p.n)) &&
                    alpha->shape.rank == 0 && p.m > 0 && p.n > 0 && p.k > 0 && ek__onednn_is_here();
  const float rate = fits ? *(const float *)alpha->data : 0.0f;
  return rate != 0.0f ? update(c, &p, var, rate) : one_by_one(c, &p); /* by 0: what is not finite still shows */
}

const ek_op_def ek__fused_product_update = {.name = "MatMul and ApplyGradientDescent",
                                            .flags = EK_OP_WRITES_REF,
                                            .prepare = prepare_update,
                                            .release = release_update,
                                            .run = run_update};
