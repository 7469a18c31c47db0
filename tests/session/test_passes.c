/* SPDX-License-Identifier: Apache-2.0 */
/* Every pass of the planner can be switched off, and the numbers stay the same, bit for bit (fusing rounds less often,
 * and has tests of its own). What sinking is for: with a flag that is fed, inference does not compute the moments of
 * the batch. */
#include "session/mlp.h"

#include <stdio.h>

enum { ROWS = 40 };
static const unsigned passes[] = {EK_PASS_FOLD, EK_PASS_INPLACE, EK_PASS_REUSE, EK_PASS_SINK,
                                  EK_PASS_FOLD | EK_PASS_INPLACE | EK_PASS_REUSE | EK_PASS_SINK};

static void same_with_and_without(const mlp *m) {
  mlp_values with = mlp_train(m, EK_SESSION(.without_passes = EK_PASS_FUSE), ROWS);
  for (size_t i = 0; i < sizeof passes / sizeof passes[0]; i++) {
    char what[48];
    (void)snprintf(what, sizeof what, "without passes %#x", passes[i]);
    ek_session_opts opts = EK_SESSION_OPTS_INIT;
    opts.without_passes = passes[i] | EK_PASS_FUSE;
    mlp_values without = mlp_train(m, &opts, ROWS);
    assert_same_bits(m->g, what, &without, &with);
    values_free(&without);
  }
  values_free(&with);
}

static void layers_with_a_fed_flag(void **state) {
  (void)state;
  for (int fused = 0; fused < 2; fused++) {
    const mlp m = mlp_new(EK_FLOAT32, fused != 0);
    same_with_and_without(&m);
    ek_graph_free(m.g);
  }
}

/* ---- batch_norm in both branches of a cond, the second with reuse */

static ek_out contrib_branch(const mlp *m, ek_out x, bool training) {
  return ek_contrib_batch_norm(m->g, x,
                               EK_CONTRIB_BATCH_NORM(.is_training = ek_flag_of_bool(training), .decay = 0.9,
                                                     .scale = true, .updates_collections = {NULL}, .scope = "bn",
                                                     .reuse = training ? EK_REUSE_INHERIT : EK_REUSE));
}

static mlp contrib_new(void) {
  mlp m = {.g = ek_graph_new(NULL), .dtype = EK_FLOAT32};
  ek_graph *g = m.g;
  ek_set_random_seed(g, 7);
  m.x = ek_placeholder(g, EK_FLOAT32, ek_shape(-1, MLP_PIXELS), "x");
  m.labels = ek_placeholder(g, EK_INT64, ek_shape(-1), "labels");
  m.training = ek_placeholder(g, EK_BOOL, ek_shape_scalar(), "training");
  m.h = ek_layers_dense(g, m.x, MLP_UNITS, NULL);
  ek_cond_block c;
  EK_COND(g, m.training, c) {
    EK_THEN(c) { ek_cond_yield(&c, contrib_branch(&m, m.h, true)); }
    EK_ELSE(c) { ek_cond_yield(&c, contrib_branch(&m, m.h, false)); }
  }
  const ek_out logits = ek_layers_dense(g, ek_nn_relu(g, ek_cond_result(&c, 0)), MLP_CLASSES, NULL);
  m.loss = ek_losses_sparse_softmax_cross_entropy(g, m.labels, logits, NULL);
  m.train = ek_train_minimize(ek_train_momentum(g, 0.1, 0.9, NULL), m.loss, NULL);
  m.init = ek_global_variables_initializer(g);
  return m;
}

static void contrib_in_a_cond(void **state) {
  (void)state;
  const mlp m = contrib_new();
  same_with_and_without(&m);
  ek_graph_free(m.g);
}

/* ---- sinking, seen in the profile */

/* How many steps of the last profiled run are of that type and part of the moments of a batch. */
static int steps_of_moments(ek_session *s, const char *type) {
  const ek_node_stats *steps;
  int found = 0;
  for (int i = ek_session_profile(s, &steps) - 1; i >= 0; i--)
    found += strcmp(steps[i].type, type) == 0 && strstr(steps[i].name, "/moments/") != NULL;
  return found;
}

static void moments_are_not_computed_for_inference(void **state) {
  (void)state;
  const mlp m = mlp_new(EK_FLOAT32, false);
  ek_run_options profile = EK_RUN_OPTIONS_INIT;
  profile.profile = true;
  double loss[2];
  for (int without = 0; without < 2; without++) {
    ek_status st = EK_STATUS_INIT;
    ek_session_opts opts = EK_SESSION_OPTS_INIT;
    opts.without_passes = EK_PASS_FUSE | (without ? EK_PASS_SINK : 0);
    ek_session *s = ek_session_new(m.g, &opts, &st);
    assert_non_null(s);
    run_op(s, m.init);
    (void)mlp_step(&m, s, ROWS, 0, true, NULL, &profile);
    assert_int_equal(steps_of_moments(s, "Mean"), 2 * 3);
    assert_int_equal(steps_of_moments(s, "SquaredDifference"), 3);
    loss[without] = mlp_step(&m, s, ROWS, 0, false, NULL, &profile);
    assert_int_equal(steps_of_moments(s, "Mean"), without ? 2 * 3 : 0);
    assert_int_equal(steps_of_moments(s, "SquaredDifference"), without ? 3 : 0);
    ek_session_free(s);
  }
  assert_true(loss[0] == loss[1]);
  ek_graph_free(m.g);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(layers_with_a_fed_flag), cmocka_unit_test(contrib_in_a_cond),
                                     cmocka_unit_test(moments_are_not_computed_for_inference)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
