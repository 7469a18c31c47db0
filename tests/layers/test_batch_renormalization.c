/* SPDX-License-Identifier: Apache-2.0 */
/* tf.layers' batch normalization with renorm, virtual batches and adjustment, in a session. */
#include "layers/numbers.h"

#define BN(...) EK_LAYERS_BATCH_NORMALIZATION(.name = "bn", __VA_ARGS__)

/* Sums of a few numbers near 1, in float32. */
static const double f32 = 3e-6;

typedef struct net {
  ek_graph *g;
  ek_session *s;
  ek_out x, y;
  ek_ops updates;
} net;

static net build(ek_shape shape, const ek_layers_batch_normalization_opts *o) {
  net n = {.g = ek_graph_new(NULL)};
  n.x = ek_placeholder(n.g, EK_FLOAT32, shape, "x");
  n.y = ek_layers_batch_normalization(n.g, n.x, o);
  n.updates = ek_get_collection_ops(n.g, EK_UPDATE_OPS, NULL);
  n.s = initialized_session(n.g);
  return n;
}

static void done(net *n) {
  ek_session_free(n->s);
  ek_graph_free(n->g);
}

/* One run on x of that shape, with the updates or without. */
static void run_on(const net *n, ek_shape shape, const double *x, bool update, double *y) {
  ek_tensor *in = floats(shape, x);
  const ek_feed feed = {.out = n->x, .value = in};
  fetch_numbers(n->s, &feed, 1, n->y, update ? n->updates : (ek_ops){NULL, 0}, y, (int)ek_shape_num_elements(shape));
  ek_tensor_free(in);
}

static void check_variable(const net *n, const char *name, double want) {
  double got;
  variable_numbers(n->s, variable_named(n->g, name), &got, 1);
  assert_all_near(&got, &want, 1, f32, name);
}

static const double x4[] = {1, 2, 3, 4}; /* mean 2.5, variance 1.25 */

/* The first step gives the input back: r and d undo the normalization, as the renorm variables are 0 and 1. */
static void renorm_begins_with_the_input(void **state) {
  (void)state;
  double y[4];
  const double s = sqrt(1.25 + 1e-3);
  net n = build(ek_shape(4, 1), BN(.training = EK_TRUE, .renorm = true, .renorm_momentum = 0.9));
  run_on(&n, ek_shape(4, 1), x4, false, y);
  assert_all_near(y, x4, 4, f32, "y");
  check_variable(&n, "bn/renorm_mean", 0.0); /* the result alone updates nothing */
  run_on(&n, ek_shape(4, 1), x4, true, y);
  assert_all_near(y, x4, 4, f32, "y beside the updates"); /* what the updates write comes after */
  check_variable(&n, "bn/renorm_mean", 0.25);
  check_variable(&n, "bn/renorm_stddev", 1.0 + (s - 1.0) * 0.1);
  check_variable(&n, "bn/moving_mean", 0.025);
  const double moving = 1.0 + (s - 1.0) * 0.01;
  check_variable(&n, "bn/moving_stddev", moving);
  check_variable(&n, "bn/moving_variance", moving * moving - 1e-3);
  done(&n);
}

static void each_bound_clips_its_side(void **state) {
  (void)state;
  const double s = sqrt(1.25 + 1e-3); /* r before clipping; d is 2.5 */
  const struct {
    ek_renorm_clipping to;
    double r, d;
  } cases[] = {
      {{.rmax = ek_bound_of(1.05)}, 1.05, 2.5},
      {{.rmin = ek_bound_of(1.5)}, 1.5, 2.5},
      {{.rmin = ek_bound_of(0.5)}, s, 2.5},
      {{.dmax = ek_bound_of(1.0)}, s, 1.0},
      {{.dmax = ek_bound_of(0.0)}, s, 0.0}, /* a bound of 0 is one, too */
      {{.rmin = ek_bound_of(0.5), .rmax = ek_bound_of(1.0), .dmax = ek_bound_of(3.0)}, 1.0, 2.5},
  };
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    double y[4], want[4];
    net n = build(ek_shape(4, 1), BN(.training = EK_TRUE, .renorm = true, .renorm_clipping = cases[i].to));
    run_on(&n, ek_shape(4, 1), x4, true, y);
    for (int k = 0; k < 4; k++) want[k] = (x4[k] - 2.5) / s * cases[i].r + cases[i].d;
    assert_all_near(y, want, 4, f32, "y");
    done(&n);
  }
}

