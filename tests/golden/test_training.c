/* SPDX-License-Identifier: Apache-2.0 */
/* 20 steps of a small network on the bundled digits with every optimizer, in four forms, beside TensorFlow's numbers
 * (numbers/training.npz). */
#include "layers/layers.h"
#include "optimizers.h"

#include <stdio.h>

enum { STEPS = 20, BATCH = 32, PIXELS = 64, VARIANTS = 4 };

/* Matrix products and sums are rounded in another order than TensorFlow's. What that makes of a loss, and of a variable
 * after 20 steps, absolute up to 1 and relative above. */
#define LOSS_TOLERANCE     1e-6
#define VARIABLE_TOLERANCE 1e-5

typedef struct optimizer_case {
  const char *name;
  ek_optimizer *(*make)(ek_graph *g);
} optimizer_case;

static const optimizer_case cases[] = {{"sgd", sgd},           {"momentum", momentum},
                                       {"nesterov", nesterov}, {"adam", adam},
                                       {"rmsprop", rmsprop},   {"rmsprop_centered", rmsprop_centered},
                                       {"adagrad", adagrad}};

/* ---- the network (tests/parity/nets.py) */

typedef struct net {
  ek_out images, labels, training, loss;
  ek_op train;
} net;

static ek_out layer(ek_graph *g, ek_out h, int64_t units, bool fused, ek_flag training) {
  h = ek_layers_dense(g, h, units, EK_LAYERS_DENSE(.use_bias = false));
  if (fused) h = ek_reshape(g, h, ek_ints(g, -1, 1, 1, units));
  h = ek_layers_batch_normalization(g, h, EK_LAYERS_BATCH_NORMALIZATION(.training = training, .momentum = 0.9));
  if (fused) h = ek_reshape(g, h, ek_ints(g, -1, units));
  return ek_sigmoid(g, h);
}

static net build(ek_graph *g, const optimizer_case *c, bool fused, bool is_static) {
  net n = {0};
  ek_set_random_seed(g, 42);
  n.images = ek_placeholder(g, EK_FLOAT32, ek_shape(-1, PIXELS), "images");
  n.labels = ek_placeholder(g, EK_INT64, ek_shape(-1), "labels");
  if (!is_static) n.training = ek_placeholder(g, EK_BOOL, ek_shape_scalar(), "is_training");
  const ek_flag training = is_static ? EK_TRUE : ek_flag_of(n.training);
  ek_out h = n.images;
  for (int i = 0; i < 2; i++) h = layer(g, h, 8, fused, training);
  const ek_out logits = ek_identity(ek_named(g, "logits"), ek_layers_dense(g, h, 10, NULL));
  n.loss = ek_identity(ek_named(g, "loss"), ek_losses_sparse_softmax_cross_entropy(g, n.labels, logits, NULL));
  EK_CONTROL_DEPENDENCIES (g, ek_get_collection_ops(g, EK_UPDATE_OPS, NULL)) {
    n.train = ek_train_minimize(c->make(g), n.loss, EK_TRAIN_MINIMIZE(.name = "train"));
  }
  return n;
}

/* ---- data and numbers */

typedef struct data {
  ek_tensor *images[STEPS], *labels[STEPS];
  ek_npz *golden;
} data;

static int load(void **state) {
  static data d;
  ek_status st = EK_STATUS_INIT;
  ek_tensor *images = ek_idx_load(EK_SOURCE_DIR "/data/digits/train-images-idx3-ubyte.gz", &st);
  ek_tensor *labels = ek_idx_load(EK_SOURCE_DIR "/data/digits/train-labels-idx1-ubyte.gz", &st);
  d.golden = ek_npz_open(EK_SOURCE_DIR "/tests/golden/numbers/training.npz", &st);
  if (images == NULL || labels == NULL || d.golden == NULL) fail_msg("%s", st.msg);
  const uint8_t *x = ek_tensor_data(images), *y = ek_tensor_data(labels);
  for (int k = 0; k < STEPS; k++) {
    d.images[k] = ek_tensor_new(EK_FLOAT32, ek_shape(BATCH, PIXELS), NULL, &st);
    d.labels[k] = ek_tensor_new(EK_INT64, ek_shape(BATCH), NULL, &st);
    float *pixels = ek_tensor_mutable_data(d.images[k]);
    int64_t *classes = ek_tensor_mutable_data(d.labels[k]);
    for (int i = 0; i < BATCH * PIXELS; i++) pixels[i] = (float)x[k * BATCH * PIXELS + i] / 255.0f;
    for (int i = 0; i < BATCH; i++) classes[i] = y[k * BATCH + i];
  }
  ek_tensor_free(images);
  ek_tensor_free(labels);
  *state = &d;
  return 0;
}

static int unload(void **state) {
  data *d = *state;
  for (int k = 0; k < STEPS; k++) {
    ek_tensor_free(d->images[k]);
    ek_tensor_free(d->labels[k]);
  }
  ek_npz_close(d->golden);
  return 0;
}

