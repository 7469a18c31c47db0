/* SPDX-License-Identifier: Apache-2.0 */
/* evenkeel bench model: steps per second of a whole training step, beside the same graph without batch normalization
 * and beside its matrix products alone. */
#include "bench.h"
#include "bench_net.h"

#include <stdlib.h>
#include <string.h>

enum { SAMPLE_US = 20000, MAX_RACERS = 3 };

typedef struct model_race {
  int64_t batch, repeats;
  int threads;
  bool normalized;
  bench_net net, plain; /* plain: without normalization; unused where net is that itself */
  bench_products products;
  contender racers[MAX_RACERS]; /* net, products, plain */
  int n;
} model_race;

static void add_racer(model_race *m, const char *name, bool (*run)(void *), void *context) {
  m->racers[m->n++] = (contender){.name = name, .run = run, .context = context};
}

static bool prepare(model_race *m) {
  if (!bench_net_init(&m->net, m->normalized, m->batch, m->threads) || !bench_net_learns(&m->net) ||
      !bench_products_init(&m->products, &m->net, m->threads))
    return false;
  add_racer(m, "step", bench_net_step, &m->net);
  add_racer(m, "products", bench_products_step, &m->products);
  if (!m->normalized) return true;
  if (!bench_net_init(&m->plain, false, m->batch, m->threads) || !bench_net_learns(&m->plain)) return false;
  add_racer(m, "plain", bench_net_step, &m->plain);
  return true;
}

/* The ratio of the medians of the step and another racer, and how far apart the ratios of single samples are. */
static double ratio_to(const model_race *m, int other, double *spread) {
  const int n = (int)m->repeats;
  double *ratios = need_memory((size_t)n, sizeof *ratios);
  for (int i = 0; i < n; i++) ratios[i] = m->racers[0].us[i] / m->racers[other].us[i];
  *spread = bench_spread(ratios, n);
  free(ratios);
  return bench_median(m->racers[0].us, n) / bench_median(m->racers[other].us, n);
}

static json_t *to_json(const model_race *m) {
  const int n = (int)m->repeats;
  double spread = bench_spread(m->racers[0].us, n), products_spread = 0.0;
  const double us = bench_median(m->racers[0].us, n);
  const double to_plain = m->normalized ? ratio_to(m, 2, &spread) : 1.0;
  const double to_products = ratio_to(m, 1, &products_spread);
  return json_pack("{s:s, s:I, s:i, s:s, s:f, s:f, s:f, s:f, s:f, s:f, s:f, s:i, s:i}", "model", "mlp", "batch",
                   (json_int_t)m->batch, "threads", m->threads, "norm", m->normalized ? "batch" : "none", "us", us,
                   "steps_per_s", 1e6 / us, "ratio_to_no_norm", to_plain, "spread", spread, "products_us",
                   us / to_products, "ratio_to_products", to_products, "products_spread", products_spread, "products",
                   m->products.n, "repeats", n);
}

static void print_result(const model_race *m) {
  const int n = (int)m->repeats;
  double spread = 0.0;
  const double us = bench_median(m->racers[0].us, n);
  (void)printf("mlp: batch %lld, %d %s, %s: %.0f steps/s, %.1f us a step (spread %.1f%%)\n", (long long)m->batch,
               m->threads, m->threads == 1 ? "thread" : "threads",
               m->normalized ? "batch normalization" : "no normalization", 1e6 / us, us,
               100.0 * bench_spread(m->racers[0].us, n));
  if (m->normalized) {
    const double ratio = ratio_to(m, 2, &spread);
    (void)printf("  %6.2f times the same without normalization, %.1f us (spread %.1f%%)\n", ratio, us / ratio,
                 100.0 * spread);
  }
  const double ratio = ratio_to(m, 1, &spread);
  (void)printf("  %6.2f times its %d matrix products alone, %.1f us (spread %.1f%%)\n", ratio, m->products.n,
               us / ratio, 100.0 * spread);
}

static int measure(model_race *m, bool json) {
  int status = EXIT_FAILED;
  if (prepare(m) && race_run(m->racers, m->n, (int)m->repeats, SAMPLE_US)) {
    json_t *results = json ? json_pack("[o]", to_json(m)) : NULL;
    if (!json) print_result(m);
    status = json ? bench_print_json(results) : EXIT_DONE;
  }
  race_free(m->racers, m->n);
  bench_products_free(&m->products);
  bench_net_free(&m->plain);
  bench_net_free(&m->net);
  return status;
}

int bench_model(const command *self, int argc, char **argv) {
  const char *norm = "batch";
  int64_t threads = 0;
  bool json = false;
  model_race m = {.batch = 60, .repeats = 25};
  const option options[] = {
      {"--batch", "N", "examples in a step [60]", OPTION_INT, &m.batch, 2, 100000, NULL, NULL},
      OPTION_THREADS(&threads),
      {"--norm", "NAME", "what stands in front of each sigmoid", OPTION_CHOICE, &norm, 0, 0, "batch|none", NULL},
      {"--repeat", "N", "samples of each contender [25]", OPTION_INT, &m.repeats, 1, 100000, NULL, NULL},
      OPTION_JSON(&json),
  };
  enum { N = sizeof options / sizeof options[0] };
  const command part = {"bench model", "training steps per second of a whole model", "[NAME] [OPTION]...\n",
                        "NAME is mlp, the only one: 784 inputs, three layers of 100 sigmoid units, 10 classes, batch\n"
                        "normalization in front of each sigmoid, gradient descent; data made up in memory.\n",
                        self->run};
  texts words;
  int status = args_parse(&part, options, N, argc, argv, &words, 0, 1);
  if (status < 0 && words.n > 0 && strcmp(words.at[0], "mlp") != 0)
    status = fail_usage(&part, "there is no model '%s', only mlp", words.at[0]);
  if (status < 0 && kernels_here("bench model") == NULL) status = EXIT_FAILED;
  if (status < 0) {
    m.threads = bench_threads(threads);
    m.normalized = strcmp(norm, "batch") == 0;
    status = measure(&m, json);
  }
  args_free(options, N, &words);
  return status;
}
