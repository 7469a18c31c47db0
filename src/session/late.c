/* SPDX-License-Identifier: Apache-2.0 */
/* Steps some of whose shapes are known only while running. Their memory comes from buffers that the session keeps, and
 * what they prepared is kept as long as the shapes stay, so that a loop over such steps allocates nothing either. */
#include "session/session.h"

#include "plan/ir.h"

#include <string.h>

/* ---- memory that is asked for while running, and what else ops ask for */

/* The smallest buffer that is free and large enough, or a new one; NULL when memory is out. */
static ek__late_buffer *take_buffer(ek_session *s, size_t bytes, ek_dtype dtype) {
  int best = -1;
  ek_status ignored = EK_STATUS_INIT;
  for (int i = 0; i < s->n_late; i++)
    if (!s->late[i].in_use && s->late[i].bytes >= bytes && (best < 0 || s->late[i].bytes < s->late[best].bytes))
      best = i;
  if (best < 0) {
    if (ek__grow(s->allocator, &s->late, &s->cap_late, s->n_late + 1, sizeof *s->late, &ignored) != EK_OK) return NULL;
    const size_t size = bytes < 64 ? 64 : bytes;
    void *data = ek__alloc(s->allocator, size);
    if (data == NULL) return NULL;
    best = s->n_late++;
    s->late[best] = (ek__late_buffer){.data = data, .bytes = size};
  }
  ek__late_buffer *b = &s->late[best];
  b->in_use = true;
  b->level = s->level;
  s->late_taken++;
  b->dtype = dtype;
  if (dtype == EK_STRING) memset(b->data, 0, b->bytes);
  return b;
}

static void *late_output(void *run, ek_value *out, size_t bytes) {
  const ek__late_buffer *b = take_buffer(run, bytes, out->dtype);
  return b != NULL ? b->data : NULL;
}

static bool is_cancelled(void *run) {
  return atomic_load_explicit(&((ek_session *)run)->cancelled, memory_order_relaxed);
}

static void retire(void *run, ek_tensor *old) {
  ek_session *s = run;
  old->next = s->retired;
  s->retired = old;
}

const ek_run_services ek__session_services = {.output = late_output,
                                              .cancelled = is_cancelled,
                                              .retire = retire,
                                              .new_container = ek__containers_new,
                                              .container = ek__containers_get};

static void release(ek__late_buffer *b) {
  if (b->in_use && b->dtype == EK_STRING) {
    for (size_t k = 0; k < b->bytes / sizeof(ek__bytes *); k++) ek__bytes_free(((ek__bytes **)b->data)[k]);
    memset(b->data, 0, b->bytes);
  }
  b->in_use = false;
}

void ek__late_release_level(ek_session *s) {
  if (s->late_taken == 0) return;
  for (int i = 0; i < s->n_late; i++)
    if (s->late[i].level >= s->level) release(&s->late[i]);
  s->late_taken = 0;
}

void ek__late_release_one(ek_session *s, const void *data) {
  for (int i = 0; data != NULL && i < s->n_late; i++)
    if (s->late[i].in_use && s->late[i].data == data) release(&s->late[i]);
}

void ek__late_release(ek_session *s) {
  for (int i = 0; i < s->n_late; i++) release(&s->late[i]);
  s->level = s->late_taken = 0;
  ek__containers_release(s);
  while (s->retired != NULL) {
    ek_tensor *old = s->retired;
    s->retired = old->next;
    ek_tensor_free(old);
  }
}

/* ---- steps */

/* What planning said of an output, from a file's claims perhaps, against what has come of it. */
static ek_code check_planned(const ek_run_context *c, int i, ek_shape planned, ek_shape found) {
  char have[EK_SHAPE_TEXT], want[EK_SHAPE_TEXT];
  EK_REQUIRE(ek_shape_compatible(planned, found), c->st, EK_INVALID_ARGUMENT,
             "%s '%s': output %d has shape %s, the graph says %s", c->node->type, c->node->name, i,
             ek_shape_format(found, have, sizeof have), ek_shape_format(planned, want, sizeof want));
  return EK_OK;
}

