/* SPDX-License-Identifier: Apache-2.0 */
/* Loops, run with all passes and without: what changes places, grows, is nested in loops and conds, writes variables.
 */
#include "evenkeel/evenkeel.h"
#include "test.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define OP(g_, type_, ...) ek_op_output(ek_build((g_), (type_), EK_OUTS(__VA_ARGS__), EK_NO_ATTRS), 0)

static const unsigned without[] = {0, EK_PASS_FOLD, EK_PASS_INPLACE, EK_PASS_REUSE,
                                   EK_PASS_FOLD | EK_PASS_INPLACE | EK_PASS_REUSE | EK_PASS_SINK | EK_PASS_FUSE};

/* A graph with a limit n, and what each case fetches for n = 0 .. 5. */
typedef struct loop_case {
  ek_graph *g;
  ek_out n;
} loop_case;

static ek_out plus(ek_graph *g, ek_out a, ek_out b) { return OP(g, "AddV2", a, b); }
static ek_out one(ek_graph *g, ek_out i) { return plus(g, i, ek_integer(g, 1)); }
static ek_out below(const loop_case *c, ek_out i) { return OP(c->g, "Less", i, c->n); }

static loop_case case_new(void) {
  loop_case c = {.g = ek_graph_new(NULL)};
  c.n = ek_placeholder(c.g, EK_INT32, ek_shape_scalar(), "n");
  return c;
}

static ek_tensor *run(ek_session *s, const loop_case *c, ek_out fetch, int n) {
  ek_status st = EK_STATUS_INIT;
  ek_tensor *limit = ek_tensor_new(EK_INT32, ek_shape_scalar(), NULL, &st), *result = NULL;
  *(int32_t *)ek_tensor_mutable_data(limit) = n;
  if (ek_session_run(s, &EK_FEED(c->n, limit), 1, &EK_FETCH(fetch), 1, &result, NULL, 0, NULL, &st) != EK_OK)
    fail_msg("n = %d: %s", n, st.msg);
  ek_tensor_free(limit);
  return result;
}

/* For n = 0 .. n_limits - 1 the fetch is want[n] (its sum, if it has several elements), and of that many elements. */
static void expect(const loop_case *c, ek_out fetch, const double *want, const int64_t *elements, int n_limits) {
  for (size_t p = 0; p < sizeof without / sizeof without[0]; p++) {
    ek_session_opts opts = EK_SESSION_OPTS_INIT;
    ek_status st = EK_STATUS_INIT;
    opts.without_passes = without[p];
    ek_session *s = ek_session_new(c->g, &opts, &st);
    if (s == NULL) fail_msg("%s", st.msg);
    for (int round = 0; round < 2; round++)
      for (int n = 0; n < n_limits; n++) {
        ek_tensor *t = run(s, c, fetch, n);
        double sum = 0.0;
        for (int64_t k = 0; k < ek_tensor_num_elements(t); k++) sum += ek_tensor_number(t, k);
        if (elements != NULL) assert_int_equal(ek_tensor_num_elements(t), elements[n]);
        if (sum != want[n]) fail_msg("without %#x, n = %d: %.9g, not %.9g", without[p], n, sum, want[n]);
        ek_tensor_free(t);
      }
    ek_session_free(s);
  }
  ek_graph_free(c->g);
}

static ek_out pair(ek_graph *g, double a, double b) { return ek_convert(g, ek_numbers(g, a, b), EK_FLOAT32, NULL); }

static void counts(void **state) {
  (void)state;
  loop_case c = case_new();
  ek_while_block w;
  EK_WHILE(c.g, EK_OUTS(ek_integer(c.g, 0)), NULL, w) {
    EK_WHILE_COND(w) ek_while_test(&w, below(&c, ek_while_var(&w, 0)));
    EK_WHILE_BODY(w) ek_while_next(&w, one(c.g, ek_while_var(&w, 0)));
  }
  expect(&c, ek_while_result(&w, 0), (const double[]){0, 1, 2, 3, 4}, NULL, 5);
}

