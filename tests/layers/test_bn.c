/* SPDX-License-Identifier: Apache-2.0 */
/* Batch normalization under explicit control: three choices that are independent and change between runs, the guard
 * against NaN, and other frameworks' conventions. */
#include "layers/numbers.h"

/* Sums of a few numbers near 1, in float32. */
static const double f32 = 3e-6;
static const double x4[] = {1, 2, 3, 4}; /* mean 2.5, variance 1.25, unbiased 5/3 */

static const ek_ops no_ops = {NULL, 0};

typedef struct net {
  ek_graph *g;
  ek_session *s;
  ek_out x, by, update, gamma, beta, y;
  ek_op step; /* one of gradient descent, and the updates */
} net;

/* Everything is fed. */
static net build_open(ek_bn_opts o, ek_shape shape) {
  net n = {.g = ek_graph_new(NULL)};
  n.x = ek_placeholder(n.g, EK_FLOAT32, shape, "x");
  n.by = ek_placeholder(n.g, EK_INT32, ek_shape_scalar(), "by");
  n.update = ek_placeholder(n.g, EK_BOOL, ek_shape_scalar(), "update");
  n.gamma = ek_placeholder(n.g, EK_BOOL, ek_shape_scalar(), "train_gamma");
  n.beta = ek_placeholder(n.g, EK_BOOL, ek_shape_scalar(), "train_beta");
  o.normalize_by = ek_bn_by_out(n.by);
  o.update = ek_flag_of(n.update);
  o.train_gamma = ek_flag_of(n.gamma);
  o.train_beta = ek_flag_of(n.beta);
  o.given_mean = ek_numbers(n.g, 1.0);
  o.given_variance = ek_numbers(n.g, 4.0);
  n.y = ek_bn(n.g, n.x, &o);
  const ek_out loss = ek_reduce_sum_all(n.g, ek_multiply(n.g, n.y, n.x));
  EK_CONTROL_DEPENDENCIES (n.g, ek_get_collection_ops(n.g, EK_UPDATE_OPS, NULL))
    n.step = ek_train_minimize(ek_train_gradient_descent(n.g, 0.1), loss, NULL);
  n.s = initialized_session(n.g);
  return n;
}

static void done(net *n) {
  ek_session_free(n->s);
  ek_graph_free(n->g);
}

static void step(const net *n, int by, bool update, bool gamma, bool beta, double y[4]) {
  ek_tensor *t[] = {floats(ek_shape(4, 1), x4), ek_tensor_from(EK_INT32, ek_shape_scalar(), &(int32_t){by}, NULL),
                    ek_tensor_bool(update, NULL), ek_tensor_bool(gamma, NULL), ek_tensor_bool(beta, NULL)};
  const ek_feed feeds[] = {EK_FEED(n->x, t[0]), EK_FEED(n->by, t[1]), EK_FEED(n->update, t[2]), EK_FEED(n->gamma, t[3]),
                           EK_FEED(n->beta, t[4])};
  fetch_numbers(n->s, feeds, 5, n->y, (ek_ops){&n->step, 1}, y, 4);
  for (int i = 0; i < 5; i++) ek_tensor_free(t[i]);
}

static double number(const net *n, const char *name) { return number_of(n->s, variable_named(n->g, name)); }

