/* SPDX-License-Identifier: Apache-2.0 */
/* What TensorFlow's own tests of batch normalization hold it to, beyond what stands elsewhere: checkpoints between
 * fused and not fused, between float16 and float32; both data formats give the same; gradients of halves; evaluation
 * with given statistics; virtual batches as batches. */
#include "layers/numbers.h"

#include <stdio.h>

static const double f32 = 2e-5; /* sums of some ten numbers near 1, in another order */
static const double f16 = 1e-2; /* results rounded to 11 bits */

static const ek_ops no_ops = {NULL, 0};

static void some_numbers(double *x, int n, int seed) {
  for (int i = 0; i < n; i++) x[i] = sin(1.7 * i + seed) * (1 + (i + seed) % 3);
}

/* ---- checkpoints */

typedef struct model {
  ek_graph *g;
  ek_session *s;
  ek_saver *saver;
  ek_out x, training, y;
  ek_op train;
} model;

enum { ROWS = 6, SIDE = 2, CHANNELS = 3, SIZE = ROWS * SIDE * SIDE * CHANNELS };

static model make_model(bool fused, ek_dtype dtype) {
  model m = {.g = ek_graph_new(NULL)};
  m.x = ek_placeholder(m.g, EK_FLOAT32, ek_shape(ROWS, SIDE, SIDE, CHANNELS), "x");
  m.training = ek_placeholder(m.g, EK_BOOL, ek_shape_scalar(), "training");
  const ek_out in = dtype == EK_FLOAT32 ? m.x : ek_cast(m.g, m.x, dtype, NULL);
  const ek_out out = ek_layers_batch_normalization(
      m.g, in,
      EK_LAYERS_BATCH_NORMALIZATION(.name = "bn", .training = ek_flag_of(m.training), .fused = fused, .momentum = 0.9));
  m.y = dtype == EK_FLOAT32 ? out : ek_cast(m.g, out, EK_FLOAT32, NULL);
  const ek_out loss = ek_reduce_mean_all(m.g, ek_square(m.g, ek_subtract(m.g, m.y, m.x)));
  EK_CONTROL_DEPENDENCIES (m.g, ek_get_collection_ops(m.g, EK_UPDATE_OPS, NULL))
    m.train = ek_train_minimize(ek_train_gradient_descent(m.g, 0.1), loss, NULL);
  m.saver = ek_train_saver_new(m.g, NULL);
  m.s = initialized_session(m.g);
  return m;
}

static void free_model(model *m) {
  ek_train_saver_free(m->saver);
  ek_session_free(m->s);
  ek_graph_free(m->g);
}

static void run_model(const model *m, int seed, bool training, double *y) {
  double x[SIZE];
  some_numbers(x, SIZE, seed);
  ek_tensor *t = floats(ek_shape(ROWS, SIDE, SIDE, CHANNELS), x), *f = ek_tensor_bool(training, NULL);
  const ek_feed feeds[] = {EK_FEED(m->x, t), EK_FEED(m->training, f)};
  fetch_numbers(m->s, feeds, 2, m->y, (ek_ops){&m->train, training}, y, SIZE);
  ek_tensor_free(t);
  ek_tensor_free(f);
}

/* Trained by one, evaluated and trained on by the other: gamma, beta and statistics are the same four float32 vectors.
 */
static void exchange(bool fused, ek_dtype dtype, bool other_fused, ek_dtype other_dtype) {
  const double tolerance = dtype == EK_FLOAT32 && other_dtype == EK_FLOAT32 ? f32 : f16;
  const char *prefix = EK_TEST_TMP "/exchange";
  model a = make_model(fused, dtype), b = make_model(other_fused, other_dtype);
  double y[SIZE], want[SIZE], got[SIZE];
  for (int i = 0; i < 5; i++) run_model(&a, i, true, y);
  ek_status st = EK_STATUS_INIT;
  if (ek_train_saver_save(a.saver, a.s, prefix, EK_TRAIN_SAVE(.write_state = false), NULL, &st) != EK_OK ||
      ek_train_saver_restore(b.saver, b.s, prefix, &st) != EK_OK)
    fail_msg("%s", st.msg);
  run_model(&a, 9, false, want);
  run_model(&b, 9, false, got);
  assert_all_near(got, want, SIZE, tolerance, "inference");
  run_model(&a, 10, true, want);
  run_model(&b, 10, true, got);
  assert_all_near(got, want, SIZE, tolerance, "training");
  for (int k = 0; k < 3; k++) {
    static const char *const names[] = {"bn/gamma", "bn/beta", "bn/moving_mean"};
    variable_numbers(a.s, variable_named(a.g, names[k]), want, CHANNELS);
    variable_numbers(b.s, variable_named(b.g, names[k]), got, CHANNELS);
    assert_all_near(got, want, CHANNELS, tolerance, names[k]);
  }
  free_model(&a);
  free_model(&b);
}