/* a, b, c = b, c, a; x stays; f = f + a */
static void variables_change_places(void **state) {
  (void)state;
  for (int which = 0; which < 4; which++) {
    static const double want[][4] = {{3, 7, 11, 3}, {7, 11, 3, 7}, {30, 30, 30, 30}, {0, 3, 10, 21}};
    loop_case c = case_new();
    ek_graph *g = c.g;
    ek_while_block w;
    EK_WHILE(g, EK_OUTS(pair(g, 1, 2), pair(g, 3, 4), pair(g, 5, 6), pair(g, 10, 20), pair(g, 0, 0), ek_integer(g, 0)),
             NULL, w) {
      EK_WHILE_COND(w) ek_while_test(&w, below(&c, ek_while_var(&w, 5)));
      EK_WHILE_BODY(w) {
        ek_while_next(&w, ek_while_var(&w, 1));
        ek_while_next(&w, ek_while_var(&w, 2));
        ek_while_next(&w, ek_while_var(&w, 0));
        ek_while_next(&w, ek_while_var(&w, 3));
        ek_while_next(&w, plus(g, ek_while_var(&w, 4), ek_while_var(&w, 0)));
        ek_while_next(&w, one(g, ek_while_var(&w, 5)));
      }
    }
    const int result[] = {0, 1, 3, 4};
    expect(&c, ek_while_result(&w, result[which]), want[which], NULL, 4);
  }
}

/* Both variables get one value, and a third the old one of the first. */
static void one_value_for_two(void **state) {
  (void)state;
  loop_case c = case_new();
  ek_graph *g = c.g;
  ek_while_block w;
  EK_WHILE(g, EK_OUTS(pair(g, 1, 1), pair(g, 2, 2), pair(g, 3, 3), ek_integer(g, 0)), NULL, w) {
    EK_WHILE_COND(w) ek_while_test(&w, below(&c, ek_while_var(&w, 3)));
    EK_WHILE_BODY(w) {
      const ek_out sum = plus(g, ek_while_var(&w, 0), ek_while_var(&w, 1));
      ek_while_next(&w, sum);
      ek_while_next(&w, sum);
      ek_while_next(&w, ek_while_var(&w, 0));
      ek_while_next(&w, one(g, ek_while_var(&w, 3)));
    }
  }
  const ek_out all = OP(g, "AddN", ek_while_result(&w, 0), ek_while_result(&w, 1), ek_while_result(&w, 2));
  expect(&c, all, (const double[]){12, 14, 30}, NULL, 3);
}

static void shapes_may_grow(void **state) {
  (void)state;
  loop_case c = case_new();
  ek_graph *g = c.g;
  const ek_shape invariants[] = {ek_shape(-1), ek_shape(-1), ek_shape_scalar()};
  ek_while_block w;
  EK_WHILE(g, EK_OUTS(pair(g, 1, 2), pair(g, 5, 6), ek_integer(g, 0)), EK_WHILE_LOOP(.shape_invariants = invariants),
           w) {
    EK_WHILE_COND(w) ek_while_test(&w, below(&c, ek_while_var(&w, 2)));
    EK_WHILE_BODY(w) {
      ek_while_next(&w, ek_while_var(&w, 1)); /* they change places while they grow */
      ek_while_next(&w, ek_concat(g, EK_OUTS(ek_while_var(&w, 0), ek_while_var(&w, 1)), ek_integer(g, 0)));
      ek_while_next(&w, one(g, ek_while_var(&w, 2)));
    }
  }
  expect(&c, ek_while_result(&w, 1), (const double[]){11, 14, 25, 39}, (const int64_t[]){2, 4, 6, 10}, 4);
}

