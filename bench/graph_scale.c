/* SPDX-License-Identifier: Apache-2.0 */
/* bench_graph_scale [--json] [NODES...]: what it costs to build graphs of 1,000, 10,000 and 100,000 nodes, to add their
 * gradients and an optimizer, and to plan their first run; each also by node, which shows whether it stays linear. The
 * graphs are deep nets of narrow batch-normalized layers, whose arithmetic costs next to nothing. */
#include "timing.h"

#include "evenkeel/evenkeel.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { UNITS = 4, BATCH = 2, REPEATS = 5, MAX_SIZES = 16 };

typedef enum phase { BUILD, GRADIENTS, INIT, PLAN, STEP, PHASES } phase;
static const char *const phase_names[PHASES] = {"build", "gradients", "init", "plan", "step"};

typedef struct scale { /* one graph */
  int asked, layers;
  int nodes, all_nodes; /* of the forward graph; with gradients and optimizer */
  double ms[PHASES];    /* medians; plan: the first step less a later one */
} scale;

/* Layers until there are so many nodes. */
static ek_out build_layers(ek_graph *g, scale *s) {
  ek_out x = ek_placeholder(g, EK_FLOAT32, ek_shape(BATCH, UNITS), "x");
  for (s->layers = 0; ek_graph_num_ops(g) < s->asked && ek_graph_status(g, NULL) == EK_OK; s->layers++) {
    x = ek_layers_dense(g, x, UNITS, EK_LAYERS_DENSE(.use_bias = false));
    x = ek_layers_batch_normalization(g, x, EK_LAYERS_BATCH_NORMALIZATION(.training = EK_TRUE));
    x = ek_nn_sigmoid(g, x);
  }
  return x;
}

/* Gradients and their application, and the updates beside them. Around them (EK_CONTROL_DEPENDENCIES), as TensorFlow
 * has it, every gradient that begins from nothing would wait for every update: edges that grow with the square of the
 * depth.
 */
static ek_op build_training(ek_graph *g, ek_out y) {
  ek_optimizer *sgd = ek_train_gradient_descent(g, 0.01);
  const ek_op applied = ek_train_minimize(sgd, ek_nn_l2_loss(g, y), NULL);
  return ek_group(g, EK_OPS(applied, ek_group(g, ek_get_collection_ops(g, EK_UPDATE_OPS, NULL))));
}

static ek_code step(ek_session *session, ek_out x, ek_tensor *value, ek_op train, double *ms, ek_status *st) {
  const double began = now_ms();
  const ek_feed feed = EK_FEED(x, value);
  const ek_code rc = ek_session_run(session, &feed, 1, NULL, 0, NULL, &train, 1, NULL, st);
  *ms = now_ms() - began;
  return rc;
}

/* All phases once, into ms. */
static ek_code measure_once(scale *s, double ms[PHASES], ek_status *st) {
  ek_tensor *value = ek_tensor_new(EK_FLOAT32, ek_shape(BATCH, UNITS), NULL, st);
  ek_graph *g = ek_graph_new(NULL);
  ek_session *session = NULL;
  ek_code rc = EK_RESOURCE_EXHAUSTED;
  if (value == NULL || g == NULL) goto done;

  double began = now_ms();
  const ek_out y = build_layers(g, s);
  ms[BUILD] = now_ms() - began;
  s->nodes = ek_graph_num_ops(g);

  began = now_ms();
  const ek_op train = build_training(g, y);
  ms[GRADIENTS] = now_ms() - began;
  s->all_nodes = ek_graph_num_ops(g);

  const ek_op init = ek_global_variables_initializer(g);
  began = now_ms();
  session = ek_session_new(g, EK_SESSION(.threads = 1), st);
  rc = session != NULL ? ek_session_run_op(session, init, st) : st->code;
  ms[INIT] = now_ms() - began;
  if (rc != EK_OK) goto done;

  const ek_out x = ek_graph_find_out(g, "x");
  double first = 0.0;
  rc = step(session, x, value, train, &first, st);
  if (rc == EK_OK) rc = step(session, x, value, train, &ms[STEP], st);
  ms[PLAN] = first - ms[STEP];
done:
  ek_session_free(session);
  ek_graph_free(g);
  ek_tensor_free(value);
  return rc;
}

static ek_code measure(scale *s, int repeats, ek_status *st) {
  double all[PHASES][REPEATS] = {{0.0}};
  for (int i = 0; i < repeats; i++) {
    double ms[PHASES] = {0.0};
    const ek_code rc = measure_once(s, ms, st);
    if (rc != EK_OK) return rc;
    for (int p = 0; p < PHASES; p++) all[p][i] = ms[p];
  }
  for (int p = 0; p < PHASES; p++) s->ms[p] = median(all[p], repeats);
  return EK_OK;
}

/* Nodes that a phase is about. */
static int nodes_of(const scale *s, int p) {
  if (p == BUILD) return s->nodes;
  return p == GRADIENTS ? s->all_nodes - s->nodes : s->all_nodes;
}

static double ns_each(const scale *s, int p) { return s->ms[p] * 1e6 / (double)nodes_of(s, p); }

static void print_json(const scale *scales, int n) {
  (void)printf("{\"results\": [");
  for (int i = 0; i < n; i++) {
    const scale *s = &scales[i];
    (void)printf("%s\n {\"asked\": %d, \"layers\": %d, \"nodes\": %d, \"all_nodes\": %d", i > 0 ? "," : "", s->asked,
                 s->layers, s->nodes, s->all_nodes);
    for (int p = 0; p < PHASES; p++)
      (void)printf(", \"%s_ms\": %.4f, \"%s_ns_each\": %.1f", phase_names[p], s->ms[p], phase_names[p], ns_each(s, p));
    (void)printf("}");
  }
  (void)printf("\n]}\n");
}

static void print_table(const scale *scales, int n) {
  (void)printf("%8s %8s", "nodes", "all");
  for (int p = 0; p < PHASES; p++) (void)printf(" %10s ms %8s", phase_names[p], "ns each");
  (void)printf("\n");
  for (int i = 0; i < n; i++) {
    (void)printf("%8d %8d", scales[i].nodes, scales[i].all_nodes);
    for (int p = 0; p < PHASES; p++) (void)printf(" %13.2f %8.0f", scales[i].ms[p], ns_each(&scales[i], p));
    (void)printf("\n");
  }
}

int main(int argc, char **argv) {
  static const int usual[] = {1000, 10000, 100000};
  scale scales[MAX_SIZES] = {{0}};
  int n = 0;
  bool json = false;
  for (int i = 1; i < argc && n < MAX_SIZES; i++) {
    if (strcmp(argv[i], "--json") == 0) {
      json = true;
    } else {
      scales[n++].asked = atoi(argv[i]);
      if (scales[n - 1].asked >= 1 && scales[n - 1].asked <= 10000000) continue;
      (void)fprintf(stderr, "usage: bench_graph_scale [--json] [NODES...]\n");
      return 2;
    }
  }
  if (n == 0)
    for (size_t i = 0; i < sizeof usual / sizeof usual[0]; i++) scales[n++].asked = usual[i];
  for (int i = 0; i < n; i++) {
    ek_status st = EK_STATUS_INIT;
    if (measure(&scales[i], REPEATS, &st) == EK_OK) continue;
    (void)fprintf(stderr, "bench_graph_scale: %d nodes: %s\n", scales[i].asked, st.msg);
    return 1;
  }
  if (json) print_json(scales, n);
  if (!json) print_table(scales, n);
  return 0;
}