static void checkpoints_are_exchanged(void **state) {
  (void)state;
  static const ek_dtype dtypes[] = {EK_FLOAT32, EK_FLOAT16};
  for (int i = 0; i < 16; i++) exchange(i & 1, dtypes[i >> 1 & 1], i >> 2 & 1, dtypes[i >> 3]);
}

/* ---- data formats */

/* x in NHWC as NCHW, or the other way round. */
static void turn(const ek_shape nhwc, const double *from, double *to, bool to_first) {
  const int64_t n = nhwc.dim[0], c = nhwc.dim[nhwc.rank - 1];
  const int64_t inner = ek_shape_num_elements(nhwc) / (n * c);
  for (int64_t i = 0; i < n; i++)
    for (int64_t k = 0; k < inner; k++)
      for (int64_t j = 0; j < c; j++) {
        const int64_t last = (i * inner + k) * c + j, first = (i * c + j) * inner + k;
        to[to_first ? first : last] = from[to_first ? last : first];
      }
}

/* One step of contrib's batch_norm: y, dx, and the moving averages. */
static void contrib_step(ek_shape shape, const double *x, const char *format, ek_dtype dtype, bool fused, bool training,
                         bool debias, double *y, double *dx, double *moving) {
  ek_graph *g = ek_graph_new(NULL);
  const int n = (int)ek_shape_num_elements(shape);
  const ek_out in = ek_placeholder(g, EK_FLOAT32, shape, "x");
  const ek_out out = ek_contrib_batch_norm(
      g, dtype == EK_FLOAT32 ? in : ek_cast(g, in, dtype, NULL),
      EK_CONTRIB_BATCH_NORM(.scope = "bn", .decay = 0.9, .scale = true, .data_format = format, .fused = fused,
                            .is_training = ek_flag_of_bool(training), .zero_debias_moving_mean = debias,
                            .gamma_initializer = ek_constant_initializer(1.5),
                            .beta_initializer = ek_constant_initializer(0.25)));
  const ek_out wide = dtype == EK_FLOAT32 ? out : ek_cast(g, out, EK_FLOAT32, NULL);
  ek_out d;
  ek_gradients(g, EK_OUTS(ek_square(g, ek_nn_tanh(g, wide))), EK_OUTS(in), NULL, &d);
  ek_session *s = initialized_session(g);
  ek_tensor *t = floats(shape, x);
  fetch_numbers(s, &EK_FEED(in, t), 1, d, no_ops, dx, n);
  fetch_numbers(s, &EK_FEED(in, t), 1, wide, ek_get_collection_ops(g, EK_UPDATE_OPS, NULL), y, n);
  const int channels = (int)shape.dim[strcmp(format, "NCHW") == 0 && shape.rank > 2 ? 1 : shape.rank - 1];
  variable_numbers(s, variable_named(g, "bn/moving_mean"), moving, channels);
  variable_numbers(s, variable_named(g, "bn/moving_variance"), moving + channels, channels);
  ek_tensor_free(t);
  ek_session_free(s);
  ek_graph_free(g);
}

static void both_formats_give_the_same(void **state) {
  (void)state;
  const ek_shape shapes[] = {ek_shape(8, 3), ek_shape(4, 2, 3), ek_shape(4, 2, 2, 3), ek_shape(2, 2, 2, 2, 3)};
  for (int r = 0; r < 4; r++)
    for (int i = 0; i < 8; i++) {
      const ek_shape nhwc = shapes[r];
      const int n = (int)ek_shape_num_elements(nhwc);
      ek_shape nchw = nhwc;
      nchw.dim[1] = nhwc.dim[nhwc.rank - 1];
      for (int k = 2; k < nhwc.rank; k++) nchw.dim[k] = nhwc.dim[k - 1];
      double x[48], turned[48], y[2][48], dx[2][48], moving[2][6], back[48];
      some_numbers(x, n, r);
      turn(nhwc, x, turned, true);
      contrib_step(nhwc, x, "NHWC", EK_FLOAT32, i & 1, i & 2, i & 4, y[0], dx[0], moving[0]);
      contrib_step(nchw, turned, "NCHW", EK_FLOAT32, i & 1, i & 2, i & 4, y[1], dx[1], moving[1]);
      turn(nhwc, y[1], back, false);
      assert_all_near(back, y[0], n, f32, "y");
      turn(nhwc, dx[1], back, false);
      assert_all_near(back, dx[0], n, f32, "dx");
      assert_all_near(moving[1], moving[0], 6, f32, "moving");
    }
}

