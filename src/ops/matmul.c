/* SPDX-License-Identifier: Apache-2.0 */
/* MatMul of two matrices, either transposed. Larger float32 products go to oneDNN, all others to plain loops. */
#include "ops/matmul.h"
#include "ops/grad_util.h"
#include "ops/matmul_deep.h"
#include "ops/number.h"
#include "ops/onednn.h"

#include <string.h>

enum { SMALL_WORK = 1 << 12 }; /* multiplications that are over before a primitive has begun */

static ek_code infer_matmul(ek_infer_context *c) {
  const bool ta = ek__attr_bool(c->node, "transpose_a"), tb = ek__attr_bool(c->node, "transpose_b");
  char x[EK_SHAPE_TEXT], y[EK_SHAPE_TEXT];
  EK_TRY(ek__infer_rank(c, 0, 2));
  EK_TRY(ek__infer_rank(c, 1, 2));
  const ek_shape a = c->in[0].shape.rank == 2 ? c->in[0].shape : ek_shape(-1, -1);
  const ek_shape b = c->in[1].shape.rank == 2 ? c->in[1].shape : ek_shape(-1, -1);
  const int64_t inner_a = a.dim[!ta], inner_b = b.dim[tb];
  EK_INFER_REQUIRE(c, inner_a < 0 || inner_b < 0 || inner_a == inner_b,
                   "Matrix size-incompatible: In[0]: %s, In[1]: %s", ek_shape_format(a, x, sizeof x),
                   ek_shape_format(b, y, sizeof y));
  c->out[0].shape = ek_shape(a.dim[ta], b.dim[!tb]);
  return EK_OK;
}

bool ek__matmul_of(const ek__node *node, ek_dtype dtype, ek_shape a, ek_shape b, ek__matmul *p) {
  const bool ta = ek__attr_bool(node, "transpose_a"), tb = ek__attr_bool(node, "transpose_b");
  if (a.rank != 2 || b.rank != 2 || a.dim[!ta] != b.dim[tb]) return false;
  *p = (ek__matmul){.dtype = dtype,
                    .m = a.dim[ta],
                    .n = b.dim[!tb],
                    .k = a.dim[!ta],
                    .a_row = ta ? 1 : a.dim[1],
                    .a_col = ta ? a.dim[1] : 1,
                    .b_row = tb ? 1 : b.dim[1],
                    .b_col = tb ? b.dim[1] : 1};
  return true;
}

static bool for_onednn(const ek__matmul *p) {
  return p->dtype == EK_FLOAT32 && p->m > 0 && p->n > 0 && p->k > 0 &&
         (double)p->m * (double)p->n * (double)p->k > SMALL_WORK;
}

typedef struct state {
  const ek_allocator *allocator;
  ek__onednn_matmul *pieces; /* of rows; NULL: cut along the inner dimension */
  ek__choice choice;         /* of the latter, and where its parts are: scratch that other threads have written would */
  float *parts;              /* have to be fetched from their caches by whoever uses it next */
  size_t parts_bytes;
} state;

static void release_matmul(void *made) {
  state *s = made;
  ek__onednn_matmul_free(s->pieces);
  ek__free(s->allocator, s->parts, s->parts_bytes);
  ek__free(s->allocator, s, sizeof *s);
}

/* *out: NULL if plain loops have to do it. */
static ek_code state_new(const ek__matmul *p, int threads, const ek_allocator *a, state **out, size_t *scratch_bytes,
                         ek_status *st) {
  ek_status ignored = EK_STATUS_INIT;
  ek_code rc = EK_OK;
  *out = NULL;
  if (!for_onednn(p) || !ek__onednn_is_here()) return EK_OK;
  state *s = ek__alloc(a, sizeof *s);
  if (s == NULL) return ek__no_memory(st, "a matrix product", sizeof *s);
  s->allocator = a;
  if (ek__matmul_is_deep(p)) {
    s->parts_bytes = ek__matmul_deep_bytes(p);
    s->parts = ek__alloc(a, s->parts_bytes);
    if (s->parts == NULL) rc = ek__no_memory(&ignored, "a matrix product", s->parts_bytes);
  } else {
    rc = ek__onednn_matmul_new(p, threads, a, &s->pieces, scratch_bytes, &ignored);
  }
  if (rc == EK_OK) return *out = s, EK_OK;
  release_matmul(s);
  return rc == EK_RESOURCE_EXHAUSTED ? ek_status_set(st, rc, "%s", ignored.msg) : EK_OK;
}

