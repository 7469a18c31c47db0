/* SPDX-License-Identifier: Apache-2.0 */
/* tf.layers' batch normalization in a session: the worked numbers of the specification, every form, flags, updates. */
#include "layers/numbers.h"

#define BN(...) EK_LAYERS_BATCH_NORMALIZATION(.name = "bn", __VA_ARGS__)

/* float32 rounds sums of a few numbers near 1 to this; the worked numbers have nine digits. */
static const double f32 = 2e-6;
/* Computed in float64, but it comes back as float32. */
static const double f64 = 1e-7;
/* One rounding to 11 or 8 bits of what is computed in float32. */
static const double f16 = 1e-3, bf16 = 8e-3;

/* One channel, x = 1, 2, 3, 4, in every form that the layer has. */
typedef struct form {
  const char *name;
  ek_dtype dtype;
  ek_shape shape;
  int axis;
  bool fused_asked, is_fused;
  double tolerance;
} form;
#define N_FORMS 11
static void forms_of(form f[N_FORMS]) {
  const form all[N_FORMS] = {
      {"rank 1", EK_FLOAT32, ek_shape(1), 0, true, false, f32},
      {"rank 2", EK_FLOAT32, ek_shape(4, 1), -1, true, false, f32},
      {"rank 3, axis 1", EK_FLOAT32, ek_shape(2, 1, 2), 1, true, false, f32},
      {"NHWC", EK_FLOAT32, ek_shape(1, 2, 2, 1), 3, true, true, f32},
      {"NCHW", EK_FLOAT32, ek_shape(2, 1, 2, 1), 1, true, true, f32},
      {"rank 4, axis 2", EK_FLOAT32, ek_shape(2, 2, 1, 1), 2, true, false, f32},
      {"rank 4, not fused", EK_FLOAT32, ek_shape(2, 2, 1, 1), -1, false, false, f32},
      {"NDHWC", EK_FLOAT32, ek_shape(1, 1, 2, 2, 1), -1, true, true, f32},
      {"float64", EK_FLOAT64, ek_shape(2, 2, 1, 1), -1, true, false, f64},
      {"float16, fused", EK_FLOAT16, ek_shape(4, 1, 1, 1), -1, true, true, f16},
      {"bfloat16", EK_BFLOAT16, ek_shape(4, 1), -1, true, false, bf16},
  };
  memcpy(f, all, sizeof all);
}

typedef struct net {
  ek_graph *g;
  ek_session *s;
  ek_out x, flag, y;
  ek_ops updates;
  ek_variable mean, variance;
} net;

/* x and y are float32, whatever the layer works in. fed: training is a placeholder. */
static net build(const form *f, bool fed, ek_flag training) {
  net n = {.g = ek_graph_new(NULL)};
  n.x = ek_placeholder(n.g, EK_FLOAT32, f->shape, "x");
  n.flag = ek_placeholder(n.g, EK_BOOL, ek_shape_scalar(), "is_training");
  const ek_out in = f->dtype == EK_FLOAT32 ? n.x : ek_cast(n.g, n.x, f->dtype, NULL);
  const ek_out out = ek_layers_batch_normalization(
      n.g, in, BN(.axis = f->axis, .fused = f->fused_asked, .training = fed ? ek_flag_of(n.flag) : training));
  assert_int_equal(ek_out_dtype(n.g, out), f->dtype);
  assert_true(ek_shape_equal(ek_out_shape(n.g, out), f->shape));
  n.y = f->dtype == EK_FLOAT32 ? out : ek_cast(n.g, out, EK_FLOAT32, NULL);
  n.updates = ek_get_collection_ops(n.g, EK_UPDATE_OPS, NULL);
  n.s = initialized_session(n.g);
  n.mean = variable_named(n.g, "bn/moving_mean");
  n.variance = variable_named(n.g, "bn/moving_variance");
  return n;
}

static void done(net *n) {
  ek_session_free(n->s);
  ek_graph_free(n->g);
}

static void check_moving(const net *n, const form *f, double mean, double variance) {
  double got[2];
  const double want[] = {mean, variance};
  variable_numbers(n->s, n->mean, &got[0], 1);
  variable_numbers(n->s, n->variance, &got[1], 1);
  assert_all_near(got, want, 2, f->dtype == EK_FLOAT16 ? f16 : f32, f->name);
}

