/* SPDX-License-Identifier: Apache-2.0 */
/* Running a graph. A session owns the values of the variables, and a plan for each combination of fetches, feeds and
 * shapes that it has met: the first run of a combination compiles it, later ones only execute.
 *
 * Threads: one session is used by one thread at a time (ek_session_cancel excepted); two sessions of one graph are
 * independent. Results never depend on the number of threads. */
#ifndef EVENKEEL_SESSION_H
#define EVENKEEL_SESSION_H

#include "graph.h"
#include "variables.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct ek_session ek_session;

/* One node of a profiled run. */
typedef struct ek_node_stats {
  const char *name, *type;   /* borrowed from the graph */
  int64_t start_ns, time_ns; /* since the run began; how long */
  int64_t bytes;             /* of its outputs */
  int nodes;                 /* how many nodes of the graph the step stands for */
} ek_node_stats;

/* Passes of the planner, to switch off one by one. */
typedef enum ek_pass {
  EK_PASS_FOLD = 1 << 0,    /* constants and shape arithmetic */
  EK_PASS_INPLACE = 1 << 1, /* outputs over inputs that nobody needs any more */
  EK_PASS_REUSE = 1 << 2,   /* memory of dead values */
  EK_PASS_SINK = 1 << 3,    /* pure ops into the one branch that needs them */
  EK_PASS_FUSE = 1 << 4     /* several nodes into one step; rounds less often, so that last bits may change */
} ek_pass;

typedef struct ek_session_opts {
  uint32_t version;
  const ek_allocator *allocator; /* NULL: the graph's */
  int threads;                   /* 0: as many as OpenMP would use */
  bool reproducible; /* true: the same bits for any number of threads. false: today the same, for it costs nothing */
  int max_plans;     /* plans kept; the least recently used goes first */
  unsigned without_passes; /* ek_pass bits */
} ek_session_opts;
#define EK_SESSION_OPTS_FIELDS_ .version = 1u, .reproducible = true, .max_plans = 32
#define EK_SESSION_OPTS_INIT                                                                                           \
  { EK_SESSION_OPTS_FIELDS_ }
#define EK_SESSION(...) EK_OPTS_(ek_session_opts, EK_SESSION_OPTS_FIELDS_, __VA_ARGS__)

/* tf.Session(graph=g). Any mistake made while building g is reported here, as is a block left open. The session holds a
 * reference: the graph may be freed first. NULL and st on failure. */
EK_API ek_session *ek_session_new(ek_graph *g, const ek_session_opts *opts, ek_status *st);
EK_API void ek_session_free(ek_session *s);
EK_API ek_graph *ek_session_graph(const ek_session *s); /* borrowed */

/* What is fed and fetched, by handle or (handle none) by name: "op" means "op:0". A feed's tensor must have the
 * output's dtype and a compatible shape; any output may be fed. */
typedef struct ek_feed {
  ek_out out;
  const char *name;
  ek_tensor *value;
} ek_feed;
typedef struct ek_fetch {
  ek_out out;
  const char *name;
} ek_fetch;
#define EK_FEED(out_, value_)       ((ek_feed){.out = (out_), .value = (value_)})
#define EK_FEED_NAME(name_, value_) ((ek_feed){.name = (name_), .value = (value_)})
#define EK_FETCH(out_)              ((ek_fetch){.out = (out_)})
#define EK_FETCH_NAME(name_)        ((ek_fetch){.name = (name_)})

typedef struct ek_run_options {
  uint32_t version;
  /* Called after every step of the plan with its node; false stops the run with CANCELLED. */
  bool (*on_step)(void *ctx, const ek_node_stats *step);
  void *on_step_ctx;
  bool profile; /* keep ek_node_stats of this run: ek_session_profile */
  /* Stop with INVALID_ARGUMENT at the first node whose float32 or float64 output holds NaN or an infinity. */
  bool check_finite;
} ek_run_options;
#define EK_RUN_OPTIONS_INIT                                                                                            \
  { .version = 1u }

/* Session.run: computes the fetches and runs the targets, each op at most once. results receives n_fetches tensors,
 * which the caller frees; a tensor freed before the next run of the same combination is used again, so that a loop
 * allocates nothing. On failure all results are NULL; what stateful ops had done by then stays done. Reads of a
 * variable come before its writes unless an edge says otherwise. options may be NULL. */
EK_API ek_code ek_session_run(ek_session *s, const ek_feed *feeds, int n_feeds, const ek_fetch *fetches, int n_fetches,
                              ek_tensor **results, const ek_op *targets, int n_targets, const ek_run_options *options,
                              ek_status *st);
/* One op, no feeds, no fetches: ek_session_run_op(s, init, &st). */
EK_API ek_code ek_session_run_op(ek_session *s, ek_op target, ek_status *st);

/* Session.make_callable: names resolved once. Feeds and fetches keep the order given here. Freed before its session. */
typedef struct ek_callable ek_callable;
EK_API ek_callable *ek_session_make_callable(ek_session *s, const ek_out *feeds, int n_feeds, const ek_fetch *fetches,
                                             int n_fetches, const ek_op *targets, int n_targets, ek_status *st);
EK_API ek_code ek_callable_run(ek_callable *c, ek_tensor *const *feeds, ek_tensor **results, ek_status *st);
EK_API void ek_callable_free(ek_callable *c);

/* From any thread: the run under way (or the next one) stops with CANCELLED before its next step. */
EK_API void ek_session_cancel(ek_session *s);

/* The steps of the last run that asked for a profile; borrowed until the next. */
EK_API int ek_session_profile(const ek_session *s, const ek_node_stats **steps);

/* A copy of a variable's value (FAILED_PRECONDITION if it has none), and assignment from outside: dtype and shape must
 * fit. */
EK_API ek_tensor *ek_session_get_variable(ek_session *s, ek_variable v, ek_status *st);
EK_API ek_code ek_session_set_variable(ek_session *s, ek_variable v, ek_tensor *value, ek_status *st);
EK_API bool ek_session_is_initialized(ek_session *s, ek_variable v);

/* The positions of random ops (their counters), so that a resumed run draws what an uninterrupted one would have: a 1-D
 * int64 tensor and the names it belongs to, as pairs in the order of the graph. set: unknown names are an error. */
EK_API ek_code ek_session_get_random_state(ek_session *s, ek_tensor **names, ek_tensor **counters, ek_status *st);
EK_API ek_code ek_session_set_random_state(ek_session *s, const ek_tensor *names, const ek_tensor *counters,
                                           ek_status *st);

/* tensor_util.constant_value, and TensorFlow's constant folder: the value of an output that does not depend on any
 * placeholder, variable or random op; NULL (and no error) if it does. The caller frees it. */
EK_API ek_tensor *ek_constant_value(ek_graph *g, ek_out out);

#ifdef __cplusplus
}
#endif
#endif
