/* SPDX-License-Identifier: Apache-2.0 */
/* evenkeel run: any fetches of any graph, in a new session. */
#include "model.h"
#include "offers.h"
#include "print.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

typedef struct job { /* one call of the command */
  bool init, profile, json;
  const char *restore, *out, *save;
  texts feeds, fetches, targets;
  int64_t repeat, threads;

  model model;
  model_restore restored;
  ek_feed *fed;
  char **fed_names;
  ek_fetch *fetched;
  ek_op *run, *initializers;
  int n_initializers;
  ek_out *saved; /* the value of each variable of the collection `variables` */
  int n_saved;
  ek_tensor **results, **values;
  ek_session *session;
} job;

static bool load_feeds(job *j) {
  j->fed = need_memory((size_t)j->feeds.n, sizeof *j->fed);
  j->fed_names = need_memory((size_t)j->feeds.n, sizeof *j->fed_names);
  for (int i = 0; i < j->feeds.n; i++) {
    ek_status st = EK_STATUS_INIT;
    const char *file = NULL;
    (void)split_pair(j->feeds.at[i], &j->fed_names[i], &file);
    ek_out out;
    if (!model_find(&j->model, "feed", j->fed_names[i], &out)) return false;
    j->fed[i] = (ek_feed){.out = out, .name = j->fed_names[i], .value = ek_npy_load(file, &st)};
    if (j->fed[i].value == NULL) return fail_io(&st), false;
  }
  return true;
}

/* A resource handle is no value: what it stands for is read instead. */
static bool read_handle(job *j, const char *name, ek_out *out) {
  ek_graph *g = j->model.graph;
  ek_out source = *out;
  for (int steps = 0; steps < 1000; steps++) {
    const ek_op op = ek_out_op(source);
    if (strcmp(ek_op_type(g, op), "VarHandleOp") == 0) {
      const ek_attr *dtype = ek_op_attr(g, op, "dtype");
      if (dtype == NULL || dtype->kind != EK_ATTR_TYPE) break;
      *out = ek_op_output(ek_build(ek_named(g, "evenkeel/read"), "ReadVariableOp", EK_OUTS(*out),
                                   EK_ATTRS(EK_TYPE_ATTR("dtype", dtype->v.type))),
                          0);
      return true;
    }
    if (ek_op_num_inputs(g, op) == 0) break;
    source = ek_op_input(g, op, 0);
  }
  return fail("fetch", name, "a resource that is no variable has no value to fetch"), false;
}

static bool find_fetches(job *j) {
  j->fetched = need_memory((size_t)j->fetches.n, sizeof *j->fetched);
  j->run = need_memory((size_t)j->targets.n, sizeof *j->run);
  j->results = need_memory((size_t)j->fetches.n, sizeof *j->results);
  for (int i = 0; i < j->fetches.n; i++) {
    const char *name = j->fetches.at[i];
    ek_out out;
    if (!model_find(&j->model, "fetch", name, &out)) return false;
    if (ek_out_dtype(j->model.graph, out) == EK_RESOURCE && !read_handle(j, name, &out)) return false;
    j->fetched[i] = (ek_fetch){.out = out, .name = name};
  }
  for (int i = 0; i < j->targets.n; i++) {
    j->run[i] = ek_graph_find_op(j->model.graph, j->targets.at[i]);
    if (j->run[i].id == 0) {
      const ek_out out = ek_graph_find_out(j->model.graph, j->targets.at[i]); /* "op:0" runs op */
      j->run[i] = ek_out_op(out);
    }
    if (j->run[i].id == 0) return failf("target", j->targets.at[i], "%s has no such op", j->model.path), false;
  }
  return true;
}

/* Everything that builds nodes, before the session is made. */
static bool prepare(job *j) {
  model *m = &j->model;
  if (j->init) {
    j->initializers = need_memory((size_t)m->n_variables, sizeof *j->initializers);
    if (!model_initializers(m, j->initializers, &j->n_initializers)) return false;
  }
  if (j->restore != NULL && !model_restore_prepare(m, j->restore, &j->restored)) return false;
  if (j->save != NULL) {
    j->saved = need_memory((size_t)m->n_variables, sizeof *j->saved);
    j->values = need_memory((size_t)m->n_variables, sizeof *j->values);
    for (int i = 0; i < m->n_variables; i++)
      if (!m->variables[i].is_local) j->saved[j->n_saved++] = model_read(m, m->variables[i].op);
    if (j->n_saved == 0) return fail("save", m->path, "the graph has no variables"), false;
  }
  return true;
}

