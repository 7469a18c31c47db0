/* SPDX-License-Identifier: Apache-2.0 */
/* A small network with batch normalization and dropout, trained for a few steps on numbers made here; what its
 * variables hold afterwards. */
#ifndef EK_TESTS_MLP_H
#define EK_TESTS_MLP_H

#include "layers/layers.h"

enum { MLP_PIXELS = 96, MLP_UNITS = 232, MLP_CLASSES = 10, MLP_STEPS = 5, MLP_MAX_VARIABLES = 64 };

typedef struct mlp {
  ek_graph *g;
  ek_dtype dtype;
  ek_out x, labels, training, h, loss;
  ek_op train, init;
} mlp;

typedef struct mlp_values { /* of the variables, in the order of their collection */
  ek_tensor *at[MLP_MAX_VARIABLES];
  int n;
} mlp_values;

/* fused: batch normalization by FusedBatchNormV3, which needs four dimensions. */
static inline mlp mlp_new(ek_dtype dtype, bool fused) {
  mlp m = {.g = ek_graph_new(NULL), .dtype = dtype};
  ek_graph *g = m.g;
  ek_set_random_seed(g, 7);
  m.x = ek_placeholder(g, dtype, ek_shape(-1, MLP_PIXELS), "x");
  m.labels = ek_placeholder(g, EK_INT64, ek_shape(-1), "labels");
  m.training = ek_placeholder(g, EK_BOOL, ek_shape_scalar(), "training");
  m.h = m.x;
  for (int layer = 0; layer < 3; layer++) {
    m.h = ek_layers_dense(g, m.h, MLP_UNITS, EK_LAYERS_DENSE(.use_bias = layer > 0));
    if (fused) m.h = ek_reshape(g, m.h, ek_ints(g, -1, 1, 1, MLP_UNITS));
    m.h = ek_layers_batch_normalization(g, m.h, EK_LAYERS_BATCH_NORMALIZATION(.training = ek_flag_of(m.training)));
    if (fused) m.h = ek_reshape(g, m.h, ek_ints(g, -1, MLP_UNITS));
    m.h = layer == 0 ? ek_nn_sigmoid(g, m.h) : layer == 1 ? ek_nn_relu(g, m.h) : ek_nn_tanh(g, m.h);
  }
  m.h = ek_layers_dropout(g, m.h, EK_LAYERS_DROPOUT(.training = ek_flag_of(m.training)));
  const ek_out logits = ek_layers_dense(g, m.h, MLP_CLASSES, NULL);
  m.loss = ek_losses_sparse_softmax_cross_entropy(g, m.labels, logits, NULL);
  EK_CONTROL_DEPENDENCIES (g, ek_get_collection_ops(g, EK_UPDATE_OPS, NULL)) {
    m.train = ek_train_minimize(ek_train_adam(g, NULL), m.loss, NULL);
  }
  m.init = ek_global_variables_initializer(g);
  return m;
}

/* Row i of batch number `step`: the same whatever the size of the batch. */
static inline ek_tensor *mlp_images(ek_dtype dtype, int64_t rows, int step) {
  ek_tensor *t = ek_tensor_new(dtype, ek_shape(rows, MLP_PIXELS), NULL, NULL);
  uint32_t bits = 12345u + (uint32_t)step;
  for (int64_t i = 0; i < rows * MLP_PIXELS; i++) {
    bits = bits * 1664525u + 1013904223u;
    const double value = (double)(bits >> 8) / (1 << 24) - 0.5;
    if (dtype == EK_FLOAT64)
      ((double *)ek_tensor_mutable_data(t))[i] = value;
    else
      ((float *)ek_tensor_mutable_data(t))[i] = (float)value;
  }
  return t;
}

static inline ek_tensor *mlp_labels(int64_t rows, int step) {
  ek_tensor *t = ek_tensor_new(EK_INT64, ek_shape(rows), NULL, NULL);
  for (int64_t i = 0; i < rows; i++) ((int64_t *)ek_tensor_mutable_data(t))[i] = (i * 7 + step) % MLP_CLASSES;
  return t;
}

/* One step with the flag as given; the loss. */
static inline double mlp_step(const mlp *m, ek_session *s, int64_t rows, int step, bool training, const ek_op *target,
                              const ek_run_options *options) {
  ek_status st = EK_STATUS_INIT;
  ek_tensor *x = mlp_images(m->dtype, rows, step), *labels = mlp_labels(rows, step),
            *flag = ek_tensor_bool(training, NULL), *loss = NULL;
  const ek_feed feeds[] = {EK_FEED(m->x, x), EK_FEED(m->labels, labels), EK_FEED(m->training, flag)};
  if (ek_session_run(s, feeds, 3, &EK_FETCH(m->loss), 1, &loss, target, target != NULL, options, &st) != EK_OK)
    fail_msg("%s", st.msg);
  const double value = ek_tensor_number(loss, 0);
  ek_tensor_free(loss);
  ek_tensor_free(flag);
  ek_tensor_free(labels);
  ek_tensor_free(x);
  return value;
}

/* Every variable of the session's graph. */
static inline mlp_values values_of(ek_session *s) {
  const ek_variables all = ek_get_collection_variables(ek_session_graph(s), EK_GLOBAL_VARIABLES, NULL);
  mlp_values v = {.n = all.n};
  assert_in_range(all.n, 1, MLP_MAX_VARIABLES);
  for (int i = 0; i < all.n; i++) {
    ek_status st = EK_STATUS_INIT;
    v.at[i] = ek_session_get_variable(s, all.at[i], &st);
    if (v.at[i] == NULL) fail_msg("%s", st.msg);
  }
  return v;
}

static inline void values_free(mlp_values *v) {
  for (int i = 0; i < v->n; i++) ek_tensor_free(v->at[i]);
  v->n = 0;
}

/* The same bits in every element: NaN equals itself, and -0 is not 0. */
static inline void assert_same_bits(ek_graph *g, const char *what, const mlp_values *got, const mlp_values *want) {
  const ek_variables all = ek_get_collection_variables(g, EK_GLOBAL_VARIABLES, NULL);
  assert_int_equal(got->n, want->n);
  for (int i = 0; i < got->n; i++) {
    if (!ek_tensor_equal(got->at[i], want->at[i])) /* compares bytes */
      fail_msg("%s: %s has other bits", what, ek_variable_name(g, all.at[i]));
  }
}

/* MLP_STEPS steps in a session of these options; the last batch is smaller. */
static inline mlp_values mlp_train(const mlp *m, const ek_session_opts *opts, int64_t rows) {
  ek_status st = EK_STATUS_INIT;
  ek_session *s = ek_session_new(m->g, opts, &st);
  if (s == NULL) fail_msg("%s", st.msg);
  run_op(s, m->init);
  for (int step = 0; step < MLP_STEPS; step++)
    (void)mlp_step(m, s, step + 1 < MLP_STEPS ? rows : rows - 13, step, true, &m->train, NULL);
  const mlp_values v = values_of(s);
  ek_session_free(s);
  return v;
}

#endif
