/* SPDX-License-Identifier: Apache-2.0 */
/* The same elements under another shape: Reshape, ExpandDims, Squeeze. */
#include "ops/array_grad.h"
#include "ops/index.h"

#include <inttypes.h>

/* The product of the known dimensions, how many are unknown and which is the last of those. */
typedef struct extent {
  int64_t known;
  int unknown, where;
} extent;

static extent extent_of(ek_shape s) {
  extent e = {1, 0, -1};
  for (int i = 0; i < s.rank; i++)
    if (s.dim[i] >= 0) {
      e.known = e.known < 0 || !ek__mul_i64(e.known, s.dim[i], &e.known) ? -1 : e.known;
    } else {
      e.unknown++;
      e.where = i;
    }
  return e;
}

static ek_code infer_reshape(ek_infer_context *c) {
  ek_shape out;
  int n = 0;
  int64_t dims[EK_MAX_RANK];
  EK_TRY(ek__infer_shape_from_input(c, 1, &out));
  for (int i = 0, given = 0; ek__infer_ints(c, 1, EK_MAX_RANK, dims, &n) && i < n; i++) {
    EK_INFER_REQUIRE(c, dims[i] >= -1, "Size %d must be non-negative, not %" PRId64, i, dims[i]);
    given += dims[i] < 0;
    EK_INFER_REQUIRE(c, given < 2, "only one dimension of the new shape may be -1");
  }
  const ek_shape in = c->in[0].shape;
  if (in.rank >= 0 && out.rank >= 0) {
    const extent have = extent_of(in), want = extent_of(out);
    if (have.unknown == 0 && want.unknown == 0)
      EK_INFER_REQUIRE(c, have.known == want.known, "a tensor of %" PRId64 " elements cannot be reshaped to %" PRId64,
                       have.known, want.known);
    if (have.unknown == 0 && want.unknown == 1 && want.known > 0) {
      EK_INFER_REQUIRE(c, have.known % want.known == 0,
                       "a tensor of %" PRId64 " elements: the new shape requires a multiple of %" PRId64, have.known,
                       want.known);
      out.dim[want.where] = have.known / want.known;
    }
    if (have.unknown == 1 && want.unknown == 0 && have.known > 0)
      EK_INFER_REQUIRE(c, want.known % have.known == 0,
                       "a tensor of a multiple of %" PRId64 " elements cannot be reshaped to %" PRId64, have.known,
                       want.known);
  }
  c->out[0].shape = out;
  return EK_OK;
}

/* A vector or a scalar under another shape of rank 0 or 1 has the same values. */
static bool partial_same(ek_infer_context *c, ek_shape *value) {
  return c->out[0].shape.rank >= 0 && c->out[0].shape.rank <= 1 && c->partial(c, 0, value);
}

static ek_code run_reshape(ek_run_context *c) {
  ek_shape s = {.rank = 0};
  int missing = -1;
  int64_t product = 1;
  const int64_t have = c->in[0]->n;
  EK_RUN_REQUIRE(c, c->in[1]->shape.rank == 1, "the new shape must be a vector");
  EK_TRY(ek__run_ints(c, 1, EK_MAX_RANK, s.dim, &s.rank));
  for (int i = 0; i < s.rank; i++)
    if (s.dim[i] == -1) {
      EK_RUN_REQUIRE(c, missing < 0, "Only one input size may be -1, not both %d and %d", missing, i);
      missing = i;
    } else {
      EK_RUN_REQUIRE(c, s.dim[i] >= 0, "Size %d must be non-negative, not %" PRId64, i, s.dim[i]);
      EK_RUN_REQUIRE(c, ek__mul_i64(product, s.dim[i], &product), "the new shape is too large");
    }
  if (missing >= 0) {
    EK_RUN_REQUIRE(c, product > 0,
                   "reshape cannot infer the missing input size for an empty tensor unless all specified input sizes "
                   "are non-zero");
    EK_RUN_REQUIRE(c, have % product == 0,
                   "Input to reshape is a tensor with %" PRId64
                   " values, but the requested shape requires a multiple of %" PRId64,
                   have, product);
    s.dim[missing] = have / product;
    product = have;
  }
  EK_RUN_REQUIRE(c, product == have,
                 "Input to reshape is a tensor with %" PRId64 " values, but the requested shape has %" PRId64, have,
                 product);
  return ek__run_view(c, s);
}

const ek_op_def ek_op_reshape = {.name = "Reshape",
                                 .doc = "the same elements under a new shape; one dimension may be -1",
                                 .in = "tensor: T, shape: Tshape",
                                 .out = "output: T",
                                 .attrs = "T: type; Tshape: {int32, int64} = int32",
                                 .flags = EK_OP_ALIAS,
                                 .infer = infer_reshape,
                                 .partial_value = partial_same,
                                 .grad = ek__grad_reshaped,
                                 .run = run_reshape};

/* ---- ExpandDims */

