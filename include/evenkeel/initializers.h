/* SPDX-License-Identifier: Apache-2.0 */
/* Initializers: how the first value of a variable is made. Plain values; {0} stands for "the default of the place". */
#ifndef EVENKEEL_INITIALIZERS_H
#define EVENKEEL_INITIALIZERS_H

#include "graph.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef enum ek_initializer_kind {
  EK_INITIALIZER_DEFAULT,
  EK_INITIALIZER_CONSTANT, /* zeros, ones, constant: values, the last one repeated */
  EK_INITIALIZER_RANDOM_UNIFORM,
  EK_INITIALIZER_RANDOM_NORMAL,
  EK_INITIALIZER_TRUNCATED_NORMAL,
  EK_INITIALIZER_VARIANCE_SCALING,
  EK_INITIALIZER_UNIFORM_UNIT_SCALING,
  EK_INITIALIZER_ORTHOGONAL,
  EK_INITIALIZER_IDENTITY,
  EK_INITIALIZER_CALLBACK
} ek_initializer_kind;

typedef enum ek_fan_mode { EK_FAN_IN, EK_FAN_OUT, EK_FAN_AVG } ek_fan_mode;
typedef enum ek_distribution {
  EK_TRUNCATED_NORMAL, /* also called "normal" */
  EK_UNTRUNCATED_NORMAL,
  EK_UNIFORM
} ek_distribution;

/* Builds the initial value in the current scope; shape may be unknown where the place allows it. */
typedef ek_out (*ek_initializer_fn)(ek_graph *g, ek_shape shape, ek_dtype dtype, void *ctx);

typedef struct ek_initializer {
  ek_initializer_kind kind;
  double a, b;        /* value | minval, maxval | mean, stddev | scale | factor | gain */
  const char *name;   /* of a constant's node: "zeros", "ones", "Const" */
  const double *list; /* of a constant: n values, borrowed until the variable is made; NULL: a */
  int n;
  ek_fan_mode mode;
  ek_distribution distribution;
  bool has_seed;
  int64_t seed;
  ek_initializer_fn fn;
  void *ctx;
} ek_initializer;

EK_API ek_initializer ek_zeros_initializer(void);
EK_API ek_initializer ek_ones_initializer(void);
EK_API ek_initializer ek_constant_initializer(double value);
/* values fill row-major; the last one is repeated if they are fewer than the elements, more are an error. */
EK_API ek_initializer ek_constant_list_initializer(const double *values, int n);
EK_API ek_initializer ek_random_uniform_initializer(double minval, double maxval);
EK_API ek_initializer ek_random_normal_initializer(double mean, double stddev);
EK_API ek_initializer ek_truncated_normal_initializer(double mean, double stddev);
/* s = scale / max(1, fan in, out, or their average): stddev sqrt(s) (truncated: / 0.8796...), limit sqrt(3 s). */
EK_API ek_initializer ek_variance_scaling_initializer(double scale, ek_fan_mode mode, ek_distribution distribution);
EK_API ek_initializer ek_glorot_uniform_initializer(void); /* the default of get_variable */
EK_API ek_initializer ek_glorot_normal_initializer(void);
EK_API ek_initializer ek_he_normal_initializer(void);
EK_API ek_initializer ek_he_uniform_initializer(void);
EK_API ek_initializer ek_lecun_normal_initializer(void);
EK_API ek_initializer ek_lecun_uniform_initializer(void);
EK_API ek_initializer ek_uniform_unit_scaling_initializer(double factor);
EK_API ek_initializer ek_orthogonal_initializer(double gain); /* rank 2 and more */
EK_API ek_initializer ek_identity_initializer(double gain);   /* rank 2 */
EK_API ek_initializer ek_callback_initializer(ek_initializer_fn fn, void *ctx);
/* The same initializer with a seed of its own. */
EK_API ek_initializer ek_seeded(ek_initializer initializer, int64_t seed);

/* The initializer's call: the nodes of a value of that shape, in the current scope. shape must be known (except for a
 * callback). */
EK_API ek_out ek_initialize(ek_graph *g, ek_initializer initializer, ek_shape shape, ek_dtype dtype);

#ifdef __cplusplus
}
#endif
#endif
