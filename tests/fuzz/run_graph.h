/* SPDX-License-Identifier: Apache-2.0 */
/* Runs a hostile graph in every way that a user could: each node alone, then several together, planned with all passes
 * and without those that keep every bit, which must agree; fusing, which rounds otherwise, is in both. Memory is
 * bounded: what the library takes through its allocator is counted, and refused beyond FUZZ_MEMORY. */
#ifndef EK_TESTS_FUZZ_RUN_GRAPH_H
#define EK_TESTS_FUZZ_RUN_GRAPH_H

#include "check.h"
#include "evenkeel/evenkeel.h"

#include <math.h>
#include <string.h>

enum { FUZZ_STEPS = 4096, FUZZ_MEMORY = 32 << 20, FUZZ_RUNS = 48, FUZZ_FEEDS = 8, FUZZ_TOGETHER = 8 };

static size_t fuzz_memory_used;

static void *fuzz_alloc(void *ctx, size_t size, size_t align) {
  const ek_allocator *a = ctx;
  if (size > FUZZ_MEMORY - fuzz_memory_used) return NULL;
  void *p = a->alloc(a->ctx, size, align);
  if (p != NULL) fuzz_memory_used += size;
  return p;
}

static void fuzz_free(void *ctx, void *p, size_t size) {
  const ek_allocator *a = ctx;
  FUZZ_CHECK(size <= fuzz_memory_used);
  fuzz_memory_used -= size;
  a->free(a->ctx, p, size);
}

static inline const ek_allocator *fuzz_allocator(void) {
  static ek_allocator bounded = {fuzz_alloc, fuzz_free, NULL};
  bounded.ctx = (void *)(uintptr_t)ek_allocator_default();
  return &bounded;
}

static inline ek_graph *fuzz_graph(void) {
  ek_graph_opts opts = EK_GRAPH_OPTS_INIT;
  opts.allocator = fuzz_allocator();
  ek_graph *g = ek_graph_new(&opts);
  FUZZ_CHECK(g != NULL);
  return g;
}

/* Files are none of this target's business, least of all those that a hostile graph names. */
static inline bool fuzz_touches_files(const char *type) {
  return strcmp(type, "SaveV2") == 0 || strcmp(type, "RestoreV2") == 0 || strcmp(type, "MergeV2Checkpoints") == 0;
}

/* Its seed may be any. */
static inline bool fuzz_is_random(const char *type) {
  return strncmp(type, "Random", strlen("Random")) == 0 || strcmp(type, "TruncatedNormal") == 0 ||
         strcmp(type, "Multinomial") == 0;
}

static inline bool fuzz_any(ek_graph *g, bool (*is)(const char *type)) {
  for (int i = 0; i < ek_graph_num_ops(g); i++)
    if (is(ek_op_type(g, ek_graph_op(g, i)))) return true;
  return false;
}

static inline int fuzz_feeds(ek_graph *g, ek_feed *feeds) {
  int n = 0;
  for (int i = 0; i < ek_graph_num_ops(g) && n < FUZZ_FEEDS; i++) {
    const ek_op op = ek_graph_op(g, i);
    if (strcmp(ek_op_type(g, op), "Placeholder") != 0 || ek_op_num_outputs(g, op) != 1) continue;
    const ek_out out = ek_op_output(op, 0);
    ek_shape shape = ek_out_shape(g, out);
    if (shape.rank < 0) shape = ek_shape(2);
    for (int k = 0; k < shape.rank; k++)
      if (shape.dim[k] < 0) shape.dim[k] = 2;
    ek_tensor *value = ek_tensor_new(ek_out_dtype(g, out), shape, fuzz_allocator(), NULL);
    if (value != NULL) feeds[n++] = EK_FEED(out, value);
  }
  return n;
}

/* The same elements; any NaN is as good as another. */
static inline bool fuzz_same(const ek_tensor *a, const ek_tensor *b) {
  const ek_dtype dtype = ek_tensor_dtype(a);
  if (dtype != ek_tensor_dtype(b) || !ek_shape_equal(ek_tensor_shape(a), ek_tensor_shape(b))) return false;
  const int64_t n = ek_shape_num_elements(ek_tensor_shape(a));
  const size_t size = ek_dtype_size(dtype);
  for (int64_t i = 0; i < n; i++) {
    if (dtype == EK_STRING) continue; /* pointers */
    const char *x = (const char *)ek_tensor_data(a) + (size_t)i * size;
    const char *y = (const char *)ek_tensor_data(b) + (size_t)i * size;
    if (memcmp(x, y, size) == 0) continue;
    if (!ek_dtype_is_floating(dtype) || !isnan(ek_tensor_number(a, i)) || !isnan(ek_tensor_number(b, i))) return false;
  }
  return true;
}

/* What a run gave: its code, and the fetched tensors if that is EK_OK. */
typedef struct fuzz_result {
  ek_code code;
  ek_tensor *at[FUZZ_TOGETHER];
} fuzz_result;

/* A loop may have no end. */
static inline bool fuzz_go_on(void *ctx, const ek_node_stats *step) {
  (void)step;
  return ++*(int *)ctx < FUZZ_STEPS;
}