static const double worked_x[] = {1, 2, 3, 4};
static const double worked_y[] = {-1.34110445, -0.44703482, 0.44703482, 1.34110445};
/* From moving_mean 0 and moving_variance 1: sqrt(1.001) */
static const double moving_y[] = {0.999500375, 1.99900075, 2.99850112, 3.9980015};

static void check_form(const form *f, bool fed) {
  net n = build(f, fed, EK_TRUE);
  double y[4];
  const int count = (int)ek_shape_num_elements(f->shape);
  ek_tensor *x = floats(f->shape, worked_x), *yes = ek_tensor_bool(true, NULL), *no = ek_tensor_bool(false, NULL);
  ek_feed feeds[] = {EK_FEED(n.x, x), EK_FEED(n.flag, yes)};
  const double zero[] = {0.0};
  const double *want = count == 1 ? zero : worked_y;
  assert_int_equal(n.updates.n, 2);
  fetch_numbers(n.s, feeds, 2, n.y, (ek_ops){NULL, 0}, y, count);
  assert_all_near(y, want, count, f->tolerance, f->name);
  check_moving(&n, f, 0.0, 1.0); /* nothing runs the updates by itself */
  fetch_numbers(n.s, feeds, 2, n.y, n.updates, y, count);
  assert_all_near(y, want, count, f->tolerance, f->name);
  const double mean = count == 1 ? 0.01 : 0.025;
  const double variance = count == 1 ? 0.99 : f->is_fused ? 1.00666667 : 1.0025;
  check_moving(&n, f, mean, variance);
  if (fed) {
    feeds[1].value = no;
    fetch_numbers(n.s, feeds, 2, n.y, n.updates, y, count); /* the updates run, and change nothing */
    check_moving(&n, f, mean, variance);
    for (int i = 0; i < count; i++) {
      const double inferred = (worked_x[i] - mean) / sqrt(variance + 0.001);
      assert_all_near(&y[i], &inferred, 1, f->tolerance, f->name);
    }
  }
  ek_tensor_free(x);
  ek_tensor_free(yes);
  ek_tensor_free(no);
  done(&n);
}

static void every_form_trains(void **state) {
  (void)state;
  form f[N_FORMS];
  forms_of(f);
  for (int i = 0; i < N_FORMS; i++) {
    check_form(&f[i], false);
    check_form(&f[i], true);
  }
}

static void every_form_infers(void **state) {
  (void)state;
  form f[N_FORMS];
  forms_of(f);
  for (int i = 0; i < N_FORMS; i++) {
    net n = build(&f[i], false, EK_FALSE);
    double y[4];
    const int count = (int)ek_shape_num_elements(f[i].shape);
    ek_tensor *x = floats(f[i].shape, worked_x);
    assert_int_equal(n.updates.n, 0);
    fetch_numbers(n.s, &EK_FEED(n.x, x), 1, n.y, (ek_ops){NULL, 0}, y, count);
    assert_all_near(y, moving_y, count, f[i].tolerance, f[i].name);
    ek_tensor_free(x);
    done(&n);
  }
}

/* gamma = 2, the gradient of y is 1, 0, 0, 0. */
static void worked_gradients(void **state) {
  (void)state;
  static const double dx_train[] = {0.5370850, -0.7150413, -0.1790283, 0.3569846}, gy[] = {1, 0, 0, 0};
  const ek_shape shapes[] = {ek_shape(4, 1), ek_shape(1, 2, 2, 1)};
  for (int fused = 0; fused < 2; fused++) {
    ek_graph *g = ek_graph_new(NULL);
    const ek_out x = ek_placeholder(g, EK_FLOAT32, shapes[fused], "x");
    const ek_out y =
        ek_layers_batch_normalization(g, x, BN(.training = EK_TRUE, .gamma_initializer = ek_constant_initializer(2.0)));
    ek_tensor *of_y = floats(shapes[fused], gy), *data = floats(shapes[fused], worked_x);
    const ek_out gamma = ek_variable_handle(g, variable_named(g, "bn/gamma")),
                 beta = ek_variable_handle(g, variable_named(g, "bn/beta")), dy = ek_constant(g, of_y);
    ek_gradients_opts o = EK_GRADIENTS_OPTS_INIT;
    ek_out dx[3];
    o.grad_ys = (ek_outs){&dy, 1};
    ek_gradients(g, EK_OUTS(y), EK_OUTS(x, gamma, beta), &o, dx);
    ek_session *s = initialized_session(g);
    double got[4];
    fetch_numbers(s, &EK_FEED(x, data), 1, dx[0], (ek_ops){NULL, 0}, got, 4);
    assert_all_near(got, dx_train, 4, f32, "dx");
    assert_all_near((const double[]){fetch_number(s, &EK_FEED(x, data), 1, dx[1])}, (const double[]){-1.34110445}, 1,
                    f32, "d gamma");
    assert_near(fetch_number(s, &EK_FEED(x, data), 1, dx[2]), 1.0);
    ek_tensor_free(of_y);
    ek_tensor_free(data);
    ek_session_free(s);
    ek_graph_free(g);
  }
}

