/* SPDX-License-Identifier: Apache-2.0 */
/* l1 and l2, as Keras and as contrib write them down. */
#include "evenkeel/contrib.h"
#include "layers/build.h"

static ek_regularizer with_scale(ek_graph *g, ek_regularizer_fn fn, double scale) {
  double *kept = ek_graph_alloc(g, sizeof *kept);
  if (kept == NULL) return (ek_regularizer){NULL, NULL};
  *kept = scale;
  return (ek_regularizer){fn, kept};
}

static ek_out sum_of_abs(ek_graph *g, ek_out value) {
  const ek_out size = ek__op1(g, "Abs", value);
  return ek__py_reduce_all(g, "Sum", size);
}

static ek_out keras_l1(ek_graph *g, ek_out value, void *ctx) {
  const ek_out sum = sum_of_abs(g, value);
  return ek__op2(ek_named(g, "mul"), "Mul", ek_number(g, *(const double *)ctx), sum);
}

static ek_out keras_l2(ek_graph *g, ek_out value, void *ctx) {
  const ek_out half = ek__op1(g, "L2Loss", value);
  return ek__op2(ek_named(g, "mul"), "Mul", ek_number(g, 2.0 * *(const double *)ctx), half);
}

ek_regularizer ek_keras_regularizers_l1(ek_graph *g, double l1) { return with_scale(g, keras_l1, l1); }

ek_regularizer ek_keras_regularizers_l2(ek_graph *g, double l2) { return with_scale(g, keras_l2, l2); }

/* ---- contrib */

static ek_out scaled(ek_graph *g, const char *scope, ek_out value, const double *scale, bool l1) {
  (void)ek_name_scope_begin(g, scope);
  const ek_out factor = ek_convert(g, ek_number(g, *scale), ek_out_dtype(g, value), "scale");
  const ek_out penalty = l1 ? sum_of_abs(g, value) : ek__op1(g, "L2Loss", value);
  const ek_out loss = ek__op2(ek_named_scope(g), "Mul", factor, penalty);
  ek_name_scope_end(g);
  return loss;
}

static ek_out contrib_l1(ek_graph *g, ek_out value, void *ctx) { return scaled(g, "l1_regularizer", value, ctx, true); }

static ek_out contrib_l2(ek_graph *g, ek_out value, void *ctx) {
  return scaled(g, "l2_regularizer", value, ctx, false);
}

static ek_regularizer contrib(ek_graph *g, ek_regularizer_fn fn, double scale) {
  if (scale < 0.0) ek_graph_fail(g, EK_INVALID_ARGUMENT, "Setting a scale less than 0 on a regularizer: %.9g", scale);
  return scale > 0.0 ? with_scale(g, fn, scale) : (ek_regularizer){NULL, NULL};
}

ek_regularizer ek_contrib_l1_regularizer(ek_graph *g, double scale) { return contrib(g, contrib_l1, scale); }

ek_regularizer ek_contrib_l2_regularizer(ek_graph *g, double scale) { return contrib(g, contrib_l2, scale); }