static void nested_with_cond(void **state) {
  (void)state;
  loop_case c = case_new();
  ek_graph *g = c.g;
  ek_while_block w, inner;
  ek_cond_block branch;
  EK_WHILE(g, EK_OUTS(ek_integer(g, 0), ek_integer(g, 0)), NULL, w) {
    EK_WHILE_COND(w) ek_while_test(&w, below(&c, ek_while_var(&w, 0)));
    EK_WHILE_BODY(w) {
      const ek_out i = ek_while_var(&w, 0);
      EK_WHILE(g, EK_OUTS(ek_integer(g, 0), ek_while_var(&w, 1)), NULL, inner) {
        EK_WHILE_COND(inner) ek_while_test(&inner, OP(g, "Less", ek_while_var(&inner, 0), i));
        EK_WHILE_BODY(inner) {
          const ek_out j = ek_while_var(&inner, 0), sum = ek_while_var(&inner, 1);
          EK_COND(g, OP(g, "Less", j, ek_integer(g, 1)), branch) {
            EK_THEN(branch) ek_cond_yield(&branch, plus(g, sum, ek_integer(g, 100)));
            EK_ELSE(branch) ek_cond_yield(&branch, plus(g, sum, i));
          }
          ek_while_next(&inner, one(g, j));
          ek_while_next(&inner, ek_cond_result(&branch, 0));
        }
      }
      ek_while_next(&w, one(g, i));
      ek_while_next(&w, ek_while_result(&inner, 1));
    }
  }
  expect(&c, ek_while_result(&w, 1), (const double[]){0, 0, 100, 202, 308}, NULL, 5);
}

static void in_a_branch(void **state) {
  (void)state;
  loop_case c = case_new();
  ek_graph *g = c.g;
  ek_cond_block branch;
  ek_while_block w;
  EK_COND(g, OP(g, "Less", ek_integer(g, 2), c.n), branch) {
    EK_THEN(branch) {
      EK_WHILE(g, EK_OUTS(ek_integer(g, 0)), NULL, w) {
        EK_WHILE_COND(w) ek_while_test(&w, below(&c, ek_while_var(&w, 0)));
        EK_WHILE_BODY(w) ek_while_next(&w, plus(g, ek_while_var(&w, 0), ek_integer(g, 2)));
      }
      ek_cond_yield(&branch, ek_while_result(&w, 0));
    }
    EK_ELSE(branch) ek_cond_yield(&branch, ek_integer(g, -1));
  }
  expect(&c, ek_cond_result(&branch, 0), (const double[]){-1, -1, -1, 4, 4, 6}, NULL, 6);
}

static void at_most_so_often(void **state) {
  (void)state;
  loop_case c = case_new();
  ek_graph *g = c.g;
  ek_while_block w;
  EK_WHILE(g, EK_OUTS(ek_integer(g, 0)), EK_WHILE_LOOP(.maximum_iterations = ek_integer(g, 2)), w) {
    EK_WHILE_COND(w) ek_while_test(&w, below(&c, ek_while_var(&w, 0)));
    EK_WHILE_BODY(w) ek_while_next(&w, one(g, ek_while_var(&w, 0)));
  }
  expect(&c, ek_while_result(&w, 0), (const double[]){0, 1, 2, 2, 2}, NULL, 5);
}

/* A variable read in the loop and written in it: the value that goes to the next iteration is the one before. */
static void variables_in_loops(void **state) {
  (void)state;
  for (int resource = 0; resource < 2; resource++) {
    loop_case c = case_new();
    ek_graph *g = c.g;
    const ek_variable v = ek_get_variable(
        g, "v", ek_shape_scalar(),
        EK_GET_VARIABLE(.initializer = ek_constant_initializer(1.0), .use_resource = resource ? EK_YES : EK_NO));
    ek_while_block w;
    EK_WHILE(g, EK_OUTS(ek_integer(g, 0), ek_number(g, 0.0)), NULL, w) {
      EK_WHILE_COND(w) ek_while_test(&w, below(&c, ek_while_var(&w, 0)));
      EK_WHILE_BODY(w) {
        const ek_out seen = OP(g, "AddV2", ek_variable_value(g, v), ek_number(g, 0.0));
        ek_out written = {0, 0};
        EK_CONTROL_DEPENDENCIES (g, EK_OPS(ek_out_op(seen))) written = ek_variable_assign_add(g, v, ek_number(g, 1.0));
        EK_CONTROL_DEPENDENCIES (g, EK_OPS(ek_out_op(written))) {
          ek_while_next(&w, one(g, ek_while_var(&w, 0)));
          ek_while_next(&w, plus(g, ek_while_var(&w, 1), seen));
        }
      }
    }
    const ek_op init = ek_global_variables_initializer(g);
    for (size_t p = 0; p < sizeof without / sizeof without[0]; p++) {
      ek_session_opts opts = EK_SESSION_OPTS_INIT;
      ek_status st = EK_STATUS_INIT;
      opts.without_passes = without[p];
      ek_session *s = ek_session_new(g, &opts, &st);
      if (s == NULL || ek_session_run_op(s, init, &st) != EK_OK) fail_msg("%s", st.msg);
      ek_tensor *t = run(s, &c, ek_while_result(&w, 1), 4), *now = ek_session_get_variable(s, v, &st);
      assert_true(ek_tensor_number(t, 0) == 1 + 2 + 3 + 4); /* by reference the memory itself is seen */
      assert_true(ek_tensor_number(now, 0) == 5.0);
      ek_tensor_free(t);
      ek_tensor_free(now);
      ek_session_free(s);
    }
    ek_graph_free(g);
  }
}