/* All 3 x 2 x 2 x 2 combinations in one graph: each choice does what it says, whatever the others are. */
static void three_independent_choices(void **state) {
  (void)state;
  net n = build_open((ek_bn_opts)EK_BN_OPTS_INIT, ek_shape(4, 1));
  for (int i = 0; i < 24; i++) {
    const int by = i % 3;
    const bool update = i / 3 % 2, gamma = i / 6 % 2, beta = i / 12;
    const double mean = number(&n, "bn/moving_mean"), variance = number(&n, "bn/moving_variance");
    const double g = number(&n, "bn/gamma"), b = number(&n, "bn/beta");
    const double m[] = {2.5, mean, 1.0}, v[] = {1.25, variance, 4.0};
    double y[4], want[4], dgamma = 0.0;
    for (int k = 0; k < 4; k++) {
      want[k] = g * (x4[k] - m[by]) / sqrt(v[by] + 1e-3) + b;
      dgamma += x4[k] * (x4[k] - m[by]) / sqrt(v[by] + 1e-3);
    }
    step(&n, by, update, gamma, beta, y);
    assert_all_near(y, want, 4, f32, "y");
    const double got[] = {number(&n, "bn/moving_mean"), number(&n, "bn/moving_variance"), number(&n, "bn/gamma"),
                          number(&n, "bn/beta")};
    const double now[] = {update ? mean + (2.5 - mean) * 0.01 : mean,
                          update ? variance + (1.25 - variance) * 0.01 : variance, gamma ? g - 0.1 * dgamma : g,
                          beta ? b - 0.1 * 10.0 : b};
    assert_all_near(got, now, 4, f32, "moving_mean, moving_variance, gamma, beta");
    if (!update) assert_true(got[0] == mean && got[1] == variance); /* to the bit */
    if (!gamma) assert_true(got[2] == g);
    if (!beta) assert_true(got[3] == b);
  }
  done(&n);
}

/* Known choices make no conds; what is off leaves no ops. */
static void known_choices_leave_nothing_behind(void **state) {
  (void)state;
  ek_graph *g = ek_graph_new(NULL);
  const ek_out x = ek_placeholder(g, EK_FLOAT32, ek_shape(4, 1), "x");
  const ek_out y =
      ek_bn(g, x, EK_BN(.normalize_by = {.by = EK_BN_MOVING}, .update = EK_FALSE, .train_gamma = EK_FALSE));
  assert_int_equal(ek_collection_size(g, EK_UPDATE_OPS), 0);
  for (int i = 0; i < ek_graph_num_ops(g); i++) {
    const char *type = ek_op_type(g, ek_graph_op(g, i));
    if (strcmp(type, "Switch") == 0 || strcmp(type, "Mean") == 0) fail_msg("there is a %s", type);
  }
  ek_out dx[2];
  const ek_out params[] = {ek_variable_handle(g, variable_named(g, "bn/gamma")),
                           ek_variable_handle(g, variable_named(g, "bn/beta"))};
  ek_gradients(g, EK_OUTS(y), (ek_outs){params, 2}, NULL, dx);
  assert_int_equal(dx[0].op, 0);
  assert_true(dx[1].op > 0);
  ek_graph_free(g);
}

static void every_rank_and_axis(void **state) {
  (void)state;
  double x[48], want[48], got[48];
  for (int i = 0; i < 48; i++) x[i] = sin(i) * 3.0;
  const ek_shape shapes[] = {ek_shape(12, 4), ek_shape(4, 3, 4), ek_shape(4, 3, 2, 2)};
  for (int r = 0; r < 3; r++)
    for (int axis = 0; axis < shapes[r].rank; axis++) {
      ek_graph *g = ek_graph_new(NULL);
      ek_tensor *t = floats(shapes[r], x);
      const ek_out in = ek_constant(g, t);
      const ek_out ours = ek_bn(g, in, EK_BN(.axis = axis));
      const ek_out theirs = ek_layers_batch_normalization(
          g, in, EK_LAYERS_BATCH_NORMALIZATION(.axis = axis, .training = EK_TRUE, .fused = false));
      ek_session *s = initialized_session(g);
      fetch_numbers(s, NULL, 0, ours, no_ops, got, 48);
      fetch_numbers(s, NULL, 0, theirs, no_ops, want, 48);
      assert_all_near(got, want, 48, f32, "y");
      ek_tensor_free(t);
      ek_session_free(s);
      ek_graph_free(g);
    }
}

/* ---- conventions */

