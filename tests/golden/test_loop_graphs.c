/* SPDX-License-Identifier: Apache-2.0 */
/* The cases of cases/loops.py, line by line. */
#include "golden/golden.h"

static ek_out x23(ek_graph *g) { return ek_placeholder(g, EK_FLOAT32, ek_shape(2, 3), "x"); }
static ek_out limit(ek_graph *g) { return ek_placeholder(g, EK_INT32, ek_shape_scalar(), "n"); }
static ek_out plus_one(ek_graph *g, ek_out i) { return OP(ek_named(g, "add"), "AddV2", i, ek_integer(g, 1)); }
static ek_out times(ek_graph *g, ek_out a, ek_out b) { return OP(ek_named(g, "mul"), "Mul", a, b); }

static void while_counter(ek_graph *g) {
  const ek_out n = limit(g);
  ek_while_block w;
  EK_WHILE(g, EK_OUTS(ek_integer(g, 0)), NULL, w) {
    EK_WHILE_COND(w) ek_while_test(&w, OP(g, "Less", ek_while_var(&w, 0), n));
    EK_WHILE_BODY(w) ek_while_next(&w, plus_one(g, ek_while_var(&w, 0)));
  }
}
GOLDEN_TEST(while_counter)

typedef struct outside {
  ek_out x, n;
  ek_variable w;
} outside;

static ek_out below_n(ek_graph *g, ek_outs vars, void *ctx) {
  return OP(g, "Less", vars.at[0], ((const outside *)ctx)->n);
}

static void dense_body(ek_graph *g, ek_outs vars, ek_out *next, void *ctx) {
  const outside *o = ctx;
  next[0] = plus_one(g, vars.at[0]);
  next[1] = OP(g, "Tanh", OP(g, "MatMul", vars.at[1], ek_variable_operand(g, o->w)));
}

static void while_invariants(ek_graph *g) {
  outside o = {.x = x23(g), .n = limit(g)};
  ek_out results[2];
  o.w = ek_get_variable(g, "w", ek_shape(3, 3), EK_GET_VARIABLE(.initializer = ek_ones_initializer()));
  ek_while_loop(g, below_n, dense_body, EK_OUTS(ek_integer(g, 0), o.x), &o, NULL, results);
}
GOLDEN_TEST(while_invariants)

static void while_shapes(ek_graph *g) {
  const ek_out x = x23(g), n = limit(g);
  const ek_shape invariants[] = {ek_shape_scalar(), ek_shape(-1, 3)};
  ek_while_block w;
  EK_WHILE(
      ek_named(g, "grow"), EK_OUTS(ek_integer(g, 0), x),
      EK_WHILE_LOOP(.shape_invariants = invariants, .parallel_iterations = 3, .swap_memory = true, .back_prop = false),
      w) {
    EK_WHILE_COND(w) ek_while_test(&w, OP(g, "Less", ek_while_var(&w, 0), n));
    EK_WHILE_BODY(w) {
      const ek_out y = ek_while_var(&w, 1);
      ek_while_next(&w, plus_one(g, ek_while_var(&w, 0)));
      ek_while_next(&w, ek_op_output(ek_build(ek_named(g, "concat"), "ConcatV2", EK_OUTS(y, y, ek_integer(g, 0)),
                                              EK_ATTRS(EK_INT_ATTR("N", 2))),
                                     0));
    }
  }
}
GOLDEN_TEST(while_shapes)

static void while_maximum(ek_graph *g) {
  const ek_out x = x23(g), n = limit(g);
  ek_tensor *yes = ek_tensor_bool(true, NULL);
  ek_while_block w;
  EK_WHILE(g, EK_OUTS(x), EK_WHILE_LOOP(.maximum_iterations = n), w) {
    EK_WHILE_COND(w) ek_while_test(&w, ek_constant(ek_named(g, "LogicalAnd/y"), yes));
    EK_WHILE_BODY(w) ek_while_next(&w, OP(g, "Tanh", ek_while_var(&w, 0)));
  }
  ek_tensor_free(yes);
}
GOLDEN_TEST(while_maximum)

/* y times x, n times, in a loop of its own. */
static ek_out times_often(ek_graph *g, ek_out y, ek_out x, ek_out n) {
  ek_while_block w;
  EK_WHILE(g, EK_OUTS(ek_integer(g, 0), y), NULL, w) {
    EK_WHILE_COND(w) ek_while_test(&w, OP(g, "Less", ek_while_var(&w, 0), n));
    EK_WHILE_BODY(w) {
      ek_while_next(&w, plus_one(g, ek_while_var(&w, 0)));
      ek_while_next(&w, times(g, ek_while_var(&w, 1), x));
    }
  }
  return ek_while_result(&w, 1);
}

