/* SPDX-License-Identifier: Apache-2.0 */
/* Python-level helpers of TensorFlow that leave nodes behind: array_ops.shape and its like, reductions. */
#include "layers/build.h"

#include <string.h>

/* The literal as a Const that fills a scope of its own name: in a loop, what it waits for stands in that scope. */
static ek_out scoped(ek_graph *g, const char *name, ek_out literal) {
  g = ek_composite_begin(g, name);
  const ek_out out = ek_convert(ek_named_scope(g), literal, EK_INT32, NULL);
  ek_name_scope_end(g);
  return out;
}

ek_out ek__py_cast(ek_graph *g, ek_out x, ek_dtype dtype) {
  ek_graph *plain = ek_named(g, NULL);
  if (x.op < 0) {
    (void)ek_composite_begin(g, "Cast");
    x = ek_convert(plain, x, dtype, "x");
    ek_name_scope_end(plain);
  }
  if (ek_out_dtype(plain, x) == dtype) return x;
  return ek_op_output(ek_build(g, "Cast", EK_OUTS(x), EK_ATTRS(EK_TYPE_ATTR("DstT", dtype))), 0);
}

ek_out ek__py_filled(ek_graph *g, ek_dtype dtype, ek_shape shape, double value) {
  ek_graph *plain = ek_named(g, NULL);
  ek_status st = EK_STATUS_INIT;
  ek_out out = ek__no_out;
  if (ek_graph_status(plain, NULL) != EK_OK) return out;
  if (shape.rank == 0) return ek_convert(plain, ek_number(plain, value), dtype, ek_given_name(g));
  ek_tensor *t = ek_tensor_new(dtype, shape, NULL, &st); /* zeros */
  const int64_t n = t != NULL && value != 0.0 ? ek_tensor_num_elements(t) : 0;
  if (dtype == EK_FLOAT64)
    for (int64_t i = 0; i < n; i++) ((double *)ek_tensor_mutable_data(t))[i] = value;
  else if (dtype == EK_FLOAT32)
    for (int64_t i = 0; i < n; i++) ((float *)ek_tensor_mutable_data(t))[i] = (float)value;
  else if (n > 0)
    (void)ek_status_set(&st, EK_INVALID_ARGUMENT, "Const in '%s': %s filled with %.9g; allowed: float32, float64",
                        ek_current_name_scope(plain), ek_dtype_name(dtype), value);
  if (st.code == EK_OK)
    out = ek_constant(g, t);
  else
    ek_graph_fail(plain, st.code, "%s", st.msg);
  ek_tensor_free(t);
  return out;
}

ek_out ek__py_int32s(ek_graph *g, const int64_t *values, int n) { return ek_constant_int32s(g, values, n); }

ek_out ek__py_shape(ek_graph *g, ek_out x) {
  const ek_shape s = ek_out_shape(ek_named(g, NULL), x);
  if (ek_shape_is_known(s)) return scoped(g, "Shape", ek_integers(ek_named(g, NULL), s.dim, s.rank));
  return ek__op1(g, "Shape", x);
}

ek_out ek__py_rank(ek_graph *g, ek_out x) {
  const int rank = ek_out_shape(ek_named(g, NULL), x).rank;
  return rank >= 0 ? scoped(g, "Rank", ek_integer(ek_named(g, NULL), rank)) : ek__op1(g, "Rank", x);
}

ek_out ek__py_size(ek_graph *g, ek_out x) {
  const ek_shape s = ek_out_shape(ek_named(g, NULL), x);
  if (!ek_shape_is_known(s)) return ek__op1(g, "Size", x);
  const int64_t n = ek_shape_num_elements(s);
  if (n >= 0 && n <= INT32_MAX) return scoped(g, "Size", ek_integer(ek_named(g, NULL), n));
  ek_graph_fail(ek_named(g, NULL), EK_INVALID_ARGUMENT, "Size '%s': more than 2147483647 elements",
                ek_current_name_scope(ek_named(g, NULL)));
  return ek__no_out;
}