static void worked_inference(void **state) {
  (void)state;
  static const double want[] = {3, 3.99987502, 4.99975005, 5.99962507};
  const ek_shape shapes[] = {ek_shape(4, 1), ek_shape(1, 2, 2, 1)};
  for (int fused = 0; fused < 2; fused++) {
    ek_graph *g = ek_graph_new(NULL);
    const ek_out x = ek_placeholder(g, EK_FLOAT32, shapes[fused], "x");
    const ek_out y = ek_layers_batch_normalization(g, x,
                                                   BN(.gamma_initializer = ek_constant_initializer(2.0),
                                                      .beta_initializer = ek_constant_initializer(3.0),
                                                      .moving_mean_initializer = ek_constant_initializer(1.0),
                                                      .moving_variance_initializer = ek_constant_initializer(4.0)));
    ek_tensor *data = floats(shapes[fused], worked_x);
    ek_session *s = initialized_session(g);
    double got[4];
    fetch_numbers(s, &EK_FEED(x, data), 1, y, (ek_ops){NULL, 0}, got, 4);
    assert_all_near(got, want, 4, f32, fused ? "fused" : "plain");
    ek_tensor_free(data);
    ek_session_free(s);
    ek_graph_free(g);
  }
}

/* Several axes, against the definition in double. */
static void axes_keep_their_statistics(void **state) {
  (void)state;
  static const int dims[] = {2, 3, 2, 2};
  double x[24], want[24], got[24];
  ek_graph *g = ek_graph_new(NULL);
  const ek_shape shape = ek_shape(2, 3, 2, 2);
  const ek_out in = ek_placeholder(g, EK_FLOAT32, shape, "x");
  const ek_out y = ek_layers_batch_normalization(g, in, BN(.axes = {1, -1}, .n_axes = 2, .training = EK_TRUE));
  for (int i = 0; i < 24; i++) x[i] = sin(3.0 * i) * (1 + i % 5);
  for (int a = 0; a < dims[1]; a++)
    for (int b = 0; b < dims[3]; b++) {
      double mean = 0, variance = 0;
      for (int pass = 0; pass < 3; pass++)
        for (int i = 0; i < dims[0]; i++)
          for (int k = 0; k < dims[2]; k++) {
            const int at = ((i * dims[1] + a) * dims[2] + k) * dims[3] + b;
            if (pass == 0) mean += x[at] / 4;
            if (pass == 1) variance += (x[at] - mean) * (x[at] - mean) / 4;
            if (pass == 2) want[at] = (x[at] - mean) / sqrt(variance + 0.001);
          }
    }
  ek_tensor *data = floats(shape, x);
  ek_session *s = initialized_session(g);
  fetch_numbers(s, &EK_FEED(in, data), 1, y, (ek_ops){NULL, 0}, got, 24);
  assert_all_near(got, want, 24, 2e-5, "axes 1 and 3"); /* x * inv - mean * inv cancels */
  ek_tensor_free(data);
  ek_session_free(s);
  ek_graph_free(g);
}

