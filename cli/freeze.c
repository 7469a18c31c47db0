/* SPDX-License-Identifier: Apache-2.0 */
/* evenkeel freeze: what is needed for some outputs, with the values of the variables in it. */
#include "model.h"

#include <stdlib.h>
#include <string.h>

typedef struct job {
  bool init, clear_devices;
  const char *restore, *out, *signature;
  texts outputs, constants;
  model model;
  model_restore restored;
  ek_op *ops, *initializers;
  int n_ops, n_initializers;
  ek_feed *given;
  int n_given;
  ek_session *session;
  ek_graph *frozen;
} job;

static bool add_output(job *j, const char *name) {
  ek_op op = ek_graph_find_op(j->model.graph, name);
  if (op.id == 0) op = ek_out_op(ek_graph_find_out(j->model.graph, name));
  if (op.id == 0) return failf("output", name, "%s has no such op", j->model.path), false;
  j->ops[j->n_ops++] = op;
  return true;
}

/* What is asked for, else the outputs of the signature. */
static bool find_outputs(job *j) {
  const char *key = j->signature != NULL ? j->signature : EK_DEFAULT_SERVING_SIGNATURE_KEY;
  const ek_signature_def *s =
      j->model.saved != NULL ? ek_saved_model_find_signature(j->model.saved, j->model.meta_graph, key) : NULL;
  if (j->signature != NULL && s == NULL)
    return failf("signature", key, "%s has no such signature", j->model.path), false;
  if (j->outputs.n == 0 && s == NULL)
    return fail("freeze", j->model.path, "name the outputs that are needed: --output NAME"), false;
  j->ops = need_memory((size_t)j->outputs.n + (size_t)(s != NULL ? s->n_outputs : 0), sizeof *j->ops);
  for (int i = 0; i < j->outputs.n; i++)
    if (!add_output(j, j->outputs.at[i])) return false;
  for (int i = 0; j->outputs.n == 0 && i < s->n_outputs; i++)
    if (!add_output(j, s->outputs[i].name)) return false;
  return true;
}

static bool load_constants(job *j) {
  j->given = need_memory((size_t)j->constants.n, sizeof *j->given);
  for (int i = 0; i < j->constants.n; i++) {
    ek_status st = EK_STATUS_INIT;
    char *name = NULL;
    const char *file = NULL;
    ek_out out;
    const bool found = split_pair(j->constants.at[i], &name, &file) && model_find(&j->model, "constant", name, &out);
    free(name);
    if (!found) return false;
    ek_tensor *value = ek_npy_load(file, &st);
    if (value == NULL) return fail_io(&st), false;
    j->given[j->n_given++] = EK_FEED(out, value);
  }
  return true;
}

static bool has_values(const job *j) { return j->init || j->restore != NULL || j->model.saved != NULL; }

static bool prepare(job *j) {
  model *m = &j->model;
  if (m->n_variables > 0 && !has_values(j))
    return fail("freeze", m->path, "its variables have no values: give --restore PREFIX (or --init)"), false;
  if (j->init) {
    j->initializers = need_memory((size_t)m->n_variables, sizeof *j->initializers);
    if (!model_initializers(m, j->initializers, &j->n_initializers)) return false;
  }
  return j->restore == NULL || model_restore_prepare(m, j->restore, &j->restored);
}

static bool restore(job *j) {
  ek_status st = EK_STATUS_INIT;
  j->session = ek_session_new(j->model.graph, NULL, &st);
  if (j->session == NULL) return fail_status("freeze", j->model.path, &st), false;
  if (j->n_initializers > 0 &&
      ek_session_run(j->session, NULL, 0, NULL, 0, NULL, j->initializers, j->n_initializers, NULL, &st) != EK_OK)
    return fail_status("init", j->model.path, &st), false;
  if (j->restore != NULL) return model_restore_run(&j->model, &j->restored, j->session);
  return j->model.saved == NULL || j->init || model_restore_saved(&j->model, j->session);
}

static bool write(job *j) {
  ek_status st = EK_STATUS_INIT;
  ek_freeze_opts opts = EK_FREEZE_OPTS_INIT;
  ek_export_graph_def_opts export = EK_EXPORT_GRAPH_DEF_OPTS_INIT;
  const ek_ops outputs = {j->ops, j->n_ops};
  opts.constants = j->given;
  opts.n_constants = j->n_given;
  export.clear_devices = j->clear_devices;
  if (ek_graph_util_convert_variables_to_constants(j->session, outputs, &opts, &j->frozen, &st) != EK_OK)
    return fail_status("model", j->model.path, &st), false;
  return ek_export_graph_def(j->frozen, j->out, &export, &st) == EK_OK || (fail_io(&st), false);
}

static int run(const command *self, int argc, char **argv) {
  job j = {0};
  const option options[] = {
      {"--out", "FILE", "where the GraphDef goes: .pb, or .pbtxt as text", OPTION_TEXT, &j.out, 0, 0, NULL, NULL},
      {"--output", "NAME", "an op that is needed; may be repeated (default: the signature's)", OPTION_TEXTS, &j.outputs,
       0, 0, NULL, NULL},
      {"--signature", "NAME", "of a SavedModel [serving_default]", OPTION_TEXT, &j.signature, 0, 0, NULL, NULL},
      {"--restore", "PREFIX", "the checkpoint with the values (a SavedModel has its own)", OPTION_TEXT, &j.restore, 0,
       0, NULL, NULL},
      {"--init", NULL, "take the initial values", OPTION_FLAG, &j.init, 0, 0, NULL, NULL},
      {"--constant", "NAME=FILE.npy", "make a tensor constant: a flag for training; may be repeated", OPTION_TEXTS,
       &j.constants, 0, 0, NULL, NULL},
      {"--clear-devices", NULL, "leave the devices of nodes out", OPTION_FLAG, &j.clear_devices, 0, 0, NULL, NULL},
  };
  enum { N = sizeof options / sizeof options[0] };
  texts words;
  int status = args_parse(self, options, N, argc, argv, &words, 1, 1);
  if (status < 0 && j.out == NULL) status = fail_usage(self, "--out FILE is missing");
  for (int i = 0; status < 0 && i < j.constants.n; i++) {
    char *name = NULL;
    const char *file = NULL;
    if (!split_pair(j.constants.at[i], &name, &file))
      status = fail_usage(self, "--constant is '%s', it must be NAME=FILE.npy", j.constants.at[i]);
    free(name);
  }
  if (status < 0) {
    const bool good = model_load(&j.model, words.at[0]) && find_outputs(&j) && load_constants(&j) && prepare(&j) &&
                      restore(&j) && write(&j);
    status = good ? EXIT_DONE : EXIT_FAILED;
  }
  for (int i = 0; i < j.n_given; i++) ek_tensor_free(j.given[i].value);
  ek_graph_free(j.frozen);
  ek_session_free(j.session);
  free(j.ops), free(j.initializers), free(j.given), free(j.restored.ops);
  model_free(&j.model);
  args_free(options, N, &words);
  return status;
}

const command command_freeze = {"freeze", "puts the values of variables into a graph",
                                "MODEL --out FILE [--output NAME]... [--signature NAME] [--restore PREFIX] [--init]\n"
                                "          [--constant NAME=FILE.npy]... [--clear-devices]\n",
                                "MODEL is a .meta, a .pb, a .pbtxt, or the folder of a SavedModel. What the outputs do "
                                "not need is left out; what is\n"
                                "written is a GraphDef that needs no checkpoint.\n",
                                run};
