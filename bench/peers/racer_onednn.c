/* SPDX-License-Identifier: Apache-2.0 */
/* oneDNN in the race: one batch normalization primitive with scale and shift, executed again and again over the same
 * memory. The tensors lie as the job says; nothing is reordered. */
#include "racer.h"

#include <dnnl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

enum { MAX_ARGS = 9, FORWARD_ARGS = 6 };

struct racer {
  dnnl_engine_t engine;
  dnnl_stream_t stream;
  dnnl_primitive_t primitive;
  dnnl_exec_arg_t args[MAX_ARGS];
  int n_args;
};

typedef struct layout {
  int rank;
  dnnl_dims_t sizes;
  dnnl_format_tag_t tag;
} layout;

const char *racer_version(void) {
  static char text[32];
  const dnnl_version_t *v = dnnl_version();
  (void)snprintf(text, sizeof text, "%d.%d.%d", v->major, v->minor, v->patch);
  return text;
}

static bool is_backward(const racer_job *job) {
  return job->kernel == RACER_BACKWARD_TRAIN || job->kernel == RACER_BACKWARD_FROZEN;
}

static unsigned flags_of(const racer_job *job) {
  const bool given = job->kernel == RACER_FORWARD_INFER || job->kernel == RACER_BACKWARD_FROZEN;
  const unsigned flags = (unsigned)dnnl_use_scale | (unsigned)dnnl_use_shift;
  return given ? flags | (unsigned)dnnl_use_global_stats : flags;
}

/* ---- what differs between the versions */

#if DNNL_VERSION_MAJOR >= 3
static dnnl_status_t new_memory(dnnl_memory_t *m, const layout *l, dnnl_engine_t engine, float *data) {
  dnnl_memory_desc_t desc = NULL;
  dnnl_status_t rc = dnnl_memory_desc_create_with_tag(&desc, l->rank, l->sizes, dnnl_f32, l->tag);
  if (rc == dnnl_success) rc = dnnl_memory_create(m, desc, engine, data);
  if (desc != NULL) (void)dnnl_memory_desc_destroy(desc);
  return rc;
}

static dnnl_status_t new_description(dnnl_primitive_desc_t *pd, const racer_job *job, const layout *l,
                                     dnnl_engine_t engine, dnnl_primitive_desc_t forward) {
  dnnl_memory_desc_t d = NULL;
  dnnl_status_t rc = dnnl_memory_desc_create_with_tag(&d, l->rank, l->sizes, dnnl_f32, l->tag);
  const dnnl_prop_kind_t kind = job->kernel == RACER_FORWARD_INFER ? dnnl_forward_inference : dnnl_forward_training;
  if (rc == dnnl_success && forward == NULL)
    rc = dnnl_batch_normalization_forward_primitive_desc_create(pd, engine, kind, d, d, job->epsilon, flags_of(job),
                                                                NULL);
  else if (rc == dnnl_success)
    rc = dnnl_batch_normalization_backward_primitive_desc_create(pd, engine, dnnl_backward, d, d, d, job->epsilon,
                                                                 flags_of(job), forward, NULL);
  if (d != NULL) (void)dnnl_memory_desc_destroy(d);
  return rc;
}
#else
static dnnl_status_t new_memory(dnnl_memory_t *m, const layout *l, dnnl_engine_t engine, float *data) {
  dnnl_memory_desc_t desc;
  const dnnl_status_t rc = dnnl_memory_desc_init_by_tag(&desc, l->rank, l->sizes, dnnl_f32, l->tag);
  return rc == dnnl_success ? dnnl_memory_create(m, &desc, engine, data) : rc;
}

static dnnl_status_t new_description(dnnl_primitive_desc_t *pd, const racer_job *job, const layout *l,
                                     dnnl_engine_t engine, dnnl_primitive_desc_t forward) {
  dnnl_memory_desc_t d;
  dnnl_batch_normalization_desc_t what;
  dnnl_status_t rc = dnnl_memory_desc_init_by_tag(&d, l->rank, l->sizes, dnnl_f32, l->tag);
  const dnnl_prop_kind_t kind = job->kernel == RACER_FORWARD_INFER ? dnnl_forward_inference : dnnl_forward_training;
  if (rc == dnnl_success && forward == NULL)
    rc = dnnl_batch_normalization_forward_desc_init(&what, kind, &d, job->epsilon, flags_of(job));
  else if (rc == dnnl_success)
    rc = dnnl_batch_normalization_backward_desc_init(&what, dnnl_backward, &d, &d, job->epsilon, flags_of(job));
  return rc == dnnl_success ? dnnl_primitive_desc_create(pd, &what, NULL, engine, forward) : rc;
}
#endif

