/* SPDX-License-Identifier: Apache-2.0 */
/* StridedSlice and StridedSliceGrad: Python's x[1:, ::2, newaxis, -1, ...]. */
#include "ops/strided_slice.h"
#include "ops/array_grad.h"

#include <inttypes.h>
#include <stdio.h>

/* ---- the meaning of a spec */

/* One dimension of the input: which entry of the spec it comes from; -1: none, it is taken whole. */
typedef struct dense {
  int entry[EK_MAX_RANK];
  int n;                           /* dimensions of the input spoken of so far */
  int result[2 * EK_MAX_RANK + 1]; /* dimensions of the result in order: of the input, or NEW */
  int n_result;
} dense;
enum { NEW = -1 };

static bool bit(int64_t mask, int i) { return i < 64 && ((mask >> i) & 1) != 0; }

static bool spread(const ek__slice_spec *s, int rank, dense *d) {
  int ellipsis = -1, taken = 0;
  for (int i = 0; i < s->n; i++) {
    if (ellipsis < 0 && bit(s->ellipsis_mask, i))
      ellipsis = i;
    else if (!bit(s->new_axis_mask, i))
      taken++;
  }
  const int whole = rank - taken; /* dimensions that the ellipsis, or the end, stands for */
  if (whole < 0) return false;
  *d = (dense){.n = 0};
  for (int i = 0; i <= s->n; i++) {
    if (i == ellipsis || (i == s->n && ellipsis < 0)) {
      for (int k = 0; k < whole; k++) {
        d->result[d->n_result++] = d->n;
        d->entry[d->n++] = -1;
      }
    } else if (i < s->n && bit(s->new_axis_mask, i)) {
      if (d->n_result == 2 * EK_MAX_RANK) return false;
      d->result[d->n_result++] = NEW;
    } else if (i < s->n) {
      if (!bit(s->shrink_axis_mask, i)) d->result[d->n_result++] = d->n;
      d->entry[d->n++] = i;
    }
  }
  return true;
}

static int64_t clamp(int64_t x, int64_t low, int64_t high) { return x < low ? low : x > high ? high : x; }

typedef struct complaint {
  char *text;
  size_t size;
} complaint;

/* Dimension k, of dim elements or -1, by entry i of the spec. */
static bool take(const ek__slice_spec *s, int i, int k, int64_t dim, ek__slice *out, complaint wrong) {
  const int64_t stride = s->strides[i];
  const bool shrink = bit(s->shrink_axis_mask, i), known = s->begin != NULL && s->end != NULL;
  out->stride[k] = stride;
  out->begin[k] = 0;
  if (stride == 0) return (void)snprintf(wrong.text, wrong.size, "strides[%d] must be non-zero", i), false;
  if (shrink && stride <= 0)
    return (void)snprintf(wrong.text, wrong.size, "only stride 1 allowed on non-range indexing."), false;
  if (shrink) {
    out->size.dim[k] = 1;
    if (!known || dim < 0) return true;
    const int64_t x = s->begin[i] < 0 ? dim + s->begin[i] : s->begin[i];
    if (x < 0 || x >= dim)
      return (void)snprintf(wrong.text, wrong.size, "slice index %" PRId64 " of dimension %d out of bounds.",
                            s->begin[i], k),
             false;
    out->begin[k] = x;
    out->stride[k] = 1;
    return true;
  }
  const bool all = bit(s->begin_mask, i) && bit(s->end_mask, i);
  out->size.dim[k] = -1;
  if (dim < 0 || (!known && !all)) return true;
  const int64_t low = stride > 0 ? 0 : -1, high = stride > 0 ? dim : dim - 1;
  int64_t begin = stride > 0 ? low : high, end = stride > 0 ? high : low;
  if (!bit(s->begin_mask, i)) begin = clamp(s->begin[i] < 0 ? dim + s->begin[i] : s->begin[i], low, high);
  if (!bit(s->end_mask, i)) end = clamp(s->end[i] < 0 ? dim + s->end[i] : s->end[i], low, high);
  const int64_t length = end - begin;
  out->begin[k] = begin;
  out->size.dim[k] = length == 0 || (length < 0) != (stride < 0) ? 0 : length / stride + (length % stride != 0);
  if (out->size.dim[k] <= 1) out->stride[k] = 1; /* a stride of any size leads nowhere */
  return true;
}

