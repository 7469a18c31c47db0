/* SPDX-License-Identifier: Apache-2.0 */
#include "ops/index_nd.h"

#include <inttypes.h>
#include <stdio.h>

ek_code ek__infer_index_nd(ek_infer_context *c, ek_shape indices, ek_shape of, ek_shape *out) {
  *out = ek_shape_unknown();
  EK_INFER_REQUIRE(c, indices.rank != 0, "indices must have at least one dimension");
  if (indices.rank < 0 || of.rank < 0) return EK_OK;
  const int64_t depth = indices.dim[indices.rank - 1];
  if (depth < 0) return EK_OK;
  EK_INFER_REQUIRE(c, depth <= of.rank, "indices go through %" PRId64 " dimensions, there are %d", depth, of.rank);
  EK_INFER_REQUIRE(c, indices.rank - 1 + of.rank - (int)depth <= EK_MAX_RANK,
                   "the result would have more than %d dimensions", EK_MAX_RANK);
  *out = (ek_shape){.rank = 0};
  for (int i = 0; i + 1 < indices.rank; i++) out->dim[out->rank++] = indices.dim[i];
  for (int i = (int)depth; i < of.rank; i++) out->dim[out->rank++] = of.dim[i];
  return EK_OK;
}

ek_code ek__run_index_nd(ek_run_context *c, const ek_value *indices, ek_shape of, ek__index_nd *nd) {
  const ek_shape s = indices->shape;
  *nd = (ek__index_nd){.size = 1};
  EK_RUN_REQUIRE(c, s.rank >= 1, "indices must be at least a vector");
  EK_RUN_REQUIRE(c, s.dim[s.rank - 1] <= of.rank,
                 "The innermost dimension of indices is %" PRId64 ", the shape that they index has %d dimensions",
                 s.dim[s.rank - 1], of.rank);
  nd->depth = (int)s.dim[s.rank - 1];
  EK_RUN_REQUIRE(c, s.rank - 1 + of.rank - nd->depth <= EK_MAX_RANK, "the result would have more than %d dimensions",
                 EK_MAX_RANK);
  nd->outer = s;
  nd->outer.rank--;
  nd->n = ek_shape_num_elements(nd->outer);
  for (int i = nd->depth; i < of.rank; i++) nd->slice.dim[nd->slice.rank++] = of.dim[i];
  nd->size = ek_shape_num_elements(nd->slice);
  return EK_OK;
}

ek_code ek__index_nd_at(ek_run_context *c, const ek_value *indices, ek_shape of, const ek__index_nd *nd, int64_t k,
                        int64_t *at) {
  *at = 0;
  for (int i = 0; i < nd->depth; i++) {
    const int64_t index = ek__value_int(indices, k * nd->depth + i);
    if (index < 0 || index >= of.dim[i]) {
      char text[256] = "", shape[EK_SHAPE_TEXT];
      size_t used = 0;
      for (int d = 0; d < nd->depth && used < sizeof text; d++)
        used += (size_t)snprintf(text + used, sizeof text - used, "%s%" PRId64, d > 0 ? ", " : "",
                                 ek__value_int(indices, k * nd->depth + d));
      return ek__run_fail(c, EK_INVALID_ARGUMENT, "indices[%" PRId64 "] = [%s] does not index into shape %s", k, text,
                          ek_shape_format(of, shape, sizeof shape));
    }
    *at = *at * of.dim[i] + index;
  }
  *at *= nd->size;
  return EK_OK;
}
