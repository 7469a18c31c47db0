/* SPDX-License-Identifier: Apache-2.0 */
#include "ops/index.h"

#include <inttypes.h>
#include <string.h>

bool ek__infer_ints(const ek_infer_context *c, int i, int max, int64_t *values, int *n) {
  const ek_tensor *t = c->constant(c, i);
  ek_shape known;
  if (t == NULL && c->partial(c, i, &known) && known.rank <= max) { /* computed from constants and known shapes */
    for (int k = 0; k < known.rank; k++) {
      if (known.dim[k] < 0) return false; /* unknown, or below zero */
      values[k] = known.dim[k];
    }
    *n = known.rank;
    return true;
  }
  if (t == NULL || !ek_dtype_is_integer(t->dtype) || ek_tensor_num_elements(t) > max) return false;
  *n = (int)ek_tensor_num_elements(t);
  for (int k = 0; k < *n; k++)
    values[k] = t->dtype == EK_INT64 ? ((const int64_t *)t->data)[k] : (int64_t)ek_tensor_number(t, k);
  return true;
}

bool ek__infer_int(const ek_infer_context *c, int i, int64_t *value) {
  int n = 0;
  return ek__infer_ints(c, i, 1, value, &n) && n == 1;
}

bool ek__partial_of_two(const ek_infer_context *c, int64_t (*f)(int64_t x, int64_t y), ek_shape *value) {
  int64_t x[EK_MAX_RANK], y[EK_MAX_RANK];
  int nx = 0, ny = 0;
  if (!ek__infer_ints(c, 0, EK_MAX_RANK, x, &nx) || !ek__infer_ints(c, 1, EK_MAX_RANK, y, &ny)) return false;
  if (nx != ny && nx != 1 && ny != 1) return false;
  *value = (ek_shape){.rank = nx != 1 ? nx : ny};
  for (int i = 0; i < value->rank; i++) {
    const int64_t z = f(x[nx != 1 ? i : 0], y[ny != 1 ? i : 0]);
    value->dim[i] = z < 0 ? -1 : z;
  }
  return true;
}

ek_code ek__run_ints(ek_run_context *c, int i, int max, int64_t *values, int *n) {
  EK_RUN_REQUIRE(c, c->in[i]->n <= max, "input %d has %" PRId64 " elements, at most %d are possible", i, c->in[i]->n,
                 max);
  *n = (int)c->in[i]->n;
  for (int k = 0; k < *n; k++) values[k] = ek__value_int(c->in[i], k);
  return EK_OK;
}

ek_code ek__run_view(ek_run_context *c, ek_shape shape) {
  char found[EK_SHAPE_TEXT], planned[EK_SHAPE_TEXT];
  ek_value *out = c->out[0];
  const ek_value *in = c->in[0];
  if (out->data != in->data) {
    EK_TRY(ek__run_output(c, 0, shape));
    ek__copy_elements(in->dtype, out->data, in->data, in->n);
    return EK_OK;
  }
  EK_RUN_REQUIRE(c, ek_shape_compatible(out->shape, shape), "output 0 has shape %s, inference said %s",
                 ek_shape_format(shape, found, sizeof found), ek_shape_format(out->shape, planned, sizeof planned));
  out->shape = shape;
  out->n = in->n;
  return EK_OK;
}

void ek__row_major(ek_shape s, int64_t stride[EK_MAX_RANK]) {
  int64_t n = 1;
  for (int i = s.rank - 1; i >= 0; i--) {
    stride[i] = n;
    n *= s.dim[i];
  }
}

int64_t ek__outer(ek_shape s, int axis) {
  int64_t n = 1;
  for (int i = 0; i < axis; i++) n *= s.dim[i];
  return n;
}

int64_t ek__inner(ek_shape s, int axis) {
  int64_t n = 1;
  for (int i = axis + 1; i < s.rank; i++) n *= s.dim[i];
  return n;
}

void ek__zero(ek_dtype dtype, void *to, int64_t n) {
  if (dtype == EK_STRING)
    for (int64_t i = 0; i < n; i++) ek__bytes_free(((ek__bytes **)to)[i]);
  if (n > 0) memset(to, 0, (size_t)n * ek_dtype_size(dtype));
}

/* ---- copies */

/* Drops axes of one element and joins those that are contiguous in both arrays. False: nothing is to be copied. */
static bool simplify(const ek__copy *from, ek__copy *to) {
  to->rank = 0;
  for (int i = 0; i < from->rank; i++) {
    if (from->dim[i] == 0) return false;
    if (from->dim[i] == 1) continue;
    const int last = to->rank - 1;
    if (last >= 0 && to->to[last] == from->dim[i] * from->to[i] && to->from[last] == from->dim[i] * from->from[i]) {
      to->dim[last] *= from->dim[i];
      to->to[last] = from->to[i];
      to->from[last] = from->from[i];
    } else {
      ek__copy_axis(to, from->dim[i], from->to[i], from->from[i]);
    }
  }
  if (to->rank == 0) ek__copy_axis(to, 1, 1, 1);
  return true;
}

#define ROW(T)                                                                                                         \
  for (int64_t i = 0; i < n; i++) ((T *)to)[i * to_step] = ((const T *)from)[i * from_step];                           \
  return

static void copy_row(ek_dtype dtype, void *to, const void *from, int64_t n, int64_t to_step, int64_t from_step) {
  typedef struct wide {
    uint64_t half[2];
  } wide;
  if (to_step == 1 && from_step == 1) {
    ek__copy_elements(dtype, to, from, n);
    return;
  }
  if (dtype == EK_STRING) {
    for (int64_t i = 0; i < n; i++)
      ek__copy_elements(dtype, (ek__bytes **)to + i * to_step, (ek__bytes *const *)from + i * from_step, 1);
    return;
  }
  switch (ek_dtype_size(dtype)) {
  case 1: ROW(uint8_t);
  case 2: ROW(uint16_t);
  case 4: ROW(uint32_t);
  case 8: ROW(uint64_t);
  default: ROW(wide);
  }
}

void ek__copy_box(ek_dtype dtype, void *to, const void *from, const ek__copy *box) {
  ek__copy c;
  int64_t at[EK_COPY_RANK] = {0}, to_at = 0, from_at = 0;
  if (!simplify(box, &c)) return;
  const int last = c.rank - 1;
  for (;;) {
    copy_row(dtype, ek__at(dtype, to, to_at), ek__at(dtype, from, from_at), c.dim[last], c.to[last], c.from[last]);
    int i = last - 1;
    for (; i >= 0; i--) { /* the next row, as an odometer counts */
      to_at += c.to[i];
      from_at += c.from[i];
      if (++at[i] < c.dim[i]) break;
      to_at -= c.dim[i] * c.to[i];
      from_at -= c.dim[i] * c.from[i];
      at[i] = 0;
    }
    if (i < 0) return;
  }
}