static void a_negative_shift_is_clipped_too(void **state) {
  (void)state;
  const double x[] = {-1, -2, -3, -4};
  double y[4], want[4];
  net n =
      build(ek_shape(4, 1), BN(.training = EK_TRUE, .renorm = true, .renorm_clipping = {.dmax = {true, 1.0, {0, 0}}}));
  run_on(&n, ek_shape(4, 1), x, false, y);
  for (int k = 0; k < 4; k++) want[k] = (x[k] + 2.5) - 1.0;
  assert_all_near(y, want, 4, f32, "y");
  done(&n);
}

/* The bounds as tensors: they change from run to run. */
static void bounds_can_be_fed(void **state) {
  (void)state;
  ek_graph *g = ek_graph_new(NULL);
  const ek_out x = ek_placeholder(g, EK_FLOAT32, ek_shape(4, 1), "x");
  const ek_out dmax = ek_placeholder(g, EK_FLOAT32, ek_shape_scalar(), "dmax");
  const ek_out y = ek_layers_batch_normalization(
      g, x, BN(.training = EK_TRUE, .renorm = true, .renorm_clipping = {.dmax = ek_bound_of_out(dmax)}));
  ek_session *s = initialized_session(g);
  for (int i = 0; i < 3; i++) {
    const double bound = i;
    double got[4], want[4];
    ek_tensor *in = floats(ek_shape(4, 1), x4), *b = floats(ek_shape_scalar(), &bound);
    const ek_feed feeds[] = {{.out = x, .value = in}, {.out = dmax, .value = b}};
    fetch_numbers(s, feeds, 2, y, (ek_ops){NULL, 0}, got, 4);
    for (int k = 0; k < 4; k++) want[k] = x4[k] - 2.5 + bound;
    assert_all_near(got, want, 4, f32, "y");
    ek_tensor_free(in);
    ek_tensor_free(b);
  }
  ek_session_free(s);
  ek_graph_free(g);
}

/* Batch j of two is rows j, j + 2. */
static void virtual_batches_are_interleaved(void **state) {
  (void)state;
  const double x[] = {1, 10, 3, 30}, k = 1.0 / sqrt(1.0 + 1e-3), l = 10.0 / sqrt(100.0 + 1e-3);
  const double want[] = {-k, -l, k, l};
  double y[4];
  net n = build(ek_shape(-1, 1), BN(.training = EK_TRUE, .virtual_batch_size = 2, .momentum = 0.5));
  run_on(&n, ek_shape(4, 1), x, true, y);
  assert_all_near(y, want, 4, f32, "y");
  check_variable(&n, "bn/moving_mean", 0.5 * (2 + 20) / 2);
  check_variable(&n, "bn/moving_variance", 0.5 + 0.5 * (1 + 100) / 2);
  done(&n);
}

static void one_virtual_batch_is_the_batch(void **state) {
  (void)state;
  double x[48], plain[48], ghost[48];
  for (int i = 0; i < 48; i++) x[i] = sin(i) * 3.0;
  const ek_shape shapes[] = {ek_shape(12, 4), ek_shape(4, 3, 4), ek_shape(4, 3, 2, 2), ek_shape(2, 3, 2, 2, 2)};
  for (int r = 0; r < 4; r++)
    for (int axis = 1; axis < shapes[r].rank; axis++)
      for (int mode = 0; mode < 2; mode++) {
        const ek_flag training = mode == 0 ? EK_FALSE : EK_TRUE;
        net a = build(shapes[r], BN(.training = training, .axis = axis, .fused = false));
        net b = build(shapes[r], BN(.training = training, .axis = axis, .virtual_batch_size = shapes[r].dim[0]));
        run_on(&a, shapes[r], x, mode == 1, plain);
        run_on(&b, shapes[r], x, mode == 1, ghost);
        assert_true(ek_shape_equal(ek_out_shape(b.g, b.y), shapes[r]));
        assert_all_near(ghost, plain, 48, f32, "y");
        double m[2][4];
        const int c = (int)shapes[r].dim[axis];
        variable_numbers(a.s, variable_named(a.g, "bn/moving_variance"), m[0], c);
        variable_numbers(b.s, variable_named(b.g, "bn/moving_variance"), m[1], c);
        assert_all_near(m[1], m[0], c, f32, "moving_variance");
        done(&a);
        done(&b);
      }
}

