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
enum { NHWC, NCHW, NCHW16C };
static const named layouts[] = {{"nhwc", NHWC}, {"nchw", NCHW}, {"nchw16c", NCHW16C}};
static const named fuses[] = {{"none", FUSE_NONE},
                              {"relu", FUSE_RELU},
                              {"relu-mask", FUSE_RELU_MASK},
                              {"add-relu", FUSE_ADD_RELU},
                              {"add-relu-mask", FUSE_ADD_RELU_MASK}};
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
  const char *kernel, *layout, *type, *fuse, *shape_text;
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

static ek_kernels_batch_norm_shape lay_out(dims shape, int layout, ek_kernels_type type) {
  int64_t inside = 1;
  for (int i = 1; i < shape.rank - 1; i++) inside *= shape.at[i];
  const int64_t channels = shape.at[shape.rank - 1];
  const bool first = layout != NHWC;
  return (ek_kernels_batch_norm_shape){.type = type,
                                       .outer = first ? shape.at[0] : shape.at[0] * inside,
                                       .channels = channels,
                                       .inner = first ? inside : 1,
                                       .block = layout == NCHW16C ? 16 : 0};
}

/* ---- one race */

typedef struct loop_context { /* a plain loop over the same tensors, set by set */
  const stream_loop *loop;
  batch_norm *norm;
  stream s;
} loop_context;

