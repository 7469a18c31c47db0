/* SPDX-License-Identifier: Apache-2.0 */
/* A convolution in pieces of the batch. What oneDNN wants in another layout than TensorFlow's (always the filter, with
 * channels first everything) is reordered: the filter once, the rest piece by piece. Pieces of a filter's gradient are
 * added in order. */
#include "ops/onednn.h"

#ifdef EK_ONEDNN

#include "kernels/elementwise.h"
#include "kernels/schedule.h"
#include "ops/choice.h"
#include "ops/onednn_api.h"

#include <omp.h>
#include <string.h>

enum { X, W, Y, OPERANDS };
enum { MAX_PIECES = 32, MAX_SUMS = 16, SUMS_BYTES = 4 << 20, PIECE_WORK = 1 << 22 }; /* multiplications: about 50 us */
enum { WHOLE, REST, VARIANTS };                                                      /* all pieces but the last; that */

typedef struct variant {
  ek__dnnl_layout own[OPERANDS]; /* the caller's */
  dnnl_primitive_desc_t pd;
  dnnl_primitive_t conv;
  dnnl_primitive_t reorder[OPERANDS]; /* between the caller's layout and oneDNN's; NULL: they are the same */
} variant;

/* What one thread needs to run any piece. */
typedef struct slot {
  dnnl_stream_t stream;
  dnnl_memory_t own[VARIANTS][OPERANDS], inner[VARIANTS][OPERANDS], scratchpad[VARIANTS];
} slot;

struct ek__onednn_conv {
  const ek_allocator *allocator;
  ek__conv_kind kind;
  ek__conv p;
  int64_t batch; /* of a piece; the last may have less */
  int n_pieces, n_slots;
  dnnl_engine_t engine;
  variant variant[VARIANTS];
  slot *slots;
  size_t filter_bytes, bytes[OPERANDS], scratchpad_bytes; /* in oneDNN's layout; 0: not needed */
  int n_filters;                                          /* copies of the filter in scratch memory */
  ek__choice choice;
};

static int output_of(ek__conv_kind kind) { return kind == EK__CONV_FORWARD ? Y : kind == EK__CONV_INPUT ? X : W; }

/* From the shape alone: pieces of nearly the same size, few enough that calling oneDNN for each costs little. */
static int64_t batch_of_a_piece(ek__conv_kind kind, const ek__conv *p) {
  const double work = ek__conv_work(p) / PIECE_WORK;
  int64_t most = MAX_PIECES;
  if (kind == EK__CONV_FILTER) {
    const int64_t bytes = ek__conv_window_elements(p) * ek__conv_in_of_group(p) * p->out_channels * 4;
    most = ek__min_i64(MAX_SUMS, ek__max_i64(2, SUMS_BYTES / bytes));
  }
  const int64_t pieces = work < (double)most ? ek__max_i64(1, (int64_t)work) : most;
  return ek__chunk_count(p->window.batch, pieces);
}

/* ---- Making it */

static dnnl_status_t data_layout(ek__dnnl_layout *l, const ek__conv *p, int64_t batch, bool out) {
  const ek__window *w = &p->window;
  const int64_t channels = out ? p->out_channels : p->in_channels;
  const ek__window_steps s = ek__window_steps_of(w, out, channels);
  dnnl_dims_t dims = {batch, channels}, steps = {s.batch, s.channel};
  for (int i = 0; i < w->spatial; i++) {
    const int axis = EK_WINDOW_AXES - w->spatial + i;
    dims[2 + i] = out ? w->axis[axis].out : w->axis[axis].in;
    steps[2 + i] = s.axis[axis];
  }
  return ek__dnnl_layout_new(l, w->spatial + 2, dims, steps);
}

