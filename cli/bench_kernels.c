/* SPDX-License-Identifier: Apache-2.0 */
/* evenkeel bench kernels: batch norm by kernel, shape, layout, type and threads, against the streaming bound. */
#include "bench.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_RANK = 5, MAX_LOOPS = 8, SAMPLE_US = 300 };

typedef struct named { /* a word of the command line, and what it stands for */
  const char *name;
  int value;
} named;
static const named kernels[] = {{"forward-train", FORWARD_TRAIN},
                                {"forward-infer", FORWARD_INFER},
                                {"backward-train", BACKWARD_TRAIN},
                                {"backward-frozen", BACKWARD_FROZEN}};
static const named layouts[] = {{"nhwc", 0}, {"nchw", 1}};
static const named types[] = {
    {"f32", EK_KERNELS_F32}, {"bf16", EK_KERNELS_BF16}, {"f16", EK_KERNELS_F16}, {"f64", EK_KERNELS_F64}};
#define COUNT(array) ((int)(sizeof(array) / sizeof((array)[0])))

/* ResNet-50 at batch 32, its first layer at batch 8, dense layers, a row of channels, a prime of everything, 5-D. */
static const char *const all_shapes[] = {
    "32x56x56x64", "32x56x56x256", "32x28x28x128", "32x28x28x512", "32x14x14x256", "32x14x14x1024", "32x7x7x512",
    "32x7x7x2048", "8x112x112x64", "60x100",       "128x1024",     "32x1x1x512",   "8x13x27x65",    "4x8x56x56x16"};

typedef struct dims {
  int64_t at[MAX_RANK];
  int rank;
} dims;

typedef struct choices { /* what the command line asks for */
  texts kernels, shapes, layouts, types, threads, fuses;
  bool cold, explain, json;
  int64_t repeats;
} choices;

typedef struct result {
  const char *kernel, *layout, *type, *shape_text;
  dims shape;
  batch_norm norm;
  bool with_read, cold;
  int repeats;
  contender racers[1 + MAX_LOOPS]; /* the kernel; loops; reads */
  stream streams[1 + MAX_LOOPS];
  int n, n_loops, best_loop, best_read;
  double us, c_us, r_us, spread;
} result;

/* ---- words to values */

static const named *find(const named *list, int n, const char *word) {
  for (int i = 0; i < n; i++)
    if (strcmp(list[i].name, word) == 0) return &list[i];
  return NULL;
}

static bool read_shape(const char *text, dims *shape) {
  *shape = (dims){.rank = 0};
  for (const char *c = text;; c++) {
    char *end = NULL;
    const long long v = strtoll(c, &end, 10);
    if (end == c || v < 1 || v > 1 << 24 || shape->rank == MAX_RANK) return false;
    shape->at[shape->rank++] = v;
    if (*end == '\0') break;
    if (*end != 'x') return false;
    c = end;
  }
  double values = 1.0;
  for (int i = 0; i < shape->rank; i++) values *= (double)shape->at[i];
  return shape->rank >= 2 && values <= 1e9;
}

static ek_kernels_batch_norm_shape lay_out(dims shape, bool nchw, ek_kernels_type type) {
  int64_t inside = 1;
  for (int i = 1; i < shape.rank - 1; i++) inside *= shape.at[i];
  const int64_t channels = shape.at[shape.rank - 1];
  if (nchw) return (ek_kernels_batch_norm_shape){type, shape.at[0], channels, inside};
  return (ek_kernels_batch_norm_shape){type, shape.at[0] * inside, channels, 1};
}

/* ---- one race */

typedef struct loop_context { /* a plain loop over the same tensors, set by set */
  const stream_loop *loop;
  batch_norm *norm;
  stream s;
} loop_context;

static void point_at(stream *s, const batch_norm *b, const data_set *set) {
  s->in[0] = set->x;
  s->in[1] = set->dy;
  s->n_in = set->dy != NULL ? 2 : 1;
  s->out = set->out;
  s->bytes = b->bytes;
}

static bool run_loop(void *context) {
  loop_context *l = context;
  batch_norm *b = l->norm;
  point_at(&l->s, b, &b->sets[b->next]);
  b->next = b->next + 1 < b->n_sets ? b->next + 1 : 0;
  l->loop->run(&l->s);
  return true;
}

static bool run_read(void *context) {
  stream_read(context);
  return true;
}

