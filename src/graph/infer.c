/* SPDX-License-Identifier: Apache-2.0 */
/* Shape inference while building, and the rules that many ops share. */
#include "graph/infer.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

ek_code ek__infer_fail(ek_infer_context *c, const char *fmt, ...) {
  char text[sizeof c->st->msg];
  va_list ap;
  va_start(ap, fmt);
  (void)vsnprintf(text, sizeof text, fmt, ap);
  va_end(ap);
  return ek_status_set(c->st, EK_INVALID_ARGUMENT, "%s '%s': %s", c->node->type, c->node->name, text);
}

/* ---- attributes */

const ek_attr *ek__attr_find(const ek__node *node, const char *name) {
  for (int i = 0; i < node->n_attrs; i++) /* a dozen at most */
    if (strcmp(node->attrs[i].name, name) == 0) return &node->attrs[i];
  return NULL;
}

int64_t ek__attr_int(const ek__node *node, const char *name) { return ek__attr_find(node, name)->v.i; }

float ek__attr_float(const ek__node *node, const char *name) { return ek__attr_find(node, name)->v.f; }

bool ek__attr_bool(const ek__node *node, const char *name) { return ek__attr_find(node, name)->v.b; }

ek_dtype ek__attr_type(const ek__node *node, const char *name) { return ek__attr_find(node, name)->v.type; }

const char *ek__attr_string(const ek__node *node, const char *name) { return ek__attr_find(node, name)->v.s.data; }

/* ---- shared rules */

ek_code ek__infer_same(ek_infer_context *c) {
  for (int i = 0; i < c->n_out; i++) c->out[i].shape = c->in[0].shape;
  return EK_OK;
}

ek_code ek__infer_scalar(ek_infer_context *c) {
  for (int i = 0; i < c->n_out; i++) c->out[i].shape = ek_shape_scalar();
  return EK_OK;
}

bool ek__broadcast_shapes(ek_shape a, ek_shape b, ek_shape *out) {
  if (a.rank < 0 || b.rank < 0) {
    *out = ek_shape_unknown();
    return true;
  }
  ek_shape r = {.rank = a.rank > b.rank ? a.rank : b.rank};
  for (int i = 0; i < r.rank; i++) {
    const int ia = i - (r.rank - a.rank), ib = i - (r.rank - b.rank);
    const int64_t x = ia >= 0 ? a.dim[ia] : 1, y = ib >= 0 ? b.dim[ib] : 1;
    if (x == 1)
      r.dim[i] = y;
    else if (y == 1)
      r.dim[i] = x;
    else if (x < 0)
      r.dim[i] = y; /* unknown beside a number over 1: it must be that number */
    else if (y < 0 || x == y)
      r.dim[i] = x;
    else
      return false;
  }
  *out = r;
  return true;
}

ek_code ek__infer_broadcast(ek_infer_context *c) {
  char a[EK_SHAPE_TEXT], b[EK_SHAPE_TEXT];
  EK_INFER_REQUIRE(c, ek__broadcast_shapes(c->in[0].shape, c->in[1].shape, &c->out[0].shape),
                   "shapes %s and %s cannot be broadcast together", ek_shape_format(c->in[0].shape, a, sizeof a),
                   ek_shape_format(c->in[1].shape, b, sizeof b));
  for (int i = 1; i < c->n_out; i++) c->out[i].shape = c->out[0].shape;
  return EK_OK;
}

ek_code ek__infer_rank(ek_infer_context *c, int i, int rank) {
  char text[EK_SHAPE_TEXT];
  EK_INFER_REQUIRE(c, c->in[i].shape.rank < 0 || c->in[i].shape.rank == rank,
                   "input %d must have rank %d, not shape %s", i, rank,
                   ek_shape_format(c->in[i].shape, text, sizeof text));
  return EK_OK;
}

ek_code ek__infer_merge(ek_infer_context *c, ek_shape a, ek_shape b, ek_shape *out) {
  char ta[EK_SHAPE_TEXT], tb[EK_SHAPE_TEXT];
  EK_INFER_REQUIRE(c, ek_shape_compatible(a, b), "shapes %s and %s must be equal", ek_shape_format(a, ta, sizeof ta),
                   ek_shape_format(b, tb, sizeof tb));
  ek_shape r = a.rank >= 0 ? a : b;
  for (int i = 0; a.rank >= 0 && b.rank >= 0 && i < r.rank; i++)
    if (r.dim[i] < 0) r.dim[i] = b.dim[i];
  *out = r;
  return EK_OK;
}

ek_code ek__infer_shape_from_input(ek_infer_context *c, int i, ek_shape *shape) {
  char text[EK_SHAPE_TEXT];
  const ek_shape of = c->in[i].shape;
  EK_INFER_REQUIRE(c, of.rank <= 1, "input %d must be a vector of sizes, not of shape %s", i,
                   ek_shape_format(of, text, sizeof text));
  EK_INFER_REQUIRE(c, of.rank < 1 || of.dim[0] <= EK_MAX_RANK,
                   "input %d spells %" PRId64 " dimensions; at most %d are possible", i, of.dim[0], EK_MAX_RANK);
  if (c->partial(c, i, shape)) return EK_OK;
  *shape = ek_shape_unknown();
  if (of.rank == 1 && of.dim[0] >= 0) {
    shape->rank = (int)of.dim[0];
    for (int k = 0; k < shape->rank; k++) shape->dim[k] = -1;
  }
  return EK_OK;
}

