/* SPDX-License-Identifier: Apache-2.0 */
#include "evenkeel/initializers.h"

#include "graph/fill.h"
#include "graph/random.h"

#include <math.h>
#include <string.h>

/* ---- constructors */

static ek_initializer constant(double value, const char *name) {
  return (ek_initializer){.kind = EK_INITIALIZER_CONSTANT, .a = value, .name = name};
}

ek_initializer ek_zeros_initializer(void) { return constant(0.0, "zeros"); }

ek_initializer ek_ones_initializer(void) { return constant(1.0, "ones"); }

ek_initializer ek_constant_initializer(double value) { return constant(value, "Const"); }

ek_initializer ek_constant_list_initializer(const double *values, int n) {
  return (ek_initializer){.kind = EK_INITIALIZER_CONSTANT, .name = "Const", .list = values, .n = n};
}

ek_initializer ek_random_uniform_initializer(double minval, double maxval) {
  return (ek_initializer){.kind = EK_INITIALIZER_RANDOM_UNIFORM, .a = minval, .b = maxval};
}

ek_initializer ek_random_normal_initializer(double mean, double stddev) {
  return (ek_initializer){.kind = EK_INITIALIZER_RANDOM_NORMAL, .a = mean, .b = stddev};
}

ek_initializer ek_truncated_normal_initializer(double mean, double stddev) {
  return (ek_initializer){.kind = EK_INITIALIZER_TRUNCATED_NORMAL, .a = mean, .b = stddev};
}

ek_initializer ek_variance_scaling_initializer(double scale, ek_fan_mode mode, ek_distribution distribution) {
  return (ek_initializer){
      .kind = EK_INITIALIZER_VARIANCE_SCALING, .a = scale, .mode = mode, .distribution = distribution};
}

ek_initializer ek_glorot_uniform_initializer(void) {
  return ek_variance_scaling_initializer(1.0, EK_FAN_AVG, EK_UNIFORM);
}

ek_initializer ek_glorot_normal_initializer(void) {
  return ek_variance_scaling_initializer(1.0, EK_FAN_AVG, EK_TRUNCATED_NORMAL);
}

ek_initializer ek_he_normal_initializer(void) {
  return ek_variance_scaling_initializer(2.0, EK_FAN_IN, EK_TRUNCATED_NORMAL);
}

ek_initializer ek_he_uniform_initializer(void) { return ek_variance_scaling_initializer(2.0, EK_FAN_IN, EK_UNIFORM); }

ek_initializer ek_lecun_normal_initializer(void) {
  return ek_variance_scaling_initializer(1.0, EK_FAN_IN, EK_TRUNCATED_NORMAL);
}

ek_initializer ek_lecun_uniform_initializer(void) {
  return ek_variance_scaling_initializer(1.0, EK_FAN_IN, EK_UNIFORM);
}

ek_initializer ek_uniform_unit_scaling_initializer(double factor) {
  return (ek_initializer){.kind = EK_INITIALIZER_UNIFORM_UNIT_SCALING, .a = factor};
}

ek_initializer ek_orthogonal_initializer(double gain) {
  return (ek_initializer){.kind = EK_INITIALIZER_ORTHOGONAL, .a = gain};
}

ek_initializer ek_identity_initializer(double gain) {
  return (ek_initializer){.kind = EK_INITIALIZER_IDENTITY, .a = gain};
}

ek_initializer ek_callback_initializer(ek_initializer_fn fn, void *ctx) {
  return (ek_initializer){.kind = EK_INITIALIZER_CALLBACK, .fn = fn, .ctx = ctx};
}

ek_initializer ek_seeded(ek_initializer initializer, int64_t seed) {
  initializer.has_seed = true;
  initializer.seed = seed;
  return initializer;
}

/* ---- constants */

static ek_out listed(ek_graph *g, const ek_initializer *i, ek_shape shape, ek_dtype dtype) {
  const int64_t n = ek_shape_num_elements(shape);
  if (i->n < 1 || i->n > n) {
    ek_graph_fail(g, EK_INVALID_ARGUMENT, "constant initializer '%s': %d values for %lld elements", g->scope, i->n,
                  (long long)n);
    return (ek_out){0, 0};
  }
  ek_status st = EK_STATUS_INIT;
  ek_tensor *t = ek_tensor_new(dtype, shape, g->allocator, &st);
  for (int64_t k = 0; t != NULL && k < n && st.code == EK_OK; k++)
    (void)ek__set_number(t, k, i->list[k < i->n ? k : i->n - 1], &st);
  ek_out out = {0, 0};
  if (ek__graph_take(g, &st)) out = ek_constant(ek_named(g, i->name), t);
  ek_tensor_free(t);
  return out;
}

