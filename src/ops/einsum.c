/* SPDX-License-Identifier: Apache-2.0 */
/* Einsum: products of one or two tensors, summed over the subscripts that the output lacks. Two tensors without
 * repeated subscripts are matrix products of what they are when their dimensions are sorted; all else is computed
 * element by element. */
#include "ops/einsum.h"
#include "ops/index.h"
#include "ops/matmul.h"
#include "ops/number.h"

#include <string.h>

static ek_code infer(ek_infer_context *c) {
  const char *equation = ek__attr_string(c->node, "equation"), *why = "";
  ek_shape shapes[EK__EINSUM_INPUTS];
  ek__einsum e;
  bool known = true;
  for (int i = 0; i < c->n_in && i < EK__EINSUM_INPUTS; i++) shapes[i] = c->in[i].shape;
  EK_INFER_REQUIRE(c, ek__einsum_read(equation, shapes, c->n_in, &e, &known, &why), "equation '%.80s': %s", equation,
                   why);
  c->out[0].shape = known ? ek__einsum_shape(&e) : ek_shape_unknown();
  return EK_OK;
}

/* ---- element by element */

#define READ(tag_, unused_)                                                                                            \
  case EK__DTYPE_##tag_: return (double)ek__get_##tag_(((const ek__s_##tag_ *)v->data)[i]);
static double number_at(const ek_value *v, int64_t i) {
  switch (v->dtype) {
    EK_FLOAT_TAGS(READ, )
  default: return 0;
  }
}

#define WRITE(tag_, unused_)                                                                                           \
  case EK__DTYPE_##tag_: ((ek__s_##tag_ *)v->data)[i] = ek__put_##tag_((ek__v_##tag_)x); return;
static void put(const ek_value *v, int64_t i, double x) {
  switch (v->dtype) {
    EK_FLOAT_TAGS(WRITE, )
  default: return;
  }
}

/* How far apart in tensor t neighbours along each label lie; labels that are repeated add up, what is broadcast is 0.
 */
static void strides_of(const ek__einsum *e, int t, ek_shape s, int64_t stride[EK__EINSUM_LABELS]) {
  int64_t own[EK_MAX_RANK];
  ek__row_major(s, own);
  for (int i = 0; i < e->n_labels; i++) stride[i] = 0;
  for (int d = 0; d < s.rank; d++)
    if (s.dim[d] == e->dim[e->label[t][d]]) stride[e->label[t][d]] += own[d];
}

static bool in_output(const ek__einsum *e, int label) {
  for (int d = 0; d < e->rank[e->n_in]; d++)
    if (e->label[e->n_in][d] == label) return true;
  return false;
}

/* Counts the labels of order[0..n) on, keeping the places in all tensors; false: once round. */
static bool next(const ek__einsum *e, const int *order, int n, int64_t *index,
                 int64_t stride[EK__EINSUM_INPUTS + 1][EK__EINSUM_LABELS], int64_t *at) {
  for (int i = n; i-- > 0;) {
    const int label = order[i];
    for (int t = 0; t <= e->n_in; t++) at[t] += stride[t][label];
    if (++index[i] < e->dim[label]) return true;
    for (int t = 0; t <= e->n_in; t++) at[t] -= stride[t][label] * e->dim[label];
    index[i] = 0;
  }
  return false;
}

static void run_plain(ek_run_context *c, const ek__einsum *e) {
  int64_t stride[EK__EINSUM_INPUTS + 1][EK__EINSUM_LABELS];
  int order[EK__EINSUM_LABELS], kept = 0, n = 0;
  for (int t = 0; t <= e->n_in; t++) strides_of(e, t, t < e->n_in ? c->in[t]->shape : c->out[0]->shape, stride[t]);
  for (int i = 0; i < e->n_labels; i++)
    if (in_output(e, i)) order[n++] = i;
  kept = n;
  bool empty = false;
  for (int i = 0; i < e->n_labels; i++) {
    if (!in_output(e, i)) order[n++] = i;
    empty = empty || e->dim[i] == 0;
  }
  ek__zero(c->out[0]->dtype, c->out[0]->data, c->out[0]->n);
  if (empty) return;
  int64_t outer[EK__EINSUM_LABELS] = {0}, inner[EK__EINSUM_LABELS] = {0}, at[EK__EINSUM_INPUTS + 1] = {0};
  do {
    double sum = 0;
    do {
      double product = number_at(c->in[0], at[0]);
      if (e->n_in == 2) product *= number_at(c->in[1], at[1]);
      sum += product;
    } while (next(e, order + kept, n - kept, inner, stride, at));
    put(c->out[0], at[e->n_in], sum);
  } while (next(e, order, kept, outer, stride, at));
}

/* ---- as matrix products */

typedef enum group { BATCH, LEFT, RIGHT, SUMMED } group;