static void point_at(stream *s, const batch_norm *b, const data_set *set) {
  const void *const arrays[] = {set->x, set->dy, set->other};
  s->n_in = 0;
  for (int i = 0; i < 3; i++)
    if (arrays[i] != NULL) s->in[s->n_in++] = arrays[i];
  s->out = set->out, s->out2 = set->other_out;
  s->bytes = b->bytes, s->mask_bytes = b->mask_bytes;
  if (batch_norm_is_backward(b->kernel))
    s->mask_in = set->mask;
  else
    s->mask_out = set->mask;
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
  return r->norm.shape.inner == 1 || batch_norm_moved(&r->norm) <= bench_cache_bytes(3);
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
    if (r->norm.kernel == FORWARD_TRAIN) r->streams[r->n].n_in = 1; /* what is added is read once */
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

static ek_kernels_batch_norm_choice choice_of(const result *r) {
  ek_kernels_batch_norm_choice c = {.form = "", .form_why = "", .schedule = "", .schedule_why = "", .stores_why = ""};
  const int sums = r->norm.kernel == FORWARD_INFER ? 0 : r->norm.kernel == FORWARD_TRAIN ? 1 : 2;
  (void)ek_kernels_batch_norm_explain(NULL, &r->norm.shape, batch_norm_reads(&r->norm), sums, r->norm.threads, &c);
  return c;
}

static json_t *explain_to_json(const result *r) {
  json_t *loops = json_array();
  for (int i = 1; i < r->n; i++)
    (void)json_array_append_new(loops,
                                json_pack("{s:s, s:i, s:f}", "loop", r->racers[i].name, "threads",
                                          r->streams[i].threads, "us", bench_median(r->racers[i].us, r->repeats)));
  const ek_kernels_batch_norm_choice c = choice_of(r);
  const ek_kernels_batch_norm_shape *s = &r->norm.shape;
  return json_pack("{s:I, s:I, s:I, s:s, s:s, s:s, s:s, s:b, s:s, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:o}",
                   "outer", (json_int_t)s->outer, "channels", (json_int_t)s->channels, "inner", (json_int_t)s->inner,
                   "form", c.form, "form_why", c.form_why, "schedule", c.schedule, "schedule_why", c.schedule_why,
                   "streams", c.streams, "stores_why", c.stores_why, "groups", (json_int_t)c.groups, "group_channels",
                   (json_int_t)c.channels, "rows", (json_int_t)c.rows, "columns", (json_int_t)c.columns, "parts",
                   (json_int_t)c.parts, "workspace_bytes", (json_int_t)r->norm.workspace_bytes, "mask_bytes",
                   (json_int_t)r->norm.mask_bytes, "calls_per_sample", (json_int_t)r->racers[0].calls, "loops", loops);
}

static json_t *to_json(const result *r, bool explain) {
  json_t *shape = json_array();
  for (int i = 0; i < r->shape.rank; i++) (void)json_array_append_new(shape, json_integer(r->shape.at[i]));
  json_t *one =
      json_pack("{s:s, s:o, s:s, s:s, s:s, s:b, s:i, s:f, s:s, s:f, s:f, s:f, s:f, s:f, s:i}", "kernel", r->kernel,
                "shape", shape, "layout", r->layout, "dtype", r->type, "fuse", r->fuse, "cold", r->cold, "threads",
                r->norm.threads, "us", r->us, "bound", r->with_read ? "c+r" : "c", "bound_us", bound_us(r), "c_us",
                r->c_us, "r_us", r->r_us, "ratio", r->us / bound_us(r), "spread", r->spread, "repeats", r->repeats);
  if (explain && one != NULL) (void)json_object_set_new(one, "explain", explain_to_json(r));
  return one;
}

static void print_head(void) {
  (void)printf("%-16s %-14s %-7s %-5s %-13s %3s %10s %10s %-5s %6s %7s\n", "kernel", "shape", "layout", "dtype", "fuse",
               "thr", "us", "bound us", "bound", "ratio", "spread");
}

static void print_row(const result *r, bool explain) {
  (void)printf("%-16s %-14s %-7s %-5s %-13s %3d %10.1f %10.1f %-5s %6.2f %6.1f%%\n", r->kernel, r->shape_text,
               r->layout, r->type, r->fuse, r->norm.threads, r->us, bound_us(r), r->with_read ? "c+r" : "c",
               r->us / bound_us(r), 100.0 * r->spread);
  if (explain) {
    const ek_kernels_batch_norm_choice c = choice_of(r);
    (void)printf(
        "    %s: %s\n      %lld groups of %lld channels; rows %lld, columns %lld, parts %lld; workspace %zu bytes\n",
        c.form, c.form_why, (long long)c.groups, (long long)c.channels, (long long)c.rows, (long long)c.columns,
        (long long)c.parts, r->norm.workspace_bytes);
    (void)printf("    %s: %s\n", c.schedule, c.schedule_why);
    (void)printf("    stores %s (L2 %lld KB, L3 %lld KB)\n", c.stores_why, (long long)c.l2_bytes >> 10,
                 (long long)c.l3_bytes >> 10);
    (void)printf("    c %.1f us: %s on %d, r %.1f us\n", r->c_us, r->racers[r->best_loop].name,
                 r->streams[r->best_loop].threads, r->r_us);
    for (int i = 1; i < r->n; i++)
      (void)printf("      %-10s %2d %s %10.1f us\n", r->racers[i].name, r->streams[i].threads,
                   r->streams[i].threads == 1 ? "thread " : "threads", bench_median(r->racers[i].us, r->repeats));
  }
  (void)fflush(stdout);
}

/* ---- all that was asked for */

static bool measure(const choices *asked, result *r, ek_kernels_batch_norm_shape shape, bench_kernel kernel,
                    bench_fuse fuse, int threads, json_t *results) {
  batch_norm_init(&r->norm, kernel, fuse, shape, threads, asked->cold);
  const char *wrong = batch_norm_check(&r->norm);
  if (wrong != NULL) (void)fail(r->kernel, r->shape_text, wrong);
  const bool good = wrong == NULL && race(r);
  if (good && asked->json) (void)json_array_append_new(results, to_json(r, asked->explain));
  if (good && !asked->json) print_row(r, asked->explain);
  race_free(r->racers, r->n);
  batch_norm_free(&r->norm);
  return good;
}

/* One choice of everything, by the numbers of the words. */
static bool measure_one(const choices *asked, const char *type, const char *shape, const char *layout,
                        const char *kernel, const char *fuse, const char *threads, json_t *results) {
  const int of_layout = find(layouts, COUNT(layouts), layout)->value;
  result r = {.kernel = kernel, .layout = layout, .type = type, .fuse = fuse, .shape_text = shape};
  r.cold = asked->cold, r.repeats = (int)asked->repeats;
  (void)read_shape(shape, &r.shape);
  const ek_kernels_batch_norm_shape laid =
      lay_out(r.shape, of_layout, (ek_kernels_type)find(types, COUNT(types), type)->value);
  if (of_layout == NCHW && laid.inner == 1 && asked->layouts.n > 1) return true; /* the same as nhwc */
  return measure(asked, &r, laid, (bench_kernel)find(kernels, COUNT(kernels), kernel)->value,
                 (bench_fuse)find(fuses, COUNT(fuses), fuse)->value, bench_threads(strtoll(threads, NULL, 10)),
                 results);
}

static bool measure_all(const choices *asked, json_t *results) {
  for (int t = 0; t < asked->types.n; t++)
    for (int s = 0; s < asked->shapes.n; s++)
      for (int l = 0; l < asked->layouts.n; l++)
        for (int k = 0; k < asked->kernels.n; k++)
          for (int f = 0; f < asked->fuses.n; f++)
            for (int n = 0; n < asked->threads.n; n++)
              if (!measure_one(asked, asked->types.at[t], asked->shapes.at[s], asked->layouts.at[l],
                               asked->kernels.at[k], asked->fuses.at[f], asked->threads.at[n], results))
                return false;
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
  const char *const both_layouts[] = {layouts[NHWC].name, layouts[NCHW].name};
  choose(&asked->kernels, every_kernel, COUNT(every_kernel));
  choose(&asked->layouts, both_layouts, COUNT(both_layouts));
  choose(&asked->shapes, all_shapes, COUNT(all_shapes));
  choose(&asked->types, (const char *const[]){"f32"}, 1);
  choose(&asked->fuses, (const char *const[]){"none"}, 1);
  choose(&asked->threads, (const char *const[]){"0"}, 1);
}

int bench_kernels(const command *self, int argc, char **argv) {
  choices asked = {.repeats = 25};
  const option options[] = {
      {"--kernel", "NAME", "forward-train, forward-infer, backward-train, backward-frozen (default: all)", OPTION_TEXTS,
       &asked.kernels, 0, 0, NULL, NULL},
      {"--shape", "NxHxWxC", "of 2 to 5 sizes, channels last whatever the layout", OPTION_TEXTS, &asked.shapes, 0, 0,
       NULL, NULL},
      {"--layout", "NAME", "nhwc, nchw, nchw16c (default: the first two)", OPTION_TEXTS, &asked.layouts, 0, 0, NULL,
       NULL},
      {"--dtype", "NAME", "f32, bf16, f16, f64 (default: f32)", OPTION_TEXTS, &asked.types, 0, 0, NULL, NULL},
      {"--threads", "N", "threads to compute with (default: all cores)", OPTION_TEXTS, &asked.threads, 0, 0, NULL,
       NULL},
      {"--fuse", "NAME", "behind it: none, relu, add-relu; relu-mask, add-relu-mask: its mask in bits (default: none)",
       OPTION_TEXTS, &asked.fuses, 0, 0, NULL, NULL},
      {"--cold", NULL, "tensors that are in no cache, at every call", OPTION_FLAG, &asked.cold, 0, 0, NULL, NULL},
      {"--repeat", "N", "samples of each contender [25]", OPTION_INT, &asked.repeats, 1, 100000, NULL, NULL},
      {"--explain", NULL, "also how the call is scheduled, and why, and every loop of the bound", OPTION_FLAG,
       &asked.explain, 0, 0, NULL, NULL},
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
  if (status < 0 && kernels_here("bench kernels") == NULL) status = EXIT_FAILED;
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