/* In inference, too: the reshape is there, as in TensorFlow. */
static void what_the_virtual_batch_does_not_divide_is_refused(void **state) {
  (void)state;
  for (int mode = 0; mode < 2; mode++) {
    net n = build(ek_shape(-1, 1), BN(.training = mode == 0 ? EK_FALSE : EK_TRUE, .virtual_batch_size = 3));
    ek_status st = EK_STATUS_INIT;
    ek_tensor *in = floats(ek_shape(4, 1), x4), *out = NULL;
    const ek_feed feed = {.out = n.x, .value = in};
    assert_int_equal(ek_session_run(n.s, &feed, 1, &EK_FETCH(n.y), 1, &out, NULL, 0, NULL, &st), EK_INVALID_ARGUMENT);
    assert_null(out);
    ek_tensor_free(in);
    done(&n);
  }
}

static int calls;
static ek_adjustment three_and_one(ek_graph *g, ek_out shape, void *ctx) {
  assert_int_equal(ek_out_dtype(g, shape), EK_INT32);
  calls++;
  const ek_adjustment a = {ek_number(g, *(const double *)ctx), ek_number(g, 1.0)};
  return a;
}

static void adjustment_works_in_training_only(void **state) {
  (void)state;
  double scale = 3.0;
  const double k = 1.0 / sqrt(1.25 + 1e-3);
  for (int fed = 0; fed < 2; fed++) {
    ek_graph *g = ek_graph_new(NULL);
    const ek_out x = ek_placeholder(g, EK_FLOAT32, ek_shape(4, 1), "x");
    const ek_out flag = ek_placeholder(g, EK_BOOL, ek_shape_scalar(), "flag");
    calls = 0;
    const ek_out y = ek_layers_batch_normalization(
        g, x,
        BN(.training = fed ? ek_flag_of(flag) : EK_TRUE, .adjustment = three_and_one, .adjustment_ctx = &scale,
           .gamma_initializer = ek_constant_initializer(2.0), .beta_initializer = ek_constant_initializer(5.0)));
    assert_int_equal(calls, 1);
    ek_session *s = initialized_session(g);
    for (int training = 1; training >= 1 - fed; training--) {
      double got[4], want[4];
      ek_tensor *in = floats(ek_shape(4, 1), x4), *f = ek_tensor_bool(training, NULL);
      const ek_feed feeds[] = {{.out = x, .value = in}, {.out = flag, .value = f}};
      fetch_numbers(s, feeds, 1 + fed, y, (ek_ops){NULL, 0}, got, 4);
      for (int i = 0; i < 4; i++)
        want[i] = training ? 2.0 * (3.0 * (x4[i] - 2.5) * k + 1.0) + 5.0 : 2.0 * x4[i] / sqrt(1.0 + 1e-3) + 5.0;
      assert_all_near(got, want, 4, f32, training ? "training" : "inference");
      ek_tensor_free(in);
      ek_tensor_free(f);
    }
    ek_session_free(s);
    ek_graph_free(g);
  }
}

/* A scale for all channels is not one for each: the gradient, whatever the plan makes of it. */
static void the_gradient_of_an_adjusted_layer(void **state) {
  (void)state;
  double x[24], scale = 3.0, dx[2][24];
  for (int i = 0; i < 24; i++) x[i] = sin(i) * 3.0;
  for (int gamma = 0; gamma < 2; gamma++) {
    for (int whole = 0; whole < 2; whole++) {
      ek_graph *g = ek_graph_new(NULL);
      const ek_out in = ek_placeholder(g, EK_FLOAT32, ek_shape(8, 3), "x");
      const ek_out y = ek_layers_batch_normalization(
          g, in, BN(.training = EK_TRUE, .scale = gamma, .adjustment = three_and_one, .adjustment_ctx = &scale));
      ek_out d;
      ek_gradients(g, EK_OUTS(ek_nn_tanh(g, y)), EK_OUTS(in), NULL, &d);
      const ek_op init = ek_global_variables_initializer(g);
      ek_session_opts o = EK_SESSION_OPTS_INIT;
      o.without_passes = whole ? 0 : EK_PASS_FUSE;
      ek_status st = EK_STATUS_INIT;
      ek_session *s = ek_session_new(g, &o, &st);
      if (s == NULL) fail_msg("%s", st.msg);
      run_op(s, init);
      ek_tensor *t = floats(ek_shape(8, 3), x);
      fetch_numbers(s, &EK_FEED(in, t), 1, d, (ek_ops){NULL, 0}, dx[whole], 24);
      ek_tensor_free(t);
      ek_session_free(s);
      ek_graph_free(g);
    }
    assert_all_near(dx[1], dx[0], 24, f32, gamma ? "dx with gamma" : "dx");
  }
}

