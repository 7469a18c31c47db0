/* SPDX-License-Identifier: Apache-2.0 */
/* The cases of cases/sparse.py: gradients that are IndexedSlices. */
#include "golden/golden.h"
#include "optimizers.h"

static ek_variable table(ek_graph *g, const char *name, bool resource, ek_dtype dtype) {
  ek_get_variable_opts opts = EK_GET_VARIABLE_OPTS_INIT;
  opts.initializer = ek_ones_initializer();
  opts.use_resource = resource ? EK_YES : EK_NO;
  opts.dtype = dtype;
  return ek_get_variable(g, name, ek_shape(5, 3), &opts);
}

static ek_variable embedding(ek_graph *g, bool resource) { return table(g, "emb", resource, EK_FLOAT32); }

static ek_out fed(ek_graph *g) { return ek_placeholder(g, EK_INT64, ek_shape(-1), "ids"); }

static ek_out l2_loss(ek_graph *g, ek_out x) { return OP(g, "L2Loss", x); }

static ek_out gather(ek_graph *g, ek_out x, ek_out ids) { return OP(g, "GatherV2", x, ids, ek_integer(g, 0)); }

/* ---- optimizers */

static void minimize(ek_graph *g, ek_optimizer *(*make)(ek_graph *), bool resource) {
  const ek_variable emb = embedding(g, resource);
  const ek_out ids = fed(g);
  ek_get_variable_opts opts = EK_GET_VARIABLE_OPTS_INIT;
  opts.initializer = ek_ones_initializer();
  opts.use_resource = resource ? EK_YES : EK_NO;
  const ek_variable w = ek_get_variable(g, "w", ek_shape(3), &opts);
  const ek_out rows = ek_nn_embedding_lookup(g, emb, ids, NULL);
  const ek_out h = OP(ek_named(g, "mul"), "Mul", rows, ek_variable_operand(g, w));
  ek_optimizer *optimizer = make(g);
  (void)ek_train_minimize(optimizer, l2_loss(g, h), NULL);
}

