/* SPDX-License-Identifier: Apache-2.0 */
/* bench_import_graph [--json] FILE.meta [BATCH]: what a training graph that TensorFlow wrote (bench/resnet50.py makes a
 * large one) costs until its first step has run: the import, the plan of the first step, and the memory besides the
 * file, the weights and the activations. The graph has images, labels, is_training, loss, train and init. */
#include "timing.h"

#include "evenkeel/evenkeel.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { IMPORTS = 5, STEPS = 3, LARGE = 1 << 16 };

/* A line of /proc/self/status, in bytes. */
static double status_bytes(const char *key) {
  char line[256];
  double kb = 0;
  FILE *f = fopen("/proc/self/status", "r");
  while (f != NULL && fgets(line, sizeof line, f) != NULL)
    if (strncmp(line, key, strlen(key)) == 0) kb = strtod(line + strlen(key) + 1, NULL);
  if (f != NULL) (void)fclose(f);
  return kb * 1024;
}

/* Counts what the session allocates in large blocks: weights and activations. */
typedef struct counter {
  double now, most;
} counter;
static void *count_alloc(void *ctx, size_t size, size_t align) {
  counter *c = ctx;
  const ek_allocator *plain = ek_allocator_default();
  if (size >= LARGE) c->now += (double)size;
  if (c->now > c->most) c->most = c->now;
  return plain->alloc(plain->ctx, size, align);
}
static void count_free(void *ctx, void *p, size_t size) {
  counter *c = ctx;
  const ek_allocator *plain = ek_allocator_default();
  if (size >= LARGE) c->now -= (double)size;
  plain->free(plain->ctx, p, size);
}

static int fail(const char *what, const ek_status *st) {
  (void)fprintf(stderr, "bench_import_graph: %s: %s\n", what, st->msg);
  return 1;
}

/* Zeros of a placeholder's shape, -1 being the batch. */
static ek_tensor *fed(ek_graph *g, const char *name, int64_t batch, ek_status *st) {
  const ek_out out = ek_graph_find_out(g, name);
  ek_shape s = ek_out_shape(g, out);
  for (int i = 0; i < s.rank; i++)
    if (s.dim[i] < 0) s.dim[i] = batch;
  return ek_tensor_new(ek_out_dtype(g, out), s, NULL, st);
}

int main(int argc, char **argv) {
  const bool json = argc > 1 && strcmp(argv[1], "--json") == 0;
  const char *path = argc > 1 + json ? argv[1 + json] : NULL;
  const int64_t batch = argc > 2 + json ? strtoll(argv[2 + json], NULL, 10) : 2;
  double import_ms[IMPORTS], step_ms[STEPS];
  counter counted = {0};
  const ek_allocator allocator = {.ctx = &counted, .alloc = count_alloc, .free = count_free};
  ek_status st = EK_STATUS_INIT;
  struct stat file;
  if (path == NULL || stat(path, &file) != 0)
    return (void)fputs("usage: bench_import_graph [--json] FILE.meta [BATCH]\n", stderr), 2;
  const double before = status_bytes("VmRSS:");
  ek_graph *g = NULL;
  for (int i = 0; i < IMPORTS; i++) {
    ek_graph_free(g);
    g = ek_graph_new(NULL);
    const double began = now_ms();
    if (ek_import_meta_graph(g, path, NULL, NULL, &st) != EK_OK) return fail(path, &st);
    import_ms[i] = now_ms() - began;
  }
  const double import = median(import_ms, IMPORTS);
  ek_session_opts opts = EK_SESSION_OPTS_INIT;
  opts.allocator = &allocator;
  ek_session *s = ek_session_new(g, &opts, &st);
  const double imported = status_bytes("VmRSS:");
  if (s == NULL || ek_session_run_op(s, ek_graph_find_op(g, "init"), &st) != EK_OK) return fail("init", &st);
  ek_tensor *training = ek_tensor_bool(true, &st);
  const ek_feed feeds[] = {EK_FEED_NAME("images", fed(g, "images", batch, &st)),
                           EK_FEED_NAME("labels", fed(g, "labels", batch, &st)), EK_FEED_NAME("is_training", training)};
  const ek_fetch fetch = EK_FETCH_NAME("loss");
  const ek_op train = ek_graph_find_op(g, "train");
  for (int i = 0; i < STEPS; i++) {
    ek_tensor *loss = NULL;
    const double began = now_ms();
    if (ek_session_run(s, feeds, 3, &fetch, 1, &loss, &train, 1, NULL, &st) != EK_OK) return fail("train", &st);
    step_ms[i] = now_ms() - began;
    ek_tensor_free(loss);
  }
  const double least = step_ms[1] < step_ms[2] ? step_ms[1] : step_ms[2], mb = 1e-6;
  const double rest = status_bytes("VmHWM:") - before - (double)file.st_size - counted.most;
  if (json)
    (void)printf("{\"nodes\": %d, \"file_mb\": %.1f, \"import_ms\": %.1f, \"plan_ms\": %.1f, \"step_ms\": %.1f, "
                 "\"graph_mb\": %.1f, \"weights_and_activations_mb\": %.1f, \"rest_mb\": %.1f}\n",
                 ek_graph_num_ops(g), (double)file.st_size * mb, import, step_ms[0] - least, least,
                 (imported - before) * mb, counted.most * mb, rest * mb);
  else
    (void)printf("%d nodes, %.1f MB: import %.1f ms, first plan %.1f ms, a step of batch %d %.1f ms\n"
                 "memory: graph %.1f MB; weights and activations %.1f MB; all besides these and the file %.1f MB\n",
                 ek_graph_num_ops(g), (double)file.st_size * mb, import, step_ms[0] - least, (int)batch, least,
                 (imported - before) * mb, counted.most * mb, rest * mb);
  for (int i = 0; i < 3; i++) ek_tensor_free(feeds[i].value);
  ek_session_free(s);
  ek_graph_free(g);
  return 0;
}
