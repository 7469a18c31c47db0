/* SPDX-License-Identifier: Apache-2.0 */
/* Random values. Which numbers come out follows from two seeds, the graph's (ek_set_random_seed) and the op's: both
 * given: (graph, op); only the graph's: (graph, how many ops of this graph had no seed before); only the op's:
 * (87654321, op); none: different in every session. */
#ifndef EVENKEEL_RANDOM_H
#define EVENKEEL_RANDOM_H

#include "graph.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct ek_random_opts {
  uint32_t version;
  ek_dtype dtype;
  double minval, maxval; /* of random_uniform: [0, 1); an integer dtype needs a maxval of its own */
  double mean, stddev;   /* of the normal ones: 0, 1 */
  bool has_seed;
  int64_t seed;
} ek_random_opts;
#define EK_RANDOM_OPTS_FIELDS_ .version = 1u, .dtype = EK_FLOAT32, .maxval = 1.0, .stddev = 1.0
#define EK_RANDOM_OPTS_INIT                                                                                            \
  { EK_RANDOM_OPTS_FIELDS_ }
#define EK_RANDOM(...) EK_OPTS_(ek_random_opts, EK_RANDOM_OPTS_FIELDS_, __VA_ARGS__)

/* tf.random_uniform, tf.random_normal, tf.truncated_normal (redrawn until within two standard deviations). shape: a
 * literal (ek_ints) or a 1-D integer output. options may be NULL. */
EK_API ek_out ek_random_uniform(ek_graph *g, ek_out shape, const ek_random_opts *options);
EK_API ek_out ek_random_normal(ek_graph *g, ek_out shape, const ek_random_opts *options);
EK_API ek_out ek_truncated_normal(ek_graph *g, ek_out shape, const ek_random_opts *options);

/* random_seed.get_seed: the two seed attributes for an op made now; seedless ops are counted. */
EK_API void ek_get_seed(ek_graph *g, bool has_seed, int64_t seed, int64_t *seed1, int64_t *seed2);

#ifdef __cplusplus
}
#endif
#endif