/* One training step of 1, 2, 3, 4 with each framework's defaults. */
static void each_convention_averages_as_its_framework(void **state) {
  (void)state;
  static const struct {
    ek_bn_convention convention;
    double mean, variance, divisor;
  } cases[] = {
      {EK_BN_TENSORFLOW, 0.025, 1.0025, 1.118481113},  {EK_BN_KERAS, 0.025, 1.0025, 1.118481113},
      {EK_BN_PYTORCH, 0.25, 1.066666667, 1.118038461}, {EK_BN_ONNX, 0.25, 1.025, 1.118038461},
      {EK_BN_CAFFE, 0.0025, 1.000666667, 1.118038461}, {EK_BN_DARKNET, 0.025, 1.006666667, 1.290995449},
  };
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    for (int known = 0; known < 2; known++) {
      ek_graph *g = ek_graph_new(NULL);
      const ek_out x = ek_placeholder(g, EK_FLOAT32, known ? ek_shape(4, 1) : ek_shape(-1, 1), "x");
      const ek_out y = ek_bn(g, x, EK_BN(.convention = cases[i].convention));
      ek_session *s = initialized_session(g);
      ek_tensor *t = floats(ek_shape(4, 1), x4);
      double got[4], want[4];
      for (int k = 0; k < 4; k++) want[k] = (x4[k] - 2.5) / cases[i].divisor;
      fetch_numbers(s, &EK_FEED(x, t), 1, y, ek_get_collection_ops(g, EK_UPDATE_OPS, NULL), got, 4);
      const char *name = ek_bn_meaning_of(cases[i].convention).name;
      assert_all_near(got, want, 4, f32, name);
      assert_all_near((const double[]){number_of(s, variable_named(g, "bn/moving_mean")),
                                       number_of(s, variable_named(g, "bn/moving_variance"))},
                      (const double[]){cases[i].mean, cases[i].variance}, 2, f32, name);
      ek_tensor_free(t);
      ek_session_free(s);
      ek_graph_free(g);
    }
  }
}

static void numbers_cross_the_border(void **state) {
  (void)state;
  assert_near(ek_bn_momentum(EK_BN_PYTORCH, EK_BN_TENSORFLOW, 0.1), 0.9);
  assert_near(ek_bn_momentum(EK_BN_KERAS, EK_BN_PYTORCH, 0.99), 0.01);
  assert_near(ek_bn_momentum(EK_BN_ONNX, EK_BN_CAFFE, 0.9), 0.9);
  const float variance[] = {0.0f, 0.25f, 4.0f};
  float there[3], back[3];
  for (int i = 0; i < 36; i++) {
    const ek_bn_convention from = (ek_bn_convention)(i / 6), to = (ek_bn_convention)(i % 6);
    const double e = 1e-2, f = 1e-3; /* a smaller one there: all variances can be said */
    ek_bn_variance(from, e, to, f, 3, variance, there);
    for (int k = 0; k < 3; k++) {
      const double v = (double)variance[k], w = (double)there[k];
      const double here = from == EK_BN_DARKNET ? sqrt(v) + e : sqrt(v + e);
      const double thence = to == EK_BN_DARKNET ? sqrt(w) + f : sqrt(w + f);
      if (!(here == 1e-2 && to != EK_BN_DARKNET)) /* 1e-4 is less than 1e-3: that one becomes 0 */
        assert_true(fabs(here - thence) < 1e-6);
    }
    ek_bn_variance(to, f, from, e, 3, there, back);
    assert_true(fabs((double)back[2] - 4.0) < 1e-5);
  }
  float sums[] = {3.0f, -6.0f};
  ek_bn_from_caffe(1.5f, 2, sums, sums);
  assert_true(sums[0] == 2.0f && sums[1] == -4.0f);
  ek_bn_from_caffe(0.0f, 2, sums, sums);
  assert_true(sums[0] == 0.0f && sums[1] == 0.0f);
}

/* ---- the guard */

