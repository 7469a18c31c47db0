/* SPDX-License-Identifier: Apache-2.0 */
/* The cases of cases/batch_norm.py, line by line. */
#include "golden/adjust.h"

#define NORM(...) EK_LAYERS_BATCH_NORMALIZATION(.name = "bn", __VA_ARGS__)

static ek_out norm(ek_graph *g, ek_out x, const ek_layers_batch_normalization_opts *o) {
  return ek_layers_batch_normalization(g, x, o);
}
static ek_out placeholder(ek_graph *g, ek_shape shape) { return ek_placeholder(g, EK_FLOAT32, shape, "x"); }
static ek_out batch(ek_graph *g) { return placeholder(g, ek_shape(-1, 3)); }
static ek_flag fed_flag(ek_graph *g) {
  return ek_flag_of(ek_placeholder(g, EK_BOOL, ek_shape_scalar(), "is_training"));
}
static void renorm_train(ek_graph *g) { (void)norm(g, batch(g), NORM(.training = EK_TRUE, .renorm = true)); }
GOLDEN_TEST(renorm_train)

static void renorm_flag(ek_graph *g) {
  const ek_out x = batch(g);
  (void)norm(g, x, NORM(.training = fed_flag(g), .renorm = true, .renorm_clipping = clipping, .renorm_momentum = 0.9));
}
GOLDEN_TEST(renorm_flag)

static void renorm_infer(ek_graph *g) { (void)norm(g, batch(g), NORM(.renorm = true, .renorm_clipping = clipping)); }
GOLDEN_TEST(renorm_infer)

static void renorm_axis(ek_graph *g) {
  const ek_out rmax = ek_placeholder(g, EK_FLOAT32, ek_shape_scalar(), "rmax");
  const ek_out dmax = ek_placeholder(g, EK_FLOAT32, ek_shape_scalar(), "dmax");
  (void)norm(g, placeholder(g, ek_shape(-1, 3, 2, 2)),
             NORM(.axis = 1, .training = EK_TRUE, .renorm = true, .scale = false,
                  .renorm_clipping = {.rmax = ek_bound_of_out(rmax), .dmax = ek_bound_of_out(dmax)}));
}
GOLDEN_TEST(renorm_axis)

static void renorm_axes(ek_graph *g) {
  (void)norm(g, ek_placeholder(g, EK_FLOAT16, ek_shape(-1, 2, 4, 3), "x"),
             NORM(.axes = {1, 3}, .n_axes = 2, .training = EK_TRUE, .renorm = true,
                  .renorm_clipping = {.rmin = ek_bound_of(0.5)},
                  .moving_variance_initializer = ek_constant_initializer(4.0), .center = false));
}
GOLDEN_TEST(renorm_axes)

static void renorm_resource(ek_graph *g) {
  EK_VARIABLE_SCOPE (g, "s", EK_SCOPE(.use_resource = EK_YES)) {
    const ek_out x = batch(g);
    (void)norm(g, x, NORM(.training = fed_flag(g), .renorm = true));
  }
}
GOLDEN_TEST(renorm_resource)

static void renorm_bare(ek_graph *g) {
  (void)norm(g, batch(g), NORM(.training = EK_TRUE, .renorm = true, .center = false, .scale = false));
}
GOLDEN_TEST(renorm_bare)

static void virtual_train(ek_graph *g) { (void)norm(g, batch(g), NORM(.training = EK_TRUE, .virtual_batch_size = 2)); }
GOLDEN_TEST(virtual_train)

static void virtual_flag(ek_graph *g) {
  const ek_out x = placeholder(g, ek_shape(6, 3, 2, 2));
  (void)norm(g, x, NORM(.axis = 1, .training = fed_flag(g), .virtual_batch_size = 3));
}
GOLDEN_TEST(virtual_flag)

static void virtual_infer(ek_graph *g) {
  (void)norm(g, placeholder(g, ek_shape(-1, 2, 2, 3)), NORM(.virtual_batch_size = 2));
}
GOLDEN_TEST(virtual_infer)

static void virtual_renorm(ek_graph *g) {
  (void)norm(g, batch(g), NORM(.training = EK_TRUE, .virtual_batch_size = 2, .renorm = true));
}
GOLDEN_TEST(virtual_renorm)

static void adjustment_train(ek_graph *g) { (void)norm(g, batch(g), NORM(.training = EK_TRUE, .adjustment = adjust)); }
GOLDEN_TEST(adjustment_train)

static void adjustment_flag(ek_graph *g) {
  const ek_out x = batch(g);
  (void)norm(g, x, NORM(.training = fed_flag(g), .adjustment = adjust));
}
GOLDEN_TEST(adjustment_flag)

static void adjustment_renorm(ek_graph *g) {
  (void)norm(
      g, placeholder(g, ek_shape(-1, 3, 2, 3)),
      NORM(.training = EK_TRUE, .adjustment = adjust, .renorm = true, .renorm_clipping = {.dmax = ek_bound_of(3)}));
}
GOLDEN_TEST(adjustment_renorm)

static void adjustment_infer(ek_graph *g) {
  (void)norm(g, placeholder(g, ek_shape(-1, 2, 2, 3)), NORM(.adjustment = adjust));
}
GOLDEN_TEST(adjustment_infer)

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(test_renorm_train),     cmocka_unit_test(test_renorm_flag),
      cmocka_unit_test(test_renorm_infer),     cmocka_unit_test(test_renorm_axis),
      cmocka_unit_test(test_renorm_axes),      cmocka_unit_test(test_renorm_resource),
      cmocka_unit_test(test_renorm_bare),      cmocka_unit_test(test_virtual_train),
      cmocka_unit_test(test_virtual_flag),     cmocka_unit_test(test_virtual_infer),
      cmocka_unit_test(test_virtual_renorm),   cmocka_unit_test(test_adjustment_train),
      cmocka_unit_test(test_adjustment_flag),  cmocka_unit_test(test_adjustment_renorm),
      cmocka_unit_test(test_adjustment_infer),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
