/* SPDX-License-Identifier: Apache-2.0 */
/* A function applied along the first dimension of tensors, in a while_loop: tf.map_fn, tf.scan, tf.foldl, tf.foldr.
 *
 *   static void step(ek_graph *g, ek_outs sum, ek_outs elems, ek_out *next, void *ctx) {
 *     next[0] = ek_add(g, ek_multiply(g, sum.at[0], ek_number(g, 0.9)), elems.at[0]);
 *   }
 *   ek_scan(g, step, EK_OUTS(x), NULL, EK_SCAN(.initializer = EK_OUTS(zero)), &decayed);
 *
 * g may come from ek_named, which names the scope. All elems have as many elements in their first dimension, one at
 * least. Gradients go through (ek_gradients). Mistakes are errors on the graph; results are none then. */
#ifndef EVENKEEL_FUNCTIONAL_H
#define EVENKEEL_FUNCTIONAL_H

#include "graph.h"

#ifdef __cplusplus
extern "C" {
#endif

/* ---- Each element by itself */

/* elems: elems[i] of each; writes a result for each dtype. */
typedef void (*ek_map_body)(ek_graph *g, ek_outs elems, ek_out *results, void *ctx);

typedef struct ek_map_fn_opts {
  uint32_t version;
  const ek_dtype *dtypes; /* of the results; NULL: those of elems */
  int n_dtypes;
  int64_t parallel_iterations; /* 10; kept for TensorFlow, as swap_memory is */
  bool back_prop;              /* true; false: no gradient comes through */
  bool swap_memory;
  bool infer_shape; /* true: all results of one kind have one shape */
} ek_map_fn_opts;
#define EK_MAP_FN_OPTS_FIELDS_ .version = 1u, .parallel_iterations = 10, .back_prop = true, .infer_shape = true
#define EK_MAP_FN_OPTS_INIT                                                                                            \
  { EK_MAP_FN_OPTS_FIELDS_ }
#define EK_MAP_FN(...) EK_OPTS_(ek_map_fn_opts, EK_MAP_FN_OPTS_FIELDS_, __VA_ARGS__)

/* tf.map_fn: results[k][i] = what body gives for elems[i]. */
EK_API void ek_map_fn(ek_graph *g, ek_map_body body, ek_outs elems, void *ctx, const ek_map_fn_opts *options,
                      ek_out *results);

/* ---- One after the other */

/* accumulated: what the last call gave; writes as many outs to next. */
typedef void (*ek_scan_body)(ek_graph *g, ek_outs accumulated, ek_outs elems, ek_out *next, void *ctx);

typedef struct ek_scan_opts {
  uint32_t version;
  ek_outs initializer; /* what accumulated begins with, literals too; none: the first element of each of elems */
  int64_t parallel_iterations; /* 10; kept for TensorFlow, as swap_memory is */
  bool back_prop;              /* true; false: no gradient comes through */
  bool swap_memory;
  bool infer_shape; /* of ek_scan: true: what is accumulated keeps its shape */
  bool reverse;     /* of ek_scan: false; true: from the last element to the first */
} ek_scan_opts;
#define EK_SCAN_OPTS_FIELDS_ .version = 1u, .parallel_iterations = 10, .back_prop = true, .infer_shape = true
#define EK_SCAN_OPTS_INIT                                                                                              \
  { EK_SCAN_OPTS_FIELDS_ }
#define EK_SCAN(...) EK_OPTS_(ek_scan_opts, EK_SCAN_OPTS_FIELDS_, __VA_ARGS__)

/* tf.scan: results[k][i] = what was accumulated after elems[i]; as many results as initializer (or elems) has. */
EK_API void ek_scan(ek_graph *g, ek_scan_body body, ek_outs elems, void *ctx, const ek_scan_opts *options,
                    ek_out *results);
/* tf.foldl, tf.foldr: what is accumulated in the end, from the first element to the last or the other way. */
EK_API void ek_foldl(ek_graph *g, ek_scan_body body, ek_outs elems, void *ctx, const ek_scan_opts *options,
                     ek_out *results);
EK_API void ek_foldr(ek_graph *g, ek_scan_body body, ek_outs elems, void *ctx, const ek_scan_opts *options,
                     ek_out *results);

#ifdef __cplusplus
}
#endif
#endif
