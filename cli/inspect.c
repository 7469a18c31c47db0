/* SPDX-License-Identifier: Apache-2.0 */
/* evenkeel inspect: a graph as a person wants to see it. */
#include "layers_of.h"
#include "offers.h"
#include "print.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char *kind_name(const layer *l) {
  switch (l->kind) {
  case LAYER_DENSE: return "dense";
  case LAYER_CONVOLUTION: return "convolution";
  case LAYER_BATCH_NORM: return "batch norm";
  case LAYER_OTHER: break;
  }
  return "variables";
}

static const char *shape_text(const ek_graph *g, ek_out out, char *text, size_t size) {
  return out.op != 0 ? ek_shape_format(ek_out_shape(g, out), text, size) : "";
}

/* Do the train ops reach the updates? They may be part of the layer's output, too. */
static const char *updates_state(const layers *all, const layer *l) {
  if (l->moving_mean.id == 0 && l->moving_variance.id == 0) return "none needed: no moving statistics";
  if (l->updates[0].id == 0 && l->updates[1].id == 0) return "none: nothing changes the moving statistics";
  if (all->n_train_ops == 0) return "there is no train op";
  const bool mean = layers_train_reaches(all, l->updates[0]), variance = layers_train_reaches(all, l->updates[1]);
  if (mean && variance) return "run by the train op";
  return mean || variance ? "one of two is run by the train op" : "NOT run by the train op";
}

static void print_layers(const layers *all, ek_graph *g) {
  char shape[EK_SHAPE_TEXT];
  int64_t trained = 0, kept = 0;
  if (all->n == 0) return;
  (void)printf("\nlayers\n  %-32s %-12s %-16s %10s %10s\n", "name", "kind", "output", "trained", "kept");
  for (int i = 0; i < all->n; i++) {
    const layer *l = &all->at[i];
    (void)printf("  %-32s %-12s %-16s %10lld %10lld\n", l->name, kind_name(l),
                 shape_text(g, l->output, shape, sizeof shape), (long long)l->trained, (long long)l->kept);
    trained += l->trained;
    kept += l->kept;
  }
  (void)printf("  %-32s %-12s %-16s %10lld %10lld\n", "in all", "", "", (long long)trained, (long long)kept);
  if (all->slots > 0) (void)printf("  and %lld numbers that the optimizer keeps\n", (long long)all->slots);
}

static void print_batch_norm(const layers *all, ek_graph *g, const layer *l) {
  const ek_variable any = l->moving_mean.id != 0 ? l->moving_mean : l->beta.id != 0 ? l->beta : l->gamma;
  (void)printf("  %s\n    %lld channels, %s, epsilon %g%s%s\n", l->name,
               (long long)ek_shape_num_elements(ek_variable_shape(g, any)), l->fused ? "fused" : "from single ops",
               l->epsilon, l->gamma.id != 0 ? ", gamma" : "", l->beta.id != 0 ? ", beta" : "");
  static const char *const states[] = {"it is not clear which", "those of the batch, always",
                                       "the moving ones, always"};
  if (l->training == TRAINING_FED)
    (void)printf("    statistics: %s%s decides\n", ek_op_name(g, ek_out_op(l->flag)),
                 strcmp(ek_op_type(g, ek_out_op(l->flag)), "Placeholder") == 0 ? ", which is fed," : "");
  else
    (void)printf("    statistics: %s\n", states[l->training]);
  (void)printf("    updates: %s\n", updates_state(all, l));
  for (int k = 0; k < 2; k++)
    if (l->updates[k].id != 0)
      (void)printf("      %s%s\n", ek_op_name(g, l->updates[k]), l->collected[k] ? "" : " (not in update_ops)");
}

static bool has_statistics(const layers *all) {
  bool any = false;
  for (int i = 0; i < all->n; i++) any = any || all->at[i].moving_mean.id != 0 || all->at[i].moving_variance.id != 0;
  return any;
}

/* What a checkpoint has of a moving variable: does it look as if training had ever touched it? */
typedef struct statistic {
  const char *name;
  int64_t n; /* 0: it has none, st says why if it is there */
  double least, mean, most;
  ek_status st;
} statistic;