/* [groups,] out, in, window */
static dnnl_status_t filter_layout(ek__dnnl_layout *l, const ek__conv *p, bool any) {
  const ek__window *w = &p->window;
  const int64_t in = ek__conv_in_of_group(p), out = ek__conv_out_of_group(p);
  dnnl_dims_t dims = {0}, steps = {0};
  int n = 0;
  if (p->groups > 1) {
    dims[n] = p->groups;
    steps[n++] = out;
  }
  dims[n] = out;
  steps[n++] = 1;
  dims[n] = in;
  steps[n++] = p->out_channels;
  int64_t step = in * p->out_channels;
  for (int i = w->spatial - 1; i >= 0; i--) {
    const ek__window_axis *a = &w->axis[EK_WINDOW_AXES - w->spatial + i];
    dims[n + i] = a->size;
    steps[n + i] = step;
    step *= a->size;
  }
  return ek__dnnl_layout_new(l, n + w->spatial, dims, any ? NULL : steps);
}

static dnnl_status_t descriptor(ek__onednn_conv *m, variant *v, int64_t batch, dnnl_primitive_attr_t attr) {
  static const dnnl_prop_kind_t kinds[] = {[EK__CONV_FORWARD] = dnnl_forward_inference,
                                           [EK__CONV_INPUT] = dnnl_backward_data,
                                           [EK__CONV_FILTER] = dnnl_backward_weights};
  const ek__window *w = &m->p.window;
  ek__dnnl_layout any[OPERANDS] = {0};
  dnnl_dims_t dims[2] = {{batch, m->p.in_channels}, {batch, m->p.out_channels}};
  ek__dnnl_conv c = {.kind = kinds[m->kind]};
  dnnl_status_t rc = data_layout(&v->own[X], &m->p, batch, false);
  if (rc == dnnl_success) rc = data_layout(&v->own[Y], &m->p, batch, true);
  if (rc == dnnl_success) rc = filter_layout(&v->own[W], &m->p, false);
  for (int i = 0; i < w->spatial; i++) {
    const ek__window_axis *a = &w->axis[EK_WINDOW_AXES - w->spatial + i];
    const int64_t behind = (a->out - 1) * a->stride + (a->size - 1) * a->dilation + 1 - a->before - a->in;
    dims[0][2 + i] = a->in;
    dims[1][2 + i] = a->out;
    c.strides[i] = a->stride;
    c.dilates[i] = a->dilation - 1;
    c.before[i] = a->before;
    c.after[i] = ek__max_i64(behind, 0);
  }
  if (rc == dnnl_success) rc = filter_layout(&any[W], &m->p, true);
  c.l[W] = &any[W];
  for (int i = X; i <= Y && rc == dnnl_success; i += Y - X) {
    if (w->channels_first) rc = ek__dnnl_layout_new(&any[i], w->spatial + 2, dims[i == Y], NULL);
    c.l[i] = w->channels_first ? &any[i] : &v->own[i];
  }
  if (rc == dnnl_success) rc = ek__dnnl_conv_new(&v->pd, &c, attr, m->engine);
  for (int i = 0; i < OPERANDS; i++) ek__dnnl_layout_free(&any[i]);
  return rc;
}

/* What the primitive wants for an operand. */
static ek__dnnl_view wanted(const ek__onednn_conv *m, const variant *v, int operand) {
  static const dnnl_query_t given[] = {dnnl_query_src_md, dnnl_query_weights_md, dnnl_query_dst_md};
  static const dnnl_query_t diff[] = {dnnl_query_diff_src_md, dnnl_query_diff_weights_md, dnnl_query_diff_dst_md};
  const bool is_diff = m->kind != EK__CONV_FORWARD && (operand == output_of(m->kind) || operand == Y);
  return ek__dnnl_wants(v->pd, is_diff ? diff[operand] : given[operand]);
}

