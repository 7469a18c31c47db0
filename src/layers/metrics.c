/* SPDX-License-Identifier: Apache-2.0 */
/* tf.metrics.mean and accuracy. */
#include "evenkeel/metrics.h"

#include "evenkeel/variable_scope.h"
#include "layers/build.h"
#include "layers/weights.h"

static const ek_metric none = {{0, 0}, {0, 0}};

static const ek_metrics_opts *options_of(ek_graph *g, const ek_metrics_opts *options) {
  static const ek_metrics_opts defaults = EK_METRICS_OPTS_INIT;
  if (options == NULL || options->version == 1u) return options != NULL ? options : &defaults;
  ek_graph_fail(g, EK_INVALID_ARGUMENT, "metrics: options of version %u; start from EK_METRICS_OPTS_INIT",
                options->version);
  return NULL;
}

static ek_variable metric_variable(ek_graph *g, const char *name) {
  static const char *const collections[] = {EK_LOCAL_VARIABLES, EK_METRIC_VARIABLES};
  ek_variable_opts o = EK_VARIABLE_OPTS_INIT;
  o.dtype = EK_FLOAT32;
  o.trainable = false;
  o.collections = collections;
  o.n_collections = 2;
  return ek_variable_from(ek_named(g, name), ek_zeros_initializer(), ek_shape_scalar(), &o);
}

static ek_out safe_div(ek_graph *g, const char *name, ek_out total, ek_out count) {
  const ek_out positive = ek__op2(g, "Maximum", count, ek_integer(g, 0));
  return ek__op2(ek_named(g, name), "DivNoNan", total, positive);
}

static void collect(ek_graph *g, ek_out out, const char *const *keys) {
  for (int i = 0; i < EK_METRICS_COLLECTIONS && keys[i] != NULL && out.op > 0; i++)
    ek_add_out_to_collection(g, keys[i], out);
}

/* The scope is open. */
static ek_metric mean(ek_graph *g, ek_out values, const ek_metrics_opts *o) {
  ek_metric m = none;
  ek_out count_of;
  values = ek__py_cast(g, values, EK_FLOAT32);
  const ek_variable total = metric_variable(g, "total"), count = metric_variable(g, "count");
  if (o->weights.op == 0) {
    const ek_out size = ek__py_size(g, values);
    count_of = ek__py_cast(g, size, EK_FLOAT32);
  } else {
    const ek_out fitted = ek__fit_weights(g, o->weights, values);
    const ek_out weights = ek__broadcast_weights(g, ek__py_cast(g, fitted, EK_FLOAT32), values);
    values = ek__op2(g, "Mul", values, weights);
    count_of = ek__py_reduce_all(g, "Sum", weights);
  }
  const ek_out sum = ek__py_reduce_all(g, "Sum", values);
  const ek_out new_total = ek_variable_assign_add(g, total, sum);
  ek_control_dependencies_begin(g, EK_OPS(ek_out_op(values)));
  const ek_out new_count = ek_variable_assign_add(g, count, count_of);
  ek_control_dependencies_end(g);
  m.value = safe_div(g, "value", ek_variable_value(g, total), ek_variable_value(g, count));
  collect(g, m.value, o->metrics_collections);
  m.update_op = safe_div(g, "update_op", new_total, new_count);
  collect(g, m.update_op, o->updates_collections);
  return m;
}

static ek_metric mean_in_scope(ek_graph *g, const char *name, ek_out values, const ek_metrics_opts *o) {
  ek_variable_scope_opts scope = EK_VARIABLE_SCOPE_OPTS_INIT;
  if (name == NULL) scope.default_name = "mean";
  (void)ek_variable_scope_begin(g, name, &scope);
  const ek_metric m = ek__given(g, "values", values) ? mean(g, values, o) : none;
  ek_variable_scope_end(g);
  return m;
}

ek_metric ek_metrics_mean(ek_graph *g, ek_out values, const ek_metrics_opts *options) {
  const char *name = ek_given_name(g);
  g = ek_named(g, NULL);
  const ek_metrics_opts *o = options_of(g, options);
  return o != NULL ? mean_in_scope(g, name, values, o) : none;
}

ek_metric ek_metrics_accuracy(ek_graph *g, ek_out labels, ek_out predictions, const ek_metrics_opts *options) {
  const char *name = ek_given_name(g);
  g = ek_named(g, NULL);
  const ek_metrics_opts *o = options_of(g, options);
  if (o == NULL || !ek__given(g, "accuracy: labels", labels) || !ek__given(g, "accuracy: predictions", predictions))
    return none;
  ek__remove_squeezable(g, &labels, &predictions, 0);
  if (!ek__compatible(g, "labels", labels, "predictions", predictions)) return none;
  predictions = ek__py_cast(g, predictions, ek_out_dtype(g, labels));
  const ek_out equal = ek__op2(g, "Equal", predictions, labels);
  return mean_in_scope(g, name != NULL ? name : "accuracy", ek__py_cast(g, equal, EK_FLOAT32), o);
}
