/* SPDX-License-Identifier: Apache-2.0 */
/* The layer of tf.layers.batch_normalization, also a body of contrib's. */
#ifndef EK_LAYERS_BATCH_NORMALIZATION_H
#define EK_LAYERS_BATCH_NORMALIZATION_H

#include "evenkeel/bn.h"
#include "layers/layer.h"
#include "layers/moving_update.h"

struct ek_batch_normalization {
  ek__layer layer;
  ek_layers_batch_normalization_opts o;
  /* Once built: */
  int rank;
  int axes[EK_MAX_RANK], n_axes; /* resolved */
  int64_t dims[EK_MAX_RANK];     /* of the axes */
  ek_dtype dtype, param_dtype;
  ek_shape param_shape;
  ek_shape broadcast;      /* of parameters that do not broadcast by themselves; rank 0: they do */
  const char *data_format; /* of the fused form; NULL: from single ops */
  ek_batch_normalization_variables v;
};

/* scoped, scope: as ek__layer_init has them. False: an error is on the graph. */
bool ek__batch_normalization_init(ek_batch_normalization *bn, ek_graph *g, bool scoped, ek_variable_scope scope,
                                  const ek_layers_batch_normalization_opts *options);

/* Inside the layer's scopes: checks inputs, makes the variables. False: an error is on the graph. */
bool ek__batch_normalization_build(ek_batch_normalization *bn, ek_out inputs);
/* The axes that are not kept; how many. */
int ek__bn_reduced_axes(const ek_batch_normalization *bn, int64_t axes[EK_MAX_RANK]);

/* training of one call. TensorFlow asks twice: for moments and updates only a constant is settled, for which branch of
 * a cond is built also what follows from constants. */
typedef struct ek__training {
  ek_flag flag;        /* for conds */
  ek_flag_value known; /* whether there are moments and updates at all */
} ek__training;

/* One call of the form from single ops. */
typedef struct ek__bn_call {
  ek_batch_normalization *bn;
  ek_graph *g;
  ek__training training;
  ek_nn_moments_outs batch; /* what the updates come from: of the whole batch */
} ek__bn_call;
/* v where it meets inputs. */
ek_out ek__bn_broadcast(const ek__bn_call *c, ek_out v);
/* value in training, else what is made like it. */
ek_out ek__bn_in_training(const ek__bn_call *c, ek_out value, ek_out (*otherwise)(ek_graph *g, ek_out like));
/* scale and offset that come first, then those of then; none in then changes nothing. */
typedef struct ek__bn_affine {
  ek_out scale, offset;
} ek__bn_affine;
ek__bn_affine ek__bn_compose(ek_graph *g, ek__bn_affine first, ek__bn_affine then);

/* Batch renormalization: the correction, and mean and variance for the update ops, which wait for those of the renorm
 * variables. */
typedef struct ek__bn_renorm {
  ek__bn_affine correction;
  ek_nn_moments_outs moments;
} ek__bn_renorm;
ek__bn_renorm ek__bn_renormalize(const ek__bn_call *c, ek_nn_moments_outs batch);
/* The update of moving_stddev and, from it, moving_variance. */
ek__moving_average ek__bn_update_stddev(const ek__bn_call *c, ek_out variance);

/* Virtual batches: inputs in their shape, [V, N/V, ...], and a result back in that of inputs; shape is made for it. */
ek_out ek__bn_virtual_batches(const ek__bn_call *c, ek_out inputs, ek_out *shape);
ek_out ek__bn_whole_batch(const ek__bn_call *c, ek_out y, ek_shape s, ek_out shape);

/* The forward passes, inside the layer's scopes. */
ek_out ek__batch_normalization_fused(ek_batch_normalization *bn, ek_out inputs, ek__training training);
ek_out ek__batch_normalization_plain(ek_batch_normalization *bn, ek_out inputs, ek__training training);

#endif