/* A second visit to the inputs is part of the bound if no L2 can hold what lies between the two. */
static bool needs_read(const result *r) {
  if (r->norm.kernel != FORWARD_TRAIN && r->norm.kernel != BACKWARD_TRAIN) return false;
  const int64_t moved = r->norm.bytes * (batch_norm_is_backward(r->norm.kernel) ? 3 : 2);
  return r->norm.shape.inner == 1 || moved <= bench_cache_bytes(3);
}

static void summarize(result *r) {
  double *ratios = need_memory((size_t)r->repeats, sizeof *ratios);
  r->us = bench_median(r->racers[0].us, r->repeats);
  r->c_us = r->r_us = HUGE_VAL;
  for (int i = 1; i < r->n; i++) {
    const double us = bench_median(r->racers[i].us, r->repeats);
    if (i <= r->n_loops && us < r->c_us) r->c_us = us, r->best_loop = i;
    if (i > r->n_loops && us < r->r_us) r->r_us = us, r->best_read = i;
  }
  for (int i = 0; i < r->repeats; i++) {
    const double bound = r->racers[r->best_loop].us[i] + (r->with_read ? r->racers[r->best_read].us[i] : 0.0);
    ratios[i] = r->racers[0].us[i] / bound;
  }
  r->spread = bench_spread(ratios, r->repeats);
  free(ratios);
}

static bool race(result *r) {
  loop_context loops[MAX_LOOPS];
  const int thread_counts[] = {1, r->norm.threads};
  const int n_counts = r->norm.threads > 1 ? 2 : 1;
  r->racers[r->n++] = (contender){.name = r->kernel, .run = batch_norm_call, .context = &r->norm};
  for (int i = 0; i < n_stream_loops; i++)
    for (int t = 0; t < n_counts; t++) {
      loop_context *l = &loops[r->n_loops];
      *l = (loop_context){.loop = &stream_loops[i], .norm = &r->norm, .s.threads = thread_counts[t]};
      point_at(&l->s, &r->norm, &r->norm.sets[0]);
      if (!stream_loops[i].usable(&l->s)) continue;
      r->streams[r->n] = l->s;
      r->racers[r->n++] = (contender){.name = stream_loops[i].name, .run = run_loop, .context = l};
      r->n_loops++;
    }
  for (int t = 0; t < n_counts; t++) { /* always the same set: it lies where a first visit has left it */
    r->streams[r->n] = (stream){.threads = thread_counts[t]};
    point_at(&r->streams[r->n], &r->norm, &r->norm.sets[0]);
    r->racers[r->n] = (contender){.name = "read", .run = run_read, .context = &r->streams[r->n]};
    r->n++;
  }
  r->with_read = needs_read(r);
  if (!race_run(r->racers, r->n, r->repeats, SAMPLE_US)) return false;
  summarize(r);
  return true;
}

/* ---- what is said about it */

static double bound_us(const result *r) { return r->c_us + (r->with_read ? r->r_us : 0.0); }

static json_t *explain_to_json(const result *r) {
  json_t *loops = json_array();
  for (int i = 1; i < r->n; i++)
    (void)json_array_append_new(loops,
                                json_pack("{s:s, s:i, s:f}", "loop", r->racers[i].name, "threads",
                                          r->streams[i].threads, "us", bench_median(r->racers[i].us, r->repeats)));
  const ek_kernels_batch_norm_shape *s = &r->norm.shape;
  return json_pack("{s:I, s:I, s:I, s:I, s:I, s:o}", "outer", (json_int_t)s->outer, "channels", (json_int_t)s->channels,
                   "inner", (json_int_t)s->inner, "workspace_bytes", (json_int_t)r->norm.workspace_bytes,
                   "calls_per_sample", (json_int_t)r->racers[0].calls, "loops", loops);
}

static json_t *to_json(const result *r, bool explain) {
  json_t *shape = json_array();
  for (int i = 0; i < r->shape.rank; i++) (void)json_array_append_new(shape, json_integer(r->shape.at[i]));
  json_t *one =
      json_pack("{s:s, s:o, s:s, s:s, s:s, s:b, s:i, s:f, s:s, s:f, s:f, s:f, s:f, s:f, s:i}", "kernel", r->kernel,
                "shape", shape, "layout", r->layout, "dtype", r->type, "fuse", "none", "cold", r->cold, "threads",
                r->norm.threads, "us", r->us, "bound", r->with_read ? "c+r" : "c", "bound_us", bound_us(r), "c_us",
                r->c_us, "r_us", r->r_us, "ratio", r->us / bound_us(r), "spread", r->spread, "repeats", r->repeats);
  if (explain && one != NULL) (void)json_object_set_new(one, "explain", explain_to_json(r));
  return one;
}

