/* SPDX-License-Identifier: Apache-2.0 */
/* One op at a time, without a session: shapes are inferred from the given inputs, outputs get memory of their own, then
 * the op is prepared and run.
 *
 *   op_test t = {.g = g, .op = op, .n_in = 2, .in = {x, y}};
 *   assert_int_equal(op_run(&t), EK_OK);    t.out[0] is an ek_tensor; t.st holds an error's message
 *   op_done(&t);                            frees in and out
 *
 * A variable goes in as .slot[i]. What survives a run (slots, random) may be used for the next. */
#ifndef EK_TESTS_OPS_HARNESS_H
#define EK_TESTS_OPS_HARNESS_H

#include "graph/infer.h"
#include "ops/run.h"
#include "test.h"

#include <stdlib.h>
#include <string.h>

enum { OP_TEST_INS = 12, OP_TEST_OUTS = 12 };

typedef struct op_test {
  ek_graph *g;
  ek_op op;
  int n_in;
  ek_tensor *in[OP_TEST_INS];
  ek_slot *slot[OP_TEST_INS]; /* where in[i] is NULL */
  bool values_unknown;        /* plan without the values of the inputs */
  int threads;                /* 0: 2 */
  uint64_t random[8];
  int n_out;
  ek_tensor *out[OP_TEST_OUTS];
  ek__type type[OP_TEST_OUTS]; /* as inferred */
  ek_slot *out_slot[OP_TEST_OUTS];
  ek_status st;
  void *block[2 * OP_TEST_OUTS]; /* memory of the outputs under way */
  int n_blocks;
} op_test;

static inline const ek_tensor *op_test_constant(const ek_infer_context *c, int i) {
  const op_test *t = c->env;
  return t->values_unknown ? NULL : t->in[i];
}

static inline bool op_test_partial(const ek_infer_context *c, int i, ek_shape *value) {
  const ek_tensor *t = op_test_constant(c, i);
  if (t == NULL || !ek_dtype_is_integer(t->dtype) || t->shape.rank > 1 || ek_tensor_num_elements(t) > EK_MAX_RANK)
    return false;
  *value = (ek_shape){.rank = (int)ek_tensor_num_elements(t)};
  for (int k = 0; k < value->rank; k++) value->dim[k] = (int64_t)ek_tensor_number(t, k);
  return true;
}

static inline void *op_test_output(void *run, ek_value *out, size_t bytes) {
  op_test *t = run;
  (void)out;
  if (t->n_blocks == 2 * OP_TEST_OUTS) return NULL;
  return t->block[t->n_blocks++] = calloc(1, bytes + 1);
}

static inline bool op_test_cancelled(void *run) {
  (void)run;
  return false;
}

/* Shapes of the outputs from those of the inputs, into t->type. */
static inline ek_code op_infer(op_test *t) {
  const ek__node *node = ek__node_of(t->g, t->op);
  ek__type in[OP_TEST_INS];
  t->n_out = node->n_outputs;
  for (int i = 0; i < t->n_in; i++) {
    const ek__type *built = ek__type_of(t->g, node->inputs[i]);
    in[i] = *built;
    if (t->in[i] != NULL) in[i].shape = t->in[i]->shape;
  }
  for (int i = 0; i < t->n_out; i++) {
    t->type[i] = node->outputs[i];
    t->type[i].shape = ek_shape_unknown();
  }
  ek_infer_context c = {.g = t->g,
                        .node = node,
                        .in = in,
                        .n_in = t->n_in,
                        .out = t->type,
                        .n_out = t->n_out,
                        .constant = op_test_constant,
                        .partial = op_test_partial,
                        .env = t,
                        .st = &t->st};
  return node->def->infer != NULL ? node->def->infer(&c) : EK_OK;
}

static inline void op_test_collect(op_test *t, ek_value *const *out) {
  for (int i = 0; i < t->n_out; i++) {
    t->out_slot[i] = out[i]->slot;
    if (out[i]->slot == NULL && ek_dtype_size(out[i]->dtype) > 0) {
      t->out[i] = ek_tensor_new(out[i]->dtype, out[i]->shape, NULL, &t->st);
      assert_non_null(t->out[i]);
      ek__copy_elements(out[i]->dtype, t->out[i]->data, out[i]->data, out[i]->n);
    }
  }
}

