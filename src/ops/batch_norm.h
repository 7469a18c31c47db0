/* SPDX-License-Identifier: Apache-2.0 */
/* What FusedBatchNorm and FusedBatchNormGrad, in all versions, share. */
#ifndef EK_OPS_BATCH_NORM_H
#define EK_OPS_BATCH_NORM_H

#include "ops/run.h"

#include "evenkeel/kernels.h"

#define EK_BATCH_NORM_ATTRS_OF(formats_)                                                                               \
  "epsilon: float = 0.0001; data_format: {" formats_ "} = 'NHWC'; is_training: bool = true"
#define EK_BATCH_NORM_ATTRS    EK_BATCH_NORM_ATTRS_OF("'NHWC', 'NCHW'")
#define EK_BATCH_NORM_ATTRS_V3 EK_BATCH_NORM_ATTRS_OF("'NHWC', 'NCHW', 'NDHWC', 'NCDHW'")

/* How many dimensions the input has, one for each letter of the data format; and which of them holds the channels. */
int ek__batch_norm_rank(const ek__node *node);
int ek__batch_norm_channel(const ek__node *node);

/* Input x has the rank of the data format; input i's channels and every given 1-D input agree: *channels, or -1.
 * optional: such an input may also be empty. */
ek_code ek__batch_norm_infer(ek_infer_context *c, int x, const int *vectors, int n, ek_shape *shape, int64_t *channels);

/* The same when everything is known; INVALID_ARGUMENT names the input that does not fit. */
ek_code ek__batch_norm_shape(ek_run_context *c, int x, ek_kernels_batch_norm_shape *shape);
ek_code ek__batch_norm_vector(ek_run_context *c, int i, int64_t channels);

/* False while a dimension is not known. */
bool ek__batch_norm_planned(const ek_prepare_context *p, int x, ek_kernels_batch_norm_shape *shape);

/* The kernels' workspace: the scratch memory of the plan, or, for a shape that was not known then, memory of its own
 * until ek__batch_norm_workspace_fini. */
typedef struct ek__batch_norm_workspace {
  void *data;
  size_t bytes;
  bool own;
} ek__batch_norm_workspace;
/* In prepare: asks for bytes of scratch, and notes that it did. */
void ek__batch_norm_ask(ek_prepare_context *p, size_t bytes);
ek_code ek__batch_norm_workspace_init(ek_run_context *c, size_t bytes, ek__batch_norm_workspace *w);
void ek__batch_norm_workspace_fini(ek_run_context *c, ek__batch_norm_workspace *w);

/* The gradient of FusedBatchNormGrad, in all versions. */
ek_code ek__batch_norm_grad_grad(ek_grad_context *c);

/* A kernel's answer as a status. */
ek_code ek__batch_norm_done(ek_run_context *c, ek_kernels_code code);

#endif
