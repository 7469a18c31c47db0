/* SPDX-License-Identifier: Apache-2.0 */
/* tf.nn.embedding_lookup. */
#include "evenkeel/nn.h"
#include "evenkeel/train.h"
#include "layers/build.h"
#include "layers/clip.h"

/* embedding_ops._clip: every looked-up tensor to at most max_norm. */
static ek_out clip(ek_graph *g, ek_out rows, ek_out ids, double max_norm) {
  const int from = ek_out_shape(g, ids).rank, to = ek_out_shape(g, rows).rank;
  int64_t all[EK_MAX_RANK];
  ek_out axes;
  if (from > 0 && to > 0) {
    for (int i = from; i < to; i++) all[i - from] = i;
    axes = ek_integers(g, all, to - from);
  } else {
    const ek_out first = from > 0 ? ek_integer(g, from) : ek__op1(g, "Rank", ids);
    axes = ek__py_range(g, first, to > 0 ? ek_integer(g, to) : ek__op1(g, "Rank", rows));
  }
  return ek__clip_by_norm(g, rows, ek_number(g, max_norm), axes);
}

ek_out ek_nn_embedding_lookup(ek_graph *g, ek_variable params, ek_out ids, const ek_nn_embedding_lookup_opts *options) {
  static const ek_nn_embedding_lookup_opts defaults = EK_NN_EMBEDDING_LOOKUP_OPTS_INIT;
  const ek_nn_embedding_lookup_opts *o = options != NULL ? options : &defaults;
  g = ek_composite_begin(g, "embedding_lookup");
  if (o->version != 1u)
    ek_graph_fail(g, EK_INVALID_ARGUMENT,
                  "embedding_lookup: options of version %u; start from EK_NN_EMBEDDING_LOOKUP_OPTS_INIT", o->version);
  ids = ek_convert(g, ids, EK_INVALID_DTYPE, "ids");
  ek_colocate_with_begin(g, ek_variable_op(g, params), false);
  ek_out rows = ek_variable_sparse_read(ek_named_scope(g), params, ids);
  if (o->max_norm > 0.0) rows = clip(g, rows, ids, o->max_norm);
  ek_colocate_with_end(g);
  rows = ek__op1(g, "Identity", rows);
  ek_name_scope_end(g);
  return rows;
}
