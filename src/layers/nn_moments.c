/* SPDX-License-Identifier: Apache-2.0 */
/* tf.nn.moments, weighted_moments, sufficient_statistics and normalize_moments. */
#include "evenkeel/nn.h"
#include "layers/build.h"

static ek_out squeeze(ek_graph *g, ek_out x, const int64_t *axes, int n) {
  return ek_op_output(ek_build(g, "Squeeze", EK_OUTS(x), EK_ATTRS(EK_INTS_ATTR("squeeze_dims", axes, n))), 0);
}

ek_nn_moments_outs ek_nn_moments(ek_graph *g, ek_out x, const int64_t *axes, int n_axes, bool keep_dims) {
  g = ek_composite_begin(g, "moments");
  ek_nn_moments_outs m = {ek__no_out, ek__no_out};
  if (ek__given(g, "x", x)) {
    const ek_dtype dtype = ek_out_dtype(g, x);
    const ek_out y = ek__py_cast(g, x, dtype == EK_FLOAT16 ? EK_FLOAT32 : dtype);
    m.mean = ek__py_reduce(ek_named(g, "mean"), "Mean", y, axes, n_axes, true);
    const ek_out fixed = ek__op1(g, "StopGradient", m.mean);
    const ek_out squares = ek__op2(g, "SquaredDifference", y, fixed);
    m.variance = ek__py_reduce(ek_named(g, "variance"), "Mean", squares, axes, n_axes, true);
    if (!keep_dims) {
      m.mean = squeeze(g, m.mean, axes, n_axes);
      m.variance = squeeze(g, m.variance, axes, n_axes);
    }
    if (dtype == EK_FLOAT16) {
      m.mean = ek__py_cast(g, m.mean, dtype);
      m.variance = ek__py_cast(g, m.variance, dtype);
    }
  }
  ek_name_scope_end(g);
  return m;
}

ek_nn_moments_outs ek_nn_weighted_moments(ek_graph *g, ek_out x, const int64_t *axes, int n_axes,
                                          ek_out frequency_weights, bool keep_dims) {
  g = ek_composite_begin(g, "weighted_moments");
  ek_nn_moments_outs m = {ek__no_out, ek__no_out};
  if (ek__given(g, "x", x) && ek__given(g, "frequency_weights", frequency_weights)) {
    x = ek_convert(g, x, EK_INVALID_DTYPE, "x");
    ek_out w = ek_convert(g, frequency_weights, EK_INVALID_DTYPE, "frequency_weights");
    const ek_dtype dtype = ek_out_dtype(g, x);
    if (dtype == EK_FLOAT16) x = ek__py_cast(g, x, EK_FLOAT32);
    w = ek__py_cast(g, w, ek_out_dtype(g, x));
    const ek_out weighted = ek__op2(ek_named(g, "mul"), "Mul", w, x);
    const ek_out sum = ek__py_reduce(ek_named(g, "weighted_input_sum"), "Sum", weighted, axes, n_axes, true);
    const ek_out all = ek__op2(ek_named(g, "add"), "AddV2", w, ek__py_zeros_like(g, x)); /* a weight for each x */
    const ek_out weights = ek__py_reduce(ek_named(g, "sum_of_weights"), "Sum", all, axes, n_axes, true);
    const ek_out divisor = ek__op1(ek_named(g, "inv_weight_sum"), "Reciprocal", weights);
    m.mean = ek__op2(g, "Mul", sum, divisor);
    const ek_out squares = ek__op2(ek_named(g, "mul"), "Mul", w, ek__op2(g, "SquaredDifference", x, m.mean));
    const ek_out away = ek__py_reduce(ek_named(g, "weighted_distsq"), "Sum", squares, axes, n_axes, true);
    m.variance = ek__op2(g, "Mul", away, divisor);
    if (!keep_dims) {
      m.mean = squeeze(g, m.mean, axes, n_axes);
      m.variance = squeeze(g, m.variance, axes, n_axes);
    }
    m.mean = ek__py_cast(g, m.mean, dtype);
    m.variance = ek__py_cast(g, m.variance, dtype);
  }
  ek_name_scope_end(g);
  return m;
}

/* Each axis once, in the order of Python's set: by hash (an axis is its own, -1 has -2's) in a table of 8 or 32. */
static int distinct(const int64_t *axes, int n, int64_t *out) {
  int count = 0;
  for (int i = 0; i < n; i++) {
    bool known = false;
    for (int k = 0; k < count; k++) known |= out[k] == axes[i];
    if (!known && count < EK_MAX_RANK) out[count++] = axes[i];
  }
  const int64_t mask = count < 5 ? 7 : 31;
  for (int i = 1; i < count; i++)
    for (int k = i; k > 0; k--) {
      const int64_t a = out[k - 1], b = out[k];
      if (((a == -1 ? -2 : a) & mask) <= ((b == -1 ? -2 : b) & mask)) break;
      out[k - 1] = b;
      out[k] = a;
    }
  return count;
}

