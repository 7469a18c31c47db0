/* SPDX-License-Identifier: Apache-2.0 */
#include "serve.h"

#include "data.h"
#include "feeds.h"
#include "model.h"
#include "print.h"

#include <stdlib.h>
#include <string.h>

typedef struct job {
  const served *what;
  model model;
  ek_session *session;
  const ek_signature_def *signature;
  examples examples;
  row_feed images;
  ek_feed *feeds;
  int n_feeds;
  ek_tensor **results; /* of the outputs */
} job;

/* TensorFlow keeps the ops to run after loading and for training as signatures, too. */
static bool is_reserved(const ek_signature_def *s) { return strncmp(s->key, "__saved_model_", 14) == 0; }

static bool find_signature(job *j) {
  const ek_saved_model *saved = j->model.saved;
  const int i = j->model.meta_graph;
  const char *wanted = j->what->signature != NULL ? j->what->signature : EK_DEFAULT_SERVING_SIGNATURE_KEY;
  const ek_signature_def *s = NULL, *only = NULL;
  char *names = textf("%s", "");
  int n = 0;
  j->signature = ek_saved_model_find_signature(saved, i, wanted);
  for (int k = 0; (s = ek_saved_model_signature(saved, i, k)) != NULL; k++) {
    if (is_reserved(s)) continue;
    only = s;
    char *more = textf("%s%s%s", names, n++ > 0 ? ", " : "", s->key);
    free(names), names = more;
  }
  if (j->signature == NULL && j->what->signature == NULL && n == 1) j->signature = only;
  if (j->signature == NULL)
    (void)failf("signature", wanted, "%s has no such signature; it has %s", j->what->folder, n > 0 ? names : "none");
  free(names);
  return j->signature != NULL;
}

/* The tensor of an input's or output's name. */
static bool find_tensor(const job *j, const char *what, const ek_tensor_info *info, ek_out *out) {
  if (*info->name == '\0') return fail(what, info->key, "stands for no plain tensor"), false;
  return model_find(&j->model, what, info->name, out);
}

static bool is_fed(const job *j, ek_out out) {
  for (int i = 0; i < j->n_feeds; i++)
    if (j->feeds[i].out.op == out.op && j->feeds[i].out.index == out.index) return true;
  return false;
}

static bool add_feed(job *j, const char *pair) {
  const ek_signature_def *s = j->signature;
  const char *file = NULL;
  char *name = NULL;
  ek_status st = EK_STATUS_INIT;
  ek_out out = {0, 0};
  if (!split_pair(pair, &name, &file)) return false;
  const ek_tensor_info *input = NULL;
  for (int i = 0; i < s->n_inputs; i++)
    if (strcmp(s->inputs[i].key, name) == 0) input = &s->inputs[i];
  bool good = input != NULL ? find_tensor(j, "feed", input, &out) : model_find(&j->model, "feed", name, &out);
  if (good && is_fed(j, out)) good = (fail("feed", name, "is fed twice"), false);
  if (good) {
    ek_tensor *value = ek_npy_load(file, &st);
    good = value != NULL || (fail_io(&st), false);
    if (good) j->feeds[j->n_feeds++] = EK_FEED(out, value);
  }
  free(name);
  return good;
}

/* All images at once, for the only input. */
static bool feed_all_images(job *j) {
  const ek_signature_def *s = j->signature;
  ek_out out;
  if (s->n_inputs != 1) return failf("signature", s->key, "has %d inputs: give each with --feed", s->n_inputs), false;
  if (!find_tensor(j, "feed", &s->inputs[0], &out) || !examples_load(&j->examples, j->what->data, PART_TEST, 0) ||
      !feed_images(&j->images, j->model.graph, s->inputs[0].name, &j->examples, j->examples.n))
    return false;
  int64_t *index = need_memory((size_t)j->examples.n, sizeof *index);
  for (int64_t i = 0; i < j->examples.n; i++) index[i] = i;
  feeds_fill(&j->images, 1, index, j->examples.n);
  free(index);
  j->feeds[j->n_feeds++] = EK_FEED(j->images.out, ek_tensor_ref(j->images.value));
  return true;
}