static void while_nested(ek_graph *g) {
  const ek_out x = x23(g), n = limit(g);
  ek_while_block w;
  EK_WHILE(g, EK_OUTS(ek_integer(g, 0), x), NULL, w) {
    EK_WHILE_COND(w) ek_while_test(&w, OP(g, "Less", ek_while_var(&w, 0), n));
    EK_WHILE_BODY(w) {
      const ek_out i = ek_while_var(&w, 0), power = times_often(g, ek_while_var(&w, 1), x, i);
      ek_while_next(&w, plus_one(g, i));
      ek_while_next(&w, power);
    }
  }
}
GOLDEN_TEST(while_nested)

static void while_around_cond(ek_graph *g) {
  const ek_out x = x23(g), n = limit(g);
  ek_while_block w;
  ek_cond_block c;
  EK_WHILE(g, EK_OUTS(ek_integer(g, 0), x), NULL, w) {
    EK_WHILE_COND(w) ek_while_test(&w, OP(g, "Less", ek_while_var(&w, 0), n));
    EK_WHILE_BODY(w) {
      const ek_out i = ek_while_var(&w, 0), y = ek_while_var(&w, 1);
      ek_while_next(&w, plus_one(g, i));
      EK_COND(g, OP(g, "Greater", i, ek_integer(g, 2)), c) {
        EK_THEN(c) ek_cond_yield(&c, OP(g, "Tanh", y));
        EK_ELSE(c) ek_cond_yield(&c, OP(ek_named(g, "add"), "AddV2", times(g, y, x), ek_number(g, 1.0)));
      }
      ek_while_next(&w, ek_cond_result(&c, 0));
    }
  }
}
GOLDEN_TEST(while_around_cond)

static void while_in_cond(ek_graph *g) {
  const ek_out x = x23(g), n = limit(g);
  ek_cond_block c;
  ek_while_block w;
  EK_COND(g, OP(g, "Greater", n, ek_integer(g, 3)), c) {
    EK_THEN(c) {
      EK_WHILE(g, EK_OUTS(x), NULL, w) {
        EK_WHILE_COND(w)
        ek_while_test(&w, OP(g, "Less", OP(g, "Sum", ek_while_var(&w, 0), ek_ints(g, 0, 1)), ek_number(g, 9.0)));
        EK_WHILE_BODY(w) ek_while_next(&w, OP(ek_named(g, "add"), "AddV2", ek_while_var(&w, 0), x));
      }
      ek_cond_yield(&c, ek_while_result(&w, 0));
    }
    EK_ELSE(c) ek_cond_yield(&c, x);
  }
}
GOLDEN_TEST(while_in_cond)

static void while_control(ek_graph *g) {
  const ek_out x = x23(g), n = limit(g), before = OP(ek_named(g, "before"), "Tanh", x);
  ek_while_block w;
  EK_CONTROL_DEPENDENCIES (g, EK_OPS(ek_out_op(before))) {
    EK_WHILE(g, EK_OUTS(ek_integer(g, 0)), NULL, w) {
      EK_WHILE_COND(w) ek_while_test(&w, OP(g, "Less", ek_while_var(&w, 0), n));
      EK_WHILE_BODY(w) {
        const ek_out i = ek_while_var(&w, 0);
        EK_CONTROL_DEPENDENCIES (g, EK_OPS(ek_out_op(before), ek_out_op(i))) {
          (void)ek_constant_float32(g, 1.0f);
          ek_while_next(&w, OP(g, "Identity", plus_one(g, i)));
        }
      }
    }
  }
}
GOLDEN_TEST(while_control)

static void while_assign(ek_graph *g) {
  const ek_out n = limit(g);
  const ek_variable v =
      ek_get_variable(g, "v", ek_shape_scalar(), EK_GET_VARIABLE(.initializer = ek_zeros_initializer()));
  ek_while_block w;
  EK_WHILE(g, EK_OUTS(ek_integer(g, 0)), NULL, w) {
    EK_WHILE_COND(w) ek_while_test(&w, OP(g, "Less", ek_while_var(&w, 0), n));
    EK_WHILE_BODY(w) {
      const ek_out added = OP(g, "AssignAdd", ek_variable_handle(g, v), ek_number(g, 2.0));
      EK_CONTROL_DEPENDENCIES (g, EK_OPS(ek_out_op(added))) ek_while_next(&w, plus_one(g, ek_while_var(&w, 0)));
    }
  }
}
GOLDEN_TEST(while_assign)

