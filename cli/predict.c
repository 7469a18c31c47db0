/* SPDX-License-Identifier: Apache-2.0 */
/* evenkeel predict: what a trained model takes images for. */
#include "evaluate.h"
#include "print.h"
#include "progress.h"
#include "serve.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

typedef struct prediction {
  ek_tensor *classes;       /* [n], int64 */
  ek_tensor *probabilities; /* [n, classes], float32 */
} prediction;

static bool softmax(prediction *p, const ek_tensor *logits) {
  const ek_shape shape = ek_tensor_shape(logits);
  ek_status st = EK_STATUS_INIT;
  p->classes = ek_tensor_new(EK_INT64, ek_shape(shape.dim[0]), NULL, &st);
  p->probabilities = p->classes != NULL ? ek_tensor_new(EK_FLOAT32, shape, NULL, &st) : NULL;
  if (p->probabilities == NULL) return fail_status("predict", NULL, &st), false;
  const float *x = ek_tensor_data(logits);
  float *y = ek_tensor_mutable_data(p->probabilities);
  int64_t *best = ek_tensor_mutable_data(p->classes);
  for (int64_t i = 0; i < shape.dim[0]; i++, x += shape.dim[1], y += shape.dim[1]) {
    double sum = 0.0;
    for (int64_t k = 1; k < shape.dim[1]; k++)
      if (x[k] > x[best[i]]) best[i] = k;
    for (int64_t k = 0; k < shape.dim[1]; k++) sum += exp((double)x[k] - (double)x[best[i]]);
    for (int64_t k = 0; k < shape.dim[1]; k++) y[k] = (float)(exp((double)x[k] - (double)x[best[i]]) / sum);
  }
  return true;
}

/* --feed: the logits for exactly these inputs; is_training is false unless it is fed. */
static ek_tensor *logits_of_feeds(const trained *t, const texts *pairs) {
  ek_status st = EK_STATUS_INIT;
  ek_feed *feeds = need_memory((size_t)pairs->n + 1, sizeof *feeds);
  ek_tensor *logits = NULL;
  bool good = true, flag = false;
  int n = 0;
  for (int i = 0; i < pairs->n && good; i++) {
    char *name = NULL;
    const char *file = NULL;
    ek_out out;
    good = split_pair(pairs->at[i], &name, &file) && model_find(&t->model, "feed", name, &out);
    if (good) {
      flag = flag || strcmp(ek_op_name(t->model.graph, ek_out_op(out)), "is_training") == 0;
      feeds[n] = EK_FEED(out, ek_npy_load(file, &st));
      good = feeds[n].value != NULL || (fail_io(&st), false);
      n += good;
    }
    free(name);
  }
  const ek_out training = ek_graph_find_out(t->model.graph, "is_training");
  if (good && !flag && training.op != 0) feeds[n++] = EK_FEED(training, ek_tensor_bool(false, &st));
  if (good && ek_session_run(t->session, feeds, n, &EK_FETCH_NAME("logits"), 1, &logits, NULL, 0, NULL, &st) != EK_OK)
    (void)fail_status("predict", t->model.path, &st);
  for (int i = 0; i < n; i++) ek_tensor_free(feeds[i].value);
  free(feeds);
  if (logits != NULL && (ek_tensor_shape(logits).rank != 2 || ek_tensor_dtype(logits) != EK_FLOAT32)) {
    (void)fail("predict", "logits", "must be float32 [examples, classes]");
    ek_tensor_free(logits);
    return NULL;
  }
  return logits;
}

/* ---- for people: a few images in shades, and what they were taken for */

/* Height and width of what may be drawn; false: these are no pictures. */
static bool picture_size(const examples *e, int64_t *h, int64_t *w) {
  const ek_shape shape = ek_tensor_shape(e->images);
  *h = *w = (int64_t)(sqrt((double)e->pixels) + 0.5);
  if (shape.rank == 3 || (shape.rank == 4 && shape.dim[3] == 1)) *h = shape.dim[1], *w = shape.dim[2];
  return *h * *w == e->pixels && *w <= 64 && *h <= 64;
}

static void draw_row(const float *pixels, int64_t w, bool unicode) {
  static const char *const blocks[] = {" ", "\u2591", "\u2592", "\u2593", "\u2588"};
  static const char *const plain[] = {" ", ".", ":", "*", "#"};
  for (int64_t x = 0; x < w; x++) {
    const float v = pixels[x] < 0.0f ? 0.0f : pixels[x] > 1.0f ? 1.0f : pixels[x];
    const char *glyph = (unicode ? blocks : plain)[(int)(v * 4.0f + 0.5f)];
    (void)printf("%s%s", glyph, w <= 16 ? glyph : "");
  }
}

static void draw_some(const examples *e, const prediction *p) {
  int64_t h, w;
  if (!picture_size(e, &h, &w)) return;
  const int64_t columns = w <= 16 ? 2 * w : w, fit = 76 / (columns + 2), some = e->n < fit ? e->n : fit;
  const int64_t *classes = ek_tensor_data(p->classes), *labels = ek_tensor_data(e->labels);
  const bool unicode = wants_unicode();
  int64_t index[64];
  float *pixels = need_memory((size_t)(some * e->pixels), sizeof *pixels);
  for (int64_t i = 0; i < some; i++) index[i] = i;
  examples_copy_images(e, index, some, pixels);
  for (int64_t y = 0; y < h; y++) {
    for (int64_t i = 0; i < some; i++) {
      (void)printf("  ");
      draw_row(pixels + i * e->pixels + y * w, w, unicode);
    }
    (void)putchar('\n');
  }
  for (int64_t i = 0; i < some; i++) {
    char text[64];
    (void)snprintf(text, sizeof text, classes[i] == labels[i] ? "%lld" : "%lld, is %lld", (long long)classes[i],
                   (long long)labels[i]);
    const int pad = (int)columns > (int)strlen(text) ? ((int)columns - (int)strlen(text)) / 2 : 0;
    (void)printf("  %*s%-*s", pad, "", (int)columns - pad, text);
  }
  (void)printf("\n\n");
  free(pixels);
}

