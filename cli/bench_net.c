/* SPDX-License-Identifier: Apache-2.0 */
#include "bench_net.h"

#include <math.h>
#include <stdlib.h>

enum { PIXELS = 784, LAYERS = 3, UNITS = 100, CLASSES = 10 };

static void build(bench_net *net, bool normalized, int64_t batch) {
  ek_graph *g = net->graph;
  ek_set_random_seed(g, 1);
  net->images = ek_placeholder(g, EK_FLOAT32, ek_shape(batch, PIXELS), "images");
  net->labels = ek_placeholder(g, EK_INT64, ek_shape(batch), "labels");
  ek_out x = net->images;
  for (int layer = 0; layer < LAYERS; layer++) {
    x = ek_layers_dense(g, x, UNITS, EK_LAYERS_DENSE(.use_bias = !normalized));
    if (normalized) x = ek_layers_batch_normalization(g, x, EK_LAYERS_BATCH_NORMALIZATION(.training = EK_TRUE));
    x = ek_nn_sigmoid(g, x);
  }
  net->loss = ek_losses_sparse_softmax_cross_entropy(g, net->labels, ek_layers_dense(g, x, CLASSES, NULL), NULL);
  ek_optimizer *sgd = ek_train_gradient_descent(g, 0.1);
  EK_CONTROL_DEPENDENCIES (g, ek_get_collection_ops(g, EK_UPDATE_OPS, NULL)) {
    net->step = ek_train_minimize(sgd, net->loss, NULL);
  }
}

/* Noise, and for each class other pixels that are brighter. */
static bool make_batch(ek_tensor *pair[2], int64_t batch, uint64_t *state, ek_status *st) {
  pair[0] = ek_tensor_new(EK_FLOAT32, ek_shape(batch, PIXELS), NULL, st);
  pair[1] = ek_tensor_new(EK_INT64, ek_shape(batch), NULL, st);
  if (pair[0] == NULL || pair[1] == NULL) return false;
  float *images = ek_tensor_mutable_data(pair[0]);
  int64_t *labels = ek_tensor_mutable_data(pair[1]);
  for (int64_t i = 0; i < batch; i++) {
    labels[i] = (int64_t)(*state >> 40) % CLASSES;
    for (int k = 0; k < PIXELS; k++) {
      *state = *state * 6364136223846793005u + 1442695040888963407u;
      images[i * PIXELS + k] = (float)(*state >> 40) * 0x1p-25f + (k % CLASSES == labels[i] ? 0.5f : 0.0f);
    }
  }
  return true;
}

bool bench_net_init(bench_net *net, bool normalized, int64_t batch, int threads) {
  ek_status st = EK_STATUS_INIT;
  uint64_t state = 1;
  ek_session_opts opts = EK_SESSION_OPTS_INIT;
  opts.threads = threads;
  *net = (bench_net){.graph = ek_graph_new(NULL)};
  if (net->graph == NULL) return fail("out of memory", NULL, ""), false;
  build(net, normalized, batch);
  const ek_op init = ek_global_variables_initializer(net->graph);
  bool good = (net->session = ek_session_new(net->graph, &opts, &st)) != NULL &&
              ek_session_run_op(net->session, init, &st) == EK_OK;
  for (int i = 0; good && i < BENCH_BATCHES; i++) good = make_batch(net->batches[i], batch, &state, &st);
  if (good)
    net->train = ek_session_make_callable(net->session, (const ek_out[]){net->images, net->labels}, 2, NULL, 0,
                                          &net->step, 1, &st);
  if (net->train != NULL) return true;
  (void)fail_status("bench", "mlp", &st);
  bench_net_free(net);
  return false;
}

void bench_net_free(bench_net *net) {
  ek_callable_free(net->train);
  ek_session_free(net->session);
  ek_graph_free(net->graph);
  for (int i = 0; i < BENCH_BATCHES; i++) ek_tensor_free(net->batches[i][0]), ek_tensor_free(net->batches[i][1]);
  *net = (bench_net){0};
}

bool bench_net_step(void *context) {
  bench_net *net = context;
  ek_status st = EK_STATUS_INIT;
  ek_tensor *const *batch = net->batches[net->next];
  net->next = (net->next + 1) % BENCH_BATCHES;
  return ek_callable_run(net->train, batch, NULL, &st) == EK_OK || (fail_status("bench", "mlp", &st), false);
}

static double loss_of_first(bench_net *net) {
  ek_status st = EK_STATUS_INIT;
  ek_tensor *loss = NULL;
  const ek_feed feeds[] = {EK_FEED(net->images, net->batches[0][0]), EK_FEED(net->labels, net->batches[0][1])};
  const ek_fetch fetch = EK_FETCH(net->loss);
  if (ek_session_run(net->session, feeds, 2, &fetch, 1, &loss, NULL, 0, NULL, &st) != EK_OK) {
    (void)fail_status("bench", "mlp", &st);
    return NAN;
  }
  const double value = ek_tensor_number(loss, 0);
  ek_tensor_free(loss);
  return value;
}

bool bench_net_learns(bench_net *net) {
  const double before = loss_of_first(net);
  for (int i = 0; i < 10 * BENCH_BATCHES; i++)
    if (!bench_net_step(net)) return false;
  const double after = loss_of_first(net);
  if (after < before) return true;
  (void)failf("bench", "mlp", "it does not learn: the loss goes from %g to %g", before, after);
  return false;
}
