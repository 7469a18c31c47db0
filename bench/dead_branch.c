/* SPDX-License-Identifier: Apache-2.0 */
/* bench_dead_branch [--json]: what inference costs where the moments of the batch stand outside the cond that
 * chooses between them and the moving averages, as the single-op form of tf.layers.batch_normalization with a fed flag
 * has them: with ops sunk into the branch that needs them, and without (EK_PASS_SINK). The two take turns. */
#include "timing.h"

#include "evenkeel/evenkeel.h"

#include <stdio.h>
#include <string.h>

enum { TURNS = 25, WAYS = 2 };

typedef struct layer {
  ek_graph *g;
  ek_out x, training, y;
  ek_op init;
} layer;

typedef struct way { /* the graph with or without sinking; by what the flag says: inference, training */
  ek_session *session;
  int steps[2], moments[2];   /* computed in a run; of these, in the layer's scope "moments" */
  double ms[2][TURNS], us[2]; /* us: the median */
} way;

static layer build(ek_shape shape) {
  layer l = {.g = ek_graph_new(NULL)};
  l.x = ek_placeholder(l.g, EK_FLOAT32, shape, "x");
  l.training = ek_placeholder(l.g, EK_BOOL, ek_shape_scalar(), "training");
  l.y = ek_layers_batch_normalization(
      l.g, l.x, EK_LAYERS_BATCH_NORMALIZATION(.training = ek_flag_of(l.training), .fused = false));
  l.init = ek_global_variables_initializer(l.g);
  return l;
}

static ek_code run(way *w, const layer *l, ek_tensor *x, bool training, const ek_run_options *options, ek_status *st) {
  ek_tensor *flag = ek_tensor_bool(training, st), *y = NULL;
  const ek_feed feeds[] = {EK_FEED(l->x, x), EK_FEED(l->training, flag)};
  const ek_fetch fetch = EK_FETCH(l->y);
  const ek_code rc = ek_session_run(w->session, feeds, 2, &fetch, 1, &y, NULL, 0, options, st);
  ek_tensor_free(y);
  ek_tensor_free(flag);
  return rc;
}

static ek_code prepare(way *w, const layer *l, ek_tensor *x, unsigned without, ek_status *st) {
  ek_session_opts opts = EK_SESSION_OPTS_INIT;
  opts.without_passes = without;
  w->session = ek_session_new(l->g, &opts, st);
  ek_code rc = w->session == NULL ? st->code : ek_session_run_op(w->session, l->init, st);
  ek_run_options profile = EK_RUN_OPTIONS_INIT;
  profile.profile = true;
  for (int training = 0; training < 2 && rc == EK_OK; training++) {
    const ek_node_stats *steps;
    rc = run(w, l, x, training != 0, &profile, st);
    w->steps[training] = ek_session_profile(w->session, &steps);
    for (int i = 0; i < w->steps[training]; i++) w->moments[training] += strstr(steps[i].name, "/moments/") != NULL;
  }
  return rc;
}

static ek_code measure(way ways[WAYS], const layer *l, ek_tensor *x, ek_status *st) {
  ek_code rc = prepare(&ways[0], l, x, 0, st);
  if (rc == EK_OK) rc = prepare(&ways[1], l, x, EK_PASS_SINK, st);
  for (int turn = 0; turn < TURNS; turn++)
    for (int k = 0; k < 2 * WAYS && rc == EK_OK; k++) {
      way *w = &ways[k % WAYS];
      const double began = now_ms();
      rc = run(w, l, x, k >= WAYS, NULL, st);
      w->ms[k >= WAYS][turn] = now_ms() - began;
    }
  for (int k = 0; k < 2 * WAYS; k++) ways[k % WAYS].us[k / WAYS] = 1e3 * median(ways[k % WAYS].ms[k / WAYS], TURNS);
  return rc;
}

static void print(const way ways[WAYS], const char *shape, bool json) {
  if (json) (void)printf("{\"results\": [\n");
  for (int k = 0; k < 2 * WAYS; k++) {
    const way *w = &ways[k % WAYS];
    const int training = k / WAYS;
    (void)printf(
        json ? "%s {\"what\": \"%s\", \"sinking\": %s, \"shape\": \"%s\", \"steps\": %d, \"moments\": %d, \"us\": %.1f}"
             : "%s%-9s  sinking %-5s  %s: %d steps, %d of the moments, %.1f us\n",
        json && k > 0 ? ",\n" : "", training ? "training" : "inference", k % WAYS == 0 ? "true" : "false", shape,
        w->steps[training], w->moments[training], w->us[training]);
  }
  if (json) (void)printf("\n]}\n");
}

int main(int argc, char **argv) {
  const bool json = argc > 1 && strcmp(argv[1], "--json") == 0;
  const ek_shape shape = ek_shape(32, 28, 28, 128);
  ek_status st = EK_STATUS_INIT;
  way ways[WAYS] = {0};
  layer l = build(shape);
  ek_tensor *x = ek_tensor_new(EK_FLOAT32, shape, NULL, &st);
  for (int64_t i = 0; x != NULL && i < ek_tensor_num_elements(x); i++)
    ((float *)ek_tensor_mutable_data(x))[i] = (float)(i * 2654435761 % 1024) / 512;
  const ek_code rc = x == NULL ? st.code : measure(ways, &l, x, &st);
  if (rc == EK_OK) print(ways, "32x28x28x128", json);
  if (rc != EK_OK) (void)fprintf(stderr, "bench_dead_branch: %s\n", st.msg);
  for (int k = 0; k < WAYS; k++) ek_session_free(ways[k].session);
  ek_tensor_free(x);
  ek_graph_free(l.g);
  return rc == EK_OK ? 0 : 1;
}
