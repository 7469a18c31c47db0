/* SPDX-License-Identifier: Apache-2.0 */
/* evenkeel convert: graphs from one form of file to another, and values under other names. */
#include "names.h"
#include "print.h"
#include "values.h"

#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define FORMS "meta|pb|pbtxt|saved_model|checkpoint|npz"

typedef struct job {
  const char *from, *to, *form, *restore, *names, *signature;
  bool init, clear_devices, strict, json;
  texts inputs, outputs, tags, from_tags;
  char *style[2]; /* of names: from, to */

  model model;
  bool has_graph;
  model_restore restored;
  ek_op *initializers;
  int n_initializers;
  ek_out *reads;
  ek_session *session;
  values values;
  renamed *renamed; /* its names are its own */
  int n_renamed;
} job;

static bool ends_with(const char *text, const char *end) {
  const size_t n = strlen(text), m = strlen(end);
  return n >= m && strcmp(text + n - m, end) == 0;
}

static bool is_form(const job *j, const char *form) { return strcmp(j->form, form) == 0; }
static bool to_values(const job *j) { return is_form(j, "checkpoint") || is_form(j, "npz"); }
static bool has_own_values(const job *j) { return j->init || j->restore != NULL || j->model.saved != NULL; }

/* ---- what comes in */

static bool is_folder(const char *path) {
  struct stat s;
  return stat(path, &s) == 0 && S_ISDIR(s.st_mode);
}

static bool load(job *j) {
  if (ends_with(j->from, ".npz")) return values_from_npz(&j->values, j->from);
  if (!is_folder(j->from) && ek_train_checkpoint_exists(j->from)) return values_from_checkpoint(&j->values, j->from);
  j->has_graph = true;
  return model_load_tagged(&j->model, j->from, &j->from_tags);
}

/* By what TO is called; a name without an ending is a SavedModel's folder, or of values a checkpoint. */
static void choose_form(job *j) {
  static const char *const endings[] = {".meta", ".pbtxt", ".pb", ".npz"};
  for (size_t i = 0; j->form == NULL && i < sizeof endings / sizeof endings[0]; i++)
    if (ends_with(j->to, endings[i])) j->form = endings[i] + 1;
  if (j->form == NULL) j->form = j->has_graph && strstr(j->to, ".ckpt") == NULL ? "saved_model" : "checkpoint";
}

/* ---- values in a session */

static bool prepare(job *j) {
  model *m = &j->model;
  if (j->init) {
    j->initializers = need_memory((size_t)m->n_variables, sizeof *j->initializers);
    if (!model_initializers(m, j->initializers, &j->n_initializers)) return false;
  }
  if (j->restore != NULL && !model_restore_prepare(m, j->restore, &j->restored)) return false;
  if (!to_values(j)) return true;
  j->reads = need_memory((size_t)m->n_variables, sizeof *j->reads);
  for (int i = 0, n = 0; i < m->n_variables; i++)
    if (!m->variables[i].is_local) j->reads[n++] = model_read(m, m->variables[i].op);
  return true;
}

static bool open_session(job *j) {
  ek_status st = EK_STATUS_INIT;
  if (!prepare(j)) return false;
  j->session = ek_session_new(j->model.graph, NULL, &st);
  if (j->session == NULL) return fail_status("convert", j->from, &st), false;
  if (j->n_initializers > 0 &&
      ek_session_run(j->session, NULL, 0, NULL, 0, NULL, j->initializers, j->n_initializers, NULL, &st) != EK_OK)
    return fail_status("init", j->from, &st), false;
  if (j->restore != NULL) return model_restore_run(&j->model, &j->restored, j->session);
  return j->model.saved == NULL || j->init || model_restore_saved(&j->model, j->session);
}

static bool take_values(job *j) {
  if (!j->has_graph) return true;
  /* What a SavedModel holds is told by its own checkpoint, whatever its graph can do here. */
  if (j->model.saved != NULL && !j->init && j->restore == NULL && ek_saved_model_variables(j->model.saved) != NULL)
    return values_from_checkpoint(&j->values, ek_saved_model_variables(j->model.saved));
  if (!has_own_values(j))
    return fail("convert", j->from, "its variables have no values: give --restore PREFIX (or --init)"), false;
  return open_session(j) && values_from_session(&j->values, &j->model, j->session, j->reads);
}