/* Two channels, of which one gets what is bad; then good numbers: the other channel never notices. */
static void check_guard(int form, double bad) {
  ek_graph *g = ek_graph_new(NULL);
  const ek_shape shape = form == 1 ? ek_shape(-1, 1, 1, 2) : ek_shape(-1, 2);
  const ek_out x = ek_placeholder(g, EK_FLOAT32, shape, "x");
  const ek_layers_batch_normalization_opts layers = {EK_LAYERS_BATCH_NORMALIZATION_OPTS_FIELDS_, .name = "bn",
                                                     .training = EK_TRUE, .guard = true, .renorm = form == 2};
  ek_out y;
  if (form <= 2)
    y = ek_layers_batch_normalization(g, x, &layers);
  else if (form == 3)
    y = ek_bn(g, x, EK_BN(.guard = true));
  else
    y = ek_contrib_batch_norm(g, x,
                              EK_CONTRIB_BATCH_NORM(.scope = "bn", .guard = true, .decay = 0.99, .fused = form == 4,
                                                    .updates_collections = {"mine"},
                                                    .zero_debias_moving_mean = form == 6));
  const ek_ops updates = ek_get_collection_ops(g, form <= 3 ? EK_UPDATE_OPS : "mine", NULL);
  ek_session *s = initialized_session(g);
  const double rows[][4] = {{1, bad, 3, 5}, {1, 10, 3, 30}};
  double got[4], m[2][4];
  for (int i = 0; i < 2; i++) {
    ek_shape full = shape;
    full.dim[0] = 2;
    ek_tensor *t = floats(full, rows[i]);
    fetch_numbers(s, &EK_FEED(x, t), 1, y, updates, got, 4);
    variable_numbers(s, variable_named(g, "bn/moving_mean"), m[i], 2);
    variable_numbers(s, variable_named(g, "bn/moving_variance"), &m[i][2], 2);
    ek_tensor_free(t);
  }
  assert_true(m[0][1] == 0.0); /* as it was, to the bit */
  assert_true(fabs(m[0][3] - (form == 2 ? 1.0 - 1e-3 : 1.0)) <
              1e-6); /* renorm: the square of moving_stddev, less epsilon */
  assert_true(m[0][0] > 0.019 && isfinite(m[0][2]));
  assert_true(m[1][1] > 0.19 && isfinite(m[1][3]) && m[1][3] > 1.15);
  ek_session_free(s);
  ek_graph_free(g);
}

static void what_is_not_finite_stays_out(void **state) {
  (void)state;
  const double bad[] = {NAN, INFINITY, -INFINITY, 3e30}; /* the last one's square is no float */
  for (int form = 0; form <= 6; form++)
    for (int i = 0; i < 4; i++) check_guard(form, bad[i]);
}

/* Without examples there are no statistics; N = 1 has a variance of 0. */
static void batches_of_none_and_of_one(void **state) {
  (void)state;
  for (int fused = 0; fused < 2; fused++) {
    ek_graph *g = ek_graph_new(NULL);
    const ek_out x = ek_placeholder(g, EK_FLOAT32, ek_shape(-1, 1, 1, 2), "x");
    const ek_out y = ek_layers_batch_normalization(
        g, x, EK_LAYERS_BATCH_NORMALIZATION(.name = "bn", .training = EK_TRUE, .guard = true, .fused = fused));
    const ek_ops updates = ek_get_collection_ops(g, EK_UPDATE_OPS, NULL);
    ek_session *s = initialized_session(g);
    double got[2], m[2];
    const double one[] = {7, -3};
    ek_tensor *empty = floats(ek_shape(0, 1, 1, 2), NULL), *single = floats(ek_shape(1, 1, 1, 2), one);
    fetch_numbers(s, &EK_FEED(x, empty), 1, y, updates, got, 0);
    variable_numbers(s, variable_named(g, "bn/moving_mean"), m, 2);
    assert_true(m[0] == 0.0 && m[1] == 0.0);
    variable_numbers(s, variable_named(g, "bn/moving_variance"), m, 2);
    assert_true(m[0] == 1.0 && m[1] == 1.0);
    fetch_numbers(s, &EK_FEED(x, single), 1, y, updates, got, 2);
    assert_all_near(got, (const double[]){0, 0}, 2, f32, "y of one example");
    variable_numbers(s, variable_named(g, "bn/moving_variance"), m, 2);
    assert_all_near(m, (const double[]){0.99, 0.99}, 2, f32, "variance of one example");
    ek_tensor_free(empty);
    ek_tensor_free(single);
    ek_session_free(s);
    ek_graph_free(g);
  }
}

