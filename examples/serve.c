/* SPDX-License-Identifier: Apache-2.0 */
/* Serves a network that TensorFlow built, trained and saved: the graph from its MetaGraphDef, the values from its
 * checkpoint, a few images in, what it takes them for out.
 *
 *   serve FOLDER     with model.meta, model.index and model.data-*, images.npy, labels.npy, and answers.npz: what
 *                    TensorFlow gave for the same images (tests/golden/make_serve.py writes all of them) */
#include <evenkeel/evenkeel.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

static void check(const ek_status *st) {
  if (st->code == EK_OK) return;
  (void)fprintf(stderr, "%s: %s\n", ek_code_name(st->code), st->msg);
  exit(1);
}

static const char *in(const char *folder, const char *name, char *path, size_t size) {
  (void)snprintf(path, size, "%s/%s", folder, name);
  return path;
}

/* The largest difference between what we and TensorFlow say. */
static double compare(const ek_tensor *ours, ek_npz *answers, const char *name) {
  ek_status st = EK_STATUS_INIT;
  ek_tensor *theirs = ek_npz_get(answers, name, &st);
  check(&st);
  double worst = 0.0;
  for (int64_t i = 0; i < ek_tensor_num_elements(theirs); i++)
    worst = fmax(worst, fabs(ek_tensor_number(ours, i) - ek_tensor_number(theirs, i)));
  ek_tensor_free(theirs);
  return worst;
}

/* One run of the served graph with the statistics that is_training asks for, held against TensorFlow's answers. */
static bool serve(ek_session *s, ek_tensor *images, ek_tensor *labels, bool training, ek_npz *answers) {
  static const char *const names[] = {"probabilities", "loss", "accuracy"};
  char answer[64];
  ek_status st = EK_STATUS_INIT;
  ek_tensor *is_training = ek_tensor_bool(training, &st), *out[3];
  const ek_feed feeds[] = {EK_FEED_NAME("images", images), EK_FEED_NAME("labels", labels),
                           EK_FEED_NAME("is_training", is_training)};
  const ek_fetch fetches[] = {EK_FETCH_NAME("probabilities"), EK_FETCH_NAME("loss"), EK_FETCH_NAME("accuracy")};
  (void)ek_session_run(s, feeds, 3, fetches, 3, out, NULL, 0, NULL, &st);
  check(&st);
  (void)printf("%s: loss %.3f, accuracy %.3f\n", training ? "batch statistics" : "moving averages",
               ek_tensor_number(out[1], 0), ek_tensor_number(out[2], 0));
  bool same = true;
  for (int i = 0; i < 3; i++) {
    (void)snprintf(answer, sizeof answer, "%s%s", training ? "batch/" : "", names[i]);
    const double worst = compare(out[i], answers, answer);
    same = same && worst < 1e-5; /* two float32 sums in different orders */
    if (!(worst < 1e-5)) (void)printf("  %s differs by %g\n", names[i], worst);
    ek_tensor_free(out[i]);
  }
  if (same) (void)printf("  as TensorFlow says\n");
  ek_tensor_free(is_training);
  return same;
}

int main(int argc, char **argv) {
  const char *folder = argc > 1 ? argv[1] : "tests/golden/serve";
  char path[1024];
  ek_status st = EK_STATUS_INIT;

  ek_graph *g = ek_graph_new(NULL);
  ek_saver_def def;
  (void)ek_import_meta_graph(g, in(folder, "model.meta", path, sizeof path), NULL, &def, &st);
  check(&st);
  ek_train_saver_opts opts = EK_TRAIN_SAVER_OPTS_INIT;
  opts.saver_def = &def; /* the graph brings its saver along */
  ek_saver *saver = ek_train_saver_new(g, &opts);
  ek_session *s = ek_session_new(g, NULL, &st);
  check(&st);
  (void)ek_train_saver_restore(saver, s, in(folder, "model", path, sizeof path), &st);
  check(&st);

  ek_tensor *images = ek_npy_load(in(folder, "images.npy", path, sizeof path), &st);
  ek_tensor *labels = ek_npy_load(in(folder, "labels.npy", path, sizeof path), &st);
  ek_npz *answers = ek_npz_open(in(folder, "answers.npz", path, sizeof path), &st);
  check(&st);
  const bool moving = serve(s, images, labels, false, answers), batch = serve(s, images, labels, true, answers);

  ek_npz_close(answers);
  ek_tensor_free(labels);
  ek_tensor_free(images);
  ek_train_saver_free(saver);
  ek_session_free(s);
  ek_graph_free(g);
  return moving && batch ? 0 : 1;
}
