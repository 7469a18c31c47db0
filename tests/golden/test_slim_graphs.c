/* SPDX-License-Identifier: Apache-2.0 */
/* The cases of cases/slim.py, line by line. */
#include "golden/golden.h"

#define NORM(...) EK_CONTRIB_BATCH_NORM(.scope = "bn", __VA_ARGS__)
#define IN_PLACE  .updates_collections = {NULL}

static ek_out norm(ek_graph *g, ek_out x, const ek_contrib_batch_norm_opts *o) {
  return ek_contrib_batch_norm(g, x, o);
}
static ek_out placeholder(ek_graph *g, const char *name, ek_shape shape) {
  return ek_placeholder(g, EK_FLOAT32, shape, name);
}
static ek_out rank2(ek_graph *g, const char *name) { return placeholder(g, name, ek_shape(-1, 3)); }
static ek_out nhwc(ek_graph *g, const char *name) { return placeholder(g, name, ek_shape(-1, 2, 2, 3)); }
static ek_out nchw(ek_graph *g, const char *name) { return placeholder(g, name, ek_shape(-1, 3, 2, 2)); }
static ek_out fed(ek_graph *g) { return ek_placeholder(g, EK_BOOL, ek_shape_scalar(), "is_training"); }
static ek_flag fed_flag(ek_graph *g) { return ek_flag_of(fed(g)); }

static void slim_a_rank2_train(ek_graph *g) { (void)norm(g, rank2(g, "x"), NORM(.center = true)); }
GOLDEN_TEST(slim_a_rank2_train)

static void slim_a_rank2_infer(ek_graph *g) {
  (void)norm(g, rank2(g, "x"), NORM(.is_training = EK_FALSE, .scale = true));
}
GOLDEN_TEST(slim_a_rank2_infer)

static void slim_a_rank2_flag(ek_graph *g) {
  const ek_out x = rank2(g, "x");
  (void)norm(g, x, NORM(.is_training = fed_flag(g), .decay = 0.9));
}
GOLDEN_TEST(slim_a_rank2_flag)

static void slim_a_rank2_in_place(ek_graph *g) { (void)norm(g, rank2(g, "x"), NORM(IN_PLACE, .scale = true)); }
GOLDEN_TEST(slim_a_rank2_in_place)

static void slim_a_rank2_in_place_flag(ek_graph *g) {
  const ek_out x = rank2(g, "x");
  (void)norm(g, x, NORM(IN_PLACE, .is_training = fed_flag(g)));
}
GOLDEN_TEST(slim_a_rank2_in_place_flag)

static void slim_a_rank4_own_collection(ek_graph *g) {
  (void)norm(g, nhwc(g, "x"), NORM(.updates_collections = {"mine"}, .activation_fn = ek_nn_relu));
}
GOLDEN_TEST(slim_a_rank4_own_collection)

static void slim_a_rank4_nchw(ek_graph *g) {
  (void)norm(g, nchw(g, "x"), NORM(IN_PLACE, .data_format = "NCHW", .center = false));
}
GOLDEN_TEST(slim_a_rank4_nchw)

static void slim_b_rank4_train(ek_graph *g) { (void)norm(g, nhwc(g, "x"), NORM(.center = true)); }
GOLDEN_TEST(slim_b_rank4_train)

static void slim_b_rank4_flag(ek_graph *g) {
  const ek_out x = nhwc(g, "x");
  (void)norm(g, x, NORM(.is_training = fed_flag(g), .scale = true));
}
GOLDEN_TEST(slim_b_rank4_flag)

static void slim_b_rank2_unfused(ek_graph *g) {
  (void)norm(g, rank2(g, "x"), NORM(.fused = false, .scale = true, .activation_fn = ek_nn_sigmoid));
}
GOLDEN_TEST(slim_b_rank2_unfused)

static void slim_b_rank2_unfused_flag(ek_graph *g) {
  const ek_out x = rank2(g, "x");
  (void)norm(g, x, NORM(.fused = false, .is_training = fed_flag(g)));
}
GOLDEN_TEST(slim_b_rank2_unfused_flag)

static void slim_b_rank3(ek_graph *g) {
  (void)norm(g, placeholder(g, "x", ek_shape(-1, 4, 3)), NORM(.center = true));
  (void)norm(g, placeholder(g, "y", ek_shape(-1, 3, 4)),
             NORM(.scope = "bn2", .data_format = "NCHW", .is_training = EK_FALSE));
}
GOLDEN_TEST(slim_b_rank3)

static void slim_c_in_place(ek_graph *g) {
  (void)norm(g, rank2(g, "x"), NORM(.fused = false, IN_PLACE, .scale = true));
}
GOLDEN_TEST(slim_c_in_place)

static void slim_c_in_place_flag(ek_graph *g) {
  const ek_out x = placeholder(g, "x", ek_shape(-1, 4, 3));
  (void)norm(g, x, NORM(IN_PLACE, .is_training = fed_flag(g)));
}
GOLDEN_TEST(slim_c_in_place_flag)