/* The number of elements, computed when it runs: a product over some dimensions. */
static ek_out count_at_run_time(ek_graph *g, ek_out x, const int64_t *axes, int n) {
  const ek_out rank = ek__py_rank(g, x);
  ek_out positive[EK_MAX_RANK];
  bool all_known = true;
  for (int i = 0; i < n; i++) {
    all_known &= axes[i] >= 0;
    positive[i] = ek_integer(g, axes[i]);
    if (axes[i] < 0) positive[i] = ek__op2(ek_named(g, "add"), "AddV2", ek_integer(g, axes[i]), rank);
  }
  const ek_out shape = ek__py_cast(g, ek__py_shape(g, x), ek_out_dtype(g, x));
  (void)ek_name_scope_begin(g, "GatherV2");
  const ek_out indices =
      all_known ? ek__py_int32s(ek_named(g, "indices"), axes, n) : ek__py_list(ek_named(g, "indices"), positive, n);
  const ek_out dims =
      ek_op_output(ek_build(ek_named_scope(g), "GatherV2", EK_OUTS(shape, indices, ek_integer(g, 0)), EK_NO_ATTRS), 0);
  ek_name_scope_end(g);
  return ek__py_reduce_all(ek_named(g, "count"), "Prod", dims);
}

static ek_out count_of(ek_graph *g, ek_out x, const int64_t *axes, int n) {
  const ek_shape s = ek_out_shape(g, x);
  int64_t count = 1;
  for (int i = 0; i < n; i++) {
    const int64_t axis = axes[i] < 0 ? axes[i] + s.rank : axes[i];
    if (s.rank < 0 || axis < 0 || axis >= s.rank || s.dim[axis] < 0) return count_at_run_time(g, x, axes, n);
    count *= s.dim[axis];
  }
  return ek_convert(g, ek_integer(g, count), ek_out_dtype(g, x), NULL);
}

ek_nn_sufficient_statistics_outs ek_nn_sufficient_statistics(ek_graph *g, ek_out x, const int64_t *axes, int n_axes,
                                                             ek_out shift, bool keep_dims) {
  g = ek_composite_begin(g, "sufficient_statistics");
  ek_nn_sufficient_statistics_outs s = {ek__no_out, ek__no_out, ek__no_out, ek__no_out};
  int64_t once[EK_MAX_RANK];
  const int n = distinct(axes, n_axes, once);
  if (ek__given(g, "x", x)) {
    x = ek_convert(g, x, EK_INVALID_DTYPE, "x");
    s.count = count_of(g, x, once, n);
    ek_out m = x, v;
    if (shift.op != 0) {
      s.shift = ek_convert(g, shift, EK_INVALID_DTYPE, "shift");
      m = ek__op2(g, "Sub", x, s.shift);
      v = ek__op2(g, "SquaredDifference", x, s.shift);
    } else {
      v = ek__op1(g, "Square", x);
    }
    s.mean_ss = ek__py_reduce(ek_named(g, "mean_ss"), "Sum", m, once, n, keep_dims);
    s.var_ss = ek__py_reduce(ek_named(g, "var_ss"), "Sum", v, once, n, keep_dims);
  }
  ek_name_scope_end(g);
  return s;
}

ek_nn_moments_outs ek_nn_normalize_moments(ek_graph *g, ek_out counts, ek_out mean_ss, ek_out variance_ss,
                                           ek_out shift) {
  g = ek_composite_begin(g, "normalize");
  ek_nn_moments_outs m = {ek__no_out, ek__no_out};
  if (ek__given(g, "counts", counts) && ek__given(g, "mean_ss", mean_ss) && ek__given(g, "variance_ss", variance_ss)) {
    const ek_out divisor = ek__op1(ek_named(g, "divisor"), "Reciprocal", counts);
    const ek_out shifted = ek__op2(ek_named(g, shift.op != 0 ? "shifted_mean" : "mean"), "Mul", mean_ss, divisor);
    m.mean = shift.op != 0 ? ek__op2(ek_named(g, "mean"), "AddV2", shifted, shift) : shifted;
    const ek_out squares = ek__op2(g, "Mul", variance_ss, divisor);
    m.variance = ek__op2(ek_named(g, "variance"), "Sub", squares, ek__op1(g, "Square", shifted));
  }
  ek_name_scope_end(g);
  return m;
}