static ek_shape with_one(ek_shape s, int axis) {
  ek_shape r = {.rank = s.rank + 1};
  for (int i = 0; i < r.rank; i++) r.dim[i] = i == axis ? 1 : s.dim[i < axis ? i : i - 1];
  return r;
}

static ek_code infer_expand(ek_infer_context *c) {
  int64_t axis = 0;
  const ek_shape s = c->in[0].shape;
  c->out[0].shape = ek_shape_unknown();
  if (s.rank < 0) return EK_OK;
  const int64_t n_dim = ek_shape_num_elements(c->in[1].shape);
  EK_INFER_REQUIRE(c, n_dim < 0 || n_dim == 1, "'dim' must hold one value, not %" PRId64, n_dim);
  EK_INFER_REQUIRE(c, s.rank < EK_MAX_RANK, "a tensor of rank %d can get no more dimensions", s.rank);
  if (!ek__infer_int(c, 1, &axis)) {
    c->out[0].shape = (ek_shape){.rank = s.rank + 1, .dim = {-1, -1, -1, -1, -1, -1, -1, -1}};
    return EK_OK;
  }
  const int front = ek__front_axis(axis, s.rank + 1);
  EK_INFER_REQUIRE(c, front >= 0, "dimension %" PRId64 " not in the interval [%d, %d]", axis, -s.rank - 1, s.rank);
  c->out[0].shape = with_one(s, front);
  return EK_OK;
}

static ek_code run_expand(ek_run_context *c) {
  const ek_shape s = c->in[0]->shape;
  EK_RUN_REQUIRE(c, c->in[1]->n == 1, "'dim' must hold one value");
  const int64_t axis = ek__value_int(c->in[1], 0);
  const int front = ek__front_axis(axis, s.rank + 1);
  EK_RUN_REQUIRE(c, front >= 0 && s.rank < EK_MAX_RANK,
                 "Tried to expand dim index %" PRId64 " for tensor with %d dimensions.", axis, s.rank);
  return ek__run_view(c, with_one(s, front));
}

const ek_op_def ek_op_expand_dims = {.name = "ExpandDims",
                                     .doc = "a dimension of 1 put in before axis dim",
                                     .in = "input: T, dim: Tdim",
                                     .out = "output: T",
                                     .attrs = "T: type; Tdim: {int32, int64} = int32",
                                     .flags = EK_OP_ALIAS,
                                     .infer = infer_expand,
                                     .partial_value = partial_same,
                                     .grad = ek__grad_reshaped,
                                     .run = run_expand};

/* ---- Squeeze */

/* A dimension that is not known may be 1 only where it is named. NULL or what is wrong. */
static const char *squeezed(const ek__node *node, ek_shape s, ek_shape *out) {
  const ek_attr *dims = ek__attr_find(node, "squeeze_dims");
  bool drop[EK_MAX_RANK] = {false};
  for (int i = 0; i < dims->n; i++) {
    const int front = ek__front_axis(dims->v.ints[i], s.rank);
    if (front < 0) return "squeeze_dims holds an axis that the input lacks";
    if (s.dim[front] >= 0 && s.dim[front] != 1) return "Can not squeeze a dimension that is not 1";
    drop[front] = true;
  }
  *out = (ek_shape){.rank = 0};
  for (int i = 0; i < s.rank; i++)
    if (dims->n > 0 ? !drop[i] : s.dim[i] != 1) out->dim[out->rank++] = s.dim[i];
  return NULL;
}

static ek_code infer_squeeze(ek_infer_context *c) {
  const ek_shape s = c->in[0].shape;
  const bool named = ek__attr_find(c->node, "squeeze_dims")->n > 0;
  c->out[0].shape = ek_shape_unknown();
  if (s.rank < 0 || (!named && !ek_shape_is_known(s))) return EK_OK;
  char text[EK_SHAPE_TEXT];
  const char *wrong = squeezed(c->node, s, &c->out[0].shape);
  EK_INFER_REQUIRE(c, wrong == NULL, "%s: %s", wrong, ek_shape_format(s, text, sizeof text));
  return EK_OK;
}

static ek_code run_squeeze(ek_run_context *c) {
  ek_shape s;
  char text[EK_SHAPE_TEXT];
  const char *wrong = squeezed(c->node, c->in[0]->shape, &s);
  EK_RUN_REQUIRE(c, wrong == NULL, "%s: %s", wrong, ek_shape_format(c->in[0]->shape, text, sizeof text));
  return ek__run_view(c, s);
}

const ek_op_def ek_op_squeeze = {.name = "Squeeze",
                                 .doc = "dimensions of 1 left out: those named, or all",
                                 .in = "input: T",
                                 .out = "output: T",
                                 .attrs = "T: type; squeeze_dims: list(int) >= 0 = []",
                                 .flags = EK_OP_ALIAS,
                                 .infer = infer_squeeze,
                                 .partial_value = partial_same,
                                 .grad = ek__grad_reshaped,
                                 .run = run_squeeze};
