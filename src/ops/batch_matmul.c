/* SPDX-License-Identifier: Apache-2.0 */
/* BatchMatMul, BatchMatMulV2: products of the matrices in the last two dimensions; V2 broadcasts the others. */
#include "ops/grad_util.h"
#include "ops/matmul.h"
#include "ops/number.h"
#include "ops/onednn.h"

#include <stdio.h>
#include <string.h>

enum { SMALL_WORK = 1 << 12 }; /* multiplications that are over before a primitive has begun */

static bool broadcasts(const ek__node *node) { return strcmp(node->type, "BatchMatMul") != 0; }

/* The shape without its last two dimensions. */
static ek_shape batch_of(ek_shape s) {
  s.rank -= 2;
  return s;
}

/* False with the reason in words. */
static bool result_shape(const ek__node *node, ek_shape a, ek_shape b, ek_shape *out, const char **why) {
  const bool ta = ek__attr_bool(node, "adj_x"), tb = ek__attr_bool(node, "adj_y");
  *out = ek_shape_unknown();
  if (a.rank < 0 || b.rank < 0) return true;
  *why = "inputs must have at least 2 dimensions";
  if (a.rank < 2 || b.rank < 2) return false;
  const int64_t m = a.dim[a.rank - 2 + ta], ka = a.dim[a.rank - 1 - ta], kb = b.dim[b.rank - 2 + tb],
                n = b.dim[b.rank - 1 - tb];
  *why = "the inner dimensions differ";
  if (ka >= 0 && kb >= 0 && ka != kb) return false;
  *why = "the batch dimensions do not fit together";
  if (broadcasts(node)) {
    if (!ek__broadcast_shapes(batch_of(a), batch_of(b), out)) return false;
    if (out->rank < 0) return true;
  } else {
    if (!ek_shape_compatible(batch_of(a), batch_of(b))) return false;
    *out = batch_of(a);
    for (int i = 0; i < out->rank; i++)
      if (out->dim[i] < 0) out->dim[i] = b.dim[i];
  }
  out->dim[out->rank++] = m;
  out->dim[out->rank++] = n;
  return true;
}

static ek_code infer(ek_infer_context *c) {
  char a[EK_SHAPE_TEXT], b[EK_SHAPE_TEXT];
  const char *why = "";
  EK_INFER_REQUIRE(c, result_shape(c->node, c->in[0].shape, c->in[1].shape, &c->out[0].shape, &why),
                   "In[0]: %s, In[1]: %s: %s", ek_shape_format(c->in[0].shape, a, sizeof a),
                   ek_shape_format(c->in[1].shape, b, sizeof b), why);
  return EK_OK;
}

/* One of the products; shapes are known and fit. */
static ek__matmul product_of(const ek__node *node, ek_dtype dtype, ek_shape a, ek_shape b) {
  const bool ta = ek__attr_bool(node, "adj_x"), tb = ek__attr_bool(node, "adj_y");
  const int64_t ra = a.dim[a.rank - 2], ca = a.dim[a.rank - 1], rb = b.dim[b.rank - 2], cb = b.dim[b.rank - 1];
  return (ek__matmul){.dtype = dtype,
                      .m = ta ? ca : ra,
                      .n = tb ? rb : cb,
                      .k = ta ? ra : ca,
                      .a_row = ta ? 1 : ca,
                      .a_col = ta ? ca : 1,
                      .b_row = tb ? 1 : cb,
                      .b_col = tb ? cb : 1};
}

static bool for_onednn(const ek__matmul *p) {
  return p->dtype == EK_FLOAT32 && p->m > 0 && p->n > 0 && p->k > 0 &&
         (double)p->m * (double)p->n * (double)p->k > SMALL_WORK;
}

static ek_code prepare(ek_prepare_context *c) {
  const ek_shape a = c->in[0]->shape, b = c->in[1]->shape;
  ek_status ignored = EK_STATUS_INIT;
  ek__onednn_matmul *made = NULL;
  ek_shape out;
  const char *why = "";
  if (!ek_shape_is_known(a) || !ek_shape_is_known(b) || !result_shape(c->node, a, b, &out, &why)) return EK_OK;
  const ek__matmul p = product_of(c->node, c->in[0]->dtype, a, b);
  if (!for_onednn(&p)) return EK_OK;
  const ek_code rc = ek__onednn_matmul_new(&p, c->threads, c->allocator, &made, &c->scratch_bytes, &ignored);
  if (rc == EK_RESOURCE_EXHAUSTED) return ek_status_set(c->st, rc, "%s", ignored.msg);
  c->state = made; /* NULL: plain loops */
  return EK_OK;
}

static void release(void *state) { ek__onednn_matmul_free(state); }

/* Which matrix of an input of shape s belongs to matrix k of the result. */
static int64_t source(ek_shape s, ek_shape out, int64_t k) {
  int64_t at = 0, step = 1;
  for (int i = out.rank - 3; i >= 0; i--) {
    const int64_t index = k % out.dim[i];
    const int own = i - (out.rank - s.rank);
    k /= out.dim[i];
    if (own < 0) continue;
    if (s.dim[own] > 1) at += index * step;
    step *= s.dim[own];
  }
  return at;
}

