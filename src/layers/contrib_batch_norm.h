/* SPDX-License-Identifier: Apache-2.0 */
/* The bodies of tf.contrib.layers.batch_norm. Each opens the scope itself. */
#ifndef EK_LAYERS_CONTRIB_BATCH_NORM_H
#define EK_LAYERS_CONTRIB_BATCH_NORM_H

#include "evenkeel/contrib.h"
#include "layers/contrib_layer.h"
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

/* Both updates, in training only; their results go to the collections. */
void ek__contrib_delay_updates(ek_graph *g, const ek__contrib_variables *v, ek__contrib_pair m,
                               const ek_contrib_batch_norm_opts *o);
/* The two updates; after receives what their ops are. */
void ek__contrib_assign(ek_graph *g, const ek__contrib_variables *v, ek__contrib_pair m,
                        const ek_contrib_batch_norm_opts *o, ek__moving_average after[2]);
/* The updates run whenever the result is computed. */
bool ek__contrib_in_place(const ek_contrib_batch_norm_opts *o);

#endif