/* ---- gradients, against central differences */

typedef ek_out (*make_loop)(const loop_case *c, ek_out x);

/* y = tanh(y * x + 1/2), so often */
static ek_out plain(const loop_case *c, ek_out x) {
  ek_graph *g = c->g;
  ek_while_block w;
  EK_WHILE(g, EK_OUTS(ek_integer(g, 0), x), NULL, w) {
    EK_WHILE_COND(w) ek_while_test(&w, below(c, ek_while_var(&w, 0)));
    EK_WHILE_BODY(w) {
      ek_while_next(&w, one(g, ek_while_var(&w, 0)));
      ek_while_next(&w, OP(g, "Tanh", plus(g, OP(g, "Mul", ek_while_var(&w, 1), x), ek_number(g, 0.5))));
    }
  }
  return ek_while_result(&w, 1);
}

static ek_out with_cond(const loop_case *c, ek_out x) {
  ek_graph *g = c->g;
  ek_while_block w;
  ek_cond_block branch;
  EK_WHILE(g, EK_OUTS(ek_integer(g, 0), x, x), NULL, w) {
    EK_WHILE_COND(w) ek_while_test(&w, below(c, ek_while_var(&w, 0)));
    EK_WHILE_BODY(w) {
      const ek_out i = ek_while_var(&w, 0), y = ek_while_var(&w, 1), z = ek_while_var(&w, 2);
      EK_COND(g, OP(g, "Less", i, ek_integer(g, 2)), branch) {
        EK_THEN(branch) {
          ek_cond_yield(&branch, OP(g, "Mul", y, OP(g, "Tanh", z)));
          ek_cond_yield(&branch, y);
        }
        EK_ELSE(branch) {
          ek_cond_yield(&branch, OP(g, "Sigmoid", y));
          ek_cond_yield(&branch, OP(g, "Mul", z, x));
        }
      }
      ek_while_next(&w, one(g, i));
      ek_while_next(&w, ek_cond_result(&branch, 0));
      ek_while_next(&w, ek_cond_result(&branch, 1));
    }
  }
  return OP(g, "Mul", ek_while_result(&w, 1), ek_while_result(&w, 2));
}

static ek_out nested(const loop_case *c, ek_out x) {
  ek_graph *g = c->g;
  ek_while_block w, inner;
  EK_WHILE(g, EK_OUTS(ek_integer(g, 0), x), NULL, w) {
    EK_WHILE_COND(w) ek_while_test(&w, below(c, ek_while_var(&w, 0)));
    EK_WHILE_BODY(w) {
      const ek_out i = ek_while_var(&w, 0), scale = OP(g, "Sigmoid", ek_while_var(&w, 1));
      EK_WHILE(g, EK_OUTS(ek_integer(g, 0), ek_while_var(&w, 1)), NULL, inner) {
        EK_WHILE_COND(inner) ek_while_test(&inner, OP(g, "Less", ek_while_var(&inner, 0), i));
        EK_WHILE_BODY(inner) {
          ek_while_next(&inner, one(g, ek_while_var(&inner, 0)));
          ek_while_next(&inner, OP(g, "Tanh", plus(g, OP(g, "Mul", ek_while_var(&inner, 1), scale), x)));
        }
      }
      ek_while_next(&w, one(g, i));
      ek_while_next(&w, OP(g, "Mul", ek_while_result(&inner, 1), x));
    }
  }
  return ek_while_result(&w, 1);
}