static bool compute(job *j) {
  ek_status st = EK_STATUS_INIT;
  ek_session_opts opts = EK_SESSION_OPTS_INIT;
  opts.threads = (int)j->threads;
  const char *path = j->model.path;
  j->session = ek_session_new(j->model.graph, &opts, &st);
  if (j->session == NULL) return fail_status("run", path, &st), false;
  if (j->n_initializers > 0 &&
      ek_session_run(j->session, NULL, 0, NULL, 0, NULL, j->initializers, j->n_initializers, NULL, &st) != EK_OK)
    return fail_status("init", path, &st), false;
  if (j->restore != NULL && !model_restore_run(&j->model, &j->restored, j->session)) return false;
  if (j->model.saved != NULL && j->restore == NULL && !j->init && !model_restore_saved(&j->model, j->session))
    return false;
  for (int64_t k = 0; k < j->repeat && j->fetches.n + j->targets.n > 0; k++) {
    ek_run_options options = EK_RUN_OPTIONS_INIT;
    options.profile = j->profile && k == j->repeat - 1;
    for (int i = 0; i < j->fetches.n; i++) ek_tensor_free(j->results[i]), j->results[i] = NULL;
    if (ek_session_run(j->session, j->fed, j->feeds.n, j->fetched, j->fetches.n, j->results, j->run, j->targets.n,
                       &options, &st) != EK_OK)
      return fail_status("run", path, &st), false;
  }
  return true;
}

static bool fetch_saved(job *j) {
  ek_status st = EK_STATUS_INIT;
  ek_fetch *fetches = need_memory((size_t)j->n_saved, sizeof *fetches);
  for (int i = 0; i < j->n_saved; i++) fetches[i] = EK_FETCH(j->saved[i]);
  const ek_code rc = ek_session_run(j->session, NULL, 0, fetches, j->n_saved, j->values, NULL, 0, NULL, &st);
  free(fetches);
  return rc == EK_OK || (fail_status("save", j->save, &st), false);
}

typedef struct saved_value {
  const char *key;
  const ek_tensor *value;
} saved_value;

static int by_key(const void *a, const void *b) {
  return strcmp(((const saved_value *)a)->key, ((const saved_value *)b)->key);
}

/* In the order of the keys, as a Saver does it: the files are the same bytes. */
static bool write_checkpoint(job *j) {
  ek_status st = EK_STATUS_INIT;
  saved_value *sorted = need_memory((size_t)j->n_saved, sizeof *sorted);
  const char **keys = need_memory((size_t)j->n_saved, sizeof *keys);
  const ek_tensor **tensors = need_memory((size_t)j->n_saved, sizeof *tensors);
  int n = 0;
  for (int i = 0; i < j->model.n_variables; i++) {
    if (j->model.variables[i].is_local) continue;
    sorted[n] = (saved_value){j->model.variables[i].key, j->values[n]};
    n++;
  }
  qsort(sorted, (size_t)n, sizeof *sorted, by_key);
  for (int i = 0; i < n; i++) keys[i] = sorted[i].key, tensors[i] = sorted[i].value;
  const ek_code rc = ek_checkpoint_write(j->save, keys, tensors, n, &st);
  free(sorted), free(keys), free(tensors);
  return rc == EK_OK || (fail_io(&st), false);
}

static bool finish_npz(ek_npz_writer *w, ek_status *st) { return w != NULL && ek_npz_writer_finish(w, st) == EK_OK; }

