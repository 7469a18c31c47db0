/* SPDX-License-Identifier: Apache-2.0 */
/* FakeQuantWithMinMax... and gradients on [[-7, -1.3], [0.26, 2.51], [0.74, 9]], against TensorFlow. */
#include "evenkeel/gradients.h"
#include "ops/build.h"

typedef struct golden {
  double min, max;
  int bits;
  bool narrow;
  double y[6], dx[6], dmin, dmax;
} golden;

static const golden goldens[] = {
    {-1, 2, 4, false, {-1, -1, 0.20000000298023224, 2, 0.800000011920929, 2}, {0, 0, 3, 0, 5, 0}, 3, 10},
    {-6,
     6,
     8,
     true,
     {-6, -1.3228346109390259, 0.28346455097198486, 2.503937005996704, 0.7559055089950562, 6},
     {0, 2, 3, 4, 5, 0},
     1,
     6},
    {.5, 2, 3, false, {0, 0, 0.2142857164144516, 1.5, 0.6428571343421936, 1.5}, {0, 0, 3, 0, 5, 0}, 3, 10},
    {0, 0, 8, false, {0, 0, 0, 0, 0, 0}, {1, 2, 3, 4, 5, 6}, 0, 0}};

static ek_tensor *inputs(void) { return F32(ek_shape(3, 2), -7, -1.3F, .26F, 2.51F, .74F, 9); }
static ek_tensor *gradients(void) { return F32(ek_shape(3, 2), 1, 2, 3, 4, 5, 6); }
static ek_tensor *number(double v) { return F32(ek_shape_scalar(), (float)v); }

static void expect(const ek_tensor *t, const double *want, int n) {
  assert_int_equal(ek_tensor_num_elements(t), n);
  for (int i = 0; i < n; i++) /* TensorFlow's own form multiplies by the inverse step, which rounds once more */
    if (fabs(ek_tensor_number(t, i) - want[i]) > 1e-6)
      fail_msg("%d: %.9g, not %.9g", i, ek_tensor_number(t, i), want[i]);
}

static void scalars_and_attributes(void **state) {
  (void)state;
  for (size_t i = 0; i < sizeof goldens / sizeof goldens[0]; i++) {
    const golden *w = &goldens[i];
    const ek_attr attrs[] = {EK_INT_ATTR("num_bits", w->bits), EK_BOOL_ATTR("narrow_range", w->narrow),
                             EK_FLOAT_ATTR("min", w->min), EK_FLOAT_ATTR("max", w->max)};
    op_test t = op_call("FakeQuantWithMinMaxVars", TENSORS(inputs(), number(w->min), number(w->max)), attrs, 2);
    expect(t.out[0], w->y, 6);
    op_end(&t);
    t = op_call("FakeQuantWithMinMaxVarsGradient", TENSORS(gradients(), inputs(), number(w->min), number(w->max)),
                attrs, 2);
    expect(t.out[0], w->dx, 6);
    expect(t.out[1], &w->dmin, 1);
    expect(t.out[2], &w->dmax, 1);
    op_end(&t);
    if (w->min == w->max) continue;
    t = op_call("FakeQuantWithMinMaxArgs", TENSORS(inputs()), attrs, 4);
    expect(t.out[0], w->y, 6);
    op_end(&t);
    t = op_call("FakeQuantWithMinMaxArgsGradient", TENSORS(gradients(), inputs()), attrs, 4);
    expect(t.out[0], w->dx, 6);
    op_end(&t);
  }
}

static void channels(void **state) {
  (void)state;
  static const double y[] = {-1, -0.6000000238418579, 0.30000001192092896, 2.4000000953674316, 0.5, 3.9000000953674316},
                      dx[] = {0, 0, 3, 4, 0, 0}, dmin[] = {1, 2}, dmax[] = {5, 6};
  const ek_attr bits = EK_INT_ATTR("num_bits", 4);
  op_test t = op_call("FakeQuantWithMinMaxVarsPerChannel",
                      TENSORS(inputs(), F32(ek_shape(2), -1, -.5F), F32(ek_shape(2), .5F, 4)), &bits, 1);
  expect(t.out[0], y, 6);
  op_end(&t);
  t = op_call("FakeQuantWithMinMaxVarsPerChannelGradient",
              TENSORS(gradients(), inputs(), F32(ek_shape(2), -1, -.5F), F32(ek_shape(2), .5F, 4)), &bits, 1);
  expect(t.out[0], dx, 6);
  expect(t.out[1], dmin, 2);
  expect(t.out[2], dmax, 2);
  op_end(&t);
}

/* The builder's gradient is the gradient op, with the same attributes. */
static void differentiated(void **state) {
  (void)state;
  ek_graph *g = ek_graph_new(NULL);
  ek_out x[3], dx[3];
  for (int i = 0; i < 3; i++) x[i] = ek_placeholder(g, EK_FLOAT32, i == 0 ? ek_shape(3, 2) : ek_shape_scalar(), NULL);
  const ek_attr bits = EK_INT_ATTR("num_bits", 4);
  const ek_out y = ek_op_output(ek_build(g, "FakeQuantWithMinMaxVars", (ek_outs){x, 3}, &bits, 1), 0);
  ek_gradients(g, EK_OUTS(y), (ek_outs){x, 3}, NULL, dx);
  for (int i = 0; i < 3; i++) {
    assert_string_equal(ek_op_type(g, ek_out_op(dx[i])), "FakeQuantWithMinMaxVarsGradient");
    assert_int_equal(dx[i].index, i);
  }
  assert_int_equal(ek_op_attr(g, ek_out_op(dx[0]), "num_bits")->v.i, 4);
  ek_graph_free(g);
}

static void what_cannot_be(void **state) {
  (void)state;
  const ek_attr one = EK_INT_ATTR("num_bits", 1), ends[] = {EK_FLOAT_ATTR("min", 2), EK_FLOAT_ATTR("max", 1)};
  op_refused("num_bits is 1", "FakeQuantWithMinMaxArgs", TENSORS(inputs()), &one, 1);
  op_refused("min must be below", "FakeQuantWithMinMaxArgs", TENSORS(inputs()), ends, 2);
  op_refused("min must be below max", "FakeQuantWithMinMaxVars", TENSORS(inputs(), number(2), number(1)), NULL, 0);
  op_refused("shapes [2] and [3] must be equal", "FakeQuantWithMinMaxVarsPerChannel",
             TENSORS(inputs(), F32(ek_shape(3), 0, 0, 0), F32(ek_shape(3), 1, 1, 1)), NULL, 0);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(scalars_and_attributes),
      cmocka_unit_test(channels),
      cmocka_unit_test(differentiated),
      cmocka_unit_test(what_cannot_be),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