/* The second result is used by nobody, but the first depends on it; the third forgets what it was. */
static ek_out unused(const loop_case *c, ek_out x) {
  ek_graph *g = c->g;
  ek_while_block w;
  EK_WHILE(g, EK_OUTS(ek_integer(g, 0), x, x, x), NULL, w) {
    EK_WHILE_COND(w) ek_while_test(&w, below(c, ek_while_var(&w, 0)));
    EK_WHILE_BODY(w) {
      ek_while_next(&w, one(g, ek_while_var(&w, 0)));
      ek_while_next(&w, OP(g, "Mul", ek_while_var(&w, 1), ek_while_var(&w, 2)));
      ek_while_next(&w, OP(g, "Tanh", plus(g, ek_while_var(&w, 2), ek_while_var(&w, 3))));
      ek_while_next(&w, OP(g, "Square", x));
    }
  }
  return ek_while_result(&w, 1);
}

static void check_gradient(make_loop make, bool shape_known, int n) {
  enum { SIZE = 3 };
  static const double at[SIZE] = {0.4, -0.7, 1.1}, step = 1e-5;
  loop_case c = case_new();
  ek_graph *g = c.g;
  const ek_out x = ek_placeholder(g, EK_FLOAT64, ek_shape(shape_known ? SIZE : -1), "x"), y = make(&c, x);
  ek_out dx = {0, 0};
  ek_gradients(g, EK_OUTS(y), EK_OUTS(x), NULL, &dx);
  for (size_t p = 0; p < sizeof without / sizeof without[0]; p++) {
    ek_session_opts opts = EK_SESSION_OPTS_INIT;
    ek_status st = EK_STATUS_INIT;
    opts.without_passes = without[p];
    ek_session *s = ek_session_new(g, &opts, &st);
    if (s == NULL) fail_msg("%s", st.msg);
    ek_tensor *limit = ek_tensor_new(EK_INT32, ek_shape_scalar(), NULL, &st),
              *value = ek_tensor_new(EK_FLOAT64, ek_shape(SIZE), NULL, &st), *slope = NULL;
    *(int32_t *)ek_tensor_mutable_data(limit) = n;
    double *v = ek_tensor_mutable_data(value);
    memcpy(v, at, sizeof at);
    const ek_feed feeds[] = {EK_FEED(c.n, limit), EK_FEED(x, value)};
    if (ek_session_run(s, feeds, 2, &EK_FETCH(dx), 1, &slope, NULL, 0, NULL, &st) != EK_OK) fail_msg("%s", st.msg);
    for (int i = 0; i < SIZE; i++) {
      double sum[2] = {0.0, 0.0};
      for (int side = 0; side < 2; side++) {
        ek_tensor *out = NULL;
        v[i] = at[i] + (side == 0 ? -step : step);
        if (ek_session_run(s, feeds, 2, &EK_FETCH(y), 1, &out, NULL, 0, NULL, &st) != EK_OK) fail_msg("%s", st.msg);
        for (int k = 0; k < SIZE; k++) sum[side] += ek_tensor_number(out, k);
        ek_tensor_free(out);
      }
      v[i] = at[i];
      const double got = ek_tensor_number(slope, i), want = (sum[1] - sum[0]) / (2 * step);
      if (!(fabs(got - want) <= 1e-8)) fail_msg("without %#x, n = %d, %d: %.9g, not %.9g", without[p], n, i, got, want);
    }
    ek_tensor_free(limit);
    ek_tensor_free(value);
    ek_tensor_free(slope);
    ek_session_free(s);
  }
  ek_graph_free(g);
}

static void gradients(void **state) {
  static const make_loop loops[] = {plain, with_cond, nested, unused};
  (void)state;
  for (size_t i = 0; i < sizeof loops / sizeof loops[0]; i++)
    for (int shape_known = 0; shape_known < 2; shape_known++)
      for (int n = 0; n < 5; n++) check_gradient(loops[i], shape_known != 0, n);
}

