/* SPDX-License-Identifier: Apache-2.0 */
/* evenkeel train: a network of its own on labelled images, or any graph on arrays. */
#include "evaluate.h"
#include "print.h"
#include "progress.h"
#include "train_dir.h"
#include "train_options.h"
#include "trainer.h"

#include <errno.h>
#include <math.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

typedef struct training {
  const command *self;
  train_options options;
  json_t *state; /* that --resume begins from */
  char *prefix;  /* its checkpoint */
  model model;   /* of --resume or --model; else only its graph is there */
  examples train, test;
  int64_t n, total; /* examples; steps in all */
  ek_saver *saver;
  trainer trainer;
  row_feed *feeds;
  train_dir dir;
  progress progress;
  double seconds, started, saved, logged, took; /* before this call; clocks; in steps of this call */
  int64_t logged_step;
  double loss, accuracy; /* means since the last line of the log */
} training;

/* ---- Ctrl-C: the step under way ends, what there is is saved; a second one does not wait */

static volatile sig_atomic_t stop;

static void on_signal(int number) {
  if (stop != 0) _exit(128 + number);
  stop = 1;
}

static void catch_signals(void) {
  struct sigaction action = {.sa_handler = on_signal};
  (void)sigemptyset(&action.sa_mask);
  (void)sigaction(SIGINT, &action, NULL);
  (void)sigaction(SIGTERM, &action, NULL);
}

/* ---- the graph and what feeds it */

static bool build(training *t) {
  net_options *o = &t->options.net;
  ek_status st = EK_STATUS_INIT;
  o->pixels = t->train.pixels;
  t->model.graph = ek_graph_new(NULL);
  if (t->model.graph == NULL) return fail("out of memory", NULL, ""), false;
  net_build(t->model.graph, o);
  return ek_graph_status(t->model.graph, &st) == EK_OK || (fail_status("train", "network", &st), false);
}

static bool load_graph(training *t) {
  train_options *o = &t->options;
  if (o->resume) {
    char *meta = textf("%s/model.meta", o->out);
    const bool good = model_load(&t->model, meta);
    t->model.path = o->out;
    free(meta);
    return good;
  }
  return o->model != NULL ? model_load(&t->model, o->model) : build(t);
}

static bool load_examples(training *t) {
  const train_options *o = &t->options;
  if (!examples_load(&t->train, o->data, PART_TRAIN, o->net.classes) ||
      !examples_load(&t->test, o->data, PART_TEST, o->net.classes))
    return false;
  t->n = t->train.n;
  if (t->train.pixels != t->test.pixels)
    return failf("data", o->data, "images to train with have %lld pixels, those to test with %lld",
                 (long long)t->train.pixels, (long long)t->test.pixels),
           false;
  if (train_options_batch(o) > t->n)
    return failf("train", NULL, "--batch is %lld, there are %lld images to train with",
                 (long long)train_options_batch(o), (long long)t->n),
           false;
  return true;
}

static bool feed_net(training *t) {
  ek_graph *g = t->model.graph;
  const int64_t batch = train_options_batch(&t->options);
  t->feeds = need_memory(3, sizeof *t->feeds);
  t->trainer.n_feeds = 3;
  return feed_images(&t->feeds[0], g, "images", &t->train, batch) &&
         feed_labels(&t->feeds[1], g, "labels", &t->train, batch) && feed_bool(&t->feeds[2], g, "is_training", true);
}

/* Arrays that have as many rows as the first one are cut into batches together, if --batch asks for it. */
static bool feed_arrays(training *t) {
  const train_options *o = &t->options;
  const int64_t batch = train_options_batch(o);
  bool good = true;
  t->feeds = need_memory((size_t)o->feeds.n, sizeof *t->feeds);
  for (int i = 0; i < o->feeds.n && good; i++) {
    ek_status st = EK_STATUS_INIT;
    char *name = NULL;
    const char *file = NULL;
    ek_tensor *rows = split_pair(o->feeds.at[i], &name, &file) ? ek_npy_load(file, &st) : NULL;
    good = rows != NULL || (fail_io(&st), false);
    if (good) {
      const ek_shape shape = ek_tensor_shape(rows);
      if (t->n == 0 && shape.rank > 0) t->n = shape.dim[0];
      if (shape.rank > 0 && ek_tensor_num_elements(rows) == 0) good = (fail("feed", file, "holds nothing"), false);
      const bool cut = batch > 0 && shape.rank > 0 && shape.dim[0] == t->n;
      if (good)
        good = feed_rows(&t->feeds[t->trainer.n_feeds++], t->model.graph, name, rows, cut ? batch : 0);
      else
        ek_tensor_free(rows);
    }
    free(name);
  }
  if (t->n == 0 || batch == 0) t->n = 1;
  return good;
}