static void updates_run_under_control_dependencies(void **state) {
  (void)state;
  ek_graph *g = ek_graph_new(NULL);
  const ek_out x = ek_placeholder(g, EK_FLOAT32, ek_shape(-1, 1), "x");
  const ek_out y = ek_layers_batch_normalization(g, x, BN(.training = EK_TRUE));
  ek_out after = {0, 0};
  EK_CONTROL_DEPENDENCIES (g, ek_get_collection_ops(g, EK_UPDATE_OPS, NULL)) {
    after = ek_identity(g, y);
  }
  ek_session *s = initialized_session(g);
  ek_tensor *data = floats(ek_shape(4, 1), worked_x);
  double got[4];
  fetch_numbers(s, &EK_FEED(x, data), 1, y, (ek_ops){NULL, 0}, got, 4);
  assert_near(number_of(s, variable_named(g, "bn/moving_mean")), 0.0);
  for (int i = 0; i < 2; i++) fetch_numbers(s, &EK_FEED(x, data), 1, after, (ek_ops){NULL, 0}, got, 4);
  assert_near(number_of(s, variable_named(g, "bn/moving_mean")), 0.04975);
  ek_tensor_free(data);
  ek_session_free(s);
  ek_graph_free(g);
}

static void a_variable_is_a_flag(void **state) {
  (void)state;
  ek_graph *g = ek_graph_new(NULL);
  const ek_variable training = ek_get_variable(
      g, "training", ek_shape_scalar(),
      EK_GET_VARIABLE(.dtype = EK_BOOL, .initializer = ek_constant_initializer(1.0), .trainable = false));
  const ek_out x = ek_placeholder(g, EK_FLOAT32, ek_shape(4, 1), "x");
  const ek_out y = ek_layers_batch_normalization(g, x, BN(.training = ek_flag_of_variable(training)));
  ek_session *s = initialized_session(g);
  ek_tensor *data = floats(ek_shape(4, 1), worked_x), *no = ek_tensor_bool(false, NULL);
  double got[4];
  fetch_numbers(s, &EK_FEED(x, data), 1, y, (ek_ops){NULL, 0}, got, 4);
  assert_all_near(got, worked_y, 4, f32, "variable true");
  assert_int_equal(ek_session_set_variable(s, training, no, NULL), EK_OK);
  fetch_numbers(s, &EK_FEED(x, data), 1, y, (ek_ops){NULL, 0}, got, 4);
  assert_all_near(got, moving_y, 4, f32, "variable false");
  ek_tensor_free(data);
  ek_tensor_free(no);
  ek_session_free(s);
  ek_graph_free(g);
}

static void a_layer_shares_its_variables(void **state) {
  (void)state;
  ek_graph *g = ek_graph_new(NULL);
  ek_batch_normalization *bn = ek_layers_batch_normalization_new(g, BN(.momentum = 0.0));
  const ek_out x = ek_placeholder(g, EK_FLOAT32, ek_shape(4, 1), "x");
  assert_int_equal(ek_layers_batch_normalization_variables(bn).gamma.id, 0);
  const ek_out train = ek_layers_batch_normalization_apply(bn, x, EK_TRUE);
  const ek_out infer = ek_layers_batch_normalization_apply(bn, x, EK_FALSE);
  const ek_ops updates = ek_get_collection_ops(g, EK_UPDATE_OPS, NULL);
  assert_int_equal(updates.n, 2);
  (void)ek_layers_batch_normalization_apply(bn, x, EK_TRUE);
  assert_int_equal(ek_collection_size(g, EK_UPDATE_OPS), 4);
  assert_int_equal(ek_collection_size(g, EK_GLOBAL_VARIABLES), 4);
  assert_int_equal(ek_layers_batch_normalization_variables(bn).moving_mean.id, variable_named(g, "bn/moving_mean").id);
  ek_layers_batch_normalization_free(bn);
  ek_layers_batch_normalization_free(NULL);
  ek_session *s = initialized_session(g);
  ek_tensor *data = floats(ek_shape(4, 1), worked_x);
  double got[4];
  fetch_numbers(s, &EK_FEED(x, data), 1, train, updates, got, 4); /* momentum 0: the batch's own statistics stay */
  fetch_numbers(s, &EK_FEED(x, data), 1, infer, (ek_ops){NULL, 0}, got, 4);
  assert_all_near(got, worked_y, 4, f32, "inference with the statistics of one batch");
  ek_tensor_free(data);
  ek_session_free(s);
  ek_graph_free(g);
}

/* ---- what is refused */

static ek_out placeholder(ek_graph *g, ek_shape shape) { return ek_placeholder(g, EK_FLOAT32, shape, "x"); }