static inline fuzz_result fuzz_fetch(ek_session *s, const ek_feed *feeds, int n_feeds, const ek_fetch *fetches, int n) {
  fuzz_result r = {0};
  ek_status st = EK_STATUS_INIT;
  int steps = 0;
  const ek_run_options o = {.version = 1u, .on_step = fuzz_go_on, .on_step_ctx = &steps};
  r.code = ek_session_run(s, feeds, n_feeds, fetches, n, r.at, NULL, 0, &o, &st);
  FUZZ_CHECK(r.code == st.code && strchr(st.msg, '\n') == NULL && (r.code == EK_OK) == (*st.msg == '\0'));
  for (int i = 0; i < n; i++) FUZZ_CHECK((r.at[i] != NULL) == (r.code == EK_OK));
  return r;
}

static inline void fuzz_compare(ek_session *const s[2], bool random, const ek_feed *feeds, int n_feeds,
                                const ek_fetch *fetches, int n) {
  fuzz_result a = fuzz_fetch(s[0], feeds, n_feeds, fetches, n), b = fuzz_fetch(s[1], feeds, n_feeds, fetches, n);
  for (int i = 0; i < n; i++) {
    if (!random && a.code == EK_OK && b.code == EK_OK && !fuzz_same(a.at[i], b.at[i])) {
      (void)fprintf(stderr, "op %d: not the same without passes\n", (int)fetches[i].out.op);
      abort();
    }
    ek_tensor_free(a.at[i]);
    ek_tensor_free(b.at[i]);
  }
}

static inline void fuzz_sessions(ek_graph *g, ek_session *const s[2]) {
  ek_feed feeds[FUZZ_FEEDS];
  ek_fetch last[FUZZ_TOGETHER];
  int n_last = 0;
  const bool random = fuzz_any(g, fuzz_is_random);
  const int n_feeds = fuzz_feeds(g, feeds), n = ek_graph_num_ops(g);
  for (int i = n > FUZZ_RUNS ? n - FUZZ_RUNS : 0; i < n; i++) {
    const ek_op op = ek_graph_op(g, i);
    if (ek_op_num_outputs(g, op) > 0) {
      const ek_fetch fetch = EK_FETCH(ek_op_output(op, 0));
      fuzz_compare(s, random, feeds, n_feeds, &fetch, 1);
      if (n - i <= FUZZ_TOGETHER) last[n_last++] = fetch;
    } else {
      for (int k = 0; k < 2; k++) {
        int steps = 0;
        const ek_run_options o = {.version = 1u, .on_step = fuzz_go_on, .on_step_ctx = &steps};
        (void)ek_session_run(s[k], feeds, n_feeds, NULL, 0, NULL, &op, 1, &o, NULL);
      }
    }
  }
  for (int again = 0; again < 2; again++) fuzz_compare(s, random, feeds, n_feeds, last, n_last);
  for (int i = 0; i < n_feeds; i++) ek_tensor_free(feeds[i].value);
}

/* With EK_FUZZ_SHOW: the graph, before it is run. */
static inline void fuzz_show(ek_graph *g) {
  for (int i = 0; getenv("EK_FUZZ_SHOW") != NULL && i < ek_graph_num_ops(g); i++) {
    const ek_op op = ek_graph_op(g, i);
    char shape[EK_SHAPE_TEXT];
    (void)fprintf(stderr, "%s %s(", ek_op_name(g, op), ek_op_type(g, op));
    for (int k = 0; k < ek_op_num_inputs(g, op); k++) {
      const ek_out in = ek_op_input(g, op, k);
      (void)fprintf(stderr, "%s%s:%d", k > 0 ? ", " : "", ek_op_name(g, ek_out_op(in)), (int)in.index);
    }
    (void)fprintf(stderr, ")");
    for (int k = 0; k < ek_op_num_outputs(g, op); k++) {
      const ek_out out = ek_op_output(op, k);
      (void)fprintf(stderr, " %s%s", ek_dtype_name(ek_out_dtype(g, out)),
                    ek_shape_format(ek_out_shape(g, out), shape, sizeof shape));
    }
    (void)fprintf(stderr, "%s\n", ek_op_can_run(g, op, NULL) == EK_OK ? "" : " (is not to run)");
  }
}

/* Runs g and frees it. */
static inline void fuzz_run_graph(ek_graph *g) {
  const bool files = fuzz_any(g, fuzz_touches_files);
  fuzz_show(g);
  ek_session *s[2] = {NULL, NULL};
  s[0] = files ? NULL : ek_session_new(g, EK_SESSION(.threads = 1), NULL);
  const unsigned exact = EK_PASS_FOLD | EK_PASS_INPLACE | EK_PASS_REUSE | EK_PASS_SINK;
  s[1] = s[0] == NULL ? NULL : ek_session_new(g, EK_SESSION(.threads = 1, .without_passes = exact), NULL);
  if (s[1] != NULL) fuzz_sessions(g, s);
  for (int k = 0; k < 2; k++) ek_session_free(s[k]);
  ek_graph_free(g);
  FUZZ_CHECK(fuzz_memory_used == 0);
}

#endif
