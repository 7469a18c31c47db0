/* SPDX-License-Identifier: Apache-2.0 */
/* The bodies of tf.contrib.layers.batch_norm. Each opens the scope itself. */
#ifndef EK_LAYERS_CONTRIB_BATCH_NORM_H
#define EK_LAYERS_CONTRIB_BATCH_NORM_H

#include "evenkeel/contrib.h"
#include "layers/moving_update.h"

/* A: FusedBatchNormV3 with updates of contrib's own; C: from single ops. */
ek_out ek__contrib_batch_norm_fused(ek_graph *g, ek_out inputs, const ek_contrib_batch_norm_opts *o);
ek_out ek__contrib_batch_norm_legacy(ek_graph *g, ek_out inputs, const ek_contrib_batch_norm_opts *o);

typedef struct ek__contrib_variables {
  ek_variable beta, gamma, moving_mean, moving_variance;
} ek__contrib_variables;
typedef struct ek__contrib_pair {
  ek_out mean, variance;
} ek__contrib_pair;

/* Opens the scope ("BatchNorm" without a name); as_model: all variables made in it are model variables. */
ek_variable_scope ek__contrib_scope_begin(ek_graph *g, const ek_contrib_batch_norm_opts *o, bool as_model);
/* model_variable; collections: what is given for this variable alone, and for all. */
ek_variable ek__contrib_variable(ek_graph *g, const char *name, ek_shape shape, ek_dtype dtype, ek_initializer init,
                                 ek_regularizer regularizer, bool trainable, const char *const *own,
                                 const char *const *all);
/* Both updates, in training only; their results go to the collections. */
void ek__contrib_delay_updates(ek_graph *g, const ek__contrib_variables *v, ek__contrib_pair m,
                               const ek_contrib_batch_norm_opts *o);
/* The two updates; after receives what their ops are. */
void ek__contrib_assign(ek_graph *g, const ek__contrib_variables *v, ek__contrib_pair m, double decay,
                        ek__moving_average after[2]);
/* The activation, and the collections for results. */
ek_out ek__contrib_finish(ek_graph *g, ek_out y, const ek_contrib_batch_norm_opts *o);
bool ek__contrib_in_place(const ek_contrib_batch_norm_opts *o);

#endif
