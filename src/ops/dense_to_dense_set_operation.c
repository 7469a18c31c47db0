/* SPDX-License-Identifier: Apache-2.0 */
/* DenseToDenseSetOperation: each last dimension is a set; differences, intersections and unions of two lists of sets.
 * tf.losses ask it which dimensions of the weights are not those of the values.
 *
 * set1: [G, n], set2: [G, m], G any dimensions. The result is sparse: result_indices [k, rank], result_values [k],
 * each set in ascending order, and result_shape [rank], which is G and the size of the largest set. */
#include "ops/number.h"
#include "ops/run.h"

#include <string.h>

static ek_code infer_set_operation(ek_infer_context *c) {
  const ek_shape a = c->in[0].shape, b = c->in[1].shape;
  int rank = a.rank < 0 ? b.rank : a.rank;
  EK_INFER_REQUIRE(c, a.rank != 0 && b.rank != 0, "a set is a list: rank 0 is none");
  EK_INFER_REQUIRE(c, a.rank < 0 || b.rank < 0 || a.rank == b.rank, "set1 has rank %d, set2 %d", a.rank, b.rank);
  if (rank < 0) rank = -1; /* as a dimension: unknown */
  c->out[0].shape = ek_shape(-1, rank);
  c->out[1].shape = ek_shape(-1);
  c->out[2].shape = ek_shape(rank);
  return EK_OK;
}

/* In which of the two sets an element must be to be in the result. */
typedef struct set_choice {
  const char *name;
  bool only_a, only_b, both;
} set_choice;

static const set_choice *find_choice(const char *name) {
  static const set_choice choices[] = {{"a-b", true, false, false},
                                       {"b-a", false, true, false},
                                       {"intersection", false, false, true},
                                       {"union", true, true, true}};
  for (size_t i = 0; i < sizeof choices / sizeof *choices; i++)
    if (strcmp(choices[i].name, name) == 0) return &choices[i];
  return NULL;
}

typedef struct set {
  const ek_value *value;
  int64_t from, n;
} set;

/* The smallest element that is at least (above: greater than) bound. */
static bool smallest(set s, int64_t bound, bool above, int64_t *found) {
  bool any = false;
  for (int64_t i = 0; i < s.n; i++) {
    const int64_t x = ek__value_int(s.value, s.from + i);
    if (x < bound || (above && x == bound) || (any && x >= *found)) continue;
    *found = x;
    any = true;
  }
  return any;
}

/* The next element of the result above *last (begun: there is a last one). */
static bool next(const set_choice *choice, set a, set b, bool *begun, int64_t *last) {
  for (;;) {
    int64_t x = 0, y = 0;
    const bool in_a = smallest(a, *begun ? *last : INT64_MIN, *begun, &x);
    const bool in_b = smallest(b, *begun ? *last : INT64_MIN, *begun, &y);
    if (!in_a && !in_b) return false;
    const bool a_first = in_a && (!in_b || x <= y), b_first = in_b && (!in_a || y <= x);
    *last = a_first ? x : y;
    *begun = true;
    if (a_first && b_first ? choice->both : a_first ? choice->only_a : choice->only_b) return true;
  }
}

static void put(ek_value *out, int64_t i, int64_t x) {
  switch (out->dtype) {
  case EK_INT8: ((int8_t *)out->data)[i] = (int8_t)x; break;
  case EK_UINT8: ((uint8_t *)out->data)[i] = (uint8_t)x; break;
  case EK_INT16: ((int16_t *)out->data)[i] = (int16_t)x; break;
  case EK_UINT16: ((uint16_t *)out->data)[i] = (uint16_t)x; break;
  case EK_INT32: ((int32_t *)out->data)[i] = (int32_t)x; break;
  default: ((int64_t *)out->data)[i] = x; break;
  }
}

/* Goes through all elements of the result, writes them where there are outputs to write to, and counts them. */
static int64_t walk(ek_run_context *c, const set_choice *choice, bool write, int64_t *largest) {
  const ek_value *a = c->in[0], *b = c->in[1];
  const int rank = a->shape.rank, last = rank - 1;
  const int64_t n = a->shape.dim[last], m = b->shape.dim[last];
  const int64_t groups = n > 0 ? a->n / n : m > 0 ? b->n / m : 0;
  int64_t total = 0;
  for (int64_t group = 0; group < groups; group++) {
    const set sa = {a, group * n, n}, sb = {b, group * m, m};
    bool begun = false;
    int64_t size = 0;
    for (int64_t x = 0; next(choice, sa, sb, &begun, &x); size++, total++) {
      if (!write) continue;
      int64_t *index = (int64_t *)c->out[0]->data + total * rank;
      index[last] = size;
      for (int64_t i = last - 1, left = group; i >= 0; left /= a->shape.dim[i], i--) index[i] = left % a->shape.dim[i];
      put(c->out[1], total, x);
    }
    if (size > *largest) *largest = size;
  }
  return total;
}

static ek_code run_set_operation(ek_run_context *c) {
  const ek_shape a = c->in[0]->shape, b = c->in[1]->shape;
  const char *operation = ek__attr_string(c->node, "set_operation");
  const set_choice *choice = find_choice(operation);
  EK_RUN_REQUIRE(c, choice != NULL, "set_operation is '%s', not a-b, b-a, intersection or union", operation);
  EK_RUN_REQUIRE(c, a.rank > 0 && b.rank == a.rank, "set1 has rank %d, set2 %d", a.rank, b.rank);
  for (int i = 0; i < a.rank - 1; i++)
    EK_RUN_REQUIRE(c, a.dim[i] == b.dim[i], "dimension %d of set1 is %lld, of set2 %lld", i, (long long)a.dim[i],
                   (long long)b.dim[i]);
  int64_t largest = 0;
  const int64_t total = walk(c, choice, false, &largest);
  EK_TRY(ek__run_output(c, 0, ek_shape(total, a.rank)));
  EK_TRY(ek__run_output(c, 1, ek_shape(total)));
  EK_TRY(ek__run_output(c, 2, ek_shape(a.rank)));
  (void)walk(c, choice, true, &largest);
  for (int i = 0; i < a.rank; i++) ((int64_t *)c->out[2]->data)[i] = i < a.rank - 1 ? a.dim[i] : largest;
  return EK_OK;
}

const ek_op_def ek_op_dense_to_dense_set_operation = {
    .name = "DenseToDenseSetOperation",
    .doc = "a-b, b-a, intersection or union of sets, which are last dimensions",
    .in = "set1: T, set2: T",
    .out = "result_indices: int64, result_values: T, result_shape: int64",
    .attrs = "set_operation: string; validate_indices: bool = true; T: {" EK_INT_TYPES "}",
    .flags = EK_OP_NOT_DIFFERENTIABLE,
    .infer = infer_set_operation,
    .run = run_set_operation};
