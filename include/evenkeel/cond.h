/* SPDX-License-Identifier: Apache-2.0 */
/* tf.cond: two branches are built, one of them runs. Everything that a branch builds belongs to it; what it uses from
 * outside comes in through Switch nodes, made on first use.
 *
 *   ek_cond_block c;
 *   EK_COND (g, is_training, c) {
 *     EK_THEN (c) { ek_cond_yield(&c, ek_nn_dropout(g, x, 0.5, NULL)); }
 *     EK_ELSE (c) { ek_cond_yield(&c, x); }
 *   }
 *   ek_out y = ek_cond_result(&c, 0);
 */
#ifndef EVENKEEL_COND_H
#define EVENKEEL_COND_H

#include "graph.h"

#ifdef __cplusplus
extern "C" {
#endif

/* ---- Flags: a condition that may be known while building */

typedef enum ek_flag_kind { EK_FLAG_KNOWN, EK_FLAG_OUT, EK_FLAG_VARIABLE } ek_flag_kind;

/* true or false, a boolean output, or a boolean variable. Zero is EK_FALSE. */
typedef struct ek_flag {
  ek_flag_kind kind;
  bool value;
  ek_out out;
  ek_variable variable;
} ek_flag;
static inline ek_flag ek_flag_of_bool(bool value) {
  ek_flag flag = {EK_FLAG_KNOWN, value, {0, 0}, {0}};
  return flag;
}
static inline ek_flag ek_flag_of(ek_out out) {
  ek_flag flag = {EK_FLAG_OUT, false, {0, 0}, {0}};
  flag.out = out;
  return flag;
}
static inline ek_flag ek_flag_of_variable(ek_variable v) {
  ek_flag flag = {EK_FLAG_VARIABLE, false, {0, 0}, {0}};
  flag.variable = v;
  return flag;
}
#define EK_TRUE  ek_flag_of_bool(true)
#define EK_FALSE ek_flag_of_bool(false)

typedef enum ek_flag_value { EK_IS_FALSE, EK_IS_TRUE, EK_IS_OPEN } ek_flag_value;
/* get_static_value: what the flag is if that is settled: true, false, or a Const, which can then no longer be fed. A
 * variable never is. (EK_SMART_COND looks further: it computes what follows from constants.) */
EK_API ek_flag_value ek_flag_static_value(ek_graph *g, ek_flag flag);
/* The flag as an output: a Const if it is true or false, a variable's value. */
EK_API ek_out ek_flag_as_out(ek_graph *g, ek_flag flag);

/* ---- Blocks */

/* One cond under construction, then its results. On the caller's stack; nothing to free (the graph owns what it points
 * to). */
typedef struct ek_cond_block {
  ek_graph *graph;
  struct ek__cond *state; /* NULL after an error */
} ek_cond_block;

/* Scope "cond", or ek_named's name. pred: a boolean scalar. The two branches follow, EK_THEN first, each once; both
 * yield the same number of results with the same dtypes, at least one. */
#define EK_COND(g_, pred_, c_) EK_COND_LOOP_(EK_CAT_(ek_cond_, __LINE__), c_, ek_cond_begin(&(c_), (g_), (pred_)))
/* tf.layers' smart_cond: a flag that is settled builds its one branch only, in place, without any node for the choice.
 */
#define EK_SMART_COND(g_, flag_, c_)                                                                                   \
  EK_COND_LOOP_(EK_CAT_(ek_cond_, __LINE__), c_, ek_smart_cond_begin(&(c_), (g_), (flag_)))
#define EK_COND_LOOP_(v_, c_, begin_) for (ek_cond_block *v_ = (begin_); v_ != NULL; v_ = ek_cond_end(v_))
#define EK_THEN(c_)                   EK_COND_BRANCH_(EK_CAT_(ek_branch_, __LINE__), c_, true)
#define EK_ELSE(c_)                   EK_COND_BRANCH_(EK_CAT_(ek_branch_, __LINE__), c_, false)
#define EK_COND_BRANCH_(v_, c_, branch_)                                                                               \
  for (ek_cond_block *v_ = ek_cond_branch_begin(&(c_), (branch_)); v_ != NULL; v_ = ek_cond_branch_end(v_))

/* The next result of the branch that is open: an output (made inside or outside), a literal, or an op, which stands for
 * a boolean that is there once the op has run. */
EK_API void ek_cond_yield(ek_cond_block *c, ek_out value);
EK_API void ek_cond_yield_op(ek_cond_block *c, ek_op op);
/* After the block: result i (what Merge gives), none if there is no such result; and how many there are. For an op
 * yielded by a settled EK_SMART_COND result is none and result_op the op; else result_op is result's op. */
EK_API ek_out ek_cond_result(const ek_cond_block *c, int i);
EK_API ek_op ek_cond_result_op(const ek_cond_block *c, int i);
EK_API int ek_cond_num_results(const ek_cond_block *c);

/* What the macros call. */
EK_API ek_cond_block *ek_cond_begin(ek_cond_block *c, ek_graph *g, ek_out pred);
EK_API ek_cond_block *ek_smart_cond_begin(ek_cond_block *c, ek_graph *g, ek_flag flag);
EK_API ek_cond_block *ek_flag_cond_begin(ek_cond_block *c, ek_graph *g, ek_flag flag); /* settled if it is KNOWN only */
EK_API ek_cond_block *ek_cond_branch_begin(ek_cond_block *c, bool branch); /* NULL: this branch is not to be built */
EK_API ek_cond_block *ek_cond_branch_end(ek_cond_block *c);                /* NULL */
EK_API ek_cond_block *ek_cond_end(ek_cond_block *c);                       /* NULL */

/* ---- Callbacks */

/* Builds a branch and yields its results through c. */
typedef void (*ek_cond_fn)(ek_graph *g, ek_cond_block *c, void *ctx);
/* The same as the blocks, with a function for each branch. */
EK_API ek_cond_block ek_cond(ek_graph *g, ek_out pred, ek_cond_fn true_fn, ek_cond_fn false_fn, void *ctx);
EK_API ek_cond_block ek_smart_cond(ek_graph *g, ek_flag flag, ek_cond_fn true_fn, ek_cond_fn false_fn, void *ctx);

/* The name of the cond or while context with that number (EK_ITEM_CONTEXT in a collection): "cond/cond_text". */
EK_API const char *ek_context_name(const ek_graph *g, int64_t number);

#ifdef __cplusplus
}
#endif
#endif