static void gradients_of_gradients_are_refused(void **state) {
  (void)state;
  loop_case c = case_new();
  ek_status st = EK_STATUS_INIT;
  const ek_out x = ek_placeholder(c.g, EK_FLOAT64, ek_shape(2), "x");
  ek_out dx = {0, 0};
  ek_gradients(c.g, EK_OUTS(plain(&c, x)), EK_OUTS(x), NULL, &dx);
  ek_gradients(c.g, EK_OUTS(dx), EK_OUTS(x), NULL, &dx);
  assert_int_equal(ek_graph_status(c.g, &st), EK_UNIMPLEMENTED);
  assert_non_null(strstr(st.msg, "Second-order gradient for while loops not supported"));
  ek_graph_free(c.g);
}

/* Gradients behind an op that is made of the loop's result: the counter that they add to the loop must not wait for it,
 * but it must run. */
static void gradients_behind_updates(void **state) {
  (void)state;
  loop_case c = case_new();
  ek_graph *g = c.g;
  const ek_out x = ek_convert(g, ek_numbers(g, 0.5, -1), EK_FLOAT32, NULL);
  const ek_variable v = ek_get_variable(g, "v", ek_shape(2), EK_GET_VARIABLE(.initializer = ek_zeros_initializer()));
  const ek_op init = ek_global_variables_initializer(g);
  ek_while_block w;
  EK_WHILE(g, EK_OUTS(ek_integer(g, 0), x), NULL, w) {
    EK_WHILE_COND(w) ek_while_test(&w, below(&c, ek_while_var(&w, 0)));
    EK_WHILE_BODY(w) {
      ek_while_next(&w, one(g, ek_while_var(&w, 0)));
      ek_while_next(&w, OP(g, "Mul", ek_while_var(&w, 1), x));
    }
  }
  const ek_out y = ek_while_result(&w, 1), update = ek_variable_assign_add(g, v, y);
  ek_out dx = {0, 0};
  EK_CONTROL_DEPENDENCIES (g, EK_OPS(ek_out_op(update))) ek_gradients(g, EK_OUTS(y), EK_OUTS(x), NULL, &dx);
  for (size_t p = 0; p < sizeof without / sizeof without[0]; p++) {
    ek_session_opts opts = EK_SESSION_OPTS_INIT;
    ek_status st = EK_STATUS_INIT;
    opts.without_passes = without[p];
    ek_session *s = ek_session_new(g, &opts, &st);
    if (s == NULL || ek_session_run_op(s, init, &st) != EK_OK) fail_msg("%s", st.msg);
    ek_tensor *slope = run(s, &c, dx, 2), *now = ek_session_get_variable(s, v, &st);
    assert_true(ek_tensor_number(slope, 0) == 0.75 && ek_tensor_number(slope, 1) == 3.0); /* of x cubed */
    assert_true(ek_tensor_number(now, 0) == 0.125 && ek_tensor_number(now, 1) == -1.0);
    ek_tensor_free(slope);
    ek_tensor_free(now);
    ek_session_free(s);
  }
  ek_graph_free(g);
}

/* A cond in a loop whose predicate is the same in every iteration. */
static void settled_outside(void **state) {
  (void)state;
  loop_case c = case_new();
  ek_graph *g = c.g;
  const ek_out odd = OP(g, "Equal", OP(g, "FloorMod", c.n, ek_integer(g, 2)), ek_integer(g, 1));
  ek_while_block w;
  ek_cond_block branch;
  EK_WHILE(g, EK_OUTS(ek_integer(g, 0), ek_integer(g, 0)), NULL, w) {
    EK_WHILE_COND(w) ek_while_test(&w, below(&c, ek_while_var(&w, 0)));
    EK_WHILE_BODY(w) {
      EK_COND(g, odd, branch) {
        EK_THEN(branch) ek_cond_yield(&branch, plus(g, ek_while_var(&w, 1), ek_integer(g, 10)));
        EK_ELSE(branch) ek_cond_yield(&branch, c.n);
      }
      ek_while_next(&w, one(g, ek_while_var(&w, 0)));
      ek_while_next(&w, ek_cond_result(&branch, 0));
    }
  }
  expect(&c, ek_while_result(&w, 1), (const double[]){0, 10, 2, 30, 4}, NULL, 5);
}

/* ---- runs that end early */

