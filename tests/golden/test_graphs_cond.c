/* SPDX-License-Identifier: Apache-2.0 */
/* The cases cond_ of cases/core.py. */
#include "golden/golden.h"

static ek_out flag(ek_graph *g, const char *name) { return ek_placeholder(g, EK_BOOL, ek_shape_scalar(), name); }

static ek_out times(ek_graph *g, ek_out x, double k) { return OP(ek_named(g, "mul"), "Mul", x, ek_number(g, k)); }

static void cond_simple(ek_graph *g) {
  const ek_out p = flag(g, "p"), x = ek_placeholder(g, EK_FLOAT32, ek_shape(2), "x");
  ek_cond_block c;
  EK_COND(g, p, c) {
    EK_THEN(c) { ek_cond_yield(&c, times(g, x, 2.0)); }
    EK_ELSE(c) { ek_cond_yield(&c, OP(ek_named(g, "add"), "AddV2", x, ek_number(g, 1.0))); }
  }
  const ek_out y = ek_cond_result(&c, 0);
  EK_COND(ek_named(g, "pair"), p, c) {
    EK_THEN(c) {
      ek_cond_yield(&c, x);
      ek_cond_yield(&c, ek_constant_float32(g, 1.0f));
    }
    EK_ELSE(c) {
      ek_cond_yield(&c, y);
      ek_cond_yield(&c, ek_constant_float32(ek_named(g, "zeros"), 0.0f));
    }
  }
  EK_COND(g, p, c) {
    EK_THEN(c) { ek_cond_yield(&c, ek_integer(g, 1)); }
    EK_ELSE(c) { ek_cond_yield(&c, ek_integer(g, 2)); }
  }
}
GOLDEN_TEST(cond_simple)

static void cond_nested(ek_graph *g) {
  const ek_out p = flag(g, "p"), q = flag(g, "q"), x = ek_placeholder(g, EK_FLOAT32, ek_shape(2), "x");
  ek_cond_block c, inner;
  EK_COND(g, p, c) {
    EK_THEN(c) {
      const ek_out h = OP(g, "Square", x);
      EK_COND(g, q, inner) {
        EK_THEN(inner) { ek_cond_yield(&inner, OP(ek_named(g, "add"), "AddV2", h, x)); }
        EK_ELSE(inner) { ek_cond_yield(&inner, OP(g, "Exp", x)); }
      }
      ek_cond_yield(&c, ek_cond_result(&inner, 0));
    }
    EK_ELSE(c) { ek_cond_yield(&c, x); }
  }
}
GOLDEN_TEST(cond_nested)

static void cond_ops(ek_graph *g) {
  const ek_out p = flag(g, "p");
  const ek_variable v = ek_variable_new(ek_named(g, "v"), ek_number(g, 1.0), NULL);
  const ek_op outside = ek_no_op(ek_named(g, "outside"));
  ek_cond_block c;
  EK_COND(g, p, c) {
    EK_THEN(c) { ek_cond_yield(&c, ek_variable_assign_add(g, v, ek_number(g, 1.0))); }
    EK_ELSE(c) { ek_cond_yield(&c, OP(g, "Assign", ek_variable_handle(g, v), ek_number(g, 0.0))); }
  }
  EK_COND(g, p, c) {
    EK_THEN(c) {
      const ek_out more = ek_variable_assign_add(g, v, ek_number(g, 1.0));
      ek_cond_yield_op(&c, ek_group(g, EK_OPS(ek_out_op(more))));
    }
    EK_ELSE(c) { ek_cond_yield_op(&c, ek_no_op(g)); }
  }
  EK_COND(g, p, c) {
    EK_THEN(c) { ek_cond_yield(&c, ek_variable_value(g, v)); }
    EK_ELSE(c) { ek_cond_yield(&c, ek_constant_float32(g, 2.0f)); }
  }
  EK_CONTROL_DEPENDENCIES (g, EK_OPS(outside)) {
    EK_COND(g, p, c) {
      EK_THEN(c) { ek_cond_yield(&c, ek_constant_float32(g, 1.0f)); }
      EK_ELSE(c) { ek_cond_yield(&c, times(g, ek_variable_operand(g, v), 2.0)); }
    }
  }
}
GOLDEN_TEST(cond_ops)

static void cond_resource(ek_graph *g) {
  const ek_out p = flag(g, "p");
  const ek_variable v = ek_get_variable(g, "v", ek_shape_scalar(),
                                        EK_GET_VARIABLE(.initializer = ek_zeros_initializer(), .use_resource = EK_YES));
  ek_out dx;
  ek_cond_block c;
  EK_COND(g, p, c) {
    EK_THEN(c) { ek_cond_yield(&c, times(g, ek_variable_value(g, v), 2.0)); }
    EK_ELSE(c) { ek_cond_yield(&c, ek_variable_read_value(g, v)); }
  }
  ek_gradients(g, EK_OUTS(ek_cond_result(&c, 0)), EK_OUTS(ek_variable_handle(g, v)), NULL, &dx);
}
GOLDEN_TEST(cond_resource)

static void cond_gradients(ek_graph *g) {
  const ek_out p = flag(g, "p"), x = ek_placeholder(g, EK_FLOAT32, ek_shape(-1, 2), "x");
  const ek_out w = ek_placeholder(g, EK_FLOAT32, ek_shape(2, 2), "w");
  ek_out dx[2];
  ek_cond_block c;
  EK_COND(g, p, c) {
    EK_THEN(c) { ek_cond_yield(&c, OP(g, "MatMul", x, w)); }
    EK_ELSE(c) { ek_cond_yield(&c, OP(g, "Sigmoid", x)); }
  }
  ek_gradients(g, EK_OUTS(ek_cond_result(&c, 0)), EK_OUTS(x, w), NULL, dx);
}
GOLDEN_TEST(cond_gradients)

static void cond_gradients_nested(ek_graph *g) {
  const ek_out p = flag(g, "p"), x = ek_placeholder(g, EK_FLOAT32, ek_shape(2), "x");
  ek_out dx;
  ek_cond_block c, inner;
  EK_COND(g, p, c) {
    EK_THEN(c) {
      EK_COND(g, p, inner) {
        EK_THEN(inner) { ek_cond_yield(&inner, OP(g, "Square", x)); }
        EK_ELSE(inner) { ek_cond_yield(&inner, x); }
      }
      ek_cond_yield(&c, ek_cond_result(&inner, 0));
    }
    EK_ELSE(c) { ek_cond_yield(&c, OP(ek_named(g, "mul"), "Mul", OP(g, "Exp", x), x)); }
  }
  ek_gradients(g, EK_OUTS(ek_cond_result(&c, 0)), EK_OUTS(x), NULL, &dx);
}
GOLDEN_TEST(cond_gradients_nested)

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_cond_simple),    cmocka_unit_test(test_cond_nested),
      cmocka_unit_test(test_cond_ops),       cmocka_unit_test(test_cond_resource),
      cmocka_unit_test(test_cond_gradients), cmocka_unit_test(test_cond_gradients_nested),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