/* ---- gradients */

static void gradients(ek_graph *g, ek_out y, ek_outs xs) {
  ek_out dx[2];
  ek_gradients(g, EK_OUTS(y), xs, NULL, dx);
}

static void twice_body(ek_graph *g, ek_outs vars, ek_out *next, void *ctx) {
  dense_body(g, vars, next, ctx);
  next[1] = times(g, next[1], ek_number(g, 2.0));
}

static void while_gradient(ek_graph *g) {
  outside o = {.x = x23(g), .n = limit(g)};
  ek_out results[2];
  o.w = ek_get_variable(g, "w", ek_shape(3, 3), EK_GET_VARIABLE(.initializer = ek_ones_initializer()));
  ek_while_loop(g, below_n, twice_body, EK_OUTS(ek_integer(g, 0), o.x), &o, NULL, results);
  gradients(g, results[1], EK_OUTS(o.x, ek_variable_handle(g, o.w)));
}
GOLDEN_TEST(while_gradient)

static void while_gradient_two(ek_graph *g) {
  const ek_out x = x23(g), n = limit(g);
  static const double none[6];
  const ek_out zeros = ek_convert(g, ek_number_array(g, ek_shape(2, 3), none), EK_FLOAT32, "zeros");
  ek_while_block w;
  EK_WHILE(g, EK_OUTS(ek_integer(g, 0), x, x, zeros), NULL, w) {
    EK_WHILE_COND(w) ek_while_test(&w, OP(g, "Less", ek_while_var(&w, 0), n));
    EK_WHILE_BODY(w) {
      ek_while_next(&w, plus_one(g, ek_while_var(&w, 0)));
      ek_while_next(&w, times(g, ek_while_var(&w, 1), ek_while_var(&w, 2)));
      ek_while_next(&w, OP(ek_named(g, "add"), "AddV2", ek_while_var(&w, 2), x));
      ek_while_next(&w, times(g, x, ek_number(g, 3.0)));
    }
  }
  gradients(g, ek_while_result(&w, 1), EK_OUTS(x));
}
GOLDEN_TEST(while_gradient_two)

static void while_gradient_cond(ek_graph *g) {
  const ek_out x = x23(g), n = limit(g);
  ek_while_block w;
  ek_cond_block c;
  EK_WHILE(g, EK_OUTS(ek_integer(g, 0), x), NULL, w) {
    EK_WHILE_COND(w) ek_while_test(&w, OP(g, "Less", ek_while_var(&w, 0), n));
    EK_WHILE_BODY(w) {
      const ek_out i = ek_while_var(&w, 0), y = ek_while_var(&w, 1);
      ek_while_next(&w, plus_one(g, i));
      EK_COND(g, OP(g, "Greater", i, ek_integer(g, 2)), c) {
        EK_THEN(c) ek_cond_yield(&c, OP(g, "Tanh", y));
        EK_ELSE(c) ek_cond_yield(&c, times(g, y, x));
      }
      ek_while_next(&w, ek_cond_result(&c, 0));
    }
  }
  gradients(g, ek_while_result(&w, 1), EK_OUTS(x));
}
GOLDEN_TEST(while_gradient_cond)

static void while_gradient_nested(ek_graph *g) {
  const ek_out x = x23(g), n = limit(g);
  ek_while_block w;
  EK_WHILE(g, EK_OUTS(ek_integer(g, 0), x), NULL, w) {
    EK_WHILE_COND(w) ek_while_test(&w, OP(g, "Less", ek_while_var(&w, 0), n));
    EK_WHILE_BODY(w) {
      const ek_out i = ek_while_var(&w, 0), power = times_often(g, ek_while_var(&w, 1), x, i);
      ek_while_next(&w, plus_one(g, i));
      ek_while_next(&w, OP(g, "Tanh", power));
    }
  }
  gradients(g, ek_while_result(&w, 1), EK_OUTS(x));
}
GOLDEN_TEST(while_gradient_nested)

static void tanh_of_product(ek_graph *g, ek_outs vars, ek_out *next, void *ctx) {
  next[0] = plus_one(g, vars.at[0]);
  next[1] = OP(g, "Tanh", times(g, vars.at[1], ((const outside *)ctx)->x));
}

static void while_gradient_shapes(ek_graph *g) {
  outside o = {.x = ek_placeholder(g, EK_FLOAT32, ek_shape(-1, 3), "x"), .n = limit(g)};
  ek_out results[2];
  ek_while_loop(g, below_n, tanh_of_product, EK_OUTS(ek_integer(g, 0), o.x), &o, NULL, results);
  gradients(g, results[1], EK_OUTS(o.x));
}
GOLDEN_TEST(while_gradient_shapes)

