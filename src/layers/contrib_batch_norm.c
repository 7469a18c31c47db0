/* SPDX-License-Identifier: Apache-2.0 */
/* tf.contrib.layers.batch_norm: which body runs, the one that is tf.layers' layer, and what the other two share. */
#include "layers/contrib_batch_norm.h"

#include "evenkeel/bn.h"
#include "evenkeel/contrib_layers.h"
#include "layers/batch_normalization.h"
#include "layers/build.h"

#include <string.h>

static const char *const what = "batch_norm";

/* ---- shared */

bool ek__contrib_in_place(const ek_contrib_batch_norm_opts *o) { return o->updates_collections[0] == NULL; }

void ek__contrib_assign(ek_graph *g, const ek__contrib_variables *v, ek__contrib_pair m,
                        const ek_contrib_batch_norm_opts *o, ek__moving_average after[2]) {
  const ek_nn_moments_outs batch = {m.mean, m.variance};
  if (o->guard) {
    m.mean = ek_bn_guard(g, batch, m.mean, v->moving_mean);
    m.variance = ek_bn_guard(g, batch, m.variance, v->moving_variance);
  }
  after[0] = o->zero_debias_moving_mean ? ek__assign_zero_debiased(g, v->moving_mean, m.mean, o->decay)
                                        : ek__assign_moving_average(g, v->moving_mean, m.mean, o->decay);
  after[1] = ek__assign_moving_average(g, v->moving_variance, m.variance, o->decay);
}

/* Into every collection the update goes, as TensorFlow's value of it: the op of a resource variable, else an output. */
static void collect_update(ek_graph *g, ek_variable v, ek__moving_average update, const ek_contrib_batch_norm_opts *o) {
  const int n = ek__contrib_count(o->updates_collections);
  ek_item item = {.kind = EK_ITEM_OUT, .v.out = update.value};
  if (v.id != 0 && ek_variable_is_resource(g, v)) item = (ek_item){.kind = EK_ITEM_OP, .v.op = update.op};
  if (update.op.id != 0) ek_add_to_collections(g, o->updates_collections, n, item);
}

void ek__contrib_delay_updates(ek_graph *g, const ek__contrib_variables *v, ek__contrib_pair m,
                               const ek_contrib_batch_norm_opts *o) {
  static const ek_variable none = {0};
  ek__moving_average after[2];
  ek_cond_block c;
  if (ek_flag_static_value(g, o->is_training) == EK_IS_TRUE) {
    ek__contrib_assign(g, v, m, o, after);
    collect_update(g, v->moving_mean, after[0], o);
    collect_update(g, v->moving_variance, after[1], o);
    return;
  }
  EK_SMART_COND(g, o->is_training, c) {
    EK_THEN(c) {
      ek__contrib_assign(g, v, m, o, after);
      ek_cond_yield(&c, ek__moving_average_result(g, v->moving_mean, after[0]));
      ek_cond_yield(&c, ek__moving_average_result(g, v->moving_variance, after[1]));
    }
    EK_ELSE(c) {
      ek_cond_yield(&c, ek_variable_operand(g, v->moving_mean));
      ek_cond_yield(&c, ek_variable_operand(g, v->moving_variance));
    }
  }
  for (int i = 0; i < 2; i++)
    collect_update(g, none, (ek__moving_average){ek_cond_result_op(&c, i), ek_cond_result(&c, i)}, o);
}

/* ---- body B */

static void collect(ek_graph *g, ek_variable v, const char *const *own, const char *const *all) {
  const char *const *keys = own[0] != NULL ? own : all;
  const int n = ek__contrib_count(keys);
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
  l.renorm = o->renorm;
  l.renorm_clipping = o->renorm_clipping;
  l.renorm_momentum = o->renorm_decay;
  l.adjustment = o->adjustment;
  l.adjustment_ctx = o->adjustment_ctx;
  l.guard = o->guard;
  ek_batch_normalization bn;
  ek_out y = ek__no_out;
  const ek_variable_scope scope = ek__contrib_scope_begin(g, o->scope, "BatchNorm", o->reuse, true);
  if (ek__batch_normalization_init(&bn, g, false, scope, &l)) {
    y = ek_layers_batch_normalization_apply(&bn, inputs, o->is_training);
    collect(g, bn.v.moving_mean, o->moving_mean_collections, o->variables_collections);
    collect(g, bn.v.moving_variance, o->moving_variance_collections, o->variables_collections);
    collect(g, bn.v.beta, o->beta_collections, o->variables_collections);
    collect(g, bn.v.gamma, o->gamma_collections, o->variables_collections);
    y = ek__contrib_finish(g, y, o->activation_fn, o->outputs_collections);
  }
  ek_variable_scope_end(g);
  return y;
}

/* ---- the choice */

/* What only body C does, and what it cannot. */
static bool check_legacy(ek_graph *g, ek_out inputs, const ek_contrib_batch_norm_opts *o) {
  char text[EK_SHAPE_TEXT];
  const ek_shape s = ek_out_shape(g, inputs), w = ek_out_shape(g, o->batch_weights);
  if (o->renorm)
    ek_graph_fail(g, EK_INVALID_ARGUMENT,
                  "batch_norm: renorm is not supported with batch_weights, updates_collections or "
                  "zero_debias_moving_mean");
  else if (o->batch_weights.op != 0 && w.rank >= 0 &&
           (w.rank != 1 || (w.dim[0] >= 0 && s.dim[0] >= 0 && w.dim[0] != s.dim[0])))
    ek_graph_fail(g, EK_INVALID_ARGUMENT, "batch_norm: batch_weights have shape %s; there must be one for each example",
                  ek_shape_format(w, text, sizeof text));
  else
    return true;
  return false;
}

ek_out ek_contrib_batch_norm(ek_graph *g, ek_out inputs, const ek_contrib_batch_norm_opts *options) {
  const ek_contrib_batch_norm_opts of_scope = ek_contrib_args_of(g).batch_norm;
  const ek_contrib_batch_norm_opts *o = options != NULL ? options : &of_scope;
  g = ek_named(g, NULL);
  inputs = ek_convert(g, inputs, EK_INVALID_DTYPE, NULL);
  if (!ek__options_ok(g, what, o->version) || !ek__contrib_check(g, what, inputs, o->data_format, o->reuse, o->scope))
    return ek__no_out;
  const int rank = ek_out_shape(g, inputs).rank;
  if (!ek__contrib_check_channels(g, what, inputs, strcmp(o->data_format, "NCHW") == 0 && rank != 2 ? 1 : rank - 1))
    return ek__no_out;
  const bool usual = !ek__contrib_in_place(o) && o->updates_collections[1] == NULL &&
                     strcmp(o->updates_collections[0], EK_UPDATE_OPS) == 0;
  const bool can_fuse = o->batch_weights.op == 0 && !o->renorm && o->adjustment == NULL && (rank == 2 || rank == 4);
  if (o->fused && can_fuse && (o->zero_debias_moving_mean || rank == 2 || !usual))
    return ek__contrib_batch_norm_fused(g, inputs, o);
  if (usual && o->batch_weights.op == 0 && !o->zero_debias_moving_mean) return layer(g, inputs, o);
  return check_legacy(g, inputs, o) ? ek__contrib_batch_norm_legacy(g, inputs, o) : ek__no_out;
}
