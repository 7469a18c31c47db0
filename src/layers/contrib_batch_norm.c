/* SPDX-License-Identifier: Apache-2.0 */
/* tf.contrib.layers.batch_norm: which body runs, the one that is tf.layers' layer, and what the other two share. */
#include "layers/contrib_batch_norm.h"

#include "layers/batch_normalization.h"
#include "layers/build.h"

#include <string.h>

/* ---- shared */

bool ek__contrib_in_place(const ek_contrib_batch_norm_opts *o) { return o->updates_collections[0] == NULL; }

static int count(const char *const *names) {
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

ek_variable_scope ek__contrib_scope_begin(ek_graph *g, const ek_contrib_batch_norm_opts *o, bool as_model) {
  ek_variable_scope_opts s = EK_VARIABLE_SCOPE_OPTS_INIT;
  s.reuse = o->reuse;
  if (o->scope == NULL) s.default_name = "BatchNorm";
  if (as_model) s.custom_getter = as_model_variable;
  return ek_variable_scope_begin(g, o->scope, &s);
}

ek_variable ek__contrib_variable(ek_graph *g, const char *name, ek_shape shape, ek_dtype dtype, ek_initializer init,
                                 ek_regularizer regularizer, bool trainable, const char *const *own,
                                 const char *const *all) {
  const char *keys[EK_MAX_COLLECTIONS + 2];
  const char *const *more = own[0] != NULL ? own : all;
  const int n = count(more);
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

void ek__contrib_assign(ek_graph *g, const ek__contrib_variables *v, ek__contrib_pair m, double decay,
                        ek__moving_average after[2]) {
  after[0] = ek__assign_moving_average(g, v->moving_mean, m.mean, decay);
  after[1] = ek__assign_moving_average(g, v->moving_variance, m.variance, decay);
}

void ek__contrib_delay_updates(ek_graph *g, const ek__contrib_variables *v, ek__contrib_pair m,
                               const ek_contrib_batch_norm_opts *o) {
  ek_cond_block c;
  EK_SMART_COND(g, o->is_training, c) {
    EK_THEN(c) {
      ek__moving_average after[2];
      ek__contrib_assign(g, v, m, o->decay, after);
      ek_cond_yield(&c, ek__moving_average_result(g, v->moving_mean, after[0]));
      ek_cond_yield(&c, ek__moving_average_result(g, v->moving_variance, after[1]));
    }
    EK_ELSE(c) {
      ek_cond_yield(&c, ek_variable_operand(g, v->moving_mean));
      ek_cond_yield(&c, ek_variable_operand(g, v->moving_variance));
    }
  }
  const int n = count(o->updates_collections);
  for (int i = 0; i < 2; i++)
    for (int k = 0; k < n && ek_cond_result(&c, i).op > 0; k++)
      ek_add_out_to_collection(g, o->updates_collections[k], ek_cond_result(&c, i));
}

ek_out ek__contrib_finish(ek_graph *g, ek_out y, const ek_contrib_batch_norm_opts *o) {
  if (o->activation_fn != NULL) y = o->activation_fn(g, y);
  const int n = count(o->outputs_collections);
  for (int i = 0; i < n && y.op > 0; i++) ek_add_out_to_collection(g, o->outputs_collections[i], y);
  return y;
}

/* ---- body B */

static void collect(ek_graph *g, ek_variable v, const char *const *own, const char *const *all) {
  const char *const *keys = own[0] != NULL ? own : all;
  const int n = count(keys);
  for (int i = 0; v.id != 0 && i < n; i++) {
    bool there = false;
    for (int k = ek_collection_size(g, keys[i]) - 1; k >= 0 && !there; k--) {
      const ek_item item = ek_collection_item(g, keys[i], k);
      there = item.kind == EK_ITEM_VARIABLE && item.v.variable.id == v.id;
    }
    if (!there) ek_add_variable_to_collection(g, keys[i], v);
  }
}

static ek_out layer(ek_graph *g, ek_out inputs, const ek_contrib_batch_norm_opts *o) {
  ek_layers_batch_normalization_opts l = EK_LAYERS_BATCH_NORMALIZATION_OPTS_INIT;
  l.axis = strcmp(o->data_format, "NCHW") == 0 ? 1 : -1;
  l.momentum = o->decay;
  l.epsilon = o->epsilon;
  l.center = o->center;
  l.scale = o->scale;
  l.beta_initializer = o->beta_initializer;
  l.gamma_initializer = o->gamma_initializer;
  l.moving_mean_initializer = o->moving_mean_initializer;
  l.moving_variance_initializer = o->moving_variance_initializer;
  l.beta_regularizer = o->beta_regularizer;
  l.gamma_regularizer = o->gamma_regularizer;
  l.trainable = o->trainable;
  l.reuse = o->reuse;
  l.fused = o->fused;
  ek_batch_normalization bn;
  ek_out y = ek__no_out;
  const ek_variable_scope scope = ek__contrib_scope_begin(g, o, true);
  if (ek__batch_normalization_init(&bn, g, false, scope, &l)) {
    y = ek_layers_batch_normalization_apply(&bn, inputs, o->is_training);
    collect(g, bn.v.moving_mean, o->moving_mean_collections, o->variables_collections);
    collect(g, bn.v.moving_variance, o->moving_variance_collections, o->variables_collections);
    collect(g, bn.v.beta, o->beta_collections, o->variables_collections);
    collect(g, bn.v.gamma, o->gamma_collections, o->variables_collections);
    y = ek__contrib_finish(g, y, o);
  }
  ek_variable_scope_end(g);
  return y;
}

/* ---- the choice */

static bool check(ek_graph *g, ek_out inputs, const ek_contrib_batch_norm_opts *o) {
  char text[EK_SHAPE_TEXT];
  if (!ek__options_ok(g, "batch_norm", o->version)) return false;
  const ek_shape s = ek_out_shape(g, inputs);
  const char *name = ek_op_name(g, ek_out_op(inputs));
  const bool nchw = o->data_format != NULL && strcmp(o->data_format, "NCHW") == 0;
  const int axis = nchw && s.rank != 2 ? 1 : s.rank - 1;
  if (inputs.op == 0)
    ek_graph_fail(g, EK_INVALID_ARGUMENT, "batch_norm: no inputs");
  else if (!nchw && (o->data_format == NULL || strcmp(o->data_format, "NHWC") != 0))
    ek_graph_fail(g, EK_INVALID_ARGUMENT, "batch_norm: data_format has to be either NCHW or NHWC, not '%s'",
                  o->data_format != NULL ? o->data_format : "");
  else if (s.rank < 1)
    ek_graph_fail(g, EK_INVALID_ARGUMENT, "batch_norm: Inputs %s has undefined rank (%s)", name,
                  ek_shape_format(s, text, sizeof text));
  else if (axis >= s.rank || s.dim[axis] < 0)
    ek_graph_fail(g, EK_INVALID_ARGUMENT, "batch_norm: Inputs %s has undefined channels dimension (%s, axis %d)", name,
                  ek_shape_format(s, text, sizeof text), axis);
  else if (o->reuse == EK_REUSE && o->scope == NULL)
    ek_graph_fail(g, EK_INVALID_ARGUMENT, "batch_norm: reuse needs a scope, the name of what is reused");
  else
    return true;
  return false;
}

ek_out ek_contrib_batch_norm(ek_graph *g, ek_out inputs, const ek_contrib_batch_norm_opts *options) {
  static const ek_contrib_batch_norm_opts defaults = EK_CONTRIB_BATCH_NORM_OPTS_INIT;
  const ek_contrib_batch_norm_opts *o = options != NULL ? options : &defaults;
  g = ek_named(g, NULL);
  inputs = ek_convert(g, inputs, EK_INVALID_DTYPE, NULL);
  if (!check(g, inputs, o)) return ek__no_out;
  const int rank = ek_out_shape(g, inputs).rank;
  const bool usual = !ek__contrib_in_place(o) && o->updates_collections[1] == NULL &&
                     strcmp(o->updates_collections[0], EK_UPDATE_OPS) == 0;
  if (o->fused && (rank == 2 || (rank == 4 && !usual))) return ek__contrib_batch_norm_fused(g, inputs, o);
  return usual ? layer(g, inputs, o) : ek__contrib_batch_norm_legacy(g, inputs, o);
}