ek_out ek__py_ones_like(ek_graph *g, ek_out x) {
  g = ek_composite_begin(g, "ones_like");
  const ek_shape s = ek_out_shape(g, x);
  const ek_out shape = ek_shape_is_known(s) ? ek__py_int32s(ek_named(g, "Shape/shape_as_tensor"), s.dim, s.rank)
                                            : ek__op1(g, "Shape", x);
  const ek_out one = ek__py_filled(g, ek_out_dtype(g, x), ek_shape_scalar(), 1.0);
  const ek_out ones = ek__op2(ek_named_scope(g), "Fill", shape, one);
  ek_name_scope_end(g);
  return ones;
}

/* The largest constant that array_ops.zeros writes out; above, it fills. */
enum { SMALL = 1000 };

ek_out ek__py_zeros_like(ek_graph *g, ek_out x) {
  g = ek_composite_begin(g, "zeros_like");
  const ek_shape s = ek_out_shape(g, x);
  ek_out zeros;
  if (!ek_shape_is_known(s)) {
    zeros = ek__op1(ek_named_scope(g), "ZerosLike", x);
  } else if (ek_shape_num_elements(s) < SMALL) {
    zeros = ek__py_filled(ek_named_scope(g), ek_out_dtype(g, x), s, 0.0);
  } else {
    const ek_out shape = ek__py_int32s(ek_named(g, "shape_as_tensor"), s.dim, s.rank);
    const ek_out zero = ek__py_filled(g, ek_out_dtype(g, x), ek_shape_scalar(), 0.0);
    zeros = ek__op2(ek_named_scope(g), "Fill", shape, zero);
  }
  ek_name_scope_end(g);
  return zeros;
}

ek_out ek__py_from(ek_graph *g, ek_out x, int64_t first) {
  g = ek_composite_begin(g, "strided_slice");
  const int64_t end = 0, stride = 1;
  const ek_out from = ek__py_int32s(ek_named(g, "stack"), &first, 1);
  const ek_out to = ek__py_int32s(ek_named(g, "stack"), &end, 1);
  const ek_out step = ek__py_int32s(ek_named(g, "stack"), &stride, 1);
  const ek_op op =
      ek_build(ek_named_scope(g), "StridedSlice", EK_OUTS(x, from, to, step), EK_ATTRS(EK_INT_ATTR("end_mask", 1)));
  ek_name_scope_end(g);
  return ek_op_output(op, 0);
}

ek_out ek__py_element(ek_graph *g, ek_out x, int64_t at) {
  g = ek_composite_begin(g, "strided_slice");
  const int64_t end = at + 1, stride = 1;
  const ek_out from = ek__py_int32s(ek_named(g, "stack"), &at, 1);
  const ek_out to = ek__py_int32s(ek_named(g, "stack"), &end, 1);
  const ek_out step = ek__py_int32s(ek_named(g, "stack"), &stride, 1);
  const ek_op op = ek_build(ek_named_scope(g), "StridedSlice", EK_OUTS(x, from, to, step),
                            EK_ATTRS(EK_INT_ATTR("shrink_axis_mask", 1)));
  ek_name_scope_end(g);
  return ek_op_output(op, 0);
}

ek_out ek__py_range(ek_graph *g, ek_out from, ek_out to) {
  g = ek_composite_begin(g, "range");
  from = ek_convert(g, from, EK_INT32, "start");
  to = ek_convert(g, to, EK_INT32, "limit");
  const ek_out delta = ek_constant_int32(ek_named(g, "delta"), 1);
  const ek_op op = ek_build(ek_named_scope(g), "Range", EK_OUTS(from, to, delta), EK_NO_ATTRS);
  ek_name_scope_end(g);
  return ek_op_output(op, 0);
}

ek_out ek__py_list(ek_graph *g, const ek_out *numbers, int n) {
  ek_out at[EK_MAX_RANK + 1];
  g = ek_composite_begin(g, "packed");
  for (int i = 0; i < n; i++) at[i] = ek_convert(g, numbers[i], EK_INT32, ek_graph_text(g, "%d", i));
  const ek_op op = ek_build(ek_named_scope(g), "Pack", (ek_outs){at, n}, EK_ATTRS(EK_INT_ATTR("axis", 0)));
  ek_name_scope_end(g);
  return ek_op_output(op, 0);
}