static void slim_c_own_collection(ek_graph *g) {
  (void)norm(g, rank2(g, "x"), NORM(.fused = false, .updates_collections = {"mine"}));
  const ek_out y = rank2(g, "y");
  (void)norm(
      g, y, NORM(.scope = "bn2", .fused = false, .updates_collections = {"mine", "yours"}, .is_training = fed_flag(g)));
}
GOLDEN_TEST(slim_c_own_collection)

static void slim_c_nchw(ek_graph *g) {
  (void)norm(g, nchw(g, "x"), NORM(.fused = false, IN_PLACE, .data_format = "NCHW"));
}
GOLDEN_TEST(slim_c_nchw)

static void slim_reuse(ek_graph *g) {
  (void)norm(g, rank2(g, "x"), NORM(.center = true));
  (void)norm(g, rank2(g, "y"), NORM(.reuse = EK_REUSE));
  (void)norm(g, rank2(g, "z"), NORM(.reuse = EK_REUSE, .is_training = EK_FALSE));
}
GOLDEN_TEST(slim_reuse)

static void slim_names(ek_graph *g) {
  (void)norm(g, rank2(g, "x"), EK_CONTRIB_BATCH_NORM(.is_training = EK_FALSE));
  (void)norm(g, rank2(g, "y"), EK_CONTRIB_BATCH_NORM(.is_training = EK_FALSE));
  EK_VARIABLE_SCOPE (g, "s", NULL) {
    (void)norm(g, rank2(g, "z"), EK_CONTRIB_BATCH_NORM(.is_training = EK_FALSE));
  }
}
GOLDEN_TEST(slim_names)

static ek_out l2_loss(ek_graph *g, ek_out value, void *ctx) {
  (void)ctx;
  return ek_nn_l2_loss(g, value);
}

static void slim_collections(ek_graph *g) {
  (void)norm(g, rank2(g, "x"),
             NORM(.variables_collections = {"vars"}, .outputs_collections = {"outs"}, .trainable = false,
                  .beta_initializer = ek_constant_initializer(0.5), .beta_regularizer = {l2_loss, NULL}));
  (void)norm(g, nhwc(g, "y"), NORM(.scope = "bn2", .beta_collections = {"betas"}, .trainable = false));
}
GOLDEN_TEST(slim_collections)

static void slim_two_branches(ek_graph *g) {
  const ek_out x = rank2(g, "x"), training = fed(g);
  ek_cond_block c;
  EK_COND(g, training, c) {
    EK_THEN(c) { ek_cond_yield(&c, norm(g, x, NORM(.is_training = EK_TRUE, IN_PLACE))); }
    EK_ELSE(c) { ek_cond_yield(&c, norm(g, x, NORM(.is_training = EK_FALSE, IN_PLACE, .reuse = EK_REUSE))); }
  }
}
GOLDEN_TEST(slim_two_branches)

static void slim_two_branches_unfused(ek_graph *g) {
  const ek_out x = rank2(g, "x"), training = fed(g);
  ek_cond_block c;
  EK_COND(g, training, c) {
    EK_THEN(c) { ek_cond_yield(&c, norm(g, x, NORM(.is_training = EK_TRUE, IN_PLACE, .fused = false))); }
    EK_ELSE(c) {
      ek_cond_yield(&c, norm(g, x, NORM(.is_training = EK_FALSE, IN_PLACE, .fused = false, .reuse = EK_REUSE)));
    }
  }
  const ek_variables v = ek_get_collection_variables(g, EK_TRAINABLE_VARIABLES, NULL);
  ek_out dx[1];
  assert_int_equal(v.n, 1);
  ek_gradients(g, EK_OUTS(ek_cond_result(&c, 0)), EK_OUTS(ek_variable_handle(g, v.at[0])), NULL, dx);
}
GOLDEN_TEST(slim_two_branches_unfused)

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_slim_a_rank2_train),
      cmocka_unit_test(test_slim_a_rank2_infer),
      cmocka_unit_test(test_slim_a_rank2_flag),
      cmocka_unit_test(test_slim_a_rank2_in_place),
      cmocka_unit_test(test_slim_a_rank2_in_place_flag),
      cmocka_unit_test(test_slim_a_rank4_own_collection),
      cmocka_unit_test(test_slim_a_rank4_nchw),
      cmocka_unit_test(test_slim_b_rank4_train),
      cmocka_unit_test(test_slim_b_rank4_flag),
      cmocka_unit_test(test_slim_b_rank2_unfused),
      cmocka_unit_test(test_slim_b_rank2_unfused_flag),
      cmocka_unit_test(test_slim_b_rank3),
      cmocka_unit_test(test_slim_c_in_place),
      cmocka_unit_test(test_slim_c_in_place_flag),
      cmocka_unit_test(test_slim_c_own_collection),
      cmocka_unit_test(test_slim_c_nchw),
      cmocka_unit_test(test_slim_reuse),
      cmocka_unit_test(test_slim_names),
      cmocka_unit_test(test_slim_collections),
      cmocka_unit_test(test_slim_two_branches),
      cmocka_unit_test(test_slim_two_branches_unfused),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