static dnnl_status_t make_variant(ek__onednn_conv *m, int which, int64_t batch, dnnl_primitive_attr_t attr) {
  variant *v = &m->variant[which];
  dnnl_status_t rc = descriptor(m, v, batch, attr);
  if (rc == dnnl_success) rc = dnnl_primitive_create(&v->conv, v->pd);
  for (int i = 0; i < OPERANDS && rc == dnnl_success; i++) {
    const ek__dnnl_view own = ek__dnnl_view_of(&v->own[i]), inner = wanted(m, v, i);
    if (ek__dnnl_same(own, inner)) continue;
    const bool out = i == output_of(m->kind);
    rc = ek__dnnl_reorder_new(&v->reorder[i], out ? inner : own, out ? own : inner, m->engine);
    if (i != W && ek__dnnl_bytes(inner) > m->bytes[i]) m->bytes[i] = ek__dnnl_bytes(inner);
  }
  if (rc != dnnl_success) return rc;
  const size_t bytes = ek__dnnl_bytes(ek__dnnl_wants(v->pd, dnnl_query_scratchpad_md));
  if (bytes > m->scratchpad_bytes) m->scratchpad_bytes = bytes;
  m->filter_bytes = ek__dnnl_bytes(wanted(m, v, W));
  return dnnl_success;
}

static dnnl_status_t make_slot(ek__onednn_conv *m, slot *s, int first) {
  dnnl_status_t rc = dnnl_stream_create(&s->stream, m->engine, dnnl_stream_default_flags);
  for (int which = first; which < VARIANTS && rc == dnnl_success; which++) {
    const variant *v = &m->variant[which];
    for (int i = 0; i < OPERANDS && rc == dnnl_success; i++) {
      rc = ek__dnnl_memory_new(&s->own[which][i], ek__dnnl_view_of(&v->own[i]), m->engine);
      if (rc == dnnl_success) rc = ek__dnnl_memory_new(&s->inner[which][i], wanted(m, v, i), m->engine);
    }
    if (rc == dnnl_success)
      rc = ek__dnnl_memory_new(&s->scratchpad[which], ek__dnnl_wants(v->pd, dnnl_query_scratchpad_md), m->engine);
  }
  return rc;
}

static void free_memory(dnnl_memory_t m) {
  if (m != NULL) (void)dnnl_memory_destroy(m);
}

void ek__onednn_conv_free(ek__onednn_conv *m) {
  if (m == NULL) return;
  for (int k = 0; m->slots != NULL && k < m->n_slots; k++) {
    slot *s = &m->slots[k];
    for (int which = 0; which < VARIANTS; which++) {
      for (int i = 0; i < OPERANDS; i++) {
        free_memory(s->own[which][i]);
        free_memory(s->inner[which][i]);
      }
      free_memory(s->scratchpad[which]);
    }
    if (s->stream != NULL) (void)dnnl_stream_destroy(s->stream);
  }
  ek__free(m->allocator, m->slots, (size_t)m->n_slots * sizeof *m->slots);
  for (int which = 0; which < VARIANTS; which++) {
    variant *v = &m->variant[which];
    for (int i = 0; i < OPERANDS; i++) {
      if (v->reorder[i] != NULL) (void)dnnl_primitive_destroy(v->reorder[i]);
      ek__dnnl_layout_free(&v->own[i]);
    }
    if (v->conv != NULL) (void)dnnl_primitive_destroy(v->conv);
    if (v->pd != NULL) (void)dnnl_primitive_desc_destroy(v->pd);
  }
  if (m->engine != NULL) (void)dnnl_engine_destroy(m->engine);
  ek__free(m->allocator, m, sizeof *m);
}