static bool find_outs(training *t) {
  const train_options *o = &t->options;
  ek_graph *g = t->model.graph;
  const char *train_op = o->train_op != NULL ? o->train_op : "train";
  t->trainer.train = ek_graph_find_op(g, train_op);
  if (t->trainer.train.id == 0) return fail("train op", train_op, "the graph has no such op"), false;
  t->trainer.loss = ek_graph_find_out(g, o->loss != NULL ? o->loss : "loss");
  if (t->trainer.loss.op == 0 && o->loss != NULL) return fail("loss", o->loss, "the graph has no such tensor"), false;
  t->trainer.accuracy = ek_graph_find_out(g, "accuracy");
  if (o->model != NULL && t->trainer.loss.op != 0 && !ek_dtype_is_floating(ek_out_dtype(g, t->trainer.loss)))
    t->trainer.loss.op = 0;
  return true;
}

/* ---- the session */

static bool make_saver(training *t) {
  ek_status st = EK_STATUS_INIT;
  ek_train_saver_opts opts = EK_TRAIN_SAVER_OPTS_INIT;
  if (t->model.saver.restore_op_name != NULL && *t->model.saver.restore_op_name != '\0')
    opts.saver_def = &t->model.saver;
  opts.save_relative_paths = true; /* the folder may move */
  t->saver = ek_train_saver_new(t->model.graph, &opts);
  return ek_graph_status(t->model.graph, &st) == EK_OK || (fail_status("train", "saver", &st), false);
}

static bool give_values(training *t, const model_restore *restore, const ek_op *init, int n_init) {
  ek_status st = EK_STATUS_INIT;
  ek_session *s = t->trainer.session;
  if (n_init > 0 && ek_session_run(s, NULL, 0, NULL, 0, NULL, init, n_init, NULL, &st) != EK_OK)
    return fail_status("init", NULL, &st), false;
  if (restore->prefix != NULL && !model_restore_run(&t->model, restore, s)) return false;
  if (t->state != NULL && ek_train_saver_restore(t->saver, s, t->prefix, &st) != EK_OK)
    return fail_file("resume", t->prefix, &st), false;
  return t->state == NULL || random_from_json(s, json_object_get(t->state, "random"));
}

static bool open_session(training *t) {
  const train_options *o = &t->options;
  ek_status st = EK_STATUS_INIT;
  ek_session_opts opts = EK_SESSION_OPTS_INIT;
  opts.threads = t->trainer.threads = (int)o->threads;
  model_restore restore = {0};
  if (o->restore != NULL && t->state == NULL && !model_restore_prepare(&t->model, o->restore, &restore)) return false;
  /* Local variables are in no checkpoint. Without a word about it, all begin at their initial values. */
  const ek_variables all = ek_global_and_local_variables(t->model.graph);
  const bool init_all = t->state == NULL && (o->init || o->restore == NULL);
  ek_op *init = need_memory((size_t)all.n, sizeof *init);
  int n = 0;
  for (int i = 0; i < all.n; i++) {
    const ek_op op = ek_variable_initializer(t->model.graph, all.at[i]);
    if (op.id != 0 && (init_all || i >= all.n - ek_collection_size(t->model.graph, EK_LOCAL_VARIABLES))) init[n++] = op;
  }
  t->trainer.graph = t->model.graph;
  t->trainer.session = ek_session_new(t->model.graph, &opts, &st);
  const bool good =
      t->trainer.session != NULL ? give_values(t, &restore, init, n) : (fail_status("train", "graph", &st), false);
  free(init), free(restore.ops);
  return good;
}

