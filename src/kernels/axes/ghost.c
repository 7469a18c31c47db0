/* SPDX-License-Identifier: Apache-2.0 */
/* Ghost batches and instances are views. */
#include "kernels/axes/plan.h"
#include "kernels/blocks.h"

/* Checks what both need; the values of a row of the batch. */
static ek_kernels_code rows_of(const ek_kernels_batch_norm_shape *shape, int64_t batch, const ek_kernels_axes *out,
                               int64_t *rows) {
  if (shape == NULL || out == NULL || batch < 0) return EK_KERNELS_INVALID_ARGUMENT;
  if (shape->outer < 0 || shape->channels < 0 || shape->inner < 0) return EK_KERNELS_INVALID_ARGUMENT;
  if (!ek__is_block(shape->block)) return EK_KERNELS_INVALID_ARGUMENT;
  *rows = batch == 0 ? 1 : shape->outer / batch;
  return shape->outer == batch * *rows ? EK_KERNELS_OK : EK_KERNELS_INVALID_ARGUMENT;
}

ek_kernels_code ek_kernels_ghost_axes(const ek_kernels_batch_norm_shape *shape, int64_t batch, int64_t virtual_size,
                                      int blocks, ek_kernels_axes *out) {
  int64_t rows;
  const ek_kernels_code code = rows_of(shape, batch, out, &rows);
  if (code != EK_KERNELS_OK) return code;
  if (virtual_size <= 0 || batch % virtual_size != 0) return EK_KERNELS_INVALID_ARGUMENT;
  const int64_t groups = batch / virtual_size;
  const int group = blocks ? 0 : 1; /* which axis tells the groups apart */
  *out = (ek_kernels_axes){.type = shape->type, .rank = 5};
  out->sizes[group] = groups, out->sizes[1 - group] = virtual_size;
  out->sizes[2] = rows, out->sizes[3] = shape->channels, out->sizes[4] = shape->inner;
  out->kept = 1u << group | 1u << 3, out->shared = 1u << group, out->blocked = shape->block != 0 ? 1u << 3 : 0;
  return EK_KERNELS_OK;
}

ek_kernels_code ek_kernels_instance_axes(const ek_kernels_batch_norm_shape *shape, int64_t batch,
                                         ek_kernels_axes *out) {
  int64_t rows;
  const ek_kernels_code code = rows_of(shape, batch, out, &rows);
  if (code != EK_KERNELS_OK) return code;
  *out = (ek_kernels_axes){.type = shape->type, .rank = 4, .kept = 1u << 0 | 1u << 2, .shared = 1u << 0};
  out->sizes[0] = batch, out->sizes[1] = rows, out->sizes[2] = shape->channels, out->sizes[3] = shape->inner;
  out->blocked = shape->block != 0 ? 1u << 2 : 0;
  return EK_KERNELS_OK;
}