bool ek__slice_resolve(const ek__slice_spec *s, ek_shape in, ek__slice *out, char *message, size_t size) {
  dense d;
  if (!spread(s, in.rank, &d)) {
    (void)snprintf(message, size, "Index out of range using input dim %d; input has only %d dims", in.rank, in.rank);
    return false;
  }
  *out = (ek__slice){.size = {.rank = in.rank}};
  for (int k = 0; k < in.rank; k++) {
    if (d.entry[k] < 0) {
      out->stride[k] = 1;
      out->size.dim[k] = in.dim[k];
      continue;
    }
    if (!take(s, d.entry[k], k, in.dim[k], out, (complaint){message, size})) return false;
  }
  if (d.n_result > EK_MAX_RANK) {
    (void)snprintf(message, size, "the result would have %d dimensions; at most %d are possible", d.n_result,
                   EK_MAX_RANK);
    return false;
  }
  out->result.rank = d.n_result;
  for (int k = 0; k < d.n_result; k++) out->result.dim[k] = d.result[k] == NEW ? 1 : out->size.dim[d.result[k]];
  return true;
}

static void masks(const ek__node *node, ek__slice_spec *s) {
  s->begin_mask = ek__attr_int(node, "begin_mask");
  s->end_mask = ek__attr_int(node, "end_mask");
  s->ellipsis_mask = ek__attr_int(node, "ellipsis_mask");
  s->new_axis_mask = ek__attr_int(node, "new_axis_mask");
  s->shrink_axis_mask = ek__attr_int(node, "shrink_axis_mask");
}

/* ---- while inferring */

enum { MAX_SPEC = 4 * EK_MAX_RANK };

typedef struct numbers {
  int64_t begin[MAX_SPEC], end[MAX_SPEC], strides[MAX_SPEC];
} numbers;

/* A constant, or what the shapes say, as of a Pack of constants. */
static bool infer_numbers(ek_infer_context *c, int i, int64_t *values, int *n) {
  ek_shape known;
  if (ek__infer_ints(c, i, MAX_SPEC, values, n)) return true;
  if (!c->partial(c, i, &known) || !ek_shape_is_known(known)) return false;
  for (*n = 0; *n < known.rank; ++*n) values[*n] = known.dim[*n];
  return true;
}

/* The spec that inputs first, first + 1, first + 2 spell. False: not even the strides are known. */
static bool infer_spec(ek_infer_context *c, int first, numbers *v, ek__slice_spec *s) {
  int nb = 0, ne = 0, ns = 0;
  *s = (ek__slice_spec){.strides = v->strides};
  masks(c->node, s);
  if (!infer_numbers(c, first + 2, v->strides, &ns)) return false;
  s->n = ns;
  if (infer_numbers(c, first, v->begin, &nb) && nb == ns) s->begin = v->begin;
  if (infer_numbers(c, first + 1, v->end, &ne) && ne == ns) s->end = v->end;
  return true;
}

static ek_code infer_strided(ek_infer_context *c) {
  numbers v;
  ek__slice_spec spec;
  ek__slice slice;
  char message[160];
  for (int i = 1; i <= 3; i++) EK_TRY(ek__infer_rank(c, i, 1));
  c->out[0].shape = ek_shape_unknown();
  if (c->in[0].shape.rank < 0 || !infer_spec(c, 1, &v, &spec)) return EK_OK;
  EK_INFER_REQUIRE(c, ek__slice_resolve(&spec, c->in[0].shape, &slice, message, sizeof message), "%s", message);
  c->out[0].shape = slice.result;
  return EK_OK;
}

/* A part of a shape: its dimensions are the vector's elements. */
static bool partial_strided(ek_infer_context *c, ek_shape *value) {
  numbers v;
  ek__slice_spec spec;
  ek__slice slice;
  ek_shape from;
  char message[160];
  if (!c->partial(c, 0, &from) || c->in[0].shape.rank != 1 || !infer_spec(c, 1, &v, &spec)) return false;
  if (!ek__slice_resolve(&spec, ek_shape(from.rank), &slice, message, sizeof message)) return false;
  if (slice.result.rank > 1 || slice.size.dim[0] < 0 || slice.size.dim[0] > EK_MAX_RANK) return false;
  if (slice.size.dim[0] > 0 && spec.begin == NULL && !bit(spec.begin_mask, 0)) return false;
  value->rank = (int)slice.size.dim[0];
  for (int i = 0; i < value->rank; i++) value->dim[i] = from.dim[slice.begin[0] + i * slice.stride[0]];
  return true;
}

/* ---- running */