static bool begin(training *t) {
  train_options *o = &t->options;
  int64_t position = 0;
  if (o->model == NULL && !load_examples(t)) return false;
  if (!load_graph(t) || !(o->model == NULL ? feed_net(t) : feed_arrays(t)) || !find_outs(t)) return false;
  if ((o->out != NULL || t->state != NULL) && !make_saver(t)) return false;
  if (!open_session(t)) return false;
  if (t->state != NULL) {
    t->trainer.step = json_integer_value(json_object_get(t->state, "step"));
    t->seconds = json_number_value(json_object_get(t->state, "seconds"));
    position = json_integer_value(json_object_get(t->state, "position"));
  }
  t->trainer.feeds = t->feeds;
  t->trainer.batch = train_options_batch(o) > 0 ? train_options_batch(o) : 1;
  t->total = o->steps;
  if (o->epochs > 0) t->total = (int64_t)ceil((double)o->epochs * (double)t->n / (double)t->trainer.batch);
  if (t->total == 0) t->total = o->model == NULL ? 2000 : 1;
  if (!trainer_begin(&t->trainer, t->n, o->net.seed, position))
    return fail_status("train", NULL, &t->trainer.why), false;
  if (o->out == NULL) return true;
  return t->state != NULL ? train_dir_resume(&t->dir, o->out, t->saver, t->trainer.step)
                          : train_dir_create(&t->dir, o->out, t->model.graph, t->saver);
}

/* ---- the steps */

static bool save(training *t) {
  json_t *state =
      json_pack("{s:I, s:I, s:f, s:o, s:o}", "step", (json_int_t)t->trainer.step, "position",
                (json_int_t)t->trainer.order.position, "seconds", t->seconds + now_seconds() - t->started, "options",
                train_options_to_json(&t->options), "random", random_to_json(t->trainer.session));
  const bool good = train_dir_save(&t->dir, t->trainer.session, t->trainer.step, state);
  json_decref(state);
  t->saved = now_seconds();
  return good;
}

static json_t *mean_to_json(double sum, int64_t n) { return isnan(sum) ? json_null() : json_real(sum / (double)n); }

/* The means since the last line, to the log and with --json to standard output. */
static bool log_means(training *t) {
  const int64_t n = t->trainer.step - t->logged_step;
  const double now = now_seconds(), took = now - t->logged;
  bool good = true;
  if (t->dir.log != NULL) {
    json_t *line =
        json_pack("{s:I, s:o, s:o, s:f}", "step", (json_int_t)t->trainer.step, "loss", mean_to_json(t->loss, n),
                  "accuracy", mean_to_json(t->accuracy, n), "seconds", t->seconds + now - t->started);
    good = train_dir_log(&t->dir, line);
    json_decref(line);
  }
  if (good && t->options.json) {
    good = print_json(json_pack("{s:I, s:o, s:o, s:f}", "step", (json_int_t)t->trainer.step, "loss",
                                mean_to_json(t->loss, n), "accuracy", mean_to_json(t->accuracy, n), "steps_per_s",
                                took > 0 ? (double)n / took : 0.0),
                      0) == EXIT_DONE;
    (void)fflush(stdout);
  }
  t->logged = now;
  t->logged_step = t->trainer.step;
  t->loss = t->accuracy = 0.0;
  return good;
}

/* The one line about a step that failed; after a bad loss there is a checkpoint to go back to. */
static bool tell_failure(training *t) {
  char where[48];
  const trainer *r = &t->trainer;
  if (r->recovered && t->dir.path != NULL && train_dir_latest(&t->dir) == NULL && !save(t)) return false;
  const char *latest = r->recovered && t->dir.path != NULL ? train_dir_latest(&t->dir) : NULL;
  (void)snprintf(where, sizeof where, "step %lld", (long long)r->failed_step);
  if (latest == NULL) return fail_status("train", where, &r->why), false;
  return failf("train", where, "%s; the last good checkpoint is %s", r->why.msg, latest), false;
}