static void refused(ek_shape shape, const ek_layers_batch_normalization_opts *o, const char *words) {
  ek_graph *g = ek_graph_new(NULL);
  assert_int_equal(ek_layers_batch_normalization(g, placeholder(g, shape), o).op, 0);
  assert_refused(g, words);
}

static void wrong_inputs_are_refused(void **state) {
  (void)state;
  const ek_layers_batch_normalization_opts zero = {0};
  refused(ek_shape_unknown(), NULL, "undefined rank");
  refused(ek_shape_scalar(), NULL, "undefined rank");
  refused(ek_shape(-1, 3), BN(.axis = 2), "axis: 2 is outside [-2, 2)");
  refused(ek_shape(-1, 3), BN(.axis = -3), "axis: -3 is outside [-2, 2)");
  refused(ek_shape(2, 3, 4), BN(.axes = {1, -2}, .n_axes = 2), "Duplicate axis: 1");
  refused(ek_shape(-1, -1), NULL, "undefined dimension at axis 1");
  refused(ek_shape(-1, 3), &zero, "options of version 0");
  refused(ek_shape(-1, 3), BN(.n_axes = 9), "9 axes");
  ek_graph *g = ek_graph_new(NULL);
  (void)ek_layers_batch_normalization(g, ek_placeholder(g, EK_INT32, ek_shape(2, 3), "i"), NULL);
  assert_refused(g, "inputs are int32");
  g = ek_graph_new(NULL);
  const ek_out number = ek_placeholder(g, EK_FLOAT32, ek_shape_scalar(), "flag");
  (void)ek_layers_batch_normalization(g, placeholder(g, ek_shape(-1, 3)), BN(.training = ek_flag_of(number)));
  assert_refused(g, "bool");
}

static void other_inputs_than_the_first_are_refused(void **state) {
  (void)state;
  const ek_shape shapes[] = {ek_shape(-1, 4), ek_shape(-1, 2, 3)};
  static const char *const words[] = {"axis 1 must have size 3", "built for rank 2"};
  for (int i = 0; i < 2; i++) {
    ek_graph *g = ek_graph_new(NULL);
    ek_batch_normalization *bn = ek_layers_batch_normalization_new(g, NULL);
    (void)ek_layers_batch_normalization_apply(bn, placeholder(g, ek_shape(-1, 3)), EK_TRUE);
    assert_int_equal(ek_layers_batch_normalization_apply(bn, placeholder(g, shapes[i]), EK_TRUE).op, 0);
    assert_int_equal(ek_layers_batch_normalization_apply(bn, placeholder(g, shapes[0]), EK_TRUE).op, 0);
    ek_layers_batch_normalization_free(bn);
    assert_refused(g, words[i]);
  }
}

static void wrong_sharing_is_refused(void **state) {
  (void)state;
  ek_graph *g = ek_graph_new(NULL);
  (void)ek_layers_batch_normalization(g, placeholder(g, ek_shape(-1, 3)), BN(.axis = -1));
  (void)ek_layers_batch_normalization(g, placeholder(g, ek_shape(-1, 3)), BN(.axis = -1));
  assert_refused(g, "bn/gamma already exists");
  g = ek_graph_new(NULL);
  (void)ek_layers_batch_normalization(g, placeholder(g, ek_shape(-1, 3)), BN(.reuse = EK_REUSE));
  assert_refused(g, "bn/gamma does not exist");
  g = ek_graph_new(NULL);
  (void)ek_layers_batch_normalization(g, placeholder(g, ek_shape(-1, 3)), BN(.axis = -1));
  (void)ek_layers_batch_normalization(g, placeholder(g, ek_shape(-1, 4)), BN(.reuse = EK_REUSE));
  assert_refused(g, "specified shape [4] and found shape [3]");
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(every_form_trains),          cmocka_unit_test(every_form_infers),
      cmocka_unit_test(worked_gradients),           cmocka_unit_test(worked_inference),
      cmocka_unit_test(axes_keep_their_statistics), cmocka_unit_test(updates_run_under_control_dependencies),
      cmocka_unit_test(a_variable_is_a_flag),       cmocka_unit_test(a_layer_shares_its_variables),
      cmocka_unit_test(wrong_inputs_are_refused),   cmocka_unit_test(other_inputs_than_the_first_are_refused),
      cmocka_unit_test(wrong_sharing_is_refused),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