/* ---- the racer */

static dnnl_status_t add(racer *r, int role, const layout *l, float *data) {
  dnnl_exec_arg_t *arg = &r->args[r->n_args];
  arg->arg = role;
  const dnnl_status_t rc = new_memory(&arg->memory, l, r->engine, data);
  r->n_args += rc == dnnl_success;
  return rc;
}

static dnnl_status_t add_args(racer *r, const racer_job *job, const layout *data) {
  const layout row = {.rank = 1, .sizes = {job->channels}, .tag = dnnl_x};
  const bool backward = is_backward(job);
  const struct {
    int role;
    const layout *l;
    float *data;
  } wanted[] = {
      {DNNL_ARG_SRC, data, job->x},
      {DNNL_ARG_MEAN, &row, job->mean},
      {DNNL_ARG_VARIANCE, &row, job->variance},
      {DNNL_ARG_SCALE, &row, job->scale},
      {DNNL_ARG_SHIFT, &row, job->offset},
      {backward ? DNNL_ARG_DIFF_DST : DNNL_ARG_DST, data, backward ? job->dy : job->out},
      {DNNL_ARG_DIFF_SRC, data, job->out},
      {DNNL_ARG_DIFF_SCALE, &row, job->dscale},
      {DNNL_ARG_DIFF_SHIFT, &row, job->doffset},
  };
  const int n = backward ? MAX_ARGS : FORWARD_ARGS;
  dnnl_status_t rc = dnnl_success;
  for (int i = 0; i < n && rc == dnnl_success; i++) rc = add(r, wanted[i].role, wanted[i].l, wanted[i].data);
  return rc;
}

static dnnl_status_t prepare(racer *r, const racer_job *job) {
  static const dnnl_format_tag_t tags[] = {
      [RACER_NHWC] = dnnl_nhwc, [RACER_NCHW] = dnnl_nchw, [RACER_NCHW16C] = dnnl_nChw16c};
  const layout data = {.rank = 4, .sizes = {job->n, job->channels, job->height, job->width}, .tag = tags[job->layout]};
  dnnl_primitive_desc_t forward = NULL, backward = NULL;
  dnnl_status_t rc = dnnl_engine_create(&r->engine, dnnl_cpu, 0);
  if (rc == dnnl_success) rc = dnnl_stream_create(&r->stream, r->engine, dnnl_stream_default_flags);
  if (rc == dnnl_success) rc = new_description(&forward, job, &data, r->engine, NULL);
  if (rc == dnnl_success && is_backward(job)) rc = new_description(&backward, job, &data, r->engine, forward);
  if (rc == dnnl_success) rc = dnnl_primitive_create(&r->primitive, backward != NULL ? backward : forward);
  if (rc == dnnl_success) rc = add_args(r, job, &data);
  if (backward != NULL) (void)dnnl_primitive_desc_destroy(backward);
  if (forward != NULL) (void)dnnl_primitive_desc_destroy(forward);
  return rc;
}

racer *racer_new(const racer_job *job) { /* oneDNN takes as many threads as OpenMP: the worker's environment says */
  racer *r = calloc(1, sizeof *r);
  if (r == NULL || prepare(r, job) == dnnl_success) return r;
  racer_free(r);
  return NULL;
}

int racer_calls(const racer *r, int64_t calls) {
  dnnl_status_t rc = dnnl_success;
  for (int64_t i = 0; i < calls && rc == dnnl_success; i++) {
    rc = dnnl_primitive_execute(r->primitive, r->stream, r->n_args, r->args);
    if (rc == dnnl_success) rc = dnnl_stream_wait(r->stream);
  }
  return (int)rc;
}

void racer_free(racer *r) {
  if (r == NULL) return;
  for (int i = 0; i < r->n_args; i++) (void)dnnl_memory_destroy(r->args[i].memory);
  if (r->primitive != NULL) (void)dnnl_primitive_destroy(r->primitive);
  if (r->stream != NULL) (void)dnnl_stream_destroy(r->stream);
  if (r->engine != NULL) (void)dnnl_engine_destroy(r->engine);
  free(r);
}