/* zeros and ones turn into a Fill when they are big, tf.constant does not. */
static ek_out make_constant(ek_graph *g, const ek_initializer *i, ek_shape shape, ek_dtype dtype) {
  if (i->list != NULL) return listed(g, i, shape, dtype);
  if (strcmp(i->name, "Const") == 0) return ek__constant_filled(g, dtype, shape, i->a, i->name);
  return ek__filled(g, shape, dtype, i->a, i->name);
}

/* ---- random values */

static ek_out dims(ek_graph *g, ek_shape s) { return ek_integers(g, s.dim, s.rank); }

static ek_out uniform(ek_graph *g, const ek_initializer *i, ek_shape s, ek_dtype dtype, double min, double max) {
  const ek_random_opts o = {
      .version = 1u, .dtype = dtype, .minval = min, .maxval = max, .has_seed = i->has_seed, .seed = i->seed};
  return ek__random_uniform_scaled(g, dims(g, s), &o);
}

static ek_out normal(ek_graph *g, const ek_initializer *i, ek_shape s, ek_dtype dtype, double mean, double stddev,
                     bool truncated) {
  const ek_random_opts o = {
      .version = 1u, .dtype = dtype, .mean = mean, .stddev = stddev, .has_seed = i->has_seed, .seed = i->seed};
  return truncated ? ek_truncated_normal(g, dims(g, s), &o) : ek_random_normal(g, dims(g, s), &o);
}

static void compute_fans(ek_shape s, double *fan_in, double *fan_out) {
  double receptive = 1.0;
  for (int k = 0; k < s.rank - 2; k++) receptive *= (double)s.dim[k];
  *fan_in = s.rank == 0 ? 1.0 : (double)s.dim[s.rank >= 2 ? s.rank - 2 : 0] * receptive;
  *fan_out = s.rank == 0 ? 1.0 : (double)s.dim[s.rank - 1] * receptive;
}

static ek_out variance_scaling(ek_graph *g, const ek_initializer *i, ek_shape s, ek_dtype dtype) {
  static const double truncated_stddev = .87962566103423978; /* of a normal cut at two standard deviations */
  double in, out;
  if (i->a <= 0.0) {
    ek_graph_fail(g, EK_INVALID_ARGUMENT, "variance scaling '%s': scale must be a positive float, not %g", g->scope,
                  i->a);
    return (ek_out){0, 0};
  }
  compute_fans(s, &in, &out);
  const double fan = i->mode == EK_FAN_IN ? in : i->mode == EK_FAN_OUT ? out : (in + out) / 2.0;
  const double scale = i->a / fmax(1.0, fan);
  if (i->distribution == EK_UNIFORM) {
    const double limit = sqrt(3.0 * scale);
    return uniform(g, i, s, dtype, -limit, limit);
  }
  const bool truncated = i->distribution == EK_TRUNCATED_NORMAL;
  return normal(g, i, s, dtype, 0.0, truncated ? sqrt(scale) / truncated_stddev : sqrt(scale), truncated);
}

static ek_out unit_scaling(ek_graph *g, const ek_initializer *i, ek_shape s, ek_dtype dtype) {
  double input_size = 1.0;
  for (int k = 0; k < s.rank - 1; k++) input_size *= (double)s.dim[k];
  const double limit = sqrt(3.0 / fmax(input_size, 1.0)) * i->a;
  return uniform(g, i, s, dtype, -limit, limit);
}

/* ---- matrices */

static ek_out op(ek_graph *g, const char *type, const char *name, ek_outs inputs) {
  return ek_op_output(ek_build(ek_named(g, name), type, inputs, EK_NO_ATTRS), 0);
}

static ek_out times(ek_graph *g, double gain, ek_out x) { return op(g, "Mul", "mul", EK_OUTS(ek_number(g, gain), x)); }