static void print_head(void) {
  (void)printf("%-16s %-14s %-6s %-5s %3s %10s %10s %-5s %6s %7s\n", "kernel", "shape", "layout", "dtype", "thr", "us",
               "bound us", "bound", "ratio", "spread");
}

static void print_row(const result *r, bool explain) {
  (void)printf("%-16s %-14s %-6s %-5s %3d %10.1f %10.1f %-5s %6.2f %6.1f%%\n", r->kernel, r->shape_text, r->layout,
               r->type, r->norm.threads, r->us, bound_us(r), r->with_read ? "c+r" : "c", r->us / bound_us(r),
               100.0 * r->spread);
  if (explain) {
    const ek_kernels_batch_norm_shape *s = &r->norm.shape;
    (void)printf(
        "    [outer %lld, channels %lld, inner %lld], %zu bytes of workspace; c %.1f us: %s on %d, r %.1f us\n",
        (long long)s->outer, (long long)s->channels, (long long)s->inner, r->norm.workspace_bytes, r->c_us,
        r->racers[r->best_loop].name, r->streams[r->best_loop].threads, r->r_us);
    for (int i = 1; i < r->n; i++)
      (void)printf("      %-10s %2d %s %10.1f us\n", r->racers[i].name, r->streams[i].threads,
                   r->streams[i].threads == 1 ? "thread " : "threads", bench_median(r->racers[i].us, r->repeats));
  }
  (void)fflush(stdout);
}

/* ---- all that was asked for */

static bool measure(const choices *asked, result *r, ek_kernels_batch_norm_shape shape, bench_kernel kernel,
                    int threads, json_t *results) {
  batch_norm_init(&r->norm, kernel, shape, threads, asked->cold);
  const char *wrong = batch_norm_check(&r->norm);
  if (wrong != NULL) (void)fail(r->kernel, r->shape_text, wrong);
  const bool good = wrong == NULL && race(r);
  if (good && asked->json) (void)json_array_append_new(results, to_json(r, asked->explain));
  if (good && !asked->json) print_row(r, asked->explain);
  race_free(r->racers, r->n);
  batch_norm_free(&r->norm);
  return good;
}

static bool measure_all(const choices *asked, json_t *results) {
  for (int t = 0; t < asked->types.n; t++)
    for (int s = 0; s < asked->shapes.n; s++)
      for (int l = 0; l < asked->layouts.n; l++)
        for (int k = 0; k < asked->kernels.n; k++)
          for (int n = 0; n < asked->threads.n; n++) {
            const named *type = find(types, COUNT(types), asked->types.at[t]);
            const named *layout = find(layouts, COUNT(layouts), asked->layouts.at[l]);
            const named *kernel = find(kernels, COUNT(kernels), asked->kernels.at[k]);
            result r = {.kernel = kernel->name, .layout = layout->name, .type = type->name, .cold = asked->cold};
            r.shape_text = asked->shapes.at[s];
            r.repeats = (int)asked->repeats;
            (void)read_shape(r.shape_text, &r.shape);
            const ek_kernels_batch_norm_shape shape =
                lay_out(r.shape, layout->value == 1, (ek_kernels_type)type->value);
            if (layout->value == 1 && shape.inner == 1 && asked->layouts.n > 1) continue; /* the same as nhwc */
            const int threads = bench_threads(strtoll(asked->threads.at[n], NULL, 10));
            if (!measure(asked, &r, shape, (bench_kernel)kernel->value, threads, results)) return false;
          }
  return true;
}

static int check_words(const command *self, const char *name, const texts *given, const named *list, int n) {
  char allowed[160] = "";
  for (int i = 0; i < n; i++)
    (void)snprintf(allowed + strlen(allowed), sizeof allowed - strlen(allowed), "%s%s", i > 0 ? "|" : "", list[i].name);
  for (int i = 0; i < given->n; i++)
    if (find(list, n, given->at[i]) == NULL)
      return fail_usage(self, "%s is '%s', it must be one of %s", name, given->at[i], allowed);
  return -1;
}