#define OPTIMIZER_TEST(name_)                                                                                          \
  static void sparse_##name_(ek_graph *g) { minimize(g, name_, false); }                                               \
  static void sparse_##name_##_resource(ek_graph *g) { minimize(g, name_, true); }                                     \
  GOLDEN_TEST(sparse_##name_)                                                                                          \
  GOLDEN_TEST(sparse_##name_##_resource)
OPTIMIZER_TEST(sgd)
OPTIMIZER_TEST(momentum)
OPTIMIZER_TEST(nesterov)
OPTIMIZER_TEST(adam)
OPTIMIZER_TEST(rmsprop)
OPTIMIZER_TEST(rmsprop_centered)
OPTIMIZER_TEST(adagrad)

static void sparse_adam_float64(ek_graph *g) {
  const ek_variable emb = table(g, "emb", false, EK_FLOAT64);
  const ek_out ids = fed(g);
  ek_optimizer *optimizer = ek_train_adam(g, EK_TRAIN_ADAM(.use_locking = true));
  (void)ek_train_minimize(optimizer, l2_loss(g, ek_nn_embedding_lookup(g, emb, ids, NULL)), NULL);
}
GOLDEN_TEST(sparse_adam_float64)

/* ---- gradients */

static ek_out rows_loss(ek_graph *g, ek_variable v, ek_out ids) {
  return l2_loss(g, gather(g, ek_variable_operand(g, v), ids));
}

static void sparse_sums(ek_graph *g) {
  const ek_variable a = table(g, "a", false, EK_FLOAT32), b = table(g, "b", false, EK_FLOAT32),
                    c = table(g, "c", false, EK_FLOAT32), d = table(g, "d", false, EK_FLOAT32);
  const ek_out ids = fed(g), narrow = ek_placeholder(g, EK_INT32, ek_shape(-1), "narrow");
  ek_out terms[7], dx[3];
  for (int i = 0; i < 4; i++) terms[i] = rows_loss(g, i < 3 ? a : b, ids);
  terms[4] = rows_loss(g, b, narrow);
  terms[5] = rows_loss(g, c, ids);
  terms[6] = l2_loss(g, ek_variable_operand(g, c));
  const ek_out loss = op_of(g, "AddN", (ek_outs){terms, 7});
  const ek_outs xs = EK_OUTS(ek_variable_handle(g, a), ek_variable_handle(g, b), ek_variable_handle(g, c));
  ek_gradients(g, EK_OUTS(loss), xs, NULL, dx);
  ek_indexed_slices s = {{0, 0}, {0, 0}, {0, 0}};
  assert_true(ek_indexed_slices_of(g, dx[0], &s) && ek_indexed_slices_of(g, dx[1], &s));
  assert_false(ek_indexed_slices_of(g, dx[2], &s)); /* rows and all */
  assert_true(ek_shape_equal(ek_out_shape(g, dx[0]), ek_shape(5, 3)));
  assert_int_equal(ek_out_dtype(g, dx[1]), EK_FLOAT32);
  assert_int_equal(ek_out_dtype(g, s.indices), EK_INT64);
  ek_gradients(g, EK_OUTS(loss), xs, EK_GRADIENTS(.aggregation_method = EK_EXPERIMENTAL_TREE), dx);
  const ek_out some = gather(g, ek_variable_operand(g, d), ids);
  ek_gradients(g, EK_OUTS(l2_loss(g, gather(g, some, narrow))), EK_OUTS(ek_variable_handle(g, d)), NULL, dx);
}
GOLDEN_TEST(sparse_sums)

static void made_dense(ek_graph *g, const char *name, ek_variable emb, ek_out x, ek_out ids) {
  ek_out dx;
  const ek_out loss = l2_loss(g, gather(g, x, ids));
  ek_gradients(ek_named(g, name), EK_OUTS(loss), EK_OUTS(ek_variable_handle(g, emb)), NULL, &dx);
}

static void sparse_made_dense(ek_graph *g) {
  const ek_variable emb = embedding(g, false);
  const ek_out ids = fed(g), x = ek_variable_operand(g, emb);
  made_dense(g, "tanh", emb, OP(g, "Tanh", x), ids);
  made_dense(g, "add", emb, OP(ek_named(g, "add"), "AddV2", x, x), ids);
  made_dense(g, "product", emb, OP(ek_named(g, "mul"), "Mul", x, ek_number(g, 2.0)), ids);
  made_dense(g, "minus", emb, OP(g, "Neg", x), ids);
  made_dense(g, "cast", emb,
             ek_op_output(ek_build(g, "Cast", EK_OUTS(x), EK_ATTRS(EK_TYPE_ATTR("DstT", EK_FLOAT64))), 0), ids);
  made_dense(g, "reshape", emb, OP(g, "Reshape", x, ek_ints(g, 3, 5)), ids);
  made_dense(g, "identity", emb, OP(g, "Identity", x), ids);
  const ek_out mean = OP(g, "Mean", x, ek_integer(g, 0));
  made_dense(g, "norm", emb, OP(g, "Relu", OP(ek_named(g, "sub"), "Sub", x, mean)), ids);
}
GOLDEN_TEST(sparse_made_dense)

static void sparse_gather_nd(ek_graph *g) {
  const ek_variable a = table(g, "a", false, EK_FLOAT32), b = table(g, "b", true, EK_FLOAT32);
  const ek_out rows = ek_placeholder(g, EK_INT64, ek_shape(-1, 1), "rows"),
               parts = ek_placeholder(g, EK_INT32, ek_shape(-1, 2), "parts");
  ek_out dx;
  const ek_out x = l2_loss(g, ek_variable_gather_nd(g, a, rows)), y = l2_loss(g, ek_variable_gather_nd(g, a, parts));
  ek_gradients(g, EK_OUTS(OP(ek_named(g, "add"), "AddV2", x, y)), EK_OUTS(ek_variable_handle(g, a)), NULL, &dx);
  const struct {
    ek_variable v;
    ek_out indices;
  } cases[] = {{a, rows}, {b, rows}, {b, parts}};
  for (int i = 0; i < 3; i++)
    ek_gradients(g, EK_OUTS(l2_loss(g, ek_variable_gather_nd(g, cases[i].v, cases[i].indices))),
                 EK_OUTS(ek_variable_handle(g, cases[i].v)), NULL, &dx);
}
GOLDEN_TEST(sparse_gather_nd)

static void sparse_resource_gather(ek_graph *g) {
  const ek_variable emb = embedding(g, true);
  const ek_out ids = ek_placeholder(g, EK_INT32, ek_shape(-1, 2), "ids");
  (void)ek_train_minimize(sgd(g), l2_loss(g, ek_variable_sparse_read(g, emb, ids)),
                          EK_TRAIN_MINIMIZE(.gate_gradients = EK_GATE_GRAPH));
}
GOLDEN_TEST(sparse_resource_gather)

/* ---- control flow */

static void sparse_cond(ek_graph *g) {
  const ek_variable a = table(g, "a", false, EK_FLOAT32), b = table(g, "b", true, EK_FLOAT32);
  const ek_out ids = fed(g), flag = ek_placeholder(g, EK_BOOL, ek_shape_scalar(), "flag");
  for (int i = 0; i < 2; i++) {
    const ek_variable v = i == 0 ? a : b;
    ek_cond_block c;
    ek_out dx;
    EK_COND(g, flag, c) {
      EK_THEN(c) ek_cond_yield(&c, ek_variable_sparse_read(g, v, ids));
      EK_ELSE(c) {
        const ek_out rows = ek_variable_sparse_read(g, v, ids);
        ek_cond_yield(&c, OP(ek_named(g, "mul"), "Mul", ek_number(g, 2.0), rows));
      }
    }
    ek_gradients(g, EK_OUTS(l2_loss(g, ek_cond_result(&c, 0))), EK_OUTS(ek_variable_handle(g, v)), NULL, &dx);
  }
}
GOLDEN_TEST(sparse_cond)

typedef struct looked_up {
  ek_variable table;
  ek_out rows;
} looked_up;

static ek_out below_four(ek_graph *g, ek_outs vars, void *ctx) {
  (void)ctx;
  return OP(g, "Less", vars.at[0], ek_integer(g, 4));
}

static void look_up(ek_graph *g, ek_outs vars, ek_out *next, void *ctx) {
  const looked_up *in = ctx;
  next[0] = OP(ek_named(g, "add"), "AddV2", vars.at[0], ek_integer(g, 1));
  const ek_out ids = gather(g, in->rows, vars.at[0]);
  const ek_out loss = l2_loss(g, ek_nn_embedding_lookup(g, in->table, ids, NULL));
  next[1] = OP(ek_named(g, "add"), "AddV2", vars.at[1], loss);
}

static void sparse_loop(ek_graph *g) {
  const ek_variable a = table(g, "a", false, EK_FLOAT32), b = table(g, "b", true, EK_FLOAT32);
  const ek_out ids = ek_placeholder(g, EK_INT32, ek_shape(4, -1), "ids"),
               known = ek_placeholder(g, EK_INT32, ek_shape(4, 2), "known");
  for (int i = 0; i < 2; i++) {
    looked_up in = {i == 0 ? a : b, i == 0 ? ids : known};
    ek_out results[2], dx;
    ek_while_loop(g, below_four, look_up, EK_OUTS(ek_integer(g, 0), ek_number(g, 0.0)), &in, NULL, results);
    ek_gradients(g, EK_OUTS(results[1]), EK_OUTS(ek_variable_handle(g, in.table)), NULL, &dx);
  }
}
GOLDEN_TEST(sparse_loop)

/* ---- clipping, lookup */

static void sparse_clipped(ek_graph *g) {
  const ek_variable emb = embedding(g, false);
  const ek_out ids = fed(g), none = {0, 0};
  ek_optimizer *optimizer = momentum(g);
  const ek_out loss = l2_loss(g, ek_nn_embedding_lookup(g, emb, ids, NULL));
  const ek_grads_and_vars pairs = ek_train_compute_gradients(optimizer, loss, NULL);
  assert_int_equal(pairs.n, 1);
  const ek_out grad = pairs.at[0].grad;
  (void)ek_clip_by_global_norm(g, EK_OUTS(grad), ek_number(g, 0.5), none, &pairs.at[0].grad);
  (void)ek_train_apply_gradients(optimizer, pairs, (ek_variable){0}, NULL);
  pairs.at[0].grad = ek_clip_by_norm(g, grad, ek_number(g, 2.0), NULL, 0);
  (void)ek_train_apply_gradients(optimizer, pairs, (ek_variable){0}, "by_norm");
  (void)ek_clip_by_norm(g, ek_variable_operand(g, emb), ek_number(g, 2.0), (const int64_t[]){1}, 1);
}
GOLDEN_TEST(sparse_clipped)

static void sparse_lookup_max_norm(ek_graph *g) {
  const ek_variable emb = embedding(g, false), other = table(g, "other", true, EK_FLOAT32);
  const ek_nn_embedding_lookup_opts *opts = EK_NN_EMBEDDING_LOOKUP(.max_norm = 1.0);
  (void)ek_nn_embedding_lookup(g, emb, fed(g), opts);
  const ek_out square = ek_placeholder(g, EK_INT32, ek_shape(2, 4), "square");
  (void)ek_nn_embedding_lookup(ek_named(g, "rows"), other, square, opts);
  (void)ek_nn_embedding_lookup(g, emb, ek_ints(g, 0, 2), NULL);
}
GOLDEN_TEST(sparse_lookup_max_norm)

static ek_out unchanged(ek_graph *g, ek_out value, void *ctx) {
  (void)g, (void)ctx;
  return value;
}

static void a_constraint_wants_all(void **state) {
  (void)state;
  ek_status st;
  ek_graph *g = ek_graph_new(NULL);
  const ek_variable emb = ek_variable_new(ek_named(g, "emb"), ek_number_array(g, ek_shape(2, 1), (double[]){1, 2}),
                                          EK_VARIABLE(.constraint = unchanged));
  (void)ek_train_minimize(sgd(g), l2_loss(g, ek_variable_sparse_read(g, emb, ek_ints(g, 1))), NULL);
  assert_int_equal(ek_graph_status(g, &st), EK_INVALID_ARGUMENT);
  assert_non_null(strstr(st.msg, "variable 'emb' has a constraint"));
  ek_graph_free(g);
}

static void slices_without_a_shape(void **state) {
  (void)state;
  ek_status st;
  ek_graph *g = ek_graph_new(NULL);
  const ek_indexed_slices s = {.values = ek_constant_float32(g, 1), .indices = ek_constant_int32(g, 1)};
  const ek_out x = ek_indexed_slices_out(g, s);
  assert_int_equal(ek_out_shape(g, x).rank, -1);
  assert_int_equal(ek_graph_status(g, &st), EK_OK);
  (void)OP(ek_named(g, "n"), "Neg", x);
  assert_int_equal(ek_graph_status(g, &st), EK_INVALID_ARGUMENT);
  assert_non_null(strstr(st.msg, "IndexedSlices without dense_shape cannot become a tensor"));
  ek_graph_free(g);
}

int main(void) {
#define BOTH(name_) cmocka_unit_test(test_sparse_##name_), cmocka_unit_test(test_sparse_##name_##_resource)
  const struct CMUnitTest tests[] = {
      BOTH(sgd),
      BOTH(momentum),
      BOTH(nesterov),
      BOTH(adam),
      BOTH(rmsprop),
      BOTH(rmsprop_centered),
      BOTH(adagrad),
      cmocka_unit_test(test_sparse_adam_float64),
      cmocka_unit_test(test_sparse_sums),
      cmocka_unit_test(test_sparse_made_dense),
      cmocka_unit_test(test_sparse_gather_nd),
      cmocka_unit_test(test_sparse_resource_gather),
      cmocka_unit_test(test_sparse_clipped),
      cmocka_unit_test(test_sparse_cond),
      cmocka_unit_test(test_sparse_loop),
      cmocka_unit_test(test_sparse_lookup_max_norm),
      cmocka_unit_test(a_constraint_wants_all),
      cmocka_unit_test(slices_without_a_shape),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
