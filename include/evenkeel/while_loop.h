/* SPDX-License-Identifier: Apache-2.0 */
/* tf.while_loop: a condition and a body are built once and run again and again. What they use from outside is the same
 * in every iteration; what changes is a loop variable.
 *
 *   ek_while_block w;
 *   EK_WHILE (g, EK_OUTS(ek_integer(g, 0), x), NULL, w) {
 *     EK_WHILE_COND (w) { ek_while_test(&w, ek_less(g, ek_while_var(&w, 0), n)); }
 *     EK_WHILE_BODY (w) {
 *       ek_while_next(&w, ek_add(g, ek_while_var(&w, 0), ek_integer(g, 1)));
 *       ek_while_next(&w, ek_tanh(g, ek_matmul(g, ek_while_var(&w, 1), weights, NULL)));
 *     }
 *   }
 *   ek_out y = ek_while_result(&w, 1);
 */
#ifndef EVENKEEL_WHILE_LOOP_H
#define EVENKEEL_WHILE_LOOP_H

#include "graph.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct ek_while_loop_opts {
  uint32_t version;
  /* For each variable the shape that it keeps in every iteration; NULL: the shape that it begins with. Others must be
   * less specific than that. */
  const ek_shape *shape_invariants;
  int64_t parallel_iterations; /* 10, at least 1; kept for TensorFlow, iterations run one after the other here */
  bool back_prop;              /* true; false: no gradient comes through */
  bool swap_memory;            /* kept for TensorFlow */
  ek_out maximum_iterations;   /* none: no limit. An integer scalar or literal */
} ek_while_loop_opts;
#define EK_WHILE_LOOP_OPTS_FIELDS_ .version = 1u, .parallel_iterations = 10, .back_prop = true
#define EK_WHILE_LOOP_OPTS_INIT                                                                                        \
  { EK_WHILE_LOOP_OPTS_FIELDS_ }
#define EK_WHILE_LOOP(...) EK_OPTS_(ek_while_loop_opts, EK_WHILE_LOOP_OPTS_FIELDS_, __VA_ARGS__)

/* ---- Blocks */

/* One loop under construction, then its results. On the caller's stack; nothing to free (the graph owns what it points
 * to). */
typedef struct ek_while_block {
  ek_graph *graph;
  struct ek__while *state; /* NULL after an error */
} ek_while_block;

/* Scope "while", or ek_named's name. vars: what the variables begin with, one at least, outputs or literals. The
 * condition follows, then the body, each once. opts may be NULL. */
#define EK_WHILE(g_, vars_, opts_, w_)                                                                                 \
  EK_WHILE_PART_(EK_CAT_(ek_while_, __LINE__), ek_while_begin(&(w_), (g_), (vars_), (opts_)), ek_while_end)
#define EK_WHILE_COND(w_)                EK_WHILE_PART_(EK_CAT_(ek_cond_, __LINE__), ek_while_cond_begin(&(w_)), ek_while_cond_end)
#define EK_WHILE_BODY(w_)                EK_WHILE_PART_(EK_CAT_(ek_body_, __LINE__), ek_while_body_begin(&(w_)), ek_while_body_end)
#define EK_WHILE_PART_(v_, begin_, end_) for (ek_while_block *v_ = (begin_); v_ != NULL; v_ = end_(v_))

/* Variable i as the part that is open sees it; none if there is no such variable. */
EK_API ek_out ek_while_var(const ek_while_block *w, int i);
EK_API int ek_while_num_vars(const ek_while_block *w);
/* In the condition, once: the loop goes on as long as this boolean scalar is true. */
EK_API void ek_while_test(ek_while_block *w, ek_out pred);
/* In the body, once for each variable, in their order: what it is in the next iteration. Same dtype; a shape that is
 * not less specific than the invariant. */
EK_API void ek_while_next(ek_while_block *w, ek_out value);
/* After the block: what variable i is when the loop has ended. */
EK_API ek_out ek_while_result(const ek_while_block *w, int i);

/* What the macros call. */
EK_API ek_while_block *ek_while_begin(ek_while_block *w, ek_graph *g, ek_outs vars, const ek_while_loop_opts *opts);
EK_API ek_while_block *ek_while_cond_begin(ek_while_block *w);
EK_API ek_while_block *ek_while_cond_end(ek_while_block *w); /* NULL, as the others that end */
EK_API ek_while_block *ek_while_body_begin(ek_while_block *w);
EK_API ek_while_block *ek_while_body_end(ek_while_block *w);
EK_API ek_while_block *ek_while_end(ek_while_block *w);

/* ---- Callbacks */

typedef ek_out (*ek_while_cond_fn)(ek_graph *g, ek_outs vars, void *ctx);
/* Writes vars.n outs to next. */
typedef void (*ek_while_body_fn)(ek_graph *g, ek_outs vars, ek_out *next, void *ctx);
/* The same as the blocks; writes vars.n outs to results. */
EK_API void ek_while_loop(ek_graph *g, ek_while_cond_fn cond, ek_while_body_fn body, ek_outs vars, void *ctx,
                          const ek_while_loop_opts *opts, ek_out *results);

#ifdef __cplusplus
}
#endif
#endif