/* The Q of a random matrix, its columns' signs made those of R's diagonal. */
static ek_out orthogonal(ek_graph *g, const ek_initializer *i, ek_shape s, ek_dtype dtype) {
  if (s.rank < 2) {
    ek_graph_fail(g, EK_INVALID_ARGUMENT,
                  "orthogonal initializer '%s': the shape must have at least two dimensions, not %d", g->scope, s.rank);
    return (ek_out){0, 0};
  }
  int64_t rows = 1, cols = s.dim[s.rank - 1];
  for (int k = 0; k < s.rank - 1; k++) rows *= s.dim[k];
  const bool wide = rows < cols;
  const ek_out a = normal(g, i, wide ? ek_shape(cols, rows) : ek_shape(rows, cols), dtype, 0.0, 1.0, false);
  const ek_op qr = ek_build(g, "Qr", EK_OUTS(a), EK_ATTRS(EK_BOOL_ATTR("full_matrices", false)));
  const ek_out d = op(g, "DiagPart", "DiagPart", EK_OUTS(ek_op_output(qr, 1)));
  ek_out q = op(g, "Mul", "mul", EK_OUTS(ek_op_output(qr, 0), op(g, "Sign", "Sign", EK_OUTS(d))));
  if (wide) {
    (void)ek_name_scope_begin(g, "matrix_transpose");
    (void)ek_name_scope_begin(g, "transpose");
    const ek_out perm = ek_constant_int32s(ek_named(g, "perm"), (const int64_t[]){1, 0}, 2);
    q = op(g, "Transpose", ek__graph_printf(g, "%s/", g->scope), EK_OUTS(q, perm));
    ek_name_scope_end(g);
    ek_name_scope_end(g);
  }
  return times(g, i->a, op(g, "Reshape", "Reshape", EK_OUTS(q, dims(g, s))));
}

static ek_out identity(ek_graph *g, const ek_initializer *i, ek_shape s, ek_dtype dtype) {
  if (s.rank != 2) {
    ek_graph_fail(g, EK_INVALID_ARGUMENT, "identity initializer '%s': the shape must have two dimensions, not %d",
                  g->scope, s.rank);
    return (ek_out){0, 0};
  }
  const int64_t n = s.dim[0] < s.dim[1] ? s.dim[0] : s.dim[1];
  (void)ek_name_scope_begin(g, "eye");
  const ek_out ones = ek__filled(g, ek_shape(n), dtype, 1.0, "ones"), k = ek_integer(g, 0);
  ek_out eye;
  if (s.dim[0] == s.dim[1]) {
    const ek_out any = ek_integer(g, -1);
    eye = op(g, "MatrixDiagV3", "diag", EK_OUTS(ones, k, any, any, ek_number(g, 0.0)));
  } else {
    eye = op(g, "MatrixSetDiagV3", "set_diag", EK_OUTS(ek__filled(g, s, dtype, 0.0, "zeros"), ones, k));
  }
  ek_name_scope_end(g);
  return times(g, i->a, eye);
}

/* ---- the call */

ek_out ek_initialize(ek_graph *g, ek_initializer i, ek_shape shape, ek_dtype dtype) {
  const ek_out none = {0, 0};
  (void)ek__unname(&g);
  if (!ek__graph_ok(g)) return none;
  if (i.kind == EK_INITIALIZER_DEFAULT) i = ek_glorot_uniform_initializer();
  const bool random = i.kind != EK_INITIALIZER_CONSTANT && i.kind != EK_INITIALIZER_CALLBACK;
  if (!ek_shape_is_known(shape) && i.kind != EK_INITIALIZER_CALLBACK) {
    char text[EK_SHAPE_TEXT];
    ek_graph_fail(g, EK_INVALID_ARGUMENT, "initializer '%s': shape %s is not fully defined", g->scope,
                  ek_shape_format(shape, text, sizeof text));
    return none;
  }
  if (random && !ek_dtype_is_floating(dtype)) {
    ek_graph_fail(g, EK_INVALID_ARGUMENT, "initializer '%s': expected a floating dtype, not %s", g->scope,
                  ek_dtype_name(dtype));
    return none;
  }
  switch (i.kind) {
  case EK_INITIALIZER_CONSTANT: return make_constant(g, &i, shape, dtype);
  case EK_INITIALIZER_RANDOM_UNIFORM: return uniform(g, &i, shape, dtype, i.a, i.b);
  case EK_INITIALIZER_RANDOM_NORMAL: return normal(g, &i, shape, dtype, i.a, i.b, false);
  case EK_INITIALIZER_TRUNCATED_NORMAL: return normal(g, &i, shape, dtype, i.a, i.b, true);
  case EK_INITIALIZER_VARIANCE_SCALING: return variance_scaling(g, &i, shape, dtype);
  case EK_INITIALIZER_UNIFORM_UNIT_SCALING: return unit_scaling(g, &i, shape, dtype);
  case EK_INITIALIZER_ORTHOGONAL: return orthogonal(g, &i, shape, dtype);
  case EK_INITIALIZER_IDENTITY: return identity(g, &i, shape, dtype);
  case EK_INITIALIZER_CALLBACK: return i.fn(g, shape, dtype, i.ctx);
  case EK_INITIALIZER_DEFAULT: break;
  }
  return none;
}