/* The archive is all but there before the checkpoint is written; if it then fails, the checkpoint goes. */
static bool write_files(job *j) {
  ek_status st = EK_STATUS_INIT;
  ek_npz_writer *w = j->out != NULL ? ek_npz_writer_new(j->out, false, &st) : NULL;
  bool good = j->out == NULL || w != NULL;
  for (int i = 0; good && j->out != NULL && i < j->fetches.n; i++) {
    bool again = false; /* a fetch typed twice is one member */
    for (int k = 0; k < i; k++) again = again || strcmp(j->fetches.at[k], j->fetches.at[i]) == 0;
    good = again || ek_npz_writer_add(w, j->fetches.at[i], j->results[i], &st) == EK_OK;
  }
  if (!good) {
    (void)fail_io(&st);
  } else if (j->save == NULL || (good = write_checkpoint(j))) {
    good = j->out == NULL || finish_npz(w, &st);
    if (!good) {
      (void)fail_io(&st);
      if (j->save != NULL) (void)ek_train_remove_checkpoint(j->save, NULL);
    }
  }
  ek_npz_writer_free(w);
  return good;
}

/* ---- what is said about it */

static json_t *profile_to_json(const job *j) {
  const ek_node_stats *steps = NULL;
  const int n = ek_session_profile(j->session, &steps);
  json_t *list = json_array();
  for (int i = 0; i < n; i++)
    (void)json_array_append_new(list, json_pack("{s:s, s:s, s:f, s:f, s:I, s:i}", "name", steps[i].name, "type",
                                                steps[i].type, "start_us", (double)steps[i].start_ns * 1e-3, "us",
                                                (double)steps[i].time_ns * 1e-3, "bytes", (json_int_t)steps[i].bytes,
                                                "nodes", steps[i].nodes));
  return list;
}

static int print_all_json(const job *j) {
  json_t *fetches = json_object();
  for (int i = 0; i < j->fetches.n; i++)
    if (json_object_set_new_nocheck(fetches, j->fetches.at[i], tensor_to_json(j->results[i])) != 0)
      return json_decref(fetches), fail("out of memory", NULL, "");
  json_t *document = json_pack("{s:o}", "fetches", fetches);
  if (j->profile && document != NULL) (void)json_object_set_new(document, "profile", profile_to_json(j));
  return print_json(document, 0);
}

static int by_time(const void *a, const void *b) {
  const ek_node_stats *const x = *(const ek_node_stats *const *)a, *const y = *(const ek_node_stats *const *)b;
  return (x->time_ns < y->time_ns) - (x->time_ns > y->time_ns);
}

static void print_profile(const job *j) {
  const ek_node_stats *steps = NULL;
  const int n = ek_session_profile(j->session, &steps);
  const ek_node_stats **sorted = need_memory((size_t)n, sizeof *sorted);
  int64_t total = 0;
  for (int i = 0; i < n; i++) sorted[i] = &steps[i], total += steps[i].time_ns;
  qsort(sorted, (size_t)n, sizeof *sorted, by_time);
  (void)printf("%10s %6s %12s  %-24s %s\n", "us", "%", "bytes", "type", "node");
  for (int i = 0; i < n; i++)
    (void)printf("%10.1f %6.1f %12lld  %-24s %s\n", (double)sorted[i]->time_ns * 1e-3,
                 total > 0 ? 100.0 * (double)sorted[i]->time_ns / (double)total : 0.0, (long long)sorted[i]->bytes,
                 sorted[i]->type, sorted[i]->name);
  (void)printf("%10.1f %6.1f %12s  %d steps\n", (double)total * 1e-3, 100.0, "", n);
  free(sorted);
}

/* Asked for nothing, the command says what there is to ask for. */
static bool asks_nothing(const job *j) {
  return j->fetches.n + j->targets.n == 0 && j->save == NULL && j->restore == NULL && !j->init;
}

static void print_offers(const job *j) {
  (void)printf("%s: name what to compute with --fetch, or what to run with --target\n", j->model.path);
  print_inputs(j->model.graph);
  print_outputs(j->model.graph);
  print_targets(j->model.graph);
}

static int print_all(const job *j) {
  if (j->json) return print_all_json(j);
  if (asks_nothing(j)) print_offers(j);
  for (int i = 0; i < j->fetches.n && j->out == NULL; i++) print_tensor(j->fetches.at[i], j->results[i]);
  if (j->profile) print_profile(j);
  return EXIT_DONE;
}