/* ---- other names */

static bool add_tracked(values *v, const char *mean) {
  ek_status st = EK_STATUS_INIT;
  if (!ends_with(mean, ".running_mean")) return true;
  char *name = textf("%.*snum_batches_tracked", (int)(strlen(mean) - strlen("running_mean")), mean);
  ek_tensor *zero = ek_tensor_int64(0, &st);
  const bool good = zero != NULL ? values_add(v, name, zero) : (fail_status("convert", name, &st), false);
  ek_tensor_free(zero);
  free(name);
  return good;
}

static int count_unmatched(const job *j) {
  int n = 0;
  for (int i = 0; i < j->values.n; i++) n += !j->renamed[i].matched;
  return n;
}

static bool rename_values(job *j) {
  const int n = j->values.n;
  values out = {0};
  j->renamed = need_memory((size_t)n, sizeof *j->renamed);
  for (; j->n_renamed < n; j->n_renamed++)
    j->renamed[j->n_renamed] = (renamed){.from = textf("%s", j->values.at[j->n_renamed].name),
                                         .shape = ek_tensor_shape(j->values.at[j->n_renamed].tensor)};
  names_map(j->style[0], j->style[1], j->renamed, n);
  if (j->strict && count_unmatched(j) > 0) {
    for (int i = 0; i < n; i++)
      if (!j->renamed[i].matched)
        return failf("convert", j->renamed[i].from, "no name of %s; %d like it", j->style[0], count_unmatched(j)),
               false;
  }
  bool good = true;
  for (int i = 0; good && i < n; i++) {
    if (j->renamed[i].to == NULL) continue;
    ek_tensor *t = names_apply(&j->renamed[i], j->values.at[i].tensor);
    good = t != NULL && values_add(&out, j->renamed[i].to, t) &&
           (strcmp(j->style[1], "torch") != 0 || !j->renamed[i].matched || add_tracked(&out, j->renamed[i].to));
    ek_tensor_free(t);
  }
  values_free(&j->values);
  j->values = out;
  return good;
}

static int show(const job *j) {
  json_t *all = json_object(), *unmatched = json_array(), *dropped = json_array();
  for (int i = 0; i < j->n_renamed; i++) {
    const renamed *r = &j->renamed[i];
    if (j->json && r->to == NULL)
      (void)json_array_append_new(dropped, json_string(r->from));
    else if (j->json && !r->matched)
      (void)json_array_append_new(unmatched, json_string(r->from));
    else if (j->json)
      (void)json_object_set_new_nocheck(all, r->from, json_string(r->to));
    else if (r->to == NULL || !r->matched)
      (void)printf("%-10s %s\n", r->to == NULL ? "dropped" : "unmatched", r->from);
  }
  if (!j->json) return json_decref(all), json_decref(unmatched), json_decref(dropped), EXIT_DONE;
  return print_json(json_pack("{s:s, s:s, s:o, s:o, s:o}", "to", j->to, "form", j->form, "renamed", all, "unmatched",
                              unmatched, "dropped", dropped),
                    2);
}

/* ---- what goes out */

static bool write_values(job *j) {
  if (!take_values(j)) return false;
  if (j->values.n == 0) return fail("convert", j->from, "has no values to write"), false;
  if (j->names != NULL && !rename_values(j)) return false;
  return is_form(j, "npz") ? values_to_npz(&j->values, j->to) : values_to_checkpoint(&j->values, j->to);
}

static bool write_graph(job *j) {
  ek_status st = EK_STATUS_INIT;
  ek_export_meta_graph_opts meta = EK_EXPORT_META_GRAPH_OPTS_INIT;
  ek_export_graph_def_opts plain = EK_EXPORT_GRAPH_DEF_OPTS_INIT;
  const bool has_saver = j->model.saver.restore_op_name != NULL && *j->model.saver.restore_op_name != '\0';
  const bool as_meta = is_form(j, "meta") || (is_form(j, "pbtxt") && j->model.is_meta);
  meta.saver = has_saver ? &j->model.saver : NULL;
  meta.clear_devices = plain.clear_devices = j->clear_devices;
  const ek_code rc = as_meta ? ek_export_meta_graph(j->model.graph, j->to, &meta, &st)
                             : ek_export_graph_def(j->model.graph, j->to, &plain, &st);
  return rc == EK_OK || (fail_file("convert", j->to, &st), false);
}