static bool make_feeds(job *j) {
  const ek_signature_def *s = j->signature;
  j->feeds = need_memory((size_t)j->what->feeds.n + 1, sizeof *j->feeds);
  for (int i = 0; i < j->what->feeds.n; i++)
    if (!add_feed(j, j->what->feeds.at[i])) return false;
  if (j->what->feeds.n == 0 && !feed_all_images(j)) return false;
  for (int i = 0; i < s->n_inputs; i++) {
    ek_out out;
    if (!find_tensor(j, "input", &s->inputs[i], &out)) return false;
    if (!is_fed(j, out) && strcmp(ek_op_type(j->model.graph, ek_out_op(out)), "Placeholder") == 0)
      return failf("signature", s->key, "its input '%s' is not fed", s->inputs[i].key), false;
  }
  return true;
}

static bool compute(job *j) {
  const ek_signature_def *s = j->signature;
  ek_session_opts opts = EK_SESSION_OPTS_INIT;
  ek_status st = EK_STATUS_INIT;
  opts.threads = (int)j->what->threads;
  ek_fetch *fetches = need_memory((size_t)s->n_outputs, sizeof *fetches);
  j->results = need_memory((size_t)s->n_outputs, sizeof *j->results);
  bool good = true;
  for (int i = 0; good && i < s->n_outputs; i++) good = find_tensor(j, "output", &s->outputs[i], &fetches[i].out);
  if (good) {
    j->session = ek_session_new(j->model.graph, &opts, &st);
    good = j->session != NULL || (fail_status("predict", j->what->folder, &st), false);
  }
  if (good) good = model_restore_saved(&j->model, j->session);
  if (good &&
      ek_session_run(j->session, j->feeds, j->n_feeds, fetches, s->n_outputs, j->results, NULL, 0, NULL, &st) != EK_OK)
    good = (fail_status("predict", j->what->folder, &st), false);
  free(fetches);
  return good;
}

static bool write_npz(const job *j) {
  const ek_signature_def *s = j->signature;
  ek_status st = EK_STATUS_INIT;
  ek_npz_writer *w = ek_npz_writer_new(j->what->out, false, &st);
  bool good = w != NULL;
  for (int i = 0; good && i < s->n_outputs; i++)
    good = ek_npz_writer_add(w, s->outputs[i].key, j->results[i], &st) == EK_OK;
  good = good && ek_npz_writer_finish(w, &st) == EK_OK;
  if (!good) (void)fail_io(&st);
  ek_npz_writer_free(w);
  return good;
}

static int show(const job *j) {
  const ek_signature_def *s = j->signature;
  if (j->what->json) {
    json_t *document = json_object();
    for (int i = 0; i < s->n_outputs; i++)
      if (json_object_set_new_nocheck(document, s->outputs[i].key, nested_to_json(j->results[i])) != 0)
        return json_decref(document), fail("out of memory", NULL, "");
    return print_json(document, 0);
  }
  for (int i = 0; i < s->n_outputs && j->what->out == NULL; i++) print_tensor(s->outputs[i].key, j->results[i]);
  return EXIT_DONE;
}

int serve(const served *what) {
  job j = {.what = what};
  const bool good = (what->out == NULL || can_write("npz", what->out)) && model_load(&j.model, what->folder) &&
                    find_signature(&j) && make_feeds(&j) && compute(&j) && (what->out == NULL || write_npz(&j));
  const int status = good ? show(&j) : EXIT_FAILED;
  for (int i = 0; j.results != NULL && i < j.signature->n_outputs; i++) ek_tensor_free(j.results[i]);
  for (int i = 0; i < j.n_feeds; i++) ek_tensor_free(j.feeds[i].value);
  free(j.results), free(j.feeds);
  feed_free(&j.images);
  examples_free(&j.examples);
  ek_session_free(j.session);
  model_free(&j.model);
  return status;
}