static void tanh_of(ek_graph *g, ek_outs vars, ek_out *next, void *ctx) {
  (void)ctx;
  next[0] = plus_one(g, vars.at[0]);
  next[1] = OP(g, "Tanh", vars.at[1]);
}

static void while_gradient_stopped(ek_graph *g) {
  outside o = {.x = x23(g), .n = limit(g)};
  ek_out results[2];
  ek_while_loop(g, below_n, tanh_of, EK_OUTS(ek_integer(g, 0), o.x), &o, EK_WHILE_LOOP(.back_prop = false), results);
  gradients(g, times(g, results[1], o.x), EK_OUTS(o.x));
}
GOLDEN_TEST(while_gradient_stopped)

/* ---- batch normalization in a loop */

typedef struct norm_case {
  ek_out n;
  ek_flag training;
} norm_case;

static ek_out below_limit(ek_graph *g, ek_outs vars, void *ctx) {
  return OP(g, "Less", vars.at[0], ((const norm_case *)ctx)->n);
}

static void norm_body(ek_graph *g, ek_outs vars, ek_out *next, void *ctx) {
  ek_out h = ek_layers_dense(
      g, vars.at[1], 4, EK_LAYERS_DENSE(.use_bias = false, .name = "fc", .kernel_initializer = ek_ones_initializer()));
  h = ek_layers_batch_normalization(
      g, h,
      EK_LAYERS_BATCH_NORMALIZATION(.training = ((const norm_case *)ctx)->training, .momentum = 0.9, .name = "bn"));
  EK_CONTROL_DEPENDENCIES (g, ek_get_collection_ops(g, EK_UPDATE_OPS, NULL)) {
    next[0] = plus_one(g, vars.at[0]);
    next[1] = OP(g, "Sigmoid", h);
  }
}

static void norm_loop(ek_graph *g, norm_case *c, ek_out x) {
  ek_out results[2], xs[8], dx[8];
  ek_while_loop(g, below_limit, norm_body, EK_OUTS(ek_integer(g, 0), x), c, NULL, results);
  const ek_variables v = ek_get_collection_variables(g, EK_TRAINABLE_VARIABLES, NULL);
  for (int i = 0; i < v.n; i++) xs[i] = ek_variable_handle(g, v.at[i]);
  ek_gradients(g, EK_OUTS(results[1]), (ek_outs){xs, v.n}, NULL, dx);
}

static ek_out x4(ek_graph *g) { return ek_placeholder(g, EK_FLOAT32, ek_shape(-1, 4), "x"); }

static void while_batch_norm(ek_graph *g) {
  const ek_out x = x4(g);
  norm_case c = {limit(g), EK_TRUE};
  norm_loop(g, &c, x);
}
GOLDEN_TEST(while_batch_norm)

static void while_batch_norm_flag(ek_graph *g) {
  const ek_out x = x4(g);
  norm_case c = {.n = limit(g)};
  c.training = ek_flag_of(ek_placeholder(g, EK_BOOL, ek_shape_scalar(), "is_training"));
  norm_loop(g, &c, x);
}
GOLDEN_TEST(while_batch_norm_flag)

static void while_batch_norm_resource(ek_graph *g) {
  const ek_out x = x4(g);
  norm_case c = {limit(g), EK_TRUE};
  EK_VARIABLE_SCOPE (g, NULL, EK_SCOPE(.scope = ek_get_variable_scope(g), .use_resource = EK_YES)) norm_loop(g, &c, x);
}
GOLDEN_TEST(while_batch_norm_resource)

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_while_counter),          cmocka_unit_test(test_while_invariants),
      cmocka_unit_test(test_while_shapes),           cmocka_unit_test(test_while_maximum),
      cmocka_unit_test(test_while_nested),           cmocka_unit_test(test_while_around_cond),
      cmocka_unit_test(test_while_in_cond),          cmocka_unit_test(test_while_control),
      cmocka_unit_test(test_while_assign),           cmocka_unit_test(test_while_gradient),
      cmocka_unit_test(test_while_gradient_two),     cmocka_unit_test(test_while_gradient_cond),
      cmocka_unit_test(test_while_gradient_nested),  cmocka_unit_test(test_while_gradient_shapes),
      cmocka_unit_test(test_while_gradient_stopped), cmocka_unit_test(test_while_batch_norm),
      cmocka_unit_test(test_while_batch_norm_flag),  cmocka_unit_test(test_while_batch_norm_resource),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