static bool make_infos(job *j, const texts *pairs, const char *what, ek_tensor_info **out) {
  *out = need_memory((size_t)pairs->n, sizeof **out);
  for (int i = 0; i < pairs->n; i++) {
    char *key = NULL;
    const char *name = NULL;
    ek_out tensor;
    const bool good = split_pair(pairs->at[i], &key, &name) && model_find(&j->model, what, name, &tensor);
    if (good) (*out)[i] = ek_build_tensor_info(j->model.graph, ek_graph_text(j->model.graph, "%s", key), tensor);
    free(key);
    if (!good) return false;
  }
  return true;
}

/* Every file of the folder, one level deep and below. */
static bool copy_folder(ek_saved_model_builder *b, const char *dir, const char *name) {
  char *path = textf("%s/%s", dir, name);
  DIR *folder = opendir(path);
  bool good = true;
  for (const struct dirent *e; folder != NULL && good && (e = readdir(folder)) != NULL;) {
    ek_status st = EK_STATUS_INIT;
    if (strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0) continue;
    char *inner = textf("%s/%s", name, e->d_name), *file = textf("%s/%s", dir, inner);
    if (is_folder(file))
      good = copy_folder(b, dir, inner);
    else
      good = ek_saved_model_builder_add_file(b, file, inner, &st) == EK_OK || (fail_io(&st), false);
    free(inner), free(file);
  }
  if (folder != NULL) (void)closedir(folder);
  free(path);
  return good;
}

/* The tags of meta graph i; the array is to be freed. */
static const char **tags_of(const ek_saved_model *saved, int i, int *n) {
  *n = 0;
  while (ek_saved_model_tag(saved, i, *n) != NULL) ++*n;
  const char **tags = need_memory((size_t)*n + 1, sizeof *tags);
  for (int k = 0; k < *n; k++) tags[k] = ek_saved_model_tag(saved, i, k);
  return tags;
}

/* One of the other meta graphs of a SavedModel, as it is. */
static bool add_other(const job *j, ek_saved_model_builder *b, int i) {
  ek_saved_model_opts o = EK_SAVED_MODEL_OPTS_INIT;
  ek_saver_def saver = {0};
  ek_status st = EK_STATUS_INIT;
  ek_graph *g = ek_graph_new(NULL);
  const char **tags = tags_of(j->model.saved, i, &o.n_tags);
  o.tags = tags;
  o.clear_devices = j->clear_devices;
  bool good = g != NULL || (fail("out of memory", NULL, ""), false);
  if (good)
    good = ek_saved_model_import(j->model.saved, i, g, NULL, &saver, &st) == EK_OK ||
           (fail_file("model", j->from, &st), false);
  o.saver = saver.restore_op_name != NULL && *saver.restore_op_name != '\0' ? &saver : NULL;
  if (good)
    good = ek_saved_model_builder_add_meta_graph(b, g, &o, &st) == EK_OK || (fail_file("convert", j->to, &st), false);
  free(tags);
  ek_graph_free(g);
  return good;
}

/* All of them go along, unless one was chosen, or made another by tags or a signature. */
static bool add_others(const job *j, ek_saved_model_builder *b) {
  if (j->from_tags.n + j->tags.n + j->outputs.n > 0) return true;
  for (int i = 0; i < ek_saved_model_num_meta_graphs(j->model.saved); i++)
    if (i != j->model.meta_graph && !add_other(j, b, i)) return false;
  return true;
}

