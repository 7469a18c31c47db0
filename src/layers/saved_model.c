/* SPDX-License-Identifier: Apache-2.0 */
/* SavedModels and sessions: values in and out. */
#include "evenkeel/saved_model.h"

#include "base/status.h"
#include "evenkeel/io.h"
#include "evenkeel/saver.h"

#include <stdio.h>
#include <string.h>

/* ---- loading */

static ek_code restore_variables(const ek_saved_model *m, const ek_saver_def *def, ek_session *s, ek_status *st) {
  ek_train_saver_opts opts = EK_TRAIN_SAVER_OPTS_INIT;
  ek_graph *g = ek_session_graph(s);
  const bool has_saver = def != NULL && def->restore_op_name != NULL && *def->restore_op_name != '\0';
  if (ek_saved_model_variables(m) == NULL) return EK_OK;
  opts.saver_def = has_saver ? def : NULL;
  opts.allow_empty = true;
  ek_saver *saver = ek_train_saver_new(g, &opts);
  if (saver == NULL) return ek_graph_status(g, st);
  const ek_code code = ek_train_saver_restore(saver, s, ek_saved_model_variables(m), st);
  ek_train_saver_free(saver);
  return code;
}

/* The string tensors that are fed the paths of assets; those that the graph lacks are left out. */
static ek_code make_asset_feeds(const ek_saved_model *m, int i, ek_graph *g, ek_feed **feeds, int *n, ek_status *st) {
  const ek_asset_file *asset = NULL;
  int all = 0;
  while (ek_saved_model_asset(m, i, all) != NULL) all++;
  *feeds = ek_graph_alloc(g, ((size_t)all + 1) * sizeof **feeds);
  if (*feeds == NULL) return ek_graph_status(g, st);
  for (int k = 0; (asset = ek_saved_model_asset(m, i, k)) != NULL; k++) {
    const ek_out out = ek_graph_find_out(g, asset->tensor_name);
    const char *path = ek_graph_text(g, "%s/assets/%s", ek_saved_model_dir(m), asset->filename);
    if (out.op == 0 || path == NULL) continue;
    ek_tensor *value = ek_tensor_from_strings(ek_shape_scalar(), &path, NULL, st);
    EK_REQUIRE(value != NULL, st, EK_RESOURCE_EXHAUSTED, "saved model: out of memory");
    (*feeds)[(*n)++] = EK_FEED(out, value);
  }
  return EK_OK;
}

static ek_code run_init_op(const ek_saved_model *m, int i, ek_session *s, ek_status *st) {
  ek_graph *g = ek_session_graph(s);
  const char *name = ek_saved_model_init_op(m, i);
  if (name == NULL) return EK_OK;
  ek_op op = ek_graph_find_op(g, name);
  if (op.id == 0) op = ek_out_op(ek_graph_find_out(g, name));
  EK_REQUIRE(op.id != 0, st, EK_NOT_FOUND, "saved model: %s: its init op '%.80s' is not in the graph",
             ek_saved_model_dir(m), name);
  ek_feed *feeds = NULL;
  int n = 0;
  ek_status why = EK_STATUS_INIT;
  ek_code code = make_asset_feeds(m, i, g, &feeds, &n, &why);
  if (code == EK_OK) code = ek_session_run(s, feeds, n, NULL, 0, NULL, &op, 1, NULL, &why);
  for (int k = 0; k < n; k++) ek_tensor_free(feeds[k].value);
  if (code == EK_UNIMPLEMENTED) return EK_OK; /* tables, mostly: what reads them will say so */
  EK_REQUIRE(code == EK_OK, st, code, "%s", why.msg);
  return EK_OK;
}

ek_code ek_saved_model_restore(const ek_saved_model *m, int i, const ek_saver_def *saver, ek_session *s,
                               ek_status *st) {
  EK_TRY(restore_variables(m, saver, s, st));
  return run_init_op(m, i, s, st);
}

ek_code ek_saved_model_load(ek_session *s, const char *const *tags, int n_tags, const char *dir, ek_saved_model **model,
                            ek_status *st) {
  ek_saver_def saver;
  if (model != NULL) *model = NULL;
  ek_saved_model *m = ek_saved_model_open(dir, st);
  if (m == NULL) return EK_NOT_FOUND;
  const int i = ek_saved_model_find(m, tags, n_tags, st);
  ek_code code = i >= 0 ? ek_saved_model_import(m, i, ek_session_graph(s), NULL, &saver, st) : EK_NOT_FOUND;
  if (code == EK_OK) code = ek_saved_model_restore(m, i, &saver, s, st);
  if (code == EK_OK && model != NULL)
    *model = m;
  else
    ek_saved_model_free(m);
  return code;
}

/* ---- saving */

ek_code ek_saved_model_builder_add_meta_graph_and_variables(ek_saved_model_builder *b, ek_session *s,
                                                            const ek_saved_model_opts *opts, ek_status *st) {
  static const ek_saved_model_opts defaults = EK_SAVED_MODEL_OPTS_INIT;
  ek_saved_model_opts o = opts != NULL ? *opts : defaults;
  ek_graph *g = ek_session_graph(s);
  ek_train_saver_opts saver_opts = EK_TRAIN_SAVER_OPTS_INIT;
  ek_train_save_opts save_opts = EK_TRAIN_SAVE_OPTS_INIT;
  EK_REQUIRE(o.version == 1u, st, EK_INVALID_ARGUMENT, "saved model: options of version %u; start from ..._OPTS_INIT",
             o.version);
  saver_opts.sharded = true;
  saver_opts.allow_empty = true;
  saver_opts.saver_def = o.saver;
  save_opts.write_meta_graph = save_opts.write_state = false;
  const char *prefix = ek_saved_model_builder_variables(b, st);
  if (prefix == NULL) return EK_RESOURCE_EXHAUSTED;
  EK_REQUIRE(!ek_train_checkpoint_exists(prefix), st, EK_FAILED_PRECONDITION,
             "saved model: it has its variables already; add_meta_graph adds further graphs");
  ek_saver *saver = ek_train_saver_new(g, &saver_opts);
  if (saver == NULL) return ek_graph_status(g, st);
  ek_code code = ek_train_saver_save(saver, s, prefix, &save_opts, NULL, st);
  o.saver = ek_train_saver_as_def(saver);
  if (code == EK_OK) code = ek_saved_model_builder_add_meta_graph(b, g, &o, st);
  ek_train_saver_free(saver);
  return code;
}

ek_code ek_saved_model_simple_save(ek_session *s, const char *dir, const ek_tensor_info *inputs, int n_inputs,
                                   const ek_tensor_info *outputs, int n_outputs, ek_status *st) {
  const ek_signature_def signature = {.key = EK_DEFAULT_SERVING_SIGNATURE_KEY,
                                      .method_name = EK_PREDICT_METHOD_NAME,
                                      .inputs = inputs,
                                      .n_inputs = n_inputs,
                                      .outputs = outputs,
                                      .n_outputs = n_outputs};
  ek_saved_model_opts opts = EK_SAVED_MODEL_OPTS_INIT;
  opts.signatures = &signature;
  opts.n_signatures = 1;
  ek_saved_model_builder *b = ek_saved_model_builder_new(dir, st);
  if (b == NULL) return EK_ALREADY_EXISTS;
  ek_code code = ek_saved_model_builder_add_meta_graph_and_variables(b, s, &opts, st);
  if (code == EK_OK) code = ek_saved_model_builder_save(b, false, st);
  ek_saved_model_builder_free(b);
  return code;
}