/* Engine, primitives and memory objects, for pieces of m->batch. */
static dnnl_status_t make(ek__onednn_conv *m) {
  const int first = m->n_pieces > 1 ? WHOLE : REST;
  const int64_t rest = m->p.window.batch - (m->n_pieces - 1) * m->batch;
  dnnl_primitive_attr_t attr = NULL;
  dnnl_status_t rc = dnnl_engine_create(&m->engine, dnnl_cpu, 0);
  if (rc == dnnl_success) rc = dnnl_primitive_attr_create(&attr);
  if (rc == dnnl_success) rc = dnnl_primitive_attr_set_scratchpad_mode(attr, dnnl_scratchpad_mode_user);
  if (rc == dnnl_success && first == WHOLE) rc = make_variant(m, WHOLE, m->batch, attr);
  if (rc == dnnl_success) rc = make_variant(m, REST, rest, attr);
  if (rc == dnnl_success && first == WHOLE &&
      !ek__dnnl_same(wanted(m, &m->variant[WHOLE], W), wanted(m, &m->variant[REST], W)))
    rc = dnnl_unimplemented; /* the pieces have to share the filter */
  for (int k = 0; k < m->n_slots && rc == dnnl_success; k++) rc = make_slot(m, &m->slots[k], first);
  if (attr != NULL) (void)dnnl_primitive_attr_destroy(attr);
  return rc;
}

static ek_code make_with(ek__conv_kind kind, const ek__conv *p, int64_t batch, int threads, const ek_allocator *a,
                         ek__onednn_conv **out, ek_status *st) {
  ek__onednn_conv *m = ek__alloc(a, sizeof *m);
  if (m == NULL) return ek__no_memory(st, "a convolution", sizeof *m);
  m->allocator = a;
  m->kind = kind;
  m->p = *p;
  m->batch = batch;
  m->n_pieces = (int)ek__chunk_count(p->window.batch, batch);
  m->n_slots = m->n_pieces > 1 && threads > 1 ? threads : 1;
  m->slots = ek__alloc(a, (size_t)m->n_slots * sizeof *m->slots);
  const int before = omp_get_max_threads();
  omp_set_num_threads(1); /* primitives made for one thread */
  const dnnl_status_t rc = m->slots != NULL ? make(m) : dnnl_out_of_memory;
  omp_set_num_threads(before);
  if (rc != dnnl_success) {
    ek__onednn_conv_free(m);
    return ek_status_set(st, rc == dnnl_out_of_memory ? EK_RESOURCE_EXHAUSTED : EK_UNIMPLEMENTED,
                         "oneDNN: convolution: status %d", (int)rc);
  }
  *out = m;
  return EK_OK;
}

ek_code ek__onednn_conv_new(ek__conv_kind kind, const ek__conv *p, int threads, const ek_allocator *a,
                            ek__onednn_conv **out, size_t *scratch_bytes, ek_status *st) {
  const int64_t batch = batch_of_a_piece(kind, p);
  *out = NULL;
  ek_code rc = make_with(kind, p, batch, threads, a, out, st);
  if (rc == EK_UNIMPLEMENTED && p->window.batch % batch != 0) { /* the last piece was different: one piece then */
    ek_status_clear(st);
    rc = make_with(kind, p, p->window.batch, threads, a, out, st);
  }
  EK_TRY(rc);
  ek__onednn_conv *m = *out;
  const bool reordered = m->variant[REST].reorder[W] != NULL;
  m->n_filters = kind != EK__CONV_FILTER ? reordered : m->n_pieces > 1 ? m->n_pieces : reordered;
  *scratch_bytes =
      (size_t)m->n_filters * m->filter_bytes + (size_t)m->n_slots * (m->bytes[X] + m->bytes[Y] + m->scratchpad_bytes);
  return EK_OK;
}

/* ---- Running it */

typedef struct run {
  ek__onednn_conv *m;
  const char *in[OPERANDS]; /* the caller's; the output is out */
  char *out;
  char *scratch;
  bool parallel;
  dnnl_status_t status[MAX_PIECES];
} run;

static dnnl_status_t set(dnnl_memory_t memory, const void *data) {
  union {
    const void *in;
    void *out;
  } handle = {.in = data};
  return dnnl_memory_set_data_handle(memory, handle.out);
}

