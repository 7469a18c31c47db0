/* SPDX-License-Identifier: Apache-2.0 */
/* Evenkeel in the race: evenkeel/kernels.h as an application calls it. */
#include "racer.h"

#include "evenkeel/common.h"
#include "evenkeel/kernels.h"

#include <stdlib.h>

struct racer {
  racer_job job;
  ek_kernels_batch_norm_shape shape;
  void *workspace;
  size_t workspace_bytes;
};

const char *racer_version(void) { return EK_VERSION_STRING; }

static ek_kernels_code train(const racer *r) {
  const racer_job *job = &r->job;
  return ek_kernels_batch_norm_train(NULL, &(ek_kernels_batch_norm_train_args){.shape = r->shape,
                                                                               .epsilon = (double)job->epsilon,
                                                                               .x = job->x,
                                                                               .scale = job->scale,
                                                                               .offset = job->offset,
                                                                               .y = job->out,
                                                                               .mean = job->mean,
                                                                               .variance = job->variance,
                                                                               .workspace = r->workspace,
                                                                               .workspace_bytes = r->workspace_bytes,
                                                                               .threads = job->threads});
}

static ek_kernels_code infer(const racer *r) {
  const racer_job *job = &r->job;
  return ek_kernels_batch_norm_infer(NULL, &(ek_kernels_batch_norm_infer_args){.shape = r->shape,
                                                                               .epsilon = (double)job->epsilon,
                                                                               .x = job->x,
                                                                               .scale = job->scale,
                                                                               .offset = job->offset,
                                                                               .mean = job->mean,
                                                                               .variance = job->variance,
                                                                               .y = job->out,
                                                                               .workspace = r->workspace,
                                                                               .workspace_bytes = r->workspace_bytes,
                                                                               .threads = job->threads});
}

static ek_kernels_code backward(const racer *r) {
  const racer_job *job = &r->job;
  return ek_kernels_batch_norm_grad(NULL,
                                    &(ek_kernels_batch_norm_grad_args){.shape = r->shape,
                                                                       .epsilon = (double)job->epsilon,
                                                                       .frozen = job->kernel == RACER_BACKWARD_FROZEN,
                                                                       .x = job->x,
                                                                       .dy = job->dy,
                                                                       .scale = job->scale,
                                                                       .mean = job->mean,
                                                                       .variance = job->variance,
                                                                       .dx = job->out,
                                                                       .dscale = job->dscale,
                                                                       .doffset = job->doffset,
                                                                       .workspace = r->workspace,
                                                                       .workspace_bytes = r->workspace_bytes,
                                                                       .threads = job->threads});
}

static ek_kernels_code call(const racer *r) {
  switch (r->job.kernel) {
  case RACER_FORWARD_TRAIN: return train(r);
  case RACER_FORWARD_INFER: return infer(r);
  default: return backward(r);
  }
}

racer *racer_new(const racer_job *job) {
  const int channels_last = job->layout == RACER_NHWC;
  const int64_t pixels = job->height * job->width;
  racer *r = calloc(1, sizeof *r);
  if (r == NULL) return NULL;
  r->job = *job;
  r->shape = (ek_kernels_batch_norm_shape){.type = EK_KERNELS_F32,
                                           .outer = channels_last ? job->n * pixels : job->n,
                                           .channels = job->channels,
                                           .inner = channels_last ? 1 : pixels,
                                           .block = job->layout == RACER_NCHW16C ? 16 : 0};
  switch (job->kernel) {
  case RACER_FORWARD_TRAIN: (void)ek_kernels_batch_norm_train_workspace(&r->shape, &r->workspace_bytes); break;
  case RACER_FORWARD_INFER: (void)ek_kernels_batch_norm_infer_workspace(&r->shape, &r->workspace_bytes); break;
  default: (void)ek_kernels_batch_norm_grad_workspace(&r->shape, &r->workspace_bytes); break;
  }
  r->workspace = malloc(r->workspace_bytes + 1);
  if (r->workspace != NULL) return r;
  free(r);
  return NULL;
}

int racer_calls(const racer *r, int64_t calls) {
  ek_kernels_code code = EK_KERNELS_OK;
  for (int64_t i = 0; i < calls && code == EK_KERNELS_OK; i++) code = call(r);
  return (int)code;
}

void racer_free(racer *r) {
  if (r != NULL) free(r->workspace);
  free(r);
}
