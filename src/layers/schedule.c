/* SPDX-License-Identifier: Apache-2.0 */
/* Learning-rate schedules (legacy_learning_rate_decay): the rate as a function of the step. */
#include "evenkeel/cond.h"
#include "evenkeel/train.h"
#include "layers/build.h"

#include <math.h>

static ek_out cast_node(ek_graph *g, ek_out x, ek_dtype dtype) {
  return ek_op_output(ek_build(g, "Cast", EK_OUTS(x), EK_ATTRS(EK_TYPE_ATTR("DstT", dtype))), 0);
}

/* tf.cast: the scope "Cast" is used up even if no node comes of it; a literal becomes "Cast/x" of its own dtype. */
static ek_out cast(ek_graph *g, ek_out x, ek_dtype dtype) {
  if (x.op > 0) return ek_out_dtype(g, x) == dtype ? x : cast_node(g, x, dtype);
  const char *scope = ek_name_scope_begin(g, "Cast");
  x = ek_convert(g, x, EK_INVALID_DTYPE, "x");
  ek_name_scope_end(g);
  return ek_out_dtype(g, x) == dtype ? x : cast_node(ek_named(g, ek_graph_text(g, "%s/", scope)), x, dtype);
}

ek_out ek_train_exponential_decay(ek_graph *g, ek_out learning_rate, ek_out global_step, ek_out decay_steps,
                                  ek_out decay_rate, bool staircase) {
  g = ek_composite_begin(g, "ExponentialDecay");
  if (global_step.op == 0)
    ek_graph_fail(g, EK_INVALID_ARGUMENT, "exponential_decay '%s': global_step is required", ek_current_name_scope(g));
  learning_rate = ek_convert(g, learning_rate, EK_INVALID_DTYPE, "initial_learning_rate");
  const ek_dtype dtype = ek_out_dtype(g, learning_rate);
  const ek_out steps = cast(g, decay_steps, dtype), base = cast(g, decay_rate, dtype);
  ek_out exponent = ek__op2(ek_named(g, "truediv"), "RealDiv", cast(g, global_step, dtype), steps);
  if (staircase) exponent = ek__op1(g, "Floor", exponent);
  const ek_out power = ek__op2(g, "Pow", base, exponent);
  const ek_out rate = ek__op2(ek_named_scope(g), "Mul", learning_rate, power);
  ek_name_scope_end(g);
  return rate;
}

/* ---- piecewise_constant, which TensorFlow builds by tf.case(exclusive=True) */

typedef struct ek__case {
  const ek_out *preds, *values; /* n of each; values[i] if preds[i] */
  int n;
  ek_out otherwise;
} ek__case;

/* control_flow_ops.Assert: an op that runs only if at most one predicate is true. */
static ek_op assert_exclusive(ek_graph *g, const ek__case *c) {
  const ek_out packed =
      ek_op_output(ek_build(ek_named(g, "preds_c"), "Pack", (ek_outs){c->preds, c->n}, EK_NO_ATTRS), 0);
  const ek_out counted = cast(g, packed, EK_INT32), axes = ek_constant_int32s(g, (const int64_t[]){0}, 1);
  const ek_out count = ek__op2(ek_named(g, "num_true_conds"), "Sum", counted, axes);
  const ek_out ok = ek__op2(g, "LessEqual", count, ek_constant_int32(ek_named(g, "n_true_conds"), 1));
  const char *names = "";
  for (int i = 0; names != NULL && i < c->n; i++)
    names = ek_graph_text(g, "%s%s%s:0", names, i > 0 ? ", " : "", ek_op_name(g, ek_out_op(c->preds[i])));
  const char *message = ek_graph_text(
      g, "Input error: exclusive=True: more than 1 conditions (%s) evaluated as True:", names != NULL ? names : "");
  ek_cond_block guard;
  if (message == NULL) return (ek_op){0};
  (void)ek_name_scope_begin(g, "Assert");
  (void)ek_constant_string(g, message); /* converted a second time where it is used, as in TensorFlow */
  EK_COND(ek_named(g, "AssertGuard"), ok, guard) {
    EK_THEN(guard) { ek_cond_yield_op(&guard, ek_no_op(g)); }
    EK_ELSE(guard) {
      const ek_out text = ek_constant_string(ek_named(g, "Assert/data_0"), message);
      ek_cond_yield_op(&guard,
                       ek_build(g, "Assert", EK_OUTS(ok, text, packed), EK_ATTRS(EK_INT_ATTR("summarize", c->n))));
    }
  }
  ek_name_scope_end(g);
  return ek_cond_result_op(&guard, 0);
}