static bool do_steps(training *t) {
  trainer *r = &t->trainer;
  const int64_t interval = t->total >= 100 ? t->total / 100 : 1;
  const int64_t every = t->options.save_every, first = r->step;
  t->started = t->saved = t->logged = now_seconds();
  t->logged_step = r->step;
  progress_begin(&t->progress, r->step, t->total, t->options.progress);
  while (r->step < t->total && stop == 0) {
    step_result result;
    if (!trainer_step(r, &result)) return tell_failure(t);
    t->loss += result.loss;
    t->accuracy += result.accuracy;
    const int64_t n = r->step - t->logged_step;
    progress_step(&t->progress, r->step, t->loss / (double)n, t->accuracy / (double)n);
    if ((r->step % interval == 0 || r->step == t->total || stop != 0) && !log_means(t)) return false;
    const bool due = every > 0 ? r->step % every == 0 : now_seconds() - t->saved > 10.0;
    if (due && r->step < t->total && stop == 0 && t->dir.path != NULL && !save(t)) return false;
  }
  progress_end(&t->progress);
  t->took = now_seconds() - t->started;
  const bool is_saved = r->step == first && train_dir_latest(&t->dir) != NULL;
  return t->dir.path == NULL || is_saved || save(t);
}

/* ---- what is said in the end */

static int say_stopped(const training *t) {
  const long long step = (long long)t->trainer.step;
  if (t->options.json) (void)printf("{\"done\": false, \"step\": %lld}\n", step);
  if (t->dir.path == NULL)
    return failf("train", "stopped", "after step %lld; nothing is saved, for that say --out DIR", step);
  (void)fprintf(stderr, "stopped after step %lld; go on with: evenkeel train --out %s --resume\n", step, t->dir.path);
  return EXIT_DONE;
}

static int say_done(training *t, int64_t steps) {
  score s;
  const bool has_test = t->options.model == NULL;
  if (has_test && !evaluate(t->trainer.session, &t->test, 60, false, &s)) return EXIT_FAILED;
  if (t->options.json)
    return print_json(json_pack("{s:b, s:I, s:o}", "done", 1, "step", (json_int_t)t->trainer.step, "eval",
                                has_test ? json_pack("{s:o, s:o}", "loss", number_to_json(s.loss), "accuracy",
                                                     number_to_json(s.accuracy))
                                         : json_null()),
                      0);
  (void)printf("%lld step%s in %.2f s", (long long)steps, steps == 1 ? "" : "s", t->took);
  if (t->took > 0 && steps > 0) (void)printf(", %.0f steps/s", (double)steps / t->took);
  if (has_test)
    (void)printf("; on %lld images not seen before: loss %.4f, accuracy %.4f", (long long)t->test.n, s.loss,
                 s.accuracy);
  (void)putchar('\n');
  if (t->dir.path != NULL && train_dir_latest(&t->dir) != NULL)
    (void)printf("saved as %s\n", train_dir_latest(&t->dir));
  return EXIT_DONE;
}

static void training_free(training *t) {
  trainer_end(&t->trainer);
  ek_session_free(t->trainer.session);
  ek_train_saver_free(t->saver);
  train_dir_close(&t->dir);
  for (int i = 0; i < t->trainer.n_feeds; i++) feed_free(&t->feeds[i]);
  free(t->feeds);
  examples_free(&t->train);
  examples_free(&t->test);
  model_free(&t->model);
  train_options_free(&t->options);
  json_decref(t->state);
  free(t->prefix);
}

static int run(const command *self, int argc, char **argv) {
  training t = {.self = self};
  int status = train_options_parse(self, &t.options, argc, argv);
  if (status < 0 && t.options.resume) {
    t.state = train_dir_state(t.options.out, &t.prefix);
    status =
        t.state != NULL ? train_options_resume(self, &t.options, json_object_get(t.state, "options")) : EXIT_FAILED;
  }
  if (status < 0) {
    status = EXIT_FAILED;
    catch_signals();
    if (begin(&t)) {
      const int64_t first = t.trainer.step;
      if (do_steps(&t))
        status = stop != 0 && t.trainer.step < t.total ? say_stopped(&t) : say_done(&t, t.trainer.step - first);
    }
  }
  training_free(&t);
  return status;
}

const command command_train = {
    "train", "trains a network, on the bundled digits if nothing else is said",
    "[--data DIR|FILE.npz] [--net mlp|cnn|resnet20] [--norm batch|none] [OPTION]...\n"
    "--model FILE.meta --train-op NAME --feed NAME=FILE.npy... [OPTION]...\n"
    "--out DIR --resume\n",
    "Ctrl-C ends the step under way and saves; a second one does not wait. A run that goes on with --resume gives the\n"
    "same bits as one that never stopped.\n",
    run};