static void job_free(job *j) {
  for (int i = 0; j->results != NULL && i < j->fetches.n; i++) ek_tensor_free(j->results[i]);
  for (int i = 0; j->values != NULL && i < j->n_saved; i++) ek_tensor_free(j->values[i]);
  for (int i = 0; j->fed != NULL && i < j->feeds.n; i++) ek_tensor_free(j->fed[i].value);
  for (int i = 0; j->fed_names != NULL && i < j->feeds.n; i++) free(j->fed_names[i]);
  ek_session_free(j->session);
  free(j->fed), free(j->fed_names), free(j->fetched), free(j->run), free(j->results);
  free(j->initializers), free(j->saved), free(j->values), free(j->restored.ops);
  model_free(&j->model);
}

/* A folder of the name PREFIX is in nobody's way. */
static bool can_save(const char *prefix) {
  char *index = textf("%s.index", prefix);
  const bool good = can_write("checkpoint", index);
  free(index);
  return good;
}

static int run(const command *self, int argc, char **argv) {
  job j = {.repeat = 1};
  const option options[] = {
      {"--init", NULL, "initialise the variables first", OPTION_FLAG, &j.init, 0, 0, NULL, NULL},
      {"--restore", "PREFIX", "then read a checkpoint", OPTION_TEXT, &j.restore, 0, 0, NULL, NULL},
      {"--feed", "NAME=FILE.npy", "a value for a tensor; may be repeated", OPTION_TEXTS, &j.feeds, 0, 0, NULL, NULL},
      {"--fetch", "NAME", "a tensor to compute and show; may be repeated", OPTION_TEXTS, &j.fetches, 0, 0, NULL, NULL},
      {"--target", "OP", "an op to run; may be repeated", OPTION_TEXTS, &j.targets, 0, 0, NULL, NULL},
      {"--repeat", "N", "run so often, with the same feeds", OPTION_INT, &j.repeat, 1, 1e15, NULL, NULL},
      {"--out", "FILE.npz", "write the fetches there instead of showing them", OPTION_TEXT, &j.out, 0, 0, NULL, NULL},
      {"--save", "PREFIX", "afterwards write a checkpoint of the variables", OPTION_TEXT, &j.save, 0, 0, NULL, NULL},
      {"--profile", NULL, "show time and bytes of each node of the last run", OPTION_FLAG, &j.profile, 0, 0, NULL,
       NULL},
      OPTION_THREADS(&j.threads),
      OPTION_JSON(&j.json),
  };
  enum { N = sizeof options / sizeof options[0] };
  texts words;
  int status = args_parse(self, options, N, argc, argv, &words, 1, 1);
  for (int i = 0; status < 0 && i < j.feeds.n; i++) {
    char *name = NULL;
    const char *file = NULL;
    if (!split_pair(j.feeds.at[i], &name, &file))
      status = fail_usage(self, "--feed is '%s', it must be NAME=FILE.npy", j.feeds.at[i]);
    free(name);
  }
  if (status < 0) {
    const bool good = (j.out == NULL || can_write("npz", j.out)) && (j.save == NULL || can_save(j.save)) &&
                      model_load(&j.model, words.at[0]) && load_feeds(&j) && find_fetches(&j) && prepare(&j) &&
                      compute(&j) && (j.save == NULL || fetch_saved(&j)) && write_files(&j);
    status = good ? print_all(&j) : EXIT_FAILED;
  }
  job_free(&j);
  args_free(options, N, &words);
  return status;
}

const command command_run = {
    "run", "computes tensors of any graph",
    "MODEL [--init] [--restore PREFIX] [--feed NAME=FILE.npy]... [--fetch NAME]...\n"
    "          [--target OP]... [--repeat N] [--out FILE.npz] [--save PREFIX] [--profile] [--json]\n",
    "MODEL is a .meta (MetaGraphDef), a .pb (GraphDef), a .pbtxt (either), or the folder of a SavedModel, whose own\n"
    "variables are restored without --init and --restore. Names are TensorFlow's: scope/op is an operation, "
    "scope/op:1\n"
    "its second output; where a tensor is wanted, scope/op means scope/op:0.\n",
    run};