ek_out ek__py_pack(ek_graph *g, ek_outs scalars) {
  return ek_op_output(ek_build(g, "Pack", scalars, EK_ATTRS(EK_INT_ATTR("axis", 0))), 0);
}

/* The axes of a reduction over everything: a Const; for a scalar, or where the rank is not known, Range over the rank.
 */
static ek_out all_axes(ek_graph *g, ek_out x) {
  static const int64_t axes[EK_MAX_RANK] = {0, 1, 2, 3, 4, 5, 6, 7};
  const int rank = ek_out_shape(g, x).rank;
  if (rank > 0) return ek__py_int32s(g, axes, rank);
  const ek_out n = ek__py_rank(g, x);
  return ek__py_range(g, ek_integer(g, 0), n);
}

ek_out ek__py_reduce_all(ek_graph *g, const char *type, ek_out x) {
  ek_graph *plain = ek_named(g, NULL);
  const ek_out axes = all_axes(plain, x);
  const ek_op op = ek_build(g, type, EK_OUTS(x, axes), EK_ATTRS(EK_BOOL_ATTR("keep_dims", false)));
  const ek_out reduced = ek_op_output(op, 0);
  if (op.id != 0) ek_out_set_shape(plain, reduced, ek_shape_scalar());
  return reduced;
}

/* No axes at all: TensorFlow first takes [] for a list of floats, and that Const stays. */
static ek_out reduce_none(ek_graph *g, const char *type, ek_out x, bool keep_dims) {
  g = ek_composite_begin(g, type);
  (void)ek_convert(g, ek_number_list(g, NULL, 0), EK_FLOAT32, "reduction_indices");
  const ek_out indices = ek__py_int32s(ek_named(g, "reduction_indices"), NULL, 0);
  const ek_op op =
      ek_build(ek_named_scope(g), type, EK_OUTS(x, indices), EK_ATTRS(EK_BOOL_ATTR("keep_dims", keep_dims)));
  ek_name_scope_end(g);
  return ek_op_output(op, 0);
}

ek_out ek__py_reduce(ek_graph *g, const char *type, ek_out x, const int64_t *axes, int n, bool keep_dims) {
  if (n == 0) return reduce_none(g, type, x, keep_dims);
  const ek_out indices = ek_integers(ek_named(g, NULL), axes, n);
  return ek_op_output(ek_build(g, type, EK_OUTS(x, indices), EK_ATTRS(EK_BOOL_ATTR("keep_dims", keep_dims))), 0);
}

bool ek__given(ek_graph *g, const char *what, ek_out out) {
  if (ek_graph_status(g, NULL) != EK_OK) return false;
  if (out.op != 0) return true;
  ek_graph_fail(g, EK_INVALID_ARGUMENT, "%s: %s must be given", ek_current_name_scope(g), what);
  return false;
}

bool ek__compatible(ek_graph *g, const char *what_a, ek_out a, const char *what_b, ek_out b) {
  char text_a[EK_SHAPE_TEXT], text_b[EK_SHAPE_TEXT];
  const ek_shape sa = ek_out_shape(g, a), sb = ek_out_shape(g, b);
  if (ek_graph_status(g, NULL) != EK_OK || ek_shape_compatible(sa, sb)) return true;
  ek_graph_fail(g, EK_INVALID_ARGUMENT, "%s: %s has shape %s, %s %s; they must be the same", ek_current_name_scope(g),
                what_a, ek_shape_format(sa, text_a, sizeof text_a), what_b, ek_shape_format(sb, text_b, sizeof text_b));
  return false;
}

ek_op ek__assigned_by(const ek_graph *g, ek_out assigned) {
  const ek_op read = ek_out_op(assigned);
  ek_op by = read;
  if (strcmp(ek_op_type(g, read), "ReadVariableOp") != 0) return read; /* by reference: the output of the op itself */
  for (int i = 0; i < ek_op_num_control_inputs(g, read); i++) {        /* the youngest; others come from open blocks */
    const ek_op op = ek_op_control_input(g, read, i);
    const bool assigns = strncmp(ek_op_type(g, op), "Assign", strlen("Assign")) == 0;
    if (assigns && ek_op_input(g, op, 0).op == ek_op_input(g, read, 0).op && (by.id == read.id || op.id > by.id))
      by = op;
  }
  return by;
}