static ek_code run(ek_run_context *c) {
  const ek_value *a = c->in[0], *b = c->in[1];
  const char *why = "";
  ek_shape out;
  EK_RUN_REQUIRE(c, result_shape(c->node, a->shape, b->shape, &out, &why), "%s", why);
  EK_TRY(ek__run_output(c, 0, out));
  const ek__matmul p = product_of(c->node, a->dtype, a->shape, b->shape);
  const size_t size = ek_dtype_size(a->dtype);
  const int64_t products = p.m * p.n > 0 ? c->out[0]->n / (p.m * p.n) : 0;
  for (int64_t k = 0; k < products; k++) {
    const char *x = (const char *)a->data + (size_t)(source(a->shape, out, k) * p.m * p.k) * size;
    const char *y = (const char *)b->data + (size_t)(source(b->shape, out, k) * p.k * p.n) * size;
    char *z = (char *)c->out[0]->data + (size_t)(k * p.m * p.n) * size;
    if (c->state != NULL)
      EK_TRY(ek__onednn_matmul_run(c->state, c->threads, x, y, z, c->scratch, c->st));
    else if (!ek__matmul_plain(&p, c->threads, x, y, z))
      return ek__run_fail(c, EK_UNIMPLEMENTED, "cannot multiply %s", ek_dtype_name(p.dtype));
  }
  return EK_OK;
}

/* ---- gradient */

static ek_out product(ek_grad_context *c, ek_out a, ek_out b, bool adj_x, bool adj_y) {
  return ek_op_output(ek_build(ek_named(c->g, "MatMul"), c->node->type, EK_OUTS(a, b),
                               EK_ATTRS(EK_BOOL_ATTR("adj_x", adj_x), EK_BOOL_ATTR("adj_y", adj_y))),
                      0);
}

/* shape[:-2], as Python's index operator builds it. */
static ek_out without_matrix(ek_graph *g, ek_out shape) {
  char name[512];
  (void)snprintf(name, sizeof name, "%s/", ek_name_scope_begin(g, "strided_slice"));
  const ek_out begin = ek_convert(g, ek_ints(g, 0), EK_INT32, "stack");
  const ek_out end = ek_convert(g, ek_ints(g, -2), EK_INT32, "stack_1");
  const ek_out by = ek_convert(g, ek_ints(g, 1), EK_INT32, "stack_2");
  ek_name_scope_end(g);
  return ek_op_output(ek_build(ek_named(g, name), "StridedSlice", EK_OUTS(shape, begin, end, by),
                               EK_ATTRS(EK_INT_ATTR("begin_mask", 1))),
                      0);
}

static bool same_batch(ek_shape a, ek_shape b) {
  if (a.rank == 2 && b.rank == 2) return true;
  return a.rank >= 2 && b.rank >= 2 && ek_shape_is_known(batch_of(a)) && ek_shape_equal(batch_of(a), batch_of(b));
}

static ek_code grad(ek_grad_context *c) {
  ek_graph *g = c->g;
  const ek_out x = ek__grad_in(c, 0), y = ek__grad_in(c, 1), dy = c->dy[0];
  const bool ax = ek__attr_bool(c->node, "adj_x"), ay = ek__attr_bool(c->node, "adj_y");
  c->dx[0] = ax ? product(c, y, dy, ay, true) : product(c, dy, y, false, !ay);
  c->dx[1] = ay ? product(c, dy, x, true, ax) : product(c, x, dy, !ax, false);
  if (!broadcasts(c->node) || same_batch(ek_out_shape(g, x), ek_out_shape(g, y))) return EK_OK;
  const ek_out sx = ek__grad_shape(g, x), sy = ek__grad_shape(g, y);
  const ek_out bx = without_matrix(g, sx), by = without_matrix(g, sy);
  ek__unbroadcast u = ek__unbroadcast_from(g, bx, by);
  u.shape[0] = sx, u.shape[1] = sy;
  for (int i = 0; i < 2; i++) c->dx[i] = ek__unbroadcast_apply(g, &u, i, c->dx[i]);
  return EK_OK;
}

#define ATTRS "T: {" EK_FLOAT_TYPES ", int32, int64}; adj_x: bool = false; adj_y: bool = false"
const ek_op_def ek_op_batch_matmul = {.name = "BatchMatMul",
                                      .doc = "products of many matrices, in equal batches",
                                      .in = "x: T, y: T",
                                      .out = "output: T",
                                      .attrs = ATTRS,
                                      .function = "",
                                      .infer = infer,
                                      .prepare = prepare,
                                      .release = release,
                                      .run = run,
                                      .grad = grad,
                                      .check_lo = -2,
                                      .check_hi = 2};
const ek_op_def ek_op_batch_matmul_v2 = {.name = "BatchMatMulV2",
                                         .doc = "products of many matrices; the batch dimensions broadcast",
                                         .in = "x: T, y: T",
                                         .out = "output: T",
                                         .attrs = ATTRS,
                                         .function = "batch_matmul",
                                         .infer = infer,
                                         .prepare = prepare,
                                         .release = release,
                                         .run = run,
                                         .grad = grad,
                                         .check_lo = -2,
                                         .check_hi = 2};
