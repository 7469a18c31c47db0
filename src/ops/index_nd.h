/* SPDX-License-Identifier: Apache-2.0 */
/* Indices with several numbers each, as GatherNd and the scatters of that name take them: the last dimension of indices
 * names places along the first dimensions of another shape. */
#ifndef EK_OPS_INDEX_ND_H
#define EK_OPS_INDEX_ND_H

#include "ops/run.h"

typedef struct ek__index_nd {
  int depth;      /* how many dimensions an index goes through */
  int64_t n;      /* how many indices */
  int64_t size;   /* elements of what an index names */
  ek_shape outer; /* of indices without its last dimension */
  ek_shape slice; /* of what an index names */
} ek__index_nd;

/* While inferring: outer + slice as far as known. */
ek_code ek__infer_index_nd(ek_infer_context *c, ek_shape indices, ek_shape of, ek_shape *out);
/* While running; INVALID_ARGUMENT if the shapes do not fit. */
ek_code ek__run_index_nd(ek_run_context *c, const ek_value *indices, ek_shape of, ek__index_nd *nd);
/* The element where what index k names begins; an error in TensorFlow's words if it is outside. */
ek_code ek__index_nd_at(ek_run_context *c, const ek_value *indices, ek_shape of, const ek__index_nd *nd, int64_t k,
                        int64_t *at);

#endif
