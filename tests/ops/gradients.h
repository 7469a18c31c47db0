/* SPDX-License-Identifier: Apache-2.0 */
/* One op's gradient against central differences: how such an op is made, run and compared. */
#ifndef EK_TESTS_OPS_GRADIENTS_H
#define EK_TESTS_OPS_GRADIENTS_H

#include "evenkeel/evenkeel.h"
#include "ops/build.h"

enum { MAX_XS = 5, MAX_YS = 4, SIDE = 3 };

/* The truncation error is about STEP^2, that of rounding 1e-16 / STEP. In float32 steps are exact powers of two, so
 * that linear ops have no error at all, and the others one of STEP^2 and of 1e-7 / STEP. */
#define STEP_FLOAT64      1e-5
#define TOLERANCE_FLOAT64 1e-7
#define STEP_FLOAT32      (1.0 / 64)
#define TOLERANCE_FLOAT32 2e-3

typedef struct maker { /* an op under construction: its graph and the inputs that are differentiated */
  ek_graph *g;
  const ek_op_def *def;
  ek_dtype dtype;
  double lo, hi;
  bool shapes_known;
  ek_out x[MAX_XS];
  ek_tensor *value[MAX_XS];
  int n;
  uint32_t bits;
} maker;

static inline double drawn(maker *m, double lo, double hi) {
  m->bits = m->bits * 1664525u + 1013904223u;
  return lo + (hi - lo) * ((double)(m->bits >> 8) / (1 << 24));
}

static inline ek_tensor *random_tensor(maker *m, ek_dtype dtype, ek_shape shape, double lo, double hi) {
  double v[64];
  const int64_t n = ek_shape_num_elements(shape);
  assert_in_range(n, 0, 64);
  for (int64_t i = 0; i < n; i++) v[i] = drawn(m, lo, hi);
  return op_numbers(dtype, shape, v);
}

/* The next input: random numbers from the op's range. */
static inline ek_out x_of(maker *m, ek_dtype dtype, ek_shape shape) {
  ek_shape told = shape;
  assert_in_range(m->n, 0, MAX_XS - 1);
  for (int i = 0; i < shape.rank && !m->shapes_known; i++) told.dim[i] = -1;
  m->value[m->n] = random_tensor(m, dtype, shape, m->lo, m->hi);
  m->x[m->n] = ek_placeholder(m->g, dtype, told, "x");
  return m->x[m->n++];
}
static inline ek_out x(maker *m, ek_shape shape) { return x_of(m, m->dtype, shape); }
static inline ek_out square(maker *m) { return x(m, ek_shape(SIDE, SIDE)); }

static inline ek_out constant(maker *m, ek_tensor *t) {
  const ek_out c = ek_constant(m->g, t);
  ek_tensor_free(t);
  return c;
}
#define INTS(m, shape, ...) constant((m), NUMBERS(EK_INT32, shape, __VA_ARGS__))

static inline ek_op made(maker *m, ek_outs in, const ek_attr *attrs, int n_attrs) {
  return ek_build(m->g, m->def->name, in, attrs, n_attrs);
}

typedef struct recipe {
  const char *op;
  ek_op (*build)(maker *m);
  ek_dtype dtype; /* of the inputs; 0: float64 */
  bool all;       /* all outputs are differentiated; else the first */
} recipe;

/* ---- comparing */

typedef struct checked { /* an op that runs */
  maker *m;
  ek_session *s;
  ek_op op;
  int n_y;
  ek_tensor *weight[MAX_YS]; /* of each output in the sum that is differentiated */
  const char *what;
} checked;

static inline void run(checked *c, const ek_out *fetches, int n, ek_tensor **results) {
  ek_feed feeds[MAX_XS];
  ek_fetch wanted[MAX_XS];
  ek_status st = EK_STATUS_INIT;
  for (int i = 0; i < c->m->n; i++) feeds[i] = EK_FEED(c->m->x[i], c->m->value[i]);
  for (int i = 0; i < n; i++) wanted[i] = EK_FETCH(fetches[i]);
  if (ek_session_run(c->s, feeds, c->m->n, wanted, n, results, NULL, 0, NULL, &st) != EK_OK)
    fail_msg("%s: %s", c->what, st.msg);
}

static inline double weighted_sum(checked *c) {
  ek_out y[MAX_YS];
  ek_tensor *t[MAX_YS];
  double sum = 0;
  for (int i = 0; i < c->n_y; i++) y[i] = ek_op_output(c->op, i);
  run(c, y, c->n_y, t);
  for (int i = 0; i < c->n_y; i++) {
    for (int64_t k = 0; k < ek_tensor_num_elements(t[i]); k++)
      sum += ek_tensor_number(c->weight[i], k) * ek_tensor_number(t[i], k);
    ek_tensor_free(t[i]);
  }
  return sum;
}