static void print_for_people(const examples *e, const prediction *p) {
  const int64_t *classes = ek_tensor_data(p->classes);
  const int64_t n = ek_tensor_num_elements(p->classes);
  if (e->n > 0) {
    const int64_t *labels = ek_tensor_data(e->labels);
    int64_t right = 0;
    draw_some(e, p);
    for (int64_t i = 0; i < n; i++) right += classes[i] == labels[i];
    (void)printf("%lld of %lld are right\n", (long long)right, (long long)n);
    return;
  }
  const int64_t width = ek_tensor_shape(p->probabilities).dim[1];
  const float *y = ek_tensor_data(p->probabilities);
  for (int64_t i = 0; i < n; i++)
    (void)printf("%lld  %lld  (%.1f %%)\n", (long long)i, (long long)classes[i],
                 100.0 * (double)y[i * width + classes[i]]);
}

static bool write_npz(const char *path, const prediction *p) {
  ek_status st = EK_STATUS_INIT;
  ek_npz_writer *w = ek_npz_writer_new(path, false, &st);
  const bool good = w != NULL && ek_npz_writer_add(w, "predictions", p->classes, &st) == EK_OK &&
                    ek_npz_writer_add(w, "probabilities", p->probabilities, &st) == EK_OK &&
                    ek_npz_writer_finish(w, &st) == EK_OK;
  if (!good) (void)fail_io(&st);
  ek_npz_writer_free(w);
  return good;
}

static int run(const command *self, int argc, char **argv) {
  const char *folder = NULL, *signature = NULL, *data = NULL, *out = NULL;
  int64_t threads = 0;
  bool json = false;
  texts pairs = {0}, words;
  const option options[] = {
      {"--model", "DIR", "a folder that evenkeel train wrote, or a SavedModel's", OPTION_TEXT, &folder, 0, 0, NULL,
       NULL},
      {"--signature", "NAME", "of a SavedModel (default: serving_default, else the only one)", OPTION_TEXT, &signature,
       0, 0, NULL, NULL},
      OPTION_DATA(&data),
      {"--feed", "NAME=FILE.npy", "these inputs instead; may be repeated", OPTION_TEXTS, &pairs, 0, 0, NULL, NULL},
      {"--out", "FILE.npz", "write predictions and probabilities there", OPTION_TEXT, &out, 0, 0, NULL, NULL},
      OPTION_THREADS(&threads),
      OPTION_JSON(&json),
  };
  enum { N = sizeof options / sizeof options[0] };
  trained t = {0};
  examples e = {0};
  prediction p = {0};
  ek_tensor *logits = NULL;
  int status = args_parse(self, options, N, argc, argv, &words, 0, 0);
  if (status < 0 && folder == NULL) status = fail_usage(self, "--model DIR is missing");
  if (status < 0 && data != NULL && pairs.n > 0) status = fail_usage(self, "--data and --feed exclude each other");
  for (int i = 0; status < 0 && i < pairs.n; i++)
    if (strchr(pairs.at[i], '=') == NULL)
      status = fail_usage(self, "--feed is '%s', it must be NAME=FILE.npy", pairs.at[i]);
  if (status < 0 && ek_saved_model_exists(folder)) {
    const served what = {.folder = folder,
                         .signature = signature,
                         .data = data,
                         .out = out,
                         .feeds = pairs,
                         .threads = threads,
                         .json = json};
    status = serve(&what);
  }
  if (status < 0 && signature != NULL) status = fail("signature", signature, "the model is no SavedModel, it has none");
  if (status < 0) {
    status = EXIT_FAILED;
    if ((out == NULL || can_write("npz", out)) && trained_load(&t, folder, threads) &&
        (pairs.n > 0 || examples_load(&e, data, PART_TEST, 0)))
      logits = pairs.n > 0 ? logits_of_feeds(&t, &pairs) : evaluate_logits(t.session, &e, 256);
    if (logits != NULL && softmax(&p, logits) && (out == NULL || write_npz(out, &p))) {
      status = EXIT_DONE;
      if (json)
        status = print_json(json_pack("{s:o, s:o}", "predictions", values_to_json(p.classes, false), "probabilities",
                                      values_to_json(p.probabilities, true)),
                            0);
      else if (out == NULL)
        print_for_people(&e, &p);
    }
  }
  ek_tensor_free(logits);
  ek_tensor_free(p.classes);
  ek_tensor_free(p.probabilities);
  examples_free(&e);
  trained_free(&t);
  args_free(options, N, &words);
  return status;
}

const command command_predict = {
    "predict", "says what a trained model takes images for",
    "--model DIR [--data DIR|FILE.npz] [--feed NAME=FILE.npy]...\n"
    "          [--signature NAME] [--out FILE.npz] [--json]\n",
    "Without --data and --feed: the bundled digits that training does not use. A SavedModel is fed by the names of "
    "its\n"
    "signature's inputs (or tensors), or with the images if it has one input; it gives the outputs by name.\n",
    run};