static dnnl_status_t reorder(dnnl_primitive_t p, dnnl_memory_t from, dnnl_memory_t to, dnnl_stream_t stream) {
  const dnnl_exec_arg_t args[] = {{DNNL_ARG_FROM, from}, {DNNL_ARG_TO, to}};
  const dnnl_status_t rc = dnnl_primitive_execute(p, stream, 2, args);
  return rc == dnnl_success ? dnnl_stream_wait(stream) : rc;
}

/* The filter of piece i, or of all. */
static char *filter_at(const run *r, int64_t i) { return r->scratch + (size_t)i * r->m->filter_bytes; }

static dnnl_status_t piece(run *r, int64_t index, int thread) {
  static const int args_of[3][OPERANDS] = {
      [EK__CONV_FORWARD] = {DNNL_ARG_SRC, DNNL_ARG_WEIGHTS, DNNL_ARG_DST},
      [EK__CONV_INPUT] = {DNNL_ARG_DIFF_SRC, DNNL_ARG_WEIGHTS, DNNL_ARG_DIFF_DST},
      [EK__CONV_FILTER] = {DNNL_ARG_SRC, DNNL_ARG_DIFF_WEIGHTS, DNNL_ARG_DIFF_DST}};
  ek__onednn_conv *m = r->m;
  const int which = index == m->n_pieces - 1 ? REST : WHOLE, out = output_of(m->kind);
  const variant *v = &m->variant[which];
  const slot *s = &m->slots[thread];
  char *own_scratch = r->scratch + (size_t)m->n_filters * m->filter_bytes +
                      (size_t)thread * (m->bytes[X] + m->bytes[Y] + m->scratchpad_bytes);
  char *const inner[OPERANDS] = {own_scratch,
                                 m->n_filters > 0 ? filter_at(r, m->kind == EK__CONV_FILTER ? index : 0) : NULL,
                                 own_scratch + m->bytes[X]};
  dnnl_exec_arg_t args[OPERANDS + 1];
  dnnl_status_t rc = dnnl_success;
  for (int i = 0; i < OPERANDS && rc == dnnl_success; i++) {
    const ek__window_steps steps =
        ek__window_steps_of(&m->p.window, i == Y, i == Y ? m->p.out_channels : m->p.in_channels);
    const int64_t offset = i == W ? 0 : index * m->batch * steps.batch * (int64_t)sizeof(float);
    const char *data = (i == out ? r->out : r->in[i]) + offset;
    const bool elsewhere = i == W ? m->n_filters > 0 : v->reorder[i] != NULL;
    args[i] = (dnnl_exec_arg_t){args_of[m->kind][i], s->inner[which][i]};
    rc = set(s->inner[which][i], elsewhere ? inner[i] : data);
    if (i == W || !elsewhere || rc != dnnl_success) continue;
    rc = set(s->own[which][i], data);
    if (rc == dnnl_success && i != out) rc = reorder(v->reorder[i], s->own[which][i], s->inner[which][i], s->stream);
  }
  args[OPERANDS] = (dnnl_exec_arg_t){DNNL_ARG_SCRATCHPAD, s->scratchpad[which]};
  if (rc == dnnl_success) rc = set(s->scratchpad[which], own_scratch + m->bytes[X] + m->bytes[Y]);
  if (rc == dnnl_success) rc = dnnl_primitive_execute(v->conv, s->stream, OPERANDS + 1, args);
  if (rc == dnnl_success) rc = dnnl_stream_wait(s->stream);
  if (rc == dnnl_success && out != W && v->reorder[out] != NULL)
    rc = reorder(v->reorder[out], s->inner[which][out], s->own[which][out], s->stream);
  return rc;
}

static void run_piece(void *context, int64_t index) {
  run *r = context;
  r->status[index] = piece(r, index, r->parallel ? omp_get_thread_num() : 0);
}