/* A layer in one branch: the train op waits for its updates where the branch is taken, and runs without them where it
 * is not. In TensorFlow it would be dead then. */
static void updates_inside_a_cond(void **state) {
  (void)state;
  ek_graph *g = ek_graph_new(NULL);
  const ek_out x = ek_placeholder(g, EK_FLOAT32, ek_shape(4, 1), "x");
  const ek_out taken = ek_placeholder(g, EK_BOOL, ek_shape_scalar(), "taken");
  const ek_variable w = scalar_variable(g, "w", 1.0, EK_NO);
  ek_cond_block c;
  EK_COND(g, taken, c) {
    EK_THEN(c)
    ek_cond_yield(
        &c, ek_layers_batch_normalization(g, x, EK_LAYERS_BATCH_NORMALIZATION(.name = "bn", .training = EK_TRUE)));
    EK_ELSE(c) ek_cond_yield(&c, x);
  }
  const ek_out loss = ek_add(g, ek_reduce_sum_all(g, ek_cond_result(&c, 0)), ek_variable_value(g, w));
  ek_op train = {0};
  EK_CONTROL_DEPENDENCIES (g, ek_get_collection_ops(g, EK_UPDATE_OPS, NULL))
    train = ek_train_minimize(ek_train_gradient_descent(g, 0.25), loss, NULL);
  ek_session *s = initialized_session(g);
  const double mean[] = {0.025, 0.025, 0.04975};
  for (int i = 0; i < 3; i++) {
    double got;
    ek_tensor *t = floats(ek_shape(4, 1), x4), *flag = ek_tensor_bool(i != 1, NULL);
    const ek_feed feeds[] = {EK_FEED(x, t), EK_FEED(taken, flag)};
    fetch_numbers(s, feeds, 2, loss, EK_OPS(train), &got, 1);
    assert_near(number_of(s, w), 1.0 - 0.25 * (i + 1));
    assert_near(number_of(s, variable_named(g, "bn/moving_mean")), mean[i]);
    ek_tensor_free(t);
    ek_tensor_free(flag);
  }
  ek_session_free(s);
  ek_graph_free(g);
}

/* ---- what is refused */

static void refused(const ek_bn_opts *o, const char *words) {
  ek_graph *g = ek_graph_new(NULL);
  assert_int_equal(ek_bn(g, ek_placeholder(g, EK_FLOAT32, ek_shape(-1, 3), "x"), o).op, 0);
  assert_refused(g, words);
}

static void wrong_choices_are_refused(void **state) {
  static const ek_bn_opts zero = {0};
  (void)state;
  refused(&zero, "options of version 0");
  refused(EK_BN(.normalize_by = {.by = EK_BN_GIVEN}), "given_mean and given_variance must both be given");
  refused(EK_BN(.normalize_by = {.by = (ek_bn_by)7}), "normalize_by is 7");
  refused(EK_BN(.axis = 2), "outside [-2, 2)");
  ek_graph *g = ek_graph_new(NULL);
  const ek_out x = ek_placeholder(g, EK_FLOAT32, ek_shape(-1, 3), "x");
  (void)ek_bn(g, x, EK_BN(.given_mean = ek_numbers(g, 1.0)));
  assert_refused(g, "must both be given");
  g = ek_graph_new(NULL);
  const ek_out wrong = ek_placeholder(g, EK_FLOAT32, ek_shape_scalar(), "by");
  (void)ek_bn(g, ek_placeholder(g, EK_FLOAT32, ek_shape(-1, 3), "x"), EK_BN(.normalize_by = ek_bn_by_out(wrong)));
  assert_refused(g, "normalize_by is float32");
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(three_independent_choices),  cmocka_unit_test(known_choices_leave_nothing_behind),
      cmocka_unit_test(every_rank_and_axis),        cmocka_unit_test(each_convention_averages_as_its_framework),
      cmocka_unit_test(numbers_cross_the_border),   cmocka_unit_test(what_is_not_finite_stays_out),
      cmocka_unit_test(batches_of_none_and_of_one), cmocka_unit_test(updates_inside_a_cond),
      cmocka_unit_test(wrong_choices_are_refused),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