/* cond(preds[i], values[i], the same from i + 1 on). */
static ek_out choose(ek_graph *g, const ek__case *c, int i) {
  ek_cond_block block;
  if (i == c->n) return c->otherwise;
  EK_COND(g, c->preds[i], block) {
    EK_THEN(block) { ek_cond_yield(&block, c->values[i]); }
    EK_ELSE(block) { ek_cond_yield(&block, choose(g, c, i + 1)); }
  }
  return ek_cond_result(&block, 0);
}

static ek_out exclusive_case(ek_graph *g, const ek__case *c) {
  ek_out out = {0, 0};
  EK_NAME_SCOPE (g, "case") {
    const ek_op guard = assert_exclusive(g, c);
    EK_CONTROL_DEPENDENCIES (g, EK_OPS(guard)) {
      out = choose(g, c, 0);
    }
  }
  return out;
}

/* ops.convert_to_tensor of a Python number: an integer x asks for integer boundaries. */
static ek_out boundary(ek_graph *g, double value, bool integer) {
  if (integer && value != floor(value))
    ek_graph_fail(g, EK_INVALID_ARGUMENT, "piecewise_constant: boundary %g for an integer x", value);
  return ek_convert(g, integer ? ek_integer(g, (int64_t)value) : ek_number(g, value), EK_INVALID_DTYPE, NULL);
}

ek_out ek_train_piecewise_constant(ek_graph *g, ek_out x, const double *boundaries, int n, const double *values) {
  ek_graph *plain = ek_named(g, NULL);
  const ek_dtype dtype = ek_out_dtype(plain, x);
  const bool integer = ek_dtype_is_integer(dtype);
  ek_out out = {0, 0};
  if (n < 1 || boundaries == NULL || values == NULL || x.op <= 0) {
    ek_graph_fail(plain, EK_INVALID_ARGUMENT, "piecewise_constant: %s",
                  n < 1 ? "no boundaries" : "an argument is none");
    return out;
  }
  const size_t count = (size_t)n + 1;
  ek_out *b = ek_graph_alloc(plain, count * sizeof *b), *v = ek_graph_alloc(plain, count * sizeof *v);
  ek_out *preds = ek_graph_alloc(plain, count * sizeof *preds), *chosen = ek_graph_alloc(plain, count * sizeof *chosen);
  if (b == NULL || v == NULL || preds == NULL || chosen == NULL) return out;
  for (int i = 0; i < n; i++) b[i] = boundary(plain, boundaries[i], integer);
  for (int i = 0; i <= n; i++) v[i] = ek_convert(plain, ek_number(plain, values[i]), EK_FLOAT32, NULL);
  for (int i = 0; i < n; i++) b[i] = cast(plain, b[i], dtype);
  g = ek_composite_begin(g, "PiecewiseConstant");
  preds[0] = ek__op2(g, "LessEqual", x, b[0]), chosen[0] = v[0];
  preds[1] = ek__op2(g, "Greater", x, b[n - 1]), chosen[1] = v[n];
  for (int i = 1; i < n; i++) {
    const ek_out above = ek__op2(g, "Greater", x, b[i - 1]), below = ek__op2(g, "LessEqual", x, b[i]);
    preds[i + 1] = ek__op2(ek_named(g, "and"), "LogicalAnd", above, below);
    chosen[i + 1] = v[i];
  }
  out = exclusive_case(g, &(ek__case){preds, chosen, n + 1, v[0]});
  ek_name_scope_end(g);
  return out;
}