/* ---- while building: values come from the nodes that feed this one */

static bool tensor_as_dims(const ek_tensor *t, ek_shape *value) {
  const ek_shape s = ek_tensor_shape(t);
  const int64_t n = ek_tensor_num_elements(t);
  if (!ek_dtype_is_integer(ek_tensor_dtype(t)) || s.rank > 1 || n > EK_MAX_RANK) return false;
  *value = (ek_shape){.rank = (int)n};
  for (int64_t k = 0; k < n; k++) {
    const double d = ek_tensor_number(t, k);
    value->dim[k] = d < -1.0 ? -1 : (int64_t)d;
  }
  return true;
}

enum { MAX_DEPTH = 12, MAX_INPUTS = 16 };

typedef struct build_env {
  int depth;
} build_env;

static const ek_tensor *build_constant(const ek_infer_context *c, int i) {
  const ek_out in = i < c->node->n_inputs ? c->node->inputs[i] : (ek_out){0, 0};
  const ek__node *n = ek__node_of(c->g, ek_out_op(in));
  if (n == NULL || strcmp(n->type, "Const") != 0) return NULL;
  const ek_attr *value = ek__attr_find(n, "value");
  return value != NULL && value->kind == EK_ATTR_TENSOR ? value->v.tensor : NULL;
}

static bool build_partial(const ek_infer_context *c, int i, ek_shape *value) {
  const ek_tensor *t = build_constant(c, i);
  if (t != NULL) return tensor_as_dims(t, value);
  const build_env *env = c->env;
  const ek_out in = c->node->inputs[i];
  const ek__node *n = ek__node_of(c->g, ek_out_op(in));
  if (n == NULL || n->def == NULL || n->def->partial_value == NULL || env->depth >= MAX_DEPTH ||
      n->n_inputs > MAX_INPUTS)
    return false;
  ek__type types[MAX_INPUTS];
  for (int k = 0; k < n->n_inputs; k++) {
    const ek__type *t2 = ek__type_of(c->g, n->inputs[k]);
    if (t2 == NULL) return false;
    types[k] = *t2;
  }
  build_env deeper = {env->depth + 1};
  ek_status ignored = EK_STATUS_INIT;
  ek_infer_context inner = {.g = c->g,
                            .node = n,
                            .in = types,
                            .n_in = n->n_inputs,
                            .out = n->outputs,
                            .n_out = n->n_outputs,
                            .constant = build_constant,
                            .partial = build_partial,
                            .env = &deeper,
                            .output = in.index,
                            .st = &ignored};
  return n->def->partial_value(&inner, value);
}

ek_shape ek__shape_value(const ek_graph *g, ek_out out) {
  const ek__node reader = {.name = "", .inputs = &out, .n_inputs = 1};
  build_env env = {0};
  ek_status ignored = EK_STATUS_INIT;
  const ek_infer_context c = {.g = g, .node = &reader, .env = &env, .st = &ignored};
  ek_shape value;
  return build_partial(&c, 0, &value) ? value : ek_shape_unknown();
}

ek_code ek__node_infer(ek_graph *g, ek_op op, ek_status *st) {
  ek__node *n = ek__node_of(g, op);
  if (n->def == NULL || n->def->infer == NULL) return EK_OK;
  ek__type few_in[MAX_INPUTS], *in = few_in;
  const size_t bytes = (size_t)n->n_inputs * sizeof *in, out_bytes = (size_t)n->n_outputs * sizeof *in;
  ek__type few_out[MAX_INPUTS], *out = few_out;
  if (n->n_inputs > MAX_INPUTS) in = ek__alloc(g->allocator, bytes);
  if (n->n_outputs > MAX_INPUTS) out = ek__alloc(g->allocator, out_bytes);
  ek_code rc = in != NULL && out != NULL ? EK_OK : ek__no_memory(st, "shape inference", bytes + out_bytes);
  for (int i = 0; rc == EK_OK && i < n->n_inputs; i++) {
    const ek__type *t = ek__type_of(g, n->inputs[i]);
    in[i] = t != NULL ? *t : (ek__type){.shape = ek_shape_unknown()};
  }
  for (int i = 0; rc == EK_OK && i < n->n_outputs; i++) {
    out[i] = n->outputs[i];
    out[i].shape = ek_shape_unknown();
  }
  build_env env = {0};
  ek_infer_context c = {.g = g,
                        .node = n,
                        .in = in,
                        .n_in = n->n_inputs,
                        .out = out,
                        .n_out = n->n_outputs,
                        .constant = build_constant,
                        .partial = build_partial,
                        .env = &env,
                        .st = st};
  if (rc == EK_OK) rc = n->def->infer(&c);
  for (int i = 0; rc == EK_OK && i < n->n_outputs; i++)
    rc = ek__infer_merge(&c, out[i].shape, n->outputs[i].shape, &n->outputs[i].shape);
  if (in != few_in) ek__free(g->allocator, in, bytes);
  if (out != few_out) ek__free(g->allocator, out, out_bytes);
  return rc;
}
