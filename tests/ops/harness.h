/* SPDX-License-Identifier: Apache-2.0 */
/* One op at a time, without a session: shapes are inferred from the given inputs, outputs get memory of their own, then
 * the op is prepared and run.
 *
 *   op_test t = {.g = g, .op = op, .n_in = 2, .in = {x, y}};
 *   assert_int_equal(op_run(&t), EK_OK);    t.out[0] is an ek_tensor; t.st the message of an error
 *   op_done(&t);                            frees in and out
 *
 * A variable goes in as .slot[i]. Fields that survive a run (slots, random) may be used for the next. */
#ifndef EK_TESTS_OPS_HARNESS_H
#define EK_TESTS_OPS_HARNESS_H

#include "graph/infer.h"
#include "ops/run.h"
#include "test.h"

#include <string.h>

enum { OP_TEST_INS = 12, OP_TEST_OUTS = 12 };

typedef struct op_test {
  ek_graph *g;
  ek_op op;
  int n_in;
  ek_tensor *in[OP_TEST_INS];
  ek_slot *slot[OP_TEST_INS]; /* where in[i] is NULL */
  bool shapes_unknown;        /* plan without the shapes of the inputs */
  uint64_t random[8];
  int n_out;
  ek_tensor *out[OP_TEST_OUTS];
  ek__type type[OP_TEST_OUTS]; /* as inferred */
  ek_slot *out_slot[OP_TEST_OUTS];
  ek_status st;
} op_test;

static inline const ek_tensor *op_test_constant(const ek_infer_context *c, int i) {
  const op_test *t = c->env;
  return t->shapes_unknown ? NULL : t->in[i];
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
  (void)bytes;
  for (int i = 0; i < OP_TEST_OUTS; i++)
    if (t->out[i] == NULL) {
      /* The shape comes after the memory: the tensor is made again when the run is over. */
      (void)out;
      break;
    }
  return NULL;
}

