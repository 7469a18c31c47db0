/* SPDX-License-Identifier: Apache-2.0 */
/* What the layers of tf.contrib share: scopes, model variables, collections, checks. */
#include "layers/contrib_layer.h"

#include <string.h>

int ek__contrib_count(const char *const *names) {
  int n = 0;
  while (n < EK_MAX_COLLECTIONS && names[n] != NULL) n++;
  return n;
}

/* variables.model_variable's collections, as a getter adds them to whatever is asked for. */
static ek_variable as_model_variable(ek_graph *g, const ek_getter *next, const char *name, ek_shape shape,
                                     const ek_get_variable_opts *options, void *ctx) {
  (void)ctx;
  const int n = options->collections != NULL ? options->n_collections : 0;
  const char **all = ek_graph_alloc(g, (size_t)(n + 2) * sizeof *all);
  if (all == NULL) return (ek_variable){0};
  for (int i = 0; i < n; i++) all[i] = options->collections[i];
  all[n] = EK_GLOBAL_VARIABLES;
  all[n + 1] = EK_MODEL_VARIABLES;
  ek_get_variable_opts o = *options;
  o.collections = all;
  o.n_collections = n + 2;
  return ek_getter_call(g, next, name, shape, &o);
}

ek_variable_scope ek__contrib_scope_begin(ek_graph *g, const char *scope, const char *otherwise, ek_reuse reuse,
                                          bool as_model) {
  ek_variable_scope_opts s = EK_VARIABLE_SCOPE_OPTS_INIT;
  s.reuse = reuse;
  if (scope == NULL) s.default_name = otherwise;
  if (as_model) s.custom_getter = as_model_variable;
  return ek_variable_scope_begin(g, scope, &s);
}

ek_variable ek__contrib_variable(ek_graph *g, const char *name, ek_shape shape, ek_dtype dtype, ek_initializer init,
                                 ek_regularizer regularizer, bool trainable, const char *const *own,
                                 const char *const *all) {
  const char *keys[EK_MAX_COLLECTIONS + 2];
  const char *const *more = own[0] != NULL ? own : all;
  const int n = ek__contrib_count(more);
  for (int i = 0; i < n; i++) keys[i] = more[i];
  keys[n] = EK_GLOBAL_VARIABLES;
  keys[n + 1] = EK_MODEL_VARIABLES;
  ek_get_variable_opts o = EK_GET_VARIABLE_OPTS_INIT;
  o.dtype = dtype;
  o.initializer = init;
  o.regularizer = regularizer;
  o.trainable = trainable;
  o.collections = keys;
  o.n_collections = n + 2;
  return ek_get_variable(g, name, shape, &o);
}

ek_out ek__contrib_finish(ek_graph *g, ek_out y, ek_activation activation, const char *const *collections) {
  if (activation != NULL) y = activation(g, y);
  const int n = ek__contrib_count(collections);
  if (y.op > 0) ek_add_to_collections(g, collections, n, (ek_item){.kind = EK_ITEM_OUT, .v.out = y});
  return y;
}

bool ek__contrib_check(ek_graph *g, const char *what, ek_out inputs, const char *data_format, ek_reuse reuse,
                       const char *scope) {
  char text[EK_SHAPE_TEXT];
  if (ek_graph_status(g, NULL) != EK_OK) return false;
  const ek_shape s = ek_out_shape(g, inputs);
  if (inputs.op == 0)
    ek_graph_fail(g, EK_INVALID_ARGUMENT, "%s: no inputs", what);
  else if (data_format == NULL || (strcmp(data_format, "NCHW") != 0 && strcmp(data_format, "NHWC") != 0))
    ek_graph_fail(g, EK_INVALID_ARGUMENT, "%s: data_format has to be either NCHW or NHWC, not '%s'", what,
                  data_format != NULL ? data_format : "");
  else if (s.rank < 1)
    ek_graph_fail(g, EK_INVALID_ARGUMENT, "%s: Inputs %s has undefined rank (%s)", what,
                  ek_op_name(g, ek_out_op(inputs)), ek_shape_format(s, text, sizeof text));
  else if (reuse == EK_REUSE && scope == NULL)
    ek_graph_fail(g, EK_INVALID_ARGUMENT, "%s: reuse needs a scope, the name of what is reused", what);
  else
    return true;
  return false;
}

bool ek__contrib_check_channels(ek_graph *g, const char *what, ek_out inputs, int axis) {
  char text[EK_SHAPE_TEXT];
  const ek_shape s = ek_out_shape(g, inputs);
  if (axis >= 0 && axis < s.rank && s.dim[axis] >= 0) return true;
  ek_graph_fail(g, EK_INVALID_ARGUMENT, "%s: Inputs %s has undefined channels dimension (%s, axis %d)", what,
                ek_op_name(g, ek_out_op(inputs)), ek_shape_format(s, text, sizeof text), axis);
  return false;
}