static bool build_saved(job *j, ek_saved_model_builder *b, const ek_saved_model_opts *o) {
  ek_status st = EK_STATUS_INIT;
  bool good = j->session != NULL ? ek_saved_model_builder_add_meta_graph_and_variables(b, j->session, o, &st) == EK_OK
                                 : ek_saved_model_builder_add_meta_graph(b, j->model.graph, o, &st) == EK_OK;
  if (!good) return fail_file("convert", j->to, &st), false;
  if (j->model.saved != NULL) {
    const char *dir = ek_saved_model_dir(j->model.saved);
    if (!add_others(j, b)) return false;
    if (!copy_folder(b, dir, "assets") || !copy_folder(b, dir, "assets.extra")) return false;
    if (j->session == NULL && !copy_folder(b, dir, "variables")) return false;
  }
  return ek_saved_model_builder_save(b, false, &st) == EK_OK || (fail_io(&st), false);
}

static bool write_saved(job *j) {
  ek_status st = EK_STATUS_INIT;
  ek_tensor_info *inputs = NULL, *outputs = NULL;
  ek_saved_model_opts o = EK_SAVED_MODEL_OPTS_INIT;
  const bool has_saver = j->model.saver.restore_op_name != NULL && *j->model.saver.restore_op_name != '\0';
  bool good = make_infos(j, &j->inputs, "input", &inputs) && make_infos(j, &j->outputs, "output", &outputs);
  const ek_signature_def signature = {.key = j->signature != NULL ? j->signature : EK_DEFAULT_SERVING_SIGNATURE_KEY,
                                      .method_name = EK_PREDICT_METHOD_NAME,
                                      .inputs = inputs,
                                      .n_inputs = j->inputs.n,
                                      .outputs = outputs,
                                      .n_outputs = j->outputs.n};
  if (j->outputs.n > 0) o.signatures = &signature, o.n_signatures = 1;
  const char **tags = j->model.saved != NULL ? tags_of(j->model.saved, j->model.meta_graph, &o.n_tags) : NULL;
  o.tags = tags;
  if (j->tags.n > 0) o.tags = j->tags.at, o.n_tags = j->tags.n;
  o.saver = has_saver ? &j->model.saver : NULL;
  o.clear_devices = j->clear_devices;
  if (good && j->model.n_variables > 0 && !has_own_values(j))
    good = (fail("convert", j->from, "its variables have no values: give --restore PREFIX (or --init)"), false);
  /* A SavedModel's own checkpoint is copied: nothing has to run. */
  const bool copied = j->model.saved != NULL && !j->init && j->restore == NULL;
  if (good && j->model.n_variables > 0 && !copied) good = open_session(j);
  if (good) {
    ek_saved_model_builder *b = ek_saved_model_builder_new(j->to, &st);
    good = b != NULL ? build_saved(j, b, &o) : (fail_io(&st), false);
    ek_saved_model_builder_free(b);
  }
  free(inputs), free(outputs), free(tags);
  return good;
}

static bool convert(job *j) {
  if (!load(j)) return false;
  choose_form(j);
  if (!j->has_graph && !to_values(j))
    return failf("convert", j->from, "holds values and no graph: it can become a checkpoint or an .npz, not %s", j->to),
           false;
  if (j->names != NULL && !to_values(j))
    return fail("convert", j->to, "--names changes the names of values: write a checkpoint or an .npz"), false;
  return to_values(j) ? write_values(j) : is_form(j, "saved_model") ? write_saved(j) : write_graph(j);
}

/* ---- the command */

static bool is_style(const char *text) {
  static const char *const styles[] = {"layers", "slim", "keras", "torch"};
  for (size_t i = 0; i < sizeof styles / sizeof styles[0]; i++)
    if (strcmp(styles[i], text) == 0) return true;
  return false;
}

static bool split_styles(job *j) {
  const char *colon = j->names != NULL ? strchr(j->names, ':') : NULL;
  if (colon == NULL) return j->names == NULL;
  j->style[0] = textf("%.*s", (int)(colon - j->names), j->names);
  j->style[1] = textf("%s", colon + 1);
  return is_style(j->style[0]) && is_style(j->style[1]);
}