static bool stop_later(void *ctx, const ek_node_stats *step) {
  (void)step;
  return ++*(int *)ctx < 1000;
}

typedef struct canceller {
  ek_session *s;
  int steps;
} canceller;
static bool cancel_later(void *ctx, const ek_node_stats *step) {
  canceller *c = ctx;
  (void)step;
  if (++c->steps == 1000) ek_session_cancel(c->s);
  return true;
}

/* One loop pushes a constant n times; then another pops, one or two in an iteration, as long as there are some. What is
 * on the stack is known while planning, which may change nothing. */
static void constants_on_stacks(void **state) {
  (void)state;
  for (int pops = 1; pops <= 2; pops++) {
    loop_case c = case_new();
    ek_graph *g = c.g;
    const ek_op stack =
        ek_build(g, "StackV2", EK_OUTS(ek_integer(g, -1)), EK_ATTRS(EK_TYPE_ATTR("elem_type", EK_FLOAT32)));
    const ek_out handle = ek_op_output(stack, 0);
    ek_while_block push, pop;
    EK_WHILE(g, EK_OUTS(ek_integer(g, 0)), NULL, push) {
      EK_WHILE_COND(push) ek_while_test(&push, below(&c, ek_while_var(&push, 0)));
      EK_WHILE_BODY(push) {
        const ek_out i = ek_while_var(&push, 0);
        const ek_out pushed = OP(g, "StackPushV2", handle, ek_convert(g, ek_numbers(g, 3, 4), EK_FLOAT32, NULL));
        EK_CONTROL_DEPENDENCIES (g, EK_OPS(ek_out_op(pushed))) ek_while_next(&push, one(g, i));
      }
    }
    const ek_out pushes = ek_while_result(&push, 0);
    EK_WHILE(g, EK_OUTS(OP(g, "Sub", pushes, c.n), pair(g, 0, 0)), NULL, pop) { /* begins with 0 */
      EK_WHILE_COND(pop) {
        const ek_out next = plus(g, ek_while_var(&pop, 0), ek_integer(g, pops - 1));
        ek_while_test(&pop, below(&c, next));
      }
      EK_WHILE_BODY(pop) {
        const ek_out i = ek_while_var(&pop, 0);
        ek_out sum = ek_while_var(&pop, 1);
        for (int k = 0; k < pops; k++) {
          EK_CONTROL_DEPENDENCIES (g, EK_OPS(ek_out_op(i), ek_out_op(sum))) {
            const ek_op popped =
                ek_build(g, "StackPopV2", EK_OUTS(handle), EK_ATTRS(EK_TYPE_ATTR("elem_type", EK_FLOAT32)));
            if (popped.id != 0) ek_out_set_shape(g, ek_op_output(popped, 0), ek_shape(2));
            sum = plus(g, sum, ek_op_output(popped, 0));
          }
        }
        ek_while_next(&pop, plus(g, i, ek_integer(g, pops)));
        ek_while_next(&pop, sum);
      }
    }
    const double one_each[] = {0, 7, 14, 21, 28}, two_each[] = {0, 0, 14, 14, 28};
    expect(&c, ek_while_result(&pop, 1), pops == 1 ? one_each : two_each, NULL, 5);
  }
}

static void endless_loops_can_be_stopped(void **state) {
  (void)state;
  loop_case c = case_new();
  ek_graph *g = c.g;
  ek_status st = EK_STATUS_INIT;
  ek_while_block w;
  EK_WHILE(g, EK_OUTS(ek_integer(g, 0)), NULL, w) {
    EK_WHILE_COND(w) ek_while_test(&w, ek_constant_bool(g, true));
    EK_WHILE_BODY(w) ek_while_next(&w, one(g, ek_while_var(&w, 0)));
  }
  ek_session *s = ek_session_new(g, NULL, &st);
  int steps = 0;
  ek_run_options o = EK_RUN_OPTIONS_INIT;
  ek_tensor *result = NULL;
  o.on_step = stop_later;
  o.on_step_ctx = &steps;
  const ek_fetch fetch = EK_FETCH(ek_while_result(&w, 0));
  assert_int_equal(ek_session_run(s, NULL, 0, &fetch, 1, &result, NULL, 0, &o, &st), EK_CANCELLED);
  assert_null(result);
  canceller cancel = {.s = s};
  o.on_step = cancel_later;
  o.on_step_ctx = &cancel;
  ek_status_clear(&st);
  assert_int_equal(ek_session_run(s, NULL, 0, &fetch, 1, &result, NULL, 0, &o, &st), EK_CANCELLED);
  assert_int_equal(cancel.steps, 1000);
  ek_session_free(s);
  ek_graph_free(g);
}