static bool has_label(const ek__einsum *e, int t, int label) {
  for (int d = 0; d < e->rank[t]; d++)
    if (e->label[t][d] == label) return true;
  return false;
}

/* False where a label is summed in one tensor alone. */
static bool group_of(const ek__einsum *e, int label, group *g) {
  const bool a = has_label(e, 0, label), b = has_label(e, 1, label), out = has_label(e, 2, label);
  *g = a && b ? (out ? BATCH : SUMMED) : a ? LEFT : RIGHT;
  return out || (a && b);
}

/* A copy of tensor t with its dimensions in the order of three groups, or (back) the other way. */
static void sort_dims(const ek__einsum *e, int t, ek_shape s, ek_dtype dtype, const group order[3], bool back, void *to,
                      const void *from) {
  int64_t stride[EK_MAX_RANK], step = 1;
  ek__copy box = {0};
  ek__row_major(s, stride);
  for (int g = 3; g-- > 0;)
    for (int label = e->n_labels; label-- > 0;)
      for (int d = 0; d < s.rank; d++) {
        group own;
        if (e->label[t][d] != label || !group_of(e, label, &own) || own != order[g]) continue;
        ek__copy_axis(&box, s.dim[d], back ? stride[d] : step, back ? step : stride[d]);
        step *= s.dim[d];
      }
  ek__copy_box(dtype, to, from, &box);
}

static bool can_multiply(const ek__einsum *e) {
  group g;
  if (e->n_in != 2 || e->has_repeats || e->has_ellipsis) return false;
  for (int i = 0; i < e->n_labels; i++)
    if (!group_of(e, i, &g) || e->dim[i] == 0) return false;
  return true;
}

static ek_code run_products(ek_run_context *c, const ek__einsum *e) {
  static const group left[] = {BATCH, LEFT, SUMMED}, right[] = {BATCH, SUMMED, RIGHT}, out[] = {BATCH, LEFT, RIGHT};
  const ek_dtype dtype = c->in[0]->dtype;
  const size_t size = ek_dtype_size(dtype);
  int64_t n[4] = {1, 1, 1, 1};
  for (int i = 0; i < e->n_labels; i++) {
    group g;
    (void)group_of(e, i, &g);
    n[g] *= e->dim[i];
  }
  const size_t bytes = (size_t)(c->in[0]->n + c->in[1]->n + c->out[0]->n) * size;
  char *a = ek__alloc(c->allocator, bytes);
  if (a == NULL) return ek__no_memory(c->st, c->node->name, bytes);
  char *b = a + (size_t)c->in[0]->n * size, *z = b + (size_t)c->in[1]->n * size;
  sort_dims(e, 0, c->in[0]->shape, dtype, left, false, a, c->in[0]->data);
  sort_dims(e, 1, c->in[1]->shape, dtype, right, false, b, c->in[1]->data);
  const ek__matmul p = {.dtype = dtype,
                        .m = n[LEFT],
                        .n = n[RIGHT],
                        .k = n[SUMMED],
                        .a_row = n[SUMMED],
                        .a_col = 1,
                        .b_row = n[RIGHT],
                        .b_col = 1};
  for (int64_t k = 0; k < n[BATCH]; k++)
    (void)ek__matmul_plain(&p, c->threads, a + (size_t)(k * p.m * p.k) * size, b + (size_t)(k * p.k * p.n) * size,
                           z + (size_t)(k * p.m * p.n) * size); /* floats only: all of them can be multiplied */
  sort_dims(e, 2, c->out[0]->shape, dtype, out, true, c->out[0]->data, z);
  ek__free(c->allocator, a, bytes);
  return EK_OK;
}

static ek_code run(ek_run_context *c) {
  const char *equation = ek__attr_string(c->node, "equation"), *why = "";
  ek_shape shapes[EK__EINSUM_INPUTS];
  ek__einsum e;
  bool known = true;
  for (int i = 0; i < c->n_in && i < EK__EINSUM_INPUTS; i++) shapes[i] = c->in[i]->shape;
  EK_RUN_REQUIRE(c, ek__einsum_read(equation, shapes, c->n_in, &e, &known, &why), "equation '%.80s': %s", equation,
                 why);
  EK_TRY(ek__run_output(c, 0, ek__einsum_shape(&e)));
  if (can_multiply(&e)) return run_products(c, &e);
  run_plain(c, &e);
  return EK_OK;
}

const ek_op_def ek_op_einsum = {.name = "Einsum",
                                .doc = "the product of the inputs, summed over the subscripts that the output lacks",
                                .in = "inputs: N * T",
                                .out = "output: T",
                                .attrs = "equation: string; N: int >= 1; T: {" EK_FLOAT_TYPES "}",
                                .infer = infer,
                                .grad = ek__grad_einsum,
                                .run = run};