/* Between the caller's filter and the one in scratch memory. */
static dnnl_status_t reorder_filter(run *r) {
  ek__onednn_conv *m = r->m;
  slot *s = &m->slots[0];
  const bool out = m->kind == EK__CONV_FILTER;
  dnnl_memory_t own = s->own[REST][W], inner = s->inner[REST][W];
  dnnl_status_t rc = set(own, out ? r->out : r->in[W]);
  if (rc == dnnl_success) rc = set(inner, filter_at(r, 0));
  return rc == dnnl_success ? reorder(m->variant[REST].reorder[W], out ? inner : own, out ? own : inner, s->stream)
                            : rc;
}

/* The sum of all pieces' filters, in order. */
static dnnl_status_t add_filters(run *r, int threads) {
  ek__onednn_conv *m = r->m;
  const bool reordered = m->variant[REST].reorder[W] != NULL;
  const int64_t n = (int64_t)(m->filter_bytes / sizeof(float));
  const ek_kernels *k = NULL;
  char *sum = filter_at(r, 0);
  if (ek_kernels_get(NULL, &k) != EK_KERNELS_OK) return dnnl_runtime_error; /* EK_ISA names what is not here */
  for (int i = 1; i < m->n_pieces; i++)
    ek__binary(k, EK_KERNELS_F32, threads, EK__ADD, 1, n, ek__full(sum, n), ek__full(filter_at(r, i), n), sum);
  if (reordered) return reorder_filter(r);
  memcpy(r->out, sum, dnnl_memory_desc_get_size(wanted(m, &m->variant[REST], W)));
  return dnnl_success;
}

ek_code ek__onednn_conv_run(ek__onednn_conv *m, int threads, const void *a, const void *b, void *out, void *scratch,
                            ek_status *st) {
  const int before = omp_get_max_threads();
  const bool possible = threads > 1 && m->n_slots > 1;
  const int first = m->kind == EK__CONV_INPUT ? W : X, second = m->kind == EK__CONV_FORWARD ? W : Y;
  int64_t start_ns = 0;
  run r = {.m = m, .out = out, .scratch = scratch};
  dnnl_status_t rc = dnnl_success;
  r.in[first] = a;
  r.in[second] = b;
  r.parallel = possible && ek__choice_begin(&m->choice, &start_ns);
  omp_set_num_threads(1); /* oneDNN takes what OpenMP offers, where it is not inside a parallel region already */
  if (m->kind != EK__CONV_FILTER && m->n_filters > 0) rc = reorder_filter(&r);
  if (rc == dnnl_success) ek__for_chunks(r.parallel ? threads : 1, m->n_pieces, run_piece, &r);
  for (int i = 0; i < m->n_pieces && rc == dnnl_success; i++) rc = r.status[i];
  if (rc == dnnl_success && m->kind == EK__CONV_FILTER && m->n_filters > 0)
    rc = add_filters(&r, r.parallel ? threads : 1);
  omp_set_num_threads(before);
  if (possible) ek__choice_end(&m->choice, r.parallel, start_ns);
  EK_REQUIRE(rc == dnnl_success, st, EK_INTERNAL, "oneDNN: convolution: status %d", (int)rc);
  return EK_OK;
}

#else

ek_code ek__onednn_conv_new(ek__conv_kind kind, const ek__conv *p, int threads, const ek_allocator *a,
                            ek__onednn_conv **out, size_t *scratch_bytes, ek_status *st) {
  (void)kind, (void)p, (void)threads, (void)a, (void)scratch_bytes;
  *out = NULL;
  return ek_status_set(st, EK_UNIMPLEMENTED, "built without oneDNN");
}

void ek__onednn_conv_free(ek__onednn_conv *m) { (void)m; }

ek_code ek__onednn_conv_run(ek__onednn_conv *m, int threads, const void *a, const void *b, void *out, void *scratch,
                            ek_status *st) {
  (void)m, (void)threads, (void)a, (void)b, (void)out, (void)scratch;
  return ek_status_set(st, EK_UNIMPLEMENTED, "built without oneDNN");
}

#endif
