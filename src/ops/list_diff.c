/* SPDX-License-Identifier: Apache-2.0 */
/* ListDiff: what of one list is not in another, in order, and where it was. */
#include "ops/number.h"
#include "ops/run.h"

#include <string.h>

static ek_code infer_list_diff(ek_infer_context *c) {
  EK_TRY(ek__infer_rank(c, 0, 1));
  EK_TRY(ek__infer_rank(c, 1, 1));
  c->out[0].shape = c->out[1].shape = ek_shape(-1);
  return EK_OK;
}

static bool contains(const ek_value *list, size_t size, const char *element) {
  for (int64_t i = 0; i < list->n; i++)
    if (memcmp((const char *)list->data + (size_t)i * size, element, size) == 0) return true;
  return false;
}

static ek_code run_list_diff(ek_run_context *c) {
  const ek_value *x = c->in[0], *y = c->in[1];
  const size_t size = ek_dtype_size(x->dtype);
  int64_t n = 0;
  EK_RUN_REQUIRE(c, x->shape.rank == 1 && y->shape.rank == 1, "x and y must be 1-D, not of ranks %d and %d",
                 x->shape.rank, y->shape.rank);
  for (int64_t i = 0; i < x->n; i++) n += !contains(y, size, (const char *)x->data + (size_t)i * size);
  for (int i = 0; i < 2; i++) EK_TRY(ek__run_output(c, i, ek_shape(n)));
  char *out = c->out[0]->data;
  for (int64_t i = 0, to = 0; i < x->n; i++) {
    const char *element = (const char *)x->data + (size_t)i * size;
    if (contains(y, size, element)) continue;
    memcpy(out + (size_t)to * size, element, size);
    if (c->out[1]->dtype == EK_INT64)
      ((int64_t *)c->out[1]->data)[to++] = i;
    else
      ((int32_t *)c->out[1]->data)[to++] = (int32_t)i;
  }
  return EK_OK;
}

const ek_op_def ek_op_list_diff = {.name = "ListDiff",
                                   .doc = "the elements of x that are not in y, and their indices",
                                   .in = "x: T, y: T",
                                   .out = "out: T, idx: out_idx",
                                   .attrs = "T: {" EK_INT_TYPES ", bool}; out_idx: {int32, int64} = int32",
                                   .infer = infer_list_diff,
                                   .run = run_list_diff};
