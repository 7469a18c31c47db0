/* SPDX-License-Identifier: Apache-2.0 */
/* TopK, TopKV2: the k largest of each row, of equal ones the first; sorted or not, they come in descending order. */
#include "ops/grad_util.h"
#include "ops/index.h"
#include "ops/number.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>

static bool is_v2(const ek__node *node) { return node->n_inputs == 2; }

static ek_code infer_top_k(ek_infer_context *c) {
  int64_t k = -1;
  const ek_shape s = c->in[0].shape;
  if (!is_v2(c->node))
    k = ek__attr_int(c->node, "k");
  else if (ek__infer_int(c, 1, &k))
    EK_INFER_REQUIRE(c, k >= 0, "Need k >= 0, got %" PRId64, k);
  c->out[0].shape = c->out[1].shape = ek_shape_unknown();
  if (s.rank < 0) return EK_OK;
  EK_INFER_REQUIRE(c, s.rank >= 1, "input must be at least 1-D");
  EK_INFER_REQUIRE(c, k < 0 || s.dim[s.rank - 1] < 0 || s.dim[s.rank - 1] >= k,
                   "input must have last dimension >= k = %" PRId64 " but is %" PRId64, k, s.dim[s.rank - 1]);
  c->out[0].shape = s;
  c->out[0].shape.dim[s.rank - 1] = k;
  c->out[1].shape = c->out[0].shape;
  return EK_OK;
}

typedef struct candidate {
  double value; /* exact but for int64 beyond 2^53: those compare by `whole` */
  int64_t whole, index;
} candidate;

static int descending(const void *a, const void *b) {
  const candidate *x = a, *y = b;
  if (isnan(x->value) != isnan(y->value)) return isnan(x->value) ? 1 : -1; /* NaN comes last */
  if (x->value != y->value && !isnan(x->value)) return x->value > y->value ? -1 : 1;
  if (x->whole != y->whole) return x->whole > y->whole ? -1 : 1;
  return (x->index > y->index) - (x->index < y->index);
}

#define READ(tag_, unused_)                                                                                            \
  case EK__DTYPE_##tag_: return (double)ek__get_##tag_(((const ek__s_##tag_ *)v->data)[i]);
static double number_at(const ek_value *v, int64_t i) {
  switch (v->dtype) {
    EK_FLOAT_TAGS(READ, )
    EK_INT_TAGS(READ, )
  default: return 0;
  }
}

static ek_code run_top_k(ek_run_context *c) {
  const ek_value *x = c->in[0];
  EK_RUN_REQUIRE(c, !is_v2(c->node) || c->in[1]->n == 1, "k must be scalar");
  const int64_t k = is_v2(c->node) ? ek__value_int(c->in[1], 0) : ek__attr_int(c->node, "k");
  EK_RUN_REQUIRE(c, k >= 0, "Need k >= 0, got %" PRId64, k);
  EK_RUN_REQUIRE(c, x->shape.rank >= 1, "input must be >= 1-D, got a scalar");
  ek_shape r = x->shape;
  const int64_t row = r.dim[r.rank - 1], rows = row > 0 ? x->n / row : 0;
  EK_RUN_REQUIRE(c, row >= k, "input must have at least k columns. Had %" PRId64 ", needed %" PRId64, row, k);
  r.dim[r.rank - 1] = k;
  EK_TRY(ek__run_output(c, 0, r));
  EK_TRY(ek__run_output(c, 1, r));
  const size_t bytes = (size_t)row * sizeof(candidate);
  candidate *all = ek__alloc(c->allocator, bytes);
  if (all == NULL) return ek__no_memory(c->st, c->node->name, bytes);
  for (int64_t i = 0; i < rows; i++) {
    for (int64_t j = 0; j < row; j++) {
      const int64_t at = i * row + j;
      all[j] = (candidate){number_at(x, at), ek_dtype_is_integer(x->dtype) ? ek__value_int(x, at) : 0, j};
    }
    if (k > 0) qsort(all, (size_t)row, sizeof *all, descending);
    for (int64_t j = 0; j < k; j++) {
      ek__copy_elements(x->dtype, ek__at(x->dtype, c->out[0]->data, i * k + j),
                        ek__at(x->dtype, x->data, i * row + all[j].index), 1);
      ((int32_t *)c->out[1]->data)[i * k + j] = (int32_t)all[j].index;
    }
  }
  ek__free(c->allocator, all, bytes);
  return EK_OK;
}

static ek_out last_of(ek_graph *g, ek_out shape) {
  const ek_out size = ek__op1(g, "Size", shape);
  const ek_out last = ek__op2(ek_named(g, "sub"), "Sub", size, ek_integer(g, 1));
  return ek__op3(g, "GatherV2", shape, last, ek_integer(g, 0));
}

/* Every gradient goes to the place that its number came from. */
static ek_code grad_top_k(ek_grad_context *c) {
  ek_graph *g = c->g;
  const ek_out indices = ek__grad_out(c, 1);
  const ek_out shape = ek__op1(g, "Shape", ek__grad_in(c, 0)), shape_k = ek__op1(g, "Shape", indices);
  const ek_out k = last_of(g, shape_k);
  const ek_out all = ek_convert(g, ek_integer(g, -1), EK_INT32, "stack/0");
  const ek_out two = ek__op2(ek_named(g, "stack"), "Pack", all, k);
  const ek_out flat = ek__op2(g, "Reshape", indices, two);
  const ek_out row = last_of(g, shape), shape_flat = ek__op1(g, "Shape", flat);
  const ek_out rows = ek__op3(g, "GatherV2", shape_flat, ek_integer(g, 0), ek_integer(g, 0));
  const ek_out end = ek__op2(ek_named(g, "mul"), "Mul", rows, row);
  const ek_out starts = ek__op3(ek_named(g, "range"), "Range", ek_integer(g, 0), end, row);
  const ek_out first = ek__op2(g, "ExpandDims", starts, ek_integer(g, -1));
  const ek_out sum = ek__op2(ek_named(g, "add"), "AddV2", flat, first);
  const ek_out places = ek__op2(g, "Reshape", sum, ek_ints(g, -1));
  const ek_out each = ek__op2(g, "ExpandDims", places, ek_integer(g, -1));
  const ek_out dy = ek__op2(g, "Reshape", c->dy[0], ek_ints(g, -1));
  const ek_out elements = ek__op2(g, "Prod", shape, ek_ints(g, 0));
  const ek_out to = ek__op1(ek_named(g, "ScatterNd/shape"), "Pack", elements);
  const ek_out scattered = ek__op3(g, "ScatterNd", each, dy, to);
  c->dx[0] = ek__op2(g, "Reshape", scattered, shape);
  return EK_OK;
}

const ek_op_def ek_op_top_k = {.name = "TopK",
                               .doc = "TopKV2 with k as an attribute, as older files have it",
                               .in = "input: T",
                               .out = "values: T, indices: int32",
                               .attrs = "k: int >= 0; sorted: bool = true; T: {" EK_NUMBER_TYPES "}",
                               .function = "",
                               .infer = infer_top_k,
                               .grad = grad_top_k,
                               .run = run_top_k};
const ek_op_def ek_op_top_k_v2 = {.name = "TopKV2",
                                  .doc = "the k largest of each row, and where they are",
                                  .in = "input: T, k: int32",
                                  .out = "values: T, indices: int32",
                                  .attrs = "sorted: bool = true; T: {" EK_NUMBER_TYPES "}",
                                  .function = "top_k",
                                  .infer = infer_top_k,
                                  .grad = grad_top_k,
                                  .run = run_top_k};
