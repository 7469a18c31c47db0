/* SPDX-License-Identifier: Apache-2.0 */
/* The layer of tf.layers.batch_normalization, also a body of contrib's. */
#ifndef EK_LAYERS_BATCH_NORMALIZATION_H
#define EK_LAYERS_BATCH_NORMALIZATION_H

#include "layers/layer.h"

struct ek_batch_normalization {
  ek__layer layer;
  ek_layers_batch_normalization_opts o;
  /* Once built: */
  int rank;
  int axes[EK_MAX_RANK], n_axes; /* resolved */
  int64_t dims[EK_MAX_RANK];     /* of the axes */
  ek_dtype dtype, param_dtype;
  ek_shape param_shape;
  const char *data_format; /* of the fused form; NULL: from single ops */
  ek_batch_normalization_variables v;
};

/* scoped, scope: as ek__layer_init has them. False: an error is on the graph. */
bool ek__batch_normalization_init(ek_batch_normalization *bn, ek_graph *g, bool scoped, ek_variable_scope scope,
                                  const ek_layers_batch_normalization_opts *options);

/* training of one call. TensorFlow asks twice: for moments and updates only a constant is settled, for which branch of
 * a cond is built also what follows from constants. */
typedef struct ek__training {
  ek_flag flag;        /* for conds */
  ek_flag_value known; /* whether there are moments and updates at all */
} ek__training;

/* The forward passes, inside the layer's scopes. */
ek_out ek__batch_normalization_fused(ek_batch_normalization *bn, ek_out inputs, ek__training training);
ek_out ek__batch_normalization_plain(ek_batch_normalization *bn, ek_out inputs, ek__training training);

#endif