static int check_choices(const command *self, const choices *asked) {
  static const named fuses[] = {{"none", 0}};
  int status = check_words(self, "--kernel", &asked->kernels, kernels, COUNT(kernels));
  if (status < 0) status = check_words(self, "--layout", &asked->layouts, layouts, COUNT(layouts));
  if (status < 0) status = check_words(self, "--dtype", &asked->types, types, COUNT(types));
  if (status < 0) status = check_words(self, "--fuse", &asked->fuses, fuses, COUNT(fuses));
  for (int i = 0; status < 0 && i < asked->shapes.n; i++) {
    dims shape;
    if (!read_shape(asked->shapes.at[i], &shape))
      status = fail_usage(self, "--shape is '%s', it must be NxHxWxC, of 2 to 5 sizes, the channels last",
                          asked->shapes.at[i]);
  }
  for (int i = 0; status < 0 && i < asked->threads.n; i++) {
    char *end = NULL;
    const long long v = strtoll(asked->threads.at[i], &end, 10);
    if (end == asked->threads.at[i] || *end != '\0' || v < 0 || v > 1024)
      status = fail_usage(self, "--threads is '%s', it must be a whole number from 0 to 1024", asked->threads.at[i]);
  }
  return status;
}

static void choose(texts *list, const char *const *words, int n) { /* unless the command line has */
  if (list->n > 0) return;
  list->at = need_memory((size_t)n, sizeof *list->at);
  for (int i = 0; i < n; i++) list->at[list->n++] = words[i];
}

static void fill_choices(choices *asked) {
  const char *const every_kernel[] = {kernels[0].name, kernels[1].name, kernels[2].name, kernels[3].name};
  const char *const every_layout[] = {layouts[0].name, layouts[1].name};
  choose(&asked->kernels, every_kernel, COUNT(every_kernel));
  choose(&asked->layouts, every_layout, COUNT(every_layout));
  choose(&asked->shapes, all_shapes, COUNT(all_shapes));
  choose(&asked->types, (const char *const[]){"f32"}, 1);
  choose(&asked->threads, (const char *const[]){"0"}, 1);
}

int bench_kernels(const command *self, int argc, char **argv) {
  choices asked = {.repeats = 25};
  const option options[] = {
      {"--kernel", "NAME", "forward-train, forward-infer, backward-train, backward-frozen (default: all)", OPTION_TEXTS,
       &asked.kernels, 0, 0, NULL, NULL},
      {"--shape", "NxHxWxC", "of 2 to 5 sizes, channels last whatever the layout", OPTION_TEXTS, &asked.shapes, 0, 0,
       NULL, NULL},
      {"--layout", "NAME", "nhwc, nchw (default: both)", OPTION_TEXTS, &asked.layouts, 0, 0, NULL, NULL},
      {"--dtype", "NAME", "f32, bf16, f16, f64 (default: f32)", OPTION_TEXTS, &asked.types, 0, 0, NULL, NULL},
      {"--threads", "N", "threads to compute with (default: all cores)", OPTION_TEXTS, &asked.threads, 0, 0, NULL,
       NULL},
      {"--fuse", "NAME", "what is fused behind it: none", OPTION_TEXTS, &asked.fuses, 0, 0, NULL, NULL},
      {"--cold", NULL, "tensors that are in no cache, at every call", OPTION_FLAG, &asked.cold, 0, 0, NULL, NULL},
      {"--repeat", "N", "samples of each contender [25]", OPTION_INT, &asked.repeats, 1, 100000, NULL, NULL},
      {"--explain", NULL, "also how the call was laid out, and every loop of the bound", OPTION_FLAG, &asked.explain, 0,
       0, NULL, NULL},
      OPTION_JSON(&asked.json),
  };
  const command half = {"bench kernels", "batch norm kernels against plain loops that move the same bytes",
                        "[OPTION]...\n",
                        "Options but --cold, --repeat, --explain and --json may be given again. The bound is c, the "
                        "best plain loop over\n"
                        "memory, plus r, a second read of the inputs, where they cannot stay in the L2 cache until "
                        "they are needed again.\n",
                        self->run};
  texts words;
  int status = args_parse(&half, options, COUNT(options), argc, argv, &words, 0, 0);
  if (status < 0) status = check_choices(&half, &asked);
  if (status < 0) {
    json_t *results = json_array();
    fill_choices(&asked);
    if (!asked.json) print_head();
    status = measure_all(&asked, results) ? EXIT_DONE : EXIT_FAILED;
    if (status == EXIT_DONE && asked.json)
      status = bench_print_json(results);
    else
      json_decref(results);
  }
  args_free(options, COUNT(options), &words);
  return status;
}
