/* SPDX-License-Identifier: Apache-2.0 */
#include "ops/batch_norm.h"

#include <inttypes.h>
#include <string.h>

static bool channels_first(const ek__node *node) { return ek__attr_string(node, "data_format")[1] == 'C'; }

int ek__batch_norm_rank(const ek__node *node) { return (int)strlen(ek__attr_string(node, "data_format")); }

int ek__batch_norm_channel(const ek__node *node) { return channels_first(node) ? 1 : ek__batch_norm_rank(node) - 1; }

ek_code ek__batch_norm_infer(ek_infer_context *c, int x, const int *vectors, int n, ek_shape *shape,
                             int64_t *channels) {
  const int at = ek__batch_norm_channel(c->node);
  const int rank = ek__batch_norm_rank(c->node);
  EK_TRY(ek__infer_rank(c, x, rank));
  *shape = c->in[x].shape;
  if (shape->rank != rank) *shape = ek_shape_of((const int64_t[]){-1, -1, -1, -1, -1}, rank);
  *channels = shape->dim[at];
  for (int i = 0; i < n; i++) {
    EK_TRY(ek__infer_rank(c, vectors[i], 1));
    const ek_shape v = c->in[vectors[i]].shape;
    const int64_t size = v.rank == 1 ? v.dim[0] : -1;
    EK_INFER_REQUIRE(c, size < 0 || *channels < 0 || size == *channels,
                     "input %d has %" PRId64 " elements, there are %" PRId64 " channels", vectors[i], size, *channels);
    if (*channels < 0) *channels = size;
  }
  shape->dim[at] = *channels;
  return EK_OK;
}

static void fill_shape(const ek__node *node, ek_dtype dtype, ek_shape s, ek_kernels_batch_norm_shape *shape) {
  const bool first = channels_first(node);
  const ek_kernels_type type = dtype == EK_FLOAT16    ? EK_KERNELS_F16
                               : dtype == EK_BFLOAT16 ? EK_KERNELS_BF16
                                                      : EK_KERNELS_F32;
  const int channel = first ? 1 : s.rank - 1;
  int64_t others = 1;
  for (int i = 1; i < s.rank; i++)
    if (i != channel) others *= s.dim[i];
  *shape = (ek_kernels_batch_norm_shape){.type = type,
                                         .outer = first ? s.dim[0] : s.dim[0] * others,
                                         .channels = s.dim[channel],
                                         .inner = first ? others : 1};
}

ek_code ek__batch_norm_shape(ek_run_context *c, int x, ek_kernels_batch_norm_shape *shape) {
  char text[EK_SHAPE_TEXT];
  const int rank = ek__batch_norm_rank(c->node);
  EK_RUN_REQUIRE(c, c->in[x]->shape.rank == rank, "input must be %d-dimensional, not of shape %s", rank,
                 ek_shape_format(c->in[x]->shape, text, sizeof text));
  fill_shape(c->node, c->in[x]->dtype, c->in[x]->shape, shape);
  return EK_OK;
}

ek_code ek__batch_norm_vector(ek_run_context *c, int i, int64_t channels) {
  char text[EK_SHAPE_TEXT];
  const ek_value *v = c->in[i];
  EK_RUN_REQUIRE(c, v->shape.rank == 1 && v->shape.dim[0] == channels,
                 "input %d has shape %s, it must be [%" PRId64 "], one number a channel", i,
                 ek_shape_format(v->shape, text, sizeof text), channels);
  return EK_OK;
}

bool ek__batch_norm_planned(const ek_prepare_context *p, int x, ek_kernels_batch_norm_shape *shape) {
  const ek_value *v = p->in[x];
  if (v->shape.rank != ek__batch_norm_rank(p->node) || !ek_shape_is_known(v->shape)) return false;
  fill_shape(p->node, v->dtype, v->shape, shape);
  return true;
}

/* The state of a step whose scratch memory was planned is this address; it holds nothing. */
static char planned;

void ek__batch_norm_ask(ek_prepare_context *p, size_t bytes) {
  p->scratch_bytes = bytes;
  p->state = &planned;
}

ek_code ek__batch_norm_workspace_init(ek_run_context *c, size_t bytes, ek__batch_norm_workspace *w) {
  w->own = c->state != &planned;
  w->bytes = bytes;
  w->data = w->own ? ek__alloc(c->allocator, bytes) : c->scratch;
  return w->data != NULL || !w->own ? EK_OK : ek__no_memory(c->st, c->node->name, bytes);
}

void ek__batch_norm_workspace_fini(ek_run_context *c, ek__batch_norm_workspace *w) {
  if (w->own) ek__free(c->allocator, w->data, w->bytes);
}

ek_code ek__batch_norm_done(ek_run_context *c, ek_kernels_code code) {
  if (code == EK_KERNELS_OK) return EK_OK;
  return ek__run_fail(c, code == EK_KERNELS_NO_ISA ? EK_FAILED_PRECONDITION : EK_INTERNAL, "batch norm kernel: %s",
                      ek_kernels_code_name(code));
}