static statistic statistic_of(const ek_checkpoint_reader *r, const char *name) {
  statistic s = {.name = name, .st = EK_STATUS_INIT};
  ek_tensor *t = ek_checkpoint_reader_has(r, name) ? ek_checkpoint_reader_get_tensor(r, name, &s.st) : NULL;
  double sum = 0.0;
  s.n = t != NULL ? ek_tensor_num_elements(t) : 0;
  for (int64_t e = 0; e < s.n; e++) {
    const double x = ek_tensor_number(t, e);
    if (e == 0 || x < s.least) s.least = x;
    if (e == 0 || x > s.most) s.most = x;
    sum += x;
  }
  s.mean = s.n > 0 ? sum / (double)s.n : 0.0;
  ek_tensor_free(t);
  return s;
}

static void print_statistic(const statistic *s) {
  if (s->n > 0)
    (void)printf("  %-40s %10.4g %10.4g %10.4g\n", s->name, s->least, s->mean, s->most);
  else
    (void)printf("  %-40s %s\n", s->name, s->st.code != EK_OK ? s->st.msg : "not in the checkpoint");
}

static json_t *statistic_to_json(const statistic *s) {
  if (s->n == 0) return json_null();
  return json_pack("{s:o, s:o, s:o}", "least", number_to_json(s->least), "mean", number_to_json(s->mean), "most",
                   number_to_json(s->most));
}

/* Of all moving variables, into the object or, without one, printed. */
static bool show_statistics(const layers *all, ek_graph *g, const char *prefix, json_t *object) {
  ek_status st = EK_STATUS_INIT;
  ek_checkpoint_reader *r = ek_checkpoint_reader_new(prefix, &st);
  if (r == NULL) return fail_io(&st), false;
  if (object == NULL)
    (void)printf("\nmoving statistics in %s\n  %-40s %10s %10s %10s\n", prefix, "", "least", "mean", "most");
  for (int i = 0; i < 2 * all->n; i++) {
    const ek_variable v = i % 2 == 0 ? all->at[i / 2].moving_mean : all->at[i / 2].moving_variance;
    if (v.id == 0) continue;
    const statistic s = statistic_of(r, ek_variable_name(g, v));
    if (object == NULL)
      print_statistic(&s);
    else
      (void)json_object_set_new_nocheck(object, s.name, statistic_to_json(&s));
  }
  ek_checkpoint_reader_free(r);
  return true;
}

static json_t *layer_to_json(const layers *all, ek_graph *g, const layer *l) {
  char shape[EK_SHAPE_TEXT];
  json_t *o = json_pack("{s:s, s:s, s:s, s:I, s:I}", "name", l->name, "kind", kind_name(l), "output",
                        shape_text(g, l->output, shape, sizeof shape), "trained", (json_int_t)l->trained, "kept",
                        (json_int_t)l->kept);
  if (l->kind != LAYER_BATCH_NORM || o == NULL) return o;
  static const char *const training[] = {"unknown", "always", "never", "fed"};
  json_t *updates = json_array();
  for (int k = 0; k < 2; k++)
    if (l->updates[k].id != 0)
      (void)json_array_append_new(updates, json_pack("{s:s, s:b, s:b}", "name", ek_op_name(g, l->updates[k]),
                                                     "collected", (int)l->collected[k], "reached",
                                                     (int)layers_train_reaches(all, l->updates[k])));
  (void)json_object_set_new(o, "fused", json_boolean(l->fused));
  (void)json_object_set_new(o, "epsilon", json_real(l->epsilon));
  (void)json_object_set_new(o, "training", json_string(training[l->training]));
  if (l->training == TRAINING_FED) (void)json_object_set_new(o, "flag", json_string(ek_op_name(g, ek_out_op(l->flag))));
  (void)json_object_set_new(o, "updates", updates);
  return o;
}

/* ---- of a SavedModel */

static void print_infos(const char *title, const ek_tensor_info *infos, int n) {
  char shape[EK_SHAPE_TEXT];
  for (int i = 0; i < n; i++)
    (void)printf("    %-8s %-24s %-8s %-16s %s\n", i == 0 ? title : "", infos[i].key, ek_dtype_name(infos[i].dtype),
                 ek_shape_format(infos[i].shape, shape, sizeof shape), infos[i].name);
}