static void what_is_inside_is_not_fetched(void **state) {
  (void)state;
  loop_case c = case_new();
  ek_graph *g = c.g;
  ek_status st = EK_STATUS_INIT;
  ek_while_block w;
  ek_out inside = {0, 0};
  EK_WHILE(g, EK_OUTS(ek_integer(g, 0)), NULL, w) {
    EK_WHILE_COND(w) ek_while_test(&w, below(&c, ek_while_var(&w, 0)));
    EK_WHILE_BODY(w) ek_while_next(&w, inside = one(ek_named(g, "more"), ek_while_var(&w, 0)));
  }
  ek_session *s = ek_session_new(g, NULL, &st);
  ek_tensor *result = NULL;
  assert_int_equal(ek_session_run(s, NULL, 0, &EK_FETCH(inside), 1, &result, NULL, 0, NULL, &st), EK_INVALID_ARGUMENT);
  assert_non_null(strstr(st.msg, "while/"));
  assert_non_null(strstr(st.msg, "not fetchable"));
  ek_session_free(s);
  ek_graph_free(g);
}

/* ---- memory */

static void *counting_alloc(void *ctx, size_t size, size_t align) {
  ++*(long *)ctx;
  return aligned_alloc(align, (size + align - 1) / align * align);
}
static void counting_free(void *ctx, void *p, size_t size) {
  (void)ctx;
  (void)size;
  free(p);
}

static void later_runs_allocate_nothing(void **state) {
  (void)state;
  loop_case c = case_new();
  ek_graph *g = c.g;
  const ek_shape invariants[] = {ek_shape(-1), ek_shape_scalar()};
  ek_while_block w;
  EK_WHILE(g, EK_OUTS(pair(g, 1, 2), ek_integer(g, 0)), EK_WHILE_LOOP(.shape_invariants = invariants), w) {
    EK_WHILE_COND(w) ek_while_test(&w, below(&c, ek_while_var(&w, 1)));
    EK_WHILE_BODY(w) {
      ek_while_next(&w, ek_concat(g, EK_OUTS(ek_while_var(&w, 0), ek_while_var(&w, 0)), ek_integer(g, 0)));
      ek_while_next(&w, one(g, ek_while_var(&w, 1)));
    }
  }
  long made = 0;
  const ek_allocator a = {counting_alloc, counting_free, &made};
  ek_session_opts opts = EK_SESSION_OPTS_INIT;
  ek_status st = EK_STATUS_INIT;
  opts.allocator = &a;
  ek_session *s = ek_session_new(g, &opts, &st);
  for (int round = 0; round < 3; round++) {
    const long before = made;
    ek_tensor_free(run(s, &c, ek_while_result(&w, 0), 6));
    if (round > 0) assert_int_equal(made - before, 0);
  }
  ek_session_free(s);
  ek_graph_free(g);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(counts),
      cmocka_unit_test(variables_change_places),
      cmocka_unit_test(one_value_for_two),
      cmocka_unit_test(shapes_may_grow),
      cmocka_unit_test(nested_with_cond),
      cmocka_unit_test(in_a_branch),
      cmocka_unit_test(at_most_so_often),
      cmocka_unit_test(variables_in_loops),
      cmocka_unit_test(gradients),
      cmocka_unit_test(gradients_of_gradients_are_refused),
      cmocka_unit_test(gradients_behind_updates),
      cmocka_unit_test(settled_outside),
      cmocka_unit_test(constants_on_stacks),
      cmocka_unit_test(endless_loops_can_be_stopped),
      cmocka_unit_test(what_is_inside_is_not_fetched),
      cmocka_unit_test(later_runs_allocate_nothing),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