static int check(const command *self, job *j, const texts *words) {
  j->from = words->at[0];
  j->to = words->at[1];
  if (!split_styles(j))
    return fail_usage(self, "--names is '%s', it must be FROM:TO, each one of " NAME_STYLES, j->names);
  const texts *const pairs[] = {&j->inputs, &j->outputs};
  for (int k = 0; k < 2; k++)
    for (int i = 0; i < pairs[k]->n; i++)
      if (strchr(pairs[k]->at[i], '=') == NULL)
        return fail_usage(self, "--%s is '%s', it must be KEY=TENSOR", k == 0 ? "input" : "output", pairs[k]->at[i]);
  if (j->outputs.n == 0 && (j->inputs.n > 0 || j->signature != NULL))
    return fail_usage(self, "a signature needs an --output KEY=TENSOR");
  return -1;
}

static int run(const command *self, int argc, char **argv) {
  job j = {0};
  const option options[] = {
      {"--to", "FORM", "the form of TO, if its name does not tell", OPTION_CHOICE, &j.form, 0, 0, FORMS, NULL},
      {"--names", "FROM:TO", "rename values: tf.layers' names, slim's, Keras', PyTorch's (" NAME_STYLES ")",
       OPTION_TEXT, &j.names, 0, 0, NULL, NULL},
      {"--strict", NULL, "a name that is not understood is an error", OPTION_FLAG, &j.strict, 0, 0, NULL, NULL},
      {"--restore", "PREFIX", "the checkpoint with the values of a graph's variables", OPTION_TEXT, &j.restore, 0, 0,
       NULL, NULL},
      {"--init", NULL, "or their initial values", OPTION_FLAG, &j.init, 0, 0, NULL, NULL},
      {"--from-tag", "NAME", "of the meta graph to take of a SavedModel; may be repeated", OPTION_TEXTS, &j.from_tags,
       0, 0, NULL, NULL},
      {"--tag", "NAME", "of a SavedModel that is written; may be repeated", OPTION_TEXTS, &j.tags, 0, 0, NULL, NULL},
      {"--signature", "NAME", "of a SavedModel that is written [serving_default]", OPTION_TEXT, &j.signature, 0, 0,
       NULL, NULL},
      {"--input", "KEY=TENSOR", "an input of that signature; may be repeated", OPTION_TEXTS, &j.inputs, 0, 0, NULL,
       NULL},
      {"--output", "KEY=TENSOR", "an output of it; may be repeated", OPTION_TEXTS, &j.outputs, 0, 0, NULL, NULL},
      {"--clear-devices", NULL, "leave the devices of nodes out", OPTION_FLAG, &j.clear_devices, 0, 0, NULL, NULL},
      OPTION_JSON(&j.json),
  };
  enum { N = sizeof options / sizeof options[0] };
  texts words;
  int status = args_parse(self, options, N, argc, argv, &words, 2, 2);
  if (status < 0) status = check(self, &j, &words);
  if (status < 0) {
    const bool good = convert(&j);
    status = good ? show(&j) : EXIT_FAILED;
  }
  for (int i = 0; i < j.n_renamed; i++) free((char *)(uintptr_t)j.renamed[i].from);
  if (j.renamed != NULL) names_free(j.renamed, j.n_renamed);
  values_free(&j.values);
  ek_session_free(j.session);
  free(j.renamed), free(j.reads), free(j.initializers), free(j.restored.ops), free(j.style[0]), free(j.style[1]);
  model_free(&j.model);
  args_free(options, N, &words);
  return status;
}

const command command_convert = {
    "convert", "graphs in other forms, values under other names",
    "FROM TO [--to " FORMS "] [--restore PREFIX] [--init]\n"
    "          [--from-tag NAME]... [--tag NAME]... [--signature NAME] [--input KEY=TENSOR]... [--output "
    "KEY=TENSOR]...\n"
    "          [--names FROM:TO] [--strict] [--clear-devices] [--json]\n",
    "FROM is a .meta, a .pb, a .pbtxt, the folder of a SavedModel, the prefix of a checkpoint, or an .npz. The ending "
    "of\n"
    "TO tells what it becomes: .meta, .pb, .pbtxt, .npz; without one a graph becomes a SavedModel, values a "
    "checkpoint.\n",
    run};