static void a_layer_in_inference_never_adjusts(void **state) {
  (void)state;
  double y[4], want[4], scale = 3.0;
  calls = 0;
  net n = build(ek_shape(4, 1), BN(.adjustment = three_and_one, .adjustment_ctx = &scale));
  run_on(&n, ek_shape(4, 1), x4, false, y);
  for (int i = 0; i < 4; i++) want[i] = x4[i] / sqrt(1.0 + 1e-3);
  assert_all_near(y, want, 4, f32, "y");
  assert_int_equal(calls, 0);
  done(&n);
}

static void the_layer_tells_its_variables(void **state) {
  (void)state;
  ek_graph *g = ek_graph_new(NULL);
  ek_batch_normalization *layer = ek_layers_batch_normalization_new(g, BN(.renorm = true));
  (void)ek_layers_batch_normalization_apply(layer, ek_placeholder(g, EK_FLOAT32, ek_shape(-1, 3), "x"), EK_TRUE);
  const ek_batch_normalization_variables v = ek_layers_batch_normalization_variables(layer);
  assert_string_equal(ek_variable_name(g, v.moving_stddev), "bn/moving_stddev");
  assert_string_equal(ek_variable_name(g, v.renorm_mean), "bn/renorm_mean");
  assert_string_equal(ek_variable_name(g, v.renorm_stddev), "bn/renorm_stddev");
  ek_layers_batch_normalization_free(layer);
  ek_graph_free(g);
}

static void refused(ek_shape shape, const ek_layers_batch_normalization_opts *o, const char *words) {
  ek_graph *g = ek_graph_new(NULL);
  assert_int_equal(ek_layers_batch_normalization(g, ek_placeholder(g, EK_FLOAT32, shape, "x"), o).op, 0);
  assert_refused(g, words);
}

static ek_adjustment nothing(ek_graph *g, ek_out shape, void *ctx) {
  (void)g;
  (void)shape;
  (void)ctx;
  return (ek_adjustment){{0, 0}, {0, 0}};
}

static void what_cannot_be_is_refused(void **state) {
  (void)state;
  double scale = 1.0;
  refused(ek_shape(-1, 3), BN(.virtual_batch_size = -2), "must be a positive integer");
  refused(ek_shape(4, 3), BN(.virtual_batch_size = 2, .axis = 0), "axis cannot include 0");
  refused(ek_shape(4, 3), BN(.virtual_batch_size = 2, .axes = {1, 0}, .n_axes = 2), "axis cannot include 0");
  refused(ek_shape(4, 3), BN(.virtual_batch_size = 2, .adjustment = three_and_one, .adjustment_ctx = &scale),
          "adjustment cannot be specified");
  refused(ek_shape(1, 1, 1, 1, 1, 1, 1, 1), BN(.virtual_batch_size = 1), "rank 7 at most");
  refused(ek_shape(-1, 3), BN(.adjustment = nothing, .training = EK_TRUE), "scale of the adjustment must be given");
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(renorm_begins_with_the_input),
      cmocka_unit_test(each_bound_clips_its_side),
      cmocka_unit_test(a_negative_shift_is_clipped_too),
      cmocka_unit_test(bounds_can_be_fed),
      cmocka_unit_test(virtual_batches_are_interleaved),
      cmocka_unit_test(one_virtual_batch_is_the_batch),
      cmocka_unit_test(what_the_virtual_batch_does_not_divide_is_refused),
      cmocka_unit_test(adjustment_works_in_training_only),
      cmocka_unit_test(the_gradient_of_an_adjusted_layer),
      cmocka_unit_test(a_layer_in_inference_never_adjusts),
      cmocka_unit_test(the_layer_tells_its_variables),
      cmocka_unit_test(what_cannot_be_is_refused),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