static void gradients_of_halves(void **state) {
  (void)state;
  const ek_shape shapes[] = {ek_shape(8, 3), ek_shape(4, 2, 2, 3), ek_shape(4, 2, 3)};
  for (int r = 0; r < 3; r++)
    for (int i = 0; i < 4; i++) {
      const int n = (int)ek_shape_num_elements(shapes[r]);
      double x[48], y[2][48], dx[2][48], moving[2][6];
      some_numbers(x, n, 5);
      contrib_step(shapes[r], x, "NHWC", EK_FLOAT32, i & 1, i & 2, false, y[0], dx[0], moving[0]);
      contrib_step(shapes[r], x, "NHWC", EK_FLOAT16, i & 1, i & 2, false, y[1], dx[1], moving[1]);
      assert_all_near(y[1], y[0], n, f16, "y");
      assert_all_near(dx[1], dx[0], n, f16, "dx");
      assert_all_near(moving[1], moving[0], 6, f16, "moving");
    }
}

/* ---- evaluation with given statistics */

static void evaluation_takes_what_the_averages_hold(void **state) {
  (void)state;
  static const double mean[] = {1, -2, 0.5}, variance[] = {4, 0.25, 9};
  for (int fused = 0; fused < 2; fused++)
    for (int rank = 2; rank <= 4; rank += 2) {
      ek_graph *g = ek_graph_new(NULL);
      const ek_shape s = rank == 2 ? ek_shape(4, 3) : ek_shape(2, 2, 1, 3);
      double x[12], want[12], got[12];
      some_numbers(x, 12, 1);
      const ek_out in = ek_placeholder(g, EK_FLOAT32, s, "x");
      const ek_out y =
          ek_contrib_batch_norm(g, in, EK_CONTRIB_BATCH_NORM(.scope = "bn", .is_training = EK_FALSE, .fused = fused));
      assert_int_equal(ek_collection_size(g, EK_UPDATE_OPS), 0);
      const ek_out given_mean = ek_variable_assign(g, variable_named(g, "bn/moving_mean"), ek_number_list(g, mean, 3));
      const ek_out given_variance =
          ek_variable_assign(g, variable_named(g, "bn/moving_variance"), ek_number_list(g, variance, 3));
      ek_session *session = initialized_session(g);
      run_op(session, ek_out_op(given_mean));
      run_op(session, ek_out_op(given_variance));
      ek_tensor *t = floats(s, x);
      for (int i = 0; i < 12; i++) want[i] = (x[i] - mean[i % 3]) / sqrt(variance[i % 3] + 1e-3);
      fetch_numbers(session, &EK_FEED(in, t), 1, y, no_ops, got, 12);
      assert_all_near(got, want, 12, f32, "y");
      ek_tensor_free(t);
      ek_session_free(session);
      ek_graph_free(g);
    }
}

/* ---- virtual batches */

/* Each virtual batch of six rows in three is normalized as a batch of its own. */
static void virtual_batches_are_batches(void **state) {
  (void)state;
  const ek_shape whole[] = {ek_shape(6, 4), ek_shape(6, 2, 2), ek_shape(6, 2, 1, 2), ek_shape(6, 1, 2, 1, 2)};
  for (int r = 0; r < 4; r++)
    for (int axis = 1; axis < whole[r].rank; axis++) {
      double x[24], y[24], part[12], want[12];
      some_numbers(x, 24, r);
      ek_graph *g = ek_graph_new(NULL);
      ek_shape half = whole[r];
      half.dim[0] = 3;
      const ek_out in = ek_placeholder(g, EK_FLOAT32, whole[r], "x"), alone = ek_placeholder(g, EK_FLOAT32, half, "y");
      const ek_out ghost = ek_layers_batch_normalization(
          g, in, EK_LAYERS_BATCH_NORMALIZATION(.axis = axis, .training = EK_TRUE, .virtual_batch_size = 3));
      const ek_out plain = ek_layers_batch_normalization(
          g, alone, EK_LAYERS_BATCH_NORMALIZATION(.axis = axis, .training = EK_TRUE, .fused = false));
      ek_session *s = initialized_session(g);
      ek_tensor *t = floats(whole[r], x);
      fetch_numbers(s, &EK_FEED(in, t), 1, ghost, no_ops, y, 24);
      for (int j = 0; j < 2; j++) {
        for (int i = 0; i < 12; i++) part[i] = x[(i / 4 * 2 + j) * 4 + i % 4];
        ek_tensor *p = floats(half, part);
        fetch_numbers(s, &EK_FEED(alone, p), 1, plain, no_ops, want, 12);
        for (int i = 0; i < 12; i++) part[i] = y[(i / 4 * 2 + j) * 4 + i % 4];
        assert_all_near(part, want, 12, f32, "virtual batch");
        ek_tensor_free(p);
      }
      ek_tensor_free(t);
      ek_session_free(s);
      ek_graph_free(g);
    }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(checkpoints_are_exchanged),   cmocka_unit_test(both_formats_give_the_same),
      cmocka_unit_test(gradients_of_halves),         cmocka_unit_test(evaluation_takes_what_the_averages_hold),
      cmocka_unit_test(virtual_batches_are_batches),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