ek_code ek__run_alias(ek__step *step) {
  ek_run_context *c = &step->c;
  for (int i = 0; i < c->n_out; i++) c->out[i]->data = c->in[0]->data;
  if (step->late == NULL) return EK_OK;
  const ek_shape planned = step->dynamic ? ek_shape_unknown() : c->out[0]->shape;
  if ((c->node->def->flags & EK_OP_ALIAS) != 0 && c->node->def->run != NULL) { /* Reshape and its like find it out */
    c->out[0]->shape = ek_shape_unknown();
    EK_TRY(c->node->def->run(c));
  } else {
    for (int i = 0; i < c->n_out; i++) c->out[i]->shape = c->in[0]->shape, c->out[i]->n = c->in[0]->n;
  }
  return check_planned(c, 0, planned, c->out[0]->shape);
}

static bool same_shapes(const ek__step *step) {
  const ek_run_context *c = &step->c;
  const ek_shape *prepared = step->late->prepared;
  for (int i = 0; i < c->n_in; i++)
    if (!ek_shape_equal(prepared[i], c->in[i]->shape)) return false;
  for (int i = 0; i < c->n_out; i++)
    if (!ek_shape_equal(prepared[c->n_in + i], c->out[i]->shape)) return false;
  return true;
}

static ek_code prepare(ek__step *step) {
  ek_run_context *c = &step->c;
  ek__late *l = step->late;
  if (l->is_prepared && same_shapes(step)) return EK_OK;
  if (c->state != NULL && step->release != NULL) step->release(c->state);
  c->state = NULL;
  ek_prepare_context p = {.node = c->node,
                          .in = (const ek_value *const *)c->in,
                          .out = (const ek_value *const *)c->out,
                          .n_in = c->n_in,
                          .n_out = c->n_out,
                          .threads = c->threads,
                          .allocator = c->allocator,
                          .st = c->st};
  const ek_code rc = c->node->def->prepare(&p);
  c->state = p.state;
  l->scratch_bytes = p.scratch_bytes;
  l->is_prepared = rc == EK_OK;
  for (int i = 0; i < c->n_in; i++) l->prepared[i] = c->in[i]->shape;
  for (int i = 0; i < c->n_out; i++) l->prepared[c->n_in + i] = c->out[i]->shape;
  return rc;
}

/* The outputs' shapes and memory; where they were planned, the inputs that have come now must make them so. */
static ek_code shape_outputs(const ek_session *s, ek__step *step) {
  const ek__type *found = step->late->out;
  ek_run_context *c = &step->c;
  EK_TRY(ek__infer_late(s->graph, step));
  for (int i = 0; i < c->n_out; i++) {
    if (!step->dynamic) {
      EK_TRY(check_planned(c, i, c->out[i]->shape, found[i].shape));
      continue;
    }
    c->out[i]->shape = found[i].shape;
    c->out[i]->n = ek_shape_num_elements(found[i].shape);
    c->out[i]->data = NULL;
    if (c->out[i]->n >= 0) EK_TRY(ek__run_output(c, i, c->out[i]->shape));
  }
  return EK_OK;
}

ek_code ek__run_late(ek_session *s, ek__step *step) {
  ek_run_context *c = &step->c;
  EK_TRY(shape_outputs(s, step));
  if (c->node->def->prepare == NULL) return step->run(c);
  EK_TRY(prepare(step));
  if (step->late->scratch_bytes == 0) return step->run(c);
  ek__late_buffer *b = take_buffer(s, step->late->scratch_bytes, EK_UINT8);
  if (b == NULL) return ek__no_memory(c->st, c->node->name, step->late->scratch_bytes);
  const ptrdiff_t at = b - s->late; /* the buffers may move when the op asks for one */
  c->scratch = b->data;
  const ek_code rc = step->run(c);
  s->late[at].in_use = false;
  return rc;
}