static inline void set_number(ek_tensor *t, int64_t i, double v) {
  if (ek_tensor_dtype(t) == EK_FLOAT64)
    ((double *)ek_tensor_mutable_data(t))[i] = v;
  else
    ((float *)ek_tensor_mutable_data(t))[i] = (float)v;
}

/* gradient NULL: none, which must be zero. */
static inline void compare_input(checked *c, int i, const ek_tensor *gradient) {
  ek_tensor *v = c->m->value[i];
  const bool exact = ek_tensor_dtype(v) == EK_FLOAT64;
  const double step = exact ? STEP_FLOAT64 : STEP_FLOAT32, tolerance = exact ? TOLERANCE_FLOAT64 : TOLERANCE_FLOAT32;
  if (gradient != NULL) assert_true(ek_shape_equal(ek_tensor_shape(gradient), ek_tensor_shape(v)));
  for (int64_t k = 0; k < ek_tensor_num_elements(v); k++) {
    const double at = ek_tensor_number(v, k);
    set_number(v, k, at + step);
    const double above = weighted_sum(c);
    set_number(v, k, at - step);
    const double below = weighted_sum(c);
    set_number(v, k, at);
    const double want = (above - below) / (2 * step), got = gradient != NULL ? ek_tensor_number(gradient, k) : 0;
    if (!(fabs(got - want) <= tolerance * (1 + fabs(want))))
      fail_msg("%s: input %d, element %d: the gradient is %.9g, the difference quotient %.9g", c->what, i, (int)k, got,
               want);
  }
}

static inline void no_error(const checked *c) {
  ek_status st = EK_STATUS_INIT;
  if (ek_graph_status(c->m->g, &st) != EK_OK) fail_msg("%s: %s", c->what, st.msg);
}

/* Weights for what the op gives, then the gradients of the weighted sum, added to the graph that has run. */
static inline void differentiate(checked *c, ek_out *dx) {
  ek_out y[MAX_YS], weights[MAX_YS];
  ek_tensor *t[MAX_YS];
  for (int i = 0; i < c->n_y; i++) y[i] = ek_op_output(c->op, i);
  run(c, y, c->n_y, t);
  for (int i = 0; i < c->n_y; i++) {
    c->weight[i] = random_tensor(c->m, ek_tensor_dtype(t[i]), ek_tensor_shape(t[i]), 0.5, 1.5);
    weights[i] = ek_constant(c->m->g, c->weight[i]);
    ek_tensor_free(t[i]);
  }
  ek_gradients_opts opts = EK_GRADIENTS_OPTS_INIT;
  opts.grad_ys = (ek_outs){weights, c->n_y};
  ek_gradients(c->m->g, (ek_outs){y, c->n_y}, (ek_outs){c->m->x, c->m->n}, &opts, dx);
  for (int i = 0; i < c->m->n; i++) dx[i] = ek_convert(c->m->g, dx[i], EK_INVALID_DTYPE, NULL); /* of slices */
  no_error(c);
}

static inline void check(const ek_op_def *def, const recipe *r, bool shapes_known) {
  const bool in_registry = def->check_lo < def->check_hi;
  maker m = {.g = ek_graph_new(NULL),
             .def = def,
             .dtype = r->dtype != 0 ? r->dtype : EK_FLOAT64,
             .lo = in_registry ? def->check_lo : 0.5,
             .hi = in_registry ? def->check_hi : 2,
             .shapes_known = shapes_known,
             .bits = 1};
  ek_status st = EK_STATUS_INIT;
  checked c = {.m = &m, .op = r->build(&m), .what = def->name};
  no_error(&c);
  c.n_y = r->all ? ek_op_num_outputs(m.g, c.op) : 1;
  c.s = ek_session_new(m.g, NULL, &st);
  assert_non_null(c.s);
  ek_out dx[MAX_XS], real[MAX_XS] = {{0, 0}};
  ek_tensor *gradient[MAX_XS];
  int n = 0;
  differentiate(&c, dx);
  for (int i = 0; i < m.n; i++)
    if (dx[i].op != 0) real[n++] = dx[i];
  run(&c, real, n, gradient);
  for (int i = 0, k = 0; i < m.n; i++) compare_input(&c, i, dx[i].op != 0 ? gradient[k++] : NULL);
  for (int i = 0; i < n; i++) ek_tensor_free(gradient[i]);
  for (int i = 0; i < c.n_y; i++) ek_tensor_free(c.weight[i]);
  for (int i = 0; i < m.n; i++) ek_tensor_free(m.value[i]);
  ek_session_free(c.s);
  ek_graph_free(m.g);
}

#endif