static ek_tensor *golden(data *d, const char *name) { /* NULL: there is no such member */
  ek_status st = EK_STATUS_INIT;
  return ek_npz_get(d->golden, name, &st);
}

static void compare(const char *what, const ek_tensor *got, const ek_tensor *want, double tolerance) {
  assert_int_equal(ek_tensor_num_elements(got), ek_tensor_num_elements(want));
  for (int64_t i = 0; i < ek_tensor_num_elements(want); i++) {
    const double g = ek_tensor_number(got, i), w = ek_tensor_number(want, i);
    if (!(fabs(g - w) <= tolerance * (1.0 + fabs(w))))
      fail_msg("%s[%lld]: got %.9g, want %.9g", what, (long long)i, g, w);
  }
}

/* ---- runs */

static void compare_initial(data *d, ek_session *s, ek_graph *g) {
  const ek_variables all = ek_get_collection_variables(g, EK_GLOBAL_VARIABLES, NULL);
  int compared = 0;
  for (int i = 0; i < all.n; i++) {
    char name[128];
    ek_status st = EK_STATUS_INIT;
    (void)snprintf(name, sizeof name, "initial/%s", ek_variable_name(g, all.at[i]));
    ek_tensor *want = golden(d, name);
    if (want == NULL) continue;
    ek_tensor *got = ek_session_get_variable(s, all.at[i], &st);
    assert_true(ek_tensor_equal(got, want)); /* the same random numbers, bit for bit */
    ek_tensor_free(got);
    ek_tensor_free(want);
    compared++;
  }
  assert_int_equal(compared, 3);
}

static void compare_final(data *d, ek_session *s, ek_graph *g, const char *optimizer, bool fused) {
  const ek_variables all = ek_get_collection_variables(g, EK_GLOBAL_VARIABLES, NULL);
  int compared = 0;
  for (int i = 0; i < all.n; i++) {
    char name[128];
    const char *variable = ek_variable_name(g, all.at[i]);
    const bool variance = strstr(variable, "moving_variance") != NULL;
    ek_status st = EK_STATUS_INIT;
    (void)snprintf(name, sizeof name, "%s/%s%s", optimizer, fused && variance ? "fused/" : "", variable);
    ek_tensor *want = golden(d, name);
    if (want == NULL) continue;
    ek_tensor *got = ek_session_get_variable(s, all.at[i], &st);
    compare(name, got, want, VARIABLE_TOLERANCE);
    ek_tensor_free(got);
    ek_tensor_free(want);
    compared++;
  }
  assert_int_equal(compared, 12); /* 3 kernels, a bias, 2 times 4 of batch normalization */
}

static void train(data *d, const optimizer_case *c, int variant) {
  const bool fused = variant >= 2, is_static = variant % 2 == 1;
  ek_graph *g = ek_graph_new(NULL);
  ek_status st = EK_STATUS_INIT;
  const net n = build(g, c, fused, is_static);
  ek_session *s = initialized_session(g);
  ek_tensor *yes = ek_tensor_bool(true, &st), *losses = ek_tensor_new(EK_FLOAT32, ek_shape(STEPS), NULL, &st);
  float *loss = ek_tensor_mutable_data(losses);
  compare_initial(d, s, g);
  for (int k = 0; k < STEPS; k++) {
    const ek_feed feeds[] = {EK_FEED(n.images, d->images[k]), EK_FEED(n.labels, d->labels[k]),
                             EK_FEED(n.training, yes)};
    const ek_fetch fetch = EK_FETCH(n.loss);
    ek_tensor *value = NULL;
    if (ek_session_run(s, feeds, is_static ? 2 : 3, &fetch, 1, &value, &n.train, 1, NULL, &st) != EK_OK)
      fail_msg("%s", st.msg);
    loss[k] = *(const float *)ek_tensor_data(value);
    ek_tensor_free(value);
  }
  char name[128];
  (void)snprintf(name, sizeof name, "%s/losses", c->name);
  ek_tensor *all = golden(d, name);
  ek_tensor *want =
      ek_tensor_from(EK_FLOAT32, ek_shape(STEPS), (const float *)ek_tensor_data(all) + variant * STEPS, &st);
  compare(name, losses, want, LOSS_TOLERANCE);
  compare_final(d, s, g, c->name, fused);
  ek_tensor_free(all);
  ek_tensor_free(want);
  ek_tensor_free(losses);
  ek_tensor_free(yes);
  ek_session_free(s);
  ek_graph_free(g);
}

static void every_optimizer_trains_as_tensorflows(void **state) {
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
    for (int variant = 0; variant < VARIANTS; variant++) train(*state, &cases[i], variant);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(every_optimizer_trains_as_tensorflows)};
  return cmocka_run_group_tests(tests, load, unload);
}