/* Infers, prepares, runs. Outputs of an earlier run go. */
static inline ek_code op_run(op_test *t) {
  const ek__node *node = ek__node_of(t->g, t->op);
  static const ek_run_services services = {.output = op_test_output, .cancelled = op_test_cancelled};
  ek_value in[OP_TEST_INS] = {0}, out[OP_TEST_OUTS] = {0}, *in_at[OP_TEST_INS], *out_at[OP_TEST_OUTS];
  const ek_value *c_in[OP_TEST_INS], *c_out[OP_TEST_OUTS];
  assert_non_null(node);
  ek_status_clear(&t->st);
  for (int i = 0; i < OP_TEST_OUTS; i++) {
    ek_tensor_free(t->out[i]);
    t->out[i] = NULL;
  }
  ek_code rc = op_infer(t);
  if (rc != EK_OK) return rc;
  for (int i = 0; i < t->n_in; i++) {
    const ek_tensor *x = t->in[i];
    const ek__type *built = ek__type_of(t->g, node->inputs[i]);
    in[i] = x != NULL
                ? (ek_value){.dtype = x->dtype, .shape = x->shape, .n = ek_tensor_num_elements(x), .data = x->data}
                : (ek_value){.dtype = built->dtype, .shape = built->shape, .n = -1, .slot = t->slot[i]};
    in_at[i] = &in[i];
    c_in[i] = &in[i];
  }
  t->n_blocks = 0;
  for (int i = 0; i < t->n_out; i++) {
    out[i] =
        (ek_value){.dtype = t->type[i].dtype, .shape = t->type[i].shape, .n = ek_shape_num_elements(t->type[i].shape)};
    const bool alias = i == 0 && (node->def->flags & EK_OP_ALIAS) != 0;
    if (alias)
      out[i].data = in[0].data;
    else if (out[i].n >= 0)
      out[i].data = op_test_output(t, &out[i], (size_t)out[i].n * ek_dtype_size(out[i].dtype));
    out_at[i] = &out[i];
    c_out[i] = &out[i];
  }
  ek_prepare_context p = {.node = node,
                          .in = c_in,
                          .out = c_out,
                          .n_in = t->n_in,
                          .n_out = t->n_out,
                          .threads = t->threads > 0 ? t->threads : 2,
                          .allocator = ek_allocator_default(),
                          .st = &t->st};
  if (node->def->prepare != NULL) rc = node->def->prepare(&p);
  ek_run_context c = {.node = node,
                      .in = in_at,
                      .out = out_at,
                      .n_in = t->n_in,
                      .n_out = t->n_out,
                      .state = p.state,
                      .random = t->random,
                      .threads = t->threads > 0 ? t->threads : 2,
                      .allocator = ek_allocator_default(),
                      .services = &services,
                      .run = t,
                      .st = &t->st};
  if (p.scratch_bytes > 0) c.scratch = ek__alloc(c.allocator, p.scratch_bytes);
  if (rc == EK_OK && node->def->run != NULL) rc = node->def->run(&c);
  if (rc == EK_OK) op_test_collect(t, out_at);
  if (node->def->release != NULL && p.state != NULL) node->def->release(p.state);
  if (c.scratch != NULL) ek__free(c.allocator, c.scratch, p.scratch_bytes);
  for (int i = 0; i < t->n_out; i++) /* strings that lie in blocks of ours */
    for (int b = 0; b < t->n_blocks; b++)
      if (out[i].dtype == EK_STRING && out[i].data == t->block[b])
        for (int64_t k = 0; k < out[i].n; k++) ek__bytes_free(((ek__bytes **)out[i].data)[k]);
  for (int b = 0; b < t->n_blocks; b++) free(t->block[b]);
  return rc;
}

static inline void op_done(op_test *t) {
  for (int i = 0; i < t->n_in; i++) ek_tensor_free(t->in[i]);
  for (int i = 0; i < OP_TEST_OUTS; i++) ek_tensor_free(t->out[i]);
}

/* ---- tensors */

static inline ek_tensor *op_floats(ek_shape shape, const float *values) {
  ek_tensor *t = ek_tensor_from(EK_FLOAT32, shape, values, NULL);
  assert_non_null(t);
  return t;
}
#define F32(shape, ...) op_floats((shape), (const float[]){__VA_ARGS__})

static inline ek_tensor *op_int32s(ek_shape shape, const int32_t *values) {
  ek_tensor *t = ek_tensor_from(EK_INT32, shape, values, NULL);
  assert_non_null(t);
  return t;
}
#define I32(shape, ...) op_int32s((shape), (const int32_t[]){__VA_ARGS__})

/* Shape and all elements, as numbers, exactly. */
static inline void op_expect(const ek_tensor *t, ek_shape shape, const double *want, int64_t n) {
  char got[EK_SHAPE_TEXT], wanted[EK_SHAPE_TEXT];
  assert_non_null(t);
  assert_string_equal(ek_shape_format(t->shape, got, sizeof got), ek_shape_format(shape, wanted, sizeof wanted));
  assert_int_equal(ek_tensor_num_elements(t), n);
  for (int64_t i = 0; i < n; i++)
    if (ek_tensor_number(t, i) != want[i])
      fail_msg("element %d is %.17g, not %.17g", (int)i, ek_tensor_number(t, i), want[i]);
}
#define EXPECT(t, shape, ...)                                                                                          \
  op_expect((t), (shape), (const double[]){__VA_ARGS__},                                                               \
            (int64_t)(sizeof((const double[]){__VA_ARGS__}) / sizeof(double)))

/* A placeholder of any shape. */
static inline ek_out op_any(ek_graph *g, ek_dtype dtype) { return ek_placeholder(g, dtype, ek_shape_unknown(), NULL); }

#endif