static void print_signatures(const ek_saved_model *saved, int meta_graph) {
  const ek_signature_def *s = NULL;
  for (int k = 0; (s = ek_saved_model_signature(saved, meta_graph, k)) != NULL; k++) {
    (void)printf("%s  %s%s%s\n", k == 0 ? "\nsignatures\n" : "", s->key, *s->method_name != '\0' ? ": " : "",
                 s->method_name);
    print_infos("inputs", s->inputs, s->n_inputs);
    print_infos("outputs", s->outputs, s->n_outputs);
  }
}

static json_t *infos_to_json(const ek_tensor_info *infos, int n) {
  char shape[EK_SHAPE_TEXT];
  json_t *o = json_object();
  for (int i = 0; i < n; i++)
    (void)json_object_set_new_nocheck(o, infos[i].key,
                                      json_pack("{s:s, s:s, s:s}", "name", infos[i].name, "dtype",
                                                ek_dtype_name(infos[i].dtype), "shape",
                                                ek_shape_format(infos[i].shape, shape, sizeof shape)));
  return o;
}

static void add_saved_to_json(json_t *document, const model *m) {
  json_t *graphs = json_array(), *signatures = json_object();
  const ek_signature_def *s = NULL;
  for (int i = 0; i < ek_saved_model_num_meta_graphs(m->saved); i++) {
    const char *tag = NULL;
    json_t *tags = json_array();
    for (int k = 0; (tag = ek_saved_model_tag(m->saved, i, k)) != NULL; k++)
      (void)json_array_append_new(tags, json_string(tag));
    (void)json_array_append_new(graphs, tags);
  }
  for (int k = 0; (s = ek_saved_model_signature(m->saved, m->meta_graph, k)) != NULL; k++)
    (void)json_object_set_new_nocheck(signatures, s->key,
                                      json_pack("{s:s, s:o, s:o}", "method", s->method_name, "inputs",
                                                infos_to_json(s->inputs, s->n_inputs), "outputs",
                                                infos_to_json(s->outputs, s->n_outputs)));
  (void)json_object_set_new(document, "tags", graphs);
  (void)json_object_set_new(document, "signatures", signatures);
}

static void print_meta_graphs(const ek_saved_model *saved) {
  for (int i = 0; i < ek_saved_model_num_meta_graphs(saved); i++) {
    const char *tag = NULL;
    (void)printf("%s", i == 0 ? "  meta graphs tagged {" : "} {");
    for (int k = 0; (tag = ek_saved_model_tag(saved, i, k)) != NULL; k++) (void)printf("%s%s", k > 0 ? ", " : "", tag);
  }
  (void)printf("}\n");
}

static int print_all_json(const layers *all, const model *m, const char *restore) {
  json_t *list = json_array(), *train = json_array(), *statistics = restore != NULL ? json_object() : NULL;
  if (restore != NULL && !show_statistics(all, m->graph, restore, statistics)) {
    json_decref(list), json_decref(train), json_decref(statistics);
    return EXIT_FAILED;
  }
  for (int i = 0; i < all->n; i++) (void)json_array_append_new(list, layer_to_json(all, m->graph, &all->at[i]));
  for (int i = 0; i < all->n_train_ops; i++)
    (void)json_array_append_new(train, json_string(ek_op_name(m->graph, all->train_ops[i])));
  json_t *document = json_pack("{s:s, s:i, s:o, s:o, s:I}", "file", m->path, "nodes", ek_graph_num_ops(m->graph),
                               "layers", list, "train_ops", train, "slots", (json_int_t)all->slots);
  if (statistics != NULL && document != NULL) (void)json_object_set_new(document, "statistics", statistics);
  if (m->saved != NULL && document != NULL) add_saved_to_json(document, m);
  return print_json(document, 2);
}

static void print_all(const layers *all, const model *m) {
  ek_graph *g = m->graph;
  bool any = false;
  (void)printf("%s: a %s of %d nodes, %d variables%s\n", m->path,
               m->saved != NULL ? "SavedModel"
               : m->is_meta     ? "MetaGraphDef"
                                : "GraphDef",
               ek_graph_num_ops(g), m->n_variables,
               m->saver.restore_op_name != NULL && *m->saver.restore_op_name != '\0' ? ", a saver" : "");
  if (m->saved != NULL) print_meta_graphs(m->saved), print_signatures(m->saved, m->meta_graph);
  print_inputs(g);
  print_layers(all, g);
  for (int i = 0; i < all->n; i++) {
    if (all->at[i].kind != LAYER_BATCH_NORM) continue;
    if (!any) (void)printf("\nbatch normalization\n");
    any = true;
    print_batch_norm(all, g, &all->at[i]);
  }
  for (int i = 0; i < all->n_train_ops; i++)
    (void)printf("%s  %s\n", i == 0 ? "\ntrain op\n" : "", ek_op_name(g, all->train_ops[i]));
}

