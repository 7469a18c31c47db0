/* SPDX-License-Identifier: Apache-2.0 */
/* Ranks that differ by one: a last dimension of 1 goes or comes, at once where the ranks are known, else by conds on
 * the ranks that a run finds. */
#include "layers/weights.h"

#include "evenkeel/cond.h"
#include "layers/build.h"

static ek_out squeeze(ek_graph *g, ek_out x) {
  static const int64_t last = -1;
  return ek_op_output(ek_build(g, "Squeeze", EK_OUTS(x), EK_ATTRS(EK_INTS_ATTR("squeeze_dims", &last, 1))), 0);
}

static bool last_can_be_one(ek_shape s) {
  return s.rank < 0 || (s.rank > 0 && (s.dim[s.rank - 1] == 1 || s.dim[s.rank - 1] < 0));
}

static ek_out rank_difference(ek_graph *g, ek_out a, ek_out b) {
  const ek_out rank_a = ek__py_rank(g, a), rank_b = ek__py_rank(g, b);
  return ek__op2(ek_named(g, "sub"), "Sub", rank_a, rank_b);
}

/* x without its last dimension if the difference of ranks is wanted. */
static ek_out squeeze_if(ek_graph *g, ek_out x, ek_out difference, int wanted) {
  ek_cond_block c;
  const ek_out is = ek__op2(g, "Equal", ek_integer(g, wanted), difference);
  EK_COND(g, is, c) {
    EK_THEN(c) { ek_cond_yield(&c, squeeze(g, x)); }
    EK_ELSE(c) { ek_cond_yield(&c, x); }
  }
  return ek_cond_result(&c, 0);
}

void ek__remove_squeezable(ek_graph *g, ek_out *labels, ek_out *predictions, int rank_diff) {
  (void)ek_name_scope_begin(g, "remove_squeezable_dimensions");
  const ek_shape l = ek_out_shape(g, *labels), p = ek_out_shape(g, *predictions);
  if (l.rank >= 0 && p.rank >= 0) {
    if (p.rank - l.rank == rank_diff + 1 && last_can_be_one(p))
      *predictions = squeeze(g, *predictions);
    else if (p.rank - l.rank == rank_diff - 1 && last_can_be_one(l))
      *labels = squeeze(g, *labels);
  } else {
    const ek_out difference = rank_difference(g, *predictions, *labels);
    if (last_can_be_one(p)) *predictions = squeeze_if(g, *predictions, difference, rank_diff + 1);
    if (last_can_be_one(l)) *labels = squeeze_if(g, *labels, difference, rank_diff - 1);
  }
  ek_name_scope_end(g);
}

ek_out ek__squeeze_weights(ek_graph *g, ek_out weights, ek_out labels) {
  weights = ek_convert(g, weights, EK_INVALID_DTYPE, NULL);
  const ek_shape w = ek_out_shape(g, weights), l = ek_out_shape(g, labels);
  if (w.rank >= 0 && l.rank >= 0) return w.rank - l.rank == 1 ? squeeze(g, weights) : weights;
  const ek_out difference = rank_difference(g, weights, labels);
  return last_can_be_one(w) ? squeeze_if(g, weights, difference, 1) : weights;
}

static ek_out adjusted(ek_graph *g, ek_out weights, ek_out difference) {
  ek_cond_block longer, shorter;
  const bool can = last_can_be_one(ek_out_shape(g, weights));
  const ek_out is_longer = ek__op2(g, "Equal", difference, ek_integer(g, 1));
  EK_COND(g, is_longer, longer) {
    EK_THEN(longer) { ek_cond_yield(&longer, can ? squeeze(g, weights) : weights); }
    EK_ELSE(longer) {
      const ek_out is_shorter = ek__op2(g, "Equal", difference, ek_integer(g, -1));
      EK_COND(g, is_shorter, shorter) {
        EK_THEN(shorter) { ek_cond_yield(&shorter, ek__op2(g, "ExpandDims", weights, ek_ints(g, -1))); }
        EK_ELSE(shorter) { ek_cond_yield(&shorter, weights); }
      }
      ek_cond_yield(&longer, ek_cond_result(&shorter, 0));
    }
  }
  return ek_cond_result(&longer, 0);
}

ek_out ek__fit_weights(ek_graph *g, ek_out weights, ek_out values) {
  weights = ek_convert(g, weights, EK_INVALID_DTYPE, NULL);
  const int w = ek_out_shape(g, weights).rank, v = ek_out_shape(g, values).rank;
  if (w == 0 || (w > 0 && v >= 0)) {
    if (w > 0 && w - v == 1) return squeeze(g, weights);
    return w > 0 && v - w == 1 ? ek__op2(g, "ExpandDims", weights, ek_ints(g, -1)) : weights;
  }
  ek_cond_block c;
  const ek_out rank = ek__py_rank(g, weights), values_rank = ek__py_rank(g, values);
  const ek_out difference = ek__op2(ek_named(g, "sub"), "Sub", rank, values_rank);
  const ek_out is_scalar = ek__op2(g, "Equal", rank, ek_integer(g, 0));
  EK_COND(g, is_scalar, c) {
    EK_THEN(c) { ek_cond_yield(&c, weights); }
    EK_ELSE(c) { ek_cond_yield(&c, adjusted(g, weights, difference)); }
  }
  return ek_cond_result(&c, 0);
}
