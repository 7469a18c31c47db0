/* SPDX-License-Identifier: Apache-2.0 */
#include "graph/random.h"

#include "graph/fill.h"

enum { MAX_SEED = INT32_MAX, DEFAULT_GRAPH_SEED = 87654321 };

static int64_t truncate_seed(int64_t seed) {
  const int64_t r = seed % MAX_SEED;
  return r < 0 ? r + MAX_SEED : r; /* Python's modulo */
}

void ek_get_seed(ek_graph *g, bool has_seed, int64_t seed, int64_t *seed1, int64_t *seed2) {
  (void)ek__unname(&g);
  *seed1 = *seed2 = 0;
  if (!g->has_seed && !has_seed) return;
  *seed1 = g->has_seed ? truncate_seed(g->seed) : DEFAULT_GRAPH_SEED;
  *seed2 = truncate_seed(has_seed ? seed : g->n_seedless++);
  if (*seed1 == 0 && *seed2 == 0) *seed2 = MAX_SEED; /* two zeros would mean: none */
}

static const ek_random_opts *checked(ek_graph *g, const ek_random_opts *o, const char *what) {
  static const ek_random_opts defaults = EK_RANDOM_OPTS_INIT;
  if (o == NULL) return &defaults;
  if (o->version != 1u)
    ek_graph_fail(g, EK_INVALID_ARGUMENT, "%s: options of version %u; start from EK_RANDOM_OPTS_INIT", what,
                  o->version);
  else if (!ek_dtype_is_floating(o->dtype) && o->dtype != EK_INT32 && o->dtype != EK_INT64)
    ek_graph_fail(g, EK_INVALID_ARGUMENT, "%s: dtype is %s; allowed: the floating ones, int32, int64", what,
                  ek_dtype_name(o->dtype));
  return o;
}

static ek_out draw(ek_graph *g, const char *type, ek_out shape, const ek_random_opts *o) {
  int64_t seed1, seed2;
  ek_get_seed(g, o->has_seed, o->seed, &seed1, &seed2);
  return ek_op_output(
      ek_build(g, type, EK_OUTS(shape),
               EK_ATTRS(EK_TYPE_ATTR("dtype", o->dtype), EK_INT_ATTR("seed", seed1), EK_INT_ATTR("seed2", seed2))),
      0);
}

static ek_out binary(ek_graph *g, const char *type, const char *name, ek_out x, ek_out y) {
  return ek_op_output(ek_build(name != NULL ? ek_named(g, name) : ek__as_scope(g), type, EK_OUTS(x, y), EK_NO_ATTRS),
                      0);
}

static ek_out scalar(ek_graph *g, double value, ek_dtype dtype, const char *name) {
  return ek__constant_filled(g, dtype, ek_shape_scalar(), value, name);
}

/* from_zero and to_one: the bounds are Python's integers 0 and 1, for which TensorFlow makes no nodes. */
static ek_out uniform(ek_graph *g, ek_out shape, const ek_random_opts *o, bool from_zero, bool to_one) {
  ek_out min = {0, 0}, max = {0, 0}, out;
  g = ek_composite_begin(g, "random_uniform");
  o = checked(g, o, "random_uniform");
  const bool integer = ek_dtype_is_integer(o->dtype);
  shape = ek_convert(g, shape, EK_INT32, "shape");
  if (!from_zero || !to_one || integer) {
    min = scalar(g, o->minval, o->dtype, "min");
    max = scalar(g, o->maxval, o->dtype, "max");
  }
  if (integer) {
    int64_t seed1, seed2;
    ek_get_seed(g, o->has_seed, o->seed, &seed1, &seed2);
    out = ek_op_output(ek_build(ek__as_scope(g), "RandomUniformInt", EK_OUTS(shape, min, max),
                                EK_ATTRS(EK_INT_ATTR("seed", seed1), EK_INT_ATTR("seed2", seed2))),
                       0);
  } else {
    out = draw(g, "RandomUniform", shape, o);
    if (from_zero && !to_one) out = binary(g, "Mul", "mul", out, max);
    if (!from_zero) {
      const ek_out width = binary(g, "Sub", "sub", max, min);
      out = binary(g, "AddV2", NULL, binary(g, "Mul", "mul", out, width), min);
    }
  }
  ek_name_scope_end(g);
  return out;
}

ek_out ek_random_uniform(ek_graph *g, ek_out shape, const ek_random_opts *o) {
  return uniform(g, shape, o, o == NULL || o->minval == 0.0, o == NULL || o->maxval == 1.0);
}

ek_out ek__random_uniform_scaled(ek_graph *g, ek_out shape, const ek_random_opts *o) {
  return uniform(g, shape, o, false, false);
}

static ek_out normal(ek_graph *g, const char *type, const char *name, ek_out shape, const ek_random_opts *o) {
  g = ek_composite_begin(g, name);
  o = checked(g, o, name);
  shape = ek_convert(g, shape, EK_INT32, "shape");
  const ek_out mean = scalar(g, o->mean, o->dtype, "mean"), stddev = scalar(g, o->stddev, o->dtype, "stddev");
  const ek_out drawn = draw(g, type, shape, o);
  const ek_out out = binary(g, "AddV2", NULL, binary(g, "Mul", "mul", drawn, stddev), mean);
  ek_name_scope_end(g);
  return out;
}

ek_out ek_random_normal(ek_graph *g, ek_out shape, const ek_random_opts *o) {
  return normal(g, "RandomStandardNormal", "random_normal", shape, o);
}

ek_out ek_truncated_normal(ek_graph *g, ek_out shape, const ek_random_opts *o) {
  return normal(g, "TruncatedNormal", "truncated_normal", shape, o);
}