static ek_code prepare_matmul(ek_prepare_context *c) {
  ek__matmul p;
  state *made = NULL;
  if (!ek_shape_is_known(c->in[0]->shape) || !ek_shape_is_known(c->in[1]->shape) ||
      !ek__matmul_of(c->node, c->in[0]->dtype, c->in[0]->shape, c->in[1]->shape, &p))
    return EK_OK;
  const ek_code rc = state_new(&p, c->threads, c->allocator, &made, &c->scratch_bytes, c->st);
  c->state = made;
  return rc;
}

static ek_code multiply(ek_run_context *c, const ek__matmul *p, state *s, void *scratch) {
  const void *a = c->in[0]->data, *b = c->in[1]->data;
  if (s->pieces != NULL) return ek__onednn_matmul_run(s->pieces, c->threads, a, b, c->out[0]->data, scratch, c->st);
  if (ek__matmul_deep(p, c->threads, &s->choice, a, b, c->out[0]->data, s->parts)) return EK_OK;
  return ek__run_fail(c, EK_RESOURCE_EXHAUSTED, "oneDNN has no memory for a matrix product");
}

/* A shape that was not known while planning: made for this run only. */
static ek_code run_once(ek_run_context *c, const ek__matmul *p, bool *done) {
  state *made = NULL;
  size_t bytes = 0;
  EK_TRY(state_new(p, c->threads, c->allocator, &made, &bytes, c->st));
  *done = made != NULL;
  if (made == NULL) return EK_OK;
  void *scratch = ek__alloc(c->allocator, bytes);
  const ek_code rc = scratch != NULL ? multiply(c, p, made, scratch) : ek__no_memory(c->st, c->node->name, bytes);
  ek__free(c->allocator, scratch, bytes);
  release_matmul(made);
  return rc;
}

static ek_code run_matmul(ek_run_context *c) {
  char a[EK_SHAPE_TEXT], b[EK_SHAPE_TEXT];
  ek__matmul p;
  EK_RUN_REQUIRE(c, c->in[0]->shape.rank == 2 && c->in[1]->shape.rank == 2, "In[0] and In[1] must be matrices: %s, %s",
                 ek_shape_format(c->in[0]->shape, a, sizeof a), ek_shape_format(c->in[1]->shape, b, sizeof b));
  EK_RUN_REQUIRE(c, ek__matmul_of(c->node, c->in[0]->dtype, c->in[0]->shape, c->in[1]->shape, &p),
                 "Matrix size-incompatible: In[0]: %s, In[1]: %s", ek_shape_format(c->in[0]->shape, a, sizeof a),
                 ek_shape_format(c->in[1]->shape, b, sizeof b));
  EK_TRY(ek__run_output(c, 0, ek_shape(p.m, p.n)));
  if (c->state != NULL) return multiply(c, &p, c->state, c->scratch);
  bool done = false;
  EK_TRY(run_once(c, &p, &done));
  if (!done && !ek__matmul_plain(&p, c->threads, c->in[0]->data, c->in[1]->data, c->out[0]->data))
    return ek__run_fail(c, EK_UNIMPLEMENTED, "cannot multiply %s", ek_dtype_name(p.dtype));
  return EK_OK;
}

static ek_out product(ek_graph *g, ek_out a, ek_out b, bool transpose_a, bool transpose_b) {
  const ek_op op =
      ek_build(g, "MatMul", EK_OUTS(a, b),
               EK_ATTRS(EK_BOOL_ATTR("transpose_a", transpose_a), EK_BOOL_ATTR("transpose_b", transpose_b)));
  return ek_op_output(op, 0);
}

static ek_code grad_matmul(ek_grad_context *c) {
  const ek_out a = ek__grad_in(c, 0), b = ek__grad_in(c, 1), dy = c->dy[0];
  const bool ta = ek__attr_bool(c->node, "transpose_a"), tb = ek__attr_bool(c->node, "transpose_b");
  c->dx[0] = ta ? product(c->g, b, dy, tb, true) : product(c->g, dy, b, false, !tb);
  c->dx[1] = tb ? product(c->g, dy, a, true, ta) : product(c->g, a, dy, !ta, false);
  return EK_OK;
}

const ek_op_def ek_op_matmul = {.name = "MatMul",
                                .doc = "the product of two matrices, transposed first where the attributes say so",
                                .in = "a: T, b: T",
                                .out = "product: T",
                                .attrs = "transpose_a: bool = false; transpose_b: bool = false; T: {" EK_FLOAT_TYPES
                                         ", int32, int64}",
                                .function = "matmul",
                                .infer = infer_matmul,
                                .prepare = prepare_matmul,
                                .release = release_matmul,
                                .run = run_matmul,
                                .grad = grad_matmul,
                                .check_lo = -2,
                                .check_hi = 2};