/* A folder of training stands for its newest checkpoint, and the graph that is written once or beside it. */
static void look_into_folder(const char **path, const char **restore, char **owned) {
  static char latest[4096];
  const bool any = ek_train_latest_checkpoint(*path, NULL, latest, sizeof latest);
  char *meta = textf("%s/model.meta", *path);
  if (access(meta, F_OK) != 0 && any) {
    free(meta);
    meta = textf("%s.meta", latest);
  }
  if (access(meta, F_OK) != 0) {
    free(meta);
    return;
  }
  if (*restore == NULL && any) *restore = latest;
  *path = *owned = meta;
}

/* ---- of a checkpoint alone */

static int print_checkpoint(const char *prefix, bool json) {
  char shape[EK_SHAPE_TEXT];
  ek_status st = EK_STATUS_INIT;
  ek_checkpoint_reader *r = ek_checkpoint_reader_new(prefix, &st);
  if (r == NULL) return fail_io(&st);
  const int n = ek_checkpoint_reader_num_keys(r);
  json_t *tensors = json_object();
  if (!json) (void)printf("%s: a checkpoint of %d tensors\n\n", prefix, n);
  for (int i = 0; i < n; i++) {
    const char *key = ek_checkpoint_reader_key(r, i), *dtype = ek_dtype_name(ek_checkpoint_reader_dtype(r, key));
    (void)ek_shape_format(ek_checkpoint_reader_shape(r, key), shape, sizeof shape);
    if (json)
      (void)json_object_set_new_nocheck(tensors, key, json_pack("{s:s, s:s}", "dtype", dtype, "shape", shape));
    else
      (void)printf("  %-48s %-8s %s\n", key, dtype, shape);
  }
  ek_checkpoint_reader_free(r);
  if (json) return print_json(json_pack("{s:s, s:o}", "file", prefix, "tensors", tensors), 2);
  json_decref(tensors);
  return EXIT_DONE;
}

static int run(const command *self, int argc, char **argv) {
  const char *restore = NULL;
  char *owned = NULL;
  bool json = false;
  const option options[] = {
      {"--restore", "PREFIX", "also show the moving statistics of a checkpoint", OPTION_TEXT, &restore, 0, 0, NULL,
       NULL},
      OPTION_JSON(&json),
  };
  enum { N = sizeof options / sizeof options[0] };
  texts words;
  model m = {0};
  layers all = {0};
  int status = args_parse(self, options, N, argc, argv, &words, 1, 1);
  if (status < 0) {
    const char *path = words.at[0];
    status = EXIT_FAILED;
    look_into_folder(&path, &restore, &owned);
    if (access(path, F_OK) != 0 && ek_train_checkpoint_exists(path)) {
      status = restore != NULL ? fail_usage(self, "--restore is for a MODEL, '%s' is a checkpoint itself", path)
                               : print_checkpoint(path, json);
    } else if (model_load(&m, path)) {
      layers_find(&all, m.graph);
      if (restore == NULL && m.saved != NULL && has_statistics(&all)) restore = ek_saved_model_variables(m.saved);
      if (json) {
        status = print_all_json(&all, &m, restore);
      } else {
        print_all(&all, &m);
        status = restore == NULL || show_statistics(&all, m.graph, restore, NULL) ? EXIT_DONE : EXIT_FAILED;
      }
    }
  }
  layers_free(&all);
  model_free(&m);
  args_free(options, N, &words);
  free(owned);
  return status;
}

const command command_inspect = {"inspect", "shows a graph: layers, parameters, batch normalization",
                                 "MODEL [--restore PREFIX] [--json]\n",
                                 "MODEL is a .meta, a .pb, a .pbtxt, a folder of training with its checkpoints, a "
                                 "SavedModel's folder, or the prefix of\n"
                                 "a checkpoint, whose tensors are listed.\n",
                                 run};