static ek_code run_spec(ek_run_context *c, int first, ek_shape in, ek__slice *slice) {
  numbers v;
  int nb = 0, ne = 0, ns = 0;
  char message[160];
  EK_TRY(ek__run_ints(c, first, MAX_SPEC, v.begin, &nb));
  EK_TRY(ek__run_ints(c, first + 1, MAX_SPEC, v.end, &ne));
  EK_TRY(ek__run_ints(c, first + 2, MAX_SPEC, v.strides, &ns));
  EK_RUN_REQUIRE(c, nb == ns && ne == ns,
                 "Expected begin, end, and strides to be 1D equal size tensors, but got %d, %d and %d elements", nb, ne,
                 ns);
  ek__slice_spec s = {.n = ns, .begin = v.begin, .end = v.end, .strides = v.strides};
  masks(c->node, &s);
  EK_RUN_REQUIRE(c, ek__slice_resolve(&s, in, slice, message, sizeof message), "%s", message);
  return EK_OK;
}

/* The elements that a slice takes of a whole, and where the first of them lies. */
static int64_t box_of(const ek__slice *slice, ek_shape whole, ek__copy *box, bool into_whole) {
  int64_t stride[EK_MAX_RANK], part[EK_MAX_RANK], at = 0;
  ek__row_major(whole, stride);
  ek__row_major(slice->size, part);
  *box = (ek__copy){.rank = 0};
  for (int k = 0; k < whole.rank; k++) {
    const int64_t step = stride[k] * slice->stride[k];
    at += stride[k] * slice->begin[k];
    ek__copy_axis(box, slice->size.dim[k], into_whole ? step : part[k], into_whole ? part[k] : step);
  }
  return ek_shape_num_elements(slice->size) == 0 ? 0 : at;
}

static ek_code run_strided(ek_run_context *c) {
  ek__slice slice;
  ek__copy box;
  EK_TRY(run_spec(c, 1, c->in[0]->shape, &slice));
  EK_TRY(ek__run_output(c, 0, slice.result));
  const int64_t at = box_of(&slice, c->in[0]->shape, &box, false);
  ek__copy_box(c->in[0]->dtype, c->out[0]->data, ek__at(c->in[0]->dtype, c->in[0]->data, at), &box);
  return EK_OK;
}

#define MASKS                                                                                                          \
  "begin_mask: int = 0; end_mask: int = 0; ellipsis_mask: int = 0; new_axis_mask: int = 0; shrink_axis_mask: int = 0"

const ek_op_def ek_op_strided_slice = {.name = "StridedSlice",
                                       .doc = "Python's input[begin:end:strides, ...]; bit i of a mask changes what "
                                              "entry i means",
                                       .in = "input: T, begin: Index, end: Index, strides: Index",
                                       .out = "output: T",
                                       .attrs = "T: type; Index: {int16, int32, int64}; " MASKS,
                                       .infer = infer_strided,
                                       .partial_value = partial_strided,
                                       .grad = ek__grad_strided_slice,
                                       .run = run_strided};

static ek_code infer_strided_grad(ek_infer_context *c) { return ek__infer_shape_from_input(c, 0, &c->out[0].shape); }

static ek_code run_strided_grad(ek_run_context *c) {
  char a[EK_SHAPE_TEXT], b[EK_SHAPE_TEXT];
  ek__slice slice;
  ek__copy box;
  ek_shape s = {.rank = 0};
  EK_TRY(ek__run_ints(c, 0, EK_MAX_RANK, s.dim, &s.rank));
  for (int i = 0; i < s.rank; i++) EK_RUN_REQUIRE(c, s.dim[i] >= 0, "Dimension %" PRId64 " must be >= 0", s.dim[i]);
  EK_TRY(run_spec(c, 1, s, &slice));
  EK_RUN_REQUIRE(c, ek_shape_equal(slice.result, c->in[4]->shape), "shape of dy was %s instead of %s",
                 ek_shape_format(c->in[4]->shape, a, sizeof a), ek_shape_format(slice.result, b, sizeof b));
  EK_TRY(ek__run_output(c, 0, s));
  const ek_dtype dtype = c->in[4]->dtype;
  ek__zero(dtype, c->out[0]->data, c->out[0]->n);
  const int64_t at = box_of(&slice, s, &box, true);
  ek__copy_box(dtype, ek__at(dtype, c->out[0]->data, at), c->in[4]->data, &box);
  return EK_OK;
}

const ek_op_def ek_op_strided_slice_grad = {.name = "StridedSliceGrad",
                                            .doc = "zeros of the given shape with dy where StridedSlice takes from",
                                            .in = "shape: Index, begin: Index, end: Index, strides: Index, dy: T",
                                            .out = "output: T",
                                            .attrs = "T: type; Index: {int32, int64}; " MASKS,
                                            .infer = infer_strided_grad,
                                            .grad = ek__grad_strided_slice_grad,
                                            .run = run_strided_grad};
